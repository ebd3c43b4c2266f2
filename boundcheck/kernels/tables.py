"""What reductions of distances return, and how it is taken back to the scale of the rows."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np
import numpy.typing as npt

__all__ = ["Found", "Integers", "Table", "every", "scaled", "scaled_arrays"]

Array = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Found:
    """An enclosed distance and, of an extreme, the rows that attain it to within the enclosure."""

    value: float
    error: float
    row: int = -1
    column: int = -1


@dataclass(frozen=True)
class Table:
    """A reduction for every pair of collections.

    Attributes
    ----------
    value, error
        Shape (C, C′), float64.
    row, column
        Of an extreme: positions within each collection, shape (C, C′), int64; None for means.
    """

    value: Array
    error: Array
    row: Integers | None = None
    column: Integers | None = None

    @classmethod
    def empty(cls, shape: tuple[int, int], *, at: bool) -> Table:
        """Return a table of zeros, with positions or without."""
        places = [np.zeros(shape, dtype=np.int64) for _ in range(2)] if at else [None, None]
        return cls(np.zeros(shape), np.zeros(shape), *places)

    def columns(self) -> list[npt.NDArray[np.generic]]:
        """Return the arrays that there are, in the order of the fields of a tile's table."""
        return [array for array in (self.value, self.error, self.row, self.column) if array is not None]

    def fill(self, place: tuple[slice, slice], wanted: npt.NDArray[np.bool_] | bool, part: Array) -> None:
        """Take over what is wanted of a tile's table, shape (fields, rows, columns)."""
        for field, array in zip(part, self.columns(), strict=False):
            np.copyto(array[place], field, casting="unsafe", where=wanted)

    def mirror(self, back: Table) -> None:
        """Fill in the lower half from the upper half of the other direction, in which rows are columns.

        No upper half is written to: each direction may be filled in from the other in turn.
        """
        lower = np.tril(np.ones(self.value.shape, dtype=bool), -1)
        others = [back.value, back.error, back.column, back.row]
        for array, other in zip(self.columns(), others, strict=False):
            if other is not None:
                np.copyto(array, other.T, where=lower)

    def scale(self, starts: Integers, others: Integers, exponent: int) -> None:
        """Multiply it by 2**exponent, and count positions within the collections that begin at `starts`, `others`."""
        self.value[...], self.error[...] = scaled_arrays(self.value, self.error, exponent)
        if self.row is not None and self.column is not None:
            np.subtract(self.row, starts[:-1, None], out=self.row)
            np.subtract(self.column, others[:-1], out=self.column)


def scaled(value: float, error: float, exponent: int) -> tuple[float, float]:
    """Return both times 2**exponent, as :func:`scaled_arrays` does."""
    of_value, of_error = scaled_arrays(np.array(value), np.array(error), exponent)
    return float(of_value), float(of_error)


def scaled_arrays(value: Array, error: Array, exponent: int) -> tuple[Array, Array]:
    """Return both times 2**exponent; what that takes below the least normal number is added to the error.

    A 0 that is exact stays so. Of a value beyond the largest number nothing is known.
    """
    if not exponent:
        return value, error
    with np.errstate(over="ignore", under="ignore"):
        exact = (value == 0) & (error == 0)
        value = np.ldexp(value, exponent)
        error = np.where(exact, 0.0, np.ldexp(error, exponent) * (1 + 2.0**-52) + 2.0**-1073)
    return value, np.where(np.isfinite(value), error, inf)


def every(count: int, size: int) -> Integers:
    """Return where blocks of one size begin, and the end."""
    return np.append(np.arange(0, count, size), count)
