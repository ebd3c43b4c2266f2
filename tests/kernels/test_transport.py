"""Optimal transport: the plan is feasible and cheapest, and the potentials prove it."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linprog

from boundcheck.kernels import coupling

SIZES = [(1, 1), (1, 4), (4, 1), (2, 2), (2, 3), (5, 5), (6, 4), (7, 5), (20, 19)]


def costs(n, p, seed=0):
    random = np.random.default_rng(seed)
    return np.linalg.norm(random.normal(size=(n, 1, 3)) - random.normal(size=(1, p, 3)), axis=-1)


def require_certified(cost, tolerance=1e-12):
    """The plan's marginals and the potentials' constraints hold to rounding, and the two values meet."""
    plan, u, v = coupling(cost)
    (n, p), largest = cost.shape, cost.max()
    assert plan.shape == cost.shape
    assert plan.min() >= 0
    np.testing.assert_allclose(plan.sum(axis=1), 1 / n, rtol=0, atol=1e-14)
    np.testing.assert_allclose(plan.sum(axis=0), 1 / p, rtol=0, atol=1e-14)
    assert (u[:, None] + v[None, :] - cost).max() <= 4e-16 * (largest + np.abs(u).max() + np.abs(v).max())
    above, below = float((plan * cost).sum()), float(u.mean() + v.mean())
    assert above - below <= tolerance * largest
    return above


@pytest.mark.parametrize(("n", "p"), SIZES)
@pytest.mark.parametrize("scale", [1.0, 1e-300, 1e300, 1e-12])
def test_plans_and_potentials_meet(n, p, scale):
    require_certified(costs(n, p) * scale)


@given(
    sizes=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    data=st.data(),
)
def test_they_meet_where_costs_are_equal_or_0(sizes, data):
    cost = data.draw(
        arrays(np.float64, sizes, elements=st.sampled_from([0.0, 1.0, 1.0 + 2.0**-52, 2.0, 1e-200, 1e100]))
    )
    require_certified(cost)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 6])
def test_an_assignment_is_the_best_of_all_permutations(n):
    for seed in range(5):
        cost = costs(n, n, seed)
        best = min(cost[np.arange(n), list(order)].mean() for order in permutations(range(n)))
        assert require_certified(cost) == pytest.approx(best, rel=1e-14)


@pytest.mark.parametrize(("n", "p"), [(2, 3), (6, 4), (7, 5)])
def test_unequal_sizes_cost_what_a_linear_program_built_by_hand_says(n, p):
    cost = costs(n, p, 3)
    equations = [np.kron(np.eye(n)[row], np.ones(p)) for row in range(n)]
    equations += [np.kron(np.ones(n), np.eye(p)[column]) for column in range(p)]
    solved = linprog(cost.ravel(), A_eq=equations, b_eq=[1 / n] * n + [1 / p] * p, method="highs-ipm")
    assert require_certified(cost) == pytest.approx(solved.fun, rel=1e-9)


@pytest.mark.parametrize(("n", "p"), [(6, 4), (7, 5)])
def test_each_pair_of_collections_is_one_linear_program(monkeypatch, n, p):
    calls = []
    monkeypatch.setattr(
        "scipy.optimize.linprog", lambda *given, **options: calls.append(1) or linprog(*given, **options)
    )
    coupling(costs(n, p))
    assert len(calls) == 1


def test_a_solver_that_gives_up_leaves_a_true_interval(monkeypatch):
    class Failed:
        x = None

    cost = costs(6, 4)
    exact = require_certified(cost)
    monkeypatch.setattr("scipy.optimize.linprog", lambda *_, **__: Failed)
    plan, u, v = coupling(cost)
    assert u.mean() + v.mean() < exact < (plan * cost).sum()
    np.testing.assert_allclose(plan.sum(axis=1), 1 / 6)
    np.testing.assert_allclose(plan.sum(axis=0), 1 / 4)


def test_a_plan_that_a_solver_left_infeasible_is_mended():
    from boundcheck.kernels.transport import _feasible

    random = np.random.default_rng(0)
    for _ in range(50):
        n, p = random.integers(1, 6, 2)
        rows, columns = np.full(n, 1 / n), np.full(p, 1 / p)
        # Off by much, by a little, and by no more than rounding.
        plan = np.outer(rows, columns) * (1 + random.choice([1e-1, 1e-9, 1e-16]) * random.normal(size=(n, p)))
        mended = _feasible(plan, rows, columns)
        assert mended.min() >= 0
        np.testing.assert_allclose(mended.sum(axis=1), rows, rtol=0, atol=1e-15)
        np.testing.assert_allclose(mended.sum(axis=0), columns, rtol=0, atol=1e-15)
        assert (
            np.abs(mended - plan).sum()
            <= 2 * (np.abs(plan.sum(axis=1) - rows).sum() + np.abs(plan.sum(axis=0) - columns).sum()) + 1e-15
        )
