"""How far float64 evaluation of a term can be from the term's exact value.

Every function returns a number that is at least ``|computed − exact|``, from the standard model of IEEE 754
arithmetic: a sum, difference, product, quotient or square root of floats is exact up to a relative ``U = 2⁻⁵³``,
or, when it falls among the subnormals, up to an absolute ``2⁻¹⁰⁷⁵``. Torch's square roots of many numbers may be the float
beside the nearest one: each counts as two roundings where it is theirs. Powers by the C library are taken to be within
``POWER_ULPS`` units in the last place; the tests hold that against ball arithmetic. What does not rest on them is proved
in Coq: in ``proofs/Rounding.v`` for any binary format and any order of evaluation, fused multiply-adds included, and in
``proofs/Enclosures.v`` for the functions here, rounding by rounding. Each function names its theorems. Overflow is left
out: what overflows is infinite, and decides nothing.

N additions in any order cost a relative ``γ(N) = N·U / (1 − N·U)`` of the sum of the magnitudes (N. J. Higham,
*Accuracy and Stability of Numerical Algorithms*, 2nd ed., SIAM 2002, section 4.2). Whatever order torch adds in, the
bound holds (``Rounding.sum_any_order``, ``Rounding.dot_any_order``). The bounds are a few times what is needed: they
decide verdicts, and nothing is decided by a hair.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import inf
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

Array = TypeVar("Array", Tensor, npt.NDArray[np.float64], float)

# The relative rounding error, ``Rounding.rounding``.
U = 2.0**-53
# Assumed, not proved.
POWER_ULPS = 4

# The error terms are computed in floating point too, each from fewer than 2³¹ non-negative operands: this covers it,
# ``Enclosures.inflate_covers``.
_INFLATE = 1 + 2.0**-20
# The smallest normal number: covers underflow in an error term itself.
_TINY = 2.0**-1022


def gamma(operations: int) -> float:
    """Return γ(N), the relative error of `operations` roundings in a row, rounded once.

    ``Rounding.power_le_gamma``: it is at least (1 + U)ᴺ − 1; ``Enclosures.gamma_rounded_once``.
    """
    product = operations * U
    return product / (1 - product) if product < 0.5 else inf


def nearest(value: Fraction) -> float:
    """Return the float nearest to a rational; an infinity beyond the largest."""
    try:
        return float(value)
    except OverflowError:
        return inf if value > 0 else -inf


def inflate(error: Array) -> Array:
    """Return an error term made safe against its own rounding, ``Enclosures.inflate_covers``."""
    inflated = error * _INFLATE
    inflated += _TINY
    return inflated


def norm_of_exact(value: Array, dimension: int, p: float) -> Array:
    """Return the error of a p-norm of differences of exact points of size at most 1.

    p = 2 from differences: d + 3 roundings, ``Rounding.euclidean_any_order``, and squares that underflow, at most
    d·2⁻¹⁰⁷⁵ under the root, so less than √d·2⁻⁵³⁷ outside it. Divided by the largest coordinate first: d + 7 and half the
    smallest number, ``Rounding.euclidean_scaled``. p = 1: d + 1, ``Rounding.manhattan_any_order``, or d + 4,
    ``Rounding.manhattan_scaled``; p = ∞: one, ``Rounding.chebyshev``. d + 8 and √d·2⁻⁵²⁹ cover each as computed here:
    ``Enclosures.norm_of_exact_euclidean``, ``Enclosures.norm_of_exact_euclidean_scaled``,
    ``Enclosures.norm_of_exact_manhattan``, ``Enclosures.norm_of_exact_manhattan_scaled`` and
    ``Enclosures.norm_of_exact_chebyshev``. General p, not proved: besides, two powers of POWER_ULPS each and the exponent
    1/p. Of the d + 8 one is for a root that is the float beside the nearest.
    """
    share, besides = norm_of_exact_parts(dimension, p)
    return value * share + besides


def norm_of_exact_parts(dimension: int, p: float) -> tuple[float, float]:
    """Return the share of the value, and what is added to it, that make up :func:`norm_of_exact`.

    The theorems are the same: ``Enclosures.norm_of_exact_euclidean`` and those beside it.
    """
    roundings = dimension + 8 + (0 if p in (1, 2, inf) else 4 * POWER_ULPS + 8)
    # Inflated before it meets the array, which is the largest there is: one pass over it.
    return gamma(roundings) * _INFLATE, dimension**0.5 * 2.0**-529


def norm_of_inexact(value: Array, coordinate_norm: Array, dimension: int, p: float) -> Array:
    """Return the error of a p-norm of a vector whose coordinates are off by a vector of norm `coordinate_norm`.

    By the triangle inequality, and monotonicity of the p-norms in the coordinates' magnitudes;
    ``Enclosures.norm_of_inexact_covers``.
    """
    carried = coordinate_norm + norm_of_exact(coordinate_norm, dimension, p)
    return inflate(norm_of_exact(value, dimension, p) + carried)


def total(magnitudes: Array, count: int) -> Array:
    """Return the error of adding `count` floats whose magnitudes sum to `magnitudes`, then dividing or scaling once.

    For counts up to 2³² − 7, the magnitudes themselves computed, in any order: ``Enclosures.total_of_sum``,
    ``Enclosures.total_of_mean``, and with rounded coefficients ``Enclosures.total_of_combination``. A mean with n weights
    counts as 3n + 4, ``Rounding.weighted_mean_any_order``: their sum, ratios and products, and besides what is lost of
    ratios that underflow, ``Enclosures.total_of_weighted_mean``.
    """
    return inflate(gamma(count + 4) * magnitudes)


def product(a: Array, a_error: Array, b: Array, b_error: Array) -> Array:
    """Return the error of ``a·b`` for inexact factors, ``Enclosures.product_covers``."""
    return inflate(abs(a) * b_error + abs(b) * a_error + a_error * b_error + U * abs(a * b) + _TINY)


def product_of_exact(factor: Array, value: Array, error: Array) -> Array:
    """Return the error of a product of which one factor is exact, ``Enclosures.product_covers`` less what is 0 then."""
    return inflate(abs(factor) * error + U * abs(factor * value) + _TINY)


def rounded(value: Array, carried: Array, operations: int = 1) -> Array:
    """Return the error of a value that carries an error and was rounded `operations` times more.

    ``Enclosures.rounded_covers``, and of a difference ``Enclosures.rounded_of_difference``.
    """
    return inflate(carried + gamma(operations) * abs(value))


def power(base: Tensor, error: Tensor, exponent: Fraction) -> Tensor:
    """Return the error of ``base ** exponent`` for an inexact base, infinite where the power is not defined nearby.

    Whole powers above 0 may have a base of any sign, whole ones below 0 one that is surely not 0; roots need one that
    may be 0 or above, and other powers below 0 one surely above 0. There the power is monotone on the interval around
    the base, or has its extremes at the ends. Not proved in Coq: it rests on POWER_ULPS.
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


