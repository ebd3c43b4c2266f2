"""Pictures of where a bound stands among the others on real embeddings, and the numbers that they show.

What the experiment measured is read from its results; the rest is measured when the pages are built, on fewer triples of
the embeddings that the package ships. The draw has a seed, so the same sources give the same pages.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

import boundcheck.theorems
from boundcheck.errors import BoundcheckError, InvalidValueError, explain
from boundcheck.evaluate import Verdict
from boundcheck.evaluate.pooling import mean
from boundcheck.language import Bound, ForAll, Parameter, Power, Relation, Scalar, Space, m, triplet
from boundcheck.omniglot import experiment
from boundcheck.omniglot.embedded import shipped
from boundcheck.report import figures
from boundcheck.scanning import LabelledPoints, ScanResult, check_triples, quantile, sample_triples
from boundcheck.theorems import K_ANY_SIZES, every
from boundcheck.theorems.false import FalseStatement
from boundcheck.theorems.representations import aggregator_of, distance_in
from boundcheck.theorems.upper import CHAMFER, HAUSDORFF, HULL

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["TRIPLES", "Picture", "on_real_triples", "picture", "rungs"]

#: Triples of each part that are measured when the pages are built.
TRIPLES = 250

LADDER = Path(__file__).parents[2] / "benchmarks" / "results" / "demo" / "ladder.csv"

_PARTS = {"trained alphabets": False, "held-out alphabets": True}
_MARKED = "#F3ECCF"
# The parts' colours, as in the package's figures.
_COLOURS = ("#4477AA", "#66CCEE")
# What a row of the experiment's ladder, which is about centroids of 20 drawings each, says of a more general bound.
_READ_AS = {
    HULL.name: "The weights are equal here, and with these it says what U2 says.",
    HAUSDORFF.name: "The points of the hulls are the centroids here.",
    K_ANY_SIZES.name: "Every character has 20 drawings, so it says what theorem K says.",
}

Ladder = Mapping[str, Mapping[str, tuple[float, float, float]]]


@dataclass(frozen=True)
class Picture:
    """A figure, or None where there is none to draw, and what is to be said of it."""

    figure: Figure | None
    text: str


def picture(bound: Bound) -> Picture:
    """Return the picture of a bound: on the experiment's ladder, among those measured here, or a text why there is none."""
    marked = rungs(bound)
    if marked:
        return _on_the_ladder(bound, marked)
    if bound.relation is Relation.EQUAL:
        return _of_an_equality(bound)
    try:
        found = _measured(bound)
    except BoundcheckError as error:
        return Picture(None, f"No picture: what the statement speaks of is not given by three collections ({error}).")
    if any(scan.rhs.min() <= 0 for scan in found.values()):
        return _sides(found)
    return _among_peers(bound)


# -------------------------------------------------------------------------------------------- the experiment's ladder


def rungs(bound: Bound) -> tuple[str, ...]:
    """Return the rows of the experiment's ladder that a bound is: one, or the two that it puts in order, or none."""
    if not bound.space.admits(2) or bound.relation is Relation.EQUAL:
        return ()
    if bound == HULL:
        return rungs(CHAMFER)
    right = _rung(bound.rhs)
    if distance_in(bound.lhs) is not None:
        return (right,) if right and aggregator_of(bound) in ("mean", "hull") else ()
    left = _rung(bound.lhs)
    return (right, left) if left and right else ()


def _rung(side: Scalar) -> str | None:
    # The rows' names and terms as the experiment has them: a list of our own could drift from its results.
    terms = {name: term for name, (term, _) in experiment._RUNGS.items()}
    squared = isinstance(side, Power) and side.exponent == 2
    return next((name for name, term in terms.items() if side == term or (squared and side.base == term)), None)


@cache
def _ladder() -> Ladder:
    """Return the medians that the experiment found, with their limits, by part and row."""
    found: dict[str, dict[str, tuple[float, float, float]]] = {}
    for row in csv.DictReader(LADDER.read_text(encoding="utf-8").splitlines()):
        part, _, name = row["bound"].partition(": ")
        value, low, high = map(float, re.findall(r"[\d.]+", row["median tightness"]))
        if name not in experiment._RUNGS:
            raise InvalidValueError(
                explain(LADDER.name, f"rows {', '.join(experiment._RUNGS)}", f"{name!r}", "make results writes it anew")
            )
        found.setdefault(part, {})[name] = (value, low, high)
    return found


