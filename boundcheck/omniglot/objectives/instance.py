"""``instance``: a triplet loss on drawings, as in the seed's experiment."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from boundcheck.omniglot.objectives.triplets import TripletObjective

__all__ = ["InstanceTriplets"]


class InstanceTriplets(TripletObjective):
    """A triplet loss on drawings, of one class where the configuration's label is the same."""

    of_collections = False

    def loss(
        self, embeddings: Float[Tensor, "b d"], chosen: Int[np.ndarray, " b"], step: int
    ) -> tuple[Float[Tensor, ""], int]:
        """Return the loss of a batch, and how many triplets were mined."""
        labels = getattr(self.drawings, self.config.label)[chosen].astype(np.int64)
        return self.triplet_loss(embeddings, torch.from_numpy(labels).to(self.device), step)
