"""A report on one bound."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from boundcheck.arithmetic import certified
from boundcheck.checking.heads import Maps
from boundcheck.checking.parameters import require_possible
from boundcheck.checking.premises import note_on_agreement, positions_of, premises_told, require_told, sides_of, text_of
from boundcheck.errors import NonFiniteError, explain
from boundcheck.evaluate import Enclosed, Judgement, Sides, Verdict, judge
from boundcheck.evaluate.judge import Readings, judged_with_reader
from boundcheck.evaluate.readers.numeric import Single
from boundcheck.evaluate.straight import RecordingReader
from boundcheck.language import Bound, Collection, Family, Index, Parameter, Weights
from boundcheck.report.result import LinkReport, PremiseReport, Report, Witness

__all__ = ["report_on", "report_with_readings"]

# Numbers in all points of which a copy costs less than what is found later: 20 objects in each of three collections, of 1408.
_COPIED = 1 << 17


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
    later = not maps and are_small(points)
    if later:
        # Copies, which no caller can change.
        points = {
            collection: tensor.clone(memory_format=torch.contiguous_format) for collection, tensor in points.items()
        }
        weights = {one: tensor.clone() for one, tensor in weights.items()}
    batch = {collection: tensor.unsqueeze(0) for collection, tensor in points.items()}
    some = next(iter(batch.values()))
    known_classes = {family: dict(own) for family, own in (classes or {}).items()}
    partitions = {family: tuple(own.values()) for family, own in known_classes.items()}
    parameters = {parameter: some.new_full((1,), value) for parameter, value in given.items()}
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
        again=later,
    )
    require_finite(judged, bound)
    require_told(bound, judged)
    require_possible(bound, readings.reader, given)
    if isinstance(readings.reader, RecordingReader):
        readings.reader.keep()
    lhs, rhs, slack = sides_of(judged.conclusion)
    values = {
        parameter.symbol: Enclosed(named.number, named.off)
        if isinstance(named, Single)
        else Enclosed(float(named.value), float(named.known_error))
        for parameter, named in judged.parameters.items()
    }
    at = judged.instance_of()

    def tightness() -> tuple[Enclosed | None]:
        return (_tightness(readings, lhs, rhs, bound, at),)

    def told() -> tuple[tuple[PremiseReport, ...], tuple[str, ...]]:
        return _told(bound, judged, readings, given, known_classes)

    premises, notes = ((), ()) if later else told()
    report = (_Unfinished if later else Report)(
        bound=bound,
        verdict=judged.conclusion.verdict_of(),
        lhs=lhs,
        rhs=rhs,
        slack=slack,
        tightness=None if later else tightness()[0],
        parameters=values,
        premises=premises,
        chain=tuple(link_report(link, sides) for link, sides in judged.chain.items()),
        sizes={collection.argument: len(tensor) for collection, tensor in points.items()},
        dimension=some.shape[-1],
        norm=p,
        notes=notes,
        aggregator=aggregator,
        ground=judged.conclusion.ground_of(),
        classes={family.argument: own for family, own in known_classes.items()},
        instance=Witness(positions_of(at, known_classes), {}) if at else None,
    )
    if isinstance(report, _Unfinished):
        finders: dict[tuple[str, ...], Callable[[], tuple[Any, ...]]] = {
            ("tightness",): tightness,
            ("premises", "notes"): told,
        }
        if bound.chain:
            finders["chain",] = lambda: (_chain(bound, batch, p, parameters, weights, partitions),)
        report.finish_with(finders)
    return report, readings


# What is found later is certified as what is found at once.


@certified
def _tightness(
    readings: Readings, lhs: Enclosed, rhs: Enclosed, bound: Bound, at: Mapping[Index, int]
) -> Enclosed | None:
    return readings.tightness(lhs, rhs, (bound.lhs, bound.rhs), at)


@certified
def _told(
    bound: Bound,
    judged: Judgement,
    readings: Readings,
    given: Mapping[Parameter, float],
    classes: Mapping[Family, Mapping[str, int]],
) -> tuple[tuple[PremiseReport, ...], tuple[str, ...]]:
    premises, notes = premises_told(bound, judged, readings, given, classes)
    agreement = note_on_agreement(judged)
    return premises, (*notes, agreement) if agreement else notes


def are_small(points: Mapping[Collection, Tensor]) -> bool:
    """Say whether points are so few that some is found later, from copies: on the CPU, and without gradients."""
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


class _Later:
    """In the place of a field's default, which would be found before what the field is to be."""

    def __set_name__(self, kind: type, name: str) -> None:
        self._name = name

    def __get__(self, report: _Unfinished | None, kind: type | None = None) -> Any:
        return self if report is None else report.__getattr__(self._name)


class _Unfinished(Report):
    """A report of which some parts are found when they are first looked at; with the last of them, it is a plain one."""

    notes = _Later()

    def finish_with(self, finders: Mapping[tuple[str, ...], Callable[[], tuple[Any, ...]]]) -> None:
        """Say what finds which parts together, once."""
        found = self.__dict__["_finders"] = {}
        for names, find in finders.items():
            for name in names:
                object.__delattr__(self, name)
                found[name] = names, find

    def __getattr__(self, name: str) -> Any:
        finders = self.__dict__.get("_finders", {})
        if name not in finders:
            # Another thread may have found it meanwhile.
            if name in self.__dict__:
                return self.__dict__[name]
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        names, find = finders[name]
        for one, value in zip(names, find(), strict=True):
            self.__dict__[one] = value
            finders.pop(one, None)
        if not finders and self.__dict__.pop("_finders", None) is not None:
            object.__setattr__(self, "__class__", Report)
        return self.__dict__[name]

    def _finished(self) -> Report:
        for name in tuple(self.__dict__.get("_finders", ())):
            getattr(self, name)
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
    found = judged.not_finite()
    if found is None:
        return
    premise, number = found
    fails = {one for one, side in judged.premises.items() if side.verdict_of() is Verdict.FAILS}
    failed = [one for one in bound.premises if fails & {one, *one.spelled_out}]
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
            f"a side of {'the conclusion' if premise is None else premise} that is {number}",
            fix,
        )
    )


def link_report(link: Bound, sides: Sides) -> LinkReport:
    lhs, rhs, slack = sides_of(sides)
    verdict, ground = sides.verdict_of(), sides.ground_of()
    return LinkReport(link.name, link.title, text_of(link), link.relation.value, verdict, lhs, rhs, slack, ground)
