"""A float that says how far it may be from the exact value, and the ends of what a value and its error leave possible.

The ends are by one rule, in two forms, :func:`outward` for a number and :func:`outward_arrays` for many:

============================  ==========================================================================================
value and error               ends
============================  ==========================================================================================
error 0, value not NaN        the value itself, an infinity too
both finite                   value − error and value + error, each one float further out than as rounded; beyond the
                              largest float, an infinity
NaN in either, error ∞,       −∞ and ∞: nothing is known
value ±∞ with an error
============================  ==========================================================================================

A difference or sum of floats is off by half a unit in the last place at most, and by nothing among the subnormals, so
one float further out is beyond the exact end whatever the rounding mode did.
"""

from __future__ import annotations

import math
import sys
from fractions import Fraction
from typing import TypeVar, cast

import numpy as np
import numpy.typing as npt
from jaxtyping import Float

from boundcheck.decimals import with_error
from boundcheck.errors import InvalidValueError, explain

Ends = TypeVar("Ends", float, npt.NDArray[np.float64])

#: The share of a reported value that its error is to be below.
SHARP = 1e-9

_U = 2.0**-53


def is_sharp(value: float, error: float) -> bool:
    """Whether a number is off by so little of its value that its digits are what is read: or by the least float there is."""
    # Of what is beyond the floats nothing shows, and an error that is NaN is no bound.
    return math.isfinite(error) and (error <= SHARP * abs(value) or error <= 2.0**-1074)


def outward(value: float, error: float) -> tuple[float, float]:
    """Return what a number known up to an error is not below and not above.

    Compiled where scans count values by their ends, so it keeps to what Numba knows.
    """
    if error == 0 and not math.isnan(value):
        return value, value
    if not (math.isfinite(value) and math.isfinite(error)):
        return -math.inf, math.inf
    return math.nextafter(value - error, -math.inf), math.nextafter(value + error, math.inf)


def outward_arrays(
    value: Float[np.ndarray, "*shape"], error: Float[np.ndarray, "*shape"]
) -> tuple[Float[np.ndarray, "*shape"], Float[np.ndarray, "*shape"]]:
    """Return what numbers known up to their errors are not below and not above, by the rule of :func:`outward`."""
    with np.errstate(invalid="ignore", over="ignore", under="ignore"):
        low, high = further_out(value - error, value + error)
        known, exact = np.isfinite(value) & np.isfinite(error), (error == 0) & ~np.isnan(value)
    low, high = np.where(known, low, -np.inf), np.where(known, high, np.inf)
    return np.where(exact, value, low), np.where(exact, value, high)


def further_out(low: Ends, high: Ends) -> tuple[Ends, Ends]:
    """Return ends that were rounded once to the nearest as ends that enclose what they were before: one float out."""
    with np.errstate(over="ignore", under="ignore"):
        return np.nextafter(low, -np.inf), np.nextafter(high, np.inf)


def ratio_ends(top: tuple[Ends, Ends], bottom: tuple[Ends, Ends]) -> tuple[Ends, Ends]:
    """Return what a quotient is not below and not above, from the ends of both its parts.

    The lower one is known to be above 0, however near; where its ends do not say so, or anything is NaN, nothing is known.
    """
    (low, high), (least, most) = top, bottom
    with np.errstate(all="ignore"):
        ends = further_out(low / np.where(np.less(low, 0), least, most), high / np.where(np.less(high, 0), most, least))
        known = np.greater_equal(least, 0) & np.greater_equal(most, least) & np.greater(most, 0)
        of_numbers = known & ~np.isnan(low) & ~np.isnan(high)
    # 0 over what may be 0, and ∞ over what may be ∞.
    unknown = -np.inf, np.inf
    found = (np.where(of_numbers & ~np.isnan(end), end, side)[()] for end, side in zip(ends, unknown, strict=True))
    return cast(tuple[Ends, Ends], tuple(found))


