"""A bound of one's own: found in a Python file, and set out as a Coq file whose proof is still to be written."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from boundcheck.errors import InvalidTypeError, InvalidValueError, explain
from boundcheck.formal.coq import coq_name, coq_statement, prose
from boundcheck.language import Bound, Space
from boundcheck.theorems import get

__all__ = ["find_bound", "skeleton"]

_SKELETON = """\
(** {title}

      {reading}

    Coq reads every object of the statement from its mathcomp library; the lemmas that carry the proofs of the known
    bounds are in Extrema.v (largest and smallest values) and {base}.v. Write the proof in place of Abort, end it with
    Qed, say proof="{module}.{name}" in the Bound, and run: boundcheck prove {spec} *)

From mathcomp Require Import all_ssreflect all_algebra.
From Boundcheck Require Import Extrema {base}.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Theorem {name} :
{statement}.
Proof.
move=> {introductions}.
(* what is left to show is the conclusion *)
Abort.
"""


def skeleton(bound: Bound, *, module: str = "Mine", spec: str = "FILE.py:NAME") -> str:
    """Return a Coq file with the statement of `bound` and an open proof, which loads beside the files of ``proofs/``.

    Parameters
    ----------
    bound
        Any bound that Coq can read, see :func:`boundcheck.formal.coq.coq_statement`.
    module
        The name that the file will have, without its suffix.
    spec
        Where the bound is stated, ``"mybounds.py:conjecture"``.
    """
    statement = coq_statement(bound)
    indented = "\n".join(f"  {line}" for line in str(statement).splitlines())
    return _SKELETON.format(
        title=prose(bound.title or bound.name),
        reading=prose(str(bound)),
        base="Norms" if bound.space is Space.ANY_NORM else "Inner" if bound.space is Space.EUCLIDEAN else "Norms",
        module=module,
        name=coq_name(bound.name),
        spec=prose(spec),
        statement=indented,
        introductions=" ".join(statement.introductions),
    )


def find_bound(spec: str) -> tuple[Bound, Path | None]:
    """Return the known bound of that name, or the one that a Python file holds, and that file: ``mybounds.py:conjecture``.

    The file is run, as Python runs it on import.

    Raises
    ------
    InvalidValueError
        If there is no such bound, file or name in it, or the file does not run.
    InvalidTypeError
        If what the name holds is not a Bound.
    """
    file, colon, attribute = spec.rpartition(":")
    if not colon or not file.endswith(".py"):
        return get(spec), None
    path = Path(file)
    if not path.is_file():
        raise InvalidValueError(explain("bound", f"a Python file {path}", "none there", "write FILE.py:NAME"))
    module_spec = importlib.util.spec_from_file_location(path.stem, path)
    if module_spec is None or module_spec.loader is None:
        raise InvalidValueError(explain("bound", "a Python file", f"{path}"))
    module = importlib.util.module_from_spec(module_spec)
    try:
        module_spec.loader.exec_module(module)
    except Exception as error:
        raise InvalidValueError(
            explain("bound", f"a file {path} that runs", f"{type(error).__name__}: {error}")
        ) from error
    if not hasattr(module, attribute):
        held = ", ".join(name for name, value in vars(module).items() if isinstance(value, Bound)) or "none"
        raise InvalidValueError(explain("bound", f"a Bound named in {path} ({held})", f"{attribute!r}"))
    found = getattr(module, attribute)
    if not isinstance(found, Bound):
        raise InvalidTypeError(explain("bound", f"a Bound as {attribute} in {path}", f"{type(found).__name__}"))
    return found, path
