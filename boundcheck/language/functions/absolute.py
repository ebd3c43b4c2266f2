"""The absolute value."""

from __future__ import annotations

from fractions import Fraction
from math import inf
from typing import Any

from boundcheck.language.functions.declared import Function
from boundcheck.language.terms import Number, Scalar

__all__ = ["ABSOLUTE", "absolute"]


def _value(argument: Any) -> Any:
    return abs(argument)


ABSOLUTE = Function(
    "abs",
    _value,
    ulps=0,
    ball=_value,
    exact=_value,
    lipschitz=Fraction(1),
    bounds=(0.0, inf),
    text="|{}|",
    latex=r"\left\lvert {} \right\rvert",
    coq="`|{}|",
)


def absolute(term: Scalar | Number) -> Scalar:
    """Return the absolute value of a term; ``abs(term)`` is the same."""
    return ABSOLUTE(term)
