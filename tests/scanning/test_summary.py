"""Summaries that may be merged in any order, against what all values say at once."""

import json
import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundcheck.errors import InvalidTypeError, InvalidValueError
from boundcheck.evaluate import CODES, Verdict
from boundcheck.scanning.bound_summary import _measure
from boundcheck.scanning.distribution import Distribution
from boundcheck.scanning.grids import Grid, GridSides, Stage
from boundcheck.scanning.summary import ScanSummary

HOLDS, FAILS, UNDECIDED, VACUOUS = (
    CODES.index(verdict) for verdict in (Verdict.HOLDS, Verdict.FAILS, Verdict.UNDECIDED, Verdict.VACUOUS)
)
CLASSES = np.array([0, 1, 0, 1, 0, 2, 2])
NAMES, KINDS = tuple("abcdefg"), ("first", "second", "third")
finite = st.floats(allow_nan=False, allow_infinity=False)


def grids(seed=0, sides=True, ties=False):
    """Return a grid for each anchor, with sides and verdicts drawn at random; ties have 0/0, 1/0 and −0 among them."""
    random = np.random.default_rng(seed)
    found = []
    for anchor in range(len(CLASSES)):
        positives = np.array([a for a in np.flatnonzero(CLASSES[anchor] == CLASSES) if a != anchor])
        negatives = np.flatnonzero(CLASSES[anchor] != CLASSES)
        shape = len(positives), len(negatives)
        bounds = {}
        for name in ("one", "two"):
            lhs, rhs = random.exponential(size=shape), random.exponential(size=shape)
            off = 1e-9
            if ties:
                lhs, rhs = random.choice([-0.0, 0.0, 1.0, 2.0], shape), random.choice([-1.0, 0.0, 1.0, 2.0], shape)
                off = 0.0
            arrays = (lhs, off * lhs, rhs, np.full(shape, off)) if sides else (None,) * 4
            code = random.choice([HOLDS, HOLDS, FAILS, UNDECIDED, VACUOUS], shape).astype(np.int8)
            bounds[name] = GridSides(code, random.integers(0, 3, shape).astype(np.int8), *arrays)
        value = random.choice([-0.0, 0.0, -1.0], shape) if ties else random.normal(size=shape)
        found.append(Grid(anchor, positives, negatives, bounds, {"m": (value, np.full(shape, 0.1))} if sides else {}))
    return found


def empty(bounds=("one", "two"), parameters=("m",), classes=CLASSES, names=NAMES, kinds=KINDS, **options):
    return ScanSummary.empty(bounds, parameters, classes, names, kinds, **{"top": 3, **options})


def summary_of(some, **options):
    made = empty(**options)
    for grid in some:
        made.add(grid)
    return made


def rows(some, name):
    """Return every triple with its code and, where no premise fails, its exact tightness without errors."""
    for grid in some:
        sides = grid.bounds[name]
        for a, b in np.ndindex(sides.code.shape):
            lhs, rhs = float(sides.lhs[a, b]), float(sides.rhs[a, b])
            tightness = lhs / rhs if rhs else math.nan if lhs == 0 else math.inf
            code = int(sides.code[a, b])
            triple = grid.anchor, int(grid.positives[a]), int(grid.negatives[b])
            yield triple, code, math.nan if code == VACUOUS else tightness


def one_row(values, errors):
    """Return arguments to add values in one row of a grid."""
    shape = 1, len(values)
    grid = Grid(0, np.array([1]), np.arange(2, 2 + len(values)), {})
    return np.array(values, dtype=float).reshape(shape), np.array(errors, dtype=float).reshape(shape), grid


def distribution(values, errors):
    made = Distribution()
    made.add(*one_row(values, errors))
    return made


