"""Which bounds the search for proofs finds a proof of by itself, and that it finds none of what is false.

    python -m benchmarks.proof_search [--seconds S] [--only WORD] [--resume] [--out FOLDER]

Every known and published true bound: is a chain found, does Coq accept it, how long did both take, how many links has it.
Every statement that is known to be false, every false reading, and every bound that is found with its right side lowered by a
hundredth: none of these may have a chain. One that has, or a chain that Coq rejects, fails the run.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from boundcheck.atomic import write_text
from boundcheck.formal.chains.search import search
from boundcheck.formal.chains.searched import Found, search_proof
from boundcheck.formal.coq import coq_name
from boundcheck.language import Bound, Relation
from boundcheck.theorems import every
from boundcheck.theorems.false import FALSE
from boundcheck.theorems.published import PUBLISHED

ROOT = Path(__file__).parents[1]


def true_bounds() -> dict[str, Bound]:
    """Return every bound and link that is known, and every published statement that is true."""
    published = {name: one.bound for name, one in PUBLISHED.items() if one.counterexample is None}
    return {**published, **every()}


def false_bounds() -> dict[str, Bound]:
    """Return the statements that are known to be false, and the false readings of published ones."""
    readings = {name: one.bound for name, one in PUBLISHED.items() if one.counterexample is not None}
    return {**readings, **{one.name: one.bound for one in FALSE}}


def lowered(bound: Bound) -> Bound:
    """Return a bound with its right side lowered by a hundredth; of an equality, that the left side is at most that."""
    return replace(
        bound,
        name=f"{bound.name}-lowered",
        rhs=Fraction(99, 100) * bound.rhs,
        relation=Relation.AT_MOST,
        chain=(),
        sharpness="",
        proof=None,
    )


def row_of(bound: Bound, found: Found) -> dict[str, object]:
    """Return what a search came to, with a chain that a person wrote beside it."""
    rules = [step.rule for step in found.steps if step.rule]
    return {
        "name": bound.name,
        "statement": str(bound),
        "by hand": bound.proof,
        "status": found.status,
        "links": found.length if found.steps else None,
        "links by hand": len(bound.chain) or None,
        "rules": sorted(set(rules)),
        "facts": found.facts,
        "search": round(found.searched, 2),
        "coq": round(found.checked, 1),
        "left": found.left,
        "message": found.message,
    }


def markdown(report: dict[str, object]) -> str:
    """Return the tables of a report."""
    rows = sorted(report["rows"], key=lambda row: (not row["status"].startswith("proved"), row["name"]))  # type: ignore[attr-defined]
    proved = [row for row in rows if row["status"].startswith("proved")]
    lines = [
        f"{len(proved)} of {len(rows)} true statements are proved by the search, each accepted by Coq; of {report['false']} false "
        f"ones and {report['lowered']} lowered by a hundredth, {report['chains of what is false']} have a chain.",
        "",
        "| statement | found | links | links by hand | facts | search, s | Coq, s |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        fine = row["status"].startswith("proved")
        shown = row["status"] if fine or not _beyond(row) else "no rules for it"
        numbers = (row["links"], row["links by hand"], row["facts"], row["search"], row["coq"] if fine else None)
        lines.append(f"| {row['name']} | {shown} | {' | '.join('—' if one is None else f'{one}' for one in numbers)} |")
    return "\n".join(lines) + "\n"


def _beyond(row: dict[str, object]) -> bool:
    return "has rules for" in str(row["left"]) or str(row["left"]) == "the sup norm"


def _rows(bounds: dict[str, Bound], kept: dict[str, dict[str, object]], seconds: float) -> Iterator[dict[str, object]]:
    for name, bound in bounds.items():
        if kept.get(name, {}).get("statement") == str(bound):
            yield kept[name]
            continue
        with tempfile.TemporaryDirectory() as folder:
            found = search_proof(bound, file=Path(folder) / f"Found_{coq_name(name)}.v", seconds=seconds)
        row = row_of(bound, found)
        print(f"{name}: {row['status']}, {row['search']} s and {row['coq']} s", flush=True)
        yield row


def main() -> None:
    """Search, and write what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--only", default="")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "proof-search")
    options = parser.parse_args()
    path = options.out / "proof-search.json"
    kept = {}
    if options.resume and path.is_file():
        kept = {row["name"]: row for row in json.loads(path.read_text(encoding="utf-8"))["rows"]}
    bounds = {name: bound for name, bound in true_bounds().items() if options.only in name}
    rows: list[dict[str, object]] = []
    report: dict[str, object] = {"seconds": options.seconds, "rows": rows}
    for row in _rows(bounds, kept, options.seconds):
        rows.append(row)
        write_text(path, json.dumps(report, ensure_ascii=False, indent=1) + "\n")
    lower = [lowered(bounds[str(row["name"])]) for row in rows if str(row["status"]).startswith("proved")]
    false = list(false_bounds().values())
    wrong = [bound.name for bound in (*false, *lower) if search(bound, seconds=options.seconds).proof]
    report |= {"false": len(false), "lowered": len(lower), "chains of what is false": len(wrong), "wrong": wrong}
    write_text(path, json.dumps(report, ensure_ascii=False, indent=1) + "\n")
    write_text(options.out / "proof-search.md", markdown(report))
    rejected = [row["name"] for row in rows if row["status"] == "rejected by Coq"]
    if wrong or rejected:
        raise SystemExit(f"chains of what is false: {wrong}; rejected by Coq: {rejected}")


if __name__ == "__main__":
    main()
