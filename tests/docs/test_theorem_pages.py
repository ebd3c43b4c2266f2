"""The pages that are made of the bounds: none is missing, their examples run, their links lead somewhere, their numbers are right."""

import csv
import doctest
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from boundcheck import check_bound
from boundcheck.errors import InvalidValueError
from boundcheck.evaluate import Verdict
from boundcheck.formal.coq import coq_statement
from boundcheck.language import Relation
from boundcheck.theorems import every, get
from boundcheck.theorems.false import FALSE
from boundcheck.theorems.published import PUBLISHED

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "docs"))
from published import pages as library  # noqa: E402
from theorems import pages, pictures  # noqa: E402

NONE = pictures.Picture(None, "no picture")


def text_of(name):
    return pages.page(get(name), pages.reasons()[name], NONE)


def run(text, name):
    """Run a page's examples; return how many there were and what went wrong."""
    said = []
    runner = doctest.DocTestRunner(verbose=False)
    found = runner.run(doctest.DocTestParser().get_doctest(text, {}, name, None, 0), out=said.append)
    return found.attempted, "".join(said)


@pytest.mark.parametrize("name", every())
def test_a_page_says_all_of_its_bound_and_its_example_runs(name):
    bound, text = get(name), text_of(name)
    assert bound.statement in text
    assert pages.reasons()[name] in text
    attempted, wrong = run(text, name)
    assert not wrong
    assert attempted == 4
    # An equality is beyond float64.
    expected = "(holds|undecided)" if bound.relation is Relation.EQUAL else "holds"
    assert re.search(rf"^   {expected}: ", text, re.MULTILINE)
    if bound.proof is not None:
        assert str(coq_statement(bound)).splitlines()[-1] in text


def test_an_example_that_says_something_else_is_noticed():
    attempted, wrong = run(text_of("chamfer").replace("holds: 1.118", "holds: 1.119"), "chamfer")
    assert attempted == 4
    assert "holds: 1.119" in wrong


def test_false_statements_are_shown_to_fail():
    text = pages.false_page()
    attempted, wrong = run(text, "false")
    assert (attempted, wrong) == (5 * len(FALSE), "")
    assert text.count("   fails: ") == len(FALSE)
    assert all(f"``{false.name}``" in text for false in FALSE)
    verdicts = [pictures.on_real_triples(false)[0] for false in FALSE]
    assert f"{verdicts.count({Verdict.HOLDS})} of the {len(FALSE)} hold on every triple" in text


def test_a_bound_without_a_reason_stops_the_build(tmp_path):
    for name in every():
        (tmp_path / f"{name}.rst").write_text("Because.\n")
    assert set(pages.reasons(tmp_path)) == set(every())
    (tmp_path / "chamfer.rst").write_text("\n")
    with pytest.raises(
        InvalidValueError, match=r"why/chamfer\.rst: expected the reason why bound 'chamfer' holds, got none"
    ):
        pages.reasons(tmp_path)
    (tmp_path / "chamfer.rst").unlink()
    with pytest.raises(InvalidValueError, match=r"why/chamfer\.rst"):
        pages.reasons(tmp_path)


def test_a_reason_of_no_bound_stops_the_build(tmp_path):
    for name in (*every(), "gone"):
        (tmp_path / f"{name}.rst").write_text("Because.\n")
    with pytest.raises(InvalidValueError, match=r"why/gone\.rst: expected the name of a bound, got 'gone'"):
        pages.reasons(tmp_path)


def test_families_list_every_bound_once():
    listed = [name for names in pages.families().values() for name in names]
    assert sorted(listed) == sorted(every())
    assert "karimov-5-twice" in pages.families()["karimov"]
    assert "chamfer-below-transport" in pages.families()["upper"]
    # The overview pages name the families one by one.
    shown = "".join(path.read_text() for path in (ROOT / "docs").rglob("*.rst") if "generated" not in path.parts)
    assert set(re.findall(r"^\.\. theorems::\s*(\w*)$", shown, re.MULTILINE)) == set(pages.families())


def test_links_into_proofs_lead_to_the_theorem():
    files = pages.proof_pages()
    texts = [text_of(name) for name in every()] + [pages.false_page()]
    texts += [library.page(statement) for statement in PUBLISHED.values()]
    links = set(re.findall(r":ref:`(\S+), line (\d+) of proofs/(\w+)\.v <(proof-\S+)>`", "\n".join(texts)))
    published = {name: statement.bound for name, statement in PUBLISHED.items()}
    assert len(links) == len({of.proof for of in (*(every() | published).values(), *FALSE)} - {None})
    for theorem, line, file, target in links:
        stated = (ROOT / "proofs" / f"{file}.v").read_text().splitlines()[int(line) - 1]
        assert re.match(rf"\s*(Theorem|Lemma) {theorem}\b", stated)
        assert files[file].count(f".. _{target}:") == 1


