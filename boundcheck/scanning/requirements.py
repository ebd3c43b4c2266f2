"""What is asked of a scan, whether of every triple or of a sample: bounds, values of parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import torch
from jaxtyping import Float, Int
from numpy import ndarray, unique

from boundcheck.errors import InvalidTypeError, InvalidValueError, TermError, explain
from boundcheck.evaluate.judge import require_equal_sizes
from boundcheck.language import Bound, Parameter, w, x, z
from boundcheck.language.shapes import squared_norm
from boundcheck.theorems.find import find_bound

__all__ = ["ROLES", "given_values", "is_of_squares", "named", "require_bounds"]

#: The collections that a bound calls so: anchors, positives and negatives.
ROLES = (x, z, w)


def named(bounds: Bound | str | Iterable[Bound | str]) -> tuple[Bound, ...]:
    """Return bounds, or one alone; those that are names, ``FILE.py:NAME`` among them, as what they name."""
    several = (bounds,) if isinstance(bounds, (Bound, str)) else bounds
    return tuple(find_bound(bound)[0] if isinstance(bound, str) else bound for bound in several)


def require_bounds(bounds: Sequence[Bound], norm: float, sizes: Int[ndarray, " C"]) -> None:
    """Raise where a bound says nothing of triples of collections of these sizes in the p-norm.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If there are no bounds, or two of one name.
    NormError, UnequalSizesError, TermError
        If a bound is not stated for the norm, for these sizes, or about anchors, positives and negatives.
    """
    different = unique(sizes)
    for bound in bounds:
        if not isinstance(bound, Bound):
            raise InvalidTypeError(explain("bounds", "Bounds", f"{bound!r}"))
        if not set(bound.collections) <= set(ROLES):
            raise TermError(explain(f"bound {bound.name!r}", "a statement about x, z and w", f"{bound.statement}"))
        bound.require_norm(norm)
        if len(different) > 1:
            # Some triple has these, so a premise of equal sizes is not met by it.
            require_equal_sizes(bound, {x: int(different[0]), z: int(different[1]), w: int(different[1])})
    names = [bound.name for bound in bounds]
    if not names or len(set(names)) < len(names):
        raise InvalidValueError(explain("bounds", "one or more of different names", f"{names}"))


def given_values(
    bound: Bound, parameters: Mapping[Parameter, float], count: int
) -> dict[Parameter, Float[torch.Tensor, " b"]]:
    """Return the values that a bound's parameters were given, for so many triples."""
    known = bound.parameters()
    return {
        parameter: torch.full((count,), value, dtype=torch.float64, device="cpu")
        for parameter, value in parameters.items()
        if parameter in known
    }


def is_of_squares(bound: Bound) -> bool:
    """Say whether a bound compares the square of a distance: its sides are then told by their roots."""
    return any(squared_norm(side) is not None for side in (bound.lhs, bound.rhs))
