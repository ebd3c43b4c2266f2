"""What a check reports has digits: enclosures of points on mixed scales, denormal, collinear or equal, against loops."""

import math
from math import inf

import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from test_numeric import Obvious, UndefinedError, most

from boundcheck import Verdict, check_bound
from boundcheck.errors import NonFiniteError
from boundcheck.evaluate import certificates, judge
from boundcheck.evaluate.decide import SHARP
from boundcheck.language import ForAll, HullDistance, Transport, rewrite, w, x, z
from boundcheck.theorems import get

NAMES = {
    "karimov": (1.0, 2.0, 3.0, inf),
    "transport": (1.0, 2.0, 3.0, inf),
    "chamfer": (1.0, 2.0, 3.0, inf),
    "hausdorff": (1.0, 2.0, 3.0, inf),
    "variance": (2.0,),
    "two-sided": (2.0,),
    "hulls": (2.0,),
    "spread": (1.0, 2.0, 3.0, inf),
    "lipschitz-head": (1.0, 2.0, 3.0, inf),
    "normalised-mean": (1.0, 2.0, 3.0, inf),
    "coordinate-median": (inf,),
}
# Squares of 1e300 and of 5e-324 and their sums.
_BITS = 9000


@st.composite
def rows(draw, count, dimension):
    """Draw points of one kind each: of scales from 5e-324 to 1e300, denormal, on a line, equal, or small numbers."""
    whole = st.integers(-9, 9)
    size = {"min_size": dimension, "max_size": dimension}
    kind = draw(st.sampled_from(["scales", "denormal", "line", "equal", "far", "small"]))
    if kind == "scales":
        each = st.tuples(whole, st.integers(-320, 299)).map(lambda pair: float(f"{pair[0]}e{pair[1]}"))
        return [draw(st.lists(each, **size)) for _ in range(count)]
    if kind == "line":
        along = draw(st.lists(whole, **size))
        unit = draw(st.sampled_from([1.0, 0.1, 1e-310, 1e150]))
        return [
            [float(times * step) * unit for step in along]
            for times in draw(st.lists(whole, min_size=count, max_size=count))
        ]
    unit = {"denormal": 5e-324, "equal": 0.1, "far": 2.0**-20, "small": 0.25}[kind]
    made = [[value * unit for value in draw(st.lists(whole, **size))] for _ in range(count)]
    if kind == "far":
        made = [[1e6 + value for value in row] for row in made]
    return [made[0]] * count if kind == "equal" else made


@st.composite
def triples(draw):
    count, dimension = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    sizes = count, count, draw(st.just(count) if draw(st.booleans()) else st.integers(1, 3))
    made = [draw(rows(size, dimension)) for size in sizes]
    if draw(st.booleans()):
        # The same points in another order: then sides are often equal, or 0.
        made[1] = made[0][::-1]
    return made


def head(points):
    """Return (4·max{u₁, 0}, 2·|u_d|, −u₁), which is 7-Lipschitz in every norm."""
    return np.stack([4 * np.maximum(points[:, 0], 0), 2 * np.abs(points[:, -1]), -points[:, 0]], axis=1)


def checked(name, points, p):
    options = {"head": head, "lipschitz": 7} if name == "lipschitz-head" else {}
    if name in ("hausdorff", "hulls"):
        options["aggregator"] = "mean"
    try:
        return check_bound(None, *points, bound=name, norm=p, equal_sizes=name != "karimov", **options)
    except NonFiniteError:
        return None


def truth(report, points):
    """Return both sides by loops, in balls of more bits than lie between any two floats and their squares."""
    bound = report.bound
    placed = dict(zip(bound.collections, points, strict=True))
    reader = Obvious(placed, report.norm, weights={one: [1.0] * len(placed[one.collection]) for one in bound.weights()})
    with ctx.workprec(_BITS):
        for premise in bound.premises:
            if isinstance(premise, ForAll) and premise.parameter is not None:
                least = reader.scalar(rewrite(premise.least), {})
                known = reader.parameters.get(premise.parameter, least)
                reader.parameters[premise.parameter] = most([known, least])
        for parameter in bound.parameters():
            if parameter.symbol == "L":
                reader.parameters[parameter] = arb(7)
        lhs, rhs = (reader.scalar(side, {}) for side in (bound.lhs, bound.rhs))
        return {"lhs": lhs, "rhs": rhs, "slack": rhs - lhs}


def shown(report):
    """Yield every number of a report with its name."""
    yield from (("lhs", report.lhs), ("rhs", report.rhs), ("slack", report.slack))
    if report.tightness is not None:
        yield "tightness", report.tightness
    yield from report.parameters.items()
    for premise in report.premises:
        if premise.lhs is not None:
            yield from ((f"{premise.name}, left", premise.lhs), (f"{premise.name}, right", premise.rhs))
    for link in report.chain:
        yield from ((f"{link.name}.{side}", getattr(link, side)) for side in ("lhs", "rhs", "slack"))


def has_digits(number):
    return number.error <= SHARP * abs(number) or number.error <= 5e-324


