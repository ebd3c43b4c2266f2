"""Bounds over one collection, two or any number on every tuple that roles allow, and families by parts; from the command line too."""

import itertools
import json

import click
import numpy as np
import pytest
import torch
from click.testing import CliRunner

from boundcheck.checking import check
from boundcheck.cli import cli
from boundcheck.cli.others import is_of_others
from boundcheck.data.labelled import LabelledPoints
from boundcheck.errors import (
    BoundcheckError,
    CheckpointError,
    InvalidTypeError,
    InvalidValueError,
    NormError,
    UnequalSizesError,
)
from boundcheck.evaluate import CODES, Verdict
from boundcheck.language import (
    Bound,
    EqualSizes,
    Parameter,
    Space,
    x,
    z,
)
from boundcheck.scanning import tuples as module
from boundcheck.scanning.engines import LocalEngine
from boundcheck.scanning.tuples import scan_parts, scan_tuples
from boundcheck.theorems import K

STATED = """
from boundcheck import Bound
from boundcheck.language import *
a = Collection("a", "A", index="i", size="n")
b = Collection("b", "B", index="j", size="p")
one = Bound("one", lhs=variance(a), rhs=maximum((a.each,), distance(a[a.each], mean(a))) ** 2, collections=[a])
two = Bound("two", lhs=distance(mean(a), mean(b)), rhs=farthest(a, b), collections=[a, b])
half = Bound("half", lhs=distance(mean(a), mean(b)), rhs=farthest(a, b) / 2, collections=[a, b])
pair = Bound("pair", lhs=distance(mean(x), mean(z)), rhs=farthest(x, z), collections=[x, z])
shift = Bound("shift", lhs=distance(mean(x), mean(w)), rhs=farthest(x, w) + Parameter("τ"), collections=[x, w])
v = Collection("v", "G4", index="l", size="s", role="other")
four = Bound("four", lhs=distance(mean(x), mean(v)), collections=[x, z, w, v],
    rhs=distance(mean(x), mean(z)) + distance(mean(z), mean(w)) + distance(mean(w), mean(v)))
C = classes("C")
c, d = C.each, another(C, apart_from=C.each)
family = Bound("family", lhs=mean((c, d), distance(mean(C[c]), mean(C[d]))), collections=[C],
    rhs=maximum((c, d, C[c].each), distance(C[c][C[c].each], mean(C[d]))))
q = Collection("q", "Q", index="k", size="r")
mixed = Bound("mixed", lhs=mean((c,), distance(mean(q), mean(C[c]))), collections=[C, q],
    rhs=maximum((c,), distance(mean(q), mean(C[c]))))
"""
NAMES: dict = {}
exec(STATED, NAMES)


@pytest.fixture(scope="module")
def data():
    random = np.random.default_rng(0)
    points = random.normal(size=(30, 3)) + 3 * np.repeat(np.arange(3), 10)[:, None]
    numbers = np.repeat(np.arange(9), [3, 3, 4, 3, 3, 4, 2, 4, 4])
    return LabelledPoints.from_labels(points, numbers, np.repeat(np.arange(3), 10))


@pytest.fixture
def files(data, tmp_path):
    """The data set as .npz, one pair of arrays, and the bounds."""
    order = np.argsort(np.concatenate(data.members))
    numbers = np.repeat(np.arange(len(data)), data.sizes)[order]
    labels = {"collection": numbers, "class": data.classes[numbers]}
    np.savez(tmp_path / "points.npz", embeddings=data.points, **labels)
    np.savez(tmp_path / "arrays.npz", a=data.points[:4], B=data.points[4:9])
    (tmp_path / "stated.py").write_text(STATED)
    return tmp_path


def run(files, command, file, bound, *options):
    arguments = [command, str(files / file), "--bound", f"{files / 'stated.py'}:{bound}", *options]
    return CliRunner().invoke(cli, arguments, standalone_mode=False, catch_exceptions=False)


def rows(data, place):
    return data.points[data.members[place]]


