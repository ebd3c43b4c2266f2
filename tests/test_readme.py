"""README's counts and links, and the results that docs show."""

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


def test_the_table_on_distances_is_that_of_the_results():
    found = RESULTS.parent / "distances"
    assert (found / "kinds.md").read_text(encoding="utf-8") == tables.kinds_markdown(speeds(found))


@pytest.mark.parametrize("page", ["experiment", "scan", "distances", "objectives"])
def test_docs_show_the_results(page):
    shown = re.findall(r"^\.\. results:: (.+)$", (ROOT / "docs" / f"{page}.rst").read_text(encoding="utf-8"), re.M)
    assert shown
    assert all((RESULTS.parent / path).is_file() for path in shown)


def test_the_answer_and_the_table_on_methods_are_those_of_the_results():
    from boundcheck.omniglot.methods.differences import Results
    from boundcheck.omniglot.methods.tables import answer
    from boundcheck.omniglot.methods.tables import tables as tables_of

    found = json.loads((RESULTS.parent / "methods" / "methods.json").read_text(encoding="utf-8"))
    (table,) = (table for table in tables_of(found) if table.title.startswith("Karimov's table"))
    assert answer(Results(found)) in README
    assert "\n".join(line for line in table.to_markdown().splitlines() if line.startswith("|")) in README
    shown = {run["drawings_shown"] for run in found["runs"] if run["method"] not in ("untrained", "pixels")}
    assert shown == {150_400}


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
