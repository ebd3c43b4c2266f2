"""Views: one distortion a drawing, from its seed alone, weak as Karimov's experiment, strong by what each part does."""

import numpy as np
import pytest
import torch
from synthetic import drawings

from boundcheck.omniglot import batches, views
from boundcheck.omniglot.model import prepare

pytest.importorskip("timm")
pytestmark = pytest.mark.omniglot

DRAWINGS = drawings(evaluation=0)
CPU = torch.device("cpu")


def viewed(images: np.ndarray, strength: float, *seed: int) -> torch.Tensor:
    return views.viewed(images, strength, seed=seed or (0, 0), device=CPU)


def test_a_weak_view_is_the_affine_map_alone():
    images = DRAWINGS.images[:8]
    assert torch.equal(viewed(images, 0.0, 3, 4), batches.distorted(images, seed=(3, 4), device=CPU))


@pytest.mark.parametrize("strength", [0.0, 0.3, 1.0])
def test_each_drawing_has_its_own_from_its_seed_alone(strength):
    images = np.repeat(DRAWINGS.images[:1], 6, axis=0)
    first, again, other = viewed(images, strength, 1, 2), viewed(images, strength, 1, 2), viewed(images, strength, 1, 3)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert all(not torch.equal(first[0], one) for one in first[1:])
    assert first.shape == (6, 1, 32, 32)
    assert torch.isfinite(first).all()


def test_paper_stays_paper():
    blank = np.zeros((5, 32, 32), dtype=np.uint8)
    torch.testing.assert_close(viewed(blank, 1.0), prepare(blank))


def test_stronger_views_are_farther_from_the_drawing():
    plain = prepare(DRAWINGS.images)
    far = [float((viewed(DRAWINGS.images, strength) - plain).square().mean()) for strength in (0.0, 0.5, 1.0)]
    assert far[0] < far[1] < far[2]


def test_strokes_are_thickened_and_thinned():
    batch = prepare(np.repeat(DRAWINGS.images[:1], 200, axis=0)) - prepare(np.zeros((1, 1, 1), dtype=np.uint8))
    made = views._stroked(batch, np.random.default_rng(0), 1.0)
    ink = made.sum(dim=(1, 2, 3)) / batch[0].sum()
    assert float(ink.min()) < 0.9 < 1.2 < float(ink.max())
    thickest = torch.nn.functional.max_pool2d(batch[:1], 3, 1, 1)
    assert bool((made <= thickest + 1e-5).all())
    assert torch.equal(views._stroked(batch, np.random.default_rng(0), 0.0), batch)


def test_one_rectangle_is_erased_of_some():
    kept = views._kept((28, 20), 400, np.random.default_rng(0), 1.0)[:, 0]
    erased = kept == 0
    some = erased.any(axis=(1, 2))
    assert 0.5 < some.mean() < 0.7
    for one in erased[some]:
        high, wide = one.any(axis=1).sum(), one.any(axis=0).sum()
        assert one.sum() == high * wide
        assert high <= 0.4 * 28 + 1
        assert wide <= 0.4 * 20 + 1
    assert views._kept((28, 28), 50, np.random.default_rng(0), 0.0).all()


def test_sizes_reach_from_a_part_to_a_smaller_drawing():
    matrices = views._matrices(4000, np.random.default_rng(0), 1.0).astype(float)
    # The root of the determinant is how much is shown.
    shown = np.sqrt(np.abs(np.linalg.det(matrices[:, :, :2])))
    assert 0.55 < shown.min() < 0.75
    assert 1.3 < shown.max() < 1.7
