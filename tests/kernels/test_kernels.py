"""The kernels against the obvious way in ball arithmetic, on vectors made to go wrong."""

from math import inf

import numpy as np
import pytest
import torch
from flint import arb, ctx, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from boundcheck.errors import NormError
from boundcheck.evaluate import rounding
from boundcheck.kernels import pairwise, reference, vector_norm

NORMS = [1.0, 1.5, 2.0, 3.0, 7.25, 64.0, 1000.0, inf]

# As they come in: scaled so that the largest coordinate is at most 1.
VECTORS = {
    "one": [1.0],
    "one, small": [2.0**-1022],
    "one, subnormal": [5e-324],
    "one, negative": [-0.7],
    "zeros": [0.0, 0.0, -0.0],
    "a single coordinate of four": [0.0, 0.0, -0.3, 0.0],
    "subnormals": [5e-324, -1e-310, 3e-320],
    "around the square root of the smallest": [1e-154, -1e-162, 2e-162, 1e-200],
    "mixed scales": [1.0, 1e-8, -1e-16, 1e-100, 1e-200, 1e-300, 5e-324],
    "mixed scales, largest last": [5e-324, 1e-300, 1e-150, -1.0],
    "all equal": [0.1] * 7,
    "alternating": [(-1.0) ** k / (k + 1) for k in range(64)],
    "a thousand": list(np.random.default_rng(0).uniform(-1, 1, 1000)),
    "a thousand small ones after one": [1.0, *[2.0**-53] * 999],
}


def off_by(value, exact):
    """Return a number that ``|value − exact|`` is surely not above."""
    with ctx.workprec(2500):
        return float(abs(arb(value) - exact).upper()) * (1 + 2.0**-40)


def a_priori(value, dimension, p):
    return float(rounding.norm_of_exact(torch.tensor(value, dtype=torch.float64), dimension, p))


@pytest.mark.parametrize("p", NORMS)
@pytest.mark.parametrize("name", VECTORS)
def test_vector_norm_is_within_its_error_bound(name, p):
    vector = VECTORS[name]
    value = float(vector_norm(torch.tensor(vector, dtype=torch.float64), p))
    # The kernel divides by the largest coordinate, so here nothing but the result itself can underflow.
    assert off_by(value, reference.norm(vector, p)) <= rounding.gamma(len(vector) + 40) * value + 5e-324


@pytest.mark.parametrize("p", NORMS)
@pytest.mark.parametrize("name", VECTORS)
def test_pairwise_is_within_its_error_bound(name, p):
    vector = VECTORS[name]
    random = np.random.default_rng(1)
    others = [[0.0] * len(vector), vector, list(random.uniform(-1, 1, len(vector))), list(np.nextafter(vector, 1.0))]
    a = torch.tensor([vector, others[2]], dtype=torch.float64)
    found = pairwise(a, torch.tensor(others, dtype=torch.float64), p)
    assert found.shape == (2, 4)
    for row, left in enumerate(a.tolist()):
        for column, right in enumerate(others):
            value = float(found[row, column])
            assert off_by(value, reference.distance(left, right, p)) <= a_priori(value, len(vector), p)


@pytest.mark.parametrize("p", NORMS)
def test_equal_points_are_exactly_0_apart(p):
    points = torch.tensor([VECTORS["mixed scales"], [0.1] * 7], dtype=torch.float64)
    assert pairwise(points, points, p).diagonal().tolist() == [0.0, 0.0]


def test_near_points_far_from_the_origin_keep_their_digits():
    # The expanded square, |a|² + |b|² − 2ab, would give 0 here.
    a, b = torch.tensor([[0.9, 0.9]], dtype=torch.float64), torch.tensor([[0.9, 0.9 + 2.0**-50]], dtype=torch.float64)
    for p in NORMS:
        assert float(pairwise(a, b, p)) == pytest.approx(2.0**-50, rel=1e-12)


@pytest.mark.parametrize("p", NORMS)
@pytest.mark.parametrize("batch", [(), (1,), (3,), (2, 3)])
def test_batches_are_one_pair_of_collections_at_a_time(batch, p):
    random = torch.Generator().manual_seed(0)
    a = torch.rand(*batch, 4, 5, generator=random, dtype=torch.float64)
    b = torch.rand(*batch, 2, 5, generator=random, dtype=torch.float64)
    found, rows = pairwise(a, b, p), vector_norm(a, p)
    assert found.shape == (*batch, 4, 2)
    assert rows.shape == (*batch, 4)
    # torch's powers may differ in the last digit by where in a tensor they stand.
    tolerance = 0 if p in (1, 2, inf) else 1e-15
    for place in np.ndindex(*batch):
        torch.testing.assert_close(found[place], pairwise(a[place], b[place], p), rtol=tolerance, atol=0)
        torch.testing.assert_close(rows[place], vector_norm(a[place], p), rtol=tolerance, atol=0)


