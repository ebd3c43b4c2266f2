"""Bounds written down: as plain JSON types, and as the Python that builds them.

Both are read off the dataclasses that terms are. What is read back is built from the language's own classes alone:
nothing in a file is run.
"""

from __future__ import annotations

import enum
from dataclasses import fields, is_dataclass
from fractions import Fraction
from typing import Any

from boundcheck import language
from boundcheck.errors import BoundcheckError, FileFormatError, explain
from boundcheck.language import Bound, Premise, Rules, Term
from boundcheck.language.rules import constructs

__all__ = ["as_python", "read", "write"]

_CLASSES = {
    name: kind
    for name in language.__all__
    if isinstance(kind := getattr(language, name), type) and (is_dataclass(kind) or issubclass(kind, enum.Enum))
}
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

    Raises
    ------
    TermError
        If a term or a premise is of a kind that the language does not have.
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
        case tuple():
            return [write(item) for item in value]
        case _:
            return {type(value).__name__: {name: write(getattr(value, name)) for name in _fields(value)}}


def read(written: Any) -> Any:
    """Return what :func:`write` wrote.

    Raises
    ------
    FileFormatError
        If it is nothing that the language has, or means nothing.
    """
    if written is None or isinstance(written, (bool, int, str)):
        return written
    if isinstance(written, list):
        return tuple(read(item) for item in written)
    if isinstance(written, dict) and len(written) == 1:
        (name, content), kind = next(iter(written.items())), _CLASSES.get(next(iter(written)))
        try:
            if name == "Fraction":
                return Fraction(content)
            if kind is not None and issubclass(kind, enum.Enum):
                return kind[content]
            if kind is not None and isinstance(content, dict):
                return kind(**{field: read(part) for field, part in content.items()})
        except (BoundcheckError, AttributeError, KeyError, TypeError, ValueError) as error:
            raise FileFormatError(explain("bundle", f"a {name} of the language", f"{error}")) from error
    raise FileFormatError(explain("bundle", "a term of the language", f"{str(written)[:80]!r}"))


def as_python(value: object) -> str:
    """Return the Python expression that builds a bound, given the names of :mod:`boundcheck.language` and Fraction."""
    match value:
        case None | bool() | int() | str():
            return repr(value)
        case Fraction():
            return f"Fraction({value.numerator}, {value.denominator})"
        case enum.Enum():
            return f"{type(value).__name__}.{value.name}"
        case tuple():
            return f"({', '.join(map(as_python, value))}{',' if len(value) == 1 else ''})"
        case _:
            parts = ", ".join(f"{name}={as_python(getattr(value, name))}" for name in _fields(value))
            return f"{type(value).__name__}({parts})"


def _fields(value: object) -> tuple[str, ...]:
    if isinstance(value, Bound):
        return _STATED
    if isinstance(value, Term | Premise):
        return WRITTEN.of(value)
    if _CLASSES.get(type(value).__name__) is not type(value) or not is_dataclass(value):
        # One that only has the name of the language's own would be read back as that one.
        raise FileFormatError(explain("bound", "terms and premises of the language", f"{value!r}"))
    return tuple(field.name for field in fields(value))
