"""The proof checker: what Coq has to prove is printed from the bounds themselves, and Coq is asked whether it has.

``Statements.v`` keeps the printed text, for people to read; it must be what would be printed now. How Coq is asked, so
that nothing in a file of proofs can make it answer another question, is :mod:`boundcheck.formal.inquiry`'s.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path

from boundcheck.errors import InvalidValueError, explain
from boundcheck.formal.compiler import INSTALL, Built, Workshop, alone, version
from boundcheck.formal.coq import coq_name, coq_statement, prose
from boundcheck.formal.inquiry import ANALYSIS, HEADER, Answers, Inquiry, Question, inquiry, with_analysis
from boundcheck.formal.pinned import pins
from boundcheck.formal.sources import OURS, STATEMENTS, needed, sources
from boundcheck.language import Bound
from boundcheck.theorems import every
from boundcheck.theorems.false import FALSE, FalseStatement
from boundcheck.theorems.published import PUBLISHED

__all__ = [
    "ANALYSIS_AXIOMS",
    "AXIOMS",
    "INSTALL",
    "STATEMENTS",
    "Claim",
    "Proof",
    "Report",
    "Status",
    "beside",
    "claims",
    "coq_name",
    "find_proofs",
    "new_file",
    "prove",
    "statements",
]

# Those of Coq's real numbers, and of Flocq, which rounds them.
_REALS = frozenset(
    {
        "Coq.Reals.ClassicalDedekindReals.sig_not_dec",
        "Coq.Reals.ClassicalDedekindReals.sig_forall_dec",
        "Coq.Logic.FunctionalExtensionality.functional_extensionality_dep",
        "Coq.Logic.Classical_Prop.classic",
    }
)

#: The axioms that the exponential and the logarithm of mathcomp-analysis rest on, and so every statement that speaks of them.
ANALYSIS_AXIOMS = frozenset(
    {
        "mathcomp.classical.boolp.propositional_extensionality",
        "mathcomp.classical.boolp.functional_extensionality_dep",
        "mathcomp.classical.boolp.constructive_indefinite_description",
    }
)

#: The axioms that a file of ours may rest on, by file: those of the real numbers, where theorems are read there or rounded.
AXIOMS: Mapping[str, frozenset[str]] = {
    "Reals": _REALS | ANALYSIS_AXIOMS | {"Coq.Logic.Epsilon.epsilon_statement"},
    "Rounding": _REALS,
    "Enclosures": _REALS,
}

_QUALIFIED = re.compile(r"[^\W\d][\w']*(\.[^\W\d][\w']*)+")


class Status(Enum):
    """What became of a bound's proof."""

    PROVED = "proved"
    FAILED = "failed"
    OPEN = "no proof"


@dataclass(frozen=True)
class Claim:
    """A proposition and the theorem that is to prove it.

    Attributes
    ----------
    name
        The bound's.
    proposition
        In Coq.
    reading
        The same for people.
    theorem
        ``"Upper.chamfer"``, or None where there is no proof.
    analysis
        Whether the proposition speaks of what mathcomp-analysis has, and so rests on :data:`ANALYSIS_AXIOMS` itself.
    """

    name: str
    proposition: str
    reading: str
    theorem: str | None
    analysis: bool = False

    @property
    def file(self) -> str | None:
        """The file of the theorem, without its suffix."""
        return self.theorem.rpartition(".")[0] if self.theorem else None

    def text(self, key: str) -> str:
        """Return the three lines of ``Statements.v``, with names that end so."""
        reading = f"(* {prose(f'{self.name}: {self.reading}')} *)\nDefinition stmt_{key} : Prop :=\n{self.proposition}."
        if self.theorem is None:
            return f"{reading}\n"
        full = f"Boundcheck.{self.theorem}"
        return f"{reading}\nDefinition ok_{key} : stmt_{key} := @{full}.\nPrint Assumptions {full}.\n"


@dataclass(frozen=True)
class Proof:
    """What Coq said of a claim.

    Attributes
    ----------
    name, theorem
        Of the claim.
    status
        Whether Coq accepts the theorem as a proof of the claim.
    lines, seconds
        The theorem's length, statement included, and how long Coq took for it; None where it is not known.
    assumptions
        The axioms it rests on.
    message
        Why it failed.
    """

    name: str
    theorem: str | None
    status: Status
    lines: int | None = None
    seconds: float | None = None
    assumptions: tuple[str, ...] = ()
    message: str = ""


