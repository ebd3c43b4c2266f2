"""``groupface``: an angular margin between classes, of representations that groups of drawings correct; with labels.

Y. Kim et al., "GroupFace: learning latent groups and constructing group-based representations for face recognition", CVPR
2020, arXiv 2005.10497.

v̄ = v + Σ p_k v_k, where v is f, v_k a linear map of it for each of K groups, and p the probabilities that a decision network
of three layers gives; ArcFace of v̄, and 0.1 times the cross-entropy of p against the group G* = argmax(p - E[p]). Without
E[p] one group would take all drawings; E[p] is an exponential average over batches, since a fixed 1/K would make G* the plain
argmax.

Adapted: 8 groups rather than 32, for 850 characters. v_k and p are computed from f, not from the features before it, so that f
stays what the network gives, of one dimension for every objective; v̄ is what ``project`` returns. The maps v_k begin at 0, so
that v̄ begins as f.
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

from boundcheck.omniglot.modes import evaluating
from boundcheck.omniglot.objectives.arcface import ArcFace, ArcFaceOptions
from boundcheck.omniglot.objectives.parts.heads import head
from boundcheck.omniglot.objectives.parts.kmeans import perplexity
from boundcheck.omniglot.objectives.protocol import Controls, Material, Outcome

if TYPE_CHECKING:
    from boundcheck.omniglot.config import TrainingConfig

__all__ = ["GroupFace"]


@dataclass(frozen=True)
class GroupFaceOptions(ArcFaceOptions):
    """How many groups, the weight of their cross-entropy, and the momentum of E[p]."""

    groups: int = 8
    group_weight: float = 0.1
    expectation_momentum: float = 0.9
    hidden: int = 128


class GroupFace(ArcFace):
    """ArcFace of v̄, and the cross-entropy of the groups' probabilities against G*."""

    controls = Controls(
        "prototype-margin", "the angle of v̄ to its class's weight is to be smaller by the margin than to any other"
    )
    Options = GroupFaceOptions

    expected: Tensor

    def __init__(self, config: TrainingConfig, material: Material, network: nn.Module, device: torch.device) -> None:
        super().__init__(config, material, network, device)
        groups, dimension, hidden = self.options.groups, config.dimension, self.options.hidden
        self.decision = head(dimension, hidden, hidden, groups)
        self.maps = nn.Parameter(torch.zeros(groups, dimension, dimension))
        self.register_buffer("expected", torch.full((groups,), 1 / groups))

    def loss(
        self, network: nn.Module, views: Sequence[Float[Tensor, "b 1 h w"]], chosen: Int[np.ndarray, " b"], step: int
    ) -> Outcome:
        """Return the loss of a batch, and move E[p]."""
        embeddings = self.encode(network, views[0])
        scores = self.decision(embeddings)
        p = torch.softmax(scores, dim=1)
        momentum = self.options.expectation_momentum
        self.expected.mul_(momentum).add_(p.detach().mean(dim=0), alpha=1 - momentum)
        own = self.groups_of(p)
        corrected = self._corrected(embeddings, p)
        loss, wrong = self.margin_loss(corrected, self.labels_of(chosen))
        loss = loss + self.options.group_weight * cross_entropy(scores, own)
        groups = self.options.groups
        numbers = {
            "hard_negatives": wrong,
            # Of one batch, in which a group of its own right may have no drawing: none is called empty.
            "perplexity": perplexity(own, groups) / groups,
        }
        return Outcome(loss, embeddings, (normalize(corrected.detach(), dim=1),), numbers)

    def groups_of(self, p: Float[Tensor, "b k"]) -> Int[Tensor, " b"]:
        """Return G* of each row: the group whose probability is the most above what is expected of it."""
        return (p.detach() - self.expected).argmax(dim=1)

    def _corrected(self, embeddings: Float[Tensor, "b d"], p: Float[Tensor, "b k"]) -> Float[Tensor, "b d"]:
        return embeddings + torch.einsum("bk,kod,bd->bo", p, self.maps, embeddings)

    def project(self, embeddings: Float[Tensor, "n d"]) -> Float[Tensor, "n d"]:
        """Return v̄ as unit vectors, in evaluation mode."""
        with evaluating(self.decision), torch.no_grad():
            p = torch.softmax(self.decision(embeddings), dim=1)
            return normalize(self._corrected(embeddings, p), dim=1)
