"""Terms: small expressions over collections of embedded points.

A term is a frozen tree without numbers in it. Scalars and vectors are different sorts, and a tree that mixes them
fails when it is built. Equality and hashing are structural; ``str(term)`` is readable mathematics.

=====================  =================================================
scalar                 :class:`Constant`, :class:`Parameter`, :class:`Size`, :class:`Dimension`, :class:`Add`,
                       :class:`Multiply`, :class:`Power`, :class:`Largest`, :class:`Smallest`, :class:`Reduce`,
                       :class:`Norm`, :class:`Transport`, :class:`HullDistance`
vector                 :class:`Point`, :class:`Combination`, :class:`Scale`, :class:`Average`, :class:`CoordinateWise`,
                       :class:`Image`
=====================  =================================================
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from numbers import Integral
from typing import Any, TypeAlias, TypeVar, overload

from boundcheck.errors import InvalidTypeError, TermError, explain

Number: TypeAlias = "int | float | Fraction"


class Hashed:
    """The base of terms, of what they are made of and of what is made of them: hashed once, however often it is looked up."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "__hash__" not in cls.__dict__:
            # One of its own in every class: dataclass leaves that as it is, and replaces one that is inherited.
            cls.__hash__ = Hashed.__hash__  # type: ignore[method-assign]

    def __hash__(self) -> int:
        known: int | None = self.__dict__.get("_hash")
        if known is None:
            named = (field.name for field in fields(self) if field.compare)  # type: ignore[arg-type]
            known = hash((type(self), *(getattr(self, name) for name in named)))
            object.__setattr__(self, "_hash", known)
        return known

    def __getstate__(self) -> dict[str, object]:
        # Not what was found out on the way: strings hash differently in another process.
        return {field.name: self.__dict__[field.name] for field in fields(self)}  # type: ignore[arg-type]


@dataclass(frozen=True)
class Collection(Hashed):
    """A finite, non-empty collection of embedded points.

    Parameters
    ----------
    symbol
        The letter its points go by, ``"x"``.
    argument
        The name a caller passes it under, ``"G1"``.
    index
        The letter of its usual index, ``"i"``.
    size
        The letter of its size, ``"n"``.
    role
        What its objects are in a triplet: ``"anchors"``, ``"positives"``, ``"negatives"``.
    """

    symbol: str
    argument: str
    index: str
    size: str
    role: str = ""

    def __post_init__(self) -> None:
        for name in ("symbol", "argument", "index", "size"):
            _require_letter(getattr(self, name), f"{name} of a Collection")

    def __str__(self) -> str:
        return self.symbol

    def __getitem__(self, index: Index) -> Point:
        return Point(self, index)

    # Without this, __getitem__ would make a collection look iterable.
    __iter__ = None

    @property
    def each(self) -> Index:
        """The usual index of this collection."""
        return Index(self.index, (self,))


@dataclass(frozen=True)
class Index(Hashed):
    """A bound variable that runs over the points of a collection.

    An index over several collections pairs their points off (``x_i`` with ``z_i``); a bound that uses one must
    have the premise that those collections are of equal size.
    """

    symbol: str
    collections: tuple[Collection, ...]

    def __post_init__(self) -> None:
        _require_letter(self.symbol, "symbol of an Index")
        if not isinstance(self.collections, tuple):
            raise InvalidTypeError(explain("Index", "a tuple of collections", f"{self.collections!r}"))
        if not self.collections:
            raise TermError(explain("Index", "at least one collection to run over", f"none for {self.symbol!r}"))
        for collection in self.collections:
            _require_collection(collection, "Index")
        if len(set(self.collections)) < len(self.collections):
            over = ", ".join(map(str, self.collections))
            raise TermError(explain("Index", "different collections to run over", f"{over} for {self.symbol!r}"))

    def __str__(self) -> str:
        return self.symbol


@dataclass(frozen=True)
class Weights(Hashed):
    """Non-negative weights of a collection's points, which sum to one.

    Readers take the numbers given for them as ratios: weight ``i`` is ``a_i / sum(a)``.
    """

    symbol: str
    collection: Collection

    def __post_init__(self) -> None:
        _require_letter(self.symbol, "symbol of Weights")
        _require_collection(self.collection, "Weights")

    def __str__(self) -> str:
        return self.symbol


