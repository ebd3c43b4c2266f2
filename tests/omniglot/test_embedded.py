"""Embedded drawings: what is written is what is read, nothing else is, and what the package ships is what it says."""

import dataclasses
import os
import shlex
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file
from synthetic import drawings, embedded, tiny

from boundcheck.errors import FileFormatError, InvalidValueError, NonFiniteError
from boundcheck.limits import ClusteredShare
from boundcheck.omniglot import embedded as module
from boundcheck.omniglot.data import ALPHABETS
from boundcheck.omniglot.embedded import EmbeddedDrawings, embed_drawings, load, shipped
from boundcheck.omniglot.training import Curve, TrainedNetwork, train, validation_alphabets

LABELS = ("alphabet", "character", "drawer", "evaluation")


@pytest.fixture
def saved(tmp_path) -> Path:
    path = tmp_path / "embeddings.safetensors"
    dataclasses.replace(embedded(), metadata={"seed": 3, "name": "Ünïcode ‖x‖"}).save(path)
    return path


def change(
    path: Path, tensors: Callable[[dict], object] = lambda _: None, metadata: Callable[[dict], object] = lambda _: None
) -> None:
    """Change what a file holds, and nothing else of it."""
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as file:
        described = file.metadata()
    arrays = load_file(path)
    tensors(arrays)
    metadata(described)
    save_file(arrays, path, described)


# --------------------------------------------------------------------------------------------------------- files


def test_what_is_saved_is_loaded(saved):
    before, after = embedded(), load(saved)
    assert after.embeddings.dtype == np.float16
    for name in ("embeddings", *LABELS):
        np.testing.assert_array_equal(getattr(after, name), getattr(before, name))
        assert getattr(after, name).dtype == getattr(before, name).dtype
    assert (after.alphabet_names, after.character_names) == (before.alphabet_names, before.character_names)
    assert after.metadata == {"seed": 3, "name": "Ünïcode ‖x‖"}
    assert len(after) == 120


def test_views_are_saved_by_value(tmp_path):
    whole = embedded()
    view = dataclasses.replace(
        whole, embeddings=np.asfortranarray(whole.embeddings), **{name: getattr(whole, name)[::-1] for name in LABELS}
    )
    view.save(tmp_path / "view.safetensors")
    after = load(tmp_path / "view.safetensors")
    for name in ("embeddings", *LABELS):
        np.testing.assert_array_equal(getattr(after, name), getattr(view, name))


def test_a_failed_save_leaves_the_old_file(saved):
    before = saved.read_bytes()
    with pytest.raises(ValueError, match="Out of range float"):
        dataclasses.replace(embedded(), metadata={"loss": float("nan")}).save(saved)
    assert saved.read_bytes() == before
    assert os.listdir(saved.parent) == [saved.name]


def test_missing_file_is_named(tmp_path):
    with pytest.raises(FileFormatError, match=r"none\.safetensors.*no such file; write one with boundcheck embed"):
        load(tmp_path / "none.safetensors")
    with pytest.raises(FileFormatError):
        load(tmp_path)


@pytest.mark.parametrize("size", [0, 7, 100, -1])
def test_truncated_file_is_named(saved, size):
    saved.write_bytes(saved.read_bytes()[:size])
    with pytest.raises(FileFormatError, match=r"embeddings\.safetensors: expected a readable \.safetensors file"):
        load(saved)


@pytest.mark.parametrize("content", [b"text, and no tensors", b"\xff" * 64, b"PK\x03\x04" + b"\0" * 60])
def test_file_of_another_format_is_named(tmp_path, content):
    path = tmp_path / "foreign.safetensors"
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match="foreign"):
        load(path)


def test_tensors_of_something_else_are_named_with_what_they_lack(tmp_path):
    save_file({"embeddings": np.zeros((2, 3), dtype=np.float16)}, tmp_path / "other.safetensors")
    with pytest.raises(FileFormatError, match="without alphabet, character, drawer, evaluation, alphabet_names"):
        load(tmp_path / "other.safetensors")


