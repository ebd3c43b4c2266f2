"""The nearest points of two convex hulls."""

import numpy as np
import pytest

from boundcheck.kernels import nearest_weights


def apart(x, w):
    """Return the distance that the weights give, and the lower bound that its direction gives."""
    a, c = nearest_weights(x, w)
    assert a.shape == (len(x),)
    assert c.shape == (len(w),)
    assert min(a.min(), c.min()) >= 0
    assert min(a.sum(), c.sum()) > 0
    direction = a @ x / a.sum() - c @ w / c.sum()
    length = float(np.linalg.norm(direction))
    below = ((x @ direction).min() - (w @ direction).max()) / length if length else 0.0
    return length, float(max(0.0, below))


SQUARE = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
KNOWN = {
    "points": ([[0.0, 0.0]], [[3.0, 4.0]], 5.0),
    "squares side by side": (SQUARE, SQUARE + np.array([3.0, 0.5]), 2.0),
    "squares corner to corner": (SQUARE, SQUARE + np.array([4.0, 5.0]), 5.0),
    "a point above an edge": ([[-1.0, 0.0], [1.0, 0.0]], [[0.3, 0.25]], 0.25),
    "skew segments": ([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0]], [[0.5, -1.0, 2.0], [0.5, 1.0, 2.0]], 2.0),
    "duplicates": ([[1.0, 1.0]] * 4, [[1.0, 3.0]] * 3, 2.0),
    "a point among others": (np.array([[0.0], [10.0], [4.0]]), np.array([[12.0], [30.0]]), 2.0),
    "more points than dimensions": (np.random.default_rng(0).normal(size=(40, 1)) * 0, np.ones((30, 1)), 1.0),
}


@pytest.mark.parametrize("name", KNOWN)
def test_known_distances(name):
    x, w, exact = KNOWN[name]
    length, below = apart(np.array(x), np.array(w))
    assert length == pytest.approx(exact, rel=1e-8)
    assert below == pytest.approx(exact, rel=1e-8)
    assert below <= exact * (1 + 1e-15)


@pytest.mark.parametrize(
    ("x", "w"),
    [
        (SQUARE, SQUARE + 0.5),
        (SQUARE, [[0.25, 0.75]]),
        (SQUARE, SQUARE),
        ([[0.0, -1.0], [0.0, 1.0]], [[-1.0, 0.0], [1.0, 0.0]]),
        ([[2.0]], [[2.0], [2.0]]),
    ],
)
def test_hulls_that_meet_are_0_apart(x, w):
    length, below = apart(np.array(x), np.array(w))
    assert length < 1e-8
    assert below < 1e-8


@pytest.mark.parametrize("seed", range(20))
def test_the_two_bounds_meet_on_random_points(seed):
    random = np.random.default_rng(seed)
    n, q, d = random.integers(1, 12, 3)
    x, w = random.normal(size=(n, d)), random.normal(size=(q, d)) + random.choice([0.0, 1.0, 100.0])
    length, below = apart(x, w)
    assert length - below < 1e-8 * max(np.abs(x).max(), np.abs(w).max())


def test_a_solver_that_gives_up_leaves_weights(monkeypatch):
    def fails(*_):
        raise RuntimeError

    monkeypatch.setattr("scipy.optimize.nnls", fails)
    a, c = nearest_weights(SQUARE, SQUARE + 5)
    assert a.tolist() == c.tolist() == [1.0] * 4
