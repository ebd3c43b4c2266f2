"""Every triple of a data set, one anchor at a time: what a bound says of all its positives and negatives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import torch
from jaxtyping import Float, Int

from boundcheck.errors import InvalidTypeError, InvalidValueError, TermError, explain
from boundcheck.evaluate import CODES, Sides, Verdict, judge, rounding
from boundcheck.evaluate.grid import CentroidReader, GridReader, Grouped, Rows, require_readable, row_reductions
from boundcheck.evaluate.judge import judge_in_float64, require_equal_sizes
from boundcheck.language import Bound, Norm, Parameter, Power, Scalar, w, x, z
from boundcheck.scan.grids import Grid, GridSides, Stage
from boundcheck.scan.labelled import LabelledPoints

Table: TypeAlias = Float[np.ndarray, "Z W"]

__all__ = ["Block", "EveryTriple"]

_ROLES = (x, z, w)
_UNDECIDED = CODES.index(Verdict.UNDECIDED)
# Rows of a block: their tables over all collections are held at once.
_BLOCK_ROWS = 2048
# Triples of a grid that go on to higher precision; a data set of ties has no end of them.
_ESCALATED = 64


@dataclass(frozen=True)
class Block:
    """Some anchors of one class with some of its positives, and every negative.

    Attributes
    ----------
    key
        Its name, the same in every run.
    anchors, positives
        Positions.
    """

    key: str
    anchors: tuple[int, ...]
    positives: tuple[int, ...]


class EveryTriple:
    """The triples of a data set and what bounds say of each.

    Parameters
    ----------
    labelled
        The embedded collections.
    bounds
        Over anchors, positives and negatives, about their means.
    norm
        The p of the p-norm.
    parameters
        Values for parameters; one left out takes, on each triple, the least value that its premise allows.
    verdicts_only
        Whether to leave out the two sides: then most verdicts follow from centroids and radii.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If there are no bounds, two of one name, or no triples.
    NormError, UnequalSizesError
        If a bound is not stated for the norm, or for collections of these sizes.
    TermError
        If a bound is about what no table of two collections gives.
    """

    def __init__(
        self,
        labelled: LabelledPoints,
        bounds: Sequence[Bound],
        *,
        norm: float = 2.0,
        parameters: Mapping[Parameter, float] | None = None,
        verdicts_only: bool = False,
    ) -> None:
        if not isinstance(labelled, LabelledPoints):
            raise InvalidTypeError(explain("labelled", "LabelledPoints", f"{type(labelled).__name__}"))
        self.labelled, self.bounds = labelled, tuple(bounds)
        self.parameters, self.verdicts_only = dict(parameters or {}), verdicts_only
        _require_bounds(self.bounds)
        self._sizes = labelled.sizes
        starts = np.append(0, np.cumsum(self._sizes)).astype(np.int64)
        points = torch.from_numpy(np.ascontiguousarray(labelled.points[np.concatenate(labelled.members)]))
        self.grouped = Grouped(points, starts, norm)
        for bound in self.bounds:
            bound.require_norm(norm)
            require_readable(bound)
            self._require_sizes(bound)
        needed = row_reductions(self.bounds)
        self._needed = {role: needed.get(role, set()) for role in _ROLES}
        if not self.count:
            raise InvalidValueError(
                explain(
                    "collections", "two classes, one of them with two collections", f"{len(labelled)} without a triple"
                )
            )

    @property
    def count(self) -> int:
        """The number of triples: ordered pairs of one class, with each collection outside it."""
        totals = np.bincount(self.labelled.classes, minlength=len(self.labelled.class_names)).astype(object)
        return int((totals * (totals - 1) * (len(self.labelled) - totals)).sum())

    def blocks(self) -> tuple[Block, ...]:
        """Return the blocks of the scan: each triple is in one of them."""
        found = []
        classes = self.labelled.classes
        for number in np.unique(classes):
            own = np.flatnonzero(classes == number)
            if len(own) < 2 or len(own) == len(classes):
                continue
            parts = list(_parts(own, self._sizes[own]))
            for a, anchors in enumerate(parts):
                for b, positives in enumerate(parts):
                    found.append(Block(f"{number}-{a}-{b}", tuple(anchors.tolist()), tuple(positives.tolist())))
        return tuple(found)

    def grids(self, block: Block) -> Iterator[Grid]:
        """Yield what was found of every triple of a block, one anchor at a time.

        Where collections differ in size, an anchor has one grid for each pair of sizes.
        """
        own = np.unique(np.array([*block.anchors, *block.positives], dtype=np.int64))
        rows = Rows(self.grouped, own)
        outside = np.flatnonzero(self.labelled.classes != self.labelled.classes[own[0]])
        prepared = self.verdicts_only
        for anchor in block.anchors:
            for positives in self._of_one_size(np.array(block.positives, dtype=np.int64)):
                if not (positives != anchor).any():
                    continue
                for negatives in self._of_one_size(outside):
                    if not prepared:
                        rows.prepare(self._needed[x] | self._needed[z], self._needed[w])
                        prepared = True
                    yield self._grid(rows, anchor, positives, negatives)

    def _of_one_size(self, positions: Int[np.ndarray, " b"]) -> Iterator[Int[np.ndarray, " g"]]:
        sizes = self._sizes[positions]
        for size in np.unique(sizes):
            yield positions[sizes == size]

    def _grid(
        self, rows: Rows, anchor: int, positives: Int[np.ndarray, " Z"], negatives: Int[np.ndarray, " W"]
    ) -> Grid:
        # The anchor is no positive of its own, but leaving it out here would copy tables.
        kept = positives != anchor
        shape = len(positives), len(negatives)
        if self.verdicts_only:
            found = self._verdicts(anchor, positives, negatives)
            sides = {name: GridSides(code[kept], stage[kept]) for name, (code, stage) in found.items()}
            return Grid(anchor, positives[kept], negatives, sides)
        reader = GridReader(self.grouped, anchor, positives, negatives, _ROLES, rows)
        bounds: dict[str, GridSides] = {}
        parameters: dict[str, tuple[Table, Table]] = {}
        for bound in self.bounds:
            judged, values = judge_in_float64(bound, reader.anew(), self._given(bound, shape))
            arrays = [
                part.numpy().reshape(shape) for part in (judged.lhs, judged.lhs_error, judged.rhs, judged.rhs_error)
            ]
            code, stage = self._decided(bound, judged, shape, anchor, positives, negatives, Stage.DISTANCES)
            lhs, rhs = arrays[:2], arrays[2:]
            if _is_square(bound.lhs) or _is_square(bound.rhs):
                lhs, rhs = list(_roots(*lhs)), list(_roots(*rhs))
            bounds[bound.name] = GridSides(code[kept], stage[kept], *(part[kept] for part in (*lhs, *rhs)))
            for parameter, named in values.items():
                if parameter not in self.parameters:
                    pair = tuple(part.numpy().reshape(shape)[kept] for part in (named.value, named.known_error))
                    parameters.setdefault(parameter.symbol, (pair[0], pair[1]))
        return Grid(anchor, positives[kept], negatives, bounds, parameters)

    def _given(self, bound: Bound, shape: tuple[int, int]) -> dict[Parameter, torch.Tensor]:
        known = bound.parameters()
        return {
            parameter: torch.full((shape[0] * shape[1],), value, dtype=torch.float64)
            for parameter, value in self.parameters.items()
            if parameter in known
        }

    def _verdicts(
        self, anchor: int, positives: Int[np.ndarray, " Z"], negatives: Int[np.ndarray, " W"]
    ) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        shape = len(positives), len(negatives)
        kept = positives != anchor
        coarse = CentroidReader(self.grouped, anchor, positives, negatives, _ROLES)
        found = {}
        for bound in self.bounds:
            judged, _ = judge_in_float64(bound, coarse.anew(), self._given(bound, shape))
            code = judged.code.numpy().reshape(shape).copy()
            stage = np.full(shape, Stage.CENTROIDS, dtype=np.int8)
            open_ = (code == _UNDECIDED) & kept[:, None]
            if open_.any():
                across, down = np.flatnonzero(open_.any(axis=1)), np.flatnonzero(open_.any(axis=0))
                fine = self._reader_of(anchor, positives[across], negatives[down])
                part = len(across), len(down)
                again, _ = judge_in_float64(bound, fine, self._given(bound, part))
                codes, stages = self._decided(
                    bound, again, part, anchor, positives[across], negatives[down], Stage.DISTANCES
                )
                where = open_[np.ix_(across, down)]
                into = np.ix_(across, down)
                code[into] = np.where(where, codes, code[into])
                stage[into] = np.where(where, stages, stage[into])
            found[bound.name] = code, stage
        return found

    def _reader_of(self, anchor: int, positives: Int[np.ndarray, " Z"], negatives: Int[np.ndarray, " W"]) -> GridReader:
        """Return a reader of a part of a grid, which finds the distances of that part alone."""
        own = np.unique([anchor, *positives]) if self._needed[z] or self._needed[w] else np.array([anchor])
        rows = Rows(self.grouped, own, np.unique([anchor, *positives, *negatives]))
        rows.prepare(self._needed[x] | self._needed[z], self._needed[w])
        return GridReader(self.grouped, anchor, positives, negatives, _ROLES, rows)

    def _decided(
        self,
        bound: Bound,
        judged: Sides,
        shape: tuple[int, int],
        anchor: int,
        positives: Int[np.ndarray, " Z"],
        negatives: Int[np.ndarray, " W"],
        stage: Stage,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the verdicts, with those that float64 leaves open decided in higher precision, as many as are allowed."""
        code = judged.code.numpy().reshape(shape).copy()
        stages = np.full(shape, stage, dtype=np.int8)
        open_ = np.argwhere((code == _UNDECIDED) & (positives != anchor)[:, None])
        for at, beside in open_[:_ESCALATED].tolist():
            triple = dict(zip(_ROLES, (anchor, positives[at], negatives[beside]), strict=True))
            points = {role: self.grouped.members(np.array([position])) for role, position in triple.items()}
            given = {parameter: value[:1] for parameter, value in self._given(bound, (1, 1)).items()}
            weights = {
                one: points[one.collection].new_ones(points[one.collection].shape[:2]) for one in bound.weights()
            }
            found = judge(bound, points, self.grouped.p, parameters=given, weights=weights, chain=False, escalate=None)
            code[at, beside], stages[at, beside] = int(found.conclusion.code), Stage.HIGHER_PRECISION
        return code, stages

    def _require_sizes(self, bound: Bound) -> None:
        """Raise where a premise of equal sizes is not met by some triple."""
        sizes = np.unique(self._sizes)
        if len(sizes) > 1:
            require_equal_sizes(bound, {x: int(sizes[0]), z: int(sizes[1]), w: int(sizes[1])})