@pytest.mark.parametrize("name", ["embeddings", *LABELS])
def test_a_tensor_that_is_missing_is_named(saved, name):
    change(saved, lambda arrays: arrays.pop(name))
    with pytest.raises(FileFormatError, match=f"a file without {name}"):
        load(saved)


@pytest.mark.parametrize("name", ["alphabet_names", "character_names", "boundcheck"])
@pytest.mark.parametrize("text", [None, "[1, 2", "7"])
def test_metadata_that_is_missing_or_damaged_is_named(saved, name, text):
    change(saved, metadata=lambda described: described.pop(name) if text is None else described.update({name: text}))
    with pytest.raises(FileFormatError, match=r"embeddings\.safetensors"):
        load(saved)


@pytest.mark.parametrize(
    ("name", "replacement"),
    [
        ("embeddings", np.zeros((120, 4), dtype=np.float32)),
        ("embeddings", np.zeros((120, 4, 1), dtype=np.float16)),
        ("embeddings", np.full((120, 4), np.nan, dtype=np.float16)),
        ("embeddings", np.zeros((119, 4), dtype=np.float16)),
        ("alphabet", np.full(120, 6, dtype=np.int16)),
        ("alphabet", np.full(120, -1, dtype=np.int16)),
        ("character", np.full(120, 24, dtype=np.int16)),
        ("character", np.zeros(120, dtype=np.float32)),
        ("drawer", np.zeros((120, 1), dtype=np.int16)),
        ("evaluation", np.zeros(3, dtype=np.uint8)),
    ],
)
def test_arrays_that_do_not_fit_together_are_named(saved, name, replacement):
    change(saved, lambda arrays: arrays.update({name: replacement}))
    with pytest.raises(FileFormatError, match=r"embeddings\.safetensors, \w+: expected"):
        load(saved)


def test_bfloat16_is_named(saved):
    from safetensors.torch import save_file as save_torch

    save_torch({"embeddings": torch.zeros(2, 3, dtype=torch.bfloat16)}, saved)
    with pytest.raises(FileFormatError, match="embeddings"):
        load(saved)


# -------------------------------------------------------------------------------------------------------- labels


def test_collections_are_characters_and_classes_are_alphabets():
    whole = embedded()
    labelled = whole.labelled()
    assert set(labelled.names) == set(whole.character_names)
    assert labelled.class_names == whole.alphabet_names
    for position, name in enumerate(labelled.names):
        assert name.startswith(labelled.class_names[labelled.classes[position]] + "/")
        rows = labelled.members[position]
        np.testing.assert_array_equal(
            labelled.points[rows], whole.embeddings[whole.character == whole.character_names.index(name)]
        )


@pytest.mark.parametrize(("evaluation", "alphabets"), [(False, [0, 1, 2, 3]), (True, [4, 5]), (None, range(6))])
def test_one_part_has_its_alphabets_only(evaluation, alphabets):
    assert embedded().labelled(evaluation=evaluation).class_names == tuple(f"Alphabet{a}" for a in alphabets)


# ----------------------------------------------------------------------------------------------------- embedding


class Ink(torch.nn.Module):
    """Embed a drawing as the mean ink of its rows."""

    def __init__(self, scale: float = 1.0) -> None:
        super().__init__()
        self.scale = scale

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.scale * images.mean(dim=(1, 3))


@pytest.fixture
def trained() -> TrainedNetwork:
    return TrainedNetwork(Ink(), tiny(), Curve([{"step": 1, "loss": 0.5}]), 1, True, "done", {"commit": "abc"})


@pytest.mark.omniglot
def test_embedding_measures_what_was_learned(trained, tmp_path):
    pytest.importorskip("timm")
    drawn = drawings()
    found = embed_drawings(trained, drawn)
    assert found.embeddings.shape == (len(drawn), 32)
    assert found.embeddings.dtype == np.float16
    assert found.metadata["training"] == {
        "config": dataclasses.asdict(tiny()),
        "steps": 1,
        "finished": True,
        "made_by": {"commit": "abc"},
        "curve": [{"step": 1, "loss": 0.5}],
        "health": [],
    }
    assert {"commit", "command"} <= found.metadata["embedding"].keys()
    rows = found.metadata["precision_at_1"]
    counts = {"trained alphabets": 72, "validation alphabets": 24, "evaluation alphabets": 48}
    assert [(row["part"], row["count"]) for row in rows] == [(part, n) for part, n in counts.items() for _ in range(3)]
    assert [row["representation"] for row in rows[:3]] == ["trained network", "untrained network", "raw pixels"]
    found.save(tmp_path / "found.safetensors")
    assert load(tmp_path / "found.safetensors").metadata == found.metadata


