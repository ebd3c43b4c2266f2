"""Infima in balls: see :mod:`boundcheck.evaluate.convex` for how they are enclosed."""

from __future__ import annotations

import copy
from collections.abc import Collection, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
from flint import arb, fmpq

from boundcheck.evaluate import certificates, convex
from boundcheck.evaluate.radicals import rational_of_float
from boundcheck.evaluate.readers import exact
from boundcheck.evaluate.readers.balls import BallReader, as_ball
from boundcheck.evaluate.readers.exact import Elements, Triple, TripleReader, nearest_float
from boundcheck.kernels.convex import Over
from boundcheck.language import Index, Infimum, Power, Reduce, Reduction, Term, Variable, Weights

__all__ = ["exactly", "least"]

Array = npt.NDArray[Any]


def least(reader: BallReader, term: Infimum) -> Elements:
    """Return balls around the least value of a term: from its value at a vector, down to a minorant's."""
    exact = exactly(reader, term)
    if exact is not None:
        return exact
    found = convex.enclosed(_Numbers(reader), term, known=reader.triple.solutions)
    assert found.low is not None
    balls = [_between(low, high) for low, high in zip(found.low.value.flat, found.high.value.flat, strict=True)]
    return reader._scalars(balls, found.high.axes, found.high.value.shape[1:])


def exactly(reader: TripleReader, term: Infimum) -> Elements | None:
    """Return the least value as what it is: of a sum of squared Euclidean norms, or of the largest; None for another term."""
    found: Elements | None = convex.of_squares(_Numbers(reader), term)
    return _of_ball(reader, term) if found is None else found


def _of_ball(reader: TripleReader, term: Infimum) -> Elements | None:
    shape = convex.enclosing_ball(term) if reader.p == 2 else None
    if shape is None:
        return None
    norm = shape[0]
    numbers = _Numbers(reader)
    origin = numbers.made(np.zeros((1, numbers.coordinates())), (), (), vector=True)
    known = numbers.binding(term.variable, origin).read(norm.vector)
    if not known.rational:
        return None
    key = ("exactly", term)
    if key not in reader.triple.solutions:
        node = convex.solved(numbers, term, reader.triple.solutions).whole.node
        assert isinstance(node, Over)
        shares = node.shares.reshape(-1)
        # ‖α·y + v‖ is |α| times the distance from −v/α: that of v itself from −α·y.
        found = certificates.enclosing_ball(known.value[0], shares) if np.isfinite(shares).all() else None
        reader.triple.solutions[key] = found
    square = reader.triple.solutions[key]
    if square is None:
        return None
    squared = isinstance(term.body, Reduce) and isinstance(term.body.body, Power)
    unit = reader.triple.unit
    return reader._scalars([unit * unit * square if squared else unit * reader._root(square, 2)], ())


def _between(low: Any, high: Any) -> arb:
    bottom, top = as_ball(low), as_ball(high)
    if not (bottom.is_finite() and top.is_finite()):
        return arb.nan()
    return bottom.union(top)


