"""How the values of all triples are distributed, each known up to an error, in memory that does not grow with them.

Values are counted by their leading bits, both ends of those that are not known well enough for it. Counts and extremes are
the same whatever the order in which grids come and parts are merged.
"""

# mypy: allow-untyped-decorators

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from boundcheck.errors import InvalidValueError, explain, require_whole
from boundcheck.evaluate.enclosed import outward, outward_arrays
from boundcheck.kernels.compiled import compiled
from boundcheck.scanning.grids import Floats, Grid, Integers, Triple, require_order, require_shape, triple_at, triple_of

__all__ = ["Distribution", "Extreme"]

# A bin is the sign, the exponent and so many bits of the significand of a float64.
_BITS = 10
_SIGNIFICAND = 52
# Sign and exponent, as the rows of a table, in the order of the numbers: below 0, then above.
_OCTAVES, _ZERO = 4096, 2048
_FLIP = 0x7FFF_FFFF_FFFF_FFFF
# A value whose error is a larger share of it than this is counted by both of its ends. Beside less than _SMALL, shares
# underflow; none is recorded that is below _LEAST_SHARE, for the same reason.
_SHARE, _SMALL, _LEAST_SHARE = 2.0**-16, 2.0**-900, 2.0**-60
# Values are looked at so many at a time.
_RUN = 256

# What becomes of a value: the places of its counts.
_FINITE, _UNDEFINED, _BELOW, _ABOVE, _UNKNOWN = range(5)
#: The error of a value that is not to be counted.
LEFT_OUT = -1.0


@compiled(inline="always")
def _is_wide(size: float, error: float) -> bool:
    return error > size * _SHARE if size >= _SMALL else error > 0


@compiled(inline="always")
def _order(bits: int) -> int:
    """Return a number's bits as an integer in the order of the numbers."""
    return bits if bits >= 0 else bits ^ _FLIP


_ends_of = compiled()(outward)


@compiled(within=True)
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


@compiled(error_model="numpy")
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
                if error == LEFT_OUT:
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


@compiled()
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
        return known and cls(float(known["value"]), float(known["error"]), triple_of(known["triple"]))  # type: ignore[return-value]


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
        require_order(grid)
        require_shape("values", values, grid)
        require_shape("errors", errors, grid)
        if (errors < 0).any():
            raise InvalidValueError(explain("errors", "numbers that are at least 0", f"{float(errors.min())}"))
        # Adding 0 makes −0 a 0.
        add_to([self], np.ascontiguousarray(values, dtype=np.float64) + 0.0, np.ascontiguousarray(errors), grid)

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


def add_to(distributions: Iterable[Distribution], values: Floats, errors: Floats, grid: Grid) -> None:
    """Take in values, shape (Z, W), that have no −0 among them; an error of −1 leaves one out."""
    flat, off = values.reshape(-1), errors.reshape(-1)
    plain, tally = np.empty(-(-flat.size // _RUN), dtype=np.bool_), np.zeros(5, dtype=np.int64)
    least_at, most_at, largest, relative = _survey(flat, off, plain, tally)
    least, most = (
        Extreme(float(flat[at]), float(off[at]), triple_at(grid, at)) if at >= 0 else None for at in (least_at, most_at)
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
