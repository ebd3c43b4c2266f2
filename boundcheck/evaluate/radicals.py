"""Exact real numbers: sums of rational multiples of roots of positive integers.

Distances of exact points in the p-norms of whole p are roots of rationals; sums, means, differences and squares of
them are such sums. Whether one is 0 is decided without any approximation. Two roots are gathered where their ratio
is rational, and roots of which no two have a rational ratio are linearly independent over the rationals, so the sum
is 0 only if every coefficient is. The sources: A. S. Besicovitch, "On the linear independence of fractional powers of
integers", J. London Math. Soc. 15 (1940); L. J. Mordell, "On the linear independence of algebraic numbers", Pacific J.
Math. 3 (1953); C. L. Siegel, "Algebraische Abhängigkeit von Wurzeln", Acta Arithmetica 21 (1972), which says it of any
real roots of rationals. A sum that is not 0 shows its sign to balls of some precision.

The norms of other p are no such roots. They are kept as symbols, up to a rational factor: sums of which every
coefficient is 0 are 0, and no more is said of the rest than balls show.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TypeAlias

from flint import arb, ctx, fmpq, fmpz

__all__ = ["SIGN_BITS", "BeyondError", "Exact", "Radicals", "largest", "rational_of", "sign", "total"]

#: The largest precision at which the sign of a sum is looked for: beyond what two sums of a thousand roots of floats
#: were ever seen to agree to, and below what would take minutes.
SIGN_BITS = 1 << 15
# Above these, an exact form is longer than it is worth.
_TERMS = 4096
_PRODUCTS = 1 << 16
_RADICAND_BITS = 1 << 16
# Primes above 10⁹: two integers whose ratio is a square have the same symbol modulo each.
_PRIMES = tuple(
    10**9 + step for step in (7, 9, 21, 33, 87, 93, 97, 103, 123, 181, 207, 223, 241, 271, 289, 297, 321, 349, 363, 403)
)
_FEW = 24

#: The k-th root of an integer that is no perfect power of a divisor of k; k = 1 is the rational unit. Or the p-norm of
#: a vector of integers, sorted and without a common divisor, as (coordinates, p).
Root: TypeAlias = "tuple[int, int] | tuple[tuple[int, ...], float]"
_UNIT: Root = (1, 1)


class BeyondError(Exception):
    """A number that has no exact form here, or too long a one; or none at all, as 1/0."""


class Radicals:
    """A sum of rational multiples of roots.

    Parameters
    ----------
    terms
        The coefficient of each root, none of them 0.
    """

    __slots__ = ("_ball", "_bits", "_key", "terms")

    def __init__(self, terms: dict[Root, fmpq]) -> None:
        if len(terms) > _TERMS:
            raise BeyondError(f"a sum of more than {_TERMS} roots")
        self.terms = terms
        self._bits = 0
        self._ball: arb | None = None
        self._key: frozenset[tuple[Root, int, int]] | None = None

    @property
    def key(self) -> frozenset[tuple[Root, int, int]]:
        """What two sums of the same roots with the same coefficients share, to look them up by."""
        if self._key is None:
            # Integers hash in a tenth of the time that rationals take.
            self._key = frozenset((root, int(share.p), int(share.q)) for root, share in self.terms.items())
        return self._key

    @classmethod
    def root(cls, value: fmpq | int, degree: int) -> Exact:
        """Return the root of that degree of a rational that is at least 0."""
        value = rational_of(value)
        if value < 0:
            raise BeyondError("a root of a negative number")
        above, below = int(value.p), int(value.q)
        # a/b = a·b^(k−1) / b^k, so that an integer is left under the root.
        if above.bit_length() + (degree - 1) * below.bit_length() > _RADICAND_BITS:
            raise BeyondError(f"a root of a number of more than {_RADICAND_BITS} bits")
        factor, radicand, degree = _simplified(above * below ** (degree - 1), degree)
        return _made({(radicand, degree): fmpq(factor, below)})

    @classmethod
    def norm(cls, coordinates: Iterable[fmpq | int], p: float) -> Exact:
        """Return the p-norm of a rational vector, as a symbol for a direction times a rational length."""
        sizes = [abs(rational_of(value)) for value in coordinates]
        sizes = sorted((size for size in sizes if size != 0), key=lambda size: (size.p, size.q))
        if not sizes:
            return fmpq(0)
        common = math.lcm(*(int(size.q) for size in sizes))
        whole = sorted(int((size * common).p) for size in sizes)
        divisor = math.gcd(*whole)
        if len(whole) == 1:
            return fmpq(divisor, common)
        return cls({(tuple(value // divisor for value in whole), p): fmpq(divisor, common)})

    def ball(self) -> arb:
        """Return a ball around this number, of flint's precision."""
        if self._ball is None or self._bits != ctx.prec:
            self._ball = sum((coefficient * _root_ball(*root) for root, coefficient in self.terms.items()), arb(0))
            self._bits = ctx.prec
        return self._ball

    def collected(self) -> Exact:
        """Return the same number with roots whose ratio is rational gathered into one."""
        found: dict[object, list[tuple[Root, fmpq]]] = {}
        many = len(self.terms) > _FEW
        for root, coefficient in self.terms.items():
            group = found.setdefault(_class_of(root) if many else root[1], [])
            for place, (other, before) in enumerate(group):
                ratio = _ratio(root, other)
                if ratio is not None:
                    group[place] = (other, before + coefficient * ratio)
                    break
            else:
                group.append((root, coefficient))
        return _made({root: coefficient for group in found.values() for root, coefficient in group})

    def __add__(self, other: object) -> Exact:
        addend = _terms_of(other)
        if addend is None:
            return NotImplemented
        return _added((self.terms, addend))

    __radd__ = __add__

    def __neg__(self) -> Exact:
        return Radicals({root: -coefficient for root, coefficient in self.terms.items()})

    def __sub__(self, other: object) -> Exact:
        addend = _terms_of(other)
        if addend is None:
            return NotImplemented
        return _added((self.terms, {root: -coefficient for root, coefficient in addend.items()}))

    def __rsub__(self, other: object) -> Exact:
        return -self + other  # type: ignore[operator]

    def __mul__(self, other: object) -> Exact:
        factor = _terms_of(other)
        if factor is None:
            return NotImplemented
        if len(factor) * len(self.terms) > _PRODUCTS:
            raise BeyondError(f"a product of more than {_PRODUCTS} roots")
        product: dict[Root, fmpq] = {}
        for root, coefficient in self.terms.items():
            for second, its in factor.items():
                share, both = _product(root, second)
                product[both] = product.get(both, fmpq(0)) + coefficient * its * share
        return _made(product)

    __rmul__ = __mul__

    def __abs__(self) -> Exact:
        return -self if sign(self) < 0 else self

    def _whole_power(self, times: int) -> Exact:
        result: Exact = fmpq(1)
        for _ in range(times):
            result = self * result
        return result

    def power(self, above: int, below: int = 1) -> Exact:
        """Return this number to the power of above/below.

        Raises
        ------
        BeyondError
            If it has no exact form here.
        """
        if below == 1 and above >= 0:
            return self._whole_power(above)
        single = self.collected()
        if not isinstance(single, Radicals):
            return power(single, above, below)
        if len(single.terms) > 1:
            raise BeyondError("a root or an inverse of a sum of roots")
        ((root, coefficient),) = single.terms.items()
        radicand, degree = root
        if not isinstance(radicand, int) or not isinstance(degree, int) or (coefficient < 0 and below > 1):
            raise BeyondError("a power of what has none here")
        if below == 1:
            return power(coefficient, above) * power(fmpq(radicand), above, degree)
        # (c·r^(1/k))^(a/b) = (c^k·r)^(a/(k·b)).
        return power(coefficient**degree * radicand, above, degree * below)


