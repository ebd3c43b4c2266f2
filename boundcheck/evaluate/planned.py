"""The planner: which few reductions of distances a bound needs, each computed once and none stored whole.

:func:`explain` prints what :func:`plan` finds, as a database does of a query; :class:`PlannedReader` follows it. A
bound's sides and premises are rewritten (:func:`boundcheck.language.rewrite`), equal sub-terms become one step, and a
reduction of ‖x_i − w_k‖ becomes a call of a kernel (:mod:`boundcheck.kernels.reductions`):

==================================  =======================================================
max_k or min_k, for each i          ``of_rows``
max_i max_k, min_i min_k            ``extreme``
max_i min_k                         ``hausdorff``
mean_i mean_k, sums                 ``mean``
==================================  =======================================================

Where a step has each object's value already, a further reduction over the objects takes it from there. What no kernel
computes, min{r_i, s_j} for all pairs say, is computed block by block: beside arrays as large as the points themselves,
none of more than :data:`AT_ONCE` numbers is made, whatever the sizes. The exceptions are the two that a solver computes,
the transport distance and the distance of hulls.
"""

from __future__ import annotations

import copy
import enum
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from typing import Any, TypeAlias

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from boundcheck import errors, kernels
from boundcheck.evaluate import rounding
from boundcheck.evaluate.readers.numeric import Axes, Mapped, Named, NumericReader
from boundcheck.language import (
    Add,
    Average,
    Bound,
    Collection,
    Combination,
    Constant,
    CoordinateWise,
    Dimension,
    ForAll,
    HullDistance,
    Image,
    Index,
    Largest,
    Lipschitz,
    Map,
    Multiply,
    Norm,
    Parameter,
    Point,
    Power,
    Reduce,
    Reduction,
    Scalar,
    Scale,
    Size,
    Smallest,
    Space,
    Term,
    Transport,
    Vector,
    Weights,
    rewrite,
)

__all__ = ["Cost", "How", "Plan", "PlannedReader", "Step", "evaluate", "explain", "plan", "reader_for"]

#: The largest array that a reader makes on the way to a smaller result; results themselves may be larger.
AT_ONCE = 1 << 20
#: From so many pairs of two collections on, :func:`reader_for` plans.
PLANNED_FROM = 1 << 22
# An error of this share of the largest value is no longer that of a measured distance: a kernel had too many ties.
_WIDE = 2.0**-36

Factor: TypeAlias = "Collection | Dimension"


class How(enum.Enum):
    """How a step is computed."""

    OF_ROWS = "of_rows"
    EXTREME = "extreme"
    HAUSDORFF = "hausdorff"
    MEAN = "mean"
    DIRECT = "direct"
    BLOCKS = "blocks"
    SOLVER = "solver"

    @property
    def is_kernel(self) -> bool:
        """Whether it is a kernel that computes it."""
        return self in (How.OF_ROWS, How.EXTREME, How.HAUSDORFF, How.MEAN)


@dataclass(frozen=True)
class Cost:
    """A number of operations, or of numbers: a sum of products of sizes and dimensions.

    Attributes
    ----------
    products
        Each the collections whose sizes, and the dimensions, that are multiplied; none of them divides another.
    """

    products: tuple[tuple[Factor, ...], ...] = ()

    @classmethod
    def of(cls, products: Iterable[Iterable[Factor]]) -> Cost:
        """Return the sum of the products that no other product is a multiple of."""
        found = [tuple(sorted(product, key=_place)) for product in products]
        kept = (
            product
            for product in dict.fromkeys(found)
            if not any(product != other and Counter(product) <= Counter(other) for other in found)
        )
        return cls(tuple(kept))

    def at(self, sizes: Mapping[Factor, int]) -> int:
        """Return the number for given sizes."""
        return sum(math.prod(sizes[factor] for factor in product) for product in self.products)

    def __str__(self) -> str:
        return " + ".join("·".join(map(_letter, product)) or "1" for product in self.products) or "0"


