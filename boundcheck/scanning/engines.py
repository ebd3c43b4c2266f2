"""Where blocks run: threads of this process, processes of this machine, or workers of a Dask cluster.

What a block is, is for the work to say: a function of the block's key whose result has the same bytes wherever and
whenever it is called. So no result depends on the engine, on how many workers it has, or on one of them dying. Bytes
are made of a result where it goes to another process or into a journal, and only there.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import logging
import mmap
import multiprocessing
import os
import pickle
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
import traceback
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from multiprocessing.connection import wait
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, BinaryIO, Protocol, TypeAlias, cast, runtime_checkable
from urllib.parse import urlsplit

from boundcheck._version import __version__
from boundcheck.errors import (
    BoundcheckError,
    InvalidTypeError,
    InvalidValueError,
    MissingDependencyError,
    explain,
    require_whole,
)
from boundcheck.scanning.journal import Journal

__all__ = ["DaskEngine", "Engine", "LocalEngine", "ProcessEngine", "WorkSpec", "run_blocks"]


@runtime_checkable
class Encodable(Protocol):
    """A result that can be sent and kept."""

    def to_bytes(self) -> bytes:
        """Return all of it: equal results give equal bytes."""


Result: TypeAlias = bytes | Encodable
Work: TypeAlias = Callable[[str], Result]
# Seconds between looks at whether anyone is still at work, and for a scheduler to answer.
_TICK, _ANSWER = 1.0, 10.0


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

    def run(self, keys: Sequence[str], work: WorkSpec) -> Iterator[tuple[str, Result]]:
        """Yield every block as it is done, in any order; closing the iterator stops the workers."""


def run_blocks(
    keys: Sequence[str],
    work: WorkSpec | Work,
    *,
    take: Callable[[str, Any], None],
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
        Called in this thread with the key and the result of each block: those of the journal first, then the others as
        they are done. Of the journal and of other processes these are bytes; of this one, what the work returned. The
        order is not the same in every run, so what is made of them must not depend on it.
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
        If workers die under a block again and again, or cannot be reached.
    Exception
        What the work raises, as it was raised, once the blocks that were running are done, and kept; a note names the
        block. One that cannot be sent from another process is made anew with its type and message, or where its type is
        not known here, as the nearest type that is.
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
    raised: _RaisedError | None = None
    try:
        with closing(_generator(engine or LocalEngine(), tuple(left), spec)) as finished:
            for key, result in finished:
                if journal is not None:
                    journal.write(key, _encoded(result))
                take(key, result)
                done += 1
                if progress is not None:
                    progress(done, len(keys))
    except _FailedError as failed:
        fix = "; ".join(part for part in (failed.fix, _kept(journal, done)) if part)
        raise BoundcheckError(explain(failed.subject, failed.expected, failed.got, fix or None)) from failed.cause
    except _RaisedError as error:
        raised = error
    # Not above, where it would get another context.
    if raised is not None:
        note = f"block {raised.key!r} of {len(keys)}"
        raised.error.add_note("; ".join(part for part in (note, _kept(journal, done)) if part))
        raise raised.error


def _kept(journal: Journal | None, done: int) -> str:
    return "" if journal is None else f"{done} finished blocks are kept in {journal.path}"


class LocalEngine:
    """Threads of this process: NumPy, torch and compiled loops let several run at once.

    Parameters
    ----------
    workers
        How many blocks at once; one runs in the thread that asks.
    """

    def __init__(self, workers: int = 1) -> None:
        self.workers = require_whole("workers", workers)

    def run(self, keys: Sequence[str], work: WorkSpec) -> Iterator[tuple[str, Result]]:
        """Yield every block as it is done."""
        do = work.open()
        return _finished(_Threads(do, min(self.workers, len(keys))), keys, retries=0)


class ProcessEngine:
    """Processes of this machine, started anew, each with the work opened once and one thread for its arithmetic.

    Large arrays of the work are not copied: they lie in a temporary file, which all of them map into memory. A worker
    that dies (killed, or out of memory), while it starts too, is replaced. The blocks that were running then run again
    alone, so that the one to blame is known.

    Parameters
    ----------
    workers
        How many; as many as there are cores if None.
    retries
        How often a block may run again after a worker died under it.
    """

    def __init__(self, workers: int | None = None, *, retries: int = 3) -> None:
        self.workers = require_whole("workers", _cores() if workers is None else workers)
        self.retries = require_whole("retries", retries, least=0)

    def run(self, keys: Sequence[str], work: WorkSpec) -> Iterator[tuple[str, Result]]:
        """Yield every block as it is done."""
        return _finished(_Processes(work, min(self.workers, len(keys))), keys, self.retries)


class DaskEngine:
    """Workers of a Dask cluster, which get the work scattered once.

    A worker may die or join during the run. A block that was running on one that died runs again. Without a cluster,
    Dask runs blocks on threads of this process; for processes of this machine there is :class:`ProcessEngine`.

    Parameters
    ----------
    scheduler
        The address of a running cluster's scheduler, ``tcp://HOST:PORT``; a cluster of threads of this process, closed
        at the end, if None.
    workers
        How many threads that cluster has; as many as there are cores if None.
    retries
        How often a block may run again after a worker died under it.
    resources
        What a block takes of a worker, ``{"GPU": 1}`` say, where workers were started with such.
    patience
        Seconds to wait for a worker while there is none. A scheduler must answer within 10 s of them.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If the address is of no scheduler: without a port, say. Whether one answers there is seen when blocks run.
    MissingDependencyError
        If Dask's ``distributed`` is not installed.
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
        self.scheduler, self.workers = scheduler, require_whole("workers", _cores() if workers is None else workers)
        self.retries = require_whole("retries", retries, least=0)
        self.resources = dict(resources or {})
        if not patience > 0:
            raise InvalidValueError(explain("patience", "seconds in (0, ∞]", f"{patience}"))
        self.patience = patience
        _distributed()
        if scheduler is not None:
            _require_address(scheduler)

    def run(self, keys: Sequence[str], work: WorkSpec) -> Iterator[tuple[str, Result]]:
        """Yield every block as it is done."""
        return _finished(_DaskWorkers(self, work, len(keys)), keys, self.retries)

    def require_scheduler(self) -> None:
        """Raise where no scheduler answers at the address, before there is anything to run.

        Raises
        ------
        BoundcheckError
            If nothing listens there, what does is no scheduler, or it does not answer.
        """
        if self.scheduler is not None:
            try:
                _ask_scheduler(self.scheduler, min(self.patience, _ANSWER))
            except _FailedError as failed:
                raise BoundcheckError(
                    explain(failed.subject, failed.expected, failed.got, failed.fix)
                ) from failed.cause