@dataclass(frozen=True)
class Report:
    """What Coq said of all claims, and what else must not be.

    Attributes
    ----------
    proofs
        One for each claim.
    others
        Further theorems of the files, which no bound names: how many, and the axioms of those that have some.
    problems
        What ``--strict`` does not let pass.
    coq
        The version of Coq.
    seconds
        In all.
    """

    proofs: tuple[Proof, ...]
    others: int
    problems: tuple[str, ...]
    coq: str
    seconds: float

    def count(self, status: Status) -> int:
        """Return how many claims ended so."""
        return sum(proof.status is status for proof in self.proofs)

    @property
    def proved(self) -> bool:
        """Whether every claim is proved."""
        return self.count(Status.PROVED) == len(self.proofs)

    def summary(self) -> dict[str, object]:
        """Return the report as plain data."""
        theorems = [{**asdict(proof), "status": proof.status.value} for proof in self.proofs]
        counts = {status.value: self.count(status) for status in Status}
        return {
            "counts": counts,
            "theorems": theorems,
            "others": self.others,
            "problems": list(self.problems),
            "coq": self.coq,
            "seconds": round(self.seconds, 3),
        }


def claims(bounds: Iterable[Bound | FalseStatement]) -> tuple[Claim, ...]:
    """Return what Coq has to prove for each bound: the statement, or of a false one its negation."""
    return tuple(_claim(bound) for bound in bounds)


def _claim(bound: Bound | FalseStatement) -> Claim:
    false = isinstance(bound, FalseStatement)
    said = bound.bound if isinstance(bound, FalseStatement) else bound
    reading = f"not: {_reading(said)}" if false else _reading(said)
    # A statement without a proof need not be one that Coq could read.
    if bound.proof is None:
        return Claim(bound.name, "", reading, None)
    statement = coq_statement(said)
    return Claim(bound.name, statement.negation if false else str(statement), reading, bound.proof, statement.analysis)


def _reading(bound: Bound) -> str:
    premises = f", if {' and '.join(map(str, bound.premises))}" if bound.premises else ""
    return f"{bound.statement}{premises}"


def registered() -> tuple[Claim, ...]:
    """Return the claims of all known bounds, of their chains' links, of statements known to be false, and of published ones.

    A published statement without a proof claims none: it is listed as tested.
    """
    known = every()
    published = [statement.bound for statement in PUBLISHED.values() if statement.bound.proof]
    return claims((*known.values(), *FALSE, *(bound for bound in published if known.get(bound.name) != bound)))


def statements(of: Sequence[Claim] | None = None) -> str:
    """Return the text of ``Statements.v``."""
    chosen = [claim for claim in (registered() if of is None else of) if claim.theorem]
    head = "(** What the theorems say, printed from the bounds in Python. Not to be edited: boundcheck prove --write. *)\n\n"
    keys = list[str]()
    for claim in chosen:
        key = coq_name(claim.name)
        while key in keys:  # "a-b" and "a_b"
            key += "_"
        keys.append(key)
    plain, analysis = (
        "\n".join(claim.text(key) for claim, key in zip(chosen, keys, strict=True) if claim.analysis is of_analysis)
        for of_analysis in (False, True)
    )
    more = (
        f"\n(** What follows speaks of exponentials, logarithms or angles. *)\n\n{ANALYSIS}\n{analysis}"
        if analysis
        else ""
    )
    return f"{head}{_header(chosen)}\n{plain}{more}"


def _header(chosen: Sequence[Claim]) -> str:
    files = dict.fromkeys(claim.file for claim in chosen if claim.file)
    library, opened = HEADER.split("\n", 1)
    return f"{library}\nFrom {OURS} Require {' '.join(files)}.\n{opened}"


def find_proofs(directory: Path | None = None) -> Path:
    """Return the folder with the Coq files: the one given, or ``proofs/`` beside the package in a checkout.

    Raises
    ------
    InvalidValueError
        If there is none.
    """
    found = directory or Path(__file__).resolve().parents[2] / "proofs"
    if not (found / "_CoqProject").is_file():
        fix = "they come with the source, not with the installed package: pass directory=DIR, from a checkout"
        raise InvalidValueError(explain("proofs", "a folder of Coq files with its _CoqProject", f"{found}", fix))
    return found


