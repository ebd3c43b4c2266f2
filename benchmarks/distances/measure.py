"""Times in interleaved rounds, and peak memory, each work in a process of its own."""

from __future__ import annotations

import ctypes
import gc
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.distances.processes import apart
from benchmarks.distances.works import WORKS, Scale, Work, seen

__all__ = ["compiled", "first_calls", "interleaved", "memory", "times"]

# A run shorter than this is repeated more often.
_SHORT_SECONDS = 10.0
# Of either kind of run, at least.
_ROUNDS_OF_SHORT, _ROUNDS_OF_LONG = 5, 3
#: Threads that wait for more work keep their cores busy for a while.
PAUSE_SECONDS = 0.05


def interleaved(
    runs: Mapping[str, Callable[[], object]],
    *,
    pause: float,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[dict[str, list[float]], dict[str, object], dict[str, str]]:
    """Run each in turn, again and again, so that what else the machine does meets all alike.

    Parameters
    ----------
    runs
        By name.
    pause
        Seconds between runs.
    clock
        Seconds since some time.

    Returns
    -------
    seconds
        Of each run, five or, where the first took 10 s, three.
    values
        What the last run returned.
    failed
        What those that raised said; they are not run again.
    """
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    values: dict[str, object] = {}
    failed: dict[str, str] = {}
    for turn in range(max(_ROUNDS_OF_SHORT, _ROUNDS_OF_LONG)):
        gc.collect()
        for name, run in runs.items():
            long = turn > 0 and bool(seconds[name]) and seconds[name][0] >= _SHORT_SECONDS
            if name in failed or turn >= (_ROUNDS_OF_LONG if long else _ROUNDS_OF_SHORT):
                continue
            time.sleep(pause)
            began = clock()
            try:
                values[name] = run()
            except Exception as error:
                failed[name] = f"{type(error).__name__}: {error}"
                continue
            seconds[name].append(clock() - began)
    return seconds, values, failed


def times(name: str, scale: Scale, threads: int, peers: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Return a row for each peer of a work, or for these: seconds (of all it, where it did a share), and what it found."""
    _use(threads)
    work = WORKS[name]
    inputs = work.make(scale)
    shares: dict[str, float] = {}
    first: dict[str, float] = {}
    runs: dict[str, Callable[[], object]] = {}
    rows: dict[str, dict[str, Any]] = {}
    chosen = tuple(work.runs) if peers is None else tuple(peers)
    for peer in chosen:
        run = work.runs[peer]
        part, shares[peer] = work.part(peer, inputs, scale)
        began = time.perf_counter()
        try:
            run(*work.warm(part))
        except Exception as error:
            rows[peer] = _row(work, peer, failed=f"{type(error).__name__}: {error}")
            continue
        first[peer] = time.perf_counter() - began
        runs[peer] = _repeated(run, part, work.repeat)
    seconds, values, failed = interleaved(runs, pause=PAUSE_SECONDS)
    for peer in runs:
        if peer in failed:
            rows[peer] = _row(work, peer, failed=failed[peer])
            continue
        whole = [second / shares[peer] / work.repeat for second in seconds[peer]]
        value, width = seen(values[peer])  # type: ignore[arg-type]
        rows[peer] = _row(
            work,
            peer,
            seconds={"median": statistics.median(whole), "min": min(whole), "max": max(whole), "rounds": len(whole)},
            share=shares[peer],
            first_call_seconds=first[peer],
            value=value if shares[peer] == 1 else None,
            relative_width=width,
        )
    return [rows[peer] for peer in chosen]


def _repeated(run: Callable[..., float], part: tuple[Any, ...], repeat: int) -> Callable[[], object]:
    def every() -> float:
        for _ in range(repeat - 1):
            run(*part)
        return run(*part)

    return every


def _row(work: Work, peer: str, **found: Any) -> dict[str, Any]:
    return {"work": work.name, "peer": peer, **found}


def memory(name: str, peer: str, scale: Scale, threads: int) -> float | None:
    """Return what a peer takes beyond inputs and libraries at its peak, in MB; None where it does a share only."""
    _use(threads)
    work = WORKS[name]
    inputs = work.make(scale)
    part, share = work.part(peer, inputs, scale)
    if share < 1:
        return None
    work.runs[peer](*work.warm(part))
    gc.collect()
    # What was freed and kept for later would hide as much of what follows.
    _trim()
    _reset_peak()
    before = _status("VmRSS")
    work.runs[peer](*part)
    return (_status("VmHWM") - before) * 1024 / 1e6


def first_calls(threads: int) -> dict[str, float]:
    """Return the seconds of a first call and of a second one, on few rows, in this process."""
    _use(threads)
    found = {}
    for name in ("max-128", "between-128"):
        work = WORKS[name]
        inputs = work.warm(work.make("quick"))
        run = next(iter(work.runs.values()))
        for which in ("first", "second"):
            began = time.perf_counter()
            run(*inputs)
            found[f"{name} {which}"] = time.perf_counter() - began
    return found


def compiled(threads: int) -> dict[str, dict[str, float]]:
    """Return :func:`first_calls` of a process that finds no compiled loops, and of one that finds them on disk."""
    found = {}
    before = os.environ.get("NUMBA_CACHE_DIR")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["NUMBA_CACHE_DIR"] = folder
        try:
            for state in ("nothing compiled", "compiled before"):
                found[state] = apart(first_calls, threads)
        finally:
            if before is None:
                del os.environ["NUMBA_CACHE_DIR"]
            else:
                os.environ["NUMBA_CACHE_DIR"] = before
    return found


def _use(threads: int) -> None:
    import torch

    torch.set_num_threads(threads)


def _trim() -> None:
    ctypes.CDLL(None).malloc_trim(0)


def _reset_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _status(name: str) -> int:
    """Return a line of /proc/self/status, in KiB."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    raise RuntimeError(f"the system says nothing of {name}")
