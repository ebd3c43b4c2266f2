"""One command: measure, write JSON, then tables and a figure from the JSON."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

import click

from benchmarks.distances import accuracy, machine, measure, tables
from benchmarks.distances.processes import apart
from benchmarks.distances.works import WORKS, Scale
from boundcheck.atomic import write_text
from boundcheck.report import figures

_RESULTS = Path(__file__).parent.parent / "results" / "distances"


@click.command()
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=_RESULTS, help="Folder of the results."
)
@click.option("--quick", is_flag=True, help="Small sizes: to see that all runs, not to report.")
@click.option("--only", type=click.Choice(list(WORKS)), multiple=True, help="Only these works; more than once.")
@click.option("--threads", type=click.IntRange(1), help="Of every library.  [default: the cores there are]")
@click.option("--speed/--no-speed", default=True, help="Whether to measure time and memory.")
@click.option("--accuracy/--no-accuracy", "accurate", default=True, help="Whether to run the accuracy suite.")
@click.option("--tables-only", is_flag=True, help="Write the tables and the figure anew from the JSON.")
def main(
    out: Path, quick: bool, only: tuple[str, ...], threads: int | None, speed: bool, accurate: bool, tables_only: bool
) -> None:
    """Measure distance reductions against other libraries: time, memory and accuracy."""
    threads = threads or len(os.sched_getaffinity(0))
    machine.threads_everywhere(threads)
    if not tables_only:
        if accurate:
            _measure_accuracy(out)
        if speed:
            _measure_speed(out, "quick" if quick else "full", only or tuple(WORKS), threads)
    render(out)


def _measure_accuracy(out: Path) -> None:
    click.echo("accuracy", err=True)
    rows = apart(accuracy.measured)
    settings = {"rows": accuracy.ROWS, "dimension": accuracy.DIMENSION}
    _write(out / "accuracy.json", {"settings": settings, "rows": rows})


def _measure_speed(out: Path, scale: Scale, names: tuple[str, ...], threads: int) -> None:
    facts = apart(machine.facts, threads)
    # Those of other processors stay beside them.
    out = out / machine.kind(facts)
    results: dict[str, Any] = {
        "scale": scale,
        "machine": facts,
        "rows": _others(out / "speed.json", scale, facts, names),
    }
    for name in names:
        click.echo(f"{name}: {', '.join(WORKS[name].runs)}", err=True)
        rows = _times(name, scale, threads)
        for row in rows:
            if "seconds" in row:
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


def _times(name: str, scale: Scale, threads: int) -> list[dict[str, Any]]:
    try:
        rows: list[dict[str, Any]] = apart(measure.times, name, scale, threads)
    except RuntimeError as error:
        return [{"work": name, "peer": peer, "failed": str(error)} for peer in WORKS[name].runs]
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
    for found in sorted(folder.glob("*/speed.json")):
        results = json.loads(found.read_text(encoding="utf-8"))
        write_text(found.with_suffix(".md"), tables.speed_markdown(results))
        write_text(found.with_suffix(".csv"), tables.speed_csv(results))
        figures.save(tables.speed_figure(results), found.parent, "speed")
    if (folder / "accuracy.json").exists():
        results = json.loads((folder / "accuracy.json").read_text(encoding="utf-8"))
        write_text(folder / "accuracy.md", tables.accuracy_markdown(results))
        write_text(folder / "accuracy.csv", tables.accuracy_csv(results))


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
