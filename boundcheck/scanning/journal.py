"""A journal of finished blocks: what a run that was stopped at any instant goes on from.

The file is a header, which names the version of the format and the digest of what is computed, and one record after
another. A record is on the disk before :meth:`Journal.write` returns, and is never changed after. Whatever follows the
last whole record was being written when a run ended: it is cut off, and its block runs again. Damage before the last
whole record comes of no interruption; it is an error, unless the journal is opened with ``repair=True``, which keeps
the whole records alone.
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from boundcheck.atomic import atomically, sync_folder
from boundcheck.errors import CheckpointError, InvalidTypeError, InvalidValueError, MissingDependencyError, explain
from boundcheck.scanning.storage import explained, require_ours

__all__ = ["Journal"]

VERSION = 1
# As of PNG, the line ends show a file that was sent as text.
_MAGIC = b"boundcheck\r\n\x1alog"
_HEAD = struct.Struct(f"<{len(_MAGIC)}sII")  # magic, version, length of the digest
_MARK = b"\xb1BLK"
_FRAME = struct.Struct("<4sIQ")  # mark, length of the key, length of the payload
_SUM = 32
_CHUNK = 1 << 20


@dataclass(frozen=True)
class _Record:
    """Where a whole record is in the file."""

    key: str
    start: int
    payload: int
    end: int


class Journal:
    """The finished blocks of a run, in one file that a single process writes.

    Parameters
    ----------
    path
        The file; it is made, with its folder, if it is not there.
    digest
        Of everything that decides what the blocks hold: inputs, parameters, the version of the program.
    repair
        Whether to keep the whole records of a damaged journal, rather than raise. The blocks of the others run again.

    Raises
    ------
    CheckpointError
        If another process has the journal open, it was written for another digest or by another version, it is
        damaged, or it cannot be read and written.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> with Journal(Path(folder.name) / "journal", digest="embeddings 5e0d, p = 2") as journal:
    ...     journal.write("0-0-0", b"counts")
    >>> with Journal(Path(folder.name) / "journal", digest="embeddings 5e0d, p = 2") as journal:
    ...     dict(journal.done())
    {'0-0-0': b'counts'}
    >>> folder.cleanup()
    """

    def __init__(self, path: str | os.PathLike[str], digest: str, *, repair: bool = False) -> None:
        if not isinstance(digest, str):
            raise InvalidTypeError(explain("digest", "a string", type(digest).__name__))
        self.path, self.digest = Path(path), digest
        name = digest.encode()
        head = _HEAD.pack(_MAGIC, VERSION, len(name)) + name
        self._header = head + _checksum(b"", head)
        # A record moved here from a journal of another digest is no record.
        self._salt = hashlib.sha256(name).digest()
        self._records: dict[str, _Record] = {}
        self._end = 0
        with self._explained():
            self._fd = _open_locked(self.path)
        try:
            with self._explained():
                self._load(repair)
        except BaseException:
            self.close()
            raise

    def done(self) -> Mapping[str, bytes]:
        """Return the payloads of the finished blocks by key, in the order they were written, each read when asked for."""
        return _Done(self)

    def write(self, key: str, payload: bytes) -> None:
        """Add a finished block; it is on the disk when this returns.

        Raises
        ------
        InvalidValueError
            If the journal has the block already, or is closed.
        CheckpointError
            If the disk is full, say. The journal then holds what it held, and can be written again.
        """
        if not isinstance(payload, bytes):
            raise InvalidTypeError(explain(f"payload of block {key!r}", "bytes", type(payload).__name__))
        if self._fd < 0:
            raise InvalidValueError(explain("journal", "one that is open", f"{self.path}, closed"))
        if key in self._records:
            raise InvalidValueError(explain("key", "a block that is not in the journal", f"{key!r}, which is"))
        name = key.encode()
        frame = _FRAME.pack(_MARK, len(name), len(payload))
        start = self._end
        with self._explained():
            try:
                self._append(frame + name + payload + _checksum(self._salt, frame, name, payload))
            except BaseException:
                self._end = start
                # Where not even this can be done, the next run does it.
                with suppress(OSError):
                    os.ftruncate(self._fd, start)
                raise
        self._records[key] = _Record(key, start, start + len(frame) + len(name), self._end)

    def remove(self) -> None:
        """Delete the file of a run that is over, and close."""
        with self._explained():
            self.path.unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        """Let another process have the journal."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ----------------------------------------------------------------------------------------------------- reading

    def _load(self, repair: bool) -> None:
        size = os.fstat(self._fd).st_size
        start = self._read_header(size)
        if start is None:
            os.ftruncate(self._fd, 0)
            self._end = 0
            self._append(self._header)
            sync_folder(self.path.parent)
            return
        self._end = start
        if start:
            while (record := self._record(self._end, size)) is not None:
                self._keep(record)
        if self._end == size:
            return
        if self._next_record(self._end + 1, size) is None:
            os.ftruncate(self._fd, self._end)
            return
        if not repair:
            whole = len({record.key for record in self._all_records(0, size)})
            raise CheckpointError(
                explain(
                    str(self.path),
                    "a journal that is whole",
                    f"damage at byte {self._end} and {whole} whole records",
                    "open it with repair=True, which keeps these and runs the other blocks again; check the disk",
                )
            )
        self._rewrite(size)
        self._load(repair=False)

    def _read_header(self, size: int) -> int | None:
        """Return where the records begin: None, the header is not whole yet; 0, it is damaged, with records after it."""
        head = self._pread(_HEAD.size, 0)
        magic = head.startswith(_MAGIC)
        if magic and len(head) == _HEAD.size:
            _, version, length = _HEAD.unpack(head)
            whole = self._pread(min(_HEAD.size + length + _SUM, size), 0)
            if whole[-_SUM:] == _checksum(b"", whole[:-_SUM]):
                digest = whole[_HEAD.size : -_SUM].decode(errors="replace")
                require_ours(self.path, "a journal", "file", formats=(version, VERSION), digests=(digest, self.digest))
                return len(whole)
        if size < len(self._header) and self._header.startswith(self._pread(size, 0)):
            return None
        if self._next_record(0, size) is not None:
            return 0
        raise CheckpointError(
            explain(
                str(self.path),
                "a journal of boundcheck",
                "one with a damaged header and no record of these inputs" if magic else f"one that begins {head[:8]!r}",
                "name another file, or delete this one",
            )
        )

    def _rewrite(self, size: int) -> None:
        """Put a journal of the whole records alone in the place of this one."""

        def fill(temporary: Path) -> None:
            with temporary.open("wb") as file:
                file.write(self._header)
                seen = set()
                for record in self._all_records(0, size):
                    if record.key not in seen:
                        seen.add(record.key)
                        for at in range(record.start, record.end, _CHUNK):
                            file.write(self._pread(min(_CHUNK, record.end - at), at))

        atomically(self.path, fill)
        sync_folder(self.path.parent)
        repaired = _open_locked(self.path)
        os.close(self._fd)
        self._fd = repaired
        self._records.clear()

    def _keep(self, record: _Record) -> None:
        self._records.setdefault(record.key, record)
        self._end = record.end

    def _all_records(self, at: int, size: int) -> Iterator[_Record]:
        """Yield every whole record from `at` on, with damage between them or not."""
        while (record := self._next_record(at, size)) is not None:
            yield record
            at = record.end

    def _next_record(self, at: int, size: int) -> _Record | None:
        """Return the first whole record that begins at `at` or later."""
        while at < size:
            chunk = self._pread(_CHUNK, at)
            found = chunk.find(_MARK)
            while found >= 0:
                if (record := self._record(at + found, size)) is not None:
                    return record
                found = chunk.find(_MARK, found + 1)
            # A mark may lie across two chunks.
            at += max(1, len(chunk) - len(_MARK) + 1)
        return None

    def _record(self, at: int, size: int) -> _Record | None:
        """Return the record that begins at `at`, if it is whole."""
        frame = self._pread(_FRAME.size, at)
        if len(frame) < _FRAME.size or not frame.startswith(_MARK):
            return None
        _, named, length = _FRAME.unpack(frame)
        payload = at + len(frame) + named
        end = payload + length + _SUM
        if end > size:
            return None
        found = hashlib.blake2b(frame, digest_size=_SUM, key=self._salt)
        for first in range(at + len(frame), end - _SUM, _CHUNK):
            found.update(self._pread(min(_CHUNK, end - _SUM - first), first))
        if found.digest() != self._pread(_SUM, end - _SUM):
            return None
        return _Record(self._pread(named, at + len(frame)).decode(), at, payload, end)

    def _payload(self, record: _Record) -> bytes:
        with self._explained():
            if self._record(record.start, os.fstat(self._fd).st_size) != record:
                raise CheckpointError(
                    explain(
                        str(self.path),
                        "a journal that no one changes",
                        f"another record of block {record.key!r} than when it was opened",
                        "open it with repair=True, which runs the block again; check the disk",
                    )
                )
            return self._pread(record.end - _SUM - record.payload, record.payload)

    def _pread(self, count: int, at: int) -> bytes:
        """Return `count` bytes from `at`, fewer at the end of the file alone."""
        parts = []
        while count and (part := os.pread(self._fd, count, at)):
            parts.append(part)
            count, at = count - len(part), at + len(part)
        return b"".join(parts)

    # ----------------------------------------------------------------------------------------------------- writing

    def _append(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            written = os.pwrite(self._fd, left, self._end)
            left, self._end = left[written:], self._end + written
        os.fsync(self._fd)

    def _explained(self) -> AbstractContextManager[None]:
        """Turn what the system says into an error that tells what is kept and how to go on."""
        return explained("journal", "file", self.path, lambda: f"{len(self._records)} finished blocks are kept")


class _Done(Mapping[str, bytes]):
    """The payloads of a journal, each read when it is asked for, so that memory is flat."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def __getitem__(self, key: str) -> bytes:
        return self._journal._payload(self._journal._records[key])

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._journal._records))

    def __len__(self) -> int:
        return len(self._journal._records)


def _checksum(salt: bytes, *parts: bytes) -> bytes:
    found = hashlib.blake2b(digest_size=_SUM, key=salt)
    for part in parts:
        found.update(part)
    return found.digest()


def _open_locked(path: Path) -> int:
    """Open a file for one process: the system lets go of the lock when the process ends, however it ends."""
    try:
        import fcntl
    except ImportError as cause:
        raise MissingDependencyError(
            explain("journal", "a system with POSIX locks", os.name, "run without a journal")
        ) from cause
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # It may have been removed, or put in place anew, between the two.
            if os.path.samestat(os.fstat(fd), path.stat()):
                return fd
        except FileNotFoundError:
            pass
        except BlockingIOError:
            os.close(fd)
            raise CheckpointError(
                explain(
                    f"journal {path}",
                    "one that no other run has open",
                    "one that is in use",
                    "wait for that run to end, or name another journal",
                )
            ) from None
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)
