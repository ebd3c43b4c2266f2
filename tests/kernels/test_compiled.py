"""Compiled loops whose cache cannot be written, is damaged, or was made from other sources."""

import ast
import importlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numba.core import caching

from boundcheck.kernels import compiled as module
from boundcheck.kernels import grids, loops
from boundcheck.kernels.compiled import compiled, sources

CALLER = """
from boundcheck.kernels.compiled import compiled
from toy.callee import FACTOR, inner

@compiled()
def outer(x):
    return inner(x) * FACTOR
"""
CALLEE = """
from boundcheck.kernels.compiled import compiled
FACTOR = {factor}

@compiled()
def inner(x):
    return x + {added}
"""


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """Return what imports a package of two files anew, calls it, and says how often code on disk was used."""
    room = tmp_path / "toy"
    room.mkdir()
    (room / "__init__.py").touch()
    (room / "caller.py").write_text(CALLER)
    monkeypatch.setattr(module, "_PACKAGE", "toy")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def called(factor=1, added=1):
        (room / "callee.py").write_text(CALLEE.format(factor=factor, added=added))
        for name in [name for name in sys.modules if name.partition(".")[0] == "toy"]:
            del sys.modules[name]
        importlib.invalidate_caches()
        outer = importlib.import_module("toy.caller").outer
        return outer(1.0), sum(outer.stats.cache_hits.values())

    yield called
    for name in [name for name in sys.modules if name.partition(".")[0] == "toy"]:
        del sys.modules[name]


def files(tmp_path, ending):
    found = list((tmp_path / "toy" / "__pycache__").glob(f"*.{ending}"))
    assert found
    return found


def test_code_is_kept_and_made_again_where_a_source_changes(toy):
    assert toy() == (2.0, 0)
    assert toy() == (2.0, 1)
    # Another file's function, and another file's constant, are compiled into it.
    assert toy(added=2) == (3.0, 0)
    assert toy(added=2, factor=5) == (15.0, 0)
    assert toy(added=2, factor=5) == (15.0, 1)


@pytest.mark.parametrize("ending", ["nbi", "nbc"])
@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "text"])
def test_damaged_files_are_left_out_and_written_again(toy, tmp_path, ending, damage):
    toy()
    for file in files(tmp_path, ending):
        data = file.read_bytes()
        middle = len(data) // 2
        flipped = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
        file.write_bytes({"cut": data[:middle], "flipped": flipped, "empty": b"", "text": b"no pickle"}[damage])
    assert toy() == (2.0, 0)
    assert toy() == (2.0, 1)


def test_a_folder_that_is_gone_is_made_again(toy, tmp_path):
    toy()
    for file in [*files(tmp_path, "nbi"), *files(tmp_path, "nbc")]:
        file.unlink()
    (tmp_path / "toy" / "__pycache__").rmdir()
    (tmp_path / "toy" / "__pycache__").touch()
    # A regular file in its place: nothing can be written below it, whoever asks.
    assert toy()[0] == 2.0


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """Leave Numba no folder: a path below a regular file can be written to by no one."""
    (tmp_path / "file").touch()
    for kind in (caching.InTreeCacheLocator, caching.UserWideCacheLocator):
        monkeypatch.setattr(
            kind,
            "get_cache_path",
            lambda self: self._cache_path if type(self) is module._Private else str(tmp_path / "file" / "below"),
        )
    monkeypatch.setattr(module.tempfile, "gettempdir", lambda: str(tmp_path / "temporary"))


def test_without_a_folder_to_write_to_it_is_compiled_each_time(toy, nowhere):
    assert toy() == (2.0, 0)
    assert toy() == (2.0, 0)


def test_a_private_folder_is_the_last_resort(toy, nowhere, tmp_path):
    (tmp_path / "temporary").mkdir()
    assert toy() == (2.0, 0)
    assert toy() == (2.0, 1)
    (folder,) = (tmp_path / "temporary").iterdir()
    assert folder.stat().st_mode & 0o077 == 0
    # One that others may write to could hold anything.
    folder.chmod(0o777)
    assert toy() == (2.0, 0)


def test_a_disk_that_is_full_ends_nothing(toy, monkeypatch):
    def full(self, path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(caching.IndexDataCacheFile, "_open_for_write", full)
    assert toy() == (2.0, 0)


def test_a_digest_is_of_all_that_is_used():
    assert sources(loops.scan_blocks) == sources(loops.scan_blocks.py_func) != sources(loops.direct)


def test_the_kernels_are_kept_so():
    for function in (loops.scan_blocks, grids._mean_square):
        assert isinstance(function._cache, module._Cache | caching.NullCache)
    assert grids.mean_square(np.ones((1, 1)), np.array([[[1.0, 3.0]]])).tolist() == [[10.0]]


def test_options_are_handed_on():
    @compiled(error_model="numpy")
    def quotient(a, b):
        return a / b

    assert quotient(1.0, 0.0) == np.inf
    assert os.path.basename(__file__) == "test_compiled.py"


PACKAGE = Path(module.__file__).parent.parent

# Rows that only the loops of one collection's tables add up, by a function that no process calls but through them.
SUMS = """
import numpy as np
from boundcheck.kernels import row_tables
random = np.random.default_rng(0)
value, error = np.zeros((3, 20, 50)), np.zeros((3, 20, 50))
x, w = random.normal(size=(50, 8)), random.normal(size=(400, 8))
row_tables._scan(
    random.normal(size=(50, 400)), random.random(50) + 30, random.random(400) + 20, np.arange(0, 401, 20),
    np.full((20, 2), 1e-13), row_tables._NEAR, x, np.arange(50), w, 0, (1e-15, 1e-300), 7, value, error,
)
print(value.tobytes().hex(), error.tobytes().hex())
"""


def test_code_that_was_just_compiled_gives_the_bytes_of_code_from_disk(tmp_path):
    """They did not where a function that others call was taken from one caller or another, with sums in another order."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    found = [
        subprocess.run([sys.executable, "-c", SUMS], capture_output=True, text=True, env=environment, check=True).stdout
        for _ in range(2)
    ]
    assert found[0] == found[1]


def test_what_compiled_functions_call_is_compiled_into_them():
    functions = {}
    for file in PACKAGE.rglob("*.py"):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            for one in node.decorator_list if isinstance(node, ast.FunctionDef) else ():
                if isinstance(one, ast.Call) and getattr(one.func, "id", "") == "compiled":
                    functions[node.name] = node, {word.arg for word in one.keywords}
    called = {
        name
        for node, _ in functions.values()
        for call in ast.walk(node)
        if isinstance(call, ast.Call)
        and (name := getattr(call.func, "id", getattr(call.func, "attr", ""))) in functions
    }
    assert len(called) > 20
    assert [name for name in called if not functions[name][1] & {"within", "inline"}] == []