@pytest.mark.omniglot
def test_precision_is_counted_within_each_part(trained):
    pytest.importorskip("timm")
    drawn = drawings()
    found = embed_drawings(trained, drawn)
    kept = np.isin(drawn.alphabet, validation_alphabets(drawn.subset(~drawn.evaluation), trained.config))
    chosen = {
        "trained alphabets": ~kept & ~drawn.evaluation,
        "validation alphabets": kept,
        "evaluation alphabets": drawn.evaluation,
    }
    pixels = drawn.images.reshape(len(drawn), -1)
    for row in found.metadata["precision_at_1"]:
        points = {"trained network": found.embeddings, "raw pixels": pixels}.get(row["representation"])
        if points is None:
            continue
        part = chosen[row["part"]]
        distance = np.linalg.norm(points[part][:, None].astype(float) - points[part][None].astype(float), axis=2)
        np.fill_diagonal(distance, np.inf)
        nearest = distance.argmin(axis=1)
        for key, labels in (("same_character", drawn.character[part]), ("same_alphabet", drawn.alphabet[part])):
            assert abs(row[key] - np.sum(labels[nearest] == labels)) <= 1
            of_alphabets = list(row["alphabets"].values())
            names = [drawn.alphabet_names[number] for number in np.unique(drawn.alphabet[part])]
            assert list(row["alphabets"]) == names
            column = ("same_character", "same_alphabet").index(key) + 1
            assert sum(counts[column] for counts in of_alphabets) == row[key]
            assert [counts[0] for counts in of_alphabets] == [
                np.sum(drawn.alphabet[part] == number) for number in np.unique(drawn.alphabet[part])
            ]


@pytest.mark.omniglot
def test_progress_counts_both_networks(trained):
    pytest.importorskip("timm")
    counts = []
    embed_drawings(trained, drawings(), advance=counts.append)
    assert sum(counts) == 2 * len(drawings())


@pytest.mark.parametrize("scale", [1e6, np.inf, np.nan])
def test_what_does_not_fit_in_float16_is_named(trained, scale):
    with pytest.raises(NonFiniteError, match="embeddings: expected numbers that fit in float16"):
        embed_drawings(dataclasses.replace(trained, network=Ink(scale)), drawings())


def test_a_device_that_is_not_there_is_named(trained):
    with pytest.raises(InvalidValueError, match=r"device: .*'abacus'"):
        embed_drawings(trained, drawings(), device="abacus")


@pytest.mark.omniglot
def test_a_trained_network_is_embedded_as_it_was_validated(tmp_path):
    pytest.importorskip("pytorch_metric_learning")
    drawn = drawings()
    config = tiny(validation_alphabets=2)
    found = train(drawn.subset(~drawn.evaluation), config, directory=tmp_path, device="cpu", progress=False)
    (row,) = (
        row
        for row in embed_drawings(found, drawn).metadata["precision_at_1"]
        if (row["part"], row["representation"]) == ("validation alphabets", "trained network")
    )
    best = max(row["validation_character_precision"] or 0 for row in found.curve.rows)
    # Embeddings are rounded to float16, so a neighbour may change.
    assert row["same_character"] / row["count"] == pytest.approx(best, abs=0.05)


# ------------------------------------------------------------------------------------------------ what is shipped


@pytest.fixture(scope="module")
def default() -> EmbeddedDrawings:
    return shipped()


def test_shipped_file_is_small():
    assert (files("boundcheck.omniglot") / "shipped" / module._SHIPPED).stat().st_size <= 6_000_000


def test_shipped_embeddings_are_of_every_drawing(default):
    assert default.embeddings.shape == (32_460, 64)
    assert default.embeddings.dtype == np.float16
    assert np.isfinite(default.embeddings).all()
    assert (int(np.sum(~default.evaluation)), int(np.sum(default.evaluation))) == (19_280, 13_180)
    assert default.alphabet_names == (*ALPHABETS["background"], *ALPHABETS["evaluation"])
    assert len(default.character_names) == 1_623


