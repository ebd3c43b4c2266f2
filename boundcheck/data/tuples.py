"""Tuples of collections of a data set that a bound's roles allow: all of them in order, how many, and random ones.

Roles say which collections are of one class. Anchors and positives are of one; collections of one other role are of one
class too, and those of different roles of different classes. A collection without a role may be of any class. No
collection is twice in a tuple.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from jaxtyping import Int

from boundcheck.data.labelled import LabelledPoints
from boundcheck.errors import InvalidValueError, explain, require_whole
from boundcheck.language import Collection

__all__ = ["Tuples", "many"]

# Truth values of a step that are made at once.
_AT_ONCE = 1 << 22
# What anchors and positives have in common.
_ONE_CLASS = {"positives": "anchors"}


def many(arity: int) -> str:
    """Return what several tuples of so many collections are called."""
    return {1: "collections", 2: "pairs", 3: "triples"}.get(arity, f"tuples of {arity}")


@dataclass(frozen=True)
class Tuples:
    """The tuples that the roles of some collections allow.

    Parameters
    ----------
    labelled
        The data set.
    collections
        What a tuple is of, in order.

    Examples
    --------
    >>> import numpy as np
    >>> from boundcheck.language import x, z
    >>> labelled = LabelledPoints.from_labels(np.zeros((6, 1)), list("aabbcc"), list("ppppqq"))
    >>> pairs = Tuples(labelled, (x, z))
    >>> pairs.count, [batch.tolist() for batch in pairs.batches()]
    (2, [[[0, 1], [1, 0]]])
    """

    labelled: LabelledPoints
    collections: tuple[Collection, ...]

    @cached_property
    def groups(self) -> tuple[int, ...]:
        """For each collection, which of the groups of one class it is in; −1 for any class."""
        known: dict[str, int] = {}
        found = []
        for collection in self.collections:
            role = _ONE_CLASS.get(collection.role, collection.role)
            found.append(known.setdefault(role, len(known)) if role else -1)
        return tuple(found)

    @property
    def said(self) -> str:
        """What classes a tuple is of, in words."""
        together = [
            [one.symbol for one, of in zip(self.collections, self.groups, strict=True) if of == group]
            for group in sorted(set(self.groups) - {-1})
        ]
        free = [one.symbol for one, of in zip(self.collections, self.groups, strict=True) if of == -1]
        if len(together) == 1 and len(together[0]) == 1:
            free, together = [*together[0], *free], []
        classes = ("one class", "another") if len(together) < 3 else ("one class", "a second", "a third", "a fourth")
        said = [
            f"{_and(own)} of {classes[place] if place < len(classes) else 'one more'}"
            for place, own in enumerate(together)
        ]
        return ", ".join([*said, *([f"{_and(free)} of any class"] if free else [])])

    @cached_property
    def count(self) -> int:
        """How many there are."""
        totals = self._totals.tolist()
        # By the set of groups that have a class already: a class takes none or one of the others.
        numbers = [self.groups.count(group) for group in sorted(set(self.groups) - {-1})]
        ways = [0] * (1 << len(numbers))
        ways[0] = 1
        for total in totals:
            for taken in reversed(range(len(ways))):
                if ways[taken]:
                    for group, size in enumerate(numbers):
                        if not taken >> group & 1:
                            ways[taken | 1 << group] += ways[taken] * math.perm(total, size)
        free = self.groups.count(-1)
        return ways[-1] * math.perm(max(0, len(self.labelled) - sum(numbers)), free)

    @cached_property
    def _totals(self) -> Int[np.ndarray, " K"]:
        return np.bincount(self.labelled.classes, minlength=len(self.labelled.class_names))

    def require_some(self) -> None:
        """Raise where there are none.

        Raises
        ------
        InvalidValueError
            If the data set has too few collections, or too few classes.
        """
        if not self.count:
            sizes = ", ".join(map(str, sorted(self._totals[self._totals > 0].tolist(), reverse=True)[:5]))
            raise InvalidValueError(
                explain(
                    "collections",
                    f"{many(len(self.collections))} with {self.said}",
                    f"{np.count_nonzero(self._totals)} classes, of {sizes} collections",
                )
            )

    def batches(self) -> Iterator[Int[np.ndarray, "t k"]]:
        """Yield all of them in order, as positions of collections, many at a time."""
        total = len(self.labelled)
        step = max(1, _AT_ONCE // max(1, total))
        for start in range(0, total, step):
            yield from self._extended(np.arange(start, min(start + step, total))[:, None], step)

    def _extended(self, begun: Int[np.ndarray, "t k"], step: int) -> Iterator[Int[np.ndarray, "t k"]]:
        """Yield what begins with some tuples."""
        place = begun.shape[1]
        if place == len(self.collections):
            yield begun
            return
        classes, group = self.labelled.classes, self.groups[place]
        for start in range(0, len(begun), step):
            part = begun[start : start + step]
            allowed = np.ones((len(part), len(self.labelled)), dtype=bool)
            rows = np.arange(len(part))
            for before, of in enumerate(self.groups[:place]):
                allowed[rows, part[:, before]] = False
                if group >= 0 and of >= 0:
                    same = classes[part[:, before]][:, None] == classes[None]
                    allowed &= same if of == group else ~same
            at, following = np.nonzero(allowed)
            if len(at):
                yield from self._extended(np.concatenate([part[at], following[:, None]], axis=1), step)

    def draw(self, count: int, *, seed: int = 0) -> Int[np.ndarray, "t k"]:
        """Draw independent ones, each as likely as any other.

        Parameters
        ----------
        count
            How many, at least 1; with replacement.
        seed
            Of the draw.

        Raises
        ------
        InvalidValueError
            If there are none, or a number is out of range.
        """
        wanted, random = require_whole("count", count), np.random.default_rng(require_whole("seed", seed, 0))
        self.require_some()
        totals = self._totals
        order = np.argsort(self.labelled.classes, kind="stable")
        starts = np.cumsum(totals) - totals
        found: list[npt.NDArray[np.int64]] = []
        had = 0
        # With classes in proportion to all tuples with repetitions, and what repeats or shares a class drawn again, every
        # one that is left is as likely as any other.
        while had < wanted:
            several = min(1 << 16, max(256, 2 * (wanted - had)))
            columns = [np.empty(0, dtype=np.int64)] * len(self.collections)
            chosen: list[npt.NDArray[np.int64]] = []
            for group in sorted(set(self.groups) - {-1}):
                places = [place for place, of in enumerate(self.groups) if of == group]
                share = np.where(totals >= len(places), totals.astype(np.float64) ** len(places), 0.0)
                own = random.choice(len(totals), several, p=share / share.sum())
                chosen.append(own)
                for place in places:
                    columns[place] = order[starts[own] + random.integers(0, totals[own])]
            for place, of in enumerate(self.groups):
                if of == -1:
                    columns[place] = random.integers(0, len(self.labelled), several)
            drawn = np.stack(columns, axis=1)
            kept = _all_differ(drawn)
            if len(chosen) > 1:
                kept &= _all_differ(np.stack(chosen, axis=1))
            found.append(drawn[kept][: wanted - had])
            had += len(found[-1])
        return np.concatenate(found)


def _and(words: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _all_differ(rows: Int[np.ndarray, "t k"]) -> npt.NDArray[np.bool_]:
    ordered = np.sort(rows, axis=1)
    different: npt.NDArray[np.bool_] = (ordered[:, 1:] != ordered[:, :-1]).all(axis=1)
    return different
