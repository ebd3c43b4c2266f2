"""Distances between collections: every enclosure against exact integers, and every input that should be refused."""

from fractions import Fraction
from itertools import product
from math import inf

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from boundcheck import distances
from boundcheck.errors import (
    DimensionMismatchError,
    EmbeddingDtypeError,
    EmbeddingShapeError,
    EmptyCollectionError,
    InvalidTypeError,
    InvalidValueError,
    NonFiniteError,
    NormError,
)
from boundcheck.kernels import reductions
from tests.exact_distances import ADVERSARIAL, BEYOND_FLOAT32, holds, reduced, rows

EXTREMES = ("max", "min", "hausdorff", "hausdorff_back")


def check(between, collections, others, p):
    """Hold every entry of every table against exact integers, and every pair that is said to attain it."""
    for a, one in enumerate(collections):
        for b, other in enumerate(others):
            exact, found, unit = reduced(one.tolist(), other.tolist(), p)
            for name, enclosure in exact.items():
                matrix = getattr(between, name)
                assert holds(float(matrix.value[a, b]), float(matrix.error[a, b]), enclosure), (name, a, b)
                if name in EXTREMES:
                    pair = (
                        found[matrix.i[a, b], matrix.j[a, b]] * unit,
                        (found[matrix.i[a, b], matrix.j[a, b]] + 1) * unit,
                    )
                    assert holds(float(matrix.value[a, b]), 2 * float(matrix.error[a, b]), pair), (name, a, b)


@pytest.mark.parametrize("p", [1, 2, inf])
@pytest.mark.parametrize("kind", ADVERSARIAL)
def test_every_pair_of_collections_against_integers(kind, p):
    rng = np.random.default_rng(len(kind))
    for dtype in (torch.float64, torch.float32):
        if dtype == torch.float32 and kind in BEYOND_FLOAT32:
            continue
        collections = [rows(kind, rng, n, 5, dtype) for n in (1, 2, 3, 7)]
        collections.append(collections[2].clone())
        check(distances.between(collections, p=p), collections, collections, p)
        others = [rows(kind, rng, n, 5, dtype) for n in (4, 1)]
        check(distances.between(collections, others, p=p), collections, others, p)


@pytest.mark.parametrize("p", [1, 2, inf])
@pytest.mark.parametrize("kind", ADVERSARIAL)
def test_two_collections_against_integers(kind, p):
    rng = np.random.default_rng(1 + len(kind))
    for dtype, d in product((torch.float64, torch.float32), (1, 9)):
        if dtype == torch.float32 and kind in BEYOND_FLOAT32:
            continue
        x, w = rows(kind, rng, 23, d, dtype), rows(kind, rng, 31, d, dtype)
        exact, pairs, unit = reduced(x.tolist(), w.tolist(), p)
        for name, function in (("max", distances.farthest), ("min", distances.nearest)):
            found = function(x, w, p=p)
            assert holds(float(found.distance), found.distance.error, exact[name]), name
            pair = pairs[found.i, found.j] * unit, (pairs[found.i, found.j] + 1) * unit
            assert holds(float(found.distance), 2 * found.distance.error, pair), name
        directed = distances.hausdorff(x, w, p=p, directed=True)
        assert holds(float(directed), directed.distance.error, exact["hausdorff"])
        both = distances.hausdorff(x, w, p=p)
        larger = max(exact["hausdorff"], exact["hausdorff_back"])
        assert holds(float(both), both.distance.error, larger)
        assert holds(
            float(both), 2 * both.distance.error, (pairs[both.i, both.j] * unit, (pairs[both.i, both.j] + 1) * unit)
        )
        one_way = distances.chamfer(x, w, p=p, directed=True)
        assert holds(float(one_way), one_way.error, exact["chamfer"])
        summed = tuple(u + v for u, v in zip(exact["chamfer"], exact["chamfer_back"], strict=True))
        there_and_back = distances.chamfer(x, w, p=p)
        assert holds(float(there_and_back), there_and_back.error, summed)
        mean = distances.mean_distance(x, w, p=p)
        assert holds(float(mean), mean.error, exact["mean"])


