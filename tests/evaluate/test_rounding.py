"""Error bounds against exact arithmetic, on operands chosen so that every rounding goes the same way."""

import inspect
import re
from fractions import Fraction
from math import inf, nextafter

import numpy as np
import pytest
import torch
from flint import arb, ctx, fmpq
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from boundcheck.evaluate import rounding
from boundcheck.evaluate.rounding import U, gamma, inflate, nearest, norm_of_exact, norm_of_inexact, power, product
from boundcheck.formal import prover
from boundcheck.formal.sources import sources, without_comments
from boundcheck.kernels import cpu, direct, rows, tiles

moderate = st.floats(-1e100, 1e100)
sizes = st.floats(0, 1e100)


def tensor(value):
    return torch.tensor(value, dtype=torch.float64)


def exactly(value):
    return Fraction(float(value))


# ---------------------------------------------------------------------------------------------------- the ingredients


@pytest.mark.parametrize("count", [0, 1, 2, 10, 1000, 10**6, 2**40])
def test_gamma(count):
    # Rounded once, whatever the three operations are.
    assert gamma(count) == float(count * Fraction(1, 2**53) / (1 - count * Fraction(1, 2**53)))


def test_gamma_without_limit():
    assert gamma(2**52) == inf
    assert gamma(2**60) == inf


@given(st.floats(0, 1e300))
def test_inflating_makes_larger_by_little(error):
    inflated = float(inflate(tensor(error)))
    assert inflated > error
    assert inflated <= error * (1 + 1e-5) + 1e-307


@given(st.fractions())
def test_the_nearest_float(value):
    assert nearest(value) == float(value)


def test_the_nearest_float_of_what_has_none():
    assert nearest(Fraction(10) ** 400) == inf
    assert nearest(-(Fraction(10) ** 400)) == -inf
    assert nearest(Fraction(1, 10**400)) == 0


# --------------------------------------------------------------------------------------------------------------- sums


@pytest.mark.parametrize("count", [2, 10, 1000, 100_000])
def test_a_sum_whose_every_rounding_goes_down(count):
    # 1 + U rounds to 1, however often U is added.
    computed, exact = 1.0, 1 + (count - 1) * Fraction(U)
    for _ in range(count - 1):
        computed += U
    off = abs(Fraction(computed) - exact)
    assert off == (count - 1) * Fraction(U)
    assert off <= exactly(rounding.total(tensor(float(exact)), count))


@pytest.mark.parametrize("count", [2, 10, 1000])
def test_a_mean_is_covered_by_its_magnitudes(count):
    computed, exact = 1.0, 1 + (count - 1) * Fraction(U)
    for _ in range(count - 1):
        computed += U
    off = abs(Fraction(computed / count) - exact / count)
    assert off <= exactly(rounding.total(tensor(float(exact) / count), count))


@pytest.mark.parametrize("p", [1.0, 1.5, 2.0, 3.0, 1000.0])
@pytest.mark.parametrize("dimension", [1, 2, 1000])
def test_a_norm_is_off_by_no_less_than_its_additions(dimension, p):
    # |1|^p and then U added d − 1 times, all lost; the root of order p divides the loss by p.
    lost = 1 - (1 + (dimension - 1) * U) ** (-1 / p)
    assert float(norm_of_exact(tensor(1.0), dimension, p)) >= lost + 2 * U


def test_squares_that_underflow_are_covered():
    # Each square is below the smallest number, and their sum is lost.
    coordinate, dimension = 1.4e-162, 4
    assert coordinate**2 == 0
    assert float(norm_of_exact(tensor(0.0), dimension, 2.0)) >= dimension**0.5 * coordinate


def test_general_norms_allow_for_two_powers():
    assert float(norm_of_exact(tensor(1.0), 1, 3.0)) >= 2 * rounding.POWER_ULPS * 2 * U
    assert float(norm_of_exact(tensor(1.0), 1, 2.0)) < 20 * U


@given(sizes, sizes, st.integers(1, 1000), st.sampled_from([1.0, 2.0, 3.0, inf]))
def test_a_norm_of_inexact_coordinates_is_off_by_their_errors_too(value, coordinates, dimension, p):
    bound = float(norm_of_inexact(tensor(value), tensor(coordinates), dimension, p))
    assert bound >= float(norm_of_exact(tensor(value), dimension, p))
    assert bound >= coordinates
    assert bound <= 1.001 * (float(norm_of_exact(tensor(value), dimension, p)) + coordinates) + 1e-150


