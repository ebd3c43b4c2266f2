"""Comparisons of terms: statements that are neither true nor false by themselves; bounds, premises, indicators of them."""

from dataclasses import replace
from fractions import Fraction

import pytest

from boundcheck.adversary.serialized import read, write
from boundcheck.errors import BoundcheckError, InvalidTypeError, TermError
from boundcheck.formal import bound_latex, latex, premise_latex
from boundcheck.language import (
    Below,
    Bound,
    Comparison,
    ForAll,
    Indicator,
    Parameter,
    Relation,
    among_nearest,
    count,
    distance,
    equals,
    for_all,
    i,
    indicator,
    j,
    k,
    m,
    maximum,
    mean,
    norm,
    rank,
    total,
    w,
    x,
    z,
)
from boundcheck.language.terms import scalar

NEAR, FAR = distance(x[i], z[j]), distance(x[i], w[k])


def test_each_way_to_write_one():
    assert (m <= 1, m < 1, m >= 1, m > 1) == (
        Comparison(m, Relation.AT_MOST, 1),
        Comparison(m, Relation.LESS, 1),
        Comparison(1, Relation.AT_MOST, m),
        Comparison(1, Relation.LESS, m),
    )
    assert (m >= 1) == (m >= 1)
    assert (Fraction(1, 2) < m) == (m > Fraction(1, 2))
    assert equals(m, 1) == Comparison(m, Relation.EQUAL, 1)
    assert [str(one) for one in (m >= NEAR, m > NEAR, equals(NEAR, m))] == [
        "‖x_i − z_j‖ ≤ m",
        "‖x_i − z_j‖ < m",
        "‖x_i − z_j‖ = m",
    ]
    assert (NEAR <= FAR).free() == {i, j, k}
    assert (NEAR <= FAR).collections() == {x, z, w}
    assert hash(m <= 1) == hash(m <= 1)


def test_none_is_true_or_false():
    for asked in (lambda: 0 <= m <= 1, lambda: bool(m < 1), lambda: (m <= 1) and (m >= 0), lambda: max(m, NEAR)):
        with pytest.raises(TermError, match=r"depends on the data; write a chain a <= b <= c as two bounds"):
            asked()
    # Terms are compared as terms by ==.
    assert m == Parameter("m")


def test_only_scalars_are_compared():
    for made in (lambda: x[i] <= z[j], lambda: x[i] > 0, lambda: m <= x[i], lambda: (m <= 1) <= m):
        with pytest.raises(BoundcheckError, match="expected"):
            made()
    with pytest.raises(TermError, match="take norms, or their distance"):
        assert x[i] < z[j]


def test_a_bound_takes_one_as_its_conclusion():
    short = Bound("own", norm(mean(x)) <= m, premises=[for_all("within", m >= NEAR)])
    assert short == Bound("own", lhs=norm(mean(x)), rhs=m, premises=[ForAll("within", lhs=NEAR, rhs=m)])
    assert Bound("own", equals(norm(mean(x)), 1)).relation is Relation.EQUAL
    assert Bound("own", norm(mean(x)) >= 1).lhs == Bound("own", lhs=1, rhs=norm(mean(x))).lhs
    assert replace(short, name="other").statement == short.statement == "‖mean_i x_i‖ ≤ m"
    assert read(write(short)) == short
    strict = Bound("own", norm(mean(x)) + 1 > 0)
    assert (strict.relation, strict.statement) == (Relation.LESS, "0 < ‖mean_i x_i‖ + 1")
    assert bound_latex(strict).startswith("0 < ")
    assert read(write(strict)) == strict


@pytest.mark.parametrize(
    "made",
    [
        lambda: Bound("own"),
        lambda: Bound("own", lhs=m),
        lambda: Bound("own", rhs=m),
        lambda: Bound("own", m <= 1, lhs=m),
        lambda: Bound("own", m <= 1, relation=Relation.EQUAL),
        lambda: Bound("own", m),
        lambda: Bound("own", True),
        lambda: for_all("one", m),
        lambda: for_all("one", scalar(0) <= 1),
        lambda: for_all("one", scalar(0) < 1),
        lambda: indicator(m),
        lambda: indicator(NEAR),
        lambda: Indicator(m, "<=", m),
        lambda: Comparison(m, "<=", m),
        lambda: among_nearest(0, NEAR, k, FAR),
        lambda: among_nearest(True, NEAR, k, FAR),
        lambda: among_nearest(1.5, NEAR, k, FAR),
        lambda: count(i, m <= 1),
    ],
)
def test_what_is_ill_formed_fails_when_it_is_built(made):
    with pytest.raises(BoundcheckError, match="expected"):
        made()


def test_the_message_for_a_bound_shows_the_fix():
    with pytest.raises(TermError, match=r'got no rhs; write Bound\("name", lhs <= rhs\), or give lhs= and rhs='):
        Bound("own", lhs=m)
    with pytest.raises(InvalidTypeError, match="a comparison"):
        Bound("own", 3)


def test_a_premise_of_one():
    assert for_all("T", m >= NEAR - FAR).parameter == m
    # Indices of the right side alone go to the left.
    assert for_all("apart", m <= NEAR) == ForAll("apart", lhs=m - NEAR, rhs=0)
    assert for_all("unit", equals(norm(x[i]), 1)) == ForAll("unit", lhs=abs(norm(x[i]) - 1), rhs=0)
    assert str(for_all("unit", equals(norm(x[i]), 1))) == "|‖x_i‖ − 1| ≤ 0 for all i"
    # Of no index: that it is so.
    assert str(for_all("centred", norm(mean(x)) <= m)) == "‖mean_i x_i‖ ≤ m"
    assert for_all("centred", norm(mean(x)) <= m).least == norm(mean(x))


def test_a_strict_premise_is_that_its_denial_is_nowhere():
    premise = for_all("no vector is 0", norm(x[i]) > 0)
    assert premise == Below("no vector is 0", lhs=0, rhs=norm(x[i]))
    assert str(premise) == "0 < ‖x_i‖ for all i"
    assert premise_latex(premise) == r"0 < \left\lVert x_{i} \right\rVert \quad \text{for all } i"
    assert premise.spelled_out == (ForAll("no vector is 0", lhs=indicator(norm(x[i]) <= 0), rhs=0),)
    close = for_all("close", norm(mean(x)) < 1)
    assert (str(close), close.indices) == ("‖mean_i x_i‖ < 1", ())
    assert premise_latex(close).endswith("< 1")


def test_indicators_and_what_is_made_of_them():
    closer = indicator(FAR < NEAR)
    assert (str(closer), closer.free(), closer.children) == ("[‖x_i − w_k‖ < ‖x_i − z_j‖]", {i, j, k}, (FAR, NEAR))
    assert latex(indicator(m <= 1)) == r"\left[m \le 1\right]"
    assert closer.comparison == (FAR < NEAR)
    assert count(k, FAR < NEAR) == total(k, closer)
    assert rank(NEAR, k, FAR) == 1 + total(k, closer)
    assert str(among_nearest(3, NEAR, k, FAR)) == "[1 + Σ_k [‖x_i − w_k‖ < ‖x_i − z_j‖] ≤ 3]"
    assert closer.mapped(lambda term: m) == indicator(m < m)
    assert read(write(closer)) == closer
    assert str(maximum((i, j, k), 2 * closer)) == "max_{i,j,k} 2·[‖x_i − w_k‖ < ‖x_i − z_j‖]"
