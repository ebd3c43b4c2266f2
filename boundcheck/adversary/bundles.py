"""Files of counterexamples, which come from anywhere: read as what they must be, or refused, and nothing of them is run.

What is read is plain data within bounds: JSON without its extensions, numbers that are finite float64s, names that can be
shown, terms of the language. Whatever else a file holds is named in a FileFormatError, at once.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from boundcheck.adversary.serialized import read
from boundcheck.errors import FileFormatError, explain
from boundcheck.evaluate import Enclosed, Ground
from boundcheck.language import Bound, Family
from boundcheck.printable import printable

__all__ = ["FORMAT", "VERSION", "fields_of", "read_text"]

FORMAT, VERSION = "boundcheck counterexample", 1
_KEYS = ("format", "version", "bound", "norm", "points", "weights", "given", "lhs", "rhs", "ground", "seed", "embedded")
# What there may be besides: of every bundle, and of what falsify prints as JSON.
_MORE = ("boundcheck", "parameters", "maps", "partitions", "verdict", "tried", "snippet")
# How deep a bundle's lists and objects may be nested: the deepest of a known bound have 32 levels.
_DEEPEST = 120


def read_text(path: Path) -> str:
    """Return the text of a file.

    Raises
    ------
    FileFormatError
        If it is none in UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise _refusal(
            "a text file in UTF-8", f"{path}, which is none: {error.reason} at byte {error.start}"
        ) from error


def fields_of(text: str) -> dict[str, Any]:
    """Return what a bundle says of a counterexample, by the names of :class:`boundcheck.adversary.Refuted`'s fields.

    Raises
    ------
    FileFormatError
        If it is no bundle, or one of another version.
    """
    bundle = _parsed(text)
    if not isinstance(bundle, dict) or bundle.get("format") != FORMAT:
        raise FileFormatError(explain("bundle", f"a {FORMAT}", "something else", "Refuted.save() writes one"))
    if bundle.get("version") != VERSION or isinstance(bundle["version"], bool):
        raise _refusal(f"version {VERSION}", f"{_short(bundle.get('version'))}")
    missing = [key for key in _KEYS if key not in bundle]
    if missing:
        raise _refusal(f"the keys {', '.join(_KEYS)}", f"none of {', '.join(missing)}")
    unknown = [key for key in bundle if key not in (*_KEYS, *_MORE)]
    if unknown:
        raise _refusal(f"no keys but {', '.join((*_KEYS, *_MORE))}", f"{_short(unknown[0])}")
    stated = _table("bound", bundle["bound"])
    bound = read(stated.get("terms"))
    if not isinstance(bound, Bound):
        raise _refusal("the terms of a Bound", type(bound).__name__)
    reference = stated.get("reference")
    if reference is not None:
        reference = _text("reference", reference)
    fields: dict[str, Any] = {
        "bound": bound,
        "norm": math.inf if bundle["norm"] == "inf" else _number("norm", bundle["norm"]),
        "points": _by_name("points", bundle["points"], _rows),
        "weights": _by_name("weights", bundle["weights"], _numbers),
        "given": _by_name("given", bundle["given"], _number),
        "parameters": _by_name("parameters", bundle.get("parameters", {}), _enclosed),
        "lhs": _enclosed("lhs", bundle["lhs"]),
        "rhs": _enclosed("rhs", bundle["rhs"]),
        "ground": _ground(bundle["ground"]),
        "seed": _whole("seed", bundle["seed"]),
        "reference": reference,
        "embedded": _flag("embedded", bundle["embedded"]),
        "maps": _by_name("maps", bundle.get("maps", {}), lambda name, table: _by_name(name, table, _rows)),
    }
    fields["partitions"] = _by_name("partitions", bundle.get("partitions", {}), _partition)
    dimensions = sorted({len(rows[0]) for rows in fields["points"].values()})
    if len(dimensions) > 1:
        raise _refusal("points of one dimension", f"of {' and '.join(map(str, dimensions))}")
    for symbol, ratios in fields["weights"].items():
        if any(ratio < 0 for ratio in ratios) or not sum(ratios) > 0:
            raise _refusal(f"weights of {symbol} in [0, ∞), not all of them 0", _short(ratios))
    symbols = {
        "points": {one.symbol for one in bound.collections},
        "weights": {one.symbol for one in bound.weights()},
        "given": {one.symbol for one in bound.parameters()},
        "parameters": {one.symbol for one in bound.parameters()},
        "maps": {one.symbol for one in bound.maps()},
        "partitions": {one.symbol for one in bound.collections if isinstance(one, Family)},
    }
    for key, known in symbols.items():
        for symbol in fields[key]:
            if symbol not in known:
                raise _refusal(f"{key} of {', '.join(sorted(known)) or 'nothing'}", f"those of {symbol!r}")
    return fields


