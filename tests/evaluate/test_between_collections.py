"""Transport and hull distances: their intervals hold what is known, and are narrow enough to be of use."""

import numpy as np
import pytest
import torch
from scipy.stats import wasserstein_distance

from boundcheck.errors import NormError, TermError
from boundcheck.evaluate import NumericReader
from boundcheck.language import HullDistance, Norm, Scalar, Transport, another, distance, maximum, mean, w, x, z


def read(term, points, p=2.0, **options):
    batch = {c: torch.tensor(np.asarray(rows, dtype=np.float64)[None]) for c, rows in points.items()}
    return NumericReader(batch, p, **{"errors": True, **options}).scalar(term)


def interval(term, points, p=2.0):
    named = read(term, points, p)
    return float(named.value) - float(named.error), float(named.value) + float(named.error)


def normals(seed, *sizes, dimension=3):
    random = np.random.default_rng(seed)
    return {c: random.normal(size=(size, dimension)) for c, size in zip((x, z, w), sizes, strict=True)}


@pytest.mark.parametrize("sizes", [(1, 1), (4, 4), (5, 3), (20, 20), (20, 19)])
@pytest.mark.parametrize("scale", [1.0, 1e-290, 1e300])
def test_transport_on_the_line_is_scipys(sizes, scale):
    points = normals(0, *sizes, 1, dimension=1)
    exact = wasserstein_distance(points[x][:, 0], points[z][:, 0])
    low, high = interval(Transport(x, z), {c: rows * scale for c, rows in points.items()})
    assert low / scale <= exact * (1 + 1e-12)
    assert high / scale >= exact * (1 - 1e-12)
    assert high - low < 1e-10 * high


@pytest.mark.parametrize("p", [1.0, 2.0, 3.0, np.inf])
def test_transport_is_a_distance(p):
    points = normals(1, 4, 6, 3)
    pairs = [interval(Transport(*pair), points, p) for pair in ((x, z), (z, x), (z, w), (x, w))]
    (low, high), (low_back, high_back), (_, zw), (xw, _) = pairs
    assert max(low, low_back) <= min(high, high_back)
    assert xw <= high + zw
    moved = {**points, z: points[x] + 2.0}
    shift = 2.0 * 3 ** (0 if p == np.inf else 1 / p)
    low, high = interval(Transport(x, z), moved, p)
    assert low <= shift <= high
    assert high - low < 1e-12


def test_transport_of_equal_collections_is_0_to_rounding():
    points = normals(2, 5, 5, 1)
    points[z] = points[x][::-1].copy()
    low, high = interval(Transport(x, z), points)
    assert low <= 0 <= high < 1e-12


@pytest.mark.parametrize("offset", [0.0, 0.25, 1.0, 3.0])
@pytest.mark.parametrize("scale", [1.0, 1e-290, 1e300])
def test_hulls_of_squares(offset, scale):
    square = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    low, high = interval(
        HullDistance(x, w), {x: square * scale, z: square[:1], w: (square + np.array([offset, 0.0])) * scale}
    )
    exact = max(0.0, offset - 1)
    assert low <= exact * scale <= high
    assert high - low < 1e-8 * scale


def test_a_lower_bound_is_never_above_the_truth_whatever_the_solver_says(monkeypatch):
    """The weights and the potentials are drawn at random: the intervals grow, and hold the truth still."""
    random = np.random.default_rng(3)
    points = normals(4, 5, 7, 6)
    points[w] += 4.0
    truth = {term: read(term, points) for term in (HullDistance(x, w), Transport(x, z))}
    monkeypatch.setattr(
        "boundcheck.kernels.nearest_weights", lambda a, c: (random.random(len(a)), random.random(len(c)))
    )

    def poor(cost):
        n, p = cost.shape
        u = random.normal(size=n)
        return np.full((n, p), 1 / (n * p)), u, (cost - u[:, None]).min(axis=0)

    monkeypatch.setattr("boundcheck.kernels.coupling", poor)
    for term, exact in truth.items():
        low, high = interval(term, points)
        assert low <= float(exact.value) <= high
        assert high - low > 1e-3


