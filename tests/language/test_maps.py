"""Maps between spaces: composed, into one space, linear; what may be added and what may not."""

import numpy as np
import pytest

from boundcheck import check, falsify
from boundcheck.adversary.outcome import Refuted, Survived
from boundcheck.adversary.serialized import read, write
from boundcheck.errors import InvalidTypeError, TermError
from boundcheck.formal.coq import coq_statement
from boundcheck.language import (
    Bound,
    Codomain,
    Map,
    Parameter,
    Transport,
    at,
    coordinate_index,
    distance,
    i,
    j,
    lipschitz,
    maximum,
    mean,
    norm,
    operator_norm,
    total,
    x,
    z,
)

inner, outer = Map("φ", into="Y"), Map("ρ", source="Y")
one, other = Map("h", into="R"), Map("h′", into="R")
linear = Map("A", linear=True)
K, L = Parameter("K"), Parameter("L")
COMPOSED = norm(outer(mean(i, inner(x[i]))) - outer(mean(j, inner(z[j]))))
SETS = Bound(
    "sets",
    lhs=COMPOSED,
    rhs=L * K * Transport(x, z),
    premises=[lipschitz(K, of=inner), lipschitz(L, of=outer)],
    collections=[x, z],
)
SHIFT = Bound(
    "shift",
    lhs=mean(i, norm(one(x[i]) - other(x[i]))),
    rhs=mean(j, norm(one(z[j]) - other(z[j]))) + 2 * L * Transport(x, z),
    premises=[lipschitz(L, of=one), lipschitz(L, of=other)],
    collections=[x, z],
)
RANDOM = np.random.default_rng(3)
X, Z, FIRST, SECOND = (RANDOM.normal(size=size) for size in ((4, 3), (4, 3), (3, 5), (5, 2)))


def test_spaces_are_told_apart():
    assert inner(x[i]).reached_by == Codomain("Y")
    assert outer(inner(x[i])).reached_by == outer
    assert Map("h", source=linear).source == linear
    assert str(outer(inner(x[i]))) == "ρ(φ(x_i))"


@pytest.mark.parametrize(
    ("build", "told"),
    [
        (lambda: outer(x[i]), "of the space Y, got x_i, of the embedding space"),
        (lambda: inner(inner(x[i])), "of the embedding space"),
        (lambda: one(x[i]) - inner(x[i]), "vectors of one space"),
        (lambda: one(x[i]) - linear(x[i]), "the values of A"),
        (lambda: operator_norm(1, of=one), "a linear map"),
    ],
)
def test_what_is_of_another_space_is_refused(build, told):
    with pytest.raises(TermError, match=told):
        build()


def test_a_space_has_a_name():
    with pytest.raises(InvalidTypeError, match="into of map g"):
        Map("g", into=3)


def test_a_linear_map_is_written_by_its_values():
    assert str(linear(2 * mean(x) - z[j] / 3)) == "2·mean_i A(x_i) − 1/3·A(z_j)"
    assert linear(mean(x)) == mean(i, linear(x[i]))
    assert str(linear(norm(x[i]) * x[i])) == "‖x_i‖·A(x_i)"


def test_maps_are_written_down_and_read_back():
    for bound in (SETS, SHIFT):
        assert read(write(bound)) == bound


def steep(values, matrix):
    return np.abs(np.asarray(values) @ matrix)


def test_a_composition_is_evaluated():
    maps = {"φ": lambda rows: steep(rows, FIRST), "ρ": lambda rows: steep(rows, SECOND)}
    limits = {"K": float(np.linalg.norm(FIRST, 2)) * 1.01, "L": float(np.linalg.norm(SECOND, 2)) * 1.01}
    report = check(SETS, None, x=X, z=Z, maps=maps, parameters=limits)
    exact = np.linalg.norm(steep(steep(X, FIRST).mean(axis=0), SECOND) - steep(steep(Z, FIRST).mean(axis=0), SECOND))
    assert abs(float(report.lhs) - exact) <= report.lhs.error + 1e-14
    assert 0 < report.lhs.error < 1e-11
    assert report.verdict.value == "holds"
    # Points contradict a constant that is too small.
    assert check(SETS, None, x=X, z=Z, maps=maps, parameters=limits | {"K": 0.1}).verdict.value == "vacuous"


