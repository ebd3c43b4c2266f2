"""Optimal transport, energy and Chamfer distances: how distances of collections compare."""

from __future__ import annotations

from boundcheck.language import (
    Bound,
    Collection,
    Index,
    Map,
    Parameter,
    Scalar,
    Space,
    Transport,
    Vector,
    Weights,
    absolute,
    another,
    distance,
    equals,
    exp,
    farthest,
    i,
    indicator,
    j,
    largest,
    lipschitz,
    maximum,
    mean,
    minimum,
    norm,
    smallest,
    total,
    wasserstein,
    x,
    z,
)
from boundcheck.theorems.published.record import Instance, Published, line
from boundcheck.theorems.upper import TRANSPORT as CENTROIDS

__all__ = ["TRANSPORT"]

_i2, _j2 = another(x), another(z)
_within_x = mean((i, _i2), distance(x[i], x[_i2]))
_within_z = mean((j, _j2), distance(z[j], z[_j2]))
_energy = _within_x + _within_z
_across = mean((i, j), distance(x[i], z[j]))
_diameter = largest(
    farthest(x, z), maximum((i, _i2), distance(x[i], x[_i2])), maximum((j, _j2), distance(z[j], z[_j2]))
)

MEAN = Published(
    CENTROIDS,
    year=2015,
    conventions="Of documents the centroids are the word centroid distance of M. Kusner et al., ICML 2015; that MEAN is "
    "1-Lipschitz in W₁: G. Nikolentzos, K. Skianis, ICLR 2026 (arXiv 2505.24403).",
    sharp=Instance({"x": ((0, 1), (2, 5)), "z": ((3, 1), (5, 5))}),
)

RELAXED = Published(
    Bound(
        "relaxed-transport",
        title="Relaxed word mover's distance: nearest words cost at most transport",
        lhs=largest(mean(i, minimum(j, distance(x[i], z[j]))), mean(j, minimum(i, distance(x[i], z[j])))),
        rhs=Transport(x, z),
        collections=(x, z),
        citation="M. Kusner, Y. Sun, N. Kolkin, K. Weinberger, From word embeddings to document distances, ICML 2015, §4",
        sharpness="Equality for one point a side: x = 0, z = 1 gives 1 = 1.",
        proof="Couplings.relaxed_transport",
    ),
    year=2015,
    conventions="Words have equal weights here.",
    sharp=Instance({"x": line(0), "z": line(1)}),
)

CHAMFER = Published(
    Bound(
        "chamfer-transport",
        title="Chamfer distance is weaker than the earth mover's",
        lhs=mean(i, minimum(j, distance(x[i], z[j]) ** 2)) + mean(j, minimum(i, distance(x[i], z[j]) ** 2)),
        rhs=2 * _diameter * Transport(x, z),
        collections=(x, z),
        citation="T. Nguyen, Q.-H. Pham, T. Le, T. Pham, N. Ho, B.-S. Hua, Point-set distances for learning representations "
        "of 3D point clouds, ICCV 2021 (arXiv 2102.04014), lemma 1",
        sharpness="Equality for one point a side: x = 0, z = 1 gives 1 + 1 = 2·1·1.",
        proof="Couplings.chamfer_transport",
    ),
    year=2021,
    conventions=(
        "W₁ is the least mean distance of a coupling; the source's earth mover's distance of equally many points is the least "
        "sum, n times that, for which the statement is weaker. Equal sizes are not needed. The diameter of the hull is that "
        "of the points."
    ),
    sharp=Instance({"x": line(0), "z": line(1)}),
)

ENERGY = Published(
    Bound(
        "energy-distance",
        title="Energy distance is not negative",
        lhs=_energy,
        rhs=2 * _across,
        collections=(x, z),
        space=Space.EUCLIDEAN,
        citation="G. Székely, M. Rizzo, Energy statistics: a class of statistics based on distances, Journal of Statistical "
        "Planning and Inference 143 (2013), §2",
        sharpness="Equality for collections of the same points: x = 0, 1 and z = 0, 1 give 1/2 + 1/2 = 2·1/2.",
    ),
    year=2013,
    conventions="Means are over all pairs, a point with itself among them (the V-statistic).",
    sharp=Instance({"x": line(0, 1), "z": line(0, 1)}),
)

