"""Terms that a vector variable is bound by: the least value that a scalar takes over all vectors.

=====================  =================================================
scalar                 :class:`Infimum`
vector                 :class:`Variable`
=====================  =================================================
"""

from __future__ import annotations

from dataclasses import dataclass

from boundcheck.errors import InvalidTypeError, TermError, explain
from boundcheck.language.letters import Collection, Weights, require_collection, require_letter
from boundcheck.language.reductions import maximum, mean
from boundcheck.language.terms import Number, Scalar, Term, Vector, distance, scalar

__all__ = ["Infimum", "Variable", "enclosing_radius", "geometric_median_cost", "infimum", "variable"]


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


def enclosing_radius(over: Collection) -> Scalar:
    """Return the radius of the smallest ball around all points of a collection: inf_y max_i ‖x_i − y‖."""
    require_collection(over, "enclosing_radius")
    centre = _centre_of(over)
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
    centre = _centre_of(over)
    return Infimum(centre, mean(over.each, distance(over[over.each], centre), weights=weights))


def _centre_of(collection: Collection) -> Variable:
    # A letter that points seldom go by.
    return Variable("v" if collection.symbol != "v" else "u")
