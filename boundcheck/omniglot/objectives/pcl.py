"""``pcl``: one view against the other and a queue, and drawings against the centroids of clusters of drawings.

J. Li et al., "Prototypical contrastive learning of unsupervised representations", ICLR 2021, arXiv 2005.04966.

InfoNCE at temperature 0.2, k by a network that follows, and the mean over three clusterings of the cross-entropy of
q·Cᵀ/φ against the drawing's own cluster: C are the unit centroids of k-means of all drawings as the following network sees
them undistorted, refreshed over the run, and φ is each cluster's own temperature, the larger, the more spread it is.

Adapted: 250, 500 and 1,000 clusters for some 17,000 drawings of 850 characters, rather than 25,000, 50,000 and 100,000 of
1.28 million; all other centroids are negatives, where the published code draws 16,000 of its many (and counts those that
two drawings share). The clusters begin after a tenth of the run, as after 20 of 200 epochs, and are refreshed every tenth
of it. The queue has 4,096 rows and the drawing itself is masked in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from boundcheck.omniglot.objectives.parts.contrast import against_queue, contrast, queue_accuracy
from boundcheck.omniglot.objectives.parts.following import Following, FollowingOptions
from boundcheck.omniglot.objectives.parts.kmeans import perplexity, spherical_kmeans, spread_temperatures
from boundcheck.omniglot.objectives.parts.queue import Queue
from boundcheck.omniglot.objectives.protocol import Controls, Material, Outcome, View

if TYPE_CHECKING:
    from boundcheck.omniglot.config import TrainingConfig

__all__ = ["PCL"]


@dataclass(frozen=True)
class PCLOptions(FollowingOptions):
    """The temperature, the queue, the clusterings; from which share of the run, and how often, drawings are clustered."""

    temperature: float = 0.2
    queue: int = 4096
    clusters: tuple[int, ...] = (250, 500, 1000)
    first: float = 0.1
    refresh: float = 0.1


class PCL(Following):
    """InfoNCE, and the cross-entropy among the centroids of three clusterings."""

    passes = 2
    controls = Controls(
        "prototype-margin", "drawings come nearer to the centroid of their cluster than to other centroids"
    )
    Options = PCLOptions

    clustered: Tensor
    used: Tensor

    def __init__(self, config: TrainingConfig, material: Material, network: nn.Module, device: torch.device) -> None:
        super().__init__(config, material, network, device)
        self.queue = Queue(self.options.queue, self.options.projection, config.batch)
        for number, clusters in enumerate(self.options.clusters):
            self.register_buffer(f"centroids{number}", torch.zeros(clusters, self.options.projection))
            self.register_buffer(f"temperatures{number}", torch.ones(clusters))
            self.register_buffer(f"own{number}", torch.zeros(len(material), dtype=torch.int64))
        self.register_buffer("clustered", torch.zeros((), dtype=torch.bool))
        # Of the last refresh: clusters in use by the entropy of their sizes, and those that are empty.
        self.register_buffer("used", torch.zeros(2, dtype=torch.float64))

    @property
    def views(self) -> tuple[View, ...]:
        """Two strong views."""
        return (self.strong_view,) * 2

    def refresh(self, network: nn.Module, step: int) -> None:
        """Cluster all drawings anew, where a step is due to."""
        if not self.due(step, self.options.refresh, self.options.first):
            return
        points = self.teacher_of_all(step)
        used = []
        for number, clusters in enumerate(self.options.clusters):
            centroids, own, empty = spherical_kmeans(points, clusters, seed=(self.config.seed, step, 102, number))
            getattr(self, f"centroids{number}").copy_(centroids)
            getattr(self, f"own{number}").copy_(own)
            temperatures = spread_temperatures(points, centroids, own, temperature=self.options.temperature)
            getattr(self, f"temperatures{number}").copy_(temperatures)
            used.append((perplexity(own, clusters) / clusters, empty / clusters))
        self.used.copy_(torch.tensor(used, dtype=torch.float64).mean(dim=0))
        self.clustered.fill_(True)

    def loss(
        self, network: nn.Module, views: Sequence[Float[Tensor, "b 1 h w"]], chosen: Int[np.ndarray, " b"], step: int
    ) -> Outcome:
        """Return the loss of a batch; its keys go into the queue."""
        embeddings, q = self.student(network, views[0])
        k = self.teacher(views[1], step)
        positive, negatives = (q * k).sum(dim=1), against_queue(q, self.queue, chosen)
        loss = contrast(positive, negatives, self.options.temperature)
        numbers: dict[str, float | Tensor] = {"queue_accuracy": queue_accuracy(positive, negatives)}
        if bool(self.clustered):
            loss = loss + self.prototype_loss(q, chosen)
            numbers |= {"perplexity": float(self.used[0]), "empty_clusters": float(self.used[1])}
        self.queue.put(k, chosen)
        return Outcome(loss, embeddings, (q.detach(), k), numbers)

    def prototype_loss(self, q: Float[Tensor, "b p"], chosen: Int[np.ndarray, " b"]) -> Float[Tensor, ""]:
        """Return the mean over clusterings of the cross-entropy among centroids, each at its own temperature."""
        rows, losses = torch.from_numpy(np.asarray(chosen, dtype=np.int64)).to(q.device), []
        for number in range(len(self.options.clusters)):
            logits = q @ getattr(self, f"centroids{number}").T / getattr(self, f"temperatures{number}")
            losses.append(cross_entropy(logits, getattr(self, f"own{number}")[rows]))
        return torch.stack(losses).mean()
