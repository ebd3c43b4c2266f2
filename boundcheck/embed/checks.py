"""What the output of an embedding must be: one finite vector per object, of one length, the same each time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float

from boundcheck.errors import BoundcheckError, DimensionMismatchError, EmbeddingShapeError, NonFiniteError, explain
from boundcheck.real_numbers import Place, Source, real_numbers

# The same call made again may differ by what an order of summation (a GPU's atomic additions) changes, not by more.
SAME_CALL = 1e-6
# Another batch size makes the library choose another matrix product, with another order of summation and, on GPUs,
# TF32 products whose factors keep 10 bits (2**-11 = 4.9e-4 of each, averaged over a sum). A value that really depends
# on its batch, through normalisation say, moves by far more.
OTHER_BATCH = 3.5e-4
# The same for networks computed in float16 (11 bits) or bfloat16 (8 bits: 2**-8 = 0.4%, over several layers).
OTHER_BATCH_COARSE = 0.05

Points = Float[torch.Tensor, "n d"]


@dataclass(frozen=True)
class Difference:
    """The first object that two evaluations disagree about, and their largest gap anywhere."""

    offset: int
    gap: float


def rows(output: object, count: int, place: Place) -> Points:
    """Return the output for a batch of ``count`` objects (or a collection of points) as exact float64 rows.

    Raises
    ------
    EmbeddingShapeError
        Unless the output is one vector, of one length, for each object.
    EmbeddingDtypeError, InvalidValueError
        For entries that are no real numbers or not exact in float64.
    """
    if isinstance(output, list | tuple):
        if len(output) != count:
            raise _wrong_count(f"a {type(output).__name__} of {len(output)}", count, place)
        return vectors(output, place)
    points = real_numbers(output, place, many=True)
    if points.ndim == 0 or points.shape[0] != count:
        raise _wrong_count(_shape(points.shape), count, place)
    return _checked(points, place)


def vectors(outputs: Sequence[object], place: Place) -> Points:
    """Return one output per object as exact float64 rows; raises as :func:`rows` does."""
    # All at once where that goes; otherwise one by one, which tells what is wrong with which.
    with suppress(BoundcheckError):
        block = real_numbers(list(outputs), place, many=True)
        if block.ndim == 2:
            return _checked(block, place)
    found = [real_numbers(output, place.at(i), many=False) for i, output in enumerate(outputs)]
    for offset, vector in enumerate(found):
        _check_axes(vector.shape, place, offset)
    for offset, vector in enumerate(found):
        check_length(len(found[0]), len(vector), place.object(), place.at(offset))
    return _checked(torch.stack([vector.to(found[0].device) for vector in found]), place)


def check_length(expected: int, length: int, first: str, place: Place) -> None:
    """Refuse an object whose vector is not as long as that of the ``first``.

    Raises
    ------
    EmbeddingShapeError
        Naming both objects and both lengths.
    """
    if length != expected:
        got = f"length {length} for {place.object()}"
        fix = "make every vector of one length (pad, crop or pool the parts)"
        raise EmbeddingShapeError(explain(place.label, f"vectors of length {expected} as for {first}", got, fix))


def check_finite(points: Points, place: Place) -> None:
    """Refuse NaN and infinities.

    Raises
    ------
    NonFiniteError
        Naming the first object and coordinate.
    """
    # One pass instead of four: a NaN or an infinity makes the sum one. (So may large numbers, hence the second look.)
    if math.isfinite(points.sum().item()):
        return
    wrong = torch.isfinite(points).logical_not().nonzero()
    if len(wrong) == 0:
        return
    row, column = wrong[0].tolist()
    got = f"{points[row, column].item()} for {place.object(row)} at coordinate {column}"
    fix = "repair or drop that object"
    if place.source is not Source.POINTS:
        fix += ", or let f return finite numbers for it (does it divide by zero?)"
    raise NonFiniteError(explain(place.label, "finite numbers", got, fix))


def check_dimensions(dimensions: Mapping[str, int], *, given: bool) -> None:
    """Refuse collections whose vectors have different lengths.

    Parameters
    ----------
    dimensions
        The length of the vectors of each collection.
    given
        Whether the vectors were given, rather than computed by an f.

    Raises
    ------
    DimensionMismatchError
        Naming the first collection, the first that differs, and both lengths.
    """
    first = next(iter(dimensions), None)
    for name, dimension in dimensions.items():
        if first is not None and dimension != dimensions[first]:
            expected = f"vectors of length {dimensions[first]} like {first}"
            fix = "embed every collection by the same f" if given else "let f return vectors of one length"
            raise DimensionMismatchError(explain(name, expected, f"length {dimension}", fix))


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


def difference(first: Points, second: Float[torch.Tensor, "n2 d2"], tolerance: float) -> Difference | None:
    """Compare two evaluations of the same objects, entry by entry.

    Parameters
    ----------
    first, second
        Rows of equally many objects.
    tolerance
        The largest gap allowed, as a share of the largest magnitude in ``first``.

    Returns
    -------
    Difference or None
        None if they agree; a NaN agrees with a NaN, since it is another check that refuses it.
    """
    if first.shape != second.shape:
        return Difference(0, math.inf)
    gaps = (first - second).abs().nan_to_num(nan=math.inf, posinf=math.inf)
    gaps[(first == second) | (first.isnan() & second.isnan())] = 0.0
    magnitudes = first.abs()
    scale = magnitudes[magnitudes.isfinite()].max().item() if magnitudes.isfinite().any() else 0.0
    wrong = (gaps > tolerance * scale).any(dim=1).nonzero()
    return Difference(int(wrong[0].item()), gaps.max().item()) if len(wrong) else None


def _checked(points: torch.Tensor, place: Place) -> Points:
    _check_axes(points.shape[1:], place, 0)
    if points.shape[1] == 0:
        got = f"vectors of length 0 (first for {place.object()})"
        raise EmbeddingShapeError(explain(place.label, "vectors of length 1 or more", got, _EMPTY_FIX[place.source]))
    return points


def _check_axes(shape: Sequence[int], place: Place, offset: int) -> None:
    if len(shape) == 1:
        return
    if len(shape) == 0:
        got, fix = f"a single number for {place.object(offset)}", _SCALAR_FIX[place.source]
    else:
        got = f"{len(shape)} axes, of {_shape(shape)}, for {place.object(offset)}"
        fix = _FLATTEN_FIX[place.source]
    raise EmbeddingShapeError(explain(place.label, "one vector (one axis) for each object", got, fix))


def _wrong_count(got: str, count: int, place: Place) -> EmbeddingShapeError:
    objects = place.object() if count == 1 else f"objects {place.start} to {place.start + count - 1}"
    expected = f"{count} row{'s' if count > 1 else ''}, one for each of {objects}"
    fix = "return an array of shape (n, d); of several outputs keep one"
    if place.source is Source.BATCH:
        fix += "; pass batched=False if f takes one object"
    return EmbeddingShapeError(explain(place.label, expected, f"{got}", fix))


def _shape(shape: Sequence[int]) -> str:
    return f"shape {tuple(shape)}" if len(shape) != 0 else "a single number"


_EMPTY_FIX = {
    Source.POINTS: "give each object at least one coordinate",
    Source.BATCH: "let f return at least one coordinate",
    Source.OBJECT: "let f return at least one coordinate",
}
_SCALAR_FIX = {
    Source.POINTS: "pass shape (n, 1): add an axis with x.reshape(-1, 1)",
    Source.BATCH: "return shape (n, 1) for a batch of n: out.reshape(-1, 1)",
    Source.OBJECT: "return shape (1,) for one object, or (n, 1) for a batch of n: out.reshape(-1, 1)",
}
_FLATTEN_FIX = {
    Source.POINTS: "flatten each object: x.reshape(len(x), -1)",
    Source.BATCH: "flatten each object: return out.reshape(len(out), -1)",
    Source.OBJECT: "flatten it: return out.reshape(-1); of several outputs keep one",
}
