"""A bound on three collections of given sizes, and the score of their points: what both kinds of search vary and climb."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from jaxtyping import Float
from torch import Tensor

from boundcheck.adversary.objects.results import Certified
from boundcheck.adversary.outcome import Refuted
from boundcheck.adversary.problem import Case, Cases, Layout, Problem, Values
from boundcheck.adversary.search import Tried
from boundcheck.errors import InvalidTypeError, InvalidValueError, ParameterError, explain
from boundcheck.evaluate import Verdict, require_equal_sizes
from boundcheck.language import Bound, Parameter, Relation, Weights
from boundcheck.theorems.find import resolve

__all__ = ["UNMET", "Setting", "number_in", "scored"]

# A premise without a parameter that is exceeded by no more than this is taken as met, and left to the verdict.
_MET = 1e-12
# Below every tightness: where premises are not met.
UNMET = -1e9


class Setting:
    """A bound on three collections of given sizes, its numbers settled: what is left to vary is points."""

    def __init__(
        self,
        bound: Bound | str,
        sizes: Sequence[int],
        norm: float,
        weights: Mapping[str, Sequence[float]] | None,
        given: Mapping[str, float] | None,
        device: torch.device | str | None,
    ) -> None:
        self.bound, self.reference = resolve(bound)
        if self.bound.relation is Relation.EQUAL:
            raise InvalidValueError(explain("bound", "an inequality", f"{self.bound.name!r}, an equality"))
        if len(self.bound.collections) != 3:
            symbols = ", ".join(one.symbol for one in self.bound.collections)
            raise InvalidValueError(explain("bound", "one on three collections", f"{self.bound.name!r}, on {symbols}"))
        if self.bound.maps():
            spoken = f"{self.bound.name!r}, which speaks of {', '.join(map(str, self.bound.maps()))}"
            raise InvalidValueError(explain("bound", "one without maps", spoken, "falsify searches for maps too"))
        self.problem = Problem(self.bound, device=device)
        self.bound.require_norm(norm)
        self.norm, self.sizes = float(norm), tuple(sizes)
        by_collection = dict(zip(self.bound.collections, self.sizes, strict=True))
        require_equal_sizes(self.bound, by_collection)
        self.weights = _ratios(self.bound, by_collection, weights)
        self.given = _numbers(self.problem, given)

    def cases(self, points: Sequence[Float[Tensor, "b n d"]]) -> Cases:
        """Return a batch of the three collections' points."""
        count, dimension = points[0].shape[0], points[0].shape[-1]

        def repeated(numbers: Any) -> Tensor:
            return torch.as_tensor(numbers, dtype=torch.float64, device=self.problem.device).expand(
                count, *np.shape(numbers)
            )

        return Cases(
            Layout(self.norm, self.sizes, dimension),
            dict(zip(self.bound.collections, points, strict=True)),
            {one: repeated(ratios) for one, ratios in self.weights.items()},
            {one: repeated(value) for one, value in self.given.items()},
        )

    def case(self, points: Sequence[Float[Tensor, "n d"]]) -> Case:
        """Return one triple, to be judged."""
        arrays = [tensor.detach().cpu().numpy() for tensor in points]
        return Case(
            self.norm, dict(zip(self.bound.collections, arrays, strict=True)), dict(self.weights), dict(self.given)
        )

    def refuted(self, case: Case, found: Certified, evaluations: int, seconds: float, seed: int) -> Refuted | None:
        """Return a counterexample where the bound surely fails."""
        if found.verdict is not Verdict.FAILS:
            return None
        tried = Tried(cases=evaluations, tightness=_or_none(found.tightness), tightest=case, seconds=seconds)
        return Refuted.of(self.problem, case, tried=tried, seed=seed, reference=self.reference, embedded=False)


def _or_none(number: float | None) -> float | None:
    return None if number is None else float(number)


def _ratios(
    bound: Bound, sizes: Mapping[Any, int], weights: Mapping[str, Sequence[float]] | None
) -> dict[Weights, npt.NDArray[np.float64]]:
    """Return the ratios of every weight, equal where none are given."""
    spoken = {one.symbol: one for one in bound.weights()}
    unknown = [symbol for symbol in weights or {} if symbol not in spoken]
    if unknown:
        raise ParameterError(explain("weights", f"those of {', '.join(spoken) or 'none'}", ", ".join(unknown)))
    found = {}
    for symbol, one in spoken.items():
        size = sizes[one.collection]
        ratios = np.array((weights or {}).get(symbol, np.ones(size)), dtype=np.float64)
        if ratios.shape != (size,) or not np.isfinite(ratios).all() or (ratios < 0).any() or not ratios.sum() > 0:
            raise ParameterError(
                explain(f"weights[{symbol!r}]", f"{size} ratios, not all 0, none below 0", f"{ratios}")
            )
        found[one] = ratios
    return found


def _numbers(problem: Problem, given: Mapping[str, float] | None) -> dict[Parameter, float]:
    """Return the values of the parameters that no premise determines."""
    free = {one.symbol: one for one in problem.free}
    unknown = [symbol for symbol in given or {} if symbol not in free]
    if unknown:
        least = ", ".join(one.symbol for one in problem.determined)
        fix = f"{least} takes the least value that its premise allows" if least else None
        raise ParameterError(explain("given", f"values of {', '.join(free) or 'nothing'}", ", ".join(unknown), fix))
    found: dict[Parameter, float] = {}
    for symbol, one in free.items():
        value: Any = (given or {}).get(symbol)
        if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
            got = "none" if value is None else f"{value!r}"
            raise ParameterError(
                explain(f"given[{symbol!r}]", "a finite number", got, f"no premise says what {symbol} is")
            )
        found[one] = float(value)
    return found


def number_in(value: object, name: str, interval: str, admits: Callable[[float], bool]) -> float:
    """Return a number of an interval, or refuse it by its name."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise InvalidTypeError(explain(name, f"a number in {interval}", f"{value!r}"))
    if not admits(float(value)):
        raise InvalidValueError(explain(name, f"a number in {interval}", f"{value!r}"))
    return float(value)


def scored(values: Values, floor: float) -> Tensor:
    """Return left side over right side; ∞ where the right side is none to speak of and yet the smaller; −∞ for NaN."""
    told = values.rhs > floor
    ratio = values.lhs / torch.where(told, values.rhs, 1.0)
    beyond = torch.where(values.lhs - values.rhs > floor, torch.inf, -torch.inf)
    score = torch.where(told, ratio, beyond).to(torch.float64)
    score = torch.where(values.excess > _MET, UNMET - values.excess, score)
    known = ~(torch.isnan(values.lhs) | torch.isnan(values.rhs) | torch.isnan(values.excess))
    return torch.where(known & torch.isfinite(values.lhs) & torch.isfinite(values.rhs), score, -torch.inf)
