"""Training on drawings or on whole collections of them, in steps that a kill cannot lose.

Everything random in step s is drawn from (seed, s), so a run that is killed and resumed ends with the same weights as
one that was not, on the same machine and number of threads.

What a step makes small is the *objective*; the network, the number of drawings in a batch, the optimiser and its
schedule are the same for all three:

=============  ======================================================================================================
``instance``   a triplet loss on drawings
``centroid``   the same triplet loss on the centroids of collections of drawings
``prototype``  cross-entropy over negative squared distances of drawings to the prototypes of classes (J. Snell, K.
               Swersky, R. Zemel, "Prototypical networks for few-shot learning", NIPS 2017, arXiv 1703.05175)
=============  ======================================================================================================

Triplet losses, miner and the sampler for drawings are pytorch-metric-learning's. There a batch is P characters × K
drawings; what counts as a positive is decided by the label, the alphabet as in the seed's experiment, or the character.
For the first part of a run every triplet of a batch that violates the margin counts; after that each anchor's hardest
negative does (A. Hermans, L. Beyer, B. Leibe, "In defense of the triplet loss", arXiv 1703.07737: mining the hardest
from the start drives a fresh network into one point).

For the objectives of collections a batch is A classes × C collections × D drawings. With the label alphabet, classes
are alphabets and collections characters, P/A of each alphabet. With the label character, classes are characters, and the
two collections of each are halves of its K drawings. A centroid is the mean of the D embeddings of a collection. The
prototype of a class is the mean of some of its collections' centroids, and only drawings of its other collections are
compared with it, so that no drawing is told by the collection it is of: first those of the second half of each class's
collections with prototypes of the first half, then the reverse, so each drawing once.
"""

from __future__ import annotations

import csv
import json
import math
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor, nn

from boundcheck.atomic import atomically
from boundcheck.errors import (
    BoundcheckError,
    CheckpointError,
    CollapseError,
    InvalidTypeError,
    InvalidValueError,
    MissingDependencyError,
    NonFiniteError,
    explain,
)
from boundcheck.omniglot.data import Drawings
from boundcheck.omniglot.model import BACKBONE, build, embed_images, prepare, require_weights_of
from boundcheck.omniglot.provenance import provenance
from boundcheck.omniglot.retrieval import precision_at_1
from boundcheck.progress import Bar

__all__ = [
    "Curve",
    "TrainedNetwork",
    "TrainingConfig",
    "choose_device",
    "load_checkpoint",
    "train",
    "validation_alphabets",
]

CHECKPOINT = "checkpoint.pt"
BEST = "best.pt"
CURVE = "curve.csv"


# What a run was before there was a choice, for checkpoints from then.
_ONCE = {"objective": "instance", "alphabets": 4}


