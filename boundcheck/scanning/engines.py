"""Where blocks run: threads of this process, processes of this machine, or workers of a Dask cluster.

What a block is, is for the work to say: a function of the block's key that returns bytes, the same bytes wherever and
whenever it is called. So no result depends on the engine, on how many workers it has, or on one of them dying.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import pickle
import signal
import sys
import tempfile
import threading
import time
import traceback
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from multiprocessing.connection import wait
from queue import Empty, SimpleQueue
from typing import Any, Protocol, TypeAlias, runtime_checkable

from boundcheck._version import __version__
from boundcheck.errors import (
    BoundcheckError,
    InvalidTypeError,
    InvalidValueError,
    MissingDependencyError,
    explain,
)
from boundcheck.scanning.journal import Journal

__all__ = ["DaskEngine", "Engine", "LocalEngine", "ProcessEngine", "WorkSpec", "run_blocks"]

Work: TypeAlias = Callable[[str], bytes]
# Seconds between looks at whether anyone is still at work.
_TICK = 1.0


@runtime_checkable
class WorkSpec(Protocol):
    """Work that is sent to other processes: pickled once, and opened once in each of them.

    Small, best: where the data lie rather than the data, so that every worker loads them for itself.
    """

    @property
    def digest(self) -> str:
        """Of all that decides what blocks hold; a worker that has this work open already does not open it again."""

    def open(self) -> Work:
        """Load the data, and return the function that does a block. Threads may call it at once."""


class Engine(Protocol):
    """Where blocks run."""

    def run(self, keys: Sequence[str], work: WorkSpec) -> Iterator[tuple[str, bytes]]:
        """Yield every block as it is done, in any order; closing the iterator stops the workers."""


def run_blocks(
    keys: Sequence[str],
    work: WorkSpec | Work,
    *,
    take: Callable[[str, bytes], None],
    engine: Engine | None = None,
    journal: Journal | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Run every block that the journal does not have, and hand each to `take` once.

    Parameters
    ----------
    keys
        The blocks. Others that the journal may have are left alone.
    work
        What a block is. For other processes it must be picklable.
    take
        Called in this thread with the key and the bytes of each block: those of the journal first, then the others as
        they are done. The order is not the same in every run, so what is made of them must not depend on it.
    engine
        Where they run; in this thread if None.
    journal
        Where each is kept before it is taken.
    progress
        Called with the number of blocks done and of all blocks, at the start and after each.

    Raises
    ------
    InvalidValueError
        If a key is there twice.
    BoundcheckError
        If a block fails, once the blocks that were running are done, and kept. The error of the work is its cause.
    CheckpointError
        If the journal takes no more: see :meth:`Journal.write`.

    Examples
    --------
    >>> found = {}
    >>> run_blocks(["a", "b"], lambda key: key.upper().encode(), take=found.__setitem__)
    >>> found
    {'a': b'A', 'b': b'B'}
    """
    if len(set(keys)) < len(keys):
        twice = next(key for key, count in Counter(keys).items() if count > 1)
        raise InvalidValueError(explain("keys", "keys that differ", f"{twice!r} more than once"))
    kept = journal.done() if journal is not None else {}
    left, done = dict.fromkeys(keys), 0
    for key in kept:
        if key in left:
            del left[key]
            take(key, kept[key])
            done += 1
    if progress is not None:
        progress(done, len(keys))
    if not left:
        return
    spec = work if isinstance(work, WorkSpec) else _Function(work)
    try:
        with closing(_generator(engine or LocalEngine(), tuple(left), spec)) as finished:
            for key, payload in finished:
                if journal is not None:
                    journal.write(key, payload)
                take(key, payload)
                done += 1
                if progress is not None:
                    progress(done, len(keys))
    except _FailedError as failed:
        go_on = "run again to do the rest" if journal is None else f"{done} finished blocks are kept in {journal.path}"
        fix = f"{failed.fix}; {go_on}" if failed.fix else go_on
        raise BoundcheckError(explain(failed.subject, failed.expected, failed.got, fix)) from failed.cause


