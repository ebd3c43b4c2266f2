"""Generalisation: what random signs and random samples of a collection say of all of it."""

from __future__ import annotations

from boundcheck.language import (
    Bound,
    Size,
    Space,
    equals,
    i,
    mean,
    norm,
    sample,
    signs,
    total,
    variance,
    x,
)
from boundcheck.theorems.published.record import Instance, Published, line

__all__ = ["GENERALISATION"]

_signs = signs(x)
_signed = mean(_signs, norm(total(i, _signs[i] * x[i])))
_squares = total(i, norm(x[i]) ** 2)
_BARTLETT = (
    "P. Bartlett, S. Mendelson, Rademacher and Gaussian complexities: risk bounds and structural results, Journal of Machine "
    "Learning Research 3 (2002), lemma 22"
)

RADEMACHER = Published(
    Bound(
        "rademacher-linear",
        _signed <= _squares**0.5,
        title="The Rademacher complexity of linear functions",
        collections=(x,),
        space=Space.EUCLIDEAN,
        citation=_BARTLETT,
        sharpness="Equality for one point, and for points at right angles: x = (3, 0), (0, 4) gives 5 = √(9 + 16).",
    ),
    year=2002,
    conventions=(
        "The supremum of Σ σ_i·⟨u, x_i⟩ over vectors u of length 1 is ‖Σ σ_i·x_i‖, so this is n times the complexity; the "
        "source has 2/n of it, for vectors of length B. The expectation is over all 2ⁿ signs."
    ),
    sharp=Instance({"x": ((3, 0), (0, 4))}),
)

RADEMACHER_HALF = Published(
    Bound(
        "rademacher-linear-half",
        _signed**2 <= _squares / 2,
        title="The Rademacher complexity of linear functions, with half of the squares",
        collections=(x,),
        space=Space.EUCLIDEAN,
        citation=f"{_BARTLETT}, with the constant of the inequality in the other direction",
    ),
    year=2002,
    conventions="Where the 1/√2 of Khintchine's inequality is taken for a factor of the upper bound.",
    reading_of="rademacher-linear",
    counterexample=Instance({"x": line(1)}),
)

KHINTCHINE = Published(
    Bound(
        "khintchine",
        _squares <= 2 * _signed**2,
        title="Khintchine and Kahane: random signs do not make a sum small",
        collections=(x,),
        space=Space.EUCLIDEAN,
        citation="R. Latała, K. Oleszkiewicz, On the best constant in the Khinchin–Kahane inequality, Studia Mathematica 109 (1994)",
        sharpness="Equality for two equal points: x = 1, 1 gives 2 = 2·1².",
    ),
    year=1994,
    conventions=(
        "The source's √(E‖Σ σ_i·x_i‖²) ≤ √2·E‖Σ σ_i·x_i‖, of any norm, in Euclidean space, where the left side is the root of "
        "Σ‖x_i‖²; squared."
    ),
    sharp=Instance({"x": line(1, 1)}),
)

_n = Size(x)
_drawn = sample(x, 2)
_moved = mean(_drawn, norm(mean(_drawn.each, x[_drawn.each]) - mean(x)) ** 2)
_COCHRAN = (
    "W. Cochran, Sampling techniques, third edition, Wiley 1977, theorem 2.2; of prototypes from two shots of a class"
)

SAMPLE = Published(
    Bound(
        "mean-of-sample",
        equals(2 * (_n - 1) * _moved, (_n - 2) * variance(x)),
        title="How far the mean of a sample is from that of all points",
        collections=(x,),
        space=Space.EUCLIDEAN,
        citation=_COCHRAN,
    ),
    year=1977,
    conventions=(
        "Samples of k = 2 points without replacement: E‖mean of the sample − mean‖² = (n − k)/(k·(n − 1))·Var(x), here "
        "multiplied by k·(n − 1); n ≥ 2."
    ),
)

SAMPLE_REPLACED = Published(
    Bound(
        "mean-of-sample-replaced",
        equals(2 * _moved, variance(x)),
        title="The mean of a sample without replacement, as if with",
        collections=(x,),
        space=Space.EUCLIDEAN,
        citation=f"{_COCHRAN}, without the correction for a finite population",
    ),
    year=1977,
    conventions="Var(x)/k is what samples with replacement have.",
    reading_of="mean-of-sample",
    counterexample=Instance({"x": line(0, 2)}),
)

GENERALISATION = (RADEMACHER, RADEMACHER_HALF, KHINTCHINE, SAMPLE, SAMPLE_REPLACED)
