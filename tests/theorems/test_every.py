"""Every statement holds on adversarial collections, and is as sharp as it says."""

from math import inf

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from boundcheck.adversary import norms, triples
from boundcheck.evaluate import CODES, Verdict, judge
from boundcheck.language import (
    EqualSizes,
    ForAll,
    L,
    Parameter,
    Relation,
    Space,
    m,
    triplet,
    w,
    x,
    z,
)
from boundcheck.theorems import KNOWN, LADDER, K, every, get

STATEMENTS = every()
ADMITTED = {
    Space.ANY_NORM: norms(),
    Space.EUCLIDEAN: st.just(2.0),
    Space.SUP_NORM: st.just(inf),
}


def batch(collections):
    return {
        c: torch.tensor(np.array(points, dtype=np.float64)[None])
        for c, points in zip((x, z, w), collections, strict=True)
    }


def free_parameters(bound):
    """The parameters whose value no premise determines."""
    determined = {premise.parameter for premise in bound.premises if isinstance(premise, ForAll)}
    return [parameter for parameter in bound.parameters() if parameter not in determined]


#: Linear, so Lipschitz with the norm of its matrix; and one that is not Lipschitz with any constant.
MATRIX = torch.tensor([[2.0, -1.0, 0.5], [0.0, 3.0, 1.0]], dtype=torch.float64)


def linear(rows):
    return torch.stack([rows[:, 0], rows[:, -1]], dim=1) @ MATRIX


def jump(rows):
    return torch.stack([rows[:, 0], torch.sign(rows[:, -1])], dim=1)


def maps(bound, function=linear):
    return dict.fromkeys(bound.maps(), function)


def least_m(points, p):
    return float(judge(STATEMENTS["chamfer"], points, p).parameters[m].value)


@st.composite
def cases(draw, bound):
    triple = draw(triples(bound, max_size=6, max_dimension=64))
    p = draw(ADMITTED[bound.space])
    points = batch(triple.collections)
    numbers = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0, 1), st.floats(0, 1e300))
    weights = {}
    for one in bound.weights():
        values = draw(
            st.lists(numbers, min_size=points[one.collection].shape[1], max_size=points[one.collection].shape[1])
        )
        values[draw(st.integers(0, len(values) - 1))] += 1.0
        weights[one] = torch.tensor([values], dtype=torch.float64)
    parameters = {}
    for parameter in bound.parameters():
        # Left out, a premise's least value is taken; given, it is the triple's own, above it, or anything.
        how = draw(st.sampled_from(["left out", "own", "above", "any"]))
        if how == "left out" and parameter not in free_parameters(bound):
            continue
        own = least_m(points, p)
        value = {"above": own + draw(st.floats(0, 4)) * abs(own), "any": draw(st.floats(-4, 4))}.get(how, own)
        parameters[parameter] = torch.tensor([value if np.isfinite(value) else 0.0], dtype=torch.float64)
    if L in parameters:
        # 20 is more than the linear map's constant in any p-norm; the others need not be.
        parameters[L] = torch.tensor([draw(st.sampled_from([20.0, 1.0, 0.0, -1.0, 5.0, 1e9]))], dtype=torch.float64)
    return points, p, parameters, weights, maps(bound, draw(st.sampled_from([linear, jump])))


@pytest.mark.parametrize("name", STATEMENTS)
def test_it_never_fails(name):
    bound = STATEMENTS[name]

    @settings(max_examples=20, suppress_health_check=list(HealthCheck))
    @given(cases(bound))
    def never_fails(case):
        points, p, parameters, weights, heads = case
        judged = judge(bound, points, p, parameters=parameters, weights=weights, maps=heads, chain=False)
        assert CODES[int(judged.conclusion.code)] is not Verdict.FAILS, judged

    never_fails()


@pytest.mark.parametrize("name", [name for name, bound in STATEMENTS.items() if bound.relation is Relation.AT_MOST])
@pytest.mark.parametrize("seed", range(3))
def test_it_is_decided_on_points_in_general_position(name, seed):
    """If everything were undecided or vacuous, the test above could not fail."""
    bound, random = STATEMENTS[name], np.random.default_rng(seed)
    sizes = [4, 4, 4] if any(isinstance(premise, EqualSizes) for premise in bound.premises) else [4, 3, 5]
    points = batch([random.normal(size=(size, 3)) + shift for size, shift in zip(sizes, (0, 0, 3), strict=True)])
    weights = {one: torch.rand(1, points[one.collection].shape[1], dtype=torch.float64) for one in bound.weights()}
    for p in (1.0, 2.0, 3.0, inf):
        if bound.space.admits(p):
            own = torch.tensor([least_m(points, p)], dtype=torch.float64)
            given = dict.fromkeys(free_parameters(bound), own)
            given |= {L: torch.tensor([20.0], dtype=torch.float64)} if L in given else {}
            judged = judge(bound, points, p, parameters=given, weights=weights, maps=maps(bound), chain=False)
            assert CODES[int(judged.conclusion.code)] is Verdict.HOLDS


# ------------------------------------------------------------------------------------------------------------ sharpness

