"""Benchmarks of distance reductions: that they measure what they say, and that pages show what was measured."""

import csv
import dataclasses
import json
import math
import os
import re
import signal
from fractions import Fraction
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from benchmarks.distances import __main__ as command
from benchmarks.distances import accuracy, machine, measure, tables
from benchmarks.distances.peers import OURS, REQUIRES, UNPRUNED, reductions
from benchmarks.distances.processes import apart
from benchmarks.distances.works import FIVE_REDUCTIONS, OUR_ROUGH, PIXELS, WORKS, Work
from boundcheck.evaluate import Enclosed
from boundcheck.kernels import tiles
from boundcheck.omniglot import data as omniglot
from tests.exact_distances import reduced

ROOT = Path(__file__).parent.parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "distances"
THREADS = torch.get_num_threads()
# The others are not installed for tests, or are compiled for a minute.
PEERS = tuple(peer for peer in accuracy.PEERS if peer not in ("pykeops", "faiss"))


@pytest.fixture
def work(monkeypatch):
    """Return a function that adds a work of this name: its runs, by peer, of one tensor."""

    def add(**fields):
        given = {"sizes": dict.fromkeys(("full", "quick", "tiny"), (10,)), **fields}
        made = Work("made up", "made up", lambda generator, n: (torch.zeros(n, 3),), **given)
        monkeypatch.setitem(WORKS, "made up", made)
        return made

    return add


# ----------------------------------------------------------------------------------------------------------- measuring


@pytest.mark.parametrize("name", WORKS)
def test_every_peer_of_a_work_finds_the_same(name, monkeypatch, tmp_path):
    some = {peer: run for peer, run in WORKS[name].runs.items() if peer not in REQUIRES or peer in PEERS}
    monkeypatch.setitem(WORKS, name, dataclasses.replace(WORKS[name], runs=some, repeat=1))
    monkeypatch.setattr(measure, "PAUSE_SECONDS", 0.0)
    # A test's process has much to look through.
    monkeypatch.setattr(measure.gc, "collect", lambda: 0)
    np.save(tmp_path / "pixels.npy", np.random.default_rng(0).integers(0, 256, (140, 8), dtype=np.uint8))
    monkeypatch.setenv(PIXELS, str(tmp_path / "pixels.npy"))
    rows = measure.times(name, "tiny", THREADS)
    assert [row["peer"] for row in rows] == list(some)
    ours = rows[0]
    assert ours["peer"] == OURS
    assert 0 < ours["relative_width"] <= 1e-12
    for row in rows:
        if row.get("failed", "").startswith("ModuleNotFoundError"):
            continue
        assert row["seconds"]["rounds"] == 5
        assert 0 < row["seconds"]["min"] <= row["seconds"]["median"] <= row["seconds"]["max"]
        if row["peer"].startswith("product alone"):
            assert math.isnan(row["value"])
        else:
            assert row["value"] == pytest.approx(ours["value"], rel=1e-5), row["peer"]


def test_nothing_pruned_is_the_same_result_without_the_search(monkeypatch):
    rng = np.random.default_rng(0)
    # One far row on each side: with the search most pairs are left out.
    x, w = (torch.from_numpy(np.vstack([rng.normal(size=(50, 6)), 100 * side * np.ones((1, 6))])) for side in (1, -1))
    of = reductions("max")
    assert float(of[UNPRUNED](x, w)) == float(of[OURS](x, w)) == pytest.approx(200 * math.sqrt(6))

    def searched(*arguments):
        raise RuntimeError("searched")

    monkeypatch.setattr(tiles, "_double_sweep", searched)
    monkeypatch.setattr(tiles, "_by_radius", searched)
    assert float(of[UNPRUNED](x, w)) == pytest.approx(200 * math.sqrt(6))
    with pytest.raises(RuntimeError, match="searched"):
        of[OURS](x, w)


