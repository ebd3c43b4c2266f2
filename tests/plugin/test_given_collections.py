"""What the decorator draws, what tests it takes, and what it adds to a failure."""

import unittest
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import Phase, example, given, seed, settings
from hypothesis import strategies as st

from boundcheck import Bound, K, Space, assert_bound, check, given_collections
from boundcheck.adversary import Triple
from boundcheck.errors import InvalidTypeError, InvalidValueError, NormError
from boundcheck.language import (
    Collection,
    EqualSizes,
    Parameter,
    another,
    classes,
    cosine,
    distance,
    farthest,
    g,
    largest,
    m,
    maximum,
    mean,
    nearest,
    norm,
    w,
    x,
    z,
)

TOO_SMALL = replace(K, name="k-1.99", rhs=1.99 * largest(m, farthest(x, w)), chain=())

#: Explaining a failure traces every line, which takes longest.
quick = settings(max_examples=60, database=None, derandomize=True, phases=set(Phase) - {Phase.explain})


@quick
@given_collections(max_dimension=4)
def test_theorem_k_holds_on_what_is_drawn(G1, G2, G3, norm):
    assert_bound(None, G1, G2, G3, norm=norm, allow_undecided=True)


class TestMethod:
    @quick
    @given_collections(max_dimension=2)
    def test_takes_the_triple(self, triple):
        assert isinstance(self, TestMethod)
        assert isinstance(triple, Triple)


class TestOfUnittest(unittest.TestCase):
    @quick
    @given_collections(max_dimension=2)
    def test_takes_the_triple(self, triple):
        assert isinstance(triple, Triple)


@pytest.fixture(scope="module")
def factor():
    return 3.0


@pytest.mark.parametrize("power", [1, 2])
@quick
@given_collections(max_dimension=3, norms=(1,), share=st.floats(0, 1))
def test_fixtures_parameters_and_other_strategies_come_along(factor, power, G1, G2, G3, norm, share):
    assert factor == 3.0
    assert power in (1, 2)
    assert 0 <= share <= 1
    assert norm == 1.0


def test_three_collections_are_one_triple():
    """Drawn apart, their sizes and dimensions would differ."""
    sizes = set()

    @quick
    @given_collections(max_dimension=4)
    def collect(G1, G2, G3):
        assert G1.shape == G2.shape == G3.shape
        sizes.add(G1.shape)

    collect()
    assert len(sizes) > 5


def test_the_limits_and_the_premises_count():
    shapes, sizes, dimensions = set(), set(), set()
    bound = Bound("n = q", premises=[EqualSizes("n = q", (x, w))], lhs=0, rhs=farthest(x, w))

    @settings(quick, max_examples=200)
    @given_collections(bound, max_size=3, max_dimension=2, shapes=("gaussian", "duplicates"))
    def collect(triple):
        shapes.add(triple.shape)
        sizes.add(tuple(map(len, triple.collections)))
        dimensions.add(triple.G1.shape[1])

    collect()
    assert shapes == {"gaussian", "duplicates"}
    assert dimensions == {1, 2}
    assert max(map(max, sizes)) == 3
    assert all(n == q for n, _, q in sizes)
    assert any(n != p for n, p, _ in sizes)


@pytest.mark.parametrize(
    ("space", "expected"), [(Space.EUCLIDEAN, {2.0}), (Space.SUP_NORM, {np.inf}), (Space.ANY_NORM, None)]
)
def test_norms_are_those_of_the_bound(space, expected):
    seen = set()

    @settings(quick, max_examples=120)
    @given_collections(replace(K, name="k", space=space, chain=()), max_dimension=2)
    def collect(triple, norm):
        seen.add(norm)

    collect()
    assert seen == expected if expected else seen > {1.0, 2.0, np.inf}


def test_norms_can_be_given():
    seen = set()

    @quick
    @given_collections("karimov", max_dimension=2, norms=[1, float("inf")])
    def collect(triple, norm):
        seen.add(norm)

    collect()
    assert seen == {1.0, np.inf}


