"""Reductions of distance matrices that are never stored: tile by tile, each reduced while it is in the cache.

Every function returns enclosures: a value and a bound on its error. See :mod:`.rows` for how low precision is kept
honest and :mod:`.loops` for what is done with a tile.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from boundcheck.kernels.rows import (
    Array,
    Format,
    Rows,
    best_format,
    empty_tile,
    gamma,
    prepare,
    product,
    reduced_precision,
    square_error_shares,
    square_errors,
)

__all__ = ["Found", "Table", "between", "chamfer", "extreme", "hausdorff", "mean"]

Integers = npt.NDArray[np.int64]
Reduced = TypeVar("Reduced")

# Of one tile of whole collections.
_GROUP_ROWS, _GROUP_COLUMNS = 256, 2048
# So many tiles are reduced before the next may use what they found.
_WAVE = 4
# What each bit asks for, and which reduction is the other direction of a directed one, by the numbers of `loops`.
_KINDS = ((1, (0,)), (2, (1,)), (4, (2,)), (8, (3, 4)), (16, (5, 6)))
_BACK = {3: 4, 4: 3, 5: 6, 6: 5}
_EXTREMES = frozenset({0, 1, 5, 6})

# A tile of this many rows and columns stays in the second- and third-level cache.
_TILE_ROWS, _TILE_COLUMNS = 512, 2048
# Blocks of one pair of sets: small enough that their bounds are their own.
_BLOCK_ROWS, _BLOCK_COLUMNS = 64, 512
# So many pairs of a block are measured again before its bound is left wider; ties alone come to it.
_CAP = 4096
# An enclosure of an extreme that is wider than this is looked for again.
_WIDE = 1e-11
# So large a multiple of E that no v is taken for what it is.
_ALWAYS = 1e150
# Columns that a search for the Hausdorff distance looks at first.
_FIRST_COLUMNS = 64
# Where pruning leaves more than this share of the pairs, it is not worth the sorting.
_WORTH_SORTING = 0.8


@dataclass(frozen=True)
class Found:
    """An enclosed distance and, of an extreme, the rows that attain it to within the enclosure."""

    value: float
    error: float
    row: int = -1
    column: int = -1


@dataclass(frozen=True)
class Table:
    """A reduction for every pair of collections.

    Attributes
    ----------
    value, error
        Shape (C, C′), float64.
    row, column
        Of an extreme: positions within each collection, shape (C, C′), int64; None for means.
    """

    value: Array
    error: Array
    row: Integers | None = None
    column: Integers | None = None

    @classmethod
    def empty(cls, shape: tuple[int, int], *, at: bool) -> Table:
        """Return a table of zeros, with positions or without."""
        places = [np.zeros(shape, dtype=np.int64) for _ in range(2)] if at else [None, None]
        return cls(np.zeros(shape), np.zeros(shape), *places)

    def columns(self) -> list[npt.NDArray[np.generic]]:
        """Return the arrays that there are, in the order of the fields of a tile's table."""
        return [array for array in (self.value, self.error, self.row, self.column) if array is not None]

    def fill(self, place: tuple[slice, slice], wanted: npt.NDArray[np.bool_], part: Array) -> None:
        """Take over what is wanted of a tile's table, shape (rows, columns, fields)."""
        for field, array in enumerate(self.columns()):
            np.copyto(array[place], part[:, :, field], casting="unsafe", where=wanted)

    def mirror(self, back: Table) -> None:
        """Fill in the lower half from the upper half of the other direction, in which rows are columns.

        No upper half is written to: each direction may be filled in from the other in turn.
        """
        lower = np.tril(np.ones(self.value.shape, dtype=bool), -1)
        others = [back.value, back.error, back.column, back.row]
        for array, other in zip(self.columns(), others, strict=False):
            if other is not None:
                np.copyto(array, other.T, where=lower)

    def scale(self, starts: Integers, others: Integers, exponent: int) -> None:
        """Multiply it by 2**exponent, and count positions within the collections that begin at `starts`, `others`."""
        _scale_arrays(self.value, self.error, exponent)
        if self.row is not None and self.column is not None:
            np.subtract(self.row, starts[:-1, None], out=self.row)
            np.subtract(self.column, others[:-1], out=self.column)


