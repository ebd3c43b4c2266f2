"""Which premises a bound needs: each is dropped or weakened, and what is left goes to the adversary."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from boundcheck.adversary.outcome import Refuted, Survived
from boundcheck.adversary.run import falsify
from boundcheck.adversary.search import Progress
from boundcheck.arithmetic import certified
from boundcheck.errors import TermError
from boundcheck.language import (
    Bound,
    Constant,
    Dimension,
    EqualSizes,
    ForAll,
    Index,
    Lipschitz,
    Premise,
    Rules,
    Scalar,
    Space,
    Term,
    another,
    mean,
)
from boundcheck.language.mathml import AboutABound
from boundcheck.theorems.find import resolve

__all__ = ["Necessity", "Need", "necessity"]


@dataclass(frozen=True)
class Need:
    """What became of a bound when one thing that it takes for granted was taken away.

    Attributes
    ----------
    taken
        What that was, in words.
    bound
        The conjecture that is left; None where there is none, since the statement itself needs the premise to mean
        anything.
    outcome
        What the adversary found; None where there was nothing to search.
    """

    taken: str
    bound: Bound | None
    outcome: Refuted | Survived | None

    @property
    def answer(self) -> str:
        """``"needed"``, with a witness; ``"not needed, as far as was tried"``; or ``"needed to state the bound"``.

        Where nothing met the premises that are left, or nothing was looked at, ``"not known, …"``.
        """
        if self.outcome is None:
            return "needed to state the bound"
        if self.outcome.verdict == "vacuous":
            return "not known, as nothing met the premises that are left"
        if self.outcome.verdict == "untested":
            return "not known, as time was up before any case was looked at"
        return "needed" if isinstance(self.outcome, Refuted) else "not needed, as far as was tried"

    def summary(self) -> dict[str, Any]:
        """Return it as plain JSON types."""
        return {
            "taken": self.taken,
            "answer": self.answer,
            "outcome": None if self.outcome is None else self.outcome.summary(),
        }


@dataclass(frozen=True)
class Necessity(AboutABound):
    """Which premises a bound needs.

    Attributes
    ----------
    bound
        The statement.
    needs
        One for everything that was dropped or weakened.
    """

    bound: Bound
    needs: tuple[Need, ...]

    def __str__(self) -> str:
        lines = [f"{self.bound}"]
        for need in self.needs:
            lines.append(f"{need.answer}: {need.taken}")
            if isinstance(need.outcome, Refuted):
                lines += [f"  {line}" for line in str(need.outcome).splitlines()[1:]]
        return "\n".join(lines)

    def summary(self) -> dict[str, Any]:
        """Return it as plain JSON types."""
        return {
            "bound": {"name": self.bound.name, "statement": str(self.bound)},
            "needs": [need.summary() for need in self.needs],
        }


@certified
def necessity(
    bound: Bound | str,
    *,
    norms: Sequence[float] | None = None,
    max_size: int = 3,
    max_dimension: int = 3,
    seconds: float = 5.0,
    seed: int = 0,
    progress: Progress | bool | None = None,
) -> Necessity:
    """Say which premises a bound needs: drop each, or weaken it, and look for a counterexample to what is left.

    Dropped: every premise. Weakened: one that holds for all values of an index, to the mean over that index; one that a
    map is Lipschitz, to what it says of the points of the collections alone; the space, to any normed space; the
    dimension, to 1 where the statement speaks of it.

    Parameters
    ----------
    bound
        A :class:`boundcheck.Bound`, the name of a known one, or FILE.py:NAME, **a file that is run**.
    norms, max_size, max_dimension, seed, progress
        As for :func:`boundcheck.adversary.run.falsify`; norms where the space is not what is weakened.
    seconds
        How long to search each conjecture.

    Raises
    ------
    InvalidValueError
        If there is no such bound.
    TermError
        If a premise is of a kind that there is no rule for.

    Examples
    --------
    >>> found = necessity("karimov", seconds=0.5)
    >>> for need in found.needs[:2]:
    ...     print(f"{need.taken}: {need.answer}")
    equal sizes, dropped: not needed, as far as was tried
    T(m), dropped: needed
    """
    stated, _ = resolve(bound)
    WEAKENED.require_premises(stated)
    needs = []
    for taken, left in _weakened(stated):
        outcome = None
        if left is not None:
            outcome = falsify(
                left,
                norms=norms if left.space is stated.space else None,
                max_size=max_size,
                max_dimension=max_dimension,
                seconds=seconds,
                seed=seed,
                progress=progress,
            )
        needs.append(Need(taken, left, outcome))
    return Necessity(stated, tuple(needs))


def _weakened(bound: Bound) -> Iterator[tuple[str, Bound | None]]:
    plain = replace(bound, chain=(), title="", citation="", sharpness="", proof=None)
    for premise in bound.premises:
        try:
            yield f"{premise.name}, dropped", bound.without(premise, name=f"{bound.name}-without-{premise.name}")
        except TermError:
            # A term pairs off collections that must then be of one size.
            yield f"{premise.name}, dropped", None
    for premise in bound.premises:
        read = list(WEAKENED.each((premise,)))
        for place, (part, rule) in enumerate(read):
            for weaker in rule(bound, part):
                # What the premise is expressed by besides stays as it is.
                by = (*(one for one, _ in read[:place]), *weaker.by, *(one for one, _ in read[place + 1 :]))
                rest = tuple(one for other in bound.premises for one in (by if other == premise else [other]))
                yield weaker.words, replace(plain, name=f"{bound.name}-{weaker.name}", premises=rest)
    if bound.space is not Space.ANY_NORM:
        try:
            yield (
                f"{bound.space.value}, widened to any norm",
                replace(plain, name=f"{bound.name}-any-norm", space=Space.ANY_NORM),
            )
        except TermError:
            yield f"{bound.space.value}, widened to any norm", None
    if any(isinstance(node, Dimension) for term in bound.terms() for node in term.walk()):
        yield (
            "the dimension, taken as 1 in the statement",
            replace(plain, name=f"{bound.name}-dimension-1", lhs=_on_the_line(bound.lhs), rhs=_on_the_line(bound.rhs)),
        )


@dataclass(frozen=True)
class _Weaker:
    """What a premise is replaced by: in words, as a bound's name has it, and the premises themselves."""

    words: str
    name: str
    by: tuple[Premise, ...]


