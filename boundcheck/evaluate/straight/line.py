"""A straight line: operations over numbered slots, each slot filled once, that give the same results for other numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

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
    text
        The same as Python is written, with a place for each slot that is read; empty where the function is to be called.
    """

    name: str
    function: Callable[..., Any]
    reads: tuple[int, ...]
    fills: tuple[int, ...]
    text: str = ""


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
        results = tuple(dict.fromkeys(outputs))
        wanted, kept = set(results), []
        for step in reversed(steps):
            if wanted.intersection(step.fills):
                kept.append(step)
                wanted.update(step.reads)
        self.steps = tuple(reversed(kept))
        #: Which of the inputs are read.
        self.needs = frozenset(place for place in wanted if place < inputs)
        self._run = _written(inputs, self.steps, results)

    def run(self, inputs: Sequence[Value | None]) -> dict[int, Any] | None:
        """Return what is in the slots that are wanted, or None where a number is divided by 0."""
        with np.errstate(all="ignore"):
            try:
                return self._run(*inputs)
            except ZeroDivisionError:
                return None


def _written(inputs: int, steps: Sequence[Step], results: Sequence[int]) -> Callable[..., dict[int, Any]]:
    """Return the steps as one function of the inputs: a local variable for each slot, and nothing on the way."""
    names: dict[str, Any] = {"inf": math.inf, "nan": math.nan}
    lines = [f"def run({', '.join(f's{place}' for place in range(inputs))}):"]
    for number, step in enumerate(steps):
        read = [f"s{place}" for place in step.reads]
        if not step.text:
            names[f"f{number}"] = step.function
        value = step.text.format(*read) if step.text else f"f{number}({', '.join(read)})"
        lines.append(f"    {', '.join(f's{place}' for place in step.fills)} = {value}")
    lines.append(f"    return {{{', '.join(f'{place}: s{place}' for place in results)}}}")
    # Made of numbers of slots and the table's texts alone.
    exec("\n".join(lines), names)
    written: Callable[..., dict[int, Any]] = names["run"]
    return written
