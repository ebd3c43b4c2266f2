"""Training on single drawings against training on collections of them: the same network, drawings, seed and dimension.

    python -m benchmarks.objectives --runs DIR [--data DIR] [--images N] [--seed N] [--dimension N] [--minutes M]
        [--untrained] [--from-embeddings NAME=FILE ...] [--triples N] [--draws N] [--out DIR]

For each objective of :mod:`boundcheck.omniglot.objectives` there is a run in DIR/NAME and a file of its embeddings,
DIR/NAME.safetensors. A run that is not finished goes on, one that is finished is loaded, and embeddings of a finished run
with the same configuration are not made again; so a call that was stopped is repeated as it was. ``--from-embeddings``
takes the embeddings of an objective from a file, or adds a network of another name to the comparison; ``NAME=shipped``
are those that the package ships. ``--untrained`` adds the network as it is before the first step.

What is measured, and how sure each number is, says :mod:`boundcheck.omniglot.methods.measures`. None of it is about
another run of the training: how far two runs of one objective are apart, only runs with other seeds tell, which
``boundcheck compare-methods`` makes.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from boundcheck.atomic import write_text
from boundcheck.errors import InvalidValueError, explain
from boundcheck.omniglot import data
from boundcheck.omniglot.config import TrainingConfig
from boundcheck.omniglot.embedded import EmbeddedDrawings, load, shipped
from boundcheck.omniglot.methods.measures import BOUNDS, LEVELS, PARTS, Measure, config_of, measured, parts
from boundcheck.omniglot.methods.runs import network, untrained
from boundcheck.omniglot.provenance import provenance
from boundcheck.report.tables import Table

RESULTS = Path(__file__).parent / "results" / "objectives"
OBJECTIVES = ("instance", "centroid", "prototype")


def main() -> None:
    """Train or load, embed, compare; write JSON, tables in Markdown, and every number as CSV."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=Path, required=True, help="a folder for runs and embeddings")
    parser.add_argument("--data", type=Path, help="a folder with Omniglot's images (default: BOUNDCHECK_DATA)")
    parser.add_argument("--images", type=int, default=65_000, help="drawings shown to each network, repeats counted")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--dimension", type=int, default=64)
    parser.add_argument("--minutes", type=float, help="of each training, to be gone on with by the same call")
    parser.add_argument("--untrained", action="store_true", help="compare the network before its training too")
    parser.add_argument("--from-embeddings", action="append", default=[], metavar="NAME=FILE")
    parser.add_argument("--triples", type=int, default=2_000, help="triples of collections drawn from each part")
    parser.add_argument("--draws", type=int, default=100_000, help="triplets of drawings drawn from each part")
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    files = named(options.from_embeddings)
    networks = {}

    def drawings() -> data.Drawings:
        return data.load(options.data)

    for objective in OBJECTIVES:
        if objective in files:
            networks[objective] = _opened(files.pop(objective))
            continue
        config = TrainingConfig(
            objective=objective, images=options.images, seed=options.seed, dimension=options.dimension
        )
        found = network(config, options.runs / objective, drawings, minutes=options.minutes)
        if found is None:
            raise SystemExit(f"{objective}: the time is over; the same call goes on from here")
        networks[objective] = found
    if options.untrained:
        start = TrainingConfig(images=options.images, seed=options.seed, dimension=options.dimension)
        networks["untrained"] = untrained(start, options.runs / "untrained.safetensors", drawings)
    networks |= {name: _opened(file) for name, file in files.items()}
    summary = compared(networks, triples=options.triples, draws=options.draws, seed=options.seed)
    for name, text in pages(summary).items():
        write_text(options.out / name, text)
    print(pages(summary)["objectives.md"])


def named(given: Sequence[str]) -> dict[str, str]:
    """Return files by name."""
    found = {}
    for word in given:
        name, equals, file = word.partition("=")
        if not (name and equals and file):
            raise InvalidValueError(explain("--from-embeddings", "NAME=FILE", f"{word!r}"))
        if name in found:
            raise InvalidValueError(explain("--from-embeddings", "each name once", f"{name!r} twice"))
        found[name] = file
    return found


def _opened(file: str) -> EmbeddedDrawings:
    return shipped() if file == "shipped" else load(file)


