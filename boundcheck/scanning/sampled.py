"""A sample of every triple, for data sets too large to scan: 10⁶ collections have 10¹² pairs.

Triples are drawn by the class of the anchor, in proportion to how many triples each class has. The share of *all*
triples on which a bound fails is then known up to exact confidence limits, and the cost is that of the triples drawn,
whatever the size of the data set: nothing is computed of a collection that no triple names.

**How triples are drawn.** Let all N triples lie on a line, class after class, and cut it into n pieces of equal length.
The i-th triple is of a class drawn with the shares that classes have of the i-th piece, and uniform among all triples
of that class. So every class gets its share of the n triples to within 2, and each triple of a class has one chance.
Rounding numbers of triples to integers, by largest remainders say, would leave some classes with more than their share
and others with less: a limit would have to allow for that. Here the rounding is left to chance, and nothing is owed.

**Why the binomial limits hold.** The i-th triple fails with some probability pᵢ, the triples are independent, and the
mean of the pᵢ is *exactly* the share p of all triples that fail, as the pieces have one length. W. Hoeffding (Annals of
Mathematical Statistics 27, 1956, theorem 4): the number of failures S then has tails no heavier than the binomial's of
the same mean, P(S ≤ k) ≤ P(B ≤ k) for k ≤ np − 1, and P(S ≥ k) ≤ P(B ≥ k) for k ≥ np + 1. A limit of Clopper and
Pearson with an error of α is missed where S ≤ k for some k with P(B ≤ k) < α. As P(B ≤ np) ≥ ¼ for p < 1 − 1/n
(S. Greenberg, M. Mohri, Statistics & Probability Letters 86, 2014), such a k is at most np − 1 if α ≤ ¼. There remains
np ≥ n − 1 with k = n − 1, where the upper limit of one who saw n − 1 failures must be 1 − α/n, a little above Clopper and
Pearson's: P(S ≤ n − 1) = 1 − p₁⋯pₙ ≤ n(1 − p). Lower limits are upper limits of what does not fail. Where no triple
fails, P(S = 0) = (1 − p₁)⋯(1 − pₙ) ≤ (1 − p)ⁿ, so the limit is 1 − α^(1/n).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias, cast

import numpy as np
import numpy.typing as npt
import torch
from jaxtyping import Float, Int, Int8

from boundcheck.arithmetic import certified
from boundcheck.data.labelled import LabelledPoints
from boundcheck.decimals import fixed_ends, significant_ends
from boundcheck.errors import InvalidValueError, TermError, explain, require_norm, require_share, require_whole
from boundcheck.evaluate import CODES, Named, Sides, Verdict, judge
from boundcheck.evaluate.enclosed import further_out, outward_arrays, ratio_ends
from boundcheck.evaluate.grouped import CentroidReader, Grouped, require_readable
from boundcheck.evaluate.judge import judge_in_float64
from boundcheck.language import Bound, Collection, Parameter, mean, z
from boundcheck.limits import Quantile, clopper_pearson, quantile_of_ends
from boundcheck.progress import counting
from boundcheck.report.tables import Table, Tabled
from boundcheck.scanning.grids import Stage
from boundcheck.scanning.requirements import ROLES, given_values, is_of_squares, named, require_bounds
from boundcheck.scanning.run import applicable, source_of
from boundcheck.scanning.triples import batches_of_one_size

__all__ = ["SampledBound", "SampledScan", "SampledShare", "Strata", "scan_sample"]

Floats: TypeAlias = Float[np.ndarray, " t"]

_COUNTED = (Verdict.HOLDS, Verdict.FAILS, Verdict.UNDECIDED, Verdict.VACUOUS)
_FAILS, _UNDECIDED, _VACUOUS = (CODES.index(one) for one in (Verdict.FAILS, Verdict.UNDECIDED, Verdict.VACUOUS))
# Triples judged at once, from centroids and from distances: what fits in a core's cache is fastest.
_COARSE, _FINE = 2048, 256
# Numbers of the points that are held at once, beside the data set's own.
_HELD = 1 << 21


@dataclass(frozen=True)
class SampledShare:
    """A share of all triples, from a sample drawn in proportion to the strata, with exact confidence limits.

    Of some triples it may not be known whether they count; the limits hold whichever of them do.

    Attributes
    ----------
    least, most
        How many triples of the sample surely count, and how many may.
    count
        How many triples were drawn.
    confidence
        Of the limits.

    Notes
    -----
    The limits are those of Clopper and Pearson, with ends moved outward where one triple counts or all but one do; see
    the module for why they hold for such a sample. A confidence below 3/4 (1/2 for two limits) gives limits of that.

    Examples
    --------
    >>> share = SampledShare(0, 0, 10_000)
    >>> f"{share.at_most:.6f}", f"{1 - 0.05 ** (1 / 10_000):.6f}"
    ('0.000300', '0.000300')
    """

    least: int
    most: int
    count: int
    confidence: float = 0.95

    def __post_init__(self) -> None:
        for name in ("least", "most", "count"):
            require_whole(name, getattr(self, name), 0)
        if not 0 <= self.least <= self.most <= self.count or self.count < 1:
            raise InvalidValueError(
                explain(
                    "least, most, count",
                    "0 ≤ least ≤ most ≤ count, count ≥ 1",
                    f"{self.least}, {self.most}, {self.count}",
                )
            )
        require_share("confidence", self.confidence)

    @property
    def limits(self) -> tuple[float, float]:
        """Two limits that the share is between, with this confidence."""
        error = (1 - self.confidence) / 2
        return _at_least(self.least, self.count, error), _at_most(self.most, self.count, error)

    @property
    def at_most(self) -> float:
        """A limit that the share does not exceed, with this confidence."""
        return _at_most(self.most, self.count, 1 - self.confidence)

    @property
    def at_least(self) -> float:
        """A limit that the share is not below, with this confidence."""
        return _at_least(self.least, self.count, 1 - self.confidence)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON types."""
        low, high = self.limits
        return {
            "least": int(self.least),
            "most": int(self.most),
            "count": int(self.count),
            "low": low,
            "high": high,
            "at_most": self.at_most,
            "at_least": self.at_least,
            "confidence": float(self.confidence),
        }