@dataclass(frozen=True)
class _Accuracy:
    """What a direct distance is off by, as share and at least."""

    relative: float
    tiny: float

    @classmethod
    def of(cls, dimension: int) -> _Accuracy:
        # ``Rounding.euclidean_any_order``: d + 3 roundings, of the distance as computed; the rest is for using it. Rescaled,
        # each difference loses at most the least number.
        return cls(gamma(dimension + 8, 2.0**-53), (dimension + 4) * 2.0**-1073)


def _workers() -> int:
    return max(1, torch.get_num_threads())


def _choose_format(dimension: int, *, exact: bool = False, small: bool = False) -> Format:
    """Return the format of products: float64 where a sum asks for it or float32 is not what it says."""
    if exact or (reduced_precision() and best_format() != "int8"):
        return "float64"
    # Eight bits tell few pairs of a small block apart, and few dimensions cost less than their conversion.
    return "float32" if small or dimension < 64 or reduced_precision() else best_format()


# --------------------------------------------------------------------------------------------------- two sets of rows


def extreme(x: Tensor, w: Tensor | None, *, largest: bool, format: Format | None = None) -> Found:
    """Return the largest (or smallest) Euclidean distance of two sets, or of two different rows of one.

    Parameters
    ----------
    x, w
        Rows as :func:`.rows.require_rows` returns them, on the CPU; w None for the pairs of x.
    largest
        Which.
    format
        Of the products; chosen if None.
    """
    from boundcheck.kernels import loops

    d = x.shape[1]
    if d == 0:
        return Found(0.0, 0.0, 0, 0 if w is not None else 1)
    chosen = format or _choose_format(d)
    if w is None and not largest and chosen == "int8":
        # A row's product with itself is taken out of the tile by a value that only a float has room for.
        chosen = "float32"
    sides, exponent = prepare([x] if w is None else [x, w], chosen)
    rows, columns = sides[0], sides[-1]
    accuracy = _Accuracy.of(d)
    known = [-inf, inf]
    order_rows = order_columns = None
    own = w is None
    if largest:
        known[0] = _double_sweep(rows, columns, accuracy)
        order_rows, order_columns = _by_radius(rows, columns, known[0])
        own = own and order_rows is None
    elif _of_many_scales(rows) or _of_many_scales(columns):
        # Beside a row far out, E is too large to tell the others apart: rows of one size together.
        order_rows = np.argsort(rows.squares, kind="stable")
        order_columns = order_rows if own else np.argsort(columns.squares, kind="stable")
    if order_rows is not None and order_columns is not None:
        rows, columns = rows.select(order_rows), columns.select(order_columns)
    what, kind = (loops.MAX, loops.IS_MAX) if largest else (loops.MIN, loops.IS_MIN)
    best: tuple[float, int, int] | None = None
    beyond = -inf if largest else inf
    reach = rows.norms() + rows.residual, columns.norms() + columns.residual
    room = _Room(rows.format)

    def reduced(place: _Place) -> Array | None:
        if largest and reach[0][place.rows].max() + reach[1][place.columns].max() < known[0] * (1 - 1e-12):
            return None
        tile = _tile(rows, columns, place, room, masked=own and not largest)
        return tile.reduce(what, (known[0], known[1]), _CAP, accuracy, (_ALWAYS, _ALWAYS))[..., kind, :]

    for _, table in _in_waves(_places(len(rows), len(columns), own=own), reduced):
        if table is None:
            continue
        values = table[..., loops.VALUE]
        value = values.max() if largest else values.min()
        beyond = max(beyond, table[..., loops.BEYOND].max()) if largest else min(beyond, table[..., loops.BEYOND].min())
        if (value < 0) if largest else (value == inf):
            continue
        # Of several, the first.
        at = np.argwhere(values == value)
        pairs = table[at[:, 0], at[:, 1]][:, [loops.ROW, loops.COLUMN]]
        row, column = min(map(tuple, pairs.astype(np.int64).tolist()))
        if (
            best is None
            or (value > best[0] if largest else value < best[0])
            or (value == best[0] and (row, column) < best[1:])
        ):
            best = (float(value), row, column)
            off = value * accuracy.relative + accuracy.tiny
            known = [max(known[0], value - off), inf] if largest else [-inf, min(known[1], value + off)]
    assert best is not None
    value, row, column = best
    if order_rows is not None and order_columns is not None:
        row, column = int(order_rows[row]), int(order_columns[column])
    error = value * accuracy.relative + accuracy.tiny if value else 0.0
    error = max(error, beyond - value) if largest else max(error, value - beyond)
    if error > _WIDE * value and format is None and chosen != "float64":
        # More ties than were measured: products in float64 leave less of them open.
        return extreme(x, w, largest=largest, format="float64")
    if w is None:
        # A pair found with itself: then all rows are one.
        row, column = (min(row, column), max(row, column)) if row != column else (0, 1)
    return Found(*scaled(value, error, exponent), row, column)


