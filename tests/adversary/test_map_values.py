"""Bounds that speak of maps: the adversary chooses the map too, and says which one it is."""

import json
from dataclasses import replace
from fractions import Fraction
from math import inf

import numpy as np
import pytest
import torch

import boundcheck
from boundcheck.adversary import Refuted, Survived, compare, falsify, necessity, replay, sharpness
from boundcheck.adversary.map_values import coordinates, extension, flat
from boundcheck.adversary.problem import Case, Layout, Problem
from boundcheck.errors import FileFormatError, InvalidValueError
from boundcheck.language import (
    Bound,
    Index,
    L,
    Lipschitz,
    Map,
    Parameter,
    Space,
    another,
    distance,
    equal_sizes,
    g,
    i,
    j,
    k,
    largest,
    lipschitz,
    m,
    mean,
    minimum,
    norm,
    paired,
    triplet,
    variance,
    w,
    x,
    z,
)
from boundcheck.theorems import K, get

HEAD = get("lipschitz-head")
CHAMFER = m + mean(i, minimum(k, distance(x[i], w[k])))
IMAGES = norm(mean(i, g(x[i])) - mean(j, g(z[j])))
PREMISES = (triplet(m), lipschitz(L))


def stated(name, lhs, rhs, premises=PREMISES, **others):
    return Bound(name, premises=premises, lhs=lhs, rhs=rhs, **others)


FALSE = [
    stated("too-small-a-constant", HEAD.lhs, Fraction(99, 100) * HEAD.rhs),
    stated("any-map", HEAD.lhs, CHAMFER, premises=(triplet(m),)),
    stated("images-against-means", IMAGES, L * norm(mean(x) - mean(z))),
    stated("map-of-mean-is-mean-of-map", norm(g(mean(x)) - mean(i, g(x[i]))), 0, premises=(lipschitz(L),)),
    stated("images-less-variance", IMAGES**2, L**2 * (mean(i, (m + minimum(k, distance(x[i], w[k]))) ** 2)
           - variance(x)), space=Space.EUCLIDEAN),
    stated("a-given-constant", HEAD.lhs, CHAMFER, premises=(triplet(m), lipschitz(Fraction(101, 100)))),
]  # fmt: skip
TRUE = [
    HEAD,
    stated("images", IMAGES, L * CHAMFER),
    stated("mean-against-images", norm(g(mean(x)) - mean(j, g(z[j]))), L * CHAMFER),
    stated("of-means", HEAD.lhs, L * norm(mean(x) - mean(z)), premises=(lipschitz(L),)),
    stated("a-constant-from-zero", 0, L, premises=(lipschitz(L),)),
    stated("a-constant-of-a-lone-value", norm(g(mean(x))), norm(g(mean(x))) + L, premises=(lipschitz(L),)),
]


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


# ------------------------------------------------------------------------------------------------------- the adversary


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("bound", FALSE, ids=lambda bound: bound.name)
def test_what_is_false_is_refuted_by_a_map_that_can_be_pasted(bound, seed):
    found = falsify(bound, seed=seed)
    assert isinstance(found, Refuted)
    assert sum(map(len, found.points.values())) <= 5
    assert found.dimension <= 2
    exec(found.snippet(), {})
    assert replay(found).status == "still fails"


@pytest.mark.parametrize("p", [1, 2, inf, 1.5])
@pytest.mark.parametrize("bound", FALSE[:4], ids=lambda bound: bound.name)
def test_it_is_refuted_in_space_in_every_norm(bound, p):
    found = falsify(bound, norms=[p], dimension=3)
    assert isinstance(found, Refuted)
    exec(found.snippet(), {})


@pytest.mark.parametrize("bound", TRUE, ids=lambda bound: bound.name)
def test_what_is_true_survives(bound):
    found = falsify(bound, seconds=0.8)
    assert isinstance(found, Survived)
    assert found.tried.violation < 1e-6
    assert found.tried.examples > 0


def test_a_bound_of_ones_own_in_five_lines():
    mine = Bound("mine",
        premises=[triplet(m), lipschitz(1)],
        lhs=norm(g(mean(x)) - mean(j, g(z[j]))),
        rhs=norm(mean(x) - mean(z)))  # fmt: skip
    found = boundcheck.falsify(mine)
    assert found.verdict == "refuted"
    assert "for all v" in str(found) or "McShane" in str(found)


def test_the_simplest_head_is_the_identity():
    found = falsify(FALSE[0])
    assert found.snippet().endswith(
        "def g(points):\n"
        "    # g(v) = v for all v\n"
        "    return points\n"
        "report = check_bound(None, [[1.0]], [[0.0]], [[0.0]], bound=bound, head=g, lipschitz=1)\n"
        f'assert report.verdict.value == "fails", report  # {found.lhs} against {found.rhs}\n'
    )
    assert str(found).splitlines()[-4:-1] == ["  g(mean_i x_i) = 1", "  g(mean_j z_j) = 0", "  g(v) = v for all v"]


