"""A sample of every triple: what is drawn, that verdicts are those of the triples alone, and that limits cover."""

import functools
import itertools
import json
import math
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import beta, binom, chisquare

from boundcheck.errors import InvalidTypeError, InvalidValueError, NormError, TermError, UnequalSizesError
from boundcheck.evaluate import CODES, Verdict
from boundcheck.language import Bound, i, j, k, m, maximum, mean, norm, triplet, w, x, z
from boundcheck.scanning import LabelledPoints, check_triples
from boundcheck.scanning import sampled as module
from boundcheck.scanning.blocks import EveryTriple
from boundcheck.scanning.grids import Stage
from boundcheck.scanning.sampled import SampledBound, SampledShare, Strata, scan_sample
from boundcheck.theorems import KNOWN

FALSE = Bound("false", premises=(triplet(m),), lhs=norm(mean(x) - mean(z)), rhs=0.75 * norm(mean(x) - mean(w)))
NAMES = ("karimov", "chamfer", "hausdorff", "farthest", "variance", "two-sided", "separation", "margin", "spread", "group")  # fmt: skip


def labelled(sizes, per_class, d=3, seed=0, scale=1.0):
    random = np.random.default_rng(seed)
    count = sum(per_class)
    collection = np.repeat(np.arange(count), np.resize(sizes, count))
    classes = np.repeat(np.arange(len(per_class)), per_class)
    centres = 2 * random.normal(size=(count, d)) + classes[:, None]
    points = (random.normal(size=(len(collection), d)) + centres[collection]) * scale
    return LabelledPoints.from_labels(points, collection, classes[collection])


def all_triples(points):
    own = points.classes
    every = itertools.product(range(len(points)), repeat=3)
    return np.array([(a, b, c) for a, b, c in every if a != b and own[a] == own[b] != own[c]])


# ---------------------------------------------------------------------------------------------------------- verdicts


@pytest.mark.parametrize(
    ("sizes", "p", "parameters", "scale"),
    [
        ([4], 2.0, {}, 1.0),
        ([3], 2.0, {m: 1.0}, 1.0),
        ([2, 3, 4], 2.0, {}, 1.0),
        ([1, 2], 2.0, {m: -0.5}, 1.0),
        ([4], 1.0, {}, 1.0),
        ([3, 4], np.inf, {}, 1.0),
        ([4], 2.0, {}, 1e200),
        ([4], 2.0, {}, 1e-200),
    ],
)
def test_verdicts_and_sides_are_those_of_the_triples_alone(sizes, p, parameters, scale):
    points = labelled(sizes, (3, 2, 4), scale=scale)
    parameters = {parameter: value * scale for parameter, value in parameters.items()}
    bounds = [KNOWN[name] for name in NAMES if KNOWN[name].space.admits(p)]
    bounds = [*(bounds if len(sizes) == 1 else [KNOWN["karimov-any-sizes"], *bounds[1:]]), FALSE]
    options = {"norm": p, "parameters": parameters, "seed": 3}
    verdicts = scan_sample(points, bounds=bounds, sample=60, **options)
    measured = scan_sample(points, bounds=bounds, sample=60, sides=True, **options)
    np.testing.assert_array_equal(verdicts.triples, measured.triples)
    stages = np.zeros(3, dtype=int)
    for bound in bounds:
        given = {parameter: value for parameter, value in parameters.items() if parameter in bound.parameters()}
        weights = (lambda _, own: own.new_ones(len(own))) if bound.weights() else None
        alone = check_triples(bound, points, verdicts.triples, norm=p, parameters=given, weights=weights, chain=False)
        own = measured.bounds[bound.name]
        np.testing.assert_array_equal(verdicts.bounds[bound.name].code, own.code)
        # Of a batch of triples, not all that are open there go on to higher precision.
        left = alone.code == CODES.index(Verdict.UNDECIDED)
        np.testing.assert_array_equal(own.code[~left], alone.code[~left])
        assert scale != 1 or not left.any()
        stages += verdicts.bounds[bound.name].stages
        assert not own.stages[Stage.CENTROIDS]
        for side in ("lhs", "rhs"):
            off = getattr(own, f"{side}_error") + getattr(alone, f"{side}_error")
            finite = np.isfinite(off)
            apart = np.abs(getattr(own, side)[finite] - getattr(alone, side)[finite])
            assert (apart <= off[finite]).all()
    assert stages[Stage.CENTROIDS]
    assert stages[Stage.DISTANCES]


