"""Terms: what is ill-formed fails when it is built, what is well-formed prints as one reading only."""

import copy
import itertools
import math
import os
import pickle
import subprocess
import sys
from dataclasses import FrozenInstanceError
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import boundcheck
from boundcheck.errors import BoundcheckError, InvalidTypeError, TermError
from boundcheck.language import (
    Add,
    Average,
    Collection,
    Combination,
    Constant,
    CoordinateWise,
    Coupling,
    Dimension,
    HullDistance,
    Image,
    Index,
    L,
    Largest,
    Map,
    Multiply,
    Norm,
    Parameter,
    Point,
    Power,
    Reduce,
    Reduction,
    Scale,
    Size,
    Smallest,
    Transport,
    Weights,
    another,
    at,
    classes,
    coordinate_index,
    coordinate_maximum,
    coordinate_median,
    coordinate_minimum,
    cos,
    distance,
    exp,
    farthest,
    g,
    i,
    indicator,
    infimum,
    inner,
    j,
    k,
    largest,
    m,
    maximum,
    mean,
    minimum,
    nearest,
    norm,
    paired,
    sample,
    signs,
    smallest,
    supremum,
    total,
    variable,
    variance,
    w,
    x,
    z,
)

y = Collection("y", "G4", index="h", size="r")
a, b, c = Parameter("a"), Parameter("b"), Parameter("c")
weights = Weights("v", x)
between = distance(x[i], z[j])
nan, inf = float("nan"), float("inf")

# ------------------------------------------------------------------------------------------- what is ill-formed fails

