"""Tables that go to a terminal, to CSV, to Markdown and to HTML from one description."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING

from boundcheck.errors import InvalidValueError, MissingDependencyError, explain
from boundcheck.language.mathml import formulas_of
from boundcheck.printable import Brief, lines_html, printable

if TYPE_CHECKING:
    from pandas import DataFrame
    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
    from rich.table import Table as RichTable

    from boundcheck.language import Bound

__all__ = ["Table", "Tabled", "csv_of", "frame_of", "latex_of", "latex_text", "markdown_of", "safe_cell"]


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
        return csv_of([list(map(safe_cell, cells)) for cells in (self.columns, *self.rows)], end="\n")

    def to_markdown(self) -> str:
        """Return the table as a Markdown table under its title, with its note."""

        def line(cells: tuple[str, ...]) -> str:
            return "| " + " | ".join(map(markdown_of, cells)) + " |"

        rule = "|" + "|".join("---" if position == 0 else "--:" for position in range(len(self.columns))) + "|"
        parts = [f"**{markdown_of(self.title)}**", "", line(self.columns), rule, *map(line, self.rows)]
        return "\n".join([*parts, "", markdown_of(self.note), ""] if self.note else [*parts, ""])

    def to_frame(self) -> DataFrame:
        """Return the table as a frame of pandas, its cells as text.

        Raises
        ------
        MissingDependencyError
            If pandas is not installed.
        """
        return frame_of(self.columns, self.rows)

    def to_latex(self) -> str:
        """Return the table as LaTeX, with the rules of the package booktabs."""
        return latex_of(self.columns, [[latex_text(cell) for cell in row] for row in self.rows], self.title)

    def to_rich(self) -> RenderableType:
        """Return the table as rich renders it: row by row under each other where it is too wide for its words."""
        return _Sheet(self)

    def to_html(self) -> str:
        """Return the table as HTML, without scripts: its title, its note below."""

        def cells(of: tuple[str, ...], tag: str) -> str:
            left, right = ' style="text-align: left"', ' style="text-align: right"'
            shown = (escape(printable(cell)) for cell in of)
            return "".join(f"<{tag}{right if at else left}>{cell}</{tag}>" for at, cell in enumerate(shown))

        head = f"<thead><tr>{cells(self.columns, 'th')}</tr></thead>"
        body = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in self.rows)
        title = f'<p style="margin: 0.6em 0 0.2em"><strong>{escape(printable(self.title))}</strong></p>'
        note = f"<p><small>{escape(printable(self.note))}</small></p>" if self.note else ""
        return f'{title}<div style="overflow-x: auto"><table>{head}<tbody>{body}</tbody></table></div>{note}'


class _Sheet:
    """A table in a terminal: its title and its note are as wide as that is, and no word is broken."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.measure import Measurement
        from rich.text import Text

        yield Text(printable(self._table.title), "bold")
        side_by_side = self._side_by_side()
        if Measurement.get(console, options, side_by_side).minimum <= options.max_width:
            yield side_by_side
        else:
            yield from self._row_by_row()
        if self._table.note:
            yield Text(printable(self._table.note), "dim")
        yield Text("")

    def _side_by_side(self) -> RichTable:
        from rich import box
        from rich.table import Table as RichTable
        from rich.text import Text

        shown = RichTable(box=box.SIMPLE_HEAD, pad_edge=False)
        for position, column in enumerate(self._table.columns):
            shown.add_column(Text(printable(column)), justify="left" if position == 0 else "right", overflow="fold")
        for row in self._table.rows:
            shown.add_row(*(Text(printable(cell)) for cell in row))
        return shown

    def _row_by_row(self) -> Iterator[RenderableType]:
        from rich.padding import Padding
        from rich.table import Table as RichTable
        from rich.text import Text

        first, *others = self._table.columns
        for row in self._table.rows:
            yield Text(printable(f"{first} {row[0]}"), "italic")
            cells = RichTable.grid(padding=(0, 2))
            for column, cell in zip(others, row[1:], strict=True):
                cells.add_row(Text(printable(column)), Text(printable(cell)))
            yield Padding(cells, (0, 0, 0, 2))


