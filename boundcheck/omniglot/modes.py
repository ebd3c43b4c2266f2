"""A module in evaluation mode for a while, or in training mode without its statistics moving."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

__all__ = ["evaluating", "statistics_kept"]


@contextmanager
def evaluating(module: nn.Module) -> Iterator[None]:
    """Put a module into evaluation mode, and every part of it back into its own afterwards."""
    modes = {part: part.training for part in module.modules()}
    module.eval()
    try:
        yield
    finally:
        for part, mode in modes.items():
            part.training = mode


@contextmanager
def statistics_kept(module: nn.Module) -> Iterator[None]:
    """Normalise by the batch, as in training, while the running statistics stay as they are."""
    parts = [part for part in module.modules() if isinstance(part, _BatchNorm)]
    before = [(part.momentum, part.num_batches_tracked) for part in parts]
    for part in parts:
        # A copy, since a layer counts its batches in place.
        part.momentum, part.num_batches_tracked = (
            0.0,
            None if part.num_batches_tracked is None else part.num_batches_tracked.clone(),
        )
    try:
        yield
    finally:
        for part, (momentum, count) in zip(parts, before, strict=True):
            part.momentum, part.num_batches_tracked = momentum, count