# What is built, the error, and the part of the message that shows the term (or the value) at fault.
ILL_FORMED = {
    "norm of a scalar": (lambda: norm(m), TermError, "the scalar m"),
    "norm of a norm": (lambda: norm(between), TermError, "the scalar ‖x_i − z_j‖"),
    "norm of a collection": (lambda: norm(x), TermError, "the collection x; write mean(x)"),
    "norm of a number": (lambda: norm(3), InvalidTypeError, "got 3"),
    "distance to a collection": (lambda: distance(x[i], z), TermError, "the collection z"),
    "distance to a scalar": (lambda: distance(m, x[i]), TermError, "the scalar m"),
    "vector + scalar": (lambda: x[i] + m, TermError, "the scalar m"),
    "vector + number": (lambda: x[i] + 1, InvalidTypeError, "got 1"),
    "scalar + vector": (lambda: m + x[i], TermError, "the vector x_i; take its norm"),
    "number − vector": (lambda: 1 - x[i], TypeError, "unsupported operand"),
    "vector − collection": (lambda: x[i] - z, TermError, "the collection z"),
    "collection − collection": (lambda: x - z, TypeError, "unsupported operand"),
    "scalar + collection": (lambda: m + x, InvalidTypeError, "the collection 'x'"),
    "scalar + string": (lambda: m + "1", InvalidTypeError, "'1'"),
    "scalar + truth": (lambda: m + True, InvalidTypeError, "True"),
    "vector · vector": (lambda: x[i] * z[j], InvalidTypeError, "the term 'z_j'"),
    "vector ** number": (lambda: x[i] ** 2, TypeError, "unsupported operand"),
    "vector / 0": (lambda: (x[i] - z[j]) / 0, TermError, "(x_i − z_j) / 0"),
    "scalar / 0": (lambda: between / 0, TermError, "(‖x_i − z_j‖) / 0"),
    "scalar / 0.0": (lambda: between / 0.0, TermError, "(‖x_i − z_j‖) / 0"),
    "1 / constant 0": (lambda: 1 / Constant(Fraction(0)), TermError, "0^(-1)"),
    "scalar ** scalar": (lambda: between**m, InvalidTypeError, "the term 'm'"),
    "scalar ** nan": (lambda: between**nan, TermError, "nan"),
    "constant nan": (lambda: m + nan, TermError, "nan"),
    "constant inf": (lambda: largest(m, inf), TermError, "inf"),
    "Constant(nan)": (lambda: Constant(nan), TermError, "nan"),
    "Constant of a string": (lambda: Constant("2"), InvalidTypeError, "'2'"),
    "coefficient inf": (lambda: inf * x[i], TermError, "inf"),
    "coefficient of complex": (lambda: 1j * x[i], InvalidTypeError, "1j"),
    "x_j": (lambda: x[j], TermError, "'x_j'"),
    "x_j says what j runs over": (lambda: x[j], TermError, "j, which runs over z"),
    "x[0]": (lambda: x[0], InvalidTypeError, "got 0; use x.each"),
    "x['i']": (lambda: x["i"], InvalidTypeError, "'i'"),
    "maximum over what is not free": (lambda: maximum(k, between), TermError, "'max_k ‖x_i − z_j‖' (free there: i, j)"),
    "mean over what is not free": (lambda: mean(k, x[i]), TermError, "'mean_k x_i'"),
    "maximum over an index twice": (lambda: maximum((i, i), norm(x[i])), TermError, "'max_i max_i ‖x_i‖'"),
    "maximum over a collection": (lambda: maximum(x, norm(x[i])), InvalidTypeError, "write x.each"),
    "maximum over nothing": (lambda: maximum((), norm(x[i])), TermError, "at least one index"),
    "maximum over a string": (lambda: maximum("i", norm(x[i])), InvalidTypeError, "'i'"),
    "maximum over a number": (lambda: maximum(1, norm(x[i])), InvalidTypeError, "got 1"),
    "maximum of a vector": (lambda: maximum(i, x[i]), TermError, "the vector x_i"),
    "minimum of a constant": (lambda: minimum(i, 3), TermError, "'min_i 3'"),
    "mean of a collection and a body": (lambda: mean(x, norm(x[i])), TermError, "write x.each"),
    "mean of an index alone": (lambda: mean(i), TermError, "i alone"),
    "mean of a number": (lambda: mean(3), TermError, "3 alone"),
    "maximum average of vectors": (lambda: Average(Reduction.MAX, i, x[i]), TermError, "max_i x_i"),
    "weights of another collection": (lambda: mean(j, z[j], weights=weights), TermError, "x's in 'mean_j z_j'"),
    "weights that are none": (lambda: mean(i, norm(x[i]), weights=[1, 2]), InvalidTypeError, "'mean_i ‖x_i‖'"),
    "weights of a maximum": (
        lambda: Reduce(Reduction.MAX, i, norm(x[i]), weights),
        TermError,
        "a max in 'max_i ‖x_i‖'",
    ),
    "weights of a sum": (lambda: Average(Reduction.SUM, i, x[i], weights), TermError, "a sum in 'Σ_i x_i'"),
    "weights of no collection": (lambda: Weights("v", "x"), InvalidTypeError, "'x'"),
    "largest of nothing": (lambda: largest(), TermError, "largest: expected at least one term"),
    "smallest of nothing": (lambda: smallest(), TermError, "smallest: expected at least one term"),
    "largest of a vector": (lambda: largest(m, x[i]), TermError, "the vector x_i"),
    "largest of a list": (lambda: largest([m, 1]), InvalidTypeError, "["),
    "paired alone": (lambda: paired(x), TermError, "two or more collections, got 1"),
    "paired with itself": (lambda: paired(x, x), TermError, "x, x for 'i'"),
    "paired names": (lambda: paired("x", "z"), InvalidTypeError, "'x'"),
    "farthest of names": (lambda: farthest("x", w), InvalidTypeError, "'x'"),
    "farthest from itself": (lambda: farthest(x, x), TermError, "x twice"),
    "nearest to itself": (lambda: nearest(w, w), TermError, "w twice"),
    "index over nothing": (lambda: Index("i", ()), TermError, "'i'"),
    "index over a list": (lambda: Index("i", [x]), InvalidTypeError, "a tuple"),
    "index over names": (lambda: Index("i", ("x",)), InvalidTypeError, "'x'"),
    "nameless index": (lambda: Index("", (x,)), InvalidTypeError, "non-empty string"),
    "nameless parameter": (lambda: Parameter(""), InvalidTypeError, "non-empty string"),
    "parameter that is a number": (lambda: Parameter(3), InvalidTypeError, "got 3"),
    "nameless collection": (lambda: Collection("", "G1", "i", "n"), InvalidTypeError, "symbol of a Collection"),
    "size of a name": (lambda: Size("x"), InvalidTypeError, "'x'"),
    "transport to itself": (lambda: Transport(x, x), TermError, "Transport: expected two different collections, got x"),
    "transport of a name": (lambda: Transport(x, "z"), InvalidTypeError, "'z'"),
    "hull distance to itself": (lambda: HullDistance(w, w), TermError, "HullDistance"),
    "hull distance of points": (lambda: HullDistance(x[i], w), InvalidTypeError, "Collection"),
    "variance of a point": (lambda: variance(x[i]), InvalidTypeError, "variance: expected a Collection"),
    "another index of a point": (lambda: another(x[i]), InvalidTypeError, "another: expected a Collection"),
    "coordinate-wise maximum of a point": (lambda: coordinate_maximum(x[i]), InvalidTypeError, "coordinate-wise max"),
    "coordinate-wise mean": (lambda: CoordinateWise(Reduction.MEAN, i, x[i]), TermError, "mean_i x_i"),
    "coordinate-wise maximum of scalars": (lambda: CoordinateWise(Reduction.MAX, i, norm(x[i])), TermError, "scalar"),
    "coordinate-wise maximum over what is not free": (
        lambda: CoordinateWise(Reduction.MIN, j, x[i]),
        TermError,
        "'min_j x_i' (free there: i)",
    ),
    "median of scalars": (lambda: Reduce(Reduction.MEDIAN, i, norm(x[i])), TermError, "median_i ‖x_i‖"),
    "scalar term · collection": (lambda: m * x, InvalidTypeError, "the collection 'x'"),
    "vector / scalar that is 0": (lambda: x[i] / Constant(Fraction(0)), TermError, "0^(-1)"),
    "scale of a scalar": (lambda: Scale.of(m, m), TermError, "the scalar m"),
    "map of a scalar": (lambda: g(m), TermError, "g: expected a vector (a point, a mean of points, a difference)"),
    "map of a collection": (lambda: g(x), TermError, "the collection x; write mean(x)"),
    "map of a map's value": (lambda: g(g(x[i])), TermError, "g(x_i), of the values of g"),
    "vector − a map's value": (
        lambda: x[i] - g(x[i]),
        TermError,
        "x_i, of the embedding space, and g(x_i), of the values of g; apply the map to both",
    ),
    "values of two maps": (lambda: distance(g(x[i]), Map("h")(x[i])), TermError, "and h(x_i), of the values of h"),
    "a mean of values − a point": (lambda: mean(i, g(x[i])) - z[j], TermError, "mean_i g(x_i), of the values of g"),
    "nameless map": (lambda: Map(""), InvalidTypeError, "symbol of a Map"),
    "map that is a name": (lambda: Image("g", x[i]), InvalidTypeError, "a Map, got 'g'"),
}


