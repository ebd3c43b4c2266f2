"""Which aggregator a bound is about, read off its own terms, and which bound to check for an aggregator.

A bound is about an aggregator A where it speaks of ‖A(x) − A(z)‖, the distance of two collections' representations, or
of ‖g(A(x)) − g(A(z))‖, that of what a map makes of them.
"""

from __future__ import annotations

from boundcheck.errors import NormError, explain, require_named
from boundcheck.language import (
    Average,
    Bound,
    CoordinateWise,
    Image,
    Norm,
    Point,
    Reduction,
    Scalar,
    Scale,
    Vector,
    norm,
)
from boundcheck.language.shapes import difference, squared_norm
from boundcheck.theorems.aggregators import COORDINATE_WISE, COORDINATE_WISE_EUCLIDEAN, NORMALISED, SUM
from boundcheck.theorems.karimov import K
from boundcheck.theorems.upper import HULL

__all__ = ["KINDS", "aggregator_of", "bound_about", "distance_in"]

KINDS = ("mean", "sum", "max", "min", "median", "normalised mean", "hull")
"""What a bound may be about; ``"hull"`` is any weighted mean, so any point of the convex hull."""


def aggregator_of(bound: Bound) -> str | None:
    """Return which of :data:`KINDS` a bound is about, or None if it is none of them, or several.

    Examples
    --------
    >>> from boundcheck.theorems import K, get
    >>> aggregator_of(K), aggregator_of(get("hull")), aggregator_of(get("chamfer-below-hausdorff"))
    ('mean', 'hull', None)
    """
    nodes = [node for side in (bound.lhs, bound.rhs) for node in side.walk()]
    found = {kind for node in nodes if isinstance(node, Norm) and (kind := _kind_of_distance(node)) is not None}
    return found.pop() if len(found) == 1 else None


def distance_in(side: Scalar) -> Norm | None:
    """Return ‖A(x) − A(z)‖ where a side is that distance or its square, with a map after A or without, else None."""
    base = squared_norm(side) or side
    return base if type(base) is Norm and _kind_of_distance(base) is not None else None


def bound_about(kind: str, p: float) -> Bound:
    """Return the bound to check for a kind of aggregator in the p-norm, where none is named.

    Raises
    ------
    InvalidValueError
        If `kind` is none of :data:`KINDS`.
    NormError
        If none is known in that norm.
    """
    if kind in COORDINATE_WISE:
        for bound in (COORDINATE_WISE[kind], COORDINATE_WISE_EUCLIDEAN[kind]):
            if bound.space.admits(p):
                return bound
        raise NormError(
            explain(
                "norm",
                f"p = inf or 2 for the coordinate-wise {kind}",
                f"p = {p:g}",
                "no bound on it is known in other norms",
            )
        )
    known = {"mean": K, "sum": SUM, "normalised mean": NORMALISED, "hull": HULL}
    require_named("kind", kind, KINDS)
    return known[kind]


def _kind_of_distance(node: Norm) -> str | None:
    pair = difference(node.vector)
    if pair is None:
        return None
    kind = _kind(pair[0])
    return kind if kind == _kind(pair[1]) else None


def _kind(vector: Vector) -> str | None:
    match vector:
        case Average(Reduction.MEAN, _, Point(), None):
            return "mean"
        case Average(Reduction.MEAN, _, Point(), _):
            return "hull"
        case Average(Reduction.SUM, _, Point(), _):
            return "sum"
        case CoordinateWise(kind, _, Point()):
            return kind.value
        case Scale(factor, inner) if factor == norm(inner) ** -1 and _kind(inner) == "mean":
            return "normalised mean"
        case Image(_, inner):
            return _kind(inner)
        case _:
            return None
