"""Tiles on the CPU, each format of products and each way to them, against exact integers."""

import threading
import time
from fractions import Fraction

import numpy as np
import pytest
import torch

from boundcheck import distances
from boundcheck.kernels import integers, loops, threads, tiles
from boundcheck.kernels import rows as ready
from boundcheck.kernels.rows import prepare
from tests.exact_distances import ADVERSARIAL, BEYOND_FLOAT32, holds, reduced, rows
from tests.plain_products import kernel_named, made_of_plain_products

FORMATS = ("int7", "int8", "int16", "float32", "float64")
EVERY = loops.MAX | loops.MIN | loops.MEAN | loops.CHAMFER | loops.HAUSDORFF
NAMES = ("max", "min", "mean", "chamfer", "chamfer_back", "hausdorff", "hausdorff_back")


# Of integers, by a library, as another processor's kernel would, and as they are made here.
STAND_INS = ("AVX-512 VNNI, vpdpbusd", "ARM dot products, sdot", "AVX2, vpmaddubsw", "AVX-512 VNNI, vpdpwssd")
WAYS = [("int7", None), ("int8", None), *((kernel_named(name).format, name) for name in STAND_INS)]


@pytest.fixture(params=[*((format, "here") for format in FORMATS), *WAYS], ids=str)
def format(request, monkeypatch):
    """Return a format, whose products are made in one of the ways there are."""
    format, way = request.param
    if way != "here":
        made = None if way is None else made_of_plain_products(kernel_named(way))
        monkeypatch.setattr(integers, "chosen", lambda of: made if of == format else None)
    return format


@pytest.fixture(scope="module")
def reduced_once():
    """Return :func:`reduced`, which finds what is exact once: it is the same in every format."""
    found = {}

    def once(x, w):
        key = repr((x, w))
        if key not in found:
            found[key] = reduced(x, w)
        return found[key]

    return once


@pytest.fixture
def small_tiles(monkeypatch):
    for name, value in (("_TILE_ROWS", 14), ("_FUSED_ROWS", 21), ("_TILE_COLUMNS", 15), ("_BLOCK_ROWS", 7)):
        monkeypatch.setattr(tiles, name, value)
    monkeypatch.setattr(tiles, "_BLOCK_COLUMNS", 5)
    for name, value in (("_GROUP", 6), ("_GROUP_INTEGERS", 11), ("_LARGE", 20)):
        monkeypatch.setattr(tiles, name, value)


@pytest.mark.parametrize("kind", ADVERSARIAL)
def test_extremes_in_every_format(kind, format, small_tiles, reduced_once):
    rng = np.random.default_rng(len(kind))
    for d, dtype in ((1, torch.float64), (17, torch.float64), (130, torch.float32)):
        if dtype == torch.float32 and kind in BEYOND_FLOAT32:
            continue
        x, w = rows(kind, rng, 31, d, dtype), rows(kind, rng, 18, d, dtype)
        exact, pairs, unit = reduced_once(x.tolist(), w.tolist())
        for name in ("max", "min"):
            found = tiles.extreme(x, w, largest=name == "max", format=format)
            assert holds(found.value, found.error, exact[name]), (name, d)
            pair = pairs[found.row, found.column]
            assert holds(found.value, 2 * found.error, (pair * unit, (pair + 1) * unit)), (name, d)
        for name, function in (("chamfer", tiles.chamfer), ("hausdorff", tiles.hausdorff)):
            found = function(x, w, format=format)
            assert holds(found.value, found.error, exact[name]), (name, d)


@pytest.mark.parametrize("kind", ADVERSARIAL)
def test_collections_of_many_sizes_in_every_format(kind, format, small_tiles, reduced_once):
    rng = np.random.default_rng(1 + len(kind))
    x = rows(kind, rng, 24, 6, torch.float64)
    starts = np.array([0, 1, 4, 6, 13, 14, 21, 24])
    found = tiles.between(x, starts, None, starts, EVERY, relative=1e-12, format=format)
    for a in range(len(starts) - 1):
        for b in range(len(starts) - 1):
            one, other = (x[starts[k] : starts[k + 1]].tolist() for k in (a, b))
            exact, _, _ = reduced_once(one, other)
            for kind_of, name in enumerate(NAMES):
                table = found[kind_of]
                assert holds(float(table.value[a, b]), float(table.error[a, b]), exact[name]), (name, a, b)


def test_a_tile_below_the_diagonal_has_nothing_to_find(small_tiles):
    """Groups of rows reach below those of columns where sizes do not divide one another."""
    x = torch.from_numpy(np.random.default_rng(0).normal(size=(90, 64)))
    starts = np.arange(0, 91, 2)
    for format in FORMATS:
        found = tiles.between(x, starts, None, starts, loops.MAX, relative=1e-12, format=format)[loops.IS_MAX]
        exact = torch.cdist(x, x, compute_mode="donot_use_mm_for_euclid_dist")
        exact = exact.view(45, 2, 45, 2).amax(dim=(1, 3)).numpy()
        np.testing.assert_allclose(found.value, exact, rtol=1e-12)


