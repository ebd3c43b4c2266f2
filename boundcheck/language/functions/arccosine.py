"""The angle in radians, from 0 to π, that has a given cosine."""

from __future__ import annotations

from typing import Any

from boundcheck.language.functions.declared import Function
from boundcheck.language.terms import Number, Scalar

__all__ = ["ARCCOS", "arccos"]


def _value(argument: Any) -> Any:
    return argument.acos()


def _exact(argument: Any) -> Any:
    """Return 0 at 1; at no other algebraic number is it algebraic (Lindemann, 1882)."""
    return argument * 0 if argument == 1 else None


def _gradient(argument: Any, value: Any) -> Any:
    # Infinite at the ends: steep there is enough for an ascent.
    return -1 / value.sin().clamp(min=2.0**-26)


ARCCOS = Function(
    "arccos",
    _value,
    ulps=4,
    ball=_value,
    exact=_exact,
    monotone=-1,
    domain=(-1.0, 1.0),
    # The float above π.
    bounds=(0.0, 3.1415926535897936),
    latex=r"\arccos\left({}\right)",
    coq="acos {}",
    gradient=_gradient,
)


def arccos(term: Scalar | Number) -> Scalar:
    """Return the angle whose cosine a term is, in radians; undefined where that is not in [−1, 1]."""
    return ARCCOS(term)
