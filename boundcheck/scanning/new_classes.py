"""What one data set says of triplets to come: shares, a margin that holds for most, classes as the sample.

A triplet of objects is (anchor, positive, negative): one object of a collection x, one of another collection z of the
same class, one of a collection w of another class, as in the premise T(m): d(x_i, z_j) ≤ d(x_i, w_k) + m. It is *above*
m where d(x_i, z_j) − d(x_i, w_k) > m. Distances are Euclidean.

Three populations, each with limits of its own:

======================  =================================================================================
:func:`triplets_above`  the triplets of this data set, drawn independently: of *these* classes, however many draws
:func:`margin_for`      the same, turned round: an m for a share that is wanted
:func:`by_class`        new classes, of which these are a sample: as many draws as there are pairs of classes
======================  =================================================================================
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int

from boundcheck.arithmetic import certified
from boundcheck.data.labelled import LabelledPoints, require_labelled, sample_triples
from boundcheck.decimals import at_most
from boundcheck.distances import to_collections
from boundcheck.errors import (
    DimensionMismatchError,
    InvalidTypeError,
    InvalidValueError,
    NonFiniteError,
    explain,
    require_share,
    require_whole,
)
from boundcheck.evaluate import judge
from boundcheck.evaluate.enclosed import further_out, outward_arrays
from boundcheck.language import m as least
from boundcheck.language import w, x, z
from boundcheck.limits import EnclosedShare
from boundcheck.report.tables import Table
from boundcheck.theorems.upper import CHAMFER

__all__ = [
    "ByClass",
    "Comparison",
    "Margin",
    "NewClasses",
    "by_class",
    "carried_over",
    "compare",
    "margin_for",
    "new_classes",
    "new_classes_tables",
    "triplets_above",
]

# Coordinates of a role's points held at once.
_COORDINATES = 1 << 20


@dataclass(frozen=True)
class Margin:
    """An m that holds for at least a 1 − `epsilon` share of triplets, with confidence 1 − `delta`.

    Attributes
    ----------
    m
        At least the `rank`-th smallest of `count` sampled d(x_i, z_j) − d(x_i, w_k).
    """

    m: float
    epsilon: float
    delta: float
    rank: int
    count: int

    def to_dict(self) -> dict[str, float | int]:
        """Return everything as plain JSON types."""
        return dict(self.__dict__)

    def __str__(self) -> str:
        held, sure = 100 * (1 - self.epsilon), 100 * (1 - self.delta)
        return f"m = {self.m:.4g} holds for at least {held:g}% of triplets, with confidence {sure:g}%"


@dataclass(frozen=True)
class ByClass:
    """Limits for new classes: the draws are pairs of classes of which no two share a class.

    Attributes
    ----------
    one_each
        Pairs whose one random triplet is above m.
    any_above
        Pairs with any triplet above m.
    """

    one_each: EnclosedShare
    any_above: EnclosedShare

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON types."""
        return {"one_each": self.one_each.to_dict(), "any_above": self.any_above.to_dict()}


@dataclass(frozen=True)
class NewClasses:
    """What was found of one part of the data.

    Attributes
    ----------
    classes, collections
        How many there are.
    above
        From :func:`triplets_above`.
    margin
        From :func:`margin_for`.
    by_class
        From :func:`by_class`.
    """

    classes: int
    collections: int
    above: EnclosedShare
    margin: Margin
    by_class: ByClass

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON types."""
        return {
            "classes": self.classes,
            "collections": self.collections,
            "above": self.above.to_dict(),
            "margin": self.margin.to_dict(),
            "by_class": self.by_class.to_dict(),
        }


@dataclass(frozen=True)
class Comparison:
    """Classes that an embedding was trained on against classes held out.

    Attributes
    ----------
    m
        What triplets were counted above.
    trained, held_out
        The same of both.
    carried
        Triplets of the held-out classes that are above the margin of the trained ones, from :func:`carried_over`.
    """

    m: float
    trained: NewClasses
    held_out: NewClasses
    carried: EnclosedShare

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON types."""
        return {
            "m": self.m,
            "trained": self.trained.to_dict(),
            "held_out": self.held_out.to_dict(),
            "carried": self.carried.to_dict(),
        }


