"""How strongly views are to be distorted: methods trained at several strengths, measured on validation alphabets.

    python -m benchmarks.view_strength --runs DIR [--data DIR] [--methods A,B] [--strengths 0,0.3] [--seeds 0] [--images N]
        [--minutes M] [--out DIR]

Every run is trained as ``boundcheck compare-methods`` trains it, but for the strength of its views and how many drawings it
is shown. The held-out alphabets are never looked at: a strength that was chosen by them would make the comparison on them
too good. A run that is not finished goes on, one that is finished is not made again. The weights of a run are those of
its best validation, so its precision is a little too high, alike for every strength.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from boundcheck.atomic import write_text
from boundcheck.limits import StudentMean
from boundcheck.omniglot import data
from boundcheck.omniglot.config import TrainingConfig
from boundcheck.omniglot.embedded import EmbeddedDrawings
from boundcheck.omniglot.methods.catalogue import method
from boundcheck.omniglot.methods.measures import Found, of_share, parts
from boundcheck.omniglot.methods.runs import network
from boundcheck.omniglot.objectives import OBJECTIVES
from boundcheck.omniglot.objectives.protocol import STRENGTH
from boundcheck.omniglot.provenance import provenance
from boundcheck.omniglot.retrieval import precision_at_1
from boundcheck.report.tables import Table

__all__ = ["METHODS", "STRENGTHS", "config_of_run", "tables", "validated"]

RESULTS = Path(__file__).parent / "results" / "view-strength"
#: The methods that have strong views.
METHODS = ("ressl", "simsiam", "infomin", "pcl", "deepcluster", "smog")
STRENGTHS = (0.0, 0.15, STRENGTH, 0.5, 0.8)


def main() -> None:
    """Train what is missing, measure, write JSON and tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=Path, required=True, help="a folder for runs and embeddings")
    parser.add_argument("--data", type=Path, help="a folder with Omniglot's images (default: BOUNDCHECK_DATA)")
    parser.add_argument("--methods", default=",".join(METHODS))
    parser.add_argument("--strengths", default=",".join(map(str, STRENGTHS)))
    parser.add_argument("--seeds", default="0")
    parser.add_argument("--images", type=int, default=40_000, help="drawings shown to each network, repeats counted")
    parser.add_argument("--minutes", type=float, help="of all of it; the same call goes on")
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    began, loaded = time.monotonic(), []

    def drawings() -> data.Drawings:
        if not loaded:
            loaded.append(data.load(options.data))
        return loaded[0]

    rows = []
    for seed in map(int, options.seeds.split(",")):
        for name in options.methods.split(","):
            for strength in map(float, options.strengths.split(",")):
                left = None if options.minutes is None else options.minutes - (time.monotonic() - began) / 60
                if left is not None and left <= 0:
                    raise SystemExit("the time is over; the same call goes on from here")
                config = config_of_run(name, strength, seed, options.images)
                found = network(config, options.runs / f"{name}-{strength:g}-seed{seed}", drawings, minutes=left)
                if found is None:
                    raise SystemExit("the time is over; the same call goes on from here")
                one = validated(found)
                rows.append(
                    {"method": name, "strength": strength, "seed": seed, **one.plain(), "by_class": one.by_class}
                )
                print(f"{name}, strength {strength:g}, seed {seed}: {one.lowest:.1%}", flush=True)
    summary = {
        "made_by": provenance(),
        "config": asdict(config_of_run(METHODS[0], STRENGTH, 0, options.images)),
        "rows": rows,
    }
    write_text(options.out / "view_strength.json", json.dumps(summary, indent=1, allow_nan=False) + "\n")
    made = "\n".join(table.to_markdown() for table in tables(summary))
    write_text(options.out / "view_strength.md", made)
    print(made)


def config_of_run(name: str, strength: float, seed: int, images: int) -> TrainingConfig:
    """Return what a run is: that of a comparison of methods, with views of this strength."""
    from boundcheck.cli.methods import compare_methods

    chosen = ("label", "image_size", "backbone", "learning_rate", "validation_alphabets", "dimension")
    defaults = {option.name: option.default for option in compare_methods.params}
    shared = {**{key: defaults[key] for key in chosen}, **OBJECTIVES[name].own_settings}
    # A validation every eighth of the run.
    batch = TrainingConfig().batch
    return TrainingConfig(
        **shared,
        objective=name,
        seed=seed,
        images=images,
        view_strength=strength,
        validate_every=max(1, images // batch // 8),
        patience=images,
    )


def validated(found: EmbeddedDrawings) -> Found:
    """Return how often the nearest other drawing of a validation alphabet's drawing is of its character."""
    chosen = ~found.evaluation & ~parts(found)["trained"]
    alphabets = found.alphabet[chosen]
    (share,) = precision_at_1(found.embeddings[chosen], found.character[chosen], clusters=alphabets)
    return of_share("drawings: same character", share, "classes")


def tables(summary: Mapping[str, Any]) -> tuple[Table, Table]:
    """Return the precision of every run, and how far it is from that of the strength that methods have by themselves."""
    known: dict[tuple[str, float], list[Mapping[str, Any]]] = {}
    for row in summary["rows"]:
        known.setdefault((row["method"], row["strength"]), []).append(row)
    names = list(dict.fromkeys(row["method"] for row in summary["rows"]))
    strengths = sorted({row["strength"] for row in summary["rows"]})
    images, alphabets = summary["config"]["images"], summary["config"]["validation_alphabets"]
    seeds = sorted({row["seed"] for row in summary["rows"]})
    columns = ("method", *(f"{strength:g}" for strength in strengths))
    said = (
        f"{images:,} drawings shown to each network; {alphabets} alphabets kept from training, seed"
        f"{'s' if len(seeds) > 1 else ''} {', '.join(map(str, seeds))}. Columns are strengths."
    )
    shown = tuple(
        (method(name).title, *(_precision(known.get((name, one), ())) for one in strengths)) for name in names
    )
    less = tuple(
        (
            method(name).title,
            *(_difference(known.get((name, one), ()), known.get((name, STRENGTH), ())) for one in strengths),
        )
        for name in names
    )
    limits = "The limits are of 95% confidence and about further alphabets"
    return (
        Table(
            "Strength of views: precision@1 of drawings of validation alphabets",
            columns,
            shown,
            f"{said} {limits}, of the first seed's run (Korn–Graubard).",
        ),
        Table(
            f"Strength of views: points of precision@1 above those of strength {STRENGTH:g}",
            columns,
            less,
            f"{said} Means over alphabets and seeds of paired differences. {limits}, with these runs (Student's t).",
        ),
    )


def _precision(rows: Sequence[Mapping[str, Any]]) -> str:
    if not rows:
        return "—"
    mean = sum(row["lowest"] for row in rows) / len(rows)
    return f"{mean:.1%} [{rows[0]['low']:.1%}, {rows[0]['high']:.1%}]"


def _difference(rows: Sequence[Mapping[str, Any]], base: Sequence[Mapping[str, Any]]) -> str:
    pairs = [(row, other) for row in rows for other in base if row["seed"] == other["seed"]]
    if not pairs or rows is base:
        return "—"
    found = StudentMean(tuple(100 * value for pair in pairs for value in _by_alphabet(*pair)))
    low, high = found.limits
    return f"{found.mean:+.1f} [{low:+.1f}, {high:+.1f}]"


def _by_alphabet(row: Mapping[str, Any], base: Mapping[str, Any]) -> Iterator[float]:
    for (ours, count), (theirs, other) in zip(row["by_class"], base["by_class"], strict=True):
        yield ours / count - theirs / other


if __name__ == "__main__":
    main()
