"""Triplets of new classes: shares and margins against every triplet of small data, and limits by simulation."""

import itertools
import json
import math
from fractions import Fraction

import exact_distances
import numpy as np
import pytest

from boundcheck.errors import DimensionMismatchError, InvalidTypeError, InvalidValueError, NonFiniteError
from boundcheck.limits import EnclosedShare
from boundcheck.scanning import LabelledPoints, new_classes
from boundcheck.scanning.new_classes import by_class, compare, margin_for, triplets_above


def labelled(collections):
    """Make collections, each given as (class, rows), into labelled points whose rows are in no order of theirs."""
    points = np.concatenate([np.asarray(rows, dtype=float).reshape(len(rows), -1) for _, rows in collections])
    collection = np.repeat(np.arange(len(collections)), [len(rows) for _, rows in collections])
    classes = np.array([number for number, _ in collections])[collection]
    order = np.random.default_rng(1).permutation(len(points))
    return LabelledPoints.from_labels(points[order], collection[order], classes[order])


def random_points(classes=5, per_class=(1, 2, 4), sizes=(1, 3, 5), d=2, seed=0, scale=1.0):
    random = np.random.default_rng(seed)
    kinds = itertools.cycle(sizes)
    made = []
    for number in range(classes):
        centre = 3 * random.normal(size=d)
        for _ in range(per_class[number % len(per_class)]):
            own = centre + random.normal(size=d)
            made.append((number, scale * (own + random.normal(size=(next(kinds), d)))))
    return labelled(made)


def population(points):
    """Return every difference and its probability, by the draw that `triplets_above` states."""
    classes = points.classes
    positions = range(len(points))
    pairs = [(a, b) for a in positions for b in positions if a != b and classes[a] == classes[b]]
    anchors = {a for a, _ in pairs}
    siblings = {a: sum(1 for first, _ in pairs if first == a) for a in anchors}
    values, weights = [], []
    for a, b in pairs:
        others = [c for c in positions if classes[c] != classes[a]]
        for c in others:
            rows = [points.members[position] for position in (a, b, c)]
            x, z, w = (points.points[some] for some in rows)
            near = np.linalg.norm(x[:, None] - z[None], axis=2)
            far = np.linalg.norm(x[:, None] - w[None], axis=2)
            found = near[:, :, None] - far[:, None, :]
            values.append(found.ravel())
            weights.append(np.full(found.size, 1 / (len(anchors) * siblings[a] * len(others) * found.size)))
    return np.concatenate(values), np.concatenate(weights)


@pytest.mark.parametrize("scale", [1.0, 1e200, 1e-200])
def test_the_share_is_that_of_all_triplets(scale):
    points = random_points(scale=scale)
    values, weights = population(random_points())
    assert weights.sum() == pytest.approx(1)
    draws = 40_000
    for number, m in enumerate((-3.0, -1.0, 0.0, 1.0)):
        found = triplets_above(points, m * scale, draws=draws, seed=number, confidence=0.999)
        exact = weights[values > m].sum()
        low, high = found.limits
        assert 0.02 < exact < 0.98
        assert low < exact < high
        assert high - low < 0.02
        assert found.count == draws
        assert not found.undecided


def test_differences_are_enclosed():
    random = np.random.default_rng(3)
    offset = np.array([1e6, -3.0, 0.25])
    points = random_points(d=3, seed=4)
    points = LabelledPoints(points.points + offset, points.members, points.classes, points.names, points.class_names)
    rows = random.integers(0, len(points.points), (200, 3))
    rows[:10, 1] = rows[:10, 0]
    lower, upper = new_classes._differences(points, rows)
    assert (upper - lower <= 1e-8).all()
    for (a, b, c), low, high in zip(rows, lower, upper, strict=True):
        found, e = exact_distances.distances(points.points[[a]], points.points[[b, c]])
        difference = Fraction(int(found[0, 0] - found[0, 1])) * Fraction(2) ** e
        assert Fraction(low) < difference < Fraction(high)


def test_batches_are_put_together(monkeypatch):
    points = random_points()
    rows = np.random.default_rng(0).integers(0, len(points.points), (50, 3))
    whole = new_classes._differences(points, rows)
    monkeypatch.setattr(new_classes, "_COORDINATES", 14)
    np.testing.assert_allclose(new_classes._differences(points, rows), whole, rtol=0, atol=1e-13)


