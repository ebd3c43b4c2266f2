"""Numbers as a reader sees them: decimals that say no more than what is known.

Ends of what is known are rounded outwards, error bounds upwards, and digits that are not certain are not shown. Every
table, report and page writes its numbers through here.
"""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_UP, Decimal, localcontext

__all__ = [
    "at_most",
    "between",
    "concise",
    "ends_in_per_cent",
    "exactly",
    "fixed_ends",
    "per_cent",
    "significant_ends",
    "upwards",
    "with_error",
]

# Ends closer to 0 than this are shown as it, or as 0.
_TINY = 1e-30
# Digits enough for any float64 and any product of one with a power of ten.
_EVERY_DIGIT = 1200


def with_error(value: float, error: float) -> str:
    """Return a number and a bound on its error: six digits, cut and not rounded, and one, rounded up.

    Examples
    --------
    >>> with_error(0.1, 1.5e-17), with_error(2 / 3, 0.0), with_error(0.25, 0.5)
    ('0.1… ± 2e-17', '0.666666… (exact)', '0 ± 8e-1')
    """
    if not math.isfinite(value) or not math.isfinite(error):
        return exactly(value) if error == 0 and not math.isnan(value) else f"{value:.6g} ± {error:.0e}"
    if not error:
        return exactly(value)
    if error >= abs(value):
        # Not one digit is certain.
        with localcontext(prec=_EVERY_DIGIT):
            reach = Decimal(error) + abs(Decimal(value))
        return f"0 ± {upwards(reach)}"
    return f"{_first_digits(value)} ± {upwards(error)}"


def exactly(value: float) -> str:
    """Return a number that is known exactly: its first six digits, with … where more follow."""
    return f"{_first_digits(value) if math.isfinite(value) else f'{value:g}'} (exact)"


def upwards(error: float | Decimal) -> str:
    """Return an error bound to one digit, rounded up.

    Examples
    --------
    >>> upwards(7.1e-13), upwards(0.0)
    ('8e-13', '0')
    """
    if not error or not math.isfinite(error):
        return f"{error:g}"
    with localcontext(prec=1, rounding=ROUND_UP):
        return f"{+Decimal(error):.0e}"


def between(ends: tuple[float, float]) -> str:
    """Return an enclosure in decimals, rounded outwards to about what is known of it."""
    low, high = ends
    if math.isnan(low) or math.isnan(high) or (low == -math.inf and high == math.inf):
        return "not known"
    if low == high:
        return "∞ (exact)" if low == math.inf else "−∞ (exact)" if low == -math.inf else _minus(exactly(low))
    if math.isinf(low):
        return f"at most {_rounded(high, high, ROUND_CEILING)}"
    if math.isinf(high):
        return f"at least {_rounded(low, low, ROUND_FLOOR)}"
    size = max(abs(low), abs(high))
    if size < _TINY:
        # The bin of 0 ends at the least of the normal numbers: such an end says no more than this.
        return f"{'0' if low >= 0 else f'−{_TINY:g}'} to {'0' if high <= 0 else f'{_TINY:g}'}"
    # A digit of the width's size, but at most six of the number's.
    last = max(math.floor(math.log10(high - low)) if high - low > 0 else -400, math.floor(math.log10(size)) - 5)
    return f"{_rounded(low, last, ROUND_FLOOR)} to {_rounded(high, last, ROUND_CEILING)}"


def at_most(value: float) -> str:
    """Return six digits of a number, rounded up."""
    return _rounded(value, value, ROUND_CEILING)


def significant_ends(low: float, high: float, digits: int) -> tuple[str, str]:
    """Return two ends with so many digits each, rounded outwards; infinities have their names.

    Examples
    --------
    >>> significant_ends(0.123456, 0.123456, 4)
    ('0.1234', '0.1235')
    """
    return _significant(low, digits, ROUND_FLOOR), _significant(high, digits, ROUND_CEILING)


def fixed_ends(low: float, high: float, places: int) -> tuple[str, str]:
    """Return two ends with so many places after the point, rounded outwards; infinities have their names.

    Examples
    --------
    >>> fixed_ends(0.123456, 0.123456, 3), fixed_ends(-1e-9, 0.5, 3)
    (('0.123', '0.124'), ('-0.001', '0.500'))
    """
    return _fixed(low, places, ROUND_FLOOR), _fixed(high, places, ROUND_CEILING)


