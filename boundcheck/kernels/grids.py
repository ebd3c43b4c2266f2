"""Compiled loops over grids: what two arrays over (z, i) and (w, i) make for every z and w, nothing larger stored.

A grid's array has the shape (Z, W, n), or 1 in place of Z or W where it does not vary. NaN is carried on.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

__all__ = ["extreme_of_sums", "mean_square", "mean_square_of_smaller"]

Array = npt.NDArray[np.float64]


@njit(cache=True, nogil=True, fastmath={"nsz"})  # type: ignore[untyped-decorator]
def _extreme_of_sums(a: Array, b: Array, largest: bool, out: Array) -> None:
    for z in range(out.shape[0]):
        for w in range(out.shape[1]):
            one, other = a[z % a.shape[0], w % a.shape[1]], b[z % b.shape[0], w % b.shape[1]]
            best = one[0] + other[0]
            wrong = best != best
            for i in range(1, one.size):
                total = one[i] + other[i]
                wrong = wrong or total != total
                if (total > best) == largest and total != best:
                    best = total
            out[z, w] = np.nan if wrong else best


@njit(cache=True, nogil=True, fastmath={"nsz", "reassoc", "contract"})  # type: ignore[untyped-decorator]
def _mean_square(a: Array, b: Array, out: Array) -> None:
    for z in range(out.shape[0]):
        for w in range(out.shape[1]):
            start, other = a[z % a.shape[0], w % a.shape[1]], b[z % b.shape[0], w % b.shape[1]]
            total = 0.0
            for i in range(other.size):
                value = start + other[i]
                total += value * value
            out[z, w] = total / other.size


@njit(cache=True, nogil=True, fastmath={"nsz", "reassoc", "contract"})  # type: ignore[untyped-decorator]
def _mean_square_of_smaller(a: Array, b: Array, c: Array, d: Array, out: Array) -> None:
    for z in range(out.shape[0]):
        for w in range(out.shape[1]):
            one, other = b[z % b.shape[0], w % b.shape[1]], d[z % d.shape[0], w % d.shape[1]]
            start, shift = a[z % a.shape[0], w % a.shape[1]], c[z % c.shape[0], w % c.shape[1]]
            total = 0.0
            for i in range(one.size):
                left = start + one[i]
                for j in range(other.size):
                    # Where one of them is NaN, so is the sum.
                    right = shift + other[j]
                    least = right if right < left else left
                    total += least * least + 0.0 * right
            out[z, w] = total / (one.size * other.size)


def extreme_of_sums(a: Array, b: Array, *, largest: bool) -> Array:
    """Return the largest (or smallest) a_i + b_i for every z and w: shape (Z, W) from two of (Z, W, n)."""
    out = np.empty(np.broadcast_shapes(a.shape[:2], b.shape[:2]))
    _extreme_of_sums(np.ascontiguousarray(a), np.ascontiguousarray(b), largest, out)
    return out


def mean_square(a: Array, b: Array) -> Array:
    """Return the mean of (a + b_i)² over all i for every z and w: shape (Z, W) from (Z, W) and (Z, W, n)."""
    out = np.empty(np.broadcast_shapes(a.shape, b.shape[:2]))
    _mean_square(np.ascontiguousarray(a), np.ascontiguousarray(b), out)
    return out


def mean_square_of_smaller(a: Array, b: Array, c: Array, d: Array) -> Array:
    """Return the mean of min(a + b_i, c + d_j)² over all i and j for every z and w.

    Shape (Z, W) from (Z, W), (Z, W, n), (Z, W) and (Z, W, q).
    """
    out = np.empty(np.broadcast_shapes(a.shape, b.shape[:2], c.shape, d.shape[:2]))
    _mean_square_of_smaller(*(np.ascontiguousarray(part) for part in (a, b, c, d)), out)
    return out