def test_values_in_units_of_their_own():
    maps = {"φ": lambda rows: steep(rows, FIRST) * 1e40, "ρ": lambda rows: steep(rows, SECOND) * 1e-60}
    stated = Bound("far", lhs=COMPOSED, rhs=1, premises=SETS.premises, collections=[x, z])
    report = check(stated, None, x=X * 1e-30, z=Z * 1e-30, maps=maps, parameters={"K": 1e41, "L": 1e-58})
    exact = np.linalg.norm(steep(steep(X, FIRST).mean(axis=0), SECOND) - steep(steep(Z, FIRST).mean(axis=0), SECOND))
    assert float(report.lhs) == pytest.approx(exact * 1e-50, rel=1e-12)


def test_two_maps_into_one_space():
    maps = {"h": lambda rows: steep(rows, FIRST[:, :1]), "h′": lambda rows: np.sin(rows @ FIRST[:, 1:2])}
    report = check(SHIFT, None, x=X, z=Z, maps=maps, parameters={"L": 9.0})
    assert report.verdict.value == "holds"
    assert float(report.lhs) == pytest.approx(
        np.abs(steep(X, FIRST[:, :1]) - np.sin(X @ FIRST[:, 1:2])).mean(), rel=1e-12
    )


def test_coordinates_of_a_declared_space():
    t = coordinate_index(of=Codomain("Y"))
    squares = total(t, at(inner(x[i]), t) ** 2)
    stated = Bound("coordinates", lhs=maximum(i, squares), rhs=maximum(i, norm(inner(x[i])) ** 2), collections=[x])
    report = check(stated, None, x=X, maps={"φ": lambda rows: steep(rows, FIRST)})
    assert float(report.lhs) == pytest.approx((steep(X, FIRST) ** 2).sum(axis=1).max(), rel=1e-12)


def test_a_linear_map_has_an_operator_norm():
    stated = Bound(
        "linear",
        lhs=norm(linear(mean(x)) - linear(mean(z))),
        rhs=L * distance(mean(x), mean(z)),
        premises=[operator_norm(L, of=linear)],
        collections=[x, z],
    )
    limit = float(np.linalg.norm(FIRST, 2)) * 1.01
    report = check(stated, None, x=X, z=Z, maps={"A": lambda rows: np.asarray(rows) @ FIRST}, parameters={"L": limit})
    assert report.verdict.value == "holds"
    assert float(report.lhs) == pytest.approx(np.linalg.norm((X.mean(axis=0) - Z.mean(axis=0)) @ FIRST), rel=1e-12)
    with pytest.raises(TermError, match="linear map A"):
        falsify(stated, seconds=0.1)


def test_coq_has_one_space_for_several_maps():
    stated = Bound("d", lhs=SHIFT.lhs, rhs=L * distance(mean(x), mean(z)), premises=SHIFT.premises, collections=[x, z])
    shown = str(coq_statement(stated))
    assert "(V' : lmodType R)" in shown
    assert "V''" not in shown
    assert "forall (h : V -> V'),\nforall (h' : V -> V')," in shown
    chained = Bound(
        "c", lhs=COMPOSED, rhs=L * K * distance(mean(x), mean(z)), premises=SETS.premises, collections=[x, z]
    )
    shown = str(coq_statement(chained))
    assert "forall (ρ : V' -> V'')" in shown
    assert "forall (φ : V -> V')" in shown
    assert "N'' (ρ u - ρ v) <= L * N' (u - v)" in shown


@pytest.mark.parametrize("bound", [SETS, SHIFT])
def test_the_adversary_finds_a_constant_that_is_too_small(bound):
    survived = falsify(bound, seconds=1.5)
    assert isinstance(survived, Survived)
    less = Bound("less", lhs=bound.lhs, rhs=0.9 * bound.rhs, premises=bound.premises, collections=bound.collections)
    assert isinstance(falsify(less, seconds=20), Refuted)
