"""The library call: ``check_bound`` says whether a bound holds on three collections under an embedding."""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from boundcheck.embed import embed_all
from boundcheck.errors import InvalidTypeError, InvalidValueError, NonFiniteError, NormError, ParameterError, explain
from boundcheck.evaluate import (
    CODES,
    Enclosed,
    Judgement,
    NumericReader,
    Sides,
    Verdict,
    find_witness,
    judge,
    require_equal_sizes,
)
from boundcheck.evaluate.rounding import U
from boundcheck.language import Add, Average, Bound, Collection, EqualSizes, ForAll, Parameter, Reduce, Weights
from boundcheck.report.result import LinkReport, PremiseReport, Report, Witness
from boundcheck.theorems import K_ANY_SIZES, K, get

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["check_bound", "choose_bound", "choose_norm", "given_parameters"]


def check_bound(
    f: Any,
    G1: Any,
    G2: Any,
    G3: Any,
    *,
    bound: Bound | str = K,
    m: float | None = None,
    norm: float = 2,
    equal_sizes: bool = True,
    weights: Mapping[str, Any] | None = None,
    batch_size: int = 256,
    batched: bool | None = None,
    device: str | torch.device | None = None,
    progress: bool | None = None,
) -> Report:
    """Check a bound on three collections under an embedding.

    Parameters
    ----------
    f
        The embedding: a torch module, a callable on a batch or on one object, a scikit-learn transformer, or None if
        the collections already hold points.
    G1, G2, G3
        The collections: anchors and positives of one class, negatives of another. Lists, arrays, tensors or datasets.
    bound
        What to check, a :class:`boundcheck.Bound` or the name of a known one; the default is theorem K,
        ‖c_x − c_z‖ ≤ 2·max{m, max d(x_i, w_k)}.
    m
        The largest d(anchor, positive) − d(anchor, negative) that training reached, in the embedding's units: *minus*
        the margin. Left out, the least m that is true here is used. Given and too small, the verdict is vacuous.
    norm
        The p of the p-norm, in [1, inf].
    equal_sizes
        Whether the collections must be of one size, as theorem K's proof has it. False checks the variant without.
    weights
        Values for the weights that a bound speaks of, by symbol; taken as ratios.
    batch_size, batched, device, progress
        How f is called, see :func:`boundcheck.embed.embed`.

    Returns
    -------
    Report
        Verdict, both sides, slack, tightness, m, premises with witness, and the chain of the proof.

    Raises
    ------
    NormError
        If p < 1, or the bound is not stated for this norm.
    UnequalSizesError
        If the sizes differ where the bound needs equal ones.
    ParameterError
        If m is not finite, or so low that no positives whatever could satisfy the premise.
    EmptyCollectionError, EmbeddingShapeError, DimensionMismatchError, EmbeddingDtypeError, NonFiniteError
        If the collections or their embeddings cannot be used.
    NotAFunctionError, EmbeddingCallError
        If f gives two values for one object, or raises.

    Notes
    -----
    The embedded points are taken as the exact numbers they are. Both sides are computed in float64 with an a-priori
    bound on the rounding error, and what lies within it is undecided, never "holds".

    References
    ----------
    Karimov, P. "Representation learning of data collections". MIPT, 2024.

    Examples
    --------
    >>> report = check_bound(None, [[0.0], [1.0]], [[1.0], [2.0]], [[4.0], [5.0]])
    >>> report.verdict.value, float(report.lhs), float(report.rhs)
    ('holds', 1.0, 10.0)
    """
    chosen = choose_bound(bound, equal_sizes)
    p = choose_norm(norm)
    chosen.require_norm(p)
    given = given_parameters(chosen, m)
    collections = dict(zip(chosen.collections, (G1, G2, G3), strict=True))
    embedded = embed_all(
        f,
        {collection.argument: objects for collection, objects in collections.items()},
        batch_size=batch_size,
        batched=batched,
        device=device,
        progress=progress,
    )
    points = {collection: embedded[collection.argument] for collection in collections}
    require_equal_sizes(chosen, {collection: len(tensor) for collection, tensor in points.items()})
    return _report(chosen, points, p, given, _weights(chosen, weights, points))


def _report(
    bound: Bound,
    points: Mapping[Collection, Tensor],
    p: float,
    given: Mapping[Parameter, float],
    weights: Mapping[Weights, Tensor],
) -> Report:
    batch = {collection: tensor.unsqueeze(0) for collection, tensor in points.items()}
    some = next(iter(batch.values()))
    parameters = {parameter: some.new_full((1,), value) for parameter, value in given.items()}
    judged = judge(bound, batch, p, parameters=parameters, weights=weights)
    _require_finite(judged)
    _require_possible(bound, batch, p, given, weights)
    lhs, rhs, slack = _sides(judged.conclusion)
    values = {
        parameter.symbol: Enclosed(float(named.value), float(named.error) if named.error is not None else 0.0)
        for parameter, named in judged.parameters.items()
    }
    return Report(
        bound=bound,
        verdict=CODES[int(judged.conclusion.code)],
        lhs=lhs,
        rhs=rhs,
        slack=slack,
        tightness=_tightness(lhs, rhs),
        parameters=values,
        premises=_premises(bound, judged, batch, p, weights),
        chain=tuple(_link(link, sides) for link, sides in judged.chain.items()),
        sizes={collection.argument: len(tensor) for collection, tensor in points.items()},
        dimension=some.shape[-1],
        norm=p,
        notes=_notes(judged, given),
    )