@pytest.mark.parametrize(
    ("name", "letters", "total"),
    [("one", "a", 9), ("two", "ab", 72), ("pair", "xz", 18), ("shift", "xw", 54), ("four", "xzwv", 324)],
)
def test_every_tuple_is_checked_as_one_check_does(data, name, letters, total):
    bound = NAMES[name]
    parameters = dict.fromkeys(bound.parameters(), 0.0)
    found = scan_tuples(data, bound, parameters=parameters)
    assert found.total == len(found.result) == total
    assert found.seed is None
    for place in range(0, total, max(1, total // 6)):
        own = {letter: rows(data, at) for letter, at in zip(letters, found.result.triples[place], strict=True)}
        report = check(bound, None, **own, parameters=parameters)
        assert float(found.result.lhs[place]) == pytest.approx(float(report.lhs), abs=1e-12)
        assert float(found.result.rhs[place]) == pytest.approx(float(report.rhs), abs=1e-12)
        assert CODES[found.result.code[place]] is report.verdict
    assert sum(found.counts.values()) == total
    tightest = found.tightest(3)
    assert found.result.tightness[tightest[0]] == np.nanmax(found.result.tightness)


def test_a_sample_is_drawn_where_there_are_more_and_told_with_limits(data):
    whole, half = NAMES["half"], NAMES["half"]
    every = scan_tuples(data, whole)
    drawn = scan_tuples(data, half, sample=40, seed=3)
    assert drawn.seed == 3
    assert (len(drawn.result), drawn.total) == (40, 72)
    low, high = drawn.result.failing().limits
    assert low <= every.counts[Verdict.FAILS] / 72 <= high
    told = [drawn.named(place) for place in drawn.first(Verdict.FAILS, 40)]
    assert len(told) == len(set(told))
    assert "failing" in drawn.to_dict()
    assert "failing" not in every.to_dict()
    assert scan_tuples(data, half, sample=72).seed is None


def test_a_family_by_parts_is_checked_as_one_check_does(data):
    bound = NAMES["family"]
    found = scan_parts(data, bound)
    assert (found.total, found.what) == (3, "parts of 2 classes")
    for place, part in enumerate(found.result.triples.tolist()):
        own = {str(number): data.points[10 * number : 10 * number + 10] for number in part}
        report = check(bound, None, C=own)
        assert float(found.result.lhs[place]) == pytest.approx(float(report.lhs), abs=1e-12)
        assert CODES[found.result.code[place]] is report.verdict
    assert scan_parts(data, bound, 3).total == 1
    drawn = scan_parts(data, bound, sample=2, seed=1)
    assert len(drawn.result) == 2
    assert all(a < b for a, b in drawn.result.triples.tolist())


def test_classes_of_different_sizes_are_batched_by_their_partition():
    random = np.random.default_rng(1)
    sizes = [1, 2, 2, 3]
    kinds = np.repeat(np.arange(4), sizes)
    labelled = LabelledPoints.from_labels(random.normal(size=(8, 2)), kinds, kinds)
    found = scan_parts(labelled, NAMES["family"])
    assert [tuple(part) for part in found.result.triples.tolist()] == list(itertools.combinations(range(4), 2))
    for place, (one, other) in enumerate(found.result.triples.tolist()):
        centroids = [labelled.points[kinds == number].mean(axis=0) for number in (one, other)]
        assert float(found.result.lhs[place]) == pytest.approx(np.linalg.norm(centroids[0] - centroids[1]))


def test_what_cannot_be_scanned_is_refused(data, monkeypatch):
    with pytest.raises(InvalidValueError, match="call scan_parts"):
        scan_tuples(data, NAMES["family"])
    with pytest.raises(InvalidValueError, match="expected one over one family alone, got one over a, b"):
        scan_parts(data, NAMES["two"])
    with pytest.raises(InvalidValueError, match=r"classes of a part: expected a number in \[2, 3\], got 4"):
        scan_parts(data, NAMES["family"], 4)
    with pytest.raises(InvalidTypeError, match="labelled"):
        scan_tuples(data.points, NAMES["two"])
    with pytest.raises(InvalidTypeError, match="bound"):
        scan_tuples(data, 3)
    with pytest.raises(NormError):
        scan_tuples(data, Bound("flat", lhs=1, rhs=2, collections=[x], space=Space.EUCLIDEAN), norm=1)
    equal = Bound("equal", premises=[EqualSizes("sizes", (x, z))], lhs=1, rhs=2, collections=[x, z])
    with pytest.raises(UnequalSizesError):
        scan_tuples(data, equal)
    alone = LabelledPoints.from_labels(np.zeros((2, 1)), [0, 1], [0, 1])
    with pytest.raises(InvalidValueError, match="collections: expected pairs with x and z of one class"):
        scan_tuples(alone, NAMES["pair"])
    monkeypatch.setattr(module, "MOST", 50)
    with pytest.raises(
        InvalidValueError, match="sample: expected a number, for more than 50 pairs, got none; there are 72"
    ):
        scan_tuples(data, NAMES["two"])
    assert len(scan_tuples(data, NAMES["two"], sample=10).result) == 10


def test_which_bounds_are_over_others():
    assert not is_of_others(K)
    assert all(is_of_others(NAMES[name]) for name in ("one", "two", "pair", "four", "family"))


# ---------------------------------------------------------------------------------------------------- command line


def test_check_takes_arrays_of_the_bounds_letters(files, data):
    found = run(files, "check", "arrays.npz", "two", "--json")
    assert found.return_value == 0
    told = json.loads(found.stdout)
    assert told["sizes"] == {"A": 4, "B": 5}
    expected = np.linalg.norm(data.points[:4].mean(axis=0) - data.points[4:9].mean(axis=0))
    assert told["lhs"]["value"] == pytest.approx(expected)


def test_check_takes_collections_by_name_or_tuples(files):
    named = run(files, "check", "points.npz", "two", "--collection", "a=3", "--collection", "B=1", "--json")
    assert json.loads(named.stdout)["sizes"] == {"A": 3, "B": 3}
    every = run(files, "check", "points.npz", "two")
    assert "all 72 pairs: a and b of any class" in " ".join(every.stdout.split())
    drawn = run(files, "check", "points.npz", "half", "--triples", "30", "--seed", "4", "--json")
    assert drawn.return_value == 1
    told = json.loads(drawn.stdout)
    assert (told["looked_at"], told["total"], told["seed"]) == (30, 72, 4)


def test_check_and_scan_take_a_family(files):
    whole = run(files, "check", "points.npz", "family", "--json")
    assert whole.return_value == 0
    assert json.loads(whole.stdout)["classes"] == {"C": {"0": 10, "1": 10, "2": 10}}
    parts = run(files, "check", "points.npz", "family", "--parts", "2", "--json")
    assert json.loads(parts.stdout)["of"] == "parts of 2 classes"
    scanned = run(files, "scan", "points.npz", "family", "--json")
    assert json.loads(scanned.stdout)["bounds"]["family"]["total"] == 3


def test_scan_takes_bounds_over_other_collections_and_writes_a_page(files):
    page = files / "report.html"
    found = run(files, "scan", "points.npz", "half", "--report", str(page))
    assert found.return_value == 1
    text = page.read_text()
    assert "<script" not in text
    assert "The tightest pairs" in text
    assert "all 72 pairs" in text
    told = json.loads(run(files, "scan", "points.npz", "pair", "--json").stdout)
    assert (told["verdict"], told["bounds"]["pair"]["total"]) == ("holds", 18)
    sampled = json.loads(run(files, "scan", "points.npz", "four", "--sample", "20", "--json").stdout)
    assert sampled["bounds"]["four"]["looked_at"] == 20


def test_parameters_from_the_command_line(files):
    assert run(files, "scan", "points.npz", "shift", "--parameter", "τ=0").return_value == 0
    assert run(files, "check", "points.npz", "shift", "--parameter", "τ=-1000").return_value == 1


@pytest.mark.parametrize(
    ("command", "bound", "options", "message"),
    [
        ("check", "two", ["--collection", "a=3"], "got none for b"),
        (
            "check",
            "two",
            ["--collection", "a=3", "--collection", "e=1"],
            r"expected one of a \(or A\), b \(or B\), got 'e'",
        ),
        ("check", "two", ["--collection", "a=33", "--collection", "b=1"], "FILE has no such collection"),
        ("check", "two", ["--collection", "a"], "expected SYMBOL=NAME"),
        ("check", "two", ["--g1", "1"], "give --collection SYMBOL=NAME for each"),
        ("check", "two", ["--parts", "2"], "two is over a, b"),
        ("check", "family", ["--collection", "C=1"], "a family is of all classes"),
        ("check", "mixed", [], "expected one over one family alone"),
        ("check", "shift", ["--parameter", "τ=x"], "expected NAME=VALUE"),
        ("check", "shift", [], r"parameters\['τ'\]: expected a value"),
        ("scan", "two", ["--verdicts"], "are for bounds over x, z and w"),
        ("scan", "two", ["--bound", "karimov"], "are scanned apart"),
        ("scan", "two", ["--parts", "2"], "two is over a, b"),
    ],
)
def test_what_makes_no_sense_is_refused(files, command, bound, options, message):
    with pytest.raises(Exception, match=message):
        run(files, command, "points.npz", bound, *options)


def test_what_is_for_other_bounds_is_refused_for_these(files):
    for command, options in (
        ("check", ["--collection", "x=1"]),
        ("check", ["--parts", "2"]),
        ("scan", ["--parts", "2"]),
    ):
        arguments = [command, str(files / "points.npz"), "--bound", "karimov", *options]
        with pytest.raises(Exception, match="--parts"):
            CliRunner().invoke(cli, arguments, standalone_mode=False, catch_exceptions=False)


# ------------------------------------------------------------------------------------------------------------- CSV


def test_csv_of_labels_and_numbered_coordinates(files, data):
    lines = ["class,collection,x0,x1,x2"]
    order = np.argsort(np.concatenate(data.members))
    numbers = np.repeat(np.arange(len(data)), data.sizes)[order]
    for number, point in zip(numbers, data.points, strict=True):
        lines.append(f"{data.classes[number]},{number},{','.join(map(repr, point.tolist()))}")
    (files / "points.csv").write_text("\n".join(lines) + "\n")
    from_csv = json.loads(run(files, "check", "points.csv", "half", "--json").stdout)
    from_npz = json.loads(run(files, "check", "points.npz", "half", "--json").stdout)
    for one in (from_csv, from_npz):
        del one["seconds"]
    assert from_csv == from_npz


WEIGHTS = """
u = Weights("u", a)
weighted = Bound("weighted", lhs=distance(mean(a, weights=u), mean(b)), rhs=farthest(a, b), collections=[a, b])
e, of_all = another(C), Weights("u", C)
parts = Bound("parts", lhs=maximum((c,), distance(mean(C, weights=of_all), mean(C[c]))), collections=[C],
    rhs=maximum((c, e, C[c].each), distance(C[c][C[c].each], mean(C[e]))))
"""
exec(WEIGHTS, NAMES)


def from_the_first(weights, points):
    """Weights that can be sent to other processes."""
    return torch.arange(len(points), 0, -1, dtype=torch.float64)


def same(one, other):
    assert one.result.triples.tolist() == other.result.triples.tolist()
    for name in ("lhs", "lhs_error", "rhs", "rhs_error", "code"):
        assert getattr(one.result, name).tobytes() == getattr(other.result, name).tobytes()
    assert {key: array.tobytes() for key, array in one.result.parameters.items()} == {
        key: array.tobytes() for key, array in other.result.parameters.items()
    }


@pytest.mark.parametrize("engine", [LocalEngine(2), "processes"], ids=["threads", "processes"])
def test_where_blocks_run_is_not_seen(data, engine, monkeypatch):
    monkeypatch.setattr(module, "_BLOCK", 20)
    plain = scan_tuples(data, NAMES["weighted"], weights=from_the_first)
    assert plain.blocks == 4
    workers = {"workers": 2} if isinstance(engine, str) else {}
    same(scan_tuples(data, NAMES["weighted"], weights=from_the_first, engine=engine, **workers), plain)


def test_a_scan_goes_on_from_its_journal(data, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_BLOCK", 20)
    plain = scan_tuples(data, NAMES["shift"], parameters={Parameter("τ"): 0.5})
    options = {"parameters": {Parameter("τ"): 0.5}, "journal": tmp_path / "journal"}
    with monkeypatch.context() as patched:
        patched.setattr(module.Journal, "write", stopped(module.Journal.write, 2))
        with pytest.raises(KeyboardInterrupt):
            scan_tuples(data, NAMES["shift"], **options)
    again = scan_tuples(data, NAMES["shift"], **options)
    assert (again.resumed, again.blocks) == (2, 3)
    assert "2 of 3 blocks done by an earlier run" in again.tables()[0].note
    assert again.to_dict()["resumed"] == 2
    same(again, plain)
    for other in ({"parameters": {Parameter("τ"): 0.25}}, {"norm": 1}, {"sample": 30}):
        with pytest.raises(CheckpointError):
            scan_tuples(data, NAMES["shift"], **{**options, **other})


def stopped(write, after):
    """Return what writes so many records, and is then interrupted."""
    written = []

    def stop(journal, key, payload):
        if len(written) == after:
            raise KeyboardInterrupt
        written.append(key)
        write(journal, key, payload)

    return stop


def test_parts_have_weights_a_journal_and_engines_too(data, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_BLOCK_OF_PARTS", 2)
    found = scan_parts(data, NAMES["parts"], weights=from_the_first, journal=tmp_path / "journal")
    assert (found.total, found.blocks, found.resumed, found.verdict) == (3, 2, 0, Verdict.HOLDS)
    again = scan_parts(data, NAMES["parts"], weights=from_the_first, journal=tmp_path / "journal", engine="processes")
    assert again.resumed == 2
    same(again, found)
    own = {str(at): np.concatenate([rows(data, place) for place in range(3 * at, 3 * at + 3)]) for at in (0, 2)}
    numbers = list(range(sum(map(len, own.values())), 0, -1))
    report = check(NAMES["parts"], None, C=own, weights={"u": numbers})
    assert float(found.result.lhs[1]) == pytest.approx(float(report.lhs), abs=1e-12)


def test_a_family_of_one_class_has_no_parts(data):
    alone = LabelledPoints.from_labels(data.points, np.repeat(np.arange(10), 3), np.zeros(30, dtype=int))
    with pytest.raises(InvalidValueError, match="classes: expected two or more, for a family, got 1"):
        scan_parts(alone, NAMES["family"])


def test_weights_that_no_journal_can_name_are_refused(data, tmp_path):
    with pytest.raises(InvalidTypeError, match="weights: expected a function that can be pickled"):
        scan_tuples(
            data, NAMES["weighted"], weights=lambda one, points: torch.ones(len(points)), journal=tmp_path / "journal"
        )


def test_the_command_takes_a_journal_engines_and_weights(files, tmp_path):
    (files / "stated.py").write_text(STATED + WEIGHTS)
    options = ("--aggregator", "medoid", "--journal", str(tmp_path / "journal"), "--json")
    first = json.loads(run(files, "scan", "points.npz", "weighted", *options).stdout)
    again = json.loads(run(files, "scan", "points.npz", "weighted", *options, "--engine", "processes").stdout)
    assert first["bounds"]["weighted"]["resumed"] == 0
    assert again["bounds"]["weighted"]["resumed"] == again["bounds"]["weighted"]["blocks"] == 1
    assert again["bounds"]["weighted"]["counts"] == first["bounds"]["weighted"]["counts"]
    with pytest.raises(click.UsageError, match="needs --aggregator"):
        run(files, "scan", "points.npz", "weighted")
    with pytest.raises(
        BoundcheckError, match=r"aggregator: expected one of mean, medoid, .*, got 'median'; did you mean"
    ):
        run(files, "scan", "points.npz", "weighted", "--aggregator", "median")
    with pytest.raises(click.UsageError, match="--aggregator gives weights, of which bound two has none"):
        run(files, "scan", "points.npz", "two", "--aggregator", "medoid")
    two = ("--bound", f"{files / 'stated.py'}:half", "--journal", str(tmp_path / "other"))
    with pytest.raises(click.UsageError, match="--journal is of one bound"):
        run(files, "scan", "points.npz", "two", *two)
