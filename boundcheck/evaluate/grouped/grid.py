"""The reader of a term on every triple with one anchor at once."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from boundcheck.evaluate import rounding
from boundcheck.evaluate.enclosed import outward_arrays
from boundcheck.evaluate.readers.numeric import Named, NumericReader
from boundcheck.evaluate.readers.ranges import Axes, union
from boundcheck.kernels import grids
from boundcheck.language import (
    Add,
    Collection,
    Index,
    Parameter,
    Reduce,
    Reduction,
    Scalar,
    Term,
    Transport,
    Weights,
    rewrite,
)
from boundcheck.language.functions import LOG

if TYPE_CHECKING:
    pass
from boundcheck.evaluate.grouped.collections import Grouped, Rows, reader_of
from boundcheck.evaluate.grouped.terms import (
    Row,
    collections_of,
    has_parameters,
    is_about_pairs,
    is_closed,
    is_distance_of_centroids,
    row_of,
    splits,
    squares_of,
)

__all__ = ["GridReader", "Pairs"]

_PAIRS_AT_ONCE = 256

# Numbers of an array over pairs of collections and coordinates or points: little enough for a cache.
_NUMBERS_AT_ONCE = 1 << 18


class _Axis(Index):
    """An axis of collections instead of points. Axes are ordered by their symbols: these come before any letter."""

    def __post_init__(self) -> None:
        """Take any symbol."""


POSITIVES = _Axis("\x01", ())

NEGATIVES = _Axis("\x02", ())


class Pairs:
    """Closed terms about an anchor and another collection, found for several anchors at once, which share them.

    Parameters
    ----------
    grouped
        All collections.
    anchors, positives, negatives
        Positions in ascending order; the anchors are of one size.
    roles
        The collections that a bound calls so: x, z and w.
    rows
        The reductions of the rows of the anchors and the positives, if terms are read from them.
    """

    def __init__(
        self,
        grouped: Grouped,
        anchors: Int[np.ndarray, " X"],
        positives: Int[np.ndarray, " Z"],
        negatives: Int[np.ndarray, " W"],
        roles: Sequence[Collection],
        rows: Rows | None = None,
    ) -> None:
        x, z, w = self._roles = tuple(roles)
        self._grouped, self._rows = grouped, rows
        self._positions = {x: anchors, z: positives, w: negatives}
        self._found: dict[Term, tuple[Tensor, Tensor]] = {}
        self._still: dict[Any, Any] = {}

    def still(self, positives: Int[np.ndarray, " Z"], negatives: Int[np.ndarray, " W"]) -> dict[Any, Any] | None:
        """Return what was found of these positives and negatives without an anchor; None where they are some of all."""
        _, z, w = self._roles
        same = positives is self._positions[z] and negatives is self._positions[w]
        return self._still if same else None

    def find(
        self, reader: type[GridReader], term: Scalar, anchor: int, other: Collection, positions: Int[np.ndarray, " b"]
    ) -> tuple[Tensor, Tensor]:
        """Return a term of an anchor with each of some collections, and bounds on the errors: shape (b,) each."""
        if term not in self._found:
            # The same whatever the size of the third collections.
            known = {} if self._rows is None else self._rows.of_pairs
            ends = (self._positions[one].tobytes() for one in (self._roles[0], other))
            key = (reader, term, *ends)
            if key not in known:
                known[key] = self._read(reader, term, other)
            self._found[term] = known[key]
        value, error = self._found[term]
        row = int(np.searchsorted(self._positions[self._roles[0]], anchor))
        if positions is self._positions[other]:
            return value[row], error[row]
        where = torch.from_numpy(np.searchsorted(self._positions[other], positions))
        return value[row][where], error[row][where]

    def _read(self, reader: type[GridReader], term: Scalar, other: Collection) -> tuple[Tensor, Tensor]:
        x, z, w = self._roles
        anchors, others, third = self._positions[x], self._positions[other], w if other == z else z
        sizes = self._grouped.sizes[others]
        value, error = (self._grouped.points.new_empty(len(anchors), len(others)) for _ in range(2))
        for size in np.unique(sizes):
            where = np.flatnonzero(sizes == size)
            if isinstance(term, Transport) and reader.measures and np.array_equal(anchors, others[where]):
                found = self._both_ways(term, anchors)
            else:
                found = self._one_way(reader, term, others[where], (third, x, other))
            for table, part in zip((value, error), found, strict=True):
                table[:, torch.from_numpy(where)] = part
        return value, error

    def _one_way(
        self, reader: type[GridReader], term: Scalar, others: Int[np.ndarray, " b"], roles: Sequence[Collection]
    ) -> tuple[Tensor, Tensor]:
        """Return a term of every anchor with each of some collections of one size; the first role is not in it."""
        third, x, _ = roles
        anchors, size = self._positions[x], self._grouped.size(others)
        # What is said of centroids alone is a number for each pair.
        longest = max(self._grouped.size(anchors), size, self._grouped.points.shape[1]) if reader.measures else 1
        at_once = max(1, _NUMBERS_AT_ONCE // max(1, len(others) * longest))
        # Any collection will do for the third.
        alone = int(self._positions[third][0])
        values, errors = [], []
        for start in range(0, len(anchors), at_once):
            some = anchors[start : start + at_once]
            inner = reader(self._grouped, alone, some, others, roles, self._rows, back=self._roles[2])
            named = inner.scalar(term)
            values.append(named.value.reshape(len(some), -1))
            errors.append(named.known_error.reshape(len(some), -1))
        return torch.cat(values), torch.cat(errors)

    def _both_ways(self, term: Scalar, positions: Int[np.ndarray, " X"]) -> tuple[Tensor, Tensor]:
        """Return a distance of collections that is the same both ways: of two different ones once, of one and itself 0."""
        value, error = (self._grouped.points.new_zeros(len(positions), len(positions)) for _ in range(2))
        first, second = np.triu_indices(len(positions), 1)
        if len(first):
            a, b = term.a, term.b  # type: ignore[attr-defined]
            for start in range(0, len(first), _PAIRS_AT_ONCE):
                some = slice(start, start + _PAIRS_AT_ONCE)
                ends = {a: positions[first[some]], b: positions[second[some]]}
                points = {one: self._grouped.members(of) for one, of in ends.items()}
                named = reader_of(points, self._grouped.p, self._grouped.exponent, term).read(term)
                for table, part in ((value, named.value), (error, named.known_error)):
                    table[first[some], second[some]] = part
                    table[second[some], first[some]] = part
        return value, error


class GridReader(NumericReader):
    """Evaluates terms on every triple of one anchor, some positives and some negatives.

    Parameters
    ----------
    grouped
        All collections.
    anchor, positives, negatives
        Positions. Where they are of several sizes, a term that needs a size, or a row for each of their points, raises
        :class:`.SizesDifferError`.
    roles
        The collections that a bound calls so: x, z and w.
    rows
        The reductions of the rows of the anchor and the positives.
    pairs
        Where other anchors' readers look up terms about an anchor and another collection too.
    back
        The collection whose own rows are not among those of `rows`; the negatives if None.

    A value that :meth:`scalar` returns has one entry a triple, the negatives of the first positive first.
    """

    #: Whether distances of points are measured; else what is said of them follows from centroids.
    measures = True

    def __init__(
        self,
        grouped: Grouped,
        anchor: int,
        positives: Int[np.ndarray, " Z"],
        negatives: Int[np.ndarray, " W"],
        roles: Sequence[Collection],
        rows: Rows | None = None,
        pairs: Pairs | None = None,
        *,
        back: Collection | None = None,
    ) -> None:
        x, z, w = roles
        super().__init__({x: grouped.members(np.array([anchor]))}, grouped.p, errors=True, exponent=grouped.exponent)
        self._grouped, self._rows, self._pairs = grouped, rows, pairs
        self._anchor, self._back = x, w if back is None else back
        self._positions = {x: np.array([anchor]), z: positives, w: negatives}
        self._axes_of: dict[Collection, Axes] = {x: (), z: (POSITIVES,), w: (NEGATIVES,)}
        self._grid = len(positives), len(negatives)
        # Of terms without parameters.
        self._shared: dict[Term, Named] = {}
        still = None if pairs is None else pairs.still(positives, negatives)
        # Of what the anchor is not in, other anchors' readers have the same.
        self._still: dict[Any, Any] = {} if still is None else still
        self._own: dict[Any, Any] = {}

    def size(self, collection: Collection) -> int:
        """Return the number of points of a collection.

        Raises
        ------
        SizesDifferError
            If not all of them have as many.
        """
        return self._grouped.size(self._positions[collection])

    @property
    def shape(self) -> tuple[int, int]:
        """How many positives and negatives there are."""
        return self._grid

    @property
    def sizes(self) -> tuple[int | None, ...]:
        """How many points the anchor, a positive and a negative have, None where not all have as many."""
        found = (self._grouped.sizes[positions] for positions in self._positions.values())
        return tuple(int(sizes[0]) if (sizes == sizes[0]).all() else None for sizes in found)

    def scalar(self, term: Scalar) -> Named:
        """Return the values of a closed scalar term, one a triple."""
        named = self._evaluate(rewrite(term))
        value, error = (self._flat(part, named.axes) for part in (named.value, named.known_error))
        return Named(value, error, ())

    def ends(self, term: Scalar) -> tuple[Float[np.ndarray, "Z W"], Float[np.ndarray, "Z W"]]:
        """Return what a closed term is not below and not above; of length one where it does not vary."""
        named = self._evaluate(rewrite(term))
        value, error = (
            spread(part, named.axes, (POSITIVES, NEGATIVES)).numpy() for part in (named.value, named.known_error)
        )
        return outward_arrays(value, error)

    def bind(self, parameter: Parameter, value: Named) -> None:
        """Give a parameter its value, one a triple."""
        shape = (1, *self._grid)
        error = value.known_error.reshape(shape)
        self._cache[parameter] = Named(value.value.reshape(shape), error, (POSITIVES, NEGATIVES))

    def anew(self) -> GridReader:
        """Return a reader of the same triples without parameters; what does not depend on them is kept."""
        reader = copy.copy(self)
        reader._cache = {}
        return reader

    def _flat(self, tensor: Tensor, axes: Axes) -> Tensor:
        for place, axis in ((1, POSITIVES), (2, NEGATIVES)):
            if axis not in axes:
                tensor = tensor.unsqueeze(place)
        return tensor.expand(1, *self._grid).reshape(-1)

    def _evaluate(self, term: Term) -> Named:
        if has_parameters(term):
            if term not in self._cache:
                self._cache[term] = self._compute(term)
            return self._cache[term]
        if term not in self._shared:
            self._shared[term] = cast(Named, self.kept((type(self), term), term, lambda: self._compute(term)))
        return self._shared[term]

    def kept(self, key: Any, term: Term, find: Callable[[], Any]) -> Any:
        """Return what is found of a term, once for this grid; of one without the anchor, once for all anchors' grids."""
        known = self._own if self._anchor in collections_of(term) else self._still
        if key not in known:
            known[key] = find()
        return known[key]

    def _compute(self, term: Term) -> Named:
        about = collections_of(term)
        if is_closed(term) and len(about) == 1:
            return self._alone(term, *about)
        if self._rows is not None and len(about) == 2 and is_distance_of_centroids(term):
            return self._centroids_apart(*sorted(about, key=list(self._positions).index))
        if self._pairs is not None and isinstance(term, Scalar) and is_about_pairs(term, self._anchor):
            (other,) = about - {self._anchor}
            anchor = int(self._positions[self._anchor][0])
            value, error = self._pairs.find(type(self), term, anchor, other, self._positions[other])
            return Named(value.unsqueeze(0), error.unsqueeze(0), self._axes_of[other])
        if is_closed(term) and len(about) == 2 and not splits(term):
            return self._of_pairs(term, *sorted(about, key=list(self._positions).index))
        return super()._compute(term)

    def _ratios(self, weights: Weights, at: int, ndim: int) -> Tensor:
        # Every aggregator here is the mean.
        return self._zeros.new_full([1] * ndim, 1.0 / self.size(weights.collection))

    def _alone(self, term: Term, collection: Collection) -> Named:
        value, error = self._grouped.alone(term, collection)
        positions = torch.from_numpy(self._positions[collection])
        axes = self._axes_of[collection]
        if axes:
            return Named(value[positions].unsqueeze(0), error[positions].unsqueeze(0), axes)
        return Named(value[positions], error[positions], axes)

    def _of_pairs(self, term: Term, a: Collection, b: Collection) -> Named:
        """Return a term on every pair of two collections, a batch of pairs at a time."""
        first, second = np.meshgrid(self._positions[a], self._positions[b], indexing="ij")
        axes = union([self._axes_of[a], self._axes_of[b]])
        value: Tensor | None = None
        error: Tensor | None = None
        for some in self._of_one_size(first.ravel(), second.ravel()):
            points = {a: self._grouped.members(first.ravel()[some]), b: self._grouped.members(second.ravel()[some])}
            named = reader_of(points, self.p, self._exponent, term).read(term)
            if value is None or error is None:
                value = named.value.new_empty((first.size, *named.value.shape[1:]))
                error = torch.empty_like(value)
            where = torch.from_numpy(some)
            value[where], error[where] = named.value, named.known_error
        assert value is not None
        assert error is not None
        shape = (1, *self._lengths(axes), *value.shape[1:])
        return Named(value.reshape(shape), error.reshape(shape), axes)

    def _of_one_size(
        self, first: Int[np.ndarray, " b"], second: Int[np.ndarray, " b"]
    ) -> Iterator[Int[np.ndarray, " c"]]:
        """Yield places of pairs of collections, each time of two sizes, so many at once that they fit in memory."""
        sizes = np.stack([self._grouped.sizes[first], self._grouped.sizes[second]])
        kinds, of = np.unique(sizes, axis=1, return_inverse=True)
        for kind in range(kinds.shape[1]):
            places = np.flatnonzero(of.ravel() == kind)
            for start in range(0, len(places), _PAIRS_AT_ONCE):
                yield places[start : start + _PAIRS_AT_ONCE]

    def _centroids_apart(self, a: Collection, b: Collection) -> Named:
        """Return the distances of two collections' centroids."""
        assert self._rows is not None
        axes = union([self._axes_of[a], self._axes_of[b]])
        own = torch.from_numpy(self._rows.place(self._positions[a]))
        where = torch.from_numpy(self._positions[b])
        shape = (1, *self._lengths(axes))
        value, error = (part[own][:, where].reshape(shape) for part in self._rows.centroids())
        return Named(value, error, axes)

    def _lengths(self, axes: Axes) -> list[int]:
        """Return how many positives or negatives there are, for those of the axes that are of them."""
        lengths = dict(zip((POSITIVES, NEGATIVES), self._grid, strict=True))
        return [lengths[axis] for axis in axes if axis in lengths]

    def _row(self, row: Row) -> Named:
        """Return a reduction that a kernel has found; its errors have one entry for all points of a collection."""
        rows, over = self._positions[row.rows], self._positions[row.over]
        axes = union([self._axes_of[row.rows] + (row.index,), self._axes_of[row.over] + (row.index,)])
        shape = (1, *self._lengths(axes))
        if row.rows == row.over:
            table, off = self._grouped.within(row.kind)
            value = table[torch.from_numpy(self._grouped.rows(rows))]
            return Named(value.reshape(*shape, -1), off[torch.from_numpy(rows)].reshape(*shape, 1), axes)
        assert self._rows is not None
        if row.rows == self._back:
            table, off = self._rows.back(row.kind)
            at, where = self._rows.place(over), self._grouped.rows(rows)
            error = off[torch.from_numpy(at)][:, torch.from_numpy(rows)]
        else:
            table, off = self._rows.forth(row.kind)
            at, where = self._rows.over(over), self._rows.of(rows)
            error = off[torch.from_numpy(at)].unsqueeze(1).expand(-1, len(rows))
        value = _picked(table, at, where.ravel()).reshape(len(over), *where.shape)
        if (self._axes_of[row.rows], self._axes_of[row.over]) == ((POSITIVES,), (NEGATIVES,)):
            # Positives come before negatives.
            value, error = value.transpose(0, 1), error.transpose(0, 1)
        return Named(value.reshape(*shape, -1), error.reshape(*shape, 1), axes)

    def _reduce(self, term: Reduce) -> Named:
        row = row_of(term)
        if row is not None:
            return self._row(row)
        if term.kind in (Reduction.MAX, Reduction.MIN) and isinstance(term.body, Add):
            return self._extreme_of_sums(term, [self._evaluate(part) for part in term.body.terms])
        bodies = squares_of(term)
        if bodies is not None:
            return self._mean_of_squares(bodies)
        return self._reduced(term, self._evaluate(term.body))

    def _reduced(self, term: Reduce, body: Named) -> Named:
        if term.index not in body.axes:
            # What is known is the same for every value of the index.
            if term.kind not in (Reduction.SUM, Reduction.LOG_SUM_EXP):
                return body
            size = self._constant(Fraction(self.size(term.index.collections[0])))
            # log(n·eᵛ) = v + log n.
            return (
                self._multiply([body, size])
                if term.kind is Reduction.SUM
                else self._add([body, self._applied(LOG, size)])
            )
        return self._over(term, Named(body.value, body.known_error.expand_as(body.value), body.axes))

    def _extreme_of_sums(self, term: Reduce, parts: list[Named]) -> Named:
        """Return the largest (or smallest) of sums without their table over positives, negatives and points."""
        full = (POSITIVES, NEGATIVES, term.index)
        if any(term.index not in part.axes or set(part.axes) - set(full) for part in parts):
            return self._reduced(term, self._add(parts))
        while len(parts) > 2:
            # Those of fewest entries first: their sum has the fewest.
            parts.sort(key=lambda part: part.value.numel())
            parts = [self._add(parts[:2]), *parts[2:]]
        one, other = (spread(part.value, part.axes, full).numpy() for part in parts)
        value = torch.from_numpy(grids.extreme_of_sums(one, other, largest=term.kind is Reduction.MAX))
        carried = [spread(part.known_error, part.axes, full).amax(dim=-1) for part in parts]
        error = error_of_extreme(value, *carried)
        return _gathered(value, error, union(part.axes for part in parts), (term.index,))

    def _mean_of_squares(self, bodies: Sequence[tuple[Scalar, Index]]) -> Named:
        """Return mean over i of a_i², or over i and j of min{a_i, b_j}²: numbers that are stored nowhere."""
        sums = [self._shifted(body, index) for body, index in bodies]
        axes = union(axes for _, _, axes in sums)
        given = [part.numpy() for values, _, _ in sums for part in values]
        kernel = grids.mean_square if len(sums) == 1 else grids.mean_square_of_smaller
        value = torch.from_numpy(kernel(*given))
        off = sums[0][1]
        for _, other, _ in sums[1:]:
            off = torch.maximum(off, other)
        count = 1
        for _, index in bodies:
            count *= self.size(index.collections[0])
        # Torch's roots of float64 are not all the nearest floats: NumPy's, and those of compiled loops, are.
        root = torch.from_numpy(np.sqrt(value.numpy()))
        error = error_of_mean_square(value, root, off, count)
        return _gathered(value, error, axes, tuple(index for _, index in bodies))

    def _shifted(self, body: Scalar, index: Index) -> tuple[tuple[Tensor, Tensor], Tensor, Axes]:
        """Return a and b_i of a body that is a + b_i, and what their sum is off by, the sum's own rounding included."""
        terms = body.terms if isinstance(body, Add) else (body,)
        still = [self._evaluate(part) for part in terms if index not in part.free()]
        moving = self._sum([self._evaluate(part) for part in terms if index in part.free()])
        start = self._sum(still) if still else self._constant(Fraction(0))
        full = (POSITIVES, NEGATIVES, index)
        a, a_error = (spread(part, start.axes, full[:2]) for part in (start.value, start.known_error))
        b, b_error = (spread(part, moving.axes, full) for part in (moving.value, moving.known_error))
        off = error_of_shifted(a, a_error, b.abs().amax(dim=-1), b_error.amax(dim=-1))
        return (a, b), off, union([start.axes, moving.axes])

    def _multiply(self, parts: list[Named]) -> Named:
        factor, *others = parts
        if factor.value.numel() > 1 or bool(factor.known_error.any()) or len(others) != 1:
            return super()._multiply(parts)
        # One exact number times a large table: what its error adds need not be computed to be nothing.
        (value, table), (_, error), axes = self._aligned(parts)
        return Named(value * table, rounding.product_of_exact(value, table, error), axes)

    def _sum(self, parts: list[Named]) -> Named:
        return parts[0] if len(parts) == 1 else self._add(parts)