@dataclass(frozen=True)
class Map(Hashed):
    """A map from the embedding space to a normed space of its own, of which nothing is known but what premises say.

    Called on a vector, it gives the term for its value there: ``g(mean(x))``.
    """

    symbol: str

    def __post_init__(self) -> None:
        _require_letter(self.symbol, "symbol of a Map")

    def __call__(self, vector: Vector) -> Image:
        """Return the term for the map's value at a vector."""
        return Image(self, vector)

    def __str__(self) -> str:
        return self.symbol


class Reduction(enum.Enum):
    """What is done with the values that a term takes over an index."""

    MAX = "max"
    MIN = "min"
    MEAN = "mean"
    SUM = "Σ"
    MEDIAN = "median"


@dataclass(frozen=True)
class Term(Hashed):
    """The base of scalars and vectors."""

    def __str__(self) -> str:
        # The printer is of these terms.
        from boundcheck.language.text import text

        return text(self)

    @property
    def children(self) -> tuple[Term, ...]:
        """The terms directly below this one."""
        return ()

    @property
    def bound_index(self) -> Index | None:
        """The index that this node binds, if any."""
        return None

    def mapped(self, change: Callable[[Any], Any]) -> Term:
        """Return the term with `change` applied to the terms directly below it; the same where nothing changes."""
        below = self.children
        return with_parts(self, lambda part: change(part) if isinstance(part, Term) else part) if below else self

    def walk(self) -> Iterator[Term]:
        """Yield this term and every term below it."""
        yield self
        for child in self.children:
            yield from child.walk()

    def free(self) -> frozenset[Index]:
        """Return the indices that nothing in this term binds."""
        below = frozenset[Index]().union(*(child.free() for child in self.children))
        return below - {self.bound_index} if self.bound_index is not None else below

    def collections(self) -> frozenset[Collection]:
        """Return every collection that this term speaks of."""
        return frozenset[Collection]().union(*(child.collections() for child in self.children))

    def parameters(self) -> frozenset[Parameter]:
        """Return every parameter in this term."""
        return frozenset(node for node in self.walk() if isinstance(node, Parameter))

    def maps(self) -> frozenset[Map]:
        """Return every map in this term."""
        return frozenset(node.map for node in self.walk() if isinstance(node, Image))


class Scalar(Term):
    """A term whose value is a real number."""

    def __add__(self, other: Scalar | Number) -> Scalar:
        return Add.of(self, scalar(other))

    def __radd__(self, other: Number) -> Scalar:
        return Add.of(scalar(other), self)

    def __sub__(self, other: Scalar | Number) -> Scalar:
        return Add.of(self, -scalar(other))

    def __rsub__(self, other: Number) -> Scalar:
        return Add.of(scalar(other), -self)

    @overload
    def __mul__(self, other: Vector) -> Vector: ...
    @overload
    def __mul__(self, other: Scalar | Number) -> Scalar: ...
    def __mul__(self, other: Scalar | Number | Vector) -> Term:
        if isinstance(other, Vector):
            return Scale.of(self, other)
        return Multiply.of(self, scalar(other))

    def __rmul__(self, other: Number) -> Scalar:
        return Multiply.of(scalar(other), self)

    def __truediv__(self, other: Scalar | Number) -> Scalar:
        divisor = scalar(other)
        if divisor == Constant(Fraction(0)):
            raise TermError(explain("division", "a divisor other than 0", f"({self}) / 0"))
        return Multiply.of(self, divisor**-1)

    def __rtruediv__(self, other: Number) -> Scalar:
        return Multiply.of(scalar(other), self**-1)

    def __neg__(self) -> Scalar:
        return Multiply.of(Constant(Fraction(-1)), self)

    def __pow__(self, exponent: Number) -> Scalar:
        return Power.of(self, rational(exponent, "exponent"))