def scaled(value: float, error: float, exponent: int) -> tuple[float, float]:
    """Return both times 2**exponent; what that takes below the least normal number is added to the error."""
    with np.errstate(over="ignore", under="ignore"):
        scaled, off = float(np.ldexp(value, exponent)), float(np.ldexp(error, exponent))
    return scaled, off if not exponent else off * (1 + 2.0**-52) + 2.0**-1073


def _double_sweep(rows: Rows, columns: Rows, accuracy: _Accuracy) -> float:
    """Return a distance that some pair surely has: from the row of largest norm to its farthest, and from there."""
    start = int(rows.squares.argmax())
    first = _distances_from(rows, start, columns)
    second = _distances_from(columns, int(first.argmax()), rows)
    return float(second.max()) * (1 - 2 * accuracy.relative) - accuracy.tiny


def _distances_from(rows: Rows, at: int, columns: Rows) -> Tensor:
    from boundcheck.kernels import loops

    found = np.empty(len(columns))
    raw, other = rows.raw[at : at + 1].numpy(), columns.raw.numpy()
    in_parallel(len(columns), lambda a, b: loops.direct_from(raw, 0, other, a, b, found))
    return torch.from_numpy(found)


def _of_many_scales(rows: Rows) -> bool:
    return bool(rows.squares.max() > 16 * np.median(rows.squares))


def _by_radius(rows: Rows, columns: Rows, known: float) -> tuple[Integers | None, Integers | None]:
    """Return the rows and columns that may have a distance of `known`, farthest from the centre first.

    ‖q − p‖ ≤ ‖q‖ + ‖p‖: where few pairs reach `known` so, most are never looked at.
    """
    a, b = rows.norms() + rows.residual, columns.norms() + columns.residual
    least = known * (1 - 1e-12)
    some_a, some_b = a + b.max() >= least, b + a.max() >= least
    sorted_b = np.sort(b)
    pairs = int((len(b) - np.searchsorted(sorted_b, least - a[some_a])).sum())
    if pairs > _WORTH_SORTING * len(a) * len(b):
        return None, None
    chosen = np.flatnonzero(some_a), np.flatnonzero(some_b)
    return chosen[0][np.argsort(-a[chosen[0]], kind="stable")], chosen[1][np.argsort(-b[chosen[1]], kind="stable")]


