"""Infima: enclosed from both sides by every reader, whatever the scale, the norm and the points."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from flint import arb, ctx, fmpq
from scipy.optimize import linprog, minimize

from boundcheck import check_bound, scan
from boundcheck.errors import TermError
from boundcheck.evaluate import How, PlannedReader, plan
from boundcheck.evaluate.convex import _within_dual_ball
from boundcheck.evaluate.radicals import BeyondError
from boundcheck.evaluate.readers.balls import BallReader, as_ball, enclosure
from boundcheck.evaluate.readers.exact import ExactReader, Triple
from boundcheck.evaluate.readers.numeric import NumericReader
from boundcheck.language import (
    Bound,
    Parameter,
    Relation,
    Size,
    Space,
    Weights,
    another,
    classes,
    distance,
    enclosing_radius,
    geometric_median_cost,
    i,
    infimum,
    j,
    largest,
    maximum,
    mean,
    minimum,
    norm,
    total,
    variable,
    variance,
    w,
    x,
    z,
)

y = variable("y")
RADIUS, MEDIAN = enclosing_radius(x), geometric_median_cost(x)
RANDOM = np.random.default_rng(7)
SIX, FOUR = RANDOM.normal(size=(6, 3)), RANDOM.normal(size=(4, 3))
TERMS = {
    "radius": RADIUS,
    "median": MEDIAN,
    "squares": infimum(y, mean(i, distance(x[i], y) ** 2)),
    "two collections": infimum(
        y, largest(maximum(i, distance(x[i], y)), mean(j, norm(2 * y - z[j]) ** 2), 1) + 3 * norm(y - mean(x)) + 2
    ),
    "a maximum in a mean": infimum(y, mean(j, maximum(i, norm(x[i] + z[j] - 2 * y) * norm(z[j])))),
    "one for each": mean(j, infimum(y, maximum(i, distance(x[i], y)) + 2 * distance(y, z[j]))),
    "a sum": infimum(y, total(i, norm(x[i] - y)) ** 2),
}


def of_floats(term, points, p=2.0, **more):
    tensors = {one: torch.from_numpy(np.asarray(rows, dtype=np.float64))[None] for one, rows in points.items()}
    named = NumericReader(tensors, p, errors=True, **more).scalar(term)
    return float(named.value), float(named.error)


def of_balls(term, points, p=2.0, bits=128, **more):
    with ctx.workprec(bits):
        rows = {one: np.asarray(rows, dtype=np.float64) for one, rows in points.items()}
        return enclosure(as_ball(BallReader(Triple(rows, p, **more), {}).scalar(term)))


def assert_is(found, exact, tolerance=1e-12):
    value, error = found
    assert abs(value - exact) <= error + 1e-15 * abs(exact)
    assert error <= tolerance * abs(exact) or exact == 0


@pytest.mark.parametrize("p", [2.0, 1.0, np.inf, 3.0, 1.5])
@pytest.mark.parametrize("name", TERMS)
def test_floats_and_balls_agree_and_leave_little_open(name, p):
    value, error = of_floats(TERMS[name], {x: SIX, z: FOUR}, p)
    middle, radius = of_balls(TERMS[name], {x: SIX, z: FOUR}, p)
    assert abs(value - middle) <= error + radius
    assert 0 < error <= 1e-11 * value
    assert radius <= 1e-11 * value


@pytest.mark.parametrize("name", ["radius", "median", "squares", "a sum"])
def test_another_solver_finds_nothing_less(name):
    term = TERMS[name]
    of = {
        "radius": lambda c: np.linalg.norm(SIX - c, axis=1).max(),
        "median": lambda c: np.linalg.norm(SIX - c, axis=1).mean(),
        "squares": lambda c: (np.linalg.norm(SIX - c, axis=1) ** 2).mean(),
        "a sum": lambda c: np.linalg.norm(SIX - c, axis=1).sum() ** 2,
    }[name]
    found = minimize(
        of, SIX.mean(axis=0), method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-12, "maxiter": 9999}
    )
    value, error = of_floats(term, {x: SIX})
    assert value - error <= found.fun
    assert value <= found.fun * (1 + 1e-6)


def test_a_linear_program_finds_the_same_in_the_sup_norm():
    n, d = SIX.shape
    rows = [[*(sign * np.eye(d)[k]), -1] for _ in range(n) for k in range(d) for sign in (1, -1)]
    sides = [sign * SIX[point, k] for point in range(n) for k in range(d) for sign in (1, -1)]
    best = linprog([0] * d + [1], A_ub=rows, b_ub=sides, bounds=[(None, None)] * (d + 1)).fun
    assert_is(of_floats(RADIUS, {x: SIX}, np.inf), best, 1e-9)


def simplex(n):
    return np.eye(n)


@pytest.mark.parametrize("read", [of_floats, of_balls])
@pytest.mark.parametrize(
    ("rows", "radius", "median"),
    [
        ([[0, 0], [3, 4]], 2.5, 2.5),
        ([[0.0], [1.0], [5.0]], 2.5, 5 / 3),
        ([[0.0], [1.0], [5.0], [7.0]], 3.5, 11 / 4),
        (simplex(4), np.sqrt(3 / 4), np.sqrt(3 / 4)),
        ([[0, 0], [1, 1], [2, 2], [10, 10]], 5 * np.sqrt(2), 11 / 4 * np.sqrt(2)),
        # An obtuse triangle, and one whose corner is its own median: the angle there is 120° or more.
        ([[0, 0], [4, 0], [1, 0.5]], 2.0, (np.sqrt(1.25) + np.sqrt(9.25)) / 3),
        ([[0, 0], [1, 0], [0, 1], [0.125, 0.125]], np.sqrt(0.5), None),
        (SIX, None, None),
    ],
)
def test_closed_forms(rows, radius, median, read):
    for term, exact in ((RADIUS, radius), (MEDIAN, median)):
        if exact is not None:
            assert_is(read(term, {x: rows}), exact)


@pytest.mark.parametrize("read", [of_floats, of_balls])
@pytest.mark.parametrize("term", [RADIUS, MEDIAN])
@pytest.mark.parametrize("rows", [[[0.1, 0.3]], [[0.1, 0.3]] * 5, [[0.0, 0.0]], [[0.7]] * 3, [[1e-300, 0.0]] * 2])
def test_of_equal_points_it_is_zero(rows, term, read):
    value, error = read(term, {x: rows})
    assert value + error >= 0
    assert abs(value) <= error <= 1e-15


@pytest.mark.parametrize("scale", [1e-200, 1e-5, 1e150, 1e300])
def test_units_do_not_matter(scale):
    for term in (RADIUS, MEDIAN):
        value, error = of_balls(term, {x: SIX * scale})
        once, off = of_balls(term, {x: SIX})
        assert value == pytest.approx(once * scale, rel=1e-12)
        assert error <= 1e-12 * value
        assert of_floats(term, {x: SIX * scale})[0] == pytest.approx(once * scale, rel=1e-12)
        assert off <= 1e-12 * once


def test_points_near_one_another_and_far_from_the_origin():
    rows = 1 + 1e-9 * np.round(SIX, 2)
    exact = of_balls(RADIUS, {x: rows})
    assert exact[1] <= 1e-12 * exact[0]
    value, error = of_floats(RADIUS, {x: rows})
    assert abs(value - exact[0]) <= error + exact[1]


def test_mixed_scales():
    rows = np.array([[0.0, 0.0], [1e-12, 0.0], [0.0, 1e-12], [1.0, 1e8]])
    for term in (RADIUS, MEDIAN):
        found, exact = of_floats(term, {x: rows}), of_balls(term, {x: rows})
        assert abs(found[0] - exact[0]) <= found[1] + exact[1]
        assert exact[1] <= 1e-9 * exact[0]


def test_the_mean_square_is_the_variance():
    value, error = of_balls(TERMS["squares"], {x: SIX})
    exact, off = of_balls(variance(x), {x: SIX})
    assert abs(value - exact) <= error + off
    assert error <= 1e-13 * value


@pytest.mark.parametrize(
    ("term", "exact"),
    [
        (infimum(y, mean(i, distance(x[i], y) ** 2)), variance(x)),
        (2 * infimum(y, total(i, norm(2 * y - x[i]) ** 2) + 1), 2 * Size(x) * variance(x) + 2),
        # Of two points, one twice the other's weight.
        (
            infimum(y, norm(y - mean(x)) ** 2 + 2 * norm(mean(z) - y) ** 2),
            Fraction(2, 3) * distance(mean(x), mean(z)) ** 2,
        ),
        (mean(j, infimum(y, distance(y, z[j]) ** 2 + norm(y) ** 2)), mean(j, norm(z[j]) ** 2) / 2),
    ],
)
def test_sums_of_squares_are_least_at_a_mean(term, exact):
    triple = Triple({x: SIX, z: FOUR}, 2.0)
    assert ExactReader(triple, {}).scalar(term) == ExactReader(triple, {}).scalar(exact)
    bound = Bound("exact", lhs=term, rhs=exact, relation=Relation.EQUAL, space=Space.EUCLIDEAN)
    assert check_bound(None, SIX, FOUR, FOUR, bound=bound).verdict.value == "holds"


@pytest.mark.parametrize(
    ("rows", "square"),
    [
        (np.eye(5), fmpq(4, 5)),
        ([[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0]], fmpq(2)),
        ([[0.0, 0.0], [4.0, 0.0], [1.0, 0.5]], fmpq(4)),
        ([[0.5, 0.5]] * 3, fmpq(0)),
        ([[1.0]], fmpq(0)),
        ([[1.0], [2.0], [4.5], [3.0]], fmpq(49, 16)),
    ],
)
def test_the_smallest_ball_is_exact(rows, square):
    reader = ExactReader(Triple({x: np.asarray(rows)}, 2.0), {})
    assert reader.scalar(infimum(y, maximum(i, distance(x[i], y) ** 2))) == square
    assert reader.scalar(RADIUS**2) == square
    assert reader.scalar(infimum(y, maximum(i, norm(2 * y - 3 * x[i]))) ** 2) == 9 * square


def test_random_points_have_an_exact_smallest_ball():
    for size, dimension in ((3, 2), (10, 3), (30, 5), (12, 1)):
        triple = Triple({x: RANDOM.normal(size=(size, dimension))}, 2.0)
        exact = ExactReader(triple, {}).scalar(infimum(y, maximum(i, distance(x[i], y) ** 2)))
        value, error = of_floats(RADIUS, triple.floats)
        assert abs(value**2 - float(arb(exact).mid())) <= 3 * value * error + 1e-13


def test_jung_is_sharp_at_a_simplex():
    diameter = maximum((i, another(x)), distance(x[i], x[another(x)]))
    for n in (2, 3, 5):
        lhs, rhs = 2 * n * RADIUS**2, (n - 1) * diameter**2
        stated = Bound("Jung", lhs=lhs, rhs=rhs, relation=Relation.EQUAL, space=Space.EUCLIDEAN)
        assert check_bound(None, np.eye(n), np.eye(n), np.eye(n), bound=stated).verdict.value == "holds"


def test_others_have_no_exact_form():
    triple = Triple({x: SIX, z: FOUR}, 2.0)
    squares = infimum(y, mean(i, distance(x[i], y) ** 2))
    for term in (MEDIAN, infimum(y, squares.body + norm(y)), infimum(y, mean(i, norm(y - x[i]) ** 4))):
        with pytest.raises(BeyondError, match="infimum"):
            ExactReader(triple, {}).scalar(term)
    with pytest.raises(BeyondError, match="infimum"):
        ExactReader(Triple({x: SIX}, 1.0), {}).scalar(squares)


def test_weights_count():
    weights = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 9.0])
    term = geometric_median_cost(x, weights=Weights("a", x))
    # Of more than half of the weight: the last point is the median.
    exact = np.linalg.norm(SIX - SIX[-1], axis=1) @ weights / weights.sum()
    given = {Weights("a", x): torch.from_numpy(weights)[None]}
    assert_is(of_floats(term, {x: SIX}, weights=given), exact)
    assert_is(of_balls(term, {x: SIX}, weights={Weights("a", x): weights}), exact)


def test_a_batch_is_read_at_once():
    rows = torch.from_numpy(RANDOM.normal(size=(5, 4, 2)))
    named = NumericReader({x: rows}, 2.0, errors=True).scalar(RADIUS)
    alone = [of_floats(RADIUS, {x: one})[0] for one in rows]
    assert named.value.tolist() == pytest.approx(alone, rel=1e-13)


def test_free_indices_have_their_own():
    named = NumericReader({x: torch.from_numpy(SIX)[None], z: torch.from_numpy(FOUR)[None]}, 2.0).scalar(
        TERMS["one for each"].body
    )
    assert named.axes == (j,)
    reader = NumericReader({x: torch.from_numpy(SIX)[None], z: torch.from_numpy(FOUR)[None]}, 2.0)
    for place in range(4):
        one = reader.fixing(j, place).scalar(TERMS["one for each"].body)
        assert float(one.value) == pytest.approx(float(named.value[0, place]), rel=1e-12)


@pytest.mark.parametrize("term", [RADIUS, MEDIAN, TERMS["squares"]])
def test_the_gradient_is_that_of_the_least_value(term):
    rows = torch.from_numpy(SIX)[None].requires_grad_()
    (slope,) = torch.autograd.grad(NumericReader({x: rows}, 2.0).scalar(term).value.sum(), rows)
    away = torch.from_numpy(RANDOM.normal(size=SIX.shape))
    step = 1e-5
    ends = [of_floats(term, {x: SIX + sign * step * away.numpy()})[0] for sign in (1, -1)]
    assert (ends[0] - ends[1]) / (2 * step) == pytest.approx(float((slope[0] * away).sum()), abs=1e-5)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (minimum(i, distance(x[i], y)), "min_i"),
        (-maximum(i, distance(x[i], y)), "−"),
        (distance(x[i], y) * norm(y) * norm(x[i]), "‖y‖"),
        (norm(y) ** 0.5, "y"),
        ((norm(y) - 1) ** 2, "y"),
        (Parameter("t") * norm(y), "t·"),
        (norm(mean(i, x[i] - y) + y) + norm(y), "cancel"),
    ],
)
def test_what_is_not_seen_to_be_convex_is_refused(body, told):
    over = sorted(body.free(), key=str)
    term = infimum(y, maximum(over, body) if over else body)
    given = {Parameter("t"): None}
    reader = NumericReader({x: torch.from_numpy(SIX)[None]}, 2.0)
    reader.bind_exact(next(iter(given)), torch.ones(1, dtype=torch.float64))
    with pytest.raises(TermError, match=told):
        reader.scalar(term)


@pytest.mark.parametrize("p", [1.0, 2.0, np.inf, 3.0, 1.25, 7.0])
def test_directions_are_within_the_dual_ball(p):

    given = RANDOM.normal(size=(50, 4)) * 10.0 ** RANDOM.integers(-3, 3, size=(50, 1))
    for row in _within_dual_ball(given, p):
        exact = [abs(Fraction(float(one))) for one in row]
        if p == 1:
            assert max(exact) <= 1
        elif p == 2:
            assert sum(one**2 for one in exact) <= 1
        elif p == np.inf:
            assert sum(exact) <= 1
        else:
            dual = p / (p - 1)
            assert sum(float(one) ** dual for one in exact) <= 1 + 1e-12


def test_classes_of_a_family_have_their_own():
    family = classes("C")
    c = family.each
    member, other = family[c].each, another(family[c], apart_from=family[c].each)
    parts = (SIX[:1], SIX[1:3], SIX[3:])
    sizes = tuple(map(len, parts))

    def of(rows, term):
        return of_floats(term, {x: rows})[0]

    radius = infimum(y, maximum(member, distance(family[c][member], y)))
    median = infimum(y, mean(member, distance(family[c][member], y)))
    both = infimum(y, mean(c, maximum(member, distance(family[c][member], y))))
    expected = {
        mean(c, radius): np.mean([of(part, RADIUS) for part in parts]),
        maximum(c, median): max(of(part, MEDIAN) for part in parts),
    }
    for read in (of_floats, of_balls):
        for term, exact in expected.items():
            assert_is(read(term, {family: SIX}, partitions={family: sizes}), exact, 1e-11)
    floats, balls = (read(both, {family: SIX}, partitions={family: sizes}) for read in (of_floats, of_balls))
    assert abs(floats[0] - balls[0]) <= floats[1] + balls[1] <= 1e-11
    # Without each of its points in turn: of the last class, which has three.
    left = maximum(member, infimum(y, maximum(other, distance(family[c][other], y))))
    found = of_balls(mean(c, left), {family: SIX[1:]}, partitions={family: (2, 3)})
    ones = [max(of(np.delete(part, place, axis=0), RADIUS) for place in range(len(part))) for part in parts[1:]]
    assert_is(found, np.mean(ones), 1e-11)


# ------------------------------------------------------------------------------------------------------------- in bounds


def test_jungs_theorem_holds_and_half_the_diameter_is_not_enough():
    diameter = maximum((i, another(x)), distance(x[i], x[another(x)]))
    half = Bound("half", lhs=diameter, rhs=2 * RADIUS)
    report = check_bound(None, SIX, SIX, SIX, bound=half)
    assert report.verdict.value == "holds"
    false = Bound("false", lhs=RADIUS, rhs=0.55 * diameter, space=Space.EUCLIDEAN)
    triangle = [[0.0, 0.0], [1.0, 0.0], [0.5, 0.8660254037844386]]
    found = check_bound(None, triangle, triangle, triangle, bound=false)
    assert found.verdict.value == "fails"
    assert float(found.lhs) == pytest.approx(1 / np.sqrt(3), rel=1e-12)


def test_a_planned_reader_reads_it_as_a_whole():
    points = {one: torch.from_numpy(rows)[None] for one, rows in ((x, SIX), (z, FOUR))}
    term = RADIUS + TERMS["two collections"] + maximum((i, j), distance(x[i], z[j]))
    planned, plain = (of(points, 2.0, errors=True).scalar(term) for of in (PlannedReader, NumericReader))
    assert float(planned.value) == pytest.approx(float(plain.value), rel=1e-13)
    stated = Bound("planned", lhs=RADIUS, rhs=TERMS["two collections"])
    assert sum(step.how is How.SOLVER for step in plan(stated).steps) == 2


def test_a_scan_reads_one_collection_at_a_time():
    classes, collections = np.repeat([0, 1], 6), np.repeat(np.arange(4), 3)
    diameter = maximum((i, another(x)), distance(x[i], x[another(x)]))
    rows = RANDOM.normal(size=(12, 2))
    assert scan(rows, classes, collections, [Bound("whole", lhs=RADIUS, rhs=diameter)]).verdict.value == "holds"
    three = infimum(y, largest(maximum(i, distance(x[i], y)), maximum(j, distance(z[j], y)), norm(mean(w) - y)))
    with pytest.raises(TermError, match="one collection or of two"):
        scan(rows, classes, collections, [Bound("three", lhs=0, rhs=three)])
