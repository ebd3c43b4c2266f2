"""A journal of blocks: what is in it is on the disk, and nothing that happens to the file makes it give what it was not given."""

import errno
import os
import resource
import signal
import subprocess
from pathlib import Path

import pytest

from boundcheck.errors import CheckpointError, InvalidTypeError, InvalidValueError
from boundcheck.scanning import journal as module
from boundcheck.scanning.journal import Journal

BLOCKS = {"0-0-0": b"first", "0-0-1": b"", "élan": bytes(range(256))}


def written(path: Path, blocks: dict = BLOCKS, digest: str = "d") -> bytes:
    with Journal(path, digest) as journal:
        for key, payload in blocks.items():
            journal.write(key, payload)
    return path.read_bytes()


def found(path: Path, digest: str = "d", **options: bool) -> dict:
    with Journal(path, digest, **options) as journal:
        return dict(journal.done())


# ------------------------------------------------------------------------------------------------ writing and reading


def test_blocks_come_back_in_the_order_they_were_written(tmp_path):
    written(tmp_path / "a" / "b" / "journal")
    assert list(found(tmp_path / "a" / "b" / "journal").items()) == list(BLOCKS.items())


def test_a_journal_goes_on(tmp_path):
    path = tmp_path / "journal"
    for key, payload in BLOCKS.items():
        written(path, {key: payload})
    assert found(path) == BLOCKS


@pytest.mark.parametrize("chunk", [5, 6, 7, 64])
def test_blocks_longer_than_what_is_read_at_once(tmp_path, monkeypatch, chunk):
    monkeypatch.setattr(module, "_CHUNK", chunk)
    path = tmp_path / "journal"
    whole = written(path)
    assert found(path) == BLOCKS
    # Wherever the next record begins in what is read.
    for extra in range(chunk):
        path.write_bytes(whole.replace(b"first", b"worst" + bytes(extra)))
        assert found(path, repair=True) == {key: BLOCKS[key] for key in ("0-0-1", "élan")}


def test_done_is_live_and_reads_each_when_asked(tmp_path):
    with Journal(tmp_path / "journal", "d") as journal:
        done = journal.done()
        assert len(done) == 0
        assert "a" not in done
        journal.write("a", b"1")
        assert (len(done), list(done), done["a"]) == (1, ["a"], b"1")
        with pytest.raises(KeyError):
            done["b"]


def test_a_block_is_on_the_disk_before_write_returns(tmp_path, monkeypatch):
    calls = []
    with Journal(tmp_path / "journal", "d") as journal:
        pwrite, fsync = os.pwrite, os.fsync
        monkeypatch.setattr(os, "pwrite", lambda *args: calls.append("write") or pwrite(*args))
        monkeypatch.setattr(os, "fsync", lambda fd: calls.append("sync") or fsync(fd))
        journal.write("a", b"1")
    assert calls == ["write", "sync"]


def test_writes_that_the_system_takes_in_parts(tmp_path, monkeypatch):
    pwrite = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda fd, data, at: pwrite(fd, data[:3], at))
    written(tmp_path / "journal")
    monkeypatch.undo()
    assert found(tmp_path / "journal") == BLOCKS


def test_a_block_is_written_once(tmp_path):
    with Journal(tmp_path / "journal", "d") as journal:
        journal.write("a", b"1")
        with pytest.raises(InvalidValueError, match=r"^key: expected a block that is not in the journal, got 'a'"):
            journal.write("a", b"2")
        assert dict(journal.done()) == {"a": b"1"}


def test_arguments_of_other_types(tmp_path):
    with pytest.raises(InvalidTypeError, match=r"^digest: expected a string, got bytes"):
        Journal(tmp_path / "journal", b"d")
    with (
        Journal(tmp_path / "journal", "d") as journal,
        pytest.raises(InvalidTypeError, match=r"^payload of block 'a': expected bytes, got str"),
    ):
        journal.write("a", "1")
    with pytest.raises(InvalidValueError, match="expected one that is open"):
        journal.write("a", b"1")


