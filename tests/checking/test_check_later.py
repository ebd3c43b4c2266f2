"""What of a report is found when it is first looked at: the chain, the premises with their witnesses, the tightness."""

import copy
import pickle
from dataclasses import replace

import numpy as np
import pytest
import torch

from boundcheck import check_bound
from boundcheck.checking.reporting import are_small
from boundcheck.language import x, z
from boundcheck.report.result import Report
from boundcheck.theorems import K, get


def points(seed=0, n=5, d=4):
    random = np.random.default_rng(seed)
    return [random.normal(size=(n, d)) for _ in range(3)]


def is_open(report):
    return "chain" not in report.__dict__


def test_it_is_judged_once_when_it_is_looked_at():
    report = check_bound(None, *points())
    assert is_open(report)
    assert isinstance(report, Report)
    chain = report.chain
    assert [link.name for link in chain] == [link.name for link in K.chain]
    assert [str(link.ground) for link in chain][:2] == ["equal, decided exactly", ""]
    assert report.chain is chain
    assert repr(report)
    assert type(report) is Report


def test_what_it_says_is_what_it_would_have_said_at_once(monkeypatch):
    later = check_bound(None, *points())
    monkeypatch.setattr("boundcheck.checking.reporting.are_small", lambda batch: False)
    at_once = check_bound(None, *points())
    assert not is_open(at_once)
    assert later.to_json() == at_once.to_json()
    assert str(later) == str(at_once)
    assert later == at_once


def test_hints_are_among_what_is_found_later(monkeypatch):
    report = check_bound(None, *points(), m=-0.5)
    assert "notes" not in report.__dict__
    monkeypatch.setattr("boundcheck.checking.reporting.are_small", lambda batch: False)
    at_once = check_bound(None, *points(), m=-0.5)
    assert report.notes == at_once.notes
    assert "m = -0.5 is not reached here" in report.notes[0]
    assert report.premises == at_once.premises
    assert report.tightness == at_once.tightness


def test_points_that_change_afterwards_change_nothing():
    given = points()
    expected = check_bound(None, *points()).chain
    report = check_bound(None, *given)
    for rows in given:
        rows[:] = 0
    assert report.chain == expected


def test_weights_that_change_afterwards_change_nothing():
    bound = get("hull")
    if not bound.chain:
        bound = replace(bound, chain=(replace(bound, name="hull-whole"),))
    weights = {one.symbol: torch.arange(1.0, 6.0, dtype=torch.float64) for one in bound.weights()}
    report = check_bound(None, *points(), bound=bound, weights=weights)
    assert is_open(report)
    expected = check_bound(
        None, *points(), bound=bound, weights={symbol: values.clone() for symbol, values in weights.items()}
    ).chain
    for values in weights.values():
        values[:] = 1
    assert report.chain == expected


@pytest.mark.parametrize("use", [copy.copy, copy.deepcopy, lambda report: pickle.loads(pickle.dumps(report))])
def test_a_copy_has_it_too(use):
    report = check_bound(None, *points())
    again = use(report)
    assert not is_open(again)
    assert again == report
    assert again.chain == report.chain


def test_reports_compare_and_show_themselves_as_a_whole():
    one, same, other = (check_bound(None, *points(seed)) for seed in (0, 0, 1))
    assert one == same
    assert check_bound(None, *points()) == one
    assert one != other
    assert repr(check_bound(None, *points())) == repr(one)
    assert repr(one).startswith("<Report karimov: holds, left side ")
    assert replace(check_bound(None, *points()), norm=3.0).chain == one.chain
    with pytest.raises(TypeError):
        hash(check_bound(None, *points()))
    with pytest.raises(AttributeError, match="chains"):
        check_bound(None, *points()).chains  # noqa: B018


def test_a_bound_without_a_chain_and_a_head_leave_no_chain_for_later():
    assert check_bound(None, *points(), bound="farthest").chain == ()
    assert not is_open(check_bound(None, *points(), bound="farthest"))
    assert not is_open(check_bound(None, *points(), head=lambda rows: rows / 2, lipschitz=1))


def test_what_is_judged_later():
    rows = torch.ones(1, 3, 4, dtype=torch.float64)
    assert are_small({x: rows, z: rows})
    assert not are_small({x: rows, z: rows.clone().requires_grad_()})
    assert not are_small({x: rows, z: rows.repeat(1, 20_000, 1)})
