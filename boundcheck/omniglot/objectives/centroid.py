"""``centroid``: a triplet loss on the centroids of collections of drawings."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from boundcheck.omniglot.objectives.triplets import TripletObjective

__all__ = ["CentroidTriplets"]


class CentroidTriplets(TripletObjective):
    """The triplet loss of drawings, on centroids: the means of the embeddings of each collection."""

    of_collections = True

    def loss(
        self, embeddings: Float[Tensor, "b d"], chosen: Int[np.ndarray, " b"], step: int
    ) -> tuple[Float[Tensor, ""], int]:
        """Return the loss of a batch, and how many triplets were mined."""
        classes, collections, drawings = self.config.groups
        centroids = embeddings.reshape(classes * collections, drawings, -1).mean(dim=1)
        labels = torch.arange(classes, device=self.device).repeat_interleave(collections)
        return self.triplet_loss(centroids, labels, step)
