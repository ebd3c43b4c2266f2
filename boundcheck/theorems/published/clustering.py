"""Clustering: what centroids, seeds and merges cost."""

from __future__ import annotations

from boundcheck.language import (
    Bound,
    Dimension,
    Relation,
    Scalar,
    Size,
    Space,
    Vector,
    another,
    at,
    classes,
    coordinate_index,
    coordinate_maximum,
    coordinate_median,
    coordinate_minimum,
    distance,
    enclosing_radius,
    equals,
    exp,
    geometric_median_cost,
    i,
    inner,
    j,
    k,
    largest,
    maximum,
    mean,
    minimum,
    norm,
    total,
    variance,
    w,
    x,
    z,
)
from boundcheck.theorems.published.record import Instance, Published, line

__all__ = ["CLUSTERING"]

_i2 = another(x)
_n, _p, _q = Size(x), Size(z), Size(w)

HUYGENS = Published(
    Bound(
        "huygens",
        title="Huygens and König: the distortion about any point",
        lhs=mean((i, j), distance(x[i], z[j]) ** 2) - variance(z),
        rhs=variance(x) + norm(mean(x) - mean(z)) ** 2,
        relation=Relation.EQUAL,
        collections=(x, z),
        space=Space.EUCLIDEAN,
        citation="C. Huygens, Horologium oscillatorium, 1673, part IV; S. König's theorem; k-means: S. Lloyd, "
        "Least squares quantization in PCM, IEEE Transactions on Information Theory 28 (1982)",
        proof="Clustering.huygens",
    ),
    year=1982,
    conventions="With one z, its variance is 0 and it is the point y of mean_i ‖x_i − y‖² = Var(x) + ‖c_x − y‖².",
)

FIRST_SEED = Published(
    Bound(
        "first-seed",
        title="A random first centre costs twice the optimum (k-means++)",
        lhs=mean((_i2, i), distance(x[i], x[_i2]) ** 2),
        rhs=2 * variance(x),
        relation=Relation.EQUAL,
        collections=(x,),
        space=Space.EUCLIDEAN,
        citation="D. Arthur, S. Vassilvitskii, k-means++: the advantages of careful seeding, SODA 2007, lemma 3.1",
        proof="Clustering.first_seed",
    ),
    year=2007,
    conventions="The expectation over a uniform first centre is the mean over i′; costs are means where the source has sums.",
)

MEDOID_SQUARED = Published(
    Bound(
        "medoid-squared",
        title="The best point of a cluster costs at most twice the centroid",
        lhs=minimum(_i2, mean(i, distance(x[i], x[_i2]) ** 2)),
        rhs=2 * variance(x),
        collections=(x,),
        space=Space.EUCLIDEAN,
        citation="D. Arthur, S. Vassilvitskii, k-means++: the advantages of careful seeding, SODA 2007; a least value is at "
        "most the mean of lemma 3.1",
        sharpness="Equality at two points: x = 0, 2 gives 2 = 2·1.",
        proof="Clustering.medoid_squared",
    ),
    year=2007,
    conventions="Costs are means of squared distances.",
    sharp=Instance({"x": line(0, 2)}),
)

MEDOID = Published(
    Bound(
        "medoid",
        title="The best point of a cluster costs at most twice any centre",
        lhs=minimum(_i2, mean(i, distance(x[i], x[_i2]))),
        rhs=2 * minimum(j, mean(i, distance(x[i], z[j]))),
        collections=(x, z),
        citation="M. Charikar, S. Guha, É. Tardos, D. Shmoys, A constant-factor approximation algorithm for the k-median "
        "problem, STOC 1999",
        proof="Searching.medoid",
    ),
    year=1999,
    conventions="z are candidates for a centre anywhere in space; costs are means of distances.",
)


def _ward(size_a: Scalar, centre_a: Vector, size_b: Scalar, centre_b: Vector) -> Scalar:
    """Return by how much Ward's merge of two clusters raises the sum of squares."""
    return size_a * size_b / (size_a + size_b) * norm(centre_a - centre_b) ** 2


