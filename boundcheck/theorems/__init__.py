"""The bounds that boundcheck knows, each stated once."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from boundcheck.errors import InvalidValueError, explain
from boundcheck.language import Bound
from boundcheck.theorems.karimov import K_ANY_SIZES, K

__all__ = ["KNOWN", "K_ANY_SIZES", "K", "get"]

KNOWN: Mapping[str, Bound] = MappingProxyType({bound.name: bound for bound in (K, K_ANY_SIZES)})
"""Every bound by name."""


def get(name: str) -> Bound:
    """Return the bound of that name.

    Raises
    ------
    InvalidValueError
        If there is none; the message lists those there are.
    """
    try:
        return KNOWN[name]
    except KeyError:
        raise InvalidValueError(explain("bound", f"one of {', '.join(KNOWN)}", f"{name!r}")) from None
