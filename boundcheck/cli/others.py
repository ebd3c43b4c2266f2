"""``boundcheck check`` and ``scan`` for bounds over other collections than anchors, positives and negatives."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from boundcheck.cli.printing import print_json, print_json_text, print_rich, print_tables, progress_wanted, say
from boundcheck.cli.statuses import status_of

if TYPE_CHECKING:
    from boundcheck.language import Bound, Parameter
    from boundcheck.scanning.tuples import TupleScan

Value = TypeVar("Value")

__all__ = ["check_others", "given_values", "is_of_others", "scan_others"]


def is_of_others(bound: Bound) -> bool:
    """Say whether a bound is over other collections than the three of a triple."""
    from boundcheck.language import SETTING

    return set(bound.collections) != set(SETTING)


def given_values(bound: Bound, m: float | None, values: tuple[str, ...]) -> dict[Parameter, float]:
    """Return the values of a bound's parameters: --m, and each --parameter NAME=VALUE."""
    from boundcheck.checking import given_parameters

    return given_parameters(
        bound, m, _by_name("--parameter", "NAME=VALUE, a number, and each name once", values, float)
    )


def _by_name(option: str, expected: str, words: tuple[str, ...], read: Callable[[str], Value]) -> dict[str, Value]:
    """Return what an option that is given as NAME=VALUE, once for each name, says of each name."""
    found: dict[str, Value] = {}
    for word in words:
        name, _, text = word.partition("=")
        refused = click.UsageError(f"{option}: expected {expected}, got {word!r}")
        if not (name and text) or name in found:
            raise refused
        try:
            found[name] = read(text)
        except ValueError:
            raise refused from None
    return found


def check_others(
    bound: Bound,
    file: Path,
    labels: Path | None,
    names: tuple[str, ...],
    given: dict[Parameter, float],
    aggregator: str | None,
    norm: float,
    equal_sizes: bool,
    parts: int | None,
    count: int,
    seed: int,
    as_json: bool,
) -> int:
    """Check a bound on what a file has for its collections: arrays of their names, those that --collection names, or tuples."""
    from boundcheck.checking import check
    from boundcheck.checking.choices import bound_to_check
    from boundcheck.data.files import read_arrays, read_grouped

    arrays = read_arrays(file)
    chosen = _by_name("--collection", "SYMBOL=NAME, each symbol once", names, str)
    options: dict[str, Any] = {
        "parameters": dict(given.items()),
        "norm": norm,
        "equal_sizes": equal_sizes,
        "weights": None if aggregator is None else {one.symbol: aggregator for one in bound.weights()},
    }
    of_family = _is_of_family(bound)
    if not labels and not chosen and not of_family and (own := _arrays_of(bound, arrays)) is not None:
        return _said(check(bound, None, collections=own, **options), as_json)
    labelled = read_grouped(arrays, read_arrays(labels) if labels else None)
    if of_family:
        from boundcheck.scanning.tuples import members_of_classes, require_one_family

        family = require_one_family(bound)
        _require_of_points(bound, given)
        if chosen:
            raise click.UsageError("--collection: a family is of all classes, or of --parts of them")
        if parts is None:
            classes, members = members_of_classes(labelled)
            of_class = {name: labelled.points[rows] for name, rows in zip(classes, members, strict=True)}
            return _said(check(bound, None, collections={family.symbol: of_class}, **options), as_json)
    _require_no_parts(bound, parts)
    if chosen:
        _require_each(bound, chosen)
        own = {}
        for symbol, name in chosen.items():
            if name not in labelled.names:
                some = ", ".join(labelled.names[:4])
                raise click.UsageError(f"--collection {symbol}={name}: FILE has no such collection ({some}, …)")
            own[symbol] = labelled.points[labelled.members[labelled.names.index(name)]]
        return _said(check(bound, None, collections=own, **options), as_json)
    options = {"sample": count, "seed": seed, "progress": progress_wanted(as_json)}
    return _told(
        _scanned(bound_to_check(bound, equal_sizes), labelled, given, aggregator, norm, parts, options), as_json
    )