@pytest.mark.parametrize("p", [1, 2, inf])
@pytest.mark.parametrize("kind", ADVERSARIAL)
def test_pairs_of_one_collection_against_integers(kind, p):
    rng = np.random.default_rng(2 + len(kind))
    for dtype in (torch.float64, torch.float32):
        if dtype == torch.float32 and kind in BEYOND_FLOAT32:
            continue
        x = rows(kind, rng, 29, 6, dtype)
        _, pairs, unit = reduced(x.tolist(), x.tolist(), p)
        different = pairs[~np.eye(len(x), dtype=bool)]
        for name, function in (("max", distances.farthest), ("min", distances.nearest)):
            found = function(x, p=p)
            value = different.max() if name == "max" else different.min()
            assert holds(float(found.distance), found.distance.error, (value * unit, (value + 1) * unit)), name
            assert found.i < found.j
            pair = pairs[found.i, found.j]
            assert holds(float(found.distance), 2 * found.distance.error, (pair * unit, (pair + 1) * unit)), name
        mean = distances.mean_distance(x, p=p)
        total = int(different.sum())
        assert holds(
            float(mean), mean.error, (total * unit / len(different), (total + len(different)) * unit / len(different))
        )


@pytest.mark.parametrize("p", [1, 2, inf])
@pytest.mark.parametrize("kind", ADVERSARIAL)
def test_every_point_to_every_collection_against_integers(kind, p):
    rng = np.random.default_rng(3 + len(kind))
    points, collections = (
        rows(kind, rng, 6, 5, torch.float64),
        [rows(kind, rng, n, 5, torch.float64) for n in (1, 4, 3)],
    )
    table = distances.to_collections(points, collections, reduce=("max", "min", "mean"), p=p)
    assert table.max.value.shape == (6, 3)
    for a, point in enumerate(points):
        for b, other in enumerate(collections):
            exact, _, _ = reduced([point.tolist()], other.tolist(), p)
            for name in ("max", "min", "mean"):
                matrix = getattr(table, name)
                assert holds(float(matrix.value[a, b]), float(matrix.error[a, b]), exact[name]), (name, a, b)
    for largest, name in ((True, "max"), (False, "min")):
        value, error, at = reductions.of_rows(points, collections[1], p, largest=largest)
        for a, point in enumerate(points):
            exact, found, unit = reduced([point.tolist()], collections[1].tolist(), p)
            assert holds(float(value[a]), float(error[a]), exact[name]), (name, a)
            pair = found[0, at[a]] * unit, (found[0, at[a]] + 1) * unit
            assert holds(float(value[a]), 2 * float(error[a]), pair), (name, a)


@pytest.mark.parametrize("d", [3, 64, 200])
def test_enclosures_are_narrow(d):
    """Relative width at most 1e-12, of sums too, for points that are neither ties nor near the float's end."""
    rng = np.random.default_rng(d)
    for offset in (0.0, 1e3):
        x, w = (torch.from_numpy(rng.normal(size=(n, d)) + offset) for n in (300, 500))
        found = [
            distances.farthest(x, w).distance,
            distances.nearest(x, w).distance,
            distances.hausdorff(x, w).distance,
            distances.chamfer(x, w),
            distances.mean_distance(x, w),
            distances.mean_distance(x),
        ]
        for value in found:
            assert 0 < 2 * value.error <= 1e-12 * float(value)
        between = distances.between(x.split(20), w.split(30))
        for name in ("max", "min", "mean", "chamfer", "chamfer_back", "hausdorff", "hausdorff_back"):
            matrix = getattr(between, name)
            assert (2 * matrix.error <= 1e-12 * matrix.value)[matrix.value > 0].all(), name


def test_enclosures_of_ties_and_of_many_scales_are_narrow_too():
    rng = np.random.default_rng(6)
    one_hot = np.eye(70, dtype=np.float32)[rng.integers(0, 70, 3000)]
    far = distances.farthest(one_hot[:1400], one_hot[1400:])
    assert float(far) == pytest.approx(np.sqrt(2), rel=1e-15)
    assert far.distance.error < 1e-12
    heavy = rng.standard_t(1, size=(1600, 40)) * rng.standard_t(0.7, size=(1600, 1))
    for rows_of in (heavy, heavy.astype(np.float32)):
        x, w = rows_of[:700], rows_of[700:]
        every = np.sqrt(((x[:, None].astype(float) - w.astype(float)) ** 2).sum(axis=-1))
        near = distances.nearest(x, w)
        assert (near.i, near.j) == np.unravel_index(every.argmin(), every.shape)
        assert near.distance.error < 1e-12 * float(near)
        own = distances.nearest(x)
        assert own.distance.error < 1e-12 * float(own)


