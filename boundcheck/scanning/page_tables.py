"""What a report of a scan writes: numbers in decimals, rounded outwards, and tables with the files that hold them."""

from __future__ import annotations

import base64
import math
import re
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from typing import TypeAlias

from boundcheck.evaluate import Enclosed, Verdict
from boundcheck.evaluate.enclosed import outward
from boundcheck.report.tables import Table, csv_of, safe_cell
from boundcheck.scanning.summary import BoundSummary

__all__ = [
    "COUNTED",
    "Cell",
    "Sheet",
    "around",
    "as_link",
    "at_most",
    "between",
    "counted",
    "file_name",
    "is_measured",
    "marked",
    "middle_of",
    "per_cent",
]

# Text, a count, or two numbers that the exact one is between; None where there is none.
Cell: TypeAlias = str | int | tuple[float, float] | None

COUNTED = (Verdict.HOLDS, Verdict.FAILS, Verdict.UNDECIDED, Verdict.VACUOUS)
_TINY = 1e-30


def between(ends: tuple[float, float]) -> str:
    """Return an enclosure in decimals, rounded outwards to about what is known of it."""
    low, high = ends
    if math.isnan(low) or math.isnan(high) or (low == -math.inf and high == math.inf):
        return "not known"
    if low == high:
        return "∞ (exact)" if low == math.inf else "−∞ (exact)" if low == -math.inf else _minus(str(Enclosed(low)))
    if math.isinf(low):
        return f"at most {_rounded(high, high, ROUND_CEILING)}"
    if math.isinf(high):
        return f"at least {_rounded(low, low, ROUND_FLOOR)}"
    size = max(abs(low), abs(high))
    if size < _TINY:
        # The bin of 0 ends at the least of the normal numbers: such an end says no more than this.
        return f"{'0' if low >= 0 else f'−{_TINY:g}'} to {'0' if high <= 0 else f'{_TINY:g}'}"
    # A digit of the width's size, but at most six of the number's.
    last = max(math.floor(math.log10(high - low)) if high - low > 0 else -400, math.floor(math.log10(size)) - 5)
    return f"{_rounded(low, last, ROUND_FLOOR)} to {_rounded(high, last, ROUND_CEILING)}"


def at_most(value: float) -> str:
    """Return six digits of a number, rounded up."""
    return _rounded(value, value, ROUND_CEILING)


def _rounded(value: float, last: float, rounding: str) -> str:
    place = last if isinstance(last, int) else (math.floor(math.log10(abs(value))) - 5 if value else 0)
    with localcontext(prec=1000):
        found = Decimal(value).quantize(Decimal(1).scaleb(place), rounding=rounding)
    if found == 0:
        return "0"
    small = -7 < found.adjusted() < 9
    return _minus(f"{found:f}" if small else f"{found:.{max(0, found.adjusted() - place)}e}")


def _minus(text: str) -> str:
    return text.replace("-", "−", 1) if text.startswith("-") else text


def per_cent(part: int, whole: int) -> str:
    """Return a share in per cent, which says 0% and 100% only where it is."""
    if not whole:
        return "—"
    if part in (0, whole):
        return "0%" if part == 0 else "100%"
    if part * 1000 < whole:
        return "below 0.1%"
    if (whole - part) * 1000 < whole:
        return "above 99.9%"
    return f"{100 * part / whole:.1f}%"


def counted(number: int, what: str) -> str:
    """Return a number with its noun, in the plural where it is not one."""
    one, several = (what, f"{what}s") if not what.endswith("s") else (what, f"{what}es")
    return f"{number:,} {one if number == 1 else several}"


def around(value: float, error: float) -> tuple[float, float]:
    """Return the ends of what is known of a number."""
    return outward(value, error)


def middle_of(ends: tuple[float, float]) -> float:
    """Return what an enclosure is drawn at."""
    low, high = ends
    return low if low == high else low / 2 + high / 2


@dataclass(frozen=True)
class Sheet:
    """A table of a page, and the file that it can be taken away as.

    The columns of text are set to the left, by their places.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    text: tuple[int, ...] = (0,)

    @property
    def shown(self) -> list[list[str]]:
        """The rows as text."""
        return [[_shown(cell) for cell in row] for row in self.rows]

    @property
    def link(self) -> str:
        """The address that has the table within it, as CSV."""
        return as_link(self.csv())

    @property
    def file(self) -> str:
        """The name of that file."""
        return file_name(self.title)

    def table(self) -> Table:
        """Return it for a terminal, an enclosure rounded outwards."""
        return Table(self.title, self.columns, tuple(map(tuple, self.shown)), self.note)

    def csv(self) -> str:
        """Return it as CSV, an enclosure as two columns with every digit of its ends."""
        wide = {at for at in range(len(self.columns)) if any(isinstance(row[at], tuple) for row in self.rows)}
        heads = [
            head
            for at, column in enumerate(self.columns)
            for head in ([f"{column}: at least", f"{column}: at most"] if at in wide else [column])
        ]
        lines: list[list[str]] = []
        for row in self.rows:
            line: list[str] = []
            for at, cell in enumerate(row):
                if isinstance(cell, tuple):
                    line += map(repr, map(float, cell))
                else:
                    plain = "" if cell is None else str(cell) if isinstance(cell, int) else safe_cell(cell)
                    line += [plain] * (2 if at in wide else 1)
            lines.append(line)
        return csv_of([list(map(safe_cell, heads)), *lines])

    @classmethod
    def of(cls, table: Table) -> Sheet:
        """Return a table of text as a sheet."""
        return cls(table.title, table.columns, table.rows, table.note)


def _shown(cell: Cell) -> str:
    if cell is None:
        return "—"
    return f"{cell:,}" if isinstance(cell, int) else between(cell) if isinstance(cell, tuple) else cell


def as_link(text: str) -> str:
    """Return the address of a CSV file that is within it."""
    return "data:text/csv;charset=utf-8;base64," + base64.b64encode(text.encode("utf-8", "replace")).decode()


def file_name(title: str) -> str:
    """Return a file's name for a title, of plain letters."""
    return (re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60].strip("-") or "table") + ".csv"


def is_measured(one: BoundSummary) -> bool:
    """Say whether both sides of a bound were measured on any triple."""
    return one.tightness.ordered > 0


def marked(name: str, one: BoundSummary) -> str:
    """Return a bound's name with a mark where left over right side is no tightness on some triples."""
    return f"{name} †" if one.negative else name
