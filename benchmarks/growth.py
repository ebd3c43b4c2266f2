"""How a scan of every triple grows: with the collections, with the dimension, and with the processes at work.

    python -m benchmarks.growth [--out DIR] [--only collections|processes|dimension ...] [--features FILE]
        [--largest N] [--rounds N] [--tables-only]

*collections*: drawn ones, 20 objects of 64 dimensions each, 32 collections to a class; the verdicts of theorem K, which
rest on centroids, and both sides of every theorem that applies, which rest on all distances; on one thread. *processes*: the held-out
alphabets of the embeddings that the package ships, every theorem, with one and with two processes in turn. *dimension*:
every theorem on the embeddings of a file that ``boundcheck scan`` reads, such as ``boundcheck embed --features`` writes.

Each scan runs in a process of its own. Memory is the peak of the process that gathers and, apart, of the largest worker.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import math
import os
import resource
import statistics
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.every_triple import processor
from boundcheck._version import __version__
from boundcheck.atomic import write_text
from boundcheck.report import figures
from boundcheck.report.tables import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from boundcheck.scanning import LabelledPoints

RESULTS = Path(__file__).parent / "results" / "growth"
STUDIES = ("collections", "processes", "dimension")
SIZE, DIMENSION, PER_CLASS = 20, 64, 32
COUNTS = (100, 316, 1000, 3162, 10_000)
# Both sides of every theorem on more would take minutes each.
LARGEST_WITH_SIDES = 1000
VERDICTS, SIDES = "verdicts of K", "every theorem, both sides"


def main() -> None:
    """Run the studies; write JSON, a table, CSV and a figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--only", action="append", choices=STUDIES, help="only this study; more than once")
    parser.add_argument("--features", type=Path, help="a file of embeddings for the study of the dimension")
    parser.add_argument("--largest", type=int, default=COUNTS[-1], help="number of collections")
    parser.add_argument("--rounds", type=int, default=3, help="of one and two processes in turn")
    parser.add_argument("--tables-only", action="store_true", help="write table and figure anew from the JSON")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measured(**json.loads(options.one))))
        return
    path = options.out / "growth.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if not options.tables_only:
        for study in options.only or STUDIES:
            if study == "dimension" and options.features is None:
                print("dimension: left out, for want of --features FILE", file=sys.stderr)
                continue
            found[study] = {**_machine(), "rows": _study(study, options)}
            write_text(path, json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    write_text(options.out / "growth.md", table(found).to_markdown())
    write_text(options.out / "table.csv", table(found).to_csv())
    write_text(options.out / "growth.csv", to_csv(found))
    if "collections" in found:
        figures.save(figure(found["collections"]["rows"]), options.out, "growth")


def _machine() -> dict[str, Any]:
    return {
        "boundcheck": __version__,
        "processor": processor(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
    }


def _study(study: str, options: argparse.Namespace) -> list[dict[str, Any]]:
    if study == "collections":
        counts = [count for count in COUNTS if count <= options.largest]
        return [
            _apart(count=count, verdicts_only=verdicts_only, workers=None)
            for verdicts_only in (True, False)
            for count in counts
            if verdicts_only or count <= LARGEST_WITH_SIDES
        ]
    if study == "processes":
        # In turn, so that whatever else the machine does meets both.
        return [_apart(workers=workers) for _ in range(options.rounds) for workers in (1, 2)]
    features = str(options.features.absolute())
    return [_apart(features=features, verdicts_only=True), _apart(features=features)]


def _apart(**asked: Any) -> dict[str, Any]:
    print(", ".join(f"{name} {value}" for name, value in asked.items()), file=sys.stderr)
    command = [sys.executable, "-m", "benchmarks.growth", "--one", json.dumps(asked)]
    found: dict[str, Any] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    return found


def measured(
    count: int | None = None, features: str | None = None, verdicts_only: bool = False, workers: int | None = 2
) -> dict[str, Any]:
    """Return what one scan found, and what it took: of drawn collections, of a file, or of the held-out alphabets."""
    from boundcheck.data.files import read_arrays, read_labelled
    from boundcheck.omniglot.embedded import shipped
    from boundcheck.scanning.run import scan

    if count is not None:
        points = drawn(count)
    elif features is not None:
        points = read_labelled(read_arrays(features))
    else:
        points = shipped().labelled(evaluation=True)
    bounds = ["karimov"] if verdicts_only else None
    engine: dict[str, Any] = {"engine": "processes", "workers": workers} if workers else {"workers": 1}
    found = scan(points, bounds=bounds, verdicts_only=verdicts_only, **engine)
    known = found.to_dict()
    kinds = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
    own, child = (resource.getrusage(kind) for kind in kinds)
    return {
        "work": VERDICTS if verdicts_only else SIDES,
        "collections": len(points),
        "objects": len(points.points),
        "dimension": points.points.shape[1],
        "triples": known["triples"],
        "bounds": len(known["bounds"]),
        "processes": workers or 0,
        "seconds": known["seconds"],
        "processor_seconds": round(sum(own[:2]) + sum(child[:2]), 1),
        "peak_mb": round(own.ru_maxrss / 1024),
        "worker_mb": round(child.ru_maxrss / 1024),
        "verdict": known["verdict"],
        "from_centroids": {name: one["rest_on"]["centroids"] for name, one in known["bounds"].items()},
        "median_tightness": {
            name: one["tightness"]["quantile_0.5"] for name, one in known["bounds"].items() if "tightness" in one
        },
    }


def drawn(count: int, *, seed: int = 0) -> LabelledPoints:
    """Return normal collections around normal centres, which are around the normal centres of their classes."""
    from boundcheck.scanning import LabelledPoints

    random = np.random.default_rng(seed)
    classes = np.arange(count) // PER_CLASS
    centres = random.normal(size=(classes[-1] + 1, DIMENSION))[classes] + random.normal(size=(count, DIMENSION))
    points = np.repeat(centres, SIZE, axis=0) + random.normal(size=(count * SIZE, DIMENSION))
    return LabelledPoints.from_labels(
        points.astype(np.float32), np.repeat(np.arange(count), SIZE), np.repeat(classes, SIZE)
    )


def table(found: Mapping[str, Any]) -> Table:
    """Return one row a scan; of scans that were repeated, the median and the range."""
    rows = []
    for study in STUDIES:
        groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
        for row in found.get(study, {}).get("rows", ()):
            groups.setdefault((row["work"], row["collections"], row["processes"]), []).append(row)
        for (work, collections, processes), group in groups.items():
            seconds = sorted(row["seconds"] for row in group)
            took = f"{statistics.median(seconds):.3g}"
            if len(seconds) > 1:
                took += f" [{seconds[0]:.3g}, {seconds[-1]:.3g}]"
            one = group[0]
            share = min(one["from_centroids"].values()) / one["triples"]
            peak, worker = (max(row[name] for row in group) for name in ("peak_mb", "worker_mb"))
            rows.append((
                f"{study}: {work}", f"{collections:,}", f"{one['dimension']:,}", f"{one['triples']:,}", f"{processes}" if processes else "—", took,
                f"{math.floor(1e4 * share) / 100:.2f}%" if work == VERDICTS else "—", f"{peak:,}", f"{worker:,}" if processes else "—",
            ))  # fmt: skip
    there = [found[study] for study in STUDIES if study in found]
    machines = sorted({f"{one['cores']} cores ({one['processor']})" for one in there})
    loads = sorted(one["load"] for one in there)
    load = f"load before each study {loads[0]:g} to {loads[-1]:g}" if loads else "nothing measured"
    return Table(
        "Every triple: how time and memory grow",
        ("study", "collections", "dimension", "triples", "processes", "seconds", "from centroids", "MB", "MB of a worker"),
        tuple(rows),
        f"Seconds with the start of the processes, on one thread where there is none; median and range of rounds. Counts are "
        f"exact. Memory: the peak of the process that gathers, libraries included, and of the largest worker. On {' and '.join(machines)}, {load}.",
    )  # fmt: skip


def to_csv(found: Mapping[str, Any]) -> str:
    """Return every scan as a row of plain numbers."""
    columns = (
        "study", "work", "collections", "objects", "dimension", "triples", "bounds", "processes", "seconds",
        "processor_seconds", "peak_mb", "worker_mb", "verdict",
    )  # fmt: skip
    text = io.StringIO()
    lines = csv.DictWriter(text, columns, lineterminator="\n", extrasaction="ignore")
    lines.writeheader()
    for study in STUDIES:
        for row in found.get(study, {}).get("rows", ()):
            lines.writerow({"study": study, **row})
    return text.getvalue()


def figure(rows: list[dict[str, Any]]) -> Figure:
    """Draw seconds against the number of collections, with the slope from each work's second largest to its largest."""
    from matplotlib.figure import Figure

    drawing = Figure(figsize=(7.2, 4.2), layout="constrained")
    axis = drawing.subplots()
    for (work, colour), marker in zip(((VERDICTS, "#4477AA"), (SIDES, "#EE6677")), "os", strict=True):
        points = sorted((row["collections"], row["seconds"]) for row in rows if row["work"] == work)
        if len(points) < 2:
            continue
        (before, some), (last, most) = points[-2:]
        slope = math.log(most / some) / math.log(last / before)
        count, seconds = zip(*points, strict=True)
        label = f"{work}: to the power of {slope:.1f} at the end"
        axis.plot(count, seconds, marker=marker, color=colour, label=label)
    axis.set(xscale="log", yscale="log", xlabel="collections", ylabel="seconds, one thread")
    axis.grid(which="major", linewidth=0.4)
    axis.legend(fontsize=8)
    axis.set_title(
        f"Every triple of collections of {SIZE}, {DIMENSION} dimensions, {PER_CLASS} collections to a class", fontsize=9
    )
    return drawing


if __name__ == "__main__":
    main()
