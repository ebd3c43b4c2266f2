"""Adversarial objects: collections of real objects, or small perturbations of them, of the greatest tightness.

The adversary of :func:`boundcheck.falsify` moves points freely. An embedding of real data leaves it less room:

==============================  ======================================================================================
:func:`tightest_collections`    points are embedded objects; a move replaces a member of a collection by another object
                                of its class, or exchanges two
:func:`perturbed_collections`   points are what f makes of objects; a move changes every object a little, up the slope
                                through f and the numeric reader
==============================  ======================================================================================

Both report enclosures of what they found, and say "survived" or "refuted", never "true".
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from numbers import Integral, Real
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from boundcheck.adversary.outcome import Refuted, resolve
from boundcheck.adversary.problem import Case, Cases, Layout, Problem, Values
from boundcheck.adversary.search import Tried
from boundcheck.embed import embed_all
from boundcheck.embed.functions import as_device
from boundcheck.embed.modules import home
from boundcheck.errors import (
    EmptyCollectionError,
    InvalidTypeError,
    InvalidValueError,
    MissingEntryError,
    NonFiniteError,
    ParameterError,
    explain,
    require_whole,
)
from boundcheck.evaluate import CODES, Enclosed, Ground, Verdict, require_equal_sizes
from boundcheck.evaluate.enclosed import quotient
from boundcheck.language import Bound, Parameter, Relation, Weights
from boundcheck.real_numbers import Place, Source, plain_tensor, unchanged_array

__all__ = ["Certified", "Labelled", "Perturbed", "Tightest", "perturbed_collections", "tightest_collections"]

Rows = npt.NDArray[np.int64]

# By how much the left side must exceed the right, relatively, to be worth judging: more than rounding makes of equals.
_SUSPECT = 1e-10
# A premise without a parameter that is exceeded by no more than this is taken as met, and left to the verdict.
_MET = 1e-12
# Below every tightness: where premises are not met.
_UNMET = -1e9
# Of the random collections' right sides: below this share of their median, a ratio is mostly rounding.
_SHARE = 1e-9
# Random triples drawn at first, compact ones besides, and triples drawn anew for a start that has settled.
_DRAWN, _COMPACT, _REDRAWN = 2048, 2048, 64
# Moves of one start judged at once; and how many, best estimates first, go by before a start has settled.
_MOVES, _PATIENCE = 16, 4096
# Of the batch's numbers: what stays in the cache.
_NUMBERS = 1 << 18
# How many of the best are kept to be judged.
_KEPT = 8


# ------------------------------------------------------------------------------------------------------- what is said


@dataclass(frozen=True)
class Certified:
    """What is surely true of a bound on one triple of collections.

    Attributes
    ----------
    verdict
        On the triple: an inequality that holds here may still be false.
    lhs, rhs
        The two sides, each with a bound on its error.
    tightness
        Left side over right side; None where both are 0.
    parameters
        By symbol, the value of each.
    ground
        What decided: float64, balls of so many bits, or exact numbers.
    """

    verdict: Verdict
    lhs: Enclosed
    rhs: Enclosed
    tightness: Enclosed | None
    parameters: Mapping[str, Enclosed]
    ground: Ground

    @classmethod
    def of(cls, problem: Problem, case: Case) -> Certified:
        """Judge a case with all the precision it takes."""
        judged = problem.judged([case], escalate=None)
        sides = judged.conclusion
        lhs = Enclosed(float(sides.lhs), float(sides.lhs_error))
        rhs = Enclosed(float(sides.rhs), float(sides.rhs_error))
        return cls(
            verdict=CODES[int(sides.code)],
            lhs=lhs,
            rhs=rhs,
            tightness=quotient(lhs, rhs),
            parameters={
                key.symbol: Enclosed(float(named.value), float(named.known_error))
                for key, named in judged.parameters.items()
            },
            ground=sides.ground_of(),
        )

    def __str__(self) -> str:
        return f"left side {self.lhs}, right side {self.rhs}, tightness {self.tightness}: {self.ground.beside(self.verdict)}"

    def summary(self) -> dict[str, Any]:
        """Return it as plain JSON types."""

        def pair(enclosed: Enclosed | None) -> list[float] | None:
            # JSON has no infinities.
            return None if enclosed is None or not math.isfinite(enclosed.error) else [float(enclosed), enclosed.error]

        return {
            "verdict": self.verdict.value,
            "lhs": pair(self.lhs),
            "rhs": pair(self.rhs),
            "tightness": pair(self.tightness),
            "parameters": {symbol: pair(value) for symbol, value in self.parameters.items()},
            "ground": self.ground.to_dict(),
        }


@dataclass(frozen=True)
class Tightest:
    """The tightest collections of real objects that a search found.

    Attributes
    ----------
    bound, norm
        The statement, and the p of the p-norm.
    objects
        By symbol, the rows of the objects in the labelled points, in ascending order.
    classes
        By symbol, the name of their class.
    found
        The sides, the tightness and the verdict there.
    random
        The same of the tightest of the random collections that the search started from.
    refuted
        The counterexample, where the bound surely fails at `found`; else None.
    drawn, evaluations, rounds, settled
        Random collections drawn; collections evaluated in all; batches of moves; starts that no single move improved.
    history
        Pairs of evaluations and the greatest tightness by then, as float64 has it, at every improvement.
    seed, seconds
        Of the search, and how long it took.
    """

    bound: Bound
    norm: float
    objects: Mapping[str, tuple[int, ...]]
    classes: Mapping[str, str]
    found: Certified
    random: Certified
    refuted: Refuted | None
    drawn: int
    evaluations: int
    rounds: int
    settled: int
    history: tuple[tuple[int, float], ...]
    seed: int
    seconds: float

    @property
    def verdict(self) -> str:
        """``"refuted"`` where the bound surely fails at what was found, else ``"survived"``."""
        return "survived" if self.refuted is None else "refuted"

    @property
    def tightness(self) -> Enclosed | None:
        """Left side over right side at what was found."""
        return self.found.tightness

    def __str__(self) -> str:
        lines = [f"{self.verdict}  {self.bound}", f"norm p = {self.norm:g}"]
        for symbol, rows in self.objects.items():
            lines.append(f"  {symbol} = objects {', '.join(map(str, rows))} of {self.classes[symbol]}")
        lines += [f"{self.found}", f"the tightest of {self.drawn:,} random collections: {self.random.tightness}"]
        lines.append(f"{self.evaluations:,} collections in {self.seconds:.1f} s; seed {self.seed}")
        if self.refuted is None:
            lines.append("no counterexample was found, which proves nothing")
        return "\n".join(lines)

    def summary(self) -> dict[str, Any]:
        """Return it as plain JSON types."""
        return {
            "verdict": self.verdict,
            **_about(self.bound, self.norm),
            "objects": {symbol: list(rows) for symbol, rows in self.objects.items()},
            "classes": dict(self.classes),
            "found": self.found.summary(),
            "random": self.random.summary(),
            "drawn": self.drawn,
            "evaluations": self.evaluations,
            "rounds": self.rounds,
            "settled": self.settled,
            "history": [[count, _plain(value)] for count, value in self.history],
            "seed": self.seed,
            "seconds": round(self.seconds, 3),
        }


@dataclass(frozen=True)
class Perturbed:
    """Perturbed objects of the greatest tightness that an ascent found.

    Attributes
    ----------
    bound, norm
        The statement, and the p of the p-norm between embedded points.
    objects
        By argument (``"G1"``, …), the objects as they are now: no farther than `radius` from what they were.
    radius, perturbation_norm
        The limit on each object's perturbation, and the norm (2 or inf) that it is measured in.
    moved
        By argument, the largest perturbation of an object in that norm, to rounding.
    before, after
        The sides, the tightness and the verdict, at the points that f makes of the objects as ``check_bound`` has it.
    refuted
        The counterexample, embedded points, where the bound surely fails after; else None.
    history
        The greatest tightness by each step, as float64 has it.
    embedded
        How many objects f was given.
    steps, restarts, seed, seconds
        Of the ascent, and how long it took.
    """

    bound: Bound
    norm: float
    objects: Mapping[str, Tensor] = field(repr=False)
    radius: float
    perturbation_norm: float
    moved: Mapping[str, float]
    before: Certified
    after: Certified
    refuted: Refuted | None
    history: tuple[float, ...]
    embedded: int
    steps: int
    restarts: int
    seed: int
    seconds: float

    @property
    def verdict(self) -> str:
        """``"refuted"`` where the bound surely fails at what was found, else ``"survived"``."""
        return "survived" if self.refuted is None else "refuted"

    @property
    def tightness(self) -> Enclosed | None:
        """Left side over right side at what was found."""
        return self.after.tightness

    def __str__(self) -> str:
        lines = [
            f"{self.verdict}  {self.bound}",
            f"norm p = {self.norm:g}; every object within {self.radius:g} in the {self.perturbation_norm:g}-norm",
            f"before  {self.before}",
            f"after   {self.after}",
            f"{self.steps} steps from each of {self.restarts} starts in {self.seconds:.1f} s; seed {self.seed}",
        ]
        if self.refuted is None:
            lines.append("no counterexample was found, which proves nothing")
        return "\n".join(lines)

    def summary(self) -> dict[str, Any]:
        """Return it as plain JSON types, without the objects."""
        return {
            "verdict": self.verdict,
            **_about(self.bound, self.norm),
            "sizes": {argument: len(tensor) for argument, tensor in self.objects.items()},
            "radius": self.radius,
            "perturbation_norm": _plain(self.perturbation_norm),
            "moved": dict(self.moved),
            "before": self.before.summary(),
            "after": self.after.summary(),
            "history": [_plain(value) for value in self.history],
            "embedded": self.embedded,
            "steps": self.steps,
            "restarts": self.restarts,
            "seed": self.seed,
            "seconds": round(self.seconds, 3),
        }


def _about(bound: Bound, norm: float) -> dict[str, Any]:
    return {"bound": {"name": bound.name, "statement": str(bound)}, "norm": _plain(norm)}


def _plain(number: float) -> float | str:
    return number if math.isfinite(number) else f"{number:g}"


# --------------------------------------------------------------------------------------------------- what both share


class _Setting:
    """A bound on three collections of given sizes, its numbers settled: what is left to vary is points."""

    def __init__(
        self,
        bound: Bound | str,
        sizes: Sequence[int],
        norm: float,
        weights: Mapping[str, Sequence[float]] | None,
        given: Mapping[str, float] | None,
        device: torch.device | str | None,
    ) -> None:
        self.bound, self.reference = resolve(bound)
        if self.bound.relation is Relation.EQUAL:
            raise InvalidValueError(explain("bound", "an inequality", f"{self.bound.name!r}, an equality"))
        if len(self.bound.collections) != 3:
            symbols = ", ".join(one.symbol for one in self.bound.collections)
            raise InvalidValueError(explain("bound", "one on three collections", f"{self.bound.name!r}, on {symbols}"))
        if self.bound.maps():
            spoken = f"{self.bound.name!r}, which speaks of {', '.join(map(str, self.bound.maps()))}"
            raise InvalidValueError(explain("bound", "one without maps", spoken, "falsify searches for maps too"))
        self.problem = Problem(self.bound, device=device)
        self.bound.require_norm(norm)
        self.norm, self.sizes = float(norm), tuple(sizes)
        by_collection = dict(zip(self.bound.collections, self.sizes, strict=True))
        require_equal_sizes(self.bound, by_collection)
        self.weights = _ratios(self.bound, by_collection, weights)
        self.given = _numbers(self.problem, given)

    def cases(self, points: Sequence[Float[Tensor, "b n d"]]) -> Cases:
        """Return a batch of the three collections' points."""
        count, dimension = points[0].shape[0], points[0].shape[-1]

        def repeated(numbers: Any) -> Tensor:
            return torch.as_tensor(numbers, dtype=torch.float64, device=self.problem.device).expand(
                count, *np.shape(numbers)
            )

        return Cases(
            Layout(self.norm, self.sizes, dimension),
            dict(zip(self.bound.collections, points, strict=True)),
            {one: repeated(ratios) for one, ratios in self.weights.items()},
            {one: repeated(value) for one, value in self.given.items()},
        )

    def case(self, points: Sequence[Float[Tensor, "n d"]]) -> Case:
        """Return one triple, to be judged."""
        arrays = [tensor.detach().cpu().numpy() for tensor in points]
        return Case(
            self.norm, dict(zip(self.bound.collections, arrays, strict=True)), dict(self.weights), dict(self.given)
        )

    def refuted(self, case: Case, found: Certified, evaluations: int, seconds: float, seed: int) -> Refuted | None:
        """Return a counterexample where the bound surely fails."""
        if found.verdict is not Verdict.FAILS:
            return None
        tried = Tried(cases=evaluations, tightness=_or_none(found.tightness), tightest=case, seconds=seconds)
        return Refuted.of(self.problem, case, tried=tried, seed=seed, reference=self.reference, embedded=False)


