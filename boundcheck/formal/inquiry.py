"""What Coq is asked, and how its answers are read.

A statement is elaborated in a file that knows only the libraries installed with Coq; a second file requires that one,
compiled, and the proofs, imports nothing, and holds for each claim::

    Definition ok : Stated.stmt := @Boundcheck.Upper.chamfer.
    Redirect "axioms" Print Assumptions ok.

So Coq compares a term that stands already with the theorem's; no notation, scope, coercion, canonical structure, hint,
or module of the proofs' can act on what it means. The names of both files are drawn by lot, each answer comes in a file of
its own, and nothing counts that is not there. In the end coqchk, whose kernel is another, checks everything compiled.
"""

from __future__ import annotations

import re
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from boundcheck.formal.compiler import Outcome, Workshop

__all__ = [
    "ANALYSIS",
    "HEADER",
    "Answers",
    "Inquiry",
    "Question",
    "audit_problems",
    "inquiry",
    "read_assumptions",
    "with_analysis",
]

HEADER = """\
From mathcomp Require Import all_ssreflect all_algebra.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.
"""
"""What a printed statement is written in."""

ANALYSIS = "From mathcomp Require Import reals sequences exp trigo.\n"
"""What one that speaks of exponentials, logarithms or angles is written in besides: mathcomp-analysis has them."""


def with_analysis(header: str = HEADER) -> str:
    """Return a header with the libraries of mathcomp-analysis required after those of algebra, before anything is opened."""
    library, rest = header.split("\n", 1)
    return f"{library}\n{ANALYSIS}{rest}"


_CLOSED = "Closed under the global context"
_AXIOMS = "Axioms:"
_NAME = re.compile(r"[^\W\d][\w'.]*")

# The sections of coqchk's summary, and what each says if nothing is weakened.
_SUMMARY = {
    "Theory": "Set is predicative",
    "Axioms": None,
    "Constants/Inductives relying on type-in-type": "<none>",
    "Constants/Inductives relying on unsafe (co)fixpoints": "<none>",
    "Inductives whose positivity is assumed": "<none>",
}


@dataclass(frozen=True)
class Question:
    """Whether a term proves a proposition, and which axioms it rests on.

    Attributes
    ----------
    name
        Different for each.
    terms
        The one proof; more where only axioms are asked for.
    proposition
        What it is to prove, by the full name of its definition; None where only axioms are asked for.
    axioms
        Whether those are asked for; what is only compared has none to tell.
    """

    name: str
    terms: tuple[str, ...]
    proposition: str | None = None
    axioms: bool = True

    def text(self, key: str) -> str:
        """Return the definition whose axioms are asked for."""
        if self.proposition is None:
            return f"Definition {key} := ({', '.join(self.terms)}).\n"
        return f"Definition {key} : {self.proposition} := {self.terms[0]}.\n"


