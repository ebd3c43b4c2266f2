"""What a journal and a folder of rows say alike: of disks that take no more, and of what another scan has kept."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from os import PathLike

from boundcheck.errors import CheckpointError, explain

__all__ = ["explained", "require_ours"]

_AGAIN = "run the same command again: it goes on from there"


@contextmanager
def explained(
    what: str,
    kind: str,
    path: str | PathLike[str],
    kept: Callable[[], str],
    *,
    passed: Callable[[OSError], bool] = lambda error: False,
) -> Iterator[None]:
    """Turn what the system says into an error that tells what is kept and how to go on.

    Parameters
    ----------
    what, kind
        What is kept there, ``"journal"`` say, and whether it is a ``"file"`` or a ``"folder"``.
    path
        Where.
    kept
        Says what is kept, when that is asked.
    passed
        Which errors are of something else and go on as they are.

    Raises
    ------
    CheckpointError
        With the system's error as its cause.
    """
    try:
        yield
    except OSError as cause:
        if passed(cause):
            raise
        expected, fix = f"a {kind} that can be read and written", f"{kept()}; when that is mended, {_AGAIN}"
        if cause.errno in (errno.ENOSPC, errno.EDQUOT):
            expected, fix = "room on the disk for one more block", f"{kept()}; make room, then {_AGAIN}"
        elif cause.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            expected = f"a {kind} that can be written"
            fix = f"it is as it was; make it and its folder writable, then {_AGAIN}; or name another {kind}"
        elif cause.errno in (errno.ENOLCK, errno.ENOTSUP):
            expected, fix = "a file system with locks", f"name a {kind} on another one"
        elif cause.errno in (errno.EISDIR, errno.EEXIST, errno.ENOTDIR):
            other = "folder" if kind == "file" else "file"
            expected, fix = f"a {kind}, not a {other}", f"name a {kind} in a folder"
        raise CheckpointError(explain(f"{what} {path}", expected, cause.strerror or f"{cause}", fix)) from cause


def require_ours(
    path: str | PathLike[str], what: str, kind: str, *, formats: tuple[object, int], digests: tuple[object, str]
) -> None:
    """Raise where what is kept is of another format or another scan.

    Parameters
    ----------
    path
        Where it is.
    what, kind
        What is kept there, ``"a journal"`` say, and whether it is a ``"file"`` or a ``"folder"``.
    formats, digests
        Those found, and those of this scan.

    Raises
    ------
    CheckpointError
        If they differ; the message names both.
    """
    found, own = formats
    if found != own:
        raise CheckpointError(
            explain(
                f"{path}",
                f"{what} of format {own}",
                f"format {found}, of another version of boundcheck",
                f"finish it with that version, name another {kind}, or delete this one",
            )
        )
    found, digest = digests
    if found != digest:
        raise CheckpointError(
            explain(
                f"{path}",
                f"{what} of these inputs and parameters, {digest!r}",
                f"one of others, {found!r}",
                f"give the inputs and parameters it was begun with, name another {kind}, or delete this one",
            )
        )
