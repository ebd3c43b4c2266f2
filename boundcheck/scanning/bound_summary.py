"""What was found of one bound, and of one parameter, on all triples of a scan: counts, distributions, records."""

# mypy: allow-untyped-decorators

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from jaxtyping import Int

from boundcheck.evaluate import CODES, Verdict
from boundcheck.evaluate.enclosed import outward
from boundcheck.kernels.compiled import compiled
from boundcheck.scanning.distribution import LEFT_OUT, Distribution, add_to
from boundcheck.scanning.grids import Floats, Grid, GridSides, Integers, Stage, Triple, plain, triple_at, triple_of

__all__ = ["COUNTED", "BoundSummary", "ParameterSummary", "Ranked"]

# The bits of the bins of one class, wider than those of all.
_CLASS_BITS = 6
_U = 2.0**-53
# As in evaluate.rounding: what error terms lose to their own rounding.
_INFLATE = 1 + 2.0**-20
_WITNESSES = 10

#: The verdicts that triples have, in the order in which they are counted.
COUNTED = (Verdict.HOLDS, Verdict.FAILS, Verdict.UNDECIDED, Verdict.VACUOUS)
_HOLDS, _FAILS, _UNDECIDED, _VACUOUS = (CODES.index(verdict) for verdict in COUNTED)
# Verdicts are counted in the columns of tables by their codes.
assert (_HOLDS, _FAILS, _UNDECIDED, _VACUOUS) == (0, 1, 2, 3)


@compiled(error_model="numpy")
def _measure(
    code: Any, lhs: Any, lhs_error: Any, rhs: Any, rhs_error: Any, ratio: Any, ratio_error: Any, slack: Any, off: Any
) -> int:
    """Fill in left side over right side, right side minus left side, and bounds on the errors of both.

    A ratio with an exact right side of 0 is infinite, or NaN for 0/0, without an error; one whose right side may be 0
    or is not finite has an infinite error. What a failed premise leaves out has an error of −1. Returns how many right sides are surely
    below 0.
    """
    special, negative = 0, 0
    for k in range(lhs.size):
        a, ae, b, be = lhs[k], lhs_error[k], rhs[k], rhs_error[k]
        # Adding 0 makes −0 a 0.
        t = a / b + 0.0
        known = abs(b) - be
        # |a/b − a*/b*| ≤ (|a − a*| + |a/b|·|b − b*|) / |b*|; the tiny numbers are for products and quotients that
        # underflow.
        error = (ae + abs(t) * be + (2.0**-1074 if be > 0 else 0.0)) / known + 2 * _U * abs(t)
        ratio[k], ratio_error[k] = t, error * _INFLATE + 2.0**-1020 if (known > 0) & (known < np.inf) else np.inf
        s = b - a + 0.0
        slack[k], off[k] = s, (ae + be + _U * abs(s)) * _INFLATE
        special += ((b == 0) & (be == 0)) | ((a == 0) & (ae == 0)) | (code[k] == _VACUOUS)
        negative += (b + be < 0) & (code[k] != _VACUOUS)
    if special:
        for k in range(lhs.size):
            a, ae, b, be = lhs[k], lhs_error[k], rhs[k], rhs_error[k]
            zero = a == 0 and ae == 0
            if code[k] == _VACUOUS:
                ratio_error[k], off[k] = LEFT_OUT, LEFT_OUT
            elif b == 0 and be == 0:
                if zero:
                    ratio[k], ratio_error[k] = np.nan, 0.0
                elif abs(a) > ae and abs(a) < np.inf:
                    ratio[k], ratio_error[k] = (np.inf if a > 0 else -np.inf), 0.0
            elif zero and abs(b) > be and abs(b) < np.inf:
                ratio[k], ratio_error[k] = 0.0, 0.0
    return negative


@compiled(within=True)
def _record_columns(ratio: Any, error: Any, before: int, high: float, low: float, largest: Any, at: Any) -> int:
    """Set each column's largest and its place with one row, and return how many are above `high` or below `low`."""
    beyond = 0
    for b in range(ratio.size):
        t, e = ratio[b], error[b]
        known = (e >= 0) & (e < np.inf)
        more = known & (t > largest[b])
        largest[b] = t if more else largest[b]
        at[b] = before + b if more else at[b]
        beyond += known & ((t > high) | (t < low))
    return beyond


