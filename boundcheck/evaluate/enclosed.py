"""A float that says how far it may be from the exact value."""

from __future__ import annotations

import math
from decimal import ROUND_DOWN, ROUND_UP, Decimal, localcontext

from boundcheck.errors import InvalidValueError, explain
from boundcheck.evaluate.rounding import U


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
        if math.isinf(self.error):
            return -math.inf
        return math.nextafter(float(self) - self.error, -math.inf) if self.error else float(self)

    @property
    def upper(self) -> float:
        """A number that the exact value is not above."""
        if math.isinf(self.error):
            return math.inf
        return math.nextafter(float(self) + self.error, math.inf) if self.error else float(self)

    def __str__(self) -> str:
        value, error = float(self), self.error
        if not math.isfinite(value) or not math.isfinite(error):
            return f"{value:.6g} ± {error:.0e}"
        if not error:
            return f"{_first_digits(value)} (exact)"
        if error >= abs(value):
            # Not one digit is certain.
            return f"0 ± {_upwards(error + abs(value))}"
        return f"{_first_digits(value)} ± {_upwards(error)}"

    def __repr__(self) -> str:
        return f"Enclosed({float(self)!r}, error={self.error!r})"


def quotient(lhs: Enclosed, rhs: Enclosed) -> Enclosed | None:
    """Return left side over right side; None where both are 0."""
    if not lhs and not rhs:
        return None
    if not rhs:
        return Enclosed(math.copysign(math.inf, lhs), math.inf)
    ratio = lhs / rhs
    away = abs(rhs) - rhs.error
    error = (lhs.error + abs(ratio) * rhs.error) / away * (1 + 2**-20) if away > 0 else math.inf
    return Enclosed(ratio, error + abs(ratio) * 2 * U + 5e-324)


def _first_digits(value: float) -> str:
    """Return the first six significant digits, cut and not rounded, with … where more follow."""
    exact = Decimal(value)
    with localcontext(prec=6, rounding=ROUND_DOWN):
        cut = +exact
    text = f"{float(cut):.6g}"
    return text if cut == exact else f"{text}…"


def _upwards(error: float) -> str:
    """Return an error bound to one digit, rounded up."""
    with localcontext(prec=1, rounding=ROUND_UP):
        return f"{+Decimal(error):.0e}"
