"""The library calls: ``check`` says whether a bound holds on collections under an embedding, however many they are.

``check_bound`` is its short form for three.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, overload

import torch
from torch import Tensor

from boundcheck.arithmetic import certified
from boundcheck.checking.aggregators import Aggregator, kind_of, name_of, pooled, weights_for
from boundcheck.checking.arguments import collections_given, maps_given, narrowed
from boundcheck.checking.choices import bound_to_check, choose_bound
from boundcheck.checking.families import Classes, classes_given
from boundcheck.checking.heads import head_for
from boundcheck.checking.ladder import ladder_of
from boundcheck.checking.parameters import finite_m, given_parameters, require_every_value
from boundcheck.checking.reporting import report_on
from boundcheck.embed import embed_all
from boundcheck.errors import InvalidTypeError, ParameterError, explain, require_norm
from boundcheck.evaluate import require_equal_sizes
from boundcheck.language import Bound, Collection, Family
from boundcheck.report.ladder import Ladder
from boundcheck.report.result import Report
from boundcheck.theorems.aggregators import HEAD

__all__ = ["check", "check_bound", "embedded_by_name"]


@overload
def check(
    bound: Bound | str,
    f: Any = ...,
    /,
    *,
    parameters: Mapping[Any, float] | None = ...,
    maps: Mapping[Any, Any] | None = ...,
    weights: Mapping[Any, Any] | None = ...,
    norm: float = ...,
    m: float | None = ...,
    equal_sizes: bool = ...,
    collections: Mapping[str, Any] | None = ...,
    batch_size: int = ...,
    batched: bool | None = ...,
    device: str | torch.device | None = ...,
    progress: bool | None = ...,
    **named: Any,
) -> Report: ...
@overload
def check(f: Any, G1: Any, G2: Any, G3: Any, /, *, bound: Literal["all"], **options: Any) -> Ladder: ...
@overload
def check(f: Any, G1: Any, G2: Any, G3: Any, /, *, bound: Bound | str | None = ..., **options: Any) -> Report: ...
def check(bound: Any = None, f: Any = None, /, *triple: Any, **named: Any) -> Report | Ladder:
    """Check a bound on collections under an embedding: one collection, two, three or any number, each by its name.

    ``check(bound, f, x=…, y=…)``. A first argument that is neither a bound nor the name of one is the embedding of the
    short form, ``check(f, G1, G2, G3, …)``, which is :func:`check_bound`.

    Parameters
    ----------
    bound
        A :class:`boundcheck.Bound`, the name of a known one (``boundcheck list``), or FILE.py:NAME, **a file that is run**.
    f
        The embedding: a torch module, a callable on a batch or on one object, a scikit-learn transformer, or None if
        the collections already hold points.
    **named
        The collections, each by its symbol or its argument: ``x=…``, or ``G1=…``. One that the bound says nothing of may
        be left out. Lists, arrays, tensors or datasets. A family is a mapping from class to collection,
        ``C={"cats": …, "dogs": …}``, or a pair of all its objects and the label of each, ``C=(points, labels)``.
    collections
        More of them, as a mapping, for a symbol that is no keyword or is one of those below.
    parameters
        Values by symbol: ``{"τ": 0.1}``. One left out takes the least value that a premise allows; where no premise says
        what that is, it must be given.
    m
        The same as ``parameters={"m": …}``.
    maps
        What each map stands for, by symbol: a torch module, a scikit-learn transformer, or a function, from a batch of
        points, shape (k, d), to their values, shape (k, d′).
    weights
        By symbol: numbers, one for each point, taken as ratios; the name of a weighted mean ("medoid", "trimmed mean",
        "geometric median", "attention"); or a function of points, shape (n, d), to weights, shape (n,).
    norm
        The p of the p-norm, in [1, inf].
    equal_sizes
        Whether the bound's premises on sizes count. False checks the variant without.
    batch_size, batched, device, progress
        How f is called, see :func:`boundcheck.embed.embed`; batch_size and device count for maps too.

    Returns
    -------
    Report
        Verdict, both sides, slack, tightness, parameters, premises with witness, and the chain of the proof.

    Raises
    ------
    ParameterError
        If a collection, a parameter, a map or weights are missing, or there are none of that name, or a value cannot be
        used; the message names it as it is named here.
    InvalidValueError, NormError, UnequalSizesError, EmptyCollectionError, EmbeddingShapeError, DimensionMismatchError, \
