"""The benchmark of one call: what it measures is of the same statement, and its pages are made of its results."""

import json

import pytest

from benchmarks import calls


def test_a_row_has_every_way_and_its_spread(monkeypatch):
    row = calls.of_theorem_k(4, 3, rounds=3)
    assert {"NumPy", "as ever", "again", "looked at"} <= row.keys()
    for way in ("NumPy", "as ever", "again", "looked at"):
        assert 0 < row[way]["low"] <= row[way]["median"] <= row[way]["high"]
    # Of statements that differ there is no row.
    monkeypatch.setattr(calls, "by_numpy", lambda *points: (0.0, 0.0, 0.0))
    with pytest.raises(AssertionError, match="same statement"):
        calls.of_theorem_k(4, 3, rounds=3)


def test_what_is_said_again_follows_a_line():
    seen = []

    def call():
        report = calls.check_bound(None, *calls.drawn(3, 2))
        seen.append(any(not isinstance(one, bool) for one in calls.straight._lines._known.values()))
        return report

    calls.in_turn({"as ever": calls._as_ever(call)}, rounds=2)
    assert not any(seen)
    calls.in_turn({"again": call}, rounds=2)
    assert seen[-1]


def test_its_table_is_made_of_its_results(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(calls, "SHAPES", ((3, 2),))
    monkeypatch.setattr(calls, "STEPS_AN_EPOCH", 2)
    monkeypatch.setattr("sys.argv", ["calls", "--out", str(tmp_path), "--rounds", "2"])
    calls.main()
    found = json.loads((tmp_path / "calls.json").read_text(encoding="utf-8"))
    text = (tmp_path / "calls.md").read_text(encoding="utf-8")
    assert {row["work"] for row in found["calls"]} >= {"theorem K", "chamfer", "two collections"}
    for row in found["calls"]:
        assert f"{row['again']['median'] / 1000:.2f}" in text
    assert "at every step" in text
    assert found["processor"] in text
    assert text.strip() in capsys.readouterr().out


def test_the_results_that_are_shipped_are_shown():
    found = json.loads((calls.RESULTS / "calls.json").read_text(encoding="utf-8"))
    assert calls.to_markdown(found) == (calls.RESULTS / "calls.md").read_text(encoding="utf-8")
    assert {(row["n"], row["dimension"]) for row in found["calls"] if row["work"] == "theorem K"} == set(calls.SHAPES)
