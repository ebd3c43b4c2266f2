"""The adversary on one collection, two, or any number, and on families: drawn, shrunk, stored, replayed, pasted."""

import json

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from hypothesis import given, settings

from boundcheck.adversary import Need, Refuted, Survived, Tried, falsify, necessity, replay
from boundcheck.adversary.contradictions import contradiction, range_of
from boundcheck.adversary.problem import Case, Layout, Problem
from boundcheck.adversary.shrink import shrink
from boundcheck.adversary.strategies import several, triples
from boundcheck.checking import check
from boundcheck.cli import cli
from boundcheck.errors import FileFormatError, InvalidValueError
from boundcheck.language import (
    Bound,
    Collection,
    Constant,
    Dimension,
    ForAll,
    Map,
    Parameter,
    Relation,
    Size,
    Space,
    absolute,
    another,
    classes,
    distance,
    farthest,
    inner,
    largest,
    lipschitz,
    maximum,
    mean,
    minimum,
    nearest,
    norm,
    sample,
    variance,
)
from boundcheck.theorems import K

a, b = Collection("a", "A", index="i", size="n"), Collection("b", "B", index="j", size="p")
i, j = a.each, b.each
C = classes("C")
c, k = C.each, C[C.each].each
d = another(C, apart_from=c)
FARTHEST = Bound("farthest-pair", lhs=distance(mean(a), mean(b)), rhs=farthest(a, b), collections=[a, b])
NEAREST = Bound("nearest-pair", lhs=distance(mean(a), mean(b)), rhs=nearest(a, b), collections=[a, b])
APART = mean((c, d), distance(mean(C[c]), mean(C[d])))
FAMILY = Bound("family", lhs=APART, rhs=maximum((c, d, k), distance(C[c][k], mean(C[d]))), collections=[C])
FALSE_FAMILY = Bound("least", lhs=APART, rhs=minimum((c, d, k), distance(C[c][k], mean(C[d]))), collections=[C])


def apart(collection):
    return collection[collection.each], collection[another(collection, apart_from=collection.each)]


# --------------------------------------------------------------------------------------------------------- searches


@pytest.mark.parametrize("bound", [NEAREST, FALSE_FAMILY], ids=lambda bound: bound.name)
def test_a_false_statement_is_refuted_shrunk_stored_and_pasted(bound):
    found = falsify(bound, seconds=20)
    assert isinstance(found, Refuted)
    assert found.dimension == 1
    assert sum(map(len, found.points.values())) == 3
    again = Refuted.from_json(found.to_json())
    assert (again.points, again.partitions) == (found.points, {key: list(own) for key, own in found.partitions.items()})
    assert replay(again).status == "still fails"
    names: dict = {}
    exec(found.snippet(), names)
    assert float(names["report"].lhs) == float(found.lhs)


def test_a_familys_classes_are_shown_one_by_one():
    found = falsify(FALSE_FAMILY, seconds=20)
    assert found.partitions == {"C": (2, 1)}
    lines = [line.strip() for line in str(found).splitlines()]
    assert [line[:5] for line in lines if line.startswith("C_")] == ["C_1 =", "C_2 ="]
    assert found.summary()["partitions"] == {"C": [2, 1]}


@pytest.mark.parametrize("bound", [FARTHEST, FAMILY], ids=lambda bound: bound.name)
def test_a_true_statement_survives_with_cases_drawn_by_hypothesis_too(bound):
    found = falsify(bound, seconds=1.0)
    assert isinstance(found, Survived)
    assert found.verdict == "survived"
    assert found.tried.examples > 0
    assert found.tried.met == found.tried.cases


