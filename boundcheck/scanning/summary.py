"""What all triples of a scan say together, in memory that does not grow with their number.

Summaries are made of counts, of extremes and of lists that are cut to their first few by a total order: whatever the
order in which grids come and parts are merged, the bytes are the same. Nothing is a sum of floats.
"""

# mypy: allow-untyped-decorators

from __future__ import annotations

import base64
import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any, TypeAlias, cast

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int
from numba import njit

from boundcheck.errors import InvalidTypeError, InvalidValueError, explain, require_whole
from boundcheck.evaluate import CODES, Verdict
from boundcheck.evaluate.enclosed import outward, outward_arrays
from boundcheck.scanning.grids import Grid, GridSides, Stage

__all__ = ["BoundSummary", "Distribution", "Extreme", "ParameterSummary", "Ranked", "ScanSummary", "plain"]

Floats: TypeAlias = npt.NDArray[np.float64]
Integers: TypeAlias = npt.NDArray[np.int64]
Triple: TypeAlias = tuple[int, int, int]

VERSION = 1
# A bin is the sign, the exponent and so many bits of the significand of a float64; those of one class have fewer.
_BITS, _CLASS_BITS = 10, 6
_SIGNIFICAND = 52
# Sign and exponent, as the rows of a table, in the order of the numbers: below 0, then above.
_OCTAVES, _ZERO = 4096, 2048
_FLIP = 0x7FFF_FFFF_FFFF_FFFF
# A value whose error is a larger share of it than this is counted by both of its ends. Beside less than _SMALL, shares
# underflow; none is recorded that is below _LEAST_SHARE, for the same reason.
_SHARE, _SMALL, _LEAST_SHARE = 2.0**-16, 2.0**-900, 2.0**-60
# Values are looked at so many at a time.
_RUN = 256
_U = 2.0**-53
# As in evaluate.rounding: what error terms lose to their own rounding.
_INFLATE = 1 + 2.0**-20
_HEAT_CELLS = 512
_WITNESSES = 10

_COUNTED = (Verdict.HOLDS, Verdict.FAILS, Verdict.UNDECIDED, Verdict.VACUOUS)
_HOLDS, _FAILS, _UNDECIDED, _VACUOUS = (CODES.index(verdict) for verdict in _COUNTED)
# Verdicts are counted in the columns of tables by their codes.
assert (_HOLDS, _FAILS, _UNDECIDED, _VACUOUS) == (0, 1, 2, 3)

# What becomes of a value: the places of its counts.
_FINITE, _UNDEFINED, _BELOW, _ABOVE, _UNKNOWN = range(5)
_LEFT_OUT = -1.0


@njit(cache=True, nogil=True, error_model="numpy")
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
                ratio_error[k], off[k] = _LEFT_OUT, _LEFT_OUT
            elif b == 0 and be == 0:
                if zero:
                    ratio[k], ratio_error[k] = np.nan, 0.0
                elif abs(a) > ae and abs(a) < np.inf:
                    ratio[k], ratio_error[k] = (np.inf if a > 0 else -np.inf), 0.0
            elif zero and abs(b) > be and abs(b) < np.inf:
                ratio[k], ratio_error[k] = 0.0, 0.0
    return negative


@njit(cache=True, nogil=True, inline="always")
def _is_wide(size: float, error: float) -> bool:
    return error > size * _SHARE if size >= _SMALL else error > 0


@njit(cache=True, nogil=True, inline="always")
def _order(bits: int) -> int:
    """Return a number's bits as an integer in the order of the numbers."""
    return bits if bits >= 0 else bits ^ _FLIP


_ends_of = njit(cache=True, nogil=True)(outward)


@njit(cache=True, nogil=True)
def _is_plain(
    values: Any, errors: Any, first: int, last: int, least: float, most: float, largest: float, share: float
) -> bool:
    """Say whether values are all counted by themselves and break no record: what most are, and vectors find out."""
    others = 0
    for k in range(first, last):
        size, error = abs(values[k]), errors[k]
        plain = (error >= 0) & (error <= largest) & (error <= share * size) & (size >= _SMALL)
        others += not (plain & (values[k] >= least) & (values[k] <= most))
    return others == 0


