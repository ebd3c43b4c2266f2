"""Training on collections: what a batch is, what each loss is by brute force, and that a kill loses nothing."""

import dataclasses
import json
import math
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch
from synthetic import drawings, tiny

from boundcheck.errors import CheckpointError, CollapseError, InvalidValueError, NonFiniteError
from boundcheck.omniglot import batches
from boundcheck.omniglot import training as module
from boundcheck.omniglot.config import TrainingConfig
from boundcheck.omniglot.model import build, embed_images
from boundcheck.omniglot.objectives import OBJECTIVES, prototype
from boundcheck.omniglot.training import (
    TrainedNetwork,
    load_checkpoint,
    train,
    validation_alphabets,
)

pytest.importorskip("timm")
pytest.importorskip("pytorch_metric_learning")
pytestmark = pytest.mark.omniglot

DRAWINGS = drawings(evaluation=0)
BOTH = ("centroid", "prototype")
LABELS = ("alphabet", "character")


def small(**changes: object) -> TrainingConfig:
    return tiny(**{"alphabets": 2, "validation_alphabets": 2, **changes})


def run(directory: Path, config: TrainingConfig, **options) -> TrainedNetwork:
    return train(DRAWINGS, config, directory=directory, device="cpu", progress=False, **{"log_every": 1, **options})


def kept(config: TrainingConfig) -> module.Drawings:
    return DRAWINGS.subset(~np.isin(DRAWINGS.alphabet, validation_alphabets(DRAWINGS, config)))


# ------------------------------------------------------------------------------------------------- configurations


def test_every_objective_of_the_table_can_be_chosen():
    from boundcheck.cli.omniglot import train as command

    (choice,) = [option for option in command.params if option.name == "objective"]
    assert list(choice.type.choices) == list(OBJECTIVES)
    assert {TrainingConfig(objective=name).is_of_collections for name in OBJECTIVES} == {True, False}
    with pytest.raises(
        InvalidValueError, match=r"^objective: expected 'instance', 'centroid', .* or 'groupface', got 'none'"
    ):
        TrainingConfig(objective="none")


def test_groups_of_a_batch():
    assert TrainingConfig(objective="centroid").groups == (4, 4, 4)
    assert TrainingConfig(objective="prototype", alphabets=2, characters=6, drawings=3).groups == (2, 3, 3)
    assert TrainingConfig(objective="prototype", label="character").groups == (16, 2, 2)
    for objective, label in product(BOTH, LABELS):
        config = TrainingConfig(objective=objective, label=label)
        assert math.prod(config.groups) == config.batch == TrainingConfig().batch


@pytest.mark.parametrize("objective", BOTH)
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"characters": 18},
            r"characters: expected a multiple of alphabets \(4\), two characters of each at least, got 18",
        ),
        ({"characters": 4}, r"characters: expected a multiple of alphabets \(4\), two characters of each.*got 4"),
        ({"validation_alphabets": 1}, r"validation_alphabets: expected at least 2, to tell apart.*got 1"),
        ({"label": "character", "drawings": 3}, r"drawings: expected an even number, for two collections.*got 3"),
    ],
)
def test_what_makes_no_collections_is_named(objective, options, message):
    with pytest.raises(InvalidValueError, match=f"^{message}"):
        TrainingConfig(objective=objective, **options)
    # Single drawings do without.
    TrainingConfig(**options)


def test_other_values_are_named():
    with pytest.raises(
        InvalidValueError, match=r"^objective: expected 'instance', 'centroid', .* or 'groupface', got 'group'"
    ):
        TrainingConfig(objective="group")
    with pytest.raises(InvalidValueError, match=r"^alphabets: expected an integer in \[2, ∞\), got 1"):
        TrainingConfig(alphabets=1)


# -------------------------------------------------------------------------------------------------------- batches


def test_a_batch_is_alphabets_by_characters_by_drawings():
    config = small(objective="centroid", alphabets=3, characters=6, drawings=5)
    sampler = batches.sampler_for(DRAWINGS, config)
    for step in (0, 1, 99, 100, 250):
        chosen = sampler.batch(step).reshape(3, 2, 5)
        alphabets, characters = DRAWINGS.alphabet[chosen], DRAWINGS.character[chosen]
        assert (alphabets == alphabets[:, :1, :1]).all()
        assert (characters == characters[:, :, :1]).all()
        assert len(np.unique(alphabets)) == 3
        assert len(np.unique(characters)) == 6
        assert len(np.unique(chosen)) == 30


def test_a_batch_for_characters_has_the_drawings_of_each_together():
    config = small(objective="prototype", label="character", characters=5, drawings=4)
    sampler = batches.sampler_for(DRAWINGS, config)
    for step in (0, 1, 250):
        characters = DRAWINGS.character[sampler.batch(step)].reshape(5, 2, 2)
        assert (characters == characters[:, :1, :1]).all()
        assert len(np.unique(characters)) == 5