def test_rounds_are_interleaved_and_long_runs_have_fewer():
    order, now = [], count()
    seconds = {"short": 1, "long": 12}
    clock = {"at": 0.0}

    def run(name):
        order.append(name)
        clock["at"] += seconds.get(name, 0)
        if name == "broken":
            raise ValueError("no")
        return next(now)

    runs = {name: lambda name=name: run(name) for name in ("short", "broken", "long")}
    found, values, failed = measure.interleaved(runs, clock=lambda: clock["at"], pause=0)
    assert order == ["short", "broken", "long", *["short", "long"] * 2, "short", "short"]
    assert found == {"short": [1.0] * 5, "broken": [], "long": [12.0] * 3}
    assert failed == {"broken": "ValueError: no"}
    assert values == {"short": 7, "long": 5}


def test_a_share_of_the_rows_and_repeated_calls_are_reckoned_for_the_whole(work, monkeypatch):
    calls = []
    work(runs={"all": lambda x: 1.0, "some": lambda x: calls.append(len(x)) or 2.0}, shares={"some": 0.25}, repeat=4)

    def five_seconds(runs, pause):
        values = {name: run() for name, run in runs.items()}
        return {name: [5.0] for name in runs}, values, {}

    monkeypatch.setattr(measure, "interleaved", five_seconds)
    rows = {row["peer"]: row for row in measure.times("made up", "full", THREADS)}
    # 3 of 10 rows, rounded up; once to warm up and four times.
    assert calls == [3] * 5
    assert rows["some"]["share"] == 0.3
    assert rows["some"]["seconds"]["median"] == pytest.approx(5 / 0.3 / 4)
    assert rows["all"]["seconds"]["median"] == pytest.approx(5 / 4)
    assert (rows["some"]["value"], rows["all"]["value"]) == (None, 1.0)
    assert {row["share"] for row in measure.times("made up", "quick", THREADS)} == {1.0}


def test_a_peer_that_raises_is_a_result(work):
    def refuse(x):
        raise RuntimeError("not here")

    work(runs={"good": lambda x: 1.0, "bad": refuse})
    good, bad = measure.times("made up", "tiny", THREADS)
    assert good["seconds"]["rounds"] == 5
    assert bad == {"work": "made up", "peer": "bad", "failed": "RuntimeError: not here"}


@pytest.mark.skipif(not os.access("/proc/self/clear_refs", os.W_OK), reason="needs Linux's count of peak memory")
def test_memory_is_what_a_run_takes_at_its_peak(work):
    def take(x):
        # Not of the warm-up, whose rows are the same: of the run alone.
        taken.append(torch.ones(16_000_000) if taken else None)
        taken[-1] = None
        return 1.0

    taken: list = []
    work(runs={"large": take, "small": lambda x: 1.0}, shares={"small": 0.5})
    assert 60 <= measure.memory("made up", "large", "tiny", THREADS) <= 70
    assert measure.memory("made up", "small", "tiny", THREADS) < 10
    assert measure.memory("made up", "small", "full", THREADS) is None


def test_a_process_that_ends_early_says_how():
    assert apart(math.sqrt, 4.0) == 2
    with pytest.raises(RuntimeError, match=r"^ValueError: "):
        apart(math.sqrt, -1.0)
    with pytest.raises(RuntimeError, match="the process ended with status -9"):
        apart(_end_itself)


def _end_itself():
    os.kill(os.getpid(), signal.SIGKILL)


# ------------------------------------------------------------------------------------------------------------ accuracy


@pytest.mark.parametrize("case", [case for case in accuracy.CASES if case != accuracy.NAN])
def test_the_reference_against_integers(case):
    x, w = accuracy.rows_of(case, 7, 9)
    expected, _, _ = reduced(x.tolist(), w[:11].tolist())
    for name, value in accuracy.exact(x, w[:11]).items():
        low, high = expected[name]
        found = Fraction(*value.as_integer_ratio())
        assert max(low - found, found - high) <= high * Fraction(17, 2**64), name


