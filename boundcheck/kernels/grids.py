"""Compiled loops over grids: what two arrays over (z, i) and (w, i) make for every z and w, nothing larger stored.

A grid's array has the shape (Z, W, n), or 1 in place of Z or W where it does not vary. NaN is carried on, in NumPy instead of the loops.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from boundcheck.kernels.compiled import compiled

__all__ = ["extreme_of_sums", "mean_square", "mean_square_of_smaller"]

Array = npt.NDArray[np.float64]


_SIDE_BY_SIDE = 128
# Of finite numbers alone: then there is no NaN to carry on, and vectors find extremes.
_FAST = {"nnan", "nsz", "reassoc", "contract"}


@compiled(fastmath=_FAST)
def _extreme_of_sums(a: Array, b: Array, largest: bool, out: Array) -> None:
    # The smallest of some is what the largest of their negatives is the negative of, rounding included.
    sign = 1.0 if largest else -1.0
    for z in range(out.shape[0]):
        for w in range(out.shape[1]):
            one, other = (
                a[min(z, a.shape[0] - 1), min(w, a.shape[1] - 1)],
                b[min(z, b.shape[0] - 1), min(w, b.shape[1] - 1)],
            )
            best = -np.inf
            for i in range(one.size):
                total = sign * (one[i] + other[i])
                best = total if total > best else best
            out[z, w] = sign * best


@compiled(fastmath=_FAST)
def _mean_square(a: Array, b: Array, out: Array) -> None:
    for z in range(out.shape[0]):
        for w in range(out.shape[1]):
            start, other = (
                a[min(z, a.shape[0] - 1), min(w, a.shape[1] - 1)],
                b[min(z, b.shape[0] - 1), min(w, b.shape[1] - 1)],
            )
            total = 0.0
            for i in range(other.size):
                value = start + other[i]
                total += value * value
            out[z, w] = total / other.size


@compiled(fastmath=_FAST)
def _mean_square_of_smaller(a: Array, b: Array, c: Array, d: Array, out: Array) -> None:
    # Many w side by side, so that vectors are full however few points there are.
    n, q = b.shape[2], d.shape[2]
    left, right, total = np.empty((n, _SIDE_BY_SIDE)), np.empty((q, _SIDE_BY_SIDE)), np.empty(_SIDE_BY_SIDE)
    for z in range(out.shape[0]):
        for first in range(0, out.shape[1], _SIDE_BY_SIDE):
            count = min(_SIDE_BY_SIDE, out.shape[1] - first)
            for k in range(count):
                w = first + k
                start = a[min(z, a.shape[0] - 1), min(w, a.shape[1] - 1)]
                shift = c[min(z, c.shape[0] - 1), min(w, c.shape[1] - 1)]
                one = b[min(z, b.shape[0] - 1), min(w, b.shape[1] - 1)]
                other = d[min(z, d.shape[0] - 1), min(w, d.shape[1] - 1)]
                total[k] = 0.0
                for i in range(n):
                    left[i, k] = start + one[i]
                for j in range(q):
                    right[j, k] = shift + other[j]
            for i in range(n):
                for j in range(q):
                    for k in range(count):
                        least = left[i, k] if left[i, k] < right[j, k] else right[j, k]
                        total[k] += least * least
            out[z, first : first + count] = total[:count] / (n * q)


def _are_finite(*arrays: Array) -> bool:
    # A sum that overflows takes the longer way, and gives the same.
    with np.errstate(over="ignore", invalid="ignore"):
        return all(bool(np.isfinite(array.sum())) for array in arrays)


def extreme_of_sums(a: Array, b: Array, *, largest: bool) -> Array:
    """Return the largest (or smallest) a_i + b_i for every z and w: shape (Z, W) from two of (Z, W, n)."""
    if not _are_finite(a, b):
        with np.errstate(over="ignore", invalid="ignore"):
            sums = a + b
        return np.asarray(sums.max(axis=2) if largest else sums.min(axis=2))
    out = np.empty(np.broadcast_shapes(a.shape[:2], b.shape[:2]))
    _extreme_of_sums(np.ascontiguousarray(a), np.ascontiguousarray(b), largest, out)
    return out


def mean_square(a: Array, b: Array) -> Array:
    """Return the mean of (a + b_i)² over all i for every z and w: shape (Z, W) from (Z, W) and (Z, W, n)."""
    if not _are_finite(a, b):
        with np.errstate(over="ignore", invalid="ignore"):
            return np.asarray(np.square(a[..., None] + b).mean(axis=2))
    out = np.empty(np.broadcast_shapes(a.shape, b.shape[:2]))
    _mean_square(np.ascontiguousarray(a), np.ascontiguousarray(b), out)
    return out


def mean_square_of_smaller(a: Array, b: Array, c: Array, d: Array) -> Array:
    """Return the mean of min(a + b_i, c + d_j)² over all i and j for every z and w.

    Shape (Z, W) from (Z, W), (Z, W, n), (Z, W) and (Z, W, q).
    """
    if not _are_finite(a, b, c, d):
        return _mean_square_of_smaller_with_nan(a, b, c, d)
    out = np.empty(np.broadcast_shapes(a.shape, b.shape[:2], c.shape, d.shape[:2]))
    _mean_square_of_smaller(*(np.ascontiguousarray(part) for part in (a, b, c, d)), out)
    return out


def _mean_square_of_smaller_with_nan(a: Array, b: Array, c: Array, d: Array) -> Array:
    with np.errstate(over="ignore", invalid="ignore"):
        left, right = a[..., None] + b, c[..., None] + d
        total = np.zeros(np.broadcast_shapes(left.shape[:2], right.shape[:2]))
        for i in range(left.shape[2]):
            # NaN in either is NaN here.
            total = total + np.square(np.minimum(left[..., i, None], right)).sum(axis=2)
        return np.asarray(total / (left.shape[2] * right.shape[2]))