@pytest.mark.parametrize("ties", [False, True])
@settings(max_examples=30)
@given(order=st.permutations(range(7)), cuts=st.lists(st.integers(0, 7), max_size=3), seed=st.integers(0, 9))
def test_neither_order_nor_parts_change_a_byte(ties, order, cuts, seed):
    known = grids(seed, ties=ties)
    whole = summary_of(known)
    edges = [0, *sorted(cuts), 7]
    parts = [summary_of([known[at] for at in order[a:b]]) for a, b in pairwise(edges)]
    merged = empty()
    for part in reversed(parts):
        merged.merge(ScanSummary.from_bytes(part.to_bytes()))
    assert merged.to_bytes() == whole.to_bytes()
    assert merged == whole
    assert merged.digest() == whole.digest()
    assert ScanSummary.from_dict(whole.to_dict()).to_dict() == whole.to_dict()


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("top", [1, 3, 1000])
def test_counts_lists_and_extremes_are_those_of_all_triples(ties, top):
    known = grids(3, ties=ties)
    # The order in which grids come is not that of the triples.
    summary = summary_of(known[::-1], top=top)
    for name in ("one", "two"):
        everything, found = list(rows(known, name)), summary.bounds[name]
        for verdict in (Verdict.HOLDS, Verdict.FAILS, Verdict.UNDECIDED, Verdict.VACUOUS):
            assert found.counts[verdict] == sum(row[1] == CODES.index(verdict) for row in everything)
        assert summary.triples == len(everything) == found.by_pair.sum() == found.stages.sum()
        for own in range(3):
            of_class = [row for row in everything if CLASSES[row[0][0]] == own]
            assert found.by_class[own].tolist() == [sum(row[1] == code for row in of_class) for code in range(4)]
            assert found.tightness_by_class[own].ordered == sum(not math.isnan(row[2]) for row in of_class)
        assert found.stages.tolist() == [
            sum((grid.bounds[name].stage == stage).sum() for grid in known) for stage in Stage
        ]
        assert found.failing == sorted(row[0] for row in everything if row[1] == FAILS)[:10]
        assert found.undecided == sorted(row[0] for row in everything if row[1] == UNDECIDED)[:10]

        tight = [(t, triple) for triple, _, t in everything if not math.isnan(t)]
        first = sorted(tight, key=lambda pair: (-pair[0], pair[1]))
        assert [(one.tightness, one.triple) for one in found.tightest] == first[:top]
        assert [(one.tightness, one.triple) for one in found.loosest] == sorted(tight)[:top]
        numbers = [pair for pair in first if math.isfinite(pair[0])]
        assert (found.tightness.most.value, found.tightness.most.triple) == numbers[0]
        assert (found.tightness.least.value, found.tightness.least.triple) == min(numbers)
        assert found.tightness.count == len(numbers)
        assert found.tightness.above == len(tight) - len(numbers)
        assert found.tightness.unknown == 0
        assert found.tightness.undefined == len(everything) - len(tight) - found.counts[Verdict.VACUOUS]

        pairs, cells = {}, {}
        for t, triple in first:
            pairs.setdefault((CLASSES[triple[0]], CLASSES[triple[2]]), (t, triple))
            cells.setdefault((summary.heat_cells[triple[0]], summary.heat_cells[triple[2]]), t)
        for own, other in np.ndindex(3, 3):
            best = found.largest_by_pair[own, other], tuple(found.largest_triples[own, other].tolist())
            assert best == pairs.get((own, other), (-math.inf, (-1, -1, -1)))
        for cell in np.ndindex(7, 7):
            assert found.heat[cell] == cells.get(cell, -math.inf)
    assert CLASSES[summary.heat_order].tolist() == sorted(CLASSES)


ALIKE = [
    # Left and right sides: infinite on either side of 0, all of them or some, and a few of each of many numbers.
    ([-1.0], [0.0]),
    ([1.0], [0.0]),
    ([-1.0, 1.0], [0.0]),
    ([-1.0, 1.0, 2.0, 3.0], [0.0, 1.0]),
    (np.arange(60.0), [1.0]),
    (np.arange(100.0), [1.0]),
    (np.arange(-200.0, 0.0), [1.0]),
]


