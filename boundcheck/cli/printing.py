"""What goes to standard output, and the notices on standard error beside it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from boundcheck.report.tables import Table


def console() -> Any:
    """Return where text goes that is set to the width of the terminal."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=False)


def print_json(value: Any, *, allow_nan: bool = True) -> None:
    """Print a value as JSON."""
    click.echo(json.dumps(value, ensure_ascii=False, allow_nan=allow_nan))


def print_found(found: Any, as_json: bool) -> None:
    """Print what was found: its summary as JSON, or what it says."""
    if as_json:
        print_json(found.summary())
    else:
        click.echo(str(found))


def print_tables(*tables: Table) -> None:
    """Print tables, one below the other."""
    for table in tables:
        console().print(table.to_rich())


def told_that_it_runs(bound: str) -> str:
    """Say on standard error that a file is run, where the bound is in one."""
    file, colon, _ = bound.rpartition(":")
    if colon and file.endswith(".py"):
        click.echo(f"running {file}, which states the bound", err=True)
    return bound
