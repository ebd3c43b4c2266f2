"""Terms and bounds as LaTeX: what is printed is what a paper sets, and a renderer can read it."""

import pytest

from boundcheck.errors import TermError
from boundcheck.language import (
    CoordinateWise,
    Dimension,
    HullDistance,
    L,
    Parameter,
    Premise,
    Reduction,
    Scalar,
    Transport,
    Weights,
    another,
    coordinate_maximum,
    coordinate_median,
    coordinate_minimum,
    distance,
    g,
    i,
    j,
    k,
    lipschitz,
    m,
    maximum,
    mean,
    minimum,
    norm,
    smallest,
    total,
    triplet,
    variance,
    w,
    x,
    z,
)
from boundcheck.language.latex import bound_latex, latex, premise_latex
from boundcheck.theorems import KNOWN, every, get

a, v = Parameter("a"), Weights("v", x)
X, Z = "x_{i}", "z_{j}"

SNAPSHOTS = [
    (Dimension() ** 0.5 * m, r"\sqrt{D} m"),
    (Transport(x, z), "W_1(x, z)"),
    (m + Transport(x, z) ** 2, "m + W_1(x, z)^{2}"),
    (HullDistance(x, w), r"\operatorname{dist}(\operatorname{hull} x, \operatorname{hull} w)"),
    (coordinate_maximum(x), rf"\max_{{i}} {X}"),
    (coordinate_minimum(x), rf"\min_{{i}} {X}"),
    (coordinate_median(z), rf"\operatorname{{median}}_{{j}} {Z}"),
    (CoordinateWise(Reduction.MAX, i, x[i] - z[j]), rf"\max_{{i}} \left({X} - {Z}\right)"),
    (m * x[i], rf"m {X}"),
    (m * (x[i] - z[j]), rf"m \left({X} - {Z}\right)"),
    ((m + a) * x[i], rf"\left(m + a\right) {X}"),
    (x[i] / m, rf"\frac{{{X}}}{{m}}"),
    (mean(x) / norm(mean(x)), rf"\frac{{\frac{{1}}{{n}} \sum_{{i}} {X}}}{{\left\lVert \frac{{1}}{{n}} \sum_{{i}} {X} \right\rVert}}"),
    (mean(x, weights=v), rf"\sum_{{i}} v_{{i}} {X}"),
    (total(x), rf"\sum_{{i}} {X}"),
    (distance(x[i], x[another(x)]), rf"\left\lVert {X} - x_{{i'}} \right\rVert"),
    (smallest(m, a) ** 2, r"\min\left\{m, a\right\}^{2}"),
    (m + mean(i, minimum(k, distance(x[i], w[k]))), rf"m + \frac{{1}}{{n}} \sum_{{i}} \min_{{k}} \left\lVert {X} - w_{{k}} \right\rVert"),
    (maximum(i, norm(x[i])) * m, rf"\left(\max_{{i}} \left\lVert {X} \right\rVert\right) m"),
    (g(x[i] - z[j]), rf"g\left({X} - {Z}\right)"),
    (norm(2 * g(x[i]) - g(z[j])), rf"\left\lVert 2 g\left({X}\right) - g\left({Z}\right) \right\rVert"),
    (-m * (a + m), r"-m \left(a + m\right)"),
]  # fmt: skip


@pytest.mark.parametrize(("term", "text"), SNAPSHOTS, ids=[str(term) for term, _ in SNAPSHOTS])
def test_terms(term, text):
    assert latex(term) == text


def test_the_variance_of_a_collection():
    assert latex(variance(x)) == (
        r"\frac{1}{n} \sum_{i} \left\lVert x_{i} - \frac{1}{n} \sum_{i'} x_{i'} \right\rVert^{2}"
    )


def test_a_premise_with_a_primed_parameter():
    back = get("two-sided").premises[1]
    assert premise_latex(back) == (
        r"\left\lVert z_{j} - x_{i} \right\rVert - \left\lVert z_{j} - w_{k} \right\rVert \le m' \quad \text{for all } i, j, k"
    )
    assert premise_latex(triplet(anchors=x, positives=x)).endswith(r"\text{for all } i, i', k")


def test_a_lipschitz_premise():
    assert premise_latex(lipschitz()) == (
        r"\left\lVert g(u) - g(v) \right\rVert \le L \left\lVert u - v \right\rVert "
        r"\quad \text{for all } u, v, \text{ where } L \ge 0"
    )
    assert r"\le \left(L + 1\right) \left\lVert u - v" in premise_latex(lipschitz(L + 1))


def test_the_smallest_theorem_in_full():
    assert bound_latex(get("transport")) == (
        r"\left\lVert \frac{1}{n} \sum_{i} x_{i} - \frac{1}{p} \sum_{j} z_{j} \right\rVert \le W_1(x, z)"
    )
    assert " = " in bound_latex(get("centroid-identity"))


@pytest.mark.parametrize("bound", every().values(), ids=lambda bound: bound.name)
def test_every_statement_can_be_rendered(bound):
    tex2mathml = pytest.importorskip("docutils.utils.math.latex2mathml").tex2mathml
    for text in (bound_latex(bound), *map(premise_latex, bound.premises)):
        assert text.count("{") == text.count("}")
        assert "<math" in tex2mathml(text, as_block=True)


def test_different_theorems_read_differently():
    """All but those that differ in their premises or their space alone."""
    texts = {}
    for bound in KNOWN.values():
        texts.setdefault(bound_latex(bound), []).append(bound.name)
    assert [names for names in texts.values() if len(names) > 1] == [["karimov", "karimov-any-sizes"]]


def test_what_cannot_be_printed_is_named():
    class Unknown(Scalar):
        pass

    with pytest.raises(TermError, match=r"what the LaTeX printer can read, got 'Unknown\(\)', a Unknown"):
        latex(Unknown())
    with pytest.raises(TermError, match="premise bare: expected what the LaTeX printer of premises can read"):
        premise_latex(Premise("bare"))
