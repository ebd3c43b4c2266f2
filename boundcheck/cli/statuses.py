"""Exit statuses: what a script may rely on. Every one that a command can end with is here."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from boundcheck.evaluate import Verdict

__all__ = ["CRASHED", "FAILS", "HOLDS", "INTERRUPTED", "PIPE", "UNDECIDED", "UNWRITTEN", "USAGE", "status_of"]

#: What a statement is found to be: it holds, it fails, or neither is known (undecided or vacuous).
HOLDS, FAILS, UNDECIDED = 0, 1, 3
#: Bad usage or input.
USAGE = 2
#: A fault of the program or of what it runs on: a bug, too little memory, a library that does not load.
CRASHED = 70
#: Output that could not be written, to a full disk say.
UNWRITTEN = 74
#: Ended by the user; as a shell says of SIGINT.
INTERRUPTED = 130
#: Output whose reader has gone; as a shell says of SIGPIPE.
PIPE = 141


def status_of(verdict: Verdict) -> int:
    """Return the exit status that says a verdict."""
    return {"holds": HOLDS, "fails": FAILS}.get(verdict.value, UNDECIDED)
