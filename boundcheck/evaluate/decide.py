"""What float64 leaves undecided on one triple: balls of growing precision, and exact comparison.

=========  ============================================================================================================
balls      of 128 bits first: almost everything that is not an equality ends there
exact      where both sides are sums of roots of rationals: equal, or which is larger, whatever it takes
balls      of 256, 512, … bits where they are not; what is still open at the last is undecided, and its agreement known
=========  ============================================================================================================
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from flint import arb, ctx
from jaxtyping import Float

from boundcheck.errors import TermError
from boundcheck.evaluate import verdict
from boundcheck.evaluate.enclosed import SHARP, is_sharp
from boundcheck.evaluate.radicals import BeyondError, Exact, Radicals, rational_of, rational_of_float, sign
from boundcheck.evaluate.readers.balls import BallReader, as_ball, enclosure, from_floats
from boundcheck.evaluate.readers.exact import Elements, ExactReader, Given, Triple, TripleReader
from boundcheck.evaluate.readers.numeric import Mapped, NumericReader
from boundcheck.evaluate.relations import of_ball, of_sign
from boundcheck.forks import held_in_forks
from boundcheck.language import Collection, Family, Index, Map, Parameter, Power, Relation, Scalar, Weights

__all__ = ["PRECISIONS", "SHARP", "Decider", "Decision"]

#: The precisions of balls, in bits.
PRECISIONS = (128, 256, 512, 1024, 2048, 4096)
# Where every distance takes powers of its coordinates, more of them than this go with the lower precisions only.
_POWERS, _LOW_PRECISIONS = 20_000, PRECISIONS[:3]

# flint's precision is one for the whole process.
_PRECISION = held_in_forks(threading.RLock())


@dataclass(frozen=True)
class Decision:
    """What was found of two sides of one triple.

    Attributes
    ----------
    code
        The verdict, an index into :data:`boundcheck.evaluate.verdict.CODES`.
    ground
        What it rests on: :data:`boundcheck.evaluate.verdict.EXACT` or the bits of the balls.
    agreement
        Where it is undecided, the largest k for which the sides surely differ by at most 2⁻ᵏ times the larger;
        :data:`boundcheck.evaluate.verdict.UNKNOWN` where there is none.
    lhs, rhs, slack
        Float and error bound of each side, and of right side minus left side.
    """

    code: int
    ground: int
    agreement: int
    lhs: tuple[float, float]
    rhs: tuple[float, float]
    slack: tuple[float, float]


class Decider:
    """Compares terms on one triple.

    Parameters
    ----------
    points
        Of each collection, shape (size, d), finite.
    p
        Of the p-norm, in [1, inf].
    parameters
        The value of each, or the terms of which it is the largest.
    weights
        Shape (size,) each.
    reader
        The numeric reader of the batch, for terms that only it knows.
    row
        The triple's place in its batch.
    maps
        What each map stands for.
    partitions
        The sizes of the classes of every family.
    """

    def __init__(
        self,
        points: Mapping[Collection, Float[np.ndarray, "n d"]],
        p: float,
        *,
        parameters: Mapping[Parameter, float | tuple[Scalar, ...]],
        weights: Mapping[Weights, Float[np.ndarray, " n"]],
        reader: NumericReader,
        row: int,
        maps: Mapping[Map, Mapped] | None = None,
        partitions: Mapping[Family, tuple[int, ...]] | None = None,
    ) -> None:
        self._triple = Triple(points, p, weights, maps, partitions)
        self._given: dict[Parameter, Given] = {
            parameter: value if isinstance(value, tuple) else rational_of_float(value)
            for parameter, value in parameters.items()
        }
        self._wider = _from_batch(reader, row)
        self._exact = ExactReader(self._triple, self._given, self._nearly)
        self._balls: dict[int, BallReader] = {}
        sizes = sorted(len(rows) for rows in points.values())[-2:]
        powers = math.prod(sizes) * self._triple.dimension
        self._precisions = PRECISIONS if p in (1, 2, math.inf) or powers <= _POWERS else _LOW_PRECISIONS

    def compare(self, lhs: Scalar, rhs: Scalar, relation: Relation) -> Decision:
        """Return the verdict on two terms without free indices."""
        with _PRECISION:
            # Balls do not tell equals apart, and an equality is mostly one.
            first = PRECISIONS[:1] if relation is not Relation.EQUAL else ()
            decision: Decision | None = None
            for bits in first:
                decision = self._by_balls(lhs, rhs, relation, bits)
                if decision.code != verdict.UNDECIDED:
                    return decision
            exact = self._exactly(lhs, rhs, relation)
            if exact is not None:
                return exact
            for bits in self._precisions[len(first) :]:
                decision = self._by_balls(lhs, rhs, relation, bits)
                if decision.code != verdict.UNDECIDED:
                    break
            assert decision is not None
            return decision

    def known(self, term: Scalar) -> tuple[float, float] | None:
        """Return a term that was evaluated on the way as a float and an error bound, else None."""
        with _PRECISION, ctx.workprec(PRECISIONS[0]):
            for reader in self._balls.values():
                value = reader.known(term)
                if value is not None:
                    return enclosure(as_ball(value))
            return None

    def value(self, term: Scalar, at: Mapping[Index, int] | None = None) -> tuple[float, float]:
        """Return a term, where its free indices have the values given, as a float and an error bound.

        By the precision that shows so many digits as :func:`is_sharp` asks for, or the highest that shows more than the one
        before.
        """
        return self._nearest(lambda reader: reader.element(term, at or {}))

    def difference(self, lhs: Scalar, rhs: Scalar) -> tuple[float, float]:
        """Return the second of two terms without free indices minus the first, as :meth:`value` does."""
        return self._nearest(lambda reader: reader.scalar(rhs) - reader.scalar(lhs))

    def quotient(self, lhs: Scalar, rhs: Scalar, at: Mapping[Index, int] | None = None) -> tuple[float, float]:
        """Return one term over another, as :meth:`value` does; undefined where that may be 0."""
        here = at or {}
        return self._nearest(lambda reader: reader.element(Power(rhs, Fraction(-1)), here) * reader.element(lhs, here))

    def largest_at(self, term: Scalar, indices: Iterable[Index] = ()) -> dict[Index, int]:
        """Return the values of indices, a term's free ones among them, at which it may be largest: the first.

        To the first precision. An index that cancels in it has the first value that it may have.
        """
        with _PRECISION, ctx.workprec(PRECISIONS[0]):
            found, places = self._reader(PRECISIONS[0]).instances(term, indices)
            balls = [as_ball(found.value[0][place]) for place in places]
            most = balls[0].lower()
            for ball in balls[1:]:
                most = most.max(ball.lower())
            first = next((at for at, ball in enumerate(balls) if not ball.upper() < most), 0)
        return dict(zip(found.axes, places[first], strict=True))

    def _nearest(self, read: Callable[[TripleReader], Any]) -> tuple[float, float]:
        with _PRECISION:
            best = math.nan, math.inf
            for place, bits in enumerate(self._precisions):
                with ctx.workprec(bits):
                    found = enclosure(as_ball(read(self._reader(bits))))
                before, best = best, found if found[1] < best[1] else best
                if is_sharp(*best):
                    return best
                if place == 0:
                    # What is exactly 0 has no digits that more bits could show.
                    exact = self._value_exactly(read)
                    if exact is not None:
                        return exact
                elif math.isfinite(before[1]) and best[1] > before[1] / 2:
                    break
            return best

    def _value_exactly(self, read: Callable[[TripleReader], Any]) -> tuple[float, float] | None:
        try:
            number = read(self._exact)
            number = number if isinstance(number, Radicals) else rational_of(number)
            if sign(number) == 0:
                return 0.0, 0.0
        except (BeyondError, TermError):
            return None
        for bits in PRECISIONS:
            with ctx.workprec(bits):
                found = enclosure(_ball_of(number))
            if is_sharp(*found):
                break
        return found

    def _nearly(self, term: Scalar) -> Elements:
        """Return a term's values in balls of the first precision."""
        with ctx.workprec(PRECISIONS[0]):
            return self._reader(PRECISIONS[0]).elements(term)

    def _reader(self, bits: int) -> BallReader:
        if bits not in self._balls:
            self._balls[bits] = BallReader(self._triple, self._given, self._wider)
        return self._balls[bits]

    def _by_balls(self, lhs: Scalar, rhs: Scalar, relation: Relation, bits: int) -> Decision:
        with ctx.workprec(bits):
            reader = self._reader(bits)
            left, right = as_ball(reader.scalar(lhs)), as_ball(reader.scalar(rhs))
            slack = right - left
            code = verdict.UNDECIDED
            if left.is_finite() and right.is_finite() and slack.is_finite():
                holds, fails = of_ball(relation, slack)
                code = verdict.HOLDS if holds else verdict.FAILS if fails else verdict.UNDECIDED
            agreement = _agreement(left, right, slack) if code == verdict.UNDECIDED else verdict.UNKNOWN
            # Balls of radius 0 are exact numbers.
            ground = verdict.EXACT if left.is_exact() and right.is_exact() and slack.is_exact() else bits
            return Decision(code, ground, agreement, enclosure(left), enclosure(right), enclosure(slack))

    def _exactly(self, lhs: Scalar, rhs: Scalar, relation: Relation) -> Decision | None:
        try:
            left, right = self._exact.scalar(lhs), self._exact.scalar(rhs)
            slack = right - left
            side = sign(slack if isinstance(slack, Radicals) else rational_of(slack))
        except (BeyondError, TermError):
            return None
        holds = of_sign(relation, side)
        with ctx.workprec(PRECISIONS[0]):
            sides = [enclosure(_ball_of(number)) for number in (left, right)]
            apart = (0.0, 0.0) if side == 0 else enclosure(_ball_of(slack))
        code = verdict.HOLDS if holds else verdict.FAILS
        return Decision(code, verdict.EXACT, verdict.UNKNOWN, sides[0], sides[1], apart)


def _ball_of(number: Exact | int) -> arb:
    return number.ball() if isinstance(number, Radicals) else arb(number)


def _agreement(left: arb, right: arb, slack: arb) -> int:
    """Return the largest k found with |slack| ≤ 2⁻ᵏ·max(|left|, |right|)."""
    size, apart = left.abs_lower().max(right.abs_lower()), slack.abs_upper()
    if not (size > 0 and apart > 0):
        return verdict.UNKNOWN
    bits = ((size / apart).log() / arb(2).log()).lower()
    return max(verdict.UNKNOWN, int(float(bits.floor().mid()))) if bits.is_finite() else verdict.UNKNOWN


def _from_batch(reader: NumericReader, row: int) -> Callable[[Scalar], Elements]:
    def known(term: Scalar) -> Elements:
        named = reader.scalar(term)
        value, error = (_row(tensor, row) for tensor in (named.value, named.known_error))
        return Elements(from_floats(value, error), named.axes, False)

    return known


def _row(tensor: torch.Tensor, row: int) -> npt.NDArray[np.float64]:
    numbers: npt.NDArray[np.float64] = tensor[row : row + 1].detach().cpu().numpy()
    return numbers
