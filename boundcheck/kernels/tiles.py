"""Reductions of distance matrices that are never stored: tile by tile, each reduced while it is in the cache.

Every function returns enclosures: a value and a bound on its error. See :mod:`.rows` for how low precision is kept
honest and :mod:`.loops` for what is done with a tile.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from math import inf
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from boundcheck.kernels import direct
from boundcheck.kernels.rows import (
    INTEGERS,
    Array,
    Format,
    Rows,
    best_format,
    empty_factor,
    empty_tile,
    fused,
    gamma,
    prepare,
    product,
    reduced_precision,
    square_error_shares,
    square_errors,
)
from boundcheck.kernels.tables import Found, Integers, Table, every, scaled, scaled_arrays
from boundcheck.kernels.threads import Workers, in_order, in_parallel, one_thread_each

__all__ = ["between", "chamfer", "explain", "extreme", "hausdorff", "mean", "of_rows", "one_thread_each"]

# Rows of one tile of whole collections, and columns: where rows are converted for it, as few as that takes.
_GROUP, _GROUP_INTEGERS = 512, 2048
# A collection of more rows is a pair of sets with each of the others.
_LARGE = 2048
# What each bit asks for, and which reduction is the other direction of a directed one, by the numbers of `loops`.
_KINDS = ((1, (0,)), (2, (1,)), (4, (2,)), (8, (3, 4)), (16, (5, 6)))
_BACK = {3: 4, 4: 3, 5: 6, 6: 5}
_EXTREMES = frozenset({0, 1, 5, 6})

# Of a tile, which stays in the third-level cache; and rows where only a block of them is stored at once.
_TILE_ROWS, _TILE_COLUMNS, _FUSED_ROWS = 480, 4000, 1920
# Blocks of one pair of sets: small enough that their bounds are their own.
_BLOCK_ROWS, _BLOCK_COLUMNS = 60, 500
# So many pairs of a block are measured again before its bound is left wider; ties alone come to it.
_CAP = 4096
# An enclosure of an extreme that is wider than this is looked for again.
_WIDE = 1e-11
# So large a multiple of E that no v is taken for what it is.
_ALWAYS = 1e150
# Columns that a search for the Hausdorff distance looks at first.
_FIRST_COLUMNS = 64
# Whether bytes tell pairs apart is asked of a sample of so many rows and columns, where there are so many pairs; a pair
# that is left costs what this share of a product saves. Integers go up to these.
_SAMPLE, _PAIRS_WORTH_A_SAMPLE, _MOST_LEFT = 256, 1 << 23, 0.02
_STEPS = {"int7": 63, "int8": 127}
# Below so many dimensions, products are of floats.
_FEW_DIMENSIONS = 64
# Where pruning leaves more than this share of the pairs, it is not worth the sorting.
_WORTH_SORTING = 0.8


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


def _choose_format(dimension: int, *, near_ties: bool = False) -> Format:
    """Return the format of products that exclude pairs.

    Where many pairs are as far apart as the one that is looked for (of a small block, or nearest to a row), 7 or 8 bits
    tell too few of them apart, and 16 bits most. Few dimensions cost less than their conversion.
    """
    real: Format = "float64" if reduced_precision() else "float32"
    if dimension < _FEW_DIMENSIONS:
        return real
    if near_ties:
        return "int16" if fused("int16") else real
    return best_format() if best_format() in INTEGERS else real


def explain() -> str:
    """Return in which formats products are made here and by what, and why not by others."""
    from boundcheck.kernels import integers

    def by(format: Format) -> str:
        made = integers.chosen(format) if format in INTEGERS else None
        return f"{format}, by {'torch' if made is None else made.kernel.name}"

    many = 1 << 10
    lines = [
        f"largest and smallest of large sets: {by(_choose_format(many))}",
        f"many collections, nearest rows: {by(_choose_format(many, near_ties=True))}",
        f"sums, and fewer than {_FEW_DIMENSIONS} dimensions: float64 or float32, by torch",
        "",
    ]
    said = integers.reasons()
    return "\n".join(lines + [f"{kernel.name} ({kernel.format}): {said[kernel.name]}" for kernel in integers.KERNELS])


# --------------------------------------------------------------------------------------------------- two sets of rows


def extreme(x: Tensor, w: Tensor | None, *, largest: bool, format: Format | None = None) -> Found:
    """Return the largest (or smallest) Euclidean distance of two sets, or of two different rows of one.

    Parameters
    ----------
    x, w
        Finite contiguous rows of float32 or float64, on the CPU; w None for the pairs of x.
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
    if w is None and not largest and chosen in INTEGERS:
        # A row's product with itself is taken out of the tile by a value that only a float has room for.
        chosen = "float64" if reduced_precision() else "float32"
    ready = prepare([x] if w is None else [x, w], chosen)
    if ready is None:
        return direct.extreme(x, w, 2, largest=largest)
    if format is None and _needs_finer_steps(ready[0], largest=largest):
        ready = prepare([x] if w is None else [x, w], "int16")
        assert ready is not None
    sides, exponent = ready
    rows, columns = sides[0], sides[-1]
    accuracy = _Accuracy.of(d)
    known = (-inf, inf)
    order_rows = order_columns = None
    own = w is None
    if largest:
        known = (_double_sweep(rows, columns, accuracy), inf)
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

    def reduced(place: _Place, known: tuple[float, float]) -> Array | None:
        if largest and reach[0][place.rows].max() + reach[1][place.columns].max() < known[0] * (1 - 1e-12):
            return None
        tile = _tile(rows, columns, place, room, masked=own and not largest)
        table: Array = tile.reduce(what, known, _CAP, accuracy, (_ALWAYS, _ALWAYS))[kind]
        return table

    def so_far() -> tuple[float, float]:
        return known

    for _, table in in_order(_places(rows, columns, own=own), reduced, so_far):
        if table is None:
            continue
        values = table[loops.VALUE]
        value = values.max() if largest else values.min()
        beyond = max(beyond, table[loops.BEYOND].max()) if largest else min(beyond, table[loops.BEYOND].min())
        if (value < 0) if largest else (value == inf):
            continue
        # Of several, the first.
        at = np.argwhere(values == value)
        pairs = table[[loops.ROW, loops.COLUMN]][:, at[:, 0], at[:, 1]].T
        row, column = min(map(tuple, pairs.astype(np.int64).tolist()))
        if (
            best is None
            or (value > best[0] if largest else value < best[0])
            or (value == best[0] and (row, column) < best[1:])
        ):
            best = (float(value), row, column)
            off = value * accuracy.relative + accuracy.tiny
            known = (max(known[0], value - off), inf) if largest else (-inf, min(known[1], value + off))
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


