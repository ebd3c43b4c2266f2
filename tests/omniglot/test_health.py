"""Faults of a run are named as they happen, with the step and what to change; a healthy run has none."""

import math

import numpy as np
import pytest
import torch
from synthetic import drawings, tiny

from boundcheck.errors import NonFiniteError
from boundcheck.omniglot import training
from boundcheck.omniglot.health import Health, effective_rank, measures, spread
from boundcheck.omniglot.objectives import simsiam

pytest.importorskip("timm")
pytestmark = pytest.mark.omniglot

DRAWINGS = drawings(evaluation=0)


def rows(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(seed).normal(size=shape))


def test_spread_by_hand():
    assert spread(torch.eye(4).repeat(3, 1)) == pytest.approx(math.sqrt(4 * (1 / 4 - 1 / 16)))
    assert spread(torch.ones(5, 3)) == 0
    # Points on the whole sphere, whatever their length.
    assert spread(rows(20_000, 16) * 7) == pytest.approx(1, abs=0.01)


def test_effective_rank_by_hand():
    corners = torch.cat([torch.eye(3), -torch.eye(3)])
    assert effective_rank(corners) == pytest.approx(3)
    assert effective_rank(torch.tensor([[1.0, 0.0], [-1.0, 0.0]])) == pytest.approx(1)
    assert effective_rank(torch.ones(4, 3)) == 0


def test_alignment_by_hand():
    first, second = rows(9, 4), rows(9, 4, seed=1)
    wanted = np.mean([2 - 2 * torch.cosine_similarity(a, b, dim=0).item() for a, b in zip(first, second, strict=True)])
    assert measures((first, second))["alignment"] == pytest.approx(wanted)
    assert set(measures((first,))) == {"spread", "effective_rank"}
    assert measures(()) == {}


@pytest.mark.parametrize(
    ("numbers", "fault", "words"),
    [
        ({"spread": 0.01, "effective_rank": 9.0}, "collapse to a point", "raise view_strength"),
        ({"spread": 0.9, "effective_rank": 1.4}, "collapse to few dimensions", "projections fill 1.4 dimensions"),
        ({"queue_accuracy": 1.0}, "a queue that is no use", "options['queue']"),
        ({"empty_clusters": 0.7}, "empty clusters", "70% of the clusters have no drawing"),
        ({"perplexity": 0.02}, "one cluster has most", "2.0% of them"),
    ],
)
def test_a_fault_is_noted_once_with_its_step(numbers, fault, words):
    health = Health(100, 16)
    for step in range(10, 100, 10):
        said = health.see(step, numbers)
        assert [f"step {step}" in one and words in one for one in said] == ([True] if step == 30 else [])
    assert [(note["fault"], note["step"]) for note in health.notes] == [(fault, 30)]


def test_what_passes_or_comes_at_the_start_is_no_fault():
    bad, good = {"spread": 0.01}, {"spread": 0.9}
    health = Health(1000, 16)
    for step, row in ((10, bad), (20, bad), (30, bad), (60, bad), (70, bad), (80, good), (90, bad), (100, {})):
        assert health.see(step, row) == []
    assert health.notes == []


def test_health_goes_on_where_it_was():
    first, second = Health(100, 16), Health(100, 16)
    for step in (10, 20):
        first.see(step, {"spread": 0.01})
    second.restore(first.state())
    assert len(second.see(30, {"spread": 0.01})) == 1
    assert first.notes == []


def train(folder, **changes):
    config = tiny(**{"images": 16 * 40, "validate_every": 1000, "options": {"projection": 32}, **changes})
    return training.train(DRAWINGS, config, directory=folder, device="cpu", progress=False, log_every=1)


def test_simsiam_collapses_without_stopping_the_gradient(tmp_path, monkeypatch):
    """As its paper says (section 4.1), and it is named; with it, and its batch normalisation, it does not."""

    def moving(p, z):
        both = [torch.cosine_similarity(p[i], z[1 - i], dim=1).mean() for i in (0, 1)]
        return -(both[0] + both[1]) / 2

    def plain_head(self):
        return torch.nn.Linear(self.config.dimension, self.options.projection)

    held = train(tmp_path / "held", objective="simsiam", learning_rate=1e-2, view_strength=0.3)
    monkeypatch.setattr(simsiam, "siamese_loss", moving)
    monkeypatch.setattr(simsiam.SimSiam, "make_head", plain_head)
    fallen = train(tmp_path / "fallen", objective="simsiam", learning_rate=1e-2, view_strength=0.3)
    assert fallen.curve.rows[-1]["loss"] < -0.99
    assert fallen.curve.rows[-1]["spread"] < 0.1 < 0.5 < held.curve.rows[-1]["spread"]
    (note,) = [note for note in fallen.curve.health if note["fault"] == "collapse to a point"]
    assert note["step"] < 40
    assert "collapse to a point" not in [note["fault"] for note in held.curve.health]
    # It is kept, and a loaded network shows it.
    assert training.load_checkpoint(tmp_path / "fallen").curve.health == fallen.curve.health


def test_a_loss_that_is_nan_is_an_error(tmp_path):
    with pytest.raises(NonFiniteError, match=r"got (nan|inf) at step \d+; lower learning_rate"):
        train(tmp_path, objective="simsiam", optimizer="sgd", learning_rate=1e30)
