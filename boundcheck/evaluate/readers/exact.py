"""Terms on one triple, element by element, in exact numbers; and what balls share with them.

Points are the floats they are, scaled to whole numbers by one power of two a triple. Vectors stay rational as long as
what is done to them is. As in :mod:`boundcheck.evaluate.readers.numeric`, values carry their free indices as named axes and
each sub-term is computed once, so the work grows with the sizes of the collections and not with the term's nesting.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cmp_to_key
from math import inf
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from flint import arb, fmpq, fmpz, fmpz_mat
from jaxtyping import Float, Shaped

from boundcheck.errors import NormError, ParameterError, TermError, explain
from boundcheck.evaluate import certificates, rounding
from boundcheck.evaluate.radicals import (
    BeyondError,
    Exact,
    Radicals,
    largest,
    power,
    rational_of,
    rational_of_float,
    sign,
    total,
)
from boundcheck.evaluate.readers.numeric import Mapped, value_in
from boundcheck.evaluate.readers.ranges import Axes, Ranges, union
from boundcheck.evaluate.relations import of_sign
from boundcheck.evaluate.signs import require_nonnegative
from boundcheck.language import (
    Add,
    Applied,
    Average,
    ClassCount,
    ClassIndex,
    ClassSize,
    Collection,
    Combination,
    Constant,
    Coordinate,
    CoordinateIndex,
    CoordinateWise,
    Cosine,
    Coupling,
    Dimension,
    Drawn,
    Family,
    Function,
    HullDistance,
    Image,
    Index,
    Indicator,
    Infimum,
    Inner,
    Largest,
    Map,
    Member,
    Multiply,
    Norm,
    Parameter,
    PNorm,
    Point,
    Power,
    Reduce,
    Reduction,
    Rules,
    Scalar,
    Scale,
    Sign,
    SignIndex,
    Size,
    Smallest,
    Supremum,
    Term,
    Transport,
    Variable,
    Vector,
    Weights,
    in_order,
    rewrite,
)
from boundcheck.language.letters import with_depends
from boundcheck.language.shapes import Element, collection_of, difference_of_elements, difference_over_two, is_element

__all__ = ["ELEMENTS", "Elements", "ExactReader", "Triple", "TripleReader"]

#: The largest array of exact numbers or balls that is made; what needs more stays as float64 left it.
ELEMENTS = 1 << 18
#: Coordinates of all pairs of points of two collections, above which their distances stay as float64 left them: a second
#: or so.
COORDINATES = 1 << 22
# The one axis of instances that are looked at one by one: before every letter.
_INSTANCE = Index("\0", (Collection("\0", "\0", index="\0", size="\0"),))
# Fewer pairs than this are computed one by one.
_WORTH_SORTING = 256
# Whole p up to this have powers of a length worth computing.
_LARGEST_WHOLE_P = 64

Array: TypeAlias = npt.NDArray[Any]
"""Of Python objects: numbers of any kind."""
#: The shares of rows and of columns, and how many shares are a unit of weight.
Masses: TypeAlias = "tuple[list[int], list[int], int]"
#: A parameter's value: a number, or the terms of which it is the largest.
Given: TypeAlias = "fmpq | tuple[Scalar, ...]"


@dataclass(frozen=True)
class Elements:
    """Numbers with named axes.

    Attributes
    ----------
    value
        Python objects: shape (1, sizes of the axes) for a scalar, with a last axis of d coordinates for a vector (in
        the units that points are scaled to).
    axes
        The free indices, in the order of their letters.
    rational
        Whether every element is a whole or a rational number.
    """

    value: Array
    axes: Axes
    rational: bool


class Triple:
    """The points of one triple of collections as whole numbers, with what is computed from them alone.

    Parameters
    ----------
    points
        Of each collection, shape (size, d), finite.
    p
        Of the p-norm, in [1, inf].
    weights
        Shape (size,), at least 0 and not all 0.
    maps
        What each map stands for.
    partitions
        The sizes of the classes of every family.
    """

    def __init__(
        self,
        points: Mapping[Collection, Float[np.ndarray, "n d"]],
        p: float,
        weights: Mapping[Weights, Float[np.ndarray, " n"]] | None = None,
        maps: Mapping[Map, Mapped] | None = None,
        partitions: Mapping[Family, tuple[int, ...]] | None = None,
    ) -> None:
        self.p = float(p)
        self.maps = dict(maps or {})
        self.floats = {collection: np.asarray(rows, dtype=np.float64) for collection, rows in points.items()}
        self._weights = dict(weights or {})
        self._parts = {collection: _whole_parts(rows) for collection, rows in self.floats.items()}
        exponents = [int(exponent.min()) for _, exponent in self._parts.values()]
        #: Points are whole numbers times two to this power.
        self.exponent = min(exponents)
        if self.exponent >= _NO_EXPONENT:
            self.exponent = 0
        self.unit = fmpq(1 << self.exponent) if self.exponent >= 0 else fmpq(1, 1 << -self.exponent)
        self.dimension = next(iter(self.floats.values())).shape[1]
        # Of the maps and one point, not of this triple, which would then hold itself.
        known, point = self.maps, torch.from_numpy(next(iter(self.floats.values()))[:1])
        self.ranges = Ranges(
            {one: len(rows) for one, rows in self.floats.items()},
            partitions,
            self.dimension,
            lambda space: int(value_in(space, point, known, lambda map: _mapped_of(known, map)).shape[-1]),
        )
        self._whole: dict[Collection, Array] = {}
        self._matrices: dict[Collection, fmpz_mat] = {}
        self._powers: dict[tuple[Collection, Collection, float], Array] = {}
        self._inner: dict[tuple[Collection, Collection], Array] = {}
        self._squares: dict[tuple[Collection, Collection], Array] = {}
        self._hulls: dict[tuple[Collection, Collection], tuple[fmpq, fmpq]] = {}
        #: What solvers found for terms, which is the same for every precision.
        self.solutions: dict[Any, Any] = {}

    def size(self, collection: Collection) -> int:
        """Return the number of points of a collection."""
        return len(self.floats[collection])

    def whole(self, collection: Collection) -> Shaped[np.ndarray, "n d"]:
        """Return a collection's points as Python integers."""
        if collection not in self._whole:
            self._whole[collection] = self._narrowest(collection).astype(object)
        return self._whole[collection]

    def _narrowest(self, collection: Collection) -> Shaped[np.ndarray, "n d"]:
        """Return a collection's points as integers of 64 bits where these hold them, else as Python's."""
        mantissa, exponent = self._parts[collection]
        shift = np.where(mantissa == 0, 0, exponent - self.exponent)
        # Zeros alone have the largest exponent there is, and need no bits.
        bits = int(np.where(mantissa == 0, 0, shift + np.frexp(np.abs(mantissa.astype(np.float64)))[1]).max())
        return mantissa << shift if bits < 63 else mantissa.astype(object) << shift.astype(object)

    def powered_distances(self, a: Collection, b: Collection, p: float) -> Shaped[np.ndarray, "n q"]:
        """Return every Σ|a_i − b_k|ᵖ for a whole p, or the largest |a_i − b_k| for p = ∞, as Python integers."""
        if (a, b, p) not in self._powers:
            count = self.size(a) * self.size(b)
            _require_few((count,))
            most = COORDINATES if p in (1, inf) else ELEMENTS
            if count * self.dimension > most:
                raise BeyondError(f"distances over more than {most} coordinates")
            first, second = self._narrowest(a), self._narrowest(b)
            largest = max(abs(int(end)) for rows in (first, second) for end in (rows.min(), rows.max()))
            # Of a sum of so many differences, each of at most both sizes.
            bits = (2 * largest * self.dimension).bit_length()
            if bits > 62:
                first, second = first.astype(object), second.astype(object)
            if p not in (1, inf):
                rows = [(np.absolute(second.astype(object) - row) ** int(p)).sum(axis=-1) for row in first]
            elif bits <= 62:
                rows = [_over(np.absolute(second - row), p) for row in first]
            elif bits <= 62 + _LIMB and self.dimension < 1 << (62 - _LIMB):
                others = _limbs(second)
                rows = [_over_limbs(*_difference(others, row), p) for row in zip(*_limbs(first), strict=True)]
            else:
                rows = [_over(np.absolute(second - row), p) for row in first]
            self._powers[a, b, p] = np.stack(rows).astype(object)
        return self._powers[a, b, p]

    def squared_distances(self, a: Collection, b: Collection) -> Shaped[np.ndarray, "n q"]:
        """Return every ‖a_i − b_k‖² in Euclidean space, as Python integers."""
        if (a, b) not in self._squares:
            products = self.inner_products(a, b)
            lengths = [(rows * rows).sum(axis=1) for rows in (self.whole(a), self.whole(b))]
            self._squares[a, b] = lengths[0][:, None] + lengths[1][None, :] - 2 * products
        return self._squares[a, b]

    def inner_products(self, a: Collection, b: Collection) -> Shaped[np.ndarray, "n q"]:
        """Return every ⟨a_i, b_k⟩ as Python integers."""
        if (a, b) not in self._inner:
            _require_few((self.size(a), self.size(b)))
            inner = self._matrix(a) * self._matrix(b).transpose()
            products = np.array([int(value) for value in inner.entries()], dtype=object)
            self._inner[a, b] = products.reshape(self.size(a), self.size(b))
        return self._inner[a, b]

    def _matrix(self, collection: Collection) -> fmpz_mat:
        if collection not in self._matrices:
            rows = self.whole(collection)
            self._matrices[collection] = fmpz_mat(rows.shape[0], rows.shape[1], rows.reshape(-1).tolist())
        return self._matrices[collection]

    def ratios(self, weights: Weights) -> Shaped[np.ndarray, " n"]:
        """Return weights as rationals that add up to 1."""
        try:
            given = self._weights[weights]
        except KeyError:
            raise ParameterError(explain(weights.symbol, "weights", "none", f"give {weights.symbol}=")) from None
        values = list(map(rational_of_float, given))
        whole = sum(values, fmpq(0))
        return _objects([value / whole for value in values])

    def hulls(self, a: Collection, b: Collection) -> tuple[fmpq, fmpq]:
        """Return two numbers that the squared distance of two hulls lies between; equal where it is known exactly."""
        if (a, b) not in self._hulls:
            scaled = [np.ldexp(self.floats[c], -_exponent_of(self.floats.values())) for c in (a, b)]
            self._hulls[a, b] = certificates.hull_distance(self.whole(a), self.whole(b), *scaled)
        return self._hulls[a, b]


