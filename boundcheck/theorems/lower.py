"""Lower bounds: how far apart training with a margin puts the centroids of different classes.

Each is stated as ``lower bound ≤ distance``. With a margin μ reached, m = −μ.

==================  =======================================================================================  =========
L1 ``separation``   μ(2·mean d(x_i, w_k) − μ) ≤ ‖c_x − c_w‖², if d(x_i, x_i′) ≤ d(x_i, w_k) − μ and
                    d(w_k, w_k′) ≤ d(w_k, x_i) − μ for all indices                                           Euclidean
   ``margin``       μ ≤ ‖c_x − c_w‖ under the same premises                                                  Euclidean
L2 ``spread``       mean d(x, w) − mean d(x, x′) − mean d(w, w′) ≤ ‖c_x − c_w‖                               any norm
L3 ``hulls``        max over ‖u‖ ≤ 1 of (min ⟨u, x_i⟩ − max ⟨u, w_k⟩) ≤ ‖A(x) − A(w)‖ for hull
                    aggregators A                                                                            Euclidean
==================  =======================================================================================  =========
"""

from __future__ import annotations

from boundcheck.language import (
    Bound,
    HullDistance,
    Space,
    Weights,
    another,
    distance,
    i,
    k,
    m,
    mean,
    norm,
    triplet,
    w,
    x,
)

__all__ = ["HULLS", "LOWER", "MARGIN", "SEPARATION", "SPREAD"]

_SOURCE = (
    "boundcheck, after the further plans of " + 'P. Karimov, "Representation learning of data collections", MIPT, 2024'
)

_a, _c = Weights("a", x), Weights("c", w)
_i2, _k2 = another(x), another(w)
_centroids = norm(mean(x) - mean(w))
_across = mean((i, k), distance(x[i], w[k]))
_near = (triplet(m, anchors=x, positives=x), triplet(m, anchors=w, positives=w, negatives=x))

SEPARATION = Bound(
    "separation",
    title="L1: a margin separates centroids",
    premises=_near,
    lhs=-m * (2 * _across + m),
    rhs=_centroids**2,
    space=Space.EUCLIDEAN,
    citation=_SOURCE,
    sharpness="Equality for one point a side.",
    proof="Lower.separation",
)

MARGIN = Bound(
    "margin",
    title="L1: centroids of different classes are at least the margin apart",
    premises=_near,
    lhs=-m,
    rhs=_centroids,
    space=Space.EUCLIDEAN,
    citation=_SOURCE,
    sharpness="Equality for one point a side.",
    proof="Lower.margin",
)

SPREAD = Bound(
    "spread",
    title="L2: distance across less the spread within",
    lhs=_across - mean((i, _i2), distance(x[i], x[_i2])) - mean((k, _k2), distance(w[k], w[_k2])),
    rhs=_centroids,
    citation=_SOURCE,
    sharpness="Equality for one point a side.",
    proof="Upper.spread",
)

HULLS = Bound(
    "hulls",
    title="L3: the distance of the convex hulls",
    lhs=HullDistance(x, w),
    rhs=norm(mean(x, weights=_a) - mean(w, weights=_c)),
    space=Space.EUCLIDEAN,
    citation=_SOURCE,
    sharpness="Equality for the weights of the nearest points of the two hulls.",
    proof="Lower.hulls",
)

LOWER = (SEPARATION, MARGIN, SPREAD, HULLS)
