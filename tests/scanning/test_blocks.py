"""Every triple by tables against the same triples one by one."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import torch

from boundcheck import kernels
from boundcheck.errors import InvalidTypeError, InvalidValueError, NormError, TermError, UnequalSizesError
from boundcheck.evaluate import CODES, Verdict
from boundcheck.evaluate.enclosed import roots_of_squares
from boundcheck.evaluate.grouped import CentroidReader, GridReader, Rows
from boundcheck.language import (
    Bound,
    ForAll,
    distance,
    i,
    j,
    k,
    m,
    maximum,
    mean,
    minimum,
    nearest,
    norm,
    triplet,
    w,
    x,
    z,
)
from boundcheck.scanning import LabelledPoints, check_triples
from boundcheck.scanning import blocks as module
from boundcheck.scanning.blocks import EveryTriple
from boundcheck.scanning.grids import Stage
from boundcheck.scanning.requirements import is_of_squares
from boundcheck.theorems import KNOWN

NAMES = (
    "karimov", "transport", "chamfer", "hausdorff", "farthest", "variance", "two-sided", "separation", "margin",
    "spread", "group",
)  # fmt: skip
FALSE = Bound("false", premises=(triplet(m),), lhs=norm(mean(x) - mean(z)), rhs=m)
UNDECIDED = CODES.index(Verdict.UNDECIDED)


def labelled(sizes, per_class, d=3, seed=0, scale=1.0):
    random = np.random.default_rng(seed)
    points, collection, classes = [], [], []
    for number, count in enumerate(per_class):
        for _ in range(count):
            at = len(set(collection))
            size = sizes[at % len(sizes)]
            points.append((random.normal(size=(size, d)) + 2 * random.normal(size=d) + number) * scale)
            collection += [at] * size
            classes += [number] * size
    return LabelledPoints.from_labels(np.concatenate(points), collection, classes)


def bounds_for(p, sizes):
    bounds = [KNOWN[name] for name in NAMES if KNOWN[name].space.admits(p)]
    return [KNOWN["karimov-any-sizes"], *bounds[1:], FALSE] if len(sizes) > 1 else [*bounds, FALSE]


def uniform(_, points):
    return torch.full((len(points),), 1 / len(points), dtype=torch.float64)


def all_grids(every):
    return [grid for block in every.blocks() for grid in every.grids(block)]


CASES = [
    ((4,), 2.0, {}, 1.0),
    ((3,), 2.0, {m: 1.0}, 1.0),
    ((2, 3, 4), 2.0, {}, 1.0),
    ((1, 2), 2.0, {m: -0.5}, 1.0),
    ((4,), 1.0, {}, 1.0),
    ((4,), np.inf, {}, 1.0),
    ((3, 4), 3.0, {}, 1.0),
    ((4,), 2.0, {}, 1e200),
    ((4,), 2.0, {}, 1e-200),
]


class Case:
    """Points of one of the cases, what is asked of them, and what is said of each triple alone."""

    def __init__(self, sizes, p, parameters, scale):
        # A class of one collection is negative alone.
        self.points = labelled(sizes, (3, 2, 4) if scale == 1 and sizes == (4,) else (2, 1, 3), scale=scale)
        self.p, self.scale = p, scale
        self.parameters = {parameter: value * scale for parameter, value in parameters.items()}
        self.bounds = bounds_for(p, sizes)
        self._alone = {}

    def alone(self, bound, grid):
        """Return what is said of a grid's triples: no more of them at once than are judged in exact numbers."""
        place = bound.name, grid.anchor, *grid.positives, None, *grid.negatives
        if place not in self._alone:
            given = {one: value for one, value in self.parameters.items() if one in bound.parameters()}
            self._alone[place] = check_triples(
                bound,
                self.points,
                np.array(triples_of(grid)),
                norm=self.p,
                parameters=given,
                weights=uniform if bound.weights() else None,
                chain=False,
            )
        return self._alone[place]

    def every(self, **options):
        return EveryTriple(self.points, self.bounds, norm=self.p, parameters=self.parameters, **options)


def triples_of(grid):
    return [(grid.anchor, a, b) for a in grid.positives for b in grid.negatives]


@pytest.fixture(params=CASES, ids=str, scope="module")
def case(request):
    return Case(*request.param)


