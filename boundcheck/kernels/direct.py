"""Reductions in the sum and maximum norms: every pair by its coordinates, in float64, none stored."""

from __future__ import annotations

from math import fsum, inf

import numpy as np
import torch
from torch import Tensor

from boundcheck.kernels.rows import Array, gamma, largest_size, times_power_of_two
from boundcheck.kernels.threads import in_parallel
from boundcheck.kernels.tiles import Found, Integers, Table, every, scaled

__all__ = ["between", "chamfer", "extreme", "hausdorff", "mean"]

# Blocks of rows and columns that stay in the second-level cache up to some thousand dimensions.
_BLOCK = 64
# Differences of larger numbers might overflow, and sums of them.
_LARGE = 2.0**900


def _relative(dimension: int, p: float) -> float:
    """Return what a distance is off by, relatively (``Rounding.manhattan_any_order``, ``Rounding.chebyshev``)."""
    return gamma(dimension + 4, 2.0**-53) if p == 1 else 2.0**-52


def _ready(sides: list[Tensor]) -> tuple[list[np.ndarray], int]:
    """Return the rows as arrays, divided by a power of two where they are very large."""
    largest = largest_size(sides)
    exponent = int(np.frexp(largest)[1]) if largest > _LARGE else 0
    if exponent:
        sides = [times_power_of_two(side.to(torch.float64), -exponent) for side in sides]
    return [side.numpy() for side in sides], exponent


def _reduced(x: np.ndarray, rows: Integers, w: np.ndarray, columns: Integers, p: float, **flags: bool) -> np.ndarray:
    from boundcheck.kernels import coordinates

    table = np.zeros((len(rows) - 1, len(columns) - 1, 7, 3))
    diagonal, symmetric = flags.get("diagonal", False), flags.get("symmetric", False)

    def part(first: int, last: int) -> None:
        coordinates.reduce_blocks(x, rows, w, columns, p == inf, diagonal, first, last, symmetric, table)

    in_parallel(len(rows) - 1, part)
    return table


def _lost(exponent: int, dimension: int) -> float:
    """Return what scaling takes below the least number, in the scale of the scaled rows."""
    return (dimension + 1) * 2.0**-1073 if exponent else 0.0


def extreme(x: Tensor, w: Tensor | None, p: float, *, largest: bool) -> Found:
    """Return the largest (or smallest) distance of two sets, or of two different rows of one."""
    (rows, *others), exponent = _ready([x] if w is None else [x, w])
    columns = others[0] if others else rows
    if not x.shape[1]:
        return Found(0.0, 0.0, 0, 0 if w is not None else 1)
    own = w is None
    table = _reduced(
        rows, every(len(rows), _BLOCK), columns, every(len(columns), _BLOCK), p, diagonal=own, symmetric=own
    )
    table = table[:, :, 0 if largest else 1]
    if own:
        table = table[np.triu_indices(len(table))]
    table = table.reshape(-1, 3)
    value = float(table[:, 0].max() if largest else table[:, 0].min())
    row, column = min(tuple(map(int, pair)) for pair in table[table[:, 0] == value, 1:])
    if own:
        # A pair found with itself: then all rows are one.
        row, column = (min(row, column), max(row, column)) if row != column else (0, 1)
    return Found(*scaled(value, value * _relative(x.shape[1], p) + _lost(exponent, x.shape[1]), exponent), row, column)


def mean(x: Tensor, w: Tensor | None, p: float) -> Found:
    """Return the mean distance of all pairs, or of the pairs of different rows of one set."""
    (rows, *others), exponent = _ready([x] if w is None else [x, w])
    columns = others[0] if others else rows
    ends = every(len(rows), _BLOCK), every(len(columns), _BLOCK)
    table = _reduced(rows, ends[0], columns, ends[1], p)[:, :, 2, 0]
    counts = np.outer(np.diff(ends[0]), np.diff(ends[1]))
    pairs = len(rows) * len(columns)
    value = fsum((table * counts).ravel().tolist()) / (pairs if w is not None else pairs - len(rows))
    # The additions within a block, by row and over rows, and four roundings more.
    relative = _relative(x.shape[1], p) + gamma(2 * _BLOCK + 8, 2.0**-53)
    error = value * relative * (1 + 1e-9) + _lost(exponent, x.shape[1]) + 2.0**-1073
    return Found(*scaled(value, error, exponent))


