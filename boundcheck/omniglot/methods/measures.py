"""What is measured of an embedding of Omniglot, each number with what is certain of it.

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
seeds tell (:mod:`.differences`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Bool

from boundcheck.distances import between
from boundcheck.evaluate.enclosed import further_out
from boundcheck.language import Scalar
from boundcheck.limits import ClusteredMean, ClusteredShare, EnclosedShare, Quantile, Share, quantile, quantile_of_ends
from boundcheck.omniglot import data
from boundcheck.omniglot.config import TrainingConfig
from boundcheck.omniglot.embedded import EmbeddedDrawings
from boundcheck.omniglot.retrieval import precision_at_1
from boundcheck.omniglot.training import validation_alphabets
from boundcheck.scanning import LabelledPoints, check_triples, sample_triples
from boundcheck.scanning.new_classes import by_class, triplets_above
from boundcheck.scanning.rankings import BoundedMean, certified_rankings, retrieve
from boundcheck.theorems import K
from boundcheck.theorems.upper import CHAMFER, LADDER, TWO_SIDED

__all__ = [
    "BOUNDS",
    "LEVELS",
    "PARTS",
    "STAGES",
    "Found",
    "Measure",
    "Part",
    "config_of",
    "is_share",
    "measured",
    "of_share",
    "parts",
]

PARTS = ("trained", "held out")
#: A right side, and whether it is of squares; from the bluntest to the sharpest.
BOUNDS: Mapping[str, tuple[Scalar, bool]] = {
    "karimov": (K.rhs, False),
    "hausdorff": (next(bound for bound in LADDER if bound.name == "hausdorff-below-farthest").lhs, False),
    "chamfer": (CHAMFER.rhs, False),
    "two-sided": (TWO_SIDED.rhs, True),
}
#: Of the quantiles of m*.
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class Found:
    """One number of one part of an embedding, as :class:`Measure` has it.

    Attributes
    ----------
    by_class
        Of a share that counts classes, how many succeed in each, and of how many; else None.
    """

    name: str
    lowest: float
    highest: float
    low: float | None
    high: float | None
    count: int
    certainty: str
    by_class: tuple[tuple[int, int], ...] | None = None

    def plain(self) -> dict[str, Any]:
        """Return it as plain JSON types, without the numbers by class."""
        return {key: value for key, value in self.__dict__.items() if key != "by_class"}


@dataclass(frozen=True, eq=False)
class Part:
    """Some alphabets of an embedding, and how much is drawn to measure them.

    Attributes
    ----------
    found
        The embedding.
    chosen
        Which drawings are of the part.
    triples, draws, seed
        How many triples of collections and triplets of drawings are drawn, and from which seed.
    """

    found: EmbeddedDrawings
    chosen: Bool[np.ndarray, " n"]
    triples: int
    draws: int
    seed: int

    @cached_property
    def labelled(self) -> LabelledPoints:
        """The drawings, grouped: collection = character, class = alphabet."""
        found, chosen = self.found, self.chosen
        return LabelledPoints.from_labels(
            found.embeddings[chosen],
            np.array(found.character_names)[found.character[chosen]],
            np.array(found.alphabet_names)[found.alphabet[chosen]],
        )


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

# What of collections is found: by which aggregation, or of how many drawings, the rest of the name says.
_SHARES_BY_PREFIX = ("characters by halves", "alphabets by halves", "alphabet of a character", "S1: ", "S2: ")


def is_share(name: str) -> bool:
    """Say whether a measure is a share, which is told in per cent."""
    return name in _SHARES or name.startswith(_SHARES_BY_PREFIX)


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
        share = is_share(self.name)
        first, last = (f"{end:.1%}" if share else f"{end:.4g}" for end in (self.lowest, self.highest))
        shown = first if first == last else f"{first} to {last}"
        if self.certainty == "exact":
            return shown
        low, high = ("—" if end is None else f"{end:.1%}" if share else f"{end:.4g}" for end in (self.low, self.high))
        return f"{shown} [{low}, {high}]"


def config_of(found: EmbeddedDrawings) -> TrainingConfig:
    """Return the configuration of the network that embedded; of files from before there was a choice, the defaults."""
    return TrainingConfig(**found.metadata["training"]["config"])


def parts(found: EmbeddedDrawings) -> dict[str, Bool[np.ndarray, " n"]]:
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
    validation = np.isin(found.alphabet, validation_alphabets(drawings, config_of(found)))
    return {"trained": background & ~validation, "held out": found.evaluation}


def measured(
    found: EmbeddedDrawings, chosen: Bool[np.ndarray, " n"], *, triples: int, draws: int, seed: int
) -> Iterator[Found]:
    """Yield every measure of one part, stage by stage; what is given is as :class:`Part` has it."""
    part = Part(found, chosen, triples, draws, seed)
    for stage in STAGES.values():
        yield from stage(part)


def _drawings(part: Part) -> Iterator[Found]:
    labels = part.found.character[part.chosen], part.found.alphabet[part.chosen]
    shares = precision_at_1(part.found.embeddings[part.chosen], *labels, clusters=labels[1])
    for name, share in zip(("character", "alphabet"), shares, strict=True):
        yield of_share(f"drawings: same {name}", share, "classes")


def _collections(part: Part) -> Iterator[Found]:
    ranked = retrieve(part.labelled)
    yield of_share("collections: precision@1", ranked.precision_at_1, "classes")
    yield _mean("collections: precision@1, by class", ranked.precision_at_1_by_class, "classes")
    yield _mean("collections: reciprocal rank", ranked.reciprocal_rank, "classes")
    yield _mean("collections: reciprocal rank, by class", ranked.reciprocal_rank_by_class, "classes")


def _triplets(part: Part) -> Iterator[Found]:
    above = triplets_above(part.labelled, 0.0, draws=part.draws, seed=part.seed)
    yield of_share("triplets above 0", above, "draws")
    pairs = by_class(part.labelled, 0.0, seed=part.seed)
    yield of_share("triplets above 0, one of each pair of classes", pairs.one_each, "classes")
    yield of_share("pairs of classes with any triplet above 0", pairs.any_above, "classes")


def _centroids(part: Part) -> Iterator[Found]:
    unit, *separation = _separation(part.labelled)
    yield from separation
    yield from _bounds(part.labelled, part.triples, part.seed, unit)


def _rankings(part: Part) -> Iterator[Found]:
    certified = certified_rankings(part.labelled, draws=part.triples, seed=part.seed)
    yield of_share("rankings: true of the centroids", certified.nearer, "draws")
    yield of_share("rankings: certified by triplets", certified.certified, "draws")


#: What is measured together, by name; each from a part alone.
STAGES: Mapping[str, Callable[[Part], Iterator[Found]]] = {
    "drawings": _drawings,
    "collections": _collections,
    "triplets": _triplets,
    "centroids": _centroids,
    "rankings": _rankings,
}


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
        Found("centroids: median distance within a class", *within, None, None, pairs[0], "exact"),
        Found("centroids: median distance between classes", *across, None, None, pairs[1], "exact"),
        Found("centroids: separation", within[0] / across[1], within[1] / across[0], None, None, sum(pairs), "exact"),
        _quantile("centroids: separation, median of classes", quantile(ratios), "classes"),
    )


def _apart(labelled: LabelledPoints) -> tuple[np.ndarray, np.ndarray]:
    """Return what the distances of centroids are not below and not above."""
    # Sums of fewer than 4,096 numbers of float16 are exact in float64, so a centroid is off by its division alone.
    centroids = np.stack([labelled.points[rows].sum(axis=0) / len(rows) for rows in labelled.members])
    found = between([row[None] for row in centroids], reduce=["max"]).max
    assert found is not None
    off = 2.0**-52 * np.linalg.norm(centroids, axis=1)
    besides = off[:, None] + off
    return further_out(found.lower - besides, found.upper + besides)


def _bounds(labelled: LabelledPoints, triples: int, seed: int, unit: float) -> Iterator[Found]:
    scanned = check_triples(
        TWO_SIDED,
        labelled,
        sample_triples(labelled, triples, seed=seed),
        chain=False,
        measure={"centroids": CHAMFER.lhs, **{name: term for name, (term, _) in BOUNDS.items()}},
    )
    least = scanned.parameters["m"]
    yield of_share("m* below 0", Share(int(np.count_nonzero(least < 0)), len(least)), "draws")
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


def of_share(name: str, share: Share | EnclosedShare | ClusteredShare, certainty: str) -> Found:
    """Return a share as a measure."""
    ends = (share, share) if isinstance(share, Share) else (share.at_least, share.at_most)
    of_each = tuple(zip(share.by_cluster, share.counts, strict=True)) if isinstance(share, ClusteredShare) else None
    return Found(name, ends[0].value, ends[1].value, *share.limits, share.count, certainty, of_each)


def _mean(name: str, mean: BoundedMean | ClusteredMean, certainty: str) -> Found:
    return Found(name, mean.lowest, mean.highest, *mean.limits, mean.count, certainty)


def _quantile(name: str, found: Quantile, certainty: str) -> Found:
    low, high = (end if math.isfinite(end) else None for end in (found.low, found.high))
    return Found(name, found.value, found.value, low, high, found.count, certainty)
