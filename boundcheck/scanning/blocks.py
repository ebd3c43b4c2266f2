"""Every triple of a data set, one anchor at a time: what a bound says of all its positives and negatives."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import torch
from jaxtyping import Bool, Float, Int, Int8

from boundcheck.data.labelled import LabelledPoints, require_labelled
from boundcheck.errors import InvalidValueError, explain
from boundcheck.evaluate import CODES, Enclosed, Judgement, Verdict
from boundcheck.evaluate.compiled import Loop, Loops
from boundcheck.evaluate.enclosed import roots_of_squares
from boundcheck.evaluate.grouped import (
    CentroidReader,
    GridReader,
    Grouped,
    Pairs,
    Rows,
    SizesDifferError,
    require_readable,
    row_reductions,
)
from boundcheck.evaluate.judge import Readings, is_wide, judge_in_float64, judged_with_reader
from boundcheck.language import (
    Bound,
    Parameter,
    Relation,
    Scalar,
    rewrite,
    w,
    without_parameters,
    x,
    z,
)
from boundcheck.scanning.bound_summary import Ranked
from boundcheck.scanning.grids import Grid, GridSides, Stage, Triple
from boundcheck.scanning.requirements import ROLES, given_values, is_of_squares, require_bounds

Table: TypeAlias = Float[np.ndarray, "Z W"]

__all__ = ["Block", "EveryTriple", "triples_of"]

_Positions: TypeAlias = tuple[Int[np.ndarray, " X"], Int[np.ndarray, " Z"], Int[np.ndarray, " W"]]

_HOLDS, _UNDECIDED = CODES.index(Verdict.HOLDS), CODES.index(Verdict.UNDECIDED)
# Rows of a block: their tables over all collections are held at once.
_BLOCK_ROWS = 2048
# From so many triples on, compiling a loop for each bound takes less than it saves; what is found is the same.
_COMPILED_FROM = 1 << 20
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


@dataclass(frozen=True, eq=False)
class _Cell:
    """An anchor with some positives and some negatives."""

    anchor: int
    positives: Int[np.ndarray, " Z"]
    negatives: Int[np.ndarray, " W"]
    pairs: Pairs

    @property
    def triples(self) -> tuple[int, Int[np.ndarray, " Z"], Int[np.ndarray, " W"]]:
        return self.anchor, self.positives, self.negatives

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.positives), len(self.negatives)

    @property
    def kept(self) -> Bool[np.ndarray, " Z"]:
        """Which positives are others than the anchor."""
        kept: Bool[np.ndarray, " Z"] = self.positives != self.anchor
        return kept

    def part(self, chosen: Bool[np.ndarray, "Z W"]) -> tuple[_Cell, tuple[np.ndarray, ...]]:
        """Return the rows and the columns that have anything chosen, and where they are in this grid."""
        across, down = np.flatnonzero(chosen.any(axis=1)), np.flatnonzero(chosen.any(axis=0))
        return replace(self, positives=self.positives[across], negatives=self.negatives[down]), np.ix_(across, down)


class _BySize:
    """A block's grids, divided into those of positives of one size and of negatives of one size."""

    def __init__(self, grouped: Grouped, block: Block, rows: Rows) -> None:
        self._grouped, self._rows = grouped, rows
        self._anchors = {
            int(grouped.sizes[some[0]]): some
            for some in _of_one_size(np.array(block.anchors, dtype=np.int64), grouped.sizes)
        }
        self._of: dict[int, list[tuple[Pairs, _Positions, tuple[np.ndarray, np.ndarray]]]] = {}

    def parts(self, cell: _Cell) -> Iterator[tuple[_Cell, tuple[np.ndarray, np.ndarray]]]:
        """Yield the parts of a grid of the block that have triples, and which of its rows and columns each has."""
        size = int(self._grouped.sizes[cell.anchor])
        if size not in self._of:
            self._of[size] = list(self._divided(size, cell))
        for pairs, (_, positives, negatives), into in self._of[size]:
            if (positives != cell.anchor).any():
                yield _Cell(cell.anchor, positives, negatives, pairs), into

    def _divided(self, size: int, cell: _Cell) -> Iterator[tuple[Pairs, _Positions, tuple[np.ndarray, np.ndarray]]]:
        sizes, anchors = self._grouped.sizes, self._anchors[size]
        for positives in _of_one_size(cell.positives, sizes):
            for negatives in _of_one_size(cell.negatives, sizes):
                # Positions ascend.
                into = np.searchsorted(cell.positives, positives), np.searchsorted(cell.negatives, negatives)
                parts = anchors, positives, negatives
                yield Pairs(self._grouped, *parts, ROLES, self._rows), parts, into


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
        require_labelled("labelled", labelled)
        self.labelled, self.bounds = labelled, tuple(bounds)
        self.parameters, self.verdicts_only = dict(parameters or {}), verdicts_only
        self._sizes = labelled.sizes
        require_bounds(self.bounds, norm, self._sizes)
        starts = np.append(0, np.cumsum(self._sizes)).astype(np.int64)
        order = np.concatenate(labelled.members)
        # Mostly they are in order: a copy would double the memory.
        together = len(order) == len(labelled.points) and bool((order == np.arange(len(order))).all())
        points = labelled.points if together else labelled.points[order]
        self.grouped = Grouped(torch.from_numpy(np.ascontiguousarray(points)), starts, norm)
        for bound in self.bounds:
            require_readable(bound)
        self._smaller = {bound.name: self._below(bound) for bound in self.bounds}
        self._loops = Loops(self.parameters)
        self._asked = self._parameters_asked()
        needed = row_reductions(self.bounds)
        self._needed = {role: needed.get(role, set()) for role in ROLES}
        self._apart = self._read_by_size()
        if not self.count:
            raise InvalidValueError(
                explain(
                    "collections", "two classes, one of them with two collections", f"{len(labelled)} without a triple"
                )
            )

    @cached_property
    def count(self) -> int:
        """The number of triples: ordered pairs of one class, with each collection outside it."""
        return triples_of(self.labelled)

    def in_order(self) -> LabelledPoints:
        """Return the collections with their points one after another, as they are here, and no other points."""
        points, ends = self.grouped.points.numpy(), np.cumsum(self._sizes)
        members = tuple(np.arange(end - size, end) for size, end in zip(self._sizes, ends, strict=True))
        return replace(self.labelled, points=points, members=members)

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
        """Yield what was found of every triple of a block, one anchor at a time."""
        own = np.unique(np.array([*block.anchors, *block.positives], dtype=np.int64))
        rows = Rows(self.grouped, own)
        cells = list(self._cells(block, rows))
        if self.verdicts_only:
            yield from self._verdicts(cells, rows, _BySize(self.grouped, block, rows))
        elif cells:
            rows.prepare(self._needed[x] | self._needed[z], self._needed[w])
            by_size = _BySize(self.grouped, block, rows)
            for cell in cells:
                yield self._measured(cell, rows, by_size)

    def _parameters_asked(self) -> dict[str, tuple[Parameter, ...]]:
        """Return, by bound, the parameters whose least values are its: those of no bound before it."""
        found: dict[str, tuple[Parameter, ...]] = {}
        seen = {parameter.symbol for parameter in self.parameters}
        for bound in self.bounds:
            named = sorted(bound.parameters(), key=lambda one: one.symbol)
            own = tuple(one for one in named if one in bound.least and one.symbol not in seen)
            seen.update(parameter.symbol for parameter in own)
            found[bound.name] = own
        return found

    def _cells(self, block: Block, rows: Rows) -> Iterator[_Cell]:
        negatives = np.flatnonzero(self.labelled.classes != self.labelled.classes[block.anchors[0]])
        positives = np.array(block.positives, dtype=np.int64)
        for anchors in _of_one_size(np.array(block.anchors, dtype=np.int64), self._sizes):
            pairs = Pairs(self.grouped, anchors, positives, negatives, ROLES, rows)
            for anchor in anchors.tolist():
                if (positives != anchor).any():
                    yield _Cell(anchor, positives, negatives, pairs)

    def _read_by_size(self) -> frozenset[str]:
        """Return the bounds that are read of positives of one size and of negatives of one size at a time.

        They are those whose terms ask for a size, or for a number of each point of a positive or a negative: which they
        do whatever the points are. The rest is read of all positives and negatives of an anchor at once.
        """
        # The first collection of each of two sizes, if there are two.
        some = np.sort(np.unique(self._sizes, return_index=True)[1][:2]).astype(np.int64)
        if len(some) < 2:
            return frozenset()
        rows = Rows(self.grouped, some, some)
        rows.prepare(self._needed[x] | self._needed[z], ())
        found = set()
        for bound in self.bounds:
            cell = _Cell(int(some[0]), some, some, Pairs(self.grouped, some[:1], some, some, ROLES, rows))
            given = given_values(bound, self.parameters, math.prod(cell.shape))
            try:
                for kind in (CentroidReader, GridReader):
                    reader = kind(self.grouped, *cell.triples, ROLES, rows, cell.pairs)
                    judge_in_float64(bound, reader, given)
                    self._loop(bound, reader)
                    if (below := self._smaller[bound.name]) is not None:
                        reader.ends(bound.lhs), reader.ends(below)
            except SizesDifferError:
                found.add(bound.name)
        return frozenset(found)

    def _measured(self, cell: _Cell, rows: Rows, by_size: _BySize) -> Grid:
        """Return both sides of every bound."""
        # The anchor is no positive of its own, but leaving it out here would copy tables.
        kept = cell.kept
        shape = int(kept.sum()), cell.shape[1]
        whole = self._readings(cell, rows)
        apart = [
            (self._readings(part, rows), np.ix_((np.cumsum(kept) - 1)[across[part.kept]], down))
            for part, (across, down) in (by_size.parts(cell) if self._apart else ())
        ]
        bounds: dict[str, GridSides] = {}
        parameters: dict[str, tuple[Table, Table]] = {}
        for bound in self.bounds:
            if bound.name not in self._apart:
                sides, least = self._sides(bound, *whole)
            else:
                found = [(*self._sides(bound, *readings), into) for readings, into in apart]
                sides = _joined([(own, into) for own, _, into in found], shape)
                least = {}
                for parameter in found[0][1]:
                    value, error = _joined([(own[parameter], into) for _, own, into in found], shape)
                    least[parameter] = value, error
            bounds[bound.name] = GridSides(*sides)
            for parameter, pair in least.items():
                parameters.setdefault(parameter.symbol, pair)
        return Grid(cell.anchor, cell.positives[kept], cell.negatives, bounds, parameters)

    def _readings(self, cell: _Cell, rows: Rows) -> tuple[_Cell, GridReader, dict[Any, Any]]:
        """Return a grid with its reader, and a dictionary for what loops over it share."""
        return cell, GridReader(self.grouped, *cell.triples, ROLES, rows, cell.pairs), {}

    def _sides(
        self, bound: Bound, cell: _Cell, reader: GridReader, found: dict[Any, Any]
    ) -> tuple[Sequence[np.ndarray], dict[Parameter, tuple[Table, Table]]]:
        """Return what :class:`GridSides` has of a bound, and the least values of its parameters, all without the anchor."""
        kept, loop = cell.kept, self._loop(bound, reader)
        if loop is None:
            return self._read(bound, reader, cell)
        made = loop.run(reader, np.flatnonzero(kept), found)
        code, stage = made.code, np.full(made.code.shape, Stage.DISTANCES, dtype=np.int8)
        if made.undecided:
            code, stage = self._decided(bound, code, cell.anchor, cell.positives[kept], cell.negatives, Stage.DISTANCES)
        return (code, stage, made.lhs, made.lhs_error, made.rhs, made.rhs_error), dict(made.parameters)

    def _loop(self, bound: Bound, reader: GridReader) -> Loop | None:
        """Return the compiled loop of a bound on grids of a reader's sizes, where there is one and it pays."""
        if self.count < _COMPILED_FROM:
            return None
        return self._loops.of(bound, reader, self._asked[bound.name], roots=is_of_squares(bound))

    def _read(
        self, bound: Bound, reader: GridReader, cell: _Cell
    ) -> tuple[Sequence[np.ndarray], dict[Parameter, tuple[Table, Table]]]:
        """Return both sides of a bound as a reader reads them, and the values of the parameters that were not given."""
        kept, shape = cell.kept, cell.shape
        judged, values = judge_in_float64(bound, reader.anew(), given_values(bound, self.parameters, math.prod(shape)))
        arrays = [part.numpy().reshape(shape) for part in (judged.lhs, judged.lhs_error, judged.rhs, judged.rhs_error)]
        code, stage = self._decided(bound, judged.code.numpy().reshape(shape), *cell.triples, Stage.DISTANCES)
        lhs, rhs = arrays[:2], arrays[2:]
        if is_of_squares(bound):
            lhs, rhs = list(roots_of_squares(*lhs)), list(roots_of_squares(*rhs))
        least = {
            parameter: (named.value.numpy().reshape(shape)[kept], named.known_error.numpy().reshape(shape)[kept])
            for parameter, named in values.items()
            if parameter not in self.parameters
        }
        return [part[kept] for part in (code, stage, *lhs, *rhs)], least

    def _verdicts(self, cells: Sequence[_Cell], rows: Rows, by_size: _BySize) -> Iterator[Grid]:
        """Yield the verdicts on every bound: from centroids as far as they go, and what they leave open from distances."""
        together = [bound for bound in self.bounds if bound.name not in self._apart]
        apart = [bound for bound in self.bounds if bound.name in self._apart]
        pieces = [
            [
                *([(cell, together, (slice(None), slice(None)))] if together else ()),
                *((part, apart, np.ix_(*into)) for part, into in (by_size.parts(cell) if apart else ())),
            ]
            for cell in cells
        ]
        found = [[self._from_centroids(piece, rows, bounds) for piece, bounds, _ in each] for each in pieces]
        readers = self._fine(
            [
                piece.part(np.logical_or.reduce([code == _UNDECIDED for code, _ in known.values()]))[0]
                for each, of_each in zip(pieces, found, strict=True)
                for (piece, _, _), known in zip(each, of_each, strict=True)
            ]
        )
        for cell, each, of_each in zip(cells, pieces, found, strict=True):
            sides: dict[str, list[tuple[Sequence[np.ndarray], Any]]] = {bound.name: [] for bound in self.bounds}
            for (piece, bounds, into), known in zip(each, of_each, strict=True):
                for bound in bounds:
                    self._settle(bound, piece, readers, *known[bound.name])
                    sides[bound.name].append((known[bound.name], into))
            joined = {name: _joined(parts, cell.shape) for name, parts in sides.items()}
            kept = cell.kept
            yield Grid(
                cell.anchor,
                cell.positives[kept],
                cell.negatives,
                {name: GridSides(*(array[kept] for array in arrays)) for name, arrays in joined.items()},
            )

    def _settle(
        self, bound: Bound, cell: _Cell, readers: Callable[[_Cell], GridReader], code: np.ndarray, stage: np.ndarray
    ) -> None:
        """Decide what is undecided of a bound on a grid from distances, in place."""
        open_ = code == _UNDECIDED
        part, into = cell.part(open_)
        if not part.shape[0]:
            return
        judged, _ = judge_in_float64(bound, readers(part), given_values(bound, self.parameters, math.prod(part.shape)))
        codes, stages = self._decided(bound, judged.code.numpy().reshape(part.shape), *part.triples, Stage.DISTANCES)
        code[into] = np.where(open_[into], codes, code[into])
        stage[into] = np.where(open_[into], stages, stage[into])

    def _from_centroids(
        self, cell: _Cell, rows: Rows, bounds: Sequence[Bound]
    ) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        reader = CentroidReader(self.grouped, *cell.triples, ROLES, rows, cell.pairs)
        found = {}
        for bound in bounds:
            if (below := self._smaller[bound.name]) is not None:
                holds = reader.ends(bound.lhs)[1] <= reader.ends(below)[0]
                # Where the left side is above what the right side is above, nothing is known.
                code = np.where(np.broadcast_to(holds, cell.shape), np.int8(_HOLDS), np.int8(_UNDECIDED))
                open_ = (code == _UNDECIDED) & cell.kept[:, None]
                part, into = cell.part(open_)
                if part.shape[0]:
                    rest = CentroidReader(self.grouped, *part.triples, ROLES, rows, cell.pairs)
                    code[into] = np.where(open_[into], self._judged(bound, rest, part.shape), code[into])
            else:
                code = self._judged(bound, reader.anew(), cell.shape).copy()
            # Its own anchor is no positive: nothing is left to find out.
            code[~cell.kept] = _HOLDS
            found[bound.name] = code, np.full(cell.shape, Stage.CENTROIDS, dtype=np.int8)
        return found

    def _judged(self, bound: Bound, reader: GridReader, shape: tuple[int, int]) -> Int[np.ndarray, "Z W"]:
        judged, _ = judge_in_float64(bound, reader, given_values(bound, self.parameters, math.prod(shape)))
        code: Int[np.ndarray, "Z W"] = judged.code.numpy().reshape(shape)
        return code

    def _below(self, bound: Bound) -> Scalar | None:
        """Return a right side that is smaller on every triple, and known without the parameters."""
        given = set(bound.parameters()) & set(self.parameters)
        if bound.relation is not Relation.AT_MOST or given or bound.lhs.parameters():
            return None
        # Every premise has to hold: one whose parameter takes the least value that it allows does.
        if any(premise.parameter is None for premise in bound.spelled_out if not premise.equal):
            return None
        return without_parameters(rewrite(bound.rhs))

    def _fine(self, cells: Sequence[_Cell]) -> Callable[[_Cell], GridReader]:
        """Return what makes readers of parts of grids, with the distances of all of them found in one pass."""
        groups: dict[int, list[_Cell]] = {}
        for cell in cells:
            if cell.shape[0]:
                groups.setdefault(int(self._sizes[cell.anchor]), []).append(cell)
        together = {size: _united(group) for size, group in groups.items()}
        # What a bound's own rows are, besides anchors.
        roles = ROLES[:2] if self._needed[z] or self._needed[w] else ROLES[:1]
        own, over = (_sorted(parts[: len(some)] for parts in together.values()) for some in (roles, ROLES))
        if not len(own):
            return lambda cell: GridReader(self.grouped, *cell.triples, ROLES)
        rows = Rows(self.grouped, own, over)
        rows.prepare(self._needed[x] | self._needed[z], self._needed[w])
        pairs = {size: Pairs(self.grouped, *parts, ROLES, rows) for size, parts in together.items()}
        return lambda cell: GridReader(self.grouped, *cell.triples, ROLES, rows, pairs[int(self._sizes[cell.anchor])])

    def _decided(
        self,
        bound: Bound,
        known: Int8[np.ndarray, "Z W"],
        anchor: int,
        positives: Int[np.ndarray, " Z"],
        negatives: Int[np.ndarray, " W"],
        stage: Stage,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the verdicts, with those that float64 leaves open decided in higher precision, as many as are allowed."""
        code, stages = known.copy(), np.full(known.shape, stage, dtype=np.int8)
        open_ = np.argwhere((code == _UNDECIDED) & (positives != anchor)[:, None])
        for at, beside in open_[:_ESCALATED].tolist():
            found, _ = self._judged_alone(bound, (anchor, int(positives[at]), int(negatives[beside])))
            code[at, beside], stages[at, beside] = int(found.conclusion.code), Stage.HIGHER_PRECISION
        return code, stages

    def sharpened(self, name: str, ranked: Ranked) -> Ranked:
        """Return a triple of a bound with sides and tightness that show their digits, as far as they can.

        Balls and exact numbers find what float64 leaves off by more than
        :data:`~boundcheck.evaluate.enclosed.SHARP` of its value.
        """
        pairs = (
            (ranked.lhs, ranked.lhs_error),
            (ranked.rhs, ranked.rhs_error),
            (ranked.tightness, ranked.tightness_error),
        )
        if not any(is_wide(value, error) for value, error in pairs):
            return ranked
        bound = next(bound for bound in self.bounds if bound.name == name)
        judged, readings = self._judged_alone(bound, ranked.triple, sharpen=True)
        sides, terms = judged.conclusion, (bound.lhs, bound.rhs)
        lhs = Enclosed(float(sides.lhs), float(sides.lhs_error))
        rhs = Enclosed(float(sides.rhs), float(sides.rhs_error))
        if is_of_squares(bound):
            lhs, rhs, terms = readings.roots(lhs, rhs, terms)
        found = readings.tightness(lhs, rhs, terms)
        if found is None:
            return ranked
        # Where more digits are too dear, what float64 found stands.
        nearer = [
            Enclosed(value, error) if error <= one.error else one
            for one, (value, error) in zip((lhs, rhs, found), pairs, strict=True)
        ]
        return Ranked(ranked.triple, *(number for one in nearer for number in (float(one), one.error)))

    def _judged_alone(self, bound: Bound, triple: Triple, *, sharpen: bool = False) -> tuple[Judgement, Readings]:
        """Return what is found of one triple with as many digits as it takes."""
        points = {
            role: self.grouped.members(np.array([position])) for role, position in zip(ROLES, triple, strict=True)
        }
        weights = {one: points[one.collection].new_ones(points[one.collection].shape[:2]) for one in bound.weights()}
        given = given_values(bound, self.parameters, 1)
        return judged_with_reader(
            bound,
            points,
            self.grouped.p,
            parameters=given,
            weights=weights,
            chain=False,
            escalate=None,
            sharpen=sharpen,
        )


def triples_of(labelled: LabelledPoints) -> int:
    """Return how many triples there are: ordered pairs of collections of one class, with each collection outside it."""
    totals = np.bincount(labelled.classes, minlength=len(labelled.class_names)).astype(object)
    return int((totals * (totals - 1) * (len(labelled) - totals)).sum())


def _of_one_size(positions: Int[np.ndarray, " b"], sizes: Int[np.ndarray, " C"]) -> Iterator[Int[np.ndarray, " g"]]:
    """Yield the collections of each size."""
    own = sizes[positions]
    for size in np.unique(own):
        yield positions[own == size]


def _joined(parts: Sequence[tuple[Sequence[np.ndarray], Any]], shape: tuple[int, int]) -> Sequence[np.ndarray]:
    """Return arrays over a grid from those over its parts, each with the places that it has there."""
    if len(parts) == 1 and parts[0][0][0].shape == shape:
        return parts[0][0]
    whole = [np.empty(shape, dtype=array.dtype) for array in parts[0][0]]
    for arrays, into in parts:
        for table, array in zip(whole, arrays, strict=True):
            table[into] = array
    return whole


def _united(cells: Sequence[_Cell]) -> _Positions:
    """Return the anchors, the positives and the negatives of several grids, each once and in order."""
    anchors = np.unique([cell.anchor for cell in cells])
    positives, negatives = (np.unique(np.concatenate([cell.triples[at] for cell in cells])) for at in (1, 2))
    return anchors, positives, negatives


def _sorted(parts: Iterable[Sequence[Int[np.ndarray, " b"]]]) -> Int[np.ndarray, " c"]:
    """Return all positions in some arrays, each once and in order."""
    every = [array for group in parts for array in group]
    found: Int[np.ndarray, " c"] = np.unique(np.concatenate(every)) if every else np.empty(0, dtype=np.int64)
    return found


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