@pytest.mark.parametrize("sides", [False, True])
def test_nothing_depends_on_what_is_held_at_once(monkeypatch, sides):
    points = labelled([2, 3], (4, 3, 5))
    options = {"bounds": ["karimov-any-sizes", "chamfer"], "sample": 50, "sides": sides}
    whole = scan_sample(points, **options)
    held, grouped = [], module.Grouped
    monkeypatch.setattr(module, "Grouped", lambda own, *rest: held.append(own.numel()) or grouped(own, *rest))
    monkeypatch.setattr(module, "_HELD", 40)
    monkeypatch.setattr(module, "_COARSE", 2)
    monkeypatch.setattr(module, "_FINE", 1)
    done = []
    again = scan_sample(points, progress=done.append, **options)
    assert sum(done) == len(again.triples)
    # What is copied is of some triples, or of one.
    assert len(held) > 10
    assert max(held) <= 40
    np.testing.assert_array_equal(again.triples, whole.triples)
    for name, one in whole.bounds.items():
        np.testing.assert_array_equal(again.bounds[name].code, one.code)
        np.testing.assert_array_equal(again.bounds[name].stage, one.stage)


def test_ties_go_on_to_higher_precision_as_many_as_are_allowed():
    points = LabelledPoints.from_labels([[0.0], [2.0], [1.0]], [0, 1, 2], [0, 0, 1])
    for allowed, decided in ((None, 30), (1000, 30), (7, 7), (0, 0)):
        found = scan_sample(points, bounds=["karimov"], sample=30, parameters={m: 1.0}, escalate=allowed)
        one = found.bounds["karimov"]
        assert one.counts[Verdict.HOLDS] == one.stages[Stage.HIGHER_PRECISION] == decided
        assert one.counts[Verdict.UNDECIDED] == 30 - decided
        # An undecided triple may hold or fail.
        low, high = one.failing.limits
        assert low == 0
        assert high == pytest.approx(SampledShare(30 - decided, 30 - decided, 30).limits[1])
        assert one.verdict is (Verdict.HOLDS if decided == 30 else Verdict.UNDECIDED)


def test_a_bound_that_no_table_gives_is_read_from_distances():
    odd = Bound(
        "odd",
        lhs=norm(mean(x) - mean(z)),
        rhs=maximum(i, maximum(j, maximum(k, norm(x[i] - z[j] + x[i] - w[k])))),
    )
    points = labelled([3], (3, 3))
    with pytest.raises(TermError, match="check a sample of triples instead"):
        EveryTriple(points, [odd])
    found = scan_sample(points, bounds=[odd], sample=20).bounds["odd"]
    assert found.stages.tolist() == [0, 20, 0]
    np.testing.assert_array_equal(
        found.code, check_triples(odd, points, scan_sample(points, bounds=[odd], sample=20).triples).code
    )


# ------------------------------------------------------------------------------------------------------------- draws


def test_what_is_drawn_are_triples_each_class_by_its_share():
    points = labelled([1], (2, 1, 7, 12, 3))
    found = scan_sample(points, bounds=["karimov"], sample=500)
    own = points.classes[found.triples]
    assert (own[:, 0] == own[:, 1]).all()
    assert (own[:, 0] != own[:, 2]).all()
    assert (found.triples[:, 0] != found.triples[:, 1]).all()
    # The class of one collection has no triples.
    assert found.strata.names == ("0", "2", "3", "4")
    assert found.total == sum(found.strata.triples) == EveryTriple(points, [KNOWN["karimov"]]).count
    assert [points.class_names[number] for number in own[:, 0]] == [found.strata.names[at] for at in found.strata.of]
    drawn = np.bincount(found.strata.of)
    assert (np.abs(drawn - 500 * np.array(found.strata.triples) / found.total) < 2).all()


