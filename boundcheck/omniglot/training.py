"""Training on drawings or on whole collections of them, in steps that a kill cannot lose.

Everything random in step s is drawn from (seed, s), so a run that is killed and resumed ends with the same weights as
one that was not, on the same machine and number of threads.

What a step makes small is the *objective* (:mod:`boundcheck.omniglot.objectives`); the network, the number of drawings
in a batch (:mod:`boundcheck.omniglot.batches`), the optimiser and its schedule are the same for all. What counts as a
positive is decided by the label, the alphabet as in the seed's experiment, or the character.
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
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import nn

from boundcheck.atomic import atomically
from boundcheck.errors import (
    BoundcheckError,
    CheckpointError,
    CollapseError,
    InvalidValueError,
    NonFiniteError,
    explain,
)
from boundcheck.omniglot.batches import distorted, sampler_for
from boundcheck.omniglot.config import BEFORE_THERE_WAS_A_CHOICE, TrainingConfig
from boundcheck.omniglot.data import Drawings
from boundcheck.omniglot.model import build, embed_images, require_weights_of
from boundcheck.omniglot.objectives import OBJECTIVES
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
        self.objective = OBJECTIVES[config.objective](config, self.training, device)
        self.sampler = sampler_for(self.training, config)
        self.amp = torch.bfloat16 if device.type == "cuda" and torch.cuda.is_bf16_supported() else torch.float16
        self.scaler = torch.amp.GradScaler(device.type, enabled=device.type == "cuda" and self.amp is torch.float16)
        self.step, self.curve, self.best, self.since_best = 0, Curve(), -1.0, 0
        self.watch = _CollapseWatch(config.margin if self.objective.has_margin else None)
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
        theirs = BEFORE_THERE_WAS_A_CHOICE | json.loads(saved["config"])
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
        images = distorted(self.training.images[chosen], seed=(self.config.seed, self.step), device=self.device)
        self.network.train()
        with torch.autocast(self.device.type, self.amp, enabled=self.device.type == "cuda"):
            embeddings = self.network(images)
        embeddings = embeddings.float()
        loss, hard = self.objective.loss(embeddings, chosen, self.step)
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
        by_collection = self.config.is_of_collections and self.config.label == "alphabet"
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


def _precision_across(embeddings: Float[np.ndarray, "n d"], drawings: Drawings) -> float:
    """Return how often the nearest centroid of a collection that is not a drawing's own is one of its alphabet."""
    characters, own = np.unique(drawings.character, return_inverse=True)
    points = torch.from_numpy(embeddings).double()
    centroids = torch.stack([points[torch.from_numpy(own == number)].mean(dim=0) for number in range(len(characters))])
    distances = torch.cdist(points, centroids, compute_mode="donot_use_mm_for_euclid_dist")
    distances[torch.arange(len(points)), torch.from_numpy(own)] = torch.inf
    alphabets = drawings.alphabet[np.unique(drawings.character, return_index=True)[1]]
    return float(np.mean(alphabets[distances.argmin(dim=1).numpy()] == drawings.alphabet))


def _learning_rate(step: int, config: TrainingConfig) -> float:
    """Return a linear rise over the first tenth of the run, then half a cosine down to 1% of the peak."""
    rise = max(1, config.steps // 10)
    if step < rise:
        return config.learning_rate * (step + 1) / rise
    share = (step - rise) / max(1, config.steps - rise)
    return config.learning_rate * (0.01 + 0.99 * (1 + math.cos(math.pi * share)) / 2)


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
