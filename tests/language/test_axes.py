"""Indices of classes, of their points, of coordinates, and indices apart: what is well-formed, and how it reads."""

from __future__ import annotations

from fractions import Fraction

import pytest

from boundcheck import language
from boundcheck.adversary.serialized import as_python, read, write
from boundcheck.errors import InvalidTypeError, InvalidValueError, ParameterError, TermError
from boundcheck.formal import latex
from boundcheck.language import (
    Average,
    Bound,
    Index,
    Point,
    Reduction,
    Size,
    Weights,
    another,
    at,
    classes,
    coordinate_index,
    coordinate_median,
    distance,
    distinct,
    farthest,
    g,
    i,
    in_order,
    j,
    maximum,
    mean,
    norm,
    rewrite,
    total,
    variance,
    x,
    z,
)
from boundcheck.language import axes as language_axes

C = classes("C")
D = classes("D")
c = C.each
d = another(C, apart_from=c)
m = C[c].each
p = another(C[c], apart_from=m)
q = C[d].each
a = C.points.apart_from(m)
t = coordinate_index()
ii = another(x, apart_from=i)

SHOWN = {
    mean((c, m, p), distance(C[c][m], C[c][p])): (
        "mean_{c,i,i′≠i} ‖C_{c,i} − C_{c,i′}‖",
        r"\frac{1}{K n_{c} \left(n_{c} - 1\right)} \sum_{c,i,i' \ne i} \left\lVert C_{c,i} - C_{c,i'} \right\rVert",
    ),
    mean((c, d), distance(mean(C[c]), mean(C[d]))): (
        "mean_{c,c′≠c} ‖mean_i C_{c,i} − mean_j C_{c′,j}‖",
        r"\frac{1}{K \left(K - 1\right)} \sum_{c,c' \ne c} "
        r"\left\lVert \frac{1}{n_{c}} \sum_{i} C_{c,i} - \frac{1}{n_{c'}} \sum_{j} C_{c',j} \right\rVert",
    ),
    maximum((c, m, a), distance(C[c][m], C[a])): (
        "max_{c,i,a≠i} ‖C_{c,i} − C_a‖",
        r"\max_{c,i,a \ne i} \left\lVert C_{c,i} - C_{a} \right\rVert",
    ),
    total(c, C[c].count) / (C.count * Size(C)): (
        "(Σ_c n_c) / (K·N)",
        r"\frac{\sum_{c} n_{c}}{K N}",
    ),
    total(t, at(mean(x), t) ** 2): (
        "Σ_t (mean_i x_i)_t^2",
        r"\sum_{t} \left(\frac{1}{n} \sum_{i} x_{i}\right)_{t}^{2}",
    ),
    mean(
        distinct(x, 3),
        distance(x[distinct(x, 3)[0]], x[distinct(x, 3)[2]]) + distance(x[distinct(x, 3)[0]], x[distinct(x, 3)[1]]),
    ): (
        "mean_{i,i′≠i,i″∉{i,i′}} (‖x_i − x_i″‖ + ‖x_i − x_i′‖)".replace("″", "′′"),
        r"\frac{1}{n \left(n - 1\right) \left(n - 2\right)} \sum_{i,i' \ne i,i'' \notin \{i, i'\}} "
        r"\left(\left\lVert x_{i} - x_{i''} \right\rVert + \left\lVert x_{i} - x_{i'} \right\rVert\right)",
    ),
    norm(coordinate_median(C[c])): (
        "‖median_i C_{c,i}‖",
        r"\left\lVert \operatorname{median}_{i} C_{c,i} \right\rVert",
    ),
}


@pytest.mark.parametrize("term", SHOWN, ids=str)
def test_they_read_as_mathematics(term):
    assert (str(term), latex(term)) == SHOWN[term]


def test_what_an_index_depends_on_stays_free():
    assert distance(C[c][m], C[c][p]).free() == {c, m, p}
    assert mean(p, norm(C[c][p])).free() == {c, m}
    assert mean((m, p), norm(C[c][p]) + norm(C[c][m])).free() == {c}
    assert mean(ii, norm(x[ii])).free() == {i}
    assert mean(C[c]).free() == {c}
    assert C[c].count.free() == {c}
    assert at(x[i], t).free() == {i, t}
    assert in_order({p, m, c, a}) == (c, m, a, p)


def test_letters_of_the_points_of_classes():
    first, second, third = distinct(C, 3)
    assert [str(C[one].each) for one in (first, second, third)] == ["i", "j", "k"]
    assert str(C[c].indexed("b")) == "b"
    assert str(another(C, apart_from=(c, d))) == "c′′"
    assert [str(one) for one in distinct(C.points)] == ["a", "a′"]


