"""Verdicts on a bound, its premises and its chain, for a batch of triples."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Collection as Sized
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
import torch
from jaxtyping import Float, Int8, Int32, Int64
from torch import Tensor

from boundcheck.arithmetic import certified
from boundcheck.errors import TermError, UnequalSizesError, explain
from boundcheck.evaluate import rounding, verdict
from boundcheck.evaluate.enclosed import Enclosed, is_sharp, quotient, root_of_square
from boundcheck.evaluate.planned import reader_for
from boundcheck.evaluate.readers.numeric import Mapped, Named, NumericReader, Single
from boundcheck.evaluate.relations import certain
from boundcheck.evaluate.straight import straight_reader_for
from boundcheck.evaluate.verdict import Ground, Verdict
from boundcheck.language import (
    Bound,
    Collection,
    Constant,
    EqualSizes,
    Family,
    ForAll,
    Index,
    Lipschitz,
    Map,
    Parameter,
    Power,
    Premise,
    Relation,
    Rules,
    Scalar,
    Weights,
    largest,
    maximum,
)

if TYPE_CHECKING:
    from boundcheck.evaluate.decide import Decider

# Of a batch: where the points are such that most triples are ties, a scan's time would be all theirs.
_ESCALATED = 16
# The most numbers in a triple's points of which more digits than float64 shows are asked for.
_SHARPENED = 1 << 20
# The largest array in which a witness is looked for in one go.
_AT_ONCE = 1 << 16
# The most instances of a conclusion on one triple that are looked at one by one.
_INSTANCES = 1 << 22


class Numbers(NamedTuple):
    """Both sides of a statement on one triple and the slack, each with a bound on its error, and the verdict's code."""

    lhs: float
    lhs_error: float
    rhs: float
    rhs_error: float
    slack: float
    slack_error: float
    code: int


@dataclass(frozen=True)
class Sides:
    """Both sides of a statement over a batch, each with a bound on its error, and the verdict.

    Every array has shape (b,).

    Attributes
    ----------
    lhs, lhs_error, rhs, rhs_error
        The sides: from float64, or nearer to the exact values where more was computed.
    slack, slack_error
        Right side minus left side.
    code
        The verdict, an index into :data:`boundcheck.evaluate.verdict.CODES`.
    ground
        What the verdict rests on: :data:`boundcheck.evaluate.verdict.FLOAT64`, the bits of balls, or
        :data:`boundcheck.evaluate.verdict.EXACT`.
    agreement
        Where balls left it undecided, k such that the sides differ by at most 2⁻ᵏ times the larger.
    """

    lhs: Float[Tensor, " b"]
    lhs_error: Float[Tensor, " b"]
    rhs: Float[Tensor, " b"]
    rhs_error: Float[Tensor, " b"]
    slack: Float[Tensor, " b"]
    slack_error: Float[Tensor, " b"]
    code: Int8[Tensor, " b"]
    ground: Int32[Tensor, " b"]
    agreement: Int32[Tensor, " b"]

    def first(self) -> Numbers:
        """Return the first triple's numbers and verdict."""
        named = (self.lhs, self.lhs_error, self.rhs, self.rhs_error, self.slack, self.slack_error)
        lhs, lhs_error, rhs, rhs_error, slack, slack_error = (float(tensor[0]) for tensor in named)
        return Numbers(lhs, lhs_error, rhs, rhs_error, slack, slack_error, int(self.code[0]))

    def replaced(self, **changed: Tensor) -> Sides:
        """Return the sides with other numbers or verdicts in some places."""
        return Sides(**{name: changed[name] if name in changed else getattr(self, name) for name in _FIELDS})

    def verdict_of(self) -> Verdict:
        """Return the first triple's verdict."""
        return verdict.CODES[self.first().code]

    def ground_of(self, row: int = 0) -> Ground:
        """Return what one triple's verdict rests on."""
        code, ground, agreement = (int(tensor[row]) for tensor in (self.code, self.ground, self.agreement))
        return Ground.of(code, ground, agreement, float(self.slack[row]), float(self.slack_error[row]))

    @property
    def tightness(self) -> Float[Tensor, " b"]:
        """Left side over right side; NaN where both are 0."""
        return self.lhs / self.rhs


_FIELDS = tuple(Sides.__dataclass_fields__)


