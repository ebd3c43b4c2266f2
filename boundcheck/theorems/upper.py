"""Upper bounds on the distance of two centroids that are sharper than theorem K.

With ρ_i = min_k d(x_i, w_k), r_i = m + ρ_i (at least 0 under T(m)), σ_j = min_k d(z_j, w_k) and s_j = m′ + σ_j:

=====================  ==================================================================  =========
U1 ``transport``       ‖c_x − c_z‖ ≤ W₁(x, z)                                              any norm
U2 ``chamfer``         ‖c_x − c_z‖ ≤ m + mean ρ_i                                          any norm
U3 ``hull``            ‖Σ a_i x_i − Σ b_j z_j‖ ≤ m + Σ a_i ρ_i for any weights a, b        any norm
   ``hausdorff``       … ≤ m + max ρ_i                                                     any norm
   ``farthest``        ‖c_x − c_z‖ ≤ m + max d(x_i, w_k)                                   any norm
U4 ``variance``        ‖c_x − c_z‖² ≤ mean r_i² − Var x                                    Euclidean
U5 ``two-sided``       ‖c_x − c_z‖² ≤ mean min(r_i, s_j)² − Var x − Var z                  Euclidean
=====================  ==================================================================  =========

U1 needs no premise, but the positives; U2 to U4 need the anchors, the negatives and m alone. In U5 each side keeps its
own least m. :data:`LADDER` states the order: U5 ≤ U4 ≤ U2² and U2 ≤ m + max ρ_i ≤ m + max d(x_i, w_k) ≤ K's right side.
"""

from __future__ import annotations

from boundcheck.language import (
    Bound,
    Parameter,
    Relation,
    Space,
    Transport,
    Weights,
    distance,
    farthest,
    i,
    j,
    k,
    m,
    maximum,
    mean,
    minimum,
    norm,
    smallest,
    triplet,
    variance,
    w,
    x,
    z,
)
from boundcheck.theorems.karimov import K

__all__ = [
    "CHAMFER",
    "FARTHEST",
    "HAUSDORFF",
    "HULL",
    "IDENTITY",
    "LADDER",
    "TRANSPORT",
    "TWO_SIDED",
    "UPPER",
    "VARIANCE",
]

_SOURCE = (
    "boundcheck, after the further plans of " + 'P. Karimov, "Representation learning of data collections", MIPT, 2024'
)
_TRANSPORT_SOURCE = "C. Villani, Topics in Optimal Transportation, AMS 2003, chapter 7 (the mean is 1-Lipschitz in W₁)"

_ON_THE_LINE = "Equality on the line at x = 0, z = 2, w = 1, m = 1: 2 = 1 + 1."

#: The least m of the triplet premise with anchors in z.
m_back = Parameter("m′")
a, b = Weights("a", x), Weights("b", z)

rho = minimum(k, distance(x[i], w[k]))
_sigma = minimum(k, distance(z[j], w[k]))
_centroids = norm(mean(x) - mean(z))
_hull_points = norm(mean(x, weights=a) - mean(z, weights=b))
_chamfer = m + mean(i, rho)
_hausdorff = m + maximum(i, rho)
_sum = m + farthest(x, w)
_variance = mean(i, (m + rho) ** 2) - variance(x)
_back = triplet(m_back, anchors=z, positives=x)
_two_sided = mean((i, j), smallest(m + rho, m_back + _sigma) ** 2) - variance(x) - variance(z)

TRANSPORT = Bound(
    "transport",
    title="U1: optimal transport",
    lhs=_centroids,
    rhs=Transport(x, z),
    citation=_TRANSPORT_SOURCE,
    sharpness="Equality where z is x moved as a whole.",
    proof="Upper.transport",
)

CHAMFER = Bound(
    "chamfer",
    title="U2: directed Chamfer distance",
    premises=(triplet(m),),
    lhs=_centroids,
    rhs=_chamfer,
    citation=_SOURCE,
    sharpness=_ON_THE_LINE,
    proof="Upper.chamfer",
)