def _on_the_ladder(bound: Bound, marked: tuple[str, ...]) -> Picture:
    ladder = _ladder()
    figure = figures.ladder_figure(ladder)
    _mark(figure.axes[0], marked)
    shown = "; ".join(
        f"{name}: " + ", ".join(f"{rows[name][0]:.3f} on {part}" for part, rows in ladder.items()) for name in marked
    )
    text = (
        f"Median tightness, with 95% limits, on {experiment.LADDER_TRIPLES:,} random triples of Omniglot's characters from "
        f"each part of the alphabets, under the embeddings that the package ships. {shown}."
    )
    if len(marked) == 2:
        text += " The statement orders the two that are marked."
    return Picture(figure, " ".join([text, *([_READ_AS[bound.name]] if bound.name in _READ_AS else [])]))


def _mark(axis: Axes, marked: tuple[str, ...]) -> None:
    for position, label in enumerate(axis.get_yticklabels()):
        if label.get_text() in marked:
            label.set_fontweight("bold")
            axis.axhspan(position - 0.5, position + 0.5, color=_MARKED, zorder=0)


# ----------------------------------------------------------------------------------------------------- measured here


@cache
def _sample() -> dict[str, tuple[LabelledPoints, np.ndarray]]:
    embedded = shipped()
    parts = {name: embedded.labelled(evaluation=flag) for name, flag in _PARTS.items()}
    return {
        name: (labelled, sample_triples(labelled, TRIPLES, seed=seed))
        for seed, (name, labelled) in enumerate(parts.items())
    }


@cache
def _measured(bound: Bound) -> dict[str, ScanResult]:
    """Return both sides of a statement on the sample's triples, weights being equal and m the least that T(m) allows."""
    return _scanned(_with_premise(bound), math.inf if bound.space is Space.SUP_NORM else 2.0, {})


def _scanned(bound: Bound, p: float, parameters: Mapping[Parameter, float]) -> dict[str, ScanResult]:
    return {
        part: check_triples(
            bound,
            labelled,
            triples,
            norm=p,
            parameters=parameters,
            weights=(lambda _, points: mean(points, p)) if bound.weights() else None,
            chain=False,
        )
        for part, (labelled, triples) in _sample().items()
    }


def _with_premise(bound: Bound) -> Bound:
    """Return a statement about m that has no premise on it under T(m), which it is used under."""
    said = {premise.parameter for premise in bound.premises if isinstance(premise, ForAll)}
    free = [parameter for parameter in bound.parameters() if parameter not in said]
    return replace(bound, premises=(*bound.premises, triplet(m)), chain=()) if free == [m] else bound


def _drawn() -> str:
    return f"{TRIPLES} random triples of Omniglot's characters from each part of the alphabets"


def _of_an_equality(bound: Bound) -> Picture:
    found = _measured(bound).values()
    off = max(
        float((np.abs(scan.lhs - scan.rhs) / np.maximum(np.abs(scan.rhs), np.abs(scan.lhs))).max()) for scan in found
    )
    return Picture(
        None,
        f"An equality has no place among the bounds, so there is no picture. On {_drawn()} the two sides as float64 "
        f"computes them differ by {off:.0e} of their size at most.",
    )


def _sides(found: Mapping[str, ScanResult]) -> Picture:
    figure = figures.scatter_figure({part: (scan.lhs, scan.rhs) for part, scan in found.items()})
    held = _counts(found.values())
    return Picture(
        figure,
        f"Left and right side on {_drawn()}, under the embeddings that the package ships: {held}. The right side may be "
        "below 0, so their ratio would say nothing; above the line the statement holds.",
    )


