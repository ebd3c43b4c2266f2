"""Plausible statements that are false, each with a counterexample small enough to check by hand.

They say what each part of a theorem is there for: a falsifier that works refutes every one, and the proofs in Coq say
that they do not hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from types import MappingProxyType

from boundcheck.language import (
    Bound,
    EqualSizes,
    ForAll,
    Scalar,
    Space,
    farthest,
    largest,
    m,
    nearest,
    smallest,
    variance,
    w,
    x,
    z,
)
from boundcheck.theorems.aggregators import COORDINATE_WISE, COORDINATE_WISE_EUCLIDEAN, SUM
from boundcheck.theorems.karimov import K
from boundcheck.theorems.lower import SEPARATION
from boundcheck.theorems.upper import TWO_SIDED, VARIANCE

__all__ = ["FALSE", "FalseStatement"]

Number = int | Fraction
Points = tuple[tuple[Number, ...], ...]

_INFINITY = float("inf")


@dataclass(frozen=True)
class FalseStatement:
    """A statement that does not hold.

    Attributes
    ----------
    bound
        The statement; what a bound was made of by changing one thing.
    why
        What was changed.
    norm
        The p of the p-norm that the counterexample is in.
    points
        The counterexample: the points of each collection, by its symbol.
    parameters
        The parameters' values there, by symbol; the least that the premises allow, where they say.
    proof
        The theorem in Coq that it is false, or None.
    """

    bound: Bound
    why: str
    norm: float
    points: Mapping[str, Points]
    parameters: Mapping[str, Number] = field(default_factory=dict)
    proof: str | None = None

    def __post_init__(self) -> None:
        for name in ("points", "parameters"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    @property
    def name(self) -> str:
        """The statement's name."""
        return self.bound.name


def _changed(bound: Bound, name: str, *, rhs: Scalar | None = None, space: Space | None = None) -> Bound:
    plain = replace(bound, name=name, title="", citation="", proof=None, chain=())
    return replace(plain, rhs=plain.rhs if rhs is None else rhs, space=space or plain.space)


def _line(*values: Number) -> Points:
    return tuple((value,) for value in values)


_ANY_SUM = SUM.without(EqualSizes, name="sum-any-sizes")
_ALONE = SEPARATION.without(SEPARATION.premises[1], name="separation-alone")

FALSE: tuple[FalseStatement, ...] = (
    FalseStatement(
        _changed(K, "karimov-199", rhs=1.99 * largest(m, farthest(x, w))),
        "1.99 in place of 2",
        norm=2,
        points={"x": _line(0), "z": _line(2), "w": _line(1)},
        parameters={"m": 1},
        proof="FalseAnyNorm.karimov_199_false",
    ),
    FalseStatement(
        _changed(K, "karimov-nearest", rhs=2 * largest(m, nearest(x, w))),
        "the nearest distance in place of the farthest",
        norm=2,
        points={"x": _line(0, 4), "z": _line(-1, -1), "w": _line(0, 0)},
        parameters={"m": 1},
        proof="FalseAnyNorm.karimov_nearest_false",
    ),
    FalseStatement(
        _changed(K, "karimov-smaller", rhs=2 * smallest(m, farthest(x, w))),
        "the smaller of m and the farthest distance in place of the larger",
        norm=2,
        points={"x": _line(0), "z": _line(1), "w": _line(1)},
        parameters={"m": 0},
        proof="FalseAnyNorm.karimov_smaller_false",
    ),
    FalseStatement(
        K.without(ForAll, name="karimov-without-premise"),
        "no premise, or an m too small for it",
        norm=2,
        points={"x": _line(0), "z": _line(1), "w": _line(0)},
        parameters={"m": 0},
        proof="FalseAnyNorm.karimov_without_premise_false",
    ),
    FalseStatement(
        _ANY_SUM,
        "sums of collections of different sizes",
        norm=2,
        points={"x": _line(1), "z": _line(1, 1), "w": _line(1)},
        parameters={"m": 0},
        proof="FalseAnyNorm.sum_any_sizes_false",
    ),
    FalseStatement(
        _changed(VARIANCE, "variance-any-norm", space=Space.ANY_NORM),
        "U4 in norms that are not Euclidean, here the sum of the coordinates' sizes",
        norm=1,
        points={"x": ((1, -1), (-1, 1)), "z": ((1, 1),), "w": ((1, 1),)},
        parameters={"m": 0},
        proof="FalseEuclid.variance_any_norm_false",
    ),
    FalseStatement(
        _changed(VARIANCE, "variance-sup-norm", space=Space.SUP_NORM),
        "U4 in the sup norm",
        norm=_INFINITY,
        points={"x": ((0, 1), (0, -1)), "z": ((1, 0),), "w": ((1, 0),)},
        parameters={"m": 0},
        proof="FalseEuclid.variance_sup_norm_false",
    ),
    FalseStatement(
        _changed(SEPARATION, "separation-any-norm", space=Space.ANY_NORM),
        "L1 in norms that are not Euclidean, here the sum of the coordinates' sizes",
        norm=1,
        points={"x": ((0, 0),), "w": ((3, 1), (3, -1))},
        parameters={"m": -2},
        proof="FalseEuclid.separation_any_norm_false",
    ),
    FalseStatement(
        _changed(SEPARATION, "separation-sup-norm", space=Space.SUP_NORM),
        "L1 in the sup norm",
        norm=_INFINITY,
        points={"x": ((0, 0),), "w": ((4, 2), (2, 4))},
        parameters={"m": -2},
        proof="FalseEuclid.separation_sup_norm_false",
    ),
    FalseStatement(
        _changed(TWO_SIDED, "two-sided-twice", rhs=TWO_SIDED.rhs - variance(z)),
        "U5 less twice the variance of z",
        norm=2,
        points={"x": _line(0), "z": _line(-1, 1), "w": _line(0)},
        parameters={"m": 1, "m′": 0},
        proof="FalseEuclid.two_sided_twice_false",
    ),
    FalseStatement(
        _ALONE,
        "L1 without the premise on the negatives",
        norm=2,
        points={"x": _line(0), "w": _line(-1, 1)},
        parameters={"m": -1},
        proof="FalseEuclid.separation_alone_false",
    ),
    FalseStatement(
        _changed(COORDINATE_WISE_EUCLIDEAN["max"], "coordinate-max-without-root", rhs=COORDINATE_WISE["max"].rhs),
        "coordinate-wise maxima in Euclidean space without the root of D",
        norm=2,
        points={"x": ((0, 0),), "z": ((1, 0), (0, 1)), "w": ((1, 0),)},
        parameters={"m": 0},
        proof="FalseEuclid.coordinate_max_without_root_false",
    ),
)
