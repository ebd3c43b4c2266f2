"""Threads that share out the work on tiles, each with its own products; no result depends on how many there are."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from typing import TypeVar

import numpy as np
import torch

__all__ = ["in_order", "in_parallel", "one_thread_each"]

Place = TypeVar("Place")
Known = TypeVar("Known")
Reduced = TypeVar("Reduced")

# So many are under way at most before the first of them is taken.
_AHEAD = 16

_lock = threading.Lock()
_held: list[int] = []


@contextmanager
def one_thread_each() -> Iterator[int]:
    """Let every product run on the thread that asks for it, and yield how many threads there are for that.

    Threads of torch that wait for the next product would keep the cores busy that reduce this one. The count belongs to
    the process: it is put back when the last of those that run at once is done.
    """
    with _lock:
        count = _held[0] if _held else torch.get_num_threads()
        _held.append(count)
        torch.set_num_threads(1)
    try:
        yield max(1, count)
    finally:
        with _lock:
            _held.pop()
            if not _held:
                torch.set_num_threads(count)


def in_parallel(count: int, run: Callable[[int, int], None]) -> None:
    """Call run(first, last) on equal parts, as many as there are threads."""
    workers = min(max(1, torch.get_num_threads()), count)
    if workers <= 1:
        run(0, count)
        return
    ends = np.linspace(0, count, workers * 4 + 1).astype(int)
    with ThreadPoolExecutor(workers) as pool:
        for done in [pool.submit(run, int(a), int(b)) for a, b in pairwise(ends) if b > a]:
            done.result()


def in_order(
    places: Iterable[Place], run: Callable[[Place, Known], Reduced], known: Callable[[], Known]
) -> Iterator[tuple[Place, Reduced]]:
    """Run on each place and on what is known then, some at once, and yield the results in order.

    What is known at a place is what the results up to a fixed number before it have told: so it does not depend on
    the number of threads, and none waits for the others.
    """
    with one_thread_each() as workers, ThreadPoolExecutor(workers) as pool:
        under_way: deque[tuple[Place, Future[Reduced]]] = deque()
        try:
            for place in places:
                if len(under_way) == _AHEAD:
                    first, future = under_way.popleft()
                    yield first, future.result()
                under_way.append((place, pool.submit(run, place, known())))
            while under_way:
                first, future = under_way.popleft()
                yield first, future.result()
        finally:
            for _, future in under_way:
                future.cancel()
