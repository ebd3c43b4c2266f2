"""Indices that are bound where another of their letter is: printed with a prime, so that a reader can tell them apart."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from boundcheck.language.kept import kept
from boundcheck.language.letters import Index
from boundcheck.language.structure import with_parts
from boundcheck.language.terms import Term

__all__ = ["unshadowed"]


@kept
def unshadowed(term: Term) -> Term:
    """Return the term with a prime on every index that is bound where another of its letter is; itself, if there is none.

    Examples
    --------
    >>> from boundcheck.language import i, maximum, mean, norm, x
    >>> print(unshadowed(maximum(i, norm(x[i] - mean(x)))))
    max_i ‖x_i − mean_i′ x_i′‖
    """
    return _apart(term, frozenset(index.symbol for index in term.free()))


def _apart(term: Term, taken: frozenset[str]) -> Term:
    index = term.bound_index
    if index is not None:
        if index.symbol in taken:
            old = fresh = index
            used = taken | {one.symbol for one in term.free()} | {one.symbol for one in _bound_in(term)}
            while fresh.symbol in used:
                fresh = replace(fresh, symbol=f"{fresh.symbol}′")
            term = with_parts(term, lambda part: _renamed(part, old, fresh))
            index = fresh
        taken |= {index.symbol}
    return term.mapped(lambda part: _apart(part, taken))


def _bound_in(term: Term) -> list[Index]:
    return [node.bound_index for node in term.walk() if node.bound_index is not None]


def _renamed(part: Any, old: Index, new: Index) -> Any:
    """Return a part of a term with one index in the place of another, but for where the other is bound once more."""
    if part == old:
        return new
    if isinstance(part, Term):
        return part if part.bound_index == old else with_parts(part, lambda one: _renamed(one, old, new))
    if isinstance(part, Index) and old in part.depends:
        return with_parts(part, lambda one: _renamed(one, old, new))
    return part
