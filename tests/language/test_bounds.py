"""Bounds and premises: what means nothing fails when it is stated, and the message shows where."""

import pickle
from dataclasses import FrozenInstanceError, replace
from fractions import Fraction

import pytest

from boundcheck.errors import BoundcheckError, InvalidTypeError, NormError, TermError
from boundcheck.language import (
    SETTING,
    Below,
    Bound,
    Collection,
    Constant,
    EqualSizes,
    ForAll,
    Index,
    L,
    Lipschitz,
    Map,
    Parameter,
    Premise,
    Relation,
    Space,
    Weights,
    cite,
    distance,
    equal_sizes,
    farthest,
    g,
    i,
    largest,
    lipschitz,
    m,
    maximum,
    mean,
    norm,
    paired,
    triplet,
    w,
    x,
    z,
)
from boundcheck.theorems import K

y = Collection("y", "G4", index="h", size="r")
a = Parameter("a")
pair = paired(x, z, symbol="l")
left, right = norm(mean(x) - mean(z)), farthest(x, w)
xz = EqualSizes("sizes of x and z", (x, z))


def bound(lhs=left, rhs=right, **options):
    return Bound("example", lhs=lhs, rhs=rhs, **options)


def link(lhs, rhs, name="link", **options):
    return Bound(name, lhs=lhs, rhs=rhs, **options)


middle = mean((i, w.each), distance(x[i], w[w.each]))

