"""Coq's compiler and checker, not taken at their word: what was compiled is a file that was not there before.

They run where nothing of the surroundings can lend them another library, plugin or setting.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from boundcheck.atomic import write_text
from boundcheck.errors import MissingDependencyError, explain
from boundcheck.formal.sources import OURS, YOURS, Source

__all__ = ["INSTALL", "Built", "Outcome", "Workshop", "alone", "version"]

INSTALL = (
    "apt-get install coq libcoq-mathcomp-algebra libcoq-mathcomp-algebra-tactics libcoq-mathcomp-analysis libcoq-flocq"
)

# What the files are written for.
_LIBRARIES = {"mathcomp": "1.15", "Flocq": "4.1"}

# What would have Coq read other libraries, other plugins or other settings than those installed with it.
_SURROUNDINGS = ("COQ", "OCAML", "CAML", "XDG_")

_TIMED = re.compile(r"^Chars (\d+) - \d+ \[.*\] ([\d.]+) secs", re.MULTILINE)
_ERROR = re.compile(r"^File \"[^\"]*\", line (\d+), characters .*:\n(Error:.*)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Outcome:
    """What came of compiling a file.

    Attributes
    ----------
    message
        Why there is no compiled file; empty where there is one.
    line
        Of the error; 0 where none is named.
    said
        What Coq printed.
    """

    message: str = ""
    line: int = 0
    said: str = ""


@dataclass(frozen=True)
class Built:
    """A source and what came of compiling it: its key, why it failed, and the seconds that each sentence took."""

    source: Source
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
class Workshop:
    """Where files are compiled: those of a library in a folder of its name.

    A file is compiled again when its text, one that it needs, or Coq is another, or the compiled file is not the one
    that was made of it.
    """

    folder: Path
    coq: str

    @cached_property
    def libraries(self) -> dict[str, Path]:
        """The folder of each library, made if need be."""
        found = {library: self.folder.resolve() / library for library in (OURS, YOURS)}
        for folder in found.values():
            folder.mkdir(parents=True, exist_ok=True)
        return found

    def build(self, sources: Mapping[str, Source], jobs: int) -> dict[str, Built]:
        """Compile files given in the order of their needs, several at a time."""
        futures: dict[str, Future[Built]] = {}
        with ThreadPoolExecutor(jobs) as pool:
            # A file waits in its thread for what it needs; that was handed in before it, so some file always runs.
            for name, source in sources.items():
                needs = {need: futures.get(need) for need in source.needs}
                futures[name] = pool.submit(self._build, source, needs)
        return {name: future.result() for name, future in futures.items()}

    def _build(self, source: Source, needs: Mapping[str, Future[Built] | None]) -> Built:
        digest = hashlib.sha256(f"{self.coq}\0{source.path}\0{source.text}".encode())
        if source.outside():
            return Built(source, message=source.outside())
        for name, future in needs.items():
            need = future.result() if future else None
            if need is None:
                return Built(
                    source, message=f"{source.name}.v requires {name}, which _CoqProject does not list before it"
                )
            if need.message:
                return Built(source, message=need.message)
            digest.update(need.key.encode())
        key = digest.hexdigest()
        folder = self.libraries[source.library]
        record, compiled = folder / f"{source.name}.json", folder / f"{source.name}.vo"
        if record.is_file() and compiled.is_file():
            kept = json.loads(record.read_text(encoding="utf-8"))
            if (kept["key"], kept.get("compiled")) == (key, _digest(compiled)):
                return Built(source, key, times={int(place): taken for place, taken in kept["times"].items()})
        record.unlink(missing_ok=True)
        (folder / f"{source.name}.v").write_bytes(source.text.encode("latin-1"))
        # Those of ours know nothing of yours.
        libraries = {name: path for name, path in self.libraries.items() if name in (OURS, source.library)}
        outcome = self.compile(folder, f"{source.name}.v", libraries, "-time")
        if outcome.message:
            return Built(source, message=outcome.message)
        times = {place: float(taken) for place, taken in _TIMED.findall(outcome.said)}
        write_text(record, json.dumps({"key": key, "compiled": _digest(compiled), "times": times}))
        return Built(source, key, times={int(place): taken for place, taken in times.items()})

    def compile(self, folder: Path, file: str, libraries: Mapping[str, Path], *options: str) -> Outcome:
        """Compile a file with the libraries given, and those installed with Coq, and no other.

        Raises
        ------
        MissingDependencyError
            If a library that the files are written for is not installed.
        """
        compiled = (folder / file).with_suffix(".vo")
        for stale in (compiled, compiled.with_suffix(".vos"), compiled.with_suffix(".vok")):
            stale.unlink(missing_ok=True)
        command = ["coqc", "-q", "-w", "-notation-overridden,-ambiguous-paths", *options]
        done = self._run([*command, *_mapped(libraries), file], folder)
        if done.returncode == 0 and compiled.is_file():
            return Outcome(said=done.stdout)
        if "Cannot find a physical path" in done.stderr:
            for library, version in _LIBRARIES.items():
                if re.search(rf"\b{library}\b", done.stderr):
                    expected = f"Coq's {library} {version} library"
                    raise MissingDependencyError(explain(library, expected, "Coq without it", INSTALL))
        error = _ERROR.search(done.stderr)
        if error is not None:
            said = _short(" ".join(error[2].split()))
            return Outcome(f"{file}, line {error[1]}: {said}", int(error[1]), done.stdout)
        why = f"coqc ended with status {done.returncode}" if done.returncode else "coqc left no compiled file"
        return Outcome(f"{file}: {why}: {done.stderr.strip()[-500:]}", 0, done.stdout)

    def audit(self, modules: Sequence[str], libraries: Mapping[str, Path]) -> str:
        """Return what coqchk says of compiled files, each checked anew by its kernel; libraries of Coq's are believed.

        The last line is its status.

        Raises
        ------
        MissingDependencyError
            If there is no coqchk.
        """
        if shutil.which("coqchk") is None:
            raise MissingDependencyError(explain("coqchk", "the checker that comes with Coq", "none in PATH", INSTALL))
        each = [word for module in modules for word in ("-norec", module)]
        done = self._run(["coqchk", "-silent", "-o", *_mapped(libraries), *each], self.folder)
        # The summary goes to either, by version.
        return f"{done.stdout}\n{done.stderr}\nstatus {done.returncode}"

    def _run(self, command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
        empty = self.folder.resolve() / "empty"
        empty.mkdir(parents=True, exist_ok=True)
        surroundings = {name: value for name, value in os.environ.items() if not name.startswith(_SURROUNDINGS)}
        surroundings |= dict.fromkeys(("XDG_DATA_HOME", "XDG_DATA_DIRS", "XDG_CONFIG_HOME"), str(empty))
        return subprocess.run(
            command,
            cwd=folder,
            env=surroundings,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )


def _mapped(libraries: Mapping[str, Path]) -> list[str]:
    return [word for library, folder in libraries.items() for word in ("-Q", str(folder), library)]


def _short(said: str) -> str:
    """Return an error without its middle: what differs stands at the end of it."""
    if len(said) <= 600:
        return said
    differs = said.rfind("(cannot unify")
    return f"{said[:200]} … {said[differs:][:500] if differs > 0 else said[-400:]}"


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def version() -> str:
    """Return the version of Coq.

    Raises
    ------
    MissingDependencyError
        If it is not installed.
    """
    found = shutil.which("coqc")
    if found is None:
        raise MissingDependencyError(explain("coqc", "Coq 8.16 with mathcomp 1.15", "no coqc in PATH", INSTALL))
    done = subprocess.run([found, "--print-version"], capture_output=True, text=True, check=False)
    return done.stdout.split()[0] if done.stdout else "unknown"


@contextmanager
def alone(folder: Path) -> Iterator[None]:
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
