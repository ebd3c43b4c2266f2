"""When a relation of two numbers is certain, from how far apart they are and a bound on the error of that.

One rule, for numbers, arrays and balls: what is not certain either way is open.
"""

from __future__ import annotations

from typing import Any

from boundcheck.language import Relation

__all__ = ["certain", "of_ball", "of_sign"]


def certain(relation: Relation, slack: Any, error: Any) -> tuple[Any, Any]:
    """Return whether ``lhs relation rhs`` is surely true, and whether it is surely false.

    Parameters
    ----------
    relation
        Of the two.
    slack
        rhs − lhs, computed: an array of NumPy's or a tensor.
    error
        A bound on its error, of the same kind. Where it is NaN or infinite nothing is certain.
    """
    if relation is Relation.EQUAL:
        return (slack == 0) & (error == 0), abs(slack) > error
    if relation is Relation.LESS:
        return slack > error, slack <= -error
    return slack >= error, slack < -error


def of_sign(relation: Relation, sign: int) -> bool:
    """Return whether ``lhs relation rhs`` is true where rhs − lhs has a sign: −1, 0 or 1."""
    return {Relation.EQUAL: sign == 0, Relation.LESS: sign > 0, Relation.AT_MOST: sign >= 0}[relation]


def of_ball(relation: Relation, slack: Any) -> tuple[bool, bool]:
    """Return what :func:`certain` does, for a ball of flint's around rhs − lhs."""
    if not slack.is_finite():
        return False, False
    if relation is Relation.EQUAL:
        return bool(slack.is_zero()), not slack.contains(0)
    if relation is Relation.LESS:
        return bool(slack > 0), bool(slack <= 0)
    return bool(slack >= 0), bool(slack < 0)
