"""Loops over the triples of a grid, made from what was traced, compiled and kept on disk by their source."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int8

from boundcheck.evaluate import verdict
from boundcheck.evaluate.compiled.expressions import ALONE, EVERY, NEGATIVE, POSITIVE
from boundcheck.evaluate.compiled.tracing import Traced, trace
from boundcheck.evaluate.enclosed import roots_of_squares
from boundcheck.evaluate.grouped.grid import GridReader
from boundcheck.forks import held_in_forks
from boundcheck.kernels.compiled import compiled
from boundcheck.language import Bound, Parameter

__all__ = ["Loop", "Loops", "SideArrays", "compiling_seconds", "source_of"]

Array = npt.NDArray[np.float64]

# By source, and how long it took to compile each, or to read what was compiled before.
_functions: dict[str, Any] = {}
_seconds: dict[str, float] = {}
_lock = held_in_forks(threading.Lock())


@dataclass(frozen=True, eq=False)
class SideArrays:
    """Both sides of a bound on some rows of a grid: shape (rows, W) each.

    Attributes
    ----------
    lhs, lhs_error, rhs, rhs_error
        Of a bound on squares, the roots where they were asked for.
    code
        The verdict, an index into :data:`boundcheck.evaluate.verdict.CODES`.
    undecided
        How many are undecided.
    parameters
        The least values of parameters and their errors, of those asked for.
    """

    lhs: Float[np.ndarray, "r W"]
    lhs_error: Float[np.ndarray, "r W"]
    rhs: Float[np.ndarray, "r W"]
    rhs_error: Float[np.ndarray, "r W"]
    code: Int8[np.ndarray, "r W"]
    undecided: int
    parameters: Mapping[Parameter, tuple[Array, Array]]


class Loop:
    """The loop of one bound on grids of one kind of sizes."""

    def __init__(self, traced: Traced, wanted: tuple[Parameter, ...], *, roots: bool) -> None:
        self._traced, self._wanted = traced, wanted
        self._source = source_of(traced, wanted, roots=roots)
        self._numbers = np.array(traced.sheet.numbers, dtype=np.float64)

    @property
    def source(self) -> str:
        """The source of its function."""
        return self._source

    def run(self, reader: GridReader, rows: npt.NDArray[np.int64], found: dict[Any, Any]) -> SideArrays:
        """Return both sides and the verdict on some rows of a reader's grid; `found` is shared by the bounds of one grid."""
        width = reader.shape[1]
        tables = [table.find(reader, found) for table in self._traced.tables]
        out = [np.empty((len(rows), width)) for _ in range(4 + 2 * len(self._wanted))]
        code = np.empty((len(rows), width), dtype=np.int8)
        undecided = _run(self._source, rows, width, self._numbers, tables, [*out, code])
        pairs = zip(out[4::2], out[5::2], strict=True)
        lhs, lhs_error, rhs, rhs_error = out[:4]
        least = dict(zip(self._wanted, pairs, strict=True))
        return SideArrays(lhs, lhs_error, rhs, rhs_error, code, int(undecided), least)


class Loops:
    """The loops of bounds, made when they are first asked for."""

    def __init__(self, given: Mapping[Parameter, float]) -> None:
        self._given = dict(given)
        self._made: dict[Any, Loop | None] = {}
        self._terms: dict[Any, Any] = {}
        self._lock = threading.RLock()

    def of(self, bound: Bound, reader: GridReader, wanted: tuple[Parameter, ...], *, roots: bool) -> Loop | None:
        """Return the loop of a bound on grids of a reader's sizes; None where there is none."""
        key = bound.name, reader.sizes, wanted
        with self._lock:
            if key not in self._made:
                traced = trace(bound, reader, self._given, self._terms)
                self._made[key] = None if traced is None else Loop(traced, wanted, roots=roots)
            return self._made[key]