def _or_none(number: float | None) -> float | None:
    return None if number is None else float(number)


def _ratios(
    bound: Bound, sizes: Mapping[Any, int], weights: Mapping[str, Sequence[float]] | None
) -> dict[Weights, npt.NDArray[np.float64]]:
    """Return the ratios of every weight, equal where none are given."""
    spoken = {one.symbol: one for one in bound.weights()}
    unknown = [symbol for symbol in weights or {} if symbol not in spoken]
    if unknown:
        raise ParameterError(explain("weights", f"those of {', '.join(spoken) or 'none'}", ", ".join(unknown)))
    found = {}
    for symbol, one in spoken.items():
        size = sizes[one.collection]
        ratios = np.array((weights or {}).get(symbol, np.ones(size)), dtype=np.float64)
        if ratios.shape != (size,) or not np.isfinite(ratios).all() or (ratios < 0).any() or not ratios.sum() > 0:
            raise ParameterError(
                explain(f"weights[{symbol!r}]", f"{size} ratios, not all 0, none below 0", f"{ratios}")
            )
        found[one] = ratios
    return found


def _numbers(problem: Problem, given: Mapping[str, float] | None) -> dict[Parameter, float]:
    """Return the values of the parameters that no premise determines."""
    free = {one.symbol: one for one in problem.free}
    unknown = [symbol for symbol in given or {} if symbol not in free]
    if unknown:
        least = ", ".join(one.symbol for one in problem.determined)
        fix = f"{least} takes the least value that its premise allows" if least else None
        raise ParameterError(explain("given", f"values of {', '.join(free) or 'nothing'}", ", ".join(unknown), fix))
    found: dict[Parameter, float] = {}
    for symbol, one in free.items():
        value: Any = (given or {}).get(symbol)
        if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
            got = "none" if value is None else f"{value!r}"
            raise ParameterError(
                explain(f"given[{symbol!r}]", "a finite number", got, f"no premise says what {symbol} is")
            )
        found[one] = float(value)
    return found


