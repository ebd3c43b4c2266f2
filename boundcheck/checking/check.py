"""The library call: ``check_bound`` says whether a bound holds on three collections under an embedding."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache
from numbers import Real
from typing import Any, Literal, TypeAlias, overload

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from boundcheck.embed import embed, embed_all
from boundcheck.embed.modules import module_behind
from boundcheck.errors import (
    DimensionMismatchError,
    InvalidTypeError,
    InvalidValueError,
    NonFiniteError,
    NormError,
    ParameterError,
    UnequalSizesError,
    explain,
)
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
from boundcheck.evaluate.enclosed import quotient
from boundcheck.evaluate.judge import judged_with_reader, parameter_of, value_at
from boundcheck.evaluate.planned import reader_for
from boundcheck.evaluate.pooling import POOLINGS, mean
from boundcheck.evaluate.readers.small import are_small
from boundcheck.evaluate.rounding import U
from boundcheck.language import (
    Add,
    Bound,
    Collection,
    Constant,
    EqualSizes,
    ForAll,
    Index,
    Lipschitz,
    Map,
    Parameter,
    Power,
    Premise,
    Relation,
    Scalar,
    Weights,
)
from boundcheck.report.ladder import Ladder, Rung
from boundcheck.report.result import LinkReport, PremiseReport, Report, Witness
from boundcheck.theorems import K_ANY_SIZES, KNOWN, K, get
from boundcheck.theorems.aggregators import HEAD
from boundcheck.theorems.representations import KINDS, aggregator_of, bound_about, distance_in
from boundcheck.theorems.upper import CHAMFER, FARTHEST, HAUSDORFF, HULL, TWO_SIDED, VARIANCE

__all__ = ["AGGREGATORS", "Aggregator", "check_bound", "choose_bound", "choose_norm", "given_parameters", "pool"]

#: A name, weights by collection (``{"G1": …, "G2": …}``), or a function of points, shape (n, d), to weights, shape (n,).
Aggregator: TypeAlias = "str | Mapping[str, Any] | Callable[[Any], Any]"

# Each at least as sharp as the next, as the theorems of the ladder say; whatever is not here comes after.
_BY_PROOF = (TWO_SIDED, VARIANCE, CHAMFER, HULL, HAUSDORFF, FARTHEST)

_Maps: TypeAlias = Mapping[Map, Callable[[Tensor], Tensor]]

AGGREGATORS = (*(kind for kind in KINDS if kind != "hull"), *POOLINGS)
"""The aggregators that have a name."""


@overload
def check_bound(
    f: Any,
    G1: Any,
    G2: Any,
    G3: Any,
    *,
    bound: Literal["all"],
    aggregator: Aggregator | None = ...,
    m: float | None = ...,
    norm: float = ...,
    equal_sizes: bool = ...,
    weights: None = ...,
    head: Any = ...,
    lipschitz: float | None = ...,
    batch_size: int = ...,
    batched: bool | None = ...,
    device: str | torch.device | None = ...,
    progress: bool | None = ...,
) -> Ladder: ...
@overload
def check_bound(
    f: Any,
    G1: Any,
    G2: Any,
    G3: Any,
    *,
    bound: Bound | str | None = ...,
    aggregator: Aggregator | None = ...,
    m: float | None = ...,
    norm: float = ...,
    equal_sizes: bool = ...,
    weights: Mapping[str, Any] | None = ...,
    head: Any = ...,
    lipschitz: float | None = ...,
    batch_size: int = ...,
    batched: bool | None = ...,
    device: str | torch.device | None = ...,
    progress: bool | None = ...,
) -> Report: ...
def check_bound(
    f: Any,
    G1: Any,
    G2: Any,
    G3: Any,
    *,
    bound: Bound | str | None = None,
    aggregator: Aggregator | None = None,
    m: float | None = None,
    norm: float = 2,
    equal_sizes: bool = True,
    weights: Mapping[str, Any] | None = None,
    head: Any = None,
    lipschitz: float | None = None,
    batch_size: int = 256,
    batched: bool | None = None,
    device: str | torch.device | None = None,
    progress: bool | None = None,
) -> Report | Ladder:
    """Check a bound on three collections under an embedding, or every bound that is known.

    Parameters
    ----------
    f
        The embedding: a torch module, a callable on a batch or on one object, a scikit-learn transformer, or None if
        the collections already hold points.
    G1, G2, G3
        The collections: anchors and positives of one class, negatives of another. Lists, arrays, tensors or datasets.
    bound
        What to check: a :class:`boundcheck.Bound`, the name of a known one (``boundcheck list``), or ``"all"`` for all
        that are about the aggregator. Left out, theorem K, ‖c_x − c_z‖ ≤ 2·max{m, max d(x_i, w_k)}; for another
        aggregator than the mean, the bound that is about it.
    aggregator
        How points become a collection's representation: "mean", "sum", "max", "min" or "median" (coordinate-wise), or
        "normalised mean"; or a weighted mean, which is in the convex hull: "medoid", "trimmed mean" (without the fifth
        that is farthest from the centroid), "geometric median", "attention" (softmax of minus the distance from the
        centroid over the mean of those distances), weights by collection (``{"G1": …, "G2": …}``), or a function of
        points, shape (n, d), to weights, shape (n,). Left out, the one that the bound is about.
    m
        The largest d(anchor, positive) − d(anchor, negative) that training reached, in the embedding's units: *minus*
        the margin. Left out, the least m that is true here is used. Given and too small, the verdict is vacuous.
    norm
        The p of the p-norm, in [1, inf].
    equal_sizes
        Whether the collections must be of one size, as theorem K's proof has it. False checks the variant without.
    weights
        Values for the weights that a bound speaks of, by symbol, where no aggregator gives them; taken as ratios.
    head
        The map g of a bound on what comes after the mean, ‖g(c_x) − g(c_z)‖ ≤ L·(m + mean ρ_i): a torch module, a
        scikit-learn transformer, or a function, from a batch of points, shape (k, d), to their values, shape (k, d′).
        A function gets a NumPy array, or a tensor where there is a module behind it. Its values are taken as exact at
        the floats it is given, so its own rounding is part of it.
    lipschitz
        The L, at least 0, that head is Lipschitz with in this norm: ‖g(u) − g(v)‖ ≤ L·‖u − v‖ for all u and v. It is
        looked for in the points at hand, and the centroids, where that fails; where it nowhere does, it is assumed.
    batch_size, batched, device, progress
        How f is called, see :func:`boundcheck.embed.embed`; batch_size and device count for head too.

    Returns
    -------
    Report or Ladder
        Verdict, both sides, slack, tightness, m, premises with witness, and the chain of the proof; for ``bound="all"``
        that of every bound, in the order of how sharp they are.

    Raises
    ------
    InvalidValueError
        If there is no bound or no aggregator of that name, or the bound is about another aggregator.
    NormError
        If p < 1, or the bound is not stated for this norm.
    UnequalSizesError
        If the sizes differ where the bound needs equal ones.
    ParameterError
        If m is not finite, or so low that no positives whatever could satisfy the premise; if weights are none; or if
        head or lipschitz is missing where the bound speaks of a map, or given where it does not, or lipschitz is below 0.
    EmptyCollectionError, EmbeddingShapeError, DimensionMismatchError, EmbeddingDtypeError, NonFiniteError
        If the collections or their embeddings, or what head makes of them, cannot be used.
    NotAFunctionError, EmbeddingCallError
        If f or head gives two values for one object, or raises.

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
    >>> ladder = check_bound(None, [[0.0], [1.0]], [[1.0], [2.0]], [[4.0], [5.0]], bound="all")
    >>> [rung.report.bound.name for rung in ladder.upper]
    ['transport', 'two-sided', 'variance', 'chamfer', 'hausdorff', 'farthest', 'karimov']
    >>> after = check_bound(None, [[0.0]], [[2.0]], [[4.0]], head=lambda points: points / 2, lipschitz=1)
    >>> after.bound.name, float(after.lhs), float(after.rhs), after.premises[1].verdict.value
    ('lipschitz-head', 1.0, 2.0, 'assumed')
    """
    p = choose_norm(norm)
    everything = isinstance(bound, str) and bound == "all"
    if bound is None and head is not None and (aggregator is None or aggregator == "mean"):
        bound = HEAD
    chosen = choose_bound(None if everything else bound, equal_sizes, None if everything else aggregator, p)
    if everything:
        if weights is not None:
            raise ParameterError(explain("weights", "None for bound='all'", "a mapping", "pass them as the aggregator"))
        _kind_of(aggregator)
        given = _finite_m(m)
        maps, constants = _head(HEAD if head is not None else None, head, lipschitz, batch_size, device)
    else:
        chosen.require_norm(p)
        given = given_parameters(chosen, m)
        maps, constants = _head(chosen, head, lipschitz, batch_size, device)
    given |= constants
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
    if everything:
        return _ladder(points, p, given, "mean" if aggregator is None else aggregator, maps)
    require_equal_sizes(chosen, {collection: len(tensor) for collection, tensor in points.items()})
    values = _weights(chosen, weights, points) if aggregator is None else _pooled(chosen, aggregator, points, p)
    if aggregator is not None and weights is not None:
        raise ParameterError(explain("weights", "None beside an aggregator", f"{weights!r}", "give one of the two"))
    return _report(chosen, points, p, given, values, maps, _name(aggregator, chosen))


def _report(
    bound: Bound,
    points: Mapping[Collection, Tensor],
    p: float,
    given: Mapping[Parameter, float],
    weights: Mapping[Weights, Tensor],
    maps: _Maps,
    aggregator: str | None,
) -> Report:
    batch = {collection: tensor.unsqueeze(0) for collection, tensor in points.items()}
    some = next(iter(batch.values()))
    parameters = {parameter: some.new_full((1,), value) for parameter, value in given.items()}
    # A function may say something else later, and copies of many points take room.
    later = bool(bound.chain) and not maps and are_small(batch)
    judged, reader = judged_with_reader(
        bound,
        batch,
        p,
        parameters=parameters,
        weights=weights,
        maps=maps,
        chain=not later,
        escalate=None,
        escalate_chain=True,
    )
    _require_finite(judged)
    _require_possible(bound, batch, p, given, weights)
    lhs, rhs, slack = _sides(judged.conclusion)
    values = {
        parameter.symbol: Enclosed(float(named.value), float(named.error) if named.error is not None else 0.0)
        for parameter, named in judged.parameters.items()
    }
    report = (_Unfinished if later else Report)(
        bound=bound,
        verdict=CODES[int(judged.conclusion.code)],
        lhs=lhs,
        rhs=rhs,
        slack=slack,
        tightness=quotient(lhs, rhs),
        parameters=values,
        premises=_premises(bound, judged, reader.without_errors()),
        chain=tuple(_link(link, sides) for link, sides in judged.chain.items()),
        sizes={collection.argument: len(tensor) for collection, tensor in points.items()},
        dimension=some.shape[-1],
        norm=p,
        notes=_notes(judged, given),
        aggregator=aggregator,
        ground=judged.conclusion.ground_of(),
    )
    if isinstance(report, _Unfinished):
        # Copies, which no caller can change.
        batch = {collection: tensor.clone() for collection, tensor in batch.items()}
        weights = {one: tensor.clone() for one, tensor in weights.items()}
        report.finish_with(lambda: _chain(bound, batch, p, parameters, weights))
    return report


def _chain(
    bound: Bound,
    batch: Mapping[Collection, Tensor],
    p: float,
    parameters: Mapping[Parameter, Tensor],
    weights: Mapping[Weights, Tensor],
) -> tuple[LinkReport, ...]:
    judged = judge(bound, batch, p, parameters=parameters, weights=weights, escalate=None, escalate_chain=True)
    return tuple(_link(link, sides) for link, sides in judged.chain.items())


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


# ------------------------------------------------------------------------------------------------------ every bound


def _ladder(
    points: Mapping[Collection, Tensor],
    p: float,
    given: Mapping[Parameter, float],
    aggregator: Aggregator,
    maps: _Maps,
) -> Ladder:
    kind = _kind_of(aggregator)
    sizes = {collection: len(tensor) for collection, tensor in points.items()}
    excluded: dict[str, str] = {}
    upper: list[Rung] = []
    lower: list[Rung] = []
    after: list[Rung] = []
    for bound in KNOWN.values():
        if bound.relation is Relation.EQUAL:
            continue
        reason = _why_not(bound, kind, p, sizes, maps)
        if reason:
            excluded[bound.name] = reason
            continue
        values = _pooled(bound, aggregator, points, p)
        known = {parameter: value for parameter, value in given.items() if parameter in bound.parameters()}
        report = _report(bound, points, p, known, values, maps, _name(aggregator, bound))
        (after if _maps_of(bound) else lower if distance_in(bound.lhs) is None else upper).append(_rung(report))
    # Of two that are equal to rounding, the one that is never blunter comes first.
    upper.sort(key=lambda rung: (_to_rounding(rung.value), _place(rung.report.bound)))
    # What is no distance but a difference of squares comes last.
    lower.sort(key=lambda rung: (distance_in(rung.report.bound.rhs) is None, -_to_rounding(rung.value)))
    return Ladder(
        aggregator=_name(aggregator, K) or "mean",
        upper=tuple(upper),
        lower=tuple(lower),
        after=tuple(after),
        excluded=excluded,
        sizes={collection.argument: size for collection, size in sizes.items()},
        dimension=next(iter(points.values())).shape[-1],
        norm=p,
    )


def _why_not(bound: Bound, kind: str, p: float, sizes: Mapping[Collection, int], maps: _Maps) -> str | None:
    """Return why a bound says nothing here, or None."""
    about = _about(bound)
    if not _is_about(about, kind):
        return f"about the {about}" if about != "hull" else "about weighted means"
    if not maps.keys() >= set(_maps_of(bound)):
        return "about a head after the mean, and none was given"
    if not bound.space.admits(p):
        return f"holds in {bound.space.value} only"
    if bound == HULL and kind == "mean":
        return f"says of the mean what {CHAMFER.name!r} says"
    try:
        require_equal_sizes(bound, sizes)
    except UnequalSizesError:
        return "needs equal sizes: " + ", ".join(
            str(premise) for premise in bound.premises if isinstance(premise, EqualSizes)
        )
    if bound == K_ANY_SIZES and len(set(sizes.values())) == 1:
        return f"says of equal sizes what {K.name!r} says"
    return None


def _rung(report: Report) -> Rung:
    """Return a report with both of its sides as distances, where its bound is of their squares."""
    bound = report.bound
    above = distance_in(bound.lhs) is not None
    side = bound.lhs if above else bound.rhs
    if distance_in(side) is None or not _is_square(side):
        return Rung(report, report.rhs if above else report.lhs, report.tightness, squared=False)
    lhs, rhs = _root(report.lhs), _root(report.rhs)
    return Rung(report, rhs if above else lhs, quotient(lhs, rhs), squared=True)


def _place(bound: Bound) -> int:
    return _BY_PROOF.index(bound) if bound in _BY_PROOF else len(_BY_PROOF)


def _to_rounding(value: float) -> float:
    return float(f"{value:.10g}")


def _is_square(side: Scalar) -> bool:
    return isinstance(side, Power)


def _root(square: Enclosed) -> Enclosed:
    """Return the root of what is at least 0; below 0, where a bound on a square says nothing, 0."""
    low, value, high = (math.sqrt(max(0.0, end)) for end in (square.lower, float(square), square.upper))
    # Each root is off by half a unit in its last place at most.
    return Enclosed(value, max(high - value, value - low) * (1 + 2**-20) + 4 * U * value)


# ---------------------------------------------------------------------------------------------------------- choices


def choose_bound(
    bound: Bound | str | None, equal_sizes: bool, aggregator: Aggregator | None = None, p: float = 2.0
) -> Bound:
    """Return a bound over three collections, given itself or its name, or its variant for any sizes.

    None stands for the bound to check for the aggregator in the p-norm.
    """
    if not isinstance(equal_sizes, bool):
        raise InvalidTypeError(explain("equal_sizes", "True or False", f"{equal_sizes!r}"))
    kind = "mean" if aggregator is None else _kind_of(aggregator)
    if bound is None:
        bound = bound_about(kind, p)
    if isinstance(bound, str):
        bound = get(bound)
    if not isinstance(bound, Bound):
        raise InvalidTypeError(explain("bound", "a Bound or the name of a known one", f"{bound!r}"))
    if len(bound.collections) != 3:
        raise InvalidValueError(
            explain("bound", "one over three collections", f"{bound.name!r} over {len(bound.collections)}")
        )
    about = _about(bound)
    if aggregator is not None and not _is_about(about, kind):
        raise InvalidValueError(
            explain(
                "aggregator",
                f"{'weights' if about == 'hull' else repr(about)}, which bound {bound.name!r} is about"
                if about
                else f"None, since bound {bound.name!r} is about no aggregator alone",
                f"{aggregator!r}",
                "leave bound out for the one that is about this aggregator, or leave aggregator out",
            )
        )
    needs_equal = any(isinstance(premise, EqualSizes) for premise in bound.premises)
    if equal_sizes or not needs_equal:
        return bound
    return K_ANY_SIZES if bound == K else bound.without(EqualSizes, name=f"{bound.name}-any-sizes")


def _kind_of(aggregator: Aggregator | None) -> str:
    """Return what a bound must be about to be about an aggregator."""
    if aggregator is None:
        return "mean"
    if isinstance(aggregator, str):
        if aggregator not in AGGREGATORS:
            raise InvalidValueError(explain("aggregator", f"one of {', '.join(AGGREGATORS)}", f"{aggregator!r}"))
        return "hull" if aggregator in POOLINGS else aggregator
    if not isinstance(aggregator, Mapping) and not callable(aggregator):
        raise InvalidTypeError(
            explain("aggregator", "a name, a mapping to weights or a function to weights", f"{aggregator!r}")
        )
    return "hull"


def _is_about(about: str | None, kind: str) -> bool:
    # The mean is a weighted mean too.
    return about == kind or (about == "hull" and kind == "mean")


def _name(aggregator: Aggregator | None, bound: Bound) -> str | None:
    """Return what a report calls the aggregator."""
    if aggregator is None:
        about = _about(bound)
        return "weighted mean" if about == "hull" else about
    if isinstance(aggregator, str):
        return aggregator
    return "weighted mean" if isinstance(aggregator, Mapping) else getattr(aggregator, "__name__", "function")


def pool(weights: Weights, aggregator: Aggregator, points: Float[Tensor, "n d"], p: float = 2.0) -> Float[Tensor, " n"]:
    """Return the weights that an aggregator gives the points of a collection, as ratios.

    Parameters
    ----------
    weights
        Whose values to find.
    aggregator
        One that is a weighted mean.
    points
        Of the weights' collection.
    p
        Of the norm.

    Raises
    ------
    ParameterError
        If weights are missing, of another shape, negative, not finite or all 0.
    InvalidTypeError
        If they are no real numbers.
    """
    argument = weights.collection.argument
    if isinstance(aggregator, str):
        return mean(points, p) if aggregator == "mean" else POOLINGS[aggregator](points, p)
    if isinstance(aggregator, Mapping):
        name = f"aggregator[{argument!r}]"
        if argument not in aggregator:
            raise ParameterError(explain(name, f"weights of the points of {argument}", "none"))
        return _usable(aggregator[argument], weights, points, name)
    return _usable(aggregator(points.detach().cpu().numpy().copy()), weights, points, f"aggregator({argument})")


def _pooled(
    bound: Bound, aggregator: Aggregator, points: Mapping[Collection, Tensor], p: float
) -> dict[Weights, Tensor]:
    return {
        weights: pool(weights, aggregator, points[weights.collection], p).unsqueeze(0) for weights in _weights_of(bound)
    }


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
    given = _finite_m(m)
    if m is None:
        return {}
    named = [parameter for parameter in bound.parameters() if parameter.symbol == "m"]
    if not named:
        raise ParameterError(explain("m", f"None, since bound {bound.name!r} has no m", f"{m:g}", "leave m out"))
    return {named[0]: next(iter(given.values()))}


def _finite_m(m: float | None) -> dict[Parameter, float]:
    if m is None:
        return {}
    m = _real(m, "m", "a number or None")
    if not math.isfinite(m):
        raise ParameterError(explain("m", "a finite number", f"{m}", "leave m out to use the least m that is true"))
    return {Parameter("m"): m}


def _head(
    bound: Bound | None, head: Any, lipschitz: float | None, batch_size: int, device: str | torch.device | None
) -> tuple[_Maps, dict[Parameter, float]]:
    """Return what a bound's map stands for, and the constant that it is Lipschitz with; nothing for a bound without."""
    if bound is None:
        if lipschitz is not None:
            raise ParameterError(explain("lipschitz", "None without a head", f"{lipschitz!r}", "pass head= too"))
        return {}, {}
    maps = _maps_of(bound)
    if head is None:
        if maps:
            raise ParameterError(
                explain(
                    "head",
                    f"what the map {maps[0]} of bound {bound.name!r} stands for",
                    "none",
                    "pass head=, a function of points, shape (k, d)",
                )
            )
        if lipschitz is not None:
            raise ParameterError(explain("lipschitz", "None without a head", f"{lipschitz!r}", "pass head= too"))
        return {}, {}
    if not callable(head) and not callable(getattr(head, "transform", None)):
        expected = "a torch module, a fitted transformer or a function of points, shape (k, d)"
        raise InvalidTypeError(explain("head", expected, type(head).__name__))
    if len(maps) != 1:
        spoken = "no map" if not maps else "several"
        raise ParameterError(
            explain(
                "head", f"None, since bound {bound.name!r} speaks of {spoken}", type(head).__name__, "leave head out"
            )
        )
    constants = [premise.constant for premise in bound.premises if isinstance(premise, Lipschitz)]
    symbols = [constant for constant in constants if isinstance(constant, Parameter)]
    if not symbols and lipschitz is not None:
        raise ParameterError(
            explain(
                "lipschitz",
                f"None, since no premise of bound {bound.name!r} asks for it",
                f"{lipschitz!r}",
                "leave lipschitz out",
            )
        )
    given = {}
    for symbol in symbols:
        expected = f"a number in [0, ∞), the {symbol} that head is Lipschitz with in this norm"
        if lipschitz is None:
            raise ParameterError(explain("lipschitz", expected, "none", "pass lipschitz="))
        value = _real(lipschitz, "lipschitz", expected)
        if not 0 <= value < math.inf:
            raise ParameterError(explain("lipschitz", expected, f"{value}"))
        given[symbol] = value
    return {maps[0]: _Head(head, batch_size, device)}, given


