"""``deepcluster``: both views of a drawing are to be in its cluster, of clusters of all drawings.

M. Caron et al., "Unsupervised learning of visual features by contrasting cluster assignments", NeurIPS 2020, arXiv
2006.09882 (DeepCluster-v2).

The mean over heads and views of the cross-entropy of z·C_hᵀ/0.1 against the drawing's cluster. C_h are the unit centroids
of spherical k-means of a bank with a projection of each drawing; between refreshes they stand still.

Adapted: three times 500 clusters rather than 3,000, and AdamW rather than LARS at batches of 4,096. Refreshed every half
epoch, N/2 drawings, not each epoch, of which a short run has ten. At every refresh the bank is filled anew, by drawings
without distortion, rather than from the batches of the last epoch: over a whole epoch of a short run the network moves so far
that rows were alike by when they were written more than by what they show, and clusters were of times. An empty cluster keeps
its centroid.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, normalize

from boundcheck.omniglot.modes import statistics_kept
from boundcheck.omniglot.objectives.parts.following import Projected, ProjectedOptions
from boundcheck.omniglot.objectives.parts.kmeans import perplexity, spherical_kmeans
from boundcheck.omniglot.objectives.protocol import Controls, Material, Outcome, View

if TYPE_CHECKING:
    from boundcheck.omniglot.config import TrainingConfig

__all__ = ["DeepCluster"]


@dataclass(frozen=True)
class DeepClusterOptions(ProjectedOptions):
    """The temperature, clusters of each head, and how often a bank is clustered, as a share of all drawings."""

    temperature: float = 0.1
    clusters: tuple[int, ...] = (500, 500, 500)
    refresh: float = 0.5


class DeepCluster(Projected):
    """The cross-entropy of both views among frozen centroids of a bank."""

    passes = 2
    controls = Controls(
        "prototype-margin", "drawings come nearer to the centroid of their cluster than to other centroids"
    )
    Options = DeepClusterOptions

    used: Tensor

    def __init__(self, config: TrainingConfig, material: Material, network: nn.Module, device: torch.device) -> None:
        super().__init__(config, material, network, device)
        for number, clusters in enumerate(self.options.clusters):
            self.register_buffer(f"centroids{number}", torch.zeros(clusters, self.options.projection))
            self.register_buffer(f"own{number}", torch.zeros(len(material), dtype=torch.int64))
        self.register_buffer("used", torch.zeros(2, dtype=torch.float64))

    @property
    def views(self) -> tuple[View, ...]:
        """Two strong views."""
        return (self.strong_view,) * 2

    def refresh(self, network: nn.Module, step: int) -> None:
        """Fill the bank and cluster it anew, where a step is due to."""
        every = max(1, round(self.options.refresh * len(self.material) / self.config.batch))
        if step % every:
            return
        with statistics_kept(network), statistics_kept(self.head):
            bank = self.encode_all(lambda images: normalize(self.head(self.encode(network, images)), dim=1), step)
        used = []
        for number, clusters in enumerate(self.options.clusters):
            centroids, own, empty = spherical_kmeans(
                bank, clusters, seed=(self.config.seed, step, 103, number), iterations=5
            )
            getattr(self, f"centroids{number}").copy_(centroids)
            getattr(self, f"own{number}").copy_(own)
            used.append((perplexity(own, clusters) / clusters, empty / clusters))
        self.used.copy_(torch.tensor(used, dtype=torch.float64).mean(dim=0))

    def loss(
        self, network: nn.Module, views: Sequence[Float[Tensor, "b 1 h w"]], chosen: Int[np.ndarray, " b"], step: int
    ) -> Outcome:
        """Return the loss of a batch."""
        embeddings = [self.encode(network, view) for view in views]
        z = [normalize(self.head(one), dim=1) for one in embeddings]
        rows = torch.from_numpy(np.asarray(chosen, dtype=np.int64)).to(self.device)
        losses = [
            cross_entropy(
                one @ getattr(self, f"centroids{number}").T / self.options.temperature,
                getattr(self, f"own{number}")[rows],
            )
            for number in range(len(self.options.clusters))
            for one in z
        ]
        numbers = {"perplexity": float(self.used[0]), "empty_clusters": float(self.used[1])}
        return Outcome(torch.stack(losses).mean(), embeddings[0], tuple(one.detach() for one in z), numbers)
