"""Verdicts: what may honestly be said of a statement from enclosures of its two sides, and what says it."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


class Verdict(enum.StrEnum):
    """What a check found.

    ``HOLDS``: the largest value the left side can have is at most the least the right side can have.
    ``FAILS``: the reverse, strictly.
    ``UNDECIDED``: the two overlap at the highest precision, as they must where both sides are equal and have no exact
    form.
    ``VACUOUS``: a premise fails, so nothing is said of the conclusion.
    ``ASSUMED``: said of a premise alone, one that no finite set of points can show and that none here contradicts.

    From worst to best: fails, undecided, vacuous, assumed, holds. What is said of several statements together is the worst
    of what is said of each, :meth:`worst`, for one that holds says nothing of the others.
    """

    HOLDS = "holds"
    FAILS = "fails"
    UNDECIDED = "undecided"
    VACUOUS = "vacuous"
    ASSUMED = "assumed"

    def __str__(self) -> str:
        return self.value

    @classmethod
    def worst(cls, verdicts: Iterable[Verdict]) -> Verdict:
        """Return the verdict on several statements together: the worst of theirs; vacuous where there are none.

        Bounds are all to hold, and on all triples, so one that is vacuous anywhere leaves the whole vacuous unless it is
        worse. Where it is asked which bounds apply to one triple (``check_bound(bound="all")``), those whose premises fail
        do not, and are left out first.

        Examples
        --------
        >>> Verdict.worst([Verdict.HOLDS, Verdict.VACUOUS, Verdict.HOLDS])
        <Verdict.VACUOUS: 'vacuous'>
        >>> Verdict.worst([])
        <Verdict.VACUOUS: 'vacuous'>
        """
        return min(verdicts, key=_FROM_WORST.index, default=cls.VACUOUS)


_FROM_WORST = (Verdict.FAILS, Verdict.UNDECIDED, Verdict.VACUOUS, Verdict.ASSUMED, Verdict.HOLDS)

#: The order in which batched verdicts are coded in int8 tensors.
CODES: tuple[Verdict, ...] = (Verdict.HOLDS, Verdict.FAILS, Verdict.UNDECIDED, Verdict.VACUOUS, Verdict.ASSUMED)
HOLDS, FAILS, UNDECIDED, VACUOUS, ASSUMED = range(5)

#: What a batched verdict rests on, in int32 tensors; any other number is the bits of the balls.
FLOAT64, EXACT = 0, -1
#: The agreement of two sides of which none is known.
UNKNOWN = 0

_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Ground:
    """What a verdict rests on, or what it is undecided for.

    Attributes
    ----------
    how
        ``"float64"``, ``"balls"`` or ``"exact"``: the arithmetic that decided, or the most precise that did not.
    bits
        Of the balls' midpoints; 53 for float64, None for exact numbers.
    equal
        Whether the sides are exactly equal, which exact numbers alone can say.
    agreement
        Where balls left the verdict undecided, the largest k found for which the sides differ by at most 2⁻ᵏ times the
        larger; None where nothing is known, or the verdict is another.

    Examples
    --------
    >>> print(Ground("exact", None, equal=True))
    equal, decided exactly
    >>> print(Ground("balls", 4096, agreement=4090))
    equal to within 2⁻⁴⁰⁹⁰
    """

    how: str = "float64"
    bits: int | None = 53
    equal: bool = False
    agreement: int | None = None

    @classmethod
    def of(cls, code: int, ground: int, agreement: int, slack: float, slack_error: float) -> Ground:
        """Return the ground of one verdict of a batch, from the numbers that stand for it there."""
        if ground == EXACT:
            return cls("exact", None, equal=slack == 0 and slack_error == 0)
        undecided = agreement if code == UNDECIDED and agreement != UNKNOWN else None
        return cls(agreement=undecided) if ground == FLOAT64 else cls("balls", ground, agreement=undecided)

    def __str__(self) -> str:
        if self.agreement is not None:
            return f"equal to within 2⁻{str(self.agreement).translate(_SUPERSCRIPTS)}"
        if self.how == "exact":
            return "equal, decided exactly" if self.equal else "decided exactly"
        return f"by balls of {self.bits} bits" if self.how == "balls" else ""

    def beside(self, verdict: Verdict) -> str:
        """Return a verdict with its ground: ``holds (equal, decided exactly)``; alone where float64 decided."""
        return f"{verdict} ({self})" if str(self) else str(verdict)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain JSON types."""
        return {"how": self.how, "bits": self.bits, "equal": self.equal, "agreement": self.agreement}
