"""The grid reader: a term on every triple with one anchor at once, from reductions that each cost one pass over the data.

The positives and the negatives of a triple are two more axes of a value. Whatever a term says of one collection alone
(a centroid, a variance) is computed once for each; a row's largest, smallest and mean distance to each collection comes
from a kernel; what a term says of two collections otherwise (a transport distance) is computed once a pair. The rest of
a term is broadcasting: the least m of all triples with one anchor is the product of two tables with max for the sum
and + for the product.

:class:`CentroidReader` reads the same terms from centroids and radii alone: a distance of two collections' points is
within both radii of their centroids' distance, and their mean and largest distance are at least that. Its enclosures
are wide, and cost C² distances where the others cost N².
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from boundcheck.errors import TermError, explain
from boundcheck.evaluate import rounding
from boundcheck.evaluate.judge import parameter_of
from boundcheck.evaluate.readers.numeric import Axes, Named, NumericReader, union
from boundcheck.kernels import grids
from boundcheck.language import (
    Add,
    Bound,
    Collection,
    Combination,
    Constant,
    Dimension,
    ForAll,
    Image,
    Index,
    Norm,
    Parameter,
    Point,
    Power,
    Reduce,
    Reduction,
    Scalar,
    Size,
    Smallest,
    Term,
    Transport,
    Weights,
    another,
    mean,
    rewrite,
    variance,
    w,
    x,
)

if TYPE_CHECKING:
    from boundcheck.kernels.row_tables import RowTables

__all__ = ["CentroidReader", "GridReader", "Grouped", "Pairs", "Rows", "require_readable", "row_reductions"]

_KINDS = {Reduction.MAX: "max", Reduction.MIN: "min", Reduction.MEAN: "mean"}
_PAIRS_AT_ONCE = 256
# Numbers of an array over pairs of collections and coordinates or points: little enough for a cache.
_NUMBERS_AT_ONCE = 1 << 18
_LENGTH = Norm(x[x.each])


class _Axis(Index):
    """An axis of collections instead of points. Axes are ordered by their symbols: these come before any letter."""

    def __post_init__(self) -> None:
        """Take any symbol."""


_POSITIVES = _Axis("\x01", ())
_NEGATIVES = _Axis("\x02", ())


class Grouped:
    """Points in collections, and what a term says of each collection alone.

    Parameters
    ----------
    points
        Those of the first collection, then those of the second, and so on: float64, finite, shape (N, d).
    starts
        Where each collection begins, and the end, shape (C + 1,).
    p
        Of the norm.
    """

    def __init__(self, points: Float[Tensor, "N d"], starts: Int[np.ndarray, " C1"], p: float) -> None:
        self.points, self.starts, self.p = points, starts, p
        self.sizes = np.diff(starts)
        # Not points.abs(), which would be a copy.
        ends = torch.stack(torch.aminmax(points)) if points.numel() else points.new_zeros(2)
        self.exponent = torch.frexp(ends.abs().amax())[1].to(torch.int64).reshape(1)
        self._alone: dict[Term, tuple[Tensor, Tensor]] = {}
        self._tables: RowTables | None = None
        self._radii: Tensor | None = None
        self._spreads: tuple[Tensor, Tensor] | None = None
        self._centroids: tuple[Grouped, Tensor] | None = None
        self._lock = threading.RLock()

    def __len__(self) -> int:
        return len(self.sizes)

    def rows(self, positions: Int[np.ndarray, " b"]) -> Int[np.ndarray, "b n"]:
        """Return where the points of collections of one size are."""
        found: Int[np.ndarray, "b n"] = self.starts[:-1][positions][:, None] + np.arange(self.sizes[positions[0]])
        return found

    def members(self, positions: Int[np.ndarray, " b"]) -> Float[Tensor, "b n d"]:
        """Return the points of collections of one size."""
        return self.points[torch.from_numpy(self.rows(positions))]

    def alone(self, term: Term, collection: Collection) -> tuple[Tensor, Tensor]:
        """Return a closed term about one collection on each of them, and a bound on its error: shape (C,) or (C, d)."""
        with self._lock:
            if term not in self._alone:
                self._alone[term] = self._read_alone(term, collection)
            return self._alone[term]

    def reductions(
        self, rows: Int[np.ndarray, " r"], collections: Int[np.ndarray, " c"], names: tuple[str, ...]
    ) -> dict[str, tuple[Float[np.ndarray, "c r"], Float[np.ndarray, "c r"]]]:
        """Return reductions of some rows' distances to each of some collections, and bounds on their errors."""
        if self.p == 2 and self.points.shape[1]:
            with self._lock:
                if self._tables is None:
                    # Loads the compiler.
                    from boundcheck.kernels.row_tables import RowTables

                    self._tables = RowTables(self.points, self.starts)
            return self._tables.find(rows, collections, names)
        return {name: self._row_by_row(rows, collections, kind) for kind, name in _KINDS.items() if name in names}

    def _row_by_row(
        self, rows: Int[np.ndarray, " r"], collections: Int[np.ndarray, " c"], kind: Reduction
    ) -> tuple[Float[np.ndarray, "c r"], Float[np.ndarray, "c r"]]:
        """Return one of them in any norm, by differences."""
        term = Reduce(kind, w.each, Norm(x[x.each] - w[w.each]))
        value, error = (np.empty((len(collections), len(rows))) for _ in range(2))
        own = self.points[torch.from_numpy(rows)].unsqueeze(0)
        for size in np.unique(self.sizes[collections]):
            of_size = np.flatnonzero(self.sizes[collections] == size)
            at_once = max(1, (1 << 22) // max(1, int(size) * len(rows)))
            for start in range(0, len(of_size), at_once):
                some = of_size[start : start + at_once]
                points = {x: own.expand(len(some), -1, -1), w: self.members(collections[some])}
                named = _reader(points, self.p, self.exponent, term).read(term)
                value[some], error[some] = named.value.numpy(), named.known_error.numpy()
        return value, error

    def radii(self) -> Tensor:
        """Return what no point of a collection is farther from its centroid than, shape (C,)."""
        with self._lock:
            if self._radii is None:
                value, error = self.alone(Reduce(Reduction.MAX, x.each, Norm(x[x.each] - mean(x))), x)
                self._radii = rounding.inflate(value + error)
            return self._radii

    def spreads(self) -> tuple[Tensor, Tensor]:
        """Return what encloses the root mean square distance of a collection's points from its centroid, shape (C,) each."""
        with self._lock:
            if self._spreads is None:
                value, error = self.alone(variance(x), x)
                least = (value - error).clamp(min=0).sqrt() * (1 - 4 * rounding.U)
                most = rounding.inflate((value + error).sqrt() * (1 + 4 * rounding.U))
                # Of squares that overflow, nothing is known.
                self._spreads = torch.nan_to_num(least, nan=0.0, posinf=0.0), torch.nan_to_num(most, nan=torch.inf)
            return self._spreads

    def centroids(self) -> tuple[Grouped, Tensor]:
        """Return centroids, each a collection of one point, and bounds on their distances from the exact ones, shape (C,).

        Both are in the units of a reader's vectors.
        """
        with self._lock:
            if self._centroids is None:
                value, error = self.alone(mean(x), x)
                zeros = error.new_zeros(1)
                off = _reader({x: error.unsqueeze(1)}, self.p, zeros.to(torch.int64), _LENGTH).read(_LENGTH)
                grouped = Grouped(value.contiguous(), np.arange(len(self) + 1), self.p)
                self._centroids = grouped, rounding.inflate(off.value + off.known_error).reshape(-1)
            return self._centroids

    def within(self, kind: Reduction) -> tuple[Float[Tensor, " N"], Float[Tensor, " C"]]:
        """Return each row's reduction of its distances to its own collection, and what those of each are off by."""
        other = another(x)
        term = Reduce(kind, other, Norm(x[x.each] - x[other]))
        with self._lock:
            if term not in self._alone:
                value, error = self.points.new_empty(len(self.points)), self.points.new_empty(len(self))
                for some, points in self._of_one_size():
                    named = _reader({x: points}, self.p, self.exponent, term).read(term)
                    rows = self.starts[:-1][some][:, None] + np.arange(points.shape[1])
                    value[torch.from_numpy(rows)] = named.value
                    error[torch.from_numpy(some)] = named.known_error.amax(dim=1)
                self._alone[term] = value, error
            return self._alone[term]

    def _of_one_size(self) -> Iterator[tuple[Int[np.ndarray, " b"], Float[Tensor, "b n d"]]]:
        """Yield collections of one size and their points, so many at once that pairs of points fit in memory."""
        for size in np.unique(self.sizes):
            of_size = np.flatnonzero(self.sizes == size)
            at_once = max(1, (1 << 22) // max(1, int(size) * max(int(size), self.points.shape[1])))
            for start in range(0, len(of_size), at_once):
                some = of_size[start : start + at_once]
                yield some, self.members(some)

    def _read_alone(self, term: Term, collection: Collection) -> tuple[Tensor, Tensor]:
        value: Tensor | None = None
        error: Tensor | None = None
        for some, points in self._of_one_size():
            named = _reader({collection: points}, self.p, self.exponent, term).read(term)
            if value is None or error is None:
                value = named.value.new_empty((len(self), *named.value.shape[1:]))
                error = torch.empty_like(value)
            where = torch.from_numpy(some)
            value[where], error[where] = named.value, named.known_error
        assert value is not None
        assert error is not None
        return value, error


class Rows:
    """Each row's reductions of its distances to every collection, of the rows of some collections.

    Parameters
    ----------
    grouped
        All collections.
    own
        Which of them the rows belong to.
    over
        Which of them are reduced over; all if None.
    """

    def __init__(self, grouped: Grouped, own: Int[np.ndarray, " c"], over: Int[np.ndarray, " o"] | None = None) -> None:
        self.grouped, self.own = grouped, own
        self._over = np.arange(len(grouped)) if over is None else over
        sizes = grouped.sizes[own]
        self._ends = np.append(0, np.cumsum(sizes))
        self._place = {int(position): k for k, position in enumerate(own)}
        self._rows = np.concatenate([np.arange(grouped.starts[c], grouped.starts[c + 1]) for c in own])
        self._forth: dict[Reduction, tuple[Tensor, Tensor]] = {}
        self._back: dict[Reduction, tuple[Tensor, Tensor]] = {}
        self._centroids: tuple[Tensor, Tensor] | None = None
        self._lock = threading.RLock()

    def prepare(self, forth: Iterable[Reduction], back: Iterable[Reduction]) -> None:
        """Find several reductions in one pass each way."""
        self._find(tuple(kind for kind in _KINDS if kind in set(forth) and kind not in self._forth), back=False)
        self._find(tuple(kind for kind in _KINDS if kind in set(back) and kind not in self._back), back=True)

    def of(self, positions: Int[np.ndarray, " b"]) -> Int[np.ndarray, "b n"]:
        """Return where in the tables the rows of collections of one size are."""
        places = np.array([self._place[int(position)] for position in positions], dtype=np.int64)
        size = int(self.grouped.sizes[positions[0]])
        return self._ends[:-1][places][:, None] + np.arange(size)

    def over(self, positions: Int[np.ndarray, " b"]) -> Int[np.ndarray, " b"]:
        """Return where in the tables collections that are reduced over are."""
        return np.searchsorted(self._over, positions)

    def place(self, positions: Int[np.ndarray, " b"]) -> Int[np.ndarray, " b"]:
        """Return where in the tables some collections are."""
        return np.array([self._place[int(position)] for position in positions], dtype=np.int64)

    def forth(self, kind: Reduction) -> tuple[Float[Tensor, "C R"], Float[Tensor, " C"]]:
        """Return a reduction over each collection for each row, and what those of a collection are off by."""
        with self._lock:
            if kind not in self._forth:
                self._find((kind,), back=False)
            return self._forth[kind]

    def back(self, kind: Reduction) -> tuple[Float[Tensor, "c N"], Float[Tensor, "c C"]]:
        """Return a reduction over each of these collections for every row there is, and the errors by collection."""
        with self._lock:
            if kind not in self._back:
                self._find((kind,), back=True)
            return self._back[kind]

    def centroids(self) -> tuple[Float[Tensor, "c C"], Float[Tensor, "c C"]]:
        """Return the distances of these collections' centroids from all, and bounds on their errors."""
        with self._lock:
            if self._centroids is None:
                grouped, off = self.grouped.centroids()
                everything = np.arange(len(self.grouped))
                value, error = grouped.reductions(self.own, everything, ("max",))["max"]
                carried = off[torch.from_numpy(self.own)].unsqueeze(1) + off
                apart, wide = torch.from_numpy(value.T), torch.from_numpy(error.T) + carried
                # Scalars are in the units of the data, vectors are not.
                apart, wide = (torch.ldexp(part, self.grouped.exponent).contiguous() for part in (apart, wide))
                # What scaling takes below the least normal number is added.
                self._centroids = apart, rounding.inflate(wide + 2.0**-1073)
            return self._centroids

    def _find(self, kinds: tuple[Reduction, ...], *, back: bool) -> None:
        if not kinds:
            return
        grouped, names = self.grouped, tuple(_KINDS[kind] for kind in kinds)
        if back:
            found = grouped.reductions(np.arange(len(grouped.points)), self.own, names)
        else:
            found = grouped.reductions(self._rows, self._over, names)
        for kind, name in zip(kinds, names, strict=True):
            value, error = found[name]
            if back:
                of_collection = np.maximum.reduceat(error, grouped.starts[:-1], axis=1)
                self._back[kind] = torch.from_numpy(value), torch.from_numpy(of_collection)
            else:
                self._forth[kind] = torch.from_numpy(value), torch.from_numpy(error.max(axis=1))


@dataclass(frozen=True)
class _Row:
    """A reduction of the distances of one collection's points to all of another's."""

    kind: Reduction
    rows: Collection
    over: Collection
    index: Index


class Pairs:
    """Closed terms about an anchor and another collection, found for several anchors at once, which share them.

    Parameters
    ----------
    grouped
        All collections.
    anchors, positives, negatives
        Positions in ascending order; each of one size.
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

    def find(
        self, reader: type[GridReader], term: Scalar, anchor: int, other: Collection, positions: Int[np.ndarray, " b"]
    ) -> tuple[Tensor, Tensor]:
        """Return a term of an anchor with each of some collections, and bounds on the errors: shape (b,) each."""
        if term not in self._found:
            self._found[term] = self._read(reader, term, other)
        value, error = self._found[term]
        row = int(np.searchsorted(self._positions[self._roles[0]], anchor))
        where = torch.from_numpy(np.searchsorted(self._positions[other], positions))
        return value[row][where], error[row][where]

    def _read(self, reader: type[GridReader], term: Scalar, other: Collection) -> tuple[Tensor, Tensor]:
        x, z, w = self._roles
        anchors, others, third = self._positions[x], self._positions[other], w if other == z else z
        size = int(max(self._grouped.sizes[anchors[0]], self._grouped.sizes[others[0]]))
        longest = max(size, self._grouped.points.shape[1])
        at_once = max(1, _NUMBERS_AT_ONCE // max(1, len(others) * longest))
        values, errors = [], []
        for start in range(0, len(anchors), at_once):
            some = anchors[start : start + at_once]
            # The third collection is not in the term: any will do.
            alone = int(self._positions[third][0])
            inner = reader(self._grouped, alone, some, others, (third, x, other), self._rows, back=w)
            named = inner.scalar(term)
            values.append(named.value.reshape(len(some), -1))
            errors.append(named.known_error.reshape(len(some), -1))
        return torch.cat(values), torch.cat(errors)


class GridReader(NumericReader):
    """Evaluates terms on every triple of one anchor, some positives and some negatives.

    Parameters
    ----------
    grouped
        All collections.
    anchor, positives, negatives
        Positions; all positives have one size, all negatives one.
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
        self._axes_of: dict[Collection, Axes] = {x: (), z: (_POSITIVES,), w: (_NEGATIVES,)}
        self._grid = len(positives), len(negatives)
        # Of terms without parameters.
        self._shared: dict[Term, Named] = {}

    def size(self, collection: Collection) -> int:
        """Return the number of points of a collection."""
        positions = self._positions[collection]
        return int(self._grouped.sizes[positions[0]])

    def scalar(self, term: Scalar) -> Named:
        """Return the values of a closed scalar term, one a triple."""
        named = self._evaluate(rewrite(term))
        value, error = (self._flat(part, named.axes) for part in (named.value, named.known_error))
        return Named(value, error, ())

    def ends(self, term: Scalar) -> tuple[Float[np.ndarray, "Z W"], Float[np.ndarray, "Z W"]]:
        """Return what a closed term is not below and not above; of length one where it does not vary."""
        named = self._evaluate(rewrite(term))
        value, error = (
            _spread(part, named.axes, (_POSITIVES, _NEGATIVES)).numpy() for part in (named.value, named.known_error)
        )
        with np.errstate(invalid="ignore", over="ignore"):
            low, high = value - error, value + error
            # Rounded twice each, with room; exact numbers are their own ends. What is not known ends as NaN, which
            # compares as false.
            off = np.where(error == 0, 0.0, 2.0**-51 * np.maximum(np.abs(low), np.abs(high)) + 2.0**-1074)
            return low - off, high + off

    def bind(self, parameter: Parameter, value: Named) -> None:
        """Give a parameter its value, one a triple."""
        shape = (1, *self._grid)
        error = value.known_error.reshape(shape)
        self._cache[parameter] = Named(value.value.reshape(shape), error, (_POSITIVES, _NEGATIVES))

    def anew(self) -> GridReader:
        """Return a reader of the same triples without parameters; what does not depend on them is kept."""
        reader = copy.copy(self)
        reader._cache = {}
        return reader

    def _flat(self, tensor: Tensor, axes: Axes) -> Tensor:
        for place, axis in ((1, _POSITIVES), (2, _NEGATIVES)):
            if axis not in axes:
                tensor = tensor.unsqueeze(place)
        return tensor.expand(1, *self._grid).reshape(-1)

    def _evaluate(self, term: Term) -> Named:
        known = self._cache if _has_parameters(term) else self._shared
        if term not in known:
            known[term] = self._compute(term)
        return known[term]

    def _compute(self, term: Term) -> Named:
        about = _about(term)
        if _is_closed(term) and len(about) == 1:
            return self._alone(term, *about)
        if self._rows is not None and len(about) == 2 and _is_distance_of_centroids(term):
            return self._centroids_apart(*sorted(about, key=list(self._positions).index))
        if self._pairs is not None and isinstance(term, Scalar) and _is_about_pairs(term, self._anchor):
            (other,) = about - {self._anchor}
            anchor = int(self._positions[self._anchor][0])
            value, error = self._pairs.find(type(self), term, anchor, other, self._positions[other])
            return Named(value.unsqueeze(0), error.unsqueeze(0), self._axes_of[other])
        if _is_closed(term) and len(about) == 2 and not _splits(term):
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
        values, errors = [], []
        for start in range(0, first.size, _PAIRS_AT_ONCE):
            some = slice(start, start + _PAIRS_AT_ONCE)
            points = {a: self._grouped.members(first.ravel()[some]), b: self._grouped.members(second.ravel()[some])}
            named = _reader(points, self.p, self._exponent, term).read(term)
            values.append(named.value)
            errors.append(named.known_error)
        value, error = (torch.cat(parts) for parts in (values, errors))
        shape = (1, *self._lengths(axes), *value.shape[1:])
        return Named(value.reshape(shape), error.reshape(shape), axes)

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
        lengths = dict(zip((_POSITIVES, _NEGATIVES), self._grid, strict=True))
        return [lengths[axis] for axis in axes if axis in lengths]

    def _row(self, row: _Row) -> Named:
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
        if (self._axes_of[row.rows], self._axes_of[row.over]) == ((_POSITIVES,), (_NEGATIVES,)):
            # Positives come before negatives.
            value, error = value.transpose(0, 1), error.transpose(0, 1)
        return Named(value.reshape(*shape, -1), error.reshape(*shape, 1), axes)

    def _reduce(self, term: Reduce) -> Named:
        row = _row(term)
        if row is not None:
            return self._row(row)
        if term.kind in (Reduction.MAX, Reduction.MIN) and isinstance(term.body, Add):
            return self._extreme_of_sums(term, [self._evaluate(part) for part in term.body.terms])
        bodies = _squares(term)
        if bodies is not None:
            return self._mean_of_squares(bodies)
        return self._reduced(term, self._evaluate(term.body))

    def _reduced(self, term: Reduce, body: Named) -> Named:
        if term.index not in body.axes:
            # What is known is the same for every value of the index.
            size = self._constant(Fraction(self.size(term.index.collections[0])))
            return body if term.kind is not Reduction.SUM else self._multiply([body, size])
        return self._over(term, Named(body.value, body.known_error.expand_as(body.value), body.axes))

    def _extreme_of_sums(self, term: Reduce, parts: list[Named]) -> Named:
        """Return the largest (or smallest) of sums without their table over positives, negatives and points."""
        full = (_POSITIVES, _NEGATIVES, term.index)
        if any(term.index not in part.axes or set(part.axes) - set(full) for part in parts):
            return self._reduced(term, self._add(parts))
        while len(parts) > 2:
            # Those of fewest entries first: their sum has the fewest.
            parts.sort(key=lambda part: part.value.numel())
            parts = [self._add(parts[:2]), *parts[2:]]
        one, other = (_spread(part.value, part.axes, full).numpy() for part in parts)
        value = torch.from_numpy(grids.extreme_of_sums(one, other, largest=term.kind is Reduction.MAX))
        carried = [_spread(part.known_error, part.axes, full).amax(dim=-1) for part in parts]
        # Rounding is monotone: what is found is the exact extreme of the values as they stand, rounded once.
        error = rounding.inflate(carried[0] + carried[1] + rounding.U * value.abs())
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
        # |s² − t²| ≤ (2|s| + e)·e for |s − t| ≤ e, and the mean of |s| is at most the root of the mean of s².
        carried = off * (2 * value.sqrt() * (1 + 1e-9) + off) + 2.0**-500 * off
        count = 1
        for _, index in bodies:
            count *= self.size(index.collections[0])
        error = rounding.inflate(rounding.inflate(carried) + rounding.total(value, count + 4))
        return _gathered(value, error, axes, tuple(index for _, index in bodies))

    def _shifted(self, body: Scalar, index: Index) -> tuple[tuple[Tensor, Tensor], Tensor, Axes]:
        """Return a and b_i of a body that is a + b_i, and what their sum is off by, the sum's own rounding included."""
        terms = body.terms if isinstance(body, Add) else (body,)
        still = [self._evaluate(part) for part in terms if index not in part.free()]
        moving = self._sum([self._evaluate(part) for part in terms if index in part.free()])
        start = self._sum(still) if still else self._constant(Fraction(0))
        full = (_POSITIVES, _NEGATIVES, index)
        a, a_error = (_spread(part, start.axes, full[:2]) for part in (start.value, start.known_error))
        b, b_error = (_spread(part, moving.axes, full) for part in (moving.value, moving.known_error))
        largest = a.abs() + b.abs().amax(dim=-1)
        off = rounding.inflate(a_error + b_error.amax(dim=-1) + 2 * rounding.U * largest)
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


def _spread(tensor: Tensor, axes: Axes, wanted: Axes) -> Tensor:
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
    for place, axis in ((1, _NEGATIVES), (0, _POSITIVES)):
        if axis not in left:
            value, error = value.squeeze(place), error.squeeze(place)
    return Named(value.unsqueeze(0), error.unsqueeze(0), left)


class CentroidReader(GridReader):
    """Reads the same terms from centroids and radii: enclosures that are wide, and cost a distance for each pair."""

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
        row = _row(term.body) if isinstance(term.body, Reduce) and term.weights is None else None
        if row is None or row.index != term.index or row.rows == row.over:
            return found
        # The mean of all distances is at least that of the means, and at most their root mean square.
        kinds = {term.kind, row.kind}
        apart = self._evaluate(_distance_of_centroids(row.rows, row.over))
        low, high = found.value - found.known_error, found.value + found.known_error
        if kinds <= {Reduction.MAX, Reduction.MEAN}:
            least = apart.value - apart.known_error
            if kinds == {Reduction.MAX} and self.p == 2:
                least = self._root_mean_square(row, apart)[0]
            low = torch.maximum(low, least)
        if kinds <= {Reduction.MIN, Reduction.MEAN} and self.p == 2:
            high = torch.minimum(high, self._root_mean_square(row, apart)[1])
        return _between(low, high, found.axes)

    def _root_mean_square(self, row: _Row, apart: Named) -> tuple[Tensor, Tensor]:
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
        assert isinstance(term.body, Add)
        # The largest is at least the mean, the smallest at most: and of a mean, more is known.
        means = self._sum([self._evaluate(rewrite(mean(term.index, part))) for part in term.body.terms])
        (value, middle), (error, off), axes = self._aligned([found, means])
        low, high = value - error, value + error
        if term.kind is Reduction.MAX:
            return _between(torch.maximum(low, middle - off), high, axes)
        return _between(low, torch.minimum(high, middle + off), axes)

    def _row(self, row: _Row) -> Named:
        if row.rows == row.over:
            # Of each collection alone, which costs no pair.
            return super()._row(row)
        apart, reach, own = self._apart_and_reach(row)
        least = apart.value - (reach if row.kind is Reduction.MIN else own)
        return _between(least.clamp(min=0), apart.value + reach, apart.axes)

    def _of_pairs(self, term: Term, a: Collection, b: Collection) -> Named:
        if isinstance(term, Transport):
            apart, reach, _ = self._apart_and_reach(_Row(Reduction.MEAN, a, b, a.each))
            return _between(apart.value - apart.known_error, apart.value + reach, apart.axes)
        axes = union([self._axes_of[a], self._axes_of[b]])
        nothing = self._zeros.reshape([1] * (len(axes) + 1)).expand(1, *self._lengths(axes))
        return Named(nothing, torch.full_like(nothing, torch.inf), axes)

    def _apart_and_reach(self, row: _Row) -> tuple[Named, Tensor, Tensor]:
        """Return the centroids' distance, the sum of both radii and that of the rows' collection, errors included."""
        apart = self._evaluate(_distance_of_centroids(row.rows, row.over))
        radius, other = self._of_each(self._grouped.radii(), row, apart.axes)
        return apart, rounding.inflate(radius + other + apart.known_error), rounding.inflate(radius + apart.known_error)

    def _of_each(self, of_collections: Tensor, row: _Row, axes: Axes) -> list[Tensor]:
        """Return a number of each collection for the rows' collections and for those reduced over, to go with axes."""
        found = []
        for collection in (row.rows, row.over):
            own = of_collections[torch.from_numpy(self._positions[collection])]
            own_axes = self._axes_of[collection]
            found.append(_broadcast_to(Named(own.unsqueeze(0) if own_axes else own, own, own_axes), axes))
        return found


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


# ----------------------------------------------------------------------------------------------------------- patterns


def require_readable(bound: Bound) -> None:
    """Raise :class:`TermError` where a bound says what no reduction over two collections gives."""
    for term in _terms(bound):
        if not _is_readable(term):
            raise TermError(
                explain(
                    f"bound {bound.name!r}",
                    "terms that split into what is said of one collection or of two",
                    f"'{_unreadable(term)}'",
                    "check a sample of triples instead",
                )
            )


def row_reductions(bounds: Iterable[Bound]) -> Mapping[Collection, set[Reduction]]:
    """Return which reductions of distances to other collections the rows of each collection need."""
    found: dict[Collection, set[Reduction]] = {}
    for bound in bounds:
        for term in _terms(bound):
            for row in _rows_in(term):
                if row.rows != row.over:
                    found.setdefault(row.rows, set()).add(row.kind)
    return found


def _terms(bound: Bound) -> list[Scalar]:
    premises = [premise for premise in bound.premises if isinstance(premise, ForAll)]
    least = [premise.least if parameter_of(premise) is not None else premise.excess for premise in premises]
    return [rewrite(term) for term in (bound.lhs, bound.rhs, *least)]


def _rows_in(term: Term) -> Iterable[_Row]:
    if isinstance(term, Reduce) and (row := _row(term)) is not None:
        yield row
    elif len(_about(term)) > 1 and not (_is_closed(term) and len(_about(term)) == 2 and not _splits(term)):
        for child in term.children:
            yield from _rows_in(child)


def _is_readable(term: Term) -> bool:
    if _splits(term) or (_is_closed(term) and len(_about(term)) == 2 and not _has_maps(term)):
        return True
    if isinstance(term, Point | Image) or not term.children:
        return False
    return all(_is_readable(child) for child in term.children)


def _unreadable(term: Term) -> Term:
    return next((_unreadable(child) for child in term.children if not _is_readable(child)), term)


@lru_cache(maxsize=4096)
def _about(term: Term) -> frozenset[Collection]:
    return term.collections()


@lru_cache(maxsize=4096)
def _is_about_pairs(term: Scalar, anchor: Collection) -> bool:
    """Say whether a term has one value for each pair of an anchor and another collection."""
    return _is_closed(term) and len(_about(term)) == 2 and anchor in _about(term)


@lru_cache(maxsize=4096)
def _has_parameters(term: Term) -> bool:
    return bool(term.parameters())


@lru_cache(maxsize=4096)
def _has_maps(term: Term) -> bool:
    return bool(term.maps())


@lru_cache(maxsize=4096)
def _is_closed(term: Term) -> bool:
    """Say whether a term has one value for its collections, whatever the parameters."""
    number = isinstance(term, Constant | Parameter | Size | Dimension)
    return not number and not term.free() and not term.parameters()


@lru_cache(maxsize=4096)
def _splits(term: Term) -> bool:
    """Say whether a term is made of what is said of one collection, and of rows' reductions."""
    if isinstance(term, Constant | Parameter | Size | Dimension):
        return True
    if _is_closed(term) and len(_about(term)) == 1 and not _has_maps(term):
        return True
    if isinstance(term, Reduce) and _row(term) is not None:
        return True
    return bool(term.children) and not isinstance(term, Image) and all(map(_splits, term.children))


@lru_cache(maxsize=4096)
def _row(term: Reduce) -> _Row | None:
    """Return the row's reduction that a term is, if it is one."""
    if term.kind not in _KINDS or term.weights is not None or not isinstance(term.body, Norm):
        return None
    vector = term.body.vector
    if not isinstance(vector, Combination) or len(vector.parts) != 2:
        return None
    (one, a), (other, b) = vector.parts
    if {one, other} != {Fraction(1), Fraction(-1)} or not (isinstance(a, Point) and isinstance(b, Point)):
        return None
    if a.index == term.index:
        a, b = b, a
    if b.index != term.index or a.index == b.index or not len(a.index.collections) == len(b.index.collections) == 1:
        return None
    return _Row(term.kind, a.collection, b.collection, a.index)


@lru_cache(maxsize=4096)
def _squares(term: Reduce) -> tuple[tuple[Scalar, Index], ...] | None:
    """Return a_i with i of mean over i of a_i², or a_i, i, b_j and j of mean over both of min{a_i, b_j}²."""
    match term:
        case Reduce(
            Reduction.MEAN, i, Reduce(Reduction.MEAN, j, Power(Smallest((a, b)), exponent), weights=None), weights=None
        ) if exponent == 2 and {a.free(), b.free()} == {frozenset({i}), frozenset({j})}:
            return ((a, i), (b, j)) if i in a.free() else ((b, i), (a, j))
        case Reduce(Reduction.MEAN, i, Power(a, exponent), weights=None) if exponent == 2 and a.free() == {i}:
            return ((a, i),)
    return None


@lru_cache(maxsize=64)
def _distance_of_centroids(a: Collection, b: Collection) -> Scalar:
    return Norm(mean(a) - mean(b))


@lru_cache(maxsize=4096)
def _is_distance_of_centroids(term: Term) -> bool:
    match term:
        case Norm(Combination(((one, a), (other, b)))) if {one, other} == {Fraction(1), Fraction(-1)}:
            return {a, b} == {mean(collection) for collection in _about(term)}
    return False


def _reader(points: Mapping[Collection, Tensor], p: float, exponent: Tensor, term: Term) -> NumericReader:
    """Return a reader of a batch in the grid's units; weights are those of the mean."""
    batch = next(iter(points.values())).shape[0]
    weights = {
        one: points[one.collection].new_ones(points[one.collection].shape[:2])
        for node in term.walk()
        if (one := getattr(node, "weights", None)) is not None
    }
    return NumericReader(points, p, weights=weights, errors=True, exponent=exponent.expand(batch))
