"""k-means of unit vectors with a seeded start, and what is computed of its clusters.

I. Dhillon, D. Modha, "Concept decompositions for large sparse text data using clustering", Machine Learning 42 (2001):
centroids are normalised, and a point goes to the one with the largest inner product.
"""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from boundcheck.errors import InvalidValueError, explain

__all__ = ["assign", "perplexity", "spherical_kmeans", "spread_temperatures"]


def spherical_kmeans(
    points: Float[Tensor, "n d"],
    clusters: int,
    *,
    seed: tuple[int, ...],
    iterations: int = 20,
    start: Float[Tensor, "k d"] | None = None,
) -> tuple[Float[Tensor, "k d"], Int[Tensor, " n"], int]:
    """Return unit centroids, the cluster of each point, and how many clusters were empty at the end.

    Parameters
    ----------
    points
        Unit vectors.
    clusters
        k; at most n.
    seed
        Of the k points that it starts from.
    iterations
        At most so many; it stops where no point changes.
    start
        Centroids to start from, instead of points.

    Raises
    ------
    InvalidValueError
        If there are fewer points than clusters.

    Notes
    -----
    An empty cluster keeps its centroid, so that there are always k.
    """
    if len(points) < clusters:
        raise InvalidValueError(
            explain(
                "clusters",
                f"at most the {len(points):,} drawings there are",
                f"{clusters:,}",
                "set options['clusters']",
            )
        )
    if start is None:
        rows = np.random.default_rng(seed).choice(len(points), clusters, replace=False)
        start = points[torch.from_numpy(rows).to(points.device)]
    centroids = torch.nn.functional.normalize(start.clone(), dim=1)
    own = assign(points, centroids)
    for _ in range(iterations):
        sums = torch.zeros_like(centroids).index_add_(0, own, points)
        # Sums of opposite points have no direction: such a cluster keeps its own too.
        moved = sums.norm(dim=1) > 1e-12
        centroids = torch.where(moved[:, None], torch.nn.functional.normalize(sums, dim=1), centroids)
        before, own = own, assign(points, centroids)
        if torch.equal(before, own):
            break
    return centroids, own, clusters - len(torch.unique(own))


def assign(points: Float[Tensor, "n d"], centroids: Float[Tensor, "k d"], block: int = 4096) -> Int[Tensor, " n"]:
    """Return the centroid with the largest inner product with each point."""
    return torch.cat([(rows @ centroids.T).argmax(dim=1) for rows in torch.split(points, block)])


def perplexity(own: Int[Tensor, " n"], clusters: int) -> float:
    """Return exp of the entropy of the sizes of clusters: k where all are alike, 1 where one has everything."""
    shares = torch.bincount(own, minlength=clusters).double() / max(1, len(own))
    return float(torch.exp(torch.special.entr(shares).sum()))


def spread_temperatures(
    points: Float[Tensor, "n d"],
    centroids: Float[Tensor, "k d"],
    own: Int[Tensor, " n"],
    *,
    temperature: float,
    alpha: float = 10.0,
) -> Float[Tensor, " k"]:
    """Return a temperature for each cluster: the larger, the farther its points are from its centroid.

    φ = Σ ‖v - c‖ / (Z log(Z + α)) over a cluster's Z points, the largest φ for a cluster of at most one point; clipped to
    the range of their 10th to 90th percentiles and scaled to the mean `temperature` (J. Li et al., arXiv 2005.04966,
    section 3.3 and their code).
    """
    distances = (points - centroids[own]).norm(dim=1).double()
    sums = torch.zeros(len(centroids), dtype=torch.float64, device=points.device).index_add_(0, own, distances)
    sizes = torch.bincount(own, minlength=len(centroids)).double()
    spread = sums / sizes.clamp_min(1) / torch.log(sizes + alpha)
    several = sizes > 1
    if not bool(several.any()):
        return torch.full_like(spread, temperature).to(points.dtype)
    spread = torch.where(several, spread, spread[several].max())
    low, high = torch.quantile(spread, torch.tensor([0.1, 0.9], dtype=torch.float64, device=points.device))
    clipped = spread.clamp(low, high)
    mean = clipped.mean()
    if not float(mean) > 0:
        return torch.full_like(spread, temperature).to(points.dtype)
    scaled: Tensor = temperature * clipped / mean
    # A cluster of equal points has no spread; its temperature stays above 0.
    return scaled.clamp_min(1e-3 * temperature).to(points.dtype)
