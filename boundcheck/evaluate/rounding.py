"""How far float64 evaluation of a term can be from the term's exact value.

Every function returns a number that is at least ``|computed − exact|``, from the standard model of IEEE 754
arithmetic: a sum, difference, product, quotient or square root of floats is exact up to a relative ``U = 2⁻⁵³``,
or, when it falls among the subnormals, up to an absolute ``2⁻¹⁰⁷⁵``. Powers by the C library are taken to be within
``POWER_ULPS`` units in the last place; the tests hold that against ball arithmetic.

N additions in any order cost a relative ``γ(N) = N·U / (1 − N·U)`` of the sum of the magnitudes (N. J. Higham,
*Accuracy and Stability of Numerical Algorithms*, 2nd ed., SIAM 2002, section 4.2). Whatever order torch adds in, the
bound holds. The bounds are a few times what is needed: they decide verdicts, and nothing is decided by a hair.
"""

from __future__ import annotations

from fractions import Fraction
from math import inf

import torch
from torch import Tensor

U = 2.0**-53
POWER_ULPS = 4

# The error terms are computed in floating point too, each from fewer than 2²⁰ non-negative operands: this covers it.
_INFLATE = 1 + 2.0**-20
# The smallest normal number: covers underflow in an error term itself.
_TINY = 2.0**-1022


def gamma(operations: int) -> float:
    """Return γ(N), the relative error of `operations` roundings in a row."""
    product = operations * U
    return product / (1 - product) if product < 0.5 else inf


def nearest(value: Fraction) -> float:
    """Return the float nearest to a rational; an infinity beyond the largest."""
    try:
        return float(value)
    except OverflowError:
        return inf if value > 0 else -inf


def inflate(error: Tensor) -> Tensor:
    """Return an error term made safe against its own rounding."""
    return torch.add(error * _INFLATE, _TINY)


def norm_of_exact(value: Tensor, dimension: int, p: float) -> Tensor:
    """Return the error of a p-norm of differences of exact points of size at most 1.

    p in {1, 2}: each difference, square or magnitude, the d additions and the root are relative roundings, fewer than
    d + 8. Squares that underflow are lost: at most d·2⁻¹⁰⁷⁴ under the root, so √d·2⁻⁵³⁷ outside it. General p: the
    division by the largest coordinate, two powers of POWER_ULPS each, the exponent 1/p and the additions.
    """
    roundings = dimension + 8 + (0 if p in (1, 2, inf) else 4 * POWER_ULPS + 8)
    # Inflated before it meets the array, which is the largest there is: one pass over it.
    return torch.add(value * (gamma(roundings) * _INFLATE), dimension**0.5 * 2.0**-529)


def norm_of_inexact(value: Tensor, coordinate_norm: Tensor, dimension: int, p: float) -> Tensor:
    """Return the error of a p-norm of a vector whose coordinates are off by a vector of norm `coordinate_norm`.

    By the triangle inequality, and monotonicity of the p-norms in the coordinates' magnitudes.
    """
    carried = coordinate_norm + norm_of_exact(coordinate_norm, dimension, p)
    return inflate(norm_of_exact(value, dimension, p) + carried)


def total(magnitudes: Tensor, count: int) -> Tensor:
    """Return the error of adding `count` floats whose magnitudes sum to `magnitudes`, then dividing or scaling once."""
    return inflate(gamma(count + 4) * magnitudes)


def product(a: Tensor, a_error: Tensor, b: Tensor, b_error: Tensor) -> Tensor:
    """Return the error of ``a·b`` for inexact factors."""
    return inflate(a.abs() * b_error + b.abs() * a_error + a_error * b_error + U * (a * b).abs() + _TINY)


def rounded(value: Tensor, carried: Tensor, operations: int = 1) -> Tensor:
    """Return the error of a value that carries an error and was rounded `operations` times more."""
    return inflate(carried + gamma(operations) * value.abs())


def power(base: Tensor, error: Tensor, exponent: Fraction) -> Tensor:
    """Return the error of ``base ** exponent`` for an inexact base, infinite where the power is not defined nearby.

    Whole powers above 0 may have a base of any sign, whole ones below 0 one that is surely not 0; roots need one that
    may be 0 or above, and other powers below 0 one surely above 0. There the power is monotone on the interval around
    the base, or has its extremes at the ends.
    """
    whole, e = exponent.denominator == 1, nearest(exponent)
    # The ends of the interval are rounded too.
    error = error + 2 * U * base.abs()
    low, high = base - error, base + error
    defined = torch.isfinite(base)
    if exponent < 0:
        defined &= (low > 0) | (high < 0) if whole else low > 0
    elif not whole:
        # A root of what may be slightly negative by rounding is the root of something in [0, high].
        defined &= high >= 0
        low = low.clamp(min=0)
    bases = torch.stack([base, low, high])
    powers = bases**e
    if whole and exponent > 0:
        spread = e * torch.maximum(low.abs(), high.abs()) ** (e - 1) * error
    else:
        spread = (powers - powers[0]).abs().amax(dim=0)
    # Three powers are off by POWER_ULPS each: the result, and the two whose difference is the spread.
    slip = gamma(6 * POWER_ULPS) * powers.abs().amax(dim=0)
    if exponent != e:
        # The exponent itself was rounded.
        slip = slip + 3 * U * abs(e) * torch.xlogy(powers.abs(), bases.abs()).abs().amax(dim=0)
    return inflate(torch.where(defined, spread + slip, inf))
