"""A bound over one collection, two, or any number, on every tuple that its roles allow, or on random ones; a family by parts."""

from __future__ import annotations

import itertools
import math
import pickle
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from jaxtyping import Float, Int, Int8

from boundcheck.arithmetic import certified, one_thread_each
from boundcheck.atomic import write_text
from boundcheck.data.labelled import LabelledPoints, require_labelled
from boundcheck.data.tuples import Tuples, many
from boundcheck.errors import InvalidTypeError, InvalidValueError, explain, require_norm, require_whole
from boundcheck.evaluate import CODES, Judgement, Verdict, judge
from boundcheck.evaluate.enclosed import Enclosed
from boundcheck.language import Bound, Collection, Family, Parameter, Weights
from boundcheck.progress import Bar
from boundcheck.report.html import page, stated_as_html
from boundcheck.report.tables import Table, Tabled
from boundcheck.scanning.digests import digest_of
from boundcheck.scanning.engines import Engine, run_blocks
from boundcheck.scanning.journal import Journal
from boundcheck.scanning.run import engine_of
from boundcheck.scanning.triples import Gathered, Judging, ScanResult, batches_of_one_size, sharpen
from boundcheck.theorems.find import resolve

__all__ = ["MOST", "TupleScan", "scan_parts", "scan_tuples"]

#: How many tuples are looked at one by one at most: what is found of each is kept.
MOST = 5_000_000
# Parts at once, and numbers of the arrays over all pairs of their points: large parts are judged one by one, as planned.
_PARTS, _NUMBERS = 64, 1 << 22
# Tuples at once, and in a block, of which each is one record of the journal.
_BATCH, _BLOCK, _BLOCK_OF_PARTS = 256, 8192, 64
_TOLD = (Verdict.HOLDS, Verdict.FAILS, Verdict.UNDECIDED, Verdict.VACUOUS)


