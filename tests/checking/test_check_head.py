"""``check_bound`` for a head, a Lipschitz map after the mean."""

import json
from dataclasses import replace
from fractions import Fraction
from math import inf, nan

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.decomposition import PCA

from boundcheck import Bound, Verdict, check_bound
from boundcheck.adversary import triples
from boundcheck.errors import (
    BatchDependenceError,
    DimensionMismatchError,
    EmbeddingCallError,
    EmbeddingShapeError,
    InvalidTypeError,
    InvalidValueError,
    NonFiniteError,
    NotAFunctionError,
    ParameterError,
)
from boundcheck.language import L, Map, g, i, j, lipschitz, m, maximum, mean, norm, triplet, x, z
from boundcheck.theorems import get


def points(*sizes, dimension=3, seed=0, shift=3.0):
    random = np.random.default_rng(seed)
    return [random.normal(size=(size, dimension)) + (shift if role == 2 else 0) for role, size in enumerate(sizes)]


MATRIX = np.array([[2.0, 0.0], [0.0, -1.0], [1.0, 1.0]])
CONSTANT = 2.5  # above the largest singular value, √6 = 2.449…


def linear(rows):
    return np.stack([(row[:, None] * MATRIX[: len(row)]).sum(axis=0) for row in rows])


def premise_of(report):
    return report.premises[1]


# ----------------------------------------------------------------------------------------------------- what it checks


def test_a_head_brings_its_bound():
    report = check_bound(None, *points(5, 4, 6), head=linear, lipschitz=CONSTANT)
    assert report.bound is get("lipschitz-head")
    assert report.verdict is Verdict.HOLDS
    assert (premise_of(report).verdict, premise_of(report).witness) == (Verdict.ASSUMED, None)
    assert float(report.parameters["L"]) == CONSTANT
    assert report.aggregator == "mean"
    chamfer = check_bound(None, *points(5, 4, 6), bound="chamfer")
    assert float(report.rhs) == pytest.approx(CONSTANT * float(chamfer.rhs))
    a, b, _ = (rows.mean(axis=0) @ MATRIX for rows in points(5, 4, 6))
    assert float(report.lhs) == pytest.approx(np.linalg.norm(a - b))


@settings(max_examples=50, suppress_health_check=list(HealthCheck))
@given(
    triple=triples(max_size=4, shapes=("lattice",)),
    whole=arrays(np.int64, (4, 3), elements=st.integers(-3, 3)),
    p=st.sampled_from([1.0, inf]),
)
def test_both_sides_are_the_exact_ones_for_a_linear_map_of_known_norm(triple, whole, p):
    dimension = triple.G1.shape[1]
    matrix = whole[:dimension]
    largest = int(np.abs(matrix).sum(axis=1 if p == 1 else 0).max())

    def size(vector):
        return sum(map(abs, vector)) if p == 1 else max(map(abs, vector))

    def apart(u, v):
        return size([s - t for s, t in zip(u, v, strict=True)])

    anchors, positives, negatives = ([[Fraction(int(u)) for u in row] for row in G] for G in triple.collections)
    centroids = [[sum(column) / len(G) for column in zip(*G, strict=True)] for G in (anchors, positives)]
    images = [[sum(u * int(c) for u, c in zip(v, column, strict=True)) for column in matrix.T] for v in centroids]
    rho = [min(apart(u, v) for v in negatives) for u in anchors]
    least = max(apart(u, v) - apart(u, t) for u in anchors for v in positives for t in negatives)
    lhs, rhs = apart(*images), largest * (least + sum(rho) / len(rho))

    report = check_bound(
        None, *triple.collections, head=lambda rows: rows @ matrix.astype(float), lipschitz=largest, norm=p
    )
    for side, exact in ((report.lhs, lhs), (report.rhs, rhs)):
        assert abs(Fraction(float(side)) - exact) <= Fraction(side.error)
        assert side.error < 1e-12
    assert premise_of(report).verdict is Verdict.ASSUMED
    assert report.verdict in (Verdict.HOLDS, Verdict.UNDECIDED)
    assert lhs <= rhs


