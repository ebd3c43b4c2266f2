"""A stored counterexample, checked again against its bound as it is now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from boundcheck.adversary.bundles import read_text
from boundcheck.adversary.outcome import Refuted, case_of, require_maps, statement_of
from boundcheck.adversary.problem import Problem
from boundcheck.adversary.serialized import write
from boundcheck.arithmetic import certified
from boundcheck.errors import InvalidTypeError, InvalidValueError, ParameterError, explain
from boundcheck.evaluate import Enclosed, Verdict
from boundcheck.language import Bound
from boundcheck.language.mathml import AboutABound
from boundcheck.printable import printable
from boundcheck.theorems.find import resolve, split_reference

__all__ = ["Replay", "replay"]


@dataclass(frozen=True)
class Replay(AboutABound):
    """A counterexample, checked again.

    Attributes
    ----------
    refuted
        The counterexample as it was stored.
    bound
        The statement as it is now.
    changed
        Whether that is another than it was.
    verdict
        Of the statement as it is now, at the stored points; None where it says nothing of such points.
    lhs, rhs
        Its two sides there, or None.
    not_run
        The FILE.py:NAME that the bundle refers to and that was not run, so that the statement is the bundle's own; or
        None.
    """

    refuted: Refuted
    bound: Bound
    changed: bool
    verdict: Verdict | None
    lhs: Enclosed | None
    rhs: Enclosed | None
    not_run: str | None = None

    @property
    def status(self) -> str:
        """``"still fails"``, ``"no longer fails"``, or ``"the statement has changed"``."""
        if self.changed:
            return "the statement has changed"
        return "still fails" if self.verdict is Verdict.FAILS else "no longer fails"

    def __str__(self) -> str:
        lines = [f"{self.status}  {printable(self.bound)}"]
        if self.changed:
            lines.append(f"it was: {printable(self.refuted.bound)}")
        if self.verdict is None:
            lines.append("it says nothing of the stored points")
        else:
            lines.append(f"here: {self.verdict}, left side {self.lhs}, right side {self.rhs}")
        if self.not_run is not None:
            lines.append(printable(f"by the statement that the bundle holds: {self.not_run} was not run"))
        return "\n".join(lines)

    def summary(self) -> dict[str, Any]:
        """Return it as plain JSON types."""
        return {
            "status": self.status,
            "bound": self.bound.name,
            "statement": statement_of(self.bound),
            "changed": self.changed,
            "not_run": self.not_run,
            "verdict": None if self.verdict is None else self.verdict.value,
            "lhs": None if self.lhs is None else [float(self.lhs), self.lhs.error],
            "rhs": None if self.rhs is None else [float(self.rhs), self.rhs.error],
        }


@certified
def replay(
    bundle: str | Path | Refuted,
    *,
    bound: Bound | str | None = None,
    f: Callable[[Any], Any] | None = None,
    trust: bool = False,
) -> Replay:
    """Check a stored counterexample again, against the bound as it is now.

    Parameters
    ----------
    bundle
        A file that :meth:`Refuted.save` wrote, or a counterexample.
    bound
        The bound as it is now, its name, or FILE.py:NAME, a file that is run. Left out, the known bound that the bundle
        names; else the statement that it holds itself.
    f
        The embedding, where there was one.
    trust
        Whether to run a Python file that the bundle names, for the bound as it is there now. A bundle may come from
        anywhere, and name any file.

    Raises
    ------
    FileFormatError
        If the file is no bundle.
    InvalidValueError
        If there is no such bound, or the points are none for it though it has not changed.
    ParameterError
        If f is missing, or given where there was none.
    """
    if not isinstance(trust, bool):
        raise InvalidTypeError(explain("trust", "True or False", f"{trust!r}"))
    found = bundle if isinstance(bundle, Refuted) else Refuted.from_json(read_text(Path(bundle)))
    if found.embedded != (f is not None):
        expected = "the embedding that the points go through" if found.embedded else "None for points as they are"
        raise ParameterError(explain("f", expected, "none" if f is None else "one"))
    wanted: Bound | str | None = bound
    not_run = None
    if bound is None and found.reference is not None:
        if split_reference(found.reference) is None or trust:
            wanted = found.reference
        else:
            not_run = found.reference
    now = found.bound if wanted is None else resolve(wanted)[0]
    changed = write(now) != write(found.bound)
    try:
        problem = Problem(now, f=f)
        case = case_of(problem, found)
        require_maps(problem, case)
        sides = problem.judged([case], escalate=None).conclusion
    except InvalidValueError:
        if not changed:
            raise
        # Of other sizes, or another norm, than those points.
        return Replay(found, now, changed, None, None, None, not_run)
    return Replay(
        refuted=found,
        bound=now,
        changed=changed,
        verdict=sides.verdict_of(),
        lhs=Enclosed(float(sides.lhs), float(sides.lhs_error)),
        rhs=Enclosed(float(sides.rhs), float(sides.rhs_error)),
        not_run=not_run,
    )
