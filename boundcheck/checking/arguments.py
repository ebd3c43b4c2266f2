"""What a check of a bound over any number of collections is given, by the names that the bound has for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import torch

from boundcheck.checking.heads import Maps, as_map
from boundcheck.checking.parameters import symbol_of
from boundcheck.errors import InvalidTypeError, ParameterError, explain
from boundcheck.language import Bound, Collection, Map, Parameter, Weights
from boundcheck.language.kept import kept

__all__ = [
    "called",
    "collections_given",
    "maps_given",
    "narrowed",
    "needed",
]


@kept
def needed(bound: Bound) -> tuple[Collection, ...]:
    """Return the collections that a bound, its premises or its chain say something of, in its order."""
    premises = (premise.collections() for premise in bound.spelled_out)
    chain = (link.rhs.collections() for link in bound.chain)
    spoken = frozenset[Collection]().union(*(term.collections() for term in bound.terms()), *premises, *chain)
    return tuple(one for one in bound.collections if one in spoken)


def narrowed(bound: Bound, given: Iterable[Collection]) -> Bound:
    """Return a bound over the collections that are given: it says nothing of the others."""
    among = set(given)
    kept_ones = tuple(one for one in bound.collections if one in among)
    if kept_ones == bound.collections:
        return bound
    known = _narrowed(bound)
    if kept_ones not in known:
        known[kept_ones] = replace(bound, collections=kept_ones)
    return known[kept_ones]


@kept
def _narrowed(bound: Bound) -> dict[tuple[Collection, ...], Bound]:
    """Return a bound's variants over fewer collections that were asked for: each the same whenever it is."""
    return {}


def called(bound: Bound, collections: Iterable[Collection] | None = None) -> str:
    """Return what a bound's collections may be called, for people: ``x (or G1), z (or G2)``."""
    among = bound.collections if collections is None else collections
    return ", ".join(one.symbol if one.symbol == one.argument else f"{one.symbol} (or {one.argument})" for one in among)


def collections_given(
    bound: Bound, named: Mapping[str, Any], more: Mapping[str, Any] | None
) -> dict[Collection, tuple[str, Any]]:
    """Return what is given for each collection, with the name that it was given under: its symbol or its argument.

    Parameters
    ----------
    bound
        Whose collections.
    named
        What came as keywords.
    more
        What came as a mapping, where a symbol is no keyword or is one of another meaning.

    Raises
    ------
    InvalidTypeError
        If `more` is no mapping.
    ParameterError
        If a name is of no collection, two are of one, or one that the bound speaks of is missing.
    """
    if more is not None and not isinstance(more, Mapping):
        raise InvalidTypeError(explain("collections", "a mapping from names to collections, or None", f"{more!r}"))
    by_name = {name: one for one in bound.collections for name in (one.argument, one.symbol)}
    # A symbol goes before another collection's argument.
    by_name |= {one.symbol: one for one in bound.collections}
    found: dict[Collection, tuple[str, Any]] = {}
    for name, objects in [*named.items(), *(more or {}).items()]:
        collection = by_name.get(name)
        if collection is None:
            raise ParameterError(
                explain(
                    f"{name}",
                    f"a collection of bound {bound.name!r}, which are {called(bound)}",
                    "a name that it has not",
                    _meant(bound, name),
                )
            )
        if collection in found:
            other = found[collection][0]
            raise ParameterError(
                explain(name, f"one of {other} and {name}", "both", f"they are one collection of {bound.name!r}")
            )
        found[collection] = name, objects
    missing = [one for one in needed(bound) if one not in found]
    if missing:
        calls = ", ".join(f"{one.symbol}=…" if one.symbol.isidentifier() else f"{one.argument}=…" for one in missing)
        raise ParameterError(
            explain(
                f"collections of bound {bound.name!r}",
                called(bound, needed(bound)),
                f"no {', '.join(one.symbol for one in missing)}",
                f"pass {calls}",
            )
        )
    if not found:
        # Of a statement about numbers alone; even so, it is one about some space.
        raise ParameterError(
            explain(
                f"collections of bound {bound.name!r}", f"at least one of {called(bound)}", "none", "pass one, x=… say"
            )
        )
    return {one: found[one] for one in bound.collections if one in found}


def _meant(bound: Bound, name: str) -> str | None:
    """Return what to do about a name that is of no collection, if it is of something else."""
    kinds: tuple[tuple[str, Iterable[Parameter | Map | Weights]], ...] = (
        ("parameters", bound.parameters()),
        ("maps", bound.maps()),
        ("weights", bound.weights()),
    )
    for kind, ones in kinds:
        if name in {one.symbol for one in ones}:
            return f"pass {kind}={{{name!r}: …}}"
    if name in ("aggregator", "head", "lipschitz"):
        return f"check_bound takes {name}; here pass weights, maps and parameters"
    return None


def maps_given(
    bound: Bound, maps: Mapping[Any, Any] | None, batch_size: int, device: str | torch.device | None
) -> Maps:
    """Return what each map of a bound stands for, given by symbol or by the map itself.

    Raises
    ------
    InvalidTypeError, ParameterError
        If the bound has no such map, one is missing, or what stands for it is no function.
    """
    if maps is not None and not isinstance(maps, Mapping):
        raise InvalidTypeError(explain("maps", "a mapping from symbols to functions, or None", f"{maps!r}"))
    known = {map.symbol: map for map in bound.maps()}
    found: dict[Map, Any] = {}
    for key, function in (maps or {}).items():
        symbol = symbol_of(key)
        place = f"maps[{symbol!r}]"
        if symbol not in known:
            raise ParameterError(
                explain(place, f"a map of bound {bound.name!r} ({', '.join(known) or 'none'})", "another")
            )
        found[known[symbol]] = as_map(place, function, batch_size, device)
    for symbol, map in known.items():
        if map not in found:
            raise ParameterError(
                explain(
                    f"maps[{symbol!r}]",
                    f"what the map {symbol} of bound {bound.name!r} stands for",
                    "none",
                    f"pass maps={{{symbol!r}: …}}, a function of points, shape (k, d)",
                )
            )
    return found
