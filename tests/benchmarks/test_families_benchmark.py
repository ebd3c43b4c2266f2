"""The benchmark of large families: its statements hold, small ones of its cases are checked, its table is its results'."""

import json

import numpy as np
import pytest

from benchmarks import families

VERDICTS = {"alphabets: supcon": "vacuous"}


@pytest.fixture(scope="module")
def found():
    return json.loads((families.RESULTS / "families.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", families.CASES)
def test_a_small_one_is_measured(name):
    row = families.measured(name, part=20)
    assert row["verdict"] == VERDICTS.get(name, "holds")
    assert row["lhs"][0] - row["lhs"][1] <= row["rhs"][0] + row["rhs"][1]
    assert max(row["lhs"][1], row["rhs"][1]) < 1e-9
    sizes = [len(one) for one in families.CASES[name].points(20)["C"].values()]
    assert (row["objects"], row["classes"]) == (sum(sizes), len(sizes))
    assert row["sizes"] == [min(sizes), max(sizes)]
    assert row["seconds"] > 0
    assert row["peak_mb"] > 0


def test_collections_are_all_of_omniglots_drawings():
    by_alphabet, by_character = (families.omniglot(1, by=by)["C"] for by in ("alphabet", "character"))
    assert sum(map(len, by_alphabet.values())) == sum(map(len, by_character.values())) == 32460
    assert (len(by_alphabet), len(by_character)) == (50, 1623)
    assert {len(points) for points in by_character.values()} == {20}


def test_the_sides_are_those_of_plain_loops():
    given = families.drawn(20)["C"]
    points, labels = np.concatenate(list(given.values())), np.repeat(np.arange(len(given)), [*map(len, given.values())])
    units = points / np.linalg.norm(points, axis=1, keepdims=True)
    logits = families.LENGTH**2 * units @ units.T
    loss = []
    for place in range(len(points)):
        rest = np.delete(np.arange(len(points)), place)
        own = rest[labels[rest] == labels[place]]
        loss.append(np.log(np.exp(logits[place, rest]).sum()) - logits[place, own].mean())
    row = families.measured("drawn: supcon", part=20)
    assert row["rhs"][0] == pytest.approx(np.mean(loss), rel=1e-12)


def test_the_table_is_made_of_the_results(found):
    table = families.table(found)
    assert (families.RESULTS / "families.md").read_text(encoding="utf-8") == table.to_markdown()
    assert [row[0] for row in table.rows] == list(families.CASES)


def test_nothing_was_near_an_array_of_all_pairs(found):
    for row in found["rows"]:
        assert row["verdict"] == VERDICTS.get(row["case"], "holds")
        if row["objects"] == 32460:
            assert row["peak_mb"] * 2**20 < 1e9 < row["objects"] ** 2 * 8 / 8