@dataclass(frozen=True, eq=False)
class TupleScan(Tabled):
    """What was found of a bound on tuples of collections, or on parts of a family.

    Attributes
    ----------
    result
        The sides and the verdict on each; :attr:`ScanResult.triples` has the positions in `names`.
    names
        Of the collections; of a family, of the classes.
    what
        What several tuples are called: ``"pairs"``, ``"parts of 2 classes"``.
    allowed
        Which they are, in words.
    total
        How many there are.
    seed
        Of the draw; None where all of them were looked at.
    norm
        The p of the p-norm.
    seconds
        How long it took, what an earlier run had done left out.
    resumed
        How many blocks an earlier run had done, of `blocks`.
    """

    result: ScanResult
    names: tuple[str, ...]
    what: str
    allowed: str
    total: int
    seed: int | None
    norm: float
    seconds: float
    resumed: int = 0
    blocks: int = 1

    @property
    def verdict(self) -> Verdict:
        """The verdict on all that were looked at together: the worst."""
        return self.result.verdict

    def stated(self) -> tuple[Bound, ...]:
        """Return the bound scanned."""
        return (self.result.bound,)

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many have each verdict."""
        return {verdict: self.result.count(verdict) for verdict in _TOLD}

    def named(self, place: int) -> tuple[str, ...]:
        """Return the names of one tuple."""
        return tuple(self.names[position] for position in self.result.triples[place].tolist())

    def first(self, verdict: Verdict, count: int = 10) -> list[int]:
        """Return the places of the first few with a verdict."""
        return self._different(np.flatnonzero(self.result.code == CODES.index(verdict)), count)

    def tightest(self, count: int = 10) -> list[int]:
        """Return the places of those of largest tightness, tightest first."""
        # One that was drawn again is told once: more are looked at, as many as there may be.
        places = self.result.tightest(len(self.result) if self.seed is not None else count)
        return self._different(places[~np.isnan(self.result.tightness[places])], count)

    def _different(self, places: npt.NDArray[np.int64], count: int) -> list[int]:
        """Return the first few places, each of another tuple."""
        found: dict[tuple[int, ...], int] = {}
        for place in places.tolist():
            found.setdefault(tuple(self.result.triples[place].tolist()), place)
            if len(found) == count:
                break
        return list(found.values())

    def in_brief(self) -> str:
        """Return the bound and the verdict, of how many tuples."""
        return f"{self.result.bound.name}: {self.verdict} on {len(self.result):,} {self.what} of {self.total:,}"

    def tables(self, top: int = 10) -> list[Table]:
        """Return what was found as tables: verdicts and typical values, the tightest, those that do not hold."""
        result = self.result
        rows = [(verdict.value, f"{count:,}") for verdict, count in self.counts.items()]
        typical = result.typical_tightness()
        if self.seed is None:
            rows.append(("median tightness", "—" if typical is None else f"{typical.value:.6g}"))
            note = f"all {self.total:,} {self.what}: {self.allowed}"
        else:
            rows.append(("median tightness [95% limits]", str(typical or "—")))
            rows.append(("failing share [95% limits]", str(result.failing())))
            note = f"{len(result):,} random {self.what} of {self.total:,}, seed {self.seed}: {self.allowed}"
        if self.resumed:
            note += f"; {self.resumed:,} of {self.blocks:,} blocks done by an earlier run"
        found = [Table(f"{result.bound}", ("verdict", self.what), tuple(rows), note)]
        tightest = self.tightest(top)
        if tightest:
            found.append(self._places(f"The tightest {self.what}", tightest))
        for verdict in (Verdict.FAILS, Verdict.UNDECIDED):
            places = self.first(verdict, top)
            if places:
                found.append(self._places(f"The first {self.what} where it {_SAID[verdict]}", places))
        return found

    def _places(self, title: str, places: list[int]) -> Table:
        rows = []
        for place in places:
            lhs, rhs = self._sides(place)
            ratio = self.result.tightness[place]
            rows.append((" · ".join(self.named(place)), str(lhs), str(rhs), f"{ratio:.6g}"))
        return Table(title, (self.what, "left side", "right side", "tightness"), tuple(rows))

    def _sides(self, place: int) -> tuple[Enclosed, Enclosed]:
        result = self.result
        return (
            Enclosed(float(result.lhs[place]), float(result.lhs_error[place])),
            Enclosed(float(result.rhs[place]), float(result.rhs_error[place])),
        )

    def to_dict(self, top: int = 10) -> dict[str, Any]:
        """Return counts, typical values and extremes as plain JSON types."""
        known = self.result.summary()
        del known["triples"]
        if self.seed is None:
            # Of all there are, no sample leaves a share in question.
            del known["failing"]

        def told(place: int) -> dict[str, Any]:
            return {
                "names": list(self.named(place)),
                **{
                    name: [float(side), side.error] if math.isfinite(side) and math.isfinite(side.error) else None
                    for name, side in zip(("lhs", "rhs"), self._sides(place), strict=True)
                },
            }

        return {
            **known,
            "of": self.what,
            "allowed": self.allowed,
            "looked_at": len(self.result),
            "total": self.total,
            "seed": self.seed,
            "norm": self.norm if math.isfinite(self.norm) else "inf",
            "seconds": round(self.seconds, 3),
            "resumed": self.resumed,
            "blocks": self.blocks,
            "tightest": [told(place) for place in self.tightest(top)],
            "first_failing": [told(place) for place in self.first(Verdict.FAILS, top)],
            "first_undecided": [told(place) for place in self.first(Verdict.UNDECIDED, top)],
        }

    def page(self, source: str) -> str:
        """Return the report as one HTML page without scripts."""
        return page(
            "tuples.html",
            scan=self,
            stated=stated_as_html(self.result.bound),
            tables=self.tables(),
            source=source,
            title=f"{self.result.bound.name}: a scan",
        )

    def write_page(self, path: str | PathLike[str], source: str) -> None:
        """Write :meth:`page` to a file, in one step."""
        write_text(Path(path), self.page(source))


_SAID = {Verdict.FAILS: "fails", Verdict.UNDECIDED: "is undecided"}


@certified
def scan_tuples(
    labelled: LabelledPoints,
    bound: Bound | str,
    *,
    norm: float = 2.0,
    parameters: Mapping[Parameter, float] | None = None,
    weights: Callable[[Weights, torch.Tensor], torch.Tensor] | None = None,
    sample: int | None = None,
    seed: int = 0,
    journal: str | PathLike[str] | None = None,
    repair: bool = False,
    engine: Engine | str = "local",
    workers: int | None = None,
    progress: bool | None = False,
) -> TupleScan:
    """Check a bound on every tuple of collections that its roles allow, or on random ones.

    Parameters
    ----------
    labelled
        The embedded collections.
    bound
        Over any number of collections, of which roles say which are of one class: see :mod:`boundcheck.data.tuples`.
    norm, parameters, weights, progress
        As for :func:`check_triples`. With a journal, and for other processes, weights must be a function that can be
        pickled: one at the top of a module.
    sample
        How many to draw, where not all are to be looked at; where there are no more than that, all of them are.
    seed
        Of the draw.
    journal, repair, engine, workers
        As for :func:`boundcheck.scan`: a run that was stopped goes on from its journal, and the result does not depend on
        where blocks run.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If `labelled` or the bound is none, it is over a family, there is no such tuple, or there are more than
        :data:`MOST` and no sample was asked for.
    NormError, UnequalSizesError
        If the bound is not stated for the norm, or for collections of these sizes.
    CheckpointError
        If the journal is that of another scan, damaged, or cannot be written.

    Examples
    --------
    >>> from boundcheck.language import Collection, distance, farthest, mean
    >>> a, b = Collection("a", "A", index="i", size="n"), Collection("b", "B", index="j", size="p")
    >>> centroids = Bound("centroids", lhs=distance(mean(a), mean(b)), rhs=farthest(a, b), collections=[a, b])
    >>> points = np.random.default_rng(0).normal(size=(24, 8))
    >>> labelled = LabelledPoints.from_labels(points, np.arange(24) // 3, np.arange(24) // 12)
    >>> found = scan_tuples(labelled, centroids)
    >>> found.total, found.verdict
    (56, <Verdict.HOLDS: 'holds'>)
    """
    p, began = require_norm(norm), time.perf_counter()
    chosen, _ = resolve(bound)
    require_labelled("labelled", labelled)
    families = [one for one in chosen.collections if isinstance(one, Family)]
    if families:
        raise InvalidValueError(
            explain("bound", "one over collections", f"one over the family {families[0]}", "call scan_parts")
        )
    tuples = Tuples(labelled, chosen.collections)
    tuples.require_some()
    drawn = sample is not None and require_whole("sample", sample) < tuples.count
    _require_few(drawn, tuples.count, many(len(chosen.collections)))
    places = tuples.draw(int(sample or 0), seed=seed) if drawn else np.concatenate(list(tuples.batches()))
    chosen.require_norm(p)
    work = _Work.of(labelled, chosen, p, parameters, weights, places)
    result, resumed, blocks = _run(work, many(len(chosen.collections)), journal, repair, engine, workers, progress)
    return TupleScan(
        result,
        labelled.names,
        many(len(chosen.collections)),
        tuples.said,
        tuples.count,
        seed if drawn else None,
        p,
        time.perf_counter() - began,
        resumed,
        blocks,
    )


@certified
def scan_parts(
    labelled: LabelledPoints,
    bound: Bound | str,
    size: int = 2,
    *,
    norm: float = 2.0,
    parameters: Mapping[Parameter, float] | None = None,
    weights: Callable[[Weights, torch.Tensor], torch.Tensor] | None = None,
    sample: int | None = None,
    seed: int = 0,
    journal: str | PathLike[str] | None = None,
    repair: bool = False,
    engine: Engine | str = "local",
    workers: int | None = None,
    progress: bool | None = False,
) -> TupleScan:
    """Check a bound over a family on parts of it: on every few classes, or on random ones.

    Parameters
    ----------
    labelled
        The embedded objects, of which the classes count, and not the collections.
    bound
        Over one family and nothing else.
    size
        How many classes a part has, from 2 to all.
    norm, parameters, progress
        As for :func:`check_triples`.
    weights
        What gives the points of a part, class after class, shape (N, d), the weights that the bound speaks of, shape (N,).
    sample, seed, journal, repair, engine, workers
        As for :func:`scan_tuples`.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If `labelled` or the bound is none, or is over something else; if there are fewer classes; or if there are more
        parts than :data:`MOST` and no sample was asked for.
    NormError
        If the bound is not stated for the norm.
    CheckpointError
        If the journal is that of another scan, damaged, or cannot be written.
    """
    p, began = require_norm(norm), time.perf_counter()
    chosen, _ = resolve(bound)
    require_labelled("labelled", labelled)
    require_one_family(chosen)
    chosen.require_norm(p)
    names, members = members_of_classes(labelled)
    if len(names) < 2:
        raise InvalidValueError(explain("classes", "two or more, for a family", f"{len(names)}"))
    if require_whole("size", size, 2) > len(names):
        raise InvalidValueError(explain("classes of a part", f"a number in [2, {len(names)}]", f"{size}"))
    total, what = math.comb(len(names), size), f"parts of {size} classes"
    drawn = sample is not None and require_whole("sample", sample) < total
    _require_few(drawn, total, what)
    if drawn:
        random = np.random.default_rng(require_whole("seed", seed, 0))
        several = [np.sort(random.choice(len(names), size, replace=False)) for _ in range(int(sample or 0))]
        parts: Int[np.ndarray, "t k"] = np.stack(several).astype(np.int64)
    else:
        parts = np.array(list(itertools.combinations(range(len(names)), size)), dtype=np.int64)
    work = _Work.of(labelled, chosen, p, parameters, weights, parts, tuple(members))
    result, resumed, blocks = _run(work, "parts", journal, repair, engine, workers, progress)
    return TupleScan(
        result,
        names,
        what,
        f"of the {len(names)} classes",
        total,
        seed if drawn else None,
        p,
        time.perf_counter() - began,
        resumed,
        blocks,
    )


@dataclass(frozen=True)
class _Found:
    """What was found of a block: every number of each, and its verdict."""

    numbers: Float[np.ndarray, "s b"]
    code: Int8[np.ndarray, " b"]

    def to_bytes(self) -> bytes:
        return self.numbers.astype("<f8").tobytes() + self.code.tobytes()

    @classmethod
    def of(cls, gathered: Gathered) -> _Found:
        return cls(np.stack(gathered.numbers()), gathered.code)

    @classmethod
    def from_bytes(cls, data: bytes, count: int) -> _Found:
        numbers = np.frombuffer(data[: len(data) - count], dtype="<f8").reshape(-1, count)
        return cls(numbers, np.frombuffer(data[len(data) - count :], dtype=np.int8))


@dataclass(frozen=True)
class _Work:
    """A scan of tuples, or of parts, as it is sent to workers.

    Attributes
    ----------
    rows
        Positions of collections; of classes, whose objects are in the rows of `members`.
    size
        How many of them a block has.
    """

    labelled: LabelledPoints
    bound: Bound
    norm: float
    parameters: tuple[tuple[Parameter, float], ...]
    weights: Callable[[Weights, torch.Tensor], torch.Tensor] | None
    rows: Int[np.ndarray, "t k"]
    members: tuple[npt.NDArray[np.int64], ...] | None
    size: int
    digest: str

    @classmethod
    def of(
        cls,
        labelled: LabelledPoints,
        bound: Bound,
        norm: float,
        parameters: Mapping[Parameter, float] | None,
        weights: Callable[[Weights, torch.Tensor], torch.Tensor] | None,
        rows: Int[np.ndarray, "t k"],
        members: tuple[npt.NDArray[np.int64], ...] | None = None,
    ) -> _Work:
        given = dict(parameters or {})
        try:
            named = pickle.dumps(weights)
        except Exception:
            # It can be called here, but is not told from another: there is no journal of it.
            named = None
        own = labelled.members if members is None else members
        size = _BLOCK if members is None else _BLOCK_OF_PARTS
        digest = digest_of(
            (labelled.points, rows, *(np.append(len(each), each) for each in own)),
            [bound],
            norm,
            given,
            labelled.points.shape,
            (labelled.names, labelled.class_names),
            parts=members is not None,
            weights=named,
            size=size,
        )
        return cls(
            labelled, bound, norm, tuple(given.items()), weights, rows, members, size, "" if named is None else digest
        )

    @property
    def blocks(self) -> dict[str, slice]:
        """Where the rows of each block are, by its key."""
        return {f"{start}": slice(start, start + self.size) for start in range(0, len(self.rows), self.size)}

    def judging(self) -> Callable[..., Judgement]:
        """Return what judges some rows."""
        if self.members is None:
            return Judging(self.bound, self.labelled, self.rows, self.norm, dict(self.parameters), self.weights)
        return _JudgingParts(self)

    @certified
    def open(self) -> Callable[[str], _Found]:
        """Return the function that does a block."""
        judged, blocks = self.judging(), self.blocks
        sizes = self.labelled.sizes if self.members is None else np.array([len(rows) for rows in self.members])

        @certified
        def do(key: str) -> _Found:
            rows = self.rows[blocks[key]]
            gathered = Gathered(self.bound, len(rows), {}, False)
            at_once = _BATCH
            if self.members is not None:
                most = int(sizes[rows].sum(axis=1).max())
                at_once = max(1, min(_PARTS, _NUMBERS // (most * most)))
            for some in batches_of_one_size(sizes[rows], at_once):
                gathered.put(some, judged(blocks[key].start + some))
            return _Found.of(gathered)

        return do


class _JudgingParts:
    """Judges parts of a family by their places."""

    def __init__(self, work: _Work) -> None:
        self._work = work
        self._points = torch.from_numpy(np.ascontiguousarray(work.labelled.points))

    def __call__(self, rows: Int[np.ndarray, " b"]) -> Judgement:
        """Return what is found of some, whose classes have the same sizes."""
        work, members = self._work, self._work.members
        assert members is not None
        family = require_one_family(work.bound)
        parts = work.rows[rows]
        batch = np.stack([np.concatenate([members[position] for position in part]) for part in parts])
        points = self._points[torch.from_numpy(batch)]
        find = work.weights
        weights = (
            {}
            if find is None
            else {one: torch.stack([find(one, own) for own in points]) for one in work.bound.weights()}
        )
        given = {key: points.new_full((len(rows),), value) for key, value in work.parameters}
        partition = tuple(len(members[position]) for position in parts[0])
        one: dict[Collection, torch.Tensor] = {family: points}
        return judge(
            work.bound,
            one,
            work.norm,
            parameters=given,
            weights=weights,
            partitions={family: partition},
            chain=False,
        )


def _run(
    work: _Work,
    what: str,
    journal: str | PathLike[str] | None,
    repair: bool,
    engine: Engine | str,
    workers: int | None,
    progress: bool | None,
) -> tuple[ScanResult, int, int]:
    """Return what is found of all rows, how many blocks an earlier run had done, and how many there are."""
    if journal is not None and not work.digest:
        expected = "a function that can be pickled, so that a journal can name it"
        fix = "define it at the top of a module, or leave the journal out"
        raise InvalidTypeError(explain("weights", expected, f"{work.weights!r}", fix))
    blocks = work.blocks
    gathered = Gathered(work.bound, len(work.rows), {}, False)
    with ExitStack() as stack:
        kept = None if journal is None else stack.enter_context(Journal(journal, work.digest, repair=repair))
        threads = stack.enter_context(one_thread_each())
        chosen = engine_of(engine, workers, threads)
        bar = stack.enter_context(Bar(f"checking {what}", len(work.rows), shown=progress))

        def take(key: str, result: _Found | bytes) -> None:
            rows = work.rows[blocks[key]]
            part = _Found.from_bytes(result, len(rows)) if isinstance(result, bytes) else result
            for into, numbers in zip(gathered.numbers(), part.numbers, strict=True):
                into[blocks[key]] = numbers
            gathered.code[blocks[key]] = part.code
            bar.advance(len(rows))

        done = len(set(kept.done()) & blocks.keys()) if kept is not None else 0
        run_blocks(tuple(blocks), work, take=take, engine=chosen, journal=kept)
    if work.members is None:
        sharpen(gathered, work.rows, work.judging())
    return gathered.result(work.rows), done, len(blocks)


def require_one_family(bound: Bound) -> Family:
    """Return the one family that a bound is over.

    Raises
    ------
    InvalidValueError
        If it is over something else too, or over none.
    """
    if len(bound.collections) == 1 and isinstance(bound.collections[0], Family):
        return bound.collections[0]
    over = ", ".join(map(str, bound.collections))
    fix = "in Python, boundcheck.check takes families and collections together"
    raise InvalidValueError(explain("bound", "one over one family alone", f"one over {over}", fix))


def members_of_classes(labelled: LabelledPoints) -> tuple[tuple[str, ...], list[npt.NDArray[np.int64]]]:
    """Return the names of the classes that have any objects, and the rows of the objects of each."""
    used = np.unique(labelled.classes).tolist()
    rows = [
        np.sort(np.concatenate([labelled.members[place] for place in np.flatnonzero(labelled.classes == number)]))
        for number in used
    ]
    return tuple(labelled.class_names[number] for number in used), rows


def _require_few(drawn: bool, total: int, what: str) -> None:
    if not drawn and total > MOST:
        raise InvalidValueError(
            explain("sample", f"a number, for more than {MOST:,} {what}", "none", f"there are {total:,}")
        )
