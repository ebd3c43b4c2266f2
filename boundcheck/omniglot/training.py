"""Training with a triplet loss and hard-negative mining, in steps that a kill cannot lose.

Everything random in step s is drawn from (seed, s), so a run that is killed and resumed ends with the same weights as
one that was not, on the same machine and number of threads.

Losses, miner and sampler are pytorch-metric-learning's. A batch is P characters × K drawings; what counts as a
positive is decided by the label, the alphabet as in the seed's experiment, or the character. For the first part of a
run every triplet of a batch that violates the margin counts; after that each anchor's hardest negative does (A.
Hermans, L. Beyer, B. Leibe, "In defense of the triplet loss", arXiv 1703.07737: mining the hardest from the start
drives a fresh network into one point).
"""

from __future__ import annotations

import csv
import json
import math
import os
import time
from collections.abc import Callable, Iterator
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
from boundcheck.omniglot.data import Drawings, shows_progress
from boundcheck.omniglot.model import BACKBONE, build, embed_images, prepare
from boundcheck.omniglot.provenance import provenance
from boundcheck.omniglot.retrieval import precision_at_1

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
        Of the triplet loss, in the embedding's units.
    learning_rate
        The peak of a one-cycle schedule.
    mining_from
        The share of the run after which only the hardest negative of each anchor counts.
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

    @property
    def batch(self) -> int:
        """Images in a batch."""
        return self.characters * self.drawings

    @property
    def steps(self) -> int:
        """Batches in the whole run."""
        return max(1, self.images // self.batch)


@dataclass
class Curve:
    """The learning curve: one row a logged step, validation columns empty where none was made."""

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
        self.sampler = _Sampler(self.training.character, config)
        self.amp = torch.bfloat16 if device.type == "cuda" and torch.cuda.is_bf16_supported() else torch.float16
        self.scaler = torch.amp.GradScaler(device.type, enabled=device.type == "cuda" and self.amp is torch.float16)
        self.step, self.curve, self.best, self.since_best = 0, Curve(), -1.0, 0
        self.watch, self.seconds = _CollapseWatch(config.margin), 0.0
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
        theirs = json.loads(saved["config"])
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
        with _progress(steps, self.step, progress) as report:
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
                report(self.step, loss, self.best)
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
        labels = torch.from_numpy(getattr(self.training, self.config.label)[chosen].astype(np.int64)).to(self.device)
        self.network.train()
        with torch.autocast(self.device.type, self.amp, enabled=self.device.type == "cuda"):
            embeddings = self.network(images)
        embeddings = embeddings.float()
        if self.step < self.config.mining_from * self.config.steps:
            loss, hard = self.all_triplets(embeddings, labels), 0
        else:
            triplets = self.miner(embeddings, labels)
            loss, hard = self.hardest(embeddings, labels, triplets), len(triplets[0])
        value, mean_distance = float(loss.detach()), float(torch.pdist(embeddings.detach()).mean())
        # The losses leave out triplets whose distance is NaN, so the loss alone does not show it.
        for name, number in (("loss", value), ("mean distance of a batch", mean_distance)):
            if not math.isfinite(number):
                raise NonFiniteError(
                    explain(name, "a finite number", f"{number} at step {self.step + 1}", "lower learning_rate")
                )
        self.optimizer.zero_grad(set_to_none=True)
        self.scaler.scale(loss).backward()
        self.scaler.step(self.optimizer)
        self.scaler.update()
        return value, mean_distance, hard

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
        if character.value > self.best:
            self.best, self.since_best = character.value, 0
            self.save(BEST)
        else:
            self.since_best += 1


class _CollapseWatch:
    """Tells a network whose embeddings have become one point: loss at the margin, no distance left."""

    _PATIENCE = 50

    def __init__(self, margin: float) -> None:
        self._margin, self.seen = margin, 0

    def see(self, loss: float, mean_distance: float, step: int) -> None:
        stuck = mean_distance < 0.01 * self._margin
        self.seen = self.seen + 1 if stuck else 0
        if self.seen >= self._PATIENCE:
            raise CollapseError(
                explain(
                    "training",
                    "embeddings that differ",
                    f"a mean distance of {mean_distance:.2g} and a loss of {loss:.3g} at the margin {self._margin:g} "
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
    if not path.exists():
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


@contextmanager
def _progress(total: int, done: int, shown: bool | None) -> Iterator[Callable[[int, float, float], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("training"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("loss {task.fields[loss]:.3f}  best precision@1 {task.fields[best]:.1%}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), disable=not shows_progress(shown)) as bar:
        task = bar.add_task("training", total=total, completed=done, loss=math.nan, best=0.0)

        def report(step: int, loss: float, best: float) -> None:
            bar.update(task, completed=step, loss=loss, best=max(0.0, best))

        yield report