@pytest.mark.parametrize("name", ILL_FORMED)
def test_ill_formed_terms_fail_when_they_are_built(name):
    build, error, shown = ILL_FORMED[name]
    with pytest.raises(error) as caught:
        build()
    assert shown in str(caught.value), str(caught.value)
    assert not isinstance(caught.value, AttributeError)
    if error is not TypeError:
        assert isinstance(caught.value, BoundcheckError)


def test_a_collection_is_not_iterable():
    with pytest.raises(TypeError, match="not iterable"):
        list(x)


def test_the_order_of_terms_is_a_statement_and_no_truth():
    with pytest.raises(TermError, match="depends on the data"):
        assert norm(x[i]) <= m


# --------------------------------------------------------------------------------------------------- numbers are exact


def test_a_float_stands_for_its_decimal():
    assert 1.99 * m == Multiply((Constant(Fraction(199, 100)), m))
    assert m + 0.1 == m + Fraction(1, 10)
    assert Constant(1.99) == Constant(Fraction(199, 100))
    assert (0.1 * x[i]).parts[0][0] == Fraction(1, 10)
    assert (m**0.5).exponent == Fraction(1, 2)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_float_is_its_shortest_decimal(value):
    constant = Constant(value)
    assert constant.value == Fraction(repr(value))
    assert float(constant.value) == value