def function(
    value: Callable[[Tensor], Tensor],
    base: Tensor,
    error: Tensor,
    *,
    ulps: int,
    monotone: bool,
    lipschitz: float | None,
    domain: tuple[float, float],
    bounds: tuple[float, float],
) -> tuple[Tensor, Tensor]:
    """Return a function of float64 at an inexact base, and its error.

    Parameters
    ----------
    value
        The function, NaN outside its domain, each of its values within `ulps` units in the last place, besides as many
        times the smallest number.
    base, error
        Where, and how far off that may be.
    ulps, monotone, lipschitz, domain, bounds
        As the function's declaration has them (:class:`boundcheck.language.Function`).

    Returns
    -------
    value, error
        The error is infinite where the base is outside the domain, and where nothing is known. A base that is outside by no
        more than its error is taken for the end of the domain, as that of a root for 0: an argument of which the exact
        value is outside means nothing. Not proved in Coq: it rests on `ulps`.
    """
    inside = base.clamp(*domain)
    base = torch.where((base - inside).abs() <= error, inside, base)
    found = value(base)
    known = error == 0
    # The ends of the interval around the base are rounded too.
    low = torch.where(known, base, torch.nextafter(base - error, base.new_tensor(-inf)))
    high = torch.where(known, base, torch.nextafter(base + error, base.new_tensor(inf)))
    spread, largest = torch.where(known, 0.0, torch.full_like(base, inf)), found.abs()
    if monotone:
        ends = value(torch.stack([low, high]).clamp(*domain))
        spread, largest = (ends - found).abs().amax(dim=0), torch.maximum(largest, ends.abs().amax(dim=0))
    if lipschitz is not None:
        spread = torch.fmin(spread, error * (lipschitz * _INFLATE))
    # A value, and the two of which the difference is the spread.
    slip = gamma(6 * ulps) * largest + 3 * ulps * 2.0**-1074
    bound = torch.where((spread == 0) & (slip == 0), 0.0, inflate(spread + slip)).nan_to_num(nan=inf, posinf=inf)
    # Whatever the base is, the exact value is between the bounds.
    bound = torch.minimum(bound, inflate(torch.maximum(found - bounds[0], bounds[1] - found)))
    certain = torch.isfinite(base) & torch.isfinite(error) & torch.isfinite(found)
    return found, torch.where(certain, bound, inf)


