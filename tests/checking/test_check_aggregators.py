"""``check_bound`` for other representations than the centroid, and for every bound at once."""

import html
import json
from math import inf

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings

from boundcheck import Enclosed, K, Ladder, Verdict, check_bound
from boundcheck.adversary import triples
from boundcheck.checking import AGGREGATORS, choose_bound
from boundcheck.errors import (
    InvalidTypeError,
    InvalidValueError,
    NonFiniteError,
    NormError,
    ParameterError,
    UnequalSizesError,
)
from boundcheck.evaluate.pooling import POOLINGS
from boundcheck.language import Bound, farthest, m, w, x
from boundcheck.scanning import LabelledPoints, check_triples, sample_triples
from boundcheck.theorems import K_ANY_SIZES, KNOWN, get


def points(*sizes, dimension=3, seed=0, shift=3.0):
    random = np.random.default_rng(seed)
    return [random.normal(size=(size, dimension)) + (shift if role == 2 else 0) for role, size in enumerate(sizes)]


def squares(rows):
    return rows[:, 0] ** 2


# ----------------------------------------------------------------------------------------------------------- aggregators

ORACLES = {
    "mean": lambda rows: rows.mean(axis=0),
    "sum": lambda rows: rows.sum(axis=0),
    "max": lambda rows: rows.max(axis=0),
    "min": lambda rows: rows.min(axis=0),
    "median": lambda rows: np.median(rows, axis=0),
    "normalised mean": lambda rows: rows.mean(axis=0) / np.linalg.norm(rows.mean(axis=0)),
    "medoid": lambda rows: rows[np.linalg.norm(rows[:, None] - rows[None], axis=-1).sum(axis=1).argmin()],
}


@pytest.mark.parametrize("aggregator", ORACLES)
def test_the_left_side_is_the_distance_of_the_representations(aggregator):
    collections = points(5, 5, 5)
    a, b, _ = map(ORACLES[aggregator], collections)
    report = check_bound(None, *collections, aggregator=aggregator)
    assert float(report.lhs) == pytest.approx(np.linalg.norm(a - b), rel=1e-12)
    assert report.verdict is Verdict.HOLDS
    assert report.aggregator == aggregator


@pytest.mark.parametrize("aggregator", [*POOLINGS, squares, {"G1": [1, 2, 0, 1], "G2": [0, 0, 5], "G3": [1]}])
def test_weighted_means_of_collections_of_any_sizes(aggregator):
    report = check_bound(None, *points(4, 3, 6), aggregator=aggregator)
    assert report.bound is get("hull")
    assert report.verdict is Verdict.HOLDS
    assert report.aggregator == (
        "squares" if aggregator is squares else aggregator if isinstance(aggregator, str) else "weighted mean"
    )


def test_a_function_is_as_good_as_its_weights():
    collections = points(4, 3, 6)
    as_weights = {f"G{role}": squares(rows) for role, rows in enumerate(collections, 1)}
    by_symbol = {"a": as_weights["G1"], "b": as_weights["G2"]}
    whole, mapped = (check_bound(None, *collections, aggregator=one) for one in (squares, as_weights))
    spoken = check_bound(None, *collections, bound="hull", weights=by_symbol)
    assert float(whole.lhs) == float(mapped.lhs) == float(spoken.lhs)
    assert float(whole.rhs) == float(mapped.rhs) == float(spoken.rhs)


def test_a_function_cannot_change_the_points():
    collections = points(4, 3, 6)

    def spoil(rows):
        rows[:] = 0
        return np.ones(len(rows))

    equal = check_bound(None, *collections, aggregator=lambda rows: np.ones(len(rows)))
    assert float(check_bound(None, *collections, aggregator=spoil).lhs) == float(equal.lhs)


def test_the_mean_is_a_weighted_mean():
    collections = points(4, 3, 6)
    as_hull, plain = (check_bound(None, *collections, bound=bound, aggregator="mean") for bound in ("hull", "chamfer"))
    assert float(as_hull.lhs) == pytest.approx(float(plain.lhs))
    assert float(as_hull.rhs) == pytest.approx(float(plain.rhs))


def test_left_out_both_are_theorem_k_and_the_mean():
    report = check_bound(None, *points(4, 4, 4))
    assert (report.bound, report.aggregator) == (K, "mean")
    assert choose_bound(None, True) is K
    assert choose_bound(None, False) is K_ANY_SIZES


