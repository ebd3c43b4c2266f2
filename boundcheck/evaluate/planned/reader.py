"""The reader that follows a plan: distances by kernels, what is wide block by block."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from typing import Any, TypedDict

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from boundcheck import errors, kernels
from boundcheck.arithmetic import certified
from boundcheck.evaluate import rounding
from boundcheck.evaluate.planned.planner import PREMISES, Planner, plan
from boundcheck.evaluate.planned.reductions import canonical, extreme_of_each
from boundcheck.evaluate.planned.steps import AT_ONCE, How, Plan, Step
from boundcheck.evaluate.readers.numeric import Mapped, Named, NumericReader
from boundcheck.evaluate.readers.ranges import Axes
from boundcheck.kernels.memory import Freed
from boundcheck.language import (
    Bound,
    Collection,
    Family,
    Index,
    Map,
    MemberIndex,
    Parameter,
    Point,
    Reduce,
    Reduction,
    Scalar,
    Term,
    Vector,
    Weights,
    rewrite,
)
from boundcheck.language.kept import kept
from boundcheck.language.shapes import distance_of_elements

__all__ = ["PLANNED_FROM", "PlannedReader", "evaluate", "reader_for"]

#: From so many values of points together on, :func:`reader_for` plans: of pairs mostly, of one collection or of two.
PLANNED_FROM = 1 << 22

# An error of this share of the largest value is no longer that of a measured distance: a kernel had too many ties.
_WIDE = 2.0**-36


class PlannedReader(NumericReader):
    """Evaluates terms on triples of large collections: distances by kernels, what is wide block by block.

    Values and errors are those of :class:`~boundcheck.evaluate.readers.numeric.NumericReader` up to their errors, in the same
    shapes. There are no gradients: points are detached. A batch is read one triple after another where kernels are
    called. Terms that the plan has no step for are planned when they are asked for.

    Parameters
    ----------
    points, p, parameters, weights, errors, fixed, maps, partitions
        As for :class:`~boundcheck.evaluate.readers.numeric.NumericReader`.
    plan
        The steps to follow; None: each term asked for is planned alone.

    Raises
    ------
    ParameterError
        If the plan is one for another norm.
    """

    def __init__(
        self,
        points: Mapping[Collection, Float[Tensor, "b n d"]],
        p: float,
        *,
        plan: Plan | None = None,
        parameters: Mapping[Parameter, Named] | None = None,
        weights: Mapping[Weights, Float[Tensor, "b n"]] | None = None,
        errors: bool = False,
        fixed: Mapping[Index, int] | None = None,
        maps: Mapping[Map, Mapped] | None = None,
        partitions: Mapping[Family, tuple[int, ...]] | None = None,
    ) -> None:
        _require_same_norm(plan, p)
        super().__init__(
            {collection: tensor.detach() for collection, tensor in points.items()},
            p,
            parameters=parameters,
            weights=weights,
            errors=errors,
            fixed=fixed,
            maps=maps,
            partitions=partitions,
        )
        self._steps = {step.term: step for step in plan.steps} if plan is not None else {}
        # NaN and infinities are the numeric reader's to carry on.
        self._finite = all(bool(torch.isfinite(tensor).all()) for tensor in self._raw.values())
        self._too_wide: set[Term] = set()
        self._outer: PlannedReader | None = None
        self._windows: tuple[tuple[Index, slice], ...] = ()
        self._widths: dict[Term, int] = {}

    def scalar(self, term: Scalar) -> Named:
        """Return the values of a scalar term."""
        wanted = canonical(rewrite(term))
        if wanted not in self._steps:
            self._add_steps(wanted)
        return self._evaluate(wanted)

    def _add_steps(self, term: Term) -> None:
        steps, _ = Planner(self.p).steps({"": term})
        self._steps = {step.term: step for step in steps} | self._steps

    def value_of(self, step: Step) -> Named:
        """Return the value of a step of the plan."""
        return self._evaluate(step.term)

    def without_errors(self) -> PlannedReader:
        """Return this reader: what kernels have computed is not computed anew to save its errors."""
        return self

    def _with_fixed(self, fixed: Mapping[Index, int]) -> PlannedReader:
        reader = copy.copy(self._root)
        reader._fixed, reader._widths = dict(fixed), {}
        reader._cache = {term: named for term, named in reader._cache.items() if isinstance(term, Parameter)}
        return reader._with_windows(self._windows)

    @property
    def _root(self) -> PlannedReader:
        """The reader for which every index runs over all of its collection."""
        return self if self._outer is None else self._outer._root

    def _distances(self, a: Point, b: Point, p: float) -> Tensor:
        # As many as there are here, and not kept.
        return kernels.pairwise(self._evaluate(a).value, self._evaluate(b).value, p)

    # ------------------------------------------------------------------------------------------------------- kernels

    def _compute(self, term: Term) -> Named:
        others = tuple(window for window in self._windows if window[0] != term.bound_index)
        if len(others) < len(self._windows):
            # The index is bound here, so it runs over all of its collection again.
            return self._with_windows(others)._compute(term)
        step = self._step_of(term)
        if step is not None and step.points is not None:
            named = self._by_kernel(step, step.points)
            if named is not None:
                return named
            self._do_without_kernel(term)
        if step is not None and step.through is not None and isinstance(term, Reduce):
            (left,) = step.through.free()
            return super()._compute(Reduce(term.kind, left, step.through))
        index = self._longest(term) if self._is_wide(term) else None
        return super()._compute(term) if index is None else self._in_blocks(term, index)

    def _step_of(self, term: Term) -> Step | None:
        """Return the step of a term whose indices, if it is a kernel's, are free to run."""
        step = self._steps.get(term)
        if step is None or term in self._too_wide or not (step.how.is_kernel or step.through is not None):
            return None
        indices = {node.index for node in term.walk() if isinstance(node, Point)}
        return step if self._finite and not self._windows and not indices & self._fixed.keys() else None

    def _by_kernel(self, step: Step, points: tuple[Point, Point]) -> Named | None:
        """Return what the kernel computes; None where ties leave its enclosures wide."""
        # Loads compiled loops, which most batches do not need.
        from boundcheck.kernels import reductions

        rows, columns = (self._raw[point.collection] for point in points)
        term = step.term
        assert isinstance(term, Reduce)
        values: list[Any] = []
        bounds: list[Any] = []
        for one, other in zip(rows, columns, strict=True):
            match step.how:
                case How.OF_ROWS:
                    each = reductions.of_rows(one, other, self.p, largest=term.kind is Reduction.MAX)
                    values.append(each[0])
                    bounds.append(each[1])
                    continue
                case How.EXTREME:
                    found = reductions.extreme(one, other, self.p, largest=term.kind is Reduction.MAX)
                case How.HAUSDORFF:
                    found = reductions.hausdorff(one, other, self.p)
                case _:
                    found = reductions.mean(one, other, self.p, relative=1e-12)
            values.append(found.value)
            bounds.append(found.error)
        value, error = (torch.from_numpy(np.array(found, dtype=np.float64)).to(rows) for found in (values, bounds))
        least = torch.full_like(self._zeros, 2.0**-1000)
        sizes = value.abs().reshape(self._batch, -1).amax(dim=1) * _WIDE + least
        if not bool((error.reshape(self._batch, -1).amax(dim=1) <= sizes).all()):
            return None
        axes: Axes = (points[0].index,) if step.how is How.OF_ROWS else ()
        if step.how is How.MEAN:
            value, error = self._summed(term, points, value, error)
        return Named(value, error if self.errors else None, axes)

    def _do_without_kernel(self, term: Term) -> None:
        """Take what a kernel had too many ties for from each object's value, or in blocks."""
        self._too_wide.add(term)
        if isinstance(term, Reduce) and extreme_of_each(term.body) is not None:
            self._add_steps(term.body)

    def _summed(self, term: Reduce, points: tuple[Point, Point], value: Tensor, error: Tensor) -> tuple[Tensor, Tensor]:
        """Return a mean times the sizes of the collections that it is a sum over."""
        assert isinstance(term.body, Reduce)
        sums = [reduce.index for reduce in (term, term.body) if reduce.kind is Reduction.SUM]
        count = math.prod(self.extent(index) for index in sums)
        if count == 1:
            return value, error
        exact = torch.full_like(value, float(count))
        return value * exact, rounding.product(value, error, exact, torch.zeros_like(exact))

    # -------------------------------------------------------------------------------------------------------- blocks

    def _evaluate(self, term: Term) -> Named:
        outer = self._outer
        known = self._cache.get(term)
        if outer is None or known is not None:
            return super()._evaluate(term)
        free = _free_of(term)
        if len(free) > 1 and outer._is_wide(term):
            named = self._compute(term)
        else:
            # Small enough to be had whole, once for all blocks.
            named = self._cut_from(outer, outer._evaluate(term))
        self._cache[term] = named
        return named

    def _in_blocks(self, term: Term, index: Index) -> Named:
        window = self._part(index)
        rows = max(1, (window.stop - window.start) * AT_ONCE // self._width(term))
        parts, freed = [], Freed()
        for start in range(window.start, window.stop, rows):
            block = slice(start, min(window.stop, start + rows))
            parts.append(self._with_window(index, block)._compute(term))
            freed.give_back()
        at = 1 + parts[0].axes.index(index)
        values = torch.cat(self._as_long([part.value for part in parts], parts[0].axes, at), dim=at)
        bounds = [part.error for part in parts if part.error is not None]
        error = torch.cat(self._as_long(bounds, parts[0].axes, at), dim=at) if bounds else None
        return Named(values, error, parts[0].axes)

    def _as_long(self, parts: list[Tensor], axes: Axes, along: int) -> list[Tensor]:
        """Return values of blocks, where classes end sooner than elsewhere, with copies of their first points' values."""
        for at, axis in enumerate(axes, 1):
            length = self._length(axis)
            if at != along and any(part.shape[at] < length for part in parts):
                places = torch.arange(length, device=self._zeros.device)
                parts = [
                    part.index_select(at, torch.where(places < part.shape[at], places, 0))
                    if part.shape[at] < length
                    else part
                    for part in parts
                ]
        return parts

    def _cut_from(self, outer: PlannedReader, named: Named) -> Named:
        """Return the values of a reader outside this one that are looked at here."""
        cut = [slice(None)]
        for axis in named.axes:
            here, there = self._part(axis), outer._part(axis)
            cut.append(slice(here.start - there.start, here.stop - there.start))
        places = tuple(cut)
        return Named(named.value[places], None if named.error is None else named.error[places], named.axes)

    def _with_window(self, index: Index, window: slice) -> PlannedReader:
        """Return a reader for which an index runs over a part of what it runs over here."""
        reader = copy.copy(self)
        reader._outer, reader._windows = self, (*self._windows, (index, window))
        reader._cache, reader._widths = {}, {}
        return reader

    def _with_windows(self, windows: tuple[tuple[Index, slice], ...]) -> PlannedReader:
        reader = self._root
        for index, window in windows:
            reader = reader._with_window(index, window)
        return reader

    def _window(self, index: Index) -> int | slice:
        for other, window in reversed(self._windows):
            if other == index:
                return slice(window.start, window.stop)
        if self._windows and isinstance(index, MemberIndex):
            # Of some classes, as many points as the largest of them has.
            classes = self._window(index.within)
            if isinstance(classes, slice) and classes.stop is not None:
                return slice(0, int(self._ranges.class_sizes(index.within.family)[classes].max()))
        return super()._window(index)

    def _part(self, index: Index) -> slice:
        """Return the part of an index's values that is looked at, with both its ends."""
        window = self._window(index)
        if isinstance(window, int):
            return slice(window, window + 1)
        return window if window.stop is not None else slice(0, self.extent(index))

    def _longest(self, term: Term) -> Index | None:
        """Return the free index with most values, if one has several."""
        free = sorted(_free_of(term), key=lambda index: (-self._length(index), index.symbol))
        return free[0] if free and self._length(free[0]) > 1 else None

    def _is_wide(self, term: Term) -> bool:
        return self._width(term) > AT_ONCE

    def _width(self, term: Term) -> int:
        """Return the size of the largest array that is made here on the way to a term from values over one index."""
        known = self._widths.get(term)
        if known is None:
            known = self._widths[term] = self._measured_width(term)
        return known

    def _measured_width(self, term: Term) -> int:
        own = self._own_size(term)
        pair = distance_of_elements(term)
        if pair is not None and not any(point.index in self._fixed for point in pair):
            return own
        # What is over one index makes blocks of its own, where it needs any.
        inner = (self._width(child) if len(_free_of(child)) > 1 else self._own_size(child) for child in term.children)
        index = term.bound_index
        if index is not None and index.depends:
            # Each value beside what its index is within and apart from.
            (body,) = term.children
            own = max(own, self._size_over(body, _free_of(body) | index.depends))
        return max([own, *inner])

    def _own_size(self, term: Term) -> int:
        if isinstance(term, Point):
            # It is there already.
            return 0
        return self._size_over(term, _free_of(term))

    def _size_over(self, term: Term, indices: frozenset[Index]) -> int:
        size = self._batch * math.prod(map(self._length, indices))
        return size * self._dimension if isinstance(term, Vector) else size


@kept
def _free_of(term: Term) -> frozenset[Index]:
    """Return the free indices of a term, found once however many blocks it is read in."""
    return term.free()


class _Options(TypedDict):
    parameters: Mapping[Parameter, Named] | None
    weights: Mapping[Weights, Tensor] | None
    errors: bool
    maps: Mapping[Map, Mapped] | None
    partitions: Mapping[Family, tuple[int, ...]] | None


def _require_same_norm(plan: Plan | None, p: float) -> None:
    if plan is not None and plan.p != p:
        raise errors.ParameterError(
            errors.explain("p", f"{plan.p:g}, which the plan is for", f"{p:g}", "make the plan for this p")
        )


def reader_for(
    points: Mapping[Collection, Float[Tensor, "b n d"]],
    p: float,
    *,
    bound: Bound | None = None,
    chain: bool = False,
    parameters: Mapping[Parameter, Named] | None = None,
    weights: Mapping[Weights, Float[Tensor, "b n"]] | None = None,
    errors: bool = False,
    maps: Mapping[Map, Mapped] | None = None,
    partitions: Mapping[Family, tuple[int, ...]] | None = None,
) -> NumericReader:
    """Return the reader for a batch: a planned one for one triple with many pairs of points, else the numeric one.

    Pairs of one collection's points, and triples of points, count where the bound has values of them.

    Parameters
    ----------
    points, p, parameters, weights, errors, maps, partitions
        As for :class:`~boundcheck.evaluate.readers.numeric.NumericReader`.
    bound
        What will be asked for, so that its terms are planned together.
    chain
        Whether its chain's links will be too.
    """
    single = all(tensor.shape[0] == 1 and not tensor.requires_grad for tensor in points.values())
    options = _Options(parameters=parameters, weights=weights, errors=errors, maps=maps, partitions=partitions)
    if not single or _most_together(points, bound, partitions) <= PLANNED_FROM:
        return NumericReader(points, p, **options)
    steps = None if bound is None else plan(bound, p=p, chain=chain)
    return PlannedReader(points, p, plan=steps, **options)


def _most_together(
    points: Mapping[Collection, Tensor], bound: Bound | None, partitions: Mapping[Family, tuple[int, ...]] | None
) -> int:
    """Return of how many points, pairs or tuples of points there may be values together."""
    sizes = sorted(tensor.shape[1] for tensor in points.values())
    # All points of a family may meet each other.
    most = sizes[-1] ** 2 if partitions else sizes[-1] * sizes[-2] if len(sizes) > 1 else sizes[-1]
    if bound is None or sizes[-1] ** max(map(len, _met(bound)), default=0) <= PLANNED_FROM:
        return most
    return max(most, *(math.prod(points[collection].shape[1] for collection in together) for together in _met(bound)))


@kept
def _met(bound: Bound) -> frozenset[tuple[Collection, ...]]:
    """Return whose points meet in values on the way to a bound's sides and premises: a collection for every free index."""
    premises = (rule(premise, bound) for premise, rule in PREMISES.each(bound.premises))
    terms = (rewrite(term) for term in (bound.lhs, bound.rhs, *premises) if term is not None)
    free = {_free_of(node) for term in terms for node in term.walk()}
    found = (tuple(index.collections[0] for index in indices if type(index) is Index) for indices in free)
    return frozenset(tuple(sorted(together, key=str)) for together in found if together)


@certified
def evaluate(
    plan: Plan,
    points: Mapping[Collection, Float[Tensor, "b n d"]],
    *,
    parameters: Mapping[Parameter, Float[Tensor, " b"]] | None = None,
    weights: Mapping[Weights, Float[Tensor, "b n"]] | None = None,
    maps: Mapping[Map, Mapped] | None = None,
    partitions: Mapping[Family, tuple[int, ...]] | None = None,
) -> dict[str, Named]:
    """Return every result of a plan, with a bound on its error.

    Parameters
    ----------
    plan
        Of which the norm is too.
    points
        Of each of the bound's collections, shape (b, size, d), float64.
    parameters
        Values given; one left out takes the least value that its premise allows.
    weights, maps, partitions
        As for :class:`~boundcheck.evaluate.readers.numeric.NumericReader`.

    Returns
    -------
    dict
        By the names of :attr:`Plan.results`.

    Raises
    ------
    ParameterError
        If a value is missing: a parameter's that no premise determines, weights or a map.

    Examples
    --------
    >>> import torch
    >>> from boundcheck.evaluate import evaluate, plan
    >>> from boundcheck.language import w, x, z
    >>> from boundcheck.theorems import K
    >>> points = {c: torch.tensor([[[value]]], dtype=torch.float64) for c, value in ((x, 0), (z, 2), (w, 1))}
    >>> {name: float(named.value) for name, named in evaluate(plan(K), points).items()}
    {'m*': 1.0, 'lhs': 2.0, 'rhs': 2.0}
    """
    reader = PlannedReader(points, plan.p, plan=plan, weights=weights, errors=True, maps=maps, partitions=partitions)
    given = dict(parameters or {})
    for parameter, value in given.items():
        reader.bind_exact(parameter, value)
    for parameter, terms in plan.bound.least.items():
        if parameter in given:
            continue
        found = [reader.scalar(term) for term in terms]
        values, bounds = [named.value for named in found], [named.known_error for named in found]
        reader.bind(parameter, Named(torch.stack(values).amax(dim=0), torch.stack(bounds).amax(dim=0), ()))
    return {name: reader.value_of(plan.steps[number - 1]) for name, number in plan.results.items()}
