"""Terms over an index: maxima, minima, means and sums, of scalars or of vectors, and what is made of them.

=====================  =================================================
scalar                 :class:`Reduce`
vector                 :class:`Average`, :class:`CoordinateWise`
=====================  =================================================
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias, overload

from boundcheck.errors import InvalidTypeError, TermError, explain
from boundcheck.language.letters import Index, Points, Weights, another, require_points
from boundcheck.language.terms import Number, Scalar, Term, Vector, as_vector, distance, scalar

__all__ = [
    "Average",
    "CoordinateWise",
    "Over",
    "Reduce",
    "Reduction",
    "coordinate_maximum",
    "coordinate_median",
    "coordinate_minimum",
    "farthest",
    "logsumexp",
    "maximum",
    "mean",
    "minimum",
    "nearest",
    "total",
    "variance",
]


class Reduction(enum.Enum):
    """What is done with the values that a term takes over an index."""

    MAX = "max"
    MIN = "min"
    MEAN = "mean"
    SUM = "Σ"
    MEDIAN = "median"
    LOG_SUM_EXP = "logΣexp"


@dataclass(frozen=True)
class Reduce(Scalar):
    """The maximum, minimum, mean, sum or log-sum-exp of a scalar over an index; a mean may be weighted."""

    kind: Reduction
    index: Index
    body: Scalar
    weights: Weights | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "body", scalar(self.body))
        _check_reduction(self.kind, self.index, self.body, self.weights)

    @property
    def children(self) -> tuple[Term, ...]:
        """The body."""
        return (self.body,)

    @property
    def bound_index(self) -> Index:
        """The index reduced over."""
        return self.index


@dataclass(frozen=True)
class CoordinateWise(Vector):
    """The largest, the smallest or the median value of each coordinate of a vector over an index.

    The median of an even number of values is the mean of the middle two.
    """

    kind: Reduction
    index: Index
    body: Vector

    def __post_init__(self) -> None:
        as_vector(self.body, self.kind.value)
        if self.kind not in (Reduction.MAX, Reduction.MIN, Reduction.MEDIAN):
            raise TermError(
                explain(
                    "reduction", "a coordinate-wise max, min or median", f"{self.kind.value}_{self.index} {self.body}"
                )
            )
        _check_reduction(self.kind, self.index, self.body, None)

    @property
    def children(self) -> tuple[Term, ...]:
        """The body."""
        return (self.body,)

    @property
    def bound_index(self) -> Index:
        """The index reduced over."""
        return self.index


@dataclass(frozen=True)
class Average(Vector):
    """The mean or the sum of a vector over an index; a mean may be weighted."""

    kind: Reduction
    index: Index
    body: Vector
    weights: Weights | None = None

    def __post_init__(self) -> None:
        as_vector(self.body, self.kind.value)
        if self.kind not in (Reduction.MEAN, Reduction.SUM):
            raise TermError(
                explain("reduction", "a mean or a sum of vectors", f"{self.kind.value}_{self.index} {self.body}")
            )
        _check_reduction(self.kind, self.index, self.body, self.weights)

    @property
    def children(self) -> tuple[Term, ...]:
        """The body."""
        return (self.body,)

    @property
    def bound_index(self) -> Index:
        """The index averaged over."""
        return self.index


def _check_reduction(kind: Reduction, index: Index, body: Term, weights: Weights | None) -> None:
    shown = f"{kind.value}_{index} {body}"
    if kind is Reduction.MEDIAN and not isinstance(body, Vector):
        raise TermError(explain("reduction", "a maximum, minimum, mean, sum or log-sum-exp of scalars", shown))
    if index not in body.free():
        found = ", ".join(sorted(map(str, body.free()))) or "none"
        raise TermError(explain("index", f"one that is free in {body}", f"{index} in {shown!r} (free there: {found})"))
    for other in body.free():
        if index in other.depends:
            raise TermError(
                explain(
                    "index",
                    f"{other} bound before {index}, for {other} runs {_where(other, index)}",
                    f"{shown!r}",
                    f"name {index} before {other}: ({index}, {other})",
                )
            )
    if weights is not None:
        if not isinstance(weights, Weights):
            raise InvalidTypeError(explain("weights", "Weights of a collection", f"{weights!r} in {shown!r}"))
        if kind is not Reduction.MEAN:
            raise TermError(explain("weights", "a mean to weigh", f"a {kind.name.lower()} in {shown!r}"))
        if type(index) is not Index or index.apart:
            raise TermError(
                explain("weights", "a mean over all points of a collection", f"one of {index.described} in {shown!r}")
            )
        if weights.collection not in index.collections:
            raise TermError(
                explain(
                    "weights", f"weights of a collection that {index} runs over", f"{weights.collection}'s in {shown!r}"
                )
            )


def _where(index: Index, other: Index) -> str:
    return f"apart from {other}" if other in index.apart else f"within what {other} is"


Over: TypeAlias = "Index | Iterable[Index]"


def _indices(over: object, where: str) -> tuple[Index, ...]:
    indices = tuple(over) if isinstance(over, Iterable) and not isinstance(over, str) else (over,)
    if not indices:
        raise TermError(explain(where, "at least one index", "none"))
    for index in indices:
        if not isinstance(index, Index):
            fix = f"write {index}.each for its index" if isinstance(index, Points) else None
            raise InvalidTypeError(explain(where, "an Index or several", f"{index!r}", fix))
    return indices


def _reduce(kind: Reduction, over: Over, body: Scalar | Number) -> Scalar:
    term = scalar(body)
    for index in reversed(_indices(over, kind.value)):
        term = Reduce(kind, index, term)
    return term


def maximum(over: Over, body: Scalar) -> Scalar:
    """Return the maximum of `body` over one or more indices."""
    return _reduce(Reduction.MAX, over, body)


def minimum(over: Over, body: Scalar) -> Scalar:
    """Return the minimum of `body` over one or more indices."""
    return _reduce(Reduction.MIN, over, body)


def logsumexp(over: Over, body: Scalar) -> Scalar:
    """Return log Σ exp(`body`) over one or more indices; no value of `body` is too large or too small for it."""
    return _reduce(Reduction.LOG_SUM_EXP, over, body)


@overload
def mean(over: Points, body: None = None, *, weights: Weights | None = None) -> Vector: ...
@overload
def mean(over: Over, body: Scalar, *, weights: Weights | None = None) -> Scalar: ...
@overload
def mean(over: Over, body: Vector, *, weights: Weights | None = None) -> Vector: ...
def mean(over: Points | Over, body: Term | None = None, *, weights: Weights | None = None) -> Term:
    """Return a mean: ``mean(x)`` is the centroid of a collection, ``mean(i, body)`` the mean of a term over indices."""
    return _average(Reduction.MEAN, over, body, weights)


@overload
def total(over: Points, body: None = None) -> Vector: ...
@overload
def total(over: Over, body: Scalar) -> Scalar: ...
@overload
def total(over: Over, body: Vector) -> Vector: ...
def total(over: Points | Over, body: Term | None = None) -> Term:
    """Return a sum: ``total(x)`` adds a collection's points, ``total(i, body)`` a term's values over indices."""
    return _average(Reduction.SUM, over, body, None)


def _average(kind: Reduction, over: Points | Over, body: Term | None, weights: Weights | None) -> Term:
    if isinstance(over, Points):
        if body is not None:
            raise TermError(
                explain(
                    kind.value,
                    "a collection alone, or an index and a term",
                    f"{over} with {body}",
                    f"write {over}.each for its index",
                )
            )
        return Average(kind, over.points, over[over.points], weights)
    if body is None:
        raise TermError(explain(kind.value, "a collection, or an index and a term", f"{over} alone"))
    for index in reversed(_indices(over, kind.value)):
        body = (
            Average(kind, index, body, weights)
            if isinstance(body, Vector)
            else Reduce(kind, index, scalar(body), weights)
        )
    return body


def coordinate_maximum(over: Points) -> Vector:
    """Return the largest value of each coordinate among a collection's points."""
    return _coordinate_wise(Reduction.MAX, over)


