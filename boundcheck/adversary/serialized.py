"""Bounds written down: as plain JSON types, and as the Python that builds them.

Both are read off the dataclasses that terms are. What is read back is built from the language's own classes alone:
nothing in a file is run.
"""

from __future__ import annotations

import enum
import re
from dataclasses import fields, is_dataclass
from fractions import Fraction
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from boundcheck import language
from boundcheck.errors import BoundcheckError, FileFormatError, explain
from boundcheck.language import FUNCTIONS, Bound, Function, Power, Premise, Rules, Term
from boundcheck.language.rules import constructs
from boundcheck.printable import printable

__all__ = ["as_python", "read", "write"]

_CLASSES = {
    name: kind
    for name in language.__all__
    if isinstance(kind := getattr(language, name), type) and (is_dataclass(kind) or issubclass(kind, enum.Enum))
}
# What stands for others, and is nothing itself.
_ABSTRACT = {language.Premise, language.Scalar, language.Term, language.Vector}
# Of each of the two numbers of a fraction: float64's smallest number has 324 of them.
_DIGITS = 400
_FRACTION = re.compile(rf"-?[0-9]{{1,{_DIGITS}}}(?:/[1-9][0-9]{{0,{_DIGITS - 1}}})?")
# Beyond it, exact powers of a few points are numbers of any length.
_LARGEST_EXPONENT = 64
# What a statement is; the rest is for people, or follows from it.
_STATED = ("name", "lhs", "rhs", "premises", "collections", "relation", "space")

#: The fields of each kind of term and premise.
WRITTEN: Rules[tuple[str, ...]] = Rules(
    "a bound as JSON or Python",
    object,
    {kind: tuple(field.name for field in fields(kind)) for kind in constructs(object)},
    fix="a file is read by the language's own classes alone",
)


def write(value: object) -> Any:
    """Return a bound, a term or what they are made of as plain JSON types.

    In place of a premise of a kind that the language does not have, those that it is expressed by are written.

    Raises
    ------
    TermError
        If a term is of a kind that the language does not have, or a premise is and is not expressed by others.
    FileFormatError
        If it is nothing that bounds are made of.
    """
    match value:
        case None | bool() | int() | str():
            return value
        case Fraction():
            return {"Fraction": str(value)}
        case enum.Enum():
            return {type(value).__name__: value.name}
        case Function():
            return {"Function": _name_of(value)}
        case tuple():
            return [write(item) for item in _in_kinds_of_the_language(value)]
        case Premise() if (said := _in_kinds_of_the_language((value,))) != (value,):
            return write(said[0] if len(said) == 1 else said)
        case _:
            return {type(value).__name__: {name: write(getattr(value, name)) for name in _fields(value)}}


def read(written: Any) -> Any:
    """Return what :func:`write` wrote; each part must be of the type that its place has.

    Raises
    ------
    FileFormatError
        If it is nothing that the language has, or means nothing.
    """
    if written is None or isinstance(written, (bool, int)):
        return written
    if isinstance(written, str):
        if printable(written) != written:
            raise FileFormatError(explain("bundle", "names that can be shown", f"{written[:80]!r}"))
        return written
    if isinstance(written, list):
        return tuple(read(item) for item in written)
    if isinstance(written, dict) and len(written) == 1:
        (name, content) = next(iter(written.items()))
        try:
            if name == "Fraction":
                return _fraction(content)
            if name == "Function":
                # By name alone: what a function is stands in the language, and nothing in a file is run.
                return FUNCTIONS[content]
            kind = _CLASSES.get(name)
            if kind is not None and issubclass(kind, enum.Enum):
                return kind[content]
            if kind is not None and isinstance(content, dict) and kind not in _ABSTRACT:
                return _built(kind, content)
        except (BoundcheckError, AttributeError, ArithmeticError, KeyError, TypeError, ValueError) as error:
            raise FileFormatError(explain("bundle", f"a {name} of the language", f"{error}")) from error
    raise FileFormatError(explain("bundle", "a term of the language", f"{str(written)[:80]!r}"))