_union = (_n * mean(x) + _p * mean(z)) / (_n + _p)
_SOURCE_WARD = (
    "J. Ward, Hierarchical grouping to optimize an objective function, JASA 58 (1963); F. Murtagh, P. Legendre, Ward's "
    "hierarchical agglomerative clustering method, Journal of Classification 31 (2014)"
)

WARD = Published(
    Bound(
        "ward",
        title="Lance and Williams's recurrence of Ward's linkage",
        lhs=_ward(_n + _p, _union, _q, mean(w)),
        rhs=(
            (_n + _q) * _ward(_n, mean(x), _q, mean(w))
            + (_p + _q) * _ward(_p, mean(z), _q, mean(w))
            - _q * _ward(_n, mean(x), _p, mean(z))
        )
        / (_n + _p + _q),
        relation=Relation.EQUAL,
        collections=(x, z, w),
        space=Space.EUCLIDEAN,
        citation=_SOURCE_WARD,
        proof="Clustering.ward",
    ),
    year=1963,
    conventions=(
        "D(A, B) = n_A n_B / (n_A + n_B) ‖c_A − c_B‖², by how much merging raises the sum of squares; the source's second "
        "convention has twice that, which changes nothing."
    ),
)


UPGMA = Published(
    Bound(
        "average-linkage",
        title="Lance and Williams's recurrence of average linkage",
        lhs=(total((i, k), distance(x[i], w[k])) + total((j, k), distance(z[j], w[k]))) / ((_n + _p) * _q),
        rhs=(_n * mean((i, k), distance(x[i], w[k])) + _p * mean((j, k), distance(z[j], w[k]))) / (_n + _p),
        relation=Relation.EQUAL,
        collections=(x, z, w),
        citation="G. Lance, W. Williams, A general theory of classificatory sorting strategies, The Computer Journal 9 (1967)",
        proof="Searching.average_linkage",
    ),
    year=1967,
    conventions="On the left all distances from the union of x and z to w are added and divided by how many there are.",
)


_from_below = mean(x) - coordinate_minimum(x)
_to_above = coordinate_maximum(x) - mean(x)
_BHATIA = "R. Bhatia, C. Davis, A better bound on the variance, American Mathematical Monthly 107 (2000)"

BHATIA_DAVIS = Published(
    Bound(
        "bhatia-davis",
        variance(x) <= inner(_to_above, _from_below),
        title="Bhatia and Davis: the variance from the mean and the range",
        collections=(x,),
        space=Space.EUCLIDEAN,
        citation=_BHATIA,
        sharpness="Equality where every coordinate takes two values: x = 0, 0, 3 gives 2 = 2·1.",
        proof="Coordinates.bhatia_davis",
    ),
    year=2000,
    conventions="The source speaks of numbers, σ² ≤ (M − μ)(μ − m); here its sum over coordinates, which may be any number of them.",
    sharp=Instance({"x": line(0, 0, 3)}),
)

POPOVICIU = Published(
    Bound(
        "popoviciu",
        variance(x) <= norm(coordinate_maximum(x) - coordinate_minimum(x)) ** 2 / 4,
        title="Popoviciu: the variance is at most a quarter of the squared range",
        collections=(x,),
        space=Space.EUCLIDEAN,
        citation=f"T. Popoviciu, Sur les équations algébriques ayant toutes leurs racines réelles, Mathematica 9 (1935); {_BHATIA}",
        sharpness="Equality at two points: x = 0, 2 gives 1 = 4/4.",
        proof="Coordinates.popoviciu",
    ),
    year=1935,
    conventions="Of the sides of the box around the points; the source speaks of numbers.",
    sharp=Instance({"x": line(0, 2)}),
)

POPOVICIU_SAMPLE = Published(
    Bound(
        "popoviciu-sample-variance",
        Size(x) * variance(x) / largest(1, Size(x) - 1) <= norm(coordinate_maximum(x) - coordinate_minimum(x)) ** 2 / 4,
        title="Popoviciu for the sample variance",
        collections=(x,),
        space=Space.EUCLIDEAN,
        citation="T. Popoviciu, 1935, with the variance that divides by n − 1",
    ),
    year=1935,
    conventions="Variances that divide by n − 1 in place of n are larger.",
    reading_of="popoviciu",
    counterexample=Instance({"x": line(0, 2)}),
)