@njit(cache=True, nogil=True, error_model="numpy")
def _survey(values: Any, errors: Any, plain: Any, tally: Any) -> tuple[int, int, float, float]:
    """Fill in how many values there are of each kind, shape (5,), and which runs of them are counted one by one.

    Returns the places of the first of the smallest and of the largest values (−1 if there is none), the largest error,
    and its largest share of a value that is counted by itself.
    """
    least, most, least_at, most_at = np.inf, -np.inf, -1, -1
    largest, relative, finite = 0.0, 0.0, 0
    for run in range(plain.size):
        first, last = run * _RUN, min(values.size, (run + 1) * _RUN)
        # What is below this has a share that rounds to no more than what is known, whatever came first.
        share = relative * (1 - 2.0**-50)
        plain[run] = _is_plain(values, errors, first, last, least, most, largest, share)
        if plain[run]:
            finite += last - first
            continue
        plain[run] = True
        for k in range(first, last):
            value, error = values[k], errors[k]
            size = abs(value)
            if not (error >= 0 and error < np.inf and size < np.inf):
                plain[run] = False
                if error == _LEFT_OUT:
                    continue
                if error != 0:
                    tally[_UNKNOWN] += 1
                elif value != value:
                    tally[_UNDEFINED] += 1
                else:
                    tally[_ABOVE if value > 0 else _BELOW] += 1
                continue
            if _is_wide(size, error):
                plain[run] = False
                low, high = _ends_of(value, error)
                if not (low > -np.inf and high < np.inf):
                    tally[_UNKNOWN] += 1
                    continue
            elif error > 0:
                relative = max(relative, max(error / size, _LEAST_SHARE))
            finite += 1
            largest = error if error > largest else largest
            if value < least or least_at < 0:
                least, least_at = value, k
            if value > most or most_at < 0:
                most, most_at = value, k
    tally[_FINITE] += finite
    return least_at, most_at, largest, relative


