"""``infomin``: one view against the other and a queue, the views as strong as leaves what is to be kept.

Y. Tian et al., "What makes for good views for contrastive learning?", NeurIPS 2020, arXiv 2005.10243 (InfoMin Aug).

InfoNCE, -log softmax of q·k among q·k and q·Qᵀ, at temperature 0.15, k by a network that follows and Q a queue of earlier
k; and half as much of the same for a jigsaw: pieces of the view, each through the network by itself, put into a random
order, side by side, mapped to one projection, which has to be nearest to k as well (I. Misra, L. van der Maaten, "PIRL",
arXiv 1912.01991).

What the paper is about is how strong views are to be. For photographs it adds colour, blur and RandAugment; for characters
of one channel strength is that of :mod:`boundcheck.omniglot.views`, from 0 to 1, and is to be chosen on validation
alphabets.

Adapted: 2 × 2 pieces rather than 3 × 3, since a third of 28 pixels is less than a stroke with its surroundings. Pieces are
normalised by their own batch, and the network's running statistics, with which f is computed, stay those of whole drawings.
The queue has 4,096 rows and the drawing itself is masked in it; the momentum begins at 0.99. Batches are shuffled between halves
of a batch rather than between GPUs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.functional import normalize

from boundcheck.omniglot.modes import statistics_kept
from boundcheck.omniglot.objectives.parts.contrast import against_queue, contrast, queue_accuracy
from boundcheck.omniglot.objectives.parts.following import Following, FollowingOptions
from boundcheck.omniglot.objectives.parts.heads import head
from boundcheck.omniglot.objectives.parts.queue import Queue
from boundcheck.omniglot.objectives.protocol import Controls, Material, Outcome, View

if TYPE_CHECKING:
    from boundcheck.omniglot.config import TrainingConfig

__all__ = ["InfoMin", "jigsaw"]


@dataclass(frozen=True)
class InfoMinOptions(FollowingOptions):
    """The temperature, the size of the queue, the weight of the jigsaw and its pieces a side."""

    temperature: float = 0.15
    queue: int = 4096
    jigsaw_weight: float = 0.5
    pieces: int = 2


class InfoMin(Following):
    """InfoNCE of a view and of its jigsaw against a queue."""

    passes = 3
    controls = Controls("softmax-margin", "the loss of a drawing bounds its margin to every negative in the queue")
    Options = InfoMinOptions

    def __init__(self, config: TrainingConfig, material: Material, network: nn.Module, device: torch.device) -> None:
        super().__init__(config, material, network, device)
        self.queue = Queue(self.options.queue, self.options.projection, config.batch)
        pieces = self.options.pieces**2
        self.jigsaw_head = head(pieces * config.dimension, self.options.hidden, self.options.projection)

    @property
    def views(self) -> tuple[View, ...]:
        """Two strong views."""
        return (self.strong_view,) * 2

    def loss(
        self, network: nn.Module, views: Sequence[Float[Tensor, "b 1 h w"]], chosen: Int[np.ndarray, " b"], step: int
    ) -> Outcome:
        """Return the loss of a batch; its keys go into the queue."""
        embeddings, q = self.student(network, views[0])
        k = self.teacher(views[1], step)
        positive, negatives = (q * k).sum(dim=1), against_queue(q, self.queue, chosen)
        loss = contrast(positive, negatives, self.options.temperature)
        if self.options.jigsaw_weight:
            j = self._jigsaw(network, views[0], step)
            pieces = contrast((j * k).sum(dim=1), against_queue(j, self.queue, chosen), self.options.temperature)
            loss = loss + self.options.jigsaw_weight * pieces
        accuracy = queue_accuracy(positive, negatives)
        self.queue.put(k, chosen)
        return Outcome(loss, embeddings, (q.detach(), k), {"queue_accuracy": accuracy})

    def _jigsaw(self, network: nn.Module, view: Float[Tensor, "b 1 h w"], step: int) -> Float[Tensor, "b p"]:
        pieces = self.options.pieces**2
        # Another stream than that of batches and views.
        order = np.random.default_rng([self.config.seed, step, 101]).permuted(
            np.tile(np.arange(pieces), (len(view), 1)), axis=1
        )
        with statistics_kept(network):
            encoded = self.encode(network, jigsaw(view, self.options.pieces))
        parts = encoded.reshape(len(view), pieces, -1)
        shuffled = torch.take_along_dim(parts, torch.from_numpy(order).to(parts.device)[:, :, None], dim=1)
        return normalize(self.jigsaw_head(shuffled.flatten(1)), dim=1)


def jigsaw(images: Float[Tensor, "b 1 h w"], pieces: int) -> Float[Tensor, "p 1 s s"]:
    """Return images cut into `pieces` × `pieces`, those of one image together, row by row.

    What is left over at the end of a side that `pieces` does not divide is left out.
    """
    count, _, height, width = images.shape
    high, wide = height // pieces, width // pieces
    cut = images[:, :, : high * pieces, : wide * pieces].reshape(count, 1, pieces, high, pieces, wide)
    found: Tensor = cut.permute(0, 2, 4, 1, 3, 5).reshape(count * pieces**2, 1, high, wide)
    return found.contiguous(memory_format=torch.channels_last)
