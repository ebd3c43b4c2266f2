"""Batched p-norm distances in torch, by differences of coordinates.

The faster ``‖a‖² + ‖b‖² − 2a·b`` loses every digit for near points far from the origin, so it is not used here.
Points are expected scaled to at most 1 in size; see :mod:`boundcheck.evaluate.numeric`.
"""

from __future__ import annotations

from math import inf

import torch
from jaxtyping import Float
from torch import Tensor

# Bounds the memory of the general p-norm, which has no fused kernel.
_ELEMENTS_AT_ONCE = 1 << 24


def pairwise(a: Float[Tensor, "*b n d"], b: Float[Tensor, "*b q d"], p: float) -> Float[Tensor, "*b n q"]:
    """Return every distance ``‖a_i − b_k‖_p``; differentiable, with gradient 0 at distance 0."""
    if p in (1, 2, inf):
        return torch.cdist(a, b, p=p, compute_mode="donot_use_mm_for_euclid_dist")
    rows = max(1, _ELEMENTS_AT_ONCE // max(1, b.numel()))
    blocks = [vector_norm(block.unsqueeze(-2) - b.unsqueeze(-3), p) for block in torch.split(a, rows, dim=-2)]
    return torch.cat(blocks, dim=-2)


def vector_norm(v: Float[Tensor, "*b d"], p: float) -> Float[Tensor, "*b"]:
    """Return ``‖v‖_p`` along the last axis; differentiable, with gradient 0 at the zero vector.

    The vector is first divided by its largest coordinate, so that no power over- or underflows.
    """
    largest = v.abs().amax(dim=-1)
    if p == inf:
        return largest
    zero = largest == 0
    # The maximum is a factor taken out and put back, so it may stay out of the gradient.
    unit = torch.where(zero, torch.ones_like(largest), largest).detach()
    ratio = v / unit.unsqueeze(-1)
    if p == 1:
        return ratio.abs().sum(dim=-1) * unit
    powers = (ratio * ratio if p == 2 else ratio.abs() ** p).sum(dim=-1)
    # Keeps the root's gradient finite where every coordinate is 0.
    powers = torch.where(zero, torch.ones_like(powers), powers)
    root = powers.sqrt() if p == 2 else powers ** (1 / p)
    return torch.where(zero, torch.zeros_like(root), root * unit)
