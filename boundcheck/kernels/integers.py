"""Exact products of small integers by the instructions that processors have for them, from within compiled loops.

A library's product fills a tile before anything can be done with it, and is called from Python for each. Here a block of
rows is multiplied when it is looked at, in the second-level cache. Columns lie in panels, word by word: a word is what a
lane adds up at once, four coordinates of 8 bits or two of 16.

===========  ==============================  ========  ====================================================================
format       coordinates                     word      exact because
===========  ==============================  ========  ====================================================================
``int8``     −127 … 127                      4         sums have 32 bits up to 133,144 dimensions
``int7``     −63 … 63                        4         of 64 + p ≤ 127 and q, four products come to at most 32,004: no sum of
                                                       16 bits saturates
``int16``    at most √((2³¹ − 1) / d)        2         Σ|q·p| < 2³¹
===========  ==============================  ========  ====================================================================

Each kernel is one function made with llvmlite alone, for a processor with the features it names. It is tried when it is
first asked for: one that this LLVM does not know, or whose products are not exact, is left out, and the next is taken.
Where there is none, products are left to the libraries; nothing here raises.
"""

from __future__ import annotations

import functools
import math
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from llvmlite import binding, ir  # type: ignore[import-untyped]
from numba import types
from numba.core import config
from numba.extending import intrinsic

from boundcheck.kernels.compiled import compiled

__all__ = ["KERNELS", "Kernel", "Made", "chosen", "largest_integer", "multiply", "object_code", "pack", "reasons"]

Integer = Literal["int7", "int8", "int16"]
Words = npt.NDArray[np.uint32]
Sums = npt.NDArray[np.int32]
#: What adds the products of words of columns with a word of a row to sums.
Dot = Callable[[Any, "Kernel", Any, Sequence[Any], Sequence[Any]], Any]

_BYTE, _HALF, _WORD, _INDEX = (ir.IntType(bits) for bits in (8, 16, 32, 64))
# The addresses of row, panel, result and shifts; in bytes what rows and results are apart; words; whether it begins.
_STEP = ir.FunctionType(ir.VoidType(), [_INDEX] * 8)