@pytest.mark.parametrize(("lefts", "rights"), ALIKE)
def test_of_many_alike_the_first_triples_are_listed(lefts, rights):
    random = np.random.default_rng(0)
    classes = np.repeat([0, 1, 2], [6, 20, 20])
    known = []
    for anchor in range(6):
        positives, negatives = np.array([a for a in range(6) if a != anchor]), np.arange(6, 46)
        lhs, rhs = random.choice(lefts, (5, 40)), random.choice(rights, (5, 40))
        zero = np.zeros((5, 40))
        sides = GridSides(zero.astype(np.int8), zero.astype(np.int8), lhs, zero, rhs, zero)
        known.append(Grid(anchor, positives, negatives, {"one": sides}))
    for order in (known, known[::-1], known[:1]):
        triples = [(t, triple) for triple, _, t in ranked_rows(order)]
        for top in (1, 4, 10, 150):
            made = ScanSummary.empty(["one"], [], classes, list(map(str, range(46))), KINDS, top=top)
            for grid in order:
                made.add(grid)
            found = made.bounds["one"]
            first = sorted(triples, key=lambda pair: (-pair[0], pair[1]))
            assert [(one.tightness, one.triple) for one in found.tightest] == first[:top]
            assert [(one.tightness, one.triple) for one in found.loosest] == sorted(triples)[:top]
            for other in (1, 2):
                best = next(pair for pair in first if classes[pair[1][2]] == other)
                if best[0] == -math.inf:
                    # As where there is none.
                    best = -math.inf, (-1, -1, -1)
                assert (found.largest_by_pair[0, other], tuple(found.largest_triples[0, other])) == best


def ranked_rows(some):
    for grid in some:
        sides = grid.bounds["one"]
        for a, b in np.ndindex(sides.code.shape):
            lhs, rhs = float(sides.lhs[a, b]), float(sides.rhs[a, b])
            yield (grid.anchor, int(grid.positives[a]), int(grid.negatives[b])), 0, lhs / rhs if rhs else lhs * math.inf


def test_no_quotient_or_difference_is_a_negative_zero():
    sides = [np.array([number]) for number in (0.0, 1e-9, -1.0, 0.0)]
    ratio, slack = np.empty((2, 1)), np.empty((2, 1))
    _measure(np.array([HOLDS], np.int8), *sides, *ratio, *slack)
    assert ratio[0, 0] == 0
    assert not np.signbit(ratio[0, 0])
    sides = [np.array([number]) for number in (0.0, 0.0, -0.0, 0.0)]
    _measure(np.array([HOLDS], np.int8), *sides, *ratio, *slack)
    assert not np.signbit(slack[0, 0])


def test_what_is_ranked_has_the_sides_of_its_triple():
    known = grids(5)
    for one in summary_of(known).bounds["two"].tightest:
        grid = known[one.triple[0]]
        at = grid.positives.tolist().index(one.triple[1]), grid.negatives.tolist().index(one.triple[2])
        sides = grid.bounds["two"]
        for name, value, error in (
            ("lhs", sides.lhs[at], sides.lhs_error[at]),
            ("rhs", sides.rhs[at], sides.rhs_error[at]),
        ):
            low, high = map(Fraction, one.enclosures[name])
            assert low <= Fraction(value) - Fraction(error)
            assert Fraction(value) + Fraction(error) <= high
        assert one.tightness == sides.lhs[at] / sides.rhs[at]


@given(finite, st.floats(0, 1e300), finite, st.floats(0, 1e300))
def test_errors_of_tightness_and_slack_enclose_what_is_exact(a, ae, b, be):
    given_ = [np.array([number]) for number in (a, ae, b, be)]
    t, te, s, se = (np.empty(1) for _ in range(4))
    negative = _measure(np.array([HOLDS], np.int8), *given_, t, te, s, se)
    assert negative == (Fraction(b) + Fraction(be) < 0)
    # The ends of both sides, all combinations of them.
    lhs = [Fraction(a) + sign * Fraction(ae) for sign in (-1, 0, 1)]
    rhs = [Fraction(b) + sign * Fraction(be) for sign in (-1, 0, 1)]
    if np.isfinite(s[0]) and np.isfinite(se[0]):
        assert all(abs(y - x - Fraction(s[0])) <= Fraction(se[0]) for x in lhs for y in rhs)
    if np.isfinite(t[0]) and np.isfinite(te[0]):
        assert abs(Fraction(b)) > Fraction(be)
        assert all(abs(x / y - Fraction(t[0])) <= Fraction(te[0]) for x in lhs for y in rhs)
    elif te[0] == 0:
        # Said to be infinite, or 0/0, only where it surely is.
        assert b == be == 0
        assert a == ae == 0 if np.isnan(t[0]) else abs(a) > ae


