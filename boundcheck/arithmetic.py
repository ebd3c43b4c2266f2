"""The arithmetic that certified code rests on: gradual underflow, and threads that can be waited for.

The bounds on errors hold where a result too small for a normal number is rounded to a subnormal one, as IEEE 754 says.
``torch.set_flush_denormal(True)``, and any library built with -ffast-math, makes a thread take 0 for it. :func:`certified`
sets the mode around a function and puts it back after; a thread that is started in a mode begins with it, so those that
torch has started already are tried where work is large enough for them, and left out where they flush.

A process that was forked has none of the threads that torch's pools wait for: there, everything runs on one. Nor has it those
that would let go of what they held: so forking waits for threads of a pool that are done but not gone, in which the libraries
below still tidy up.
"""

from __future__ import annotations

import functools
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

import torch

from boundcheck.errors import ArithmeticModeError, explain
from boundcheck.forks import held_in_forks

__all__ = [
    "Workers",
    "before_threads",
    "certified",
    "flushed_before",
    "keeps_subnormals",
    "one_thread_each",
    "others_code",
    "require_subnormals",
    "threads_here",
]

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

# The least normal number.
_LEAST = 2.0**-1022
# Torch shares out work on so many coordinates of distances, or so many numbers.
_SHARED = 1 << 11

# So many seconds at most, forking waits for threads that are done.
_LONGEST_END = 5.0

# Whether this process was forked: the threads of the one it is a copy of are not here.
_forked = False


def _note_fork() -> None:
    global _forked
    _forked = True
    _held.clear()
    _begun.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_note_fork)


class _State(threading.local):
    """How deep in certified functions a thread is, whether it flushed before, and whether torch's threads were tried.

    `shared` is whether it is one of several that work was shared out among.
    """

    depth = 0
    flushed = False
    shared = False
    tried = False
    alone = False


_state = _State()


def keeps_subnormals() -> bool:
    """Return whether this thread rounds to subnormal numbers, and computes with them."""
    return _LEAST * 0.5 * 2.0 == _LEAST


def flushed_before() -> bool:
    """Return whether this thread took 0 for subnormal numbers before the certified function that runs in it."""
    return _state.flushed


def require_subnormals() -> None:
    """Set the mode that certified code needs, in this thread.

    Raises
    ------
    ArithmeticModeError
        If it cannot be set.
    """
    if keeps_subnormals():
        return
    torch.set_flush_denormal(False)
    if not keeps_subnormals():
        raise ArithmeticModeError(
            explain("arithmetic", "numbers below 2.2e-308 kept", "a processor mode that takes 0 for them")
        )
    _state.flushed = True


@contextmanager
def _certifying() -> Iterator[None]:
    _state.depth += 1
    try:
        require_subnormals()
        if _forked and not _state.alone:
            _leave_out_threads()
        yield
    finally:
        _state.depth -= 1
        if not _state.depth:
            _put_back()


def _leave_out_threads() -> None:
    _state.alone = True
    _take_threads()


def _put_back() -> None:
    _state.tried = False
    if _state.alone:
        _state.alone = False
        _give_threads_back()
    if _state.flushed:
        _state.flushed = False
        torch.set_flush_denormal(True)


def certified(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Run a function in the arithmetic that it is certified for, and leave this thread as it was."""

    @functools.wraps(function)
    def guarded(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        with _certifying():
            return function(*args, **kwargs)

    return guarded


@contextmanager
def others_code() -> Iterator[None]:
    """Run what a caller brought (an embedding) in the mode that the caller had, and take care of what it leaves."""
    if _state.flushed:
        _state.flushed = False
        torch.set_flush_denormal(True)
    try:
        yield
    finally:
        if _state.depth:
            require_subnormals()


def before_threads(numbers: int) -> None:
    """Try torch's threads before they share out work on so many numbers, once in a certified function."""
    if numbers > _SHARED and _state.depth and not _state.tried:
        _state.tried = True
        if not _pool_keeps_subnormals():
            _leave_out_threads()


def _pool_keeps_subnormals() -> bool:
    threads = torch.get_num_threads()
    if threads == 1:
        return True
    # Each thread adds up some differences, each below the least normal number.
    ones = torch.full((threads, _SHARED), 1.5 * _LEAST, dtype=torch.float64, device="cpu")
    sums = torch.cdist(ones, torch.full((1, _SHARED), _LEAST, dtype=torch.float64, device="cpu"), p=1)
    return bool((sums == 0.5 * _SHARED * _LEAST).all())


# ------------------------------------------------------------------------------------------------- how many threads

_lock = held_in_forks(threading.Lock())
_held: list[int] = []


def _take_threads() -> int:
    with _lock:
        count = _held[0] if _held else torch.get_num_threads()
        _held.append(count)
        torch.set_num_threads(1)
    return count


def _give_threads_back() -> None:
    with _lock:
        if not _held:
            # Taken before a fork.
            return
        count = _held.pop()
        if not _held:
            torch.set_num_threads(count)


@contextmanager
def one_thread_each() -> Iterator[int]:
    """Let every operation of torch run on the thread that asks for it, and yield how many threads there are.

    The count belongs to the process: it is put back when the last of those that run at once is done.
    """
    count = _take_threads()
    try:
        yield _of_this_thread(count)
    finally:
        _give_threads_back()


def threads_here() -> int:
    """Return among how many threads work may be shared out here: one of :class:`Workers` has its share already.

    In a process that was forked it is one, as for torch: see :func:`one_thread_each`.
    """
    return _of_this_thread(torch.get_num_threads())


def _of_this_thread(count: int) -> int:
    return 1 if _forked or _state.shared else max(1, count)


class Workers(ThreadPoolExecutor):
    """A pool whose threads each have one thread of torch and of the library below it; every pool of the package is one.

    How many threads OpenMP and BLAS take is a setting of the thread that calls them: what the starter of a pool has set
    does not reach its workers, which would each wake as many as there are cores. What is shared out in a worker again
    runs there. The caller's own count is put back when the pool has shut down.
    """

    def __init__(self, count: int) -> None:
        super().__init__(count, initializer=_begin_worker)
        self._taken = True
        _take_threads()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the pool; see :meth:`concurrent.futures.Executor.shutdown`."""
        super().shutdown(wait, cancel_futures=cancel_futures)
        if wait and self._taken:
            self._taken = False
            _give_threads_back()


# The last that were begun: of those before, the system has long heard the end.
_begun: deque[threading.Thread] = deque(maxlen=256)


def _begin_worker() -> None:
    _begun.append(threading.current_thread())
    _state.shared = True
    torch.set_num_threads(1)


def _wait_until_gone() -> None:
    """Wait for threads that Python has done with: at its end, one tells BLAS that its memory is free, and holds a lock."""
    end = time.monotonic() + _LONGEST_END
    for thread in tuple(_begun):
        while not thread.is_alive() and os.path.exists(f"/proc/self/task/{thread.native_id}"):
            # A number may be another thread's by now.
            if time.monotonic() > end:
                return
            time.sleep(0.0005)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_wait_until_gone)