def _letter(factor: Factor) -> str:
    return factor.size if isinstance(factor, Collection) else str(factor)


def _place(factor: Factor) -> tuple[bool, str]:
    return isinstance(factor, Dimension), factor.index if isinstance(factor, Collection) else ""


@dataclass(frozen=True)
class Step:
    """A value that is computed once.

    Attributes
    ----------
    term
        What it is the value of, as rewritten.
    how
        How.
    points
        Of a kernel: the two points between which the distances are, that of the rows first.
    through
        The step's term that this one reduces further, where that is not part of `term` as it stands.
    needs
        The numbers of the steps whose values it takes; the first step's is 1.
    used
        What takes its value: numbers of steps, names of results.
    cost
        The order of its operations.
    within
        Of a step in blocks: the size of what would be stored without them.
    shown
        The term as text, with ``[3]`` for the value of step 3.
    """

    term: Term
    how: How
    points: tuple[Point, Point] | None
    through: Scalar | None
    needs: tuple[int, ...]
    used: tuple[int | str, ...]
    cost: Cost
    within: Cost
    shown: str

    @property
    def by(self) -> str:
        """What computes it, as text."""
        if self.points is not None:
            rows, columns = (point.collection for point in self.points)
            return f"kernel {self.how.value}({rows}, {columns})"
        if self.how is How.BLOCKS:
            return f"{self.within} in blocks"
        if self.how is How.SOLVER:
            return f"solver, {self.within} stored"
        match self.term:
            case Average() | CoordinateWise():
                return "over points"
            case Reduce():
                return "reduction"
            case Norm():
                return "norm"
            case Image(map):
                return f"the function {map}"
        return "arithmetic"


@dataclass(frozen=True)
class Plan:
    """The steps in which a bound's sides and premises are computed.

    Attributes
    ----------
    bound
        Of what.
    p
        Of the norm.
    steps
        In their order: each after those it needs.
    results
        By name, the number of the step: ``lhs``, ``rhs``, ``m*`` for the least m that the premise allows, a premise's
        name where it determines no parameter, and ``lhs`` and ``rhs`` of a chain's links, with the link's name.
    """

    bound: Bound
    p: float
    steps: tuple[Step, ...]
    results: Mapping[str, int]

    @property
    def kernel_calls(self) -> tuple[Step, ...]:
        """The steps that are calls of a kernel."""
        return tuple(step for step in self.steps if step.how.is_kernel)

    def summary(self) -> dict[str, Any]:
        """Return the plan as plain JSON types."""
        steps = [
            {
                "value": step.shown,
                "by": step.by,
                "kernel": step.how.value if step.how.is_kernel else None,
                "cost": str(step.cost),
                "needs": list(step.needs),
                "used": list(step.used),
            }
            for step in self.steps
        ]
        return {"name": self.bound.name, "p": f"{self.p:g}", "steps": steps, "results": dict(self.results)}

    def __str__(self) -> str:
        return _page(self, None)


