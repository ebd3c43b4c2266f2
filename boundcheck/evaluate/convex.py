"""Least values of convex functions of a vector, enclosed: by a vector from above, by a minorant from below.

What is read is inf over y of F(y), where F is made of norms of α·y + v, α a number and v without y, by sums, products with
what is at least 0, means, maxima and powers of at least 1. Any vector is a bound from above. From below, every norm is at
least ⟨u, ·⟩ for u in the dual unit ball, every maximum at least any mean of its parts, every power at least any of its
tangents: put together, they are an affine minorant a + ⟨g, y⟩. F grows with each of its norms, and these grow with each
coordinate's distance from −v/α; so the least value is reached where every coordinate is between those of the −v/α, and
there ⟨g, y′ − y⟩ is at least −‖g‖₁·max ‖y + v/α‖. The solver (:mod:`boundcheck.kernels.convex`) says which y and which u; both
bounds are evaluated by the reader that asks, and are right whatever it says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf, nextafter
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
from jaxtyping import Float

from boundcheck.errors import TermError, explain
from boundcheck.evaluate import rounding
from boundcheck.evaluate.signs import is_nonnegative
from boundcheck.kernels import convex as solver
from boundcheck.language import (
    Add,
    Average,
    Combination,
    Constant,
    Index,
    Infimum,
    Largest,
    Multiply,
    Norm,
    Power,
    Reduce,
    Reduction,
    Scalar,
    Term,
    Variable,
    Vector,
    Weights,
    largest,
    maximum,
)

__all__ = ["Arithmetic", "Found", "Solution", "enclosed", "enclosing_ball", "of_squares", "solved"]

Array = npt.NDArray[np.float64]
Value = TypeVar("Value")

_CONVEX = (
    "a convex function of {}: norms of it plus or minus vectors, their sums, means, maxima, products with what is at "
    "least 0 and powers of at least 1"
)


class Arithmetic(Protocol[Value]):
    """What a reader of terms does with their values, which have indices for axes."""

    def norm_p(self) -> float:
        """Return p of the p-norm."""

    def is_fixed(self, index: Index) -> bool:
        """Say whether an index has one value, and is no axis."""

    def lengths(self, axes: Sequence[Index]) -> tuple[int, ...]:
        """Return the batch's length, and those of axes."""

    def coordinates(self) -> int:
        """Return the dimension of the space."""

    def binding(self, variable: Variable, value: Value) -> Arithmetic[Value]:
        """Return a reader for which a variable has a value."""

    def read(self, term: Term) -> Value:
        """Return the value of a term."""

    def floats(self, value: Value, axes: Sequence[Index], *, vector: bool) -> Array:
        """Return about a value, with axes of length 1 for those that it does not vary over; a vector's near 1."""

    def made(self, numbers: Array, axes: Sequence[Index], over: Collection[Index], *, vector: bool) -> Value:
        """Return floats as exact values over some of the axes; the others are of length 1."""

    def placed(self, origin: Array, apart: Array, axes: Sequence[Index], over: Collection[Index]) -> Value:
        """Return the vectors at floats, and about so much further, in the units of :meth:`floats`."""

    def unit(self, axes: int) -> Array:
        """Return the length that is 1 in the units of :meth:`floats`, with so many axes of length 1."""

    def in_units(self, value: Value) -> Value:
        """Return a number of the units that vectors are in as the number that it is."""

    def added(self, values: Sequence[Value]) -> Value:
        """Return the sum."""

    def multiplied(self, values: Sequence[Value]) -> Value:
        """Return the product of scalars."""

    def scaled(self, number: Value, vector: Value) -> Value:
        """Return a vector times a number."""

    def over(self, term: Reduce, value: Value, *, vector: bool) -> Value:
        """Return the mean or the sum that a term is, of other values than its body's."""

    def summed(self, index: Index, value: Value, *, vector: bool) -> Value:
        """Return the sum over an index."""

    def along(self, one: Value, other: Value) -> Value:
        """Return the inner products of vectors, in the units of the second."""

    def size(self, vector: Value) -> Value:
        """Return the sum of a vector's coordinates' magnitudes."""

    def powered(self, value: Value, exponent: Fraction) -> Value:
        """Return a power."""

    def counted(self, index: Index, axes: Sequence[Index]) -> npt.NDArray[np.bool_]:
        """Return where an index has a value, over the axes that this depends on."""

    def ratios(self, weights: Weights, at: int, ndim: int) -> Array:
        """Return about what weights are, along an axis."""