class LocalEngine:
    """Threads of this process: NumPy, torch and compiled loops let several run at once.

    Parameters
    ----------
    workers
        How many blocks at once; one runs in the thread that asks.
    """

    def __init__(self, workers: int = 1) -> None:
        self.workers = _whole("workers", workers)

    def run(self, keys: Sequence[str], work: WorkSpec) -> Iterator[tuple[str, bytes]]:
        """Yield every block as it is done."""
        do = work.open()
        return _finished(_Threads(do, min(self.workers, len(keys))), keys, retries=0)


class ProcessEngine:
    """Processes of this machine, started anew, each with the work opened once and one thread for its arithmetic.

    A worker that dies (killed, or out of memory) is replaced. The blocks that were running then run again alone, so
    that the one to blame is known.

    Parameters
    ----------
    workers
        How many; as many as there are cores if None.
    retries
        How often a block may run again after a worker died under it.
    """

    def __init__(self, workers: int | None = None, *, retries: int = 3) -> None:
        self.workers = _whole("workers", workers or _cores())
        self.retries = _whole("retries", retries, least=0)

    def run(self, keys: Sequence[str], work: WorkSpec) -> Iterator[tuple[str, bytes]]:
        """Yield every block as it is done."""
        crew = _Processes(_Setup.of(work, pickle.dumps), min(self.workers, len(keys)))
        return _finished(crew, keys, self.retries)


class DaskEngine:
    """Workers of a Dask cluster, which get the work scattered once.

    A worker may die or join during the run. A block that was running on one that died runs again.

    Parameters
    ----------
    scheduler
        The address of a running cluster, ``tcp://host:8786`` say; a cluster of processes on this machine, closed at the
        end, if None.
    workers
        How many processes a cluster on this machine has; as many as there are cores if None.
    retries
        How often a block may run again after a worker died under it.
    resources
        What a block takes of a worker, ``{"GPU": 1}`` say, where workers were started with such.
    patience
        Seconds to wait for a scheduler, and for a worker while there is none.
    """

    def __init__(
        self,
        scheduler: str | None = None,
        workers: int | None = None,
        *,
        retries: int = 3,
        resources: Mapping[str, float] | None = None,
        patience: float = 60.0,
    ) -> None:
        if scheduler is not None and workers is not None:
            raise InvalidValueError(
                explain("workers", "None beside a scheduler, whose cluster has its own", f"{workers}")
            )
        self.scheduler, self.workers = scheduler, _whole("workers", workers or _cores())
        self.retries = _whole("retries", retries, least=0)
        self.resources = dict(resources or {})
        if not patience > 0:
            raise InvalidValueError(explain("patience", "seconds in (0, ∞]", f"{patience}"))
        self.patience = patience
        _distributed()

    def run(self, keys: Sequence[str], work: WorkSpec) -> Iterator[tuple[str, bytes]]:
        """Yield every block as it is done."""
        # Dask brings it; unlike pickle it knows functions of a script or a notebook.
        setup = _Setup.of(work, import_module("cloudpickle").dumps)
        return _finished(_DaskWorkers(self, setup, len(keys)), keys, self.retries)


# ---------------------------------------------------------------------------------------------------- one for all


class _FailedError(Exception):
    """A block that cannot be done, or workers that cannot do any."""

    def __init__(
        self, subject: str, expected: str, got: str, fix: str | None = None, cause: BaseException | None = None
    ) -> None:
        super().__init__(subject)
        self.subject, self.expected, self.got, self.fix, self.cause = subject, expected, got, fix, cause

    @classmethod
    def of(cls, key: str, shown: str, cause: BaseException) -> _FailedError:
        return cls(f"block {key!r}", "its bytes", shown, cause=cause)


