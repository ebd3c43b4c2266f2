"""What is kept with a term: found once, of that object alone, and gone where it is copied or pickled."""

import pickle
from copy import copy, deepcopy
from dataclasses import replace

import pytest

from boundcheck.language import distance, k, m, rewrite, triplet, w, x, z
from boundcheck.language.kept import kept
from boundcheck.theorems import K

LOOKED = []


@kept
def size(term):
    LOOKED.append(term)
    return len(list(term.walk()))


@kept
def name(statement):
    return statement.name


def test_it_is_found_once_for_each_object():
    term, same = (distance(x[x.each], w[k]) for _ in range(2))
    LOOKED.clear()
    assert [size(term), size(term), size(same)] == [4, 4, 4]
    assert len(LOOKED) == 2
    # Of another object that is equal: what it is for one, it is for the other.
    assert term == same
    assert hash(term) == hash(same)


def test_two_functions_keep_apart():
    bound = replace(K)
    assert (name(bound), name(triplet(m))) == ("karimov", "T(m)")
    assert name(replace(bound, name="other")) == "other"


def test_what_was_found_does_not_travel():
    term = distance(x[x.each], z[z.each])
    size(term)
    LOOKED.clear()
    for other in (pickle.loads(pickle.dumps(term)), copy(term), deepcopy(term)):
        assert other == term
        size(other)
    assert len(LOOKED) == 3


def test_what_is_wrong_is_found_wrong_each_time():
    tries = []

    @kept
    def fails(term):
        tries.append(term)
        raise ValueError(str(term))

    for _ in range(2):
        with pytest.raises(ValueError, match="m"):
            fails(m)
    assert len(tries) == 2


def test_a_term_is_rewritten_once():
    assert rewrite(K.rhs) is rewrite(K.rhs)
    assert rewrite.__name__ == "rewrite"