# What is stated, the error, and what the message shows.
ILL_STATED = {
    "a vector side": (lambda: bound(mean(x)), TermError, "the vector mean_i x_i; take its norm"),
    "a string side": (lambda: bound(rhs="2"), InvalidTypeError, "'2'"),
    "a NaN side": (lambda: bound(rhs=float("nan")), TermError, "nan"),
    "an unknown collection": (lambda: bound(norm(mean(y))), TermError, "unknown collection y in '‖mean_h y_h‖'"),
    "an unknown collection in a premise": (
        lambda: bound(premises=[ForAll("near", lhs=norm(y[y.each]), rhs=a)]),
        TermError,
        "unknown collection y in '‖y_h‖ ≤ a for all h'",
    ),
    "an unknown collection in a floor": (
        lambda: bound(premises=[ForAll("near", lhs=norm(x[i]), rhs=a, floor=norm(mean(y)))]),
        TermError,
        "unknown collection y",
    ),
    "an unknown collection of equal size": (
        lambda: bound(premises=[EqualSizes("sizes", (x, y))]),
        TermError,
        "unknown collection y in 'n = r'",
    ),
    "two collections of one symbol": (
        lambda: bound(1, 2, collections=(x, replace(x, argument="G2"), w)),
        TermError,
        "different symbols, got x, x, w",
    ),
    "two collections of one argument": (
        lambda: bound(1, 2, collections=(x, replace(z, argument="G1"), w)),
        TermError,
        "different arguments, got G1, G1, G3",
    ),
    "one letter for two indices": (
        lambda: bound(maximum(Index("i", (z,)), distance(z[Index("i", (z,))], mean(x)))),
        TermError,
        "i over the points of z and i over the points of x in 'max_i ‖z_i − mean_i′ x_i′‖'",
    ),
    "one letter for an index and a pair": (
        lambda: bound(mean(paired(x, z), distance(x[paired(x, z)], z[paired(x, z)])), premises=[xz]),
        TermError,
        "i over the points of x, z and i over the points of x in 'max_{i,k} ‖x_i − w_k‖'",
    ),
    "pairs without the premise": (
        lambda: bound(mean(pair, distance(x[pair], z[pair]))),
        TermError,
        "EqualSizes(x, z), since l pairs them off, got no such premise for 'mean_l ‖x_l − z_l‖'",
    ),
    "pairs with the premise for others": (
        lambda: bound(
            mean(pair, distance(x[pair], z[pair])),
            premises=[EqualSizes("sizes", (x, w)), EqualSizes("sizes", (z, w))],
        ),
        TermError,
        "EqualSizes(x, z)",
    ),
    "no name": (lambda: Bound("", lhs=left, rhs=right), InvalidTypeError, "non-empty string"),
    "a name that is a number": (lambda: Bound(3, lhs=left, rhs=right), InvalidTypeError, "got 3"),
    "a premise alone": (lambda: bound(premises=equal_sizes), InvalidTypeError, "a list of Premise"),
    "a string for premises": (lambda: bound(premises=["T(m)"]), InvalidTypeError, "'T(m)'"),
    "a collection for collections": (lambda: bound(collections=x), InvalidTypeError, "a list of Collection"),
    "a relation that is a string": (lambda: bound(relation="≤"), InvalidTypeError, "'≤'"),
    "a space that is a string": (lambda: bound(space="any norm"), InvalidTypeError, "'any norm'"),
    "a chain of terms": (lambda: bound(chain=[left]), InvalidTypeError, "only Bound objects"),
    "a chain that starts elsewhere": (
        lambda: bound(chain=[link(middle, right)]),
        TermError,
        "a link from '‖mean_i x_i − mean_j z_j‖', got 'link' from 'mean_{i,k} ‖x_i − w_k‖'",
    ),
    "a chain that ends elsewhere": (
        lambda: bound(chain=[link(left, middle)]),
        TermError,
        "an end at 'max_{i,k} ‖x_i − w_k‖', got 'mean_{i,k} ‖x_i − w_k‖'",
    ),
    "a chain with a gap": (
        lambda: bound(chain=[link(left, middle, "one"), link(m + middle, right, "two")]),
        TermError,
        "a link from 'mean_{i,k} ‖x_i − w_k‖', got 'two' from 'm + mean_{i,k} ‖x_i − w_k‖'",
    ),
    "a chain that takes more for granted": (
        lambda: bound(chain=[link(left, right, premises=[triplet()])]),
        TermError,
        "links under its own premises, got '‖x_i − z_j‖ − ‖x_i − w_k‖ ≤ m for all i, j, k' in 'link'",
    ),
    "a chain over another collection": (
        lambda: bound(
            chain=[
                link(left, norm(mean(y)), collections=(*SETTING, y)),
                link(norm(mean(y)), right, collections=(*SETTING, y)),
            ]
        ),
        TermError,
        "links over its own collections",
    ),
    "an equality proved by inequalities": (
        lambda: bound(relation=Relation.EQUAL, chain=[link(left, right)]),
        TermError,
        "only equalities",
    ),
    "a premise about numbers": (
        lambda: ForAll("flat", lhs=1, rhs=2),
        TermError,
        "a side that speaks of points or a parameter, got 1 ≤ 2",
    ),
    "a strict premise about numbers": (
        lambda: Below("flat", lhs=1, rhs=2),
        TermError,
        "a side that speaks of points or a parameter, got 1 < 2",
    ),
    "a premise with an index on the right alone": (
        lambda: ForAll("odd", lhs=norm(x[i]), rhs=norm(z[z.each])),
        TermError,
        "the indices of its right side on its left, got ‖x_i‖ ≤ ‖z_j‖",
    ),
    "a premise about a vector": (lambda: ForAll("odd", lhs=x[i], rhs=a), TermError, "the vector x_i"),
    "a premise about a string": (lambda: ForAll("odd", lhs=norm(x[i]), rhs="a"), InvalidTypeError, "'a'"),
    "a floor with an index": (
        lambda: ForAll("odd", lhs=norm(x[i]), rhs=a, floor=norm(x[i])),
        TermError,
        "a floor without free indices, got ‖x_i‖",
    ),
    "equal sizes of nothing": (lambda: EqualSizes("sizes"), TermError, "two or more collections"),
    "equal sizes of one": (lambda: EqualSizes("sizes", (x,)), TermError, "'n'"),
    "equal sizes of names": (lambda: EqualSizes("sizes", ("x", "z")), InvalidTypeError, "'x'"),
    "triplets with a vector": (lambda: triplet(x[i]), TermError, "the vector x_i"),
    "triplets with a string": (lambda: triplet("m"), InvalidTypeError, "'m'"),
    "a Lipschitz constant of points": (
        lambda: lipschitz(farthest(x, w)),
        TermError,
        "a constant of numbers and parameters alone, got 'max_{i,k} ‖x_i − w_k‖'",
    ),
    "a Lipschitz name": (lambda: Lipschitz("p", map="g", constant=1), InvalidTypeError, "a Map, got 'g'"),
}


