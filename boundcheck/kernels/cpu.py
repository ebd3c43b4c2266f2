"""Batched p-norm distances by differences of coordinates: in torch, or in compiled loops for many small collections.

The faster ``‖a‖² + ‖b‖² − 2a·b`` loses every digit for near points far from the origin, so it is not used here.
Points are expected scaled to at most 1 in size; see :mod:`boundcheck.evaluate.readers.numeric`.
"""

from __future__ import annotations

from math import inf

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from boundcheck.arithmetic import before_threads

# Bounds the memory of the general p-norm, which has no fused kernel.
_ELEMENTS_AT_ONCE = 1 << 24
# From so many pairs of collections and differences of coordinates on, a compiled loop takes a fifth of torch's time.
# For fewer, it would not be worth loading; compiled once, it is kept on disk.
_COMPILED_PAIRS, _COMPILED_DIFFERENCES = 32, 1 << 21


def pairwise(a: Float[Tensor, "*b n d"], b: Float[Tensor, "*b q d"], p: float) -> Float[Tensor, "*b n q"]:
    """Return every distance ``‖a_i − b_k‖_p``; differentiable, with gradient 0 at distance 0."""
    before_threads(a.numel() * b.shape[-2])
    if p == 2 and _is_for_loops(a, b):
        return _by_loops(a, b)
    if p in (1, 2, inf):
        return torch.cdist(a, b, p=p, compute_mode="donot_use_mm_for_euclid_dist")
    rows = max(1, _ELEMENTS_AT_ONCE // max(1, b.numel()))
    blocks = [vector_norm(block.unsqueeze(-2) - b.unsqueeze(-3), p) for block in torch.split(a, rows, dim=-2)]
    return torch.cat(blocks, dim=-2)


def _is_for_loops(a: Tensor, b: Tensor) -> bool:
    if a.ndim != 3 or a.shape[0] < _COMPILED_PAIRS or a.numel() * b.shape[1] < _COMPILED_DIFFERENCES:
        return False
    # Collections of one point each are rows, and so few differences of them that reading them takes the time.
    if a.shape[1] == b.shape[1] == 1 or a.shape[0] != b.shape[0]:
        return False
    alike = all(tensor.device.type == "cpu" and tensor.dtype == torch.float64 for tensor in (a, b))
    return alike and not (torch.is_grad_enabled() and (a.requires_grad or b.requires_grad))


def _by_loops(a: Float[Tensor, "m n d"], b: Float[Tensor, "m q d"]) -> Float[Tensor, "m n q"]:
    # Loads the compiler.
    from boundcheck.kernels import pairs
    from boundcheck.kernels.threads import in_parallel

    first, second = (tensor.detach().contiguous().numpy() for tensor in (a, b))
    out = np.empty((a.shape[0], a.shape[1], b.shape[1]))
    in_parallel(len(out), lambda start, stop: pairs.fill(first, second, start, stop, out))
    return torch.from_numpy(out)


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
