"""Errors of functions in float64 against balls, on adversarial arguments: no enclosure may miss the exact value."""

import math
from fractions import Fraction
from math import inf, nan, nextafter

import numpy as np
import pytest
import torch
from flint import arb, ctx, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from boundcheck.evaluate import rounding
from boundcheck.evaluate.readers.numeric import Named, NumericReader
from boundcheck.language import FUNCTIONS, Applied, Function, Parameter, m, x

TINY, NORMAL, HUGE = 2.0**-1074, 2.0**-1022, 1.7976931348623157e308


def tensor(value):
    return torch.tensor(value, dtype=torch.float64)


def near(value, steps=3):
    """Return a float and those next to it."""
    found, low, high = [value], value, value
    for _ in range(steps):
        low, high = nextafter(low, -inf), nextafter(high, inf)
        found += [low, high]
    return found


def adversarial(function):
    random = np.random.default_rng(0)
    sizes = [
        TINY,
        3 * TINY,
        NORMAL,
        nextafter(NORMAL, 0),
        2.0**-54,
        2.0**-53,
        2.0**-27,
        1e-8,
        0.5,
        1.0,
        2.0,
        math.e,
        HUGE,
    ]
    sizes += [
        709.782712893384,
        708.3964185322641,
        745.1332191019411,
        744.4400719213812,
        36.7368,
        37.5,
        1e15,
        2.0**53,
        1e22,
    ]
    # Where sines are as small as those of floats get (Muller, Elementary Functions, 2016), and near zeros of the logarithm.
    sizes += [math.pi, math.pi / 2, 3 * math.pi / 2, 6381956970095103 * 2.0**797, 1e300, 355.0, 710.0, 103993.0]
    found = [0.0, *(one for size in sizes for sign in (1, -1) for one in near(sign * size))]
    found += list(random.uniform(-800, 800, 3000)) + list(random.uniform(-1.5, 1.5, 3000))
    found += list(random.choice([-1, 1], 3000) * 2.0 ** random.uniform(-1074, 1023.9, 3000))
    found += list(1 + random.choice([-1, 1], 1000) * 2.0 ** random.uniform(-53, -1, 1000))
    low, high = function.domain
    return [one for one in found if low <= one <= high and math.isfinite(one)]


def ball_of(function, value, bits=1400):
    with ctx.workprec(bits):
        return function.ball(arb(value))


def off(function, argument, value):
    """Return how far a float is from the function's value, rounded up; None where that is not finite."""
    with ctx.workprec(1400):
        # The largest floats are so many multiples of π.
        ball = function.ball(arb(argument))
        return abs(ball - arb(value)).upper() if ball.is_finite() else None


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("way", ["a long array", "one by one", "every third"])
def test_values_are_within_the_ulps_declared(name, way):
    function = FUNCTIONS[name]
    arguments = adversarial(function)
    given = tensor(arguments)
    if way == "one by one":
        # What vector instructions leave over goes another way.
        arguments = arguments[:300]
        values = [float(function.value(tensor([one]))) for one in arguments]
    elif way == "every third":
        arguments, values = arguments[::3], function.value(given[::3]).tolist()
    else:
        values = function.value(given).tolist()
    for argument, value in zip(arguments, values, strict=True):
        if not math.isfinite(value):
            # Beyond the largest float, or at an end that is not part of the domain.
            ball = ball_of(function, argument)
            assert not ball.is_finite() or ball > HUGE
            continue
        apart = off(function, argument, value)
        assert apart is not None, (argument, value)
        assert apart <= function.ulps * (abs(value) * 2.0**-52 + TINY), (argument, value)


def enclosed(function, base, error):
    return rounding.function(
        function.value,
        tensor(base),
        tensor(error),
        ulps=function.ulps,
        monotone=function.monotone is not None,
        lipschitz=None if function.lipschitz is None else float(function.lipschitz),
        domain=function.domain,
        bounds=function.bounds,
    )