def log_sum_exp(value: Tensor, error: Tensor, count: int) -> Tensor:
    """Return the error of log Σ exp of `count` numbers off by at most `error` each, the largest taken out first.

    No number moves the result by more than it is moved itself. With S the sum of e to the power of d_i = v_i − max v, which
    is at least 1: a rounding of d_i is one of U times its size, and those weighed by e^d_i/S are at most U·log n together, for
    Σ p|d| = H(p) − log S. An exponential is off by POWER_ULPS units, and the sum by γ(n) of itself; so the logarithm, at
    most log n ≤ 32, is off by as much and by POWER_ULPS units of its own; the last sum is rounded once. Not proved in Coq:
    it rests on POWER_ULPS.
    """
    slip = gamma(count + 32 + 2 * POWER_ULPS + 2 * POWER_ULPS * 32 + 8) + gamma(2) * value.abs()
    return torch.where(torch.isfinite(value), inflate(error + inflate(slip)), inf)


def log_of_sum(value: Tensor, error: Tensor, count: int) -> Tensor:
    """Return the error of log Σ exp of `count` numbers of moderate size off by at most `error` each, added as they are.

    No number moves the result by more than it is moved itself. An exponential is off by POWER_ULPS units, and the sum by
    γ(n) of itself, so that its logarithm is off by as much, and by POWER_ULPS units of its own. Not proved in Coq: it rests on
    POWER_ULPS.
    """
    slip = gamma(count + 2 * POWER_ULPS + 8) + gamma(2 * POWER_ULPS) * value.abs()
    return torch.where(torch.isfinite(value), inflate(error + inflate(slip)), inf)


def inner(lengths: Array, dimension: int) -> Array:
    """Return the error of an inner product of exact vectors, from the product of their Euclidean lengths.

    Σ|u_i v_i| is at most that, ``Rounding.dot_any_order``; what underflows is left to the caller.
    """
    return inflate(gamma(dimension + 8) * lengths)


def cosine(relative: Array, dimension: int) -> Array:
    """Return the error of ⟨u, v⟩ of vectors divided by their lengths, from the sum of their errors' shares of those.

    Each length is off by γ(d + 8), ``Rounding.euclidean_scaled``, each coordinate by one rounding more, and their products
    add up to at most 1 in magnitude. A vector off by r times its length turns by at most 2r.
    """
    return inflate(gamma(3 * dimension + 48) + 2 * relative)
