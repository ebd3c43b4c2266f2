"""Values given for a bound's parameters."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from boundcheck.errors import InvalidTypeError, ParameterError, explain, require_real
from boundcheck.evaluate.judge import JUDGED
from boundcheck.evaluate.readers.numeric import NumericReader
from boundcheck.language import Bound, Map, Parameter, Weights

__all__ = ["finite_m", "given_parameters", "require_every_value", "require_possible", "symbol_of"]


def given_parameters(
    bound: Bound, m: float | None = None, parameters: Mapping[Any, Any] | None = None
) -> dict[Parameter, float]:
    """Return the values given for a bound's parameters: m, and others by symbol or by the parameter itself.

    Raises
    ------
    InvalidTypeError, ParameterError
        If the bound has no such parameter, or a value is no finite number (below 0, of what a map is Lipschitz with).
    """
    found = finite_m(m)
    if parameters is not None and not isinstance(parameters, Mapping):
        raise InvalidTypeError(explain("parameters", "a mapping from symbols to numbers, or None", f"{parameters!r}"))
    if not found and not parameters:
        return {}
    known = {parameter.symbol: parameter for parameter in bound.parameters()}
    if found and "m" not in known:
        raise ParameterError(explain("m", f"None, since bound {bound.name!r} has no m", f"{m:g}", "leave m out"))
    constants = set(bound.lipschitz_parameters)
    for key, value in (parameters or {}).items():
        symbol = symbol_of(key)
        place = f"parameters[{symbol!r}]"
        if symbol not in known:
            had = ", ".join(known) or "none"
            raise ParameterError(explain(place, f"a parameter of bound {bound.name!r} ({had})", "another"))
        if known[symbol] in found:
            raise ParameterError(explain("m", "its value once", "it as m= and in parameters="))
        expected = f"a finite number{', at least 0: a map is Lipschitz with it' if known[symbol] in constants else ''}"
        number = require_real(place, value, expected)
        if not math.isfinite(number) or (known[symbol] in constants and number < 0):
            raise ParameterError(explain(place, expected, f"{number}"))
        found[known[symbol]] = number
    return found


def require_every_value(bound: Bound, given: Mapping[Parameter, float]) -> None:
    """Refuse to leave out a parameter that no premise of a bound gives a least value.

    Raises
    ------
    TermError
        If a value is missing and a premise is of a kind that there is no rule for: it may be the one that does.
    ParameterError
        If a value is missing.
    """
    for parameter in bound.parameters():
        if parameter not in given and parameter not in bound.least:
            JUDGED.require_premises(bound)
            symbol = parameter.symbol
            expected = f"a value, since no premise of bound {bound.name!r} says what the least {symbol} is"
            raise ParameterError(
                explain(f"parameters[{symbol!r}]", expected, "none", f"pass parameters={{{symbol!r}: …}}")
            )


def symbol_of(key: object) -> str:
    """Return the symbol of what a mapping has as a key: a symbol, or the parameter, map or weights of that symbol."""
    return key.symbol if isinstance(key, (Parameter, Map, Weights)) else str(key)


def finite_m(m: float | None) -> dict[Parameter, float]:
    """Return the value given for m, or raise :class:`ParameterError` where it is no finite number."""
    if m is None:
        return {}
    m = require_real("m", m, "a number or None")
    if not math.isfinite(m):
        raise ParameterError(explain("m", "a finite number", f"{m}", "leave m out to use the least m that is true"))
    return {Parameter("m"): m}


def require_possible(bound: Bound, reader: NumericReader, given: Mapping[Parameter, float]) -> None:
    """Refuse a parameter below its premise's floor: more likely a mistake than a premise that fails."""
    for premise in bound.quantified:
        parameter = premise.parameter
        if premise.floor is None or parameter is None or parameter not in given:
            continue
        value = given[parameter]
        floor = reader.scalar(premise.floor)
        low = float(floor.value) - float(floor.known_error)
        if value < low:
            raise ParameterError(
                explain(
                    parameter.symbol,
                    f"a number in [{float(floor.value):.6g}, ∞), the range of {premise.floor} and above",
                    f"{value:g}",
                    premise.hint or None,
                )
            )
