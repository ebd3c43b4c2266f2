"""The GPU's reductions against exact integers: on a GPU where there is one, else in Triton's interpreter.

Whether kernels are interpreted is settled when Triton is imported, so without a GPU the tests that launch kernels run in
a process of their own, which one test here starts.
"""

import importlib.util
import json
import os
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from math import inf
from pathlib import Path

import numpy as np
import pytest
import torch

from boundcheck import distances
from boundcheck.errors import InvalidValueError, MissingDependencyError
from boundcheck.kernels import cuda, reductions, tiles
from boundcheck.kernels.rows import gamma
from tests.exact_distances import ADVERSARIAL, BEYOND_FLOAT32, holds, reduced, rows
from tests.exact_distances import distances as exact_distances

INTERPRETED = cuda.interpreted()
DEVICE = "cuda" if torch.cuda.is_available() and not INTERPRETED else "cpu"
FORMATS = ("int8", "bfloat16", "float16")
# Small, so that small sets have several.
TILE = cuda.Tile(16, 16, 16, 4, 1)
NAMES = {0: "max", 1: "min", 2: "mean", 3: "chamfer", 4: "chamfer_back", 5: "hausdorff", 6: "hausdorff_back"}

triton = pytest.importorskip("triton")
launches = pytest.mark.skipif(
    not INTERPRETED and DEVICE == "cpu",
    reason="no GPU: test_the_kernels_in_the_interpreter runs this in a process of its own",
)
launches_nothing = pytest.mark.skipif(INTERPRETED, reason="runs in the process that started this one")