@pytest.mark.parametrize(("small", "large"), [(1e-163, 1e160), (5e-324, 1e300), (1e-200, 1e120), (1e-320, 1e-10)])
@pytest.mark.parametrize("p", [1, 2, inf])
def test_small_differences_beside_large_rows_keep_their_digits(small, large, p):
    a, b = np.array([[0.0], [large]]), np.array([[small], [3 * large]])
    room = 1e-14 * small + 2e-322
    near = distances.nearest(a, b, p=p)
    assert (near.i, near.j) == (0, 0)
    assert abs(float(near) - small) <= near.distance.error <= room
    one_way = distances.hausdorff(a[:1], b, p=p, directed=True)
    assert abs(float(one_way) - small) <= one_way.distance.error <= room
    between = distances.between([a[:1], a[1:]], [b[:1], b[1:]], p=p)
    points = distances.to_collections(a, [b[:1], b[1:]], reduce=("max", "min", "mean"), p=p)
    for found in (between, points):
        for name in ("max", "min", "mean", "chamfer", "chamfer_back", "hausdorff", "hausdorff_back"):
            if (matrix := getattr(found, name)) is not None:
                assert abs(matrix.value[0, 0] - small) <= matrix.error[0, 0] <= room, name


@pytest.mark.parametrize("p", [1, 2, inf])
def test_what_is_beyond_the_largest_number_is_not_known(p):
    x, w = [[1.7e308], [1.0], [1.7e308]], [[-1.7e308], [2.0]]
    far = distances.farthest(x, w, p=p)
    assert (float(far), far.distance.error) == (inf, inf)
    mean = distances.mean_distance(x, w, p=p)
    assert mean.error == inf
    assert float(distances.nearest(x, w, p=p)) == 1
    # A mean of what has room in a float, whose sum has not.
    mean = distances.mean_distance([[1.7e308]] * 3 + [[1.5e308]], [[0.0]] * 2, p=p)
    assert abs(Fraction(float(mean)) - Fraction(1.65e308)) <= Fraction(mean.error) + Fraction(1e293)
    assert mean.error < 1e-12 * float(mean)
    # A mean of some that have no room, and of so many near the largest number that their sum has none.
    chamfer = distances.chamfer([[1.7e308]] * 4 + [[-1.7e308]], [[2e307]], p=p, directed=True)
    exact = Fraction(4 * (Fraction(1.7e308) - Fraction(2e307)) + Fraction(1.7e308) + Fraction(2e307), 5)
    assert chamfer.error == inf or abs(Fraction(float(chamfer)) - exact) <= Fraction(chamfer.error)


def test_large_collections_beside_small_ones():
    rng = np.random.default_rng(3)
    sizes = (2100, 5, 1, 40)
    collections = [rng.normal(size=(n, 3)) for n in sizes]
    found = distances.between(collections)
    for a, one in enumerate(collections):
        for b, other in enumerate(collections):
            every = np.sqrt(((one[:, None] - other) ** 2).sum(axis=-1))
            expected = {
                "max": every.max(), "min": every.min(), "mean": every.mean(), "chamfer": every.min(axis=1).mean(),
                "chamfer_back": every.min(axis=0).mean(), "hausdorff": every.min(axis=1).max(),
                "hausdorff_back": every.min(axis=0).max(),
            }  # fmt: skip
            for name, value in expected.items():
                matrix = getattr(found, name)
                assert matrix.value[a, b] == pytest.approx(value, rel=1e-13), (name, a, b)
                assert abs(matrix.value[a, b] - value) <= matrix.error[a, b] + 1e-14 * value