def test_batches_depend_on_seed_and_step_alone():
    config = small(objective="centroid")
    forward, backward = (batches.sampler_for(DRAWINGS, config) for _ in range(2))
    steps = [0, 1, 150, 99]
    expected = {step: forward.batch(step) for step in steps}
    for step in reversed(steps):
        np.testing.assert_array_equal(backward.batch(step), expected[step])
    assert not np.array_equal(expected[0], expected[1])
    other = batches.sampler_for(DRAWINGS, small(objective="centroid", seed=1))
    assert not np.array_equal(other.batch(0), expected[0])


def test_alphabets_and_their_characters_are_drawn_alike():
    sampler = batches.sampler_for(DRAWINGS, small(objective="centroid"))
    drawn = np.concatenate([sampler.batch(step) for step in range(1200)])
    # 4,800 characters of 24, in expectation 200 each, with a standard deviation below 14; drawings of 144 as well.
    counts = np.bincount(DRAWINGS.character[drawn[::4]], minlength=24)
    assert abs(counts - 200).max() < 6 * 14
    assert abs(np.bincount(drawn, minlength=144) - 133).max() < 6 * 12


def test_alphabets_of_too_few_characters_are_left_out():
    first = np.flatnonzero((DRAWINGS.alphabet > 0) | (DRAWINGS.character == 0))
    few = DRAWINGS.subset(first)
    config = small(objective="centroid", alphabets=5, characters=10)
    sampler = batches.sampler_for(few, config)
    for step in range(20):
        assert few.alphabet[sampler.batch(step)].min() == 1
    with pytest.raises(
        InvalidValueError, match=r"alphabets: expected at most the 5 alphabets of 2 characters there are.*got 6"
    ):
        batches.sampler_for(few, dataclasses.replace(config, alphabets=6, characters=12))


def test_a_character_of_few_drawings_repeats_them():
    config = small(objective="centroid", drawings=10)
    chosen = batches.sampler_for(DRAWINGS, config).batch(0).reshape(4, 10)
    assert all(len(np.unique(rows)) <= 6 for rows in chosen)
    assert (DRAWINGS.character[chosen] == DRAWINGS.character[chosen[:, :1]]).all()


# --------------------------------------------------------------------------------------------------------- losses


def first_batch(config: TrainingConfig) -> np.ndarray:
    """Return the embeddings of a run's first batch, grouped, in float64."""
    chosen = batches.sampler_for(kept(config), config).batch(0)
    images = batches.distorted(kept(config).images[chosen], seed=(config.seed, 0), device=torch.device("cpu"))
    embeddings = build(config.dimension, backbone=config.backbone, seed=config.seed).train()(images).detach()
    return embeddings.double().numpy().reshape(*config.groups, -1)


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("mining_from", [0, 1])
def test_first_centroid_loss_by_brute_force(tmp_path, label, mining_from):
    config = small(objective="centroid", label=label, mining_from=mining_from, images=16, margin=2.0)
    row = run(tmp_path, config).curve.rows[0]
    centroids = first_batch(config).mean(axis=2)
    classes, collections, _ = centroids.shape
    everything = list(product(range(classes), range(collections)))
    losses = []
    for own, at in everything:
        distances = {other: np.linalg.norm(centroids[own, at] - centroids[other]) for other in everything}
        near = [d for (c, k), d in distances.items() if c == own and k != at]
        far = [d for (c, _), d in distances.items() if c != own]
        if not mining_from:
            near, far = [min(near)], [min(far)]
        losses += [max(0.0, one - other + config.margin) for one in near for other in far]
    assert row["loss"] == pytest.approx(np.mean([loss for loss in losses if loss > 0]), rel=1e-4)
    assert row["hard_negatives"] == (len(everything) if not mining_from else 0)


def prototype_loss(grouped: np.ndarray) -> tuple[float, int]:
    classes, collections, count, _ = grouped.shape
    half, losses, wrong = collections // 2, [], 0
    for own, at, i in product(range(classes), range(collections), range(count)):
        support = grouped[:, half:] if at < half else grouped[:, :half]
        scores = [-np.sum((grouped[own, at, i] - one.mean(axis=(0, 1))) ** 2) for one in support]
        highest = max(scores)
        losses.append(highest + math.log(sum(math.exp(score - highest) for score in scores)) - scores[own])
        wrong += int(np.argmax(scores) != own)
    return float(np.mean(losses)), wrong


