"""A bound over one collection, two, or any number, on every tuple that its roles allow, or on random ones; a family by parts."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from jaxtyping import Int

from boundcheck.arithmetic import certified
from boundcheck.atomic import write_text
from boundcheck.data.labelled import LabelledPoints, require_labelled
from boundcheck.data.tuples import Tuples, many
from boundcheck.errors import InvalidValueError, explain, require_norm, require_whole
from boundcheck.evaluate import CODES, Verdict, judge
from boundcheck.evaluate.enclosed import Enclosed
from boundcheck.language import Bound, Collection, Family, Parameter, Weights
from boundcheck.progress import Bar
from boundcheck.report.html import page
from boundcheck.report.tables import Table
from boundcheck.scanning.triples import Gathered, ScanResult, batches_of_one_size, check_triples
from boundcheck.theorems.find import resolve

__all__ = ["MOST", "TupleScan", "scan_parts", "scan_tuples"]

#: How many tuples are looked at one by one at most: what is found of each is kept.
MOST = 5_000_000
# Parts at once, and numbers of the arrays over all pairs of their points: large parts are judged one by one, as planned.
_BATCH, _NUMBERS = 64, 1 << 22
_TOLD = (Verdict.HOLDS, Verdict.FAILS, Verdict.UNDECIDED, Verdict.VACUOUS)


@dataclass(frozen=True, eq=False)
class TupleScan:
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
        How long it took.
    """

    result: ScanResult
    names: tuple[str, ...]
    what: str
    allowed: str
    total: int
    seed: int | None
    norm: float
    seconds: float

    @property
    def verdict(self) -> Verdict:
        """The verdict on all that were looked at together: the worst."""
        return self.result.verdict

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
            "tightest": [told(place) for place in self.tightest(top)],
            "first_failing": [told(place) for place in self.first(Verdict.FAILS, top)],
            "first_undecided": [told(place) for place in self.first(Verdict.UNDECIDED, top)],
        }

    def page(self, source: str) -> str:
        """Return the report as one HTML page without scripts."""
        return page(
            "tuples.html", scan=self, tables=self.tables(), source=source, title=f"{self.result.bound.name}: a scan"
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
        As for :func:`check_triples`.
    sample
        How many to draw, where not all are to be looked at; where there are no more than that, all of them are.
    seed
        Of the draw.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If `labelled` or the bound is none, it is over a family, there is no such tuple, or there are more than
        :data:`MOST` and no sample was asked for.
    NormError, UnequalSizesError
        If the bound is not stated for the norm, or for collections of these sizes.

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
    result = check_triples(
        chosen, labelled, places, norm=p, parameters=parameters, weights=weights, chain=False, progress=progress
    )
    return TupleScan(
        result,
        labelled.names,
        many(len(chosen.collections)),
        tuples.said,
        tuples.count,
        seed if drawn else None,
        p,
        time.perf_counter() - began,
    )


@certified
def scan_parts(
    labelled: LabelledPoints,
    bound: Bound | str,
    size: int = 2,
    *,
    norm: float = 2.0,
    parameters: Mapping[Parameter, float] | None = None,
    sample: int | None = None,
    seed: int = 0,
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
    sample, seed
        As for :func:`scan_tuples`.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If `labelled` or the bound is none, or is over something else; if there are fewer classes; or if there are more
        parts than :data:`MOST` and no sample was asked for.
    NormError
        If the bound is not stated for the norm.
    """
    p, began = require_norm(norm), time.perf_counter()
    chosen, _ = resolve(bound)
    require_labelled("labelled", labelled)
    family = require_one_family(chosen)
    chosen.require_norm(p)
    names, members = members_of_classes(labelled)
    if require_whole("size", size, 2) > len(names):
        raise InvalidValueError(explain("size", f"a number of classes in [2, {len(names)}]", f"{size}"))
    total, what = math.comb(len(names), size), f"parts of {size} classes"
    drawn = sample is not None and require_whole("sample", sample) < total
    _require_few(drawn, total, what)
    if drawn:
        random = np.random.default_rng(require_whole("seed", seed, 0))
        several = [np.sort(random.choice(len(names), size, replace=False)) for _ in range(int(sample or 0))]
        parts: Int[np.ndarray, "t k"] = np.stack(several).astype(np.int64)
    else:
        parts = np.array(list(itertools.combinations(range(len(names)), size)), dtype=np.int64)
    points = torch.from_numpy(np.ascontiguousarray(labelled.points))
    sizes = np.array([len(rows) for rows in members])
    gathered = Gathered(chosen, len(parts), {}, False)
    with Bar("checking parts", len(parts), shown=progress) as bar:
        most = int(sizes[parts].sum(axis=1).max())
        for rows in batches_of_one_size(sizes[parts], max(1, min(_BATCH, _NUMBERS // (most * most)))):
            batch = np.stack([np.concatenate([members[position] for position in part]) for part in parts[rows]])
            given = {key: points.new_full((len(rows),), value) for key, value in (parameters or {}).items()}
            partition = tuple(sizes[parts[rows[0]]].tolist())
            one: dict[Collection, torch.Tensor] = {family: points[torch.from_numpy(batch)]}
            gathered.put(rows, judge(chosen, one, p, parameters=given, partitions={family: partition}, chain=False))
            bar.advance(len(rows))
    allowed = f"of the {len(names)} classes"
    return TupleScan(
        gathered.result(parts), names, what, allowed, total, seed if drawn else None, p, time.perf_counter() - began
    )


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
