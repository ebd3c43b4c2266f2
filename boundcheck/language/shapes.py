"""Shapes of terms that readers look for, each recognised in one place.

By exact kind: what is derived from a norm or a combination means something else than that.
"""

from __future__ import annotations

from typing import TypeAlias, TypeGuard

from boundcheck.language.atoms import Point
from boundcheck.language.axes import Member
from boundcheck.language.choices import Drawn
from boundcheck.language.letters import Collection
from boundcheck.language.terms import Combination, Image, Norm, Power, Term, Vector

__all__ = [
    "Element",
    "collection_of",
    "difference",
    "difference_of_elements",
    "difference_of_points",
    "difference_of_values",
    "difference_over_two",
    "distance_of_elements",
    "distance_of_points",
    "is_element",
    "squared_norm",
]

#: A point as a term.
Element: TypeAlias = "Point | Member | Drawn"


def difference(vector: Term) -> tuple[Vector, Vector] | None:
    """Return a and b, as they stand, where a vector is a − b or b − a; None for another term."""
    if type(vector) is not Combination or len(vector.parts) != 2:
        return None
    (one, a), (other, b) = vector.parts
    # Of whole numbers: comparing fractions takes several times as long.
    whole = one.denominator == other.denominator == 1
    return (a, b) if whole and one.numerator * other.numerator == -1 else None


def difference_of_points(vector: Term) -> tuple[Point, Point] | None:
    """Return a and b, as they stand, where a vector is a − b or b − a of two points; None for another term."""
    match difference(vector):
        case (Point() as a, Point() as b) if type(a) is type(b) is Point:
            return a, b
    return None


def difference_of_elements(vector: Term) -> tuple[Element, Element] | None:
    """Return a and b, as they stand, where a vector is a − b or b − a of two points, however they are named; else None."""
    match difference(vector):
        case (Point() | Member() | Drawn() as a, Point() | Member() | Drawn() as b) if is_element(a) and is_element(b):
            return a, b
    return None


def is_element(term: Term) -> TypeGuard[Element]:
    """Say whether a term is a point: of a collection, of a class or of a sample."""
    return type(term) in (Point, Member, Drawn)


def collection_of(element: Element) -> Collection:
    """Return the collection that a point is of."""
    return element.family if isinstance(element, Member) else element.collection


def distance_of_elements(term: Term) -> tuple[Element, Element] | None:
    """Return a and b where a term is ‖a − b‖ of two different points, however they are named, else None."""
    pair = difference_of_elements(term.vector) if type(term) is Norm else None
    return None if pair is None or pair[0].index == pair[1].index else pair


def difference_of_values(vector: Term) -> tuple[Image, Image] | None:
    """Return a and b, as they stand, where a vector is a − b or b − a of two values of maps; None for another term."""
    match difference(vector):
        case (Image() as a, Image() as b) if type(a) is type(b) is Image:
            return a, b
    return None


def distance_of_points(term: Term) -> tuple[Point, Point] | None:
    """Return a and b where a term is ‖a − b‖ of points over two indices, in the order of their letters, else None."""
    return difference_over_two(term.vector) if type(term) is Norm else None


def difference_over_two(vector: Term) -> tuple[Point, Point] | None:
    """Return a and b where a vector is a − b or b − a of points over two indices, in the order of their letters."""
    pair = difference_of_points(vector)
    if pair is None or pair[0].index == pair[1].index:
        return None
    return pair if pair[0].index.symbol <= pair[1].index.symbol else pair[::-1]


def squared_norm(term: Term) -> Norm | None:
    """Return ‖v‖ where a term is ‖v‖², else None."""
    if type(term) is Power and term.exponent == 2 and type(term.base) is Norm:
        return term.base
    return None
