"""Compiled loops over one tile of a matrix product: all that is done with it while it is still in the cache.

A tile holds the products G of rows q (their squares n = ‖q‖², a factor t) and columns p (c = ‖p‖², a factor u), so that

    v = n_i + c_j − t_i·u_j·G_ij

is the squared distance of q_i and p_j up to E, and the distance of the rows x_i and w_j that they stand for is within
ρ of the root of the exact square. For a block of rows and columns, :mod:`.tiles` bounds E and ρ.

Extremes: each pair that v, E and ρ cannot exclude is measured again by differences of coordinates in float64, which is
exact up to the relative `rel` and the absolute `tiny`, whatever the order of the additions. Sums: so is each pair whose
v is below `near`, where the root of v would be too inexact.

What is said of the largest holds of the smallest with the sign s = −1: the smallest v is where −v, from −n, −c and −t,
is largest. z stands for s·v.

Reordered additions and fused multiply-adds are allowed, for the bounds hold for any order; NaN is not allowed, and rows
are checked to be finite before. The passes over a block may round v differently: each is within E of the square.

Arguments that go together are tuples: `sides` (n, c, t, u), `limit` (E, ρ), `points` (x, x0, w, w0), the rows themselves
and which of them a tile begins at, and `accuracy` (rel, tiny).
"""

from __future__ import annotations

import math

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba.extending import intrinsic

from boundcheck.kernels import integers
from boundcheck.kernels.compiled import compiled

__all__ = [
    "convert",
    "direct",
    "direct_from",
    "larger",
    "least_of_rows",
    "quantise",
    "scan_blocks",
    "scan_rows",
    "smaller",
]

_FAST = {"nnan", "nsz", "reassoc", "contract"}

# What to look for, as bits.
MAX, MIN, MEAN, CHAMFER, HAUSDORFF = 1, 2, 4, 8, 16

# First of a tile's table: the reductions. The last four have a direction, from rows to columns or back.
IS_MAX, IS_MIN, IS_MEAN, IS_CHAMFER, IS_CHAMFER_BACK, IS_HAUSDORFF, IS_HAUSDORFF_BACK = range(7)
REDUCTIONS = 7
# Then: the value, a bound on its error, the row and the column that attain it, and the bound on those pairs
# that were too many to measure (-inf or inf where there were none).
VALUE, ERROR, ROW, COLUMN, BEYOND = range(5)
FIELDS = 5
# So many columns at once are passed over if none of them can be the extreme.
_CHUNK = 64
# Smaller steps are not taken: times a product of integers, they stay normal numbers of 24 bits.
_LEAST_STEP = 2.0**-100
# What a quotient, and one of errors, may lose among the subnormal numbers.
_QUOTIENT = 2.0**-1073


def _of_two(name):
    """Return the function for an extreme of two floats, neither NaN, of which a reduction becomes a loop over vectors.

    A comparison and a choice, as Python's max() is here, does not.
    """

    @intrinsic
    def extreme(context, a, b):
        def generate(context, builder, signature, arguments):
            kind = arguments[0].type
            function = builder.module.declare_intrinsic(name, (kind,), ir.FunctionType(kind, [kind, kind]))
            return builder.call(function, arguments, fastmath=("nnan", "nsz"))

        return a(a, a), generate

    return extreme


larger, smaller = _of_two("llvm.maxnum"), _of_two("llvm.minnum")


@compiled(fastmath=_FAST, within=True)
def _total(x, i, w, j):
    total = 0.0
    for k in range(x.shape[1]):
        difference = np.float64(x[i, k]) - np.float64(w[j, k])
        total += difference * difference
    return total


@compiled(within=True)
def _largest_difference(x, i, w, j, unit):
    largest = 0.0
    for k in range(x.shape[1]):
        largest = max(largest, abs(np.float64(x[i, k]) * unit - np.float64(w[j, k]) * unit))
    return largest


@compiled(within=True)
def _rescaled(x, i, w, j):
    """Return the distance of rows so near, or so far apart, that the squares may under- or overflow."""
    largest = _largest_difference(x, i, w, j, 1.0)
    if largest == 0.0:
        return 0.0
    # Where a difference overflows, of halves of the rows.
    unit = 1.0 if largest < np.inf else 0.5
    if unit < 1.0:
        largest = _largest_difference(x, i, w, j, unit)
    exponent = math.frexp(largest)[1]
    half = exponent // 2
    total = 0.0
    for k in range(x.shape[1]):
        difference = math.ldexp(np.float64(x[i, k]) * unit - np.float64(w[j, k]) * unit, -half)
        difference = math.ldexp(difference, half - exponent)
        total += difference * difference
    return math.ldexp(math.ldexp(math.sqrt(total), half), exponent - half) / unit