def test_relative_errors():
    assert accuracy.relative_error(1.5, np.longdouble(1)) == 0.5
    assert accuracy.relative_error(0.0, np.longdouble(0)) == 0
    assert accuracy.relative_error(1e-30, np.longdouble(0)) == math.inf
    assert accuracy.relative_error(math.inf, np.longdouble(1)) == math.inf


def test_the_accuracy_suite():
    rows = accuracy.measured(24, 16, only=PEERS)
    of = {(row["case"], row["peer"], row["reduction"]): row for row in rows}
    assert len(of) == len(accuracy.CASES) * len(PEERS) * len(accuracy.REDUCTIONS)
    ours = [row for row in rows if row["peer"] == OURS]
    for row in ours:
        if row["case"] == accuracy.NAN:
            assert row["outcome"] == "raises"
            assert re.match(r"NonFiniteError: x\[12\]: expected finite numbers, got nan in column 0", row["message"])
        else:
            assert row["encloses"], row
            assert row["error"] <= row["relative_width"] <= 1e-12, row
    # What float32 and the product are known to do.
    assert of["offset 1e3, spread 1e-2", "torch.cdist", "max"]["error"] > 0.1
    assert of["offset 1e3, spread 1e-2", "torch.cdist, differences", "max"]["error"] < 1e-6
    assert of["of size 1e20", "torch.cdist, differences", "max"]["error"] == math.inf
    assert of["of size 1e-24", "torch.cdist, differences", "max"]["error"] == 1
    assert of[accuracy.NAN, "torch.cdist", "max"]["outcome"] == "nan"
    assert of[accuracy.NAN, "scipy", "hausdorff"]["outcome"] == "silent"


def test_an_enclosure_that_is_too_narrow_is_seen(monkeypatch):
    monkeypatch.setattr(accuracy, "CASES", {"normal": accuracy.CASES["normal"]})
    monkeypatch.setattr(accuracy, "REDUCTIONS", ("max",))
    monkeypatch.setattr(accuracy.peers, "reductions", lambda name: {OURS: lambda x, w: Enclosed(1.0, 1e-3)})
    (row,) = accuracy.measured(9, 4, only=(OURS,))
    assert row["encloses"] is False
    page = tables.accuracy_markdown({"settings": {"rows": 9, "dimension": 4}, "rows": [row]})
    assert "Every enclosure holds the reference: NO." in page


# -------------------------------------------------------------------------------------------------------------- tables


def speed_row(work, peer, median, **fields):
    seconds = {"median": median, "min": median / 2, "max": median * 2, "rounds": 5}
    return {"work": work, "peer": peer, "seconds": seconds, "share": 1.0, "value": 2.0, **fields}


def test_goals_are_met_or_not_or_not_measured():
    rows = [
        speed_row("max-128", OURS, 1.0, extra_mb=151.0, relative_width=1e-13),
        speed_row("max-128", UNPRUNED, 1.05, relative_width=1e-12),
        speed_row("max-128", "torch.cdist", 8.0),
        speed_row("max-128", "float32 tiles, MKL", 3.0),
        speed_row("max-128", "float32 tiles, oneDNN", 2.4),
        speed_row("triple", OURS, 2.1e-3, relative_width="inf"),
        {"work": "max-1408", "peer": OURS, "failed": "no"},
    ]
    found = {title: cells for title, *cells in tables.goals(rows, "AVX-512 VNNI")}
    assert found["max-128: faster than torch.cdist"] == ["≥ 9×", "8×", "no"]
    assert found["max-128: faster than the better float32 product in tiles, with max"] == ["≥ 2.5×", "2.4×", "no"]
    assert found["max-128: memory beyond the inputs"] == ["≤ 150 MB", "151 MB", "no"]
    assert found["max-128: time with the search for far pairs, of that without"] == ["≤ 1.10", "0.95", "yes"]
    assert found["triple: time"] == ["≤ 500 µs", "2.1 ms", "no"]
    assert found["every work to 1e-12: relative width of the enclosure"] == ["≤ 1e-12", "inf", "no"]
    assert found["max-1408: faster than torch.cdist"] == ["≥ 5×", "—", "—"]
    assert len(found) == len(tables.GOALS)
    # Of less, less is asked.
    of_others = {title: cells for title, *cells in tables.goals(rows, "AVX2")}
    assert of_others["max-128: faster than torch.cdist"] == ["≥ 3.5×", "8×", "yes"]
    assert of_others["max-128: faster than the better float32 product in tiles, with max"] == ["—", "2.4×", "—"]


