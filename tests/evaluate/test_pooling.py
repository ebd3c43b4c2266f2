"""Hull aggregators: weights that are what their names say, on ordinary and on extreme points."""

import numpy as np
import pytest
import torch
from hypothesis import given
from scipy.optimize import minimize

from boundcheck.adversary import norms, triples
from boundcheck.evaluate.pooling import POOLINGS, attention, geometric_median, mean, medoid, trimmed_mean


def tensor(points):
    return torch.tensor(np.asarray(points), dtype=torch.float64)


@pytest.mark.parametrize("name", [*POOLINGS, "mean"])
def test_weights_are_usable_on_adversarial_points(name):
    pooling = {**POOLINGS, "mean": mean}[name]

    @given(triples(max_dimension=64), norms())
    def usable(triple, p):
        weights = pooling(tensor(triple.G1), p)
        assert weights.shape == (len(triple.G1),)
        assert torch.isfinite(weights).all()
        assert (weights >= 0).all()
        assert (weights > 0).any()

    usable()


@pytest.mark.parametrize("name", POOLINGS)
@pytest.mark.parametrize("change", [lambda x: x * 2.0**900, lambda x: x * 2.0**-900, lambda x: x + 64.0])
def test_weights_do_not_change_with_units_and_origin(name, change):
    points = np.round(np.random.default_rng(0).normal(size=(9, 3)) * 1024) / 1024
    plain, changed = (POOLINGS[name](tensor(x), 2.0) for x in (points, change(points)))
    torch.testing.assert_close(changed, plain, rtol=1e-6, atol=1e-9)


def test_the_medoid_is_the_point_nearest_to_all():
    points = np.random.default_rng(1).normal(size=(12, 4))
    for p in (1.0, 2.0, np.inf):
        sums = np.linalg.norm(points[:, None] - points[None], ord=p, axis=-1).sum(axis=1)
        assert medoid(tensor(points), p).tolist() == [float(row == sums.argmin()) for row in range(12)]
    assert medoid(tensor([[0.0], [0.0], [5.0]])).tolist() == [1.0, 0.0, 0.0]


def test_the_trimmed_mean_drops_the_farthest_fifth():
    points = [[0.0], [1.0], [2.0], [3.0], [100.0], [4.0], [-50.0], [2.0], [2.5], [1.5]]
    assert trimmed_mean(tensor(points)).tolist() == [1, 1, 1, 1, 0, 1, 0, 1, 1, 1]
    assert trimmed_mean(tensor(points[:4])).tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize("seed", range(4))
def test_the_geometric_median_has_the_least_sum_of_distances(seed):
    points = np.random.default_rng(seed).normal(size=(7, 3))
    weights = geometric_median(tensor(points)).numpy()
    found = weights @ points / weights.sum()

    def cost(y):
        return np.linalg.norm(points - y, axis=1).sum()

    best = minimize(cost, points.mean(axis=0), method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-12}).fun
    assert cost(found) <= best * (1 + 1e-9)


def test_the_geometric_median_may_be_one_of_the_points():
    weights = geometric_median(tensor([[0.0, 0.0], [1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])).numpy()
    assert weights[0] / weights.sum() > 1 - 1e-9
    assert geometric_median(tensor([[3.0, 4.0]] * 3)).tolist() == [1.0, 1.0, 1.0]


def test_attention_is_a_softmax_of_distances_over_their_mean():
    points = np.array([[0.0], [1.0], [5.0]])
    apart = np.abs(points[:, 0] - 2.0)
    expected = np.exp(-apart / apart.mean())
    np.testing.assert_allclose(attention(tensor(points)).numpy(), expected / expected.sum(), rtol=1e-14)
    np.testing.assert_allclose(attention(tensor([[1.0]] * 4)).numpy(), 0.25)
