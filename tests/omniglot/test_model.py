"""The network: its shape, its seed, and that nothing outside it is touched."""

import sys

import numpy as np
import pytest
import torch
from torch import nn

from boundcheck.errors import InvalidValueError, MissingDependencyError
from boundcheck.omniglot.model import BACKBONE, build, embed_images, penultimate, prepare

pytest.importorskip("timm")
pytestmark = pytest.mark.omniglot

TINY = "test_efficientnet"


def images(n: int, side: int = 32) -> np.ndarray:
    return np.random.default_rng(n).integers(0, 256, (n, side, side)).astype(np.uint8)


def weights(network: nn.Module) -> torch.Tensor:
    return torch.cat([value.flatten().double() for value in network.state_dict().values()])


@pytest.mark.parametrize("dimension", [1, 3, 64])
def test_embeddings_have_the_dimension_asked_for(dimension):
    assert embed_images(build(dimension, backbone=TINY), images(5)).shape == (5, dimension)


def test_features_are_what_the_last_layer_takes():
    network = build(3, backbone=TINY)
    features = embed_images(penultimate(network), images(4))
    assert features.shape == (4, network.get_classifier().in_features)
    with torch.no_grad():
        through = network.get_classifier()(torch.from_numpy(features))
    np.testing.assert_allclose(through, embed_images(network, images(4)), rtol=1e-4, atol=1e-5)


def test_a_network_without_a_head_has_no_features():
    with pytest.raises(InvalidValueError, match="network: expected a timm model"):
        penultimate(nn.Identity())


def test_default_is_efficientnet_b2_of_one_channel():
    assert BACKBONE == "efficientnet_b2"
    network = build()
    assert network.conv_stem.in_channels == 1
    assert network.classifier.out_features == 64


def test_same_seed_gives_the_same_weights_and_another_seed_others():
    first, again, other = (weights(build(8, backbone=TINY, seed=seed)) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_building_leaves_the_random_state_alone():
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    build(8, backbone=TINY, seed=1)
    assert torch.equal(before, torch.random.get_rng_state())


def test_embeddings_are_not_normalised():
    norms = np.linalg.norm(embed_images(build(8, backbone=TINY), images(20)), axis=1)
    assert np.ptp(norms) > 1e-3 * norms.mean()


def test_residual_blocks_begin_as_the_identity():
    blocks = [block for block in build().modules() if getattr(block, "has_skip", False)]
    assert blocks
    for block in blocks:
        last = getattr(block, "bn3", None) or block.bn2
        assert not last.weight.any()


@pytest.mark.parametrize("dimension", [0, -1])
def test_dimension_below_one_is_refused(dimension):
    with pytest.raises(InvalidValueError, match="dimension"):
        build(dimension, backbone=TINY)


def test_unknown_backbone_is_named():
    with pytest.raises(InvalidValueError, match=r"backbone.*'efficientnet_b99'"):
        build(8, backbone="efficientnet_b99")


def test_missing_timm_is_named_with_the_fix(monkeypatch):
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(MissingDependencyError, match=r"timm.*pip install 'boundcheck\[omniglot\]'"):
        build(8)


def test_prepare_maps_paper_and_ink_to_the_statistics_of_the_background_set():
    prepared = prepare(np.array([[[0, 255]]], dtype=np.uint8))
    assert prepared.shape == (1, 1, 1, 2)
    assert prepared.flatten().tolist() == pytest.approx([-0.08 / 0.22, 0.92 / 0.22])


def test_prepare_takes_views():
    whole = images(4)
    assert torch.equal(prepare(whole[::-1, :, ::2]), prepare(whole[::-1, :, ::2].copy()))


def test_batches_do_not_change_embeddings():
    network, drawn = build(8, backbone=TINY), images(7)
    np.testing.assert_allclose(
        embed_images(network, drawn, batch_size=2), embed_images(network, drawn), rtol=1e-4, atol=1e-6
    )


def test_progress_counts_every_image_once():
    counts = []
    embed_images(build(8, backbone=TINY), images(7), batch_size=3, advance=counts.append)
    assert counts == [3, 3, 1]


def test_modes_and_weights_are_left_as_they_were_also_after_an_error():
    network = build(8, backbone=TINY).train()
    frozen = next(module for module in network.modules() if isinstance(module, nn.BatchNorm2d)).eval()
    modes, before = [module.training for module in network.modules()], weights(network)
    embed_images(network, images(3))
    with pytest.raises(RuntimeError):
        embed_images(network, images(3)[:, :, :, None].repeat(2, axis=3))
    assert [module.training for module in network.modules()] == modes
    assert not frozen.training
    assert torch.equal(weights(network), before)