EmbeddingDtypeError, NonFiniteError, NotAFunctionError, EmbeddingCallError
        As :func:`check_bound` does.

    Examples
    --------
    >>> from boundcheck.language import Bound, Collection, distance, farthest, mean
    >>> a, b = Collection("a", "A", index="i", size="n"), Collection("b", "B", index="j", size="p")
    >>> centroids = Bound("centroids", lhs=distance(mean(a), mean(b)), rhs=farthest(a, b), collections=[a, b])
    >>> report = check(centroids, None, a=[[0.0], [2.0]], b=[[3.0], [5.0], [4.0]])
    >>> report.verdict.value, float(report.lhs), float(report.rhs), dict(report.sizes)
    ('holds', 3.0, 5.0, {'A': 2, 'B': 3})

    A family of classes:

    >>> from boundcheck.language import another, classes, maximum
    >>> C = classes("C")
    >>> c, i = C.each, C[C.each].each
    >>> spread = Bound(
    ...     "spread",
    ...     lhs=maximum((c, i), distance(C[c][i], mean(C[c]))),
    ...     rhs=maximum((c, i, another(C[c])), distance(C[c][i], C[c][another(C[c])])),
    ...     collections=[C],
    ... )
    >>> report = check(spread, None, C={"near": [[0.0], [2.0]], "far": [[9.0], [9.0], [12.0]]})
    >>> report.verdict.value, float(report.lhs), report.classes
    ('holds', 2.0, {'C': {'near': 2, 'far': 3}})
    """
    if not isinstance(bound, (Bound, str)):
        given = (bound, f, *triple) if triple or f is not None else () if bound is None else (bound,)
        short: Report | Ladder = check_bound(*given, **named)
        return short
    if "bound" in named:
        raise ParameterError(explain("bound", "one", "two, the first argument and bound="))
    if triple:
        fix = "pass each by its name, x=…"
        raise InvalidTypeError(explain("check", "a bound and an embedding before the names", "more", fix))
    if "f" in named and f is None:
        f = named.pop("f")
    if bound == "all":
        ladder: Ladder = check_bound(f, bound="all", **named)
        return ladder
    return _check(bound, f, **named)


@certified
def _check(
    bound: Bound | str,
    f: Any,
    *,
    parameters: Mapping[Any, float] | None = None,
    maps: Mapping[Any, Any] | None = None,
    weights: Mapping[Any, Any] | None = None,
    norm: float = 2,
    m: float | None = None,
    equal_sizes: bool = True,
    collections: Mapping[str, Any] | None = None,
    batch_size: int = 256,
    batched: bool | None = None,
    device: str | torch.device | None = None,
    progress: bool | None = None,
    **named: Any,
) -> Report:
    """Return what :func:`check` does of a bound and collections by name."""
    p = require_norm(norm)
    chosen = bound_to_check(bound, equal_sizes)
    chosen.require_norm(p)
    given = given_parameters(chosen, m, parameters)
    stand_for = maps_given(chosen, maps, batch_size, device)
    objects = collections_given(chosen, named, collections)
    chosen = narrowed(chosen, objects)
    options = _Embedding(f, batch_size, batched, device, progress)
    points, classes = options.points(objects)
    require_equal_sizes(
        chosen,
        {collection: len(tensor) for collection, tensor in points.items()},
        {collection: name for collection, (name, _) in objects.items()},
    )
    require_every_value(chosen, given)
    values = weights_for(chosen, weights, points, p)
    return report_on(chosen, points, p, given, values, stand_for, name_of(None, chosen), classes)


@dataclass(frozen=True)
class _Embedding:
    """An embedding and how it is called."""

    f: Any
    batch_size: int
    batched: bool | None
    device: str | torch.device | None
    progress: bool | None

    def points(
        self, objects: Mapping[Collection, tuple[str, Any]]
    ) -> tuple[dict[Collection, Tensor], dict[Family, dict[str, int]]]:
        """Return the points of each collection, of which messages speak by the name beside it; and a family's classes."""
        plain: dict[str, Any] = {}
        families: dict[Family, Classes] = {}
        for collection, (name, given) in objects.items():
            if isinstance(collection, Family):
                families[collection] = classes_given(collection, name, given)
                plain |= families[collection].objects
            else:
                plain[name] = given
        embedded = embed_all(
            self.f,
            plain,
            batch_size=self.batch_size,
            batched=self.batched,
            device=self.device,
            progress=self.progress,
        )
        points: dict[Collection, Tensor] = {}
        classes: dict[Family, dict[str, int]] = {}
        for collection, (name, _) in objects.items():
            if isinstance(collection, Family):
                points[collection], classes[collection] = families[collection].gather(embedded)
            else:
                points[collection] = embedded[name]
        return points, classes


def embedded_by_name(
    bound: Bound,
    f: Any,
    named: Mapping[str, Any],
    collections: Mapping[str, Any] | None,
    *,
    batch_size: int,
    batched: bool | None,
    device: str | torch.device | None,
) -> dict[str, Any]:
    """Return the points of collections under the names that they were given by, as :func:`check` takes them.

    A family's are a mapping from class to points. Raises what :func:`check` does of collections and of f.
    """
    objects = collections_given(bound, named, collections)
    points, classes = _Embedding(f, batch_size, batched, device, False).points(objects)
    found: dict[str, Any] = {}
    for collection, (name, _) in objects.items():
        found[name] = points[collection]
        if isinstance(collection, Family):
            sizes = classes[collection]
            found[name] = dict(zip(sizes, torch.split(points[collection], list(sizes.values())), strict=True))
    return found


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
    parameters: None = ...,
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
    parameters: Mapping[Any, float] | None = ...,
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
    parameters: Mapping[Any, float] | None = None,
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
    parameters
        Values for parameters other than m, by symbol; one left out takes the least value that a premise allows.
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
        if parameters:
            raise ParameterError(explain("parameters", "None for bound='all'", "a mapping", "m is for all alike"))
        kind_of(aggregator)
        given = finite_m(m)
        maps, constants = head_for(HEAD if head is not None else None, head, lipschitz, batch_size, device)
    else:
        chosen.require_norm(p)
        given = given_parameters(chosen, m, parameters)
        maps, constants = head_for(chosen, head, lipschitz, batch_size, device)
        require_every_value(chosen, {**given, **constants})
    given |= constants
    together = zip(chosen.collections, (G1, G2, G3), strict=True)
    points, _ = _Embedding(f, batch_size, batched, device, progress).points(
        {collection: (collection.argument, objects) for collection, objects in together}
    )
    if everything:
        return ladder_of(points, p, given, "mean" if aggregator is None else aggregator, maps)
    require_equal_sizes(chosen, {collection: len(tensor) for collection, tensor in points.items()})
    values = weights_for(chosen, weights, points, p) if aggregator is None else pooled(chosen, aggregator, points, p)
    if aggregator is not None and weights is not None:
        raise ParameterError(explain("weights", "None beside an aggregator", f"{weights!r}", "give one of the two"))
    return report_on(chosen, points, p, given, values, maps, name_of(aggregator, chosen))