@certified
def triplets_above(
    labelled: LabelledPoints, m: float, *, draws: int, seed: int = 0, confidence: float = 0.95
) -> EnclosedShare:
    """Return the share of a data set's triplets whose d(x_i, z_j) − d(x_i, w_k) is above m.

    Triplets are drawn independently, with replacement: the anchor's collection uniformly over those with a sibling in
    their class, the positive's over its siblings, the negative's over the collections of other classes, and of each an
    object uniformly. So collections weigh the same, whatever their sizes.

    Parameters
    ----------
    labelled
        Where to draw from; at least two classes, and one with two collections.
    m
        In the embedding's units; minus the margin.
    draws
        How many triplets, at least 1.
    seed
        Of the draw.
    confidence
        Of the limits, which are about the triplets of this data set and no others: see :func:`by_class`.

    Returns
    -------
    EnclosedShare
        Its `at_most` counts as above what float64 cannot decide.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If an argument is out of range, or there is no triplet to draw.
    """
    m = _finite("m", m)
    require_share("confidence", confidence)
    return _above(*_sampled(labelled, draws, seed), m, confidence)


@certified
def margin_for(labelled: LabelledPoints, epsilon: float, *, delta: float, draws: int, seed: int = 0) -> Margin:
    """Return an m that holds for at least a 1 − ε share of a data set's triplets, with confidence 1 − δ.

    It is the r-th smallest difference of the sample, rounded up, for the least r with P(Binomial(n, 1 − ε) ≥ r) ≤ δ: a
    distribution-free upper tolerance limit. For the r-th smallest is below the (1 − ε)-quantile only where at least r
    draws are, each with a probability of at most 1 − ε. Source: S. S. Wilks, Annals of Mathematical Statistics 12 (1941).

    Parameters
    ----------
    labelled, draws, seed
        As in :func:`triplets_above`, which says of what the triplets are drawn.
    epsilon, delta
        In (0, 1).

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If an argument is out of range, there is no triplet to draw, or there are too few draws; the message says how
        many are needed.
    NonFiniteError
        If the difference in question is beyond the floats.
    """
    require_share("epsilon", epsilon)
    require_share("delta", delta)
    require_whole("draws", draws, 1)
    rank = _rank(draws, epsilon, delta)
    if rank is None:
        raise InvalidValueError(
            explain(
                "draws",
                f"at least {_in_digits(_draws_needed(epsilon, delta))}, for epsilon = {epsilon:g} and delta = {delta:g}",
                f"{draws:,}",
                "draw more, or ask for a larger epsilon or delta",
            )
        )
    _, upper = _sampled(labelled, draws, seed)
    found = float(np.partition(upper, rank - 1)[rank - 1])
    if not math.isfinite(found):
        raise NonFiniteError(explain("embeddings", "distances that float64 holds", f"{found}", "scale them down"))
    return Margin(found, epsilon, delta, rank, draws)


@certified
def by_class(labelled: LabelledPoints, m: float, *, seed: int = 0, confidence: float = 0.95) -> ByClass:
    """Return how often pairs of classes have triplets above m, with limits that hold for new classes.

    A limit for classes that were not seen needs draws of classes. A million triplets of twenty classes are no million
    draws: triplets that share a class share what is peculiar to it, so they tend to be above m together, and however
    many there are they know no more than twenty classes tell. The classes are therefore shuffled and paired off, each in
    one pair at most, and each pair counts once. If the classes are independent draws from a population of classes, the
    pairs are independent draws of pairs, and Clopper–Pearson limits are exact for them. They are wide where classes are
    few, as they must be. Of classes that the embedding was trained on they say nothing about others: those are no sample
    of classes it has not seen.

    In each pair one class has the anchors and positives, the other the negatives: chosen at random where both have two
    collections; a pair where neither has is left out. Classes weigh the same here, collections in :func:`triplets_above`.

    Parameters
    ----------
    labelled, m, confidence
        As in :func:`triplets_above`.
    seed
        Of the shuffle, and of the triplet of each pair.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If an argument is out of range, or no pair of classes has a triplet.
    """
    require_labelled("labelled", labelled)
    m = _finite("m", m)
    require_whole("seed", seed, 0)
    require_share("confidence", confidence)
    random = np.random.default_rng(seed)
    pairs = _paired(labelled, random)
    chosen = np.empty((len(pairs), 3), dtype=np.int64)
    for row, (own, others) in enumerate(pairs):
        chosen[row] = *random.choice(own, 2, replace=False), random.choice(others)
    one_each = _above(*_differences(labelled, _objects(labelled, chosen, random)), m, confidence)
    extremes = np.array([_largest_difference(labelled, own, others) for own, others in pairs])
    return ByClass(one_each, _above(extremes[:, 0], extremes[:, 1], m, confidence))


