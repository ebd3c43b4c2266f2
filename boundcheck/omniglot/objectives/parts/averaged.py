"""A network that follows another: the exponential moving average of its weights and of its statistics.

K. He et al., "Momentum contrast for unsupervised visual representation learning", CVPR 2020, arXiv 1911.05722; J.-B. Grill
et al., "Bootstrap your own latent", NeurIPS 2020, arXiv 2006.07733, whose momentum rises to 1 over the run.
"""

from __future__ import annotations

import copy
import math
from typing import Any

import torch
from torch import Tensor, nn

__all__ = ["Averaged", "momentum_at"]


class Averaged(nn.Module):
    """A copy of a module, always in evaluation mode, that no gradient reaches.

    In training mode batch normalisation would tell which drawings are in one batch, by which a network can solve the task
    without looking at them. So running statistics are averaged as weights are, and used.
    """

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = copy.deepcopy(module).requires_grad_(False).eval()

    def train(self, mode: bool = True) -> Averaged:
        """Stay in evaluation mode."""
        super().train(mode)
        self.module.eval()
        return self

    @torch.no_grad()
    def forward(self, *given: Any) -> Tensor:
        """Return what the copy gives, without gradient."""
        found: Tensor = self.module(*given)
        return found

    @torch.no_grad()
    def follow(self, module: nn.Module, momentum: float) -> None:
        """Go 1 - `momentum` of the way to the module that is followed; counts are taken as they are."""
        theirs = {**dict(module.named_parameters()), **dict(module.named_buffers())}
        for name, own in (*self.module.named_parameters(), *self.module.named_buffers()):
            if own.is_floating_point():
                own.lerp_(theirs[name].detach(), 1 - momentum)
            else:
                own.copy_(theirs[name])


def momentum_at(step: int, steps: int, base: float) -> float:
    """Return the momentum of a step: from `base` to 1 in half a cosine over the run.

    Its first steps are quicker, (1 + step)/(10 + step), since what they would keep are initial weights and statistics.
    """
    risen = 1 - (1 - base) * (math.cos(math.pi * min(1.0, step / max(1, steps))) + 1) / 2
    return min(risen, (1 + step) / (10 + step))
