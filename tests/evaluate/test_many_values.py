"""Values of many pairs: one bound on the errors of all, places left out one by one, classes no longer than they are."""

import math

import numpy as np
import pytest
import torch
from flint import ctx

from boundcheck.evaluate import NumericReader, PlannedReader, rounding
from boundcheck.evaluate.planned import reader as planned_reader
from boundcheck.evaluate.readers import numeric
from boundcheck.evaluate.readers.balls import BallReader, as_ball
from boundcheck.evaluate.readers.exact import Triple
from boundcheck.evaluate.readers.ranges import Ranges
from boundcheck.language import (
    absolute,
    another,
    classes,
    cos,
    distance,
    distinct,
    hinge,
    i,
    inner,
    logsumexp,
    maximum,
    mean,
    minimum,
    total,
    x,
)

RANDOM = np.random.default_rng(5)
C = classes("C")
c, d = C.each, another(C)
M, P = C[c].each, another(C[c], apart_from=C[c].each)
B, A, E = C.points.apart_from(M), C.points, C[d].each
x2 = another(x, apart_from=i)
SIZES = (5, 2, 3)
FAMILY = {
    "supcon": mean((c, M), logsumexp(B, 4 * cos(C[c][M], C[B])) - mean(P, 4 * cos(C[c][M], C[c][P]))),
    "inner products": mean((c, M), logsumexp(B, inner(C[c][M], C[B]))),
    "large ones": mean((c, M), logsumexp(B, 200 * inner(C[c][M], C[B]))),
    "farthest direction": minimum((c, M), maximum(B, cos(C[c][M], C[B]))),
    "own class": maximum((c, M), minimum(P, cos(C[c][M], C[c][P]))),
    "margins": mean((c, d, M, E), hinge(1 - inner(C[c][M], C[d][E]) + cos(C[c][M], C[d][E]))),
    "beside distances": mean((c, M), total(B, cos(C[c][M], C[B]) - 3 * inner(C[c][M], C[B]) + distance(C[c][M], C[B]))),
    "centroids": mean((c, A), cos(mean(C[c]), C[A])),
    "one vector": maximum(A, inner(mean(C), C[A]) + cos(mean(C), C[A])),
    "instance by instance": logsumexp(B, cos(C[c][M], C[B])) - maximum(P, inner(C[c][M], C[c][P])),
}
ALONE = {
    "cosines": maximum((i, x2), cos(x[i], x[x2]) ** 2),
    "mean over the others": minimum(i, mean(x2, inner(x[i], x[x2]))),
    "smallest": mean(i, minimum(x2, hinge(inner(x[i], x[x2])))),
    "log-sum-exp": maximum(i, logsumexp(x2, inner(x[i], x[x2]))),
    "distances": mean(i, minimum(x2, distance(x[i], x[x2]))),
}
TERMS = {**{name: (C, term) for name, term in FAMILY.items()}, **{name: (x, term) for name, term in ALONE.items()}}


def readers(collection, term):
    points = RANDOM.normal(size=(sum(SIZES), 3)) * np.where(RANDOM.random((sum(SIZES), 1)) < 0.3, 1e-3, 1.0)
    partitions = {C: SIZES} if collection is C else None
    tensors = {collection: torch.from_numpy(points)[None]}
    made = [kind(tensors, 2.0, errors=True, partitions=partitions) for kind in (NumericReader, PlannedReader)]
    return made, BallReader(Triple({collection: points}, 2.0, partitions=partitions), {})


@pytest.mark.parametrize("at_once", [6, 1000])
@pytest.mark.parametrize("name", TERMS)
def test_one_bound_on_all_errors_holds_and_is_as_narrow(name, at_once, monkeypatch):
    collection, term = TERMS[name]
    made, balls = readers(collection, term)
    usual = made[0].scalar(term)
    monkeypatch.setattr(numeric, "_UNIFORM", 0)
    monkeypatch.setattr(planned_reader, "AT_ONCE", at_once)
    made = [type(one)(one._raw, 2.0, errors=True, partitions=one._ranges.partitions) for one in made]
    with ctx.workprec(200):
        exact = balls.elements(term)
        for reader in made:
            named = reader.scalar(term)
            assert named.axes == usual.axes == exact.axes
            known = exact.value.reshape(named.value.shape[1:])
            here = np.ones(known.shape, dtype=bool)
            if named.axes:
                placed = reader._ranges.allowed_together(named.axes)
                here = here if placed is None else np.broadcast_to(placed[0], here.shape)
            for place in zip(*np.nonzero(here), strict=True) if named.axes else [()]:
                ball = as_ball(known[place])
                value, error = float(named.value[(0, *place)]), float(named.known_error[(0, *place)])
                assert abs(ball - value).upper() <= error
                assert error <= 8 * float(usual.known_error[(0, *place)]) + 1e-300