def _at_most(k: int, n: int, error: float) -> float:
    """Return the upper limit of the mean of n probabilities where k of the n came true."""
    error = min(error, 0.25)
    if k == 0:
        # Of Clopper and Pearson too; here with every digit.
        return -math.expm1(math.log(error) / n)
    return 1 - error / n if k == n - 1 else float(clopper_pearson(k, n, error)[1])


def _at_least(k: int, n: int, error: float) -> float:
    """Return the lower limit: it is one less the upper limit of the others, without the digits lost in between."""
    error = min(error, 0.25)
    return error / n if k == 1 and n > 1 else float(clopper_pearson(k, n, error)[0])


@dataclass(frozen=True, eq=False)
class Strata:
    """What triples were drawn from.

    Attributes
    ----------
    names
        The classes of anchors that have triples; one stratum, ``"all"``, where triples were drawn from all alike.
    triples
        How many triples each has.
    of
        The stratum of each triple drawn, shape (t,).
    sample
        How many of those drawn, the first ones, are in proportion to the strata. The others were drawn for strata that
        got fewer than they must have: they count for their stratum and not for the shares of all triples.
    """

    names: tuple[str, ...]
    triples: tuple[int, ...]
    of: Int[np.ndarray, " t"]
    sample: int

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True, eq=False)
class SampledBound:
    """What was found of a bound on a sample of every triple.

    Attributes
    ----------
    bound
        The bound.
    strata
        Where each triple was drawn from.
    code
        The verdict on each triple drawn, an index into :data:`boundcheck.evaluate.CODES`, shape (t,).
    stage
        What each verdict rests on, a :class:`.Stage`, shape (t,).
    confidence
        Of every limit.
    lhs, lhs_error, rhs, rhs_error
        The two sides and bounds on their errors, shape (t,); None where verdicts alone were asked for.
    """

    bound: Bound
    strata: Strata
    code: Int8[np.ndarray, " t"]
    stage: Int8[np.ndarray, " t"]
    confidence: float = 0.95
    lhs: Floats | None = None
    lhs_error: Floats | None = None
    rhs: Floats | None = None
    rhs_error: Floats | None = None

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many triples of the sample have each verdict."""
        found = np.bincount(self.code[: self.strata.sample], minlength=len(_COUNTED))
        return {verdict: int(found[CODES.index(verdict)]) for verdict in _COUNTED}

    @property
    def by_stratum(self) -> Int[np.ndarray, "H 4"]:
        """The counts of verdicts in each stratum: holds, fails, undecided, vacuous; all that were drawn count."""
        table = np.zeros((len(self.strata), len(_COUNTED)), dtype=np.int64)
        columns = np.array([_COUNTED.index(one) if one in _COUNTED else 0 for one in CODES])
        np.add.at(table, (self.strata.of, columns[self.code]), 1)
        return table

    @property
    def stages(self) -> Int[np.ndarray, " 3"]:
        """How many verdicts rest on each :class:`.Stage`; all that were drawn count."""
        return np.bincount(self.stage, minlength=len(Stage))

    @property
    def verdict(self) -> Verdict:
        """The verdict on the triples drawn: the worst of theirs."""
        return Verdict.worst(CODES[code] for code in np.unique(self.code).tolist())

    @property
    def failing(self) -> SampledShare:
        """The share of all triples on which the bound fails.

        An undecided triple counts for neither side: the lower limit takes it to hold, the upper limit to fail.
        """
        counts = self.counts
        fails = counts[Verdict.FAILS]
        return SampledShare(fails, fails + counts[Verdict.UNDECIDED], self.strata.sample, self.confidence)

    def failing_in(self, stratum: int) -> SampledShare | None:
        """Return the share of the triples of one stratum on which the bound fails; None where none was drawn."""
        own = self.code[self.strata.of == stratum]
        drawn, fails, undecided = len(own), *(int(np.count_nonzero(own == code)) for code in (_FAILS, _UNDECIDED))
        return SampledShare(fails, fails + undecided, drawn, self.confidence) if drawn else None

    def failing_by_strata(self) -> tuple[float, float]:
        """Return limits of the failing share of all triples that are put together from limits of every stratum.

        Tighter than those of :attr:`failing` where failures are in few strata that fail often, and wider otherwise. One
        who looks at both and takes the better has less confidence in it.

        Notes
        -----
        Given how many were drawn from each, strata are independent samples. Of H of them with a confidence of
        γ^(1/H) each, all limits hold at once with the confidence γ (Z. Šidák, Journal of the American Statistical
        Association 62, 1967), and then so does their mean, weighted by the strata's numbers of triples.
        """
        table = self.by_stratum
        drawn = table.sum(axis=1)
        # Of two limits each, so half on either side.
        error = -math.expm1(math.log(self.confidence) / np.count_nonzero(drawn)) / 2
        fails = table[:, _COUNTED.index(Verdict.FAILS)]
        most = fails + table[:, _COUNTED.index(Verdict.UNDECIDED)]
        # A stratum without draws may have any share.
        low, high = clopper_pearson(fails, drawn, error)[0], clopper_pearson(most, drawn, error)[1]
        total = sum(self.strata.triples)
        weights = np.array([number / total for number in self.strata.triples])
        # Each product and sum is off by a rounding.
        slip = 4 * (len(table) + 4) * 2.0**-53
        return float(low @ weights) * (1 - slip), min(1.0, float(high @ weights) * (1 + slip))

    def tightness(self) -> tuple[Floats, Floats] | None:
        """Return numbers that each triple's left side over right side is between; None where sides were not asked for.

        They are −∞ and ∞ where a premise fails, where the right side may be 0 or less, and where a side is not finite.
        Of a bound on squares it is the root.
        """
        if self.lhs is None or self.lhs_error is None or self.rhs is None or self.rhs_error is None:
            return None
        with np.errstate(all="ignore"):
            left_low, left_high = outward_arrays(self.lhs, self.lhs_error)
            right_low, right_high = outward_arrays(self.rhs, self.rhs_error)
            low, high = ratio_ends((left_low, left_high), (right_low, right_high))
            known = (right_low > 0) & np.isfinite(left_low + left_high + right_high) & (self.code != _VACUOUS)
            if is_of_squares(self.bound):
                low, high = further_out(np.sqrt(np.maximum(low, 0)), np.sqrt(np.maximum(high, 0)))
        return np.where(known, low, -np.inf), np.where(known, high, np.inf)

    def median_tightness(self) -> Quantile | None:
        """Return the median tightness of all triples that have one, with its confidence limits.

        None where sides were not asked for, or no triple of the sample has a tightness.

        Notes
        -----
        The limits are order statistics of the sample: how many triples of it are at most the median is a number whose
        tails are no heavier than the binomial's, as the module says. They are of the ends of enclosures. A triple
        without a tightness may be anywhere: it is below all others for the lower limit, above for the upper one.
        """
        found = self.tightness()
        if found is None:
            return None
        low, high = (ends[: self.strata.sample] for ends in found)
        # As for shares: tails of at most 1/4.
        typical = quantile_of_ends(low, high, confidence=max(self.confidence, 0.5))
        return typical and replace(typical, confidence=self.confidence)

    def to_dict(self) -> dict[str, Any]:
        """Return counts and limits as plain JSON types."""
        typical, low_high, stages = self.median_tightness(), self.failing_by_strata(), self.stages
        found: dict[str, Any] = {
            "verdict": self.verdict.value,
            "counts": {verdict.value: count for verdict, count in self.counts.items()},
            "rest_on": {stage.name.lower(): int(stages[stage]) for stage in Stage},
            "failing": self.failing.to_dict(),
            "failing_by_strata": {"low": low_high[0], "high": low_high[1], "confidence": float(self.confidence)},
            "strata": {
                name: {verdict.value: count for verdict, count in zip(_COUNTED, row, strict=True)}
                for name, row in zip(self.strata.names, self.by_stratum.tolist(), strict=True)
            },
        }
        if self.lhs is not None:
            found["median_tightness"] = typical and typical.to_dict()
        return found


@dataclass(frozen=True, eq=False)
class SampledScan(Tabled):
    """What was found of bounds on a sample of every triple of a data set.

    Attributes
    ----------
    bounds
        What was found of each, by its name.
    triples
        Positions of the collections of each triple drawn, shape (t, 3).
    strata
        Where each was drawn from.
    total
        The number of all triples.
    norm, seed, confidence
        As given.
    seconds
        How long it took.
    """

    bounds: Mapping[str, SampledBound]
    triples: Int[np.ndarray, "t 3"]
    strata: Strata
    total: int
    norm: float
    seed: int
    confidence: float
    seconds: float

    @property
    def sample(self) -> int:
        """How many triples were drawn in proportion to the strata."""
        return self.strata.sample

    @property
    def verdict(self) -> Verdict:
        """The verdict on all bounds and the triples drawn together: the worst."""
        return Verdict.worst(one.verdict for one in self.bounds.values())

    def in_brief(self) -> str:
        """Return the verdict, of how many triples drawn and bounds."""
        return f"{self.verdict}: {', '.join(self.bounds)} on {len(self.triples):,} triples drawn of {self.total:,}"

    def stated(self) -> tuple[Bound, ...]:
        """Return the bounds scanned."""
        return tuple(one.bound for one in self.bounds.values())

    def tables(self) -> list[Table]:
        """Return what was found as a table."""
        heads = ("bound", *(verdict.value for verdict in _COUNTED), "share that fails", "median tightness")
        rows = []
        for name, one in self.bounds.items():
            low, high = significant_ends(*one.failing.limits, 2)
            typical = one.median_tightness()
            rows.append(
                (
                    name,
                    *(f"{one.counts[verdict]:,}" for verdict in _COUNTED),
                    f"{low} to {high}",
                    "—"
                    if typical is None
                    else f"{typical.value:.4f} [{', '.join(fixed_ends(typical.low, typical.high, 4))}]",
                )
            )
        return [
            Table(
                f"{self.sample:,} of {self.total:,} triples, drawn at random from each class of anchors",
                heads,
                tuple(rows),
                f"shares and medians are of all triples, with limits of {100 * self.confidence:g}% each; "
                f"seed {self.seed}; {self.seconds:.1f} s",
            ).without_empty_columns(2)
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return counts and limits as plain JSON types."""
        return {
            "verdict": self.verdict.value,
            "triples": self.total,
            "sample": self.sample,
            "drawn": len(self.triples),
            "norm": float(self.norm),
            "seed": int(self.seed),
            "confidence": float(self.confidence),
            "seconds": round(self.seconds, 3),
            "strata": dict(zip(self.strata.names, self.strata.triples, strict=True)),
            "bounds": {name: one.to_dict() for name, one in self.bounds.items()},
        }