ON_THE_LINE = ([[0.0]], [[2.0]], [[1.0]])
ONE_EACH = ([[1.0, 2.0]], [[1.5, 2.5]], [[-3.0, 4.0]])
UNIT = np.eye(5)
#: By statement, collections on which both sides are equal, and their value where the statement gives it.
SHARP = {
    "karimov": (ON_THE_LINE, 2.0),
    "karimov-any-sizes": (ON_THE_LINE, 2.0),
    "transport": (([[0.0, 1.0], [2.0, 5.0]], [[3.0, 1.0], [5.0, 5.0]], [[0.0, 0.0]]), 3.0),
    "chamfer": (ON_THE_LINE, 2.0),
    "hull": (ON_THE_LINE, 2.0),
    "hausdorff": (ON_THE_LINE, 2.0),
    "variance": (([[1.0, 0.0], [-1.0, 0.0]], [[0.0, 1.0]], [[0.0, -1.0]]), 1.0),
    "two-sided": (
        ([[1.0, 0.0, 0.0], [-1.0, 0.0, 0.0]], [[0.0, 1.0, 1.0], [0.0, -1.0, 1.0]], [[0.0, 0.0, 2.0**0.5]]),
        1.0,
    ),
    "separation": (ONE_EACH, 20.0),
    "margin": (ONE_EACH, 20.0**0.5),
    "spread": (ONE_EACH, 20.0**0.5),
    "hulls": (ONE_EACH, 20.0**0.5),
    "group": (ONE_EACH, 19.5),
    "sum": (ON_THE_LINE, 2.0),
    "coordinate-max": (ON_THE_LINE, 2.0),
    "coordinate-min": (ON_THE_LINE, 2.0),
    "coordinate-median": (ON_THE_LINE, 2.0),
    "coordinate-max-euclidean": ((UNIT[:1] * 0, UNIT, UNIT[:1]), 5**0.5),
    "coordinate-min-euclidean": ((UNIT[:1] * 0, -UNIT, UNIT[:1]), 5**0.5),
    "farthest": (ON_THE_LINE, 2.0),
    "lipschitz-head": (ON_THE_LINE, 6.0),
}


def test_every_claim_of_sharpness_has_its_example():
    assert set(SHARP) == {name for name, bound in KNOWN.items() if bound.sharpness}


@pytest.mark.parametrize("name", SHARP)
def test_both_sides_are_equal_on_the_example(name):
    bound, (collections, value) = get(name), SHARP[name]
    p = inf if bound.space is Space.SUP_NORM else 2.0
    points = batch(collections)
    weights = {one: torch.ones(1, points[one.collection].shape[1], dtype=torch.float64) for one in bound.weights()}
    given = {L: torch.tensor([3.0], dtype=torch.float64)} if L in bound.parameters() else {}
    heads = maps(bound, lambda rows: 3 * rows)
    sides = judge(bound, points, p, parameters=given, weights=weights, maps=heads).conclusion
    for side, error in ((sides.lhs, sides.lhs_error), (sides.rhs, sides.rhs_error)):
        assert abs(float(side) - value) < 1e-12
        assert float(error) < 1e-10
    assert CODES[int(sides.code)] in (Verdict.HOLDS, Verdict.UNDECIDED)


@pytest.mark.parametrize(("name", "least"), [("variance", 0.0), ("two-sided", 0.0), ("chamfer", 1.0)])
def test_the_examples_have_the_m_that_they_say(name, least):
    assert float(judge(get(name), batch(SHARP[name][0])).parameters[m].value) == pytest.approx(least, abs=1e-12)


# ------------------------------------------------------------------------------------------------------------ the order


def test_the_ladder_joins():
    """U5 ≤ U4 ≤ U2², and U2 ≤ U3 ≤ m + max d ≤ K: each right side is the next one's left side."""
    first, second, third, fourth, last, _ = LADDER
    assert (first.lhs, first.rhs) == (get("two-sided").rhs, get("variance").rhs)
    assert (second.lhs, second.rhs) == (get("variance").rhs, get("chamfer").rhs ** 2)
    assert (third.lhs, third.rhs) == (get("chamfer").rhs, get("hausdorff").rhs)
    assert (fourth.lhs, fourth.rhs) == (get("hausdorff").rhs, K.chain[-1].lhs)
    assert last == K.chain[-1]
    assert last.rhs == K.rhs


def test_m_plus_the_largest_distance_is_the_rung_below_theorem_k():
    farthest_first = get("farthest")
    assert farthest_first.lhs == K.lhs
    assert farthest_first.rhs == get("hausdorff-below-farthest").rhs == get("karimov-5-twice").lhs
    assert farthest_first.premises == (triplet(m),)


def test_names_are_their_keys():
    for name, bound in STATEMENTS.items():
        assert bound.name == name
        assert bound.title
        assert bound.citation
    assert set(KNOWN) < set(STATEMENTS)


def test_u5_takes_each_sides_own_m():
    back = Parameter("m′")
    assert get("two-sided").premises == (triplet(m), triplet(back, anchors=z, positives=x))
    points = batch(([[0.0], [1.0]], [[3.0]], [[10.0], [0.5]]))
    judged = judge(get("two-sided"), points)
    assert float(judged.parameters[m].value) == pytest.approx(2.5)
    assert float(judged.parameters[back].value) == pytest.approx(0.5)
