"""The library: every statement holds on random and on hard data, is as sharp as it says, or is refuted and says where."""

import sys
from itertools import product
from math import inf
from pathlib import Path

import numpy as np
import pytest

from boundcheck.errors import InvalidValueError
from boundcheck.evaluate import CODES, Verdict
from boundcheck.formal import bound_latex
from boundcheck.language import Bound, Family, Relation, SampleIndex, mean, norm, x
from boundcheck.theorems import KNOWN, every
from boundcheck.theorems.false import FALSE
from boundcheck.theorems.find import find_bound, resolve
from boundcheck.theorems.published import FIELDS, PUBLISHED, Instance, Published, Status, field_of
from boundcheck.theorems.published.record import line
from boundcheck.theorems.upper import TRANSPORT

sys.path.insert(0, str(Path(__file__).parents[2] / "docs"))
from published.pages import judged_at

TRUE = {name: statement for name, statement in PUBLISHED.items() if statement.counterexample is None}
WRONG = {name: statement for name, statement in PUBLISHED.items() if statement.counterexample is not None}
#: What the parameter of a map is given, and maps multiply by: a power of two, so that the products are exact.
FACTOR = 4.0
#: What other parameters are given that no premise determines.
VALUE = 0.5
#: Where a premise is met by few values of parameters, those.
VALUES = {"augmentation-overlap": {"σ": 1.0, "ε": 0.0625, "η": 0.0625}}


def verdict_at(bound, instance):
    return CODES[int(judged_at(bound, instance).conclusion.code)]


def bound_by(node):
    return () if node.bound_index is None else (node.bound_index,)


def drawn(bound, kind, seed):
    """Return points for each collection of a bound, of one of the kinds that bounds are broken by."""
    random = np.random.default_rng(seed)
    # Where indices are apart there must be two of what they run over.
    indices = [index for term in bound.terms() for node in term.walk() for index in bound_by(node)]
    least = 1 + any(index.apart for index in (*indices, *bound.indices))
    # A sample without replacement is of as many points at least.
    least = max([least, *(one.size for one in indices if isinstance(one, SampleIndex) and not one.replacement)])
    dimension = int(random.integers(least, 5))
    sizes = {one.symbol: int(random.integers(least, 6)) for one in bound.collections}
    partitions = {}
    for family in bound.collections:
        if isinstance(family, Family):
            # Of one size, or not.
            several = (2, 2, 2) if seed % 2 or bound.premises else (3, 2)
            partitions[family.symbol], sizes[family.symbol] = several, sum(several)
    for group in bound.equal_sizes:
        for one in group:
            sizes[one.symbol] = sizes[group[0].symbol]
    points = {}
    for position, (symbol, size) in enumerate(sizes.items()):
        rows = random.normal(size=(size, dimension))
        if kind == "sphere":
            rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        elif kind == "simplex":
            rows = np.eye(dimension)[random.integers(0, dimension, size)] - 1 / dimension
        elif kind == "ties":
            rows = random.integers(-1, 2, size=(size, dimension)).astype(float)
        elif kind == "far":
            rows += 1e6
        elif kind == "one direction":
            rows = random.uniform(1, 2, size=(size, 1)) * random.normal(size=(1, dimension))
        elif kind == "apart":
            rows += 40 * (position == 2)
        points[symbol] = tuple(map(tuple, rows.tolist()))
    weights = {one.symbol: tuple(random.integers(0, 3, sizes[one.collection.symbol]) + 1) for one in bound.weights()}
    given = {one.symbol: VALUE for one in bound.parameters() if one not in bound.least}
    given |= VALUES.get(bound.name, {})
    given |= {one.symbol: FACTOR for one in bound.lipschitz_parameters}
    return Instance(points, given, weights, partitions, {one.symbol: FACTOR for one in bound.maps()})