def test_explicit_examples_and_hypothesis_decorators_on_either_side():
    seen = []

    @example(G1=np.array([[7.0]]), G2=np.array([[8.0]]), G3=np.array([[9.0]]))
    @given_collections(max_dimension=2)
    @seed(3)
    @settings(max_examples=4, database=None)
    def collect(G1, G2, G3):
        seen.append((G1.tolist(), G2.tolist(), G3.tolist()))

    collect()
    first, seen[:] = list(seen), []
    assert first[0] == ([[7.0]], [[8.0]], [[9.0]])
    assert len(first) == 5
    collect()
    assert seen == first


def failure(test, kind=AssertionError):
    with pytest.raises(kind) as caught:
        test()
    return caught.value, "\n".join(getattr(caught.value, "__notes__", []))


def test_a_failure_has_the_shrunk_collections_to_paste():
    @settings(quick, max_examples=300)
    @given_collections(max_dimension=2, shapes=("lattice",))
    def far(G1, G2, G3, norm):
        assert np.abs(G1.mean(0) - G2.mean(0)).max() < 2

    _, notes = failure(far)
    assert (
        "The collections, to paste:\n"
        "from boundcheck import check_bound\n"
        "print(check_bound(None, [[0.0]], [[2.0]], [[0.0]], bound='karimov'))"
    ) in notes


def test_the_norm_and_the_bound_are_in_what_to_paste():
    @quick
    @given_collections(TOO_SMALL, norms=(1,))
    def never(triple, norm):
        raise ValueError("never")

    _, notes = failure(never, ValueError)
    assert "from test_given_collections import TOO_SMALL\n" in notes
    assert "print(check_bound(None, [[0.0]], [[0.0]], [[0.0]], bound=TOO_SMALL, norm=1.0))" in notes

    @quick
    @given_collections(replace(TOO_SMALL, name="sup", space=Space.SUP_NORM))
    def in_its_norm(triple):
        raise ValueError("never")

    assert "norm=float('inf')" in failure(in_its_norm, ValueError)[1]


def test_an_assertion_about_a_bound_is_not_shown_twice():
    @settings(quick, max_examples=300)
    @given_collections(TOO_SMALL)
    def fails(triple):
        assert_bound(None, *triple.collections, bound=TOO_SMALL)

    error, notes = failure(fails)
    assert "check_bound(None, [[0.0]], [[2.0]], [[1.0]], bound=TOO_SMALL)" in str(error)
    assert "to paste" not in notes
    assert "triple=Triple(G1=[[0.0]], G2=[[2.0]], G3=[[1.0]], 'lattice" in notes


def test_another_verdict_does_not_stand_in_for_the_one_found():
    """With m at 0 positives beyond the negatives are vacuous, and others fail: both are to be shown."""
    bound = Bound(
        "always false", premises=K.premises, lhs=1 + maximum((x.each, z.each), distance(x[x.each], z[z.each])), rhs=m
    )

    @settings(quick, max_examples=100)
    @given_collections(bound, max_dimension=1, shapes=("lattice",))
    def fails(triple):
        assert_bound(None, *triple.collections, bound=bound, m=0)

    with pytest.raises(ExceptionGroup) as caught:
        fails()
    assert {error.report.verdict.value for error in caught.value.exceptions} == {"fails", "vacuous"}


def test_the_inner_test_can_be_called_alone():
    @given_collections()
    def fails(triple):
        raise ValueError("alone")

    with pytest.raises(ValueError, match="alone"):
        fails.hypothesis.inner_test(triple=None)


