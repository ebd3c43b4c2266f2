"""Exit statuses: what a script may rely on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from boundcheck.evaluate import Verdict

HOLDS, FAILS, USAGE, UNDECIDED, CRASHED, INTERRUPTED = 0, 1, 2, 3, 70, 130


def status_of(verdict: Verdict) -> int:
    """Return the exit status that says a verdict."""
    return {"holds": HOLDS, "fails": FAILS}.get(verdict.value, UNDECIDED)