def of_rows(x: Tensor, w: Tensor, p: float, *, largest: bool) -> tuple[Array, Array, Integers]:
    """Return each row's distance to the farthest (or nearest) row of w: value, error and which, shape (n,)."""
    (rows, columns), exponent = _ready([x, w])
    found = np.zeros((len(rows), 2))
    kind = 0 if largest else 1
    # The columns in pieces that stay in the cache.
    ends = every(len(columns), _BLOCK * 4)
    for start in range(0, len(rows), 256):
        stop = min(len(rows), start + 256)
        table = _reduced(rows[start:stop], np.arange(stop - start + 1), columns, ends, p)[:, :, kind]
        best = table[:, :, 0].argmax(axis=1) if largest else table[:, :, 0].argmin(axis=1)
        found[start:stop] = table[np.arange(stop - start), best][:, [0, 2]]
    error = found[:, 0] * _relative(x.shape[1], p) + _lost(exponent, x.shape[1])
    with np.errstate(over="ignore"):
        return np.ldexp(found[:, 0], exponent), np.ldexp(error, exponent), found[:, 1].astype(np.int64)


def chamfer(x: Tensor, w: Tensor, p: float) -> Found:
    """Return the mean over rows of x of the distance to the nearest row of w."""
    values, errors, _ = of_rows(x, w, p, largest=False)
    # Divided first, as the sum may overflow.
    value = fsum((values / len(values)).tolist())
    error = (fsum((errors / len(errors)).tolist()) + value * 2.0**-50) * (1 + 1e-9)
    return Found(value, error + (len(values) + 1) * 2.0**-1073)


def hausdorff(x: Tensor, w: Tensor, p: float) -> Found:
    """Return the largest over rows of x of the distance to the nearest row of w.

    A row is done with at the first column nearer than the best row so far (A. A. Taha, A. Hanbury, "An efficient
    algorithm for calculating the exact Hausdorff distance", IEEE TPAMI 37, 2015).
    """
    from boundcheck.kernels import coordinates

    (rows, columns), exponent = _ready([x, w])
    order = np.random.default_rng(0).permutation(len(columns))
    best = (-1.0, -1.0, -1.0)
    for start in range(0, len(rows), 1024):
        stop = min(len(rows), start + 1024)
        parts = every(stop - start, 64) + start
        found = np.zeros((len(parts) - 1, 3))

        def part(
            first: int, last: int, parts: Integers = parts, found: np.ndarray = found, known: float = best[0]
        ) -> None:
            for k in range(first, last):
                coordinates.search_rows(
                    rows, columns, order, p == inf, int(parts[k]), int(parts[k + 1]), known, found[k]
                )

        in_parallel(len(found), part)
        top = found[found[:, 0].argmax()]
        if top[0] > best[0]:
            best = (float(top[0]), float(top[1]), float(top[2]))
    error = best[0] * _relative(x.shape[1], p) + _lost(exponent, x.shape[1])
    return Found(*scaled(best[0], error, exponent), int(best[1]), int(best[2]))


def between(x: Tensor, starts: Integers, w: Tensor | None, others: Integers, p: float) -> dict[int, Table]:
    """Reduce the distances of each collection of x to each of w (or of x, if None); see :func:`.tiles.between`."""
    (rows, *rest), exponent = _ready([x] if w is None else [x, w])
    columns = rest[0] if rest else rows
    others = starts if w is None else others
    table = _reduced(rows, starts, columns, others, p)
    relative, lost = _relative(x.shape[1], p), _lost(exponent, x.shape[1])
    sizes = np.diff(starts)[:, None] + np.diff(others)
    found = {}
    for kind in range(7):
        value = table[:, :, kind, 0]
        # Sums take roundings, and a quotient may be subnormal.
        share, quotient = (relative + (sizes + 8) * 2.0**-52, 2.0**-1073) if kind in (2, 3, 4) else (relative, 0.0)
        error = np.asarray((value * share + lost) * (1 + 1e-9) + quotient)
        value, error = np.ldexp(value, exponent), np.ldexp(error, exponent)
        if kind in (2, 3, 4):
            found[kind] = Table(value, error)
        else:
            at = table[:, :, kind, 1:].astype(np.int64)
            found[kind] = Table(value, error, at[..., 0] - starts[:-1, None], at[..., 1] - others[:-1])
    return found