def test_many_tiles_agree_with_all_pairs_at_once():
    rng = np.random.default_rng(4)
    x, w = rng.normal(size=(1500, 8)).astype(np.float32), rng.normal(size=(4500, 8)).astype(np.float32)
    every = np.sqrt(((x[:, None].astype(float) - w.astype(float)) ** 2).sum(axis=-1))
    far, near = distances.farthest(x, w), distances.nearest(x, w)
    assert (far.i, far.j) == np.unravel_index(every.argmax(), every.shape)
    assert (near.i, near.j) == np.unravel_index(every.argmin(), every.shape)
    assert float(far) == pytest.approx(every.max(), rel=1e-14)
    assert float(near) == pytest.approx(every.min(), rel=1e-14)
    assert float(distances.mean_distance(x, w)) == pytest.approx(every.mean(), rel=1e-13)
    assert float(distances.chamfer(x, w)) == pytest.approx(
        every.min(axis=1).mean() + every.min(axis=0).mean(), rel=1e-13
    )
    assert float(distances.hausdorff(w, x, directed=True)) == pytest.approx(every.min(axis=0).max(), rel=1e-14)


def test_of_several_equal_pairs_the_first():
    square = [[0.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 0.0]]
    for p in (1, 2, inf):
        found = distances.farthest(square, square, p=p)
        assert (found.i, found.j) == (0, 1)
        assert (distances.nearest(square, p=p).i, distances.nearest(square, p=p).j) == ((0, 2) if p != inf else (0, 1))


def test_the_result_does_not_depend_on_the_number_of_threads():
    rng = np.random.default_rng(5)
    x = np.eye(40)[rng.integers(0, 40, 3000)]
    before, results = torch.get_num_threads(), []
    try:
        for threads in (1, 2, 3):
            torch.set_num_threads(threads)
            far, mean = distances.farthest(x), distances.mean_distance(x)
            results.append((float(far), far.distance.error, far.i, far.j, float(mean), mean.error))
    finally:
        torch.set_num_threads(before)
    assert len(set(results)) == 1


INPUTS = {
    "lists": lambda x: x.tolist(),
    "integers": lambda x: x.astype(int),
    "float16": lambda x: x.astype(np.float16),
    "bfloat16": lambda x: torch.from_numpy(x).to(torch.bfloat16),
    "float32": lambda x: x.astype(np.float32),
    "reversed": lambda x: np.ascontiguousarray(x[::-1])[::-1],
    "every other column": lambda x: np.repeat(x, 2, axis=1)[:, ::2],
    "transposed": lambda x: np.ascontiguousarray(x.T).T,
    "read-only": lambda x: np.frombuffer(x.tobytes()).reshape(x.shape),
    "big-endian": lambda x: x.astype(">f8"),
    "tensor with gradient": lambda x: torch.from_numpy(x).requires_grad_(),
}


@pytest.mark.parametrize("form", INPUTS)
def test_every_form_of_input(form):
    x, w = np.array([[1.0, 2.0], [3.0, 5.0], [0.0, 7.0]]), np.array([[4.0, 6.0], [9.0, 1.0]])
    found = distances.farthest(INPUTS[form](x), INPUTS[form](w))
    assert (float(found), found.i, found.j) == (float(np.sqrt(117)), 2, 1)
    assert float(distances.nearest(INPUTS[form](x), w)) == float(np.sqrt(2))


def test_points_of_no_dimension_are_all_one():
    x, w = np.empty((3, 0)), np.empty((2, 0))
    for p in (1, 2, inf):
        assert float(distances.farthest(x, w, p=p)) == float(distances.nearest(x, w, p=p)) == 0
        assert (
            distances.mean_distance(x, p=p)
            == distances.chamfer(x, w, p=p)
            == float(distances.hausdorff(x, w, p=p))
            == 0
        )
        assert (distances.between([x, w], p=p).max.value == 0).all()
        pair = distances.farthest(x, p=p)
        assert (pair.i, pair.j) == (0, 1)


def test_without_certificate():
    x = [[0.0], [1.0], [5.0]]
    assert type(distances.farthest(x, certify=False).distance) is float
    assert type(distances.mean_distance(x, certify=False)) is float
    found = distances.between([x, x], certify=False)
    assert found.max.error is None
    with pytest.raises(InvalidValueError, match="certify: expected True"):
        _ = found.max.upper


