r"""A counterexample as a Coq file: the negation of what was refuted, as :mod:`boundcheck.formal.coq` prints it, proved.

The file needs Coq and mathcomp alone. Its first part, the same in every file, is a small calculator: numbers of an
ordered field R are enclosed between two binary rationals, and whatever a printed statement may say of numbers has a
lemma that encloses it: sums, products, maxima, roots. What is rational is enclosed exactly; a root that is not, in
128 binary digits. The second part gives the statement a space and the counterexample, and lets Coq compute that every
premise holds and the conclusion does not.

==============================  ====================================================================================
the counterexample              the space
==============================  ====================================================================================
p = 1, p = ∞                    rows over any ordered field, with that norm
on a line                       rows of one number, whatever p is: every p-norm is the absolute value there
p = 2                           rows over any field with roots
p = 2, a statement of any norm  rows over Coq's real numbers, which are such a field: the theorem then rests on their
                                axioms, those of :data:`boundcheck.formal.prover.AXIOMS` for ``Reals``
another p                       none: the library has no triangle inequality for it
==============================  ====================================================================================

A parameter that a premise determines is given its least value where that is known exactly, and else a number a little
above it: then premises hold with room, as what is enclosed must.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from importlib import resources
from itertools import product
from typing import Any, TypeAlias

import numpy as np

from boundcheck import kernels
from boundcheck.errors import InvalidValueError, explain
from boundcheck.formal.coq import _Printer, coq_name, coq_statement, prose
from boundcheck.kernels.hulls import nearest_weights
from boundcheck.language import (
    Add,
    Average,
    Bound,
    Collection,
    Combination,
    Constant,
    CoordinateWise,
    Dimension,
    EqualSizes,
    ForAll,
    HullDistance,
    Image,
    Index,
    Largest,
    Lipschitz,
    Multiply,
    Norm,
    Parameter,
    Point,
    Power,
    Premise,
    Reduce,
    Reduction,
    Relation,
    Rules,
    Scalar,
    Scale,
    Size,
    Smallest,
    Space,
    Transport,
    Vector,
    Weights,
)

__all__ = ["BASE", "OVER_THE_REALS", "Refutation", "refutation"]

#: The part that every file starts with, as the package holds it: ``calculator.v``.
BASE = resources.files("boundcheck.formal").joinpath("calculator.v").read_text(encoding="utf-8")

#: What follows it where the theorem is about Coq's real numbers.
OVER_THE_REALS = """\
From mathcomp Require Import Rstruct.

