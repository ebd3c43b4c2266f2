"""Verdicts: what may honestly be said of a statement from enclosures of its two sides."""

from __future__ import annotations

import enum


class Verdict(enum.Enum):
    """What a check found.

    ``HOLDS``: the largest value the left side can have is at most the least the right side can have.
    ``FAILS``: the reverse, strictly.
    ``UNDECIDED``: the two overlap within rounding, as they must where both sides are equal.
    ``VACUOUS``: a premise fails, so nothing is said of the conclusion.
    """

    HOLDS = "holds"
    FAILS = "fails"
    UNDECIDED = "undecided"
    VACUOUS = "vacuous"

    def __str__(self) -> str:
        return self.value


#: The order in which batched verdicts are coded in int8 tensors.
CODES: tuple[Verdict, ...] = (Verdict.HOLDS, Verdict.FAILS, Verdict.UNDECIDED, Verdict.VACUOUS)
HOLDS, FAILS, UNDECIDED, VACUOUS = range(4)