class OneSides(Sides):
    """The sides of one triple as float64 has them, in floats; tensors of shape (1,) where they are asked for."""

    def __init__(self, numbers: Numbers) -> None:
        object.__setattr__(self, "_numbers", numbers)

    def __getattr__(self, name: str) -> Tensor:
        if name not in _FIELDS:
            raise AttributeError(name)
        if name == "code":
            found = torch.tensor([self.first().code], dtype=torch.int8)
        elif name in ("ground", "agreement"):
            found = torch.tensor([verdict.FLOAT64], dtype=torch.int32)
        else:
            found = torch.tensor([getattr(self.first(), name)], dtype=torch.float64)
        object.__setattr__(self, name, found)
        return found

    def first(self) -> Numbers:
        """Return the only triple's numbers and verdict."""
        numbers: Numbers = self.__dict__["_numbers"]
        return numbers

    def with_code(self, code: int) -> OneSides:
        """Return the sides with another verdict."""
        return self if code == self.first().code else OneSides(self.first()._replace(code=code))

    def ground_of(self, row: int = 0) -> Ground:
        """Return what the verdict rests on."""
        return Ground()


@dataclass(frozen=True)
class Judgement:
    """What was found of a bound on a batch of triples.

    Attributes
    ----------
    conclusion
        The bound's two sides and its verdict, vacuous where a premise fails.
    premises
        The sides and verdict of every premise that quantifies over points, and of those that one is expressed by in its
        place; equal sizes are checked before. A Lipschitz premise's left side is its largest excess over two points at
        hand, its right side 0.
    chain
        The same for every link of the chain.
    parameters
        The value of every parameter, given or least, with its error.
    derived
        The parameters that were not given: their premises hold by choice of the least value.
    measured
        The further terms asked for.
    instance
        Of a conclusion for all values of some indices, where each is in the instance that both sides are of, shape (b,):
        the one that decides the verdict, and of several the tightest. Of a point of a class, its place in that class.
    """

    conclusion: Sides
    premises: Mapping[Premise, Sides]
    chain: Mapping[Bound, Sides]
    parameters: Mapping[Parameter, Named]
    derived: frozenset[Parameter]
    measured: Mapping[str, Named]
    instance: Mapping[Index, Int64[Tensor, " b"]] = field(default_factory=dict)

    def instance_of(self, row: int = 0) -> dict[Index, int]:
        """Return the values of the conclusion's indices in one triple's instance; empty where none is free."""
        return {index: int(places[row]) for index, places in self.instance.items()}

    def not_finite(self) -> tuple[Premise | None, float] | None:
        """Return a side on the first triple that is not finite, and whose it is, a premise's or (None) the conclusion's.

        None where all are.
        """
        sides: list[tuple[Premise | None, Sides]] = [(None, self.conclusion), *self.premises.items()]
        numbers = ((premise, number) for premise, side in sides for number in (side.first().lhs, side.first().rhs))
        return next((one for one in numbers if not math.isfinite(one[1])), None)


def require_equal_sizes(
    bound: Bound, sizes: Mapping[Collection, int], names: Mapping[Collection, str] | None = None
) -> None:
    """Raise :class:`UnequalSizesError` where a premise of equal sizes is not met.

    Parameters
    ----------
    bound
        Whose premises.
    sizes
        Of the collections.
    names
        What a message calls them; their arguments if None.
    """
    for group in bound.equal_sizes:
        first, *others = group
        for other in others:
            if sizes[other] != sizes[first]:
                raise UnequalSizesError(
                    explain(
                        other.argument if names is None else names[other],
                        f"{sizes[first]} objects like {first.argument if names is None else names[first]}",
                        f"{sizes[other]}",
                        "pass equal_sizes=False for the variant that allows it",
                    )
                )


@certified
def judge(
    bound: Bound,
    points: Mapping[Collection, Float[Tensor, "b n d"]],
    p: float = 2.0,
    *,
    parameters: Mapping[Parameter, Float[Tensor, " b"]] | None = None,
    weights: Mapping[Weights, Float[Tensor, "b n"]] | None = None,
    maps: Mapping[Map, Callable[[Tensor], Tensor]] | None = None,
    partitions: Mapping[Family, tuple[int, ...]] | None = None,
    chain: bool = True,
    measure: Mapping[str, Scalar] | None = None,
    escalate: int | None = _ESCALATED,
    escalate_chain: bool = False,
    sharpen: bool = False,
) -> Judgement:
    """Judge a bound on a batch of triples.

    Parameters
    ----------
    bound
        What to judge.
    points
        The embedded points of each of the bound's collections: float64 of shape (b, size, d), all of one b and d.
    p
        Of the norm, in [1, inf].
    parameters
        Values given for parameters; one left out takes the least value that its premise allows.
    weights
        Values of weights, taken as ratios.
    maps
        What each map stands for: a function from points, shape (k, d), to its values there, shape (k, d′).
    partitions
        Of every family among the collections, the sizes n_c of its classes, whose points come in that order: one partition
        for the whole batch.
    chain
        Whether to judge the links of the chain too.
    measure
        Further terms to evaluate, by name.
    escalate
        On how many triples of the batch, the first of them, what float64 leaves undecided goes on to balls of growing
        precision and exact comparison (:mod:`boundcheck.evaluate.decide`), one triple at a time; None for all.
    escalate_chain
        Whether links of the chain do so too. An equality among them is undecided in float64 whatever the points.
    sharpen
        Whether numbers that float64 leaves off by more than :data:`boundcheck.evaluate.enclosed.SHARP` of their value go on
        to balls and exact numbers too, on as many triples, for what is to be read by a person.

    Raises
    ------
    NormError, UnequalSizesError, ParameterError
        If the norm, the sizes or the parameters are none that the bound is stated for.
    TermError
        If a premise is of an unknown kind, or a term to measure has a free index.
    """
    return judged_with_reader(
        bound,
        points,
        p,
        parameters=parameters,
        weights=weights,
        maps=maps,
        partitions=partitions,
        chain=chain,
        measure=measure,
        escalate=escalate,
        escalate_chain=escalate_chain,
        sharpen=sharpen,
    )[0]


