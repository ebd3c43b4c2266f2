"""What proves the optimum of a small program: a plan without a cheaper one, the nearest points of two hulls.

Solvers in floats say where to look; what they found is then held to the optimality conditions in exact numbers, or
in numbers of many digits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from flint import arb, fmpq, fmpq_mat
from jaxtyping import Float, Shaped

from boundcheck import kernels

__all__ = ["LARGEST_PLAN", "cost_of", "hull_distance", "improved", "plan_for"]

Array: TypeAlias = npt.NDArray[Any]
#: Pairs of points in the largest plan that is held to its condition; it takes milliseconds for hundreds.
LARGEST_PLAN = 4096
# Points in the largest faces of hulls whose normal equations are solved.
_LARGEST_FACES = 64
# A cycle is taken out of a plan this many times before it is given up.
_CYCLES = 64
# Weights below this share of the largest are taken for 0.
_SHARE = 1e-7


# ------------------------------------------------------------------------------------------------------------- transport


def plan_for(costs: Shaped[np.ndarray, "n q"]) -> Shaped[np.ndarray, "n q"]:
    """Return a coupling of the uniform measures in whole shares of 1/lcm(n, q), cheap by float64.

    Parameters
    ----------
    costs
        Rationals, sums of roots or balls, at least 0.
    """
    n, q = costs.shape
    balls = [value.ball() if hasattr(value, "ball") else arb(value) for value in costs.flat]
    most = balls[0]
    for ball in balls[1:]:
        most = most.max(ball)
    floats = np.array([float((ball / most).mid()) if most > 0 else 0.0 for ball in balls]).reshape(n, q)
    plan = kernels.coupling(np.maximum(floats, 0.0))[0]
    shares = math.lcm(n, q)
    whole = np.rint(plan * shares).astype(np.int64)
    if (whole.sum(axis=1) != shares // n).any() or (whole.sum(axis=0) != shares // q).any():
        whole = _any_plan(n, q)
    shared: Array = whole.astype(object)
    return shared


def _any_plan(n: int, q: int) -> Array:
    """Return the coupling that fills row by row (the north-west corner rule)."""
    shares = math.lcm(n, q)
    plan = np.zeros((n, q), dtype=np.int64)
    rows, columns = [shares // n] * n, [shares // q] * q
    i = k = 0
    while i < n and k < q:
        moved = min(rows[i], columns[k])
        plan[i, k] += moved
        rows[i] -= moved
        columns[k] -= moved
        if rows[i] == 0:
            i += 1
        else:
            k += 1
    return plan


def cost_of(
    plan: Shaped[np.ndarray, "n q"], costs: Shaped[np.ndarray, "n q"], total: Callable[[list[Any]], Any]
) -> Any:
    """Return what a plan costs."""
    used = [(int(share), cost) for share, cost in zip(plan.flat, costs.flat, strict=True) if share]
    return total([cost * fmpq(share, math.lcm(*plan.shape)) for share, cost in used])


def improved(
    plan: Shaped[np.ndarray, "n q"], costs: Shaped[np.ndarray, "n q"], below: Callable[[Any, Any], bool]
) -> tuple[Shaped[np.ndarray, "n q"], list[Any]] | None:
    """Return a cheapest plan and a potential for each row and column, or None if it was not reached.

    A plan is cheapest if its residual graph has no cycle of negative cost, and then shortest paths are potentials: with
    π the potentials, π_column ≤ π_row + cost for every pair, with equality where the plan is not 0 (Bellman and Ford;
    cycles are taken out as M. Klein did, Management Science 14, 1967).

    Parameters
    ----------
    plan
        Whole shares.
    costs
        Numbers that `below` compares.
    below
        Says whether one number is surely below another.
    """
    plan = plan.copy()
    for _ in range(_CYCLES):
        potentials, cycle = _shortest_paths(plan, costs, below)
        if cycle is None:
            return plan, potentials
        # Each pair of the cycle either takes shares or gives them.
        shares = min(plan[pair] for pair, takes in cycle if not takes)
        for pair, takes in cycle:
            plan[pair] += shares if takes else -shares
    return None


def _shortest_paths(
    plan: Array, costs: Array, below: Callable[[Any, Any], bool]
) -> tuple[list[Any], list[tuple[tuple[int, int], bool]] | None]:
    n, q = costs.shape
    # Rows first, then columns; any row reaches any column, a column the rows that it gets shares from.
    edges = [(i, n + k, (i, k), True) for i in range(n) for k in range(q)]
    edges += [(n + k, i, (i, k), False) for i in range(n) for k in range(q) if plan[i, k]]
    potentials: list[Any] = [fmpq(0)] * (n + q)
    before: list[tuple[int, tuple[int, int], bool] | None] = [None] * (n + q)
    last = -1
    for _ in range(n + q):
        last = -1
        for tail, head, pair, takes in edges:
            through = potentials[tail] + (costs[pair] if takes else -costs[pair])
            if below(through, potentials[head]):
                potentials[head], before[head], last = through, (tail, pair, takes), head
        if last < 0:
            return potentials, None
    # Still shorter after as many rounds as nodes: going back that far ends on a cycle.
    node = last
    for _ in range(n + q):
        step = before[node]
        if step is None:
            return potentials, []
        node = step[0]
    cycle, start = [], node
    while True:
        step = before[node]
        if step is None:
            return potentials, []
        cycle.append((step[1], step[2]))
        node = step[0]
        if node == start:
            return potentials, cycle


# ----------------------------------------------------------------------------------------------------------------- hulls


def hull_distance(
    first: Shaped[np.ndarray, "n d"],
    second: Shaped[np.ndarray, "q d"],
    first_floats: Float[np.ndarray, "n d"],
    second_floats: Float[np.ndarray, "q d"],
) -> tuple[fmpq, fmpq]:
    """Return two rationals that the squared Euclidean distance of two hulls lies between, equal where it is known.

    Parameters
    ----------
    first, second
        The points as whole numbers.
    first_floats, second_floats
        The same in other units, near 1: what the solver is given.
    """
    found = kernels.nearest_weights(first_floats, second_floats)
    weights = [_rationals(values) for values in found]
    apart = _mean(first, weights[0]) - _mean(second, weights[1])
    low, high = _enclosed(first, second, apart)
    exact = _nearest_exactly(first, second, *found)
    if exact is not None:
        low_exact, high_exact = _enclosed(first, second, exact)
        if low_exact == high_exact:
            return low_exact, high_exact
    return low, high


def _enclosed(first: Array, second: Array, apart: Array) -> tuple[fmpq, fmpq]:
    """Return bounds from a difference of points of the hulls: its own length, and how far it parts them."""
    square = fmpq(0) + (apart * apart).sum()
    if square == 0:
        return fmpq(0), fmpq(0)
    gap = min((first * apart).sum(axis=1)) - max((second * apart).sum(axis=1))
    return (gap * gap / square if gap > 0 else fmpq(0)), square


def _nearest_exactly(first: Array, second: Array, a: Array, c: Array) -> Array | None:
    """Return the difference of the nearest points of the faces that carry the weights, by their normal equations."""
    signed = np.concatenate([first, -second])
    of_first = np.arange(len(signed)) < len(first)
    weights = np.concatenate([a / a.max(), c / c.max()])
    kept = list(np.flatnonzero(weights > _SHARE))
    if len(kept) > _LARGEST_FACES:
        return None
    while any(of_first[kept]) and not all(of_first[kept]):
        shares = _stationary(signed[kept], of_first[kept])
        if shares is not None and min(shares) >= 0:
            apart: Array = (signed[kept] * np.array(shares, dtype=object)[:, None]).sum(axis=0)
            return apart
        # More points than the face has corners: without the least, the same point is reached by the others.
        worst = min(range(len(kept)), key=lambda at: weights[kept[at]] if shares is None else float_of(shares[at]))
        del kept[worst]
    return None


def float_of(value: fmpq) -> float:
    """Return about the value of a rational."""
    return float(arb(value).mid())


def _stationary(signed: Array, of_first: Array) -> list[fmpq] | None:
    """Return the shares, of sum 1 on either side, at which the distance is stationary; None where they are many."""
    count = len(signed)
    gram = signed @ signed.T
    rows = [[*gram[row].tolist(), int(of_first[row]), int(not of_first[row])] for row in range(count)]
    rows += [[*map(int, of_first), 0, 0], [*(int(not one) for one in of_first), 0, 0]]
    matrix = fmpq_mat(count + 2, count + 2, [fmpq(value) for row in rows for value in row])
    try:
        solved = matrix.solve(fmpq_mat(count + 2, 1, [fmpq(0)] * count + [fmpq(1), fmpq(1)]))
    except ZeroDivisionError:
        return None
    return [solved[row, 0] for row in range(count)]


def _rationals(values: Iterable[float]) -> Array:
    known = [fmpq(*float(value).as_integer_ratio()) for value in values]
    whole = sum(known, fmpq(0))
    return np.array([value / whole for value in known], dtype=object)


def _mean(points: Array, weights: Array) -> Array:
    weighted: Array = (points * weights[:, None]).sum(axis=0)
    return weighted