# ---------------------------------------------------------------------------------------------------- one for all


class _FailedError(Exception):
    """A block that cannot be done, or workers that cannot do any."""

    def __init__(
        self, subject: str, expected: str, got: str, fix: str | None = None, cause: BaseException | None = None
    ) -> None:
        super().__init__(subject)
        self.subject, self.expected, self.got, self.fix, self.cause = subject, expected, got, fix, cause


class _RaisedError(Exception):
    """An error of the work on a block."""

    def __init__(self, key: str, error: BaseException) -> None:
        super().__init__(key)
        self.key, self.error = key, error


@dataclass(frozen=True)
class _Raised:
    """An error of the work as it is sent: one that cannot be read, sent as it is, would look like a dead worker.

    Attributes
    ----------
    kind, message
        The full name of its type, and what it says.
    trace
        Where it was raised.
    pickled
        The error, where reading that gives it back; or nothing.
    kinds
        Its type and those it is one of, most special first, each pickled by its name.
    args, state
        What it was made with and its attributes, as far as they can be sent.
    """

    kind: str
    message: str
    trace: str
    pickled: bytes
    kinds: tuple[bytes, ...]
    args: bytes
    state: bytes

    @classmethod
    def of(cls, error: BaseException) -> _Raised:
        kind, message = _full_name(type(error)), _message(error)
        pickled = _pickled(error) if _is_read_as_it_is(error) else b""
        kinds = tuple(filter(None, map(_pickled, type(error).__mro__)))
        state = {name: value for name, value in vars(error).items() if _pickled(value)}
        trace = "".join(traceback.format_exception(error))
        return cls(kind, message, trace, pickled, kinds, _pickled(error.args), _pickled(state))

    def error(self) -> BaseException:
        """Return the error, or one as like it as there can be here."""
        found = self._read()
        # What boundcheck raises says by itself what is wrong.
        if not isinstance(found, BoundcheckError):
            found.add_note(f"In the worker:\n{self.trace}")
        return found

    def _read(self) -> BaseException:
        with suppress(Exception):
            found = _unpickled(self.pickled)
            if isinstance(found, BaseException):
                return found
        shown = f"{self.kind.rpartition('.')[2]}: {self.message}"
        for pickled in self.kinds:
            kind: Any = None
            with suppress(Exception):
                kind = _unpickled(pickled)
            own = kind is not None and _full_name(kind) == self.kind
            for make in (self._called, self._filled) if own else ():
                with suppress(Exception):
                    if isinstance(made := make(kind), BaseException) and str(made) == self.message:
                        return made
            with suppress(Exception):
                message = self.message if own else shown
                if isinstance(made := kind(message), BaseException) and str(made) == message:
                    return made
        return RuntimeError(shown)

    def _called(self, kind: Any) -> Any:
        """Return an error as most are made."""
        return kind(*_unpickled(self.args))

    def _filled(self, kind: Any) -> Any:
        """Return an error that takes other arguments than it keeps."""
        made = kind.__new__(kind)
        made.args = _unpickled(self.args)
        vars(made).update(_unpickled(self.state))
        return made


