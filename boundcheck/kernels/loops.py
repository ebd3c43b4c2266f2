"""Compiled loops over one tile of a matrix product: all that is done with it while it is still in the cache.

A tile holds the products G of rows q (their squares n = ‖q‖², a factor t) and columns p (c = ‖p‖², a factor u), so that

    v = n_i + c_j − t_i·u_j·G_ij

is the squared distance of q_i and p_j up to E, and the distance of the rows x_i and w_j that they stand for is within
ρ of the root of the exact square. For a block of rows and columns, :mod:`.tiles` bounds E and ρ.

Extremes: each pair that v, E and ρ cannot exclude is measured again by differences of coordinates in float64, which is
exact up to the relative `rel` and the absolute `tiny`, whatever the order of the additions. Sums: so is each pair whose
v is below `near`, where the root of v would be too inexact.

Reordered additions and fused multiply-adds are allowed, for the bounds hold for any order; NaN is not allowed, and rows
are checked to be finite before. The two passes over a block may round v differently: each is within E of the square.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

__all__ = ["direct", "direct_from", "scan_blocks", "scan_rows"]

_FAST = {"nnan", "nsz", "reassoc", "contract"}

# What to look for, as bits.
MAX, MIN, MEAN, CHAMFER, HAUSDORFF = 1, 2, 4, 8, 16

# Rows of a block's table: the reductions. The last four have a direction, from rows to columns or back.
IS_MAX, IS_MIN, IS_MEAN, IS_CHAMFER, IS_CHAMFER_BACK, IS_HAUSDORFF, IS_HAUSDORFF_BACK = range(7)
REDUCTIONS = 7
# Columns of it: the value, a bound on its error, the row and the column that attain it, and the bound on those pairs
# that were too many to measure (-inf or inf where there were none).
VALUE, ERROR, ROW, COLUMN, BEYOND = range(5)
FIELDS = 5


@njit(cache=True, nogil=True, fastmath=_FAST)
def _total(x, i, w, j):
    total = 0.0
    for k in range(x.shape[1]):
        difference = np.float64(x[i, k]) - np.float64(w[j, k])
        total += difference * difference
    return total


@njit(cache=True, nogil=True)
def _rescaled(x, i, w, j):
    """Return the distance of rows so near that the squares may underflow."""
    largest = 0.0
    for k in range(x.shape[1]):
        largest = max(largest, abs(np.float64(x[i, k]) - np.float64(w[j, k])))
    if largest == 0.0:
        return 0.0
    exponent = math.frexp(largest)[1]
    half = exponent // 2
    total = 0.0
    for k in range(x.shape[1]):
        difference = math.ldexp(np.float64(x[i, k]) - np.float64(w[j, k]), -half)
        difference = math.ldexp(difference, half - exponent)
        total += difference * difference
    return math.ldexp(math.ldexp(math.sqrt(total), half), exponent - half)


@njit(cache=True, nogil=True)
def direct(x, i, w, j):
    """Return the distance of two rows by their differences, for coordinates of size at most 1."""
    total = _total(x, i, w, j)
    return math.sqrt(total) if total > 1e-250 else _rescaled(x, i, w, j)


@njit(cache=True, nogil=True)
def _error_of(distance, rel, tiny):
    """Return what a direct distance is off by; equal rows, and they alone, have 0."""
    return distance * rel + tiny if distance > 0 else 0.0


@njit(cache=True, nogil=True)
def direct_from(x, i, w, first, last, out):
    """Fill in the distances of one row to some others."""
    for j in range(first, last):
        out[j] = direct(x, i, w, j)


@njit(cache=True, nogil=True, fastmath=_FAST)
def _extremes(g, n, c, t, u):
    real = c.dtype.type
    most, least = real(-np.inf), real(np.inf)
    for j in range(g.size):
        v = n + c[j] - t * u[j] * real(g[j])
        most = v if v > most else most
        least = v if v < least else least
    return most, least


@njit(cache=True, nogil=True, fastmath=_FAST)
def _column_extremes(g, n, c, t, u, most, least, more, less):
    """Set each column's extremes with one row's v from those without it; in place, this would be masked stores."""
    real = c.dtype.type
    for j in range(g.size):
        v = n + c[j] - t * u[j] * real(g[j])
        more[j] = v if v > most[j] else most[j]
        less[j] = v if v < least[j] else least[j]


@njit(cache=True, nogil=True, fastmath=_FAST)
def _column_roots(g, n, c, t, u, sums):
    """Add the roots of one row's v to each column's sum; a negative v, which is near 0, counts as 0."""
    real = c.dtype.type
    for j in range(g.size):
        v = np.float64(n + c[j] - t * u[j] * real(g[j]))
        sums[j] += math.sqrt(v if v > 0.0 else 0.0)


@njit(cache=True, nogil=True, fastmath=_FAST)
def _row_values(g, n, c, t, u, values):
    real = c.dtype.type
    for j in range(g.size):
        values[j] = n + c[j] - t * u[j] * real(g[j])


@njit(cache=True, nogil=True)
def _row_minima(values, columns, first, least):
    """Fill in the least of a row's values in each block of columns."""
    for b in range(first, len(columns) - 1):
        lowest = values[columns[b]]
        for j in range(columns[b] + 1, columns[b + 1]):
            lowest = values[j] if values[j] < lowest else lowest
        least[b] = lowest


