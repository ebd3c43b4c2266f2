"""Views of a drawing: one distortion each, of a strength in [0, 1], a batch at a time.

At strength 0 it is the affine map of Karimov's experiment alone, :func:`boundcheck.omniglot.batches.distorted`. The
stronger, the larger are that map (turned by up to 10° to 25°, 0.85 to 1.15 or 0.6 to 1.4 times as large, which crops what
passes the side), an elastic one, a thickening or thinning of strokes, and a rectangle that is erased. There is no colour to
change, and no flip: it would make another character.
"""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float, Float32, UInt8
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample, interpolate, max_pool2d

from boundcheck.omniglot.batches import distorted
from boundcheck.omniglot.model import prepare

__all__ = ["viewed"]

# The side of the coarse grid whose random displacements an elastic map interpolates.
_COARSE = 4


def viewed(
    images: UInt8[np.ndarray, "b h w"], strength: float, *, seed: tuple[int, ...], device: torch.device
) -> Float[Tensor, "b 1 h w"]:
    """Return each drawing distorted in its own way.

    Parameters
    ----------
    images
        The drawings, 0 paper and 255 ink.
    strength
        In [0, 1].
    seed
        Of everything random.
    device
        Where to compute.
    """
    if strength == 0:
        return distorted(images, seed=seed, device=device)
    random = np.random.default_rng(seed)
    paper = prepare(np.zeros((1, 1, 1), dtype=np.uint8), device)
    batch = prepare(images, device) - paper
    batch = _stroked(batch, random, strength)
    grid = affine_grid(torch.from_numpy(_matrices(len(images), random, strength)).to(device), list(batch.shape), False)
    coarse = random.normal(0, 0.1 * strength, (len(images), 2, _COARSE, _COARSE)).astype(np.float32)
    elastic = interpolate(torch.from_numpy(coarse).to(device), batch.shape[2:], mode="bicubic", align_corners=True)
    moved = grid_sample(batch, grid + elastic.permute(0, 2, 3, 1), align_corners=False)
    moved = moved * torch.from_numpy(_kept(moved.shape[2:], len(images), random, strength)).to(device)
    return (moved + paper).contiguous(memory_format=torch.channels_last)


def _matrices(n: int, random: np.random.Generator, strength: float) -> Float32[np.ndarray, "n 2 3"]:
    """Return affine maps of the places of pixels, as large as the strength allows."""
    angle = np.deg2rad(random.uniform(-1, 1, n) * (10 + 15 * strength))
    # One size for both sides, and what Karimov's experiment scales each by; a larger size shows a part.
    size = 1 / random.uniform(1 - 0.3 * strength, 1 + 0.3 * strength, n)
    scale = size[:, None] * random.uniform(0.85, 1.15, (n, 2))
    shear = random.uniform(-1, 1, n) * (0.15 + 0.15 * strength)
    move = random.uniform(-1, 1, (n, 2)) * (0.16 + 0.1 * strength)
    cos, sin = np.cos(angle), np.sin(angle)
    matrix = np.empty((n, 2, 3), dtype=np.float32)
    matrix[:, 0] = np.stack([scale[:, 0] * cos, scale[:, 0] * (shear * cos - sin), move[:, 0]], axis=1)
    matrix[:, 1] = np.stack([scale[:, 1] * sin, scale[:, 1] * (shear * sin + cos), move[:, 1]], axis=1)
    return matrix


def _stroked(batch: Float[Tensor, "b 1 h w"], random: np.random.Generator, strength: float) -> Float[Tensor, "b 1 h w"]:
    """Return drawings with thicker or thinner strokes; thinning goes half way at most, or thin strokes would be gone."""
    amount = random.uniform(-0.5, 1, len(batch)).astype(np.float32) * strength
    share = torch.from_numpy(amount).to(batch.device)[:, None, None, None]
    thicker = max_pool2d(batch, 3, 1, 1) - batch
    thinner = batch + max_pool2d(-batch, 3, 1, 1)
    return batch + share.clamp_min(0) * thicker + share.clamp_max(0) * thinner


def _kept(
    sides: tuple[int, ...], n: int, random: np.random.Generator, strength: float
) -> Float32[np.ndarray, "n 1 h w"]:
    """Return 0 where a drawing is erased, in one rectangle of up to 40% of each side, and 1 elsewhere."""
    kept = np.ones((n, 1, *sides), dtype=bool)
    part = random.uniform(0.15, 0.4, (n, 2))
    corner = random.uniform(0, 1, (n, 2)) * (1 - part)
    erased = random.uniform(size=n) < 0.6 * strength
    inside = [
        (np.arange(side)[None] >= np.round(corner[:, axis, None] * side))
        & (np.arange(side)[None] < np.round((corner + part)[:, axis, None] * side))
        for axis, side in enumerate(sides)
    ]
    kept[:, 0] = ~(inside[0][:, :, None] & inside[1][:, None, :] & erased[:, None, None])
    return kept.astype(np.float32)
