"""Coq files as text: what they state, what they require, and what in them weakens Coq or reaches outside."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from boundcheck.errors import InvalidValueError, explain

__all__ = ["OURS", "STATEMENTS", "YOURS", "Source", "needed", "sources", "without_comments"]

OURS = "Boundcheck"
"""The logical name of the library in the folder of proofs."""

YOURS = "Yours"
"""The logical name of whatever is beside it: no file's name makes it a file of ours, or of a library."""

STATEMENTS = "Statements.v"
"""The statements for people; nothing is proved in it."""

# What states a theorem without proving it, or weakens Coq. What hides from this is in the compiled file all the same.
_UNPROVED = re.compile(
    r"\b(Admitted|admit|give_up|Axioms?|Conjectures?|Parameters?|Admit\s+Obligations|Declare\s+Module(?!\s+Type)"
    r"|Unset\s+(?:Guard|Positivity|Universe)\s+Checking|bypass_check)\b"
)
# What else assumes something, where no section is open that would make it a premise.
_ASSUMED = re.compile(r"\b(Variables?|Hypothes[ie]s|Context)\b")
_SECTION = re.compile(r"\b(Section|End)\s+([\w']+)\s*\.|\b(Variables?|Hypothes[ie]s|Context)\b")
# What makes a file mean more than it says: others' text, others' code, other folders.
_OUTSIDE = re.compile(
    r"\b(Load|Declare\s+ML\s+Module|Add\s+ML\s+Path|Add\s+(?:Rec\s+)?LoadPath|Remove\s+LoadPath|Cd|Redirect|Extraction)\b"
)
_REQUIRED = re.compile(
    r"\b(?:From\s+([\w.']+)\s+)?Require(?:\s+(?:Import|Export))?(?:\s*-?\s*\([^)]*\))?\s+([\w.'\s()]+?)\s*\.(?=\s|$)"
)
_STATED = re.compile(
    r"^[ \t]*(?:#\[[^\]]*\]\s*)?(?:(?:Local|Global|Program|Polymorphic|Monomorphic)\s+)*"
    r"(Theorem|Lemma|Corollary|Fact|Proposition|Remark)\s+([\w'\x80-\xff]+)",
    re.MULTILINE,
)
_ENDED = re.compile(r"\b(Qed|Defined|Admitted|Abort)\s*\.")


@dataclass(frozen=True)
class Source:
    """A Coq file, as text whose characters are bytes, since Coq counts those.

    Attributes
    ----------
    name
        Of the file, without its suffix.
    text
        All of it.
    library
        The logical name that it is compiled under, :data:`OURS` or :data:`YOURS`.
    """

    name: str
    text: str
    library: str = OURS

    @property
    def path(self) -> str:
        """The full logical name: ``"Boundcheck.Upper"``."""
        return f"{self.library}.{self.name}"

    @cached_property
    def code(self) -> str:
        """The text with blanks for its comments and strings, so that every place stays where it is."""
        return without_comments(self.text)

    @cached_property
    def needs(self) -> tuple[str, ...]:
        """The files of ours that it requires."""
        found = []
        for prefix, names in _REQUIRED.findall(self.code):
            for name in re.sub(r"\([^)]*\)", " ", names).split():
                path = f"{prefix}.{name}" if prefix else name
                if path.startswith((f"{OURS}.", f"{YOURS}.")):
                    found.append(path.rpartition(".")[2])
        return tuple(dict.fromkeys(found))

    @cached_property
    def theorems(self) -> dict[str, tuple[int, int, int]]:
        """Where each theorem starts and ends, and its number of lines; lemmas too."""
        found = {}
        for stated in _STATED.finditer(self.code):
            ended = _ENDED.search(self.code, stated.end())
            end = ended.end() if ended else len(self.code)
            found[_text(stated[2])] = (stated.start(), end, self.code.count("\n", stated.start(1), end) + 1)
        return found

    def named(self, *kinds: str) -> list[str]:
        """Return the names of what is stated as one of the kinds."""
        return [_text(stated[2]) for stated in _STATED.finditer(self.code) if stated[1] in kinds]

    def unproved(self) -> Iterator[tuple[str, str]]:
        """Yield the place of everything that is assumed in it, and the word that assumes it."""
        found = [*_UNPROVED.finditer(self.code), *self._assumed()]
        for word in sorted(found, key=lambda word: word.start()):
            yield self._place(word), f"{' '.join(word[0].split())} assumes what it should prove"

    def _assumed(self) -> Iterator[re.Match[str]]:
        """Yield what is a premise within a section, where there is no section."""
        sections: list[str] = []
        for word in _SECTION.finditer(self.code):
            if word[1] == "Section":
                sections.append(word[2])
            elif word[1] == "End" and sections and sections[-1] == word[2]:
                sections.pop()
            elif word[3] and not sections:
                yield word

    def outside(self) -> str:
        """Say what in it reaches outside; empty where nothing does."""
        word = _OUTSIDE.search(self.code)
        if word is None:
            return ""
        return f"{self._place(word)}: {' '.join(word[0].split())} reaches outside the file, which a proof must not"

    def _place(self, word: re.Match[str]) -> str:
        return f"{self.name}.v, line {self.code.count(chr(10), 0, word.start()) + 1}"


def _text(name: str) -> str:
    """Return the name that bytes of a source spell."""
    return name.encode("latin-1").decode("utf-8", "replace")


def without_comments(text: str) -> str:
    """Return a Coq file with blanks for its comments and strings."""
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


def sources(folder: Path, extra: Sequence[Path] = ()) -> dict[str, Source]:
    """Return the files of a folder of proofs in the order of its ``_CoqProject``, and then further ones.

    Raises
    ------
    InvalidValueError
        If two have one name, or one cannot be read.
    """
    words = (folder / "_CoqProject").read_text(encoding="utf-8").split()
    paths = [(folder / word, OURS) for word in words if word.endswith(".v") and word != STATEMENTS]
    found: dict[str, Source] = {}
    for path, library in (*paths, *((path, YOURS) for path in extra)):
        if path.stem in found:
            raise InvalidValueError(explain("proofs", "files of different names", f"two {path.name}"))
        try:
            found[path.stem] = Source(path.stem, path.read_bytes().decode("latin-1"), library)
        except OSError as error:
            raise InvalidValueError(explain("proofs", f"a Coq file {path}", f"{error.strerror}")) from error
    return found


def needed(of: dict[str, Source], files: set[str]) -> dict[str, Source]:
    """Return the files named, with what those need, in the order to compile them in."""
    wanted = set(files)
    for name in reversed(of):
        if name in wanted:
            wanted |= set(of[name].needs)
    return {name: source for name, source in of.items() if name in wanted}
