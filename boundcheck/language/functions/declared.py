"""A function of a real number, declared once; and its value at a scalar as a term.

All that a reader has to know of a function is in its declaration, so each reader has one rule for all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from math import inf, isnan
from typing import Any

from boundcheck.errors import InvalidTypeError, TermError, explain
from boundcheck.language.letters import require_letter
from boundcheck.language.structure import Hashed
from boundcheck.language.terms import Scalar, Term, Vector, scalar

__all__ = ["Applied", "Function"]


@dataclass(frozen=True)
class Function(Hashed):
    """A function from an interval of real numbers to the real numbers. Called on a scalar, it gives the term.

    Parameters
    ----------
    name
        What it is called, ``"exp"``.
    value
        From a float64 tensor to the tensor of its values, by the tensor's own methods; NaN outside the domain, an infinity
        at an end that is not part of it. Differentiable where it is to be attacked by ascent.
    ulps
        Of each of these values: how many units in the last place it is off at most, besides as many times the smallest
        number. A promise, which decides verdicts: hold it against `ball`.
    ball
        From an arb of python-flint to one that encloses its values there; None where there is no such: then float64 alone
        decides.
    exact
        From an exact number, a rational or a sum of roots, to an exact number; None for one at which it has no exact value.
        None where it has none anywhere.
    monotone
        1 where it never falls, −1 where it never rises, None where it does both, or nothing is known.
    lipschitz
        A number that it does not change by more than times the change of its argument; None where there is none.
        One that is neither this nor monotone has values without a bound on their error, unless the argument is exact.
    domain
        The ends of the interval where it is defined, each part of it where the value there is finite.
    bounds
        What its values are not below and not above.
    text, latex
        How it is shown, with ``{}`` for the argument.
    coq
        The same for Coq, over a ``realType`` of mathcomp-analysis, with the argument as an atom; None where it has no form.
    gradient
        From an argument and the function's value there to its derivative, where the one that `value` gives is infinite or
        not defined.

    Raises
    ------
    InvalidTypeError
        If a part is of another type.
    TermError
        If its domain is empty, or `monotone` or `ulps` is no such number.

    Examples
    --------
    >>> from fractions import Fraction
    >>> from boundcheck.language import Function, Parameter
    >>> squashed = Function("tanh", lambda t: t.tanh(), ulps=4, ball=lambda b: b.tanh(), monotone=1, lipschitz=Fraction(1))
    >>> print(squashed(2 * Parameter("m")))
    tanh(2·m)
    """

    name: str
    value: Callable[[Any], Any]
    ulps: int = field(kw_only=True)
    ball: Callable[[Any], Any] | None = field(kw_only=True, default=None)
    exact: Callable[[Any], Any] | None = field(kw_only=True, default=None)
    monotone: int | None = field(kw_only=True, default=None)
    lipschitz: Fraction | None = field(kw_only=True, default=None)
    domain: tuple[float, float] = field(kw_only=True, default=(-inf, inf))
    bounds: tuple[float, float] = field(kw_only=True, default=(-inf, inf))
    text: str = field(kw_only=True, default="")
    latex: str = field(kw_only=True, default="")
    coq: str | None = field(kw_only=True, default=None)
    gradient: Callable[[Any, Any], Any] | None = field(kw_only=True, default=None)

    def __post_init__(self) -> None:
        require_letter(self.name, "name of a Function")
        where = f"function {self.name}"
        for attribute in ("value", "ball", "exact", "gradient"):
            part = getattr(self, attribute)
            if not callable(part) and (part is not None or attribute == "value"):
                raise InvalidTypeError(explain(where, f"a function for its {attribute}", f"{part!r}"))
        if isinstance(self.ulps, bool) or not isinstance(self.ulps, int) or self.ulps < 0:
            raise TermError(explain(where, "whole units in the last place, ulps in [0, inf)", f"{self.ulps!r}"))
        if self.monotone not in (1, -1, None):
            raise TermError(explain(where, "monotone 1, −1 or None", f"{self.monotone!r}"))
        if self.lipschitz is not None and not (isinstance(self.lipschitz, (int, Fraction)) and self.lipschitz >= 0):
            raise TermError(explain(where, "a lipschitz that is a rational number at least 0", f"{self.lipschitz!r}"))
        for attribute in ("domain", "bounds"):
            low, high = getattr(self, attribute)
            if isnan(low) or isnan(high) or low > high:
                raise TermError(explain(where, f"the ends of an interval for its {attribute}", f"[{low}, {high}]"))
        usual = {"text": f"{self.name}({{}})", "latex": rf"\operatorname{{{self.name}}}\left({{}}\right)"}
        for attribute, shown in usual.items():
            shown = getattr(self, attribute) or shown
            if shown.count("{}") != 1:
                raise TermError(explain(where, f"one {{}} in its {attribute}, for the argument", f"{shown!r}"))
            object.__setattr__(self, attribute, shown)

    def __call__(self, argument: Any) -> Scalar:
        """Return the term for the function's value at a scalar."""
        return Applied(self, argument)

    def __str__(self) -> str:
        return self.name

    def admits(self, value: Any) -> bool:
        """Say whether a number is in the interval where the function is defined, its ends counted in."""
        low, high = self.domain
        return bool(low <= value <= high)


@dataclass(frozen=True)
class Applied(Scalar):
    """The value of a declared function at a scalar, ``exp(‖x_i − z_j‖)``.

    Where the argument is outside the function's domain the value is undefined, and what is said of it undecided.
    """

    function: Function
    argument: Scalar

    def __post_init__(self) -> None:
        if not isinstance(self.function, Function):
            raise InvalidTypeError(explain("function", "a Function", f"{self.function!r}"))
        argument: object = self.argument
        if isinstance(argument, Vector):
            raise TermError(explain(self.function.name, "a scalar", f"the vector {argument}", "take its norm"))
        object.__setattr__(self, "argument", scalar(argument))

    @property
    def children(self) -> tuple[Term, ...]:
        """The argument."""
        return (self.argument,)