Exact: TypeAlias = "fmpq | Radicals"


def power(base: fmpq, above: int, below: int = 1) -> Exact:
    """Return a rational to the power of above/below, in lowest terms or not."""
    common = math.gcd(above, below)
    above, below = above // common, below // common
    if base == 0 and above < 0:
        raise BeyondError("a division by 0")
    if base.height_bits() * abs(above) > _RADICAND_BITS:
        raise BeyondError(f"a power of more than {_RADICAND_BITS} bits")
    whole = base**above if above >= 0 else 1 / base**-above
    return whole if below == 1 else Radicals.root(whole, below)


def rational_of(value: fmpq | fmpz | int) -> fmpq:
    """Return a whole or rational number as a rational."""
    return value if isinstance(value, fmpq) else fmpq(value)


def rational_of_float(value: float) -> fmpq:
    """Return the rational that a finite float is."""
    return fmpq(*float(value).as_integer_ratio())


def total(values: Iterable[Exact]) -> Exact:
    """Return a sum of many."""
    known = list(values)
    if all(isinstance(value, fmpq) for value in known):
        return sum((value for value in known if isinstance(value, fmpq)), fmpq(0))
    return _added([terms for value in known if (terms := _terms_of(value)) is not None])


def sign(value: Exact) -> int:
    """Return −1, 0 or 1.

    Raises
    ------
    BeyondError
        If balls of SIGN_BITS do not show it; or, where symbols for norms are in the sum, balls of 4096 bits.
    """
    if isinstance(value, fmpq):
        return (value > 0) - (value < 0)
    whole, bits = False, 64
    while bits <= SIGN_BITS:
        with ctx.workprec(bits):
            ball = value.ball()
            if ball > 0 or ball < 0:
                return 1 if ball > 0 else -1
        if not whole:
            gathered = value.collected()
            if isinstance(gathered, fmpq):
                return sign(gathered)
            whole, value = True, gathered
        if bits >= 4096 and any(not isinstance(root[0], int) for root in value.terms):
            break
        bits *= 2
    raise BeyondError(f"a sign that balls of {bits} bits do not show")