def test_remove(tmp_path):
    with Journal(tmp_path / "journal", "d") as journal:
        journal.write("a", b"1")
        journal.remove()
    assert list(tmp_path.iterdir()) == []
    assert found(tmp_path / "journal") == {}


# --------------------------------------------------------------------------------------------------- files of another


def test_a_journal_of_other_inputs_is_named_and_left_alone(tmp_path):
    path = tmp_path / "journal"
    whole = written(path, digest="p = 2")
    for repair in (False, True):
        with pytest.raises(CheckpointError, match=r"'p = 3', got one of others, 'p = 2'; give the inputs"):
            Journal(path, "p = 3", repair=repair)
    assert path.read_bytes() == whole
    assert found(path, "p = 2") == BLOCKS


def test_a_journal_of_another_format(tmp_path, monkeypatch):
    path = tmp_path / "journal"
    monkeypatch.setattr(module, "VERSION", 7)
    written(path)
    monkeypatch.undo()
    with pytest.raises(CheckpointError, match=r"expected a journal of format 1, got format 7, of another version"):
        Journal(path, "d")


@pytest.mark.parametrize("content", [b"\0", b"boundcheck is not this", b"PAR1" * 100])
@pytest.mark.parametrize("repair", [False, True])
def test_a_file_that_is_no_journal_is_left_alone(tmp_path, content, repair):
    path = tmp_path / "points.parquet"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"expected a journal of boundcheck, got one that begins b'"):
        Journal(path, "d", repair=repair)
    assert path.read_bytes() == content


def test_a_record_of_another_digest_is_no_record(tmp_path):
    path = tmp_path / "journal"
    theirs = written(tmp_path / "other", {"a": b"theirs"}, digest="e")
    ours = written(path, {"b": b"ours"})
    head = len(written(tmp_path / "empty", {}))
    path.write_bytes(ours + theirs[head:])
    assert found(path) == {"b": b"ours"}


# --------------------------------------------------------------------------------------------------------- damage


def test_cut_anywhere_the_whole_records_remain_and_the_rest_is_cut_off(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda fd: None)  # 1,500 of them take long.
    whole = written(tmp_path / "whole")
    ends, blocks = [len(written(tmp_path / "0", {}))], list(BLOCKS.items())
    for count in range(1, len(blocks) + 1):
        ends += [len(written(tmp_path / f"{count}", dict(blocks[:count])))]
    assert ends[-1] == len(whole)
    path = tmp_path / "journal"
    for cut in range(len(whole) + 1):
        path.write_bytes(whole[:cut])
        count = sum(end <= cut for end in ends[1:])
        assert list(found(path).items()) == blocks[:count], cut
        assert path.stat().st_size == ends[count]
        # What is written next is found again.
        written(path, {"next": b"4"})
        assert found(path) == {**dict(blocks[:count]), "next": b"4"}


@pytest.mark.parametrize("change", [0x01, 0x80, 0xFF])
def test_any_byte_changed_is_noticed_and_the_other_blocks_are_kept(tmp_path, monkeypatch, change):
    monkeypatch.setattr(os, "fsync", lambda fd: None)
    whole = written(tmp_path / "whole")
    path = tmp_path / "journal"
    head = len(written(tmp_path / "0", {}))
    last = len(written(tmp_path / "2", dict(list(BLOCKS.items())[:2])))
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ change]) + whole[at + 1 :])
        if at < last:
            # Before the last whole record: no interruption does that.
            with pytest.raises(CheckpointError) as raised:
                Journal(path, "d")
            shown = str(raised.value)
            assert "repair=True" in shown, at
            assert f"{3 if at < head else 2} whole records" in shown
        blocks = found(path, repair=True)
        assert blocks.items() <= BLOCKS.items()
        assert len(blocks) == (3 if at < head else 2)
        assert found(path) == blocks


@pytest.mark.parametrize("length", [1, 30, 5000])
def test_zeros_at_the_end_as_a_power_cut_leaves_them(tmp_path, length):
    path = tmp_path / "journal"
    whole = written(path)
    path.write_bytes(whole + bytes(length))
    assert found(path) == BLOCKS
    assert path.read_bytes() == whole


