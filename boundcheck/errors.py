"""Every error that boundcheck raises on purpose.

One family: each class is a :class:`BoundcheckError` and the matching built-in too, so ``except ValueError`` works.
A message names the parameter, what was expected, what came, and the fix; :func:`explain` gives it that one shape.
"""

from __future__ import annotations

from numbers import Integral

__all__ = [
    "BatchDependenceError",
    "BoundcheckError",
    "CheckpointError",
    "CollapseError",
    "DataError",
    "DimensionMismatchError",
    "EmbeddingCallError",
    "EmbeddingDtypeError",
    "EmbeddingShapeError",
    "EmptyCollectionError",
    "FileFormatError",
    "InvalidTypeError",
    "InvalidValueError",
    "MissingDependencyError",
    "NonFiniteError",
    "NormError",
    "NotAFunctionError",
    "ParameterError",
    "TermError",
    "UnequalSizesError",
    "explain",
    "require_whole",
]


class BoundcheckError(Exception):
    """The base of every error that boundcheck raises on purpose."""


class InvalidValueError(BoundcheckError, ValueError):
    """An argument of the right type whose value cannot be used."""


class InvalidTypeError(BoundcheckError, TypeError):
    """An argument of a type that cannot be used."""


class TermError(InvalidValueError):
    """A term, premise or bound that means nothing; the message shows the term."""


class NormError(InvalidValueError):
    """A norm that is none (p < 1), or one the bound does not hold in."""


class ParameterError(InvalidValueError):
    """A parameter of a bound (m, say) that is missing, not finite, or impossible."""


class EmptyCollectionError(InvalidValueError):
    """A collection without objects has no centroid."""


class UnequalSizesError(InvalidValueError):
    """Collections of different sizes where the bound's premise asks for equal ones."""


class EmbeddingShapeError(InvalidValueError):
    """An embedding that is a scalar, ragged, or of more than one axis per object."""


class DimensionMismatchError(EmbeddingShapeError):
    """Collections whose embeddings have different dimensions."""


class EmbeddingDtypeError(InvalidTypeError):
    """An embedding that is complex, of Python objects, or otherwise not of real numbers."""


class NonFiniteError(InvalidValueError):
    """NaN or an infinity, which never pass a check."""


class NotAFunctionError(InvalidValueError):
    """An f that gave two values for one object."""


class BatchDependenceError(NotAFunctionError):
    """An f whose value for one object depends on the others in its batch."""


class EmbeddingCallError(BoundcheckError, RuntimeError):
    """An f that raised; the cause is chained."""


class DataError(InvalidValueError):
    """A data set that is missing, truncated, of the wrong layout, or unsafe to unpack."""


class FileFormatError(InvalidValueError):
    """A file of embeddings or labels that cannot be read as one."""


class CheckpointError(InvalidValueError):
    """A training checkpoint that is damaged or belongs to another run."""


class CollapseError(BoundcheckError, RuntimeError):
    """A training run whose embeddings have become one point."""


class MissingDependencyError(BoundcheckError, ImportError):
    """A feature whose optional packages are not installed."""


def explain(parameter: str, expected: str, got: str, fix: str | None = None) -> str:
    """Return ``parameter: expected …, got …; fix``, the one shape of an error message."""
    message = f"{parameter}: expected {expected}, got {got}"
    return f"{message}; {fix}" if fix else message


def require_whole(name: str, value: object, least: int = 1) -> int:
    """Return an argument that must be an integer, and not below the least that makes sense.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If it is none, or a smaller one.
    """
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise InvalidTypeError(explain(name, f"an integer in [{least}, ∞)", f"{value!r}"))
    if value < least:
        raise InvalidValueError(explain(name, f"an integer in [{least}, ∞)", f"{value}"))
    return int(value)