@pytest.mark.parametrize("name", ILL_STATED)
def test_what_means_nothing_fails_when_it_is_stated(name):
    build, error, shown = ILL_STATED[name]
    with pytest.raises(error) as caught:
        build()
    assert shown in str(caught.value), str(caught.value)
    assert isinstance(caught.value, BoundcheckError)


# ------------------------------------------------------------------------------------------------------------ premises


def test_the_triplet_premise():
    premise = triplet()
    assert premise.name == "T(m)"
    assert str(premise) == "‖x_i − z_j‖ − ‖x_i − w_k‖ ≤ m for all i, j, k"
    assert premise.indices == (i, z.each, w.each)
    assert premise.parameter == m
    assert premise.least == maximum(premise.indices, premise.lhs)
    assert premise.excess == maximum(premise.indices, premise.lhs - m)
    assert str(premise.floor) == "−max_{i,k} ‖x_i − w_k‖"
    assert "minus the margin" in premise.hint


def test_only_a_parameter_of_its_own_is_determined_by_a_premise():
    assert triplet(0.5).parameter is None
    assert triplet(0.5).name == "T(1/2)"
    assert triplet(m + 1).parameter is None
    assert ForAll("odd", lhs=a * norm(x[i]), rhs=a).parameter is None
    assert ForAll("ball", lhs=norm(x[i]), rhs=a).parameter == a


def test_numbers_in_a_premise_become_constants():
    premise = ForAll("ball", lhs=norm(x[i]), rhs=1.5, floor=-1)
    assert premise.rhs == Constant(Fraction(3, 2))
    assert premise.floor == Constant(Fraction(-1))


def test_equal_sizes():
    assert str(equal_sizes) == "n = p = q"
    assert equal_sizes.collections() == {x, z, w}


def test_the_lipschitz_premise():
    premise = lipschitz()
    assert premise == Lipschitz("g is L-Lipschitz", map=g, constant=L)
    assert str(premise) == "‖g(u) − g(v)‖ ≤ L·‖u − v‖ for all u, v, where L ≥ 0"
    assert str(lipschitz(a + 1)) == "‖g(u) − g(v)‖ ≤ (a + 1)·‖u − v‖ for all u, v, where a + 1 ≥ 0"
    assert lipschitz(2, of=Map("h")).name == "h is 2-Lipschitz"
    assert str(premise.excess(x[i], mean(z))) == "‖g(x_i) − g(mean_j z_j)‖ − L·‖x_i − mean_j z_j‖"


def test_what_points_say_of_a_lipschitz_map():
    stated = bound(norm(g(mean(x))), L, premises=[lipschitz()], collections=(x, z))
    assert list(map(str, stated.excesses(lipschitz()))) == [
        "‖g(x_i) − g(x_i′)‖ − L·‖x_i − x_i′‖",
        "‖g(z_j) − g(z_j′)‖ − L·‖z_j − z_j′‖",
        "‖g(x_i) − g(z_j)‖ − L·‖x_i − z_j‖",
        "‖g(x_i) − g(mean_i′ x_i′)‖ − L·‖x_i − mean_i′ x_i′‖",
        "‖g(z_j) − g(mean_i x_i)‖ − L·‖z_j − mean_i x_i‖",
    ]
    whole = stated.excess(lipschitz())
    assert whole.free() == frozenset()
    assert str(whole).startswith("max{−L, max_{i,i′} (‖g(x_i) − g(x_i′)‖ − L·‖x_i − x_i′‖), max_{j,j′}")


def test_the_maps_that_a_bound_speaks_of():
    h = Map("h")
    assert bound(norm(h(mean(x))), norm(g(mean(x)))).maps() == (g, h)
    assert bound(premises=[lipschitz(a)]).maps() == (g,)
    assert bound(premises=[lipschitz(a)]).parameters() == (a,)
    assert bound(premises=[lipschitz(a)]).without(Lipschitz).maps() == ()
    assert K.maps() == ()


# -------------------------------------------------------------------------------------------------------------- bounds


