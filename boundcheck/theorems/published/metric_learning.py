"""Metric learning: what prototypes, proxies, margins and hinges say of distances."""

from __future__ import annotations

from boundcheck.language import Bound, Relation, Space, distance, i, mean, norm, w, x, z
from boundcheck.theorems.published.record import Published

__all__ = ["METRIC_LEARNING"]

PROTOTYPES = Published(
    Bound(
        "prototype-margin",
        title="S2: a margin to prototypes is a margin of centroids",
        lhs=mean(i, distance(x[i], mean(w)) ** 2 - distance(x[i], mean(z)) ** 2),
        rhs=norm(mean(x) - mean(w)) ** 2 - norm(mean(x) - mean(z)) ** 2,
        relation=Relation.EQUAL,
        collections=(x, z, w),
        space=Space.EUCLIDEAN,
        citation="boundcheck; prototypes as means: J. Snell, K. Swersky, R. Zemel, Prototypical networks for few-shot "
        "learning, NeurIPS 2017",
    ),
    year=2017,
    conventions="‖x − c′‖² − ‖x − c‖² is affine in x, so it passes to means exactly.",
)

METRIC_LEARNING = (PROTOTYPES,)