ENERGY_ANY_NORM = Published(
    Bound(
        "energy-distance-sup-norm",
        title="Energy distance in the sup norm",
        lhs=_energy,
        rhs=2 * _across,
        collections=(x, z),
        space=Space.SUP_NORM,
        citation="the statement of G. Székely, M. Rizzo, 2013, read in another norm than the Euclidean",
    ),
    year=2013,
    conventions="Read as a statement about distances of any kind; distances in the sup norm need not be of negative type.",
    reading_of="energy-distance",
    counterexample=Instance(
        {"x": ((0, 0, 1), (0, 0, -1)), "z": ((1, 1, 0), (1, -1, 0), (-1, 1, 0))}, norm=float("inf")
    ),
)

CHAMFER_SUMS = Published(
    Bound(
        "chamfer-transport-sums",
        total(i, minimum(j, distance(x[i], z[j]) ** 2)) + total(j, minimum(i, distance(x[i], z[j]) ** 2))
        <= 2 * _diameter * Transport(x, z),
        title="Chamfer distance as sums, the earth mover's as a mean",
        collections=(x, z),
        citation="T. Nguyen et al., ICCV 2021, lemma 1, with sums on its left side alone",
    ),
    year=2021,
    conventions="Where the Chamfer distance is read as sums over both sets, while the earth mover's is the mean of a coupling.",
    reading_of="chamfer-transport",
    counterexample=Instance({"x": line(0, 0), "z": line(1, 1)}),
)


def _share(of: Collection, index: Index, point: Vector) -> Scalar:
    """Return how much of a collection is at a point."""
    return mean(index, indicator(equals(distance(of[index], point), 0)))


# Over the points of x: how far the share of z there is from that of x; over those of z: whether they are none of x.
_changed = mean(i, absolute(1 - _share(z, j, x[i]) / _share(x, _i2, x[i])))
_absent = mean(j, indicator(equals(total(i, indicator(equals(distance(x[i], z[j]), 0))), 0)))
_variation = (_changed + _absent) / 2


def _unequal(a: Vector, b: Vector) -> Scalar:
    """Return the distance of two points, or where they are one the diameter, so that it is not the least."""
    return distance(a, b) + _diameter * indicator(equals(distance(a, b), 0))


_least = smallest(
    minimum((i, j), _unequal(x[i], z[j])),
    minimum((i, _i2), _unequal(x[i], x[_i2])),
    minimum((j, _j2), _unequal(z[j], z[_j2])),
)
_GIBBS = "A. Gibbs, F. Su, On choosing and bounding probability metrics, International Statistical Review 70 (2002), theorem 4"
_MULTISETS = (
    "The two distributions on one finite set are x and z with their repetitions, so any rational ones can be had; total "
    "variation is half the sum of the differences of their shares."
)

VARIATION_ABOVE = Published(
    Bound(
        "transport-variation",
        Transport(x, z) <= _diameter * _variation,
        title="Transport is at most the diameter times total variation",
        collections=(x, z),
        citation=_GIBBS,
        sharpness="Equality for one point a side: x = 0, z = 1 gives 1 = 1·1.",
    ),
    year=2002,
    conventions=_MULTISETS,
    sharp=Instance({"x": line(0), "z": line(1)}),
)

VARIATION_BELOW = Published(
    Bound(
        "variation-transport",
        _least * _variation <= Transport(x, z),
        title="Transport is at least the least distance times total variation",
        collections=(x, z),
        citation=_GIBBS,
        sharpness="Equality for one point a side: x = 0, z = 1 gives 1·1 = 1.",
    ),
    year=2002,
    conventions=f"{_MULTISETS} The least distance is that of two different points.",
    sharp=Instance({"x": line(0), "z": line(1)}),
)

