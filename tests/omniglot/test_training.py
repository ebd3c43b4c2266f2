"""Training: it learns, a kill loses nothing, and every way to fail is named."""

import csv
import dataclasses
import json
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from synthetic import drawings, tiny

from boundcheck.errors import (
    CheckpointError,
    CollapseError,
    InvalidTypeError,
    InvalidValueError,
    MissingDependencyError,
    NonFiniteError,
)
from boundcheck.omniglot import batches
from boundcheck.omniglot import training as module
from boundcheck.omniglot.model import build, embed_images, prepare
from boundcheck.omniglot.retrieval import precision_at_1
from boundcheck.omniglot.training import (
    Curve,
    TrainedNetwork,
    TrainingConfig,
    choose_device,
    load_checkpoint,
    train,
    validation_alphabets,
)

pytest.importorskip("timm")
pytest.importorskip("pytorch_metric_learning")
pytestmark = pytest.mark.omniglot

DRAWINGS = drawings(evaluation=0)
FLAT = dataclasses.replace(DRAWINGS, images=np.zeros_like(DRAWINGS.images))


def run(directory: Path, config: TrainingConfig | None = None, **options) -> TrainedNetwork:
    return train(
        DRAWINGS,
        config or tiny(),
        directory=directory,
        **{"device": "cpu", "progress": False, "log_every": 1, **options},
    )


def without_times(curve: Curve) -> list[dict]:
    return [{name: value for name, value in row.items() if name != "seconds"} for row in curve.rows]


def same(left: object, right: object) -> bool:
    """Compare nested checkpoints bit for bit; the time that a run took is not part of its result."""
    if isinstance(left, dict):
        names = (left.keys() | right.keys()) - {"seconds", "made_by"}
        return all(name in left and name in right and same(left[name], right[name]) for name in names)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, torch.Tensor):
        return left.dtype == right.dtype and torch.equal(left, right)
    return left == right


def assert_same_result(left: Path, right: Path) -> None:
    for name in ("checkpoint.pt", "best.pt"):
        first, second = (torch.load(folder / name, weights_only=True) for folder in (left, right))
        assert same(first, second), name


def leftovers(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"checkpoint.pt", "best.pt", "curve.csv"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> tuple[Path, TrainedNetwork]:
    """An uninterrupted run."""
    directory = tmp_path_factory.mktemp("whole")
    return directory, run(directory)


# ------------------------------------------------------------------------------------------------- configurations


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, 0) for name in ("dimension", "images", "validation_alphabets", "validate_every", "patience")),
        ("characters", 1),
        ("drawings", 1),
        ("seed", -1),
        *((name, value) for name in ("margin", "learning_rate") for value in (0, -1.0, math.inf, math.nan)),
        *(("mining_from", value) for value in (-0.1, 1.1, math.nan)),
        ("label", "drawer"),
    ],
)
def test_value_out_of_range_is_named(name, value):
    with pytest.raises(InvalidValueError, match=f"^{name}: expected .*got .*{value}"):
        TrainingConfig(**{name: value})


@pytest.mark.parametrize("field", dataclasses.fields(TrainingConfig), ids=lambda field: field.name)
def test_value_of_another_type_is_named(field):
    wrong = 3 if field.name in ("label", "backbone", "objective", "optimizer") else "many"
    error = InvalidValueError if field.name in ("label", "objective", "optimizer") else InvalidTypeError
    with pytest.raises(error, match=f"^{field.name}: expected"):
        TrainingConfig(**{field.name: wrong})


@pytest.mark.parametrize("field", dataclasses.fields(TrainingConfig), ids=lambda field: field.name)
def test_boolean_is_no_number(field):
    with pytest.raises((InvalidValueError, InvalidTypeError), match=f"^{field.name}: expected"):
        TrainingConfig(**{field.name: True})


def test_batch_and_steps_follow_from_the_rest():
    config = TrainingConfig(images=1000, characters=8, drawings=4)
    assert (config.batch, config.steps) == (32, 31)
    assert TrainingConfig(images=1).steps == 1


# ----------------------------------------------------------------------------------------------------- one result


def test_a_run_ends_with_every_file_and_nothing_else(whole):
    directory, trained = whole
    assert (trained.steps, trained.finished) == (12, True)
    assert {path.name for path in directory.iterdir()} == {"checkpoint.pt", "best.pt", "curve.csv"}


