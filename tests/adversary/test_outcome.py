"""Counterexamples that leave the process: pasted, stored, drawn, checked again."""

import json
from dataclasses import replace

import pytest

from boundcheck.adversary import Refuted, falsify, replay
from boundcheck.adversary.outcome import Nearest
from boundcheck.adversary.serialized import as_python, read, write
from boundcheck.errors import FileFormatError, InvalidValueError, ParameterError
from boundcheck.evaluate import Enclosed, Ground
from boundcheck.language import Bound, ForAll, Relation, norm
from boundcheck.theorems import K, every, get
from boundcheck.theorems.false import FALSE
from boundcheck.theorems.upper import TWO_SIDED

STATEMENTS = {**every(), **{false.name: false.bound for false in FALSE}}


def stated(bound):
    return replace(bound, chain=(), title="", citation="", sharpness="", proof=None)


@pytest.fixture(scope="module")
def refuted():
    return falsify(FALSE[0].bound)


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_bound_is_read_as_it_was_written(name):
    bound = STATEMENTS[name]
    assert read(json.loads(json.dumps(write(bound)))) == stated(bound)
    names = {}
    exec("from fractions import Fraction\nfrom boundcheck.language import *", names)
    assert eval(as_python(bound), names) == stated(bound)


@pytest.mark.parametrize(
    "written",
    [
        {"Popen": {"args": "true"}},
        {"Norm": {"vector": 3}},
        {"Norm": {"length": 3}},
        {"Space": "NOWHERE"},
        {"Fraction": "1/0x"},
        {"Norm": {}, "Point": {}},
        3.5,
    ],
)
def test_what_the_language_does_not_have_is_refused(written):
    with pytest.raises(FileFormatError, match="bundle: expected"):
        read(written)


# ------------------------------------------------------------------------------------------------------------- pasted


@pytest.mark.parametrize("false", FALSE, ids=lambda false: false.name)
@pytest.mark.parametrize("named", [True, False], ids=["by name", "spelled out"])
def test_a_snippet_runs_and_fails_elsewhere(false, named):
    found = falsify(false.bound, seconds=5)
    snippet = (found if named else replace(found, reference=None)).snippet()
    exec(snippet, {})
    # At points where the statement holds, it says so.
    harmless = replace(found, points={symbol: [[0.0] * found.dimension] * size for symbol, size in found.sizes.items()})
    if false.name != "karimov-without-premise":
        with pytest.raises(AssertionError):
            exec(harmless.snippet(), {})


def test_a_snippet_gives_the_parameters_that_no_premise_determines():
    loose = TWO_SIDED.without(ForAll, name="two-sided-without-premises")
    found = falsify(loose)
    assert set(found.given) == {"m", "m′"}
    assert "parameters={" in found.snippet()
    exec(found.snippet(), {})


# ------------------------------------------------------------------------------------------------------------- stored


def test_a_bundle_is_read_as_it_was_written(refuted):
    again = Refuted.from_json(refuted.to_json())
    assert again.bound == stated(refuted.bound)
    for name in ("norm", "points", "weights", "given", "parameters", "lhs", "rhs", "ground", "seed", "reference"):
        assert getattr(again, name) == getattr(refuted, name)
    assert (again.lhs.error, again.rhs.error) == (refuted.lhs.error, refuted.rhs.error)
    assert again.to_json() == refuted.to_json()


def test_the_sup_norm_is_stored(tmp_path):
    found = falsify(FALSE[6].bound)
    found.save(tmp_path / "found.json")
    assert replay(tmp_path / "found.json").refuted.norm == float("inf")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda bundle: "not JSON", "JSON"),
        (lambda bundle: "[]", "a boundcheck counterexample"),
        (lambda bundle: json.dumps({**bundle, "format": "other"}), "a boundcheck counterexample"),
        (lambda bundle: json.dumps({**bundle, "version": 2}), "version 1"),
        (lambda bundle: json.dumps({key: bundle[key] for key in bundle if key != "points"}), "none of points"),
        (lambda bundle: json.dumps({**bundle, "points": {"x": [[0]]}}), "those of 'z'"),
        (lambda bundle: json.dumps({**bundle, "points": {**bundle["points"], "x": [0]}}), "points of x as a list"),
        (lambda bundle: json.dumps({**bundle, "lhs": None}), "lhs as a list"),
        (lambda bundle: json.dumps({**bundle, "bound": {"terms": {"System": {}}, "reference": None}}), "a term of"),
    ],
)
def test_what_is_no_bundle_is_refused(refuted, change, message):
    with pytest.raises(FileFormatError, match=message):
        Refuted.from_json(change(json.loads(refuted.to_json())))