def choose_bound(bound: Bound | str, equal_sizes: bool) -> Bound:
    """Return a bound over three collections, given itself or its name, or its variant for any sizes."""
    if not isinstance(equal_sizes, bool):
        raise InvalidTypeError(explain("equal_sizes", "True or False", f"{equal_sizes!r}"))
    if isinstance(bound, str):
        bound = get(bound)
    if not isinstance(bound, Bound):
        raise InvalidTypeError(explain("bound", "a Bound or the name of a known one", f"{bound!r}"))
    if len(bound.collections) != 3:
        raise InvalidValueError(
            explain("bound", "one over three collections", f"{bound.name!r} over {len(bound.collections)}")
        )
    needs_equal = any(isinstance(premise, EqualSizes) for premise in bound.premises)
    if equal_sizes or not needs_equal:
        return bound
    return K_ANY_SIZES if bound == K else bound.without(EqualSizes, name=f"{bound.name}-any-sizes")


def choose_norm(norm: float) -> float:
    """Return p as a float in [1, inf], or raise :class:`NormError` with the reason."""
    p = _real(norm, "norm", "a number p in [1, inf]")
    if not p >= 1:
        raise NormError(
            explain(
                "norm",
                "p in [1, inf]",
                f"{norm}",
                "for p < 1 the triangle inequality fails, and every bound here rests on it",
            )
        )
    return p


def _real(value: object, name: str, expected: str) -> float:
    """Return a number as the float that it is exactly, or raise."""
    if isinstance(value, (torch.Tensor, np.ndarray)) and value.ndim == 0:
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, Real):
        raise InvalidTypeError(explain(name, expected, f"{value!r}"))
    try:
        nearest = float(value)
    except OverflowError:
        nearest = math.inf
    # NaN is not equal to itself; it is for the caller to refuse.
    if nearest != value and value == value:
        raise ParameterError(explain(name, "a number that float64 holds exactly", f"{value!r}", f"pass {nearest!r}"))
    return nearest


def given_parameters(bound: Bound, m: float | None) -> dict[Parameter, float]:
    """Return the values given for a bound's parameters: m, or none."""
    if m is None:
        return {}
    m = _real(m, "m", "a number or None")
    if not math.isfinite(m):
        raise ParameterError(explain("m", "a finite number", f"{m}", "leave m out to use the least m that is true"))
    named = [parameter for parameter in bound.parameters() if parameter.symbol == "m"]
    if not named:
        raise ParameterError(explain("m", f"None, since bound {bound.name!r} has no m", f"{m:g}", "leave m out"))
    return {named[0]: m}


def _weights(
    bound: Bound, values: Mapping[str, Any] | None, points: Mapping[Collection, Tensor]
) -> dict[Weights, Tensor]:
    spoken = {
        node.weights.symbol: node.weights
        for term in bound.terms()
        for node in term.walk()
        if isinstance(node, (Reduce, Average)) and node.weights is not None
    }
    if values is not None and not isinstance(values, Mapping):
        raise InvalidTypeError(explain("weights", "a mapping from symbols to numbers, or None", f"{values!r}"))
    given = dict(values or {})
    for symbol in given.keys() - spoken.keys():
        known = ", ".join(spoken) or "none"
        raise ParameterError(explain("weights", f"weights of bound {bound.name!r} ({known})", f"{symbol!r}"))
    found = {}
    for symbol, weights in spoken.items():
        if symbol not in given:
            raise ParameterError(
                explain("weights", f"values for {symbol!r}", "none", f"pass weights={{{symbol!r}: …}}")
            )
        tensor = _numbers(given[symbol], f"weights[{symbol!r}]")
        size = len(points[weights.collection])
        if tensor.shape != (size,):
            raise ParameterError(
                explain(
                    f"weights[{symbol!r}]",
                    f"shape ({size},) like {weights.collection.argument}",
                    f"{tuple(tensor.shape)}",
                )
            )
        if not (torch.isfinite(tensor).all() and (tensor >= 0).all() and tensor.sum() > 0):
            raise ParameterError(
                explain(f"weights[{symbol!r}]", "finite numbers in [0, ∞), not all 0", f"{given[symbol]!r}")
            )
        found[weights] = tensor.unsqueeze(0).to(points[weights.collection].device)
    return found