def judged_with_reader(
    bound: Bound,
    points: Mapping[Collection, Float[Tensor, "b n d"]],
    p: float = 2.0,
    *,
    parameters: Mapping[Parameter, Float[Tensor, " b"]] | None = None,
    weights: Mapping[Weights, Float[Tensor, "b n"]] | None = None,
    maps: Mapping[Map, Callable[[Tensor], Tensor]] | None = None,
    partitions: Mapping[Family, tuple[int, ...]] | None = None,
    chain: bool = True,
    measure: Mapping[str, Scalar] | None = None,
    escalate: int | None = _ESCALATED,
    escalate_chain: bool = False,
    sharpen: bool = False,
    again: bool = False,
) -> tuple[Judgement, Readings]:
    """Return what :func:`judge` does, and what reads whatever else is to be said of the same points.

    With `again`, on one batch of one without maps and gradients, contiguous and on the CPU, of which the sizes may come again:
    what float64 reads of it is a straight line from the second or third time on (:mod:`boundcheck.evaluate.straight`).
    """
    p = bound.require_norm(p)
    require_equal_sizes(bound, {collection: tensor.shape[1] for collection, tensor in points.items()})
    JUDGED.require_premises(bound)
    constants = {premise.map: premise.constant for premise in bound.lipschitz}
    stand_for = {map: Mapped(function, constants.get(map)) for map, function in (maps or {}).items()}
    given = dict(parameters or {})
    reader = None
    if again and not chain and not measure:
        reader = straight_reader_for(bound, points, p, given=given, weights=weights, partitions=partitions)
    reader = reader or reader_for(
        points, p, bound=bound, chain=chain, weights=weights, errors=True, maps=stand_for, partitions=partitions
    )
    for parameter, value in given.items():
        reader.bind_exact(parameter, value)
    derived = _bind_least(bound, reader, given.keys())
    higher = Readings(
        points,
        p,
        given,
        derived,
        weights or {},
        stand_for,
        reader,
        escalate,
        sharpen=sharpen,
        partitions=partitions,
    )
    premises = _judge_premises(bound, reader, derived, higher)
    conclusion, instance = _compare_sides(reader, bound, premises.values(), higher)
    links: dict[Bound, Sides] = {}
    for link in bound.chain if chain else ():
        held = [premises[premise] for premise, _ in JUDGED.each(link.premises) if premise in premises]
        links[link] = _compare_sides(reader, link, held, higher if escalate_chain else None)[0]
    values = {
        parameter: higher.sharpened(parameter, reader.scalar(parameter))
        if parameter in derived
        else reader.scalar(parameter)
        for parameter in bound.parameters()
    }
    for name, term in (measure or {}).items():
        if term.free():
            raise TermError(explain(f"measure[{name!r}]", "a term without free indices", f"'{term}'"))
    measured = {name: reader.scalar(term) for name, term in (measure or {}).items()}
    return Judgement(conclusion, premises, links, values, frozenset(derived), measured, instance), higher


def judge_in_float64(
    bound: Bound, reader: NumericReader, parameters: Mapping[Parameter, Float[Tensor, " b"]] | None = None
) -> tuple[Sides, Mapping[Parameter, Named]]:
    """Return a bound's two sides and verdict on what a reader reads, in float64 alone, and the parameters' values.

    Equal sizes are taken for granted. The rest is as in :func:`judge`.

    Raises
    ------
    TermError
        If a premise is of a kind that there is no rule for.
    """
    given = dict(parameters or {})
    for parameter, value in given.items():
        reader.bind_exact(parameter, value)
    derived = _bind_least(bound, reader, given.keys())
    premises = _judge_premises(bound, reader, derived, None)
    conclusion, _ = _compare_sides(reader, bound, premises.values(), None)
    return conclusion, {parameter: reader.scalar(parameter) for parameter in bound.parameters()}