def test_curve_file_holds_the_curve(whole):
    directory, trained = whole
    with (directory / "curve.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == Curve.COLUMNS
    assert [int(row["step"]) for row in rows] == list(range(1, 13))
    assert [int(row["images"]) for row in rows] == list(range(16, 193, 16))
    assert [float(row["loss"]) for row in rows] == [row["loss"] for row in trained.curve.rows]
    assert [row["step"] for row in rows if row["validation_character_precision"]] == ["5", "10", "12"]


def test_a_validation_between_logged_steps_has_its_own_row(tmp_path):
    trained = run(tmp_path, tiny(validate_every=4), log_every=3)
    rows = {row["step"]: row for row in trained.curve.rows}
    assert list(rows) == [3, 4, 6, 8, 9, 12]
    assert rows[4]["images"] == 64
    assert rows[4]["loss"] is None
    assert rows[4]["validation_character_precision"] is not None


def test_same_seed_gives_the_same_run_and_another_seed_another(whole, tmp_path):
    directory, trained = whole
    again, other = run(tmp_path / "again"), run(tmp_path / "other", tiny(seed=1))
    assert without_times(again.curve) == without_times(trained.curve)
    assert_same_result(directory, tmp_path / "again")
    assert without_times(other.curve) != without_times(trained.curve)


def test_random_states_are_left_alone(tmp_path):
    from pytorch_metric_learning.utils import common_functions

    torch.manual_seed(3)
    np.random.seed(3)  # noqa: NPY002 - the state that others may rely on
    before, theirs = torch.random.get_rng_state(), common_functions.NUMPY_RANDOM
    run(tmp_path)
    assert torch.equal(before, torch.random.get_rng_state())
    assert np.random.get_state()[2] == np.random.RandomState(3).get_state()[2]  # noqa: NPY002
    assert common_functions.NUMPY_RANDOM is theirs


def test_the_librarys_generator_is_given_back_after_an_error(monkeypatch):
    from pytorch_metric_learning import samplers
    from pytorch_metric_learning.utils import common_functions

    def fail(*_: object) -> None:
        raise RuntimeError("no sampler")

    theirs = common_functions.NUMPY_RANDOM
    monkeypatch.setattr(samplers, "MPerClassSampler", fail)
    with pytest.raises(RuntimeError, match="no sampler"):
        batches.CharacterSampler(DRAWINGS.character, tiny()).batch(0)
    assert common_functions.NUMPY_RANDOM is theirs


# ------------------------------------------------------------------------------------------------------- learning


@pytest.mark.parametrize("label", ["alphabet", "character"])
def test_training_beats_the_untrained_network(tmp_path, label):
    many = drawings(alphabets=12, evaluation=0)
    config = tiny(
        label=label,
        images=150 * 32,
        characters=8,
        dimension=16,
        learning_rate=3e-3,
        validate_every=30,
        validation_alphabets=4,
    )
    trained = train(many, config, directory=tmp_path, device="cpu", progress=False)
    held_out = many.subset(np.isin(many.alphabet, validation_alphabets(many, config)))
    fresh = build(config.dimension, backbone=config.backbone, seed=config.seed)
    before, after = (
        precision_at_1(embed_images(network, held_out.images), held_out.character)[0]
        for network in (fresh, trained.network)
    )
    assert after.limits[0] > before.value
    norms = np.linalg.norm(embed_images(trained.network, held_out.images), axis=1)
    assert np.ptp(norms) > 0.01 * norms.mean()


def test_the_best_weights_are_returned(whole):
    _, trained = whole
    held_out = DRAWINGS.subset(np.isin(DRAWINGS.alphabet, validation_alphabets(DRAWINGS, trained.config)))
    found = precision_at_1(embed_images(trained.network, held_out.images), held_out.character)[0].value
    assert found == max(row["validation_character_precision"] or 0 for row in trained.curve.rows)


@pytest.mark.parametrize("label", ["alphabet", "character"])
@pytest.mark.parametrize("mining_from", [0, 1])
def test_first_loss_by_brute_force(tmp_path, label, mining_from):
    config = tiny(label=label, mining_from=mining_from, images=16, margin=2.0)
    row = run(tmp_path, config).curve.rows[0]
    kept = DRAWINGS.subset(~np.isin(DRAWINGS.alphabet, validation_alphabets(DRAWINGS, config)))
    chosen = batches.CharacterSampler(kept.character, config).batch(0)
    images = batches.distorted(kept.images[chosen], seed=(config.seed, 0), device=torch.device("cpu"))
    embeddings = build(config.dimension, backbone=config.backbone, seed=config.seed).train()(images).detach()
    labels = getattr(kept, label)[chosen]
    losses = triplet_losses(
        torch.cdist(embeddings, embeddings).double(), labels, config.margin, hardest=not mining_from
    )
    violated = [loss for loss in losses if loss > 0]
    assert row["loss"] == pytest.approx(np.mean(violated), rel=1e-4)
    assert row["mean_distance"] == pytest.approx(float(torch.pdist(embeddings).mean()), rel=1e-4)
    assert row["hard_negatives"] == (len(losses) if not mining_from else 0)


def triplet_losses(distance: torch.Tensor, labels: np.ndarray, margin: float, *, hardest: bool) -> list[float]:
    """Return the loss of every triplet, or of each anchor's nearest positive and nearest negative."""
    losses = []
    for anchor in range(len(labels)):
        positives = [float(distance[anchor, j]) for j in np.flatnonzero(labels == labels[anchor]) if j != anchor]
        negatives = [float(distance[anchor, j]) for j in np.flatnonzero(labels != labels[anchor])]
        if hardest:
            positives, negatives = sorted(positives)[:1], sorted(negatives)[:1]
        losses += [max(0.0, near - far + margin) for near in positives for far in negatives]
    return losses


def test_learning_rate_rises_then_falls():
    config = tiny(images=16 * 100)
    rates = [module._learning_rate(step, config) / config.learning_rate for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert int(np.argmax(rates)) in (9, 10)
    assert max(rates) == pytest.approx(1)
    assert all(np.diff(rates[10:]) < 0)
    assert 0.01 <= rates[-1] < 0.02


# -------------------------------------------------------------------------------------------- batches and pictures


@pytest.mark.parametrize("label", ["alphabet", "character"])
def test_a_batch_has_p_characters_of_k_drawings(label):
    sampler = batches.CharacterSampler(DRAWINGS.character, tiny(label=label, characters=5, drawings=3))
    for step in (0, 1, 99, 100, 250):
        chosen = sampler.batch(step)
        characters, counts = np.unique(DRAWINGS.character[chosen], return_counts=True)
        assert len(characters) == 5
        assert set(counts) == {3}
        assert len(set(chosen)) == 15


def test_batches_depend_on_seed_and_step_alone():
    forward, backward = (batches.CharacterSampler(DRAWINGS.character, tiny()) for _ in range(2))
    steps = [0, 1, 150, 99, 250]
    expected = {step: forward.batch(step).copy() for step in steps}
    for step in reversed(steps):
        np.testing.assert_array_equal(backward.batch(step), expected[step])
    assert not np.array_equal(expected[0], expected[1])
    other = batches.CharacterSampler(DRAWINGS.character, tiny(seed=1))
    assert not np.array_equal(other.batch(0), expected[0])


def test_every_character_is_drawn_in_time():
    sampler = batches.CharacterSampler(DRAWINGS.character, tiny())
    seen = {character for step in range(100) for character in DRAWINGS.character[sampler.batch(step)]}
    assert seen == set(DRAWINGS.character)


def test_too_few_characters_are_named():
    with pytest.raises(InvalidValueError, match=r"characters: expected at most the 24 characters.*got 25"):
        batches.CharacterSampler(DRAWINGS.character, tiny(characters=25))


def test_distortions_move_every_drawing_by_its_own_seed():
    images = np.repeat(DRAWINGS.images[:1], 4, axis=0)
    first, again, other = (batches.distorted(images, seed=(0, step), device=torch.device("cpu")) for step in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert not torch.equal(first[0], first[1])
    assert first.shape == (4, 1, 32, 32)
    # What moves in from outside is paper.
    paper = prepare(np.zeros((4, 32, 32), dtype=np.uint8))
    blank = batches.distorted(np.zeros((4, 32, 32), dtype=np.uint8), seed=(0, 0), device=torch.device("cpu"))
    torch.testing.assert_close(blank, paper)


def test_validation_alphabets_are_kept_from_training(tmp_path, monkeypatch):
    seen = []
    plain = batches.distorted
    monkeypatch.setattr(module, "distorted", lambda images, **options: seen.append(images) or plain(images, **options))
    config = tiny(validation_alphabets=3)
    run(tmp_path, config)
    held_out = np.isin(DRAWINGS.alphabet, validation_alphabets(DRAWINGS, config))
    kept = {image.tobytes() for image in DRAWINGS.images[held_out]}
    assert len(np.unique(DRAWINGS.alphabet[held_out])) == 3
    assert not any(image.tobytes() in kept for batch in seen for image in batch)


def test_too_few_alphabets_are_named():
    with pytest.raises(InvalidValueError, match="at least 7 alphabets: 5 to validate by and two to train on, got 6"):
        validation_alphabets(DRAWINGS, tiny(validation_alphabets=5))


# --------------------------------------------------------------------------------------------- kills and resuming


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 5, 7, 10, 11])
def test_an_interrupted_run_goes_on_to_the_same_result(whole, tmp_path, steps, interrupted_at):
    directory, trained = whole
    with interrupted_at(steps), pytest.raises(KeyboardInterrupt):
        run(tmp_path, checkpoint_every=2)
    assert not leftovers(tmp_path)
    resumed = run(tmp_path, checkpoint_every=2)
    assert without_times(resumed.curve) == without_times(trained.curve)
    assert_same_result(directory, tmp_path)


def test_no_minutes_stop_at_once_and_can_go_on(whole, tmp_path):
    directory, trained = whole
    stopped = run(tmp_path, minutes=0)
    assert (stopped.steps, stopped.finished) == (0, False)
    assert "the same call goes on from here" in stopped.why
    resumed = run(tmp_path)
    assert resumed.finished
    assert without_times(resumed.curve) == without_times(trained.curve)
    assert_same_result(directory, tmp_path)


def test_a_finished_run_does_nothing_more(whole):
    directory, trained = whole
    before = torch.load(directory / "checkpoint.pt", weights_only=True)
    again = run(directory)
    assert again.finished
    assert again.curve.rows == trained.curve.rows
    assert same(before, torch.load(directory / "checkpoint.pt", weights_only=True))
    assert same(again.network.state_dict(), trained.network.state_dict())


# The command line's own train, on a miniature of the data and of the network.
# Between its first checkpoint and its end, more than enough time for a signal.
STEPS, EVERY = 20, 5
DRIVER = f"""
import functools, sys, time
from synthetic import drawings, tiny
from boundcheck import cli
from boundcheck.cli import omniglot as commands
from boundcheck.omniglot import data, training
data.load = lambda *_, **__: drawings(evaluation=0)
commands._config = lambda **_: tiny(images=16 * {STEPS}, validate_every={EVERY})
one_step = training._Run._one_step
training._Run._one_step = lambda run: (time.sleep(0.2), one_step(run))[1]
training.train = functools.partial(training.train, checkpoint_every=3, log_every=1)
sys.argv = ["boundcheck", "train", "--json", "--device", "cpu", "--directory", sys.argv[1]]
cli.main()
"""


def start(directory: Path) -> subprocess.Popen:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    command = [sys.executable, "-c", DRIVER, str(directory)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def wait_for_checkpoint(directory: Path, child: subprocess.Popen) -> None:
    while not (directory / "checkpoint.pt").exists():
        assert child.poll() is None, child.stderr.read()
        time.sleep(0.005)


def test_kill_9_loses_nothing(tmp_path):
    killed, untouched = tmp_path / "killed", tmp_path / "untouched"
    with start(killed) as child:
        wait_for_checkpoint(killed, child)
        child.kill()
        child.communicate()
    assert child.returncode == -signal.SIGKILL
    assert 0 < torch.load(killed / "checkpoint.pt", weights_only=True)["step"] < STEPS
    config = tiny(images=16 * STEPS, validate_every=EVERY)
    resumed, straight = run(killed, config, checkpoint_every=3), run(untouched, config)
    assert (resumed.steps, straight.steps) == (STEPS, STEPS)
    assert without_times(resumed.curve) == without_times(straight.curve)
    assert_same_result(killed, untouched)


def test_ctrl_c_leaves_whole_files_only(tmp_path):
    with start(tmp_path) as child:
        wait_for_checkpoint(tmp_path, child)
        child.send_signal(signal.SIGINT)
        out, error = child.communicate()
    assert (child.returncode, out) == (130, b"")
    assert json.loads(error) == {"error": "interrupted; nothing half-written was left"}
    assert not leftovers(tmp_path)
    assert load_checkpoint(tmp_path).steps < STEPS


def test_a_failed_write_leaves_the_last_checkpoint(whole, tmp_path, monkeypatch):
    def half(state: dict, path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError("disk full")

    run(tmp_path, minutes=0)
    before = (tmp_path / "checkpoint.pt").read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(torch, "save", half)
        with pytest.raises(OSError, match="disk full"):
            run(tmp_path)
    assert (tmp_path / "checkpoint.pt").read_bytes() == before
    assert not leftovers(tmp_path)
    run(tmp_path)
    assert_same_result(whole[0], tmp_path)


@pytest.fixture
def copied(whole, tmp_path) -> Path:
    for path in whole[0].iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


@pytest.mark.parametrize("size", [0, 1, 1000, -1])
def test_truncated_checkpoint_is_named(copied, size):
    path = copied / "checkpoint.pt"
    path.write_bytes(path.read_bytes()[:size])
    for call in (lambda: run(copied), lambda: load_checkpoint(copied)):
        with pytest.raises(
            CheckpointError, match=r"checkpoint\.pt: expected a training checkpoint, got a damaged file"
        ):
            call()


@pytest.mark.parametrize("content", [{}, [1, 2], torch.zeros(3), {"config": "no JSON"}, {"config": '{"unknown": 1}'}])
def test_foreign_checkpoint_is_named(copied, content):
    torch.save(content, copied / "checkpoint.pt")
    for call in (lambda: run(copied), lambda: load_checkpoint(copied)):
        with pytest.raises(CheckpointError, match=r"checkpoint\.pt: expected"):
            call()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"backbone": "vit_giant_patch14_224"}, "the network that it names, vit_giant_patch14_224"),
        ({"dimension": 10**9}, "weight 'classifier.weight'"),
        ({"backbone": "no such network"}, "the name of a timm model, got 'no such network'"),
    ],
)
def test_a_checkpoint_of_another_network_is_refused_before_one_is_built(copied, monkeypatch, changes, message):
    saved = torch.load(copied / module.CHECKPOINT, weights_only=True)
    saved["config"] = json.dumps(json.loads(saved["config"]) | changes)
    torch.save(saved, copied / module.CHECKPOINT)
    monkeypatch.setattr(module, "build", lambda *_, **__: pytest.fail("a network was built"))
    with pytest.raises(CheckpointError, match=message):
        load_checkpoint(copied)