@pytest.mark.parametrize(
    ("sides", "place"),
    [
        ((0.0, 0.0, 0.0, 0.0), "undefined"),
        ((-0.0, 0.0, -0.0, 0.0), "undefined"),
        ((1.0, 0.5, -0.0, 0.0), "above"),
        ((-1.0, 0.5, 0.0, 0.0), "below"),
        ((1.0, 1.0, 0.0, 0.0), "unknown"),
        ((0.0, 1e-9, 0.0, 0.0), "unknown"),
        ((0.0, 0.0, 0.0, 1e-9), "unknown"),
        ((1.0, 0.0, 1e-9, 1e-9), "unknown"),
        ((1e300, 0.0, 1e-300, 0.0), "unknown"),
        ((np.nan, 0.0, 1.0, 0.0), "unknown"),
        ((1.0, np.nan, 1.0, 0.0), "unknown"),
        ((1.0, 0.0, np.inf, 0.0), "unknown"),
        ((0.0, 0.0, np.inf, 0.0), "unknown"),
        ((np.inf, 0.0, 1.0, 0.0), "unknown"),
        ((np.inf, 0.0, 0.0, 0.0), "unknown"),
        ((0.0, 0.0, 1.0, 0.5), "count"),
    ],
)
def test_a_quotient_that_is_no_number_is_counted_apart(sides, place):
    arrays = [np.array([[number]]) for number in sides]
    grid = Grid(0, np.array([2]), np.array([1]), {"one": GridSides(*np.zeros((2, 1, 1), np.int8), *arrays)})
    tightness = summary_of([grid], bounds=["one"]).bounds["one"].tightness
    for name in ("undefined", "above", "below", "unknown", "count"):
        assert getattr(tightness, name) == (name == place), name


def test_signs_of_a_parameter_are_what_is_sure():
    known = grids(1)
    summary = summary_of(known).parameters["m"]
    values = np.concatenate([grid.parameters["m"][0].ravel() for grid in known])
    assert summary.below_zero == (values < -0.1).sum()
    assert summary.at_least_zero == (values >= 0.1).sum()
    assert summary.undecided == (abs(values) < 0.1).sum()
    for own in range(3):
        of_class = [grid.parameters["m"][0] for grid in known if CLASSES[grid.anchor] == own]
        assert summary.signs_by_class[own, 0] == sum((value < -0.1).sum() for value in of_class)
        assert summary.values_by_class[own].least.value == min(value.min() for value in of_class)
    values = np.array([[0.0, -0.0, np.nan, -1e-320]])
    exact = Grid(0, np.array([2]), np.array([1, 3, 5, 6]), {}, {"m": (values, np.zeros((1, 4)))})
    summary = ScanSummary.empty([], ["m"], CLASSES, NAMES, KINDS)
    summary.add(exact)
    found = summary.parameters["m"]
    assert (found.below_zero, found.at_least_zero, found.undecided) == (1, 2, 1)
    # −0 is not below 0.
    assert found.values.share_below(0.0) == (1, 1)


def test_verdicts_alone_are_counted():
    for summary in (summary_of(grids(sides=False)), summary_of(grids(), sides=False)):
        assert summary.bounds["one"].by_pair.sum() == summary.triples > 0
        assert summary.bounds["one"].tightness.ordered == 0
        with pytest.raises(InvalidValueError, match="at least one value"):
            summary.bounds["one"].tightness.quantile(0.5)
    assert summary.bounds["one"].heat.size == 0
    assert ScanSummary.from_bytes(summary.to_bytes()) == summary


