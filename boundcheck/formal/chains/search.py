"""The search itself: what is in sight, the facts about it, and a combination of them that is the statement."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product

from boundcheck.formal.chains.combine import combination
from boundcheck.formal.chains.normal import Monomial, Normal, Polynomial, free, renamed, times
from boundcheck.formal.chains.rules import (
    Fact,
    Sight,
    attained,
    averaged,
    both,
    coupled,
    facts,
    running_indices,
    squared,
    squares,
)
from boundcheck.formal.coq import at_every_vector
from boundcheck.language import (
    Applied,
    Bound,
    Constant,
    Index,
    Largest,
    Multiply,
    Parameter,
    Power,
    Reduce,
    Reduction,
    Relation,
    Scalar,
    Size,
    Smallest,
    Space,
    Weights,
)

__all__ = ["Case", "Goal", "Link", "Proof", "Searched", "search"]

# How many facts at most, and how often facts are made of those that are there.
_FACTS, _LEVELS = 6000, 3


@dataclass(frozen=True)
class Link:
    """A step of a chain: a fact, times a factor, added to what was there.

    Attributes
    ----------
    fact
        The fact.
    factor
        The factor, at least 0.
    before, after
        The terms that the step leads from and to, in their normal forms.
    """

    fact: Fact
    factor: Polynomial
    before: Polynomial
    after: Polynomial


@dataclass(frozen=True)
class Goal:
    """``lhs ≤ rhs`` for all values of some indices, both in their normal forms."""

    lhs: Polynomial
    rhs: Polynomial
    fixed: tuple[Index, ...]

    def __str__(self) -> str:
        return f"{self.lhs.term()} ≤ {self.rhs.term()}"


@dataclass(frozen=True)
class Case:
    """An extremum of a goal, replaced by what it may be.

    Attributes
    ----------
    goal
        The goal.
    atom
        The extremum.
    index
        The index at which it is attained; None where it is one of a few terms.
    parts
        What is left to show in each case.
    values
        What the extremum is in each.
    """

    goal: Goal
    atom: Scalar
    index: Index | None
    parts: tuple[Proof, ...]
    values: tuple[Scalar, ...]


@dataclass(frozen=True)
class Chain:
    """A goal with the links that lead from its left side to its right side."""

    goal: Goal
    links: tuple[Link, ...]


Proof = Case | Chain


@dataclass
class Searched:
    """What a search came to.

    Attributes
    ----------
    bound
        The statement.
    proof
        The proof found, of an equality one for each direction; empty where none was.
    left
        The goal that could not be shown; None where all were.
    reason
        Why the search could not begin; empty where it could.
    facts
        How many facts were looked at.
    seconds
        How long it took.
    """

    bound: Bound
    proof: tuple[Proof, ...] = ()
    left: Goal | None = None
    reason: str = ""
    facts: int = 0
    seconds: float = 0.0


@dataclass
class _Search:
    bound: Bound
    until: float
    normal: Normal
    looked: int = 0
    left: Goal | None = None
    premise_terms: tuple[Scalar, ...] = ()
    nonnegative: frozenset[Scalar] = field(default_factory=frozenset)

    def goal(self, goal: Goal, depth: int = 0) -> Proof | None:
        """Return a proof of a goal: cases first, then a chain."""
        found = self._case(goal)
        if found is not None and depth < 8:
            atom, index, values = found
            parts = []
            for value in values:
                fixed = goal.fixed if index is None else (*goal.fixed, index)
                lhs, rhs = (_replaced(self.normal, side, atom, value) for side in (goal.lhs, goal.rhs))
                part = self.goal(Goal(lhs, rhs, fixed), depth + 1)
                if part is None:
                    return None
                parts.append(part)
            return Case(goal, atom, index, tuple(parts), values)
        links = self._chain(goal)
        if links is None:
            self.left = self.left or goal
            return None
        return Chain(goal, links)

    def _case(self, goal: Goal) -> tuple[Scalar, Index | None, tuple[Scalar, ...]] | None:
        """Return a largest value on the left, or a smallest on the right, and what it may be."""
        gap = goal.rhs - goal.lhs
        for side in (goal.lhs, goal.rhs):
            for monomial in side.terms:
                value = gap.terms.get(monomial, Fraction(0))
                for atom, exponent in monomial:
                    if exponent != 1 or not value:
                        continue
                    lower = value > 0
                    match atom:
                        case Reduce(Reduction.MIN, index, body, None) if lower:
                            pass
                        case Reduce(Reduction.MAX, index, body, None) if not lower:
                            pass
                        case Smallest(terms) if lower:
                            return atom, None, terms
                        case Largest(terms) if not lower:
                            return atom, None, terms
                        case Applied(_, argument) if not lower:
                            return atom, None, (argument, self.normal.term(-argument))
                        case _:
                            continue
                    fresh = index
                    while fresh in goal.fixed:
                        fresh = Index(f"{fresh.symbol}′", fresh.collections)
                    return atom, fresh, (renamed(body, {index: fresh}),)
        return None

    def _chain(self, goal: Goal) -> tuple[Link, ...] | None:
        """Return links from one side of a goal to the other: with few indices first, then with two of each collection."""
        if goal.lhs == goal.rhs:
            return ()
        terms = (goal.lhs.term(), goal.rhs.term(), *self.premise_terms)
        tried: list[dict[Index, Weights | None]] = []
        for least in (1, 2):
            running = running_indices(terms, goal.fixed, least)
            if running in tried or time.monotonic() > self.until:
                break
            tried.append(running)
            links = self._linked(goal, terms, running)
            if links is not None:
                return links
        return None

    def _linked(
        self, goal: Goal, terms: tuple[Scalar, ...], running: dict[Index, Weights | None]
    ) -> tuple[Link, ...] | None:
        gap = goal.rhs - goal.lhs
        euclidean = self.bound.space is Space.EUCLIDEAN
        sight = Sight(self.normal, goal.fixed, running, self.bound.premises, terms, euclidean)
        powers = max(
            (exponent for side in (goal.lhs, goal.rhs) for monomial in side.terms for exponent in _degrees(monomial)),
            default=0,
        )
        found: dict[Polynomial, Fact] = {}
        whole: dict[Polynomial, Fact] = {}

        def add(fact: Fact) -> bool:
            if not fact.gap or fact.gap in found or len(found) > _FACTS:
                return False
            found[fact.gap] = fact
            for top in (averaged(sight, fact), *coupled(sight, fact)):
                if top is not None and top.gap:
                    whole.setdefault(top.gap, top)
            return True

        for fact in facts(sight):
            add(fact)
        if powers > 1:
            for fact in squares(sight):
                add(fact)
        for level in range(_LEVELS):
            new = [fact for fact in (_closures(sight, list(found.values()), powers) if level else ()) if add(fact)]
            if level and not new:
                break
            links = self._combined(goal, gap, list(whole.values()))
            if links is not None or time.monotonic() > self.until:
                return links
        return None

    def _combined(self, goal: Goal, gap: Polynomial, whole: list[Fact]) -> tuple[Link, ...] | None:
        factors = list(self._factors(gap))
        columns, of = [], []
        for fact, factor in product(whole, factors):
            columns.append(fact.gap * factor)
            of.append((fact, factor))
        self.looked += len(columns)
        costs = [1.0 + 0.01 * len(list(fact.sources())) for fact, _ in of]
        used = combination(gap, columns, costs, self.until - time.monotonic())
        if used is None:
            return None
        return _in_order(goal, [(of[place][0], of[place][1] * value) for place, value in used])

    def _factors(self, gap: Polynomial) -> Iterator[Polynomial]:
        """Yield the factors that facts may be multiplied by: what is at least 0 for certain, as the goal has it."""
        found: dict[Monomial, None] = {(): None}
        for monomial in gap.terms:
            known = [
                (atom, sign * power)
                for atom, exponent in monomial
                if self._certain(atom)
                for sign in ((1,) if exponent > 0 else (-1,))
                for power in (abs(exponent),)
            ]
            parts = [[(atom, power) for power in range(min(0, whole), max(0, whole) + 1)] for atom, whole in known]
            for chosen in product(*parts):
                found.setdefault(times(tuple(pair for pair in chosen if pair[1]), ()), None)
        yield from (Polynomial({monomial: Fraction(1)}) for monomial in found)

    def _certain(self, atom: Scalar) -> bool:
        if isinstance(atom, Power):
            return all(isinstance(node, (Size,)) or not node.parameters() for node in atom.walk()) and not free(atom)
        return isinstance(atom, Size) or (isinstance(atom, Parameter) and atom in self.nonnegative)


def _closures(sight: Sight, of: list[Fact], powers: int) -> list[Fact]:
    """Return what facts make together: at extrema, of the smaller and larger of two, and squared where squares are wanted."""
    found = [made for fact in of for made in attained(sight, fact)]
    found += both(sight, [*of, *found])
    return [*found, *squared(sight, [*of, *found])] if powers > 1 else found


def _degrees(monomial: Monomial) -> Iterator[int]:
    """Yield the exponents of a monomial's factors, those within means and extrema among them."""
    for atom, exponent in monomial:
        yield exponent
        for node in atom.walk():
            if isinstance(node, Power):
                yield int(node.exponent)
            if isinstance(node, Multiply) and sum(not isinstance(one, Constant) for one in node.factors) > 1:
                yield 2


