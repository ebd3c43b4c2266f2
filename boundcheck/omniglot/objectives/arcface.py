"""``arcface``: an angular margin between classes, with labels.

J. Deng et al., "ArcFace: additive angular margin loss for deep face recognition", CVPR 2019, arXiv 1801.07698.

Cross-entropy of s·cos θ over unit class weights, the angle θ of the drawing's own class enlarged by m. Where θ + m passes
π the cosine would rise again; there it goes on as cos θ - m sin m, as in the published code.

Adapted: s = 16 and m = 0.3 rather than 64 and 0.5: with 850 characters of 20 drawings the larger ones do not begin to
learn in a short run. What is normalised for the loss is f itself, which stays unnormalised for whoever uses it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, normalize, one_hot

from boundcheck.omniglot.objectives.protocol import Controls, Material, Objective, Outcome

if TYPE_CHECKING:
    from boundcheck.omniglot.config import TrainingConfig

__all__ = ["ArcFace", "angular_margin_logits"]


@dataclass(frozen=True)
class ArcFaceOptions:
    """The scale s of cosines, and the margin m of the own class's angle."""

    scale: float = 16.0
    angular_margin: float = 0.3


class ArcFace(Objective):
    """The cross-entropy of cosines with class weights, with a margin of the angle."""

    supervised = True
    controls = Controls(
        "prototype-margin", "a drawing's angle to its class's weight is to be smaller by the margin than to any other"
    )
    Options = ArcFaceOptions

    def __init__(self, config: TrainingConfig, material: Material, network: nn.Module, device: torch.device) -> None:
        super().__init__(config, material, network, device)
        self.weights = nn.Parameter(normalize(torch.randn(material.classes, config.dimension), dim=1))

    def loss(
        self, network: nn.Module, views: Sequence[Float[Tensor, "b 1 h w"]], chosen: Int[np.ndarray, " b"], step: int
    ) -> Outcome:
        """Return the loss of a batch."""
        embeddings = self.encode(network, views[0])
        loss, wrong = self.margin_loss(embeddings, self.labels_of(chosen))
        return Outcome(loss, embeddings, (normalize(embeddings.detach(), dim=1),), {"hard_negatives": wrong})

    def margin_loss(
        self, rows: Float[Tensor, "b d"], labels: Int[Tensor, " b"]
    ) -> tuple[Float[Tensor, ""], Float[Tensor, ""]]:
        """Return the cross-entropy, and to how many rows another class's weight is nearer than their own's."""
        cosines = normalize(rows, dim=1) @ normalize(self.weights, dim=1).T
        logits = angular_margin_logits(cosines, labels, self.options.scale, self.options.angular_margin)
        wrong = (cosines.detach().argmax(dim=1) != labels).sum()
        return cross_entropy(logits, labels), wrong

    def project(self, embeddings: Float[Tensor, "n d"]) -> Float[Tensor, "n d"]:
        """Return embeddings as unit vectors."""
        return normalize(embeddings, dim=1)


def angular_margin_logits(
    cosines: Float[Tensor, "b k"], labels: Int[Tensor, " b"], scale: float, margin: float
) -> Float[Tensor, "b k"]:
    """Return s·cos θ, with s·cos(θ + m) for the own class, and s·(cos θ - m sin m) where θ + m is above π."""
    # The sine's gradient is infinite where it is 0.
    sines = (1 - cosines.square()).clamp_min(1e-12).sqrt()
    turned = cosines * math.cos(margin) - sines * math.sin(margin)
    own = torch.where(cosines > math.cos(math.pi - margin), turned, cosines - margin * math.sin(margin))
    return scale * torch.where(one_hot(labels, cosines.shape[1]).bool(), own, cosines)
