"""Least values over vectors and over couplings.

=====================  =================================================
scalar                 :class:`Infimum`, :class:`Supremum`, :class:`Coupling`
vector                 :class:`Variable`
=====================  =================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from boundcheck.errors import InvalidTypeError, TermError, explain
from boundcheck.language.atoms import Transport
from boundcheck.language.letters import Collection, Index, Weights, another, require_collection, require_letter
from boundcheck.language.products import inner
from boundcheck.language.reductions import maximum, mean, total
from boundcheck.language.terms import Number, Scalar, Term, Vector, distance, rational, scalar

__all__ = [
    "Coupling",
    "Infimum",
    "Supremum",
    "Variable",
    "enclosing_radius",
    "geometric_median_cost",
    "infimum",
    "spectral_norm",
    "supremum",
    "variable",
    "wasserstein",
]


@dataclass(frozen=True)
class Variable(Vector):
    """A vector of the embedding space that an infimum is taken over."""

    symbol: str

    def __post_init__(self) -> None:
        require_letter(self.symbol, "symbol of a Variable")

    def variables(self) -> frozenset[Variable]:
        """Return this variable."""
        return frozenset({self})


@dataclass(frozen=True)
class _Extremum(Scalar):
    variable: Variable
    body: Scalar

    def __post_init__(self) -> None:
        where = type(self).__name__.lower()
        if not isinstance(self.variable, Variable):
            raise InvalidTypeError(
                explain(
                    where, "a Variable", f"{self.variable!r}", 'make one with y = variable("y") and use it in the term'
                )
            )
        object.__setattr__(self, "body", scalar(self.body))
        if self.variable not in self.body.variables():
            raise TermError(explain(where, f"a term with {self.variable} in it", f"'{self.body}'"))

    @property
    def children(self) -> tuple[Term, ...]:
        """The body."""
        return (self.body,)

    def variables(self) -> frozenset[Variable]:
        """Return the variables that are still free."""
        return self.body.variables() - {self.variable}


@dataclass(frozen=True)
class Infimum(_Extremum):
    """The greatest number that a scalar is not below, whatever vector of the space the variable stands for."""


@dataclass(frozen=True)
class Supremum(_Extremum):
    """The least number that a scalar is not above, whatever vector of length at most 1 the variable stands for."""


@dataclass(frozen=True)
class Coupling(Scalar):
    """The least mean of a scalar over two indices, whatever the joint weights with given marginals: optimal transport.

    Parameters
    ----------
    first, second
        The indices, which the term binds.
    body
        What it costs to move weight from the first's point to the second's.
    of_first, of_second
        The marginals: weights of the collections that the indices run over; None for uniform ones.
    mass
        How much of all weight, 1 on either side, is moved. Where that is less than 1, the body is to be at least 0.
    """

    first: Index
    second: Index
    body: Scalar
    of_first: Weights | None = None
    of_second: Weights | None = None
    mass: Fraction = Fraction(1)

    def __post_init__(self) -> None:
        object.__setattr__(self, "body", scalar(self.body))
        object.__setattr__(self, "mass", rational(self.mass, "mass"))
        for index, weights in ((self.first, self.of_first), (self.second, self.of_second)):
            if type(index) is not Index or index.apart:
                got = index.described if isinstance(index, Index) else f"{index!r}"
                raise TermError(explain("coupling", "two indices, each over all points of a collection", got))
            if weights is None:
                continue
            if not isinstance(weights, Weights):
                raise InvalidTypeError(explain("coupling", "Weights of a collection, or None", f"{weights!r}"))
            if weights.collection not in index.collections:
                raise TermError(
                    explain("coupling", f"weights of a collection that {index} runs over", f"{weights.collection}'s")
                )
        if self.first == self.second:
            raise TermError(
                explain("coupling", "two different indices", f"{self.first} twice", "see another(…) for a second one")
            )
        if not 0 < self.mass <= 1:
            raise TermError(explain("mass", "a number in (0, 1]", f"{self.mass}"))

    @property
    def children(self) -> tuple[Term, ...]:
        """The body."""
        return (self.body,)

    def free(self) -> frozenset[Index]:
        """Return the indices of the body but the two."""
        return self.body.free() - {self.first, self.second}

    def collections(self) -> frozenset[Collection]:
        """Return the collections of the body and of both indices."""
        return self.body.collections().union(self.first.collections, self.second.collections)

    @property
    def weights(self) -> tuple[Weights, ...]:
        """The weights that are given."""
        return tuple(weights for weights in (self.of_first, self.of_second) if weights is not None)


def wasserstein(
    a: Collection,
    b: Collection,
    *,
    p: Number = 1,
    weights: tuple[Weights | None, Weights | None] = (None, None),
    mass: Number = 1,
) -> Scalar:
    """Return the Wasserstein-p distance of two collections: the least (mean ‖a_i − b_j‖ᵖ)^(1/p) of a coupling.

    Parameters
    ----------
    a, b
        Collections; one and the same for two weightings of it.
    p
        The order, at least 1.
    weights
        Of the points of each; None for uniform ones.
    mass
        How much of all weight is moved, the rest left where it is for nothing; 1 for all.

    Raises
    ------
    TermError
        If p is below 1, or the mass is not in (0, 1].

    Examples
    --------
    >>> from boundcheck.language import Weights, wasserstein, x, z
    >>> print(wasserstein(x, z))
    W₁(x, z)
    >>> print(wasserstein(x, x, weights=(Weights("a", x), Weights("b", x))))
    min_{P ∈ Π(a, b)} Σ_{i,i′} P_{i,i′}·‖x_i − x_i′‖
    """
    require_collection(a, "wasserstein")
    require_collection(b, "wasserstein")
    order, moved = rational(p, "p"), rational(mass, "mass")
    if order < 1:
        raise TermError(explain("p", "a number of at least 1", f"{order}"))
    if a != b and order == 1 and moved == 1 and weights == (None, None):
        return Transport(a, b)
    first = a.points
    second = another(first) if a == b else b.points
    apart = distance(a[first], b[second])
    return Coupling(first, second, apart**order, *weights, moved) ** (1 / order)


def variable(symbol: str) -> Variable:
    """Return a variable that stands for a vector of the embedding space, to take an infimum over.

    Examples
    --------
    >>> from boundcheck.language import distance, i, infimum, maximum, variable, x
    >>> y = variable("y")
    >>> print(infimum(y, maximum(i, distance(x[i], y))))
    inf_y max_i ‖x_i − y‖
    """
    return Variable(symbol)


def infimum(over: Variable, body: Scalar | Number) -> Scalar:
    """Return the infimum of a scalar over all vectors of the space.

    Parameters
    ----------
    over
        The variable.
    body
        A term with the variable in it.

    Raises
    ------
    InvalidTypeError
        If `over` is no variable.
    TermError
        If the variable does not occur in the body.
    """
    return Infimum(over, scalar(body))


def supremum(over: Variable, body: Scalar | Number) -> Scalar:
    """Return the supremum of a scalar over all vectors of length at most 1.

    Parameters
    ----------
    over
        The variable.
    body
        A term with the variable in it.

    Raises
    ------
    InvalidTypeError
        If `over` is no variable.
    TermError
        If the variable does not occur in the body.
    """
    return Supremum(over, scalar(body))


def spectral_norm(over: Collection) -> Scalar:
    """Return the largest singular value of the matrix whose rows are a collection's points: the root of sup Σ_i ⟨u, x_i⟩²."""
    require_collection(over, "spectral_norm")
    direction = _variable_beside(over, "u", "v")
    square = inner(direction, over[over.points]) ** 2
    return Supremum(direction, total(over.points, square)) ** Fraction(1, 2)


def enclosing_radius(over: Collection) -> Scalar:
    """Return the radius of the smallest ball around all points of a collection: inf_y max_i ‖x_i − y‖."""
    require_collection(over, "enclosing_radius")
    centre = _variable_beside(over, "v", "u")
    return Infimum(centre, maximum(over.each, distance(over[over.each], centre)))


def geometric_median_cost(over: Collection, *, weights: Weights | None = None) -> Scalar:
    """Return the least mean distance of a collection's points from one vector: inf_y mean_i ‖x_i − y‖.

    Parameters
    ----------
    over
        The collection.
    weights
        Of its points; None for the plain mean.
    """
    require_collection(over, "geometric_median_cost")
    centre = _variable_beside(over, "v", "u")
    return Infimum(centre, mean(over.each, distance(over[over.each], centre), weights=weights))


def _variable_beside(collection: Collection, letter: str, other: str) -> Variable:
    """Return a variable of a letter that a collection's points do not go by."""
    return Variable(letter if collection.symbol != letter else other)
