"""Certified code in threads that flush, in processes that were forked, and beside what a caller sets."""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch

from boundcheck import K, arithmetic, check_bound, distances, embed
from boundcheck.arithmetic import certified, keeps_subnormals
from boundcheck.errors import ArithmeticModeError
from boundcheck.language import farthest, largest, m, w, x
from boundcheck.scanning import LabelledPoints, check_triples, scan

# False of what is below by half a per cent; both sides are subnormal.
FALSE = replace(K, name="guess", rhs=Fraction(199, 100) * largest(m, farthest(x, w)), chain=())
TINY = np.array([[1e-40, 3e-40]], dtype=np.float32)
POINTS = np.array([[0.0], [2e-310], [1e-310], [0.0]])


@pytest.fixture
def flushing():
    if not torch.set_flush_denormal(True):
        pytest.skip("the processor has no such mode")
    assert not keeps_subnormals()
    yield
    torch.set_flush_denormal(False)


def said():
    """Return what goes wrong where subnormal numbers are taken for 0; each is right without."""
    labels = [0, 1, 2, 3], [0, 0, 1, 1]
    labelled = LabelledPoints.from_labels(POINTS, *labels)
    tables = distances.between([TINY, POINTS[:1].repeat(2, axis=1)])
    found = scan(labelled, bounds=[FALSE], engine="local", workers=2)
    return {
        "check": check_bound(None, POINTS[:1], POINTS[1:2], POINTS[2:3], bound=FALSE).verdict.value,
        "triples": check_triples(FALSE, labelled, np.array([[0, 1, 2]])).verdict.value,
        "scan": {verdict.value: count for verdict, count in found.summary.bounds["guess"].counts.items()},
        "farthest": {p: float(distances.farthest(TINY, np.zeros_like(TINY), p=p)) for p in (1, 2, np.inf)},
        "mean": float(distances.mean_distance(TINY, np.zeros_like(TINY))),
        "between": tables.max.value.tolist(),
        "to": distances.to_collections(POINTS, [POINTS[1:2]]).min.value.tolist(),
        "embedded": embed(lambda rows: rows * 1.0, TINY).numpy().tobytes(),
        "own": embed(None, TINY).numpy().tobytes(),
    }


@pytest.fixture(scope="module")
def right():
    assert keeps_subnormals()
    return said()


def test_what_is_certified_is_the_same_in_a_thread_that_flushes(right, flushing):
    found = said()
    assert not keeps_subnormals()
    # Of f it is f's own arithmetic that decides, as the caller has set it.
    assert found.pop("embedded") == np.zeros((1, 2)).tobytes()
    assert found == {name: value for name, value in right.items() if name != "embedded"}
    assert right["check"] == right["triples"] == "fails"
    torch.set_flush_denormal(False)
    assert right["farthest"][np.inf] == float(TINY.max())


def test_in_threads_of_a_caller(right):
    def flush():
        torch.set_flush_denormal(True)

    with ThreadPoolExecutor(2, initializer=flush) as pool:
        for found, kept in pool.map(lambda _: (said(), keeps_subnormals()), range(2)):
            assert not kept
            del found["embedded"]
            assert found == {name: value for name, value in right.items() if name != "embedded"}
    assert keeps_subnormals()


def test_errors_take_in_what_was_lost_before(flushing):
    rows = np.float32([[1e-40, 3e-40]])
    found = distances.farthest(rows, np.float32([[0, 0]]), p=1).distance
    table = distances.between([rows], [np.float32([[0, 0]])], p=1).max
    torch.set_flush_denormal(False)
    assert abs(float(found) - 4e-40) <= found.error < 1e-36
    assert abs(table.value[0, 0] - 4e-40) <= table.error[0, 0] < 1e-36


def test_the_mode_is_put_back_after_an_error_too(flushing):
    with pytest.raises(ValueError, match="x"):
        distances.farthest([[np.nan]], [[0.0]])
    assert not keeps_subnormals()


def test_a_function_that_switches_the_mode_on_is_noticed():
    def f(rows):
        torch.set_flush_denormal(True)
        return rows

    try:
        report = check_bound(f, POINTS[:1], POINTS[1:2], POINTS[2:3], bound=FALSE)
        assert not keeps_subnormals()
    finally:
        torch.set_flush_denormal(False)
    assert report.verdict.value == "fails"


def test_a_mode_that_cannot_be_set_is_refused(flushing, monkeypatch):
    monkeypatch.setattr(torch, "set_flush_denormal", lambda mode: False)
    with pytest.raises(ArithmeticModeError, match="arithmetic: expected numbers below"):
        distances.farthest([[1.0]], [[0.0]])
    monkeypatch.undo()
    assert not keeps_subnormals()


def test_nested_functions_put_the_mode_back_once(flushing):
    @certified
    def inner():
        return keeps_subnormals()

    @certified
    def outer():
        return inner(), keeps_subnormals()

    assert outer() == (True, True)
    assert not keeps_subnormals()


def run(code, timeout=120, **environment):
    variables = {**os.environ, **environment}
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=timeout, env=variables, check=False
    )


