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
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from boundcheck.atomic import write_text
from boundcheck.errors import CollapseError, InvalidValueError, NonFiniteError, explain
from boundcheck.omniglot.config import TrainingConfig
from boundcheck.omniglot.embedded import EmbeddedDrawings
from boundcheck.omniglot.methods import collections, measures
from boundcheck.omniglot.methods.catalogue import available
from boundcheck.omniglot.methods.measures import Found, Part, config_of, parts
from boundcheck.omniglot.methods.runs import Source, embedded, embeddings_file, kept, network, pixels, untrained
from boundcheck.omniglot.provenance import provenance
from boundcheck.omniglot.training import CHECKPOINT, load_checkpoint
from boundcheck.progress import Bar

__all__ = ["BASELINES", "Measuring", "Plan", "Run", "carry_out"]

#: What no method trained, as a row beside the methods.
BASELINES = ("untrained", "pixels")

# What is counted for the time that is left, in drawings shown in a training: of embedding all, and of measuring once.
_EMBEDDING, _MEASURING = 10_000, 10_000
# Seconds kept for the page, and for a stage of measuring while nothing shows how long one takes.
_PAGE, _STAGE = 10.0, 10.0


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
        What all runs have, as for :class:`.TrainingConfig`, but for the objective and the seed.
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
                Run(name, seed, TrainingConfig(objective=name, seed=seed, **self.config)) for name in self.methods
            ]
        # As they are without any seed.
        return (*found, Run("pixels", self.seeds[0], TrainingConfig(seed=self.seeds[0], **self.config)))


