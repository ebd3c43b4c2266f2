"""What is found out of a term, a premise or a bound once, and kept with it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from boundcheck.language.structure import Hashed

__all__ = ["kept"]

Thing = TypeVar("Thing", bound=Hashed)
Found = TypeVar("Found")


def kept(find: Callable[[Thing], Found]) -> Callable[[Thing], Found]:
    """Return a function of one term, premise or bound that looks once, and keeps what it found with that object.

    As a cached property does, for what is not a part of the language. It is gone with the object, and is neither
    pickled nor copied.

    Examples
    --------
    >>> from boundcheck.language import Scalar, m
    >>> @kept
    ... def length(term: Scalar) -> int:
    ...     print("looking")
    ...     return len(list(term.walk()))
    >>> length(m), length(m)
    looking
    (1, 1)
    """
    name = f"{find.__module__}.{find.__qualname__}"

    @wraps(find)
    def found(thing: Thing) -> Found:
        known: dict[str, Found] = thing.__dict__
        if name not in known:
            known[name] = find(thing)
        return known[name]

    return found