def _real(value: object, name: str, interval: str, admits: Callable[[float], bool]) -> float:
    if isinstance(value, bool) or not isinstance(value, Real):
        raise InvalidTypeError(explain(name, f"a number in {interval}", f"{value!r}"))
    if not admits(float(value)):
        raise InvalidValueError(explain(name, f"a number in {interval}", f"{value!r}"))
    return float(value)


# ------------------------------------------------------------------------------------------------------- real objects


class Labelled(Protocol):
    """Embedded objects in collections of one class each: :class:`boundcheck.data.LabelledPoints` is one."""

    @property
    def points(self) -> Float[np.ndarray, "N d"]:
        """One row an object."""

    @property
    def members(self) -> tuple[Int[np.ndarray, " n"], ...]:
        """The rows of each collection."""

    @property
    def classes(self) -> Int[np.ndarray, " C"]:
        """The class of each collection."""

    @property
    def class_names(self) -> tuple[str, ...]:
        """Of the classes."""


def tightest_collections(
    bound: Bound | str,
    labelled: Labelled,
    *,
    sizes: int | Sequence[int],
    seconds: float = 10.0,
    steps: int | None = None,
    seed: int = 0,
    norm: float = 2,
    starts: int = 4,
    weights: Mapping[str, Sequence[float]] | None = None,
    given: Mapping[str, float] | None = None,
    stop: bool = True,
    device: str | torch.device | None = None,
    progress: Callable[[int, float], None] | None = None,
) -> Tightest:
    """Look for the collections of real objects at which a bound is tightest: x and z of one class, w of another.

    Collections are drawn from all objects of a class, whichever of the given collections they are in; no object is in
    two places. Triples are drawn at random, and compact ones, each collection a part of one that is given, or an object
    and its neighbours; the best are climbed from. Every replacement of a member by an object of its class, and every
    exchange of two members, is ordered by what the gradient says that it gains, and evaluated in that order, many at
    once, until one is better; whole collections are drawn anew besides. A start that 4,096 moves did not improve has
    settled; its place is taken by one of the best so far with some members replaced, or by a new triple.

    Parameters
    ----------
    bound
        A :class:`boundcheck.Bound`, the name of a known one, or FILE.py:NAME, **a file that is run**.
    labelled
        Embedded objects and their classes, such as :class:`boundcheck.data.LabelledPoints`.
    sizes
        Objects in each of the three collections, or one number for all.
    seconds
        How long to search.
    steps
        How many batches of moves to try at most. A search that these end, not the time, is the same for one seed.
    seed
        Of everything random.
    norm
        The p of the p-norm.
    starts
        How many triples are climbed from side by side.
    weights
        By symbol, the ratios of the weights that the bound speaks of; equal where left out.
    given
        By symbol, the parameters that no premise determines. What a premise does determine is the least it allows.
    stop
        Whether a counterexample ends the search.
    device
        Where collections are evaluated; what was found is judged on the CPU.
    progress
        Called now and then with the number of collections evaluated, and the greatest tightness so far.

    Raises
    ------
    InvalidValueError
        If the bound is an equality, or speaks of a map; if no class has enough objects; if no collections satisfy the
        premises, or none has a right side above 0.
    NormError, UnequalSizesError, ParameterError
        If the norm, the sizes, the weights or the parameters are none that the bound is stated for.

    Examples
    --------
    >>> import numpy as np
    >>> from boundcheck.scanning import LabelledPoints
    >>> points = np.random.default_rng(0).normal(size=(60, 3))
    >>> labelled = LabelledPoints.from_labels(points, np.arange(60) // 10, np.arange(60) // 20)
    >>> found = tightest_collections("karimov", labelled, sizes=2, steps=40)
    >>> found.verdict, found.found.verdict.value, found.tightness > found.random.tightness
    ('survived', 'holds', True)
    """
    counts = [sizes] * 3 if isinstance(sizes, Integral) else list(sizes) if isinstance(sizes, Sequence) else None
    if counts is None or len(counts) != 3:
        raise InvalidTypeError(explain("sizes", "one integer, or three", f"{sizes!r}"))
    whole = [require_whole("sizes", size, 1) for size in counts]
    budget = _real(seconds, "seconds", "(0, ∞)", lambda value: 0 < value < math.inf)
    rounds = None if steps is None else require_whole("steps", steps, 0)
    start, side_by_side = require_whole("seed", seed, 0), require_whole("starts", starts, 1)
    setting = _Setting(bound, whole, norm, weights, given, as_device(device))
    swaps = _Swaps(setting, labelled, start, side_by_side, progress)
    return swaps.run(budget, rounds, stop)


@dataclass(eq=False)
class _Climber:
    """One triple that is climbed from: its objects, their classes, and the moves not yet tried, best first."""

    rows: Rows
    own: int
    other: int
    score: float
    moves: Rows | None = None
    tried: int = 0


