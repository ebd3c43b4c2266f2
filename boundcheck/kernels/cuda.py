"""Reductions of distance matrices on a GPU, with the same certainty as on the CPU.

Extremes in the Euclidean norm, by the kernels of :mod:`.triton_tiles`:

1. Rows become q in a low precision, and what that loses is measured: ρ, as in :mod:`.rows`.
2. Tiles of products on the matrix units are reduced to the extreme of v for each pair of blocks, never stored. With
   |v − ‖q − p‖²| ≤ E and ρ that encloses the extreme distance (:func:`enclosures`).
3. The tiles are made again, and the pairs that v, E and ρ cannot exclude are noted.
4. These are measured by differences in float64, as on the CPU; the result is as exact as that.

Blocks are collections, or pieces of those that are large. Of one set with itself, only the tiles with pairs i ≤ j are
made. Everything else, and everything where Triton is not installed, goes through :func:`torch.cdist` in float64, by
differences, a part of the matrix at a time.

===========  ================================================================  ===================================
format       what a row loses (d coordinates of similar size)                  error of the products
===========  ================================================================  ===================================
int8         about 1/440 of each row's largest coordinate, times √d            none
bfloat16     about 2**-9 of its norm                                           2·γ(d + 8)·‖q‖·‖p‖ at 2**-22
float16      about 2**-12 of its norm                                          the same
===========  ================================================================  ===================================

Matrix units do not round as IEEE 754 says. Of them this is assumed: products of 16-bit numbers are exact; at least two
of them are added to a sum at a time, each term aligned to the largest and cut off after no fewer than 24 bits, the
result too. Then m terms at a time lose at most (m + 2)·2**-23 of the terms' magnitudes, which for m ≥ 2 is at most
2**-22 for each product: γ(d) at the unit 2**-22 (M. Fasi, N. J. Higham, M. Mikaitis, S. Pranesh, "Numerical behavior of
NVIDIA tensor cores", PeerJ Computer Science 7, 2021, measured such units). ``benchmarks/gpu.py`` tests it on rows made
to break it.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import os
from collections.abc import Iterator
from dataclasses import dataclass
from math import frexp, inf, lcm
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from boundcheck.errors import MissingDependencyError, explain, require_named
from boundcheck.kernels import direct
from boundcheck.kernels.rows import gamma, keeps_digits, times_power_of_two
from boundcheck.kernels.tables import Found, Integers, Table, scaled, scaled_arrays

__all__ = [
    "Format",
    "Ready",
    "Tile",
    "between",
    "chamfer",
    "enclosures",
    "extreme",
    "hausdorff",
    "mean",
    "measured",
    "prepare",
]

Format = Literal["int8", "bfloat16", "float16"]

_TYPES: dict[Format, torch.dtype] = {"int8": torch.int8, "bfloat16": torch.bfloat16, "float16": torch.float16}
# Unit roundoff of what follows the products, of the matrix units' sums, and of float64; the least normal float32.
_FLOAT32, _UNITS, _FLOAT64 = 2.0**-24, 2.0**-22, 2.0**-53
_LEAST = 2.0**-126
# int32 sums of int8 products are exact up to this dimension, and γ stays small.
_DIMENSION = (2**31 - 1) // 127**2
# Coordinates of magnitudes between these need no scaling before they are measured.
_SMALL, _LARGE = 2.0**-40, 2.0**40
# A block has at most so many segments: what a note has bits for.
_SEGMENTS = 32
# Of several sizes of segments, the largest that adds no more than this share of rows.
_SEGMENT_SIZES, _FILLING = (4, 2, 1), 1.1
# So many pairs of blocks are reduced at a time, and so many notes of candidates kept.
_PAIRS, _NOTES = 1 << 23, 1 << 25
# Row tiles that are visited together.
_BAND = 8
# Of an exhaustive pass: so many distances in float64 at a time, of so many columns.
_ELEMENTS, _COLUMNS = 1 << 24, 8192
# No pair: larger than any code 128·i + j.
_NONE = 1 << 30


class Tile(NamedTuple):
    """The shape of a kernel's tile and how Triton builds it."""

    rows: int
    columns: int
    inner: int
    warps: int
    stages: int


@dataclass(frozen=True)
class _Stripe:
    """Blocks first to last, which are positions start to stop; start and stop are multiples of a tile's sides."""

    first: int
    last: int
    start: int
    stop: int


@dataclass(frozen=True)
class _Layout:
    """Where each row is put: blocks fill whole segments, stripes whole tiles.

    Attributes
    ----------
    index
        The row at each position, -1 for none.
    origins
        The position that each is a copy of, itself for the rows themselves; -1 for none.
    segment_blocks, segment_numbers
        The block of each segment, -1 for none, and which of its segments it is.
    block_collections, block_starts, block_sizes
        Of each block: its collection, its first row and how many.
    """

    segment: int
    index: Integers
    origins: Integers
    segment_blocks: Integers
    segment_numbers: Integers
    block_collections: Integers
    block_starts: Integers
    block_sizes: Integers
    stripes: tuple[_Stripe, ...]


@dataclass(frozen=True)
class Ready:
    """Rows in the format of the products, arranged by blocks, on the device.

    Attributes
    ----------
    raw
        The rows themselves, divided by 2**exponent; shape (n, d), float32 or float64.
    q, squares, steps
        Shape (positions, wide), (positions,) and (positions,): see :func:`.triton_tiles.quantise`; float32 but for q.
    norms, residuals
        The largest ‖s·q‖ and ‖(x − c)·shrink − s·q‖ of each block, upper bounds, float64.
    shrink
        A power of two: squares are of rows times this.
    """

    raw: Tensor
    format: Format
    tile: Tile
    layout: _Layout
    q: Tensor
    squares: Tensor
    steps: Tensor
    norms: Tensor
    residuals: Tensor
    shrink: float
    collections: int
    segment_blocks: Tensor
    segment_numbers: Tensor
    origins: Tensor
    block_starts: Tensor
    block_sizes: Tensor