def test_what_is_asked_to_be_less_exact_counts_for_no_width():
    rows = [
        speed_row("between-128", OURS, 1.0, relative_width=1e-13),
        speed_row("between-128", OUR_ROUGH, 0.1, relative_width=1e-6),
        speed_row("between-128", FIVE_REDUCTIONS, 0.6),
    ]
    found = {title: cells for title, *cells in tables.goals(rows, "AVX2")}
    assert found["every work to 1e-12: relative width of the enclosure"] == ["≤ 1e-12", "1e-13", "yes"]
    five = "faster than torch.cdist in chunks, five reductions"
    assert found[f"between-128 (rtol=1e-5): {five}"] == ["≥ 5×", "6×", "yes"]
    assert found[f"between-128: {five}"] == ["≥ 2.5×", "0.6×", "no"]


def test_goals_are_about_works_and_peers_that_there_are():
    """With a row for each, every goal can be told."""
    rows = [
        speed_row(name, peer, 1.0, extra_mb=1.0, relative_width=1e-13)
        for name, work in WORKS.items()
        for peer in work.runs
    ]
    assert [title for title, _, _, met in tables.goals(rows, "AVX-512 VNNI") if met == "—"] == []


def test_a_brief_run_measures_all_that_goals_are_set_for():
    rows = [
        speed_row(name, peer, 1.0, extra_mb=1.0, relative_width=1e-13)
        for name, work in WORKS.items()
        for peer in work.among(full=False)
    ]
    left = [title for title, _, _, met in tables.goals(rows, "AVX-512 VNNI") if met == "—"]
    assert left == [
        "heavy-1408: faster than torch.cdist",
        "max-1408: time with the search for far pairs, of that without",
    ]
    for work in WORKS.values():
        assert work.among(full=True) == tuple(work.runs)
        assert set(work.brief) <= set(work.runs)


def test_kinds_of_processor_stand_side_by_side():
    rows = [speed_row("max-128", OURS, 0.5), speed_row("max-128", "torch.cdist", 2.0)]
    other = {**MACHINE, "processor": "Other", "instructions": ["avx2", "avx512_vnni"]}
    page = tables.kinds_table({"a": {"machine": MACHINE, "rows": rows}, "b": {"machine": other, "rows": rows}})
    lines = page.splitlines()
    assert lines[0] == "| goal | AVX2: target | measured | met | AVX-512 VNNI: target | measured | met |"
    assert "| max-128: faster than torch.cdist | ≥ 3.5× | 4× | yes | ≥ 9× | 4× | no |" in lines
    assert "| triple: time | ≤ 500 µs | — | — | ≤ 500 µs | — | — |" in lines
    assert lines[-3] == "AVX2: Some, 2 threads, load 0.1 before; Python 3.11, torch 2.0."
    assert lines[-1] == "AVX-512 VNNI: Other, 2 threads, load 0.1 before; Python 3.11, torch 2.0."


