"""Other representations of a collection than its centroid.

==================================================  ================================================================
weighted mean, attention pooling, medoid, trimmed
mean, geometric median                              any point of the convex hull: U3, see :mod:`.upper`
sum                                                 n = p: ``sum``, n times U2. False for n ≠ p
coordinate-wise max, min, median                    sup norm: ``coordinate-max`` … ≤ m + max ρ_i;
                                                    Euclidean, with a factor √D: ``coordinate-max-euclidean`` …
normalised mean                                     ``normalised-mean``: at most 2·U2 / max{‖c_x‖, ‖c_z‖}
a head after the mean                               ``lipschitz-head``: L·U2 for any L-Lipschitz g
==================================================  ================================================================

The Lipschitz constants of these maps: G. Nikolentzos, K. Skianis, "On the Lipschitz continuity of set aggregation
functions and neural networks for sets", ICLR 2026 (arXiv 2505.24403).
"""

from __future__ import annotations

from boundcheck.language import (
    Bound,
    Dimension,
    EqualSizes,
    L,
    Size,
    Space,
    coordinate_maximum,
    coordinate_median,
    coordinate_minimum,
    g,
    i,
    largest,
    lipschitz,
    m,
    maximum,
    mean,
    norm,
    total,
    triplet,
    x,
    z,
)
from boundcheck.theorems.upper import rho

__all__ = ["AGGREGATORS", "COORDINATE_WISE", "COORDINATE_WISE_EUCLIDEAN", "HEAD", "NORMALISED", "SUM"]

_SOURCE = (
    "boundcheck, after G. Nikolentzos, K. Skianis, "
    '"On the Lipschitz continuity of set aggregation functions and neural networks for sets", arXiv 2505.24403'
)

_chamfer = m + mean(i, rho)
_hausdorff = m + maximum(i, rho)

SUM = Bound(
    "sum",
    title="Sums of equally many points",
    premises=(EqualSizes("equal sizes of x and z", (x, z)), triplet(m)),
    lhs=norm(total(x) - total(z)),
    rhs=Size(x) * _chamfer,
    citation=_SOURCE,
    sharpness="Equality on the line at x = 0, z = 2, w = 1, m = 1: 2 = 1·(1 + 1).",
    proof="Aggregators.sum",
)

# The unit vectors e_j, one positive each.
_SQUARE_ROOT = {
    name: f"The √D cannot be lowered: x = 0, z_j = {sign}e_j for j = 1 … D, w = e_1, m = 0 gives √D = √D·1."
    for name, sign in (("max", ""), ("min", "−"))
}

_COORDINATE = {"max": coordinate_maximum, "min": coordinate_minimum, "median": coordinate_median}

#: By name of the aggregator, its bound in the sup norm.
COORDINATE_WISE = {
    name: Bound(
        f"coordinate-{name}",
        title=f"Coordinate-wise {name} in the sup norm",
        premises=(triplet(m),),
        lhs=norm(aggregate(x) - aggregate(z)),
        rhs=_hausdorff,
        space=Space.SUP_NORM,
        citation=_SOURCE,
        sharpness="Equality on the line at x = 0, z = 2, w = 1, m = 1: 2 = 1 + 1.",
        proof=f"Aggregators.coordinate_{name}",
    )
    for name, aggregate in _COORDINATE.items()
}

#: By name of the aggregator, its bound in Euclidean space of D dimensions.
COORDINATE_WISE_EUCLIDEAN = {
    name: Bound(
        f"coordinate-{name}-euclidean",
        title=f"Coordinate-wise {name} in Euclidean space",
        premises=(triplet(m),),
        lhs=norm(aggregate(x) - aggregate(z)),
        rhs=Dimension() ** 0.5 * _hausdorff,
        space=Space.EUCLIDEAN,
        citation=_SOURCE,
        sharpness=_SQUARE_ROOT.get(name, ""),
        proof=f"Aggregators.coordinate_{name}_euclidean",
    )
    for name, aggregate in _COORDINATE.items()
}

NORMALISED = Bound(
    "normalised-mean",
    title="Centroids scaled to length 1 (cosine prototypes)",
    premises=(triplet(m),),
    lhs=norm(mean(x) / norm(mean(x)) - mean(z) / norm(mean(z))),
    rhs=2 * _chamfer / largest(norm(mean(x)), norm(mean(z))),
    citation=_SOURCE,
    proof="Aggregators.normalised_mean",
)

HEAD = Bound(
    "lipschitz-head",
    title="A Lipschitz map after the mean",
    premises=(triplet(m), lipschitz(L, of=g)),
    lhs=norm(g(mean(x)) - g(mean(z))),
    rhs=L * _chamfer,
    citation=_SOURCE,
    sharpness="Equality on the line for g(v) = L·v at x = 0, z = 2, w = 1, m = 1: 2L = L·(1 + 1).",
    proof="Aggregators.lipschitz_head",
)

AGGREGATORS = (SUM, *COORDINATE_WISE.values(), *COORDINATE_WISE_EUCLIDEAN.values(), NORMALISED, HEAD)