def plan(bound: Bound, *, p: float | None = None, chain: bool = False) -> Plan:
    """Return the steps in which a bound is computed.

    Parameters
    ----------
    bound
        Of which both sides are planned, and of each premise the least value of its parameter.
    p
        Of the norm, in [1, inf]; None for 2, or inf where the bound is one of the sup norm. Outside 1, 2 and inf there
        are no kernels, and distances are computed in blocks.
    chain
        Whether the links of its chain are planned too.

    Returns
    -------
    Plan
        The same for equal bounds.

    Raises
    ------
    InvalidTypeError
        If `bound` is none.
    NormError
        If the bound is not stated for the norm.

    Examples
    --------
    >>> from boundcheck.theorems import K
    >>> [step.by for step in plan(K).kernel_calls]
    ['kernel of_rows(x, w)', 'kernel of_rows(x, z)', 'kernel extreme(x, w)']
    """
    if not isinstance(bound, Bound):
        raise errors.InvalidTypeError(errors.explain("bound", "a Bound", f"{bound!r}"))
    if p is None:
        p = math.inf if bound.space is Space.SUP_NORM else 2.0
    bound.require_norm(p)
    found: dict[str, Scalar] = {}
    determined = Counter(premise.parameter for premise in bound.premises if isinstance(premise, ForAll))
    for premise in bound.premises:
        if isinstance(premise, ForAll):
            name = premise.name
            if premise.parameter is not None:
                name = f"{premise.parameter}*" + (f" of {name}" if determined[premise.parameter] > 1 else "")
            found[name] = premise.excess if premise.rhs.free() else premise.least
        elif isinstance(premise, Lipschitz):
            found[premise.name] = bound.excess(premise)
    found |= {"lhs": bound.lhs, "rhs": bound.rhs}
    for link in bound.chain if chain else ():
        found |= {f"lhs of {link.name}": link.lhs, f"rhs of {link.name}": link.rhs}
    planned = {name: _canonical(rewrite(term)) for name, term in found.items()}
    steps, places = _Planner(p).steps(planned)
    return Plan(bound, p, steps, places)


def explain(bound: Bound, sizes: Mapping[str, int] | None = None, *, p: float | None = None) -> str:
    """Return the plan of a bound as text: each step, what computes it, what it costs and what uses it.

    Parameters
    ----------
    bound
        Of which.
    sizes
        The sizes of its collections by argument, and the dimension as ``D``: costs are numbers too then.
    p
        Of the norm, as in :func:`plan`.

    Raises
    ------
    InvalidTypeError, NormError
        As in :func:`plan`.
    ParameterError
        If a size is missing, unknown or not a whole number above 0.

    Examples
    --------
    >>> from boundcheck.theorems import K, get
    >>> print(explain(K))
    karimov, p = 2: ‖mean_i x_i − mean_j z_j‖ ≤ 2·max{m, max_{i,k} ‖x_i − w_k‖}
    step  value                  by                    cost   used in
       1  min_k ‖x_i − w_k‖      kernel of_rows(x, w)  n·q·D  3
       2  max_j ‖x_i − z_j‖      kernel of_rows(x, z)  n·p·D  3
       3  max_i (−[1] + [2])     reduction             n      m*
       4  mean_i x_i             over points           n·D    6
       5  mean_j z_j             over points           p·D    6
       6  ‖[4] − [5]‖            norm                  D      lhs
       7  max_{i,k} ‖x_i − w_k‖  kernel extreme(x, w)  n·q·D  8
       8  2·max{m, [7]}          arithmetic            1      rhs
    3 kernel calls, none shared; no distance matrix is stored

    U2 takes the distance to the nearest negative twice, and has it computed once:

    >>> print(explain(get("chamfer"), {"G1": 20000, "G2": 20000, "G3": 20000, "D": 1408}))
    chamfer, p = 2: ‖mean_i x_i − mean_j z_j‖ ≤ m + mean_i min_k ‖x_i − w_k‖
    step  value               by                    cost        operations  used in
       1  min_k ‖x_i − w_k‖   kernel of_rows(x, w)  n·q·D  563,200,000,000  3, 7
       2  max_j ‖x_i − z_j‖   kernel of_rows(x, z)  n·p·D  563,200,000,000  3
       3  max_i (−[1] + [2])  reduction             n               20,000  m*
       4  mean_i x_i          over points           n·D         28,160,000  6
       5  mean_j z_j          over points           p·D         28,160,000  6
       6  ‖[4] − [5]‖         norm                  D                1,408  lhs
       7  mean_i [1]          reduction             n               20,000  8
       8  m + [7]             arithmetic            1                    1  rhs
    2 kernel calls, shared: 1; 1,126,456,361,409 operations; no distance matrix is stored
    """
    found = plan(bound, p=p)
    return _page(found, None if sizes is None else _required_sizes(bound, sizes))


