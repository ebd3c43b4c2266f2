"""How far a command has got, on standard error, where someone looks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn


def _shown(*columns: ProgressColumn, hidden: bool) -> Progress:
    """Return a display of progress that is gone in the end."""
    from rich.console import Console
    from rich.progress import Progress

    return Progress(*columns, console=Console(stderr=True), transient=True, disable=hidden or not sys.stderr.isatty())


@contextmanager
def bar(title: str, total: int, *, hidden: bool) -> Iterator[Callable[[int], None]]:
    """Show what share is done, and the time left."""
    with _shown(hidden=hidden) as shown:
        task = shown.add_task(title, total=total)
        yield lambda count: shown.advance(task, count)


@contextmanager
def rate(what: str, total: int, *, hidden: bool) -> Iterator[Callable[[int], None]]:
    """Show how many are done, how many a second, and the time left."""
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn

    text = "{task.completed:,.0f} of {task.total:,.0f} " + what + " · {task.fields[rate]}"
    with _shown(BarColumn(), TextColumn(text), TimeRemainingColumn(), hidden=hidden) as shown:
        task = shown.add_task(what, total=total, rate="")

        def advance(count: int) -> None:
            shown.advance(task, count)
            speed = shown.tasks[0].finished_speed or shown.tasks[0].speed
            shown.update(task, rate=f"{speed:,.0f} a second" if speed else "")

        yield advance


@contextmanager
def searching(*, hidden: bool) -> Iterator[Callable[[str, Any], None]]:
    """Show what is being searched."""
    from rich.console import Console

    console = Console(stderr=True)
    if hidden or not console.is_terminal:
        yield lambda what, tried: None
        return
    with console.status("") as status:
        yield lambda what, tried: status.update(
            f"{what} · {tried.cases:,} cases, {tried.starts:,} starts, {tried.seconds:.0f} s"
        )