@compiled(within=True)
def direct(x, i, w, j):
    """Return the distance of two rows by their differences; infinite where it is beyond the largest number."""
    total = _total(x, i, w, j)
    return math.sqrt(total) if 1e-250 < total < np.inf else _rescaled(x, i, w, j)


@compiled(within=True)
def _error_of(distance, accuracy):
    """Return what a direct distance is off by; equal rows, and they alone, have 0."""
    return distance * accuracy[0] + accuracy[1] if distance > 0 else 0.0


@compiled()
def direct_from(x, i, w, first, last, out):
    """Fill in the distances of one row to some others."""
    for j in range(first, last):
        out[j] = direct(x, i, w, j)


# ------------------------------------------------------------------------------------------------------- rows made ready


@compiled(fastmath=_FAST, within=True)
def _largest(x, centre):
    largest = 0.0
    for k in range(x.size):
        largest = larger(largest, abs(np.float64(x[k]) - centre[k]))
    return largest


@compiled(fastmath=_FAST, within=True)
def _rounded(x, centre, step, most, q):
    """Fill in round((x − c) / step), and return the square sums of step times that and of what is lost, and the sum of q."""
    inverse, squares, lost, total = 1 / step, 0.0, 0.0, 0.0
    ends = np.float64(most)
    for k in range(x.size):
        exact = np.float64(x[k]) - centre[k]
        whole = larger(smaller(np.floor(exact * inverse + 0.5), ends), -ends)
        q[k] = q.dtype.type(np.int32(whole))
        # A step has 24 bits and `whole` at most 16, so this product is exact.
        left = exact - whole * step
        squares += whole * whole
        lost += left * left
        total += whole
    return squares * step * step, lost, total


@compiled()
def quantise(x, centre, q, most, found):
    """Round rows less a centre to whole multiples q in −most … most of a step of 24 bits for each.

    Filled in for each row: the squares of what q stands for, the step, the squares of what is lost, the sum of q.
    """
    for i in range(x.shape[0]):
        # Filled up to a multiple of what is multiplied at once.
        q[i, x.shape[1] :] = 0
        found[1, i] = max(np.float64(np.float32(_largest(x[i], centre) / most)), _LEAST_STEP)
        found[0, i], found[2, i], found[3, i] = _rounded(x[i], centre, found[1, i], most, q[i])


@compiled(fastmath=_FAST, within=True)
def _less_centre(x, centre, q):
    real, squares = q.dtype.type, 0.0
    for k in range(x.size):
        value = real(x[k] - centre[k])
        q[k] = value
        squares += np.float64(value) * np.float64(value)
    return squares


@compiled()
def convert(x, centre, q, squares):
    """Fill in rows less a centre, and their squares."""
    for i in range(x.shape[0]):
        squares[i] = _less_centre(x[i], centre, q[i])


# --------------------------------------------------------------------------------------------------------- passes over v


@compiled(fastmath=_FAST, within=True)
def _row_maximum(g, n, c, t, u):
    real = c.dtype.type
    most = real(-np.inf)
    for j in range(g.size):
        most = larger(most, c[j] - t * (u[j] * real(g[j])))
    return n + most


@compiled(fastmath=_FAST, within=True)
def _column_maxima(tile, low, sides, most):
    """Fill in each column's largest v, from column `low` on; what belongs to columns is read once for four rows."""
    n, c, t, u = sides
    real = c.dtype.type
    most[low:] = -np.inf
    last = len(n) - 1
    for i in range(0, last + 1, 4):
        # The last row again for those that are missing.
        a, b, d = min(i + 1, last), min(i + 2, last), min(i + 3, last)
        n0, n1, n2, n3 = n[i], n[a], n[b], n[d]
        t0, t1, t2, t3 = t[i], t[a], t[b], t[d]
        # Unsigned: a negative number would count from the end, and the loop would be none over vectors.
        for j in range(np.uint64(low), np.uint64(c.size)):
            v0, v1 = n0 - t0 * (u[j] * real(tile[i, j])), n1 - t1 * (u[j] * real(tile[a, j]))
            v2, v3 = n2 - t2 * (u[j] * real(tile[b, j])), n3 - t3 * (u[j] * real(tile[d, j]))
            most[j] = larger(larger(larger(v0, v1), larger(v2, v3)) + c[j], most[j])


