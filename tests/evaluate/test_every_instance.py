"""Conclusions that leave indices free: judged for every instance, with the one that decides as witness."""

from __future__ import annotations

import importlib
import math

import numpy as np
import pytest
import torch

from boundcheck import check_bound, falsify, scan
from boundcheck.adversary import Refuted, Survived
from boundcheck.errors import TermError
from boundcheck.evaluate import judge
from boundcheck.formal import bound_latex
from boundcheck.language import (
    Bound,
    ForAll,
    Relation,
    another,
    at,
    classes,
    coordinate_index,
    coordinate_maximum,
    coordinate_minimum,
    distance,
    distinct,
    i,
    j,
    k,
    m,
    mean,
    norm,
    triplet,
    variance,
    w,
    x,
    z,
)

judging = importlib.import_module("boundcheck.evaluate.judge")

RANDOM = np.random.default_rng(3)
C = classes("C")
c = C.each
d = another(C, apart_from=c)
a = C[c].each
b = another(C[c], apart_from=a)

PIVOT = Bound(
    "pivot",
    lhs=distance(x[i], w[k]) - distance(z[j], w[k]),
    rhs=distance(x[i], z[j]),
    title="Pivots, for every instance",
)
SHARPER = Bound("sharper", lhs=distance(x[i], w[k]) - distance(z[j], w[k]), rhs=0.9 * distance(x[i], z[j]))
SQUARES = Bound(
    "parallelogram",
    lhs=norm(x[i] + z[j]) ** 2 + norm(x[i] - z[j]) ** 2,
    rhs=2 * norm(x[i]) ** 2 + 2 * norm(z[j]) ** 2,
    relation=Relation.EQUAL,
)
APART = Bound("apart", lhs=distance(mean(C[c]), mean(C[d])), rhs=distance(C[c][a], C[c][b]) * 3, collections=[C])


def judged(bound, points, **options):
    tensors = {one: torch.from_numpy(np.asarray(rows, dtype=float)) for one, rows in points.items()}
    tensors = {one: tensor[None] if tensor.ndim == 2 else tensor for one, tensor in tensors.items()}
    return judge(bound, tensors, **options)


def triples(count, sizes=(4, 3, 5), dimension=2):
    return {one: RANDOM.normal(size=(count, size, dimension)) for one, size in zip((x, z, w), sizes, strict=True)}


def dist(u, v):
    return float(np.linalg.norm(u - v))


def slacks(bound, points, row):
    """Return the slack of PIVOT or SHARPER at every instance of one triple."""
    share = 0.9 if bound is SHARPER else 1.0
    u, v, t = (points[one][row] for one in (x, z, w))
    return {
        (p, q, r): share * dist(u[p], v[q]) - (dist(u[p], t[r]) - dist(v[q], t[r]))
        for p in range(len(u))
        for q in range(len(v))
        for r in range(len(t))
    }


@pytest.mark.parametrize("bound", [PIVOT, SHARPER], ids=lambda one: one.name)
def test_the_tightest_instance_decides_and_is_the_witness(bound):
    points = triples(6)
    found = judged(bound, points)
    verdicts = ["holds", "fails", "undecided"]
    for row in range(6):
        every = slacks(bound, points, row)
        least = min(every, key=every.get)
        assert verdicts[int(found.conclusion.code[row])] == ("fails" if every[least] < 0 else "holds")
        assert tuple(found.instance_of(row)[index] for index in (i, j, k)) == least
        assert float(found.conclusion.slack[row]) == pytest.approx(every[least], abs=1e-12)
        u, v, t = (points[one][row][place] for one, place in zip((x, z, w), least, strict=True))
        assert float(found.conclusion.lhs[row]) == pytest.approx(dist(u, t) - dist(v, t), abs=1e-12)


def test_one_index_after_another_where_there_are_many_instances(monkeypatch):
    points = triples(1, (9, 8, 7))
    plain = judged(SHARPER, points)
    monkeypatch.setattr(judging, "_INSTANCES", 100)
    monkeypatch.setattr(judging, "_AT_ONCE", 100)
    found = judged(SHARPER, points)
    assert found.instance_of() == plain.instance_of()
    assert found.conclusion.code.tolist() == plain.conclusion.code.tolist() == [1]
    assert float(found.conclusion.slack) == pytest.approx(float(plain.conclusion.slack), abs=1e-12)


def test_identities_are_decided_exactly_for_all_instances():
    found = judged(SQUARES, triples(2))
    assert found.conclusion.code.tolist() == [0, 0]
    assert found.conclusion.ground_of(1).equal
    broken = Bound("broken", lhs=SQUARES.lhs, rhs=SQUARES.rhs + 1e-13, relation=Relation.EQUAL)
    assert judged(broken, triples(2)).conclusion.code.tolist() == [1, 1]


def test_equality_at_one_instance_is_decided_exactly():
    # x_1 between z_0 and w_2: the triangle inequality is an equality there, and nowhere else.
    points = {x: [[0.1, 5.0], [1.0, 0.0]], z: [[0.0, 0.0]], w: [[7.0, -3.0], [0.3, 9.0], [3.0, 0.0]]}
    bound = Bound("triangle", lhs=distance(z[j], w[k]), rhs=distance(z[j], x[i]) + distance(x[i], w[k]))
    found = judged(bound, points)
    assert found.conclusion.code.tolist() == [0]
    assert found.conclusion.ground_of().equal
    assert found.instance_of() == {i: 1, j: 0, k: 2}
    assert float(found.conclusion.lhs) == 3.0


