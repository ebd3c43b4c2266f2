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
from flint import arb, ctx, fmpq, fmpq_mat, fmpz, fmpz_mat
from jaxtyping import Float, Shaped

from boundcheck import kernels
from boundcheck.evaluate.radicals import rational_of_float

__all__ = ["LARGEST_PLAN", "cheapest", "cost_of", "hull_distance", "improved", "plan_for", "whole_parts"]

Array: TypeAlias = npt.NDArray[Any]
#: Pairs of points in the largest plan that is held to its condition; it takes milliseconds for hundreds.
LARGEST_PLAN = 4096
# Points in the largest faces of hulls whose normal equations are solved.
_LARGEST_FACES = 64
# A cycle is taken out of a plan this many times before it is given up.
_CYCLES = 64
# Digits of costs beyond those that part the least from the largest, and the most that are taken.
_GUARD, _LARGEST_SPREAD = 128, 1 << 13
# Operations on words after which the exact search for the nearest points of two hulls is given up.
_LARGEST_WORK = 1 << 24
# Weights below this share of the largest are taken for 0.
_SHARE = 1e-7


# ------------------------------------------------------------------------------------------------------------- transport


def plan_for(
    costs: Shaped[np.ndarray, "n q"], masses: tuple[list[int], list[int]] | None = None
) -> Shaped[np.ndarray, "n q"]:
    """Return a coupling of the uniform measures in whole shares of 1/lcm(n, q), cheapest for costs of many digits.

    Parameters
    ----------
    costs
        Rationals, sums of roots or balls, at least 0. Rationals are taken as they are, so that the coupling is one of
        the cheapest; what is no rational, by as many digits as parts the least from the largest, and more.
    masses
        As for :func:`cheapest`.
    """
    return cheapest(_whole_costs(costs), masses)[0]


def _whole_costs(costs: Array) -> Array:
    """Return whole numbers in the proportions of the costs."""
    if all(isinstance(cost, (int, fmpz, fmpq)) for cost in costs.flat):
        rationals = [fmpq(cost) for cost in costs.flat]
        common = math.lcm(*(int(cost.q) for cost in rationals))
        return _in_shape([int((cost * common).p) for cost in rationals], costs)
    with ctx.workprec(64):
        sizes = [ball.abs_upper() for ball in map(_ball, costs.flat) if not ball.is_zero()]
        if not sizes or not all(size.is_finite() for size in sizes):
            return _in_shape([0] * costs.size, costs)
        exponents = [_exponent(size) for size in sizes]
    bits = min(max(exponents) - min(exponents) + _GUARD, _LARGEST_SPREAD)
    with ctx.workprec(bits):
        return whole_parts(_in_shape([_ball(cost) for cost in costs.flat], costs), bits - max(exponents))


def whole_parts(balls: Shaped[np.ndarray, "n q"], exponent: int) -> Shaped[np.ndarray, "n q"]:
    """Return balls' midpoints times two to a power as whole numbers, what is below 1 cut off."""
    found = []
    for ball in balls.flat:
        mantissa, own = map(int, ball.mid().man_exp())
        found.append(mantissa << own + exponent if own + exponent >= 0 else mantissa >> -own - exponent)
    return _in_shape(found, balls)


def _ball(value: Any) -> arb:
    return value if isinstance(value, arb) else value.ball() if hasattr(value, "ball") else arb(value)


def _exponent(ball: arb) -> int:
    """Return an e with the midpoint below 2ᵉ, by less than a factor of two."""
    mantissa, exponent = map(int, ball.mid().man_exp())
    return mantissa.bit_length() + exponent


def _in_shape(values: list[Any], like: Array) -> Array:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array.reshape(like.shape)


