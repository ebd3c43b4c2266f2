"""Every error that boundcheck raises on purpose.

One family: each class is a :class:`BoundcheckError` and the matching built-in too, so ``except ValueError`` works.
A message names the parameter, what was expected, what came, and the fix; :func:`explain` gives it that one shape.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from difflib import get_close_matches
from numbers import Integral, Real

from boundcheck.printable import printable

__all__ = [
    "ArithmeticModeError",
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
    "InexactNumberError",
    "InvalidTypeError",
    "InvalidValueError",
    "MissingDependencyError",
    "MissingEntryError",
    "NonFiniteError",
    "NormError",
    "NotAFunctionError",
    "ParameterError",
    "TermError",
    "UnequalSizesError",
    "explain",
    "require_named",
    "require_norm",
    "require_real",
    "require_share",
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


class InexactNumberError(InvalidValueError, EmbeddingDtypeError):
    """A number that no float64 equals, of a type that is too wide."""


class MissingEntryError(InvalidValueError, EmbeddingDtypeError):
    """A masked entry or a null where a number is expected."""


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


class ArithmeticModeError(BoundcheckError, RuntimeError):
    """The processor takes 0 for small numbers, and the mode that certified code needs cannot be set."""


class MissingDependencyError(BoundcheckError, ImportError):
    """A feature whose optional packages are not installed."""


def explain(parameter: str, expected: str, got: str, fix: str | None = None) -> str:
    """Return ``parameter: expected …, got …; fix``, the one shape of an error message.

    It is one line, and what comes from data is escaped in it, see :func:`boundcheck.printable.printable`.
    """
    message = f"{parameter}: expected {expected}, got {got}"
    return printable(f"{message}; {fix}" if fix else message)


def require_named(parameter: str, name: object, known: Iterable[str], *, beside: Iterable[str] = ()) -> None:
    """Refuse a name that is none of those known, with those that are near to it.

    Parameters
    ----------
    parameter
        What the name is given as.
    name
        What was given.
    known
        The names there are; the message lists them.
    beside
        Further names, not listed, one of which may have been meant.

    Raises
    ------
    InvalidValueError
        If it is none of those known.
    """
    names = list(known)
    if isinstance(name, str) and name in names:
        return
    near = get_close_matches(name, dict.fromkeys([*names, *beside])) if isinstance(name, str) else []
    meant = f"did you mean {' or '.join(map(repr, near))}?" if near else None
    raise InvalidValueError(explain(parameter, f"one of {', '.join(names)}", f"{name!r}", meant))


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


def require_real(name: str, value: object, expected: str = "a number") -> float:
    """Return a number of any type, a scalar of an array library too, as the float that it is exactly.

    Raises
    ------
    InvalidTypeError, ParameterError
        If it is none, or one that float64 does not hold.
    """
    if getattr(value, "ndim", None) == 0 and callable(item := getattr(value, "item", None)):
        value = item()
    if isinstance(value, bool) or not isinstance(value, Real):
        raise InvalidTypeError(explain(name, expected, f"{value!r}"))
    try:
        nearest = float(value)
    except OverflowError:
        nearest = math.inf
    # NaN is not equal to itself; it is for the caller to refuse.
    if nearest != value and value == value:
        raise ParameterError(explain(name, "a number that float64 holds exactly", f"{value!r}", f"pass {nearest!r}"))
    return nearest


def require_norm(norm: object, name: str = "norm") -> float:
    """Return the p of a p-norm as a float in [1, inf]: what an entry takes from a caller, whatever type of number it is.

    Raises
    ------
    InvalidTypeError, ParameterError, NormError
        If it is no number, one that float64 does not hold, or below 1.
    """
    p = require_real(name, norm, "a number p in [1, inf]")
    if not p >= 1:
        fix = "for p < 1 the triangle inequality fails, and every bound here rests on it"
        raise NormError(explain(name, "p in [1, inf]", f"{norm}", fix))
    return p


def require_share(name: str, value: object) -> float:
    """Return an argument that must be a number between 0 and 1, neither of them.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If it is no number, or another.
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise InvalidTypeError(explain(name, "a number in (0, 1)", f"{value!r}"))
    if not 0 < float(value) < 1:
        raise InvalidValueError(explain(name, "a number in (0, 1)", f"{value}"))
    return float(value)
