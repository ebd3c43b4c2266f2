"""Sums of roots against squarefree parts, against balls of many bits, and where they nearly meet."""

import math
from fractions import Fraction

import pytest
from flint import arb, ctx, fmpq, fmpz
from hypothesis import given, settings
from hypothesis import strategies as st

from boundcheck.evaluate import radicals
from boundcheck.evaluate.radicals import BeyondError, Radicals, largest, power, rational_of, sign, total


def root(value, degree=2):
    value = Fraction(value)
    return Radicals.root(fmpq(value.numerator, value.denominator), degree)


def rational(value):
    value = Fraction(value)
    return fmpq(value.numerator, value.denominator)


def squarefree(number):
    """Return s and t with s·t² the number and no square in s, by trial division."""
    s, t = number, 1
    for divisor in range(2, math.isqrt(number) + 1):
        while s % (divisor * divisor) == 0:
            s, t = s // (divisor * divisor), t * divisor
    return s, t


def is_zero_by_squarefree_parts(terms):
    """Decide whether Σ c·√r is 0 by writing every root over its squarefree part."""
    sums = {}
    for coefficient, radicand in terms:
        s, t = squarefree(radicand)
        sums[s] = sums.get(s, 0) + coefficient * t
    return not any(sums.values())


def summed(terms):
    return total([coefficient * root(radicand) for coefficient, radicand in terms])


# ---------------------------------------------------------------------------------------------------------- arithmetic


def test_squares_are_pulled_out():
    assert root(4) == fmpq(2)
    assert root(Fraction(9, 16)) == fmpq(3, 4)
    assert root(0) == fmpq(0)
    assert root(27, 3) == fmpq(3)
    assert root(4, 4).terms == root(2).terms
    assert root(Fraction(1, 2)).terms == {(2, 2): fmpq(1, 2)}
    assert root(2**2001 * 9).terms == {(18, 2): fmpq(2**1000)}


def test_products_of_roots():
    assert root(2) * root(2) == fmpq(2)
    assert root(2) * root(8) == fmpq(4)
    assert (root(6) * root(10)).terms == {(15, 2): fmpq(2)}
    assert (root(2) * root(2, 3)).terms == {(32, 6): fmpq(1)}
    assert root(2, 3) * root(4, 3) == fmpq(2)
    assert ((1 + root(2)) * (1 - root(2))) == fmpq(-1)


def test_powers_of_single_roots():
    assert root(2).power(-1).terms == {(2, 2): fmpq(1, 2)}
    assert (-root(2)).power(-3).terms == {(2, 2): fmpq(-1, 4)}
    assert (-root(2)).power(-2) == fmpq(1, 2)
    assert root(2).power(1, 2).terms == {(2, 4): fmpq(1)}
    assert (3 * root(2)).power(2, 3).terms == {(18, 3): fmpq(1)}
    # Several roots that are one.
    assert (root(2) + root(8)).power(-1).terms == {(2, 2): fmpq(1, 6)}
    assert (root(2) + 1).power(2).terms == {(1, 1): fmpq(3), (2, 2): fmpq(2)}
    assert power(rational("4/9"), -3, 2) == fmpq(27, 8)


@pytest.mark.parametrize(
    "attempt",
    [
        lambda: root(-1),
        lambda: (1 + root(2)).power(1, 2),
        lambda: (1 + root(2)).power(-1),
        lambda: (-root(2)).power(1, 2),
        lambda: power(fmpq(0), -1),
        lambda: (root(18) - 3 * root(2)).power(-1),
        lambda: root(3**50_000),
        lambda: Radicals.norm([1, 2], 1.5) * Radicals.norm([1, 3], 1.5),
        lambda: Radicals.norm([1, 2], 1.5).power(1, 2),
    ],
)
def test_what_has_no_exact_form_is_refused(attempt):
    with pytest.raises(BeyondError):
        attempt()


def test_a_sum_of_too_many_roots_is_refused():
    primes = [n for n in range(2, 50_000) if fmpz(n).is_prime()][:4200]
    with pytest.raises(BeyondError, match="more than 4096 roots"):
        summed([(1, prime) for prime in primes])


def test_python_and_flint_integers_mix():
    value = root(2)
    for one in (1, fmpz(1), fmpq(1)):
        assert (value + one - one).terms == (one + value - one).terms == (value * one).terms == value.terms
        assert sign(one - value) == -1
    assert rational_of(3) == fmpq(3)


# --------------------------------------------------------------------------------------------------------------- zero


TERMS = st.lists(st.tuples(st.integers(-6, 6).map(fmpq), st.integers(1, 72)), max_size=40)


