"""``check`` for bounds over any number of collections, each by its name, with values for whatever else it speaks of."""

import itertools

import numpy as np
import pytest

import boundcheck
from boundcheck import BoundcheckError, Verdict, check, check_bound
from boundcheck.errors import (
    DimensionMismatchError,
    EmptyCollectionError,
    InvalidTypeError,
    InvalidValueError,
    NormError,
    ParameterError,
    UnequalSizesError,
)
from boundcheck.language import (
    Bound,
    Collection,
    EqualSizes,
    ForAll,
    Map,
    Parameter,
    Space,
    Weights,
    another,
    classes,
    distance,
    farthest,
    lipschitz,
    maximum,
    mean,
    norm,
    paired,
    variance,
)

a, b, c, d = (
    Collection(letter, letter.upper(), index=index, size=size)
    for letter, index, size in zip("abcd", "ijkl", "npqr", strict=True)
)
ONE = Bound("spread", lhs=variance(a), rhs=maximum((a.each,), norm(a[a.each] - mean(a))) ** 2, collections=[a])
TWO = Bound("centroids", lhs=distance(mean(a), mean(b)), rhs=farthest(a, b), collections=[a, b])
FOUR = Bound(
    "polygon",
    lhs=distance(mean(a), mean(d)),
    rhs=distance(mean(a), mean(b)) + distance(mean(b), mean(c)) + distance(mean(c), mean(d)),
    collections=[a, b, c, d],
)


def points(*sizes, d=3, seed=0):
    random = np.random.default_rng(seed)
    return [random.normal(size=(size, d)) for size in sizes]


def test_one_collection():
    (rows,) = points(5)
    report = check(ONE, None, a=rows)
    own = ((rows - rows.mean(axis=0)) ** 2).sum(axis=1)
    assert report.verdict is Verdict.HOLDS
    assert dict(report.sizes) == {"A": 5}
    assert abs(float(report.lhs) - own.mean()) <= report.lhs.error + 1e-12
    assert abs(float(report.rhs) - own.max()) <= report.rhs.error + 1e-12


@pytest.mark.parametrize("p", [1, 2, 3, float("inf")])
def test_two_collections_by_symbol_or_argument_under_an_embedding(p):
    one, other = points(4, 6)
    by_symbol = check(TWO, np.tanh, a=one, b=other, norm=p)
    by_argument = check(TWO, np.tanh, A=one, B=other, norm=p)
    as_mapping = check(TWO, np.tanh, collections={"a": one}, B=other, norm=p)
    pairs = itertools.product(np.tanh(one), np.tanh(other))
    expected = max(np.linalg.norm(u - v, ord=p) for u, v in pairs)
    assert by_symbol == by_argument == as_mapping
    assert float(by_symbol.rhs) == pytest.approx(expected, abs=1e-12)
    assert by_symbol.verdict is Verdict.HOLDS


def test_four_collections_of_four_sizes():
    named = dict(zip("abcd", points(2, 3, 4, 5), strict=True))
    report = check(FOUR, None, **named)
    means = [rows.mean(axis=0) for rows in named.values()]
    steps = sum(np.linalg.norm(u - v) for u, v in itertools.pairwise(means))
    assert report.verdict is Verdict.HOLDS
    assert float(report.rhs) == pytest.approx(steps, abs=1e-12)
    assert dict(report.sizes) == {"A": 2, "B": 3, "C": 4, "D": 5}
    assert "A: 2, B: 3, C: 4, D: 5 objects" in str(report)
    assert "polygon" in report._repr_html_()


def test_a_collection_that_nothing_speaks_of_may_be_left_out():
    """A bound whose collections are the standard ones, and that is about two of them."""
    stated = Bound("pair", lhs=distance(mean(a), mean(b)), rhs=farthest(a, b), collections=[a, b, c])
    one, other, third = points(3, 4, 5)
    assert check(stated, None, a=one, b=other).rhs == check(stated, None, a=one, b=other, c=third).rhs
    with_map = Bound(
        "image",
        premises=[lipschitz(2, of=Map("h"))],
        lhs=norm(Map("h")(mean(a)) - Map("h")(mean(b))),
        rhs=2 * distance(mean(a), mean(b)),
        collections=[a, b, c],
    )
    report = check(with_map, None, a=one, b=other, maps={"h": lambda rows: 2 * rows})
    assert report.verdict in (Verdict.HOLDS, Verdict.UNDECIDED)
    assert report.premises[0].verdict is Verdict.ASSUMED


def test_the_standard_letters_and_known_bounds():
    triple = points(3, 3, 3)
    by_name = check("karimov", None, x=triple[0], z=triple[1], w=triple[2], m=4.0)
    assert by_name == check_bound(None, *triple, bound="karimov", m=4.0)
    assert by_name == check("karimov", None, G1=triple[0], z=triple[1], G3=triple[2], parameters={"m": 4.0})
    assert check("chamfer", None, x=triple[0], z=triple[1], w=triple[2]).bound.name == "chamfer"


