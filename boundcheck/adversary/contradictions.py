"""Premises that nothing can meet, found from the terms alone: what can be said without any points.

Every term has a range that its kind says it is within: a distance is at least 0, a cosine between −1 and 1. A premise says
that a difference is at most 0. Where the least that it may be is above 0, nothing meets it; and where that is so of the
sum of two premises' differences, in which what both speak of cancels, nothing meets both.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import TypeAlias

from boundcheck.language import (
    Add,
    Bound,
    ClassCount,
    ClassSize,
    Constant,
    Cosine,
    Dimension,
    ForAll,
    HullDistance,
    Indicator,
    Largest,
    Multiply,
    Norm,
    PNorm,
    Power,
    Reduce,
    Reduction,
    Scalar,
    Size,
    Smallest,
    Transport,
)

__all__ = ["contradiction", "range_of"]

#: The least and the most that a term may be: exact numbers, or an infinity.
Range: TypeAlias = "tuple[Fraction | float, Fraction | float]"

_ANY: Range = (-math.inf, math.inf)
_LEAST: dict[type, Range] = {
    Norm: (Fraction(0), math.inf),
    PNorm: (Fraction(0), math.inf),
    HullDistance: (Fraction(0), math.inf),
    Transport: (Fraction(0), math.inf),
    Size: (Fraction(1), math.inf),
    ClassSize: (Fraction(1), math.inf),
    ClassCount: (Fraction(2), math.inf),
    Dimension: (Fraction(1), math.inf),
    Indicator: (Fraction(0), Fraction(1)),
    Cosine: (Fraction(-1), Fraction(1)),
}


def contradiction(bound: Bound) -> str:
    """Say why nothing can meet a bound's premises, as far as their terms show; empty where they do not.

    Examples
    --------
    >>> from boundcheck.language import Bound, Constant, ForAll, distance, i, j, x, z
    >>> apart = distance(x[i], z[j])
    >>> near, far = ForAll("near", lhs=apart, rhs=1), ForAll("far", lhs=Constant(2) - apart, rhs=0)
    >>> print(contradiction(Bound("both", premises=[near, far], lhs=0, rhs=1)))
    the premises near and far contradict one another: nothing has ‖x_i − z_j‖ ≤ 1 and 2 − ‖x_i − z_j‖ ≤ 0
    """
    premises = [one for one in bound.quantified if isinstance(one, ForAll)]
    for premise in premises:
        if _gathered([premise.difference])[0] > 0:
            return f"nothing meets the premise {premise.name}: {_told(premise)}"
    for one, other in itertools.combinations(premises, 2):
        # A parameter that each of them determines alone takes what suits both.
        if _gathered([one.difference, other.difference])[0] > 0:
            both = f"{_told(one)} and {_told(other)}"
            return f"the premises {one.name} and {other.name} contradict one another: nothing has {both}"
    return ""


def _told(premise: ForAll) -> str:
    return f"{premise.lhs} ≤ {premise.rhs}"


def range_of(term: Scalar) -> Range:
    """Return what a term is not below and not above, whatever the points, the parameters and the maps are."""
    known = _LEAST.get(type(term))
    if known is not None:
        return known
    match term:
        case Constant(value) if type(term) is Constant:
            return value, value
        case Add() | Multiply() if type(term) in (Add, Multiply):
            if type(term) is Multiply and len(dict(_linear(term))) and _is_product(term):
                return _product(map(range_of, term.factors))
            return _gathered([term])
        case Power(base, exponent) if type(term) is Power:
            return _power(range_of(base), exponent)
        case Largest(terms) | Smallest(terms) if type(term) in (Largest, Smallest):
            choose = max if type(term) is Largest else min
            ranges = [range_of(part) for part in terms]
            return choose(low for low, _ in ranges), choose(high for _, high in ranges)
        case Reduce() if type(term) is Reduce and term.kind in (Reduction.MAX, Reduction.MIN, Reduction.MEAN):
            return range_of(term.body)
        case Reduce() if type(term) is Reduce and term.kind is Reduction.SUM and term.weights is None:
            low, high = range_of(term.body)
            # Of one number or more.
            return (low if low >= 0 else -math.inf), (high if high <= 0 else math.inf)
    return _ANY


def _is_product(term: Multiply) -> bool:
    """Say whether more than a constant is a factor beside another."""
    return sum(type(factor) is not Constant for factor in term.factors) > 1


def _linear(term: Scalar) -> Iterator[tuple[Scalar | None, Fraction]]:
    """Yield the parts of a sum and what each is multiplied by; None for the constant ones."""
    if type(term) is Constant:
        yield None, term.value
    elif type(term) is Add:
        for part in term.terms:
            yield from _linear(part)
    elif type(term) is Multiply and type(term.factors[0]) is Constant:
        for inner, factor in _linear(Multiply.of(*term.factors[1:])):
            yield inner, factor * term.factors[0].value
    else:
        yield term, Fraction(1)


def _gathered(terms: Iterable[Scalar]) -> Range:
    """Return the range of a sum of terms in which equal parts are gathered first."""
    factors: dict[Scalar | None, Fraction] = {}
    for term in terms:
        for part, factor in _linear(term):
            factors[part] = factors.get(part, Fraction(0)) + factor
    low: Fraction | float = factors.pop(None, Fraction(0))
    high = low
    for part, factor in factors.items():
        assert part is not None
        if factor:
            own = _product([range_of(part) if not isinstance(part, (Add,)) else _ANY, (factor, factor)])
            low, high = low + own[0], high + own[1]
    return low, high


def _product(ranges: Iterable[Range]) -> Range:
    low: Fraction | float = Fraction(1)
    high: Fraction | float = Fraction(1)
    for other in ranges:
        ends = [_times(a, b) for a in (low, high) for b in other]
        low, high = min(ends), max(ends)
    return low, high


def _times(a: Fraction | float, b: Fraction | float) -> Fraction | float:
    # An end that is 0 is 0 times whatever is finite, and that is all there is.
    return Fraction(0) if a == 0 or b == 0 else a * b


def _power(base: Range, exponent: Fraction) -> Range:
    low, high = base
    if exponent.denominator == 1 and exponent > 0:
        ends = [end ** int(exponent) for end in base]
        if exponent % 2 == 0:
            return (min(ends) if low > 0 or high < 0 else Fraction(0)), max(ends)
        return min(ends), max(ends)
    return (Fraction(0), math.inf) if low >= 0 or exponent.denominator % 2 == 0 else _ANY
