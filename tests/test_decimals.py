"""Decimals say no more than what is known: ends outwards, error bounds upwards."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundcheck.decimals import ends_in_per_cent, exactly, fixed_ends, significant_ends, with_error

finite = st.floats(allow_nan=False, allow_infinity=False)
shares = st.floats(0, 1)


@given(finite, st.integers(1, 8))
def test_significant_ends_enclose(value, digits):
    low, high = significant_ends(value, value, digits)
    assert Fraction(low) <= Fraction(value) <= Fraction(high)
    assert Fraction(high) - Fraction(low) <= Fraction(10) ** (1 - digits) * abs(Fraction(value)) or abs(value) < 1e-300


@given(finite, st.integers(0, 8))
def test_fixed_ends_enclose(value, places):
    low, high = fixed_ends(value, value, places)
    assert Fraction(low) <= Fraction(value) <= Fraction(high)
    assert Fraction(high) - Fraction(low) <= Fraction(1, 10**places)
    assert low.rstrip("0").rstrip(".") != "-0"


@given(shares)
def test_ends_in_per_cent_enclose(share):
    low, high = (Fraction(end.removesuffix("%")) / 100 for end in ends_in_per_cent(share, share))
    assert low <= Fraction(share) <= high <= low + Fraction(1, 1000)


@given(finite, st.floats(0, 1e300))
def test_a_number_shown_with_its_error_holds_what_it_may_be(value, error):
    shown = with_error(value, error)
    if "±" not in shown:
        return
    number, _, bound = shown.partition(" ± ")
    cut = Fraction(number.removesuffix("…"))
    assert Fraction(bound) >= Fraction(error)
    if number == "0":
        assert Fraction(bound) >= abs(Fraction(value)) + Fraction(error)
    else:
        # Cut toward 0, with … where more follows.
        assert abs(cut) <= abs(Fraction(value))
        assert (cut == Fraction(value)) == (not number.endswith("…"))


def test_a_reach_just_above_a_digit_is_rounded_up():
    # As floats the sum is 0.5 and no more.
    assert with_error(2.0**-54, 0.5) == "0 ± 6e-1"


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (exactly(0.0), "0 (exact)"),
        (exactly(-0.0), "0 (exact)"),
        (exactly(math.inf), "inf (exact)"),
        (with_error(-math.inf, 0.0), "-inf (exact)"),
        (with_error(math.nan, math.inf), "nan ± inf"),
        (with_error(1.0, math.inf), "1 ± inf"),
        (" ".join(fixed_ends(-math.inf, math.inf, 3)), "-inf inf"),
        (" ".join(fixed_ends(-1e-12, 1e-12, 3)), "-0.001 0.001"),
        (" ".join(fixed_ends(-0.0, 0.0, 1)), "0.0 0.0"),
        (" ".join(significant_ends(-math.inf, math.inf, 3)), "-inf inf"),
        (" ".join(significant_ends(0.99999, 0.99999, 3)), "0.999 1"),
    ],
)
def test_edges(shown, text):
    assert shown == text
