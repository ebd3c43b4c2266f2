"""A straight line: operations over numbered slots, each slot filled once, that give the same results for other numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from boundcheck.evaluate.straight.operations import Value

__all__ = ["Line", "Step"]


@dataclass(frozen=True)
class Step:
    """One operation.

    Attributes
    ----------
    name
        Of torch's function that it stands for.
    function
        From the values in some slots to one value, or to as many as there are slots to fill.
    reads, fills
        The slots.
    """

    name: str
    function: Callable[..., Any]
    reads: tuple[int, ...]
    fills: tuple[int, ...]


_Plain: TypeAlias = tuple[int, Callable[..., Any], int, int, int, Step]


def _plain(step: Step) -> _Plain:
    """Return a step as a line runs through it: how many slots it reads, if one or two to fill one, and which."""
    reads = len(step.reads) if len(step.fills) == 1 and len(step.reads) < 3 else 0
    return reads, step.function, step.reads[0], step.reads[-1], step.fills[0], step


class Line:
    """Steps, each after those that it reads from.

    Parameters
    ----------
    inputs
        How many of the slots, the first ones, are given.
    steps
        In order; those that no output needs are left out.
    outputs
        The slots that are wanted.
    """

    def __init__(self, inputs: int, steps: Sequence[Step], outputs: Iterable[int]) -> None:
        wanted, kept = set(outputs), []
        for step in reversed(steps):
            if wanted.intersection(step.fills):
                kept.append(step)
                wanted.update(step.reads)
        self.steps = tuple(reversed(kept))
        #: Which of the inputs are read.
        self.needs = frozenset(place for place in wanted if place < inputs)
        self._length = 1 + max((place for step in steps for place in step.fills), default=inputs)
        self._plain = [_plain(step) for step in self.steps]

    def run(self, inputs: Sequence[Value | None]) -> list[Any] | None:
        """Return what is in every slot, or None where a number is divided by 0."""
        slots: list[Any] = [*inputs, *[None] * (self._length - len(inputs))]
        with np.errstate(all="ignore"):
            try:
                for reads, function, one, other, fill, step in self._plain:
                    if reads == 1:
                        slots[fill] = function(slots[one])
                    elif reads == 2:
                        slots[fill] = function(slots[one], slots[other])
                    else:
                        found = function(*[slots[place] for place in step.reads])
                        for place, value in zip(step.fills, found if len(step.fills) > 1 else (found,), strict=True):
                            slots[place] = value
            except ZeroDivisionError:
                return None
        return slots
