"""A bound as a search problem: what may be varied, and how far from broken it is, for a batch of cases at once.

A case is an assignment of points to collections, of ratios to weights and of numbers to the parameters that no premise
determines. A parameter that a premise does determine takes the least value that is true, or that much and a little
more. Values here are float64 without error bounds: what they find is a candidate, which :meth:`Problem.verdicts` judges.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from jaxtyping import Float
from torch import Tensor

from boundcheck.errors import InvalidTypeError, InvalidValueError, explain
from boundcheck.evaluate import Judgement, NumericReader, judge, verdict
from boundcheck.evaluate.numeric import Named
from boundcheck.falsify.strategies import like_in_size
from boundcheck.language import (
    Bound,
    Collection,
    ForAll,
    HullDistance,
    Parameter,
    Relation,
    Scalar,
    Transport,
    Weights,
)

__all__ = ["NORMS", "Case", "Cases", "Layout", "Problem", "Values"]

Array = npt.NDArray[np.float64]

#: The norms searched where none are named, simplest first.
NORMS = (2.0, 1.0, float("inf"))
# Of sides this near to 0 a relative difference is rounding: coordinates are near 1.
_TINY = 1e-7
# A premise without a parameter that is exceeded by no more than this is taken as met, and left to the verdict.
_MET = 1e-12


@dataclass(frozen=True)
class Layout:
    """The shape of a case.

    Attributes
    ----------
    norm
        The p of the p-norm.
    sizes
        Points in each of the bound's collections.
    dimension
        Of the space.
    above
        Whether the parameters that premises determine are drawn from the least value up, or are the least.
    """

    norm: float
    sizes: tuple[int, ...]
    dimension: int
    above: bool = False

    def __str__(self) -> str:
        sizes = ", ".join(map(str, self.sizes))
        return f"norm {self.norm:g}, sizes {sizes}, dimension {self.dimension}"


@dataclass(frozen=True)
class Case:
    """One case, as exact floats.

    Attributes
    ----------
    norm
        The p of the p-norm.
    points
        Of every collection, shape (size, d).
    weights
        Ratios, shape (size,).
    given
        The values of the parameters that are not the least which the premises allow.
    """

    norm: float
    points: Mapping[Collection, Array]
    weights: Mapping[Weights, Array]
    given: Mapping[Parameter, float]

    @property
    def shape(self) -> tuple[Any, ...]:
        """What cases must have in common to be judged in one batch."""
        return self.norm, *(array.shape for array in self.points.values()), *self.given


@dataclass
class Cases:
    """A batch of b cases of one layout.

    Attributes
    ----------
    points, weights
        Tensors of shape (b, size, d) and (b, size).
    numbers
        Shape (b,): the parameters that no premise determines, and what the others exceed their least value by.
    """

    layout: Layout
    points: dict[Collection, Tensor]
    weights: dict[Weights, Tensor]
    numbers: dict[Parameter, Tensor]

    def __len__(self) -> int:
        return len(next(iter(self.points.values())))

    def tensors(self) -> list[Tensor]:
        """Return everything that may be varied."""
        return [*self.points.values(), *self.weights.values(), *self.numbers.values()]

    def like(self, tensors: Sequence[Tensor]) -> Cases:
        """Return the batch with other tensors, in the order of :meth:`tensors`."""
        rest = iter(tensors)
        return Cases(
            self.layout,
            {key: next(rest) for key in self.points},
            {key: next(rest) for key in self.weights},
            {key: next(rest) for key in self.numbers},
        )

    def at(self, rows: Tensor) -> Cases:
        """Return some of the batch."""
        return self.like([tensor[rows] for tensor in self.tensors()])

    def joined(self, other: Cases) -> Cases:
        """Return this batch and another of the same layout as one."""
        return self.like([torch.cat(pair) for pair in zip(self.tensors(), other.tensors(), strict=True)])


@dataclass(frozen=True)
class Values:
    """What the numeric reader says of a batch; every tensor has shape (b,).

    Attributes
    ----------
    lhs, rhs
        The two sides.
    excess
        The largest amount by which a premise without a parameter is exceeded; below 0 where all are met, −∞ where
        there is none.
    parameters
        The value of each.
    violation
        ``(lhs − rhs) / (|lhs| + |rhs|)``, or of ``|lhs − rhs|`` for an equality: above 0 where the conclusion is broken.
    """

    lhs: Tensor
    rhs: Tensor
    excess: Tensor
    parameters: Mapping[Parameter, Tensor]
    violation: Tensor

    @property
    def score(self) -> Tensor:
        """The violation where the premises are met, what is below every violation where they are not, or for NaN."""
        score = torch.where(self.excess > _MET, -1 - self.excess, self.violation)
        return score.nan_to_num(nan=-torch.inf, posinf=-torch.inf, neginf=-torch.inf)

    @property
    def tightness(self) -> Tensor:
        """Left side over right side where rhs is above 0 and the premises are met, else −∞."""
        told = (self.rhs > 1e-6) & (self.excess <= _MET) & torch.isfinite(self.lhs) & torch.isfinite(self.rhs)
        return torch.where(told, self.lhs / torch.where(told, self.rhs, 1.0), -torch.inf)


class Problem:
    """What may be varied to break a bound.

    Parameters
    ----------
    bound
        The statement; it may not speak of maps, which are functions.
    f
        An embedding that the points go through: a function from a float64 tensor of shape (k, d) to one of shape
        (k, d′). None for points as they are.
    device
        A torch device.

    Raises
    ------
    InvalidTypeError
        If `bound` is none, or f is not callable.
    InvalidValueError
        If the bound speaks of a map.
    """

    def __init__(
        self,
        bound: Bound,
        *,
        f: Callable[[Tensor], Any] | None = None,
        device: str | torch.device | None = None,
    ) -> None:
        if not isinstance(bound, Bound):
            raise InvalidTypeError(explain("bound", "a Bound or the name of a known one", f"{bound!r}"))
        if f is not None and not callable(f):
            raise InvalidTypeError(explain("f", "a function of points, shape (k, d), or None", f"{f!r}"))
        if bound.maps():
            raise InvalidValueError(
                explain(
                    "bound",
                    "one without maps, over which there is no search",
                    f"{bound.name!r}, which speaks of {', '.join(map(str, bound.maps()))}",
                    "state it with the map's values in its place",
                )
            )
        self.bound, self.device = bound, torch.device(device or "cpu")
        self._f = f
        quantified = [premise for premise in bound.premises if isinstance(premise, ForAll)]
        speakers = [bound.lhs, bound.rhs, *(side for premise in quantified for side in (premise.lhs, premise.rhs))]
        self.spoken = tuple(one for one in bound.collections if any(one in term.collections() for term in speakers))
        self.weights = bound.weights()
        self._least: dict[Parameter, list[Scalar]] = {}
        self._excesses: list[Scalar] = []
        for premise in quantified:
            if premise.parameter is not None:
                self._least.setdefault(premise.parameter, []).append(premise.least)
            else:
                self._excesses.append(premise.excess)
        self.free = tuple(parameter for parameter in bound.parameters() if parameter not in self._least)
        self._like = like_in_size(bound)
        nodes = [node for term in bound.terms() for node in term.walk()]
        self._hulls = any(isinstance(node, HullDistance) for node in nodes)
        #: Whether a term is solved for triple by triple, so that large batches are slow.
        self.slow = self._hulls or any(isinstance(node, Transport) for node in nodes)

    # ---------------------------------------------------------------------------------------------------- layouts

    @property
    def determined(self) -> tuple[Parameter, ...]:
        """The parameters whose least value a premise gives."""
        return tuple(self._least)

    def norms(self, norms: Sequence[float] | None) -> tuple[float, ...]:
        """Return the norms to search: those given, or the usual ones that the bound is stated for.

        Raises
        ------
        NormError
            If the bound is not stated for one that was given.
        """
        if norms is None:
            admitted = (p for p in NORMS if self.bound.space.admits(p))
            return tuple(p for p in admitted if p == 2 or not self._hulls)
        if not norms:
            raise InvalidValueError(explain("norms", "at least one p in [1, inf]", "none", "leave norms out"))
        for p in norms:
            self.bound.require_norm(p)
        return tuple(float(p) for p in norms)

    def layouts(self, norms: Sequence[float], max_size: int, dimensions: Sequence[int]) -> list[Layout]:
        """Return every layout up to a size, smallest first."""
        found = [
            Layout(p, sizes, dimension)
            for sizes in self.sizes_up_to(max_size)
            for dimension in dimensions
            for p in (norms if dimension > 1 else norms[:1] if self._one_norm_on_the_line(norms) else norms)
        ]
        return sorted(found, key=lambda layout: (self.points_in(layout), layout.dimension, norms.index(layout.norm)))

    @staticmethod
    def _one_norm_on_the_line(norms: Sequence[float]) -> bool:
        # Every p-norm is the absolute value there; 2 comes first, and 1 and inf are exact too.
        return set(norms) <= set(NORMS)

    def sizes_up_to(self, max_size: int) -> Iterator[tuple[int, ...]]:
        """Yield the sizes of the collections, equal where they must be, of those that are spoken of up to a size."""
        collections = self.bound.collections
        leaders = sorted(set(self._like))
        varied = [
            leader
            for leader in leaders
            if any(like == leader and one in self.spoken for like, one in zip(self._like, collections, strict=True))
        ]
        for counts in itertools.product(range(1, max_size + 1), repeat=len(varied)):
            by_leader = dict(zip(varied, counts, strict=True))
            yield tuple(by_leader.get(leader, 1) for leader in self._like)

    def points_in(self, layout: Layout) -> int:
        """Return how many points a layout has that the bound speaks of."""
        pairs = zip(self.bound.collections, layout.sizes, strict=True)
        return sum(size for collection, size in pairs if collection in self.spoken)

    def joined(self, collection: Collection) -> tuple[Collection, ...]:
        """Return the collections that must be as large as one, itself among them."""
        collections = self.bound.collections
        leader = self._like[collections.index(collection)]
        return tuple(one for one, like in zip(collections, self._like, strict=True) if like == leader)

    # ------------------------------------------------------------------------------------------------------ cases

    def lattice(self, layout: Layout, count: int, random: torch.Generator, *, reach: int = 2) -> Cases:
        """Draw cases with whole coordinates in [−reach, reach], an eighth of them scaled by a power of two."""
        scale = torch.ones(count, dtype=torch.float64)
        some = count // 8
        # Last, so that of equals the plain ones come first.
        scale[count - some :] = 2.0 ** torch.randint(-4, 5, (some,), generator=random)

        def whole(*shape: int) -> Tensor:
            return torch.randint(-reach, reach + 1, (count, *shape), generator=random).double()

        return self._drawn(layout, count, random, lambda *shape: whole(*shape) * scale.reshape(-1, *[1] * len(shape)))

    def gaussian(self, layout: Layout, count: int, random: torch.Generator) -> Cases:
        """Draw cases with normal coordinates."""
        return self._drawn(
            layout,
            count,
            random,
            lambda *shape: torch.randn(count, *shape, generator=random, dtype=torch.float64),
        )

    def _drawn(self, layout: Layout, count: int, random: torch.Generator, coordinates: Callable[..., Tensor]) -> Cases:
        points: dict[Collection, Tensor] = {}
        for collection, size in zip(self.bound.collections, layout.sizes, strict=True):
            drawn = coordinates(size, layout.dimension)
            # Nothing depends on the points of a collection that is not spoken of.
            points[collection] = drawn if collection in self.spoken else torch.zeros_like(drawn)
        weights: dict[Weights, Tensor] = {}
        for one in self.weights:
            size = points[one.collection].shape[1]
            ratios = torch.randint(0, 4, (count, size), generator=random).double()
            weights[one] = torch.where(ratios.sum(dim=1, keepdim=True) > 0, ratios, 1.0)
        numbers = {parameter: coordinates() for parameter in self.free}
        if layout.above:
            numbers |= {parameter: coordinates().abs() for parameter in self._least}
        cases = Cases(layout, points, weights, numbers)
        return cases.like([tensor.to(self.device) for tensor in cases.tensors()])

    def cases(self, layout: Layout, several: Sequence[Case]) -> Cases:
        """Return cases as a batch; parameters that premises determine are the least."""

        def stacked(arrays: list[Any]) -> Tensor:
            return torch.tensor(np.array(arrays), dtype=torch.float64, device=self.device)

        return Cases(
            layout,
            {key: stacked([case.points[key] for case in several]) for key in self.bound.collections},
            {key: stacked([case.weights[key] for case in several]) for key in self.weights},
            {key: stacked([case.given[key] for case in several]) for key in self.free},
        )

    def case(self, cases: Cases, values: Values, row: int) -> Case:
        """Return one case of a batch."""

        def numbers(tensor: Tensor) -> Array:
            array: Array = tensor[row].detach().cpu().numpy().astype(np.float64)
            return array

        given = {parameter: float(cases.numbers[parameter][row]) for parameter in self.free}
        if cases.layout.above:
            # Clear of the least value's rounding, or the premise would be undecided.
            values_of = {parameter: float(values.parameters[parameter][row]) for parameter in self._least}
            given |= {key: value + 1e-12 * (1 + abs(value)) for key, value in values_of.items()}
        return Case(
            cases.layout.norm,
            {collection: numbers(tensor) for collection, tensor in cases.points.items()},
            {weights: numbers(tensor.abs()) for weights, tensor in cases.weights.items()},
            given,
        )

    # ------------------------------------------------------------------------------------------------ evaluation

    def values(self, cases: Cases) -> Values:
        """Return both sides of every case, differentiable in its tensors."""
        weights = {one: tensor.abs() for one, tensor in cases.weights.items()}
        reader = NumericReader(self.embedded(cases.points), cases.layout.norm, weights=weights)
        parameters: dict[Parameter, Tensor] = {}

        def bind(parameter: Parameter, value: Tensor) -> None:
            parameters[parameter] = value
            reader.bind(parameter, Named(value, None, ()))

        for parameter in self.free:
            bind(parameter, cases.numbers[parameter])
        for parameter, terms in self._least.items():
            least = torch.stack([reader.scalar(term).value for term in terms]).amax(dim=0)
            bind(parameter, least + cases.numbers[parameter].abs() if cases.layout.above else least)
        lhs, rhs = reader.scalar(self.bound.lhs).value, reader.scalar(self.bound.rhs).value
        over = [reader.scalar(term).value for term in self._excesses]
        excess = torch.stack(over).amax(dim=0) if over else torch.full_like(lhs, -torch.inf)
        gap = (lhs - rhs).abs() if self.bound.relation is Relation.EQUAL else lhs - rhs
        return Values(lhs, rhs, excess, parameters, gap / (lhs.abs() + rhs.abs() + _TINY))

    def embedded(self, points: Mapping[Collection, Float[Tensor, "b n d"]]) -> dict[Collection, Tensor]:
        """Return the points as f makes them, of shape (b, n, d′)."""
        if self._f is None:
            return dict(points)
        found = {}
        for collection, tensor in points.items():
            image = torch.as_tensor(self._f(tensor.reshape(-1, tensor.shape[-1])), dtype=torch.float64)
            found[collection] = image.reshape(*tensor.shape[:2], -1).to(self.device)
        return found

    def judged(self, several: Sequence[Case], *, escalate: int | None) -> Judgement:
        """Judge cases of one shape."""
        first = several[0]

        def stacked(arrays: list[Any]) -> Tensor:
            return torch.tensor(np.array(arrays), dtype=torch.float64)

        points = {key: stacked([case.points[key] for case in several]) for key in first.points}
        return judge(
            self.bound,
            {key: tensor.detach().cpu() for key, tensor in self.embedded(points).items()},
            first.norm,
            parameters={key: stacked([case.given[key] for case in several]) for key in first.given},
            weights={key: stacked([case.weights[key] for case in several]) for key in first.weights},
            chain=False,
            escalate=escalate,
        )

    def fails(self, several: Sequence[Case], *, escalate: int | None = 0) -> list[bool]:
        """Say of each case whether it surely breaks the bound, its premises met; cases may differ in shape."""
        found = [False] * len(several)
        groups: dict[tuple[Any, ...], list[int]] = {}
        for place, case in enumerate(several):
            groups.setdefault(case.shape, []).append(place)
        for places in groups.values():
            code = self.judged([several[place] for place in places], escalate=escalate).conclusion.code
            for place, is_broken in zip(places, (code == verdict.FAILS).tolist(), strict=True):
                found[place] = is_broken
        return found