@dataclass(frozen=True)
class _Raised:
    """An error of the work as it is sent: one that cannot be read, sent as it is, would look like a dead worker."""

    shown: str
    trace: str
    pickled: bytes

    @classmethod
    def of(cls, error: BaseException) -> _Raised:
        pickled = b""
        with suppress(Exception):
            pickled = pickle.dumps(error)
        return cls(_shown(error), "".join(traceback.format_exception(error)), pickled)

    def cause(self) -> BaseException:
        error: BaseException | None = None
        with suppress(Exception):
            error = pickle.loads(self.pickled) if self.pickled else None
        error = error or RuntimeError(self.shown)  # An error that cannot be sent.
        error.add_note(f"In the worker:\n{self.trace}")
        return error


class _Crew(ABC):
    """The workers of one run."""

    @abstractmethod
    def room(self) -> int:
        """Return how many blocks to have with the workers at once, or raise if they cannot be reached."""

    @abstractmethod
    def submit(self, key: str) -> Any:
        """Return the future of a block, whose result is bytes or an error of the work."""

    def deaths(self, error: BaseException) -> int:
        """Return how many workers died under a block, if that is what its future raised."""
        return 0

    @abstractmethod
    def renew(self) -> None:
        """Replace workers that died."""

    @abstractmethod
    def close(self, *, at_once: bool) -> None:
        """Let the workers go."""


def _finished(crew: _Crew, keys: Iterable[str], retries: int) -> Iterator[tuple[str, bytes]]:
    """Yield every block as it is done; when one fails, those that are running are done first."""
    waiting, suspects = iter(keys), deque[str]()
    deaths, running = Counter[str](), set[str]()
    landed: SimpleQueue[tuple[str, Any]] = SimpleQueue()
    failed: _FailedError | None = None
    alone, at_once = False, True
    try:
        while True:
            # Asked at every turn: workers may have come, or all be gone.
            room = crew.room()
            while failed is None and not alone and len(running) < room:
                if suspects:
                    if running:
                        break
                    key, alone = suspects.popleft(), True
                elif (following := next(waiting, None)) is None:
                    break
                else:
                    key = following
                running.add(key)
                crew.submit(key).add_done_callback(partial(_land, landed, key))
            if not running:
                break
            try:
                key, future = landed.get(timeout=_TICK)
            except Empty:
                continue
            running.remove(key)
            alone = False
            try:
                reply = future.result()
            except Exception as error:
                died = crew.deaths(error)
                deaths[key] += died
                if not died:
                    failed = failed or _FailedError.of(key, _shown(error), error)
                elif deaths[key] > retries:
                    failed = failed or _FailedError(
                        f"block {key!r}",
                        "a worker that lives to do it",
                        f"{deaths[key]} workers that died under it, or under one beside it",
                        "give it more memory or fewer workers; a script of yours needs if __name__ == '__main__'",
                        error,
                    )
                else:
                    suspects.append(key)
                if died and failed is None:
                    crew.renew()
                continue
            if isinstance(reply, bytes):
                yield key, reply
            else:
                cause = reply.cause() if isinstance(reply, _Raised) else reply
                shown = reply.shown if isinstance(reply, _Raised) else _shown(reply)
                failed = failed or _FailedError.of(key, shown, cause)
        at_once = False
    finally:
        crew.close(at_once=at_once)
    if failed is not None:
        raise failed


def _land(landed: SimpleQueue[tuple[str, Any]], key: str, future: Any) -> None:
    landed.put((key, future))


def _generator(engine: Engine, keys: Sequence[str], work: WorkSpec) -> Generator[tuple[str, bytes], None, None]:
    """Return what an engine yields, as something that can be closed."""
    yield from engine.run(keys, work)


def _attempt(do: Work, key: str) -> bytes | BaseException:
    """Return what the work gives, or its error."""
    try:
        payload = do(key)
        if not isinstance(payload, bytes):
            raise InvalidTypeError(explain("work", "a function that returns bytes", type(payload).__name__))
        return payload
    except (Exception, SystemExit) as error:
        return error