def interpreted() -> bool:
    """Return whether Triton's kernels run in its interpreter, on the CPU."""
    return os.environ.get("TRITON_INTERPRET") == "1"


@functools.cache
def _triton_installed() -> bool:
    return importlib.util.find_spec("triton") is not None


def _has_kernels(x: Tensor) -> bool:
    """Return whether the kernels can be built for these rows, and what is assumed of the matrix units is known."""
    if not _triton_installed() or not 0 < x.shape[1] <= _DIMENSION:
        return False
    if not x.is_cuda:
        return interpreted()
    return torch.version.hip is None and torch.cuda.get_device_capability(x.device) >= (8, 0)


def _kernels() -> Any:
    try:
        from boundcheck.kernels import triton_tiles
    except ImportError as error:
        raise MissingDependencyError(
            explain("triton", "an installed package", "none", "pip install triton, which wants Linux and a GPU")
        ) from error
    return triton_tiles


def _launch(name: str, programs: int, device: torch.device, *arguments: Any, **options: Any) -> None:
    # Triton launches on the current device, whichever the arguments are on.
    with torch.cuda.device(device) if device.type == "cuda" else contextlib.nullcontext():
        getattr(_kernels(), name)[(programs,)](*arguments, **options)


def _tile_for(format: Format, device: torch.device) -> Tile:
    inner = 128 if format == "int8" else 64
    if device.type != "cuda":
        return Tile(32, 32, 32, 4, 1)
    if torch.cuda.get_device_capability(device) >= (9, 0):
        return Tile(128, 256, inner, 8, 3)
    return Tile(128, 128, inner // 2, 8, 3)


# ------------------------------------------------------------------------------------------------------ rows made ready


def prepare(
    sides: list[Tensor],
    starts: list[Integers],
    *,
    format: Format = "float16",
    tile: Tile | None = None,
) -> tuple[list[Ready], int]:
    """Make several sets of rows ready together.

    Parameters
    ----------
    sides
        Finite contiguous rows of float32 or float64, of one dimension and dtype, on one device, and such that scaling
        them together loses no digits (:func:`.rows.keeps_digits`).
    starts
        Of each side: where its collections begin, and the end.
    format
        Of the products.
    tile
        Chosen by the device if None; the columns are a multiple of the rows.

    Returns
    -------
    ready
        One for each side.
    exponent
        Distances of the rows' `raw` are to be multiplied by 2**exponent.

    Raises
    ------
    InvalidValueError
        For an unknown format.
    MissingDependencyError
        Without Triton.
    """
    require_named("format", format, _TYPES)
    _kernels()
    device, d = sides[0].device, sides[0].shape[1]
    chosen = tile or _tile_for(format, device)
    sides, centre, largest, exponent = _centred(sides)
    # A power of two that leaves every coordinate below 1; a kernel takes it as float32.
    shrink = 2.0 ** -max(frexp(largest)[1], -120) if largest else 1.0
    segment = _segment_for(starts)
    pieces = max(int((-(-np.diff(begins) // (_SEGMENTS * segment))).sum()) for begins in starts)
    wide = -(-d // chosen.inner) * chosen.inner
    ready = []
    for side, begins in zip(sides, starts, strict=True):
        begin = begins.astype(np.int64).tobytes()
        layout = _layout(begin, segment, lcm(chosen.rows, chosen.columns), max(1, _PAIRS // pieces))
        on = functools.partial(_on, device=device)
        positions = len(layout.index)
        q = torch.empty(positions, wide, dtype=_TYPES[format], device=device)
        squares, left = torch.empty(2, positions, dtype=torch.float64, device=device)
        steps = torch.empty(positions, dtype=torch.float32, device=device)
        index, segment_blocks = on(layout.index), on(layout.segment_blocks)
        # A tile has at least 16 rows, which are as many programs less to interpret.
        together = 16 if interpreted() else 1
        _launch(
            "quantise", positions // together, device, side, index, side if centre is None else centre, q, squares, left,
            steps, d, wide, shrink,
            CENTRED=centre is not None, EIGHT=format == "int8", BR=together, BD=_block(wide), num_warps=4,
        )  # fmt: skip
        length = squares.sqrt() * (1 + gamma(d + 8, _FLOAT64))
        floor = (d + 1) * 2.0**-511
        off = left.sqrt() * (1 + gamma(d + 8, _FLOAT64))
        if centre is not None:
            # One rounding for the centre.
            off = off + 1.2e-16 * (length + off)
        most = [
            torch.zeros(len(layout.block_sizes), dtype=torch.float64, device=device).scatter_reduce_(
                0, segment_blocks.clamp(min=0).to(torch.int64), values.reshape(-1, segment).amax(dim=1), "amax"
            )
            for values in (length + floor, off + floor)
        ]
        ready.append(
            Ready(
                side,
                format,
                chosen,
                layout,
                q,
                squares.to(torch.float32),
                steps,
                most[0],
                most[1],
                shrink,
                len(begins) - 1,
                segment_blocks,
                on(layout.segment_numbers),
                on(layout.origins),
                on(layout.block_starts),
                on(layout.block_sizes),
            )
        )
    return ready, exponent


def _on(values: Integers, device: torch.device) -> Tensor:
    return torch.from_numpy(values.astype(np.int32)).to(device)


def _block(size: int) -> int:
    """Return the power of two that covers a row, or pieces of it."""
    return min(1024, 1 << (size - 1).bit_length())


def _centred(sides: list[Tensor]) -> tuple[list[Tensor], Tensor | None, float, int]:
    """Return the rows, divided by 2**exponent where their squares might over- or underflow, and a centre if one pays.

    The largest coordinate is one of the rows less the centre. A centre: see :func:`.rows.prepare`.
    """
    # One answer from the device.
    largest = torch.stack([side.abs().amax().to(torch.float64) for side in sides]).amax()
    sample = torch.cat([side[:: max(1, len(side) // 1024)].to(torch.float64) for side in sides])
    most = float(largest)
    exponent = 0
    if most and not _SMALL <= most <= _LARGE:
        exponent = frexp(most)[1]
        sides = [times_power_of_two(side.to(torch.float64), -exponent) for side in sides]
        sample, most = times_power_of_two(sample, -exponent), most * 2.0**-exponent if exponent > -1000 else 1.0
    centre = sample.mean(dim=0)
    spread, square = torch.stack([(sample - centre).square().sum(dim=1).mean(), centre.square().sum()]).tolist()
    if square <= spread / 4:
        return sides, None, most, exponent
    # Rows may be near the centre all together, and then the largest coordinate is far below both.
    largest = torch.stack([(side - centre).abs().amax().to(torch.float64) for side in sides]).amax()
    return sides, centre, float(largest) * (1 + 1e-9), exponent


def _segment_for(starts: list[Integers]) -> int:
    sizes = np.concatenate([np.diff(begins) for begins in starts])
    for segment in _SEGMENT_SIZES:
        if int((-(-sizes // segment) * segment).sum()) <= _FILLING * int(sizes.sum()):
            return segment
    raise AssertionError("segments of one row fill nothing")


@functools.lru_cache(maxsize=8)
def _layout(starts: bytes, segment: int, tile: int, at_once: int) -> _Layout:
    """Arrange rows, so many blocks to a stripe; kept, for the same collections come again and again."""
    return _arranged(np.frombuffer(starts, dtype=np.int64), segment, tile, at_once)


def _arranged(starts: Integers, segment: int, tile: int, at_once: int) -> _Layout:
    sizes = np.diff(starts)
    piece = _SEGMENTS * segment
    pieces = -(-sizes // piece)
    collections = np.repeat(np.arange(len(sizes)), pieces)
    within = np.arange(len(collections)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    first = starts[collections] + within * piece
    size = np.minimum(piece, starts[collections + 1] - first)
    padded = -(-size // segment) * segment
    ends = np.cumsum(padded)
    stripes, position = [], 0
    block_position = np.empty(len(size), dtype=np.int64)
    for a in range(0, len(size), at_once):
        b = min(len(size), a + at_once)
        block_position[a:b] = position + ends[a:b] - padded[a:b] - (ends[a - 1] if a else 0)
        stop = position + -(-int(ends[b - 1] - (ends[a - 1] if a else 0)) // tile) * tile
        stripes.append(_Stripe(a, b, position, stop))
        position = stop
    index, origins = np.full(position, -1), np.full(position, -1)
    offset = np.arange(int(ends[-1])) - np.repeat(ends - padded, padded)
    # A copy is of its block's first row.
    real = np.where(offset < np.repeat(size, padded), offset, 0)
    at = np.repeat(block_position, padded) + offset
    index[at], origins[at] = np.repeat(first, padded) + real, np.repeat(block_position, padded) + real
    segment_blocks, segment_numbers = np.full(position // segment, -1), np.zeros(position // segment, dtype=np.int64)
    segment_blocks[at[::segment] // segment] = np.repeat(np.arange(len(size)), padded // segment)
    segment_numbers[at[::segment] // segment] = offset[::segment] // segment
    return _Layout(
        segment, index, origins, segment_blocks, segment_numbers, collections, first, size, tuple(stripes)
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------------------- extremes


def square_errors(ready: Ready, a: Tensor, b: Tensor) -> Tensor:
    """Return E for blocks whose largest norms are a and b (they broadcast); see :func:`.rows.square_errors`."""
    d = ready.raw.shape[1]
    products = 0.0 if ready.format == "int8" else 2 * gamma(d + 8, _UNITS)
    both = gamma(d + 8, _FLOAT64)
    error = products * a * b + both * (a * a + b * b) + 8 * _FLOAT32 * (a + b) ** 2
    return error * (1 + 2.0**-40) + 8 * (d + 4) * _LEAST * (1 + a + b) ** 2


@dataclass(frozen=True)
class _Part:
    """Blocks of rows against blocks of columns: a stripe against all columns, or, of one set, those from it on."""

    rows: Ready
    columns: Ready
    stripe: _Stripe
    distinct: bool

    @property
    def triangle(self) -> bool:
        return self.rows is self.columns

    @property
    def first_column(self) -> int:
        return self.stripe.first if self.triangle else 0

    @property
    def shape(self) -> tuple[int, int]:
        return self.stripe.last - self.stripe.first, len(self.columns.layout.block_sizes) - self.first_column

    @property
    def _sides(self) -> tuple[slice, slice]:
        start = self.stripe.start if self.triangle else 0
        return slice(self.stripe.start, self.stripe.stop), slice(start, len(self.columns.q))

    def grid(self) -> tuple[int, int, int]:
        """Return how many programs there are, and how many tiles of rows and of columns."""
        rows, columns = self._sides
        tile = self.rows.tile
        tall, broad = (rows.stop - rows.start) // tile.rows, (columns.stop - columns.start) // tile.columns
        return count_tiles(tall, broad, self.triangle, tile.columns // tile.rows), tall, broad

    def _arguments(self) -> tuple[list[Tensor], dict[str, Any]]:
        rows, columns = self._sides
        s = self.rows.layout.segment
        one, other, tile = self.rows, self.columns, self.rows.tile
        tensors = [
            one.q[rows],
            other.q[columns],
            one.squares[rows],
            other.squares[columns],
            one.steps[rows],
            other.steps[columns],
        ]
        tensors += [one.segment_blocks[rows.start // s : rows.stop // s], other.segment_blocks[columns.start // s :]]
        tensors += [one.origins[rows], other.origins[columns]]
        options = {
            "TRIANGLE": self.triangle, "DISTINCT": self.distinct, "EIGHT": one.format == "int8",
            "WIDEN": interpreted() and one.format == "bfloat16", "S": s,
            "BM": tile.rows, "BN": tile.columns, "BK": tile.inner, "BAND": _BAND,
            "num_warps": tile.warps, "num_stages": tile.stages,
        }  # fmt: skip
        return tensors, options

    def squares(self, *, largest: bool, smallest: bool) -> list[Tensor]:
        """Return the extremes of v for each pair of blocks, float64; ∓inf where there is no pair."""
        tensors, options = self._arguments()
        device = self.rows.q.device
        limits = torch.iinfo(torch.int32)
        most = torch.full(self.shape if largest else (1,), limits.min, dtype=torch.int32, device=device)
        least = torch.full(self.shape if smallest else (1,), limits.max, dtype=torch.int32, device=device)
        programs, tall, broad = self.grid()
        _launch(
            "extremes", programs, device, *tensors, most, least, self.stripe.first, self.first_column, self.shape[1],
            tall, broad, self.rows.q.shape[1], MAX=largest, MIN=smallest, **options,
        )  # fmt: skip
        found = []
        for table, wanted, none in ((most, largest, limits.min), (least, smallest, limits.max)):
            if wanted:
                v = (table ^ ((table >> 31) & 0x7FFFFFFF)).view(torch.float32).to(torch.float64)
                found.append(torch.where(table == none, inf if none > 0 else -inf, v))
        return found

    def limits(self) -> tuple[Tensor, Tensor]:
        """Return E and ρ of each pair of blocks."""
        rows, columns = slice(self.stripe.first, self.stripe.last), slice(self.first_column, None)
        error = square_errors(self.rows, self.rows.norms[rows, None], self.columns.norms[columns])
        rho = (self.rows.residuals[rows, None] + self.columns.residuals[columns]) * (1 + 1e-15)
        return error, rho

    def keys(self) -> Tensor:
        """Return the number of each pair of blocks' pair of collections."""
        one = torch.from_numpy(self.rows.layout.block_collections[self.stripe.first : self.stripe.last])
        other = torch.from_numpy(self.columns.layout.block_collections[self.first_column :])
        return (one[:, None] * self.columns.collections + other).to(self.rows.q.device)

    def noted(self, thresholds: Tensor, *, largest: bool) -> tuple[Tensor, Tensor, int]:
        """Return how many notes of candidates each pair of blocks has, and the notes, up to a capacity."""
        tensors, options = self._arguments()
        s, (rows, columns) = self.rows.layout.segment, self._sides
        capacity = max(4, min(1024, _NOTES // thresholds.numel()))
        counts = torch.zeros(self.shape, dtype=torch.int32, device=thresholds.device)
        slots = torch.empty(*self.shape, capacity, dtype=torch.int32, device=thresholds.device)
        numbers = (
            self.rows.segment_numbers[rows.start // s : rows.stop // s],
            self.columns.segment_numbers[columns.start // s :],
        )
        programs, tall, broad = self.grid()
        _launch(
            "candidates", programs, thresholds.device, *tensors, *numbers, thresholds, counts, slots, capacity,
            rows.start, columns.start, self.stripe.first, self.first_column, self.shape[1], tall, broad,
            self.rows.q.shape[1], LARGEST=largest, **options,
        )  # fmt: skip
        return counts, slots, capacity

    def measured(
        self, counts: Tensor, slots: Tensor, capacity: int, *, largest: bool, every: bool
    ) -> tuple[Tensor, Tensor]:
        """Return the extreme distance of each pair of blocks' candidates, and the first pair that has it."""
        values = torch.full(self.shape, -inf if largest else inf, dtype=torch.float64, device=counts.device)
        pairs = torch.full(self.shape, _NONE, dtype=torch.int32, device=counts.device)
        d = self.rows.raw.shape[1]
        _launch(
            "measure", counts.numel(), counts.device, self.rows.raw, self.columns.raw, self.rows.block_starts,
            self.rows.block_sizes, self.columns.block_starts, self.columns.block_sizes, counts, slots, capacity, values,
            pairs, d, self.stripe.first, self.first_column, self.shape[1], LARGEST=largest, DISTINCT=self.distinct,
            EVERY=every, S=self.rows.layout.segment, BD=min(512, _block(d)), num_warps=1,
        )  # fmt: skip
        return values, pairs


def count_tiles(tall: int, broad: int, triangle: bool, ratio: int) -> int:
    """Return how many programs visit every tile: see :func:`.triton_tiles.tile_at`."""
    if not triangle:
        return tall * broad
    last = -(-tall // _BAND) - 1
    lost = _BAND // ratio
    before = _BAND * (broad * last - lost * (last * (last - 1) // 2))
    return before + (tall - last * _BAND) * (broad - last * lost)


def _above(v: Tensor, error: Tensor, rho: Tensor) -> Tensor:
    """Return what a distance is not above."""
    return ((v + error).clamp(min=0).sqrt() + rho) * (1 + 1e-15)


def _below(v: Tensor, error: Tensor, rho: Tensor) -> Tensor:
    """Return what a distance is not below."""
    low = (v - error).clamp(min=0).sqrt() * (1 - 1e-15) - rho
    return (low - low.abs() * 1e-15).clamp(min=0)


def _thresholds(v: Tensor, bound: Tensor, error: Tensor, rho: Tensor, *, largest: bool) -> Tensor:
    """Return what v is not below (or above) for a pair whose distance reaches `bound`, in float32.

    Infinite where v, the extreme over a pair of blocks, says that no pair of them reaches it.
    """
    if largest:
        root = bound - rho
        exact = torch.where(root > 0, root * root * (1 - 1e-15) - error * (1 + 1e-15), -inf)
        closed = v < exact
    else:
        root = bound + rho
        exact = root * root * (1 + 1e-15) + error * (1 + 1e-15)
        closed = v > exact
    rounded = exact.to(torch.float32)
    away = torch.full_like(rounded, -inf if largest else inf)
    wrong = rounded.to(torch.float64) > exact if largest else rounded.to(torch.float64) < exact
    rounded = torch.where(wrong, torch.nextafter(rounded, away), rounded)
    closed = closed | (v == (-inf if largest else inf))
    # Finite, so that no threshold is taken for a closed one.
    rounded = rounded.clamp(-3e38, 3e38)
    return torch.where(closed, -away, rounded)


def _parts(rows: Ready, columns: Ready, *, distinct: bool) -> Iterator[_Part]:
    for stripe in rows.layout.stripes:
        yield _Part(rows, columns, stripe, distinct)


def enclosures(rows: Ready, columns: Ready | None = None, *, largest: bool = True) -> tuple[Tensor, Tensor]:
    """Return bounds on the largest (or smallest) distance of every two collections, by one pass of products.

    Parameters
    ----------
    rows, columns
        As :func:`prepare` returns them, together; without columns, every collection of rows with every one.
    largest
        Which.

    Returns
    -------
    lower, upper
        Shape (C, C′), float64, on the device, of the distances of the rows' `raw`.
    """
    other = rows if columns is None else columns
    shape = rows.collections, other.collections
    none = -inf if largest else inf
    device = rows.q.device
    whole = _whole(rows, other)
    lower, upper = (torch.full(shape, none, dtype=torch.float64, device=device) for _ in range(2))
    for part in _parts(rows, other, distinct=False):
        (v,) = part.squares(largest=largest, smallest=not largest)
        if part.triangle and whole:
            # The same pairs on both sides of the diagonal.
            v = torch.maximum(v, v.T) if largest else torch.minimum(v, v.T)
        limits = part.limits()
        bounds = _below(v, *limits), _above(v, *limits)
        if whole:
            lower, upper = bounds
            break
        for table, bound in zip((lower, upper), bounds, strict=True):
            bound = torch.where(v == none, none, bound)
            table.view(-1).scatter_reduce_(0, part.keys().flatten(), bound.flatten(), "amax" if largest else "amin")
    if part.triangle and not whole:
        lower, upper = (torch.maximum(t, t.T) if largest else torch.minimum(t, t.T) for t in (lower, upper))
    return lower / rows.shrink, upper / rows.shrink


def _split(ready: Ready) -> bool:
    return len(ready.layout.block_sizes) > ready.collections


def _whole(rows: Ready, columns: Ready) -> bool:
    """Return whether every collection is one block, and all of them are reduced at a time."""
    return len(rows.layout.stripes) == 1 and not (_split(rows) or _split(columns))


def measured(
    rows: Ready, columns: Ready | None = None, *, largest: bool = True
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return the largest (or smallest) distance of every two collections, measured in float64.

    Parameters
    ----------
    rows, columns, largest
        As in :func:`enclosures`.

    Returns
    -------
    value, error, row, column
        Shape (C, C′), on the device: distances of the rows' `raw`, bounds on their errors, and the pair within the
        collections that attains each, of equal ones the first (below the diagonal of one set: that above it).
    """
    other = rows if columns is None else columns
    if not _whole(rows, other):
        table, _ = _exact(rows, other, largest=largest, distinct=False, every=True)
        assert table.row is not None
        assert table.column is not None
        value, error, row, column = (
            torch.from_numpy(entries).to(rows.q.device)
            for entries in (table.value, table.error, table.row, table.column)
        )
        return value, error, row, column
    (part,) = _parts(rows, other, distinct=False)
    value, pairs, _ = _refined(part, None, largest=largest, every=True)
    row, column = pairs // 128, pairs % 128
    if part.triangle:
        upper = torch.ones_like(pairs, dtype=torch.bool).triu()
        value = torch.where(upper, value, value.T)
        row, column = torch.where(upper, row, column.T), torch.where(upper, column, row.T)
    relative, tiny = _accuracy(rows.raw.shape[1])
    return value, torch.where(value > 0, value * relative + tiny, 0.0), row, column


def _refined(part: _Part, known: Tensor | None, *, largest: bool, every: bool) -> tuple[Tensor, Tensor, float]:
    """Return the extreme distance of each pair of blocks that may be their collections', and the first pair with it.

    `known`: of collections in pieces, what their extremes are not below (or above), improved in place. Last comes what
    no pair that is noted but not measured is beyond.
    """
    none = -inf if largest else inf
    (v,) = part.squares(largest=largest, smallest=not largest)
    error, rho = part.limits()
    bound = _below(v, error, rho) if largest else _above(v, error, rho)
    bound = torch.where(v == none, none, bound)
    if known is not None:
        keys = part.keys()
        known.view(-1).scatter_reduce_(0, keys.flatten(), bound.flatten(), "amax" if largest else "amin")
        bound = known.view(-1)[keys]
    limits = _thresholds(v, bound, error, rho, largest=largest)
    counts, slots, capacity = part.noted(limits, largest=largest)
    distances, pairs = part.measured(counts, slots, capacity, largest=largest, every=every)
    if every:
        return distances, pairs, none
    limit = (_above(v, error, rho) if largest else _below(v, error, rho)) / part.rows.shrink
    limit = torch.where(counts > capacity, limit, none)
    return distances, pairs, float(limit.max() if largest else limit.min())


def _exact(rows: Ready, columns: Ready, *, largest: bool, distinct: bool, every: bool) -> tuple[Table, float]:
    """Return the extreme distance of every two collections by measurement, and a bound on pairs not measured."""
    shape = rows.collections, columns.collections
    none = -inf if largest else inf
    value, beyond = np.full(shape, none), none
    at = np.full((2, *shape), -1, dtype=np.int64)
    split = _split(rows) or _split(columns)
    known = torch.full(shape, none, dtype=torch.float64, device=rows.q.device) if split else None
    for part in _parts(rows, columns, distinct=distinct):
        distances, pairs, limit = _refined(part, known, largest=largest, every=every)
        beyond = max(beyond, limit) if largest else min(beyond, limit)
        _collect(part, distances, pairs, value, at, largest=largest)
    if rows is columns:
        lower = np.tril_indices(shape[0], -1)
        for table, source in ((value, value), (at[0], at[1].copy()), (at[1], at[0].copy())):
            table[lower] = source.T[lower]
    relative, tiny = _accuracy(rows.raw.shape[1])
    with np.errstate(invalid="ignore"):
        off = np.where(value > 0, value * relative + tiny, 0.0)
    return Table(value, off, at[0], at[1]), beyond


def _collect(
    part: _Part, distances: Tensor, pairs: Tensor, value: npt.NDArray[np.float64], at: Integers, *, largest: bool
) -> None:
    """Put what was measured of pairs of blocks into the tables of pairs of collections: of equal ones, the first."""
    rows, columns = part.rows.layout, part.columns.layout
    found = torch.nonzero(pairs != _NONE).cpu().numpy()
    distance = distances[pairs != _NONE].cpu().numpy()
    code = pairs[pairs != _NONE].cpu().numpy().astype(np.int64)
    a, b = found[:, 0] + part.stripe.first, found[:, 1] + part.first_column
    one, other = rows.block_collections[a], columns.block_collections[b]
    i = rows.block_starts[a] - rows.block_starts[np.searchsorted(rows.block_collections, one)] + code // 128
    j = columns.block_starts[b] - columns.block_starts[np.searchsorted(columns.block_collections, other)] + code % 128
    if _split(part.rows) or _split(part.columns):
        order = np.lexsort((j, i, -distance if largest else distance, other, one))
        one, other, i, j, distance = (values[order] for values in (one, other, i, j, distance))
        first = np.ones(len(one), dtype=bool)
        first[1:] = (one[1:] != one[:-1]) | (other[1:] != other[:-1])
        one, other, i, j, distance = (values[first] for values in (one, other, i, j, distance))
        # Later stripes have later rows.
        better = distance > value[one, other] if largest else distance < value[one, other]
        one, other, i, j, distance = (values[better] for values in (one, other, i, j, distance))
    value[one, other], at[0, one, other], at[1, one, other] = distance, i, j


def _accuracy(dimension: int) -> tuple[float, float]:
    """Return what a direct distance is off by, as share and at least: see :mod:`.tiles`."""
    return gamma(dimension + 8, _FLOAT64) / 2 + 2.0**-52, (dimension + 4) * 2.0**-1073


def extreme(
    x: Tensor, w: Tensor | None, p: float = 2, *, largest: bool, format: Format = "float16", tile: Tile | None = None
) -> Found:
    """Return the largest (or smallest) distance of two sets, or of two different rows of one.

    Parameters
    ----------
    x, w
        Finite contiguous rows of float32 or float64, of one dtype, on one device; w None for the pairs of x.
    p
        Of the norm: 1, 2 or inf.
    largest
        Which.
    format, tile
        As in :func:`prepare`.
    """
    if not x.shape[1]:
        return Found(0.0, 0.0, 0, 0 if w is not None else 1)
    starts = np.array([0, len(x)])
    others = starts if w is None else np.array([0, len(w)])
    if _of_many_scales(x, w):
        return direct.extreme(*_on_cpu(x, w), p, largest=largest)
    if p != 2 or not _has_kernels(x):
        kind = 0 if largest else 1
        return _only(_exhausted(x, starts, w, others, p, (kind,), distinct=w is None)[kind])
    sides, exponent = prepare(
        [x] if w is None else [x, w], [starts] if w is None else [starts, others], format=format, tile=tile
    )
    table, beyond = _exact(sides[0], sides[-1], largest=largest, distinct=w is None, every=False)
    found = _only(table)
    error = max(found.error, beyond - found.value) if largest else max(found.error, found.value - beyond)
    return Found(*scaled(found.value, error, exponent), found.row, found.column)


def _only(table: Table) -> Found:
    at = (-1, -1) if table.row is None or table.column is None else (int(table.row[0, 0]), int(table.column[0, 0]))
    return Found(float(table.value[0, 0]), float(table.error[0, 0]), *at)


def between(
    x: Tensor,
    starts: Integers,
    w: Tensor | None,
    others: Integers,
    p: float,
    kinds: tuple[int, ...],
    *,
    format: Format = "float16",
    tile: Tile | None = None,
) -> dict[int, Table]:
    """Reduce the distances of each collection of x to each of w (or of x, if None), several ways.

    Parameters
    ----------
    x, w
        The rows of all collections, one after the other.
    starts, others
        Where the collections of x and of w begin, and the end.
    p
        Of the norm: 1, 2 or inf.
    kinds
        Which: some of :mod:`.loops`' IS_MAX … IS_HAUSDORFF_BACK.
    format, tile
        As in :func:`prepare`, for extremes in the Euclidean norm.

    Returns
    -------
    dict
        By kind; the directed ones are from x to w, and back.
    """
    found: dict[int, Table] = {}
    if _of_many_scales(x, w):
        one, other = _on_cpu(x, w)
        found = direct.between(one, starts, other, others, p)
        return {kind: found[kind] for kind in kinds}
    if p == 2 and _has_kernels(x) and not {0, 1}.isdisjoint(kinds):
        sides, exponent = prepare(
            [x] if w is None else [x, w], [starts] if w is None else [starts, others], format=format, tile=tile
        )
        for kind in {0, 1}.intersection(kinds):
            value, error, row, column = (
                entries.cpu().numpy()
                for entries in measured(sides[0], None if w is None else sides[1], largest=kind == 0)
            )
            table = Table(value, error, row.astype(np.int64), column.astype(np.int64))
            found[kind] = _rescaled(table, exponent)
    rest = tuple(kind for kind in kinds if kind not in found)
    return {**found, **_exhausted(x, starts, w, others, p, rest, distinct=False)} if rest else found


def mean(x: Tensor, w: Tensor | None, p: float) -> Found:
    """Return the mean distance of all pairs, or of the pairs of different rows of one set."""
    if _of_many_scales(x, w):
        return direct.mean(*_on_cpu(x, w), p)
    starts = np.array([0, len(x)])
    others = starts if w is None else np.array([0, len(w)])
    return _only(_exhausted(x, starts, w, others, p, (2,), distinct=w is None)[2])


def chamfer(x: Tensor, w: Tensor, p: float) -> Found:
    """Return the mean over rows of x of the distance to the nearest row of w."""
    if _of_many_scales(x, w):
        return direct.chamfer(x.cpu(), w.cpu(), p)
    return _only(_exhausted(x, np.array([0, len(x)]), w, np.array([0, len(w)]), p, (3,), distinct=False)[3])


def hausdorff(x: Tensor, w: Tensor, p: float) -> Found:
    """Return the largest over rows of x of the distance to the nearest row of w."""
    if _of_many_scales(x, w):
        return direct.hausdorff(x.cpu(), w.cpu(), p)
    return _only(_exhausted(x, np.array([0, len(x)]), w, np.array([0, len(w)]), p, (5,), distinct=False)[5])


def _rescaled(table: Table, exponent: int) -> Table:
    return Table(*scaled_arrays(table.value, table.error, exponent), table.row, table.column)


def _of_many_scales(x: Tensor, w: Tensor | None) -> bool:
    """Return whether scaling rows together would lose digits of some: then they are measured as they are, on the CPU."""
    sides = [side for side in (x, w) if side is not None and side.numel()]
    # Of float32, none is so far from another.
    if not sides or sides[0].dtype != torch.float64:
        return False
    most = float(torch.stack([side.abs().amax() for side in sides]).amax())
    return most > _LARGE and not keeps_digits(sides, frexp(most)[1])


def _on_cpu(x: Tensor, w: Tensor | None) -> tuple[Tensor, Tensor | None]:
    return x.cpu(), None if w is None else w.cpu()


# ------------------------------------------------------------------------------------------------------------ all pairs


def _exhausted(
    x: Tensor, starts: Integers, w: Tensor | None, others: Integers, p: float, kinds: tuple[int, ...], *, distinct: bool
) -> dict[int, Table]:
    """Reduce by every distance in float64, a part of the matrix at a time; `distinct`: only pairs i < j of one set."""
    sides = [x] if w is None else [x, w]
    largest = max(float(side.abs().amax()) if side.numel() else 0.0 for side in sides)
    sides, exponent = [side.to(torch.float64) for side in sides], 0
    if largest and not _SMALL <= largest <= _LARGE:
        exponent = frexp(largest)[1]
        sides = [times_power_of_two(side, -exponent) for side in sides]
    back = {4: 3, 6: 5}
    forward = {kind for kind in kinds if kind not in back} | (
        {back[k] for k in kinds if k in back} if w is None else set()
    )
    found = _row_by_row(sides[0], starts, sides[-1], others, p, forward, distinct=distinct)
    backward = {back[kind] for kind in kinds if kind in back}
    turned = found if w is None else _row_by_row(sides[-1], others, sides[0], starts, p, backward, distinct=False)
    for kind in kinds:
        if kind in back:
            found[kind] = _transposed(turned[back[kind]])
    return {kind: _rescaled(found[kind], exponent) for kind in kinds}


def _transposed(table: Table) -> Table:
    row, column = (None if at is None else at.T for at in (table.column, table.row))
    return Table(table.value.T, table.error.T, row, column)


def _row_by_row(
    x: Tensor, starts: Integers, w: Tensor, others: Integers, p: float, kinds: set[int], *, distinct: bool
) -> dict[int, Table]:
    """Reduce each row to its extremes and sum over each collection of w, and these over the collections of x."""
    device, (n, q) = x.device, (len(x), len(w))
    shape = len(starts) - 1, len(others) - 1
    of_row = torch.repeat_interleave(torch.arange(shape[0], device="cpu"), torch.from_numpy(np.diff(starts))).to(device)
    of_column = torch.repeat_interleave(torch.arange(shape[1], device="cpu"), torch.from_numpy(np.diff(others))).to(
        device
    )
    # By kind: the table, and the number i·q + j of the first pair that has it.
    tables = {kind: torch.full(shape, _START[kind], dtype=torch.float64, device=device) for kind in kinds}
    codes = {kind: torch.full(shape, n * q, dtype=torch.int64, device=device) for kind in kinds if kind in _EXTREME}
    at_once = max(1, _ELEMENTS // max(min(q, _COLUMNS), shape[1]))
    for start in range(0, n, at_once):
        rows = slice(start, min(n, start + at_once))
        low, high, total = (
            torch.full((rows.stop - start, shape[1]), begin, dtype=torch.float64, device=device)
            for begin in (inf, -inf, 0.0)
        )
        low_at, high_at = (torch.full(low.shape, n * q, dtype=torch.int64, device=device) for _ in range(2))
        for left in range(0, q, _COLUMNS):
            columns = slice(left, min(q, left + _COLUMNS))
            d = _distances(x[rows], w[columns], p)
            keys = of_column[columns].expand_as(d)
            code = torch.arange(rows.start, rows.stop, device=device)[:, None] * q + torch.arange(
                columns.start, columns.stop, device=device
            )
            total.scatter_add_(1, keys, d)
            if distinct:
                later = code // q < code % q
                below, above = torch.where(later, d, inf), torch.where(later, d, -inf)
            else:
                below, above = d, d
            _improve(low, low_at, keys, below, code, 1, largest=False)
            _improve(high, high_at, keys, above, code, 1, largest=True)
        keys = of_row[rows, None].expand_as(low)
        for kind in kinds:
            if kind == 2:
                tables[kind].scatter_add_(0, keys, total)
            elif kind == 3:
                tables[kind].scatter_add_(0, keys, low)
            else:
                values, code = (high, high_at) if kind == 0 else (low, low_at)
                _improve(tables[kind], codes[kind], keys, values, code, 0, largest=kind != 1)
    return {
        kind: _enclosed(tables[kind], codes.get(kind), kind, starts, others, x.shape[1], p, distinct) for kind in kinds
    }


# What each kind's table begins with: MAX, MIN, MEAN, CHAMFER, HAUSDORFF; and which of them a pair attains.
_START = {0: -inf, 1: inf, 2: 0.0, 3: 0.0, 5: -inf}
_EXTREME = frozenset({0, 1, 5})


def _distances(x: Tensor, w: Tensor, p: float) -> Tensor:
    if not x.shape[1]:
        return x.new_zeros(len(x), len(w))
    return torch.cdist(x, w, p=p, compute_mode="donot_use_mm_for_euclid_dist")


def _improve(
    table: Tensor, at: Tensor, keys: Tensor, values: Tensor, codes: Tensor, axis: int, *, largest: bool
) -> None:
    """Scatter extremes into a table with the least code that has each; those there before came first."""
    before = table.clone()
    table.scatter_reduce_(axis, keys, values, "amax" if largest else "amin")
    hit = values == table.gather(axis, keys)
    new = torch.full_like(at, torch.iinfo(torch.int64).max)
    new.scatter_reduce_(axis, keys, torch.where(hit, codes, torch.iinfo(torch.int64).max), "amin")
    at.copy_(torch.where(table != before, new, torch.minimum(at, new)))


def _enclosed(
    values: Tensor,
    codes: Tensor | None,
    kind: int,
    starts: Integers,
    others: Integers,
    d: int,
    p: float,
    distinct: bool,
) -> Table:
    value, q = values.cpu().numpy(), int(others[-1])
    if p == 2:
        # Where squares underflow, each loses at most the least number, under a root.
        relative, lost = _accuracy(d)[0], (d + 4) ** 0.5 * 2.0**-536
    else:
        # Rounding.sum_any_order, or one rounding; scaling may take a coordinate below the least number.
        relative, lost = gamma(d + 4, _FLOAT64) if p == 1 else 2.0**-52, (d + 1) * 2.0**-1073
    if d == 0:
        lost = 0.0
    sizes = np.diff(starts)[:, None], np.diff(others)
    if kind in _EXTREME:
        code = np.zeros_like(value, dtype=np.int64) if codes is None else codes.cpu().numpy()
        row, column = code // q - starts[:-1, None], code % q - others[:-1]
        return Table(value, value * relative + lost, row, column)
    count = sizes[0] * (sizes[1] if kind == 2 else np.ones_like(sizes[1]))
    if distinct:
        # A row's distance to itself is 0, and is found to be exactly so.
        count = count - sizes[0]
    value = value / count
    # Additions in any order, of a row and of rows, and the division.
    share = relative + (sizes[0] + sizes[1] + 16) * 1.2e-16
    return Table(value, (value * share + 2 * lost) * (1 + 1e-9) + 2.0**-1073 * (lost > 0))