def test_no_layout_is_looked_at_of_which_a_mean_says_nothing():
    """Of one point there is no other: a mean over i′ ≠ i has no values."""
    u, v = apart(a)
    bound = Bound("pairs", lhs=mean(i, mean(another(a, apart_from=i), distance(u, v))), rhs=-1, collections=[a])
    problem = Problem(bound)
    layouts = problem.layouts((2.0,), 3, (1,))
    assert [layout.sizes for layout in layouts] == [(2,), (3,)]
    found = falsify(bound, seconds=10)
    assert len(found.points["a"]) == 2


def test_no_layout_is_looked_at_of_which_there_are_no_samples():
    drawn = sample(a, 3)
    body = mean(drawn.each, distance(a[drawn.each], mean(a)))
    bound = Bound("samples", lhs=mean(drawn, body), rhs=mean(i, distance(a[i], mean(a))), collections=[a])
    problem = Problem(bound)
    assert [layout.sizes for layout in problem.layouts((2.0,), 4, (1,))] == [(3,), (4,)]


def test_layouts_are_left_out_before_anything_is_drawn_for_them(monkeypatch):
    """What is left of an index is a matter of sizes: partitions whose classes have a second point each."""
    u, v = C[c].each, another(C[c], apart_from=C[c].each)
    problem = Problem(Bound("within", lhs=mean((c, u, v), distance(C[c][u], C[c][v])), rhs=-1, collections=[C]))
    monkeypatch.setattr(Problem, "values", lambda *_: pytest.fail("a case was evaluated"))
    assert [layout.sizes for layout in problem.layouts((2.0,), 3, (1,))] == [
        (sizes,) for sizes in ((2, 2), (3, 2), (3, 3), (2, 2, 2), (3, 2, 2), (3, 3, 2), (3, 3, 3))
    ]


def test_layouts_of_a_family_are_its_partitions_up_to_the_order_of_classes():
    layouts = Problem(FAMILY).layouts((2.0,), 2, (1,))
    assert [layout.sizes for layout in layouts] == [((1, 1),), ((2, 1),), ((2, 2),)]
    assert str(layouts[1]) == "norm 2, sizes 2+1, dimension 1"


def test_shrinking_drops_classes_and_points():
    points = np.array([[0.0], [1.0], [5.0], [7.0], [3.0], [3.5], [9.0]])
    case = Case(2.0, {C: points}, {}, {}, {C: (3, 1, 2, 1)})
    problem = Problem(FALSE_FAMILY)
    assert problem.fails([case]) == [True]
    smaller = shrink(problem, case, seconds=20)
    # The fewest points that break it: two of one class, or one of each of three.
    assert smaller.partitions[C] in ((2, 1), (1, 2), (1, 1, 1))
    assert problem.fails([smaller]) == [True]


# ------------------------------------------------------------------------------------------------------ hard cases


def test_cases_on_the_sphere_are_frames_simplices_and_points_of_one_class():
    problem = Problem(FAMILY)
    layout = Layout(2.0, ((2, 1, 2),), 2)
    points = problem.round(layout, 400, torch.Generator().manual_seed(0)).points[C]
    assert torch.allclose(points.norm(dim=-1), torch.ones(400, 5, dtype=torch.float64))
    inner_products = points @ points.transpose(1, 2)
    collapsed = (inner_products[:, 0, 1] > 1 - 1e-12) & (inner_products[:, 3, 4] > 1 - 1e-12)
    # The optimum of contrastive losses: each class at a vertex of a regular simplex.
    across = inner_products[:, [0, 0, 2], [2, 3, 3]]
    simplex = collapsed & ((across + 0.5).abs() < 1e-12).all(dim=1)
    frame = collapsed & (across[:, [0, 2]].abs() < 1e-12).all(dim=1)
    assert simplex.sum() > 20
    assert frame.sum() > 20
    assert (~collapsed).sum() > 100