def mean(x: Tensor, w: Tensor | None, *, relative: float, format: Format | None = None) -> Found:
    """Return the mean Euclidean distance of all pairs, or of the pairs of different rows of one set."""
    from boundcheck.kernels import loops

    d = x.shape[1]
    if d == 0:
        return Found(0.0, 0.0)
    (rows, *others), exponent = prepare([x] if w is None else [x, w], format or _format_for(d, relative))
    columns = others[0] if others else rows
    totals: list[float] = []
    off = 0.0
    accuracy, near, room = _Accuracy.of(d), _near(relative), _Room(rows.format)

    def reduced(place: _Place) -> Array:
        tile = _tile(rows, columns, place, room)
        return tile.reduce(loops.MEAN, (-inf, inf), _CAP, accuracy, near)[..., loops.IS_MEAN, :]

    for place, table in _in_waves(_places(len(rows), len(columns), own=False), reduced):
        counts = np.outer(np.diff(place.row_blocks), np.diff(place.column_blocks))
        totals += (table[..., loops.VALUE] * counts).ravel().tolist()
        off += float((table[..., loops.ERROR] * counts).sum())
    pairs = len(rows) * len(columns)
    total = math.fsum(totals)
    # A block's sum is rounded once when its mean is multiplied; fsum rounds once, the division once more.
    off = (off + 4 * 2.0**-53 * total) * (1 + 1e-9)
    # A row's distance to itself is 0, and is found to be exactly so.
    count = pairs if w is not None else pairs - len(rows)
    return Found(*scaled(total / count, off / count, exponent))


def _near(relative: float) -> tuple[float, float]:
    """Return from which multiple of E on v is taken for what it is: for minima, and for means of many."""
    return max(100.0, 1.1 / relative), max(100.0, 0.14 / relative)


def _format_for(dimension: int, relative: float) -> Format:
    """Return the cheapest format whose products are this exact for points that are not near one another."""
    if reduced_precision():
        return "float64"
    return "float32" if 8 * gamma(dimension + 16, 2.0**-24) <= relative else "float64"


def chamfer(x: Tensor, w: Tensor, *, format: Format | None = None) -> Found:
    """Return the mean over rows of x of the distance to the nearest row of w."""
    d = x.shape[1]
    if d == 0:
        return Found(0.0, 0.0)
    (rows, columns), exponent = prepare([x, w], format or _choose_format(d, small=True))
    low, high, _ = _row_extremes(rows, columns, np.array([0, len(columns)]), largest=False, near=_ALWAYS)
    middle, half = (low + high) / 2, (high - low) / 2
    value = math.fsum(middle[:, 0].tolist()) / len(rows)
    off = (float(half.mean()) + 4 * 2.0**-53 * value) * (1 + 1e-9)
    return Found(*scaled(value, off, exponent))


def of_rows(x: Tensor, w: Tensor, *, largest: bool) -> tuple[Array, Array, Integers]:
    """Return each row's distance to the farthest (or nearest) row of w: value, error and which, shape (n,)."""
    d = x.shape[1]
    if d == 0:
        return np.zeros(len(x)), np.zeros(len(x)), np.zeros(len(x), dtype=np.int64)
    (rows, columns), exponent = prepare([x, w], _choose_format(d, small=True))
    low, high, at = _row_extremes(rows, columns, np.array([0, len(columns)]), largest=largest, near=_ALWAYS)
    value, error = (low + high) / 2, (high - low) / 2 * (1 + 1e-9) + high * 2.0**-52
    _scale_arrays(value, error, exponent)
    return value[:, 0], error[:, 0], at[:, 0]


def hausdorff(x: Tensor, w: Tensor, *, format: Format | None = None) -> Found:
    """Return the largest over rows of x of the distance to the nearest row of w.

    A row is done with as soon as one column is nearer than the best row so far: few columns decide most rows.
    """
    d = x.shape[1]
    if d == 0:
        return Found(0.0, 0.0, 0, 0)
    (rows, columns), exponent = prepare([x, w], format or _choose_format(d, small=True))
    accuracy = _Accuracy.of(d)
    shuffled = np.random.default_rng(0).permutation(len(columns))
    near = rows.residual.max() + columns.residual.max()
    reach = float(columns.norms().max())
    found = Found(-1.0, 0.0)
    # Rows far out first: the best of them rules most others out.
    order = np.argsort(-rows.squares, kind="stable")
    start, batch = 0, 64
    while start < len(order):
        active = order[start : start + batch]
        start, batch = start + batch, min(batch * 8, 8192)
        active = _survivors(rows, columns, active, shuffled, max(found.value - found.error, 0.0), reach, float(near))
        if not len(active):
            continue
        chosen = rows.select(active)
        low, high, at = _row_extremes(chosen, columns, np.array([0, len(columns)]), largest=False, near=_ALWAYS)
        best = int(((low + high) / 2)[:, 0].argmax())
        value, off = float(low[best, 0] + high[best, 0]) / 2, float((high - low).max()) / 2
        if value > found.value:
            found = Found(value, max(off, found.error), int(active[best]), int(at[best, 0]))
        else:
            found = Found(found.value, max(off, found.error), found.row, found.column)
    value, error = scaled(found.value, found.error + found.value * accuracy.relative, exponent)
    return Found(value, error, found.row, found.column)