def _replaced(normal: Normal, side: Polynomial, atom: Scalar, value: Scalar) -> Polynomial:
    found = Polynomial()
    inside = normal.of(value)
    for monomial, coefficient in side.terms.items():
        term = Polynomial({(): coefficient})
        for one, exponent in monomial:
            term = term * (inside.power(exponent) if one == atom else Polynomial({((one, exponent),): Fraction(1)}))
        found = found + term
    return found


def _in_order(goal: Goal, used: list[tuple[Fact, Polynomial]]) -> tuple[Link, ...]:
    """Order facts so that each step takes away what is there, as far as that can be."""
    left = list(used)
    here = goal.lhs
    links = []
    while left:

        def missing(pair: tuple[Fact, Polynomial], here: Polynomial = here) -> tuple[Fraction, int]:
            step = pair[0].gap * pair[1]
            after = here + step
            new = sum((value for value in after.negative.terms.values()), Fraction(0))
            old = sum((value for value in here.negative.terms.values()), Fraction(0))
            return (new - old, len(after.terms))

        best = min(left, key=missing)
        left.remove(best)
        after = here + best[0].gap * best[1]
        links.append(Link(best[0], best[1], here, after))
        here = after
    return tuple(links)


def search(bound: Bound, *, seconds: float = 60.0) -> Searched:
    """Search for a proof of `bound`.

    Parameters
    ----------
    bound
        Any bound.
    seconds
        At most about so long.
    """
    from boundcheck.errors import TermError

    started = time.monotonic()
    searched = Searched(bound)
    try:
        if bound.relation is Relation.LESS:
            raise TermError("a strict inequality")
        if bound.space is Space.SUP_NORM:
            raise TermError("the sup norm")
        rhs = bound.rhs
        if (found := at_every_vector(rhs)) is not None and bound.relation is Relation.AT_MOST:
            rhs = found[1]
        normal = Normal(bound)
        sides = normal.of(bound.lhs), normal.of(rhs)
        premises = tuple(normal.term(side) for premise in bound.quantified for side in premise.terms())
        maps = tuple(one.constant for one in bound.lipschitz)
        at = _Search(bound, started + seconds, normal, premise_terms=premises, nonnegative=frozenset(maps))
        goals = [Goal(*sides, bound.indices)]
        if bound.relation is Relation.EQUAL:
            goals.append(Goal(sides[1], sides[0], bound.indices))
        proofs = []
        for goal in goals:
            proof = at.goal(goal)
            searched.left, searched.facts = at.left, at.looked
            if proof is None:
                break
            proofs.append(proof)
        else:
            searched.proof = tuple(proofs)
            searched.left = None
    except TermError as error:
        searched.reason = str(error)
    searched.seconds = time.monotonic() - started
    return searched