def test_draws_are_uniform_over_all_triples():
    points = labelled([1], (2, 3, 1, 4))
    every = {tuple(triple): at for at, triple in enumerate(all_triples(points))}
    for strata in ("class", "none"):
        counts = np.zeros(len(every))
        for seed in range(40):
            found = scan_sample(points, bounds=[FALSE], sample=101, seed=seed, strata=strata, escalate=0)
            np.add.at(counts, [every[tuple(triple)] for triple in found.triples], 1)
        assert chisquare(counts).pvalue > 1e-3


def test_pieces_of_the_line_are_cut_exactly():
    drawn = module._Classes(SimpleNamespace(classes=np.repeat([0, 1, 2], [3, 2, 2]), class_names=("a", "b", "c")))
    # Of 24 + 10 + 10 triples, the ends of classes in 4 pieces of 11 are in the third at 2/11, the fourth at 1/11.
    assert drawn.triples == [24, 10, 10]
    part = 1 << 62
    points = [(0, 0), (1, part - 1), (2, 2 * part // 11 - 1), (2, 2 * part // 11), (3, part // 11 - 1), (3, part // 11)]
    pieces, parts = np.array(points).T
    assert drawn._places(pieces, parts, 4).tolist() == [0, 0, 0, 1, 1, 2]


def test_a_seed_gives_the_same_triples_and_another_seed_others():
    points = labelled([1], (3, 4))
    first, same, other = (scan_sample(points, bounds=["karimov"], sample=20, seed=seed).triples for seed in (5, 5, 6))
    np.testing.assert_array_equal(first, same)
    assert (first != other).any()


def test_strata_that_get_too_few_get_further_ones_which_count_for_them_alone():
    points = labelled([2], (2, 2, 30))
    found = scan_sample(points, bounds=[FALSE], sample=40, at_least=5)
    assert (np.bincount(found.strata.of) >= 5).all()
    assert len(found.triples) > found.sample == 40
    one = found.bounds["false"]
    assert sum(one.counts.values()) == one.failing.count == 40
    assert one.by_stratum.sum() == one.stages.sum() == len(found.triples)
    assert one.failing_in(0).count == np.bincount(found.strata.of)[0]
    none = scan_sample(points, bounds=[FALSE], sample=3, at_least=0, seed=1)
    assert len(none.triples) == 3
    assert none.bounds["false"].failing_in(0) is None
    assert none.bounds["false"].failing_by_strata()[1] <= 1
    alike = scan_sample(points, bounds=[FALSE], sample=3, strata="none")
    assert (alike.strata.names, alike.strata.triples) == (("all",), (found.total,))


def test_numbers_of_triples_may_exceed_64_bits():
    drawn = module._Classes(SimpleNamespace(classes=np.arange(4_000_000) % 2, class_names=("a", "b")))
    assert sum(drawn.triples) == 2 * 2_000_000 * 1_999_999 * 2_000_000 > 1 << 63
    triples, of = drawn.draw(np.random.Generator(np.random.PCG64(0)), 100, 1, stratified=True)
    assert np.bincount(of).tolist() == [50, 50]
    assert (triples[:, :2] % 2 == of[:, None]).all()
    assert (triples[:, 2] % 2 != of).all()


# ------------------------------------------------------------------------------------------------------------ limits


def tails(probabilities):
    """Return P(S = k) for a sum of independent events."""
    found = np.ones(1)
    for p in probabilities:
        found = np.convolve(found, [1 - p, p])
    return found


@functools.cache
def limits_of(upper, n, error):
    return np.array([upper(k, n, error) for k in range(n + 1)])


def missed(probabilities, error, upper):
    """Return how often a limit is on the wrong side of the mean."""
    wrong = limits_of(upper, len(probabilities), error) < np.mean(probabilities) - 1e-13
    return tails(probabilities)[wrong].sum()


def mirrored(k, n, error):
    return 1 - module._at_least(n - k, n, error)


# What makes tails heaviest, by Hoeffding: some that are sure, some that are not, the others alike. And anything else.
def hard_cases():
    random = np.random.default_rng(0)
    for n in (1, 2, 3, 5, 8, 13):
        for zeros, ones in itertools.product(range(n), range(n)):
            if zeros + ones < n:
                for a in [
                    *np.linspace(0.001, 0.999, 40),
                    *np.geomspace(1e-4, 0.1, 25),
                    *(1 - np.geomspace(1e-4, 0.1, 25)),
                ]:
                    yield [0.0] * zeros + [1.0] * ones + [float(a)] * (n - zeros - ones)
        for _ in range(300):
            yield random.beta(*random.choice([0.2, 1, 5], 2), size=n).tolist()


def test_limits_cover_whatever_the_probabilities_of_the_draws_are():
    for probabilities in hard_cases():
        for error in (0.01, 0.05, 0.25):
            assert missed(probabilities, error, module._at_most) <= error * (1 + 1e-9)
            assert missed(probabilities, error, mirrored) <= error * (1 + 1e-9)


def test_clopper_and_pearson_without_its_ends_moved_would_not_cover():
    def plain(k, n, error):
        return 1.0 if k == n else float(beta.isf(error, k + 1, n - k))

    assert missed([1.0, 1 - 0.0506], 0.05, plain) > 0.05
    assert missed([1.0, 1 - 0.0506], 0.05, module._at_most) <= 0.05


def test_no_failure_in_n_has_the_exact_limit():
    for n in (1, 2, 100, 10**6):
        for confidence in (0.9, 0.95, 0.999):
            share = SampledShare(0, 0, n, confidence)
            assert share.at_most == pytest.approx(1 - (1 - confidence) ** (1 / n), rel=1e-9)
            assert share.limits == (0.0, pytest.approx(1 - ((1 - confidence) / 2) ** (1 / n), rel=1e-9))
            full = SampledShare(n, n, n, confidence)
            assert full.at_least == pytest.approx((1 - confidence) ** (1 / n))
            assert full.at_most == 1
    # Limits grow with the count, and are those of the binomial in between.
    limits = [SampledShare(k, k, 20).limits for k in range(21)]
    assert limits == sorted(limits)
    assert binom.cdf(7, 20, limits[7][1]) == pytest.approx(0.025)
    # No confidence below 3/4 is put to use.
    assert SampledShare(0, 0, 10, 0.3).at_most == SampledShare(0, 0, 10, 0.75).at_most


def false_share(points):
    triples = all_triples(points)
    code = check_triples(FALSE, points, triples, chain=False).code
    return triples, code == CODES.index(Verdict.FAILS)


def test_limits_cover_the_share_of_all_triples_in_samples():
    # Strata from 2 to 300 triples, that fail from never to always: the allocation is never in whole numbers.
    points = labelled([1], (2, 5, 3, 9, 1), seed=2)
    triples, fails = false_share(points)
    table = {tuple(triple): fail for triple, fail in zip(triples, fails, strict=True)}
    share = fails.mean()
    assert 0.2 < share < 0.8
    drawn = module._Classes(points)
    out, out_strata, estimates = np.zeros(2), np.zeros(2), []
    for seed in range(800):
        random = np.random.Generator(np.random.PCG64(seed))
        found, of = drawn.draw(random, 23, 2, stratified=True)
        code = np.array([table[tuple(triple)] for triple in found], dtype=np.int8)
        strata = Strata(drawn.names, tuple(drawn.triples), of, 23)
        one = SampledBound(FALSE, strata, code, np.zeros_like(code), confidence=0.8)
        low, high = one.failing.limits
        out += low > share, high < share
        if seed % 5 == 0:
            low, high = one.failing_by_strata()
            out_strata += low > share, high < share
        estimates.append(code[:23].mean())
    # 800 draws of 0.1 at most, and 160 of 0.2 at most.
    assert (out <= binom.isf(1e-4, 800, 0.1)).all()
    assert out_strata.sum() <= binom.isf(1e-4, 160, 0.2)
    assert abs(np.mean(estimates) - share) < 4 * np.std(estimates) / math.sqrt(800)
    # Less spread than independent draws have.
    assert np.std(estimates) < math.sqrt(share * (1 - share) / 23)


def test_limits_by_strata_are_tighter_where_failures_are_in_few():
    of = np.repeat([0, 1], 500)
    strata = Strata(("a", "b"), (10, 10), of, 1000)
    code = np.where(of == 0, CODES.index(Verdict.FAILS), CODES.index(Verdict.HOLDS)).astype(np.int8)
    one = SampledBound(FALSE, strata, code, code)
    low, high = one.failing_by_strata()
    assert 0.49 < low < 0.5 < high < 0.51
    low, high = one.failing.limits
    assert low < 0.48
    assert high > 0.52
    assert one.failing_in(0).limits[1] == 1
    # What is undecided may be either.
    code = np.where(of == 0, CODES.index(Verdict.UNDECIDED), CODES.index(Verdict.HOLDS)).astype(np.int8)
    one = SampledBound(FALSE, strata, code, code)
    assert one.failing.limits == (0.0, pytest.approx(SampledShare(500, 500, 1000).limits[1]))
    assert one.failing_by_strata()[0] == 0
    assert one.failing_by_strata()[1] > 0.5
    assert one.verdict is Verdict.UNDECIDED


# --------------------------------------------------------------------------------------------------------- tightness


def test_the_median_is_covered_and_its_limits_are_order_statistics():
    points = labelled([2], (2, 6, 9), seed=1)
    triples = all_triples(points)
    median = np.quantile(check_triples(FALSE, points, triples, chain=False).tightness, 0.5, method="inverted_cdf")
    out = 0
    for seed in range(60):
        one = scan_sample(points, bounds=[FALSE], sample=40, seed=seed, sides=True, confidence=0.8).bounds["false"]
        typical = one.median_tightness()
        assert (typical.count, typical.confidence) == (40, 0.8)
        assert typical.low <= typical.value <= typical.high
        out += not typical.low <= median <= typical.high
    assert out <= binom.isf(1e-4, 60, 0.2)
    assert scan_sample(points, bounds=[FALSE], sample=40).bounds["false"].median_tightness() is None


def with_sides(lhs, rhs, bound=FALSE, error=0.0, code=None):
    lhs, rhs = np.array(lhs, dtype=float), np.array(rhs, dtype=float)
    zero = np.zeros(len(lhs))
    strata = Strata(("all",), (9,), np.zeros(len(lhs), dtype=np.int64), len(lhs))
    code = np.zeros(len(lhs), dtype=np.int8) if code is None else np.array(code, dtype=np.int8)
    return SampledBound(bound, strata, code, code * 0, 0.95, lhs, zero + error, rhs, zero + error)


def test_a_tightness_that_is_not_known_may_be_anywhere():
    low, high = with_sides([1, 0, 1, np.nan, -1, 1], [2, 0, -1, 1, 2, np.inf]).tightness()
    assert low[0] < 0.5 < high[0]
    assert high[0] - low[0] < 1e-15
    assert low[4] < -0.5 < high[4]
    assert (low[[1, 2, 3, 5]] == -np.inf).all()
    assert (high[[1, 2, 3, 5]] == np.inf).all()
    low, high = with_sides([1, 1], [2, 0.1], error=0.25).tightness()
    assert low[0] < 0.75 / 2.25 < 1.25 / 1.75 < high[0]
    assert (low[1], high[1]) == (-np.inf, np.inf)
    # One of twenty: limits are those of the ends.
    few = with_sides(np.arange(1.0, 21), np.full(20, 20.0), code=[CODES.index(Verdict.VACUOUS)] + [0] * 19)
    typical = few.median_tightness()
    assert typical.low == pytest.approx(0.3)
    assert typical.high == pytest.approx(0.8)
    assert with_sides([0.0], [0.0]).median_tightness() is None


def test_the_tightness_of_squares_is_the_root():
    low, high = with_sides([1.0, 0.0], [4.0, 4.0], KNOWN["variance"]).tightness()
    assert low[0] < 0.5 < high[0]
    assert low[1] <= 0 <= high[1] < 1e-150


# ------------------------------------------------------------------------------------------------------------- shared


def test_everything_is_there_as_json():
    points = labelled([2], (3, 4))
    found = scan_sample(
        points.points, points.classes[np.repeat(range(7), 2)], np.repeat(range(7), 2), sample=10, sides=True
    )
    known = json.loads(json.dumps(found.to_dict()))
    assert (known["sample"], known["triples"], known["norm"]) == (10, found.total, 2.0)
    one = known["bounds"]["karimov"]
    assert one["verdict"] == found.verdict.value == "holds"
    assert one["counts"] == {"holds": 10, "fails": 0, "undecided": 0, "vacuous": 0}
    assert one["failing"]["at_most"] == pytest.approx(1 - 0.05**0.1)
    assert sum(sum(row.values()) for row in one["strata"].values()) == known["drawn"]
    assert set(one["median_tightness"]) == {"value", "low", "high", "count", "level", "confidence"}
    vacuous = scan_sample(points, bounds=["karimov"], sample=10, parameters={m: -99.0}, sides=True)
    assert vacuous.verdict is Verdict.VACUOUS
    assert vacuous.to_dict()["bounds"]["karimov"]["median_tightness"] is None


def test_what_is_wrong_is_said():
    points = labelled([2], (3, 4))
    for options, kind, message in (
        ({"sample": 0}, InvalidValueError, r"sample: expected an integer in \[1, ∞\), got 0"),
        ({"sample": 2.0}, InvalidTypeError, "sample: expected an integer"),
        ({"sample": True}, InvalidTypeError, "sample: expected an integer"),
        ({"seed": -1}, InvalidValueError, "seed: expected an integer"),
        ({"at_least": -1}, InvalidValueError, "at_least: expected an integer"),
        ({"escalate": -1}, InvalidValueError, "escalate: expected an integer"),
        ({"confidence": 1.0}, InvalidValueError, r"confidence: expected a number in \(0, 1\), got 1"),
        ({"confidence": "0.9"}, InvalidTypeError, "confidence: expected a number"),
        ({"strata": "pairs"}, InvalidValueError, "strata: expected 'class' or 'none', got 'pairs'"),
        (
            {"sample": 1},
            InvalidValueError,
            "sample: expected at least 1 for each of 2 strata, got 1; draw more, or pass at_le",
        ),
        ({"bounds": []}, InvalidValueError, "bounds: expected one or more"),
        ({"bounds": ["karimov"] * 2}, InvalidValueError, "bounds: expected one or more of different names"),
        ({"bounds": [3]}, InvalidTypeError, "bounds: expected Bounds, got 3"),
        ({"classes": [0]}, InvalidTypeError, "none beside LabelledPoints"),
        ({"norm": 3.0, "bounds": ["variance"]}, NormError, "norm"),
    ):
        with pytest.raises(kind, match=message):
            scan_sample(points, **{"sample": 10, "bounds": ["karimov"], **options})
    with pytest.raises(UnequalSizesError):
        scan_sample(labelled([2, 3], (3, 4)), bounds=["karimov"], sample=10)
    with pytest.raises(InvalidTypeError, match="a label of each"):
        scan_sample(points.points, sample=10)
    with pytest.raises(InvalidValueError, match="two classes, one of them with two collections"):
        scan_sample(labelled([2], (3,)), bounds=["karimov"], sample=10)
    for counts, message in (
        ((-1, 0, 5), r"least: expected an integer in \[0, ∞\), got -1"),
        ((2, 1, 5), "0 ≤ least ≤ most ≤ count"),
        ((0, 6, 5), "0 ≤ least ≤ most ≤ count"),
        ((0, 0, 0), "0 ≤ least ≤ most ≤ count"),
    ):
        with pytest.raises(InvalidValueError, match=message):
            SampledShare(*counts)
    with pytest.raises(InvalidTypeError, match="least: expected an integer"):
        SampledShare(0.5, 1, 5)