class Tabled(Brief):
    """The base of what is shown as tables: the same ones as text, in a terminal and in a notebook."""

    def stated(self) -> tuple[Bound, ...]:
        """Return the statements that the tables are about."""
        return ()

    def tables(self) -> list[Table]:
        """Return what was found as tables."""
        raise NotImplementedError

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from (table.to_rich() for table in self.tables())

    def __str__(self) -> str:
        from boundcheck.report.console import as_text

        return as_text(table.to_rich() for table in self.tables())

    def _repr_html_(self) -> str:
        statements = "".join(lines_html(str(bound), formulas_of(bound)) for bound in self.stated())
        told = f"<details><summary>what is stated</summary>{statements}</details>" if statements else ""
        return "\n".join([*(table.to_html() for table in self.tables()), told])


def frame_of(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> DataFrame:
    """Return rows as a frame of pandas.

    Raises
    ------
    MissingDependencyError
        If pandas is not installed.
    """
    try:
        from pandas import DataFrame
    except ImportError as cause:
        raise MissingDependencyError(
            explain("pandas", "the package installed", "none", "pip install pandas")
        ) from cause
    return DataFrame([list(row) for row in rows], columns=list(columns))


def latex_of(columns: Sequence[str], rows: Iterable[Sequence[str]], caption: str = "") -> str:
    r"""Return a table as LaTeX, with the rules of the package booktabs: ``\usepackage{booktabs}``.

    Parameters
    ----------
    columns
        The heads, as text.
    rows
        The cells, as LaTeX.
    caption
        As text.
    """
    lines = [r"\begin{table}", r"\centering"]
    lines += [rf"\caption{{{latex_text(caption)}}}"] if caption else []
    lines += [rf"\begin{{tabular}}{{l{'r' * (len(columns) - 1)}}}", r"\toprule"]
    lines += [" & ".join(map(latex_text, columns)) + r" \\", r"\midrule"]
    lines += [" & ".join(row) + r" \\" for row in rows]
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", r"\end{table}", ""])


def latex_text(text: str) -> str:
    r"""Return text as LaTeX that sets just that, in one line.

    Examples
    --------
    >>> print(latex_text("95% of x_i"))
    95\% of x\_i
    """
    words = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    words |= {one: f"\\{one}" for one in "&%$#_{}"}
    words |= {
        "−": "$-$",
        "≤": r"$\le$",
        "≥": r"$\ge$",
        "∞": r"$\infty$",
        "—": "---",
        "…": r"\dots{}",
        "·": r"$\cdot$",
        "′": "$'$",
        "‖": r"$\|$",
    }
    return "".join(words.get(one, one) for one in printable(text))


def csv_of(rows: Iterable[Sequence[object]], *, end: str = "\r\n") -> str:
    """Return rows as CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator=end).writerows(rows)
    return text.getvalue()


def safe_cell(cell: str) -> str:
    """Return text that a spreadsheet takes for text, in one line: it would run what begins like a formula."""
    cell = printable(cell)
    # Nothing but a number, and what a number is known to within.
    number = r"[-+−]?[\d.,∞]+(?:e[-+]?\d+)?%?"
    if cell[:1] in ("=", "+", "-", "@") and not re.fullmatch(
        rf"{number}(?: (?:± ?{number}|\[{number}, {number}\]))?", cell
    ):
        return f"'{cell}"
    return cell


def markdown_of(text: str) -> str:
    """Return text as Markdown that shows just that, in one line: no emphasis, no link, no HTML, no cell's end."""
    text = printable(text)
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(character, entity)
    # After a letter or a digit, an underscore is one; brackets are, where no address follows.
    text = re.sub(r"[\\`*|~$]|(?<![^\W_])_|\](?=[(\[])", r"\\\g<0>", text)
    # A line that begins like a heading or a list.
    return re.sub(r"^(\d*)([#+-]|(?<=\d)[.)])(?=[\s#])", r"\1\\\2", text)
