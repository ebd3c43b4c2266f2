"""Tables: one description, four forms, every cell as it is."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from boundcheck.errors import InvalidValueError
from boundcheck.report.html import page
from boundcheck.report.tables import Table

TABLE = Table("Verdicts", ("part", "share"), (("a, b", "1.0%"), ('say "c"', "|x| ≤ 2")), "95% limits.")


def render(table: Table, width: int = 60) -> str:
    buffer = io.StringIO()
    Console(file=buffer, width=width, no_color=True).print(table.to_rich())
    return buffer.getvalue()


@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=20)), max_size=5))
def test_csv_gives_back_every_cell(rows):
    # A lone carriage return or NUL is no text that a spreadsheet would keep.
    rows = [tuple(cell.replace("\r", "").replace("\0", "") for cell in row) for row in rows]
    table = Table("t", ("first", "second"), tuple(rows))
    assert [tuple(row) for row in csv.reader(io.StringIO(table.to_csv(), newline=""))] == [("first", "second"), *rows]


def test_csv_is_plain():
    assert TABLE.to_csv() == 'part,share\n"a, b",1.0%\n"say ""c""",|x| ≤ 2\n'


def test_markdown_sets_numbers_to_the_right_and_escapes_bars():
    assert TABLE.to_markdown().splitlines() == [
        "**Verdicts**",
        "",
        "| part | share |",
        "|---|--:|",
        "| a, b | 1.0% |",
        '| say "c" | \\|x\\| ≤ 2 |',
        "",
        "95% limits.",
    ]


def test_markdown_without_a_note_ends_with_the_table():
    assert Table("t", ("a",), (("1",),)).to_markdown() == "**t**\n\n| a |\n|---|\n| 1 |\n"


def test_markdown_keeps_a_row_on_one_line():
    assert Table("t", ("a", "b"), (("one\ntwo", "3"),)).to_markdown().splitlines()[4] == "| one two | 3 |"


def test_terminal_shows_every_cell_and_no_markup():
    text = render(Table("A [bold]title[/]", ("part", "share"), (("[red]x[/red]", "1"), ("y", ":smile:")), "A [link]."))
    for shown in ("A [bold]title[/]", "[red]x[/red]", ":smile:", "A [link]."):
        assert shown in text


def test_terminal_sets_numbers_to_the_right():
    lines = [line.rstrip() for line in render(Table("t", ("name", "number"), (("a", "1"), ("bb", "22")))).splitlines()]
    assert " a           1" in lines
    assert " bb         22" in lines


def test_html_escapes_every_cell():
    hostile = "<script>alert('&')</script>"
    text = page(
        "experiment.html",
        title=hostile,
        verdict=hostile,
        bound=hostile,
        tables=[Table(hostile, (hostile,), ((hostile,),), hostile)],
        images=[(hostile, "<?xml?><svg></svg>")],
        metadata=hostile,
    )
    assert "<script" not in text
    # Twice the title, then the verdict, the bound, the table's title, head, cell and note, the caption and the metadata.
    assert text.count("&lt;script&gt;") == 10
    assert "<figure><svg></svg>" in text


@pytest.mark.parametrize("row", [(), ("a",), ("a", "b", "c")])
def test_rows_of_another_length_are_named(row):
    with pytest.raises(InvalidValueError, match="rows: expected 2 cells like the columns of 'Verdicts', got"):
        Table("Verdicts", ("part", "share"), (("a", "b"), row))


def test_tables_compare_by_value():
    assert Table("t", ("a",), (("1",),)) == Table("t", ("a",), (("1",),))
    assert Table("t", ("a",), (("1",),)) != Table("t", ("a",), (("2",),))