def test_points_may_go_through_an_embedding_before_the_map():
    f = torch.tanh
    found = falsify(FALSE[0], f=f, dimension=1)
    assert isinstance(found, Refuted)
    assert found.embedded
    assert found.maps["g"].keys() == {"mean_i x_i", "mean_j z_j"}
    exec(found.snippet(), {"f": f})
    wider = falsify(FALSE[0], f=lambda points: torch.cat([points, points], dim=1), dimension=1)
    assert wider.verdict == "refuted"


# ---------------------------------------------------------------------------------------- necessity, sharpness, compare


def test_the_premise_on_the_map_is_needed():
    found = necessity(HEAD, seconds=1)
    answers = {need.taken: need.answer for need in found.needs}
    assert answers["g is L-Lipschitz, dropped"] == "needed"
    assert answers["g is L-Lipschitz, on the points alone"] == "needed"
    alone = next(need for need in found.needs if need.taken.endswith("alone"))
    # Between points that are equal, or have equal values, it is as Lipschitz as can be; the mean is no point.
    assert set(alone.outcome.maps["g"]) == {"mean_i x_i", "mean_j z_j", "x_i", "z_j", "w_k"}
    exec(alone.outcome.snippet(), {})


def test_the_constant_is_reached_exactly():
    best = sharpness(HEAD, seconds=2, max_size=1, max_dimension=1).best
    assert (best.tightness, best.exact) == (1.0, True)
    assert set(best.maps["g"]) == {"mean_i x_i", "mean_j z_j"}
    assert set(best.points) == {"x", "z", "w"}
    assert json.dumps(best.summary())


def test_bounds_with_maps_are_compared():
    found = compare(HEAD, TRUE[3], seconds=0.5)
    assert found.answer == "of-means was never looser than lipschitz-head, and was tighter once"
    assert str(found)


# --------------------------------------------------------------------------------------------------- without the maps


def test_a_map_of_one_vector_is_one_value_and_of_points_as_many_as_there_are():
    problem = Problem(stated("both", norm(g(mean(x)) - mean(i, g(x[i]))), L))
    sizes = set(problem.sizes_up_to(2))
    assert sizes == {(a, 1, 1, 1, a) for a in (1, 2)} | {
        (a, b, c, 1, a) for a in (1, 2) for b in (1, 2) for c in (1, 2)
    }
    assert [site.name for site in problem.sites] == ["mean_i x_i", "x_i"]


def test_one_value_for_each_point_whatever_its_index_is_called():
    other = another(x)
    made = flat(stated("pairs", mean((i, other), norm(g(x[i]) - g(x[other]))), L * variance(x)))
    assert len(made.sites) == 1
    # One premise of two points of x, and none of a point and itself.
    assert len(made.pairs) == 1


def test_indices_that_pair_collections_off_go_on_to_values():
    pair = paired(x, z)
    bound = Bound("paired", premises=[equal_sizes, lipschitz(L)], lhs=norm(mean(pair, g(x[pair] - z[pair]))), rhs=0)
    found = falsify(bound)
    assert isinstance(found, Refuted)
    assert len(found.maps["g"]["x_i − z_i"]) == len(found.points["x"])
    exec(found.snippet(), {})


def test_a_map_of_a_vector_with_two_indices_is_refused():
    bound = stated("two", mean((i, j), norm(g(x[i] - z[j]))), L)
    with pytest.raises(InvalidValueError, match="bound: expected maps of vectors with at most one free index each"):
        falsify(bound)


def test_a_bound_without_maps_is_left_alone():
    assert flat(K).bound is K


def test_two_maps_are_two_tables():
    h = Map("h")
    bound = stated("two maps", norm(g(mean(x)) - g(mean(z))), norm(h(mean(x)) - h(mean(z))), premises=(lipschitz(1), lipschitz(2, of=h)))  # fmt: skip
    found = falsify(bound)
    assert isinstance(found, Refuted)
    assert set(found.maps) == {"g", "h"}
    exec(found.snippet(), {})


def test_a_map_that_no_side_speaks_of_has_no_values():
    h = Map("h")
    one = stated("one of two", IMAGES, norm(mean(x) - mean(z)), premises=(lipschitz(1), lipschitz(2, of=h)))
    none = stated("neither", norm(mean(x) - mean(w)), norm(mean(x) - mean(z)), premises=(lipschitz(1),))
    for bound, maps in ((one, {"g"}), (none, set())):
        found = falsify(bound, dimension=2)
        assert isinstance(found, Refuted)
        assert set(found.maps) == maps
        exec(found.snippet(), {})


