"""The proof checker: what Coq has to prove is printed from the bounds themselves, and Coq is asked whether it has.

For each bound the check holds three lines::

    Definition stmt_chamfer : Prop := <printed from the Bound>.
    Definition ok_chamfer : stmt_chamfer := @Boundcheck.Upper.chamfer.
    Print Assumptions Boundcheck.Upper.chamfer.

so that a change of the bound, or of the theorem, is a type error. ``Statements.v`` keeps the printed text, for people to
read; it must be what would be printed now.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from enum import Enum
from functools import cached_property
from pathlib import Path

from boundcheck.atomic import write_text
from boundcheck.errors import InvalidValueError, MissingDependencyError, explain
from boundcheck.formal.coq import coq_name, coq_statement
from boundcheck.language import Bound
from boundcheck.theorems import every
from boundcheck.theorems.false import FALSE, FalseStatement

__all__ = [
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
    "prove",
    "statements",
]

INSTALL = (
    "apt-get install coq libcoq-mathcomp-algebra libcoq-mathcomp-algebra-tactics libcoq-mathcomp-analysis libcoq-flocq"
)

STATEMENTS = "Statements.v"

# Those of Coq's real numbers, and of Flocq, which rounds them.
_REALS = frozenset(
    {
        "ClassicalDedekindReals.sig_not_dec",
        "ClassicalDedekindReals.sig_forall_dec",
        "FunctionalExtensionality.functional_extensionality_dep",
        "Classical_Prop.classic",
    }
)

#: The axioms that a file may rest on, by file: those of the real numbers, where theorems are read there or rounded.
AXIOMS: Mapping[str, frozenset[str]] = {
    "Reals": _REALS
    | {
        "Epsilon.epsilon_statement",
        "boolp.propositional_extensionality",
        "boolp.functional_extensionality_dep",
        "boolp.constructive_indefinite_description",
    },
    "Rounding": _REALS,
    "Enclosures": _REALS,
}

_HEADER = """\
From mathcomp Require Import all_ssreflect all_algebra.
From Boundcheck Require {files}.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.
"""

# What the files are written for.
_LIBRARIES = {"mathcomp": "1.15", "Flocq": "4.1"}

_CLOSED = "Closed under the global context"
_MARK = "@@ "

# What states a theorem without proving it, or weakens Coq.
_UNPROVED = re.compile(
    r"\b(Admitted|admit|give_up|Axioms?|Conjectures?|Parameters?|Unset\s+(?:Guard|Positivity|Universe)\s+Checking|bypass_check)\b"
)
_STATED = re.compile(r"^[ \t]*(Theorem|Lemma|Corollary|Fact|Proposition|Remark)\s+([\w']+)", re.MULTILINE)
_ENDED = re.compile(r"\b(Qed|Defined|Admitted|Abort)\s*\.")
_TIMED = re.compile(r"^Chars (\d+) - \d+ \[.*\] ([\d.]+) secs", re.MULTILINE)
_ERROR = re.compile(r"^File \"[^\"]*\", line (\d+), characters .*:\n(Error:.*)", re.MULTILINE | re.DOTALL)


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
    """

    name: str
    proposition: str
    reading: str
    theorem: str | None

    @property
    def file(self) -> str | None:
        """The file of the theorem, without its suffix."""
        return self.theorem.rpartition(".")[0] if self.theorem else None

    def __str__(self) -> str:
        key = coq_name(self.name)
        reading = f"(* {self.name}: {self.reading} *)\nDefinition stmt_{key} : Prop :=\n{self.proposition}."
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
    if isinstance(bound, FalseStatement):
        proposition = coq_statement(bound.bound).negation if bound.proof else ""
        return Claim(bound.name, proposition, f"not: {_reading(bound.bound)}", bound.proof)
    # A statement without a proof need not be one that Coq could read.
    proposition = str(coq_statement(bound)) if bound.proof else ""
    return Claim(bound.name, proposition, _reading(bound), bound.proof)


