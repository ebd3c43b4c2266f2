"""A scan of every triple: blocks at once on several threads, a journal to go on from, and one summary."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass
from os import PathLike
from typing import Any

import numpy.typing as npt

from boundcheck._version import __version__
from boundcheck.errors import BoundcheckError, InvalidTypeError, InvalidValueError, explain
from boundcheck.evaluate import Verdict
from boundcheck.evaluate.grid import require_readable
from boundcheck.evaluate.judge import require_equal_sizes
from boundcheck.kernels.tiles import one_thread_each
from boundcheck.language import Bound, Parameter, Relation, w, x, z
from boundcheck.scan.every import Block, EveryTriple
from boundcheck.scan.grids import Stage
from boundcheck.scan.journal import Journal
from boundcheck.scan.labelled import LabelledPoints
from boundcheck.scan.summary import ScanSummary
from boundcheck.theorems import K_ANY_SIZES, KNOWN, K, get

__all__ = ["Scan", "applicable", "scan"]

# About weighted means or other aggregators, or dearer than a scan allows: a distance of hulls for each pair.
_LEFT_OUT = frozenset({"hull", "hulls"})


@dataclass(frozen=True, eq=False)
class Scan:
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
    """

    summary: ScanSummary
    bounds: tuple[Bound, ...]
    norm: float
    seconds: float
    resumed: int
    blocks: int

    @property
    def verdict(self) -> Verdict:
        """The verdict on all bounds and triples together: the worst."""
        found = {summary.verdict for summary in self.summary.bounds.values()}
        order = (Verdict.FAILS, Verdict.UNDECIDED, Verdict.HOLDS, Verdict.VACUOUS)
        return next(verdict for verdict in order if verdict in found)

    def to_dict(self) -> dict[str, Any]:
        """Return counts, enclosures of quantiles and extremes as plain JSON types."""
        found: dict[str, Any] = {"triples": self.summary.triples, "norm": self.norm, "seconds": round(self.seconds, 3)}
        found["bounds"] = {}
        for name, one in self.summary.bounds.items():
            known: dict[str, Any] = {
                "verdict": one.verdict.value,
                "counts": {verdict.value: count for verdict, count in one.counts.items()},
                "rest_on": {stage.name.lower(): int(one.stages[stage]) for stage in Stage},
            }
            if one.tightness.ordered:
                known["tightness"] = {
                    f"quantile_{level:g}": one.tightness.quantile(level) for level in (0.05, 0.25, 0.5, 0.75, 0.95)
                }
                known["tightest"] = [
                    {"triple": [self.summary.names[at] for at in ranked.triple], **ranked.enclosures}
                    for ranked in one.tightest
                ]
            found["bounds"][name] = known
        found["parameters"] = {
            symbol: {
                "median": one.values.quantile(0.5) if one.values.ordered else None,
                "surely_below_0": one.below_zero,
                "surely_at_least_0": one.at_least_zero,
                "neither": one.undecided,
            }
            for symbol, one in self.summary.parameters.items()
        }
        return found


def applicable(labelled: LabelledPoints, norm: float = 2.0) -> tuple[Bound, ...]:
    """Return the theorems about means that speak of these collections in this norm, in the order of the package."""
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


