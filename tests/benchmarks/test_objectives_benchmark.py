"""The comparison of objectives: what it measures is what it says, and its pages are made of its results."""

import csv
import dataclasses
import json
import math
import sys

import numpy as np
import pytest

from benchmarks import objectives
from boundcheck.errors import InvalidValueError
from boundcheck.omniglot.config import TrainingConfig
from boundcheck.omniglot.methods import runs
from tests.synthetic import drawings, embedded, tiny

RESULTS = objectives.RESULTS


def described(seed: int = 0, **changes: object) -> objectives.EmbeddedDrawings:
    """Return embeddings with the description that a run gives them."""
    config = {**dataclasses.asdict(tiny(validation_alphabets=2)), **changes}
    training = {"config": config, "steps": 12, "finished": True, "made_by": {}, "curve": []}
    found = embedded(alphabets=10, evaluation=4, seed=seed)
    return dataclasses.replace(found, metadata={"training": training, "embedding": {}})


@pytest.fixture(scope="module")
def summary() -> dict:
    networks = {"instance": described(), "centroid": described(1, objective="centroid", alphabets=2, images=77)}
    return objectives.compared(networks, triples=200, draws=500)


def by_name(summary: dict, network: str = "instance", part: str = "trained") -> dict[str, objectives.Measure]:
    found = [objectives.Measure(**one) for one in summary["measures"]]
    return {one.name: one for one in found if (one.network, one.part) == (network, part)}


def test_parts_leave_out_what_was_validated_by():
    found = described()
    chosen = objectives.parts(found)
    alphabets = {part: set(found.alphabet[rows].tolist()) for part, rows in chosen.items()}
    assert alphabets["held out"] == {6, 7, 8, 9}
    assert len(alphabets["trained"]) == 4
    assert alphabets["trained"] < set(range(6))


def test_separation_by_brute_force(summary):
    found = described()
    chosen = objectives.parts(found)["held out"]
    centroids, classes = [], []
    for character in np.unique(found.character[chosen]):
        members = found.character == character
        centroids.append(found.embeddings[members].astype(float).mean(axis=0))
        classes.append(found.alphabet[members][0])
    within, between = [], []
    for i, first in enumerate(centroids):
        for j, second in enumerate(centroids[:i]):
            (within if classes[i] == classes[j] else between).append(float(np.linalg.norm(first - second)))
    known = by_name(summary, part="held out")
    for name, values in (("within a class", within), ("between classes", between)):
        one = known[f"centroids: median distance {name}"]
        assert one.lowest <= np.median(values) * (1 + 1e-12)
        assert one.highest >= np.median(values) * (1 - 1e-12)
        assert one.highest - one.lowest < 1e-12 * one.highest
        assert one.count == len(values)
    ratio = known["centroids: separation"]
    assert ratio.lowest == pytest.approx(np.median(within) / np.median(between), rel=1e-12)
    assert ratio.highest == pytest.approx(ratio.lowest, rel=1e-12)


def test_every_measure_says_how_sure_it_is(summary):
    for one in (objectives.Measure(**row) for row in summary["measures"]):
        assert one.lowest <= one.highest
        assert one.count > 0
        if one.certainty == "exact":
            assert (one.low, one.high) == (None, None)
            continue
        assert one.certainty in ("draws", "queries", "classes")
        # Too few classes leave a median without a limit.
        low, high = (-math.inf if one.low is None else one.low), (math.inf if one.high is None else one.high)
        assert low <= one.lowest + 1e-12
        assert high >= one.highest - 1e-12
    known = by_name(summary)
    assert known["triplets above 0"].count == 500
    assert known["m* below 0"].count == 200
    assert known["triplets above 0, one of each pair of classes"].count == 2


def test_nothing_scale_dependent_is_compared(summary):
    larger = described()
    larger = dataclasses.replace(larger, embeddings=larger.embeddings * np.float16(4))
    found = by_name(objectives.compared({"instance": larger}, triples=200, draws=500))
    for name, one in by_name(summary).items():
        scale = 4 if name.startswith("centroids: median distance") else 1
        assert found[name].lowest == pytest.approx(scale * one.lowest, rel=1e-9), name


