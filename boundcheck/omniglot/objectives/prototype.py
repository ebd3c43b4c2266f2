"""``prototype``: cross-entropy over negative squared distances of drawings to the prototypes of classes.

J. Snell, K. Swersky, R. Zemel, "Prototypical networks for few-shot learning", NIPS 2017, arXiv 1703.05175.

The prototype of a class is the mean of some of its collections' centroids, and only drawings of its other collections are
compared with it, so that no drawing is told by the collection it is of: first those of the second half of each class's
collections with prototypes of the first half, then the reverse, so each drawing once.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from boundcheck.omniglot.objectives.protocol import Controls, Objective, Outcome

__all__ = ["Prototypes", "prototype_loss"]


class Prototypes(Objective):
    """The cross-entropy of drawings among the prototypes of classes."""

    of_collections = True
    has_scale = True
    supervised = True
    controls = Controls(
        "prototype-margin", "drawings come nearer to their class's prototype than to others', by squared distances"
    )

    def loss(
        self, network: nn.Module, views: Sequence[Float[Tensor, "b 1 h w"]], chosen: Int[np.ndarray, " b"], step: int
    ) -> Outcome:
        """Return the loss of a batch, and to how many drawings another class's prototype is nearer than their own's."""
        embeddings = self.encode(network, views[0])
        loss, wrong = prototype_loss(embeddings.reshape(*self.config.groups, -1))
        return Outcome(loss, embeddings, (embeddings.detach(),), {"hard_negatives": wrong})


def prototype_loss(grouped: Float[Tensor, "a c n d"]) -> tuple[Tensor, int]:
    """Return the mean cross-entropy of every drawing among prototypes, and how many are nearer to another's.

    Each half of the classes' collections makes the prototypes for the drawings of the other.
    """
    classes, collections, _, _ = grouped.shape
    halves = grouped[:, : collections // 2], grouped[:, collections // 2 :]
    logits, labels = [], []
    for support, queries in (halves, halves[::-1]):
        prototypes = support.mean(dim=(1, 2))
        rows = queries.flatten(1, 2)
        # By differences: products lose the digits of what is near.
        logits.append(-(rows.flatten(0, 1)[:, None] - prototypes).square().sum(dim=2))
        labels.append(torch.arange(classes, device=grouped.device).repeat_interleave(rows.shape[1]))
    scores, right = torch.cat(logits), torch.cat(labels)
    return nn.functional.cross_entropy(scores, right), int((scores.detach().argmax(dim=1) != right).sum())
