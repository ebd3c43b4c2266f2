"""``ressl``: relations to earlier drawings, as a weak view has them, for a strong view to have too.

M. Zheng et al., "ReSSL: relational self-supervised learning with weak augmentation", NeurIPS 2021, arXiv 2107.09282.

Cross-entropy of the student's softmax(q·Qᵀ/0.1) against the teacher's softmax(k·Qᵀ/0.04): q is the network's projection of
a strong view, k that of a weak view by a network that follows, Q a queue of earlier k. Neither k nor Q has a gradient, and
k enters the queue after the loss.

Adapted: the weak view of a character is the affine map alone, without the flips of photographs, which make another
character. The queue has 4,096 rows rather than 131,072, of 17,000 drawings or so; among them is the drawing itself in a
draw of four, which is masked in both distributions: the relation of a drawing to itself tells nothing. The momentum begins
at 0.99 and rises to 1, since 0.999 would keep three quarters of the initial weights over a short run. The head has
batch normalisation, as f is of 64 dimensions and not 2,048.

``kl`` on the curve is the cross-entropy less the teacher's own entropy, which alone can come to 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from boundcheck.omniglot.objectives.parts.contrast import against_queue, queue_accuracy
from boundcheck.omniglot.objectives.parts.following import Following, FollowingOptions
from boundcheck.omniglot.objectives.parts.queue import Queue
from boundcheck.omniglot.objectives.protocol import Controls, Material, Outcome, View

if TYPE_CHECKING:
    from boundcheck.omniglot.config import TrainingConfig

__all__ = ["ReSSL", "relational_loss"]


@dataclass(frozen=True)
class ReSSLOptions(FollowingOptions):
    """Temperatures of both distributions, the size of the queue."""

    student_temperature: float = 0.1
    teacher_temperature: float = 0.04
    queue: int = 4096


class ReSSL(Following):
    """The cross-entropy of a strong view's relations to a queue against those of a weak view."""

    passes = 2
    controls = Controls(
        "softmax-margin",
        "only in part: a drawing's views come to have the same relations to other drawings, which bounds no distance "
        "to a negative by itself",
    )
    Options = ReSSLOptions

    def __init__(self, config: TrainingConfig, material: Material, network: nn.Module, device: torch.device) -> None:
        super().__init__(config, material, network, device)
        self.queue = Queue(self.options.queue, self.options.projection, config.batch)

    @property
    def views(self) -> tuple[View, ...]:
        """A strong view for the student, a weak one for the teacher."""
        return self.strong_view, View()

    def loss(
        self, network: nn.Module, views: Sequence[Float[Tensor, "b 1 h w"]], chosen: Int[np.ndarray, " b"], step: int
    ) -> Outcome:
        """Return the loss of a batch; its keys go into the queue."""
        embeddings, q = self.student(network, views[0])
        k = self.teacher(views[1], step)
        student, teacher = against_queue(q, self.queue, chosen), against_queue(k, self.queue, chosen)
        loss, kl = relational_loss(
            student / self.options.student_temperature, teacher / self.options.teacher_temperature
        )
        accuracy = queue_accuracy((q * k).sum(dim=1), student)
        self.queue.put(k, chosen)
        return Outcome(loss, embeddings, (q.detach(), k), {"kl": kl, "queue_accuracy": accuracy})


def relational_loss(
    student: Float[Tensor, "b q"], teacher: Float[Tensor, "b q"]
) -> tuple[Float[Tensor, ""], Float[Tensor, ""]]:
    """Return the cross-entropy of softmax(student) against softmax(teacher), and the divergence of the two.

    Where both logits are -∞ nothing is added.
    """
    wanted = torch.softmax(teacher.detach(), dim=1)
    logs = torch.log_softmax(student, dim=1).masked_fill(teacher == -torch.inf, 0.0)
    loss = -(wanted * logs).sum(dim=1).mean()
    entropy = torch.special.entr(wanted).sum(dim=1).mean()
    return loss, (loss - entropy).detach()
