"""What a report of a scan writes: tables of numbers, and the files that hold them."""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from boundcheck.decimals import between
from boundcheck.evaluate.enclosed import outward
from boundcheck.report.tables import Table, csv_of, safe_cell
from boundcheck.scanning.bound_summary import COUNTED, BoundSummary

__all__ = [
    "COUNTED",
    "Cell",
    "Sheet",
    "around",
    "as_link",
    "counted",
    "file_name",
    "is_measured",
    "marked",
    "middle_of",
]

# Text, a count, or two numbers that the exact one is between; None where there is none.
Cell: TypeAlias = str | int | tuple[float, float] | None


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


def names_apart() -> Callable[[str], str]:
    """Return what gives each file of a page a name of its own: the second of a name has a 2 after it, and so on."""
    given: Counter[str] = Counter()

    def apart(name: str) -> str:
        stem, dot, suffix = name.rpartition(".")
        found, number = name, 1
        while given[found]:
            number += 1
            found = f"{stem}-{number}{dot}{suffix}"
        given[found] += 1
        return found

    return apart


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