def error_of_extreme(value: Tensor, one: Tensor, other: Tensor) -> Tensor:
    """Return the error of the largest or smallest sum of two numbers, from what each kind is off by.

    Rounding is monotone: what is found is the exact extreme of the values as they stand, rounded once.
    """
    return rounding.inflate(one + other + rounding.U * abs(value))


def error_of_shifted(shift: Tensor, shift_error: Tensor, most: Tensor, error: Tensor) -> Tensor:
    """Return the error of a number plus any of several that are at most so large, and off by at most so much."""
    return rounding.inflate(shift_error + error + 2 * rounding.U * (abs(shift) + most))


def error_of_mean_square(value: Tensor, root: Tensor, off: Tensor, count: int) -> Tensor:
    """Return the error of the mean of so many squares of numbers that are off by at most `off`, from it and its root."""
    # |s² − t²| ≤ (2|s| + e)·e for |s − t| ≤ e, and the mean of |s| is at most the root of the mean of s².
    carried = off * (2 * root * (1 + 1e-9) + off) + 2.0**-500 * off
    return rounding.inflate(rounding.inflate(carried) + rounding.total(value, count + 4))


def _picked(
    table: Float[Tensor, "a b"], rows: Int[np.ndarray, " r"], columns: Int[np.ndarray, " c"]
) -> Float[Tensor, "r c"]:
    """Return some rows and columns of a table, the fewer first: what is picked first is a copy, unless it is a run."""
    across, down = _run(columns), _run(rows)
    if isinstance(across, slice) or len(columns) * table.shape[0] <= len(rows) * table.shape[1]:
        return table[:, across][down]
    return table[down][:, across]


def _run(positions: Int[np.ndarray, " b"]) -> slice | Int[Tensor, " b"]:
    """Return positions as a slice if they are one after the other."""
    first, count = int(positions[0]), len(positions)
    if int(positions[-1]) - first + 1 == count and bool((np.diff(positions) == 1).all()):
        return slice(first, first + count)
    return torch.from_numpy(positions)


def spread(tensor: Tensor, axes: Axes, wanted: Axes) -> Tensor:
    """Return an array over the wanted axes, of length one where it does not vary; the batch of one is dropped."""
    tensor = tensor[0]
    for place, axis in enumerate(wanted):
        if axis not in axes:
            tensor = tensor.unsqueeze(place)
    return tensor


def _gathered(value: Tensor, error: Tensor, axes: Axes, gone: Axes) -> Named:
    """Return an array over positives and negatives, of length one where it does not vary, with its axes named."""
    error = error.expand_as(value)
    left = tuple(axis for axis in axes if axis not in gone)
    for place, axis in ((1, NEGATIVES), (0, POSITIVES)):
        if axis not in left:
            value, error = value.squeeze(place), error.squeeze(place)
    return Named(value.unsqueeze(0), error.unsqueeze(0), left)