class _Swaps:
    """The search over collections of real objects."""

    def __init__(
        self,
        setting: _Setting,
        labelled: Labelled,
        seed: int,
        starts: int,
        progress: Callable[[int, float], None] | None,
    ) -> None:
        self.began = time.monotonic()
        self.setting, self.problem = setting, setting.problem
        self.random, self.seed, self.starts, self._progress = np.random.default_rng(seed), seed, starts, progress
        points = np.ascontiguousarray(labelled.points, dtype=np.float64)
        if points.ndim != 2 or not np.isfinite(points).all():
            raise NonFiniteError(explain("labelled", "finite points, shape (N, d)", f"others, of shape {points.shape}"))
        self._numbers, self.points = points, torch.from_numpy(points).to(self.problem.device)
        self.names = labelled.class_names
        self.pools = {
            int(one): np.unique(
                np.concatenate([labelled.members[at] for at in np.flatnonzero(labelled.classes == one)])
            ).astype(np.int64)
            for one in np.unique(labelled.classes)
        }
        self.given = {
            one: [np.asarray(labelled.members[at]) for at in np.flatnonzero(labelled.classes == one)]
            for one in self.pools
        }
        n, p, q = setting.sizes
        self.cuts = (0, n, n + p, n + p + q)
        self.total, self.of_own = n + p + q, n + p
        self.owns = [one for one, pool in self.pools.items() if len(pool) >= n + p]
        self.others = [one for one, pool in self.pools.items() if len(pool) >= q]
        if not self.owns or len(set(self.owns) | set(self.others)) < 2 or not self.others:
            most = sorted((len(pool) for pool in self.pools.values()), reverse=True)
            raise InvalidValueError(
                explain(
                    "labelled",
                    f"a class of at least {n + p} objects, and another of at least {q}",
                    f"{len(most)} classes, the largest of {', '.join(map(str, most[:3]))} objects",
                    "make sizes smaller",
                )
            )
        # An own class must leave another.
        self.owns = [one for one in self.owns if any(other != one for other in self.others)]
        self.floor, self.evaluations, self.rounds, self.settled = 0.0, 0, 0, 0
        self.best: dict[bytes, tuple[float, Rows, int, int]] = {}
        self.history: list[tuple[int, float]] = []

    # ------------------------------------------------------------------------------------------------------- the run

    def run(self, seconds: float, steps: int | None, stop: bool) -> Tightest:
        deadline = self.began + seconds
        drawn = self._drawn(_DRAWN)
        self._set_floor(drawn)
        self._score_all(drawn)
        random = max(drawn, key=lambda one: one.score)
        random = _Climber(random.rows, random.own, random.other, random.score)
        climbers = [random]
        if steps != 0:
            compact = self._drawn(_COMPACT, compact=True)
            self._score_all(compact)
            climbers = sorted([*drawn, *compact], key=lambda one: -one.score)[: self.starts]
        self._note(climbers[0])
        judged = -math.inf
        while time.monotonic() < deadline and (steps is None or self.rounds < steps):
            self._round(climbers)
            top = self._top()
            if top is None or not top[0] > max(1 + _SUSPECT, judged + 1e-9):
                continue
            judged = top[0]
            verdict = self._certified(top[1]).verdict
            if verdict is Verdict.FAILS and stop:
                break
            if verdict is Verdict.VACUOUS:
                # A premise exceeded by less than the search can tell: no case at all.
                self.best.pop(top[1].tobytes())
                climbers[:] = [self._anew() if _same(one.rows, top[1]) else one for one in climbers]
                judged = -math.inf
        return self._outcome(random)

    def _round(self, climbers: list[_Climber]) -> None:
        """Try the next moves of every start."""
        self.rounds += 1
        for place, one in enumerate(climbers):
            if one.moves is not None and one.tried >= min(len(one.moves), _PATIENCE):
                self.settled += 1
                climbers[place] = self._kicked() if self.random.random() < 0.5 else self._anew()
        self._order([one for one in climbers if one.moves is None])
        batches = []
        for one in climbers:
            moved, leaps = self._moved(one), self._leaps(one)
            rows = np.concatenate([moved, np.stack([leap for leap, _ in leaps])])
            batches.append((rows, [one.other] * len(moved) + [other for _, other in leaps]))
            one.tried += len(moved)
        scores = self._scores(np.concatenate([rows for rows, _ in batches]))
        end = 0
        for place, (one, (rows, others)) in enumerate(zip(climbers, batches, strict=True)):
            mine = scores[end : end + len(rows)]
            end += len(rows)
            at = int(mine.argmax())
            best = float(mine[at])
            if best > one.score + (1e-13 * abs(one.score) if math.isfinite(one.score) else 0.0):
                climbers[place] = better = _Climber(rows[at].copy(), one.own, others[at], best)
                self._note(better)
        if self._progress is not None:
            self._progress(self.evaluations, self.history[-1][1] if self.history else -math.inf)

    def _note(self, one: _Climber) -> None:
        """Keep a triple that is among the best."""
        if one.score <= _UNMET:
            return
        top = self._top()
        if top is None or one.score > top[0]:
            self.history.append((self.evaluations, one.score))
        self.best[one.rows.tobytes()] = (one.score, one.rows, one.own, one.other)
        if len(self.best) > 4 * _KEPT:
            kept = sorted(self.best.items(), key=lambda item: -item[1][0])[:_KEPT]
            self.best = dict(kept)

    def _top(self) -> tuple[float, Rows, int, int] | None:
        return max(self.best.values(), key=lambda kept: kept[0], default=None)

    def _outcome(self, random: _Climber) -> Tightest:
        setting = self.setting
        ranked = sorted(self.best.values(), key=lambda kept: -kept[0])[:_KEPT]
        chosen: tuple[Rows, int, int, Certified] | None = None
        for score, rows, own, other in ranked:
            found = self._certified(rows)
            if found.verdict is Verdict.VACUOUS:
                continue
            if chosen is None or found.verdict is Verdict.FAILS:
                chosen = rows, own, other, found
            if found.verdict is Verdict.FAILS or score <= 1 + _SUSPECT:
                break
        if chosen is None:
            raise InvalidValueError(
                explain(
                    "labelled",
                    f"collections that satisfy the premises of {setting.bound.name!r}, with a right side above 0",
                    f"none among {self.evaluations:,} that were tried",
                )
            )
        rows, own, other, found = chosen
        seconds = time.monotonic() - self.began
        symbols = [one.symbol for one in setting.bound.collections]
        parts = [np.sort(rows[low:high]) for low, high in pairwise(self.cuts)]
        return Tightest(
            bound=setting.bound,
            norm=setting.norm,
            objects={symbol: tuple(map(int, part)) for symbol, part in zip(symbols, parts, strict=True)},
            classes=dict(zip(symbols, (self.names[own], self.names[own], self.names[other]), strict=True)),
            found=found,
            random=self._certified(random.rows),
            refuted=setting.refuted(self._case(rows), found, self.evaluations, seconds, self.seed),
            drawn=_DRAWN,
            evaluations=self.evaluations,
            rounds=self.rounds,
            settled=self.settled,
            history=tuple(self.history),
            seed=self.seed,
            seconds=seconds,
        )

    # ------------------------------------------------------------------------------------------------------ evaluation

    def _parts(self, rows: Rows) -> list[Tensor]:
        # Ascending, as the outcome has them: one set of objects has one value, to the last digit.
        parts = [np.sort(rows[..., low:high], axis=-1) for low, high in pairwise(self.cuts)]
        return [self.points[torch.from_numpy(part).to(self.points.device)] for part in parts]

    def _case(self, rows: Rows) -> Case:
        return self.setting.case(self._parts(rows))

    def _certified(self, rows: Rows) -> Certified:
        return Certified.of(self.problem, self._case(rows))

    def _blocks(self, rows: Rows) -> Iterator[Rows]:
        size = max(1, _NUMBERS // (self.total * self.points.shape[1]))
        for start in range(0, len(rows), size):
            yield rows[start : start + size]

    def _set_floor(self, drawn: Sequence[_Climber]) -> None:
        with torch.no_grad():
            rhs = self.problem.values(self.setting.cases(self._parts(np.stack([one.rows for one in drawn[:256]])))).rhs
        finite = rhs[torch.isfinite(rhs)].abs()
        self.floor = _SHARE * float(finite.median()) if len(finite) else 0.0

    def _score(self, values: Values) -> Tensor:
        return _ratio(values, self.floor)

    def _scores(self, rows: Rows) -> npt.NDArray[np.float64]:
        found = []
        for block in self._blocks(rows):
            with torch.no_grad():
                found.append(self._score(self.problem.values(self.setting.cases(self._parts(block)))))
        self.evaluations += len(rows)
        return torch.cat(found).cpu().numpy()

    # ------------------------------------------------------------------------------------------------------------ moves

    def _class_at(self, one: _Climber, position: int) -> int:
        return one.own if position < self.of_own else one.other

    def _order(self, climbers: Sequence[_Climber]) -> None:
        """Give starts their moves, ordered by what the gradient says of each: position times N plus the object."""
        if not climbers:
            return
        slopes = self._slopes(
            np.stack([np.concatenate([np.sort(part) for part in self._split(one.rows)]) for one in climbers])
        )
        for one, slope in zip(climbers, slopes, strict=True):
            # The order that the slopes are in.
            one.rows = np.concatenate([np.sort(part) for part in self._split(one.rows)])
            here = self.points[torch.from_numpy(one.rows).to(self.points.device)]
            gains, codes = [], []
            for kind, low, high in ((one.own, 0, self.of_own), (one.other, self.of_own, self.total)):
                pool = self.pools[kind]
                there = self.points[torch.from_numpy(pool).to(self.points.device)]
                gain = slope[low:high] @ there.T - (slope[low:high] * here[low:high]).sum(dim=1, keepdim=True)
                gains.append(gain.flatten().cpu().numpy())
                codes.append((np.arange(low, high)[:, None] * len(self.points) + pool[None, :]).ravel())
            gain, code = np.concatenate(gains), np.concatenate(codes)
            # Ties in random order: what a maximum does not look at has no slope at all.
            shuffled = self.random.permutation(len(gain))
            gain, code = gain[shuffled], code[shuffled]
            most = min(_PATIENCE, len(gain))
            first = np.argpartition(-gain, most - 1)[:most]
            order = first[np.argsort(-gain[first], kind="stable")]
            one.moves, one.tried = code[order], 0

    def _split(self, rows: Rows) -> list[Rows]:
        return [rows[low:high] for low, high in pairwise(self.cuts)]

    def _slopes(self, rows: Rows) -> Tensor:
        """Return the gradient of the tightness in every point, 0 where there is none."""
        found = []
        for block in self._blocks(rows):
            leaves = [part.clone().requires_grad_() for part in self._parts(block)]
            values = self.problem.values(self.setting.cases(leaves))
            told = values.rhs.detach() > self.floor
            goal = torch.where(told, values.lhs / torch.where(told, values.rhs, 1.0), values.lhs - values.rhs)
            goal = goal - 2 * values.excess.clamp(min=0)
            slopes: Sequence[Tensor | None] = [None] * 3
            if goal.requires_grad:
                slopes = torch.autograd.grad(goal.nan_to_num(nan=0.0).sum(), leaves, allow_unused=True)
            known = [
                torch.zeros_like(leaf) if slope is None else slope.nan_to_num(nan=0.0, posinf=0.0, neginf=0.0)
                for leaf, slope in zip(leaves, slopes, strict=True)
            ]
            found.append(torch.cat(known, dim=1))
        return torch.cat(found)

    def _moved(self, one: _Climber) -> Rows:
        """Return the triples that the next moves of a start lead to."""
        assert one.moves is not None
        codes = one.moves[one.tried : one.tried + _MOVES]
        positions, objects = np.divmod(codes, len(self.points))
        rows = np.repeat(one.rows[None, :], len(codes), axis=0)
        at = np.arange(len(codes))
        # Where the object is a member already, the two change places.
        held = one.rows[None, :] == objects[:, None]
        rows[held] = np.broadcast_to(one.rows[positions][:, None], held.shape)[held]
        rows[at, positions] = objects
        return rows

    def _leaps(self, one: _Climber) -> list[tuple[Rows, int]]:
        """Return triples with one collection drawn anew, which no single replacement reaches, and their negatives' class."""
        n, own, q = self.setting.sizes[0], self.of_own, self.total - self.of_own
        found = []
        for place in range(4):
            rows, other = one.rows.copy(), one.other
            if place < 2:
                other = self._other_than(one.own)
                rows[own:] = self._group(other, q) if place else self.random.choice(self.pools[other], q, replace=False)
            elif place == 2:
                rows[:n] = self._group(one.own, n, rows[n:own])
            else:
                rows[n:own] = self._group(one.own, own - n, rows[:n])
            found.append((rows, other))
        return found

    def _group(self, kind: int, count: int, kept: Rows | None = None) -> Rows:
        """Return objects of a class that are alike: of one given collection, or an object and those nearest to it.

        Sides are often near to each other where collections are compact. What is kept elsewhere is left out.
        """
        if self.random.random() < 0.5:
            several = self.given[kind]
            members = several[int(self.random.integers(len(several)))]
            members = members if kept is None else members[~np.isin(members, kept)]
            if len(members) >= count:
                return self.random.choice(members, count, replace=False)
        pool = self.pools[kind] if kept is None else self.pools[kind][~np.isin(self.pools[kind], kept)]
        points = self._numbers[pool]
        apart = points - points[int(self.random.integers(len(pool)))]
        squares = np.einsum("ij,ij->i", apart, apart)
        return pool[np.argpartition(squares, count - 1)[:count]]

    def _other_than(self, own: int) -> int:
        others = [other for other in self.others if other != own]
        return others[int(self.random.integers(len(others)))]

    # ----------------------------------------------------------------------------------------------------------- starts

    def _drawn(self, count: int, *, compact: bool = False) -> list[_Climber]:
        """Draw triples: a class, another, and objects of each without repetition, at random or alike."""
        found, n = [], self.setting.sizes[0]
        for _ in range(count):
            own = self.owns[int(self.random.integers(len(self.owns)))]
            other = self._other_than(own)
            mine, theirs, q = self.pools[own], self.pools[other], self.total - self.of_own
            if compact:
                first = self._group(own, n)
                parts = [first, self._group(own, self.of_own - n, first), self._group(other, q)]
            else:
                parts = [
                    self.random.choice(mine, self.of_own, replace=False),
                    self.random.choice(theirs, q, replace=False),
                ]
            found.append(_Climber(np.concatenate(parts), own, other, -math.inf))
        return found

    def _anew(self) -> _Climber:
        """Return the best of a few random triples."""
        drawn = self._drawn(_REDRAWN, compact=bool(self.random.integers(2)))
        self._score_all(drawn)
        best = max(drawn, key=lambda one: one.score)
        self._note(best)
        return best

    def _score_all(self, drawn: Sequence[_Climber]) -> None:
        for one, score in zip(drawn, self._scores(np.stack([one.rows for one in drawn])), strict=True):
            one.score = float(score)

    def _kicked(self) -> _Climber:
        """Return one of the best with some of its members replaced."""
        ranked = sorted(self.best.values(), key=lambda kept: -kept[0])[:_KEPT]
        if not ranked:
            return self._anew()
        _, rows, own, other = ranked[int(self.random.integers(len(ranked)))]
        rows = rows.copy()
        most = max(1, min(self.total - 1, self.total // 3))
        for position in self.random.permutation(self.total)[: int(self.random.integers(1, most + 1))]:
            pool = self.pools[own if position < self.of_own else other]
            free = np.setdiff1d(pool, rows)
            if len(free):
                rows[position] = self.random.choice(free)
        kicked = _Climber(rows, own, other, float(self._scores(rows[None, :])[0]))
        self._note(kicked)
        return kicked


def _same(a: Rows, b: Rows) -> bool:
    """Say whether two triples are the same objects in the same places."""
    return bool(np.array_equal(a, b))


def _ratio(values: Values, floor: float) -> Tensor:
    """Return left side over right side; ∞ where the right side is none to speak of and yet the smaller; −∞ for NaN."""
    told = values.rhs > floor
    ratio = values.lhs / torch.where(told, values.rhs, 1.0)
    beyond = torch.where(values.lhs - values.rhs > floor, torch.inf, -torch.inf)
    score = torch.where(told, ratio, beyond).to(torch.float64)
    score = torch.where(values.excess > _MET, _UNMET - values.excess, score)
    known = ~(torch.isnan(values.lhs) | torch.isnan(values.rhs) | torch.isnan(values.excess))
    return torch.where(known & torch.isfinite(values.lhs) & torch.isfinite(values.rhs), score, -torch.inf)


# -------------------------------------------------------------------------------------------------- perturbed objects


def perturbed_collections(
    bound: Bound | str,
    f: nn.Module,
    G1: Any,
    G2: Any,
    G3: Any,
    *,
    radius: float,
    norm_of_perturbation: float = math.inf,
    bounds: tuple[float, float] | None = (0.0, 1.0),
    steps: int = 40,
    restarts: int = 2,
    seed: int = 0,
    norm: float = 2,
    weights: Mapping[str, Sequence[float]] | None = None,
    given: Mapping[str, float] | None = None,
    batch_size: int = 256,
    device: str | torch.device | None = None,
    progress: Callable[[int, float], None] | None = None,
) -> Perturbed:
    """Change objects a little, so that a bound on what f makes of them is as tight as can be.

    Projected gradient ascent with momentum: the numeric reader is differentiated, and f. Steps shrink from a quarter of
    the radius; in the second half, one that leads down is taken back, and the next is shorter. The first start is the
    objects as they are, the others are drawn from the balls around them. The best of each start is embedded again as
    ``check_bound`` embeds, with f in evaluation mode, and judged; where none is better than the objects as they are,
    these are what is returned.

    Parameters
    ----------
    bound
        A :class:`boundcheck.Bound`, the name of a known one, or FILE.py:NAME, **a file that is run**.
    f
        A torch module from a batch of objects to one vector each, differentiable in them. Put it in one module with
        whatever prepares the objects. It is in evaluation mode meanwhile, its modes restored afterwards.
    G1, G2, G3
        The collections: tensors or arrays of floating-point numbers, objects along the first axis.
    radius
        How far each object may go, at least 0; kept to exactly, rounding included.
    norm_of_perturbation
        What that is measured in, over all entries of an object: inf or 2.
    bounds
        The least and the greatest value of an entry, kept to exactly; None for any.
    steps, restarts, seed
        Of the ascent; the same seed gives the same result on the same machine.
    norm, weights, given
        As for :func:`tightest_collections`.
    batch_size
        The largest number of objects that f gets at once.
    device
        Where f is (default: wherever it is).
    progress
        Called after every step with its number and the greatest tightness so far.

    Raises
    ------
    InvalidTypeError
        If f is no torch module, or objects are not floating-point numbers.
    InvalidValueError
        If no gradient comes through f, or it is 0 for every object; if both sides of the bound stay as they are however
        the points move; if the bound is an equality, or speaks of a map; if objects are not within the bounds.
    NormError, UnequalSizesError, ParameterError
        If the norm, the sizes, the weights or the parameters are none that the bound is stated for.
    BoundcheckError
        As :func:`boundcheck.embed.embed` does.

    Examples
    --------
    >>> import torch
    >>> f = torch.nn.Sequential(torch.nn.Linear(5, 4), torch.nn.Tanh(), torch.nn.Linear(4, 3))
    >>> collections = torch.rand(3, 2, 5, generator=torch.Generator().manual_seed(0))
    >>> found = perturbed_collections("karimov", f, *collections, radius=0.1, steps=10)
    >>> found.verdict, found.after.tightness > found.before.tightness
    ('survived', True)
    """
    began = time.monotonic()
    if not isinstance(f, nn.Module):
        raise InvalidTypeError(
            explain("f", "a torch.nn.Module", type(f).__name__, "no gradient in the objects is known of anything else")
        )
    limit = _real(radius, "radius", "[0, ∞)", lambda value: 0 <= value < math.inf)
    power = _real(norm_of_perturbation, "norm_of_perturbation", "{2, inf}", lambda value: value in (2.0, math.inf))
    count, tries = require_whole("steps", steps, 1), require_whole("restarts", restarts, 1)
    start, size = require_whole("seed", seed, 0), require_whole("batch_size", batch_size, 1)
    place = as_device(device)
    objects = [_objects(one, name) for one, name in zip((G1, G2, G3), ("G1", "G2", "G3"), strict=True)]
    shapes = {tuple(one.shape[1:]) for one in objects}
    if len(shapes) > 1:
        raise InvalidValueError(explain("G1, G2, G3", "objects of one shape", ", ".join(map(str, sorted(shapes)))))
    setting = _Setting(bound, [len(one) for one in objects], norm, weights, given, "cpu")
    ascent = _Ascent(setting, f, objects, limit, power, _bounds(bounds, objects), size, place)
    with _evaluating(f):
        return ascent.run(count, tries, start, began, progress)


def _objects(collection: Any, name: str) -> Tensor:
    place = Place(name, 0, Source.POINTS)
    try:
        if isinstance(collection, Tensor):
            tensor = plain_tensor(collection, place).cpu()
        else:
            found = unchanged_array(collection, place)
            tensor = (
                found.cpu()
                if isinstance(found, Tensor)
                else torch.from_numpy(np.require(found, requirements=["C", "W"]))
            )
    except MissingEntryError:
        raise
    except (TypeError, ValueError) as cause:
        raise InvalidTypeError(explain(name, "a tensor or an array of objects", type(collection).__name__)) from cause
    if not tensor.is_floating_point():
        fix = "divide pixels by 255, and have f take them so"
        raise InvalidTypeError(explain(name, "floating-point numbers", f"{tensor.dtype}", fix))
    if tensor.ndim < 2 or not tensor[0:1].numel():
        error = EmptyCollectionError if tensor.ndim >= 1 and len(tensor) == 0 else InvalidValueError
        raise error(explain(name, "objects along the first axis, one at least", f"shape {tuple(tensor.shape)}"))
    if not torch.isfinite(tensor).all():
        raise NonFiniteError(explain(name, "finite numbers", "NaN or an infinity"))
    # Exact; what is smaller has too few numbers to take steps in.
    return tensor.clone() if tensor.dtype == torch.float64 else tensor.to(torch.float32, copy=True)


def _bounds(bounds: object, objects: Sequence[Tensor]) -> tuple[float, float]:
    if bounds is None:
        return -math.inf, math.inf
    if not isinstance(bounds, Sequence) or len(bounds) != 2:
        raise InvalidTypeError(explain("bounds", "two numbers, the least first, or None", f"{bounds!r}"))
    low, high = (_real(one, "bounds", "[−∞, ∞]", lambda value: not math.isnan(value)) for one in bounds)
    if not low < high:
        raise InvalidValueError(explain("bounds", "two numbers, the least first", f"{bounds!r}"))
    for tensor, name in zip(objects, ("G1", "G2", "G3"), strict=True):
        least, most = float(tensor.min()), float(tensor.max())
        if least < low or most > high:
            raise InvalidValueError(
                explain(name, f"entries in [{low:g}, {high:g}]", f"[{least:g}, {most:g}]", "pass bounds=(least, most)")
            )
    return low, high


@contextmanager
def _evaluating(module: nn.Module) -> Iterator[None]:
    modes = [(part, part.training) for part in module.modules()]
    module.eval()
    try:
        yield
    finally:
        for part, training in modes:
            part.training = training


class _Ascent:
    """Projected gradient ascent in all objects at once, r starts side by side."""

    def __init__(
        self,
        setting: _Setting,
        f: nn.Module,
        objects: Sequence[Tensor],
        radius: float,
        power: float,
        bounds: tuple[float, float],
        batch_size: int,
        device: torch.device | None,
    ) -> None:
        self.setting, self.f, self.power, self.radius = setting, f, power, radius
        self.batch_size, self.sizes, self.given_device = batch_size, [len(one) for one in objects], device
        found = home(f)
        self.device = device or found.device or torch.device("cpu")
        # What embed makes of floating-point objects before f gets them.
        self.dtype = found.dtype
        dtype = torch.float64 if any(one.dtype == torch.float64 for one in objects) else torch.float32
        self.originals = torch.cat([one.to(dtype) for one in objects])
        spoken = [one in setting.problem.spoken for one in setting.bound.collections]
        free = torch.repeat_interleave(torch.tensor(spoken), torch.tensor(self.sizes))
        self.low, self.high = _box(self.originals, radius, power, bounds)
        # What the bound does not speak of stays as it is.
        self.low[~free], self.high[~free] = self.originals[~free], self.originals[~free]
        self.embedded, self.is_level = 0, False

    def run(
        self, steps: int, restarts: int, seed: int, began: float, progress: Callable[[int, float], None] | None
    ) -> Perturbed:
        setting = self.setting
        before, _ = self._judged(self.originals)
        random = torch.Generator().manual_seed(seed)
        now = self._starts(restarts, random)
        momentum = torch.zeros(now.shape, dtype=torch.float64)
        best, length = now.clone(), torch.full((restarts,), self.radius, dtype=torch.float64)
        reached = torch.full((restarts,), -torch.inf, dtype=torch.float64)
        history: list[float] = []
        for step in range(steps + 1):
            score, slope = self._slope(now, last=step == steps)
            better = score > reached
            reached = torch.where(better, score, reached)
            best[better] = now[better]
            history.append(float(reached.max()))
            if progress is not None:
                progress(step, history[-1])
            if slope is None:
                break
            if step == 0:
                self._require_slope(slope)
            momentum = 0.5 * momentum + _direction(slope, self.power)
            base = now
            if 2 * step < steps:
                # However few the steps are, together they reach the radius.
                length = torch.full_like(length, self.radius * max(0.25, 2 / steps) * (1 - step / steps))
            else:
                # Where the last step led down, on from the best, by less: a maximum has two slopes at a tie, and the
                # momentum is by now a mean of both.
                base = torch.where(_like(better, now), now, best)
                length = torch.where(better, 1.2, 0.7) * length
            ahead = _like(length, now) * _direction(momentum, self.power)
            now = self._projected(base.double() + ahead)
        candidates = [(before, self.originals)]
        candidates += [(self._judged(one)[0], one) for one in best]
        after, chosen = max(candidates, key=lambda pair: _rank(pair[0]))
        case = self._judged(chosen)[1]
        apart = self._apart(chosen)
        seconds = time.monotonic() - began
        names = [one.argument for one in setting.bound.collections]
        return Perturbed(
            bound=setting.bound,
            norm=setting.norm,
            objects=dict(zip(names, torch.split(chosen, self.sizes), strict=True)),
            radius=self.radius,
            perturbation_norm=self.power,
            moved={name: float(part.max()) for name, part in zip(names, torch.split(apart, self.sizes), strict=True)},
            before=before,
            after=after,
            refuted=setting.refuted(case, after, self.embedded, seconds, seed),
            history=tuple(history),
            embedded=self.embedded,
            steps=steps,
            restarts=restarts,
            seed=seed,
            seconds=seconds,
        )

    # ----------------------------------------------------------------------------------------------------- the ball

    def _starts(self, restarts: int, random: torch.Generator) -> Tensor:
        """Return the objects as they are, then others at random in the balls around them: shape (r, n, …)."""
        shape = (restarts, *self.originals.shape)
        if self.power == math.inf:
            drawn = (2 * torch.rand(shape, generator=random, dtype=torch.float64) - 1) * self.radius
        else:
            drawn = torch.randn(shape, generator=random, dtype=torch.float64)
            share = torch.rand(shape[:2], generator=random, dtype=torch.float64)
            drawn = _direction(drawn, 2.0) * self.radius * _like(share, drawn)
        drawn[0] = 0
        return self._projected(self.originals.double() + drawn)

    def _projected(self, objects: Tensor) -> Tensor:
        """Return the objects brought back within the radius and the range, rounding included."""
        # Both ends of the box are numbers of this type, so that rounding leaves what is within it there.
        inside = objects.to(self.originals.dtype).clamp(self.low, self.high)
        if self.power == math.inf:
            return inside
        for shrink in (1.0, *(1 - 2.0**k for k in range(-24, -1))):
            # By more than the norm's own rounding.
            far = self._apart(inside) * (1 + 1e-9)
            over = far > self.radius
            if not over.any():
                return inside
            share = torch.where(over, shrink * self.radius / far, 1.0) * (1 - 1e-9)
            apart = inside.double() - self.originals.double()
            nearer = self.originals.double() + _like(share, apart) * apart
            nearer = nearer.to(self.originals.dtype).clamp(self.low, self.high)
            inside = torch.where(_like(over, inside), nearer, inside)
        over = self._apart(inside) * (1 + 1e-9) > self.radius
        return torch.where(_like(over, inside), self.originals.expand_as(inside), inside)

    def _apart(self, objects: Tensor) -> Tensor:
        """Return how far each object is from what it was, shape (…, n)."""
        apart = (objects.double() - self.originals.double()).flatten(start_dim=objects.ndim - self.originals.ndim + 1)
        far: Tensor = torch.linalg.vector_norm(apart, ord=self.power, dim=-1)
        return far

    # ----------------------------------------------------------------------------------------------------- the slope

    def _slope(self, objects: Float[Tensor, "r n *s"], *, last: bool) -> tuple[Tensor, Tensor | None]:
        """Return the tightness of each start and, but for the last step, the gradient of the violation in its objects."""
        flat = objects.flatten(0, 1)
        chunks = [chunk.clone().requires_grad_(not last) for chunk in torch.split(flat, self.batch_size)]
        # One batch is embedded once. Of several, each is again when its slope is asked for: their graphs take room.
        once = len(chunks) == 1 and not last
        with torch.set_grad_enabled(once):
            images = [self._image(chunk) for chunk in chunks]
        points = torch.cat([image.detach() for image in images]).to("cpu", torch.float64)
        points = points.reshape(len(objects), len(self.originals), -1).requires_grad_(not last)
        with torch.set_grad_enabled(not last):
            values = self.setting.problem.values(self.setting.cases(torch.split(points, self.sizes, dim=1)))
        score = _ratio(values, 0.0).detach()
        if last:
            return score, None
        sizes = values.lhs.abs() + values.rhs.abs()
        goal = (values.lhs - values.rhs) / torch.where(sizes > 0, sizes, 1.0) - 2 * values.excess.clamp(min=0)
        (by_point,) = torch.autograd.grad(goal.nan_to_num(nan=0.0).sum(), points)
        self.is_level = not bool(by_point.any())
        by_image = torch.split(by_point.flatten(0, 1), self.batch_size)
        slopes = []
        for chunk, image, slope in zip(chunks, images, by_image, strict=True):
            if not once:
                with torch.enable_grad():
                    image = self._image(chunk)
            slopes.append(self._through(chunk, image, slope.reshape(image.shape).to(image)))
        gradient = torch.cat(slopes).reshape(objects.shape).to("cpu", torch.float64)
        return score, gradient.nan_to_num(nan=0.0, posinf=0.0, neginf=0.0)

    def _image(self, objects: Tensor) -> Tensor:
        self.embedded += len(objects)
        image = self.f(objects.to(device=self.device, dtype=self.dtype))
        if not isinstance(image, Tensor) or image.ndim != 2:
            got = f"shape {tuple(image.shape)}" if isinstance(image, Tensor) else type(image).__name__
            raise InvalidValueError(explain("f", "a tensor of one vector for each object", got))
        return image

    @staticmethod
    def _through(objects: Tensor, image: Tensor, slope: Tensor) -> Tensor:
        found = torch.autograd.grad(image, objects, slope, allow_unused=True)[0] if image.requires_grad else None
        if found is None:
            fix = "leave out detach(), no_grad() and NumPy in its forward()"
            raise InvalidValueError(explain("f", "a module that gradients come through to the objects", "none", fix))
        return found

    def _require_slope(self, slope: Tensor) -> None:
        if self.is_level:
            # No fault of f's.
            got = "both sides level around the objects as they are, and around those drawn"
            raise InvalidValueError(explain("bound", "one whose sides change with the points", got))
        if not slope.any():
            got = "the gradient 0 for every object"
            fix = "thresholds and rounding have none: use a smooth module"
            raise InvalidValueError(explain("f", "a module whose values change with the objects", got, fix))

    def _judged(self, objects: Tensor) -> tuple[Certified, Case]:
        """Embed objects as check_bound does, and judge."""
        names = [one.argument for one in self.setting.bound.collections]
        points = embed_all(
            self.f,
            dict(zip(names, torch.split(objects, self.sizes), strict=True)),
            batch_size=self.batch_size,
            device=self.given_device,
            progress=False,
        )
        self.embedded += len(objects)
        case = self.setting.case(list(points.values()))
        return Certified.of(self.setting.problem, case), case


def _rank(found: Certified) -> tuple[bool, bool, float]:
    """Return what orders outcomes: a counterexample first, then the greatest tightness that is no vacuous one."""
    tightness = -math.inf if found.tightness is None or math.isnan(found.tightness) else float(found.tightness)
    return found.verdict is Verdict.FAILS, found.verdict is not Verdict.VACUOUS, tightness


def _box(originals: Tensor, radius: float, power: float, bounds: tuple[float, float]) -> tuple[Tensor, Tensor]:
    """Return the least and the greatest value that each entry may take, numbers of the objects' own type."""
    reach = radius if power == math.inf else math.inf
    up, down = (torch.tensor(sign * math.inf, dtype=originals.dtype) for sign in (1, -1))
    low, high = (originals.double() - reach).to(originals.dtype), (originals.double() + reach).to(originals.dtype)
    # One number further in, which is more than both roundings were; the object itself is always within.
    low, high = torch.nextafter(low, up), torch.nextafter(high, down)
    least, most = (torch.tensor(bound, dtype=originals.dtype) for bound in bounds)
    if float(least) < bounds[0]:
        least = torch.nextafter(least, up)
    if float(most) > bounds[1]:
        most = torch.nextafter(most, down)
    return torch.minimum(low.clamp(min=least), originals), torch.maximum(high.clamp(max=most), originals)


def _direction(slope: Tensor, power: float) -> Tensor:
    """Return the steepest ascent of unit length in the perturbation's norm, object by object; shape (r, n, …)."""
    if power == math.inf:
        return slope.sign()
    length = torch.linalg.vector_norm(slope.flatten(2), dim=-1)
    return slope / _like(torch.where(length > 0, length, 1.0), slope)


def _like(numbers: Tensor, objects: Tensor) -> Tensor:
    """Return one number an object with axes of length one for its entries."""
    return numbers.reshape(*numbers.shape, *[1] * (objects.ndim - numbers.ndim))