def _is_read_as_it_is(error: BaseException) -> bool:
    """Say whether an error that is pickled and read is the same."""
    with suppress(Exception):
        again = pickle.loads(pickle.dumps(error))
        return (type(again), str(again)) == (type(error), str(error))
    return False


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        # What a script is called in processes that were started by it.
        return super().find_class("__main__" if module == "__mp_main__" else module, name)


def _unpickled(pickled: bytes) -> Any:
    return _Unpickler(io.BytesIO(pickled)).load()


def _pickled(value: object) -> bytes:
    """Return a value as it is sent, or nothing."""
    with suppress(Exception):
        return pickle.dumps(value)
    return b""


def _full_name(kind: type) -> str:
    return f"{'__main__' if kind.__module__ == '__mp_main__' else kind.__module__}.{kind.__qualname__}"


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as cause:
        return f"a message that cannot be shown ({type(cause).__name__})"


class _Crew(ABC):
    """The workers of one run."""

    @abstractmethod
    def room(self) -> int:
        """Return how many blocks to have with the workers at once, or raise if they cannot be reached."""

    @abstractmethod
    def submit(self, key: str) -> Any:
        """Return the future of a block, whose result is the block's or an error of the work."""

    def read(self, reply: Any) -> Result | BaseException:
        """Return what a future's result stands for."""
        return reply.error() if isinstance(reply, _Raised) else cast("Result | BaseException", reply)

    def deaths(self, error: BaseException) -> int:
        """Return how many workers died under a block, if that is what its future raised."""
        return 0

    @abstractmethod
    def renew(self) -> None:
        """Replace workers that died."""

    @abstractmethod
    def close(self, *, at_once: bool) -> None:
        """Let the workers go."""


def _finished(crew: _Crew, keys: Iterable[str], retries: int) -> Iterator[tuple[str, Result]]:
    """Yield every block as it is done; when one fails, those that are running are done first."""
    waiting, suspects = iter(keys), deque[str]()
    deaths, running = Counter[str](), set[str]()
    landed: SimpleQueue[tuple[str, Any]] = SimpleQueue()
    failed: _FailedError | _RaisedError | None = None
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
                    failed = failed or _RaisedError(key, error)
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
            result = crew.read(reply)
            if isinstance(result, BaseException):
                failed = failed or _RaisedError(key, result)
            else:
                yield key, result
        at_once = False
    finally:
        crew.close(at_once=at_once)
    if failed is not None:
        raise failed


