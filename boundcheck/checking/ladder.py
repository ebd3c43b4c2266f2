"""Every bound that is known, in the order of how sharp they are."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from boundcheck.checking.aggregators import Aggregator, about_of, is_about, kind_of, name_of, pooled
from boundcheck.checking.heads import Maps
from boundcheck.checking.reporting import report_with_readings
from boundcheck.errors import NonFiniteError, UnequalSizesError
from boundcheck.evaluate import require_equal_sizes
from boundcheck.evaluate.judge import Readings
from boundcheck.language import Bound, Collection, EqualSizes, Parameter, Relation
from boundcheck.language.shapes import squared_norm
from boundcheck.report.ladder import Ladder, Rung
from boundcheck.report.result import Report
from boundcheck.theorems import K_ANY_SIZES, KNOWN, K
from boundcheck.theorems.representations import distance_in
from boundcheck.theorems.upper import CHAMFER, FARTHEST, HAUSDORFF, HULL, TWO_SIDED, VARIANCE

__all__ = ["ladder_of"]

# Each at least as sharp as the next, as the theorems of the ladder say; whatever is not here comes after.
_BY_PROOF = (TWO_SIDED, VARIANCE, CHAMFER, HULL, HAUSDORFF, FARTHEST)


def ladder_of(
    points: Mapping[Collection, Tensor],
    p: float,
    given: Mapping[Parameter, float],
    aggregator: Aggregator,
    maps: Maps,
) -> Ladder:
    """Return a report on every known bound that says something of an aggregator, and why the others say nothing."""
    kind = kind_of(aggregator)
    sizes = {collection: len(tensor) for collection, tensor in points.items()}
    excluded: dict[str, str] = {}
    upper: list[Rung] = []
    lower: list[Rung] = []
    after: list[Rung] = []
    overflowed: list[NonFiniteError] = []
    for bound in KNOWN.values():
        if bound.relation is Relation.EQUAL:
            continue
        reason = _why_not(bound, kind, p, sizes, maps)
        if reason:
            excluded[bound.name] = reason
            continue
        values = pooled(bound, aggregator, points, p)
        known = {parameter: value for parameter, value in given.items() if parameter in bound.parameters()}
        try:
            report, readings = report_with_readings(bound, points, p, known, values, maps, name_of(aggregator, bound))
        except NonFiniteError as error:
            overflowed.append(error)
            excluded[bound.name] = f"cannot be evaluated in float64: {error}"
            continue
        (after if bound.maps() else lower if distance_in(bound.lhs) is None else upper).append(_rung(report, readings))
    if overflowed and not (upper or lower or after):
        raise overflowed[0]
    # Of two that are equal to rounding, the one that is never blunter comes first.
    upper.sort(key=lambda rung: (_to_rounding(rung.value), _place(rung.report.bound)))
    # What is no distance but a difference of squares comes last.
    lower.sort(key=lambda rung: (distance_in(rung.report.bound.rhs) is None, -_to_rounding(rung.value)))
    return Ladder(
        aggregator=name_of(aggregator, K) or "mean",
        upper=tuple(upper),
        lower=tuple(lower),
        after=tuple(after),
        excluded=excluded,
        sizes={collection.argument: size for collection, size in sizes.items()},
        dimension=next(iter(points.values())).shape[-1],
        norm=p,
    )


def _why_not(bound: Bound, kind: str, p: float, sizes: Mapping[Collection, int], maps: Maps) -> str | None:
    """Return why a bound says nothing here, or None."""
    about = about_of(bound)
    if not is_about(about, kind):
        return f"about the {about}" if about != "hull" else "about weighted means"
    if not maps.keys() >= set(bound.maps()):
        return "about a head after the mean, and none was given"
    if not bound.space.admits(p):
        return f"holds in {bound.space.value} only"
    if bound == HULL and kind == "mean":
        return f"says of the mean what {CHAMFER.name!r} says"
    try:
        require_equal_sizes(bound, sizes)
    except UnequalSizesError:
        return "needs equal sizes: " + ", ".join(
            str(premise) for premise in bound.spelled_out if isinstance(premise, EqualSizes)
        )
    if bound == K_ANY_SIZES and len(set(sizes.values())) == 1:
        return f"says of equal sizes what {K.name!r} says"
    return None


def _rung(report: Report, readings: Readings) -> Rung:
    """Return a report with both of its sides as distances, where its bound is of their squares."""
    bound = report.bound
    above = distance_in(bound.lhs) is not None
    side = bound.lhs if above else bound.rhs
    if distance_in(side) is None or squared_norm(side) is None:
        return Rung(report, report.rhs if above else report.lhs, report.tightness, squared=False)
    lhs, rhs, roots = readings.roots(report.lhs, report.rhs, (bound.lhs, bound.rhs))
    return Rung(report, rhs if above else lhs, readings.tightness(lhs, rhs, roots), squared=True)


def _place(bound: Bound) -> int:
    return _BY_PROOF.index(bound) if bound in _BY_PROOF else len(_BY_PROOF)


def _to_rounding(value: float) -> float:
    return float(f"{value:.10g}")