@dataclass
class Found(Generic[Value]):
    """What the least value of a term is known by.

    Attributes
    ----------
    high
        The term at some vector.
    low
        What a minorant leaves from below; None where it was not asked for.
    minorant
        The minorant at that vector: it changes with the points as the least value does.
    """

    high: Value
    low: Value | None
    minorant: Value | None


@dataclass
class _Part:
    """A part of the function: the term, the solver's node for it, and the parts below."""

    term: Scalar
    node: solver.Node
    parts: tuple[_Part, ...] = ()
    factors: tuple[Scalar, ...] = ()


@dataclass
class Solution:
    """What the solver found for a term: the parts, whose nodes keep the multipliers, and the vector."""

    whole: _Part
    origin: Array
    apart: Array
    leaves: list[tuple[Norm, Fraction]]
    outer: tuple[Index, ...]
    axes: tuple[Index, ...]


def enclosed(
    reader: Arithmetic[Value], term: Infimum, *, below: bool = True, known: dict[Term, Any] | None = None
) -> Found[Value]:
    """Return bounds of the least value of a term from above and from below, as a reader evaluates them.

    Parameters
    ----------
    reader
        What evaluates.
    term
        The infimum.
    below
        Whether the bound from below is wanted.
    known
        Where what the solver found is kept, for readers of the same points.

    Raises
    ------
    TermError
        If the term is none of those whose convexity is seen.
    """
    solution = solved(reader, term, known)
    outer, axes = solution.outer, solution.axes
    place = reader.placed(solution.origin, solution.apart, axes, outer)
    at = reader.binding(term.variable, place)
    high = at.read(term.body)
    if not below:
        return Found(high, None, None)
    minorant, slope = _Minorant(at, axes, outer).of(solution.whole)
    if slope is None:
        return Found(high, minorant, minorant)
    reach = at.read(_reach(solution.leaves, term))
    minus = at.multiplied([at.read(Constant(Fraction(-1))), at.size(slope), reach])
    return Found(high, at.added([minorant, minus]), minorant)


def solved(reader: Arithmetic[Value], term: Infimum, known: dict[Term, Any] | None = None) -> Solution:
    """Return what the solver finds for a term, or found before.

    Raises
    ------
    TermError
        If the term is none of those whose convexity is seen.
    """
    free = (index for index in term.free() if not reader.is_fixed(index))
    outer = tuple(sorted(free, key=lambda index: index.symbol))
    found: Solution | None = None if known is None else known.get(term)
    if found is None:
        found = _Search(reader, term, outer, _bound_in(term, outer)).solution()
        if known is not None:
            known[term] = found
    return found


def enclosing_ball(term: Infimum) -> tuple[Norm, Fraction, Index] | None:
    """Return the norm ‖α·y + v‖, α and the index where a term is the least of its largest value, or square; else None."""
    match term.body:
        case Reduce(Reduction.MAX, index, Norm() as norm) if type(term.body) is Reduce:
            pass
        case Reduce(Reduction.MAX, index, Power(Norm() as norm, exponent)) if (
            type(term.body) is Reduce and exponent == 2
        ):
            pass
        case _:
            return None
    factor = _factor_of(norm.vector, term.variable)
    plain = type(index) is Index and not index.apart and norm.free() == {index}
    return (norm, factor, index) if type(norm) is Norm and factor and plain else None