def test_triplets_are_of_two_collections_of_one_class_and_one_of_another():
    points = random_points()
    triples = new_classes.sample_triples(points, 500)
    rows = new_classes._objects(points, triples, np.random.default_rng(0))
    for triple, objects in zip(triples, rows, strict=True):
        assert all(row in points.members[position] for position, row in zip(triple, objects, strict=True))
    assert {int(row) for row in rows.ravel()} == set(range(len(points.points)))


def test_objects_are_drawn_apart_from_their_collections(monkeypatch):
    # From one stream, which object it is might go with which collection.
    points, seen = random_points(), []

    def recorded(labelled, triples, random):
        seen.append(random.bit_generator.state["state"])
        return np.zeros((len(triples), 3), dtype=np.int64)

    monkeypatch.setattr(new_classes, "_objects", recorded)
    new_classes._sampled(points, 5, 7)
    new_classes._sampled(points, 5, 8)
    assert seen[0] != seen[1]
    assert all(state != np.random.default_rng(seed).bit_generator.state["state"] for state in seen for seed in (7, 8))


# The one triplet of anchors 0, positive 2, negative 1 and that from the other side are both above by exactly 1.
TIE = [(0, [0]), (0, [2]), (1, [1])]


@pytest.mark.parametrize(("m", "successes", "undecided"), [(0.5, 100, 0), (1.0, 0, 100), (1.5, 0, 0), (-1, 100, 0)])
def test_a_tie_counts_as_above_and_is_told(m, successes, undecided):
    found = triplets_above(labelled(TIE), m, draws=100)
    assert (found.successes, found.undecided, found.count) == (successes, undecided, 100)
    assert found.at_most.value == (successes + undecided) / 100
    low, high = found.limits
    assert (low < 0.05) == (successes == 0)
    assert (high > 0.95) == (successes + undecided == 100)


def test_the_same_seed_draws_the_same():
    points = random_points()
    one, again, other = (triplets_above(points, 0.0, draws=1000, seed=seed) for seed in (0, 0, 1))
    assert one == again != other


def test_the_enclosed_share_is_plain():
    found = EnclosedShare.of(np.array([True, False, False, False]), np.array([True, True, True, False]), 0.9)
    assert (found.successes, found.undecided, found.count) == (1, 2, 4)
    assert found.limits == (found.at_least.limits[0], found.at_most.limits[1])
    shown = found.to_dict()
    assert shown["share"] == [0.25, 0.75]
    assert (shown["low"], shown["high"], shown["confidence"]) == (*found.limits, 0.9)
    assert str(found).startswith("25.0% to 75.0% [")
    assert str(EnclosedShare(1, 0, 4)).startswith("25.0% [")
    json.dumps(shown)
    for wrong in ((0, -1, 4), (5, 0, 4), (3, 2, 4), (-1, 1, 4), (0, 0, 0)):
        with pytest.raises(InvalidValueError):
            EnclosedShare(*wrong)


def exact_rank(n, epsilon, delta):
    """Return the least r with P(Binomial(n, 1 − ε) ≥ r) ≤ δ, in fractions."""
    held, tail, r = 1 - Fraction(epsilon), Fraction(0), n + 1
    while r > 0:
        more = math.comb(n, r - 1) * held ** (r - 1) * (1 - held) ** (n - r + 1)
        if tail + more > Fraction(delta):
            break
        tail, r = tail + more, r - 1
    return r if r <= n else None


@pytest.mark.parametrize("epsilon", [0.5, 0.1, 0.3, 0.01, 0.9])
@pytest.mark.parametrize("delta", [0.45, 0.05, 0.001, 0.9])
def test_the_rank_is_the_least(epsilon, delta):
    for n in [*range(1, 30), 77, 150]:
        assert new_classes._rank(n, epsilon, delta) == exact_rank(n, epsilon, delta), n
    needed = new_classes._draws_needed(epsilon, delta)
    assert exact_rank(needed, epsilon, delta) == needed
    assert needed == 1 or exact_rank(needed - 1, epsilon, delta) is None


def test_known_numbers_of_draws():
    # A half to the fifth is 1 in 32.
    assert new_classes._draws_needed(0.5, 1.001 / 32) == 5
    assert new_classes._draws_needed(0.01, 0.05) == 299


@pytest.mark.parametrize("epsilon", [1e-16, 1e-20, 1e-300, 5e-324])
def test_shares_that_no_draws_are_enough_for_are_said(epsilon):
    assert new_classes._draws_needed(epsilon, 0.05) == pytest.approx(
        min(2.995732273553991 / epsilon, 1.797e308), rel=1e-3
    )
    assert new_classes._in_digits(new_classes._draws_needed(1e-20, 0.05)) == "3e+20"
    assert new_classes._rank(299, 0.01, 0.05) == 299