# ----------------------------------------------------------------------------------------------------------- measures


def compared(networks: Mapping[str, EmbeddedDrawings], *, triples: int, draws: int, seed: int = 0) -> dict[str, Any]:
    """Return what the networks are and every measure of each, as plain JSON types."""
    configs = {name: config_of(found) for name, found in networks.items()}
    first = next(iter(configs.values()))
    described, measures = {}, []
    for name, found in networks.items():
        training = found.metadata["training"]
        ours, theirs = asdict(first), asdict(configs[name])
        described[name] = {
            "config": theirs,
            "differs": {key: theirs[key] for key in ours if key != "objective" and ours[key] != theirs[key]},
            "steps": training["steps"],
            "drawings_shown": training["steps"] * configs[name].batch,
            "weights_of_step": training.get("best_step"),
            "trained_by": training["made_by"],
            "embedded_by": found.metadata["embedding"],
            "validations": [
                {key: value for key, value in row.items() if key == "step" or key.startswith("validation")}
                for row in training["curve"]
                if row.get("validation_character_precision") is not None
            ],
        }
        for part, chosen in parts(found).items():
            print(f"{name}, {part}: {int(chosen.sum()):,} drawings", flush=True)
            measures += [
                Measure(network=name, part=part, **one.plain())
                for one in measured(found, chosen, triples=triples, draws=draws, seed=seed)
            ]
    return {
        "made_by": provenance(),
        "triples": triples,
        "draws": draws,
        "seed": seed,
        "networks": described,
        "measures": [asdict(one) for one in measures],
    }


# ------------------------------------------------------------------------------------------------------------- tables

# By table: of each column its head, and the measure.
_COLUMNS = {
    "Collections found by their centroids": {
        "precision@1": "collections: precision@1",
        "precision@1, by class": "collections: precision@1, by class",
        "mean reciprocal rank": "collections: reciprocal rank",
        "rank, by class": "collections: reciprocal rank, by class",
    },
    "Drawings found by drawings: precision@1": {
        "same character": "drawings: same character",
        "same alphabet": "drawings: same alphabet",
    },
    "Triplets of drawings above 0": {
        "of this data set": "triplets above 0",
        "of new classes": "triplets above 0, one of each pair of classes",
        "pairs of classes with any": "pairs of classes with any triplet above 0",
    },
    "Centroids": {
        "within a class": "centroids: median distance within a class",
        "between classes": "centroids: median distance between classes",
        "separation": "centroids: separation",
        "median of classes": "centroids: separation, median of classes",
    },
    "m* over the median distance of centroids of different classes": {
        "below 0": "m* below 0",
        **{f"{level:.0%}": f"m* over the distance of classes, quantile {level:g}" for level in LEVELS},
    },
    "Median tightness": {name: f"median tightness: {name}" for name in BOUNDS},
    "Rankings of two collections against a third": {
        "z nearer than w": "rankings: true of the centroids",
        "certified by triplets": "rankings: certified by triplets",
    },
}
# Of each table its file, for pages of the documentation.
_FILES = {
    "The networks": "networks.csv",
    "Collections found by their centroids": "retrieval.csv",
    "Drawings found by drawings: precision@1": "precision.csv",
    "Triplets of drawings above 0": "triplets.csv",
    "Centroids": "separation.csv",
    "m* over the median distance of centroids of different classes": "margins.csv",
    "Median tightness": "tightness.csv",
    "Rankings of two collections against a third": "rankings.csv",
}
_NOTES = {
    "Collections found by their centroids": "How often the nearest other centroid is of the same class, and the mean of 1 "
    "over the rank of the first that is. Exact of this data set; limits are for {of_collections}, and by class, where a "
    "class counts once, for new classes if these are independent draws of classes. The parts have different numbers of collections, and the more there are the harder it is: networks compare "
    "within a part, parts do not.",
    "Drawings found by drawings: precision@1": "How often a drawing's nearest other drawing has its label; limits {of_drawings}.",
    "Triplets of drawings above 0": "Shares of d(x_i, z_j) − d(x_i, w_k) > 0, x and z of one class, w of another: "
    "{draws:,} independent draws of each part; for new classes one triplet, or all, of pairs of classes that share none.",
    "Centroids": "Medians over all pairs of centroids, exact to the digits shown, in each embedding's own units, so that "
    "only separation, the first over the second, compares across networks: less is better separated. Limits of the "
    "median of classes are for new classes.",
    "m* over the median distance of centroids of different classes": "Quantiles of the least m of T(m) on {triples:,} "
    "random triples of characters, 20 drawings each, divided by the embedding's own scale: m* itself, in units, does not "
    "compare across networks.",
    "Median tightness": "The distance of the centroids over each right side, the root of it for two-sided, on the same "
    "{triples:,} triples. It has no units, so it compares across networks.",
    "Rankings of two collections against a third": "Shares of the same {triples:,} triples: the centroid of z is nearer to "
    "that of x than that of w is; and triplets of drawings alone prove it.",
}
# What limits of shares of drawings and collections are for, by their certainty: older results counted queries.
_OF_QUERIES = {
    "queries": {
        "of_collections": "further collections if they were independent draws",
        "of_drawings": "as if drawings were independent draws",
    },
    "classes": {
        "of_collections": "new classes, counting these (Korn–Graubard)",
        "of_drawings": "for new classes, counting these (Korn–Graubard), as drawings of one class are alike",
    },
}
_TITLES = {"trained": "trained alphabets", "held out": "held-out alphabets"}


