"""What is measured of published statements: as independent arithmetic has it, gone on with, and a truth that fails is told."""

import csv
import json
import sys
from dataclasses import replace

import numpy as np
import pytest

from benchmarks import published
from boundcheck.evaluate import Enclosed
from boundcheck.language import Bound, Parameter, distance, mean, x, z
from boundcheck.theorems.published import PUBLISHED, Published

#: Of a parameter that has no value here.
ZETA = Bound(
    "of-zeta",
    mean((x.each, z.each), distance(x[x.each], z[z.each])) <= Parameter("ζ"),
    collections=(x, z),
    title="Zeta",
    citation="None",
)


@pytest.fixture(autouse=True)
def _few(monkeypatch):
    monkeypatch.setattr(published, "SCANNED", 5)
    monkeypatch.setattr(published, "CHECKED", 2)


def run(monkeypatch, folder, *options):
    monkeypatch.setattr(sys, "argv", ["published", "--out", str(folder), *options])
    with pytest.raises(SystemExit) as ended:
        published.main()
    return ended.value.code


def only(monkeypatch, *statements):
    monkeypatch.setattr(published, "PUBLISHED", {one.name: one for one in statements})


def test_a_row_encloses_what_numpy_finds(monkeypatch, tmp_path):
    only(monkeypatch, PUBLISHED["medoid-squared"])
    assert run(monkeypatch, tmp_path) == 0
    rows = published.rows_of(tmp_path)
    assert rows.keys() == {("medoid-squared", "Omniglot"), ("medoid-squared", "digits")}
    for (_, name), row in rows.items():
        data = published.DATA[name]()
        first = published.Tuples(data.labelled, PUBLISHED["medoid-squared"].bound.collections)
        points = data.points(first.draw(published.SCANNED, seed=published.SEED)[0, 0])
        squares = ((points[:, None] - points[None]) ** 2).sum(axis=-1)
        lhs, rhs = (Enclosed(row[side]["value"], row[side]["error"]) for side in ("lhs", "rhs"))
        assert float(lhs) == pytest.approx(squares.mean(axis=0).min(), rel=1e-12)
        assert float(rhs) == pytest.approx(2 * ((points - points.mean(axis=0)) ** 2).sum(axis=1).mean(), rel=1e-12)
        assert 0 < lhs.error < 1e-10 * lhs
        assert row["verdict"] == "holds"
        assert row["sizes"] == {"x": len(points)}
        assert row["drawn"]["verdicts"] == {"holds": published.SCANNED}
        sides = published.sides_of(tmp_path)["medoid-squared", name]
        assert len(sides[0]) == published.SCANNED
        assert min(sides[0]) == pytest.approx(row["drawn"]["left"][0], rel=1e-4)
    with (tmp_path / "published.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    assert [float(line["lhs"]) for line in table] == [row["lhs"]["value"] for row in rows.values()]


def test_what_a_scan_leaves_undecided_is_checked(monkeypatch, tmp_path):
    # More than a scan decides by exact numbers, all equal.
    only(monkeypatch, PUBLISHED["between-and-within"], PUBLISHED["huygens"])
    monkeypatch.setattr(published, "CHECKED", 18)
    monkeypatch.setattr(published, "DATA", {"digits": published.digits})
    assert run(monkeypatch, tmp_path) == 0
    for row in published.rows_of(tmp_path).values():
        assert row["drawn"]["verdicts"] == {"holds": published.CHECKED}
        assert row["decided"] == "holds (equal, decided exactly)"


def test_a_run_goes_on_and_measures_anew_what_is_another_statement(monkeypatch, tmp_path):
    only(monkeypatch, PUBLISHED["medoid"])
    assert run(monkeypatch, tmp_path) == 0
    text = (tmp_path / "published.json").read_text()
    found = json.loads(text)
    assert run(monkeypatch, tmp_path) == 0
    assert (tmp_path / "published.json").read_text() == text
    found["rows"][0]["digest"], found["rows"][1]["setting"] = "of another", "elsewhere"
    (tmp_path / "published.json").write_text(json.dumps(found))
    data = {name: made() for name, made in published.DATA.items()}
    stale = published.rows_of(tmp_path)
    assert not any(published.is_current(row, PUBLISHED["medoid"], data[name]) for (_, name), row in stale.items())
    assert run(monkeypatch, tmp_path) == 0
    rows = published.rows_of(tmp_path)
    assert all(published.is_current(row, PUBLISHED["medoid"], data[name]) for (_, name), row in rows.items())
    assert not published.is_current(None, PUBLISHED["medoid"], data["digits"])


def test_a_truth_that_fails_ends_a_run_and_so_does_one_that_cannot_be_drawn(monkeypatch, tmp_path):
    monkeypatch.setattr(published, "DATA", {"digits": published.digits})
    only(monkeypatch, replace(PUBLISHED["jung-half"], counterexample=None, reading_of=""))
    assert run(monkeypatch, tmp_path) == "jung-half fails on digits"
    only(monkeypatch, PUBLISHED["jung-half"])
    assert run(monkeypatch, tmp_path) == 0
    only(monkeypatch, Published(ZETA, year=2026))
    assert "a value of ζ of 'of-zeta'" in run(monkeypatch, tmp_path)
    assert published.rows_of(tmp_path).keys() == {("jung-half", "digits")}


@pytest.mark.parametrize("name", published.DATA)
def test_what_settings_say_of_points_is_so(name):
    data = published.DATA[name]()
    random = np.random.default_rng(1)

    def drawn(statement):
        setting = published.setting_of(PUBLISHED[statement])
        return setting.drawn(data, PUBLISHED[statement].bound, random)

    pairs = drawn("infonce-log-n")
    assert np.linalg.norm(pairs["x"], axis=1) == pytest.approx(published.LENGTH)
    assert len(np.unique(np.concatenate([pairs["x"], pairs["z"]]), axis=0)) == 2 * published.PAIRS
    assert len(drawn("welch")["x"]) > data.labelled.points.shape[1]
    shared = drawn("transport-variation")
    own, other = ({tuple(row) for row in shared[symbol].tolist()} for symbol in "xz")
    assert own & other
    assert own - other
    rounded = drawn("scalar-quantiser")
    assert np.abs(rounded["x"] - rounded["z"]).max() <= 0.25
    coded = drawn("asymmetric-distance")
    assert len(np.unique(coded["z"], axis=0)) < len(coded["z"])
    centres = drawn("elkan")
    gaps = np.linalg.norm(centres["w"] - centres["z"], axis=1)
    assert 2 * np.linalg.norm(centres["x"] - centres["z"], axis=1).max() <= gaps.min()
    proxies = drawn("proxy-triplet")
    np.testing.assert_array_equal(proxies["y"], np.broadcast_to(proxies["z"].mean(axis=0), proxies["z"].shape))
    for statement, constant in (("domain-adaptation", 1), ("deep-sets", 1)):
        given = drawn(statement)
        before = np.linalg.norm(given["x"] - given["x"][::-1], axis=1)
        for function in given["maps"].values():
            values = function(given["x"])
            assert (np.linalg.norm(values - values[::-1], axis=1) <= constant * before + 1e-12).all()