def largest(values: list[Exact]) -> Exact:
    """Return the largest of several: those that balls leave in question are compared exactly."""
    if not any(isinstance(value, Radicals) for value in values):
        best: Exact = max(values)  # type: ignore[type-var]
        return best
    with ctx.workprec(64):
        balls = [value.ball() if isinstance(value, Radicals) else arb(value) for value in values]
        least = balls[0].lower()
        for ball in balls[1:]:
            least = least.max(ball.lower())
        left = [value for value, ball in zip(values, balls, strict=True) if not ball < least]
    best = left[0]
    for other in left[1:]:
        if not _same(best, other) and sign(other - best) > 0:
            best = other
    return best


def _same(a: Exact, b: Exact) -> bool:
    if isinstance(a, Radicals) and isinstance(b, Radicals):
        return a.terms == b.terms
    return isinstance(a, fmpq) and isinstance(b, fmpq) and bool(a == b)


def _terms_of(value: object) -> dict[Root, fmpq] | None:
    if isinstance(value, Radicals):
        return value.terms
    if isinstance(value, (int, fmpz, fmpq)):
        return {_UNIT: rational_of(value)} if value else {}
    return None


def _added(several: Iterable[dict[Root, fmpq]]) -> Exact:
    added: dict[Root, fmpq] = {}
    for terms in several:
        for root, coefficient in terms.items():
            before = added.get(root)
            added[root] = coefficient if before is None else before + coefficient
    return _made(added)


def _made(terms: dict[Root, fmpq]) -> Exact:
    """Return the number without roots of coefficient 0; a rational where no root is left."""
    kept = {root: coefficient for root, coefficient in terms.items() if coefficient != 0}
    if not kept:
        return fmpq(0)
    if len(kept) == 1 and _UNIT in kept:
        return kept[_UNIT]
    return Radicals(kept)