def test_one_bound_is_not_taken_where_little_is_known_of_some():
    """An error that is infinite at a place which is left out later is no error of the others."""
    points = torch.randn(1, 80, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    reader = NumericReader({x: points}, 2.0, errors=True)
    # Of a point and itself the root is one of 0, which may be below it by rounding, to a power below 0.
    apart = (1 - cos(x[i], x[another(x)])) ** -1
    assert not torch.isfinite(reader.scalar(apart).known_error).all()
    term = maximum(i, mean(x2, cos(x[i], x[x2]) + (1 - cos(x[i], x[x2])) ** -1))
    units = points[0] / points[0].norm(dim=1, keepdim=True)
    cosines = (units @ units.T).fill_diagonal_(0.0)
    wanted = ((cosines + 1 / (1 - cosines)).fill_diagonal_(0.0).sum(dim=1) / 79).max()
    named = reader.scalar(term)
    assert abs(float(named.value - wanted)) <= float(named.known_error) < 1e-6


def test_whole_numbers_are_added_without_errors():
    """That many classes are balanced is seen without balls; where one is not, or is off, as before."""
    term = maximum((c, d), absolute(C[c].count - C[d].count))
    for sizes, wanted in (((3,) * 70, 0), ((3,) * 69 + (5,), 2)):
        points = torch.zeros(1, sum(sizes), 1, dtype=torch.float64)
        named = NumericReader({C: points}, 2.0, errors=True, partitions={C: sizes}).scalar(term)
        assert (float(named.value), float(named.known_error)) == (wanted, 0)
    whole = torch.tensor([[1.0, 2.0**52]], dtype=torch.float64)
    none = torch.zeros_like(whole)
    assert numeric._are_whole([numeric.Named(whole, none, (A,)), numeric.Named(whole[:, :1], None, (A,))])
    for value, error in ((whole + 0.5, none), (whole * 2, none), (whole, none + 1e-300), (whole * torch.nan, none)):
        assert not numeric._are_whole([numeric.Named(value, error, (A,)), numeric.Named(whole, none, (A,))])


def test_points_that_are_0_are_undefined_alone():
    points = torch.randn(1, 80, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    points[0, 7] = 0.0
    named = NumericReader({x: points}, 2.0, errors=True).scalar(cos(x[i], x[another(x)]))
    unknown = torch.zeros(80, 80, dtype=torch.bool)
    unknown[7] = unknown[:, 7] = True
    assert torch.equal(named.value[0].isnan(), unknown)
    assert torch.equal(named.known_error[0].isinf(), unknown)
    assert float(named.known_error[0][~unknown].max()) < 1e-14


@pytest.mark.parametrize("values", [[0.1] * 5000, [-64.0, 64.0], [-60.0] * 3, [0.0, *[-36.0] * 3000], [1e-9], [0.0]])
def test_moderate_exponentials_are_added_as_they_are(values):
    found = torch.tensor(values, dtype=torch.float64).exp().sum().log()
    bound = rounding.log_of_sum(found, torch.tensor(0.0, dtype=torch.float64), len(values))
    with ctx.workprec(300):
        exact = sum((as_ball(value).exp() for value in values), as_ball(0)).log()
        assert abs(exact - float(found)).upper() <= float(bound)
    assert float(bound) <= 2e-12 * (1 + abs(float(found)))
    assert math.isinf(float(rounding.log_of_sum(found * math.nan, found * 0, 1)))


def test_places_left_out_are_those_that_are_not_allowed():
    ranges = Ranges({x: 6, C: sum(SIZES)}, {C: SIZES}, 2)
    whole = lambda index: slice(None)  # noqa: E731
    for index in (x2, B):
        mask, axes = ranges.allowed(index)
        places, own = ranges.left_out(index, part=whole)
        assert set(own) == set(axes)
        again = np.ones(mask.shape, dtype=bool)
        again[tuple(places[own.index(axis)] for axis in axes)] = False
        np.testing.assert_array_equal(again, mask)
    # Of a class, of an index that is apart from several, and where nothing is left, it is the array that says it.
    for index in (P, distinct(x, 3)[2], A):
        assert ranges.left_out(index, part=whole) is None
    assert Ranges({x: 1}, None, 2).left_out(x2, part=whole) is None


def test_classes_are_no_longer_than_they_are(monkeypatch, computed):
    """Pairs of a large class are not made for every class: blocks end where their classes do."""
    sizes = (40, *[2] * 30)
    points = torch.randn(1, sum(sizes), 3, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    monkeypatch.setattr(planned_reader, "AT_ONCE", 4000)
    reader = PlannedReader({C: points}, 2.0, errors=True, partitions={C: sizes})
    term = mean((c, M), minimum(B, inner(C[c][M], C[B])))
    named = reader.scalar(term)
    gram = (points[0] @ points[0].T).fill_diagonal_(torch.inf).amin(dim=1)
    wanted = np.mean([part.mean().item() for part in gram.split(sizes)])
    assert float(named.value) == pytest.approx(wanted, rel=1e-13)
    pairs = sum(sizes) ** 2
    # Without, 31 classes of 40 points with all others: twelve times as many.
    assert sum(count for count, axes in computed if axes > 1 and count >= sum(sizes)) <= 3 * pairs