_t = coordinate_index()
_BANERJEE = (
    "A. Banerjee, S. Merugu, I. Dhillon, J. Ghosh, Clustering with Bregman divergences, Journal of Machine Learning Research 6 "
    "(2005), proposition 1; why prototypes are means: J. Snell, K. Swersky, R. Zemel, NeurIPS 2017, §2.3"
)


def _exponential(u: Vector, v: Vector) -> Scalar:
    """Return the Bregman divergence of Σ_t exp(v_t)."""
    return total(_t, exp(at(u, _t)) - exp(at(v, _t)) - (at(u, _t) - at(v, _t)) * exp(at(v, _t)))


BREGMAN = Published(
    Bound(
        "bregman-exponential",
        mean(i, _exponential(x[i], mean(_i2, x[_i2]))) <= minimum(j, mean(i, _exponential(x[i], z[j]))),
        title="The mean minimises every Bregman divergence, here that of exp",
        collections=(x, z),
        citation=_BANERJEE,
        sharpness="Equality where z is the centroid: x = 0, 2 and z = 1.",
        proof="Exponentials.bregman_exponential",
    ),
    year=2005,
    conventions="φ(v) = Σ_t exp(v_t); the source has any convex φ. z are candidates for the centre.",
    sharp=Instance({"x": line(0, 2), "z": line(1)}),
)

BREGMAN_REVERSED = Published(
    Bound(
        "bregman-exponential-reversed",
        mean(i, _exponential(mean(_i2, x[_i2]), x[i])) <= minimum(j, mean(i, _exponential(z[j], x[i]))),
        title="The mean and a Bregman divergence with its arguments exchanged",
        collections=(x, z),
        citation=f"{_BANERJEE}, with the divergence from the centre to the points",
    ),
    year=2005,
    conventions="Divergences are not symmetric: the other way round the minimiser is a mean of the gradients.",
    reading_of="bregman-exponential",
    counterexample=Instance({"x": line(0, 4), "z": line(3)}),
)

BREGMAN_EUCLIDEAN = Published(
    Bound(
        "mean-minimises-squares",
        variance(x) <= minimum(j, mean(i, distance(x[i], z[j]) ** 2)),
        title="The mean minimises every Bregman divergence, here the squared distance",
        collections=(x, z),
        space=Space.EUCLIDEAN,
        citation=_BANERJEE,
        sharpness="Equality where z is the centroid: x = 0, 2 and z = 1 give 1 = 1.",
        proof="Learning.mean_minimises_squares",
    ),
    year=2005,
    conventions="φ(v) = ‖v‖²; z are candidates for the centre.",
    sharp=Instance({"x": line(0, 2), "z": line(1)}),
)

_C = classes("C")
_c = _C.each

ANOVA = Published(
    Bound(
        "between-and-within",
        equals(
            variance(_C),
            mean(_c, _C.count * _C[_c].count / Size(_C) * (variance(_C[_c]) + distance(mean(_C[_c]), mean(_C)) ** 2)),
        ),
        title="Variance between and within classes",
        collections=(_C,),
        space=Space.EUCLIDEAN,
        citation="R. Fisher, Statistical methods for research workers, 1925; the trace of scatter matrices in discriminant analysis",
        proof="Families.between_and_within",
    ),
    year=1925,
    conventions="Classes weigh as their sizes do, K·n_c / N each under the mean over classes.",
)

MEDIAN = Published(
    Bound(
        "medoid-median",
        minimum(_i2, mean(i, distance(x[i], x[_i2]))) <= 2 * geometric_median_cost(x),
        title="The best point of a cluster costs at most twice the geometric median",
        collections=(x,),
        citation="M. Charikar, S. Guha, É. Tardos, D. Shmoys, A constant-factor approximation algorithm for the k-median "
        "problem, STOC 1999",
        proof="Searching.medoid_median",
    ),
    year=1999,
    conventions="The least mean distance from any vector of the space, which no finite list of candidates has to have.",
)

