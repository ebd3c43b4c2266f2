"""How distances' cost grows: that all is measured that a panel shows, and that pages are made of what was."""

import csv
import json

import pytest
from click.testing import CliRunner

from benchmarks.distances import growth, machine
from benchmarks.distances.peers import OURS

FACTS = {
    "processor": "Some", "instructions": ["avx2"], "threads": 2, "load_before": 0.1, "python": "3.11",
    "versions": {"torch": "2.0"},
}  # fmt: skip


def row(study, value, peer, median):
    return {
        "study": study, "value": value, "peer": peer,
        "seconds": {"median": median, "min": median / 2, "max": median * 2, "rounds": 5},
    }  # fmt: skip


@pytest.fixture
def small(monkeypatch):
    """No more than a few rows, whatever a study asks for; and no pauses."""
    of_two = growth._of_two
    monkeypatch.setattr(growth, "_of_two", lambda n, d: of_two(min(n, 50), min(d, 16)))
    monkeypatch.setattr(growth.measure, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(growth.measure.gc, "collect", lambda: 0)
    monkeypatch.setattr(growth.torch, "set_num_threads", lambda count: None)
    monkeypatch.setattr(growth.machine, "threads_everywhere", lambda count: None)
    monkeypatch.setattr(growth.machine, "facts", lambda threads: FACTS)
    monkeypatch.setattr(growth, "apart", lambda function, *arguments: function(*arguments))


def test_the_command_measures_every_study_and_writes_its_pages(small, tmp_path):
    result = CliRunner().invoke(growth.main, ["--scale", "tiny", "--out", str(tmp_path)], catch_exceptions=False)
    assert result.exit_code == 0
    folder = tmp_path / machine.kind(FACTS)
    found = json.loads((folder / "growth.json").read_text(encoding="utf-8"))
    for name, study in growth.STUDIES.items():
        rows = [row for row in found["rows"] if row["study"] == name]
        assert {row["value"] for row in rows} == set(study.values["tiny"])
        assert OURS in {row["peer"] for row in rows}
        # None is left out but for time.
        expected = {
            (value, peer)
            for value in study.values["tiny"]
            for peer in study.runs(value)
            if value <= study.most.get(peer, value)
        }
        assert {(row["value"], row["peer"]) for row in rows} == expected
        assert all(0 < row["seconds"]["min"] <= row["seconds"]["median"] <= row["seconds"]["max"] for row in rows)
    assert (folder / "growth.md").read_text(encoding="utf-8") == growth.to_markdown(found)
    assert (folder / "growth.csv").read_text(encoding="utf-8") == growth.to_csv(found)
    assert (tmp_path / "growth.png").exists()
    # One study again: the others are kept.
    CliRunner().invoke(
        growth.main, ["--scale", "tiny", "--only", "rows", "--out", str(tmp_path)], catch_exceptions=False
    )
    again = json.loads((folder / "growth.json").read_text(encoding="utf-8"))
    kept = [row for row in found["rows"] if row["study"] != "rows"]
    assert [row for row in again["rows"] if row["study"] != "rows"] == kept
    assert len(again["rows"]) == len(found["rows"])


def test_tables_and_panels_of_growth():
    rows = [row("rows", 250, OURS, 1e-3), row("rows", 1000, OURS, 4e-3), row("rows", 250, "scipy", 0.02)]
    found = {"scale": "full", "machine": FACTS, "rows": rows}
    lines = growth.to_markdown(found).splitlines()
    assert "AVX2: Some, 2 threads, load 0.1 before; Python 3.11, torch 2.0." in lines
    assert "| n | boundcheck | scipy |" in lines
    assert "| 250 | 1 ms | 20 ms |" in lines
    assert "| 1,000 | 4 ms | — |" in lines
    parsed = list(csv.reader(growth.to_csv(found).splitlines()))
    assert parsed[2] == ["rows", "1000", OURS, "0.004", "0.002", "0.008", "5"]
    panels = growth.figure({"a": found, "b": found}).axes
    assert len(panels) == 2 * len(growth.STUDIES)
    assert [text.get_text() for text in panels[0].get_legend().get_texts()] == [OURS, "scipy"]
    assert list(panels[0].get_lines()[0].get_xdata()) == [250, 1000]


@pytest.mark.parametrize(("limit", "expected"), [(1, (1,)), (2, (1, 2)), (6, (1, 2, 4, 6)), (8, (1, 2, 4, 8))])
def test_cores_are_doubled_up_to_those_there_are(limit, expected):
    assert growth._cores(limit) == expected


FOUND = sorted(growth.RESULTS.glob("*/growth.json"))


def test_pages_are_made_of_the_results():
    for path in FOUND:
        found = json.loads(path.read_text(encoding="utf-8"))
        assert found["scale"] == "full"
        assert machine.kind(found["machine"]) == path.parent.name
        for name, made in (("growth.md", growth.to_markdown), ("growth.csv", growth.to_csv)):
            assert path.with_name(name).read_text(encoding="utf-8") == made(found)