def test_sides_and_verdicts_are_those_of_single_triples(case):
    seen = []
    for grid in all_grids(case.every()):
        seen += triples_of(grid)
        for bound in case.bounds:
            alone, found = case.alone(bound, grid), grid.bounds[bound.name]
            np.testing.assert_array_equal(found.code.ravel(), alone.code)
            square = is_of_squares(bound)
            for side in ("lhs", "rhs"):
                value, error = getattr(alone, side), getattr(alone, f"{side}_error")
                if square:
                    value, error = roots_of_squares(value, error)
                own, off = getattr(found, side).ravel(), getattr(found, f"{side}_error").ravel()
                finite = np.isfinite(error)
                assert (np.isfinite(off) == finite).all()
                assert (np.abs(own[finite] - value[finite]) <= (off + error)[finite]).all()
                # Squares of numbers so large or so small are not known as well.
                assert case.scale != 1 or (off <= 1e-10 * np.abs(value).max()).all()
        for symbol, (value, error) in grid.parameters.items():
            bound = next(b for b in case.bounds if symbol in [parameter.symbol for parameter in b.parameters()])
            alone = case.alone(bound, grid).parameters[symbol]
            assert (np.abs(value.ravel() - alone) <= error.ravel() + 1e-11 * case.scale).all()
    assert len(seen) == len(set(seen)) == case.every().count
    classes = case.points.classes
    assert all(classes[a] == classes[b] != classes[c] and a != b for a, b, c in seen)


def test_verdicts_alone_are_the_same_and_most_rest_on_centroids(case):
    stages = np.zeros(3, dtype=int)
    for grid in all_grids(case.every(verdicts_only=True)):
        for bound in case.bounds:
            found = grid.bounds[bound.name]
            assert found.lhs is None
            np.testing.assert_array_equal(found.code.ravel(), case.alone(bound, grid).code)
            stages += np.bincount(found.stage.ravel(), minlength=3)
    assert stages[Stage.CENTROIDS]
    assert stages[Stage.DISTANCES]


def terms_about(bounds):
    """Both sides of bounds, their least m, and every reduction of reductions of distances."""
    premises = [one for bound in bounds for one in bound.premises if isinstance(one, ForAll)]
    found = [side for bound in bounds for side in (bound.lhs, bound.rhs)]
    found += [premise.least for premise in premises if premise.parameter is not None]
    kinds = (maximum, mean, minimum)
    for other, body in ((k, distance(x[i], w[k])), (j, distance(x[i], z[j]))):
        for outer, inner in product(kinds, kinds):
            found += [outer(i, inner(other, body)), outer(other, inner(i, body))]
    return [term for term in dict.fromkeys(found) if not term.parameters()]


def test_what_centroids_say_encloses_what_distances_say(case):
    every = EveryTriple(case.points, case.bounds, norm=case.p)
    for block in every.blocks():
        rows = Rows(every.grouped, np.unique([*block.anchors, *block.positives]))
        by_size = module._BySize(every.grouped, block, rows)
        for cell in (part for whole in every._cells(block, rows) for part, _ in by_size.parts(whole)):
            rough, fine = (kind(every.grouped, *cell.triples, (x, z, w), rows) for kind in (CentroidReader, GridReader))
            for term in terms_about(every.bounds):
                ends = []
                for found in (rough.scalar(term), fine.scalar(term)):
                    value, error = found.value.numpy(), found.known_error.numpy()
                    known = np.isfinite(value) & np.isfinite(error)
                    ends.append((np.where(known, value, 0), np.where(known, error, np.inf)))
                (about, off), (value, error) = ends
                assert (np.abs(about - value) <= off + error).all(), term


def test_the_least_m_is_known_well_enough_from_centroids_for_theorem_k():
    points = labelled([6], (9, 7, 8), d=5)
    every = EveryTriple(points, [KNOWN["karimov"]], verdicts_only=True)
    for grid in all_grids(every):
        assert (grid.bounds["karimov"].code == CODES.index(Verdict.HOLDS)).all()
        assert (grid.bounds["karimov"].stage == Stage.CENTROIDS).all()


def test_centroids_decide_what_is_far_apart():
    random = np.random.default_rng(0)
    centres = np.repeat([[0.0, 0], [0, 1], [50, 0], [50, 1]], 5, axis=0)
    points = LabelledPoints.from_labels(
        centres + random.normal(size=(20, 2)) / 9, np.repeat(range(4), 5), np.repeat([0, 1], 10)
    )
    (first, *_) = all_grids(EveryTriple(points, [KNOWN["karimov"]], verdicts_only=True))
    assert (first.bounds["karimov"].stage == Stage.CENTROIDS).all()
    assert (first.bounds["karimov"].code == CODES.index(Verdict.HOLDS)).all()


@pytest.mark.parametrize("p", [1, 2, np.inf])
def test_a_small_distance_beside_large_points_is_not_taken_for_0(p):
    numbers = [0.0, 0.0, 3e-164, 1e160]
    points = LabelledPoints.from_labels([[number] for number in numbers], [0, 1, 2, 3], [0, 0, 1, 1])
    limits = {"false": Fraction(1, 10**164), "true": Fraction(1, 10**163)}
    apart = 0 * maximum(j, maximum(i, distance(x[i], z[j])))
    bounds = [Bound(name, lhs=nearest(x, w) + apart, rhs=limit) for name, limit in limits.items()]
    for grid in all_grids(EveryTriple(points, bounds, norm=p)):
        exact = [abs(Fraction(numbers[grid.anchor]) - Fraction(numbers[other])) for other in grid.negatives]
        for name, limit in limits.items():
            right = [CODES.index(Verdict.HOLDS if number <= limit else Verdict.FAILS) for number in exact]
            assert (grid.bounds[name].code == [right] * len(grid.positives)).all()