_diameter = maximum((i, _i2), distance(x[i], x[_i2]))
_JUNG = "H. Jung, Über die kleinste Kugel, die eine räumliche Figur einschließt, Journal für die reine und angewandte Mathematik 123 (1901)"

JUNG = Published(
    Bound(
        "jung",
        enclosing_radius(x) <= _diameter * (Dimension() / (2 * (Dimension() + 1))) ** 0.5,
        title="Jung: a set of small diameter is in a small ball",
        collections=(x,),
        space=Space.EUCLIDEAN,
        citation=_JUNG,
        sharpness="Equality for regular simplices, on the line for two points: x = 0, 2 gives 1 = 2·√(1/4).",
    ),
    year=1901,
    conventions="The radius of the smallest enclosing ball; D is the dimension of the space.",
    sharp=Instance({"x": line(0, 2)}),
)

JUNG_HALF = Published(
    Bound(
        "jung-half",
        enclosing_radius(x) <= _diameter / 2,
        title="A set of diameter d as one within a ball of radius d/2",
        collections=(x,),
        space=Space.EUCLIDEAN,
        citation=f"{_JUNG}; with the constant of the line",
    ),
    year=1901,
    conventions="True on the line and in the sup norm; in the Euclidean plane a triangle is the counterexample.",
    reading_of="jung",
    counterexample=Instance({"x": ((0, 0), (4, 0), (2, 3))}),
)

ENCLOSED = Published(
    Bound(
        "variance-enclosing-ball",
        variance(x) <= enclosing_radius(x) ** 2,
        title="The variance is at most the square of the enclosing radius",
        collections=(x,),
        space=Space.EUCLIDEAN,
        citation="textbook: the mean minimises the mean squared distance, which from the ball's centre is at most R²",
        sharpness="Equality where all points are on the ball's edge around their centroid: x = 0, 2 gives 1 = 1².",
    ),
    year=1901,
    conventions="A form of the vector-valued Popoviciu inequality with the ball in place of the box.",
    sharp=Instance({"x": line(0, 2)}),
)

_HOTELLING = (
    "H. Hotelling, L. Solomons, The limits of a measure of skewness, Annals of Mathematical Statistics 3 (1932)"
)
_skew = norm(mean(x) - coordinate_median(x))

MEAN_MEDIAN = Published(
    Bound(
        "mean-median",
        _skew <= variance(x) ** 0.5,
        title="The mean and the median are a standard deviation apart at most",
        collections=(x,),
        space=Space.EUCLIDEAN,
        citation=_HOTELLING,
    ),
    year=1932,
    conventions="The source speaks of numbers; here medians are by coordinates, of any number of them, and the deviation is √Var.",
)

MEAN_MEDIAN_HALF = Published(
    Bound(
        "mean-median-half",
        _skew <= variance(x) ** 0.5 / 2,
        title="The mean and the median half a standard deviation apart",
        collections=(x,),
        space=Space.EUCLIDEAN,
        citation=f"{_HOTELLING}, with half of the constant",
    ),
    year=1932,
    conventions="Where the constant of the standardised skewness, which is between −1 and 1, is halved.",
    reading_of="mean-median",
    counterexample=Instance({"x": line(0, 0, 1)}),
)

CLUSTERING = (
    HUYGENS,
    FIRST_SEED,
    MEDOID_SQUARED,
    MEDOID,
    MEDIAN,
    JUNG,
    JUNG_HALF,
    ENCLOSED,
    BREGMAN,
    BREGMAN_REVERSED,
    BREGMAN_EUCLIDEAN,
    BHATIA_DAVIS,
    POPOVICIU,
    POPOVICIU_SAMPLE,
    ANOVA,
    WARD,
    UPGMA,
    MEAN_MEDIAN,
    MEAN_MEDIAN_HALF,
)
