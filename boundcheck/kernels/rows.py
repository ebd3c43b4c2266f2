"""Rows made ready for fast products: centred and scaled where that helps, in a format whose error is known.

A row x stands for q·2ᵉ + c, up to a residual: e is a power of two that keeps squares away from over- and underflow, c
a centre taken off where points lie far from the origin, q the row in the product's format. The residuals are bounded in
norm, so that by the triangle inequality |‖x − w‖ − 2ᵉ‖q − p‖| ≤ ρ_x + ρ_w (``Filter.distance_filter``): nothing that a format
loses goes unnoticed.

==========  ==========================================================================================================
format      residual
==========  ==========================================================================================================
float64     0, or one rounding a coordinate where a centre is taken off
float32     0 for float32 rows that need no centre, else one or two roundings a coordinate
int7 … 16   measured: ‖x − s·round(x / s)‖ for each row's own step s
==========  ==========================================================================================================
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from boundcheck.errors import EmbeddingShapeError, explain
from boundcheck.kernels.threads import in_parallel, one_thread_each

__all__ = [
    "Format",
    "Rows",
    "best_format",
    "gamma",
    "keeps_digits",
    "largest_size",
    "prepare",
    "reduced_precision",
    "times_power_of_two",
]

Format = Literal["int7", "int8", "int16", "float32", "float64"]
Array = npt.NDArray[np.float64]

#: Formats whose products are exact.
INTEGERS = frozenset({"int7", "int8", "int16"})
# The unit roundoff of each format's arithmetic; what follows products of integers is float32.
_ROUNDOFF: dict[Format, float] = {
    "int7": 2.0**-24, "int8": 2.0**-24, "int16": 2.0**-24, "float32": 2.0**-24, "float64": 2.0**-53,
}  # fmt: skip
# The least normal number: what an arithmetic that flushes subnormals to 0 may lose of a product. Of two steps, when it
# is taken first, 2³¹ times that: a product of integers comes after; 40 of these are as much (see ``square_errors``).
_LEAST: dict[Format, float] = {
    "int7": 2.0**-100, "int8": 2.0**-100, "int16": 2.0**-100, "float32": 2.0**-126, "float64": 2.0**-1022,
}  # fmt: skip

# Bytes of a coordinate.
_SIZE: dict[Format, int] = {"int7": 1, "int8": 1, "int16": 2, "float32": 4, "float64": 8}

# Rows of magnitudes between these need no scaling: the square of the largest is far from overflow in float32, and
# what its product underflows to is nothing beside it.
_SMALL, _LARGE = 2.0**-40, 2.0**40
# Divided by a power of two, coordinates that are not 0 stay above this: then none loses a digit, nor does a difference.
_KEPT = 2.0**-960
# Converted rows are kept when they take no more than this, and are made anew for each tile otherwise.
_KEPT_BYTES = 1 << 24
# So many coordinates are made ready by one thread.
_FEW = 1 << 17
# The centre is the mean of at most so many rows of each side; any centre will do.
_SAMPLE = 256


def gamma(operations: int, roundoff: float) -> float:
    """Return N·u / (1 − N·u), the relative error of N roundings in any order (Rounding.v)."""
    product = operations * roundoff
    if product >= 0.5:
        raise EmbeddingShapeError(explain("dimension", f"at most {int(0.5 / roundoff)}", f"{operations}"))
    return product / (1 - product)


def reduced_precision() -> bool:
    """Return whether float32 products on the CPU may round their factors to fewer bits (TF32, bfloat16).

    Torch has switches for it, of which newer ones are read first; what the libraries below are told by their own
    environment is found by trying.
    """
    backend = torch.backends.mkldnn
    for holder in (getattr(backend, "matmul", None), backend, torch.backends):
        precision = getattr(holder, "fp32_precision", "none")
        if precision != "none":
            return precision != "ieee" or _rounds_factors()
    return torch.get_float32_matmul_precision() != "highest" or _rounds_factors()


@functools.cache
def _rounds_factors() -> bool:
    # Of 24 bits, the one that is set here is the first that any such format drops.
    some = torch.full((256, 256), 1 + 2.0**-12, dtype=torch.float32, device="cpu")
    exact = 256 * (1 + 2.0**-12) ** 2
    off = (torch.mm(some, some.T).to(torch.float64) - exact).abs()
    return float(off.max()) > gamma(258, 2.0**-24) * exact


@functools.cache
def best_format() -> Format:
    """Return the format whose products are fastest here: of 8 or 7 bits where they are exact and pay, else float32.

    int8 products of the library without VNNI instructions may saturate, or run in plain loops: both are tried once.
    """
    for format in ("int8", "int7"):
        if fused(format):
            return format
    extreme = torch.full((64, 256), 127, dtype=torch.int8, device="cpu")
    extreme[::2] = -127
    extreme[:, ::3] = -127
    random = (
        torch.arange(64 * 256, dtype=torch.int64, device="cpu")
        .mul_(7919)
        .remainder_(255)
        .sub_(127)
        .to(torch.int8)
        .reshape(64, 256)
    )
    for one in (extreme, random):
        for other in (extreme, random):
            exact = one.to(torch.int64) @ other.to(torch.int64).T
            if not torch.equal(_int8_product(one, other).to(torch.int64), exact):
                return "float32"
    a, b = random.repeat(4, 1), torch.zeros(256, 256, dtype=torch.float32, device="cpu")
    # Threads that wait for one another take milliseconds as soon as something else runs.
    with one_thread_each():
        fast = min(_seconds(lambda: _int8_product(a, a)) for _ in range(5))
        plain = min(_seconds(lambda: torch.mm(b, b.T)) for _ in range(5))
    return "int8" if fast < 0.7 * plain else "float32"


def fused(format: str) -> bool:
    """Return whether compiled loops multiply rows of this format by themselves, block by block; see :mod:`.integers`."""
    from boundcheck.kernels import integers

    return format in INTEGERS and integers.chosen(format) is not None


def _seconds(run: Callable[[], object]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def _int8_product(a: Tensor, b: Tensor, out: Tensor | None = None) -> Tensor:
    return torch._int_mm(a, b.T) if out is None else torch._int_mm(a, b.T, out=out)


@dataclass
class Rows:
    """Rows in a product's format.

    Attributes
    ----------
    raw
        The rows themselves divided by 2**exponent: float32 or float64, shape (n, d).
    format
        Of the product.
    centre
        What is taken off each row, shape (d,), in the precision of the subtraction; or None.
    squares
        ‖q‖², shape (n,), float64.
    steps
        Of integers: the step of each row; 1 otherwise.
    sums
        Of integers: the sum of each row's; 0 otherwise.
    residual
        At least ‖x − c − q‖ (scaled by 2**-exponent), shape (n,).
    """

    raw: Tensor
    format: Format
    centre: Tensor | None
    squares: Array
    steps: Array
    sums: npt.NDArray[np.int64]
    residual: Array
    kept: Tensor | None
    _norms: Array | None = None
    _factors: tuple[npt.NDArray[np.floating], npt.NDArray[np.floating], npt.NDArray[np.floating]] | None = None

    def __len__(self) -> int:
        return len(self.squares)

    @property
    def dimension(self) -> int:
        """The number of coordinates."""
        return self.raw.shape[1]

    def block(self, start: int, stop: int, room: Tensor | None = None) -> Tensor:
        """Return q of some rows; those that are not kept, in the room given."""
        if self.kept is not None:
            return self.kept[start:stop]
        if room is None:
            room = empty_factor(self.format, stop - start, self.dimension)
        _convert(self, start, stop, room)
        return room

    def select(self, order: npt.NDArray[np.int64], *, measured: bool = True) -> Rows:
        """Return these rows of it, in this order; where none of their pairs is to be `measured`, for products alone."""
        index = torch.from_numpy(order)
        kept = None if self.kept is None else self.kept[index]
        return Rows(
            self.raw[index] if measured or kept is None else kept[:, : self.dimension],
            self.format,
            self.centre,
            self.squares[order],
            self.steps[order],
            self.sums[order],
            self.residual[order],
            kept,
        )

    def norms(self) -> Array:
        """Return what ‖q‖ is not above, shape (n,)."""
        if self._norms is not None:
            return self._norms
        grown = 1 + gamma(self.dimension + 8, _ROUNDOFF["float64"])
        self._norms = np.asarray(np.sqrt(self.squares) * grown + (self.dimension + 1) * 2.0**-511)
        return self._norms

    def factors(self) -> tuple[npt.NDArray[np.floating], npt.NDArray[np.floating], npt.NDArray[np.floating]]:
        """Return the squares, and the factors as rows (2·step) and as columns (step), in the precision of v."""
        if self._factors is None:
            real = np.float64 if self.format == "float64" else np.float32
            self._factors = self.squares.astype(real), (2 * self.steps).astype(real), self.steps.astype(real)
        return self._factors


def product(rows: Tensor, columns: Tensor, out: Tensor) -> Tensor:
    """Return ⟨q_i, p_j⟩ of rows and columns in one format, in `out`."""
    if rows.dtype == torch.int8:
        return _int8_product(rows, columns, out)
    return torch.mm(rows, columns.T, out=out)


def empty_tile(format: Format, rows: int, columns: int) -> Tensor:
    """Return room for a product."""
    dtype = torch.int32 if format in INTEGERS else getattr(torch, format)
    return torch.empty(rows, columns, dtype=dtype, device="cpu")


def empty_factor(format: Format, rows: int, dimension: int) -> Tensor:
    """Return room for a factor of a product; of integers, filled up to eight bytes."""
    at_once = 8 // _SIZE[format] if format in INTEGERS else 1
    width = -(-dimension // at_once) * at_once
    dtype = torch.int8 if format == "int7" else getattr(torch, format)
    return torch.empty(rows, width, dtype=dtype, device="cpu")


def square_errors(rows: Rows, a: Array, b: Array) -> Array:
    """Return E for blocks whose largest norms are a and b (they broadcast).

    The product, in any order: γ(d)·a·b, twice (``Rounding.dot_any_order``; exact for integers). The squares ‖q‖²: γ(d + 2) of
    each in float64. Seven roundings of v itself: the squares' and the factors' own, three sums and products. Products
    that underflow: d times the least normal number, in both. A few more to cover this computation.
    """
    unit, d = _ROUNDOFF[rows.format], rows.dimension
    products = 0.0 if rows.format in INTEGERS else 2 * gamma(d + 1, unit)
    both = gamma(d + 2, _ROUNDOFF["float64"])
    error = products * a * b + both * (a * a + b * b) + 8 * unit * (a + b) ** 2
    return np.asarray(error * (1 + 2.0**-40) + 8 * (d + 4) * _LEAST[rows.format] * (1 + a + b) ** 2)


def square_error_shares(rows: Rows) -> tuple[float, float]:
    """Return K and t such that E of one pair of norms a and b is at most K·(a + b)² + t·(1 + a + b)²."""
    unit, d = _ROUNDOFF[rows.format], rows.dimension
    products = 0.0 if rows.format in INTEGERS else gamma(d + 1, unit) / 2
    share = products + gamma(d + 2, _ROUNDOFF["float64"]) + 8 * unit
    return share * (1 + 2.0**-40), 8 * (d + 4) * _LEAST[rows.format]


def prepare(sides: list[Tensor], format: Format) -> tuple[list[Rows], int] | None:
    """Make several sets of rows ready together, or return None where scaling them together would lose digits of some.

    Parameters
    ----------
    sides
        Finite contiguous rows of float32 or float64, of one dimension, on the CPU.
    format
        Of the products.

    Returns
    -------
    rows
        One for each side.
    exponent
        Distances of the rows' `raw` are to be multiplied by 2**exponent.
    """
    d = sides[0].shape[1]
    largest = largest_size(sides)
    exponent = 0
    if largest and not _SMALL <= largest <= _LARGE:
        exponent = int(np.frexp(largest)[1])
        if not keeps_digits(sides, exponent):
            return None
        sides = [times_power_of_two(side.to(torch.float64), -exponent) for side in sides]
    if format in INTEGERS and not _has_products(format, d):
        format = "float64" if reduced_precision() else "float32"
    centre = _centre(sides)
    return [_rows(side, format, centre) for side in sides], exponent


def _has_products(format: Format, dimension: int) -> bool:
    from boundcheck.kernels import integers

    # Of bytes, there is always the library's product.
    return integers.largest_integer(format, dimension) > 0 and (format != "int16" or fused(format))


def largest_size(sides: list[Tensor]) -> float:
    """Return the largest magnitude of a coordinate, without a copy of the rows."""
    ends = [torch.aminmax(side) for side in sides if side.numel()]
    return max((max(-float(low), float(high)) for low, high in ends), default=0.0)


def keeps_digits(sides: list[Tensor], exponent: int) -> bool:
    """Return whether rows divided by 2**exponent are what they were: no coordinate comes near the subnormal numbers.

    Otherwise rows that differ may come out equal, and are to be measured as they are, by :mod:`.direct`.
    """
    least = float(np.ldexp(_KEPT, exponent))
    for side in sides:
        # Of float32, none is so small.
        if exponent > 0 and (side.dtype == torch.float64 or least > 2.0**-149):
            sizes = side.abs()
            if bool(((sizes < least) & (sizes > 0)).any()):
                return False
    return True


def times_power_of_two(values: Tensor, exponent: int) -> Tensor:
    """Return values·2**exponent, in two steps where the power itself may overflow."""
    half = exponent // 2
    return values * 2.0**half * 2.0 ** (exponent - half)


def _centre(sides: list[Tensor]) -> Tensor | None:
    """Return the mean of a sample of rows, where rows are nearer to it than to the origin by enough to pay."""
    sample = torch.cat([side[:: -(-len(side) // _SAMPLE)].to(torch.float64) for side in sides])
    if not sample.shape[1]:
        return None
    centre = sample.mean(dim=0)
    spread = float((sample - centre).square().sum(dim=1).mean())
    return centre if float(centre.square().sum()) > spread / 4 else None


def _rows(raw: Tensor, format: Format, centre: Tensor | None) -> Rows:
    n, d = raw.shape
    if centre is not None and format == "float32" and raw.dtype == torch.float32:
        # Any centre will do, and one in float32 costs one rounding.
        centre = centre.to(torch.float32)
    rows = Rows(raw, format, centre, np.zeros(n), np.ones(n), np.zeros(n, np.int64), np.zeros(n), None)
    same = centre is None and format not in INTEGERS and raw.dtype == getattr(torch, format)
    kept = None
    if n * d * _SIZE[format] <= _KEPT_BYTES * (4 if format in INTEGERS else 1):
        kept = None if same else empty_factor(format, n, d)
    rows.kept = raw if same else kept
    found = np.zeros((4, n))
    at_once = max(1, _FEW // max(1, d))

    def fill(first: int, last: int) -> None:
        for start in range(first, last, at_once):
            stop = min(last, start + at_once)
            room = empty_factor(format, stop - start, d) if kept is None else kept[start:stop]
            found[:, start:stop] = _convert(rows, start, stop, room)

    if n <= at_once:
        fill(0, n)
    else:
        in_parallel(n, fill)
    rows.squares = found[0]
    length = np.sqrt(rows.squares)
    if format in INTEGERS:
        rows.steps, rows.sums = found[1], found[3].astype(np.int64)
        left = np.sqrt(found[2])
        centring = 0.0 if centre is None else 1.2e-16
        rows.residual = left * (1 + gamma(d + 8, 2.0**-53)) + centring * (length + left) + (d + 1) * 2.0**-511
    elif not same:
        # One rounding for the centre, one for the format.
        share = (centre is not None) * _ROUNDOFF["float64" if raw.dtype == torch.float64 else format]
        share += (format == "float32" and raw.dtype == torch.float64) * _ROUNDOFF["float32"]
        rows.residual = 1.01 * share * length + (d + 1) * _LEAST[format] if share else np.zeros(n)
    return rows


def _convert(rows: Rows, start: int, stop: int, q: Tensor) -> Array:
    """Fill in q of some rows, and return its squares and, of integers, the steps, the squares of what is lost, the sums."""
    from boundcheck.kernels import integers, loops

    raw, found = rows.raw[start:stop].numpy(), np.zeros((4, stop - start))
    if rows.format in INTEGERS:
        centre = np.zeros(rows.dimension) if rows.centre is None else rows.centre.numpy()
        loops.quantise(raw, centre, q.numpy(), integers.largest_integer(rows.format, rows.dimension), found)
    else:
        centre = np.zeros(rows.dimension, raw.dtype) if rows.centre is None else rows.centre.numpy()
        loops.convert(raw, centre, q.numpy(), found[0])
    return found