@settings(max_examples=400)
@given(TERMS, st.integers(1, 5))
def test_a_sum_is_0_where_every_squarefree_part_is(terms, factor):
    value = summed(terms)
    exact = is_zero_by_squarefree_parts(terms)
    assert (sign(value) == 0) is exact
    # Taken off itself in another form: every radicand times a square.
    other = summed([(-coefficient / factor, radicand * factor**2) for coefficient, radicand in terms])
    assert sign(value + other) == 0
    if not exact:
        with ctx.workprec(4000):
            ball = value.ball() if isinstance(value, Radicals) else arb(value)
            assert sign(value) == (1 if ball > 0 else -1)


@pytest.mark.parametrize("count", [8, 24, 25, 300])
def test_many_roots_are_gathered_by_classes(count):
    """Above a few, roots are gathered by their symbols modulo primes, two of which are among the radicands here."""
    numbers = [n for n in range(2, 5000) if squarefree(n)[0] == n][:count]
    numbers[:2] = [10**9 + 7, 3 * (10**9 + 9)]
    primes = [10**9 + 7, 10**9 + 9, 2, 3]
    whole = [(fmpq(1), n) for n in numbers]
    squares = [(fmpq(-1, primes[place % 4]), n * primes[place % 4] ** 2) for place, n in enumerate(numbers)]
    assert sign(summed(whole + squares)) == 0
    assert sign(summed(whole + squares[1:])) == 1
    assert sign(summed(whole[1:] + squares)) == -1


def test_the_primes_are_primes():
    assert all(fmpz(prime).is_prime() for prime in radicals._PRIMES)
    assert len(set(radicals._PRIMES)) == 20


def test_roots_of_other_degrees_are_gathered():
    assert sign(root(16, 3) - 2 * root(2, 3)) == 0
    assert sign(root(Fraction(3, 8), 3) - root(3, 3) * fmpq(1, 2)) == 0
    assert sign(root(2, 3) - root(2)) == -1
    assert sign(root(32, 6) - root(2, 3) * root(2)) == 0
    assert sign(root(9, 4) - root(3)) == 0


# ----------------------------------------------------------------------------------------------------------- near ties


@pytest.mark.parametrize("bits", [10, 100, 1000, 5000])
def test_the_sign_of_what_nearly_cancels(bits):
    n = 2**bits
    assert sign(root(n * n + 1) - n) == 1
    assert sign(root(n * n - 1) - n) == -1
    assert sign(root(n * n) - n) == 0
    # √(n − 1) + √(n + 1) is below 2√n by about n^(−3/2) / 4.
    assert sign(root(n - 1) + root(n + 1) - 2 * root(n)) == -1


def test_a_sign_beyond_the_last_precision_is_no_sign(monkeypatch):
    monkeypatch.setattr(radicals, "SIGN_BITS", 256)
    near = root(2**2000 + 1) - 2**1000
    with pytest.raises(BeyondError, match="balls of 512 bits do not show"):
        sign(near)


def test_norms_of_other_p_are_symbols():
    one, same, other = (Radicals.norm(v, 1.5) for v in ([3, -6, 0], [fmpq(-2, 7), fmpq(1, 7)], [1, 3]))
    assert sign(one - 21 * same) == 0
    assert sign(one - 20 * same) == 1
    assert sign(other - same) == 1
    assert Radicals.norm([0, -5], 1.5) == fmpq(5)
    assert Radicals.norm([0, 0], 1.5) == fmpq(0)
    with ctx.workprec(200):
        assert abs(one.ball() - (arb(3) ** arb(1.5) + arb(6) ** arb(1.5)) ** (2 / arb(3))) < 1e-50


def test_equal_norms_in_two_forms_of_another_p_are_not_told_apart():
    """(1, 1) and (1.5-norm of its double in two coordinates) have no common form: 2^(2/3) against a whole power."""
    symbol = Radicals.norm([1, 1], 1.5)
    with pytest.raises(BeyondError, match="4096 bits do not show"):
        sign(symbol - root(4, 3))


# -------------------------------------------------------------------------------------------------------------- largest


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(-3, 3).map(fmpq), st.integers(1, 50)), min_size=1, max_size=12))
def test_the_largest_is_at_least_every_other(pairs):
    values = [rational_of(coefficient) * root(radicand) for coefficient, radicand in pairs]
    best = largest(values)
    assert all(sign(best - value) >= 0 for value in values)
    assert any(sign(best - value) == 0 for value in values)


def test_the_largest_of_near_ties():
    n = 2**300
    values = [root(n * n + step) for step in (1, 3, 2)] + [fmpq(n)]
    assert largest(values) is values[1]
