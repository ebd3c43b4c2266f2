"""An index that is bound where another of its letter is has a prime in text and LaTeX; what the term says stays the same."""

import pytest

from boundcheck.language import Bound, another, classes, i, maximum, mean, norm, x, z
from boundcheck.language.latex import latex
from boundcheck.language.shadows import unshadowed

C = classes("C")


@pytest.mark.parametrize(
    ("term", "shown"),
    [
        (maximum(i, norm(x[i] - mean(x))), "max_i ‖x_i − mean_i′ x_i′‖"),
        (norm(x[i] - mean(x)), "‖x_i − mean_i′ x_i′‖"),
        (norm(mean(x) - mean(z)), "‖mean_i x_i − mean_j z_j‖"),
        (maximum(i, norm(x[i] - mean(x))) + norm(mean(x)), "max_i ‖x_i − mean_i′ x_i′‖ + ‖mean_i x_i‖"),
        # A prime that is in use is no new letter.
        (
            maximum(i, maximum(another(x), norm(x[i] - x[another(x)] - mean(x)))),
            "max_{i,i′} ‖x_i − x_i′ − mean_i′′ x_i′′‖",
        ),
        (
            mean(C.each, mean(C[C.each].each, norm(C[C.each][C[C.each].each] - mean(C[C.each])))),
            "mean_{c,i} ‖C_{c,i} − mean_i′ C_{c,i′}‖",
        ),
    ],
    ids=str,
)
def test_text(term, shown):
    assert str(term) == shown
    # Bound in another order, or not at all, it would be another statement.
    assert unshadowed(term).free() == term.free()


def test_latex():
    assert latex(maximum(i, norm(x[i] - mean(x)))) == (
        r"\max_{i} \left\lVert x_{i} - \frac{1}{n} \sum_{i'} x_{i'} \right\rVert"
    )


def test_a_term_without_shadows_is_itself():
    term = norm(mean(x) - mean(z))
    assert unshadowed(term) is term


def test_a_statement_with_free_indices():
    bound = Bound("b", norm(x[i] - mean(x)) <= 2 * maximum(i, norm(x[i])))
    assert bound.statement == "‖x_i − mean_i′ x_i′‖ ≤ 2·max_i ‖x_i‖ for all i"
