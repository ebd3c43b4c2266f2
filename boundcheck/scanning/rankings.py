"""Which collections are nearest: retrieval by collections, and the rankings that triplet conditions alone certify."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
import torch
from jaxtyping import Bool, Float, Int

from boundcheck.arithmetic import certified
from boundcheck.data.labelled import LabelledPoints, require_labelled, sample_triples
from boundcheck.decimals import ends_in_per_cent, fixed_ends
from boundcheck.distances import Matrix, between
from boundcheck.errors import InvalidValueError, explain, require_named, require_share, require_whole
from boundcheck.evaluate import rounding
from boundcheck.evaluate.enclosed import further_out, outward_arrays, ratio_ends
from boundcheck.evaluate.grouped import Grouped
from boundcheck.language import mean, x
from boundcheck.limits import ClusteredMean, ClusteredShare, EnclosedShare
from boundcheck.report.tables import Table
from boundcheck.scanning.triples import check_triples
from boundcheck.theorems.lower import SEPARATION
from boundcheck.theorems.upper import TWO_SIDED

__all__ = [
    "BoundedMean",
    "By",
    "CertifiedRankings",
    "Rankings",
    "Retrieval",
    "Separation",
    "certified_rankings",
    "rank",
    "rankings_tables",
    "retrieve",
    "separation",
]

#: What collections can be ranked by.
By: TypeAlias = Literal["centroids", "chamfer", "hausdorff"]

#: The heads of a retrieval's cells, for tables.
RETRIEVAL_COLUMNS = ("precision@1", "mean reciprocal rank", "precision@1 by class", "reciprocal rank by class")


@dataclass(frozen=True)
class BoundedMean:
    """The mean of numbers in [0, 1], of which enclosures may be known, with confidence limits.

    The limits are those μ with n·kl(mean, μ) ≤ log(2/α), where kl is the divergence of two coins. They hold for
    independent draws of any distribution on [0, 1], for every n, and are never wider than mean ± √(log(2/α)/2n).
    Source: W. Hoeffding, Journal of the American Statistical Association 58 (1963), theorem 1.

    Attributes
    ----------
    lowest, highest
        The sample's mean is between them.
    count
        Of the sample.
    confidence
        Of :attr:`limits`.
    """

    lowest: float
    highest: float
    count: int
    confidence: float = 0.95

    def __post_init__(self) -> None:
        require_whole("count", self.count, 1)
        require_share("confidence", self.confidence)
        if not 0 <= self.lowest <= self.highest <= 1:
            raise InvalidValueError(
                explain("lowest, highest", "0 ≤ lowest ≤ highest ≤ 1", f"{self.lowest}, {self.highest}")
            )

    @property
    def limits(self) -> tuple[float, float]:
        """The two-sided confidence limits, each from the end that is worse for it."""
        allowed = math.log(2 / (1 - self.confidence)) / self.count
        return _farthest_mean(self.lowest, 0.0, allowed), _farthest_mean(self.highest, 1.0, allowed)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON types."""
        low, high = self.limits
        return {
            "mean": [self.lowest, self.highest],
            "count": self.count,
            "low": low,
            "high": high,
            "confidence": self.confidence,
        }

    def as_shares(self) -> str:
        """Return it and its limits in per cent, as a mean of shares is told."""
        low, high = ends_in_per_cent(*self.limits)
        first, last = f"{self.lowest:.1%}", f"{self.highest:.1%}"
        return f"{first if first == last else f'{first} to {last}'} [{low}, {high}]"

    def __str__(self) -> str:
        low, high = fixed_ends(*self.limits, 3)
        first, last = f"{self.lowest:.3f}", f"{self.highest:.3f}"
        return f"{first if first == last else f'{first} to {last}'} [{low}, {high}]"


