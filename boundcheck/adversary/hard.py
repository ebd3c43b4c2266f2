"""Collections that a bound is tested on: drawn as :mod:`boundcheck.adversary.strategies` does, or found by a search.

A hard case is what the adversary comes to from a seed: of a few layouts the lattice case nearest to breaking the bound,
as it is, moved by a few units in the last place, or climbed from by gradient ascent; one that surely breaks it is shrunk.
The same numbers give the same case, so a failure is drawn again from its seed. The search looks at points as they are:
what a test's own f makes of them is for its examples to show.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from hypothesis import reject
from hypothesis import strategies as st

from boundcheck.adversary.problem import NORMS, Case, Cases, Layout, Problem, Size, Values
from boundcheck.adversary.search import ascend, best_rows, broken, goal
from boundcheck.adversary.shrink import cost, shrink
from boundcheck.adversary.strategies import DRAWN, ROUND, SHAPES, Several, several
from boundcheck.errors import InvalidValueError, explain
from boundcheck.evaluate import NumericReader, judge
from boundcheck.evaluate.readers.numeric import Named
from boundcheck.language import Bound, Family, Map, x

__all__ = ["HARD", "Drawn", "drawn_cases"]

Array = npt.NDArray[np.float64]

#: The shapes of collections that a search finds.
HARD = ("lattice search", "near ties of a search", "ascent")

# Of the search: up to how many points and dimensions, layouts at once, cases of each, and of the ascent.
_SIZE, _DIMENSION, _TOGETHER = 3, 3, 4
_CASES, _SLOW = 256, 32
_STARTS, _STEPS = 24, 40
# From so many seeds: what was found is kept, and the next example may ask for it again.
_SEEDS = 4
# A counterexample is made readable for as long, in seconds.
_SHRINKING = 2.0
# Of a statement about distinct points: how many it may need of each collection.
_MOST_NEEDED = 4


@dataclass(frozen=True, eq=False)
class Drawn:
    """All that a bound is checked on.

    Attributes
    ----------
    several
        Its collections.
    norm
        The p of the p-norm.
    weights, parameters, maps
        By symbol: ratios; values of the parameters that no premise determines, and others that are not the least; what
        each map stands for.
    """

    several: Several
    norm: float
    weights: Mapping[str, Array]
    parameters: Mapping[str, float]
    maps: Mapping[str, Callable[[Array], Array]]


@dataclass(frozen=True)
class Folded:
    """A map that is Lipschitz with a constant in every p-norm: coordinates in another order, with signs, some folded.

    Attributes
    ----------
    constant
        What the map is Lipschitz with.
    seed
        Of the order and the signs; the identity, but for the constant, is 0.
    linear
        Whether no coordinate is folded.
    """

    constant: float
    seed: int = 0
    linear: bool = False

    def __call__(self, points: npt.ArrayLike) -> Array:
        """Return the value at each of some points, shape (k, d)."""
        given = np.asarray(points, dtype=np.float64)
        if not self.seed:
            return self.constant * given
        random, dimension = np.random.default_rng([self.seed, given.shape[-1]]), given.shape[-1]
        turned = random.choice([-1.0, 1.0], dimension) * given[..., random.permutation(dimension)]
        folds = np.zeros(dimension, dtype=np.int64) if self.linear else random.integers(0, 3, dimension)
        kept = np.where(folds == 1, np.abs(turned), np.where(folds == 2, np.maximum(turned, 0.0), turned))
        return np.asarray(self.constant * kept)


def drawn_cases(
    bound: Bound,
    *,
    max_size: int,
    max_dimension: int,
    shapes: Sequence[str],
    norms: st.SearchStrategy[float],
    searched: Sequence[float],
    above: bool,
) -> st.SearchStrategy[Drawn]:
    """Return a strategy for all that a bound is checked on.

    Parameters
    ----------
    bound
        Over any number of collections.
    max_size, max_dimension
        As for :func:`several`.
    shapes
        Which of :data:`~boundcheck.adversary.strategies.SHAPES`, :data:`~boundcheck.adversary.strategies.ROUND` and
        :data:`HARD`.
    norms
        The p of the norm, of what is drawn.
    searched
        Those that a search looks at.
    above
        Whether parameters that a premise determines may have more than their least value.
    """
    unknown = [shape for shape in shapes if shape not in (*SHAPES, *ROUND, *HARD)]
    if unknown or not shapes:
        raise InvalidValueError(
            explain("shapes", f"some of {', '.join((*SHAPES, *ROUND, *HARD))}", f"{tuple(shapes)!r}")
        )
    plain = tuple(shape for shape in shapes if shape not in HARD)
    hard = tuple(shape for shape in shapes if shape in HARD)
    cases = _Cases(bound, min(max_size, _SIZE), min(max_dimension, _DIMENSION), tuple(searched), above)
    return _drawn(cases, plain, hard, max_size, max_dimension, norms)


@st.composite
def _drawn(
    draw: st.DrawFn,
    cases: _Cases,
    plain: tuple[str, ...],
    hard: tuple[str, ...],
    max_size: int,
    max_dimension: int,
    norms: st.SearchStrategy[float],
) -> Drawn:
    """Draw collections of a shape and what the bound takes besides, simplest first; or, half of the time, a hard case."""
    bound = cases.bound
    # Before a search is made ready, which would refuse a premise in other words.
    DRAWN.require_premises(bound)
    shapes = plain or SHAPES[:1]
    size = min(cases.least_size, max_size)
    found = draw(several(bound, min_size=size, max_size=max_size, max_dimension=max_dimension, shapes=shapes))
    points = dict(zip(bound.collections, found.collections, strict=True))
    weights = {}
    for one in bound.weights():
        count = len(points[one.collection])
        ratios = draw(st.lists(st.integers(0, 3), min_size=count, max_size=count))
        weights[one.symbol] = np.array(ratios if any(ratios) else [1] * count, dtype=np.float64)
    constants = set(bound.lipschitz_parameters)
    numbers = st.integers(-4, 4).map(lambda half: half / 2)
    free = [parameter for parameter in bound.parameters() if parameter not in bound.least]
    parameters = {one.symbol: abs(draw(numbers)) if one in constants else draw(numbers) for one in free}
    maps = {map.symbol: draw(_maps(bound, map, parameters)) for map in bound.maps()}
    simple = Drawn(found, draw(norms), weights, parameters, maps)
    # Last, so that what fails anyhow shrinks to the simplest collections rather than to a hard case of few choices.
    if not (hard and cases.groups) or (plain and not draw(st.booleans())):
        if not cases.is_defined(simple):
            reject()
        return simple
    last = cases.groups - 1
    # Of the smallest layouts as often as of all others.
    group = draw(st.one_of(st.integers(0, min(3, last)), st.integers(0, last)))
    found_hard = cases.drawn(group, draw(st.sampled_from(hard)), draw(st.integers(0, _SEEDS - 1)))
    # On the line every norm is the absolute value.
    on_the_line = found_hard.several.collections[0].shape[1] == 1 and simple.norm in NORMS
    return replace(found_hard, norm=simple.norm) if on_the_line else found_hard


def _maps(bound: Bound, map: Map, parameters: Mapping[str, float]) -> st.SearchStrategy[Callable[[Array], Array]]:
    plain = _folded(bound, map, parameters)
    return st.integers(0, 15).map(lambda seed: replace(plain, seed=seed))


def _folded(bound: Bound, map: Map, parameters: Mapping[str, float]) -> Folded:
    """Return the plainest map that meets every Lipschitz premise on one."""
    constants = [_value(premise.constant, parameters) for premise in bound.lipschitz if premise.map == map]
    return Folded(min(constants, default=1.0), linear=map.linear)


def _value(constant: Any, parameters: Mapping[str, float]) -> float:
    """Return what a constant is, of parameters that have values; 0, which every map of one value meets, of others."""
    known = {one for one in constant.parameters() if one.symbol in parameters}
    if known != constant.parameters():
        return 0.0
    # A reader is of some points; the constant is of none.
    reader = NumericReader({x: torch.zeros(1, 1, 1, dtype=torch.float64)}, 2.0)
    for one in known:
        reader.bind(one, Named(torch.tensor([parameters[one.symbol]], dtype=torch.float64), None, ()))
    return max(0.0, float(reader.scalar(constant).value.reshape(-1)[0]))


class _Cases:
    """The hard cases of a bound, by number: layouts are taken a few at a time, smallest first."""

    def __init__(self, bound: Bound, max_size: int, max_dimension: int, norms: tuple[float, ...], above: bool) -> None:
        self.bound, self._above = bound, above
        self._max_size, self._max_dimension, self._norms = max_size, max_dimension, norms
        self._known: dict[tuple[int, str, int], Drawn] = {}

    @cached_property
    def _problem(self) -> Problem | None:
        try:
            return Problem(self.bound)
        except InvalidValueError:
            # It speaks of a map at a vector with several free indices, which no search can do.
            return None

    @cached_property
    def _layouts(self) -> list[Layout]:
        if self._problem is None:
            return []
        return self._problem.layouts(self._norms, self._max_size, range(1, self._max_dimension + 1))

    @property
    def groups(self) -> int:
        """How many groups of layouts there are."""
        return math.ceil(len(self._layouts) / _TOGETHER)

    @cached_property
    def least_size(self) -> int:
        """How many points each collection, and each class, must have for the bound to say anything."""
        problem = self._problem
        if problem is None:
            return 1
        for size in range(1, _MOST_NEEDED + 1):
            sizes: list[Size] = [(size, size) if isinstance(one, Family) else size for one in problem.bound.collections]
            if problem.says_something(Layout(self._norms[0], tuple(sizes), 1)):
                return size
        return 1

    def is_defined(self, drawn: Drawn) -> bool:
        """Say whether all sides are numbers there: none where a square overflows, or for the cosine of a vector that is 0."""
        bound, made = self.bound, drawn.several

        def one(rows: Array | float) -> torch.Tensor:
            return torch.from_numpy(np.array(rows, dtype=np.float64)).unsqueeze(0)

        def mapping(function: Callable[[Array], Array]) -> Callable[[torch.Tensor], torch.Tensor]:
            return lambda rows: torch.from_numpy(np.asarray(function(rows.numpy()), dtype=np.float64))

        judged = judge(
            bound,
            {key: one(rows) for key, rows in zip(bound.collections, made.collections, strict=True)},
            drawn.norm,
            parameters={
                key: one(drawn.parameters[key.symbol]) for key in bound.parameters() if key.symbol in drawn.parameters
            },
            weights={key: one(drawn.weights[key.symbol]) for key in bound.weights()},
            maps={key: mapping(drawn.maps[key.symbol]) for key in bound.maps()},
            partitions=made.partitions,
            chain=False,
            escalate=None,
        )
        return judged.not_finite() is None

    def drawn(self, group: int, shape: str, seed: int) -> Drawn:
        """Return the case of a group of layouts, found in one way from one seed."""
        key = group, shape, seed
        if key not in self._known:
            self._known[key] = self._found(group, shape, seed)
        return self._known[key]

    def _found(self, group: int, shape: str, seed: int) -> Drawn:
        problem, layouts = self._problem, self._layouts[group * _TOGETHER : (group + 1) * _TOGETHER]
        assert problem is not None
        random = torch.Generator().manual_seed(group * _SEEDS + seed)
        if self._above and seed % 2 and problem.determined:
            layouts = [replace(layout, above=True) for layout in layouts]
        looked = [self._looked(problem, of_one) for of_one in self._lattices(problem, layouts, random)]
        cases, values = max(looked, key=lambda one: float(one[1].score.max()))
        if shape == HARD[2] and not problem.slow:
            starts = problem.gaussian(cases.layout, _STARTS, random).joined(cases.at(best_rows(values.score, _STARTS)))
            climbed = ascend(problem, starts, goal, steps=_STEPS, random=random, until=math.inf)
            looked.append(self._looked(problem, climbed))
        ranked = sorted(looked, key=lambda one: -float(one[1].score.max()))
        for cases, values in ranked:
            case = broken(problem, cases, values)
            if case is not None:
                return self._as_drawn(problem, shrink(problem, case, seconds=_SHRINKING), shape)
        cases, values = ranked[0]
        # Of those that are as near, the one that reads best.
        top = float(values.score.max())
        rows = [row for row in best_rows(values.score, 32).tolist() if float(values.score[row]) >= top - 1e-9]
        case = min((problem.case(cases, values, row) for row in rows), key=lambda one: cost(problem, one))
        return self._as_drawn(problem, _moved(case, seed) if shape == HARD[1] else case, shape)

    @staticmethod
    def _lattices(problem: Problem, layouts: Sequence[Layout], random: torch.Generator) -> list[Cases]:
        count = _SLOW if problem.slow else _CASES
        found = []
        for layout in layouts:
            cases = problem.lattice(layout, count, random)
            found.append(cases.joined(problem.round(layout, count // 4, random)) if problem.is_round else cases)
        return found

    @staticmethod
    def _looked(problem: Problem, cases: Cases) -> tuple[Cases, Values]:
        with torch.no_grad():
            return cases, problem.values(cases)

    def _as_drawn(self, problem: Problem, case: Case, shape: str) -> Drawn:
        collections = tuple(case.points[one] + 0.0 for one in self.bound.collections)
        found = Several(self.bound, collections, case.partitions, shape)
        maps: dict[str, Callable[[Array], Array]] = {}
        given = {parameter.symbol: value for parameter, value in case.given.items()}
        for map in self.bound.maps():
            extension = problem.extension(case, map)
            if extension.lines is not None:
                function = extension.function()
                bounded = any(premise.map == map for premise in self.bound.lipschitz)
                maps[map.symbol] = Flatter(function) if bounded else function
            else:
                # There is such a map, but no formula for it: a plain one stands in.
                maps[map.symbol] = _folded(self.bound, map, given)
        weights = {one.symbol: array for one, array in case.weights.items()}
        return Drawn(found, case.norm, weights, given, maps)


@dataclass(frozen=True)
class Flatter:
    """A map times a number just below 1.

    The values of a hard case are as far apart as its premise allows, and rounding would make some farther.
    """

    function: Callable[[Array], Array]

    def __call__(self, points: npt.ArrayLike) -> Array:
        """Return the value at each of some points, shape (k, d)."""
        return (1 - 2.0**-32) * self.function(np.asarray(points, dtype=np.float64))


def _moved(case: Case, seed: int) -> Case:
    """Return a case whose coordinates are a few units in the last place away."""
    random, unit = np.random.default_rng(seed), np.finfo(np.float64).eps
    moved = {key: array * (1 + random.integers(-3, 4, array.shape) * unit) for key, array in case.points.items()}
    return replace(case, points=moved)