def test_proof_pages_show_every_line_once():
    for name, text in pages.proof_pages().items():
        shown = [(int(a), int(b)) for a, b in re.findall(r":lines: (\d+)-(\d+)", text)]
        total = len((ROOT / "proofs" / f"{name}.v").read_text().splitlines())
        assert [line for a, b in shown for line in range(a, b + 1)] == list(range(1, total + 1))


def test_a_proof_that_is_not_there_is_an_error():
    with pytest.raises(InvalidValueError, match=r"proof: expected a theorem of proofs/Upper\.v, got 'nothing'"):
        pages._line_of("Upper.nothing")


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("karimov", ("theorem K",)),
        ("hull", ("U2, Chamfer",)),
        ("hausdorff", ("U3, Hausdorff",)),
        ("two-sided", ("U5, two-sided",)),
        ("variance-below-chamfer", ("U2, Chamfer", "U4, less a variance")),
        ("karimov-5-twice", ("theorem K", "m + largest distance")),
        ("karimov-any-sizes-2-triplets", ()),
        ("coordinate-max", ()),
        ("centroid-identity", ()),
        ("separation", ()),
    ],
)
def test_where_a_bound_stands_on_the_experiments_ladder(name, rows):
    assert pictures.rungs(get(name)) == rows


def test_the_ladder_is_what_the_experiment_found():
    results = ROOT / "benchmarks" / "results" / "demo"
    rows = list(csv.DictReader((results / "ladder.csv").read_text().splitlines()))
    summary = json.loads((results / "summary.json").read_text())["parts"]
    ladder = pictures._ladder()
    assert sum(map(len, ladder.values())) == len(rows)
    for part, found in ladder.items():
        assert summary[part]["ladder"]["triples"] == pictures.experiment.LADDER_TRIPLES
        for name, (value, low, high) in found.items():
            known = summary[part]["ladder"]["median_tightness"][name]
            assert value == pytest.approx(known["value"], abs=5e-5)
            # Limits are rounded outwards.
            assert known["low"] - 1e-4 <= low <= known["low"]
            assert known["high"] <= high <= known["high"] + 1e-4
    text = pictures.picture(get("chamfer")).text
    assert all(f"{ladder[part]['U2, Chamfer'][0]:.3f} on {part}" in text for part in ladder)


@pytest.mark.parametrize("name", ["spread", "karimov-4-farthest", "sum", "coordinate-max"])
def test_what_is_measured_here_is_what_a_check_finds(name):
    bound = get(name)
    for part, (labelled, triples) in pictures._sample().items():
        points = [labelled.points[labelled.members[position]] for position in triples[0]]
        scan = pictures._measured(bound)[part]
        known = {"m": float(scan.parameters["m"][0])} if name == "karimov-4-farthest" else {}
        norm = float("inf") if name == "coordinate-max" else 2
        report = check_bound(None, *points, bound=bound, norm=norm, **known)
        assert (scan.lhs[0], scan.rhs[0]) == pytest.approx((float(report.lhs), float(report.rhs)), rel=1e-12)
        if known:
            assert known["m"] == pytest.approx(float(check_bound(None, *points).m), rel=1e-12)


def test_a_square_is_drawn_as_a_distance():
    bound = get("separation")
    for scan in pictures._measured(bound).values():
        expected = np.sqrt(np.maximum(scan.lhs, 0)) / np.sqrt(scan.rhs)
        assert pictures._ratios(bound, scan) == pytest.approx(expected)


def test_a_picture_marks_its_bound_among_its_peers():
    (axis,) = pictures.picture(get("spread")).figure.axes
    weights = {label.get_text(): label.get_fontweight() for label in axis.get_yticklabels()}
    assert set(weights) == {"separation", "margin", "spread", "hulls"}
    assert [name for name, weight in weights.items() if weight == "bold"] == ["spread"]


def test_what_has_no_tightness_is_said_or_drawn_otherwise():
    equality = pictures.picture(get("centroid-identity"))
    assert equality.figure is None
    assert "differ by" in equality.text
    (axis,) = pictures.picture(get("group")).figure.axes
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("left side", "right side")


def test_pages_are_written_when_they_change_and_deleted_with_their_bound(tmp_path, monkeypatch):
    monkeypatch.setattr(pictures, "picture", lambda bound: NONE)
    pages.write(tmp_path)
    written = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.rst")}
    assert {f"{name}.rst" for name in every()} | {"false.rst", "proofs/Upper.rst"} <= written
    stale, kept, changed = (tmp_path / name for name in ("gone.rst", "chamfer.rst", "hull.rst"))
    stale.write_text("of a bound that is no more")
    changed.write_text("old")
    before = kept.stat().st_mtime_ns
    pages.write(tmp_path)
    assert not stale.exists()
    assert kept.stat().st_mtime_ns == before
    assert changed.read_text() == pages.page(get("hull"), pages.reasons()["hull"], NONE)
