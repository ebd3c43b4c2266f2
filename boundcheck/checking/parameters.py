"""Values given for a bound's parameters."""

from __future__ import annotations

import math
from collections.abc import Mapping

from torch import Tensor

from boundcheck.errors import ParameterError, explain, require_real
from boundcheck.evaluate.planned import reader_for
from boundcheck.language import Bound, Collection, Parameter, Weights

__all__ = ["finite_m", "given_parameters", "require_possible"]


def given_parameters(bound: Bound, m: float | None) -> dict[Parameter, float]:
    """Return the values given for a bound's parameters: m, or none."""
    given = finite_m(m)
    if m is None:
        return {}
    named = [parameter for parameter in bound.parameters() if parameter.symbol == "m"]
    if not named:
        raise ParameterError(explain("m", f"None, since bound {bound.name!r} has no m", f"{m:g}", "leave m out"))
    return {named[0]: next(iter(given.values()))}


def finite_m(m: float | None) -> dict[Parameter, float]:
    """Return the value given for m, or raise :class:`ParameterError` where it is no finite number."""
    if m is None:
        return {}
    m = require_real("m", m, "a number or None")
    if not math.isfinite(m):
        raise ParameterError(explain("m", "a finite number", f"{m}", "leave m out to use the least m that is true"))
    return {Parameter("m"): m}


def require_possible(
    bound: Bound,
    batch: Mapping[Collection, Tensor],
    p: float,
    given: Mapping[Parameter, float],
    weights: Mapping[Weights, Tensor],
) -> None:
    """Refuse a parameter below its premise's floor: more likely a mistake than a premise that fails."""
    for premise in bound.quantified:
        parameter = premise.parameter
        if premise.floor is None or parameter is None or parameter not in given:
            continue
        value = given[parameter]
        floor = reader_for(batch, p, weights=weights, errors=True).scalar(premise.floor)
        low = float(floor.value) - float(floor.error if floor.error is not None else 0)
        if value < low:
            raise ParameterError(
                explain(
                    parameter.symbol,
                    f"a number in [{float(floor.value):.6g}, ∞), the range of {premise.floor} and above",
                    f"{value:g}",
                    premise.hint or None,
                )
            )
