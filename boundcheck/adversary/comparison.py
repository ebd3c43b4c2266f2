"""Two bounds on one thing: whether one is always at least as sharp as the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from boundcheck.adversary.outcome import Refuted, Survived
from boundcheck.adversary.run import falsify
from boundcheck.adversary.search import Progress
from boundcheck.arithmetic import certified
from boundcheck.errors import InvalidValueError, explain
from boundcheck.language import Bound, Power, Premise, Relation, Scalar, Space, largest
from boundcheck.printable import Brief
from boundcheck.theorems.find import resolve

__all__ = ["Comparison", "compare"]


@dataclass(frozen=True)
class Comparison(Brief):
    """Whether one of two bounds on one thing is always at least as sharp.

    Attributes
    ----------
    a, b
        The two.
    forwards
        What the adversary found of "a's bound is never looser than b's".
    backwards
        The same with a and b changed over.
    """

    a: Bound
    b: Bound
    forwards: Refuted | Survived
    backwards: Refuted | Survived

    @property
    def answer(self) -> str:
        """In words."""
        a, b = self.a.name, self.b.name
        match self.forwards, self.backwards:
            case Survived(), Refuted():
                return f"{a} was never looser than {b}, and was tighter once"
            case Refuted(), Survived():
                return f"{b} was never looser than {a}, and was tighter once"
            case Refuted(), Refuted():
                return f"neither: each of {a} and {b} is tighter than the other somewhere"
            case _:
                return f"{a} and {b} were equal wherever they were compared"

    def __str__(self) -> str:
        lines = [self.answer]
        for better, found in ((self.b, self.forwards), (self.a, self.backwards)):
            if isinstance(found, Refuted):
                lines.append(f"{better.name} is tighter here:")
                lines += [f"  {line}" for line in str(found).splitlines()[1:]]
            else:
                lines.append(str(found).splitlines()[1])
        return "\n".join(lines)

    def summary(self) -> dict[str, Any]:
        """Return it as plain JSON types."""
        return {
            "a": self.a.name,
            "b": self.b.name,
            "answer": self.answer,
            "forwards": self.forwards.summary(),
            "backwards": self.backwards.summary(),
        }


@certified
def compare(
    a: Bound | str,
    b: Bound | str,
    *,
    norms: Sequence[float] | None = None,
    max_size: int = 3,
    max_dimension: int = 3,
    seconds: float = 5.0,
    seed: int = 0,
    progress: Progress | bool | None = None,
) -> Comparison:
    """Say whether one of two bounds on one thing is always at least as sharp, with a witness where it is not.

    Compared are the sides that bound what both are about: right sides where the left ones agree, left sides where the
    right ones do, in the spaces that both are stated for and under the premises of both. Where one is about the square
    of what the other is about, the other's side is squared, from 0 up.

    Parameters
    ----------
    a, b
        Bounds, names of known ones, or FILE.py:NAME, **files that are run**.
    norms, max_size, max_dimension, seed, progress
        As for :func:`boundcheck.adversary.run.falsify`.
    seconds
        How long to search each way.

    Raises
    ------
    InvalidValueError
        If the two are not about one thing, or no space has both.

    Examples
    --------
    >>> print(compare("chamfer", "karimov", seconds=0.5).answer)
    chamfer was never looser than karimov, and was tighter once
    """
    one, other = resolve(a)[0], resolve(b)[0]
    tight, loose, above = _sides(one, other)
    both = {"norms": norms, "max_size": max_size, "max_dimension": max_dimension}
    found = []
    for name, low, high in (("not-looser", tight, loose), ("not-tighter", loose, tight)):
        # Of lower bounds, the larger is the sharper.
        lhs, rhs = (low, high) if above else (high, low)
        statement = Bound(
            f"{one.name}-{name}-than-{other.name}",
            lhs=lhs,
            rhs=rhs,
            premises=_premises(one, other),
            collections=one.collections,
            space=_space(one, other),
        )
        found.append(falsify(statement, seconds=seconds, seed=seed, progress=progress, **both))  # type: ignore[arg-type]
    return Comparison(one, other, found[0], found[1])


def _sides(a: Bound, b: Bound) -> tuple[Scalar, Scalar, bool]:
    """Return what each puts beside what both are about, and whether that is above it."""
    if a.collections == b.collections and Relation.EQUAL not in (a.relation, b.relation):
        for about, beside, above in (("lhs", "rhs", True), ("rhs", "lhs", False)):
            first, second = getattr(a, about), getattr(b, about)
            one, other = getattr(a, beside), getattr(b, beside)
            if first == second:
                return one, other, above
            # What is bounded is a distance then: a side below 0 says as much of it as 0.
            if first == _squared(second):
                return _from_zero(one), _squared(_from_zero(other)), above
            if second == _squared(first):
                return _squared(_from_zero(one)), _from_zero(other), above
    raise InvalidValueError(
        explain(
            "b",
            f"a bound on what {a.name!r} bounds, '{a.lhs}' or '{a.rhs}', or on its square",
            f"{b.name!r}, on '{b.lhs}' or '{b.rhs}'",
        )
    )


def _squared(term: Scalar) -> Scalar:
    return Power.of(term, Fraction(2))


def _from_zero(term: Scalar) -> Scalar:
    return largest(term, 0)


def _premises(a: Bound, b: Bound) -> tuple[Premise, ...]:
    return tuple(dict.fromkeys([*a.premises, *b.premises]))


def _space(a: Bound, b: Bound) -> Space:
    spaces = {a.space, b.space} - {Space.ANY_NORM}
    if len(spaces) > 1:
        raise InvalidValueError(
            explain("b", f"a bound in {a.space.value}, like {a.name!r}", f"{b.name!r}, in {b.space.value}")
        )
    return spaces.pop() if spaces else Space.ANY_NORM
