"""What was found of every triple with one anchor: arrays over its positives and negatives, which summaries take in."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float, Int, Int8

__all__ = ["Grid", "GridSides", "Stage"]


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
