"""The reader for small collections against the obvious one and the numeric one."""

import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from test_numeric import (
    DATA,
    EUCLIDEAN_TERMS,
    MAP_TERMS,
    MAPS,
    NORMS,
    TERMS,
    UndefinedError,
    both,
    data,
    encloses,
    i,
    j,
    k,
    pair,
    t,
    tensors,
    v,
)

from boundcheck.evaluate import find_witness, judge, verdict
from boundcheck.evaluate.judge import value_at
from boundcheck.evaluate.readers.small import SmallReader, are_small
from boundcheck.language import (
    Bound,
    Constant,
    distance,
    farthest,
    m,
    maximum,
    mean,
    minimum,
    nearest,
    norm,
    triplet,
    w,
    x,
    z,
)
from boundcheck.theorems import K


def small(points, p, values, **options):
    reader = SmallReader(
        tensors(points),
        p,
        weights={v: torch.tensor([[1.0, 1e-30, 2.5]], dtype=torch.float64)},
        maps=MAPS,
        **{"errors": True, **options},
    )
    for parameter, value in values.items():
        reader.bind_exact(parameter, torch.tensor([value], dtype=torch.float64))
    return reader


@pytest.mark.parametrize("p", NORMS)
@pytest.mark.parametrize("name", DATA)
def test_every_exact_value_is_within_the_error(name, p):
    points, values = data(name), {m: -0.3, t: 1e-3}
    reader = small(points, p, values)
    wide, obvious = both(points, p, values, {v: [1.0, 1e-30, 2.5]})
    for term in TERMS + MAP_TERMS + (EUCLIDEAN_TERMS if p == 2 else []):
        found, other = reader.scalar(term), wide.scalar(term)
        assert (found.axes, found.value.shape) == (other.axes, other.value.shape)
        # No blunter, but for what rounding does to small errors.
        if torch.isfinite(other.error).all() and float(other.error) > 1e-290:
            assert float(found.error) <= 2 * float(other.error), str(term)
        try:
            exact = obvious(term)
        except UndefinedError:
            continue
        assert encloses(found, exact), str(term)


@pytest.mark.parametrize("p", NORMS)
def test_the_axes_are_those_of_the_numeric_reader(p):
    points = data("gaussian")
    reader, wide = small(points, p, {m: 1.0}), both(points, p, {m: 1.0})[0]
    apart = distance(x[i], z[j]) - distance(x[i], w[k])
    for term in (minimum(k, apart), mean(i, apart), apart - m, distance(x[pair], z[pair]), distance(w[k], x[i])):
        found, other = reader.scalar(term), wide.scalar(term)
        assert found.axes == other.axes
        torch.testing.assert_close(found.value, other.value, rtol=1e-13, atol=1e-13)
        torch.testing.assert_close(found.error, other.error, rtol=1e-3, atol=0)


def test_without_errors_there_are_values_alone():
    points = data("gaussian")
    reader = small(points, 2.0, {m: 1.0}, errors=False)
    for term in (m + farthest(x, w), 2 * nearest(x, z), norm(mean(x) - mean(z)) / 3):
        assert reader.scalar(term).error is None
    lighter = small(points, 2.0, {m: 1.0}).without_errors()
    assert lighter.scalar(m + farthest(x, w)).error is None
    assert float(lighter.scalar(m).value) == 1.0


def test_a_parameter_may_be_given_another_value():
    reader = small(data("gaussian"), 2.0, {m: 1.0})
    assert float(reader.scalar(m + 1).value) == 2.0
    reader.bind_exact(m, torch.tensor([2.0], dtype=torch.float64))
    assert float(reader.scalar(m + 1).value) == 3.0


def test_an_index_that_is_fixed_has_one_value():
    points = data("gaussian")
    reader, wide = small(points, 2.0, {}), both(points, 2.0)[0]
    whole = wide.scalar(distance(x[i], z[j])).value
    fixed = reader.fixing(i, 2)
    assert float(fixed.scalar(maximum(j, distance(x[i], z[j]))).value) == float(whole[0, 2].max())
    # Bound inside, it runs over all again.
    assert float(fixed.scalar(farthest(x, z)).value) == float(whole.max())
    assert float(reader.scalar(maximum((i, j), distance(x[i], z[j]))).value) == float(whole.max())


def test_a_witness_and_the_values_there():
    points = data("gaussian")
    reader, wide = small(points, 2.0, {m: 1.0}), both(points, 2.0, {m: 1.0})[0]
    at = find_witness(triplet(m), reader)
    assert at == find_witness(triplet(m), wide)
    first = wide.scalar(distance(x[i], z[j])).value[0, at[i], at[j]]
    assert value_at(distance(x[i], z[j]), reader, at) == float(first)


def test_what_is_small():
    points = {c: torch.ones(2, 3, 4, dtype=torch.float64) for c in (x, z, w)}
    assert are_small(points)
    assert not are_small(points | {w: torch.ones(2, 3, 4, dtype=torch.float64, requires_grad=True)})
    assert not are_small({c: rows.repeat(3, 1, 1) for c, rows in points.items()})
    assert not are_small({c: rows.repeat(1, 10_000, 1) for c, rows in points.items()})


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 1e308])
def test_what_is_not_finite_is_undecided_as_in_a_large_batch(bad):
    random = np.random.default_rng(5)
    points = {c: torch.from_numpy(random.normal(size=(8, 3, 4))) for c in (x, z, w)}
    points[z][1, 2, 3] = bad
    few = {c: rows[:2].clone() for c, rows in points.items()}
    assert are_small(few)
    assert not are_small(points)
    small_ones, large = judge(K, few), judge(K, points)
    for one, other in (
        (small_ones.conclusion, large.conclusion),
        *zip(small_ones.chain.values(), large.chain.values(), strict=True),
    ):
        assert one.code.tolist() == other.code[:2].tolist()
    assert small_ones.conclusion.code[0] == verdict.HOLDS
    if bad != 1e308:
        assert small_ones.conclusion.code[1] == verdict.UNDECIDED


def test_an_infinite_side_shows_nothing():
    points = {c: 1e3 * torch.from_numpy(np.random.default_rng(7).normal(size=(1, 3, 4))) for c in (x, z, w)}
    beyond = farthest(x, w) * Constant(Fraction(10) ** 300) * Constant(Fraction(10) ** 300)
    found = judge(Bound("beyond", lhs=nearest(x, w), rhs=beyond), points, escalate=0).conclusion
    assert (float(found.rhs), float(found.slack_error)) == (math.inf, math.inf)
    assert int(found.code) == verdict.UNDECIDED


@pytest.mark.parametrize("p", NORMS)
def test_a_judgement_of_few_is_that_of_many(p):
    random = np.random.default_rng(6)
    points = {c: torch.from_numpy(random.normal(size=(8, 5, 4))) for c in (x, z, w)}
    many = judge(K, points, p)
    for row in range(8):
        one = judge(K, {c: rows[row : row + 1] for c, rows in points.items()}, p)
        for alone, together in (
            (one.conclusion, many.conclusion),
            *zip(one.chain.values(), many.chain.values(), strict=True),
        ):
            assert int(alone.code) == int(together.code[row])
            gap = abs(float(alone.slack) - float(together.slack[row]))
            assert gap <= float(alone.slack_error) + float(together.slack_error[row])