def scan_others(
    bounds: tuple[Bound, ...],
    labelled: Any,
    said: str,
    given: dict[str, dict[Parameter, float]],
    norm: float,
    parts: int | None,
    report: Path | None,
    aggregator: str | None,
    options: dict[str, Any],
    as_json: bool,
) -> int:
    """Scan bounds over other collections, each over all tuples that its roles allow; `options` are those of a scan."""
    from boundcheck.evaluate import Verdict

    for option, value in (("--report", report), ("--journal", options["journal"])):
        if value is not None and len(bounds) > 1:
            raise click.UsageError(f"{option} is of one bound over other collections than x, z and w")
    found = {
        bound.name: _scanned(bound, labelled, given[bound.name], aggregator, norm, parts, options) for bound in bounds
    }
    verdict = Verdict.worst(one.verdict for one in found.values())
    if as_json:
        print_json(
            {"verdict": verdict.value, "bounds": {name: one.to_dict() for name, one in found.items()}}, allow_nan=False
        )
    else:
        print_tables(*(table for one in found.values() for table in one.tables()))
    if report is not None:
        next(iter(found.values())).write_page(report, said)
        if not as_json:
            say(f"report: {report}")
    return status_of(verdict)


def _scanned(
    bound: Bound,
    labelled: Any,
    given: dict[Parameter, float],
    aggregator: str | None,
    norm: float,
    parts: int | None,
    options: dict[str, Any],
) -> TupleScan:
    """Scan a bound over tuples of collections, or over a family on parts of so many classes, 2 if not said."""
    from boundcheck.scanning.tuples import require_one_family, scan_parts, scan_tuples

    of_family = _is_of_family(bound)
    if of_family:
        require_one_family(bound)
    _require_no_parts(bound, parts)
    _require_of_points(bound, given)
    weights = _weights_by(bound, aggregator, norm)
    known: dict[str, Any] = {"norm": norm, "parameters": given, "weights": weights, **options}
    return scan_parts(labelled, bound, parts or 2, **known) if of_family else scan_tuples(labelled, bound, **known)


def _is_of_family(bound: Bound) -> bool:
    from boundcheck.language import Family

    return any(isinstance(one, Family) for one in bound.collections)


def _require_no_parts(bound: Bound, parts: int | None) -> None:
    """Refuse a number of classes for a bound that is over none."""
    if parts is not None and not _is_of_family(bound):
        raise click.UsageError(f"--parts is for a bound over a family; {bound.name} is over {_over(bound)}")


def _require_of_points(bound: Bound, given: dict[Parameter, float]) -> None:
    """Refuse a bound that needs what no file has."""
    from boundcheck.checking.parameters import require_every_value

    require_every_value(bound, given)
    if bound.maps():
        raise click.UsageError(f"{bound.name} speaks of a map, which is a function: in Python, call boundcheck.check")


def _weights_by(bound: Bound, aggregator: str | None, norm: float) -> Callable[[Any, Any], Any] | None:
    """Return what gives a bound's weights, if it has any."""
    if bound.weights() and aggregator is None:
        raise click.UsageError(f"--bound {bound.name} needs --aggregator, which gives the weights")
    if aggregator is not None and not bound.weights():
        raise click.UsageError(f"--aggregator gives weights, of which bound {bound.name} has none")
    if aggregator is None:
        return None
    import torch

    # A name that gives no weights is refused here, and not in a block.
    _pooled(bound.weights()[0], torch.zeros(1, 1, dtype=torch.float64), aggregator=aggregator, norm=norm)
    return partial(_pooled, aggregator=aggregator, norm=norm)


def _pooled(weights: Any, points: Any, *, aggregator: str, norm: float) -> Any:
    from boundcheck.checking import pool

    return pool(weights, aggregator, points, norm)


def _require_each(bound: Bound, chosen: dict[str, str]) -> None:
    """Refuse a letter that the bound has not, and to leave one out."""
    from boundcheck.checking.arguments import called, needed

    known = {name for one in bound.collections for name in (one.symbol, one.argument)}
    for name in chosen:
        if name not in known:
            raise click.UsageError(f"--collection: expected one of {called(bound)}, got {name!r}")
    for one in needed(bound):
        if one.symbol not in chosen and one.argument not in chosen:
            raise click.UsageError(f"--collection: expected one for each of {called(bound)}, got none for {one.symbol}")


def _arrays_of(bound: Bound, arrays: dict[str, Any]) -> dict[str, Any] | None:
    """Return the arrays that a file has for a bound's collections, by symbol or argument; None if it lacks one."""
    from boundcheck.checking.arguments import needed

    found = {}
    for collection in needed(bound):
        name = next((name for name in (collection.symbol, collection.argument) if name in arrays), None)
        if name is None:
            return None
        found[name] = arrays[name]
    return found


def _over(bound: Bound) -> str:
    return ", ".join(map(str, bound.collections))


def _said(report: Any, as_json: bool) -> int:
    print_json_text(report.to_json()) if as_json else print_rich(report)
    return status_of(report.verdict)


def _told(scan: TupleScan, as_json: bool) -> int:
    if as_json:
        print_json(scan.to_dict(), allow_nan=False)
    else:
        print_tables(*scan.tables())
    return status_of(scan.verdict)