@pytest.mark.parametrize("name", FUNCTIONS)
@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_the_exact_value_is_within_the_error(name, data):
    function = FUNCTIONS[name]
    base = data.draw(
        st.one_of(st.floats(-2, 2), st.floats(-800, 800), st.floats(allow_nan=False, allow_infinity=False))
    )
    error = data.draw(st.one_of(st.just(0.0), st.floats(0, 1e-6), st.floats(0, 10), st.floats(0, HUGE)))
    share = data.draw(st.fractions(-1, 1))
    argument = Fraction(base) + share * Fraction(error)
    value, bound = (float(part) for part in enclosed(function, [base], [error]))
    if bound == inf:
        return
    assert math.isfinite(value)
    assert bound >= 0
    low, high = function.domain
    if not low <= argument <= high:
        # It means nothing there.
        return
    with ctx.workprec(2400):
        exact = function.ball(arb(fmpq(argument.numerator, argument.denominator)))
        assert abs(exact - arb(value)).upper() <= arb(bound), (base, error, argument)


@pytest.mark.parametrize(
    ("name", "base", "error"),
    [
        ("exp", 709.79, 0.0),
        ("exp", 700.0, 20.0),
        ("exp", inf, 0.0),
        ("exp", nan, 0.0),
        ("exp", 1.0, inf),
        ("exp", 1.0, nan),
        ("log", 0.0, 0.0),
        ("log", -1.0, 0.0),
        ("log", 1e-300, 1e-299),
        ("log", -1e-300, 1e-299),
        ("log", 1.0, 1.0),
        ("arccos", 1.1, 0.0),
        ("arccos", nextafter(1.0, 2.0), 0.0),
        ("sin", inf, 0.0),
        ("cos", 1.0, inf),
        ("softplus", inf, 0.0),
        ("abs", nan, 0.0),
    ],
)
def test_where_nothing_is_known_the_error_is_infinite(name, base, error):
    assert float(enclosed(FUNCTIONS[name], [base], [error])[1]) == inf


def test_enclosures_are_no_wider_than_they_have_to_be():
    for name, base, error, most in [
        ("exp", 1.0, 0.0, 1e-14),
        ("exp", 1.0, 1e-10, 3e-10),
        ("exp", -800.0, 0.0, 1e-300),
        ("log", 1.0, 0.0, 1e-300),
        ("log", 2.0, 1e-10, 6e-11),
        ("softplus", -50.0, 1e-3, 1e-24),
        ("softplus", 700.0, 1e-3, 1.1e-3),
        ("abs", -3.0, 0.0, 0.0),
        ("abs", -3.0, 1e-3, 1.1e-3),
        ("sin", 1e300, 1e290, 3.0),
        ("cos", 1.0, 1e-3, 1.1e-3),
        ("arccos", 1.0, 1e-12, 2e-6),
        # Beyond the domain by rounding alone.
        ("arccos", nextafter(1.0, 2.0), 1e-15, 1e-7),
        ("arccos", 0.5, 0.0, 2e-14),
    ]:
        value, bound = (float(part) for part in enclosed(FUNCTIONS[name], [base], [error]))
        assert math.isfinite(value)
        assert bound <= most, (name, base, error)
    # One for all of an array, and each by itself.
    value, bound = enclosed(FUNCTIONS["exp"], [0.0, 1.0, 800.0], [0.0, 1e-3, 0.0])
    assert value.tolist()[:2] == [1.0, pytest.approx(math.e)]
    assert bound.isinf().tolist() == [False, False, True]


def test_of_a_function_of_which_little_is_declared_little_is_known():
    nothing = Function("f", lambda t: t * t, ulps=1)
    assert float(enclosed(nothing, [3.0], [0.0])[1]) <= 1e-13
    assert float(enclosed(nothing, [3.0], [1e-9])[1]) == inf
    lipschitz = Function("f", lambda t: t.tanh(), ulps=4, lipschitz=Fraction(1), bounds=(-1.0, 1.0))
    assert float(enclosed(lipschitz, [0.5], [1e-9])[1]) <= 2e-9
    # Never more than its bounds leave.
    assert float(enclosed(lipschitz, [0.5], [1e9])[1]) <= 1.5


