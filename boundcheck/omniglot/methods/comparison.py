"""A comparison of methods: every run trained, embedded and measured in the time there is, and one summary of it all.

Nothing that was done is done again: a training goes on from its checkpoint, embeddings and measures are kept beside it, each
in a file that is whole or not there. A measure is made again where the embeddings, what is measured or how it is measured
has changed. A training that fails (its embeddings have become one point, say) is a result: it is kept as such, with what was
said of it, and what it had learned until then is measured.
"""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from boundcheck.atomic import write_text
from boundcheck.errors import CollapseError, InvalidValueError, NonFiniteError, explain
from boundcheck.omniglot.config import TrainingConfig
from boundcheck.omniglot.embedded import EmbeddedDrawings, load
from boundcheck.omniglot.methods import collections, measures, premises
from boundcheck.omniglot.methods.catalogue import available
from boundcheck.omniglot.methods.measures import Found, Part, config_of, parts
from boundcheck.omniglot.methods.representations import lacking, path_of, represent
from boundcheck.omniglot.methods.runs import Source, best_step, embeddings_file, kept, pixels, untrained
from boundcheck.omniglot.objectives import OBJECTIVES
from boundcheck.omniglot.provenance import provenance
from boundcheck.omniglot.training import CHECKPOINT, load_checkpoint, train
from boundcheck.progress import Bar

__all__ = ["BASELINES", "Measuring", "Plan", "Run", "carry_out"]

#: What no method trained, as a row beside the methods.
BASELINES = ("untrained", "pixels")

# What is counted for the time that is left, in drawings shown in a training: of embedding all, and of measuring once.
_EMBEDDING, _MEASURING = 10_000, 10_000
# Seconds kept for the page, and for a stage of measuring while nothing shows how long one takes.
_PAGE, _STAGE = 15.0, 10.0


@dataclass(frozen=True)
class Measuring:
    """How much is drawn to measure an embedding, and from which seed."""

    triples: int = 2_000
    draws: int = 100_000
    seed: int = 0


@dataclass(frozen=True)
class Run:
    """One training of a comparison, or one of its baselines."""

    method: str
    seed: int
    config: TrainingConfig

    @property
    def name(self) -> str:
        """What its folder and its files are called."""
        return f"{self.method}-seed{self.seed}"


@dataclass(frozen=True)
class Plan:
    """What is to be compared: every method with every seed, all else the same.

    Attributes
    ----------
    methods
        Names of objectives.
    seeds
        Of everything random in a run.
    config
        What all runs have, as for :class:`.TrainingConfig`, but for the objective, the seed and an objective's own settings.
    measuring
        How much is drawn to measure an embedding.
    """

    methods: tuple[str, ...] = field(default_factory=available)
    seeds: tuple[int, ...] = (0, 1, 2)
    config: Mapping[str, Any] = field(default_factory=dict)
    measuring: Measuring = field(default_factory=Measuring)

    def __post_init__(self) -> None:
        for name, given in (("methods", self.methods), ("seeds", self.seeds)):
            if not given or len(set(given)) < len(given):
                raise InvalidValueError(explain(name, "one or more, each once", f"{given!r}"))
        unknown = [name for name in self.methods if name not in available()]
        if unknown:
            raise InvalidValueError(explain("methods", f"some of {', '.join(available())}", f"{unknown[0]!r}"))
        # Every configuration is looked at before any time is spent.
        self.runs()

    def runs(self) -> tuple[Run, ...]:
        """Return all runs, seed by seed, so that the first ones already compare, each after the network without training."""
        found = []
        for seed in self.seeds:
            start = TrainingConfig(seed=seed, **self.config)
            found.append(Run("untrained", seed, start))
            found += [
                Run(
                    name,
                    seed,
                    TrainingConfig(objective=name, seed=seed, **{**self.config, **OBJECTIVES[name].own_settings}),
                )
                for name in self.methods
            ]
        # As they are without any seed.
        return (*found, Run("pixels", self.seeds[0], TrainingConfig(seed=self.seeds[0], **self.config)))


class _Clock:
    """What is left of the time given, and how long a stage of measuring takes, at most, as far as is known."""

    def __init__(self, minutes: float | None, began: float | None) -> None:
        start = time.monotonic() if began is None else began
        self._end = math.inf if minutes is None else start + 60 * minutes
        self.stage = _STAGE

    def left(self) -> float:
        """Return the seconds that are left for anything but the page."""
        return self._end - time.monotonic() - _PAGE

    def minutes(self) -> float | None:
        """Return what is left as minutes, None where there is no end."""
        return None if self._end == math.inf else max(0.0, self.left() / 60)


