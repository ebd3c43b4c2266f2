"""Locks of a whole process, which no other thread holds while the process is forked.

The copy has one thread. What another held stays locked in it for ever, and what that guards half done: so who forks waits for
who holds such a lock, as Python does with its own (of imports, logging, pools).
"""

from __future__ import annotations

import os
from typing import Any, Protocol, TypeVar

__all__ = ["held_in_forks"]


class _Lock(Protocol):
    def acquire(self) -> Any: ...
    def release(self) -> None: ...


Lock = TypeVar("Lock", bound=_Lock)


def held_in_forks(lock: Lock) -> Lock:
    """Hold a lock for as long as each fork takes, from now on, and return it.

    Of several, those named last are taken first: one that threads take while they hold another is to be named before that.
    """
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=lock.acquire, after_in_parent=lock.release, after_in_child=lock.release)
    return lock