@njit(cache=True, nogil=True)
def _count(
    values: Any,
    errors: Any,
    plain: Any,
    start: int,
    bits: int,
    rows: Any,
    own: Any,
    low_rows: Any,
    lows: Any,
    high_rows: Any,
    highs: Any,
) -> tuple[int, int, int]:
    """Count each finite value in its bin, or where its error is wide, both of its ends in theirs.

    Returns where it stopped for want of a row, the table (0, 1 or 2) and the octave; or the number of values.
    """
    places = values.view(np.int64)
    ends = np.empty(2)
    end_places = ends.view(np.int64)
    shift, mask = _SIGNIFICAND - bits, (1 << bits) - 1
    flat = own.reshape(-1)
    for run in range(start // _RUN, plain.size):
        first, last = max(start, run * _RUN), min(values.size, (run + 1) * _RUN)
        for k in range(first, last):
            if not plain[run]:
                value, error = values[k], errors[k]
                size = abs(value)
                if not (error >= 0 and error < np.inf and size < np.inf):
                    continue
                if _is_wide(size, error):
                    # Adding 0 makes −0 a 0.
                    least, most = _ends_of(value, error)
                    ends[0], ends[1] = least + 0.0, most + 0.0
                    if not (least > -np.inf and most < np.inf):
                        continue
                    low, high = _order(end_places[0]), _order(end_places[1])
                    low_octave, high_octave = (low >> _SIGNIFICAND) + _ZERO, (high >> _SIGNIFICAND) + _ZERO
                    if low_rows[low_octave] < 0:
                        return k, 1, low_octave
                    if high_rows[high_octave] < 0:
                        return k, 2, high_octave
                    lows[low_rows[low_octave], (low >> shift) & mask] += 1
                    highs[high_rows[high_octave], (high >> shift) & mask] += 1
                    continue
            place = _order(places[k])
            # Unsigned, a place is not looked at for being counted from the end.
            octave = np.uint64((place >> _SIGNIFICAND) + _ZERO)
            row = rows[octave]
            if row < 0:
                return k, 0, (place >> _SIGNIFICAND) + _ZERO
            flat[np.uint64((np.int64(row) << bits) + ((place >> shift) & mask))] += 1
    return values.size, 0, 0


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def _count_verdicts(code: Any, stage: Any, classes: Any, table: Any, stages: Any) -> None:
    """Count verdicts by the class of the negative, and what they rest on."""
    for a in range(code.shape[0]):
        for b in range(code.shape[1]):
            table[classes[b], code[a, b]] += 1
            stages[stage[a, b]] += 1


@dataclass(frozen=True)
class Extreme:
    """A value with a bound on its error, and the triple that has it: the first of several."""

    value: float
    error: float
    triple: Triple

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON types."""
        return {"value": self.value, "error": self.error, "triple": list(self.triple)}

    @classmethod
    def from_dict(cls, known: Mapping[str, Any] | None) -> Extreme | None:
        """Return what :meth:`to_dict` was made of."""
        return known and cls(float(known["value"]), float(known["error"]), _triple(known["triple"]))  # type: ignore[return-value]


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
        return cls(_triple(triple), lhs, lhs_error, rhs, rhs_error, tightness, tightness_error)


class _Bins:
    """Counts of numbers by their leading bits: a row for each octave that has any."""

    def __init__(self, bits: int) -> None:
        self.bits = bits
        # Most tables of a summary are empty for long: they share this one.
        self.rows = _NO_ROWS
        self.counts: Integers = np.zeros((0, 1 << bits), dtype=np.int64)

    def reserve(self, octaves: Integers) -> None:
        """Have a row for each of some octaves."""
        missing = np.unique(octaves[self.rows[octaves] < 0])
        if len(missing):
            before = len(self.counts)
            self.rows = self.rows.copy()
            self.rows[missing] = np.arange(before, before + len(missing))
            self.counts = np.concatenate([self.counts, np.zeros((len(missing), 1 << self.bits), dtype=np.int64)])

    def merge(self, other: _Bins) -> None:
        octaves = np.flatnonzero(other.rows >= 0)
        self.reserve(octaves)
        self.counts[self.rows[octaves]] += other.counts[other.rows[octaves]]

    @property
    def filled(self) -> tuple[Integers, Integers]:
        """The bins that are not empty, in the order of their numbers, and the counts in them."""
        octaves = np.flatnonzero(self.rows >= 0)
        table = self.counts[self.rows[octaves]]
        rows, columns = np.nonzero(table)
        return ((octaves[rows] - _ZERO) << self.bits) + columns, table[rows, columns]

    def ends(self) -> tuple[Floats, Floats, Integers]:
        """Return the least number of each bin that is not empty, the least of the next bin, and the counts."""
        places, counts = self.filled
        return _edges(places, self.bits), _edges(places + 1, self.bits), counts

    def to_dict(self) -> dict[str, Any]:
        places, counts = self.filled
        return {"gaps": np.diff(places, prepend=0).tolist(), "counts": counts.tolist()}

    @classmethod
    def from_dict(cls, known: Mapping[str, Any], bits: int) -> _Bins:
        made = cls(bits)
        places = np.cumsum(np.array(known["gaps"], dtype=np.int64))
        octaves = (places >> bits) + _ZERO
        made.reserve(octaves)
        made.counts[made.rows[octaves], places & ((1 << bits) - 1)] = np.array(known["counts"], dtype=np.int64)
        return made


_NO_ROWS = np.full(_OCTAVES, -1, dtype=np.int16)
_NO_ROWS.flags.writeable = False


def _edges(places: Integers, bits: int) -> Floats:
    """Return the least number of each bin; beyond the last, infinity."""
    keys = places << (_SIGNIFICAND - bits)
    return np.where(keys >= 0, keys, keys ^ _FLIP).view(np.float64)


class Distribution:
    """How values are distributed, each known up to an error: counts by their leading bits, and exact extremes.

    A bin of `bits` bits is at most 2⁻ᵇⁱᵗˢ of its numbers wide. A value whose error is more than 2⁻¹⁶ of it is counted by
    both of its ends instead.

    Attributes
    ----------
    bits
        Of the significand.
    least, most
        The smallest and the largest finite value, each with the first triple that has it; None if there are none.
    largest_error
        Of the finite values.
    """

    def __init__(self, bits: int = _BITS) -> None:
        self.bits = bits
        self._tally = np.zeros(5, dtype=np.int64)
        self.largest_error, self._relative = 0.0, 0.0
        self.least: Extreme | None = None
        self.most: Extreme | None = None
        self._own, self._lows, self._highs = _Bins(bits), _Bins(bits), _Bins(bits)

    @property
    def count(self) -> int:
        """How many values are finite, with a finite error."""
        return int(self._tally[_FINITE])

    @property
    def undefined(self) -> int:
        """How many are NaN, without an error: 0/0, which has no place in any order."""
        return int(self._tally[_UNDEFINED])

    @property
    def below(self) -> int:
        """How many are −∞, without an error."""
        return int(self._tally[_BELOW])

    @property
    def above(self) -> int:
        """How many are ∞, without an error."""
        return int(self._tally[_ABOVE])

    @property
    def unknown(self) -> int:
        """How many have no bound on their error: they may be any number."""
        return int(self._tally[_UNKNOWN])

    @property
    def ordered(self) -> int:
        """How many values have a place in the order: all but the undefined."""
        return int(self._tally.sum()) - self.undefined

    def add(self, values: Float[np.ndarray, "Z W"], errors: Float[np.ndarray, "Z W"], grid: Grid) -> None:
        """Take in a value of each triple of a grid.

        Raises
        ------
        InvalidValueError
            If the shapes are not the grid's, an error is below 0, or the grid is not in ascending order.
        """
        _require_order(grid)
        _require_shape("values", values, grid)
        _require_shape("errors", errors, grid)
        if (errors < 0).any():
            raise InvalidValueError(explain("errors", "numbers that are at least 0", f"{float(errors.min())}"))
        # Adding 0 makes −0 a 0.
        _add_to([self], np.ascontiguousarray(values, dtype=np.float64) + 0.0, np.ascontiguousarray(errors), grid)

    def merge(self, other: Distribution) -> None:
        """Take in what another has counted.

        Raises
        ------
        InvalidValueError
            If its bins are others.
        """
        if self.bits != other.bits:
            raise InvalidValueError(explain("distribution", f"one of {self.bits} bits", f"one of {other.bits}"))
        self._tally += other._tally
        self.largest_error = max(self.largest_error, other.largest_error)
        self._relative = max(self._relative, other._relative)
        self._note(other.least, other.most)
        for mine, others in zip(self._tables, other._tables, strict=True):
            mine.merge(others)

    @property
    def _tables(self) -> tuple[_Bins, _Bins, _Bins]:
        return self._own, self._lows, self._highs

    def _note(self, least: Extreme | None, most: Extreme | None) -> None:
        """Keep the more extreme; of two alike, the one of the first triple."""
        if least is not None:
            self.least = min(self.least or least, least, key=lambda one: (one.value, one.triple))
        if most is not None:
            self.most = min(self.most or most, most, key=lambda one: (-one.value, one.triple))

    def _off(self, values: Floats) -> Floats:
        """Return what a value that is counted by itself may be off by. With it, value ± error grow with the value."""
        # The last bin ends at infinity.
        if self._relative == 0:
            return np.zeros(values.shape)
        return self._relative * np.abs(values) * (1 + 2.0**-49)

    def _lower(self) -> tuple[Floats, Integers]:
        """Return numbers that values are at least, and how many values; in no order."""
        low, _, counts = self._own.ends()
        # Within its bin, no value is below the least of all.
        low = np.maximum(low, self.least.value) if self.least else low
        low, _ = outward_arrays(low, self._off(low))
        wide, _, wide_counts = self._lows.ends()
        return (
            np.concatenate([low, wide, [-np.inf, np.inf]]),
            np.concatenate([counts, wide_counts, [self.below + self.unknown, self.above]]),
        )

    def _upper(self) -> tuple[Floats, Integers]:
        """Return numbers that values are at most, and how many values; in no order."""
        _, high, counts = self._own.ends()
        high = np.minimum(high, self.most.value) if self.most else high
        _, high = outward_arrays(high, self._off(high))
        _, wide, wide_counts = self._highs.ends()
        return (
            np.concatenate([high, wide, [-np.inf, np.inf]]),
            np.concatenate([counts, wide_counts, [self.below, self.above + self.unknown]]),
        )

    def quantile(self, level: float) -> tuple[float, float]:
        """Return an enclosure of a quantile: of the smallest exact value that a share `level` of all are at most.

        It is the value of rank ⌈level·n⌉, or the first; infinities have their places, and an unknown value may have any.

        Raises
        ------
        InvalidValueError
            If no value has a place in the order, or `level` is not in [0, 1].
        """
        if not 0 <= level <= 1:
            raise InvalidValueError(explain("level", "a number in [0, 1]", f"{level}"))
        total = self.ordered
        if not total:
            raise InvalidValueError(explain("distribution", "at least one value that is not 0/0", "none"))
        rank = min(total, max(1, math.ceil(level * total)))
        # If every value is at least some number, so are the values of each rank, numbers and values in order.
        return _of_rank(*self._lower(), rank), _of_rank(*self._upper(), rank)

    def share_below(self, value: float) -> tuple[int, int]:
        """Return how many exact values are surely below a number, and how many may be; :attr:`ordered` is all of them.

        Raises
        ------
        InvalidValueError
            If the number is NaN.
        """
        if math.isnan(value):
            raise InvalidValueError(explain("value", "a number", "NaN"))
        _, next_bins, counts = self._own.ends()
        highs, high_counts = self._upper()
        surely = highs < value
        # A bin ends before the next one begins.
        surely[: len(counts)] |= outward_arrays(next_bins, self._off(next_bins))[1] <= value
        wide = len(counts) + len(self._highs.filled[0])
        surely[len(counts) : wide] |= highs[len(counts) : wide] <= value
        lows, low_counts = self._lower()
        return int(high_counts[surely].sum()), int(low_counts[lows < value].sum())

    def histogram(self, bins: int = 50, *, log: bool = False) -> tuple[Floats, Floats]:
        """Return edges and counts between them, for drawing: each bin is spread evenly over what it covers.

        A value with a wide error counts half at either end. On a logarithmic scale, what is not above 0 is left out.

        Raises
        ------
        InvalidTypeError, InvalidValueError
            If `bins` is not an integer of at least 1, or there is no value to draw.
        """
        require_whole("bins", bins)
        parts = [(table.ends(), share) for table, share in zip(self._tables, (1.0, 0.5, 0.5), strict=True)]
        lows, highs, counts = (
            np.concatenate([ends[0] for ends, _ in parts]),
            np.concatenate([ends[1] for ends, _ in parts]),
            np.concatenate([ends[2] * share for ends, share in parts]),
        )
        kept = lows > 0 if log else np.ones(len(lows), dtype=np.bool_)
        if not kept.any() or self.least is None or self.most is None:
            raise InvalidValueError(explain("distribution", f"a value {'above 0 ' if log else ''}to draw", "none"))
        # Ends of wide values may lie beyond the extremes, which are drawn to.
        low, high = self.least.value, self.most.value
        if log:
            low, high = max(low, float(lows[kept].min())), max(high, float(lows[kept].min()))
        if low == high:
            low, high = (low / 2, high * 2) if log else (low - max(1.0, abs(low)) / 2, high + max(1.0, abs(low)) / 2)
        part = np.arange(bins + 1) / bins
        edges = np.exp2(math.log2(low) * (1 - part) + math.log2(high) * part) if log else low * (1 - part) + high * part
        edges[0], edges[-1] = low, high
        starts, stops = np.clip(lows[kept], low, high), np.clip(highs[kept], low, high)
        drawn = np.zeros(bins)
        first, last = (np.clip(np.searchsorted(edges, ends, "right") - 1, 0, bins - 1) for ends in (starts, stops))
        for start, stop, a, b, number in zip(starts, stops, first, last, counts[kept], strict=True):
            if a == b or stop <= start:
                drawn[a] += number
                continue
            across = np.clip(edges[a : b + 2], start, stop)
            drawn[a : b + 1] += number * (np.diff(across / 2) / (stop / 2 - start / 2))
        return edges, drawn

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON types."""
        return {
            "bits": self.bits,
            "tally": self._tally.tolist(),
            "largest_error": self.largest_error,
            "relative": self._relative,
            "least": self.least and self.least.to_dict(),
            "most": self.most and self.most.to_dict(),
            "bins": [table.to_dict() for table in self._tables],
        }

    @classmethod
    def from_dict(cls, known: Mapping[str, Any]) -> Distribution:
        """Return what :meth:`to_dict` was made of."""
        made = cls(int(known["bits"]))
        made._tally[:] = known["tally"]
        made.largest_error, made._relative = float(known["largest_error"]), float(known["relative"])
        made.least, made.most = Extreme.from_dict(known["least"]), Extreme.from_dict(known["most"])
        made._own, made._lows, made._highs = (_Bins.from_dict(table, made.bits) for table in known["bins"])
        return made


def _add_to(distributions: Iterable[Distribution], values: Floats, errors: Floats, grid: Grid) -> None:
    """Take in values, shape (Z, W), that have no −0 among them; an error of −1 leaves one out."""
    flat, off = values.reshape(-1), errors.reshape(-1)
    plain, tally = np.empty(-(-flat.size // _RUN), dtype=np.bool_), np.zeros(5, dtype=np.int64)
    least_at, most_at, largest, relative = _survey(flat, off, plain, tally)
    least, most = (
        Extreme(float(flat[at]), float(off[at]), _triple_at(grid, at)) if at >= 0 else None
        for at in (least_at, most_at)
    )
    for made in distributions:
        made._tally += tally
        made.largest_error, made._relative = max(made.largest_error, largest), max(made._relative, relative)
        made._note(least, most)
        at = 0
        while True:
            tables = (part for table in made._tables for part in (table.rows, table.counts))
            at, number, octave = _count(flat, off, plain, at, made.bits, *tables)
            if at == flat.size:
                break
            made._tables[number].reserve(np.array([octave]))


def _of_rank(values: Floats, counts: Integers, rank: int) -> float:
    order = np.argsort(values, kind="stable")
    return float(values[order[np.searchsorted(np.cumsum(counts[order]), rank)]])


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
        self.by_pair = np.zeros((classes, classes, len(_COUNTED)), dtype=np.int64)
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
        return dict(zip(_COUNTED, map(int, self.by_pair.sum(axis=(0, 1))), strict=True))

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
                held[:] = sorted([*held, *(_triple_at(grid, int(place)) for place in places)])[:_WITNESSES]
        if not measured or new[_VACUOUS] == code.size:
            return
        arrays = tuple(
            np.ascontiguousarray(part, dtype=np.float64)
            for part in (sides.lhs, sides.lhs_error, sides.rhs, sides.rhs_error)
        )
        tightness, error, slack, slack_error = np.empty((4, *code.shape))
        self.negative += _measure(*(part.reshape(-1) for part in (code, *arrays, tightness, error, slack, slack_error)))
        _add_to([self.tightness, self.tightness_by_class[own]], tightness, error, grid)
        _add_to([self.slack], slack, slack_error, grid)
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
                Ranked(_triple_at(grid, place), *(float(array.reshape(-1)[place]) for array in arrays))
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
        made.failing, made.undecided = ([_triple(one) for one in known[name]] for name in ("failing", "undecided"))
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
        _add_to([self.values, self.values_by_class[own]], known, off, grid)
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


class ScanSummary:
    """Several bounds on all triples of a data set; :meth:`empty` makes one to add to.

    Attributes
    ----------
    triples
        How many were taken in.
    bounds, parameters
        What was found of each, by name and by symbol.
    classes
        The class of each collection, shape (C,).
    names, class_names
        Of the collections and the classes.
    top
        The length of the lists of tightest and loosest triples.
    sides
        Whether the two sides are summarised, or verdicts alone.
    heat_order
        The collections in the order of the heat map: by class.
    heat_cells
        Which cell of it each collection is in, shape (C,): its own, up to 512 collections.
    """

    def __init__(
        self,
        bounds: Sequence[str],
        parameters: Sequence[str],
        classes: npt.ArrayLike,
        names: Sequence[str],
        class_names: Sequence[str],
        *,
        top: int = 10,
        sides: bool = True,
    ) -> None:
        require_whole("top", top)
        given = np.asarray(classes)
        if given.ndim != 1 or (given.size and given.dtype.kind not in "iu"):
            raise InvalidTypeError(explain("classes", "integers, shape (C,)", f"{given.dtype} {given.shape}"))
        self.classes: Integers = given.astype(np.int64)
        self.names, self.class_names = tuple(map(str, names)), tuple(map(str, class_names))
        if len(self.names) != len(self.classes):
            raise InvalidValueError(
                explain("names", f"one for each of {len(self.classes)} collections", f"{len(self.names)}")
            )
        kinds = len(self.class_names)
        if self.classes.size and not (self.classes.min() >= 0 and self.classes.max() < kinds):
            extremes = f"{self.classes.min()} to {self.classes.max()}"
            raise InvalidValueError(explain("classes", f"positions among {kinds} class names", extremes))
        for what, listed in (("bounds", bounds), ("parameters", parameters)):
            if isinstance(listed, str) or len(set(listed)) < len(listed):
                raise InvalidValueError(explain(what, "different names", f"{listed!r}"))
        self.triples, self.top, self.sides = 0, int(top), bool(sides)
        count = len(self.classes)
        cells = min(count, _HEAT_CELLS)
        self.heat_order = np.argsort(self.classes, kind="stable")
        self.heat_cells = np.empty(count, dtype=np.int64)
        self.heat_cells[self.heat_order] = np.arange(count) * cells // max(1, count)
        # A map of verdicts alone has nothing to show.
        self.bounds = {name: BoundSummary(kinds, cells if sides else 0, self.top) for name in bounds}
        self.parameters = {symbol: ParameterSummary(kinds) for symbol in parameters}

    @classmethod
    def empty(
        cls,
        bounds: Sequence[str],
        parameters: Sequence[str],
        classes: npt.ArrayLike,
        names: Sequence[str],
        class_names: Sequence[str],
        top: int = 10,
        sides: bool = True,
    ) -> ScanSummary:
        """Return the summary of no triples.

        Parameters
        ----------
        bounds, parameters
            Names of the bounds and symbols of the parameters that grids have.
        classes
            The class of each collection, shape (C,): a position in `class_names`.
        names, class_names
            Of the collections and the classes.
        top
            The length of the lists of tightest and loosest triples, at least 1.
        sides
            Whether to summarise the two sides where grids have them, or verdicts alone.

        Raises
        ------
        InvalidTypeError, InvalidValueError
            If these do not fit together, or a name comes twice.
        """
        return cls(bounds, parameters, classes, names, class_names, top=top, sides=sides)

    def add(self, grid: Grid) -> None:
        """Take in every triple of a grid.

        Raises
        ------
        InvalidValueError
            If the grid has other bounds or collections, arrays of other shapes, or is not in ascending order; the
            summary is then as it was.
        """
        self._require(grid)
        self.triples += len(grid.positives) * len(grid.negatives)
        own, classes = int(self.classes[grid.anchor]), self.classes[grid.negatives]
        cells = self.heat_cells[np.append(grid.anchor, grid.negatives)]
        for name, sides in grid.bounds.items():
            self.bounds[name]._add(grid, sides, own, classes, cells, self.sides and sides.lhs is not None)
        for symbol, (value, error) in grid.parameters.items():
            self.parameters[symbol]._add(grid, value, error, own)

    def _require(self, grid: Grid) -> None:
        _require_order(grid)
        given = np.concatenate([[grid.anchor], grid.positives, grid.negatives])
        if given.min() < 0 or given.max() >= len(self.classes):
            expected = f"positions of {len(self.classes)} collections"
            raise InvalidValueError(explain("grid", expected, f"{given.min()} to {given.max()}"))
        if set(grid.bounds) != set(self.bounds):
            raise InvalidValueError(explain("grid", f"bounds {_short(list(self.bounds))}", _short(list(grid.bounds))))
        if not set(grid.parameters) <= set(self.parameters):
            expected = f"parameters among {_short(list(self.parameters))}"
            raise InvalidValueError(explain("grid", expected, _short(list(grid.parameters))))
        for name, sides in grid.bounds.items():
            parts = (sides.lhs, sides.lhs_error, sides.rhs, sides.rhs_error)
            missing = sum(part is None for part in parts)
            if missing not in (0, 4):
                raise InvalidValueError(explain(f"bound {name!r}", "both sides and their errors, or none", "some"))
            for part in (sides.code, sides.stage, *(part for part in parts if part is not None)):
                _require_shape(f"bound {name!r}", part, grid)
            for what, numbers, end in (("verdicts", sides.code, len(_COUNTED)), ("stages", sides.stage, len(Stage))):
                if numbers.size and not (numbers.min() >= 0 and numbers.max() < end):
                    extremes = f"{numbers.min()} to {numbers.max()}"
                    raise InvalidValueError(explain(f"{what} of bound {name!r}", f"0 to {end - 1}", extremes))
        for symbol, pair in grid.parameters.items():
            for part in pair:
                _require_shape(f"parameter {symbol!r}", part, grid)

    def merge(self, other: ScanSummary) -> None:
        """Take in what another has found on other triples.

        Raises
        ------
        InvalidTypeError, InvalidValueError
            If it is no summary, or one of other bounds, parameters or collections, or made otherwise.
        """
        if not isinstance(other, ScanSummary):
            raise InvalidTypeError(explain("summary", "a ScanSummary", f"{type(other).__name__}"))
        for what, mine, others in zip(
            ("bounds", "parameters", "classes", "names", "class names", "top", "sides"),
            self._kind(),
            other._kind(),
            strict=True,
        ):
            if mine != others:
                raise InvalidValueError(
                    explain(
                        "summary",
                        f"one of the same {what}, {_short(mine)}",
                        f"{_short(others)}",
                        "merge summaries of one scan",
                    )
                )
        self.triples += other.triples
        for name, bound in self.bounds.items():
            bound.merge(other.bounds[name])
        for symbol, parameter in self.parameters.items():
            parameter.merge(other.parameters[symbol])

    def _kind(self) -> tuple[object, ...]:
        """Return what summaries that may be merged have in common."""
        return (
            list(self.bounds),
            list(self.parameters),
            self.classes.tolist(),
            self.names,
            self.class_names,
            self.top,
            self.sides,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON types."""
        return {
            "version": VERSION,
            "triples": self.triples,
            "top": self.top,
            "sides": self.sides,
            "classes": self.classes.tolist(),
            "names": list(self.names),
            "class_names": list(self.class_names),
            "bounds": [{"name": name, **bound.to_dict()} for name, bound in self.bounds.items()],
            "parameters": [{"symbol": symbol, **one.to_dict()} for symbol, one in self.parameters.items()],
        }

    @classmethod
    def from_dict(cls, known: Mapping[str, Any]) -> ScanSummary:
        """Return what :meth:`to_dict` was made of.

        Raises
        ------
        InvalidValueError
            If it is not that, or of another version.
        """
        try:
            if known["version"] != VERSION:
                raise InvalidValueError(explain("summary", f"version {VERSION}", f"{known['version']!r}"))
            made = cls(
                [one["name"] for one in known["bounds"]],
                [one["symbol"] for one in known["parameters"]],
                np.array(known["classes"], dtype=np.int64),
                known["names"],
                known["class_names"],
                top=known["top"],
                sides=known["sides"],
            )
            made.triples = int(known["triples"])
            made.bounds = {one["name"]: BoundSummary.from_dict(one, made.top) for one in known["bounds"]}
            made.parameters = {one["symbol"]: ParameterSummary.from_dict(one) for one in known["parameters"]}
        except InvalidValueError:
            raise
        except (KeyError, TypeError, ValueError, IndexError, OverflowError) as cause:
            raise InvalidValueError(explain("summary", "what to_dict() returned", f"{cause!r}")) from cause
        return made

    def to_bytes(self) -> bytes:
        """Return it as canonical JSON: the same triples give the same bytes."""
        return json.dumps(
            self.to_dict(), allow_nan=False, ensure_ascii=True, separators=(",", ":"), sort_keys=True
        ).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> ScanSummary:
        """Return what :meth:`to_bytes` was made of.

        Raises
        ------
        InvalidValueError
            If it is not that, or of another version.
        """
        try:
            known = json.loads(data)
        except ValueError as cause:
            raise InvalidValueError(explain("summary", "what to_bytes() returned", f"{cause}")) from cause
        return cls.from_dict(known)

    def digest(self) -> str:
        """Return a digest of :meth:`to_bytes`."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ScanSummary) and self.to_bytes() == other.to_bytes()

    __hash__ = None  # type: ignore[assignment]


def _require_order(grid: Grid) -> None:
    """Raise where places in a grid are not in the order of its triples."""
    for name, positions in (("positives", grid.positives), ("negatives", grid.negatives)):
        if (positions[1:] <= positions[:-1]).any():
            raise InvalidValueError(explain(f"{name} of a grid", "positions in ascending order", "another order"))


def _require_shape(name: str, array: npt.NDArray[Any], grid: Grid) -> None:
    shape = len(grid.positives), len(grid.negatives)
    if array.shape != shape:
        raise InvalidValueError(explain(name, f"shape {shape}, a row for each positive", f"{array.shape}"))


def _triple_at(grid: Grid, place: int) -> Triple:
    """Return the triple at a place of a grid's arrays, whose order is that of the triples."""
    a, b = divmod(place, len(grid.negatives))
    return int(grid.anchor), int(grid.positives[a]), int(grid.negatives[b])


def _triple(known: Iterable[Any]) -> Triple:
    first, second, third = map(int, known)
    return first, second, third


def plain(number: float) -> float | str:
    """Return a number as JSON has it: infinities have names."""
    return number if math.isfinite(number) else str(number)


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


def _short(values: object) -> str:
    text = str(values)
    return text if len(text) < 80 else f"{text[:77]}…"