def test_checkpoint_with_code_inside_is_never_run(copied):
    class Evil:
        def __reduce__(self) -> tuple:
            return (os.mkdir, (str(copied / "evil"),))

    torch.save({"config": Evil()}, copied / "checkpoint.pt")
    with pytest.raises(CheckpointError, match="damaged"):
        run(copied)
    assert not (copied / "evil").exists()


def test_damaged_best_weights_are_named(copied):
    (copied / "best.pt").write_bytes(b"PK")
    for call in (lambda: run(copied), lambda: load_checkpoint(copied)):
        with pytest.raises(CheckpointError, match=r"best\.pt"):
            call()


def test_another_configuration_is_refused_and_what_differs_is_listed(copied):
    with pytest.raises(
        CheckpointError, match=r"images 192 rather than 320, seed 0 rather than 1; use another folder"
    ) as caught:
        run(copied, tiny(images=320, seed=1))
    assert "margin" not in str(caught.value)


def test_an_earlier_runs_best_weights_are_not_taken(copied):
    (copied / "checkpoint.pt").unlink()
    stopped = run(copied, tiny(dimension=5), minutes=0)
    assert same(stopped.network.state_dict(), build(5, backbone="test_efficientnet", seed=0).state_dict())
    assert load_checkpoint(copied).config.dimension == 5


