"""Verdicts on a bound, its premises and its chain, for a batch of triples."""

from __future__ import annotations

from collections.abc import Collection as Sized
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int8
from torch import Tensor

from boundcheck.errors import TermError, UnequalSizesError, explain
from boundcheck.evaluate import rounding, verdict
from boundcheck.evaluate.numeric import Named, NumericReader
from boundcheck.language import (
    Bound,
    Collection,
    EqualSizes,
    ForAll,
    Index,
    Parameter,
    Relation,
    Scalar,
    Weights,
    maximum,
)


@dataclass(frozen=True)
class Sides:
    """Both sides of a statement over a batch, each with a bound on its error, and the verdict.

    Every array has shape (b,); `code` indexes :data:`boundcheck.evaluate.verdict.CODES`.
    """

    lhs: Float[Tensor, " b"]
    lhs_error: Float[Tensor, " b"]
    rhs: Float[Tensor, " b"]
    rhs_error: Float[Tensor, " b"]
    code: Int8[Tensor, " b"]

    @property
    def slack(self) -> Float[Tensor, " b"]:
        """Right side minus left side."""
        return self.rhs - self.lhs

    @property
    def slack_error(self) -> Float[Tensor, " b"]:
        """A bound on the slack's error."""
        return _slack_error(self.lhs, self.lhs_error, self.rhs, self.rhs_error)

    @property
    def tightness(self) -> Float[Tensor, " b"]:
        """Left side over right side; NaN where both are 0."""
        return self.lhs / self.rhs


@dataclass(frozen=True)
class Judgement:
    """What was found of a bound on a batch of triples.

    Attributes
    ----------
    conclusion
        The bound's two sides and its verdict, vacuous where a premise fails.
    premises
        The sides and verdict of every premise that quantifies over points; equal sizes are checked before.
    chain
        The same for every link of the chain.
    parameters
        The value of every parameter, given or least, with its error.
    derived
        The parameters that were not given: their premises hold by choice of the least value.
    measured
        The further terms asked for.
    """

    conclusion: Sides
    premises: Mapping[ForAll, Sides]
    chain: Mapping[Bound, Sides]
    parameters: Mapping[Parameter, Named]
    derived: frozenset[Parameter]
    measured: Mapping[str, Named]


def require_equal_sizes(bound: Bound, sizes: Mapping[Collection, int]) -> None:
    """Raise :class:`UnequalSizesError` where a premise of equal sizes is not met."""
    for premise in bound.premises:
        if not isinstance(premise, EqualSizes):
            continue
        first, *others = premise.over
        for other in others:
            if sizes[other] != sizes[first]:
                raise UnequalSizesError(
                    explain(
                        other.argument,
                        f"{sizes[first]} objects like {first.argument}",
                        f"{sizes[other]}",
                        "pass equal_sizes=False for the variant that allows it",
                    )
                )