def test_statements_that_look_alike_wherever_the_origin_is_get_none():
    assert not Problem(FARTHEST).is_round
    assert not Problem(Bound("v", lhs=variance(a), rhs=1, collections=[a])).is_round
    assert Problem(Bound("n", lhs=norm(mean(a)), rhs=1, collections=[a])).is_round
    assert Problem(Bound("d", lhs=norm(mean(a) * 2 - mean(b)), rhs=1, collections=[a, b])).is_round
    assert Problem(FAMILY).is_round
    # Of a map's values, no point is the origin.
    g, constant = Map("g"), lipschitz(of=Map("g"))
    apart_from_each_other = norm(mean(i, g(a[i])) - g(mean(a)))
    assert not Problem(Bound("m", premises=[constant], lhs=apart_from_each_other, rhs=1, collections=[a])).is_round


def test_a_statement_about_unit_vectors_is_refuted_at_a_simplex_that_no_lattice_has():
    """Of three unit vectors, some two have an inner product of −1/2 at least; no more is true."""
    e = Collection("e", "E", index="k", size="q")
    units = [ForAll(f"unit {one}", lhs=absolute(norm(one[one.each]) - 1), rhs=Constant(1) / 2**40) for one in (a, b, e)]
    products = largest(inner(a[i], b[j]), inner(a[i], e[e.each]), inner(b[j], e[e.each]))
    most = maximum((i, j, e.each), products)
    bound = Bound(
        "wide", premises=units, lhs=-most, rhs=Constant(49) / 100, collections=[a, b, e], space=Space.EUCLIDEAN
    )
    found = falsify(bound, seconds=20, dimension=2, max_size=1)
    assert isinstance(found, Refuted)
    assert float(found.lhs) == pytest.approx(0.5, abs=0.01)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(several(FAMILY, max_size=3, max_dimension=3))
def test_drawn_families_are_checked_as_they_are(drawn):
    assert sum(drawn.partitions[C]) == len(drawn.collections[0])
    assert len(drawn.partitions[C]) >= 2
    report = check(FAMILY, None, **drawn.named)
    assert report.verdict.value in ("holds", "undecided")
    assert list(report.classes["C"].values()) == list(drawn.partitions[C])


@settings(max_examples=25, deadline=None, derandomize=True)
@given(several(FARTHEST, max_size=3, max_dimension=3))
def test_drawn_collections_of_any_number_go_by_their_arguments(drawn):
    assert set(drawn.named) == {"A", "B"}
    assert check(FARTHEST, None, **drawn.named).verdict.value in ("holds", "undecided")


def test_triples_are_of_three():
    @settings(max_examples=1, database=None)
    @given(triples(FARTHEST))
    def drawn(triple):
        raise AssertionError(triple)

    with pytest.raises(InvalidValueError, match=r"over three collections, got 'farthest-pair' over 2; several\(\)"):
        drawn()


# ------------------------------------------------------------------------------------- premises that nothing can meet

NEAR = ForAll("near", lhs=distance(a[i], b[j]), rhs=1)
FAR = ForAll("far", lhs=Constant(2) - distance(a[i], b[j]), rhs=0)


def under(*premises):
    return Bound("under", premises=premises, lhs=distance(mean(a), mean(b)), rhs=0, collections=[a, b])


@pytest.mark.parametrize(
    ("premises", "message"),
    [
        ([ForAll("below", lhs=distance(a[i], b[j]), rhs=-1)], "nothing meets the premise below: ‖a_i − b_j‖ ≤ −1"),
        ([NEAR, FAR], "the premises near and far contradict one another"),
        ([ForAll("many", lhs=Size(a) * distance(a[i], b[j]) + 1, rhs=0)], "nothing meets the premise many"),
        ([ForAll("square", lhs=norm(a[i]) ** 2 + 1, rhs=Constant(1) / 2)], "nothing meets the premise square"),
        ([ForAll("choice", lhs=largest(norm(a[i]), 3), rhs=2)], "nothing meets the premise choice"),
    ],
)
def test_premises_that_contradict_are_said_before_anything_is_tried(premises, message):
    found = falsify(under(*premises), seconds=30)
    assert found.verdict == "vacuous"
    assert message in str(found)
    assert found.tried.cases == 0
    assert message in found.summary()["contradiction"]