def test_a_bound_brings_its_own_aggregator():
    assert check_bound(None, *points(3, 3, 3), bound="sum").aggregator == "sum"
    own = Bound("own", lhs=m, rhs=farthest(x, w))
    assert check_bound(None, *points(3, 3, 3), bound=own, m=1.0).aggregator is None


def test_the_norm_decides_which_coordinate_wise_bound():
    assert check_bound(None, *points(3, 4, 5), aggregator="max", norm=inf).bound.name == "coordinate-max"
    assert check_bound(None, *points(3, 4, 5), aggregator="max").bound.name == "coordinate-max-euclidean"
    with pytest.raises(NormError, match="p = inf or 2 for the coordinate-wise max, got p = 3"):
        check_bound(None, *points(3, 4, 5), aggregator="max", norm=3)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"aggregator": "mode"},
            InvalidValueError,
            "aggregator: expected one of mean, sum, max, .*attention, got 'mode'",
        ),
        ({"aggregator": 3}, InvalidTypeError, "aggregator: expected a name, a mapping to weights or a function"),
        (
            {"aggregator": "sum", "bound": "karimov"},
            InvalidValueError,
            "'mean', which bound 'karimov' is about, got 'sum'",
        ),
        (
            {"aggregator": "medoid", "bound": K},
            InvalidValueError,
            "'mean', which bound 'karimov' is about, got 'medoid'",
        ),
        ({"aggregator": "sum", "bound": "hull"}, InvalidValueError, "weights, which bound 'hull' is about"),
        (
            {"aggregator": "mean", "bound": "chamfer-below-hausdorff"},
            InvalidValueError,
            "None, since bound 'chamfer-below-hausdorff' is about no aggregator alone",
        ),
        (
            {"aggregator": "mean", "bound": "variance", "norm": 1},
            NormError,
            "one of Euclidean space for bound 'variance'",
        ),
        (
            {"aggregator": {"G1": [1, 1, 1]}},
            ParameterError,
            r"aggregator\['G2'\]: expected weights of the points of G2, got none",
        ),
        (
            {"aggregator": {"G1": [1, 1], "G2": [1] * 3}},
            ParameterError,
            r"aggregator\['G1'\]: expected shape \(3,\) like G1",
        ),
        (
            {"aggregator": lambda rows: -np.ones(len(rows))},
            ParameterError,
            r"aggregator\(G1\): expected finite numbers in",
        ),
        ({"aggregator": lambda rows: np.zeros(len(rows))}, ParameterError, "not all 0"),
        ({"aggregator": lambda rows: rows[:, 0] * np.nan}, ParameterError, "finite numbers"),
        ({"aggregator": lambda rows: "many"}, InvalidTypeError, r"aggregator\(G1\): expected real numbers"),
        (
            {"aggregator": "medoid", "weights": {"a": [1] * 3, "b": [1] * 3}},
            ParameterError,
            "None beside an aggregator",
        ),
        ({"bound": "hull"}, ParameterError, "or an aggregator"),
        ({"bound": "all", "weights": {"a": [1] * 3}}, ParameterError, "None for bound='all'"),
        ({"bound": "all", "aggregator": "mode"}, InvalidValueError, "aggregator: expected one of mean"),
        ({"bound": "all", "m": np.nan}, ParameterError, "m: expected a finite number"),
    ],
)
def test_what_does_not_go_together_says_why(options, error, message):
    with pytest.raises(error, match=message):
        check_bound(None, *points(3, 3, 3), **options)


def test_sums_of_different_sizes_are_refused():
    with pytest.raises(UnequalSizesError, match="G2: expected 3 objects like G1, got 2"):
        check_bound(None, *points(3, 2, 3), aggregator="sum")


def test_a_mean_at_the_origin_has_no_direction():
    with pytest.raises(NonFiniteError, match="divides by nothing that is 0"):
        check_bound(None, [[-1.0], [1.0]], [[2.0], [3.0]], [[5.0]], aggregator="normalised mean")


def test_reports_name_the_aggregator_where_it_is_not_the_mean():
    report = check_bound(None, *points(3, 3, 3), aggregator="medoid")
    assert "hull · medoid · G1: 3" in str(report)
    assert "medoid" in report._repr_html_()
    assert report.to_dict()["aggregator"] == "medoid"
    assert "mean ·" not in str(check_bound(None, *points(3, 3, 3)))