(** Coq's real numbers are a field with roots. *)
Lemma some_field_with_roots : exists R : rcfType, True.
Proof. by exists [rcfType of Rdefinitions.R]. Qed.
"""

# Binary digits after the point in what a root is enclosed by; the same number as in BASE.
_DIGITS = 128
# How far above its least value a parameter may be put, coarsest first, in binary digits after the point.
_ABOVE = (4, 10, 20, 40, 60, 80, 100)

_Enclosure: TypeAlias = tuple[Fraction, Fraction] | None
"""The least and the greatest that a number can be; None where nothing is known of it."""

Given: TypeAlias = Mapping[str, Fraction | float]


@dataclass(frozen=True)
class Refutation:
    """A statement's negation and its proof.

    Attributes
    ----------
    name
        Of the theorem.
    theorem
        In Coq, after :data:`BASE`, and :data:`OVER_THE_REALS` where it is about those.
    parameters
        What the statement's parameters are there.
    reals
        Whether it is proved over Coq's real numbers, and so rests on their axioms.
    """

    name: str
    theorem: str
    parameters: Mapping[str, Fraction] = field(default_factory=dict)
    reals: bool = False

    def __str__(self) -> str:
        reals = f"\n{OVER_THE_REALS}" if self.reals else ""
        return f"{BASE}{reals}\n{self.theorem}\nPrint Assumptions {self.name}.\n"


#: How each kind of premise is shown to hold at a counterexample.
PREMISES: Rules[str] = Rules(
    "the proof of a counterexample",
    Premise,
    {EqualSizes: "the sizes of its points", ForAll: "enclosures of both sides, at all points"},
    refused={Lipschitz: "it says something of all vectors, and values at a few show it of none of the others"},
)


def refutation(
    bound: Bound,
    norm: float,
    points: Mapping[str, Sequence[Sequence[Fraction | float]]],
    *,
    weights: Mapping[str, Sequence[Fraction | float]] | None = None,
    given: Given | None = None,
) -> Refutation:
    """Return the proof in Coq that a counterexample refutes a bound.

    Parameters
    ----------
    bound
        The statement.
    norm
        The p of the p-norm.
    points
        By symbol, the points of each collection, taken as the exact numbers they are.
    weights
        By symbol, ratios.
    given
        By symbol, parameters that are not the least which the premises allow.

    Raises
    ------
    TermError
        If Coq cannot read the statement.
    InvalidValueError
        If there is no proof of this kind, or the counterexample is none: the message says which.
    """
    if bound.maps():
        named_maps = ", ".join(map(str, bound.maps()))
        raise InvalidValueError(
            explain("bound", "one without maps, for a proof in Coq by computation", f"one that speaks of {named_maps}")
        )
    PREMISES.require(bound.premises)
    statement = coq_statement(bound)
    printer = _Printer.of(bound)
    exact = {key: [_exact(row, "points") for row in rows] for key, rows in points.items()}
    shares = {key: _exact(ratios, "weights") for key, ratios in (weights or {}).items()}
    fixed = dict(zip(given or {}, _exact((given or {}).values(), "given"), strict=True))
    for kind, wanted, named in (
        ("points", printer.sizes, exact),
        ("weights", bound.weights(), shares),
    ):
        for one in wanted:
            if one.symbol not in named:
                raise InvalidValueError(explain(kind, f"those of {one.symbol!r}", ", ".join(named) or "none"))
    bound.require_norm(norm)
    _require_shapes(bound, exact, shares)
    dimension = len(next(iter(exact.values()))[0]) if exact else 1
    if bound.space is Space.ANY_NORM and dimension > 1 and norm not in (1, 2, math.inf):
        raise InvalidValueError(
            explain(
                "norm",
                "p = 1, 2 or ∞, or points on a line, for a proof in Coq",
                f"p = {norm:g} in {dimension} dimensions",
                "the library has no triangle inequality for that norm",
            )
        )
    reader = _Reader(bound, norm, dimension, exact, shares)
    found = _parameters(reader, fixed)
    return _written(bound, reader.with_parameters(found), statement.negation, statement.introductions)


def _exact(numbers: Iterable[Fraction | float], name: str) -> list[Fraction]:
    try:
        return [Fraction(one) for one in numbers]
    except (OverflowError, ValueError) as cause:
        raise InvalidValueError(explain(name, "finite numbers", f"{cause}")) from cause


def _require_shapes(
    bound: Bound, points: Mapping[str, Sequence[Sequence[Fraction]]], weights: Mapping[str, Sequence[Fraction]]
) -> None:
    """Refuse points and weights that the statement says nothing of: Coq would be given others in their place."""
    shapes = {symbol: sorted({len(row) for row in rows}) for symbol, rows in points.items()}
    if len({tuple(lengths) for lengths in shapes.values()}) > 1 or any(
        len(lengths) != 1 or not lengths[0] for lengths in shapes.values()
    ):
        raise InvalidValueError(explain("points", "one at least in each collection, of one dimension", f"{shapes}"))
    for group in bound.equal_sizes:
        sizes = {one.symbol: len(points[one.symbol]) for one in group if one.symbol in points}
        if len(set(sizes.values())) > 1:
            shown = " = ".join(one.size for one in group)
            raise InvalidValueError(explain("points", f"equally many, {shown}", f"{sizes}"))
    for one in bound.weights():
        if len(weights[one.symbol]) != len(points.get(one.collection.symbol, weights[one.symbol])):
            got = f"{len(weights[one.symbol])} of {one.symbol} for {len(points[one.collection.symbol])} points"
            raise InvalidValueError(explain("weights", f"one for each point of {one.collection}", got))


def _parameters(reader: _Reader, fixed: Mapping[str, Fraction]) -> dict[Parameter, Fraction]:
    """Return values under which every premise surely holds and the conclusion surely fails."""
    why = ""
    for digits in _ABOVE:
        found: dict[Parameter, Fraction] = {}
        for parameter in reader.bound.parameters():
            if parameter.symbol in fixed:
                found[parameter] = fixed[parameter.symbol]
        for premise in reader.bound.quantified:
            if premise.parameter is None or premise.parameter.symbol in fixed:
                continue
            least = reader.with_parameters(found).scalar(premise.least)
            if least is None:
                raise _none(f"premise {premise.name} has no enclosure of {_DIGITS} binary digits")
            low, high = least
            value = high if low == high else Fraction(math.ceil(high * 2**digits), 2**digits)
            found[premise.parameter] = max(value, found.get(premise.parameter, value))
        missing = [str(parameter) for parameter in reader.bound.parameters() if parameter not in found]
        if missing:
            raise InvalidValueError(explain("given", f"a value of {', '.join(missing)}", ", ".join(fixed) or "none"))
        why = reader.with_parameters(found).objection()
        if not why:
            return found
    raise _none(why)


def _none(why: str) -> InvalidValueError:
    return InvalidValueError(explain("counterexample", "one that rational enclosures decide", why))


# -------------------------------------------------------------------------------------------------------- the printing


def _written(bound: Bound, reader: _Reader, negation: str, introductions: Sequence[str]) -> Refutation:
    """Print the negation and its proof; whether Coq accepts that is for Coq to say."""
    printer = _Printer.of(bound)
    name = f"{coq_name(bound.name)}_false"
    d = reader.dimension
    roots = "rcfType" in negation.partition("\n")[0]
    reals = bound.space is Space.ANY_NORM and not roots and reader.length == "norm_2"
    lines = []
    if roots:
        lines.append("move=> R.")
    elif reals:
        lines.append("have [R _] := some_field_with_roots.")
    else:
        lines.append("have [R _] := some_field.")
    space = [] if roots else ["R"]
    if printer.coordinates:
        space.append(f"{d - 1}%N")
    elif bound.space is Space.EUCLIDEAN:
        space += ["_", *(f"(@{law} R {d})" for law in ("dot", "dotC", "dotZ", "dotD", "dot_ge0"))]
    else:
        space += ["_", *(f"(@{reader.length}{law} R {d})" for law in ("", "D", "Z"))]
    lines.append(f"move=> /(_ {' '.join(space)}).")
    sizes: dict[str, int] = {}
    for collection, size in printer.sizes.items():
        sizes.setdefault(size, len(reader.points[collection.symbol]))
    lines += [f"move=> /(_ {count - 1}%N)." for count in sizes.values()]
    for thing in printer.names:
        match thing:
            case Collection() if thing in printer.sizes:
                rows = reader.points[thing.symbol]
                lines.append(f"move=> /(_ (@points R {d} {_table(rows)} {len(rows)})).")
            case Weights():
                ratios = reader.weights[thing.symbol]
                lines.append(f"move=> /(_ (@values R {_sequence(ratios)} {len(ratios)})).")
            case Parameter():
                lines.append(f"move=> /(_ (Q2R R {_rational(reader.parameters[thing])})).")
    late = "tt"
    if isinstance(bound.rhs, Transport) and bound.relation is Relation.AT_MOST:
        n, p = (len(reader.points[one.symbol]) for one in (bound.rhs.a, bound.rhs.b))
        late = f"(@table R {_table(reader.coupling(bound.rhs))} {n} {p})"
    elif isinstance(bound.lhs, HullDistance):
        late = f"(vector R {d} {_sequence(reader.direction(bound.lhs))})"
    lines.append(f"refute {late}.")
    proof = "\n".join(
        textwrap.fill(line, 118, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
        for line in lines
    )
    statement = textwrap.indent(negation, "  ")
    return Refutation(
        name=name,
        theorem=f"(** Not: {prose(str(bound))} *)\nTheorem {name} :\n{statement}.\nProof.\n{proof}\nQed.\n",
        parameters={parameter.symbol: value for parameter, value in reader.parameters.items()},
        reals=reals,
    )


def _rational(value: Fraction) -> str:
    above = f"({value.numerator})" if value < 0 else f"{value.numerator}"
    return f"(Qmake {above} {value.denominator})"


def _sequence(values: Sequence[Fraction]) -> str:
    return f"[:: {'; '.join(map(_rational, values))}]"


def _table(rows: Sequence[Sequence[Fraction]]) -> str:
    return f"[:: {'; '.join(map(_sequence, rows))}]"


# ------------------------------------------------------------------------------------------------------ the calculator


def _exactly(value: Fraction | int) -> _Enclosure:
    return Fraction(value), Fraction(value)


def _add(e: _Enclosure, f: _Enclosure) -> _Enclosure:
    return None if e is None or f is None else (e[0] + f[0], e[1] + f[1])


def _opposite(e: _Enclosure) -> _Enclosure:
    return None if e is None else (-e[1], -e[0])


def _multiply(e: _Enclosure, f: _Enclosure) -> _Enclosure:
    if e is None or f is None:
        return None
    ends = [a * b for a in e for b in f]
    return min(ends), max(ends)


def _inverse(e: _Enclosure) -> _Enclosure:
    if e is None:
        return None
    if e[0] == e[1] == 0:
        return e  # as in mathcomp
    if e[0] <= 0 <= e[1]:
        return None
    return 1 / e[1], 1 / e[0]


def _highest(e: _Enclosure, f: _Enclosure) -> _Enclosure:
    return None if e is None or f is None else (max(e[0], f[0]), max(e[1], f[1]))


def _lowest(e: _Enclosure, f: _Enclosure) -> _Enclosure:
    return None if e is None or f is None else (min(e[0], f[0]), min(e[1], f[1]))


def _absolute(e: _Enclosure) -> _Enclosure:
    return _highest(e, _opposite(e))


def _power(e: _Enclosure, exponent: int) -> _Enclosure:
    found = _exactly(1)
    for _ in range(exponent):
        found = _multiply(e, found)
    return found


def _root(e: _Enclosure) -> _Enclosure:
    return None if e is None else (_one_root(e[0], up=False), _one_root(e[1], up=True))


def _one_root(value: Fraction, *, up: bool) -> Fraction:
    if value <= 0:
        return Fraction(0)
    inside = (value.numerator * value.denominator) << (2 * _DIGITS)
    root = math.isqrt(inside)
    return Fraction(root + (up and root * root != inside), value.denominator << _DIGITS)


def _folded(values: Iterator[_Enclosure], operation: Callable[[_Enclosure, _Enclosure], _Enclosure]) -> _Enclosure:
    found = next(values)
    for value in values:
        found = operation(found, value)
    return found


@dataclass(frozen=True)
class _Reader:
    """Encloses terms at the counterexample as the file's own calculator does."""

    bound: Bound
    norm: float
    dimension: int
    points: Mapping[str, Sequence[Sequence[Fraction]]]
    weights: Mapping[str, Sequence[Fraction]]
    parameters: Mapping[Parameter, Fraction] = field(default_factory=dict)

    def with_parameters(self, parameters: Mapping[Parameter, Fraction]) -> _Reader:
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
        lhs, rhs = self.scalar(self.bound.lhs), self.scalar(self.bound.rhs)
        if lhs is None or rhs is None:
            return "a side without an enclosure"
        apart = lhs[0] > rhs[1] or (self.bound.relation is Relation.EQUAL and lhs[1] < rhs[0])
        return "" if apart else "a conclusion that is not decided to fail"

    def _places(self, indices: Sequence[Index]) -> Iterator[dict[Index, int]]:
        for places in product(*(range(self._size(index)) for index in indices)):
            yield dict(zip(indices, places, strict=True))

    def _size(self, index: Index) -> int:
        return next(len(self.points[one.symbol]) for one in index.collections if one.symbol in self.points)

    def _each(self, index: Index, at: Mapping[Index, int]) -> Iterator[dict[Index, int]]:
        return ({**at, index: place} for place in range(self._size(index)))

    def _share(self, weights: Weights, place: int) -> Fraction:
        ratios = self.weights[weights.symbol]
        total = sum(ratios)
        return ratios[place] / total if total else Fraction(0)

    # ------------------------------------------------------------------------------------------------------ scalars

    def scalar(self, term: Scalar, at: Mapping[Index, int] | None = None) -> _Enclosure:
        here = at or {}
        return RULES.of(term)(self, term, here)

    def _all(self, terms: Iterable[Scalar], at: Mapping[Index, int]) -> Iterator[_Enclosure]:
        return (self.scalar(term, at) for term in terms)

    def _raised(self, term: Power, at: Mapping[Index, int]) -> _Enclosure:
        raised = self.scalar(term.base, at)
        raised = _root(raised) if term.exponent.denominator == 2 else raised
        raised = _inverse(raised) if term.exponent < 0 else raised
        return _power(raised, abs(term.exponent.numerator))

    def _reduced(self, term: Reduce, at: Mapping[Index, int]) -> _Enclosure:
        values = (self.scalar(term.body, one) for one in self._each(term.index, at))
        if term.kind is Reduction.MAX or term.kind is Reduction.MIN:
            return _folded(values, _highest if term.kind is Reduction.MAX else _lowest)
        return self._total(term.kind, term.index, values, term.weights)

    def _transported(self, term: Transport) -> _Enclosure:
        plan, a, b = self.coupling(term), term.a, term.b
        pairs = self._places((a.each, b.each))
        costs = (_multiply(_exactly(plan[one[a.each]][one[b.each]]), self._apart(a, b, one)) for one in pairs)
        return _folded(costs, _add)

    def _between_hulls(self, term: HullDistance) -> _Enclosure:
        direction = self.direction(term)
        near = min(self._along(direction, row) for row in self.points[term.a.symbol])
        far = max(self._along(direction, row) for row in self.points[term.b.symbol])
        return _exactly(near - far)

    def _total(
        self, kind: Reduction, index: Index, values: Iterator[_Enclosure], weights: Weights | None
    ) -> _Enclosure:
        if weights is not None:
            return _folded(
                (_multiply(_exactly(self._share(weights, i)), value) for i, value in enumerate(values)), _add
            )
        total = _folded(values, _add)
        return total if kind is Reduction.SUM else _multiply(_exactly(Fraction(1, self._size(index))), total)

    def _norm(self, vector: Sequence[_Enclosure]) -> _Enclosure:
        match self.length:
            case "norm_1":
                return _folded(map(_absolute, vector), _add)
            case "norm_sup":
                return _folded(map(_absolute, vector), _highest)
            case _:
                return _root(_folded((_multiply(one, one) for one in vector), _add))

    # ------------------------------------------------------------------------------------------------------ vectors

    def _vector(self, term: Vector, at: Mapping[Index, int]) -> list[_Enclosure]:
        return VECTORS.of(term)(self, term, at)

    def _combined(self, term: Combination, at: Mapping[Index, int]) -> list[_Enclosure]:
        return self._coordinates(
            [[_multiply(_exactly(by), one) for one in self._vector(inner, at)] for by, inner in term.parts], _add
        )

    def _scaled(self, term: Scale, at: Mapping[Index, int]) -> list[_Enclosure]:
        by = self.scalar(term.factor, at)
        return [_multiply(by, one) for one in self._vector(term.vector, at)]

    def _averaged(self, term: Average, at: Mapping[Index, int]) -> list[_Enclosure]:
        rows = [self._vector(term.body, one) for one in self._each(term.index, at)]
        return [self._total(term.kind, term.index, iter(column), term.weights) for column in zip(*rows, strict=True)]

    def _coordinate_wise(self, term: CoordinateWise, at: Mapping[Index, int]) -> list[_Enclosure]:
        if term.kind is Reduction.MEDIAN:
            raise _none(f"'{term}', which has no enclosure")
        rows = [self._vector(term.body, one) for one in self._each(term.index, at)]
        return self._coordinates(rows, _highest if term.kind is Reduction.MAX else _lowest)

    def _coordinates(
        self, rows: list[list[_Enclosure]], operation: Callable[[_Enclosure, _Enclosure], _Enclosure]
    ) -> list[_Enclosure]:
        if not rows:
            return [_exactly(0)] * self.dimension
        return [_folded(iter(column), operation) for column in zip(*rows, strict=True)]

    # --------------------------------------------------------------------------------------- what is least or greatest

    def _apart(self, a: Collection, b: Collection, at: Mapping[Index, int]) -> _Enclosure:
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
            raise _none(f"'{term}', of which no cheapest coupling was found")
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
RULES: Rules[Callable[[_Reader, Any, _At], _Enclosure]] = Rules(
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
)

#: How each kind of vector is enclosed, by coordinate.
VECTORS: Rules[Callable[[_Reader, Any, _At], list[_Enclosure]]] = Rules(
    "the calculator of proofs, of vectors",
    Vector,
    {
        Point: lambda reader, term, at: list(map(_exactly, reader.points[term.collection.symbol][at[term.index]])),
        Combination: lambda reader, term, at: reader._combined(term, at),
        Scale: lambda reader, term, at: reader._scaled(term, at),
        Average: lambda reader, term, at: reader._averaged(term, at),
        CoordinateWise: lambda reader, term, at: reader._coordinate_wise(term, at),
    },
    refused={Image: "values of a map at a few vectors prove nothing of the map at others"},
)
