"""Blocks give the same bytes wherever they run, whoever dies meanwhile; nothing finished is lost, and errors name the block."""

import hashlib
import json
import multiprocessing
import os
import pickle
import select
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import types
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pytest

from boundcheck.errors import (
    BoundcheckError,
    CheckpointError,
    InvalidTypeError,
    InvalidValueError,
    MissingDependencyError,
)
from boundcheck.scanning import engines
from boundcheck.scanning.engines import DaskEngine, LocalEngine, ProcessEngine, WorkSpec, run_blocks
from boundcheck.scanning.journal import Journal

KEYS = [f"{number}" for number in range(24)]


class OddError(Exception):
    """One that pickle writes and cannot read."""

    def __init__(self, first: int, second: int) -> None:
        super().__init__(f"{first} and {second}")


def content(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


@dataclass(frozen=True)
class Blocks:
    """Work whose keys say what happens: most give their digest, and some kill, raise or wait."""

    folder: Path

    @property
    def digest(self) -> str:
        return f"blocks of {self.folder}"

    def open(self):
        self.tell("opened", f"{os.getpid()}")
        self.tell("threads", os.environ.get("OMP_NUM_THREADS", "all"))
        return self.do

    def tell(self, what: str, shown: str) -> None:
        file = os.open(self.folder / what, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(file, f"{shown}\n".encode())
        os.close(file)

    def told(self, what: str) -> list[str]:
        path = self.folder / what
        return path.read_text().splitlines() if path.exists() else []

    def do(self, key: str) -> bytes:
        self.tell("ran", key)
        time.sleep(0.01)
        first = self.told("ran").count(key) == 1
        if key == "poison" or (key == "deadly once" and first):
            os.kill(os.getpid(), signal.SIGKILL)
        if key == "kills all once" and first:
            for process in set(self.told("opened")) - {f"{os.getpid()}"}:
                # Those of before may have given their numbers to others.
                with suppress(OSError):
                    if f"\nPPid:\t{os.getppid()}\n" in Path(f"/proc/{process}/status").read_text():
                        os.kill(int(process), signal.SIGKILL)
            os.kill(os.getpid(), signal.SIGKILL)
        if key == "raises":
            raise ValueError("no such luck")
        if key == "odd":
            raise OddError(1, 2)
        if key == "large":
            cut_long_messages()
            return 50_000 * content(key)
        if key == "waits":
            self.tell("waiting", f"{os.getpid()}")
            time.sleep(600)
        return content(key)


def cut_long_messages() -> None:
    """End this process amid the next message that a pipe does not take as a whole, as a kill may."""

    def send(connection, buffer, write=os.write):
        if len(buffer) <= select.PIPE_BUF:
            write(connection.fileno(), buffer)
        else:
            write(connection.fileno(), buffer[: len(buffer) // 2])
            os.kill(os.getpid(), signal.SIGKILL)

    Connection._send = send


def ran(keys, work, engine=None, **options) -> dict:
    taken = {}

    def take(key: str, payload: bytes) -> None:
        assert key not in taken
        taken[key] = payload

    run_blocks(keys, work, engine=engine, take=take, **options)
    return taken


def wanted(keys) -> dict:
    return {key: content(key) for key in keys}


# --------------------------------------------------------------------------------------------------------- blocks


@pytest.mark.parametrize("workers", [1, 3])
def test_every_block_is_taken_once(tmp_path, workers):
    work = Blocks(tmp_path)
    assert isinstance(work, WorkSpec)
    assert ran(KEYS, work, LocalEngine(workers)) == wanted(KEYS)
    assert sorted(work.told("ran")) == sorted(KEYS)
    assert len(work.told("opened")) == 1


def test_no_blocks_open_nothing(tmp_path):
    work = Blocks(tmp_path)
    assert ran([], work, ProcessEngine(2)) == {}
    assert work.told("opened") == []


def test_threads_run_at_once_and_are_all_of_this_process():
    barrier = threading.Barrier(3, timeout=60)

    def work(key):
        barrier.wait()
        return content(key)

    assert ran(KEYS[:6], work, LocalEngine(3)) == wanted(KEYS[:6])


def test_the_journal_is_used_before_and_filled(tmp_path):
    work, progress, order = Blocks(tmp_path), [], []
    with Journal(tmp_path / "journal", "d") as journal:
        journal.write("7", b"as it was")
        journal.write("of another plan", b"")
        run_blocks(
            KEYS,
            work,
            journal=journal,
            take=lambda key, payload: order.append((key, payload)),
            progress=lambda done, total: progress.append((done, total)),
        )
        assert order[0] == ("7", b"as it was")
        assert dict(order) == {**wanted(KEYS), "7": b"as it was"}
        assert dict(journal.done()) == {**dict(order), "of another plan": b""}
    assert "7" not in work.told("ran")
    assert progress == [(done, 24) for done in range(1, 25)]


def test_a_finished_journal_runs_nothing(tmp_path):
    work = Blocks(tmp_path)
    with Journal(tmp_path / "journal", "d") as journal:
        first = ran(KEYS, work, journal=journal)
        assert ran(KEYS, work, journal=journal, engine=ProcessEngine(2)) == first
    assert len(work.told("ran")) == len(KEYS)


def test_a_block_is_kept_before_it_is_taken(tmp_path):
    with Journal(tmp_path / "journal", "d") as journal:
        run_blocks(KEYS, content, journal=journal, take=lambda key, payload: journal.done()[key])


def test_keys_that_are_there_twice():
    with pytest.raises(InvalidValueError, match=r"^keys: expected keys that differ, got 'b' more than once"):
        ran(["a", "b", "b"], content)


@pytest.mark.parametrize("workers", [0, -1, 1.5, True, "2"])
def test_numbers_of_workers_that_are_none(workers):
    for engine in (LocalEngine, ProcessEngine):
        kind = InvalidValueError if type(workers) is int else InvalidTypeError
        with pytest.raises(kind, match=r"^workers: expected an integer in \[1, ∞\)"):
            engine(workers)
    with pytest.raises(InvalidValueError, match=r"^retries: expected an integer in \[0, ∞\)"):
        ProcessEngine(1, retries=-1)


# --------------------------------------------------------------------------------------------------------- errors


@pytest.mark.parametrize("workers", [1, 3])
def test_an_error_names_its_block_and_what_ran_beside_it_is_kept(tmp_path, workers):
    begun = threading.Event()

    def work(key):
        if key == "2":
            if workers > 1:
                assert begun.wait(60)
            raise ValueError("no such luck")
        if key == "1" and workers > 1:
            begun.set()
            time.sleep(0.3)
        return content(key)

    with (
        Journal(tmp_path / "journal", "d") as journal,
        pytest.raises(ValueError, match=r"^no such luck\n") as raised,
    ):
        ran(KEYS, work, LocalEngine(workers), journal=journal)
    assert raised.type is ValueError
    with Journal(tmp_path / "journal", "d") as journal:
        assert {"0", "1"} <= set(journal.done())
        assert raised.value.__notes__ == [
            f"block '2' of 24; {len(journal.done())} finished blocks are kept in {journal.path}"
        ]
        # It begins no more.
        assert len(journal.done()) <= 4
        assert ran(KEYS, content, journal=journal) == wanted(KEYS)


def test_errors_keep_what_they_came_of():
    def work(key):
        try:
            {}[key]
        except KeyError:
            raise InvalidValueError("key: expected another") from None

    with pytest.raises(InvalidValueError, match=r"^key: expected another\n") as raised:
        ran(["0"], work)
    assert isinstance(raised.value.__context__, KeyError)
    assert raised.value.__suppress_context__
    assert raised.traceback[-1].name == "work"
    assert raised.value.__notes__ == ["block '0' of 1"]


@pytest.mark.parametrize("payload", [None, "text", bytearray(b"1"), 3.0])
def test_work_that_returns_no_bytes(payload):
    with pytest.raises(InvalidTypeError, match=r"^work: expected a function that returns bytes, or what has to_bytes"):
        ran(["a"], lambda key: payload)


@pytest.mark.parametrize("workers", [1, 2])
def test_work_that_ends_the_process_is_an_error(workers):
    with pytest.raises(BoundcheckError, match=r"^block '0': expected work that returns, got SystemExit: 3") as raised:
        ran(["0"], lambda key: sys.exit(3), LocalEngine(workers))
    assert isinstance(raised.value.__cause__, SystemExit)


class Counted:
    """A result that counts how often bytes are made of it."""

    made = 0

    def __init__(self, key: str) -> None:
        self.key = key

    def to_bytes(self) -> bytes:
        Counted.made += 1
        return content(self.key)


def test_bytes_are_made_of_a_result_only_where_they_are_needed(tmp_path, monkeypatch):
    monkeypatch.setattr(Counted, "made", 0)
    found = ran(KEYS, Counted, LocalEngine(2))
    assert ({key: one.key for key, one in found.items()}, Counted.made) == ({key: key for key in KEYS}, 0)
    with Journal(tmp_path / "journal", "d") as journal:
        ran(KEYS, Counted, journal=journal)
        assert Counted.made == len(KEYS)
        assert ran(KEYS, Counted, journal=journal) == wanted(KEYS)
        assert Counted.made == len(KEYS)


@pytest.mark.parametrize("workers", [1, 3])
def test_a_journal_that_takes_no_more_stops_the_run_and_holds_the_rest(tmp_path, monkeypatch, workers):
    work = Blocks(tmp_path)
    with Journal(tmp_path / "journal", "d") as journal:
        pwrite = os.pwrite

        def full(fd, data, at):
            if at > 600:
                raise OSError(28, "No space left on device")
            return pwrite(fd, data, at)

        monkeypatch.setattr(os, "pwrite", full)
        with pytest.raises(CheckpointError, match="expected room on the disk") as raised:
            ran(KEYS, work, LocalEngine(workers), journal=journal)
        monkeypatch.undo()
        kept = set(journal.done())
        assert f"{len(kept)} finished blocks are kept" in str(raised.value)
        assert 3 <= len(kept) < 24
        before = len(work.told("ran"))
        # Those that were running are all that was run beyond what is kept.
        assert before <= len(kept) + 1 + workers
        assert ran(KEYS, work, journal=journal) == wanted(KEYS)
        assert kept.isdisjoint(work.told("ran")[before:])


def test_ctrl_c_stops_the_threads_after_the_blocks_that_run(tmp_path):
    work = Blocks(tmp_path)

    def take(key, payload):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_blocks(KEYS, work, engine=LocalEngine(2), take=take)
    assert len(work.told("ran")) <= 4


def test_work_that_cannot_be_sent():
    with pytest.raises(InvalidTypeError, match=r"^work: expected work that can be pickled"):
        ran(KEYS, _Unsendable(), ProcessEngine(2))


def test_work_that_cannot_be_sent_to_a_cluster(cluster):
    with pytest.raises(InvalidTypeError, match=r"^work: expected work that can be pickled"):
        ran(KEYS, _Unsendable(), DaskEngine(cluster.scheduler_address))


class _Unsendable:
    digest = "a"

    def __init__(self) -> None:
        self.lock = threading.Lock()

    def open(self):
        return content


def sent(error: BaseException) -> BaseException:
    """An error as it arrives from another process."""
    raised = pickle.loads(pickle.dumps(engines._Raised.of(error)))
    return raised.error()


class TalkativeError(ValueError):
    """One whose message is made of its attributes, and which takes others than it keeps."""

    def __init__(self, first: int, *, second: int) -> None:
        super().__init__(first)
        self.second = second
        self.lock = threading.Lock()

    def __str__(self) -> str:
        return f"{self.args[0]} and {self.second}"


class SilentError(Exception):
    def __str__(self) -> str:
        raise OSError("not even that")


@pytest.mark.parametrize(
    "error",
    [
        ValueError("a", 3), KeyError("a"), OSError(28, "No space left on device", "file"), MemoryError(),
        UnicodeDecodeError("utf-8", b"a", 0, 1, "why"), InvalidValueError("m: expected another"), OddError(1, 2),
        TalkativeError(1, second=2), json.JSONDecodeError("why", "text", 1), ExceptionGroup("two", [ValueError("a")]),
    ],
    ids=lambda error: type(error).__name__,
)  # fmt: skip
@pytest.mark.parametrize("readable", [True, False])
def test_errors_arrive_as_they_were_raised(error, readable, monkeypatch):
    if not readable:
        # Libraries change how errors are pickled, and not always for the better.
        monkeypatch.setattr(engines, "_is_read_as_it_is", lambda error: False)
    found = sent(error)
    assert (type(found), str(found)) == (type(error), str(error))
    assert getattr(found, "second", None) == getattr(error, "second", None)


def test_errors_of_types_that_are_not_known_here_arrive_as_the_nearest_that_is():
    class LocalError(InvalidValueError):
        pass

    class OwnError(Exception):
        pass

    found = sent(LocalError("m: expected another"))
    name = "test_errors_of_types_that_are_not_known_here_arrive_as_the_nearest_that_is.<locals>"
    assert type(found) is InvalidValueError
    assert str(found) == "LocalError: m: expected another"
    found = sent(OwnError("why", threading.Lock()))
    assert type(found) is Exception
    assert str(found).startswith("OwnError: ('why', <unlocked _thread.lock")
    assert f"{name}.OwnError: ('why'" in "".join(found.__notes__)


def test_an_error_whose_message_is_an_error_arrives():
    assert str(sent(SilentError())) == "SilentError: a message that cannot be shown (OSError)"


def test_an_error_of_a_script_that_was_started_again_is_that_of_the_script(monkeypatch):
    """Processes know the script that started them by another name."""

    class ScriptError(Exception):
        pass

    ScriptError.__module__, ScriptError.__qualname__ = "__mp_main__", "ScriptError"
    script = types.ModuleType("__mp_main__")
    script.ScriptError = ScriptError
    monkeypatch.setitem(sys.modules, "__mp_main__", script)
    raised = engines._Raised.of(ScriptError("why"))
    monkeypatch.delitem(sys.modules, "__mp_main__")
    monkeypatch.setattr(sys.modules["__main__"], "ScriptError", ScriptError, raising=False)
    assert (type(raised.error()), str(raised.error())) == (ScriptError, "why")


def test_where_an_error_was_raised_is_told_of_those_that_boundcheck_does_not_raise_on_purpose():
    assert not hasattr(sent(InvalidValueError("m: expected another")), "__notes__")
    try:
        content(3)
    except AttributeError as error:
        (note,) = sent(error).__notes__
    assert "in content" in note


def test_a_worker_of_another_version_is_refused():
    setup = engines._Setup("a", "0.0.0", b"")
    raised = engines._attempt_sent(setup, "a")
    assert "expected boundcheck 0.0.0" in str(raised.error())


def test_a_worker_opens_each_work_once_and_holds_one(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    first, second = (engines._Setup.of(Blocks(tmp_path / name), pickle.dumps) for name in ("a", "b"))
    for setup in (first, first, second, second, first):
        assert engines._attempt_sent(setup, "1") == content("1")
    assert len(Blocks(tmp_path / "a").told("opened")) == 2
    assert len(Blocks(tmp_path / "b").told("opened")) == 1
    assert len(engines._open) == 1
    engines._open.clear()


# --------------------------------------------------------------------------------- who is to blame for a dead worker


class Fragile(engines._Crew):
    """Workers of which all die when a block kills one, as those of a pool do."""

    def __init__(self, workers: int, deadly: dict) -> None:
        self.workers, self.left = workers, dict(deadly)
        self.flying, self.most, self.renewed = {}, [], 0

    def room(self) -> int:
        return self.workers

    def submit(self, key):
        future = Future()
        self.flying[key] = future
        self.most.append(sorted(self.flying))
        if len(self.flying) == self.workers or self.renewed:
            self.land()
        return future

    def land(self) -> None:
        flying, self.flying = self.flying, {}
        died = False
        for key in flying:
            if self.left.get(key, 0):
                self.left[key] -= 1
                died = True
        for key, future in flying.items():
            if died:
                future.set_exception(RuntimeError("broken"))
            else:
                future.set_result(content(key))

    def deaths(self, error) -> int:
        return int(str(error) == "broken")

    def renew(self) -> None:
        self.renewed += 1

    def close(self, *, at_once) -> None:
        self.closed = at_once


def test_blocks_that_ran_beside_a_deadly_one_are_not_blamed():
    crew, found = Fragile(4, {"1": 99}), []
    blocks = engines._finished(crew, ["0", "1", "2", "3", "4"], 3)
    with pytest.raises(engines._FailedError) as raised:
        list(map(found.append, blocks))
    assert raised.value.subject == "block '1'"
    assert raised.value.got == "4 workers that died under it, or under one beside it"
    # Each of the suspects runs alone.
    assert crew.most[3:] == [["0", "1", "2", "3"], ["0"], ["1"], ["2"], ["3"], ["1"], ["1"]]
    assert dict(found) == wanted(["0", "2", "3"])


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_block_may_run_again_three_times(times):
    crew = Fragile(3, {"1": times})
    assert dict(engines._finished(crew, KEYS, 3)) == wanted(KEYS)
    assert crew.closed is False
    with pytest.raises(engines._FailedError):
        dict(engines._finished(Fragile(3, {"1": times}), KEYS, times - 1))


# ------------------------------------------------------------------------------------------------------ processes


def test_processes_give_the_same_bytes_when_one_is_killed(tmp_path, monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    work = Blocks(tmp_path)
    keys = [*KEYS[:8], "deadly once", *KEYS[8:]]
    with Journal(tmp_path / "journal", "d") as journal:
        assert ran(keys, work, ProcessEngine(2), journal=journal) == wanted(keys)
        assert dict(journal.done()) == wanted(keys)
    assert work.told("ran").count("deadly once") == 2
    # No block but those that were running ran twice, and no process opened the work twice.
    assert len(work.told("ran")) <= len(keys) + 2
    assert len(set(work.told("opened"))) == len(work.told("opened"))
    assert f"{os.getpid()}" not in work.told("opened")
    assert set(work.told("threads")) == {"1"}


def test_a_block_that_kills_every_process_is_named_and_the_others_are_kept(tmp_path):
    work = Blocks(tmp_path)
    with (
        Journal(tmp_path / "journal", "d") as journal,
        pytest.raises(BoundcheckError, match=r"^block 'poison': expected a worker that lives to do it, got 2 workers"),
    ):
        ran(["0", "1", "poison", "2"], work, ProcessEngine(1, retries=1), journal=journal)
    assert work.told("ran").count("poison") == 2
    with Journal(tmp_path / "journal", "d") as journal:
        assert dict(journal.done()) == wanted(["0", "1"])


def test_an_error_of_a_process_is_raised_here(tmp_path):
    """One that cannot be read from the pipe, even, which alone would break the pool."""
    work = Blocks(tmp_path)
    with pytest.raises(OddError, match=r"^1 and 2\n") as raised:
        ran(["0", "odd", "1"], work, ProcessEngine(1))
    trace, block = raised.value.__notes__
    assert "in do\n    raise OddError(1, 2)" in trace
    assert block == "block 'odd' of 3"
    assert work.told("ran") == ["0", "odd"]


def killed_at_start(monkeypatch, *, times: float) -> list[int]:
    """Kill processes before they have read anything, and return their numbers as they start."""
    started, start = [], multiprocessing.process.BaseProcess.start

    def start_and_kill(process):
        start(process)
        started.append(process.pid)
        if len(started) <= times:
            os.kill(process.pid, signal.SIGKILL)

    monkeypatch.setattr(multiprocessing.process.BaseProcess, "start", start_and_kill)
    return started


def test_processes_that_are_killed_while_they_start_are_named(tmp_path, monkeypatch):
    work, started = Blocks(tmp_path), killed_at_start(monkeypatch, times=float("inf"))
    monkeypatch.setattr(tempfile, "tempdir", f"{tmp_path}")
    with pytest.raises(
        BoundcheckError, match=r"^block '0': expected a worker that lives to do it, got 3 workers that died under it"
    ):
        ran(["0"], work, ProcessEngine(2, retries=2))
    assert (len(started), work.told("opened"), list(tmp_path.iterdir())) == (3, [], [])


def test_a_process_that_is_killed_while_it_starts_and_long_results(tmp_path, monkeypatch):
    """Long results do not go through a pipe, where a process that is killed may leave the half of one."""
    work, started = Blocks(tmp_path), killed_at_start(monkeypatch, times=1)
    signal.signal(signal.SIGALRM, lambda number, frame: pytest.fail("waited for a process that is dead"))
    signal.alarm(300)
    try:
        assert ran(["0", "large", "1"], work, ProcessEngine(1)) == {
            **wanted(["0", "1"]),
            "large": 50_000 * content("large"),
        }
    finally:
        signal.alarm(0)
    assert len(started) == 2
    assert work.told("ran") == ["0", "large", "1"]


@dataclass(frozen=True)
class Sums:
    """Work with large arrays, which it spoils."""

    points: np.ndarray
    small: np.ndarray
    digest = "sums"

    def open(self):
        return self.do

    def do(self, key: str) -> bytes:
        found = f"{self.points.sum()} {self.small.sum()}"
        self.points[0] += 1
        return f"{found} {mapped_from(self.points)} {os.getpid()}".encode()


def mapped_from(array: np.ndarray) -> str:
    """Return the file that memory is mapped from."""
    address = array.__array_interface__["data"][0]
    for line in Path("/proc/self/maps").read_text().splitlines():
        span, *_, file = line.split(maxsplit=5)
        first, last = (int(end, 16) for end in span.split("-"))
        if first <= address < last:
            return Path(file).name
    return "nothing"


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="tells what is mapped by /proc")
def test_processes_share_large_arrays_and_none_sees_what_another_does_to_them():
    points = np.arange(40_000.0).reshape(-1, 4)
    found = ran(KEYS, Sums(points, np.arange(3.0)), ProcessEngine(2))
    by_process = {}
    for reply in found.values():
        total, small, file, process = reply.decode().split()
        assert (float(small), file) == (3.0, "work")
        by_process.setdefault(process, []).append(float(total))
    for totals in by_process.values():
        assert sorted(totals) == [points.sum() + 4 * count for count in range(len(totals))]


def test_no_room_for_what_processes_share(tmp_path, monkeypatch):
    def share(work, file):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(engines, "_share", share)
    monkeypatch.setattr(tempfile, "tempdir", f"{tmp_path}")
    with pytest.raises(BoundcheckError, match=r"^workers: expected room in .*got No space left on device; make room"):
        ran(KEYS, content, ProcessEngine(2))
    assert list(tmp_path.iterdir()) == []


def test_no_room_for_what_a_process_found(tmp_path, monkeypatch):
    monkeypatch.setattr(engines, "_sent", [tmp_path / "gone", 0])
    assert engines._attempt_in_process("0") == "No such file or directory"
    crew = engines._Processes(engines._Function(content), 1)
    try:
        error = crew.read("No space left on device")
    finally:
        crew.close(at_once=True)
    assert isinstance(error, BoundcheckError)
    assert "for what they find, got No space left on device; make room, or set TMPDIR" in str(error)


def test_processes_that_are_not_wanted_any_more_are_ended(tmp_path):
    work = Blocks(tmp_path)

    def take(key, payload):
        until(lambda: work.told("waiting"))
        raise KeyboardInterrupt

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run_blocks(["waits", "0"], work, engine=ProcessEngine(2), take=take)
    assert time.monotonic() - began < 300
    assert not any(alive(int(process)) for process in work.told("opened"))


def alive(process: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except OSError:
        return False


def until(condition, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "too long"
        time.sleep(0.05)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="tells processes by /proc")
def test_processes_end_with_the_one_that_started_them(tmp_path, monkeypatch):
    work, temporary = Blocks(tmp_path), tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", f"{temporary}")
    child = os.fork()
    if child == 0:
        try:
            with Journal(tmp_path / "journal", "d") as journal:
                ran(["0", "waits"], work, ProcessEngine(1), journal=journal)
        finally:
            os._exit(1)
    try:
        until(lambda: work.told("waiting"))
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    (worker,) = work.told("waiting")
    until(lambda: not alive(int(worker)))
    # They tidy up after it.
    assert list(temporary.iterdir()) == []
    # They never had the lock.
    with Journal(tmp_path / "journal", "d") as journal:
        assert dict(journal.done()) == wanted(["0"])


# ----------------------------------------------------------------------------------------------------------- Dask


@pytest.fixture
def cluster():
    """A cluster of this process's threads, where what is asked is how it is spoken to."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=":0", silence_logs="CRITICAL"
    ) as found:
        yield found
    engines._open.clear()


def test_workers_of_a_cluster_give_the_same_bytes_when_one_is_killed_and_when_all_are(tmp_path):
    distributed = pytest.importorskip("distributed")
    import dask

    work = Blocks(tmp_path)
    keys = [*KEYS[:8], "deadly once", *KEYS[8:16], "kills all once", *KEYS[16:]]
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, memory_limit=0, dashboard_address=None, silence_logs="CRITICAL"
        ) as cluster,
        Journal(tmp_path / "journal", "d") as journal,
    ):
        assert ran(keys, work, DaskEngine(cluster.scheduler_address), journal=journal) == wanted(keys)
        assert dict(journal.done()) == wanted(keys)
    assert work.told("ran").count("deadly once") == 2
    assert work.told("ran").count("kills all once") >= 2
    opened = work.told("opened")
    assert len(opened) == len(set(opened)) >= 4


def test_dask_without_an_address_has_threads_of_this_process(tmp_path):
    pytest.importorskip("distributed")
    work, before = Blocks(tmp_path), threading.active_count()
    assert ran(KEYS, work, DaskEngine(workers=2)) == wanted(KEYS)
    assert work.told("opened") == [f"{os.getpid()}"]
    assert engines._open == {}
    # What cannot be sent need not be.
    assert ran(KEYS, _Unsendable(), DaskEngine(workers=1)) == wanted(KEYS)
    assert multiprocessing.active_children() == []
    until(lambda: threading.active_count() <= before + 2)


def test_dask_by_address(tmp_path, cluster):
    work = Blocks(tmp_path)
    engine = DaskEngine(cluster.scheduler_address)
    assert ran(KEYS, work, engine) == wanted(KEYS)
    assert len(work.told("opened")) == 1
    # The cluster is another's: it is there afterwards.
    assert ran(KEYS, lambda key: content(key) * 2, engine) == {
        key: 2 * payload for key, payload in wanted(KEYS).items()
    }


def test_an_error_of_a_dask_worker_is_raised_here(tmp_path, cluster):
    with (
        Journal(tmp_path / "journal", "d") as journal,
        pytest.raises(ValueError, match=r"^no such luck\n") as raised,
    ):
        ran(["0", "raises", *KEYS[1:]], Blocks(tmp_path), DaskEngine(cluster.scheduler_address), journal=journal)
    assert "block 'raises' of 25; " in raised.value.__notes__[-1]
    with Journal(tmp_path / "journal", "d") as journal:
        assert dict(journal.done()).items() <= wanted(KEYS).items()
        # It begins no more.
        assert len(journal.done()) < len(KEYS) / 2


def test_dask_resources_that_no_worker_has(tmp_path, cluster, monkeypatch):
    """It waits, rather than run a block where it should not."""
    engine = DaskEngine(cluster.scheduler_address, resources={"GPU": 1})
    end = time.monotonic() + 3

    class EnoughError(Exception):
        pass

    def threads(self):
        if time.monotonic() > end:
            raise EnoughError
        return 2

    monkeypatch.setattr(engines._DaskWorkers, "_threads", threads)
    with pytest.raises(EnoughError):
        ran(KEYS, Blocks(tmp_path), engine)
    assert Blocks(tmp_path).told("ran") == []


def test_a_scheduler_without_workers(cluster):
    cluster.scale(0)
    cluster.sync(cluster._correct_state)
    with pytest.raises(
        BoundcheckError, match=r"^scheduler: expected a cluster with workers, got none for 0.2 s; start"
    ):
        ran(KEYS, content, DaskEngine(cluster.scheduler_address, patience=0.2))


def test_workers_that_all_leave(tmp_path, cluster):
    def take(key, payload):
        if cluster.workers:
            cluster.scale(0)
            cluster.sync(cluster._correct_state)

    engine = DaskEngine(cluster.scheduler_address, patience=2)
    with (
        Journal(tmp_path / "journal", "d") as journal,
        pytest.raises(
            BoundcheckError,
            match=r"expected a cluster with workers, got none for 2 s; start some .* finished blocks are kept in",
        ),
    ):
        run_blocks(KEYS, Blocks(tmp_path), engine=engine, take=take, journal=journal)


def test_a_scheduler_that_ends(tmp_path, cluster, caplog):
    with (
        Journal(tmp_path / "journal", "d") as journal,
        pytest.raises(BoundcheckError, match=r"^scheduler: expected a Dask scheduler that answers, got .* are kept in"),
    ):
        run_blocks(
            KEYS,
            Blocks(tmp_path),
            engine=DaskEngine(cluster.scheduler_address, patience=2),
            take=lambda key, payload: cluster.close(),
            journal=journal,
        )
    # Dask would tell how its client ended.
    assert [record for record in caplog.records if record.name == "distributed.client"] == []
    with Journal(tmp_path / "journal", "d") as journal:
        assert journal.done()


@pytest.mark.parametrize(
    "address",
    ["", "localhost", "tcp://", "tcp://localhost", "http://127.0.0.1:8787", "tcp://127.0.0.1:99999", "tcp://127.0.0.1:0",
     "tcp://127.0.0.1:port", "tcp://:8786", "tcp://127.0.0.1:8786/status", "://127.0.0.1:8786", "tcp://[::1:8786"],
)  # fmt: skip
def test_addresses_of_no_scheduler_are_refused_before_anything_is_asked(address):
    pytest.importorskip("distributed")
    with pytest.raises(InvalidValueError) as raised:
        DaskEngine(address)
    expected = "an address of a Dask scheduler, tcp://HOST:PORT"
    assert str(raised.value) == f"scheduler: expected {expected}, got {address!r}"


def test_an_address_that_is_no_string():
    pytest.importorskip("distributed")
    with pytest.raises(InvalidTypeError, match=r"^scheduler: expected an address of a Dask scheduler"):
        DaskEngine(8786)


@pytest.fixture
def silence():
    """The address of something that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield "{}:{}".format(*server.getsockname())


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("tcp://127.0.0.1:9", "Connection refused"),
        ("127.0.0.1:9", "Connection refused"),
        ("ws://127.0.0.1:9", "Connection refused"),
        ("tcp://nowhere.invalid:8786", "nowhere.invalid:8786: "),
        ("tcp://{silence}", "no answer within 0.5 s"),
        ("tls://{silence}", "TLS expects"),
        ("inproc://", "inproc://: "),
        ("inproc://192.0.2.1/5/6", "does not match host"),
    ],
)
def test_addresses_where_no_scheduler_answers(silence, address, said):
    pytest.importorskip("distributed")
    engine = DaskEngine(address.format(silence=silence), patience=0.5)
    for ask in (partial(ran, KEYS, content, engine), engine.require_scheduler):
        with pytest.raises(
            BoundcheckError, match=r"^scheduler: expected a Dask scheduler that answers, got "
        ) as raised:
            ask()
        assert said in str(raised.value)


def test_the_address_of_a_worker(cluster):
    (worker,) = (worker.address for worker in cluster.workers.values())
    with pytest.raises(BoundcheckError, match=rf"^scheduler: .* got {worker}: a Worker of Dask; name one that runs"):
        ran(KEYS, content, DaskEngine(worker))


def test_a_command_ends_after_errors_of_addresses(silence):
    """In a process of its own: a thread that is left behind would keep it from ending."""
    pytest.importorskip("distributed")
    code = """
        import sys
        from boundcheck.errors import BoundcheckError
        from boundcheck.scanning.engines import DaskEngine, run_blocks
        for address in sys.argv[1:]:
            try:
                run_blocks(["a"], len, take=print, engine=DaskEngine(address, patience=0.5))
            except BoundcheckError as error:
                print(error)
    """
    addresses = ["localhost", "tcp://127.0.0.1:9", f"tcp://{silence}", "tls://127.0.0.1:9"]
    command = [sys.executable, "-c", textwrap.dedent(code), *addresses]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    for line, address in zip(done.stdout.splitlines(), addresses, strict=True):
        assert line.startswith("scheduler: expected ")
        assert address in line


def test_arguments_of_dask():
    pytest.importorskip("distributed")
    with pytest.raises(InvalidValueError, match=r"^workers: expected None beside a scheduler"):
        DaskEngine("tcp://127.0.0.1:9", workers=2)
    with pytest.raises(InvalidValueError, match=r"^patience: "):
        DaskEngine(patience=float("nan"))


def test_no_dask(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'boundcheck\[dask\]'"):
        DaskEngine()


# ------------------------------------------------------------------------------------------ killed at any instant

# The process that is killed is a copy of one that has everything loaded, so that 50 of them start in no time.
NURSERY = """
    import hashlib, json, os, random, signal, sys, time
    from pathlib import Path
    from boundcheck.scanning.engines import LocalEngine, run_blocks
    from boundcheck.scanning.journal import Journal

    folder, kills_wanted, workers = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    KEYS = [f"{number}" for number in range(60)]
    seen = os.open(folder / "seen", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def tell(what, key):
        os.write(seen, f"{what} {key}\\n".encode())

    def work(key):
        tell("ran", key)
        size = int(hashlib.sha256(key.encode()).hexdigest()[:5], 16) % 30_000
        time.sleep(0.001)
        return hashlib.shake_256(key.encode()).digest(size)

    def run(path):
        taken = {}
        def take(key, payload):
            taken[key] = payload
            tell("kept", key)
        with Journal(path, "d") as journal:
            run_blocks(KEYS, work, journal=journal, engine=LocalEngine(workers), take=take, progress=None)
        return hashlib.sha256(b"".join(taken[key] for key in KEYS)).hexdigest()

    began = time.perf_counter()
    digests = [run(folder / "uninterrupted")]
    whole = time.perf_counter() - began
    draw, kills, rounds = random.Random(os.urandom(8)), 0, 0
    while kills < kills_wanted:
        rounds += 1
        tell("round", rounds)
        ended = False
        while not ended:
            child = os.fork()
            if child == 0:
                try:
                    (folder / f"digest-{rounds}").write_text(run(folder / f"journal-{rounds}"))
                    os._exit(0)
                finally:
                    os._exit(1)
            tell("child", child)
            if kills < kills_wanted:
                time.sleep(draw.uniform(0, whole / 8))
                os.kill(child, signal.SIGKILL)
            status = os.waitpid(child, 0)[1]
            kills += os.WIFSIGNALED(status)
            assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, status
            ended = not os.WIFSIGNALED(status)
        digests.append((folder / f"digest-{rounds}").read_text())
    print(json.dumps({"digests": digests, "kills": kills, "rounds": rounds}))
"""


@pytest.mark.parametrize(("kills", "workers"), [(30, 1), (12, 3)])
def test_killed_at_random_instants_a_run_goes_on_and_ends_with_the_same_bytes(tmp_path, kills, workers):
    code = [sys.executable, "-c", textwrap.dedent(NURSERY), str(tmp_path), f"{kills}", f"{workers}"]
    done = subprocess.run(code, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["kills"] == kills
    assert len(told["digests"]) == told["rounds"] + 1
    assert len(set(told["digests"])) == 1
    # A block that was kept does not run again; of those that ran, a kill loses no more than were running.
    rounds = (tmp_path / "seen").read_text().split("round ")
    assert len(rounds) == told["rounds"] + 1
    for lines in rounds[1:]:
        kept, ran, children = set(), 0, 0
        for line in lines.splitlines()[1:]:
            what, which = line.split()
            if what == "child":
                children += 1
            elif what == "kept":
                kept.add(which)
            else:
                assert which not in kept
                ran += 1
        assert len(kept) == 60
        assert 60 <= ran <= 60 + workers * (children - 1)


# ---------------------------------------------------------------------------------------------------- all the same


def test_interrupted_and_continued_elsewhere(tmp_path, cluster):
    """What one engine began, another goes on with: the bytes are those of a run in one go."""
    work = Blocks(tmp_path)
    for engine, count in ((LocalEngine(), 3), (LocalEngine(3), 9), (DaskEngine(cluster.scheduler_address), 15)):
        with Journal(tmp_path / "journal", "d") as journal, pytest.raises(InterruptedError):
            run_blocks(KEYS, work, engine=engine, journal=journal, take=partial(stop_at, count, []))
    with Journal(tmp_path / "journal", "d") as journal:
        assert 15 <= len(journal.done()) < len(KEYS)
        assert ran(KEYS, work, journal=journal) == wanted(KEYS)


def stop_at(count: int, taken: list, key: str, payload: bytes) -> None:
    taken.append(key)
    if len(taken) == count:
        raise InterruptedError
