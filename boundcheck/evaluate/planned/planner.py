"""Finds the steps of a bound's sides and premises: equal terms become one."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from boundcheck import errors
from boundcheck.evaluate.planned.reductions import canonical, kernel_of, over_all_pairs
from boundcheck.evaluate.planned.steps import (
    Choices,
    Cost,
    Factor,
    How,
    Members,
    Plan,
    Step,
    factors_of,
    has_kernels,
    page_of,
)
from boundcheck.language import (
    Add,
    Bound,
    ClassCount,
    ClassSize,
    Combination,
    Constant,
    Cosine,
    Coupling,
    Dimension,
    Drawn,
    EqualSizes,
    Family,
    ForAll,
    HullDistance,
    Index,
    Infimum,
    Inner,
    Largest,
    Lipschitz,
    Member,
    Multiply,
    Norm,
    Parameter,
    PNorm,
    Point,
    Power,
    Premise,
    Reduce,
    Rules,
    Scalar,
    Sign,
    Size,
    Smallest,
    Space,
    Supremum,
    Term,
    Transport,
    Vector,
    rewrite,
)
from boundcheck.language.choices import is_random
from boundcheck.language.shapes import distance_of_elements

__all__ = ["Planner", "explain", "plan"]


#: What is computed of each kind of premise; None for what is settled before.
PREMISES: Rules[Callable[[Any, Bound], Scalar | None]] = Rules(
    "the planner of premises",
    Premise,
    {
        EqualSizes: lambda premise, bound: None,
        ForAll: lambda premise, bound: premise.excess if premise.rhs.free() else premise.least,
        Lipschitz: lambda premise, bound: bound.excess(premise),
    },
    fix="give the kind a rule in boundcheck.evaluate.planned.planner.PREMISES",
)


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
    TermError
        If a premise is of a kind that there is no rule for.

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
    p = bound.require_norm(p)
    found: dict[str, Scalar] = {}
    read = list(PREMISES.each(bound.premises))
    determined = Counter(premise.parameter for premise, _ in read)
    for premise, rule in read:
        name = premise.name
        if premise.parameter is not None:
            name = f"{premise.parameter}*" + (f" of {name}" if determined[premise.parameter] > 1 else "")
        if (term := rule(premise, bound)) is not None:
            # Several that one is expressed by may have its name.
            found[name if name not in found else f"{name}, {len(found) + 1}"] = term
    found |= {"lhs": bound.lhs, "rhs": bound.rhs}
    for link in bound.chain if chain else ():
        found |= {f"lhs of {link.name}": link.lhs, f"rhs of {link.name}": link.rhs}
    planned = {name: canonical(rewrite(term)) for name, term in found.items()}
    steps, places = Planner(p).steps(planned)
    return Plan(bound, p, steps, places)


def explain(bound: Bound, sizes: Mapping[str, int] | None = None, *, p: float | None = None) -> str:
    """Return the plan of a bound as text: each step, what computes it, what it costs and what uses it.

    Parameters
    ----------
    bound
        Of which.
    sizes
        The sizes of its collections by argument, and the dimension as ``D``: costs are numbers too then. Of a family the
        number of its classes and the size of the largest too, by their letters, ``K`` and ``n``.
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
    return page_of(found, None if sizes is None else _required_sizes(bound, sizes))


def _required_sizes(bound: Bound, sizes: Mapping[str, int]) -> dict[Factor, int]:
    wanted: dict[str, Factor] = {collection.argument: collection for collection in bound.collections}
    for family in bound.collections:
        if isinstance(family, Family):
            wanted |= {family.class_count: ClassCount(family), family.class_size: Members(family)}
    nodes = (node for term in bound.terms() for node in term.walk())
    wanted |= {
        f"#{node.bound_index}": Choices(node.bound_index)
        for node in nodes
        if node.bound_index and is_random(node.bound_index)
    }
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


# Read as a whole, by a solver.
_SOLVED = (Transport, HullDistance, Infimum, Supremum, Coupling)


def _open(term: Term) -> tuple[Term, ...]:
    """Return the terms below one that steps of their own may compute."""
    return () if isinstance(term, _SOLVED) else term.children