def coordinate_minimum(over: Points) -> Vector:
    """Return the smallest value of each coordinate among a collection's points."""
    return _coordinate_wise(Reduction.MIN, over)


def coordinate_median(over: Points) -> Vector:
    """Return the median of each coordinate among a collection's points."""
    return _coordinate_wise(Reduction.MEDIAN, over)


def _coordinate_wise(kind: Reduction, over: Points) -> Vector:
    require_points(over, f"coordinate-wise {kind.value}")
    return CoordinateWise(kind, over.points, over[over.points])


def variance(over: Points) -> Scalar:
    """Return the mean squared distance of the points of a collection or class from their centroid."""
    require_points(over, "variance")
    # A letter of its own for the centroid's index, so that the statement reads unambiguously.
    first, other = over.points, another(over.points)
    return mean(first, distance(over[first], mean(other, over[other])) ** 2)


def farthest(a: Points, b: Points) -> Scalar:
    """Return the largest distance between a point of `a` and one of `b`."""
    return maximum(*_between(a, b, "farthest"))


def nearest(a: Points, b: Points) -> Scalar:
    """Return the smallest distance between a point of `a` and one of `b`."""
    return minimum(*_between(a, b, "nearest"))


def _between(a: Points, b: Points, where: str) -> tuple[tuple[Index, Index], Scalar]:
    for points in (a, b):
        require_points(points, where)
    if a == b:
        raise TermError(explain(where, "two different collections", f"{a} twice"))
    return (a.points, b.points), distance(a[a.points], b[b.points])
