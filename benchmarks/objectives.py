"""Training on single drawings against training on collections of them: the same network, drawings, seed and dimension.

    python -m benchmarks.objectives --runs DIR [--data DIR] [--images N] [--seed N] [--dimension N] [--minutes M]
        [--untrained] [--from-embeddings NAME=FILE ...] [--triples N] [--draws N] [--out DIR]

For each objective of :mod:`boundcheck.omniglot.objectives` there is a run in DIR/NAME and a file of its embeddings,
DIR/NAME.safetensors. A run that is not finished goes on, one that is finished is loaded, and embeddings of a finished run
with the same configuration are not made again; so a call that was stopped is repeated as it was. ``--from-embeddings``
takes the embeddings of an objective from a file, or adds a network of another name to the comparison; ``NAME=shipped``
are those that the package ships. ``--untrained`` adds the network as it is before the first step.

Class = alphabet, collection = character. The *trained* part are the alphabets whose drawings a network was trained on, the
*held-out* part those of the evaluation set, by which it was not stopped either; the alphabets it was validated on are in
neither. Every measure is of the embedding as a file holds it (float16), and says how sure it is:

=======  ===================================================================================================================
exact    of this data set, between the two numbers given, for every pair or collection was looked at
draws    95% limits for this data set, from independent draws of its triplets or triples of collections
queries  95% limits for further drawings or collections, if they were independent draws, which they are not: in older results
classes  95% limits for further classes, if those here are independent draws of classes; few, so wide: drawings and
         collections of one class are alike, so classes are counted
=======  ===================================================================================================================

None of these is about another run of the training: how far two runs of one objective are apart, only runs with other
seeds tell.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from boundcheck.atomic import write_text
from boundcheck.distances import between
from boundcheck.errors import InvalidValueError, explain
from boundcheck.evaluate.enclosed import further_out
from boundcheck.limits import ClusteredMean, ClusteredShare, EnclosedShare, Quantile, Share, quantile, quantile_of_ends
from boundcheck.omniglot import data
from boundcheck.omniglot.config import TrainingConfig
from boundcheck.omniglot.embedded import EmbeddedDrawings, load, shipped
from boundcheck.omniglot.model import build, embed_images
from boundcheck.omniglot.provenance import provenance
from boundcheck.omniglot.retrieval import precision_at_1
from boundcheck.omniglot.training import Curve, TrainedNetwork, train, validation_alphabets
from boundcheck.report.tables import Table
from boundcheck.scanning import LabelledPoints, check_triples, sample_triples
from boundcheck.scanning.new_classes import by_class, triplets_above
from boundcheck.scanning.rankings import BoundedMean, certified_rankings, retrieve
from boundcheck.theorems import K
from boundcheck.theorems.upper import CHAMFER, LADDER, TWO_SIDED

RESULTS = Path(__file__).parent / "results" / "objectives"
OBJECTIVES = ("instance", "centroid", "prototype")
PARTS = ("trained", "held out")
# A right side, and whether it is of squares; from the bluntest to the sharpest.
BOUNDS = {
    "karimov": (K.rhs, False),
    "hausdorff": (next(bound for bound in LADDER if bound.name == "hausdorff-below-farthest").lhs, False),
    "chamfer": (CHAMFER.rhs, False),
    "two-sided": (TWO_SIDED.rhs, True),
}
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class Measure:
    """One number of one network on one part, with what is certain of it.

    Attributes
    ----------
    network, part, name
        What was measured.
    lowest, highest
        Between them is the number, of the sample or of the data set.
    low, high
        Limits of 95% confidence, None where there is no sample or too small a one.
    count
        Of the sample, or of what was looked at.
    certainty
        ``"exact"``, ``"draws"``, ``"queries"`` or ``"classes"``.
    """

    network: str
    part: str
    name: str
    lowest: float
    highest: float
    low: float | None
    high: float | None
    count: int
    certainty: str

    def cell(self) -> str:
        """Return the number and its limits as a cell of a table."""
        share = self.name in _SHARES
        first, last = (f"{end:.1%}" if share else f"{end:.4g}" for end in (self.lowest, self.highest))
        shown = first if first == last else f"{first} to {last}"
        if self.certainty == "exact":
            return shown
        low, high = ("—" if end is None else f"{end:.1%}" if share else f"{end:.4g}" for end in (self.low, self.high))
        return f"{shown} [{low}, {high}]"


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
    for objective in OBJECTIVES:
        if objective in files:
            networks[objective] = _opened(files.pop(objective))
            continue
        config = TrainingConfig(
            objective=objective, images=options.images, seed=options.seed, dimension=options.dimension
        )
        found = network(config, options.runs / objective, options.data, minutes=options.minutes)
        if found is None:
            raise SystemExit(f"{objective}: the time is over; the same call goes on from here")
        networks[objective] = found
    if options.untrained:
        start = TrainingConfig(images=options.images, seed=options.seed, dimension=options.dimension)
        networks["untrained"] = untrained(start, options.runs / "untrained.safetensors", options.data)
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


# ----------------------------------------------------------------------------------------------- training, embedding


def network(
    config: TrainingConfig, folder: Path, images: Path | None, *, minutes: float | None = None
) -> EmbeddedDrawings | None:
    """Return the embeddings of a network of this configuration, trained or gone on with as need be.

    They are kept beside `folder`. None where the time was over before the training was.
    """
    path = folder.parent / f"{folder.name}.safetensors"
    if path.is_file():
        found = load(path)
        if _config(found) == config and found.metadata["training"]["finished"]:
            return found
    drawings = data.load(images)
    trained = train(drawings.subset(~drawings.evaluation), config, directory=folder, minutes=minutes)
    if not trained.finished:
        return None
    found = embedded(trained, drawings, torch.load(folder / "best.pt", weights_only=True)["step"])
    found.save(path)
    return found


def untrained(config: TrainingConfig, path: Path, images: Path | None) -> EmbeddedDrawings:
    """Return the embeddings of the network that runs of this configuration begin with, kept in a file.

    They are moved to their mean and scaled to 1: a fresh network puts all drawings so near to one point that float16
    would round away most of what tells them apart. No measure but the two distances has a scale, and none a place.
    """
    if path.is_file():
        found = load(path)
        if _config(found) == config:
            return found
    fresh = build(config.dimension, backbone=config.backbone, seed=config.seed)
    trained = TrainedNetwork(fresh, config, Curve(), 0, False, "no step was run", provenance())
    found = embedded(trained, data.load(images), 0, scaled=True)
    found.save(path)
    return found


def embedded(trained: TrainedNetwork, drawings: data.Drawings, best: int, *, scaled: bool = False) -> EmbeddedDrawings:
    """Embed every drawing, without the baselines that ``boundcheck embed`` measures."""
    exact = embed_images(trained.network, drawings.images).astype(np.float64)
    if scaled:
        exact -= exact.mean(axis=0)
        exact /= np.abs(exact).max()
    points = exact.astype(np.float16)
    if not np.isfinite(points).all():
        raise InvalidValueError(explain("embeddings", "numbers that fit in float16", "larger ones"))
    metadata = {
        "training": {
            "config": asdict(trained.config),
            "steps": trained.steps,
            "best_step": best,
            "finished": trained.finished,
            "made_by": trained.made_by,
            "curve": trained.curve.rows,
        },
        "embedding": provenance(),
    }
    return EmbeddedDrawings(
        points,
        drawings.alphabet,
        drawings.character,
        drawings.drawer,
        drawings.evaluation,
        drawings.alphabet_names,
        drawings.character_names,
        metadata,
    )


def _config(found: EmbeddedDrawings) -> TrainingConfig:
    # Files from before there was a choice of objective are of single drawings, the default.
    return TrainingConfig(**found.metadata["training"]["config"])


# ----------------------------------------------------------------------------------------------------------- measures


def compared(networks: Mapping[str, EmbeddedDrawings], *, triples: int, draws: int, seed: int = 0) -> dict[str, Any]:
    """Return what the networks are and every measure of each, as plain JSON types."""
    configs = {name: _config(found) for name, found in networks.items()}
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
                Measure(name, part, *one) for one in measured(found, chosen, triples=triples, draws=draws, seed=seed)
            ]
    return {
        "made_by": provenance(),
        "triples": triples,
        "draws": draws,
        "seed": seed,
        "networks": described,
        "measures": [asdict(one) for one in measures],
    }


def parts(found: EmbeddedDrawings) -> dict[str, np.ndarray]:
    """Return which drawings are of alphabets trained on, and which of alphabets held out for evaluation."""
    background = ~found.evaluation
    # Only the alphabets of the drawings matter for which were kept to validate by.
    labels = {name: getattr(found, name)[background] for name in ("alphabet", "character", "drawer", "evaluation")}
    drawings = data.Drawings(
        images=np.zeros((int(background.sum()), 1, 1), dtype=np.uint8),
        alphabet_names=found.alphabet_names,
        character_names=found.character_names,
        **labels,
    )
    validation = np.isin(found.alphabet, validation_alphabets(drawings, _config(found)))
    return {"trained": background & ~validation, "held out": found.evaluation}


_Found = tuple[str, float, float, float | None, float | None, int, str]


def measured(found: EmbeddedDrawings, chosen: np.ndarray, *, triples: int, draws: int, seed: int) -> Iterator[_Found]:
    """Yield every measure of one part: its name, enclosure, limits, sample size and kind of certainty."""
    labelled = LabelledPoints.from_labels(
        found.embeddings[chosen],
        np.array(found.character_names)[found.character[chosen]],
        np.array(found.alphabet_names)[found.alphabet[chosen]],
    )
    labels = found.character[chosen], found.alphabet[chosen]
    shares = precision_at_1(found.embeddings[chosen], *labels, clusters=labels[1])
    for name, share in zip(("character", "alphabet"), shares, strict=True):
        yield _share(f"drawings: same {name}", share, "classes")
    yield from _retrieved(labelled)
    yield from _triplets(labelled, draws, seed)
    unit, *separation = _separation(labelled)
    yield from separation
    yield from _bounds(labelled, triples, seed, unit)
    certified = certified_rankings(labelled, draws=triples, seed=seed)
    yield _share("rankings: true of the centroids", certified.nearer, "draws")
    yield _share("rankings: certified by triplets", certified.certified, "draws")


def _retrieved(labelled: LabelledPoints) -> Iterator[_Found]:
    ranked = retrieve(labelled)
    yield _share("collections: precision@1", ranked.precision_at_1, "classes")
    yield _mean("collections: precision@1, by class", ranked.precision_at_1_by_class, "classes")
    yield _mean("collections: reciprocal rank", ranked.reciprocal_rank, "classes")
    yield _mean("collections: reciprocal rank, by class", ranked.reciprocal_rank_by_class, "classes")


def _triplets(labelled: LabelledPoints, draws: int, seed: int) -> Iterator[_Found]:
    yield _share("triplets above 0", triplets_above(labelled, 0.0, draws=draws, seed=seed), "draws")
    pairs = by_class(labelled, 0.0, seed=seed)
    yield _share("triplets above 0, one of each pair of classes", pairs.one_each, "classes")
    yield _share("pairs of classes with any triplet above 0", pairs.any_above, "classes")


def _separation(labelled: LabelledPoints) -> tuple[Any, ...]:
    """Return the median distance of centroids of different classes, and how far apart those of one class are.

    The separation is the median distance of two centroids of one class over the median distance of two centroids of
    different classes, over all pairs: 1 where classes are nothing to the embedding, 0 where each is one point. By class,
    it is that of the pairs that have a centroid of the class.
    """
    low, high = _apart(labelled)
    same = labelled.classes[:, None] == labelled.classes
    apart = ~np.eye(len(labelled), dtype=bool)

    def median(pairs: np.ndarray) -> tuple[float, float]:
        return float(np.median(low[pairs])), float(np.median(high[pairs]))

    within, across = median(same & apart), median(~same)
    ratios = []
    for number in np.unique(labelled.classes):
        own = (labelled.classes == number)[:, None]
        if np.count_nonzero(own) > 1:
            ratios.append(float(np.median(low[own & same & apart]) / np.median(low[own & ~same])))
    pairs = int(np.count_nonzero(same & apart)) // 2, int(np.count_nonzero(~same)) // 2
    return (
        sum(across) / 2,
        ("centroids: median distance within a class", *within, None, None, pairs[0], "exact"),
        ("centroids: median distance between classes", *across, None, None, pairs[1], "exact"),
        ("centroids: separation", within[0] / across[1], within[1] / across[0], None, None, sum(pairs), "exact"),
        _quantile("centroids: separation, median of classes", quantile(ratios), "classes"),
    )


def _apart(labelled: LabelledPoints) -> tuple[np.ndarray, np.ndarray]:
    """Return what the distances of centroids are not below and not above."""
    # Sums of fewer than 4,096 numbers of float16 are exact in float64, so a centroid is off by its division alone.
    centroids = np.stack([labelled.points[rows].sum(axis=0) / len(rows) for rows in labelled.members])
    found = between([row[None] for row in centroids], reduce=["max"]).max
    off = 2.0**-52 * np.linalg.norm(centroids, axis=1)
    besides = off[:, None] + off
    return further_out(found.lower - besides, found.upper + besides)


def _bounds(labelled: LabelledPoints, triples: int, seed: int, unit: float) -> Iterator[_Found]:
    scanned = check_triples(
        TWO_SIDED,
        labelled,
        sample_triples(labelled, triples, seed=seed),
        chain=False,
        measure={"centroids": CHAMFER.lhs, **{name: term for name, (term, _) in BOUNDS.items()}},
    )
    least = scanned.parameters["m"]
    yield _share("m* below 0", Share(int(np.count_nonzero(least < 0)), len(least)), "draws")
    for level in LEVELS:
        yield _quantile(f"m* over the distance of classes, quantile {level:g}", quantile(least / unit, level), "draws")
    for name, (_, squared) in BOUNDS.items():
        right = scanned.measured[name]
        with np.errstate(invalid="ignore", divide="ignore"):
            ratios = scanned.measured["centroids"] / (np.sqrt(np.maximum(right, 0)) if squared else right)
        # Nothing but 0/0 is left out: what overflowed may have any tightness.
        some = ratios[(scanned.measured["centroids"] != 0) | (right != 0)]
        unknown = np.isnan(some)
        ends = np.where(unknown, -np.inf, some), np.where(unknown, np.inf, some)
        typical = quantile_of_ends(*ends)
        assert typical is not None
        yield _quantile(f"median tightness: {name}", typical, "draws")


def _share(name: str, share: Share | EnclosedShare | ClusteredShare, certainty: str) -> _Found:
    ends = (share, share) if isinstance(share, Share) else (share.at_least, share.at_most)
    return (name, ends[0].value, ends[1].value, *share.limits, share.count, certainty)


def _mean(name: str, mean: BoundedMean | ClusteredMean, certainty: str) -> _Found:
    return (name, mean.lowest, mean.highest, *mean.limits, mean.count, certainty)


def _quantile(name: str, found: Quantile, certainty: str) -> _Found:
    low, high = (end if math.isfinite(end) else None for end in (found.low, found.high))
    return (name, found.value, found.value, low, high, found.count, certainty)


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
_SHARES = frozenset(
    {
        "drawings: same character",
        "drawings: same alphabet",
        "collections: precision@1",
        "collections: precision@1, by class",
        "triplets above 0",
        "triplets above 0, one of each pair of classes",
        "pairs of classes with any triplet above 0",
        "m* below 0",
        "rankings: true of the centroids",
        "rankings: certified by triplets",
    }
)
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