VARIATION_TWICE = Published(
    Bound(
        "variation-transport-twice",
        2 * _least * _variation <= Transport(x, z),
        title="Transport and total variation without its half",
        collections=(x, z),
        citation=f"{_GIBBS}, with total variation as the whole sum of differences",
    ),
    year=2002,
    conventions="Total variation is read as the sum of the differences in some of the literature, twice of what it is in the source.",
    reading_of="variation-transport",
    counterexample=Instance({"x": line(0), "z": line(1)}),
)

_a, _b = Weights("a", x), Weights("b", x)
_one_point = indicator(equals(distance(x[i], x[_i2]), 0))
# Of what lies at each point together, so that points may be repeated.
_changed_weight = total(
    i, absolute(mean(_i2, _one_point, weights=_a) - mean(_i2, _one_point, weights=_b)) / total(_i2, _one_point)
)
_diameter_of_x = maximum((i, _i2), distance(x[i], x[_i2]))
_least_of_x = minimum((i, _i2), distance(x[i], x[_i2]) + _diameter_of_x * _one_point)
_between_weightings = wasserstein(x, x, weights=(_a, _b))
_WEIGHTED = (
    "Two weightings a and b of one finite set; weights of points at one place are added, so that points may be repeated. Total "
    "variation is half the sum of the differences."
)
_HALVES = {"a": (1, 0), "b": (0, 1)}

WEIGHTED_ABOVE = Published(
    Bound(
        "transport-variation-weighted",
        _between_weightings <= _diameter_of_x * _changed_weight / 2,
        title="Transport of one weighting to another is at most the diameter times total variation",
        collections=(x,),
        citation=_GIBBS,
        sharpness="Equality for two points: x = 0, 1 with the weights 1, 0 and 0, 1 gives 1 = 1·2/2.",
    ),
    year=2002,
    conventions=_WEIGHTED,
    sharp=Instance({"x": line(0, 1)}, weights=_HALVES),
)

WEIGHTED_BELOW = Published(
    Bound(
        "variation-transport-weighted",
        _least_of_x * _changed_weight / 2 <= _between_weightings,
        title="Transport of one weighting to another is at least the least distance times total variation",
        collections=(x,),
        citation=_GIBBS,
        sharpness="Equality for two points: x = 0, 1 with the weights 1, 0 and 0, 1 gives 1·2/2 = 1.",
    ),
    year=2002,
    conventions=f"{_WEIGHTED} The least distance is that of two different points.",
    sharp=Instance({"x": line(0, 1)}, weights=_HALVES),
)

WEIGHTED_TWICE = Published(
    Bound(
        "variation-transport-weighted-twice",
        _least_of_x * _changed_weight <= _between_weightings,
        title="Transport of one weighting to another and total variation without its half",
        collections=(x,),
        citation=f"{_GIBBS}, with total variation as the whole sum of differences",
    ),
    year=2002,
    conventions="As for collections with repetitions.",
    reading_of="variation-transport-weighted",
    counterexample=Instance({"x": line(0, 1)}, weights=_HALVES),
)

_VILLANI = "C. Villani, Optimal transport: old and new, Springer 2009, remark 6.6"

ORDERS = Published(
    Bound(
        "transport-orders",
        wasserstein(x, z) <= wasserstein(x, z, p=2),
        title="Transport of order 1 costs at most that of order 2",
        collections=(x, z),
        citation=_VILLANI,
        sharpness="Equality where all mass moves as far: x = 0, 1 and z = 1, 2 give 1 = 1.",
    ),
    year=2009,
    conventions="W_p is the p-th root of the least mean of p-th powers; points have equal weights.",
    sharp=Instance({"x": line(0, 1), "z": line(1, 2)}),
)