def beside(bound: Bound, file: Path) -> tuple[Path, ...]:
    """Return the Coq file beside a Python file that holds the proof of its bound, if the bound names one there."""
    # What is no theorem's name is not a file's either, "../elsewhere.proof" say.
    if not _QUALIFIED.fullmatch(bound.proof or ""):
        return ()
    path = file.with_name(f"{(bound.proof or '').rpartition('.')[0]}.v")
    return (path,) if path.is_file() else ()


def new_file(name: str, directory: Path | None = None) -> Path:
    """Return where the proof of a bound of that name may be: a file's name that none of ours has."""
    stem = coq_name(name).capitalize()
    try:
        words = (find_proofs(directory) / "_CoqProject").read_text(encoding="utf-8").split()
    except InvalidValueError:  # not in a checkout
        words = []
    return Path(f"{stem}_of_mine.v" if f"{stem}.v" in words else f"{stem}.v")


def prove(
    chosen: Sequence[Claim] | None = None,
    *,
    directory: Path | None = None,
    extra: Sequence[Path] = (),
    jobs: int | None = None,
) -> Report:
    """Compile the proofs and say of each claim whether it is proved.

    Parameters
    ----------
    chosen
        The claims; by default those of every known bound, and then ``Statements.v`` and the files' other theorems
        are looked at too.
    directory
        The folder with the Coq files, see :func:`find_proofs`.
    extra
        Further Coq files, which may use those of the folder.
    jobs
        How many files to compile at once (default: one for each core).

    Raises
    ------
    InvalidValueError
        If there are no Coq files.
    MissingDependencyError
        If Coq or a library of it that the files use, mathcomp or Flocq, is not installed.
    """
    started = time.monotonic()
    folder = find_proofs(directory)
    coq = version()
    whole = chosen is None
    asked = registered() if chosen is None else tuple(chosen)
    files = sources(folder, extra)
    wanted = files if whole else needed(files, {claim.file for claim in asked if claim.file})
    with alone(folder / "_build"):
        workshop = Workshop(folder / "_build", coq)
        built = workshop.build(wanted, jobs or os.cpu_count() or 1)
        with inquiry(workshop) as room:
            proofs, other, problems = _check(asked, built, room, whole)
    if whole:
        kept = folder / STATEMENTS
        if not kept.is_file() or kept.read_text(encoding="utf-8") != statements(asked):
            problems += (f"{STATEMENTS}: not what the bounds say now; boundcheck prove --write prints it anew",)
    problems += tuple(f"{name}: {proof}" for file in built.values() for name, proof in file.source.unproved())
    problems += tuple(
        f"{proof.name}: {proof.message or proof.status.value}" for proof in proofs if proof.status is not Status.PROVED
    )
    return Report(proofs, other, problems, coq, time.monotonic() - started)


def _check(
    asked: Sequence[Claim], built: Mapping[str, Built], room: Inquiry, whole: bool
) -> tuple[tuple[Proof, ...], int, tuple[str, ...]]:
    """Ask Coq whether each theorem proves its claim, and what it rests on."""
    # Names of bounds may coincide; places do not.
    messages = {place: _unready(claim, built) for place, claim in enumerate(asked) if claim.theorem}
    ready = {f"{place}": claim for place, claim in enumerate(asked) if messages.get(place) == ""}
    named = {claim.theorem for claim in asked}
    others = [
        f"{name}.{theorem}"
        for name, file in built.items()
        if whole and not file.message
        for theorem in file.source.named("Theorem", "Corollary")
        if f"{name}.{theorem}" not in named
    ]
    answers = _answers(ready, others, built, room)
    problems = [file.message for file in built.values() if file.message]
    drifted = _pinned(others, built, room) if whole else []
    if answers.axioms:  # else there is nothing that could count
        problems += room.audit([file.source.path for file in built.values() if not file.message])
    proofs = []
    for place, claim in enumerate(asked):
        message = messages.get(place) or answers.refused.get(f"{place}", "")
        file = built.get(claim.file or "")
        theorem = (claim.theorem or "").rpartition(".")[2]
        at = file.source.theorems.get(theorem) if file else None
        axioms = answers.axioms.get(f"{place}", ())
        message = message or "; ".join(_forbidden(claim.theorem or "", axioms, built, claim.analysis))
        if claim.theorem and not message and f"{place}" not in answers.axioms:
            message = "Coq gave no answer"
        proofs.append(
            Proof(
                claim.name,
                claim.theorem,
                Status.OPEN if claim.theorem is None else Status.FAILED if message else Status.PROVED,
                at[2] if at else None,
                file.seconds(theorem) if file and not message else None,
                axioms,
                message,
            )
        )
    for theorem in others:
        if theorem in answers.axioms:
            problems += _forbidden(theorem, answers.axioms[theorem], built)
        else:
            problems.append(answers.refused.get(theorem, f"{theorem}: Coq gave no answer"))
    problems += drifted
    return tuple(proofs), len(others), tuple(dict.fromkeys(problems))