def judge(
    bound: Bound,
    points: Mapping[Collection, Float[Tensor, "b n d"]],
    p: float = 2.0,
    *,
    parameters: Mapping[Parameter, Float[Tensor, " b"]] | None = None,
    weights: Mapping[Weights, Float[Tensor, "b n"]] | None = None,
    chain: bool = True,
    measure: Mapping[str, Scalar] | None = None,
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
    chain
        Whether to judge the links of the chain too.
    measure
        Further terms to evaluate, by name.

    Raises
    ------
    NormError, UnequalSizesError, ParameterError
        If the norm, the sizes or the parameters are none that the bound is stated for.
    TermError
        If a premise is of an unknown kind, or a term to measure has a free index.
    """
    bound.require_norm(p)
    require_equal_sizes(bound, {collection: tensor.shape[1] for collection, tensor in points.items()})
    reader = NumericReader(points, p, weights=weights, errors=True)
    given = dict(parameters or {})
    for parameter, value in given.items():
        reader.bind_exact(parameter, value)
    derived = _bind_least(bound, reader, given.keys())
    premises: dict[ForAll, Sides] = {}
    for premise in bound.premises:
        if isinstance(premise, ForAll):
            premises[premise] = _judge_premise(reader, premise, premise.parameter in derived)
        elif not isinstance(premise, EqualSizes):
            raise TermError(explain(f"premise {premise.name}", "equal sizes or a statement for all", f"{premise!r}"))
    conclusion = _under(_compare(reader, bound.lhs, bound.rhs, bound.relation), premises.values())
    links: dict[Bound, Sides] = {}
    for link in bound.chain if chain else ():
        held = [premises[premise] for premise in link.premises if isinstance(premise, ForAll)]
        links[link] = _under(_compare(reader, link.lhs, link.rhs, link.relation), held)
    values = {parameter: reader.scalar(parameter) for parameter in bound.parameters()}
    for name, term in (measure or {}).items():
        if term.free():
            raise TermError(explain(f"measure[{name!r}]", "a term without free indices", f"'{term}'"))
    measured = {name: reader.scalar(term) for name, term in (measure or {}).items()}
    return Judgement(conclusion, premises, links, values, frozenset(derived), measured)


def _bind_least(bound: Bound, reader: NumericReader, given: Sized[Parameter]) -> set[Parameter]:
    """Give every parameter that was left out the least value that its premises allow."""
    least: dict[Parameter, list[Named]] = {}
    for premise in bound.premises:
        if isinstance(premise, ForAll) and premise.parameter is not None and premise.parameter not in given:
            least.setdefault(premise.parameter, []).append(reader.scalar(premise.least))
    for parameter, candidates in least.items():
        value = torch.stack([named.value for named in candidates]).amax(dim=0)
        error = torch.stack([named.error for named in candidates if named.error is not None]).amax(dim=0)
        reader.bind(parameter, Named(value, error, ()))
    return set(least)


def _judge_premise(reader: NumericReader, premise: ForAll, derived: bool) -> Sides:
    if premise.rhs.free():
        sides = _compare(reader, premise.excess, premise.rhs * 0, Relation.AT_MOST)
    else:
        sides = _compare(reader, premise.least, premise.rhs, Relation.AT_MOST)
    if derived:
        # Exactly true: the parameter is by definition the left side's largest value.
        finite = torch.isfinite(sides.lhs)
        code = torch.where(finite, verdict.HOLDS, verdict.UNDECIDED).to(torch.int8)
        return Sides(sides.lhs, sides.lhs_error, sides.rhs, sides.rhs_error, code)
    return sides


def _compare(reader: NumericReader, lhs: Scalar, rhs: Scalar, relation: Relation) -> Sides:
    left, right = reader.scalar(lhs), reader.scalar(rhs)
    a, a_error, b, b_error = left.value, left.known_error, right.value, right.known_error
    slack, error = b - a, _slack_error(a, a_error, b, b_error)
    # Comparisons with NaN are false, so NaN ends as undecided, as does an infinite side (its error is infinite too).
    finite = torch.isfinite(a) & torch.isfinite(b) & torch.isfinite(error)
    surely_apart = slack.abs() > error
    if relation is Relation.AT_MOST:
        holds, fails = finite & (slack >= error), finite & (slack < 0) & surely_apart
    else:
        holds, fails = finite & (slack == 0) & (error == 0), finite & surely_apart
    code = torch.full_like(slack, verdict.UNDECIDED, dtype=torch.int8)
    code[holds] = verdict.HOLDS
    code[fails] = verdict.FAILS
    return Sides(a, a_error, b, b_error, code)


def _under(sides: Sides, premises: Iterable[Sides]) -> Sides:
    """Return the sides with the verdict that the premises leave: vacuous if one fails, undecided if one is."""
    code, held = sides.code.clone(), list(premises)
    for premise in held:
        code[premise.code == verdict.UNDECIDED] = verdict.UNDECIDED
    for premise in held:
        code[premise.code == verdict.FAILS] = verdict.VACUOUS
    return Sides(sides.lhs, sides.lhs_error, sides.rhs, sides.rhs_error, code)


def _slack_error(lhs: Tensor, lhs_error: Tensor, rhs: Tensor, rhs_error: Tensor) -> Tensor:
    # Exact and equal sides differ by exactly 0.
    exact = (lhs == rhs) & (lhs_error == 0) & (rhs_error == 0)
    return rounding.rounded(rhs - lhs, lhs_error + rhs_error).masked_fill(exact, 0.0)


def find_witness(premise: ForAll, reader: NumericReader) -> dict[Index, int]:
    """Return the values of a premise's indices where its left side exceeds its right side most.

    One index is settled at a time, so no array over all of them is ever made. The reader is of one triple.
    """
    found: dict[Index, int] = {}
    remaining = list(premise.indices)
    excess = premise.lhs - premise.rhs
    while remaining:
        index = remaining.pop(0)
        body = excess
        for other in reversed(remaining):
            body = maximum(other, body)
        position = int(reader.scalar(body).value[0].argmax()) if index in body.free() else 0
        found[index] = position
        reader = reader.fixing(index, position)
    return found