@pytest.mark.parametrize(
    "premises",
    [
        [NEAR],
        [FAR],
        [ForAll("zero", lhs=distance(a[i], b[j]), rhs=0)],
        [NEAR, ForAll("else", lhs=Constant(2) - distance(a[i], a[another(a)]), rhs=0)],
        [ForAll("t", lhs=norm(a[i]) + 1, rhs=Parameter("t")), ForAll("s", lhs=norm(a[i]), rhs=0)],
    ],
)
def test_premises_that_something_meets_are_no_contradiction(premises):
    assert contradiction(under(*premises)) == ""


def test_premises_that_nothing_tried_meets_are_said_instead_of_survived():
    """The triangle inequality rules it out, which no single term shows."""
    through = ForAll("short", lhs=distance(a[i], a[another(a)]) + distance(a[another(a)], b[j]), rhs=1)
    bound = under(FAR, through)
    assert contradiction(bound) == ""
    found = falsify(bound, seconds=1.0)
    assert found.verdict == "vacuous"
    assert found.tried.met == 0
    assert found.tried.cases > 0
    assert "none of them met the premises, one of which was exceeded by" in str(found)
    assert found.nearest is None or found.tried.met == 0


def test_how_many_cases_met_the_premises_is_said():
    found = falsify(Bound("ball", premises=[NEAR], lhs=FARTHEST.lhs, rhs=1, collections=[a, b]), seconds=1.0)
    assert found.verdict == "survived"
    assert 0 < found.tried.met < found.tried.cases
    assert f"{found.tried.met:,} of the cases met the premises" in str(found)


def test_what_is_needed_is_not_known_where_nothing_meets_what_is_left():
    third = ForAll("third", lhs=norm(mean(a)) * 0 + distance(a[i], b[j]), rhs=5)
    found = necessity(under(NEAR, FAR, third), seconds=0.5)
    answers = {need.taken: need.answer for need in found.needs}
    assert answers["third, dropped"] == "not known, as nothing met the premises that are left"


def test_the_command_ends_with_a_status_of_its_own(tmp_path):
    (tmp_path / "stated.py").write_text(
        "from boundcheck import Bound\nfrom boundcheck.language import *\n"
        "none = Bound('none', premises=[ForAll('d', lhs=distance(x[i], z[j]), rhs=-1)], lhs=norm(mean(x)), rhs=0)\n"
    )
    arguments = ["falsify", f"{tmp_path / 'stated.py'}:none"]
    done = CliRunner().invoke(cli, arguments, standalone_mode=False, catch_exceptions=False)
    assert done.return_value == 3
    assert done.stdout.startswith("vacuous  none")
    told = CliRunner().invoke(cli, [*arguments, "--json"], standalone_mode=False, catch_exceptions=False)
    assert json.loads(told.stdout)["verdict"] == "vacuous"


@pytest.mark.parametrize(
    ("term", "low", "high"),
    [
        (distance(a[i], b[j]) * -2 + 1, -np.inf, 1),
        (distance(a[i], b[j]) - distance(a[i], b[j]) + 3, 3, 3),
        (Size(a) * Dimension(), 1, np.inf),
        (largest(norm(a[i]), 2) ** 2, 4, np.inf),
        ((norm(a[i]) - 1) ** 2, 0, np.inf),
        (maximum((i,), -norm(a[i])), -np.inf, 0),
        (Parameter("t") * norm(a[i]), -np.inf, np.inf),
        (norm(a[i]) ** -1, 0, np.inf),
    ],
)
def test_ranges(term, low, high):
    assert range_of(term) == (low, high)


# ------------------------------------------------------------------------------------- what came nearest to broken