def _pinned(others: Sequence[str], built: Mapping[str, Built], room: Inquiry) -> list[str]:
    """Return which theorems that no bound names have no pinned statement, or another than the one pinned."""
    held = pins({name: file.source for name, file in built.items()})
    stated = {pin.of for pin in held}
    problems = [f"{theorem}: no file Pinned*.v holds its statement" for theorem in others if theorem not in stated]
    asked = [pin for pin in held if not built[pin.file].message]
    questions = [Question(pin.statement, (pin.proof,), pin.statement, axioms=False) for pin in asked]
    files = [file.source.path for file in built.values() if not file.message]
    answers = room.ask("Pinned", questions, files, ())
    problems += [
        f"{pin.of} is not what {pin.file}.v says: {answers.refused.get(pin.statement, 'no answer')}"
        for pin in asked
        if pin.statement not in answers.axioms
    ]
    return problems


def _unready(claim: Claim, built: Mapping[str, Built]) -> str:
    """Return why a claim's theorem cannot even be asked for."""
    if not _QUALIFIED.fullmatch(claim.theorem or ""):
        return f"{claim.theorem} is no theorem's name, as File.theorem is"
    file = built.get(claim.file or "")
    if file is None:
        return f"no file {claim.file}.v in _CoqProject for {claim.theorem}"
    return file.message


def _allowed(file: str, built: Mapping[str, Built]) -> frozenset[str]:
    """Return the axioms that a file may rest on; one that is not of ours has none, whatever its name."""
    ours = file in built and built[file].source.library == OURS
    return AXIOMS.get(file, frozenset()) if ours else frozenset()


def _forbidden(theorem: str, axioms: Sequence[str], built: Mapping[str, Built], analysis: bool = False) -> list[str]:
    """Return the axioms that a theorem may not rest on; what its statement itself rests on, it may."""
    allowed = _allowed(theorem.rpartition(".")[0], built) | (ANALYSIS_AXIOMS if analysis else frozenset())
    return [f"{theorem} assumes {axiom}" for axiom in axioms if axiom not in allowed]


def _answers(ready: Mapping[str, Claim], others: Sequence[str], built: Mapping[str, Built], room: Inquiry) -> Answers:
    """Return the axioms that each claim and each other theorem rests on, and why Coq refused the rest.

    The other theorems of a file are asked for at once, which Coq answers as fast as for one of them: what they rest on
    together, if the file may rest on it, and else each for itself.
    """

    def full(theorem: str) -> str:
        file, _, name = theorem.rpartition(".")
        return f"@{built[file].source.path}.{name}"

    # A library may change how text is read, so no statement is read under one that it does not need.
    plain, analysis = (
        {key: claim.proposition for key, claim in ready.items() if claim.analysis is of_analysis}
        for of_analysis in (False, True)
    )
    stated, refused = room.state("Statements", plain)
    more, others_refused = room.state("Analysis", analysis, with_analysis())
    stated, refused = stated | more, refused | others_refused
    questions = [Question(key, (full(ready[key].theorem or ""),), stated[key]) for key in stated]
    by_file: dict[str, list[str]] = {}
    for theorem in others:
        by_file.setdefault(theorem.rpartition(".")[0], []).append(theorem)
    together = {f"all of {file}.v": (file, theorems) for file, theorems in by_file.items()}
    questions += [Question(name, tuple(map(full, theorems))) for name, (_, theorems) in together.items()]
    files = [file.source.path for file in built.values() if not file.message]
    known = sorted(frozenset().union(*AXIOMS.values()))
    first = room.ask("Answers", questions, files, known)
    found, refused = dict(first.axioms), refused | first.refused
    apart = list[str]()
    for name, (_, theorems) in together.items():
        axioms = found.pop(name, None)
        refused.pop(name, None)
        if axioms is None or _forbidden(theorems[0], axioms, built):
            apart += theorems
        else:
            found |= dict.fromkeys(theorems, axioms)
    second = room.ask("Apart", [Question(theorem, (full(theorem),)) for theorem in apart], files, known)
    return Answers(found | second.axioms, refused | second.refused)