def test_the_margin_holds_as_often_as_it_says():
    points = random_points(classes=6, per_class=(3,), sizes=(3,), seed=2)
    values, weights = population(points)
    epsilon, delta, trials = 0.2, 0.1, 1000
    missed = [
        weights[values > margin_for(points, epsilon, delta=delta, draws=40, seed=seed).m].sum() > epsilon
        for seed in range(trials)
    ]
    # The rank is the least, so it fails nearly as often as is allowed, and no more often.
    allowed = exact_rank(40, epsilon, delta)
    expected = sum(math.comb(40, k) * 0.8**k * 0.2 ** (40 - k) for k in range(allowed, 41))
    off = 4 * math.sqrt(expected * (1 - expected) / trials)
    assert expected <= delta
    assert abs(np.mean(missed) - expected) < off
    assert np.mean(missed) < delta


def test_the_margin_is_the_order_statistic_rounded_up():
    points = random_points()
    found = margin_for(points, 0.1, delta=0.05, draws=500, seed=3)
    lower, upper = new_classes._sampled(points, 500, 3)
    assert found.rank == exact_rank(500, 0.1, 0.05)
    assert found.m == np.sort(upper)[found.rank - 1] > np.sort(lower)[found.rank - 1]
    assert triplets_above(points, found.m, draws=500, seed=3).at_most.successes == 500 - found.rank
    assert found.to_dict() == {"m": found.m, "epsilon": 0.1, "delta": 0.05, "rank": found.rank, "count": 500}
    assert str(found) == f"m = {found.m:.4g} holds for at least 90% of triplets, with confidence 95%"


def test_too_small_a_sample_says_how_many_are_needed():
    points = random_points()
    with pytest.raises(InvalidValueError, match=r"draws: expected at least 299, for epsilon = 0\.01 .*got 298"):
        margin_for(points, 0.01, delta=0.05, draws=298)
    assert margin_for(points, 0.01, delta=0.05, draws=299).rank == 299


def test_a_margin_beyond_the_floats_is_refused():
    points = labelled([(0, [-1.7e308]), (0, [1.7e308]), (1, [0.0])])
    with pytest.raises(NonFiniteError, match="scale them down"):
        margin_for(points, 0.5, delta=0.5, draws=10)
    # And what is not known is counted as above.
    assert triplets_above(points, 0.0, draws=10).at_most.value == 1


def brute_largest(points, own, others):
    return max(
        np.linalg.norm(x - z) - np.linalg.norm(x - w)
        for a in own
        for b in own
        if a != b
        for c in others
        for x in points.points[points.members[a]]
        for z in points.points[points.members[b]]
        for w in points.points[points.members[c]]
    )


def test_the_largest_difference_of_two_classes():
    for seed in range(5):
        points = random_points(classes=4, per_class=(2, 3), sizes=(1, 2, 3), seed=seed)
        for a, b in itertools.permutations(range(4), 2):
            own, others = np.flatnonzero(points.classes == a), np.flatnonzero(points.classes == b)
            low, high = new_classes._largest_difference(points, own, others)
            exact = brute_largest(points, own, others)
            assert low <= exact + 1e-12
            assert exact - 1e-12 <= high
            assert low < high <= low + 1e-10


def test_pairs_share_no_class_and_anchors_have_siblings():
    points = random_points(classes=9, per_class=(1, 2, 3))
    seen = set()
    for seed in range(40):
        pairs = new_classes._paired(points, np.random.default_rng(seed))
        used = []
        for own, others in pairs:
            assert len(own) >= 2
            for part in (own, others):
                (number,) = set(points.classes[part])
                assert len(part) == np.count_nonzero(points.classes == number)
                used.append(number)
            seen.add((points.classes[own[0]], points.classes[others[0]]))
        assert len(set(used)) == len(used) <= 8
    # Whichever can have anchors has them in some shuffle.
    assert {first for first, _ in seen} == {1, 2, 4, 5, 7, 8}
    assert {second for _, second in seen} == set(range(9))


def test_the_class_that_can_has_the_anchors():
    points = labelled([(0, [0]), (1, [1]), (1, [2])])
    for seed in range(10):
        ((own, others),) = new_classes._paired(points, np.random.default_rng(seed))
        assert (list(own), list(others)) == ([1, 2], [0])