@compiled()
def _rank(ratio: Any, error: Any, limits: Any, bounded: Any, places: Any, found: Any, largest: Any, at: Any) -> None:
    """Find the largest and the smallest ratios of a grid that has a row for each positive, and each column's largest.

    Parameters
    ----------
    ratio, error
        Shape (Z, W); a NaN and an infinite error have no place in any order.
    limits, bounded
        What the largest must exceed, and the smallest with its sign changed, if `bounded` says so: shape (2,).
    places, found
        Filled: the places of the largest and of the smallest, shape (2, top), first the most extreme and of several
        alike the first; how many of either, shape (2,).
    largest, at
        Filled: the largest of each column and its place, −1 if there is none above −∞.
    """
    top = places.shape[1]
    kept = np.empty((2, top))
    reach = np.empty(2)
    for a in range(ratio.shape[0]):
        free = False
        for side in range(2):
            reach[side] = limits[side] if bounded[side] else -np.inf
            if found[side] == top:
                reach[side] = max(reach[side], kept[side, top - 1])
            elif not bounded[side]:
                free = True
        before = a * ratio.shape[1]
        beyond = _record_columns(ratio[a], error[a], before, reach[0], -reach[1], largest, at)
        if not (beyond or free):
            continue
        for b in range(ratio.shape[1]):
            t, e = ratio[a, b], error[a, b]
            if not (e >= 0 and e < np.inf and t == t):
                continue
            for side in range(2):
                key = -t if side else t
                held = found[side]
                if (bounded[side] and not key > limits[side]) or (held == top and not key > kept[side, top - 1]):
                    continue
                to = held if held < top else top - 1
                while to > 0 and kept[side, to - 1] < key:
                    kept[side, to], places[side, to] = kept[side, to - 1], places[side, to - 1]
                    to -= 1
                kept[side, to], places[side, to] = key, before + b
                found[side] = min(top, held + 1)


