"""What goes to standard output, and the notices on standard error beside it: the one layer that all of it goes through.

Whatever comes from data is escaped here at the latest, see :mod:`boundcheck.printable`.
"""

from __future__ import annotations

import json
import re
from typing import IO, TYPE_CHECKING, Any, cast

from boundcheck.cli.streams import Output, output_has_all, write
from boundcheck.printable import printable

if TYPE_CHECKING:
    from rich.console import RenderableType

    from boundcheck.report.tables import Table

__all__ = [
    "print_found",
    "print_json",
    "print_json_text",
    "print_rich",
    "print_tables",
    "print_text",
    "progress_wanted",
    "say",
    "told",
]


def say(line: object, *, err: bool = False) -> None:
    """Say something in one line, on standard output or standard error."""
    write(f"{printable(line)}\n", err=err)


def print_text(text: object) -> None:
    """Print text of several lines."""
    write(f"{printable(text, lines=True)}\n")


def print_rich(*parts: RenderableType) -> None:
    """Print what rich renders, set to the width of the terminal."""
    from rich.console import Console

    from boundcheck.report.console import Escaped

    options: dict[str, Any] = {"highlight": False, "markup": False, "emoji": False, "soft_wrap": False}
    console = Console(file=cast("IO[str]", Output()), force_jupyter=False, **options)
    for part in parts:
        console.print(Escaped(part))


def print_json(value: Any, *, allow_nan: bool = True) -> None:
    """Print a value as JSON, in one line."""
    print_json_text(json.dumps(value, ensure_ascii=False, allow_nan=allow_nan))


def print_json_text(text: str) -> None:
    """Print JSON; characters that a terminal must not see, or the output's encoding lacks, as JSON escapes them."""
    every = output_has_all()
    # All that is not ASCII is within strings. What is, and below a space, JSON has escaped already.
    write(re.sub(r"[^\n -~]", lambda found: found[0] if every and found[0].isprintable() else _in_json(found[0]), text))
    write("\n")


def progress_wanted(as_json: bool) -> bool | None:
    """Return what a bar is to be told: never beside JSON, else where there is a terminal."""
    return False if as_json else None


def print_found(found: Any, as_json: bool) -> None:
    """Print what was found: its summary as JSON, or what it says."""
    if as_json:
        print_json(found.summary())
    else:
        print_text(found)


def print_tables(*tables: Table) -> None:
    """Print tables, one below the other."""
    print_rich(*(table.to_rich() for table in tables))


def told(bound: str) -> str:
    """Say on standard error that a file is run, where the bound is in one; return the bound."""
    from boundcheck.theorems.find import split_reference

    if (parts := split_reference(bound)) is not None:
        say(f"running {parts[0]}, which states the bound", err=True)
    return bound


def _in_json(character: str) -> str:
    return json.dumps(character)[1:-1] if character != "\x7f" else "\\u007f"
