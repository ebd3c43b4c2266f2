"""The reader of a grid from centroids and radii alone."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from boundcheck.evaluate import rounding
from boundcheck.evaluate.grouped.grid import GridReader
from boundcheck.evaluate.grouped.terms import Row, distance_of_centroids, row_of
from boundcheck.evaluate.readers.numeric import Named
from boundcheck.evaluate.readers.ranges import Axes, union
from boundcheck.language import Add, Collection, Reduce, Reduction, Scalar, Term, Transport, mean, rewrite
from boundcheck.language.kept import kept

__all__ = ["CentroidReader"]


class CentroidReader(GridReader):
    """Reads the same terms from centroids and radii: enclosures that are wide, and cost a distance for each pair."""

    measures = False

    def _choose(self, choose: Callable[[Tensor, Tensor], Tensor], parts: list[Named]) -> Named:
        # By the ends: the error of a wide one is none of the others'.
        values, errors, axes = self._aligned(parts)
        ends = [(value - error, value + error) for value, error in zip(values, errors, strict=True)]
        low, high = ends[0]
        for other_low, other_high in ends[1:]:
            low, high = choose(low, other_low), choose(high, other_high)
        return _between(low, high, axes)

    def _reduce(self, term: Reduce) -> Named:
        found = super()._reduce(term)
        row = row_of(term.body) if isinstance(term.body, Reduce) and term.weights is None else None
        if row is None or row.index != term.index or row.rows == row.over:
            return found
        # The mean of all distances is at least that of the means, and at most their root mean square.
        kinds = {term.kind, row.kind}
        apart = self._evaluate(distance_of_centroids(row.rows, row.over))
        low, high = found.value - found.known_error, found.value + found.known_error
        if kinds <= {Reduction.MAX, Reduction.MEAN}:
            least = apart.value - apart.known_error
            if kinds == {Reduction.MAX} and self.p == 2:
                least = self._root_mean_square(row, apart)[0]
            low = torch.maximum(low, least)
        if kinds <= {Reduction.MIN, Reduction.MEAN} and self.p == 2:
            high = torch.minimum(high, self._root_mean_square(row, apart)[1])
        return _between(low, high, found.axes)

    def _root_mean_square(self, row: Row, apart: Named) -> tuple[Tensor, Tensor]:
        """Return what encloses the root mean square of all distances.

        Its square is the square of the centroids' distance and both variances.
        """
        low, high = (apart.value - apart.known_error).clamp(min=0), apart.value + apart.known_error
        least, most = (self._of_each(ends, row, apart.axes) for ends in self._grouped.spreads())
        for of_low, of_high in zip(least, most, strict=True):
            low, high = torch.hypot(low, of_low), torch.hypot(high, of_high)
        return low * (1 - 16 * rounding.U), rounding.inflate(high * (1 + 16 * rounding.U))

    def _extreme_of_sums(self, term: Reduce, parts: list[Named]) -> Named:
        found = super()._extreme_of_sums(term, parts)
        # The largest is at least the mean, the smallest at most: and of a mean, more is known.
        means = self._sum([self._evaluate(part) for part in _means_of(term)])
        (value, middle), (error, off), axes = self._aligned([found, means])
        low, high = value - error, value + error
        if term.kind is Reduction.MAX:
            return _between(torch.maximum(low, middle - off), high, axes)
        return _between(low, torch.minimum(high, middle + off), axes)

    def _row(self, row: Row) -> Named:
        if row.rows == row.over:
            # Of each collection alone, which costs no pair.
            return super()._row(row)
        apart, reach, own = self._apart_and_reach(row)
        least = apart.value - (reach if row.kind is Reduction.MIN else own)
        return _between(least.clamp(min=0), apart.value + reach, apart.axes)

    def _of_pairs(self, term: Term, a: Collection, b: Collection) -> Named:
        if isinstance(term, Transport):
            apart, reach, _ = self._apart_and_reach(Row(Reduction.MEAN, a, b, a.each))
            return _between(apart.value - apart.known_error, apart.value + reach, apart.axes)
        axes = union([self._axes_of[a], self._axes_of[b]])
        nothing = self._zeros.reshape([1] * (len(axes) + 1)).expand(1, *self._lengths(axes))
        return Named(nothing, torch.full_like(nothing, torch.inf), axes)

    def _apart_and_reach(self, row: Row) -> tuple[Named, Tensor, Tensor]:
        """Return the centroids' distance, the sum of both radii and that of the rows' collection, errors included."""
        apart = self._evaluate(distance_of_centroids(row.rows, row.over))
        radius, other = self._of_each(self._grouped.radii(), row, apart.axes)
        return apart, rounding.inflate(radius + other + apart.known_error), rounding.inflate(radius + apart.known_error)

    def _of_each(self, of_collections: Tensor, row: Row, axes: Axes) -> list[Tensor]:
        """Return a number of each collection for the rows' collections and for those reduced over, to go with axes."""
        found = []
        for collection in (row.rows, row.over):
            own = of_collections[torch.from_numpy(self._positions[collection])]
            own_axes = self._axes_of[collection]
            found.append(_broadcast_to(Named(own.unsqueeze(0) if own_axes else own, own, own_axes), axes))
        return found


@kept
def _means_of(term: Reduce) -> tuple[Scalar, ...]:
    """Return the mean over a reduction's index of each part of the sum that it is of."""
    assert isinstance(term.body, Add)
    return tuple(rewrite(mean(term.index, part)) for part in term.body.terms)


def _broadcast_to(named: Named, axes: Axes) -> Tensor:
    tensor = named.value
    for place, axis in enumerate(axes):
        if axis not in named.axes:
            tensor = tensor.unsqueeze(1 + place)
    return tensor


def _between(low: Tensor, high: Tensor, axes: Axes) -> Named:
    """Return the enclosure with these ends, which are computed to within a few roundings."""
    value = (low + high) / 2
    return Named(value, rounding.inflate((high - low) / 2 + 4 * rounding.U * (low.abs() + high.abs())), axes)
