"""What a training run is, whole: two runs of one configuration give one result."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from boundcheck.errors import InvalidTypeError, InvalidValueError, explain
from boundcheck.omniglot.model import BACKBONE
from boundcheck.omniglot.objectives import OBJECTIVES
from boundcheck.omniglot.objectives.protocol import options_of

__all__ = ["BEFORE_THERE_WAS_A_CHOICE", "TrainingConfig"]

#: What a run was before there was a choice, for checkpoints from then.
BEFORE_THERE_WAS_A_CHOICE = {
    "objective": "instance",
    "alphabets": 4,
    "image_size": None,
    "view_strength": None,
    "optimizer": "adamw",
    "options": {},
}


@dataclass(frozen=True)
class TrainingConfig:
    """What a training run is, whole: two runs of one configuration give one result.

    Attributes
    ----------
    label
        What makes two drawings of one class: ``"alphabet"`` as in Karimov's experiment, or ``"character"``.
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
        What a step makes small: the name of one of :data:`boundcheck.omniglot.objectives.OBJECTIVES`.
    alphabets
        How many alphabets the characters of a batch are from, as many of each. Only for the objectives of collections
        with the label alphabet; otherwise characters are drawn whatever their alphabet.
    image_size
        The side in pixels that drawings are scaled down to; None leaves them as they were loaded, 64 by default.
    view_strength
        How strongly the strong views of a drawing are distorted, in [0, 1]; None is each objective's own choice. For the
        objectives with one view it is that view's, 0 if None.
    optimizer
        ``"adamw"``, or ``"sgd"`` with momentum 0.9.
    options
        Numbers of the objective's own by name, as in its ``Options``, such as ``{"queue": 1024}``.
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
    objective: str = "instance"
    alphabets: int = 4
    image_size: int | None = None
    view_strength: float | None = None
    optimizer: Literal["adamw", "sgd"] = "adamw"
    options: Mapping[str, Any] = field(default_factory=dict)

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
            ("image_size", 8),
        ):
            value = getattr(self, name)
            if name == "image_size" and value is None:
                continue
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
        if self.view_strength is not None:
            if isinstance(self.view_strength, bool) or not isinstance(self.view_strength, (int, float)):
                raise InvalidTypeError(explain("view_strength", "a number, or None", f"{self.view_strength!r}"))
            if not 0 <= self.view_strength <= 1:
                raise InvalidValueError(explain("view_strength", "a number in [0, 1]", f"{self.view_strength}"))
        if self.optimizer not in ("adamw", "sgd"):
            raise InvalidValueError(explain("optimizer", "'adamw' or 'sgd'", f"{self.optimizer!r}"))
        if self.label not in ("alphabet", "character"):
            raise InvalidValueError(explain("label", "'alphabet' or 'character'", f"{self.label!r}"))
        if not isinstance(self.backbone, str):
            raise InvalidTypeError(explain("backbone", "the name of a timm model", f"{self.backbone!r}"))
        if self.objective not in OBJECTIVES:
            *names, last = map(repr, OBJECTIVES)
            raise InvalidValueError(explain("objective", f"{', '.join(names)} or {last}", f"{self.objective!r}"))
        if not isinstance(self.options, Mapping):
            raise InvalidTypeError(explain("options", "numbers by name", f"{self.options!r}"))
        options_of(OBJECTIVES[self.objective], self.options)
        # As JSON gives them back, so that a configuration equals the one that was kept.
        plain = {name: list(value) if isinstance(value, tuple) else value for name, value in self.options.items()}
        object.__setattr__(self, "options", plain)
        if self.is_of_collections:
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
    def is_of_collections(self) -> bool:
        """Whether the objective is of collections of drawings, not of drawings."""
        return OBJECTIVES[self.objective].of_collections

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