ADVERSARIAL = [
    [5e-324, 1e-310, 2.0**-1022, 0.0, -5e-324],
    [1.7976931348623157e308, -1.7976931348623157e308, 1.0],
    [1.0] * 9,
    [1.0, np.nextafter(1.0, 0.0), np.nextafter(1.0, 2.0), 1.0 + 2.0**-10],
    [-1.0, -1.0 - 2.0**-10, -1.0 + 2.0**-11, -2.0],
    [0.0, -0.0, 0.0],
]


@pytest.mark.parametrize("values", ADVERSARIAL)
@pytest.mark.parametrize("share", [0.0, 2.0**-40, 2.0**-17, 2.0**-10, 0.5])
def test_quantiles_of_adversarial_values(values, share):
    check_enclosures(values, [abs(value) * share for value in values], [0.0, 0.25, 0.5, 0.9, 1.0], values)


@given(
    st.lists(st.tuples(finite, st.one_of(st.just(0.0), st.floats(0, 1e-9), st.floats(0, 1e300))), min_size=1),
    st.floats(0, 1),
    finite,
)
def test_quantiles_and_counts_enclose_what_is_exact(pairs, level, at):
    values, errors = zip(*pairs, strict=True)
    check_enclosures(values, errors, [level], [at, values[0]])


def check_enclosures(values, errors, levels, numbers):
    made = distribution(values, errors)
    assert made.ordered == len(values)
    assert made.count + made.unknown == len(values)
    for sign in (-1, 0, 1):
        # The exact values may be anywhere within their errors, in any way.
        for signs in (np.full(len(values), sign), np.resize([1, -1], len(values)) * sign):
            exact = sorted(
                Fraction(value) + int(up) * Fraction(error)
                for value, error, up in zip(values, errors, signs, strict=True)
            )
            for level in levels:
                low, high = made.quantile(level)
                rank = min(len(exact), max(1, math.ceil(level * len(exact)))) - 1
                assert low == -math.inf or Fraction(low) <= exact[rank]
                assert high == math.inf or exact[rank] <= Fraction(high)
            for number in numbers:
                surely, maybe = made.share_below(number)
                assert surely <= sum(value < Fraction(number) for value in exact) <= maybe


def test_quantiles_are_those_of_numpy_and_no_wider_than_a_bin():
    random = np.random.default_rng(0)
    values = random.normal(size=(30, 1000)) ** 3
    grid = Grid(0, np.arange(1, 31), np.arange(31, 1031), {})
    whole, parts = Distribution(), [Distribution() for _ in range(3)]
    whole.add(values, np.zeros(values.shape), grid)
    for row in range(30):
        part = Grid(0, grid.positives[row : row + 1], grid.negatives, {})
        parts[row % 3].add(values[row : row + 1], np.zeros((1, 1000)), part)
    parts[2].merge(parts[0])
    parts[2].merge(parts[1])
    assert parts[2].to_dict() == whole.to_dict()
    for level in (0, 1e-4, 0.01, 0.3, 0.5, 0.77, 0.999, 1):
        exact = np.quantile(values, level, method="inverted_cdf")
        low, high = whole.quantile(level)
        assert low <= exact <= high
        assert high - low <= 2.0**-10 * abs(exact) * (1 + 2.0**-9)
    for number in (-8.0, -0.3, 0.0, 1e-3, 0.125, 1.0):
        # On the edge of a bin, or between, where only one bin is in doubt.
        surely, maybe = whole.share_below(number)
        assert surely <= (values < number).sum() <= maybe
        assert maybe - surely <= np.count_nonzero(abs(values - number) <= 2.0**-9 * abs(number))
    assert whole.quantile(1.0)[1] == values.max()
    assert whole.quantile(0.0)[0] == values.min()


def test_equal_exact_values_have_exact_quantiles():
    made = distribution([0.3] * 600, [0.0] * 600)
    assert made.quantile(0.5) == (0.3, 0.3)
    assert made.share_below(0.3) == (0, 0)
    assert made.share_below(np.nextafter(0.3, 1))[0] == 600


def test_one_wide_error_does_not_widen_the_others():
    made = distribution([*np.linspace(1, 2, 999), 1.5], [*[1e-14] * 999, 1e6])
    assert made.largest_error == 1e6
    low, high = made.quantile(0.5)
    assert 0.0 < high - low < 0.01