def test_a_bound_in_five_lines():
    stated = Bound(
        "between centroids",
        lhs=norm(mean(x) - mean(z)),
        rhs=2 * largest(m, farthest(x, w)),
        premises=[equal_sizes, triplet(m)],
    )
    assert stated.premises == (equal_sizes, triplet(m))
    assert stated.collections == SETTING
    assert stated.parameters() == (m,)
    assert stated.terms() == (stated.lhs, stated.rhs, triplet(m).lhs, m)
    assert stated.statement == "‖mean_i x_i − mean_j z_j‖ ≤ 2·max{m, max_{i,k} ‖x_i − w_k‖}"
    assert str(stated) == (
        "between centroids: if n = p = q and ‖x_i − z_j‖ − ‖x_i − w_k‖ ≤ m for all i, j, k, then " + stated.statement
    )


def test_a_bound_without_premises_prints_without_if():
    assert str(bound(1, relation=Relation.EQUAL)) == "example: 1 = max_{i,k} ‖x_i − w_k‖"


def test_parameters_come_in_the_order_of_their_letters():
    b, c = Parameter("b"), Parameter("c")
    assert bound(c * left, b + right, premises=[triplet(a)]).parameters() == (a, b, c)


def test_the_weights_that_a_bound_speaks_of():
    a, b = Weights("a", x), Weights("b", z)
    assert bound(norm(mean(z, weights=b) - mean(x, weights=a)), right).weights() == (a, b)
    near = ForAll("D", lhs=norm(x[i] - mean(z, weights=b)), rhs=Parameter("r"))
    assert bound(premises=[near]).weights() == (b,)
    assert K.weights() == ()


def test_a_bound_over_other_collections():
    stated = bound(norm(mean(y)), farthest(x, y), collections=(x, y))
    assert stated.collections == (x, y)


def test_a_chain_that_joins():
    stated = bound(chain=[link(left, middle), link(middle, right)])
    assert [step.rhs for step in stated.chain] == [middle, right]


def test_a_bound_is_a_frozen_value():
    again = pickle.loads(pickle.dumps(K))
    assert again == K
    assert hash(again) == hash(K)
    assert replace(K, name="other") != K
    with pytest.raises(FrozenInstanceError):
        K.rhs = 1


def test_without_a_premise_a_bound_is_a_conjecture():
    proved = replace(K, proof="karimov")
    weaker = proved.without(EqualSizes)
    assert weaker.premises == (triplet(m),)
    assert (weaker.lhs, weaker.rhs) == (K.lhs, K.rhs)
    assert weaker.chain == ()
    assert weaker.proof is None
    assert K.sharpness
    assert weaker.sharpness == ""
    assert weaker.name == "karimov-weakened"
    assert proved.without(triplet(m), name="bare").premises == (equal_sizes,)
    assert proved.without(Premise, name="bare").premises == ()


def test_only_a_premise_that_is_there_can_be_dropped():
    with pytest.raises(TermError, match=r"a premise of bound 'karimov' \(equal sizes, T\(m\)\)"):
        K.without(triplet(a))
    with pytest.raises(TermError, match="none"):
        bound().without(ForAll)


def test_a_premise_that_terms_rest_on_cannot_be_dropped():
    with pytest.raises(TermError, match="since l pairs them off"):
        bound(mean(pair, distance(x[pair], z[pair])), premises=[xz]).without(EqualSizes)


# --------------------------------------------------------------------------------------------------------------- norms


@pytest.mark.parametrize(
    ("space", "admitted", "refused"),
    [
        (Space.ANY_NORM, [1.0, 1.5, 2.0, float("inf")], [0.5, 0.0, -1.0, float("nan")]),
        (Space.EUCLIDEAN, [2.0, 2], [1.0, 1.999, float("inf"), float("nan")]),
        (Space.SUP_NORM, [float("inf")], [1.0, 2.0, 1e300, float("nan")]),
    ],
    ids=str,
)
def test_the_norms_of_a_space(space, admitted, refused):
    stated = bound(space=space)
    for p in admitted:
        stated.require_norm(p)
    for p in refused:
        with pytest.raises(NormError, match=f"one of {space.value} for bound 'example'"):
            stated.require_norm(p)


@pytest.mark.parametrize("p", ["2", None, True, 2j])
def test_a_norm_is_a_number(p):
    with pytest.raises(InvalidTypeError, match="norm: expected a number"):
        bound().require_norm(p)


def test_citations():
    assert cite(K) == 'P. Karimov, "Representation learning of data collections", MIPT, 2024'
    assert cite(bound()) == "example: no source recorded"
    with pytest.raises(InvalidTypeError, match="bound: expected a Bound"):
        cite("karimov")
