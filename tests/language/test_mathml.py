"""MathML: what the LaTeX printer prints, as elements that a browser sets."""

import re
from xml.etree import ElementTree

import pytest

from boundcheck.errors import TermError
from boundcheck.language import Function, Parameter, i, m, norm, w, x
from boundcheck.language.mathml import bound_html, bound_mathml, formulas_of, mathml, premise_mathml, term_mathml
from boundcheck.theorems import K, every
from boundcheck.theorems.published import PUBLISHED

STATED = {**every(), **{name: one.bound for name, one in PUBLISHED.items()}}


def inside(text):
    return re.fullmatch(r"<math><mrow>(.*)</mrow></math>", mathml(text))[1]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x_{i}", "<msub><mi>x</mi><mi>i</mi></msub>"),
        ("x_{i'}", "<msub><mi>x</mi><mrow><msup><mi>i</mi><mo>′</mo></msup></mrow></msub>"),
        ("m'", "<msup><mi>m</mi><mo>′</mo></msup>"),
        ("a^{2}_{i}", "<msubsup><mi>a</mi><mi>i</mi><mn>2</mn></msubsup>"),
        (r"-\frac{1}{2} n", "<mo>−</mo><mfrac><mn>1</mn><mn>2</mn></mfrac><mi>n</mi>"),
        (r"\sqrt{D} < 1.5", "<msqrt><mi>D</mi></msqrt><mo>&lt;</mo><mn>1.5</mn>"),
        (r"i \ne j", "<mi>i</mi><mo>≠</mo><mi>j</mi>"),
        (r"\mathit{gap}", "<mi>gap</mi>"),
        (r"\mathbb{E}_{s}", "<msub><mi>𝔼</mi><mi>s</mi></msub>"),
        (r"\text{ for all } k", "<mtext>&#xa0;for&#xa0;all&#xa0;</mtext><mi>k</mi>"),
        (r"\unknown", r"<mtext>\unknown</mtext>"),
    ],
)
def test_elements(text, shown):
    assert inside(text) == shown


def test_names_stand_apart_from_what_they_multiply_and_are_applied_to():
    thin = '<mspace width="0.167em"/>'
    assert inside(r"2 \max_{i} a") == f"<mn>2</mn>{thin}<munder><mi>max</mi><mi>i</mi></munder>{thin}<mi>a</mi>"
    assert inside(r"\log\left(a\right)").startswith("<mi>log</mi><mrow><mo form")


def test_fences_grow_with_what_is_within():
    assert inside(r"\left\lVert x \right\rVert") == (
        '<mrow><mo form="prefix" fence="true" stretchy="true">‖</mo><mi>x</mi>'
        '<mo form="postfix" fence="true" stretchy="true">‖</mo></mrow>'
    )


@pytest.mark.parametrize("bound", STATED.values(), ids=list(STATED))
def test_every_statement_is_well_formed_and_has_no_command_left(bound):
    for text in (bound_mathml(bound, block=True), *map(premise_mathml, bound.premises)):
        tree = ElementTree.fromstring(text)
        for element in tree.iter():
            wanted = {"mfrac": 2, "msub": 2, "msup": 2, "munder": 2, "msubsup": 3}.get(element.tag)
            assert wanted in (None, len(element))
            # Only what holds no other elements holds text.
            assert not len(element) or not (element.text or "").strip()
        assert "\\" not in text


def test_different_statements_read_differently():
    texts = [bound_html(bound) for bound in STATED.values()]
    assert len(set(texts)) == len(texts)


def test_a_function_declared_with_latex_has_mathml():
    squashed = Function("tanh", lambda t: t.tanh(), ulps=4, monotone=1)
    assert term_mathml(squashed(Parameter("m"))).startswith("<math><mrow><mi>tanh</mi><mrow><mo form")


@pytest.mark.parametrize("text", ["{x", "x}", r"\left( x", r"x \right)", r"\frac{1}", "x_", r"\text{a"])
def test_what_is_not_closed_is_refused(text):
    with pytest.raises(TermError, match="braces and fences are closed"):
        mathml(text)


def test_formulas_of_text():
    assert list(formulas_of(K)) == [str(K), K.statement]
    assert formulas_of(norm(x[i]) <= m).keys() == {str(norm(x[i]) <= m)}
    assert formulas_of("x", w) == {}