class Vector(Term):
    """A term whose value is a point of the embedding space, or of the space that a map leads to."""

    @property
    def reached_by(self) -> Map | None:
        """The map into whose space this vector belongs; None for the embedding space."""
        return next((child.reached_by for child in self.children if isinstance(child, Vector)), None)

    def __add__(self, other: Vector) -> Vector:
        return Combination.of((1, self), (1, other))

    def __sub__(self, other: Vector) -> Vector:
        return Combination.of((1, self), (-1, other))

    def __mul__(self, factor: Scalar | Number) -> Vector:
        return Scale.of(factor, self) if isinstance(factor, Scalar) else Combination.of((factor, self))

    def __rmul__(self, factor: Number) -> Vector:
        return Combination.of((factor, self))

    def __truediv__(self, divisor: Scalar | Number) -> Vector:
        if isinstance(divisor, Scalar):
            return Scale.of(1 / divisor, self)
        number = rational(divisor, "divisor")
        if not number:
            raise TermError(explain("division", "a divisor other than 0", f"({self}) / 0"))
        return Combination.of((1 / number, self))

    def __neg__(self) -> Vector:
        return Combination.of((-1, self))


Made = TypeVar("Made")


def with_parts(made: Made, change: Callable[[Any], Any]) -> Made:
    """Return what is made of fields with `change` applied to every field, to the items of one that is a tuple, and so on.

    The same where nothing changes.
    """

    def changed(value: Any) -> Any:
        return tuple(map(changed, value)) if isinstance(value, tuple) else change(value)

    old = {field.name: getattr(made, field.name) for field in fields(made)}  # type: ignore[arg-type]
    new = {name: changed(value) for name, value in old.items()}
    return made if new == old else replace(made, **new)  # type: ignore[type-var]


def rational(value: object, name: str) -> Fraction:
    """Return `value` as an exact rational; a float stands for the decimal it prints as (1.99 is 199/100)."""
    if isinstance(value, (Term, Collection)):
        kind = "collection" if isinstance(value, Collection) else "term"
        raise InvalidTypeError(explain(name, "a number (int, float or Fraction)", f"the {kind} '{value}'"))
    if isinstance(value, bool) or not isinstance(value, (Integral, float, Fraction)):
        raise InvalidTypeError(explain(name, "a number (int, float or Fraction)", f"{value!r}"))
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            raise TermError(explain(name, "a finite number", f"{value!r}"))
        return Fraction(repr(float(value)))
    return Fraction(value) if isinstance(value, Fraction) else Fraction(int(value))


def _require_letter(value: object, where: str) -> None:
    if not isinstance(value, str) or not value:
        raise InvalidTypeError(explain(where, "a non-empty string", f"{value!r}"))


def _require_collection(value: object, where: str) -> None:
    if not isinstance(value, Collection):
        raise InvalidTypeError(explain(where, "a Collection", f"{value!r}"))


def scalar(value: object) -> Scalar:
    """Return `value` as a scalar term: a term as it is, a number as a :class:`Constant`."""
    if isinstance(value, Scalar):
        return value
    if isinstance(value, Vector):
        raise TermError(explain("term", "a scalar", f"the vector {value}", "take its norm"))
    return Constant(rational(value, "constant"))


def _vector(value: object, where: str) -> Vector:
    if isinstance(value, Vector):
        return value
    if isinstance(value, Scalar):
        raise TermError(explain(where, "a vector (a point, a mean of points, a difference)", f"the scalar {value}"))
    if isinstance(value, Collection):
        raise TermError(
            explain(where, "a vector", f"the collection {value}", f"write mean({value}) or a point, {value}[index]")
        )
    raise InvalidTypeError(explain(where, "a vector term", f"{value!r}"))


# ---------------------------------------------------------------------------------------------------------- scalars


@dataclass(frozen=True)
class Constant(Scalar):
    """An exact rational number."""

    value: Fraction

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", rational(self.value, "constant"))


@dataclass(frozen=True)
class Parameter(Scalar):
    """A real number given with the data, or derived from it by a premise (the least m)."""

    symbol: str

    def __post_init__(self) -> None:
        _require_letter(self.symbol, "symbol of a Parameter")


@dataclass(frozen=True)
class Size(Scalar):
    """The number of points of a collection."""

    collection: Collection

    def __post_init__(self) -> None:
        _require_collection(self.collection, "Size")

    def collections(self) -> frozenset[Collection]:
        """Return the collection counted."""
        return frozenset({self.collection})


@dataclass(frozen=True)
class Dimension(Scalar):
    """The number of coordinates of the embedding space."""


