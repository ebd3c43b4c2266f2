"""How the cost of distances grows: with rows, with the dimension, with collections and with cores, beside peers.

    python -m benchmarks.distances.growth [--out FOLDER] [--scale full|quick|tiny] [--only rows|dimension|collections|cores ...]
        [--threads N] [--tables-only]

Each point is measured in a process of its own, where all peers of it take turns. What was measured lies in a folder for
each kind of processor; the figure has a line of panels for each.
"""

from __future__ import annotations

import json
import os
import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import torch

from benchmarks.distances import machine, measure, tables
from benchmarks.distances.peers import OURS, reductions
from benchmarks.distances.processes import apart
from benchmarks.distances.works import FIVE_REDUCTIONS, ONE_REDUCTION, OUR_MAX, SCALES, WORKS, Scale
from boundcheck.atomic import write_text
from boundcheck.report import figures
from boundcheck.report.tables import csv_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["STUDIES", "Study", "figure", "main", "measured", "to_csv", "to_markdown"]

RESULTS = Path(__file__).parent.parent / "results" / "distances"

_TILES = "float32 tiles, MKL"
_OF_TWO = (OURS, "torch.cdist", _TILES, "scipy")
_COLOURS = dict(
    zip(
        (OURS, OUR_MAX, "torch.cdist", ONE_REDUCTION, _TILES, "scipy", FIVE_REDUCTIONS),
        ("#4477AA", "#66CCEE", "#EE6677", "#EE6677", "#228833", "#CCBB44", "#AA3377"),
        strict=True,
    )
)


@dataclass(frozen=True)
class Study:
    """One cause of cost, and who is measured against it.

    Attributes
    ----------
    title, axis
        What a panel says above and below.
    values
        Of the cause, by scale.
    runs
        From a value of it to what each peer runs.
    most
        Values beyond which a peer is left out, for time.
    """

    title: str
    axis: str
    values: Mapping[Scale, tuple[int, ...]]
    runs: Callable[[int], dict[str, Callable[[], float]]]
    most: Mapping[str, int]


def _of_two(n: int, d: int) -> dict[str, Callable[[], float]]:
    """Return what finds the largest distance of n rows and n others."""
    generator = torch.Generator().manual_seed(1)
    x, w = (torch.randn(n, d, generator=generator) for _ in range(2))
    known = reductions("max")
    return {peer: partial(known[peer], x, w) for peer in _OF_TWO}


def _of_collections(count: int) -> dict[str, Callable[[], float]]:
    inputs = WORKS["between-128"].inputs(torch.Generator().manual_seed(1), count, 128)
    known = WORKS["between-128"].runs
    peers = (OURS, OUR_MAX, ONE_REDUCTION, FIVE_REDUCTIONS)
    return {peer: partial(known[peer], *inputs) for peer in peers}


def _cores(limit: int) -> tuple[int, ...]:
    """Return 1, 2, 4 … up to the cores there are, and those."""
    powers = [1 << power for power in range(limit.bit_length()) if 1 << power <= limit]
    return tuple(sorted({*powers, limit}))


def _studies(cores: int) -> dict[str, Study]:
    return {
        "rows": Study(
            "largest distance of n × n rows, D = 128",
            "n",
            {"full": (250, 1000, 4000, 16_000, 32_000), "quick": (250, 1000, 4000), "tiny": (40, 80)},
            lambda n: _of_two(n, 128),
            {"scipy": 4000},
        ),
        "dimension": Study(
            "largest distance of 4000 × 4000 rows",
            "D",
            {"full": (16, 64, 256, 1024, 4096), "quick": (16, 128, 1024), "tiny": (8, 16)},
            lambda d: _of_two(4000, d),
            {"scipy": 64},
        ),
        "collections": Study(
            "between every two of C collections of 20, D = 128",
            "C",
            {"full": (30, 100, 300, 1000), "quick": (30, 100), "tiny": (4, 8)},
            _of_collections,
            {},
        ),
        "cores": Study(
            "largest distance of 16,000 × 16,000 rows, D = 128",
            "threads",
            {"full": _cores(cores), "quick": _cores(cores), "tiny": (1, 2)},
            lambda threads: _of_two(16_000, 128),
            {"scipy": 0},
        ),
    }


#: What cost is measured against.
STUDIES = _studies(len(os.sched_getaffinity(0)))


def measured(name: str, value: int, threads: int) -> list[dict[str, Any]]:
    """Return a row for each peer at one value of a study: the seconds of its runs, which took turns."""
    torch.set_num_threads(threads)
    study = STUDIES[name]
    runs = {peer: run for peer, run in study.runs(value).items() if value <= study.most.get(peer, value)}
    for run in runs.values():
        run()
    seconds, _, failed = measure.interleaved(runs, pause=measure.PAUSE_SECONDS)
    return [
        {
            "study": name,
            "value": value,
            "peer": peer,
            "seconds": {"median": statistics.median(taken), "min": min(taken), "max": max(taken), "rounds": len(taken)},
        }
        for peer, taken in seconds.items()
        if peer not in failed
    ]