class _Head:
    """A head as a reader calls it, with the checks that an embedding goes through."""

    def __init__(self, head: Any, batch_size: int, device: str | torch.device | None) -> None:
        self._head, self._batch_size, self._device = head, batch_size, device
        self._takes_tensors = module_behind(head) is not None
        self._length: int | None = None

    def __call__(self, points: Float[Tensor, "k d"]) -> Float[Tensor, "k e"]:
        """Return the head's value at each point."""
        given = points.detach()
        values = embed(
            self._head,
            given if self._takes_tensors else given.cpu().numpy(),
            name="head",
            batch_size=self._batch_size,
            batched=True,
            device=self._device,
            progress=False,
        )
        self._length = self._length or values.shape[1]
        if values.shape[1] != self._length:
            raise DimensionMismatchError(
                explain("head", f"{self._length} coordinates, as for other points", f"{values.shape[1]}")
            )
        return values.to(points)


def _weights(
    bound: Bound, values: Mapping[str, Any] | None, points: Mapping[Collection, Tensor]
) -> dict[Weights, Tensor]:
    spoken = {weights.symbol: weights for weights in _weights_of(bound)}
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
                explain("weights", f"values for {symbol!r}", "none", f"pass weights={{{symbol!r}: …}} or an aggregator")
            )
        name = f"weights[{symbol!r}]"
        found[weights] = _usable(given[symbol], weights, points[weights.collection], name).unsqueeze(0)
    return found