def _require_bounds(bounds: tuple[Bound, ...]) -> None:
    for bound in bounds:
        if not isinstance(bound, Bound):
            raise InvalidTypeError(explain("bounds", "Bounds", f"{bound!r}"))
        if not set(bound.collections) <= set(_ROLES):
            raise TermError(explain(f"bound {bound.name!r}", "a statement about x, z and w", f"{bound.statement}"))
    names = [bound.name for bound in bounds]
    if not names or len(set(names)) < len(names):
        raise InvalidValueError(explain("bounds", "one or more of different names", f"{names}"))


def _parts(own: Int[np.ndarray, " c"], sizes: Int[np.ndarray, " c"]) -> Iterator[Int[np.ndarray, " b"]]:
    """Yield the collections of a class in parts of a limited number of rows."""
    first = 0
    ends = np.cumsum(sizes)
    while first < len(own):
        before = ends[first - 1] if first else 0
        last = max(first + 1, int(np.searchsorted(ends, before + _BLOCK_ROWS // 2, side="right")))
        if first == 0 and ends[-1] <= _BLOCK_ROWS:
            last = len(own)
        yield own[first:last]
        first = last


@lru_cache(maxsize=256)
def _is_square(side: Scalar) -> bool:
    """Say whether a side is the square of a distance."""
    return isinstance(side, Power) and side.exponent == 2 and isinstance(side.base, Norm)


def _roots(value: Table, error: Table) -> tuple[Table, Table]:
    """Return the roots of squares that are at least 0; below 0, where a bound on a square says nothing, 0."""
    # Squares may overflow: what is infinite or NaN stays so, and decides nothing.
    with np.errstate(invalid="ignore", over="ignore"):
        low, middle, high = (np.sqrt(np.maximum(0.0, end)) for end in (value - error, value, value + error))
        # Each root, and each end, is off by a rounding or two.
        return middle, np.maximum(high - middle, middle - low) * (1 + 2.0**-20) + 4 * rounding.U * (middle + high)