@given(st.floats(-1e300, 1e300), sizes, st.integers(1, 10))
def test_rounding_once_more(value, carried, operations):
    bound = exactly(rounding.rounded(tensor(value), tensor(carried), operations))
    assert bound >= Fraction(carried) + operations * Fraction(U) * abs(Fraction(value))


# ------------------------------------------------------------------------------------------------- products and powers


@given(moderate, sizes, moderate, sizes, st.sampled_from([-1, 1]), st.sampled_from([-1, 1]))
def test_products_of_inexact_factors(a, a_error, b, b_error, a_sign, b_sign):
    # The worst that the exact factors can be: at the ends of their intervals.
    exact = (Fraction(a) + a_sign * Fraction(a_error)) * (Fraction(b) + b_sign * Fraction(b_error))
    bound = product(tensor(a), tensor(a_error), tensor(b), tensor(b_error))
    assert abs(Fraction(a * b) - exact) <= exactly(bound)


EXPONENTS = [
    Fraction(2),
    Fraction(3),
    Fraction(10),
    Fraction(-1),
    Fraction(-2),
    Fraction(-7),
    Fraction(1, 2),
    Fraction(-1, 2),
    Fraction(1, 3),
    Fraction(-2, 3),
    Fraction(199, 100),
    Fraction(1, 1000),
]


def exact_power(base, exponent):
    """Return a ball for a rational to a rational; None where there is none."""
    if exponent.denominator == 1:
        if not base and exponent < 0:
            return None
        value = base**exponent.numerator
        return arb(fmpq(value.numerator, value.denominator))
    if base < 0 or (not base and exponent < 0):
        return None
    if not base:
        return arb(0)
    return arb(fmpq(base.numerator, base.denominator)) ** arb(fmpq(exponent.numerator, exponent.denominator))


def encloses(value, error, exact):
    with ctx.workprec(400):
        return bool(abs(arb(value) - exact) <= arb(error))


@settings(max_examples=500)
@given(
    st.one_of(moderate, st.floats(-4, 4), st.sampled_from([0.0, 1.0, -1.0, 5e-324, 1e300, 1e-300, 1 + 2 * U])),
    st.one_of(sizes, st.floats(0, 1e-3), st.sampled_from([0.0, 5e-324, 1e-300])),
    st.sampled_from(EXPONENTS),
    st.sampled_from([Fraction(-1), Fraction(0), Fraction(1, 3), Fraction(1)]),
)
def test_powers_of_an_inexact_base(base, error, exponent, where):
    bound = float(power(tensor([base]), tensor([error]), exponent))
    value = float(tensor([base]) ** nearest(exponent))
    assume(bound < inf and value == value)
    with ctx.workprec(400):
        exact = exact_power(Fraction(base) + where * Fraction(error), exponent)
        if exact is None:
            # A root of what may be negative is only promised for bases that are not.
            assert exponent > 0
            return
        assert encloses(value, bound, exact)


@pytest.mark.parametrize("exponent", EXPONENTS, ids=str)
def test_powers_are_not_given_away(exponent):
    """The bound is of use: a few units in the last place for an exact base, and the derivative for an inexact one."""
    for base in (0.3, 1.0, 7.0):
        slope = abs(float(exponent)) * base ** (float(exponent) - 1)
        assert (
            float(power(tensor([base]), tensor([0.0]), exponent))
            <= 100 * U * (1 + base * slope) * base ** float(exponent) + 1e-300
        )
        assert float(power(tensor([base]), tensor([1e-9]), exponent)) <= 1.001e-9 * slope + 1e-13 * (
            1 + base ** float(exponent)
        )


def test_an_exponent_that_no_float_holds_counts():
    # 1/3 is off by 2⁻⁵⁴ or so, which the logarithm of the base multiplies.
    base = 1e300
    with ctx.workprec(400):
        exact = exact_power(Fraction(base), Fraction(1, 3))
    computed = base ** (1 / 3)
    assert not encloses(computed, 50 * U * computed, exact)
    assert encloses(computed, float(power(tensor([base]), tensor([0.0]), Fraction(1, 3))), exact)


