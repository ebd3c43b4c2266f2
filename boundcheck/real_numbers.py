"""The one way in for numbers: of any real type and container, as a tensor that holds exactly the same numbers.

Points, outputs of f and of heads, weights and columns of files all come through :func:`real_numbers`, so that what one
entry takes another takes too, and what cannot be held exactly is refused by one error. Nothing is rounded: integers
beyond 2⁵³, long doubles and mixtures of both with floats are looked at before NumPy turns them into float64.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import Enum
from numbers import Integral
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.utils.dlpack import from_dlpack

from boundcheck.arithmetic import before_threads
from boundcheck.errors import (
    EmbeddingDtypeError,
    EmbeddingShapeError,
    InexactNumberError,
    InvalidTypeError,
    InvalidValueError,
    MissingEntryError,
    explain,
)

__all__ = [
    "Place",
    "Source",
    "is_array_like",
    "plain_tensor",
    "real_numbers",
    "sparse_matrix_refused",
    "unchanged_array",
]

# Every integer up to this magnitude is a float64; 2**53 + 1 is the first that is not.
_LARGEST_EXACT = 2**53
_INTEGERS = frozenset(
    {
        torch.bool,
        torch.uint8,
        torch.int8,
        torch.int16,
        torch.int32,
        torch.int64,
        torch.uint16,
        torch.uint32,
        torch.uint64,
    }
)
_WIDE_INTEGERS = frozenset({torch.int64, torch.uint64})
# Entries of lists that NumPy reads as what they are, or that are refused by the type of the array it makes of them.
_SCALARS = (bool, int, float, complex, str, bytes, np.generic, type(None))
_REAL = (bool, int, float, np.bool_, np.integer, np.floating)


class Source(Enum):
    """Where numbers come from, which decides the fix that a message proposes."""

    POINTS = "the collection itself"
    BATCH = "f, called on a batch"
    OBJECT = "f, called on one object"
    ROWS = "points, where no f could make them"
    NUMBERS = "numbers that are no points, such as weights"


@dataclass(frozen=True)
class Place:
    """What a message names: the collection, the index of the first object, and where the numbers come from."""

    label: str
    start: int
    source: Source

    def at(self, offset: int) -> Place:
        """Return the place ``offset`` objects further on."""
        return replace(self, start=self.start + offset)

    def object(self, offset: int = 0) -> str:
        """Return the name of the object ``offset`` further on."""
        return f"{'entry' if self.source is Source.NUMBERS else 'object'} {self.start + offset}"


def real_numbers(value: object, place: Place, *, many: bool, single: bool = False) -> torch.Tensor:
    """Return ``value`` as a tensor of the same shape that holds exactly the same numbers, without gradient.

    The result shares memory with ``value`` where it can, and stays on its device.

    Parameters
    ----------
    value
        A tensor, an array, nested sequences of either or of numbers, a frame or an Arrow table (a row for each object),
        anything that has ``__array__`` or ``__dlpack__``; of an output of f, a SciPy sparse matrix too.
    place
        What an error message names.
    many
        Whether the first axis of ``value`` counts objects; otherwise it belongs to one object.
    single
        Whether floats of 32 bits and fewer come as float32; otherwise, and for all other types, the result is float64.

    Raises
    ------
    EmbeddingDtypeError
        For complex numbers, strings, dates, quantised tensors and Python objects, fractions and decimals among them.
    EmbeddingShapeError
        For sequences or nested tensors of uneven lengths.
    InexactNumberError
        For integers beyond 2⁵³ and long doubles that no float64 equals.
    InvalidTypeError
        For a SciPy sparse matrix that is no output of f.
    MissingEntryError
        For masked entries and nulls.
    InvalidValueError
        For tensors without data (on the device "meta").
    """
    if isinstance(value, torch.Tensor):
        return _of_tensor(value, place, many, single)
    found = _array(value, place, many)
    if isinstance(found, torch.Tensor):
        return _of_tensor(found, place, many, single)
    return _of_array(found, place, many, single)


def unchanged_array(value: object, place: Place) -> npt.NDArray[Any] | torch.Tensor:
    """Return a container whose first axis counts objects as an array or a tensor, in its own type where it has one.

    Parameters
    ----------
    value
        As for :func:`real_numbers`; objects that are no numbers come as an array of them.
    place
        What an error message names.

    Raises
    ------
    BoundcheckError
        As :func:`real_numbers` does, where the array is not of other objects.
    """
    try:
        return _array(value, place, many=True)
    except EmbeddingDtypeError as error:
        if isinstance(error, InvalidValueError) or not hasattr(type(value), "__array__"):
            raise
        return np.asarray(value)


def plain_tensor(tensor: torch.Tensor, place: Place) -> torch.Tensor:
    """Return a tensor of any class and layout as a plain one of the same numbers and type, without gradient.

    Raises
    ------
    BoundcheckError
        As :func:`real_numbers` does, for masked entries, nested tensors and tensors without data.
    """
    dense = tensor.detach()
    if type(dense) is not torch.Tensor or dense.layout != torch.strided or dense.is_nested:
        dense = _dense(dense, place)
    if dense.device.type == "meta":
        got = "a tensor on the device 'meta', which holds no numbers"
        raise InvalidValueError(explain(place.label, "numbers", got, "move the data, not only its shape"))
    if dense.is_neg() or dense._is_zerotensor():
        # What reads the memory itself would not see the sign, or the zeros.
        dense = dense.resolve_neg().clone()
    return dense


def is_array_like(value: object) -> bool:
    """Return whether a value is an array, a frame or a table of some library."""
    kind = type(value)
    return hasattr(kind, "__array__") or hasattr(kind, "__dlpack__") or kind.__module__.partition(".")[0] == "pyarrow"


def sparse_matrix_refused(value: object, name: str) -> InvalidTypeError:
    """Return the error that refuses a SciPy sparse matrix as a collection, with the fix."""
    expected = "a collection of objects (a list, an array, a tensor, a data set or an iterator)"
    fix = f"make the sparse matrix dense: pass {name}.toarray()"
    return InvalidTypeError(explain(name, expected, type(value).__name__, fix))


# ----------------------------------------------------------------------------------------------------------- tensors


def _of_tensor(tensor: torch.Tensor, place: Place, many: bool, single: bool) -> torch.Tensor:
    dense = plain_tensor(tensor, place)
    if dense.dtype == torch.float64 or (single and dense.dtype == torch.float32):
        return dense
    if dense.device.type == "mps" and not (single and dense.dtype.is_floating_point):  # it has no float64
        dense = dense.cpu()
    if dense.dtype in _WIDE_INTEGERS:
        # torch has no comparisons for uint64
        _refuse_wide(dense.cpu().numpy(), place, many)
    elif not (dense.dtype.is_floating_point or dense.dtype in _INTEGERS):
        raise _dtype_error(str(dense.dtype).removeprefix("torch."), place)
    # Every float of fewer bits is a float32.
    wanted = torch.float32 if single and dense.dtype.is_floating_point else torch.float64
    before_threads(dense.numel())
    try:
        return dense.to(wanted)
    except (RuntimeError, NotImplementedError) as error:  # packed types, such as float4_e2m1fn_x2
        raise _dtype_error(str(dense.dtype).removeprefix("torch."), place) from error


def _dense(tensor: torch.Tensor, place: Place) -> torch.Tensor:
    """Return a tensor of another layout or class as a plain one."""
    if isinstance(tensor, torch.masked.MaskedTensor):
        mask = tensor.get_mask()  # type: ignore[no-untyped-call]
        if not bool(mask.all()):
            raise _masked(place, None)
        tensor = tensor.get_data()  # type: ignore[no-untyped-call]
    if tensor.is_nested:
        fix = "give every object one vector"
        raise EmbeddingShapeError(explain(place.label, "rows of equal lengths", "a nested tensor", fix))
    try:
        if tensor.layout != torch.strided:
            tensor = tensor.to_dense()
        return tensor if type(tensor) is torch.Tensor else tensor.as_subclass(torch.Tensor)
    except (RuntimeError, NotImplementedError) as error:
        raise _dtype_error(f"a tensor of layout {tensor.layout} and type {tensor.dtype}", place) from error


# ------------------------------------------------------------------------------------------------------------ arrays


def _of_array(array: npt.NDArray[Any], place: Place, many: bool, single: bool) -> torch.Tensor:
    kind = array.dtype.kind
    if kind == "V" and array.dtype.names is None and np.can_cast(array.dtype, np.float64):
        # Types of other libraries, such as ml_dtypes.bfloat16.
        array = array.astype(np.float32 if single and np.can_cast(array.dtype, np.float32) else np.float64)
        kind = "f"
    if kind not in "fiub":
        raise _dtype_error({"U": "str", "S": "bytes"}.get(kind, str(array.dtype)), place)
    if kind in "iu" and array.itemsize == 8:
        _refuse_wide(array, place, many)
    if kind == "f" and array.itemsize > 8:
        _refuse_inexact(array, place, many)
    points = array.astype(np.float32 if single and kind == "f" and array.itemsize <= 4 else np.float64, copy=False)
    if not (points.flags.c_contiguous and points.flags.writeable) or min(points.strides, default=0) < 0:
        # torch takes neither negative strides nor, without a warning, read-only memory
        points = np.array(points, order="C")
    return torch.from_numpy(points)


def _array(value: object, place: Place, many: bool) -> npt.NDArray[Any] | torch.Tensor:
    """Return the numbers of any container but a tensor, none of them changed, as an array that is not of objects."""
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        raise _masked(place, np.ma.getmaskarray(value) if many else None)
    if isinstance(value, np.ndarray):
        array = np.asarray(value)
        return _of_objects(array, place, many) if array.dtype == object else array
    if isinstance(value, list | tuple):
        return _nested(value, place, many)
    if callable(getattr(value, "toarray", None)):
        if place.source not in (Source.BATCH, Source.OBJECT):
            raise sparse_matrix_refused(value, place.label)
        return np.asarray(value.toarray())  # type: ignore[attr-defined]
    if type(value).__module__.partition(".")[0] == "pyarrow":
        return _of_arrow(value, place, many)
    columns = _columns(value)
    if columns is not None:
        return _beside_each_other(columns, len(value), place)  # type: ignore[arg-type]
    missing = getattr(value, "null_count", None)
    if callable(missing) and missing():
        raise _missing(place, None)
    return _converted(value, place, many)


def _converted(value: object, place: Place, many: bool) -> npt.NDArray[Any] | torch.Tensor:
    """Return what NumPy, or torch, makes of a value that knows how to become an array."""
    kind = type(value)
    if isinstance(value, Sequence) and _is_sequence(value):
        return _nested(list(value), place, many)
    try:
        if hasattr(kind, "__dlpack__") and not hasattr(kind, "__array__"):
            return from_dlpack(value)
        array = np.asarray(value)
    except Exception as error:  # whatever its library raises
        if hasattr(kind, "__dlpack__") and hasattr(kind, "__array__"):  # on a GPU, say
            with suppress(Exception):
                return from_dlpack(value)
        raise _dtype_error(kind.__name__, place) from error
    if array.dtype == object:
        if array.ndim == 0:
            if issubclass(type(array.item()), _REAL):
                return _of_objects(array, place, many)
            raise _dtype_error(kind.__name__, place)
        return _of_objects(array, place, many)
    return array


def _of_objects(array: npt.NDArray[Any], place: Place, many: bool) -> npt.NDArray[Any] | torch.Tensor:
    """Return an array of Python objects as one of numbers; rows in an array of one axis are stacked."""
    kinds = list(dict.fromkeys(map(type, array.flat)))
    if all(issubclass(kind, _REAL) for kind in kinds):
        for index, entry in np.ndenumerate(array):
            if _is_inexact(entry):
                raise _inexact_number(entry, place.object(index[0] if many and index else 0), place)
        return array.astype(np.float64)
    if array.ndim == 1 and all(_is_row(kind) for kind in kinds):
        return _nested(list(array), place, many)
    wrong = next((kind for kind in kinds if not issubclass(kind, _REAL) and not _is_row(kind)), kinds[0])
    first = next((index for index, entry in np.ndenumerate(array) if type(entry) is wrong), ())
    at = place.at(first[0]) if many and first else place
    raise _dtype_error(wrong.__name__ if array.ndim == 0 else f"objects such as {wrong.__name__}", at)


def _is_row(kind: type) -> bool:
    if issubclass(kind, list | tuple | np.ndarray | torch.Tensor):
        return True
    return (hasattr(kind, "__array__") or hasattr(kind, "__dlpack__")) and not issubclass(kind, np.generic)


def _is_sequence(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray | memoryview)


def _is_inexact(entry: Any) -> bool:
    if isinstance(entry, Integral):
        return abs(int(entry)) > _LARGEST_EXACT
    with np.errstate(over="ignore"):
        return isinstance(entry, np.longdouble) and bool(np.float64(entry) != entry) and not np.isnan(entry)


# ---------------------------------------------------------------------------------------------------------- sequences


def _nested(value: Sequence[object], place: Place, many: bool) -> npt.NDArray[Any] | torch.Tensor:
    """Return nested sequences as an array; NumPy's own conversion rounds, and drops masks, without a word."""
    kinds: set[type] = set()
    _gather_kinds(value, kinds)
    if all(issubclass(kind, torch.Tensor) for kind in kinds) and kinds:
        stacked = _stacked(value)
        if stacked is not None:
            return stacked
    if not all(issubclass(kind, _SCALARS) or kind is np.ndarray for kind in kinds):
        value = list(_replaced_entries(value, place, many))
    try:
        array = np.asarray(value)
    except OverflowError:
        _refuse_wide_entries(value, place, many)
        raise
    except ValueError as error:
        expected, got = "rows of equal lengths", "nested sequences of uneven lengths"
        if not many:
            expected = "one flat sequence of numbers for an object"
            got = f"a nested sequence of uneven lengths for {place.object()}"
        got = (
            "nested sequences of uneven lengths"
            if many
            else f"a nested sequence of uneven lengths for {place.object()}"
        )
        raise EmbeddingShapeError(explain(place.label, expected, got, "give every object one vector")) from error
    except TypeError as error:
        raise _dtype_error(type(value).__name__, place) from error
    if array.dtype == object:
        return _of_objects(array, place, many)
    wide = array.dtype.kind == "f" and array.itemsize >= 8 and array.size
    if wide and not bool(np.abs(array).max() < _LARGEST_EXACT):
        # NumPy turns a list of integers and floats into floats, and rounds the large integers.
        _refuse_wide_entries(value, place, many)
    return array


