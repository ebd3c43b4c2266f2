"""One positive against a queue of negatives: InfoNCE (A. van den Oord et al., arXiv 1807.03748)."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from boundcheck.omniglot.objectives.parts.queue import Queue

__all__ = ["against_queue", "contrast", "queue_accuracy"]


def against_queue(rows: Float[Tensor, "b d"], queue: Queue, chosen: Int[np.ndarray, " b"]) -> Float[Tensor, "b q"]:
    """Return inner products with what is in a queue, -∞ with the very drawing."""
    # The queue changes in place before the gradient is taken.
    products: Tensor = rows @ queue.rows.clone().T
    return products.masked_fill(queue.same(chosen), -torch.inf)


def contrast(positive: Float[Tensor, " b"], negatives: Float[Tensor, "b q"], temperature: float) -> Float[Tensor, ""]:
    """Return the mean of -log softmax of the positive among itself and the negatives."""
    logits = torch.cat([positive[:, None], negatives], dim=1) / temperature
    return torch.nn.functional.cross_entropy(logits, torch.zeros(len(logits), dtype=torch.int64, device=logits.device))


def queue_accuracy(positive: Float[Tensor, " b"], negatives: Float[Tensor, "b q"]) -> Float[Tensor, ""]:
    """Return how often the positive is nearer than everything in the queue."""
    nearer: Bool[Tensor, " b"] = positive.detach() > negatives.detach().amax(dim=1)
    return nearer.float().mean()