def test_shipped_labels_are_omniglots(default):
    for part, flag in (("background", False), ("evaluation", True)):
        chosen = default.evaluation == flag
        for name, characters in ALPHABETS[part].items():
            own = chosen & (default.alphabet == default.alphabet_names.index(name))
            assert own.sum() == 20 * characters
            assert {default.character_names[c] for c in default.character[own]} == {
                f"{name}/character{number:02d}" for number in range(1, characters + 1)
            }
    _, counts = np.unique(default.character, return_counts=True)
    assert set(counts) == {20}
    assert len({*zip(default.character.tolist(), default.drawer.tolist(), strict=True)}) == 32_460
    assert set(default.drawer.tolist()) == set(range(1, 21))


def test_shipped_metadata_says_how_they_came_to_be(default):
    training = default.metadata["training"]
    assert training["config"]["backbone"] == "efficientnet_b2"
    assert training["config"]["seed"] >= 0
    assert len(training["made_by"]["commit"]) >= 40
    assert training["made_by"]["command"].startswith("boundcheck ")
    assert training["made_by"]["device"]
    assert training["steps"] > 500
    assert {"step", "loss", "validation_character_precision"} <= training["curve"][0].keys()
    assert training["curve"][-1]["step"] <= training["steps"]
    assert len(default.metadata["embedding"]["commit"]) >= 40
    for made_by in (training["made_by"], default.metadata["embedding"]):
        assert not [word for word in shlex.split(made_by["command"]) if word.startswith(("/", "..", "~"))]


def test_shipped_curve_is_of_a_run_that_learned_and_did_not_collapse(default):
    training = default.metadata["training"]
    rows, margin = training["curve"], training["config"]["margin"]
    found = [row["validation_character_precision"] for row in rows if row["validation_character_precision"]]
    assert max(found) > found[0]
    assert min(row["mean_distance"] for row in rows if row["mean_distance"] is not None) > 0.01 * margin


def test_shipped_embeddings_are_not_normalised(default):
    norms = np.linalg.norm(default.embeddings.astype(np.float64), axis=1)
    assert np.ptp(norms) > 0.1 * norms.mean()


def limits_by_alphabet(row, key):
    counts, *successes = zip(*row["alphabets"].values(), strict=True)
    return ClusteredShare(successes[("same_character", "same_alphabet").index(key)], counts).limits


def test_shipped_precision_of_each_row_is_by_alphabet(default):
    rows = default.metadata["precision_at_1"]
    assert len(rows) == 9
    for row in rows:
        totals = [sum(column) for column in zip(*row["alphabets"].values(), strict=True)]
        assert totals == [row["count"], row["same_character"], row["same_alphabet"]]
        chosen = np.isin(default.alphabet, [default.alphabet_names.index(name) for name in row["alphabets"]])
        assert np.count_nonzero(chosen) == row["count"]


@pytest.mark.parametrize("key", ["same_character", "same_alphabet"])
@pytest.mark.parametrize("baseline", ["untrained network", "raw pixels"])
def test_shipped_network_beats_the_baselines_on_alphabets_it_never_saw(default, key, baseline):
    limits = {
        row["representation"]: limits_by_alphabet(row, key)
        for row in default.metadata["precision_at_1"]
        if row["part"] == "evaluation alphabets"
    }
    assert limits["trained network"][0] > limits[baseline][1]


def test_shipped_precision_is_that_of_the_shipped_embeddings(default):
    (row,) = (
        row
        for row in default.metadata["precision_at_1"]
        if (row["part"], row["representation"]) == ("evaluation alphabets", "trained network")
    )
    chosen = default.evaluation
    found = module.precision_at_1(default.embeddings[chosen], default.character[chosen], default.alphabet[chosen])
    # Another machine may round near ties another way.
    for share, key in zip(found, ("same_character", "same_alphabet"), strict=True):
        assert share.count == row["count"]
        assert abs(share.successes - row[key]) <= 5
