"""Standard output and standard error: every encoding, and readers that go before the end.

A command's verdict is its exit status and must outlive its output: what an encoding lacks is written in words that it
has, and a stream that cannot be written to any more is put aside, so that files are still written and the end is in
order. The command then ends with a status that is no verdict.
"""

from __future__ import annotations

import io
import os
import sys
from typing import TextIO

from boundcheck.cli.statuses import PIPE, UNWRITTEN
from boundcheck.printable import ERRORS, has_all, register_errors

__all__ = ["Output", "finished", "open_streams", "output_has_all", "write"]

#: By stream, the status that says why it was put aside.
_lost: dict[str, int] = {}


def open_streams() -> None:
    """Have both streams write what their encoding lacks in words that it has, whatever they did about it before."""
    _lost.clear()
    register_errors()
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors=ERRORS)


def output_has_all() -> bool:
    """Say whether standard output has every character."""
    return sys.stdout is None or has_all(getattr(sys.stdout, "encoding", None))


def write(text: str, *, err: bool = False) -> None:
    """Write text to standard output or standard error; nothing where there is none, or it was put aside."""
    name = "stderr" if err else "stdout"
    stream: TextIO | None = getattr(sys, name)
    if stream is None or name in _lost:
        return
    try:
        stream.write(text)
        stream.flush()
    except (OSError, ValueError) as error:
        _put_aside(name, stream, error)


class Output(io.TextIOBase):
    """Standard output as a file for libraries, which have ends of their own for one that cannot be written to."""

    def write(self, text: str) -> int:
        """Write text, as :func:`write` does."""
        write(text)
        return len(text)

    def isatty(self) -> bool:
        """Say whether it is a terminal."""
        return sys.stdout is not None and sys.stdout.isatty()

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The encoding of standard output."""
        return getattr(sys.stdout, "encoding", None) or "utf-8"


def finished(status: int) -> int:
    """Write out what is left, and return the status to end with: the one given, or that of a stream that was lost."""
    for name in ("stdout", "stderr"):
        stream: TextIO | None = getattr(sys, name)
        if stream is None or name in _lost:
            continue
        try:
            stream.flush()
        except (OSError, ValueError) as error:
            _put_aside(name, stream, error)
    return max(_lost.values(), default=status)


def _put_aside(name: str, stream: TextIO, error: Exception) -> None:
    """Remember why a stream cannot be written to, and let what it still holds go nowhere."""
    _lost[name] = PIPE if isinstance(error, BrokenPipeError) else UNWRITTEN
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, ValueError):
        # A stream of no file, or a closed one: Python has nothing left to write at its end.
        return
    if name == "stdout" and not isinstance(error, BrokenPipeError):
        write(f"Error: standard output cannot be written: {error}\n", err=True)