def test_infinities_have_their_places_and_what_is_unknown_may_have_any():
    made = distribution([1.0, 2.0, np.inf, -np.inf, np.nan, 7.0, np.nan], [0.0, 0.0, 0.0, 0.0, 0.0, np.inf, np.nan])
    assert (made.count, made.above, made.below, made.undefined, made.unknown) == (2, 1, 1, 1, 2)
    assert made.ordered == 6
    # −∞ ? ? 1 2 ∞ at the lowest, −∞ 1 2 ? ? ∞ at the highest; 1 is somewhere in its bin.
    assert [made.quantile(rank / 6) for rank in range(1, 7)] == [
        (-math.inf, -math.inf), (-math.inf, 1 + 2.0**-10), (-math.inf, 2.0), (1.0, math.inf), (2.0, math.inf),
        (math.inf, math.inf),
    ]  # fmt: skip
    assert made.share_below(1.5) == (2, 4)
    assert made.share_below(math.inf) == (3, 5)
    assert made.share_below(-math.inf) == (0, 0)
    assert (made.most.value, made.least.value) == (2.0, 1.0)


@pytest.mark.parametrize("kind", ["narrow", "some wide", "falling", "largest error last", "unknown at the end"])
def test_many_values_at_once_are_as_one_by_one(kind):
    random = np.random.default_rng(0)
    values = random.normal(size=(1, 1500))
    errors = abs(values) * random.exponential(size=(1, 1500)) * 1e-12
    if kind == "some wide":
        errors[0, random.integers(0, 1500, 6)] = 0.5
    if kind == "falling":
        values = -np.sort(values)
        errors = np.sort(errors)
    if kind == "largest error last":
        # A larger error, which is a smaller share, of no extreme.
        values[0, :3], errors[...] = (-100, 100, 1e-3), 0
        errors[0, 2] = 1e-3 * 2.0**-29
        values[0, -1], errors[0, -1] = 50, 50 * 2.0**-31
    if kind == "unknown at the end":
        errors[0, -1] = np.nan
    negatives = np.arange(2, 1502)
    whole, alone = Distribution(), Distribution()
    whole.add(values, errors, Grid(0, np.array([1]), negatives, {}))
    for at in range(1500):
        grid = Grid(0, np.array([1]), negatives[at : at + 1], {})
        alone.add(values[:, at : at + 1], errors[:, at : at + 1], grid)
    assert whole.to_dict() == alone.to_dict()
    known = np.isfinite(errors)
    assert whole.largest_error == errors[known].max()
    assert whole.unknown == np.count_nonzero(~known)


def test_extremes_have_the_error_of_their_first_triple():
    values, errors, grid = one_row([2.0, 1.0, 2.0, 1.0], [0.1, 0.2, 0.3, 0.4])
    made = Distribution()
    made.add(values, errors, grid)
    assert (made.most.error, made.most.triple) == (0.1, (0, 1, 2))
    assert (made.least.error, made.least.triple) == (0.2, (0, 1, 3))
    earlier = Distribution()
    earlier.add(values[:, 2:3], errors[:, 2:3], Grid(0, np.array([1]), np.array([1]), {}))
    made.merge(earlier)
    assert (made.most.error, made.most.triple) == (0.3, (0, 1, 1))
    assert made.largest_error == 0.4


@pytest.mark.parametrize("log", [False, True])
def test_histograms_are_near_those_of_all_values(log):
    values = np.random.default_rng(0).lognormal(size=5000)
    made = distribution(values, np.zeros(5000))
    edges, counts = made.histogram(20, log=log)
    assert len(edges) == 21
    assert (edges[0], edges[-1]) == (values.min(), values.max())
    known = np.histogram(values, edges)[0]
    assert counts.sum() == pytest.approx(5000)
    # Only values in a bin that an edge divides may be elsewhere.
    assert abs(np.cumsum(counts) - np.cumsum(known)).max() < 12
    if log:
        assert np.diff(np.log(edges)) == pytest.approx(np.log(edges[-1] / edges[0]) / 20)


