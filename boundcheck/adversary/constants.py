"""How sharp a bound is: the largest left side over right side that can be found, by norm and by size."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from boundcheck.adversary.problem import Case, Cases, Layout, Problem, Values
from boundcheck.adversary.run import limits
from boundcheck.adversary.search import Progress, Tried, ascend, best_rows, telling
from boundcheck.arithmetic import certified
from boundcheck.errors import InvalidValueError, explain
from boundcheck.evaluate import verdict
from boundcheck.language import Bound, Relation
from boundcheck.language.mathml import AboutABound
from boundcheck.theorems.find import resolve

__all__ = ["Sharpest", "Sharpness", "sharpness"]

_LATTICE, _STARTS, _STEPS, _SLOW = 1024, 128, 200, 48
# As near to 1 as rounding may leave it: worth comparing exactly.
_EQUAL = 1e-9


@dataclass(frozen=True)
class Sharpest:
    """The sharpest case of one norm and size.

    Attributes
    ----------
    norm
        The p of the p-norm.
    sizes
        By symbol, points in each collection.
    dimension
        Of the space.
    tightness
        Left side over right side.
    exact
        Whether the sides are equal, decided in exact numbers.
    points
        By symbol.
    maps
        By symbol, what each map makes of the vectors that the statement speaks of, by the vector as it is written.
    """

    norm: float
    sizes: dict[str, int]
    dimension: int
    tightness: float
    exact: bool
    points: dict[str, list[list[float]]]
    maps: dict[str, dict[str, list[list[float]]]] = field(default_factory=dict)

    def summary(self) -> dict[str, Any]:
        """Return it as plain JSON types."""
        return {
            "norm": self.norm if math.isfinite(self.norm) else "inf",
            "sizes": self.sizes,
            "dimension": self.dimension,
            "tightness": self.tightness,
            "exact": self.exact,
            "points": self.points,
            **({"maps": self.maps} if self.maps else {}),
        }


@dataclass(frozen=True)
class Sharpness(AboutABound):
    """How sharp a bound is, as far as a search could tell.

    Attributes
    ----------
    bound
        The statement.
    best
        The sharpest case of all; None where no case has a right side above 0.
    by_layout
        The sharpest case of every norm and size.
    seed
        Of the search.
    """

    bound: Bound
    best: Sharpest | None
    by_layout: tuple[Sharpest, ...]
    seed: int

    def __str__(self) -> str:
        if self.best is None:
            return f"{self.bound}\nno case with a right side above 0 was found"
        exactly = "exactly" if self.best.exact else "to rounding"
        lines = [
            f"{self.bound}",
            f"left side over right side: {self.best.tightness:.9g} at most, {exactly}; seed {self.seed}",
            f"  norm p = {self.best.norm:g}, dimension {self.best.dimension}",
        ]
        lines += [f"  {symbol} = {rows}" for symbol, rows in self.best.points.items()]
        for symbol, table in self.best.maps.items():
            lines += [f"  {symbol}({name}) = {rows}" for name, rows in table.items()]
        return "\n".join(lines)

    def summary(self) -> dict[str, Any]:
        """Return it as plain JSON types."""
        return {
            "bound": {"name": self.bound.name, "statement": str(self.bound)},
            "best": None if self.best is None else self.best.summary(),
            "by_layout": [one.summary() for one in self.by_layout],
            "seed": self.seed,
        }


@certified
def sharpness(
    bound: Bound | str,
    *,
    norms: Sequence[float] | None = None,
    max_size: int = 2,
    max_dimension: int = 2,
    seconds: float = 10.0,
    seed: int = 0,
    device: str | torch.device | None = None,
    progress: Progress | bool | None = None,
) -> Sharpness:
    """Look for the largest left side over right side, for every norm and size.

    Parameters
    ----------
    bound
        A :class:`boundcheck.Bound`, the name of a known one, or FILE.py:NAME, **a file that is run**.
    norms, max_size, max_dimension, seconds, seed, device, progress
        As for :func:`boundcheck.adversary.run.falsify`.

    Raises
    ------
    InvalidValueError
        If the bound is an equality, which is as sharp as can be.

    Examples
    --------
    >>> found = sharpness("karimov", norms=[2], max_size=1, max_dimension=1, seconds=2)
    >>> found.best.tightness, found.best.exact
    (1.0, True)
    """
    stated, _ = resolve(bound)
    if stated.relation is Relation.EQUAL:
        raise InvalidValueError(explain("bound", "an inequality", f"{stated.name!r}, an equality"))
    problem = Problem(stated, device=device)
    size, dimensions, budget, start = limits(max_size, max_dimension, None, None, seconds, seed)
    layouts = problem.layouts(problem.norms(norms), size, dimensions)
    random, began, tried = torch.Generator().manual_seed(start), time.monotonic(), Tried()
    batches: dict[Layout, Cases] = {}
    found: dict[Layout, Sharpest] = {}
    with telling(progress) as tell:
        for layout in layouts:
            if tell is not None:
                tell(f"lattice: {layout}", tried)
            cases = problem.lattice(layout, _SLOW if problem.slow else _LATTICE, random)
            batches[layout] = cases.at(best_rows(_values(problem, cases).tightness, 32))
            tried.cases += len(cases)
        for place, layout in enumerate(layouts):
            # What time there is, shared out among the layouts that are left.
            until = time.monotonic() + max(0.0, began + budget - time.monotonic()) / (len(layouts) - place)
            sharpest = _sharpest(problem, batches[layout])
            if sharpest is None or not sharpest.exact:
                if tell is not None:
                    tell(f"ascent: {layout}", tried)
                starts = problem.gaussian(layout, _SLOW // 2 if problem.slow else _STARTS, random).joined(
                    batches[layout]
                )
                climbed = ascend(problem, starts, _goal, steps=_STEPS, random=random, until=until)
                tried.starts += len(starts)
                sharpest = _sharpest(problem, climbed) or sharpest
            if sharpest is not None:
                found[layout] = sharpest
    ordered = tuple(found.values())
    best = max(ordered, key=lambda one: (round(one.tightness, 9), one.exact), default=None)
    return Sharpness(stated, best, ordered, start)


def _values(problem: Problem, cases: Cases) -> Values:
    with torch.no_grad():
        return problem.values(cases)


def _goal(values: Values) -> Tensor:
    told = values.rhs > 1e-3
    ratio = values.lhs / torch.where(told, values.rhs, 1.0)
    return torch.where(told, ratio, -torch.inf) - 2 * (values.excess + 1e-3).clamp(min=0)


def _sharpest(problem: Problem, cases: Cases) -> Sharpest | None:
    """Return the sharpest of a batch; of those that are equal to rounding, one that is equal exactly if there is one."""
    values = _values(problem, cases)
    tightness = values.tightness
    rows = best_rows(tightness, 4).tolist()
    if not math.isfinite(float(tightness[rows[0]])):
        return None
    for row in rows:
        case = problem.case(cases, values, row)
        if abs(float(tightness[row]) - 1) < _EQUAL and _is_equality(problem, case):
            return _of(cases.layout, problem, case, 1.0, True)
    return _of(cases.layout, problem, problem.case(cases, values, rows[0]), float(tightness[rows[0]]), False)


def _is_equality(problem: Problem, case: Case) -> bool:
    sides = problem.judged([case], escalate=None).conclusion
    return int(sides.code) == verdict.HOLDS and sides.ground_of().equal


def _of(layout: Layout, problem: Problem, case: Case, tightness: float, exact: bool) -> Sharpest:
    spoken = [one for one in problem.spoken if one not in problem.values_of]
    points = {one.symbol: case.points[one].tolist() for one in spoken}
    sizes = {symbol: len(rows) for symbol, rows in points.items()}
    return Sharpest(layout.norm, sizes, layout.dimension, tightness, exact, points, problem.tables(case))
