"""Compiled loops for the sum and the maximum norm, which no matrix product helps: every pair by its coordinates.

A distance of d coordinates in float64 is exact up to γ(d + 2) in the sum norm, whatever the order of the additions, and
up to one rounding in the maximum norm.
"""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["of_pair", "reduce_blocks", "search_rows"]

_FAST = {"nnan", "nsz", "reassoc", "contract"}


@njit(cache=True, nogil=True, fastmath=_FAST)
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


@njit(cache=True, nogil=True)
def _record(out, value, at):
    out[0], out[1], out[2] = value, at[0], at[1]


@njit(cache=True, nogil=True)
def reduce_blocks(x, rows, w, columns, supremum, diagonal, first, last, symmetric, table):
    """Reduce the distances of each block of rows to each block of columns.

    Parameters
    ----------
    x, w
        The rows, shape (n, d) and (q, d).
    rows, columns
        Where the blocks begin, and the end.
    supremum
        Whether in the maximum norm.
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
        i0, i1 = rows[a], rows[a + 1]
        for b in range(a if symmetric else 0, len(columns) - 1):
            j0, j1 = columns[b], columns[b + 1]
            most, least, total = -1.0, np.inf, 0.0
            at = np.zeros((2, 2), np.int64)
            below, which = np.full(j1 - j0, np.inf), np.zeros(j1 - j0, np.int64)
            chamfer, hausdorff = 0.0, -1.0
            far = np.zeros((2, 2), np.int64)
            for i in range(i0, i1):
                of_row, nearest, sum_of_row = np.inf, -1, 0.0
                for j in range(j0, j1):
                    distance = of_pair(x, i, w, j, supremum)
                    sum_of_row += distance
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
                total += sum_of_row
                chamfer += of_row
                if of_row < least:
                    least = of_row
                    at[1, 0], at[1, 1] = i, nearest
                if of_row > hausdorff:
                    hausdorff = of_row
                    far[0, 0], far[0, 1] = i, nearest
            back, farthest = 0.0, -1.0
            for j in range(j0, j1):
                back += below[j - j0]
                if below[j - j0] > farthest:
                    farthest = below[j - j0]
                    far[1, 0], far[1, 1] = which[j - j0], j
            out = table[a, b]
            _record(out[0], most, at[0])
            _record(out[1], least, at[1])
            out[2, 0] = total / ((i1 - i0) * (j1 - j0))
            out[3, 0], out[4, 0] = chamfer / (i1 - i0), back / (j1 - j0)
            _record(out[5], hausdorff, far[0])
            _record(out[6], farthest, far[1])


@njit(cache=True, nogil=True)
def search_rows(x, w, order, supremum, first, last, known, found):
    """Search rows for the one farthest from its nearest column; a row ends at a column nearer than the best so far.

    `found`: filled with the row and the column, as floats, after the distance; the distance −1 where no row exceeds
    `known`.
    """
    best, row, column = known, -1, -1
    for i in range(first, last):
        nearest, at = np.inf, -1
        for k in range(len(order)):
            distance = of_pair(x, i, w, order[k], supremum)
            if distance < nearest:
                nearest, at = distance, order[k]
                if nearest <= best:
                    break
        if nearest > best:
            best, row, column = nearest, i, at
    found[0], found[1], found[2] = best if row >= 0 else -1.0, row, column