# -------------------------------------------------------------------------------------------------------------- again


def test_a_counterexample_still_fails(refuted, tmp_path):
    refuted.save(tmp_path / "found.json")
    again = replay(tmp_path / "found.json")
    assert (again.status, again.changed, again.verdict.value) == ("still fails", False, "fails")


def test_points_at_which_the_statement_holds_no_longer_fail(refuted):
    harmless = replace(refuted, points={"x": [[0.0]], "z": [[1.0]], "w": [[5.0]]})
    assert replay(harmless).status == "no longer fails"


def test_a_statement_that_has_changed_is_noticed(refuted):
    again = replay(refuted, bound=K)
    assert (again.status, again.changed) == ("the statement has changed", True)
    assert "it was: " in str(again)


def test_a_statement_that_says_nothing_of_the_points_any_more():
    found = falsify(FALSE[4].bound)
    assert len(set(found.sizes.values())) > 1
    again = replay(found, bound=K)
    assert (again.status, again.verdict) == ("the statement has changed", None)
    assert again.summary()["verdict"] is None


def test_a_file_is_looked_up_again(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = (
        "from boundcheck.language import *\n"
        "mine = Bound('mine', premises=[triplet(m)], lhs=norm(mean(x) - mean(z)), rhs=m + nearest(x, w))\n"
    )
    (tmp_path / "bounds.py").write_text(text)
    found = falsify("bounds.py:mine")
    assert found.reference == "bounds.py:mine"
    exec(found.snippet(), {})
    assert replay(found, trust=True).status == "still fails"
    (tmp_path / "bounds.py").write_text(text.replace("nearest", "farthest"))
    assert replay(found, trust=True).status == "the statement has changed"
    # By what it was.
    assert (replay(found).status, replay(found).not_run) == ("still fails", "bounds.py:mine")


def test_reading_a_bundle_runs_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bounds.py").write_text("raise SystemExit('it ran')\n")
    stored = replace(falsify(FALSE[0].bound), reference="bounds.py:mine").to_json()
    assert Refuted.from_json(stored).reference == "bounds.py:mine"


def test_an_embedding_is_asked_for(refuted):
    with pytest.raises(ParameterError, match="f: expected the embedding"):
        replay(replace(refuted, embedded=True))
    with pytest.raises(ParameterError, match="f: expected None"):
        replay(refuted, f=abs)


# -------------------------------------------------------------------------------------------------------------- drawn


@pytest.mark.parametrize(("name", "dimension"), [("karimov-199", 1), ("variance-sup-norm", 2)])
def test_a_counterexample_on_a_line_or_in_a_plane_has_a_picture(name, dimension):
    found = falsify(name)
    assert found.dimension == dimension
    axis = found.figure().axes[0]
    drawn = [dots.get_offsets()[:, :dimension].tolist() for dots in axis.collections]
    assert drawn == [list(map(list, rows)) for rows in found.points.values()]


def test_one_in_space_has_none(refuted):
    with pytest.raises(InvalidValueError, match="dimension: expected 1 or 2"):
        replace(refuted, points={symbol: [[0.0, 0.0, 0.0]] for symbol in "xzw"}).figure()


def test_a_report_says_what_breaks_it(refuted):
    text = str(refuted)
    assert text.startswith("refuted  karimov-199")
    assert "  x = 0\n  z = 2\n  w = 1\n" in text
    assert "m = 1" in text
    assert json.loads(json.dumps(refuted.summary()))["tried"]["cases"] == refuted.tried.cases


def test_a_bound_named_like_a_known_one_is_not_taken_for_it():
    other = Bound("karimov", lhs=norm(get("karimov").lhs.vector), rhs=0)
    assert falsify(other).reference is None


def test_an_equality_that_is_exact_at_the_case_farthest_from_it_is_not_said_to_be_far():
    one, other = Enclosed(1.0, error=0.0), Enclosed(2.0, error=0.0)
    assert Nearest(one, other, Ground()).told(Relation.EQUAL, 1e-3).startswith("farthest from equal: left side 1")
    assert (
        Nearest(one, one, Ground()).told(Relation.EQUAL, 1e-3).startswith("the two sides were equal to within rounding")
    )
