"""The rules of the search: each gives facts ``lhs ≤ rhs`` about what is in sight, and names the Coq lemma that it rests on.

A fact may have indices free in it; it is averaged over them (:data:`AVERAGE`) before facts are added up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations, product
from typing import Any, cast

from boundcheck.formal.chains.normal import (
    Normal,
    Polynomial,
    apart,
    canonical,
    free,
    monomial_term,
    renamed,
    with_indices,
)
from boundcheck.formal.coq import Coupled
from boundcheck.language import (
    Add,
    Applied,
    Average,
    Collection,
    Combination,
    Constant,
    Image,
    Index,
    Largest,
    Lipschitz,
    Norm,
    Parameter,
    Point,
    Premise,
    Reduce,
    Reduction,
    Scalar,
    Size,
    Smallest,
    Transport,
    Vector,
    Weights,
)
from boundcheck.language.premises import ForAll

__all__ = [
    "RULES",
    "Fact",
    "Rule",
    "Sight",
    "attained",
    "averaged",
    "both",
    "coupled",
    "facts",
    "running_indices",
    "squared",
    "squares",
]


@dataclass(frozen=True)
class Rule:
    """What facts come from.

    Attributes
    ----------
    key
        Its name in scripts.
    says
        The rule, for people.
    lemma
        The lemma in ``proofs/`` that each of its facts is an instance of.
    """

    key: str
    says: str
    lemma: str


#: Every rule, by its key.
RULES: dict[str, Rule] = {}


def _rule(key: str, says: str, lemma: str) -> Rule:
    RULES[key] = Rule(key, says, lemma)
    return RULES[key]


PREMISE = _rule("premise", "a premise, at points in sight", "Chains.link")
LIPSCHITZ = _rule("lipschitz", "a map is Lipschitz", "Chains.lipschitz_turned")
TRIANGLE = _rule("triangle", "triangle inequality", "Chains.triangle")
SHORT = _rule("short", "the triangle inequality for a vector and its length", "Chains.length_triangle")
APART = _rule("apart", "a distance is at most the sum of both lengths", "Chains.apart_lengths")
NONNEGATIVE = _rule("nonnegative", "a norm is at least 0", "Norms.norm_ge0")
NORM_OF_MEAN = _rule("norm-of-mean", "the norm of a mean is at most the mean of norms", "Chains.norm_mean_to")
NORM_OF_MEANS = _rule(
    "norm-of-means", "the norm of a difference of means is at most the mean over all pairs", "Chains.norm_means"
)
NORM_OF_PAIRS = _rule(
    "norm-of-pairs",
    "the norm of a difference of means is at most the mean over pairs of one index",
    "Chains.norm_pairs",
)
NORM_OF_SHARES = _rule(
    "norm-of-shares", "the norm of a weighted mean is at most the mean of norms", "Chains.norm_share_to"
)
AT_MOST_LARGEST = _rule("at-most-largest", "each value is at most the largest", "Extrema.le_bigmax")
AT_LEAST_SMALLEST = _rule("at-least-smallest", "each value is at least the smallest", "Extrema.bigmin_le")
ABSOLUTE_VALUE = _rule("absolute", "a number is at most its absolute value", "Chains.abs_ge_opp")
AVERAGE = _rule("average", "means keep an inequality", "Norms.mean_mono, Chains.le_share")
SMALLEST = _rule("smallest", "at the index where the smallest value is attained", "Extrema.bigmin_attained")
LARGEST = _rule("largest", "at the index where the largest value is attained", "Extrema.bigmax_attained")
COUPLING = _rule("coupling", "the mean over the coupling keeps an inequality", "Chains.le_coupled")
NORM_OF_COUPLING = _rule(
    "norm-of-coupling", "the norm of a difference of means is at most the mean over the coupling", "Chains.norm_coupled"
)
SQUARE = _rule("square", "a squared length, multiplied out into inner products", "Chains.dist_squared")
SQUARE_AT_LEAST_0 = _rule("square-at-least-0", "a square is at least 0", "Chains.square_ge0")
SQUARED = _rule("squared", "both sides squared, of what is at least 0", "Chains.le_squared")
PRODUCT = _rule("product", "the square of what lies between a length and minus the length", "Chains.product_link")
AT_MOST_BOTH = _rule("at-most-both", "what is at most either is at most the smaller", "Chains.le_min")
AT_LEAST_BOTH = _rule("at-least-both", "what is at least either is at least the larger", "Chains.max_le")


@dataclass(frozen=True)
class Fact:
    """``lhs ≤ rhs`` for all values of the indices that are free.

    Attributes
    ----------
    lhs, rhs
        The sides, as the script states them.
    gap
        The normal form of ``rhs − lhs``.
    rule
        What it comes from.
    parents
        The facts that it is made of.
    how
        What else the script has to know.
    premise
        The premise used, here or in a parent.
    """

    lhs: Scalar
    rhs: Scalar
    gap: Polynomial
    rule: Rule
    parents: tuple[Fact, ...] = ()
    how: tuple[Any, ...] = ()
    premise: Premise | None = None

    def __str__(self) -> str:
        return f"{self.lhs} ≤ {self.rhs}"

    def __hash__(self) -> int:
        return hash((self.lhs, self.rhs, self.rule.key))

    def sources(self) -> Iterator[Fact]:
        """Yield the fact and all that it is made of, parents first."""
        for parent in self.parents:
            yield from parent.sources()
        yield self


@dataclass
class Sight:
    """What is in sight of a statement: its terms, the points they speak of, and the indices that facts are averaged over.

    Attributes
    ----------
    normal
        The normal forms.
    fixed
        The indices that the statement is for all values of.
    running
        The indices to average over, each with its weights.
    premises
        The premises.
    terms
        The normal forms of the sides and the premises.
    euclidean
        Whether there are inner products.
    norms, atoms, points
        The norms, the extrema and transports, and the points of all these, at all choices of their indices.
    lengths
        Whether lengths of single vectors are in sight.
    """

    normal: Normal
    fixed: tuple[Index, ...]
    running: dict[Index, Weights | None]
    premises: Sequence[Premise]
    terms: tuple[Scalar, ...]
    euclidean: bool
    norms: frozenset[Norm] = field(init=False)
    atoms: frozenset[Scalar] = field(init=False)
    points: tuple[Vector, ...] = field(init=False)
    lengths: bool = field(init=False)

    def __post_init__(self) -> None:
        nodes = list(dict.fromkeys(node for term in self.terms for node in term.walk()))
        seen = [node for node in nodes if isinstance(node, (Reduce, Largest, Smallest, Applied, Transport))]
        self.atoms = frozenset(one for node in seen for one in self.instances(cast(Scalar, node)))
        self.norms = frozenset(one for node in nodes if isinstance(node, Norm) for one in self.instances(node))
        vectors: dict[Vector, None] = {}
        self.lengths = False
        for node in nodes:
            if isinstance(node, Norm):
                parts = node.vector.parts if isinstance(node.vector, Combination) else ((Fraction(1), node.vector),)
                self.lengths = self.lengths or len(parts) == 1
                if len(parts) <= 2 and all(abs(number) == 1 for number, _ in parts):
                    vectors.update(dict.fromkeys(vector for _, vector in parts))
            elif isinstance(node, Image):
                vectors[node.vector] = None
            elif isinstance(node, Transport):
                vectors.update(dict.fromkeys(one[one.points] for one in (node.a, node.b)))
        for vector in list(vectors):
            if isinstance(vector, Average):
                vectors[vector.body] = None
                if isinstance(vector.body, Image):
                    vectors[vector.body.vector] = None
        instances = dict.fromkeys(one for vector in vectors for one in self.instances(vector))
        self.points = tuple(sorted(instances, key=lambda one: (isinstance(one, Average), str(one))))

    def couplings(self) -> list[Transport]:
        """Return each W₁ in sight."""
        return [atom for atom in sorted(self.atoms, key=str) if isinstance(atom, Transport)]

    def choices(self, index: Index, used: Iterable[Collection]) -> list[Index]:
        """Return the indices that an index over these collections may be."""
        wanted = set(used) or set(index.collections)
        return [one for one in (*self.fixed, *self.running) if wanted <= set(one.collections)]

    def instances(self, term: Any) -> Iterator[Any]:
        """Yield a term at all choices of the indices that are free in it."""
        indices = sorted(free(term), key=lambda index: index.symbol)
        options = [
            self.choices(
                index,
                {node.collection for node in term.walk() if isinstance(node, Point) and node.index == index},
            )
            for index in indices
        ]
        for chosen in product(*options):
            # Two indices of a term that are different stay so, as far as letters go.
            if len(set(chosen)) == len(chosen):
                yield renamed(term, dict(zip(indices, chosen, strict=True))) if indices else term


def running_indices(terms: Iterable[Scalar], fixed: Iterable[Index], least: int = 1) -> dict[Index, Weights | None]:
    """Return the indices to average over: as many of each collection as one term has at once, and weighted ones."""
    wanted: dict[tuple[Collection, ...], int] = {}
    weighted: dict[Weights, None] = {}
    for term in terms:
        found: dict[tuple[Collection, ...], set[Index]] = {}
        for node in term.walk():
            index = node.bound_index or (node.index if isinstance(node, Point) else None)
            if index is not None and index not in fixed:
                found.setdefault(index.collections, set()).add(index)
            if isinstance(node, (Reduce, Average)) and node.weights is not None:
                weighted[node.weights] = None
            if isinstance(node, Transport):
                for one in (node.a, node.b):
                    found.setdefault((one,), set()).add(one.points)
            if isinstance(node, Point) and len(node.index.collections) == 1:
                found.setdefault((node.collection,), set())
        for collections, indices in found.items():
            wanted[collections] = max(wanted.get(collections, least), len(indices))
    wanted = _together(wanted)
    running: dict[Index, Weights | None] = {}
    taken = {index.symbol for index in fixed}

    def add(collections: tuple[Collection, ...], weights: Weights | None) -> None:
        symbol = collections[0].index if len(collections) == 1 else "l"
        while symbol in taken:
            symbol += "′"
        taken.add(symbol)
        running[Index(symbol, collections)] = weights

    for weights in weighted:
        add((weights.collection,), weights)
    for collections, number in wanted.items():
        less = sum(1 for weights in weighted if (weights.collection,) == collections)
        for _ in range(min(number, 2) - less):
            add(collections, None)
    return running


def _together(wanted: Mapping[tuple[Collection, ...], int]) -> dict[tuple[Collection, ...], int]:
    """Let one index pair off all collections that indices pair off, where they have some in common."""
    found: dict[tuple[Collection, ...], int] = {}
    for collections, number in wanted.items():
        if len(collections) > 1:
            for other in [one for one in found if len(one) > 1 and set(one) & set(collections)]:
                number = max(number, found.pop(other))
                collections = tuple(dict.fromkeys((*other, *collections)))
        found[collections] = max(number, found.get(collections, 0))
    return found


# ------------------------------------------------------------------------------------------------------------- facts


def facts(sight: Sight) -> Iterator[Fact]:
    """Yield what the rules say of what is in sight."""
    yield from _premises(sight)
    yield from _triangles(sight)
    yield from _means(sight)
    yield from _lipschitz(sight)
    yield from _extrema(sight)


def made(sight: Sight, lhs: Scalar, rhs: Scalar, rule: Rule, **more: Any) -> Fact:
    """Return a fact with its gap."""
    return Fact(lhs, rhs, sight.normal.of(rhs) - sight.normal.of(lhs), rule, **more)


def _of_gap(gap: Polynomial, rule: Rule, **more: Any) -> Fact:
    return Fact(gap.negative.term(), gap.positive.term(), gap, rule, **more)


def _premises(sight: Sight) -> Iterator[Fact]:
    for premise in sight.premises:
        for part in premise.spelled_out:
            if not isinstance(part, ForAll):
                continue
            options = [
                sight.choices(
                    index,
                    {
                        node.collection
                        for term in part.terms()
                        for node in term.walk()
                        if isinstance(node, Point) and node.index == index
                    },
                )
                for index in part.indices
            ]
            for chosen in product(*options):
                indices = dict(zip(part.indices, chosen, strict=True))
                at = [sight.normal.of(at_indices(term, indices)) for term in part.terms()]
                yield _of_gap(at[1] - at[0], PREMISE, how=(part, chosen), premise=premise)


def at_indices(term: Scalar, indices: Mapping[Index, Index]) -> Scalar:
    """Return a term at other indices, as it stands otherwise."""
    return with_indices(apart(term), lambda one: indices.get(one, one))


def norm_between(sight: Sight, a: Vector, b: Vector) -> tuple[Scalar, bool]:
    """Return ‖a − b‖ in its normal form, and whether that is written b − a."""
    found = canonical(Norm(a - b))
    return found, found.vector != a - b


def _triangles(sight: Sight) -> Iterator[Fact]:
    spaces: dict[object, list[Vector]] = {}
    for point in sight.points:
        spaces.setdefault(point.reached_by, []).append(point)
    for points in spaces.values():
        for a, b in combinations(points, 2):
            whole, flip = norm_between(sight, a, b)
            yield made(sight, Constant(Fraction(0)), whole, NONNEGATIVE)
            for via in points:
                if via in (a, b):
                    continue
                (one, first), (other, second) = norm_between(sight, a, via), norm_between(sight, via, b)
                yield made(sight, whole, Add((one, other)), TRIANGLE, how=(a, via, b, (flip, first, second)))
        if sight.lengths:
            for a in points:
                yield made(sight, Constant(Fraction(0)), canonical(Norm(a)), NONNEGATIVE)
                for b in points:
                    if a != b:
                        between, flip = norm_between(sight, a, b)
                        sides = canonical(Norm(a)), Add((between, canonical(Norm(b))))
                        yield made(sight, *sides, SHORT, how=(a, b, flip))
            for a, b in combinations(points, 2):
                between, flip = norm_between(sight, a, b)
                lengths = Add((canonical(Norm(a)), canonical(Norm(b))))
                yield made(sight, between, lengths, APART, how=(a, b, flip))


def _means(sight: Sight) -> Iterator[Fact]:
    """Yield that norms of means are at most means of norms."""
    for mean in sight.points:
        if not isinstance(mean, Average):
            continue
        for other in sight.points:
            if other == mean or other.reached_by != mean.reached_by:
                continue
            whole, flip = norm_between(sight, mean, other)
            index, body = _opened(mean, free(other))
            inside, inner = norm_between(sight, body, other)
            rule = NORM_OF_MEAN if mean.weights is None else NORM_OF_SHARES
            over = Reduce(Reduction.MEAN, index, inside, mean.weights)
            yield made(sight, whole, over, rule, how=(index, body, other, (flip, inner), mean.weights))
            if not isinstance(other, Average) or mean.weights or other.weights:
                continue
            for coupling in sight.couplings():
                if (mean.index, other.index) == (coupling.a.points, coupling.b.points):
                    inside, inner = norm_between(sight, mean.body, other.body)
                    how = (coupling, mean.body, other.body, (flip, inner))
                    yield made(sight, whole, over_coupling(coupling, inside), NORM_OF_COUPLING, how=how)
            if str(mean) > str(other):
                continue
            second, last = _opened(other, frozenset({index}))
            inside, inner = norm_between(sight, body, last)
            over = Reduce(Reduction.MEAN, index, Reduce(Reduction.MEAN, second, inside))
            yield made(sight, whole, over, NORM_OF_MEANS, how=(index, body, second, last, (flip, inner)))
            for pair in (one for one in sight.running if len(one.collections) > 1):
                if set(index.collections) | set(second.collections) <= set(pair.collections):
                    bodies = renamed(body, {index: pair}), renamed(last, {second: pair})
                    inside, inner = norm_between(sight, *bodies)
                    over = Reduce(Reduction.MEAN, pair, inside)
                    yield made(sight, whole, over, NORM_OF_PAIRS, how=(pair, *bodies, (flip, inner)))
        if sight.lengths and mean.weights is None:
            over = Reduce(Reduction.MEAN, mean.index, canonical(Norm(mean.body)))
            yield made(sight, canonical(Norm(mean)), over, NORM_OF_MEAN, how=(mean.index, mean.body, None, (), None))


def _opened(mean: Average, taken: frozenset[Index]) -> tuple[Index, Vector]:
    """Return the index and the body of a mean, with an index that is not taken."""
    index = mean.index
    while index in taken or (index != mean.index and index in free(mean.body)):
        index = Index(f"{index.symbol}′", index.collections)
    return index, renamed(mean.body, {mean.index: index}) if index != mean.index else mean.body


def squares(sight: Sight) -> Iterator[Fact]:
    """Yield what squared lengths are, in a space with inner products, and that squares are at least 0."""
    zero = Constant(Fraction(0))
    vectors: dict[Scalar, tuple[Vector, Vector | None, int]] = {}
    for place, a in enumerate(sight.points):
        if sight.lengths:
            vectors[canonical(Norm(a))] = (a, None, 1)
        for b in sight.points[place + 1 :]:
            if a.reached_by == b.reached_by:
                vectors[norm_between(sight, a, b)[0]] = (a, b, -1)
    for norm in sorted(sight.norms, key=str):
        parts = norm.vector.parts if isinstance(norm.vector, Combination) else ()
        if norm not in vectors and len(parts) == 2 and all(number == 1 for number, _ in parts):
            vectors[norm] = (parts[0][1], parts[1][1], 1)
    for atom, (_, _, sign) in vectors.items():
        assert isinstance(atom, Norm)
        square = atom**2
        yield made(sight, zero, square, SQUARE_AT_LEAST_0, how=(atom,))
        if not sight.euclidean:
            continue
        of = atom.vector
        pair = tuple(vector for _, vector in of.parts) if isinstance(of, Combination) else (of,)
        if any(isinstance(node, Average) and node.weights for one in pair for node in one.walk()):
            continue
        whole = sight.normal.inner(sight.normal.vector(of), sight.normal.vector(of)).term()
        how = (*pair, sign) if len(pair) == 2 else pair
        yield made(sight, square, whole, SQUARE, how=how)
        yield made(sight, whole, square, SQUARE, how=how)


def squared(sight: Sight, of: Sequence[Fact]) -> Iterator[Fact]:
    """Yield facts with both sides squared, where the left one is at least 0, or lies between the right one and minus it."""
    at_least_0 = {fact.rhs: fact for fact in of if fact.lhs == Constant(Fraction(0))}
    above: dict[Scalar, Fact] = {}
    for fact in of:
        if isinstance(fact.lhs, Norm) and isinstance(fact.rhs, (Smallest, Reduce)):
            above.setdefault(fact.rhs, fact)
    for fact in of:
        atoms = list(fact.gap.negative.terms.items())
        if len(atoms) == 1 and atoms[0][1] == 1 and len(atoms[0][0]) == 1 and atoms[0][0][0][1] == 1:
            atom = atoms[0][0][0][0]
            low = above.get(atom) or at_least_0.get(atom)
            if isinstance(atom, Norm) or low is not None:
                rest = fact.gap.positive
                gap = rest * rest - Polynomial.atom(atom, 2)
                parents = (fact,) if isinstance(atom, Norm) or low is None else (fact, low)
                yield _of_gap(gap, SQUARED, parents=parents, how=(atom,), premise=fact.premise)
    by_length: dict[Scalar, list[Fact]] = {}
    for fact in of:
        for monomial, value in fact.gap.terms.items():
            if value == 1 and len(monomial) == 1 and monomial[0][1] == 1 and isinstance(monomial[0][0], Norm):
                by_length.setdefault(monomial[0][0], []).append(fact)
    for atom, found in by_length.items():
        whole = {fact.gap: fact for fact in found}
        for fact in found:
            other = whole.get(Polynomial.atom(atom) * 2 - fact.gap)
            if other is not None and str(other) >= str(fact):
                premise = fact.premise or other.premise
                yield _of_gap(fact.gap * other.gap, PRODUCT, parents=(fact, other), premise=premise)


def both(sight: Sight, of: Sequence[Fact]) -> Iterator[Fact]:
    """Yield that what is at most each of two is at most the smaller, and what is at least each is at least the larger."""
    gaps = {fact.gap: fact for fact in of}
    for atom in sorted(sight.atoms, key=str):
        if not isinstance(atom, (Smallest, Largest)) or len(atom.terms) != 2:
            continue
        one, other = (sight.normal.of(term) for term in atom.terms)
        sign = 1 if isinstance(atom, Smallest) else -1
        for fact in of:
            side = one - fact.gap * sign
            second = gaps.get((other - side) * sign)
            if second is not None:
                gap = (Polynomial.atom(atom) - side) * sign
                rule = AT_MOST_BOTH if sign > 0 else AT_LEAST_BOTH
                premise = fact.premise or second.premise
                yield _of_gap(gap, rule, parents=(fact, second), how=(atom, side), premise=premise)


def _lipschitz(sight: Sight) -> Iterator[Fact]:
    for premise in sight.premises:
        for part in premise.spelled_out:
            if not isinstance(part, Lipschitz):
                continue
            images = [one for one in sight.points if isinstance(one, Image) and one.map == part.map]
            for a, b in combinations(images, 2):
                apart, flip = norm_between(sight, a, b)
                near, inner = norm_between(sight, a.vector, b.vector)
                how = (part, a.vector, b.vector, (flip, inner))
                yield made(sight, apart, part.constant * near, LIPSCHITZ, how=how, premise=premise)
            if isinstance(part.constant, Parameter):
                yield made(sight, Constant(Fraction(0)), part.constant, LIPSCHITZ, how=(part,), premise=premise)


def _extrema(sight: Sight) -> Iterator[Fact]:
    for atom in sorted(sight.atoms, key=str):
        match atom:
            case Largest(terms):
                for place, term in enumerate(terms):
                    yield made(sight, term, atom, AT_MOST_LARGEST, how=(place, len(terms)))
            case Smallest(terms):
                for place, term in enumerate(terms):
                    yield made(sight, atom, term, AT_LEAST_SMALLEST, how=(place, len(terms)))
            case Applied(_, argument):
                for sign in (1, -1):
                    gap = sight.normal.of(atom) - sight.normal.of(argument) * sign
                    yield _of_gap(gap, ABSOLUTE_VALUE, how=(argument, sign))
            case Reduce(Reduction.MAX | Reduction.MIN as kind):
                nest: list[Index] = []
                body: Scalar = atom
                while isinstance(body, Reduce) and body.kind is kind:
                    nest.append(body.index)
                    body = body.body
                for chosen in product(*(sight.choices(index, index.collections) for index in nest)):
                    at = renamed(body, dict(zip(nest, chosen, strict=True)))
                    if kind is Reduction.MAX:
                        yield made(sight, at, atom, AT_MOST_LARGEST, how=(atom, chosen))
                    else:
                        yield made(sight, atom, at, AT_LEAST_SMALLEST, how=(atom, chosen))


# ----------------------------------------------------------------------------------------------------- what facts make


def averaged(sight: Sight, fact: Fact) -> Fact | None:
    """Return a fact averaged over all the indices that run in it; None where nothing is left of it."""
    for index in sorted(fact.gap.free() & sight.running.keys(), key=lambda one: one.symbol, reverse=True):
        gap = sight.normal.mean(index, sight.running[index], fact.gap)
        how = (index, sight.running[index])
        fact = _of_gap(gap, AVERAGE, parents=(fact,), how=how, premise=fact.premise)
    return fact if fact.gap else None


def over_coupling(coupling: Transport, body: Scalar) -> Scalar:
    """Return the mean of a monomial over a coupling; of the cost itself, the W₁."""
    i, j = coupling.a.points, coupling.b.points
    return coupling if body == canonical(Norm(coupling.a[i] - coupling.b[j])) else Coupled(coupling, body)


def coupled(sight: Sight, fact: Fact) -> Iterator[Fact]:
    """Yield a fact averaged over each coupling in sight, where no other index runs in it."""
    for coupling in sight.couplings():
        i, j = coupling.a.points, coupling.b.points
        if not {i, j} <= sight.running.keys() or fact.gap.free() & sight.running.keys() != {i, j}:
            continue
        gap = Polynomial()
        for monomial, value in fact.gap.terms.items():
            both = tuple(pair for pair in monomial if free(pair[0]) & {i, j})
            indices = frozenset[Index]().union(*(free(atom) for atom, _ in both)) & {i, j}
            alone = Polynomial({monomial: value})
            if len(indices) < 2:
                for index in indices:
                    alone = sight.normal.mean(index, None, alone)
            else:
                outside = tuple(pair for pair in monomial if pair not in both)
                alone = Polynomial({outside: value}) * Polynomial.atom(over_coupling(coupling, monomial_term(both)))
            gap = gap + alone
        yield _of_gap(gap, COUPLING, parents=(fact,), how=(coupling,), premise=fact.premise)


def attained(sight: Sight, fact: Fact) -> Iterator[Fact]:
    """Yield a fact at the index where an extremum in sight is attained: for an index with one monomial of the right sign."""
    for index in sorted(fact.gap.free() & sight.running.keys(), key=lambda one: one.symbol):
        inside = {
            monomial: value
            for monomial, value in fact.gap.terms.items()
            if any(index in free(one) for one, _ in monomial)
        }
        still = fact.gap - Polynomial(inside)
        for kind, sign in ((Reduction.MIN, 1), (Reduction.MAX, -1)):
            attaining = [monomial for monomial, value in inside.items() if value * sign > 0]
            if len(attaining) != 1:
                continue
            whole = still
            known = True
            others = []
            for monomial, value in inside.items():
                varying = [one for one, power in monomial if index in free(one)]
                if len(varying) != 1 or dict(monomial)[varying[0]] != 1 or _of_kind(varying[0], kind):
                    known = False
                    break
                extremum = canonical(Reduce(kind, index, varying[0]))
                if extremum not in sight.atoms:
                    known = False
                    break
                outside = tuple(pair for pair in monomial if pair[0] != varying[0])
                if outside and not all(isinstance(one, Size) for one, _ in outside):
                    known = False
                    break
                if monomial != attaining[0]:
                    others.append((varying[0], extremum, Polynomial({outside: abs(value)})))
                whole = whole + Polynomial({outside: value}) * Polynomial.atom(extremum)
            if known:
                (varying_at,) = (one for one, _ in attaining[0] if index in free(one))
                rule = SMALLEST if kind is Reduction.MIN else LARGEST
                how = (kind, index, varying_at, tuple(others))
                yield _of_gap(whole, rule, parents=(fact,), how=how, premise=fact.premise)


def _of_kind(term: Scalar, kind: Reduction) -> bool:
    return isinstance(term, Reduce) and term.kind is kind