@njit(cache=True, nogil=True)
def _above(v, error, rho):
    """Return what a distance is not above."""
    return (math.sqrt(max(v + error, 0.0)) + rho) * (1 + 1e-15)


@njit(cache=True, nogil=True)
def _below(v, error, rho):
    """Return what a distance is not below; it may be negative."""
    low = math.sqrt(max(v - error, 0.0)) * (1 - 1e-15) - rho
    return low - abs(low) * 1e-15


@njit(cache=True, nogil=True)
def _own_error(n, c, shares):
    """Return E of one pair by its own squares; a block's E may be far larger, where its rows are of many sizes."""
    sizes = (math.sqrt(np.float64(n)) + math.sqrt(np.float64(c))) * (1 + 1e-6)
    return shares[0] * sizes * sizes + shares[1] * (1 + sizes) * (1 + sizes)


@njit(cache=True, nogil=True)
def _least_square(distance, error, rho):
    """Return what v is not below for a pair whose distance reaches `distance`."""
    root = distance - rho
    return root * root * (1 - 1e-15) - error * (1 + 1e-15) if root > 0 else -np.inf


@njit(cache=True, nogil=True)
def _largest_square(distance, error, rho):
    """Return what v is not above for a pair whose distance may be as small as `distance`."""
    root = distance + rho
    return root * root * (1 + 1e-15) + error * (1 + 1e-15)


@njit(cache=True, nogil=True)
def _farthest(tile, i0, i1, j0, j1, n, c, t, u, most, error, rho, x, x0, w, w0, rel, tiny, known, cap, shares, out):
    real = c.dtype.type
    bound = max(known, _below(np.float64(most[j0:j1].max()), error, rho))
    threshold = _least_square(bound, error, rho)
    best, at, of, beyond, tried = -1.0, -1, -1, -np.inf, 0
    for j in range(j0, j1):
        if most[j] < threshold:
            continue
        for i in range(i0, i1):
            v = np.float64(n[i] + c[j] - t[i] * u[j] * real(tile[i, j]))
            if v < threshold:
                continue
            own = _own_error(n[i], c[j], shares)
            if _above(v, own, rho) < bound:
                continue
            if tried >= cap:
                beyond = max(beyond, _above(v, own, rho))
                continue
            tried += 1
            distance = direct(x, x0 + i, w, w0 + j)
            if distance > best or (distance == best and x0 + i < at):
                best, at, of = distance, x0 + i, w0 + j
                bound = max(bound, distance * (1 - rel) - tiny)
                threshold = _least_square(bound, error, rho)
    out[VALUE], out[ERROR], out[ROW], out[COLUMN], out[BEYOND] = best, _error_of(best, rel, tiny), at, of, beyond


@njit(cache=True, nogil=True)
def _nearest(tile, i0, i1, j0, j1, n, c, t, u, least, error, rho, x, x0, w, w0, rel, tiny, known, cap, shares, out):
    real = c.dtype.type
    bound = min(known, _above(np.float64(least[j0:j1].min()), error, rho))
    threshold = _largest_square(bound, error, rho)
    best, at, of, beyond, tried = np.inf, -1, -1, np.inf, 0
    for j in range(j0, j1):
        if least[j] > threshold:
            continue
        for i in range(i0, i1):
            v = np.float64(n[i] + c[j] - t[i] * u[j] * real(tile[i, j]))
            if v > threshold:
                continue
            own = _own_error(n[i], c[j], shares)
            if _below(v, own, rho) > bound:
                continue
            if tried >= cap:
                beyond = min(beyond, max(_below(v, own, rho), 0.0))
                continue
            tried += 1
            distance = direct(x, x0 + i, w, w0 + j)
            if distance < best or (distance == best and x0 + i < at):
                best, at, of = distance, x0 + i, w0 + j
                bound = min(bound, distance * (1 + rel) + tiny)
                threshold = _largest_square(bound, error, rho)
    # Where nothing was found, nothing is claimed.
    out[VALUE], out[ROW], out[COLUMN], out[BEYOND] = best, at, of, beyond
    out[ERROR] = _error_of(best, rel, tiny) if at >= 0 else 0.0