def _survivors(
    rows: Rows, columns: Rows, active: Integers, shuffled: Integers, known: float, reach: float, near: float
) -> Integers:
    """Return the rows without a column that is surely nearer than `known`, among ever more columns tried."""
    start, count = 0, _FIRST_COLUMNS
    while known > 0 and start < len(shuffled) // 2 and len(active):
        some = columns.select(np.sort(shuffled[start : start + count]))
        part = rows.select(active)
        tile = empty_tile(rows.format, len(part), len(some))
        g = product(part, some.block(0, len(some)), 0, len(part), tile).to(torch.float64).numpy()
        v = part.squares[:, None] + some.squares - 2 * np.outer(part.steps, some.steps) * g
        error = square_errors(rows, part.norms(), np.asarray(reach))
        above = (np.sqrt(np.maximum(v.min(axis=1) + error, 0)) + near) * (1 + 1e-14)
        active = active[above >= known]
        start, count = start + count, count * 4
        if len(active) * len(shuffled) < 1 << 22:
            break
    return active


# -------------------------------------------------------------------------------------------------- many collections


@dataclass(frozen=True)
class _Place:
    """Which rows and columns a tile has, and where its blocks begin; some blocks may be left out by symmetry."""

    rows: slice
    columns: slice
    row_blocks: Integers
    column_blocks: Integers
    skipped: int = 1 << 40


@dataclass(frozen=True)
class _Tile:
    """A product of some rows and columns."""

    side: Rows
    other: Rows
    place: _Place
    values: npt.NDArray[np.generic]

    def reduce(
        self,
        what: int,
        known: tuple[float, float],
        cap: int,
        accuracy: _Accuracy,
        near: tuple[float, float],
    ) -> Array:
        """Return the table of every block, shape (row blocks, column blocks, reductions, fields)."""
        from boundcheck.kernels import loops

        place = self.place
        blocks, others = len(place.row_blocks) - 1, len(place.column_blocks) - 1
        table = np.zeros((blocks, others, loops.REDUCTIONS, loops.FIELDS))
        limits = np.empty((blocks, others, 2))
        a, of_a = _largest_of(self.side, place.rows, place.row_blocks)
        b, of_b = _largest_of(self.other, place.columns, place.column_blocks)
        limits[..., 0] = square_errors(self.side, a[:, None], b)
        limits[..., 1] = (of_a[:, None] + of_b) * (1 + 1e-15)
        n, t, _ = (part[place.rows] for part in self.side.factors())
        c, _, u = (part[place.columns] for part in self.other.factors())
        loops.scan_blocks(
            self.values, n, c, t, u, place.row_blocks, place.column_blocks, limits, float(near[0]), float(near[1]),
            self.side.raw.numpy(), place.rows.start, self.other.raw.numpy(), place.columns.start, accuracy.relative,
            accuracy.tiny, what, (float(known[0]), float(known[1])), cap, square_error_shares(self.side),
            (0, blocks, place.skipped), table,
        )  # fmt: skip
        return table


class _Room(threading.local):
    """Room for one tile in each thread, which the next tile of that thread takes over.

    Room that is asked for anew for each tile is never given back by threads other than the first: it grew to 100 MB.
    """

    def __init__(self, format: Format) -> None:
        self._format = format
        self._kept = empty_tile(format, 0, 0)

    def tile(self, rows: int, columns: int) -> Tensor:
        size = rows * columns
        if self._kept.numel() < size:
            self._kept = empty_tile(self._format, 1, size)
        return self._kept.flatten()[:size].view(rows, columns)