@pytest.mark.parametrize("number", [2, np.int64(2), np.float64(2.0), Fraction(2), 2.0])
def test_numbers_of_every_kind_on_either_side(number):
    for term in (number * between, between * number):
        assert term == Multiply((Constant(Fraction(2)), between))
        assert all(type(factor) is int for factor in term.factors[0].value.as_integer_ratio())
    assert number * x[i] == x[i] * number == Combination(((Fraction(2), x[i]),))
    assert (number - between) == Add((Constant(Fraction(2)), -between))


def test_constants_are_folded():
    assert (2 * m) * 3 == 6 * m
    assert 0 * m == Constant(Fraction(0))
    assert m + 0 == m == 0 + m
    assert 1 * m == m == m**1
    assert m**0 == Constant(Fraction(1))
    assert -1 * (-m) == m
    assert Constant(Fraction(3)) ** -2 == Constant(Fraction(1, 9))
    assert 6 / Constant(Fraction(3)) == Constant(Fraction(2))
    assert (m / 2).factors[0] == Constant(Fraction(1, 2))


def test_sums_and_products_are_flat():
    assert a + (b + c) == (a + b) + c == Add((a, b, c))
    assert a * (b * c) == (a * b) * c == Multiply((a, b, c))
    assert a - (b - c) == Add((a, Multiply((Constant(Fraction(-1)), Add((b, -c))))))


def test_combinations_gather_equal_vectors():
    assert x[i] + x[i] == 2 * x[i]
    assert x[i] - x[i] == Combination(())
    assert (x[i] - z[j]) + z[j] == x[i]
    assert (x[i] - z[j]) / 2 == Combination(((Fraction(1, 2), x[i]), (Fraction(-1, 2), z[j])))
    assert mean(x) / 2 == Combination(((Fraction(1, 2), mean(x)),))
    assert -(x[i] - z[j]) == Combination(((Fraction(-1), x[i]), (Fraction(1), z[j])))
    assert str(-(x[i] - z[j])) == "−x_i + z_j"


# ----------------------------------------------------------------------------------------------------- structure of terms


def test_builders_build_what_they_say():
    assert distance(x[i], z[j]) == Norm(Combination(((Fraction(1), Point(x, i)), (Fraction(-1), Point(z, j)))))
    assert farthest(x, w) == Reduce(Reduction.MAX, i, Reduce(Reduction.MAX, k, distance(x[i], w[k])))
    assert nearest(x, w) == minimum(i, minimum(k, distance(x[i], w[k])))
    assert mean(x) == Average(Reduction.MEAN, i, x[i])
    assert total(x) == Average(Reduction.SUM, i, x[i])
    assert mean((i, j), between) == mean(i, mean(j, between))
    assert mean([i, j], between) == mean((i, j), between)
    assert largest(m, 1) == Largest((m, Constant(Fraction(1))))
    assert smallest(m, 1) == Smallest((m, Constant(Fraction(1))))
    assert coordinate_maximum(x) == CoordinateWise(Reduction.MAX, i, x[i])
    assert coordinate_minimum(x) == CoordinateWise(Reduction.MIN, i, x[i])
    assert coordinate_median(z) == CoordinateWise(Reduction.MEDIAN, j, z[j])
    assert another(x) == Index("i′", (x,)) != i
    assert variance(x) == mean(i, norm(x[i] - mean(another(x), x[another(x)])) ** 2)


