"""What a report says of premises: values, witnesses and notes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, TypeAlias

from boundcheck.evaluate import Enclosed, Judgement, Sides, Verdict
from boundcheck.evaluate.judge import Readings
from boundcheck.language import (
    Add,
    Applied,
    Below,
    Bound,
    ClassIndex,
    Constant,
    CoordinateIndex,
    EqualSizes,
    Family,
    ForAll,
    Index,
    Lipschitz,
    MemberIndex,
    Parameter,
    Premise,
    Rules,
    Scalar,
)
from boundcheck.language.functions.absolute import ABSOLUTE
from boundcheck.language.kept import kept
from boundcheck.report.result import PremiseReport, Witness

__all__ = ["note_on_agreement", "positions_of", "premises_told", "require_told", "sides_of", "text_of"]

# By how much a premise of equality may fail for rounding of the data to be the likely reason: half precision.
_ROUNDED = 2e-3


@dataclass(frozen=True)
class Told:
    """What is said of one premise: its report, and what a reader should know of the values given and what is assumed."""

    report: PremiseReport
    note: str = ""


#: The size of each class of a family by its name, in the order of its points.
ClassSizes: TypeAlias = Mapping[Family, Mapping[str, int]]


def premises_told(
    bound: Bound,
    judged: Judgement,
    readings: Readings,
    given: Mapping[Parameter, float],
    classes: ClassSizes | None = None,
) -> tuple[tuple[PremiseReport, ...], tuple[str, ...]]:
    """Return what to report of each premise of a bound, and the notes on all of them."""
    reports, notes = [], []
    for premise in bound.premises:
        if type(premise) not in REPORTED.rules and premise in judged.premises:
            # A kind that has a rule of its own for how it is judged.
            told = [_plain(premise, judged)]
        else:
            told = [
                rule(part, bound, judged, readings, given, classes or {}) for part, rule in REPORTED.each((premise,))
            ]
        reports.append(_together(premise, [one.report for one in told]))
        notes += [one.note for one in told if one.note]
    return tuple(reports), tuple(dict.fromkeys(notes))


def require_told(bound: Bound, judged: Judgement) -> None:
    """Raise where there is no rule for what to say of a premise.

    Raises
    ------
    TermError
        If there is none for its kind, it is not expressed by others, and it was not judged.
    """
    for premise in bound.premises:
        if type(premise) not in REPORTED.rules and premise not in judged.premises:
            for _ in REPORTED.each((premise,)):
                pass


def _together(premise: Premise, reports: Sequence[PremiseReport]) -> PremiseReport:
    """Return the report of a premise from those of what it is expressed by: the numbers of the worst of them."""
    verdict = Verdict.worst(one.verdict for one in reports) if reports else Verdict.HOLDS
    worst = [one for one in reports if one.verdict is verdict]
    shown = next((one for one in worst if one.lhs is not None), worst[0] if worst else None)
    if shown is None:
        return PremiseReport(premise.name, text_of(premise), verdict)
    return replace(shown, name=premise.name, statement=text_of(premise))


def _plain(premise: Premise, judged: Judgement) -> Told:
    sides = judged.premises[premise]
    lhs, rhs, _ = sides_of(sides)
    verdict = sides.verdict_of()
    return Told(PremiseReport(premise.name, text_of(premise), verdict, False, lhs, rhs, None, sides.ground_of()))


_Tell: TypeAlias = Callable[[Any, Bound, Judgement, Readings, Mapping[Parameter, float], ClassSizes], Told]

#: What is said of each kind of premise.
REPORTED: Rules[_Tell] = Rules(
    "the report of a check", Premise, fix="give the kind a rule in boundcheck.checking.premises.REPORTED"
)


@REPORTED.rule(EqualSizes)
def _equal_sizes(
    premise: EqualSizes,
    bound: Bound,
    judged: Judgement,
    readings: Readings,
    given: Mapping[Parameter, float],
    classes: ClassSizes,
) -> Told:
    # Sizes were compared before anything was computed.
    return Told(PremiseReport(premise.name, text_of(premise), Verdict.HOLDS))


@REPORTED.rule(ForAll)
def _for_all(
    premise: ForAll,
    bound: Bound,
    judged: Judgement,
    readings: Readings,
    given: Mapping[Parameter, float],
    classes: ClassSizes,
) -> Told:
    sides = judged.premises[premise]
    lhs, rhs, _ = sides_of(sides)
    report = PremiseReport(
        premise.name,
        text_of(premise),
        sides.verdict_of(),
        premise.parameter in judged.derived,
        lhs,
        rhs,
        _witness(premise, readings, classes),
        sides.ground_of(),
    )
    note = _note_on_value(premise, report.verdict, float(lhs), given)
    return Told(report, note or _note_on_rounding(premise, report.verdict, float(lhs) - float(rhs)))


@REPORTED.rule(Below)
def _below(
    premise: Below,
    bound: Bound,
    judged: Judgement,
    readings: Readings,
    given: Mapping[Parameter, float],
    classes: ClassSizes,
) -> Told:
    """Say where the left side comes nearest to the right one, not what the indicator is by which that is judged."""
    (judged_as,) = premise.spelled_out
    sides = judged.premises[judged_as]
    above = ForAll(premise.name, lhs=premise.lhs - premise.rhs, rhs=Constant(Fraction(0)))
    at = readings.witness(above)
    spoken = [side for side in (premise.lhs, premise.rhs) if type(side) is not Constant]
    named = {name: value for term in spoken for name, value in _values(term, readings, at).items()}
    verdict = sides.verdict_of()
    told = Witness(positions_of(at, classes), named)
    return Told(PremiseReport(premise.name, text_of(premise), verdict, witness=told, ground=sides.ground_of()))


def _note_on_value(premise: ForAll, verdict: Verdict, least: float, given: Mapping[Parameter, float]) -> str:
    parameter = premise.parameter
    if parameter is None or parameter not in given:
        return ""
    value, symbol = given[parameter], parameter.symbol
    if verdict is Verdict.FAILS:
        hint = f" {premise.hint}." if premise.hint else ""
        return f"{symbol} = {value:g} is not reached here: the least {symbol} is {least:.6g}.{hint}"
    if verdict is Verdict.UNDECIDED:
        return (
            f"{premise.name} is undecided: {symbol} = {value:g} is the least {symbol} to within rounding. "
            f"Leave {symbol} out, and it is the least exactly."
        )
    if value > 0 and least <= -value:
        return (
            f"{symbol} = {value:g} is true but far from the least, {least:.6g}: "
            f"was the margin meant? Then give {symbol} = {-value:g}."
        )
    return ""


def _note_on_rounding(premise: ForAll, verdict: Verdict, excess: float) -> str:
    """Return what to do about a premise of equality that fails by no more than rounding makes of data."""
    equality = type(premise.lhs) is Applied and premise.lhs.function is ABSOLUTE and type(premise.rhs) is Constant
    if verdict is not Verdict.FAILS or not equality or not 0 < excess <= _ROUNDED:
        return ""
    fix = premise.hint or f"state it within a tolerance, for_all({premise.name!r}, {premise.lhs} <= 1e-6) say"
    return f"{premise.name} fails by {excess:.1g} alone, as it does where numbers were rounded, to float32 say: {fix}."


@REPORTED.rule(Lipschitz)
def _lipschitz(
    premise: Lipschitz,
    bound: Bound,
    judged: Judgement,
    readings: Readings,
    given: Mapping[Parameter, float],
    classes: ClassSizes,
) -> Told:
    """Say what the points say of a Lipschitz premise: the two that contradict it most, if any do."""
    sides = judged.premises[premise]
    verdict = sides.verdict_of()
    lhs, rhs, _ = sides_of(sides)
    witness = None
    note = f"that {premise.name} is assumed: points can contradict it, but no finite number of them can show it."
    if verdict is Verdict.FAILS:
        found = [_witness_of(excess, readings, classes) for excess in bound.excesses(premise)]
        witness = max(found, key=lambda pair: pair[0])[1]
        note = f"{premise.name} is contradicted by points here: the constant is larger, or there is none."
    return Told(PremiseReport(premise.name, text_of(premise), verdict, False, lhs, rhs, witness), note)


def _witness_of(excess: Scalar, readings: Readings, classes: ClassSizes) -> tuple[float, Witness]:
    """Return the largest value of a term over its free indices, and where it is taken."""
    if not excess.free():
        return float(readings.reader.scalar(excess).value), Witness({}, _values(excess, readings, {}))
    above = ForAll("excess", lhs=excess, rhs=Constant(Fraction(0)))
    return float(readings.reader.scalar(above.least).value), _witness(above, readings, classes)


def _witness(premise: ForAll, readings: Readings, classes: ClassSizes) -> Witness:
    at = readings.witness(premise)
    return Witness(positions_of(at, classes), _values(premise.lhs, readings, at))


def positions_of(at: Mapping[Index, int], classes: ClassSizes) -> dict[str, int]:
    """Return the values of indices by what they are positions in: a collection, a family's classes, one class."""
    found: dict[str, int] = {}
    spoken = {index.within for index in at if isinstance(index, MemberIndex)}
    for index, position in at.items():
        if isinstance(index, CoordinateIndex):
            found[f"coordinate {index.symbol}"] = position
        elif isinstance(index, MemberIndex):
            family, within = index.within.family, at.get(index.within)
            names = list(classes.get(family, ()))
            own = str(index.within) if within is None else repr(names[within]) if names else str(within)
            found[f"{family.argument}[{own}]" + "′" * _primes(index)] = position
        elif not (isinstance(index, ClassIndex) and index in spoken):
            for collection in index.collections:
                # Two indices of one collection, i and i′, are of two of its points.
                found[collection.argument + "′" * _primes(index)] = position
    return found