def _tile(side: Rows, other: Rows, place: _Place, room: _Room, *, masked: bool = False) -> _Tile:
    """Return the product of some rows and columns, in that room; masked, without that of a row with itself."""
    start, stop, left, right = place.rows.start, place.rows.stop, place.columns.start, place.columns.stop
    values = room.tile(stop - start, right - left)
    product(side, other.block(left, right), start, stop, values)
    if masked:
        _take_out_itself(values, start, left)
    return _Tile(side, other, place, values.numpy())


def _in_waves(places: Sequence[_Place], run: Callable[[_Place], Reduced]) -> Iterator[tuple[_Place, Reduced]]:
    """Run on each place, some at once, and yield the results in order.

    A wave is of a fixed number of places, and what `run` knows may change between waves only: so the results do not
    depend on the number of threads.
    """
    with one_thread_each() as workers, ThreadPoolExecutor(workers) as pool:
        for start in range(0, len(places), _WAVE):
            wave = places[start : start + _WAVE]
            yield from zip(wave, list(pool.map(run, wave)), strict=True)


def _largest_of(side: Rows, part: slice, blocks: Integers) -> tuple[Array, Array]:
    starts = blocks[:-1]
    return np.maximum.reduceat(side.norms()[part], starts), np.maximum.reduceat(side.residual[part], starts)


_threads_lock = threading.Lock()
_threads_held: list[int] = []


@contextmanager
def one_thread_each() -> Iterator[int]:
    """Let every product run on the thread that asks for it, and yield how many threads there are for that.

    Threads of torch that wait for the next product would keep the cores busy that reduce this one. The count belongs to
    the process: it is put back when the last of those that run at once is done.
    """
    with _threads_lock:
        count = _threads_held[0] if _threads_held else torch.get_num_threads()
        _threads_held.append(count)
        torch.set_num_threads(1)
    try:
        yield max(1, count)
    finally:
        with _threads_lock:
            _threads_held.pop()
            if not _threads_held:
                torch.set_num_threads(count)


def in_parallel(count: int, run: Callable[[int, int], None]) -> None:
    """Call run(first, last) on equal parts, as many as there are threads."""
    workers = min(_workers(), count)
    if workers <= 1:
        run(0, count)
        return
    ends = np.linspace(0, count, workers * 4 + 1).astype(int)
    with ThreadPoolExecutor(workers) as pool:
        for done in [pool.submit(run, int(a), int(b)) for a, b in pairwise(ends) if b > a]:
            done.result()