def test_a_scalar_term_scales_a_vector_from_either_side():
    assert m * x[i] == x[i] * m == Scale(m, x[i])
    assert x[i] / m == Scale(m**-1, x[i])
    assert Constant(Fraction(2)) * x[i] == Scale.of(2, x[i]) == 2 * x[i]
    assert x[i] / Constant(Fraction(2)) == x[i] / 2
    assert (norm(x[i]) * z[j]).free() == {i, j}
    assert (norm(x[i]) * z[j]).collections() == {x, z}


def test_what_distances_of_collections_speak_of():
    for term in (Transport(x, z), HullDistance(x, z)):
        assert term.collections() == {x, z}
        assert term.free() == frozenset()
        assert term.children == ()
    assert coordinate_maximum(x).free() == frozenset()
    assert CoordinateWise(Reduction.MAX, i, x[i] - z[j]).free() == {j}
    assert paired(x, z) == Index("i", (x, z))
    assert paired(x, z, symbol="l") == Index("l", (x, z))


def test_largest_and_smallest_are_not_equal():
    assert Largest((m, a)) != Smallest((m, a))
    assert maximum(i, norm(x[i])) != minimum(i, norm(x[i]))


def test_free_indices():
    assert between.free() == {i, j}
    assert maximum(i, between).free() == {j}
    assert mean(x).free() == frozenset()
    # The mean binds its own i; the one outside stays free.
    assert norm(x[i] - mean(x)).free() == {i}
    assert mean(i, norm(x[i] - mean(x))).free() == frozenset()


def test_what_a_term_speaks_of():
    term = largest(m, farthest(x, w)) / Size(z)
    assert term.collections() == {x, w, z}
    assert term.parameters() == {m}
    assert (2 * a + 1).parameters() == {a}
    kinds = [type(node).__name__ for node in norm(mean(x) - z[j]).walk()]
    assert kinds == ["Norm", "Combination", "Average", "Point", "Point"]
    assert (L * norm(g(mean(x)) - g(z[j]))).maps() == {g}
    assert term.maps() == frozenset()


def test_the_space_that_a_vector_is_of():
    assert g(mean(x)).reached_by == g
    assert (2 * g(x[i]) - mean(j, g(z[j]))).reached_by == g
    assert (norm(g(x[i])) * z[j]).reached_by is None
    assert (norm(x[i]) * g(z[j])).reached_by == g
    assert (mean(x) - z[j]).reached_by is None


# One of each kind of node, for the tests of what all terms have in common.
FAMILY = classes("C")
EVERY_KIND = [
    Constant(Fraction(1, 3)),
    m,
    Size(x),
    a + b,
    a * b,
    a**2,
    largest(a, b),
    smallest(a, b),
    maximum(i, norm(x[i])),
    mean(i, norm(x[i]), weights=weights),
    norm(x[i]),
    x[i],
    2 * x[i] - z[j],
    mean(x, weights=weights),
    Dimension(),
    Transport(x, z),
    HullDistance(x, z),
    m * x[i],
    coordinate_maximum(x),
    coordinate_minimum(x),
    coordinate_median(x),
    g(x[i]),
    FAMILY[FAMILY.each][FAMILY[FAMILY.each].each],
    FAMILY[FAMILY.each].count,
    FAMILY.count,
    at(x[i], coordinate_index()),
    exp(m),
    inner(x[i], z[j]),
    cos(x[i], z[j]),
    norm(x[i], 1),
    indicator(norm(x[i]) <= m),
    signs(x)[i],
    x[sample(x, 2).each],
    infimum(variable("y"), norm(variable("y") - x[i])),
    supremum(variable("u"), inner(variable("u"), x[i]) ** 2),
    Coupling(i, j, norm(x[i])),
    variable("y"),
]


