"""A scan as one call: the same summary on any number of threads, and from a journal."""

import json
from fractions import Fraction

import numpy as np
import pytest

from boundcheck.errors import CheckpointError, InvalidTypeError, InvalidValueError, UnequalSizesError
from boundcheck.evaluate import Verdict
from boundcheck.language import Bound, mean, nearest, w, x
from boundcheck.language import m as least
from boundcheck.language import norm as length
from boundcheck.scanning import LabelledPoints, LocalEngine, ProcessEngine, check_triples
from boundcheck.scanning import run as module
from boundcheck.scanning.run import applicable, scan
from boundcheck.theorems import KNOWN

POINTS = np.random.default_rng(0).normal(size=(45, 4)) + np.repeat(np.arange(3), 15)[:, None]
CLASSES, COLLECTIONS = np.arange(45) // 15, np.arange(45) // 3
LABELLED = LabelledPoints.from_labels(POINTS, COLLECTIONS, CLASSES)
TRIPLES = 3 * 5 * 4 * 10


def test_every_theorem_that_applies_on_every_triple():
    found = scan(POINTS, CLASSES, COLLECTIONS)
    assert found.summary.triples == TRIPLES
    assert found.verdict is Verdict.HOLDS
    assert list(found.summary.bounds) == [bound.name for bound in applicable(LABELLED)]
    assert {"karimov", "chamfer", "two-sided", "transport", "separation"} <= set(found.summary.bounds)
    triples = np.array(
        [(a, b, c) for a in range(15) for b in range(15) for c in range(15) if a // 5 == b // 5 != c // 5 and a != b]
    )
    alone = check_triples(KNOWN["karimov"], LABELLED, triples, chain=False)
    tightness = np.sort(alone.tightness)
    low, high = found.summary.bounds["karimov"].tightness.quantile(0.5)
    assert low <= tightness[TRIPLES // 2 - 1] <= high
    best = found.summary.bounds["karimov"].tightest[0]
    assert best.triple == tuple(triples[alone.tightest(1)[0]])
    m = found.summary.parameters["m"]
    assert len(found.summary.parameters) == 2
    assert m.below_zero + m.at_least_zero + m.undecided == m.values.ordered


def test_neither_threads_nor_a_journal_change_a_byte(tmp_path, monkeypatch):
    monkeypatch.setattr("boundcheck.scanning.blocks._BLOCK_ROWS", 8)
    whole = scan(LABELLED, bounds=["karimov", "chamfer"], workers=1)
    assert scan(LABELLED, bounds=["karimov", "chamfer"], workers=3).summary == whole.summary
    path, written = tmp_path / "journal", []
    write = module.Journal.write

    def stopped(journal, key, payload):
        if len(written) == 4:
            raise KeyboardInterrupt
        write(journal, key, payload)
        written.append(key)

    monkeypatch.setattr(module.Journal, "write", stopped)
    with pytest.raises(KeyboardInterrupt):
        scan(LABELLED, bounds=["karimov", "chamfer"], journal=path)
    monkeypatch.setattr(module.Journal, "write", write)
    seen = []
    again = scan(LABELLED, bounds=["karimov", "chamfer"], journal=path, progress=seen.append)
    assert (again.resumed, sum(seen)) == (4, TRIPLES)
    assert again.summary == whole.summary
    assert scan(LABELLED, bounds=["karimov", "chamfer"], journal=path).resumed == again.blocks
    with pytest.raises(CheckpointError):
        scan(LABELLED, bounds=["karimov"], journal=path)


def test_verdicts_alone_have_counts_and_no_sides():
    found = scan(LABELLED, bounds=["karimov"], verdicts_only=True)
    assert found.summary.bounds["karimov"].counts[Verdict.HOLDS] == TRIPLES
    known = found.to_dict()
    assert "tightness" not in known["bounds"]["karimov"]
    assert sum(known["bounds"]["karimov"]["rest_on"].values()) == TRIPLES
    assert "tightness" in scan(LABELLED, bounds=["karimov"]).to_dict()["bounds"]["karimov"]


def test_what_cannot_be_scanned_is_refused():
    with pytest.raises(InvalidTypeError, match="classes"):
        scan(POINTS)
    with pytest.raises(InvalidTypeError, match="LabelledPoints"):
        scan(LABELLED, CLASSES, COLLECTIONS)
    with pytest.raises(InvalidValueError, match="bound"):
        scan(LABELLED, bounds=["nothing"])
    with pytest.raises(InvalidValueError, match="workers"):
        scan(LABELLED, bounds=["karimov"], workers=0)
    with pytest.raises(InvalidValueError, match="engine"):
        scan(LABELLED, bounds=["karimov"], engine="steam")
    with pytest.raises(InvalidTypeError, match="engine"):
        scan(LABELLED, bounds=["karimov"], engine=3)
    with pytest.raises(InvalidValueError, match="workers"):
        scan(LABELLED, bounds=["karimov"], engine=LocalEngine(), workers=2)
    unequal = np.minimum(COLLECTIONS, 13)
    with pytest.raises(UnequalSizesError):
        scan(POINTS, CLASSES, unequal, ["karimov"])
    assert "karimov-any-sizes" in scan(POINTS, CLASSES, unequal).summary.bounds


def test_a_file_in_other_processes_gives_the_same_bytes(tmp_path):
    file = tmp_path / "points.npz"
    np.savez(file, embeddings=POINTS, collection=COLLECTIONS, **{"class": CLASSES})
    whole = scan(LABELLED, bounds=["karimov", "chamfer"])
    found = scan(file, bounds=["karimov", "chamfer"], engine=ProcessEngine(1))
    assert found.summary.names == tuple(map(str, range(15)))
    assert found.summary == whole.summary
    with pytest.raises(InvalidTypeError, match="file"):
        scan(file, CLASSES, COLLECTIONS)


def test_every_row_as_parquet_and_again_where_a_file_is_gone(tmp_path):
    dataset = pytest.importorskip("pyarrow.dataset")
    folder, journal = tmp_path / "rows", tmp_path / "journal"
    options = {"bounds": ["karimov"], "rows": folder, "journal": journal}
    whole = scan(LABELLED, **options)
    assert dataset.dataset(folder, partitioning="hive").count_rows() == TRIPLES
    files = sorted(folder.rglob("*.parquet"))
    lost = next(file for file in files if not file.name.startswith("_"))
    before = lost.read_bytes()
    lost.unlink()
    again = scan(LABELLED, **options)
    assert again.resumed == again.blocks
    assert again.summary == whole.summary
    assert lost.read_bytes() == before


def test_what_is_found_is_plain_json():
    found = scan(LABELLED, bounds=["karimov"], norm=np.inf, parameters={least: 100.0})
    known = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert (known["verdict"], known["norm"], known["given"]) == ("holds", "inf", {"m": 100.0})


@pytest.mark.parametrize("p", [1, 2, 3, np.inf])
def test_centroids_beyond_the_largest_number_apart_are_undecided(p):
    """Nothing is known of such a distance, and no warning of NumPy's ends a scan where warnings are errors."""
    points = 1.7e308 * np.array([[1.0, -1.0], [1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0]])
    apart = Bound("apart", lhs=length(mean(x) - mean(w)), rhs=nearest(x, w))
    for verdicts_only in (False, True):
        found = scan(points, [0, 0, 1, 1], [0, 1, 2, 3], [apart], norm=p, verdicts_only=verdicts_only)
        assert found.summary.bounds["apart"].counts[Verdict.UNDECIDED] == 8


def nearly_one_centre(seed=0):
    """Collections whose centroids differ by what float64's rounding of a mean leaves few digits of."""
    random = np.random.default_rng(seed)
    half = random.normal(size=(12, 2, 3)) * 2.0**20
    return np.concatenate([half, -half + random.normal(size=(12, 1, 3)) * 1e-6], axis=1)


def in_exact_numbers(points, triple):
    """Return the squared distance of the centroids of x and z."""
    x, z = ([[Fraction(number) for number in row] for row in points[at].tolist()] for at in triple[:2])
    means = [[sum(column) / len(one) for column in zip(*one, strict=True)] for one in (x, z)]
    return sum((a - b) ** 2 for a, b in zip(*means, strict=True))


@pytest.mark.parametrize("name", ["karimov", "variance"])
def test_the_tightest_triples_show_their_digits(name):
    """Also where float64 leaves the distance of two means off by more than it is worth showing."""
    points = nearly_one_centre()
    collections = np.repeat(np.arange(12), 4)
    found = scan(points.reshape(-1, 3), collections // 3, collections, [name], top=4)
    one = found.summary.bounds[name]
    for held, sign in ((one.tightest, -1), (one.loosest, 1)):
        assert len(held) == 4
        assert held == sorted(held, key=lambda ranked: sign * ranked.tightness)
        for ranked in held:
            for value, error in ((ranked.lhs, ranked.lhs_error), (ranked.tightness, ranked.tightness_error)):
                assert 0 < value < 1
                assert error <= 1e-9 * value
            low, high = map(Fraction, ranked.enclosures["lhs"])
            assert low**2 <= in_exact_numbers(points, ranked.triple) <= high**2
    assert found.summary.bounds[name].largest_by_pair.max() > 0
    # Float64 alone left them wide.
    labelled = LabelledPoints.from_labels(points.reshape(-1, 3), collections, collections // 3)
    every = module.EveryTriple(labelled, (KNOWN[name],))
    grids = [grid.bounds[name] for block in every.blocks() for grid in every.grids(block)]
    assert min((grid.lhs_error / grid.lhs).min() for grid in grids) > 1e-9
    # Other triples have the numbers that float64 gives.
    triples = np.array([ranked.triple for ranked in one.tightest] * 5)
    alone = check_triples(KNOWN[name], labelled, triples)
    shown = alone.tightest(10)
    assert (alone.lhs_error[shown] <= 1e-9 * alone.lhs[shown]).all()
    assert (np.delete(alone.lhs_error, shown) > 1e-9 * np.delete(alone.lhs, shown)).all()
