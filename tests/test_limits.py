"""Limits of shares, means and quantiles: those of scipy, and honest where draws are undecided or alike."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from boundcheck.errors import BoundcheckError, InvalidTypeError, InvalidValueError
from boundcheck.language import Bound, distance, i, k, mean, norm, w, x, z
from boundcheck.limits import (
    ClusteredMean,
    ClusteredShare,
    EnclosedShare,
    Share,
    clopper_pearson,
    clustered,
    quantile,
    quantile_of_ends,
)
from boundcheck.scanning import LabelledPoints, check_triples, sample_triples


@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.999])
def test_clopper_and_pearson_are_those_of_scipy(confidence):
    random = np.random.default_rng(0)
    for count in [1, 2, 3, 20, 1000, 100_000]:
        for successes in {0, 1, count, count - 1, int(random.integers(count + 1))}:
            known = binomtest(successes, count).proportion_ci(confidence, method="exact")
            assert Share(successes, count, confidence).limits == pytest.approx((known.low, known.high), abs=1e-10)


def test_many_shares_at_once():
    low, high = clopper_pearson([0, 3, 10, 0], [10, 10, 10, 0], 0.025)
    assert (low[1], high[1]) == pytest.approx(Share(3, 10).limits)
    assert (low[0], high[2]) == (0, 1)
    # Of no draws nothing is known.
    assert (low[3], high[3]) == (0, 1)


@pytest.mark.parametrize("share", [Share, lambda *given: EnclosedShare(given[0], 0, *given[1:])])
@pytest.mark.parametrize(
    ("given", "error"),
    [
        ((0.5, 2), InvalidTypeError),
        ((True, 2), InvalidTypeError),
        ((1, "2"), InvalidTypeError),
        ((-1, 2), InvalidValueError),
        ((3, 2), InvalidValueError),
        ((0, 0), InvalidValueError),
        ((1, 2, 1.0), InvalidValueError),
        ((1, 2, 0), InvalidValueError),
        ((1, 2, "most"), InvalidTypeError),
    ],
)
def test_no_share_of_such_counts(share, given, error):
    with pytest.raises(error):
        share(*given)


def test_an_undecided_draw_counts_for_neither_side():
    share = EnclosedShare(640, 9360, 10_000)
    assert share.limits == (Share(640, 10_000).limits[0], 1.0)
    assert str(share) == "6.4% to 100.0% [5.9%, 100.0%]"
    assert share.to_dict()["undecided"] == 9360
    with pytest.raises(InvalidValueError, match=r"successes \+ undecided"):
        EnclosedShare(3, 2, 4)


def test_the_failing_share_allows_for_the_undecided():
    """The bound fails on every triple; most of them are too near to an equality for what is tried."""
    points = np.random.default_rng(0).normal(size=(240, 4))
    data = LabelledPoints.from_labels(points, np.arange(240) // 3, np.arange(240) // 30)
    gap = norm(mean(x) - mean(z))
    near = Bound("near", lhs=(1 + Fraction(1, 2**60)) * gap + 0 * mean((i, k), distance(x[i], w[k])), rhs=gap)
    found = check_triples(near, data, sample_triples(data, 600, seed=1), chain=False)
    share = found.failing()
    assert share.undecided > 0
    assert share.successes > 0
    assert share.limits[1] == 1
    assert share.limits[0] == Share(share.successes, 600).limits[0]
    assert found.summary()["failing"]["high"] == 1


def test_a_median_allows_for_what_is_not_known():
    low = np.array([1.0, 2.0, 3.0, -np.inf, -np.inf, -np.inf] * 20)
    high = np.where(np.isinf(low), np.inf, low)
    found = quantile_of_ends(low, high)
    assert found.value == 2
    assert (found.low, found.high) == (-math.inf, math.inf)
    assert found.count == 120
    few = quantile_of_ends(np.append(low[:3].repeat(40), -np.inf), np.append(high[:3].repeat(40), np.inf))
    assert (few.low, few.high) == (2, 2)
    assert quantile_of_ends(low[3:6], high[3:6]) is None


@given(
    st.lists(st.floats(allow_nan=False, width=16), min_size=1, max_size=60),
    st.floats(0.01, 0.99),
    st.sampled_from([0.5, 0.9, 0.99]),
)
def test_order_statistics_miss_as_seldom_as_they_say(sample, level, confidence):
    found = quantile(sample, level, confidence=confidence)
    values, n = sorted(sample), len(sample)
    # Below the r-th smallest with probability P(Binomial(n, level) < r).
    if found.low > -math.inf:
        last = max(r for r in range(1, n + 1) if binom.cdf(r - 1, n, level) <= (1 - confidence) / 2)
        assert found.low == values[last - 1]
    if found.high < math.inf:
        first = min(r for r in range(1, n + 1) if binom.sf(r - 1, n, level) <= (1 - confidence) / 2)
        assert found.high == values[first - 1]


def test_a_sample_comes_in_by_the_one_way_for_numbers():
    with pytest.raises(InvalidValueError, match=r"sample: .*a masked array \(first masked for entry 1\)"):
        quantile(np.ma.array([1.0, 2.0], mask=[0, 1]))
    with pytest.raises(InvalidValueError, match=r"sample: .*9007199254740993 for entry 0"):
        quantile([2**53 + 1, 0.5])


@pytest.mark.parametrize("sample", [[], [math.nan], [1.0, math.nan]])
def test_no_quantile_of_nothing(sample):
    with pytest.raises(InvalidValueError):
        quantile(sample or np.empty(0))


# -------------------------------------------------------------------------------------------------------- clusters


def drawn(random, clusters, share, correlation):
    """Draw clusters of unequal sizes whose own shares vary: successes and counts."""
    counts = random.integers(14, 56, clusters) * 20
    own = random.beta(share * (1 - correlation) / correlation, (1 - share) * (1 - correlation) / correlation, clusters)
    return random.binomial(counts, own), counts


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
@pytest.mark.parametrize("correlation", [0.01, 0.05, 0.2])
def test_limits_of_twenty_clusters_cover_as_often_as_they_say(share, correlation):
    random, runs = np.random.default_rng(0), 600
    found = [drawn(random, 20, share, correlation) for _ in range(runs)]
    limits = [clustered(successes, successes, counts, 0.95) for successes, counts in found]
    covered = sum(low <= share <= high for low, high in limits)
    # 0.95 of 600 is 570 ± 5.3; below 0.92 once in a thousand.
    assert covered >= 0.92 * runs
    # Narrow limits cover too seldom: as of independent draws, which these are not.
    alone = [Share(int(successes.sum()), int(counts.sum())).limits for successes, counts in found[:200]]
    assert sum(low <= share <= high for low, high in alone) < 0.65 * 200


def test_independent_draws_get_the_limits_of_independent_draws():
    random = np.random.default_rng(1)
    successes = random.random(5000) < 0.3
    low, high = ClusteredShare.of(successes, np.arange(5000)).limits
    alone = Share(int(successes.sum()), 5000).limits
    assert (low, high) == pytest.approx(alone, rel=1e-3)


def test_what_shows_no_spread_counts_clusters():
    for successes, counts, same in [((500, 300), (500, 300), (2, 2)), ((0,) * 20, (100,) * 20, (0, 20))]:
        assert ClusteredShare(successes, counts).limits == Share(*same).limits
    assert ClusteredShare((3,), (5,)).limits == (0, 1)
    # Alike to the last draw: no more than all draws tell.
    low, high = ClusteredShare((50,) * 20, (100,) * 20).limits
    assert low <= Share(1000, 2000).limits[0]
    assert high >= Share(1000, 2000).limits[1]


def test_undecided_draws_of_clusters():
    share = ClusteredShare((5, 8, 3, 6), (10,) * 4, undecided_by_cluster=(0, 1, 0, 2))
    # Whichever they are, of every cluster, the limits are within.
    for first, last in [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]:
        low, high = ClusteredShare((5, 8 + first, 3, 6 + last), (10,) * 4).limits
        assert share.limits[0] <= low
        assert high <= share.limits[1]
    assert (share.at_least.value, share.at_most.value) == (22 / 40, 25 / 40)
    assert str(share).startswith("55.0% to 62.5% [")
    known = share.to_dict()
    assert (known["successes"], known["undecided"], known["count"], known["clusters"]) == (22, 3, 40, 4)


def test_counting_by_cluster():
    clusters = np.array(["a", "b", "a", "c", "b", "a"])
    sure = np.array([True, False, False, True, True, True])
    either = np.array([True, True, False, True, True, True])
    assert ClusteredShare.of(sure, clusters) == ClusteredShare((2, 1, 1), (3, 2, 1))
    assert ClusteredShare.of(sure, clusters, 0.9, either) == ClusteredShare((2, 1, 1), (3, 2, 1), 0.9, (0, 1, 0))
    assert len(ClusteredShare.of(sure, clusters)) == 3
    assert ClusteredShare((9, 0), (10, 10)).design_effect > 5


def test_means_of_clusters():
    successes, counts = (30, 50, 80), (100, 90, 100)
    of_shares, of_means = ClusteredShare(successes, counts), ClusteredMean(successes, successes, counts)
    assert of_means.limits == of_shares.limits
    assert of_means.lowest == of_means.highest == of_shares.value
    wider = ClusteredMean(successes, (31.5, 50, 80), counts)
    assert wider.limits[0] < of_means.limits[0] < of_means.limits[1] < wider.limits[1]
    assert str(wider).startswith("0.552 to 0.557 [")
    assert wider.to_dict()["clusters"] == 3


@pytest.mark.parametrize(
    "make",
    [
        lambda: ClusteredShare((), ()),
        lambda: ClusteredShare((1, 2), (3,)),
        lambda: ClusteredShare((4,), (3,)),
        lambda: ClusteredShare((1,), (3,), undecided_by_cluster=(3,)),
        lambda: ClusteredShare((0,), (0,)),
        lambda: ClusteredMean((), (), ()),
        lambda: ClusteredMean((0.5,), (0.4,), (1,)),
        lambda: ClusteredMean((0.5,), (1.4,), (1,)),
        lambda: ClusteredMean((0.5,), (0.5,), (1,), 1.5),
    ],
)
def test_no_clusters_of_such_counts(make):
    with pytest.raises(BoundcheckError):
        make()
