"""Batches of a training run: which drawings are in each, and how they are distorted.

A batch of step s is drawn from (seed, s) alone, so a run that is killed and resumed sees the batches of one that was
not. For an objective without labels it is any P × K drawings, each once before any comes again. For one on drawings with
labels it is P characters × K drawings, drawn by pytorch-metric-learning's sampler. For one on collections it is A classes × C collections × D drawings: with the label alphabet, classes are alphabets and
collections characters, P/A of each alphabet; with the label character, classes are characters, and the two collections of
each are halves of its K drawings.
"""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor

from boundcheck.errors import InvalidValueError, explain
from boundcheck.omniglot.config import TrainingConfig
from boundcheck.omniglot.data import Drawings
from boundcheck.omniglot.model import prepare
from boundcheck.omniglot.objectives import OBJECTIVES

__all__ = ["CharacterSampler", "CollectionSampler", "DrawingSampler", "distorted", "sampler_for"]


class CharacterSampler:
    """P × K batches by pytorch-metric-learning's sampler, each block of batches drawn from (seed, block)."""

    _BLOCK = 100

    def __init__(self, labels: Int[np.ndarray, " n"], config: TrainingConfig) -> None:
        present = len(np.unique(labels))
        if present < config.characters:
            raise InvalidValueError(
                explain("characters", f"at most the {present} characters there are to train on", f"{config.characters}")
            )
        self._labels, self._config = labels, config
        self._block, self._batches = -1, np.empty((0, 0), dtype=np.int64)

    def batch(self, step: int) -> Int[np.ndarray, " b"]:
        """Return the positions of the drawings of one step."""
        block = step // self._BLOCK
        if block != self._block:
            self._block, self._batches = block, self._draw(block)
        chosen: Int[np.ndarray, " b"] = self._batches[step % self._BLOCK]
        return chosen

    def _draw(self, block: int) -> Int[np.ndarray, "s b"]:
        from pytorch_metric_learning.samplers import MPerClassSampler
        from pytorch_metric_learning.utils import common_functions

        batch = self._config.batch
        # The sampler draws from a module-wide generator: lend it ours.
        theirs = common_functions.NUMPY_RANDOM
        common_functions.NUMPY_RANDOM = np.random.RandomState([self._config.seed, block])
        try:
            sampler = MPerClassSampler(self._labels, self._config.drawings, batch, self._BLOCK * batch)
            drawn: Int[np.ndarray, "s b"] = np.array(list(sampler), dtype=np.int64).reshape(self._BLOCK, batch)
            return drawn
        finally:
            common_functions.NUMPY_RANDOM = theirs


class CollectionSampler:
    """A × C × D batches, in this order: D drawings of C characters of A alphabets, each step drawn from (seed, step).

    Alphabets are drawn alike, whatever their numbers of characters. pytorch-metric-learning's sampler of two levels of
    labels lists every choice of alphabets beforehand, 17,550 of them here.
    """

    def __init__(self, drawings: Drawings, config: TrainingConfig) -> None:
        alphabets, characters, self._drawings = config.groups
        self._seed, self._shape = config.seed, (alphabets, characters)
        self._rows = {character: np.flatnonzero(drawings.character == character) for character in _of(drawings)}
        everything = [_of(drawings, alphabet) for alphabet in np.unique(drawings.alphabet)]
        self._characters = [found for found in everything if len(found) >= characters]
        if len(self._characters) < alphabets:
            expected = f"at most the {len(self._characters)} alphabets of {characters} characters there are to train on"
            raise InvalidValueError(explain("alphabets", expected, f"{alphabets}"))

    def batch(self, step: int) -> Int[np.ndarray, " b"]:
        """Return the positions of the drawings of one step."""
        # Another stream than that of the distortions.
        random = np.random.default_rng([self._seed, step, 1])
        alphabets, characters = self._shape
        rows = []
        for alphabet in random.choice(len(self._characters), alphabets, replace=False):
            for character in random.choice(self._characters[alphabet], characters, replace=False):
                own = self._rows[character]
                rows.append(random.choice(own, self._drawings, replace=len(own) < self._drawings))
        return np.concatenate(rows)


class DrawingSampler:
    """Batches of any drawings, each drawing at most once in an epoch, whose order is drawn from (seed, epoch).

    It knows how many drawings there are and nothing else: an objective without labels learns none from its batches.
    """

    def __init__(self, count: int, config: TrainingConfig) -> None:
        if count < config.batch:
            expected = f"at most the {count} drawings there are to train on, characters × drawings in a batch"
            raise InvalidValueError(explain("characters", expected, f"{config.batch}"))
        self._count, self._config = count, config
        self._epoch, self._order = -1, np.empty(0, dtype=np.int64)

    def batch(self, step: int) -> Int[np.ndarray, " b"]:
        """Return the positions of the drawings of one step."""
        size = self._config.batch
        # What is left of an epoch and fills no batch is left out: no drawing comes twice in one.
        epoch, place = divmod(step, self._count // size)
        if epoch != self._epoch:
            self._epoch = epoch
            self._order = np.random.default_rng([self._config.seed, epoch, 2]).permutation(self._count)
        chosen: Int[np.ndarray, " b"] = self._order[place * size : (place + 1) * size]
        return chosen


def _of(drawings: Drawings, alphabet: int | None = None) -> Int[np.ndarray, " c"]:
    """Return the characters that are drawn, of one alphabet or of all."""
    found: Int[np.ndarray, " c"] = np.unique(
        drawings.character if alphabet is None else drawings.character[drawings.alphabet == alphabet]
    )
    return found


def sampler_for(drawings: Drawings, config: TrainingConfig) -> CharacterSampler | CollectionSampler | DrawingSampler:
    """Return what draws the batches that an objective is of."""
    if not OBJECTIVES[config.objective].supervised:
        return DrawingSampler(len(drawings), config)
    if config.is_of_collections and config.label == "alphabet":
        return CollectionSampler(drawings, config)
    # A character's drawings lie together in a batch, in random order: halves of them are two collections.
    return CharacterSampler(drawings.character, config)


def distorted(
    images: UInt8[np.ndarray, "b h w"], *, seed: tuple[int, ...], device: torch.device
) -> Float[Tensor, "b 1 h w"]:
    """Return drawings turned by up to 10°, scaled and sheared by up to 15% and moved by up to 8% of their side."""
    random = np.random.default_rng(seed)
    n = len(images)
    angle = np.deg2rad(random.uniform(-10, 10, n))
    scale, shear = random.uniform(0.85, 1.15, (n, 2)), random.uniform(-0.15, 0.15, n)
    move = random.uniform(-0.16, 0.16, (n, 2))
    cos, sin = np.cos(angle), np.sin(angle)
    matrix = np.empty((n, 2, 3), dtype=np.float32)
    matrix[:, 0] = np.stack([scale[:, 0] * cos, scale[:, 0] * (shear * cos - sin), move[:, 0]], axis=1)
    matrix[:, 1] = np.stack([scale[:, 1] * sin, scale[:, 1] * (shear * sin + cos), move[:, 1]], axis=1)
    paper = prepare(np.zeros((1, 1, 1), dtype=np.uint8), device)
    batch = prepare(images, device) - paper
    grid = torch.nn.functional.affine_grid(torch.from_numpy(matrix).to(device), list(batch.shape), align_corners=False)
    moved = torch.nn.functional.grid_sample(batch, grid, align_corners=False) + paper
    return moved.contiguous(memory_format=torch.channels_last)
