"""A float with an error bound is a float, and its interval holds what it says."""

import copy
import json
import math
import pickle
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundcheck import Enclosed
from boundcheck.errors import InvalidValueError
from boundcheck.evaluate.enclosed import (
    further_out,
    outward,
    outward_arrays,
    quotient,
    ratio_ends,
    root_of_square,
    rounded_up,
)
from boundcheck.scanning import distribution

T = 2.0**-1074
LARGEST = 1.7976931348623157e308
# One of every kind: zeros, subnormals, the least normal numbers, around 1, near the largest.
kinds = st.sampled_from([0.0, T, 2 * T, 2.0**-1023, 2.0**-1022, 1.0, 2.0**53, 1.7e308, LARGEST])
subnormal = st.integers(0, 300).map(lambda count: count * T)
errors = st.one_of(st.floats(0, allow_nan=False, allow_infinity=False), kinds, subnormal)
values = st.one_of(st.floats(allow_nan=False, allow_infinity=False), errors, errors.map(lambda value: -value))
any_value = st.one_of(values, st.sampled_from([math.nan, math.inf, -math.inf]))
any_error = st.one_of(errors, st.sampled_from([math.nan, math.inf]))


def test_it_is_a_float():
    number = Enclosed(1.5, 1e-9)
    assert isinstance(number, float)
    assert number == 1.5
    assert hash(number) == hash(1.5)
    assert number + 1 == 2.5
    assert type(number + 1) is float
    assert -number == -1.5
    assert math.sqrt(Enclosed(4.0)) == 2
    assert sorted([Enclosed(2.0, 1.0), Enclosed(1.0, 5.0)]) == [1, 2]
    assert f"{number:.3f}" == "1.500"
    assert json.dumps(number) == "1.5"
    assert number
    assert not Enclosed(0.0, 1.0)


def test_the_error_is_0_by_default():
    number = Enclosed(0.1)
    assert number.error == 0
    assert number.lower == number.upper == 0.1
    assert type(number.lower) is float


@given(values, errors)
def test_the_interval_holds_every_value_within_the_error(value, error):
    number = Enclosed(value, error)
    for end, sign in ((number.lower, -1), (number.upper, 1)):
        exact = Fraction(value) + sign * Fraction(error)
        assert math.isinf(end) or sign * Fraction(end) >= sign * exact
    # And no more than that by a few units in the last place.
    if error and abs(value) < 1e300 and error < 1e300:
        width = Fraction(number.upper) - Fraction(number.lower)
        assert width <= 2 * Fraction(error) + 4 * Fraction(math.ulp(abs(value) + error))


def test_an_error_far_below_the_last_digit_still_widens():
    number = Enclosed(1.0, 1e-300)
    assert number.lower < 1 < number.upper


@pytest.mark.parametrize("number", [Enclosed(float("nan")), Enclosed(1.0, float("nan")), Enclosed(math.inf, math.inf)])
def test_what_is_unknown_may_be_anything(number):
    assert number.error == math.inf
    assert (number.lower, number.upper) == (-math.inf, math.inf)


@pytest.mark.parametrize("error", [-1.0, -5e-324, -math.inf])
def test_an_error_below_0_is_refused(error):
    with pytest.raises(InvalidValueError, match="error: expected a number in"):
        Enclosed(1.0, error)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda number: pickle.loads(pickle.dumps(number))])
def test_copies_keep_the_error(duplicate):
    again = duplicate(Enclosed(0.1, 1e-17))
    assert type(again) is Enclosed
    assert (float(again), again.error) == (0.1, 1e-17)


def above(end, exact):
    return end == math.inf or (end != -math.inf and Fraction(end) >= exact)


def below(end, exact):
    return above(-end, -exact)


