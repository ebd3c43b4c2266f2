"""The search for a case that breaks a bound: examples, lattices, gradient ascent.

========  ==============================================================================================================
lattice   whole coordinates at random, smallest layouts first: most false statements end here, on a few points
growth    what came nearest so far, with every point several times: up to 64 points
breadth   layouts of up to 8 points and 8 dimensions, drawn at random: whole coordinates, simplices, cross-polytopes, one
          point far from the rest
examples  Hypothesis draws collections from the premises and aims at the largest violation: scales, degenerate sets, near
          ties, collections far from the origin
ascent    the numeric reader, differentiated: many starts of one layout climb together, shaken off ties by noise that dies
          down; the best cases of the lattice among them
========  ==============================================================================================================

What looks broken in float64 is broken only once its enclosure says so; until then the search goes on.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from boundcheck.adversary.problem import MET, Case, Cases, Layout, Problem, Values
from boundcheck.language import Collection, Relation
from boundcheck.progress import status

__all__ = ["Progress", "Search", "Tried", "ascend", "best_rows", "broken", "goal", "telling"]

#: What is called with what is being tried, and what was.
Progress: TypeAlias = "Callable[[str, Tried], None]"

#: By how much a side must exceed the other, relatively, to be worth judging: more than rounding makes of equal sides.
_SUSPECT = 1e-10
_LATTICE, _STARTS, _STEPS, _SLOW = 512, 192, 80, 48
_EXAMPLES = 400
# What the length of a step, and of the noise, comes down to: corners are met to four digits.
_COOLED = 1e-4
# Layouts beyond the small ones, drawn at random.
_WIDE_SIZE, _WIDE_DIMENSION = 8, 8
# How often points are repeated, and up to how many there are: of slow statements fewer.
_TIMES = (2, 4, 8, 16, 3, 6, 12, 32)
_MANY, _MANY_OF_SLOW = 64, 24
# Points, and dimensions, of the first layouts of breadth.
_ALIKE = (4, 8, 16)
# Layouts that grow, and cases of each.
_GROWN_LAYOUTS, _GROWN_CASES = 8, 4


@dataclass
class Tried:
    """What a search has tried.

    Attributes
    ----------
    cases, examples, starts
        Cases evaluated in all; examples drawn by Hypothesis; starts of gradient ascent.
    layouts
        Every norm, size and dimension that was searched.
    met
        Cases at which the premises were met, as float64 has it.
    exceeded
        By how much the premises were exceeded, at the least; of cases that met them, at most 0.
    violation
        The largest ``(lhs − rhs) / (|lhs| + |rhs|)`` found, up to rounding.
    tightness
        lhs / rhs there; None of an equality, or where rhs is not above 0 by more than rounding.
    tightest
        Where that was.
    seconds
        How long it took.
    """

    cases: int = 0
    examples: int = 0
    starts: int = 0
    layouts: set[Layout] = field(default_factory=set)
    met: int = 0
    exceeded: float = float("inf")
    violation: float = -float("inf")
    tightness: float | None = None
    tightest: Case | None = None
    seconds: float = 0.0

    def note(self, problem: Problem, cases: Cases, values: Values) -> None:
        """Count a batch and keep its best case if it is better than any before."""
        self.cases += len(cases)
        self.layouts.add(cases.layout)
        self.met += int((values.excess <= MET).sum())
        self.exceeded = min(self.exceeded, float(values.excess.nan_to_num(nan=torch.inf).min()))
        score = values.score
        row = int(score.argmax())
        # By more than rounding, so that the first and smallest of many equals stays.
        if float(score[row]) > self.violation + 1e-9:
            self.violation = float(score[row])
            tightness = float(values.tightness[row])
            told = problem.bound.relation is not Relation.EQUAL and np.isfinite(tightness)
            self.tightness = tightness if told else None
            self.tightest = problem.case(cases, values, row)


@contextmanager
def telling(progress: Progress | bool | None) -> Iterator[Progress | None]:
    """Return what is called with what is being tried and what was: the caller's own function, or one that shows it.

    Parameters
    ----------
    progress
        That function; True or None to show it where someone looks, at a terminal or in a notebook, False for nothing.
    """
    if progress is not None and not isinstance(progress, bool):
        yield progress
    elif progress is False:
        yield None
    else:
        with status(shown=progress) as say:
            yield lambda what, tried: say(
                f"{what} · {tried.cases:,} cases, {tried.starts:,} starts, {tried.seconds:.0f} s"
            )


class Search:
    """One search of one problem.

    Parameters
    ----------
    problem
        What may be varied.
    norms, max_size, dimensions
        The layouts: norms in the order of preference, points in a collection, dimensions of the space.
    seconds
        How long it may take.
    seed
        Of everything random.
    progress
        Called with what is being tried, and what was.
    """

    def __init__(
        self,
        problem: Problem,
        *,
        norms: Sequence[float],
        max_size: int,
        dimensions: Sequence[int],
        seconds: float,
        seed: int,
        progress: Progress | None = None,
    ) -> None:
        self.problem, self.tried = problem, Tried()
        self._norms, self._max_size, self._dimensions = tuple(norms), max_size, tuple(dimensions)
        self._seed, self._progress = seed, progress
        self._random = torch.Generator().manual_seed(seed)
        # Which layouts a bound says something of takes its time where there are families: a short search is none of that.
        self.layouts = problem.layouts(self._norms, max_size, self._dimensions)
        self._began = time.monotonic()
        self._seconds, self._deadline = seconds, self._began + seconds
        self._promise: dict[Layout, float] = {}
        self._best: dict[Layout, Cases] = {}

    def run(self) -> Case | None:
        """Return a case that surely breaks the bound, or None when time is up."""
        try:
            return (
                self._lattices(self.layouts, self._until(0.25))
                or self._grown(self._until(0.4))
                or self._broad(self._until(0.5))
                or self.examples(time.monotonic() + 0.15 * self._seconds)
                or self._lattices(self._above(), self._until(0.7))
                or self._ascents()
                or self._wide()
            )
        finally:
            self.tried.seconds = time.monotonic() - self._began

    def _until(self, share: float) -> float:
        return self._began + share * self._seconds

    def _above(self) -> list[Layout]:
        return [_above(layout) for layout in self.layouts] if self.problem.determined else []

    @property
    def _over(self) -> bool:
        return time.monotonic() >= self._deadline

    def _say(self, what: str) -> None:
        if self._progress is not None:
            self.tried.seconds = time.monotonic() - self._began
            self._progress(what, self.tried)

    # ----------------------------------------------------------------------------------------------------- lattice

    def _lattices(self, layouts: Sequence[Layout], until: float) -> Case | None:
        for layout in layouts:
            if time.monotonic() >= until:
                return None
            self._say(f"lattice: {layout}")
            cases = self.problem.lattice(layout, _SLOW if self.problem.slow else _LATTICE, self._random)
            if self.problem.is_round:
                cases = cases.joined(self.problem.round(layout, max(8, len(cases) // 4), self._random))
            found = self._looked_at(cases)
            if found is not None:
                return found
        return None

    def smaller(self, than: Case, seconds: float) -> Case | None:
        """Return a case of fewer points, or of fewer dimensions, that breaks the bound, if a lattice shows one."""
        deadline = time.monotonic() + seconds
        points = sum(len(than.points[one]) for one in self.problem.spoken)
        dimension = next(iter(than.points.values())).shape[1]
        for layout in self.layouts:
            if (self.problem.points_in(layout), layout.dimension) >= (points, dimension):
                return None
            if time.monotonic() > deadline:
                return None
            cases = self.problem.lattice(layout, _SLOW if self.problem.slow else 4 * _LATTICE, self._random)
            found = self._looked_at(cases)
            if found is not None:
                return found
        return None

    def _looked_at(self, cases: Cases) -> Case | None:
        with torch.no_grad():
            values = self.problem.values(cases)
        self.tried.note(self.problem, cases, values)
        rows = best_rows(values.score, 32)
        self._promise[cases.layout] = float(values.score[rows[0]])
        self._best[cases.layout] = cases.at(rows)
        return broken(self.problem, cases, values)

    # ---------------------------------------------------------------------------------------- growth and breadth

    def _grown(self, until: float) -> Case | None:
        """Look at what came nearest to breaking the bound with its points several times: a sum or a mean hides few."""
        known = [layout for layout in self.layouts if layout in self._promise]
        known.sort(key=lambda layout: -round(self._promise[layout], 2))
        groups = self.problem.leaders()
        together = tuple(collection for group in groups for collection in group)
        for times in _TIMES:
            for layout in known[:_GROWN_LAYOUTS]:
                for group in groups if len(groups) < 2 else [together, *groups]:
                    for counts in self._growths(layout, group, times):
                        if time.monotonic() >= until:
                            return None
                        self._say(f"growth: {times} times {layout}")
                        first = self._best[layout].at(torch.arange(min(_GROWN_CASES, len(self._best[layout]))))
                        found = self._looked_at(self.problem.repeated(first, counts))
                        if found is not None:
                            return found
        for layout in known[:_GROWN_LAYOUTS]:
            for group in groups if len(groups) < 2 else [together, *groups]:
                found = self._grown_by_pairs(layout, group, until)
                if found is not None:
                    return found
        return None

    def _grown_by_pairs(self, layout: Layout, group: Sequence[Collection], until: float) -> Case | None:
        """Have two points of the best case there once more, whichever two do most for it, again and again."""
        sizes = dict(zip(self.problem.bound.collections, layout.sizes, strict=True))
        grown = [one for one in group if not isinstance(sizes[one], tuple)]
        # Two at once, as a median is of an odd number of points.
        if len(grown) < len(group):
            return None
        case, promise = self._best[layout].at(torch.arange(1)), self._promise[layout]
        most = _MANY_OF_SLOW if self.problem.slow else _MANY
        places = {one: torch.arange(int(sizes[one])) for one in grown}  # type: ignore[arg-type]
        first = list(itertools.combinations_with_replacement(range(max(map(len, places.values()))), 2))
        while time.monotonic() < until and max(map(len, places.values())) + 2 <= most:
            ways = {
                one: torch.stack([torch.cat([rows, torch.tensor([a % len(rows), b % len(rows)])]) for a, b in first])
                for one, rows in places.items()
            }
            cases = self.problem.copied(case, {one: ways[one] for one in grown})
            found = self._looked_at(cases)
            if found is not None:
                return found
            if self._promise[cases.layout] <= promise:
                return None
            case, promise = self._best[cases.layout].at(torch.arange(1)), self._promise[cases.layout]
            places = {one: torch.arange(len(rows) + 2) for one, rows in places.items()}
        return None

    def _growths(
        self, layout: Layout, group: Sequence[Collection], times: int
    ) -> Iterator[dict[Collection, tuple[int, ...]]]:
        """Yield how often each point of some collections is to be there: all alike, the last alone, all but the last."""
        sizes = dict(zip(self.problem.bound.collections, layout.sizes, strict=True))
        most = _MANY_OF_SLOW if self.problem.slow else _MANY
        for rest, last in ((times, times), (1, times), (times, 1), (times, times + 1)):
            counts: dict[Collection, tuple[int, ...]] = {}
            for one in group:
                size = sizes[one]
                counts[one] = (times,) * sum(size) if isinstance(size, tuple) else (rest,) * (size - 1) + (last,)
            if max(map(sum, counts.values())) <= most:
                yield counts
            if all(isinstance(size, tuple) or size == 1 for size in (sizes[one] for one in group)):
                # There is one way alone.
                return

    def _broad(self, until: float) -> Case | None:
        """Look at as many points as dimensions, and then at layouts of up to eight of both, drawn at random."""
        spaces = [
            Layout(norm, self.problem.alike(count), count if len(self._dimensions) > 1 else self._dimensions[0])
            for count in _ALIKE
            for norm in self._norms
        ]
        for layout in itertools.chain(spaces, iter(lambda: self._drawn_layout(1), object())):
            if time.monotonic() >= until:
                return None
            if layout is None or not self.problem.says_something(layout):
                continue
            self._say(f"breadth: {layout}")
            count = _SLOW // 2 if self.problem.slow else _LATTICE // 4
            cases = self.problem.lattice(layout, count // 2, self._random)
            cases = cases.joined(self.problem.regular(layout, count, self._random))
            found = self._looked_at(cases)
            if found is not None:
                return found
        return None

    def _drawn_layout(self, least: int) -> Layout | None:
        """Draw a layout of up to eight points or dimensions, or as many as were asked for; None where it says nothing."""
        size = int(torch.randint(least, max(self._max_size, _WIDE_SIZE) + 1, (1,), generator=self._random))
        picked = self.problem.drawn_sizes(size, self._random)
        top = max(self._dimensions)
        among = self._dimensions if len(self._dimensions) == 1 else range(1, max(top, _WIDE_DIMENSION) + 1)
        dimension = among[int(torch.randint(len(among), (1,), generator=self._random))]
        norm = self._norms[int(torch.randint(len(self._norms), (1,), generator=self._random))]
        layout = Layout(norm, picked, dimension)
        return layout if self.problem.says_something(layout) else None

    # ---------------------------------------------------------------------------------------------------- examples

    def examples(self, until: float) -> Case | None:
        """Have Hypothesis draw cases and aim at the largest violation, until a time of :func:`time.monotonic`."""
        if self._over:
            return None
        from hypothesis import HealthCheck, Phase, given, seed, settings, target
        from hypothesis import strategies as st

        from boundcheck.adversary.strategies import ROUND, SHAPES, several

        self._say("examples")
        problem, found = self.problem, list[Case]()
        shapes = (*SHAPES, *ROUND) if problem.is_round else SHAPES
        numbers = st.integers(-4, 4).map(lambda half: half / 2)

        @seed(self._seed)
        @settings(
            max_examples=_EXAMPLES,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.target],
        )
        @given(
            drawn=several(problem.stated, max_size=_WIDE_SIZE, max_dimension=_WIDE_DIMENSION, shapes=shapes),
            p=st.sampled_from(self._norms),
            data=st.data(),
        )
        def violate(drawn, p, data):  # type: ignore[no-untyped-def]
            # One at least, however slow the first is.
            if found or (self.tried.examples and time.monotonic() >= until):
                raise _Enough
            points = dict(zip(problem.stated.collections, drawn.collections, strict=True))
            dimension = drawn.collections[0].shape[1]
            for site in problem.sites:
                size = 1 if site.index is None else len(points[site.index.collections[0]])
                points[site.values] = np.zeros((size, dimension))
            weights = {}
            for one in problem.weights:
                size = len(points[one.collection])
                ratios = data.draw(st.lists(st.integers(0, 3), min_size=size, max_size=size).filter(any))
                weights[one] = np.array(ratios, dtype=np.float64)
            given = {parameter: data.draw(numbers) for parameter in problem.free}
            case = Case(p, points, weights, given, drawn.partitions)
            layout = problem.layout_of(case)
            if not problem.says_something(layout):
                return
            cases = problem.cases(layout, [case])
            if problem.sites:
                random = torch.Generator().manual_seed(data.draw(st.integers(0, 2**32 - 1)))
                cases = problem.mapped(cases, torch.ones(1, dtype=torch.bool), random)
            with torch.no_grad():
                values = problem.values(cases)
            self.tried.examples += 1
            self.tried.note(problem, cases, values)
            score = float(values.score[0])
            if np.isfinite(score):
                target(score, label="violation")
            if (case_found := broken(problem, cases, values)) is not None:
                found.append(case_found)

        with suppress(_Enough):
            violate()
        return found[0] if found else None

    # ------------------------------------------------------------------------------------------------------ ascent

    def _ascents(self) -> Case | None:
        """Climb from the best of every layout: the smallest and the most promising in turn."""
        least = [layout for layout in self.layouts if layout in self._promise]
        promising = sorted(least, key=lambda layout: -round(self._promise[layout], 2))
        above = [_above(layout) for layout in least if _above(layout) in self._promise]
        order = [layout for pair in zip(least, promising, strict=True) for layout in pair]
        for layout in dict.fromkeys([*order, *above]):
            if self._over:
                return None
            found = self._ascent(layout)
            if found is not None:
                return found
        return None

    def _ascent(self, layout: Layout) -> Case | None:
        self._say(f"ascent: {layout}")
        starts = self.problem.gaussian(layout, _SLOW // 2 if self.problem.slow else _STARTS, self._random)
        if layout in self._best:
            starts = starts.joined(self._best[layout])
        climbed = ascend(self.problem, starts, goal, steps=_STEPS, random=self._random, until=self._deadline)
        self.tried.starts += len(starts)
        return self._looked_at(climbed)

    def _wide(self) -> Case | None:
        """Search larger layouts, drawn at random, until time is up."""
        # Where nothing can be varied beyond the layouts that were asked for, the search ends with them.
        while not self._over:
            layout = self._drawn_layout(self._max_size)
            if layout is None:
                continue
            found = self._lattices([layout], self._deadline) or self._ascent(layout)
            self._best.pop(layout, None)
            if found is not None:
                return found
        return None


class _Enough(KeyboardInterrupt):
    """Ends Hypothesis's run at once: anything else it would take for a failure, and run again to see."""


