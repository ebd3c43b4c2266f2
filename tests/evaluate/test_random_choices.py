"""Expectations over signs and samples, value by value: against plain loops, and identities decided exactly."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations, product

import numpy as np
import pytest
import torch

from boundcheck.errors import EmptyCollectionError, InvalidTypeError, InvalidValueError, TermError
from boundcheck.evaluate import judge
from boundcheck.evaluate.planned import PlannedReader
from boundcheck.evaluate.planned import reader as planned_reader
from boundcheck.evaluate.readers.balls import BallReader, as_ball
from boundcheck.evaluate.readers.exact import ExactReader, Triple
from boundcheck.evaluate.readers.numeric import NumericReader
from boundcheck.formal import latex
from boundcheck.language import (
    Bound,
    Relation,
    Size,
    classes,
    distance,
    distinct,
    i,
    j,
    maximum,
    mean,
    norm,
    sample,
    signs,
    total,
    variance,
    x,
    z,
)

RANDOM = np.random.default_rng(11)
S, T = sample(x, 2), sample(x, 3, replacement=True, symbol="T")
E = signs(x)
s, r = distinct(S.each)
POINTS = RANDOM.integers(-6, 7, size=(4, 2)) / 2.0


def exactly(row):
    return [Fraction(float(value)) for value in row]


def added(rows, factors=None):
    factors = [1] * len(rows) if factors is None else factors
    return [
        sum(f * v for f, v in zip(factors, column, strict=True)) for column in zip(*map(exactly, rows), strict=True)
    ]


def square(vector):
    return sum(value * value for value in vector)


def average(values):
    values = list(values)
    return sum(values) / Fraction(len(values))


def ways():
    return list(product((1, -1), repeat=len(POINTS)))


TERMS = {
    "signs": (
        mean(E, norm(total(i, E[i] * x[i])) ** 4),
        lambda: average(square(added(POINTS, way)) ** 2 for way in ways()),
    ),
    "largest over a class of two": (
        mean(E, maximum(j, mean(i, E[i] * distance(x[i], z[j]) ** 2))),
        lambda: average(
            max(
                average(
                    sign * square([u - v for u, v in zip(exactly(p), exactly(q), strict=True)])
                    for sign, p in zip(way, POINTS, strict=True)
                )
                for q in POINTS[:2] + 1
            )
            for way in ways()
        ),
    ),
    "samples without replacement": (
        mean(S, norm(total(S.each, x[S.each])) ** 4),
        lambda: average(square(added([POINTS[p] for p in places])) ** 2 for places in permutations(range(4), 2)),
    ),
    "samples with replacement": (
        mean(T, norm(mean(T.each, x[T.each])) ** 2),
        lambda: average(square(added([POINTS[p] for p in places])) / 9 for places in product(range(4), repeat=3)),
    ),
    "two draws": (
        mean(S, mean((s, r), distance(x[s], x[r]) ** 2)),
        lambda: average(
            square([u - v for u, v in zip(exactly(POINTS[p]), exactly(POINTS[q]), strict=True)])
            for p, q in permutations(range(4), 2)
        ),
    ),
}


@pytest.mark.parametrize("blocks", [False, True])
@pytest.mark.parametrize("case", TERMS)
def test_every_reader_gives_what_loops_over_the_choices_give(case, blocks, monkeypatch):
    term, plain = TERMS[case]
    points = {x: POINTS, z: POINTS[:2] + 1}
    tensors = {one: torch.from_numpy(rows)[None] for one, rows in points.items()}
    wanted = plain()
    if blocks:
        monkeypatch.setattr(planned_reader, "AT_ONCE", 8)
        readers = [PlannedReader(tensors, 2.0, errors=True)]
    else:
        readers = [NumericReader(tensors, 2.0, errors=True)]
        assert Fraction(str(ExactReader(Triple(points, 2.0), {}).scalar(term))) == wanted
        assert abs(float(as_ball(BallReader(Triple(points, 2.0), {}).scalar(term)).mid()) - float(wanted)) < 1e-12
    for reader in readers:
        named = reader.scalar(term)
        assert abs(Fraction(float(named.value)) - wanted) <= Fraction(float(named.error))
        assert float(named.error) < 1e-9 * (1 + float(wanted))


IDENTITIES = {
    "signs": Bound(
        "signs", lhs=mean(E, norm(total(i, E[i] * x[i])) ** 2), rhs=total(i, norm(x[i]) ** 2), relation=Relation.EQUAL
    ),
    "without replacement": Bound(
        "without",
        lhs=mean(S, distance(mean(S.each, x[S.each]), mean(x)) ** 2),
        rhs=variance(x) * (Size(x) - 2) / (2 * (Size(x) - 1)),
        relation=Relation.EQUAL,
    ),
    "with replacement": Bound(
        "with",
        lhs=mean(T, distance(mean(T.each, x[T.each]), mean(x)) ** 2),
        rhs=variance(x) / 3,
        relation=Relation.EQUAL,
    ),
}


@pytest.mark.parametrize("case", IDENTITIES)
def test_identities_are_decided_exactly(case):
    bound = IDENTITIES[case]
    points = {one: torch.from_numpy(RANDOM.normal(size=(1, 5, 3))) for one in bound.collections}
    found = judge(bound, points)
    assert found.conclusion.code.tolist() == [0]
    assert found.conclusion.ground_of().equal


@pytest.mark.parametrize("size", [17, 70])
def test_more_than_can_be_gone_through_is_refused(size):
    points = np.zeros((1, size, 1))
    for make in (
        lambda: NumericReader({x: torch.from_numpy(points)}, 2.0, errors=True),
        lambda: BallReader(Triple({x: points[0]}, 2.0), {}),
    ):
        for term in (IDENTITIES["signs"].lhs, mean(U := sample(x, 9), norm(mean(U.each, x[U.each])))):
            with pytest.raises(InvalidValueError, match="at most 65,536 values of a random choice"):
                make().scalar(term)


def test_no_more_points_are_drawn_than_there_are():
    points = torch.zeros((1, 1, 2), dtype=torch.float64)
    with pytest.raises(EmptyCollectionError, match="at least 2 points to draw"):
        NumericReader({x: points}, 2.0).scalar(mean(S, norm(mean(S.each, x[S.each]))))


def test_they_read_as_expectations():
    assert str(mean(E, norm(total(i, E[i] * x[i])))) == "E_σ ‖Σ_i σ_i·x_i‖"
    assert str(mean(S, mean((s, r), distance(x[s], x[r])))) == "E_S mean_{s,s′≠s} ‖x_s − x_s′‖"
    assert latex(mean(E, norm(total(i, E[i] * x[i])))) == (
        r"\mathbb{E}_{\sigma} \left\lVert \sum_{i} \sigma_{i} x_{i} \right\rVert"
    )
    C = classes("C")
    inside = C[C.each].each
    assert str(total((C.each, inside), signs(C)[inside] * norm(C[inside]))) == "Σ_{c,i} σ_{c,i}·‖C_{c,i}‖"


ILL_FORMED = {
    "a sample of none": (lambda: sample(x, 0), InvalidValueError),
    "a sample of a class": (lambda: sample(classes("C")[classes("C").each], 2), InvalidTypeError),
    "signs of another collection": (lambda: E[j], TermError),
    "the draws before the sample": (lambda: mean((S.each, S), norm(x[S.each])), TermError),
    "a draw from another collection": (lambda: z[S.each], TermError),
}


@pytest.mark.parametrize("case", ILL_FORMED)
def test_ill_formed_choices_fail_when_they_are_made(case):
    make, kind = ILL_FORMED[case]
    with pytest.raises(kind):
        make()
