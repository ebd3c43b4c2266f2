"""Rankings of collections against exact fractions, and those that are certified against plain formulas."""

import csv
import json
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from boundcheck.decimals import ends_in_per_cent
from boundcheck.errors import InvalidTypeError, InvalidValueError
from boundcheck.limits import ClusteredMean, ClusteredShare
from boundcheck.scanning import LabelledPoints, rankings, sample_triples
from boundcheck.scanning.rankings import BoundedMean, certified_rankings, retrieve


def labelled(collections):
    """Make collections, each given as (class, rows), into labelled points."""
    points = np.concatenate([np.asarray(rows, dtype=float).reshape(len(rows), -1) for _, rows in collections])
    collection = np.repeat(np.arange(len(collections)), [len(rows) for _, rows in collections])
    return LabelledPoints.from_labels(points, collection, np.array([number for number, _ in collections])[collection])


def lattice(seed, classes=(3, 1, 2, 4), sizes=(1, 3, 5), d=2, side=6, unit=1.0, offset=0.0):
    """Draw points of a lattice, of which many are as far from each other as others are."""
    random = np.random.default_rng(seed)
    made = []
    for number, count in enumerate(classes):
        for _ in range(count):
            rows = offset + unit * random.integers(0, side, (random.choice(sizes), d))
            made.append((number, rows))
    return labelled(made)


def fractions(rows):
    return [[Fraction(float(u)) for u in row] for row in rows]


def square_of_centroids(a, b):
    """Return the exact squared distance of two centroids."""
    a, b = fractions(a), fractions(b)
    return sum(
        (sum(u) / len(a) - sum(v) / len(b)) ** 2
        for u, v in zip(zip(*a, strict=True), zip(*b, strict=True), strict=True)
    )


def on_the_line(a, b):
    return [[abs(u - v) for (v,) in fractions(b)] for (u,) in fractions(a)]


def chamfer(a, b):
    table = on_the_line(a, b)
    nearest, back = [min(row) for row in table], [min(column) for column in zip(*table, strict=True)]
    return sum(nearest) / len(nearest) + sum(back) / len(back)


def hausdorff(a, b):
    table = on_the_line(a, b)
    return max(max(min(row) for row in table), max(min(column) for column in zip(*table, strict=True)))


EXACT = {"centroids": square_of_centroids, "chamfer": chamfer, "hausdorff": hausdorff}


def exact_ranks(points, distance):
    """Return each query with its rank where ties go its way, and where they do not."""
    collections = [points.points[rows] for rows in points.members]
    found = []
    for query, own in enumerate(points.classes):
        far = [distance(collections[query], other) for other in collections]
        same = [far[b] for b, kind in enumerate(points.classes) if kind == own and b != query]
        if same:
            outside = [far[b] for b, kind in enumerate(points.classes) if kind != own]
            nearest = min(same)
            found.append((query, 1 + sum(u < nearest for u in outside), 1 + sum(u <= nearest for u in outside)))
    return np.array(found).T


@pytest.mark.parametrize("by", EXACT)
def test_ranks_are_those_of_fractions_and_ties_are_told(by):
    tied = 0
    for seed in range(12):
        points = lattice(seed, d=2 if by == "centroids" else 1)
        queries, best, worst = exact_ranks(points, EXACT[by])
        found = retrieve(points, by=by)
        np.testing.assert_array_equal(found.queries, queries)
        np.testing.assert_array_equal(found.best, best)
        np.testing.assert_array_equal(found.worst, worst)
        np.testing.assert_array_equal(found.classes, points.classes[queries])
        # The class of one collection asks for nothing, but is found.
        assert len(found) == 9
        tied += np.count_nonzero(best < worst)
    assert tied > 5


@pytest.mark.parametrize("by", EXACT)
def test_far_from_the_origin_ranks_are_enclosed(by):
    for seed in range(8):
        points = lattice(seed, d=2 if by == "centroids" else 1, sizes=(3, 7), unit=2.0**-26, offset=1e8 / 3)
        _, best, worst = exact_ranks(points, EXACT[by])
        found = retrieve(points, by=by)
        assert (found.best <= best).all()
        assert (worst <= found.worst).all()


@pytest.mark.parametrize("by", EXACT)
@pytest.mark.parametrize("scale", [2.0**900, 2.0**-900, 1e307])
def test_scale_does_not_matter(by, scale):
    random = np.random.default_rng(0)
    made = [(number, random.normal(size=(4, 3)) + number) for number in range(4) for _ in range(3)]
    plain = retrieve(labelled(made), by=by)
    scaled = retrieve(labelled([(number, scale * rows) for number, rows in made]), by=by)
    np.testing.assert_array_equal(scaled.best, plain.best)
    np.testing.assert_array_equal(scaled.worst, plain.worst)
    np.testing.assert_array_equal(plain.best, plain.worst)