def roots_of_squares(
    value: Float[np.ndarray, "*shape"], error: Float[np.ndarray, "*shape"]
) -> tuple[Float[np.ndarray, "*shape"], Float[np.ndarray, "*shape"]]:
    """Return the roots of numbers known up to their errors, with the errors of the roots.

    Of what is below 0, as where a bound on a square says nothing, the root is 0. What is infinite or NaN stays so.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        low, middle, high = (np.sqrt(np.maximum(0.0, end)) for end in (value - error, value, value + error))
        # The root of an end is off by the share 1.5 U: U for its own rounding, and half of U for the end's.
        return middle, np.maximum(high - middle, middle - low) * (1 + 2.0**-20) + 2 * _U * (middle + high)


def root_of_square(square: Enclosed) -> Enclosed:
    """Return the root of one number, by the rule of :func:`roots_of_squares`."""
    value, error = roots_of_squares(np.array(float(square)), np.array(square.error))
    return Enclosed(float(value), float(error))


class Enclosed(float):
    """A float together with a bound on its error; it compares and computes as the plain float.

    Attributes
    ----------
    error : float
        At least ``|self − exact value|``; 0 where the float is exact.
    """

    __slots__ = ("error",)
    error: float

    def __new__(cls, value: float, error: float = 0.0) -> Enclosed:
        """Make a float with an error bound, infinite where either is NaN.

        Raises
        ------
        InvalidValueError
            If the error is below 0.
        """
        if error < 0:
            raise InvalidValueError(explain("error", "a number in [0, ∞]", f"{error}"))
        self = super().__new__(cls, value)
        self.error = math.inf if math.isnan(error) or math.isnan(value) else float(error)
        return self

    def __reduce__(self) -> tuple[type[Enclosed], tuple[float, float]]:
        return type(self), (float(self), self.error)

    @property
    def lower(self) -> float:
        """A number that the exact value is not below."""
        return outward(float(self), self.error)[0]

    @property
    def upper(self) -> float:
        """A number that the exact value is not above."""
        return outward(float(self), self.error)[1]

    def __str__(self) -> str:
        return with_error(float(self), self.error)

    def __repr__(self) -> str:
        return f"Enclosed({float(self)!r}, error={self.error!r})"


def quotient(lhs: Enclosed, rhs: Enclosed) -> Enclosed | None:
    """Return left side over right side; None where both are exactly 0.

    Over an exact 0 it is infinite, exactly so where the left side is surely not 0. Where the right side may be 0, or a
    side is not finite, nothing is known of it.
    """
    if not rhs and not rhs.error:
        if not lhs and not lhs.error:
            return None
        return Enclosed(math.copysign(math.inf, lhs), 0.0 if abs(lhs) > lhs.error else math.inf)
    known = all(map(math.isfinite, (lhs, lhs.error, rhs, rhs.error))) and abs(rhs) > rhs.error
    if not rhs:
        return Enclosed(math.copysign(math.inf, lhs) if lhs else math.nan, math.inf)
    ratio = float(lhs) / float(rhs)
    if not known or math.isinf(ratio):
        return Enclosed(ratio, math.inf)
    # In exact numbers, as products of errors underflow: a quotient is farthest from any number at the ends of both sides.
    # As integers over one power of two, which need no common divisors as rationals do.
    top, top_off, bottom, bottom_off = _over_one_denominator(float(lhs), lhs.error, float(rhs), rhs.error)
    middle, scale = ratio.as_integer_ratio()
    ends = [(top + top_sign * top_off, bottom + sign * bottom_off) for top_sign in (-1, 1) for sign in (-1, 1)]
    off = (_quotient_up(abs(high * scale - middle * low), abs(low) * scale) for high, low in ends)
    return Enclosed(ratio, max(off))


def rounded_up(exact: Fraction) -> float:
    """Return the least float that is not below a rational."""
    return _quotient_up(exact.numerator, exact.denominator)


def _over_one_denominator(*floats: float) -> list[int]:
    """Return finite floats times the least power of two that makes integers of them all."""
    parts = [number.as_integer_ratio() for number in floats]
    shared = max(denominator for _, denominator in parts)
    return [numerator * (shared // denominator) for numerator, denominator in parts]


def _quotient_up(top: int, bottom: int) -> float:
    """Return the least float that is not below a quotient of integers, the lower one above 0."""
    try:
        # Rounded once, to the nearest.
        found = top / bottom
    except OverflowError:
        return math.inf if top > 0 else -sys.float_info.max
    numerator, denominator = found.as_integer_ratio()
    return found if numerator * bottom >= top * denominator else math.nextafter(found, math.inf)