@pytest.mark.parametrize("repair", [False, True])
def test_damage_after_opening(tmp_path, repair):
    path = tmp_path / "journal"
    whole = written(path)
    with Journal(path, "d", repair=repair) as journal:
        at = whole.index(b"first")
        with path.open("r+b") as file:
            file.seek(at)
            file.write(b"worst")
        with pytest.raises(CheckpointError, match="another record of block '0-0-0'"):
            journal.done()["0-0-0"]
        assert journal.done()["élan"] == BLOCKS["élan"]


# ----------------------------------------------------------------------------------------------------------- locks


def test_a_second_opener_is_refused_until_the_first_is_done(tmp_path):
    path = tmp_path / "journal"
    with Journal(path, "d") as journal:
        for repair in (False, True):
            with pytest.raises(
                CheckpointError, match=r"expected one that no other run has open, got one that is in use"
            ):
                Journal(path, "d", repair=repair)
        journal.write("a", b"1")
    assert found(path) == {"a": b"1"}


def test_a_process_that_dies_lets_go_of_the_lock(tmp_path):
    path = tmp_path / "journal"
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            journal = Journal(path, "d")
            journal.write("a", b"1")
            os.write(writing, b"+")
            signal.pause()
        finally:
            os._exit(1)
    assert os.read(reading, 1) == b"+"
    try:
        with pytest.raises(CheckpointError, match="in use"):
            Journal(path, "d")
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(reading)
        os.close(writing)
    assert found(path) == {"a": b"1"}


def test_a_journal_that_failed_to_open_is_not_locked(tmp_path):
    written(tmp_path / "journal")
    with pytest.raises(CheckpointError):
        Journal(tmp_path / "journal", "e")
    assert found(tmp_path / "journal") == BLOCKS


def test_a_lock_on_a_file_that_was_removed_meanwhile_does_not_count(tmp_path, monkeypatch):
    """Another process removes the journal between opening and locking: the one that is there after is locked."""
    fcntl = pytest.importorskip("fcntl")
    path = tmp_path / "journal"
    written(path)
    flock = fcntl.flock

    def late(fd, how):
        monkeypatch.undo()
        path.unlink()
        flock(fd, how)

    monkeypatch.setattr(fcntl, "flock", late)
    with Journal(path, "d") as journal:
        journal.write("a", b"1")
    assert found(path) == {"a": b"1"}


# -------------------------------------------------------------------------------------- disks that take no more


def full_after(monkeypatch, count: int, code: int = errno.ENOSPC) -> None:
    left = count
    pwrite = os.pwrite

    def limited(fd, data, at):
        nonlocal left
        if not left:
            raise OSError(code, os.strerror(code))
        taken = pwrite(fd, data[:left], at)
        left -= taken
        return taken

    monkeypatch.setattr(os, "pwrite", limited)


@pytest.mark.parametrize("count", [0, 1, 20, 60])
@pytest.mark.parametrize(
    ("code", "shown"),
    [
        (errno.ENOSPC, "expected room on the disk for one more block, got No space left on device; 3 finished blocks"),
        (errno.EDQUOT, "expected room on the disk for one more block, got Disk quota exceeded; 3 finished blocks"),
        (errno.EIO, "got Input/output error; 3 finished blocks are kept; when that is mended, run the same"),
    ],
)
def test_a_full_disk_says_what_is_kept_and_takes_blocks_again_later(tmp_path, monkeypatch, count, code, shown):
    path = tmp_path / "journal"
    whole = written(path)
    with Journal(path, "d") as journal:
        full_after(monkeypatch, count, code)
        with pytest.raises(CheckpointError, match=shown):
            journal.write("more", bytes(100))
        assert path.read_bytes() == whole
        assert dict(journal.done()) == BLOCKS
        monkeypatch.undo()
        journal.write("more", b"4")
    assert found(path) == {**BLOCKS, "more": b"4"}