@compiled(fastmath=_FAST, within=True)
def _largest_of(values, first, last):
    most = values[first]
    for j in range(first + 1, last):
        most = larger(most, values[j])
    return np.float64(most)


@compiled(fastmath=_FAST, within=True)
def _row_values(g, n, c, t, u, values):
    real = c.dtype.type
    for j in range(c.size):
        values[j] = n + c[j] - t * (u[j] * real(g[j]))


@compiled(fastmath=_FAST, within=True)
def _add_roots(values, sums):
    """Add the roots of one row's v to each column's sum; a negative v, which is near 0, counts as 0."""
    for j in range(values.size):
        sums[j] += math.sqrt(max(np.float64(values[j]), 0.0))


@compiled(fastmath=_FAST, within=True)
def _row_minima(values, columns, first, least, at, step):
    """Fill in the least of a row's values in block b of columns, at + b·step."""
    for b in range(first, len(columns) - 1):
        lowest = values[columns[b]]
        for j in range(columns[b] + 1, columns[b + 1]):
            lowest = smaller(lowest, values[j])
        least[at + b * step] = lowest


# ------------------------------------------------------------------------------------------------------- what v excludes


@compiled(within=True)
def _value(tile, i, j, sides):
    n, c, t, u = sides
    return np.float64(n[i] + c[j] - t[i] * (u[j] * c.dtype.type(tile[i, j])))


@compiled(within=True)
def _end(v, limit, s):
    """Return what a distance is not above (s = 1), or not below (s = −1)."""
    error, rho = limit
    root = math.sqrt(max(v + s * error, 0.0))
    return max(root + s * rho + s * (root + rho) * 2e-15, 0.0)


@compiled(within=True)
def _own_error(n, c, shares):
    """Return E of one pair by its own squares; a block's E may be far larger, where its rows are of many sizes."""
    sizes = (math.sqrt(abs(np.float64(n))) + math.sqrt(abs(np.float64(c)))) * (1 + 1e-6)
    return shares[0] * sizes * sizes + shares[1] * (1 + sizes) * (1 + sizes)


@compiled(within=True)
def _reach(distance, limit, s):
    """Return what s·v is not below for a pair whose distance is as large as that (s = −1: as small)."""
    error, rho = limit
    root = distance - s * rho
    if root < 0:
        return -np.inf
    return s * root * root - (root * root + error) * 1e-15 - error


@compiled(within=True)
def _extremes(tile, a, columns, start, sides, most, s, limits, points, accuracy, known, cap, shares, table, which):
    """Fill in the largest distance of each block of some rows (s = −1: the smallest).

    `sides` are those of s·v, `most` is the largest of it in each column, and what is not beyond `known` is of no interest.
    """
    n, c, _, _ = sides
    x, x0, w, w0 = points
    for b in range(start, len(columns) - 1):
        j0, j1 = columns[b], columns[b + 1]
        limit = limits[a, b, 0], limits[a, b, 1]
        # s times the distance that the extreme is known to reach; `best` and `beyond` are such, too.
        bound = max(s * known, s * _end(s * _largest_of(most, j0, j1), limit, -s))
        threshold = _reach(s * bound, limit, s)
        best, at, of, beyond, tried = -np.inf, -1, -1, -np.inf, 0
        for j in range(j0, j1):
            if most[j] < threshold:
                continue
            for i in range(len(n)):
                z = _value(tile, i, j, sides)
                if z < threshold:
                    continue
                outer = s * _end(s * z, (_own_error(n[i], c[j], shares), limit[1]), s)
                if outer < bound:
                    continue
                if tried >= cap:
                    beyond = max(beyond, outer)
                    continue
                tried += 1
                distance = direct(x, x0 + i, w, w0 + j)
                if s * distance > best or (s * distance == best and x0 + i < at):
                    best, at, of = s * distance, x0 + i, w0 + j
                    bound = max(bound, best - (distance * accuracy[0] + accuracy[1]))
                    threshold = _reach(s * bound, limit, s)
        # Where nothing was found, nothing is claimed.
        _record_extreme(s * best, _error_of(s * best, accuracy) if at >= 0 else 0.0, at, of, table, a, b, which)
        table[which, BEYOND, a, b] = s * beyond