@pytest.mark.parametrize(
    ("base", "error", "exponent"),
    [
        (0.0, 0.0, Fraction(-1)),
        (1.0, 1.0, Fraction(-1)),
        (1e-300, 1e-299, Fraction(-1, 2)),
        (-1.0, 0.5, Fraction(1, 2)),
        (-1.0, 0.0, Fraction(-1, 2)),
        (inf, 0.0, Fraction(-1, 2)),
        (inf, 0.0, Fraction(1, 2)),
        (1.0, inf, Fraction(2)),
        (1.0, inf, Fraction(-1)),
    ],
)
def test_where_a_power_may_not_be_defined_nothing_is_certain(base, error, exponent):
    assert not float(power(tensor([base]), tensor([error]), exponent)) < inf


def test_whole_powers_below_0_of_what_is_surely_negative():
    bound = float(power(tensor([-4.0]), tensor([1e-9]), Fraction(-1)))
    assert 1e-9 / 16 < bound < 1.01e-9 / 16


def test_a_root_of_what_is_negative_by_rounding_alone():
    # The exact base is in [0, 1e-16], so its root is in [0, 1e-8].
    assert 1e-8 <= float(power(tensor([0.0]), tensor([1e-16]), Fraction(1, 2))) <= 1.001e-8


def test_the_comparator_rejects_what_is_outside():
    with ctx.workprec(400):
        third = arb(fmpq(1, 3))
    assert encloses(1 / 3, U, third)
    assert not encloses(1 / 3, U / 16, third)
    assert not encloses(nextafter(1 / 3, 1), U / 4, third)
    assert not encloses(float("nan"), inf, third)


# ------------------------------------------------------------------------------------------------- what Coq says of it

PROOFS = prover.find_proofs()

THEOREMS = {
    f"{name}.{theorem}" for name, source in sources(PROOFS).items() for theorem in source.named("Theorem", "Corollary")
}
"""Those that ``boundcheck prove`` asks Coq about."""

NAMED = re.compile(r"``([A-Z]\w*\.[a-z]\w*)``")

FUNCTIONS = {
    name: function
    for name, function in vars(rounding).items()
    if inspect.isfunction(function) and function.__module__ == rounding.__name__
}


@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) - {"nearest", "power", "function", "log_sum_exp", "log_of_sum"}))
def test_every_function_names_its_theorems(name):
    assert NAMED.findall(FUNCTIONS[name].__doc__)


def test_every_theorem_named_is_one_that_is_checked():
    sources = {module: set(NAMED.findall(inspect.getsource(module))) for module in (rounding, rows, tiles, direct)}
    assert len(sources[rounding]) >= 20
    for module, named in sources.items():
        assert named, module
        assert named <= THEOREMS, module


def test_every_theorem_on_what_is_computed_is_named():
    assert {theorem for theorem in THEOREMS if theorem.startswith("Enclosures.")} <= set(
        NAMED.findall(inspect.getsource(rounding))
    )


def read_definitions(file, *names):
    """Return definitions of a Coq file as Python, on rationals that ``fl`` rounds."""
    text = without_comments((PROOFS / file).read_text(encoding="utf-8"))
    scope = {
        "fl": lambda value: Fraction(float(value)),
        "bpow": lambda exponent: Fraction(2) ** exponent,
        "abs": abs,
    }
    defined = re.findall(r"^Definition (\w+)((?: \([\w ]+ : (?:R|nat)\))*) : R :=\s*([^.]*)\.$", text, re.MULTILINE)
    found = {}
    for name, variables, body in (definition for definition in defined if definition[0] in names):
        expression = " ".join(re.sub(r"\bbpow radix2\b", "bpow", body).split())
        expression = re.sub(r"\bINR (\w+)", r"\1", expression)
        expression = re.sub(r"\bRabs (\w+)", r"abs(\1)", expression).replace("Rabs (", "abs(")
        expression = re.sub(r"\bgamma (\w+)", r"gamma(\1)", expression)
        expression = re.sub(r"\bnorm_of_exact (\w+) (\w+) (\w+)", r"norm_of_exact(\1, \2, \3)", expression)
        given = re.findall(r"\w+", re.sub(r": (?:R|nat)", "", variables))
        found[name] = scope[name] = eval(f"lambda {', '.join(given)}: {expression}" if given else expression, scope)
    assert set(found) == set(names)
    return found