@compiled(within=True)
def _record(
    largest: Any, at: Any, classes: Any, cells: Any, anchor: int, zs: Any, ws: Any, best: Any, triples: Any, heat: Any
) -> None:
    """Set the largest of each class of negatives, with the first triple that has it, and of each cell, from columns."""
    for b in range(largest.size):
        value, of = largest[b], classes[b]
        if at[b] < 0:
            continue
        heat[cells[b]] = max(heat[cells[b]], value)
        if value < best[of]:
            continue
        z, w, held = zs[at[b] // ws.size], ws[b], triples[of]
        first = anchor < held[0] or (anchor == held[0] and (z < held[1] or (z == held[1] and w < held[2])))
        if value > best[of] or held[0] < 0 or first:
            best[of] = value
            held[0], held[1], held[2] = anchor, z, w


@compiled()
def _count_verdicts(code: Any, stage: Any, classes: Any, table: Any, stages: Any) -> None:
    """Count verdicts by the class of the negative, and what they rest on."""
    for a in range(code.shape[0]):
        for b in range(code.shape[1]):
            table[classes[b], code[a, b]] += 1
            stages[stage[a, b]] += 1


@dataclass(frozen=True)
class Ranked:
    """A triple among the tightest or the loosest: both sides and their quotient, with bounds on their errors."""

    triple: Triple
    lhs: float
    lhs_error: float
    rhs: float
    rhs_error: float
    tightness: float
    tightness_error: float

    @property
    def enclosures(self) -> dict[str, tuple[float, float]]:
        """Numbers that the exact left side, right side and tightness are between."""
        pairs = {
            "lhs": (self.lhs, self.lhs_error),
            "rhs": (self.rhs, self.rhs_error),
            "tightness": (self.tightness, self.tightness_error),
        }
        return {name: outward(value, error) for name, (value, error) in pairs.items()}

    def to_list(self) -> list[Any]:
        """Return it as JSON types."""
        triple, *numbers = astuple(self)
        return [list(triple), *map(plain, numbers)]

    @classmethod
    def from_list(cls, known: Sequence[Any]) -> Ranked:
        """Return what :meth:`to_list` was made of."""
        triple, *numbers = known
        lhs, lhs_error, rhs, rhs_error, tightness, tightness_error = map(float, numbers)
        return cls(triple_of(triple), lhs, lhs_error, rhs, rhs_error, tightness, tightness_error)


class BoundSummary:
    """What was found of one bound on all triples.

    Attributes
    ----------
    by_pair
        How many triples have each verdict, by the classes of the anchor and the negative: shape (K, K, 4), in the order
        holds, fails, undecided, vacuous.
    stages
        How many verdicts rest on each :class:`.Stage`, shape (3,).
    tightness, slack
        Left side over right side, and right side minus left side, where no premise fails. Below a right side of 0,
        a tightness above 1 is no failure: see `negative`.
    tightness_by_class
        By the anchor's class, in wider bins.
    negative
        How many right sides are surely below 0, where no premise fails.
    tightest, loosest
        The triples of largest and of smallest tightness, infinities included.
    largest_by_pair, largest_triples
        The largest tightness by the classes of the anchor and the negative, shape (K, K), −∞ where there is none, and
        the first triple that has it, shape (K, K, 3).
    heat
        The largest tightness over positives for each anchor and negative, each in its cell of
        :attr:`ScanSummary.heat_cells`; −∞ where there is none.
    failing, undecided
        The first few triples on which the bound fails, and that are undecided.
    """

    def __init__(self, classes: int, cells: int, top: int) -> None:
        self.by_pair = np.zeros((classes, classes, len(COUNTED)), dtype=np.int64)
        self.stages = np.zeros(len(Stage), dtype=np.int64)
        self.tightness, self.slack = Distribution(), Distribution()
        self.tightness_by_class = [Distribution(_CLASS_BITS) for _ in range(classes)]
        self.negative = 0
        self.tightest: list[Ranked] = []
        self.loosest: list[Ranked] = []
        self.largest_by_pair = np.full((classes, classes), -np.inf)
        self.largest_triples = np.full((classes, classes, 3), -1, dtype=np.int64)
        self.heat = np.full((cells, cells), -np.inf)
        self.failing: list[Triple] = []
        self.undecided: list[Triple] = []
        self._top = top

    @property
    def by_class(self) -> Int[np.ndarray, "K 4"]:
        """The counts of verdicts by the anchor's class."""
        return cast(Integers, self.by_pair.sum(axis=1))

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many triples have each verdict."""
        return dict(zip(COUNTED, map(int, self.by_pair.sum(axis=(0, 1))), strict=True))

    @property
    def verdict(self) -> Verdict:
        """The verdict on all triples together: the worst of theirs."""
        return Verdict.worst(verdict for verdict, count in self.counts.items() if count)

    def _add(self, grid: Grid, sides: GridSides, own: int, classes: Integers, cells: Integers, measured: bool) -> None:
        """Take in a grid: of an anchor of class `own` and negatives of `classes`, in these cells of the heat map."""
        code = np.ascontiguousarray(sides.code)
        before = self.by_pair[own].sum(axis=0)
        _count_verdicts(code, np.ascontiguousarray(sides.stage), classes, self.by_pair[own], self.stages)
        new = self.by_pair[own].sum(axis=0) - before
        for number, held in ((_FAILS, self.failing), (_UNDECIDED, self.undecided)):
            if new[number]:
                places = np.flatnonzero(code == number)[:_WITNESSES]
                held[:] = sorted([*held, *(triple_at(grid, int(place)) for place in places)])[:_WITNESSES]
        if not measured or new[_VACUOUS] == code.size:
            return
        arrays = tuple(
            np.ascontiguousarray(part, dtype=np.float64)
            for part in (sides.lhs, sides.lhs_error, sides.rhs, sides.rhs_error)
        )
        tightness, error, slack, slack_error = np.empty((4, *code.shape))
        self.negative += _measure(*(part.reshape(-1) for part in (code, *arrays, tightness, error, slack, slack_error)))
        add_to([self.tightness, self.tightness_by_class[own]], tightness, error, grid)
        add_to([self.slack], slack, slack_error, grid)
        self._rank((*arrays, tightness, error), grid, own, classes, cells)

    def _rank(self, arrays: tuple[Floats, ...], grid: Grid, own: int, classes: Integers, cells: Integers) -> None:
        tightness, error = arrays[-2:]
        lists = ((self.tightest, 1), (self.loosest, -1))
        limits, bounded = np.zeros(2), np.zeros(2, dtype=np.bool_)
        for side, (held, sign) in enumerate(lists):
            if len(held) == self._top:
                # What is alike goes before what is held if its triple does.
                earlier = grid.anchor <= held[-1].triple[0]
                last = sign * held[-1].tightness
                limits[side], bounded[side] = np.nextafter(last, -np.inf) if earlier else last, True
                bounded[side] = not (earlier and last == -np.inf)
        places, found = np.empty((2, self._top), dtype=np.int64), np.zeros(2, dtype=np.int64)
        largest, at = np.full(len(classes), -np.inf), np.full(len(classes), -1, dtype=np.int64)
        _rank(tightness, error, limits, bounded, places, found, largest, at)
        for (held, sign), number, of_side in zip(lists, found, places, strict=True):
            more = [
                Ranked(triple_at(grid, place), *(float(array.reshape(-1)[place]) for array in arrays))
                for place in of_side[:number].tolist()
            ]
            if more:
                held[:] = _first([*held, *more], sign, self._top)
        _record(
            largest,
            at,
            classes,
            cells[1:],
            int(grid.anchor),
            grid.positives,
            grid.negatives,
            self.largest_by_pair[own],
            self.largest_triples[own],
            self.heat[cells[0]],
        )

    def merge(self, other: BoundSummary) -> None:
        """Take in what another has found; of the same collections, which :meth:`ScanSummary.merge` sees to."""
        self.by_pair += other.by_pair
        self.stages += other.stages
        self.negative += other.negative
        self.tightness.merge(other.tightness)
        self.slack.merge(other.slack)
        for own, others in zip(self.tightness_by_class, other.tightness_by_class, strict=True):
            own.merge(others)
        np.maximum(self.heat, other.heat, out=self.heat)
        mine, more = self.largest_triples, other.largest_triples
        later = np.zeros(mine.shape[:2], dtype=np.bool_)
        for axis in (2, 1, 0):
            later = (mine[..., axis] > more[..., axis]) | ((mine[..., axis] == more[..., axis]) & later)
        same = self.largest_by_pair == other.largest_by_pair
        better = (other.largest_by_pair > self.largest_by_pair) | (same & (later | (mine[..., 0] < 0)))
        better &= more[..., 0] >= 0
        self.largest_by_pair[better], mine[better] = other.largest_by_pair[better], more[better]
        self.tightest = _first([*self.tightest, *other.tightest], 1, self._top)
        self.loosest = _first([*self.loosest, *other.loosest], -1, self._top)
        self.failing = sorted([*self.failing, *other.failing])[:_WITNESSES]
        self.undecided = sorted([*self.undecided, *other.undecided])[:_WITNESSES]

    def sharpen(self, nearer: Callable[[Ranked], Ranked]) -> None:
        """Put what shows more digits in place of the tightest and the loosest triples, in the order of what it shows.

        For when all is merged: which triples are kept is found by what float64 shows of all of them.
        """
        self.tightest = _first(map(nearer, self.tightest), 1, self._top)
        self.loosest = _first(map(nearer, self.loosest), -1, self._top)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON types."""
        return {
            "by_pair": _packed(self.by_pair, 0),
            "stages": self.stages.tolist(),
            "negative": self.negative,
            "tightness": self.tightness.to_dict(),
            "slack": self.slack.to_dict(),
            "tightness_by_class": [one.to_dict() for one in self.tightness_by_class],
            "tightest": [one.to_list() for one in self.tightest],
            "loosest": [one.to_list() for one in self.loosest],
            "largest_by_pair": _packed(self.largest_by_pair, -np.inf),
            "largest_triples": _packed(self.largest_triples, -1),
            "heat": _packed(self.heat, -np.inf),
            "failing": [list(triple) for triple in self.failing],
            "undecided": [list(triple) for triple in self.undecided],
        }

    @classmethod
    def from_dict(cls, known: Mapping[str, Any], top: int) -> BoundSummary:
        """Return what :meth:`to_dict` was made of."""
        heat = _unpacked(known["heat"], -np.inf, np.float64)
        made = cls(len(known["tightness_by_class"]), len(heat), top)
        made.by_pair = _unpacked(known["by_pair"], 0, np.int64)
        made.stages[:] = known["stages"]
        made.negative = int(known["negative"])
        made.tightness, made.slack = (Distribution.from_dict(known[name]) for name in ("tightness", "slack"))
        made.tightness_by_class = [Distribution.from_dict(one) for one in known["tightness_by_class"]]
        made.tightest, made.loosest = (
            [Ranked.from_list(one) for one in known[name]] for name in ("tightest", "loosest")
        )
        made.largest_by_pair = _unpacked(known["largest_by_pair"], -np.inf, np.float64)
        made.largest_triples = _unpacked(known["largest_triples"], -1, np.int64)
        made.heat = heat
        made.failing, made.undecided = ([triple_of(one) for one in known[name]] for name in ("failing", "undecided"))
        return made


def _first(ranked: Iterable[Ranked], sign: int, count: int) -> list[Ranked]:
    """Return the first few by tightness, the largest first if `sign` is 1, then by triple."""
    return sorted(ranked, key=lambda one: (-sign * one.tightness, one.triple))[:count]


class ParameterSummary:
    """The least value of a parameter on all triples.

    Attributes
    ----------
    values
        How they are distributed.
    values_by_class
        By the anchor's class, in wider bins.
    signs_by_class
        How many are surely below 0, surely at least 0, and neither, by the anchor's class: shape (K, 3).
    """

    def __init__(self, classes: int) -> None:
        self.values = Distribution()
        self.values_by_class = [Distribution(_CLASS_BITS) for _ in range(classes)]
        self.signs_by_class = np.zeros((classes, 3), dtype=np.int64)

    @property
    def below_zero(self) -> int:
        """How many values are surely below 0."""
        return int(self.signs_by_class[:, 0].sum())

    @property
    def at_least_zero(self) -> int:
        """How many values are surely at least 0."""
        return int(self.signs_by_class[:, 1].sum())

    @property
    def undecided(self) -> int:
        """How many values are neither for sure."""
        return int(self.signs_by_class[:, 2].sum())

    def _add(self, grid: Grid, value: Floats, error: Floats, own: int) -> None:
        """Take in the values of a grid."""
        known = np.ascontiguousarray(value, dtype=np.float64) + 0.0
        off = np.ascontiguousarray(error, dtype=np.float64)
        add_to([self.values, self.values_by_class[own]], known, off, grid)
        with np.errstate(invalid="ignore"):
            below, above = int(np.count_nonzero(known + off < 0)), int(np.count_nonzero(known - off >= 0))
        self.signs_by_class[own] += (below, above, known.size - below - above)

    def merge(self, other: ParameterSummary) -> None:
        """Take in what another has found; of the same collections, which :meth:`ScanSummary.merge` sees to."""
        self.values.merge(other.values)
        for own, others in zip(self.values_by_class, other.values_by_class, strict=True):
            own.merge(others)
        self.signs_by_class += other.signs_by_class

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON types."""
        return {
            "values": self.values.to_dict(),
            "values_by_class": [one.to_dict() for one in self.values_by_class],
            "signs_by_class": self.signs_by_class.tolist(),
        }

    @classmethod
    def from_dict(cls, known: Mapping[str, Any]) -> ParameterSummary:
        """Return what :meth:`to_dict` was made of."""
        made = cls(len(known["values_by_class"]))
        made.values = Distribution.from_dict(known["values"])
        made.values_by_class = [Distribution.from_dict(one) for one in known["values_by_class"]]
        made.signs_by_class = np.array(known["signs_by_class"], dtype=np.int64).reshape(-1, 3)
        return made


def _packed(array: npt.NDArray[Any], fill: float) -> dict[str, Any]:
    """Return an array as JSON: the rows that are not all `fill`, as little-endian bytes in base 64.

    Most of a part's tables are empty; deflating them instead would give other bytes with another version of zlib.
    """
    rows = np.flatnonzero((array != fill).reshape(len(array), -1).any(axis=1)) if array.size else np.empty(0, np.int64)
    kept = np.ascontiguousarray(array[rows]).astype(array.dtype.newbyteorder("<"))
    return {"shape": list(array.shape), "rows": rows.tolist(), "data": base64.b64encode(kept.tobytes()).decode()}


def _unpacked(known: Mapping[str, Any], fill: float, dtype: type[np.generic]) -> npt.NDArray[Any]:
    array = np.full(known["shape"], fill, dtype=dtype)
    rows = np.array(known["rows"], dtype=np.int64)
    kept = np.frombuffer(base64.b64decode(known["data"], validate=True), dtype=np.dtype(dtype).newbyteorder("<"))
    if len(rows):
        array[rows] = kept.reshape(len(rows), *array.shape[1:])
    return array
