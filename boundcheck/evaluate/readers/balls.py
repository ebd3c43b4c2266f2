"""Terms on one triple in ball arithmetic: a midpoint of as many bits as are asked for, and a radius.

The balls are Arb's (F. Johansson, "Arb: efficient arbitrary-precision midpoint-radius interval arithmetic", IEEE Trans.
Computers 66, 2017), by python-flint: every operation encloses its exact result. What is rational stays so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
from flint import arb, ctx, fmpq

from boundcheck.errors import TermError
from boundcheck.evaluate import certificates
from boundcheck.evaluate.radicals import BeyondError, rational_of, sign
from boundcheck.evaluate.readers.exact import ELEMENTS, Elements, ExactReader, Given, Masses, Triple, TripleReader
from boundcheck.evaluate.relations import of_ball, of_sign
from boundcheck.language import Function, Index, Indicator, Infimum, Parameter, Scalar, Supremum, Term
from boundcheck.language.letters import with_depends

__all__ = ["BallReader", "as_ball", "enclosure", "from_floats"]

# Below this p, a half-integer, powers are taken of whole numbers.
_HALF_INTEGER = 16

#: What a term is in float64: values, bounds on their errors, axes.
Wider = Callable[[Scalar], Elements]


class BallReader(TripleReader):
    """Evaluates terms in balls of flint's precision at the time; one reader is of one precision.

    Parameters
    ----------
    triple, parameters
        See :class:`~boundcheck.evaluate.readers.exact.TripleReader`.
    wider
        What gives a wider enclosure of a scalar that this reader cannot read: of a term that only the numeric reader
        knows, or of too many numbers. None: such terms raise.
    """

    def __init__(self, triple: Triple, parameters: Mapping[Parameter, Given], wider: Wider | None = None) -> None:
        super().__init__(triple, parameters)
        self._wider = wider
        self._exact = ExactReader(triple, parameters)
        self._tried: dict[Term, Elements | BeyondError | TermError] = {}

    def known(self, term: Scalar) -> Any:
        """Return the value of a term that was evaluated already, else None."""
        found = self._cache.get(term)
        return None if found is None else found.value[0]

    def _compute(self, term: Term) -> Elements:
        try:
            return super()._compute(term)
        except (TermError, BeyondError):
            # What would be more than can be read is left to the term around it, of which there are fewer.
            if self._wider is None or not isinstance(term, Scalar) or not self._is_few(term):
                raise
            return self._wider(term)

    def _is_few(self, term: Term) -> bool:
        return math.prod(self.extent(index) for index in with_depends(term.free())) <= ELEMENTS

    def _root(self, value: fmpq | int, degree: int) -> arb:
        if value == 0:
            return arb(0)
        if value < 0:
            return arb.nan()
        return arb(value).sqrt() if degree == 2 else arb(value).root(degree)

    def _undefined(self) -> arb:
        return arb.nan()

    def _raised(self, value: Any, exponent: Fraction) -> Any:
        try:
            return super()._raised(value, exponent)
        except BeyondError:
            return self._power_of(arb(value), exponent)

    def _power_of(self, base: arb, exponent: Fraction) -> arb:
        if exponent.denominator == 1:
            return _whole_power(base, int(exponent))
        if base < 0 or (exponent < 0 and base.contains(0)) or not base.is_finite():
            return arb.nan()
        if not base > 0:
            # A root of what may be below 0 by the ball's radius alone is the root of something from 0 on.
            return arb(0).union(self._power_of(base.upper(), exponent)) if base.upper() > 0 else arb(0)
        if exponent == Fraction(1, 2):
            return base.sqrt()
        return base ** arb(fmpq(exponent.numerator, exponent.denominator))

    def _total(self, values: list[Any]) -> Any:
        return sum(values[1:], values[0])

    def _largest(self, values: list[Any]) -> Any:
        if not any(isinstance(value, arb) for value in values):
            return max(values)
        found = as_ball(values[0])
        for value in values[1:]:
            found = found.max(as_ball(value))
        return found

    def _ordered(self, values: list[Any]) -> list[arb]:
        """Return balls of which the k-th holds the k-th smallest number: from the k-th lower end to the k-th upper."""
        balls = [as_ball(value) for value in values]
        if not all(ball.is_finite() for ball in balls):
            return [arb.nan() for _ in balls]
        lower, upper = sorted(ball.lower() for ball in balls), sorted(ball.upper() for ball in balls)
        return [low.union(high) for low, high in zip(lower, upper, strict=True)]

    def _norm_of_any_p(self, coordinates: list[Any], order: float) -> arb:
        p = Fraction(order)
        sizes = [abs(value) for value in coordinates if not _is_zero(value)]
        if not sizes:
            return arb(0)
        if any(isinstance(size, arb) for size in sizes):
            powers = [self._power_of(as_ball(size), p) for size in sizes]
        elif p.denominator == 2 and p < _HALF_INTEGER:
            # A root costs a tenth of a power.
            powers = [arb(size**p.numerator).sqrt() for size in sizes]
        else:
            exponent = arb(fmpq(p.numerator, p.denominator))
            powers = [arb(size) ** exponent for size in sizes]
        return self._power_of(sum(powers[1:], powers[0]), 1 / p)

    def _value_of(self, function: Function, value: Any) -> Any:
        if not isinstance(value, arb):
            found = None if function.exact is None else function.exact(rational_of(value))
            if found is not None:
                return found
        if function.ball is None:
            raise BeyondError(f"a value of {function}, which no balls are declared for")
        ball, (low, high) = as_ball(value), map(arb, function.domain)
        if not ball.is_finite() or ball < low or ball > high:
            return arb.nan()
        if function.monotone is None:
            inside = (ball >= low and ball <= high) or not (low.is_finite() or high.is_finite())
            return function.ball(ball) if inside else arb.nan()
        # What is outside the domain by the ball's radius alone is taken for its end, as for roots.
        least = ball.lower().max(low) if low.is_finite() else ball.lower()
        most = ball.upper().min(high) if high.is_finite() else ball.upper()
        values = [function.ball(end) for end in (least, most)]
        return values[0].union(values[1]) if all(value.is_finite() for value in values) else arb.nan()

    def _log_sum_exp(self, values: list[Any]) -> Any:
        if len(values) == 1:
            return values[0]
        balls = [as_ball(value) for value in values]
        if not all(ball.is_finite() for ball in balls):
            return arb.nan()
        most = balls[0].mid()
        for ball in balls[1:]:
            most = most.max(ball.mid())
        # Taken out first, as exponentials of large numbers leave no digits.
        found = self._total([(ball - most).exp() for ball in balls]).log() + most
        if found.is_finite():
            return found
        # Of balls too wide for that: it is between the largest, and that and log n.
        largest = as_ball(self._largest(balls))
        return largest.union(largest + arb(len(balls)).log())

    def _truth(self, term: Indicator, slack: Any, at: Mapping[Index, int]) -> Any:
        if not isinstance(slack, arb):
            return fmpq(int(of_sign(term.relation, sign(rational_of(slack)))))
        holds, fails = of_ball(term.relation, slack)
        if holds or fails:
            return fmpq(int(holds))
        if not slack.is_finite():
            return arb.nan()
        # Balls do not tell equals apart; exact numbers do, where there are such.
        try:
            sides = self._exact_elements(term.lhs), self._exact_elements(term.rhs)
            left, right = (side.value[(0, *(at[axis] for axis in side.axes))] for side in sides)
            return self._exact._truth(term, right - left, at)
        except (BeyondError, TermError):
            return arb(0).union(arb(1))

    def _exact_elements(self, term: Scalar) -> Elements:
        """Return a term's values in exact numbers, looked for once."""
        if term not in self._tried:
            try:
                self._tried[term] = self._exact.elements(term)
            except (BeyondError, TermError) as error:
                self._tried[term] = error
        found = self._tried[term]
        if isinstance(found, Exception):
            raise found
        return found

    def _around(self, image: npt.NDArray[Any], off: npt.NDArray[Any], constant: Any) -> npt.NDArray[Any]:
        limit = abs(as_ball(constant)).upper()
        around = np.empty(image.shape, dtype=object)
        for at in np.ndindex(image.shape[:-1]):
            # No coordinate is off by more than the whole value is.
            radius = (limit * self._norm_of(list(off[at]))).upper()
            around[at] = [as_ball(value) + (-radius).union(radius) for value in image[at]]
        return around

    def _norm_of(self, coordinates: list[Any]) -> arb:
        sizes = [abs(as_ball(value)) for value in coordinates]
        if self.p == math.inf:
            return as_ball(self._largest(sizes))
        if self.p == 1:
            return as_ball(self._total(sizes))
        if self.p == 2:
            return self._power_of(as_ball(self._total([size * size for size in sizes])), Fraction(1, 2))
        return self._norm_of_any_p(list(sizes), self.p)

    def _between(self, low: fmpq, high: fmpq) -> arb:
        return arb(low).sqrt().union(arb(high).sqrt())

    def _supremum(self, term: Supremum) -> Elements:
        # Loads what most terms do not need.
        from boundcheck.evaluate.readers.spectra_of_triples import greatest

        return greatest(self, term)

    def _infimum(self, term: Infimum) -> Elements:
        # Loads the solver, which most terms do not need.
        from boundcheck.evaluate.readers.infima_of_triples import least

        return least(self, term)

    def _transport_of(self, costs: npt.NDArray[Any], masses: Masses | None = None) -> arb:
        """Return a ball from the cost of a plan and from potentials; both are right whatever they are."""
        balls = np.frompyfunc(as_ball, 1, 1)(costs)
        n, q = costs.shape
        most = self._largest([abs(ball) for ball in balls.flat])
        if not most.is_finite():
            return arb.nan()
        if most == 0:
            return arb(0)
        exponent = ctx.prec - int(most.mid().man_exp()[1]) - int(most.mid().man_exp()[0]).bit_length()
        whole = certificates.whole_parts(balls, exponent)
        plan, potentials, _ = certificates.cheapest(whole, None if masses is None else masses[:2])
        unit = arb(2) ** -exponent
        rows = [arb(potential) * unit for potential in potentials]
        columns = [-self._largest([rows[i] - costs[i, k] for i in range(n)]) for k in range(q)]
        if masses is None:
            low, shares = self._total(rows) * fmpq(1, n) + self._total(columns) * fmpq(1, q), None
        else:
            of_rows, of_columns, shares = masses
            weighed = [*zip(rows, of_rows, strict=True), *zip(columns, of_columns, strict=True)]
            low = self._total([potential * fmpq(share, shares) for potential, share in weighed])
        high = as_ball(certificates.cost_of(plan, costs, self._total, shares))
        return low.union(high) if low.lower() <= high.upper() else high


