"""The tightest collections of real objects: members are replaced by other objects of their class, or exchanged."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from numbers import Integral
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch
from jaxtyping import Float, Int
from torch import Tensor

from boundcheck.adversary.objects.results import Certified, Tightest
from boundcheck.adversary.objects.setting import UNMET, Setting, number_in, scored
from boundcheck.adversary.problem import Case, Values
from boundcheck.embed.functions import as_device
from boundcheck.errors import InvalidTypeError, InvalidValueError, NonFiniteError, explain, require_whole
from boundcheck.evaluate import Verdict
from boundcheck.language import Bound

__all__ = ["Labelled", "tightest_collections"]

Rows = npt.NDArray[np.int64]

# By how much the left side must exceed the right, relatively, to be worth judging: more than rounding makes of equals.
_SUSPECT = 1e-10
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
    budget = number_in(seconds, "seconds", "(0, ∞)", lambda value: 0 < value < math.inf)
    rounds = None if steps is None else require_whole("steps", steps, 0)
    start, side_by_side = require_whole("seed", seed, 0), require_whole("starts", starts, 1)
    setting = Setting(bound, whole, norm, weights, given, as_device(device))
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
        setting: Setting,
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
        if one.score <= UNMET:
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
        return scored(values, self.floor)

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
