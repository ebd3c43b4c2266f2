"""Fetching Omniglot's archives: resumed when interrupted, checked by their checksums, never half a file in place.

Source of the archives: https://github.com/brendenlake/omniglot; of the checksums: torchvision's ``datasets.Omniglot``.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from boundcheck.errors import DataError, InvalidTypeError, InvalidValueError, explain
from boundcheck.omniglot.data import PARTS, cache_directory, checked_parts, load
from boundcheck.progress import Bar

__all__ = ["MD5", "OFFICIAL", "download"]

OFFICIAL = "https://github.com/brendenlake/omniglot/raw/master/python/"
MD5 = {
    "background": "68d2efa1b9178cc56df9314c21c6e718",
    "evaluation": "6b91aef0f799c5bb55b94e3f2daec811",
}

_TIMEOUT = 30.0
_CHUNK = 1 << 16
_LOCAL_COPY = "give a local copy: pass data=DIR or set BOUNDCHECK_DATA"


def download(
    directory: str | os.PathLike[str] | None = None,
    *,
    parts: Sequence[str] = PARTS,
    base_url: str = OFFICIAL,
    progress: bool | None = None,
) -> Path:
    """Fetch Omniglot's zip archives and return the directory that :func:`boundcheck.omniglot.data.load` takes.

    An archive that is already there is kept if its checksum is the official one or if it loads completely.
    An interrupted transfer leaves ``NAME.zip.part``, which the next call continues; only a checked archive gets its
    final name.

    Parameters
    ----------
    directory : path, optional
        Where to put the archives; made if needed. None means :func:`boundcheck.omniglot.data.cache_directory`.
    parts : sequence of str, optional
        Which of ``"background"`` and ``"evaluation"`` to fetch.
    base_url : str, optional
        The http, https or file URL of the folder that holds ``images_background.zip`` and ``images_evaluation.zip``.
    progress : bool, optional
        Whether to show a progress bar on standard error; None means if that is a terminal.

    Returns
    -------
    pathlib.Path
        The directory with the archives.

    Raises
    ------
    DataError
        If the transfer fails, the checksum is wrong, or the directory cannot be written.
    InvalidTypeError, InvalidValueError
        If another argument cannot be used.

    Notes
    -----
    Source: https://github.com/brendenlake/omniglot.
    """
    wanted = checked_parts(parts)
    base = _checked_url(base_url)
    folder = _made(directory)
    for part in wanted:
        _fetch(f"{base}/images_{part}.zip", folder, part, progress)
    return folder


def _checked_url(base_url: str) -> str:
    if not isinstance(base_url, str):
        raise InvalidTypeError(explain("base_url", "a URL as str", type(base_url).__name__))
    if not re.match(r"(https?|file)://.", base_url):
        raise InvalidValueError(explain("base_url", "an http, https or file URL", repr(base_url)))
    return base_url.rstrip("/")


def _made(directory: str | os.PathLike[str] | None) -> Path:
    try:
        folder = cache_directory() if directory is None else Path(directory).expanduser()
    except TypeError:
        raise InvalidTypeError(explain("directory", "a path", type(directory).__name__)) from None
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(explain("directory", "a directory that can be made", str(error), "pass another")) from error
    return folder


def _fetch(url: str, folder: Path, part: str, progress: bool | None) -> None:
    target = folder / f"images_{part}.zip"
    if _usable(target, part):
        return
    partial = folder / f"{target.name}.part"
    try:
        # A call that was stopped between transfer and renaming leaves the whole archive.
        if not _official(partial, part):
            _transfer(url, partial, progress)
        _require_official(partial, part, url)
        os.replace(partial, target)
    except DataError:
        raise
    except (OSError, http.client.HTTPException, ValueError) as error:
        fix = f"call again to resume where it stopped, or {_LOCAL_COPY}"
        raise DataError(explain(url, "a complete transfer", f"{type(error).__name__}: {error}", fix)) from error


def _usable(archive: Path, part: str) -> bool:
    if not archive.is_file():
        return False
    if _official(archive, part):
        return True
    # Repacked copies have other checksums: what counts is their content.
    try:
        load(archive.parent, size=1, parts=(part,), progress=False)
    except DataError:
        return False
    return True


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _official(path: Path, part: str) -> bool:
    return path.is_file() and _md5(path) == MD5[part]


def _require_official(partial: Path, part: str, url: str) -> None:
    got = _md5(partial)
    if got != MD5[part]:
        partial.unlink()
        fix = f"call again for a fresh transfer, or {_LOCAL_COPY}"
        raise DataError(explain(url, f"a file of MD5 {MD5[part]}", f"MD5 {got} (removed)", fix))


def _transfer(url: str, partial: Path, progress: bool | None) -> None:
    """Append to `partial` what is missing of the file at `url`, or write it anew if the server cannot resume."""
    present = partial.stat().st_size if partial.is_file() else 0
    response, start = _opened(url, present)
    with response:
        length = response.headers.get("Content-Length")
        total = None if length is None else start + int(length)
        with (
            partial.open("ab" if start else "wb") as file,
            Bar(f"Fetching {partial.stem}", total, done=start, shown=progress, unit="bytes", stays=True) as bar,
        ):
            size = start + _copy(response, file, bar.advance)
    # http.client reports no error when the connection closes early.
    if total is not None and size < total:
        raise ConnectionError(f"the connection closed after {size} of {total} bytes")


def _opened(url: str, start: int) -> tuple[http.client.HTTPResponse, int]:
    """Return the response that sends the file from `start`, or from 0 if the server cannot, and that start."""
    headers = {"Range": f"bytes={start}-"} if start else {}
    try:
        response = urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=_TIMEOUT)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and start:
            return _opened(url, 0)
        raise
    if response.status != http.HTTPStatus.PARTIAL_CONTENT:
        return response, 0
    if response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
        return response, start
    response.close()
    if not start:
        raise ConnectionError("the server sent a part of the file when asked for the whole")
    return _opened(url, 0)


def _copy(response: http.client.HTTPResponse, file: IO[bytes], advance: Callable[[int], None]) -> int:
    copied = 0
    while chunk := response.read(_CHUNK):
        file.write(chunk)
        copied += len(chunk)
        advance(len(chunk))
    return copied
