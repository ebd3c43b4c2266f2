"""The cosine of an angle in radians; that of two vectors is in :mod:`boundcheck.language.products`."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from boundcheck.language.functions.declared import Function

__all__ = ["COS"]


def _value(argument: Any) -> Any:
    return argument.cos()


def _exact(argument: Any) -> Any:
    """Return 1 at 0; at no other algebraic number is it algebraic (Lindemann, 1882)."""
    return argument * 0 + 1 if argument == 0 else None


COS = Function(
    "cos",
    _value,
    ulps=4,
    ball=_value,
    exact=_exact,
    lipschitz=Fraction(1),
    bounds=(-1.0, 1.0),
    latex=r"\cos\left({}\right)",
    coq="cos {}",
)