def test_there_is_one_of_every_kind():
    from boundcheck import language
    from boundcheck.language import Scalar, Term, Vector

    kinds = {kind for kind in vars(language).values() if isinstance(kind, type) and issubclass(kind, Term)}
    assert {type(term) for term in EVERY_KIND} == kinds - {Scalar, Term, Vector}


@pytest.mark.parametrize("term", EVERY_KIND, ids=str)
def test_terms_are_frozen_values(term):
    again = pickle.loads(pickle.dumps(term))
    assert again == term == copy.deepcopy(term)
    assert hash(again) == hash(term)
    assert str(again) == str(term)
    with pytest.raises(FrozenInstanceError):
        term.anything = 1


def test_a_hash_that_was_known_is_found_anew_in_another_process():
    code = (
        "import pickle, sys; from boundcheck.theorems import K; "
        "again = pickle.loads(sys.stdin.buffer.read()); assert again == K; assert hash(again) == hash(K); "
        "assert hash(again.lhs) == hash(K.lhs); assert {K.lhs: 1}[again.lhs] == 1"
    )
    from boundcheck.theorems import K

    hash(K)
    assert "_hash" in K.lhs.__dict__
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code], input=pickle.dumps(K), env={**os.environ, "PYTHONHASHSEED": seed}, check=False
        )
        assert done.returncode == 0


def test_what_is_equal_hashes_alike_however_it_was_made():
    assert hash(distance(x[i], z[j])) == hash(distance(x[x.each], z[z.each]))
    assert hash(Constant(2)) == hash(Constant(Fraction(2)))
    assert hash(Largest((m, 1))) == hash(Largest((m, Constant(Fraction(1)))))
    assert len({Largest((m,)), Smallest((m,)), Largest((m,))}) == 2


def test_terms_of_different_kinds_differ():
    assert len(set(EVERY_KIND)) == len(EVERY_KIND)


# ------------------------------------------------------------------------------------------------------------- printing