def settled(problem, layout, seed=0):
    random = torch.Generator().manual_seed(seed)
    return problem.lattice(layout, 64, random), problem.gaussian(layout, 64, random)


@pytest.mark.parametrize("p", [1.0, 1.5, 2.0, inf])
def test_what_is_drawn_are_values_of_lipschitz_maps(p):
    problem = Problem(TRUE[2])
    layout = Layout(p, (2, 3, 1, 1, 3), 3)
    for cases in settled(problem, layout):
        values = problem.values(cases)
        for row in range(len(cases)):
            case = problem.case(cases, values, row)
            assert problem.extends(case)
            # Every premise holds, or is undecided between equals: none fails.
            for sides in problem.judged([case], escalate=0).premises.values():
                assert sides.code.item() != 1 or float(sides.slack) > -1e-12


def test_some_of_what_is_drawn_is_as_steep_as_it_may_be():
    problem = Problem(TRUE[1])
    cases = settled(problem, Layout(2.0, (2, 2, 1, 2, 2), 2))[0]
    values = np.concatenate([cases.points[site.values].numpy() for site in problem.sites], axis=1)
    at = np.concatenate([cases.points[one].numpy() for one in (x, z)], axis=1)
    apart = lambda rows: np.linalg.norm(rows[:, :, None] - rows[:, None], axis=-1)  # noqa: E731
    slope = cases.numbers[L].numpy()[:, None, None]
    tight = (apart(values) > 0.999 * slope * apart(at)) & (apart(at) > 0) & (slope > 0)
    assert tight.any(axis=(1, 2)).mean() > 0.3


# --------------------------------------------------------------------------------------------------------- extensions


def distances(rows, p):
    return np.linalg.norm(rows[:, None] - rows[None], ord=p, axis=-1)


def table(p, count, dimension, differing, seed):
    random = np.random.default_rng(seed)
    vectors, values = random.normal(size=(2, count, dimension))
    values[:, differing:] = 0.5
    far = distances(values, p)[np.triu_indices(count, 1)] / distances(vectors, p)[np.triu_indices(count, 1)]
    return vectors, values, float(far.max())


@pytest.mark.parametrize("p", [1, 1.5, 2, inf])
@pytest.mark.parametrize(("count", "differing"), [(2, 3), (4, 1), (4, 2), (5, 3)])
@pytest.mark.parametrize("seed", range(3))
def test_an_extension_takes_the_values_and_is_lipschitz_everywhere(p, count, differing, seed):
    if differing > coordinates(p, count):
        return
    vectors, values, constant = table(p, count, 3, differing, seed)
    made = extension("g", p, vectors, values, constant)
    if made.lines is None:
        assert (p, count > 2, differing > 1) == (2, True, True)
        assert "Kirszbraun" in made.words
        return
    function = made.function()
    assert np.allclose(function(vectors), values, atol=1e-12)
    near = np.concatenate([vectors, vectors + 1e-3, 3 * np.random.default_rng(seed).normal(size=(200, 3))])
    assert (distances(function(near), p) <= constant * distances(near, p) + 1e-12).all()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([[2.0, 0.0], [2.0, 0.0]], "g(v) = (2, 0) for all v"),
        ([[1.0, 2.0], [4.0, 2.0]], "g(v) = −v + (1, 2) for all v"),
        ([[0.0, 0.0], [0.0, 1.0]], "g goes from (0, 0) to (0, 1) as v does from (−3, 0) to (0, 0), by the distance from there"),
    ],
)  # fmt: skip
def test_the_words_of_an_extension(values, words):
    at = np.array([[0.0, 0.0], [-3.0, 0.0]])
    found = extension("g", 2, at, np.array(values), 1.0)
    assert found.words in (words, words.replace("(0, 0) to (0, 1)", "(0, 1) to (0, 0)"))


@pytest.mark.parametrize(("shift", "words"), [(-1.0, "v − 1"), (1.0, "v + 1"), (0.0, "v")])
def test_a_shift_has_its_sign_once(shift, words):
    at = np.array([[0.0], [2.0]])
    made = extension("g", 2, at, at + shift, 1.0)
    assert made.words == f"g(v) = {words} for all v"
    assert np.array_equal(made.function()(at), at + shift)


