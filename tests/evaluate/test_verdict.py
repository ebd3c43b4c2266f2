"""One order of verdicts: what is said of several statements together is the worst of what is said of each."""

import itertools
import json
import random

import numpy as np
import pytest

from boundcheck import check_bound
from boundcheck.evaluate import CODES, Verdict
from boundcheck.language import m
from boundcheck.report.ladder import Ladder
from boundcheck.scanning import LabelledPoints, check_triples, sample_triples, scan
from boundcheck.scanning.page import _headline
from boundcheck.scanning.sampled import scan_sample
from boundcheck.theorems.upper import CHAMFER

ORDER = [Verdict.FAILS, Verdict.UNDECIDED, Verdict.VACUOUS, Verdict.ASSUMED, Verdict.HOLDS]


def test_the_order_is_total_and_of_every_verdict():
    assert sorted(ORDER, key=CODES.index) == list(CODES)
    for worse, better in itertools.combinations(ORDER, 2):
        assert Verdict.worst([better, worse, better]) is worse
        assert Verdict.worst({worse, better}) is worse


def test_it_is_that_of_any_order_and_number():
    drawn = random.Random(0)
    for _ in range(200):
        verdicts = drawn.choices(ORDER, k=drawn.randrange(1, 6))
        assert Verdict.worst(iter(verdicts)) is ORDER[min(map(ORDER.index, verdicts))]


def test_of_nothing_nothing_is_said():
    assert Verdict.worst([]) is Verdict.VACUOUS


@pytest.fixture(scope="module")
def labelled():
    points = np.random.default_rng(0).normal(size=(24, 3))
    return LabelledPoints.from_labels(points, np.arange(24) // 3, np.arange(24) // 12)


@pytest.fixture(scope="module")
def between(labelled):
    """A value of m that the least one is above on some triples."""
    found = scan(labelled, bounds=["chamfer"])
    return found.summary.parameters["m"].values.quantile(0.5)[0]


def test_what_is_vacuous_somewhere_does_not_hold(labelled, between):
    every = scan(labelled, bounds=["chamfer"], parameters={m: between})
    counts = every.summary.bounds["chamfer"].counts
    assert counts[Verdict.HOLDS]
    assert counts[Verdict.VACUOUS]
    assert not counts[Verdict.FAILS]
    assert every.verdict is every.summary.bounds["chamfer"].verdict is Verdict.VACUOUS
    assert _headline(every.summary)[0] is Verdict.VACUOUS
    beside = scan(labelled, bounds=["chamfer", "transport"], parameters={m: between})
    assert beside.summary.bounds["transport"].verdict is Verdict.HOLDS
    assert beside.verdict is Verdict.VACUOUS
    drawn = scan_sample(labelled, bounds=["chamfer"], parameters={m: between}, sample=200)
    assert drawn.verdict is drawn.bounds["chamfer"].verdict is Verdict.VACUOUS
    some = check_triples(CHAMFER, labelled, sample_triples(labelled, 200), parameters={m: between}, chain=False)
    assert some.verdict is Verdict.VACUOUS


def test_a_ladder_is_of_the_bounds_that_apply():
    points = np.random.default_rng(1).normal(size=(3, 5, 3))
    found = check_bound(None, *points, bound="all", m=-2.6)
    verdicts = [rung.report.verdict for rung in found.rungs]
    assert {Verdict.HOLDS, Verdict.VACUOUS} == set(verdicts)
    assert found.verdict is Verdict.HOLDS
    assert found
    assert str(found).startswith(f"holds  {len(found.upper)} upper and {len(found.lower)} lower bounds, ")
    assert f"{verdicts.count(Verdict.VACUOUS)} of them vacuous" in str(found)
    assert f"{verdicts.count(Verdict.VACUOUS)} of them vacuous" in found._repr_html_()
    alone = Ladder(
        "mean", tuple(rung for rung in found.upper if rung.report.verdict is Verdict.VACUOUS), (), {}, {}, 3, 2
    )
    assert alone.verdict is Verdict.VACUOUS
    assert not alone


@pytest.mark.parametrize("verdict", Verdict)
def test_it_is_its_name(verdict):
    assert verdict == verdict.value == str(verdict) == f"{verdict}"
    assert {verdict: 1}[verdict.value] == 1
    assert json.loads(json.dumps({"verdict": verdict})) == {"verdict": verdict.value}
    assert all(verdict != other.value for other in Verdict if other is not verdict)
