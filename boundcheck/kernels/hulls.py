"""The nearest points of two convex hulls in Euclidean space.

Any weights bound the hulls' distance from above, any direction u bounds it from below by
(min ⟨u, x_i⟩ − max ⟨u, w_k⟩) / ‖u‖, so the solver need not be trusted.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

__all__ = ["nearest_weights"]

# The weights' sums are held to 1 by a penalty; the square of this is how much it weighs against the distance.
_PENALTY = 1e5


def nearest_weights(
    x: Float[np.ndarray, "n d"], w: Float[np.ndarray, "q d"]
) -> tuple[Float[np.ndarray, " n"], Float[np.ndarray, " q"]]:
    """Return non-negative weights, not all 0, whose weighted means of x and w are as near as the hulls are.

    A non-negative least-squares problem: minimise ‖Σ a_i x_i − Σ c_k w_k‖² and penalise sums other than 1.
    """
    from scipy.optimize import nnls

    n, q = len(x), len(w)
    centre = (x.mean(axis=0) + w.mean(axis=0)) / 2
    x, w = x - centre, w - centre
    scale = max(np.abs(x).max(), np.abs(w).max(), 1e-300)
    matrix = np.zeros((x.shape[1] + 2, n + q))
    matrix[:-2, :n], matrix[:-2, n:] = x.T / scale, -w.T / scale
    matrix[-2, :n] = matrix[-1, n:] = _PENALTY
    target = np.zeros(x.shape[1] + 2)
    target[-2:] = _PENALTY
    try:
        solved = nnls(matrix, target)[0]
    except RuntimeError:  # no convergence: means are feasible
        solved = np.ones(n + q)
    a, c = solved[:n], solved[n:]
    return (a if a.sum() > 0 else np.ones(n)), (c if c.sum() > 0 else np.ones(q))
