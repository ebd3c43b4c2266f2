"""Every triple of the embeddings that the package ships: verdicts, tightness, time and memory.

    python -m benchmarks.every_triple [--out benchmarks/results/every-triple] [--engine local|processes]

Each part runs in a process of its own. Its peak memory includes the loaded libraries, and not that of its workers.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

from boundcheck._version import __version__
from boundcheck.atomic import write_text

RESULTS = Path(__file__).parent / "results" / "every-triple"
PARTS = {"trained": False, "held-out": True}


def main() -> None:
    """Scan each part with every theorem, and all of it for the verdicts of theorem K; write JSON and Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--engine", choices=("local", "processes"), default="local")
    parser.add_argument("--one", choices=(*PARTS, "verdicts"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measured(options.one, options.engine)))
        return
    found: dict[str, Any] = {
        "boundcheck": __version__,
        "python": platform.python_version(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "engine": options.engine,
        "parts": {},
    }
    for part in (*PARTS, "verdicts"):
        command = [sys.executable, "-m", "benchmarks.every_triple", "--one", part, "--engine", options.engine]
        found["parts"][part] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        write_text(options.out / "every-triple.json", json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    write_text(options.out / "every-triple.md", markdown(found))


def measured(part: str, engine: str) -> dict[str, Any]:
    """Return what one scan found, and what it took."""
    from boundcheck.omniglot.embedded import shipped
    from boundcheck.scanning.run import scan

    if part == "verdicts":
        found = scan(shipped().labelled(), bounds=["karimov"], verdicts_only=True, engine=engine)
    else:
        found = scan(shipped().labelled(evaluation=PARTS[part]), engine=engine)
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return {
        **found.to_dict(),
        "digest": found.summary.digest(),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "processor_seconds": round(sum(sum(resource.getrusage(kind)[:2]) for kind in kinds), 1),
    }


def markdown(found: dict[str, Any]) -> str:
    """Return the table that docs show."""
    lines = [
        "| part | bound | triples | certified to hold | median of left over right |",
        "|---|---|--:|--:|--:|",
    ]
    for part in PARTS:
        known = found["parts"][part]
        for name, one in known["bounds"].items():
            holds = one["counts"]["holds"] / known["triples"]
            median = one.get("tightness", {}).get("quantile_0.5")
            shown = "—" if median is None else _outwards(*median)
            mark = " †" if one["right_side_below_0"] or one["quotient_below_0"][1] else ""
            lines.append(f"| {part} | {name}{mark} | {known['triples']:,} | {_percent(holds)} | {shown} |")
    verdicts = found["parts"]["verdicts"]
    rest = verdicts["bounds"]["karimov"]["rest_on"]
    took = "; ".join(
        f"{part}: {found['parts'][part]['seconds']:.0f} s, {found['parts'][part]['peak_mb']:,} MB at the peak of the process that gathers"
        for part in PARTS
    )
    lines += [
        "",
        f"Every triple of the shipped embeddings, the alphabets trained on and the held-out ones apart. Counts are exact, "
        f"medians between the two numbers given. †: a side is "
        f"below 0 on some triples, where the quotient is no tightness. Of bounds that compare squares the quotient is of the "
        f"roots, and a side below 0 counts as 0. Time and memory on {found['cores']} cores ({found['processor']}), load "
        f"{found['load']:g} before: {took}. Verdicts alone, of theorem K on all {verdicts['triples']:,} triples: "
        f"{verdicts['seconds']:.0f} s; "
        f"all but {verdicts['triples'] - rest['centroids']:,} rest on centroids alone.",
        "",
    ]
    return "\n".join(lines)


def _outwards(low: float, high: float) -> str:
    """Return two numbers rounded away from what is between them."""
    return f"{math.floor(low * 1e4) / 1e4:.4f} to {math.ceil(high * 1e4) / 1e4:.4f}"


def _percent(share: float) -> str:
    return "100%" if share == 1 else f"{100 * share:.4f}%"


def processor() -> str:
    cpus = Path("/proc/cpuinfo")
    known = cpus.read_text(encoding="utf-8").splitlines() if cpus.exists() else []
    return next((line.partition(":")[2].strip() for line in known if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    main()