class Readings:
    """A batch as float64 reads it, and the triples that need more than float64, each read once.

    Attributes
    ----------
    reader
        In float64.
    """

    def __init__(
        self,
        points: Mapping[Collection, Tensor],
        p: float,
        given: Mapping[Parameter, Tensor],
        derived: Mapping[Parameter, tuple[Scalar, ...]],
        weights: Mapping[Weights, Tensor],
        maps: Mapping[Map, Mapped],
        reader: NumericReader,
        limit: int | None,
        *,
        sharpen: bool = False,
        partitions: Mapping[Family, tuple[int, ...]] | None = None,
    ) -> None:
        self._partitions = dict(partitions or {})
        self._points, self._p, self._weights, self._maps = points, p, weights, maps
        self._given, self._derived, self.reader, self._limit = given, derived, reader, limit
        self._deciders: dict[int, Decider | None] = {}
        self._plain: NumericReader | None = None
        numbers = sum(tensor[0].numel() for tensor in points.values())
        # Of many points, exact numbers would take longer than all the rest.
        self._sharpens = sharpen and numbers <= _SHARPENED

    def decide(self, sides: Sides, lhs: Scalar, rhs: Scalar, relation: Relation, open_: Tensor) -> Sides:
        """Return the sides with the rows that are open decided, as far as they can be."""
        rows = torch.nonzero(open_).flatten().tolist()
        deciders = {row: decider for row in rows if (decider := self._decider(row)) is not None}
        if not deciders:
            return sides
        known = {name: getattr(sides, name).detach().clone() for name in sides.__dataclass_fields__}
        for row, decider in deciders.items():
            decision = decider.compare(lhs, rhs, relation)
            for name in ("code", "ground", "agreement"):
                known[name][row] = getattr(decision, name)
            for name in ("lhs", "rhs", "slack"):
                value, error = getattr(decision, name)
                # Undefined or beyond the floats at this precision: what float64 found stands.
                if _is_nearer(error, known[f"{name}_error"][row]):
                    known[name][row], known[f"{name}_error"][row] = value, error
        return Sides(**known)

    def decide_instances(
        self, sides: Sides, bound: Bound, instance: dict[Index, Tensor], open_: Tensor
    ) -> tuple[Sides, dict[Index, Tensor]]:
        """Return the sides of one instance of a bound on each triple, and which, with the rows that are open decided."""
        known = {name: getattr(sides, name).detach().clone() for name in sides.__dataclass_fields__}
        places = {index: place.clone() for index, place in instance.items()}
        for row in torch.nonzero(open_).flatten().tolist():
            if (decider := self._decider(row)) is None:
                continue
            decision = decider.compare(bound.largest_difference, Constant(Fraction(0)), bound.relation)
            for name in ("code", "ground", "agreement"):
                known[name][row] = getattr(decision, name)
            at = decider.largest_at(bound.difference, bound.indices)
            for index, place in at.items():
                places[index][row] = place
            for name, term in (("lhs", bound.lhs), ("rhs", bound.rhs), ("slack", bound.rhs - bound.lhs)):
                known[name][row], known[f"{name}_error"][row] = decider.value(term, at)
        return Sides(**known), places

    def sharpened(self, parameter: Parameter, named: Named) -> Named:
        """Return a derived parameter's value, nearer to the exact one on the triples that were read anew."""
        if isinstance(named, Single) and not self._deciders and not self._is_wide(named.number, named.off):
            return named
        value, error = named.value.detach(), named.known_error.detach()
        if not self._deciders and not self._wide(value, error):
            return Named(value, error, named.axes)
        value, error = value.clone(), error.clone()
        for row, decider in self._deciders.items():
            nearer = None if decider is None else decider.known(parameter)
            if nearer is not None and _is_nearer(nearer[1], error[row]):
                value[row], error[row] = nearer
        for row in self._wide(value, error):
            nearer = None if (decider := self._decider(row)) is None else decider.value(parameter)
            if nearer is not None and _is_nearer(nearer[1], error[row]):
                value[row], error[row] = nearer
        return Named(value, error, named.axes)

    def sharpened_sides(self, sides: Sides, lhs: Scalar, rhs: Scalar, *, slack: bool = False) -> Sides:
        """Return the sides with numbers that show their digits, as far as they can, on the triples where they do not.

        The slack, which is mostly 0 of a premise, where it is to be shown.
        """
        if not self._sharpens:
            return sides
        if isinstance(sides, OneSides):
            one = sides.first()
            shown = ((one.lhs, one.lhs_error), (one.rhs, one.rhs_error), (one.slack, one.slack_error))
            if not any(is_wide(value, off) for value, off in (shown if slack else shown[:2])):
                return sides
        known: dict[str, Tensor] = {}
        for name in ("lhs", "rhs", "slack") if slack else ("lhs", "rhs"):
            value, error = getattr(sides, name), getattr(sides, f"{name}_error")
            for row in self._wide(value, error):
                decider = self._decider(row)
                if decider is None:
                    continue
                if name not in known:
                    known[name], known[f"{name}_error"] = value.detach().clone(), error.detach().clone()
                nearer = (
                    decider.difference(lhs, rhs) if name == "slack" else decider.value(lhs if name == "lhs" else rhs)
                )
                if _is_nearer(nearer[1], error[row]):
                    known[name][row], known[f"{name}_error"][row] = nearer
        return sides.replaced(**known) if known else sides

    def _wide(self, value: Tensor, error: Tensor) -> list[int]:
        """Return the triples on which a number does not show its digits."""
        if not self._sharpens:
            return []
        numbers = zip(value.tolist(), error.tolist(), strict=True)
        return [row for row, (number, off) in enumerate(numbers) if self._is_wide(number, off)]

    def _is_wide(self, value: float, error: float) -> bool:
        return self._sharpens and is_wide(value, error)

    def tightness(
        self, lhs: Enclosed, rhs: Enclosed, terms: tuple[Scalar, Scalar], at: Mapping[Index, int] | None = None
    ) -> Enclosed | None:
        """Return left side over right side on the only triple: of both sides' terms, where their floats show too little.

        Where their free indices have the values given.
        """
        found = quotient(lhs, rhs)
        # Of sides that are 0 as floats alone, nothing is known; of others, all that their digits show.
        if found is None or not self._is_wide(float(found) if math.isfinite(found) else 0.0, found.error):
            return found
        if not rhs and not rhs.error:
            # Nothing is found by dividing by 0.
            return found
        if (decider := self._decider(0)) is None:
            return found
        nearer = decider.quotient(*terms, at)
        return Enclosed(*nearer) if _is_nearer(nearer[1], found.error) else found

    def roots(
        self, lhs: Enclosed, rhs: Enclosed, squares: tuple[Scalar, Scalar]
    ) -> tuple[Enclosed, Enclosed, tuple[Scalar, Scalar]]:
        """Return the roots of both sides of a bound on squares on the only triple, and these as terms.

        Of what is below 0, as where the right side says nothing, the root is 0.
        """
        left, right = (Power(largest(square, 0), Fraction(1, 2)) for square in squares)
        # Read as they are: of a square that underflows, little is known.
        found = self.nearer(left, root_of_square(lhs)), self.nearer(right, root_of_square(rhs))
        return *found, (left, right)

    def nearer(self, term: Scalar, known: Enclosed) -> Enclosed:
        """Return a term without free indices on the only triple: as it is known, or nearer where that shows too little."""
        if not self._is_wide(float(known), known.error) or (decider := self._decider(0)) is None:
            return known
        found = decider.value(term)
        return Enclosed(*found) if _is_nearer(found[1], known.error) else known

    def value_at(self, term: Scalar, at: Mapping[Index, int]) -> float:
        """Return what a term is on the only triple where its free indices have the values given."""
        value, error = enclosed_at(term, self.reader, at)
        if not self._is_wide(value, error) or (decider := self._decider(0)) is None:
            return value
        nearer = decider.value(term, at)
        return nearer[0] if _is_nearer(nearer[1], error) else value

    def witness(self, premise: ForAll) -> dict[Index, int]:
        """Return where the only triple's left side exceeds the right side most, see :func:`find_witness`."""
        if not premise.indices:
            return {}
        if self._plain is None:
            self._plain = self.reader.without_errors()
        found = find_witness(premise, self._plain)
        sizes = [self.reader.extent(index) for index in premise.indices]
        if math.prod(sizes) > _AT_ONCE or not self._sharpens:
            return found
        # The left side's digits: what exceeds the least parameter most exceeds it by 0.
        if not self._is_wide(*self._left_side(premise, found)) or (decider := self._decider(0)) is None:
            return found
        return found | decider.largest_at(premise.difference, premise.indices)

    def _left_side(self, premise: ForAll, at: Mapping[Index, int]) -> tuple[float, float]:
        """Return what a premise's left side is on the only triple where it exceeds the right side most, and its error."""
        if premise.rhs.free():
            return enclosed_at(premise.lhs, self.reader, at)
        # Its largest value then, which was read to judge the premise; that one's error is as large as any's.
        largest = self.reader.scalar(premise.least)
        return float(largest.value), float(largest.known_error)

    def _decider(self, row: int) -> Decider | None:
        if row not in self._deciders:
            if self._limit is not None and len(self._deciders) >= self._limit:
                return None
            self._deciders[row] = self._made(row)
        return self._deciders[row]

    def _made(self, row: int) -> Decider | None:
        # Loads flint, which most batches do not need.
        from boundcheck.evaluate.decide import Decider

        points = {collection: tensor[row].detach().cpu().numpy() for collection, tensor in self._points.items()}
        weights = {one: tensor[row].detach().cpu().numpy() for one, tensor in self._weights.items()}
        given: dict[Parameter, float | tuple[Scalar, ...]] = {}
        given.update((parameter, float(tensor[row])) for parameter, tensor in self._given.items())
        given.update(self._derived)
        numbers = [value for value in given.values() if isinstance(value, float)]
        if not all(np.isfinite(array).all() for array in (*points.values(), *weights.values(), np.array(numbers))):
            return None
        return Decider(
            points,
            self._p,
            parameters=given,
            weights=weights,
            reader=self.reader,
            row=row,
            maps=self._maps,
            partitions=self._partitions,
        )


