"""How far a long piece of work has got, on standard error, where someone looks: the one place that draws it.

What is drawn moves the cursor, so it is drawn on a terminal alone, whatever the environment says of colours; asked for
elsewhere, its last state is written once.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal

from boundcheck.printable import printable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, ProgressColumn, TaskID

__all__ = ["Bar", "at_terminal", "is_shown", "status"]


def at_terminal() -> bool:
    """Say whether standard error is a terminal."""
    return sys.stderr is not None and sys.stderr.isatty()


def is_shown(wanted: bool | None) -> bool:
    """Say whether to show progress; None for where standard error is a terminal."""
    return at_terminal() if wanted is None else wanted


class Bar:
    """A bar, what it counts, how fast, and the time left.

    Parameters
    ----------
    what
        What is done, a word or two.
    total
        How much there is to do; None where that is not known.
    shown
        True for a bar wherever the error stream goes, False for none, None for one on a terminal.
    done
        How much was done before.
    unit
        What is counted: things, or bytes.
    patience
        For how many seconds of work nothing is drawn; what ends sooner needs no bar.
    stays
        Whether the bar stays when the work is done.
    """

    def __init__(
        self,
        what: str,
        total: int | None,
        *,
        shown: bool | None = None,
        done: int = 0,
        unit: Literal["things", "bytes"] = "things",
        patience: float = 0.0,
        stays: bool = False,
    ) -> None:
        self._what, self._total, self._done, self._note = printable(what), total, done, ""
        self._unit, self._stays = unit, stays
        self._shows = is_shown(shown)
        self._start = time.monotonic() + patience if patience else None
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Bar:
        if self._shows and self._start is None:
            self._open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def advance(self, count: float = 1, note: str | None = None) -> None:
        """Count more as done, and say something beside it."""
        self._done += int(count)
        if note is not None:
            self._note = printable(note)
        if not self._shows:
            return
        if self._bar is None and self._start is not None and time.monotonic() >= self._start:
            self._open()
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=self._done, note=self._note)
            speed = self._bar.tasks[0].finished_speed or self._bar.tasks[0].speed
            self._bar.update(self._task, rate=f"{speed:,.0f} a second" if speed else "")

    def _open(self) -> None:
        from rich.progress import Progress

        self._bar = Progress(*self._columns(), console=_console(), transient=not self._stays)
        self._bar.start()
        self._task = self._bar.add_task(self._what, total=self._total, completed=self._done, note=self._note, rate="")

    def _columns(self) -> list[ProgressColumn]:
        # Late, since most runs never show a bar.
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            MofNCompleteColumn,
            TextColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )

        counted: list[ProgressColumn] = [MofNCompleteColumn(), TextColumn("{task.fields[rate]}", markup=False)]
        if self._unit == "bytes":
            counted = [DownloadColumn(), TransferSpeedColumn()]
        return [
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            *counted,
            TextColumn("{task.fields[note]}", markup=False),
            TimeRemainingColumn(),
        ]


@contextmanager
def status(*, shown: bool | None = None) -> Iterator[Callable[[str], None]]:
    """Show what is being done, where nobody knows how much of it there is."""
    if not (is_shown(shown) and at_terminal()):
        yield lambda words: None
        return
    from rich.text import Text

    with _console().status(Text("")) as line:
        yield lambda words: line.update(Text(printable(words)))


def _console() -> Console:
    from rich.console import Console

    class Quiet(Console):
        """A console that a reader who has gone does not end the process of."""

        def on_broken_pipe(self) -> None:
            self.quiet = True

    options: dict[str, Any] = {"stderr": True, "markup": False, "emoji": False, "highlight": False}
    # Said outright, since rich takes any file for a terminal where the environment forces colours.
    return Quiet(force_terminal=at_terminal(), **options)