@dataclass(frozen=True)
class _OfTwo(Scalar):
    a: Collection
    b: Collection

    def __post_init__(self) -> None:
        _require_two(self.a, self.b, type(self).__name__)

    def collections(self) -> frozenset[Collection]:
        """Return the two collections."""
        return frozenset({self.a, self.b})


@dataclass(frozen=True)
class Transport(_OfTwo):
    """The Wasserstein-1 distance of the uniform measures on two collections: the least mean distance of a coupling."""


@dataclass(frozen=True)
class HullDistance(_OfTwo):
    """The Euclidean distance of two convex hulls: the largest min ⟨u, a_i⟩ − max ⟨u, b_k⟩ over ‖u‖ ≤ 1."""


@dataclass(frozen=True)
class Add(Scalar):
    """A sum of two or more scalars."""

    terms: tuple[Scalar, ...]

    @classmethod
    def of(cls, *terms: Scalar) -> Scalar:
        """Return the sum, nested sums flattened and zeros dropped."""
        flat: list[Scalar] = []
        for term in terms:
            # What is derived from a sum means something else.
            flat.extend(term.terms if type(term) is Add else (term,))
        flat = [term for term in flat if term != Constant(Fraction(0))]
        if not flat:
            return Constant(Fraction(0))
        return flat[0] if len(flat) == 1 else cls(tuple(flat))

    @property
    def children(self) -> tuple[Scalar, ...]:
        """The summands."""
        return self.terms


@dataclass(frozen=True)
class Multiply(Scalar):
    """A product of two or more scalars, its constant (if any) first."""

    factors: tuple[Scalar, ...]

    @classmethod
    def of(cls, *factors: Scalar) -> Scalar:
        """Return the product, nested products flattened and constants folded into one."""
        constant, rest = Fraction(1), list[Scalar]()
        for factor in factors:
            for part in factor.factors if type(factor) is Multiply else (factor,):
                if type(part) is Constant:
                    constant *= part.value
                else:
                    rest.append(part)
        if not rest or constant == 0:
            return Constant(constant)
        if constant != 1:
            rest.insert(0, Constant(constant))
        return rest[0] if len(rest) == 1 else cls(tuple(rest))

    @property
    def children(self) -> tuple[Scalar, ...]:
        """The factors."""
        return self.factors


@dataclass(frozen=True)
class Power(Scalar):
    """A scalar raised to a rational exponent."""

    base: Scalar
    exponent: Fraction

    @classmethod
    def of(cls, base: Scalar, exponent: Fraction) -> Scalar:
        """Return the power; whole powers of constants are computed."""
        if exponent == 1:
            return base
        if exponent == 0:
            return Constant(Fraction(1))
        if type(base) is Constant and exponent.denominator == 1:
            if base.value == 0 and exponent < 0:
                raise TermError(explain("power", "a base other than 0 under a negative exponent", f"0^({exponent})"))
            return Constant(base.value**exponent.numerator)
        return cls(base, exponent)

    @property
    def children(self) -> tuple[Scalar, ...]:
        """The base."""
        return (self.base,)


@dataclass(frozen=True)
class _Choice(Scalar):
    terms: tuple[Scalar, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "terms", tuple(map(scalar, self.terms)))
        if not self.terms:
            raise TermError(explain(type(self).__name__.lower(), "at least one term", "none"))

    @property
    def children(self) -> tuple[Scalar, ...]:
        """The terms chosen among."""
        return self.terms


@dataclass(frozen=True)
class Largest(_Choice):
    """The largest of a few scalars."""


@dataclass(frozen=True)
class Smallest(_Choice):
    """The smallest of a few scalars."""


@dataclass(frozen=True)
class Norm(Scalar):
    """The norm of a vector, in whatever norm the reader is given."""

    vector: Vector

    def __post_init__(self) -> None:
        _vector(self.vector, "norm")

    @property
    def children(self) -> tuple[Term, ...]:
        """The vector."""
        return (self.vector,)


