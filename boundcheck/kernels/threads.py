"""Threads that share out the work on tiles, each with its own products; no result depends on how many there are."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from itertools import pairwise
from typing import TypeVar

import numpy as np

from boundcheck.arithmetic import Workers, one_thread_each, threads_here

__all__ = ["Workers", "in_order", "in_parallel", "one_thread_each"]

Place = TypeVar("Place")
Known = TypeVar("Known")
Reduced = TypeVar("Reduced")

# So many are under way at most before the first of them is taken.
_AHEAD = 16


def in_parallel(count: int, run: Callable[[int, int], None]) -> None:
    """Call run(first, last) on equal parts, as many as there are threads."""
    workers = min(threads_here(), count)
    if workers <= 1:
        run(0, count)
        return
    ends = np.linspace(0, count, workers * 4 + 1).astype(int)
    with Workers(workers) as pool:
        for done in [pool.submit(run, int(a), int(b)) for a, b in pairwise(ends) if b > a]:
            done.result()


def in_order(
    places: Iterable[Place], run: Callable[[Place, Known], Reduced], known: Callable[[], Known]
) -> Iterator[tuple[Place, Reduced]]:
    """Run on each place and on what is known then, some at once, and yield the results in order.

    What is known at a place is what the results up to a fixed number before it have told: so it does not depend on
    the number of threads, and none waits for the others.
    """
    with one_thread_each() as workers, Workers(workers) as pool:
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
