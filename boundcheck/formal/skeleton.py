"""A bound of one's own: found in a Python file, and set out as a Coq file whose proof is still to be written."""

from __future__ import annotations

from boundcheck.formal.coq import coq_name, coq_statement, prose
from boundcheck.formal.inquiry import ANALYSIS
from boundcheck.language import Bound, Space

__all__ = ["skeleton"]

_SKELETON = """\
(** {title}

      {reading}

    Coq reads every object of the statement from its mathcomp library; the lemmas that carry the proofs of the known
    bounds are in Extrema.v (largest and smallest values) and {base}.v. Write the proof in place of Abort, end it with
    Qed, say proof="{module}.{name}" in the Bound, and run: boundcheck prove {spec} *)

From mathcomp Require Import all_ssreflect all_algebra.
{analysis}From Boundcheck Require Import Extrema {base}.
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
        analysis=ANALYSIS if statement.analysis else "",
        name=coq_name(bound.name),
        spec=prose(spec),
        statement=indented,
        introductions=" ".join(statement.introductions),
    )
