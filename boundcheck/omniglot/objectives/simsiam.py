"""``simsiam``: two views predict each other's projection, with no negatives and nothing that follows.

X. Chen, K. He, "Exploring simple Siamese representation learning", CVPR 2021, arXiv 2011.10566.

-½ [cos(p₁, z₂) + cos(p₂, z₁)], z held fixed: a projector of three layers with batch normalisation throughout, the last
without scale and shift, and a predictor of two layers whose learning rate stays constant. Each view goes through the
network by itself, so that batch normalisation sees one view at a time. Without holding z fixed, or with weak views, every
output becomes one point.

Adapted: 256 dimensions with a bottleneck of 64 rather than 2,048 with 512, as f has 64 and not 2,048. It is to be trained by
SGD at a rate of 0.05, as the paper says (``own_settings``): with AdamW at 0.005 its projections filled 4 dimensions after
19,200 drawings, with SGD 33 after 25,600.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.functional import cosine_similarity, normalize

from boundcheck.omniglot.objectives.parts.following import Projected, ProjectedOptions
from boundcheck.omniglot.objectives.parts.heads import head
from boundcheck.omniglot.objectives.protocol import Controls, Material, Outcome, View

if TYPE_CHECKING:
    from boundcheck.omniglot.config import TrainingConfig

__all__ = ["SimSiam", "siamese_loss"]


@dataclass(frozen=True)
class SimSiamOptions(ProjectedOptions):
    """Sizes of the projector, and of the predictor's bottleneck."""

    projection: int = 256
    bottleneck: int = 64


class SimSiam(Projected):
    """The mean negative cosine of each view's prediction and the other's projection."""

    passes = 2
    own_settings: ClassVar[Mapping[str, Any]] = {"optimizer": "sgd", "learning_rate": 0.05}
    controls = Controls(
        "T(m)",
        "the positive side alone: views of one drawing come near to each other; that negatives stay far is left to what "
        "keeps it from collapse",
    )
    Options = SimSiamOptions

    def __init__(self, config: TrainingConfig, material: Material, network: nn.Module, device: torch.device) -> None:
        super().__init__(config, material, network, device)
        self.predictor = head(self.options.projection, self.options.bottleneck, self.options.projection)

    def make_head(self) -> nn.Sequential:
        """Return a projector of three layers, the last normalised over the batch."""
        hidden, projection = self.options.hidden, self.options.projection
        return head(self.config.dimension, hidden, hidden, projection, normalised_end=True)

    @property
    def views(self) -> tuple[View, ...]:
        """Two strong views."""
        return (self.strong_view,) * 2

    def loss(
        self, network: nn.Module, views: Sequence[Float[Tensor, "b 1 h w"]], chosen: Int[np.ndarray, " b"], step: int
    ) -> Outcome:
        """Return the loss of a batch."""
        embeddings = [self.encode(network, view) for view in views]
        z = [self.head(one) for one in embeddings]
        p = [self.predictor(one) for one in z]
        projections = tuple(normalize(one.detach(), dim=1) for one in z)
        return Outcome(siamese_loss(p, z), embeddings[0], projections)

    def groups_of_parameters(self, network: nn.Module) -> list[dict[str, Any]]:
        """Return what the optimiser moves: the predictor at a constant rate."""
        return [
            {"params": [*network.parameters(), *self.head.parameters()], "constant": False},
            {"params": list(self.predictor.parameters()), "constant": True},
        ]


def siamese_loss(p: Sequence[Float[Tensor, "b d"]], z: Sequence[Float[Tensor, "b d"]]) -> Float[Tensor, ""]:
    """Return the mean of -cos(p₁, z₂) and -cos(p₂, z₁), without gradient to z."""
    first, second = (cosine_similarity(p[i], z[1 - i].detach(), dim=1).mean() for i in (0, 1))
    return -(first + second) / 2