def test_the_three_distances_rank_differently():
    random = np.random.default_rng(1)
    points = labelled([(number, 2 * random.normal(size=(4, 2)) + number) for number in range(4) for _ in range(4)])
    found = [tuple(retrieve(points, by=by).best) for by in EXACT]
    assert len(set(found)) == 3


@pytest.mark.parametrize("by", EXACT)
def test_ends_enclose_distances(by):
    random = np.random.default_rng(2)
    points = labelled([(k % 3, 1e3 + random.normal(size=(1 + k, 1))) for k in range(6)])
    (low, high), exponent = (
        rankings._centroids_apart(points) if by == "centroids" else (rankings._sets_apart(points, by), 0)
    )
    if by == "centroids":
        # Both centroids' errors count, whatever the sizes.
        np.testing.assert_array_equal(low, low.T)
        np.testing.assert_array_equal(high, high.T)
    assert exponent == (math.frexp(np.abs(points.points).max())[1] if by == "centroids" else 0)
    unit = Fraction(2) ** exponent
    for a, one in enumerate(points.members):
        for b, other in enumerate(points.members):
            exact = EXACT[by](points.points[one], points.points[other])
            ends = [Fraction(end[a, b]) * unit for end in (low, high)]
            if by == "centroids":
                ends = [end * abs(end) for end in ends]
            assert ends[0] <= exact <= ends[1]
            assert math.sqrt(abs(high[a, b] - low[a, b])) < 1e-5


def test_summaries_are_means_of_ranks():
    # Ranks [1, 1], [1, 3] and [2, 2] of one class, [4, 4] of another.
    found = rankings.Retrieval(
        "centroids", np.arange(4), np.array([0, 0, 0, 5]), np.array([1, 1, 2, 4]), np.array([1, 3, 2, 4]), 0.9
    )
    first = found.precision_at_1
    assert (first.successes, first.undecided, first.count, first.confidence) == (1, 1, 4, 0.9)
    assert first == ClusteredShare((1, 0), (3, 1), 0.9, (1, 0))
    assert found.reciprocal_rank == ClusteredMean(
        (Fraction(11, 6), Fraction(1, 4)), (Fraction(5, 2), Fraction(1, 4)), (3, 1), 0.9
    )
    exact = (1 + Fraction(1, 3) + Fraction(1, 2) + Fraction(1, 4)) / 4
    assert found.reciprocal_rank.lowest == float(exact)
    assert found.reciprocal_rank.highest == (1 + 1 + 0.5 + 0.25) / 4
    assert found.precision_at_1_by_class == BoundedMean(1 / 6, 1 / 3, 2, 0.9)
    assert found.reciprocal_rank_by_class == BoundedMean(
        float((Fraction(11, 18) + Fraction(1, 4)) / 2), float((Fraction(5, 6) + Fraction(1, 4)) / 2), 2, 0.9
    )
    shown = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert (shown["by"], shown["queries"]) == ("centroids", 4)
    for name in ("precision_at_1", "reciprocal_rank", "precision_at_1_by_class", "reciprocal_rank_by_class"):
        assert shown[name] == getattr(found, name).to_dict()


def test_one_class_of_queries_is_one_draw_of_classes():
    found = retrieve(labelled([(0, [0]), (0, [1]), (0, [2]), (1, [9])]))
    assert found.reciprocal_rank.count == found.precision_at_1.count == 3
    assert found.reciprocal_rank_by_class.count == found.precision_at_1_by_class.count == 1
    assert found.precision_at_1.limits == found.reciprocal_rank.limits == (0, 1)
    assert found.reciprocal_rank.lowest == 1


def divergence(q, mu):
    return sum(a * math.log(a / b) for a, b in ((q, mu), (1 - q, 1 - mu)) if a)


@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.999])
@pytest.mark.parametrize("count", [1, 7, 1000])
@pytest.mark.parametrize("mean", [0.0, 1e-9, 0.2, 0.5, 0.97, 1.0])
def test_limits_of_a_mean_are_where_the_divergence_says(mean, count, confidence):
    low, high = BoundedMean(mean, mean, count, confidence).limits
    allowed = math.log(2 / (1 - confidence)) / count
    assert 0 <= low <= mean <= high <= 1
    half = math.sqrt(allowed / 2)
    for end, edge in ((low, 0.0), (high, 1.0)):
        assert abs(end - mean) <= half + 1e-9
        if mean == edge:
            assert end == edge
        else:
            # Beyond the last floats before an edge there is the edge alone.
            assert end == edge or divergence(mean, end) >= allowed * (1 - 1e-9)
            assert divergence(mean, end + (mean - end) * 1e-6) < allowed
    if mean == 1:
        assert low == pytest.approx(((1 - confidence) / 2) ** (1 / count))