def _required_sizes(bound: Bound, sizes: Mapping[str, int]) -> dict[Factor, int]:
    wanted: dict[str, Factor] = {collection.argument: collection for collection in bound.collections}
    wanted["D"] = Dimension()
    names = ", ".join(wanted)
    for name in sizes:
        if name not in wanted:
            raise errors.ParameterError(errors.explain("sizes", f"sizes of {names}", f"one of {name!r}"))
    for name in wanted:
        size = sizes.get(name)
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            got = "none" if size is None else f"{size!r}"
            raise errors.ParameterError(errors.explain(f"sizes[{name!r}]", "a whole number in [1, inf)", got))
    return {factor: sizes[name] for name, factor in wanted.items()}


def _page(plan: Plan, sizes: Mapping[Factor, int] | None) -> str:
    """Return a plan as a table under its bound, with what is shared and stored below."""
    heads = ["step", "value", "by", "cost", *(["operations"] if sizes else []), "used in"]
    rows = [heads]
    for number, step in enumerate(plan.steps, 1):
        cells = [f"{number}", step.shown, step.by, f"{step.cost}"]
        if sizes:
            cells.append(f"{step.cost.at(sizes):,}")
        rows.append([*cells, ", ".join(map(str, step.used))])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    to_the_right = {"step", "operations"}
    lines = [f"{plan.bound.name}, p = {plan.p:g}: {plan.bound.statement}"]
    for row in rows:
        cells = [
            cell.rjust(width) if head in to_the_right else cell.ljust(width)
            for head, cell, width in zip(heads, row, widths, strict=True)
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join([*lines, _summary(plan, sizes)])


def _summary(plan: Plan, sizes: Mapping[Factor, int] | None) -> str:
    numbered = list(enumerate(plan.steps, 1))
    shared = [f"{number}" for number, step in numbered if step.how.is_kernel and len(step.used) > 1]
    calls = len(plan.kernel_calls)
    said = [f"{calls} kernel call{'' if calls == 1 else 's'}"]
    if calls:
        said[0] += f", shared: {', '.join(shared)}" if shared else ", none shared"
    if not _has_kernels(plan.p):
        said.append(f"no kernels for p = {plan.p:g}")
    blocks = ", ".join(f"{number}" for number, step in numbered if step.how is How.BLOCKS)
    if blocks:
        said.append(f"in blocks of at most {AT_ONCE:,} numbers: {blocks}")
    if sizes:
        said.append(f"{sum(step.cost.at(sizes) for step in plan.steps):,} operations")
    if not any(step.how is How.SOLVER for step in plan.steps):
        said.append("no distance matrix is stored")
    return "; ".join(said)


def _has_kernels(p: float) -> bool:
    return p in (1, 2, math.inf)


# ------------------------------------------------------------------------------------------------------------- terms


def _rebuilt(term: Term, change: Callable[[Any], Any]) -> Term:
    """Return the term with `change` applied to what is directly below it; it makes scalars of scalars."""
    match term:
        case Add(terms) | Multiply(terms) | Largest(terms) | Smallest(terms):
            return type(term)(tuple(map(change, terms)))
        case Power(base, _):
            return replace(term, base=change(base))
        case Reduce(_, _, body) | Average(_, _, body) | CoordinateWise(_, _, body):
            return replace(term, body=change(body))
        case Norm(vector) | Image(_, vector):
            return replace(term, vector=change(vector))
        case Scale(factor, vector):
            return replace(term, factor=change(factor), vector=change(vector))
        case Combination(parts):
            return Combination(tuple((number, change(part)) for number, part in parts))
    return term


def _pair(term: Term) -> tuple[Point, Point] | None:
    """Return the points a and b of ‖a − b‖, over two indices, in the order of these; None for another term."""
    if not isinstance(term, Norm) or not isinstance(term.vector, Combination) or len(term.vector.parts) != 2:
        return None
    (one, a), (other, b) = term.vector.parts
    if {one, other} != {Fraction(1), Fraction(-1)} or not (isinstance(a, Point) and isinstance(b, Point)):
        return None
    if a.index == b.index:
        return None
    return (a, b) if a.index.symbol <= b.index.symbol else (b, a)


@cache
def _canonical(term: Term) -> Term:
    """Return an equal term that is the same for ‖a − b‖ and ‖b − a‖, and for reductions of it in either order."""
    term = _rebuilt(term, _canonical)
    pair = _pair(term)
    if pair is not None:
        a, b = pair
        return Norm(Combination(((Fraction(1), a), (Fraction(-1), b))))
    double = _of_all_pairs(term)
    if double is not None:
        outer, inner = double
        if outer.kind is inner.kind and outer.index.symbol > inner.index.symbol:
            return Reduce(outer.kind, inner.index, Reduce(inner.kind, outer.index, inner.body))
    return term


def _of_each(term: Term) -> tuple[Point, Point] | None:
    """Return the points a and b where the term is the largest or smallest ‖a − b‖ over b's index, for each a."""
    if not isinstance(term, Reduce) or term.kind not in (Reduction.MAX, Reduction.MIN):
        return None
    pair = _pair(term.body)
    if pair is None:
        return None
    a, b = pair
    if term.index not in (a.index, b.index):
        return None
    return (a, b) if term.index == b.index else (b, a)


def _of_all_pairs(term: Term) -> tuple[Reduce, Reduce] | None:
    """Return both reductions where the term reduces ‖a − b‖ over both indices, without weights."""
    if not isinstance(term, Reduce) or not isinstance(term.body, Reduce) or term.weights or term.body.weights:
        return None
    pair = _pair(term.body.body)
    if pair is None or {term.index, term.body.index} != {point.index for point in pair}:
        return None
    return term, term.body


_MEANS = (Reduction.MEAN, Reduction.SUM)


def _by_kernel(term: Term) -> tuple[How, tuple[Point, Point]] | None:
    """Return which kernel computes a term, and between which points."""
    each = _of_each(term)
    if each is not None:
        return How.OF_ROWS, each
    double = _of_all_pairs(term)
    if double is None:
        return None
    outer, inner = double
    pair = _pair(inner.body)
    assert pair is not None
    points = pair if outer.index == pair[0].index else (pair[1], pair[0])
    if outer.kind in _MEANS and inner.kind in _MEANS:
        return How.MEAN, points
    if outer.kind is inner.kind:
        return How.EXTREME, points
    if (outer.kind, inner.kind) == (Reduction.MAX, Reduction.MIN):
        return How.HAUSDORFF, points
    return None


@dataclass(frozen=True)
class _Value(Scalar):
    """The value of a step, where a term is shown."""

    number: int
    over: frozenset[Index]

    def free(self) -> frozenset[Index]:
        return self.over

    def __str__(self) -> str:
        return f"[{self.number}]"


@dataclass(frozen=True)
class _VectorValue(Vector):
    number: int
    over: frozenset[Index]

    def free(self) -> frozenset[Index]:
        return self.over

    def __str__(self) -> str:
        return f"[{self.number}]"


# ---------------------------------------------------------------------------------------------------------- planning

_LEAVES = (Constant, Parameter, Size, Dimension, Point)
# Computed where it is used, unless it is used twice.
_ARITHMETIC = (Add, Multiply, Power, Largest, Smallest, Combination)


class _Planner:
    """Finds the steps of some terms together."""

    def __init__(self, p: float) -> None:
        self._kernels = _has_kernels(p)
        self._reached: set[Term] = set()
        self._numbers: dict[Term, int] = {}

    def steps(self, results: Mapping[str, Term]) -> tuple[tuple[Step, ...], dict[str, int]]:
        """Return the steps, and the number of each result's."""
        roots = tuple(dict.fromkeys(results.values()))
        self._reach(roots)
        users: dict[Term, set[Term]] = {}
        order = list(self._in_order(roots))
        for term in order:
            for below in self._below(term):
                users.setdefault(below, set()).add(term)
        chosen = [term for term in order if term in roots or self._is_a_step(term, len(users.get(term, ())))]
        self._numbers = {term: number for number, term in enumerate(chosen, 1)}
        needs = {term: self._needs(term) for term in chosen}
        steps = []
        for term, number in self._numbers.items():
            used: list[int | str] = [self._numbers[other] for other in chosen if number in needs[other]]
            used += [name for name, result in results.items() if result == term]
            steps.append(self._step(term, needs[term], tuple(used)))
        return tuple(steps), {name: self._numbers[term] for name, term in results.items()}

    def _kernel(self, term: Term) -> tuple[How, tuple[Point, Point]] | None:
        return _by_kernel(term) if self._kernels else None

    def _reach(self, roots: tuple[Term, ...]) -> None:
        """Find the terms whose values something needs that no kernel reduces on its way."""
        waiting = list(roots)
        while waiting:
            term = waiting.pop()
            if term not in self._reached:
                self._reached.add(term)
                waiting += [] if self._kernel(term) is not None else term.children

    def _through(self, term: Term) -> Scalar | None:
        """Return what a reduction over all pairs takes from a step of its own: each object's value."""
        double = _of_all_pairs(term)
        if double is None or self._kernel(term) is None:
            return None
        outer, inner = double
        if inner in self._reached:
            return inner
        other = Reduce(inner.kind, outer.index, inner.body)
        return other if outer.kind is inner.kind and other in self._reached else None

    def _below(self, term: Term) -> tuple[Term, ...]:
        through = self._through(term)
        if through is not None:
            return (through,)
        return () if self._kernel(term) is not None else term.children

    def _in_order(self, roots: tuple[Term, ...]) -> Iterator[Term]:
        """Yield every term that is needed once, after those below it."""
        seen: set[Term] = set()

        def visit(term: Term) -> Iterator[Term]:
            if term in seen:
                return
            seen.add(term)
            for below in self._below(term):
                yield from visit(below)
            yield term

        for root in roots:
            yield from visit(root)

    @staticmethod
    def _is_a_step(term: Term, users: int) -> bool:
        if isinstance(term, _LEAVES) or len(term.free()) > 1:
            return False
        if not isinstance(term, _ARITHMETIC):
            return True
        # Of numbers and parameters alone it is not worth a line.
        return users > 1 and any(not isinstance(node, _LEAVES + _ARITHMETIC) for node in term.walk())

    def _own(self, term: Term) -> Iterator[Term]:
        """Yield what a step computes itself: the term and what is below it, down to other steps."""
        waiting = [term]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += [below for below in self._below(node) if below not in self._numbers]

    def _needs(self, term: Term) -> tuple[int, ...]:
        needed = {
            self._numbers[below] for node in self._own(term) for below in self._below(node) if below in self._numbers
        }
        return tuple(sorted(needed))

    def _step(self, term: Term, needs: tuple[int, ...], used: tuple[int | str, ...]) -> Step:
        through = self._through(term)
        kernel = self._kernel(term) if through is None else None
        how, points = kernel if kernel is not None else (How.DIRECT, None)
        own = list(self._own(term))
        wide = [node for node in own if len(node.free()) > 1 and not _inside_a_distance(node, own)]
        if isinstance(term, (Transport, HullDistance)):
            how, wide = How.SOLVER, [term]
        elif kernel is None and wide:
            how = How.BLOCKS
        within = Cost.of(_size_of(node) for node in wide) if how in (How.BLOCKS, How.SOLVER) else Cost()
        if points is not None:
            cost = Cost.of([[*(point.collection for point in points), Dimension()]])
        elif through is not None:
            cost = Cost.of([_sizes_over(through.free())])
        else:
            cost = Cost.of([_cost_of(node) for node in own if not isinstance(node, _LEAVES)] or [()])
        return Step(term, how, points, through, needs, used, cost, within, str(self._shown(term)))

    def _shown(self, term: Term) -> Term:
        through = self._through(term)
        if through is not None and isinstance(term, Reduce):
            (left,) = through.free()
            return Reduce(term.kind, left, _Value(self._numbers[through], through.free()))
        if self._kernel(term) is not None:
            return term
        return _rebuilt(term, self._reference)

    def _reference(self, term: Term) -> Term:
        number = self._numbers.get(term)
        if number is None:
            return self._shown(term)
        made = _Value if isinstance(term, Scalar) else _VectorValue
        return made(number, term.free())


def _inside_a_distance(node: Term, own: list[Term]) -> bool:
    """Say whether a difference of points is one whose norm alone is computed."""
    return isinstance(node, Combination) and any(_pair(norm) and norm.children == (node,) for norm in own)


def _sizes_over(indices: Iterable[Index]) -> list[Factor]:
    return [index.collections[0] for index in indices]


def _size_of(term: Term) -> list[Factor]:
    """Return how many numbers a term's value is."""
    if isinstance(term, (Transport, HullDistance)):
        return [term.a, term.b]
    return [*_sizes_over(term.free()), *([Dimension()] if isinstance(term, Vector) else [])]


def _cost_of(term: Term) -> list[Factor]:
    """Return how many operations a node is, without those below it."""
    if isinstance(term, (Transport, HullDistance)):
        return [term.a, term.b, Dimension()]
    over = frozenset[Index]().union(*(child.free() for child in term.children))
    return [*_sizes_over(over), *([Dimension()] if isinstance(term, (Vector, Norm)) else [])]


# ----------------------------------------------------------------------------------------------------------- reading


class PlannedReader(NumericReader):
    """Evaluates terms on triples of large collections: distances by kernels, what is wide block by block.

    Values and errors are those of :class:`~boundcheck.evaluate.readers.numeric.NumericReader` up to their errors, in the same
    shapes. There are no gradients: points are detached. A batch is read one triple after another where kernels are
    called. Terms that the plan has no step for are planned when they are asked for.

    Parameters
    ----------
    points, p, parameters, weights, errors, fixed, maps
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
        wanted = _canonical(rewrite(term))
        if wanted not in self._steps:
            self._add_steps(wanted)
        return self._evaluate(wanted)

    def _add_steps(self, term: Term) -> None:
        steps, _ = _Planner(self.p).steps({"": term})
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

    def _distances(self, a: Point, b: Point) -> Tensor:
        # As many as there are here, and not kept.
        return kernels.pairwise(self._evaluate(a).value, self._evaluate(b).value, self.p)

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
        index = self._longest(term) if self._width(term) > AT_ONCE else None
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
        if isinstance(term, Reduce) and _of_each(term.body) is not None:
            self._add_steps(term.body)

    def _summed(self, term: Reduce, points: tuple[Point, Point], value: Tensor, error: Tensor) -> tuple[Tensor, Tensor]:
        """Return a mean times the sizes of the collections that it is a sum over."""
        assert isinstance(term.body, Reduce)
        sums = [reduce.index for reduce in (term, term.body) if reduce.kind is Reduction.SUM]
        count = math.prod(self.size(index.collections[0]) for index in sums)
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
        index, window = self._windows[-1]
        free = term.free()
        if len(free) > 1 and outer._width(term) > AT_ONCE:
            named = self._compute(term)
        else:
            # Small enough to be had whole, once for all blocks.
            named = outer._evaluate(term)
            if index in free and index not in self._fixed:
                named = _cut(named, index, window)
        self._cache[term] = named
        return named

    def _in_blocks(self, term: Term, index: Index) -> Named:
        length = self._extent(index)
        rows = max(1, length * AT_ONCE // self._width(term))
        parts = []
        for start in range(0, length, rows):
            block = slice(start, min(length, start + rows))
            parts.append(self._with_window(index, block)._compute(term))
        at = 1 + parts[0].axes.index(index)
        value = torch.cat([part.value for part in parts], dim=at)
        bounds = [part.error for part in parts if part.error is not None]
        return Named(value, torch.cat(bounds, dim=at) if bounds else None, parts[0].axes)

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

    def _extent(self, index: Index) -> int:
        """Return how many values an index has here."""
        for other, window in reversed(self._windows):
            if other == index:
                return int(window.stop - window.start)
        return 1 if index in self._fixed else self.size(index.collections[0])

    def _longest(self, term: Term) -> Index | None:
        """Return the free index with most values, if one has several."""
        free = sorted(term.free(), key=lambda index: (-self._extent(index), index.symbol))
        return free[0] if free and self._extent(free[0]) > 1 else None

    def _width(self, term: Term) -> int:
        """Return the size of the largest array that is made here on the way to a term from values over one index."""
        known = self._widths.get(term)
        if known is None:
            known = self._widths[term] = self._measured_width(term)
        return known

    def _measured_width(self, term: Term) -> int:
        own = self._own_size(term)
        pair = _pair(term)
        if pair is not None and not any(point.index in self._fixed for point in pair):
            return own
        # What is over one index makes blocks of its own, where it needs any.
        inner = (self._width(child) if len(child.free()) > 1 else self._own_size(child) for child in term.children)
        return max([own, *inner])

    def _own_size(self, term: Term) -> int:
        if isinstance(term, Point):
            # It is there already.
            return 0
        size = self._batch * math.prod(map(self._extent, term.free()))
        return size * self._dimension if isinstance(term, Vector) else size


def _cut(named: Named, index: Index, window: slice) -> Named:
    at = 1 + named.axes.index(index)
    cut = (slice(None),) * at + (window,)
    return Named(named.value[cut], None if named.error is None else named.error[cut], named.axes)


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
) -> NumericReader:
    """Return the reader for a batch: a planned one for one triple with many pairs of points, else the numeric one.

    Parameters
    ----------
    points, p, parameters, weights, errors, maps
        As for :class:`~boundcheck.evaluate.readers.numeric.NumericReader`.
    bound
        What will be asked for, so that its terms are planned together.
    chain
        Whether its chain's links will be too.
    """
    sizes = sorted(tensor.shape[1] for tensor in points.values())
    single = all(tensor.shape[0] == 1 and not tensor.requires_grad for tensor in points.values())
    if not single or len(sizes) < 2 or sizes[-1] * sizes[-2] <= PLANNED_FROM:
        return NumericReader(points, p, parameters=parameters, weights=weights, errors=errors, maps=maps)
    steps = None if bound is None else plan(bound, p=p, chain=chain)
    return PlannedReader(points, p, plan=steps, parameters=parameters, weights=weights, errors=errors, maps=maps)


def evaluate(
    plan: Plan,
    points: Mapping[Collection, Float[Tensor, "b n d"]],
    *,
    parameters: Mapping[Parameter, Float[Tensor, " b"]] | None = None,
    weights: Mapping[Weights, Float[Tensor, "b n"]] | None = None,
    maps: Mapping[Map, Mapped] | None = None,
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
    weights, maps
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
    reader = PlannedReader(points, plan.p, plan=plan, weights=weights, errors=True, maps=maps)
    given = dict(parameters or {})
    for parameter, value in given.items():
        reader.bind_exact(parameter, value)
    least: dict[Parameter, list[Named]] = {}
    for premise in plan.bound.premises:
        if isinstance(premise, ForAll) and premise.parameter is not None and premise.parameter not in given:
            least.setdefault(premise.parameter, []).append(reader.scalar(premise.least))
    for parameter, found in least.items():
        values, bounds = [named.value for named in found], [named.known_error for named in found]
        reader.bind(parameter, Named(torch.stack(values).amax(dim=0), torch.stack(bounds).amax(dim=0), ()))
    return {name: reader.value_of(plan.steps[number - 1]) for name, number in plan.results.items()}
