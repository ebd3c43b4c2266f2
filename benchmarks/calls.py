"""What one call of ``check_bound`` costs: alone, beside plain NumPy, and within a training loop.

    python -m benchmarks.calls [--out DIR] [--rounds N] [--tables-only]

*calls*: theorem K, and others, on small collections that hold points already. *NumPy* computes both sides of the same
statement and its least m in a few lines, without bounds on errors, verdicts and checks of what it is given. *as ever* is
:func:`boundcheck.check_bound` where nothing was written down of earlier calls, *again* where a straight line was, as it is from the
third call on with collections of the same sizes; *looked at* has the witness, the hints and the tightness found too, which
a report leaves until they are looked at. *training*: a step of a small network on triplets of 20 collections, alone, with
a check of theorem K on three collections at every step, and at every epoch of 20 steps.

All of a row take turns, on one thread. Times are processor time of that thread, so that what else the machine does counts
for little: the median, and the quartiles.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.every_triple import processor
from boundcheck import check, check_bound
from boundcheck._version import __version__
from boundcheck.atomic import write_text
from boundcheck.evaluate.straight import reader as straight
from boundcheck.language import Bound, distance, farthest, mean, x, z
from boundcheck.report.tables import Table

RESULTS = Path(__file__).parent / "results" / "calls"
SHAPES = ((5, 64), (20, 128), (20, 1408), (100, 128))
STEPS_AN_EPOCH, OBJECTS = 20, 20
CENTROIDS = Bound("centroids", lhs=distance(mean(x), mean(z)), rhs=farthest(x, z), collections=[x, z])


def main() -> None:
    """Measure; write JSON and a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--rounds", type=int, default=200, help="how often each is done, in turn with the others")
    parser.add_argument("--tables-only", action="store_true", help="write the table anew from the JSON")
    options = parser.parse_args()
    path = options.out / "calls.json"
    if not options.tables_only:
        found = measured(options.rounds)
        write_text(path, json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    known = json.loads(path.read_text(encoding="utf-8"))
    write_text(options.out / "calls.md", to_markdown(known))
    print(to_markdown(known))


def measured(rounds: int = 200) -> dict[str, Any]:
    """Return what every row took, and on what."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        rows = [*(row for shape in SHAPES for row in [of_theorem_k(*shape, rounds)]), *of_others(rounds)]
        loop = of_training(max(3, rounds // 10))
    finally:
        torch.set_num_threads(before)
    return {
        "boundcheck": __version__,
        "processor": processor(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "python": sys.version.split()[0],
        "numpy": np.__version__,
        "torch": torch.__version__,
        "rounds": rounds,
        "calls": rows,
        "training": loop,
    }


def drawn(n: int, dimension: int, count: int = 3, seed: int = 0) -> list[np.ndarray]:
    """Return collections of points: the last one apart from the others."""
    random = np.random.default_rng(seed)
    return [random.normal(size=(n, dimension)) + (number == 2) for number in range(count)]


def by_numpy(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> tuple[float, float, float]:
    """Return both sides of theorem K and the least m, as one writes them by hand."""
    lhs = np.linalg.norm(a.mean(axis=0) - b.mean(axis=0))
    positives = np.linalg.norm(a[:, None] - b[None], axis=-1)
    negatives = np.linalg.norm(a[:, None] - c[None], axis=-1)
    m = (positives.max(axis=1) - negatives.min(axis=1)).max()
    return float(lhs), float(2 * max(m, negatives.max())), float(m)


def in_turn(ways: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, dict[str, float]]:
    """Return the microseconds of processor time of each way: the median and the quartiles."""
    for way in ways.values():
        # The third call is the first that follows a line.
        for _ in range(3):
            way()
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            start = time.thread_time_ns()
            way()
            taken[name].append((time.thread_time_ns() - start) / 1000)
    return {name: _spread(times) for name, times in taken.items()}


def _spread(times: list[float]) -> dict[str, float]:
    low, middle, high = statistics.quantiles(times, n=4)
    return {"median": round(middle, 1), "low": round(low, 1), "high": round(high, 1)}


def _as_ever(call: Callable[[], object]) -> Callable[[], object]:
    """Return a call that knows nothing of earlier ones."""

    def alone() -> object:
        known, straight._lines = straight._lines, straight._Lines()
        try:
            return call()
        finally:
            straight._lines = known

    return alone


def of_theorem_k(n: int, dimension: int, rounds: int) -> dict[str, Any]:
    """Return what theorem K takes on three collections of n points."""
    points = drawn(n, dimension)

    def again() -> object:
        return check_bound(None, *points)

    def looked_at() -> object:
        report = check_bound(None, *points)
        return report.premises, report.notes, report.tightness

    report = check_bound(None, *points)
    for found, expected in zip((report.lhs, report.rhs, report.m), by_numpy(*points), strict=True):
        if not np.isclose(float(found), expected, rtol=1e-12):
            raise AssertionError("both are to be of the same statement")
    ways = {"NumPy": lambda: by_numpy(*points), "as ever": _as_ever(again), "again": again, "looked at": looked_at}
    return {"work": "theorem K", "n": n, "dimension": dimension, **in_turn(ways, rounds)}


def of_others(rounds: int) -> list[dict[str, Any]]:
    """Return what other statements take on collections of 20 points in 128 dimensions."""
    points = drawn(20, 128)
    calls: dict[str, Callable[[], object]] = {
        "chamfer": lambda: check_bound(None, *points, bound="chamfer"),
        "two-sided": lambda: check_bound(None, *points, bound="two-sided"),
        "medoids": lambda: check_bound(None, *points, aggregator="medoid"),
        "m given": lambda: check_bound(None, *points, m=5.0),
        "two collections": lambda: check(CENTROIDS, None, x=points[0], z=points[1]),
    }
    return [
        {"work": name, "n": 20, "dimension": 128, **in_turn({"as ever": _as_ever(call), "again": call}, rounds)}
        for name, call in calls.items()
    ]


def of_training(rounds: int) -> dict[str, Any]:
    """Return what an epoch of a small network's training takes, without checks, with one, and with one at every step."""
    torch.manual_seed(0)
    images = torch.randn(20, OBJECTS, 784)
    network = torch.nn.Sequential(torch.nn.Linear(784, 256), torch.nn.ReLU(), torch.nn.Linear(256, 128))
    optimiser = torch.optim.SGD(network.parameters(), lr=1e-3)

    def epoch(*, checks: int) -> None:
        for step in range(STEPS_AN_EPOCH):
            anchors = torch.arange(20)
            batch = torch.stack([images, images.roll(1, dims=1), images[(anchors + 1 + step) % 20]])
            points = network(batch)
            apart = torch.linalg.vector_norm(points[0] - points[1:], dim=-1)
            loss = torch.relu(apart[0] - apart[1] + 0.2).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            if checks == STEPS_AN_EPOCH or (checks and step == STEPS_AN_EPOCH - 1):
                check_bound(None, points[0, 0], points[1, 0], points[2, 0])

    ways = {
        "without": lambda: epoch(checks=0),
        "once an epoch": lambda: epoch(checks=1),
        "at every step": lambda: epoch(checks=STEPS_AN_EPOCH),
    }
    return {"steps": STEPS_AN_EPOCH, "objects": OBJECTS, "dimension": 128, **in_turn(ways, rounds)}


def to_markdown(found: Mapping[str, Any]) -> str:
    """Return the results as two tables, with what they were measured on."""
    rows = []
    for row in found["calls"]:
        plain, again = row.get("NumPy"), row["again"]
        rows.append(
            (
                row["work"],
                f"{row['n']} × {row['dimension']}",
                _milliseconds(plain) if plain else "",
                _milliseconds(row["as ever"]),
                _milliseconds(again),
                _milliseconds(row["looked at"]) if "looked at" in row else "",
                f"{again['median'] / plain['median']:.1f}" if plain else "",
                f"{row['as ever']['median'] / again['median']:.1f}",
            )
        )
    heads = ("statement", "points", "NumPy", "as ever", "again", "looked at", "again ÷ NumPy", "as ever ÷ again")
    loop = found["training"]
    without = loop["without"]["median"]
    epochs = [
        (name, _milliseconds(loop[name]), f"{100 * (loop[name]['median'] / without - 1):+.1f}%" if number else "")
        for number, name in enumerate(("without", "once an epoch", "at every step"))
    ]
    about = (
        f"boundcheck {found['boundcheck']} on {found['processor']}, {found['cores']} cores, load {found['load']}; "
        f"Python {found['python']}, NumPy {found['numpy']}, torch {found['torch']}. Milliseconds of processor time on one thread, "
        f"medians of {found['rounds']} in turn, with the quartiles."
    )
    training = (
        f"An epoch of {loop['steps']} steps of a small network, {loop['objects']} objects a collection, "
        f"{loop['dimension']} dimensions"
    )
    tables = (
        Table("One call on three collections", heads, tuple(rows), note=about),
        Table(training, ("checks", "an epoch", "more"), tuple(epochs)),
    )
    return "\n".join(table.to_markdown() for table in tables)


def _milliseconds(spread: Mapping[str, float]) -> str:
    return f"{spread['median'] / 1000:.2f} ({spread['low'] / 1000:.2f}–{spread['high'] / 1000:.2f})"


if __name__ == "__main__":
    main()
