"""How far a long piece of work has got, on standard error, where someone looks: the one place that draws it.

What is drawn moves the cursor, so it is drawn on a terminal alone, whatever the environment says of colours; a notebook has
one line of text, written over itself, which takes no widgets; asked for elsewhere, its last state is written once.
"""

from __future__ import annotations

import contextvars
import math
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

__all__ = ["Bar", "at_terminal", "counting", "in_notebook", "is_shown", "status"]

#: For how many seconds work that nobody asked to be shown runs silent.
PATIENCE = 1.5
# Of a line in a notebook, the least seconds from one state to the next.
_EVERY = 0.3

#: The bar of the whole of which the work at hand is a part, if it is of any.
_whole: contextvars.ContextVar[Bar | None] = contextvars.ContextVar("_whole", default=None)


def at_terminal() -> bool:
    """Say whether standard error is a terminal."""
    return sys.stderr is not None and sys.stderr.isatty()


def in_notebook() -> bool:
    """Say whether this process runs the cells of a notebook."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return getattr(shell, "kernel", None) is not None


def is_shown(wanted: bool | None) -> bool:
    """Say whether to show progress; None for where standard error is a terminal, or a notebook's."""
    return at_terminal() or in_notebook() if wanted is None else wanted


class _Line:
    """A line of text that is written over itself, as a notebook shows it."""

    def __init__(self) -> None:
        self._long, self._last = 0, -math.inf

    def say(self, words: str, *, now: bool = False) -> None:
        if sys.stderr is None or not (now or time.monotonic() >= self._last + _EVERY):
            return
        self._last = time.monotonic()
        sys.stderr.write(f"\r{words.ljust(self._long)}")
        sys.stderr.flush()
        self._long = len(words)

    def close(self, *, stays: bool) -> None:
        if sys.stderr is not None and self._long:
            sys.stderr.write("\n" if stays else f"\r{' ' * self._long}\r")
            sys.stderr.flush()


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

    Notes
    -----
    A bar that is opened within :meth:`part` of another is drawn below it, for as long as it is open, and the other one
    goes on as it does.
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
        self._before, self._opened = done, time.monotonic()
        self._shows = is_shown(shown)
        self._start = time.monotonic() + patience if patience else None
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._line: _Line | None = None
        self._parent: Bar | None = None
        self._part = self._of_part = 0.0
        self._by: str | None = None

    def __enter__(self) -> Bar:
        if self._shows and self._start is None:
            self._open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._bar is not None and self._task is not None:
            if self._parent is None or self._parent._bar is None:
                self._bar.stop()
            else:
                self._bar.remove_task(self._task)
        if self._line is not None:
            if self._stays:
                self._line.say(self._words(), now=True)
            self._line.close(stays=self._stays)

    @contextmanager
    def part(self, count: float, note: str | None = None, *, by: str | None = None) -> Iterator[None]:
        """Count as done, at the end, what is done within; a bar within that is called `by` shows how far it has got."""
        self._part, self._of_part, self._by = count, 0.0, by
        self.advance(0, note)
        token = _whole.set(self)
        try:
            yield
        finally:
            _whole.reset(token)
            self._part = 0.0
        self.advance(count)

    def _within(self, what: str, share: float) -> None:
        """Show how much of the part at hand is done, if it is counted by such a bar."""
        if what == self._by:
            self._of_part = min(1.0, share)
        self.advance(0)

    @property
    def _seen(self) -> int:
        """What is done, with what is done of the part at hand."""
        return self._done + int(self._part * self._of_part)

    def advance(self, count: float = 1, note: str | None = None) -> None:
        """Count more as done, and say something beside it."""
        self._done += int(count)
        if note is not None:
            self._note = printable(note)
        if not self._shows:
            return
        if self._bar is None and self._line is None and self._start is not None and time.monotonic() >= self._start:
            self._open()
        if self._line is not None:
            self._line.say(self._words())
        if self._parent is not None and self._total:
            self._parent._within(self._what, self._done / self._total)
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=self._seen, note=self._note)
            task = next(one for one in self._bar.tasks if one.id == self._task)
            speed = task.finished_speed or task.speed
            self._bar.update(self._task, rate=f"{speed:,.0f} a second" if speed else "")

    def _words(self) -> str:
        of = "" if self._total is None else f"/{self._total:,}"
        passed = time.monotonic() - self._opened
        made = self._seen - self._before
        left = (self._total - self._seen) * passed / made if self._total is not None and made > 0 else None
        unit = " bytes" if self._unit == "bytes" else ""
        parts = [f"{self._what} {self._seen:,}{of}{unit}", self._note, "" if left is None else f"{left:.0f} s left"]
        return " · ".join(filter(None, parts))

    def _open(self) -> None:
        self._parent = _whole.get()
        if in_notebook():
            if self._parent is not None:
                # The one line is the whole's.
                return
            self._line = _Line()
            self._line.say(self._words())
            return
        from rich.progress import Progress

        if self._parent is not None and self._parent._bar is not None:
            self._bar = self._parent._bar
        else:
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
    if not (is_shown(shown) and (at_terminal() or in_notebook())):
        yield lambda words: None
        return
    if in_notebook():
        line = _Line()
        try:
            yield lambda words: line.say(printable(words))
        finally:
            line.close(stays=False)
        return
    from rich.text import Text

    with _console().status(Text("")) as shown_status:
        yield lambda words: shown_status.update(Text(printable(words)))


@contextmanager
def counting(
    what: str, total: int | None, progress: Callable[[int], None] | bool | None
) -> Iterator[Callable[[int], None]]:
    """Return what is called each time that more is done: the caller's own function, or one that draws a bar.

    Parameters
    ----------
    what, total
        As for :class:`Bar`.
    progress
        A function of how many are done more; True for a bar, False for none, None for one that opens where someone looks
        and the work takes longer than a moment.
    """
    if progress is not None and not isinstance(progress, bool):
        yield progress
        return
    with Bar(what, total, shown=progress, patience=PATIENCE if progress is None else 0.0) as bar:
        yield bar.advance


def _console() -> Console:
    from rich.console import Console

    class Quiet(Console):
        """A console that a reader who has gone does not end the process of."""

        def on_broken_pipe(self) -> None:
            self.quiet = True

    options: dict[str, Any] = {
        "stderr": True,
        "markup": False,
        "emoji": False,
        "highlight": False,
        "force_jupyter": False,
    }
    # Said outright, since rich takes any file for a terminal where the environment forces colours.
    return Quiet(force_terminal=at_terminal(), **options)
