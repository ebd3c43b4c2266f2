"""Training on drawings or on whole collections of them, in steps that a kill cannot lose.

Everything random in step s is drawn from (seed, s), so a run that is killed and resumed ends with the same weights as
one that was not, on the same machine and number of threads.

What a step makes small is the *objective* (:mod:`boundcheck.omniglot.objectives`); the network, the number of drawings
in a batch (:mod:`boundcheck.omniglot.batches`), the optimiser and its schedule are the same for all. What counts as a
positive is decided by the label, the alphabet as in Karimov's experiment, or the character.
"""

from __future__ import annotations

import csv
import json
import math
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from PIL import Image
from torch import Tensor, nn

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
from boundcheck.omniglot.health import MEASURES, Health, measures
from boundcheck.omniglot.model import build, embed_images, require_weights_of
from boundcheck.omniglot.objectives import OBJECTIVES, Material, Objective, Outcome
from boundcheck.omniglot.objectives.protocol import half_precision
from boundcheck.omniglot.provenance import provenance
from boundcheck.omniglot.retrieval import precision_at_1
from boundcheck.omniglot.views import viewed
from boundcheck.progress import Bar

__all__ = [
    "Curve",
    "TrainedNetwork",
    "TrainingConfig",
    "choose_device",
    "load_checkpoint",
    "resized",
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

    The columns of :data:`boundcheck.omniglot.health.MEASURES` are of what the loss compared, where an objective has them:
    the divergence of relations, spread and effective rank of projections, mean squared distance of two views, how often the
    other view is nearer than a whole queue, and of clusters which share is in use and which is empty. ``health`` has what
    was seen to be wrong, with the step and what to change.
    """

    rows: list[dict[str, float | None]] = field(default_factory=list)
    health: list[dict[str, Any]] = field(default_factory=list)

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
        *MEASURES,
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
    """A network and how it came to be.

    Its objective is kept as trained: :meth:`project` gives what the loss compared instead of embeddings.
    """

    network: nn.Module
    config: TrainingConfig
    curve: Curve
    steps: int
    finished: bool
    why: str
    made_by: dict[str, str]
    objective: Objective | None = None

    def project(self, embeddings: Float[np.ndarray, "n d"]) -> Float[np.ndarray, "n p"]:
        """Return what the objective's loss saw of embeddings; for an objective without a head, the embeddings."""
        if self.objective is None:
            return embeddings
        rows = torch.from_numpy(np.ascontiguousarray(embeddings)).to(self.objective.device)
        with torch.no_grad():
            projected: Float[np.ndarray, "n p"] = self.objective.project(rows).cpu().numpy()
        return projected


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
        count, classes = saved.get("material", (0, 0))
        material, device = Material.shell(count, classes), torch.device("cpu")
        try:
            _require_state_of(config, material, saved.get("objective", {}))
        except InvalidValueError as cause:
            wanted = f"the state of the objective that it names, {config.objective}"
            raise CheckpointError(explain(str(folder / CHECKPOINT), wanted, f"another ({cause})")) from cause
        objective = _objective(config, material, network, device)
        objective.load_state_dict(saved.get("objective", {}))
        health = saved.get("health", {}).get("notes", [])
        curve = Curve(saved["curve"], health)
        trained = TrainedNetwork(network, config, curve, saved["step"], finished, "loaded", saved["made_by"], objective)
        validated = saved["best"] >= 0
    if validated:
        _load_best(network, objective, folder)
    return trained


def resized(drawings: Drawings, config: TrainingConfig) -> Drawings:
    """Return drawings at the side that a configuration asks for, scaled down by Pillow's triangle filter.

    Raises
    ------
    InvalidValueError
        If they are smaller than that.
    """
    side, have = config.image_size, drawings.images.shape[1]
    if side is None or side == have:
        return drawings
    if have < side:
        raise InvalidValueError(
            explain(
                "image_size", f"at most the side of the drawings, {have}", f"{side}", "load them with a larger size"
            )
        )
    smaller = [
        np.asarray(Image.fromarray(image).resize((side, side), Image.Resampling.BILINEAR)) for image in drawings.images
    ]
    return replace(drawings, images=np.stack(smaller))


def _material(drawings: Drawings, config: TrainingConfig) -> Material:
    """Return what an objective is given: no label of any kind where it is not supervised."""
    if not OBJECTIVES[config.objective].supervised:
        return Material(drawings.images)
    classes, labels = np.unique(getattr(drawings, config.label), return_inverse=True)
    return Material(drawings.images, labels.astype(np.int64), len(classes))


def _objective(config: TrainingConfig, material: Material, network: nn.Module, device: torch.device | str) -> Objective:
    """Return a fresh objective, its initial weights drawn from the seed."""
    device = torch.device(device)
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(config.seed)
        # Weights are drawn on the CPU, so that a seed means the same on every device.
        objective = OBJECTIVES[config.objective](config, material, network, device)
    return objective.to(device)


def _require_state_of(config: TrainingConfig, material: Material, state: Mapping[str, Tensor]) -> None:
    """Refuse a state that is not of such an objective before one is made: a file may name a giant."""
    with torch.device("meta"):
        network = build(config.dimension, backbone=config.backbone, seed=config.seed)
        own = _objective(config, material, network, "meta").state_dict()
    for name in (*own, *state):
        expected, given = (f"{tuple(some[name].shape)}" if name in some else "nothing" for some in (own, state))
        if expected != given:
            raise InvalidValueError(explain(f"objective's {name!r}", expected, given))


class _Run:
    """One run's state: what a checkpoint holds, and how a step changes it."""

    def __init__(self, drawings: Drawings, config: TrainingConfig, folder: Path, device: torch.device) -> None:
        self.config, self.folder, self.device = config, folder, device
        folder.mkdir(parents=True, exist_ok=True)
        drawings = resized(drawings, config)
        validation = validation_alphabets(drawings, config)
        held_out = np.isin(drawings.alphabet, validation)
        self.training, self.validation = drawings.subset(~held_out), drawings.subset(held_out)
        self.network = build(config.dimension, backbone=config.backbone, seed=config.seed).to(device)
        self.material = _material(self.training, config)
        self.objective = _objective(config, self.material, self.network, device)
        self.optimizer = _optimizer(self.objective.groups_of_parameters(self.network), config)
        self.sampler = sampler_for(self.training, config)
        scaled = device.type == "cuda" and half_precision() is torch.float16
        self.scaler = torch.amp.GradScaler(device.type, enabled=scaled)
        self.step, self.curve, self.best, self.since_best = 0, Curve(), -1.0, 0
        self.watch = _CollapseWatch(config.margin if self.objective.has_margin else None)
        self.health = Health(config.steps, config.dimension)
        self.curve.health = self.health.notes
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
        # Objectives had no state before there was a choice.
        self.objective.load_state_dict(saved.get("objective", {}))
        if "health" in saved:
            self.health.restore(saved["health"])
        self.optimizer.load_state_dict(saved["optimizer"])
        self.scaler.load_state_dict(saved["scaler"])
        self.step, self.curve = saved["step"], Curve(saved["curve"], self.health.notes)
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
            "objective": self.objective.state_dict(),
            "material": [len(self.material), self.material.classes],
            "health": self.health.state(),
        }
        if name == BEST:
            state = {"network": state["network"], "step": self.step, "objective": state["objective"]}
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
                loss, mean_distance, outcome = self._one_step()
                self.step += 1
                self.seconds += time.monotonic() - began
                if self.objective.has_scale:
                    self.watch.see(loss, mean_distance, self.step)
                if self.step % log_every == 0 or self.step == steps:
                    self._log(loss, mean_distance, outcome)
                if self.step % self.config.validate_every == 0 or self.step == steps:
                    self._validate()
                if self.step % checkpoint_every == 0 or self.step == steps:
                    self.save()
                    self.curve.write(self.folder / CURVE)
                faults = "".join(f"  {note['fault']} at step {note['step']}" for note in self.health.notes[-1:])
                bar.advance(1, f"loss {loss:.3f}  best precision@1 {max(0.0, self.best):.1%}{faults}")
        self.save()
        self.curve.write(self.folder / CURVE)
        finished = self.step >= steps or self.since_best >= self.config.patience
        if self.best >= 0:
            _load_best(self.network, self.objective, self.folder)
        return TrainedNetwork(
            self.network, self.config, self.curve, self.step, finished, why, self.made_by, self.objective
        )

    def _one_step(self) -> tuple[float, float, Outcome]:
        for group in self.optimizer.param_groups:
            constant = group.get("constant", False)
            group["lr"] = self.config.learning_rate if constant else _learning_rate(self.step, self.config)
        chosen = self.sampler.batch(self.step)
        self.network.train()
        self.objective.train()
        self.objective.refresh(self.network, self.step)
        outcome = self.objective.loss(self.network, self._views(chosen), chosen, self.step)
        loss = outcome.loss
        value, mean_distance = float(loss.detach()), float(torch.pdist(outcome.embeddings.detach()).mean())
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
        self.objective.after_step(self.network, self.step)
        return value, mean_distance, outcome

    def _views(self, chosen: Int[np.ndarray, " b"]) -> list[Float[Tensor, "b 1 h w"]]:
        """Return the views that the objective takes of a batch, each drawn from (seed, step, which view it is)."""
        images, made = self.training.images[chosen], []
        for number, view in enumerate(self.objective.views):
            # The first has the stream that it had when it was the only one; 1 is that of batches.
            seed = (self.config.seed, self.step, *((10 + number,) if number else ()))
            if view.strength == 0:
                made.append(distorted(images, seed=seed, device=self.device))
            else:
                made.append(viewed(images, view.strength, seed=seed, device=self.device))
        return made

    def _log(self, loss: float, mean_distance: float, outcome: Outcome) -> None:
        """Add a row to the learning curve, and look at it."""
        row: dict[str, float | None] = dict.fromkeys(Curve.COLUMNS)
        row |= {
            "step": self.step,
            "images": self.step * self.config.batch,
            "seconds": round(self.seconds, 1),
            "loss": loss,
            "mean_distance": mean_distance,
            **measures(outcome.projections),
            **{name: float(number) for name, number in outcome.numbers.items()},
        }
        self.curve.rows.append(row)
        self.health.see(self.step, row)

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


def _optimizer(groups: list[dict[str, Any]], config: TrainingConfig) -> torch.optim.Optimizer:
    """Return what moves the weights."""
    if config.optimizer == "sgd":
        return torch.optim.SGD(groups, config.learning_rate, momentum=0.9, weight_decay=1e-4)
    return torch.optim.AdamW(groups, config.learning_rate, weight_decay=1e-4)


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


def _load_best(network: nn.Module, objective: Objective, folder: Path) -> None:
    """Load a run's best weights; only once it was validated, lest they be an earlier run's."""
    saved = _read(folder / BEST)
    with _understood(folder / BEST):
        network.load_state_dict(saved["network"])
        objective.load_state_dict(saved.get("objective", {}))
