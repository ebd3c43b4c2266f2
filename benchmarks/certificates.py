"""Enclosures of distance reductions against exact integers, on rows made to go wrong, a million times.

    python -m benchmarks.certificates [--trials N] [--seed S] [--out FILE]

A trial is one enclosure: one reduction of one pair of collections, in one norm and format. It is violated if the
interval does not hold the exact value, and open if it is not finite.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from math import inf, isfinite
from pathlib import Path

import numpy as np
import torch

from boundcheck import distances
from boundcheck.kernels import tiles
from tests.exact_distances import ADVERSARIAL, BEYOND_FLOAT32, holds, reduced, rows

_NAMES = ("max", "min", "mean", "chamfer", "chamfer_back", "hausdorff", "hausdorff_back")
_FORMATS = ("float32", "float64", "int7", "int8", "int16")


def main() -> None:
    """Run the trials, print a summary, and write it where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    began, rng = time.time(), np.random.default_rng(options.seed)
    trials, violations, wide = Counter(), Counter(), Counter()
    widths: dict[str, list[float]] = {}
    while sum(trials.values()) < options.trials:
        for kind in ADVERSARIAL:
            for value, error, exact in _round(kind, rng):
                trials[kind] += 1
                violations[kind] += not holds(value, error, exact)
                if isfinite(value) and value > 0:
                    widths.setdefault(kind, []).append(2 * error / value)
                    wide[kind] += 2 * error > 1e-12 * value
    summary = {
        "command": "python -m benchmarks.certificates",
        "trials": sum(trials.values()),
        "violations": sum(violations.values()),
        "seed": options.seed,
        "seconds": round(time.time() - began, 1),
        "kinds": {
            kind: {
                "trials": trials[kind],
                "violations": violations[kind],
                "median relative width": float(np.median(widths[kind])) if kind in widths else None,
                "wider than 1e-12": wide[kind],
            }
            for kind in ADVERSARIAL
        },
    }
    print(f"{summary['trials']:,} enclosures, {summary['violations']} violations, {summary['seconds']} s")
    for kind, found in summary["kinds"].items():
        median = found["median relative width"]
        shown = "all distances 0" if median is None else f"median width {median:.1e}"
        print(f"  {kind:26} {found['trials']:9,}  {shown}, {found['wider than 1e-12']:,} wider than 1e-12")
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(summary, indent=1) + "\n")
    raise SystemExit(bool(summary["violations"]))


def _round(kind: str, rng: np.random.Generator):
    """Yield the enclosures of one set of collections, with what they should hold."""
    d, p = int(rng.integers(1, 9)), (2, 2, 2, 1, inf)[rng.integers(0, 5)]
    dtype = torch.float64 if kind in BEYOND_FLOAT32 or rng.random() < 0.5 else torch.float32
    collections = [rows(kind, rng, int(rng.integers(1, 5)), d, dtype) for _ in range(12)]
    if p == 2:
        # Straight to the kernel, so that every format has its turn.
        starts = np.cumsum([0, *map(len, collections)])
        format = _FORMATS[rng.integers(0, len(_FORMATS))]
        tables = tiles.between(torch.cat(collections), starts, None, starts, 31, relative=1e-12, format=format)
        found = {name: (table.value, table.error) for name, table in zip(_NAMES, tables.values(), strict=True)}
    else:
        between = distances.between(collections, p=p)
        found = {name: (getattr(between, name).value, getattr(between, name).error) for name in _NAMES}
    for a, one in enumerate(collections):
        for b, other in enumerate(collections):
            exact, _, _ = reduced(one.tolist(), other.tolist(), p)
            for name in _NAMES:
                value, error = found[name]
                yield float(value[a, b]), float(error[a, b]), exact[name]


if __name__ == "__main__":
    main()