def _land(landed: SimpleQueue[tuple[str, Any]], key: str, future: Any) -> None:
    landed.put((key, future))


def _generator(engine: Engine, keys: Sequence[str], work: WorkSpec) -> Generator[tuple[str, Result], None, None]:
    """Return what an engine yields, as something that can be closed."""
    yield from engine.run(keys, work)


def _attempt(do: Work, key: str) -> Result | BaseException:
    """Return what the work gives, or its error."""
    try:
        result = do(key)
        if not isinstance(result, bytes | Encodable):
            raise InvalidTypeError(
                explain("work", "a function that returns bytes, or what has to_bytes()", type(result).__name__)
            )
        return result
    except SystemExit as cause:
        # Raised as it is, it would end this process, with a status that says something else.
        error = BoundcheckError(explain(f"block {key!r}", "work that returns", f"SystemExit: {cause}"))
        error.__cause__ = cause
        return error
    except Exception as error:
        return error


def _encoded(result: Result) -> bytes:
    return result if isinstance(result, bytes) else result.to_bytes()


def _shown(error: BaseException) -> str:
    return f"{type(error).__name__}: {_message(error)}"


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


# Of a cluster's worker: no process that is forked from one does its blocks.
_opening = threading.Lock()
_open: dict[str, Work] = {}


def _attempt_sent(setup: _Setup, key: str, arrays: Sequence[memoryview] = ()) -> bytes | _Raised:
    """Do a block in a worker."""
    try:
        do = _opened(setup, arrays)
    except (Exception, SystemExit) as error:
        return _Raised.of(error)
    from boundcheck.arithmetic import one_thread_each

    # A cluster's workers run several blocks at once, each in a thread that no pool of this package began.
    with one_thread_each():
        result = _attempt(do, key)
    try:
        return _Raised.of(result) if isinstance(result, BaseException) else _encoded(result)
    except Exception as error:
        return _Raised.of(error)


def _opened(setup: _Setup, arrays: Sequence[memoryview]) -> Work:
    if setup.version != __version__:
        raise BoundcheckError(
            explain("worker", f"boundcheck {setup.version}", f"{__version__}", "install one version everywhere")
        )
    with _opening:
        if setup.name not in _open:
            # One at a time: a worker of a cluster outlives a run, and its data are let go.
            _open.clear()
            _open[setup.name] = pickle.loads(setup.pickled, buffers=arrays).open()
        return _open[setup.name]


# -------------------------------------------------------------------------------------------------------- threads


class _Threads(_Crew):
    def __init__(self, do: Work, workers: int) -> None:
        # Loads torch, as workers that start do not before they have work.
        from boundcheck.arithmetic import Workers

        self._do, self._workers = do, workers
        self._pool = Workers(workers) if workers > 1 else None

    def room(self) -> int:
        return self._workers

    def submit(self, key: str) -> Future[Result | BaseException]:
        if self._pool is not None:
            return self._pool.submit(_attempt, self._do, key)
        future: Future[Result | BaseException] = Future()
        future.set_result(_attempt(self._do, key))
        return future

    def renew(self) -> None:
        """Threads do not die."""

    def close(self, *, at_once: bool) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


# ------------------------------------------------------------------------------------------------------ processes

# Arrays of so many bytes are shared rather than copied, and begin at multiples of a page.
_SHARED, _PAGE = 1 << 16, 4096
# What a worker has: the folder of the run and where its work is there; then the work as well.
_sent: list[Any] = []