def _reading(bound: Bound) -> str:
    premises = f", if {' and '.join(map(str, bound.premises))}" if bound.premises else ""
    return f"{bound.statement}{premises}"


def registered() -> tuple[Claim, ...]:
    """Return the claims of every known bound, of the links of their chains, and of the statements known to be false."""
    return claims((*every().values(), *FALSE))


def statements(of: Sequence[Claim] | None = None) -> str:
    """Return the text of ``Statements.v``."""
    chosen = [claim for claim in (registered() if of is None else of) if claim.theorem]
    head = "(** What the theorems say, printed from the bounds in Python. Not to be edited: boundcheck prove --write. *)\n\n"
    return head + _header(chosen) + "\n" + "\n".join(map(str, chosen))


def _header(chosen: Sequence[Claim], more: Iterable[str] = ()) -> str:
    files = dict.fromkeys([*(claim.file for claim in chosen if claim.file), *more])
    return _HEADER.format(files=" ".join(files))


def find_proofs(directory: Path | None = None) -> Path:
    """Return the folder with the Coq files: the one given, or ``proofs/`` beside the package in a checkout.

    Raises
    ------
    InvalidValueError
        If there is none.
    """
    found = directory or Path(__file__).resolve().parents[2] / "proofs"
    if not (found / "_CoqProject").is_file():
        fix = "they come with the source, not with the installed package: pass --proofs DIR, from a checkout"
        raise InvalidValueError(explain("proofs", "a folder of Coq files with its _CoqProject", f"{found}", fix))
    return found


def beside(bound: Bound, file: Path) -> tuple[Path, ...]:
    """Return the Coq file beside a Python file that holds the proof of its bound, if the bound names one there."""
    path = file.with_name(f"{(bound.proof or '').rpartition('.')[0]}.v")
    return (path,) if bound.proof and path.is_file() else ()


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
    coq = _version()
    whole = chosen is None
    asked = registered() if chosen is None else tuple(chosen)
    sources = _sources(folder, extra)
    wanted = sources if whole else _needed(sources, asked)
    with _alone(folder / "_build"):
        built = _Workshop(folder / "_build", coq).build(wanted, jobs or os.cpu_count() or 1)
        proofs, other, problems = _check(asked, built, folder / "_build", whole)
    if whole:
        kept = folder / STATEMENTS
        if not kept.is_file() or kept.read_text(encoding="utf-8") != statements(asked):
            problems += (f"{STATEMENTS}: not what the bounds say now; boundcheck prove --write prints it anew",)
    problems += tuple(f"{name}: {proof}" for file in built.values() for name, proof in file.source.unproved())
    problems += tuple(
        f"{proof.name}: {proof.message or proof.status.value}" for proof in proofs if proof.status is not Status.PROVED
    )
    return Report(proofs, other, problems, coq, time.monotonic() - started)


# ------------------------------------------------------------------------------------------------------- Coq's files


@dataclass(frozen=True)
class _Source:
    """A Coq file, as text whose characters are bytes, since Coq counts those."""

    name: str
    text: str

    @cached_property
    def code(self) -> str:
        """The text with blanks for its comments and strings, so that every place stays where it is."""
        return _without_comments(self.text)

    @cached_property
    def needs(self) -> tuple[str, ...]:
        """The files of ours that it requires."""
        found = re.findall(r"From\s+Boundcheck\s+Require(?:\s+(?:Import|Export))?\s+([\w\s]+?)\s*\.", self.code)
        return tuple(dict.fromkeys(name for names in found for name in names.split()))

    @cached_property
    def theorems(self) -> dict[str, tuple[int, int, int]]:
        """Where each theorem starts and ends, and its number of lines; lemmas too."""
        found = {}
        for stated in _STATED.finditer(self.code):
            ended = _ENDED.search(self.code, stated.end())
            end = ended.end() if ended else len(self.code)
            found[stated[2]] = (stated.start(), end, self.code.count("\n", stated.start(1), end) + 1)
        return found

    def named(self, *kinds: str) -> list[str]:
        """Return the names of what is stated as one of the kinds."""
        return [stated[2] for stated in _STATED.finditer(self.code) if stated[1] in kinds]

    def unproved(self) -> Iterator[tuple[str, str]]:
        """Yield the place of everything that is assumed in it, and the word that assumes it."""
        for word in _UNPROVED.finditer(self.code):
            line = self.code.count("\n", 0, word.start()) + 1
            yield f"{self.name}.v, line {line}", f"{word[1]} assumes what it should prove"