def test_the_short_form_is_what_it_was():
    triple = points(3, 3, 3)
    assert check(None, *triple) == check_bound(None, *triple)
    assert check(np.tanh, *triple, bound="chamfer", norm=1) == check_bound(np.tanh, *triple, bound="chamfer", norm=1)
    assert check(f=None, G1=triple[0], G2=triple[1], G3=triple[2], bound="chamfer").bound.name == "chamfer"
    assert len(check(None, *triple, bound="all").rungs) == len(check_bound(None, *triple, bound="all").rungs)
    assert len(check("all", None, G1=triple[0], G2=triple[1], G3=triple[2]).rungs) > 5


def test_parameters_by_name():
    tau = Parameter("τ")
    shifted = Bound("shifted", lhs=distance(mean(a), mean(b)), rhs=farthest(a, b) - tau, collections=[a, b])
    one, other = [[0.0]], [[3.0]]
    assert check(shifted, None, a=one, b=other, parameters={"τ": 0.0}).verdict is Verdict.HOLDS
    assert check(shifted, None, a=one, b=other, parameters={tau: 1.0}).verdict is Verdict.FAILS
    assert float(check(shifted, None, a=one, b=other, parameters={"τ": 0.5}).parameters["τ"]) == 0.5


def test_a_parameter_that_a_premise_determines_takes_its_least_value():
    r = Parameter("r")
    ball = ForAll("radius", lhs=norm(a[a.each] - mean(a)), rhs=r)
    stated = Bound("ball", premises=[ball], lhs=variance(a), rhs=r * r, collections=[a], space=Space.EUCLIDEAN)
    rows = [[0.0], [4.0], [2.0]]
    report = check(stated, None, a=rows)
    assert float(report.parameters["r"]) == pytest.approx(2)
    assert report.premises[0].derived
    assert check(stated, None, a=rows, parameters={"r": 3}).verdict is Verdict.HOLDS
    assert check(stated, None, a=rows, parameters={"r": 1}).verdict is Verdict.VACUOUS


def test_several_maps():
    g, h = Map("g"), Map("h")
    stated = Bound(
        "two maps",
        lhs=norm(g(mean(a)) - g(mean(b))),
        rhs=2 * norm(h(mean(a)) - h(mean(b))),
        collections=[a, b],
    )
    maps = {"g": lambda rows: rows, h: lambda rows: 2 * rows}
    assert check(stated, None, a=[[0.0]], b=[[3.0]], maps=maps).verdict is Verdict.HOLDS
    with pytest.raises(ParameterError, match=r"maps\['h'\]: expected what the map h"):
        check(stated, None, a=[[0.0]], b=[[3.0]], maps={"g": maps["g"]})
    with pytest.raises(ParameterError, match=r"maps\['k'\]: expected a map of bound 'two maps' \(g, h\)"):
        check(stated, None, a=[[0.0]], b=[[3.0]], maps={**maps, "k": maps["g"]})
    with pytest.raises(InvalidTypeError, match=r"maps\['g'\]: expected a torch module"):
        check(stated, None, a=[[0.0]], b=[[3.0]], maps={**maps, "g": 3})
    with pytest.raises(BoundcheckError, match=r"maps\['g'\]"):
        check(stated, None, a=[[0.0]], b=[[3.0]], maps={**maps, "g": lambda rows: np.full_like(rows, np.nan)})


def test_weights_as_numbers_by_a_rule_or_by_a_function():
    own = Weights("α", a)
    stated = Bound(
        "weighted", lhs=distance(mean(a.each, a[a.each], weights=own), mean(a)), rhs=farthest(a, b), collections=[a, b]
    )
    rows, other = [[0.0], [4.0]], [[9.0]]
    ratios = {"α": [3, 1]}
    assert float(check(stated, None, a=rows, b=other, weights=ratios).lhs) == pytest.approx(1)
    by_function = {own: lambda points: np.array([0.0, 1.0])}
    assert float(check(stated, None, a=rows, b=other, weights=by_function).lhs) == pytest.approx(2)
    assert float(check(stated, None, a=rows, b=other, weights={"α": "medoid"}).lhs) == pytest.approx(2)
    for wrong, message in (
        ({}, "weights: expected values for 'α'"),
        ({"α": [1]}, r"weights\['α'\]: expected shape"),
        ({"α": [0, 0]}, r"weights\['α'\]: expected finite numbers"),
        ({"α": "medoids"}, r"weights\['α'\]: expected one of mean, medoid"),
        ({"α": [1, 1], "β": [1]}, "weights: expected weights of bound 'weighted'"),
    ):
        with pytest.raises(InvalidValueError, match=message):
            check(stated, None, a=rows, b=other, weights=wrong)