def _gather_kinds(value: Iterable[object], found: set[type]) -> None:
    """Add the types of all that nested lists and tuples hold."""
    own = set(map(type, value))
    if not own.isdisjoint((list, tuple)):
        for entry in value:
            if isinstance(entry, list | tuple):
                _gather_kinds(entry, found)
    found |= own - {list, tuple}


def _stacked(value: Sequence[object]) -> torch.Tensor | None:
    """Return tensors of one shape, type and device as one, where a flat list holds just those."""
    if not all(isinstance(entry, torch.Tensor) for entry in value):
        return None
    tensors = [entry for entry in value if isinstance(entry, torch.Tensor)]
    alike = {(tensor.shape, tensor.dtype, tensor.device, tensor.layout, type(tensor)) for tensor in tensors}
    plain = type(tensors[0]) in (torch.Tensor, torch.nn.Parameter) and tensors[0].layout == torch.strided
    if len(alike) > 1 or not plain or tensors[0].is_nested or tensors[0].is_quantized:
        return None
    return torch.stack([tensor.detach() for tensor in tensors])


def _replaced_entries(values: Iterable[object], place: Place, many: bool) -> Iterator[object]:
    """Yield the entries of nested sequences, in which every array of another kind is a plain one, exact, without mask."""
    for offset, entry in enumerate(values):
        at = place.at(offset) if many else place
        if isinstance(entry, Sequence) and _is_sequence(entry):
            yield list(_replaced_entries(entry, at, False))
        elif isinstance(entry, _SCALARS) or type(entry) is np.ndarray:
            yield entry
        elif isinstance(entry, torch.Tensor) or _is_row(type(entry)):
            yield real_numbers(entry, at, many=False, single=True).cpu().numpy()
        else:
            yield entry


