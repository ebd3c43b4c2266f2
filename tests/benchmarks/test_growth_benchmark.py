"""The study of growth is made of its results, and its collections are drawn the same every time."""

import json

import numpy as np
import pytest

from benchmarks import growth


@pytest.fixture(scope="module")
def found():
    return json.loads((growth.RESULTS / "growth.json").read_text(encoding="utf-8"))


def test_the_tables_are_made_of_the_results(found):
    table = growth.table(found)
    for name, text in (
        ("growth.md", table.to_markdown()),
        ("table.csv", table.to_csv()),
        ("growth.csv", growth.to_csv(found)),
    ):
        assert (growth.RESULTS / name).read_text(encoding="utf-8") == text
    assert len(table.rows) < sum(len(found[study]["rows"]) for study in growth.STUDIES)


def test_every_scan_holds_and_counts_its_triples(found):
    for study in growth.STUDIES:
        for row in found[study]["rows"]:
            assert row["verdict"] == "holds"
            assert all(0 <= count <= row["triples"] for count in row["from_centroids"].values())
            if study == "collections":
                assert row["triples"] == triples(row["collections"])


def triples(count):
    sizes = np.bincount(np.arange(count) // growth.PER_CLASS)
    return int((sizes * (sizes - 1) * (count - sizes)).sum())


def test_a_small_one_is_measured():
    row = growth.measured(count=40, verdicts_only=True, workers=None)
    assert (row["collections"], row["objects"], row["dimension"]) == (40, 800, 64)
    assert row["triples"] == triples(40)
    assert row["verdict"] == "holds"
    points = growth.drawn(40)
    np.testing.assert_array_equal(points.points, growth.drawn(40).points)


def test_the_figure_says_the_slope():
    rows = [{"work": growth.VERDICTS, "collections": count, "seconds": count**2 / 100} for count in (10, 100)]
    (axis,) = growth.figure(rows).axes
    assert [text.get_text() for text in axis.get_legend().get_texts()] == [
        f"{growth.VERDICTS}: to the power of 2.0 at the end"
    ]
