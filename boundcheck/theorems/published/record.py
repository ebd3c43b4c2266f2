"""What the library says of a published statement beside the statement itself."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import TypeAlias

from boundcheck.errors import InvalidValueError, explain
from boundcheck.language import Bound

__all__ = ["Instance", "Number", "Points", "Published", "Status", "line"]

Number: TypeAlias = "int | float | Fraction"
Points: TypeAlias = "tuple[tuple[Number, ...], ...]"


class Status(enum.Enum):
    """How much is known of a statement, from weakest to strongest."""

    STATED = "stated"
    SURVIVED = "survived"
    SAMPLED = "sampled"
    CERTIFIED = "certified on these data"
    PROVED_AT_SIZES = "proved at given sizes"
    PROVED = "proved"
    REFUTED = "refuted"


@dataclass(frozen=True)
class Instance:
    """Points, and what else a statement speaks of, at which it is looked at.

    Attributes
    ----------
    points
        By symbol, the points of each collection; of a family, those of all classes, one class after the other.
    parameters
        By symbol, their values; those left out take the least that the premises allow.
    weights
        By symbol, ratios.
    partitions
        By symbol of a family, the sizes of its classes.
    maps
        By symbol, the number that a map multiplies every vector by.
    norm
        The p of the p-norm.
    """

    points: Mapping[str, Points]
    parameters: Mapping[str, Number] = field(default_factory=dict)
    weights: Mapping[str, tuple[Number, ...]] = field(default_factory=dict)
    partitions: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    maps: Mapping[str, Number] = field(default_factory=dict)
    norm: float = 2

    def __post_init__(self) -> None:
        for name in ("points", "parameters", "weights", "partitions", "maps"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))


@dataclass(frozen=True)
class Published:
    """A statement from the literature.

    Attributes
    ----------
    bound
        The statement, with its title, its source and what is known of its sharpness.
    year
        Of the source.
    conventions
        In which sense the source's words are read: means or sums, squares or not, what its letters are here.
    sharp
        Where both sides are equal; None where no such example is known.
    reading_of
        The name of the statement that this one is another reading of; empty for the reading that is true.
    counterexample
        Where the statement fails; None for one that is not known to fail.
    unsearched
        Why the adversary has not looked for a counterexample; empty where it has.
    """

    bound: Bound
    year: int = field(kw_only=True)
    conventions: str = field(kw_only=True, default="")
    sharp: Instance | None = field(kw_only=True, default=None)
    reading_of: str = field(kw_only=True, default="")
    counterexample: Instance | None = field(kw_only=True, default=None)
    unsearched: str = field(kw_only=True, default="")

    def __post_init__(self) -> None:
        where = f"published statement {self.bound.name!r}"
        for part in ("title", "citation"):
            if not getattr(self.bound, part):
                raise InvalidValueError(explain(where, f"a {part}", "none", f"pass {part}= to its Bound"))
        if self.sharp is not None and self.counterexample is not None:
            raise InvalidValueError(
                explain(where, "an example where it is sharp or one where it fails", "both", "a false one is not sharp")
            )
        if (self.sharp is not None) != bool(self.bound.sharpness):
            raise InvalidValueError(
                explain(where, "an example where it is sharp beside the sentence that says so", "one of the two")
            )

    @property
    def name(self) -> str:
        """The statement's name."""
        return self.bound.name

    @property
    def status(self) -> Status:
        """How much is known: refuted by its counterexample, proved where a theorem in Coq is named, survived or stated."""
        if self.counterexample is not None:
            return Status.REFUTED
        if self.bound.proof is not None:
            return Status.PROVED
        return Status.STATED if self.unsearched else Status.SURVIVED

    @property
    def command(self) -> str:
        """What has the adversary look for a counterexample."""
        return f"boundcheck falsify {self.name}"


def line(*values: Number) -> Points:
    """Return points on the line."""
    return tuple((value,) for value in values)