@given(any_value, any_error)
def test_ends_by_one_rule_whatever_the_number(value, error):
    low, high = outward(value, error)
    assert type(low) is type(high) is float
    if math.isnan(value) or math.isnan(error) or math.isinf(error) or (math.isinf(value) and error):
        assert (low, high) == (-math.inf, math.inf)
    elif not error:
        assert low == high == value
    else:
        assert below(low, Fraction(value) - Fraction(error))
        assert above(high, Fraction(value) + Fraction(error))
        # No farther out than two floats.
        for end, exact in ((low, value - error), (high, value + error)):
            assert abs(end) == math.inf or abs(end - exact) <= 2 * math.ulp(exact)
    # The other forms of the rule.
    lows, highs = outward_arrays(np.array([value]), np.array([error]))
    assert (lows[0], highs[0]) == (low, high)
    assert distribution._ends_of(value, error) == (low, high)
    if not math.isnan(error):
        number = Enclosed(value, error)
        assert (number.lower, number.upper) == (low, high)


def test_ends_are_outside_and_infinite_where_nothing_is_known():
    value = np.array([1.0, 1.0, np.nan, np.inf, np.inf, 1.0, 1.0, -np.inf, np.nan])
    error = np.array([0.0, 2.0**-60, 0.5, 0.0, 1.0, np.inf, np.nan, 0.0, 0.0])
    low, high = outward_arrays(value, error)
    np.testing.assert_array_equal(low[[0, 3, 7]], value[[0, 3, 7]])
    np.testing.assert_array_equal(high[[0, 3, 7]], value[[0, 3, 7]])
    assert low[1] < 1 < high[1]
    assert (low[[2, 4, 5, 6, 8]] == -np.inf).all()
    assert (high[[2, 4, 5, 6, 8]] == np.inf).all()


sides = st.builds(Enclosed, values, errors)


@given(sides, sides, st.floats(-1, 1), st.floats(-1, 1))
def test_a_quotient_holds_every_quotient_of_what_its_sides_may_be(lhs, rhs, up, across):
    found = quotient(lhs, rhs)
    if found is None:
        assert not any((lhs, lhs.error, rhs, rhs.error))
        return
    if math.isinf(found.error):
        return
    bottom = Fraction(rhs) + Fraction(rhs.error) * Fraction(across)
    top = Fraction(lhs) + Fraction(lhs.error) * Fraction(up)
    if math.isinf(found):
        assert not rhs
        assert not rhs.error
        assert (top > 0) == (found > 0)
        return
    assert abs(Fraction(found) - top / bottom) <= Fraction(found.error)


@pytest.mark.parametrize("over", [100, 101, 102])
def test_the_quotient_of_subnormal_sides_is_within_its_error(over):
    found = quotient(Enclosed(30 * T, 0.0), Enclosed(101 * T, T))
    assert abs(Fraction(found) - Fraction(30, over)) <= Fraction(found.error)
    assert found.error < 0.01


@pytest.mark.parametrize(
    ("lhs", "rhs", "value", "error"),
    [
        (Enclosed(0.0), Enclosed(0.0), None, None),
        (Enclosed(1.0), Enclosed(0.0), math.inf, 0.0),
        (Enclosed(-1.0), Enclosed(0.0), -math.inf, 0.0),
        (Enclosed(1.0, 2.0), Enclosed(0.0), math.inf, math.inf),
        (Enclosed(0.0, 1.0), Enclosed(0.0, 1.0), math.nan, math.inf),
        (Enclosed(0.0), Enclosed(0.0, T), math.nan, math.inf),
        (Enclosed(1.0), Enclosed(T, T), math.inf, math.inf),
        (Enclosed(LARGEST), Enclosed(0.5), math.inf, math.inf),
        (Enclosed(math.inf, math.inf), Enclosed(1.0), math.inf, math.inf),
        (Enclosed(1.0), Enclosed(math.inf), 0.0, math.inf),
        (Enclosed(1.0), Enclosed(4.0), 0.25, 0.0),
    ],
)
def test_quotients_at_the_edges(lhs, rhs, value, error):
    found = quotient(lhs, rhs)
    if value is None:
        assert found is None
    else:
        assert (repr(float(found)), found.error) == (repr(value), error)


