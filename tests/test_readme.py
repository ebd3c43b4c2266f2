"""README's numbers are those of the results files."""

import json
import re
from pathlib import Path

import pytest

from benchmarks.distances import tables
from benchmarks.distances.__main__ import speeds
from boundcheck.theorems.published import PUBLISHED

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
RESULTS = ROOT / "benchmarks" / "results" / "demo"


def table_rows(text):
    return [line for line in text.splitlines() if line.startswith("|")]


def test_every_row_of_the_results_tables_that_readme_shows_is_in_the_results():
    section = README[README.index("## What is known") : README.index("To train and check it all")]
    rows = table_rows(section)
    assert len(rows) > 10
    known = set(table_rows((RESULTS / "tables.md").read_text(encoding="utf-8")))
    assert [row for row in rows if row not in known] == []


def test_the_table_on_distances_is_that_of_the_results():
    section = README[README.index("## Distances between collections") : README.index("## More")]
    assert tables.kinds_table(speeds(RESULTS.parent / "distances")) in section


def test_every_row_on_triples_is_in_the_results():
    section = README[README.index("## Every triple of a data set") : README.index("## Distances between collections")]
    rows = table_rows(section)
    assert len(rows) > 20
    known = (RESULTS.parent / "every-triple" / "every-triple.md").read_text(encoding="utf-8")
    assert [row for row in rows if row not in table_rows(known)] == []
    assert known.strip().splitlines()[-1] in section


def test_results_are_of_the_embeddings_that_are_shipped():
    from boundcheck.omniglot.embedded import shipped

    summary = json.loads((RESULTS / "summary.json").read_text(encoding="utf-8"))
    metadata = json.loads(json.dumps(shipped().metadata))
    assert summary["embeddings"]["precision_at_1"] == metadata["precision_at_1"]
    assert summary["embeddings"]["training"]["made_by"] == metadata["training"]["made_by"]


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_links_lead_somewhere(link):
    assert (ROOT / link).exists()


def test_published_statements_and_their_proofs_are_counted():
    proved = sum(published.bound.proof is not None for published in PUBLISHED.values())
    found = re.search(r"has (\d+) statements .* \((\d+) have one\)", README)
    assert found is not None
    assert found.groups() == (str(len(PUBLISHED)), str(proved))