def _check_reduction(kind: Reduction, index: Index, body: Term, weights: Weights | None) -> None:
    shown = f"{kind.value}_{index} {body}"
    if kind is Reduction.MEDIAN and not isinstance(body, Vector):
        raise TermError(explain("reduction", "a maximum, minimum, mean or sum of scalars", shown))
    if index not in body.free():
        found = ", ".join(sorted(map(str, body.free()))) or "none"
        raise TermError(explain("index", f"one that is free in {body}", f"{index} in {shown!r} (free there: {found})"))
    if weights is not None:
        if not isinstance(weights, Weights):
            raise InvalidTypeError(explain("weights", "Weights of a collection", f"{weights!r} in {shown!r}"))
        if kind is not Reduction.MEAN:
            raise TermError(explain("weights", "a mean to weigh", f"a {kind.name.lower()} in {shown!r}"))
        if weights.collection not in index.collections:
            raise TermError(
                explain(
                    "weights", f"weights of a collection that {index} runs over", f"{weights.collection}'s in {shown!r}"
                )
            )


@dataclass(frozen=True)
class Reduce(Scalar):
    """The maximum, minimum, mean or sum of a scalar over an index; a mean may be weighted."""

    kind: Reduction
    index: Index
    body: Scalar
    weights: Weights | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "body", scalar(self.body))
        _check_reduction(self.kind, self.index, self.body, self.weights)

    @property
    def children(self) -> tuple[Term, ...]:
        """The body."""
        return (self.body,)

    @property
    def bound_index(self) -> Index:
        """The index reduced over."""
        return self.index


# ---------------------------------------------------------------------------------------------------------- vectors


@dataclass(frozen=True)
class Point(Vector):
    """One embedded point of a collection, ``x_i``."""

    collection: Collection
    index: Index

    def __post_init__(self) -> None:
        if not isinstance(self.index, Index):
            raise InvalidTypeError(
                explain(f"{self.collection}[…]", "an Index", f"{self.index!r}", f"use {self.collection}.each")
            )
        if self.collection not in self.index.collections:
            over = ", ".join(map(str, self.index.collections))
            raise TermError(
                explain(
                    "index",
                    f"one that runs over {self.collection}",
                    f"{self.index}, which runs over {over}, in '{self.collection}_{self.index}'",
                    f"use {self.collection}.each, or pair the collections off with paired({over}, {self.collection})",
                )
            )

    def free(self) -> frozenset[Index]:
        """Return this point's index."""
        return frozenset({self.index})

    def collections(self) -> frozenset[Collection]:
        """Return the collection of this point."""
        return frozenset({self.collection})


@dataclass(frozen=True)
class Combination(Vector):
    """A sum of vectors with exact rational coefficients."""

    parts: tuple[tuple[Fraction, Vector], ...]

    @classmethod
    def of(cls, *parts: tuple[Number, Vector]) -> Vector:
        """Return the combination, nested ones flattened and equal vectors gathered."""
        gathered: dict[Vector, Fraction] = {}
        for number, part in parts:
            coefficient = rational(number, "coefficient")
            vector = _vector(part, "combination")
            for inner, below in vector.parts if type(vector) is Combination else ((Fraction(1), vector),):
                gathered[below] = gathered.get(below, Fraction(0)) + coefficient * inner
        _check_one_space(gathered)
        kept = tuple((coefficient, vector) for vector, coefficient in gathered.items() if coefficient)
        if len(kept) == 1 and kept[0][0] == 1:
            return kept[0][1]
        return cls(kept)

    @property
    def children(self) -> tuple[Term, ...]:
        """The vectors combined."""
        return tuple(vector for _, vector in self.parts)


def _check_one_space(vectors: Iterable[Vector]) -> None:
    first: Vector | None = None
    for vector in vectors:
        first = first or vector
        if vector.reached_by != first.reached_by:
            raise TermError(
                explain(
                    "combination",
                    "vectors of one space",
                    f"{first}, of {_space_of(first)}, and {vector}, of {_space_of(vector)}",
                    "apply the map to both",
                )
            )


def _space_of(vector: Vector) -> str:
    return "the embedding space" if vector.reached_by is None else f"the values of {vector.reached_by}"


@dataclass(frozen=True)
class Scale(Vector):
    """A vector times a scalar."""

    factor: Scalar
    vector: Vector

    @classmethod
    def of(cls, factor: Scalar, vector: Vector) -> Vector:
        """Return the product; a constant factor makes a :class:`Combination`."""
        factor = scalar(factor)
        if type(factor) is Constant:
            return Combination.of((factor.value, vector))
        return cls(factor, _vector(vector, "product"))

    @property
    def children(self) -> tuple[Term, ...]:
        """The factor and the vector."""
        return (self.factor, self.vector)


