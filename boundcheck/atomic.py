"""Files that are either whole or not there."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["atomically", "sync_folder", "why_not_written", "write_text"]


def atomically(path: Path, fill: Callable[[Path], Any]) -> None:
    """Have `fill` write a temporary file beside `path`, then put it in its place in one step.

    If `fill` fails, or is interrupted, `path` is as it was and the temporary file is gone. The folder is made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # The suffix stays: some writers choose the format by it.
    temporary = path.with_name(f".{os.getpid()}.part.{path.name}")
    try:
        # Some writers make files that only their owner may read; what a new file may be is for the umask to say.
        temporary.touch()
        mode = temporary.stat().st_mode
        temporary.unlink()
        fill(temporary)
        temporary.chmod(mode)
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file in one step, as UTF-8."""
    atomically(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))


def why_not_written(path: Path, what: str = "file") -> str:
    """Return why a file or a folder cannot be written there, in words; nothing where it can.

    What is missing of the folders above it can be made. Nothing is left behind.

    Examples
    --------
    >>> why_not_written(Path("."))
    'which is a folder'
    """
    if what == "file" and path.is_dir():
        return "which is a folder"
    above = path if what == "folder" else path.parent
    while not above.exists() and above != above.parent:
        above = above.parent
    if not above.is_dir():
        return f"and {above} is no folder" if above != path else "which is no folder"
    try:
        with tempfile.TemporaryFile(dir=above):
            return ""
    except OSError as error:
        return f"and nothing can be written in {above} ({error.strerror or error})"


def sync_folder(folder: Path) -> None:
    """Have the names of new files on the disk too."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
