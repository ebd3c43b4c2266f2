"""Sides and verdicts of compiled loops against the reader that they are traced from, bit by bit."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from boundcheck.evaluate import CODES, Verdict
from boundcheck.evaluate.compiled import Loops
from boundcheck.evaluate.compiled.expressions import EVERY, NEGATIVE, Sheet
from boundcheck.evaluate.enclosed import roots_of_squares
from boundcheck.kernels import compiled as cache
from boundcheck.kernels import grids
from boundcheck.language import (
    Bound,
    ForAll,
    Relation,
    exp,
    i,
    j,
    k,
    largest,
    m,
    maximum,
    mean,
    minimum,
    norm,
    smallest,
    triplet,
    w,
    x,
    z,
)
from boundcheck.scanning import LabelledPoints, blocks
from boundcheck.scanning.blocks import EveryTriple
from boundcheck.scanning.grids import Stage
from boundcheck.scanning.page import scan_tables
from boundcheck.scanning.run import applicable, scan

SIDES = ("code", "stage", "lhs", "lhs_error", "rhs", "rhs_error")


@pytest.fixture(autouse=True)
def loops_however_few_triples_there_are(monkeypatch):
    monkeypatch.setattr(blocks, "_COMPILED_FROM", 0)


class WithoutLoops(Loops):
    def of(self, *args, **options):
        return None


def labelled(sizes, per_class=(3, 2), d=3, seed=0, scale=1.0):
    random = np.random.default_rng(seed)
    points, collection, classes = [], [], []
    for number, count in enumerate(per_class):
        for at in range(count):
            size = sizes[(number + at) % len(sizes)]
            points.append((random.normal(size=(size, d)) + 2 * random.normal(size=d) + number) * scale)
            collection += [len(set(collection))] * size
            classes += [number] * size
    return LabelledPoints.from_labels(np.concatenate(points), collection, classes)


def bits(array):
    return np.ascontiguousarray(array).view(f"u{array.dtype.itemsize}")


def compare(points, bounds, p=2.0, parameters=None):
    """Compare everything that is found with and without loops; return the bounds that have one."""
    by_loops, by_readers = (EveryTriple(points, bounds, norm=p, parameters=parameters) for _ in range(2))
    by_readers._loops = WithoutLoops({})
    count = 0
    for block in by_loops.blocks():
        for found, known in zip(by_loops.grids(block), by_readers.grids(block), strict=True):
            assert set(found.parameters) == set(known.parameters)
            for symbol, pair in known.parameters.items():
                for one, other in zip(found.parameters[symbol], pair, strict=True):
                    np.testing.assert_array_equal(bits(one), bits(other))
            for name, sides in known.bounds.items():
                for part in SIDES:
                    one, other = (getattr(each, part) for each in (found.bounds[name], sides))
                    assert one.shape == other.shape
                    np.testing.assert_array_equal(bits(one), bits(other), err_msg=f"{part} of {name}")
            count += found.bounds[bounds[0].name].code.size
    assert count == by_loops.count
    return {name for (name, *_), made in by_loops._loops._made.items() if made is not None}


@pytest.mark.parametrize("scale", [1.0, 1e-200, 1e160])
def test_every_theorem_has_a_loop_that_finds_the_same_bits(scale):
    points = labelled((3,), scale=scale)
    bounds = applicable(points)
    assert len(bounds) == 11
    assert compare(points, bounds) == {bound.name for bound in bounds}


@pytest.mark.parametrize("p", [1.0, 3.0])
def test_on_collections_of_several_sizes_and_with_a_value_given(p):
    points = labelled((2, 3, 1), (3, 3))
    bounds = applicable(points, p)
    assert compare(points, bounds, p, {m: 0.7}) == {bound.name for bound in bounds}


def test_premises_that_fail_and_what_is_undecided():
    # Whole numbers: many triples are ties, which float64 leaves open or finds exactly.
    random = np.random.default_rng(5)
    points = LabelledPoints.from_labels(
        random.integers(0, 2, size=(24, 2)).astype(float), np.arange(24) // 3, np.arange(24) // 12
    )
    tie = Bound("tie", lhs=norm(mean(x) - mean(z)), rhs=norm(mean(z) - mean(x)))
    equal = Bound("equal", lhs=norm(mean(x) - mean(z)), rhs=norm(mean(x) - mean(w)), relation=Relation.EQUAL)
    less = Bound("less", premises=(triplet(m),), lhs=norm(mean(x) - mean(z)), rhs=m, relation=Relation.LESS)
    bounds = (*applicable(points), tie, equal, less)
    for given in ({}, {m: 0.25}):
        assert compare(points, bounds, parameters=given) == {bound.name for bound in bounds}
    every = EveryTriple(points, bounds, parameters={m: 0.25})
    found = [
        (sides.code, sides.stage)
        for block in every.blocks()
        for grid in every.grids(block)
        for sides in grid.bounds.values()
    ]
    seen = set(np.concatenate([code.ravel() for code, _ in found]).tolist())
    assert {CODES.index(verdict) for verdict in (Verdict.HOLDS, Verdict.FAILS, Verdict.VACUOUS)} <= seen
    assert any((stage == Stage.HIGHER_PRECISION).any() for _, stage in found)


def test_a_bound_of_ones_own_and_terms_that_have_no_rule():
    far = maximum(i, maximum(k, norm(x[i] - w[k])))
    near = norm(mean(z) - mean(w))
    known = Bound("known", lhs=smallest(near, far) * far - 3, rhs=largest(far**2 * 2, near, 1))
    # Neither is written as expressions: the one is a table, the other, of a parameter, has no loop.
    table = Bound("table", lhs=near, rhs=far + exp(near))
    none = Bound("none", premises=(triplet(m),), lhs=near, rhs=exp(m) + far)
    assert compare(labelled((3,)), (known, table, none)) == {"known", "table"}


def test_what_is_not_finite_is_as_arrays_have_it():
    points = labelled((2,), scale=2e307)
    assert compare(points, applicable(points))


def test_expressions_are_written_once_and_numbers_are_given():
    sheet = Sheet()
    a, b = sheet.input(EVERY), sheet.input(NEGATIVE)
    found = 2.0 * a + b
    assert (2.0 * a + b) is found
    assert [one.line for one in sheet.lines([found, b * 3.0])] == ["c0 * t0", "v3 + t1", "t1 * c1"]
    assert sheet.numbers == [2.0, 3.0]
    assert (b * 3.0).axes == NEGATIVE
    with pytest.raises(TypeError, match="some triples"):
        bool(found > 0)
    with pytest.raises(TypeError):
        np.exp(found)


def test_rules_for_arrays_are_rules_for_expressions():
    sheet = Sheet()
    value, error = sheet.input(EVERY), sheet.input(EVERY)
    space = {"np": np}
    outputs = roots_of_squares(value, error)
    lines = [f"{one.name} = {one.line}" for one in sheet.lines(outputs)]
    numbers = [f"c{at} = {number!r}" for at, number in enumerate(sheet.numbers)]
    for given in ((2.0, 0.5), (-1.0, 0.25), (0.0, 0.0), (np.inf, 1.0)):
        known = dict(zip(("t0", "t1"), map(np.float64, given), strict=True))
        with np.errstate(invalid="ignore"):
            exec("\n".join(numbers + lines), space, known)
        for one, expected in zip(outputs, roots_of_squares(*map(np.array, given)), strict=True):
            assert known[one.name] == expected or (np.isnan(known[one.name]) and np.isnan(expected))


def test_other_numbers_are_the_same_source():
    sources = []
    for sizes in ((3,), (4,)):
        every = EveryTriple(labelled(sizes), applicable(labelled(sizes))[:3])
        (block, *_) = every.blocks()
        list(every.grids(block))
        sources.append([made.source for made in every._loops._made.values()])
    assert sources[0] == sources[1]


def test_the_smaller_of_sums_squared_in_the_order_of_the_points():
    random = np.random.default_rng(0)
    for n, q in ((1, 1), (3, 5), (4, 8), (7, 2)):
        a, b = random.normal(size=(3, 1)), random.normal(size=(1, 150, n))
        c, d = random.normal(size=(3, 150)), random.normal(size=(3, 150, q))
        sums = np.minimum((a[..., None] + b)[..., :, None], (c[..., None] + d)[..., None, :])
        exact = sum(Fraction(float(one)) ** 2 for one in sums[1, 2].ravel()) / (n * q)
        found = grids.mean_square_of_smaller(a, b, c, d)
        np.testing.assert_allclose(found, np.square(sums).mean(axis=(2, 3)), rtol=1e-13)
        assert abs(Fraction(float(found[1, 2])) - exact) <= exact * Fraction(n * q + 4, 2**53)


def test_a_sign_of_sums_is_that_of_the_numbers():
    random = np.random.default_rng(1)
    a, b = random.normal(size=(2, 1, 5)), random.normal(size=(1, 3, 5))
    for big in (True, False):
        found = grids.extreme_of_sums(a, b, largest=big, signs=(1.0, -1.0))
        np.testing.assert_array_equal(found, grids.extreme_of_sums(a, -b, largest=big))


def test_compiled_code_is_kept_by_its_source():
    every = EveryTriple(labelled((3,)), applicable(labelled((3,)))[:1])
    list(every.grids(every.blocks()[0]))
    (made,) = every._loops._made.values()
    from boundcheck.evaluate.compiled import loops

    function = loops._functions[made.source]
    assert isinstance(function._cache, cache._Cache)
    assert function.py_func.__qualname__ in function._cache._cache_file._index_name


def test_what_compiling_costs_is_told_once():
    points = labelled((2,))
    own = Bound("own", lhs=norm(mean(x) - mean(z)) ** 2 * norm(mean(x) - mean(w)), rhs=norm(mean(z) - mean(w)) + 5)
    first, second = (scan(points, bounds=[own]) for _ in range(2))
    assert first.compiling > 0 == second.compiling
    assert first.to_dict()["compiling"] == round(first.compiling, 3)
    assert first.summary == second.summary
    [table] = [one for one in scan_tables(replace(first, compiling=2.0)) if "2.0 s of it to compile loops" in one.note]
    assert table.rows[0][0] == "own"


def test_a_parameter_of_two_bounds_with_other_premises_is_no_one_number():
    near = minimum(k, norm(x[i] - w[k]))
    far = ForAll("far", lhs=norm(x[i] - z[j]) * 3 - norm(x[i] - w[k]), rhs=m)
    sides = {"lhs": norm(mean(x) - mean(z)), "rhs": mean(i, (m + near) ** 2)}
    bounds = [Bound("one", premises=(triplet(m),), **sides), Bound("other", premises=(far,), **sides)]
    assert compare(labelled((2,)), bounds) == {"one", "other"}
    together = EveryTriple(labelled((2,)), bounds)
    alone = [EveryTriple(labelled((2,)), [bound]) for bound in bounds]
    for block in together.blocks():
        for grid, *own in zip(together.grids(block), *(every.grids(block) for every in alone), strict=True):
            one, other = (grid.bounds[bound.name] for bound in bounds)
            assert (other.rhs > one.rhs + one.rhs_error).all()
            for sides, known in zip((one, other), own, strict=True):
                (expected,) = known.bounds.values()
                for part in SIDES:
                    np.testing.assert_array_equal(bits(getattr(sides, part)), bits(getattr(expected, part)))
    assert len(together._loops._made) == 2
    assert None not in together._loops._made.values()