@pytest.mark.parametrize("values", [*ADVERSARIAL, [3.0], [-3.0]])
def test_histograms_of_adversarial_values_lose_none(values):
    edges, counts = distribution(values, np.zeros(len(values))).histogram(7)
    assert counts.sum() == pytest.approx(len(values))
    assert np.isfinite(edges).all()
    assert (np.diff(edges) >= 0).all()


def test_a_logarithmic_histogram_leaves_out_what_is_not_above_zero():
    made = distribution([-1.0, 0.0, 1.0, 4.0], np.zeros(4))
    edges, counts = made.histogram(2, log=True)
    assert edges.tolist() == [1.0, 2.0, 4.0]
    assert counts == pytest.approx([1.0, 1.0])
    with pytest.raises(InvalidValueError, match="above 0"):
        distribution([-1.0], [0.0]).histogram(log=True)
    with pytest.raises(InvalidTypeError, match="bins"):
        made.histogram(2.5)


def test_bytes_are_strict_json_and_do_not_grow_with_triples():
    once, often = summary_of(grids()), summary_of([*grids()] * 30)
    known = json.loads(once.to_bytes(), parse_constant=pytest.fail)
    assert json.dumps(known, sort_keys=True, separators=(",", ":")).encode() == once.to_bytes()
    assert len(often.to_bytes()) < 1.2 * len(once.to_bytes())
    assert often.triples == 30 * once.triples


def test_bins_are_a_bounded_number_whatever_the_values():
    made = Distribution()
    random = np.random.default_rng(0)
    for at in range(1, 40):
        values = random.normal(size=(50, 1000)) * 1e-3
        made.add(values, np.zeros(values.shape), Grid(0, np.arange(at * 50, at * 50 + 50), np.arange(1000), {}))
    # 30 octaves on either side of 0, of 1,024 bins each.
    assert len(made.to_dict()["bins"][0]["counts"]) < 2 * 30 * 1024
    assert made.count == 39 * 50000


def test_an_empty_summary():
    made = empty()
    assert made.triples == 0
    assert made.bounds["one"].verdict is Verdict.VACUOUS
    assert made.bounds["one"].tightest == []
    assert ScanSummary.from_bytes(made.to_bytes()) == made
    full = summary_of(grids())
    before = full.to_bytes()
    full.merge(made)
    assert full.to_bytes() == before
    made.merge(full)
    assert made == full != empty()
    nothing = ScanSummary.empty([], [], np.empty(0, np.int64), [], [])
    assert ScanSummary.from_bytes(nothing.to_bytes()) == nothing


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"bounds": ["one"]}, "bounds"),
        ({"bounds": ["two", "one"]}, "bounds"),
        ({"parameters": []}, "parameters"),
        ({"classes": CLASSES[::-1]}, "classes"),
        ({"classes": CLASSES[:-1], "names": NAMES[:-1]}, "classes"),
        ({"names": NAMES[::-1]}, "names"),
        ({"kinds": ("x", "y", "z")}, "class names"),
        ({"top": 4}, "top"),
        ({"sides": False}, "sides"),
    ],
)
def test_summaries_of_other_things_are_not_merged(other, message):
    with pytest.raises(InvalidValueError, match=f"summary: expected one of the same {message},.*got.*; merge"):
        empty().merge(empty(**other))


def test_what_is_no_summary_is_not_merged_or_read():
    with pytest.raises(InvalidTypeError, match="ScanSummary"):
        empty().merge({})
    with pytest.raises(InvalidValueError, match="one of 10 bits, got one of 6"):
        Distribution(10).merge(Distribution(6))
    with pytest.raises(InvalidValueError, match="version 1, got 0"):
        ScanSummary.from_dict({**empty().to_dict(), "version": 0})
    with pytest.raises(InvalidValueError, match="to_dict"):
        ScanSummary.from_dict({"version": 1})
    with pytest.raises(InvalidValueError, match="to_bytes"):
        ScanSummary.from_bytes(b"{")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"names": NAMES[1:]}, "names: expected one for each of 7"),
        ({"kinds": KINDS[1:]}, "classes: expected positions among 2 class names, got 0 to 2"),
        ({"classes": CLASSES - 1}, "got -1 to 1"),
        ({"classes": CLASSES.astype(float)}, "integers"),
        ({"bounds": ["one", "one"]}, "different names"),
        ({"bounds": "one"}, "different names"),
        ({"top": 0}, "top"),
        ({"top": 2.0}, "top"),
    ],
)
def test_what_does_not_fit_together_is_refused(arguments, message):
    with pytest.raises((InvalidValueError, InvalidTypeError), match=message):
        empty(**arguments)