@njit(cache=True, nogil=True)
def _of_row(tile, i, j0, j1, n, c, t, u, least, near, error, rho, x, x0, w, w0, rel, tiny):
    """Return the smallest distance of a row to columns, a bound on its error, and the column."""
    real = c.dtype.type
    threshold = _largest_square(_above(np.float64(least), error, rho), error, rho)
    trusted = least >= near
    best, at = np.inf, -1
    for j in range(j0, j1):
        v = np.float64(n[i] + c[j] - t[i] * u[j] * real(tile[i, j]))
        if v > threshold:
            continue
        distance = math.sqrt(v) if trusted else direct(x, x0 + i, w, w0 + j)
        if distance < best:
            best, at = distance, w0 + j
            if not trusted:
                threshold = min(threshold, _largest_square(distance * (1 + rel) + tiny, error, rho))
    if trusted:
        return best, 0.51 * error / best + rho + best * 1e-15, at
    return best, _error_of(best, rel, tiny), at


@njit(cache=True, nogil=True)
def _of_column(tile, j, i0, i1, n, c, t, u, least, near, error, rho, x, x0, w, w0, rel, tiny):
    """Return the smallest distance of a column to rows, a bound on its error, and the row."""
    real = c.dtype.type
    threshold = _largest_square(_above(np.float64(least), error, rho), error, rho)
    trusted = least >= near
    best, at = np.inf, -1
    for i in range(i0, i1):
        v = np.float64(n[i] + c[j] - t[i] * u[j] * real(tile[i, j]))
        if v > threshold:
            continue
        distance = math.sqrt(v) if trusted else direct(x, x0 + i, w, w0 + j)
        if distance < best:
            best, at = distance, x0 + i
            if not trusted:
                threshold = min(threshold, _largest_square(distance * (1 + rel) + tiny, error, rho))
    if trusted:
        return best, 0.51 * error / best + rho + best * 1e-15, at
    return best, _error_of(best, rel, tiny), at


@njit(cache=True, nogil=True)
def _mean(tile, i0, i1, j0, j1, n, c, t, u, least, sums, near, error, rho, x, x0, w, w0, rel, tiny, out):
    real = c.dtype.type
    total, off = 0.0, 0.0
    for j in range(j0, j1):
        # Column by column, so that a sum passes through no more additions than a row and a column have.
        if least[j] >= near:
            total += sums[j]
            off += (i1 - i0) * (0.51 * error / math.sqrt(np.float64(least[j])) + rho)
            continue
        of_column = 0.0
        for i in range(i0, i1):
            v = np.float64(n[i] + c[j] - t[i] * u[j] * real(tile[i, j]))
            if v >= near:
                root = math.sqrt(v)
                off += 0.51 * error / root + rho
            else:
                root = direct(x, x0 + i, w, w0 + j)
                off += _error_of(root, rel, tiny)
            of_column += root
        total += of_column
    _record_mean(total, off, (i1 - i0) * (j1 - j0), i1 - i0 + j1 - j0, out)