def test_sides_that_are_both_zero_are_said_to_be_equal():
    zero = distance(mean(a), mean(a))
    found = falsify(Bound("zero", lhs=zero, rhs=2 * zero, collections=[a]), seconds=0.5)
    assert found.tried.tightness is None
    assert "nearest to broken: the two sides are equal, 0 (exact), decided exactly" in str(found)


def test_of_sides_near_zero_no_share_is_said():
    """A right side that rounding alone makes positive says nothing of how near the left side is."""
    least = norm(mean(a) - mean(a) / 3 - mean(a) * Constant(2).value / 3)
    found = falsify(Bound("noise", lhs=least * 4, rhs=least + 0, collections=[a]), seconds=0.5)
    assert "of the right side" not in str(found)


def test_an_equality_is_said_to_have_held_wherever_it_was_compared():
    stated = Bound(
        "identity",
        lhs=mean(i, norm(a[i] - mean(b)) ** 2),
        rhs=variance(a) + norm(mean(a) - mean(b)) ** 2,
        relation=Relation.EQUAL,
        space=Space.EUCLIDEAN,
        collections=[a, b],
    )
    found = falsify(stated, seconds=0.5)
    assert found.verdict == "survived"
    assert "the two sides were equal to within rounding wherever they were compared" in str(found)
    assert found.tried.tightness is None


def test_an_inequality_is_told_by_its_share_with_an_error():
    size = norm(mean(a)) + 1
    found = falsify(Bound("half", lhs=size / 2, rhs=size, collections=[a]), seconds=0.5)
    assert "nearest to broken: left side 0.5 ± " in str(found)
    assert " of the right side" in str(found)


# ----------------------------------------------------------------------------------------------------- strict statements


def test_a_strict_statement_is_refuted_where_its_sides_are_equal():
    stated = Bound("strict", lhs=FARTHEST.lhs, rhs=FARTHEST.rhs, relation=Relation.LESS, collections=[a, b])
    found = falsify(stated, seconds=10)
    assert isinstance(found, Refuted)
    assert found.points == {"a": [[0.0]], "b": [[0.0]]}
    assert "left side 0 (exact) ≥ right side 0 (exact)" in str(found)
    assert replay(Refuted.from_json(found.to_json())).status == "still fails"


def test_a_strict_statement_that_is_true_survives():
    stated = Bound("strict", lhs=FARTHEST.lhs, rhs=FARTHEST.rhs + 1, relation=Relation.LESS, collections=[a, b])
    assert falsify(stated, seconds=0.5).verdict == "survived"


# ---------------------------------------------------------------------------------------------------------- bundles


@pytest.mark.parametrize(
    ("partitions", "message"),
    [
        ({"C": [2, 2]}, "sizes that add up to its 3 points"),
        ({"C": [3]}, "two or more classes"),
        ({"C": [3, 0]}, "as numbers of points, 1 or more"),
        ({"C": [1.5, 1.5]}, "as a whole number"),
        ({"D": [2, 1]}, "partitions of C"),
        ({}, "that of 'C'"),
    ],
)
def test_a_bundle_with_another_partition_is_refused(partitions, message):
    bundle = json.loads(falsify(FALSE_FAMILY, seconds=20).to_json())
    bundle["partitions"] = partitions
    with pytest.raises(FileFormatError, match=message):
        Refuted.from_json(json.dumps(bundle))


def test_a_search_that_looked_at_nothing_says_so():
    """Its time was up before the first case: neither does the bound survive, nor does nothing meet its premises."""
    found = Survived(K, Tried(), (2.0,), 0, 0.001)
    assert found.verdict == "untested"
    assert "no case was looked at in 0.001 s: nothing was tested" in str(found)
    assert "met the premises" not in str(found)
    assert found.summary()["verdict"] == "untested"
    assert Need("a premise", K, found).answer == "not known, as time was up before any case was looked at"
    assert falsify(K, seconds=1e-9).verdict == "untested"
