"""Families of ragged classes, indices apart and coordinates: every reader against plain loops over the classes."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest
import torch
from flint import ctx

from boundcheck.errors import BoundcheckError, EmptyCollectionError
from boundcheck.evaluate import judge
from boundcheck.evaluate.planned import PlannedReader
from boundcheck.evaluate.planned import reader as planned_reader
from boundcheck.evaluate.readers.balls import BallReader, as_ball
from boundcheck.evaluate.readers.exact import ExactReader, Triple
from boundcheck.evaluate.readers.numeric import NumericReader
from boundcheck.language import (
    Bound,
    Parameter,
    Relation,
    Size,
    another,
    at,
    classes,
    coordinate_index,
    coordinate_maximum,
    coordinate_median,
    distance,
    distinct,
    i,
    inner,
    largest,
    logsumexp,
    maximum,
    mean,
    minimum,
    norm,
    total,
    variance,
    x,
)

C = classes("C")
c = C.each
d = another(C, apart_from=c)
M, P = C[c].each, another(C[c], apart_from=C[c].each)
J = C[d].each
A = C.points
B = C.points.apart_from(M)
t = coordinate_index()
s = t.primed().apart_from(t)
ii = another(x, apart_from=i)

PARTITIONS = {"ragged": (2, 5, 3), "two": (3, 2), "even": (3, 3), "long": (7, 2, 2)}
RANDOM = np.random.default_rng(7)


def drawn(sizes):
    """Return whole coordinates over a power of two: exact as floats and as rationals."""
    return RANDOM.integers(-9, 10, size=(sum(sizes), 3)) / 4.0


def split(points, sizes):
    ends = np.cumsum(sizes)
    return [points[end - size : end] for end, size in zip(ends, sizes, strict=True)]


def dist(a, b):
    return float(np.linalg.norm(np.asarray(a, float) - np.asarray(b, float)))


def sq(a, b):
    return sum((Fraction(float(u)) - Fraction(float(v))) ** 2 for u, v in zip(a, b, strict=True))


def centroid(rows):
    return [sum(Fraction(float(v)) for v in column) / len(rows) for column in zip(*rows, strict=True)]


def average(values):
    values = list(values)
    return sum(values) / len(values)


def sq_c(a, b):
    return sum((u - v) ** 2 for u, v in zip(a, b, strict=True))


def others(rows, one):
    return [row for place, row in enumerate(rows) if place != one]


def before(parts, place):
    return sum(map(len, parts[:place]))


def median(values):
    values = sorted(values)
    return (values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2


def medians(rows):
    return [median([Fraction(float(v)) for v in column]) for column in zip(*rows, strict=True)]


# Each with what plain loops over the classes and all points give: a rational where the term is one.
TERMS = {
    "points of a class": (
        mean((c, M), norm(C[c][M]) ** 2),
        lambda parts, all_: average(average(sq(u, [0, 0, 0]) for u in part) for part in parts),
    ),
    "largest of a class": (
        mean(c, maximum(M, norm(C[c][M]) ** 2)),
        lambda parts, all_: average(max(sq(u, [0, 0, 0]) for u in part) for part in parts),
    ),
    "smallest of a class": (
        total(c, minimum(M, 5 - norm(C[c][M]) ** 2)),
        lambda parts, all_: sum(min(5 - sq(u, [0, 0, 0]) for u in part) for part in parts),
    ),
    "within a class": (
        mean((c, M, P), distance(C[c][M], C[c][P]) ** 2),
        lambda parts, all_: average(
            average(average(sq(u, v) for v in others(part, a)) for a, u in enumerate(part)) for part in parts
        ),
    ),
    "nearest within a class": (
        maximum((c, M), minimum(P, distance(C[c][M], C[c][P]))),
        lambda parts, all_: max(min(dist(u, v) for v in others(part, a)) for part in parts for a, u in enumerate(part)),
    ),
    "sum over other classes": (
        total((c, d), distance(mean(C[c]), mean(C[d])) ** 2),
        lambda parts, all_: sum(
            sq_c(centroid(parts[a]), centroid(parts[b])) for a, b in permutations(range(len(parts)), 2)
        ),
    ),
    "nearest centroid": (
        minimum((c, d), distance(mean(C[c]), mean(C[d])) ** 2),
        lambda parts, all_: min(
            sq_c(centroid(parts[a]), centroid(parts[b])) for a, b in permutations(range(len(parts)), 2)
        ),
    ),
    "points of two classes": (
        mean((c, d), mean((M, J), distance(C[c][M], C[d][J]) ** 2)),
        lambda parts, all_: average(
            average(average(sq(u, v) for v in parts[b]) for u in parts[a])
            for a, b in permutations(range(len(parts)), 2)
        ),
    ),
    "farthest of another class": (
        mean((c, M), maximum(d, maximum(J, distance(C[c][M], C[d][J])))),
        lambda parts, all_: average(
            average(max(dist(u, v) for b, other in enumerate(parts) if b != a for v in other) for u in part)
            for a, part in enumerate(parts)
        ),
    ),
    "all but one": (
        mean((c, M), mean(B, distance(C[c][M], C[B]) ** 2)),
        lambda parts, all_: average(
            average(average(sq(u, v) for v in others(all_, before(parts, a) + place)) for place, u in enumerate(part))
            for a, part in enumerate(parts)
        ),
    ),
    "nearest of all others": (
        total((c, M), minimum(B, distance(C[c][M], C[B]))),
        lambda parts, all_: sum(
            min(dist(u, v) for v in others(all_, before(parts, a) + place))
            for a, part in enumerate(parts)
            for place, u in enumerate(part)
        ),
    ),
    "what the first index cancels in": (
        mean((c, M), mean(P, norm(C[c][P]) ** 2) - mean(B, norm(C[B]) ** 2)),
        lambda parts, all_: average(
            average(
                average(sq(v, [0, 0, 0]) for v in others(part, place))
                - average(sq(v, [0, 0, 0]) for v in others(all_, before(parts, a) + place))
                for place in range(len(part))
            )
            for a, part in enumerate(parts)
        ),
    ),
    "sizes": (
        total(c, C[c].count ** 2) / (C.count * Size(C)),
        lambda parts, all_: Fraction(sum(len(part) ** 2 for part in parts), len(parts) * len(all_)),
    ),
    "weighed by size": (
        total(c, C[c].count * variance(C[c])) / Size(C) - variance(C),
        lambda parts, all_: (
            (
                sum(sum(sq_c(list(map(Fraction, map(float, u))), centroid(part)) for u in part) for part in parts)
                - sum(sq_c(list(map(Fraction, map(float, u))), centroid(all_)) for u in all_)
            )
            / len(all_)
        ),
    ),
    "extremes by coordinate": (
        mean(c, norm(coordinate_maximum(C[c]) - mean(C[c])) ** 2),
        lambda parts, all_: average(
            sq_c([max(Fraction(float(v)) for v in column) for column in zip(*part, strict=True)], centroid(part))
            for part in parts
        ),
    ),
    "medians": (
        total(c, norm(coordinate_median(C[c])) ** 2),
        lambda parts, all_: sum(sq_c(medians(part), [0, 0, 0]) for part in parts),
    ),
    "coordinates": (
        mean((c, M), maximum(t, largest(at(C[c][M], t), -at(C[c][M], t)))),
        lambda parts, all_: average(average(max(abs(Fraction(float(v))) for v in u) for u in part) for part in parts),
    ),
    "two coordinates": (
        total((t, s), mean(A, at(C[A], t) * at(C[A], s))),
        lambda parts, all_: sum(
            average(Fraction(float(u[a])) * Fraction(float(u[b])) for u in all_) for a, b in permutations(range(3), 2)
        ),
    ),
}
# A maximum of other classes' points is of as many indices as there are points twice: the exact reader takes roots of all.
IRRATIONAL = {"nearest within a class", "farthest of another class", "nearest of all others"}


def numeric(points, sizes, **options):
    tensors = {C: torch.from_numpy(points)[None]}
    return NumericReader(tensors, 2.0, errors=True, partitions={C: sizes}, **options)


def assert_encloses(named, wanted):
    value, error = named.value.flatten(), named.known_error.flatten()
    assert torch.isfinite(value).all()
    off = abs(Fraction(float(value[0])) - Fraction(wanted))
    assert off <= Fraction(float(error[0])) + (Fraction(abs(wanted)) / 10**12 if isinstance(wanted, float) else 0)
    assert float(error[0]) <= 1e-10


@pytest.mark.parametrize("partition", PARTITIONS)
@pytest.mark.parametrize("case", TERMS)
def test_every_reader_gives_what_loops_over_the_classes_give(case, partition):
    term, plain = TERMS[case]
    sizes = PARTITIONS[partition]
    points = drawn(sizes)
    wanted = plain(split(points, sizes), points)
    assert_encloses(numeric(points, sizes).scalar(term), wanted)
    tensors = {C: torch.from_numpy(points)[None]}
    assert_encloses(PlannedReader(tensors, 2.0, errors=True, partitions={C: sizes}).scalar(term), wanted)
    triple = Triple({C: points}, 2.0, partitions={C: sizes})
    ball = as_ball(BallReader(triple, {}).scalar(term))
    assert abs(float(ball.mid()) - float(wanted)) < 1e-12 * (1 + abs(float(wanted)))
    if case not in IRRATIONAL:
        assert Fraction(str(ExactReader(triple, {}).scalar(term))) == wanted


@pytest.mark.parametrize("case", TERMS)
def test_in_blocks_the_values_are_the_same(case, monkeypatch):
    term, plain = TERMS[case]
    sizes = PARTITIONS["ragged"]
    points = drawn(sizes)
    # So few at once that every wide array is cut, by classes and by points of one.
    monkeypatch.setattr(planned_reader, "AT_ONCE", 8)
    reader = PlannedReader({C: torch.from_numpy(points)[None]}, 2.0, errors=True, partitions={C: sizes})
    assert_encloses(reader.scalar(term), plain(split(points, sizes), points))


def test_a_batch_has_one_partition():
    sizes = PARTITIONS["ragged"]
    batch = np.stack([drawn(sizes) for _ in range(4)])
    reader = NumericReader({C: torch.from_numpy(batch)}, 2.0, errors=True, partitions={C: sizes})
    for term, plain in TERMS.values():
        named = reader.scalar(term)
        wanted = [float(plain(split(points, sizes), points)) for points in batch]
        assert np.allclose(named.value.numpy(), wanted, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("p", [1.0, 3.0, math.inf])
def test_in_other_norms_too(p):
    sizes, term = PARTITIONS["ragged"], mean((c, M, P), distance(C[c][M], C[c][P]))
    points = drawn(sizes)
    wanted = average(
        average(average(np.linalg.norm(u - v, ord=p) for v in others(part, a)) for a, u in enumerate(part))
        for part in split(points, sizes)
    )
    tensors = {C: torch.from_numpy(points)[None]}
    assert_encloses(NumericReader(tensors, p, errors=True, partitions={C: sizes}).scalar(term), float(wanted))
    ball = as_ball(BallReader(Triple({C: points}, p, partitions={C: sizes}), {}).scalar(term))
    assert abs(float(ball.mid()) - wanted) < 1e-12


def test_points_of_one_collection_apart():
    points = RANDOM.integers(-5, 6, size=(6, 2)) / 2.0
    reader = NumericReader({x: torch.from_numpy(points)[None]}, 2.0, errors=True)
    first, second, third = distinct(x, 3)
    every = [
        (u, v, r)
        for a, u in enumerate(points)
        for b, v in enumerate(points)
        for e, r in enumerate(points)
        if len({a, b, e}) == 3
    ]
    spread = (distance(x[first], x[second]) + distance(x[second], x[third])) ** 2
    wanted = average((dist(u, v) + dist(v, r)) ** 2 for u, v, r in every)
    assert_encloses(reader.scalar(mean((first, second, third), spread)), wanted)
    least = minimum((i, ii), distance(x[i], x[ii]) ** 2)
    exact = ExactReader(Triple({x: points}, 2.0), {}).scalar(least)
    assert Fraction(str(exact)) == min(sq(u, v) for a, u in enumerate(points) for v in others(points, a))


def test_gradients_reach_every_point():
    sizes = PARTITIONS["ragged"]
    points = torch.from_numpy(drawn(sizes))[None].requires_grad_()
    reader = NumericReader({C: points}, 2.0, partitions={C: sizes})
    spread = mean((c, M, P), distance(C[c][M], C[c][P]) ** 2)
    reader.scalar(spread).value.sum().backward()
    wanted = torch.zeros_like(points[0])
    start = 0
    for size in sizes:
        part = points[0, start : start + size].detach()
        pull = 4 * (part * size - part.sum(dim=0)) / (size * (size - 1) * len(sizes))
        wanted[start : start + size] = pull
        start += size
    assert torch.allclose(points.grad[0], wanted, atol=1e-12)


# ------------------------------------------------------------------------------------------------------- ill-formed input


@pytest.mark.parametrize("read", ["numeric", "planned", "balls"])
@pytest.mark.parametrize(
    "term",
    [mean((c, M, P), distance(C[c][M], C[c][P])), maximum((c, M), minimum(P, distance(C[c][M], C[c][P])))],
    ids=["mean", "minimum"],
)
def test_a_class_of_one_point_has_no_other(term, read):
    points, partitions = drawn((3, 1)), {C: (3, 1)}
    tensors = {C: torch.from_numpy(points)[None]}
    readers = {
        "numeric": lambda: NumericReader(tensors, 2.0, errors=True, partitions=partitions),
        "planned": lambda: PlannedReader(tensors, 2.0, errors=True, partitions=partitions),
        "balls": lambda: BallReader(Triple({C: points}, 2.0, partitions=partitions), {}),
    }
    with pytest.raises(EmptyCollectionError, match="i′ over the points of class c of C, apart from i"):
        readers[read]().scalar(term)
    # Of what is over one point alone there is nothing to say against it.
    named = readers[read]().scalar(mean((c, M), norm(C[c][M])))
    assert named is not None


@pytest.mark.parametrize(
    ("partitions", "message"),
    [
        (None, "partition of C: expected the sizes of its classes, got none"),
        ({C: (2, 2)}, "add up to its 5 points, got 4"),
        ({C: (5,)}, "two or more classes"),
        ({C: (5, 0)}, "integer in"),
        ({C: (2, 3), classes("D"): (2, 3)}, "one of D"),
    ],
)
def test_what_is_no_partition_is_refused(partitions, message):
    tensors = {C: torch.from_numpy(drawn((2, 3)))[None]}
    for make in (NumericReader, PlannedReader):
        with pytest.raises(BoundcheckError, match=message):
            make(tensors, 2.0, partitions=partitions)
    with pytest.raises(BoundcheckError, match=message):
        Triple({C: drawn((2, 3))}, 2.0, partitions=partitions)


# ---------------------------------------------------------------------------------------------------------------- verdicts


def judged(bound, points, partitions=None, **options):
    tensors = {one: torch.from_numpy(np.asarray(rows, dtype=float))[None] for one, rows in points.items()}
    return judge(bound, tensors, partitions=partitions, **options)


def code_of(judgement):
    return ["holds", "fails", "undecided", "vacuous"][int(judgement.conclusion.code[0])]


ANOVA = Bound(
    "variance within and between",
    lhs=variance(C),
    rhs=total(c, C[c].count * (variance(C[c]) + distance(mean(C[c]), mean(C)) ** 2)) / Size(C),
    collections=[C],
    relation=Relation.EQUAL,
)
KMEANS = Bound(
    "a random first centre",
    lhs=mean((c, M, C[c].indexed("j")), distance(C[c][M], C[c][C[c].indexed("j")]) ** 2),
    rhs=2 * mean(c, variance(C[c])),
    collections=[C],
    relation=Relation.EQUAL,
)


@pytest.mark.parametrize("bound", [ANOVA, KMEANS], ids=lambda bound: bound.name)
@pytest.mark.parametrize("sizes", [(2, 5, 3), (1, 1), (1, 4)])
def test_identities_of_ragged_classes_are_decided_by_exact_numbers(bound, sizes):
    found = judged(bound, {C: RANDOM.normal(size=(sum(sizes), 3))}, {C: sizes})
    assert code_of(found) == "holds"
    assert found.conclusion.ground_of().equal


def test_a_premise_over_classes_has_its_witness():
    m = Parameter("r")
    from boundcheck.evaluate import find_witness
    from boundcheck.language import ForAll

    tight = ForAll("tight", lhs=distance(C[c][M], C[c][P]), rhs=m)
    bound = Bound("own", lhs=mean((c, M, P), distance(C[c][M], C[c][P])), rhs=m, premises=[tight], collections=[C])
    sizes = (2, 4, 3)
    points = drawn(sizes)
    points[3] = 100.0
    found = judged(bound, {C: points}, {C: sizes})
    parts = split(points, sizes)
    assert code_of(found) == "holds"
    widest = max(dist(u, v) for part in parts for u in part for v in part)
    assert abs(float(found.parameters[m].value) - widest) < 1e-9
    reader = numeric(points, sizes)
    reader.bind_exact(m, torch.zeros(1, dtype=torch.float64))
    witness = find_witness(tight, reader)
    part = parts[witness[c]]
    assert dist(part[witness[M]], part[witness[P]]) == pytest.approx(widest)


# ------------------------------------------------------------------------------------------ many inner products at once


@pytest.mark.parametrize("scale", [2.0**-300, 1.0, 3.0, 2.0**90, 2.0**400])
def test_one_bound_on_the_errors_of_many_inner_products(scale):
    sizes = (40, 30)
    points = RANDOM.normal(size=(70, 3)) * scale
    points[0] = 0.0
    reader = numeric(points, sizes)
    tau = Parameter("τ")
    reader.bind_exact(tau, torch.tensor([0.3], dtype=torch.float64))
    every = reader.scalar(tau * inner(C[A], C[A.primed()]) * Fraction(1, 3))
    assert every.value.numel() > 4096
    exact = [[Fraction(float(value)) for value in row] for row in points]
    third = Fraction(0.3) / 3
    for a, b in [(0, 5), (1, 1), (2, 69), (33, 34), (69, 0)]:
        wanted = sum(u * v for u, v in zip(exact[a], exact[b], strict=True)) * third
        value, error = float(every.value[0, a, b]), float(every.known_error[0, a, b])
        assert abs(Fraction(value) - wanted) <= Fraction(error)
        assert error <= 1e-12 * scale**2


@pytest.mark.parametrize("sizes", [(40, 30), (5, 50, 10)])
@pytest.mark.parametrize("blocks", [False, True])
def test_supervised_contrastive_losses(sizes, blocks, monkeypatch):
    points = RANDOM.normal(size=(sum(sizes), 4))
    loss = mean((c, M), logsumexp(B, 2 * inner(C[c][M], C[B])) - mean(P, 2 * inner(C[c][M], C[c][P])))
    gram = 2 * points @ points.T
    labels = np.repeat(np.arange(len(sizes)), sizes)
    every = np.zeros(len(points))
    for place in range(len(points)):
        rest = np.delete(np.arange(len(points)), place)
        own = rest[labels[rest] == labels[place]]
        logits = gram[place, rest]
        every[place] = np.log(np.exp(logits - logits.max()).sum()) + logits.max() - gram[place, own].mean()
    wanted = np.mean([every[labels == one].mean() for one in range(len(sizes))])
    if blocks:
        monkeypatch.setattr(planned_reader, "AT_ONCE", 1000)
        reader = PlannedReader({C: torch.from_numpy(points)[None]}, 2.0, errors=True, partitions={C: sizes})
    else:
        reader = numeric(points, sizes)
    named = reader.scalar(loss)
    assert float(named.value) == pytest.approx(wanted, abs=1e-12)
    with ctx.workprec(128):
        ball = as_ball(BallReader(Triple({C: points}, 2.0, partitions={C: sizes}), {}).scalar(loss))
        off = abs(ball - float(named.value)).upper()
        assert off <= float(named.error) < 1e-10


def test_an_inner_product_that_is_no_number_has_no_bound():
    points = RANDOM.normal(size=(70, 3))
    points[3, 1] = math.nan
    every = numeric(points, (40, 30)).scalar(inner(C[A], C[A.primed()]))
    assert bool((every.known_error == math.inf).all() | torch.isnan(every.known_error).all())