def _shown(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def _whole(name: str, value: int, least: int = 1) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise InvalidValueError(explain(name, f"an integer in [{least}, ∞)", f"{value!r}"))
    return value


def _cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


# ------------------------------------------------------------------------------------------------------- the work


@dataclass(frozen=True)
class _Function:
    """A function as work."""

    do: Work

    @property
    def digest(self) -> str:
        return ""

    def open(self) -> Work:
        return self.do


@dataclass(frozen=True)
class _Setup:
    """Work as it is sent."""

    name: str
    version: str
    pickled: bytes = field(repr=False)

    @classmethod
    def of(cls, work: WorkSpec, dumps: Callable[[WorkSpec], bytes]) -> _Setup:
        try:
            pickled = dumps(work)
        except Exception as cause:
            raise InvalidTypeError(
                explain(
                    "work",
                    "work that can be pickled, to be sent to other processes",
                    _shown(cause),
                    "define it at the top of a module, or use LocalEngine",
                )
            ) from cause
        # A function has no digest of its own; what it was sent as tells it from others.
        return cls(work.digest or hashlib.sha256(pickled).hexdigest(), __version__, pickled)


_opening = threading.Lock()
_open: dict[str, Work] = {}


def _attempt_sent(setup: _Setup, key: str) -> bytes | _Raised:
    """Do a block in a worker."""
    try:
        do = _opened(setup)
    except (Exception, SystemExit) as error:
        return _Raised.of(error)
    reply = _attempt(do, key)
    return reply if isinstance(reply, bytes) else _Raised.of(reply)


def _opened(setup: _Setup) -> Work:
    if setup.version != __version__:
        raise BoundcheckError(
            explain("worker", f"boundcheck {setup.version}", f"{__version__}", "install one version everywhere")
        )
    with _opening:
        if setup.name not in _open:
            # One at a time: a worker of a cluster outlives a run, and its data are let go.
            _open.clear()
            _open[setup.name] = pickle.loads(setup.pickled).open()
        return _open[setup.name]


# -------------------------------------------------------------------------------------------------------- threads


class _Threads(_Crew):
    def __init__(self, do: Work, workers: int) -> None:
        self._do, self._workers = do, workers
        self._pool = ThreadPoolExecutor(workers) if workers > 1 else None

    def room(self) -> int:
        return self._workers

    def submit(self, key: str) -> Future[bytes | BaseException]:
        if self._pool is not None:
            return self._pool.submit(_attempt, self._do, key)
        future: Future[bytes | BaseException] = Future()
        future.set_result(_attempt(self._do, key))
        return future

    def renew(self) -> None:
        """Threads do not die."""

    def close(self, *, at_once: bool) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


# ------------------------------------------------------------------------------------------------------ processes

# The file of the work, and the work once it is read.
_sent: list[Any] = []


class _Processes(_Crew):
    def __init__(self, setup: _Setup, workers: int) -> None:
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None
        # In a file: what is sent to a process that dies before it has read it all would be waited for without end.
        self._file = tempfile.NamedTemporaryFile(prefix="boundcheck-", suffix=".work")  # noqa: SIM115 - until close
        try:
            pickle.dump(setup, self._file)
            self._file.flush()
        except BaseException:
            self._file.close()
            raise

    def room(self) -> int:
        return self._workers

    def submit(self, key: str) -> Future[bytes | _Raised]:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._workers, multiprocessing.get_context("spawn"), initializer=_begin, initargs=(self._file.name,)
            )
        try:
            return self._pool.submit(_attempt_in_process, key)
        except BrokenProcessPool as error:
            # A worker died while it had nothing to do.
            future: Future[bytes | _Raised] = Future()
            future.set_exception(error)
            return future

    def deaths(self, error: BaseException) -> int:
        return int(isinstance(error, BrokenProcessPool))

    def renew(self) -> None:
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None

    def close(self, *, at_once: bool) -> None:
        if self._pool is not None:
            if at_once:
                for process in list((self._pool._processes or {}).values()):
                    process.kill()
            self._pool.shutdown(cancel_futures=True)
        self._file.close()


