"""Searching by distances: what a few distances to pivots and centres say of all others.

Queries are z, objects x, pivots w.
"""

from __future__ import annotations

from boundcheck.language import (
    Bound,
    Collection,
    Parameter,
    Scalar,
    Space,
    absolute,
    another,
    distance,
    equals,
    for_all,
    i,
    indicator,
    inner,
    j,
    k,
    maximum,
    mean,
    minimum,
    sample,
    total,
    w,
    x,
    z,
)
from boundcheck.theorems.published.record import Instance, Published, line

__all__ = ["INDEXING"]

_i2, _k2 = another(x), another(w)
_PIVOTS = (
    "L. Micó, J. Oncina, E. Vidal, A new version of the nearest-neighbour approximating and eliminating search algorithm "
    "(AESA) with linear preprocessing time and memory requirements, Pattern Recognition Letters 15 (1994); "
    "E. Chávez, G. Navarro, R. Baeza-Yates, J. Marroquín, Searching in metric spaces, ACM Computing Surveys 33 (2001), §7"
)

PIVOTS = Published(
    Bound(
        "pivots",
        maximum(k, absolute(distance(z[j], w[k]) - distance(x[i], w[k]))) <= distance(x[i], z[j]),
        title="Pivots: the difference of two distances to a pivot",
        collections=(x, z, w),
        citation=_PIVOTS,
        sharpness="Equality on the line where the pivot lies beyond both: x = 1, z = 3, w = 0.",
        proof="Searching.pivots",
    ),
    year=1994,
    conventions="x are objects, z queries, w pivots; the source has one query at a time.",
    sharp=Instance({"x": line(1), "z": line(3), "w": line(0)}),
)

PIVOTS_ABOVE = Published(
    Bound(
        "pivots-above",
        distance(x[i], z[j]) <= minimum(k, distance(x[i], w[k]) + distance(w[k], z[j])),
        title="Pivots: the shortest way through a pivot",
        collections=(x, z, w),
        citation=_PIVOTS,
        sharpness="Equality on the line where the pivot lies between the two: x = 0, z = 2, w = 1.",
        proof="Searching.pivots_above",
    ),
    year=1994,
    conventions="As for the difference of two distances to a pivot.",
    sharp=Instance({"x": line(0), "z": line(2), "w": line(1)}),
)

PTOLEMY = Published(
    Bound(
        "ptolemy",
        distance(x[i], w[k]) * distance(z[j], w[_k2])
        <= distance(x[i], w[_k2]) * distance(z[j], w[k]) + distance(x[i], z[j]) * distance(w[k], w[_k2]),
        title="Ptolemy's inequality: two pivots say more than one",
        collections=(x, z, w),
        space=Space.EUCLIDEAN,
        citation="M. Hetland, Ptolemaic indexing, Journal of Computational Geometry 6 (2015); the inequality is Ptolemy's",
        sharpness="Equality at four points of a circle in order, and where both pivots are one: x = 0, z = 1, w = 2 gives 2·1 = 2·1 + 1·0.",
        proof="Learning.ptolemy",
    ),
    year=2015,
    conventions=(
        "The source divides by the distance of the two pivots, which are different there; here they may be the same, and "
        "both signs of the difference are had by exchanging them."
    ),
    sharp=Instance({"x": line(0), "z": line(1), "w": line(2)}),
)

ELKAN = Published(
    Bound(
        "elkan",
        distance(x[i], z[j]) <= distance(x[i], w[k]),
        title="Elkan's lemma: a far second centre need not be looked at",
        premises=(
            for_all(
                "centres far apart",
                2 * distance(x[i], z[j]) <= distance(z[j], w[k]),
                hint="leave out the other centres that are nearer to the centre than twice the distance of an object from it",
            ),
        ),
        collections=(x, z, w),
        citation="C. Elkan, Using the triangle inequality to accelerate k-means, ICML 2003, lemma 1",
        sharpness="Equality on the line half-way between the centres: x = 1, z = 0, w = 2.",
        proof="Searching.elkan",
    ),
    year=2003,
    conventions="x are objects, z their centres, w other centres.",
    sharp=Instance({"x": line(1), "z": line(0), "w": line(2)}),
)

BALL = Published(
    Bound(
        "covering-ball",
        distance(z[j], mean(x)) - maximum(i, distance(x[i], mean(_i2, x[_i2]))) <= minimum(i, distance(x[i], z[j])),
        title="A ball around a collection: how near a query can be to it",
        collections=(x, z),
        citation=(
            "S. Omohundro, Five balltree construction algorithms, ICSI technical report 89-063, 1989; "
            "P. Ciaccia, M. Patella, P. Zezula, M-tree, VLDB 1997"
        ),
        sharpness="Equality on the line at x = −1, 1 and z = 3: 3 − 1 = 2.",
        proof="Searching.covering_ball",
    ),
    year=1989,
    conventions="The centre is the centroid, the radius the largest distance from it; the sources allow any centre.",
    sharp=Instance({"x": line(-1, 1), "z": line(3)}),
)