def test_limits_of_a_mean_are_from_the_worse_end():
    wide, low, high = (BoundedMean(*ends, 20) for ends in ((0.3, 0.6), (0.3, 0.3), (0.6, 0.6)))
    assert wide.limits == (low.limits[0], high.limits[1])
    assert str(wide).startswith("0.300 to 0.600 [")
    assert str(low).startswith("0.300 [")


def test_limits_of_a_mean_hold_as_often_as_they_say():
    random = np.random.default_rng(4)
    for draw, mean in (
        (lambda: random.random(15) < 0.9, 0.9),
        (lambda: random.beta(0.3, 0.6, 15), 1 / 3),
        (lambda: 1 / random.integers(1, 4, 15), (1 + 1 / 2 + 1 / 3) / 3),
    ):
        held = 0
        for _ in range(400):
            found = float(np.mean(draw()))
            low, high = BoundedMean(found, found, 15, 0.9).limits
            held += low <= mean <= high
        assert held >= 0.9 * 400


@pytest.mark.parametrize(
    "given", [(0.5, 0.4, 3), (-0.1, 0.4, 3), (0.1, 1.4, 3), (math.nan, 0.5, 3), (0.1, 0.2, 0), (0.1, 0.2, 3, 1.0)]
)
def test_a_mean_that_is_none_is_refused(given):
    with pytest.raises(InvalidValueError):
        BoundedMean(*given)


def plain(points, triples):
    """Return U5's right side, L1's left side and the squared distances of the centroids, by their formulas."""
    rows = []
    for triple in triples:
        x, z, w = (points.points[points.members[position]] for position in triple)

        def apart(a, b):
            return np.linalg.norm(a[:, None] - b[None], axis=2)

        def variance(a):
            return ((a - a.mean(axis=0)) ** 2).sum(axis=1).mean()

        rho, sigma = apart(x, w).min(axis=1), apart(z, w).min(axis=1)
        forth = (apart(x, z).max(axis=1) - rho).max()
        back = (apart(z, x).max(axis=1) - sigma).max()
        smaller = np.minimum(forth + rho[:, None], back + sigma[None])
        u5 = (smaller**2).mean() - variance(x) - variance(z)
        mu = min((rho - apart(x, x).max(axis=1)).min(), (apart(w, x).min(axis=1) - apart(w, w).max(axis=1)).min())
        l1 = mu * (2 * apart(x, w).mean() - mu) if mu > 0 else 0.0
        centroids = [a.mean(axis=0) for a in (x, z, w)]
        rows.append((u5, l1, *(((centroids[0] - other) ** 2).sum() for other in centroids[1:])))
    return np.array(rows).T


@pytest.mark.parametrize("sizes", [(3,), (1, 2, 4)])
def test_certified_rankings_are_those_of_the_formulas(sizes):
    for seed in range(3):
        random = np.random.default_rng(seed)
        made = []
        for number in range(5):
            centre = 2 * random.normal(size=3)
            for k in range(3):
                own = centre + random.normal(size=3)
                made.append((number, own + random.normal(size=(sizes[k % len(sizes)], 3))))
        points = labelled(made)
        found = certified_rankings(points, draws=400, seed=seed)
        u5, l1, near, far = plain(points, sample_triples(points, 400, seed=seed))
        assert found.certified.successes == np.count_nonzero(u5 < l1)
        assert found.separated.successes == np.count_nonzero(l1 > 0)
        assert found.nearer.successes == np.count_nonzero(near < far)
        counts = (found.certified.successes, found.separated.successes, found.nearer.successes)
        assert 0 < counts[0] < min(counts[1:]) <= max(counts[1:]) < 400
        assert not any(share.undecided for share in (found.certified, found.separated, found.nearer))
        # What is certified is so.
        assert (near < far)[u5 < l1].all()


def test_of_collections_of_one_object_everything_nearer_is_certified():
    random = np.random.default_rng(0)
    points = labelled([(number, random.normal(size=(1, 2)) + number) for number in range(3) for _ in range(3)])
    found = certified_rankings(points, draws=300)
    assert found.certified == found.nearer
    assert 0 < found.nearer.successes < 300
    assert found.separated.successes == 300