def source_of(traced: Traced, wanted: tuple[Parameter, ...], *, roots: bool) -> str:
    """Return the source of a function of rows, width, numbers, tables and what is filled in; it counts the undecided."""
    sides: tuple[Any, ...] = traced.sides
    if roots:
        sides = (*roots_of_squares(*sides[:2]), *roots_of_squares(*sides[2:]))
    outputs = [*sides, *(part for parameter in wanted for part in traced.parameters[parameter])]
    judged = [traced.conclusion, *traced.premises]
    needed = [*outputs, *traced.derived, *(part for one in judged for part in (one.finite, one.holds, one.fails))]
    sheet, lines = traced.sheet, traced.sheet.lines(needed)
    body: dict[str, list[str]] = {ALONE: [], POSITIVE: [], NEGATIVE: [], EVERY: []}
    body[ALONE] += [f"c{k} = numbers[{k}]" for k in range(len(sheet.numbers))]
    for one in sheet.inputs:
        # A number of an array without axes, of a row, of a column, of both.
        place = {ALONE: "[()]", POSITIVE: "[z]", NEGATIVE: "[w]", EVERY: "[z, w]"}[one.axes]
        body[one.axes].append(f"{one.name} = {one.name}s{place}")
    for one in lines:
        body[one.axes].append(f"{one.name} = {one.line}")
    inner = body[NEGATIVE] + body[EVERY]
    inner += [f"o{k}[r, w] = {one.name}" for k, one in enumerate(outputs)]
    inner += _verdict(traced)
    inner += ["code[r, w] = found", f"undecided += found == {verdict.UNDECIDED}"]
    arguments = ["rows", "width", "numbers", *(f"{one.name}s" for one in sheet.inputs)]
    arguments += [*(f"o{k}" for k in range(len(outputs))), "code"]
    written = [f"def loop({', '.join(arguments)}):", *_indented(1, body[ALONE]), *_indented(1, ["undecided = 0"])]
    written += _indented(1, ["for r in range(rows.size):"])
    written += _indented(2, ["z = rows[r]", *body[POSITIVE], "for w in range(width):"])
    written += [*_indented(3, inner), *_indented(1, ["return undecided"])]
    return "\n".join(written) + "\n"


def _verdict(traced: Traced) -> list[str]:
    def three(one: Any) -> str:
        finite = one.finite.name
        return (
            f"{verdict.FAILS} if {finite} & {one.fails.name} else "
            f"({verdict.HOLDS} if {finite} & {one.holds.name} else {verdict.UNDECIDED})"
        )

    lines = [f"found = {three(traced.conclusion)}"]
    # Vacuous where a premise fails, undecided where one is.
    names = [f"p{k}" for k in range(len(traced.premises))]
    lines += [f"{name} = {three(one)}" for name, one in zip(names, traced.premises, strict=True)]
    for known in traced.derived:
        lines.append(f"found = found if {known.name} else {verdict.UNDECIDED}")
    lines += [f"found = {verdict.UNDECIDED} if {name} == {verdict.UNDECIDED} else found" for name in names]
    lines += [f"found = {verdict.VACUOUS} if {name} == {verdict.FAILS} else found" for name in names]
    return lines


def _indented(depth: int, lines: list[str]) -> list[str]:
    return ["    " * depth + line for line in lines]


def compiling_seconds() -> float:
    """Return how long this process has compiled loops, or read compiled ones."""
    return sum(_seconds.values())


def _run(source: str, rows: Any, width: int, numbers: Array, tables: list[Array], out: list[Any]) -> int:
    given = rows, width, numbers, *tables, *out
    function = _functions.get(source)
    if function is None:
        function = _made(source, given)
    undecided: int = function(*given)
    return undecided


def _made(source: str, given: tuple[Any, ...]) -> Any:
    """Return the compiled function of a source, one for the whole process."""
    with _lock:
        if source not in _functions:
            began = time.perf_counter()
            space: dict[str, Any] = {"np": np, "__name__": __name__}
            # As if it stood in this file, beside which compiled code is kept.
            exec(compile(source, __file__, "exec"), space)
            function = space["loop"]
            function.__qualname__ = function.__name__ = f"loop_{hashlib.sha256(source.encode()).hexdigest()}"
            made = compiled(error_model="numpy")(function)
            made.compile(tuple(map(numba.typeof, given)))
            _functions[source], _seconds[source] = made, time.perf_counter() - began
        return _functions[source]