def of_squares(reader: Arithmetic[Value], term: Infimum) -> Value | None:
    """Return the least value of a sum of squared Euclidean norms, which is reached at a mean; None for another term.

    With F = Σ w·‖α·y + v‖² and what y does not occur in, least where Σ w·α·(α·y + v) is 0.
    """
    if reader.norm_p() != 2:
        return None
    origin = reader.made(np.zeros((1, reader.coordinates())), (), (), vector=True)
    found = _squares(reader.binding(term.variable, origin), term.body, term.variable)
    if found is None:
        return None
    pull, weight = found
    share = reader.multiplied([reader.read(Constant(Fraction(-1))), reader.powered(weight, Fraction(-1))])
    return reader.binding(term.variable, reader.scaled(share, pull)).read(term.body)


def _squares(reader: Arithmetic[Value], term: Scalar, y: Variable) -> tuple[Value, Value] | None:
    """Return Σ w·α·v, as it is where y is 0, and Σ w·α²; None where a term is no such sum."""
    match term:
        case Power(Norm(vector), exponent) if type(term) is Power and exponent == 2:
            factor = _factor_of(vector, y)
            if not factor:
                return None
            pull = reader.scaled(reader.read(Constant(factor)), reader.read(vector))
            return pull, reader.read(Constant(factor * factor))
        case Add(terms) if type(term) is Add:
            found = [_squares(reader, part, y) for part in terms if y in part.variables()]
            known = [part for part in found if part is not None]
            if len(known) < len(found):
                return None
            return reader.added([pull for pull, _ in known]), reader.added([weight for _, weight in known])
        case Multiply(factors) if type(term) is Multiply:
            bodies = [factor for factor in factors if y in factor.variables()]
            others = [factor for factor in factors if y not in factor.variables()]
            one = _squares(reader, bodies[0], y) if len(bodies) == 1 and all(map(is_nonnegative, others)) else None
            if one is None:
                return None
            number = reader.read(Multiply.of(*others))
            return reader.scaled(number, one[0]), reader.multiplied([number, one[1]])
        case Reduce(Reduction.MEAN | Reduction.SUM, index, body) if type(term) is Reduce:
            one = _squares(reader, body, y)
            if one is None:
                return None
            # Once for each value of the index, even of what does not depend on it.
            ones = reader.made(np.ones((1, reader.lengths((index,))[1])), (index,), (index,), vector=False)
            pull, weight = reader.scaled(ones, one[0]), reader.multiplied([ones, one[1]])
            return reader.over(term, pull, vector=True), reader.over(term, weight, vector=False)
    return None


def _factor_of(vector: Vector, y: Variable) -> Fraction | None:
    """Return α where a vector is α·y and what y does not occur in; None for another."""
    if y not in vector.variables():
        return Fraction(0)
    if vector == y:
        return Fraction(1)
    if type(vector) is Combination:
        found = [(number, _factor_of(part, y)) for number, part in vector.parts]
        known = [number * factor for number, factor in found if factor is not None]
        return sum(known, Fraction(0)) if len(known) == len(found) else None
    if type(vector) is Average and vector.kind is Reduction.MEAN:
        return _factor_of(vector.body, y)
    return None


def _bound_in(term: Infimum, outer: Sequence[Index]) -> tuple[Index, ...]:
    inner = {node.index for node in term.body.walk() if isinstance(node, Reduce) and term.variable in node.variables()}
    both = sorted(map(str, inner & set(outer)))
    if both:
        raise TermError(
            explain("infimum", "one meaning for each index", f"{both[0]}, both free and not in '{term}'", "rename one")
        )
    return tuple(sorted(inner, key=lambda index: index.symbol))


def _reach(leaves: Sequence[tuple[Norm, Fraction]], term: Infimum) -> Scalar:
    """Return the largest distance of the vector from where a norm is 0."""
    found = []
    for norm, factor in leaves:
        inner = sorted(norm.free() - set(term.free()), key=lambda index: index.symbol)
        apart = norm if abs(factor) == 1 else norm / abs(factor)
        found.append(maximum(inner, apart) if inner else apart)
    return found[0] if len(found) == 1 else largest(*found)


# --------------------------------------------------------------------------------------------------------- the solver's