def test_a_block_whose_sync_failed_is_not_there(tmp_path, monkeypatch):
    path = tmp_path / "journal"
    whole = written(path)
    with Journal(path, "d") as journal:

        def full(fd):
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(CheckpointError, match="3 finished blocks are kept; make room, then run the same command"):
            journal.write("more", bytes(100))
        monkeypatch.undo()
        assert "more" not in journal.done()
    assert path.read_bytes() == whole


def test_a_disk_full_from_the_start(tmp_path, monkeypatch):
    path = tmp_path / "journal"
    full_after(monkeypatch, 5)
    with pytest.raises(CheckpointError, match="0 finished blocks are kept"):
        Journal(path, "d")
    monkeypatch.undo()
    written(path)
    assert found(path) == BLOCKS


def test_a_disk_full_during_repair_leaves_the_journal_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "journal"
    whole = bytearray(written(path))
    whole[whole.index(b"first")] ^= 1
    path.write_bytes(whole)

    def full(fd):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CheckpointError, match="room on the disk"):
        Journal(path, "d", repair=True)
    monkeypatch.undo()
    assert path.read_bytes() == whole
    assert [name.name for name in tmp_path.iterdir()] == ["journal"]


def test_a_limit_of_the_system_on_the_size_of_a_file(tmp_path):
    """A real write that fails half-way, in a process of its own."""
    path = tmp_path / "journal"
    written(path)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            with Journal(path, "d") as journal:
                try:
                    journal.write("more", bytes(5000))
                except CheckpointError as error:
                    os.write(writing, str(error).encode())
        finally:
            os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    shown = os.read(reading, 1000).decode()
    os.close(reading)
    assert "got File too large; 3 finished blocks are kept" in shown
    assert found(path) == BLOCKS


@pytest.fixture
def mounted(tmp_path):
    """Return a function that mounts a small disk on a folder, where this is allowed."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def mount(*options: str) -> Path:
        if subprocess.run(["mount", *options, str(folder)], capture_output=True, check=False).returncode:
            pytest.skip("no right to mount a disk")
        return folder

    try:
        yield mount
    finally:
        subprocess.run(["umount", str(folder)], capture_output=True, check=False)


def test_a_small_disk_that_fills_up(mounted):
    path = mounted("-t", "tmpfs", "-o", "size=64k", "tmpfs") / "journal"
    blocks = {}
    with Journal(path, "d") as journal:
        with pytest.raises(CheckpointError, match="expected room on the disk") as raised:  # noqa: PT012
            for number in range(100):
                journal.write(f"{number}", bytes([number]) * 5000)
                blocks[f"{number}"] = bytes([number]) * 5000
        assert f"{len(blocks)} finished blocks are kept" in str(raised.value)
        assert len(blocks) > 5
        assert dict(journal.done()) == blocks
        # Whatever is left of room is used.
        journal.write("small", b"1")
    assert found(path) == {**blocks, "small": b"1"}


def test_a_folder_that_can_only_be_read(mounted):
    folder = mounted("-t", "tmpfs", "-o", "size=64k", "tmpfs")
    written(folder / "journal")
    mounted("-o", "remount,ro")
    for name in ("journal", "new", "folder/new"):
        with pytest.raises(
            CheckpointError, match=r"expected a file that can be written, got Read-only file system; it is as it was"
        ):
            Journal(folder / name, "d")
    mounted("-o", "remount,rw")
    assert found(folder / "journal") == BLOCKS


def test_a_disk_that_becomes_read_only(mounted):
    folder = mounted("-t", "tmpfs", "-o", "size=64k", "tmpfs")
    journal = Journal(folder / "journal", "d")
    journal.write("a", b"1")
    journal.close()
    mounted("-o", "remount,ro")
    with pytest.raises(CheckpointError, match="Read-only file system"):
        Journal(folder / "journal", "d")


def test_a_folder_for_a_file(tmp_path):
    with pytest.raises(CheckpointError, match="expected a file, not a folder, got Is a directory"):
        Journal(tmp_path, "d")
    (tmp_path / "file").touch()
    with pytest.raises(CheckpointError):
        Journal(tmp_path / "file" / "journal", "d")