def _above(layout: Layout) -> Layout:
    return Layout(layout.norm, layout.sizes, layout.dimension, above=True)


def _is_finite(case: Case) -> bool:
    arrays = [*case.points.values(), *case.weights.values(), np.array(list(case.given.values()))]
    return all(bool(np.isfinite(array).all()) for array in arrays)


def goal(values: Values) -> Tensor:
    """Return what an ascent climbs, shape (b,): the violation, less what the premises are exceeded by."""
    # Premises are met with something to spare, since what is on their edge may be undecided.
    return values.violation - 2 * (values.excess + 1e-3).clamp(min=0)


def broken(problem: Problem, cases: Cases, values: Values) -> Case | None:
    """Return a case of a batch that surely breaks the bound; None if none of the most promising does."""
    score = values.score
    rows = [row for row in best_rows(score, 8).tolist() if _is_suspect(problem, float(score[row]))]
    return confirmed(problem, [problem.case(cases, values, row) for row in rows])


def _is_suspect(problem: Problem, score: float) -> bool:
    """Say whether a case is worth judging: one whose sides may be equal too, where that breaks the statement."""
    return score > (-_SUSPECT if problem.bound.relation is Relation.LESS else _SUSPECT)


def confirmed(problem: Problem, candidates: Sequence[Case]) -> Case | None:
    """Return the first candidate that surely breaks the bound: by float64, else by balls or exact numbers."""
    candidates = [case for case in candidates if _is_finite(case)]
    if not candidates:
        return None
    for several, escalate in ((candidates, 0), (candidates[:2], None)):
        fails = problem.fails(several, escalate=escalate)
        if any(fails):
            return several[fails.index(True)]
    return None