A, B = Collection("a", "A", index="s", size="n"), Collection("b", "B", index="t", size="p")
C = classes("C")
#: A distance of centroids is not below that of the nearest points.
CENTROIDS = Bound("centroids-nearest", lhs=distance(mean(A), mean(B)), rhs=nearest(A, B), collections=[A, B])
APART = another(C[C.each], apart_from=C[C.each].each)
#: Distinct points of one class may be anywhere.
DISTINCT = Bound(
    "distinct",
    lhs=maximum((C.each, C[C.each].each), distance(C[C.each][C[C.each].each], mean(C[C.each]))),
    rhs=maximum((C.each, C[C.each].each, APART), distance(C[C.each][C[C.each].each], C[C.each][APART])) / 2,
    collections=[C],
)
ONE = Bound("one", lhs=norm(mean(A)), rhs=maximum(A.each, norm(A[A.each])), collections=[A])
T = Parameter("τ")
FOUR = Bound(
    "four",
    lhs=distance(mean(x), mean(z)),
    rhs=distance(mean(x), mean(A)) + distance(mean(A), mean(B)) + distance(mean(B), mean(z)) + largest(T, 0),
    collections=[x, z, A, B],
)


@quick
@given_collections(ONE, max_dimension=3)
def test_one_collection_is_drawn_by_its_symbol(a, norm):
    assert assert_bound(ONE, None, a=a, norm=norm, allow_undecided=True).sizes == {"A": len(a)}


@quick
@given_collections(FOUR, max_dimension=3)
def test_four_collections_come_as_a_mapping_with_what_else_the_bound_takes(collections, parameters, weights, maps):
    assert set(collections) == {"G1", "G2", "A", "B"}
    assert set(parameters) == {"τ"}
    assert weights == maps == {}
    assert_bound(FOUR, None, collections=collections, parameters=parameters, allow_undecided=True)


@quick
@given_collections("hull", max_dimension=3)
def test_weights_are_drawn_with_the_points(G1, G2, G3, weights):
    assert [len(ratios) for ratios in weights.values()] == [len(G1), len(G2)]
    assert_bound("hull", None, G1=G1, G2=G2, G3=G3, weights=weights, allow_undecided=True)


@quick
@given_collections("lipschitz-head", max_dimension=3)
def test_maps_are_drawn_that_satisfy_their_premises(x, z, w, parameters, maps, norm):
    report = assert_bound(
        "lipschitz-head", None, x=x, z=z, w=w, parameters=parameters, maps=maps, norm=norm, allow_undecided=True
    )
    assert "fails" not in {premise.verdict.value for premise in report.premises}


SQUARES = Bound("squares", lhs=norm(mean(A)) ** 2, rhs=maximum(A.each, norm(A[A.each])) ** 2, collections=[A])
COSINES = Bound("cosines", lhs=mean(A.each, cosine(A[A.each], mean(A))), rhs=1, collections=[A], space=Space.EUCLIDEAN)


@pytest.mark.parametrize("bound", [SQUARES, COSINES], ids=str)
def test_points_at_which_a_side_is_no_number_are_not_drawn(bound):
    """The square of what is huge overflows, and a vector that is 0 has no cosine: a check raises."""

    @settings(quick, max_examples=100)
    @given_collections(bound, max_dimension=2)
    def test(a):
        assert_bound(bound, None, a=a, allow_undecided=True)

    test()


def test_nor_are_points_that_a_map_takes_to_one():
    mapped = g(mean(A))
    bound = Bound("mapped", lhs=norm(mapped) ** 2, rhs=2 * norm(mapped) ** 2, collections=[A])

    @settings(quick, max_examples=100)
    @given_collections(bound)
    def test(a, maps):
        assert_bound(bound, None, a=a, maps=maps, allow_undecided=True)

    test()


def test_a_false_bound_over_two_collections_is_found_and_shrunk():
    @settings(quick, max_examples=100)
    @given_collections(CENTROIDS)
    def fails(a, b):
        assert_bound(CENTROIDS, None, a=a, b=b)

    error, _ = failure(fails)
    assert error.report.verdict.value == "fails"
    assert "from boundcheck import check\nfrom test_given_collections import CENTROIDS\n" in str(error)
    [line] = [line for line in str(error).splitlines() if line.startswith("print(check(")]
    assert eval(line.removeprefix("print(").removesuffix(")"), {"check": check, "CENTROIDS": CENTROIDS}) == error.report
    assert sum(error.report.sizes.values()) == 3