@njit(cache=True, nogil=True)
def scan_blocks(
    tile,
    n,
    c,
    t,
    u,
    rows,
    columns,
    limits,
    near_minima,
    near_mean,
    x,
    x0,
    w,
    w0,
    rel,
    tiny,
    what,
    known,
    cap,
    shares,
    first,
    table,
):
    """Reduce every block of a tile.

    Parameters
    ----------
    tile
        Products, shape (rows, columns): float32, float64, or int32.
    n, c, t, u
        Squares and factors of rows and of columns, in the precision that v is computed in.
    rows, columns
        Where the blocks begin, and the end.
    limits
        E and ρ of each block, shape (row blocks, column blocks, 2).
    near_minima, near_mean
        v is taken for what it is from here on, as a multiple of E, at least 100: for minima of rows, and for means.
        (|√v − √s| ≤ E / (√v + √(v − E)) ≤ 0.51·E / √v for a square s within E ≤ v / 100 of v.)
    x, x0, w, w0
        The rows themselves, and which of them the tile begins at.
    rel, tiny
        The error of one direct distance, relative and absolute.
    what
        What to look for: a sum of MAX, MIN, MEAN, CHAMFER, HAUSDORFF.
    known
        Below known[0] no maximum is of interest, above known[1] no minimum.
    shares
        What :func:`.rows.square_error_shares` says.
    cap
        At most so many pairs of a block are measured again for one extreme.
    first
        Which row blocks: from first[0] to first[1]; column blocks before the row block's number minus first[2] are
        left out.
    table
        Filled: shape (row blocks, column blocks, reductions, fields).
    """
    width, blocks = len(c), len(columns) - 1
    most, least = np.empty(width, c.dtype), np.empty(width, c.dtype)
    more, less = np.empty(width, c.dtype), np.empty(width, c.dtype)
    sums, values = np.empty(width), np.empty(width, c.dtype)
    for a in range(first[0], first[1]):
        i0, i1 = rows[a], rows[a + 1]
        start = max(0, a - first[2])
        low = columns[start]
        most[low:] = -np.inf
        least[low:] = np.inf
        for i in range(i0, i1):
            _column_extremes(
                tile[i, low:], n[i], c[low:], t[i], u[low:], most[low:], least[low:], more[low:], less[low:]
            )
            most, least, more, less = more, less, most, least
        if what & MEAN:
            sums[low:] = 0
            for i in range(i0, i1):
                _column_roots(tile[i, low:], n[i], c[low:], t[i], u[low:], sums[low:])
        # The least v of each row in each block.
        below = np.empty((i1 - i0 if what & (CHAMFER | HAUSDORFF) else 0, blocks), c.dtype)
        for i in range(len(below)):
            _row_values(tile[i0 + i, low:], n[i0 + i], c[low:], t[i0 + i], u[low:], values[low:])
            _row_minima(values, columns, start, below[i])
        for b in range(start, blocks):
            j0, j1 = columns[b], columns[b + 1]
            error, rho = limits[a, b, 0], limits[a, b, 1]
            out = table[a, b]
            if what & MAX:
                _farthest(
                    tile,
                    i0,
                    i1,
                    j0,
                    j1,
                    n,
                    c,
                    t,
                    u,
                    most,
                    error,
                    rho,
                    x,
                    x0,
                    w,
                    w0,
                    rel,
                    tiny,
                    known[0],
                    cap,
                    shares,
                    out[IS_MAX],
                )
            if what & MIN:
                _nearest(
                    tile,
                    i0,
                    i1,
                    j0,
                    j1,
                    n,
                    c,
                    t,
                    u,
                    least,
                    error,
                    rho,
                    x,
                    x0,
                    w,
                    w0,
                    rel,
                    tiny,
                    known[1],
                    cap,
                    shares,
                    out[IS_MIN],
                )
            if what & MEAN:
                near = max(near_mean * error, (4 * near_mean * rho) ** 2)
                _mean(
                    tile,
                    i0,
                    i1,
                    j0,
                    j1,
                    n,
                    c,
                    t,
                    u,
                    least,
                    sums,
                    near,
                    error,
                    rho,
                    x,
                    x0,
                    w,
                    w0,
                    rel,
                    tiny,
                    out[IS_MEAN],
                )
            near = max(near_minima * error, (4 * near_minima * rho) ** 2)
            if what & CHAMFER:
                total, off = 0.0, 0.0
                for i in range(i0, i1):
                    lowest = np.float64(below[i - i0, b])
                    if lowest >= near:
                        d = math.sqrt(lowest)
                        e = 0.51 * error / d + rho + d * 1e-15
                    else:
                        d, e, at = _of_row(
                            tile, i, j0, j1, n, c, t, u, lowest, near, error, rho, x, x0, w, w0, rel, tiny
                        )
                    total, off = total + d, off + e
                _record_mean(total, off, i1 - i0, i1 - i0, out[IS_CHAMFER])
                total, off = 0.0, 0.0
                for j in range(j0, j1):
                    lowest = np.float64(least[j])
                    if lowest >= near:
                        d = math.sqrt(lowest)
                        e = 0.51 * error / d + rho + d * 1e-15
                    else:
                        d, e, at = _of_column(
                            tile, j, i0, i1, n, c, t, u, lowest, near, error, rho, x, x0, w, w0, rel, tiny
                        )
                    total, off = total + d, off + e
                _record_mean(total, off, j1 - j0, j1 - j0, out[IS_CHAMFER_BACK])
            if what & HAUSDORFF:
                bound = _below(np.float64(below[:, b].max()), error, rho)
                found, off, row, column = -1.0, 0.0, -1, -1
                for i in range(i0, i1):
                    if _above(np.float64(below[i - i0, b]), error, rho) < bound:
                        continue
                    d, e, at = _of_row(
                        tile, i, j0, j1, n, c, t, u, below[i - i0, b], near, error, rho, x, x0, w, w0, rel, tiny
                    )
                    off = max(off, e)
                    bound = max(bound, d - e)
                    if d > found:
                        found, row, column = d, x0 + i, at
                _record_extreme(found, off, row, column, out[IS_HAUSDORFF])
                bound = _below(np.float64(least[j0:j1].max()), error, rho)
                found, off, row, column = -1.0, 0.0, -1, -1
                for j in range(j0, j1):
                    if _above(np.float64(least[j]), error, rho) < bound:
                        continue
                    d, e, at = _of_column(
                        tile, j, i0, i1, n, c, t, u, least[j], near, error, rho, x, x0, w, w0, rel, tiny
                    )
                    off = max(off, e)
                    bound = max(bound, d - e)
                    if d > found:
                        found, row, column = d, at, w0 + j
                _record_extreme(found, off, row, column, out[IS_HAUSDORFF_BACK])