def is_wide(value: float, error: float) -> bool:
    """Whether a number does not show its digits: it is off by more than a billionth of its value."""
    return math.isfinite(value) and not is_sharp(value, error)


def _is_nearer(error: float, known: float | Tensor) -> bool:
    """Whether an error is below one that is known, or that one is NaN, which bounds nothing."""
    return not float(known) <= error


def _bind_least(bound: Bound, reader: NumericReader, given: Sized[Parameter]) -> dict[Parameter, tuple[Scalar, ...]]:
    """Give every parameter that was left out the least value that its premises allow; return what it is the largest of."""
    least = {parameter: terms for parameter, terms in bound.least.items() if parameter not in given}
    for parameter, terms in least.items():
        reader.bind_largest(parameter, terms)
    return least


def _judge_premises(
    bound: Bound, reader: NumericReader, derived: Sized[Parameter], higher: Readings | None
) -> dict[Premise, Sides]:
    """Return what is judged of every premise; one of a kind without a rule raises."""
    found: dict[Premise, Sides] = {}
    for premise, rule in JUDGED.each(bound.premises):
        sides = rule(premise, bound, reader, derived, higher)
        if sides is not None:
            found[premise] = sides
    return found


_Judge: TypeAlias = Callable[[Any, Bound, NumericReader, Sized[Parameter], "Readings | None"], "Sides | None"]

