"""A progress bar for embeddings that take long, and nothing for the others."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

# What ends sooner needs no bar.
_PATIENCE_SECONDS = 1.0


class Meter:
    """Counts embedded objects, and shows a bar on the error stream once the work has taken a second.

    Parameters
    ----------
    total
        The number of objects to come.
    batches
        The number of batches to come.
    wanted
        True to show the bar from the first batch, False never, None when it is long and the stream is a terminal.
    """

    def __init__(self, total: int, batches: int, wanted: bool | None) -> None:
        self._total = total
        self._done = 0
        self._shows = (batches > 1 and _at_terminal()) if wanted is None else wanted
        self._start = time.monotonic() + (_PATIENCE_SECONDS if wanted is None else 0.0)
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Meter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def advance(self, count: int) -> None:
        """Count ``count`` more objects as embedded."""
        self._done += count
        if not self._shows or time.monotonic() < self._start:
            return
        if self._bar is None:
            self._open()
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=self._done)

    def _open(self) -> None:
        # Late, since most runs never show a bar.
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
        self._bar.start()
        self._task = self._bar.add_task("embedding", total=self._total)


def _at_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()