class _Search(Generic[Value]):
    """Sets out a term for the solver."""

    def __init__(
        self, reader: Arithmetic[Value], term: Infimum, outer: tuple[Index, ...], inner: tuple[Index, ...]
    ) -> None:
        self._reader, self._term, self._y = reader, term, term.variable
        self._outer, self._inner, self._axes = outer, inner, (*outer, *inner)
        self._leaves: list[tuple[Norm, Fraction]] = []
        self._lengths: list[solver.Length] = []

    def solution(self) -> Solution:
        """Return what the solver finds."""
        reader, problems = self._reader, self._reader.lengths(self._outer)
        dimension, fewer = reader.coordinates(), len(self._inner)
        shape = (*problems, *[1] * fewer, dimension)
        # The shape of the term first: what is no convex function has no solution to look for.
        self._at = reader.binding(self._y, reader.placed(np.zeros(shape), np.zeros(shape), self._axes, self._outer))
        whole = self._part(self._term.body)
        centres = [-one.base / one.factor for one in self._lengths]
        inner = tuple(range(1 + len(self._outer), 1 + len(self._axes)))
        means = [np.broadcast_to(one.mean(axis=inner, keepdims=True) if inner else one, shape) for one in centres]
        origin = np.nan_to_num(np.mean(means, axis=0))
        # Differences from there have more digits than the points themselves.
        self._at = reader.binding(self._y, reader.placed(origin, np.zeros(shape), self._axes, self._outer))
        for (norm, _), one in zip(self._leaves, self._lengths, strict=True):
            one.base = reader.floats(self._at.read(norm.vector), self._axes, vector=True)
        apart = solver.minimise(whole.node, problems, fewer, dimension)
        apart = np.where(np.isfinite(apart).all(axis=-1, keepdims=True), apart, 0.0)
        return Solution(whole, origin, apart, self._leaves, self._outer, self._axes)

    def _part(self, term: Scalar) -> _Part:
        if self._y not in term.variables():
            return _Part(term, solver.Fixed(self._reader.floats(self._at.read(term), self._axes, vector=False)))
        match term:
            case Norm(vector) if type(term) is Norm:
                return self._norm(term, vector)
            case Add(terms) if type(term) is Add:
                parts = tuple(map(self._part, terms))
                return _Part(term, solver.Plus([part.node for part in parts]), parts)
            case Largest(terms) if type(term) is Largest:
                parts = tuple(map(self._part, terms))
                return _Part(term, solver.Chosen([part.node for part in parts]), parts)
            case Multiply(factors) if type(term) is Multiply:
                return self._product(term, factors)
            case Power(base, exponent) if type(term) is Power and exponent >= 1 and is_nonnegative(base):
                part = self._part(base)
                return _Part(term, solver.Raised(part.node, float(exponent)), (part,))
            case Reduce(kind, index, body) if type(term) is Reduce and kind in _REDUCED:
                part, at = self._part(body), 1 + self._axes.index(index)
                counted = self._reader.counted(index, self._axes)
                if kind is Reduction.MAX:
                    return _Part(term, solver.Over(part.node, at, counted), (part,))
                return _Part(term, solver.Over(part.node, at, counted, self._factors(term, at, counted)), (part,))
        raise self._refused(term)

    def _factors(self, term: Reduce, at: int, counted: npt.NDArray[np.bool_]) -> Array:
        """Return about what each value of the body of a mean or a sum is multiplied by."""
        ones = np.where(counted, 1.0, 0.0)
        if term.weights is not None:
            return self._reader.ratios(term.weights, at, counted.ndim) * ones
        factors: Array = ones if term.kind is Reduction.SUM else ones / ones.sum(axis=at, keepdims=True)
        return factors

    def _product(self, term: Multiply, factors: tuple[Scalar, ...]) -> _Part:
        bodies = [factor for factor in factors if self._y in factor.variables()]
        others = tuple(factor for factor in factors if factor not in bodies)
        if len(bodies) != 1 or not all(map(is_nonnegative, others)):
            raise self._refused(term)
        product = Multiply.of(*others)
        number = self._reader.floats(self._at.read(product), self._axes, vector=False)
        part = self._part(bodies[0])
        return _Part(term, solver.Times(number, part.node), (part,), (product,))

    def _norm(self, term: Norm, vector: Vector) -> _Part:
        factor = _factor_of(vector, self._y)
        if factor is None:
            raise self._refused(term)
        if factor == 0:
            raise TermError(explain("infimum", f"norms in which {self._y} does not cancel", f"'{term}'"))
        base = self._reader.floats(self._at.read(vector), self._axes, vector=True)
        unit = np.ones([1] * (1 + len(self._axes))) if self._is_of_one_degree() else self._reader.unit(len(self._axes))
        node = solver.Length(float(factor), base, self._reader.norm_p(), unit)
        self._leaves.append((term, factor))
        self._lengths.append(node)
        return _Part(term, node)

    def _is_of_one_degree(self) -> bool:
        """Say whether all of the function is of one degree in lengths, so that it has its least value in any units."""
        degrees = set(_degrees(self._term.body, self._y, Fraction(1)))
        return len(degrees) == 1 and None not in degrees

    def _refused(self, term: Term) -> TermError:
        whole = "" if term == self._term.body else f" in '{self._term}'"
        return TermError(explain("infimum", _CONVEX.format(self._y), f"'{term}'{whole}"))