@dataclass(frozen=True)
class Answers:
    """The axioms that the answer to each question rests on, and why Coq refused the rest."""

    axioms: dict[str, tuple[str, ...]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Inquiry:
    """A room for questions, see :func:`inquiry`.

    Attributes
    ----------
    workshop
        What compiles.
    folder
        Of this inquiry's own files, empty at first.
    token
        Part of all names in it; nobody could know it when the proofs were written.
    compiled
        The files that were compiled here, by their full logical names.
    """

    workshop: Workshop
    folder: Path
    token: str
    compiled: list[str] = field(default_factory=list)

    def state(
        self, name: str, propositions: Mapping[str, str], header: str = HEADER
    ) -> tuple[dict[str, str], dict[str, str]]:
        """Have Coq elaborate propositions where no proof is in sight.

        Returns
        -------
        stated
            The full name of the definition of each, by the names given.
        refused
            Why Coq refused the others.
        """
        library = f"Stated_{self.token}"

        def definition(place: int, proposition: str) -> str:
            return f"Definition stmt_{place} : Prop :=\n{proposition}.\n"

        keys = {key: place for place, key in enumerate(propositions)}
        accepted, refused, _ = self._largest_part(
            library, name, header, {key: definition(keys[key], text) for key, text in propositions.items()}, {}
        )
        return {key: f"{library}.{name}.stmt_{keys[key]}" for key in accepted}, refused

    def ask(self, name: str, questions: Sequence[Question], files: Iterable[str], known: Iterable[str]) -> Answers:
        """Ask questions about the theorems of compiled files.

        Parameters
        ----------
        name
            Of the file that asks.
        questions
            What to ask.
        files
            The full logical names of the files that hold the theorems.
        known
            The full names of axioms that will be told by these; any other goes by what Coq calls it.
        """
        if not questions:
            return Answers()
        stated = [module for module in self.compiled if module.startswith("Stated_")]
        axioms = list(known)
        header = "".join(f"Require {module}.\n" for module in (*stated, *files))
        # A file that is required may have set these for all that require it.
        header += "Unset Printing All.\nSet Printing Width 200.\nSet Printing Depth 1000.\n"
        header += 'Redirect "modules" Print ML Modules.\n'
        header += "".join(f'Redirect "where_{place}" Locate Term {axiom}.\n' for place, axiom in enumerate(axioms))
        places = {question.name: place for place, question in enumerate(questions)}
        chunks = {}
        for question in questions:
            place = places[question.name]
            key = f"ok_{self.token}_{place}"
            chunks[question.name] = question.text(key)
            if question.axioms:
                chunks[question.name] += f'Redirect "axioms_{place}" Print Assumptions {key}.\n'
        library = f"Asked_{self.token}"
        libraries = {**self.workshop.libraries, f"Stated_{self.token}": self._room(f"Stated_{self.token}")}
        accepted, refused, room = self._largest_part(library, name, header, chunks, libraries)
        if not accepted:
            return Answers(refused=refused)
        foreign = re.findall(r"\S*/\S*", _read(room / "modules.out"))
        if foreign:
            why = f"a plugin that is not Coq's own is loaded: {', '.join(foreign)}"
            return Answers(refused=refused | dict.fromkeys(accepted, why))
        full = {}
        for place, axiom in enumerate(axioms):
            short = _shorter(axiom, _read(room / f"where_{place}.out"))
            if short:
                full[short] = axiom
        found: dict[str, tuple[str, ...]] = {}
        compared = {question.name for question in questions if not question.axioms}
        for key in accepted:
            if key in compared:
                found[key] = ()
                continue
            assumed = read_assumptions(_read(room / f"axioms_{places[key]}.out"), full)
            if assumed is None:
                refused[key] = "Coq gave no answer about what it rests on"
            else:
                found[key] = assumed
        return Answers(found, refused)

    def audit(self, files: Sequence[str]) -> list[str]:
        """Have coqchk check compiled files and all of this inquiry's, and return what weakens them."""
        libraries = dict(self.workshop.libraries)
        libraries |= {module.partition(".")[0]: self._room(module.partition(".")[0]) for module in self.compiled}
        said = self.workshop.audit([*files, *self.compiled], libraries)
        return audit_problems(said, tuple(f"{library}." for library in libraries))

    def _room(self, library: str) -> Path:
        room = self.folder / library
        room.mkdir(exist_ok=True)
        return room

    def _largest_part(
        self, library: str, name: str, header: str, chunks: Mapping[str, str], libraries: Mapping[str, Path]
    ) -> tuple[list[str], dict[str, str], Path]:
        """Compile a file of chunks without those that Coq refuses; return the names of both, and where the file is.

        Only what coqc accepts as a whole counts; what it refuses is found, left out, and the rest compiled again.
        """
        room = self._room(library)
        left, refused = dict(chunks), dict[str, str]()
        while left:
            for old in room.glob("*.out"):
                old.unlink()
            text, lines = header, list[tuple[int, str]]()
            for key, chunk in left.items():
                lines.append((text.count("\n") + 1, key))
                text += chunk
            (room / f"{name}.v").write_text(text, encoding="utf-8")
            outcome: Outcome = self.workshop.compile(room, f"{name}.v", {**libraries, library: room})
            if not outcome.message:
                self.compiled.append(f"{library}.{name}")
                return list(left), refused, room
            guilty = next((key for line, key in reversed(lines) if line <= outcome.line), None)
            why = outcome.message.partition(": ")[2] if outcome.line else outcome.message
            if guilty is None:  # nothing that one of them could be blamed for
                return [], refused | dict.fromkeys(left, why), room
            refused[guilty] = why
            del left[guilty]
        return [], refused, room


@contextmanager
def inquiry(workshop: Workshop) -> Iterator[Inquiry]:
    """Open a room for questions, with a name drawn by lot; it is gone afterwards."""
    workshop.folder.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="asked-", dir=workshop.folder.resolve()))
    try:
        yield Inquiry(workshop, folder, secrets.token_hex(8))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def read_assumptions(said: str, full: Mapping[str, str]) -> tuple[str, ...] | None:
    """Read Coq's answer on axioms: that there are none, or each of them; None where that is no answer.

    Parameters
    ----------
    said
        All that Coq printed.
    full
        The full names of axioms by what Coq calls them.
    """
    lines = said.rstrip().splitlines()
    if lines == [_CLOSED]:
        return ()
    if len(lines) < 2 or lines[0] != _AXIOMS:
        return None
    # An entry starts its line; its type may go on over further lines, which are set in.
    entries = list[str]()
    for line in lines[1:]:
        if line[:1].isspace() and entries:
            entries[-1] += f" {line.strip()}"
        else:
            entries.append(line.strip())
    found = []
    for entry in entries:
        name, colon, _ = entry.partition(" : ")
        # What is no name with its type says what was not checked: "f is assumed to be guarded."
        found.append(full.get(name, name) if colon and _NAME.fullmatch(name) else entry)
    return tuple(found)


def _shorter(axiom: str, said: str) -> str | None:
    """Return what Coq calls an axiom of that full name for short; None where it has none."""
    words = " ".join(said.split())
    found = re.match(
        rf"Constant {re.escape(axiom)}(?: \(shorter name to refer to it in current context is ([^\s()]+)\))?(?: Constant |$)",
        words,
    )
    return found and (found[1] or axiom)


def audit_problems(said: str, prefixes: tuple[str, ...]) -> list[str]:
    """Read coqchk's summary: what in it weakens files whose full names start so.

    Axioms of Coq's own libraries are for :meth:`Inquiry.ask` to judge, theorem by theorem.
    """
    said, _, ended = said.rpartition("\n")
    _, _, summary = said.partition("CONTEXT SUMMARY")
    sections = dict[str, list[str]]()
    for part in re.split(r"^\* ", summary, flags=re.MULTILINE)[1:]:
        title, _, rest = part.partition(":")
        sections[title] = rest.split("\n") if title == "Axioms" else [" ".join(rest.split())]
    if sections.keys() != _SUMMARY.keys() or ended != "status 0":
        return [f"coqchk does not accept the compiled files: {' '.join(said.split())[-500:]}"]
    problems = [
        f"coqchk: {axiom.strip()} is assumed" for axiom in sections["Axioms"] if axiom.strip().startswith(prefixes)
    ]
    for title, nothing in _SUMMARY.items():
        if nothing is not None and sections[title] != [nothing]:
            problems.append(f"coqchk: {title}: {sections[title][0]}")
    return problems


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