def test_equality_goes_on_to_higher_precision():
    points = LabelledPoints.from_labels([[0.0], [2.0], [1.0]], [0, 1, 2], [0, 0, 1])
    for verdicts_only in (False, True):
        every = EveryTriple(points, [KNOWN["karimov"]], parameters={m: 1.0}, verdicts_only=verdicts_only)
        for grid in all_grids(every):
            found = grid.bounds["karimov"]
            assert (found.code == CODES.index(Verdict.HOLDS)).all()
            assert (found.stage == Stage.HIGHER_PRECISION).all()


def test_a_failed_premise_makes_it_vacuous():
    points = labelled([3], (2, 2))
    for grid in all_grids(EveryTriple(points, [KNOWN["karimov"]], parameters={m: -100.0})):
        assert (grid.bounds["karimov"].code == CODES.index(Verdict.VACUOUS)).all()


def test_transport_of_two_collections_is_found_once_and_of_one_and_itself_not_at_all(monkeypatch):
    solved, coupling = [], kernels.coupling

    def counted(cost):
        solved.append(cost)
        return coupling(cost)

    monkeypatch.setattr(kernels, "coupling", counted)
    every = EveryTriple(labelled((3,), (4, 2)), (KNOWN["transport"],))
    values = {}
    for grid in all_grids(every):
        for at, positive in enumerate(grid.positives):
            sides = grid.bounds["transport"]
            values[grid.anchor, positive] = {*sides.rhs[at], *sides.rhs_error[at]}
    assert len(solved) == 6 + 1
    assert len(values) == 2 * (6 + 1)
    assert all(values[a, b] == values[b, a] and len(values[a, b]) == 2 for a, b in values)
    # Where sizes differ, none is of both kinds.
    solved.clear()
    list(all_grids(EveryTriple(labelled((2, 3), (2, 2)), (KNOWN["transport"],))))
    assert len(solved) == 4


def test_collections_of_all_sizes_are_read_at_once_where_nothing_is_asked_of_their_points():
    sizes = (2, 3, 4, 5)
    points = labelled(sizes, (4, 3))
    every = EveryTriple(points, bounds_for(2.0, sizes))
    # Its rows run over the points of z and w too.
    assert every._apart == {"two-sided"}
    assert EveryTriple(labelled((3,), (4, 3)), bounds_for(2.0, (3,)))._apart == frozenset()
    grids = list(all_grids(every))
    assert sorted(grid.anchor for grid in grids) == list(range(len(points)))
    assert sum(len(triples_of(grid)) for grid in grids) == every.count


def test_large_classes_are_cut_into_blocks_that_hold_each_triple_once(monkeypatch):
    points = labelled([2], (7, 3))
    monkeypatch.setattr(module, "_BLOCK_ROWS", 6)
    every = EveryTriple(points, [KNOWN["karimov"]])
    assert len({block.key for block in every.blocks()}) == len(every.blocks()) > 4
    seen = [(g.anchor, a, b) for g in all_grids(every) for a in g.positives for b in g.negatives]
    assert len(seen) == len(set(seen)) == every.count == 7 * 6 * 3 + 3 * 2 * 7


def test_what_cannot_be_scanned_is_refused():
    points = labelled([3], (2, 2))
    with pytest.raises(InvalidValueError, match="two classes"):
        EveryTriple(labelled([3], (3,)), [KNOWN["karimov"]])
    with pytest.raises(InvalidValueError, match="bounds"):
        EveryTriple(points, [])
    with pytest.raises(InvalidValueError, match="different names"):
        EveryTriple(points, [KNOWN["karimov"], KNOWN["karimov"]])
    with pytest.raises(InvalidTypeError, match="bounds"):
        EveryTriple(points, ["karimov"])
    with pytest.raises(InvalidTypeError, match="labelled"):
        EveryTriple(np.zeros((3, 2)), [KNOWN["karimov"]])
    with pytest.raises(NormError):
        EveryTriple(points, [KNOWN["variance"]], norm=1.0)
    with pytest.raises(UnequalSizesError):
        EveryTriple(labelled([3, 2], (2, 2)), [KNOWN["karimov"]])
    with pytest.raises(TermError, match="a Lipschitz: a scan has no function that its map stands for"):
        EveryTriple(points, [KNOWN["lipschitz-head"]])
    unsplit = Bound(
        "unsplit", lhs=norm(mean(x) - mean(z)), rhs=maximum((i, k), distance(x[i], w[k]) + distance(mean(z), w[k]))
    )
    with pytest.raises(TermError, match="unsplit"):
        EveryTriple(points, [unsplit])
