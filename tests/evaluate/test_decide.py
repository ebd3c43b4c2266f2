"""What float64 leaves undecided is decided: equalities, near-ties, and 10,000 adversarial triples against fractions."""

import math
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from math import inf

import numpy as np
import pytest
import torch
from flint import arb, ctx, fmpq
from theorems.test_every import SHARP, batch

from boundcheck import check_bound
from boundcheck.evaluate import CODES, Ground, Verdict, decide, judge, rounding, verdict
from boundcheck.language import (
    Bound,
    Constant,
    Relation,
    Space,
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
from boundcheck.theorems import KNOWN, K, get

i, j, k = x.each, z.each, w.each
ON_THE_LINE = ([[0.0]], [[2.0]], [[1.0]])
# Distances that are roots, of numbers that float64 rounds.
IN_THE_PLANE = ([[0.1, 0.2]], [[2.3, 0.7]], [[1.2, 0.45]])


def stacked(*triples):
    return {
        c: torch.tensor([np.array(points[place], dtype=np.float64).tolist() for points in triples], dtype=torch.float64)
        for place, c in enumerate((x, z, w))
    }


def of(sides, row=0):
    return CODES[int(sides.code[row])], sides.ground_of(row)


def weights_of(bound, points):
    return {one: torch.ones(1, points[one.collection].shape[1], dtype=torch.float64) for one in bound.weights()}


# ------------------------------------------------------------------------------------------------------------ equalities


# What a map makes of a point is known to float64 alone.
@pytest.mark.parametrize("name", [name for name in SHARP if not get(name).maps()])
def test_every_example_of_sharpness_holds_exactly(name):
    bound, points = get(name), batch(SHARP[name][0])
    p = inf if bound.space is Space.SUP_NORM else 2.0
    judged = judge(bound, points, p, weights=weights_of(bound, points), escalate_chain=True)
    for sides in (
        judged.conclusion,
        *(sides for link, sides in judged.chain.items() if link.name != "karimov-5-twice"),
    ):
        assert of(sides) == (Verdict.HOLDS, Ground("exact", None, equal=True))
        assert (float(sides.slack), float(sides.slack_error)) == (0.0, 0.0)
        assert float(sides.lhs_error) <= math.ulp(float(sides.lhs)) / 2


@pytest.mark.parametrize("given", [None, 1.0])
@pytest.mark.parametrize("p", [1.0, 1.5, 2.0, 3.0, inf])
def test_k_at_its_sharp_example_is_an_equality(p, given):
    report = check_bound(None, *ON_THE_LINE, norm=p, m=given)
    assert report
    assert report.ground == Ground("exact", None, equal=True)
    assert {(link.verdict, str(link.ground)) for link in report.chain} == {(Verdict.HOLDS, "equal, decided exactly")}
    assert str(report).startswith("holds (equal, decided exactly)  ‖mean_i")
    premise = report.premises[1]
    assert premise.verdict is Verdict.HOLDS
    assert premise.ground.equal is (given is not None)
    assert report.to_dict()["ground"] == {"how": "exact", "bits": None, "equal": True, "agreement": None}


def test_the_definition_of_the_centroid_is_decided_on_any_points():
    random = np.random.default_rng(0)
    report = check_bound(None, *random.normal(size=(3, 20, 128)))
    assert report.ground == Ground()
    assert (report.chain[0].verdict, str(report.chain[0].ground)) == (Verdict.HOLDS, "equal, decided exactly")
    assert "holds (equal, decided exactly)" in str(report)


def test_an_identity_holds_and_a_false_one_fails():
    random = np.random.default_rng(1)
    points = stacked(*[[random.normal(size=(size, 3)) for size in (4, 3, 2)] for _ in range(3)])
    identity = get("centroid-identity")
    assert [of(judge(identity, points).conclusion, row)[0] for row in range(3)] == [Verdict.HOLDS] * 3
    wrong = replace(identity, rhs=identity.rhs * Constant(1 + Fraction(1, 10**60)), proof=None)
    for row in range(3):
        assert of(judge(wrong, points).conclusion, row) == (Verdict.FAILS, Ground("exact", None))


# ------------------------------------------------------------------------------------------------------------- near-ties


@pytest.mark.parametrize("bits", [40, 60, 200, 1000, 6000])
@pytest.mark.parametrize("p", [1.0, 2.0, 2.5, inf])
@pytest.mark.parametrize("points", [ON_THE_LINE, IN_THE_PLANE])
def test_sides_that_differ_by_a_share(bits, p, points):
    share = Fraction(1, 2**bits)
    for factor, expected in ((1 - share, Verdict.FAILS), (1 + share, Verdict.HOLDS), (Fraction(1), Verdict.HOLDS)):
        left = norm(mean(x) - mean(z))
        bound = Bound("near", lhs=left, rhs=Constant(factor) * left)
        found, ground = of(judge(bound, batch(points), p).conclusion)
        assert found is expected, (bits, p, factor, ground)
        assert ground.equal is (factor == 1)
        if bits > 60:
            assert ground.how in ("balls", "exact")


def test_one_unit_in_the_last_place():
    for last in (math.nextafter(2.0, 0.0), math.nextafter(2.0, 3.0)):
        # K on the line with m = 1: the left side is z, the right side stays 2.
        report = check_bound(None, [[0.0]], [[last]], [[1.0]], m=1.0)
        assert report.verdict is (Verdict.HOLDS if last < 2 else Verdict.VACUOUS)
        assert report.premises[1].verdict is (Verdict.HOLDS if last < 2 else Verdict.FAILS)
        alone = Bound("alone", lhs=norm(mean(x) - mean(z)), rhs=2 * largest(1, farthest(x, w)))
        report = check_bound(None, [[0.0]], [[last]], [[1.0]], bound=alone)
        assert report.verdict is (Verdict.HOLDS if last < 2 else Verdict.FAILS)


def test_the_very_least_m_given_is_enough_and_the_float_below_is_not():
    random = np.random.default_rng(2)
    points = random.normal(size=(3, 4, 3))
    least = check_bound(None, *points).m
    for given in (math.nextafter(float(least), -inf), float(least), math.nextafter(float(least), inf)):
        # Its float is off by less than its last place: three floats, and the premise holds from m* up.
        report = check_bound(None, *points, m=given)
        with ctx.workprec(300):
            to_z, to_w = ([[length(u, v) for v in rows] for u in points[0]] for rows in points[1:])
            reached = all(near - far <= given for a in range(4) for near in to_z[a] for far in to_w[a])
        assert report.premises[1].verdict is (Verdict.HOLDS if reached else Verdict.FAILS)
        assert report.premises[1].ground.how == "balls"


def length(u, v):
    return sum((arb(s) - arb(t)) ** 2 for s, t in zip(u, v, strict=True)).sqrt()


def test_what_has_no_exact_form_agrees_to_so_many_bits():
    """√(1 + √5)·√(1 + √5) = 1 + √5 is a root of a sum of roots, which has none here."""
    root = (1 + nearest(x, z)) ** 0.5
    bound = Bound("nested", lhs=root * root, rhs=1 + nearest(x, z))
    points = batch(([[0.0, 0.0]], [[1.0, 2.0]], [[1.0, 1.0]]))
    verdict_, ground = of(judge(bound, points).conclusion)
    assert verdict_ is Verdict.UNDECIDED
    assert (ground.how, ground.bits) == ("balls", 4096)
    assert 4080 <= ground.agreement <= 4096
    report = check_bound(None, [[0.0, 0.0]], [[1.0, 2.0]], [[1.0, 1.0]], bound=bound)
    assert not report
    assert str(report).startswith(
        f"undecided (equal to within 2⁻{''.join('⁰¹²³⁴⁵⁶⁷⁸⁹'[int(d)] for d in str(ground.agreement))})"
    )
    assert any(f"the two sides agree to {ground.agreement} bits" in note for note in report.notes)
    assert report.to_dict()["ground"]["agreement"] == ground.agreement


def test_the_agreement_is_true():
    with ctx.workprec(128):
        third = arb(1) / 3
        for k in (5, 40, 100):
            left, right = third, third * (1 + arb(2) ** -k)
            found = decide._agreement(left, right, right - left)
            assert k - 1 <= found <= k
    assert decide._agreement(arb(0), arb(0), arb(0, 1e-30)) == verdict.UNKNOWN


def test_balls_of_radius_0_are_exact_numbers():
    judged = judge(Bound("sup", lhs=farthest(x, w), rhs=Constant(3)), batch(([[0.1]], [[0.0]], [[3.1]])), inf)
    # 3.1 − 0.1 in float64s is above 3, by less than float64 tells.
    expected = Fraction(3.1) - Fraction(0.1)
    assert expected != 3
    assert of(judged.conclusion) == (Verdict.HOLDS if expected < 3 else Verdict.FAILS, Ground("exact", None))


# --------------------------------------------------------------------------------------------------------------- batches

TWICE = Bound("twice", lhs=norm(mean(x) - mean(z)), rhs=2 * distance(mean(x), mean(w)))


def test_a_batch_in_which_some_are_equal():
    rows = [
        ([[0.0]], [[2.0]], [[1.0]]),
        ([[0.0]], [[2.0]], [[5.0]]),
        ([[0.1]], [[0.3]], [[0.2]]),
        ([[0.0]], [[3.0]], [[1.0]]),
        ([[0.1]], [[0.1]], [[0.1]]),
        ([[math.nan]], [[2.0]], [[1.0]]),
        ([[0.0]], [[inf]], [[1.0]]),
        ([[1e-300]], [[3e-300]], [[2e-300]]),
        ([[0.0]], [[5e-324]], [[5e-324]]),
    ]
    judged = judge(TWICE, stacked(*rows)).conclusion
    expected = []
    for row in rows:
        numbers = [points[0][0] for points in row]
        if not all(map(math.isfinite, numbers)):
            expected.append(Verdict.UNDECIDED)
            continue
        a, b, c = map(Fraction, numbers)
        expected.append(Verdict.HOLDS if abs(a - b) <= 2 * abs(a - c) else Verdict.FAILS)
    assert [of(judged, row)[0] for row in range(len(rows))] == expected
    assert {Verdict.HOLDS, Verdict.FAILS, Verdict.UNDECIDED} == set(expected)
    assert of(judged, 0)[1] == of(judged, 4)[1] == Ground("exact", None, equal=True)
    assert of(judged, 1)[1] == of(judged, 3)[1] == of(judged, 5)[1] == of(judged, 6)[1] == Ground()
    for row, points in enumerate(rows):
        alone = judge(TWICE, stacked(points)).conclusion
        assert of(alone) == of(judged, row)
        for name in ("lhs", "lhs_error", "rhs", "rhs_error", "slack", "slack_error"):
            torch.testing.assert_close(
                getattr(alone, name)[0], getattr(judged, name)[row], rtol=0, atol=0, equal_nan=True
            )


def test_no_more_of_a_batch_than_was_asked_for():
    several = stacked(*[ON_THE_LINE] * 20)
    for escalate, count in ((0, 0), (3, 3), (None, 20)):
        judged = judge(K, several, escalate=escalate).conclusion
        assert int((judged.code == verdict.HOLDS).sum()) == count
        assert int((judged.ground == verdict.EXACT).sum()) == count
    assert int((judge(K, several).conclusion.code == verdict.HOLDS).sum()) == 16


def test_what_float64_decides_goes_no_further(monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError("escalated")

    monkeypatch.setattr(decide, "Decider", refuse)
    random = np.random.default_rng(3)
    points = stacked(*[[random.normal(size=(4, 3)) + shift for shift in (0, 0, 3)] for _ in range(5)])
    assert (judge(K, points).conclusion.code == verdict.HOLDS).all()
    given = {m: torch.full((5,), -100.0, dtype=torch.float64)}
    assert (judge(K, points, parameters=given).conclusion.code == verdict.VACUOUS).all()
    with pytest.raises(AssertionError, match="escalated"):
        judge(K, points, escalate_chain=True)


def test_a_vacuous_or_undecided_premise_is_not_looked_past():
    judged = judge(K, batch(ON_THE_LINE), parameters={m: torch.tensor([0.5], dtype=torch.float64)})
    assert of(judged.conclusion)[0] is Verdict.VACUOUS
    never = judge(K, batch(([[math.nan]], [[2.0]], [[1.0]])), parameters={m: torch.tensor([1.0], dtype=torch.float64)})
    assert of(never.conclusion)[0] is Verdict.UNDECIDED
    assert of(next(iter(never.premises.values())))[0] is Verdict.UNDECIDED


def test_what_is_not_finite_never_passes():
    squares = Bound("squares", lhs=norm(mean(x) - mean(z)) ** 2, rhs=4 * norm(mean(x) - mean(w)) ** 2)
    huge = batch(([[0.0]], [[2e200]], [[1e200]]))
    assert of(judge(squares, huge).conclusion) == (Verdict.UNDECIDED, Ground())
    # Collections that neither side speaks of.
    same = [[0.1, 0.2]]
    for bad in (math.nan, inf):
        judged = judge(get("transport"), batch((same, [[1.3, 0.7]], [[bad, 0.0]])))
        assert of(judged.conclusion)[0] is Verdict.UNDECIDED


def test_parameters_and_sides_are_enclosed_more_tightly():
    points = batch(IN_THE_PLANE)
    loose, tight = (judge(get("chamfer"), points, escalate=escalate) for escalate in (0, None))
    assert of(tight.conclusion) != of(loose.conclusion)
    for one, other in (
        (loose.conclusion.lhs_error, tight.conclusion.lhs_error),
        (loose.conclusion.slack_error, tight.conclusion.slack_error),
        (loose.parameters[m].error, tight.parameters[m].error),
    ):
        assert float(other) < float(one) / 4


def test_two_threads_find_what_one_does():
    """flint's precision is one for the whole process."""
    several = stacked(*[IN_THE_PLANE] * 8)
    left = norm(mean(x) - mean(z))
    bounds = [
        Bound("near", lhs=left, rhs=Constant(1 + Fraction(s, 2**bits)) * left) for bits in (150, 900) for s in (1, -1)
    ]
    alone = [judge(bound, several, 2.5, escalate=None).conclusion.code.tolist() for bound in bounds]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            found = list(
                pool.map(lambda bound: judge(bound, several, 2.5, escalate=None).conclusion.code.tolist(), bounds * 3)
            )
    finally:
        sys.setswitchinterval(interval)
    assert found == alone * 3
    assert {code for codes in alone for code in codes} == {verdict.HOLDS, verdict.FAILS}
    assert ctx.prec == 53


def judged_head(*points):
    head = get("lipschitz-head")
    one = torch.tensor([1.0], dtype=torch.float64)
    constants = {next(p for p in head.parameters() if p != m): one}
    return of(judge(head, batch(points), inf, parameters=constants, maps={g: lambda points: points}).conclusion)


def test_a_map_is_known_at_floats_alone():
    """Its values are those at floats: no precision makes more of them between two."""
    found, ground = judged_head([[0.0, 0.0], [0.0, 0.25], [0.0, 0.25]], [[2.0, 0.0]] * 3, [[1.0, 0.0]] * 3)
    assert found is Verdict.UNDECIDED
    assert ground.how == "balls"
    assert 40 <= ground.agreement <= 60


def test_a_map_at_floats_is_exact():
    found, ground = judged_head([[0.0, 0.0], [0.0, 0.25]], [[2.0, 0.0]] * 2, [[1.0, 0.0]] * 2)
    assert (found, ground.equal) == (Verdict.HOLDS, True)


@pytest.mark.parametrize(
    "limit", ["boundcheck.evaluate.readers.exact.ELEMENTS", "boundcheck.evaluate.certificates.LARGEST_PLAN"]
)
def test_what_is_too_large_keeps_the_enclosure_of_float64(limit, monkeypatch):
    """W₁ of a shift and the shift, which are equal."""
    random = np.random.default_rng(4)
    first = np.rint(8 * random.normal(size=(3, 4, 2)))
    points = {x: torch.tensor(first), z: torch.tensor(first + np.array([3.0, 4.5])), w: torch.tensor(first)}
    assert of(judge(get("transport"), points).conclusion)[1].equal
    monkeypatch.setattr(limit, 10)
    found, ground = of(judge(get("transport"), points).conclusion)
    assert found is Verdict.UNDECIDED
    assert 35 <= ground.agreement <= 53


# ------------------------------------------------------------------------------------------------------- 10,000 triples

SHAPES = ("lattice", "duplicates", "huge", "tiny", "subnormal", "far from the origin", "near ties")


def adversarial(shape, count, sizes, dimension, seed):
    """Return points, of shape (count, size, dimension), many of whose distances are equal or nearly so."""
    random = np.random.default_rng(seed)
    points = [random.integers(-2, 3, (count, size, dimension)).astype(float) for size in sizes]
    match shape:
        case "duplicates":
            points = [np.repeat(one[:, :1], one.shape[1], axis=1) for one in points]
        case "huge":
            points = [one * 2.0**1000 * (1 + random.integers(0, 2, one.shape) * 2.0**-52) for one in points]
        case "tiny":
            points = [one * 1e-300 for one in points]
        case "subnormal":
            points = [one * 5e-324 for one in points]
        case "far from the origin":
            points = [1e9 + one * 2.0**-20 for one in points]
        case "near ties":
            points = [one + random.integers(-1, 2, one.shape) * 2.0**-50 for one in points]
    return points


def exact_sides(points, p, sizes, factor):
    """Return both sides of ‖c_x − c_z‖ ≤ factor·max d(x_i, w_k) as fractions, squared where p is 2."""
    a, b, c = ([[Fraction(u) for u in row] for row in rows] for rows in points)
    centred = [sum(u[d] for u in a) / len(a) - sum(u[d] for u in b) / len(b) for d in range(len(a[0]))]
    apart = [[s - t for s, t in zip(u, v, strict=True)] for u in a for v in c]
    measure = {1.0: lambda v: sum(map(abs, v)), 2.0: lambda v: sum(u * u for u in v), inf: lambda v: max(map(abs, v))}[
        p
    ]
    return measure(centred), (factor**2 if p == 2 else factor) * max(map(measure, apart))


FACTORS = (Fraction(2), Fraction(1), Fraction(1, 2), 1 + Fraction(1, 2**60))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("p", [1.0, 2.0, inf])
def test_adversarial_triples_get_the_exact_verdict(shape, p):
    """Each of 21 × 4 × 125 triples: the enclosures of float64 and of what comes after hold the exact sides."""
    total, ties = 0, 0
    for place, factor in enumerate(FACTORS):
        sizes, dimension = ((1, 1, 1), (2, 1, 2), (1, 2, 1), (2, 2, 2))[place], 1 + place % 2
        points = adversarial(shape, 125, sizes, dimension, seed=100 * place + int(min(p, 9)))
        tensors = {c: torch.tensor(one) for c, one in zip((x, z, w), points, strict=True)}
        bound = Bound("ratio", lhs=norm(mean(x) - mean(z)), rhs=Constant(factor) * farthest(x, w))
        first, last = (judge(bound, tensors, p, escalate=escalate).conclusion for escalate in (0, None))
        for row in range(125):
            lhs, rhs = exact_sides([one[row].tolist() for one in points], p, sizes, factor)
            expected = Verdict.HOLDS if lhs <= rhs else Verdict.FAILS
            assert of(first, row)[0] in (expected, Verdict.UNDECIDED)
            assert of(last, row)[0] is expected
            assert of(last, row)[1].equal == (lhs == rhs and of(first, row)[0] is Verdict.UNDECIDED)
            for sides in (first, last):
                for side, exact in (("lhs", lhs), ("rhs", rhs)):
                    assert_holds(
                        float(getattr(sides, side)[row]), float(getattr(sides, f"{side}_error")[row]), exact, p == 2
                    )
            total, ties = total + 1, ties + (of(first, row)[0] is Verdict.UNDECIDED)
    assert total == 500
    # Float64's bounds cover 2⁻¹⁰²² that may be lost, which is all that subnormal points are.
    assert ties == 500 if shape == "subnormal" else 25 < ties < 475


def assert_holds(value, error, exact, squared):
    """Assert that an interval holds an exact number, given by its square or itself."""
    low, high = Fraction(value) - Fraction(error), Fraction(value) + Fraction(error)
    if squared:
        low, high = max(low, 0) ** 2, high**2
    assert low <= exact <= high


@pytest.mark.parametrize("p", [1.0, 2.0, inf])
def test_the_comparison_with_fractions_rejects_errors_that_are_too_small(p, monkeypatch):
    """Enclosures with a thousandth of their error are found out on the same triples."""
    monkeypatch.setattr(rounding, "gamma", lambda operations: 2.0**-64)
    with pytest.raises(AssertionError):
        every_shape(p)


def every_shape(p):
    for shape in SHAPES:
        test_adversarial_triples_get_the_exact_verdict(shape, p)


def test_theorems_hold_exactly_on_lattices():
    """On small lattices most bounds are equalities now and then, and none is ever undecided or fails."""
    random = np.random.default_rng(5)
    counted = {}
    for name, bound in KNOWN.items():
        if bound.maps() or bound.relation is Relation.EQUAL or name == "normalised-mean":
            continue
        points = {c: torch.tensor(random.integers(-1, 2, (60, 2, 2)).astype(float)) for c in (x, z, w)}
        weights = {one: torch.tensor([[1.0, 2.0]] * 60, dtype=torch.float64) for one in bound.weights()}
        sides = judge(
            bound, points, inf if bound.space is Space.SUP_NORM else 2.0, weights=weights, escalate=None
        ).conclusion
        assert (sides.code == verdict.HOLDS).all(), name
        counted[name] = sum(sides.ground_of(row).equal for row in range(60))
    assert sum(count > 0 for count in counted.values()) > len(counted) / 2, counted


# --------------------------------------------------------------------------------------------------------------- grounds


def test_grounds_in_words():
    assert str(Ground()) == ""
    assert Ground().beside(Verdict.HOLDS) == "holds"
    assert Ground("balls", 256).beside(Verdict.FAILS) == "fails (by balls of 256 bits)"
    assert Ground("exact", None).beside(Verdict.FAILS) == "fails (decided exactly)"
    assert Ground("balls", 4096, agreement=4087).beside(Verdict.UNDECIDED) == "undecided (equal to within 2⁻⁴⁰⁸⁷)"


def test_a_given_parameter_is_exact():
    third = fmpq(*(1 / 3).as_integer_ratio())
    bound = Bound("given", lhs=m, rhs=Constant(Fraction(int(third.p), int(third.q))))
    points = batch(ON_THE_LINE)
    for value, expected in ((1 / 3, Verdict.HOLDS), (math.nextafter(1 / 3, 1), Verdict.FAILS)):
        judged = judge(bound, points, parameters={m: torch.tensor([value], dtype=torch.float64)})
        assert of(judged.conclusion)[0] is expected


def test_an_undefined_side_stays_undecided():
    bound = Bound("undefined", lhs=1 / nearest(x, z), rhs=1 / (2 * nearest(x, z)) + maximum(k, norm(w[k])))
    judged = judge(bound, batch(([[0.1]], [[0.1]], [[0.2]])))
    assert of(judged.conclusion)[0] is Verdict.UNDECIDED
