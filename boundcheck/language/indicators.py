"""Indicators: 1 where a comparison is true and 0 where it is not; counts, ranks and nearest neighbours are made of them."""

from __future__ import annotations

from dataclasses import dataclass

from boundcheck.errors import InvalidTypeError, TermError, explain
from boundcheck.language.bounds import Relation
from boundcheck.language.comparisons import Comparison
from boundcheck.language.reductions import Over, total
from boundcheck.language.terms import Number, Scalar, Term, scalar

__all__ = ["Indicator", "among_nearest", "count", "indicator", "rank"]


@dataclass(frozen=True)
class Indicator(Scalar):
    """1 where one scalar is at most another (or below it, or equal to it), 0 where it is not.

    It jumps, so a value in float64 is either certain or not known at all; where the sides are too near to tell, exact
    numbers do.
    """

    lhs: Scalar
    relation: Relation
    rhs: Scalar

    def __post_init__(self) -> None:
        for attribute in ("lhs", "rhs"):
            object.__setattr__(self, attribute, scalar(getattr(self, attribute)))
        if not isinstance(self.relation, Relation):
            raise InvalidTypeError(explain("relation", "a Relation", f"{self.relation!r}"))

    @property
    def comparison(self) -> Comparison:
        """What is true where the indicator is 1."""
        return Comparison(self.lhs, self.relation, self.rhs)

    @property
    def children(self) -> tuple[Term, ...]:
        """The two sides."""
        return (self.lhs, self.rhs)


def indicator(comparison: Comparison) -> Scalar:
    """Return 1 where a comparison is true, 0 where it is not: ``indicator(distance(x[i], z[j]) <= 1)``."""
    if not isinstance(comparison, Comparison):
        raise InvalidTypeError(explain("indicator", "a comparison, as lhs <= rhs", f"{comparison!r}"))
    return Indicator(comparison.lhs, comparison.relation, comparison.rhs)


def count(over: Over, comparison: Comparison) -> Scalar:
    """Return how many values of one or more indices a comparison is true for."""
    return total(over, indicator(comparison))


def rank(term: Scalar, over: Over, body: Scalar) -> Scalar:
    """Return the place of a term among the values of `body` over an index, from the smallest: 1 + how many are below it.

    Parameters
    ----------
    term
        Whose place, as ``distance(x[i], z[j])``.
    over
        The index or indices that `body` runs over.
    body
        What it is compared with, as ``distance(x[i], w[k])``. Equal values share a place.
    """
    return 1 + count(over, body < term)


def among_nearest(k: int | Scalar, term: Scalar, over: Over, body: Scalar) -> Scalar:
    """Return 1 where a term is among the k smallest when put with the values of `body` over an index, else 0.

    Where several are equal to the k-th smallest, each of them is among the k.

    Parameters
    ----------
    k
        A whole number from 1 on, or a scalar.
    term, over, body
        As for :func:`rank`.
    """
    if not isinstance(k, Scalar) and (isinstance(k, bool) or not isinstance(k, int) or k < 1):
        raise TermError(explain("k", "a whole number from 1 on", f"{k!r}"))
    limit: Scalar | Number = k
    return indicator(rank(term, over, body) <= limit)
