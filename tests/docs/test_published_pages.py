"""The pages of the library are made of its records: none is missing, each says what its record says, and what is measured holds."""

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "docs"))
from published import pages  # noqa: E402

from boundcheck.errors import InvalidValueError  # noqa: E402
from boundcheck.theorems.published import FIELDS, PUBLISHED  # noqa: E402


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
    measured = text.split("On real embeddings")[1].split("How to look")[0]
    if "list-table" in measured:
        # A false reading need not fail on data.
        assert statement.counterexample is not None or "fails" not in measured
        assert sum(map(int, re.findall(r"(\d+) (?:holds|fails|undecided|vacuous)", measured))) == 2 * pages.TRIPLES
    if statement.counterexample is not None:
        assert re.search(r"left side \S+ > right side \S+\.", text)
    elif statement.sharp is not None:
        left, right = re.search(r"left side (\S+) = right side (\S+)\.", text).groups()
        assert float(left.replace("−", "-")) == pytest.approx(float(right.replace("−", "-")), abs=1e-12)


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
    (tmp_path / "gone.rst").write_text("of a statement that is no more")
    pages.write(tmp_path)
    assert {path.stem for path in tmp_path.glob("*.rst")} == set(PUBLISHED)
