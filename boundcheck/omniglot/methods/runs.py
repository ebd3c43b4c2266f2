"""What is trained and embedded for a comparison: each run in a folder of its own, its embeddings in a file beside it.

A run that is not finished goes on, one that is finished is loaded, and embeddings of a finished run with the same
configuration are not made again; so a comparison that was stopped is repeated as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
from jaxtyping import Float, Float16

from boundcheck.errors import InvalidValueError, explain
from boundcheck.omniglot.config import TrainingConfig
from boundcheck.omniglot.data import Drawings
from boundcheck.omniglot.embedded import EmbeddedDrawings, load
from boundcheck.omniglot.methods.measures import config_of
from boundcheck.omniglot.model import build, embed_images
from boundcheck.omniglot.provenance import provenance
from boundcheck.omniglot.training import BEST, Curve, TrainedNetwork, choose_device, resized, train

__all__ = [
    "Source",
    "described",
    "embedded",
    "embeddings_file",
    "kept",
    "network",
    "pixels",
    "rounded",
    "untrained",
]

#: What gives all drawings; it is not asked where nothing is to be trained or embedded.
Source: TypeAlias = Callable[[], Drawings]


def embeddings_file(folder: Path) -> Path:
    """Return the file with the embeddings of the run in a folder: beside it, by its name."""
    return folder.with_name(f"{folder.name}.safetensors")


def kept(config: TrainingConfig, path: Path) -> EmbeddedDrawings | None:
    """Return the embeddings in a file, if they are of a network of this configuration whose training ended or never began."""
    if not path.is_file():
        return None
    found = load(path)
    training = found.metadata["training"]
    return found if config_of(found) == config and (training["finished"] or not training["steps"]) else None


def network(
    config: TrainingConfig, folder: Path, drawings: Source, *, minutes: float | None = None, **options: Any
) -> EmbeddedDrawings | None:
    """Return the embeddings of a network of this configuration, trained or gone on with as need be.

    They are kept beside `folder`. None where the time was over before the training was.

    Parameters
    ----------
    config
        Of the run.
    folder
        Where it is.
    drawings
        All of them.
    minutes, **options
        As for :func:`boundcheck.omniglot.training.train`.
    """
    path = embeddings_file(folder)
    found = kept(config, path)
    if found is not None:
        return found
    images = drawings()
    trained = train(images.subset(~images.evaluation), config, directory=folder, minutes=minutes, **options)
    if not trained.finished:
        return None
    found = embedded(trained, images, best_step(folder), device=options.get("device"))
    found.save(path)
    return found


def untrained(
    config: TrainingConfig, path: Path, drawings: Source, *, device: str | torch.device | None = None
) -> EmbeddedDrawings:
    """Return the embeddings of the network that runs of this configuration begin with, kept in a file.

    They are moved to their mean and scaled to 1: a fresh network puts all drawings so near to one point that float16
    would round away most of what tells them apart. No measure but the two distances has a scale, and none a place.
    """
    found = kept(config, path)
    if found is not None:
        return found
    fresh = build(config.dimension, backbone=config.backbone, seed=config.seed)
    trained = TrainedNetwork(fresh, config, Curve(), 0, False, "no step was run", provenance())
    found = embedded(trained, drawings(), 0, scaled=True, device=device)
    found.save(path)
    return found


def pixels(config: TrainingConfig, path: Path, drawings: Source) -> EmbeddedDrawings:
    """Return drawings as they are for embeddings, a coordinate a pixel, kept in a file.

    Of drawings of more than 32 pixels a side, each coordinate is the sum of a block of 2 × 2.
    """
    found = kept(config, path)
    if found is not None:
        return found
    images = resized(drawings(), config)
    points, side = images.images.astype(np.int64), images.images.shape[1] // 2
    if images.images.shape[1] > 32:
        points = points[:, : 2 * side, : 2 * side].reshape(len(points), side, 2, side, 2).sum(axis=(2, 4))
    # Whole numbers below 2,049 are exact in float16.
    found = _described(points.reshape(len(points), -1).astype(np.float16), images, {"config": asdict(config)})
    found.save(path)
    return found


def embedded(
    trained: TrainedNetwork,
    drawings: Drawings,
    best: int,
    *,
    scaled: bool = False,
    device: str | torch.device | None = None,
) -> EmbeddedDrawings:
    """Embed every drawing, without the baselines that ``boundcheck embed`` measures."""
    where, drawings = choose_device(device or "cpu"), resized(drawings, trained.config)
    exact = embed_images(trained.network.to(where), drawings.images, device=where).astype(np.float64)
    if scaled:
        exact -= exact.mean(axis=0)
        exact /= np.abs(exact).max()
    return described(rounded(exact), drawings, trained, best)


def rounded(exact: Float[np.ndarray, "n d"]) -> Float16[np.ndarray, "n d"]:
    """Return embeddings as files hold them.

    Raises
    ------
    InvalidValueError
        If a number is too large for that.
    """
    with np.errstate(over="ignore"):
        points = exact.astype(np.float16)
    if not np.isfinite(points).all():
        raise InvalidValueError(explain("embeddings", "numbers that fit in float16", "larger ones"))
    return points


def described(
    points: Float16[np.ndarray, "n d"], drawings: Drawings, trained: TrainedNetwork, best: int
) -> EmbeddedDrawings:
    """Return embeddings of drawings with their labels, and how they came to be."""
    training = {
        "config": asdict(trained.config),
        "steps": trained.steps,
        "best_step": best,
        "finished": trained.finished,
        "made_by": trained.made_by,
        "curve": trained.curve.rows,
        "health": trained.curve.health,
    }
    return _described(points, drawings, training)


def _described(points: Any, drawings: Drawings, training: dict[str, Any]) -> EmbeddedDrawings:
    nothing = {"steps": 0, "best_step": 0, "finished": False, "made_by": provenance(), "curve": []}
    return EmbeddedDrawings(
        points,
        drawings.alphabet,
        drawings.character,
        drawings.drawer,
        drawings.evaluation,
        drawings.alphabet_names,
        drawings.character_names,
        {"training": {**nothing, **training}, "embedding": provenance()},
    )


def best_step(folder: Path) -> int:
    """Return the step that a run's best weights are of."""
    step: int = torch.load(folder / BEST, weights_only=True)["step"]
    return step