class _Processes(_Crew):
    """Processes of a pool. Through its pipes go names alone.

    A pipe takes these at once or not at all. Of anything longer, a process that is killed may leave a half, and whoever
    reads it waits for the other half for ever: the work and what comes of blocks are in files.
    """

    def __init__(self, work: WorkSpec, workers: int) -> None:
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="boundcheck-", ignore_cleanup_errors=True)
        try:
            with self._with_room(), (Path(self._folder.name) / "work").open("wb") as file:
                self._at = _share(work, file)
        except BaseException:
            self._folder.cleanup()
            raise

    def room(self) -> int:
        return self._workers

    def submit(self, key: str) -> Future[str]:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._workers,
                multiprocessing.get_context("spawn"),
                initializer=_begin,
                initargs=(self._folder.name, self._at),
            )
        try:
            return self._pool.submit(_attempt_in_process, key)
        except BrokenProcessPool as error:
            # A worker died while it had nothing to do.
            future: Future[str] = Future()
            future.set_exception(error)
            return future

    def read(self, reply: str) -> Result | BaseException:
        path = Path(reply)
        if not path.is_absolute():
            # Not even its error could be written.
            return BoundcheckError(explain("workers", f"room in {self._folder.name} for what they find", reply, _ROOM))
        found = pickle.loads(path.read_bytes())
        path.unlink()
        return super().read(found)

    def deaths(self, error: BaseException) -> int:
        return int(isinstance(error, BrokenProcessPool))

    def renew(self) -> None:
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None

    def close(self, *, at_once: bool) -> None:
        try:
            if self._pool is not None:
                if at_once:
                    for process in list((self._pool._processes or {}).values()):
                        process.kill()
                self._pool.shutdown(cancel_futures=True)
        finally:
            self._folder.cleanup()

    @contextmanager
    def _with_room(self) -> Iterator[None]:
        try:
            yield
        except OSError as cause:
            expected = f"room in {self._folder.name} for the points, which processes share"
            raise BoundcheckError(explain("workers", expected, cause.strerror or f"{cause}", _ROOM)) from cause


_ROOM = "make room, or set TMPDIR to a folder that has some"


def _share(work: WorkSpec, file: BinaryIO) -> int:
    """Write work to a file, its large arrays apart; return where the rest of it begins."""
    arrays: list[memoryview] = []

    def is_small(buffer: pickle.PickleBuffer) -> bool:
        if (view := buffer.raw()).nbytes < _SHARED:
            return True
        arrays.append(view)
        return False

    setup = _Setup.of(work, lambda work: pickle.dumps(work, protocol=5, buffer_callback=is_small))
    spans = []
    for view in arrays:
        file.seek(-(-file.tell() // _PAGE) * _PAGE)
        spans.append((file.tell(), view.nbytes))
        file.write(view)
    at = file.tell()
    pickle.dump((setup, spans), file)
    return at


def _shared(path: Path, at: int) -> tuple[_Setup, list[memoryview]]:
    """Return work from a file, with arrays that are pages of it: what changes them changes no other process's."""
    with path.open("rb") as file:
        file.seek(at)
        setup, spans = pickle.load(file)
        mapped = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)) if spans else memoryview(b"")
    return setup, [mapped[start : start + size] for start, size in spans]


def _begin(folder: str, at: int) -> None:
    """Make a worker ready, with a folder that has the work."""
    _sent[:] = [Path(folder), at]
    # Ctrl-C is for the process that asked for the work.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel, folder), daemon=True).start()


def _end_with(sentinel: int, folder: str) -> None:
    """End this process when the one that started it is killed, as no one else would; and tidy up after it."""
    wait([sentinel])
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)


def _attempt_in_process(key: str) -> str:
    """Do a block, and return the file that has what came of it."""
    folder, at, *opened = _sent
    try:
        if not opened:
            _sent.extend(opened := [*_shared(folder / "work", at)])
        setup, arrays = opened
        reply = _attempt_sent(setup, key, arrays)
    except Exception as error:
        reply = _Raised.of(error)
    try:
        with tempfile.NamedTemporaryFile(dir=folder, suffix=".block", delete=False) as file:
            pickle.dump(reply, file)
        return file.name
    except OSError as error:
        return error.strerror or f"{error}"


# ----------------------------------------------------------------------------------------------------------- Dask


