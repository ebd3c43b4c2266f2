"""Collections as one vector each, and how often each finds its like.

A character is found *by halves*: some drawings of it are one collection, as many others, by other drawers, another, and the
nearest other vector should be that of the same character. An alphabet is found so by half of its characters. What makes one
vector of a collection is an *aggregation*; the mean is the package's theorems' centroid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TypeAlias

import numpy as np
from jaxtyping import Bool, Float, Int

from boundcheck.limits import ClusteredShare
from boundcheck.omniglot.embedded import EmbeddedDrawings
from boundcheck.omniglot.methods.measures import Found, Part, of_share
from boundcheck.scanning import LabelledPoints
from boundcheck.scanning.rankings import Retrieval, retrieve

__all__ = [
    "AGGREGATIONS",
    "SIZES",
    "STAGES",
    "Aggregation",
    "alphabets_by_halves",
    "characters_by_halves",
    "collections_by_alphabet",
    "halves",
]

#: Points of one collection to one vector.
Aggregation: TypeAlias = Callable[[Float[np.ndarray, "n d"]], Float[np.ndarray, " d"]]


def _of_unit_vectors(points: Float[np.ndarray, "n d"]) -> Float[np.ndarray, " d"]:
    lengths = np.linalg.norm(points, axis=1, keepdims=True)
    mean: Float[np.ndarray, " d"] = (points / np.where(lengths > 0, lengths, 1.0)).mean(axis=0)
    return mean


def _median(points: Float[np.ndarray, "n d"]) -> Float[np.ndarray, " d"]:
    middle: Float[np.ndarray, " d"] = np.median(points, axis=0)
    return middle


#: What makes one vector of the points of a collection, by name.
AGGREGATIONS: Mapping[str, Aggregation] = {
    "mean": lambda points: points.mean(axis=0),
    "mean of unit vectors": _of_unit_vectors,
    "median of coordinates": _median,
}

#: How many drawings halves of characters have, beside all there are.
SIZES = (1, 2, 5)


def halves(
    labels: Int[np.ndarray, " n"], order: Int[np.ndarray, " n"], size: int | None = None
) -> Int[np.ndarray, " n"]:
    """Return in which half of its own kind each object is: 0, 1, or −1 for neither.

    Parameters
    ----------
    labels
        Of which kind each object is.
    order
        What objects of one kind are ordered by: who drew them, or of which character they are. Those that are alike in it
        stay together: of the k different ones the first half of k, rounded down, is half 0, and as many are half 1.
    size
        How many different ones each half has; as many as there are if left out, or if there are fewer.
    """
    found = np.full(len(labels), -1, dtype=np.int64)
    for label in np.unique(labels):
        own = np.flatnonzero(labels == label)
        different, place = np.unique(order[own], return_inverse=True)
        half = len(different) // 2
        kept = half if size is None else min(size, half)
        found[own[place < kept]] = 0
        found[own[(place >= half) & (place < half + kept)]] = 1
    return found


def _by_size(part: Part) -> Iterator[Found]:
    for size in SIZES:
        found = characters_by_halves(part.found, part.chosen, size=size)
        yield of_share(f"characters by halves: {size} each", found, "classes")


def _by(name: str, part: Part) -> Iterator[Found]:
    for what, how in (
        ("characters by halves", characters_by_halves),
        ("alphabets by halves", alphabets_by_halves),
        ("alphabet of a character", collections_by_alphabet),
    ):
        yield of_share(f"{what}: {name}", how(part.found, part.chosen, name), "classes")


def characters_by_halves(
    found: EmbeddedDrawings, chosen: Bool[np.ndarray, " n"], aggregation: str = "mean", *, size: int | None = None
) -> ClusteredShare:
    """Return how often some drawings of a character, as one vector, are nearest to other drawings of it.

    Each half of a character's drawings is a query, and searched are both halves of all characters but itself. Limits count
    alphabets.

    Parameters
    ----------
    found
        Of every drawing.
    chosen
        Which of them to take.
    aggregation
        One of :data:`AGGREGATIONS`.
    size
        How many drawings of each half are taken; all of it if left out.
    """
    rows = np.flatnonzero(chosen)
    half = halves(found.character[rows], found.drawer[rows], size)
    rows, half = rows[half >= 0], half[half >= 0]
    ranked = _ranked(found, rows, 2 * found.character[rows].astype(np.int64) + half, found.character[rows], aggregation)
    return _by_alphabet(ranked, found, rows, found.character[rows])


def alphabets_by_halves(
    found: EmbeddedDrawings, chosen: Bool[np.ndarray, " n"], aggregation: str = "mean"
) -> ClusteredShare:
    """Return how often half of an alphabet's characters, as one vector, is nearest to the other half.

    As :func:`characters_by_halves`, one level up: a half is of whole characters, and limits count alphabets.
    """
    rows = np.flatnonzero(chosen)
    half = halves(found.alphabet[rows], found.character[rows])
    rows, half = rows[half >= 0], half[half >= 0]
    ranked = _ranked(found, rows, 2 * found.alphabet[rows].astype(np.int64) + half, found.alphabet[rows], aggregation)
    return _by_alphabet(ranked, found, rows, found.alphabet[rows])


def collections_by_alphabet(
    found: EmbeddedDrawings, chosen: Bool[np.ndarray, " n"], aggregation: str = "mean"
) -> ClusteredShare:
    """Return how often the nearest other character, each as one vector, is of the same alphabet; limits count alphabets."""
    rows = np.flatnonzero(chosen)
    ranked = _ranked(found, rows, found.character[rows], found.alphabet[rows], aggregation)
    return _by_alphabet(ranked, found, rows, found.alphabet[rows])


def _ranked(
    found: EmbeddedDrawings,
    rows: Int[np.ndarray, " r"],
    collection: Int[np.ndarray, " r"],
    classes: Int[np.ndarray, " r"],
    aggregation: str,
) -> Retrieval:
    """Rank collections by their vectors; a mean is the centroid of exact arithmetic, others are data once rounded."""
    points = found.embeddings[rows].astype(np.float64)
    if aggregation != "mean":
        numbers, first, place = np.unique(collection, return_index=True, return_inverse=True)
        order = np.argsort(place, kind="stable")
        groups = np.split(order, np.cumsum(np.bincount(place))[:-1])
        points = np.stack([AGGREGATIONS[aggregation](points[group]) for group in groups])
        collection, classes = numbers, classes[first]
    return retrieve(LabelledPoints.from_labels(points, collection, classes))


def _by_alphabet(
    ranked: Retrieval, found: EmbeddedDrawings, rows: Int[np.ndarray, " r"], classes: Int[np.ndarray, " r"]
) -> ClusteredShare:
    """Count by alphabet; the classes of a ranking are numbered in the order of their labels."""
    _, first = np.unique(classes, return_index=True)
    alphabet = found.alphabet[rows][first][ranked.classes]
    return ClusteredShare.of(ranked.worst == 1, alphabet, possibly=ranked.best == 1)


#: What is measured together, by name; each from a part alone.
STAGES: Mapping[str, Callable[[Part], Iterator[Found]]] = {
    "halves of few drawings": _by_size,
    **{f"aggregation: {name}": partial(_by, name) for name in AGGREGATIONS},
}
