"""Verdicts on a batch of triples."""

import math
from fractions import Fraction

import numpy as np
import pytest
import torch

from boundcheck.evaluate import judge, verdict
from boundcheck.language import Bound, Constant, farthest, nearest, w, x, z
from boundcheck.theorems import K

NORMS = [1.0, 2.0, 3.0, math.inf]


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 1e308])
def test_what_is_not_finite_is_undecided_whatever_else_is_in_the_batch(bad):
    random = np.random.default_rng(5)
    points = {c: torch.from_numpy(random.normal(size=(8, 3, 4))) for c in (x, z, w)}
    points[z][1, 2, 3] = bad
    few = {c: rows[:2].clone() for c, rows in points.items()}
    alone, large = judge(K, few), judge(K, points)
    for one, other in (
        (alone.conclusion, large.conclusion),
        *zip(alone.chain.values(), large.chain.values(), strict=True),
    ):
        assert one.code.tolist() == other.code[:2].tolist()
    assert alone.conclusion.code[0] == verdict.HOLDS
    if bad != 1e308:
        assert alone.conclusion.code[1] == verdict.UNDECIDED


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