def test_loading_gives_what_training_gave(whole):
    directory, trained = whole
    loaded = load_checkpoint(directory)
    assert same(loaded.network.state_dict(), trained.network.state_dict())
    assert (loaded.config, loaded.steps, loaded.finished) == (trained.config, trained.steps, trained.finished)
    assert (loaded.curve.rows, loaded.made_by) == (trained.curve.rows, trained.made_by)


def test_loading_nothing_is_named(tmp_path):
    with pytest.raises(CheckpointError, match=r"checkpoint\.pt.*no such file; run boundcheck train first"):
        load_checkpoint(tmp_path)


# ------------------------------------------------------------------------------------------------ stops and errors


def test_early_stop_by_patience(tmp_path, monkeypatch):
    found = iter([0.5, 0.7, 0.6, 0.7, 0.65, 0.9])

    class Found:
        def __init__(self, value: float) -> None:
            self.value = value

    monkeypatch.setattr(module, "precision_at_1", lambda *_: (Found(next(found)),) * 2)
    trained = run(tmp_path, tiny(images=16 * 100, patience=3, validate_every=2))
    assert (trained.steps, trained.finished) == (10, True)
    assert trained.why == "precision has not improved in 3 validations"
    assert torch.load(tmp_path / "best.pt", weights_only=True)["step"] == 4
    again = run(tmp_path, tiny(images=16 * 100, patience=3, validate_every=2))
    assert (again.steps, again.finished, load_checkpoint(tmp_path).finished) == (10, True, True)