def carry_out(
    plan: Plan,
    folder: Path,
    drawings: Source,
    *,
    minutes: float | None = None,
    began: float | None = None,
    device: str | None = None,
    training: bool = True,
    tell: Callable[[str], None] = lambda line: None,
    progress: bool | None = None,
) -> dict[str, Any]:
    """Train, embed and measure what is missing, and return all that is known as plain JSON types.

    Parameters
    ----------
    plan
        What is compared.
    folder
        Where runs, embeddings and measures are.
    drawings
        Gives all drawings, once they are needed.
    minutes
        Stop in good time before so many are over; what is then missing is named in the summary.
    began
        From when they count, by :func:`time.monotonic`; from now if None.
    device
        A torch device for training and embedding; CUDA where there is one, if None.
    training
        Whether to train at all; else only what is trained is measured.
    tell
        Called with a line for whatever has been done.
    progress
        Whether to show a bar of all runs; None for where there is a terminal.
    """
    runs = plan.runs() if training else tuple(_as_trained(run, folder) for run in plan.runs())
    work = _Work(plan.measuring, folder, _once(drawings), _Clock(minutes, began), device, training, progress)
    found, missing = [], []
    total = sum(_size_of(run) for run in runs)
    with Bar("all runs", total, shown=progress, stays=True) as whole:
        for run in runs:
            with whole.part(_size_of(run), run.name, by="training"):
                described, lacks = work.on(run)
            if lacks:
                missing.append({"method": run.method, "seed": run.seed, "what": lacks})
            if described is not None:
                found.append(described)
            tell(f"{run.name}: {lacks or 'done'}")
    return {
        "made_by": provenance(),
        "plan": {"methods": list(plan.methods), "seeds": list(plan.seeds), "config": dict(plan.config)},
        "measuring": asdict(plan.measuring),
        "runs": found,
        "missing": missing,
    }


def _once(drawings: Source) -> Source:
    loaded: list[Any] = []

    def source() -> Any:
        if not loaded:
            loaded.append(drawings())
        return loaded[0]

    return source


def _size_of(run: Run) -> int:
    return _EMBEDDING + _MEASURING + (0 if run.method in BASELINES else run.config.images)


def _as_trained(run: Run, folder: Path) -> Run:
    """Return a run with the configuration that it was trained with, where it was trained."""
    file = embeddings_file(folder / run.name)
    if file.is_file():
        return replace(run, config=config_of(load(file)))
    if (folder / run.name / CHECKPOINT).is_file():
        return replace(run, config=load_checkpoint(folder / run.name).config)
    return run


@dataclass(frozen=True)
class _Work:
    """What is done to every run, and where."""

    measuring: Measuring
    folder: Path
    drawings: Source
    clock: _Clock
    device: str | None
    training: bool
    progress: bool | None

    def on(self, run: Run) -> tuple[dict[str, Any] | None, str]:
        """Return what is known of a run, or None, and what is missing of it."""
        file = embeddings_file(self.folder / run.name)
        if run.method in BASELINES:
            failed, lacks = None, self._baseline(run, file)
        else:
            failed, lacks = self._trained(run, file)
        found = kept(run.config, file) if failed is None else _whatever(file)
        if found is None:
            return ({**_description(run, None), "failed": failed, "measures": {}}, "") if failed else (None, lacks)
        numbers: dict[str, dict[str, Any]] = {}
        unmeasured: list[str] = []
        for kind, stages in STAGES.items():
            if not path_of(file, kind).is_file():
                continue
            known = _Measures(path_of(file, kind), self.measuring, stages)
            if known.lacking():
                with Bar(f"measuring {kind}", len(known.lacking()), shown=self.progress) as bar:
                    known.make(load(path_of(file, kind)), self.clock, bar)
            unmeasured += [f"{stage} ({part})" for part, stage in known.lacking()]
            numbers |= known.numbers()
        described = {**_description(run, found), "failed": failed, "measures": numbers}
        return described, f"measuring: {', '.join(unmeasured)}" if unmeasured else ""

    def _baseline(self, run: Run, file: Path) -> str:
        """Embed a baseline, if it is not; return what is missing."""
        if kept(run.config, file) is None:
            if self.clock.left() <= 0:
                return "embedding"
            if run.method == "pixels":
                pixels(run.config, file, self.drawings)
            else:
                untrained(run.config, file, self.drawings, device=self.device)
        return ""

    def _trained(self, run: Run, file: Path) -> tuple[str | None, str]:
        """Train a run and embed by it, as need be; return what was said if it failed, and what is missing."""
        folder, objective = self.folder / run.name, OBJECTIVES[run.method]
        failure = folder / "failed.json"
        failed = _failure(failure, run.config)
        if failed is not None or not lacking(run.config, objective, file):
            return failed, ""
        # What was trained is not trained again, nor looked for in vain where there is nothing.
        trained = load_checkpoint(folder) if (folder / CHECKPOINT).is_file() else None
        how: dict[str, Any] = {"device": self.device, "progress": self.progress}
        if (trained is None or not trained.finished) and self.training and self.clock.left() > 0:
            images = self.drawings()
            try:
                trained = train(
                    images.subset(~images.evaluation), run.config, directory=folder, minutes=self.clock.minutes(), **how
                )
            except (CollapseError, NonFiniteError) as error:
                # What it had learned until then is measured, if it was validated at all.
                if (folder / CHECKPOINT).is_file():
                    trained = load_checkpoint(folder)
                    represent(trained, images, trained.steps, file, **how)
                write_text(failure, json.dumps({"config": asdict(run.config), "said": str(error)}) + "\n")
                return str(error), ""
        if trained is None or not trained.finished:
            steps = 0 if trained is None else trained.steps
            return None, f"training, {steps:,} of {run.config.steps:,} steps"
        if self.clock.left() < self.clock.stage:
            return None, "embedding"
        represent(trained, self.drawings(), best_step(folder), file, **how)
        return None, ""