ORDERS_REVERSED = Published(
    Bound(
        "transport-orders-reversed",
        wasserstein(x, z, p=2) <= wasserstein(x, z),
        title="Transport of order 2 as at most that of order 1",
        collections=(x, z),
        citation=f"{_VILLANI}, read the other way round",
    ),
    year=2009,
    conventions="The largest distance would be a factor, as in remark 6.6's interpolation.",
    reading_of="transport-orders",
    counterexample=Instance({"x": line(0, 0), "z": line(0, 1)}),
)

MMD = Published(
    Bound(
        "gaussian-discrepancy",
        2 * mean((i, j), exp(-(distance(x[i], z[j]) ** 2)))
        <= mean((i, _i2), exp(-(distance(x[i], x[_i2]) ** 2))) + mean((j, _j2), exp(-(distance(z[j], z[_j2]) ** 2))),
        title="The mean discrepancy of a Gaussian kernel is not negative",
        collections=(x, z),
        space=Space.EUCLIDEAN,
        citation="A. Gretton, K. Borgwardt, M. Rasch, B. Schölkopf, A. Smola, A kernel two-sample test, Journal of Machine "
        "Learning Research 13 (2012)",
        sharpness="Equality for collections of the same points: x = 0 and z = 0 give 2 = 1 + 1.",
    ),
    year=2012,
    conventions="MMD² with the kernel exp(−‖u − v‖²), means over all pairs, a point with itself among them (the V-statistic).",
    sharp=Instance({"x": line(0), "z": line(0)}),
)

_h, _h2 = Map("h", into="Y"), Map("h′", into="Y")
_K = Parameter("K")
_on_source, _on_target = mean(i, norm(_h(x[i]) - _h2(x[i]))), mean(j, norm(_h(z[j]) - _h2(z[j])))
_SHEN = (
    "J. Shen, Y. Qu, W. Zhang, Y. Yu, Wasserstein distance guided representation learning for domain adaptation, AAAI 2018 "
    "(arXiv 1707.01217), lemma 1"
)

ADAPTATION = Published(
    Bound(
        "domain-adaptation",
        _on_target <= _on_source + 2 * _K * Transport(x, z),
        premises=(lipschitz(_K, of=_h), lipschitz(_K, of=_h2)),
        title="What two hypotheses differ by on a target, from the source and transport",
        collections=(x, z),
        citation=_SHEN,
        sharpness="Equality on the line for h(v) = K·v and h′(v) = −K·v at x = 0, z = 1: 2K = 0 + 2K.",
        proof="Couplings.domain_adaptation",
    ),
    year=2018,
    conventions="x are the source's points, z the target's; h and h′ lead to one normed space, to numbers in the source.",
    sharp=Instance({"x": line(0), "z": line(1)}, parameters={"K": 4}, maps={"h": 4, "h′": -4}),
)

ADAPTATION_ONCE = Published(
    Bound(
        "domain-adaptation-once",
        _on_target <= _on_source + _K * Transport(x, z),
        premises=(lipschitz(_K, of=_h), lipschitz(_K, of=_h2)),
        title="Domain adaptation with the constant of one hypothesis",
        collections=(x, z),
        citation=f"{_SHEN}; with K in place of 2K",
    ),
    year=2018,
    conventions="The difference of two K-Lipschitz maps is 2K-Lipschitz, not K.",
    reading_of="domain-adaptation",
    counterexample=Instance({"x": line(0), "z": line(1)}, parameters={"K": 4}, maps={"h": 4, "h′": -4}),
)

TRANSPORT = (
    MEAN,
    RELAXED,
    CHAMFER,
    CHAMFER_SUMS,
    VARIATION_ABOVE,
    VARIATION_BELOW,
    VARIATION_TWICE,
    WEIGHTED_ABOVE,
    WEIGHTED_BELOW,
    WEIGHTED_TWICE,
    ORDERS,
    ORDERS_REVERSED,
    ADAPTATION,
    ADAPTATION_ONCE,
    ENERGY,
    ENERGY_ANY_NORM,
    MMD,
)
