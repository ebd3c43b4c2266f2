"""Compiled Euclidean distances within many pairs of small collections, by differences of coordinates.

Reordered additions and fused multiply-adds are allowed, for the bound on a distance's error holds for any order
(``Rounding.euclidean_any_order``). NaN and infinities are carried on.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from boundcheck.kernels.compiled import compiled

__all__ = ["fill"]

_Points: TypeAlias = npt.NDArray[np.float64]


@compiled(fastmath={"nsz", "reassoc", "contract"})
def fill(a: _Points, b: _Points, first: int, last: int, out: _Points) -> None:
    """Fill in ‖a_ri − b_rk‖ for the collections r from `first` to `last`: shapes (m, n, d), (m, q, d), (m, n, q)."""
    for r in range(first, last):
        for i in range(a.shape[1]):
            for k in range(b.shape[1]):
                total = 0.0
                for c in range(a.shape[2]):
                    difference = a[r, i, c] - b[r, k, c]
                    total += difference * difference
                out[r, i, k] = math.sqrt(total)