@certified
def scan_sample(
    embeddings: Any,
    classes: npt.ArrayLike | None = None,
    collections: npt.ArrayLike | None = None,
    bounds: Bound | str | Sequence[Bound | str] | None = None,
    *,
    sample: int,
    seed: int = 0,
    norm: float = 2.0,
    parameters: Mapping[Parameter, float] | None = None,
    confidence: float = 0.95,
    strata: Literal["class", "none"] = "class",
    at_least: int = 1,
    sides: bool = False,
    escalate: int | None = 1000,
    progress: Callable[[int], None] | bool | None = None,
) -> SampledScan:
    """Check bounds on a sample of every triple of collections: two of one class, and one of another.

    Parameters
    ----------
    embeddings
        Embedded objects, shape (N, d), finite; or :class:`LabelledPoints`, then without labels.
    classes, collections
        The labels of each object, shape (N,).
    bounds
        A bound about means or several, themselves, their names or ``FILE.py:NAME``; if None, every
        theorem that speaks of such collections in this norm. Weights that a bound speaks of are equal.
    sample
        How many triples to draw in proportion to the strata, at least 1; with replacement.
    seed
        Of ``numpy.random.Generator(numpy.random.PCG64(seed))``, which draws first the classes, then anchors, positives
        and negatives.
    norm
        The p of the p-norm, in [1, inf].
    parameters
        Values for parameters; one left out takes, on each triple, the least value that its premise allows.
    confidence
        Of every limit, in (0, 1).
    strata
        ``"class"``, by the class of the anchor; ``"none"`` draws each triple from all alike.
    at_least
        How many triples each stratum has at least. Further ones are drawn for those that got fewer by their share; they
        count for their stratum alone.
    sides
        Whether to measure both sides of every triple. Without, most verdicts follow from centroids and radii.
    escalate
        On how many triples each bound may go on to higher precision, the first of those that float64 leaves undecided;
        None for all.
    progress
        Called with a number of triples each time they are done; True, False or None as for :func:`boundcheck.scan`.

    Returns
    -------
    SampledScan

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If labels are missing or do not fit, a bound is not known, there is no triple, or the sample is smaller than
        what the strata must have.
    NormError, UnequalSizesError, TermError
        If a bound says nothing of such collections.

    Notes
    -----
    Memory grows with the number of triples drawn and not with that of collections: points are copied for a limited
    number of triples at a time.

    Examples
    --------
    >>> import numpy as np
    >>> points = np.random.default_rng(0).normal(size=(600, 4))
    >>> found = scan_sample(points, np.arange(600) // 30, np.arange(600) // 3, ["karimov"], sample=1000)
    >>> found.total, found.verdict
    (342000, <Verdict.HOLDS: 'holds'>)
    >>> f"{found.bounds['karimov'].failing.at_most:.4f}"
    '0.0030'
    """
    began = time.perf_counter()
    norm = require_norm(norm)
    labelled = source_of(embeddings, classes, collections).labelled()
    chosen = applicable(labelled, norm) if bounds is None else named(bounds)
    for name, number, least in (("sample", sample, 1), ("seed", seed, 0), ("at_least", at_least, 0)):
        require_whole(name, number, least)
    if escalate is not None:
        require_whole("escalate", escalate, 0)
    require_share("confidence", confidence)
    if strata not in ("class", "none"):
        raise InvalidValueError(explain("strata", "'class' or 'none'", f"{strata!r}"))
    sizes = labelled.sizes
    require_bounds(chosen, norm, sizes)
    random = np.random.Generator(np.random.PCG64(seed))
    drawn = _Classes(labelled)
    triples, of = drawn.draw(random, sample, at_least, stratified=strata == "class")
    where = (
        Strata(drawn.names, tuple(drawn.triples), of, sample)
        if strata == "class"
        else Strata(("all",), (sum(drawn.triples),), np.zeros(len(triples), dtype=np.int64), sample)
    )
    judged = {bound.name: _Judged(bound, len(triples), sides, escalate) for bound in chosen}
    with counting("triples", len(triples), progress) as advance:
        for rows in _chunks(triples, sizes, labelled.points.shape[1], np.arange(len(triples))):
            _judge(labelled, triples, rows, norm, parameters or {}, judged, advance)
    found = {name: one.result(where, confidence) for name, one in judged.items()}
    seconds = time.perf_counter() - began
    return SampledScan(found, triples, where, sum(drawn.triples), norm, seed, confidence, seconds)