@pytest.mark.skipif(INTERPRETED or DEVICE == "cuda", reason="the kernels run in this process")
@pytest.mark.parametrize("part", ["exact", "not exact"])
def test_the_kernels_in_the_interpreter(part):
    command = [
        sys.executable,
        "-m",
        "pytest",
        __file__,
        "-q",
        "-x",
        "-k",
        part,
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
    ]
    environment = {**os.environ, "TRITON_INTERPRET": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, cwd=Path(__file__).parents[2], check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout


def collections(kind, sizes, d, *, dtype=torch.float64, seed=0):
    """Return rows of a kind, one collection after the other, and where each begins, and the end."""
    rng = np.random.default_rng(seed + len(kind))
    return torch.cat([rows(kind, rng, n, d, dtype) for n in sizes]).to(DEVICE), np.cumsum([0, *sizes])


def parts(x, starts):
    return [part.tolist() for part in torch.tensor_split(x.cpu(), torch.from_numpy(starts[1:-1]))]


def enclosed(x, starts, w, others, *, largest, format, change=None):
    """Return lower and upper as fractions, in the rows' own scale."""
    sides, exponent = cuda.prepare(
        [x] if w is None else [x, w], [starts] if w is None else [starts, others], format=format, tile=TILE
    )
    sides = [change(side) for side in sides] if change else sides
    bounds = cuda.enclosures(*sides, largest=largest)
    return [[[Fraction(u) * Fraction(2) ** exponent for u in row] for row in bound.tolist()] for bound in bounds]


def held(x, starts, w, others, *, largest, format, change=None):
    """Say of each pair of collections whether its enclosure has the exact value."""
    lower, upper = enclosed(x, starts, w, others, largest=largest, format=format, change=change)
    one, other = parts(x, starts), parts(x if w is None else w, starts if w is None else others)
    found = np.zeros((len(one), len(other)), dtype=bool)
    for a in range(len(one)):
        for b in range(len(other)):
            low, high = reduced(one[a], other[b])[0]["max" if largest else "min"]
            found[a, b] = lower[a][b] <= high and low <= upper[a][b]
    return found


@launches
@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("kind", ADVERSARIAL)
def test_enclosures_hold_the_exact_value(kind, format):
    x, starts = collections(kind, (1, 2, 3, 9), 5)
    assert held(x, starts, None, starts, largest=True, format=format).all()
    w, others = collections(kind, (4, 1, 7), 5, seed=1)
    assert held(x, starts, w, others, largest=False, format=format).all()
    if kind not in BEYOND_FLOAT32:
        x, starts = collections(kind, (20, 20), 33, dtype=torch.float32)
        assert held(x, starts, None, starts, largest=True, format=format).all()


def rows_made_to_break_the_sum(d):
    """Return rows whose products a sum of few digits loses: small beside large, and large ones that cancel."""
    rng = np.random.default_rng(0)
    small = np.full(d, 2.0**-11)
    small[0] = 1.0
    # Beside 1, the product of these two is just below the last of 24 bits.
    lost, half = (np.where(np.arange(d) == 0, 1.0, share * (1 - 2.0**-8)) for share in (2.0**-11, 2.0**-12))
    late = small[::-1].copy()
    cancelling = np.where(np.arange(d) % 2, 1.0, -1.0)
    falling = 2.0 ** -(np.arange(d) % 12)
    random = rng.integers(-1023, 1024, (4, d)) / 1024.0
    return torch.from_numpy(np.stack([small, lost, half, late, cancelling, falling, -falling, *random]))


@launches
@pytest.mark.parametrize("format", FORMATS)
def test_enclosures_hold_for_rows_made_to_break_the_sum(format):
    x = rows_made_to_break_the_sum(512).to(DEVICE)
    starts = np.arange(len(x) + 1)
    assert held(x, starts, None, starts, largest=True, format=format).all()


def cut(values, quantum):
    return np.trunc(values / quantum) * quantum


def summed_by_a_unit(products, together):
    """Add as the matrix units are assumed to: so many terms at a time, each cut off after 24 bits of the largest."""
    total = 0.0
    for start in range(0, len(products), together):
        terms = np.array([total, *products[start : start + together]])
        # Sums of so few terms of so few bits are exact in float64.
        total = float(cut(terms, 2.0 ** (np.frexp(np.abs(terms).max())[1] - 24)).sum())
        total = float(cut(total, 2.0 ** (np.frexp(abs(total))[1] - 24)))
    return total


@launches_nothing
@pytest.mark.parametrize("together", [2, 4, 8, 16])
def test_sums_that_are_cut_off_are_within_the_error_assumed(together):
    """And would not be within that of rounded sums, of which each addition loses a quarter of it."""
    d = 512
    x = rows_made_to_break_the_sum(d).numpy()
    off, size = np.empty((len(x), len(x))), np.linalg.norm(x, axis=1)[:, None] * np.linalg.norm(x, axis=1)
    for i, one in enumerate(x):
        for j, other in enumerate(x):
            products = one * other
            off[i, j] = abs(Fraction(summed_by_a_unit(products, together)) - sum(map(Fraction, products)))
    assert (off <= gamma(d + 8, cuda._UNITS) * size).all()
    assert not (off <= gamma(d + 8, 2.0**-24) * size).all()


@launches
def test_enclosures_fail_without_the_error_of_the_products(monkeypatch):
    """E is not idle: rows that float16 holds exactly, of which only the products and squares are rounded."""
    x = rows_made_to_break_the_sum(512).to(DEVICE)
    starts = np.arange(len(x) + 1)
    options = {"largest": True, "format": "float16"}
    assert held(x, starts, None, starts, **options).all()
    monkeypatch.setattr(cuda, "square_errors", lambda ready, a, b: 0.0 * a * b)
    assert not held(x, starts, None, starts, **options).all()


@launches
@pytest.mark.parametrize("format", FORMATS)
def test_enclosures_fail_without_the_residuals(format):
    """ρ is not idle: rows that no format holds."""
    x, starts = collections("normal", (1,) * 12, 40)
    options = {"largest": True, "format": format}
    assert held(x, starts, None, starts, **options).all()

    def without(ready):
        return replace(ready, residuals=torch.zeros_like(ready.residuals))

    assert not held(x, starts, None, starts, **options, change=without).all()


@launches
def test_enclosures_of_many_stripes_and_pieces_are_those_of_one(monkeypatch):
    """As narrow, but for another order of additions; and of collections in pieces they hold."""
    x, starts = collections("normal", (3, 5, 4, 2, 6), 18)
    w, others = collections("normal", (4, 8), 18, seed=1)
    options = {"format": "float16"}
    chosen = [(v, largest) for v in (None, w) for largest in (True, False)]
    whole = [enclosed(x, starts, v, others, largest=largest, **options) for v, largest in chosen]
    monkeypatch.setattr(cuda, "_PAIRS", 10)
    assert len(cuda._arranged(starts, 1, 32, 2).stripes) == 3
    for expected, (v, largest) in zip(whole, chosen, strict=True):
        found = enclosed(x, starts, v, others, largest=largest, **options)
        np.testing.assert_allclose(*(np.array(bounds, dtype=float) for bounds in (found, expected)), rtol=1e-5)
    monkeypatch.setattr(cuda, "_SEGMENTS", 4)
    x, starts = collections("normal", (2, 18), 6)
    assert len(cuda.prepare([x], [starts], tile=TILE)[0][0].layout.block_sizes) == 4
    for v, largest in chosen:
        assert held(x, starts, None if v is None else w[:, :6].contiguous(), others, largest=largest, **options).all()


def check(table, name, one, other, *, attained=True):
    for a, x in enumerate(one):
        for b, w in enumerate(other):
            exact, pairs, unit = reduced(x, w)
            value, error = float(table.value[a, b]), float(table.error[a, b])
            assert holds(value, error, exact[name]), (name, a, b)
            if attained:
                pair = pairs[table.row[a, b], table.column[a, b]]
                assert holds(value, 2 * error, (pair * unit, (pair + 1) * unit)), (name, a, b)
                assert error <= 1e-12 * value + 1e-300, (name, a, b)


@launches
@pytest.mark.parametrize(
    ("kind", "format"),
    [
        *((kind, "float16") for kind in ADVERSARIAL),
        *((kind, f) for kind in ("normal", "lattice", "tiny") for f in FORMATS[:2]),
    ],
)
def test_exact_extremes_against_integers(kind, format):
    x, starts = collections(kind, (1, 4), 5)
    w, others = collections(kind, (2,), 5, seed=1)
    for v in (None, w):
        found = cuda.between(x, starts, v, starts if v is None else others, 2, (0, 1), format=format, tile=TILE)
        for k in (0, 1):
            check(found[k], NAMES[k], parts(x, starts), parts(x if v is None else v, starts if v is None else others))


@launches
@pytest.mark.parametrize("kind", ["normal", "near duplicates", "far from the origin", "one-hot", "subnormal"])
@pytest.mark.parametrize("largest", [True, False])
def test_exact_extreme_of_two_sets_and_of_one(kind, largest):
    x, _ = collections(kind, (19,), 6)
    w, _ = collections(kind, (7,), 6, seed=1)
    for other in (w, None):
        found = cuda.extreme(x, other, largest=largest, tile=TILE)
        table, e = exact_distances(x.tolist(), (x if other is None else other).tolist())
        unit = Fraction(2) ** e
        if other is None:
            assert found.row < found.column
            value = table[~np.eye(len(table), dtype=bool)]
        else:
            value = table.ravel()
        value = value.max() if largest else value.min()
        assert holds(found.value, found.error, (value * unit, (value + 1) * unit))
        assert found.error <= 1e-12 * found.value + 1e-300
        pair = table[found.row, found.column]
        assert holds(found.value, 2 * found.error, (pair * unit, (pair + 1) * unit))


@launches
@pytest.mark.parametrize("largest", [True, False])
def test_exact_extremes_of_pieces_and_stripes(largest, monkeypatch):
    """Collections in several pieces, these in several stripes, against every distance; of equal pairs, the first.

    One set says below the diagonal what it says above.
    """
    monkeypatch.setattr(cuda, "_PAIRS", 20)
    monkeypatch.setattr(cuda, "_SEGMENTS", 2)
    kind = 0 if largest else 1
    x, starts = collections("signs", (15, 2, 32, 4), 4)
    w, others = collections("signs", (3, 20), 4, seed=1)
    layout = cuda.prepare([x], [starts], tile=TILE)[0][0].layout
    assert layout.block_collections.tolist() == [0, 0, 1, 2, 2, 2, 2, 3]
    assert [(stripe.first, stripe.last) for stripe in layout.stripes] == [(0, 2), (2, 4), (4, 6), (6, 8)]
    for v in (None, w):
        ends = starts if v is None else others
        found = cuda.between(x, starts, v, ends, 2, (kind,), tile=TILE)[kind]
        every = torch.cdist(x.cpu(), (x if v is None else v).cpu(), compute_mode="donot_use_mm_for_euclid_dist").numpy()
        for a in range(len(starts) - 1):
            for b in range(len(ends) - 1):
                block = every[starts[a] : starts[a + 1], ends[b] : ends[b + 1]]
                at = np.unravel_index(block.argmax() if largest else block.argmin(), block.shape)
                assert found.value[a, b] == pytest.approx(block[at], rel=1e-14)
                if v is None and a > b:
                    assert (found.row[a, b], found.column[a, b]) == (found.column[b, a], found.row[b, a])
                else:
                    assert (found.row[a, b], found.column[a, b]) == at


@launches
def test_exact_extremes_of_more_ties_than_are_noted(monkeypatch):
    """All pairs of a block are measured then, or, of one pair of sets, the enclosure is left wider."""
    monkeypatch.setattr(cuda, "_NOTES", 1)
    x, starts = collections("one-hot", (9, 7), 4)
    # Ties to the products, not to float64.
    x = x + 1e-6 * torch.from_numpy(np.random.default_rng(5).normal(size=x.shape)).to(DEVICE)
    for kind in (0, 1):
        found = cuda.between(x, starts, None, starts, 2, (kind,), tile=TILE)[kind]
        check(found, NAMES[kind], parts(x, starts), parts(x, starts))
    far = cuda.extreme(x, None, largest=True, tile=TILE)
    assert holds(far.value, far.error, reduced(x.tolist(), x.tolist())[0]["max"])
    assert far.error > 1e-9
    # Without ties there is nothing to widen.
    x, _ = collections("normal", (16,), 4)
    assert cuda.extreme(x, None, largest=True, tile=TILE).error < 1e-12


@launches
def test_every_tile_is_visited_once():
    import triton.language as tl

    from boundcheck.kernels import triton_tiles

    global tile_at
    tile_at = triton_tiles.tile_at

    @triton.jit(do_not_specialize=["tall", "broad"])
    def visit(seen, tall, broad, triangle: tl.constexpr, band: tl.constexpr, ratio: tl.constexpr):
        row, column = tile_at(tl.program_id(0), tall, broad, triangle, band, ratio)
        tl.atomic_add(seen + row * broad + column, 1)

    for tall, broad, ratio, triangle in (
        *((n, n, 1, True) for n in (1, 2, 7, 8, 9, 17)),
        *((2 * n, n, 2, True) for n in (1, 4, 5, 9)),
        (3, 5, 1, False),
        (17, 2, 2, False),
    ):
        seen = torch.zeros(tall, broad, dtype=torch.int32, device=DEVICE)
        count = cuda.count_tiles(tall, broad, triangle, ratio)
        visit[(count,)](seen, tall, broad, triangle, cuda._BAND, ratio)
        assert int(seen.sum()) == count
        assert int(seen.max()) == 1
        needed = torch.ones(tall, broad, dtype=torch.bool)
        if triangle:
            needed = (torch.arange(broad) + 1) * ratio > torch.arange(tall)[:, None]
        assert bool((seen.cpu()[needed] == 1).all())


@launches
def test_rows_of_one_dimension_and_of_none():
    x = torch.tensor([[0.0], [1.0], [5.0]], device=DEVICE)
    assert (cuda.extreme(x, None, largest=True).value, cuda.extreme(x, None, largest=False).value) == (5, 1)
    empty = torch.empty(3, 0, device=DEVICE)
    assert cuda.extreme(empty, None, largest=True) == tiles.Found(0.0, 0.0, 0, 1)
    table = cuda.between(empty, np.array([0, 1, 3]), None, np.array([0, 1, 3]), 2, (0, 1, 2))
    assert all((table[kind].value == 0).all() and (table[kind].error == 0).all() for kind in table)


def test_the_result_is_that_of_the_cpu(monkeypatch):
    """Through the public functions, in every norm; here whatever is taken for a GPU's.

    Where kernels are interpreted, what is expected is not made by compiled loops, which would be compiled for it alone.
    """
    rng = np.random.default_rng(7)
    given = [torch.from_numpy(rng.normal(size=(n, 6))) for n in (4, 1, 9)]
    for p in (1, 2, inf):
        functions = [
            lambda x, w, p=p: distances.farthest(x, w, p=p), lambda x, w, p=p: distances.nearest(x, p=p),
            lambda x, w, p=p: distances.hausdorff(x, w, p=p), lambda x, w, p=p: distances.chamfer(x, w, p=p),
            lambda x, w, p=p: distances.mean_distance(x, p=p), lambda x, w, p=p: distances.mean_distance(x, w, p=p),
        ]  # fmt: skip
        with monkeypatch.context() as patched:
            if INTERPRETED:
                patched.setattr(reductions, "_on_gpu", lambda rows: True)
                patched.setattr(cuda, "_has_kernels", lambda rows: False)
            expected = [function(given[0], given[2]) for function in functions]
            tables = distances.between(given, p=p)
            against = distances.between(given, given[1:], p=p)
        with monkeypatch.context() as patched:
            patched.setattr(reductions, "_on_gpu", lambda rows: True)
            moved = [part.to(DEVICE) for part in given]
            for function, value in zip(functions, expected, strict=True):
                found = function(moved[0], moved[2])
                assert float(found) == pytest.approx(float(value), rel=1e-13)
                if isinstance(found, distances.Extreme):
                    assert (found.i, found.j) == (value.i, value.j)
            for found, table in (
                (distances.between(moved, p=p), tables),
                (distances.between(moved, moved[1:], p=p), against),
            ):
                for name in NAMES.values():
                    one, other = getattr(found, name), getattr(table, name)
                    np.testing.assert_allclose(one.value, other.value, rtol=1e-13)
                    for at, of in ((one.i, other.i), (one.j, other.j)):
                        assert (at is None) == (of is None)
                        assert at is None or (at == of).all()


@launches_nothing
@pytest.mark.parametrize("p", [1, 2, inf])
@pytest.mark.parametrize("kind", ADVERSARIAL)
def test_all_pairs_in_float64_against_integers(kind, p, monkeypatch):
    """The way that needs no Triton; a part of a few rows and columns at a time."""
    monkeypatch.setattr(cuda, "_COLUMNS", 4)
    monkeypatch.setattr(cuda, "_ELEMENTS", 12)
    x, starts = collections(kind, (1, 2, 5), 5)
    w, others = collections(kind, (4, 3), 5, seed=1)
    for v in (None, w):
        ends = starts if v is None else others
        found = cuda._exhausted(x, starts, v, ends, p, tuple(NAMES), distinct=False)
        for a, one in enumerate(parts(x, starts)):
            for b, other in enumerate(parts(x if v is None else v, ends)):
                exact, pairs, unit = reduced(one, other, p)
                for k, name in NAMES.items():
                    value, error = float(found[k].value[a, b]), float(found[k].error[a, b])
                    assert holds(value, error, exact[name]), (name, a, b)
                    if found[k].row is not None:
                        pair = pairs[found[k].row[a, b], found[k].column[a, b]]
                        assert holds(value, 2 * error, (pair * unit, (pair + 1) * unit)), (name, a, b)
    mean = cuda.mean(x, None, p)
    every, _, unit = reduced(x.tolist(), x.tolist(), p)
    share = Fraction(len(x), len(x) - 1)
    assert holds(mean.value, mean.error, tuple(end * share for end in every["mean"]))


def test_what_is_refused(monkeypatch):
    x, starts = torch.ones(2, 3, device=DEVICE), np.array([0, 2])
    with pytest.raises(InvalidValueError, match="format: expected one of int8, bfloat16, float16, got 'fp8'"):
        cuda.prepare([x], [starts], format="fp8")
    monkeypatch.delitem(sys.modules, "boundcheck.kernels.triton_tiles", raising=False)
    monkeypatch.delattr("boundcheck.kernels.triton_tiles", raising=False)
    monkeypatch.setitem(sys.modules, "triton", None)
    with pytest.raises(MissingDependencyError, match="triton: expected an installed package, got none"):
        cuda.prepare([x], [starts])


@pytest.mark.skipif(not INTERPRETED, reason="a benchmark on a GPU is run for its own sake")
def test_the_benchmark_checks_before_it_times(tmp_path, monkeypatch):
    path = Path(__file__).parents[2] / "benchmarks" / "gpu.py"
    spec = importlib.util.spec_from_file_location("gpu_benchmark", path)
    gpu = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(gpu)
    out = tmp_path / "gpu.json"
    arguments = ["--rows", "12", "--dimension", "20", "--size", "4", "--rounds", "1", "--out", str(out)]
    assert gpu.main(arguments) == 0
    report = json.loads(out.read_text())
    assert report["machine"]["device"].startswith("CPU, kernels interpreted")
    # Nothing that was not measured on a GPU is held against the goals.
    assert report["goals"] is None
    assert {name.split()[0] for name in report["ms"]} == {"prepare", "bounds", "pass", "measured", "between", "peer"}
    out.unlink()
    errors = cuda.square_errors
    monkeypatch.setattr(cuda, "square_errors", lambda ready, a, b: errors(ready, a, b) * 1e-4)
    with pytest.raises(SystemExit, match=r"FAILED: int8: an error of the products is .* times its bound"):
        gpu.main(arguments)
    monkeypatch.setattr(cuda, "square_errors", errors)
    bounds = cuda.enclosures
    monkeypatch.setattr(cuda, "enclosures", lambda rows: tuple(bound * 1.01 for bound in bounds(rows)))
    with pytest.raises(SystemExit, match="FAILED: int8: a lower bound is above the distance"):
        gpu.main(arguments)
    assert not out.exists()


NUMBERS = (
    "first_row_block",
    "first_column_block",
    "width",
    "row_tiles",
    "column_tiles",
    "wide",
    "row_origin",
    "column_origin",
)
TYPES = {
    **dict.fromkeys(("n", "c", "t", "u", "thresholds", "steps"), "*fp32"),
    **dict.fromkeys(("centre", "squares", "left", "values"), "*fp64"),
    **dict.fromkeys(("raw", "x", "w"), "*fp32"),
    **dict.fromkeys((*NUMBERS, "capacity", "d"), "i32"),
    "shrink": "fp32",
}


@launches_nothing
@pytest.mark.parametrize("capability", [80, 90])
@pytest.mark.parametrize("format", FORMATS)
def test_kernels_compile_for_gpus_that_are_not_here(capability, format):
    """Compiled code needs no GPU; of the newer ones it uses the matrix units of a whole group of warps."""
    from triton.backends.compiler import GPUTarget
    from triton.compiler import ASTSource

    from boundcheck.kernels import triton_tiles

    kind = {"int8": "*i8", "bfloat16": "*bf16", "float16": "*fp16"}[format]
    eight = format == "int8"
    tile = cuda.Tile(128, 256, 128 if eight else 64, 8, 3) if capability == 90 else cuda.Tile(128, 128, 32, 8, 3)
    shape = {"S": 4, "BM": tile.rows, "BN": tile.columns, "BK": tile.inner, "BAND": 8, "EIGHT": eight, "WIDEN": False}
    for name, constants, matrix in (
        ("extremes", {**shape, "MAX": True, "MIN": False, "TRIANGLE": True, "DISTINCT": False}, True),
        ("candidates", {**shape, "LARGEST": True, "TRIANGLE": True, "DISTINCT": True}, True),
        ("measure", {"LARGEST": True, "DISTINCT": True, "EVERY": True, "S": 4, "BD": 512}, False),
        ("quantise", {"CENTRED": True, "EIGHT": eight, "BR": 1, "BD": 1024}, False),
    ):
        kernel = getattr(triton_tiles, name)
        names = kernel.arg_names
        types = {n: "constexpr" if n in constants else kind if n in ("q", "p") else TYPES.get(n, "*i32") for n in names}
        aligned = {
            (k,): [["tt.divisibility", 16]]
            for k, n in enumerate(names)
            if types[n].startswith("*") or n in ("wide", "d")
        }
        source = ASTSource(kernel, types, {(names.index(n),): value for n, value in constants.items()}, aligned)
        options = {"num_warps": tile.warps, "num_stages": tile.stages} if matrix else {}
        code = triton.compile(source, target=GPUTarget("cuda", capability, 32), options=options).asm["ptx"]
        if matrix:
            assert ("wgmma.mma_async" in code) == (capability == 90)
            assert ("mma.sync" in code) == (capability == 80)
        if name == "measure":
            assert "sqrt.rn.f64" in code
