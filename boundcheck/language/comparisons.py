"""Comparisons of scalars: ``lhs <= rhs`` of terms is one, and makes a bound's conclusion, a premise or an indicator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from boundcheck.errors import InvalidTypeError, TermError, explain
from boundcheck.language.bounds import Relation
from boundcheck.language.functions.absolute import absolute
from boundcheck.language.letters import Collection, Index
from boundcheck.language.premises import Below, ForAll
from boundcheck.language.structure import Hashed
from boundcheck.language.terms import Number, Scalar, scalar

__all__ = ["Comparison", "equals", "for_all"]


@dataclass(frozen=True)
class Comparison(Hashed):
    """That one scalar is at most another, below it or equal to it; nothing that is true or false by itself.

    Made by ``lhs <= rhs``, ``lhs < rhs``, and the same read backwards, and by ``equals(lhs, rhs)``.

    Raises
    ------
    TermError
        If it is asked whether it is true, as ``a <= b <= c``, ``and``, ``or`` and ``if`` do.
    """

    lhs: Scalar
    relation: Relation
    rhs: Scalar

    def __post_init__(self) -> None:
        for attribute in ("lhs", "rhs"):
            object.__setattr__(self, attribute, scalar(getattr(self, attribute)))
        if not isinstance(self.relation, Relation):
            raise InvalidTypeError(explain("relation", "a Relation", f"{self.relation!r}"))

    def __bool__(self) -> NoReturn:
        raise TermError(
            explain(
                "comparison",
                "a use as a statement: Bound(name, lhs <= rhs), indicator(lhs <= rhs)",
                f"the question whether '{self}' is true, which depends on the data",
                "write a chain a <= b <= c as two bounds, a <= b and b <= c, or as largest(a − b, b − c) <= 0",
            )
        )

    def free(self) -> frozenset[Index]:
        """Return the indices that nothing in either side binds."""
        return self.lhs.free() | self.rhs.free()

    def collections(self) -> frozenset[Collection]:
        """Return every collection that a side speaks of."""
        return self.lhs.collections() | self.rhs.collections()

    def mapped(self, change: Callable[[Any], Any]) -> Comparison:
        """Return the comparison with `change` applied to both sides."""
        return Comparison(change(self.lhs), self.relation, change(self.rhs))

    def __str__(self) -> str:
        return f"{self.lhs} {self.relation.value} {self.rhs}"


def equals(lhs: Scalar | Number, rhs: Scalar | Number) -> Comparison:
    """Return the statement that two scalars are equal; ``==`` of terms says whether they are the same term."""
    return Comparison(scalar(lhs), Relation.EQUAL, scalar(rhs))


def for_all(name: str, comparison: Comparison, *, hint: str = "") -> ForAll | Below:
    """Return the premise that a comparison is true for every value of its free indices, or of one without any that it is.

    Where its right side is a parameter alone, the premise says what that parameter's least value is. That two sides are
    equal is said as ``|lhs − rhs| ≤ 0``.

    Parameters
    ----------
    name
        A short name, ``"unit vectors"``.
    comparison
        ``lhs <= rhs``, ``lhs < rhs`` or ``equals(lhs, rhs)``, with the indices free.
    hint
        What to tell a caller whose parameter is impossible.

    Raises
    ------
    TermError
        If neither side speaks of points or of a parameter.

    Examples
    --------
    >>> from boundcheck.language import for_all, i, norm, x
    >>> print(for_all("no vector is 0", 0 < norm(x[i])))
    0 < ‖x_i‖ for all i
    """
    if not isinstance(comparison, Comparison):
        raise InvalidTypeError(explain(f"premise {name}", "a comparison, as lhs <= rhs", f"{comparison!r}"))
    if comparison.relation is Relation.EQUAL:
        return ForAll(name, lhs=absolute(comparison.lhs - comparison.rhs), rhs=scalar(0), hint=hint)
    if comparison.relation is Relation.LESS:
        return Below(name, lhs=comparison.lhs, rhs=comparison.rhs)
    if comparison.rhs.free() - comparison.lhs.free():
        return ForAll(name, lhs=comparison.lhs - comparison.rhs, rhs=scalar(0), hint=hint)
    return ForAll(name, lhs=comparison.lhs, rhs=comparison.rhs, hint=hint)