#: What is judged of each kind of premise on the points at hand; None for what was settled before.
JUDGED: Rules[_Judge] = Rules(
    "the judge of premises", Premise, fix="give the kind a rule in boundcheck.evaluate.judge.JUDGED"
)


@JUDGED.rule(EqualSizes)
def _equal_sizes(
    premise: EqualSizes, bound: Bound, reader: NumericReader, derived: Sized[Parameter], higher: Readings | None
) -> None:
    """Judge nothing: sizes are compared before anything is computed (:func:`require_equal_sizes`)."""


@JUDGED.rule(ForAll)
def _for_all(
    premise: ForAll, bound: Bound, reader: NumericReader, derived: Sized[Parameter], higher: Readings | None
) -> Sides:
    if premise.parameter in derived:
        sides = compare_in_float64(reader, premise.least, premise.rhs, Relation.AT_MOST)
        if higher is not None:
            sides = higher.sharpened_sides(sides, premise.least, premise.rhs)
        # Exactly true: the parameter is by definition the left side's largest value.
        if isinstance(sides, OneSides):
            return sides.with_code(verdict.HOLDS if math.isfinite(sides.first().lhs) else verdict.UNDECIDED)
        finite = torch.isfinite(sides.lhs)
        code = torch.where(finite, verdict.HOLDS, verdict.UNDECIDED).to(torch.int8)
        return sides.replaced(code=code)
    if premise.rhs.free():
        return _compare(reader, premise.excess, premise.rhs * 0, Relation.AT_MOST, (), higher)
    return _compare(reader, premise.least, premise.rhs, Relation.AT_MOST, (), higher)


@JUDGED.rule(Lipschitz)
def _lipschitz(
    premise: Lipschitz, bound: Bound, reader: NumericReader, derived: Sized[Parameter], higher: Readings | None
) -> Sides:
    """Return the largest excess: above 0, the premise is false; where none is, it is assumed."""
    excess = bound.excess(premise)
    sides = compare_in_float64(reader, excess, Constant(Fraction(0)), Relation.AT_MOST)
    code = torch.where(torch.isfinite(sides.lhs), verdict.ASSUMED, verdict.UNDECIDED).to(torch.int8)
    for part in excess.children:
        # One that is surely above 0 is enough, however little is known of the others.
        code[compare_in_float64(reader, part, Constant(Fraction(0)), Relation.AT_MOST).code == verdict.FAILS] = (
            verdict.FAILS
        )
    if higher is not None:
        sides = higher.sharpened_sides(sides, excess, Constant(Fraction(0)))
    return sides.replaced(code=code)


def _compare_sides(
    reader: NumericReader, bound: Bound, premises: Iterable[Sides], higher: Readings | None
) -> tuple[Sides, dict[Index, Tensor]]:
    """Return both sides of a bound and the verdict under premises, and the instance that they are of."""
    if not bound.indices:
        return _compare(reader, bound.lhs, bound.rhs, bound.relation, premises, higher), {}
    held = list(premises)
    sides, instance = _of_instances(reader, bound)
    open_ = _open(sides, held)
    if higher is not None and open_.any():
        sides, instance = higher.decide_instances(sides, bound, instance, open_)
    return _under(sides, held), instance