@given(st.fractions())
def test_a_rational_is_rounded_up_by_less_than_a_float(exact):
    found = rounded_up(exact)
    assert Fraction(found) >= exact > Fraction(math.nextafter(found, -math.inf))


def test_rationals_beyond_the_floats_are_rounded_up():
    assert rounded_up(Fraction(10) ** 400) == math.inf
    assert rounded_up(-(Fraction(10) ** 400)) == -LARGEST
    assert rounded_up(Fraction(1, 10**400)) == T


@given(sides, sides, st.floats(-1, 1), st.floats(-1, 1))
def test_the_ends_of_quotients_hold_them(top, bottom, up, across):
    low, high = ratio_ends((top.lower, top.upper), (bottom.lower, bottom.upper))
    over = Fraction(bottom) + Fraction(bottom.error) * Fraction(across)
    if over <= 0:
        return
    exact = (Fraction(top) + Fraction(top.error) * Fraction(up)) / over
    assert below(low, exact)
    assert above(high, exact)
    both = ratio_ends(
        (np.array([top.lower]), np.array([top.upper])), (np.array([bottom.lower]), np.array([bottom.upper]))
    )
    assert (both[0][0], both[1][0]) == (low, high)


def test_ends_of_quotients_that_say_nothing():
    assert ratio_ends((1.0, 2.0), (0.0, 4.0)) == (math.nextafter(0.25, 0), math.inf)
    for top, bottom in [((1.0, 2.0), (-1.0, 1.0)), ((math.nan, 1.0), (1.0, 2.0)), ((0.0, 0.0), (0.0, 0.0))]:
        assert ratio_ends(top, bottom) == (-math.inf, math.inf)


@given(values, errors, st.floats(-1, 1))
def test_roots_hold_the_root_of_every_number_that_a_square_may_be(value, error, up):
    found = root_of_square(Enclosed(value, error))
    if math.isinf(found.error) or math.isnan(found.error):
        return
    square = max(Fraction(0), Fraction(value) + Fraction(error) * Fraction(up))
    low, high = (max(Fraction(0), Fraction(found) + sign * Fraction(found.error)) for sign in (-1, 1))
    assert low**2 <= square <= high**2


def test_roots_at_the_edges():
    assert root_of_square(Enclosed(4.0)) == 2
    assert root_of_square(Enclosed(4.0)).error < 1e-15
    below = root_of_square(Enclosed(-4.0, 1.0))
    assert (float(below), below.error) == (0, 0)
    assert math.isinf(root_of_square(Enclosed(1.0, math.inf)).error)
    assert math.isinf(root_of_square(Enclosed(math.inf, math.inf)).error)


def test_ends_rounded_once_go_one_float_out():
    assert further_out(0.0, 1.0) == (-T, math.nextafter(1, 2))


def test_its_repr_makes_it_again():
    assert repr(Enclosed(0.1, 1e-17)) == "Enclosed(0.1, error=1e-17)"
    again = eval(repr(Enclosed(1e300, 5e-324)), {"Enclosed": Enclosed})
    assert (float(again), again.error) == (1e300, 5e-324)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (Enclosed(1.0, 4.4e-15), "1 ± 5e-15"),
        (Enclosed(734.82, 4.4e-13), "734.82… ± 5e-13"),
        (Enclosed(0.5), "0.5 (exact)"),
        (Enclosed(2.0, 2e-15), "2 ± 3e-15"),
        (Enclosed(0.1, 1e-16), "0.1… ± 1e-16"),
        (Enclosed(-2.5, 1.0), "-2.5 ± 1e+0"),
        (Enclosed(math.inf, math.inf), "inf ± inf"),
        (Enclosed(math.nan), "nan ± inf"),
        (Enclosed(1e-320, 1e-308), "0 ± 2e-308"),
    ],
)
def test_it_prints_with_its_error(number, text):
    assert str(number) == text
    assert f"{number}" == text
