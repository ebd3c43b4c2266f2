"""Numbers that a sample gives, with what is certain of them.

======================  ===============================================  ===================================================
what                    of which sample                                  limits
======================  ===============================================  ===================================================
:class:`Share`          independent draws                                Clopper–Pearson
:class:`EnclosedShare`  the same, of which some may be undecided         Clopper–Pearson, each from the count worse for it
:class:`ClusteredShare` draws that come in clusters, alike within one    Korn–Graubard: Clopper–Pearson for as many
                                                                         independent draws as tell as much
:class:`ClusteredMean`  the same, of numbers in [0, 1]                   the same
:class:`Quantile`       independent draws                                order statistics
:class:`StudentMean`    independent draws, normal or many                Student's t
======================  ===============================================  ===================================================

Draws are independent where they were drawn so. The twenty drawings of a character, or the characters of an alphabet, were
not: they are alike, and so are their neighbours. As many of them as there are tell no more than some fewer independent
ones, by a factor (the design effect) that the spread of the clusters' own shares shows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from boundcheck.decimals import ends_in_per_cent, fixed_ends, significant_ends
from boundcheck.errors import InvalidValueError, explain, require_share, require_whole
from boundcheck.real_numbers import Place, Source, real_numbers

__all__ = [
    "ClusteredMean",
    "ClusteredShare",
    "EnclosedShare",
    "Quantile",
    "Share",
    "StudentMean",
    "clopper_pearson",
    "clustered",
    "quantile",
    "quantile_of_ends",
]


def clopper_pearson(
    successes: npt.ArrayLike, count: npt.ArrayLike, error: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the lower and the upper Clopper–Pearson limit of shares, each missed with at most this probability.

    Source: C. J. Clopper, E. S. Pearson, Biometrika 26 (1934). ``scipy.stats.binomtest`` finds the same two by search, one
    share at a time.

    Parameters
    ----------
    successes, count
        Of independent draws, 0 ≤ successes ≤ count; of one shape, and not necessarily whole.
    error
        Of either limit, in (0, 1).
    """
    # Takes most of a second to load.
    from scipy.stats import beta

    k, n = np.broadcast_arrays(np.asarray(successes, dtype=np.float64), np.asarray(count, dtype=np.float64))
    low, high = np.zeros(k.shape), np.ones(k.shape)
    some, others = k > 0, k < n
    low[some] = beta.ppf(error, k[some], (n - k + 1)[some])
    high[others] = beta.isf(error, (k + 1)[others], (n - k)[others])
    return low, high


@dataclass(frozen=True)
class Share:
    """A share of successes in a sample, with its exact (Clopper–Pearson) confidence limits.

    Source: C. J. Clopper, E. S. Pearson, Biometrika 26 (1934). The limits are for independent draws.
    """

    successes: int
    count: int
    confidence: float = 0.95

    def __post_init__(self) -> None:
        _require_counts(self.successes, self.count)
        require_share("confidence", self.confidence)

    @property
    def value(self) -> float:
        """The share found."""
        return self.successes / self.count

    @property
    def limits(self) -> tuple[float, float]:
        """The two-sided confidence limits."""
        low, high = clopper_pearson(self.successes, self.count, (1 - self.confidence) / 2)
        return float(low), float(high)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON types."""
        low, high = self.limits
        return {
            "successes": self.successes,
            "count": self.count,
            "share": self.value,
            "low": low,
            "high": high,
            "confidence": self.confidence,
        }

    def __str__(self) -> str:
        return _shown(self.value, self.value, self.limits)


@dataclass(frozen=True)
class EnclosedShare:
    """A share of successes in a sample of which some draws may be undecided, with exact confidence limits.

    Attributes
    ----------
    successes
        Draws that surely succeed.
    undecided
        Draws of which it is not known whether they do.
    count
        All draws.
    confidence
        Of :attr:`limits`.

    Examples
    --------
    >>> print(EnclosedShare(640, 9360, 10_000))
    6.4% to 100.0% [5.9%, 100.0%]
    """

    successes: int
    undecided: int
    count: int
    confidence: float = 0.95

    def __post_init__(self) -> None:
        require_whole("undecided", self.undecided, 0)
        _require_counts(self.successes, self.count)
        _require_counts(self.successes + self.undecided, self.count, "successes + undecided")
        require_share("confidence", self.confidence)

    @classmethod
    def of(cls, surely: npt.NDArray[np.bool_], possibly: npt.NDArray[np.bool_], confidence: float) -> EnclosedShare:
        """Count draws that surely succeed, and those that possibly do."""
        sure = int(np.count_nonzero(surely))
        return cls(sure, int(np.count_nonzero(surely | possibly)) - sure, len(surely), confidence)

    @property
    def at_least(self) -> Share:
        """The share if no undecided draw succeeds."""
        return Share(self.successes, self.count, self.confidence)

    @property
    def at_most(self) -> Share:
        """The share if every undecided draw succeeds."""
        return Share(self.successes + self.undecided, self.count, self.confidence)

    @property
    def limits(self) -> tuple[float, float]:
        """The two-sided Clopper–Pearson limits, each from the count that is worse for it."""
        return self.at_least.limits[0], self.at_most.limits[1]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON types."""
        return {
            "successes": self.successes,
            "undecided": self.undecided,
            "count": self.count,
            "share": [self.at_least.value, self.at_most.value],
            "low": self.limits[0],
            "high": self.limits[1],
            "confidence": self.confidence,
        }

    def __str__(self) -> str:
        return _shown(self.at_least.value, self.at_most.value, self.limits)