PROVED = read_definitions(
    "Enclosures.v",
    *("U", "INFLATE", "TINY", "gamma", "inflate", "total", "product", "rounded", "norm_of_exact", "norm_of_inexact"),
)

safe = st.floats(-1e100, 1e100) | st.floats(-4, 4) | st.sampled_from([0.0, 5e-324, 1e-310, 1.0, 1 + 2 * U])
errors = st.floats(0, 1e100) | st.floats(0, 1e-3) | st.sampled_from([0.0, 5e-324, 1e-310, 1.0])
counts = st.integers(0, 10**6)


def same(computed, proved):
    return Fraction(float(computed)) == proved


def test_the_constants_are_those_proved():
    assert (PROVED["U"], PROVED["INFLATE"], PROVED["TINY"]) == (U, rounding._INFLATE, rounding._TINY)


@given(counts | st.integers(0, 2**52 - 1))
def test_gamma_is_the_one_proved(count):
    assert same(gamma(count), PROVED["gamma"](count))


def test_gamma_of_the_proofs_is_the_exact_one():
    exact = read_definitions("Rounding.v", "gamma")["gamma"]
    for count in (0, 1, 7, 2**20, 2**51):
        assert exact(Fraction(U), count) == count * Fraction(U) / (1 - count * Fraction(U))


@settings(max_examples=300)
@given(safe, errors, safe, errors, counts)
def test_the_functions_are_those_proved(a, a_error, b, b_error, count):
    """Number by number: what Coq calls inflate, total, product and rounded is what Python computes."""
    e, f, g, h = map(Fraction, (a, a_error, b, b_error))
    assert same(inflate(tensor(a_error)), PROVED["inflate"](f))
    assert same(rounding.total(tensor(a_error), count), PROVED["total"](f, count))
    assert same(product(tensor(a), tensor(a_error), tensor(b), tensor(b_error)), PROVED["product"](e, f, g, h))
    assert same(rounding.rounded(tensor(a), tensor(a_error), count), PROVED["rounded"](e, f, count))


@settings(max_examples=300)
@given(errors, errors, st.integers(1, 10**6), st.sampled_from([1.0, 2.0, inf]))
def test_the_norms_are_those_proved(value, coordinates, dimension, p):
    root = Fraction(dimension**0.5)
    assert root * root >= Fraction(dimension, 4)
    v, c = Fraction(value), Fraction(coordinates)
    assert same(norm_of_exact(tensor(value), dimension, p), PROVED["norm_of_exact"](v, dimension, root))
    assert same(
        norm_of_inexact(tensor(value), tensor(coordinates), dimension, p),
        PROVED["norm_of_inexact"](v, c, dimension, root),
    )


# ------------------------------------------------------------------------------------------------------- torch's roots


def test_torchs_roots_are_the_nearest_float_or_the_one_beside_it():
    """Two roundings are counted for a root: what is less than one unit off is at most 2U."""
    values = torch.rand(20_000, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) * 4
    roots = values.sqrt()
    nearest_ones = np.sqrt(values.numpy())
    beside = np.nextafter(nearest_ones, np.inf), np.nextafter(nearest_ones, -np.inf)
    assert all((roots.numpy() == nearest_ones) | (roots.numpy() == beside[0]) | (roots.numpy() == beside[1]))


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_a_norms_error_takes_in_a_root_beside_the_nearest_float(dimension):
    random = torch.Generator().manual_seed(dimension)
    vectors = torch.rand(5_000, dimension, dtype=torch.float64, generator=random)
    computed = cpu.vector_norm(vectors, 2)
    errors = norm_of_exact(computed, dimension, 2)
    with ctx.workprec(200):
        for row, value, error in zip(vectors.tolist(), computed.tolist(), errors.tolist(), strict=True):
            exact = sum((arb(one) * arb(one) for one in row), arb(0)).sqrt()
            assert abs(exact - arb(value)) <= arb(error)
