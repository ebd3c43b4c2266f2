"""Least costs of couplings: of weights, of powers, of a part of all weight, between two weightings of one collection."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from flint import ctx, fmpq
from scipy.optimize import linprog

from boundcheck import check
from boundcheck.adversary.serialized import read, write
from boundcheck.errors import TermError
from boundcheck.evaluate.readers.balls import BallReader, as_ball, enclosure
from boundcheck.evaluate.readers.exact import ExactReader, Triple
from boundcheck.evaluate.readers.numeric import NumericReader
from boundcheck.language import (
    Bound,
    Coupling,
    Transport,
    Weights,
    another,
    distance,
    distinct,
    i,
    j,
    k,
    maximum,
    mean,
    minimum,
    norm,
    total,
    w,
    wasserstein,
    x,
    z,
)
from boundcheck.language.latex import latex

RANDOM = np.random.default_rng(5)
FIVE, FOUR, THREE = RANDOM.normal(size=(5, 2)), RANDOM.normal(size=(4, 2)), RANDOM.normal(size=(3, 2))
A, B, C = Weights("a", x), Weights("b", z), Weights("c", x)
OF = {A: np.array([1.0, 2.0, 0.0, 0.5, 3.0]), B: np.array([0.3, 0.3, 0.2, 0.1]), C: np.array([1.0, 0.0, 5.0, 1.0, 1.0])}
POINTS = {x: FIVE, z: FOUR, w: THREE}


def of_floats(term, points=POINTS, p=2.0, weights=OF):
    tensors = {one: torch.from_numpy(rows)[None] for one, rows in points.items()}
    given = {one: torch.from_numpy(ratios)[None] for one, ratios in weights.items()}
    named = NumericReader(tensors, p, weights=given, errors=True).scalar(term)
    return float(named.value), float(named.error)


def of_balls(term, points=POINTS, p=2.0, weights=OF):
    with ctx.workprec(128):
        return enclosure(as_ball(BallReader(Triple(points, p, weights), {}).scalar(term)))


def cheapest(costs, rows, columns, mass=1.0):
    """Return what a linear program finds; the marginals at most those given, and the mass in all."""
    n, q = costs.shape
    rows, columns = rows / rows.sum(), columns / columns.sum()
    above = np.concatenate([np.kron(np.eye(n), np.ones(q)), np.kron(np.ones(n), np.eye(q))]).reshape(n + q, n * q)
    found = linprog(costs.ravel(), A_ub=above, b_ub=[*rows, *columns], A_eq=np.ones((1, n * q)), b_eq=[mass])
    return found.fun


def apart(one, other, p=2.0):
    return np.linalg.norm(one[:, None] - other[None], ord=p, axis=-1)


CASES = {
    "weights": (wasserstein(x, z, weights=(A, B)), cheapest(apart(FIVE, FOUR), OF[A], OF[B])),
    "one uniform": (wasserstein(x, z, weights=(A, None)), cheapest(apart(FIVE, FOUR), OF[A], np.ones(4))),
    "squares": (wasserstein(x, z, p=2) ** 2, cheapest(apart(FIVE, FOUR) ** 2, np.ones(5), np.ones(4))),
    "W₂": (wasserstein(x, z, p=2), np.sqrt(cheapest(apart(FIVE, FOUR) ** 2, np.ones(5), np.ones(4)))),
    "W₃": (wasserstein(x, z, p=3), cheapest(apart(FIVE, FOUR) ** 3, np.ones(5), np.ones(4)) ** (1 / 3)),
    "one collection": (wasserstein(x, x, weights=(A, C)), cheapest(apart(FIVE, FIVE), OF[A], OF[C])),
    "a part": (wasserstein(x, z, weights=(A, B), mass=0.25), cheapest(apart(FIVE, FOUR), OF[A], OF[B], 0.25)),
    "three quarters": (wasserstein(x, z, mass=0.75), cheapest(apart(FIVE, FOUR), np.ones(5), np.ones(4), 0.75)),
    "signed costs": (
        Coupling(i, j, norm(x[i]) - 3 * distance(x[i], z[j]), A, B),
        cheapest(np.linalg.norm(FIVE, axis=1)[:, None] - 3 * apart(FIVE, FOUR), OF[A], OF[B]),
    ),
    "one for each": (
        maximum(k, Coupling(i, j, norm(x[i] - z[j] + w[k]))),
        max(cheapest(np.linalg.norm(FIVE[:, None] - FOUR + row, axis=-1), np.ones(5), np.ones(4)) for row in THREE),
    ),
}


@pytest.mark.parametrize("read", [of_floats, of_balls])
@pytest.mark.parametrize("case", CASES)
def test_a_linear_program_finds_the_same(case, read):
    term, exact = CASES[case]
    value, error = read(term)
    assert abs(value - exact) <= error + 1e-9 * abs(exact)
    assert error <= 1e-11 * abs(exact)


@pytest.mark.parametrize("p", [1.0, np.inf])
def test_floats_and_balls_agree_in_other_norms(p):
    for term, _ in CASES.values():
        one, other = of_floats(term, p=p), of_balls(term, p=p)
        assert abs(one[0] - other[0]) <= one[1] + other[1]


def test_uniform_weights_cost_what_they_did():
    plain = wasserstein(x, z)
    assert plain == Transport(x, z)
    one, other = of_floats(plain), of_floats(Coupling(i, j, distance(x[i], z[j])))
    assert abs(one[0] - other[0]) <= one[1] + other[1]


def test_rational_costs_are_exact():
    rows = {x: np.array([[0.0], [1.0], [3.0]]), z: np.array([[0.5], [2.0]])}
    triple = Triple(rows, 2.0, {})
    squares = ExactReader(triple, {}).scalar(wasserstein(x, z, p=2) ** 2)
    # 0 and half of 1 go to 1/2, the other half and 3 to 2.
    assert squares == fmpq(1, 3) * fmpq(1, 4) + fmpq(1, 6) * fmpq(1, 4) + fmpq(1, 6) * 1 + fmpq(1, 3) * 1
    assert ExactReader(triple, {}).scalar(wasserstein(x, z, mass=Fraction(1, 3))) == fmpq(1, 6)


def test_points_where_they_are_cost_nothing():
    for of in (of_floats, of_balls):
        for term in (wasserstein(x, z, p=2), wasserstein(x, x, weights=(A, A)), wasserstein(x, z, mass=0.1)):
            value, error = of(term, points={x: FIVE, z: FIVE, w: THREE})
            assert abs(value) <= error + 1e-12


def test_the_gradient_is_that_of_the_plan():
    rows = torch.from_numpy(FIVE)[None].requires_grad_()
    term = wasserstein(x, z, p=2) ** 2
    reader = NumericReader({x: rows, z: torch.from_numpy(FOUR)[None]}, 2.0)
    (slope,) = torch.autograd.grad(reader.scalar(term).value.sum(), rows)
    away, step = RANDOM.normal(size=FIVE.shape), 1e-6
    ends = [of_floats(term, {**POINTS, x: FIVE + sign * step * away})[0] for sign in (1, -1)]
    assert (ends[0] - ends[1]) / (2 * step) == pytest.approx(float((slope[0].numpy() * away).sum()), abs=1e-5)


def test_between_least_distance_diameter_and_total_variation():
    """A. Gibbs, F. Su, On choosing and bounding probability metrics, 2002, theorem 4: on one finite set."""
    second = distinct(x)[1]
    diameter, least = (
        maximum((i, another(x)), distance(x[i], x[another(x)])),
        minimum((i, second), distance(x[i], x[second])),
    )
    report = check(
        Bound("Gibbs and Su", lhs=wasserstein(x, x, weights=(A, C)), rhs=diameter, collections=[x]),
        None,
        x=FIVE,
        weights={"a": OF[A], "c": OF[C]},
    )
    assert report.verdict.value == "holds"
    assert of_floats(least)[0] > 0


def test_it_is_written_as_it_is_read():
    term = wasserstein(x, z, p=2, weights=(A, None), mass=0.5)
    assert str(term) == "√(min_{P ∈ Π_{1/2}(a, 1/p)} Σ_{i,j} P_{i,j}·‖x_i − z_j‖^2)"
    assert r"\min_{P \in \Pi(a, b)} \sum_{i,j} P_{i,j}" in latex(wasserstein(x, z, weights=(A, B)))
    bound = Bound("part", lhs=term, rhs=mean(i, norm(x[i])))
    assert bound.weights() == (A,)
    assert read(write(bound)) == bound


@pytest.mark.parametrize(
    ("build", "told"),
    [
        (lambda: wasserstein(x, z, p=0.5), "at least 1"),
        (lambda: wasserstein(x, z, mass=0), "\\(0, 1\\]"),
        (lambda: wasserstein(x, z, mass=1.5), "\\(0, 1\\]"),
        (lambda: wasserstein(x, z, weights=(B, A)), "weights of a collection that i runs over"),
        (lambda: Coupling(i, i, norm(x[i])), "two different indices"),
        (lambda: of_floats(Coupling(i, j, norm(x[i]) - norm(z[j]), mass=Fraction(1, 2))), "costs of at least 0"),
        (lambda: of_balls(Coupling(i, j, norm(x[i]) - norm(z[j]), mass=Fraction(1, 2))), "costs of at least 0"),
    ],
)
def test_what_means_nothing_is_refused(build, told):
    with pytest.raises(TermError, match=told):
        build()


def test_all_indices_are_bound():
    term = CASES["one for each"][0].body
    assert term.free() == {k}
    assert total(k, term).free() == frozenset()