def test_collapse_is_named(tmp_path):
    with pytest.raises(
        CollapseError, match=r"mean distance of 0 .*loss of 1 at the margin 1 .*they have become one point"
    ):
        train(FLAT, tiny(images=16 * 60), directory=tmp_path, device="cpu", progress=False)


def test_collapse_is_named_also_where_the_run_is_killed_on_the_way(tmp_path, interrupted_at):
    config = tiny(images=16 * 60)
    for step in (20, 40):
        with interrupted_at(step), pytest.raises(KeyboardInterrupt):
            train(FLAT, config, directory=tmp_path, device="cpu", progress=False, checkpoint_every=20)
    with pytest.raises(CollapseError, match="up to step 50"):
        train(FLAT, config, directory=tmp_path, device="cpu", progress=False)


@pytest.mark.parametrize(
    ("distances", "collapsed"),
    [
        ([0.0] * 49, False),
        ([0.0] * 50, True),
        ([0.0] * 49 + [1.0] + [0.0] * 49, False),
        ([1.0] * 10 + [0.019] * 50, True),
        ([0.021] * 200, False),
    ],
)
def test_collapse_is_fifty_steps_in_a_row_below_a_hundredth_of_the_margin(distances, collapsed):
    watch = module._CollapseWatch(margin=2.0)

    def see_all() -> None:
        for step, distance in enumerate(distances, 1):
            watch.see(2.0, distance, step)

    if not collapsed:
        see_all()
        return
    with pytest.raises(CollapseError, match=f"up to step {len(distances)}:"):
        see_all()