def test_threads_of_torch_that_flush_are_left_out():
    """Torch's own threads keep the mode of the thread that started them, whatever that is later."""
    ended = run(
        """
import numpy as np, torch
torch.set_num_threads(2)
torch.set_flush_denormal(True)
big = torch.ones(1 << 20, dtype=torch.float64)
big.add(1).sum()
torch.set_flush_denormal(False)
tiny = torch.full((1 << 20,), 2.0**-1022, dtype=torch.float64)
flushed = int((tiny * 0.5 == 0).sum())
from boundcheck import check_bound, distances, embed
points = np.full((64, 1 << 15), 2e-310)
assert (embed(None, torch.full((4, 1 << 18), 1e-40)).numpy() > 0).all()
report = check_bound(None, points[:2] * 0, points[:2], points[2:4] * 0.5, norm=1)
exact = float(np.abs(points[0]).sum())
assert abs(float(report.lhs) - exact) <= 1e-12 * exact, (float(report.lhs), exact)
assert torch.get_num_threads() == 2
print("flushed", flushed)
""",
        OMP_NUM_THREADS="2",
    )
    assert ended.returncode == 0, ended.stderr
    assert "flushed" in ended.stdout


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_forked_process_needs_none_of_the_threads_of_its_parent():
    """Torch's pools wait for threads that a copy of a process does not have."""
    ended = run(
        """
import os, signal, threading, warnings
import numpy as np, torch
from boundcheck import check_bound, distances
from boundcheck.scanning import scan
warnings.simplefilter("ignore")
torch.set_num_threads(2)
random = np.random.default_rng(0)
points = random.normal(size=(3, 120, 300))
def use():
    report = check_bound(None, *points)
    found = distances.farthest(points[0], points[1]).distance
    least = distances.nearest(points[0], p=1).distance
    summary = scan(random.normal(size=(12, 3)) * 0 + np.arange(12)[:, None], np.arange(12) // 6, np.arange(12) // 3, ["karimov"]).summary
    return report.verdict, float(report.rhs), float(found), float(least), summary.triples
torch.ones(1 << 20).add(1).sum()
right = use()
reading, writing = os.pipe()
child = os.fork()
if not child:
    signal.alarm(90)
    os.write(writing, repr(use() == right).encode())
    os._exit(0)
os.close(writing)
said = os.read(reading, 100)
print(said.decode(), os.waitpid(child, 0)[1], torch.get_num_threads())
""",
        timeout=240,
        OMP_NUM_THREADS="2",
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == "True 0 2\n"


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="tells which threads there are by /proc")
def test_forking_waits_for_threads_that_hold_what_a_copy_would_wait_for():
    """For those that are done but not gone: BLAS tidies up after them. And for those that hold a lock of the whole process."""
    ended = run(
        """
import ctypes, os, threading, time
import numpy as np, torch
from boundcheck import arithmetic, check_bound
from boundcheck.evaluate import decide
from boundcheck.evaluate.compiled import loops
from boundcheck.evaluate.straight import reader
from numba.core.compiler_lock import global_compiler_lock
library, key = ctypes.CDLL(None), ctypes.c_uint()
library.pthread_key_create(ctypes.byref(key), library.usleep)
def lasting():
    # What a thread does at its end: it sleeps so many microseconds.
    library.pthread_setspecific(key, ctypes.c_void_p(400_000))
    return f"/proc/self/task/{threading.get_native_id()}"
with arithmetic.Workers(1) as pool:
    lasts = pool.submit(lasting).result()
assert os.path.exists(lasts), "it shows nothing"
locks = [arithmetic._lock, loops._lock, decide._PRECISION, reader._lines._lock, global_compiler_lock]
taken = threading.Event()
def hold():
    # As one inside another does.
    for lock in reversed(locks):
        lock.acquire()
    taken.set()
    time.sleep(0.3)
    for lock in locks:
        lock.release()
holder = threading.Thread(target=hold)
holder.start()
taken.wait()
child = os.fork()
if not child:
    def use():
        for lock in locks:
            lock.acquire()
            lock.release()
        assert arithmetic.threads_here() == 1
        check_bound(None, [[0.0]], [[1.0]], [[5.0]])
        os._exit(7)
    threading.Thread(target=use).start()
    time.sleep(60)
    os._exit(1)
assert not os.path.exists(lasts), "it was there"
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
holder.join()
for lock in locks:
    lock.acquire()
    lock.release()
""",
        OMP_NUM_THREADS="2",
    )
    assert ended.returncode == 0, ended.stderr


def test_a_lock_of_the_whole_process_is_held_in_forks():
    package = Path(arithmetic.__file__).parent
    bare = re.compile(r"^\w+(: .*)? = (threading\.)?R?Lock\(\)", re.MULTILINE)
    found = {path.relative_to(package).as_posix() for path in package.rglob("*.py") if bare.search(path.read_text())}
    assert found == {"scanning/engines.py"}


def test_every_worker_has_one_thread_of_torch_and_the_count_comes_back():
    """How many threads OpenMP takes is a setting of each thread."""
    ended = run(
        """
import threading, torch
torch.set_num_threads(2)
from boundcheck import arithmetic
from boundcheck.kernels.threads import in_parallel
def tell(_):
    shared = []
    in_parallel(8, lambda first, last: shared.append((threading.get_ident(), first, last)))
    return torch.get_num_threads(), shared == [(threading.get_ident(), 0, 8)]
with arithmetic.Workers(2) as outer:
    assert torch.get_num_threads() == 1
    with arithmetic.Workers(2) as pool:
        assert set(pool.map(tell, range(8))) == {(1, True)}, "a worker shares out its work again"
    assert torch.get_num_threads() == 1, "given back too soon"
    outer.shutdown(wait=False)
    assert torch.get_num_threads() == 1, "given back while workers may run"
assert torch.get_num_threads() == 2
idents = []
in_parallel(8, lambda first, last: idents.append((first, last)))
assert len(idents) > 1
""",
        OMP_NUM_THREADS="2",
    )
    assert ended.returncode == 0, ended.stderr


def test_no_pool_of_the_package_is_made_otherwise():
    package = Path(arithmetic.__file__).parent
    makers = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if " ThreadPoolExecutor(" in path.read_text()
    }
    # The compiler of proofs is a process of its own, and its pool waits for it.
    assert makers == {"formal/compiler.py"}
