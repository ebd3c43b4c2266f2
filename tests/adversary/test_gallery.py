"""The gallery: what the adversary makes of statements whose truth is known, here with less time for each."""

import json
import re
import sys
from pathlib import Path

import pytest
import torch

from boundcheck.adversary import Refuted, Survived, falsify
from boundcheck.theorems import every

sys.path.insert(0, str(Path(__file__).parents[2]))
from benchmarks import gallery, gallery_sizes


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("bound", gallery.near_misses(), ids=lambda bound: bound.name)
def test_a_near_miss_is_refuted(bound):
    found = falsify(bound)
    assert isinstance(found, Refuted)
    exec(found.snippet(), {})


@pytest.mark.parametrize("bound", gallery_sizes.false(), ids=lambda bound: bound.name)
def test_what_needs_many_points_is_refuted_on_as_few_as_do(bound):
    found = falsify(bound)
    assert isinstance(found, Refuted)
    needed = NEEDED[bound.name] if bound.name in NEEDED else 1 + int(bound.name.rpartition("-")[2])
    assert max(map(len, found.points.values())) == needed


# What is not a point more than the constant.
NEEDED = {
    "many-variance-diameter-0.4": 6,
    "many-variance-diameter-0.45": 11,
    "many-radius-diameter-0.8": 6,
    "many-radius-diameter-0.9": 11,
    "many-pairs-diameter-0.8": 6,
    "many-pairs-diameter-0.9": 11,
    "many-enclosing-diameter-0.66": 8,
    "many-square-deviation-2": 7,
    "many-square-deviation-3": 11,
    "many-median-variance-0.81": 11,
    "many-outlier-variance-4": 6,
    "many-outlier-variance-9": 11,
    "many-logarithm-2": 8,
}


@pytest.mark.parametrize("bound", gallery_sizes.true(), ids=lambda bound: bound.name)
def test_with_the_number_of_points_it_survives(bound):
    assert isinstance(falsify(bound, seconds=0.5), Survived)


@pytest.mark.parametrize("name", sorted(every()))
def test_a_known_bound_survives(name):
    assert isinstance(falsify(name, seconds=0.2), Survived)


@pytest.mark.parametrize("bound", gallery.weakenings(), ids=lambda bound: bound.name)
def test_a_weakening_survives(bound):
    assert isinstance(falsify(bound, seconds=0.2), Survived)


def test_there_are_as_many_of_each_as_is_said_under_names_of_their_own():
    assert len(gallery.near_misses()) == len(gallery.weakenings()) == 24
    names = [bound.name for _, bound, _ in gallery.gallery()]
    assert len(set(names)) == len(names)


def test_the_script_writes_what_it_found_and_fails_on_a_wrong_one(tmp_path, monkeypatch):
    chosen = [row for row in gallery.gallery() if row[1].name in ("karimov-199", "chamfer-below-hausdorff")]
    monkeypatch.setattr(gallery, "gallery", lambda: chosen)
    monkeypatch.setattr(
        sys, "argv", ["gallery", "--seconds", "0.5", "--false-seconds", "0.5", "--seeds", "2", "--out", str(tmp_path)]
    )
    with pytest.raises(SystemExit) as ended:
        gallery.main()
    assert ended.value.code == 0
    found = json.loads((tmp_path / "gallery.json").read_text())
    assert (found["false refuted"], found["true survived"]) == ("2 of 2", "1 of 1")
    assert "karimov-199,false,refuted," in (tmp_path / "gallery.csv").read_text()
    wrong, true = found["statements"]
    assert wrong["witness"] == "x = 0; z = 2; w = 1"
    # Each side with how sure it is.
    assert re.fullmatch(r"left side 2 ± \S+ > right side 1\.98999… ± \S+", wrong["sides"])
    assert true["nearest"].startswith("nearest to broken: ")
    assert 0 < true["met"] <= true["cases"]
    monkeypatch.setattr(gallery, "gallery", lambda: [(kind, bound, not true) for kind, bound, true in chosen])
    with pytest.raises(SystemExit, match="not as they should be: karimov-199, chamfer-below-hausdorff"):
        gallery.main()


def test_the_script_goes_on_with_what_it_has_not_searched(tmp_path, monkeypatch):
    chosen = [row for row in gallery.gallery() if row[1].name in ("karimov-199", "karimov-nearest")]
    monkeypatch.setattr(gallery, "gallery", lambda: chosen)

    def written(*options):
        common = ["gallery", "--seeds", "1", "--out", str(tmp_path)]
        monkeypatch.setattr(sys, "argv", [*common, *options])
        with pytest.raises(SystemExit):
            gallery.main()
        return {row["name"]: row for row in json.loads((tmp_path / "gallery.json").read_text())["statements"]}

    first = written("--only", "karimov-199")
    assert list(first) == ["karimov-199"]
    both = written("--resume")
    assert both["karimov-199"] == first["karimov-199"]
    assert both.keys() == {"karimov-199", "karimov-nearest"}
    # Of a statement that is another now, nothing is kept.
    (tmp_path / "gallery.json").write_text((tmp_path / "gallery.json").read_text().replace("karimov-199: if", "k: if"))
    assert written("--resume", "--only", "nothing").keys() == {"karimov-nearest"}