def _among_peers(bound: Bound) -> Picture:
    ladder: dict[str, dict[str, tuple[float, float, float]]] = {}
    spread: dict[str, list[tuple[float, float]]] = {}
    for peer in _peers(bound):
        for part, scan in _measured(peer).items():
            ratios = _ratios(peer, scan)
            median = quantile(ratios)
            ladder.setdefault(part, {})[peer.name] = (median.value, median.low, median.high)
            low, high = np.quantile(ratios, (0.05, 0.95))
            spread.setdefault(part, []).append((float(low), float(high)))
    figure = figures.ladder_figure(ladder)
    axis = figure.axes[0]
    axis.set_xlabel("median tightness: left side over right side")
    for position, ranges in enumerate(spread.values()):
        rows = np.arange(len(ranges)) + 0.24 * (position - (len(spread) - 1) / 2)
        low, high = np.transpose(ranges)
        axis.hlines(rows, low, high, color=_COLOURS[position], alpha=0.3, linewidth=4)
    _mark(axis, (bound.name,))
    shown = ", ".join(f"{_interval(rows[bound.name])} on {part}" for part, rows in ladder.items())
    notes = [
        f"Median tightness with 95% limits, and the range of the middle 90% of triples, on {_drawn()}, under the "
        f"embeddings that the package ships. {bound.name}: {shown}."
    ]
    if any(np.min(scan.lhs) < 0 for peer in _peers(bound) for scan in _measured(peer).values()):
        notes.append("A left side below 0 says nothing of a distance and counts as 0.")
    if any(peer.weights() for peer in _peers(bound)):
        notes.append("The weights are equal: the points of the hulls are the centroids here.")
    return Picture(figure, " ".join(notes))


def _interval(found: tuple[float, float, float]) -> str:
    value, low, high = found
    return f"{value:.3f} [{low:.3f}, {high:.3f}]"


def _ratios(bound: Bound, scan: ScanResult) -> Float[np.ndarray, " t"]:
    """Return the tightness on each triple, of distances where a bound is of their squares."""
    ratios = np.maximum(scan.tightness, 0)
    sides = (bound.lhs, bound.rhs)
    squared = any(isinstance(side, Power) and distance_in(side) is not None for side in sides)
    known = ratios[~np.isnan(ratios)]
    return np.sqrt(known) if squared else known


def _peers(bound: Bound) -> tuple[Bound, ...]:
    """Return the statements that are drawn beside one: those that the package lists with it and that have a tightness."""
    listed = next((group for group in _groups() if bound in group), (bound,))
    return tuple(peer for peer in listed if peer == bound or _drawable(peer))


@cache
def _drawable(bound: Bound) -> bool:
    if bound.relation is Relation.EQUAL:
        return False
    try:
        return all(scan.rhs.min() > 0 for scan in _measured(bound).values())
    except BoundcheckError:
        return False


def _groups() -> Iterator[tuple[Bound, ...]]:
    """Yield the chains, then every tuple of bounds that a module of theorems exports."""
    yield from (bound.chain for bound in every().values() if bound.chain)
    for module in vars(boundcheck.theorems).values():
        for name in getattr(module, "__all__", ()):
            value = getattr(module, name)
            if isinstance(value, tuple) and value and all(isinstance(item, Bound) for item in value):
                yield value


# --------------------------------------------------------------------------------------------------- false statements


def on_real_triples(false: FalseStatement) -> tuple[set[Verdict], str]:
    """Return the verdicts that a false statement has on the sample's triples, and a sentence that counts them."""
    said = {premise.parameter for premise in false.bound.premises if isinstance(premise, ForAll)}
    given = {
        parameter: float(false.parameters[parameter.symbol])
        for parameter in false.bound.parameters()
        if parameter not in said
    }
    found = _scanned(false.bound, float(false.norm), given).values()
    verdicts = {verdict for scan in found for verdict in Verdict if scan.count(verdict)}
    return verdicts, f"On {_drawn()}, in the same norm: {_counts(found)}."


def _counts(scans: Iterable[ScanResult]) -> str:
    known = list(scans)
    counts = {verdict.value: sum(scan.count(verdict) for scan in known) for verdict in Verdict}
    return ", ".join(f"{verdict} on {count}" for verdict, count in counts.items() if count)
