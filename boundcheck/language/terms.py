"""Terms: small expressions over collections of embedded points.

A term is a frozen tree without numbers in it. Scalars and vectors are different sorts, and a tree that mixes them
fails when it is built. Equality and hashing are structural; ``str(term)`` is readable mathematics.

The two sorts are here, with their arithmetic, norms and values of maps:

=====================  =================================================
scalar                 :class:`Constant`, :class:`Parameter`, :class:`Add`, :class:`Multiply`, :class:`Power`,
                       :class:`Largest`, :class:`Smallest`, :class:`Norm`
vector                 :class:`Combination`, :class:`Scale`, :class:`Image`
=====================  =================================================

Terms about a collection as a whole, and its points, are in :mod:`boundcheck.language.atoms`; what runs over an index is in
:mod:`boundcheck.language.reductions`; functions as exp are in :mod:`boundcheck.language.functions`, inner products and
norms beside the space's own in :mod:`boundcheck.language.products`, comparisons and what is 1 where one is true in
:mod:`boundcheck.language.comparisons` and :mod:`boundcheck.language.indicators`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from numbers import Integral
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias, overload

from boundcheck.errors import InvalidTypeError, TermError, explain
from boundcheck.language.letters import Codomain, Collection, Index, Map, require_letter
from boundcheck.language.structure import Hashed, with_parts

if TYPE_CHECKING:
    from boundcheck.language.comparisons import Comparison
    from boundcheck.language.extremes import Variable

__all__ = [
    "Add",
    "Combination",
    "Constant",
    "Image",
    "Largest",
    "Multiply",
    "Norm",
    "Number",
    "Parameter",
    "Power",
    "Scalar",
    "Scale",
    "Smallest",
    "Term",
    "Vector",
    "as_vector",
    "distance",
    "largest",
    "rational",
    "require_one_space",
    "scalar",
    "smallest",
]


Number: TypeAlias = "int | float | Fraction"


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
        # What decides over which values an index runs is not bound with it.
        return below if self.bound_index is None else (below - {self.bound_index}) | self.bound_index.depends

    def collections(self) -> frozenset[Collection]:
        """Return every collection that this term speaks of."""
        return frozenset[Collection]().union(*(child.collections() for child in self.children))

    def parameters(self) -> frozenset[Parameter]:
        """Return every parameter in this term."""
        return frozenset(node for node in self.walk() if isinstance(node, Parameter))

    def variables(self) -> frozenset[Variable]:
        """Return the vector variables that nothing in this term binds."""
        return frozenset["Variable"]().union(*(child.variables() for child in self.children))

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

    def __abs__(self) -> Scalar:
        from boundcheck.language.functions.absolute import absolute

        return absolute(self)

    # Comparisons are statements, of which bounds, premises and indicators are made; == says whether terms are the same.

    def __le__(self, other: Scalar | Number) -> Comparison:
        return _compared(self, "AT_MOST", other)

    def __ge__(self, other: Scalar | Number) -> Comparison:
        return _compared(other, "AT_MOST", self)

    def __lt__(self, other: Scalar | Number) -> Comparison:
        return _compared(self, "LESS", other)

    def __gt__(self, other: Scalar | Number) -> Comparison:
        return _compared(other, "LESS", self)


def _compared(lhs: Scalar | Number, relation: str, rhs: Scalar | Number) -> Comparison:
    # A comparison is of terms.
    from boundcheck.language.bounds import Relation
    from boundcheck.language.comparisons import Comparison

    return Comparison(scalar(lhs), Relation[relation], scalar(rhs))


class Vector(Term):
    """A term whose value is a point of the embedding space, or of the space that a map leads to."""

    @property
    def reached_by(self) -> Codomain | Map | None:
        """The space of a map's values that this vector belongs to; None for the embedding space."""
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

    def __le__(self, other: object) -> NoReturn:
        raise TermError(explain("comparison", "scalars", f"the vector {self}", "take norms, or their distance"))

    __ge__ = __lt__ = __gt__ = __le__


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


def scalar(value: object) -> Scalar:
    """Return `value` as a scalar term: a term as it is, a number as a :class:`Constant`."""
    if isinstance(value, Scalar):
        return value
    if isinstance(value, Vector):
        raise TermError(explain("term", "a scalar", f"the vector {value}", "take its norm"))
    return Constant(rational(value, "constant"))