def _of_instances(reader: NumericReader, bound: Bound) -> tuple[Sides, dict[Index, Tensor]]:
    """Return the sides of the instance that decides, in float64 alone, and which that is."""
    indices, count = bound.indices, math.prod(map(reader.extent, bound.indices))
    if count > _INSTANCES and len(reader.scalar(Constant(Fraction(0))).value) == 1:
        # By the closed form, which is read in blocks.
        whole = compare_in_float64(reader, bound.largest_difference, Constant(Fraction(0)), bound.relation)
        at = find_largest(bound.difference, indices, reader.without_errors())
        values = [enclosed_at(term, reader, at) for term in (bound.lhs, bound.rhs)]
        left, right = (Named(whole.lhs.new_tensor([value]), whole.lhs.new_tensor([off]), ()) for value, off in values)
        one = compare(left, right, bound.relation)
        return one.replaced(code=whole.code), {index: torch.tensor([place]) for index, place in at.items()}
    (left, allowed), (right, _) = (reader.instances(reader.scalar(side), indices) for side in (bound.lhs, bound.rhs))
    shape = left.value.shape
    flat_left, flat_right = (Named(one.value.flatten(1), one.known_error.flatten(1), ()) for one in (left, right))
    sides = compare(flat_left, flat_right, bound.relation)
    apart = sides.slack.detach().abs() if bound.relation is Relation.EQUAL else -sides.slack.detach()
    # What fails decides, then what is open; of several the tightest. Of NaN nothing is known, so it is open.
    order = torch.full_like(apart, -torch.inf).masked_fill(sides.code == verdict.UNDECIDED, 0.0)
    rank = order.masked_fill(sides.code == verdict.FAILS, torch.inf)
    if allowed is not None:
        counts = allowed.flatten(1).expand_as(rank)
        rank, apart = rank.masked_fill(~counts, -torch.inf), apart.masked_fill(~counts, -torch.inf)
    decides = rank == rank.amax(dim=1, keepdim=True)
    chosen = apart.nan_to_num(nan=torch.inf).masked_fill(~decides, -torch.inf)
    if allowed is not None:
        # Where all that counts is −∞, as a slack that is infinite.
        chosen = torch.where(counts, chosen.clamp(min=torch.finfo(chosen.dtype).min), chosen)
    at_most = chosen.argmax(dim=1, keepdim=True)
    picked = Sides(**{name: getattr(sides, name).gather(1, at_most).squeeze(1) for name in sides.__dataclass_fields__})
    places = np.unravel_index(at_most.squeeze(1).cpu().numpy(), shape[1:])
    return picked, {index: torch.from_numpy(np.array(places[left.axes.index(index)])) for index in indices}


def _compare(
    reader: NumericReader,
    lhs: Scalar,
    rhs: Scalar,
    relation: Relation,
    premises: Iterable[Sides],
    higher: Readings | None,
) -> Sides:
    """Return both sides and the verdict under premises: vacuous if one fails, undecided if one is."""
    sides, held = compare_in_float64(reader, lhs, rhs, relation), list(premises)
    decided = isinstance(sides, OneSides) and sides.first().code != verdict.UNDECIDED
    if higher is not None and not decided and bool((sides.code == verdict.UNDECIDED).any()):
        open_ = _open(sides, held)
        if open_.any():
            sides = higher.decide(sides, lhs, rhs, relation, open_)
    if higher is not None:
        sides = higher.sharpened_sides(sides, lhs, rhs, slack=True)
    return _under(sides, held)


def _open(sides: Sides, held: Iterable[Sides]) -> Tensor:
    """Return where a verdict is open, and would be more than vacuous or undecided if it were not."""
    open_ = (sides.code == verdict.UNDECIDED) & torch.isfinite(sides.lhs) & torch.isfinite(sides.rhs)
    for premise in held:
        # The others are vacuous or undecided whatever the sides are.
        open_ &= (premise.code == verdict.HOLDS) | (premise.code == verdict.ASSUMED)
    return open_


def _under(sides: Sides, held: list[Sides]) -> Sides:
    """Return sides with the verdict under premises: vacuous if one fails, undecided if one is."""
    if not held:
        return sides
    if isinstance(sides, OneSides) and all(isinstance(premise, OneSides) for premise in held):
        known = [premise.first().code for premise in held]
        if verdict.FAILS in known:
            return sides.with_code(verdict.VACUOUS)
        return sides.with_code(verdict.UNDECIDED) if verdict.UNDECIDED in known else sides
    code, codes = sides.code.cpu().numpy().copy(), [premise.code.cpu().numpy() for premise in held]
    for of_premise in codes:
        code[of_premise == verdict.UNDECIDED] = verdict.UNDECIDED
    for of_premise in codes:
        code[of_premise == verdict.FAILS] = verdict.VACUOUS
    return sides.replaced(code=torch.from_numpy(code).to(sides.code.device))