def _needs_finer_steps(sides: list[Rows], *, largest: bool) -> bool:
    """Return whether 7 or 8 bits leave so many pairs of a sample that 16, at half the speed, are faster.

    Rows of tight classes are so: a step suits the size of a row, and distances within a class are of another.
    """
    from boundcheck.kernels import integers

    rows, columns = sides[0], sides[-1]
    if rows.format not in _STEPS or not fused("int16") or len(rows) * len(columns) < _PAIRS_WORTH_A_SAMPLE:
        return False
    some, others = (
        side.select(np.unique(np.linspace(0, len(side) - 1, _SAMPLE).astype(np.int64))) for side in (rows, columns)
    )
    centre = 0 if rows.centre is None else rows.centre
    one, other = (side.raw.to(torch.float64) - centre for side in (some, others))
    found = torch.cdist(one, other, compute_mode="use_mm_for_euclid_dist").numpy()
    room = some.residual[:, None] + others.residual
    left = (found + room >= found.max()) if largest else (found - room <= found.min())
    # With 16 bits, steps are smaller by as much as integers are larger.
    finer = room * (_STEPS[rows.format] / integers.largest_integer("int16", rows.dimension))
    less = (found + finer >= found.max()) if largest else (found - finer <= found.min())
    return bool(left.mean() > _MOST_LEFT and less.mean() < left.mean() / 2)


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
    ready = prepare([x] if w is None else [x, w], format or _format_for(d, relative))
    if ready is None:
        return direct.mean(x, w, 2)
    (rows, *others), exponent = ready
    columns = others[0] if others else rows
    totals: list[float] = []
    off = 0.0
    accuracy, near, room = _Accuracy.of(d), _near(relative), _Room(rows.format)

    def reduced(place: _Place, known: tuple[float, float]) -> Array:
        table: Array = _tile(rows, columns, place, room).reduce(loops.MEAN, known, _CAP, accuracy, near)[loops.IS_MEAN]
        return table

    for place, table in in_order(_places(rows, columns, own=False), reduced, lambda: (-inf, inf)):
        counts = np.outer(np.diff(place.row_blocks), np.diff(place.column_blocks))
        totals += (table[loops.VALUE] * counts).ravel().tolist()
        off += float((table[loops.ERROR] * counts).sum())
    pairs = len(rows) * len(columns)
    total = math.fsum(totals)
    # A block's sum is rounded once when its mean is multiplied; fsum rounds once, the division once more.
    off = (off + 4 * 2.0**-53 * total) * (1 + 1e-9)
    # A row's distance to itself is 0, and is found to be exactly so.
    count = pairs if w is not None else pairs - len(rows)
    # Quotients may be too small for a float.
    return Found(*scaled(total / count, off / count + (accuracy.tiny if total else 0.0), exponent))


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
    ready = prepare([x, w], format or _choose_format(d, near_ties=True))
    if ready is None:
        return direct.chamfer(x, w, 2)
    (rows, columns), exponent = ready
    low, high, _ = _row_extremes(rows, columns, np.array([0, len(columns)]), largest=False)
    middle, half = (low + high) / 2, (high - low) / 2
    value = math.fsum(middle[:, 0].tolist()) / len(rows)
    off = (float(half.mean()) + 4 * 2.0**-53 * value) * (1 + 1e-9)
    # Halves and quotients may be too small for a float.
    return Found(*scaled(value, off + (_Accuracy.of(d).tiny if high.any() else 0.0), exponent))


