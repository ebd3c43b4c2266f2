"""Statements about large families of classes: time and memory of one check.

    python -m benchmarks.families [--out DIR] [--rounds N] [--case NAME ...] [--add] [--tables-only]

*drawn*: the supervised contrastive bound on 10,000 normal points of 128 dimensions in 100 classes. *characters* and
*alphabets*: all 32,460 drawings of Omniglot as the package ships them embedded, each character or each alphabet a class.
Characters have 20 drawings each, so the published bound, which is stated for balanced classes, is checked on them; alphabets
differ in size, so there its premise fails, its sides are computed all the same, and further statements are checked that hold
of classes of any sizes.

Each check runs in a process of its own, after a small one of the same statement that loads what is needed; the cases take
turns. Memory is the peak of the process, libraries included.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch

import boundcheck
from benchmarks.every_triple import processor
from boundcheck._version import __version__
from boundcheck.atomic import write_text
from boundcheck.language import (
    Bound,
    ClassIndex,
    Parameter,
    Scalar,
    Size,
    another,
    classes,
    cos,
    hinge,
    inner,
    log,
    logsumexp,
    maximum,
    mean,
    norm,
)
from boundcheck.report.tables import Table
from boundcheck.theorems.published import PUBLISHED

RESULTS = Path(__file__).parent / "results" / "families"
CLASSES, SIZE, DIMENSION = 100, 100, 128
#: The length that vectors are scaled to, whose square multiplies their cosines.
LENGTH = 4.0

C = classes("C")
_c = C.each
_other = cast(ClassIndex, another(C, apart_from=_c))
_i = C[_c].each
_same, _rest = another(C[_c], apart_from=_i), C.points.apart_from(_i)
_rho = Parameter("ρ")


def _logits(index: Any) -> Scalar:
    return _rho**2 * cos(C[_c][_i], C[index])


_alike = mean(_same, _rho**2 * cos(C[_c][_i], C[_c][_same]))
_loss = mean((_c, _i), logsumexp(_rest, _logits(_rest)) - _alike)
_margin = inner(C[_c][_i], mean(C[_c]) - mean(C[_other]))

#: Of classes of any sizes: by the largest term of a sum, and by Cauchy's inequality.
BELOW_THE_LARGEST = Bound(
    "supervised-contrastive-below-the-largest",
    _loss <= mean((_c, _i), log(Size(C) - 1) + maximum(_rest, _logits(_rest)) - _alike),
    collections=(C,),
)
MEAN_CLASSIFIER = Bound(
    "mean-classifier-below-the-centroids",
    mean((_c, _other, _i), hinge(1 - _margin))
    <= mean((_c, _other, _i), 1 + norm(C[_c][_i], 2) * norm(mean(C[_c]) - mean(C[_other]), 2)),
    collections=(C,),
)


@dataclass(frozen=True)
class Case:
    """A statement and the points that it is checked on."""

    bound: Bound
    points: Callable[[int], dict[str, Any]]
    parameters: Mapping[str, float]


def drawn(part: int, *, seed: int = 0) -> dict[str, Any]:
    """Return a family of normal points, or a part of it: every so many classes, and points of each."""
    random = np.random.default_rng(seed)
    points = random.standard_normal((CLASSES, SIZE, DIMENSION))[::part, ::part]
    return {"C": {f"class {number}": one for number, one in enumerate(points)}}


def omniglot(part: int, *, by: str) -> dict[str, Any]:
    """Return Omniglot's drawings as a family of characters or alphabets, or every so many of them and of the drawings of each."""
    from boundcheck.omniglot.embedded import shipped

    found = shipped()
    points = found.embeddings.astype(np.float64)
    labels = getattr(found, by)
    rows = [np.flatnonzero(labels == one) for one in np.unique(labels)]
    return {
        "C": {f"{by} {number}": points[own[:: min(part, len(own) // 4)]] for number, own in enumerate(rows[::part])}
    }


def _of(by: str) -> Callable[[int], dict[str, Any]]:
    return lambda part: omniglot(part, by=by)


_RHO = {"ρ": LENGTH}
CASES: dict[str, Case] = {
    "drawn: supcon": Case(PUBLISHED["supcon"].bound, drawn, _RHO),
    "characters: supcon": Case(PUBLISHED["supcon"].bound, _of("character"), _RHO),
    "alphabets: supcon": Case(PUBLISHED["supcon"].bound, _of("alphabet"), _RHO),
    "alphabets: below the largest": Case(BELOW_THE_LARGEST, _of("alphabet"), _RHO),
    "alphabets: mean classifier": Case(MEAN_CLASSIFIER, _of("alphabet"), {}),
}


def main() -> None:
    """Measure the cases in turn; write JSON and a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--case", action="append", choices=CASES, help="only this one; more than once")
    parser.add_argument("--add", action="store_true", help="keep the rounds that the JSON has")
    parser.add_argument("--tables-only", action="store_true", help="write the table anew from the JSON")
    parser.add_argument("--one", choices=CASES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measured(options.one)))
        return
    path = options.out / "families.json"
    if not options.tables_only:
        rows = json.loads(path.read_text(encoding="utf-8"))["rows"] if options.add else []
        for number in range(options.rounds):
            for name in options.case or CASES:
                print(f"round {number + 1}: {name}", file=sys.stderr)
                rows.append(_apart(name))
                # After each, so that what was measured is there whatever comes next.
                write_text(path, json.dumps({**_machine(), "rows": rows}, indent=1, ensure_ascii=False) + "\n")
    found = json.loads(path.read_text(encoding="utf-8"))
    write_text(options.out / "families.md", table(found).to_markdown())


def _machine() -> dict[str, Any]:
    return {
        "boundcheck": __version__,
        "python": sys.version.split()[0],
        "numpy": np.__version__,
        "torch": torch.__version__,
        "processor": processor(),
        "cores": os.cpu_count(),
    }


def _apart(name: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.families", "--one", name]
    found: dict[str, Any] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    return found


def measured(name: str, part: int = 1) -> dict[str, Any]:
    """Return what the check of a case found, and what it took; of every so many of its classes and points."""
    case = CASES[name]
    boundcheck.check(case.bound, parameters=case.parameters, **case.points(16))
    points = case.points(part)
    load = os.getloadavg()[0]
    started, before = time.perf_counter(), time.process_time()
    report = boundcheck.check(case.bound, parameters=case.parameters, **points)
    seconds, processor_seconds = time.perf_counter() - started, time.process_time() - before
    family = list(points["C"].values())
    sizes = [len(one) for one in family]
    return {
        "case": name,
        "statement": case.bound.statement,
        "objects": sum(sizes),
        "classes": len(sizes),
        "sizes": [min(sizes), max(sizes)],
        "dimension": family[0].shape[1],
        "seconds": round(seconds, 3),
        "processor_seconds": round(processor_seconds, 3),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "load": round(load, 2),
        "threads": torch.get_num_threads(),
        "verdict": report.verdict.value,
        "lhs": [float(report.lhs), report.lhs.error],
        "rhs": [float(report.rhs), report.rhs.error],
    }


def table(found: Mapping[str, Any]) -> Table:
    """Return one row a case: the median of its rounds, and the range."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in sorted(found["rows"], key=lambda row: list(CASES).index(row["case"])):
        groups.setdefault(row["case"], []).append(row)
    rows = []
    for name, group in groups.items():
        one = group[0]
        low, high = one["sizes"]
        sizes = f"{one['classes']:,} of {low:,}" + (f"–{high:,}" if high > low else "")
        rows.append((
            name, f"{one['objects']:,}", sizes, f"{one['dimension']}",
            *(_spread([row[key] for row in group]) for key in ("seconds", "processor_seconds")),
            f"{max(row['peak_mb'] for row in group):,}", f"{one['objects'] ** 2 * 8 // 2**20:,}", one["verdict"],
        ))  # fmt: skip
    least, most = min(map(len, groups.values())), max(map(len, groups.values()))
    loads = [row["load"] for row in found["rows"]]
    threads = ", ".join(f"{number}" for number in sorted({row["threads"] for row in found["rows"]}))
    return Table(
        "Statements about large families: one check",
        ("statement", "objects", "classes", "dimension", "seconds", "processor seconds", "peak MB", "MB of all pairs",
         "verdict"),
        tuple(rows),
        f"Median and range of rounds in turn, {least if least == most else f'{least} to {most}'} of each. Peak memory is that of the process, libraries "
        f"included; beside it what an array of all pairs in float64 would take alone. Vacuous where a premise fails: the "
        f"alphabets are not balanced. boundcheck {found['boundcheck']}, Python {found['python']}, NumPy {found['numpy']}, torch "
        f"{found['torch']}, {threads} thread{'s' if threads != '1' else ''}, {found['cores']} cores ({found['processor']}); "
        f"load before a check {min(loads):g} to {max(loads):g}: where it is above the cores, seconds are those of a shared machine.",
    )  # fmt: skip


def _spread(values: list[float]) -> str:
    middle = f"{statistics.median(values):.3g}"
    return middle if len(values) == 1 else f"{middle} [{min(values):.3g}, {max(values):.3g}]"


if __name__ == "__main__":
    main()
