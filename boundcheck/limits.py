"""Numbers that a sample gives, with what is certain of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Integral
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from boundcheck.errors import InvalidTypeError, InvalidValueError, explain

__all__ = ["Quantile", "Share", "quantile"]


@dataclass(frozen=True)
class Share:
    """A share of successes in a sample, with its exact (Clopper–Pearson) confidence limits.

    Source: C. J. Clopper, E. S. Pearson, Biometrika 26 (1934). The limits are for independent draws.
    """

    successes: int
    count: int
    confidence: float = 0.95

    def __post_init__(self) -> None:
        _require_whole("successes", self.successes)
        _require_whole("count", self.count)
        require_share("confidence", self.confidence)
        if self.count < 1 or not 0 <= self.successes <= self.count:
            raise InvalidValueError(
                explain("successes, count", "0 ≤ successes ≤ count, count ≥ 1", f"{self.successes}, {self.count}")
            )

    @property
    def value(self) -> float:
        """The share found."""
        return self.successes / self.count

    @property
    def limits(self) -> tuple[float, float]:
        """The two-sided confidence limits."""
        from scipy.stats import binomtest

        interval = binomtest(self.successes, self.count).proportion_ci(self.confidence, method="exact")
        return float(interval.low), float(interval.high)

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
        low, high = self.limits
        return f"{self.value:.1%} [{low:.1%}, {high:.1%}]"


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
        return f"{self.value:.4g} [{self.low:.4g}, {self.high:.4g}]"


def quantile(sample: npt.ArrayLike, level: float = 0.5, *, confidence: float = 0.95) -> Quantile:
    """Return a sample quantile and the order statistics that enclose the population's with the given confidence.

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
    given = np.asarray(sample)
    if given.dtype.kind not in "iuf":
        raise InvalidTypeError(explain("sample", "real numbers", f"an array of dtype {given.dtype}"))
    values = np.sort(given.astype(np.float64).ravel())
    if not len(values) or np.isnan(values).any():
        raise InvalidValueError(explain("sample", "at least one number, no NaN", f"{len(values)} with NaN or none"))
    require_share("level", level)
    require_share("confidence", confidence)
    from scipy.stats import binom

    n, tail = len(values), (1 - confidence) / 2
    # Between infinities there is nothing to interpolate.
    method: Literal["linear", "inverted_cdf"] = "linear" if np.isfinite(values).all() else "inverted_cdf"
    # x_(r) exceeds the quantile with probability P(Binomial(n, level) < r).
    low = int(binom.ppf(tail, n, level))
    high = int(binom.isf(tail, n, level)) + 1
    return Quantile(
        float(np.quantile(values, level, method=method)),
        float(values[low - 1]) if low >= 1 else -math.inf,
        float(values[high - 1]) if high <= n else math.inf,
        n,
        level,
        confidence,
    )


def _require_whole(name: str, number: object) -> None:
    if isinstance(number, bool) or not isinstance(number, Integral):
        raise InvalidTypeError(explain(name, "an integer", f"{number!r}"))


def require_share(name: str, number: object) -> None:
    """Raise where an argument is no number between 0 and 1."""
    if isinstance(number, bool) or not isinstance(number, (int, float, np.floating)):
        raise InvalidTypeError(explain(name, "a number in (0, 1)", f"{number!r}"))
    if not 0 < number < 1:
        raise InvalidValueError(explain(name, "a number in (0, 1)", f"{number}"))
