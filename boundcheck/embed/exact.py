"""Numbers of any real type as float64, without changing one of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from numbers import Integral
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from boundcheck.errors import EmbeddingDtypeError, EmbeddingShapeError, InvalidValueError, explain

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


class Source(Enum):
    """Where numbers come from, which decides the fix that a message proposes."""

    POINTS = "the collection itself"
    BATCH = "f, called on a batch"
    OBJECT = "f, called on one object"


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
        return f"object {self.start + offset}"


def exact(value: object, place: Place, *, many: bool) -> torch.Tensor:
    """Return ``value`` as a float64 tensor of the same shape holding exactly the same numbers.

    The result shares memory with ``value`` where it can, and stays on its device.

    Parameters
    ----------
    value
        A tensor, an array, anything that NumPy turns into one, or a SciPy sparse matrix.
    place
        What an error message names.
    many
        Whether the first axis of ``value`` counts objects; otherwise it belongs to one object.

    Raises
    ------
    EmbeddingDtypeError
        For complex numbers, strings and Python objects.
    EmbeddingShapeError
        For nested sequences of uneven lengths.
    InvalidValueError
        For masked entries, and for numbers that no float64 equals.
    """
    if isinstance(value, torch.Tensor):
        return _exact_tensor(value, place, many)
    return _exact_array(_array(value, place), value, place, many)


def float64_on(points: torch.Tensor, device: torch.device) -> torch.Tensor:
    """Return float64 ``points`` on ``device``, or on the CPU where the device has no float64."""
    return points if device.type == "mps" else points.to(device)


def is_coarse(output: object) -> bool:
    """Tell whether ``output`` is (or its first entry is) of a floating type of two bytes or fewer."""
    if isinstance(output, list | tuple) and output:
        return is_coarse(output[0])
    if isinstance(output, torch.Tensor):
        return output.dtype.is_floating_point and output.dtype.itemsize <= 2
    return bool(getattr(output, "dtype", None) == np.float16)


def _exact_tensor(tensor: torch.Tensor, place: Place, many: bool) -> torch.Tensor:
    dense = tensor.detach()
    if dense.layout != torch.strided:
        dense = dense.to_dense()
    if dense.dtype == torch.float64:
        return dense
    if dense.device.type == "mps":  # it has no float64
        dense = dense.cpu()
    if dense.dtype in _WIDE_INTEGERS:
        # torch has no comparisons for uint64
        _refuse_wide(dense.cpu().numpy(), place, many)
    elif not (dense.dtype.is_floating_point or dense.dtype in _INTEGERS):
        raise _dtype_error(str(dense.dtype).removeprefix("torch."), place)
    return dense.to(torch.float64)


def _array(value: object, place: Place) -> npt.NDArray[Any]:
    if isinstance(value, np.ndarray):
        if np.ma.is_masked(value):
            raise InvalidValueError(
                explain(place.label, "a number at every entry", "a masked array", "fill or drop the masked entries")
            )
        return np.asarray(value)
    to_dense = getattr(value, "toarray", None)
    if callable(to_dense):
        return np.asarray(to_dense())
    if isinstance(value, list | tuple) and any(isinstance(entry, torch.Tensor) for entry in value):
        value = [
            _exact_tensor(entry, place, many=False).cpu().numpy() if isinstance(entry, torch.Tensor) else entry
            for entry in value
        ]
    try:
        return np.asarray(value)
    except ValueError as error:
        expected = "one flat sequence of numbers for an object"
        got = f"a nested sequence of uneven lengths for {place.object()}"
        raise EmbeddingShapeError(explain(place.label, expected, got, "give every object one vector")) from error
    except TypeError as error:
        raise _dtype_error(type(value).__name__, place) from error


def _exact_array(array: npt.NDArray[Any], value: object, place: Place, many: bool) -> torch.Tensor:
    kind = array.dtype.kind
    if kind not in "fiub":
        if kind == "O" and array.size and all(isinstance(entry, Integral) for entry in array.flat):
            _refuse_wide(array, place, many)
        raise _dtype_error(_dtype_name(array, value), place)
    if kind in "iu" and array.itemsize == 8:
        _refuse_wide(array, place, many)
    if kind == "f" and array.itemsize > 8:
        _refuse_inexact(array, place, many)
    if kind == "f" and array is not value:
        _refuse_rounded_integers(array, value, place)
    points = array.astype(np.float64, copy=False)
    if not (points.flags.c_contiguous and points.flags.writeable) or min(points.strides, default=0) < 0:
        # torch takes neither negative strides nor, without a warning, read-only memory
        points = np.array(points, order="C")
    return torch.from_numpy(points)


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


def _refuse_rounded_integers(array: npt.NDArray[Any], value: object, place: Place) -> None:
    # NumPy turns a list of integers and floats into floats, and rounds the large integers without a word.
    if not isinstance(value, list | tuple) or not array.size or not np.abs(array).max() >= _LARGEST_EXACT:
        return
    for entry in _leaves(value):
        if isinstance(entry, Integral) and abs(int(entry)) > _LARGEST_EXACT:
            raise _inexact_number(int(entry), place.object(), place)


def _leaves(value: object) -> list[object]:
    if isinstance(value, list | tuple | np.ndarray):
        return [leaf for entry in value for leaf in _leaves(entry)]
    return [value]


def _inexact(array: npt.NDArray[Any], wrong: npt.NDArray[np.bool_], place: Place, many: bool) -> InvalidValueError:
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    name = place.object(index[0]) if many and index else place.object()
    return _inexact_number(array[index], name, place)


def _inexact_number(number: object, name: str, place: Place) -> InvalidValueError:
    expected = "numbers that are exact in float64 (integers in [-2**53, 2**53])"
    got = f"{number} for {name}, which is not exact in float64"
    return InvalidValueError(explain(place.label, expected, got, "scale or shift the numbers first"))


def _dtype_name(array: npt.NDArray[Any], value: object) -> str:
    if array.dtype.kind == "O":
        entry = next((entry for entry in array.flat if not isinstance(entry, int | float)), value)
        return type(entry).__name__ if array.ndim == 0 else f"objects such as {type(entry).__name__}"
    return {"U": "str", "S": "bytes"}.get(array.dtype.kind, str(array.dtype))


def _dtype_error(name: str, place: Place) -> EmbeddingDtypeError:
    got = f"{name} (first for {place.object()})"
    return EmbeddingDtypeError(explain(place.label, "real numbers", got, _dtype_fix(name, place)))


def _dtype_fix(name: str, place: Place) -> str:
    if "complex" in name:
        return "take real and imaginary parts as separate coordinates"
    if place.source is Source.POINTS:
        return "pass numbers, or the function f that turns the objects into vectors"
    if name == "NoneType":
        return "f returned nothing; let it return the vector"
    return "let f return an array or a tensor of numbers"
