"""A scan of every triple: blocks on several workers at once, a journal to go on from, and one summary."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy.typing as npt

from boundcheck.arithmetic import certified, one_thread_each
from boundcheck.data.files import read_arrays, read_labelled
from boundcheck.data.labelled import LabelledPoints
from boundcheck.decimals import concise
from boundcheck.drawing import Theme, Width
from boundcheck.errors import BoundcheckError, InvalidTypeError, InvalidValueError, explain, require_named, require_norm
from boundcheck.evaluate import Verdict
from boundcheck.evaluate.compiled import compiling_seconds
from boundcheck.evaluate.grouped import require_readable
from boundcheck.evaluate.judge import require_equal_sizes
from boundcheck.language import Bound, Parameter, Relation, w, x, z
from boundcheck.progress import counting
from boundcheck.report.tables import Table, Tabled, frame_of, latex_of, latex_text
from boundcheck.scanning.blocks import EveryTriple, triples_of
from boundcheck.scanning.digests import digest_of
from boundcheck.scanning.engines import DaskEngine, Engine, LocalEngine, ProcessEngine, WorkSpec, run_blocks
from boundcheck.scanning.grids import Grid, Stage, plain
from boundcheck.scanning.journal import Journal
from boundcheck.scanning.requirements import named
from boundcheck.scanning.summary import ScanSummary
from boundcheck.theorems import K_ANY_SIZES, KNOWN, K

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame

    from boundcheck.scanning.bound_summary import BoundSummary
    from boundcheck.scanning.parquet import RowFolder

__all__ = ["Scan", "applicable", "engine_of", "is_here", "scan", "source_of"]

# Which quantiles of triples tables and pictures have.
_LEVELS = (0.05, 0.5, 0.95)
# About weighted means or other aggregators, or dearer than a scan allows: a distance of hulls for each pair.
_LEFT_OUT = frozenset({"hull", "hulls"})


@dataclass(frozen=True, eq=False)
class Scan(Tabled):
    """What was found of bounds on every triple of a data set.

    Attributes
    ----------
    summary
        Counts, extremes and distributions. Of a parameter, those of the first bound that has it: another's premise may
        have another least value.
    bounds
        Those scanned.
    norm
        The p of the p-norm.
    seconds
        How long it took, what an earlier run had done left out.
    resumed
        How many blocks an earlier run had done, of `blocks`.
    parameters
        The values that were given; others took, on each triple, the least that a premise allows.
    compiling
        How many seconds this process compiled loops for the bounds, or read those that it found compiled; other processes
        do so too.
    """

    summary: ScanSummary
    bounds: tuple[Bound, ...]
    norm: float
    seconds: float
    resumed: int
    blocks: int
    parameters: Mapping[Parameter, float] = field(default_factory=dict)
    compiling: float = 0.0

    @property
    def verdict(self) -> Verdict:
        """The verdict on all bounds and triples together: the worst."""
        return Verdict.worst(summary.verdict for summary in self.summary.bounds.values())

    def in_brief(self) -> str:
        """Return the verdict, of how many triples and bounds."""
        return f"{self.verdict}: {', '.join(self.summary.bounds)} on {self.summary.triples:,} triples"

    def stated(self) -> tuple[Bound, ...]:
        """Return the bounds scanned."""
        return self.bounds

    def tables(self) -> list[Table]:
        """Return what was found as tables: verdicts, tightness, parameters, the tightest triples."""
        from boundcheck.scanning.page import scan_tables

        return scan_tables(self)

    def to_html(self, **options: Any) -> str:
        """Return the report of the scan as a page of HTML that needs nothing else.

        Parameters
        ----------
        **options
            As for :func:`boundcheck.scanning.page.scan_page`.
        """
        from boundcheck.scanning.page import scan_page

        return scan_page(self, **options)

    def to_frame(self) -> DataFrame:
        """Return a row for each bound as a frame of pandas: counts of verdicts, and the ends of quantiles of its tightness.

        Raises
        ------
        MissingDependencyError
            If pandas is not installed.
        """
        verdicts = [verdict for verdict in Verdict if verdict is not Verdict.ASSUMED]
        ends = [f"{level:.0%}: {end}" for level in _LEVELS for end in ("at least", "at most")]
        columns = ("bound", "verdict", *(verdict.value for verdict in verdicts), *ends)
        rows = [
            (
                name,
                one.verdict.value,
                *(one.counts.get(verdict, 0) for verdict in verdicts),
                *(end for level in _LEVELS for end in _quantile(one, level)),
            )
            for name, one in self.summary.bounds.items()
        ]
        return frame_of(columns, rows)

    def to_latex(self) -> str:
        """Return a row for each bound as a table in LaTeX, enclosures as physicists write them: 0.1216(3)."""
        rows = [
            (
                latex_text(name),
                latex_text(one.verdict.value),
                *(latex_text(concise(*_quantile(one, level))) for level in _LEVELS),
            )
            for name, one in self.summary.bounds.items()
        ]
        heads = ("bound", "verdict", *(f"tightness, {level:.0%}" for level in _LEVELS))
        return latex_of(heads, rows, f"{self.summary.triples:,} triples of collections")

    def plot(
        self,
        kind: Literal["tightness", "parameters"] = "tightness",
        ax: Any = None,
        *,
        width: Width = "one",
        theme: Theme = "light",
    ) -> Axes:
        """Draw the middle 90% of triples and their median, of each bound or each parameter, and return the axes.

        Parameters
        ----------
        kind
            ``"tightness"``, left side over right side; or ``"parameters"``, the least values such as m.
        ax
            Axes of matplotlib to draw on; None for new ones, whose ``figure.savefig("figure.pdf")`` is a vector picture.
        width
            Of new ones: ``"one"`` or ``"two"`` columns of a paper, or inches.
        theme
            ``"light"`` or ``"dark"``.

        Raises
        ------
        InvalidValueError
            If there is nothing of the kind, as in a scan of verdicts alone.
        InvalidTypeError
            If `ax` is no axes.
        """
        from boundcheck.report.plots import plot_ranges

        require_named("kind", kind, ("tightness", "parameters"))
        known = {name: one.tightness for name, one in self.summary.bounds.items()}
        if kind == "parameters":
            known = {symbol: one.values for symbol, one in self.summary.parameters.items()}
        ranges = {}
        for name, values in known.items():
            if values.ordered:
                low, middle, high = (sum(values.quantile(level)) / 2 for level in _LEVELS)
                ranges[name] = (low, middle, high)
        if not ranges:
            raise InvalidValueError(
                explain("kind", "something that the scan measured", f"{kind!r}", "scan with both sides")
            )
        label = "left side over right side" if kind == "tightness" else "least value, in the embedding's units"
        return plot_ranges(ranges, label, 1.0 if kind == "tightness" else 0.0, ax, width, theme)

    def to_dict(self) -> dict[str, Any]:
        """Return counts, enclosures of quantiles and extremes as plain JSON types."""
        found: dict[str, Any] = {
            "verdict": self.verdict.value,
            "triples": self.summary.triples,
            "norm": plain(self.norm),
            "seconds": round(self.seconds, 3),
            "compiling": round(self.compiling, 3),
            "resumed": self.resumed,
            "blocks": self.blocks,
            "given": {parameter.symbol: value for parameter, value in self.parameters.items()},
            "bounds": {},
        }
        for name, one in self.summary.bounds.items():
            known: dict[str, Any] = {
                "verdict": one.verdict.value,
                "counts": {verdict.value: count for verdict, count in one.counts.items()},
                "right_side_below_0": one.negative,
                "quotient_below_0": list(one.tightness.share_below(0.0)),
                "rest_on": {stage.name.lower(): int(one.stages[stage]) for stage in Stage},
            }
            if one.tightness.ordered:
                known["tightness"] = {
                    f"quantile_{level:g}": list(map(plain, one.tightness.quantile(level)))
                    for level in (0.05, 0.25, 0.5, 0.75, 0.95)
                }
                known["tightest"] = [
                    {
                        "triple": [self.summary.names[at] for at in ranked.triple],
                        **{name: list(map(plain, ends)) for name, ends in ranked.enclosures.items()},
                    }
                    for ranked in one.tightest
                ]
            found["bounds"][name] = known
        found["parameters"] = {
            symbol: {
                "median": list(map(plain, one.values.quantile(0.5))) if one.values.ordered else None,
                "surely_below_0": one.below_zero,
                "surely_at_least_0": one.at_least_zero,
                "neither": one.undecided,
            }
            for symbol, one in self.summary.parameters.items()
        }
        return found


def _quantile(one: BoundSummary, level: float) -> tuple[float, float]:
    return one.tightness.quantile(level) if one.tightness.ordered else (math.nan, math.nan)


def applicable(labelled: LabelledPoints, norm: float = 2.0) -> tuple[Bound, ...]:
    """Return the theorems about means that speak of these collections in this norm, in the order of the package."""
    norm = require_norm(norm)
    sizes = sorted(set(labelled.sizes.tolist()))
    found = []
    for bound in KNOWN.values():
        if bound.relation is Relation.EQUAL or bound.name in _LEFT_OUT or not bound.space.admits(norm):
            continue
        if bound == (K_ANY_SIZES if len(sizes) == 1 else K) or not _is_about_means(bound):
            continue
        try:
            require_readable(bound)
            require_equal_sizes(bound, {x: sizes[0], z: sizes[-1], w: sizes[-1]})
        except BoundcheckError:
            continue
        found.append(bound)
    return tuple(found)


def _is_about_means(bound: Bound) -> bool:
    from boundcheck.theorems.representations import aggregator_of

    return aggregator_of(bound) in ("mean", "hull")


@certified
def scan(
    embeddings: Any,
    classes: npt.ArrayLike | None = None,
    collections: npt.ArrayLike | None = None,
    bounds: Bound | str | Sequence[Bound | str] | None = None,
    *,
    norm: float = 2.0,
    parameters: Mapping[Parameter, float] | None = None,
    verdicts_only: bool = False,
    journal: str | PathLike[str] | None = None,
    repair: bool = False,
    rows: str | PathLike[str] | None = None,
    engine: Engine | str = "local",
    workers: int | None = None,
    top: int = 10,
    progress: Callable[[int], None] | bool | None = None,
) -> Scan:
    """Check bounds on every triple of collections: two of one class, and one of another.

    Parameters
    ----------
    embeddings
        Embedded objects, shape (N, d), finite; or :class:`LabelledPoints`, or a file that
        :func:`boundcheck.data.files.read_arrays` reads, both without labels here. Of a file, workers of a cluster are
        sent the name, and read it themselves.
    classes, collections
        The labels of each object, shape (N,).
    bounds
        A bound about means or several, themselves, their names or ``FILE.py:NAME``; if None, every
        theorem that speaks of such collections in this norm.
    norm
        The p of the p-norm, in [1, inf].
    parameters
        Values for parameters; one left out takes, on each triple, the least value that its premise allows.
    verdicts_only
        Whether to leave out both sides: then most verdicts follow from centroids and radii.
    journal
        A file for finished blocks: a run that was stopped goes on from there, and ends with the same bytes.
    repair
        Whether to go on from the undamaged part of a damaged journal, instead of raising.
    rows
        A folder for every row as Parquet, see :class:`boundcheck.scanning.parquet.RowFolder`; all workers must reach it.
    engine
        Where blocks run: ``"local"`` (threads), ``"processes"``, ``"dask"`` (threads of a cluster in this process), or an
        :class:`.Engine`. The result does not depend on it.
    workers
        How many blocks at once, where `engine` is a name; as many as there are threads or cores if None.
    top
        How many of the tightest and of the loosest triples to keep: by what float64 shows of all, and then with as many
        digits as it takes to show some.
    progress
        Called with the number of triples each time a block is done; True for a bar, False for none, None for a bar at a
        terminal and in a notebook, where it takes longer than a moment.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If labels are missing or do not fit, or a bound or an engine is not known.
    NormError, UnequalSizesError, TermError
        If a bound says nothing of such collections.
    NonFiniteError
        If a point is not finite; the message names its row.
    CheckpointError
        If the journal or the folder is that of another scan, damaged, or cannot be written.
    BoundcheckError
        If workers die under a block again and again. Whatever else a block raises arrives as it was raised, with a note
        that names the block. What is finished is kept in the journal.

    Examples
    --------
    >>> import numpy as np
    >>> points = np.random.default_rng(0).normal(size=(24, 8))
    >>> found = scan(points, np.arange(24) // 12, np.arange(24) // 3, ["karimov", "chamfer"])
    >>> found.summary.triples
    96
    >>> found.verdict
    <Verdict.HOLDS: 'holds'>
    """
    norm = require_norm(norm)
    source = source_of(embeddings, classes, collections)
    labelled = source.labelled()
    chosen = applicable(labelled, norm) if bounds is None else named(bounds)
    every = EveryTriple(labelled, chosen, norm=norm, parameters=parameters, verdicts_only=verdicts_only)
    work = _Work(
        source, chosen, norm, tuple((parameters or {}).items()), verdicts_only, top, _digest(every, top),
        None if rows is None else str(Path(rows).absolute()),
    )  # fmt: skip
    opened = _Opened(work, every)
    began, total, before = time.perf_counter(), opened.empty(), compiling_seconds()

    def take(key: str, result: ScanSummary | bytes) -> None:
        part = ScanSummary.from_bytes(result) if isinstance(result, bytes) else result
        total.merge(part)
        advance(part.triples)

    with ExitStack() as stack:
        advance = stack.enter_context(counting("triples", triples_of(labelled), progress))
        kept = None if journal is None else stack.enter_context(Journal(journal, work.digest, repair=repair))
        threads = stack.enter_context(one_thread_each())
        chosen_engine = engine_of(engine, workers, threads)
        keys = tuple(opened.blocks)
        done = set(kept.done()) & opened.blocks.keys() if kept is not None else set()
        spec: WorkSpec = work
        if is_here(chosen_engine):
            # What is opened already need not be pickled and opened again.
            spec = opened
        elif isinstance(chosen_engine, ProcessEngine):
            # Processes share these points: a file would be read by each of them.
            spec = replace(work, source=Source(every.in_order()))
        if opened.folder is not None and (lost := sorted(done - set(opened.folder.done()))):
            # In the journal, but without rows: its summary is taken below.
            run_blocks(lost, spec, take=lambda key, result: None, engine=chosen_engine)
        run_blocks(keys, spec, take=take, engine=chosen_engine, journal=kept)
    # Of verdicts alone there is none.
    for name, summary in total.bounds.items():
        summary.sharpen(partial(every.sharpened, name))
    seconds, compiling = time.perf_counter() - began, compiling_seconds() - before
    return Scan(total, chosen, norm, seconds, len(done), len(keys), dict(every.parameters), compiling)


@dataclass(frozen=True)
class Source:
    """Where the points are: here, or in a file."""

    points: LabelledPoints | None
    file: str | None = None

    def labelled(self) -> LabelledPoints:
        if self.points is not None:
            return self.points
        assert self.file is not None
        return read_labelled(read_arrays(self.file))


@dataclass(frozen=True)
class _Work:
    """A scan as it is sent to workers."""

    source: Source
    bounds: tuple[Bound, ...]
    norm: float
    parameters: tuple[tuple[Parameter, float], ...]
    verdicts_only: bool
    top: int
    digest: str
    folder: str | None

    @certified
    def open(self) -> Callable[[str], ScanSummary]:
        """Load the points and return the function that does a block."""
        every = EveryTriple(
            self.source.labelled(),
            self.bounds,
            norm=self.norm,
            parameters=dict(self.parameters),
            verdicts_only=self.verdicts_only,
        )
        if self.source.file is not None and _digest(every, self.top) != self.digest:
            raise InvalidValueError(
                explain("file", "the points that the scan began with", f"others in {self.source.file}")
            )
        return _Opened(self, every).open()


class _Opened:
    """A scan whose points are loaded."""

    def __init__(self, work: _Work, every: EveryTriple) -> None:
        self.digest, self._work, self._every = work.digest, work, every
        self.blocks = {block.key: block for block in every.blocks()}
        self.folder = None if work.folder is None else self._rows(work.folder)

    def open(self) -> Callable[[str], ScanSummary]:
        return self._do

    def _symbols(self) -> list[str]:
        every = self._every
        given = {parameter for bound in every.bounds for parameter in bound.parameters()} - set(every.parameters)
        return [] if every.verdicts_only else sorted(parameter.symbol for parameter in given)

    def empty(self) -> ScanSummary:
        labelled, names = self._every.labelled, [bound.name for bound in self._every.bounds]
        return ScanSummary.empty(
            names, self._symbols(), labelled.classes, labelled.names, labelled.class_names, self._work.top,
            not self._every.verdicts_only,
        )  # fmt: skip

    def _rows(self, folder: str) -> RowFolder:
        # Asks for pyarrow.
        from boundcheck.scanning.parquet import RowFolder

        labelled, names = self._every.labelled, [bound.name for bound in self._every.bounds]
        return RowFolder(
            folder, self.digest, names, self._symbols(), labelled.classes, labelled.names, labelled.class_names,
            sides=not self._every.verdicts_only,
        )  # fmt: skip

    @certified
    def _do(self, key: str) -> ScanSummary:
        part = self.empty()

        def taken() -> Iterator[Grid]:
            for grid in self._every.grids(self.blocks[key]):
                part.add(grid)
                yield grid

        if self.folder is None:
            for _ in taken():
                pass
        else:
            self.folder.write(key, taken())
        return part


def engine_of(engine: Engine | str, workers: int | None, threads: int) -> Engine:
    """Return the engine of a name, or the one that is given."""
    if not isinstance(engine, str):
        if not callable(getattr(engine, "run", None)):
            raise InvalidTypeError(explain("engine", "'local', 'processes', 'dask' or an engine", f"{engine!r}"))
        if workers is not None:
            raise InvalidValueError(explain("workers", "None beside an engine, which has its own", f"{workers}"))
        return engine
    if engine == "local":
        return LocalEngine(threads if workers is None else workers)
    if engine == "processes":
        return ProcessEngine(workers)
    if engine == "dask":
        return DaskEngine(workers=workers)
    raise InvalidValueError(explain("engine", "'local', 'processes', 'dask' or an engine", f"{engine!r}"))


def is_here(engine: Engine) -> bool:
    """Say whether blocks run in this process."""
    return isinstance(engine, LocalEngine) or (isinstance(engine, DaskEngine) and engine.scheduler is None)


def source_of(embeddings: Any, classes: npt.ArrayLike | None, collections: npt.ArrayLike | None) -> Source:
    """Return where points are that came as an array with labels, as labelled points or as a file."""
    if isinstance(embeddings, LabelledPoints | str | PathLike):
        if classes is not None or collections is not None:
            raise InvalidTypeError(
                explain("classes, collections", "none beside LabelledPoints or a file, which have them", "some")
            )
        if isinstance(embeddings, LabelledPoints):
            return Source(embeddings)
        return Source(None, str(Path(embeddings).absolute()))
    if classes is None or collections is None:
        raise InvalidTypeError(explain("classes, collections", "a label of each for every embedding", "none"))
    return Source(LabelledPoints.from_labels(embeddings, collections, classes))


def _digest(every: EveryTriple, top: int) -> str:
    """Return a digest of all that decides what the blocks hold."""
    labelled = every.labelled
    return digest_of(
        (every.grouped.points.numpy(), labelled.sizes, labelled.classes),
        every.bounds,
        every.grouped.p,
        every.parameters,
        labelled.points.shape,
        (labelled.names, labelled.class_names),
        verdicts_only=every.verdicts_only,
        top=top,
    )
