"""Freed memory given back to the system, where the allocator of the C library would keep it.

Blocks of a large computation are arrays of many megabytes, one like the next. Arrays of torch begin at multiples of 64
bytes, and glibc before 2.38 does not always use a freed piece of such a place for the next array of the same size: it takes
new memory, block after block, so that a process that never has more than 100 MB of arrays grows by gigabytes.
"""

from __future__ import annotations

import ctypes
import mmap
from collections.abc import Callable
from functools import cache
from pathlib import Path

__all__ = ["MUCH", "Freed", "held"]

#: Growth in bytes after which freed memory is given back: what is given back has to be taken anew, which takes time.
MUCH = 1 << 30

_STATM = Path("/proc/self/statm")


class Freed:
    """Gives freed memory back, as often as a process has grown by much since it began or gave back last."""

    def __init__(self) -> None:
        self._trim = _trim()
        self._before = held() if self._trim is not None else 0

    def give_back(self) -> None:
        """Give freed memory back to the system if there may be much; without glibc, do nothing."""
        if self._trim is not None and held() > self._before + MUCH:
            self._trim(0)
            self._before = held()


def held() -> int:
    """Return how many bytes of memory this process has at the moment; 0 where the system does not say."""
    try:
        return int(_STATM.read_bytes().split()[1]) * mmap.PAGESIZE
    except (OSError, IndexError, ValueError):
        return 0


@cache
def _trim() -> Callable[[int], int] | None:
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError, TypeError):
        # Other C libraries have none; on Windows there is no library without a name.
        return None
    trim.argtypes, trim.restype = [ctypes.c_size_t], ctypes.c_int
    return trim
