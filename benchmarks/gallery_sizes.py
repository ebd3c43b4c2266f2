"""False statements whose every counterexample has many points or dimensions, and the true ones with the number of points.

A sum against a mean, a largest value against a mean, an outlier among n: each is true of up to so many points, by the
constant that is said beside it, so that a search of small cases alone finds nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, TypeAlias

from boundcheck.language import (
    Bound,
    Constant,
    Scalar,
    Size,
    Space,
    Transport,
    another,
    coordinate_maximum,
    coordinate_median,
    coordinate_minimum,
    distance,
    enclosing_radius,
    equal_sizes,
    i,
    j,
    log,
    logsumexp,
    maximum,
    mean,
    minimum,
    norm,
    total,
    variance,
    x,
    z,
)

__all__ = ["false", "true"]

Number: TypeAlias = int | Fraction

_OTHER = another(x)
_N = Size(x)
_DIAMETER = maximum((i, _OTHER), distance(x[i], x[_OTHER]))
_DEVIATION = mean(i, norm(x[i] - mean(x)))
_NEAREST = minimum(j, distance(x[i], z[j]))
_EQUAL = {"premises": (equal_sizes,)}
_EUCLIDEAN = {"space": Space.EUCLIDEAN}


@dataclass(frozen=True)
class _Kind:
    """A left side that is at most so many times a right side, times a number of points; of fewer times it is not.

    Attributes
    ----------
    name, lhs, rhs
        Of the statements.
    true
        How many times.
    false
        Fewer.
    more
        What else a bound has.
    """

    name: str
    lhs: Scalar
    rhs: Scalar
    true: Scalar | Number
    false: tuple[Number, ...]
    more: Mapping[str, Any] = field(default_factory=dict)

    def bound(self, suffix: str, factor: Scalar | Number) -> Bound:
        return Bound(f"many-{self.name}-{suffix}", lhs=self.lhs, rhs=factor * self.rhs, **self.more)


_KINDS = (
    # n points moved alike: one more than the constant.
    _Kind("sum-transport", norm(total(x) - total(z)), Transport(x, z), _N, (5, 7, 10), _EQUAL),
    # One of n points moved.
    _Kind(
        "maximum-transport", norm(coordinate_maximum(x) - coordinate_maximum(z)), Transport(x, z), _N, (3, 5), _EQUAL
    ),
    _Kind("minimum-transport", norm(coordinate_minimum(x) - coordinate_minimum(z)), Transport(x, z), _N, (5,), _EQUAL),
    # (n − 1)/2n on a simplex: 6 and 11 points, in as many dimensions but one.
    _Kind(
        "variance-diameter", variance(x), _DIAMETER**2, Fraction("1/2"), (Fraction("0.4"), Fraction("0.45")), _EUCLIDEAN
    ),
    # (n − 1)/n: 6 and 11 points.
    _Kind("radius-diameter", maximum(i, norm(x[i] - mean(x))), _DIAMETER, 1, (Fraction("0.8"), Fraction("0.9"))),
    _Kind(
        "pairs-diameter", mean((i, _OTHER), distance(x[i], x[_OTHER])), _DIAMETER, 1, (Fraction("0.8"), Fraction("0.9"))
    ),
    # Jung: √(d/(2(d + 1))), so that 7 dimensions are needed; √½ is 0.70710….
    _Kind("enclosing-diameter", enclosing_radius(x), _DIAMETER, Fraction("0.7072"), (Fraction("0.66"),), _EUCLIDEAN),
    _Kind(
        "largest-mean", maximum((i, j), distance(x[i], z[j])), mean((i, j), distance(x[i], z[j])), _N * Size(z), (6, 12)
    ),
    # n²/4(n − 1): 7 and 11 points.
    _Kind("square-deviation", mean(i, norm(x[i] - mean(x)) ** 2), _DEVIATION**2, _N, (2, 3)),
    # (n − 1)/(n + 1) of an odd number n: 11 points.
    _Kind(
        "median-variance", norm(coordinate_median(x) - mean(x)) ** 2, variance(x), 1, (Fraction("0.81"),), _EUCLIDEAN
    ),
    _Kind("largest-square", maximum(i, norm(x[i]) ** 2), mean(i, norm(x[i]) ** 2), _N, (5, 9)),
    _Kind("sum-largest", norm(total(x)), maximum(i, norm(x[i])), _N, (6, 12)),
    # n − 1: 6 and 11 points.
    _Kind("outlier-variance", maximum(i, norm(x[i] - mean(x)) ** 2), variance(x), _N, (4, 9), _EUCLIDEAN),
    _Kind("hausdorff-chamfer", maximum(i, _NEAREST), mean(i, _NEAREST), _N, (5,)),
    # log n: 8 points.
    _Kind("logarithm", logsumexp(i, norm(x[i])) - maximum(i, norm(x[i])), log(_N), 1, ()),
)


def false() -> list[Bound]:
    """Return 26 false statements; each needs more points than its constant, or as many as are said."""
    within_two = replace(_KINDS[-1].bound("2", 1), rhs=Constant(Fraction(2)))
    return [*(kind.bound(f"{float(factor):g}", factor) for kind in _KINDS for factor in kind.false), within_two]


def true() -> list[Bound]:
    """Return the 15 true statements that they are nearest to, most with the number of points for a constant."""
    return [kind.bound("n", kind.true) for kind in _KINDS]