def _refuse_wide_entries(value: object, place: Place, many: bool) -> None:
    """Refuse the first integer beyond 2⁵³ in nested sequences, of which the outermost counts objects."""
    for offset, entry in enumerate(value if isinstance(value, list | tuple) else [value]):
        for leaf in _leaves(entry):
            if isinstance(leaf, Integral) and abs(int(leaf)) > _LARGEST_EXACT:
                raise _inexact_number(int(leaf), place.object(offset if many else 0), place)


def _leaves(value: object) -> Iterator[object]:
    if isinstance(value, list | tuple):
        for entry in value:
            yield from _leaves(entry)
    elif isinstance(value, np.ndarray):
        yield from value.flat
    else:
        yield value


# ------------------------------------------------------------------------------------------------------------- frames


def _columns(value: object) -> list[Any] | None:
    """Return the columns of a frame whose columns are of several types, which NumPy would make one of."""
    if hasattr(value, "iloc") and hasattr(value, "columns"):  # pandas and what is spelt like it
        types = set(getattr(value, "dtypes", ()))
        if len(types) == 1 and all(isinstance(one, np.dtype) for one in types):
            return None
        return [value.iloc[:, position] for position in range(len(value.columns))]
    columns = getattr(value, "get_columns", None)  # polars
    return list(columns()) if callable(columns) else None