@dataclass(frozen=True)
class ClusteredShare:
    """A share of successes among draws that come in clusters, with limits that count clusters.

    The limits are of the share among draws of clusters to come, if those here are independent draws of clusters. Draws of
    one cluster may be as alike as they like.

    Attributes
    ----------
    by_cluster
        How many draws of each cluster surely succeed.
    counts
        How many draws each has, in the same order; clusters without draws are left out.
    undecided_by_cluster
        How many draws of each may or may not succeed; none if left out.
    confidence
        Of :attr:`limits`.

    Notes
    -----
    The share p is a ratio of two sums over K clusters, and its variance is taken from how much the clusters' successes sₖ
    differ from p times their counts nₖ: v = K/(K−1) · Σ(sₖ − p·nₖ)² / n² (W. G. Cochran, *Sampling Techniques*, 3rd ed.,
    Wiley 1977, section 6.3). As many independent draws as have that variance, p(1−p)/v of them, take the place of n in the
    limits of Clopper and Pearson, less what the variance's own uncertainty takes (the squared ratio of the quantiles of
    Student's t with n − 1 and K − 1 degrees of freedom), and n at most. Source: E. L. Korn, B. I. Graubard, Survey
    Methodology 24 (1998). Where every draw succeeds, or none does, there is no spread to go by, and each cluster counts
    as one draw; of one cluster there are no limits but 0 and 1.

    With twenty clusters and shares from 0.1 to 0.9 they miss as often as they should, to about a point; nearer to 0 or 1
    they miss more often where clusters are very unlike, as any method does that has seen no cluster of the rare kind.

    Examples
    --------
    >>> alike = ClusteredShare((90, 70, 50, 30, 10), (100,) * 5)
    >>> print(Share(250, 500), "·", alike)
    50.0% [45.5%, 54.5%] · 50.0% [12.3%, 87.7%]
    """

    by_cluster: tuple[int, ...]
    counts: tuple[int, ...]
    confidence: float = 0.95
    undecided_by_cluster: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        undecided = self.undecided_by_cluster or (0,) * len(self.counts)
        if not len(self.by_cluster) == len(self.counts) == len(undecided) >= 1:
            raise InvalidValueError(
                explain(
                    "by_cluster, counts",
                    "one number a cluster each, of one cluster or more",
                    f"{len(self.by_cluster)}, {len(self.counts)} and {len(undecided)}",
                )
            )
        for success, count, open_ in zip(self.by_cluster, self.counts, undecided, strict=True):
            EnclosedShare(success, open_, count, self.confidence)

    @classmethod
    def of(
        cls,
        surely: npt.NDArray[np.bool_],
        clusters: npt.NDArray[Any],
        confidence: float = 0.95,
        possibly: npt.NDArray[np.bool_] | None = None,
    ) -> ClusteredShare:
        """Count the draws of each cluster that surely succeed, and those that possibly do; all of shape (n,)."""
        _, place = np.unique(clusters, return_inverse=True)
        place = place.reshape(-1)
        counts = np.bincount(place)
        sure = np.bincount(place[surely], minlength=len(counts))
        either = sure if possibly is None else np.bincount(place[surely | possibly], minlength=len(counts))
        undecided = tuple(map(int, either - sure)) if (either > sure).any() else ()
        return cls(tuple(map(int, sure)), tuple(map(int, counts)), confidence, undecided)

    def __len__(self) -> int:
        return len(self.counts)

    @property
    def count(self) -> int:
        """All draws."""
        return sum(self.counts)

    @property
    def successes(self) -> int:
        """All draws that surely succeed."""
        return sum(self.by_cluster)

    @property
    def undecided(self) -> int:
        """All draws of which it is not known whether they do."""
        return sum(self.undecided_by_cluster)

    @property
    def at_least(self) -> Share:
        """The share if no undecided draw succeeds, as of independent draws."""
        return Share(self.successes, self.count, self.confidence)

    @property
    def at_most(self) -> Share:
        """The share if every undecided draw succeeds, as of independent draws."""
        return Share(self.successes + self.undecided, self.count, self.confidence)

    @property
    def value(self) -> float:
        """The share found, of the draws that surely succeed."""
        return self.at_least.value

    @cached_property
    def limits(self) -> tuple[float, float]:
        """The two-sided confidence limits, whichever of the undecided draws succeed."""
        undecided = self.undecided_by_cluster or (0,) * len(self)
        most = [sum(both) for both in zip(self.by_cluster, undecided, strict=True)]
        return clustered(self.by_cluster, most, self.counts, self.confidence)

    @property
    def design_effect(self) -> float:
        """How many draws tell as much as one independent draw; NaN where nothing shows it."""
        if len(self) < 2 or not 0 < self.value < 1:
            return math.nan
        sums, counts = np.asarray(self.by_cluster, dtype=np.float64), np.asarray(self.counts, dtype=np.float64)
        return self.count / _effective(self.value, _variance(sums, sums, counts), float(self.count))

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON types."""
        low, high = self.limits
        return {
            "successes": self.successes,
            "undecided": self.undecided,
            "count": self.count,
            "clusters": len(self),
            "share": [self.at_least.value, self.at_most.value],
            "low": low,
            "high": high,
            "confidence": self.confidence,
        }

    def __str__(self) -> str:
        return _shown(self.at_least.value, self.at_most.value, self.limits)


@dataclass(frozen=True)
class ClusteredMean:
    """The mean of numbers in [0, 1] that come in clusters, with limits that count clusters: see :class:`ClusteredShare`.

    Attributes
    ----------
    least, most
        Of each cluster, what the sum of its numbers is not below and not above; fractions keep means exact.
    counts
        Of each cluster, how many numbers there are.
    confidence
        Of :attr:`limits`.
    """

    least: tuple[float | Fraction, ...]
    most: tuple[float | Fraction, ...]
    counts: tuple[int, ...]
    confidence: float = 0.95

    def __post_init__(self) -> None:
        if not len(self.least) == len(self.most) == len(self.counts) >= 1:
            got = f"{len(self.least)}, {len(self.most)} and {len(self.counts)}"
            raise InvalidValueError(explain("least, most, counts", "one number a cluster each, of one or more", got))
        for low, high, count in zip(self.least, self.most, self.counts, strict=True):
            if not 0 <= low <= high <= require_whole("counts", count):
                raise InvalidValueError(explain("least, most", "0 ≤ least ≤ most ≤ count", f"{low}, {high}, {count}"))
        require_share("confidence", self.confidence)

    def __len__(self) -> int:
        return len(self.counts)

    @property
    def count(self) -> int:
        """All numbers."""
        return sum(self.counts)

    @property
    def lowest(self) -> float:
        """What the sample's mean is not below."""
        return float(_exact_sum(self.least) / self.count)

    @property
    def highest(self) -> float:
        """What the sample's mean is not above."""
        return float(_exact_sum(self.most) / self.count)

    @cached_property
    def limits(self) -> tuple[float, float]:
        """The two-sided confidence limits, whatever the sums are within their enclosures."""
        return clustered(self.least, self.most, self.counts, self.confidence)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON types."""
        return {
            "mean": [self.lowest, self.highest],
            "count": self.count,
            "clusters": len(self),
            "low": self.limits[0],
            "high": self.limits[1],
            "confidence": self.confidence,
        }

    def __str__(self) -> str:
        low, high = fixed_ends(*self.limits, 3)
        first, last = f"{self.lowest:.3f}", f"{self.highest:.3f}"
        return f"{first if first == last else f'{first} to {last}'} [{low}, {high}]"


def clustered(
    least: Sequence[float | Fraction], most: Sequence[float | Fraction], counts: Sequence[int], confidence: float
) -> tuple[float, float]:
    """Return the limits of :class:`ClusteredShare` for the mean of numbers in [0, 1] that come in clusters.

    Parameters
    ----------
    least, most
        What the sum of each cluster's numbers is not below and not above.
    counts
        How many numbers each has.
    confidence
        Of both limits together.
    """
    low, high, number = (np.asarray(one, dtype=np.float64) for one in (least, most, counts))
    if len(number) < 2:
        return 0.0, 1.0
    error = (1 - confidence) / 2
    draws, variance = float(number.sum()), _variance(low, high, number)
    limits = []
    for mean in {float(low.sum()) / draws, min(1.0, float(high.sum()) / draws)}:
        effective = _effective(mean, variance, draws)
        if 0 < mean < 1:
            from scipy.stats import t

            # Of two draws at least, where each cluster is one.
            effective *= float((t.isf(error, draws - 1) / t.isf(error, len(number) - 1)) ** 2)
            effective = min(effective, draws)
        else:
            effective = float(len(number))
        limits.append(clopper_pearson(mean * effective, effective, error))
    # What a share so high, or so low, would have: the spread is the largest that the enclosures allow.
    return min(float(one[0]) for one in limits), max(float(one[1]) for one in limits)


def _variance(low: npt.NDArray[np.float64], high: npt.NDArray[np.float64], counts: npt.NDArray[np.float64]) -> float:
    """Return the variance of the mean of all numbers, at most, by the spread of the clusters' sums."""
    draws, clusters = counts.sum(), len(counts)
    least, most = low.sum() / draws, high.sum() / draws
    farthest = np.maximum(np.abs(low - most * counts), np.abs(high - least * counts))
    return float(clusters / (clusters - 1) * np.square(farthest).sum() / draws**2)