def test_a_false_bound_over_a_family_of_distinct_points_is_found():
    """A class of one point has no two that differ, so none is drawn."""
    smallest_class = []

    @settings(quick, max_examples=100)
    @given_collections(DISTINCT, norms=(2,))
    def fails(C, norm):
        smallest_class.append(min(map(len, C.values())))
        assert_bound(DISTINCT, None, C=C, norm=norm)

    error, notes = failure(fails)
    assert error.report.verdict.value == "fails"
    assert min(smallest_class) == 2
    assert "C={" in notes


def test_what_to_paste_names_the_collections_of_any_bound():
    @quick
    @given_collections(ONE)
    def never(collections):
        raise ValueError("never")

    _, notes = failure(never, ValueError)
    assert "print(check(ONE, None, A=[[0.0]]))" in notes
    assert "collections=Several(A=[[0.0]], 'lattice')" in notes


@pytest.mark.parametrize("shapes", [("simplex",), ("lattice search",), ("ascent", "gaussian")])
def test_only_the_shapes_that_were_chosen_are_drawn(shapes):
    seen = set()

    @quick
    @given_collections(max_dimension=2, shapes=shapes)
    def collect(triple):
        seen.add(triple.shape)

    collect()
    assert seen == set(shapes)


def neither(G1, G2):
    pass


def both(triple, G1, G2, G3):
    pass


def whole(triple):
    pass


async def coroutine(triple):
    pass


@pytest.mark.parametrize(
    ("test", "options", "error", "message"),
    [
        (
            neither,
            {},
            InvalidValueError,
            r"parameters of neither: expected triple, collections, or each of x \(or G1\), .*, got G1, G2",
        ),
        (both, {}, InvalidValueError, r"parameters of both: .*, got triple, G1, G2, G3"),
        (lambda: None, {}, InvalidValueError, r"got none"),
        (whole, {"shapes": ("round",)}, InvalidValueError, r"shapes: expected some of lattice, .*, got \('round',\)"),
        (whole, {"norms": (1,)}, InvalidValueError, r"norms: expected None, since whole takes no norm, got \(1,\)"),
        (whole, {"triple": st.none()}, InvalidValueError, r"others: expected strategies for other parameters"),
        (coroutine, {}, InvalidTypeError, r"test: expected a function that is not async, got 'coroutine'"),
        (given(st.none())(lambda k: None), {}, InvalidTypeError, r"test: expected a function without @given"),
        (TestMethod, {}, InvalidTypeError, r"test: expected a function, got <class"),
    ],
)
def test_tests_that_cannot_be_run_are_refused_when_decorated(test, options, error, message):
    with pytest.raises(error, match=message):
        given_collections(**options)(test)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ((whole,), {}, InvalidTypeError, r"bound: .*write @given_collections\(\)"),
        (("no-such",), {}, InvalidValueError, r"bound: expected one of"),
        ((3,), {}, InvalidTypeError, r"bound: expected a Bound or the name of a known one, got 3"),
        ((), {"norms": (0.5,)}, NormError, r"norms: expected p in \[1, inf\], got 0.5"),
        ((), {"norms": ()}, InvalidValueError, r"norms: expected at least one p"),
        ((), {"norms": 2}, InvalidTypeError, r"norms: expected numbers p in \[1, inf\], such as \(1, 2\), got 2"),
        ((), {"norms": "12"}, InvalidTypeError, r"norms: expected numbers"),
        ((), {"norms": st.just(2.0)}, InvalidTypeError, r"norms: expected numbers"),
        (("variance",), {"norms": (1,)}, NormError, r"norm: expected one of Euclidean space"),
    ],
)
def test_arguments_that_mean_nothing_are_refused(arguments, options, error, message):
    with pytest.raises(error, match=message):
        given_collections(*arguments, **options)


def test_the_strategy_refuses_its_own_limits():
    @given_collections(max_size=0)
    def draws(triple):
        pass

    with pytest.raises(InvalidValueError, match="max_size"):
        draws()
