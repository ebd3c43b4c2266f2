"""What terms, premises and bounds have in common: equal by what they are made of, hashed once, rebuilt part by part."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any, TypeVar

from boundcheck.printable import Brief

__all__ = ["Hashed", "with_parts"]


class Hashed(Brief):
    """The base of terms, of what they are made of and of what is made of them: hashed once, however often it is looked up."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "__hash__" not in cls.__dict__:
            # One of its own in every class: dataclass leaves that as it is, and replaces one that is inherited.
            cls.__hash__ = Hashed.__hash__  # type: ignore[method-assign]

    def __hash__(self) -> int:
        known: int | None = self.__dict__.get("_hash")
        if known is None:
            named = (field.name for field in fields(self) if field.compare)  # type: ignore[arg-type]
            known = hash((type(self), *(getattr(self, name) for name in named)))
            object.__setattr__(self, "_hash", known)
        return known

    def formulas(self) -> Mapping[str, str]:
        """Return what is mathematics as HTML, by its text; nothing where the LaTeX printer cannot read it."""
        # The printer is of what has this base.
        from boundcheck.language.mathml import formulas_of

        return formulas_of(self)

    def __getstate__(self) -> dict[str, object]:
        # Not what was found out on the way: strings hash differently in another process.
        return {field.name: self.__dict__[field.name] for field in fields(self)}  # type: ignore[arg-type]


Made = TypeVar("Made")


def with_parts(made: Made, change: Callable[[Any], Any]) -> Made:
    """Return what is made of fields with `change` applied to every field, to the items of one that is a tuple, and so on.

    The same where nothing changes.
    """

    def changed(value: Any) -> Any:
        return tuple(map(changed, value)) if isinstance(value, tuple) else change(value)

    old = {field.name: getattr(made, field.name) for field in fields(made)}  # type: ignore[arg-type]
    new = {name: changed(value) for name, value in old.items()}
    return made if new == old else replace(made, **new)  # type: ignore[type-var]