REFUSED = [
    (([[1.0, 2.0]], [[1.0]]), {}, DimensionMismatchError, "w: expected 2 dimensions like x, got 1"),
    (([1.0, 2.0], [[1.0]]), {}, EmbeddingShapeError, r"x: expected shape \(objects, dimensions\), got \(2,\)"),
    (([[1.0], [1.0, 2.0]], [[1.0]]), {}, EmbeddingShapeError, "x: expected rows of equal lengths"),
    (([], [[1.0]]), {}, (EmptyCollectionError, EmbeddingShapeError), "x: expected"),
    ((np.empty((0, 3)), [[1.0]]), {}, EmptyCollectionError, "x: expected at least one row, got none"),
    (([["a"]], [[1.0]]), {}, EmbeddingDtypeError, "x: expected real numbers"),
    (([[1j]], [[1.0]]), {}, EmbeddingDtypeError, "x: expected real numbers"),
    ((torch.tensor([[1j]]), [[1.0]]), {}, EmbeddingDtypeError, "x: expected real numbers"),
    (([[2**53 + 1]], [[1.0]]), {}, EmbeddingDtypeError, "x: expected integers up to"),
    (([[1.0], [float("nan")]], [[1.0]]), {}, NonFiniteError, r"x\[1\]: expected finite numbers, got nan in column 0"),
    (([[1.0]], [[0.0], [inf]]), {}, NonFiniteError, r"w\[1\]: expected finite numbers, got inf in column 0"),
    (([[1.0]], [[1.0]]), {"p": 3}, NormError, "p: expected 1, 2 or inf, got 3"),
    (([[1.0]], [[1.0]]), {"p": float("nan")}, NormError, "p: expected 1, 2 or inf, got nan"),
    (([[1.0]], [[1.0]]), {"p": True}, InvalidTypeError, "p: expected 1, 2 or inf, got True"),
    (([[1.0]], [[1.0]]), {"p": "2"}, InvalidTypeError, "p: expected 1, 2 or inf, got '2'"),
    (([[1.0]], [[1.0]]), {"p": 2 + 0j}, InvalidTypeError, r"p: expected 1, 2 or inf, got \(2\+0j\)"),
    (([[1.0]], [[1.0]]), {"p": np.array([2.0])}, InvalidTypeError, r"p: expected 1, 2 or inf, got array"),
]


@pytest.mark.parametrize("function", [distances.farthest, distances.nearest, distances.hausdorff, distances.chamfer])
@pytest.mark.parametrize(("arguments", "options", "error", "message"), REFUSED)
def test_what_is_refused(function, arguments, options, error, message):
    with pytest.raises(error, match=message):
        function(*arguments, **options)


@pytest.mark.parametrize("p", [Fraction(2), np.int8(2), np.float32(2), torch.tensor(2)])
def test_a_norm_is_a_number_of_any_type(p):
    assert float(distances.farthest([[0.0, 0.0]], [[3.0, 4.0]], p=p)) == 5
    assert distances.between([[[0.0, 0.0]]], [[[3.0, 4.0]]], p=p).max.value[0, 0] == 5


def test_what_between_refuses():
    with pytest.raises(
        InvalidValueError, match=r"reduce: expected some of max, min, mean, chamfer, hausdorff, got 'median'"
    ):
        distances.between([[[1.0]]], reduce=["median"])
    with pytest.raises(InvalidValueError, match=r"reduce: expected some of .*, got none"):
        distances.between([[[1.0]]], reduce=[])
    with pytest.raises(InvalidValueError, match=r"rtol: expected a number in \(0, 1\), got 0"):
        distances.between([[[1.0]]], rtol=0)
    with pytest.raises(InvalidTypeError, match=r"rtol: expected a number in \(0, 1\), got '0.1'"):
        distances.mean_distance([[1.0]], [[2.0]], rtol="0.1")
    with pytest.raises(InvalidTypeError, match="p: expected 1, 2 or inf, got True"):
        distances.between([[[1.0]]], p=True)
    with pytest.raises(EmptyCollectionError, match="collections: expected at least one collection, got none"):
        distances.between([])
    with pytest.raises(EmptyCollectionError, match=r"collections\[1\]: expected at least one row"):
        distances.between([[[1.0]], np.empty((0, 1))])
    with pytest.raises(
        DimensionMismatchError, match=r"collections\[1\]: expected 1 dimensions like collections\[0\], got 2"
    ):
        distances.between([[[1.0]], [[1.0, 2.0]]])
    with pytest.raises(NonFiniteError, match=r"others\[0\]\[1\]: expected finite numbers"):
        distances.between([[[1.0]]], [[[1.0], [float("nan")]]])
    with pytest.raises(InvalidTypeError, match="collections: expected collections of points, got int"):
        distances.between(3)
    with pytest.raises(EmptyCollectionError, match="x: expected at least two rows, for a pair, got 1; pass w"):
        distances.farthest([[1.0]])
    with pytest.raises(InvalidValueError, match=r"reduce: expected some of max, min, mean, got \['chamfer'\]"):
        distances.to_collections([[1.0]], [[[1.0]]], reduce=["chamfer"])


