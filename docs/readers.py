"""The table of constructs × readers as text: read off the tables that the readers themselves follow."""

from __future__ import annotations

import boundcheck.adversary.map_values
import boundcheck.adversary.premises
import boundcheck.adversary.serialized
import boundcheck.adversary.strategies
import boundcheck.checking.premises
import boundcheck.evaluate.grouped.terms
import boundcheck.evaluate.readers.exact
import boundcheck.formal.witness  # noqa: F401 (each adds its table)
from boundcheck.language import FUNCTIONS, READERS, Function
from boundcheck.language.rules import constructs


def table(over: type) -> str:
    """Return a list of the readers with what each has no rule for, of the kinds of terms or of premises."""
    kinds = constructs(over)
    lines = [
        ".. list-table::",
        "   :header-rows: 1",
        "",
        "   * - reader",
        "     - has a rule for",
        "     - has none for",
    ]
    for name, rules in sorted(READERS.items()):
        own = [kind for kind in kinds if kind in rules.rules]
        without = [kind for kind in kinds if kind in rules.refused]
        if not own and not without:
            continue
        whole = len(own) == sum(issubclass(kind, rules.over) for kind in kinds)
        shown = "all" if whole else ", ".join(f"``{kind.__name__}``" for kind in own)
        # What says which premises mean the same is read as those.
        others = [kind for kind in kinds if issubclass(kind, rules.over) and kind not in (*own, *without)]
        if others:
            shown += f", and what expresses {', '.join(f'``{kind.__name__}``' for kind in others)}"
        reasons: dict[str, list[str]] = {}
        for kind in without:
            reasons.setdefault(rules.refused[kind], []).append(f"``{kind.__name__}``")
        told = "; ".join(f"{', '.join(names)}: {reason}" for reason, names in reasons.items())
        lines += [f"   * - {name}", f"     - {shown}", f"     - {told}"]
    return "\n".join(lines)


def functions() -> str:
    """Return a table of the functions with what each declares."""
    lines = [".. list-table::", "   :header-rows: 1", ""]
    for row in (("function", *_DECLARED), *((name, *_declared(one)) for name, one in FUNCTIONS.items())):
        lines += [f"   {'*' if place == 0 else ' '} - {cell}" for place, cell in enumerate(row)]
    return "\n".join(lines)


_DECLARED = ("defined in", "values in", "float64, ulps", "monotone", "Lipschitz", "balls", "exact values", "Coq")


def _declared(function: Function) -> tuple[str, ...]:
    rises = {1: "rises", -1: "falls", None: "neither"}[function.monotone]
    return (
        _interval(*function.domain),
        _interval(*function.bounds),
        f"{function.ulps}",
        rises,
        "no" if function.lipschitz is None else f"{function.lipschitz}",
        "yes" if function.ball is not None else "no: float64 alone decides",
        "some" if function.exact is not None else "none",
        "no form is declared" if function.coq is None else f"``{function.coq.replace('{}', 't')}``",
    )


def _interval(low: float, high: float) -> str:
    return f"[{low:.4g}, {high:.4g}]".replace("[-inf", "(−∞").replace("inf]", "∞)").replace("-", "−")
