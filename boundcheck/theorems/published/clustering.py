"""Clustering: what centroids, seeds and merges cost."""

from __future__ import annotations

from boundcheck.language import (
    Bound,
    Relation,
    Scalar,
    Size,
    Space,
    Vector,
    another,
    distance,
    i,
    j,
    k,
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
    ),
    year=1967,
    conventions="On the left all distances from the union of x and z to w are added and divided by how many there are.",
)

CLUSTERING = (HUYGENS, FIRST_SEED, MEDOID_SQUARED, MEDOID, WARD, UPGMA)
