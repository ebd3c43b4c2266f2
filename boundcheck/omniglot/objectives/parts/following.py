"""What objectives with a head and a network that follows share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.functional import normalize

from boundcheck.omniglot.modes import evaluating
from boundcheck.omniglot.objectives.parts.averaged import Averaged, momentum_at
from boundcheck.omniglot.objectives.parts.heads import head
from boundcheck.omniglot.objectives.protocol import Material, Objective

if TYPE_CHECKING:
    from boundcheck.omniglot.config import TrainingConfig

__all__ = ["Following", "FollowingOptions", "Projected", "ProjectedOptions", "halved"]


@dataclass(frozen=True)
class ProjectedOptions:
    """Sizes of a head: of its middle layers and of its output."""

    hidden: int = 256
    projection: int = 64


class Projected(Objective):
    """An objective whose loss sees unit vectors that a head of two layers gives.

    Its last layer is normalised over the batch, as in X. Chen, S. Xie, K. He, arXiv 2104.02057. What all projections have in
    common is thereby taken away: it moves at every step of a short run, and rows of a queue or bank from different steps
    would differ by it more than by their drawings.
    """

    Options = ProjectedOptions

    def __init__(self, config: TrainingConfig, material: Material, network: nn.Module, device: torch.device) -> None:
        super().__init__(config, material, network, device)
        self.head = self.make_head()

    def make_head(self) -> nn.Sequential:
        """Return the head, of random weights."""
        return head(self.config.dimension, self.options.hidden, self.options.projection, normalised_end=True)

    def project(self, embeddings: Float[Tensor, "n d"]) -> Float[Tensor, "n p"]:
        """Return the head's output as unit vectors, in evaluation mode."""
        with evaluating(self.head), torch.no_grad():
            return normalize(self.head(embeddings), dim=1)


@dataclass(frozen=True)
class FollowingOptions(ProjectedOptions):
    """The momentum of the network that follows, at the beginning; it rises to 1 over the run."""

    momentum: float = 0.99


class Following(Projected):
    """An objective with a network and a head that follow those that are trained."""

    Options = FollowingOptions

    def __init__(self, config: TrainingConfig, material: Material, network: nn.Module, device: torch.device) -> None:
        super().__init__(config, material, network, device)
        self.following, self.following_head = Averaged(network), Averaged(self.head)

    def student(
        self, network: nn.Module, images: Float[Tensor, "b 1 h w"]
    ) -> tuple[Float[Tensor, "b d"], Float[Tensor, "b p"]]:
        """Return the network's output for images, and its projection as unit vectors."""
        embeddings = self.encode(network, images)
        return embeddings, normalize(self.head(embeddings), dim=1)

    @torch.no_grad()
    def teacher(self, images: Float[Tensor, "b 1 h w"], step: int) -> Float[Tensor, "b p"]:
        """Return the projection that the following network gives, as unit vectors without gradient.

        It sees the batch in another order and in halves, each normalised by itself, as on several GPUs (K. He et al.,
        arXiv 1911.05722, section 3.3): the statistics of a batch would tell a key by the batch that it is in.
        """
        order = torch.from_numpy(np.random.default_rng([self.config.seed, step, 105]).permutation(len(images)))
        order = order.to(images.device)
        halves = [
            normalize(self.following_head(self.encode(self.following, images[half])), dim=1) for half in halved(order)
        ]
        found = torch.empty((len(images), halves[0].shape[1]), device=images.device)
        found[order] = torch.cat(halves)
        return found

    def teacher_of_all(self, step: int) -> Float[Tensor, "n p"]:
        """Return the following network's projection of every drawing, undistorted."""
        return self.encode_all(
            lambda images: normalize(self.following_head(self.encode(self.following, images)), dim=1), step
        )

    def after_step(self, network: nn.Module, step: int) -> None:
        """Let the network and head that follow go a little of the way."""
        momentum = momentum_at(step, self.config.steps, self.options.momentum)
        self.following.follow(network, momentum)
        self.following_head.follow(self.head, momentum)


def halved(order: Int[Tensor, " b"]) -> tuple[Int[Tensor, " h"], ...]:
    """Return two halves, or the whole where a half would be too few to normalise by."""
    return torch.chunk(order, 2) if len(order) >= 32 else (order,)