@pytest.mark.parametrize("label", LABELS)
def test_first_prototype_loss_by_brute_force(tmp_path, label):
    config = small(objective="prototype", label=label, images=16)
    row = run(tmp_path, config).curve.rows[0]
    loss, wrong = prototype_loss(first_batch(config))
    assert row["loss"] == pytest.approx(loss, rel=1e-4)
    assert row["hard_negatives"] == wrong


@pytest.mark.parametrize("shape", [(2, 2, 1, 1), (3, 3, 4, 2), (5, 4, 2, 8)])
def test_prototype_loss_by_brute_force(shape):
    # Far from the origin, where products of float32 would lose every digit.
    points = np.random.default_rng(0).normal(size=shape) + 1000
    found, wrong = prototype.prototype_loss(torch.from_numpy(points.astype(np.float32)))
    assert (float(found), wrong) == (pytest.approx(prototype_loss(points.astype(np.float32))[0], rel=1e-3), wrong)
    assert wrong == prototype_loss(points.astype(np.float32))[1]


def test_no_drawing_is_told_by_its_own_collection():
    # Each collection is one point, those of a class are far apart: what is near a drawing is its own collection alone.
    random = np.random.default_rng(1)
    points = np.repeat(10 * random.normal(size=(4, 4, 1, 8)), 3, axis=2)
    loss, wrong = prototype.prototype_loss(torch.from_numpy(points))
    assert float(loss) > math.log(4)
    assert wrong > 0
    # And where classes are points, all is told.
    loss, wrong = prototype.prototype_loss(torch.from_numpy(10.0 * np.eye(4).repeat(12, axis=0).reshape(4, 4, 3, 4)))
    assert (float(loss), wrong) == (pytest.approx(0, abs=1e-12), 0)


def test_precision_across_collections_by_brute_force():
    random = np.random.default_rng(2)
    embeddings = random.normal(size=(len(DRAWINGS), 5)) + 2 * random.normal(size=(6, 5))[DRAWINGS.alphabet]
    right = 0
    for row, (alphabet, character) in enumerate(zip(DRAWINGS.alphabet, DRAWINGS.character, strict=True)):
        distances = {}
        for other in set(DRAWINGS.character) - {character}:
            members = DRAWINGS.character == other
            distance = np.linalg.norm(embeddings[row] - embeddings[members].mean(axis=0))
            distances[distance] = DRAWINGS.alphabet[members][0]
        right += distances[min(distances)] == alphabet
    assert 0 < right < len(DRAWINGS)
    assert module._precision_across(embeddings, DRAWINGS) == right / len(DRAWINGS)


# ------------------------------------------------------------------------------------------------------- learning


