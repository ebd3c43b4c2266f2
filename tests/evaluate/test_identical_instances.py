"""Statements over several indices: what is computed exactly is done once for equal instances, and of those alone that count."""

import itertools

import numpy as np
import pytest
import torch

from boundcheck.evaluate import CODES, Verdict, judge
from boundcheck.evaluate.radicals import Radicals
from boundcheck.evaluate.readers.balls import BallReader
from boundcheck.evaluate.readers.exact import ExactReader, Triple
from boundcheck.language import (
    Bound,
    Collection,
    Index,
    Space,
    another,
    distance,
    largest,
    maximum,
    minimum,
    norm,
    total,
)

a = Collection("a", "A", index="i", size="n")
i, j, k, t = (Index(letter, (a,)) for letter in "ijkt")


def d(u, v):
    return distance(a[u], a[v])


PTOLEMY = d(i, k) * d(j, t) - d(i, j) * d(k, t) - d(j, k) * d(i, t)
BODIES = {
    "ptolemy": PTOLEMY,
    "of squares": PTOLEMY * PTOLEMY - d(i, t),
    "a vector of four points": norm(a[i] - a[j] - a[k] + a[t]) - d(i, t),
    "a choice": largest(d(i, j) - d(k, t), d(i, t) - d(j, k)),
    "a sum within": d(i, j) * total(Index("s", (a,)), d(k, Index("s", (a,)))) - d(j, t),
}


@pytest.mark.parametrize("p", [1.0, 2.0, 3.0, float("inf")])
@pytest.mark.parametrize("extreme", [maximum, minimum])
@pytest.mark.parametrize("name", BODIES)
def test_an_extreme_is_that_of_all_instances(name, extreme, p):
    rows = np.random.default_rng(0).integers(-2, 3, size=(5, 2)).astype(float)
    triple, term = Triple({a: rows}, p), extreme((i, j, k, t), BODIES[name])
    plainly = ExactReader(triple, {}).scalar(term)
    of_few = ExactReader(triple, {}, BallReader(triple, {}).elements).scalar(term)
    difference = of_few - plainly
    assert (difference.collected() if isinstance(difference, Radicals) else difference) == 0
    assert plainly != 0 or name == "ptolemy" or name == "a choice"


def test_equal_instances_are_computed_once(monkeypatch):
    """Of the 10,000 instances over ten points, those that are not surely below 0 are of four equal points at least."""
    multiplied, multiply = [], Radicals.__mul__

    def counted(self, other):
        multiplied.append(1)
        return multiply(self, other)

    monkeypatch.setattr(Radicals, "__mul__", counted)
    monkeypatch.setattr(Radicals, "__rmul__", counted)
    rows = torch.tensor(np.random.default_rng(1).normal(size=(1, 10, 3)))
    stated = Bound("ptolemy", lhs=maximum((i, j, k, t), PTOLEMY), rhs=0, collections=[a], space=Space.EUCLIDEAN)
    sides = judge(stated, {a: rows}, 2.0, escalate=None).conclusion
    assert CODES[int(sides.code)] is Verdict.HOLDS
    assert sides.ground_of().equal
    # 45 distances, and two of them in each product.
    assert 0 < len(multiplied) < 2 * 46 * 46


def test_an_instance_that_is_broken_is_found_among_equals():
    rows = torch.tensor([[[0.0], [1.0], [3.0], [7.0]]], dtype=torch.float64)
    wrong = PTOLEMY + d(i, t) / 2**60
    stated = Bound("wrong", lhs=maximum((i, j, k, t), wrong), rhs=0, collections=[a], space=Space.EUCLIDEAN)
    assert CODES[int(judge(stated, {a: rows}, 2.0, escalate=None).conclusion.code)] is Verdict.FAILS


@pytest.mark.parametrize("extreme", [maximum, minimum])
def test_indices_that_are_apart_leave_out_equal_points(extreme):
    """Of different points alone, no two sides of Ptolemy's inequality are equal unless the points are on a circle."""
    first = another(a)
    one, two, three = first, another(first, apart_from=first), another(first).primed()
    three = three.apart_from(one, two)
    body = d(one, two) * d(two, three) - d(one, three) * d(one, three) * 2
    rows = np.random.default_rng(3).normal(size=(7, 2))
    triple, term = Triple({a: rows}, 2.0), extreme((one, two, three), body)
    plainly = ExactReader(triple, {}).scalar(term)
    of_few = ExactReader(triple, {}, BallReader(triple, {}).elements).scalar(term)
    apart = np.linalg.norm(rows[:, None] - rows[None], axis=-1)
    places = [places for places in itertools.product(range(7), repeat=3) if len(set(places)) == 3]
    values = [apart[u, v] * apart[v, w] - 2 * apart[u, w] ** 2 for u, v, w in places]
    assert of_few - plainly == 0
    assert float(of_few.ball()) == pytest.approx((max if extreme is maximum else min)(values))