def _parsed(text: str) -> Any:
    """Return JSON as plain types; NaN, infinities, overflow and names that come twice are none."""

    def constant(name: str) -> NoReturn:
        raise _refusal("finite numbers", name)

    def decimal(digits: str) -> float:
        value = float(digits)
        if not math.isfinite(value):
            raise _refusal("numbers of float64's range", _short(digits))
        return value

    def whole(digits: str) -> int:
        if len(digits) > 400:
            raise _refusal("numbers of float64's range", f"one of {len(digits)} digits")
        return int(digits)

    def table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise _refusal("each name once", "one that comes again")
        return found

    try:
        bundle = json.loads(
            text, parse_constant=constant, parse_float=decimal, parse_int=whole, object_pairs_hook=table
        )
    except FileFormatError:
        raise
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        raise _refusal("JSON", f"{error}") from error
    level, depth = [bundle], 0
    while level:
        depth += 1
        if depth > _DEEPEST:
            raise _too_deep()
        level = [
            part
            for one in level
            if isinstance(one, (dict, list))
            for part in (one.values() if isinstance(one, dict) else one)
            if isinstance(part, (dict, list))
        ]
    return bundle


def _too_deep() -> FileFormatError:
    return _refusal(f"at most {_DEEPEST} levels of lists and objects", "more")


def _refusal(expected: str, got: str) -> FileFormatError:
    return FileFormatError(explain("bundle", expected, got))


def _short(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else f"{shown[:80]}…"


def _table(name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _refusal(f"{name} as an object", _short(value))
    return value


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or printable(value) != value:
        raise _refusal(f"{name} as text that can be shown", _short(value))
    return value


def _by_name(name: str, value: Any, read_one: Callable[[str, Any], Any]) -> dict[str, Any]:
    return {
        _text(f"a name of {name}", key): read_one(f"{name} of {key}", one) for key, one in _table(name, value).items()
    }


def _number(name: str, value: Any) -> float:
    """Return a number that is a finite float64 as it is written."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _refusal(f"{name} as a number", _short(value))
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number) or number != value:
        raise _refusal(f"{name} as a float64", _short(value))
    return number


def _whole(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _refusal(f"{name} as a whole number", _short(value))
    return value


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _refusal(f"{name} as true or false", _short(value))
    return value


def _list(name: str, value: Any) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise _refusal(f"{name} as a list that is not empty", _short(value))
    return value


def _numbers(name: str, value: Any) -> list[float]:
    return [_number(name, one) for one in _list(name, value)]


def _partition(name: str, value: Any) -> list[int]:
    sizes = [_whole(name, one) for one in _list(name, value)]
    if min(sizes) < 1:
        raise _refusal(f"{name} as numbers of points, 1 or more", _short(value))
    return sizes


def _rows(name: str, value: Any) -> list[list[float]]:
    rows = [_numbers(name, row) for row in _list(name, value)]
    if len({len(row) for row in rows}) > 1:
        raise _refusal(f"{name} of one dimension", f"rows of {' and '.join(sorted({str(len(row)) for row in rows}))}")
    return rows


def _enclosed(name: str, value: Any) -> Enclosed:
    pair = _numbers(name, value)
    if len(pair) != 2 or pair[1] < 0:
        raise _refusal(f"{name} as a number and its error", _short(value))
    return Enclosed(pair[0], pair[1])


def _ground(value: Any) -> Ground:
    table = _table("ground", value)
    bits, agreement = table.get("bits"), table.get("agreement")
    if set(table) != {"how", "bits", "equal", "agreement"} or table["how"] not in ("float64", "balls", "exact"):
        raise _refusal("ground with how, bits, equal and agreement", _short(value))
    for one in (bits, agreement):
        if one is not None and _whole("ground", one) < 0:
            raise _refusal("ground with numbers of bits", _short(value))
    return Ground(table["how"], bits, _flag("ground", table["equal"]), agreement)
