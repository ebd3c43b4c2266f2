"""Rewrites make terms cheaper and leave their meaning; that their values stay is tested with the numeric reader."""

import pytest

from boundcheck.language import (
    Parameter,
    Size,
    Weights,
    distance,
    i,
    j,
    k,
    largest,
    m,
    maximum,
    mean,
    minimum,
    norm,
    rewrite,
    smallest,
    total,
    triplet,
    w,
    without_parameters,
    x,
    z,
)
from boundcheck.theorems import K

to_z, to_w, across = distance(x[i], z[j]), distance(x[i], w[k]), distance(z[j], w[k])
a = Parameter("a")
v = Weights("v", z)

REWRITTEN = [
    (triplet(m).least, "max_i (−min_k ‖x_i − w_k‖ + max_j ‖x_i − z_j‖)"),
    (triplet(m).excess, "−m + max_i (−min_k ‖x_i − w_k‖ + max_j ‖x_i − z_j‖)"),
    (minimum((i, j, k), to_z - to_w), "min_i (−max_k ‖x_i − w_k‖ + min_j ‖x_i − z_j‖)"),
    (maximum(j, -2 * to_z), "−2·min_j ‖x_i − z_j‖"),
    (maximum(j, 3 * to_z), "3·max_j ‖x_i − z_j‖"),
    (minimum(j, -to_z), "−max_j ‖x_i − z_j‖"),
    (mean((i, j), to_z + m), "m + mean_{i,j} ‖x_i − z_j‖"),
    (mean(j, 2 * to_z), "2·mean_j ‖x_i − z_j‖"),
    (mean(j, -to_z), "−mean_j ‖x_i − z_j‖"),
    (maximum(k, m - largest(a, to_w)), "m − max{a, min_k ‖x_i − w_k‖}"),
    (maximum(k, smallest(a, to_w)), "min{a, max_k ‖x_i − w_k‖}"),
    (maximum(k, largest(to_w, across)), "max{max_k ‖x_i − w_k‖, max_k ‖z_j − w_k‖}"),
    (minimum(k, smallest(to_w, across)), "min{min_k ‖x_i − w_k‖, min_k ‖z_j − w_k‖}"),
    (minimum(k, largest(to_w, a, across)), "max{a, min_k max{‖x_i − w_k‖, ‖z_j − w_k‖}}"),
    # The order in which the anchors' letter comes second.
    (
        triplet(Parameter("m′"), anchors=z, positives=x).least,
        "max_j (−min_k ‖z_j − w_k‖ + max_i ‖z_j − x_i‖)",
    ),
    (maximum((i, j, k), to_z * to_w - across), "max_{j,k} (−‖z_j − w_k‖ + max_i ‖x_i − z_j‖·‖x_i − w_k‖)"),
    (mean((i, j), to_z + minimum(k, across)), "mean_j (min_k ‖z_j − w_k‖ + mean_i ‖x_i − z_j‖)"),
    (maximum((i, k), to_w) ** 2 + Size(x), "(max_{i,k} ‖x_i − w_k‖)^2 + n"),
    (smallest(m, maximum(j, m + to_z)), "min{m, m + max_j ‖x_i − z_j‖}"),
]


@pytest.mark.parametrize(("term", "text"), REWRITTEN, ids=[text for _, text in REWRITTEN])
def test_reductions_move_inwards(term, text):
    once = rewrite(term)
    assert once.free() == term.free()
    assert str(once) == text
    assert rewrite(once) == once


LEFT_ALONE = [
    # A sum counts what does not depend on its index as often as there are values.
    total(j, to_z + m),
    total(j, 2 * to_z),
    # A factor of unknown sign may turn a maximum into a minimum.
    maximum(j, m * to_z),
    # A weighted mean is left as it is.
    mean(j, to_z + m, weights=v),
    maximum(j, to_z**2),
    # A minimum of maxima is not a maximum of minima, and a mean of maxima no maximum of means.
    minimum(k, largest(to_w, across)),
    mean(k, largest(to_w, across)),
    maximum((i, j), to_z),
    # The orders of a maximum and a minimum, or of a weighted mean, do not change places.
    maximum(i, minimum(j, to_z - minimum(k, across))),
    mean(i, mean(j, to_z + minimum(k, across)), weights=Weights("u", x)),
    mean(i, mean(j, to_z + minimum(k, across), weights=v)),
    K.lhs,
    K.rhs,
    m,
]


@pytest.mark.parametrize("term", LEFT_ALONE, ids=str)
def test_what_cannot_move_is_left_alone(term):
    assert rewrite(term) == term


def test_a_bound_index_of_the_same_letter_is_another_index():
    # The mean inside binds its own i, so it is what does not depend on the maximum's.
    term = maximum(i, norm(x[i]) + mean(i, norm(x[i] - mean(x))))
    assert str(rewrite(term)) == "mean_i ‖x_i − mean_i′ x_i′‖ + max_i ‖x_i‖"


@pytest.mark.parametrize(
    ("term", "below"),
    [
        (K.rhs, "2·max_{i,k} ‖x_i − w_k‖"),
        (largest(m, a), None),
        (m + maximum(k, to_w), None),
        (smallest(largest(m, 1), 2), "min{1, 2}"),
        (largest(m, 1) + 2, "1 + 2"),
        (-1 * largest(m, 1), None),
        (mean(i, largest(m, minimum(k, to_w))), "mean_i min_k ‖x_i − w_k‖"),
        (maximum((i, k), largest(norm(mean(x) - mean(z)), m + to_w)), "‖mean_i x_i − mean_j z_j‖"),
        (total((i, k), largest(norm(mean(x) - mean(z)), m + to_w)), None),
        (norm(mean(x) - mean(z)), "‖mean_i x_i − mean_j z_j‖"),
    ],
)
def test_what_is_below_a_term_whatever_the_parameters_are(term, below):
    found = without_parameters(rewrite(term))
    assert (None if found is None else str(found)) == below
