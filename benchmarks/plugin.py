"""How often a test by ``given_collections`` finds what is false: every false statement of the gallery, in runs of 100 examples.

    python -m benchmarks.plugin [--runs N] [--examples N] [--only WORD] [--resume] [--out FOLDER]

A run is what ``pytest --boundcheck-seed=N`` does: a test that takes all that the bound has, and asserts the bound. It catches
the statement where the assertion says that the bound fails. Undecided and vacuous examples pass. Limits of the rate are those
of Clopper and Pearson at 95%, of runs as draws.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from contextlib import suppress
from pathlib import Path

import torch
from hypothesis import HealthCheck, Phase, seed, settings

from benchmarks.gallery import gallery
from boundcheck import assert_bound, given_collections
from boundcheck.atomic import write_text
from boundcheck.evaluate import Verdict
from boundcheck.language import Bound
from boundcheck.limits import Share
from boundcheck.report.tables import csv_of
from boundcheck.testing import BoundAssertionError

RESULTS = Path(__file__).parent / "results" / "plugin"


def catches(bound: Bound, number: int, examples: int) -> tuple[bool, int]:
    """Return whether one run finds that a bound fails, and after how many examples it first did."""
    looked = 0
    first: list[int] = []

    # Neither shrunk nor explained: whether it is found is what is asked.
    @seed(number)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given_collections(bound)
    def test(collections, norm, weights, parameters, maps):
        nonlocal looked
        looked += 1
        try:
            assert_bound(
                bound,
                None,
                collections=collections,
                norm=norm,
                weights=weights,
                parameters=parameters,
                maps=maps,
                allow_undecided=True,
                allow_vacuous=True,
            )
        except BoundAssertionError as error:
            if error.report.verdict is Verdict.FAILS:
                first.append(looked)
            raise

    with suppress(BoundAssertionError, ExceptionGroup):
        test()
    return bool(first), first[0] if first else looked


def main() -> None:
    """Run every false statement with every seed, print a line each, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=12, help="of each statement, each from a seed of its own")
    parser.add_argument("--examples", type=int, default=100, help="of each run")
    parser.add_argument("--only", default="", help="statements whose kind or name has this in it")
    parser.add_argument("--resume", action="store_true", help="keep what --out has of the same runs")
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    torch.set_num_threads(1)
    kept, before = _kept(options) if options.resume else ({}, 0.0)
    began, rows = time.time() - before, []
    false = [(kind, bound) for kind, bound, true in gallery() if not true]
    for kind, bound in false:
        if options.only not in f"{kind} {bound.name}":
            continue
        if (bound.name, str(bound)) in kept:
            rows.append(kept[bound.name, str(bound)])
            continue
        start = time.process_time()
        found = [catches(bound, number, options.examples) for number in range(options.runs)]
        caught = [first for is_caught, first in found if is_caught]
        rows.append(
            {
                "name": bound.name,
                "statement": str(bound),
                "kind": kind,
                "caught": len(caught),
                "runs": options.runs,
                "median examples": statistics.median(caught) if caught else None,
                "seconds a run": round((time.process_time() - start) / options.runs, 2),
            }
        )
        print(f"{kind:10} {bound.name:40} {len(caught)} of {options.runs}  {rows[-1]['seconds a run']} s", flush=True)
        write_table(rows, len(false), options, began)


def _command(options: argparse.Namespace) -> str:
    return f"python -m benchmarks.plugin --runs {options.runs} --examples {options.examples}"


def _kept(options: argparse.Namespace) -> tuple[dict[tuple[str, str], dict], float]:
    """Return the rows that an earlier command of as many runs and examples wrote, and how long it took."""
    path = options.out / "plugin.json"
    found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    if found.get("command") != _command(options):
        return {}, 0.0
    return {(row["name"], row["statement"]): row for row in found["rows"]}, found["took"]


def write_table(rows: list[dict], false: int, options: argparse.Namespace, began: float) -> None:
    """Write what was found so far; `false` is of how many statements, where all are run."""
    caught, runs = sum(row["caught"] for row in rows), sum(row["runs"] for row in rows)
    share = Share(caught, runs)
    summary = {
        "command": _command(options),
        "statements": len(rows),
        "of false statements": false,
        "caught in every run": sum(row["caught"] == row["runs"] for row in rows),
        "caught in fewer than 11 of 12": [row["name"] for row in rows if row["caught"] * 12 < 11 * row["runs"]],
        "runs": runs,
        "caught": caught,
        "rate [95% limits]": str(share),
        "took": round(time.time() - began, 1),
    }
    text = json.dumps({**summary, "rows": rows}, ensure_ascii=False, indent=1)
    write_text(options.out / "plugin.json", f"{text}\n")
    columns = [column for column in rows[0] if column != "statement"]
    table = [columns, *([row[column] for column in columns] for row in rows)]
    write_text(options.out / "plugin.csv", csv_of(table, end="\n"))


if __name__ == "__main__":
    main()