_REDUCED = (Reduction.MAX, Reduction.MEAN, Reduction.SUM)


def _degrees(term: Scalar, y: Variable, outside: Fraction) -> list[Fraction | None]:
    """Return the powers of lengths that a function is made of, None for what the vector does not occur in."""
    if y not in term.variables():
        return [None]
    if isinstance(term, Norm):
        return [outside]
    if isinstance(term, Power):
        return _degrees(term.base, y, outside * term.exponent)
    below = [child for child in term.children if isinstance(child, Scalar)]
    if isinstance(term, Multiply):
        below = [child for child in below if y in child.variables()]
    return [degree for child in below for degree in _degrees(child, y, outside)]


# ------------------------------------------------------------------------------------------------------------- from below


class _Minorant(Generic[Value]):
    """Evaluates a minorant, affine in the variable, at the vector that the reader has for it, and its slope."""

    def __init__(self, reader: Arithmetic[Value], axes: tuple[Index, ...], outer: tuple[Index, ...]) -> None:
        self._reader, self._axes, self._outer = reader, axes, outer

    def _made(self, numbers: Array, over: Iterable[Index], *, vector: bool = False) -> Value:
        kept = {*over, *self._outer} & set(self._axes)
        return self._reader.made(numbers, self._axes, kept, vector=vector)

    def of(self, part: _Part) -> tuple[Value, Value | None]:
        """Return the minorant's value and slope; None for a slope of 0."""
        reader, node = self._reader, part.node
        match node:
            case solver.Fixed():
                return reader.read(part.term), None
            case solver.Length():
                assert isinstance(part.term, Norm)
                direction = self._made(_within_dual_ball(node.direction, node.p), part.term.free(), vector=True)
                value = reader.in_units(reader.along(direction, reader.read(part.term.vector)))
                return value, self._times(reader.read(Constant(Fraction(node.factor))), direction)
            case solver.Plus():
                found = [self.of(below) for below in part.parts]
                slopes = [slope for _, slope in found if slope is not None]
                return reader.added([value for value, _ in found]), reader.added(slopes) if slopes else None
            case solver.Times():
                (factor,) = part.factors
                return self._scaled(reader.read(factor), *self.of(part.parts[0]))
            case solver.Raised():
                return self._raised(part)
            case solver.Over(factors=None):
                return self._most(part, node)
            case solver.Over():
                assert isinstance(part.term, Reduce)
                return self._reduced(part.term, *self.of(part.parts[0]))
            case solver.Chosen():
                return self._chosen(part, node)
        raise AssertionError(node)

    def _times(self, number: Value, vector: Value | None) -> Value | None:
        return None if vector is None else self._reader.scaled(number, vector)

    def _scaled(self, number: Value, value: Value, slope: Value | None) -> tuple[Value, Value | None]:
        return self._reader.multiplied([number, value]), self._times(number, slope)

    def _reduced(self, term: Reduce, value: Value, slope: Value | None) -> tuple[Value, Value | None]:
        # Once for each value of the index, even of what does not depend on it.
        count = self._reader.lengths((term.index,))[1]
        shape = [count if axis == term.index else 1 for axis in self._axes]
        value, slope = self._scaled(self._made(np.ones((1, *shape)), [term.index]), value, slope)
        return (
            self._reader.over(term, value, vector=False),
            None if slope is None else self._reader.over(term, slope, vector=True),
        )

    def _raised(self, part: _Part) -> tuple[Value, Value | None]:
        # Any tangent is below; that where the body is, nearly, is nearest.
        reader = self._reader
        assert isinstance(part.term, Power)
        exponent = part.term.exponent
        size = np.maximum(np.nan_to_num(reader.floats(reader.read(part.term.base), self._axes, vector=False)), 0)
        at = self._made(size, part.term.free())
        slope = [reader.read(Constant(exponent))]
        if exponent > 1:
            slope.append(reader.powered(at, exponent - 1))
        value, gradient = self._scaled(reader.multiplied(slope), *self.of(part.parts[0]))
        besides = reader.multiplied([reader.read(Constant(1 - exponent)), reader.powered(at, exponent)])
        return reader.added([value, besides]), gradient

    def _most(self, part: _Part, node: solver.Over) -> tuple[Value, Value | None]:
        assert isinstance(part.term, Reduce)
        index, reader = part.term.index, self._reader
        shares = self._made(_known(node.shares), {index, *part.parts[0].term.free()})
        value, slope = self._scaled(shares, *self.of(part.parts[0]))
        value = reader.summed(index, value, vector=False)
        slope = None if slope is None else reader.summed(index, slope, vector=True)
        whole = reader.powered(reader.summed(index, shares, vector=False), Fraction(-1))
        return self._scaled(whole, value, slope)

    def _chosen(self, part: _Part, node: solver.Chosen) -> tuple[Value, Value | None]:
        reader, known = self._reader, _known(node.shares)
        shares = [self._made(known[..., place], part.term.free()) for place in range(len(part.parts))]
        found = [self._scaled(share, *self.of(below)) for share, below in zip(shares, part.parts, strict=True)]
        slopes = [slope for _, slope in found if slope is not None]
        whole = reader.powered(reader.added(shares), Fraction(-1))
        return self._scaled(whole, reader.added([value for value, _ in found]), reader.added(slopes))