def _begin(file: str) -> None:
    """Make a worker ready, with a file that has the work."""
    _sent[:] = [file]
    # Ctrl-C is for the process that asked for the work.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    """End this process when the one that started it is killed, as no one else would."""
    wait([sentinel])
    os._exit(1)


def _attempt_in_process(key: str) -> bytes | _Raised:
    try:
        if len(_sent) == 1:
            with open(_sent[0], "rb") as file:
                _sent.append(pickle.load(file))
    except Exception as error:
        return _Raised.of(error)
    return _attempt_sent(_sent[1], key)


# ----------------------------------------------------------------------------------------------------------- Dask


class _DaskWorkers(_Crew):
    def __init__(self, engine: DaskEngine, setup: _Setup, blocks: int) -> None:
        self._engine, self._setup = engine, setup
        self._distributed = _distributed()
        self._cluster: Any = None
        self._counted = 0.0, 0
        if engine.scheduler is None:
            self._cluster = self._start(min(engine.workers, blocks))
        address = self._cluster or engine.scheduler
        try:
            self._client = self._distributed.Client(address, set_as_default=False, timeout=engine.patience)
        except (OSError, ValueError) as cause:
            raise self._silent(cause) from cause
        try:
            self._scatter()
        except BaseException:
            self.close(at_once=True)
            raise

    def room(self) -> int:
        # Twice as many as run, so that none waits for the next.
        return 2 * max(1, self._threads())

    def submit(self, key: str) -> Any:
        return self._client.submit(
            _attempt_sent, self._scattered, key, pure=False, resources=self._engine.resources or None
        )

    def deaths(self, error: BaseException) -> int:
        if isinstance(error, self._distributed.scheduler.KilledWorker):
            # The scheduler tried again by itself.
            return int(error.allowed_failures) + 1
        # The work that was scattered went with the last worker that had it.
        return int(isinstance(error, self._distributed.CancelledError))

    def renew(self) -> None:
        # The work that was scattered may be gone with the workers that had it: its future then says so, by and by.
        lost = self._scattered.cancelled()
        with self._answering(), suppress(self._distributed.CancelledError):
            lost = lost or not self._client.who_has([self._scattered]).get(self._scattered.key)
        if lost or self._scattered.cancelled():
            self._scatter()

    def close(self, *, at_once: bool) -> None:
        self._client.close()
        if self._cluster is not None:
            self._cluster.close()

    def _start(self, workers: int) -> Any:
        # One death is enough to run a block alone, where it is known which is to blame. No limit on memory, since the
        # pages of a mapped file would count.
        with import_module("dask").config.set({"distributed.scheduler.allowed-failures": 0}):
            return self._distributed.LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                memory_limit=0,
                dashboard_address=":0",
                silence_logs="CRITICAL",
            )

    def _scatter(self) -> None:
        with self._answering():
            try:
                self._client.wait_for_workers(1, timeout=self._engine.patience)
            except self._distributed.TimeoutError as cause:
                raise _FailedError(
                    "scheduler",
                    "a cluster with workers",
                    f"none for {self._engine.patience:g} s",
                    "start some with dask worker, or give more patience",
                    cause,
                ) from cause
            self._scattered = self._client.scatter(self._setup, broadcast=True, hash=False)

    def _threads(self) -> int:
        """Return how many blocks the cluster runs at once, as it was lately."""
        when, count = self._counted
        if time.monotonic() - when > _TICK or not count:
            with self._answering():
                count = sum(self._client.nthreads().values())
            self._counted = time.monotonic(), count
        return count

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """Say so where the scheduler is gone."""
        try:
            yield
        except OSError as cause:
            raise self._silent(cause) from cause

    def _silent(self, cause: BaseException) -> _FailedError:
        shown = self._engine.scheduler or "a cluster on this machine"
        return _FailedError("scheduler", "a Dask scheduler that answers", f"{shown}: {cause}", cause=cause)


def _distributed() -> Any:
    try:
        return import_module("distributed")
    except ImportError as cause:
        raise MissingDependencyError(
            explain("distributed", "the package installed", "none", "pip install 'boundcheck[dask]'")
        ) from cause
