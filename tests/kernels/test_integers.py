"""Products of small integers: each kernel here if the processor has it, else as far as another can tell."""

from dataclasses import replace

import numpy as np
import pytest
from llvmlite import binding

from boundcheck import distances
from boundcheck.kernels import integers
from tests.plain_products import kernel_named, made_of_plain_products

KERNELS = pytest.mark.parametrize("kernel", integers.KERNELS, ids=lambda kernel: kernel.name)
TRIPLES = {"x86_64": "x86_64-linux-gnu", "aarch64": "aarch64-linux-gnu"}


@pytest.fixture
def fresh():
    """Forget what was tried before, and after."""
    for cache in (integers.chosen, integers._tried):
        cache.cache_clear()
    yield
    for cache in (integers.chosen, integers._tried):
        cache.cache_clear()


def ways(kernel):
    """Return the kernel with plain products, and itself where this processor has it."""
    own = [integers.make(kernel)] if integers.reasons()[kernel.name] == "exact here" else []
    return [made_of_plain_products(kernel), *own]


@KERNELS
def test_products_are_exact(kernel):
    rng = np.random.default_rng(0)
    per, dtype = (2, np.int16) if kernel.format == "int16" else (4, np.int8)
    for made in ways(kernel):
        assert integers.is_exact(made)
        for n, q, words in ((1, 1, 2), (4, kernel.columns, 4), (kernel.rows + 1, kernel.columns + 1, kernel.words),
                            (7, 2 * kernel.columns + 3, kernel.words + 2)):  # fmt: skip
            most = integers.largest_integer(kernel.format, per * words)
            one, other = (rng.integers(-most, most + 1, (count, per * words)).astype(dtype) for count in (n, q))
            # Sums as large as they come, of either sign: what saturates would do so here.
            one[0], other[0], other[-1] = most, most, -most
            panels = np.empty((-(-q // kernel.columns), words, kernel.columns), np.uint32)
            tile = np.full((n, len(panels) * kernel.columns), 7, np.int32)
            integers.pack(other.view(np.uint32), kernel.bias, panels)
            shifts = integers.shifts(one.sum(axis=1, dtype=np.int64), kernel.bias)
            integers.multiply(one.view(np.uint32), panels, 0, shifts, tile, made.plan)
            exact = one.astype(np.int64) @ other.astype(np.int64).T
            assert (tile[:, :q] == exact).all()
            # Columns that there are not are zeros; panels that are left out are not touched.
            assert (tile[:, q:] == 0).all()
            tile[:] = 7
            integers.multiply(one.view(np.uint32), panels, len(panels), shifts, tile, made.plan)
            assert (tile == 7).all()


@KERNELS
def test_machine_code_has_the_instruction_for_which_the_kernel_is_named(kernel):
    binding.initialize_all_targets()
    binding.initialize_all_asmprinters()
    try:
        target = integers._target(kernel, TRIPLES[kernel.machine])
    except RuntimeError as error:
        assert kernel.machine != integers.own_machine()
        pytest.skip(f"LLVM compiles for few machines here: {error}")
    text = target.emit_assembly(integers._written(kernel, TRIPLES[kernel.machine]))
    # Of the step of several rows, once for each register of sums and each word.
    instruction = kernel.name.rpartition(" ")[2]
    times = sum(instruction in line for line in text.splitlines())
    assert times == (kernel.rows + 1) * kernel.vectors * kernel.depth
    assert "call" not in text.split()
    assert integers.object_code(kernel, TRIPLES[kernel.machine])


def test_the_largest_integers_keep_sums_within_32_bits():
    for format, most in (("int7", 63), ("int8", 127), ("int16", 32767)):
        for d in (1, 2, 3, 64, 1408, 10_000, 133_144, 133_145, 10**6, 2**31):
            found = integers.largest_integer(format, d)
            assert 0 <= found <= most
            assert d * found**2 < 2**31
            if format == "int16" and found < most:
                assert d * (found + 1) ** 2 >= 2**31
    # The four products that are added up in 16 bits.
    assert 4 * (64 + 63) * 63 < 2**15
    assert integers.largest_integer("int8", 133_144) == 127
    assert integers.largest_integer("int8", 133_145) == 0


def unknown(builder, kernel, total, columns, row):
    return builder.call(integers._function(builder, "llvm.x86.no.such", total.type, total.type), [total])


def changed(builder, kernel, total, columns, row):
    """Use an instruction with operands that it has not: as after a change in LLVM."""
    kind = total.type
    return builder.call(integers._function(builder, integers._NEIGHBOURS[8], kind, kind, kind), [total, columns[0]])


def wrong(builder, kernel, total, columns, row):
    return builder.add(total, columns[0])


def raising(builder, kernel, total, columns, row):
    raise TypeError("another llvmlite")


@pytest.mark.parametrize("dot", [unknown, changed, wrong, raising])
def test_a_kernel_that_cannot_be_had_is_left_out(dot, fresh, monkeypatch):
    good = kernel_named("AVX2, vpmaddwd")
    features = () if integers._reason(good) else good.features
    good = replace(good, dot=integers.plain, features=features, machine=made_of_plain_products(good).kernel.machine,
                   processor=made_of_plain_products(good).kernel.processor)  # fmt: skip
    bad = replace(good, name="bad", dot=dot)
    monkeypatch.setattr(integers, "KERNELS", (bad, good))
    made = integers.chosen("int16")
    assert made is not None
    assert made.kernel is good
    assert integers.reasons()["bad"] != "exact here"
    assert integers.reasons()[good.name] == "exact here"
    # Where none is left, results are those of the libraries.
    monkeypatch.setattr(integers, "KERNELS", (bad,))
    integers.chosen.cache_clear()
    assert integers.chosen("int16") is None
    rows = np.random.default_rng(0).normal(size=(2, 9, 70))
    exact = np.sqrt(((rows[0][:, None] - rows[1]) ** 2).sum(axis=2)).max()
    found = distances.between([rows[0]], [rows[1]], reduce=["max"]).max
    assert abs(found.value[0, 0] - exact) <= 1e-12 * exact
    assert "bad" in distances.explain()


def test_what_llvm_does_not_know_of_the_processor_ends_nothing(fresh, monkeypatch):
    def unsupported():
        raise RuntimeError("host cpu features are not available")

    monkeypatch.setattr(integers.binding, "get_host_cpu_features", unsupported)
    assert {integers.chosen(format) for format in ("int7", "int8", "int16")} == {None}


def test_other_compiled_processors_are_not_asked_for_instructions(fresh, monkeypatch):
    monkeypatch.setattr(integers.config, "CPU_NAME", "generic")
    assert {integers.chosen(format) for format in ("int7", "int8", "int16")} == {None}


def test_it_is_said_which_products_run_and_why():
    said = distances.explain()
    for kernel in integers.KERNELS:
        assert kernel.name in said
        assert integers.reasons()[kernel.name] in said
    assert "\n" in said
