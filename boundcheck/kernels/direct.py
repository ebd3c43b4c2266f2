"""Reductions by every pair's coordinates, in float64, none stored.

In the sum and maximum norms, and in the Euclidean norm where rows are of scales so different that a common one would take
digits from some. Rows are measured as they are, so that only equal ones are 0 apart.
"""

from __future__ import annotations

from math import frexp, fsum, inf

import numpy as np
import numpy.typing as npt
from torch import Tensor

from boundcheck.kernels.rows import Array, gamma
from boundcheck.kernels.tables import Found, Integers, Table, every
from boundcheck.kernels.threads import in_parallel

__all__ = ["between", "chamfer", "extreme", "hausdorff", "mean", "of_rows", "to_collections"]

# Blocks of rows and columns that stay in the second-level cache up to some thousand dimensions.
_BLOCK = 64
# Of each mean, the reduction that is 0 where all that it is the mean of is.
_MEANS = {2: 0, 3: 5, 4: 6}


def _relative(dimension: int, p: float) -> float:
    """Return what a distance is off by, relatively.

    ``Rounding.manhattan_any_order``, ``Rounding.chebyshev``, ``Rounding.euclidean_any_order``.
    """
    return 2.0**-52 if p == inf else gamma(dimension + (4 if p == 1 else 8), 2.0**-53)


def _errors(values: Array, share: float | Array, apart: npt.NDArray[np.bool_] | None = None) -> Array:
    """Return the errors of distances, or of means of them, that are off by a share of themselves.

    Where rows are not `apart` (of distances: where they are 0) they are equal, and 0 is exact. A subnormal number is
    rounded, and so is the error: four times the least number is room for both. Of what is beyond the largest number
    nothing is known.
    """
    apart = values > 0 if apart is None else apart
    with np.errstate(invalid="ignore", over="ignore"):
        errors = np.where(apart, values * share * (1 + 1e-9) + 2.0**-1072, 0.0)
    return np.where(np.isfinite(values), errors, inf)


def _found(value: float, share: float, row: int = -1, column: int = -1, *, apart: bool | None = None) -> Found:
    errors = _errors(np.array(value), share, None if apart is None else np.array(apart))
    return Found(value, float(errors), row, column)


def _arrays(x: Tensor, w: Tensor | None) -> tuple[np.ndarray, np.ndarray]:
    return x.numpy(), (x if w is None else w).numpy()


def _mean(values: Array, counts: Integers, count: int) -> float:
    """Return the sum of numbers, each so many times, over a count: without overflow on the way."""
    most = float(values.max())
    if most == inf:
        # Of the others too many may be near the largest number for a sum.
        return inf
    exponent = frexp(most)[1] + 64 if most > 2.0**900 else 0
    total = fsum((np.ldexp(values, -exponent) * counts).ravel().tolist())
    with np.errstate(over="ignore"):
        return float(np.ldexp(total / count, exponent))


def _norm(p: float) -> int:
    from boundcheck.kernels import coordinates

    return {1: coordinates.SUM, 2: coordinates.EUCLIDEAN, inf: coordinates.MAXIMUM}[p]


def _reduced(x: np.ndarray, rows: Integers, w: np.ndarray, columns: Integers, p: float, **flags: bool) -> np.ndarray:
    from boundcheck.kernels import coordinates

    norm = _norm(p)
    table = np.zeros((len(rows) - 1, len(columns) - 1, 7, 3))
    diagonal, symmetric = flags.get("diagonal", False), flags.get("symmetric", False)

    def part(first: int, last: int) -> None:
        coordinates.reduce_blocks(x, rows, w, columns, norm, diagonal, first, last, symmetric, table)

    in_parallel(len(rows) - 1, part)
    return table


def extreme(x: Tensor, w: Tensor | None, p: float, *, largest: bool) -> Found:
    """Return the largest (or smallest) distance of two sets, or of two different rows of one."""
    rows, columns = _arrays(x, w)
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
    return _found(value, _relative(x.shape[1], p), row, column)


def mean(x: Tensor, w: Tensor | None, p: float) -> Found:
    """Return the mean distance of all pairs, or of the pairs of different rows of one set."""
    rows, columns = _arrays(x, w)
    ends = every(len(rows), _BLOCK), every(len(columns), _BLOCK)
    table = _reduced(rows, ends[0], columns, ends[1], p)[..., 0]
    pairs = len(rows) * len(columns)
    counts = np.outer(np.diff(ends[0]), np.diff(ends[1]))
    value = _mean(table[:, :, 2], counts, pairs if w is not None else pairs - len(rows))
    # The additions within a block, by row and over rows, and four roundings more.
    share = _relative(x.shape[1], p) + gamma(2 * _BLOCK + 8, 2.0**-53)
    return _found(value, share, apart=bool(table[:, :, 0].any()))