def test_the_command_measures_some_and_writes_all_pages(tmp_path, monkeypatch, work):
    """In this process, where the made-up work is; that of pixels finds their file, which is gone afterwards."""
    seen = {}

    def look(x):
        seen["pixels"] = np.load(os.environ[PIXELS])
        return 1.0

    made = work(runs={OURS: look, "other": lambda x: 1.0}, brief=(OURS,), needs=PIXELS)
    monkeypatch.setitem(WORKS, "pixels-784", dataclasses.replace(made, name="pixels-784"))
    images = np.arange(2 * 28 * 28, dtype=np.uint32).astype(np.uint8).reshape(2, 28, 28)
    monkeypatch.setattr(omniglot, "load", lambda data, size, progress: SimpleNamespace(images=images))
    monkeypatch.setattr(command, "apart", lambda function, *arguments: function(*arguments))
    monkeypatch.setattr(command, "_memory", lambda *arguments: 3.0)
    monkeypatch.setattr(command.measure, "compiled", lambda threads: {"nothing compiled": {"max": 3.0}})
    monkeypatch.setattr(command.measure, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(command.measure, "_use", lambda threads: None)
    monkeypatch.setattr(command.machine, "threads_everywhere", lambda count: None)
    asked = ["--quick", "--only", "pixels-784", "--out", str(tmp_path)]
    left_out = CliRunner().invoke(command.main, asked, env={"BOUNDCHECK_DATA": None})
    assert "pixels-784: left out, for want of --data DIR" in left_out.output
    assert CliRunner().invoke(command.main, [*asked, "--data", str(tmp_path)], catch_exceptions=False).exit_code == 0
    np.testing.assert_array_equal(seen["pixels"], images.reshape(2, -1))
    assert PIXELS not in os.environ
    (found,) = tmp_path.glob("*/speed.json")
    rows = json.loads(found.read_text(encoding="utf-8"))["rows"]
    assert [(row["work"], row["peer"], row["extra_mb"]) for row in rows] == [("pixels-784", OURS, 3.0)]
    assert (tmp_path / "kinds.md").read_text(encoding="utf-8") == tables.kinds_markdown(command.speeds(tmp_path))
    assert not (tmp_path / "accuracy.json").exists()


MACHINE = {
    "processor": "Some", "instructions": ["avx2"], "threads": 2, "load_before": 0.1, "python": "3.11",
    "versions": {"torch": "2.0", "scipy": None}, "boundcheck_format": "float32",
}  # fmt: skip


def test_tables_of_speed():
    rows = [
        speed_row("max-128", OURS, 0.5, extra_mb=20.4),
        speed_row("max-128", "scipy", 50.0, share=0.1, value=None, extra_mb=None),
        speed_row("max-128", "torch.cdist", 4e-5, value=2.002, extra_mb=1600.0),
        speed_row("max-128", "product alone, MKL", 0.25, value="nan", extra_mb=16.0),
        {"work": "max-128", "peer": "pykeops", "failed": "RuntimeError: no | compiler\nmore"},
    ]
    results = {"scale": "quick", "machine": MACHINE, "rows": rows, "compiled": {"nothing compiled": {"max": 3.0}}}
    lines = tables.speed_markdown(results).splitlines()
    assert "| boundcheck | 500 ms | 250 ms to 1 s | 5 | 1.00 | 20 MB | 0 |" in lines
    assert "| scipy (10% of the rows) | 50 s | 25 s to 100 s | 5 | 100.00 | — | — |" in lines
    assert "| torch.cdist | 40 µs | 20 µs to 80 µs | 5 | 0.00 | 1600 MB | 1e-03 |" in lines
    assert "| product alone, MKL | 250 ms | 125 ms to 500 ms | 5 | 0.50 | 16 MB | — |" in lines
    assert "| pykeops | fails | RuntimeError: no / compiler | — | — | — | — |" in lines
    assert "| max | 3 s |" in lines
    parsed = list(csv.reader(tables.speed_csv(results).splitlines()))
    assert [row[:3] for row in parsed[1:3]] == [
        ["max-128", "boundcheck", "500 ms"],
        ["max-128", "scipy (10% of the rows)", "50 s"],
    ]
    panels = tables.speed_figure(results).axes
    assert [label.get_text() for label in panels[0].get_yticklabels()] == [
        "scipy",
        OURS,
        "product alone, MKL",
        "torch.cdist",
    ]


def test_the_table_of_accuracy_shows_the_worst():
    rows = [
        {"case": "a", "peer": OURS, "reduction": "max", "outcome": "error", "error": 1e-17, "relative_width": 1e-14},
        {"case": "a", "peer": OURS, "reduction": "min", "outcome": "error", "error": 0.0, "relative_width": 2e-14},
        {"case": "a", "peer": "scipy", "reduction": "max", "outcome": "error", "error": "inf"},
        {"case": "a", "peer": "scipy", "reduction": "min", "outcome": "nan"},
        {"case": "b", "peer": OURS, "reduction": "max", "outcome": "raises", "message": "no"},
        {"case": "b", "peer": "scipy", "reduction": "max", "outcome": "silent", "value": 1.0},
    ]
    parsed = list(csv.reader(tables.accuracy_csv({"rows": rows}).splitlines()))
    assert parsed == [
        ["rows", OURS, "its enclosure's width", "scipy"],
        ["a", "1e-17", "2e-14", "∞; NaN"],
        ["b", "raises", "—", "a number all the same"],
    ]


# ------------------------------------------------------------------------------------------- what is in the repository


PAGES = {
    "speed.md": ("speed.json", tables.speed_markdown),
    "speed.csv": ("speed.json", tables.speed_csv),
    "accuracy.md": ("accuracy.json", tables.accuracy_markdown),
    "accuracy.csv": ("accuracy.json", tables.accuracy_csv),
}


SPEEDS = sorted(RESULTS.glob("*/speed.json"))
FOLDERS = {"accuracy.json": [RESULTS], "speed.json": [path.parent for path in SPEEDS]}
SHOWN = [(folder, page) for page, (source, _) in PAGES.items() for folder in FOLDERS[source]]


@pytest.mark.parametrize(("folder", "page"), SHOWN, ids=lambda part: getattr(part, "name", part))
def test_pages_are_made_of_the_results(folder, page):
    source, made = PAGES[page]
    results = json.loads((folder / source).read_text(encoding="utf-8"))
    assert (folder / page).read_text(encoding="utf-8") == made(results)


def test_the_page_of_all_kinds_is_made_of_the_results():
    assert (RESULTS / "kinds.md").read_text(encoding="utf-8") == tables.kinds_markdown(command.speeds(RESULTS))


def test_results_of_each_kind_of_processor_have_a_folder():
    for path in SPEEDS:
        assert machine.kind(json.loads(path.read_text(encoding="utf-8"))["machine"]) == path.parent.name
    found = {"processor": "AMD EPYC(TM) 7 @ 2.4GHz", "instructions": ["avx2", "fma"]}
    assert machine.kind(found) == "amd-epyc-7-avx2"
    assert machine.kind({"processor": "arm", "instructions": []}) == "arm-plain"


def test_results_that_are_shown_are_of_full_size_and_honest():
    results = json.loads((RESULTS / "accuracy.json").read_text(encoding="utf-8"))
    assert results["settings"] == {"rows": accuracy.ROWS, "dimension": accuracy.DIMENSION}
    assert {row["peer"] for row in results["rows"]} == set(accuracy.PEERS)
    assert all(row["encloses"] for row in results["rows"] if "encloses" in row)
    for path in SPEEDS:
        assert json.loads(path.read_text(encoding="utf-8"))["scale"] == "full"


def test_the_documentation_shows_the_results():
    """Its table is the file, so the rows agree; its columns are the suite's."""
    text = (ROOT / "docs" / "distances.rst").read_text(encoding="utf-8")
    (shown,) = re.findall(r"\.\. csv-table::.*\n   :file: (\S+accuracy\.csv)", text)
    assert (ROOT / "docs" / shown).resolve() == RESULTS / "accuracy.csv"
    rows = list(csv.reader((RESULTS / "accuracy.csv").read_text(encoding="utf-8").splitlines()))
    assert [row[0] for row in rows[1:]] == list(accuracy.CASES)