@dataclass(frozen=True)
class TrainingConfig:
    """What a training run is, whole: two runs of one configuration give one result.

    Attributes
    ----------
    label
        What makes two drawings of one class: ``"alphabet"`` as in the seed's experiment, or ``"character"``.
    dimension
        Of the embedding.
    images
        How many drawings are shown in all, repeats counted.
    characters, drawings
        P and K: a batch is `characters` × `drawings` images.
    margin
        Of the triplet losses, in the embedding's units.
    learning_rate
        The peak of a one-cycle schedule.
    mining_from
        The share of the run after which only the hardest negative of each anchor counts, in a triplet loss.
    validation_alphabets
        How many of the given alphabets are kept from training, to stop by.
    validate_every
        Steps between validations.
    patience
        Validations without a better precision after which the run stops.
    seed
        Of everything random.
    backbone
        The name of a timm model.
    objective
        What a step makes small: ``"instance"``, a triplet loss on drawings; ``"centroid"``, one on the centroids of
        collections; ``"prototype"``, the cross-entropy of drawings among the prototypes of classes.
    alphabets
        How many alphabets the characters of a batch are from, as many of each. Only for the objectives of collections
        with the label alphabet; otherwise characters are drawn whatever their alphabet.
    """

    label: Literal["alphabet", "character"] = "alphabet"
    dimension: int = 64
    images: int = 65_000
    characters: int = 16
    drawings: int = 4
    margin: float = 1.0
    learning_rate: float = 2e-3
    mining_from: float = 0.2
    validation_alphabets: int = 3
    validate_every: int = 200
    patience: int = 10
    seed: int = 0
    backbone: str = BACKBONE
    objective: Literal["instance", "centroid", "prototype"] = "instance"
    alphabets: int = 4

    def __post_init__(self) -> None:
        for name, low in (
            ("dimension", 1),
            ("images", 1),
            ("characters", 2),
            ("drawings", 2),
            ("validation_alphabets", 1),
            ("validate_every", 1),
            ("patience", 1),
            ("seed", 0),
            ("alphabets", 2),
        ):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int):
                raise InvalidTypeError(explain(name, "an integer", f"{value!r}"))
            if value < low:
                raise InvalidValueError(explain(name, f"an integer in [{low}, ∞)", f"{value}"))
        for name in ("margin", "learning_rate", "mining_from"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise InvalidTypeError(explain(name, "a number", f"{value!r}"))
        for name in ("margin", "learning_rate"):
            if not 0 < getattr(self, name) < math.inf:
                raise InvalidValueError(explain(name, "a number in (0, ∞)", f"{getattr(self, name)}"))
        if not 0 <= self.mining_from <= 1:
            raise InvalidValueError(explain("mining_from", "a share in [0, 1]", f"{self.mining_from}"))
        if self.label not in ("alphabet", "character"):
            raise InvalidValueError(explain("label", "'alphabet' or 'character'", f"{self.label!r}"))
        if not isinstance(self.backbone, str):
            raise InvalidTypeError(explain("backbone", "the name of a timm model", f"{self.backbone!r}"))
        if self.objective not in ("instance", "centroid", "prototype"):
            raise InvalidValueError(
                explain("objective", "'instance', 'centroid' or 'prototype'", f"{self.objective!r}")
            )
        if self.objective != "instance":
            self._require_collections()

    def _require_collections(self) -> None:
        """Raise where a batch is not of as many collections of each class, two at least, or validation tells nothing."""
        if self.label == "alphabet" and (self.characters % self.alphabets or self.characters < 2 * self.alphabets):
            expected = f"a multiple of alphabets ({self.alphabets}), two characters of each at least"
            raise InvalidValueError(explain("characters", expected, f"{self.characters}"))
        if self.label == "alphabet" and self.validation_alphabets < 2:
            expected = f"at least 2, to tell apart by the objective {self.objective}"
            raise InvalidValueError(explain("validation_alphabets", expected, f"{self.validation_alphabets}"))
        if self.label == "character" and self.drawings % 2:
            expected = f"an even number, for two collections of each character with the objective {self.objective}"
            raise InvalidValueError(explain("drawings", expected, f"{self.drawings}"))

    @property
    def batch(self) -> int:
        """Images in a batch."""
        return self.characters * self.drawings

    @property
    def steps(self) -> int:
        """Batches in the whole run."""
        return max(1, self.images // self.batch)

    @property
    def groups(self) -> tuple[int, int, int]:
        """How many classes, collections of each and drawings of each a batch has, for the objectives of collections."""
        if self.label == "character":
            return self.characters, 2, self.drawings // 2
        return self.alphabets, self.characters // self.alphabets, self.drawings


@dataclass
class Curve:
    """The learning curve: one row a logged step, validation columns empty where none was made.

    ``loss`` is the objective's, so losses of one objective compare and no others. ``mean_distance`` is that of the
    drawings of the batch, whatever the objective. ``hard_negatives`` counts the triplets that were mined; with prototypes,
    the drawings to which another class's prototype is nearer than their own's. ``validation_collection_precision`` is how
    often, of the centroids of all collections but a drawing's own, the nearest to it is one of its class; the class is
    the alphabet there.
    """

    rows: list[dict[str, float | None]] = field(default_factory=list)

    COLUMNS = (
        "step",
        "images",
        "seconds",
        "loss",
        "mean_distance",
        "hard_negatives",
        "validation_character_precision",
        "validation_alphabet_precision",
        "validation_collection_precision",
    )

    def write(self, path: Path) -> None:
        """Write the curve as CSV, atomically."""

        def fill(temporary: Path) -> None:
            with temporary.open("w", newline="") as file:
                writer = csv.DictWriter(file, self.COLUMNS)
                writer.writeheader()
                writer.writerows(self.rows)

        atomically(path, fill)


@dataclass(frozen=True)
class TrainedNetwork:
    """A network and how it came to be."""

    network: nn.Module
    config: TrainingConfig
    curve: Curve
    steps: int
    finished: bool
    why: str
    made_by: dict[str, str]


def train(
    drawings: Drawings,
    config: TrainingConfig | None = None,
    *,
    directory: str | os.PathLike[str],
    device: str | torch.device | None = None,
    minutes: float | None = None,
    checkpoint_every: int = 50,
    log_every: int = 10,
    progress: bool | None = None,
) -> TrainedNetwork:
    """Train a network on drawings, or go on with the run that `directory` holds.

    Parameters
    ----------
    drawings
        The background set; `config.validation_alphabets` of its alphabets, drawn by the seed, are kept from training.
    config
        What to train; :class:`TrainingConfig`'s defaults suit ten minutes on two cores.
    directory
        Where the checkpoint, the best weights and the learning curve go, each written atomically.
    device
        A torch device; CUDA where there is one, if None. On CUDA the forward pass runs in bfloat16 or float16.
    minutes
        Stop after this long, ready to be resumed.
    checkpoint_every, log_every
        Steps between checkpoints, and between rows of the learning curve.
    progress
        Whether to show a bar; None for where there is a terminal.

    Raises
    ------
    InvalidValueError
        If there are too few drawings for the configuration, or another argument cannot be used.
    CheckpointError
        If `directory` holds a damaged checkpoint, or one of another configuration.
    CollapseError
        If the embeddings have become one point.
    NonFiniteError
        If the loss is NaN or infinite.
    MissingDependencyError
        If timm or pytorch-metric-learning is not installed.
    """
    config = config or TrainingConfig()
    for name, every in (("checkpoint_every", checkpoint_every), ("log_every", log_every)):
        if every < 1:
            raise InvalidValueError(explain(name, "a number of steps in [1, ∞)", f"{every}"))
    if minutes is not None and not minutes >= 0:
        raise InvalidValueError(explain("minutes", "a number in [0, ∞], or None", f"{minutes}"))
    run = _Run(drawings, config, Path(directory), choose_device(device))
    run.resume()
    return run.go_on(minutes=minutes, checkpoint_every=checkpoint_every, log_every=log_every, progress=progress)


def load_checkpoint(directory: str | os.PathLike[str]) -> TrainedNetwork:
    """Return the network of a run with its best weights so far.

    Raises
    ------
    CheckpointError
        If there is none, or it is damaged.
    """
    folder = Path(directory)
    saved = _read(folder / CHECKPOINT)
    with _understood(folder / CHECKPOINT):
        config = TrainingConfig(**json.loads(saved["config"]))
        try:
            require_weights_of(saved["network"], config.dimension, backbone=config.backbone)
        except InvalidValueError as cause:
            wanted = f"the weights of the network that it names, {config.backbone}"
            raise CheckpointError(explain(str(folder / CHECKPOINT), wanted, f"others ({cause})")) from cause
        network = build(config.dimension, backbone=config.backbone, seed=config.seed)
        network.load_state_dict(saved["network"])
        finished = saved["step"] >= config.steps or saved["since_best"] >= config.patience
        trained = TrainedNetwork(
            network, config, Curve(saved["curve"]), saved["step"], finished, "loaded", saved["made_by"]
        )
        validated = saved["best"] >= 0
    if validated:
        _load_best(network, folder)
    return trained


class _Run:
    """One run's state: what a checkpoint holds, and how a step changes it."""

    def __init__(self, drawings: Drawings, config: TrainingConfig, folder: Path, device: torch.device) -> None:
        self.config, self.folder, self.device = config, folder, device
        folder.mkdir(parents=True, exist_ok=True)
        validation = validation_alphabets(drawings, config)
        held_out = np.isin(drawings.alphabet, validation)
        self.training, self.validation = drawings.subset(~held_out), drawings.subset(held_out)
        self.network = build(config.dimension, backbone=config.backbone, seed=config.seed).to(device)
        self.optimizer = torch.optim.AdamW(self.network.parameters(), config.learning_rate, weight_decay=1e-4)
        self.all_triplets, self.hardest, self.miner = _losses(config)
        self.sampler = _sampler(self.training, config)
        self.amp = torch.bfloat16 if device.type == "cuda" and torch.cuda.is_bf16_supported() else torch.float16
        self.scaler = torch.amp.GradScaler(device.type, enabled=device.type == "cuda" and self.amp is torch.float16)
        self.step, self.curve, self.best, self.since_best = 0, Curve(), -1.0, 0
        # Logits of prototypes are squared distances, without a margin to compare them with.
        self.watch = _CollapseWatch(None if config.objective == "prototype" else config.margin)
        self.seconds = 0.0
        self.made_by = provenance()

    # ------------------------------------------------------------------------------------------------- checkpoints

    def resume(self) -> None:
        """Go back to the last checkpoint, if there is one."""
        path = self.folder / CHECKPOINT
        if not path.exists():
            return
        saved = _read(path)
        with _understood(path):
            self._restore(saved, path)

    def _restore(self, saved: dict[str, Any], path: Path) -> None:
        theirs = _ONCE | json.loads(saved["config"])
        ours = asdict(self.config)
        differing = [name for name in ours if ours[name] != theirs.get(name)]
        if differing:
            shown = ", ".join(f"{name} {theirs.get(name)!r} rather than {ours[name]!r}" for name in differing)
            raise CheckpointError(
                explain(
                    str(path), "a checkpoint of this configuration", shown, "use another folder, or delete this one"
                )
            )
        self.network.load_state_dict(saved["network"])
        self.optimizer.load_state_dict(saved["optimizer"])
        self.scaler.load_state_dict(saved["scaler"])
        self.step, self.curve = saved["step"], Curve(saved["curve"])
        self.best, self.since_best, self.seconds = saved["best"], saved["since_best"], saved["seconds"]
        self.watch.seen = saved["stuck"]
        self.made_by = saved["made_by"]

    def save(self, name: str = CHECKPOINT) -> None:
        """Write everything that a resumed run needs."""
        state = {
            "config": json.dumps(asdict(self.config)),
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scaler": self.scaler.state_dict(),
            "step": self.step,
            "curve": self.curve.rows,
            "best": self.best,
            "since_best": self.since_best,
            "stuck": self.watch.seen,
            "seconds": self.seconds,
            "made_by": self.made_by,
        }
        if name == BEST:
            state = {"network": state["network"], "step": self.step}
        atomically(self.folder / name, lambda temporary: torch.save(state, temporary))

    # ------------------------------------------------------------------------------------------------------- steps

    def go_on(
        self, *, minutes: float | None, checkpoint_every: int, log_every: int, progress: bool | None
    ) -> TrainedNetwork:
        """Run until the last step, an early stop, or the end of the time given."""
        deadline = math.inf if minutes is None else time.monotonic() + 60 * minutes
        steps, why = self.config.steps, "every step was run"
        with Bar("training", steps, done=self.step, shown=progress, stays=True) as bar:
            while self.step < steps:
                if self.since_best >= self.config.patience:
                    why = f"precision has not improved in {self.config.patience} validations"
                    break
                if time.monotonic() >= deadline:
                    why = f"{minutes:g} minutes are over; the same call goes on from here"
                    break
                began = time.monotonic()
                loss, mean_distance, hard = self._one_step()
                self.step += 1
                self.seconds += time.monotonic() - began
                self.watch.see(loss, mean_distance, self.step)
                if self.step % log_every == 0 or self.step == steps:
                    self._log(loss, mean_distance, hard)
                if self.step % self.config.validate_every == 0 or self.step == steps:
                    self._validate()
                if self.step % checkpoint_every == 0 or self.step == steps:
                    self.save()
                    self.curve.write(self.folder / CURVE)
                bar.advance(1, f"loss {loss:.3f}  best precision@1 {max(0.0, self.best):.1%}")
        self.save()
        self.curve.write(self.folder / CURVE)
        finished = self.step >= steps or self.since_best >= self.config.patience
        if self.best >= 0:
            _load_best(self.network, self.folder)
        return TrainedNetwork(self.network, self.config, self.curve, self.step, finished, why, self.made_by)

    def _one_step(self) -> tuple[float, float, int]:
        for group in self.optimizer.param_groups:
            group["lr"] = _learning_rate(self.step, self.config)
        chosen = self.sampler.batch(self.step)
        images = _distorted(self.training.images[chosen], seed=(self.config.seed, self.step), device=self.device)
        self.network.train()
        with torch.autocast(self.device.type, self.amp, enabled=self.device.type == "cuda"):
            embeddings = self.network(images)
        embeddings = embeddings.float()
        loss, hard = self._loss(embeddings, chosen)
        value, mean_distance = float(loss.detach()), float(torch.pdist(embeddings.detach()).mean())
        # The losses leave out triplets whose distance is NaN, so the loss alone does not show it.
        for name, number in (("loss", value), ("mean distance of a batch", mean_distance)):
            if not math.isfinite(number):
                raise NonFiniteError(
                    explain(name, "a finite number", f"{number} at step {self.step + 1}", "lower learning_rate")
                )
        self.optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(self.scaler.scale(loss))
        self.scaler.step(self.optimizer)
        self.scaler.update()
        return value, mean_distance, hard

    def _loss(self, embeddings: Float[Tensor, "b d"], chosen: Int[np.ndarray, " b"]) -> tuple[Tensor, int]:
        """Return the objective's loss of a batch, and how many hard negatives it has."""
        if self.config.objective == "instance":
            labels = getattr(self.training, self.config.label)[chosen].astype(np.int64)
            return self._triplet_loss(embeddings, torch.from_numpy(labels).to(self.device))
        grouped = embeddings.reshape(*self.config.groups, -1)
        if self.config.objective == "prototype":
            return _prototype_loss(grouped)
        classes, collections, _ = self.config.groups
        labels = torch.arange(classes, device=self.device).repeat_interleave(collections)
        return self._triplet_loss(grouped.mean(dim=2).flatten(0, 1), labels)

    def _triplet_loss(self, points: Float[Tensor, "p d"], labels: Int[Tensor, " p"]) -> tuple[Tensor, int]:
        if self.step < self.config.mining_from * self.config.steps:
            return self.all_triplets(points, labels), 0
        triplets = self.miner(points, labels)
        return self.hardest(points, labels, triplets), len(triplets[0])

    def _log(self, loss: float, mean_distance: float, hard: int) -> None:
        row: dict[str, float | None] = dict.fromkeys(Curve.COLUMNS)
        row |= {
            "step": self.step,
            "images": self.step * self.config.batch,
            "seconds": round(self.seconds, 1),
            "loss": loss,
            "mean_distance": mean_distance,
            "hard_negatives": hard,
        }
        self.curve.rows.append(row)

    def _validate(self) -> None:
        embeddings = embed_images(self.network, self.validation.images, device=self.device)
        character, alphabet = precision_at_1(embeddings, self.validation.character, self.validation.alphabet)
        if not self.curve.rows or self.curve.rows[-1]["step"] != self.step:
            images = self.step * self.config.batch
            self.curve.rows.append({**dict.fromkeys(Curve.COLUMNS), "step": self.step, "images": images})
        self.curve.rows[-1]["validation_character_precision"] = character.value
        self.curve.rows[-1]["validation_alphabet_precision"] = alphabet.value
        across = _precision_across(embeddings, self.validation)
        self.curve.rows[-1]["validation_collection_precision"] = across
        # Where collections of one class are what is drawn together, those of one character need not be.
        by_collection = self.config.objective != "instance" and self.config.label == "alphabet"
        found = across if by_collection else character.value
        if found > self.best:
            self.best, self.since_best = found, 0
            self.save(BEST)
        else:
            self.since_best += 1


class _CollapseWatch:
    """Tells a network whose embeddings have become one point: loss at the margin, no distance left.

    Without a margin a distance counts as none that is below 0.01, whose square tells no softmax anything.
    """

    _PATIENCE = 50

    def __init__(self, margin: float | None) -> None:
        self._least, self.seen = 0.01 * (1.0 if margin is None else margin), 0
        self._where = "" if margin is None else f" at the margin {margin:g}"

    def see(self, loss: float, mean_distance: float, step: int) -> None:
        stuck = mean_distance < self._least
        self.seen = self.seen + 1 if stuck else 0
        if self.seen >= self._PATIENCE:
            raise CollapseError(
                explain(
                    "training",
                    "embeddings that differ",
                    f"a mean distance of {mean_distance:.2g} and a loss of {loss:.3g}{self._where} "
                    f"for {self._PATIENCE} steps up to step {step}: they have become one point",
                    "lower learning_rate, start mining later (mining_from), or raise drawings per character",
                )
            )


class _Sampler:
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


class _GroupSampler:
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


def _of(drawings: Drawings, alphabet: int | None = None) -> Int[np.ndarray, " c"]:
    """Return the characters that are drawn, of one alphabet or of all."""
    found: Int[np.ndarray, " c"] = np.unique(
        drawings.character if alphabet is None else drawings.character[drawings.alphabet == alphabet]
    )
    return found


def _sampler(drawings: Drawings, config: TrainingConfig) -> _Sampler | _GroupSampler:
    if config.objective != "instance" and config.label == "alphabet":
        return _GroupSampler(drawings, config)
    # A character's drawings lie together in a batch, in random order: halves of them are two collections.
    return _Sampler(drawings.character, config)


def _prototype_loss(grouped: Float[Tensor, "a c n d"]) -> tuple[Tensor, int]:
    """Return the mean cross-entropy of every drawing among prototypes, and how many are nearer to another's.

    Each half of the classes' collections makes the prototypes for the drawings of the other.
    """
    classes, collections, _, _ = grouped.shape
    halves = grouped[:, : collections // 2], grouped[:, collections // 2 :]
    logits, labels = [], []
    for support, queries in (halves, halves[::-1]):
        prototypes = support.mean(dim=(1, 2))
        rows = queries.flatten(1, 2)
        # By differences: products lose the digits of what is near.
        logits.append(-(rows.flatten(0, 1)[:, None] - prototypes).square().sum(dim=2))
        labels.append(torch.arange(classes, device=grouped.device).repeat_interleave(rows.shape[1]))
    scores, right = torch.cat(logits), torch.cat(labels)
    return nn.functional.cross_entropy(scores, right), int((scores.detach().argmax(dim=1) != right).sum())


def _precision_across(embeddings: Float[np.ndarray, "n d"], drawings: Drawings) -> float:
    """Return how often the nearest centroid of a collection that is not a drawing's own is one of its alphabet."""
    characters, own = np.unique(drawings.character, return_inverse=True)
    points = torch.from_numpy(embeddings).double()
    centroids = torch.stack([points[torch.from_numpy(own == number)].mean(dim=0) for number in range(len(characters))])
    distances = torch.cdist(points, centroids, compute_mode="donot_use_mm_for_euclid_dist")
    distances[torch.arange(len(points)), torch.from_numpy(own)] = torch.inf
    alphabets = drawings.alphabet[np.unique(drawings.character, return_index=True)[1]]
    return float(np.mean(alphabets[distances.argmin(dim=1).numpy()] == drawings.alphabet))


def _losses(config: TrainingConfig) -> tuple[Any, Any, Any]:
    try:
        from pytorch_metric_learning.distances import LpDistance
        from pytorch_metric_learning.losses import TripletMarginLoss
        from pytorch_metric_learning.miners import BatchEasyHardMiner
    except ImportError as cause:
        raise MissingDependencyError(
            explain("pytorch-metric-learning", "the package installed", "none", "pip install 'boundcheck[omniglot]'")
        ) from cause
    # The library normalises embeddings unless told not to; the theorem is about those the network gives.
    distance = LpDistance(normalize_embeddings=False)
    loss = TripletMarginLoss(margin=config.margin, distance=distance)
    return loss, loss, BatchEasyHardMiner(pos_strategy="easy", neg_strategy="hard", distance=distance)


def _learning_rate(step: int, config: TrainingConfig) -> float:
    """Return a linear rise over the first tenth of the run, then half a cosine down to 1% of the peak."""
    rise = max(1, config.steps // 10)
    if step < rise:
        return config.learning_rate * (step + 1) / rise
    share = (step - rise) / max(1, config.steps - rise)
    return config.learning_rate * (0.01 + 0.99 * (1 + math.cos(math.pi * share)) / 2)


def _distorted(
    images: UInt8[np.ndarray, "b h w"], *, seed: tuple[int, int], device: torch.device
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


def validation_alphabets(drawings: Drawings, config: TrainingConfig) -> Int[np.ndarray, " a"]:
    """Return the alphabets that a configuration keeps from training, drawn by its seed.

    Raises
    ------
    InvalidValueError
        If fewer than two would be left to train on.
    """
    alphabets = np.unique(drawings.alphabet)
    if len(alphabets) < config.validation_alphabets + 2:
        raise InvalidValueError(
            explain(
                "drawings",
                f"at least {config.validation_alphabets + 2} alphabets: {config.validation_alphabets} to validate by "
                "and two to train on",
                f"{len(alphabets)}",
            )
        )
    return np.random.default_rng([config.seed, 7]).choice(alphabets, config.validation_alphabets, replace=False)


def choose_device(device: str | torch.device | None) -> torch.device:
    """Return a torch device that is there: CUDA where there is one, if None."""
    if device is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        chosen = torch.device(device)
        torch.empty(0, device=chosen)
    except (RuntimeError, AssertionError) as cause:
        raise InvalidValueError(explain("device", "a torch device that is there", f"{device!r}")) from cause
    return chosen


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise CheckpointError(explain(str(path), "a training checkpoint", "no such file", "run boundcheck train first"))
    try:
        saved: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as cause:
        raise CheckpointError(
            explain(
                str(path),
                "a training checkpoint",
                f"a damaged file ({type(cause).__name__})",
                "delete it to begin again",
            )
        ) from cause
    return saved


@contextmanager
def _understood(path: Path) -> Iterator[None]:
    """Name what a file that torch can read lacks of a checkpoint."""
    try:
        yield
    except BoundcheckError:
        raise
    except (LookupError, TypeError, AttributeError, RuntimeError, ValueError) as cause:
        raise CheckpointError(
            explain(str(path), "a training checkpoint", f"something else ({cause})", "use another folder, or delete it")
        ) from cause


def _load_best(network: nn.Module, folder: Path) -> None:
    """Load a run's best weights; only once it was validated, lest they be an earlier run's."""
    saved = _read(folder / BEST)
    with _understood(folder / BEST):
        network.load_state_dict(saved["network"])