_rows = Collection("r", "rows", "l", "L", "rows of projections")
_l = _rows.each
_S = sample(_rows, 2, replacement=True)
_apart = another(x, apart_from=i)
_difference = x[i] - x[_apart]
_tolerance = absolute(Parameter("ε"))
_all_rows = mean(_l, inner(_rows[_l], _difference) ** 2)
_drawn_rows = mean(_S.each, inner(_rows[_S.each], _difference) ** 2)
_off = absolute(_drawn_rows - _all_rows)
_ACHLIOPTAS = (
    "W. Johnson, J. Lindenstrauss, Extensions of Lipschitz mappings into a Hilbert space, Contemporary Mathematics 26 (1984); "
    "S. Dasgupta, A. Gupta, An elementary proof of a theorem of Johnson and Lindenstrauss, Random Structures and Algorithms 22 "
    "(2003), theorem 2.1; rows of signs: D. Achlioptas, Database-friendly random projections, Journal of Computer and System "
    "Sciences 66 (2003)"
)
_PROJECTED = (
    "A projection is two rows drawn with replacement from finitely many r, so expectations are finite; squared lengths are "
    "means of ⟨r, v⟩², and of all rows together ‖v‖² where r is a tight frame, as all vectors of signs are. The source's "
    "theorem is that some map keeps all distances, for a number of rows from a tail bound; its steps are what is finite: the "
    "expectation, the tail of one pair, here by Chebyshev's inequality, and the union over pairs."
)


def _share(off: Scalar) -> Scalar:
    """Return the share of the projections by which a pair's squared distance is off."""
    return mean(_S, off)


PROJECTION = Published(
    Bound(
        "projection-expectation",
        equals(_share(_drawn_rows), _all_rows),
        title="Random projections keep squared distances on average",
        collections=(x, _rows),
        space=Space.EUCLIDEAN,
        citation=_ACHLIOPTAS,
    ),
    year=2003,
    conventions=_PROJECTED,
)

PROJECTION_TAIL = Published(
    Bound(
        "projection-tail",
        2 * _tolerance**2 * _all_rows**2 * _share(indicator(_off >= _tolerance * _all_rows))
        <= mean(_l, inner(_rows[_l], _difference) ** 4) - _all_rows**2,
        title="How many random projections change a squared distance by much",
        collections=(x, _rows),
        space=Space.EUCLIDEAN,
        citation=_ACHLIOPTAS,
        sharpness="Equality on the line at x = 0, 1, r = 0, 2 and ε = 1: 2·1·4·1/2 = 8 − 4.",
    ),
    year=2003,
    conventions=f"{_PROJECTED} ε is taken without its sign.",
    sharp=Instance({"x": line(0, 1), "r": line(0, 2)}, parameters={"ε": 1}),
)

PROJECTION_TAIL_SQUARED = Published(
    Bound(
        "projection-tail-squared",
        4 * _tolerance**2 * _all_rows**2 * _share(indicator(_off >= _tolerance * _all_rows))
        <= mean(_l, inner(_rows[_l], _difference) ** 4) - _all_rows**2,
        title="The tail of random projections with the square of the number of rows",
        collections=(x, _rows),
        space=Space.EUCLIDEAN,
        citation=f"{_ACHLIOPTAS}; with k² for k rows",
    ),
    year=2003,
    conventions="The variance of a mean of k rows is one k-th of a row's, not one k²-th.",
    reading_of="projection-tail",
    counterexample=Instance({"x": line(0, 1), "r": line(0, 2)}, parameters={"ε": 1}),
)

PROJECTION_UNION = Published(
    Bound(
        "projection-union",
        _share(indicator(maximum((i, _apart), _off - _tolerance * _all_rows) <= 0))
        + total((i, _apart), _share(indicator(_off > _tolerance * _all_rows)))
        >= 1,
        title="Some projection keeps all squared distances if few change each",
        collections=(x, _rows),
        space=Space.EUCLIDEAN,
        citation=_ACHLIOPTAS,
        sharpness="Equality where no projection changes any: x = 0, 1 and r = 1 give 1 = 1 + 0.",
    ),
    year=2003,
    conventions=(
        f"{_PROJECTED} Every projection keeps all pairs or changes one; so where the shares that change each pair add up to "
        "less than 1, some projection keeps all. Pairs are counted in both orders."
    ),
    sharp=Instance({"x": line(0, 1), "r": line(1)}, parameters={"ε": 0}),
)

INDEXING = (
    PIVOTS,
    PIVOTS_ABOVE,
    PTOLEMY,
    ELKAN,
    BALL,
    PROJECTION,
    PROJECTION_TAIL,
    PROJECTION_TAIL_SQUARED,
    PROJECTION_UNION,
)
