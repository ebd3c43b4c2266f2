"""Distances the obvious way, in exact or very high precision; what the kernels are tested against."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import inf

from flint import arb, ctx, fmpq

from boundcheck.errors import NormError, explain


def norm(vector: Sequence[float], p: float, *, bits: int = 400) -> arb:
    """Return a ball that holds the p-norm of a vector of floats, taken as the exact numbers they are.

    Parameters
    ----------
    vector
        d finite floats.
    p
        In [1, inf].
    bits
        Working precision.
    """
    if not p >= 1:
        raise NormError(explain("p", "a number in [1, inf]", f"{p}"))
    return _norm([Fraction(value) for value in vector], p, bits)


def distance(a: Sequence[float], b: Sequence[float], p: float, *, bits: int = 400) -> arb:
    """Return a ball that holds the p-norm distance of two vectors of floats."""
    if not p >= 1:
        raise NormError(explain("p", "a number in [1, inf]", f"{p}"))
    return _norm([Fraction(u) - Fraction(v) for u, v in zip(a, b, strict=True)], p, bits)


def _norm(exact: list[Fraction], p: float, bits: int) -> arb:
    sizes = [abs(value) for value in exact]
    largest = max(sizes, default=Fraction(0))
    before, ctx.prec = ctx.prec, bits
    try:
        if p == inf or largest == 0:
            return arb(_rational(largest))
        if p == 1:
            return arb(_rational(sum(sizes, Fraction(0))))
        if p == 2:
            return arb(_rational(sum((size * size for size in sizes), Fraction(0)))).sqrt()
        exponent = arb(_rational(Fraction(p)))
        powers = [arb(_rational(size / largest)) ** exponent for size in sizes if size]
        return arb(_rational(largest)) * sum(powers, arb(0)) ** (1 / exponent)
    finally:
        ctx.prec = before


def _rational(value: Fraction) -> fmpq:
    return fmpq(value.numerator, value.denominator)
