"""The bounds that boundcheck knows, each stated once: theorem K with its chain, and what is sharper or lies beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from boundcheck.errors import require_named
from boundcheck.language import Bound
from boundcheck.theorems.aggregators import AGGREGATORS
from boundcheck.theorems.karimov import K_ANY_SIZES, K
from boundcheck.theorems.lower import LOWER
from boundcheck.theorems.transfer import GROUP
from boundcheck.theorems.upper import LADDER, UPPER

__all__ = ["IN_THE_LIBRARY", "KNOWN", "K_ANY_SIZES", "LADDER", "K", "every", "get"]

KNOWN: Mapping[str, Bound] = MappingProxyType(
    {bound.name: bound for bound in (K, K_ANY_SIZES, *UPPER, *LOWER, GROUP, *AGGREGATORS)}
)
"""Every theorem by name."""


#: The theorems that the library of published statements has too, which takes longer to load than all theorems.
IN_THE_LIBRARY = frozenset({"transport"})


def every() -> Mapping[str, Bound]:
    """Return every statement by name: the theorems, the links of their chains, and the order of their right sides."""
    found: dict[str, Bound] = {}
    for bound in (*KNOWN.values(), *LADDER):
        for statement in (bound, *bound.chain):
            found.setdefault(statement.name, statement)
    return MappingProxyType(found)


def get(name: str, *, beside: Iterable[str] = ()) -> Bound:
    """Return the statement of that name.

    Parameters
    ----------
    name
        Of a theorem or of a link of its chain.
    beside
        Names of statements that are elsewhere, one of which may have been meant.

    Raises
    ------
    InvalidValueError
        If there is none; the message lists the theorems there are, and the names that are near.
    """
    known = every()
    if name not in known:
        require_named("bound", name, KNOWN, beside=[*known, *beside])
    return known[name]
