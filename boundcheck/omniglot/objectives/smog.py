"""``smog``: groups that move with every step, and drawings that are to be in the group of their other view.

B. Pang et al., "Unsupervised visual representation learning by synchronous momentum grouping", ECCV 2022, arXiv
2207.06167.

Cross-entropy of a prediction's p·gᵀ/0.1 against the group nearest to the other view's projection by a network that follows.
Before it, each group with members in the batch moves: g ← 0.99 g + 0.01 times the mean of its members' projections, with
gradient through the new part alone; so drawings and groups change at once. Groups are reset by k-means of the last
projections at shares of the run, since groups that have no members never move.

Adapted: 300 groups, reset every tenth of the run. Encodings are unit vectors before they move a group: at a length of ten,
0.99 would act as 0.9. Groups start as k-means, from a seeded start on the sphere, of drawings as the first network sees them.
Both views predict each other. What a reset is computed from is a queue of 4,096 projections of the following network.
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

from boundcheck.omniglot.objectives.parts.following import Following, FollowingOptions
from boundcheck.omniglot.objectives.parts.heads import head
from boundcheck.omniglot.objectives.parts.kmeans import assign, perplexity, spherical_kmeans
from boundcheck.omniglot.objectives.parts.queue import Queue
from boundcheck.omniglot.objectives.protocol import Controls, Material, Outcome, View

if TYPE_CHECKING:
    from boundcheck.omniglot.config import TrainingConfig

__all__ = ["SMoG", "moved_groups"]


@dataclass(frozen=True)
class SMoGOptions(FollowingOptions):
    """The temperature, the groups and their momentum, how often they are reset, and of how many projections."""

    temperature: float = 0.1
    clusters: int = 300
    group_momentum: float = 0.99
    refresh: float = 0.1
    queue: int = 4096


class SMoG(Following):
    """The cross-entropy of predictions among groups that move at once with them."""

    passes = 4
    controls = Controls(
        "prototype-margin", "drawings come nearer to the group of their other view than to other groups"
    )
    Options = SMoGOptions

    groups: Tensor
    used: Tensor

    def __init__(self, config: TrainingConfig, material: Material, network: nn.Module, device: torch.device) -> None:
        super().__init__(config, material, network, device)
        self.predictor = head(self.options.projection, self.options.hidden, self.options.projection)
        self.register_buffer("groups", torch.zeros(self.options.clusters, self.options.projection))
        self.register_buffer("used", torch.zeros(2, dtype=torch.float64))
        self.queue = Queue(self.options.queue, self.options.projection, 2 * config.batch)
        self._moved: Tensor | None = None

    @property
    def views(self) -> tuple[View, ...]:
        """Two strong views."""
        return (self.strong_view,) * 2

    def refresh(self, network: nn.Module, step: int) -> None:
        """Set the groups by k-means, where a step is due to."""
        if not self.due(step, self.options.refresh):
            return
        points = self.queue.rows[self.queue.drawings >= 0]
        if len(points) < self.options.clusters:
            points = self.teacher_of_all(step)
        groups, _, empty = spherical_kmeans(points, self.options.clusters, seed=(self.config.seed, step, 104))
        self.groups.copy_(groups)
        self.used[1] = empty / self.options.clusters

    def loss(
        self, network: nn.Module, views: Sequence[Float[Tensor, "b 1 h w"]], chosen: Int[np.ndarray, " b"], step: int
    ) -> Outcome:
        """Return the loss of a batch, and move the groups."""
        encoded = [self.student(network, view) for view in views]
        z = [projection for _, projection in encoded]
        keys = [self.teacher(view, step) for view in views]
        own = [assign(one, self.groups) for one in keys]
        # A drawing is told the group of its other view, and moves it too.
        groups = moved_groups(self.groups, torch.cat(z), torch.cat(own[::-1]), self.options.group_momentum)
        losses = [
            cross_entropy(normalize(self.predictor(one), dim=1) @ groups.T / self.options.temperature, told)
            for one, told in zip(z, own[::-1], strict=True)
        ]
        self._moved = groups.detach()
        self.queue.put(torch.cat(keys), np.concatenate([chosen, chosen]))
        held = assign(self.queue.rows[self.queue.drawings >= 0], self._moved)
        used = perplexity(held, self.options.clusters) / self.options.clusters
        empty = 1 - len(torch.unique(held)) / self.options.clusters
        numbers: dict[str, float | Tensor] = {"perplexity": used, "empty_clusters": empty}
        return Outcome(torch.stack(losses).mean(), encoded[0][0], tuple(one.detach() for one in z), numbers)

    def after_step(self, network: nn.Module, step: int) -> None:
        """Keep the groups as they moved, and let what follows follow."""
        super().after_step(network, step)
        if self._moved is not None:
            self.groups.copy_(self._moved)
            self._moved = None


def moved_groups(
    groups: Float[Tensor, "k d"], rows: Float[Tensor, "b d"], own: Int[Tensor, " b"], momentum: float
) -> Float[Tensor, "k d"]:
    """Return groups moved towards the mean of their members in a batch, those without members as they are, all of length 1.

    The gradient goes through the members alone.
    """
    sums = torch.zeros_like(groups).index_add(0, own, rows)
    sizes = torch.bincount(own, minlength=len(groups)).to(rows.dtype)
    means = sums / sizes.clamp_min(1)[:, None]
    moved = normalize(momentum * groups.detach() + (1 - momentum) * means, dim=1)
    return torch.where((sizes > 0)[:, None], moved, groups.detach())