def of_rows(x: Tensor, w: Tensor, *, largest: bool) -> tuple[Array, Array, Integers]:
    """Return each row's distance to the farthest (or nearest) row of w: value, error and which, shape (n,)."""
    d = x.shape[1]
    if d == 0:
        return np.zeros(len(x)), np.zeros(len(x)), np.zeros(len(x), dtype=np.int64)
    ready = prepare([x, w], _choose_format(d, near_ties=True))
    if ready is None:
        return direct.of_rows(x, w, 2, largest=largest)
    (rows, columns), exponent = ready
    low, high, at = _row_extremes(rows, columns, np.array([0, len(columns)]), largest=largest)
    value, error = (low + high) / 2, (high - low) / 2 * (1 + 1e-9) + high * 2.0**-52
    error += np.where(high > 0, _Accuracy.of(d).tiny, 0.0)
    value, error = scaled_arrays(value, error, exponent)
    return value[:, 0], error[:, 0], at[:, 0]


def hausdorff(x: Tensor, w: Tensor, *, format: Format | None = None) -> Found:
    """Return the largest over rows of x of the distance to the nearest row of w.

    A row is done with as soon as one column is nearer than the best row so far: few columns decide most rows.
    """
    d = x.shape[1]
    if d == 0:
        return Found(0.0, 0.0, 0, 0)
    ready = prepare([x, w], format or _choose_format(d, near_ties=True))
    if ready is None:
        return direct.hausdorff(x, w, 2)
    (rows, columns), exponent = ready
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
        low, high, at = _row_extremes(chosen, columns, np.array([0, len(columns)]), largest=False)
        best = int(((low + high) / 2)[:, 0].argmax())
        value, off = float(low[best, 0] + high[best, 0]) / 2, float((high - low).max()) / 2
        if value > found.value:
            found = Found(value, max(off, found.error), int(active[best]), int(at[best, 0]))
        else:
            found = Found(found.value, max(off, found.error), found.row, found.column)
    off = found.error + found.value * accuracy.relative + (accuracy.tiny if found.value else 0.0)
    value, error = scaled(found.value, off, exponent)
    return Found(value, error, found.row, found.column)