def tables(summary: Mapping[str, Any]) -> tuple[Table, ...]:
    """Return the tables that a summary makes."""
    known = {(one["part"], one["network"], one["name"]): Measure(**one) for one in summary["measures"]}
    made = [_networks(summary)]
    for title, columns in _COLUMNS.items():
        rows = [
            (f"{_TITLES[part]}: {name}", *(known[part, name, measure].cell() for measure in columns.values()))
            for part in PARTS
            for name in summary["networks"]
        ]
        certain = {
            known[part, name, measure].certainty
            for part in PARTS
            for name in summary["networks"]
            for measure in columns.values()
        }
        counted = _OF_QUERIES["queries" if "queries" in certain else "classes"]
        note = _NOTES[title].format(draws=summary["draws"], triples=summary["triples"], **counted)
        made.append(Table(title, ("part and network", *columns), tuple(rows), f"{note} Limits are of 95% confidence."))
    return tuple(made)


def _networks(summary: Mapping[str, Any]) -> Table:
    rows = []
    for name, one in summary["networks"].items():
        best = one["weights_of_step"]
        last = one["validations"][-1] if one["validations"] else {}
        across = last.get("validation_collection_precision")
        rows.append(
            (
                name,
                one["config"]["objective"] if one["steps"] else "—",
                f"{one['drawings_shown']:,}",
                f"{one['steps']:,}",
                "—" if best is None else f"{best:,}",
                f"{last['validation_character_precision']:.1%}" if last else "—",
                "—" if across is None else f"{across:.1%}",
                "; ".join(f"{key} {value}" for key, value in one["differs"].items()) or "nothing",
            )
        )
    return Table(
        "The networks",
        (
            "network",
            "objective",
            "drawings shown",
            "steps",
            "weights of step",
            "validation: same character",
            "validation: across collections",
            "differs from the first in",
        ),
        tuple(rows),
        "One run of each, so that differences of a few points may be those of two runs with different seeds. Validation is "
        "that of the last step. Embeddings are rounded to float16, those of a network without a step of training after "
        "they were moved to their mean and scaled to 1.",
    )


def pages(summary: Mapping[str, Any]) -> dict[str, str]:
    """Return the files that a summary makes, by name."""
    lines = io.StringIO()
    writer = csv.DictWriter(lines, list(Measure.__dataclass_fields__), lineterminator="\n")
    writer.writeheader()
    writer.writerows(summary["measures"])
    made = tables(summary)
    return {
        "objectives.json": json.dumps(summary, ensure_ascii=False, indent=1, allow_nan=False) + "\n",
        "objectives.csv": lines.getvalue(),
        "objectives.md": "\n".join(table.to_markdown() for table in made),
        **{_FILES[table.title]: table.to_csv() for table in made},
    }


if __name__ == "__main__":
    main()
