"""What is computed of a triple, as an expression: it stands for a float64 in code that is written for many of them.

An expression computes as a tensor or an array does where the rules of this package use one, so that they can be run on
expressions as they stand. Each operation is one operation of IEEE 754 in the order written: nothing is reordered or fused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

import numpy as np

__all__ = ["ALONE", "EVERY", "NEGATIVE", "POSITIVE", "Expression", "Sheet"]

#: Over which of a grid's axes a number varies.
ALONE, POSITIVE, NEGATIVE, EVERY = "", "z", "w", "zw"

# Of two that are equal, the second; of NaN and a number, NaN: as arrays do.
_SOURCES = {
    "+": "{} + {}",
    "-": "{} - {}",
    "*": "{} * {}",
    "<": "{} < {}",
    "<=": "{} <= {}",
    "==": "{} == {}",
    "&": "{} & {}",
    "|": "{} | {}",
    "not": "not {}",
    "negative": "-{}",
    "abs": "abs({})",
    "sqrt": "np.sqrt({})",
    "finite": "abs({}) < np.inf",
    "larger": "{0} if ({0} > {1}) | ({0} != {0}) else {1}",
    "smaller": "{0} if ({0} < {1}) | ({0} != {0}) else {1}",
    "choose": "{1} if {0} else {2}",
}


class Sheet:
    """Expressions of one loop, each written once.

    Attributes
    ----------
    numbers
        The values of those that are numbers: they are given when the loop runs, so that other numbers make no other code.
    inputs
        Those that tables give, in their order.
    """

    def __init__(self) -> None:
        self.numbers: list[float] = []
        self.inputs: list[Expression] = []
        self._lines: dict[tuple[Any, ...], Expression] = {}

    def number(self, value: float) -> Expression:
        """Return a number."""
        key = "number", np.float64(value).tobytes()
        if key not in self._lines:
            self._lines[key] = Expression(self, f"c{len(self.numbers)}", ALONE, None)
            self.numbers.append(float(value))
        return self._lines[key]

    def input(self, axes: str) -> Expression:
        """Return a number that a new table gives for each triple, or for each positive, negative or anchor."""
        made = Expression(self, f"t{len(self.inputs)}", axes, None)
        self._lines["input", len(self.inputs)] = made
        self.inputs.append(made)
        return made

    def operation(self, name: str, *parts: Expression) -> Expression:
        """Return what an operation makes of others."""
        key = name, *(part.name for part in parts)
        if key not in self._lines:
            axes = "".join(axis for axis in EVERY if any(axis in part.axes for part in parts))
            line = _SOURCES[name].format(*(part.name for part in parts))
            self._lines[key] = Expression(self, f"v{len(self._lines)}", axes, line)
        return self._lines[key]

    def taken(self, value: Any) -> Expression:
        """Return an expression, or a number as one."""
        return value if isinstance(value, Expression) else self.number(float(value))

    def lines(self, needed: Iterable[Expression]) -> list[Expression]:
        """Return what is computed on the way to some expressions, each after its parts."""
        wanted = {one.name for one in needed}
        kept = []
        for key, made in reversed(self._lines.items()):
            if made.name in wanted and made.line is not None:
                kept.append(made)
                wanted.update(key[1:])
        return kept[::-1]


class Expression:
    """A float64, or whether something is so, of a triple."""

    __slots__ = ("axes", "line", "name", "sheet")

    def __init__(self, sheet: Sheet, name: str, axes: str, line: str | None) -> None:
        self.sheet, self.name, self.axes, self.line = sheet, name, axes, line

    __hash__ = object.__hash__

    def _with(self, name: str, *others: Any) -> Expression:
        return self.sheet.operation(name, self, *map(self.sheet.taken, others))

    def _after(self, name: str, other: Any) -> Expression:
        return self.sheet.operation(name, self.sheet.taken(other), self)

    def __add__(self, other: Any) -> Expression:
        return self._with("+", other)

    def __radd__(self, other: Any) -> Expression:
        return self._after("+", other)

    def __sub__(self, other: Any) -> Expression:
        return self._with("-", other)

    def __rsub__(self, other: Any) -> Expression:
        return self._after("-", other)

    def __mul__(self, other: Any) -> Expression:
        return self._with("*", other)

    def __rmul__(self, other: Any) -> Expression:
        return self._after("*", other)

    def __neg__(self) -> Expression:
        return self._with("negative")

    def __abs__(self) -> Expression:
        return self._with("abs")

    abs = __abs__

    def __lt__(self, other: Any) -> Expression:
        return self._with("<", other)

    def __le__(self, other: Any) -> Expression:
        return self._with("<=", other)

    def __gt__(self, other: Any) -> Expression:
        return self._after("<", other)

    def __ge__(self, other: Any) -> Expression:
        return self._after("<=", other)

    def __eq__(self, other: Any) -> Expression:  # type: ignore[override]
        return self._with("==", other)

    def __and__(self, other: Expression) -> Expression:
        return self._with("&", other)

    def __or__(self, other: Expression) -> Expression:
        return self._with("|", other)

    def __invert__(self) -> Expression:
        return self._with("not")

    def __bool__(self) -> bool:
        raise TypeError("what is so of some triples is not so of others")

    def numel(self) -> int:
        """Return 1: an expression is of one triple."""
        return 1

    def sqrt(self) -> Expression:
        """Return the square root."""
        return self._with("sqrt")

    def finite(self) -> Expression:
        """Return whether it is neither infinite nor NaN."""
        return self._with("finite")

    def larger(self, other: Any) -> Expression:
        """Return the larger of two, NaN if either is."""
        return self._with("larger", other)

    def smaller(self, other: Any) -> Expression:
        """Return the smaller of two, NaN if either is."""
        return self._with("smaller", other)

    def choose(self, first: Any, second: Any) -> Expression:
        """Return the first number where this is so, else the second."""
        return self._with("choose", first, second)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        """Return what a function of NumPy's makes of expressions."""
        rule = _UFUNCS.get(ufunc)
        if method != "__call__" or options or rule is None:
            return NotImplemented
        return rule(*map(self.sheet.taken, inputs))


_UFUNCS: dict[np.ufunc, Callable[..., Expression]] = {
    np.add: lambda a, b: a + b,
    np.subtract: lambda a, b: a - b,
    np.multiply: lambda a, b: a * b,
    np.maximum: lambda a, b: a.larger(b),
    np.minimum: lambda a, b: a.smaller(b),
    np.sqrt: lambda a: a.sqrt(),
    np.absolute: lambda a: abs(a),
    np.isfinite: lambda a: a.finite(),
}


def largest(parts: Sequence[Any]) -> Expression:
    """Return the largest of several expressions, NaN if any is."""
    found = cast(Expression, parts[0])
    for part in parts[1:]:
        found = found.larger(part)
    return found
