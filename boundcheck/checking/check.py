"""The library call: ``check_bound`` says whether a bound holds on three collections under an embedding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, overload

import torch

from boundcheck.arithmetic import certified
from boundcheck.checking.aggregators import Aggregator, kind_of, name_of, pooled, weights_for
from boundcheck.checking.choices import choose_bound
from boundcheck.checking.heads import head_for
from boundcheck.checking.ladder import ladder_of
from boundcheck.checking.parameters import finite_m, given_parameters
from boundcheck.checking.reporting import report_on
from boundcheck.embed import embed_all
from boundcheck.errors import ParameterError, explain, require_norm
from boundcheck.evaluate import require_equal_sizes
from boundcheck.language import Bound
from boundcheck.report.ladder import Ladder
from boundcheck.report.result import Report
from boundcheck.theorems.aggregators import HEAD

__all__ = ["check_bound"]


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
@certified
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
        What to check: a :class:`boundcheck.Bound`, the name of a known one (``boundcheck list``), FILE.py:NAME, **a file
        that is run**, or ``"all"`` for all
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
        that of every bound, in the order of how sharp they are. One with a side that float64 cannot hold, as the square
        of a distance of 1e160, is named there with the reason, among those that say nothing here.

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
    p = require_norm(norm)
    everything = isinstance(bound, str) and bound == "all"
    if bound is None and head is not None and (aggregator is None or aggregator == "mean"):
        bound = HEAD
    chosen = choose_bound(None if everything else bound, equal_sizes, None if everything else aggregator, p)
    if everything:
        if weights is not None:
            raise ParameterError(explain("weights", "None for bound='all'", "a mapping", "pass them as the aggregator"))
        kind_of(aggregator)
        given = finite_m(m)
        maps, constants = head_for(HEAD if head is not None else None, head, lipschitz, batch_size, device)
    else:
        chosen.require_norm(p)
        given = given_parameters(chosen, m)
        maps, constants = head_for(chosen, head, lipschitz, batch_size, device)
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
        return ladder_of(points, p, given, "mean" if aggregator is None else aggregator, maps)
    require_equal_sizes(chosen, {collection: len(tensor) for collection, tensor in points.items()})
    values = weights_for(chosen, weights, points) if aggregator is None else pooled(chosen, aggregator, points, p)
    if aggregator is not None and weights is not None:
        raise ParameterError(explain("weights", "None beside an aggregator", f"{weights!r}", "give one of the two"))
    return report_on(chosen, points, p, given, values, maps, name_of(aggregator, chosen))