def test_the_constant_matters_as_much_as_it_can():
    """x = 0, z = 2, w = 1 on the line and g(v) = L·v: both sides are 2L."""
    on_the_line = ([[0.0]], [[2.0]], [[1.0]])
    report = check_bound(None, *on_the_line, head=lambda rows: 3 * rows, lipschitz=3)
    assert (float(report.lhs), float(report.rhs)) == (6.0, 6.0)
    assert check_bound(None, *on_the_line, head=lambda rows: 3 * rows, lipschitz=2.99).verdict is Verdict.VACUOUS


@pytest.mark.parametrize("constant", [0.0, 1.0, 2.0])
def test_points_that_contradict_the_premise_are_shown(constant):
    report = check_bound(None, *points(5, 4, 6), head=linear, lipschitz=constant)
    assert report.verdict is Verdict.VACUOUS
    assert premise_of(report).verdict is Verdict.FAILS
    assert float(premise_of(report).lhs) > 0
    positions, values = premise_of(report).witness.positions, premise_of(report).witness.values
    at = dict(zip(("G1", "G2", "G3"), points(5, 4, 6), strict=True))
    first, second = (at[name.rstrip("′")][position] for name, position in positions.items())
    apart, allowed = np.linalg.norm((first - second) @ MATRIX), constant * np.linalg.norm(first - second)
    assert apart > allowed
    assert sorted(values.values()) == pytest.approx([allowed, apart])
    assert "contradicted by points here" in report.notes[-1]


def test_two_points_of_one_collection_can_contradict_it():
    def fold(rows):
        return np.where(rows > 0, 100.0, 0.0)

    own = Bound("own", lhs=maximum((i, j), norm(g(x[i]) - g(z[j]))), rhs=L * 1000, premises=[lipschitz()])
    report = check_bound(None, [[-0.01], [0.01]], [[-5.0]], [[-9.0]], bound=own, head=fold, lipschitz=1)
    (premise,) = report.premises
    assert premise.witness.positions == {"G1": 0, "G1′": 1}
    assert premise.witness.values == pytest.approx({"‖g(x_i) − g(x_i′)‖": 100.0, "L·‖x_i − x_i′‖": 0.02})
    assert "G1[0], G1′[1]" in str(report)


def test_the_centroids_alone_can_contradict_it():
    def bump(rows):
        return np.where(rows == 0, 100.0, 0.0)

    report = check_bound(
        None, [[-1.0], [1.0]], [[-3.0], [1.0]], [[9.0]], head=bump, lipschitz=1, bound="lipschitz-head"
    )
    assert premise_of(report).verdict is Verdict.FAILS
    assert report.verdict is Verdict.VACUOUS
    assert premise_of(report).witness.positions in ({"G1": 0}, {"G1": 1}, {"G2": 1})


def test_an_isometry_with_its_own_constant_is_not_contradicted_by_rounding():
    random = np.random.default_rng(3)
    for _ in range(20):
        rotation = np.linalg.qr(random.normal(size=(3, 3)))[0]
        report = check_bound(
            None,
            *points(5, 5, 5, seed=random.integers(1000)),
            head=lambda rows, rotation=rotation: np.stack([(row[:, None] * rotation).sum(axis=0) for row in rows]),
            lipschitz=1 + 1e-15,
        )
        assert premise_of(report).verdict is Verdict.ASSUMED


def test_a_constant_that_the_premise_names_is_not_given():
    own = Bound("own", lhs=norm(g(mean(x)) - g(mean(z))), rhs=3 * m, premises=[triplet(m), lipschitz(3)])
    assert check_bound(None, *points(3, 3, 3), bound=own, head=linear, m=9.0).verdict is Verdict.HOLDS
    with pytest.raises(ParameterError, match="lipschitz: expected None, since no premise of bound 'own' asks for it"):
        check_bound(None, *points(3, 3, 3), bound=own, head=linear, lipschitz=3)