class _DaskWorkers(_Crew):
    def __init__(self, engine: DaskEngine, work: WorkSpec, blocks: int) -> None:
        self._engine = engine
        self._distributed = _distributed()
        self._cluster: Any = None
        self._counted = 0.0, 0
        if engine.scheduler is None:
            self._setup = _Setup(work.digest or f"{id(work)} of this process", __version__, b"")
            self._cluster = self._start(work, min(engine.workers, blocks))
        else:
            # Dask brings it; unlike pickle it knows functions of a script or a notebook.
            self._setup = _Setup.of(work, import_module("cloudpickle").dumps)
            # A client that cannot start waits for its own end, some for ever: none is made where no scheduler is.
            _ask_scheduler(engine.scheduler, min(engine.patience, _ANSWER))
        address = self._cluster or engine.scheduler
        try:
            self._client = self._distributed.Client(address, set_as_default=False, timeout=engine.patience)
        except (OSError, ValueError) as cause:
            self._close_cluster()
            raise _silent(engine.scheduler, cause) from cause
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
        # A client whose scheduler is gone would print a traceback, of what is said already.
        logger = logging.getLogger("distributed.client")
        level = logger.level
        logger.setLevel(logging.CRITICAL + 1)
        try:
            self._client.close()
        finally:
            logger.setLevel(level)
            self._close_cluster()

    def _start(self, work: WorkSpec, workers: int) -> Any:
        """Return a cluster of threads, which find the work open."""
        with _opening:
            _open.clear()
            _open[self._setup.name] = work.open()
        return self._distributed.LocalCluster(
            n_workers=1,
            threads_per_worker=workers,
            processes=False,
            memory_limit=0,
            dashboard_address=None,
            silence_logs="CRITICAL",
        )

    def _close_cluster(self) -> None:
        if self._cluster is not None:
            self._cluster.close()
            _open.pop(self._setup.name, None)

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
            raise _silent(self._engine.scheduler, cause) from cause


def _silent(address: str | None, cause: BaseException | str) -> _FailedError:
    shown = f"{address or 'a cluster on this machine'}: {cause}"
    fix = "name one that runs (dask scheduler starts it), or leave out the address" if address else None
    return _FailedError(
        "scheduler", "a Dask scheduler that answers", shown, fix, cause if isinstance(cause, BaseException) else None
    )


def _require_address(address: object) -> None:
    """Raise where a scheduler's address has no host or no port, or is of a scheme that Dask does not know."""
    expected = "an address of a Dask scheduler, tcp://HOST:PORT"
    if not isinstance(address, str):
        raise InvalidTypeError(explain("scheduler", expected, f"{address!r}"))
    try:
        # What Dask takes for tcp.
        parts = urlsplit(address if "://" in address else f"tcp://{address}")
        import_module("distributed.comm.registry").get_backend(parts.scheme)
        whole = parts.scheme == "inproc" or bool(
            parts.hostname and parts.port and not (parts.path or parts.query or parts.fragment or parts.username)
        )
    except (ValueError, ImportError):
        whole = False
    if not whole:
        raise InvalidValueError(explain("scheduler", expected, f"{address!r}"))


def _ask_scheduler(address: str, seconds: float) -> None:
    """Raise where no scheduler answers at an address: in a thread of its own, since what listens there may be anything."""
    answers = SimpleQueue[Any]()
    threading.Thread(target=lambda: answers.put(_identity(address, seconds)), daemon=True).start()
    try:
        found = answers.get(timeout=seconds)
    except Empty:
        raise _silent(address, f"no answer within {seconds:g} s") from None
    if isinstance(found, BaseException):
        raise _silent(address, found) from found
    if found != "Scheduler":
        raise _silent(address, f"a {found} of Dask")


def _identity(address: str, seconds: float) -> str | BaseException:
    """Return what a server of Dask says that it is, or why nothing is there."""
    distributed = _distributed()

    async def ask() -> str:
        options = distributed.Security().get_connection_args("client")
        async with distributed.rpc(address, timeout=seconds, connection_args=options) as server:
            return str((await server.identity())["type"])

    try:
        parts = urlsplit(address if "://" in address else f"tcp://{address}")
        if parts.hostname and parts.port:
            # Dask tries again and again where nothing listens.
            socket.create_connection((parts.hostname, parts.port), timeout=seconds).close()
        return asyncio.run(ask())
    except BaseException as error:
        return error


def _distributed() -> Any:
    try:
        return import_module("distributed")
    except ImportError as cause:
        raise MissingDependencyError(
            explain("distributed", "the package installed", "none", "pip install 'boundcheck[dask]'")
        ) from cause
