"""``boundcheck scan``: every triple, from the command line."""

import json
import sys

import numpy as np
import pytest
from click.testing import CliRunner
from synthetic import embedded

from boundcheck.cli import cli
from boundcheck.cli.run import run as run_to_its_end
from boundcheck.data.files import read_arrays, read_labelled
from boundcheck.errors import InvalidValueError
from boundcheck.scanning.blocks import EveryTriple
from boundcheck.scanning.comparison import groups_of
from boundcheck.scanning.new_classes import compare, new_classes
from boundcheck.scanning.rankings import rank
from boundcheck.scanning.run import scan

CONJECTURE = """
from boundcheck import Bound
from boundcheck.language import distance, mean, x, z
near = Bound("near", lhs=distance(mean(x), mean(z)), rhs=0.001)
"""


@pytest.fixture
def points(tmp_path):
    file = tmp_path / "points.npz"
    random = np.random.default_rng(0)
    embeddings = random.normal(size=(24, 3)) + 9 * np.repeat([0, 1], 12)[:, None]
    np.savez(file, embeddings=embeddings, collection=np.arange(24) // 3, **{"class": np.arange(24) // 12})
    return file


@pytest.fixture
def parts(tmp_path):
    """A file of eight classes, of which the last four were held out, and another embedding of the same objects."""
    random, kinds, numbers = np.random.default_rng(0), np.repeat(np.arange(8), 12), np.arange(96) // 4
    labels = {"collection": numbers, "class": kinds, "held_out": kinds >= 4}
    made = 2 * random.normal(size=(8, 3))[kinds] + random.normal(size=(24, 3))[numbers]
    for name, scale in (("objects", 1), ("groups", 5)):
        np.savez(tmp_path / f"{name}.npz", embeddings=scale * made + random.normal(size=made.shape), **labels)
    return tmp_path / "objects.npz", tmp_path / "groups.npz"


def labelled(file):
    return read_labelled(read_arrays(file))


def halves(points):
    return {"trained": points.keep(points.classes < 4), "held-out": points.keep(points.classes >= 4)}


def plain(found):
    return json.loads(json.dumps(found))


def run(*arguments):
    return CliRunner().invoke(cli, ["scan", *map(str, arguments)], standalone_mode=False)


def test_every_theorem_on_every_triple_and_a_report(points, tmp_path):
    report = tmp_path / "folder" / "report.html"
    done = run(points, "--report", report)
    assert done.return_value == 0, done.output
    assert "hold on every one of the 96 triples, certified" in " ".join(done.output.split())
    assert "<h1" in report.read_text(encoding="utf-8")


def test_verdicts_alone_with_a_journal_as_json(points, tmp_path):
    options = ("--bound", "karimov", "--verdicts", "--json", "--journal", tmp_path / "journal")
    first = json.loads(run(points, *options).output)
    again = json.loads(run(points, *options).output)
    assert first["bounds"]["karimov"]["counts"]["holds"] == 96
    assert again["resumed"] == again["blocks"] == first["blocks"]
    assert again["bounds"] == first["bounds"]


def test_an_error_of_a_block_says_where_it_was_and_what_is_kept(points, tmp_path, monkeypatch, capsys):
    grids = EveryTriple.grids

    def fails(every, block):
        if block.key == "1-0-0":
            raise InvalidValueError("m: expected another")
        return grids(every, block)

    monkeypatch.setattr(EveryTriple, "grids", fails)
    journal = tmp_path / "journal"
    monkeypatch.setattr(
        sys, "argv", f"boundcheck scan {points} --bound karimov --workers 1 --journal {journal} --json".split()
    )
    assert run_to_its_end() == 2
    said = json.loads(capsys.readouterr().err)["error"]
    assert said == f"m: expected another; block '1-0-0' of 2; 1 finished blocks are kept in {journal}"


def test_a_bound_of_ones_own_that_fails(points, tmp_path):
    mine = tmp_path / "mine.py"
    mine.write_text(CONJECTURE)
    done = run(points, "--bound", f"{mine}:near", "--json")
    assert done.return_value == 1
    known = json.loads(done.output[done.output.index("{") :])
    assert (known["verdict"], known["bounds"]["near"]["counts"]["fails"]) == ("fails", 96)


def test_a_sample_says_how_sure_it_is(points):
    done = run(points, "--bound", "karimov", "--sample", 50)
    assert done.return_value == 0
    assert "50 of 96 triples" in " ".join(done.output.split())
    known = json.loads(run(points, "--bound", "karimov", "--sample", 50, "--json").output)
    assert known["verdict"] == "holds"


def test_new_classes_of_both_parts_are_what_the_library_finds(parts, tmp_path):
    file, report = parts[0], tmp_path / "report.html"
    options = ("--bound", "karimov", "--new-classes", "--above", -0.5, "--epsilon", 0.1, "--delta", 0.2, "--draws", 300,
               "--seed", 3)  # fmt: skip
    known = json.loads(run(file, *options, "--json").output)["new_classes"]
    whole = compare(*halves(labelled(file)).values(), -0.5, epsilon=0.1, delta=0.2, draws=300, seed=3, confidence=0.8)
    assert known == plain(
        {
            "m": -0.5,
            "seed": 3,
            "parts": {"trained": whole.trained.to_dict(), "held-out": whole.held_out.to_dict()},
            "carried": whole.carried.to_dict(),
        }
    )
    done = run(file, *options, "--report", report)
    for text in (done.output, report.read_text(encoding="utf-8")):
        assert "Triplets above m = -0.5" in text
        assert "An m that holds for at least 90% of triplets" in text
    assert str(whole.carried) in report.read_text(encoding="utf-8")


def test_without_parts_all_classes_are_one(points):
    known = json.loads(run(points, "--bound", "karimov", "--new-classes", "--m", 50, "--draws", 200, "--json").output)
    found = new_classes(labelled(points), 50.0, draws=200)
    # --m is what triplets are counted above too, where nothing else is said.
    assert known["new_classes"] == plain({"m": 50.0, "seed": 0, "parts": {"all": found.to_dict()}})


def test_rankings_are_what_the_library_finds(parts, tmp_path):
    file, report = parts[0], tmp_path / "report.html"
    options = (
        "--bound",
        "karimov",
        "--rankings",
        "--by",
        "hausdorff",
        "--by",
        "centroids",
        "--triples",
        120,
        "--seed",
        2,
    )
    known = json.loads(run(file, *options, "--json").output)["rankings"]
    found = {
        name: rank(part, by=("hausdorff", "centroids"), draws=120, seed=2)
        for name, part in halves(labelled(file)).items()
    }
    assert known == plain({"seed": 2, "parts": {name: one.to_dict() for name, one in found.items()}})
    done = run(file, *options, "--report", report)
    assert "that triplets alone certify, U5 < L1" in " ".join(done.output.split())
    text = report.read_text(encoding="utf-8")
    for one in found.values():
        assert str(one.certified.certified) in text
        assert str(one.retrievals[0].reciprocal_rank) in text


def test_a_part_of_a_file(parts, tmp_path):
    file = parts[0]
    known = json.loads(run(file, "--bound", "karimov", "--part", "held-out", "--rankings", "--json").output)
    held_out = halves(labelled(file))["held-out"]
    assert known["triples"] == scan(held_out, bounds=["karimov"]).summary.triples
    assert known["rankings"]["parts"] == plain({"held-out": rank(held_out).to_dict()})
    # The array may come with the labels.
    bare, labels = tmp_path / "bare.npy", tmp_path / "labels.npz"
    arrays = read_arrays(file)
    np.save(bare, arrays.pop("embeddings"))
    np.savez(labels, **arrays)
    again = json.loads(
        run(bare, "--labels", labels, "--bound", "karimov", "--part", "held-out", "--rankings", "--json").output
    )
    assert again["rankings"] == known["rankings"]


def test_what_boundcheck_embed_wrote_has_names_and_parts(tmp_path):
    whole = embedded(alphabets=8, evaluation=4)
    whole.save(tmp_path / "embeddings.safetensors")
    options = ("--bound", "karimov", "--new-classes", "--draws", 200, "--json")
    known = json.loads(run(tmp_path / "embeddings.safetensors", *options).output)
    found = compare(whole.labelled(evaluation=False), whole.labelled(evaluation=True), draws=200)
    assert known["new_classes"]["parts"] == plain(
        {"trained": found.trained.to_dict(), "held-out": found.held_out.to_dict()}
    )
    assert known["bounds"]["karimov"]["tightest"][0]["triple"][0].startswith("Alphabet")


def test_the_shipped_embeddings_have_both_parts():
    from boundcheck.omniglot.embedded import shipped

    options = (
        "--bound",
        "karimov",
        "--sample",
        50,
        "--new-classes",
        "--rankings",
        "--draws",
        500,
        "--triples",
        60,
        "--json",
    )
    known = json.loads(run(*options).output)
    parts = {"trained": shipped().labelled(evaluation=False), "held-out": shipped().labelled(evaluation=True)}
    found = compare(*parts.values(), draws=500)
    assert known["new_classes"]["parts"] == plain(
        {"trained": found.trained.to_dict(), "held-out": found.held_out.to_dict()}
    )
    assert known["new_classes"]["carried"] == found.carried.to_dict()
    assert known["rankings"]["parts"]["held-out"] == plain(rank(parts["held-out"], draws=60).to_dict())


def test_other_embeddings_stand_beside(parts, tmp_path):
    file, other = parts
    report = tmp_path / "report.html"
    options = ("--bound", "karimov", "--bound", "chamfer", "--beside", f"group level={other}", "--delta", 0.1)
    known = json.loads(run(file, *options, "--json").output)
    apart = known["beside"]["group level"]
    for shown, where in ((known, file), (apart, other)):
        found, groups = scan(where, bounds=["karimov", "chamfer"]), groups_of(labelled(where), confidence=0.9)
        assert shown["bounds"] == plain(found.to_dict()["bounds"])
        assert shown["parameters"] == plain(found.to_dict()["parameters"])
        assert shown["separation"] == plain(groups.separation.to_dict())
        assert shown["retrieval"] == plain(groups.retrieval.to_dict())
    done = run(file, *options, "--report", report, "--journal", tmp_path / "journal")
    assert done.return_value == 0
    text = report.read_text(encoding="utf-8")
    for title in ("Median tightness", "Separation of centroids", "Collections found by their centroids"):
        assert f"{title}, scan by scan" in text
        assert title in " ".join(done.output.split())
    assert "<title>Every triple</title>" in text
    again = json.loads(run(file, *options, "--json", "--journal", tmp_path / "journal").output)
    assert again["resumed"] == again["blocks"]
    assert again["beside"]["group level"]["bounds"] == apart["bounds"]


def test_the_worst_of_all_embeddings_is_the_status(parts, tmp_path):
    file, arrays = tmp_path / "one.npz", read_arrays(parts[0])
    # Each collection at one point of its class: all distances within a class are 0.
    np.savez(file, **{**arrays, "embeddings": arrays["class"][:, None].astype(float)})
    mine = tmp_path / "mine.py"
    mine.write_text(CONJECTURE)
    assert run(file, "--bound", f"{mine}:near").return_value == 0
    assert run(file, "--bound", f"{mine}:near", "--beside", f"other={parts[0]}").return_value == 1


def saved(path, arrays, **changes):
    np.savez(path, **{**arrays, **changes})
    return path


def test_what_cannot_stand_beside_is_named_before_any_work(parts, tmp_path, monkeypatch):
    file, arrays = parts[0], read_arrays(parts[0])
    monkeypatch.setattr("boundcheck.scanning.run.scan", None)
    numbers, kinds = arrays["collection"], arrays["class"]
    path = tmp_path / "it.npz"
    wrong = {
        "a collection": {"collection": numbers + (numbers == 23)},
        "the class": {"class": np.where(numbers == 23, 0, kinds)},
        "4 objects in collection": {"collection": np.where(np.arange(96) == 95, 22, numbers)},
        "24 collections": {"collection": np.minimum(numbers, 22)},
        "collection labels": {"collection": numbers[1:]},
    }
    for said, changes in wrong.items():
        done = run(file, "--beside", f"it={saved(path, arrays, **changes)}")
        assert f"--beside it={path}: " in str(done.exception), said
        assert said in str(done.exception)
    for word, said in (
        ("it=nothing.npz", "--beside it=nothing.npz: path: expected a file of embeddings, got no such file"),
        ("nothing.npz", "--beside: expected NAME=FILE, got 'nothing.npz'"),
        ("=nothing.npz", "--beside: expected NAME=FILE"),
        ("it=", "--beside: expected NAME=FILE"),
    ):
        assert said in str(run(file, "--beside", word).exception)
    one = saved(tmp_path / "one.npz", arrays, **{"class": np.zeros(96, dtype=int)})
    assert "--beside: labelled: expected two classes" in str(
        run(one, "--bound", "karimov", "--beside", f"it={one}").exception
    )
    assert "'it' twice" in str(run(file, "--beside", f"it={file}", "--beside", f"it={file}").exception)


@pytest.mark.parametrize(
    ("changes", "options", "said"),
    [
        ({"held_out": np.arange(96)}, ("--new-classes",), "held_out: expected True or False"),
        ({"held_out": np.arange(96) < 50}, ("--rankings",), "objects of both in class '4'"),
        ({"held_out": np.arange(96) < 50}, ("--part", "trained"), "objects of both in class '4'"),
        ({"held_out": np.zeros(95, dtype=bool)}, ("--rankings",), "held_out: expected shape (96,)"),
        ({"held_out": np.zeros(96, dtype=bool)}, ("--part", "held-out"), "--part held-out: no class"),
        (
            {"held_out": np.arange(96) >= 84},
            ("--new-classes",),
            "--new-classes, held-out classes: collections: expected two",
        ),
        ({"held_out": np.arange(96) >= 84}, ("--rankings",), "--rankings, held-out classes: collections: expected two"),
    ],
)
def test_parts_that_say_nothing_are_named(parts, tmp_path, changes, options, said):
    file = saved(tmp_path / "it.npz", read_arrays(parts[0]), **changes)
    assert said in str(run(file, "--bound", "karimov", *options).exception)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--scheduler", "tcp://localhost:1"), "--engine dask"),
        (("--scheduler", ""), "--engine dask"),
        (("--engine", "dask", "--scheduler", ""), "scheduler: expected an address of a Dask scheduler"),
        (("--engine", "dask", "--scheduler", "localhost"), "scheduler: expected an address of a Dask scheduler"),
        (("--repair-journal",), "--journal"),
        (("--sample", "9", "--report", "r.html"), "--sample"),
        (("--sample", "9", "--beside", "a=b.npz"), "--sample"),
        (("--sample", "9", "--engine", "local"), "--engine is of a scan of every triple"),
        (("--sample", "9", "--workers", "2"), "--workers is of a scan of every triple"),
        (("--sample", "9", "--top", "3"), "--top is of a scan of every triple"),
        (("--data", "nowhere"), "--data goes with --report"),
        (("--part", "trained"), "--part trained needs an array 'held_out' or 'evaluation'"),
        (("--norm", "1", "--new-classes"), "--norm"),
        (("--norm", "inf", "--rankings"), "--norm"),
        (("--norm", "1", "--beside", "a=b.npz"), "--norm"),
        (("--above", "1"), "--above goes with --new-classes"),
        (("--epsilon", "0.1", "--rankings"), "--epsilon goes with --new-classes"),
        (("--draws", "9"), "--draws goes with --new-classes"),
        (("--by", "chamfer"), "--by goes with --rankings"),
        (("--triples", "9", "--new-classes"), "--triples goes with --rankings"),
        (("--delta", "0.1"), "--delta goes with"),
        (("--rankings", "--delta", "1e-20"), "1e-15<=x<1"),
        (("--new-classes", "--delta", "1"), "1e-15<=x<1"),
        (("--new-classes", "--epsilon", "1"), "0<x<1"),
        (("--new-classes", "--epsilon", "nan"), "epsilon"),
        (("--new-classes", "--above", "nan"), "m: expected a finite number"),
        (("--new-classes", "--draws", "9"), "draws: expected at least 59"),
        (("--bound", "separation-any-norm-nothing"), "separation-any-norm-nothing"),
        (("--bound", "transport", "--m", "1", "--bound", "nothing"), "nothing"),
    ],
)
def test_options_that_do_not_go_together(points, options, said):
    done = run(points, *options)
    assert said in str(done.exception)
