"""Premises that are strict, and those that speak of no index: judged, reported, searched, scanned and printed."""

import numpy as np
import pytest

from boundcheck import check, falsify
from boundcheck.adversary.serialized import read, write
from boundcheck.errors import NonFiniteError, TermError
from boundcheck.formal.coq import coq_statement
from boundcheck.formal.witness import refutation
from boundcheck.language import (
    Below,
    Bound,
    Space,
    cos,
    distance,
    equals,
    for_all,
    i,
    j,
    mean,
    norm,
    x,
    z,
)

CHORD = Bound(
    "chord-of-any",
    equals(distance(x[i] / norm(x[i]), z[j] / norm(z[j])) ** 2, 2 - 2 * cos(x[i], z[j])),
    premises=[for_all("no x is 0", norm(x[i]) > 0), for_all("no z is 0", norm(z[j]) > 0)],
    collections=(x, z),
    space=Space.EUCLIDEAN,
)
CENTRED = Bound(
    "centred",
    norm(mean(x) - mean(z)) <= 2,
    premises=[for_all("x is within 1", norm(mean(x)) <= 1), for_all("z is nearer", norm(mean(z)) < 1)],
    collections=(x, z),
)


def verdicts(report):
    return report.verdict.value, [premise.verdict.value for premise in report.premises]


def test_a_strict_premise_is_decided_where_both_sides_are_equal():
    on_the_edge = check(CENTRED, None, x=[[1.0]], z=[[1.0]])
    assert verdicts(on_the_edge) == ("vacuous", ["holds", "fails"])
    near = check(CENTRED, None, x=[[1.0]], z=[[np.nextafter(1.0, 0)]])
    assert verdicts(near) == ("holds", ["holds", "holds"])


def test_a_report_says_what_comes_nearest_and_not_what_is_judged():
    text = str(check(CHORD, None, x=[[3.0, 4.0], [0.0, 1.0]], z=[[1.0, 0.0]]))
    assert "premise no x is 0: holds (worst at G1[1]: ‖x_i‖ = 1)" in text
    text = str(check(CENTRED, None, x=[[3.0], [1.0]], z=[[0.5]]))
    # Of no index: no place at which it is worst.
    assert "premise x is within 1: fails (‖mean_i x_i‖ = 2)" in text
    assert "premise z is nearer: holds (‖mean_j z_j‖ = 0.5)" in text


def test_what_is_undefined_where_a_premise_fails_is_refused_by_its_name():
    with pytest.raises(NonFiniteError, match=r"leave out the points at which the premise '0 < ‖x_i‖ for all i' fails"):
        check(CHORD, None, x=[[0.0, 0.0]], z=[[1.0, 0.0]])


def test_the_adversary_keeps_to_them():
    assert falsify(CHORD, seconds=0.3).verdict == "survived"
    # Nearer than 1 from 0, so nearer than 2 to one another: less is refuted by points that meet both.
    less = Bound("less", norm(mean(x) - mean(z)) <= 1, premises=CENTRED.premises, collections=(x, z))
    found = falsify(less, seconds=5)
    assert found.verdict == "refuted"
    centres = {name: np.linalg.norm(np.mean(rows, axis=0)) for name, rows in found.points.items()}
    assert centres["x"] <= 1 > centres["z"]


def test_they_are_written_and_printed_as_they_are_stated():
    assert read(write(CHORD)) == CHORD
    assert "(forall (i : 'I_n.+1), 0 < Num.sqrt (ip (x i) (x i))) ->" in str(coq_statement(CHORD))
    assert "(N (p.+1%:R^-1 *: (\\sum_(j < p.+1) z j)) < 1) ->" in str(coq_statement(CENTRED))
    with pytest.raises(TermError, match="a Below: enclosures of both sides are held against one another for ≤ alone"):
        refutation(CENTRED, 2.0, {"x": [[1]], "z": [[1]]})


def test_it_can_be_left_out():
    assert CHORD.without(Below).premises == ()
    assert CENTRED.without(CENTRED.premises[1]).premises == CENTRED.premises[:1]