@pytest.mark.parametrize("name", TRUE)
def test_it_never_fails_on_random_and_on_hard_data(name):
    bound, found = TRUE[name].bound, set()
    kinds = ("general", "sphere", "simplex", "ties", "far", "apart", "one direction")
    # Two drawings of each kind in the norm that most are stated for; one or the other in the rest.
    for number, (kind, seed, p) in enumerate(product(kinds, range(2), (1, 2, 3, inf))):
        if bound.space.admits(p) and (p == 2 or seed == number // 8 % 2):
            case = drawn(bound, kind, seed)
            verdict = verdict_at(
                bound, Instance(case.points, case.parameters, case.weights, case.partitions, case.maps, p)
            )
            assert verdict is not Verdict.FAILS, case
            found.add(verdict)
    # If everything were undecided or vacuous, nothing could fail.
    assert found & ({Verdict.HOLDS} if bound.relation is not Relation.EQUAL else {Verdict.HOLDS, Verdict.UNDECIDED})


@pytest.mark.parametrize("name", [name for name, statement in TRUE.items() if statement.sharp is not None])
def test_both_sides_are_equal_where_it_says(name):
    bound, sharp = TRUE[name].bound, TRUE[name].sharp
    judged = judged_at(bound, sharp)
    sides = judged.conclusion
    assert CODES[int(sides.code)] in (Verdict.HOLDS, Verdict.UNDECIDED)
    assert float(sides.lhs) == pytest.approx(float(sides.rhs), abs=1e-12)
    # Nothing that a constant below 1 would allow: with the right side a little smaller the statement is false there.
    assert not any(CODES[int(one.code)] is Verdict.FAILS for one in judged.premises.values())


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_reading_fails_where_it_says(name):
    statement = WRONG[name]
    assert verdict_at(statement.bound, statement.counterexample) is Verdict.FAILS
    assert statement.status is Status.REFUTED
    assert TRUE[statement.reading_of].status is not Status.REFUTED
    assert field_of(TRUE[statement.reading_of]) == field_of(statement)
    assert statement.command == f"boundcheck falsify {name}"


@pytest.mark.parametrize("name", PUBLISHED)
def test_it_reads_well_and_has_a_source(name):
    statement = PUBLISHED[name]
    assert statement.name == name == statement.bound.name
    assert statement.bound.title[0].isupper() or statement.bound.title[0] in "√"
    assert 1600 < statement.year < 2030
    assert len(statement.conventions) > 10
    assert "=" in statement.bound.statement or "≤" in statement.bound.statement
    assert "object at" not in str(statement.bound)
    assert bound_latex(statement.bound)
    assert find_bound(name) == (statement.bound, None)
    assert resolve(statement.bound) == (statement.bound, name)


def test_names_are_no_others_names():
    others = {**every(), **{false.name: false.bound for false in FALSE}}
    for name, statement in PUBLISHED.items():
        assert others.get(name, statement.bound) == statement.bound
    assert sum(map(len, FIELDS.values())) == len(PUBLISHED)
    # What the package states already is not stated twice.
    assert PUBLISHED["transport"].bound is TRANSPORT is KNOWN["transport"]


def test_a_statement_without_source_or_with_half_a_claim_is_refused():
    bare = Bound("bare", lhs=norm(mean(x)), rhs=norm(mean(x)))
    with pytest.raises(InvalidValueError, match="expected a title"):
        Published(bare, year=2000)
    titled = Bound("titled", lhs=bare.lhs, rhs=bare.rhs, title="Titled", citation="A. Author, 2000")
    assert Published(titled, year=2000).status is Status.SURVIVED
    assert Published(titled, year=2000, unsearched="too large").status is Status.STATED
    where = Instance({"x": line(1)})
    with pytest.raises(InvalidValueError, match="sentence"):
        Published(titled, year=2000, sharp=where)
    with pytest.raises(InvalidValueError, match="not sharp"):
        Published(titled, year=2000, sharp=where, counterexample=where)
    proved = Bound(
        "proved", lhs=bare.lhs, rhs=bare.rhs, title="Proved", citation="A. Author, 2000", proof="File.theorem"
    )
    assert Published(proved, year=2000).status is Status.PROVED