def _product(a: Root, b: Root) -> tuple[int, Root]:
    """Return the product of two roots as a whole multiple of one."""
    if a == _UNIT or b == _UNIT:
        return 1, (b if a == _UNIT else a)
    first, degree = a
    second, other = b
    if not isinstance(first, int) or not isinstance(second, int):
        raise BeyondError("a product of norms that are no roots")
    if a == b and degree == 2:
        return first, _UNIT
    common = math.lcm(int(degree), int(other))
    up, along = common // int(degree), common // int(other)
    if first.bit_length() * up + second.bit_length() * along > _RADICAND_BITS:
        raise BeyondError(f"a root of a number of more than {_RADICAND_BITS} bits")
    if common == 2:
        # √a·√b = g·√((a/g)·(b/g)).
        shared = math.gcd(first, second)
        factor, radicand, degree = _simplified((first // shared) * (second // shared), 2)
        return factor * shared, (radicand, degree)
    factor, radicand, degree = _simplified(first**up * second**along, common)
    return factor, (radicand, degree)


def _simplified(radicand: int, degree: int) -> tuple[int, int, int]:
    """Return c, r and k with c·r^(1/k) the root of that degree, r no perfect power of a divisor of k."""
    if radicand == 0:
        return 0, 1, 1
    # A power of two taken out keeps the roots of scaled points short.
    twos = ((radicand & -radicand).bit_length() - 1) // degree
    radicand >>= twos * degree
    for divisor in _prime_divisors(degree):
        while degree % divisor == 0 and (root := _whole_root(radicand, divisor)) is not None:
            radicand, degree = root, degree // divisor
    return (radicand << twos, 1, 1) if degree == 1 else (1 << twos, radicand, degree)


def _whole_root(value: int, degree: int) -> int | None:
    """Return the root of a perfect power, None for any other integer."""
    if degree == 2:
        # Of 64 residues, the squares are 12.
        if value & 63 not in _SQUARES:
            return None
        root = math.isqrt(value)
    else:
        root = int(fmpz(value).root(degree))
    return root if root**degree == value else None


_SQUARES = frozenset(number * number % 64 for number in range(64))


@lru_cache(maxsize=256)
def _prime_divisors(value: int) -> tuple[int, ...]:
    return tuple(int(prime) for prime, _ in fmpz(value).factor()) if value > 1 else ()


def _ratio(a: Root, b: Root) -> fmpq | None:
    """Return a/b where it is rational, None where it is not."""
    (first, degree), (second, other) = a, b
    if degree != other:
        return None
    if not isinstance(first, int) or not isinstance(second, int):
        return fmpq(1) if first == second else None
    if first == second:
        return fmpq(1)
    # In lowest terms a fraction is a perfect power where both of its parts are.
    shared = math.gcd(first, second)
    above, below = _whole_root(first // shared, int(degree)), _whole_root(second // shared, int(degree))
    return None if above is None or below is None else fmpq(above, below)


def _class_of(root: Root) -> object:
    """Return something that roots with a rational ratio share, and others seldom do."""
    radicand, degree = root
    if degree != 2 or not isinstance(radicand, int):
        return degree
    return tuple(_symbols(radicand))


def _symbols(radicand: int) -> Iterator[tuple[int, int]]:
    for prime in _PRIMES:
        times, rest = 0, radicand
        while rest % prime == 0:
            times, rest = times + 1, rest // prime
        yield times % 2, pow(rest, prime // 2, prime)


def _root_ball(radicand: int | tuple[int, ...], degree: float) -> arb:
    if isinstance(radicand, int):
        whole = arb(radicand)
        return whole if degree == 1 else whole.sqrt() if degree == 2 else whole.root(int(degree))
    above, below = degree.as_integer_ratio()
    exponent = arb(fmpq(above, below))
    powers = sum((arb(value) ** exponent for value in radicand), arb(0))
    return powers ** (1 / exponent)
