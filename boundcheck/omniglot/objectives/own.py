"""Objectives of one's own, from a file outside the package."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from boundcheck.errors import InvalidValueError, explain
from boundcheck.omniglot.objectives import register

__all__ = ["from_file"]


def from_file(place: str) -> str:
    """Run a Python file and register the objective that it defines; return the name under which it is.

    Parameters
    ----------
    place
        ``FILE.py:NAME``, of the file and the class in it; the class's name is the objective's.

    Raises
    ------
    InvalidValueError
        If there is no such file, it cannot be run, or it has no such class.
    InvalidTypeError
        If what it has of this name is no subclass of Objective.
    """
    path, _, name = place.rpartition(":")
    if not path.endswith(".py") or not name.isidentifier():
        raise InvalidValueError(explain("objective", "FILE.py:NAME", f"{place!r}"))
    file = Path(path)
    if not file.is_file():
        raise InvalidValueError(explain("objective", f"a file {path}", "no such file"))
    spec = importlib.util.spec_from_file_location(f"_objective_{file.stem}", file)
    if spec is None or spec.loader is None:
        raise InvalidValueError(explain("objective", "a Python file", f"{path}"))
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as cause:
        raise InvalidValueError(explain("objective", f"{path} to run", f"{type(cause).__name__}: {cause}")) from cause
    if not hasattr(module, name):
        raise InvalidValueError(explain("objective", f"a class {name} in {path}", "none of this name"))
    register(name, getattr(module, name))
    return name