def _failure(path: Path, config: TrainingConfig) -> str | None:
    """Return what was said when a training failed, None where none has with this configuration."""
    if not path.is_file():
        return None
    found = json.loads(path.read_text(encoding="utf-8"))
    said: str | None = found["said"] if found["config"] == asdict(config) else None
    return said


def _whatever(file: Path) -> EmbeddedDrawings | None:
    """Return the embeddings of a training that failed, which are of no finished one."""
    return load(file) if file.is_file() else None


def _description(run: Run, found: EmbeddedDrawings | None) -> dict[str, Any]:
    training = {} if found is None else found.metadata["training"]
    steps = training.get("steps", 0)
    return {
        "method": run.method,
        "seed": run.seed,
        "config": asdict(run.config),
        "steps": steps,
        "drawings_shown": steps * run.config.batch,
        "weights_of_step": training.get("best_step"),
        "trained_by": training.get("made_by"),
        "embedded_by": None if found is None else found.metadata["embedding"],
        "health": training.get("health", []),
        "curve": [row for row in training.get("curve", []) if row.get("validation_character_precision") is not None],
    }


# ----------------------------------------------------------------------------------------------------------- measures

_Stages: TypeAlias = Mapping[str, Mapping[str, Callable[[Part], Iterator[Found]]]]


def _of(*names: str) -> dict[str, Callable[[Part], Iterator[Found]]]:
    every = {**measures.STAGES, **collections.STAGES, **premises.STAGES}
    return {name: every[name] for name in names}


#: What is measured, by what there is a file of: under which part its numbers stand, and in which stages. Of alphabets that were
#: trained on less is measured, since nothing is asked about them; all else is of held-out ones.
STAGES: Mapping[str, _Stages] = {
    "f": {
        "held out": {**measures.STAGES, **collections.STAGES, **premises.STAGES},
        "trained": _of("drawings", "collections", "centroids"),
    },
    "projection": {"projection": _of("drawings", "collections", "centroids", "aggregation: mean", "S1", "S2")},
    "assignments": {"assignments": _of("drawings", "aggregation: mean")},
    "views": {"views": _of("collections", "centroids", "rankings")},
}
# The part of an embedding that a name is of, where it is not its own.
_PART_OF = {"projection": "held out", "assignments": "held out"}


class _Measures:
    """What is known of a file of embeddings, kept beside it stage by stage: what is of another file is made anew."""

    def __init__(self, file: Path, measuring: Measuring, stages: _Stages) -> None:
        self._path, self._measuring, self._stages = file.with_suffix(".measures.json"), measuring, stages
        digest = hashlib.sha256(file.read_bytes())
        digest.update(json.dumps(asdict(measuring), sort_keys=True).encode())
        for module in (measures, collections, premises):
            digest.update(Path(str(module.__file__)).read_bytes())
        self._known: dict[str, Any] = {"of": digest.hexdigest(), "stages": {}}
        if self._path.is_file():
            found = json.loads(self._path.read_text(encoding="utf-8"))
            self._known = found if found["of"] == self._known["of"] else self._known

    def lacking(self) -> list[tuple[str, str]]:
        """Return the parts and stages that were not measured."""
        wanted = [(part, stage) for part, stages in self._stages.items() for stage in stages]
        return [(part, stage) for part, stage in wanted if stage not in self._known["stages"].get(part, {})]

    def make(self, found: EmbeddedDrawings, clock: _Clock, bar: Bar) -> None:
        """Measure what is lacking, until all is known or the time is over."""
        chosen = {"views": np.ones(len(found), dtype=bool)} if "views" in self._stages else parts(found)
        for part, stage in self.lacking():
            if clock.left() < clock.stage:
                return
            bar.advance(0, f"{part}: {stage}")
            began = time.monotonic()
            of = Part(
                found,
                chosen[_PART_OF.get(part, part)],
                self._measuring.triples,
                self._measuring.draws,
                self._measuring.seed,
            )
            numbers = {
                one.name: {
                    **{key: value for key, value in one.plain().items() if key != "name"},
                    **({} if one.by_class is None else {"by_class": one.by_class}),
                }
                for one in self._stages[part][stage](of)
            }
            self._known["stages"].setdefault(part, {})[stage] = numbers
            write_text(self._path, json.dumps(self._known, ensure_ascii=False, allow_nan=False) + "\n")
            clock.stage = max(clock.stage, time.monotonic() - began)
            bar.advance(1)

    def numbers(self) -> dict[str, dict[str, Any]]:
        """Return every number by part and name."""
        return {
            part: {name: one for stage in self._stages[part] for name, one in stages.get(stage, {}).items()}
            for part, stages in self._known["stages"].items()
            if part in self._stages
        }
