"""Tuples of collections that roles allow: counted, in order, and drawn."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from boundcheck.data.labelled import LabelledPoints
from boundcheck.data.tuples import Tuples, many
from boundcheck.errors import InvalidValueError
from boundcheck.language import Collection, w, x, z

a, b, c = (Collection(letter, letter, index="i", size="n") for letter in "abc")
CATS = replace(a, symbol="e", argument="e", role="cats")
DOGS = replace(a, symbol="f", argument="f", role="dogs")
SECOND = replace(w, symbol="v", argument="G4")


def labelled(*totals):
    """A data set of one object a collection, of classes of so many collections."""
    classes = np.repeat(np.arange(len(totals)), totals)
    return LabelledPoints.from_labels(np.zeros((len(classes), 1)), np.arange(len(classes)), classes)


def allowed(collections, classes, places):
    if len(set(places)) < len(places):
        return False
    key = {"positives": "anchors"}
    for (one, at), (other, there) in itertools.combinations(zip(collections, places, strict=True), 2):
        roles = [key.get(role, role) for role in (one.role, other.role)]
        if all(roles) and (classes[at] == classes[there]) != (roles[0] == roles[1]):
            return False
    return True


@pytest.mark.parametrize("totals", [(3,), (2, 1), (1, 1, 1), (3, 2, 2), (1, 4)])
@pytest.mark.parametrize(
    "collections",
    [(a,), (x,), (a, b), (x, z), (x, w), (x, a), (x, z, w), (a, b, c), (x, z, w, SECOND), (CATS, DOGS, a), (z, x)],
    ids=lambda several: "".join(one.symbol for one in several),
)
def test_all_in_order_and_their_number(totals, collections):
    data = labelled(*totals)
    every = itertools.product(range(len(data)), repeat=len(collections))
    expected = [places for places in every if allowed(collections, data.classes, places)]
    tuples = Tuples(data, collections)
    found = [tuple(row) for batch in tuples.batches() for row in batch.tolist()]
    assert found == expected
    assert tuples.count == len(expected)
    if not expected:
        with pytest.raises(InvalidValueError, match="collections: expected"):
            tuples.draw(1)


@pytest.mark.parametrize("collections", [(a, b), (x, z), (x, w), (x, z, w), (x, w, a)])
def test_draws_are_uniform(collections):
    tuples = Tuples(labelled(3, 1, 2), collections)
    drawn = tuples.draw(20_000, seed=1)
    places, counts = np.unique(drawn, axis=0, return_counts=True)
    assert {tuple(row) for row in places.tolist()} == {
        tuple(row) for batch in tuples.batches() for row in batch.tolist()
    }
    expected = 20_000 / tuples.count
    # Six standard deviations.
    assert np.abs(counts - expected).max() < 6 * np.sqrt(expected)
    assert np.array_equal(drawn, tuples.draw(20_000, seed=1))
    assert not np.array_equal(drawn[:100], tuples.draw(100, seed=2))


def test_batches_are_cut_and_still_in_order(monkeypatch):
    data = labelled(3, 2, 2)
    whole = [tuple(row) for batch in Tuples(data, (x, z, w)).batches() for row in batch.tolist()]
    monkeypatch.setattr("boundcheck.data.tuples._AT_ONCE", 10)
    parts = [batch.tolist() for batch in Tuples(data, (x, z, w)).batches()]
    assert len(parts) > 5
    assert [tuple(row) for part in parts for row in part] == whole


def test_words():
    assert [many(count) for count in (1, 2, 3, 4)] == ["collections", "pairs", "triples", "tuples of 4"]
    data = labelled(2, 2)
    assert Tuples(data, (x, z)).said == "x and z of one class"
    assert Tuples(data, (x, z, w)).said == "x and z of one class, w of another"
    assert Tuples(data, (x, w)).said == "x of one class, w of another"
    assert Tuples(data, (x, z, w, CATS, a)).said == "x and z of one class, w of a second, e of a third, a of any class"
    assert Tuples(data, (a, x)).said == "x and a of any class"
