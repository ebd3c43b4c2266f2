"""The sine of an angle in radians."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from boundcheck.language.functions.declared import Function
from boundcheck.language.terms import Number, Scalar

__all__ = ["SIN", "sin"]


def _value(argument: Any) -> Any:
    return argument.sin()


def _exact(argument: Any) -> Any:
    """Return 0 at 0; at no other algebraic number is it algebraic (Lindemann, 1882)."""
    return argument * 0 if argument == 0 else None


SIN = Function(
    "sin",
    _value,
    ulps=4,
    ball=_value,
    exact=_exact,
    lipschitz=Fraction(1),
    bounds=(-1.0, 1.0),
    latex=r"\sin\left({}\right)",
    coq="sin {}",
)


def sin(term: Scalar | Number) -> Scalar:
    """Return the sine of a term in radians."""
    return SIN(term)
