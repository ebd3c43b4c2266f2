"""Optimal transport between uniform measures, by scipy's solvers, with what certifies the result.

A feasible coupling bounds the transport distance from above, feasible potentials bound it from below. Neither needs
the solver to be right: a wrong one gives a wide interval, not a wrong one.
"""

# mypy: allow-untyped-decorators

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from jaxtyping import Float

from boundcheck.kernels.compiled import compiled

__all__ = ["coupling", "weighted_coupling"]

Array = npt.NDArray[np.float64]


def coupling(
    cost: Float[np.ndarray, "n p"],
) -> tuple[Float[np.ndarray, "n p"], Float[np.ndarray, " n"], Float[np.ndarray, " p"]]:
    """Return a cheapest coupling of the uniform measures and the potentials of the same solution.

    Parameters
    ----------
    cost
        Finite, at least 0.

    Returns
    -------
    plan
        At least 0; rows sum to 1/n and columns to 1/p, up to rounding.
    u, v
        u_i + v_j ≤ cost_ij, up to the rounding of one subtraction: mean u + mean v is at most the transport distance,
        and meets the cost of the plan where the solver found the optimum.

    For n = p an assignment (a permutation divided by n); otherwise a linear program.
    """
    n, p = cost.shape
    # A power of two, so that no digit changes: the solvers' tolerances are absolute, and sums of costs may overflow.
    exponent = int(np.frexp(cost.max())[1])
    scaled = np.ldexp(cost, -exponent)
    plan, u = _assignment(scaled) if n == p else _linear_program(scaled)
    u, v = _feasible_potentials(scaled, cost, u, exponent)
    return plan, u, v


def weighted_coupling(
    cost: Float[np.ndarray, "n p"], rows: Float[np.ndarray, " n"], columns: Float[np.ndarray, " p"]
) -> tuple[Float[np.ndarray, "n p"], Float[np.ndarray, " n"], Float[np.ndarray, " p"]]:
    """Return a cheapest coupling of two measures and the potentials of the same solution, as :func:`coupling` does.

    Parameters
    ----------
    cost
        Finite.
    rows, columns
        The marginals, at least 0, of one sum.
    """
    largest = np.abs(cost).max()
    exponent = int(np.frexp(largest)[1])
    scaled = np.ldexp(cost, -exponent)
    plan, u = _linear_program(scaled, np.concatenate([rows, columns]))
    u, v = _feasible_potentials(scaled, cost, u, exponent)
    return plan, u, v


def _feasible_potentials(scaled: Array, cost: Array, u: Array, exponent: int) -> tuple[Array, Array]:
    """Return potentials of costs, feasible to the rounding of one subtraction, from any of the scaled costs."""
    # Whatever u is, this v makes the two feasible, and then this u is the largest that v leaves; v last, so that it is
    # feasible with the u that is returned.
    with np.errstate(over="ignore"):
        u = np.ldexp(_least_left(scaled.T, _least_left(scaled, u)), exponent)
    return u, _least_left(cost, u)


@compiled()
def _least_left(cost: Any, u: Any) -> Any:
    """Return the least of each column of what is left of costs when each row's potential is taken."""
    found = np.full(cost.shape[1], np.inf)
    for i in range(cost.shape[0]):
        for j in range(cost.shape[1]):
            left = cost[i, j] - u[i]
            found[j] = left if left < found[j] else found[j]
    return found


def _assignment(cost: Array) -> tuple[Array, Array]:
    from scipy.optimize import linear_sum_assignment

    n = len(cost)
    matched = linear_sum_assignment(cost)[1]
    plan = np.zeros((n, n))
    plan[np.arange(n), matched] = 1 / n
    return plan, _shortest_paths(cost, matched)


@compiled()
def _shortest_paths(cost: Any, matched: Any) -> Any:
    """Return the potentials of rows: shortest paths in the residual graph of an assignment σ (Bellman–Ford).

    u_i′ ≤ u_i + cost_{i′σ(i)} − cost_{iσ(i)}.
    """
    n = len(cost)
    moves = np.empty((n, n))
    for i in range(n):
        for other in range(n):
            moves[i, other] = cost[other, matched[i]] - cost[i, matched[i]]
    u = np.zeros(n)
    for _ in range(n):
        shorter = u.copy()
        for i in range(n):
            for other in range(n):
                length = u[i] + moves[i, other]
                shorter[other] = length if length < shorter[other] else shorter[other]
        if (shorter == u).all():
            break
        u = shorter
    return u


def _linear_program(cost: Array, masses: Array | None = None) -> tuple[Array, Array]:
    from scipy.optimize import linprog

    n, p = cost.shape
    if masses is None:
        masses = np.concatenate([np.full(n, 1 / n), np.full(p, 1 / p)])
    solved = linprog(cost.ravel(), A_eq=_marginals(n, p), b_eq=masses, bounds=(0, None), method="highs")
    if solved.x is None:
        # Any coupling is feasible, if not cheap, and so is any potential.
        return np.outer(masses[:n], masses[n:] / masses[n:].sum()), np.zeros(n)
    plan = np.maximum(solved.x, 0).reshape(n, p)
    return _feasible(plan, masses[:n], masses[n:]), np.asarray(solved.eqlin.marginals[:n])


@lru_cache(maxsize=64)
def _marginals(n: int, p: int) -> Any:
    """Return the matrix that takes a plan, row by row, to its row sums and column sums."""
    from scipy.sparse import csr_array, eye_array, kron, vstack

    rows, columns = kron(eye_array(n), np.ones((1, p))), kron(np.ones((1, n)), eye_array(p))
    return csr_array(vstack([rows, columns]))


def _feasible(plan: Array, rows: Array, columns: Array) -> Array:
    """Round a plan to one with these marginals (J. Altschuler, J. Weed, P. Rigollet, NeurIPS 2017, algorithm 2)."""
    plan = plan * np.minimum(1, rows / np.maximum(plan.sum(axis=1), 1e-300))[:, None]
    plan = plan * np.minimum(1, columns / np.maximum(plan.sum(axis=0), 1e-300))[None, :]
    # Below 0 by rounding alone; left there, they could cancel to a sum far smaller than themselves.
    lacking, wanting = np.maximum(rows - plan.sum(axis=1), 0), np.maximum(columns - plan.sum(axis=0), 0)
    whole = max(lacking.sum(), wanting.sum())
    return plan + np.outer(lacking, wanting / whole) if whole > 0 else plan
