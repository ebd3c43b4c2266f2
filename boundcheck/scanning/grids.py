"""What was found of every triple with one anchor: arrays over its positives and negatives, which summaries take in."""

from __future__ import annotations

import enum
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int, Int8

from boundcheck.errors import InvalidValueError, explain

__all__ = ["Grid", "GridSides", "Stage"]

Floats: TypeAlias = npt.NDArray[np.float64]
Integers: TypeAlias = npt.NDArray[np.int64]
#: Positions of x, z and w.
Triple: TypeAlias = tuple[int, int, int]


class Stage(enum.IntEnum):
    """What a verdict rests on."""

    CENTROIDS = 0
    DISTANCES = 1
    HIGHER_PRECISION = 2


@dataclass(frozen=True, eq=False)
class GridSides:
    """Both sides of a bound on a grid of triples: of distances, the roots where it compares their squares.

    Attributes
    ----------
    code
        The verdict, an index into :data:`boundcheck.evaluate.CODES`, shape (Z, W).
    stage
        What each verdict rests on, a :class:`Stage`, shape (Z, W).
    lhs, lhs_error, rhs, rhs_error
        The two sides and bounds on their errors, shape (Z, W); None where verdicts alone were asked for.
    """

    code: Int8[np.ndarray, "Z W"]
    stage: Int8[np.ndarray, "Z W"]
    lhs: Float[np.ndarray, "Z W"] | None = None
    lhs_error: Float[np.ndarray, "Z W"] | None = None
    rhs: Float[np.ndarray, "Z W"] | None = None
    rhs_error: Float[np.ndarray, "Z W"] | None = None


@dataclass(frozen=True, eq=False)
class Grid:
    """Every triple of one anchor.

    Attributes
    ----------
    anchor
        Position of the collection x.
    positives, negatives
        Positions of the collections z and w, shapes (Z,) and (W,).
    bounds
        What was found of each bound, by its name.
    parameters
        The least value of each parameter and a bound on its error, shape (Z, W) each, by its symbol.
    """

    anchor: int
    positives: Int[np.ndarray, " Z"]
    negatives: Int[np.ndarray, " W"]
    bounds: Mapping[str, GridSides]
    parameters: Mapping[str, tuple[Float[np.ndarray, "Z W"], Float[np.ndarray, "Z W"]]] = field(default_factory=dict)


def require_order(grid: Grid) -> None:
    """Raise where places in a grid are not in the order of its triples."""
    for name, positions in (("positives", grid.positives), ("negatives", grid.negatives)):
        if (positions[1:] <= positions[:-1]).any():
            raise InvalidValueError(explain(f"{name} of a grid", "positions in ascending order", "another order"))


def require_shape(name: str, array: npt.NDArray[Any], grid: Grid) -> None:
    """Raise where an array has not a row for each of a grid's positives and a column for each negative."""
    shape = len(grid.positives), len(grid.negatives)
    if array.shape != shape:
        raise InvalidValueError(explain(name, f"shape {shape}, a row for each positive", f"{array.shape}"))


def triple_at(grid: Grid, place: int) -> Triple:
    """Return the triple at a place of a grid's arrays, whose order is that of the triples."""
    a, b = divmod(place, len(grid.negatives))
    return int(grid.anchor), int(grid.positives[a]), int(grid.negatives[b])


def triple_of(known: Iterable[Any]) -> Triple:
    """Return a triple from what JSON has of one."""
    first, second, third = map(int, known)
    return first, second, third


def plain(number: float) -> float | str:
    """Return a number as JSON has it: infinities have names."""
    return number if math.isfinite(number) else str(number)
