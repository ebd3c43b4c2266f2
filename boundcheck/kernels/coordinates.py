"""Compiled loops that measure every pair by its coordinates.

In the sum and the maximum norm, which no matrix product helps, and in the Euclidean norm where rows are of scales too
different for one.

Rows are taken as they are, without a common scale: a distance of d coordinates in float64 is exact up to γ(d + 2) in the
sum norm, whatever the order of the additions, up to one rounding in the maximum norm, and 0 for equal rows alone. One
beyond the largest number is infinite.
"""

from __future__ import annotations

import numpy as np

from boundcheck.kernels import loops
from boundcheck.kernels.compiled import compiled

__all__ = ["EUCLIDEAN", "MAXIMUM", "SUM", "of_pair", "reduce_blocks", "search_rows"]

_FAST = {"nnan", "nsz", "reassoc", "contract"}
# The norms.
SUM, EUCLIDEAN, MAXIMUM = range(3)
# Where sums of distances overflow, they are of distances times this power of two.
_SHRUNK = 2.0**-128


@compiled(fastmath=_FAST, within=True)
def of_pair(x, i, w, j, supremum):
    """Return the distance of two rows, in the maximum norm or the sum norm."""
    if supremum:
        most = 0.0
        for k in range(x.shape[1]):
            size = abs(np.float64(x[i, k]) - np.float64(w[j, k]))
            most = size if size > most else most
        return most
    total = 0.0
    for k in range(x.shape[1]):
        total += abs(np.float64(x[i, k]) - np.float64(w[j, k]))
    return total


@compiled()
def _record(out, value, at):
    out[0], out[1], out[2] = value, at[0], at[1]


@compiled()
def reduce_blocks(x, rows, w, columns, norm, diagonal, first, last, symmetric, table):
    """Reduce the distances of each block of rows to each block of columns.

    Parameters
    ----------
    x, w
        The rows, shape (n, d) and (q, d).
    rows, columns
        Where the blocks begin, and the end.
    norm
        SUM, EUCLIDEAN or MAXIMUM.
    diagonal
        Whether a row is left out of its own least distance.
    first, last
        Which row blocks.
    symmetric
        Whether blocks left of the diagonal are left out.
    table
        Filled: shape (row blocks, column blocks, 7, 3), for max, min, mean, Chamfer both ways and Hausdorff both ways
        the value, the row and the column.
    """
    for a in range(first, last):
        for b in range(a if symmetric else 0, len(columns) - 1):
            block = rows[a], rows[a + 1], columns[b], columns[b + 1]
            if not _reduce_block(x, w, block, norm, diagonal, 1.0, table[a, b]):
                _reduce_block(x, w, block, norm, diagonal, _SHRUNK, table[a, b])


@compiled(within=True)
def _reduce_block(x, w, block, norm, diagonal, unit, out):
    """Reduce one block, sums of distances times a power of two; return whether none overflowed that need not have."""
    i0, i1, j0, j1 = block
    most, least, total = -1.0, np.inf, 0.0
    at = np.zeros((2, 2), np.int64)
    below, which = np.full(j1 - j0, np.inf), np.full(j1 - j0, i0)
    chamfer, hausdorff = 0.0, -1.0
    far = np.zeros((2, 2), np.int64)
    for i in range(i0, i1):
        of_row, nearest, sum_of_row = np.inf, -1, 0.0
        for j in range(j0, j1):
            distance = loops.direct(x, i, w, j) if norm == EUCLIDEAN else of_pair(x, i, w, j, norm == MAXIMUM)
            sum_of_row += distance * unit
            if distance > most:
                most = distance
                at[0, 0], at[0, 1] = i, j
            if diagonal and i == j:
                continue
            if distance < of_row:
                of_row, nearest = distance, j
            if distance < below[j - j0]:
                below[j - j0] = distance
                which[j - j0] = i
        if nearest < 0 and not (diagonal and i == j0 == j1 - 1):
            # All are beyond the largest number.
            nearest = j0 + 1 if diagonal and i == j0 else j0
        total += sum_of_row
        chamfer += of_row * unit
        if of_row < least or (i == i0 and nearest >= 0):
            least = of_row
            at[1, 0], at[1, 1] = i, nearest
        if of_row > hausdorff:
            hausdorff = of_row
            far[0, 0], far[0, 1] = i, nearest
    back, farthest = 0.0, -1.0
    for j in range(j0, j1):
        back += below[j - j0] * unit
        if below[j - j0] > farthest:
            farthest = below[j - j0]
            far[1, 0], far[1, 1] = which[j - j0], j
    _record(out[0], most, at[0])
    _record(out[1], least, at[1])
    out[2, 0] = total / ((i1 - i0) * (j1 - j0)) / unit
    out[3, 0], out[4, 0] = chamfer / (i1 - i0) / unit, back / (j1 - j0) / unit
    _record(out[5], hausdorff, far[0])
    _record(out[6], farthest, far[1])
    return total < np.inf or most == np.inf


@compiled()
def search_rows(x, w, order, norm, first, last, known, found):
    """Search rows for the one farthest from its nearest column; a row ends at a column nearer than the best so far.

    `found`: filled with the row and the column, as floats, after the distance; the distance −1 where no row exceeds
    `known`.
    """
    best, row, column = known, -1, -1
    for i in range(first, last):
        nearest, at = np.inf, -1
        for k in range(len(order)):
            at_k = order[k]
            distance = loops.direct(x, i, w, at_k) if norm == EUCLIDEAN else of_pair(x, i, w, at_k, norm == MAXIMUM)
            if distance < nearest or at < 0:
                nearest, at = distance, order[k]
                if nearest <= best:
                    break
        if nearest > best:
            best, row, column = nearest, i, at
    found[0], found[1], found[2] = best if row >= 0 else -1.0, row, column
