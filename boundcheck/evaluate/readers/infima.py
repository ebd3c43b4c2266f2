"""Infima in the numeric reader: see :mod:`boundcheck.evaluate.convex` for how they are enclosed."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from boundcheck.evaluate import convex, rounding
from boundcheck.evaluate.readers.numeric import Named, NumericReader
from boundcheck.evaluate.readers.ranges import union
from boundcheck.language import Index, Infimum, Reduce, Reduction, Term, Variable, Weights

__all__ = ["least"]

Array = npt.NDArray[np.float64]


def least(reader: NumericReader, term: Infimum) -> Named:
    """Return the least value of a term: that at a vector, with what a minorant leaves open below it as its error.

    Its gradient is the minorant's: as the points move, the least value changes as that does (the envelope theorem).
    """
    grows = torch.is_grad_enabled() and any(points.requires_grad for points in reader._points.values())
    found = convex.enclosed(_Floats(reader), term, below=reader.errors or grows)
    value = found.high.value
    if grows and found.minorant is not None:
        minorant = found.minorant.value
        value = value.detach() + (minorant - minorant.detach())
    if not reader.errors:
        return Named(value, None, found.high.axes)
    assert found.low is not None
    low = found.low.value - found.low.known_error
    open_ = (found.high.value.detach() - low.detach()).clamp(min=0)
    error = rounding.inflate(found.high.known_error + rounding.inflate(open_))
    return Named(value, error.nan_to_num(nan=math.inf, posinf=math.inf), found.high.axes)


class _Floats:
    """What the numeric reader does with named values."""

    def __init__(self, reader: NumericReader) -> None:
        self._reader = reader

    def norm_p(self) -> float:
        """Return p of the p-norm."""
        return self._reader.p

    def is_fixed(self, index: Index) -> bool:
        """Say whether an index has one value, and is no axis."""
        return index in self._reader._fixed

    def lengths(self, axes: Sequence[Index]) -> tuple[int, ...]:
        """Return the batch's length, and those of axes."""
        return (self._reader._batch, *map(self._reader.extent, axes))

    def coordinates(self) -> int:
        """Return the dimension of the space."""
        return self._reader._dimension

    def binding(self, variable: Variable, value: Named) -> _Floats:
        """Return a reader for which a variable has a value."""
        return _Floats(self._reader._binding(variable, value))

    def read(self, term: Term) -> Named:
        """Return the value of a term."""
        return self._reader.read(term)

    def floats(self, value: Named, axes: Sequence[Index], *, vector: bool) -> Array:
        """Return a value, with axes of length 1 for those that it does not vary over."""
        tensor = value.value.detach()
        for place, axis in enumerate(sorted(axes, key=lambda index: index.symbol)):
            if axis not in value.axes:
                tensor = tensor.unsqueeze(1 + place)
        found: Array = tensor.permute(self._order(axes, tensor.ndim)).cpu().numpy()
        return found

    @staticmethod
    def _order(axes: Sequence[Index], ndim: int) -> list[int]:
        ordered = sorted(axes, key=lambda index: index.symbol)
        return [0, *(1 + ordered.index(axis) for axis in axes), *range(1 + len(axes), ndim)]

    def made(self, numbers: Array, axes: Sequence[Index], over: Collection[Index], *, vector: bool) -> Named:
        """Return floats as exact values over some of the axes; the others are of length 1."""
        order = self._order(axes, numbers.ndim)
        tensor = torch.from_numpy(np.ascontiguousarray(numbers)).to(self._reader._zeros)
        tensor = tensor.permute([order.index(place) for place in range(len(order))])
        ordered = sorted(axes, key=lambda index: index.symbol)
        for place in reversed(range(len(ordered))):
            if ordered[place] not in over:
                tensor = tensor.squeeze(1 + place)
        if tensor.shape[0] != self._reader._batch:
            tensor = tensor.expand(self._reader._batch, *tensor.shape[1:])
        kept = tuple(axis for axis in ordered if axis in over)
        return Named(tensor, torch.zeros_like(tensor) if self._reader.errors else None, kept)

    def placed(self, origin: Array, apart: Array, axes: Sequence[Index], over: Collection[Index]) -> Named:
        """Return the vectors next to these sums."""
        return self.made(origin + apart, axes, over, vector=True)

    def unit(self, axes: int) -> Array:
        """Return the power of two that points were divided by, as far as it is a float."""
        exponent = self._reader._exponent.clamp(-1000, 1000).cpu().numpy()
        found: Array = np.ldexp(1.0, exponent).reshape(-1, *[1] * axes)
        return found

    def in_units(self, value: Named) -> Named:
        """Return a number of the units that vectors are in as the number that it is."""
        unit = self._reader._unit
        error = None if value.error is None else rounding.inflate(unit.times(value.error))
        return Named(unit.times(value.value), error, value.axes)

    def added(self, values: Sequence[Named]) -> Named:
        """Return the sum of scalars, or of vectors."""
        return values[0] if len(values) == 1 else self._reader._add(list(values))

    def multiplied(self, values: Sequence[Named]) -> Named:
        """Return the product of scalars."""
        return self._reader._multiply(list(values))

    def scaled(self, number: Named, vector: Named) -> Named:
        """Return a vector times a number."""
        return self._reader._scale(number, vector)

    def over(self, term: Reduce, value: Named, *, vector: bool) -> Named:
        """Return the mean or the sum that a term is, of other values than its body's."""
        return self._reader._mean_or_sum(term.kind, term.index, value, term.weights)

    def summed(self, index: Index, value: Named, *, vector: bool) -> Named:
        """Return the sum over an index."""
        return self._reader._mean_or_sum(Reduction.SUM, index, value, None)

    def along(self, one: Named, other: Named) -> Named:
        """Return inner products."""
        axes = union((one.axes, other.axes))
        a, b = (self._spread(part, part.value, axes) for part in (one, other))
        products = a * b
        if not self._reader.errors:
            return Named(products.sum(dim=-1), None, axes)
        off = (self._spread(part, part.known_error + self._reader._lost(part), axes) for part in (one, other))
        a_off, b_off = off
        error = rounding.product(a, a_off, b, b_off).sum(dim=-1)
        error = error + rounding.total(products.abs().sum(dim=-1), products.shape[-1])
        return Named(products.sum(dim=-1), rounding.inflate(error), axes)

    @staticmethod
    def _spread(named: Named, tensor: Tensor, axes: Sequence[Index]) -> Tensor:
        for place, axis in enumerate(axes):
            if axis not in named.axes:
                tensor = tensor.unsqueeze(1 + place)
        return tensor

    def size(self, vector: Named) -> Named:
        """Return the sum of a vector's coordinates' magnitudes."""
        found = vector.value.abs().sum(dim=-1)
        if not self._reader.errors:
            return Named(found, None, vector.axes)
        error = vector.known_error.sum(dim=-1) + rounding.total(found, vector.value.shape[-1])
        return Named(found, rounding.inflate(error), vector.axes)

    def powered(self, value: Named, exponent: Fraction) -> Named:
        """Return a power."""
        return value if exponent == 1 else self._reader._power(value, exponent)

    def counted(self, index: Index, axes: Sequence[Index]) -> npt.NDArray[np.bool_]:
        """Return where an index has a value."""
        at = 1 + list(axes).index(index)
        shape = [self._reader.extent(index) if place == at else 1 for place in range(1 + len(axes))]
        allowed = self._reader._allowed(index)
        if allowed is None:
            return np.ones(shape, dtype=bool)
        return self.floats(Named(allowed[0], None, allowed[1]), axes, vector=False).astype(bool)

    def ratios(self, weights: Weights, at: int, ndim: int) -> Array:
        """Return about what weights are, along an axis."""
        found: Array = self._reader._ratios(weights, at, ndim).detach().cpu().numpy()
        return found