def test_exploding_training_is_named(tmp_path):
    config = tiny(learning_rate=1e30, images=16 * 100, validate_every=100)
    with pytest.raises(NonFiniteError, match=r"got (nan|inf) at step \d+; lower learning_rate"):
        run(tmp_path, config)
    assert not leftovers(tmp_path)


@pytest.mark.parametrize("rows", [slice(None), slice(1)], ids=["all", "one"])
def test_embeddings_that_are_nan_are_named_though_the_loss_leaves_them_out(tmp_path, monkeypatch, rows):
    class Spoilt(torch.nn.Linear):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            found = super().forward(images.flatten(1))
            spoilt = torch.zeros_like(found)
            spoilt[rows] = torch.nan
            return found + spoilt

    monkeypatch.setattr(module, "build", lambda *_, **__: Spoilt(32 * 32, 8))
    with pytest.raises(NonFiniteError, match="nan at step 1"):
        run(tmp_path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"checkpoint_every": 0}, "checkpoint_every: expected"),
        ({"log_every": 0}, "log_every: expected"),
        ({"minutes": -1}, "minutes: expected"),
        ({"minutes": math.nan}, "minutes: expected"),
        ({"device": "abacus"}, "device: expected a torch device that is there, got 'abacus'"),
    ],
)
def test_other_arguments_are_checked(tmp_path, options, message):
    with pytest.raises(InvalidValueError, match=message):
        run(tmp_path, **options)


def test_device_is_chosen():
    assert choose_device("cpu") == torch.device("cpu")
    assert choose_device(None).type == ("cuda" if torch.cuda.is_available() else "cpu")


def test_missing_losses_are_named_with_the_fix(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pytorch_metric_learning.losses", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'boundcheck\[omniglot\]'"):
        run(tmp_path)


@pytest.mark.parametrize("progress", [None, False])
def test_no_bar_without_a_terminal(tmp_path, capfd, progress):
    run(tmp_path, progress=progress)
    assert capfd.readouterr() == ("", "")


def test_the_bar_goes_to_standard_error(tmp_path, capfd):
    run(tmp_path, progress=True)
    out, err = capfd.readouterr()
    assert out == ""
    assert "training" in err
    assert "12/12" in err
