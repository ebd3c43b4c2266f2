"""A file is whole or as it was."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from boundcheck.atomic import atomically, why_not_written, write_text


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_text_is_written_as_utf_8(tmp_path):
    write_text(tmp_path / "a.txt", "‖x‖ ≤ 1\n")
    assert (tmp_path / "a.txt").read_bytes() == "‖x‖ ≤ 1\n".encode()
    assert names(tmp_path) == {"a.txt"}


def test_folders_are_made(tmp_path):
    write_text(tmp_path / "a" / "b" / "c.txt", "text")
    assert (tmp_path / "a" / "b" / "c.txt").read_text() == "text"


def test_old_content_is_replaced(tmp_path):
    for text in ("a long text", "new"):
        write_text(tmp_path / "a.txt", text)
    assert (tmp_path / "a.txt").read_text() == "new"


def test_the_writer_sees_the_suffix_and_the_folder(tmp_path):
    seen = []
    atomically(tmp_path / "a.tar.gz", lambda path: (seen.append(path), path.touch()))
    (path,) = seen
    assert path.parent == tmp_path
    assert path.name.endswith("a.tar.gz")
    assert path.name.startswith(".")


def test_nothing_is_in_place_until_the_writer_is_done(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def fill(temporary: Path) -> None:
        temporary.write_text("new")
        assert path.read_text() == "old"

    atomically(path, fill)
    assert path.read_text() == "new"


@pytest.mark.parametrize("old", [None, "old"])
@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("begun", [True, False])
def test_a_failed_writer_leaves_everything_as_it_was(tmp_path, old, error, begun):
    path = tmp_path / "a.txt"
    if old is not None:
        path.write_text(old)

    def fill(temporary: Path) -> None:
        if begun:
            temporary.write_text("half")
        raise error

    with pytest.raises(error):
        atomically(path, fill)
    assert names(tmp_path) == ({"a.txt"} if old else set())
    assert old is None or path.read_text() == old


def test_a_writer_that_writes_nothing_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        atomically(tmp_path / "a.txt", lambda _: None)
    assert names(tmp_path) == set()


def test_a_folder_in_the_way_is_an_error_and_stays(tmp_path):
    (tmp_path / "a").mkdir()
    with pytest.raises(OSError, match="a"):
        write_text(tmp_path / "a", "text")
    assert names(tmp_path) == {"a"}
    assert (tmp_path / "a").is_dir()


def test_content_is_on_disk_before_it_is_in_place(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    synced = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append((os.fstat(descriptor).st_size, path.exists())))
    write_text(path, "text")
    assert synced == [(4, False)]


SLOW_WRITER = """
import sys, time
from pathlib import Path
from boundcheck.atomic import atomically

def fill(temporary):
    with temporary.open("w") as file:
        file.write("half")
        file.flush()
        print("begun", flush=True)
        time.sleep(60)

atomically(Path(sys.argv[1]), fill)
"""


def interrupt(path: Path, number: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SLOW_WRITER, str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.stdout.readline() == b"begun\n"
        child.send_signal(number)
        child.communicate(timeout=30)
    assert child.returncode != 0


def test_ctrl_c_leaves_the_old_file_alone(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    interrupt(path, signal.SIGINT)
    assert path.read_text() == "old"
    assert names(tmp_path) == {"a.txt"}


def test_kill_9_leaves_the_old_file_and_a_hidden_part(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    interrupt(path, signal.SIGKILL)
    assert path.read_text() == "old"
    assert all(name.startswith(".") for name in names(tmp_path) - {"a.txt"})
    write_text(path, "new")
    assert path.read_text() == "new"


def test_files_are_as_readable_as_the_umask_allows(tmp_path):
    def private(temporary):
        temporary.write_text("whole")
        temporary.chmod(0o600)

    (tmp_path / "plain").write_text("plain")
    atomically(tmp_path / "file", private)
    assert (tmp_path / "file").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize(
    ("name", "what", "why"),
    [
        ("new/report.html", "file", ""),
        ("new/rows", "folder", ""),
        (".", "file", "which is a folder"),
        ("there", "folder", "which is no folder"),
        ("there", "file", ""),
        ("there/report.html", "file", "is no folder"),
    ],
)
def test_why_not_written(name, what, why, tmp_path):
    (tmp_path / "there").write_text("")
    told = why_not_written(tmp_path / name, what)
    assert (why in told) if why else not told
    # Nothing is made, and nothing left.
    assert [path.name for path in tmp_path.iterdir()] == ["there"]