def _without_comments(text: str) -> str:
    pieces, depth, last = [], 0, 0
    for mark in re.finditer(r'\(\*|\*\)|"[^"]*"', text):
        if mark[0] == "*)":
            depth = max(depth - 1, 0)
            blank = depth == 0
        else:
            blank = False
            if depth == 0:
                pieces.append(text[last : mark.start()])
                last = mark.start()
                blank = mark[0] != "(*"
            depth += mark[0] == "(*"
        if blank:
            pieces.append(re.sub(r"[^\n]", " ", text[last : mark.end()]))
            last = mark.end()
    pieces.append(text[last:] if depth == 0 else re.sub(r"[^\n]", " ", text[last:]))
    return "".join(pieces)


def _sources(folder: Path, extra: Sequence[Path]) -> dict[str, _Source]:
    words = (folder / "_CoqProject").read_text(encoding="utf-8").split()
    paths = [folder / word for word in words if word.endswith(".v") and word != STATEMENTS]
    found: dict[str, _Source] = {}
    for path in (*paths, *extra):
        if path.stem in found:
            raise InvalidValueError(explain("proofs", "files of different names", f"two {path.name}"))
        try:
            found[path.stem] = _Source(path.stem, path.read_bytes().decode("latin-1"))
        except OSError as error:
            raise InvalidValueError(explain("proofs", f"a Coq file {path}", f"{error.strerror}")) from error
    return found


def _needed(sources: dict[str, _Source], asked: Sequence[Claim]) -> dict[str, _Source]:
    """Return the files that the claims' theorems are in, with what those need, in the order to compile them in."""
    wanted = {claim.file for claim in asked}
    for name in reversed(sources):
        if name in wanted:
            wanted |= set(sources[name].needs)
    return {name: source for name, source in sources.items() if name in wanted}


# ----------------------------------------------------------------------------------------------------------- compiling


@dataclass(frozen=True)
class _Built:
    source: _Source
    key: str = ""
    message: str = ""
    times: Mapping[int, float] = field(default_factory=dict)

    def seconds(self, theorem: str) -> float | None:
        """Return how long Coq took for a theorem of the file."""
        if theorem not in self.source.theorems:
            return None
        start, end, _ = self.source.theorems[theorem]
        return round(sum(taken for place, taken in self.times.items() if start <= place < end), 3)


@dataclass(frozen=True)
class _Workshop:
    """Where files are compiled. A file is compiled again when its text, or one that it needs, or Coq is another."""

    folder: Path
    coq: str

    def build(self, sources: Mapping[str, _Source], jobs: int) -> dict[str, _Built]:
        """Compile files given in the order of their needs, several at a time."""
        futures: dict[str, Future[_Built]] = {}
        with ThreadPoolExecutor(jobs) as pool:
            # A file waits in its thread for what it needs; that was handed in before it, so some file always runs.
            for name, source in sources.items():
                needs = {need: futures.get(need) for need in source.needs}
                futures[name] = pool.submit(self._build, source, needs)
        return {name: future.result() for name, future in futures.items()}

    def _build(self, source: _Source, needs: Mapping[str, Future[_Built] | None]) -> _Built:
        digest = hashlib.sha256(f"{self.coq}\0{source.text}".encode())
        for name, future in needs.items():
            need = future.result() if future else None
            if need is None:
                return _Built(
                    source, message=f"{source.name}.v requires {name}, which _CoqProject does not list before it"
                )
            if need.message:
                return _Built(source, message=need.message)
            digest.update(need.key.encode())
        key = digest.hexdigest()
        record = self.folder / f"{source.name}.json"
        if record.is_file() and (self.folder / f"{source.name}.vo").is_file():
            kept = json.loads(record.read_text(encoding="utf-8"))
            if kept["key"] == key:
                return _Built(source, key, times={int(place): taken for place, taken in kept["times"].items()})
        record.unlink(missing_ok=True)
        (self.folder / f"{source.name}.v").write_bytes(source.text.encode("latin-1"))
        done = _coqc(self.folder, f"{source.name}.v", "-time")
        if done.returncode:
            return _Built(source, message=_why(done, f"{source.name}.v"))
        times = {place: float(taken) for place, taken in _TIMED.findall(done.stdout)}
        write_text(record, json.dumps({"key": key, "times": times}))
        return _Built(source, key, times={int(place): taken for place, taken in times.items()})


