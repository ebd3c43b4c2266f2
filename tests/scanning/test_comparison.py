"""Embeddings of the same collections side by side: what is compared, and what cannot be."""

import csv
import json
import math
from fractions import Fraction
from io import StringIO

import numpy as np
import pytest

from boundcheck.errors import InvalidValueError
from boundcheck.scanning import LabelledPoints, retrieve
from boundcheck.scanning.comparison import _over, compared, groups_of, require_alike
from boundcheck.scanning.rankings import separation
from boundcheck.scanning.run import scan

CLASSES, COLLECTIONS = np.arange(36) // 12, np.arange(36) // 3


def points(seed=0, classes=CLASSES, collections=COLLECTIONS):
    random = np.random.default_rng(seed)
    made = random.normal(size=(len(classes), 4)) + 3 * random.normal(size=(3, 4))[np.asarray(classes, dtype=int)]
    return LabelledPoints.from_labels(made, collections, classes)


def test_groups_are_what_the_functions_find():
    found = groups_of(points(), confidence=0.9)
    assert found.separation == separation(points())
    assert found.retrieval.to_dict() == retrieve(points(), confidence=0.9).to_dict()
    shown = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert shown == {"separation": found.separation.to_dict(), "retrieval": found.retrieval.to_dict()}


def test_tables_have_the_numbers_of_scans_and_groups():
    both = {"one": points(), "other": points(1)}
    scans = {name: scan(one, bounds=["karimov"]) for name, one in both.items()}
    groups = {name: groups_of(one) for name, one in both.items()}
    sheets = {sheet.title: sheet for sheet in compared(scans, groups)}
    apart = sheets["Separation of centroids, scan by scan"]
    assert apart.rows == tuple(
        (name, one.separation.within, one.separation.across, one.separation.ratio) for name, one in groups.items()
    )
    lines = list(csv.reader(StringIO(apart.csv())))
    assert list(map(float, lines[1][5:7])) == list(groups["one"].separation.ratio)
    queries = sheets["Collections found by their centroids, scan by scan"]
    assert [row[2:4] for row in queries.rows] == [
        (str(one.retrieval.precision_at_1), str(one.retrieval.reciprocal_rank)) for one in groups.values()
    ]
    least = sheets["Least m over the distance between classes, scan by scan"]
    for row, (name, one) in zip(least.rows, scans.items(), strict=True):
        low, high = one.summary.parameters["m"].values.quantile(0.5)
        near, far = groups[name].separation.across
        assert row[0] == name
        assert row[2][0] <= min(low / near, low / far)
        assert max(high / near, high / far) <= row[2][1]
        assert row[2][1] - row[2][0] < 1.01 * (high - low) / near
    table = apart.table()
    assert (table.columns, table.note) == (apart.columns, apart.note)
    assert all(" to " in cell for cell in table.rows[0][1:])


def test_without_sides_or_groups_there_is_less():
    scans = {name: scan(points(), bounds=["karimov"], verdicts_only=True) for name in ("one", "other")}
    assert [sheet.title for sheet in compared(scans, {})] == ["Verdicts, scan by scan"]
    titles = [sheet.title for sheet in compared(scans, {"other": groups_of(points())})]
    assert titles[1:] == ["Separation of centroids, scan by scan", "Collections found by their centroids, scan by scan"]


@pytest.mark.parametrize("ends", [(1.0, 2.0), (-2.0, -1.0), (-1.0, 1.0), (0.0, 0.0), (0.0, 3.0)])
def test_quotients_are_enclosed(ends):
    unit = 0.3, 0.7
    low, high = _over(ends, unit)
    exact = [Fraction(a) / Fraction(b) for a in ends for b in unit]
    assert low <= min(exact)
    assert max(exact) <= high
    assert high - low < float(max(exact) - min(exact)) + 1e-9


@pytest.mark.parametrize("unit", [(0.0, 1.0), (0.0, 0.0), (1.0, math.inf)])
def test_in_a_unit_that_may_be_0_nothing_is_known(unit):
    assert _over((1.0, 2.0), unit) == (-math.inf, math.inf)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (points(classes=CLASSES[:33], collections=COLLECTIONS[:33]), "it: expected 12 collections .* got 11"),
        (points(collections=COLLECTIONS + (COLLECTIONS == 11)), "it: expected a collection '11' .* got '12'"),
        (points(classes=np.repeat([0, 1, 2], [12, 15, 9])), "it: expected the class '2' for collection '8', got '1'"),
        (points(collections=np.maximum(COLLECTIONS, np.arange(36) // 3 - (np.arange(36) == 3)) - (np.arange(36) == 3)),
         "it: expected 3 objects in collection '0', got 4"),
    ],
)  # fmt: skip
def test_other_collections_are_refused(other, said):
    require_alike("it", points(), points(5))
    with pytest.raises(InvalidValueError, match=said):
        require_alike("it", points(), other)