def test_what_differs_is_named(summary):
    assert summary["networks"]["instance"]["differs"] == {}
    assert summary["networks"]["centroid"]["differs"] == {"images": 77, "alphabets": 2}
    text = objectives.pages(summary)["objectives.md"]
    assert "images 77; alphabets 2" in text
    assert "held-out alphabets: centroid" in text


def test_files_by_name():
    assert objectives.named(["a=b", "c=d=e"]) == {"a": "b", "c": "d=e"}
    for wrong in (["a"], ["=b"], ["a="], ["a=b", "a=c"]):
        with pytest.raises(InvalidValueError, match=r"^--from-embeddings: expected"):
            objectives.named(wrong)


@pytest.mark.omniglot
def test_a_finished_run_is_embedded_once(tmp_path):
    pytest.importorskip("timm")
    pytest.importorskip("pytorch_metric_learning")
    seen = []
    drawn = drawings(alphabets=8, evaluation=2)

    def source():
        seen.append("loaded")
        return drawn

    config = tiny(objective="prototype", alphabets=2, validation_alphabets=2, images=32)
    assert runs.network(config, tmp_path / "prototype", source, minutes=0, progress=False) is None
    assert not (tmp_path / "prototype.safetensors").exists()
    made = runs.network(config, tmp_path / "prototype", source, progress=False)
    assert made is not None
    assert made.metadata["training"]["best_step"] == 2
    assert len(seen) == 2
    again = runs.network(config, tmp_path / "prototype", source, progress=False)
    assert again is not None
    np.testing.assert_array_equal(again.embeddings, made.embeddings)
    assert len(seen) == 2
    start = runs.untrained(config, tmp_path / "untrained.safetensors", source)
    assert start.metadata["training"]["steps"] == 0
    assert np.abs(start.embeddings).max() == 1
    np.testing.assert_allclose(start.embeddings.astype(float).mean(axis=0), 0, atol=1e-3)
    np.testing.assert_array_equal(
        runs.untrained(config, tmp_path / "untrained.safetensors", source).embeddings, start.embeddings
    )
    assert len(seen) == 3


def test_the_command_compares_files(tmp_path, monkeypatch, capsys):
    words = ["objectives", "--runs", str(tmp_path), "--out", str(tmp_path), "--triples", "50", "--draws", "50"]
    for number, name in enumerate((*objectives.OBJECTIVES, "longer")):
        described(number, objective="instance" if name == "longer" else name).save(tmp_path / f"{name}.st")
        words += ["--from-embeddings", f"{name}={tmp_path / name}.st"]
    monkeypatch.setattr(sys, "argv", words)
    monkeypatch.setattr(TrainingConfig, "__post_init__", lambda _: None)
    objectives.main()
    summary = json.loads((tmp_path / "objectives.json").read_text(encoding="utf-8"))
    assert list(summary["networks"]) == [*objectives.OBJECTIVES, "longer"]
    assert (tmp_path / "objectives.md").read_text(encoding="utf-8") in capsys.readouterr().out
    rows = list(csv.DictReader((tmp_path / "objectives.csv").read_text(encoding="utf-8").splitlines()))
    assert len(rows) == len(summary["measures"])


# ------------------------------------------------------------------------------------------- what is in the repository


@pytest.mark.skipif(not (RESULTS / "objectives.json").exists(), reason="no results yet")
@pytest.mark.parametrize("page", ["objectives.md", "objectives.csv", *objectives._FILES.values()])
def test_pages_are_made_of_the_results(page):
    summary = json.loads((RESULTS / "objectives.json").read_text(encoding="utf-8"))
    assert (RESULTS / page).read_text(encoding="utf-8") == objectives.pages(summary)[page]


def test_results_are_of_one_budget():
    networks = json.loads((RESULTS / "objectives.json").read_text(encoding="utf-8"))["networks"]
    assert [networks[name]["config"]["objective"] for name in objectives.OBJECTIVES] == list(objectives.OBJECTIVES)
    assert all(networks[name]["differs"] == {} for name in objectives.OBJECTIVES)