def test_pairs_are_counted_by_their_largest_difference():
    points = random_points(classes=8, per_class=(2, 1), sizes=(1, 2), seed=5)
    for seed, m in itertools.product(range(5), (-1.5, 0.0, 1.0)):
        found = by_class(points, m, seed=seed)
        pairs = new_classes._paired(points, np.random.default_rng(seed))
        above = sum(brute_largest(points, own, others) > m for own, others in pairs)
        assert (found.any_above.successes, found.any_above.undecided) == (above, 0)
        assert found.any_above.count == found.one_each.count == len(pairs)
        assert found.one_each.successes <= above


def test_a_tie_of_a_pair_is_told():
    found = by_class(labelled(TIE), 1.0)
    assert (found.one_each.undecided, found.any_above.undecided, found.one_each.count) == (1, 1, 1)
    shown = by_class(labelled(TIE), 0.5, confidence=0.9).to_dict()
    assert shown["one_each"]["successes"] == shown["any_above"]["successes"] == 1
    assert shown["one_each"]["confidence"] == shown["any_above"]["confidence"] == 0.9


def test_limits_by_class_hold_for_new_classes_and_those_of_many_triplets_do_not():
    # Of the classes, 3 in 10 are wide: the triplets with their anchors are above 0, and no others.
    share, trials, classes = 0.3, 80, 16
    random = np.random.default_rng(8)
    covered = {"by class": 0, "by triplet": 0}
    for trial in range(trials):
        made = []
        for number in range(classes):
            at, width = 100.0 * number, 1e6 if random.random() < share else 1.0
            made += [(number, [at]), (number, [at + width])]
        points = labelled(made)
        found = by_class(points, 0.0, seed=trial).one_each
        low, high = found.limits
        covered["by class"] += low <= share <= high
        low, high = triplets_above(points, 0.0, draws=1000, seed=trial).limits
        covered["by triplet"] += low <= share <= high
    assert covered["by class"] >= 0.95 * trials - 2 * math.sqrt(0.95 * 0.05 * trials)
    assert covered["by triplet"] < 0.5 * trials


def test_compare_says_the_same_as_each_of_its_parts():
    trained, held_out = random_points(seed=1), random_points(classes=4, seed=2)
    options = {"draws": 400, "seed": 5}
    found = compare(trained, held_out, -0.5, epsilon=0.1, delta=0.2, confidence=0.9, **options)
    for part, points in ((found.trained, trained), (found.held_out, held_out)):
        assert part.above == triplets_above(points, -0.5, confidence=0.9, **options)
        assert part.margin == margin_for(points, 0.1, delta=0.2, **options)
        assert part.by_class == by_class(points, -0.5, seed=5, confidence=0.9)
        assert part.collections == len(points)
    assert (found.trained.classes, found.held_out.classes) == (5, 4)
    # Of draws that the margin does not depend on.
    assert found.carried == triplets_above(held_out, found.trained.margin.m, draws=400, seed=6, confidence=0.9)
    with pytest.raises(InvalidTypeError, match="margin: expected a Margin, got float"):
        new_classes.carried_over(found.trained.margin.m, held_out, draws=400)
    shown = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert shown["m"] == -0.5
    assert shown["carried"] == found.carried.to_dict()
    for name, part in (("trained", found.trained), ("held_out", found.held_out)):
        assert shown[name] == {
            "classes": part.classes,
            "collections": part.collections,
            "above": part.above.to_dict(),
            "margin": part.margin.to_dict(),
            "by_class": part.by_class.to_dict(),
        }


