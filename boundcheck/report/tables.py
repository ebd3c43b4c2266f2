"""Tables that go to a terminal, to CSV, to Markdown and to HTML from one description."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from boundcheck.errors import InvalidValueError, explain

if TYPE_CHECKING:
    from rich.table import Table as RichTable

__all__ = ["Table"]


@dataclass(frozen=True)
class Table:
    """A titled table of text cells; every column but the first is of numbers, set to the right.

    Attributes
    ----------
    title
        One line.
    columns
        The heads.
    rows
        As many cells each as there are columns.
    note
        What a reader must know of the numbers: sample, confidence, units.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise InvalidValueError(
                    explain("rows", f"{len(self.columns)} cells like the columns of {self.title!r}", f"{row!r}")
                )

    def without_empty_columns(self, kept: int = 1) -> Table:
        """Return the table without columns of which every cell says nothing, ``0``, ``0%`` or ``—``; not the first ones."""
        empty = {"0", "0%", "—"}
        shown = [at for at in range(len(self.columns)) if at < kept or not {row[at] for row in self.rows} <= empty]
        return replace(
            self,
            columns=tuple(self.columns[at] for at in shown),
            rows=tuple(tuple(row[at] for at in shown) for row in self.rows),
        )

    def to_csv(self) -> str:
        """Return the table as CSV text."""
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([self.columns, *self.rows])
        return text.getvalue()

    def to_markdown(self) -> str:
        """Return the table as a Markdown table under its title, with its note."""

        def line(cells: tuple[str, ...]) -> str:
            return "| " + " | ".join(" ".join(cell.replace("|", "\\|").splitlines()) for cell in cells) + " |"

        rule = "|" + "|".join("---" if position == 0 else "--:" for position in range(len(self.columns))) + "|"
        parts = [f"**{self.title}**", "", line(self.columns), rule, *map(line, self.rows)]
        return "\n".join([*parts, "", self.note, ""] if self.note else [*parts, ""])

    def to_rich(self) -> RichTable:
        """Return the table as rich renders it."""
        from rich import box
        from rich.table import Table as RichTable
        from rich.text import Text

        table = RichTable(
            title=Text(self.title, "bold"),
            title_justify="left",
            box=box.SIMPLE_HEAD,
            pad_edge=False,
            caption=Text(self.note, "dim") if self.note else None,
            caption_justify="left",
        )
        for position, column in enumerate(self.columns):
            table.add_column(Text(column), justify="left" if position == 0 else "right", overflow="fold")
        for row in self.rows:
            table.add_row(*(Text(cell) for cell in row))
        return table