@compiled(within=True)
def _of_row(tile, i, j0, j1, sides, most, known, s, near, limit, points, accuracy):
    """Return the largest distance of a row (s = −1: the smallest) to columns, a bound on its error, and the column.

    `sides` are those of s·v and `most` is the largest of it; `known` is a distance that is reached. −1 for the column:
    by no more than rounding, none reaches it.
    """
    n, c, t, u = sides
    x, x0, w, w0 = points
    bound = max(s * known, s * _end(s * np.float64(most), limit, -s))
    threshold = _reach(s * bound, limit, s)
    trusted = s * most >= near
    best, at = -np.inf, -1
    for start in range(j0, j1, _CHUNK):
        stop = min(start + _CHUNK, j1)
        if j1 - j0 > _CHUNK and _row_maximum(tile[i, start:stop], n[i], c[start:stop], t[i], u[start:stop]) < threshold:
            continue
        for j in range(start, stop):
            z = _value(tile, i, j, sides)
            if z < threshold:
                continue
            distance = math.sqrt(s * z) if trusted else direct(x, x0 + i, w, w0 + j)
            if s * distance > best:
                best, at = s * distance, w0 + j
                if not trusted:
                    bound = max(bound, best - (distance * accuracy[0] + accuracy[1]))
                    threshold = _reach(s * bound, limit, s)
    return s * best, _error_of_root(s * best, limit) if trusted else _error_of(s * best, accuracy), at


@compiled(within=True)
def _error_of_root(root, limit):
    return 0.51 * limit[0] / root + limit[1] + root * 1e-15


# --------------------------------------------------------------------------------------------------- blocks of a tile


@compiled(within=True)
def _near(multiple, limit):
    """Return the v from which on its root is taken for what it is."""
    return max(multiple * limit[0], (4 * multiple * limit[1]) ** 2)


@compiled(within=True)
def _means(tile, a, columns, start, sides, least, sums, near, limits, points, accuracy, table):
    x, x0, w, w0 = points
    tall = tile.shape[0]
    for b in range(start, len(columns) - 1):
        limit = error, rho = limits[a, b, 0], limits[a, b, 1]
        trusted = _near(near, limit)
        total, off = 0.0, 0.0
        for j in range(columns[b], columns[b + 1]):
            # Column by column, so that a sum passes through no more additions than a row and a column have.
            if least[j] >= trusted:
                total += sums[j]
                off += tall * (0.51 * error / math.sqrt(np.float64(least[j])) + rho)
                continue
            of_column = 0.0
            for i in range(tall):
                v = _value(tile, i, j, sides)
                if v >= trusted:
                    root = math.sqrt(v)
                    off += 0.51 * error / root + rho
                else:
                    root = direct(x, x0 + i, w, w0 + j)
                    off += _error_of(root, accuracy)
                of_column += root
            total += of_column
        width = columns[b + 1] - columns[b]
        _record_mean(total, off, tall * width, tall + width, table, a, b, IS_MEAN)


@compiled(within=True)
def _nearest(tile, a, tall, columns, start, back, sides, least, what, near, limits, points, accuracy, table):
    """Fill in the mean and the largest of the smallest distances of each block's rows (`back`: columns).

    Back, tile and points are transposed and lines are columns. `sides` are those of −v; `least` has the smallest v of
    each line, a block's one after the other.
    """
    for b in range(start, len(columns) - 1):
        i0, i1, j0, j1, at = 0, tall, columns[b], columns[b + 1], b * tall
        if back:
            i0, i1, j0, j1, at = j0, j1, i0, i1, j0
        limit = limits[a, b, 0], limits[a, b, 1]
        trusted = _near(near, limit)
        if what & CHAMFER:
            total, off = 0.0, 0.0
            for i in range(i0, i1):
                v = np.float64(least[at + i - i0])
                if v >= trusted:
                    d = math.sqrt(v)
                    e = _error_of_root(d, limit)
                else:
                    d, e, _ = _of_row(tile, i, j0, j1, sides, -v, np.inf, -1.0, trusted, limit, points, accuracy)
                total, off = total + d, off + e
            _record_mean(total, off, i1 - i0, i1 - i0, table, a, b, IS_CHAMFER_BACK if back else IS_CHAMFER)
        if what & HAUSDORFF:
            bound = _end(_largest_of(least, at, at + i1 - i0), limit, -1.0)
            threshold = _reach(bound, limit, 1.0)
            found, off, row, column = -1.0, 0.0, -1, -1
            for i in range(i0, i1):
                v = np.float64(least[at + i - i0])
                if v < threshold:
                    continue
                d, e, of = _of_row(tile, i, j0, j1, sides, -v, np.inf, -1.0, trusted, limit, points, accuracy)
                off = max(off, e)
                if d - e > bound:
                    bound = d - e
                    threshold = _reach(bound, limit, 1.0)
                if d > found:
                    found, row, column = d, points[1] + i, of
            if back:
                _record_extreme(found, off, column, row, table, a, b, IS_HAUSDORFF_BACK)
            else:
                _record_extreme(found, off, row, column, table, a, b, IS_HAUSDORFF)


