"""From a statement to a proof that Coq has accepted, in a file beside the statement's own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from boundcheck.atomic import write_text
from boundcheck.errors import InvalidValueError, TermError, explain
from boundcheck.formal import prover
from boundcheck.formal.chains.script import FOUND, script
from boundcheck.formal.chains.search import Case, Chain, Goal, Proof, Searched, search
from boundcheck.formal.coq import Coupled
from boundcheck.language import Bound, Relation, Space

__all__ = ["Found", "Step", "found_beside", "search_proof"]


@dataclass(frozen=True)
class Step:
    """A link of a found chain, for people.

    Attributes
    ----------
    depth
        How many case distinctions it stands under.
    term
        The term it leads to; of a first line the term it starts from, of a case the case.
    relation
        ``≤``, ``=``, or empty in a first line and a case.
    rule, lemma
        The rule used and the lemma of ``proofs/`` that it rests on.
    premise
        The name of the premise used; empty where none is.
    """

    depth: int
    term: str
    relation: str = ""
    rule: str = ""
    lemma: str = ""
    premise: str = ""

    def __str__(self) -> str:
        reason = ", ".join(filter(None, (self.rule, self.premise)))
        return f"{'  ' * self.depth}{self.relation}{' ' if self.relation else ''}{self.term}{f'   [{reason}]' if reason else ''}"


@dataclass(frozen=True)
class Found:
    """What a search for a proof came to.

    Attributes
    ----------
    bound
        The statement; with a proof in `file`, where one was found, and with its links as a chain that
        :func:`boundcheck.check_bound` measures, where it is one chain of the language's terms.
    status
        ``"proved (all sizes, any norm)"``, ``"proved (all sizes, Euclidean)"``, ``"not found"``, or ``"rejected by Coq"``:
        a fault of the search, which proves nothing.
    steps
        The chain that was found.
    left
        What could not be shown, if that is known; and why nothing could begin.
    file
        Where the proof is; None where there is none.
    message
        What Coq said of a chain that it rejected.
    facts, searched, checked
        How many facts were looked at, and the seconds of the search and of Coq.
    """

    bound: Bound
    status: str
    steps: tuple[Step, ...] = ()
    left: str = ""
    file: Path | None = None
    message: str = ""
    facts: int = 0
    searched: float = 0.0
    checked: float = 0.0

    @property
    def proved(self) -> bool:
        """Whether Coq has accepted the proof."""
        return self.status.startswith("proved")

    @property
    def length(self) -> int:
        """How many links the chain has."""
        return sum(1 for step in self.steps if step.relation == "≤")

    def summary(self) -> dict[str, object]:
        """Return it as plain data."""
        steps = [
            {name: value for name, value in vars(step).items() if value not in ("", 0) or name == "term"}
            for step in self.steps
        ]
        return {
            "bound": self.bound.name,
            "status": self.status,
            "proof": self.bound.proof if self.proved else None,
            "file": None if self.file is None else str(self.file),
            "chain": steps,
            "left": self.left,
            "message": self.message,
            "facts": self.facts,
            "seconds": {"search": round(self.searched, 3), "coq": round(self.checked, 3)},
        }

    def __str__(self) -> str:
        lines = [f"{self.bound.name}: {self.status}"]
        lines += [f"  {step}" for step in self.steps]
        if self.left:
            lines.append(f"left to show: {self.left}")
        if self.message:
            lines.append(f"Coq: {self.message}")
        if self.file is not None:
            lines.append(f"{self.file}: {self.bound.proof}")
        lines.append(f"{self.facts} facts, {self.searched:.1f} s of search, {self.checked:.1f} s of Coq")
        return "\n".join(lines)


def search_proof(
    bound: Bound, *, file: Path | None = None, seconds: float = 60.0, directory: Path | None = None
) -> Found:
    """Search for a proof of a bound, write it as a Coq file, and have Coq check it.

    Parameters
    ----------
    bound
        The statement.
    file
        The Coq file to write (default: the bound's name, in the working directory). One that is there already is written
        over only if the search wrote it.
    seconds
        How long to search at most.
    directory
        The folder of Coq files, see :func:`boundcheck.formal.prover.find_proofs`.

    Returns
    -------
    Found
        Only what Coq accepts counts as proved.

    Raises
    ------
    InvalidValueError
        If there are no Coq files, or `file` is there and was not written by the search.
    MissingDependencyError
        If Coq is not installed.
    """
    path = file or prover.new_file(bound.name, directory)
    if path.exists() and not _ours(path):
        told = f"{path}, which the search did not write"
        raise InvalidValueError(explain("file", "one that is new, or that the search wrote", told, "name another one"))
    searched = search(bound, seconds=seconds)
    left = searched.reason or ("" if searched.left is None else _stated(searched.left))
    if not searched.proof:
        return Found(bound, "not found", (), left, facts=searched.facts, searched=searched.seconds)
    steps = tuple(_steps(searched))
    named = replace(bound, proof=f"{path.stem}.{prover.coq_name(bound.name)}", chain=_measured(bound, searched))
    try:
        text = script(searched, "\n".join(map(str, steps)))
    except TermError as error:
        return Found(bound, "not found", steps, str(error), facts=searched.facts, searched=searched.seconds)
    started = time.monotonic()
    write_text(path, text)
    report = prover.prove(prover.claims([named]), directory=directory, extra=(path,))
    (proof,) = report.proofs
    checked = time.monotonic() - started
    accepted = proof.status is prover.Status.PROVED and not report.problems
    status = f"proved (all sizes, {_where(bound)})" if accepted else "rejected by Coq"
    message = "" if accepted else "; ".join(report.problems) or proof.message
    if not accepted:
        path.unlink()
    return Found(
        named if accepted else bound,
        status,
        steps,
        "",
        path if accepted else None,
        message,
        searched.facts,
        searched.seconds,
        checked,
    )


def found_beside(bound: Bound, file: Path) -> Bound:
    """Return a bound with the proof that a search has written beside its file; as it is where there is none."""
    path = file.with_name(prover.new_file(bound.name).name)
    if bound.proof is None and path.is_file() and _ours(path):
        return replace(bound, proof=f"{path.stem}.{prover.coq_name(bound.name)}")
    return bound


def _measured(bound: Bound, searched: Searched) -> tuple[Bound, ...]:
    """Return the links as bounds, each with the bound's premises; those that the bound has where that cannot be."""
    chain = searched.proof[0]
    if bound.chain or len(searched.proof) > 1 or not isinstance(chain, Chain) or not chain.links:
        return bound.chain
    terms = [bound.lhs, *(link.after.term() for link in chain.links[:-1]), bound.rhs]
    if any(isinstance(node, Coupled) for term in terms for node in term.walk()):
        return ()
    try:
        return tuple(
            replace(
                bound,
                name=f"{bound.name}-{place}",
                title=next(link.fact.sources()).rule.says,
                lhs=lhs,
                rhs=rhs,
                sharpness="",
                proof=None,
            )
            for place, (link, lhs, rhs) in enumerate(zip(chain.links, terms, terms[1:], strict=False), start=1)
        )
    except TermError:  # one letter for indices of two kinds, say
        return ()


def _ours(path: Path) -> bool:
    with path.open(encoding="utf-8", errors="replace") as text:
        return text.readline().rstrip("\n") == FOUND


def _where(bound: Bound) -> str:
    return "Euclidean" if bound.space is Space.EUCLIDEAN else "any norm"


def _stated(goal: Goal) -> str:
    return f"{goal}" if not goal.fixed else f"{goal} for all {', '.join(map(str, goal.fixed))}"


def _steps(searched: Searched) -> Iterator[Step]:
    for place, proof in enumerate(searched.proof):
        if searched.bound.relation is Relation.EQUAL:
            yield Step(0, "one way" if place == 0 else "the other way")
        yield from _steps_of(proof, 0)


def _steps_of(proof: Proof, depth: int) -> Iterator[Step]:
    if isinstance(proof, Case):
        for value, part in zip(proof.values, proof.parts, strict=True):
            at = f" at {proof.index}" if proof.index is not None else ""
            yield Step(depth, f"{proof.atom} is {value}{at}:")
            yield from _steps_of(part, depth + 1)
        return
    yield from _links(proof, depth)


def _links(chain: Chain, depth: int) -> Iterator[Step]:
    yield Step(depth, f"{chain.goal.lhs.term()}")
    for link in chain.links:
        source = next(link.fact.sources()).rule
        lemma = ", ".join(dict.fromkeys(one.rule.lemma for one in link.fact.sources()))
        premise = "" if link.fact.premise is None else link.fact.premise.name
        yield Step(depth, f"{link.after.term()}", "≤", source.says, lemma, premise)