def _beside_each_other(columns: Sequence[object], rows: int, place: Place) -> torch.Tensor:
    found = [real_numbers(column, place, many=True, single=True) for column in columns]
    if any(column.ndim != 1 for column in found):
        raise EmbeddingShapeError(
            explain(place.label, "a frame with a number in every cell", "cells of several numbers")
        )
    if not found:
        return torch.empty((rows, 0), dtype=torch.float64, device="cpu")
    if len({column.dtype for column in found}) > 1:
        found = [column.to(torch.float64) for column in found]
    return torch.stack(found, dim=1)


def _of_arrow(value: Any, place: Place, many: bool) -> npt.NDArray[Any] | torch.Tensor:
    """Return an Arrow array, table or scalar; a list in each row is a row."""
    import pyarrow

    if isinstance(value, pyarrow.Table | pyarrow.RecordBatch):
        columns = [value.column(position) for position in range(value.num_columns)]
        return _beside_each_other(columns, value.num_rows, place)
    if isinstance(value, pyarrow.ChunkedArray):
        value = pyarrow.concat_arrays(value.chunks) if value.num_chunks else pyarrow.array([], value.type)
    if not isinstance(value, pyarrow.Array):
        entry = value.as_py() if isinstance(value, pyarrow.Scalar) else value
        if type(entry).__module__.partition(".")[0] == "pyarrow":
            return _converted(entry, place, many)
        return _nested([entry], place, False)[0]
    if isinstance(value, pyarrow.ExtensionArray):
        value = value.storage
    if isinstance(value, pyarrow.DictionaryArray):
        value = value.dictionary_decode()
    if value.null_count:
        raise _missing(place, int(np.argmax(value.is_null().to_numpy(zero_copy_only=False))) if many else None)
    types = pyarrow.types
    if types.is_fixed_size_list(value.type) or types.is_list(value.type) or types.is_large_list(value.type):
        return _of_arrow_lists(value, place, many)
    array = value.to_numpy(zero_copy_only=False)
    return _of_objects(array, place, many) if array.dtype == object else array


