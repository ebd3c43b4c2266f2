"""Which aggregator a bound is about is read off its terms."""

from math import inf

import pytest

from boundcheck.errors import InvalidValueError, NormError
from boundcheck.language import (
    Bound,
    coordinate_maximum,
    distance,
    farthest,
    i,
    j,
    m,
    maximum,
    mean,
    norm,
    total,
    w,
    x,
    z,
)
from boundcheck.theorems import KNOWN, every, get
from boundcheck.theorems.representations import KINDS, aggregator_of, bound_about, distance_in

ABOUT = {
    "hull": "hull",
    "hausdorff": "hull",
    "hulls": "hull",
    "sum": "sum",
    "normalised-mean": "normalised mean",
    **{f"coordinate-{kind}{space}": kind for kind in ("max", "min", "median") for space in ("", "-euclidean")},
}


@pytest.mark.parametrize("name", KNOWN)
def test_every_theorem_is_about_an_aggregator(name):
    assert aggregator_of(KNOWN[name]) == ABOUT.get(name, "mean")


def test_comparisons_of_right_sides_are_about_none():
    for name, bound in every().items():
        if "-below-" in name:
            assert aggregator_of(bound) is None


CONJECTURES = {
    "mean": Bound("b", lhs=norm(mean(x) - mean(w)) ** 2, rhs=m),
    "sum": Bound("b", lhs=2 * norm(total(z) - total(x)), rhs=m),
    "max": Bound("b", lhs=m, rhs=norm(coordinate_maximum(x) - coordinate_maximum(z)) + m),
}


@pytest.mark.parametrize("kind", CONJECTURES)
def test_a_conjecture_of_ones_own_is_recognised(kind):
    assert aggregator_of(CONJECTURES[kind]) == kind


@pytest.mark.parametrize(
    "lhs",
    [
        farthest(x, w),
        norm(mean(x)),
        norm(mean(x) - total(z)),
        norm(mean(x) + mean(z)),
        norm(mean(x) - 2 * mean(z)),
        maximum((i, j), distance(x[i], z[j])),
        norm(mean(x) - mean(z)) + norm(total(x) - total(z)),
        norm(mean(x) / norm(mean(z)) - mean(z) / norm(mean(x))),
        norm(mean(x) - mean(z) - mean(w)),
    ],
    ids=str,
)
def test_what_is_no_distance_of_representations_is_about_none(lhs):
    assert aggregator_of(Bound("b", lhs=lhs, rhs=m)) is None


def test_the_distance_in_a_side():
    apart = norm(mean(x) - mean(z))
    assert distance_in(apart) == distance_in(apart**2) == apart
    assert distance_in(2 * apart) is distance_in(apart**0.5) is distance_in(farthest(x, w)) is None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("p", [2.0, inf])
def test_the_bound_about_an_aggregator_is_about_it_and_holds_in_the_norm(kind, p):
    bound = bound_about(kind, p)
    assert aggregator_of(bound) == kind
    assert bound.space.admits(p)


def test_of_the_two_coordinate_wise_bounds_the_norm_decides():
    assert bound_about("max", inf) is get("coordinate-max")
    assert bound_about("max", 2.0) is get("coordinate-max-euclidean")
    with pytest.raises(
        NormError, match=r"p = inf or 2 for the coordinate-wise min, got p = 1; no bound on it is known"
    ):
        bound_about("min", 1.0)


def test_an_unknown_kind_is_named():
    with pytest.raises(InvalidValueError, match="kind: expected one of mean, sum, max"):
        bound_about("mode", 2.0)
