"""A float with an error bound is a float, and its interval holds what it says."""

import copy
import json
import math
import pickle
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundcheck import Enclosed
from boundcheck.errors import InvalidValueError

values = st.floats(allow_nan=False, allow_infinity=False)
errors = st.floats(0, allow_nan=False, allow_infinity=False)


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