def best_rows(score: Float[Tensor, " b"], count: int) -> Tensor:
    """Return the places of the highest scores, highest first, the first of equals first."""
    return score.argsort(descending=True, stable=True)[:count]


def ascend(
    problem: Problem,
    cases: Cases,
    goal: Callable[[Values], Tensor],
    *,
    steps: int,
    random: torch.Generator,
    until: float,
    rate: float = 0.1,
) -> Cases:
    """Return the best that each case comes to by climbing a goal, shape (b,): steps of Adam's rule, ever shorter.

    Maxima and minima have ties, where the gradient is one of several: noise shakes a case off them, less and less.
    A goal that is not differentiable (an f that is not torch's) leaves every case as it is.

    Parameters
    ----------
    steps
        How many; fewer where time is up.
    until
        A time of :func:`time.monotonic`.
    rate
        The first step's length, in coordinates near 1.
    """
    leaves = [tensor.detach().clone().requires_grad_() for tensor in cases.tensors()]
    # Of the slopes' sizes: a long memory follows smooth ground, a short one a narrow ridge.
    memory = torch.tensor([0.9, 0.5], dtype=torch.float64, device=problem.device).repeat(len(cases) // 2 + 1)
    first, second = ([torch.zeros_like(leaf) for leaf in leaves] for _ in range(2))
    best = [leaf.detach().clone() for leaf in leaves]
    reached = torch.full((len(cases),), -torch.inf, dtype=torch.float64, device=problem.device)
    for step in range(steps + 1):
        values = problem.values(cases.like(leaves))
        height = goal(values)
        known = height.detach().nan_to_num(nan=-torch.inf)
        better = known > reached
        reached = torch.where(better, known, reached)
        for place, leaf in enumerate(leaves):
            rows = better.reshape(-1, *[1] * (leaf.ndim - 1))
            best[place] = torch.where(rows, leaf.detach(), best[place])
        if step == steps or not height.requires_grad or time.monotonic() >= until:
            break
        # None for what no side speaks of.
        slopes: tuple[Tensor | None, ...] = torch.autograd.grad(
            height.nan_to_num(nan=0.0).sum(), leaves, allow_unused=True
        )
        length = rate * _COOLED ** (step / steps)
        with torch.no_grad():
            for place, (leaf, slope) in enumerate(zip(leaves, slopes, strict=True)):
                if slope is None:
                    continue
                slope = slope.nan_to_num(nan=0.0, posinf=0.0, neginf=0.0)
                kept = memory[: len(leaf)].reshape(-1, *[1] * (leaf.ndim - 1))
                first[place].lerp_(slope, 0.5)
                second[place] = kept * second[place] + (1 - kept) * slope**2
                a, b = first[place] / (1 - 0.5 ** (step + 1)), second[place] / (1 - kept ** (step + 1))
                noise = torch.randn(leaf.shape, generator=random, dtype=torch.float64).to(leaf.device)
                leaf.add_(length * a / (b.sqrt() + 1e-12) + 0.1 * length * noise)
    return cases.like(best)