@njit(cache=True, nogil=True)
def _record_extreme(value, error, row, column, out):
    out[VALUE], out[ERROR], out[ROW], out[COLUMN] = value, error, row, column


@njit(cache=True, nogil=True)
def _record_mean(total, off, count, additions, out):
    out[VALUE] = total / count
    # A root, the additions and the division; then `off` itself, which is a sum of non-negative numbers.
    out[ERROR] = (off / count + (additions + 4) * 1.2e-16 * out[VALUE]) * (1 + 1e-9)


@njit(cache=True, nogil=True)
def scan_rows(tile, n, c, t, u, columns, limits, near, x, x0, w, w0, rel, tiny, want_max, first, last, low, high, at):
    """Update each row's smallest (or largest) distance to each block of columns, with an enclosure.

    `low`, `high`, `at`: shape (rows, column blocks); `limits`: E and ρ for each row and block, shape (rows, blocks, 2).
    The other parameters are those of :func:`scan_blocks`.
    """
    real = c.dtype.type
    for i in range(first, last):
        for b in range(len(columns) - 1):
            j0, j1 = columns[b], columns[b + 1]
            error, rho = limits[i, b, 0], limits[i, b, 1]
            least_exact = max(near * error, (4 * near * rho) ** 2)
            most, least = _extremes(tile[i, j0:j1], n[i], c[j0:j1], t[i], u[j0:j1])
            if not want_max:
                if _below(least, error, rho) > high[i, b]:
                    continue
                d, e, j = _of_row(tile, i, j0, j1, n, c, t, u, least, least_exact, error, rho, x, x0, w, w0, rel, tiny)
                if d + e < high[i, b]:
                    at[i, b] = j
                low[i, b], high[i, b] = min(low[i, b], d - e), min(high[i, b], d + e)
                continue
            if _above(most, error, rho) < low[i, b]:
                continue
            threshold = _least_square(_below(most, error, rho), error, rho)
            d, e, j, top = -1.0, 0.0, -1, -np.inf
            for k in range(j0, j1):
                v = np.float64(n[i] + c[k] - t[i] * u[k] * real(tile[i, k]))
                if most >= least_exact:
                    if v > top:
                        top, j = v, w0 + k
                elif v >= threshold:
                    distance = direct(x, x0 + i, w, w0 + k)
                    if distance > d:
                        d, j = distance, w0 + k
            if most >= least_exact:
                d = math.sqrt(top)
                e = 0.51 * error / d + rho + d * 1e-15
            else:
                e = _error_of(d, rel, tiny)
            if d - e > low[i, b]:
                at[i, b] = j
            low[i, b], high[i, b] = max(low[i, b], d - e), max(high[i, b], d + e)