def _version() -> str:
    found = shutil.which("coqc")
    if found is None:
        raise MissingDependencyError(explain("coqc", "Coq 8.16 with mathcomp 1.15", "no coqc in PATH", INSTALL))
    done = subprocess.run([found, "--print-version"], capture_output=True, text=True, check=False)
    return done.stdout.split()[0] if done.stdout else "unknown"


def _coqc(folder: Path, file: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = ["coqc", "-q", "-Q", ".", "Boundcheck", "-w", "-notation-overridden,-ambiguous-paths", *options, file]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, encoding="utf-8", errors="replace", check=False
    )
    if done.returncode and "Cannot find a physical path" in done.stderr:
        for library, version in _LIBRARIES.items():
            if re.search(rf"\b{library}\b", done.stderr):
                expected = f"Coq's {library} {version} library"
                raise MissingDependencyError(explain(library, expected, "Coq without it", INSTALL))
    return done


def _why(done: subprocess.CompletedProcess[str], file: str) -> str:
    error = _ERROR.search(done.stderr)
    if error is None:
        return f"{file}: coqc ended with status {done.returncode}: {done.stderr.strip()[-500:]}"
    return f"{file}, line {error[1]}: {' '.join(error[2].split())[:500]}"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder of compiled files alone: two checks at once would each overwrite what the other reads."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        import fcntl
    except ImportError:  # not on every system; there, one check at a time is the caller's business
        yield
        return
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# ----------------------------------------------------------------------------------------------------------- checking


def _check(
    asked: Sequence[Claim], built: Mapping[str, _Built], folder: Path, whole: bool
) -> tuple[tuple[Proof, ...], int, tuple[str, ...]]:
    """Ask Coq whether each theorem proves its claim, and what it rests on."""
    messages = {claim.name: _unready(claim, built) for claim in asked if claim.theorem}
    ready = [claim for claim in asked if claim.theorem and not messages[claim.name]]
    named = {claim.theorem for claim in asked}
    others = [
        f"{name}.{theorem}"
        for name, file in built.items()
        if whole and not file.message
        for theorem in file.source.named("Theorem", "Corollary")
        if f"{name}.{theorem}" not in named
    ]
    answers, refused = _answers(ready, others, folder)
    proofs, problems = [], [file.message for file in built.values() if file.message]
    for claim in asked:
        message = messages.get(claim.name) or refused.get(claim.name, "")
        file = built.get(claim.file or "")
        theorem = (claim.theorem or "").rpartition(".")[2]
        place = file.source.theorems.get(theorem) if file else None
        axioms = answers.get(claim.name, ())
        message = message or "; ".join(_forbidden(claim.theorem or "", axioms))
        proofs.append(
            Proof(
                claim.name,
                claim.theorem,
                Status.OPEN if claim.theorem is None else Status.FAILED if message else Status.PROVED,
                place[2] if place else None,
                file.seconds(theorem) if file and not message else None,
                axioms,
                message,
            )
        )
    for theorem in others:
        problems += [refused[theorem]] if theorem in refused else _forbidden(theorem, answers[theorem])
    return tuple(proofs), len(others), tuple(dict.fromkeys(problems))