numbers = st.floats(allow_nan=False, allow_infinity=False, width=64).map(lambda u: u / 4)


@settings(max_examples=150, deadline=None)
@given(st.data(), st.integers(1, 4), st.sampled_from([1, 2, inf]))
def test_any_numbers_at_all(data, d, p):
    """Every finite float, so far as the distance itself is one."""
    sides = [data.draw(st.lists(st.lists(numbers, min_size=d, max_size=d), min_size=1, max_size=4)) for _ in range(2)]
    found = distances.between([sides[0]], [sides[1]], p=p)
    exact, _, _ = reduced(*sides, p)
    for name, enclosure in exact.items():
        value, error = float(getattr(found, name).value[0, 0]), float(getattr(found, name).error[0, 0])
        if np.isfinite(value):
            assert holds(value, error, enclosure), name


def test_many_collections_are_the_same_in_whatever_they_come():
    """Those that are rows already are looked at together; what is to be said of one is said all the same."""
    rng = np.random.default_rng(8)
    arrays = [rng.normal(size=(n, 5)) for n in (3, 1, 4)]
    expected = distances.between([array.tolist() for array in arrays])
    tensors = [torch.from_numpy(array) for array in arrays]
    read_only = [array.copy() for array in arrays]
    read_only[0].flags.writeable = False
    others = (
        arrays,
        tensors,
        torch.cat(tensors).split([3, 1, 4]),
        [tensor.clone().requires_grad_() for tensor in tensors],
        [tensor.T.contiguous().T for tensor in tensors],
        [array.astype(">f8") for array in arrays],
        [np.asfortranarray(array) for array in arrays],
        [np.repeat(array, 2, axis=1)[:, ::2] for array in arrays],
        read_only,
        [arrays[0], *tensors[1:]],
        [torch.complex(tensor, -tensor).conj().imag for tensor in tensors],
        (array for array in arrays),
    )
    for way in others:
        found = distances.between(way)
        for name in ("max", "min", "mean", "chamfer", "hausdorff_back"):
            np.testing.assert_array_equal(getattr(found, name).value, getattr(expected, name).value)
            np.testing.assert_array_equal(getattr(found, name).error, getattr(expected, name).error)
    with torch.no_grad():
        assert distances.between(others[3]).max.value[0, 2] == expected.max.value[0, 2]
    halves = distances.between([array.astype(np.float16) for array in arrays], reduce=["max"])
    rounded = distances.between([array.astype(np.float16).astype(np.float32) for array in arrays], reduce=["max"])
    np.testing.assert_array_equal(halves.max.value, rounded.max.value)
    # Numbers that are finite, and a sum that is not.
    large = [np.full((2, 4), 1e308), np.zeros((1, 4))]
    assert distances.between(large, p=inf).max.value[0, 1] == 1e308


@pytest.mark.parametrize("of", [np.asarray, torch.tensor])
def test_what_is_wrong_with_one_of_many_rows_is_said(of):
    good = of([[0.0, 1.0]])
    for bad, error, message in (
        (of([[0.0, 1.0], [2.0, inf]]), NonFiniteError, r"collections\[2\]\[1\]: expected finite numbers, got inf in column 1"),
        (of([[0.0]]), DimensionMismatchError, r"collections\[2\]: expected 2 dimensions like collections\[0\], got 1"),
        (of([0.0, 1.0]), EmbeddingShapeError, r"collections\[2\]: expected shape \(objects, dimensions\), got \(2,\)"),
        (of([[0.0, 1.0]])[:0], EmptyCollectionError, r"collections\[2\]: expected at least one row, got none"),
        (of([[0.0, 1j]]), EmbeddingDtypeError, r"collections\[2\]: expected real numbers"),
    ):  # fmt: skip
        with pytest.raises(error, match=message):
            distances.between([good, good, bad])
        with pytest.raises(
            error, match=message.replace("2", "0", 1) if error is not DimensionMismatchError else "like"
        ):
            distances.between([bad, good])