@pytest.mark.parametrize("name", NAMES)
@settings(
    max_examples=20, phases=[Phase.explicit, Phase.generate], deadline=None, suppress_health_check=list(HealthCheck)
)
@given(data=st.data())
def test_what_a_report_says_is_right_and_has_digits(name, data):
    points, p = data.draw(triples()), data.draw(st.sampled_from(NAMES[name]))
    report = checked(name, points, p)
    if report is None or not report.bound.space.admits(p):
        return
    try:
        sides = truth(report, points)
    except UndefinedError:
        return
    with ctx.workprec(_BITS):
        for side, exact in sides.items():
            number = getattr(report, side)
            assert not (abs(exact - arb(float(number))) > arb(number.error)), (side, number, exact)
    if name != "lipschitz-head":
        # A head's value between floats is known as far as its constant says, which the next test asks for.
        assert not {what: number for what, number in shown(report) if not has_digits(number)}


@settings(
    max_examples=20, phases=[Phase.explicit, Phase.generate], deadline=None, suppress_health_check=list(HealthCheck)
)
@given(points=triples(), p=st.sampled_from(NAMES["lipschitz-head"]))
def test_a_head_is_off_by_what_lies_between_floats_alone(points, p):
    report = checked("lipschitz-head", points, p)
    if report is None:
        return
    # Each centroid's nearest float is off by half a unit in the last place a coordinate, or of the smallest number.
    columns = np.abs(np.array([*points[0], *points[1]])).max(axis=0)
    slip = 7 * 3 * 2 * float(sum(math.ulp(value) for value in columns))
    assert report.lhs.error <= slip or has_digits(report.lhs)
    assert all(has_digits(number) for number in (report.rhs, report.m))


def test_a_side_whose_parts_cancel_beyond_the_floats_has_digits():
    points = [[1.0, 1.75], [-0.25, 0.0]]
    far = [[-9e-320, -8e299], [-3e218, 5e250]]
    report = check_bound(None, points, points[::-1], far, bound="variance")
    # The square of what the farthest negative leaves, less the variance.
    assert (report.verdict, float(report.lhs)) == (Verdict.HOLDS, 0.0)
    assert has_digits(report.rhs)
    assert has_digits(report.slack)
    assert float(report.rhs) == pytest.approx(8.763517304)


def test_a_head_at_one_point_between_floats_has_one_value():
    points = [[1.0], [0.0], [0.0]]
    report = check_bound(None, points, points[::-1], [[5.0]] * 3, head=lambda u: u / 2, lipschitz=1)
    assert (float(report.lhs), report.lhs.error, report.verdict) == (0.0, 0.0, Verdict.HOLDS)


def test_scaling_takes_nothing_from_a_head_beside_far_points():
    unit = 2.0**-990
    report = check_bound(None, [[unit]], [[3 * unit]], [[1e300]], head=lambda u: u / 2, lipschitz=1)
    assert (float(report.lhs), report.lhs.error) == (unit, 0.0)


def test_witnesses_are_of_the_scale_that_they_are_on():
    near, far = [[1.5e-300], [0.0]], [[3e-300], [7e-300]]
    report = check_bound(None, near, far, [[1e-300], [1e300]])
    witness = report.premises[-1].witness
    assert witness.positions == {"G1": 1, "G2": 1, "G3": 0}
    assert list(witness.values.values()) == pytest.approx([7e-300, 1e-300], rel=1e-15, abs=0)
    assert float(report.m) == pytest.approx(6e-300, rel=1e-15, abs=0)