def test_a_plan_with_wrong_marginals_costs_error(monkeypatch):
    """Half the mass costs half: the error must say that this is no coupling."""
    points = normals(5, 4, 4, 1)
    exact = float(read(Transport(x, z), points).value)
    from boundcheck.kernels import coupling

    def half(cost):
        plan, u, v = coupling(cost)
        return plan / 2, u, v

    monkeypatch.setattr("boundcheck.kernels.coupling", half)
    low, high = interval(Transport(x, z), points)
    assert low <= exact <= high


def test_hulls_are_of_the_euclidean_norm():
    with pytest.raises(NormError, match="p = 2 for a distance of hulls, got inf"):
        read(HullDistance(x, w), normals(0, 2, 2, 2), np.inf)


@pytest.mark.parametrize("term", [Transport(x, z), HullDistance(x, w)])
def test_without_errors_the_value_is_the_same(term):
    points = normals(6, 4, 3, 5)
    plain = read(term, points, errors=False)
    assert plain.error is None
    assert float(plain.value) == float(read(term, points).value)


@pytest.mark.parametrize("term", [Transport(x, z), HullDistance(x, w)])
def test_an_index_fixed_outside_does_not_fix_it_inside(term):
    points = normals(7, 4, 3, 5)
    batch = {c: torch.tensor(rows[None]) for c, rows in points.items()}
    reader = NumericReader(batch, 2.0, errors=True)
    whole, fixed = (one.scalar(term) for one in (reader, reader.fixing(x.each, 2).fixing(z.each, 0)))
    assert float(whole.value) == float(fixed.value)


@pytest.mark.parametrize("term", [Transport(x, z), HullDistance(x, w)])
def test_a_batch_is_its_triples_one_at_a_time(term):
    random = np.random.default_rng(8)
    batch = {
        c: torch.tensor(random.normal(size=(3, size, 2)) * 10.0**shift)
        for c, size, shift in ((x, 3, 0), (z, 4, 0), (w, 5, 1))
    }
    together = NumericReader(batch, 2.0, errors=True).scalar(term)
    for row in range(3):
        alone = NumericReader({c: rows[row : row + 1] for c, rows in batch.items()}, 2.0, errors=True).scalar(term)
        assert abs(float(alone.value) - float(together.value[row])) <= float(alone.error) + float(together.error[row])


def test_transport_is_differentiable():
    """Moving every point of one of two far collections by t changes W₁ by t: the gradients add up to the direction."""
    batch = {c: torch.tensor(rows[None], requires_grad=True) for c, rows in normals(9, 3, 3, 1, dimension=1).items()}
    moved = {**batch, z: batch[z] + 10.0}
    NumericReader(moved, 2.0).scalar(Transport(x, z)).value.sum().backward()
    assert float(batch[z].grad.sum()) == pytest.approx(1.0)
    assert float(batch[x].grad.sum()) == pytest.approx(-1.0)


def test_pairs_of_points_of_one_collection():
    points = normals(10, 4, 1, 1)
    apart = distance(x[x.each], x[another(x)])
    assert isinstance(apart, Norm)
    exact = np.linalg.norm(points[x][:, None] - points[x][None], axis=-1)
    for term, value in (
        (mean((x.each, another(x)), apart), exact.mean()),
        (maximum((x.each, another(x)), apart), exact.max()),
    ):
        assert float(read(term, points).value) == pytest.approx(value, rel=1e-14)


def test_a_term_of_no_known_kind_is_named():
    class Unknown(Scalar):
        def __str__(self):
            return "unknown"

    with pytest.raises(TermError, match="what the numeric reader can read, got 'unknown', a Unknown"):
        read(Unknown(), normals(0, 1, 1, 1))
