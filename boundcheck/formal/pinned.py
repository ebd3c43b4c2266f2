"""What theorems say that no bound states: a file ``Pinned*.v`` holds each statement, and Coq compares it with the theorem.

``Rounding__sum_any_order : Prop`` is what ``Rounding.sum_any_order`` proves, and ``Rounding__gamma__is : Prop`` that
``Rounding.gamma`` is defined so. A theorem that is weakened, or proved from a section's hypothesis, is of another type.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from boundcheck.formal.sources import OURS, Source

__all__ = ["Pin", "pins"]

_PINNED = re.compile(r"^Definition ([A-Za-z]\w*?)__(\w+?)(__is)? : Prop :=", re.MULTILINE)


@dataclass(frozen=True)
class Pin:
    """A statement and what it is of.

    Attributes
    ----------
    of
        The theorem, or the definition: ``"Rounding.sum_any_order"``.
    file
        The file that holds the statement, without its suffix.
    statement
        The full name of its definition.
    proof
        The term that is to prove it.
    """

    of: str
    file: str
    statement: str
    proof: str


def pins(of: Mapping[str, Source]) -> tuple[Pin, ...]:
    """Return the statements that files pin."""
    return tuple(
        Pin(
            f"{file}.{name}",
            source.name,
            f"{source.path}.{file}__{name}{definition}",
            "Coq.Init.Logic.eq_refl" if definition else f"@{OURS}.{file}.{name}",
        )
        for source in of.values()
        if source.name.startswith("Pinned") and source.library == OURS
        for file, name, definition in _PINNED.findall(source.code)
    )
