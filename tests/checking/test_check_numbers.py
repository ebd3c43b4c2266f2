"""Numbers at the door: whatever type a norm is, and what lies beyond float64."""

import json
from fractions import Fraction

import numpy as np
import pytest
import torch

from boundcheck import Bound, Verdict, check_bound, falsify, scan
from boundcheck.data import LabelledPoints
from boundcheck.errors import InvalidTypeError, NonFiniteError, NormError, ParameterError
from boundcheck.evaluate import judge, plan
from boundcheck.language import w, x, z
from boundcheck.scanning import check_triples
from boundcheck.scanning.sampled import scan_sample
from boundcheck.theorems import K, get

TIE = np.array([[0.0, 0.0], [2.0, 0.0], [1.0, 0.0]])
NORMS = [1, 2, 3, 4, np.int64(3), np.float32(1.5), np.array(3), torch.tensor(3), Fraction(7, 2)]


@pytest.mark.parametrize("norm", NORMS, ids=repr)
def test_a_norm_of_any_type_is_the_float_that_it_is(norm):
    expected = check_bound(None, TIE[:1], TIE[1:2], TIE[2:], bound="chamfer", norm=float(norm))
    assert check_bound(None, TIE[:1], TIE[1:2], TIE[2:], bound="chamfer", norm=norm).to_dict() == expected.to_dict()
    found = scan(TIE, [0, 0, 1], [0, 1, 2], ["chamfer"], norm=norm)
    assert (found.verdict, found.norm, type(found.norm)) == (expected.verdict, float(norm), float)
    drawn = scan_sample(TIE, [0, 0, 1], [0, 1, 2], ["chamfer"], sample=3, norm=norm)
    assert (drawn.verdict, drawn.norm) == (expected.verdict, float(norm))
    labelled = LabelledPoints.from_labels(TIE, np.arange(3), np.array([0, 0, 1]))
    each = check_triples(get("chamfer"), labelled, np.array([[0, 1, 2]]), norm=norm)
    assert each.verdict is expected.verdict
    points = {one: torch.from_numpy(TIE[k : k + 1]).unsqueeze(0) for k, one in enumerate((x, z, w))}
    assert int(judge(K, points, norm).conclusion.code) == 0
    assert type(plan(K, p=norm).p) is float


def test_no_norm_says_what_one_is():
    labelled = LabelledPoints.from_labels(TIE, np.arange(3), np.array([0, 0, 1]))
    for norm, error in ((True, InvalidTypeError), ("2", InvalidTypeError), (0.5, NormError), (10**400, ParameterError)):
        with pytest.raises(error, match="norm: expected"):
            scan(TIE, [0, 0, 1], [0, 1, 2], ["chamfer"], norm=norm)
        with pytest.raises(error, match="norm: expected"):
            scan_sample(TIE, [0, 0, 1], [0, 1, 2], ["chamfer"], sample=1, norm=norm)
        with pytest.raises(error, match="norm: expected"):
            check_triples(K, labelled, np.array([[0, 1, 2]]), norm=norm)
        with pytest.raises(error, match="norm: expected"):
            check_bound(None, TIE[:1], TIE[1:2], TIE[2:], norm=norm)


def test_a_search_takes_a_whole_norm():
    wrong = Bound(name="wrong", premises=[], lhs=get("karimov").lhs, rhs=get("karimov").lhs * 0)
    assert falsify(wrong, norms=[3], seconds=5, max_size=1, max_dimension=1).norm == 3.0


@pytest.mark.parametrize("size", [1e160, -3e170])
def test_a_bound_whose_square_overflows_says_so_and_the_others_stand(size):
    ladder = check_bound(None, [[0.0]], [[size]], [[2 * size]], bound="all")
    reasons = {name: why for name, why in ladder.excluded.items() if "cannot be evaluated in float64" in why}
    assert {"variance", "two-sided"} <= reasons.keys()
    assert "a side of the conclusion that is inf" in reasons["variance"]
    assert ladder.verdict is Verdict.HOLDS
    assert float(ladder["karimov"].report.lhs) == abs(size)
    assert json.loads(ladder.to_json())["excluded"]["variance"] == reasons["variance"]
    assert "cannot be evaluated in float64" in str(ladder)


def test_where_every_bound_overflows_there_is_no_ladder():
    with pytest.raises(NonFiniteError, match="scale the embedding down"):
        check_bound(None, [[-1.5e308]], [[1.5e308]], [[1e308]], bound="all")


@pytest.mark.parametrize("scale", [1e-160, 1e-200, 1e-300])
def test_a_bound_whose_square_underflows_still_says_what_it_does_of_the_distance(scale):
    rows = np.random.default_rng(0).normal(size=(3, 3, 2))
    plain, tiny = (check_bound(None, *(factor * rows), bound="all") for factor in (1.0, scale))
    squares = [rung for rung in tiny.rungs if rung.squared]
    assert len(squares) >= 3
    for rung in squares:
        other = plain[rung.report.bound.name]
        assert float(rung.value) == pytest.approx(float(other.value) * scale, rel=1e-9, abs=0)
        assert rung.value.error <= 1e-9 * float(rung.value)
        assert float(rung.tightness) == pytest.approx(float(other.tightness), rel=1e-9, abs=0)
        assert rung.tightness.error <= 1e-9 * float(rung.tightness)
