"""Freed memory given back to the system, where the allocator of the C library would keep it.

Blocks of a large computation are arrays of many megabytes, one like the next. Arrays of torch begin at multiples of 64
bytes, and glibc before 2.38 does not use a freed piece of such a place for the next array of the same size: it takes new
memory, block after block, so that a process that never has more than 100 MB of arrays grows by gigabytes.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache

__all__ = ["give_back_freed"]


def give_back_freed() -> None:
    """Give freed memory back to the system; without glibc, do nothing."""
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Callable[[int], int] | None:
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError, TypeError):
        # Other C libraries have none; on Windows there is no library without a name.
        return None
    trim.argtypes, trim.restype = [ctypes.c_size_t], ctypes.c_int
    return trim