@dataclass(frozen=True)
class CoordinateWise(Vector):
    """The largest, the smallest or the median value of each coordinate of a vector over an index.

    The median of an even number of values is the mean of the middle two.
    """

    kind: Reduction
    index: Index
    body: Vector

    def __post_init__(self) -> None:
        _vector(self.body, self.kind.value)
        if self.kind not in (Reduction.MAX, Reduction.MIN, Reduction.MEDIAN):
            raise TermError(
                explain(
                    "reduction", "a coordinate-wise max, min or median", f"{self.kind.value}_{self.index} {self.body}"
                )
            )
        _check_reduction(self.kind, self.index, self.body, None)

    @property
    def children(self) -> tuple[Term, ...]:
        """The body."""
        return (self.body,)

    @property
    def bound_index(self) -> Index:
        """The index reduced over."""
        return self.index


@dataclass(frozen=True)
class Average(Vector):
    """The mean or the sum of a vector over an index; a mean may be weighted."""

    kind: Reduction
    index: Index
    body: Vector
    weights: Weights | None = None

    def __post_init__(self) -> None:
        _vector(self.body, self.kind.value)
        if self.kind not in (Reduction.MEAN, Reduction.SUM):
            raise TermError(
                explain("reduction", "a mean or a sum of vectors", f"{self.kind.value}_{self.index} {self.body}")
            )
        _check_reduction(self.kind, self.index, self.body, self.weights)

    @property
    def children(self) -> tuple[Term, ...]:
        """The body."""
        return (self.body,)

    @property
    def bound_index(self) -> Index:
        """The index averaged over."""
        return self.index


@dataclass(frozen=True)
class Image(Vector):
    """The value of a map at a vector, ``g(mean_i x_i)``."""

    map: Map
    vector: Vector

    def __post_init__(self) -> None:
        if not isinstance(self.map, Map):
            raise InvalidTypeError(explain("map", "a Map", f"{self.map!r}"))
        _vector(self.vector, self.map.symbol)
        if self.vector.reached_by is not None:
            raise TermError(
                explain(
                    self.map.symbol, "a vector of the embedding space", f"{self.vector}, of {_space_of(self.vector)}"
                )
            )

    @property
    def children(self) -> tuple[Term, ...]:
        """The vector."""
        return (self.vector,)

    @property
    def reached_by(self) -> Map | None:
        """The map."""
        return self.map


# --------------------------------------------------------------------------------------------------------- builders


def norm(vector: Vector) -> Scalar:
    """Return ‖vector‖."""
    return Norm(vector)


def distance(a: Vector, b: Vector) -> Scalar:
    """Return d(a, b) = ‖a − b‖."""
    return Norm(_vector(a, "distance") - _vector(b, "distance"))


def largest(*terms: Scalar | Number) -> Scalar:
    """Return the largest of the terms."""
    return Largest(tuple(scalar(term) for term in terms))


def smallest(*terms: Scalar | Number) -> Scalar:
    """Return the smallest of the terms."""
    return Smallest(tuple(scalar(term) for term in terms))


def paired(*collections: Collection, symbol: str | None = None) -> Index:
    """Return one index that pairs off the points of collections of equal size."""
    if len(collections) < 2:
        raise TermError(explain("paired", "two or more collections", f"{len(collections)}"))
    for collection in collections:
        _require_collection(collection, "paired")
    return Index(symbol or collections[0].index, collections)


Over: TypeAlias = "Index | Iterable[Index]"


def _indices(over: object, where: str) -> tuple[Index, ...]:
    indices = tuple(over) if isinstance(over, Iterable) and not isinstance(over, str) else (over,)
    if not indices:
        raise TermError(explain(where, "at least one index", "none"))
    for index in indices:
        if not isinstance(index, Index):
            fix = f"write {index}.each for its index" if isinstance(index, Collection) else None
            raise InvalidTypeError(explain(where, "an Index or several", f"{index!r}", fix))
    return indices


