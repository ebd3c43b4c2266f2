"""Vectors of unit norm: made so by the term itself, which is exact, or so by premise, within a tolerance that is stated."""

from __future__ import annotations

from boundcheck.errors import InvalidValueError, explain
from boundcheck.language.functions.absolute import absolute
from boundcheck.language.letters import Points
from boundcheck.language.premises import ForAll
from boundcheck.language.terms import Constant, Norm, Number, Vector, as_vector, rational

__all__ = ["normalised", "unit"]


def normalised(vector: Vector) -> Vector:
    """Return a vector divided by its norm, ``x_i / ‖x_i‖``: of unit norm exactly, whatever rounding left of the data.

    Examples
    --------
    >>> from boundcheck.language import i, x
    >>> print(normalised(x[i]))
    x_i / ‖x_i‖
    """
    return as_vector(vector, "normalised") / Norm(vector)


def unit(over: Points | Vector, *, within: Number = 0) -> ForAll:
    """Return the premise that vectors are of unit norm, or as near to it as is stated.

    Numbers that were rounded are of no unit norm exactly: normalised in float32, they are off by 10⁻⁷ or so, and a bound
    under the exact premise says nothing of them. With a tolerance the bound is stated for what is near, and is checked,
    attacked and proved as that. Where it is meant for exact unit vectors alone, :func:`normalised` in its terms needs no
    premise.

    Parameters
    ----------
    over
        A collection, a family or a class of one, for all of its points; or a vector.
    within
        By how much a norm may differ from 1, from 0 up.

    Raises
    ------
    InvalidValueError
        If the tolerance is below 0.

    Examples
    --------
    >>> from boundcheck.language import x
    >>> print(unit(x))
    |‖x_i‖ − 1| ≤ 0 for all i
    >>> print(unit(x, within=1e-6))
    |‖x_i‖ − 1| ≤ 1/1000000 for all i
    """
    limit = rational(within, "within")
    if limit < 0:
        raise InvalidValueError(explain("within", "a number in [0, ∞)", f"{within}"))
    vector = as_vector(over[over.points] if isinstance(over, Points) else over, "unit")
    fix = f"write normalised({vector}) for {vector}, which is of unit norm exactly"
    return ForAll(
        f"unit norm of {over}",
        lhs=absolute(Norm(vector) - 1),
        rhs=Constant(limit),
        hint=fix if limit else f"{fix}, or state the bound for what is near: unit({over}, within=1e-6)",
    )