@click.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=RESULTS, help="Folder of the results.")
@click.option(
    "--scale", type=click.Choice(SCALES), default="full", help="How large; quick and tiny show that all runs."
)
@click.option("--only", type=click.Choice(list(STUDIES)), multiple=True, help="Only these studies; more than once.")
@click.option("--threads", type=click.IntRange(1), help="Of every library, but in the study of cores.  [default: all]")
@click.option("--tables-only", is_flag=True, help="Write tables and the figure anew from the JSON.")
def main(out: Path, scale: Scale, only: tuple[str, ...], threads: int | None, tables_only: bool) -> None:
    """Measure how the cost of distances grows."""
    if not tables_only:
        _measure(out, scale, only or tuple(STUDIES), threads or len(os.sched_getaffinity(0)))
    found = {
        path.parent.name: json.loads(path.read_text(encoding="utf-8")) for path in sorted(out.glob("*/growth.json"))
    }
    for kind, one in found.items():
        write_text(out / kind / "growth.md", to_markdown(one))
        write_text(out / kind / "growth.csv", to_csv(one))
    if found:
        figures.save(figure(found), out, "growth")


def _measure(out: Path, scale: Scale, names: tuple[str, ...], threads: int) -> None:
    facts = apart(machine.facts, threads)
    path = out / machine.kind(facts) / "growth.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"rows": []}
    rows = [row for row in known["rows"] if row["study"] not in names] if known.get("scale") == scale else []
    for name in names:
        for value in STUDIES[name].values[scale]:
            click.echo(f"{name}: {value:,}", err=True)
            used = value if name == "cores" else threads
            machine.threads_everywhere(used)
            rows += apart(measured, name, value, used)
        text = json.dumps({"scale": scale, "machine": facts, "rows": rows}, indent=1, ensure_ascii=False)
        write_text(path, text + "\n")


def to_markdown(found: Mapping[str, Any]) -> str:
    """Return the page of one kind of processor: a table for each study."""
    parts = ["# How the cost of distances grows", tables.measured_with(found), f"Scale: {found['scale']}; medians."]
    for name, study in STUDIES.items():
        rows = [row for row in found["rows"] if row["study"] == name]
        if not rows:
            continue
        peers = list(dict.fromkeys(row["peer"] for row in rows))
        medians = {(row["value"], row["peer"]): row["seconds"]["median"] for row in rows}
        body = [
            (f"{value:,}", *(_cell(medians.get((value, peer))) for peer in peers))
            for value in dict.fromkeys(row["value"] for row in rows)
        ]
        parts += [f"## {study.title}", tables.as_table((study.axis, *peers), body)]
    return "\n\n".join(parts) + "\n"


def _cell(seconds: float | None) -> str:
    return "—" if seconds is None else tables.as_time(seconds)


def to_csv(found: Mapping[str, Any]) -> str:
    """Return every point as a row of plain numbers."""
    rows: list[tuple[object, ...]] = [("study", "value", "by", "median", "min", "max", "rounds")]
    for row in found["rows"]:
        seconds = row["seconds"]
        rows.append((
            row["study"], row["value"], row["peer"], seconds["median"], seconds["min"], seconds["max"], seconds["rounds"]
        ))  # fmt: skip
    return csv_of(rows, end="\n")


def figure(found: Mapping[str, Mapping[str, Any]]) -> Figure:
    """Draw every study of every kind of processor: seconds against what they grow with, both in powers."""
    from matplotlib.figure import Figure

    drawing = Figure(figsize=(4 * len(STUDIES), 3.6 * len(found)), layout="constrained")
    panels = drawing.subplots(len(found), len(STUDIES), squeeze=False)
    for line, one in zip(panels, found.values(), strict=True):
        for (name, study), panel in zip(STUDIES.items(), line, strict=True):
            rows = [row for row in one["rows"] if row["study"] == name]
            for peer in dict.fromkeys(row["peer"] for row in rows):
                points = sorted((row["value"], row["seconds"]["median"]) for row in rows if row["peer"] == peer)
                marker = "o" if peer.startswith(OURS) else "s"
                panel.plot(*zip(*points, strict=True), marker=marker, color=_COLOURS[peer], markersize=4, label=peer)
            panel.set(xscale="log", yscale="log", xlabel=study.axis, ylabel="seconds")
            panel.grid(which="major", linewidth=0.4)
            panel.set_title(f"{study.title}\n{one['machine']['processor']}", fontsize=8, loc="left")
            if rows:
                panel.legend(fontsize=6)
    return drawing


if __name__ == "__main__":
    main()
