"""Tables of rows' reductions against exact integers."""

from fractions import Fraction

import numpy as np
import pytest
import torch

from boundcheck.kernels import grids
from boundcheck.kernels import row_tables as module
from boundcheck.kernels.row_tables import RowTables
from tests.exact_distances import ADVERSARIAL, distances, holds

NAMES = ("max", "min", "mean")
SIZES = [1, 3, 2, 5, 1]
STARTS = np.append(0, np.cumsum(SIZES)).astype(np.int64)


def exact(points, rows, start, stop):
    found, e = distances(points[rows], points[start:stop])
    unit = Fraction(2) ** e
    for row in found:
        values = {"max": Fraction(row.max()), "min": Fraction(row.min()), "mean": Fraction(int(row.sum()), len(row))}
        yield {name: (value * unit, (value + 1) * unit) for name, value in values.items()}


@pytest.mark.parametrize("tiles", [(256, 1024), (2, 3)], ids=["one tile", "small tiles"])
@pytest.mark.parametrize("kind", ADVERSARIAL)
def test_enclosures_hold_what_is_exact(kind, tiles, monkeypatch):
    monkeypatch.setattr(module, "_TILE_ROWS", tiles[0])
    monkeypatch.setattr(module, "_TILE_COLUMNS", tiles[1])
    random = np.random.default_rng(3)
    points = ADVERSARIAL[kind](random, int(STARTS[-1]), 5)
    tables = RowTables(torch.from_numpy(points), STARTS)
    for rows, collections in (
        (np.arange(len(points)), np.arange(len(SIZES))),
        (np.array([7, 1, 4]), np.array([0, 3])),
        (np.array([2]), np.array([1, 2, 4])),
    ):
        found = tables.find(rows, collections, NAMES)
        for at, collection in enumerate(collections):
            for place, wanted in enumerate(exact(points, rows, *STARTS[collection : collection + 2])):
                for name in NAMES:
                    value, error = (table[at, place] for table in found[name])
                    assert value >= 0
                    assert holds(value, error, wanted[name]), (kind, name)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_asked_for_alone_is_the_same(name):
    points = np.random.default_rng(0).normal(size=(int(STARTS[-1]), 4))
    tables = RowTables(torch.from_numpy(points), STARTS)
    everything, alone = (tables.find(np.arange(6), np.arange(5), names) for names in (NAMES, (name,)))
    assert list(alone) == [name]
    np.testing.assert_array_equal(alone[name][0], everything[name][0])


def test_widths_on_common_data():
    points = np.random.default_rng(0).normal(size=(200, 64)) + 3
    tables = RowTables(torch.from_numpy(points), np.arange(0, 201, 20))
    for value, error in tables.find(np.arange(200), np.arange(10), NAMES).values():
        # A row is at distance 0 of itself, and exactly so.
        assert (error <= 1.1e-11 * value).all()


@pytest.mark.parametrize("infinite", [False, True])
@pytest.mark.parametrize("count", [1, 4, 128, 300])
def test_loops_over_grids_are_what_they_say(count, infinite):
    random = np.random.default_rng(1)
    a, b, c, d = (random.normal(size=shape) for shape in ((3, 1), (3, 1, 5), (1, count), (1, count, 6)))
    if infinite:
        b[1, 0, 2], d[0, -1, 0] = np.inf, -np.inf
    one, two = a[..., None] + b, c[..., None] + d
    np.testing.assert_array_equal(grids.extreme_of_sums(b, d[..., :5], largest=True), (b + d[..., :5]).max(axis=2))
    np.testing.assert_array_equal(grids.extreme_of_sums(b, d[..., :5], largest=False), (b + d[..., :5]).min(axis=2))
    np.testing.assert_allclose(grids.mean_square(c, b), ((c[..., None] + b) ** 2).mean(axis=2), rtol=1e-14)
    np.testing.assert_allclose(
        grids.mean_square_of_smaller(a, b, c, d),
        (np.minimum(one[..., None], two[..., None, :]) ** 2).mean(axis=(2, 3)),
        rtol=1e-14,
    )


@pytest.mark.parametrize("where", range(5))
def test_nan_is_carried_on(where):
    b, d = np.zeros((1, 1, 5)), np.zeros((1, 1, 5))
    d[0, 0, where] = np.nan
    zero = np.zeros((1, 1))
    for largest in (True, False):
        assert np.isnan(grids.extreme_of_sums(b, d, largest=largest)).all()
    assert np.isnan(grids.mean_square(zero, d)).all()
    assert np.isnan(grids.mean_square_of_smaller(zero, b, zero, d)).all()
    assert np.isnan(grids.mean_square_of_smaller(zero, d, zero, b)).all()
