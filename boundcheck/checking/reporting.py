"""A report on one bound."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor

from boundcheck.checking.heads import Maps
from boundcheck.checking.parameters import require_possible
from boundcheck.checking.premises import note_on_agreement, positions_of, premises_told, sides_of, text_of
from boundcheck.errors import NonFiniteError, explain
from boundcheck.evaluate import CODES, Enclosed, Judgement, Sides, Verdict, judge
from boundcheck.evaluate.judge import Readings, judged_with_reader
from boundcheck.language import Bound, Collection, Family, Parameter, Premise, Weights
from boundcheck.report.result import LinkReport, Report, Witness

__all__ = ["report_on", "report_with_readings"]

# Numbers in all points of which a copy costs less than the chain.
_COPIED = 1 << 16


def report_on(
    bound: Bound,
    points: Mapping[Collection, Tensor],
    p: float,
    given: Mapping[Parameter, float],
    weights: Mapping[Weights, Tensor],
    maps: Maps,
    aggregator: str | None,
    classes: Mapping[Family, Mapping[str, int]] | None = None,
) -> Report:
    """Return the report on a bound, of which the values of parameters, weights and maps are known.

    Of a family, the size of each class is known by its name, in the order of its points.
    """
    return report_with_readings(bound, points, p, given, weights, maps, aggregator, classes)[0]


def report_with_readings(
    bound: Bound,
    points: Mapping[Collection, Tensor],
    p: float,
    given: Mapping[Parameter, float],
    weights: Mapping[Weights, Tensor],
    maps: Maps,
    aggregator: str | None,
    classes: Mapping[Family, Mapping[str, int]] | None = None,
) -> tuple[Report, Readings]:
    """Return what :func:`report_on` does, and what reads whatever else is to be said of the same points."""
    batch = {collection: tensor.unsqueeze(0) for collection, tensor in points.items()}
    some = next(iter(batch.values()))
    known_classes = {family: dict(own) for family, own in (classes or {}).items()}
    partitions = {family: tuple(own.values()) for family, own in known_classes.items()}
    parameters = {parameter: some.new_full((1,), value) for parameter, value in given.items()}
    # A function may say something else later, and copies of many points take room.
    later = bool(bound.chain) and not maps and are_small(batch)
    judged, readings = judged_with_reader(
        bound,
        batch,
        p,
        parameters=parameters,
        weights=weights,
        maps=maps,
        partitions=partitions,
        chain=not later,
        escalate=None,
        escalate_chain=True,
        sharpen=True,
    )
    require_finite(judged, bound)
    require_possible(bound, batch, p, given, weights, partitions)
    lhs, rhs, slack = sides_of(judged.conclusion)
    values = {
        parameter.symbol: Enclosed(float(named.value), float(named.error) if named.error is not None else 0.0)
        for parameter, named in judged.parameters.items()
    }
    premises, notes = premises_told(bound, judged, readings, given, known_classes)
    agreement = note_on_agreement(judged)
    report = (_Unfinished if later else Report)(
        bound=bound,
        verdict=CODES[int(judged.conclusion.code)],
        lhs=lhs,
        rhs=rhs,
        slack=slack,
        tightness=readings.tightness(lhs, rhs, (bound.lhs, bound.rhs), judged.instance_of()),
        parameters=values,
        premises=premises,
        chain=tuple(link_report(link, sides) for link, sides in judged.chain.items()),
        sizes={collection.argument: len(tensor) for collection, tensor in points.items()},
        dimension=some.shape[-1],
        norm=p,
        notes=(*notes, agreement) if agreement else notes,
        aggregator=aggregator,
        ground=judged.conclusion.ground_of(),
        classes={family.argument: own for family, own in known_classes.items()},
        instance=Witness(positions_of(at, known_classes), {}) if (at := judged.instance_of()) else None,
    )
    if isinstance(report, _Unfinished):
        # Copies, which no caller can change.
        batch = {collection: tensor.clone() for collection, tensor in batch.items()}
        weights = {one: tensor.clone() for one, tensor in weights.items()}
        report.finish_with(lambda: _chain(bound, batch, p, parameters, weights, partitions))
    return report, readings


def are_small(points: Mapping[Collection, Tensor]) -> bool:
    """Say whether points are so few that a chain is judged later, from copies: on the CPU, and without gradients."""
    tensors = points.values()
    if sum(tensor.numel() for tensor in tensors) > _COPIED:
        return False
    return not any(tensor.requires_grad or tensor.device.type != "cpu" for tensor in tensors)


def _chain(
    bound: Bound,
    batch: Mapping[Collection, Tensor],
    p: float,
    parameters: Mapping[Parameter, Tensor],
    weights: Mapping[Weights, Tensor],
    partitions: Mapping[Family, tuple[int, ...]],
) -> tuple[LinkReport, ...]:
    judged = judge(
        bound,
        batch,
        p,
        parameters=parameters,
        weights=weights,
        partitions=partitions,
        escalate=None,
        escalate_chain=True,
        sharpen=True,
    )
    return tuple(link_report(link, sides) for link, sides in judged.chain.items())


class _Unfinished(Report):
    """A report whose chain is judged when it is first looked at; from then on, it is a plain one."""

    def finish_with(self, find: Callable[[], tuple[LinkReport, ...]]) -> None:
        """Say what finds the chain."""
        object.__delattr__(self, "chain")
        object.__setattr__(self, "_find", find)

    def __getattr__(self, name: str) -> Any:
        if name != "chain" or "_find" not in self.__dict__:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        object.__setattr__(self, "chain", self.__dict__["_find"]())
        object.__delattr__(self, "_find")
        object.__setattr__(self, "__class__", Report)
        return self.chain

    def _finished(self) -> Report:
        assert isinstance(self.chain, tuple)
        return self

    def __eq__(self, other: object) -> bool:
        return self._finished() == (other._finished() if isinstance(other, _Unfinished) else other)

    # As a report has: it is not to be hashed, for it holds mappings.
    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(self._finished())

    def __reduce_ex__(self, protocol: Any) -> Any:
        return self._finished().__reduce_ex__(protocol)


def require_finite(judged: Judgement, bound: Bound) -> None:
    """Refuse sides that are not finite; of the conclusion's, where a premise fails, with that premise."""
    fails = {premise for premise, side in judged.premises.items() if CODES[int(side.code)] is Verdict.FAILS}
    failed = [premise for premise in bound.premises if fails & {premise, *premise.spelled_out}]
    sides: list[tuple[Premise | None, Sides]] = [(None, judged.conclusion), *judged.premises.items()]
    for premise, side in sides:
        for value in (float(side.lhs), float(side.rhs)):
            if not math.isfinite(value):
                name = "the conclusion" if premise is None else str(premise)
                fix = (
                    "scale the embedding down, if the bound divides by nothing that is 0, takes the cosine of no vector "
                    "that is 0, no root or logarithm of a negative number and no exponential of one above 709"
                )
                if premise is None and failed:
                    fix = f"leave out the points at which the premise '{failed[0]}' fails"
                raise NonFiniteError(
                    explain(
                        "embedding",
                        "points whose distances fit in float64 (below 1.8e308), and terms that are defined there",
                        f"a side of {name} that is {value}",
                        fix,
                    )
                )


def link_report(link: Bound, sides: Sides) -> LinkReport:
    lhs, rhs, slack = sides_of(sides)
    verdict, ground = CODES[int(sides.code)], sides.ground_of()
    return LinkReport(link.name, link.title, text_of(link), link.relation.value, verdict, lhs, rhs, slack, ground)
