"""Aggregators: what a bound is about, and the weights that an aggregator gives points."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import torch
from jaxtyping import Float
from torch import Tensor

from boundcheck.checking.parameters import symbol_of
from boundcheck.errors import InvalidTypeError, ParameterError, explain, require_named
from boundcheck.evaluate.pooling import POOLINGS, mean
from boundcheck.language import Bound, Collection, Weights
from boundcheck.language.kept import kept
from boundcheck.real_numbers import Place, Source, real_numbers
from boundcheck.theorems.representations import KINDS, aggregator_of

__all__ = [
    "AGGREGATORS",
    "Aggregator",
    "about_of",
    "is_about",
    "kind_of",
    "name_of",
    "pool",
    "pooled",
    "usable_weights",
    "weights_for",
]

#: A name, weights by collection (``{"G1": …, "G2": …}``), or a function of points, shape (n, d), to weights, shape (n,).
Aggregator: TypeAlias = "str | Mapping[str, Any] | Callable[[Any], Any]"

AGGREGATORS = (*(kind for kind in KINDS if kind != "hull"), *POOLINGS)
"""The aggregators that have a name."""


def kind_of(aggregator: Aggregator | None) -> str:
    """Return what a bound must be about to be about an aggregator."""
    if aggregator is None:
        return "mean"
    if isinstance(aggregator, str):
        require_named("aggregator", aggregator, AGGREGATORS)
        return "hull" if aggregator in POOLINGS else aggregator
    if not isinstance(aggregator, Mapping) and not callable(aggregator):
        raise InvalidTypeError(
            explain("aggregator", "a name, a mapping to weights or a function to weights", f"{aggregator!r}")
        )
    return "hull"


def is_about(about: str | None, kind: str) -> bool:
    """Whether what a bound is about takes in an aggregator of a kind."""
    # The mean is a weighted mean too.
    return about == kind or (about == "hull" and kind == "mean")


@kept
def about_of(bound: Bound) -> str | None:
    """Return the kind of aggregator that a bound is about, or None."""
    return aggregator_of(bound)


def name_of(aggregator: Aggregator | None, bound: Bound) -> str | None:
    """Return what a report calls the aggregator."""
    if aggregator is None:
        about = about_of(bound)
        return "weighted mean" if about == "hull" else about
    if isinstance(aggregator, str):
        return aggregator
    return "weighted mean" if isinstance(aggregator, Mapping) else getattr(aggregator, "__name__", "function")


def pool(
    weights: Weights, aggregator: Aggregator, points: Float[Tensor, "n d"], p: float = 2.0, place: str | None = None
) -> Float[Tensor, " n"]:
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
    place
        What messages call the weights that a function gives, or the name of one that is not known.

    Raises
    ------
    InvalidValueError
        If there is no aggregator of that name that is a weighted mean.
    ParameterError
        If weights are missing, of another shape, negative, not finite or all 0.
    InvalidTypeError
        If they are no real numbers.
    """
    argument = weights.collection.argument
    if isinstance(aggregator, str):
        if aggregator == "mean":
            return mean(points, p)
        require_named(place or "aggregator", aggregator, ("mean", *POOLINGS))
        return POOLINGS[aggregator](points, p)
    if isinstance(aggregator, Mapping):
        name = f"aggregator[{argument!r}]"
        if argument not in aggregator:
            raise ParameterError(explain(name, f"weights of the points of {argument}", "none"))
        return usable_weights(aggregator[argument], weights, points, name)
    made = aggregator(points.detach().cpu().numpy().copy())
    return usable_weights(made, weights, points, place or f"aggregator({argument})")


def pooled(
    bound: Bound, aggregator: Aggregator, points: Mapping[Collection, Tensor], p: float
) -> dict[Weights, Tensor]:
    """Return the values of a bound's weights that an aggregator gives."""
    return {
        weights: pool(weights, aggregator, points[weights.collection], p).unsqueeze(0) for weights in bound.weights()
    }


def weights_for(
    bound: Bound, values: Mapping[Any, Any] | None, points: Mapping[Collection, Tensor], p: float = 2.0
) -> dict[Weights, Tensor]:
    """Return the values given for a bound's weights, by symbol or by the weights themselves.

    Each is numbers, one for each point; the name of a weighted mean (``"medoid"``); or a function of points, shape
    (n, d), to weights, shape (n,).

    Raises
    ------
    InvalidTypeError, ParameterError
        If the bound has no such weights, or some are missing or cannot be used.
    InvalidValueError
        If there is no weighted mean of that name.
    """
    spoken = {weights.symbol: weights for weights in bound.weights()}
    if values is not None and not isinstance(values, Mapping):
        raise InvalidTypeError(explain("weights", "a mapping from symbols to numbers, or None", f"{values!r}"))
    given = {symbol_of(key): value for key, value in (values or {}).items()}
    for symbol in given.keys() - spoken.keys():
        known = ", ".join(spoken) or "none"
        raise ParameterError(explain("weights", f"weights of bound {bound.name!r} ({known})", f"{symbol!r}"))
    found = {}
    for symbol, weights in spoken.items():
        if symbol not in given:
            raise ParameterError(
                explain("weights", f"values for {symbol!r}", "none", f"pass weights={{{symbol!r}: …}} or an aggregator")
            )
        value, own, name = given[symbol], points[weights.collection], f"weights[{symbol!r}]"
        by_rule = isinstance(value, str) or callable(value)
        ratios = pool(weights, value, own, p, name) if by_rule else usable_weights(value, weights, own, name)
        found[weights] = ratios.unsqueeze(0)
    return found


def usable_weights(values: object, weights: Weights, points: Tensor, name: str) -> Tensor:
    """Return weights of shape (n,), or raise."""
    tensor = real_numbers(values, Place(name, 0, Source.NUMBERS), many=True).to("cpu")
    if tensor.shape != (len(points),):
        raise ParameterError(
            explain(name, f"shape ({len(points)},) like {weights.collection.argument}", f"{tuple(tensor.shape)}")
        )
    if not (torch.isfinite(tensor).all() and (tensor >= 0).all() and (tensor > 0).any()):
        raise ParameterError(explain(name, "finite numbers in [0, ∞), not all 0", f"{tensor.tolist()!r}"))
    return tensor.to(points.device)