def test_new_classes_are_the_parts_of_a_comparison_and_tables_show_them():
    parts = {"trained": random_points(seed=1), "held-out": random_points(classes=4, seed=2)}
    options = {"epsilon": 0.1, "delta": 0.2, "draws": 400, "seed": 5, "confidence": 0.9}
    whole = compare(parts["trained"], parts["held-out"], -0.5, **options)
    found = {name: new_classes.new_classes(points, -0.5, **options) for name, points in parts.items()}
    assert (found["trained"], found["held-out"]) == (whole.trained, whole.held_out)
    shares, margins = new_classes.new_classes_tables(found, -0.5, {"trained": whole.carried})
    assert (shares.title, margins.title) == ("Triplets above m = -0.5", "An m that holds for at least 90% of triplets")
    assert "400 independent draws" in shares.note
    assert "90% confidence" in shares.note
    assert "With confidence 80%" in margins.note
    for row, margin, (name, part) in zip(shares.rows, margins.rows, found.items(), strict=True):
        one, some = part.by_class.one_each, part.by_class.any_above
        assert row[:3] == (name, str(part.classes), str(part.above))
        assert row[3] == f"{one.successes} of {one.count}: {one}"
        assert row[4] == f"{some.successes} of {some.count}: {some}"
        # To six digits, and never below the m that was found.
        shown = float(margin[1].replace("−", "-"))
        assert part.margin.m <= shown < part.margin.m + 1e-5 * abs(part.margin.m)
        assert margin[2] == f"{part.margin.rank} of 400"
    assert [row[3] for row in margins.rows] == [str(whole.carried), "—"]
    alone = new_classes.new_classes_tables({"all": found["trained"]}, -0.5)
    assert alone[1].columns == ("part", "m", "rank of the draw")
    undecided = new_classes.NewClasses(
        3,
        9,
        whole.trained.above,
        whole.trained.margin,
        new_classes.ByClass(EnclosedShare(1, 2, 7), EnclosedShare(7, 0, 7)),
    )
    assert (
        new_classes.new_classes_tables({"all": undecided}, 0.0)[0]
        .rows[0][3]
        .startswith("1 to 3 of 7: 14.3% to 42.9% [")
    )
    with pytest.raises(InvalidValueError, match="found: expected"):
        new_classes.new_classes_tables({}, 0.0)


def test_classes_left_out_by_keep_are_not_counted():
    points = random_points(classes=5, per_class=(2,))
    kept = points.keep(points.classes < 3)
    assert compare(kept, points, draws=100).trained.classes == 3
    assert {int(number) for pair in new_classes._paired(kept, np.random.default_rng(0)) for number in
            np.concatenate([points.classes[part] for part in pair])} <= {0, 1, 2}  # fmt: skip


def test_compare_names_what_it_cannot_use():
    points = random_points()
    with pytest.raises(DimensionMismatchError, match="held_out: expected 2 dimensions like trained, got 3"):
        compare(points, random_points(d=3), draws=100)
    with pytest.raises(InvalidTypeError, match="trained"):
        compare(points.points, points, draws=100)
    with pytest.raises(InvalidTypeError, match="held_out"):
        compare(points, None, draws=100)


CALLS = {
    "above": lambda points, **given: triplets_above(points, **{"m": 0.0, "draws": 100, **given}),
    "margin": lambda points, **given: margin_for(points, **{"epsilon": 0.1, "delta": 0.1, "draws": 100, **given}),
    "by_class": lambda points, **given: by_class(points, **{"m": 0.0, **given}),
}


@pytest.mark.parametrize(
    ("call", "name", "wrong", "error"),
    [
        *((call, "m", math.nan, InvalidValueError) for call in ("above", "by_class")),
        *((call, "m", -math.inf, InvalidValueError) for call in ("above", "by_class")),
        *((call, "m", "0", InvalidTypeError) for call in ("above", "by_class")),
        *((call, "m", True, InvalidTypeError) for call in ("above", "by_class")),
        *((call, "confidence", 1.0, InvalidValueError) for call in ("above", "by_class")),
        *((call, "confidence", math.nan, InvalidValueError) for call in ("above", "by_class")),
        *((call, "draws", 0, InvalidValueError) for call in ("above", "margin")),
        *((call, "draws", 10.0, InvalidTypeError) for call in ("above", "margin")),
        *((call, "draws", True, InvalidTypeError) for call in ("above", "margin")),
        *((call, "seed", -1, InvalidValueError) for call in CALLS),
        *((call, "seed", None, InvalidTypeError) for call in CALLS),
        *(("margin", name, 0.0, InvalidValueError) for name in ("epsilon", "delta")),
        *(("margin", name, 1, InvalidValueError) for name in ("epsilon", "delta")),
        *(("margin", name, math.nan, InvalidValueError) for name in ("epsilon", "delta")),
        *(("margin", name, None, InvalidTypeError) for name in ("epsilon", "delta")),
    ],
)
def test_wrong_arguments_are_named(call, name, wrong, error):
    with pytest.raises(error, match=f"^{name}: expected"):
        CALLS[call](random_points(), **{name: wrong})


@pytest.mark.parametrize("call", CALLS)
def test_data_without_triplets_are_refused(call):
    for collections in ([(0, [0]), (0, [1])], [(0, [0]), (1, [1]), (2, [3])]):
        with pytest.raises(InvalidValueError, match="two collections"):
            CALLS[call](labelled(collections))
    with pytest.raises(InvalidTypeError, match="labelled: expected LabelledPoints"):
        CALLS[call](np.zeros((3, 2)))