def _numbers(values: object, name: str) -> Tensor:
    refused = InvalidTypeError(explain(name, "real numbers", f"{values!r}"))
    if isinstance(values, torch.Tensor):
        if values.is_complex():
            raise refused
        return values.detach().to("cpu", torch.float64)
    try:
        array = np.asarray(values)
    except ValueError:
        raise refused from None
    if array.dtype.kind not in "iuf":
        raise refused
    return torch.tensor(array, dtype=torch.float64)


def _require_finite(judged: Judgement) -> None:
    sides = {"the conclusion": judged.conclusion, **{str(premise): side for premise, side in judged.premises.items()}}
    for name, side in sides.items():
        for value in (side.lhs, side.rhs):
            if not torch.isfinite(value).all():
                raise NonFiniteError(
                    explain(
                        "embedding",
                        "points whose distances fit in float64 (below 1.8e308)",
                        f"a side of {name} that is {float(value)}",
                        "scale the embedding down, if the bound divides by nothing that is 0 and takes no root of a "
                        "negative number",
                    )
                )


def _require_possible(
    bound: Bound,
    batch: Mapping[Collection, Tensor],
    p: float,
    given: Mapping[Parameter, float],
    weights: Mapping[Weights, Tensor],
) -> None:
    """Refuse a parameter below its premise's floor: more likely a mistake than a premise that fails."""
    for premise in bound.premises:
        if not isinstance(premise, ForAll) or premise.floor is None:
            continue
        parameter = premise.parameter
        if parameter is None or parameter not in given:
            continue
        value = given[parameter]
        floor = NumericReader(batch, p, weights=weights, errors=True).scalar(premise.floor)
        low = float(floor.value) - float(floor.error if floor.error is not None else 0)
        if value < low:
            raise ParameterError(
                explain(
                    parameter.symbol,
                    f"a number in [{float(floor.value):.6g}, ∞), the range of {premise.floor} and above",
                    f"{value:g}",
                    premise.hint or None,
                )
            )


def _sides(sides: Sides) -> tuple[Enclosed, Enclosed, Enclosed]:
    return (
        Enclosed(float(sides.lhs), float(sides.lhs_error)),
        Enclosed(float(sides.rhs), float(sides.rhs_error)),
        Enclosed(float(sides.slack), float(sides.slack_error)),
    )


def _tightness(lhs: Enclosed, rhs: Enclosed) -> Enclosed | None:
    if not lhs and not rhs:
        return None
    if not rhs:
        return Enclosed(math.copysign(math.inf, lhs), math.inf)
    ratio = lhs / rhs
    away = abs(rhs) - rhs.error
    error = (lhs.error + abs(ratio) * rhs.error) / away * (1 + 2**-20) if away > 0 else math.inf
    return Enclosed(ratio, error + abs(ratio) * 2 * U + 5e-324)


def _link(link: Bound, sides: Sides) -> LinkReport:
    lhs, rhs, slack = _sides(sides)
    return LinkReport(
        link.name, link.title, link.statement, link.relation.value, CODES[int(sides.code)], lhs, rhs, slack
    )


def _premises(
    bound: Bound,
    judged: Judgement,
    batch: Mapping[Collection, Tensor],
    p: float,
    weights: Mapping[Weights, Tensor],
) -> tuple[PremiseReport, ...]:
    reports = []
    for premise in bound.premises:
        if not isinstance(premise, ForAll):
            # Sizes were compared before anything was computed.
            reports.append(PremiseReport(premise.name, str(premise), Verdict.HOLDS))
            continue
        sides = judged.premises[premise]
        lhs, rhs, _ = _sides(sides)
        reports.append(
            PremiseReport(
                premise.name,
                str(premise),
                CODES[int(sides.code)],
                premise.parameter in judged.derived,
                lhs,
                rhs,
                _witness(premise, judged, batch, p, weights),
            )
        )
    return tuple(reports)


def _witness(
    premise: ForAll,
    judged: Judgement,
    batch: Mapping[Collection, Tensor],
    p: float,
    weights: Mapping[Weights, Tensor],
) -> Witness:
    reader = NumericReader(batch, p, weights=weights, parameters=judged.parameters)
    at = find_witness(premise, reader)
    for index, position in at.items():
        reader = reader.fixing(index, position)
    parts = premise.lhs.terms if isinstance(premise.lhs, Add) else (premise.lhs,)
    values = {}
    for part in parts:
        shown = -part if str(part).startswith("−") else part
        values[str(shown)] = float(reader.scalar(shown).value)
    positions = {collection.argument: position for index, position in at.items() for collection in index.collections}
    return Witness(positions, values)


def _notes(judged: Judgement, given: Mapping[Parameter, float]) -> tuple[str, ...]:
    notes = []
    for premise, sides in judged.premises.items():
        parameter = premise.parameter
        if parameter is None or parameter not in given:
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
    sides = judged.conclusion
    if abs(float(sides.slack)) <= float(sides.slack_error):
        notes.append("the two sides are equal to within rounding, which float64 cannot tell apart.")
    return tuple(notes)
