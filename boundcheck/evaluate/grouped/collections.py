"""Points in collections: what a term says of each alone, and each row's reductions of distances to all of them."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from boundcheck.evaluate import rounding
from boundcheck.evaluate.readers.numeric import NumericReader
from boundcheck.kernels.tables import scaled_arrays
from boundcheck.language import Collection, Norm, Reduce, Reduction, Term, another, mean, variance, w, x

if TYPE_CHECKING:
    from boundcheck.kernels.row_tables import RowTables
from boundcheck.evaluate.grouped.terms import KINDS

__all__ = ["Grouped", "Rows", "SizesDifferError", "reader_of"]

_LENGTH = Norm(x[x.each])


class SizesDifferError(Exception):
    """Collections are of several sizes, and what is asked of them has no answer for all of them at once."""


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
        self.points, self.starts, self.p = points, starts, float(p)
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
        found: Int[np.ndarray, "b n"] = self.starts[:-1][positions][:, None] + np.arange(self.size(positions))
        return found

    def size(self, positions: Int[np.ndarray, " b"]) -> int:
        """Return the size that some collections have.

        Raises
        ------
        SizesDifferError
            If they have several.
        """
        sizes = self.sizes[positions]
        if (sizes != sizes[0]).any():
            raise SizesDifferError
        return int(sizes[0])

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
        return {name: self._row_by_row(rows, collections, kind) for kind, name in KINDS.items() if name in names}

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
                named = reader_of(points, self.p, self.exponent, term).read(term)
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
                off = reader_of({x: error.unsqueeze(1)}, self.p, zeros.to(torch.int64), _LENGTH).read(_LENGTH)
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
                    named = reader_of({x: points}, self.p, self.exponent, term).read(term)
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
            named = reader_of({collection: points}, self.p, self.exponent, term).read(term)
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

    Attributes
    ----------
    of_pairs
        What readers have found of every two of some of these collections, by what they were asked.
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
        self.of_pairs: dict[Any, tuple[Tensor, Tensor]] = {}

    def prepare(self, forth: Iterable[Reduction], back: Iterable[Reduction]) -> None:
        """Find several reductions in one pass each way."""
        self._find(tuple(kind for kind in KINDS if kind in set(forth) and kind not in self._forth), back=False)
        self._find(tuple(kind for kind in KINDS if kind in set(back) and kind not in self._back), back=True)

    def of(self, positions: Int[np.ndarray, " b"]) -> Int[np.ndarray, "b n"]:
        """Return where in the tables the rows of collections of one size are."""
        places = np.array([self._place[int(position)] for position in positions], dtype=np.int64)
        return self._ends[:-1][places][:, None] + np.arange(self.grouped.size(positions))

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
                wide = (torch.from_numpy(error.T) + carried).numpy()
                # Scalars are in the units of the data, vectors are not.
                found = scaled_arrays(value.T, wide, int(self.grouped.exponent))
                apart, off = (torch.from_numpy(part).contiguous() for part in found)
                self._centroids = apart, rounding.inflate(off)
            return self._centroids

    def _find(self, kinds: tuple[Reduction, ...], *, back: bool) -> None:
        if not kinds:
            return
        grouped, names = self.grouped, tuple(KINDS[kind] for kind in kinds)
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


def reader_of(points: Mapping[Collection, Tensor], p: float, exponent: Tensor, term: Term) -> NumericReader:
    """Return a reader of a batch in the grid's units; weights are those of the mean."""
    batch = next(iter(points.values())).shape[0]
    weights = {
        one: points[one.collection].new_ones(points[one.collection].shape[:2])
        for node in term.walk()
        if (one := getattr(node, "weights", None)) is not None
    }
    return NumericReader(points, p, weights=weights, errors=True, exponent=exponent.expand(batch))
