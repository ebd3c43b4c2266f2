"""Several embeddings of the same collections side by side: verdicts, tightness, least parameters, centroids, retrieval."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from boundcheck.data.labelled import LabelledPoints
from boundcheck.decimals import per_cent
from boundcheck.errors import InvalidValueError, explain
from boundcheck.evaluate import Verdict
from boundcheck.evaluate.enclosed import ratio_ends
from boundcheck.scanning.page_tables import COUNTED, Cell, Sheet, is_measured
from boundcheck.scanning.rankings import RETRIEVAL_COLUMNS, Retrieval, Separation, retrieval_note, retrieve, separation
from boundcheck.scanning.run import Scan

__all__ = ["Groups", "compared", "groups_of", "require_alike"]


@dataclass(frozen=True, eq=False)
class Groups:
    """What an embedding makes of collections as wholes: how far apart classes are, and which collections are found.

    Attributes
    ----------
    separation
        From :func:`.separation`.
    retrieval
        From :func:`.rankings.retrieve`, by centroids.
    """

    separation: Separation
    retrieval: Retrieval

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON types."""
        return {"separation": self.separation.to_dict(), "retrieval": self.retrieval.to_dict()}


def groups_of(labelled: LabelledPoints, *, confidence: float = 0.95) -> Groups:
    """Return what an embedding makes of collections as wholes, by their centroids in the Euclidean norm.

    Parameters
    ----------
    labelled
        At least two classes, and one with two collections.
    confidence
        Of the limits of retrieval.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If an argument is none of these.
    """
    return Groups(separation(labelled), retrieve(labelled, confidence=confidence))


def require_alike(name: str, labelled: LabelledPoints, other: LabelledPoints) -> None:
    """Raise where another embedding is not of the same collections, with as many objects and the same classes.

    Parameters
    ----------
    name
        Of what gave the other one, for the message.
    labelled, other
        Two embeddings.

    Raises
    ------
    InvalidValueError
        If it is not; the message says what differs first.
    """
    fix = "compare embeddings of the same objects under the same labels"
    if len(other) != len(labelled):
        raise InvalidValueError(
            explain(name, f"{len(labelled):,} collections like those scanned", f"{len(other):,}", fix)
        )
    for position, (ours, theirs) in enumerate(zip(labelled.names, other.names, strict=True)):
        if ours != theirs:
            raise InvalidValueError(explain(name, f"a collection {ours!r} like those scanned", f"{theirs!r}", fix))
        own, its = (one.class_names[one.classes[position]] for one in (labelled, other))
        if own != its:
            raise InvalidValueError(explain(name, f"the class {own!r} for collection {ours!r}", f"{its!r}", fix))
        size, count = (len(one.members[position]) for one in (labelled, other))
        if size != count:
            raise InvalidValueError(explain(name, f"{size:,} objects in collection {ours!r}", f"{count:,}", fix))


def compared(scans: Mapping[str, Scan], groups: Mapping[str, Groups]) -> list[Sheet]:
    """Return scans of the same collections side by side, as tables.

    Parameters
    ----------
    scans
        By name.
    groups
        What the centroids of those scans are like, by the same names; of those left out nothing is said.
    """
    return [*_scans(scans), *_groups(scans, groups)]