def _survivors(
    rows: Rows, columns: Rows, active: Integers, shuffled: Integers, known: float, reach: float, near: float
) -> Integers:
    """Return the rows without a column that is surely nearer than `known`, among ever more columns tried."""
    start, count = 0, _FIRST_COLUMNS
    while known > 0 and start < len(shuffled) // 2 and len(active):
        some = columns.select(np.sort(shuffled[start : start + count]))
        left = np.zeros(len(active), dtype=bool)

        def look(
            first: int, last: int, some: Rows = some, active: Integers = active, left: npt.NDArray[np.bool_] = left
        ) -> None:
            part = rows.select(active[first:last], measured=False)
            above = _least_squares(part, some) + square_errors(rows, part.norms(), np.asarray(reach))
            left[first:last] = (np.sqrt(np.maximum(above, 0)) + near) * (1 + 1e-14) >= known

        in_parallel(len(active), look)
        few_less = start and left.sum() > _WORTH_SORTING * len(active)
        active = active[left]
        start, count = start + count, count * 4
        if few_less:
            # These rows have no such column, or hardly one.
            break
    return active


def _least_squares(rows: Rows, columns: Rows) -> Array:
    """Return the least v of each row, shape (n,)."""
    from boundcheck.kernels import loops

    n, q = len(rows), len(columns)
    place = _Place(slice(0, n), slice(0, q), every(n, _BLOCK_ROWS), every(q, q))
    tile, found = _tile(rows, columns, place, _Room(rows.format)), np.empty(n)
    sides = rows.factors()[0], columns.factors()[0], rows.factors()[1], columns.factors()[2]
    loops.least_of_rows(tile.values, tile.factors, sides, found)
    return found


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
    """A product of some rows and columns; or its factors, and room for a part of it."""

    side: Rows
    other: Rows
    place: _Place
    values: npt.NDArray[np.generic]
    factors: _Factors | None = None

    def reduce(
        self,
        what: int,
        known: tuple[float, float],
        cap: int,
        accuracy: _Accuracy,
        near: tuple[float, float],
    ) -> Array:
        """Return the table of every block, shape (reductions, fields, row blocks, column blocks)."""
        from boundcheck.kernels import loops

        place = self.place
        blocks, others = len(place.row_blocks) - 1, len(place.column_blocks) - 1
        table = np.zeros((loops.REDUCTIONS, loops.FIELDS, blocks, others))
        limits = np.empty((blocks, others, 2))
        a, of_a = _largest_of(self.side, place.rows, place.row_blocks)
        b, of_b = _largest_of(self.other, place.columns, place.column_blocks)
        limits[..., 0] = square_errors(self.side, a[:, None], b)
        limits[..., 1] = (of_a[:, None] + of_b) * (1 + 1e-15)
        n, t, _ = (part[place.rows] for part in self.side.factors())
        c, _, u = (part[place.columns] for part in self.other.factors())
        points = self.side.raw.numpy(), place.rows.start, self.other.raw.numpy(), place.columns.start
        loops.scan_blocks(
            self.values, self.factors, (n, c, t, u), place.row_blocks, place.column_blocks, limits, near, points,
            (accuracy.relative, accuracy.tiny), what, known, cap, square_error_shares(self.side), place.skipped, table,
        )  # fmt: skip
        return table


# Rows and panels in words, shifts, and the kernel's plan.
_Factors: TypeAlias = tuple[
    npt.NDArray[np.uint32], npt.NDArray[np.uint32], npt.NDArray[np.int32], tuple[int, int, int, int, int]
]