# ----------------------------------------------------------------------------------------------------- what proves them


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_the_cheapest_plan_is_proved_by_its_potentials(data):
    n, q = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 6))
    sizes = st.integers(0, 9).flatmap(lambda digits: st.integers(0, 10**digits * 10 ** (40 * (digits > 7))))
    costs = np.array(data.draw(st.lists(sizes, min_size=n * q, max_size=n * q)), dtype=object).reshape(n, q)
    plan, u, v = certificates.cheapest(costs)
    shares = math.lcm(n, q)
    assert (plan >= 0).all()
    assert (plan.sum(axis=1) == shares // n).all()
    assert (plan.sum(axis=0) == shares // q).all()
    assert all(u[i] + v[k] <= costs[i, k] for i in range(n) for k in range(q))
    assert (plan * costs).sum() == sum(u) * (shares // n) + sum(v) * (shares // q)


@pytest.mark.parametrize("scale", [0, 40, 900])
@pytest.mark.parametrize("shape", [(1, 1, 2), (4, 3, 1), (6, 6, 2), (5, 7, 6), (9, 9, 4)])
def test_the_nearest_points_of_two_hulls_are_found_exactly(shape, scale):
    n, q, dimension = shape
    random = np.random.default_rng(scale + n)
    for apart in (0, 5):
        for along in (False, True):
            first, second = (random.integers(-9, 10, size=(count, dimension)).astype(object) for count in (n, q))
            if along:
                first, second = (rows[:, :1] * np.arange(1, dimension + 1) for rows in (first, second))
            first, second = (
                rows * 2 ** random.integers(0, scale + 1, size=(len(rows), 1)).astype(object)
                for rows in (first, second)
            )
            second = second + apart
            low, high = certificates._min_norm(np.concatenate([first, -second]), n)
            assert low == high
            largest = max(1, *(abs(value) for value in (*first.flat, *second.flat)))
            floats = [
                np.array([[value / largest for value in row] for row in rows], dtype=float) for rows in (first, second)
            ]
            assert certificates.hull_distance(first, second, *floats) == (low, high)


# ---------------------------------------------------------------------------------------------------------- large shapes


def large(case, dimension):
    if case == "all zeros":
        return [np.zeros((20, dimension))] * 3
    if case == "one-hot rows":
        return np.split(np.eye(dimension)[:60], 3)
    if case == "the sharp example":
        return [np.full((20, dimension), value) for value in (0.0, 2.0, 1.0)]
    random = np.random.default_rng(3)
    moved = np.ldexp(np.round(random.normal(size=(20, dimension)) * 2**30), random.integers(-40, 0))
    shift = np.round(random.normal(size=dimension) * 64)
    return [moved, moved + 2 * shift, moved + shift]


@pytest.mark.parametrize("dimension", [1408, 2048])
@pytest.mark.parametrize("p", [1, inf])
@pytest.mark.parametrize("case", ["all zeros", "one-hot rows", "the sharp example", "shifts"])
def test_equality_is_decided_at_large_shapes(case, p, dimension):
    points = large(case, dimension)
    bounds = ["karimov", "transport", *(["chamfer"] if dimension == 1408 else [])]
    for bound in bounds:
        report = check_bound(None, *points, bound=bound, norm=p)
        assert report.verdict is Verdict.HOLDS
        assert all(link.verdict is Verdict.HOLDS for link in report.chain), bound
    report = check_bound(None, *points, bound="transport", norm=p)
    if case != "one-hot rows" or p == 1:
        assert (float(report.slack) == 0) == report.ground.equal


@pytest.mark.parametrize("p", [1.0, inf])
@settings(max_examples=20, phases=[Phase.explicit, Phase.generate], deadline=None)
@given(data=st.data())
def test_distances_by_limbs_are_those_of_whole_numbers(p, data):
    from boundcheck.evaluate.readers.exact import Triple

    exponents = data.draw(st.sampled_from([(0, 0), (-20, 0), (-60, -20), (-300, 0)]))
    each = st.tuples(st.integers(-(2**53), 2**53), st.integers(*exponents)).map(
        lambda pair: math.ldexp(*map(float, pair[:1]), pair[1])
    )
    made = [np.array(data.draw(st.lists(each, min_size=6, max_size=6))).reshape(2, 3) for _ in range(2)]
    triple = Triple(dict(zip((x, w), made, strict=True)), p)
    first, second = (triple.whole(one) for one in (x, w))
    over = max if p == inf else sum
    expected = [[over(abs(a - b) for a, b in zip(one, other, strict=True)) for other in second] for one in first]
    assert triple.powered_distances(x, w, triple.p).tolist() == expected


def test_batches_are_sharpened_where_it_is_asked_for_alone():
    import torch

    points = {one: torch.tensor([[[value]]], dtype=torch.float64) for one, value in ((x, 0.0), (z, 3e-300), (w, 1e300))}
    bound = get("karimov")
    plain, sharp = (judge(bound, points, 1.0, sharpen=sharpen).conclusion for sharpen in (False, True))
    assert (float(sharp.lhs), float(sharp.lhs_error)) == (3e-300, 0.0)
    assert float(plain.lhs_error) > 3e-300


def test_hulls_and_transport_of_collinear_points_are_exact():
    line = np.outer([1, 5, 9, 2], [3, -1, 2]) * 1e-310
    far = np.outer([20, 31, 24, 50], [3, -1, 2]) * 1e-310
    report = check_bound(None, line, line, far, bound="hulls", aggregator="mean")
    assert has_digits(report.lhs)
    assert float(report.lhs) == pytest.approx(11e-310 * math.sqrt(14), rel=1e-9, abs=0)
    assert isinstance(report.bound.lhs, HullDistance)
    assert isinstance(get("transport").rhs, Transport)


@pytest.mark.parametrize("p", [1.0, 2.0, inf])
def test_ordinary_points_need_no_more_than_float64(p, monkeypatch):
    def read(*args, **options):
        raise AssertionError("a triple was read anew")

    monkeypatch.setattr("boundcheck.evaluate.decide.Decider.__init__", read)
    random = np.random.default_rng(0)
    for n, dimension in ((5, 8), (20, 128)):
        report = check_bound(None, *(random.normal(size=(n, dimension)) for _ in range(3)), norm=p)
        assert report.verdict is Verdict.HOLDS
        assert all(map(has_digits, (report.lhs, report.rhs, report.slack, report.tightness, report.m)))
    # A triple that needs more is read so.
    with pytest.raises(AssertionError, match="read anew"):
        check_bound(None, *(1e9 + 1e-6 * random.normal(size=(5, 8)) for _ in range(3)), norm=p)