def _scans(scans: Mapping[str, Scan]) -> list[Sheet]:
    """Return scans side by side: medians, counts of verdicts, parameters."""
    names = list(dict.fromkeys(name for scan in scans.values() for name in scan.summary.bounds))
    medians: list[tuple[Cell, ...]] = []
    for name in names:
        row: list[Cell] = [name]
        for scan in scans.values():
            one = scan.summary.bounds.get(name)
            row.append(one.tightness.quantile(0.5) if one is not None and is_measured(one) else None)
        if any(cell is not None for cell in row[1:]):
            medians.append(tuple(row))
    sheets = []
    if medians:
        sheets.append(
            Sheet(
                "Median tightness, scan by scan",
                ("bound", *scans),
                tuple(medians),
                "Each number is between the two ends given; of distances, where a bound compares squares.",
            )
        )
    # A column of nothing but 0 says so once, in the note.
    shown = [
        (title, scan, verdict)
        for title, scan in scans.items()
        for verdict in COUNTED
        if verdict in (Verdict.HOLDS, Verdict.FAILS) or any(one.counts[verdict] for one in scan.summary.bounds.values())
    ]
    counts: list[tuple[Cell, ...]] = [
        (
            name,
            *(
                scan.summary.bounds[name].counts[verdict] if name in scan.summary.bounds else None
                for _, scan, verdict in shown
            ),
        )
        for name in names
    ]
    heads = ("bound", *(f"{title}: {verdict.value}" for title, _, verdict in shown))
    note = "Exact counts of triples; what has no column here was found on none."
    sheets.append(Sheet("Verdicts, scan by scan", heads, tuple(counts), note))
    parameters: list[tuple[Cell, ...]] = [
        (
            f"{title}: {symbol}",
            *(one.values.quantile(level) for level in (0.05, 0.5, 0.95)),
            one.below_zero,
            per_cent(one.below_zero, int(one.signs_by_class.sum())),
            one.undecided,
        )
        for title, scan in scans.items()
        for symbol, one in scan.summary.parameters.items()
        if one.values.ordered
    ]
    if parameters:
        sheets.append(
            Sheet(
                "Least parameters, scan by scan",
                ("scan: parameter", "5%", "median", "95%", "surely below 0", "share", "neither"),
                tuple(parameters),
                "Each number is between the two ends given; counts are exact. Units are each embedding's own.",
            )
        )
    return sheets


def _groups(scans: Mapping[str, Scan], groups: Mapping[str, Groups]) -> list[Sheet]:
    """Return how far apart classes are, the least m in that unit, and retrieval; nothing where none of it is known."""
    if not groups:
        return []
    known = {title: groups[title] for title in scans if title in groups}
    confidence = next(iter(known.values())).retrieval.confidence
    apart: list[tuple[Cell, ...]] = [
        (title, one.separation.within, one.separation.across, one.separation.ratio) for title, one in known.items()
    ]
    sheets = [
        Sheet(
            "Separation of centroids, scan by scan",
            ("scan", "within a class", "between classes", "separation"),
            tuple(apart),
            "The median distance of two centroids of one class, that of two of different classes, each over all pairs and "
            "in the embedding's own units, and the first over the second: 1 where classes are nothing to the embedding, "
            "less where they are apart. Exact of these collections: each number is between the two ends given.",
        )
    ]
    scaled: list[tuple[Cell, ...]] = [
        (title, *(_over(least.values.quantile(level), one.separation.across) for level in (0.05, 0.5, 0.95)))
        for title, one in known.items()
        if (least := scans[title].summary.parameters.get("m")) is not None and least.values.ordered
    ]
    if scaled:
        sheets.append(
            Sheet(
                "Least m over the distance between classes, scan by scan",
                ("scan", "5%", "median", "95%"),
                tuple(scaled),
                "Over the median distance of two centroids of different classes: without a unit, so that it compares across "
                "embeddings. Each number is between the two ends given.",
            )
        )
    found: list[tuple[Cell, ...]] = [
        (title, len(one.retrieval), *one.retrieval.cells()) for title, one in known.items()
    ]
    sheets.append(
        Sheet(
            "Collections found by their centroids, scan by scan",
            ("scan", "queries", *RETRIEVAL_COLUMNS),
            tuple(found),
            retrieval_note(confidence),
        )
    )
    return sheets


def _over(ends: tuple[float, float], unit: tuple[float, float]) -> tuple[float, float]:
    """Return what a number is between, in a unit that is known as well as that."""
    if not 0 < unit[0] <= unit[1] < math.inf:
        return -math.inf, math.inf
    low, high = ratio_ends(ends, unit)
    return float(low), float(high)