def _unready(claim: Claim, built: Mapping[str, _Built]) -> str:
    """Return why a claim's theorem cannot even be asked for."""
    file = built.get(claim.file or "")
    if file is None:
        return f"no file {claim.file}.v in _CoqProject for {claim.theorem}"
    return file.message


def _forbidden(theorem: str, axioms: Sequence[str]) -> list[str]:
    allowed = AXIOMS.get(theorem.rpartition(".")[0], frozenset())
    return [f"{theorem} assumes {axiom}" for axiom in axioms if axiom not in allowed]


def _answers(
    ready: Sequence[Claim], others: Sequence[str], folder: Path
) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    """Return the axioms that each theorem rests on, and why Coq refused the rest.

    The other theorems of a file are asked for at once, which Coq answers as fast as for one of them: what they rest on
    together, if the file may rest on it, and else each for itself.
    """
    files: dict[str, list[str]] = {}
    for theorem in others:
        files.setdefault(theorem.rpartition(".")[0], []).append(theorem)
    chunks = {claim.name: str(claim) for claim in ready}
    together = {f"all of {file}.v": (file, theorems) for file, theorems in files.items()}
    for name, (file, theorems) in together.items():
        all_of = ", ".join(f"@Boundcheck.{theorem}" for theorem in theorems)
        chunks[name] = f"Definition all_of_{file} := ({all_of}).\nPrint Assumptions all_of_{file}.\n"
    answers, refused = _ask(chunks, _header(ready, files), folder)
    alone = []
    for name, (_, theorems) in together.items():
        axioms = answers.pop(name, None)
        refused.pop(name, None)
        if axioms is None or _forbidden(theorems[0], axioms):
            alone += theorems
        else:
            answers |= dict.fromkeys(theorems, axioms)
    if alone:
        chunks = {theorem: f"Print Assumptions Boundcheck.{theorem}.\n" for theorem in alone}
        more, not_found = _ask(chunks, _header((), files), folder)
        answers, refused = answers | more, refused | not_found
    return answers, refused


def _ask(chunks: Mapping[str, str], header: str, folder: Path) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    """Return the axioms that Coq prints for each chunk, and why it refused the rest.

    Only what coqc accepts as a whole counts; what it refuses is found, left out, and the rest asked for again.
    """
    left, refused = dict(chunks), dict[str, str]()
    while left:
        text = header
        lines: list[tuple[int, str]] = []
        for name, chunk in left.items():
            text += f'Goal True. idtac "{_MARK}{name}". Abort.\n'
            lines.append((text.count("\n") + 1, name))
            text += chunk
        (folder / "Check.v").write_text(text, encoding="utf-8")
        done = _coqc(folder, "Check.v")
        if done.returncode == 0:
            return _assumptions(done.stdout), refused
        error = _ERROR.search(done.stderr)
        at = int(error[1]) if error else 0
        guilty = next((name for line, name in reversed(lines) if line <= at), None)
        why = " ".join(error[2].split()) if error else done.stderr.strip()
        if guilty is None:  # nothing that one of them could be blamed for
            return {}, refused | dict.fromkeys(left, why)
        refused[guilty] = why
        del left[guilty]
    return {}, refused


def _assumptions(output: str) -> dict[str, tuple[str, ...]]:
    """Read what Coq printed after each mark: that nothing is assumed, or names with their types."""
    found = {}
    for part in f"\n{output}".split(f"\n{_MARK}")[1:]:
        name, _, said = part.partition("\n")
        if said.strip() == _CLOSED:
            found[name] = tuple[str, ...]()
        else:
            # A name starts its line; its type may go on over further lines, which are set in.
            names = re.findall(r"^([\w.']+)\s*(?::|$)", said, re.MULTILINE)
            found[name] = tuple(axiom for axiom in names if axiom != "Axioms") or (" ".join(said.split()),)
    return found
