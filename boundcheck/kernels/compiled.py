"""Loops compiled by Numba, and kept on disk where that can be done and trusted.

Numba's own cache ends every call where no folder can be written to or a file of it is damaged, and knows of changes in the
file of a function alone, though code of others is compiled into it. Here compiled code is kept beside what all of its
sources were, and with a digest; where it cannot be kept or read, loops are compiled anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import stat
import tempfile
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import llvmlite  # type: ignore[import-untyped]
import numba
from numba.core import caching
from numba.core.compiler_lock import global_compiler_lock

from boundcheck.forks import held_in_forks

__all__ = ["compiled"]

# Held by whoever compiles, and by whoever reads what was compiled.
held_in_forks(global_compiler_lock)

_PACKAGE = __name__.partition(".")[0]
_DIGEST = hashlib.sha256().digest_size


def compiled(*, within: bool = False, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Return a decorator that compiles a function by Numba, without the interpreter's lock, and keeps the result.

    Parameters
    ----------
    within
        Whether compiled functions call it: it becomes part of each. Called as a function of its own, it would be the one
        first there, compiled with one caller or another or alone: where sums may be added in any order their last digits
        then differ between a process that compiles and one that reads what is on disk.
    options
        Of :func:`numba.njit`.
    """
    if within:
        options["forceinline"] = True

    def decorate(function: Callable[..., Any]) -> Any:
        dispatcher: Any = numba.njit(nogil=True, **options)(function)
        # Without a folder to write to, it is compiled in each process.
        with contextlib.suppress(RuntimeError, OSError):
            dispatcher._cache = _Cache(function)
        return dispatcher

    return decorate


class _Private(caching.InTreeCacheLocator):  # type: ignore[misc]
    """A folder among temporary files that no other user can write to."""

    def __init__(self, py_func: Any, py_file: str) -> None:
        super().__init__(py_func, py_file)
        if not hasattr(os, "getuid"):
            raise OSError("folders have no owners here")
        folder = Path(tempfile.gettempdir()) / f"{_PACKAGE}-compiled-{os.getuid()}"
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
            raise OSError(f"{folder} is of others")
        self._cache_path = str(folder / self.get_suitable_cache_subpath(py_file))

    @classmethod
    def from_function(cls, py_func: Any, py_file: str) -> Any:
        try:
            return super().from_function(py_func, py_file)
        except OSError:
            return None


class _Implementation(caching.CompileResultCacheImpl):  # type: ignore[misc]
    _locator_classes = (*caching.CompileResultCacheImpl._locator_classes, _Private)


class _Cache(caching.FunctionCache):  # type: ignore[misc]
    """Numba's cache, of which no failure is more than a function that is compiled again."""

    _impl_class = _Implementation

    def __init__(self, function: Any) -> None:
        super().__init__(function)
        self._cache_file = _Files(function, self._cache_path, self._impl.filename_base)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        try:
            return super().load_overload(sig, target_context)
        except Exception:
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        # A full disk, a folder that is gone.
        try:
            super().save_overload(sig, data)
        except Exception:
            self.disable()


class _Files(caching.IndexDataCacheFile):  # type: ignore[misc]
    """An index and the compiled code, each with its digest; damaged ones count as none, and are written again."""

    def __init__(self, function: Any, folder: str, name: str) -> None:
        super().__init__(folder, f"{_PACKAGE}.{name}", None)
        self._function = function

    @cached_property
    def _stamp(self) -> tuple[str, str]:
        # Not before the first call: functions may be defined after those that call them.
        return llvmlite.__version__, sources(self._function)

    def _dump(self, obj: Any) -> bytes:
        data: bytes = super()._dump(obj)
        return hashlib.sha256(data).digest() + data

    def _save_index(self, overloads: Any) -> None:
        self._source_stamp = self._stamp
        super()._save_index(overloads)

    def _load_index(self) -> Any:
        try:
            with open(self._index_path, "rb") as file:
                if pickle.load(file) != self._version:
                    return {}
                stamp, overloads = self._read(file.read())
        except Exception:
            return {}
        return overloads if stamp == self._stamp else {}

    def _load_data(self, name: str) -> Any:
        return self._read(Path(self._data_path(name)).read_bytes())

    def _read(self, data: bytes) -> Any:
        if hashlib.sha256(data[_DIGEST:]).digest() != data[:_DIGEST]:
            # Numba takes this for a file that is not there.
            raise OSError("damaged")
        return pickle.loads(data[_DIGEST:])


def sources(function: Any) -> str:
    """Return a digest of all that a function is compiled from: its file, and the files and constants that it uses."""
    files: dict[str, bytes] = {}
    constants: dict[str, str] = {}
    seen: set[int] = set()
    waiting: list[tuple[str, Any]] = [(function.__qualname__, function)]
    while waiting:
        name, value = waiting.pop()
        # Compiled functions, and those that make code for the compiler.
        value = getattr(value, "py_func", getattr(value, "_defn", value))
        if isinstance(value, (bool, int, float, complex, str, bytes, tuple, frozenset)):
            constants[name] = repr(value)
        if id(value) in seen or not isinstance(value, (FunctionType, ModuleType)):
            continue
        seen.add(id(value))
        of = value.__name__ if isinstance(value, ModuleType) else value.__module__
        if of.partition(".")[0] != _PACKAGE and value is not function:
            continue
        path = value.__file__ if isinstance(value, ModuleType) else value.__code__.co_filename
        if path is not None and path not in files:
            files[path] = _contents(path)
        if isinstance(value, FunctionType):
            named = {
                free: cell.cell_contents
                for free, cell in zip(value.__code__.co_freevars, value.__closure__ or (), strict=True)
            }
            for used in value.__code__.co_names:
                if used in value.__globals__:
                    named[used] = value.__globals__[used]
            for used, known in list(named.items()):
                if isinstance(known, ModuleType):
                    named |= {
                        f"{used}.{part}": vars(known)[part] for part in value.__code__.co_names if part in vars(known)
                    }
            waiting += [(f"{value.__module__}.{value.__qualname__}.{used}", known) for used, known in named.items()]
    found = hashlib.sha256()
    for path, data in sorted(files.items()):
        found.update(repr((os.path.basename(path), len(data))).encode() + data)
    found.update(repr(sorted(constants.items())).encode())
    return found.hexdigest()


def _contents(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError:
        # From an archive: its loader has no more to tell than the code itself, which is in the key.
        return b""
