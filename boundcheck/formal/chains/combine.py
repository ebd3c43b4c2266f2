"""Which facts, each times a factor of at least 0, add up to a gap: linear programming, and then exact arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csc_matrix

from boundcheck.formal.chains.normal import Monomial, Polynomial

__all__ = ["combination"]

_USED = 1e-9


def combination(
    goal: Polynomial, columns: Sequence[Polynomial], costs: Sequence[float], seconds: float
) -> list[tuple[int, Fraction]] | None:
    """Return places among `columns` and positive factors with which they add up to `goal` exactly; None where none are found.

    Parameters
    ----------
    goal
        What is to be made.
    columns
        What it is to be made of.
    costs
        Of one unit of each: the sum with the least cost is found.
    seconds
        At most so long.
    """
    rows: dict[Monomial, int] = {}
    for polynomial in (goal, *columns):
        for monomial in polynomial.terms:
            rows.setdefault(monomial, len(rows))
    if not columns or any(all(monomial not in one.terms for one in columns) for monomial in goal.terms):
        return None
    entries = [
        (rows[monomial], place, value)
        for place, polynomial in enumerate(columns)
        for monomial, value in polynomial.terms.items()
    ]
    matrix = csc_matrix(
        (
            [float(value) for _, _, value in entries],
            ([row for row, _, _ in entries], [place for _, place, _ in entries]),
        ),
        shape=(len(rows), len(columns)),
    )
    target = np.zeros(len(rows))
    for monomial, value in goal.terms.items():
        target[rows[monomial]] = float(value)
    solved = linprog(
        costs, A_eq=matrix, b_eq=target, method="highs-ds", options={"time_limit": max(seconds, 0.01), "presolve": True}
    )
    if solved.status != 0:
        return None
    used = [place for place, factor in enumerate(solved.x) if factor > _USED]
    factors = _exact(goal, [columns[place] for place in used])
    if factors is None or any(factor < 0 for factor in factors):
        return None
    return [(place, factor) for place, factor in zip(used, factors, strict=True) if factor]


def _exact(goal: Polynomial, columns: Sequence[Polynomial]) -> list[Fraction] | None:
    """Solve for the factors exactly; one that is free is 0."""
    monomials = dict.fromkeys(monomial for one in (goal, *columns) for monomial in one.terms)
    zero = Fraction(0)
    table = [
        [*(one.terms.get(monomial, zero) for one in columns), goal.terms.get(monomial, zero)] for monomial in monomials
    ]
    pivots: list[int] = []
    for column in range(len(columns)):
        place = len(pivots)
        row = next((row for row in range(place, len(table)) if table[row][column]), None)
        if row is None:
            continue
        table[place], table[row] = table[row], table[place]
        head = table[place][column]
        table[place] = [value / head for value in table[place]]
        for other in range(len(table)):
            factor = table[other][column]
            if other != place and factor:
                table[other] = [a - factor * b for a, b in zip(table[other], table[place], strict=True)]
        pivots.append(column)
    if any(row[-1] for row in table[len(pivots) :]):
        return None
    found = [zero] * len(columns)
    for row, column in enumerate(pivots):
        found[column] = table[row][-1]
    return found