# Not the library's products of bytes, which are slow where no instruction is for them.
@pytest.mark.parametrize(
    "format",
    [("int7", "AVX2, vpmaddubsw"), ("int16", "here"), ("float32", "here"), ("float64", "here")],
    indirect=True,
    ids=str,
)
def test_results_do_not_depend_on_threads_or_on_what_is_kept(format, monkeypatch):
    rng = np.random.default_rng(5)
    x, w = (torch.from_numpy(5 + rng.normal(size=(n, 70))) for n in (2100, 4300))
    before = torch.get_num_threads()
    found = []
    try:
        for count, kept in ((1, 1 << 24), (3, 1 << 24), (2, 0)):
            torch.set_num_threads(count)
            monkeypatch.setattr(ready, "_KEPT_BYTES", kept)
            found.append(
                [tiles.extreme(x, w, largest=largest, format=format) for largest in (True, False)]
                + [tiles.mean(x, w, relative=1e-12, format=format), tiles.hausdorff(x, w, format=format)]
            )
    finally:
        torch.set_num_threads(before)
    assert found[0] == found[1] == found[2]


def test_exact_ties_leave_the_enclosure_wider_and_true(format, monkeypatch):
    monkeypatch.setattr(tiles, "_CAP", 3)
    x = torch.eye(80)
    for largest in (True, False):
        found = tiles.extreme(x, torch.eye(80).flip(0)[:40], largest=largest, format=format)
        exact = np.sqrt(2) if largest else 0
        assert abs(found.value - exact) <= found.error


def test_steps_are_finer_where_bytes_would_leave_most_pairs(monkeypatch):
    """Distances within a tight class are far below a step that suits the size of a row."""
    kernels = {name: made_of_plain_products(kernel_named(name)) for name in ("AVX2, vpmaddubsw", "AVX2, vpmaddwd")}
    monkeypatch.setattr(integers, "chosen", {made.kernel.format: made for made in kernels.values()}.get)
    monkeypatch.setattr(tiles, "_choose_format", lambda d: "int7")
    monkeypatch.setattr(tiles, "_PAIRS_WORTH_A_SAMPLE", 1)
    asked = []
    plain = tiles.prepare
    monkeypatch.setattr(tiles, "prepare", lambda sides, format: asked.append(format) or plain(sides, format))
    rng = np.random.default_rng(3)
    centres = rng.normal(size=(4, 70))
    tight = [torch.from_numpy(centres[np.arange(60) % 4] + 1e-3 * rng.normal(size=(60, 70))) for _ in range(2)]
    normal = [torch.from_numpy(rng.normal(size=(60, 70))) for _ in range(2)]
    for (x, w), formats in ((tight, ["int7", "int16"]), (normal, ["int7"])):
        asked.clear()
        found = tiles.extreme(x, w, largest=False)
        assert asked == formats
        exact = torch.cdist(x, w, compute_mode="donot_use_mm_for_euclid_dist")
        assert abs(found.value - float(exact.min())) <= 1e-13
        assert exact[found.row, found.column] == exact.min()
    # Where all pairs are equally far apart, no step tells them apart.
    asked.clear()
    tiles.extreme(torch.eye(70), 2 * torch.ones(9, 70), largest=True)
    assert asked[-1] == "int7"


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("centre", [0.0, 1e3])
def test_what_a_row_loses_is_within_its_residual(format, centre, dtype):
    rng = np.random.default_rng(2)
    sides = centre + rng.normal(size=(9, 21)) * 10.0 ** rng.integers(-3, 3, size=(9, 1))
    sides[3] = centre
    (side,), exponent = prepare([torch.from_numpy(sides.astype(dtype))], format)
    assert exponent == 0
    q, c = side.block(0, 9)[:, :21].tolist(), [0.0] * 21 if side.centre is None else side.centre.tolist()
    for i in range(9):
        step = Fraction(float(side.steps[i]))
        stands_for = [Fraction(u) * step for u in q[i]]
        lost = sum(
            (Fraction(float(x)) - Fraction(y) - z) ** 2 for x, y, z in zip(side.raw[i], c, stands_for, strict=True)
        )
        assert lost <= Fraction(float(side.residual[i])) ** 2
        squares = sum(u * u for u in stands_for)
        assert abs(Fraction(float(side.squares[i])) - squares) <= Fraction(1, 2**47) * squares


def test_collections_of_one_array_are_not_copied():
    whole = torch.arange(24.0).view(8, 3)
    joined = distances._one_after_the_other([whole[:1], whole[1:6], whole[6:]])
    assert joined.data_ptr() == whole.data_ptr()
    assert torch.equal(joined, whole)
    for parts in ([whole[1:6], whole[:1]], [whole[:2], whole[3:]], [whole[:1], whole[1:].clone()], [whole, whole]):
        assert torch.equal(distances._one_after_the_other(parts), torch.cat(parts))
    # A single row may have any stride.
    single = torch.arange(12.0).view(4, 3)[::2][:1]
    assert torch.equal(distances._one_after_the_other([single]), single)


def test_what_is_known_at_a_place_is_fixed_and_results_are_in_order():
    told = []

    def run(place, known):
        time.sleep(0.002 * (place % 3))
        return place, known

    for place, (ran, known) in threads.in_order(range(40), run, lambda: len(told)):
        assert place == ran
        assert known == max(0, place - threads._AHEAD + 1) if place >= threads._AHEAD else known == 0
        told.append(place)
    assert told == list(range(40))


def test_an_error_ends_it_and_gives_the_threads_back():
    before, alive = torch.get_num_threads(), threading.active_count()

    def run(place, known):
        if place == 3:
            raise ValueError("three")
        return place

    with pytest.raises(ValueError, match="three"):
        list(threads.in_order(range(100), run, lambda: None))
    assert torch.get_num_threads() == before
    assert threading.active_count() == alive