def compare_in_float64(reader: NumericReader, lhs: Scalar, rhs: Scalar, relation: Relation) -> Sides:
    """Return two sides and the verdict on them, in float64 alone and whatever the premises say."""
    return compare(reader.scalar(lhs), reader.scalar(rhs), relation)


def compare(left: Named, right: Named, relation: Relation) -> Sides:
    """Return numbers of one shape as two sides, and the verdict on each pair."""
    if isinstance(left, Single) and isinstance(right, Single):
        return _compare_one(left, right, relation)
    named = (left.value, left.known_error, right.value, right.known_error)
    # A number or two a triple: NumPy takes a quarter of the time that torch does.
    a, a_error, b, b_error = (tensor.detach().cpu().numpy() for tensor in named)
    with np.errstate(invalid="ignore", over="ignore"):
        slack = b - a
        error = rounding.rounded(slack, a_error + b_error)
        # Exact and equal sides differ by exactly 0.
        error[(slack == 0) & (a_error == 0) & (b_error == 0)] = 0.0
        holds, fails = certain(relation, slack, error)
    # Comparisons with NaN are false, so NaN ends as undecided, as does an infinite side (its error is infinite too).
    finite = np.isfinite(error)
    code = np.full(slack.shape, verdict.UNDECIDED, dtype=np.int8)
    code[finite & holds] = verdict.HOLDS
    code[finite & fails] = verdict.FAILS
    nothing = np.full(slack.shape, verdict.FLOAT64, dtype=np.int32)
    numbers = (slack, error, code, nothing)
    apart, off, coded, grounds = (torch.from_numpy(array).to(left.value.device) for array in numbers)
    return Sides(*named, apart, off, coded, grounds, grounds)


def _compare_one(left: Single, right: Single, relation: Relation) -> OneSides:
    """Return what :func:`compare` does of one triple, in floats."""
    a, a_error, b, b_error = left.number, left.off, right.number, right.off
    slack = b - a
    error = 0.0 if slack == a_error == b_error == 0 else rounding.rounded(slack, a_error + b_error)
    holds, fails = certain(relation, slack, error)
    code = verdict.UNDECIDED
    if math.isfinite(error) and (holds or fails):
        code = verdict.FAILS if fails else verdict.HOLDS
    return OneSides(Numbers(a, a_error, b, b_error, slack, error, code))


def value_at(term: Scalar, reader: NumericReader, at: Mapping[Index, int]) -> float:
    """Return what a term is on one triple where its free indices have the values given."""
    return enclosed_at(term, reader, at)[0]


def enclosed_at(term: Scalar, reader: NumericReader, at: Mapping[Index, int]) -> tuple[float, float]:
    """Return what :func:`value_at` does, and a bound on its error: 0 of a reader that bounds none."""
    free = term.free()
    if math.prod(map(reader.extent, free)) <= _AT_ONCE:
        # A witness was mostly found from the same array.
        named = reader.scalar(term)
        place = (0, *(at[axis] for axis in named.axes))
        return float(named.value[place]), 0.0 if named.error is None else float(named.error[place])
    for index in free:
        reader = reader.fixing(index, at[index])
    named = reader.scalar(term)
    return float(named.value), float(named.known_error)


@certified
def find_witness(premise: ForAll, reader: NumericReader) -> dict[Index, int]:
    """Return the values of a premise's indices where its left side exceeds its right side most.

    The first of several in the order of the indices. Where an array over all of them would be large, one index is
    settled at a time. The reader is of one triple.
    """
    return find_largest(premise.difference, premise.indices, reader)


def find_largest(term: Scalar, indices: Iterable[Index], reader: NumericReader) -> dict[Index, int]:
    """Return the values of a term's free indices, each after those it depends on, at which it is largest: the first."""
    found: dict[Index, int] = {}
    remaining = list(indices)
    sizes = [reader.extent(index) for index in remaining]
    if math.prod(sizes) <= _AT_ONCE:
        return _largest_at(term, remaining, reader)
    while remaining:
        index = remaining.pop(0)
        body = term
        for other in reversed(remaining):
            body = maximum(other, body)
        found |= _largest_at(body, [index], reader)
        reader = reader.fixing(index, found[index])
    return found


def _largest_at(term: Scalar, indices: list[Index], reader: NumericReader) -> dict[Index, int]:
    """Return the values of indices at which a term is largest on the only triple: the first of several."""
    named, allowed = reader.instances(reader.scalar(term), indices)
    value = named.value[0] if allowed is None else named.value[0].masked_fill(~allowed[0], -torch.inf)
    place = np.unravel_index(int(value.argmax()), value.shape)
    return {index: int(place[named.axes.index(index)]) for index in indices}