def test_without_the_premise_a_head_is_known_at_points_alone():
    bare = get("lipschitz-head").without(lipschitz())
    report = check_bound(None, *points(4, 4, 4), bound=replace(bare, rhs=m + 100), head=linear)
    assert report.verdict is Verdict.UNDECIDED
    at_points = Bound("own", lhs=maximum((i, j), norm(g(x[i]) - g(z[j]))), rhs=100)
    assert check_bound(None, *points(4, 4, 4), bound=at_points, head=linear).verdict is Verdict.HOLDS


# -------------------------------------------------------------------------------------------------------- kinds of head


def test_a_module_gets_tensors_in_its_own_type():
    torch.manual_seed(0)
    layer = torch.nn.Linear(3, 2)
    constant = float(torch.linalg.matrix_norm(layer.weight.detach(), 2)) * 1.001
    double = torch.nn.Linear(3, 2).double()
    for head in (layer, double, double.forward):
        report = check_bound(None, *points(4, 4, 4), head=head, lipschitz=max(constant, 3.0))
        assert report.verdict is Verdict.HOLDS
    assert not layer.weight.grad


def test_a_transformer_is_a_head():
    fitted = PCA(2).fit(np.concatenate(points(9, 9, 9)))
    assert check_bound(None, *points(4, 4, 4), head=fitted, lipschitz=1.0).verdict is Verdict.HOLDS


def test_a_head_follows_an_embedding():
    report = check_bound(lambda rows: rows**2, *points(4, 4, 4), head=linear, lipschitz=CONSTANT)
    assert report.verdict is Verdict.HOLDS
    squared = check_bound(None, *(rows**2 for rows in points(4, 4, 4)), head=linear, lipschitz=CONSTANT)
    assert float(report.lhs) == float(squared.lhs)


def test_a_head_cannot_change_the_points():
    def spoil(rows):
        values = rows.copy()
        rows[:] = 0
        return values

    spoiled, kept = (check_bound(None, *points(4, 4, 4), head=f, lipschitz=1.01) for f in (spoil, np.copy))
    assert (float(spoiled.lhs), float(spoiled.rhs)) == (float(kept.lhs), float(kept.rhs))


def test_batches_of_a_head_are_no_larger_than_asked_for():
    sizes = []

    def head(rows):
        sizes.append(len(rows))
        return rows

    check_bound(None, *points(30, 30, 30), head=head, lipschitz=1.01, batch_size=8)
    assert max(sizes) == 8


# ---------------------------------------------------------------------------------------------------------- all bounds


def test_without_a_head_every_bound_but_this_one():
    ladder = check_bound(None, *points(4, 4, 4), bound="all")
    assert ladder.after == ()
    assert ladder.excluded["lipschitz-head"] == "about a head after the mean, and none was given"
    assert check_bound(None, *points(4, 4, 4), bound="all", aggregator="sum").excluded["lipschitz-head"] == (
        "about the mean"
    )


def test_with_a_head_it_stands_apart():
    plain = check_bound(None, *points(4, 4, 4), bound="all")
    ladder = check_bound(None, *points(4, 4, 4), bound="all", head=linear, lipschitz=CONSTANT)
    assert [rung.report.to_dict() for rung in ladder.upper] == [rung.report.to_dict() for rung in plain.upper]
    own = check_bound(None, *points(4, 4, 4), head=linear, lipschitz=CONSTANT)
    assert [rung.report.to_dict() for rung in ladder.after] == [own.to_dict()]
    assert ladder["lipschitz-head"] in ladder.rungs
    assert float(ladder.after[0].value) == float(own.rhs)
    assert "what the head makes of G1 and G2" in str(ladder)
    assert "lipschitz-head" in str(ladder)
    assert "A Lipschitz map after the mean" in ladder._repr_html_()
    assert json.loads(ladder.to_json())["after"][0]["bound"] == "lipschitz-head"