def ends_in_per_cent(low: float, high: float) -> tuple[str, str]:
    """Return two ends of a share in per cent to one place, rounded outwards.

    Examples
    --------
    >>> ends_in_per_cent(0.12345, 0.12345)
    ('12.3%', '12.4%')
    """
    ends = (_fixed(end, 1, rounding, 2) for end, rounding in ((low, ROUND_FLOOR), (high, ROUND_CEILING)))
    first, last = (f"{end}%" for end in ends)
    return first, last


def concise(low: float, high: float, digits: int = 4) -> str:
    """Return an enclosure as physicists write it: ``0.1218(3)`` is known to within 3 of the last place.

    Without brackets it is known to within one of the last place, and exactly where it is no more than what is written. What
    is between the ends is within what is written.

    Parameters
    ----------
    low, high
        The ends.
    digits
        How many significant digits at most.

    Examples
    --------
    >>> concise(0.12158, 0.12195), concise(2.0, 2.0), concise(0.619427, 0.6194271), concise(41.2, 47.9)
    ('0.1218(3)', '2', '0.6194', '45(4)')
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        return "—" if math.isnan(low) or math.isnan(high) else f"{low:g} to {high:g}".replace("-", "−")
    with localcontext(prec=_EVERY_DIGIT):
        first, last = Decimal(low), Decimal(high)
        middle, half = (first + last) / 2, (last - first) / 2
        size = max(abs(first), abs(last))
        if not size:
            return "0"
        # Whole numbers have all of their digits.
        place = min(0, size.adjusted() - digits + 1)
        if half:
            place = max(place, half.adjusted())
        while True:
            unit = Decimal(1).scaleb(place)
            shown = (middle / unit).to_integral_value(ROUND_HALF_EVEN) * unit
            off = ((half + abs(middle - shown)) / unit).to_integral_value(ROUND_CEILING)
            if off < 10:
                break
            place += 1
        if not half and not off:
            return _minus(f"{shown.normalize():f}")
        text = _minus(f"{shown:.{max(0, -place)}f}")
        return text if off <= 1 and place <= 0 else f"{text}({off if place <= 0 else f'{off * unit:f}'})"


def per_cent(part: int, whole: int) -> str:
    """Return a share in per cent, which says 0% and 100% only where it is."""
    if not whole:
        return "—"
    if part in (0, whole):
        return "0%" if part == 0 else "100%"
    if part * 1000 < whole:
        return "below 0.1%"
    if (whole - part) * 1000 < whole:
        return "above 99.9%"
    return f"{100 * part / whole:.1f}%"


def _fixed(value: float, places: int, rounding: str, shift: int = 0) -> str:
    if not math.isfinite(value):
        return f"{value:g}"
    with localcontext(prec=_EVERY_DIGIT):
        found = Decimal(value).scaleb(shift).quantize(Decimal(1).scaleb(-places), rounding=rounding)
    # No −0.
    return f"{found if found else found.copy_abs():f}"


def _significant(value: float, digits: int, rounding: str) -> str:
    if not math.isfinite(value):
        return f"{value:g}"
    with localcontext(prec=digits, rounding=rounding):
        found = +Decimal(value)
    text = f"{float(found):.{digits}g}"
    # Near the ends of what floats hold, it is another number as one.
    return text if Decimal(text) == found else str(found)


def _rounded(value: float, last: float, rounding: str) -> str:
    place = last if isinstance(last, int) else (math.floor(math.log10(abs(value))) - 5 if value else 0)
    with localcontext(prec=1000):
        found = Decimal(value).quantize(Decimal(1).scaleb(place), rounding=rounding)
    if found == 0:
        return "0"
    small = -7 < found.adjusted() < 9
    return _minus(f"{found:f}" if small else f"{found:.{max(0, found.adjusted() - place)}e}")


def _minus(text: str) -> str:
    return text.replace("-", "−", 1) if text.startswith("-") else text


def _first_digits(value: float) -> str:
    """Return the first six significant digits, cut and not rounded, with … where more follow."""
    exact = Decimal(value)
    with localcontext(prec=6, rounding=ROUND_DOWN):
        cut = +exact
    text = f"{float(cut):.6g}"
    return text if cut == exact else f"{text}…"