def as_vector(value: object, where: str) -> Vector:
    """Return `value` as it is if it is a vector term, or refuse it by its kind."""
    if isinstance(value, Vector):
        return value
    if isinstance(value, Scalar):
        raise TermError(explain(where, "a vector (a point, a mean of points, a difference)", f"the scalar {value}"))
    if isinstance(value, Collection):
        raise TermError(
            explain(where, "a vector", f"the collection {value}", f"write mean({value}) or a point, {value}[index]")
        )
    raise InvalidTypeError(explain(where, "a vector term", f"{value!r}"))


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
        require_letter(self.symbol, "symbol of a Parameter")


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
        as_vector(self.vector, "norm")

    @property
    def children(self) -> tuple[Term, ...]:
        """The vector."""
        return (self.vector,)


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
            vector = as_vector(part, "combination")
            for inner, below in vector.parts if type(vector) is Combination else ((Fraction(1), vector),):
                gathered[below] = gathered.get(below, Fraction(0)) + coefficient * inner
        require_one_space(gathered, "combination")
        kept = tuple((coefficient, vector) for vector, coefficient in gathered.items() if coefficient)
        if len(kept) == 1 and kept[0][0] == 1:
            return kept[0][1]
        return cls(kept)

    @property
    def children(self) -> tuple[Term, ...]:
        """The vectors combined."""
        return tuple(vector for _, vector in self.parts)


def require_one_space(vectors: Iterable[Vector], where: str) -> None:
    """Refuse vectors that are not of one space."""
    first: Vector | None = None
    for vector in vectors:
        first = first or vector
        if vector.reached_by != first.reached_by:
            raise TermError(
                explain(
                    where,
                    "vectors of one space",
                    f"{first}, of {_space_of(first)}, and {vector}, of {_space_of(vector)}",
                    "apply the map to both",
                )
            )


def _space_of(vector: Vector) -> str:
    return space_name(vector.reached_by)


def space_name(space: Codomain | Map | None) -> str:
    """Return what a space is called in messages."""
    if space is None:
        return "the embedding space"
    return f"the space {space}" if isinstance(space, Codomain) else f"the values of {space}"


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
        return cls(factor, as_vector(vector, "product"))

    @property
    def children(self) -> tuple[Term, ...]:
        """The factor and the vector."""
        return (self.factor, self.vector)


@dataclass(frozen=True)
class Image(Vector):
    """The value of a map at a vector, ``g(mean_i x_i)``."""

    map: Map
    vector: Vector

    def __post_init__(self) -> None:
        if not isinstance(self.map, Map):
            raise InvalidTypeError(explain("map", "a Map", f"{self.map!r}"))
        as_vector(self.vector, self.map.symbol)
        if self.vector.reached_by != self.map.source:
            raise TermError(
                explain(
                    self.map.symbol,
                    f"a vector of {space_name(self.map.source)}",
                    f"{self.vector}, of {_space_of(self.vector)}",
                    'say what a map starts from with source=, Map("h", source=g)',
                )
            )

    @property
    def children(self) -> tuple[Term, ...]:
        """The vector."""
        return (self.vector,)

    @property
    def reached_by(self) -> Codomain | Map | None:
        """The space that the map leads to."""
        return self.map.space


def image_of(map: Map, vector: Vector) -> Vector:
    """Return the value of a map at a vector; of a linear map, what its values at points make."""
    from boundcheck.language.reductions import Average

    as_vector(vector, map.symbol)
    if map.linear:
        match vector:
            case Combination(parts) if type(vector) is Combination and parts:
                return Combination.of(*((number, image_of(map, part)) for number, part in parts))
            case Scale(factor, inner) if type(vector) is Scale:
                return Scale.of(factor, image_of(map, inner))
            case Average() if type(vector) is Average:
                return Average(vector.kind, vector.index, image_of(map, vector.body), vector.weights)
    return Image(map, vector)


def distance(a: Vector, b: Vector) -> Scalar:
    """Return d(a, b) = ‖a − b‖."""
    return Norm(as_vector(a, "distance") - as_vector(b, "distance"))


def largest(*terms: Scalar | Number) -> Scalar:
    """Return the largest of the terms."""
    return Largest(tuple(scalar(term) for term in terms))


def smallest(*terms: Scalar | Number) -> Scalar:
    """Return the smallest of the terms."""
    return Smallest(tuple(scalar(term) for term in terms))
