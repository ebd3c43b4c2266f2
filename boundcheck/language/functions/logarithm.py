"""The natural logarithm."""

from __future__ import annotations

from math import inf
from typing import Any

from boundcheck.language.functions.declared import Function
from boundcheck.language.terms import Number, Scalar

__all__ = ["LOG", "log"]


def _value(argument: Any) -> Any:
    return argument.log()


def _exact(argument: Any) -> Any:
    """Return 0 at 1; at no other algebraic number is it algebraic (Lindemann, 1882)."""
    return argument * 0 if argument == 1 else None


LOG = Function(
    "log",
    _value,
    ulps=4,
    ball=_value,
    exact=_exact,
    monotone=1,
    domain=(0.0, inf),
    latex=r"\log\left({}\right)",
    coq="ln {}",
)


def log(term: Scalar | Number) -> Scalar:
    """Return the natural logarithm of a term, undefined where that is not above 0."""
    return LOG(term)