@pytest.mark.parametrize("aggregator", AGGREGATORS)
@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(triple=triples(max_size=5, max_dimension=16))
def test_no_aggregator_fails_on_adversarial_points(aggregator, triple):
    try:
        ladder = check_bound(None, *triple.collections, bound="all", aggregator=aggregator)
    except NonFiniteError:
        return
    assert ladder.verdict is not Verdict.FAILS, str(ladder)


def test_many_triples_are_pooled_as_one_is():
    random = np.random.default_rng(4)
    collection = np.repeat(np.arange(6), [3, 4, 3, 4, 5, 3])
    labelled = LabelledPoints.from_labels(random.normal(size=(22, 2)), collection, collection // 2)
    drawn = sample_triples(labelled, 12)
    calls = []

    def pooled(weights, rows):
        calls.append(weights)
        return POOLINGS["attention"](rows, 2.0)

    scan = check_triples(get("hull"), labelled, drawn, weights=pooled)
    for row, triple in enumerate(drawn):
        report = check_bound(None, *(labelled.points[labelled.members[one]] for one in triple), aggregator="attention")
        assert scan.lhs[row] == pytest.approx(float(report.lhs), rel=1e-13)
        assert scan.rhs[row] == pytest.approx(float(report.rhs), rel=1e-13)
    # Each collection once in each role.
    assert len(calls) == len(set(drawn[:, 0])) + len(set(drawn[:, 1]))


# ------------------------------------------------------------------------------------------------------------ the ladder


@pytest.fixture(scope="module")
def ladder() -> Ladder:
    return check_bound(None, *points(5, 5, 5), bound="all")


def test_every_known_bound_is_checked_or_excluded_with_a_reason(ladder):
    checked = [rung.report.bound.name for rung in ladder.rungs]
    assert len(set(checked)) == len(checked)
    assert {*checked, *ladder.excluded} == set(KNOWN) - {"centroid-identity"}
    assert not set(checked) & set(ladder.excluded)
    assert all(ladder.excluded.values())


def test_each_rung_is_what_a_check_of_its_own_finds(ladder):
    for rung in ladder.rungs:
        name = rung.report.bound.name
        own = check_bound(None, *points(5, 5, 5), bound=name, aggregator="mean")
        assert own.to_dict() == rung.report.to_dict()


def test_upper_bounds_come_sharpest_first_in_the_units_of_distances(ladder):
    values = [float(rung.value) for rung in ladder.upper]
    assert values == sorted(values)
    assert {rung.report.bound.name for rung in ladder.upper} == {
        "transport", "chamfer", "hausdorff", "farthest", "variance", "two-sided", "karimov",
    }  # fmt: skip
    for rung in ladder.upper:
        assert rung.squared == (rung.report.bound.name in ("variance", "two-sided"))
        assert float(rung.value) == pytest.approx(float(rung.report.rhs) ** (0.5 if rung.squared else 1))
        assert float(rung.tightness) == pytest.approx(float(ladder.distance) / float(rung.value))
    order = [rung.report.bound.name for rung in ladder.upper if rung.report.bound.name != "transport"]
    assert order == ["two-sided", "variance", "chamfer", "hausdorff", "farthest", "karimov"]


def test_of_two_that_are_equal_the_one_that_is_never_blunter_comes_first():
    found = check_bound(None, [[0.0], [1.0]], [[1.0], [2.0]], [[4.0], [5.0]], bound="all")
    names = [rung.report.bound.name for rung in found.upper]
    assert float(found["variance"].value) == pytest.approx(float(found["chamfer"].value), rel=1e-14)
    assert names == ["transport", "two-sided", "variance", "chamfer", "hausdorff", "farthest", "karimov"]
    one = check_bound(None, [[0.0]], [[2.0]], [[1.0]], bound="all")
    sharpest = [rung.report.bound.name for rung in one.upper][:5]
    assert sharpest == ["two-sided", "variance", "chamfer", "hausdorff", "farthest"]


def test_lower_bounds_come_sharpest_first_and_the_difference_last(ladder):
    *distances, last = ladder.lower
    assert last.report.bound.name == "group"
    values = [float(rung.value) for rung in distances]
    assert values == sorted(values, reverse=True)
    assert {rung.report.bound.name for rung in distances} == {"hulls", "separation", "spread", "margin"}


def test_enclosures_of_roots_hold_the_roots(ladder):
    for rung in ladder.rungs:
        if rung.squared:
            side = rung.report.rhs if rung in ladder.upper else rung.report.lhs
            assert rung.value.lower**2 <= side.upper * (1 + 1e-15)
            assert rung.value.upper**2 >= side.lower * (1 - 1e-15)
            assert rung.value.error < 1e-12


def test_a_lower_bound_on_a_square_that_is_below_0_says_0():
    found = check_bound(None, *points(5, 5, 5, shift=0.0), bound="all")
    separation = found["separation"]
    assert float(separation.report.lhs) < 0
    assert float(separation.value) == 0.0


def test_another_norm_leaves_what_holds_in_any():
    found = check_bound(None, *points(5, 4, 6), bound="all", norm=1)
    assert {rung.report.bound.name for rung in found.rungs} == {
        "transport", "chamfer", "hausdorff", "farthest", "karimov-any-sizes", "spread",
    }  # fmt: skip
    assert found.excluded["variance"] == "holds in Euclidean space only"
    assert found.excluded["karimov"] == "needs equal sizes: n = p = q"
    assert found.excluded["sum"] == "about the sum"


def test_the_ladder_of_another_aggregator():
    found = check_bound(None, *points(5, 4, 6), bound="all", aggregator="medoid")
    assert [rung.report.bound.name for rung in found.upper] == ["hull", "hausdorff"]
    assert [rung.report.bound.name for rung in found.lower] == ["hulls"]
    assert found.excluded["karimov"] == "about the mean"
    assert found.aggregator == "medoid"
    coordinates = check_bound(None, *points(5, 4, 6), bound="all", aggregator="max", norm=inf)
    assert [rung.report.bound.name for rung in coordinates.rungs] == ["coordinate-max"]


def test_m_given_counts_for_every_bound_that_has_one():
    found = check_bound(None, *points(5, 5, 5), bound="all", m=2.0)
    for rung in found.rungs:
        assert rung.report.m is None or float(rung.report.m) == 2.0
    assert found.verdict is Verdict.HOLDS
    # What needs no m is left to hold.
    without = check_bound(None, *points(5, 5, 5), bound="all", m=-2.6)
    assert without.verdict is Verdict.HOLDS
    assert without
    assert without["transport"].report.verdict is Verdict.HOLDS
    assert without["chamfer"].report.verdict is Verdict.VACUOUS
    assert any("m = -2.6 is not reached" in note for note in without.notes)


def test_the_verdict_is_the_worst_of_what_applies():
    """One point each, where m is 1: with less, what needs no m holds all the same, and the rest is left out."""
    found = check_bound(None, [[0.0]], [[2.0]], [[1.0]], bound="all", m=0.5)
    assert found["transport"].report.verdict is Verdict.HOLDS
    assert found["chamfer"].report.verdict is Verdict.VACUOUS
    assert found.verdict is Verdict.HOLDS
    assert check_bound(None, *points(5, 5, 5), bound="all").verdict is Verdict.HOLDS


def test_an_embedding_is_called_as_for_one_bound():
    found = check_bound(torch.nn.Identity(), *points(4, 4, 4), bound="all")
    assert found.verdict is Verdict.HOLDS


def test_a_ladder_as_text_html_and_json(ladder):
    text = str(ladder)
    assert text.startswith("holds  7 upper and 5 lower bounds\nmean · G1: 5, G2: 5, G3: 5 objects · 3 dimensions")
    for rung in ladder.rungs:
        assert rung.report.bound.name in text
        assert rung.report.bound.title in html.unescape(ladder._repr_html_())
    assert "not here: coordinate-max, coordinate-max-euclidean (about the max)" in text
    assert "not here: sum (about the sum)" in ladder._repr_html_()
    assert "<script" not in ladder._repr_html_()
    known = json.loads(ladder.to_json(), parse_constant=pytest.fail)
    assert known == ladder.to_dict()
    assert known["verdict"] == "holds"
    assert [row["bound"] for row in known["upper"]] == [rung.report.bound.name for rung in ladder.upper]
    assert known["upper"][0]["value"]["value"] == float(ladder.upper[0].value)
    assert known["excluded"]["sum"] == "about the sum"
    assert json.loads(check_bound(None, *points(3, 3, 3), bound="all", norm=inf).to_json())["norm"] == "inf"


def test_rungs_by_name(ladder):
    assert ladder["karimov"] is ladder.upper[-1]
    assert isinstance(ladder["karimov"].value, Enclosed)
    with pytest.raises(KeyError):
        ladder["sum"]
    assert list(ladder) == [rung.report.bound.name for rung in ladder.rungs]
    assert [ladder[name] for name in ladder] == list(ladder.rungs)
    assert len(ladder) == len(ladder.rungs)
    assert "karimov" in ladder
    assert "sum" not in ladder
