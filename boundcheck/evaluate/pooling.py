"""Aggregators that are points of the convex hull, as the weights of a collection's points. Arrays only, no terms.

A bound on hull aggregators (U3) holds for any weights, so these need only be computed well enough to be what their
names say: whatever rounding does to them, the point that they stand for is in the hull, and is the one checked.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

import torch
from jaxtyping import Float
from torch import Tensor

from boundcheck import kernels

__all__ = ["POOLINGS", "attention", "geometric_median", "mean", "medoid", "trimmed_mean"]

Pooling: TypeAlias = Callable[[Tensor, float], Tensor]

#: The share of the points that a trimmed mean drops.
TRIMMED = 0.2
_STEPS = 1000


def mean(points: Float[Tensor, "n d"], p: float = 2.0) -> Float[Tensor, " n"]:
    """Return equal weights: the centroid."""
    return points.new_ones(len(points))


def medoid(points: Float[Tensor, "n d"], p: float = 2.0) -> Float[Tensor, " n"]:
    """Return 1 for the point whose distances to the others add up to least (the first of several), 0 for the rest."""
    points = _scaled(points)
    weights = points.new_zeros(len(points))
    weights[kernels.pairwise(points, points, p).sum(dim=1).argmin()] = 1.0
    return weights


def trimmed_mean(points: Float[Tensor, "n d"], p: float = 2.0) -> Float[Tensor, " n"]:
    """Return 0 for the fifth of the points (rounded down) that is farthest from the centroid, 1 for the rest."""
    apart = _from_centroid(_scaled(points), p)
    weights = points.new_ones(len(points))
    dropped = apart.argsort(descending=True, stable=True)[: math.floor(TRIMMED * len(points))]
    weights[dropped] = 0.0
    return weights


def geometric_median(points: Float[Tensor, "n d"], p: float = 2.0) -> Float[Tensor, " n"]:
    """Return the weights of the point whose Euclidean distances to all points add up to least.

    Weiszfeld's iteration, w_i = 1/‖x_i − y‖ and y = Σ w_i x_i / Σ w_i, with distances kept from 0. The median is a
    Euclidean notion; its weights serve in any norm.
    """
    points = _scaled(points)
    weights = points.new_ones(len(points))
    spread = float(_from_centroid(points, 2.0).amax())
    if not spread:
        return weights
    centre = points.mean(dim=0)
    for _ in range(_STEPS):
        weights = 1.0 / kernels.vector_norm(points - centre, 2.0).clamp(min=1e-12 * spread)
        before, centre = centre, (weights / weights.sum()) @ points
        if float((centre - before).abs().amax()) <= 1e-14 * spread:
            break
    return weights / weights.amax()


def attention(points: Float[Tensor, "n d"], p: float = 2.0) -> Float[Tensor, " n"]:
    """Return the softmax of −d(x_i, centroid) / t, t the mean of those distances: points near the centre count most."""
    apart = _from_centroid(_scaled(points), p)
    temperature = apart.mean()
    return torch.softmax(-apart / torch.where(temperature > 0, temperature, 1.0), dim=0)


POOLINGS: Mapping[str, Pooling] = MappingProxyType(
    {
        "medoid": medoid,
        "trimmed mean": trimmed_mean,
        "geometric median": geometric_median,
        "attention": attention,
    }
)
"""Hull aggregators by name: functions of points, shape (n, d), and the p of the norm to weights, shape (n,)."""


def _scaled(points: Tensor) -> Tensor:
    """Return points moved and scaled so that no distance over- or underflows."""
    largest = points.abs().amax()
    points = points / torch.where(largest > 0, largest, 1.0)
    points = points - points[0]
    spread = points.abs().amax()
    return points / torch.where(spread > 0, spread, 1.0)


def _from_centroid(points: Tensor, p: float) -> Tensor:
    return kernels.vector_norm(points - points.mean(dim=0), p)