SNAPSHOTS = [
    (between, "‖x_i − z_j‖"),
    (norm(mean(x) - mean(z)), "‖mean_i x_i − mean_j z_j‖"),
    (norm(total(x)) / Size(x), "‖Σ_i x_i‖ / n"),
    (norm(mean(x, weights=weights)), "‖Σ_i v_i x_i‖"),
    (mean(i, norm(x[i]), weights=weights), "Σ_i v_i ‖x_i‖"),
    (norm(mean(i, x[i] - mean(x))), "‖mean_i (x_i − mean_i′ x_i′)‖"),
    (norm(2 * x[i] - z[j] / 2), "‖2·x_i − 1/2·z_j‖"),
    (norm(-x[i]), "‖−x_i‖"),
    (norm(x[i] - x[i]), "‖0‖"),
    (2 * largest(m, farthest(x, w)), "2·max{m, max_{i,k} ‖x_i − w_k‖}"),
    (largest(smallest(a, b), largest(b, c)), "max{min{a, b}, max{b, c}}"),
    (mean((i, j), between), "mean_{i,j} ‖x_i − z_j‖"),
    (mean(i, minimum(k, distance(x[i], w[k]))), "mean_i min_k ‖x_i − w_k‖"),
    (
        maximum(paired(x, z, symbol="l2"), distance(x[paired(x, z, symbol="l2")], mean(z))),
        "max_{l2} ‖x_l2 − mean_j z_j‖",
    ),
    (Constant(1.99) * m, "199/100·m"),
    (-m, "−m"),
    (Constant(-2), "−2"),
    (a + b - c, "a + b − c"),
    (a - (b - c), "a − (b − c)"),
    (-(a + b), "−(a + b)"),
    (-(a * b), "−a·b"),
    (a - 2 * b, "a − 2·b"),
    (a - b / 2, "a − 1/2·b"),
    (a + Constant(-3), "a − 3"),
    ((a + b) * c, "(a + b)·c"),
    (c * (a + b), "c·(a + b)"),
    ((a + b) / (a - b), "(a + b) / (a − b)"),
    (a / (b * c), "a / (b·c)"),
    (a / b / c, "a / b / c"),
    (a / (b / c), "a / (b / c)"),
    (1 / a, "a^(−1)"),
    (2 / a, "2 / a"),
    (-1 / a, "−a^(−1)"),
    ((a + b) ** 2, "(a + b)^2"),
    ((2 * a) ** 2, "(2·a)^2"),
    ((-a) ** 2, "(−a)^2"),
    (-(a**2), "−a^2"),
    ((a**2) ** 3, "(a^2)^3"),
    (a**-2, "a^(−2)"),
    (a ** Fraction(2, 3), "a^(2/3)"),
    (between**2, "‖x_i − z_j‖^2"),
    ((a + b) ** 0.5, "√(a + b)"),
    (2 * a**0.5, "2·√(a)"),
    (Power.of(Constant(Fraction(-2)), Fraction(1, 3)), "(−2)^(1/3)"),
    (-Power.of(Constant(Fraction(2)), Fraction(1, 3)), "−2^(1/3)"),
    (Power.of(Constant(Fraction(3, 2)), Fraction(1, 3)), "(3/2)^(1/3)"),
    (maximum(i, norm(x[i])) * m, "(max_i ‖x_i‖)·m"),
    (maximum(i, norm(x[i]) * m), "max_i ‖x_i‖·m"),
    (m * maximum(i, norm(x[i])), "m·max_i ‖x_i‖"),
    (maximum(i, norm(x[i])) / m, "(max_i ‖x_i‖) / m"),
    (maximum(i, norm(x[i]) / m), "max_i ‖x_i‖ / m"),
    (maximum(i, norm(x[i])) ** 2, "(max_i ‖x_i‖)^2"),
    (maximum(i, norm(x[i]) ** 2), "max_i ‖x_i‖^2"),
    (maximum(i, norm(x[i])) + m, "max_i ‖x_i‖ + m"),
    (maximum(i, norm(x[i]) + m), "max_i (‖x_i‖ + m)"),
    (m - maximum(i, norm(x[i])), "m − max_i ‖x_i‖"),
    (maximum(i, -norm(x[i])), "max_i −‖x_i‖"),
    (-maximum(i, norm(x[i])), "−max_i ‖x_i‖"),
    (Dimension() ** 0.5 * m, "√(D)·m"),
    (m + Transport(x, z), "m + W₁(x, z)"),
    (HullDistance(x, w) ** 2, "dist(hull x, hull w)^2"),
    (norm(coordinate_maximum(x) - coordinate_maximum(z)), "‖max_i x_i − max_j z_j‖"),
    (norm(coordinate_median(x)), "‖median_i x_i‖"),
    (norm(CoordinateWise(Reduction.MIN, i, x[i] - z[j])), "‖min_i (x_i − z_j)‖"),
    (norm(m * x[i]), "‖m·x_i‖"),
    (norm(m * (x[i] - z[j])), "‖m·(x_i − z_j)‖"),
    (norm((a + b) * x[i]), "‖(a + b)·x_i‖"),
    (norm(maximum(k, norm(w[k])) * x[i]), "‖(max_k ‖w_k‖)·x_i‖"),
    (norm(mean(x) / norm(mean(x))), "‖(mean_i x_i) / ‖mean_i x_i‖‖"),
    (norm(x[i] / (a * b)), "‖x_i / (a·b)‖"),
    (norm(g(mean(x)) - 2 * g(z[j])), "‖g(mean_i x_i) − 2·g(z_j)‖"),
    (norm(g(x[i] - z[j])), "‖g(x_i − z_j)‖"),
    (norm(mean(i, g(x[i]))), "‖mean_i g(x_i)‖"),
    (norm(m * g(x[i])), "‖m·g(x_i)‖"),
    (variance(x), "mean_i ‖x_i − mean_i′ x_i′‖^2"),
]


