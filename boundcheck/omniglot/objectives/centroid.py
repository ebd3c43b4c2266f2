"""``centroid``: a triplet loss on the centroids of collections of drawings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from boundcheck.omniglot.objectives.protocol import Outcome
from boundcheck.omniglot.objectives.triplets import TripletObjective

__all__ = ["CentroidTriplets"]


class CentroidTriplets(TripletObjective):
    """The triplet loss of drawings, on centroids: the means of the embeddings of each collection."""

    of_collections = True

    def loss(
        self, network: nn.Module, views: Sequence[Float[Tensor, "b 1 h w"]], chosen: Int[np.ndarray, " b"], step: int
    ) -> Outcome:
        """Return the loss of a batch, and how many triplets were mined."""
        classes, collections, drawings = self.config.groups
        embeddings = self.encode(network, views[0])
        centroids = embeddings.reshape(classes * collections, drawings, -1).mean(dim=1)
        labels = torch.arange(classes, device=self.device).repeat_interleave(collections)
        loss, hard = self.triplet_loss(centroids, labels, step)
        return Outcome(loss, embeddings, (embeddings.detach(),), {"hard_negatives": hard})