def test_means_variances_and_extremes_are_of_classes_and_of_all_points():
    assert str(variance(C[c])) == "mean_i ‖C_{c,i} − mean_i′ C_{c,i′}‖^2"
    assert str(variance(C)) == "mean_a ‖C_a − mean_a′ C_a′‖^2"
    assert str(farthest(C[c], C[d])) == "max_{i,j} ‖C_{c,i} − C_{c′,j}‖"
    assert str(farthest(C, x)) == "max_{a,i} ‖C_a − x_i‖"
    assert C[m] == C[c][m]
    assert type(C[C.points]) is Point


def test_a_reduction_is_not_moved_past_what_it_depends_on():
    # Where it does not depend on the index, it is: max_i max_j (A_ij − B_j) becomes max_j (max_i A_ij − B_j).
    inner = maximum((i, ii), distance(x[i], x[ii]) - norm(x[ii]))
    assert rewrite(inner) == inner
    assert str(rewrite(maximum((c, m), norm(C[c][m]) + norm(mean(C[c]))))) == (
        "max_c (‖mean_i C_{c,i}‖ + max_i ‖C_{c,i}‖)"
    )


ILL_FORMED = {
    "of other values": (lambda: another(x, apart_from=c), TermError, "c over the classes of C"),
    "of another collection": (lambda: another(x, apart_from=j), TermError, "j over the points of z"),
    "of itself": (lambda: i.apart_from(i), TermError, "other indices to be apart from"),
    "of the same twice": (lambda: ii.apart_from(i), TermError, "each once"),
    "of no index": (lambda: Index("i", (x,), ("j",)), InvalidTypeError, "a tuple of indices"),
    "one alone": (lambda: distinct(x, 1), InvalidValueError, "distinct"),
    "the second first": (lambda: mean((ii, i), distance(x[i], x[ii])), TermError, "name i before i′"),
    "the class first": (lambda: mean((m, c), norm(C[c][m])), TermError, "i runs within what c is"),
    "the class alone": (lambda: mean(c, norm(C[c][m])), TermError, "bound before c"),
    "a class as a point": (lambda: Point(C, c), TermError, "an index over all of its points"),
    "a point of another class": (lambda: C[d][m], TermError, "an index over the points of class c′"),
    "a class by a number": (lambda: C[c][0], TermError, "got 0"),
    "a class of another family": (lambda: C[D.each], TermError, "the classes of C"),
    "a class index of a collection": (lambda: language_axes.ClassIndex("c", (x,)), TermError, "one family"),
    "no family": (lambda: language_axes.ClassCount(x), InvalidTypeError, "a Family"),
    "a coordinate by a point": (lambda: at(x[i], i), TermError, "an index over coordinates"),
    "a coordinate of a scalar": (lambda: at(norm(x[i]), t), TermError, "a vector"),
    "a coordinate of a value": (lambda: at(g(x[i]), t), TermError, "coordinate_index(of=g)"),
    "a coordinate of another space": (lambda: at(x[i], coordinate_index(of=g)), TermError, "coordinate_index()"),
    "weights of a class": (
        lambda: mean(m, C[c][m], weights=Weights("a", C)),
        TermError,
        "a mean over all points of a collection",
    ),
    "weights apart": (
        lambda: mean(ii, norm(x[ii]), weights=Weights("a", x)),
        TermError,
        "a mean over all points of a collection",
    ),
    "a family by its name alone": (lambda: mean(C[c], norm(C[c][m])), TermError, "a collection alone"),
    "one letter twice": (
        lambda: Bound("own", lhs=mean((c, m), norm(C[c][m])), rhs=mean(i, norm(x[i])), collections=[C, x]),
        TermError,
        "give one of them another symbol",
    ),
}


@pytest.mark.parametrize("case", ILL_FORMED)
def test_ill_formed_terms_fail_when_they_are_built(case):
    build, kind, message = ILL_FORMED[case]
    with pytest.raises(kind) as caught:
        build()
    assert message in str(caught.value)


@pytest.mark.parametrize("sizes", ["23", 5, (2.0, 3), (True, 4), (6,)])
def test_what_is_no_partition_is_refused(sizes):
    with pytest.raises((InvalidTypeError, InvalidValueError, ParameterError), match="partition of C"):
        language_axes.require_partition(C, sizes, 5)


@pytest.mark.parametrize("term", SHOWN, ids=str)
def test_they_are_written_and_read_back(term):
    assert read(write(term)) == term
    names = {name: getattr(language, name) for name in language.__all__} | {"Fraction": Fraction}
    assert eval(as_python(term), names) == term


def test_a_mean_over_all_points_is_a_plain_mean():
    assert mean(C) == Average(Reduction.MEAN, C.points, C[C.points])
    assert z[j] == Point(z, j)