#: How each kind of premise is weakened, besides that it is dropped.
WEAKENED: Rules[Callable[[Bound, Any], Iterable[_Weaker]]] = Rules(
    "the search for what a bound needs", Premise, fix="give the kind a rule in boundcheck.adversary.premises.WEAKENED"
)


@WEAKENED.rule(EqualSizes)
def _sizes(bound: Bound, premise: EqualSizes) -> Iterable[_Weaker]:
    """Yield nothing: sizes are equal or not."""
    return ()


@WEAKENED.rule(ForAll)
def _averages(bound: Bound, premise: ForAll) -> Iterator[_Weaker]:
    if premise.parameter is not None and len(premise.indices) > 1:
        for index in premise.indices:
            words = f"{premise.name}, on average over {index}"
            yield _Weaker(words, f"averaged-{index}", (_on_average(premise, index),))


@WEAKENED.rule(Lipschitz)
def _of_points(bound: Bound, premise: Lipschitz) -> Iterator[_Weaker]:
    words, name = f"{premise.name}, on the points alone", f"{premise.map}-on-points"
    yield _Weaker(words, name, tuple(_on_points(bound, premise)))


def _on_points(bound: Bound, premise: Lipschitz) -> Iterator[ForAll]:
    """Yield what a Lipschitz premise says of the points of the collections that are spoken of."""
    found = bound.lhs.collections() | bound.rhs.collections()
    found = found.union(*(other.collections() for other in bound.premises))
    spoken = [one for one in bound.collections if one in found]
    for place, one in enumerate(spoken):
        for other in spoken[: place + 1]:
            index = another(one) if other == one else other.each
            excess = premise.excess(one[one.each], other[index])
            yield ForAll(f"{premise.name} on {other}, {one}", lhs=excess, rhs=Constant(Fraction(0)))


def _on_average(premise: ForAll, index: Index) -> ForAll:
    averaged: Scalar = mean(index, premise.lhs)
    return replace(premise, name=f"{premise.name} on average over {index}", lhs=averaged, floor=None)


def _on_the_line(term: Scalar) -> Scalar:
    """Return a term with 1 for the dimension."""
    changed = _with_one(term)
    assert isinstance(changed, Scalar)
    return changed


def _with_one(term: Term) -> Term:
    return Constant(Fraction(1)) if type(term) is Dimension else term.mapped(_with_one)