def _usable(values: object, weights: Weights, points: Tensor, name: str) -> Tensor:
    """Return weights of shape (n,), or raise."""
    tensor = _numbers(values, name)
    if tensor.shape != (len(points),):
        raise ParameterError(
            explain(name, f"shape ({len(points)},) like {weights.collection.argument}", f"{tuple(tensor.shape)}")
        )
    if not (torch.isfinite(tensor).all() and (tensor >= 0).all() and (tensor > 0).any()):
        raise ParameterError(explain(name, "finite numbers in [0, ∞), not all 0", f"{tensor.tolist()!r}"))
    return tensor.to(points.device)


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
    sides: list[tuple[Premise | None, Sides]] = [(None, judged.conclusion), *judged.premises.items()]
    for premise, side in sides:
        for value in (float(side.lhs), float(side.rhs)):
            if not math.isfinite(value):
                name = "the conclusion" if premise is None else str(premise)
                raise NonFiniteError(
                    explain(
                        "embedding",
                        "points whose distances fit in float64 (below 1.8e308)",
                        f"a side of {name} that is {value}",
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
        parameter = parameter_of(premise)
        if parameter is None or parameter not in given:
            continue
        value = given[parameter]
        floor = reader_for(batch, p, weights=weights, errors=True).scalar(premise.floor)
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


def _link(link: Bound, sides: Sides) -> LinkReport:
    lhs, rhs, slack = _sides(sides)
    verdict, ground = CODES[int(sides.code)], sides.ground_of()
    return LinkReport(link.name, link.title, _text(link), link.relation.value, verdict, lhs, rhs, slack, ground)


def _premises(bound: Bound, judged: Judgement, reader: NumericReader) -> tuple[PremiseReport, ...]:
    reports = []
    for premise in bound.premises:
        if isinstance(premise, Lipschitz):
            reports.append(_lipschitz(bound, premise, judged.premises[premise], reader))
            continue
        if not isinstance(premise, ForAll):
            # Sizes were compared before anything was computed.
            reports.append(PremiseReport(premise.name, _text(premise), Verdict.HOLDS))
            continue
        sides = judged.premises[premise]
        lhs, rhs, _ = _sides(sides)
        reports.append(
            PremiseReport(
                premise.name,
                _text(premise),
                CODES[int(sides.code)],
                parameter_of(premise) in judged.derived,
                lhs,
                rhs,
                _witness(premise, reader),
                sides.ground_of(),
            )
        )
    return tuple(reports)


def _lipschitz(bound: Bound, premise: Lipschitz, sides: Sides, reader: NumericReader) -> PremiseReport:
    """Report what the points say of a Lipschitz premise: the two that contradict it most, if any do."""
    verdict = CODES[int(sides.code)]
    lhs, rhs, _ = _sides(sides)
    witness = None
    if verdict is Verdict.FAILS:
        found = [_witness_of(excess, reader) for excess in bound.excesses(premise)]
        witness = max(found, key=lambda pair: pair[0])[1]
    return PremiseReport(premise.name, _text(premise), verdict, False, lhs, rhs, witness)


def _witness_of(excess: Scalar, reader: NumericReader) -> tuple[float, Witness]:
    """Return the largest value of a term over its free indices, and where it is taken."""
    if not excess.free():
        return float(reader.scalar(excess).value), Witness({}, _values(excess, reader, {}))
    above = ForAll("excess", lhs=excess, rhs=Constant(Fraction(0)))
    return float(reader.scalar(above.least).value), _witness(above, reader)


def _witness(premise: ForAll, reader: NumericReader) -> Witness:
    at = find_witness(premise, reader)
    positions = {
        # Two indices of one collection, i and i′, are of two of its points.
        collection.argument + "′" * index.symbol.count("′"): position
        for index, position in at.items()
        for collection in index.collections
    }
    return Witness(positions, _values(premise.lhs, reader, at))


def _values(term: Scalar, reader: NumericReader, at: Mapping[Index, int]) -> dict[str, float]:
    """Return the value of each part of a sum where its indices have the values given, without its sign."""
    return {text: value_at(shown, reader, at) for text, shown in _parts(term)}


@lru_cache(maxsize=256)
def _parts(term: Scalar) -> tuple[tuple[str, Scalar], ...]:
    parts = term.terms if isinstance(term, Add) else (term,)
    shown = [-part if str(part).startswith("−") else part for part in parts]
    return tuple((str(part), part) for part in shown)


# What is asked of a bound at each call takes walks through its terms.
@lru_cache(maxsize=256)
def _maps_of(bound: Bound) -> tuple[Map, ...]:
    return bound.maps()


@lru_cache(maxsize=256)
def _weights_of(bound: Bound) -> tuple[Weights, ...]:
    return bound.weights()


@lru_cache(maxsize=256)
def _about(bound: Bound) -> str | None:
    return aggregator_of(bound)


@lru_cache(maxsize=256)
def _text(statement: Bound | Premise) -> str:
    """Return the text of a premise, or of a bound's conclusion: the same each time, which takes long to write."""
    return statement.statement if isinstance(statement, Bound) else str(statement)


def _notes(judged: Judgement, given: Mapping[Parameter, float]) -> tuple[str, ...]:
    notes = []
    for premise, sides in judged.premises.items():
        if isinstance(premise, Lipschitz):
            notes.append(_lipschitz_note(premise, CODES[int(sides.code)]))
            continue
        parameter = parameter_of(premise)
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