def test_a_premise_that_fails_makes_its_bound_vacuous_and_no_other():
    ladder = check_bound(None, *points(4, 4, 4), bound="all", head=linear, lipschitz=0.5)
    assert ladder["lipschitz-head"].report.verdict is Verdict.VACUOUS
    assert ladder.verdict is Verdict.HOLDS
    assert ladder["chamfer"].report.verdict is Verdict.HOLDS


# ------------------------------------------------------------------------------------------------------------- reports


def test_a_report_says_assumed_and_never_that_the_premise_holds():
    report = check_bound(None, *points(4, 4, 4), head=linear, lipschitz=CONSTANT)
    assert "premise g is L-Lipschitz: assumed, and contradicted by no two points here" in str(report)
    assert report.to_dict()["premises"][1]["verdict"] == "assumed"
    assert "assumed" in report._repr_html_()
    assert "no finite number of them can show it" in report.notes[-1]


# -------------------------------------------------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"head": linear},
            ParameterError,
            r"lipschitz: expected a number in \[0, ∞\), the L .* got none; pass lipschitz=",
        ),
        ({"head": linear, "lipschitz": -1}, ParameterError, r"lipschitz: expected a number in \[0, ∞\).*, got -1"),
        ({"head": linear, "lipschitz": inf}, ParameterError, "got inf"),
        ({"head": linear, "lipschitz": nan}, ParameterError, "got nan"),
        ({"head": linear, "lipschitz": "1"}, InvalidTypeError, "lipschitz: expected a number"),
        ({"lipschitz": 1}, ParameterError, "lipschitz: expected None without a head, got 1; pass head= too"),
        ({"lipschitz": 1, "bound": "all"}, ParameterError, "lipschitz: expected None without a head"),
        ({"head": linear, "bound": "all"}, ParameterError, "lipschitz: expected a number"),
        (
            {"bound": "lipschitz-head"},
            ParameterError,
            "head: expected what the map g of bound 'lipschitz-head' stands for",
        ),
        (
            {"head": linear, "lipschitz": 1, "bound": "karimov"},
            ParameterError,
            "head: expected None, since bound 'karimov' speaks of no map, got function; leave head out",
        ),
        (
            {"head": linear, "lipschitz": 1, "bound": Bound("two", lhs=norm(g(mean(x))), rhs=norm(Map("h")(mean(x))))},
            ParameterError,
            "speaks of several",
        ),
        ({"head": linear, "lipschitz": 1, "aggregator": "sum"}, ParameterError, "bound 'sum' speaks of no map"),
        (
            {"head": linear, "lipschitz": 1, "aggregator": "sum", "bound": "lipschitz-head"},
            InvalidValueError,
            "'mean', which bound 'lipschitz-head' is about, got 'sum'",
        ),
        ({"head": 3, "lipschitz": 1}, InvalidTypeError, "head: expected a torch module, .*, got int"),
        (
            {"head": lambda rows: rows * inf, "lipschitz": 1},
            NonFiniteError,
            r"head\): expected finite numbers, got inf",
        ),
        ({"head": lambda rows: rows[:1], "lipschitz": 1}, EmbeddingShapeError, r"head\): expected 4 rows"),
        ({"head": lambda rows: rows + rows.mean(axis=0), "lipschitz": 9}, BatchDependenceError, "head"),
        ({"head": torch.nn.Dropout(), "lipschitz": 9}, NotAFunctionError, "training mode"),
        ({"head": lambda rows: rows.missing, "lipschitz": 9}, EmbeddingCallError, r"head\): .* AttributeError"),
    ],
)
def test_what_is_wrong_says_why(options, error, message):
    with pytest.raises(error, match=message):
        check_bound(None, *points(4, 4, 4), **options)


def test_a_head_gives_as_many_coordinates_for_every_collection():
    def head(rows):
        return rows[:, :1] if (rows > 50).any() else rows

    with pytest.raises(DimensionMismatchError, match="head: expected 2 coordinates, as for other points, got 1"):
        check_bound(None, *points(3, 3, 3, dimension=2, shift=100.0), head=head, lipschitz=9)