class _Numbers:
    """What a reader of one triple does with elements."""

    def __init__(self, reader: TripleReader) -> None:
        self._reader, self._triple = reader, reader.triple

    def norm_p(self) -> float:
        """Return p of the p-norm."""
        return self._reader.p

    def is_fixed(self, index: Index) -> bool:
        """Say that no index is fixed."""
        return False

    def lengths(self, axes: Sequence[Index]) -> tuple[int, ...]:
        """Return 1, and the lengths of axes."""
        return (1, *map(self._reader.extent, axes))

    def coordinates(self) -> int:
        """Return the dimension of the space."""
        dimension: int = self._triple.dimension
        return dimension

    def binding(self, variable: Variable, value: Elements) -> _Numbers:
        """Return a reader for which a variable has a value."""
        reader = copy.copy(self._reader)
        reader._cache = {key: known for key, known in reader._cache.items() if isinstance(key, Variable)}
        reader._cache[variable] = value
        if isinstance(reader, BallReader):
            # What the numeric reader knows of is without the variable.
            reader._wider = None
        return _Numbers(reader)

    def read(self, term: Term) -> Elements:
        """Return the value of a term."""
        return self._reader._evaluate(term)

    def floats(self, value: Elements, axes: Sequence[Index], *, vector: bool) -> npt.NDArray[np.float64]:
        """Return about a value, with axes of length 1 for those that it does not vary over; a vector's near 1."""
        numbers, one = value.value, 1 / _length(self._triple)
        found = np.array([nearest_float(number * one if vector else number) for number in numbers.flat])
        found = found.reshape(numbers.shape)
        ordered = sorted(axes, key=lambda index: index.symbol)
        for place, axis in enumerate(ordered):
            if axis not in value.axes:
                found = np.expand_dims(found, 1 + place)
        return found.transpose(_order(axes, found.ndim))

    def made(self, numbers: Array, axes: Sequence[Index], over: Collection[Index], *, vector: bool) -> Elements:
        """Return floats as exact values over some of the axes; the others are of length 1."""
        return self._elements(_rationals(numbers), axes, over)

    def _elements(self, values: Array, axes: Sequence[Index], over: Collection[Index]) -> Elements:
        order = _order(axes, values.ndim)
        values = values.transpose([order.index(place) for place in range(len(order))])
        ordered = sorted(axes, key=lambda index: index.symbol)
        dropped = tuple(1 + place for place, axis in enumerate(ordered) if axis not in over)
        return Elements(values.squeeze(dropped), tuple(axis for axis in ordered if axis in over), True)

    def placed(self, origin: Array, apart: Array, axes: Sequence[Index], over: Collection[Index]) -> Elements:
        """Return the vectors that are these sums."""
        return self._elements((_rationals(origin) + _rationals(apart)) * _length(self._triple), axes, over)

    def unit(self, axes: int) -> npt.NDArray[np.float64]:
        """Return the power of two that is 1 in the solver's units, as far as it is a float."""
        return np.full([1] * (1 + axes), np.ldexp(1.0, max(-1000, min(1000, _exponent(self._triple)))))

    def in_units(self, value: Elements) -> Elements:
        """Return a number of the units that vectors are in as the number that it is."""
        return self._reader._scaled(value)

    def added(self, values: Sequence[Elements]) -> Elements:
        """Return the sum of scalars, or of vectors."""
        return self._reader._folded(list(values), lambda a, b: a + b)

    def multiplied(self, values: Sequence[Elements]) -> Elements:
        """Return the product of scalars."""
        return self._reader._folded(list(values), lambda a, b: a * b)

    def scaled(self, number: Elements, vector: Elements) -> Elements:
        """Return a vector times a number."""
        return self._reader._times(number, vector)

    def over(self, term: Reduce, value: Elements, *, vector: bool) -> Elements:
        """Return the mean or the sum that a term is, of other values than its body's."""
        return self._reader._mean_or_sum(term.kind, term.index, value, term.weights)

    def summed(self, index: Index, value: Elements, *, vector: bool) -> Elements:
        """Return the sum over an index."""
        return self._reader._mean_or_sum(Reduction.SUM, index, value, None)

    def along(self, one: Elements, other: Elements) -> Elements:
        """Return inner products."""
        products = self._reader._folded([one, other], lambda a, b: a * b)
        return self._reader._along(products.value, -1, products.axes, self._reader._total)

    def size(self, vector: Elements) -> Elements:
        """Return the sum of a vector's coordinates' magnitudes."""
        return self._reader._along(np.absolute(vector.value), -1, vector.axes, self._reader._total)

    def powered(self, value: Elements, exponent: Fraction) -> Elements:
        """Return a power."""
        raised = [self._reader._raised(number, exponent) for number in value.value.flat]
        return self._reader._scalars(raised, value.axes, value.value.shape[1:])

    def counted(self, index: Index, axes: Sequence[Index]) -> npt.NDArray[np.bool_]:
        """Return where an index has a value."""
        at = 1 + list(axes).index(index)
        shape = [self._reader.extent(index) if place == at else 1 for place in range(1 + len(axes))]
        allowed = self._triple.ranges.allowed(index)
        if allowed is None:
            return np.ones(shape, dtype=bool)
        mask, own = allowed
        wanted = [axis for axis in axes if axis in own]
        mask = mask.transpose([own.index(axis) for axis in wanted])
        found: npt.NDArray[np.bool_] = mask[(None, *(slice(None) if axis in own else None for axis in axes))]
        return found

    def ratios(self, weights: Weights, at: int, ndim: int) -> npt.NDArray[np.float64]:
        """Return about what weights are, along an axis."""
        found = np.array([nearest_float(ratio) for ratio in self._triple.ratios(weights)])
        return found.reshape([-1 if place == at else 1 for place in range(ndim)])


def _order(axes: Sequence[Index], ndim: int) -> list[int]:
    ordered = sorted(axes, key=lambda index: index.symbol)
    return [0, *(1 + ordered.index(axis) for axis in axes), *range(1 + len(axes), ndim)]


def _exponent(triple: Triple) -> int:
    exponent: int = exact._exponent_of(triple.floats.values())
    return exponent


def _length(triple: Triple) -> fmpq:
    """Return what is 1 in the solver's units, in the units that points are whole numbers in."""
    exponent = _exponent(triple) - triple.exponent
    return fmpq(1 << exponent) if exponent >= 0 else fmpq(1, 1 << -exponent)


def _rationals(numbers: Array) -> Array:
    found: Array = np.frompyfunc(lambda number: rational_of_float(number), 1, 1)(numbers)
    return np.asarray(found, dtype=object)