class _Room(threading.local):
    """Room for one tile and its factors in each thread, which the next tile of that thread takes over.

    Room that is asked for anew for each tile is never given back by threads other than the first: it grew to 100 MB.
    """

    def __init__(self, format: Format) -> None:
        self._format = format
        self._kept: dict[str, Tensor] = {}
        self._columns: tuple[int, int] | None = None
        self._kept_columns = empty_tile(format, 0, 0)

    def _take(self, name: str, empty: Tensor) -> Tensor:
        """Return what is kept under this name, in the shape of what is not yet written to; that, if it is larger."""
        kept = self._kept.get(name)
        if kept is None or kept.numel() < empty.numel():
            kept = self._kept[name] = empty
        return kept.flatten()[: empty.numel()].view(empty.shape)

    def _block(self, name: str, side: Rows, start: int, stop: int) -> Tensor:
        if side.kept is not None:
            return side.block(start, stop)
        return side.block(start, stop, self._take(name, empty_factor(side.format, stop - start, side.dimension)))

    def product(self, side: Rows, other: Rows, place: _Place) -> Tensor:
        """Return the product of some rows and columns; columns are converted once for tiles in turn."""
        start, stop, left, right = place.rows.start, place.rows.stop, place.columns.start, place.columns.stop
        if self._columns != (left, right):
            self._kept_columns = self._block("columns", other, left, right)
            self._columns = left, right
        tile = self._take("tile", empty_tile(side.format, stop - start, right - left))
        return product(self._block("rows", side, start, stop), self._kept_columns, tile)

    def factors(self, side: Rows, other: Rows, place: _Place) -> tuple[Tensor, _Factors]:
        """Return room for the product of a block of rows, and what :func:`.integers.multiply` makes it from."""
        from boundcheck.kernels import integers

        made = integers.chosen(side.format)
        assert made is not None
        left, right = place.columns.start, place.columns.stop
        if self._columns != (left, right):
            words = _words(self._block("columns", other, left, right))
            panels = -(-len(words) // made.kernel.columns), words.shape[1], made.kernel.columns
            self._kept_columns = self._take("panels", torch.empty(panels, dtype=torch.int32, device="cpu"))
            integers.pack(words, made.kernel.bias, self._kept_columns.numpy().view(np.uint32))
            self._columns = left, right
        rows = place.rows.stop - place.rows.start
        tall = max(int(np.diff(place.row_blocks).max()), min(rows, _BLOCK_ROWS))
        tile = self._take("tile", empty_tile(side.format, tall, self._kept_columns.shape[0] * made.kernel.columns))
        words = _words(self._block("rows", side, place.rows.start, place.rows.stop))
        shifts = integers.shifts(side.sums[place.rows], made.kernel.bias)
        return tile, (words, self._kept_columns.numpy().view(np.uint32), shifts, made.plan)


def _words(rows: Tensor) -> npt.NDArray[np.uint32]:
    return rows.view(torch.int32).numpy().view(np.uint32)


def _tile(side: Rows, other: Rows, place: _Place, room: _Room, *, masked: bool = False) -> _Tile:
    """Return the product of some rows and columns, in that room; masked, without that of a row with itself."""
    if fused(side.format):
        values, factors = room.factors(side, other, place)
        return _Tile(side, other, place, values.numpy(), factors)
    values = room.product(side, other, place)
    if masked:
        _take_out_itself(values, place.rows.start, place.columns.start)
    return _Tile(side, other, place, values.numpy())


def _largest_of(side: Rows, part: slice, blocks: Integers) -> tuple[Array, Array]:
    starts = blocks[:-1]
    return np.maximum.reduceat(side.norms()[part], starts), np.maximum.reduceat(side.residual[part], starts)


def _by_columns(n: int, q: int, tall: int, *, own: bool = False) -> Iterator[list[_Place]]:
    """Yield the tiles of some columns, then of the next; of one set with itself, those that are needed by symmetry."""
    for left in range(0, q, _TILE_COLUMNS):
        columns = slice(left, min(q, left + _TILE_COLUMNS))
        found = []
        for start in range(0, columns.stop if own else n, tall):
            rows = slice(start, min(n, start + tall))
            blocks = every(rows.stop - rows.start, _BLOCK_ROWS), every(columns.stop - columns.start, _BLOCK_COLUMNS)
            found.append(_Place(rows, columns, *blocks))
        yield found


def _places(rows: Rows, columns: Rows, *, own: bool) -> Iterator[_Place]:
    tall = _FUSED_ROWS if fused(rows.format) else _TILE_ROWS
    return chain.from_iterable(_by_columns(len(rows), len(columns), tall, own=own))


def _take_out_itself(tile: Tensor, start: int, left: int) -> None:
    first = max(start, left)
    count = min(start + tile.shape[0], left + tile.shape[1]) - first
    if count > 0:
        at = torch.arange(count, device="cpu")
        tile[at + first - start, at + first - left] = -torch.inf


def _row_extremes(rows: Rows, columns: Rows, collections: Integers, *, largest: bool) -> tuple[Array, Array, Integers]:
    """Return for each row and each collection of columns (where they begin, and the end) the extreme distance."""
    from boundcheck.kernels import loops

    count, sign = len(collections) - 1, 1.0 if largest else -1.0
    # Not yet seen: no column.
    low = np.full((len(rows), count), -sign * inf)
    high, at = low.copy(), np.full((len(rows), count), -1, dtype=np.int64)
    accuracy, room = _Accuracy.of(rows.dimension), _Room(rows.format)
    n, t, _ = rows.factors()
    c, _, u = columns.factors()
    n, t, c = (np.asarray(part * part.dtype.type(sign)) for part in (n, t, c))
    raw, other = rows.raw.numpy(), columns.raw.numpy()
    norms = rows.norms()

    def reduced(place: _Place) -> None:
        start, stop, left, right = place.rows.start, place.rows.stop, place.columns.start, place.columns.stop
        first = int(np.searchsorted(collections, left, side="right")) - 1
        last = int(np.searchsorted(collections, right, side="left"))
        blocks = np.clip(collections[first : last + 1], left, right) - left
        b, of_b = _largest_of(columns, place.columns, blocks)
        limits = np.stack(
            [
                square_errors(rows, norms[start:stop, None], b),
                (rows.residual[start:stop, None] + of_b) * (1 + 1e-15),
            ],
            axis=-1,
        )
        some = slice(start, stop), slice(first, last)
        tile = _tile(rows, columns, place, room)
        loops.scan_rows(
            tile.values, tile.factors, (n[start:stop], c[left:right], t[start:stop], u[left:right]),
            blocks, limits, (raw, start, other, left), (accuracy.relative, accuracy.tiny), sign, low[some], high[some],
            at[some],
        )  # fmt: skip

    with one_thread_each() as workers, Workers(workers) as pool:
        # Rows of few are shared out, too; those of the same rows are one after the other.
        for places in _by_columns(len(rows), len(columns), max(_BLOCK_ROWS, min(_TILE_ROWS, len(rows) // 8))):
            list(pool.map(reduced, places))
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
    chosen = format or (_format_for(d, relative) if exact else _choose_format(d, near_ties=True))
    ready = prepare([x] if w is None else [x, w], chosen)
    kinds = [kind for bit, ways in _KINDS if what & bit for kind in ways]
    if ready is None:
        found = direct.between(x, starts, w, others, 2)
        return {kind: found[kind] for kind in kinds}
    sides, exponent = ready
    rows, columns = sides[0], sides[-1]
    shape = len(starts) - 1, len(others) - 1
    tables = {kind: Table.empty(shape, at=kind in _EXTREMES) for kind in kinds}
    if d:
        accuracy, near, room = _Accuracy.of(d), _near(relative), _Room(rows.format)
        at_once = _GROUP_INTEGERS if rows.format in INTEGERS else _GROUP
        groups = _groups(starts, others, at_once, symmetric=symmetric)

        def reduced(place: _Place, known: tuple[float, float]) -> Array:
            return _tile(rows, columns, place, room).reduce(what, known, 1 << 62, accuracy, near)

        parts = in_order([place for place, _, _ in groups], reduced, lambda: (-inf, inf))
        for (_, first, second), (_, part) in zip(groups, parts, strict=True):
            wanted: npt.NDArray[np.bool_] | bool = True
            if symmetric and first.stop > second.start:
                wanted = np.arange(first.start, first.stop)[:, None] <= np.arange(second.start, second.stop)
            for kind, table in tables.items():
                table.fill((first, second), wanted, part[kind])
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
    rows, columns = np.diff(starts) > _LARGE, np.diff(others) > _LARGE
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
    for second in _whole(others, at_once):
        columns = slice(int(others[second.start]), int(others[second.stop]))
        for first in _whole(starts, _GROUP):
            rows = slice(int(starts[first.start]), int(starts[first.stop]))
            if symmetric and second.stop <= first.start:
                continue
            if max(rows.stop - rows.start, columns.stop - columns.start) > _LARGE:
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