def _primes(index: Index) -> int:
    return index.symbol.count("′")


def _values(term: Scalar, readings: Readings, at: Mapping[Index, int]) -> dict[str, float]:
    """Return the value of each part of a sum where its indices have the values given, without its sign."""
    return {text: readings.value_at(shown, at) for text, shown in _parts(term)}


@kept
def _parts(term: Scalar) -> tuple[tuple[str, Scalar], ...]:
    parts = term.terms if isinstance(term, Add) else (term,)
    shown = [-part if str(part).startswith("−") else part for part in parts]
    return tuple((str(part), part) for part in shown)


def note_on_agreement(judged: Judgement) -> str:
    """Return what a reader of a report should know of two sides that no precision tells apart; empty of others."""
    bits = judged.conclusion.ground_of().agreement
    if bits is None:
        return ""
    return f"the two sides agree to {bits} bits, and at least one has no exact form that could show whether they are equal."


def sides_of(sides: Sides) -> tuple[Enclosed, Enclosed, Enclosed]:
    """Return both sides and the slack of one triple."""
    one = sides.first()
    return Enclosed(one.lhs, one.lhs_error), Enclosed(one.rhs, one.rhs_error), Enclosed(one.slack, one.slack_error)


@kept
def text_of(statement: Bound | Premise) -> str:
    """Return the text of a premise, or of a bound's conclusion: the same each time, which takes long to write."""
    return statement.statement if isinstance(statement, Bound) else str(statement)
