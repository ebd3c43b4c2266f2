"""``instance``: a triplet loss on drawings, as in Karimov's experiment."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int
from torch import Tensor, nn

from boundcheck.omniglot.objectives.protocol import Outcome
from boundcheck.omniglot.objectives.triplets import TripletObjective

__all__ = ["InstanceTriplets"]


class InstanceTriplets(TripletObjective):
    """A triplet loss on drawings, of one class where the configuration's label is the same."""

    def loss(
        self, network: nn.Module, views: Sequence[Float[Tensor, "b 1 h w"]], chosen: Int[np.ndarray, " b"], step: int
    ) -> Outcome:
        """Return the loss of a batch, and how many triplets were mined."""
        embeddings = self.encode(network, views[0])
        loss, hard = self.triplet_loss(embeddings, self.labels_of(chosen), step)
        return Outcome(loss, embeddings, (embeddings.detach(),), {"hard_negatives": hard})