class _Clock:
    """What is left of the time given, and how long a stage of measuring takes, at most, as far as is known."""

    def __init__(self, minutes: float | None) -> None:
        self._end = math.inf if minutes is None else time.monotonic() + 60 * minutes
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
    device
        A torch device for training and embedding; CUDA where there is one, if None.
    training
        Whether to train at all; else only what is trained is measured.
    tell
        Called with a line for whatever has been done.
    progress
        Whether to show a bar of all runs; None for where there is a terminal.
    """
    clock, runs = _Clock(minutes), plan.runs()
    found, missing = [], []
    source = _once(drawings)
    total = sum(_work(run) for run in runs)
    with Bar("all runs", total, shown=progress, stays=True) as whole:
        for run in runs:
            with whole.part(_work(run), run.name):
                described, lacking = _carried_out(
                    run, plan.measuring, folder, source, clock, device=device, training=training, progress=progress
                )
            if lacking:
                missing.append({"method": run.method, "seed": run.seed, "what": lacking})
            if described is not None:
                found.append(described)
            tell(f"{run.name}: {lacking or 'done'}")
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


def _work(run: Run) -> int:
    return _EMBEDDING + _MEASURING + (0 if run.method in BASELINES else run.config.images)


def _carried_out(
    run: Run,
    measuring: Measuring,
    folder: Path,
    drawings: Source,
    clock: _Clock,
    *,
    device: str | None,
    training: bool,
    progress: bool | None,
) -> tuple[dict[str, Any] | None, str]:
    """Return what is known of a run, or None, and what is missing of it."""
    file, failure = embeddings_file(folder / run.name), folder / run.name / "failed.json"
    embeddings = kept(run.config, file)
    failed = _failure(failure, run.config)
    if embeddings is None:
        if clock.left() <= 0:
            return None, "training" if run.method not in BASELINES else "embedding"
        if run.method == "pixels":
            embeddings = pixels(run.config, file, drawings)
        elif run.method == "untrained":
            embeddings = untrained(run.config, file, drawings, device=device)
        elif failed is None and training:
            try:
                embeddings = network(
                    run.config, folder / run.name, drawings, minutes=clock.minutes(), device=device, progress=progress
                )
            except (CollapseError, NonFiniteError) as error:
                failed = str(error)
                write_text(failure, json.dumps({"config": asdict(run.config), "said": failed}) + "\n")
        if embeddings is None and failed is None:
            return None, f"training, {_steps_of(folder / run.name):,} of {run.config.steps:,} steps"
        if embeddings is None:
            embeddings = _of_a_failed_run(folder / run.name, file, drawings, device)
            if embeddings is None:
                return {**_description(run, None), "failed": failed, "measures": {}}, ""
    known = _Measures(file, measuring)
    with Bar(f"measuring {run.name}", len(known.lacking()), shown=progress) as bar:
        known.make(embeddings, clock, bar)
    lacking = [f"{stage} ({part})" for part, stage in known.lacking()]
    described = {**_description(run, embeddings), "failed": failed, "measures": known.numbers()}
    return described, f"measuring: {', '.join(lacking)}" if lacking else ""


def _failure(path: Path, config: TrainingConfig) -> str | None:
    """Return what was said when a training failed, None where none has with this configuration."""
    if not path.is_file():
        return None
    found = json.loads(path.read_text(encoding="utf-8"))
    return found["said"] if found["config"] == asdict(config) else None


def _steps_of(folder: Path) -> int:
    """Return how many steps of a run are kept."""
    return load_checkpoint(folder).steps if (folder / CHECKPOINT).is_file() else 0


def _of_a_failed_run(folder: Path, file: Path, drawings: Source, device: str | None) -> EmbeddedDrawings | None:
    """Return the embeddings by the best weights before a training failed, kept in a file; None where there are none."""
    if not (folder / CHECKPOINT).is_file():
        return None
    trained = load_checkpoint(folder)
    found = embedded(trained, drawings(), trained.steps, device=device)
    found.save(file)
    return found


def _description(run: Run, found: EmbeddedDrawings | None) -> dict[str, Any]:
    training = {} if found is None else found.metadata["training"]
    steps = training.get("steps", 0)
    return {
        "method": run.method,
        "seed": run.seed,
        "config": asdict(run.config if found is None else config_of(found)),
        "steps": steps,
        "drawings_shown": steps * run.config.batch,
        "weights_of_step": training.get("best_step"),
        "trained_by": training.get("made_by"),
        "embedded_by": None if found is None else found.metadata["embedding"],
        "curve": [row for row in training.get("curve", []) if row.get("validation_character_precision") is not None],
    }


# ----------------------------------------------------------------------------------------------------------- measures

#: What is measured of each part; of alphabets that were trained on less, since nothing is asked about them.
STAGES: Mapping[str, Mapping[str, Callable[[Part], Iterator[Found]]]] = {
    "held out": {**measures.STAGES, **collections.STAGES},
    "trained": {name: measures.STAGES[name] for name in ("drawings", "collections", "centroids")},
}


class _Measures:
    """What is known of a file of embeddings, kept beside it stage by stage: what is of another file is made anew."""

    def __init__(self, file: Path, measuring: Measuring) -> None:
        self._path, self._measuring = file.with_suffix(".measures.json"), measuring
        digest = hashlib.sha256(file.read_bytes())
        digest.update(json.dumps(asdict(measuring), sort_keys=True).encode())
        for module in (measures, collections):
            digest.update(Path(str(module.__file__)).read_bytes())
        self._known: dict[str, Any] = {"of": digest.hexdigest(), "stages": {}}
        if self._path.is_file():
            found = json.loads(self._path.read_text(encoding="utf-8"))
            self._known = found if found["of"] == self._known["of"] else self._known

    def lacking(self) -> list[tuple[str, str]]:
        """Return the parts and stages that were not measured."""
        wanted = [(part, stage) for part, stages in STAGES.items() for stage in stages]
        return [(part, stage) for part, stage in wanted if stage not in self._known["stages"].get(part, {})]

    def make(self, found: EmbeddedDrawings, clock: _Clock, bar: Bar) -> None:
        """Measure what is lacking, until all is known or the time is over."""
        chosen = parts(found)
        for part, stage in self.lacking():
            if clock.left() < clock.stage:
                return
            bar.advance(0, f"{part}: {stage}")
            began = time.monotonic()
            of = Part(found, chosen[part], self._measuring.triples, self._measuring.draws, self._measuring.seed)
            numbers = {
                one.name: {
                    **{key: value for key, value in one.plain().items() if key != "name"},
                    **({} if one.by_class is None else {"by_class": one.by_class}),
                }
                for one in STAGES[part][stage](of)
            }
            self._known["stages"].setdefault(part, {})[stage] = numbers
            write_text(self._path, json.dumps(self._known, ensure_ascii=False, allow_nan=False) + "\n")
            clock.stage = max(clock.stage, time.monotonic() - began)
            bar.advance(1)

    def numbers(self) -> dict[str, dict[str, Any]]:
        """Return every number by part and name."""
        return {
            part: {name: one for stage in STAGES[part] for name, one in stages.get(stage, {}).items()}
            for part, stages in self._known["stages"].items()
        }