@dataclass(frozen=True, eq=False)
class Retrieval:
    """At which rank each collection finds another of its class.

    The rank is 1 + the number of collections of other classes that are nearer than the nearest one of the same class.
    Where float64 cannot tell which is nearer, as in an exact tie, `best` takes it the one way and `worst` the other.

    The numbers are exact of this data set, to within the enclosures. The limits are about queries of classes to come, and
    no more than a guide: they would be right if classes were independent draws and the collections searched were others,
    but the collections of a data set are queries and searched in turn. Collections of one class are alike, so limits count
    classes (:class:`boundcheck.limits.ClusteredShare`). In the `…_by_class` ones a class counts once, by its own mean,
    however many collections it has. The fewer the collections, the higher the ranks by chance alone: data sets compare
    where they have as many.

    Attributes
    ----------
    by
        What collections were ranked by.
    queries
        Positions of the collections that have another of their class, shape (q,).
    classes
        The class of each query, shape (q,).
    best, worst
        Between them is the rank, shape (q,).
    confidence
        Of every limit.
    """

    by: By
    queries: Int[np.ndarray, " q"]
    classes: Int[np.ndarray, " q"]
    best: Int[np.ndarray, " q"]
    worst: Int[np.ndarray, " q"]
    confidence: float = 0.95

    def __len__(self) -> int:
        return len(self.queries)

    @property
    def precision_at_1(self) -> ClusteredShare:
        """The share of queries whose nearest collection is of their class."""
        return ClusteredShare.of(self.worst == 1, self.classes, self.confidence, self.best == 1)

    @property
    def reciprocal_rank(self) -> ClusteredMean:
        """The mean of 1/rank over queries."""
        groups = self._groups()
        counts = [len(group) for group in groups]
        least, most = (
            tuple(_mean_of_ranks(ranks[group], "rank") * len(group) for group in groups)
            for ranks in (self.worst, self.best)
        )
        return ClusteredMean(least, most, tuple(counts), self.confidence)

    @property
    def precision_at_1_by_class(self) -> BoundedMean:
        """The mean over classes of each class's precision at 1."""
        return self._by_class("first")

    @property
    def reciprocal_rank_by_class(self) -> BoundedMean:
        """The mean over classes of each class's mean of 1/rank."""
        return self._by_class("rank")

    def _groups(self) -> list[Int[np.ndarray, " c"]]:
        """Return the queries of each class."""
        return [np.flatnonzero(self.classes == number) for number in np.unique(self.classes)]

    def _by_class(self, what: Literal["rank", "first"]) -> BoundedMean:
        """Return the mean over classes of each class's mean, with the limits of so many draws."""
        groups, ends = self._groups(), []
        for ranks in (self.worst, self.best):
            # In fractions: where every rank is known, both ends are one number.
            means = [_mean_of_ranks(ranks[group], what) for group in groups]
            ends.append(float(sum(means, Fraction(0)) / len(means)))
        return BoundedMean(ends[0], ends[1], len(groups), self.confidence)

    def cells(self) -> tuple[str, ...]:
        """Return what a table says of it, under :data:`RETRIEVAL_COLUMNS`."""
        return (
            str(self.precision_at_1),
            str(self.reciprocal_rank),
            self.precision_at_1_by_class.as_shares(),
            str(self.reciprocal_rank_by_class),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the summaries as plain JSON types."""
        return {
            "by": self.by,
            "queries": len(self),
            "precision_at_1": self.precision_at_1.to_dict(),
            "reciprocal_rank": self.reciprocal_rank.to_dict(),
            "precision_at_1_by_class": self.precision_at_1_by_class.to_dict(),
            "reciprocal_rank_by_class": self.reciprocal_rank_by_class.to_dict(),
        }


@dataclass(frozen=True)
class CertifiedRankings:
    """How often triplet conditions alone say that z is nearer to x than w is, on random triples of collections.

    Attributes
    ----------
    certified
        Triples where U5's right side is below L1's left side, so ‖c_x − c_z‖² < ‖c_x − c_w‖² follows.
    separated
        Triples where L1 says anything: a left side above 0, for a margin was reached within x and within w.
    nearer
        Triples where ‖c_x − c_z‖ < ‖c_x − c_w‖, by the centroids themselves: what `certified` is a part of.
    """

    certified: EnclosedShare
    separated: EnclosedShare
    nearer: EnclosedShare

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON types."""
        return {name: getattr(self, name).to_dict() for name in ("certified", "separated", "nearer")}


@dataclass(frozen=True, eq=False)
class Rankings:
    """What is found by collections, and what triplet conditions alone say of it.

    Attributes
    ----------
    retrievals
        From :func:`retrieve`, one for each way of ranking that was asked for.
    certified
        From :func:`certified_rankings`.
    """

    retrievals: tuple[Retrieval, ...]
    certified: CertifiedRankings

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON types."""
        return {"retrieval": [one.to_dict() for one in self.retrievals], "certified": self.certified.to_dict()}


@dataclass(frozen=True)
class Separation:
    """How far apart the centroids of one class are, beside those of different classes.

    Everything is of the collections that were looked at, and of every pair of them: the exact number is between the two
    ends.

    Attributes
    ----------
    within, across
        The median distance of the centroids of two collections of one class, and of two of different classes, in the
        embedding's units.
    pairs_within, pairs_across
        How many pairs each is the median of.
    """

    within: tuple[float, float]
    across: tuple[float, float]
    pairs_within: int
    pairs_across: int

    @property
    def ratio(self) -> tuple[float, float]:
        """The first over the second: 1 where classes are nothing to the embedding, 0 where each class is one point."""
        low, high = ratio_ends(self.within, self.across)
        return max(0.0, float(low)), float(high)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON types; infinite ends become None."""

        def plain(ends: tuple[float, float]) -> list[float | None]:
            return [end if math.isfinite(end) else None for end in ends]

        return {
            "within_a_class": plain(self.within),
            "between_classes": plain(self.across),
            "separation": plain(self.ratio),
            "pairs_within_a_class": self.pairs_within,
            "pairs_between_classes": self.pairs_across,
        }


@certified
def retrieve(labelled: LabelledPoints, *, by: By = "centroids", confidence: float = 0.95) -> Retrieval:
    """Rank, for each collection, all others by their Euclidean distance to it, and say where its class comes first.

    Memory grows with the square of the number of collections.

    Parameters
    ----------
    labelled
        At least two classes, and one with two collections.
    by
        ``"centroids"``: ‖c_x − c_z‖. ``"chamfer"``: the mean distance of an object to the nearest object of the other
        collection, both directions added. ``"hausdorff"``: the largest such distance of either direction.
    confidence
        Of the limits.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If an argument is none of these, or no collection has both another of its class and one of another.
    """
    require_labelled("labelled", labelled)
    require_named("by", by, get_args(By))
    require_share("confidence", confidence)
    _require_pairs(labelled)
    low, high = _centroids_apart(labelled)[0] if by == "centroids" else _sets_apart(labelled, by)
    classes = labelled.classes
    queries, best, worst = [], [], []
    for query in range(len(labelled)):
        same = classes == classes[query]
        outside = ~same
        same[query] = False
        if not same.any():
            continue
        queries.append(query)
        # The nearest of the same class is between these two.
        best.append(1 + np.count_nonzero(high[query, outside] < low[query, same].min()))
        worst.append(1 + np.count_nonzero(low[query, outside] <= high[query, same].min()))
    found = np.array(queries, dtype=np.int64)
    return Retrieval(by, found, classes[found], np.array(best), np.array(worst), confidence)


@certified
def certified_rankings(
    labelled: LabelledPoints, *, draws: int, seed: int = 0, confidence: float = 0.95
) -> CertifiedRankings:
    """Return how often U5(x, z, w) < L1(x, w) on random triples, so that z ranks before w without any centroid.

    U5 takes the least m of T(m) on each side, L1 the least m for which the positives within x and within w are near
    enough; where that is not below 0, L1 says nothing, for no square is below 0. Triples are drawn as by
    :func:`boundcheck.scanning.sample_triples`, independently of each other, so limits are about this data set's triples;
    for new classes, triples that share a class are no independent draws (:func:`boundcheck.scanning.new_classes.by_class`).

    Parameters
    ----------
    labelled
        Where to draw from; at least two classes, and one with two collections.
    draws
        How many triples, at least 1.
    seed
        Of the draw.
    confidence
        Of the limits.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If an argument is out of range, or there is no triple to draw.
    """
    require_labelled("labelled", labelled)
    require_whole("draws", draws, 1)
    require_whole("seed", seed, 0)
    require_share("confidence", confidence)
    triples = sample_triples(labelled, draws, seed=seed)
    upper = check_triples(TWO_SIDED, labelled, triples, chain=False)
    lower = check_triples(SEPARATION, labelled, triples, chain=False)
    near, far = _square(upper.lhs, upper.lhs_error), _square(lower.rhs, lower.rhs_error)
    u5, l1 = _square(upper.rhs, upper.rhs_error), _square(lower.lhs, lower.lhs_error)

    def below(a: _Ends, b: _Ends) -> EnclosedShare:
        return EnclosedShare.of(a[1] < b[0], a[0] < b[1], confidence)

    zero = np.zeros(len(triples))
    return CertifiedRankings(certified=below(u5, l1), separated=below((zero, zero), l1), nearer=below(near, far))


@certified
def rank(
    labelled: LabelledPoints,
    *,
    by: Sequence[By] = ("centroids",),
    draws: int = 10_000,
    seed: int = 0,
    confidence: float = 0.95,
) -> Rankings:
    """Return which collections are found, and which rankings triplet conditions alone certify.

    Parameters
    ----------
    labelled, confidence
        As in :func:`retrieve` and :func:`certified_rankings`.
    by
        What to rank by, as in :func:`retrieve`.
    draws, seed
        As in :func:`certified_rankings`.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        As those do.
    """
    certified = certified_rankings(labelled, draws=draws, seed=seed, confidence=confidence)
    return Rankings(tuple(retrieve(labelled, by=one, confidence=confidence) for one in by), certified)


@certified
def separation(labelled: LabelledPoints) -> Separation:
    """Return how far apart the centroids of one class are, beside those of different classes, in the Euclidean norm.

    Memory grows with the square of the number of collections.

    Parameters
    ----------
    labelled
        At least two classes, and one with two collections.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If `labelled` is none of that.

    Examples
    --------
    >>> points = LabelledPoints.from_labels([[0.0], [1.0], [9.0]], [0, 1, 2], [0, 0, 1])
    >>> low, high = separation(points).ratio
    >>> low <= 1 / 8.5 <= high
    True
    """
    require_labelled("labelled", labelled)
    _require_pairs(labelled)
    (low, high), exponent = _centroids_apart(labelled)
    rows, columns = np.triu_indices(len(labelled), 1)
    same = labelled.classes[rows] == labelled.classes[columns]
    # A median is not below that of what its numbers are not below.
    ends = np.maximum(low[rows, columns], 0.0), high[rows, columns]

    def median(chosen: Bool[np.ndarray, " p"]) -> tuple[float, float]:
        with np.errstate(over="ignore", under="ignore"):
            found = [float(np.ldexp(np.median(end[chosen]), exponent)) for end in ends]
        # Of two middle ones np.median rounds the mean.
        low, high = further_out(*found)
        return max(0.0, float(low)), float(high)

    return Separation(median(same), median(~same), int(np.count_nonzero(same)), int(np.count_nonzero(~same)))


def rankings_tables(found: Mapping[str, Rankings]) -> list[Table]:
    """Return rankings of one part of a data set or of several, by name, as tables for a terminal or a report.

    Raises
    ------
    InvalidValueError
        If there is no part.
    """
    if not found:
        raise InvalidValueError(explain("found", "rankings of one part or more", "none"))
    ranked = tuple(
        (f"{part}: {one.by}", f"{len(one):,} in {len(np.unique(one.classes)):,} classes", *one.cells())
        for part, rankings in found.items()
        for one in rankings.retrievals
    )
    rows = tuple(
        (part, f"{one.certified.count:,}", str(one.nearer), str(one.separated), str(one.certified))
        for part, rankings in found.items()
        for one in (rankings.certified,)
    )
    sure = next(iter(found.values())).certified.certified.confidence
    tables = [
        Table(
            "Rankings of z before w that triplets alone certify, U5 < L1",
            ("part", "triples", "z nearer, by centroids", "L1 above 0", "certified"),
            rows,
            "Independent draws of triples of collections: the share where ‖c_x − c_z‖ < ‖c_x − c_w‖, where L1 says anything, "
            "and where U5 below L1 proves it without a centroid. Limits are Clopper–Pearson, of "
            f"{100 * sure:g}% confidence each, for the triples of this data set.",
        )
    ]
    if ranked:
        heads = ("part: ranked by", "queries", *RETRIEVAL_COLUMNS)
        tables.insert(0, Table("Collections found by collections", heads, ranked, retrieval_note(sure)))
    return tables


def retrieval_note(confidence: float) -> str:
    """Return what must be known of a table of retrievals."""
    return (
        "How often the nearest other collection is of the class of the query, and the mean of 1 over the rank of the first "
        "that is: exact of this data set, or between two numbers where float64 cannot tell which is nearer. Limits are of "
        f"{100 * confidence:g}% confidence each, a guide for further classes: they count classes, as collections of one class "
        "are alike (Korn–Graubard), and by class, where a class counts once by its own mean, they are Hoeffding's. The more "
        "collections there are, the harder it is."
    )


_Ends: TypeAlias = tuple[Float[np.ndarray, "*shape"], Float[np.ndarray, "*shape"]]


def _square(value: Float[np.ndarray, " t"], error: Float[np.ndarray, " t"]) -> _Ends:
    """Return the ends of what is known of a square, or of a bound on one: below 0 it says nothing."""
    low, high = outward_arrays(value, error)
    return np.maximum(low, 0.0), np.maximum(high, 0.0)


def _require_pairs(labelled: LabelledPoints) -> None:
    """Raise where no two collections are of one class, or none of different ones."""
    totals = np.unique(labelled.classes, return_counts=True)[1]
    if len(totals) < 2 or totals.max() < 2:
        raise InvalidValueError(
            explain(
                "labelled",
                "two classes, one of them with two collections",
                f"{len(totals)} classes of {', '.join(map(str, totals[:5]))} collections",
            )
        )


def _centroids_apart(labelled: LabelledPoints) -> tuple[_Ends, int]:
    """Return what the distances of centroids are not below and not above, and the power of two that they lack."""
    starts = np.append(0, np.cumsum(labelled.sizes)).astype(np.int64)
    points = torch.from_numpy(np.ascontiguousarray(labelled.points[np.concatenate(labelled.members)]))
    grouped = Grouped(points, starts, 2.0)
    centroids, error = (part.numpy() for part in grouped.alone(mean(x), x))
    found = between([row[None] for row in centroids], reduce=["max"]).max
    assert found is not None
    # By the triangle inequality a distance is off by what both its ends are, besides its own error.
    length = np.sqrt(np.square(error).sum(axis=1))
    off = rounding.inflate(length + rounding.norm_of_exact(length, error.shape[1], 2))
    return _ends(found, off[:, None] + off), int(grouped.exponent)


def _sets_apart(labelled: LabelledPoints, by: By) -> _Ends:
    collections = [labelled.points[rows] for rows in labelled.members]
    if by == "chamfer":
        found = between(collections, reduce=["chamfer"])
        assert found.chamfer is not None
        assert found.chamfer_back is not None
        value, back = found.chamfer.value, found.chamfer_back.value
        carried = (found.chamfer_back.upper - back) + rounding.U * (value + back)
        return _ends(Matrix(value + back, found.chamfer.error), carried)
    found = between(collections, reduce=["hausdorff"])
    assert found.hausdorff is not None
    assert found.hausdorff_back is not None
    forth, other = found.hausdorff, found.hausdorff_back
    return np.maximum(forth.lower, other.lower), np.maximum(forth.upper, other.upper)


def _ends(found: Matrix, besides: Float[np.ndarray, "C C"]) -> _Ends:
    assert found.error is not None
    return outward_arrays(found.value, rounding.inflate(found.error + besides))


def _mean_of_ranks(ranks: Int[np.ndarray, " c"], what: Literal["rank", "first"]) -> Fraction:
    if what == "first":
        return Fraction(int(np.count_nonzero(ranks == 1)), len(ranks))
    different, counts = np.unique(ranks, return_counts=True)
    total = sum((Fraction(int(c), int(rank)) for rank, c in zip(different, counts, strict=True)), Fraction(0))
    return total / len(ranks)


def _divergence(q: float, mu: float) -> float:
    """Return kl(q, mu), the relative entropy of two coins."""
    with_q = q * math.log(q / mu) if q and mu else (math.inf if q else 0.0)
    other = (1 - q) * math.log((1 - q) / (1 - mu)) if q < 1 and mu < 1 else (math.inf if q < 1 else 0.0)
    return with_q + other


def _farthest_mean(q: float, end: float, allowed: float) -> float:
    """Return the mean between q and an end from which kl(q, ·) is above what is allowed, from the far side."""
    near, far = q, end
    if _divergence(q, far) <= allowed:
        return far
    for _ in range(80):
        middle = (near + far) / 2
        if _divergence(q, middle) > allowed:
            far = middle
        else:
            near = middle
    return far