def _places(n: int, q: int, *, own: bool) -> list[_Place]:
    """Return the tiles of two sets; of one set with itself, those that are needed by symmetry."""
    found = []
    for start in range(0, n, _TILE_ROWS):
        rows = slice(start, min(n, start + _TILE_ROWS))
        for left in range(start // _TILE_COLUMNS * _TILE_COLUMNS if own else 0, q, _TILE_COLUMNS):
            columns = slice(left, min(q, left + _TILE_COLUMNS))
            blocks = every(rows.stop - rows.start, _BLOCK_ROWS), every(columns.stop - columns.start, _BLOCK_COLUMNS)
            found.append(_Place(rows, columns, *blocks))
    return found


def _take_out_itself(tile: Tensor, start: int, left: int) -> None:
    first = max(start, left)
    count = min(start + tile.shape[0], left + tile.shape[1]) - first
    if count > 0:
        at = torch.arange(count)
        tile[at + first - start, at + first - left] = -torch.inf


def every(count: int, size: int) -> Integers:
    return np.append(np.arange(0, count, size), count)


def _row_extremes(
    rows: Rows, columns: Rows, collections: Integers, *, largest: bool, near: float
) -> tuple[Array, Array, Integers]:
    """Return for each row and each collection of columns (where they begin, and the end) the extreme distance."""
    from boundcheck.kernels import loops

    count = len(collections) - 1
    # Not yet seen: no column.
    low = np.full((len(rows), count), -inf if largest else inf)
    high, at = low.copy(), np.full((len(rows), count), -1, dtype=np.int64)
    accuracy = _Accuracy.of(rows.dimension)
    n, t, _ = rows.factors()
    c, _, u = columns.factors()
    raw, other = rows.raw.numpy(), columns.raw.numpy()
    norms, ends = rows.norms(), columns.norms()
    room = empty_tile(rows.format, min(len(rows), _TILE_ROWS), min(len(columns), _TILE_COLUMNS)).flatten()
    for left in range(0, len(columns), _TILE_COLUMNS):
        right = min(len(columns), left + _TILE_COLUMNS)
        first = int(np.searchsorted(collections, left, side="right")) - 1
        last = int(np.searchsorted(collections, right, side="left"))
        blocks = np.clip(collections[first : last + 1], left, right) - left
        columns_block = columns.block(left, right)
        b = np.maximum.reduceat(ends[left:right], blocks[:-1])
        of_b = np.maximum.reduceat(columns.residual[left:right], blocks[:-1])
        for start in range(0, len(rows), _TILE_ROWS):
            stop = min(len(rows), start + _TILE_ROWS)
            tile = room[: (stop - start) * (right - left)].view(stop - start, right - left)
            product(rows, columns_block, start, stop, tile)
            limits = np.stack(
                [
                    square_errors(rows, norms[start:stop, None], b),
                    (rows.residual[start:stop, None] + of_b) * (1 + 1e-15),
                ],
                axis=-1,
            )
            some = slice(start, stop), slice(first, last)
            values, lows, highs, ats = tile.numpy(), low[some], high[some], at[some]

            def part(
                one: int, other_end: int, start: int = start, left: int = left, values: object = values,
                limits: Array = limits, blocks: Integers = blocks, lows: Array = lows, highs: Array = highs,
                ats: Integers = ats, stop: int = stop, right: int = right,
            ) -> None:  # fmt: skip
                loops.scan_rows(
                    values, n[start:stop], c[left:right], t[start:stop], u[left:right], blocks, limits, float(near), raw,
                    start, other, left, accuracy.relative, accuracy.tiny, largest, one, other_end, lows, highs, ats,
                )  # fmt: skip

            in_parallel(stop - start, part)
    return low, high, at


def between(
    x: Tensor,
    starts: Integers,
    w: Tensor | None,
    others: Integers,
    what: int,
    *,
    relative: float,
    format: Format | None = None,
) -> dict[int, Table]:
    """Reduce the distances of each collection of x to each of w (or of x, if None), several ways in one pass.

    Parameters
    ----------
    x, w
        The rows of all collections, one after the other.
    starts, others
        Where the collections of x and of w begin, and the end.
    what
        A sum of :mod:`.loops`' MAX, MIN, MEAN, CHAMFER, HAUSDORFF.
    relative
        What means and row minima may be off by, where points are not near one another.

    Returns
    -------
    dict
        By :mod:`.loops`' IS_MAX … IS_HAUSDORFF_BACK; the directed ones are from x to w, and back.
    """
    from boundcheck.kernels import loops

    d = x.shape[1]
    symmetric = w is None
    if symmetric:
        others = starts
    exact = bool(what & (loops.MEAN | loops.CHAMFER))
    chosen = format or (_format_for(d, relative) if exact else _choose_format(d, small=True))
    sides, exponent = prepare([x] if w is None else [x, w], chosen)
    rows, columns = sides[0], sides[-1]
    shape = len(starts) - 1, len(others) - 1
    kinds = [kind for bit, ways in _KINDS if what & bit for kind in ways]
    tables = {kind: Table.empty(shape, at=kind in _EXTREMES) for kind in kinds}
    if d:
        accuracy, near, room = _Accuracy.of(d), _near(relative), _Room(rows.format)
        # As many bytes of float64 as of float32.
        at_once = _GROUP_COLUMNS // 2 if rows.format == "float64" else _GROUP_COLUMNS
        groups = _groups(starts, others, at_once, symmetric=symmetric)

        def reduced(place: _Place) -> Array:
            return _tile(rows, columns, place, room).reduce(what, (-inf, inf), 1 << 62, accuracy, near)

        parts = _in_waves([place for place, _, _ in groups], reduced)
        for (_, first, second), (_, part) in zip(groups, parts, strict=True):
            wanted = np.ones(part.shape[:2], dtype=bool)
            if symmetric:
                wanted = np.arange(first.start, first.stop)[:, None] <= np.arange(second.start, second.stop)
            for kind, table in tables.items():
                table.fill((first, second), wanted, part[:, :, kind])
    if symmetric:
        for kind, table in tables.items():
            table.mirror(tables[_BACK.get(kind, kind)])
    for table in tables.values():
        table.scale(starts, others, exponent)
    if d:
        for a, b in _large_pairs(starts, others):
            one = x[starts[a] : starts[a + 1]]
            other = (x if w is None else w)[others[b] : others[b + 1]]
            for kind, table in tables.items():
                _put(table, a, b, _of_pair(kind, one, other, relative))
    return tables


def _large_pairs(starts: Integers, others: Integers) -> list[tuple[int, int]]:
    """Return the pairs of collections of which one is too large for a tile."""
    rows, columns = np.diff(starts) > _GROUP_COLUMNS, np.diff(others) > _GROUP_COLUMNS
    return [(a, b) for a, b in np.argwhere(rows[:, None] | columns).tolist()]


def _of_pair(kind: int, x: Tensor, w: Tensor, relative: float) -> Found:
    from boundcheck.kernels import loops

    match kind:
        case loops.IS_MAX | loops.IS_MIN:
            return extreme(x, w, largest=kind == loops.IS_MAX)
        case loops.IS_MEAN:
            return mean(x, w, relative=relative)
        case loops.IS_CHAMFER | loops.IS_CHAMFER_BACK:
            return chamfer(x, w) if kind == loops.IS_CHAMFER else chamfer(w, x)
        case loops.IS_HAUSDORFF:
            return hausdorff(x, w)
    back = hausdorff(w, x)
    return Found(back.value, back.error, back.column, back.row)


def _put(table: Table, a: int, b: int, found: Found) -> None:
    table.value[a, b], table.error[a, b] = found.value, found.error
    if table.row is not None and table.column is not None:
        table.row[a, b], table.column[a, b] = found.row, found.column


def _groups(starts: Integers, others: Integers, at_once: int, *, symmetric: bool) -> list[tuple[_Place, slice, slice]]:
    """Return tiles of whole collections, and which collections they are; none of those that are too large for one.

    Of columns, a tile has at most `at_once`, or those of one collection.
    """
    found = []
    for first in _whole(starts, _GROUP_ROWS):
        rows = slice(int(starts[first.start]), int(starts[first.stop]))
        for second in _whole(others, at_once):
            if symmetric and second.stop <= first.start:
                continue
            columns = slice(int(others[second.start]), int(others[second.stop]))
            if max(rows.stop - rows.start, columns.stop - columns.start) > _GROUP_COLUMNS:
                continue
            blocks = (
                starts[first.start : first.stop + 1] - rows.start,
                others[second.start : second.stop + 1] - columns.start,
            )
            skipped = second.start - first.start if symmetric else 1 << 40
            found.append((_Place(rows, columns, *blocks, skipped), first, second))
    return found


def _whole(starts: Integers, limit: int) -> Iterator[slice]:
    """Yield runs of collections of at most `limit` rows together, or of one."""
    first = 0
    while first < len(starts) - 1:
        last = max(first + 1, int(np.searchsorted(starts, starts[first] + limit, side="right")) - 1)
        yield slice(first, last)
        first = last


def _scale_arrays(value: Array, error: Array, exponent: int) -> None:
    if not exponent:
        return
    with np.errstate(over="ignore", under="ignore"):
        np.ldexp(value, exponent, out=value)
        np.ldexp(error, exponent, out=error)
    error *= 1 + 2.0**-52
    error += 2.0**-1073
