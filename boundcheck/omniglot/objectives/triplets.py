"""A triplet loss: pytorch-metric-learning's, on every triplet first and on each anchor's hardest negative later.

For the first part of a run every triplet of a batch that violates the margin counts; after that each anchor's hardest
negative does (A. Hermans, L. Beyer, B. Leibe, "In defense of the triplet loss", arXiv 1703.07737: mining the hardest
from the start drives a fresh network into one point).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from boundcheck.errors import MissingDependencyError, explain
from boundcheck.omniglot.objectives.protocol import Controls, Material, Objective

if TYPE_CHECKING:
    from boundcheck.omniglot.config import TrainingConfig

__all__ = ["TripletObjective"]


class TripletObjective(Objective):
    """A triplet loss on points with labels; what the points are is a subclass's."""

    has_margin = True
    has_scale = True
    supervised = True
    controls = Controls("T(m)", "a positive is to be nearer than a negative by the margin: T(m) at m = -margin")

    def __init__(self, config: TrainingConfig, material: Material, network: nn.Module, device: torch.device) -> None:
        super().__init__(config, material, network, device)
        # Made at the first step, so that a trained network is loaded without the library; in a tuple, since it is no state.
        self._library: tuple[Any, Any] | None = None

    def triplet_loss(
        self, points: Float[Tensor, "p d"], labels: Int[Tensor, " p"], step: int
    ) -> tuple[Float[Tensor, ""], int]:
        """Return the loss of the triplets of points that count at a step, and how many were mined."""
        self._library = self._library or _loss_and_miner(self.config)
        loss, miner = self._library
        if step < self.config.mining_from * self.config.steps:
            return loss(points, labels), 0
        triplets = miner(points, labels)
        return loss(points, labels, triplets), len(triplets[0])


def _loss_and_miner(config: TrainingConfig) -> tuple[Any, Any]:
    try:
        from pytorch_metric_learning.distances import LpDistance
        from pytorch_metric_learning.losses import TripletMarginLoss
        from pytorch_metric_learning.miners import BatchEasyHardMiner
    except ImportError as cause:
        raise MissingDependencyError(
            explain("pytorch-metric-learning", "the package installed", "none", "pip install 'boundcheck[omniglot]'")
        ) from cause
    # The library normalises embeddings unless told not to; the theorem is about those the network gives.
    distance = LpDistance(normalize_embeddings=False)
    loss = TripletMarginLoss(margin=config.margin, distance=distance)
    return loss, BatchEasyHardMiner(pos_strategy="easy", neg_strategy="hard", distance=distance)