def _fraction(content: Any) -> Fraction:
    """Return a fraction as it is written here; in any other way, a few digits may be a number of any length."""
    if not isinstance(content, str) or not _FRACTION.fullmatch(content):
        raise FileFormatError(
            explain("Fraction", f"whole numbers of at most {_DIGITS} digits, as '1/2'", f"{str(content)[:80]!r}")
        )
    return Fraction(content)


def _built(kind: type, content: dict[str, Any]) -> Any:
    """Return a term or premise of its parts."""
    hints = _hints(kind)
    parts = {field: read(part) for field, part in content.items()}
    for field, part in parts.items():
        if field not in hints or (kind is Bound and field not in _STATED):
            raise FileFormatError(explain(kind.__name__, f"no parts but {', '.join(hints)}", f"{field!r}"))
        if not _fits(part, hints[field]):
            raise FileFormatError(explain(f"{kind.__name__}.{field}", f"{hints[field]}", f"{str(part)[:80]!r}"))
    if kind is Power and abs(parts["exponent"]) > _LARGEST_EXPONENT:
        raise FileFormatError(explain("exponent", f"one within ±{_LARGEST_EXPONENT}", f"{str(parts['exponent'])[:80]}"))
    return kind(**parts)


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _fits(value: object, hint: Any) -> bool:
    """Say whether a value is of the type that a term's part has."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin is tuple:
        if not isinstance(value, tuple):
            return False
        if parts[-1] is Ellipsis:
            return all(_fits(one, parts[0]) for one in value)
        return len(value) == len(parts) and all(map(_fits, value, parts))
    if origin in (Union, UnionType):
        return any(_fits(value, part) for part in parts)
    if origin is None and isinstance(hint, type):
        return isinstance(value, hint) and not (isinstance(value, bool) and hint is not bool)
    return False


def as_python(value: object) -> str:
    """Return the Python expression that builds a bound, given the names of :mod:`boundcheck.language` and Fraction."""
    match value:
        case None | bool() | int() | str():
            return repr(value)
        case Fraction():
            return f"Fraction({value.numerator}, {value.denominator})"
        case enum.Enum():
            return f"{type(value).__name__}.{value.name}"
        case Function():
            return f"FUNCTIONS[{_name_of(value)!r}]"
        case tuple():
            items = _in_kinds_of_the_language(value)
            return f"({', '.join(map(as_python, items))}{',' if len(items) == 1 else ''})"
        case Premise() if (said := _in_kinds_of_the_language((value,))) != (value,):
            return as_python(said[0] if len(said) == 1 else said)
        case _:
            parts = ", ".join(f"{name}={as_python(getattr(value, name))}" for name in _fields(value))
            return f"{type(value).__name__}({parts})"


def _name_of(function: Function) -> str:
    """Return the name of one of the language's own functions."""
    if FUNCTIONS.get(function.name) != function:
        raise FileFormatError(
            explain("bound", f"functions of the language: {', '.join(sorted(FUNCTIONS))}", f"another, {function}")
        )
    return function.name


def _in_kinds_of_the_language(items: tuple[object, ...]) -> tuple[object, ...]:
    """Return the items of a tuple, and in place of a premise of another kind, those that it is expressed by."""
    return tuple(
        part
        for item in items
        for part in ([one for one, _ in WRITTEN.each((item,))] if isinstance(item, Premise) else (item,))
    )


def _fields(value: object) -> tuple[str, ...]:
    if isinstance(value, Bound):
        return _STATED
    if isinstance(value, Term | Premise):
        return WRITTEN.of(value)
    if _CLASSES.get(type(value).__name__) is not type(value) or not is_dataclass(value):
        # One that only has the name of the language's own would be read back as that one.
        raise FileFormatError(explain("bound", "terms and premises of the language", f"{value!r}"))
    # Most indices are apart from none.
    return tuple(field.name for field in fields(value) if field.name != "apart" or value.apart)  # type: ignore[attr-defined]
