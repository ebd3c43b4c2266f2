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
from boundcheck.language import READERS
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
        reasons: dict[str, list[str]] = {}
        for kind in without:
            reasons.setdefault(rules.refused[kind], []).append(f"``{kind.__name__}``")
        told = "; ".join(f"{', '.join(names)}: {reason}" for reason, names in reasons.items())
        lines += [f"   * - {name}", f"     - {shown}", f"     - {told}"]
    return "\n".join(lines)