def cheapest(
    costs: Shaped[np.ndarray, "n q"], masses: tuple[list[int], list[int]] | None = None
) -> tuple[Shaped[np.ndarray, "n q"], list[int], list[int]]:
    """Return a cheapest coupling of the uniform measures, and the potentials that prove it.

    Each row's shares go along shortest paths of the residual graph, whose costs are reduced by potentials so that none
    is below 0 (J. Edmonds and R. M. Karp, Journal of the ACM 19, 1972).

    Parameters
    ----------
    costs
        Whole numbers.
    masses
        Whole shares of each row and column, of one sum; None for those of the uniform measures, lcm(n, q) on either side.

    Returns
    -------
    plan
        Whole shares.
    rows, columns
        Potentials: rows[i] + columns[k] ≤ costs[i, k], with equality where the plan is not 0.
    """
    n, q = costs.shape
    table: list[list[int]] = costs.tolist()
    shares = math.lcm(n, q)
    left, wanted = ([shares // n] * n, [shares // q] * q) if masses is None else map(list, masses)
    plan = [[0] * q for _ in range(n)]
    rows, columns = [0] * n, [min(row[k] for row in table) for k in range(q)]
    for source in range(n):
        while left[source]:
            # Dijkstra's algorithm from the row to the first column that wants shares.
            reached, came_by, away, through = {source: 0}, {source: -1}, [math.inf] * q, [source] * q
            open_, fresh, done = set(range(q)), [source], []
            while True:
                for row in fresh:
                    start = reached[row] - rows[row]
                    costs_of = table[row]
                    for column in open_:
                        length = start + costs_of[column] - columns[column]
                        if length < away[column]:
                            away[column], through[column] = length, row
                target = min(open_, key=away.__getitem__)
                open_.remove(target)
                if wanted[target]:
                    break
                done.append(target)
                fresh = [row for row in range(n) if plan[row][target] and row not in reached]
                for row in fresh:
                    reached[row], came_by[row] = int(away[target]), target
            farthest = int(away[target])
            for row, length in reached.items():
                rows[row] += farthest - length
            for column in done:
                columns[column] -= farthest - int(away[column])
            path, column = [], target
            while column >= 0:
                path.append((through[column], column))
                column = came_by[through[column]]
            # A row on the way gives to the next column what it gave to the one that it was reached by.
            given = [plan[row][came_by[row]] for row, _ in path if came_by[row] >= 0]
            moved = min(left[source], wanted[target], *given)
            for row, column in path:
                plan[row][column] += moved
                if came_by[row] >= 0:
                    plan[row][came_by[row]] -= moved
            left[source] -= moved
            wanted[target] -= moved
    return np.array(plan, dtype=object), rows, columns


def cost_of(
    plan: Shaped[np.ndarray, "n q"],
    costs: Shaped[np.ndarray, "n q"],
    total: Callable[[list[Any]], Any],
    shares: int | None = None,
) -> Any:
    """Return what a plan costs, of so many shares a unit of weight: lcm(n, q) by default."""
    used = [(int(share), cost) for share, cost in zip(plan.flat, costs.flat, strict=True) if share]
    return total([cost * fmpq(share, shares or math.lcm(*plan.shape)) for share, cost in used] or [fmpq(0)])


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


# ----------------------------------------------------------------------------------------------------------------- balls


def enclosing_ball(points: Shaped[np.ndarray, "n d"], shares: Float[np.ndarray, " n"]) -> fmpq | None:
    """Return the squared radius of the smallest ball around points; None where it was not found.

    A ball is the smallest if its centre is a mean of points on its sphere (R. Courant, H. Robbins, *What is
    mathematics?*, 1941, for the plane; by any vector from the centre, one of these points is no nearer).

    Parameters
    ----------
    points
        Rationals.
    shares
        About the weights of that mean: what the solver found.
    """
    kept = [int(at) for at in np.flatnonzero(shares > _SHARE * shares.max())]
    if len(kept) > _LARGEST_FACES:
        return None
    while kept:
        found = _on_sphere(points[kept])
        if found is not None and min(found[1]) >= 0:
            centre = found[0]
            squares = [((row - centre) ** 2).sum() for row in points]
            radius = squares[kept[0]]
            return fmpq(radius) if all(square <= radius for square in squares) else None
        # One that is not needed for the mean, or depends on the others.
        worst = min(range(len(kept)), key=lambda at: shares[kept[at]] if found is None else float_of(found[1][at]))
        del kept[worst]
    return None


def _on_sphere(points: Array) -> tuple[Array, list[fmpq]] | None:
    """Return the mean of points that is as far from each, and its weights; None where the points depend on one another."""
    apart = points[1:] - points[0]
    count = len(apart)
    if not count:
        return points[0], [fmpq(1)]
    gram = [[fmpq((one * other).sum()) for other in apart] for one in apart]
    matrix = fmpq_mat(count, count, [value for row in gram for value in row])
    try:
        solved = matrix.solve(fmpq_mat(count, 1, [gram[row][row] / 2 for row in range(count)]))
    except ZeroDivisionError:
        return None
    weights = [solved[row, 0] for row in range(count)]
    centre: Array = points[0] + (apart * np.array(weights, dtype=object)[:, None]).sum(axis=0)
    return centre, [fmpq(1) - sum(weights, fmpq(0)), *weights]


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
    faces = _nearest_exactly(first, second, *found)
    if faces is not None:
        low, high = _enclosed(first, second, faces)
        if low == high:
            return low, high
    return _min_norm(np.concatenate([first, -second]), len(first))


def _min_norm(signed: Array, count: int) -> tuple[fmpq, fmpq]:
    """Return what the least square of a sum of points of two hulls lies between, equal where it is reached.

    P. Wolfe's algorithm (Mathematical Programming 11, 1976) on all sums of a point of the first `count` rows and one of
    the others: in exact numbers it ends, for no set of points is met twice. Nothing but inner products of the rows is
    needed.
    """
    rows = fmpz_mat(signed.shape[0], signed.shape[1], [int(value) for value in signed.flat])
    gram = rows * rows.transpose()
    total, bits = len(signed), max(1, max(abs(value) for value in gram.entries()).bit_length() if len(signed) else 1)
    table = gram.table()

    def product(one: tuple[int, int], other: tuple[int, int]) -> fmpz:
        return sum((table[i][k] for i in one for k in other), fmpz(0))

    def nearest(along: list[fmpz]) -> tuple[int, int]:
        return (
            min(range(count), key=along.__getitem__),
            min(range(count, total), key=along.__getitem__),
        )

    pairs = [nearest([table[row][row] for row in range(total)])]
    shares, spent, best = [fmpq(1)], 0, fmpq(0)
    while True:
        # Over one denominator, so that the sums are of whole numbers.
        below = fmpz(math.lcm(*(int(share.q) for share in shares)))
        weights = [fmpz(0)] * total
        for pair, share in zip(pairs, shares, strict=True):
            for row in pair:
                weights[row] += (share * below).p
        column = fmpz_mat(total, 1, weights)
        carried = gram * column
        along = carried.entries()
        square = (column.transpose() * carried)[0, 0]
        pair = nearest(along)
        gap = below * (along[pair[0]] + along[pair[1]])
        if gap > 0:
            best = max(best, fmpq(gap * gap, square * below * below))
        reached = gap >= square
        if reached or spent > _LARGEST_WORK:
            found = fmpq(square, below * below)
            return (found if reached else best), found
        pairs.append(pair)
        shares.append(fmpq(0))
        while True:
            size = len(pairs)
            spent += size**3 * (1 + bits // 64)
            # The multiples of the pairs, of sum 1, whose sum is shortest.
            entries = [[product(one, other) for other in pairs] + [fmpz(1)] for one in pairs]
            bordered = [value for row in entries for value in row] + [fmpz(1)] * size + [fmpz(0)]
            solved = fmpz_mat(size + 1, size + 1, bordered).solve(fmpz_mat(size + 1, 1, [0] * size + [1]))
            wanted = [solved[row, 0] for row in range(size)]
            step = min((a / (a - b) for a, b in zip(shares, wanted, strict=True) if b < 0), default=fmpq(1))
            # As far towards them as no share goes below 0.
            shares = wanted if step == 1 else [a + step * (b - a) for a, b in zip(shares, wanted, strict=True)]
            kept = [at for at, share in enumerate(shares) if share > 0]
            pairs, shares = [pairs[at] for at in kept], [shares[at] for at in kept]
            if step == 1:
                break


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
    known = list(map(rational_of_float, values))
    whole = sum(known, fmpq(0))
    return np.array([value / whole for value in known], dtype=object)


def _mean(points: Array, weights: Array) -> Array:
    weighted: Array = (points * weights[:, None]).sum(axis=0)
    return weighted
