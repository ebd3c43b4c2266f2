"""Precision of the nearest neighbour against brute force and scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundcheck.errors import InvalidValueError, NonFiniteError
from boundcheck.omniglot.retrieval import precision_at_1


def clusters(n: int, dimension: int = 6, kinds: int = 10, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    label = random.integers(0, kinds, n).astype(np.int16)
    return 2 * random.normal(size=(kinds, dimension))[label] + random.normal(size=(n, dimension)), label


def brute_force(points: np.ndarray, label: np.ndarray) -> int:
    exact = points.astype(np.float64)
    distances = np.linalg.norm(exact[:, None] - exact[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    return int(np.sum(label[distances.argmin(axis=1)] == label))


@given(st.integers(2, 60), st.integers(1, 9), st.integers(0, 2**32 - 1), st.sampled_from([1, 7, 2048]))
def test_agrees_with_brute_force(n, dimension, seed, block):
    points, label = clusters(n, dimension, kinds=4, seed=seed)
    (share,) = precision_at_1(points, label, block=block)
    # Rounding may pick another neighbour where two are as near; the draws make that all but impossible.
    assert (share.successes, share.count) == (brute_force(points, label), n)


def test_agrees_with_scikit_learn():
    neighbors = pytest.importorskip("sklearn.neighbors")
    points, label = clusters(1000)
    nearest = neighbors.NearestNeighbors(n_neighbors=1).fit(points).kneighbors(return_distance=False)[:, 0]
    (share,) = precision_at_1(points, label, block=300)
    assert share.successes == np.sum(label[nearest] == label)
    assert 0.3 < share.value < 1


@pytest.mark.parametrize("offset", [1e3, 1e5, -1e6])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_far_from_the_origin(offset, dtype):
    points, label = clusters(300)
    points = (points + offset).astype(dtype)
    assert precision_at_1(points, label)[0].successes == brute_force(points, label)


@pytest.mark.parametrize("scale", [1e-25, 1e20])
def test_scale_does_not_matter(scale):
    points, label = clusters(300)
    assert precision_at_1(scale * points, label) == precision_at_1(points, label)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.uint8])
def test_takes_any_real_dtype_and_leaves_the_input_alone(dtype):
    points, label = clusters(100)
    points = (10 * points + 100).astype(dtype)
    before = points.copy()
    assert precision_at_1(points, label)[0].count == 100
    np.testing.assert_array_equal(points, before)


def test_several_labellings_share_the_neighbours():
    points, label = clusters(100)
    coarse = (label // 5).astype(np.int16)
    assert precision_at_1(points, label, coarse) == (*precision_at_1(points, label), *precision_at_1(points, coarse))


def test_an_object_is_not_its_own_neighbour():
    assert precision_at_1(np.array([[0.0], [1.0]]), np.array([0, 1]))[0].successes == 0


def test_one_point_many_times_is_counted():
    (share,) = precision_at_1(np.ones((4, 3)), np.zeros(4, dtype=np.int16))
    assert (share.successes, share.count) == (4, 4)


@pytest.mark.parametrize("n", [0, 1])
def test_fewer_than_two_objects_have_no_neighbours(n):
    with pytest.raises(InvalidValueError, match="at least two objects"):
        precision_at_1(np.zeros((n, 3)), np.zeros(n, dtype=np.int16))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_is_refused(bad):
    with pytest.raises(NonFiniteError, match="embeddings"):
        precision_at_1(np.array([[0.0], [bad], [1.0]]), np.zeros(3, dtype=np.int16))


def test_labels_of_another_length_are_refused():
    with pytest.raises(InvalidValueError, match=r"labels: expected shape \(3,\), got \(2,\)"):
        precision_at_1(np.zeros((3, 1)), np.zeros(2, dtype=np.int16))
