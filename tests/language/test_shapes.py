"""Shapes of terms, and terms made anew."""

from dataclasses import dataclass

import pytest

from boundcheck.language import (
    Combination,
    Constant,
    Norm,
    Scalar,
    another,
    distance,
    g,
    i,
    k,
    largest,
    m,
    maximum,
    mean,
    norm,
    smallest,
    w,
    x,
    z,
)
from boundcheck.language.shapes import (
    difference,
    difference_of_points,
    difference_of_values,
    difference_over_two,
    distance_of_points,
    squared_norm,
)
from boundcheck.language.terms import Vector
from boundcheck.theorems import every

A, B = x[i], w[k]


@dataclass(frozen=True)
class Other(Combination):
    """No combination of its parts."""


@pytest.mark.parametrize("vector", [A - B, -A + B])
def test_a_difference_has_either_sign(vector):
    assert difference(vector) == difference_of_points(vector) == (A, B)


@pytest.mark.parametrize(
    "vector", [A, A + B, 2 * A - B, 2 * A - 2 * B, A / 2 - B / 2, A - B - mean(z), Other((A - B).parts)]
)
def test_what_is_no_difference(vector):
    assert difference(vector) is None


def test_of_what_a_difference_is():
    assert difference(mean(x) - mean(z)) == (mean(x), mean(z))
    assert difference_of_points(mean(x) - B) is None
    assert difference_of_values(g(A) - g(B)) == (g(A), g(B))
    assert difference_of_values(A - B) is None


def test_points_over_two_indices_come_in_the_order_of_their_letters():
    assert difference_over_two(B - A) == (A, B)
    assert distance_of_points(distance(B, A)) == (A, B)
    assert distance_of_points(distance(A, x[another(x)])) == (A, x[another(x)])
    assert distance_of_points(A - B) is None
    assert difference_over_two(x[i] - x[i] + x[i] - mean(x)) is None


def test_the_square_of_a_norm():
    assert squared_norm(norm(A) ** 2) == norm(A)
    assert [squared_norm(term) for term in (norm(A), norm(A) ** 3, m**2)] == [None] * 3


def test_a_term_is_made_anew_of_what_is_changed():
    term = 2 * largest(m, maximum((i, k), distance(A, B)))

    def one(part):
        return Constant(1) if part == m else part.mapped(one)

    assert str(term.mapped(one)) == "2·max{1, max_{i,k} ‖x_i − w_k‖}"
    assert smallest(norm(2 * A - B), m).mapped(one) == smallest(norm(2 * A - B), 1)


def test_a_term_in_which_nothing_changes_is_the_same():
    for bound in every().values():
        for term in bound.terms():
            assert term.mapped(lambda part: part) is term


def test_of_every_term_all_that_is_below_it_is_mapped():
    for bound in every().values():
        for node in (node for term in bound.terms() for node in term.walk()):
            seen = []
            node.mapped(lambda part, seen=seen: seen.append(part) or part)
            assert tuple(seen) == node.children

    changed = Norm(A - B).mapped(lambda part: part.mapped(lambda vector: mean(x) if vector == A else vector))
    assert isinstance(changed, Scalar)
    assert isinstance(changed.vector, Vector)
    assert str(changed) == "‖mean_i x_i − w_k‖"
