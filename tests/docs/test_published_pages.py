"""The pages of the library are made of its records: none is missing, each says what its record says, and what is measured holds."""

import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "docs"))
from published import pages  # noqa: E402

from benchmarks import published as results  # noqa: E402
from boundcheck.errors import InvalidValueError  # noqa: E402
from boundcheck.theorems.published import FIELDS, PUBLISHED, Status  # noqa: E402


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_page_says_all_of_its_statement(name):
    statement = PUBLISHED[name]
    text = pages.page(statement)
    assert statement.bound.statement in text
    assert statement.status.value in text
    assert statement.command in text
    for part in (statement.conventions, statement.bound.sharpness, statement.bound.citation):
        assert pages.theorems._plain(part) in text
    # An initial at the start of a paragraph would begin a list.
    assert f"\n\\{pages.theorems._plain(statement.bound.citation)}." in text
    measured = text.split("On real embeddings")[1].split("What the adversary did")[0]
    # A false reading need not fail on data.
    verdicts = {one for row in pages._rows(statement).values() for one in (row["verdict"], *row["drawn"]["verdicts"])}
    assert statement.counterexample is not None or "fails" not in verdicts
    for row in pages._rows(statement).values():
        failed = [premise["statement"] for premise in row["premises"] if premise["verdict"] == "fails"]
        assert bool(failed) == (row["verdict"] == "vacuous")
        assert all(f"``{premise}`` fails" in measured for premise in failed)
        assert pages.theorems._plain(row["setting"]) in measured
        assert f"     - {pages._number(row['lhs'])}\n     - {pages._number(row['rhs'])}\n" in measured
        assert f"     - {row['decided']}\n" in measured
    assert ("   :width: 100%" in measured) == (pages.picture(statement) is not None)
    number = r"(\S+) (?:±\s\S+|\(exact\))"
    if statement.counterexample is not None:
        assert re.search(rf"left side {number} [>≠] right side {number}\.", text)
    elif statement.sharp is not None:
        left, right = re.search(rf"left side {number} = right side {number}[.,]", text).groups()
        assert left == right


@pytest.mark.parametrize("data", results.DATA)
def test_every_statement_is_measured_as_it_is_now(data):
    rows, drawn = results.rows_of(), results.DATA[data]()
    missing = [name for name, one in PUBLISHED.items() if not results.is_current(rows.get((name, data)), one, drawn)]
    assert not missing, f"run {results.COMMAND}"
    assert {name for name, of in rows if of == data} == set(PUBLISHED)


def test_every_statement_was_searched_as_it_is_now():
    for statement in PUBLISHED.values():
        said = pages.searched(statement)
        if statement.status is Status.REFUTED:
            assert re.match(r"It refuted the statement with (each|\d+) of \d+ seeds", said)
            assert re.search(r"left side \S+ \S+ (\S+ )?[>≠] right side", said)
        else:
            assert said.startswith("It found no counterexample in ")


def test_what_is_missing_or_of_another_statement_is_told_with_the_command(monkeypatch):
    known = PUBLISHED["medoid"]
    changed = replace(known, bound=replace(known.bound, rhs=3 * known.bound.rhs), sharp=None)
    with pytest.raises(InvalidValueError, match=r"got one of another statement.*; run python -m benchmarks\.published"):
        pages.measured(changed)
    with pytest.raises(InvalidValueError, match=r"got one of another .*; run python -m benchmarks\.gallery .*--resume"):
        pages.searched(changed)
    new = replace(known, bound=replace(known.bound, name="new"))
    with pytest.raises(InvalidValueError, match=r"a row of 'new' on Omniglot, got none; run python -m benchmarks"):
        pages.measured(new)
    with pytest.raises(InvalidValueError, match=r"a row of 'new', got none; run python -m benchmarks\.gallery"):
        pages.searched(new)


def test_every_number_says_how_sure_it_is():
    row = dict(pages._rows(PUBLISHED["medoid"])["Omniglot"])
    assert re.fullmatch(r"[\d.]+…?\s±\s\de-\d+", pages._number(row["lhs"]))
    assert pages._within((-1.23456, 2.34567), 1e-3) == "[−1.236,\N{NO-BREAK SPACE}2.347]"
    assert pages._within((0.0, 0.0), 0.0) == "[0,\N{NO-BREAK SPACE}0]"
    # Over a right side that is not above 0, a quotient says nothing.
    assert pages._tightness(row | {"rhs": {"value": -1.0, "error": 1e-9}}) == "—"
    assert pages._tightness(row | {"rhs": {"value": 1e-9, "error": 1e-8}}) == "—"


def test_what_says_nothing_says_why():
    one = {"value": 3.0, "error": 0.0}
    premise = {
        "statement": "a ≤ b",
        "verdict": "fails",
        "derived": False,
        "lhs": one,
        "rhs": {"value": 2.0, "error": 0.5},
    }
    held = premise | {"verdict": "holds", "statement": "c ≤ d"}
    said = pages._vacuous("digits", {"verdict": "vacuous", "premises": [held, premise]})
    assert said.replace("\N{NO-BREAK SPACE}", " ").endswith(
        "a premise is not met: ``a ≤ b`` fails, left side 3 (exact), right side 2 ± 5e-1."
    )
    assert pages._vacuous("digits", {"verdict": "holds", "premises": [held]}) == ""
    assert pages._assumed({"digits": {"premises": [held]}}) == ""
    assert "``c ≤ d``" in pages._assumed({"digits": {"premises": [held | {"verdict": "assumed"}]}})


def test_readings_lead_to_one_another():
    for statement in PUBLISHED.values():
        if statement.reading_of:
            other = PUBLISHED[statement.reading_of]
            assert f"<{pages.place(other)}>`, which is the reading that is true" in pages.page(statement)
            assert f"<{pages.place(statement)}>`, which is refuted" in pages.page(other).replace("\n", " ")


def test_the_index_has_every_field_and_a_field_every_statement():
    index = (ROOT / "docs" / "published" / "index.rst").read_text()
    assert re.findall(r"^\.\. published:: (.+)$", index, re.MULTILINE) == list(FIELDS)
    for field, statements in FIELDS.items():
        text = pages.overview(field)
        assert all(text.count(f"<{pages.place(one)}>") == 2 for one in statements)
    with pytest.raises(InvalidValueError, match="field: expected one of contrastive learning"):
        pages.overview("alchemy")


def test_pages_are_written_and_deleted_with_their_statement(tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "page", lambda statement: f"{statement.name}\n")
    drawn = pages.picture(PUBLISHED["medoid"])
    monkeypatch.setattr(pages, "picture", lambda statement: drawn if statement.name == "medoid" else None)
    (tmp_path / "gone.rst").write_text("of a statement that is no more")
    (tmp_path / "gone.svg").write_text("and its picture")
    pages.write(tmp_path)
    assert {path.name for path in tmp_path.glob("*.svg")} == {"medoid.svg"}
    assert {path.stem for path in tmp_path.glob("*.rst")} == set(PUBLISHED)