def largest_integer(format: str, dimension: int) -> int:
    """Return the largest coordinate of a format with which sums of products of so many are exact, 0 where there is none."""
    most = {"int7": 63, "int8": 127, "int16": 32767}[format]
    root = math.isqrt((2**31 - 1) // max(1, dimension))
    return min(most, root) if format == "int16" or root >= most else 0


@dataclass(frozen=True)
class Kernel:
    """One way to multiply.

    Attributes
    ----------
    name
        The instruction set, and the instruction.
    format
        Of what is multiplied.
    machine, processor, features
        What LLVM calls them; the processor has at least these features.
    dot
        What adds products to sums.
    lanes, rows, vectors
        Words of a vector; rows and vectors of sums that stay in registers.
    depth
        Words that are added up at once.
    words
        Of a panel at once, so many that they stay in the first cache for all rows.
    bias
        What is added to columns, of which one factor of some instructions has no sign.
    """

    name: str
    format: Integer
    machine: str
    processor: str
    features: tuple[str, ...]
    dot: Dot
    lanes: int
    rows: int
    vectors: int
    depth: int
    words: int
    bias: int

    @property
    def columns(self) -> int:
        """Columns of a panel."""
        return self.lanes * self.vectors


@dataclass(frozen=True)
class Made:
    """A kernel in machine code: where its steps are, of several rows and of one. `engine` holds the code."""

    kernel: Kernel
    many: int
    one: int
    engine: Any

    @property
    def plan(self) -> tuple[int, int, int, int, int]:
        """What :func:`multiply` goes by."""
        return self.many, self.one, self.kernel.rows, self.kernel.words, self.kernel.columns


# ------------------------------------------------------------------------------------------------------- instructions


def _function(builder: Any, name: str, result: Any, *arguments: Any) -> Any:
    return builder.module.declare_intrinsic(name, (), ir.FunctionType(result, arguments))


def _vnni(instruction: str) -> Dot:
    """Return the use of an instruction that multiplies words and adds to sums.

    Its operands were vectors of words up to LLVM 21. Where they no longer are, LLVM reads the text as what it was.
    """

    def dot(builder: Any, kernel: Kernel, total: Any, columns: Sequence[Any], row: Sequence[Any]) -> Any:
        kind = total.type
        function = _function(builder, f"llvm.x86.avx512.{instruction}.{32 * kernel.lanes}", kind, kind, kind, kind)
        for of_columns, of_row in zip(columns, row, strict=True):
            total = builder.call(function, [total, of_columns, of_row])
        return total

    return dot


# By the words of a vector.
_PAIRS = {8: "llvm.x86.avx2.pmadd.ub.sw", 16: "llvm.x86.avx512.pmaddubs.w.512"}
_NEIGHBOURS = {8: "llvm.x86.avx2.pmadd.wd", 16: "llvm.x86.avx512.pmaddw.d.512"}


def _vpmaddubsw(builder: Any, kernel: Kernel, total: Any, columns: Sequence[Any], row: Sequence[Any]) -> Any:
    """Add sums of two products, of 16 bits, twice; then those of neighbours, of 32 bits."""
    bytes_, halves = ir.VectorType(_BYTE, 4 * kernel.lanes), ir.VectorType(_HALF, 2 * kernel.lanes)
    pairs = _function(builder, _PAIRS[kernel.lanes], halves, bytes_, bytes_)
    neighbours = _function(builder, _NEIGHBOURS[kernel.lanes], total.type, halves, halves)
    first, second = (
        builder.call(pairs, [builder.bitcast(of_columns, bytes_), builder.bitcast(of_row, bytes_)])
        for of_columns, of_row in zip(columns, row, strict=True)
    )
    ones = ir.Constant(halves, [1] * (2 * kernel.lanes))
    return builder.add(total, builder.call(neighbours, [builder.add(first, second), ones]))


def _vpmaddwd(builder: Any, kernel: Kernel, total: Any, columns: Sequence[Any], row: Sequence[Any]) -> Any:
    halves = ir.VectorType(_HALF, 2 * kernel.lanes)
    function = _function(builder, _NEIGHBOURS[kernel.lanes], total.type, halves, halves)
    for pair in zip(columns, row, strict=True):
        total = builder.add(total, builder.call(function, [builder.bitcast(part, halves) for part in pair]))
    return total


def _sdot(builder: Any, kernel: Kernel, total: Any, columns: Sequence[Any], row: Sequence[Any]) -> Any:
    bytes_ = ir.VectorType(_BYTE, 4 * kernel.lanes)
    function = _function(builder, "llvm.aarch64.neon.sdot.v4i32.v16i8", total.type, total.type, bytes_, bytes_)
    for pair in zip(columns, row, strict=True):
        total = builder.call(function, [total, *(builder.bitcast(part, bytes_) for part in pair)])
    return total


def plain(builder: Any, kernel: Kernel, total: Any, columns: Sequence[Any], row: Sequence[Any]) -> Any:
    """Add the products one by one, on any processor: what each instruction is to do, for tests of all else."""
    parts = 2 if kernel.format == "int16" else 4
    small = ir.VectorType(_HALF if parts == 2 else _BYTE, parts * kernel.lanes)
    wide = ir.VectorType(_WORD, parts * kernel.lanes)
    for of_columns, of_row in zip(columns, row, strict=True):
        extend = builder.zext if kernel.bias else builder.sext
        products = builder.mul(
            extend(builder.bitcast(of_columns, small), wide), builder.sext(builder.bitcast(of_row, small), wide)
        )
        for part in range(parts):
            which = ir.Constant(
                ir.VectorType(_WORD, kernel.lanes), [parts * lane + part for lane in range(kernel.lanes)]
            )
            total = builder.add(total, builder.shuffle_vector(products, products, which))
    return total


def _x86(name: str, format: Integer, features: tuple[str, ...], dot: Dot, **shape: int) -> Kernel:
    # Sixteen registers of 256 bits: ten sums, two vectors of columns and a row's word; 24 KB of a panel.
    whole = {"lanes": 8, "rows": 5, "vectors": 2, "depth": 1, "words": 384, "bias": 0, **shape}
    return Kernel(name, format, "x86_64", "x86-64-v3", features, dot, **whole)


# Of 32 registers of 512 bits, 25 are sums; 43 KB of a panel.
_WIDE = {"lanes": 16, "rows": 5, "vectors": 5, "words": 136}
# Where products need room of their own, fewer; 24 KB.
_MIDDLE = {"lanes": 16, "rows": 5, "vectors": 4, "words": 96}

#: Every way to multiply, of each format the fastest first.
KERNELS: tuple[Kernel, ...] = (
    _x86("AVX-512 VNNI, vpdpbusd", "int8", ("avx512f", "avx512vnni"), _vnni("vpdpbusd"), bias=128, **_WIDE),
    _x86("AVX-VNNI, vpdpbusd", "int8", ("avx2", "avxvnni"), _vnni("vpdpbusd"), bias=128),
    Kernel("ARM dot products, sdot", "int8", "aarch64", "generic", ("neon", "dotprod"), _sdot, 4, 5, 4, 1, 384, 0),
    _x86("AVX-512, vpmaddubsw", "int7", ("avx512f", "avx512bw"), _vpmaddubsw, depth=2, bias=64, **_MIDDLE),
    _x86("AVX2, vpmaddubsw", "int7", ("avx2",), _vpmaddubsw, rows=4, depth=2, bias=64),
    _x86("AVX-512 VNNI, vpdpwssd", "int16", ("avx512f", "avx512vnni"), _vnni("vpdpwssd"), **_WIDE),
    _x86("AVX-VNNI, vpdpwssd", "int16", ("avx2", "avxvnni"), _vnni("vpdpwssd")),
    _x86("AVX-512, vpmaddwd", "int16", ("avx512f", "avx512bw"), _vpmaddwd, **_MIDDLE),
    _x86("AVX2, vpmaddwd", "int16", ("avx2",), _vpmaddwd, rows=6),
)

# ------------------------------------------------------------------------------------------------------- machine code


def _write_step(module: Any, kernel: Kernel, rows: int, name: str) -> None:
    """Write what multiplies so many rows with words of a panel: shape (rows, columns), added to what is at `out`.

    Where it begins, it is added to the shift of each row instead.
    """
    builder = ir.IRBuilder(ir.Function(module, _STEP, name).append_basic_block())
    q, width, panel, words, out, stride, first, shifts = builder.function.args
    vector = ir.VectorType(_WORD, kernel.lanes)

    def number(value: int) -> Any:
        return ir.Constant(_INDEX, value)

    def pointer(base: Any, offset: Any, kind: Any) -> Any:
        return builder.inttoptr(builder.add(base, offset), kind.as_pointer())

    def repeated(base: Any, offset: Any) -> Any:
        value = builder.load(pointer(base, offset, _WORD), align=1)
        one = builder.insert_element(ir.Constant(vector, ir.Undefined), value, ir.Constant(_WORD, 0))
        return builder.shuffle_vector(one, one, ir.Constant(vector, [0] * kernel.lanes))

    begin, loop, end = builder.block, builder.append_basic_block(), builder.append_basic_block()
    builder.branch(loop)
    builder.position_at_end(loop)
    k = builder.phi(_INDEX)
    sums = [[builder.phi(vector) for _ in range(kernel.vectors)] for _ in range(rows)]
    columns = []
    for part in range(kernel.depth):
        at = builder.mul(builder.add(k, number(part)), number(4 * kernel.columns))
        columns.append([
            builder.load(pointer(panel, builder.add(at, number(4 * kernel.lanes * v)), vector), align=1)
            for v in range(kernel.vectors)
        ])  # fmt: skip
    after = builder.add(k, number(kernel.depth))
    found = []
    for row in range(rows):
        start = builder.add(builder.mul(width, number(row)), builder.mul(k, number(4)))
        of_row = [repeated(q, builder.add(start, number(4 * part))) for part in range(kernel.depth)]
        found.append([
            kernel.dot(builder, kernel, sums[row][v], [part[v] for part in columns], of_row)
            for v in range(kernel.vectors)
        ])  # fmt: skip
    k.add_incoming(number(0), begin)
    k.add_incoming(after, loop)
    for row in range(rows):
        for v in range(kernel.vectors):
            sums[row][v].add_incoming(ir.Constant(vector, [0] * kernel.lanes), begin)
            sums[row][v].add_incoming(found[row][v], loop)
    builder.cbranch(builder.icmp_signed("<", after, words), loop, end)
    builder.position_at_end(end)
    begins = builder.icmp_signed("!=", first, number(0))
    for row in range(rows):
        shift = repeated(shifts, number(4 * row))
        for v in range(kernel.vectors):
            offset = builder.add(builder.mul(stride, number(row)), number(4 * kernel.lanes * v))
            place = pointer(out, offset, vector)
            before = builder.select(begins, shift, builder.load(place, align=1))
            builder.store(builder.add(found[row][v], before), place, align=1)
    builder.ret_void()


def _written(kernel: Kernel, triple: str) -> Any:
    module = ir.Module()
    module.triple = triple
    _write_step(module, kernel, kernel.rows, "many")
    _write_step(module, kernel, 1, "one")
    parsed = binding.parse_assembly(str(module))
    parsed.verify()
    return parsed


def _target(kernel: Kernel, triple: str) -> Any:
    features = ",".join(f"+{feature}" for feature in kernel.features)
    target = binding.Target.from_triple(triple)
    return target.create_target_machine(cpu=kernel.processor, features=features, opt=3, jit=True)


def object_code(kernel: Kernel, triple: str) -> bytes:
    """Return a kernel compiled for a machine, which need not be this one.

    Raises
    ------
    RuntimeError
        If this LLVM does not know the machine, or the instruction.
    """
    code: bytes = _target(kernel, triple).emit_object(_written(kernel, triple))
    if b"llvm." in code:
        # What it does not know it takes for a function that is to be found elsewhere.
        raise RuntimeError(f"LLVM {'.'.join(map(str, binding.llvm_version_info))} has no such instruction")
    return code


def make(kernel: Kernel) -> Made:
    """Return a kernel in the memory of this process.

    Raises
    ------
    RuntimeError
        As :func:`object_code`.
    """
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    triple = binding.get_process_triple()
    code = object_code(kernel, triple)
    engine = binding.create_mcjit_compiler(binding.parse_assembly(""), _target(kernel, triple))
    engine.add_object_file(binding.ObjectFileRef.from_data(code))
    engine.finalize_object()
    many, one = (engine.get_function_address(name) for name in ("many", "one"))
    if not (many and one):
        raise RuntimeError("the code has no address")
    return Made(kernel, many, one, engine)


# ------------------------------------------------------------------------------------------------------------- choice


@functools.cache
def chosen(format: str) -> Made | None:
    """Return the fastest kernel of a format that this processor has and that is exact, or None."""
    for kernel in KERNELS:
        if kernel.format == format and _reason(kernel) is None:
            return _tried(kernel)[0]
    return None


def reasons() -> dict[str, str]:
    """Return for each kernel whether it is exact here, or why it is not to be had."""
    return {kernel.name: _reason(kernel) or "exact here" for kernel in KERNELS}


def own_machine() -> str:
    """Return what LLVM calls this machine."""
    name = platform.machine().lower()
    return {"amd64": "x86_64", "arm64": "aarch64"}.get(name, name)


def _reason(kernel: Kernel) -> str | None:
    if config.CPU_NAME or config.CPU_FEATURES:
        return "Numba is told to compile for another processor"
    machine = own_machine()
    if machine != kernel.machine:
        return f"for {kernel.machine}, and this is {machine}"
    try:
        known = dict(binding.get_host_cpu_features())
        # Of Apple's processors, which all have them, LLVM tells the name alone.
        if binding.get_host_cpu_name().startswith("apple-"):
            known |= {"neon": True, "dotprod": True}
    except Exception as error:
        return f"LLVM does not know the processor: {error}"
    missing = [feature for feature in kernel.features if not known.get(feature, False)]
    return f"the processor has no {', '.join(missing)}" if missing else _tried(kernel)[1]


@functools.cache
def _tried(kernel: Kernel) -> tuple[Made | None, str | None]:
    """Return a kernel whose products are exact, or what it is left out for."""
    try:
        made = make(kernel)
        return (made, None) if is_exact(made) else (None, "its products are not exact")
    except Exception as error:
        # Whatever a release of LLVM or Numba has changed: the next way is taken.
        return None, f"{type(error).__name__}: {error}".strip().splitlines()[0]


def is_exact(made: Made) -> bool:
    """Say whether some products are what they are to be: among them the largest, of either sign, beyond one part of a panel."""
    kernel = made.kernel
    # 32 bits hold more than these dimensions of 16.
    dimension = (kernel.words + 2 * kernel.depth) * (2 if kernel.format == "int16" else 4)
    most = largest_integer(kernel.format, dimension)
    dtype = np.int16 if kernel.format == "int16" else np.int8
    n, q = 2 * kernel.rows + 1, 2 * kernel.columns - 1
    some = np.arange(n * dimension, dtype=np.int64).reshape(n, dimension) * 7919 % (2 * most + 1) - most
    other = np.arange(q * dimension, dtype=np.int64).reshape(q, dimension) * 104729 % (2 * most + 1) - most
    some[0], some[1], other[0], other[-1] = most, -most, most, -most
    rows, panels = some.astype(dtype), np.empty((2, kernel.words + 2 * kernel.depth, kernel.columns), np.uint32)
    tile = np.full((n, 2 * kernel.columns), 7, np.int32)
    pack(other.astype(dtype).view(np.uint32), kernel.bias, panels)
    multiply(rows.view(np.uint32), panels, 0, shifts(some.sum(axis=1), kernel.bias), tile, made.plan)
    return bool((tile[:, :q] == some @ other.T).all() and (tile[:, q:] == 0).all())


# ----------------------------------------------------------------------------------------------------- compiled loops


def shifts(sums: npt.NDArray[np.int64], bias: int) -> Sums:
    """Return what the products of rows of these sums begin with, so that what was added to columns comes off."""
    # Of more bits, the lower ones: the sum comes back.
    return (-bias * sums).astype(np.int32)


@intrinsic  # type: ignore[untyped-decorator]
def _step(
    context: Any,
    address: Any,
    q: Any,
    width: Any,
    panel: Any,
    words: Any,
    out: Any,
    stride: Any,
    first: Any,
    shifts: Any,
) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.call(builder.inttoptr(arguments[0], _STEP.as_pointer()), arguments[1:])
        return context.get_dummy_value()

    return types.void(*[types.int64] * 9), generate


@compiled()
def pack(columns: Words, bias: int, panels: Words) -> None:
    """Fill in panels, shape (panels, words, columns of one), from words of columns, with `bias` added to each coordinate.

    Columns that there are not are of zeros.
    """
    # Of bytes, 128 is added by a change of sign, and what is too much comes off without a carry.
    change = np.uint32(0x80808080 if bias else 0)
    off = np.uint32((128 - bias) * 0x01010101 if bias else 0)
    across = panels.shape[2]
    for p in range(panels.shape[0]):
        for j in range(across):
            column = p * across + j
            for k in range(panels.shape[1]):
                word = columns[column, k] if column < columns.shape[0] else np.uint32(0)
                panels[p, k, j] = (word ^ change) - off


@compiled(within=True)
def multiply(
    q: Words, panels: Words, first: int, shifts: Sums, tile: Sums, plan: tuple[int, int, int, int, int]
) -> None:
    """Fill in the products of rows, in words, with the columns of panels from the first on; the tile is as wide as they.

    A sum that leaves 32 bits on the way comes back, as the result has 31.
    """
    many, one, at_once, most, across = plan
    rows, width = q.shape
    stride = 4 * tile.shape[1]
    for p in range(first, panels.shape[0]):
        for k in range(0, width, most):
            words = min(most, width - k)
            panel = panels.ctypes.data + (p * width + k) * across * 4
            i = 0
            while i < rows:
                several = i + at_once <= rows
                here, out = q.ctypes.data + 4 * (i * width + k), tile.ctypes.data + 4 * p * across + i * stride
                _step(
                    many if several else one, here, 4 * width, panel, words, out, stride, k == 0,
                    shifts.ctypes.data + 4 * i,
                )  # fmt: skip
                i += at_once if several else 1
