"""The one way in for labels: of collections, classes or parts, grouped by what they are, each named apart.

Labels are told apart as what they are, not as what an array makes of them: whole numbers of any size (2⁶³ and
2⁶³ + 1 are two), texts to the last character (NUL too, which NumPy drops). What cannot be told apart is refused by
name: a missing label (NaN, None, NaT, a masked entry, a null), and labels of several kinds (1 beside "1" or True).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from jaxtyping import Int

from boundcheck.errors import InvalidTypeError, InvalidValueError, explain
from boundcheck.real_numbers import Place, Source, is_array_like, plain_tensor

__all__ = ["Groups", "grouped"]

# Arrays of these kinds NumPy groups exactly; those of text and of objects go through Python's own equality.
_EXACT_KINDS = "biufmM"


@dataclass(frozen=True, eq=False)
class Groups:
    """The different labels of some objects.

    Attributes
    ----------
    names
        Of the different labels, in their order, no two alike; shape (C,).
    numbers
        The position of each object's label among them, shape (N,).
    """

    names: tuple[str, ...]
    numbers: Int[np.ndarray, " N"]


def grouped(labels: object, name: str, count: int) -> Groups:
    """Return the different labels in order, and which of them each object has.

    Parameters
    ----------
    labels
        One for each object, of one kind that sorts: whole numbers of any size, other real numbers, texts, bytes, truth
        values, dates, tuples of these, members of an Enum. A list, an array, a tensor, a pandas or Arrow column.
    name
        What messages call them.
    count
        How many objects there are, N.

    Raises
    ------
    InvalidValueError
        If there is not one label for each object, or one is missing; its object is named.
    InvalidTypeError
        If labels are of several kinds, do not sort, or two different ones read alike.

    Examples
    --------
    >>> found = grouped([2**63 + 1, 2**63, 5], "class", 3)
    >>> found.names, found.numbers.tolist()
    (('5', '9223372036854775808', '9223372036854775809'), [2, 1, 0])
    """
    what = f"{name} labels"
    column = _column(labels, what)
    shape = column.shape if isinstance(column, np.ndarray) else _shape(column)
    if shape != (count,):
        raise InvalidValueError(explain(what, f"shape ({count},), one for each embedding", f"{shape}"))
    if isinstance(column, np.ndarray):
        return _grouped_array(column, what)
    return _grouped_objects(column, what)


def _column(labels: object, what: str) -> npt.NDArray[Any] | list[Any]:
    """Return labels as an array of a kind that NumPy groups exactly, or as a list."""
    if isinstance(labels, torch.Tensor):
        plain = plain_tensor(labels, Place(what, 0, Source.NUMBERS)).cpu()
        # NumPy has none of the shorter floats; float32 holds their numbers exactly.
        short = plain.is_floating_point() and plain.dtype.itemsize < 4
        try:
            return (plain.to(torch.float32) if short else plain).numpy()
        except (TypeError, RuntimeError) as cause:  # quantised, and packed types
            raise InvalidTypeError(explain(what, "labels that sort", f"{plain.dtype}")) from cause
    if isinstance(labels, np.ma.MaskedArray) and np.ma.is_masked(labels):
        raise _missing(what, "a masked entry", int(np.argwhere(np.ma.getmaskarray(labels))[0][0]))
    if type(labels).__module__.partition(".")[0] == "pyarrow":
        return _of_arrow(labels, what)
    nulls = getattr(labels, "null_count", None)  # of polars, which makes NaN of them
    if callable(nulls) and nulls():
        raise _missing(what, "a null", next(at for at, one in enumerate(labels) if one is None))  # type: ignore[arg-type, var-annotated]
    if is_array_like(labels) and not isinstance(labels, np.generic):
        return _of_array(np.asarray(labels))
    if isinstance(labels, str | bytes | bytearray | Mapping | Set) or not isinstance(labels, Iterable):
        return np.empty((), dtype=object)
    return _of_list(list(labels))


def _of_array(array: npt.NDArray[Any]) -> npt.NDArray[Any] | list[Any]:
    if array.dtype.kind == "V" and array.dtype.names is None and np.can_cast(array.dtype, np.float64):
        return array.astype(np.float64)  # of another library, such as ml_dtypes.bfloat16
    if array.dtype.kind in _EXACT_KINDS or array.ndim != 1:
        return array
    return _of_list(array.tolist())


def _of_list(values: list[Any]) -> npt.NDArray[Any] | list[Any]:
    kinds = set(map(type, values))
    if len(kinds) == 1 and issubclass(kind := kinds.pop(), (bool, int, float, np.bool_, np.integer, np.floating)):
        if issubclass(kind, Enum):
            return values
        # One type, so nothing is rounded; integers beyond 64 bits come as objects.
        array = np.array(values)
        if array.dtype.kind in ("f" if issubclass(kind, (float, np.floating)) else "iub"):
            return array
    return values


def _of_arrow(labels: Any, what: str) -> npt.NDArray[Any] | list[Any]:
    import pyarrow

    if isinstance(labels, pyarrow.ChunkedArray):
        labels = pyarrow.concat_arrays(labels.chunks) if labels.num_chunks else pyarrow.array([], labels.type)
    if not isinstance(labels, pyarrow.Array):
        return np.empty((), dtype=object)
    if isinstance(labels, pyarrow.ExtensionArray):
        labels = labels.storage
    if isinstance(labels, pyarrow.DictionaryArray):
        labels = labels.dictionary_decode()
    if labels.null_count:
        raise _missing(what, "a null", int(np.argmax(labels.is_null().to_numpy(zero_copy_only=False))))
    numeric = pyarrow.types.is_integer(labels.type) or pyarrow.types.is_floating(labels.type)
    return labels.to_numpy(zero_copy_only=False) if numeric else _of_list(labels.to_pylist())


def _shape(values: list[Any]) -> tuple[int, ...]:
    if values and all(isinstance(value, list | np.ndarray | torch.Tensor) for value in values):
        with suppress(ValueError, RuntimeError):
            return (len(values), *np.shape(values[0]))
    return (len(values),)


# ------------------------------------------------------------------------------------------------------------ arrays


def _grouped_array(column: npt.NDArray[Any], what: str) -> Groups:
    missing = np.zeros(0, dtype=bool)
    if column.dtype.kind == "f":
        missing = np.isnan(column)
    elif column.dtype.kind in "mM":
        missing = np.isnat(column)
    elif column.dtype.kind not in _EXACT_KINDS:
        raise InvalidTypeError(explain(what, "labels that sort", f"{column.dtype}"))
    if missing.any():
        at = int(np.argmax(missing))
        raise _missing(what, str(column[at]), at)
    found, numbers = np.unique(column, return_inverse=True)
    return _named(found, numbers, what)


def _named(found: Iterable[object], numbers: npt.NDArray[Any], what: str) -> Groups:
    names = tuple(map(_text, found))
    if len(set(names)) < len(names):
        seen: set[str] = set()
        twice = next(one for one in names if one in seen or seen.add(one))  # type: ignore[func-returns-value]
        fix = "give them different texts, list(map(repr, labels)) say"
        raise InvalidTypeError(explain(what, "labels that read differently", f"two that read {twice!r}", fix))
    return Groups(names, numbers.astype(np.int64, copy=False))


def _text(label: object) -> str:
    try:
        return str(label)
    except ValueError:  # Python writes no integer of more than 4300 digits in decimals
        return f"{label:#x}"


# ----------------------------------------------------------------------------------------------------------- objects


def _grouped_objects(values: list[Any], what: str) -> Groups:
    _refuse_kinds(values, what)
    try:
        found = list(dict.fromkeys(values))
    except TypeError as cause:
        for offset, value in enumerate(values):
            if _is_missing(value):  # masked entries have no hash
                raise _missing(what, f"{value}", offset) from None
        raise InvalidTypeError(explain(what, "labels that can be told apart", f"{cause}")) from cause
    for label in found:
        if _is_missing(label):
            raise _missing(
                what, str(label), next(at for at, one in enumerate(values) if one is label or _is_missing(one))
            )
        if isinstance(label, str) and not _is_unicode(label):
            raise InvalidValueError(explain(what, "text that can be written as Unicode", f"{label!r}"))
    ordered = _in_order(found, what)
    position = {label: number for number, label in enumerate(ordered)}
    numbers = np.fromiter(map(position.__getitem__, values), dtype=np.int64, count=len(values))
    return _named(ordered, numbers, what)


def _in_order(found: list[Any], what: str) -> list[Any]:
    try:
        return sorted(found)
    except TypeError as cause:
        kinds = set(map(type, found))
        if len(kinds) == 1 and issubclass(kind := kinds.pop(), Enum):
            own = set(found)
            return [member for member in kind if member in own]
        raise InvalidTypeError(explain(what, "labels that sort", f"{cause}")) from cause


def _refuse_kinds(values: Sequence[Any], what: str, at: Sequence[int] | None = None) -> None:
    """Refuse labels of several kinds: some are equal that are not the same (1 and True), some only look alike."""
    kinds: dict[object, type] = {}
    for kind in set(map(type, values)):
        kinds.setdefault(_kind(kind), kind)
    kinds.pop(None, None)  # missing ones, which are refused as such
    if len(kinds) > 1:
        for offset, value in enumerate(values):
            if _is_missing(value):  # NaN among texts, say
                raise _missing(what, f"{value}", offset if at is None else at[offset])
        shown = []
        for one in list(kinds.values())[:2]:
            offset = next(offset for offset, value in enumerate(values) if type(value) is one)
            shown.append((offset if at is None else at[offset], f"{values[offset]!r}", one.__name__))
        (first, label, its), (second, other, other_type) = sorted(shown)
        got = f"{label} ({its}) for object {first} and {other} ({other_type}) for object {second}"
        fix = "make them all text, list(map(str, labels)), or all numbers"
        raise InvalidTypeError(explain(what, "labels of one kind", got, fix))
    if tuple in kinds:
        for position in range(max(map(len, values))):
            own = [(offset, value[position]) for offset, value in enumerate(values) if len(value) > position]
            _refuse_kinds(
                [value for _, value in own], what, [offset if at is None else at[offset] for offset, _ in own]
            )


def _kind(kind: type) -> object:
    """Return what labels of a type are: those of one kind are equal just where they are the same label."""
    if (
        issubclass(kind, type(None))
        or kind.__name__ in ("NAType", "NaTType")
        or issubclass(kind, np.ma.core.MaskedConstant)
    ):
        return None
    for one in (bool, np.bool_):
        if issubclass(kind, one):
            return bool
    if issubclass(kind, Enum) and not issubclass(kind, (int, str)):
        return kind
    for base in (str, bytes, tuple):
        if issubclass(kind, base):
            return base
    return Real if issubclass(kind, Real) or kind.__name__ == "Decimal" else kind


def _is_missing(label: object) -> bool:
    if isinstance(label, tuple):
        return any(map(_is_missing, label))
    if _kind(type(label)) is None:
        return True
    try:
        return bool(label != label)
    except (TypeError, ValueError, ArithmeticError):
        return False


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _missing(what: str, got: str, at: int) -> InvalidValueError:
    fix = "fill or drop the objects without a label"
    return InvalidValueError(explain(what, "a label for every object", f"{got} for object {at}", fix))
