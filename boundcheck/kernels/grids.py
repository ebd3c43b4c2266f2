"""Compiled loops over grids: what two arrays over (z, i) and (w, i) make for every z and w, nothing larger stored.

A grid's array has the shape (Z, W, n), or 1 in place of Z or W where it does not vary. NaN is carried on, in NumPy instead of the loops.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from boundcheck.kernels.compiled import compiled

__all__ = ["are_finite", "extreme_of_sums", "mean_square", "mean_square_of_smaller"]

Array = npt.NDArray[np.float64]


_SIDE_BY_SIDE = 128
# Of finite numbers alone: then there is no NaN to carry on, and vectors find extremes.
_FAST = {"nnan", "nsz", "reassoc", "contract"}
_IN_ORDER = {"nnan", "nsz", "contract"}


@compiled(fastmath=_FAST)
def _extreme_of_sums(a: Array, b: Array, largest: bool, signs: tuple[float, float], out: Array) -> None:
    # The smallest of some is what the largest of their negatives is the negative of, rounding included.
    sign = 1.0 if largest else -1.0
    of_one, of_other = sign * signs[0], sign * signs[1]
    for z in range(out.shape[0]):
        for w in range(out.shape[1]):
            one, other = (
                a[min(z, a.shape[0] - 1), min(w, a.shape[1] - 1)],
                b[min(z, b.shape[0] - 1), min(w, b.shape[1] - 1)],
            )
            best = -np.inf
            for i in range(one.size):
                total = of_one * one[i] + of_other * other[i]
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


@compiled(fastmath=_IN_ORDER)
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
                own = left[i]
                for j in range(0, q - q % 4, 4):
                    # Four at a time, in their order: a sum goes to memory and back once for all of them.
                    r0, r1, r2, r3 = right[j], right[j + 1], right[j + 2], right[j + 3]
                    for k in range(count):
                        size, sum_ = own[k], total[k]
                        l0 = size if size < r0[k] else r0[k]
                        l1 = size if size < r1[k] else r1[k]
                        l2 = size if size < r2[k] else r2[k]
                        l3 = size if size < r3[k] else r3[k]
                        sum_ += l0 * l0
                        sum_ += l1 * l1
                        sum_ += l2 * l2
                        sum_ += l3 * l3
                        total[k] = sum_
                for j in range(q - q % 4, q):
                    last = right[j]
                    for k in range(count):
                        least = own[k] if own[k] < last[k] else last[k]
                        total[k] += least * least
            out[z, first : first + count] = total[:count] / (n * q)


def are_finite(*arrays: Array) -> bool:
    """Say whether all numbers are finite, and their sums are: then they are added up without a look at each."""
    # A sum that overflows takes the longer way, and gives the same.
    with np.errstate(over="ignore", invalid="ignore"):
        return all(bool(np.isfinite(array.sum())) for array in arrays)


def extreme_of_sums(
    a: Array,
    b: Array,
    *,
    largest: bool,
    signs: tuple[float, float] = (1.0, 1.0),
    finite: bool | None = None,
) -> Array:
    """Return the largest (or smallest) a_i + b_i for every z and w: shape (Z, W) from two of (Z, W, n).

    Parameters
    ----------
    a, b
        The two.
    largest
        Whether the largest is asked for.
    signs
        1 or −1, by which each is multiplied.
    finite
        Whether :func:`are_finite` says so of them, where that is known.
    """
    if not (are_finite(a, b) if finite is None else finite):
        with np.errstate(over="ignore", invalid="ignore"):
            sums = signs[0] * a + signs[1] * b
        return np.asarray(sums.max(axis=2) if largest else sums.min(axis=2))
    out = np.empty(np.broadcast_shapes(a.shape[:2], b.shape[:2]))
    _extreme_of_sums(np.ascontiguousarray(a), np.ascontiguousarray(b), largest, signs, out)
    return out


def mean_square(a: Array, b: Array, *, finite: bool | None = None) -> Array:
    """Return the mean of (a + b_i)² over all i for every z and w: shape (Z, W) from (Z, W) and (Z, W, n).

    Where it is known, `finite` is whether :func:`are_finite` says so of b.
    """
    if not (are_finite(a, b) if finite is None else finite and are_finite(a)):
        with np.errstate(over="ignore", invalid="ignore"):
            return np.asarray(np.square(a[..., None] + b).mean(axis=2))
    out = np.empty(np.broadcast_shapes(a.shape, b.shape[:2]))
    _mean_square(np.ascontiguousarray(a), np.ascontiguousarray(b), out)
    return out


def mean_square_of_smaller(a: Array, b: Array, c: Array, d: Array, *, finite: bool | None = None) -> Array:
    """Return the mean of min(a + b_i, c + d_j)² over all i and j for every z and w.

    Shape (Z, W) from (Z, W), (Z, W, n), (Z, W) and (Z, W, q). Where it is known, `finite` is whether :func:`are_finite`
    says so of b and d.
    """
    if not (are_finite(a, b, c, d) if finite is None else finite and are_finite(a, c)):
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