@certified
def new_classes(
    labelled: LabelledPoints,
    m: float = 0.0,
    *,
    epsilon: float = 0.05,
    delta: float = 0.05,
    draws: int = 100_000,
    seed: int = 0,
    confidence: float = 0.95,
) -> NewClasses:
    """Return what triplets of one part of a data set are like, and what that says of new classes.

    Parameters
    ----------
    labelled, m, draws, confidence
        As in :func:`triplets_above`. Each limit has this confidence by itself.
    epsilon, delta
        As in :func:`margin_for`.
    seed
        Of every draw.

    Raises
    ------
    InvalidTypeError, InvalidValueError, NonFiniteError
        As in :func:`triplets_above`, :func:`margin_for` and :func:`by_class`.
    """
    margin = margin_for(labelled, epsilon, delta=delta, draws=draws, seed=seed)
    above = triplets_above(labelled, m, draws=draws, seed=seed, confidence=confidence)
    pairs = by_class(labelled, m, seed=seed, confidence=confidence)
    return NewClasses(len(np.unique(labelled.classes)), len(labelled), above, margin, pairs)


@certified
def compare(
    trained: LabelledPoints,
    held_out: LabelledPoints,
    m: float = 0.0,
    *,
    epsilon: float = 0.05,
    delta: float = 0.05,
    draws: int = 100_000,
    seed: int = 0,
    confidence: float = 0.95,
) -> Comparison:
    """Return what triplets of the classes trained on and of those held out are like, and what carries over.

    Parameters
    ----------
    trained, held_out
        Two parts of one embedding.
    m, draws, confidence
        As in :func:`triplets_above`. Each limit has this confidence by itself.
    epsilon, delta
        As in :func:`margin_for`.
    seed
        Of every draw but the last, which has the next.

    Raises
    ------
    InvalidTypeError, InvalidValueError, NonFiniteError
        As in :func:`triplets_above`, :func:`margin_for` and :func:`by_class`.
    DimensionMismatchError
        If the parts are of different dimensions.
    """
    require_labelled("trained", trained)
    require_labelled("held_out", held_out)
    if trained.points.shape[1] != held_out.points.shape[1]:
        expected, got = (f"{part.points.shape[1]} dimensions" for part in (trained, held_out))
        raise DimensionMismatchError(explain("held_out", f"{expected} like trained", got))
    known, new = (
        new_classes(part, m, epsilon=epsilon, delta=delta, draws=draws, seed=seed, confidence=confidence)
        for part in (trained, held_out)
    )
    return Comparison(
        float(m), known, new, carried_over(known.margin, held_out, draws=draws, seed=seed, confidence=confidence)
    )


def carried_over(
    margin: Margin, held_out: LabelledPoints, *, draws: int, seed: int = 0, confidence: float = 0.95
) -> EnclosedShare:
    """Return the share of held-out triplets above a margin that was found on the classes trained on.

    Parameters
    ----------
    margin
        From :func:`margin_for`, of the classes trained on.
    held_out, draws, confidence
        As in :func:`triplets_above`.
    seed
        That of the margin: these triplets are drawn with the next one, so that the margin does not depend on them.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        As :func:`triplets_above`, or if `margin` is none.
    """
    if not isinstance(margin, Margin):
        raise InvalidTypeError(explain("margin", "a Margin", f"{type(margin).__name__}"))
    require_whole("seed", seed, 0)
    return triplets_above(held_out, margin.m, draws=draws, seed=seed + 1, confidence=confidence)