def test_where_all_points_are_one_nothing_is_certified():
    points = labelled([(number, np.full((2, 2), 0.1)) for number in (0, 0, 1)])
    found = certified_rankings(points, draws=20)
    assert found.certified.successes == found.separated.successes == found.nearer.successes == 0
    ranks = retrieve(points)
    assert (ranks.best == 1).all()
    assert (ranks.worst == 2).all()


def test_a_tie_of_centroids_is_told():
    # z and w are mirror images in x.
    points = labelled([(0, [[0, 0], [0, 1]]), (0, [[3, 0], [3, 1]]), (1, [[-3, 0], [-3, 1]])])
    found = certified_rankings(points, draws=200)
    assert 0 < found.nearer.undecided < 200
    # From the far side the positive is the nearer one.
    assert found.nearer.successes == 200 - found.nearer.undecided


@pytest.mark.parametrize("wide", ["positive", "negative"])
def test_a_tie_is_told_whichever_side_is_known_less(wide):
    spread, one = [[100.0 * k, 3.0] for k in range(-4, 5)], [[0.0, 3.0]]
    near, far = (spread, one) if wide == "positive" else (one, spread)
    # The centroids of z and w are (0, 3) and (0, −3); from z, x is the nearer one.
    points = labelled([(0, [[0, 0]]), (0, near), (1, [[u, -v] for u, v in far])])
    triples = sample_triples(points, 200)
    found = certified_rankings(points, draws=200).nearer
    assert found.undecided == np.count_nonzero(triples[:, 0] == 0)
    assert found.successes == np.count_nonzero(triples[:, 0] == 1)
    assert 0 < found.undecided < 200


def test_certified_rankings_as_json_and_by_seed():
    points = lattice(0)
    one, again, other = (certified_rankings(points, draws=50, seed=seed, confidence=0.9) for seed in (0, 0, 1))
    assert one == again != other
    shown = json.loads(json.dumps(one.to_dict(), allow_nan=False))
    assert set(shown) == {"certified", "separated", "nearer"}
    assert all(part["confidence"] == 0.9 and part["count"] == 50 for part in shown.values())


@pytest.mark.parametrize("by", EXACT)
def test_data_without_a_ranking_are_refused(by):
    for collections in ([(0, [0]), (0, [1])], [(0, [0]), (1, [1])]):
        with pytest.raises(InvalidValueError, match="two classes, one of them with two collections"):
            retrieve(labelled(collections), by=by)
        with pytest.raises(InvalidValueError, match="two collections"):
            certified_rankings(labelled(collections), draws=5)


@pytest.mark.parametrize(
    ("call", "given", "name", "error"),
    [
        (retrieve, {"by": "median"}, "by", InvalidValueError),
        (retrieve, {"by": None}, "by", InvalidValueError),
        (retrieve, {"confidence": 0}, "confidence", InvalidValueError),
        (retrieve, {"confidence": math.nan}, "confidence", InvalidValueError),
        (certified_rankings, {"draws": 0}, "draws", InvalidValueError),
        (certified_rankings, {"draws": 2.0}, "draws", InvalidTypeError),
        (certified_rankings, {"draws": 5, "seed": -1}, "seed", InvalidValueError),
        (certified_rankings, {"draws": 5, "confidence": 2}, "confidence", InvalidValueError),
    ],
)
def test_wrong_arguments_are_named(call, given, name, error):
    with pytest.raises(error, match=f"^{name}: expected"):
        call(lattice(0), **given)


@pytest.mark.parametrize("call", [retrieve, lambda points: certified_rankings(points, draws=5)])
def test_other_things_are_no_labelled_points(call):
    with pytest.raises(InvalidTypeError, match="labelled: expected LabelledPoints"):
        call(np.zeros((3, 2)))


def test_separation_encloses_exact_medians():
    points = lattice(3, classes=(3, 1, 2, 4), unit=0.1)
    found = rankings.separation(points)
    collections = [points.points[rows] for rows in points.members]
    apart = {True: [], False: []}
    for a in range(len(points)):
        for b in range(a):
            exact = square_of_centroids(collections[a], collections[b])
            apart[bool(points.classes[a] == points.classes[b])].append(math.sqrt(exact))
    within, across = (float(np.median(apart[same])) for same in (True, False))
    assert (found.pairs_within, found.pairs_across) == tuple(len(apart[same]) for same in (True, False)) == (10, 35)
    for ends, exact in ((found.within, within), (found.across, across), (found.ratio, within / across)):
        assert ends[0] <= exact <= ends[1] < ends[0] * (1 + 1e-12)
    shown = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert (shown["separation"], shown["pairs_within_a_class"]) == (list(found.ratio), 10)