def test_sizes_that_must_be_equal_are_named_as_they_were_given():
    pairs = paired(a, b, symbol="t")
    stated = Bound(
        "paired",
        premises=[EqualSizes("a and b", (a, b))],
        lhs=distance(mean(a), mean(b)),
        rhs=mean(pairs, distance(a[pairs], b[pairs])),
        collections=[a, b],
    )
    assert check(stated, None, a=points(4)[0], b=points(4, seed=1)[0]).verdict is Verdict.HOLDS
    with pytest.raises(UnequalSizesError, match=r"^b: expected 4 objects like A, got 3"):
        check(stated, None, A=points(4)[0], b=points(3)[0])
    loose = Bound("loose", premises=[EqualSizes("sizes", (a, b))], lhs=TWO.lhs, rhs=TWO.rhs, collections=[a, b])
    assert check(loose, None, a=points(4)[0], b=points(3)[0], equal_sizes=False).bound.name == "loose-any-sizes"


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            {"a": [[0.0]]},
            ParameterError,
            r"collections of bound 'centroids': expected a \(or A\), b \(or B\), got no b",
        ),
        ({}, ParameterError, "got no a, b; pass a=…, b=…"),
        ({"a": [[0.0]], "A": [[0.0]], "b": [[0.0]]}, ParameterError, "A: expected one of a and A, got both"),
        ({"a": [[0.0]], "b": [[0.0]], "e": [[0.0]]}, ParameterError, "e: expected a collection of bound 'centroids'"),
        ({"a": [[0.0]], "b": [[0.0]], "m": 1.0}, ParameterError, "m: expected None, since bound 'centroids' has no m"),
        (
            {"a": [[0.0]], "b": [[0.0]], "parameters": {"τ": 1}},
            ParameterError,
            r"parameters\['τ'\]: expected a parameter",
        ),
        ({"a": [[0.0]], "b": [[0.0]], "parameters": 3}, InvalidTypeError, "parameters: expected a mapping"),
        ({"a": [[0.0]], "b": [[0.0]], "maps": 3}, InvalidTypeError, "maps: expected a mapping"),
        ({"a": [[0.0]], "b": [[0.0]], "collections": 3}, InvalidTypeError, "collections: expected a mapping"),
        ({"a": [[0.0]], "b": [[0.0, 1.0]]}, DimensionMismatchError, "^b: expected vectors of length 1 like a"),
        ({"a": [[0.0]], "b": []}, EmptyCollectionError, "^b: expected a collection of at least one object"),
        ({"a": [[0.0]], "b": [[0.0]], "norm": 0.5}, NormError, "norm"),
        ({"a": [[0.0]], "b": [[0.0]], "aggregator": "mean"}, ParameterError, "check_bound takes aggregator"),
        ({"a": [[0.0]], "b": [[0.0]], "bound": TWO}, ParameterError, "bound: expected one"),
    ],
)
def test_what_is_wrong_is_named_as_it_was_given(call, error, message):
    with pytest.raises(error, match=message):
        check(TWO, None, **call)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "x", None])
def test_a_value_that_is_no_number_is_refused_by_its_parameters_name(value):
    tau = Parameter("τ")
    stated = Bound("shifted", lhs=tau, rhs=farthest(a, b), collections=[a, b])
    with pytest.raises(BoundcheckError, match=r"parameters\['τ'\]: expected a finite number"):
        check(stated, None, a=[[0.0]], b=[[1.0]], parameters={"τ": value})
    with pytest.raises(ParameterError, match=r"parameters\['τ'\]: expected a value, since no premise"):
        check(stated, None, a=[[0.0]], b=[[1.0]])


def test_an_embedding_for_a_bound_and_more_beside_it_are_refused():
    with pytest.raises(InvalidTypeError, match="pass each by its name"):
        check(TWO, None, [[0.0]], [[1.0]])
    with pytest.raises(InvalidValueError, match="did you mean 'karimov'"):
        check("karimow", None, x=[[0.0]])


def test_numbers_alone_need_some_collection():
    stated = Bound("numbers", lhs=1, rhs=2, collections=[a])
    assert check(stated, None, a=[[0.0]]).verdict is Verdict.HOLDS
    with pytest.raises(ParameterError, match="at least one of a"):
        check(stated, None)