def _of_arrow_lists(value: Any, place: Place, many: bool) -> npt.NDArray[Any] | torch.Tensor:
    import pyarrow

    flat = value.flatten()
    if pyarrow.types.is_fixed_size_list(value.type):
        lengths = np.full(len(value), value.type.list_size)
    else:
        lengths = value.value_lengths().to_numpy(zero_copy_only=False)
    if flat.null_count:
        first = np.argmax(flat.is_null().to_numpy(zero_copy_only=False))
        row = int(np.searchsorted(np.cumsum(lengths), first, side="right"))
        raise _missing(place, row if many else None)
    if len(set(lengths.tolist())) > 1:
        got = f"lengths {lengths.min()} to {lengths.max()}"
        raise EmbeddingShapeError(explain(place.label, "vectors of one length", got, "give every object one vector"))
    inner = _of_arrow(flat, place, False)
    return inner.reshape(len(value), int(lengths[0]) if len(lengths) else 0, *inner.shape[1:])


# ------------------------------------------------------------------------------------------------------------ refusals


def _refuse_wide(array: npt.NDArray[Any], place: Place, many: bool) -> None:
    if array.size and (array.max() > _LARGEST_EXACT or array.min() < -_LARGEST_EXACT):
        wide = (array > _LARGEST_EXACT) | (array < -_LARGEST_EXACT)
        raise _inexact(array, wide, place, many)


