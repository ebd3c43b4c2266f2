"""The exponential function."""

from __future__ import annotations

from math import inf
from typing import Any

from boundcheck.language.functions.declared import Function
from boundcheck.language.terms import Number, Scalar

__all__ = ["EXP", "exp"]


def _value(argument: Any) -> Any:
    return argument.exp()


def _exact(argument: Any) -> Any:
    """Return 1 at 0; at no other algebraic number is it algebraic (Lindemann, 1882)."""
    return argument * 0 + 1 if argument == 0 else None


EXP = Function(
    "exp",
    _value,
    ulps=4,
    ball=_value,
    exact=_exact,
    monotone=1,
    bounds=(0.0, inf),
    latex=r"\exp\left({}\right)",
    coq="expR {}",
)


def exp(term: Scalar | Number) -> Scalar:
    """Return e to the power of a term."""
    return EXP(term)