def test_blocks_make_no_difference(monkeypatch):
    a, b = torch.rand(2, 2, 7, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    b = b[:, :5]
    whole = pairwise(a, b, 3.0)
    # One row at a time, then rows in twos with one left over.
    for elements in (1, 2 * b.numel()):
        monkeypatch.setattr("boundcheck.kernels.cpu._ELEMENTS_AT_ONCE", elements)
        torch.testing.assert_close(pairwise(a, b, 3.0), whole, rtol=1e-15, atol=0)


# ------------------------------------------------------------------------------------------------------------ gradients


@pytest.mark.parametrize("p", NORMS)
@pytest.mark.parametrize("name", VECTORS)
def test_gradients_are_finite(name, p):
    vector = torch.tensor(VECTORS[name], dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(vector_norm(vector, p), vector)
    assert torch.isfinite(gradient).all()
    # Any norm grows by at most the step's norm, so no derivative is above 1; subnormal numbers have few digits.
    assert gradient.abs().max() <= (1 + 1e-12 if vector.abs().max() > 1e-300 or not vector.any() else 2)


@pytest.mark.parametrize("p", NORMS)
def test_the_gradient_is_0_at_distance_0(p):
    a = torch.zeros(2, 3, dtype=torch.float64, requires_grad=True)
    b = torch.tensor([[0.0, 0.0, 0.0]], dtype=torch.float64, requires_grad=True)
    for gradient in torch.autograd.grad(pairwise(a, b, p).sum(), (a, b)):
        assert gradient.abs().max() == 0
    (gradient,) = torch.autograd.grad(vector_norm(a, p).sum(), a)
    assert gradient.abs().max() == 0


@pytest.mark.parametrize("p", NORMS)
def test_gradients_are_the_derivatives(p):
    random = torch.Generator().manual_seed(3)
    a = torch.rand(2, 3, 4, generator=random, dtype=torch.float64, requires_grad=True)
    b = torch.rand(2, 2, 4, generator=random, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda a, b: pairwise(a, b, p), (a, b))
    assert torch.autograd.gradcheck(lambda a: vector_norm(a, p), (a,))


# ------------------------------------------------------------------------------------------- the reference and the test


def test_the_reference_on_what_is_known():
    assert reference.norm([3.0, -4.0], 2) == 5
    assert reference.norm([3.0, -4.0], 1) == 7
    assert reference.norm([3.0, -4.0], inf) == 4
    assert reference.norm([], 2) == 0
    assert off_by(0.0, reference.norm([1.0, 1.0], 4) ** 4 - 2) < 1e-15
    assert reference.distance([1e300, 1.0], [1e300, -1.0], 2) == 2
    # Floats are the exact numbers they are: 0.1 is not a tenth.
    with ctx.workprec(200):
        assert reference.norm([0.1], 1) == arb(0.1)
        assert reference.norm([0.1], 1) > arb(fmpq(1, 10))


def test_the_reference_leaves_the_working_precision_as_it_was():
    before = ctx.prec
    reference.norm([0.1, 0.2], 3, bits=1000)
    assert ctx.prec == before


@pytest.mark.parametrize("p", [0.5, 0.0, -1.0, float("nan")])
def test_the_reference_refuses_what_is_no_norm(p):
    for refused in (lambda: reference.norm([1.0], p), lambda: reference.distance([1.0], [2.0], p)):
        with pytest.raises(NormError, match="p: expected a number in"):
            refused()


def test_the_reference_refuses_points_of_different_dimensions():
    with pytest.raises(ValueError, match="longer"):
        reference.distance([1.0], [1.0, 2.0], 2)


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=6), st.sampled_from(NORMS))
@settings(max_examples=200)
def test_any_vector(vector, p):
    value = float(vector_norm(torch.tensor(vector, dtype=torch.float64), p))
    exact = reference.norm(vector, p)
    assert off_by(value, exact) <= rounding.gamma(len(vector) + 40) * value + 5e-324
    # The comparison itself can fail: one part in a million is far too much.
    if value > 1e-300:
        assert off_by(value * (1 + 1e-6), exact) > rounding.gamma(len(vector) + 40) * value