@pytest.mark.parametrize(("term", "text"), SNAPSHOTS, ids=[text for _, text in SNAPSHOTS])
def test_terms_print_as_mathematics(term, text):
    assert str(term) == text


# A small language of terms over the reals, in which everything that can be written to a given depth is written.
VALUES = {"a": Fraction(2), "b": Fraction(-3), "c": Fraction(5, 7)}


def _read(text):
    """Read a printed term as anyone would, by Python's own precedence of the same operators."""
    for printed, python in (("−", "-"), ("·", "*"), ("^", "**"), ("max{", "max_("), ("min{", "min_("), ("}", ")")):
        text = text.replace(printed, python)
    # Numbers as fractions, so that 1/3 is exact.
    text = "".join(f"F({''.join(g)})" if digit else "".join(g) for digit, g in itertools.groupby(text, str.isdigit))
    return eval(text, {"F": Fraction, "max_": max, "min_": min, **VALUES})


def _value(term):
    match term:
        case Constant(value):
            return value
        case Parameter(symbol):
            return VALUES[symbol]
        case Add(terms):
            return sum(map(_value, terms))
        case Multiply(factors):
            return math.prod(map(_value, factors))
        case Power(base, exponent):
            return _value(base) ** int(exponent)
        case Largest(terms):
            return max(map(_value, terms))
        case Smallest(terms):
            return min(map(_value, terms))


def _grow(terms, others):
    for one, other in itertools.product(terms, others):
        yield from (one + other, one - other, one * other, largest(one, other), smallest(other, one))
        if _value(other):
            yield one / other
    for one in terms:
        yield from (-one, one**2, one**3, 2 * one, one / 3, one - 2, 1 - one)
        if _value(one):
            yield one**-1
            yield 2 / one


def test_what_is_printed_has_one_reading_and_it_is_the_terms_value():
    atoms = [a, b, Constant(Fraction(-2)), Constant(Fraction(1, 3))]
    once = list(dict.fromkeys(_grow(atoms, atoms)))
    twice = list(dict.fromkeys([*_grow(once, [c]), *_grow([c], once)]))
    assert len(twice) > 1000
    for term in [*once, *twice]:
        assert _read(str(term)) == _value(term), str(term)


def test_the_reader_of_printed_terms_rejects_wrong_readings():
    assert _read("(a + b)·c") != _read("a + b·c")
    assert _read("−a^2") == -4 != _read("(−a)^2")
    assert _read("a / (b·c)") != _read("a / b·c")


def _reductions():
    """Yield terms with reductions in every place where another term may stand beside or below."""
    inner = norm(x[i])
    for kind in (maximum, minimum, mean, total):
        bodies = [inner, inner + m, m - inner, inner * m, m * inner, inner / m, -inner, inner**2, largest(inner, m)]
        for body in bodies:
            reduced = kind(i, body)
            yield from (reduced, reduced + m, m + reduced, m - reduced, -reduced, reduced * m, m * reduced)
            yield from (reduced / m, m / reduced, reduced**2, largest(reduced, m), reduced * a * m, (reduced + m) * a)
            yield from (reduced * reduced, reduced - m * a, 2 * reduced, a * (reduced + m))


def test_different_terms_with_reductions_print_differently():
    terms = set(_reductions())
    texts = {}
    for term in terms:
        texts.setdefault(str(term), []).append(term)
    ambiguous = {text: found for text, found in texts.items() if len(found) > 1}
    assert not ambiguous
    assert len(texts) > 500


# ------------------------------------------------------------------------------------------------------------ no numerics


def test_the_language_and_the_theorems_import_no_numerics():
    # The package's own __init__ imports everything, so it is replaced by an empty one.
    code = f"""
import sys, types
package = types.ModuleType("boundcheck")
package.__path__ = [{str(Path(boundcheck.__file__).parent)!r}]
sys.modules["boundcheck"] = package
import boundcheck.language, boundcheck.theorems
print(sorted({{"torch", "numpy", "scipy", "flint"}} & set(sys.modules)))
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