@pytest.mark.parametrize("scale", [1e200, 1e-200, 5e-324, 1e307])
def test_separation_has_no_scale(scale):
    made = [(0, [0, 4]), (0, [3, 5]), (1, [10]), (2, [17])]
    found = rankings.separation(labelled([(kind, np.array(rows, dtype=float) * scale) for kind, rows in made]))
    # Centroids at 2, 4, 10 and 17; of different classes 6, 7, 8, 13 and 15 apart.
    for ends, exact in ((found.within, 2 * scale), (found.across, min(8 * scale, 1.7976931348623157e308))):
        assert ends[0] <= exact <= ends[1]
    assert found.ratio[0] <= 0.25 <= found.ratio[1]
    if scale not in (5e-324, 1e307):
        assert found.ratio[1] - found.ratio[0] < 1e-12


def test_classes_at_one_point_have_any_separation():
    found = rankings.separation(labelled([(0, [1]), (0, [1]), (1, [1])]))
    assert found.ratio == (0.0, math.inf)
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["separation"] == [0.0, None]


def test_the_separation_of_the_shipped_embeddings_is_that_of_the_results():
    from boundcheck.omniglot.embedded import shipped

    file = Path(__file__).parents[2] / "benchmarks" / "results" / "objectives" / "objectives.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        rows = {
            row["name"]: row
            for row in csv.DictReader(lines)
            if (row["network"], row["part"]) == ("shipped", "held out")
        }
    points = shipped().labelled(evaluation=True)
    found = rankings.separation(points)
    for name, ends in (
        ("centroids: median distance within a class", found.within),
        ("centroids: median distance between classes", found.across),
        ("centroids: separation", found.ratio),
    ):
        low, high = float(rows[name]["lowest"]), float(rows[name]["highest"])
        assert ends[0] <= high
        assert low <= ends[1]
        assert ends[1] - ends[0] < 1e-10
    ranked = retrieve(points)
    assert ranked.precision_at_1.at_least.value == float(rows["collections: precision@1"]["lowest"])
    assert ranked.reciprocal_rank.lowest == float(rows["collections: reciprocal rank"]["lowest"])


def test_rank_is_each_of_its_parts_and_tables_show_them():
    parts = {"trained": lattice(1), "held-out": lattice(2, classes=(2, 3))}
    options = {"draws": 150, "seed": 4, "confidence": 0.9}
    found = {name: rankings.rank(points, by=("centroids", "chamfer"), **options) for name, points in parts.items()}
    queries, certified = rankings.rankings_tables(found)
    for name, points in parts.items():
        own = certified_rankings(points, **options)
        assert found[name].certified == own
        row = next(row for row in certified.rows if row[0] == name)
        assert row[1:] == ("150", str(own.nearer), str(own.separated), str(own.certified))
        for by in ("centroids", "chamfer"):
            one = retrieve(points, by=by, confidence=0.9)
            row = next(row for row in queries.rows if row[0] == f"{name}: {by}")
            assert row[1] == f"{len(one)} in {len(np.unique(one.classes))} classes"
            low, high = ends_in_per_cent(*one.precision_at_1_by_class.limits)
            assert row[2:4] == (str(one.precision_at_1), str(one.reciprocal_rank))
            assert row[4].endswith(f"[{low}, {high}]")
            assert row[5] == str(one.reciprocal_rank_by_class)
    assert "90% confidence" in queries.note
    assert "90% confidence" in certified.note
    shown = json.loads(json.dumps(found["trained"].to_dict(), allow_nan=False))
    assert [one["by"] for one in shown["retrieval"]] == ["centroids", "chamfer"]
    assert shown["certified"] == found["trained"].certified.to_dict()
    [alone] = rankings.rankings_tables({"all": rankings.rank(parts["trained"], by=(), draws=9)})
    assert alone.title == certified.title


def test_data_that_cannot_be_told_apart_are_refused():
    for collections in ([(0, [0]), (0, [1])], [(0, [0]), (1, [1]), (2, [3])]):
        with pytest.raises(InvalidValueError, match="two collections"):
            rankings.separation(labelled(collections))
    with pytest.raises(InvalidTypeError, match="labelled: expected LabelledPoints"):
        rankings.separation(np.zeros((3, 2)))
    with pytest.raises(InvalidValueError, match="found: expected rankings"):
        rankings.rankings_tables({})
