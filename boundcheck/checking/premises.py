"""What a report says of premises: values, witnesses and notes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any, TypeAlias

from boundcheck.evaluate import CODES, Enclosed, Judgement, Sides, Verdict
from boundcheck.evaluate.judge import Readings
from boundcheck.language import (
    Add,
    Bound,
    Constant,
    EqualSizes,
    ForAll,
    Index,
    Lipschitz,
    Parameter,
    Premise,
    Rules,
    Scalar,
)
from boundcheck.report.result import PremiseReport, Witness

__all__ = ["notes_on", "premise_reports", "sides_of", "text_of"]


def premise_reports(bound: Bound, judged: Judgement, readings: Readings) -> tuple[PremiseReport, ...]:
    """Return what to report of each premise of a bound."""
    return tuple(REPORTED.of(premise)(premise, bound, judged, readings) for premise in bound.premises)


_Report: TypeAlias = Callable[[Any, Bound, Judgement, Readings], PremiseReport]

#: What is reported of each kind of premise.
REPORTED: Rules[_Report] = Rules(
    "the report of a check", Premise, fix="give the kind a rule in boundcheck.checking.premises.REPORTED"
)


@REPORTED.rule(EqualSizes)
def _equal_sizes(premise: EqualSizes, bound: Bound, judged: Judgement, readings: Readings) -> PremiseReport:
    # Sizes were compared before anything was computed.
    return PremiseReport(premise.name, text_of(premise), Verdict.HOLDS)


@REPORTED.rule(ForAll)
def _for_all(premise: ForAll, bound: Bound, judged: Judgement, readings: Readings) -> PremiseReport:
    sides = judged.premises[premise]
    lhs, rhs, _ = sides_of(sides)
    return PremiseReport(
        premise.name,
        text_of(premise),
        CODES[int(sides.code)],
        premise.parameter in judged.derived,
        lhs,
        rhs,
        _witness(premise, readings),
        sides.ground_of(),
    )


@REPORTED.rule(Lipschitz)
def _lipschitz(premise: Lipschitz, bound: Bound, judged: Judgement, readings: Readings) -> PremiseReport:
    """Report what the points say of a Lipschitz premise: the two that contradict it most, if any do."""
    sides = judged.premises[premise]
    verdict = CODES[int(sides.code)]
    lhs, rhs, _ = sides_of(sides)
    witness = None
    if verdict is Verdict.FAILS:
        found = [_witness_of(excess, readings) for excess in bound.excesses(premise)]
        witness = max(found, key=lambda pair: pair[0])[1]
    return PremiseReport(premise.name, text_of(premise), verdict, False, lhs, rhs, witness)


def _witness_of(excess: Scalar, readings: Readings) -> tuple[float, Witness]:
    """Return the largest value of a term over its free indices, and where it is taken."""
    if not excess.free():
        return float(readings.reader.scalar(excess).value), Witness({}, _values(excess, readings, {}))
    above = ForAll("excess", lhs=excess, rhs=Constant(Fraction(0)))
    return float(readings.reader.scalar(above.least).value), _witness(above, readings)


def _witness(premise: ForAll, readings: Readings) -> Witness:
    at = readings.witness(premise)
    positions = {
        # Two indices of one collection, i and i′, are of two of its points.
        collection.argument + "′" * index.symbol.count("′"): position
        for index, position in at.items()
        for collection in index.collections
    }
    return Witness(positions, _values(premise.lhs, readings, at))


def _values(term: Scalar, readings: Readings, at: Mapping[Index, int]) -> dict[str, float]:
    """Return the value of each part of a sum where its indices have the values given, without its sign."""
    return {text: readings.value_at(shown, at) for text, shown in _parts(term)}


@lru_cache(maxsize=256)
def _parts(term: Scalar) -> tuple[tuple[str, Scalar], ...]:
    parts = term.terms if isinstance(term, Add) else (term,)
    shown = [-part if str(part).startswith("−") else part for part in parts]
    return tuple((str(part), part) for part in shown)


def notes_on(judged: Judgement, given: Mapping[Parameter, float]) -> tuple[str, ...]:
    """Return what a reader of a report should know of the values given and of what is assumed."""
    notes = []
    for premise, sides in judged.premises.items():
        if isinstance(premise, Lipschitz):
            notes.append(_lipschitz_note(premise, CODES[int(sides.code)]))
            continue
        parameter = premise.parameter
        if parameter is None or parameter not in given or not isinstance(premise, ForAll):
            continue
        value, least, symbol = given[parameter], float(sides.lhs), parameter.symbol
        verdict = CODES[int(sides.code)]
        if verdict is Verdict.FAILS:
            notes.append(
                f"{symbol} = {value:g} is not reached here: the least {symbol} is {least:.6g}. {premise.hint}."
            )
        elif verdict is Verdict.UNDECIDED:
            notes.append(
                f"{premise.name} is undecided: {symbol} = {value:g} is the least {symbol} to within rounding. "
                f"Leave {symbol} out, and it is the least exactly."
            )
        elif value > 0 and least <= -value:
            notes.append(
                f"{symbol} = {value:g} is true but far from the least, {least:.6g}: "
                f"was the margin meant? Then give {symbol} = {-value:g}."
            )
    bits = judged.conclusion.ground_of().agreement
    if bits is not None:
        notes.append(
            f"the two sides agree to {bits} bits, and at least one has no exact form that could show whether they are equal."
        )
    return tuple(note for note in notes if note)


def _lipschitz_note(premise: Lipschitz, verdict: Verdict) -> str:
    if verdict is Verdict.FAILS:
        return f"{premise.name} is contradicted by points here: the constant is larger, or there is none."
    return f"that {premise.name} is assumed: points can contradict it, but no finite number of them can show it."


def sides_of(sides: Sides) -> tuple[Enclosed, Enclosed, Enclosed]:
    """Return both sides and the slack of one triple."""
    return (
        Enclosed(float(sides.lhs), float(sides.lhs_error)),
        Enclosed(float(sides.rhs), float(sides.rhs_error)),
        Enclosed(float(sides.slack), float(sides.slack_error)),
    )


@lru_cache(maxsize=256)
def text_of(statement: Bound | Premise) -> str:
    """Return the text of a premise, or of a bound's conclusion: the same each time, which takes long to write."""
    return statement.statement if isinstance(statement, Bound) else str(statement)