def scan(
    embeddings: Any,
    classes: npt.ArrayLike | None = None,
    collections: npt.ArrayLike | None = None,
    bounds: Sequence[Bound | str] | None = None,
    *,
    norm: float = 2.0,
    parameters: Mapping[Parameter, float] | None = None,
    verdicts_only: bool = False,
    journal: str | PathLike[str] | None = None,
    threads: int | None = None,
    top: int = 10,
    progress: Callable[[int], None] | None = None,
) -> Scan:
    """Check bounds on every triple of collections: two of one class, and one of another.

    Parameters
    ----------
    embeddings
        Embedded objects, shape (N, d), finite; or :class:`LabelledPoints`, then without labels.
    classes, collections
        The labels of each object, shape (N,).
    bounds
        Bounds about means, or their names; if None, every theorem that speaks of such collections in this norm.
    norm
        The p of the p-norm, in [1, inf].
    parameters
        Values for parameters; one left out takes, on each triple, the least value that its premise allows.
    verdicts_only
        Whether to leave out both sides: then most verdicts follow from centroids and radii.
    journal
        A file for finished blocks: a run that was stopped goes on from there, and ends with the same bytes.
    threads
        How many blocks at once; torch's number of threads if None. The result does not depend on it.
    top
        How many of the tightest and of the loosest triples to keep.
    progress
        Called with the number of triples each time a block is done.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If labels are missing or do not fit, or a bound is not known.
    NormError, UnequalSizesError, TermError
        If a bound says nothing of such collections.
    CheckpointError
        If the journal is that of another scan, damaged, or cannot be written.

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
    labelled = _labelled(embeddings, classes, collections)
    chosen = applicable(labelled, norm) if bounds is None else tuple(map(_bound, bounds))
    every = EveryTriple(labelled, chosen, norm=norm, parameters=parameters, verdicts_only=verdicts_only)
    symbols = [] if verdicts_only else sorted(
        {one.symbol for bound in chosen for one in bound.parameters() if one not in every.parameters}
    )  # fmt: skip

    def empty() -> ScanSummary:
        names = [bound.name for bound in chosen]
        return ScanSummary.empty(
            names, symbols, labelled.classes, labelled.names, labelled.class_names, top, not verdicts_only
        )

    def run(block: Block) -> bytes:
        part = empty()
        for grid in every.grids(block):
            part.add(grid)
        return part.to_bytes()

    began, total = time.perf_counter(), empty()
    with ExitStack() as stack:
        kept = None if journal is None else stack.enter_context(Journal(journal, _digest(every, top)))
        done = dict(kept.done()) if kept is not None else {}
        blocks = every.blocks()
        left = [block for block in blocks if block.key not in done]

        def take(payload: bytes) -> None:
            part = ScanSummary.from_bytes(payload)
            total.merge(part)
            if progress is not None:
                progress(part.triples)

        for payload in done.values():
            take(payload)
        workers = stack.enter_context(one_thread_each())
        pool = stack.enter_context(ThreadPoolExecutor(workers if threads is None else _whole(threads)))
        running = {pool.submit(run, block): block for block in left}
        try:
            for future in as_completed(running):
                payload = future.result()
                if kept is not None:
                    kept.write(running[future].key, payload)
                take(payload)
        except BaseException:
            # Leaving the pool waits for what it still has to do.
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return Scan(total, chosen, norm, time.perf_counter() - began, len(done), len(blocks))


def _labelled(embeddings: Any, classes: npt.ArrayLike | None, collections: npt.ArrayLike | None) -> LabelledPoints:
    if isinstance(embeddings, LabelledPoints):
        if classes is not None or collections is not None:
            raise InvalidTypeError(
                explain("classes, collections", "none beside LabelledPoints, which has them", "some")
            )
        return embeddings
    if classes is None or collections is None:
        raise InvalidTypeError(explain("classes, collections", "a label of each for every embedding", "none"))
    return LabelledPoints.from_labels(embeddings, collections, classes)


def _bound(bound: Bound | str) -> Bound:
    return get(bound) if isinstance(bound, str) else bound


def _whole(threads: int) -> int:
    if isinstance(threads, bool) or not isinstance(threads, int) or threads < 1:
        raise InvalidValueError(explain("threads", "an integer in [1, ∞)", f"{threads!r}"))
    return threads


def _digest(every: EveryTriple, top: int) -> str:
    """Return a digest of all that decides what the blocks hold."""
    labelled, found = every.labelled, hashlib.sha256()
    found.update(every.grouped.points.numpy().tobytes())
    found.update(labelled.sizes.tobytes() + labelled.classes.tobytes())
    settings = {
        "version": __version__,
        "shape": labelled.points.shape,
        "names": (labelled.names, labelled.class_names),
        "bounds": [(bound.name, bound.statement, [str(one) for one in bound.premises]) for bound in every.bounds],
        "norm": every.grouped.p,
        "parameters": sorted((parameter.symbol, value) for parameter, value in every.parameters.items()),
        "verdicts_only": every.verdicts_only,
        "top": top,
    }
    found.update(repr(settings).encode())
    return found.hexdigest()
