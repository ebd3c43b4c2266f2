"""Distances in exact integers: what the kernels are held against."""

import math
from fractions import Fraction

import numpy as np
import torch

# Roots are floors of integers with so many more bits.
BITS = 220


def integers(*sides):
    """Return the sides as integers, and e: the numbers are these times 2**e."""
    numbers = [[[Fraction(float(u)) for u in row] for row in side] for side in sides]
    e = max((u.denominator for side in numbers for row in side for u in row), default=1).bit_length() - 1
    return [[[int(u * 2**e) for u in row] for row in side] for side in numbers], -e


def distances(x, w, p=2):
    """Return every distance as (floor of distance·2^(BITS − e)) with e, exact for p = 1 and inf."""
    (x, w), e = integers(x, w)
    found = np.empty((len(x), len(w)), dtype=object)
    for i, one in enumerate(x):
        for j, other in enumerate(w):
            sizes = [abs(u - v) for u, v in zip(one, other, strict=True)]
            if p == 2:
                found[i, j] = math.isqrt(sum(u * u for u in sizes) << (2 * BITS))
            else:
                found[i, j] = (sum(sizes) if p == 1 else max(sizes, default=0)) << BITS
    return found, e - BITS


def reduced(x, w, p=2):
    """Return the reductions as fractions (lower, upper), by the names of `boundcheck.distances.Between`."""
    found, e = distances(x, w, p)
    unit = Fraction(2) ** e
    rows, columns = found.min(axis=1), found.min(axis=0)
    values = {
        "max": Fraction(found.max()),
        "min": Fraction(found.min()),
        "mean": Fraction(int(found.sum()), found.size),
        "chamfer": Fraction(int(rows.sum()), len(rows)),
        "chamfer_back": Fraction(int(columns.sum()), len(columns)),
        "hausdorff": Fraction(rows.max()),
        "hausdorff_back": Fraction(columns.max()),
    }
    return {name: (value * unit, (value + 1) * unit) for name, value in values.items()}, found, unit


def holds(value, error, exact):
    """Say whether value ± error has the whole of the exact enclosure."""
    if not (math.isfinite(value) and math.isfinite(error)):
        return False
    low, high = exact
    # A floor may be exact itself; then it is the value, and the upper end is only a bound.
    return Fraction(value) - Fraction(error) <= high and low <= Fraction(value) + Fraction(error)


def near_duplicates(rng, n, d):
    base = rng.normal(size=(max(1, n // 3), d))
    rows = base[rng.integers(0, len(base), n)] + rng.normal(size=(n, d)) * 1e-9
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def mixed_scales(rng, n, d):
    return rng.normal(size=(n, d)) * 10.0 ** rng.integers(-150, 150, size=(n, 1))


def every_scale(rng, n, d):
    """Rows from the least number to 1e306, each of one scale or of many; some equal, or apart by one digit or number."""

    def numbers(shape):
        return rng.choice([-1.0, 1.0], size=(n, d)) * np.ldexp(1 + rng.random((n, d)), rng.integers(-1076, 1017, shape))

    rows = np.where(rng.random((n, 1)) < 0.5, numbers((n, 1)), numbers((n, d)))
    rows[rng.random((n, d)) < 0.2] = 0.0
    for i in range(n):
        if rng.random() < 0.6:
            rows[i] = rows[rng.integers(0, n)]
            k = rng.integers(0, d)
            match rng.integers(0, 4):
                case 0:
                    rows[i, k] = np.nextafter(rows[i, k], np.inf)
                case 1:
                    rows[i, k] += 5e-324 * rng.integers(1, 9)
                case 2:
                    rows[i] *= -1.0
    return rows


def least_beside_one(rng, n, d):
    """Rows of zeros, some of them off by a few of the least numbers, and a row of size 1."""
    rows = np.where(rng.random((n, d)) < 0.15, 5e-324, 0.0) * rng.integers(-3, 4, size=(n, d))
    rows[rng.integers(0, n), rng.integers(0, d)] = 1.0
    return rows


#: Rows made to go wrong: by name, a function of a generator, a number of rows and a dimension.
ADVERSARIAL = {
    "normal": lambda rng, n, d: rng.normal(size=(n, d)),
    "far from the origin": lambda rng, n, d: 1e3 + 1e-2 * rng.normal(size=(n, d)),
    "very far from the origin": lambda rng, n, d: 1e8 + rng.integers(-2, 3, size=(n, d)) * 2.0**-20,
    "near duplicates": near_duplicates,
    "huge": lambda rng, n, d: rng.normal(size=(n, d)) * 1e200,
    "large": lambda rng, n, d: rng.normal(size=(n, d)) * 1e20,
    "small": lambda rng, n, d: rng.normal(size=(n, d)) * 1e-24,
    "tiny": lambda rng, n, d: rng.normal(size=(n, d)) * 1e-300,
    "subnormal": lambda rng, n, d: rng.integers(-9, 10, size=(n, d)) * 5e-324,
    "mixed scales": mixed_scales,
    "every scale": every_scale,
    "least beside one": least_beside_one,
    "small beside one": lambda rng, n, d: np.where(rng.random((n, d)) < 0.1, 1.0, rng.normal(size=(n, d)) * 1e-170),
    "lattice": lambda rng, n, d: rng.integers(-2, 3, size=(n, d)).astype(float),
    "one-hot": lambda rng, n, d: np.eye(d)[rng.integers(0, d, n)],
    "one point": lambda rng, n, d: np.full((n, d), 0.1),
    "zeros": lambda rng, n, d: np.zeros((n, d)),
    "heavy tails": lambda rng, n, d: rng.standard_t(1, size=(n, d)) * rng.standard_t(0.7, size=(n, 1)),
    "signs": lambda rng, n, d: rng.choice([-1.0, 1.0], size=(n, d)),
    "cancelling": lambda rng, n, d: (
        rng.choice([-1.0, 1.0], size=(n, d)) * (1 + rng.integers(0, 4, size=(n, d)) * 2.0**-24)
    ),
}
#: float32 holds none of these.
BEYOND_FLOAT32 = {
    "huge",
    "tiny",
    "subnormal",
    "mixed scales",
    "every scale",
    "least beside one",
    "small beside one",
    "heavy tails",
}


def rows(kind, rng, n, d, dtype):
    """Return adversarial rows as a tensor of a dtype."""
    return torch.from_numpy(ADVERSARIAL[kind](rng, n, d)).to(dtype)
