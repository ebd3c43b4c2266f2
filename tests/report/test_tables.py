"""Tables: one description, four forms, every cell as it is."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from boundcheck.errors import InvalidValueError
from boundcheck.printable import printable
from boundcheck.report import html
from boundcheck.report.html import page
from boundcheck.report.tables import Table, safe_cell

TABLE = Table("Verdicts", ("part", "share"), (("a, b", "1.0%"), ('say "c"', "|x| ≤ 2")), "95% limits.")


def render(table: Table, width: int = 60) -> str:
    buffer = io.StringIO()
    Console(file=buffer, width=width, no_color=True).print(table.to_rich())
    return buffer.getvalue()


@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=20)), max_size=5))
def test_csv_gives_back_every_cell(rows):
    table = Table("t", ("first", "second"), tuple(rows))
    shown = [tuple(map(safe_cell, row)) for row in rows]
    assert [tuple(row) for row in csv.reader(io.StringIO(table.to_csv(), newline=""))] == [("first", "second"), *shown]
    for cell, safe in zip((cell for row in rows for cell in row), (cell for row in shown for cell in row), strict=True):
        assert safe in (printable(cell), f"'{printable(cell)}")


@pytest.mark.parametrize("cell", ["=1+1", "@sum(a)", "+a", "-1+cmd|' /C calc'!A0", "-a", "\t=1", "\r=1"])
def test_csv_has_no_cell_that_a_spreadsheet_runs(cell):
    ((_, row),) = [list(csv.reader(io.StringIO(Table("t", ("first",), ((cell,),)).to_csv())))]
    assert row[0][0] in "'\\"


@pytest.mark.parametrize("cell", ["-1.5", "-1,234", "+3e-5", "-12%", "-0.5 ± 1e-9", "-0.5 [-0.6, -0.4]"])
def test_csv_keeps_numbers_as_they_are(cell):
    assert Table("t", ("first",), ((cell,),)).to_csv() == f"first\n{cell}\n".replace(
        cell, f'"{cell}"' if "," in cell else cell
    )


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("`code`", "\\`code\\`"),
        ("<img src=x>", "&lt;img src=x&gt;"),
        ("[a](http://b)", "[a\\](http://b)"),
        ("**a** _b_ c_d", "\\*\\*a\\*\\* \\_b_ c_d"),
        ("a\\", "a\\\\"),
        ("$x$ ~~y~~", "\\$x\\$ \\~\\~y\\~\\~"),
        ("a | b", "a \\| b"),
        ("&lt;", "&amp;lt;"),
        ("\x1b[31m", "\\\\x1b[31m"),
        ("95% [93%, 97%]", "95% [93%, 97%]"),
        ("-0.5", "-0.5"),
        ("# head", "\\# head"),
        ("- item", "\\- item"),
        ("1. item", "1\\. item"),
    ],
)
def test_markdown_shows_text_as_it_is(cell, shown):
    assert Table("t", ("a",), ((cell,),)).to_markdown().splitlines()[4] == f"| {shown} |"


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
    assert Table("t", ("a", "b"), (("one\ntwo", "3"),)).to_markdown().splitlines()[4] == "| one\\\\ntwo | 3 |"


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
        worst="holds",
        verdict=hostile,
        bound=hostile,
        tables=[Table(hostile, (hostile,), ((hostile,),), hostile)],
        images=[(hostile, "<?xml?><svg></svg>")],
        metadata=hostile,
    )
    assert "<script" not in text
    # Twice the title, then the verdict, the bound, twice the table's title, head, cell and note, caption and metadata.
    assert text.count("&lt;script&gt;") == 11
    assert '<figure class="drawing"><svg></svg>' in text


def test_every_page_forbids_scripts_and_has_one_head():
    templates = Path(html.__file__).parent / "templates"
    pages = [path for path in templates.iterdir() if "<head>" in path.read_text(encoding="utf-8")]
    assert [path.name for path in pages] == ["page.html"]
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in pages[0].read_text(encoding="utf-8")
    assert "<script" not in "".join(path.read_text(encoding="utf-8") for path in templates.iterdir())


def test_html_has_no_control_characters():
    text = page(
        "experiment.html",
        title="a\x1b[31m\u202eb\x00",
        worst="holds",
        verdict="a\nb",
        bound="",
        tables=[],
        images=[],
        metadata="{\n\x9b}",
    )
    assert "<title>a\\x1b[31m\\u202eb\\x00</title>" in text
    assert "a\\nb" in text
    assert "{\n\\x9b}" in text
    assert text.replace("\n", "").isprintable()


@pytest.mark.parametrize("row", [(), ("a",), ("a", "b", "c")])
def test_rows_of_another_length_are_named(row):
    with pytest.raises(InvalidValueError, match="rows: expected 2 cells like the columns of 'Verdicts', got"):
        Table("Verdicts", ("part", "share"), (("a", "b"), row))


def test_tables_compare_by_value():
    assert Table("t", ("a",), (("1",),)) == Table("t", ("a",), (("1",),))
    assert Table("t", ("a",), (("1",),)) != Table("t", ("a",), (("2",),))