@compiled(within=True)
def _record_extreme(value, error, row, column, table, a, b, which):
    table[which, VALUE, a, b], table[which, ERROR, a, b] = value, error
    table[which, ROW, a, b], table[which, COLUMN, a, b] = row, column


@compiled(within=True)
def _record_mean(total, off, count, additions, table, a, b, which):
    value = total / count
    table[which, VALUE, a, b] = value
    # A root, the additions and the division; then `off` itself, which is a sum of non-negative numbers.
    error = (off / count + (additions + 4) * 1.2e-16 * value) * (1 + 1e-9)
    # Quotients may be too small for a float.
    table[which, ERROR, a, b] = error + _QUOTIENT if total > 0 else error


@compiled()
def scan_blocks(
    tile, factors, sides, rows, columns, limits, near, points, accuracy, what, known, cap, shares, skipped, table
):
    """Reduce every block of a tile.

    Parameters
    ----------
    tile
        Products, shape (rows, columns): float32, float64, or int32; with factors, room for those of some blocks of rows.
    factors
        None, or what :func:`.integers.multiply` makes them from: the rows, the panels of columns, the shifts, the plan.
    sides
        Squares n and c and factors t and u of rows and of columns, in the precision that v is computed in.
    rows, columns
        Where the blocks begin, and the end.
    limits
        E and ρ of each block, shape (row blocks, column blocks, 2).
    near
        v is taken for what it is from here on, as a multiple of E, at least 100: for minima of rows, and for means.
        (|√v − √s| ≤ E / (√v + √(v − E)) ≤ 0.51·E / √v for a square s within E ≤ v / 100 of v.)
    points
        The rows themselves, and which of them the tile begins at.
    accuracy
        The error of one direct distance, relative and absolute.
    what
        What to look for: a sum of MAX, MIN, MEAN, CHAMFER, HAUSDORFF.
    known
        Below known[0] no maximum is of interest, above known[1] no minimum.
    cap
        At most so many pairs of a block are measured again for one extreme.
    shares
        What :func:`.rows.square_error_shares` says.
    skipped
        Column blocks before the row block's number minus this are left out.
    table
        Filled: shape (reductions, fields, row blocks, column blocks).
    """
    n, c, t, u = sides
    x, x0, w, w0 = points
    width, blocks = len(c), len(columns) - 1
    most, less, values = np.empty(width, c.dtype), np.empty(width, c.dtype), np.empty(width, c.dtype)
    least, sums, negative = np.empty(width, c.dtype), np.empty(width), -c
    of_rows = what & (CHAMFER | HAUSDORFF)
    # Which blocks of rows the room has the products of.
    begin, end = 0, 0
    for a in range(len(rows) - 1):
        i0, i1 = rows[a], rows[a + 1]
        tall, start = i1 - i0, max(0, a - skipped)
        if start >= blocks:
            break
        low = columns[start]
        if factors is None:
            part = tile[i0:i1]
        else:
            q, panels, shifts, plan = factors
            if a >= end:
                # Several at once: panels come from far away.
                begin, end = a, a + 1
                while end < len(rows) - 1 and rows[end + 1] - i0 <= tile.shape[0]:
                    end += 1
                i2 = rows[end]
                integers.multiply(q[i0:i2], panels, low // panels.shape[2], shifts[i0:i2], tile[: i2 - i0], plan)
            part = tile[i0 - rows[begin] : i1 - rows[begin]]
        sides = n[i0:i1], c, t[i0:i1], u
        minus = -sides[0], negative, -sides[2], u
        across = negative, minus[0], u, minus[2]
        points, back = (x, x0 + i0, w, w0), (w, w0, x, x0 + i0)
        if what & MAX:
            _column_maxima(part, low, sides, most)
        if what & ~MAX:
            _column_maxima(part, low, minus, less)
            np.negative(less[low:], least[low:])
        # The least v of each row in each block.
        below = np.empty(blocks * tall if of_rows else 0, c.dtype)
        sums[low:] = 0
        for i in range(tall if what & MEAN or of_rows else 0):
            _row_values(part[i, low:], n[i0 + i], c[low:], t[i0 + i], u[low:], values[low:])
            if what & MEAN:
                _add_roots(values[low:], sums[low:])
            if of_rows:
                _row_minima(values, columns, start, below, i, tall)
        # All blocks of these rows in one call: to hand over so many arrays takes as long as a block.
        if what & MAX:
            _extremes(
                part, a, columns, start, sides, most, 1.0, limits, points, accuracy, known[0], cap, shares, table,
                IS_MAX,
            )  # fmt: skip
        if what & MIN:
            _extremes(
                part, a, columns, start, minus, less, -1.0, limits, points, accuracy, known[1], cap, shares, table,
                IS_MIN,
            )  # fmt: skip
        if what & MEAN:
            _means(part, a, columns, start, sides, least, sums, near[1], limits, points, accuracy, table)
        if of_rows:
            _nearest(part, a, tall, columns, start, False, minus, below, what, near[0], limits, points, accuracy, table)
            _nearest(part.T, a, tall, columns, start, True, across, least, what, near[0], limits, back, accuracy, table)


@compiled(within=True)
def _products(tile, factors, i0, i1):
    """Return the products of rows i0 to i1: the tile, of floats, or made in it of integers."""
    if factors is None:
        part = tile
    else:
        q, panels, shifts, plan = factors
        part = tile[: i1 - i0]
        integers.multiply(q[i0:i1], panels, 0, shifts[i0:i1], part, plan)
    return part


@compiled()
def least_of_rows(tile, factors, sides, found):
    """Fill in the least v of each row; parameters as in :func:`scan_blocks`."""
    n, c, t, u = sides
    minus, rows = -c, len(n)
    tall = rows if factors is None else tile.shape[0]
    for i0 in range(0, rows, tall):
        i1 = min(i0 + tall, rows)
        part = _products(tile, factors, i0, i1)
        for i in range(i0, i1):
            found[i] = -np.float64(_row_maximum(part[i - i0, : len(c)], -n[i], minus, -t[i], u))


@compiled()
def scan_rows(tile, factors, sides, columns, limits, points, accuracy, s, low, high, at):
    """Update each row's largest (s = −1: smallest) distance to each block of columns, with an enclosure.

    `low`, `high`, `at`: shape (rows, column blocks); `limits`: E and ρ for each row and block, shape (rows, blocks, 2);
    `sides`: those of s·v. The other parameters are those of :func:`scan_blocks`.
    """
    n, c, t, u = sides
    x, x0, w, w0 = points
    rows = len(n)
    tall = rows if factors is None else tile.shape[0]
    for i0 in range(0, rows, tall):
        i1 = min(i0 + tall, rows)
        part = _products(tile, factors, i0, i1)
        some, here = (n[i0:i1], c, t[i0:i1], u), (x, x0 + i0, w, w0)
        for i in range(i1 - i0):
            for b in range(len(columns) - 1):
                j0, j1 = columns[b], columns[b + 1]
                limit = limits[i0 + i, b, 0], limits[i0 + i, b, 1]
                below, above = low[i0 + i, b], high[i0 + i, b]
                known = below if s > 0 else above
                most = _row_maximum(part[i, j0:j1], some[0][i], c[j0:j1], some[2][i], u[j0:j1])
                if s * _end(s * np.float64(most), limit, s) < s * known:
                    continue
                d, e, j = _of_row(part, i, j0, j1, some, most, known, s, np.inf, limit, here, accuracy)
                if j < 0:
                    continue
                if s * d - e > s * known:
                    at[i0 + i, b] = j
                low[i0 + i, b], high[i0 + i, b] = s * max(s * below, s * (d - e)), s * max(s * above, s * (d + e))