def new_classes_tables(
    found: Mapping[str, NewClasses], m: float, carried: Mapping[str, EnclosedShare] | None = None
) -> list[Table]:
    """Return what was found of one part of a data set or of several, by name, as tables for a terminal or a report.

    Parameters
    ----------
    found
        From :func:`new_classes`, of one m, ε and δ, and as many draws each.
    m
        What triplets were counted above.
    carried
        Of a part, the held-out triplets that are above its margin, from :func:`carried_over`.

    Raises
    ------
    InvalidValueError
        If there is no part.
    """
    if not found:
        raise InvalidValueError(explain("found", "what was found of one part or more", "none"))
    one, carried = next(iter(found.values())), carried or {}
    sure, epsilon, delta = one.above.confidence, one.margin.epsilon, one.margin.delta
    shares = tuple(
        (
            name,
            f"{part.classes:,}",
            str(part.above),
            *(f"{_counted(pairs)}: {pairs}" for pairs in (part.by_class.one_each, part.by_class.any_above)),
        )
        for name, part in found.items()
    )
    margins = tuple(
        (
            name,
            at_most(part.margin.m),
            f"{part.margin.rank:,} of {part.margin.count:,}",
            *((str(carried[name]) if name in carried else "—",) if carried else ()),
        )
        for name, part in found.items()
    )
    return [
        Table(
            f"Triplets above m = {m:g}",
            ("part", "classes", "of these classes", "of new classes", "pairs of classes with any"),
            shares,
            f"Triplets with d(x_i, z_j) − d(x_i, w_k) > m. Of these classes: {one.above.count:,} independent draws of each "
            "part. Of new classes: one random triplet of each pair of classes, no two of which share a class; and the same "
            f"pairs by all their triplets. Limits are Clopper–Pearson, of {100 * sure:g}% confidence each, the last two for "
            "new classes if these are independent draws of such: classes that were trained on are no draws of those that "
            "were not.",
        ),
        Table(
            f"An m that holds for at least {100 * (1 - epsilon):g}% of triplets",
            ("part", "m", "rank of the draw", *(("held-out triplets above it",) if carried else ())),
            margins,
            f"With confidence {100 * (1 - delta):g}%, for the triplets of these classes: the difference of that rank among "
            "the draws, rounded up, in the embedding's own units (Wilks)."
            + (f" Beside it a share of {one.above.count:,} held-out draws, with limits as above." if carried else ""),
        ),
    ]


def _counted(pairs: EnclosedShare) -> str:
    successes = f"{pairs.successes}" if not pairs.undecided else f"{pairs.successes} to {pairs.at_most.successes}"
    return f"{successes} of {pairs.count}"


