"""Blocks give the same bytes wherever they run, whoever dies meanwhile; nothing finished is lost, and errors name the block."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
import torch

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
        self.tell("threads", f"{torch.get_num_threads()}")
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
        if key == "waits":
            self.tell("waiting", f"{os.getpid()}")
            time.sleep(600)
        return content(key)


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
        if workers or engine is LocalEngine:
            with pytest.raises(InvalidValueError, match=r"^workers: expected an integer in \[1, ∞\)"):
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
        pytest.raises(
            BoundcheckError, match=r"^block '2': expected its bytes, got ValueError: no such luck; "
        ) as raised,
    ):
        ran(KEYS, work, LocalEngine(workers), journal=journal)
    assert isinstance(raised.value.__cause__, ValueError)
    with Journal(tmp_path / "journal", "d") as journal:
        assert {"0", "1"} <= set(journal.done())
        assert f"{len(journal.done())} finished blocks are kept in {journal.path}" in str(raised.value)
        # It begins no more.
        assert len(journal.done()) <= 4
        assert ran(KEYS, content, journal=journal) == wanted(KEYS)


@pytest.mark.parametrize("payload", [None, "text", bytearray(b"1"), 3.0])
def test_work_that_returns_no_bytes(payload):
    with pytest.raises(BoundcheckError, match=r"^block 'a': .* a function that returns bytes") as raised:
        ran(["a"], lambda key: payload)
    assert isinstance(raised.value.__cause__, InvalidTypeError)


@pytest.mark.parametrize("workers", [1, 2])
def test_work_that_ends_the_process_is_an_error(workers):
    with pytest.raises(BoundcheckError, match=r"^block '0': expected its bytes, got SystemExit: 3"):
        ran(["0"], lambda key: sys.exit(3), LocalEngine(workers))


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
    for engine in (ProcessEngine(2), DaskEngine(workers=1) if _has_dask() else ProcessEngine(1)):
        with pytest.raises(InvalidTypeError, match=r"^work: expected work that can be pickled"):
            ran(KEYS, _Unsendable(), engine)


class _Unsendable:
    digest = "a"

    def __init__(self) -> None:
        self.lock = threading.Lock()

    def open(self):
        return content


def _has_dask() -> bool:
    try:
        import distributed  # noqa: F401
    except ImportError:
        return False
    return True


def test_an_error_that_cannot_be_sent_is_shown():
    error = OddError(1, 2)
    error.lock = threading.Lock()
    raised = engines._Raised.of(error)
    assert raised.shown == "OddError: 1 and 2"
    assert str(raised.cause()) == "OddError: 1 and 2"
    assert "1 and 2" in str(engines._Raised.of(OddError(1, 2)).cause())
    assert isinstance(engines._Raised.of(ValueError("a")).cause(), ValueError)


def test_a_worker_of_another_version_is_refused():
    setup = engines._Setup("a", "0.0.0", b"")
    raised = engines._attempt_sent(setup, "a")
    assert "expected boundcheck 0.0.0" in raised.shown


def test_a_worker_opens_each_work_once_and_holds_one(tmp_path):
    import pickle

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
    with pytest.raises(
        BoundcheckError, match=r"^block 'odd': expected its bytes, got OddError: 1 and 2; run again"
    ) as raised:
        ran(["0", "odd", "1"], work, ProcessEngine(1))
    assert "in do\n    raise OddError(1, 2)" in "".join(raised.value.__cause__.__notes__)
    assert work.told("ran") == ["0", "odd"]


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
def test_processes_end_with_the_one_that_started_them(tmp_path):
    work = Blocks(tmp_path)
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


def test_dask_processes_give_the_same_bytes_when_one_is_killed_and_when_all_are(tmp_path):
    pytest.importorskip("distributed")
    work = Blocks(tmp_path)
    keys = [*KEYS[:8], "deadly once", *KEYS[8:16], "kills all once", *KEYS[16:]]
    with Journal(tmp_path / "journal", "d") as journal:
        assert ran(keys, work, DaskEngine(workers=2), journal=journal) == wanted(keys)
        assert dict(journal.done()) == wanted(keys)
    assert work.told("ran").count("deadly once") == 2
    assert work.told("ran").count("kills all once") >= 2
    opened = work.told("opened")
    assert len(opened) == len(set(opened)) >= 4
    until(lambda: not any(alive(int(process)) for process in opened))


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
        pytest.raises(BoundcheckError, match=r"^block 'raises': expected its bytes, got ValueError: no such luck"),
    ):
        ran(["0", "raises", *KEYS[1:]], Blocks(tmp_path), DaskEngine(cluster.scheduler_address), journal=journal)
    with Journal(tmp_path / "journal", "d") as journal:
        assert dict(journal.done()).items() <= wanted(KEYS).items()
        assert len(journal.done()) <= 4


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


def test_a_scheduler_that_ends(tmp_path, cluster):
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
    with Journal(tmp_path / "journal", "d") as journal:
        assert journal.done()


def test_no_scheduler():
    pytest.importorskip("distributed")
    with pytest.raises(
        BoundcheckError, match=r"^scheduler: expected a Dask scheduler that answers, got tcp://127.0.0.1:9: "
    ):
        ran(KEYS, content, DaskEngine("tcp://127.0.0.1:9", patience=0.5))


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


@pytest.mark.parametrize(("kills", "workers"), [(50, 1), (20, 3)])
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