@pytest.mark.parametrize("objective", BOTH)
def test_alphabets_are_learned(tmp_path, objective):
    plain = drawings(alphabets=8, evaluation=0)
    images = plain.images.copy()
    for image, alphabet in zip(images, plain.alphabet, strict=True):
        # What all drawings of an alphabet share: rules beside and above, each of a thickness of its own.
        image[:, 3 : 4 + alphabet % 4] = 255
        image[3 : 4 + alphabet // 4, :] = 255
    ruled = dataclasses.replace(plain, images=images)
    config = small(
        objective=objective,
        alphabets=4,
        characters=8,
        drawings=3,
        images=80 * 24,
        learning_rate=3e-3,
        validate_every=40,
    )
    trained = train(ruled, config, directory=tmp_path, device="cpu", progress=False)
    known = ruled.subset(~np.isin(ruled.alphabet, validation_alphabets(ruled, config)))
    fresh = build(config.dimension, backbone=config.backbone, seed=config.seed)
    before, after = (
        module._precision_across(embed_images(network, known.images), known) for network in (fresh, trained.network)
    )
    assert after > before + 0.15


@pytest.mark.parametrize(
    ("options", "column"),
    [
        ({}, "validation_character_precision"),
        ({"objective": "prototype", "label": "character"}, "validation_character_precision"),
        ({"objective": "centroid"}, "validation_collection_precision"),
        ({"objective": "prototype"}, "validation_collection_precision"),
    ],
)
def test_the_best_weights_are_of_what_was_trained_for(tmp_path, monkeypatch, options, column):
    found = {
        "validation_character_precision": iter([0.1, 0.9, 0.5]),
        "validation_collection_precision": iter([0.3, 0.2, 0.4]),
    }

    class Found:
        def __init__(self, value: float) -> None:
            self.value = value

    characters = found["validation_character_precision"]
    monkeypatch.setattr(module, "precision_at_1", lambda *_: (Found(next(characters)), Found(0.0)))
    monkeypatch.setattr(module, "_precision_across", lambda *_: next(found["validation_collection_precision"]))
    trained = run(tmp_path, small(images=16 * 6, validate_every=2, **options))
    rows = [row for row in trained.curve.rows if row[column] is not None]
    best = max(rows, key=lambda row: row[column])
    assert torch.load(tmp_path / "best.pt", weights_only=True)["step"] == best["step"]
    assert torch.load(tmp_path / "checkpoint.pt", weights_only=True)["best"] == best[column]


# ------------------------------------------------------------------------------------------------ kills, older runs


def saved(folder: Path, name: str) -> dict:
    return torch.load(folder / name, weights_only=True)


@pytest.mark.parametrize(("objective", "label"), list(product(BOTH, LABELS)))
def test_an_interrupted_run_goes_on_to_the_same_result(tmp_path, objective, label, interrupted_at):
    config = small(objective=objective, label=label, images=16 * 6, validate_every=3)
    whole = run(tmp_path / "whole", config)
    for steps in (1, 3, 5):
        with interrupted_at(steps), pytest.raises(KeyboardInterrupt):
            run(tmp_path / "broken", config, checkpoint_every=2)
    resumed = run(tmp_path / "broken", config, checkpoint_every=2)
    for left, right in zip(whole.curve.rows, resumed.curve.rows, strict=True):
        assert left | {"seconds": 0} == right | {"seconds": 0}
    for name in ("checkpoint.pt", "best.pt"):
        left, right = (saved(tmp_path / folder, name)["network"] for folder in ("whole", "broken"))
        assert all(torch.equal(left[key], right[key]) for key in left)
    loaded = load_checkpoint(tmp_path / "broken")
    assert (loaded.config, loaded.finished) == (config, True)


def make_older(folder: Path) -> None:
    """Make a run one of before there was a choice of objective."""
    older = saved(folder, "checkpoint.pt")
    config = json.loads(older["config"])
    for name in ("objective", "alphabets"):
        del config[name]
    older["config"] = json.dumps(config)
    for row in older["curve"]:
        row.pop("validation_collection_precision", None)
    torch.save(older, folder / "checkpoint.pt")


def test_a_run_of_before_the_choice_is_one_on_drawings(tmp_path, interrupted_at):
    config = tiny(images=16 * 6, validate_every=3)
    with interrupted_at(4), pytest.raises(KeyboardInterrupt):
        run(tmp_path, config, checkpoint_every=2)
    make_older(tmp_path)
    assert load_checkpoint(tmp_path).config == config
    resumed, whole = run(tmp_path, config), run(tmp_path / "whole", config)
    assert [row["loss"] for row in resumed.curve.rows] == [row["loss"] for row in whole.curve.rows]
    make_older(tmp_path)
    assert run(tmp_path, config).finished
    with pytest.raises(CheckpointError, match="objective 'instance' rather than 'centroid'"):
        run(tmp_path, dataclasses.replace(config, objective="centroid", alphabets=2, validation_alphabets=2))


def test_other_settings_may_not_be_missing(tmp_path):
    config = tiny(images=16)
    run(tmp_path, config)
    broken = saved(tmp_path, "checkpoint.pt")
    broken["config"] = json.dumps({"dimension": 8})
    torch.save(broken, tmp_path / "checkpoint.pt")
    with pytest.raises(CheckpointError, match="seed None rather than 0"):
        run(tmp_path, config)


# --------------------------------------------------------------------------------------------------------- errors


@pytest.mark.parametrize(("objective", "where"), [("centroid", " at the margin 1 for"), ("prototype", " for")])
def test_collapse_is_named(objective, where):
    margin = None if objective == "prototype" else 1.0
    watch = module._CollapseWatch(margin)
    for step in range(1, 50):
        watch.see(1.5, 0.009, step)
    with pytest.raises(CollapseError, match=f"loss of 1.5{where} 50 steps up to step 50"):
        watch.see(1.5, 0.009, 50)


def test_a_run_watches_by_its_objective(tmp_path):
    flat = dataclasses.replace(DRAWINGS, images=np.zeros_like(DRAWINGS.images))
    config = small(objective="prototype", images=16 * 51, margin=100.0, validate_every=100)
    with pytest.raises(CollapseError, match=r"a loss of 0\.693 for 50 steps up to step 50"):
        train(flat, config, directory=tmp_path, device="cpu", progress=False)


@pytest.mark.parametrize("objective", BOTH)
def test_embeddings_that_are_nan_are_named(tmp_path, monkeypatch, objective):
    class Spoilt(torch.nn.Linear):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            found = super().forward(images.flatten(1))
            spoilt = torch.zeros_like(found)
            spoilt[0] = torch.nan
            return found + spoilt

    monkeypatch.setattr(module, "build", lambda *_, **__: Spoilt(32 * 32, 8))
    with pytest.raises(NonFiniteError, match="nan at step 1"):
        run(tmp_path, small(objective=objective))