def test_a_class_and_two_of_its_points():
    sizes = (2, 3)
    points = RANDOM.normal(size=(5, 3)) * 3
    found = judged(APART, {C: points}, partitions={C: sizes})
    parts = [points[:2], points[2:]]
    every = {
        (p, q, r, s): 3 * dist(parts[p][r], parts[p][s]) - dist(parts[p].mean(axis=0), parts[q].mean(axis=0))
        for p in range(2)
        for q in range(2)
        if p != q
        for r in range(sizes[p])
        for s in range(sizes[p])
        if r != s
    }
    least = min(every, key=every.get)
    at = found.instance_of()
    assert float(found.conclusion.slack) == pytest.approx(every[least], abs=1e-12)
    assert (at[c], at[d]) == least[:2]
    assert {at[a], at[b]} == set(least[2:])


def test_a_premise_that_fails_leaves_it_vacuous_and_a_chain_has_links_of_its_own():
    whole = Bound("whole", lhs=PIVOT.lhs, rhs=PIVOT.rhs, premises=[triplet(m)], chain=[PIVOT])
    points = triples(2)
    found = judged(whole, points)
    assert found.conclusion.code.tolist() == [0, 0]
    assert found.chain[PIVOT].slack.tolist() == found.conclusion.slack.tolist()
    never = Bound("never", lhs=PIVOT.lhs, rhs=PIVOT.rhs, premises=[ForAll("none", lhs=norm(x[i]), rhs=-1)])
    assert judged(never, points).conclusion.code.tolist() == [3, 3]


def test_what_is_not_a_number_is_open():
    points = {x: [[1.0, 2.0]], z: [[math.nan, 0.0], [1.0, 1.0]], w: [[0.0, 0.0]]}
    assert judged(PIVOT, points).conclusion.code.tolist() == [2]


def test_it_is_said_for_all_values_of_the_indices():
    assert PIVOT.statement == "‖x_i − w_k‖ − ‖z_j − w_k‖ ≤ ‖x_i − z_j‖ for all i, j, k"
    assert APART.statement.endswith("for all c, c′≠c, i, i′≠i")
    assert bound_latex(PIVOT).endswith(r"\quad \text{for all } i, j, k")
    assert PIVOT.indices == (i, j, k)
    assert APART.indices == (c, d, a, b)


def test_a_check_reports_the_tightest_instance():
    u, v, t = RANDOM.normal(size=(3, 4, 2))
    report = check_bound(None, u, v, t, bound=SHARPER)
    every = slacks(SHARPER, {x: u[None], z: v[None], w: t[None]}, 0)
    assert report.slack == pytest.approx(min(every.values()), abs=1e-12)
    assert report.verdict.value == ("fails" if min(every.values()) < 0 else "holds")


def test_the_adversary_breaks_what_is_false_at_some_instance():
    found = falsify(SHARPER, seconds=20, seed=1)
    assert isinstance(found, Refuted)
    assert found.lhs.lower > found.rhs.upper
    assert isinstance(falsify(PIVOT, seconds=1, seed=1), Survived)


def test_what_reads_closed_sides_alone_refuses_it_by_name():
    with pytest.raises(TermError, match="free indices"):
        scan(RANDOM.normal(size=(24, 2)), np.repeat([0, 1], 12), np.repeat(np.arange(8), 3), [PIVOT])


def test_letters_of_all_its_indices_differ():
    one, other = distinct(x)
    with pytest.raises(TermError, match="give one of them another symbol"):
        Bound("own", lhs=distance(x[one], x[other]), rhs=norm(x[another(x)]))


t = coordinate_index()
own = another(x)
EQUAL_SIDES = {
    # Huygens and König: for every point z_j, exactly, whatever the points.
    "mean squared distances": (
        Bound(
            "huygens",
            lhs=mean(i, distance(x[i], z[j]) ** 2),
            rhs=variance(x) + distance(mean(x), z[j]) ** 2,
            relation=Relation.EQUAL,
        ),
        {x: RANDOM.normal(size=(5, 3)), z: RANDOM.normal(size=(4, 3))},
    ),
    # The same points twice: an energy distance of 0.
    "energy": (
        Bound(
            "energy",
            lhs=mean((i, own), distance(x[i], x[own])) + mean((j, another(z)), distance(z[j], z[another(z)])),
            rhs=2 * mean((i, j), distance(x[i], z[j])),
        ),
        {x: [[0.5, 1.0], [2.0, -3.0], [0.25, 7.0]], z: [[2.0, -3.0], [0.25, 7.0], [0.5, 1.0]]},
    ),
    # Bhatia and Davis, coordinate by coordinate: equal where each has two values.
    "variances": (
        Bound(
            "bhatia-davis",
            lhs=mean(i, at(x[i], t) ** 2) - at(mean(x), t) ** 2,
            rhs=(at(coordinate_maximum(x), t) - at(mean(x), t)) * (at(mean(x), t) - at(coordinate_minimum(x), t)),
        ),
        {x: [[0.1, 3.0], [0.7, 3.0], [0.1, -1.0]]},
    ),
}


@pytest.mark.parametrize("case", EQUAL_SIDES)
def test_equal_sides_are_decided_by_exact_numbers(case):
    bound, points = EQUAL_SIDES[case]
    whole = {one: points.get(one, [[0.0] * len(points[x][0])]) for one in bound.collections}
    found = judged(bound, whole, escalate=None)
    assert found.conclusion.code.tolist() == [0]
    assert found.conclusion.ground_of().equal