def _finite(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise InvalidTypeError(explain(name, "a finite number", f"{value!r}"))
    if not math.isfinite(value):
        raise InvalidValueError(explain(name, "a finite number", f"{value}"))
    return float(value)


def _above(
    lower: Float[np.ndarray, " n"], upper: Float[np.ndarray, " n"], m: float, confidence: float
) -> EnclosedShare:
    # What is NaN is not surely at most m.
    return EnclosedShare.of(lower > m, ~(upper <= m), confidence)


def _sampled(
    labelled: LabelledPoints, draws: int, seed: int
) -> tuple[Float[np.ndarray, " n"], Float[np.ndarray, " n"]]:
    """Return what the differences of random triplets are not below and not above."""
    require_labelled("labelled", labelled)
    require_whole("draws", draws, 1)
    require_whole("seed", seed, 0)
    triples = sample_triples(labelled, draws, seed=seed)
    # Another stream than that of the triples.
    return _differences(labelled, _objects(labelled, triples, np.random.default_rng([seed, 1])))


def _objects(
    labelled: LabelledPoints, triples: Int[np.ndarray, "n 3"], random: np.random.Generator
) -> Int[np.ndarray, "n 3"]:
    """Draw an object of each collection: rows of points."""
    sizes = labelled.sizes
    starts = np.cumsum(sizes) - sizes
    rows: Int[np.ndarray, "n 3"] = np.concatenate(labelled.members)[
        starts[triples] + random.integers(0, sizes[triples])
    ]
    return rows


def _differences(
    labelled: LabelledPoints, rows: Int[np.ndarray, "n 3"]
) -> tuple[Float[np.ndarray, " n"], Float[np.ndarray, " n"]]:
    """Return what d(x_i, z_j) − d(x_i, w_k) is not below and not above, for rows of points."""
    points = torch.from_numpy(np.ascontiguousarray(labelled.points))
    value, error = np.empty(len(rows)), np.empty(len(rows))
    at_once = max(1, _COORDINATES // max(1, points.shape[1]))
    for start in range(0, len(rows), at_once):
        batch = slice(start, start + at_once)
        single = {
            role: points[torch.from_numpy(rows[batch, column])].unsqueeze(1) for column, role in enumerate((x, z, w))
        }
        # Of collections of one object each, the least m is the difference itself.
        found = judge(CHAMFER, single, chain=False, escalate=0).parameters[least]
        value[batch], error[batch] = found.value.numpy(), found.known_error.numpy()
    return outward_arrays(value, error)


def _rank(draws: int, epsilon: float, delta: float) -> int | None:
    """Return the least r with P(Binomial(draws, 1 − ε) ≥ r) ≤ δ; None where there is none."""
    from scipy.stats import binom

    # P(B ≥ r) is that at most draws − r draws are above; the count of those keeps its digits where ε is small.
    spare = int(binom.ppf(delta, draws, epsilon))
    while spare >= 0 and binom.cdf(spare, draws, epsilon) > delta:
        spare -= 1
    return None if spare < 0 else draws - spare


def _in_digits(draws: int) -> str:
    """Return a number of draws in all its digits, or in a few, where more are not known."""
    return f"{draws:,}" if draws <= 2**50 else f"{float(draws):.3g}"


def _draws_needed(epsilon: float, delta: float) -> int:
    """Return the least number of draws for which (1 − ε)ⁿ ≤ δ; to float64's precision, where that is beyond 2⁵⁰."""
    about = min(math.log(delta) / math.log1p(-epsilon), sys.float_info.max)
    if about > 2**50:
        # Nobody draws so many, and the binomial distribution takes no such number.
        return math.ceil(about)
    needed = max(1, math.ceil(about) - 1)
    while _rank(needed, epsilon, delta) is None:
        needed += 1
    return needed


def _paired(
    labelled: LabelledPoints, random: np.random.Generator
) -> list[tuple[Int[np.ndarray, " a"], Int[np.ndarray, " b"]]]:
    """Return the collections of both classes of each pair, those with anchors first."""
    shuffled = random.permutation(np.unique(labelled.classes))
    pairs = []
    for first, second in zip(shuffled[0::2], shuffled[1::2], strict=False):
        own, others = (np.flatnonzero(labelled.classes == number) for number in (first, second))
        if len(own) < 2:
            own, others = others, own
        if len(own) >= 2:
            pairs.append((own, others))
    if not pairs:
        raise InvalidValueError(
            explain(
                "labelled",
                "pairs of classes, one of each with two collections",
                f"{len(shuffled)} classes of {len(labelled)} collections, without such a pair",
            )
        )
    return pairs


def _largest_difference(
    labelled: LabelledPoints, own: Int[np.ndarray, " a"], others: Int[np.ndarray, " b"]
) -> tuple[float, float]:
    """Return what the largest difference of all triplets of two classes is not below and not above."""
    points, members = labelled.points, labelled.members
    anchors = points[np.concatenate([members[position] for position in own])]
    negatives = points[np.concatenate([members[position] for position in others])]
    far = to_collections(anchors, [points[members[position]] for position in own], reduce=["max"]).max
    near = to_collections(anchors, [negatives], reduce=["min"]).min
    assert far is not None
    assert near is not None
    # No collection is its own positive.
    positive = np.repeat(np.arange(len(own)), labelled.sizes[own])[:, None] != np.arange(len(own))
    low, high = np.where(positive, far.lower, -np.inf).max(axis=1), np.where(positive, far.upper, -np.inf).max(axis=1)
    least, most = further_out((low - near.upper[:, 0]).max(), (high - near.lower[:, 0]).max())
    return float(least), float(most)
