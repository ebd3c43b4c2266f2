"""Which terms are reductions of distances that a kernel computes."""

from __future__ import annotations

from fractions import Fraction

from boundcheck.evaluate.planned.steps import How
from boundcheck.language import (
    Combination,
    Norm,
    Point,
    Reduce,
    Reduction,
    Term,
)
from boundcheck.language.kept import kept
from boundcheck.language.shapes import distance_of_points

__all__ = ["canonical", "extreme_of_each", "kernel_of", "over_all_pairs"]


@kept
def canonical(term: Term) -> Term:
    """Return an equal term that is the same for ‖a − b‖ and ‖b − a‖, and for reductions of it in either order."""
    term = term.mapped(canonical)
    pair = distance_of_points(term)
    if pair is not None:
        a, b = pair
        return Norm(Combination(((Fraction(1), a), (Fraction(-1), b))))
    double = over_all_pairs(term)
    if double is not None:
        outer, inner = double
        if outer.kind is inner.kind and outer.index.symbol > inner.index.symbol:
            return Reduce(outer.kind, inner.index, Reduce(inner.kind, outer.index, inner.body))
    return term


def extreme_of_each(term: Term) -> tuple[Point, Point] | None:
    """Return the points a and b where the term is the largest or smallest ‖a − b‖ over b's index, for each a."""
    if not isinstance(term, Reduce) or term.kind not in (Reduction.MAX, Reduction.MIN):
        return None
    pair = distance_of_points(term.body)
    if pair is None:
        return None
    a, b = pair
    if term.index not in (a.index, b.index) or term.index.depends:
        return None
    return (a, b) if term.index == b.index else (b, a)


def over_all_pairs(term: Term) -> tuple[Reduce, Reduce] | None:
    """Return both reductions where the term reduces ‖a − b‖ over both indices, without weights."""
    if not isinstance(term, Reduce) or not isinstance(term.body, Reduce) or term.weights or term.body.weights:
        return None
    pair = distance_of_points(term.body.body)
    if pair is None or {term.index, term.body.index} != {point.index for point in pair}:
        return None
    if term.index.depends or term.body.index.depends:
        # Of different points of one collection: not all pairs.
        return None
    return term, term.body


_MEANS, _EXTREMES = (Reduction.MEAN, Reduction.SUM), (Reduction.MAX, Reduction.MIN)


def kernel_of(term: Term) -> tuple[How, tuple[Point, Point]] | None:
    """Return which kernel computes a term, and between which points."""
    each = extreme_of_each(term)
    if each is not None:
        return How.OF_ROWS, each
    double = over_all_pairs(term)
    if double is None:
        return None
    outer, inner = double
    pair = distance_of_points(inner.body)
    assert pair is not None
    points = pair if outer.index == pair[0].index else (pair[1], pair[0])
    if outer.kind in _MEANS and inner.kind in _MEANS:
        return How.MEAN, points
    if outer.kind is inner.kind and outer.kind in _EXTREMES:
        return How.EXTREME, points
    if (outer.kind, inner.kind) == (Reduction.MAX, Reduction.MIN):
        return How.HAUSDORFF, points
    return None