def _mapped_of(maps: Mapping[Map, Mapped], map: Map) -> Mapped:
    try:
        return maps[map]
    except KeyError:
        raise TermError(explain("term", "one whose map is a known function", f"the map {map}")) from None


class TripleReader(ABC):
    """Evaluates terms on one triple, in numbers that a subclass chooses for what is not rational.

    Parameters
    ----------
    triple
        The points.
    parameters
        The value of each parameter, or the terms whose largest it is.
    """

    def __init__(self, triple: Triple, parameters: Mapping[Parameter, Given]) -> None:
        self.triple = triple
        self.p = triple.p
        self._parameters = parameters
        self._cache: dict[Term, Elements] = {}

    def scalar(self, term: Scalar) -> Any:
        """Return the value of a scalar term without free indices."""
        return self._evaluate(rewrite(term)).value[0]

    def elements(self, term: Scalar) -> Elements:
        """Return the values of a scalar term for all values of its free indices."""
        return self._evaluate(rewrite(term))

    def element(self, term: Scalar, at: Mapping[Index, int]) -> Any:
        """Return the value of a scalar term where its free indices have the values given."""
        found = self.elements(term)
        return found.value[(0, *(at[axis] for axis in found.axes))]

    def instances(self, term: Scalar, indices: Iterable[Index] = ()) -> tuple[Elements, list[tuple[int, ...]]]:
        """Return the values of a scalar term with an axis for every free index, and all places in them that count."""
        found = self.elements(term)
        return self.spread(found, union((found.axes, in_order(with_depends((*term.free(), *indices))))))

    def spread(self, found: Elements, axes: Axes) -> tuple[Elements, list[tuple[int, ...]]]:
        """Return values with axes of other indices too, and all places in them that count, in order."""
        shape = tuple(map(self.extent, axes))
        _require_few(shape)
        value = np.broadcast_to(_align(found.value, found.axes, axes), (1, *shape))
        mask = self.triple.ranges.allowed_together(axes)
        allowed = (
            np.ones(shape, dtype=bool)
            if mask is None
            else np.broadcast_to(_align(mask[0][None], mask[1], axes)[0], shape)
        )
        places = [tuple(map(int, place)) for place in np.argwhere(allowed)]
        return Elements(value, axes, found.rational), places

    def extent(self, index: Index) -> int:
        """Return the length of an index's axis."""
        return self.triple.ranges.extent(index)

    # ------------------------------------------------------------------------------------------- what a subclass says

    @abstractmethod
    def _root(self, value: fmpq | int, degree: int) -> Any:
        """Return the root of that degree of a rational."""

    @abstractmethod
    def _power_of(self, base: Any, exponent: Fraction) -> Any:
        """Return the power of a number that is no rational."""

    @abstractmethod
    def _total(self, values: list[Any]) -> Any:
        """Return the sum of several numbers."""

    @abstractmethod
    def _largest(self, values: list[Any]) -> Any:
        """Return the largest of several numbers."""

    @abstractmethod
    def _ordered(self, values: list[Any]) -> list[Any]:
        """Return numbers in ascending order."""

    @abstractmethod
    def _norm_of_any_p(self, coordinates: list[Any], p: float) -> Any:
        """Return the p-norm of a vector of any numbers, for p other than 1, 2 and ∞."""

    @abstractmethod
    def _value_of(self, function: Function, value: Any) -> Any:
        """Return a declared function's value at a number."""

    @abstractmethod
    def _log_sum_exp(self, values: list[Any]) -> Any:
        """Return the logarithm of the sum of the exponentials of several numbers."""

    @abstractmethod
    def _truth(self, term: Indicator, slack: Any, at: Mapping[Index, int]) -> Any:
        """Return 1 where a comparison is true and 0 where it is not, from its slack where its indices have values given."""

    @abstractmethod
    def _between(self, low: fmpq, high: fmpq) -> Any:
        """Return the root of a number between two."""

    @abstractmethod
    def _infimum(self, term: Infimum) -> Elements:
        """Return the least value of a term over all vectors."""

    @abstractmethod
    def _supremum(self, term: Supremum) -> Elements:
        """Return the greatest value of a term over all vectors of length at most 1."""

    @staticmethod
    def _unbound(variable: Variable) -> Elements:
        raise TermError(explain("term", f"an infimum over {variable} around it", f"{variable} alone"))

    @abstractmethod
    def _transport_of(self, costs: Shaped[np.ndarray, "n q"], masses: Masses | None = None) -> Any:
        """Return the least cost of a coupling for costs given: of uniform measures, or of other masses."""

    # -------------------------------------------------------------------------------------------------------- scalars

    def _evaluate(self, term: Term) -> Elements:
        known = self._cache.get(term)
        if known is None:
            known = self._cache[term] = self._compute(term)
        return known

    def _compute(self, term: Term) -> Elements:
        return RULES.of(term)(self, term)

    def _all(self, terms: Iterable[Term]) -> list[Elements]:
        return [self._evaluate(term) for term in terms]

    def _number(self, value: Any) -> Elements:
        return Elements(_objects([value]), (), isinstance(value, fmpq))

    def _scalars(self, values: Sequence[Any], axes: Axes, shape: tuple[int, ...] = ()) -> Elements:
        array = _objects(values).reshape((1, *shape))
        return Elements(array, axes, all(map(_is_rational, values)))

    def _parameter(self, term: Term, symbol: str) -> Elements:
        given = self._parameters.get(term) if isinstance(term, Parameter) else None
        if given is None:
            raise ParameterError(explain(symbol, "a value", "none", f"give {symbol}="))
        if not isinstance(given, tuple):
            return self._number(given)
        return self._choose([self._evaluate(rewrite(each)) for each in given], highest=True)

    def _folded(self, parts: list[Elements], operation: Callable[[Any, Any], Any]) -> Elements:
        values, axes = _aligned(parts)
        value = values[0]
        for other in values[1:]:
            _require_few(np.broadcast_shapes(value.shape, other.shape))
            value = _on_different(operation, value, other)
        return Elements(value, axes, all(part.rational for part in parts))

    def _power(self, base: Scalar, exponent: Fraction) -> Elements:
        euclidean = (type(base) is Norm and self.p == 2) or (type(base) is PNorm and base.p == 2)
        if euclidean and exponent.denominator == 1 and exponent % 2 == 0:
            # A square needs no root.
            assert isinstance(base, (Norm, PNorm))
            squares = self._squared_norm(base.vector)
            unit = self.triple.unit * self.triple.unit if base.vector.reached_by is None else fmpq(1)
            known, exponent = Elements(unit * squares.value, squares.axes, squares.rational), exponent / 2
        else:
            known = self._evaluate(base)
        raised = _of_different(lambda value: self._raised(value, exponent), known.value)
        return self._scalars(raised, known.axes, known.value.shape[1:])

    def _raised(self, value: Any, exponent: Fraction) -> Any:
        if exponent == 1:
            return value
        if _is_rational(value):
            rational = rational_of(value)
            above, below = exponent.numerator, exponent.denominator
            if rational == 0 and above < 0:
                return self._undefined()
            if below == 1:
                return power(rational, above)
            return self._root(rational**above if rational >= 0 else rational, below)
        return self._power_of(value, exponent)

    def _undefined(self) -> Any:
        raise BeyondError("a division by 0")

    def _choose(self, parts: list[Elements], highest: bool) -> Elements:
        values, axes = _aligned(parts)
        shape = np.broadcast_shapes(*(value.shape for value in values))
        _require_few(shape)
        stacked = np.stack([np.broadcast_to(value, shape) for value in values], axis=-1)
        return self._along(stacked, -1, axes, self._most if highest else self._least)

    def _most(self, values: list[Any]) -> Any:
        values = _different(values)
        return values[0] if len(values) == 1 else self._largest(values)

    def _least(self, values: list[Any]) -> Any:
        values = _different(values)
        return values[0] if len(values) == 1 else -self._largest([-value for value in values])

    def _reduce(self, kind: Reduction, index: Index, body: Elements, weights: Weights | None) -> Elements:
        if kind in (Reduction.MAX, Reduction.MIN):
            return self._extreme(kind, index, body)
        if kind is Reduction.LOG_SUM_EXP:
            return self._over(index, body, self._log_sum_exp)
        return self._mean_or_sum(kind, index, body, weights)

    def _extreme(self, kind: Reduction, index: Index, body: Elements) -> Elements:
        # Copies change neither.
        return self._over(index, body, self._most if kind is Reduction.MAX else self._least, copies=True)

    def _over(
        self, index: Index, body: Elements, function: Callable[[list[Any]], Any], *, copies: bool = False
    ) -> Elements:
        """Apply a function of several numbers to those that a body has over an index; of a vector, by coordinate."""
        body, mask = self._ragged(index, body, copies=copies)
        at = 1 + body.axes.index(index)
        axes = tuple(axis for axis in body.axes if axis != index)
        if mask is None:
            return self._along(body.value, at, axes, function)
        value, mask = (np.moveaxis(array, at, -1) for array in (body.value, np.broadcast_to(mask, body.value.shape)))
        pairs = zip(value.reshape(-1, value.shape[-1]), mask.reshape(-1, value.shape[-1]), strict=True)
        found = _objects([function(row[here].tolist()) for row, here in pairs]).reshape(value.shape[:-1])
        return Elements(found, axes, all(map(_is_rational, found.flat)))

    def _ragged(self, index: Index, body: Elements, *, copies: bool = False) -> tuple[Elements, Array | None]:
        """Return what is to be reduced over an index, and where it counts, of a shape to go with it; None: everywhere."""
        allowed = self.triple.ranges.allowed(index, copies=copies)
        if allowed is None:
            return body, None
        together = union((allowed[1], body.axes))
        mask = _align(allowed[0][None], allowed[1], together)
        value = _align(body.value, body.axes, together)
        shape = np.broadcast_shapes(mask.shape, value.shape[: mask.ndim])
        _require_few(shape)
        mask = mask.reshape(mask.shape + (1,) * (value.ndim - mask.ndim))
        return Elements(np.broadcast_to(value, shape + value.shape[len(shape) :]), together, body.rational), mask

    def _applied(self, function: Function, argument: Elements) -> Elements:
        values = [self._value_of(function, value) for value in argument.value.flat]
        return self._scalars(values, argument.axes, argument.value.shape[1:])

    def _indicator(self, term: Indicator) -> Elements:
        slack = self._folded(self._all((term.rhs, term.lhs)), lambda a, b: a - b)
        places = np.ndindex(slack.value.shape[1:])
        found = [
            self._truth(term, slack.value[(0, *place)], dict(zip(slack.axes, place, strict=True))) for place in places
        ]
        return self._scalars(found, slack.axes, slack.value.shape[1:])

    # ------------------------------------------------------------------------------------------------- inner products

    def _inner(self, u: Vector, v: Vector) -> Elements:
        """Return inner products in the units that the vectors' coordinates are in, squared."""
        match u, v:
            case (Point() | Member(), Point() | Member()) if {type(u), type(v)} <= {Point, Member}:
                known = self._of_two_elements(u, v, self.triple.inner_products)
                if known is not None:
                    return known
        parts = self._all((u, v))
        (left, right), axes = _aligned(parts)
        _require_few(np.broadcast_shapes(left.shape, right.shape))
        products = left * right
        if all(part.rational for part in parts):
            return Elements(products.sum(axis=-1), axes, True)
        return self._along(products, -1, axes, self._total)

    def _inner_product(self, u: Vector, v: Vector) -> Elements:
        inner = self._inner(u, v)
        # A map's values are in units of their own.
        return inner if u.reached_by is not None else self._scaled(self._scaled(inner))

    def _cosine(self, u: Vector, v: Vector) -> Elements:
        parts = [self._inner(u, v), self._squared_norm(u), self._squared_norm(v)]
        values, axes = _aligned(parts)
        whole = np.broadcast_arrays(*values)
        found = [self._cosine_of(*numbers) for numbers in zip(*(part.flat for part in whole), strict=True)]
        return self._scalars(found, axes, whole[0].shape[1:])

    def _cosine_of(self, inner: Any, first: Any, second: Any) -> Any:
        if all(map(_is_rational, (inner, first, second))):
            square = rational_of(first) * rational_of(second)
            # One root, which is rational where the cosine is.
            return rational_of(inner) * self._root(1 / square, 2) if square != 0 else self._undefined()
        return self._raised(first * second, Fraction(-1, 2)) * inner

    def _along(self, value: Array, at: int, axes: Axes, function: Callable[[list[Any]], Any]) -> Elements:
        """Apply a function of several numbers along an axis."""
        moved = np.moveaxis(value, at, -1)
        rows = moved.reshape(-1, moved.shape[-1])
        found = _objects([function(row) for row in rows.tolist()]).reshape(moved.shape[:-1])
        return Elements(found, axes, all(map(_is_rational, found.flat)))

    def _mean_or_sum(self, kind: Reduction, index: Index, body: Elements, weights: Weights | None) -> Elements:
        body, mask = self._ragged(index, body)
        at = 1 + body.axes.index(index)
        axes = tuple(axis for axis in body.axes if axis != index)
        value = body.value
        if weights is not None:
            ratios = self.triple.ratios(weights)
            value = value * ratios.reshape([-1 if axis == at else 1 for axis in range(value.ndim)])
        if mask is not None:
            value = np.where(mask, value, _objects([fmpq(0)]))
        added = Elements(value.sum(axis=at), axes, True) if body.rational else self._along(value, at, axes, self._total)
        if kind is not Reduction.MEAN or weights is not None:
            return added
        if mask is None:
            return Elements(added.value * fmpq(1, body.value.shape[at]), axes, added.rational)
        shares = np.frompyfunc(lambda count: fmpq(1, int(count)), 1, 1)(mask.sum(axis=at))
        return Elements(added.value * shares, axes, added.rational)

    # -------------------------------------------------------------------------------------------------------- vectors

    def _average(self, term: Average) -> Elements:
        return self._mean_or_sum(term.kind, term.index, self._evaluate(term.body), term.weights)

    def _coordinate_wise(self, term: CoordinateWise) -> Elements:
        body = self._evaluate(term.body)
        if term.kind is Reduction.MEDIAN:
            return self._over(term.index, body, self._median)
        return self._extreme(term.kind, term.index, body)

    def _element(self, collection: Collection, index: Index) -> Elements:
        """Return points by an index: of a collection, or of the classes of a family."""
        if type(index) is Index:
            return Elements(self.triple.whole(collection)[None], (index,), True)
        places, axes = self.triple.ranges.elements(index)
        _require_few(places.shape)
        return Elements(self.triple.whole(collection)[places][None], axes, True)

    def _class_size(self, family: Family, index: ClassIndex) -> Elements:
        return self._scalars([fmpq(size) for size in self.triple.ranges.partitions[family]], (index,), (-1,))

    def _sign(self, signs: SignIndex, index: Index) -> Elements:
        found, axes = self.triple.ranges.signs(signs, index)
        _require_few(found.shape)
        return Elements(found.astype(object)[None], axes, True)

    def _coordinate(self, vector: Vector, index: CoordinateIndex) -> Elements:
        """Return a coordinate of a vector, in its own units: a named axis in place of the last."""
        known = self._evaluate(vector)
        axes = union((known.axes, (index,)))
        value = np.moveaxis(known.value, -1, 1 + axes.index(index))
        moved = Elements(value, axes, known.rational)
        return moved if vector.reached_by is not None else self._scaled(moved)

    def _scale(self, term: Scale) -> Elements:
        return self._times(self._evaluate(term.factor), self._evaluate(term.vector))

    def _times(self, number: Elements, vector: Elements) -> Elements:
        axes = union((number.axes, vector.axes))
        scaled = _align(number.value, number.axes, axes)[..., None] * _align(vector.value, vector.axes, axes)
        return Elements(scaled, axes, number.rational and vector.rational)

    def _hull_distance(self, a: Collection, b: Collection) -> Elements:
        if self.p != 2:
            raise NormError(explain("norm", "p = 2 for a distance of hulls", f"{self.p:g}"))
        low, high = self.triple.hulls(a, b)
        return self._scalars([self.triple.unit * self._between(low, high)], ())

    def _image(self, map: Map, vector: Vector) -> Elements:
        """Return a map's values: those at the floats nearest to a vector, exact if they are the vector itself."""
        mapped = self._mapped(map)
        known = self._evaluate(vector)
        if is_element(vector):
            # Itself, and nothing is to be rounded.
            floats = self.triple.floats[collection_of(vector)][self.triple.ranges.elements(vector.index)[0]][None]
        else:
            # Values of other maps are in units of their own.
            unit = self.triple.unit if vector.reached_by is None else fmpq(1)
            known = Elements(unit * known.value, known.axes, known.rational)
            floats = np.array([nearest_float(value) for value in known.value.flat]).reshape(known.value.shape)
        given = torch.from_numpy(np.ascontiguousarray(floats)).reshape(-1, floats.shape[-1])
        values = mapped.function(given).detach().cpu().numpy()
        shape = (*known.value.shape[:-1], values.shape[-1])
        if not (np.isfinite(floats).all() and np.isfinite(values).all()):
            raise BeyondError("a map's value that is not finite")
        image = _objects([rational_of_float(value) for value in values.ravel().tolist()]).reshape(shape)
        if is_element(vector):
            return Elements(image, known.axes, True)
        off = known.value - np.frompyfunc(rational_of_float, 1, 1)(floats)
        if all(_is_rational(value) and value == 0 for value in off.flat):
            return Elements(image, known.axes, True)
        if mapped.constant is None:
            raise BeyondError("a value of a map of which nothing is known between floats")
        constant = self._evaluate(rewrite(mapped.constant)).value[0]
        return Elements(self._around(image, off, constant), known.axes, False)

    def _mapped(self, map: Map) -> Mapped:
        return _mapped_of(self.triple.maps, map)

    @abstractmethod
    def _around(self, image: Array, off: Array, constant: Any) -> Array:
        """Return a map's values at vectors that its arguments are off from, where it is Lipschitz with a constant."""

    def _median(self, values: list[Any]) -> Any:
        ordered = sorted(values) if all(map(_is_rational, values)) else self._ordered(values)
        return (ordered[(len(values) - 1) // 2] + ordered[len(values) // 2]) * fmpq(1, 2)

    def _combine(self, parts: tuple[tuple[Fraction, Vector], ...]) -> Elements:
        if not parts:
            return Elements(_objects([0] * self.triple.dimension)[None], (), True)
        named = [self._evaluate(vector) for _, vector in parts]
        values, axes = _aligned(named)
        shape = np.broadcast_shapes(*(value.shape for value in values))
        _require_few(shape)
        added: Any = 0
        for (coefficient, _), value in zip(parts, values, strict=True):
            if coefficient.denominator == 1:
                added = added + value if coefficient == 1 else added + value * coefficient.numerator
            else:
                added = added + value * fmpq(coefficient.numerator, coefficient.denominator)
        return Elements(added, axes, all(part.rational for part in named))

    # ---------------------------------------------------------------------------------------------------------- norms

    def _norm(self, vector: Vector, p: float) -> Elements:
        if self._is_of_one_value(vector):
            return self._number(fmpq(0))
        length = self._length(vector, p)
        # A map's values are in units of their own.
        return length if vector.reached_by is not None else self._scaled(length)

    def _is_of_one_value(self, vector: Vector) -> bool:
        """Say whether a vector is a difference of a map's values at one point, which need not be known to be equal."""
        match vector:
            case Combination(((one, Image(_, u)), (other, Image(_, v)))) if one + other == 0 and not vector.free():
                parts = self._evaluate(u), self._evaluate(v)
                return all(part.rational for part in parts) and bool((parts[0].value == parts[1].value).all())
        return False

    def _length(self, vector: Vector, p: float) -> Elements:
        """Return the norm in the units that the vector's coordinates are in."""
        if p == 2:
            squares = self._squared_norm(vector)
            roots = _of_different(lambda value: self._raised(value, Fraction(1, 2)), squares.value)
            return self._scalars(roots, squares.axes, squares.value.shape[1:])
        whole = p.is_integer() and p <= _LARGEST_WHOLE_P
        between = self._between_elements(vector, self.triple.powered_distances, p) if whole or p == inf else None
        if between is not None:
            powers, axes = between.value, between.axes
            return Elements(powers, axes, True) if p in (1, inf) else self._roots(powers, axes, p)
        known = self._evaluate(vector)
        if p == 1:
            if known.rational:
                return Elements(self._absolute(known).sum(axis=-1), known.axes, True)
            return self._along(self._absolute(known), -1, known.axes, self._total)
        if p == inf:
            return self._along(self._absolute(known), -1, known.axes, self._most)
        if known.rational and whole:
            return self._roots((self._absolute(known) ** int(p)).sum(axis=-1), known.axes, p)
        return self._along(known.value, -1, known.axes, lambda coordinates: self._norm_of_any_p(coordinates, p))

    def _roots(self, powers: Array, axes: Axes, p: float) -> Elements:
        roots = _of_different(lambda value: self._root(value, int(p)), powers)
        return self._scalars(roots, axes, powers.shape[1:])

    def _absolute(self, vector: Elements) -> Array:
        absolute: Array = np.absolute(vector.value)
        return absolute

    def _scaled(self, known: Elements) -> Elements:
        scaled = _of_different(lambda value: self.triple.unit * value, known.value)
        return Elements(_objects(scaled).reshape(known.value.shape), known.axes, known.rational)

    def _squared_norm(self, vector: Vector) -> Elements:
        """Return squared Euclidean norms in the units that points are scaled to."""
        between = self._between_elements(vector, self.triple.squared_distances)
        if between is not None:
            return between
        known = self._evaluate(vector)
        if known.rational:
            return Elements((known.value * known.value).sum(axis=-1), known.axes, True)
        squares = np.frompyfunc(lambda value: self._raised(value, Fraction(2)), 1, 1)(known.value)
        return self._along(squares, -1, known.axes, self._total)

    def _between_elements(self, vector: Vector, measured: Callable[..., Array], *order: float) -> Elements | None:
        """Return what is measured of every two points where a vector is a difference of such over two indices."""
        pair = difference_over_two(vector)
        if pair is not None:
            a, b = pair
            return Elements(measured(a.collection, b.collection, *order)[None], (a.index, b.index), True)
        elements = difference_of_elements(vector)
        return None if elements is None else self._of_two_elements(*elements, measured, *order)

    def _of_two_elements(
        self, a: Element, b: Element, measured: Callable[..., Array], *order: float
    ) -> Elements | None:
        """Return what is measured of every two points, one by each of two indices."""
        if a.index == b.index:
            return None
        rows, columns = ((collection_of(one), self.triple.ranges.elements(one.index)) for one in (a, b))
        if self.triple.size(rows[0]) * self.triple.size(columns[0]) > ELEMENTS:
            # Fewer may be asked for than there are.
            return None
        axes = union((rows[1][1], columns[1][1]))
        first, second = (_align(places[None], own, axes)[0] for places, own in (rows[1], columns[1]))
        _require_few(np.broadcast_shapes(first.shape, second.shape))
        return Elements(measured(rows[0], columns[0], *order)[first, second][None], axes, True)

    def _transport(self, a: Collection, b: Collection) -> Elements:
        # Two letters in their order, whatever the collections' own are.
        if self.triple.size(a) * self.triple.size(b) > certificates.LARGEST_PLAN:
            raise BeyondError(f"a coupling of more than {certificates.LARGEST_PLAN} pairs")
        first, second = Index("i", (a,)), Index("j", (b,))
        distances = self._norm(a[first] - b[second], self.p).value[0]
        return self._scalars([self._transport_of(distances)], ())

    def _coupling(self, term: Coupling) -> Elements:
        """Return the least cost of a coupling: where a part alone is moved, the rest goes to and from nowhere for nothing."""
        body = self._evaluate(term.body)
        axes = union((body.axes, (term.first, term.second)))
        outer = tuple(axis for axis in axes if axis not in (term.first, term.second))
        sizes = [self.extent(index) for index in (term.first, term.second)]
        if math.prod(sizes) > certificates.LARGEST_PLAN:
            raise BeyondError(f"a coupling of more than {certificates.LARGEST_PLAN} pairs")
        shape = tuple(map(self.extent, axes))
        _require_few(shape)
        value = np.broadcast_to(_align(body.value, body.axes, axes), (1, *shape))
        value = np.moveaxis(value, [1 + axes.index(index) for index in (term.first, term.second)], [-2, -1])
        sides = [
            [fmpq(1, size)] * size if weights is None else list(self.triple.ratios(weights))
            for weights, size in zip((term.of_first, term.of_second), sizes, strict=True)
        ]
        left = fmpq(1) - fmpq(term.mass.numerator, term.mass.denominator)
        if left:
            require_nonnegative(term)
            sides = [[*side, left] for side in sides]
        shares = math.lcm(*(int(one.q) for side in sides for one in side))
        rows, columns = ([int((one * shares).p) for one in side] for side in sides)
        found = []
        for costs in value.reshape(-1, *sizes):
            padded = np.full((len(rows), len(columns)), fmpq(0), dtype=object)
            padded[: sizes[0], : sizes[1]] = costs
            found.append(self._transport_of(padded, (rows, columns, shares)))
        return self._scalars(found, outer, value.shape[1:-2])


class ExactReader(TripleReader):
    """Evaluates terms in exact numbers.

    Parameters
    ----------
    triple, parameters
        See :class:`TripleReader`.
    near
        What gives a term's values as balls. With it, of the largest of many, those are computed exactly that balls leave
        in question.

    Raises
    ------
    BeyondError
        From :meth:`scalar`, where a value has no exact form here, or too long a one.
    """

    def __init__(
        self,
        triple: Triple,
        parameters: Mapping[Parameter, Given],
        near: Callable[[Scalar], Elements] | None = None,
    ) -> None:
        super().__init__(triple, parameters)
        self._near = near

    def _compute(self, term: Term) -> Elements:
        if self._near is not None and type(term) is Reduce and term.kind in (Reduction.MAX, Reduction.MIN):
            found = self._extreme_of_few(term, self._near)
            if found is not None:
                return found
        return super()._compute(term)

    def _extreme_of_few(self, term: Reduce, near: Callable[[Scalar], Elements]) -> Elements | None:
        """Return an extreme over all of many instances, from those alone that may be it; None where that is no help."""
        kind, indices, body = term.kind, [term.index], term.body
        while type(body) is Reduce and body.kind is kind and body.weights is None:
            indices.append(body.index)
            body = body.body
        # Not all values of an index that is apart from others are instances.
        apart = any(index.depends for index in indices)
        if len(indices) < 3 or apart or term.free() or body.free() != set(indices):
            return None
        known = near(body)
        if known.value.size < _WORTH_SORTING or set(known.axes) != set(indices):
            return None
        ends = [arb(value) if kind is Reduction.MAX else -arb(value) for value in known.value.flat]
        if not all(ball.is_finite() for ball in ends):
            return None
        least = ends[0].lower()
        for ball in ends[1:]:
            least = least.max(ball.lower())
        left = [place for place, ball in enumerate(ends) if not ball.upper() < least]
        positions = np.unravel_index(left, known.value.shape[1:])
        instances = _Instances(self, dict(zip(known.axes, positions, strict=True)))
        values = list(instances.elements(body).value.flat)
        return self._number(self._most(values) if kind is Reduction.MAX else self._least(values))

    def _root(self, value: fmpq | int, degree: int) -> Exact:
        return Radicals.root(value, degree)

    def _power_of(self, base: Radicals, exponent: Fraction) -> Exact:
        return base.power(exponent.numerator, exponent.denominator)

    def _total(self, values: list[Exact]) -> Exact:
        return total(values)

    def _largest(self, values: list[Exact]) -> Exact:
        return largest(values)

    def _ordered(self, values: list[Exact]) -> list[Exact]:
        return sorted(values, key=cmp_to_key(_order))

    def _around(self, image: Array, off: Array, constant: Any) -> Array:
        raise BeyondError("a value of a map between floats")

    def _norm_of_any_p(self, coordinates: list[Any], p: float) -> Exact:
        if not all(map(_is_rational, coordinates)):
            raise BeyondError("the norm of a vector that is not rational")
        return Radicals.norm(coordinates, p)

    def _value_of(self, function: Function, value: Any) -> Exact:
        number = value.collected() if isinstance(value, Radicals) else rational_of(value)
        found = None if function.exact is None else function.exact(number)
        if found is None:
            raise BeyondError(f"a value of {function} that has no exact form")
        return found if isinstance(found, Radicals) else rational_of(found)

    def _log_sum_exp(self, values: list[Any]) -> Exact:
        if len(values) > 1:
            raise BeyondError("a sum of exponentials")
        only: Exact = values[0]
        return only

    def _truth(self, term: Indicator, slack: Any, at: Mapping[Index, int]) -> Exact:
        side = sign(slack if isinstance(slack, Radicals) else rational_of(slack))
        return fmpq(int(of_sign(term.relation, side)))

    def _between(self, low: fmpq, high: fmpq) -> Exact:
        if low != high:
            raise BeyondError("a distance of hulls whose nearest points were not found exactly")
        return Radicals.root(low, 2)

    def _supremum(self, term: Supremum) -> Elements:
        raise BeyondError("a supremum, which is known between two bounds")

    def _infimum(self, term: Infimum) -> Elements:
        # Loads the solver, which most terms do not need.
        from boundcheck.evaluate.readers.infima_of_triples import exactly

        found = exactly(self, term)
        if found is not None:
            return found
        raise BeyondError("an infimum, which is known between two bounds")

    def _transport_of(self, costs: Array, masses: Masses | None = None) -> Exact:
        plan = certificates.plan_for(costs, None if masses is None else masses[:2])
        found = certificates.improved(plan, costs, lambda a, b: sign(b - a) > 0)
        if found is None:
            raise BeyondError("a cheapest coupling that was not found exactly")
        cost: Exact = certificates.cost_of(found[0], costs, total, None if masses is None else masses[2])
        return cost


class _Instances(ExactReader):
    """Evaluates terms at some values of their indices alone: one axis, in place of all that are given values.

    What has two indices at most is looked up among the values that the reader of all instances has.

    Parameters
    ----------
    every
        The reader of all instances.
    at
        The values of each index, shape (c,).
    """

    def __init__(self, every: ExactReader, at: Mapping[Index, npt.NDArray[np.int64]]) -> None:
        super().__init__(every.triple, every._parameters)
        self._every, self._at = every, dict(at)

    def elements(self, term: Scalar) -> Elements:
        # Of what was rewritten already.
        return self._evaluate(term)

    def _compute(self, term: Term) -> Elements:
        free = term.free()
        if not free & self._at.keys():
            return self._every._evaluate(term)
        if len(free) > 2:
            return super()._compute(term)
        known = self._every._evaluate(term)
        own = [1 + place for place, axis in enumerate(known.axes) if axis in self._at]
        others = tuple(axis for axis in known.axes if axis not in self._at)
        moved = np.moveaxis(known.value, own, range(1, 1 + len(own)))[0]
        picked = moved[tuple(self._at[axis] for axis in known.axes if axis in self._at)]
        return Elements(picked[None], (_INSTANCE, *others), known.rational)


# ----------------------------------------------------------------------------------------------------- points as integers

_NO_EXPONENT = 1 << 20
# Bits of the lower of two integers that make up one of more than 64 bits: few enough that thousands add up in 64.
_LIMB = 48


def _whole_parts(rows: Array) -> tuple[Array, Array]:
    """Return odd whole numbers m and exponents e with m·2**e the floats; 0 for 0."""
    fraction, exponent = np.frexp(rows)
    mantissa = (fraction * 2.0**53).astype(np.int64)
    lowest = mantissa & -mantissa
    twos = np.where(mantissa == 0, 0, np.frexp(lowest.astype(np.float64))[1] - 1)
    found = np.where(mantissa == 0, _NO_EXPONENT, exponent.astype(np.int64) - 53 + twos)
    return mantissa >> twos, found


def nearest_float(value: Any) -> float:
    """Return a float next to a number of any kind."""
    if isinstance(value, (int, fmpz)):
        value = fmpq(value)
    if isinstance(value, fmpq):
        return rounding.nearest(Fraction(int(value.p), int(value.q)))
    return float((value.ball() if isinstance(value, Radicals) else value).mid())


def _over(sizes: Array, p: float) -> Array:
    """Return the sum of sizes, or the largest for p = ∞, along the last axis."""
    found: Array = sizes.max(axis=-1) if p == inf else sizes.sum(axis=-1)
    return found


def _over_limbs(high: Array, low: Array, p: float) -> Array:
    """Return the same of the limbs of sizes."""
    if p == inf:
        highest = high.max(axis=-1)
        low = np.where(high == highest[:, None], low, 0).max(axis=-1)
    else:
        highest, low = high.sum(axis=-1), low.sum(axis=-1)
    found: Array = (highest.astype(object) << _LIMB) + low
    return found


def _limbs(rows: Array) -> tuple[Array, Array]:
    """Return h and l with h·2**_LIMB + l the numbers, and l from 0 to below 2**_LIMB, in 64 bits each."""
    return (rows >> _LIMB).astype(np.int64), (rows & ((1 << _LIMB) - 1)).astype(np.int64)


def _difference(one: tuple[Array, Array], other: tuple[Array, Array]) -> tuple[Array, Array]:
    """Return the limbs of |a − b|."""
    high, low = one[0] - other[0], one[1] - other[1]
    high, low = high + (low >> _LIMB), low & ((1 << _LIMB) - 1)
    below = high < 0
    opposite = -low
    return (
        np.where(below, -high + (opposite >> _LIMB), high),
        np.where(below, opposite & ((1 << _LIMB) - 1), low),
    )


def _exponent_of(arrays: Any) -> int:
    return max(int(np.frexp(np.abs(rows).max())[1]) for rows in arrays)


def _order(a: Exact, b: Exact) -> int:
    return sign(a - b)


# ------------------------------------------------------------------------------------------------------------ named axes


def _objects(values: Sequence[Any]) -> Array:
    """Return an array of these objects, whatever sequences they may be."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _is_rational(value: Any) -> bool:
    return isinstance(value, (int, fmpq, fmpz))


def _of_different(function: Callable[[Any], Any], values: Array) -> list[Any]:
    """Return a function's value at every element, in their order, computed once for equal ones.

    What comes of equal elements is one object: further on, it is known to be the same by that.
    """
    known: dict[Any, Any] = {}
    by_object: dict[int, Any] = {}
    found = []
    for value in values.flat:
        one = by_object.get(id(value), known)
        if one is known:
            key = _key(value)
            if key not in known:
                known[key] = function(value)
            one = by_object[id(value)] = known[key]
        found.append(one)
    return found


def _on_different(operation: Callable[[Any, Any], Any], a: Array, b: Array) -> Array:
    """Return an operation's value at every pair of elements of two arrays of as many axes, once for each two objects.

    Of a statement over several indices, most instances are others with the indices exchanged, or some of them equal.
    """
    shape = np.broadcast_shapes(a.shape, b.shape)
    if math.prod(shape) < _WORTH_SORTING:
        plain: Array = operation(a, b)
        return plain
    (left, one), (right, other) = _coded(a), _coded(b)
    pairs = (one * len(right) + other).reshape(-1)
    different, places = np.unique(pairs, return_inverse=True)
    made: dict[Any, Any] = {}
    results = []
    for pair in different.tolist():
        result = operation(left[pair // len(right)], right[pair % len(right)])
        results.append(made.setdefault(_key(result), result))
    found: Array = _objects(results)[places.reshape(-1)].reshape(shape)
    return found


def _coded(values: Array) -> tuple[list[Any], npt.NDArray[np.int64]]:
    """Return the different objects of an array, and the place of each element among them."""
    identities = np.fromiter(map(id, values.flat), dtype=np.int64, count=values.size)
    _, first, codes = np.unique(identities, return_index=True, return_inverse=True)
    flat = values.reshape(-1)
    return [flat[place] for place in first.tolist()], codes.reshape(values.shape)


def _different(values: list[Any]) -> list[Any]:
    """Return the different objects among some numbers."""
    return list({id(value): value for value in values}.values())


def _key(value: Any) -> Any:
    """Return what tells a number from others: rationals and sums of roots by what they are, others by being one object."""
    if isinstance(value, Radicals):
        return value.key
    if isinstance(value, fmpq):
        return int(value.p), int(value.q)
    return (int(value), 1) if _is_rational(value) else id(value)


def _require_few(shape: tuple[int, ...]) -> None:
    if math.prod(shape) > ELEMENTS:
        raise BeyondError(f"an array of more than {ELEMENTS} numbers")


def _align(value: Array, axes: Axes, wanted: Axes) -> Array:
    for position, axis in enumerate(wanted):
        if axis not in axes:
            value = np.expand_dims(value, 1 + position)
    return value


def _aligned(parts: list[Elements]) -> tuple[list[Array], Axes]:
    axes = union(part.axes for part in parts)
    return [_align(part.value, part.axes, axes) for part in parts], axes


#: How each kind of term is evaluated in balls and in exact numbers.
RULES: Rules[Callable[[TripleReader, Any], Elements]] = Rules(
    "the exact reader",
    Term,
    {
        Constant: lambda reader, term: reader._number(fmpq(term.value.numerator, term.value.denominator)),
        Parameter: lambda reader, term: reader._parameter(term, term.symbol),
        Size: lambda reader, term: reader._number(fmpq(reader.triple.size(term.collection))),
        ClassSize: lambda reader, term: reader._class_size(term.family, term.index),
        Sign: lambda reader, term: reader._sign(term.signs, term.index),
        ClassCount: lambda reader, term: reader._number(fmpq(reader.extent(term.family.each))),
        Coordinate: lambda reader, term: reader._coordinate(term.vector, term.index),
        Dimension: lambda reader, term: reader._number(fmpq(reader.triple.dimension)),
        Add: lambda reader, term: reader._folded(reader._all(term.terms), lambda a, b: a + b),
        Multiply: lambda reader, term: reader._folded(reader._all(term.factors), lambda a, b: a * b),
        Power: lambda reader, term: reader._power(term.base, term.exponent),
        Largest: lambda reader, term: reader._choose(reader._all(term.terms), True),
        Smallest: lambda reader, term: reader._choose(reader._all(term.terms), False),
        Reduce: lambda reader, term: reader._reduce(term.kind, term.index, reader._evaluate(term.body), term.weights),
        Norm: lambda reader, term: reader._norm(term.vector, reader.p),
        PNorm: lambda reader, term: reader._norm(term.vector, term.order),
        Inner: lambda reader, term: reader._inner_product(term.u, term.v),
        Cosine: lambda reader, term: reader._cosine(term.u, term.v),
        Applied: lambda reader, term: reader._applied(term.function, reader._evaluate(term.argument)),
        Indicator: lambda reader, term: reader._indicator(term),
        Transport: lambda reader, term: reader._transport(term.a, term.b),
        HullDistance: lambda reader, term: reader._hull_distance(term.a, term.b),
        Infimum: lambda reader, term: reader._infimum(term),
        Coupling: lambda reader, term: reader._coupling(term),
        Supremum: lambda reader, term: reader._supremum(term),
        Variable: lambda reader, term: reader._unbound(term),
        Point: lambda reader, term: reader._element(term.collection, term.index),
        Member: lambda reader, term: reader._element(term.family, term.index),
        Drawn: lambda reader, term: reader._element(term.collection, term.index),
        Combination: lambda reader, term: reader._combine(term.parts),
        Average: lambda reader, term: reader._average(term),
        Scale: lambda reader, term: reader._scale(term),
        CoordinateWise: lambda reader, term: reader._coordinate_wise(term),
        Image: lambda reader, term: reader._image(term.map, term.vector),
    },
)