def test_check_bound_takes_parameters_too():
    tau = Parameter("τ")
    stated = Bound("shifted", lhs=tau, rhs=1)
    triple = [[0.0]], [[0.0]], [[0.0]]
    assert check_bound(None, *triple, bound=stated, parameters={"τ": 1}).verdict is Verdict.HOLDS
    with pytest.raises(ParameterError, match=r"parameters\['τ'\]: expected a value"):
        check_bound(None, *triple, bound=stated)
    with pytest.raises(InvalidValueError, match=r"boundcheck\.check\(bound, f, x=…, y=…\)"):
        check_bound(None, *triple, bound=TWO)
    assert boundcheck.check is check


# ----------------------------------------------------------------------------------------------------------- families

C = classes("C")
cl, other = C.each, another(C, apart_from=C.each)
of_class = C[cl].each
SEPARATED = Bound(
    "separated",
    premises=[ForAll("radius", lhs=distance(C[cl][of_class], mean(C[cl])), rhs=Parameter("r"))],
    lhs=mean((cl, other), distance(mean(C[cl]), mean(C[other]))),
    rhs=maximum((cl, other, of_class), distance(C[cl][of_class], mean(C[other]))) + Parameter("r"),
    collections=[C],
)


def family(seed=0):
    random = np.random.default_rng(seed)
    return {
        name: random.normal(size=(size, 3)) + 4 * place for place, (name, size) in enumerate([("eel", 3), ("cat", 5)])
    }


def test_a_family_by_class_or_by_label_is_one():
    by_class = family()
    rows = np.concatenate([by_class["cat"], by_class["eel"]])
    labels = ["cat"] * 5 + ["eel"] * 3
    order = np.random.default_rng(1).permutation(8)
    one = check(SEPARATED, np.tanh, C=by_class)
    other = check(SEPARATED, np.tanh, C=(rows[order], [labels[place] for place in order]))
    centroids = {name: np.tanh(points).mean(axis=0) for name, points in by_class.items()}
    assert one.verdict is other.verdict is Verdict.HOLDS
    expected = np.linalg.norm(centroids["cat"] - centroids["eel"])
    assert float(one.lhs) == pytest.approx(expected, abs=1e-12)
    assert float(other.lhs) == pytest.approx(expected, abs=1e-12)
    assert one.classes == {"C": {"eel": 3, "cat": 5}}
    assert other.classes == {"C": {"cat": 5, "eel": 3}}
    assert "C: 8 in 2 classes of 3 to 5 objects" in str(one)
    assert one.to_dict()["classes"] == {"C": {"eel": 3, "cat": 5}}


def test_a_familys_witness_is_a_point_of_a_class():
    by_class = family()
    radii = {
        (name, place): np.linalg.norm(point - points.mean(axis=0))
        for name, points in by_class.items()
        for place, point in enumerate(points)
    }
    name, place = max(radii, key=radii.get)
    report = check(SEPARATED, None, C=by_class)
    assert dict(report.premises[0].witness.positions) == {f"C[{name!r}]": place}
    assert float(report.parameters["r"]) == pytest.approx(max(radii.values()))
    assert check(SEPARATED, None, C=by_class, parameters={"r": 0.1}).verdict is Verdict.VACUOUS


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ([[0.0], [1.0]], InvalidTypeError, r"C: expected the classes of the family C: a mapping"),
        ({"a": [[0.0]]}, ParameterError, "C: expected two classes or more, got 1"),
        (([[0.0], [1.0]], ["a", "a"]), ParameterError, "C: expected two classes or more, got 1"),
        (([[0.0], [1.0]], ["a"]), InvalidValueError, "C labels: expected shape"),
        ({"a": [[0.0]], "b": []}, EmptyCollectionError, r"C\['b'\]: expected a collection of at least one object"),
        ({"a": [[0.0]], "b": [[0.0, 1.0]]}, DimensionMismatchError, r"C\['b'\]: expected vectors of length 1"),
        ({1: [[0.0]], "1": [[0.0]]}, ParameterError, "two that read alike"),
    ],
)
def test_what_is_no_family_is_refused(given, error, message):
    with pytest.raises(error, match=message):
        check(SEPARATED, None, C=given)


def test_a_conclusion_for_all_says_which_instance_decides():
    each = Bound("each", lhs=distance(a[a.each], mean(a)), rhs=3 * variance(a), collections=[a])
    report = check(each, None, a=[[0.0], [1.0], [5.0]])
    assert dict(report.instance.positions) == {"A": 2}
    assert float(report.lhs) == pytest.approx(3)
    assert "instance    A[2]" in str(report)
    pairs = Bound("pairs", lhs=distance(mean(C[cl]), mean(C[other])), rhs=3, collections=[C])
    found = check(pairs, None, C={"u": [[0.0]], "v": [[1.0]], "w": [[5.0]]})
    assert found.verdict is Verdict.FAILS
    assert found.to_dict()["instance"] == {"C": 0, "C′": 2}
    assert check(TWO, None, a=[[0.0]], b=[[1.0]]).instance is None