def test_a_rotation_is_linear_and_its_snippet_runs():
    turned = np.array([[0.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
    made = extension("g", 2, np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]), turned, 1.0)
    assert made.words == "g(v) = A·v + b for all v, where ‖A‖ ≤ 1"
    assert np.allclose(made.function()(np.array([[2.0, 3.0]])), [[-3.0, 2.0]])


def kirszbraun():
    """A table that no formula here extends: four corners, of which three are turned and one is drawn in."""
    problem = Problem(stated("corners", mean(i, norm(g(x[i]))), 0, premises=(lipschitz(1),)))
    rows = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0], [2.0, 2.0]])
    values = np.array([[0.0, 0.0], [0.0, 2.0], [-2.0, 0.0], [-1.0, 1.0]])
    one = {site.values: values for site in problem.sites}
    return problem, Case(2.0, {x: rows, z: rows[:1], w: rows[:1], **one}, {}, {})


def test_where_only_a_theorem_says_that_there_is_a_map_the_snippet_holds_the_table():
    problem, case = kirszbraun()
    found = Refuted.of(problem, case, tried=None, seed=0, reference=None, embedded=False)
    assert "there is such a map g by Kirszbraun's theorem" in str(found)
    assert "replay" in found.snippet()
    exec(found.snippet(), {})


@pytest.mark.parametrize("p", [1.0, 1.5])
def test_a_table_that_may_be_of_no_map_refutes_nothing(p):
    """Pairwise conditions are not enough in every norm: those of l₁ in space, of l₃⁄₂ in a plane."""
    problem, case = kirszbraun()
    points = {one: np.pad(rows, ((0, 0), (0, 1))) for one, rows in case.points.items()}
    values = problem.sites[0].values
    points[values] = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]) / 4
    other = replace(case, norm=p, points=points)
    assert not problem.extends(other)
    assert problem.fails([other], escalate=None) == [False]
    with pytest.raises(InvalidValueError, match="values: expected ones that a theorem makes those of a map"):
        Refuted.of(problem, other, tried=None, seed=0, reference=None, embedded=False)


# ------------------------------------------------------------------------------------------------------------- stored


@pytest.fixture(scope="module")
def refuted():
    return falsify(FALSE[2])


def test_a_bundle_keeps_the_values(refuted, tmp_path):
    refuted.save(tmp_path / "found.json")
    assert Refuted.from_json((tmp_path / "found.json").read_text()).maps == refuted.maps
    assert replay(tmp_path / "found.json").status == "still fails"


def test_another_value_is_checked_again(refuted):
    far = {"g": {**refuted.maps["g"], "z_j": [[1000.0 * (place + 1)] for place in range(len(refuted.points["z"]))]}}
    again = replay(replace(refuted, maps=far))
    assert (again.status, again.verdict.value) == ("no longer fails", "vacuous")


def test_a_changed_statement_asks_for_other_values(refuted):
    again = replay(refuted, bound=HEAD)
    assert (again.status, again.verdict) == ("the statement has changed", None)


@pytest.mark.parametrize("values", [{}, {"x_i": [[0.0]]}, {"x_i": [[float("nan")]], "z_j": [[0.0]]}])
def test_a_bundle_without_the_values_is_refused(refuted, values):
    bundle = json.loads(refuted.to_json())
    bundle["maps"] = {"g": values}
    with pytest.raises(FileFormatError, match=r"bundle: expected (a counterexample|finite numbers)"):
        Refuted.from_json(json.dumps(bundle))


def test_a_map_s_name_in_a_bundle_is_not_run(refuted):
    text = refuted.to_json().replace('"symbol": "g"', '"symbol": "g\\nraise SystemExit"').replace(
        '"maps": {\n  "g"', '"maps": {\n  "g\\nraise SystemExit"')  # fmt: skip
    with pytest.raises(FileFormatError, match="names that can be shown"):
        Refuted.from_json(text)


def test_there_is_no_proof_in_coq_yet(refuted):
    with pytest.raises(InvalidValueError, match="bound: expected one without maps, for a proof in Coq"):
        refuted.coq()


def test_a_constant_may_be_a_term_or_one_that_a_premise_determines():
    c = Parameter("c")
    twice = stated("twice", HEAD.lhs, L * CHAMFER, premises=(triplet(m), lipschitz(largest(2 * L, 0))))
    found = falsify(twice)
    assert isinstance(found, Refuted)
    exec(found.snippet(), {})
    spread = Bound("spread", premises=[
        triplet(m), boundcheck.language.ForAll("c", lhs=distance(x[i], z[j]), rhs=c), Lipschitz("g", map=g, constant=c)
    ], lhs=HEAD.lhs, rhs=Fraction(1, 2) * c * CHAMFER)  # fmt: skip
    assert isinstance(falsify(spread), Refuted)


def test_index_letters_of_the_statement_stay_apart_from_those_of_the_sites():
    u = Index("u", (x,))
    assert flat(stated("letters", mean(u, norm(g(x[u]) - g(mean(x)))), L)).sites[0].name == "x_u"
