"""Compiled distances within many pairs of small collections, against ball arithmetic and torch."""

from math import inf, nan

import pytest
import torch
from test_kernels import a_priori, off_by

from boundcheck.kernels import cpu, pairwise, reference

PAIRS, ROWS, DIMENSION = 64, 20, 128


def pairs(seed, *shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) / 8


@pytest.fixture
def compiled(monkeypatch):
    """Count the calls of the loop."""
    from boundcheck.kernels import pairs as loops

    calls = []
    fill = loops.fill
    monkeypatch.setattr(loops, "fill", lambda *given: calls.append(given) or fill(*given))
    return calls


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("shift", [0.0, 0.75])
def test_within_the_error_bound_and_near_torch(compiled, threads, shift):
    before = torch.get_num_threads()
    a, b = pairs(0, PAIRS, ROWS, DIMENSION) + shift, pairs(1, PAIRS, ROWS - 3, DIMENSION) + shift
    a[3, 2] = b[3, 1]
    torch.set_num_threads(threads)
    try:
        found = pairwise(a, b, 2)
    finally:
        torch.set_num_threads(before)
    assert compiled
    assert found.shape == (PAIRS, ROWS, ROWS - 3)
    assert float(found[3, 2, 1]) == 0.0
    torch.testing.assert_close(
        found, torch.cdist(a, b, compute_mode="donot_use_mm_for_euclid_dist"), rtol=1e-14, atol=0
    )
    for r, i, k in [(0, 0, 0), (3, 2, 0), (PAIRS - 1, ROWS - 1, ROWS - 4), (17, 5, 9)]:
        exact = reference.distance(a[r, i].tolist(), b[r, k].tolist(), 2)
        assert off_by(float(found[r, i, k]), exact) <= a_priori(float(found[r, i, k]), DIMENSION, 2)


@pytest.mark.parametrize("bad", [nan, inf])
def test_what_is_not_finite_is_carried_on(compiled, bad):
    a, b = pairs(0, PAIRS, ROWS, DIMENSION), pairs(1, PAIRS, ROWS, DIMENSION)
    a[5, 7, 9] = bad
    found = pairwise(a, b, 2)
    assert compiled
    assert not torch.isfinite(found[5, 7]).any()
    assert torch.isfinite(found[5, :7]).all()
    assert torch.isfinite(found[6:]).all()


def test_arrays_in_any_order(compiled):
    a, b = pairs(0, ROWS, PAIRS, DIMENSION).transpose(0, 1), pairs(1, PAIRS, ROWS, DIMENSION)
    found = pairwise(a, b, 2)
    assert compiled
    torch.testing.assert_close(
        found, torch.cdist(a, b, compute_mode="donot_use_mm_for_euclid_dist"), rtol=1e-14, atol=0
    )


@pytest.mark.parametrize("p", [1, 3, inf])
def test_other_norms_are_torch_s(compiled, p):
    pairwise(pairs(0, PAIRS, ROWS, DIMENSION), pairs(1, PAIRS, ROWS, DIMENSION), p)
    assert not compiled


def test_gradients_are_torch_s(compiled):
    a, b = pairs(0, PAIRS, ROWS, DIMENSION).requires_grad_(), pairs(1, PAIRS, ROWS, DIMENSION)
    pairwise(a, b, 2).sum().backward()
    assert not compiled
    assert torch.isfinite(a.grad).all()
    with torch.no_grad():
        pairwise(a, b, 2)
    assert compiled


def test_what_is_small_does_not_load_the_compiler(compiled):
    few = pairs(0, cpu._COMPILED_PAIRS - 1, ROWS, DIMENSION)
    pairwise(few, few, 2)
    many = pairs(0, PAIRS, 2, 3)
    pairwise(many, many, 2)
    assert not compiled