# ------------------------------------------------------------------------------------------------------------ drawing


class _Classes:
    """The classes of anchors that have triples, and how to draw from each."""

    def __init__(self, labelled: LabelledPoints) -> None:
        own = np.asarray(labelled.classes)
        self._count = len(own)
        self._order = np.argsort(own, kind="stable")
        totals = np.bincount(own, minlength=len(labelled.class_names))
        kept = np.flatnonzero((totals >= 2) & (totals < self._count))
        if not len(kept):
            raise InvalidValueError(
                explain(
                    "collections",
                    "two classes, one of them with two collections",
                    f"{np.count_nonzero(totals)} classes with {', '.join(map(str, totals[totals > 0][:5]))} collections",
                )
            )
        self._starts, self._totals = (np.cumsum(totals) - totals)[kept], totals[kept]
        self.names = tuple(labelled.class_names[number] for number in kept)
        # More than an int64 holds, for some millions of collections.
        self.triples = [total * (total - 1) * (self._count - total) for total in self._totals.tolist()]

    def draw(
        self, random: np.random.Generator, sample: int, at_least: int, *, stratified: bool
    ) -> tuple[Int[np.ndarray, "t 3"], Int[np.ndarray, " t"]]:
        """Return triples, those in proportion first, and the class of each."""
        strata = len(self.triples) if stratified else 1
        if at_least * strata > sample:
            raise InvalidValueError(
                explain(
                    "sample",
                    f"at least {at_least} for each of {strata} strata",
                    f"{sample}",
                    "draw more, or pass at_least=0, which leaves strata without",
                )
            )
        pieces = np.arange(sample) if stratified else random.integers(0, sample, sample)
        of = self._places(pieces, random.integers(0, 1 << 62, sample), sample)
        if stratified:
            missing = np.maximum(0, at_least - np.bincount(of, minlength=strata))
            of = np.concatenate([of, np.repeat(np.arange(strata), missing)])
        start, total = self._starts[of], self._totals[of]
        first, second = random.integers(0, total), random.integers(0, total - 1)
        outside = random.integers(0, self._count - total)
        # Uniform over the others of the class, and over everything outside it: shift past what is left out.
        second += second >= first
        outside += np.where(outside >= start, total, 0)
        places = np.stack([start + first, start + second, outside], axis=1)
        return cast(Int[np.ndarray, "t 3"], self._order[places]), of

    def _places(self, pieces: Int[np.ndarray, " n"], parts: Int[np.ndarray, " n"], count: int) -> Int[np.ndarray, " n"]:
        """Return the classes at points of the line of all triples: in a piece of `count`, after so many parts of 2⁶²."""
        whole, ends, before = sum(self.triples), [], 0
        for number in self.triples:
            before += number
            piece, rest = divmod(before * count, whole)
            ends.append((piece, (rest << 62) // whole))
        piece_ends, part_ends = np.array(ends, dtype=np.int64).T
        # Merged in exact integers; an end goes before a point that is just there.
        is_point = np.repeat([False, True], [len(ends), len(pieces)])
        order = np.lexsort((is_point, np.concatenate([part_ends, parts]), np.concatenate([piece_ends, pieces])))
        passed = np.empty(len(order), dtype=np.int64)
        passed[order] = np.cumsum(~is_point[order])
        return passed[len(ends) :]


def _chunks(
    triples: Int[np.ndarray, "t 3"], sizes: Int[np.ndarray, " C"], dimension: int, rows: Int[np.ndarray, " r"]
) -> Iterator[Int[np.ndarray, " r"]]:
    """Yield places of triples whose collections together have a limited number of points."""
    held = int(sizes[np.unique(triples[rows])].sum()) * dimension
    if held <= _HELD or len(rows) == 1:
        yield rows
        return
    for half in np.array_split(rows, 2):
        yield from _chunks(triples, sizes, dimension, half)


# ------------------------------------------------------------------------------------------------------------ judging


class _DrawnReader(CentroidReader):
    """Reads terms of some triples, each of its own anchor, from centroids and radii.

    The triples take the place of the positives: one axis, that of every collection.
    """

    def __init__(self, grouped: Grouped, triples: Int[np.ndarray, "t 3"]) -> None:
        super().__init__(grouped, int(triples[0, 0]), triples[:, 1], triples[:, 2], ROLES)
        self._positions = dict(zip(ROLES, triples.T, strict=True))
        self._axes_of = dict.fromkeys(ROLES, self._axes_of[z])
        self._grid = len(triples), 1

    def _centroids_apart(self, a: Collection, b: Collection) -> Named:
        # No table of pairs: each triple has its own.
        return self._norm(mean(a) - mean(b))


class _Judged:
    """Arrays over all triples, filled batch by batch."""

    def __init__(self, bound: Bound, count: int, sides: bool, escalate: int | None) -> None:
        self.bound, self.left = bound, escalate
        self.code = np.full(count, _UNDECIDED, dtype=np.int8)
        self.stage = np.full(count, Stage.DISTANCES, dtype=np.int8)
        names = ("lhs", "lhs_error", "rhs", "rhs_error") if sides else ()
        self.sides = {name: np.full(count, np.nan) for name in names}
        self.coarse = not sides and _is_readable(bound)

    def put(self, rows: Int[np.ndarray, " b"], sides: Sides, stage: Stage) -> None:
        self.code[rows] = sides.code.numpy()
        self.stage[rows] = stage
        for name, into in self.sides.items():
            into[rows] = getattr(sides, name).numpy()

    def result(self, strata: Strata, confidence: float) -> SampledBound:
        return SampledBound(self.bound, strata, self.code, self.stage, confidence, **self.sides)


def _judge(
    labelled: LabelledPoints,
    triples: Int[np.ndarray, "t 3"],
    rows: Int[np.ndarray, " r"],
    norm: float,
    parameters: Mapping[Parameter, float],
    judged: Mapping[str, _Judged],
    progress: Callable[[int], None],
) -> None:
    """Judge every bound on some of the triples: copies no other collections than theirs."""
    positions, places = np.unique(triples[rows], return_inverse=True)
    own = places.reshape(-1, 3)
    members = [labelled.members[position] for position in positions.tolist()]
    sizes = np.array([len(one) for one in members], dtype=np.int64)
    points = torch.from_numpy(np.ascontiguousarray(labelled.points[np.concatenate(members)]))
    grouped = Grouped(points, np.append(0, np.cumsum(sizes)), norm)
    for some in batches_of_one_size(sizes[own], _COARSE):
        reader = _DrawnReader(grouped, own[some])
        for one in judged.values():
            left = some
            if one.coarse:
                given = given_values(one.bound, parameters, len(some))
                found, _ = judge_in_float64(one.bound, reader.anew(), given)
                one.put(rows[some], found, Stage.CENTROIDS)
                left = some[found.code.numpy() == _UNDECIDED]
            for start in range(0, len(left), _FINE):
                batch = left[start : start + _FINE]
                _judge_by_distances(grouped, own[batch], rows[batch], parameters, one)
        progress(len(some))


def _judge_by_distances(
    grouped: Grouped,
    own: Int[np.ndarray, "b 3"],
    rows: Int[np.ndarray, " b"],
    parameters: Mapping[Parameter, float],
    judged: _Judged,
) -> None:
    """Judge a bound on triples of the same sizes, and what float64 leaves undecided in higher precision."""

    def found(which: Int[np.ndarray, " b"], escalate: int | None) -> Sides:
        bound = judged.bound
        points = {role: grouped.members(own[which, column]) for column, role in enumerate(ROLES)}
        given = given_values(bound, parameters, len(which))
        # Every aggregator here is the mean.
        weights = {one: points[one.collection].new_ones(points[one.collection].shape[:2]) for one in bound.weights()}
        return judge(
            bound, points, grouped.p, parameters=given, weights=weights, chain=False, escalate=escalate
        ).conclusion

    sides = found(np.arange(len(own)), 0)
    judged.put(rows, sides, Stage.DISTANCES)
    open_ = np.flatnonzero(sides.code.numpy() == _UNDECIDED)[: judged.left]
    if len(open_):
        judged.put(rows[open_], found(open_, None), Stage.HIGHER_PRECISION)
        if judged.left is not None:
            judged.left -= len(open_)


# ------------------------------------------------------------------------------------------------------------- shared


def _is_readable(bound: Bound) -> bool:
    """Say whether centroids and radii say anything of a bound."""
    try:
        require_readable(bound)
    except TermError:
        return False
    return True
