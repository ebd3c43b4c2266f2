"""What the adversary makes of published statements: true ones survive, wrong readings and near misses are refuted."""

import sys
from pathlib import Path

import numpy as np
import pytest

from boundcheck.adversary import Refuted, Survived, falsify
from boundcheck.theorems.published import PUBLISHED, Status

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.gallery_published import pairs

SEARCHED = {name: statement for name, statement in PUBLISHED.items() if not statement.unsearched}
WRONG = [name for name, statement in SEARCHED.items() if statement.status is Status.REFUTED]
PAIRS = {pair.false.name: pair for pair in pairs()}
OTHERS = {pair.true.name: pair.true for pair in pairs() if pair.true.name not in PUBLISHED}


def refuted(bound, **options):
    found = falsify(bound, **options)
    assert isinstance(found, Refuted)
    return found


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_reading_is_refuted(name):
    exec(refuted(name).snippet(), {})


@pytest.mark.parametrize("name", sorted(SEARCHED.keys() - set(WRONG)))
def test_a_published_statement_survives(name):
    assert isinstance(falsify(name, seconds=0.2), Survived)


@pytest.mark.parametrize("name", PAIRS)
def test_a_near_miss_is_refuted_by_few_points(name):
    found = refuted(PAIRS[name].false)
    assert sum(map(len, found.points.values())) <= 6
    # Small whole numbers or simple fractions, not what a search ended at.
    assert all(
        abs(row) <= 32 and row * 4 == np.floor(row * 4)
        for rows in found.points.values()
        for point in rows
        for row in point
    )


@pytest.mark.parametrize("name", OTHERS)
def test_its_neighbour_survives(name):
    assert isinstance(falsify(OTHERS[name], seconds=0.2), Survived)


def test_there_are_thirty_and_more_of_different_kinds():
    assert len(PAIRS) >= 45
    assert len({pair.false for pair in pairs()}) == len(PAIRS)
    assert len(PAIRS) + len(WRONG) >= 60
    names = [pair.false.name for pair in pairs()]
    assert len(set(names)) == len(names)
