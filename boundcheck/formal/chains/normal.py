"""Normal forms: a scalar as a polynomial in what the rules of arithmetic and of averages leave whole.

Sums and products are multiplied out; a mean of a sum is a sum of means, what an index does not occur in stands outside; a sum
over an index is as many times its mean; indices have the letters that their places give them. So terms that are equal for
these reasons have one normal form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from itertools import count, permutations, product
from typing import Any, TypeAlias, TypeVar, cast

from boundcheck.errors import TermError, explain
from boundcheck.formal.coq import Coupled
from boundcheck.language import (
    Add,
    Applied,
    Average,
    Bound,
    Collection,
    Combination,
    Constant,
    Image,
    Index,
    Inner,
    Largest,
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
    Term,
    Transport,
    Variable,
    Vector,
    Weights,
)
from boundcheck.language.functions.absolute import ABSOLUTE
from boundcheck.language.structure import with_parts

__all__ = [
    "Monomial",
    "Normal",
    "Polynomial",
    "alike",
    "apart",
    "canonical",
    "free",
    "monomial_term",
    "renamed",
    "times",
    "with_indices",
]

Monomial: TypeAlias = tuple[tuple[Scalar, int], ...]
"""Atoms and their exponents, in the order of :func:`_place`."""

T = TypeVar("T", bound=Term)

_OPPOSITE = {Reduction.MAX: Reduction.MIN, Reduction.MIN: Reduction.MAX}
_DEGREE = 6


@lru_cache(maxsize=200_000)
def free(term: Term) -> frozenset[Index]:
    """Return the indices that nothing in a term binds."""
    return term.free()


@lru_cache(maxsize=200_000)
def _shown(term: Term) -> str:
    return str(term)


def _place(term: Term) -> tuple[int, int, str]:
    """Order factors: numbers of points and parameters first, then what fewer indices occur in."""
    return (0 if isinstance(term, (Size, Parameter)) else 1, len(free(term)), _shown(term))


@dataclass(frozen=True)
class Polynomial:
    """A sum of monomials with rational coefficients, none of which is 0."""

    terms: Mapping[Monomial, Fraction] = field(default_factory=dict)

    @classmethod
    def of(cls, pairs: Iterable[tuple[Monomial, Fraction]]) -> Polynomial:
        """Gather equal monomials."""
        found: dict[Monomial, Fraction] = {}
        for monomial, coefficient in pairs:
            found[monomial] = found.get(monomial, Fraction(0)) + coefficient
        return cls({monomial: coefficient for monomial, coefficient in found.items() if coefficient})

    @classmethod
    def atom(cls, term: Scalar, exponent: int = 1) -> Polynomial:
        """Return one atom as a polynomial."""
        return cls({((term, exponent),): Fraction(1)})

    @classmethod
    def number(cls, value: Fraction | int) -> Polynomial:
        """Return a number as a polynomial."""
        return cls({(): Fraction(value)} if value else {})

    def __bool__(self) -> bool:
        return bool(self.terms)

    def __add__(self, other: Polynomial) -> Polynomial:
        return Polynomial.of((*self.terms.items(), *other.terms.items()))

    def __sub__(self, other: Polynomial) -> Polynomial:
        return self + other * Fraction(-1)

    def __mul__(self, other: Polynomial | Fraction | int) -> Polynomial:
        if not isinstance(other, Polynomial):
            return Polynomial.of((monomial, value * other) for monomial, value in self.terms.items())
        return Polynomial.of(
            (times(a, b), u * v) for (a, u), (b, v) in product(self.terms.items(), other.terms.items())
        )

    def __hash__(self) -> int:
        return hash(frozenset(self.terms.items()))

    def power(self, exponent: int) -> Polynomial:
        """Return a power, of a whole exponent that is not negative."""
        found = Polynomial.number(1)
        for _ in range(exponent):
            found = found * self
        return found

    def atoms(self) -> Iterator[Scalar]:
        """Yield each atom once."""
        yield from dict.fromkeys(atom for monomial in self.terms for atom, _ in monomial)

    def free(self) -> frozenset[Index]:
        """Return the indices that are free in it."""
        return frozenset[Index]().union(*(free(atom) for atom in self.atoms()))

    @property
    def positive(self) -> Polynomial:
        """The part with positive coefficients."""
        return Polynomial({monomial: value for monomial, value in self.terms.items() if value > 0})

    @property
    def negative(self) -> Polynomial:
        """The part with negative coefficients, made positive."""
        return Polynomial({monomial: -value for monomial, value in self.terms.items() if value < 0})

    def term(self) -> Scalar:
        """Return it as a term."""
        ordered = sorted(self.terms.items(), key=lambda pair: (pair[1] < 0, [_place(atom) for atom, _ in pair[0]]))
        return Add.of(*(monomial_term(monomial, value) for monomial, value in ordered))


def monomial_term(monomial: Monomial, coefficient: Fraction = Fraction(1)) -> Scalar:
    """Return a monomial with its coefficient as a term."""
    return Multiply.of(Constant(coefficient), *(Power.of(atom, Fraction(exponent)) for atom, exponent in monomial))


def times(a: Monomial, b: Monomial) -> Monomial:
    """Return the product of two monomials."""
    exponents = dict(a)
    for atom, exponent in b:
        exponents[atom] = exponents.get(atom, 0) + exponent
    left = [(atom, exponent) for atom, exponent in exponents.items() if exponent]
    return tuple(sorted(left, key=lambda pair: _place(pair[0])))


# ------------------------------------------------------------------------------------------------- letters of indices


def with_indices(term: T, change: Callable[[Index], Index]) -> T:
    """Return a term with every index changed, bound ones too."""

    def changed(part: Any) -> Any:
        if isinstance(part, Index):
            return change(part)
        return with_parts(part, changed) if isinstance(part, Term) else part

    return with_parts(term, changed)


_FRESH = count()


def apart(term: T) -> T:
    """Return a term in which no two indices that are bound have one letter, and none has one that is free anywhere."""
    index = term.bound_index
    if index is not None:
        other = Index(f"#{next(_FRESH)}", index.collections)
        term = with_indices(term, lambda one: other if one == index else one)
    return cast(T, term.mapped(apart))


def alike(one: Term, other: Term) -> bool:
    """Say whether two terms differ in the letters of bound indices alone."""
    return _numbered(one, count()) == _numbered(other, count())


def _numbered(term: Term, numbers: Iterator[int]) -> Term:
    index = term.bound_index
    if index is not None:
        number = Index(f"#{next(numbers)}", index.collections)
        term = with_indices(term, lambda one: number if one == index else one)
    return term.mapped(lambda part: _numbered(part, numbers))


def renamed(term: T, indices: Mapping[Index, Index]) -> T:
    """Return a term with indices that are free in it changed, in its normal letters."""
    if not free(term) & indices.keys():
        return term
    changed: T = canonical(_changed(apart(term), indices))
    return changed


def _changed(term: T, indices: Mapping[Index, Index]) -> T:
    return with_indices(term, lambda one: indices.get(one, one))


@lru_cache(maxsize=200_000)
def canonical(term: Any) -> Any:
    """Return a term with the letters that the places of its indices give them, and its parts in one order."""
    return _lettered(apart(term))


def _lettered(term: Term) -> Term:
    if isinstance(term, (Reduce, Average)):
        return _lettered_nest(term)
    term = term.mapped(_lettered)
    match term:
        case Norm(Combination(parts)):
            return Norm(_one_way(parts))
        case Inner(u, v):
            return Inner(*sorted((u, v), key=_vector_place))
        case Multiply(factors):
            constants = [one for one in factors if isinstance(one, Constant)]
            others = sorted((one for one in factors if not isinstance(one, Constant)), key=_factor_place)
            return Multiply.of(*constants, *others)
        case Add(terms):
            return Add.of(*sorted(terms, key=_summand_place))
    return term


def _factor_place(term: Scalar) -> tuple[int, int, str]:
    return _place(term.base if isinstance(term, Power) else term)


def _summand_place(term: Scalar) -> tuple[bool, int, str]:
    negative = isinstance(term, Multiply) and isinstance(term.factors[0], Constant) and term.factors[0].value < 0
    return (negative, len(free(term)), _shown(term))


def _lettered_nest(term: Reduce | Average) -> Term:
    """Give the indices of nested means, maxima or minima their letters, and the nest its order."""
    binders: list[tuple[Index, Weights | None]] = []
    body: Term = term
    while type(body) is type(term) and body.kind is term.kind:
        binders.append((body.index, body.weights))
        body = body.body
    taken = {index.symbol for index in free(term)}
    groups: dict[tuple[object, ...], list[int]] = {}
    for place, (index, weights) in enumerate(binders):
        groups.setdefault((index.collections, weights), []).append(place)
    letters: dict[tuple[object, ...], list[Index]] = {}
    for key, places in groups.items():
        collections = binders[places[0]][0].collections
        found = []
        for _ in places:
            symbol = letter(collections)
            while symbol in taken:
                symbol += "′"
            taken.add(symbol)
            found.append(Index(symbol, collections))
        letters[key] = found
    best: tuple[str, Term] | None = None
    orders = [list(permutations(places)) for places in groups.values()]
    for order in product(*orders):
        names = {
            binders[place][0]: index
            for places, found in zip(order, letters.values(), strict=True)
            for place, index in zip(places, found, strict=True)
        }
        inside = _lettered(_changed(body, names))
        bound = sorted(
            ((names[index], weights) for index, weights in binders), key=lambda pair: pair[0].symbol, reverse=True
        )
        for index, weights in bound:
            inside = type(term)(term.kind, index, inside, weights)  # type: ignore[arg-type]
        if best is None or (_shown(inside), inside) < best:
            best = (_shown(inside), inside)
        if len(binders) > 4:
            break
    assert best is not None
    return best[1]


def letter(collections: tuple[Collection, ...]) -> str:
    """Return the letter of an index over collections: the usual one, or l where it pairs several off."""
    return collections[0].index if len(collections) == 1 else "l"


def _vector_place(vector: Vector) -> tuple[str, bool, str]:
    """Order vectors: by collection, points before means."""
    letters = sorted(map(str, vector.collections()), key=lambda symbol: "xzw".find(symbol) % 9)
    order = "".join(f"{'xzw'.find(symbol) % 9}{symbol}" for symbol in letters)
    return (order, isinstance(vector, Average), _shown(vector))


def _one_way(parts: Iterable[tuple[Fraction, Vector]]) -> Vector:
    """Return a combination of vectors in one order, so that its first coefficient is positive."""
    ordered = sorted(parts, key=lambda pair: _vector_place(pair[1]))
    sign = -1 if ordered and ordered[0][0] < 0 else 1
    return Combination.of(*((sign * number, vector) for number, vector in ordered))


# --------------------------------------------------------------------------------------------------- normal forms


class Normal:
    """The normal forms of a bound's terms.

    Parameters
    ----------
    bound
        Which collections are of equal size is its to say.
    """

    def __init__(self, bound: Bound) -> None:
        self._head: dict[Collection, Collection] = {one: one for one in bound.collections}
        for equal in bound.equal_sizes:
            group = {self._head[one] for one in equal}
            head = next(one for one in bound.collections if one in group)
            self._head = {one: head if first in group else first for one, first in self._head.items()}
        self._known: dict[Term, Polynomial] = {}

    def of(self, term: Scalar) -> Polynomial:
        """Return the normal form of a scalar.

        Raises
        ------
        TermError
            If it has a part that the search knows nothing of.
        """
        if term not in self._known:
            for node in term.walk():
                index = node.bound_index or getattr(node, "index", None)
                if index is not None and (type(index) is not Index or index.apart):
                    raise _unknown(node)
            self._known[term] = self._of(apart(term))
        return self._known[term]

    def term(self, term: Scalar) -> Scalar:
        """Return the normal form of a scalar as a term."""
        return self.of(term).term()

    def _of(self, term: Scalar) -> Polynomial:
        match term:
            case Constant(value):
                return Polynomial.number(value)
            case Parameter():
                return Polynomial.atom(term)
            case Size():
                return self.size(term.collection)
            case Add(terms):
                return Polynomial.of(pair for part in terms for pair in self._of(part).terms.items())
            case Multiply(factors):
                found = Polynomial.number(1)
                for factor in factors:
                    found = found * self._of(factor)
                return found
            case Power(base, exponent):
                return self._power(self._of(base), exponent)
            case Norm(vector):
                return self.norm(self.vector(vector))
            case Largest(terms) | Smallest(terms):
                kept = tuple(dict.fromkeys(self._of(part).term() for part in terms))
                return Polynomial.atom(type(term)(kept)) if len(kept) > 1 else self._of(kept[0])
            case Reduce(Reduction.MEAN, index, body, weights) if not index.apart:
                return self.mean(index, weights, self._of(body))
            case Reduce(Reduction.SUM, index, body, None) if not index.apart:
                return self.size(index.collections[0]) * self.mean(index, None, self._of(body))
            case Reduce(Reduction.MAX | Reduction.MIN as kind, index, body, None) if not index.apart:
                return self.extremum(kind, index, self._of(body))
            case Applied(function, argument) if function == ABSOLUTE:
                return Polynomial.atom(cast(Scalar, Applied(ABSOLUTE, self._of(argument).term())))
            case Transport():
                return Polynomial.atom(term)
            case Coupled():
                return Polynomial.atom(canonical(term))
            case Inner(u, v):
                return self.inner(self.vector(u), self.vector(v))
        raise _unknown(term)

    def size(self, collection: Collection) -> Polynomial:
        """Return how many points a collection has."""
        if type(collection) is not Collection:
            raise TermError(explain("term", "what the search for proofs has rules for", f"the family {collection}"))
        return Polynomial.atom(Size(self._head[collection]))

    @staticmethod
    def _power(base: Polynomial, exponent: Fraction) -> Polynomial:
        whole = exponent.denominator == 1
        if whole and 0 <= exponent <= _DEGREE:
            return base.power(int(exponent))
        if whole and len(base.terms) == 1:
            ((monomial, value),) = base.terms.items()
            return Polynomial(
                {tuple((atom, power * int(exponent)) for atom, power in monomial): value ** int(exponent)}
            )
        if whole and exponent < 0:
            common = dict(next(iter(base.terms)))
            for monomial in base.terms:
                common = {atom: min(power, dict(monomial).get(atom, 0)) for atom, power in common.items()}
            outside = tuple((atom, power) for atom, power in common.items() if power > 0 and isinstance(atom, Size))
            if outside:
                inverse = Polynomial({tuple((atom, -power) for atom, power in outside): Fraction(1)})
                return (inverse.power(int(-exponent))) * Normal._power(base * inverse, exponent)
            return Polynomial.atom(cast(Scalar, Power(base.term(), Fraction(-1))), int(-exponent))
        if exponent.denominator == 2 and exponent > 0:
            return Polynomial.atom(cast(Scalar, Power(base.term(), Fraction(1, 2))), exponent.numerator)
        raise TermError(explain("power", "one that the search for proofs has rules for", f"{exponent}"))

    # -------------------------------------------------------------------------------------------------- reductions

    @staticmethod
    def mean(index: Index, weights: Weights | None, body: Polynomial) -> Polynomial:
        """Return the mean of a normal form over an index."""
        found: list[tuple[Monomial, Fraction]] = []
        for monomial, value in body.terms.items():
            inside = tuple(pair for pair in monomial if index in free(pair[0]))
            outside = tuple(pair for pair in monomial if index not in free(pair[0]))
            if inside:
                term = _over_used(index, monomial_term(inside), weights)
                atom = canonical(Reduce(Reduction.MEAN, term[0], cast(Scalar, term[1]), weights))
                found.append((times(outside, ((atom, 1),)), value))
            else:
                found.append((monomial, value))
        return Polynomial.of(found)

    def extremum(self, kind: Reduction, index: Index, body: Polynomial) -> Polynomial:
        """Return the largest or the smallest value of a normal form over an index."""
        inside = Polynomial({one: value for one, value in body.terms.items() if _occurs(index, one)})
        outside = body - inside
        if not inside:
            return outside
        if len(inside.terms) == 1:
            ((monomial, value),) = inside.terms.items()
            varying = tuple(pair for pair in monomial if index in free(pair[0]))
            still = tuple(pair for pair in monomial if index not in free(pair[0]))
            if all(isinstance(atom, Size) for atom, _ in still):
                kind = kind if value > 0 else _OPPOSITE[kind]
                term = _over_used(index, monomial_term(varying), None)
                atom = canonical(Reduce(kind, term[0], cast(Scalar, term[1])))
                return outside + Polynomial({times(still, ((atom, 1),)): value})
        index, term_ = _over_used(index, inside.term(), None)
        return outside + Polynomial.atom(canonical(Reduce(kind, index, cast(Scalar, term_))))

    # ----------------------------------------------------------------------------------------------------- vectors

    def norm(self, vector: Mapping[Vector, Polynomial]) -> Polynomial:
        """Return the norm of a vector: what is a number or a number of points stands outside."""
        if not vector:
            return Polynomial()
        first = min(vector, key=_vector_place)
        if len(vector[first].terms) == 1:
            ((monomial, value),) = vector[first].terms.items()
            if all(isinstance(atom, Size) for atom, _ in monomial):
                inverse = self._power(Polynomial({monomial: value}), Fraction(-1))
                scaled = {one: inverse * factor for one, factor in vector.items()}
                if all(factor.terms.keys() == {()} for factor in scaled.values()):
                    outside = Polynomial({monomial: abs(value)})
                    return outside * Polynomial.atom(canonical(Norm(_one_way_of(scaled))))
        return Polynomial.atom(canonical(Norm(_combined(vector))))

    def inner(self, u: Mapping[Vector, Polynomial], v: Mapping[Vector, Polynomial]) -> Polynomial:
        """Return an inner product: multiplied out, with means outside."""
        found = Polynomial()
        for (a, by), (b, times_) in product(u.items(), v.items()):
            found = found + by * times_ * self._inner(a, b)
        return found

    def _inner(self, a: Vector, b: Vector) -> Polynomial:
        for one, other in ((a, b), (b, a)):
            if isinstance(one, Average):
                one = apart(one)
                return self.mean(
                    one.index, one.weights, self.inner(self.vector(one.body), {other: Polynomial.number(1)})
                )
        return Polynomial.atom(canonical(Inner(a, b)))

    def vector(self, vector: Vector) -> dict[Vector, Polynomial]:
        """Return a vector as a combination of points, means, values of maps and variables."""
        found: dict[Vector, Polynomial] = {}

        def add(part: Vector, factor: Polynomial) -> None:
            found[part] = found.get(part, Polynomial()) + factor

        match vector:
            case Point() | Variable():
                add(vector, Polynomial.number(1))
            case Combination(parts):
                for number, part in parts:
                    for one, scale in self.vector(part).items():
                        add(one, scale * number)
            case Scale(by, inner):
                outside = self._of(by)
                for one, scale in self.vector(inner).items():
                    add(one, outside * scale)
            case Image(map, inner):
                add(canonical(Image(map, _combined(self.vector(inner)))), Polynomial.number(1))
            case Average(Reduction.MEAN | Reduction.SUM as kind, index, body, weights) if not index.apart:
                whole = self.size(index.collections[0]) if kind is Reduction.SUM else Polynomial.number(1)
                for one, scale in self.vector(body).items():
                    if index in scale.free():
                        raise TermError(explain("vector", "a mean with factors that are fixed", f"'{vector}'"))
                    if index in free(one):
                        over, inside = _over_used(index, one, weights)
                        one = canonical(Average(Reduction.MEAN, over, cast(Vector, inside), weights))
                    add(one, whole * scale)
            case _:
                raise _unknown(vector)
        return {one: factor for one, factor in found.items() if factor}


def _unknown(term: Term) -> TermError:
    told = f"'{term}', a {type(term).__name__}"
    return TermError(explain("term", "what the search for proofs has rules for", told))


def _occurs(index: Index, monomial: Monomial) -> bool:
    return any(index in free(atom) for atom, _ in monomial)


def _over_used(index: Index, body: Term, weights: Weights | None) -> tuple[Index, Term]:
    """Return an index over those of its collections that a body speaks of at it, and the body with it."""
    used = {node.collection for node in body.walk() if isinstance(node, Point) and node.index == index}
    if weights is not None:
        used.add(weights.collection)
    kept = tuple(one for one in index.collections if one in used)
    if kept == index.collections:
        return index, body
    other = Index(index.symbol, kept)
    return other, with_indices(body, lambda one: other if one == index else one)


def _combined(vector: Mapping[Vector, Polynomial]) -> Vector:
    parts: list[tuple[Fraction, Vector]] = []
    for one in sorted(vector, key=_vector_place):
        factor = vector[one]
        if factor.terms.keys() <= {()}:
            parts.append((factor.terms[()], one))
        else:
            parts.append((Fraction(1), Scale.of(factor.term(), one)))
    return Combination.of(*parts)


def _one_way_of(vector: Mapping[Vector, Polynomial]) -> Vector:
    return _one_way((factor.terms[()], one) for one, factor in vector.items())
