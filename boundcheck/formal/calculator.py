"""Rational enclosures of terms at a counterexample, computed as ``calculator.v`` has Coq compute them.

What is rational is enclosed exactly; a root that is not, in :data:`DIGITS` binary digits. So it is known before Coq runs
whether it will find that every premise holds and the conclusion does not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import product
from typing import Any, TypeAlias

import numpy as np

from boundcheck import kernels
from boundcheck.errors import InvalidValueError, explain
from boundcheck.kernels.hulls import nearest_weights
from boundcheck.language import (
    Add,
    Applied,
    Average,
    Bound,
    ClassCount,
    ClassSize,
    Collection,
    Combination,
    Constant,
    Coordinate,
    CoordinateWise,
    Cosine,
    Coupling,
    Dimension,
    Drawn,
    HullDistance,
    Image,
    Index,
    Indicator,
    Infimum,
    Inner,
    Largest,
    Member,
    Multiply,
    Norm,
    Parameter,
    PNorm,
    Point,
    Power,
    Reduce,
    Reduction,
    Relation,
    Rules,
    Scalar,
    Scale,
    Sign,
    Size,
    Smallest,
    Space,
    Supremum,
    Transport,
    Variable,
    Vector,
    Weights,
)

__all__ = ["DIGITS", "Calculator", "Enclosure", "undecided"]

#: Binary digits after the point in what a root is enclosed by; the same number as in ``calculator.v``.
DIGITS = 128

Enclosure: TypeAlias = tuple[Fraction, Fraction] | None
"""The least and the greatest that a number can be; None where nothing is known of it."""


def undecided(why: str) -> InvalidValueError:
    """Return the error about a counterexample that these enclosures cannot tell to be one."""
    return InvalidValueError(explain("counterexample", "one that rational enclosures decide", why))


def _exactly(value: Fraction | int) -> Enclosure:
    return Fraction(value), Fraction(value)


def _add(e: Enclosure, f: Enclosure) -> Enclosure:
    return None if e is None or f is None else (e[0] + f[0], e[1] + f[1])


def _opposite(e: Enclosure) -> Enclosure:
    return None if e is None else (-e[1], -e[0])


def _multiply(e: Enclosure, f: Enclosure) -> Enclosure:
    if e is None or f is None:
        return None
    ends = [a * b for a in e for b in f]
    return min(ends), max(ends)


def _inverse(e: Enclosure) -> Enclosure:
    if e is None:
        return None
    if e[0] == e[1] == 0:
        return e  # as in mathcomp
    if e[0] <= 0 <= e[1]:
        return None
    return 1 / e[1], 1 / e[0]


def _highest(e: Enclosure, f: Enclosure) -> Enclosure:
    return None if e is None or f is None else (max(e[0], f[0]), max(e[1], f[1]))


def _lowest(e: Enclosure, f: Enclosure) -> Enclosure:
    return None if e is None or f is None else (min(e[0], f[0]), min(e[1], f[1]))


def _absolute(e: Enclosure) -> Enclosure:
    return _highest(e, _opposite(e))


def _power(e: Enclosure, exponent: int) -> Enclosure:
    found = _exactly(1)
    for _ in range(exponent):
        found = _multiply(e, found)
    return found


def _root(e: Enclosure) -> Enclosure:
    return None if e is None else (_one_root(e[0], up=False), _one_root(e[1], up=True))


def _one_root(value: Fraction, *, up: bool) -> Fraction:
    if value <= 0:
        return Fraction(0)
    inside = (value.numerator * value.denominator) << (2 * DIGITS)
    root = math.isqrt(inside)
    return Fraction(root + (up and root * root != inside), value.denominator << DIGITS)


def _folded(values: Iterator[Enclosure], operation: Callable[[Enclosure, Enclosure], Enclosure]) -> Enclosure:
    found = next(values)
    for value in values:
        found = operation(found, value)
    return found


@dataclass(frozen=True)
class Calculator:
    """Encloses terms at a counterexample as ``calculator.v`` does in Coq.

    Attributes
    ----------
    bound, norm, dimension
        The statement, the p of the p-norm, and of the space.
    points, weights
        By symbol, exact; weights as ratios.
    parameters
        The value of each, as far as it is settled.
    """

    bound: Bound
    norm: float
    dimension: int
    points: Mapping[str, Sequence[Sequence[Fraction]]]
    weights: Mapping[str, Sequence[Fraction]]
    parameters: Mapping[Parameter, Fraction] = field(default_factory=dict)

    def with_parameters(self, parameters: Mapping[Parameter, Fraction]) -> Calculator:
        """Return it with other values of parameters."""
        return replace(self, parameters=dict(parameters))

    @property
    def length(self) -> str:
        """The norm, by its name in the file."""
        if self.dimension == 1 and self.bound.space is Space.ANY_NORM:
            return "norm_1"
        return {1: "norm_1", 2: "norm_2", math.inf: "norm_sup"}[self.norm]

    def objection(self) -> str:
        """Return why this counterexample proves nothing; empty where it does."""
        for weights in self.bound.weights():
            ratios = self.weights[weights.symbol]
            if min(ratios) < 0 or sum(ratios) <= 0:
                return f"weights {weights.symbol} below 0, or all 0"
        for premise in self.bound.quantified:
            for at in self._places(premise.indices):
                lhs, rhs = self.scalar(premise.lhs, at), self.scalar(premise.rhs, at)
                if lhs is None or rhs is None or not lhs[1] <= rhs[0]:
                    return f"premise {premise.name} not decided to hold"
        if self.bound.indices:
            return "a conclusion for all values of indices, of which it encloses no instance"
        lhs, rhs = self.scalar(self.bound.lhs), self.scalar(self.bound.rhs)
        if lhs is None or rhs is None:
            return "a side without an enclosure"
        apart = lhs[0] > rhs[1] or (self.bound.relation is Relation.EQUAL and lhs[1] < rhs[0])
        return "" if apart else "a conclusion that is not decided to fail"

    def _places(self, indices: Sequence[Index]) -> Iterator[dict[Index, int]]:
        for places in product(*(range(self._size(index)) for index in indices)):
            yield dict(zip(indices, places, strict=True))

    def _size(self, index: Index) -> int:
        if type(index) is not Index or index.apart:
            raise undecided(f"'{index.described}', which has no enclosure")
        return next(len(self.points[one.symbol]) for one in index.collections if one.symbol in self.points)

    def _each(self, index: Index, at: Mapping[Index, int]) -> Iterator[dict[Index, int]]:
        return ({**at, index: place} for place in range(self._size(index)))

    def _share(self, weights: Weights, place: int) -> Fraction:
        ratios = self.weights[weights.symbol]
        total = sum(ratios)
        return ratios[place] / total if total else Fraction(0)

    # ------------------------------------------------------------------------------------------------------ scalars

    def scalar(self, term: Scalar, at: Mapping[Index, int] | None = None) -> Enclosure:
        """Enclose a scalar, where each free index is at a place."""
        here = at or {}
        return RULES.of(term)(self, term, here)

    def _all(self, terms: Iterable[Scalar], at: Mapping[Index, int]) -> Iterator[Enclosure]:
        return (self.scalar(term, at) for term in terms)

    def _raised(self, term: Power, at: Mapping[Index, int]) -> Enclosure:
        raised = self.scalar(term.base, at)
        raised = _root(raised) if term.exponent.denominator == 2 else raised
        raised = _inverse(raised) if term.exponent < 0 else raised
        return _power(raised, abs(term.exponent.numerator))

    def _reduced(self, term: Reduce, at: Mapping[Index, int]) -> Enclosure:
        values = (self.scalar(term.body, one) for one in self._each(term.index, at))
        if term.kind is Reduction.MAX or term.kind is Reduction.MIN:
            return _folded(values, _highest if term.kind is Reduction.MAX else _lowest)
        if term.kind is Reduction.LOG_SUM_EXP:
            raise undecided(f"'{term}', which has no enclosure")
        return self._total(term.kind, term.index, values, term.weights)

    def _transported(self, term: Transport) -> Enclosure:
        plan, a, b = self.coupling(term), term.a, term.b
        pairs = self._places((a.each, b.each))
        costs = (_multiply(_exactly(plan[one[a.each]][one[b.each]]), self._apart(a, b, one)) for one in pairs)
        return _folded(costs, _add)

    def _between_hulls(self, term: HullDistance) -> Enclosure:
        direction = self.direction(term)
        near = min(self._along(direction, row) for row in self.points[term.a.symbol])
        far = max(self._along(direction, row) for row in self.points[term.b.symbol])
        return _exactly(near - far)

    def _total(self, kind: Reduction, index: Index, values: Iterator[Enclosure], weights: Weights | None) -> Enclosure:
        if weights is not None:
            return _folded(
                (_multiply(_exactly(self._share(weights, i)), value) for i, value in enumerate(values)), _add
            )
        total = _folded(values, _add)
        return total if kind is Reduction.SUM else _multiply(_exactly(Fraction(1, self._size(index))), total)

    def _norm(self, vector: Sequence[Enclosure]) -> Enclosure:
        match self.length:
            case "norm_1":
                return _folded(map(_absolute, vector), _add)
            case "norm_sup":
                return _folded(map(_absolute, vector), _highest)
            case _:
                return _root(_folded((_multiply(one, one) for one in vector), _add))

    # ------------------------------------------------------------------------------------------------------ vectors

    def _vector(self, term: Vector, at: Mapping[Index, int]) -> list[Enclosure]:
        return VECTORS.of(term)(self, term, at)

    def _combined(self, term: Combination, at: Mapping[Index, int]) -> list[Enclosure]:
        return self._coordinates(
            [[_multiply(_exactly(by), one) for one in self._vector(inner, at)] for by, inner in term.parts], _add
        )

    def _scaled(self, term: Scale, at: Mapping[Index, int]) -> list[Enclosure]:
        by = self.scalar(term.factor, at)
        return [_multiply(by, one) for one in self._vector(term.vector, at)]

    def _averaged(self, term: Average, at: Mapping[Index, int]) -> list[Enclosure]:
        rows = [self._vector(term.body, one) for one in self._each(term.index, at)]
        return [self._total(term.kind, term.index, iter(column), term.weights) for column in zip(*rows, strict=True)]

    def _coordinate_wise(self, term: CoordinateWise, at: Mapping[Index, int]) -> list[Enclosure]:
        if term.kind is Reduction.MEDIAN:
            raise undecided(f"'{term}', which has no enclosure")
        rows = [self._vector(term.body, one) for one in self._each(term.index, at)]
        return self._coordinates(rows, _highest if term.kind is Reduction.MAX else _lowest)

    def _coordinates(
        self, rows: list[list[Enclosure]], operation: Callable[[Enclosure, Enclosure], Enclosure]
    ) -> list[Enclosure]:
        if not rows:
            return [_exactly(0)] * self.dimension
        return [_folded(iter(column), operation) for column in zip(*rows, strict=True)]

    # --------------------------------------------------------------------------------------- what is least or greatest

    def _apart(self, a: Collection, b: Collection, at: Mapping[Index, int]) -> Enclosure:
        return self._norm(self._vector(a[a.each] - b[b.each], at))

    def coupling(self, term: Transport) -> list[list[Fraction]]:
        """Return a coupling of least cost, by float64: what fails at any coupling fails there."""
        n, p = (len(self.points[one.symbol]) for one in (term.a, term.b))
        costs = np.zeros((n, p))
        for at in self._places((term.a.each, term.b.each)):
            cost = self._apart(term.a, term.b, at)
            assert cost is not None  # a distance of exact points
            costs[at[term.a.each], at[term.b.each]] = float(cost[1])
        # The cheapest couplings of uniform measures are at corners, which are whole shares of 1/lcm(n, p).
        shares = math.lcm(n, p)
        plan = np.rint(kernels.coupling(costs)[0] * shares).astype(np.int64)
        if (plan.sum(axis=1) != shares // n).any() or (plan.sum(axis=0) != shares // p).any():
            raise undecided(f"'{term}', of which no cheapest coupling was found")
        return [[Fraction(int(share), shares) for share in row] for row in plan]

    def direction(self, term: HullDistance) -> list[Fraction]:
        """Return a direction in which the hulls are as far apart as they are, of a length a little below 1."""
        a, b = (np.array(self.points[one.symbol], dtype=np.float64) for one in (term.a, term.b))
        over, under = nearest_weights(a, b)
        apart = over @ a / over.sum() - under @ b / under.sum()
        length = float(np.linalg.norm(apart))
        if not length > 0:
            return [Fraction(0)] * self.dimension
        # Whole multiples of 2⁻⁴⁰, which shorten every coordinate.
        return [Fraction(math.trunc(one / length * (1 - 2**-44) * 2**40), 2**40) for one in apart.tolist()]

    def _along(self, direction: Sequence[Fraction], row: Sequence[Fraction]) -> Fraction:
        return sum((a * b for a, b in zip(direction, row, strict=True)), Fraction(0))


_At: TypeAlias = Mapping[Index, int]

#: How each kind of scalar is enclosed.
RULES: Rules[Callable[[Calculator, Any, _At], Enclosure]] = Rules(
    "the calculator of proofs, of scalars",
    Scalar,
    {
        Constant: lambda reader, term, at: _exactly(term.value),
        Parameter: lambda reader, term, at: _exactly(reader.parameters[term]),
        Size: lambda reader, term, at: _exactly(len(reader.points[term.collection.symbol])),
        Dimension: lambda reader, term, at: _exactly(reader.dimension),
        Add: lambda reader, term, at: _folded(reader._all(term.terms, at), _add),
        Multiply: lambda reader, term, at: _folded(reader._all(term.factors, at), _multiply),
        Largest: lambda reader, term, at: _folded(reader._all(term.terms, at), _highest),
        Smallest: lambda reader, term, at: _folded(reader._all(term.terms, at), _lowest),
        Power: lambda reader, term, at: reader._raised(term, at),
        Norm: lambda reader, term, at: reader._norm(reader._vector(term.vector, at)),
        Reduce: lambda reader, term, at: reader._reduced(term, at),
        Transport: lambda reader, term, at: reader._transported(term),
        HullDistance: lambda reader, term, at: reader._between_hulls(term),
    },
    refused=dict.fromkeys((ClassCount, ClassSize), "it knows no families of classes")
    | {
        Coordinate: "a proof encloses vectors whole",
        Sign: "it knows no random choices",
        Applied: "rationals enclose no exponential or logarithm here",
        Inner: "the file has no inner product beside the norm",
        Cosine: "the file has no inner product beside the norm",
        PNorm: "the file has one norm, the space's own",
        Indicator: "the file has no function that jumps",
        Infimum: "a proof needs a vector and a minorant, which are not written out",
        Supremum: "a proof needs all eigenvectors, which are not written out",
        Coupling: "a proof needs a plan and potentials, which are written out for W₁ alone",
    },
)

#: How each kind of vector is enclosed, by coordinate.
VECTORS: Rules[Callable[[Calculator, Any, _At], list[Enclosure]]] = Rules(
    "the calculator of proofs, of vectors",
    Vector,
    {
        Point: lambda reader, term, at: list(map(_exactly, reader.points[term.collection.symbol][at[term.index]])),
        Combination: lambda reader, term, at: reader._combined(term, at),
        Scale: lambda reader, term, at: reader._scaled(term, at),
        Average: lambda reader, term, at: reader._averaged(term, at),
        CoordinateWise: lambda reader, term, at: reader._coordinate_wise(term, at),
    },
    refused={
        Image: "values of a map at a few vectors prove nothing of the map at others",
        Member: "it knows no families of classes",
        Variable: "it stands for every vector",
        Drawn: "it knows no random choices",
    },
)