def as_ball(value: Any) -> arb:
    """Return a number as a ball."""
    return value if isinstance(value, arb) else arb(value)


def enclosure(ball: arb) -> tuple[float, float]:
    """Return the float64 nearest a ball's midpoint and a bound on its distance from any number in the ball.

    Both are infinite where the ball is not finite, or beyond the floats.
    """
    if not ball.is_finite():
        return math.inf, math.inf
    value = float(ball.mid())
    if math.isinf(value):
        return value, math.inf
    off = (ball - arb(value)).abs_upper()
    error = float(off)
    while arb(error) < off:
        error = math.nextafter(error, math.inf)
    return value, error


def _whole_power(base: arb, exponent: int) -> arb:
    if not base.contains(0):
        return base**exponent
    if exponent < 0 or not base.is_finite():
        return arb.nan()
    # Where the base may be 0 flint gives up; the power is monotone, or has its least value at 0.
    low, high = base.lower() ** exponent, base.upper() ** exponent
    return low.union(high) if exponent % 2 else arb(0).union(low.max(high))


def _is_zero(value: Any) -> bool:
    return not isinstance(value, arb) and value == 0


def from_floats(value: npt.NDArray[np.float64], error: npt.NDArray[np.float64]) -> npt.NDArray[Any]:
    """Return balls around floats, whose radii are bounds on their errors."""
    made = [
        arb(float(middle), float(radius)) if math.isfinite(middle) and math.isfinite(radius) else arb.nan()
        for middle, radius in zip(value.flat, error.flat, strict=True)
    ]
    array = np.empty(len(made), dtype=object)
    array[:] = made
    return array.reshape(value.shape)
