"""Which terms are at least 0 whatever the points are, as far as their kinds say."""

from __future__ import annotations

from boundcheck.errors import TermError, explain
from boundcheck.language import (
    Add,
    Constant,
    Coupling,
    Dimension,
    Infimum,
    Largest,
    Multiply,
    Norm,
    Power,
    Reduce,
    Scalar,
    Size,
    Supremum,
)

__all__ = ["is_nonnegative", "require_nonnegative"]

_KNOWN = {Constant, Norm, Size, Dimension, Infimum, Supremum, Coupling, Add, Multiply, Largest, Power, Reduce}


def is_nonnegative(term: Scalar) -> bool:
    """Say whether a term is at least 0 whatever the points are, as far as its kind says."""
    if type(term) not in _KNOWN:
        return False
    match term:
        case Constant(value):
            return value >= 0
        case Norm() | Size() | Dimension():
            return True
        case Infimum(_, body) | Supremum(_, body) | Coupling(body=body):
            return is_nonnegative(body)
        case Add(terms) | Multiply(factors=terms):
            return all(map(is_nonnegative, terms))
        case Largest(terms):
            return any(map(is_nonnegative, terms))
        case Power(base, exponent):
            even = exponent.denominator == 1 and exponent.numerator % 2 == 0
            return even or exponent.denominator % 2 == 0 or is_nonnegative(base)
        case Reduce(_, _, body):
            return is_nonnegative(body)
    return False


def require_nonnegative(term: Coupling) -> None:
    """Refuse costs that may be below 0 where a part alone of all weight is moved.

    Raises
    ------
    TermError
        If the body's kind does not say that it is at least 0.
    """
    if not is_nonnegative(term.body):
        raise TermError(
            explain("coupling", "costs of at least 0 where less than all weight is moved", f"'{term.body}'")
        )