def of_rows(x: Tensor, w: Tensor, p: float, *, largest: bool) -> tuple[Array, Array, Integers]:
    """Return each row's distance to the farthest (or nearest) row of w: value, error and which, shape (n,)."""
    rows, columns = _arrays(x, w)
    found = np.zeros((len(rows), 2))
    kind = 0 if largest else 1
    # The columns in pieces that stay in the cache.
    ends = every(len(columns), _BLOCK * 4)
    for start in range(0, len(rows), 256):
        stop = min(len(rows), start + 256)
        table = _reduced(rows[start:stop], np.arange(stop - start + 1), columns, ends, p)[:, :, kind]
        best = table[:, :, 0].argmax(axis=1) if largest else table[:, :, 0].argmin(axis=1)
        found[start:stop] = table[np.arange(stop - start), best][:, [0, 2]]
    return found[:, 0], _errors(found[:, 0], _relative(x.shape[1], p)), found[:, 1].astype(np.int64)


def chamfer(x: Tensor, w: Tensor, p: float) -> Found:
    """Return the mean over rows of x of the distance to the nearest row of w."""
    values, errors, _ = of_rows(x, w, p, largest=False)
    value, off = (_mean(part, np.ones(len(part), dtype=np.int64), len(part)) for part in (values, errors))
    return Found(value, (off + value * 2.0**-50) * (1 + 1e-9) + (2.0**-1072 if values.any() else 0.0))


def hausdorff(x: Tensor, w: Tensor, p: float) -> Found:
    """Return the largest over rows of x of the distance to the nearest row of w.

    A row is done with at the first column nearer than the best row so far (A. A. Taha, A. Hanbury, "An efficient
    algorithm for calculating the exact Hausdorff distance", IEEE TPAMI 37, 2015).
    """
    from boundcheck.kernels import coordinates

    rows, columns = _arrays(x, w)
    norm = _norm(p)
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
                coordinates.search_rows(rows, columns, order, norm, int(parts[k]), int(parts[k + 1]), known, found[k])

        in_parallel(len(found), part)
        top = found[found[:, 0].argmax()]
        if top[0] > best[0]:
            best = (float(top[0]), float(top[1]), float(top[2]))
    return _found(best[0], _relative(x.shape[1], p), int(best[1]), int(best[2]))


def between(x: Tensor, starts: Integers, w: Tensor | None, others: Integers, p: float) -> dict[int, Table]:
    """Reduce the distances of each collection of x to each of w (or of x, if None); see :func:`.tiles.between`."""
    rows, columns = _arrays(x, w)
    others = starts if w is None else others
    table = _reduced(rows, starts, columns, others, p)
    values, at = table[..., 0], table[..., 1:].astype(np.int64)
    relative, sizes = _relative(x.shape[1], p), np.diff(starts)[:, None] + np.diff(others)
    found = {}
    for kind in range(7):
        value = values[:, :, kind].copy()
        if kind in _MEANS:
            # Sums take roundings; what a mean is 0 of may be only too small for it.
            error = _errors(value, relative + (sizes + 8) * 2.0**-52, values[:, :, _MEANS[kind]] > 0)
            found[kind] = Table(value, error)
        else:
            row, column = at[:, :, kind, 0] - starts[:-1, None], at[:, :, kind, 1] - others[:-1]
            found[kind] = Table(value, _errors(value, relative), row, column)
    return found


def to_collections(
    x: Tensor, w: Tensor, starts: Integers, p: float, kinds: tuple[int, ...]
) -> dict[int, tuple[Array, Array]]:
    """Return reductions of each row's distances to each collection of w, and their errors: shape (rows, C) each.

    `kinds`: some of :mod:`.loops`' IS_MAX, IS_MIN, IS_MEAN.
    """
    shape = len(x), len(starts) - 1
    found = {kind: (np.empty(shape), np.empty(shape)) for kind in kinds}
    # So many rows at once that all reductions of theirs fit in memory.
    at_once = max(1, (1 << 18) // max(1, shape[1]))
    for start in range(0, len(x), at_once):
        some = x[start : start + at_once]
        tables = between(some, np.arange(len(some) + 1), w, starts, p)
        for kind, (value, error) in found.items():
            value[start : start + at_once], error[start : start + at_once] = tables[kind].value, tables[kind].error
    return found