def _known(shares: Array) -> Array:
    """Return shares without NaN, not all 0."""
    return np.where(np.isfinite(shares), shares, 1.0)


def _within_dual_ball(direction: Float[np.ndarray, "... d"], p: float) -> Float[np.ndarray, "... d"]:
    """Return vectors next to these that are surely in the unit ball of the dual norm."""
    direction = np.nan_to_num(direction, posinf=0.0, neginf=0.0)
    # Rounded down, for a norm of a lower exponent is the larger.
    dual = inf if p == 1 else 1.0 if p == inf else 2.0 if p == 2 else nextafter(p / (p - 1) * (1 - 2.0**-50), 1.0)
    dual = max(dual, 1.0)
    sizes = np.abs(direction)
    most = sizes.max(axis=-1, keepdims=True)
    scaled = sizes / np.where(most > 0, most, 1.0)
    if dual == inf:
        length = scaled.max(axis=-1, keepdims=True)
    elif dual == 2:
        length = np.sqrt((scaled * scaled).sum(axis=-1, keepdims=True))
    else:
        length = (scaled**dual).sum(axis=-1, keepdims=True) ** (1 / dual)
    length = length * most
    share, besides = rounding.norm_of_exact_parts(direction.shape[-1], dual)
    length = length * (1 + 2 * share) + 2 * besides
    # Three roundings of each coordinate are fewer than are taken off.
    found: Array = np.where(length > 1, direction * ((1 - 2.0**-50) / np.where(length > 1, length, 1.0)), direction)
    return found
