"""Finding a bound: by its name, or in a Python file. The one way for functions, commands, the pytest plugin and replays."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from boundcheck.errors import InvalidTypeError, InvalidValueError, explain
from boundcheck.language import Bound
from boundcheck.theorems import every, get

__all__ = ["find_bound", "named", "require_there", "resolve", "split_reference"]


def named(name: str) -> Bound:
    """Return the statement of that name: a theorem, a link of its chain, a published one, or one that is known to be false.

    Raises
    ------
    InvalidValueError
        If there is none; the message lists the theorems there are, and the names that are near.
    """
    if name in every():
        return every()[name]
    others = _beside_theorems()
    return others[name] if name in others else get(name, beside=others)


def _beside_theorems() -> dict[str, Bound]:
    """Return the statements that are found by name beside the theorems; to load them takes a while."""
    from boundcheck.theorems.false import FALSE
    from boundcheck.theorems.published import PUBLISHED

    published = {name: statement.bound for name, statement in PUBLISHED.items()}
    return published | {statement.name: statement.bound for statement in FALSE}


def split_reference(spec: str) -> tuple[str, str] | None:
    """Return the file and the name of FILE.py:NAME, a file that finding the bound runs; None for the name of a bound."""
    file, colon, attribute = spec.rpartition(":")
    return (file, attribute) if colon and file.endswith(".py") else None


def require_there(spec: str) -> None:
    """Raise what :func:`find_bound` raises where there is no such name or no such file; run nothing.

    Raises
    ------
    InvalidValueError
        If there is no bound of that name, or no such file.
    """
    parts = split_reference(spec)
    if parts is None:
        named(spec)
    elif not Path(parts[0]).is_file():
        raise InvalidValueError(explain("bound", f"a Python file {Path(parts[0])}", "none there", "write FILE.py:NAME"))


def find_bound(spec: str) -> tuple[Bound, Path | None]:
    """Return the bound of a name, or the one that a Python file holds, and that file: ``mybounds.py:conjecture``.

    Names are those of the theorems, of the links of their chains, of the published statements and of those that are known
    to be false. A file is run, as Python runs it on import.

    Raises
    ------
    InvalidValueError
        If there is no such bound, file or name in it, or the file does not run.
    InvalidTypeError
        If what the name holds is not a Bound.
    """
    parts = split_reference(spec)
    if parts is None:
        return named(spec), None
    file, attribute = parts
    require_there(spec)
    path = Path(file)
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


def resolve(bound: Bound | str) -> tuple[Bound, str | None]:
    """Return a bound, given itself, its name or FILE.py:NAME, and what it can be found by again; None if it cannot.

    A file is run, as Python runs it on import.

    Raises
    ------
    InvalidValueError
        If there is none of that name, or the file does not run.
    InvalidTypeError
        If it is no bound.
    """
    if isinstance(bound, str):
        return find_bound(bound)[0], bound
    if not isinstance(bound, Bound):
        raise InvalidTypeError(explain("bound", "a Bound, the name of a known one or FILE.py:NAME", f"{bound!r}"))
    known = {**_beside_theorems(), **every()}.get(bound.name)
    return bound, bound.name if known == bound else None