def _reduce(kind: Reduction, over: Over, body: Scalar | Number) -> Scalar:
    term = scalar(body)
    for index in reversed(_indices(over, kind.value)):
        term = Reduce(kind, index, term)
    return term


def maximum(over: Over, body: Scalar) -> Scalar:
    """Return the maximum of `body` over one or more indices."""
    return _reduce(Reduction.MAX, over, body)


def minimum(over: Over, body: Scalar) -> Scalar:
    """Return the minimum of `body` over one or more indices."""
    return _reduce(Reduction.MIN, over, body)


@overload
def mean(over: Collection, body: None = None, *, weights: Weights | None = None) -> Vector: ...
@overload
def mean(over: Over, body: Scalar, *, weights: Weights | None = None) -> Scalar: ...
@overload
def mean(over: Over, body: Vector, *, weights: Weights | None = None) -> Vector: ...
def mean(over: Collection | Over, body: Term | None = None, *, weights: Weights | None = None) -> Term:
    """Return a mean: ``mean(x)`` is the centroid of a collection, ``mean(i, body)`` the mean of a term over indices."""
    return _average(Reduction.MEAN, over, body, weights)


@overload
def total(over: Collection, body: None = None) -> Vector: ...
@overload
def total(over: Over, body: Scalar) -> Scalar: ...
@overload
def total(over: Over, body: Vector) -> Vector: ...
def total(over: Collection | Over, body: Term | None = None) -> Term:
    """Return a sum: ``total(x)`` adds a collection's points, ``total(i, body)`` a term's values over indices."""
    return _average(Reduction.SUM, over, body, None)


def _average(kind: Reduction, over: Collection | Over, body: Term | None, weights: Weights | None) -> Term:
    if isinstance(over, Collection):
        if body is not None:
            raise TermError(
                explain(
                    kind.value,
                    "a collection alone, or an index and a term",
                    f"{over} with {body}",
                    f"write {over}.each for its index",
                )
            )
        return Average(kind, over.each, over[over.each], weights)
    if body is None:
        raise TermError(explain(kind.value, "a collection, or an index and a term", f"{over} alone"))
    for index in reversed(_indices(over, kind.value)):
        body = (
            Average(kind, index, body, weights)
            if isinstance(body, Vector)
            else Reduce(kind, index, scalar(body), weights)
        )
    return body


def coordinate_maximum(over: Collection) -> Vector:
    """Return the largest value of each coordinate among a collection's points."""
    return _coordinate_wise(Reduction.MAX, over)


def coordinate_minimum(over: Collection) -> Vector:
    """Return the smallest value of each coordinate among a collection's points."""
    return _coordinate_wise(Reduction.MIN, over)


def coordinate_median(over: Collection) -> Vector:
    """Return the median of each coordinate among a collection's points."""
    return _coordinate_wise(Reduction.MEDIAN, over)


def _coordinate_wise(kind: Reduction, over: Collection) -> Vector:
    _require_collection(over, f"coordinate-wise {kind.value}")
    return CoordinateWise(kind, over.each, over[over.each])


def variance(over: Collection) -> Scalar:
    """Return the mean squared distance of a collection's points from their centroid."""
    _require_collection(over, "variance")
    # A letter of its own for the centroid's index, so that the statement reads unambiguously.
    other = another(over)
    return mean(over.each, distance(over[over.each], mean(other, over[other])) ** 2)


def another(over: Collection) -> Index:
    """Return a second index of a collection, ``i′`` beside ``i``, for pairs of its points."""
    _require_collection(over, "another")
    return Index(f"{over.index}′", (over,))


def farthest(a: Collection, b: Collection) -> Scalar:
    """Return the largest distance between a point of `a` and one of `b`."""
    _require_two(a, b, "farthest")
    return maximum((a.each, b.each), distance(a[a.each], b[b.each]))


def nearest(a: Collection, b: Collection) -> Scalar:
    """Return the smallest distance between a point of `a` and one of `b`."""
    _require_two(a, b, "nearest")
    return minimum((a.each, b.each), distance(a[a.each], b[b.each]))


def _require_two(a: Collection, b: Collection, where: str) -> None:
    _require_collection(a, where)
    _require_collection(b, where)
    if a == b:
        raise TermError(explain(where, "two different collections", f"{a} twice"))
