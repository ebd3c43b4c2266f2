"""The softplus function log(1 + eᵗ), which logistic losses are made of, and the hinge that it smooths."""

from __future__ import annotations

from fractions import Fraction
from math import inf
from typing import Any

from boundcheck.language.functions.declared import Function
from boundcheck.language.terms import Number, Scalar, largest, scalar

__all__ = ["SOFTPLUS", "hinge", "softplus"]


def _value(argument: Any) -> Any:
    # max{t, 0} + log(1 + e^(−|t|)): neither part is below 0, so nothing cancels.
    return argument.logaddexp(argument.new_zeros(()))


def _ball(argument: Any) -> Any:
    # The same, of whichever sign leaves nothing to overflow.
    return argument + (-argument).exp().log1p() if argument > 0 else argument.exp().log1p()


SOFTPLUS = Function(
    "softplus",
    _value,
    ulps=6,
    ball=_ball,
    monotone=1,
    lipschitz=Fraction(1),
    bounds=(0.0, inf),
    coq="ln (1 + expR {})",
)


def softplus(term: Scalar | Number) -> Scalar:
    """Return log(1 + eᵗ) of a term t."""
    return SOFTPLUS(term)


def hinge(term: Scalar | Number) -> Scalar:
    """Return the larger of 0 and a term."""
    return largest(0, scalar(term))