def _effective(mean: float, variance: float, draws: float) -> float:
    """Return how many independent draws have a mean of this variance."""
    return mean * (1 - mean) / variance if variance > 0 else draws


@dataclass(frozen=True)
class Quantile:
    """A quantile of a sample, with confidence limits that hold for any distribution (order statistics)."""

    value: float
    low: float
    high: float
    count: int
    level: float = 0.5
    confidence: float = 0.95

    def to_dict(self) -> dict[str, float | int | None]:
        """Return everything as plain JSON types; infinities become None."""
        return {name: value if math.isfinite(value) else None for name, value in self.__dict__.items()}

    def __str__(self) -> str:
        low, high = significant_ends(self.low, self.high, 4)
        return f"{self.value:.4g} [{low}, {high}]"


@dataclass(frozen=True)
class StudentMean:
    """The mean of a few independent draws, with the limits of Student's t.

    They are those of a mean of normal draws, and nearly so of what is nearly normal, such as a mean over many drawings that
    was found again with other seeds. Source: Student, Biometrika 6 (1908).

    Attributes
    ----------
    values
        The draws, at least one, finite; of one alone there are no limits but −∞ and ∞.
    confidence
        Of :attr:`limits`.

    Examples
    --------
    >>> print(StudentMean((0.5, 0.6, 0.7)))
    0.6 [0.3515, 0.8485]
    """

    values: tuple[float, ...]
    confidence: float = 0.95

    def __post_init__(self) -> None:
        if not len(self.values) or not all(math.isfinite(value) for value in self.values):
            raise InvalidValueError(explain("values", "one finite number or more", f"{self.values!r}"))
        require_share("confidence", self.confidence)

    @property
    def count(self) -> int:
        """How many draws there are."""
        return len(self.values)

    @property
    def mean(self) -> float:
        """Their mean."""
        return math.fsum(self.values) / self.count

    @property
    def limits(self) -> tuple[float, float]:
        """The two-sided confidence limits."""
        if self.count < 2:
            return -math.inf, math.inf
        from scipy.stats import t

        spread = math.sqrt(math.fsum((value - self.mean) ** 2 for value in self.values) / (self.count - 1))
        half = float(t.isf((1 - self.confidence) / 2, self.count - 1)) * spread / math.sqrt(self.count)
        return self.mean - half, self.mean + half

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON types; infinities become None."""
        low, high = (end if math.isfinite(end) else None for end in self.limits)
        return {
            "values": list(self.values),
            "mean": self.mean,
            "count": self.count,
            "low": low,
            "high": high,
            "confidence": self.confidence,
        }

    def __str__(self) -> str:
        low, high = significant_ends(*self.limits, 4)
        return f"{self.mean:.4g} [{low}, {high}]"


def quantile(sample: npt.ArrayLike, level: float = 0.5, *, confidence: float = 0.95) -> Quantile:
    """Return a sample quantile and the order statistics that enclose the population's with the given confidence.

    Source: W. J. Conover, *Practical Nonparametric Statistics*, 3rd ed., Wiley 1999, section 3.2; the limits are those of
    ``scipy.stats.quantile_test``.

    Parameters
    ----------
    sample
        Independent draws, at least one, none of them NaN.
    level
        In (0, 1).
    confidence
        In (0, 1). Too small a sample gives an infinite limit.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If the sample holds no numbers, is empty or holds NaN, or a level is out of range.
    """
    values = real_numbers(sample, Place("sample", 0, Source.NUMBERS), many=True).cpu().numpy().ravel()
    if not len(values) or np.isnan(values).any():
        raise InvalidValueError(explain("sample", "at least one number, no NaN", f"{len(values)} with NaN or none"))
    require_share("level", level)
    require_share("confidence", confidence)
    from scipy.stats import quantile_test

    # Between infinities there is nothing to interpolate.
    method: Literal["linear", "inverted_cdf"] = "linear" if np.isfinite(values).all() else "inverted_cdf"
    # What is tested does not matter to the limits, which are NaN where the sample is too small for one.
    low, high = quantile_test(values, q=0.0, p=level).confidence_interval(confidence)
    return Quantile(
        float(np.quantile(values, level, method=method)),
        -math.inf if math.isnan(low) else float(low),
        math.inf if math.isnan(high) else float(high),
        len(values),
        level,
        confidence,
    )


def quantile_of_ends(
    low: npt.NDArray[np.float64],
    high: npt.NDArray[np.float64],
    level: float = 0.5,
    *,
    confidence: float = 0.95,
) -> Quantile | None:
    """Return a quantile of numbers of which enclosures are known; None where nothing is known of any.

    A number of which nothing is known may be anywhere: it is below all others for the lower limit, above for the upper.

    Parameters
    ----------
    low, high
        What each number is not below and not above, shape (n,); −∞ and ∞ where nothing is known.
    level, confidence
        As in :func:`quantile`.
    """
    known = (low > -np.inf) | (high < np.inf)
    if not known.any():
        return None
    with np.errstate(invalid="ignore"):
        middles = np.where(low == high, low, low / 2 + high / 2)[known]
    return Quantile(
        quantile(middles, level).value,
        quantile(low, level, confidence=confidence).low,
        quantile(high, level, confidence=confidence).high,
        len(low),
        level,
        confidence,
    )


def _exact_sum(numbers: Sequence[float | Fraction]) -> Fraction:
    return sum((Fraction(number) for number in numbers), Fraction(0))


def _require_counts(successes: object, count: object, name: str = "successes") -> None:
    least, most = require_whole(name, successes, 0), require_whole("count", count, 0)
    if most < 1 or least > most:
        raise InvalidValueError(explain(f"{name}, count", f"0 ≤ {name} ≤ count, count ≥ 1", f"{successes}, {count}"))


def _shown(least: float, most: float, limits: tuple[float, float]) -> str:
    """Return a share, or two it is between, with its limits rounded outwards."""
    first, last = f"{least:.1%}", f"{most:.1%}"
    low, high = ends_in_per_cent(*limits)
    return f"{first if first == last else f'{first} to {last}'} [{low}, {high}]"
