"""Theorem K and its chain.

Source: P. Karimov, "Representation learning of data collections", MIPT, 2024 (slides).

If an embedding satisfies the triplet premise T(m) on three collections of n points each, the centroids of the two
collections of one class are at most 2·max{m, largest distance to the other class} apart. The proof is a chain, and
every link of it is a bound of its own:

    ‖c_x − c_z‖ = ‖Σ x_i − Σ z_i‖ / n        (definition of the centroid)
                ≤ mean d(x_i, z_i)             (triangle inequality)
                ≤ mean (d(x_i, w_i) + m)       (the premise T(m))
                ≤ m + max d(x_i, w_k)          (a mean is at most a maximum)
                ≤ 2 max{m, max d(x_i, w_k)}    (a sum is at most twice the larger)

Any norm will do. The 2 cannot be lowered: on the line x = 0, z = 2, w = 1, m = 1 gives 2 = 2·max{1, 1}.
Equal sizes are not needed for the conclusion: pairing every anchor with every positive, instead of x_i with z_i,
gives :data:`K_ANY_SIZES`.
"""

from __future__ import annotations

from boundcheck.language import (
    Bound,
    Relation,
    Size,
    distance,
    equal_sizes,
    farthest,
    i,
    j,
    k,
    largest,
    m,
    mean,
    minimum,
    norm,
    paired,
    total,
    triplet,
    w,
    x,
    z,
)

__all__ = ["K_ANY_SIZES", "K"]

_SOURCE = 'P. Karimov, "Representation learning of data collections", MIPT, 2024'
_SHARP = "The 2 cannot be lowered: on the line x = 0, z = 2, w = 1, m = 1 gives 2 = 2·max{1, 1}."

_triple = paired(x, z, w, symbol="l")

_between_centroids = norm(mean(x) - mean(z))
_between_sums = norm(total(x) - total(z)) / Size(x)

# One index serves every link: l pairs off all three collections.
_positives = mean(_triple, distance(x[_triple], z[_triple]))
_negatives = mean(_triple, distance(x[_triple], w[_triple]) + m)
_sum = m + farthest(x, w)
_twice = 2 * largest(m, farthest(x, w))

K = Bound(
    "karimov",
    title="Theorem K",
    premises=(equal_sizes, triplet(m)),
    lhs=_between_centroids,
    rhs=_twice,
    citation=_SOURCE,
    sharpness=_SHARP,
    proof="Karimov.karimov",
    chain=(
        Bound(
            "karimov-1-centroids",
            title="definition of the centroid",
            premises=(equal_sizes,),
            lhs=_between_centroids,
            rhs=_between_sums,
            relation=Relation.EQUAL,
            citation=_SOURCE,
            proof="Karimov.karimov_1_centroids",
        ),
        Bound(
            "karimov-2-triangle",
            title="triangle inequality",
            premises=(equal_sizes,),
            lhs=_between_sums,
            rhs=_positives,
            citation=_SOURCE,
            proof="Karimov.karimov_2_triangle",
        ),
        Bound(
            "karimov-3-triplets",
            title="the triplet premise",
            premises=(equal_sizes, triplet(m)),
            lhs=_positives,
            rhs=_negatives,
            citation=_SOURCE,
            proof="Karimov.karimov_3_triplets",
        ),
        Bound(
            "karimov-4-farthest",
            title="a mean is at most a maximum",
            premises=(equal_sizes,),
            lhs=_negatives,
            rhs=_sum,
            citation=_SOURCE,
            proof="Karimov.karimov_4_farthest",
        ),
        Bound(
            "karimov-5-twice",
            title="a sum is at most twice the larger",
            lhs=_sum,
            rhs=_twice,
            citation=_SOURCE,
            proof="Karimov.karimov_5_twice",
        ),
    ),
)

_all_positives = mean((i, j), distance(x[i], z[j]))
_nearest_negatives = m + mean(i, minimum(k, distance(x[i], w[k])))

K_ANY_SIZES = Bound(
    "karimov-any-sizes",
    title="Theorem K for collections of any sizes",
    premises=(triplet(m),),
    lhs=_between_centroids,
    rhs=_twice,
    citation=_SOURCE + "; without its premise of equal sizes",
    sharpness=_SHARP,
    proof="Karimov.karimov_any_sizes",
    chain=(
        Bound(
            "karimov-any-sizes-1-triangle",
            title="triangle inequality",
            lhs=_between_centroids,
            rhs=_all_positives,
            citation=_SOURCE,
            proof="Karimov.karimov_any_sizes_1_triangle",
        ),
        Bound(
            "karimov-any-sizes-2-triplets",
            title="the triplet premise",
            premises=(triplet(m),),
            lhs=_all_positives,
            rhs=_nearest_negatives,
            citation=_SOURCE,
            proof="Karimov.karimov_any_sizes_2_triplets",
        ),
        Bound(
            "karimov-any-sizes-3-farthest",
            title="a mean of nearest is at most the farthest",
            lhs=_nearest_negatives,
            rhs=_sum,
            citation=_SOURCE,
            proof="Karimov.karimov_any_sizes_3_farthest",
        ),
        Bound(
            "karimov-any-sizes-4-twice",
            title="a sum is at most twice the larger",
            lhs=_sum,
            rhs=_twice,
            citation=_SOURCE,
            proof="Karimov.karimov_any_sizes_4_twice",
        ),
    ),
)