# ---------------------------------------------------------------------------------------------------- log-sum-exp


def log_sum_exp(values):
    with ctx.workprec(400):
        most = max(values)
        rational = [fmpq(value.numerator, value.denominator) for value in values]
        shifted = [arb(value - fmpq(most.numerator, most.denominator)).exp() for value in rational]
        return sum(shifted, arb(0)).log() + arb(fmpq(most.numerator, most.denominator))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.one_of(st.floats(-1, 1), st.floats(-1e3, 1e3), st.floats(-1e308, 1e308), st.just(0.0)),
            st.one_of(st.just(0.0), st.floats(0, 1)),
            st.fractions(-1, 1),
        ),
        min_size=1,
        max_size=40,
    )
)
def test_a_log_sum_exp_is_within_its_error(given):
    values, errors, _ = zip(*given, strict=True)
    found = tensor(values).logsumexp(dim=0)
    bound = rounding.log_sum_exp(found, tensor(errors).amax(), len(values))
    moved = [Fraction(v) + s * Fraction(e) for v, e, s in given]
    with ctx.workprec(400):
        assert abs(log_sum_exp(moved) - arb(float(found))).upper() <= arb(float(bound))
    assert float(bound) <= max(errors) * (1 + 1e-5) + 1e-12 * (1 + abs(float(found)))


def test_a_log_sum_exp_of_many_alike_and_of_extremes():
    for values in (
        [0.1] * 5000,
        [-1e300] * 3,
        [1e300, -1e300],
        [0.0, *([-36.0] * 3000)],
        [-745.0, -745.5],
        [5e-324] * 7,
    ):
        found = tensor(values).logsumexp(dim=0)
        bound = rounding.log_sum_exp(found, tensor(0.0), len(values))
        with ctx.workprec(400):
            assert abs(log_sum_exp(list(map(Fraction, values))) - arb(float(found))).upper() <= arb(float(bound))
        assert float(bound) <= 2e-12 * (1 + abs(float(found)))
    for value in (inf, nan):
        assert float(rounding.log_sum_exp(tensor(value), tensor(0.0), 2)) == inf


# ---------------------------------------------------------------------------------------------------- in the reader


def reader(points, errors=True, **given):
    made = {key: Named(tensor([value]), tensor([0.0]) if errors else None, ()) for key, value in given.items()}
    return NumericReader({x: points}, 2.0, parameters={Parameter(key): one for key, one in made.items()}, errors=errors)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradients_are_those_of_finite_differences(name):
    function = FUNCTIONS[name]
    for at in (0.3, -0.7) if name != "log" else (0.3, 5.0):
        points = tensor([[[at]]]).requires_grad_()
        made = NumericReader({x: points.detach()}, 2.0, parameters={m: Named(points[:, 0, 0], None, ())})
        (slope,) = torch.autograd.grad(made.scalar(Applied(function, m)).value.sum(), points)
        with ctx.workprec(256):
            step = fmpq(1, 10**20)
            rational = fmpq(*at.as_integer_ratio())
            exact = (function.ball(arb(rational + step)) - function.ball(arb(rational - step))) / arb(2 * step)
        assert float(slope) == pytest.approx(float(exact.mid()), rel=1e-10)


def test_a_gradient_of_ones_own_takes_the_place_of_an_infinite_one():
    points = tensor([[[1.0]]]).requires_grad_()
    made = NumericReader({x: points.detach()}, 2.0, parameters={m: Named(points[:, 0, 0], None, ())})
    (slope,) = torch.autograd.grad(made.scalar(FUNCTIONS["arccos"](m)).value.sum(), points)
    assert math.isfinite(slope)
    assert slope < -1e6


def test_values_are_the_same_with_and_without_errors():
    points = tensor([[[1.0]]])
    for function in FUNCTIONS.values():
        for at in (0.25, 1.0):
            values = [float(reader(points, errors, m=at).scalar(function(m)).value) for errors in (True, False)]
            assert values[0] == values[1]