CODE = np.zeros((1, 2), np.int8)
SIDES = np.ones((1, 2))


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        (Grid(0, np.array([4, 2]), np.array([1]), {}), "ascending"),
        (Grid(0, np.array([2]), np.array([3, 3]), {}), "ascending"),
        (Grid(0, np.array([2]), np.array([1, 7]), {}), "positions of 7 collections, got 0 to 7"),
        (Grid(-1, np.array([2]), np.array([1, 3]), {}), "positions of 7 collections, got -1"),
        (Grid(0, np.array([2]), np.array([1, 3]), {}), r"bounds \['one'\], got \[\]"),
        (Grid(0, np.array([2]), np.array([1, 3]), {"one": GridSides(CODE.T, CODE)}), "shape"),
        (Grid(0, np.array([2]), np.array([1, 3]), {"one": GridSides(CODE, CODE, SIDES)}), "both sides"),
        (Grid(0, np.array([2]), np.array([1, 3]), {"one": GridSides(CODE + 4, CODE)}), "verdicts .* 0 to 3, got 4"),
        (Grid(0, np.array([2]), np.array([1, 3]), {"one": GridSides(CODE, CODE - 1)}), "stages .* 0 to 2, got -1"),
        (
            Grid(0, np.array([2]), np.array([1, 3]), {"one": GridSides(CODE, CODE)}, {"n": (SIDES, SIDES)}),
            "parameters among",
        ),
        (
            Grid(0, np.array([2]), np.array([1, 3]), {"one": GridSides(CODE, CODE)}, {"m": (SIDES, SIDES[:, :1])}),
            "parameter 'm': expected shape",
        ),
    ],
)
def test_a_grid_of_another_kind_changes_nothing(grid, message):
    made = empty(bounds=["one"])
    with pytest.raises(InvalidValueError, match=message):
        made.add(grid)
    assert made == empty(bounds=["one"])


def test_negative_errors_are_refused():
    with pytest.raises(InvalidValueError, match="at least 0"):
        distribution([1.0], [-1.0])


def test_right_sides_below_zero_are_counted():
    known = grids(2, ties=True)
    expected = sum(((grid.bounds["one"].rhs < 0) & (grid.bounds["one"].code != VACUOUS)).sum() for grid in known)
    assert summary_of(known).bounds["one"].negative == expected > 0


def test_a_large_data_set_has_a_heat_map_of_few_cells():
    classes = np.tile(np.arange(40), 30)
    summary = ScanSummary.empty(["one"], [], classes, list(map(str, range(1200))), list(map(str, range(40))))
    found = summary.bounds["one"]
    assert found.heat.shape == (512, 512)
    assert set(summary.heat_cells) == set(range(512))
    assert (np.diff(summary.heat_cells[summary.heat_order]) >= 0).all()
    negatives = np.flatnonzero(classes != 0)
    lhs = np.random.default_rng(0).exponential(size=(2, len(negatives)))
    zero = np.zeros(lhs.shape, np.int8)
    sides = GridSides(zero, zero, lhs, 0 * lhs, np.ones(lhs.shape), 0 * lhs)
    summary.add(Grid(0, np.array([40, 80]), negatives, {"one": sides}))
    for cell in range(512):
        within = summary.heat_cells[negatives] == cell
        assert found.heat[summary.heat_cells[0], cell] == (lhs[:, within].max() if within.any() else -math.inf)
    assert np.isfinite(found.heat).any(axis=1).sum() == 1