HULL = Bound(
    "hull",
    title="U3: any point of the convex hull",
    premises=(triplet(m),),
    lhs=_hull_points,
    rhs=m + mean(i, rho, weights=a),
    citation=_SOURCE,
    sharpness=_ON_THE_LINE,
    proof="Upper.hull",
)

HAUSDORFF = Bound(
    "hausdorff",
    title="U3: any point of the convex hull, directed Hausdorff distance",
    premises=(triplet(m),),
    lhs=_hull_points,
    rhs=_hausdorff,
    citation=_SOURCE,
    sharpness=_ON_THE_LINE,
    proof="Upper.hausdorff",
)

FARTHEST = Bound(
    "farthest",
    title="m plus the largest distance to a negative",
    premises=(triplet(m),),
    lhs=_centroids,
    rhs=_sum,
    citation='P. Karimov, "Representation learning of data collections", MIPT, 2024; the last but one line of theorem K\'s proof',
    sharpness=_ON_THE_LINE,
    proof="Ladder.farthest",
)

VARIANCE = Bound(
    "variance",
    title="U4: less the anchors' variance",
    premises=(triplet(m),),
    lhs=_centroids**2,
    rhs=_variance,
    space=Space.EUCLIDEAN,
    citation=_SOURCE,
    sharpness="Equality in the plane at x = (±1, 0), z = (0, 1), w = (0, −1), m = 0: 1 = 2 − 1, so no more than Var x can be taken off.",
    proof="Euclid.variance",
)

TWO_SIDED = Bound(
    "two-sided",
    title="U5: both sides' least m, less both variances",
    premises=(triplet(m), _back),
    lhs=_centroids**2,
    rhs=_two_sided,
    space=Space.EUCLIDEAN,
    citation=_SOURCE,
    sharpness="Equality in space at x = (±1, 0, 0), z = (0, ±1, 1), w = (0, 0, √2), m = 0: 1 = 3 − 1 − 1.",
    proof="Euclid.two_sided",
)

IDENTITY = Bound(
    "centroid-identity",
    title="The distance of two centroids from all distances",
    lhs=_centroids**2,
    rhs=mean((i, j), distance(x[i], z[j]) ** 2) - variance(x) - variance(z),
    relation=Relation.EQUAL,
    space=Space.EUCLIDEAN,
    citation="Huygens' and Steiner's theorem on moments of inertia",
    proof="Euclid.centroid_identity",
)

UPPER = (TRANSPORT, CHAMFER, HULL, HAUSDORFF, FARTHEST, VARIANCE, TWO_SIDED, IDENTITY)

#: The order of the right sides, each a bound of its own (the last link of K among them); squared where the sharper one
#: is squared.
LADDER = (
    Bound(
        "two-sided-below-variance",
        title="U5's right side is at most U4's",
        premises=(triplet(m), _back),
        lhs=_two_sided,
        rhs=_variance,
        space=Space.EUCLIDEAN,
        citation=_SOURCE,
        proof="Ladder.two_sided_below_variance",
    ),
    Bound(
        "variance-below-chamfer",
        title="U4's right side is at most the square of U2's",
        lhs=_variance,
        rhs=_chamfer**2,
        space=Space.EUCLIDEAN,
        citation=_SOURCE,
        proof="Ladder.variance_below_chamfer",
    ),
    Bound(
        "chamfer-below-hausdorff",
        title="U2's right side is at most U3's",
        lhs=_chamfer,
        rhs=_hausdorff,
        citation=_SOURCE,
        proof="Upper.chamfer_below_hausdorff",
    ),
    Bound(
        "hausdorff-below-farthest",
        title="U3's right side is at most m plus the largest distance",
        lhs=_hausdorff,
        rhs=_sum,
        citation=_SOURCE,
        proof="Upper.hausdorff_below_farthest",
    ),
    K.chain[-1],
    Bound(
        "chamfer-below-transport",
        title="the mean of the nearest distances is at most the transport distance to the negatives",
        lhs=mean(i, rho),
        rhs=Transport(x, w),
        citation=_SOURCE,
        proof="Upper.chamfer_below_transport",
    ),
)