_LEAVES = (Constant, Parameter, Size, Dimension, ClassCount, ClassSize, Sign, Point, Member, Drawn)

# An operation for each coordinate.
_OVER_COORDINATES = (Vector, Norm, PNorm, Inner, Cosine)

# Computed where it is used, unless it is used twice.
_ARITHMETIC = (Add, Multiply, Power, Largest, Smallest, Combination)


class Planner:
    """Finds the steps of some terms together."""

    def __init__(self, p: float) -> None:
        self._kernels = has_kernels(p)
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
        return kernel_of(term) if self._kernels else None

    def _reach(self, roots: tuple[Term, ...]) -> None:
        """Find the terms whose values something needs that no kernel reduces on its way."""
        waiting = list(roots)
        while waiting:
            term = waiting.pop()
            if term not in self._reached:
                self._reached.add(term)
                waiting += [] if self._kernel(term) is not None else _open(term)

    def _through(self, term: Term) -> Scalar | None:
        """Return what a reduction over all pairs takes from a step of its own: each object's value."""
        double = over_all_pairs(term)
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
        return () if self._kernel(term) is not None else _open(term)

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
        wide = [
            node
            for node in own
            if len(node.free()) > 1 and not isinstance(node, _LEAVES) and not _inside_a_distance(node, own)
        ]
        if isinstance(term, _SOLVED):
            how, wide = How.SOLVER, [term]
        elif kernel is None and wide:
            how = How.BLOCKS
        within = (
            Cost.of(size for node in wide for size in _sizes_of(node)) if how in (How.BLOCKS, How.SOLVER) else Cost()
        )
        if points is not None:
            cost = Cost.of([[*(point.collection for point in points), Dimension()]])
        elif through is not None:
            cost = Cost.of([factors_of(through.free())])
        else:
            counted = [cost for node in own if not isinstance(node, _LEAVES) for cost in _costs_of(node)]
            cost = Cost.of(counted or [()])
        return Step(term, how, points, through, needs, used, cost, within, str(self._shown(term)))

    def _shown(self, term: Term) -> Term:
        through = self._through(term)
        if through is not None and isinstance(term, Reduce):
            (left,) = through.free()
            return Reduce(term.kind, left, _Value(self._numbers[through], through.free()))
        if self._kernel(term) is not None:
            return term
        return term.mapped(self._reference)

    def _reference(self, term: Term) -> Term:
        number = self._numbers.get(term)
        if number is None:
            return self._shown(term)
        made = _Value if isinstance(term, Scalar) else _VectorValue
        return made(number, term.free())


def _inside_a_distance(node: Term, own: list[Term]) -> bool:
    """Say whether a difference of points is one whose norm alone is computed."""
    return isinstance(node, Combination) and any(
        distance_of_elements(norm) and norm.children == (node,) for norm in own
    )


def _sizes_of(term: Term) -> list[list[Factor]]:
    """Return how many numbers a term's value is, or a solver stores for it."""
    if isinstance(term, Infimum | Supremum):
        return _vectors_of(term)
    if isinstance(term, (Transport, HullDistance)):
        return [[term.a, term.b]]
    if isinstance(term, Coupling):
        return [factors_of((term.first, term.second))]
    return [[*factors_of(term.free()), *([Dimension()] if isinstance(term, Vector) else [])]]


def _vectors_of(term: Infimum | Supremum) -> list[list[Factor]]:
    """Return how many coordinates the collections of an infimum or a supremum have."""
    return [[collection, Dimension()] for collection in sorted(term.collections(), key=str)] or [[Dimension()]]


def _costs_of(term: Term) -> list[list[Factor]]:
    """Return how many operations a node is, without those below it; of a solver, those of one step."""
    if isinstance(term, Infimum | Supremum):
        return [[*size, Dimension()] for size in _vectors_of(term)]
    if isinstance(term, (Transport, HullDistance)):
        return [[term.a, term.b, Dimension()]]
    if isinstance(term, Coupling):
        return [[*factors_of((term.first, term.second)), Dimension()]]
    over = frozenset[Index]().union(*(child.free() for child in term.children))
    return [[*factors_of(over), *([Dimension()] if isinstance(term, _OVER_COORDINATES) else [])]]
