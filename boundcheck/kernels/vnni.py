"""Products of 8-bit integers by the instruction that AVX-512 VNNI has for them, from within compiled loops.

A library's product fills a tile before anything can be done with it, and is called from Python for each. Here a block of
rows is multiplied when it is looked at, in the second-level cache; 1600 multiplications take ten loads.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from llvmlite import binding, ir  # type: ignore[import-untyped]
from numba import types
from numba.core import config
from numba.extending import intrinsic

from boundcheck.kernels.compiled import compiled

__all__ = ["COLUMNS", "available", "multiply", "pack"]

Words = npt.NDArray[np.uint32]
Sums = npt.NDArray[np.int32]

# A step is of so many rows and vectors of 16 columns: their sums fill 25 of 32 registers.
_ROWS, _VECTORS = 5, 5
#: Columns of a panel.
COLUMNS = 16 * _VECTORS
# Of so many words at once, 43 KB of a panel, which stay in the first cache for all rows.
_WORDS = 136


def available() -> bool:
    """Say whether the loops are compiled for a processor that has the instruction."""
    if config.CPU_NAME or config.CPU_FEATURES:
        return False
    return bool(binding.get_host_cpu_features().get("avx512vnni", False))


def _step(rows: int, *, first: bool) -> Any:
    """Return what multiplies so many rows with a panel: shape (rows, COLUMNS), at `out`.

    The first step begins with the shift of each row, others with what is there.
    """

    @intrinsic  # type: ignore[untyped-decorator]
    def multiply_rows(
        context: Any, q: Any, width: Any, shifts: Any, panel: Any, fours: Any, out: Any, stride: Any
    ) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            word, index = ir.IntType(32), ir.IntType(64)
            vector = ir.VectorType(word, 16)
            dot = builder.module.declare_intrinsic(
                "llvm.x86.avx512.vpdpbusd.512", (), ir.FunctionType(vector, [vector] * 3)
            )
            q, width, shifts, panel, fours, out, stride = arguments

            def number(value: int) -> Any:
                return ir.Constant(index, value)

            def pointer(base: Any, offset: Any, kind: Any) -> Any:
                return builder.inttoptr(builder.add(base, offset), kind.as_pointer())

            def repeated(base: Any, offset: Any) -> Any:
                value = builder.load(pointer(base, offset, word), align=1)
                one = builder.insert_element(ir.Constant(vector, ir.Undefined), value, ir.Constant(word, 0))
                return builder.shuffle_vector(one, one, ir.Constant(vector, [0] * 16))

            begin, loop, end = builder.block, builder.append_basic_block(), builder.append_basic_block()

            def place(row: int, v: int) -> Any:
                return pointer(out, builder.add(builder.mul(stride, number(row)), number(64 * v)), vector)

            shift = [repeated(shifts, number(4 * row)) for row in range(rows if first else 0)]
            start = [
                [shift[row] if first else builder.load(place(row, v), align=1) for v in range(_VECTORS)]
                for row in range(rows)
            ]
            builder.branch(loop)
            builder.position_at_end(loop)
            k = builder.phi(index)
            sums = [[builder.phi(vector) for _ in range(_VECTORS)] for _ in range(rows)]
            at = builder.mul(k, number(4 * COLUMNS))
            columns = [
                builder.load(pointer(panel, builder.add(at, number(64 * v)), vector), align=1) for v in range(_VECTORS)
            ]
            after = builder.add(k, number(1))
            k.add_incoming(number(0), begin)
            k.add_incoming(after, loop)
            found = []
            for row in range(rows):
                four = repeated(q, builder.add(builder.mul(width, number(row)), builder.mul(k, number(4))))
                found.append([builder.call(dot, [sums[row][v], columns[v], four]) for v in range(_VECTORS)])
                for v in range(_VECTORS):
                    sums[row][v].add_incoming(start[row][v], begin)
                    sums[row][v].add_incoming(found[row][v], loop)
            builder.cbranch(builder.icmp_signed("<", after, fours), loop, end)
            builder.position_at_end(end)
            for row in range(rows):
                for v in range(_VECTORS):
                    builder.store(found[row][v], place(row, v), align=1)
            return context.get_dummy_value()

        return types.void(*[types.int64] * 7), generate

    return multiply_rows


_first_rows, _more_rows = _step(_ROWS, first=True), _step(_ROWS, first=False)
_first_row, _more_row = _step(1, first=True), _step(1, first=False)


@compiled()
def pack(columns: Words, panels: Words) -> None:
    """Fill in panels, shape (panels, width / 4, COLUMNS), of words of four coordinates, from words of columns.

    One factor of the instruction has no sign, so 128 is added to each coordinate; of columns that there are not, too.
    """
    for p in range(panels.shape[0]):
        for j in range(COLUMNS):
            column = p * COLUMNS + j
            for k in range(panels.shape[1]):
                word = columns[column, k] if column < columns.shape[0] else np.uint32(0)
                panels[p, k, j] = word ^ np.uint32(0x80808080)


@compiled()
def _sum(q: npt.NDArray[np.int8]) -> np.int32:
    total = np.int32(0)
    for k in range(q.size):
        total = np.int32(total + np.int32(q[k]))
    return total


@compiled()
def multiply(q: npt.NDArray[np.int8], panels: Words, first: int, shifts: Sums, tile: Sums) -> None:
    """Fill in the products of rows, shape (rows, width) of int8, with the columns of panels from the first on; the tile is as wide as they.

    `shifts` is room for as many words as rows. A sum that leaves 32 bits on the way comes back, as the result has 31.
    """
    rows, width = q.shape
    for i in range(rows):
        shifts[i] = -128 * _sum(q[i])
    stride = 4 * tile.shape[1]
    for p in range(first, panels.shape[0]):
        for k in range(0, width // 4, _WORDS):
            words = min(_WORDS, width // 4 - k)
            panel = panels.ctypes.data + (p * panels.shape[1] + k) * COLUMNS * 4
            i = 0
            while i < rows:
                here, shift = q.ctypes.data + i * width + 4 * k, shifts.ctypes.data + 4 * i
                out = tile.ctypes.data + p * COLUMNS * 4 + i * stride
                if i + _ROWS <= rows:
                    if k == 0:
                        _first_rows(here, width, shift, panel, words, out, stride)
                    else:
                        _more_rows(here, width, shift, panel, words, out, stride)
                    i += _ROWS
                else:
                    if k == 0:
                        _first_row(here, width, shift, panel, words, out, stride)
                    else:
                        _more_row(here, width, shift, panel, words, out, stride)
                    i += 1
