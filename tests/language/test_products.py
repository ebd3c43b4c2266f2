"""Inner products, cosines, angles and named norms as terms."""

from fractions import Fraction
from math import inf

import pytest

from boundcheck.adversary.serialized import read, write
from boundcheck.errors import BoundcheckError, TermError
from boundcheck.formal import latex
from boundcheck.language import (
    Cosine,
    Inner,
    Norm,
    PNorm,
    angle,
    arccos,
    cos,
    cosine,
    exp,
    g,
    i,
    inner,
    j,
    m,
    mean,
    norm,
    x,
    z,
)

SHOWN = [
    (inner(x[i], z[j]), "⟨x_i, z_j⟩", r"\left\langle x_{i}, z_{j} \right\rangle"),
    (2 * inner(x[i] - z[j], mean(x)), "2·⟨x_i − z_j, mean_i′ x_i′⟩", None),
    (inner(x[i], z[j]) ** 2 / m, "⟨x_i, z_j⟩^2 / m", None),
    (exp(inner(x[i], z[j]) / m), "exp(⟨x_i, z_j⟩ / m)", None),
    (cos(x[i], z[j]), "cos(x_i, z_j)", r"\cos\left(x_{i}, z_{j}\right)"),
    (angle(x[i], z[j]), "arccos(cos(x_i, z_j))", None),
    (norm(x[i]), "‖x_i‖", r"\left\lVert x_{i} \right\rVert"),
    (norm(x[i], 1), "‖x_i‖₁", r"\left\lVert x_{i} \right\rVert_{1}"),
    (norm(x[i] - z[j], p=2), "‖x_i − z_j‖₂", None),
    (norm(x[i], 16), "‖x_i‖₁₆", None),
    (norm(x[i], inf), "‖x_i‖_∞", r"\left\lVert x_{i} \right\rVert_{\infty}"),
    (norm(x[i], 1.5), "‖x_i‖_(3/2)", r"\left\lVert x_{i} \right\rVert_{\frac{3}{2}}"),
]


@pytest.mark.parametrize(("term", "text", "set_as"), SHOWN, ids=[text for _, text, _ in SHOWN])
def test_each_reads_as_mathematics_and_is_written_and_read_back(term, text, set_as):
    assert str(term) == text
    if set_as is not None:
        assert latex(term) == set_as
    assert read(write(term)) == term


def test_what_they_are():
    assert inner(x[i], z[j]) == Inner(x[i], z[j])
    assert cos(x[i], z[j]) == cosine(x[i], z[j]) == Cosine(x[i], z[j])
    assert angle(x[i], z[j]) == arccos(cos(x[i], z[j]))
    assert (norm(x[i]), norm(x[i], 2)) == (Norm(x[i]), PNorm(x[i], Fraction(2)))
    assert (norm(x[i], inf).order, norm(x[i], 1.5).order) == (inf, 1.5)
    assert inner(x[i], z[j]).free() == {i, j}
    assert inner(x[i], z[j]).collections() == {x, z}
    # Of values of one map, too.
    assert str(inner(g(x[i]), g(z[j]))) == "⟨g(x_i), g(z_j)⟩"


@pytest.mark.parametrize(
    "made",
    [
        lambda: inner(x[i], m),
        lambda: inner(x, z),
        lambda: cos(m, x[i]),
        lambda: cos(x[i], m),
        lambda: inner(x[i], g(z[j])),
        lambda: cos(g(x[i]), z[j]),
        lambda: norm(m),
        lambda: norm(m, 2),
        lambda: norm(x[i], 0.5),
        lambda: norm(x[i], True),
        lambda: norm(x[i], "2"),
        lambda: norm(x[i], float("nan")),
        lambda: norm(x[i], -inf),
    ],
)
def test_what_is_ill_formed_fails_when_it_is_built(made):
    with pytest.raises(BoundcheckError, match="expected"):
        made()


def test_the_message_names_the_term():
    with pytest.raises(TermError, match=r"inner: expected vectors of one space, got x_i, of the embedding space"):
        inner(x[i], g(z[j]))