def _refuse_inexact(array: npt.NDArray[Any], place: Place, many: bool) -> None:
    with np.errstate(over="ignore"):  # what overflows differs from its infinity, and is refused for that
        rounded = array.astype(np.float64)
    wrong = (rounded != array) & ~np.isnan(array)
    if wrong.any():
        raise _inexact(array, wrong, place, many)


def _inexact(array: npt.NDArray[Any], wrong: npt.NDArray[np.bool_], place: Place, many: bool) -> InexactNumberError:
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    name = place.object(index[0]) if many and index else place.object()
    return _inexact_number(array[index], name, place)


def _inexact_number(number: object, name: str, place: Place) -> InexactNumberError:
    expected = "integers up to 2**53 ([-2**53, 2**53]) and other numbers that float64 holds"
    why = "which is not exact in float64"
    if isinstance(number, Integral):
        number, why = int(number), "in a range of integers that are not exact in float64"
    # Longer ones Python does not write in decimals.
    long = isinstance(number, int) and number.bit_length() > 1024
    text = f"an integer of {number.bit_length()} bits" if isinstance(number, int) and long else f"{number}"
    got = f"{text} for {name}, {why}"
    return InexactNumberError(explain(place.label, expected, got, "scale or shift the numbers first"))


def _masked(place: Place, mask: npt.NDArray[np.bool_] | None) -> MissingEntryError:
    first = "" if mask is None or not mask.ndim else f" (first masked for {place.object(int(np.argwhere(mask)[0][0]))})"
    fix = "fill or drop the masked entries"
    return MissingEntryError(explain(place.label, "a number at every entry", f"a masked array{first}", fix))


def _missing(place: Place, offset: int | None) -> MissingEntryError:
    got = "a null" if offset is None else f"a null for {place.object(offset)}"
    return MissingEntryError(explain(place.label, "a number at every entry", got, "fill or drop the missing entries"))


def _dtype_error(name: str, place: Place) -> EmbeddingDtypeError:
    got = f"{name} (first for {place.object()})"
    return EmbeddingDtypeError(explain(place.label, "real numbers", got, _dtype_fix(name, place)))


def _dtype_fix(name: str, place: Place) -> str:
    if "complex" in name:
        return "take real and imaginary parts as separate coordinates"
    if place.source in (Source.ROWS, Source.NUMBERS):
        return "pass numbers"
    if place.source is Source.POINTS:
        return "pass numbers, or the function f that turns the objects into vectors"
    if name == "NoneType":
        return "f returned nothing; let it return the vector"
    return "let f return an array or a tensor of numbers"
