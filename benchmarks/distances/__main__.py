"""One command: measure, write JSON, then tables and figures from the JSON, those of every kind of processor beside one another.

What is measured in 20 minutes on two cores are the works that goals are set for, with the peers that users would take
otherwise; ``--full`` measures every work by every peer, and the accuracy of each.
"""

from __future__ import annotations

import json
import math
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import numpy as np

from benchmarks.distances import accuracy, machine, measure, tables
from benchmarks.distances.peers import OURS
from benchmarks.distances.processes import apart
from benchmarks.distances.works import PIXELS, WORKS, Scale
from boundcheck.atomic import write_text
from boundcheck.report import figures

_ROOT = Path(__file__).parent.parent.parent
_RESULTS = _ROOT / "benchmarks" / "results" / "distances"
# Omniglot's 105 × 105 at the size of other benchmarks' digits: 784 pixels.
_PIXELS_ACROSS = 28


@click.command()
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=_RESULTS, help="Folder of the results."
)
@click.option("--quick", is_flag=True, help="Small sizes: to see that all runs, not to report.")
@click.option("--full", is_flag=True, help="Every work by every peer, and the accuracy suite: more than an hour.")
@click.option("--only", type=click.Choice(list(WORKS)), multiple=True, help="Only these works; more than once.")
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    envvar="BOUNDCHECK_DATA",
    help="Folder with Omniglot's images, for the work on pixels.  [default: $BOUNDCHECK_DATA]",
)
@click.option("--threads", type=click.IntRange(1), help="Of every library.  [default: the cores there are]")
@click.option("--speed/--no-speed", default=True, help="Whether to measure time and memory.")
@click.option(
    "--accuracy/--no-accuracy",
    "accurate",
    default=None,
    help="Whether to run the accuracy suite, whose results are the same on all machines.  [default: with --full]",
)
@click.option("--tables-only", is_flag=True, help="Write the tables and the figure anew from the JSON.")
def main(
    out: Path, quick: bool, full: bool, only: tuple[str, ...], data: Path | None, threads: int | None, speed: bool,
    accurate: bool | None, tables_only: bool,
) -> None:  # fmt: skip
    """Measure distance reductions against other libraries: time, memory and accuracy."""
    threads = threads or len(os.sched_getaffinity(0))
    machine.threads_everywhere(threads)
    if not tables_only:
        if full if accurate is None else accurate:
            _measure_accuracy(out)
        if speed:
            with _pixels(data):
                _measure_speed(out, "quick" if quick else "full", only or _every(full=full), threads, full=full)
    render(out)


def _every(*, full: bool) -> tuple[str, ...]:
    return tuple(name for name, work in WORKS.items() if work.among(full=full))


@contextmanager
def _pixels(data: Path | None) -> Iterator[None]:
    """Have the processes that are started meanwhile find the rows of the drawings' pixels, where there is data."""
    if data is None:
        yield
        return
    from boundcheck.omniglot import data as omniglot

    images = omniglot.load(data, size=_PIXELS_ACROSS, progress=False).images
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pixels.npy"
        np.save(path, images.reshape(len(images), -1))
        os.environ[PIXELS] = str(path)
        try:
            yield
        finally:
            del os.environ[PIXELS]


def _measure_accuracy(out: Path) -> None:
    click.echo("accuracy", err=True)
    rows = apart(accuracy.measured)
    settings = {"rows": accuracy.ROWS, "dimension": accuracy.DIMENSION}
    _write(out / "accuracy.json", {"settings": settings, "rows": rows})


def _measure_speed(out: Path, scale: Scale, names: tuple[str, ...], threads: int, *, full: bool) -> None:
    facts, began = apart(machine.facts, threads), time.monotonic()
    click.echo(f"{facts['processor']}: {machine.kind(facts)}", err=True)
    # Those of other processors stay beside them.
    out = out / machine.kind(facts)
    results: dict[str, Any] = {
        "scale": scale,
        "machine": facts,
        "rows": _others(out / "speed.json", scale, facts, names),
    }
    for name in names:
        work = WORKS[name]
        # A work that is asked for by its name, and that a brief run leaves out, is measured as a whole.
        peers = work.among(full=full or not work.brief)
        if work.needs is not None and work.needs not in os.environ:
            click.echo(f"{name}: left out, for want of --data DIR", err=True)
            continue
        click.echo(f"{time.monotonic() - began:.0f} s, {name}: {', '.join(peers)}", err=True)
        rows = _times(name, peers, scale, threads)
        for row in rows:
            if "seconds" in row and (full or row["peer"] == OURS):
                row["extra_mb"] = _memory(name, row["peer"], scale, threads)
        results["rows"] = sorted(results["rows"] + rows, key=lambda row: list(WORKS).index(row["work"]))
        # What was measured is kept, whatever comes next.
        _write(out / "speed.json", results)
    results["compiled"] = measure.compiled(threads)
    _write(out / "speed.json", results)


def _others(path: Path, scale: Scale, facts: dict[str, Any], names: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return what an earlier run measured of other works on the same machine; none of it, where anything differs."""
    if not path.exists():
        return []
    known = json.loads(path.read_text(encoding="utf-8"))
    before, now = (
        {key: value for key, value in each.items() if "load" not in key} for each in (known["machine"], facts)
    )
    if known["scale"] != scale or before != _plain(now):
        return []
    return [row for row in known["rows"] if row["work"] not in names]


def _times(name: str, peers: tuple[str, ...], scale: Scale, threads: int) -> list[dict[str, Any]]:
    try:
        rows: list[dict[str, Any]] = apart(measure.times, name, scale, threads, peers)
    except RuntimeError as error:
        return [{"work": name, "peer": peer, "failed": str(error)} for peer in peers]
    return rows


def _memory(name: str, peer: str, scale: Scale, threads: int) -> float | None:
    try:
        found: float | None = apart(measure.memory, name, peer, scale, threads)
    except RuntimeError as error:
        click.echo(f"{name}, memory of {peer}: {error}", err=True)
        return None
    return found


def render(folder: Path) -> None:
    """Write the tables and the figures of the JSON files that a folder has, and those of each kind of machine in it."""
    kinds = speeds(folder)
    for kind, results in kinds.items():
        found = folder / kind / "speed.json"
        write_text(found.with_suffix(".md"), tables.speed_markdown(results))
        write_text(found.with_suffix(".csv"), tables.speed_csv(results))
        figures.save(tables.speed_figure(results), found.parent, "speed")
    if kinds:
        write_text(folder / "kinds.md", tables.kinds_markdown(kinds))
    if (folder / "accuracy.json").exists():
        results = json.loads((folder / "accuracy.json").read_text(encoding="utf-8"))
        write_text(folder / "accuracy.md", tables.accuracy_markdown(results))
        write_text(folder / "accuracy.csv", tables.accuracy_csv(results))


def speeds(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the results of every kind of processor that a folder has, by its name."""
    return {
        found.parent.name: json.loads(found.read_text(encoding="utf-8"))
        for found in sorted(folder.glob("*/speed.json"))
    }


def _write(path: Path, results: dict[str, Any]) -> None:
    write_text(path, json.dumps(_plain(results), indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def _plain(value: Any) -> Any:
    """Return what JSON has a word for: NaN and infinities as texts."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


if __name__ == "__main__":
    main()
