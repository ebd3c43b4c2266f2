"""The command line: what it prints where, and the exit status that a script relies on."""

import csv
import json
import os
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner
from synthetic import drawings, embedded, tiny

import boundcheck
from boundcheck import K, Verdict, check_bound, cli, theorems
from boundcheck.cli.statuses import status_of
from boundcheck.evaluate import explain
from boundcheck.formal import bound_latex
from boundcheck.language import farthest, largest, m, w, x
from boundcheck.omniglot import data, experiment, training
from boundcheck.omniglot.embedded import load
from boundcheck.theorems.published import FIELDS, PUBLISHED

#: Theorem K without its 2, which is false.
PLANTED = replace(K, name="planted", rhs=largest(m, farthest(x, w)), chain=())

# The example that shows that K's constant is least: both sides are 2, and no m below 1 will do.
TIGHT = {"G1": [[0.0]], "G2": [[2.0]], "G3": [[1.0]]}
TRIPLE = {"G1": [[0.0], [1.0]], "G2": [[1.0], [2.0]], "G3": [[4.0], [5.0]]}
FORMATS = ("npz", "safetensors", "parquet")


@dataclass(frozen=True)
class Done:
    status: int
    out: str
    err: str

    @property
    def json(self) -> dict:
        """What was printed; anything but one strict JSON document on standard output fails."""
        return json.loads(self.out, parse_constant=lambda name: pytest.fail(name))

    @property
    def error(self) -> str:
        """The message on standard error with --json, nothing being on standard output."""
        assert self.out == ""
        (message,) = json.loads(self.err).values()
        return message


@pytest.fixture
def run(monkeypatch, capsys):
    """Call the entry point in this process."""

    def call(*words: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["boundcheck", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return Done(ended.value.code, *capsys.readouterr())

    return call


def shell(*words: object, **environment: str) -> Done:
    """Call the entry point in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "boundcheck.cli", *map(str, words)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, **environment},
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def labelled() -> dict[str, np.ndarray]:
    whole = embedded()
    return {
        "embeddings": whole.embeddings.astype(np.float32),
        "collection": np.array(whole.character_names)[whole.character],
        "class": np.array(whole.alphabet_names)[whole.alphabet],
    }


def save(path: Path, arrays: dict[str, np.ndarray]) -> Path:
    """Write arrays in the format that the name says."""
    if path.suffix == ".npz":
        np.savez(path, **arrays)
    elif path.suffix == ".parquet":
        pyarrow = pytest.importorskip("pyarrow")
        from pyarrow import parquet

        columns = {name: list(array) if array.ndim == 2 else array for name, array in arrays.items()}
        parquet.write_table(pyarrow.table(columns), path)
    else:
        from safetensors.numpy import save_file

        # The format has no text: labels are numbers.
        numbers = {name: np.unique(array, return_inverse=True)[1] for name, array in arrays.items() if array.ndim == 1}
        save_file({**arrays, **numbers}, path)
    return path


@pytest.fixture
def triple_file(tmp_path) -> Path:
    return save(tmp_path / "triple.npz", {name: np.array(points) for name, points in TRIPLE.items()})


@pytest.fixture
def labelled_file(tmp_path, labelled) -> Path:
    return save(tmp_path / "labelled.npz", labelled)


# ------------------------------------------------------------------------------------------------ help and version


def test_version():
    done = CliRunner().invoke(cli.cli, ["--version"])
    assert (done.exit_code, done.output) == (0, f"boundcheck, version {boundcheck.__version__}\n")


@pytest.mark.parametrize(
    "command", [(), ("check",), ("demo",), ("embed",), ("list",), ("reproduce",), ("show",), ("train",)]
)
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help(command, option):
    done = CliRunner().invoke(cli.cli, [*command, option])
    assert done.exit_code == 0
    assert done.output.startswith("Usage:")
    assert ("--json" in done.output) == bool(command)


def test_help_names_the_statuses():
    assert "0 the bound holds, 1 it fails, 2 bad usage or input, 3 undecided" in " ".join(
        CliRunner().invoke(cli.cli, ["--help"]).output.split()
    )


def test_every_option_is_explained():
    for command in cli.cli.commands.values():
        assert command.help
        assert not [option.name for option in command.params if isinstance(option, click.Option) and not option.help]


def test_entry_point_is_installed():
    assert shell("--version").out == f"boundcheck, version {boundcheck.__version__}\n"
    installed = Path(sys.executable).with_name("boundcheck")
    done = subprocess.run([installed, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"boundcheck, version {boundcheck.__version__}\n"


# ------------------------------------------------------------------------------------------------ check, one triple


def test_a_triple_in_npz(run, triple_file):
    done = run("check", triple_file, "--json")
    assert (done.status, done.err) == (0, "")
    assert done.json == check_bound(None, *TRIPLE.values()).to_dict()
    assert done.json["verdict"] == "holds"


def test_a_triple_as_text(run, triple_file):
    done = run("check", triple_file)
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("holds  ")
    assert "left side" in done.out


def test_a_triple_in_npy(run, tmp_path):
    points = np.random.default_rng(0).normal(size=(3, 5, 4))
    np.save(tmp_path / "x.npy", points)
    done = run("check", tmp_path / "x.npy", "--json")
    assert done.status == 0
    assert done.json == check_bound(None, *points).to_dict()
    assert done.json["sizes"] == {"G1": 5, "G2": 5, "G3": 5}


@pytest.mark.parametrize("norm", ["1", "2", "3.5", "inf"])
def test_norm(run, triple_file, norm):
    found = run("check", triple_file, "--norm", norm, "--json").json
    assert found["norm"] == ("inf" if norm == "inf" else float(norm))


def test_any_sizes(run, tmp_path):
    path = save(tmp_path / "x.npz", {name: np.array(points) for name, points in {**TRIPLE, "G3": [[4.0]]}.items()})
    refused = run("check", path, "--json")
    assert refused.status == 2
    assert "G3: expected 2 objects like G1, got 1" in refused.error
    done = run("check", path, "--any-sizes", "--json")
    assert (done.status, done.json["bound"]) == (0, "karimov-any-sizes")


def test_vacuous_and_undecided_are_3(run, tmp_path):
    path = save(tmp_path / "x.npz", {name: np.array(points) for name, points in TIGHT.items()})
    done = run("check", path, "--m", "0.5", "--json")
    assert (done.status, done.json["verdict"]) == (3, "vacuous")
    assert [status_of(verdict) for verdict in (Verdict.UNDECIDED, Verdict.FAILS, Verdict.HOLDS)] == [3, 1, 0]


def test_vacuous_is_3(run, triple_file):
    done = run("check", triple_file, "--m", "-3.5", "--json")
    assert (done.status, done.json["verdict"]) == (3, "vacuous")
    assert done.json["notes"]


def test_failing_is_1(run, tmp_path, monkeypatch):
    monkeypatch.setattr(theorems, "KNOWN", {"planted": PLANTED})
    path = save(tmp_path / "x.npz", {name: np.array(points) for name, points in TIGHT.items()})
    done = run("check", path, "--bound", "planted", "--json")
    assert (done.status, done.json["verdict"]) == (1, "fails")
    assert run("check", path, "--bound", "planted").out.startswith("fails")


def test_aggregator(run, triple_file):
    done = run("check", triple_file, "--aggregator", "medoid", "--json")
    assert done.status == 0
    assert done.json == check_bound(None, *TRIPLE.values(), aggregator="medoid").to_dict()
    assert run("check", triple_file, "--aggregator", "sum", "--json").json["bound"] == "sum"


def test_all_bounds(run, tmp_path):
    points = dict(zip(("G1", "G2", "G3"), np.random.default_rng(0).normal(size=(3, 5, 4)), strict=True))
    path = save(tmp_path / "x.npz", points)
    done = run("check", path, "--bound", "all", "--json")
    assert (done.status, done.err) == (0, "")
    assert done.json == check_bound(None, *points.values(), bound="all").to_dict()
    text = run("check", path, "--bound", "all")
    assert text.status == 0
    assert text.out.startswith("holds  7 upper and 5 lower bounds")
    for words in ("two-sided", "upper bounds on the distance of G1 and G2", "not here: sum (about the sum)"):
        assert words in text.out
    medoid = run("check", path, "--bound", "all", "--aggregator", "medoid", "--json")
    assert [row["bound"] for row in medoid.json["upper"]] == ["hull", "hausdorff"]


def test_a_head_cannot_be_given(run, tmp_path):
    points = dict(zip(("G1", "G2", "G3"), np.random.default_rng(0).normal(size=(3, 5, 4)), strict=True))
    done = run("check", save(tmp_path / "x.npz", points), "--bound", "lipschitz-head")
    assert done.status == 2
    assert "--bound lipschitz-head speaks of a head, which is a function" in done.err


# ------------------------------------------------------------------------------------------------- list and show


def test_list(run):
    done = run("list", "--json")
    assert (done.status, done.err) == (0, "")
    assert [row["name"] for row in done.json] == list(theorems.KNOWN)
    for row in done.json:
        bound = theorems.get(row["name"])
        assert row["statement"] == bound.statement
        assert row["status"] == ("with a proof" if bound.proof else "tested")
        assert row["space"] == bound.space.value
    text = run("list")
    assert text.status == 0
    words = text.out.split()
    # A name of a theorem is no check of it.
    assert "proved" not in words
    for bound in theorems.KNOWN.values():
        assert {bound.name, *bound.title.split()} <= set(words)


def test_list_of_the_library(run):
    done = run("list", "--published", "--json")
    assert (done.status, done.err) == (0, "")
    assert [row["name"] for row in done.json] == list(PUBLISHED)
    for row in done.json:
        statement = PUBLISHED[row["name"]]
        assert row["statement"] == statement.bound.statement
        assert (row["published"]["year"], row["published"]["status"]) == (statement.year, statement.status.value)
    text = run("list", "--published")
    assert text.status == 0
    words = set(text.out.split())
    for statement in PUBLISHED.values():
        assert {
            statement.name,
            f"{statement.status.value},",
            str(statement.year),
            *statement.bound.title.split(),
        } <= words
    assert all(set(field.split()) <= words for field in FIELDS)


def test_show_of_the_library(run):
    done = run("show", "energy-distance-sup-norm", "--json").json["published"]
    assert (done["field"], done["status"], done["reading of"]) == ("transport", "refuted", "energy-distance")
    assert done["counterexample"] == {
        "norm": "inf",
        "points": {"x": [[0, 0, 1], [0, 0, -1]], "z": [[1, 1, 0], [1, -1, 0], [-1, 1, 0]]},
    }
    text = run("show", "energy-distance-sup-norm").out
    assert "fails at      x = (0, 0, 1), (0, 0, −1); z = (1, 1, 0), (1, −1, 0), (−1, 1, 0);" in text
    assert "tested" not in text
    text = " ".join(run("show", "encoded-mean").out.split())
    assert "equal at x = 0; z = 1; L = 4; g(v) = 4·v" in text
    assert "proved (boundcheck falsify encoded-mean looks for a counterexample)" in text
    text = " ".join(run("show", "jung").out.split())
    assert "survived (boundcheck falsify jung looks for a counterexample)" in text
    assert "published" not in run("show", "karimov", "--json").json


@pytest.mark.parametrize(
    "name", ["karimov", "variance", "coordinate-median-euclidean", "karimov-2-triangle", "lipschitz-head", "farthest"]
)
def test_show(run, name):
    bound = theorems.get(name)
    done = run("show", name, "--json")
    assert done.status == 0
    assert done.json["name"] == name
    assert done.json["latex"] == bound_latex(bound)
    assert [premise["statement"] for premise in done.json["premises"]] == list(map(str, bound.premises))
    assert [link["name"] for link in done.json["chain"]] == [link.name for link in bound.chain]
    assert done.json["sharpness"] == (bound.sharpness or None)
    assert done.json["citation"] == bound.citation
    text = run("show", name)
    assert text.status == 0
    assert text.out.startswith(bound.title)
    words = "".join(text.out.split())
    assert f"(boundcheckprove{name}hasCoqcheckit)" in words
    for part in (bound.statement, bound_latex(bound), bound.sharpness, bound.proof or "tested", bound.citation):
        assert all(word in words for word in part.split())


def test_show_how_it_is_computed(run):
    done = run("show", "chamfer", "--plan")
    assert done.status == 0
    # As a table, whatever the terminal's width.
    assert done.out == explain(theorems.get("chamfer")) + "\n"
    summary = run("show", "chamfer", "--plan", "--json").json
    assert summary["results"] == {"m*": 3, "lhs": 6, "rhs": 8}
    assert [step["kernel"] for step in summary["steps"]] == ["of_rows", "of_rows", *[None] * 6]
    assert summary["steps"][0]["used"] == [3, 7]
    assert summary["steps"][2] == {
        "value": "max_i (−[1] + [2])",
        "by": "reduction",
        "kernel": None,
        "cost": "n",
        "needs": [1, 2],
        "used": ["m*"],
    }


def test_show_of_a_bound_without_a_proof(run, monkeypatch):
    monkeypatch.setattr(theorems, "KNOWN", {"planted": replace(PLANTED, proof=None, sharpness="")})
    assert "tested" in run("show", "planted").out
    assert run("show", "planted", "--json").json["status"] == "tested"
    assert run("list", "--json").json[0]["status"] == "tested"


def test_an_unknown_bound_lists_the_known(run):
    done = run("show", "nothing", "--json")
    assert done.status == 2
    assert done.error.startswith("bound: expected one of karimov, karimov-any-sizes, transport, chamfer")
    assert done.error.endswith("got 'nothing'")
    assert (run("show", "nothing").status, run("show", "nothing").out) == (2, "")


# ---------------------------------------------------------------------------------------------- check, many triples


@pytest.mark.parametrize("kind", FORMATS)
def test_labelled_embeddings(run, tmp_path, labelled, kind):
    path = save(tmp_path / f"x.{kind}", labelled)
    done = run("check", path, "--triples", 50, "--json")
    assert (done.status, done.err) == (0, "")
    assert done.json["verdict"] == "holds"
    assert done.json["counts"] == {"holds": 50, "fails": 0, "undecided": 0, "vacuous": 0}


def test_labelled_embeddings_as_text(run, labelled_file):
    done = run("check", labelled_file, "--triples", 50)
    assert (done.status, done.err) == (0, "")
    for words in (
        "holds",
        "median tightness",
        "failing share",
        "tightest triple",
        "50 random triples of 24 collections, seed 0",
    ):
        assert words in " ".join(done.out.split())


def test_the_seed_decides_the_draw(run, labelled_file):
    first, again, other = (run("check", labelled_file, "--triples", 20, "--seed", seed, "--json") for seed in (1, 1, 2))
    assert first == again
    assert first.json != other.json


def test_labels_from_a_file_of_their_own(run, tmp_path, labelled, labelled_file):
    np.save(tmp_path / "points.npy", labelled["embeddings"])
    whole = run("check", labelled_file, "--triples", 20, "--json")
    # The labels' file holds other embeddings too, which must not count.
    other = save(tmp_path / "other.npz", {**labelled, "embeddings": -labelled["embeddings"] + 7})
    apart = run("check", tmp_path / "points.npy", "--labels", other, "--triples", 20, "--json")
    assert apart == whole


def test_one_triple_by_name(run, labelled_file, labelled):
    names = ("Alphabet0/character01", "Alphabet0/character03", "Alphabet2/character02")
    options = [word for option, name in zip(("--g1", "--g2", "--g3"), names, strict=True) for word in (option, name)]
    done = run("check", labelled_file, *options, "--json")
    assert done.status == 0
    points = [labelled["embeddings"][labelled["collection"] == name] for name in names]
    assert done.json == check_bound(None, *points).to_dict()


def test_one_triple_alone_has_no_limits(run, labelled_file):
    done = run("check", labelled_file, "--triples", 1, "--json")
    assert done.status == 0
    assert done.json["median_lhs"]["low"] is None
    assert run("check", labelled_file, "--triples", 1).status == 0


def test_many_triples_of_another_aggregator(run, labelled_file):
    done = run("check", labelled_file, "--aggregator", "attention", "--triples", 20, "--json")
    assert (done.status, done.json["bound"], done.json["counts"]["holds"]) == (0, "hull", 20)
    assert run("check", labelled_file, "--bound", "transport", "--triples", 20, "--json").json["bound"] == "transport"
    as_hull, plain = (
        run("check", labelled_file, "--bound", bound, "--aggregator", "mean", "--triples", 20, "--json").json
        for bound in ("hull", "chamfer")
    )
    assert as_hull["median_lhs"]["value"] == pytest.approx(plain["median_lhs"]["value"])


def test_many_failing_are_1(run, labelled_file, monkeypatch):
    false = replace(PLANTED, rhs=0.01 * largest(m, farthest(x, w)))
    monkeypatch.setattr(theorems, "KNOWN", {"planted": false})
    done = run("check", labelled_file, "--bound", "planted", "--triples", 20, "--json")
    assert (done.status, done.json["verdict"]) == (1, "fails")
    assert done.json["failing"]["successes"] == done.json["counts"]["fails"] > 0


def test_many_vacuous_are_3(run, labelled_file):
    done = run("check", labelled_file, "--m", "-1000", "--triples", 20, "--json")
    assert (done.status, done.json["counts"]["vacuous"]) == (3, 20)


def test_unequal_sizes_need_the_option(run, tmp_path, labelled):
    path = save(tmp_path / "x.npz", {name: array[1:] for name, array in labelled.items()})
    refused = run("check", path, "--triples", 200, "--json")
    assert refused.status == 2
    assert "equal_sizes" in refused.error or "--any-sizes" in refused.error
    assert run("check", path, "--triples", 200, "--any-sizes", "--json").status == 0


def test_embeddings_that_are_one_point(run, tmp_path, labelled):
    path = save(tmp_path / "x.npz", {**labelled, "embeddings": np.ones_like(labelled["embeddings"])})
    done = run("check", path, "--triples", 20, "--json")
    assert done.status in (0, 3)
    assert done.json["median_tightness"] is None


# ------------------------------------------------------------------------------------------- what cannot be checked


def refused(run, *words: object, match: str) -> None:
    """Bad input ends in status 2 and one message, with and without --json."""
    done = run("check", *words, "--json")
    assert done.status == 2
    assert match in done.error
    text = run("check", *words)
    assert (text.status, text.out) == (2, "")
    assert match in " ".join(text.err.split())
    assert "Traceback" not in text.err


@pytest.mark.parametrize(
    ("options", "match"),
    [
        (("--bound", "unknown"), "bound: expected one of karimov"),
        (("--norm", "0.5"), "for p < 1 the triangle inequality fails"),
        (("--norm", "nan"), "norm: expected p in [1, inf]"),
        (("--norm", "two"), "'two' is not a valid float"),
        (("--m", "nan"), "m: expected a finite number"),
        (("--m", "-1000"), "m: expected a number in"),
        (("--triples", "0"), "0 is not in the range 1<=x<=100000000"),
        (("--seed", "-1"), "-1 is not in the range x>=0"),
        (("--unknown",), "--unknown"),
        (("--g1", "a"), "--g1, --g2 and --g3 go together"),
        (("--aggregator", "mode"), "aggregator: expected one of mean, sum"),
        (("--aggregator", "sum", "--bound", "karimov"), "'mean', which bound 'karimov' is about"),
        (("--bound", "hull"), "or an aggregator"),
        (("--bound", "variance", "--norm", "1"), "Euclidean space"),
    ],
)
def test_bad_options(run, triple_file, options, match):
    refused(run, triple_file, *options, match=match)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        (("--bound", "all"), "--bound all is for one triple"),
        (("--bound", "hausdorff"), "--bound hausdorff needs --aggregator"),
        (("--aggregator", "max", "--norm", "1"), "p = inf or 2"),
    ],
)
def test_bad_options_for_many_triples(run, labelled_file, options, match):
    refused(run, labelled_file, *options, match=match)


def test_no_command_and_an_unknown_one(run):
    assert run().status == 2
    assert run("--json", "unknown").status == 2
    assert "unknown" in run("unknown", "--json").error


def test_missing_file(run, tmp_path):
    refused(run, tmp_path / "none.npz", match="no such file")


def test_text_that_is_named_npz(run, tmp_path):
    (tmp_path / "x.npz").write_text("text, and no arrays")
    refused(run, tmp_path / "x.npz", match="FILE: expected a readable .npz file")


def test_unknown_format(run, tmp_path):
    (tmp_path / "x.tsv").write_text("1,2")
    refused(run, tmp_path / "x.tsv", match="ends in .npz, .npy, .csv, .safetensors, .parquet")


class Trap:
    """Makes a folder when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple:
        return (os.mkdir, (str(self.path),))


def test_pickles_are_never_loaded(run, tmp_path, labelled):
    trap = np.array([Trap(tmp_path / "sprung")] * 120, dtype=object)
    np.savez(tmp_path / "x.npz", **{**labelled, "class": trap})
    refused(run, tmp_path / "x.npz", match="pickles are never loaded")
    np.savez(tmp_path / "points.npz", embeddings=labelled["embeddings"])
    refused(run, tmp_path / "points.npz", "--labels", tmp_path / "x.npz", match="pickles are never loaded")
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_embeddings_that_are_not_finite(run, tmp_path, labelled, bad):
    labelled["embeddings"][7, 2] = bad
    refused(run, save(tmp_path / "x.npz", labelled), match="embeddings")
    points = np.zeros((3, 2, 2))
    points[1, 0, 1] = bad
    np.save(tmp_path / "x.npy", points)
    refused(run, tmp_path / "x.npy", match="G2")


def test_sides_that_overflow(run, tmp_path, labelled):
    huge = {**labelled, "embeddings": labelled["embeddings"].astype(np.float64) * 1e307}
    done = run("check", save(tmp_path / "x.npz", huge), "--triples", 20, "--json")
    assert done.status in (2, 3)


def test_labels_of_another_length(run, tmp_path, labelled):
    refused(
        run,
        save(tmp_path / "x.npz", {**labelled, "class": labelled["class"][1:]}),
        match="class labels: expected shape (120,)",
    )


def test_no_labels(run, tmp_path, labelled):
    np.save(tmp_path / "x.npy", labelled["embeddings"])
    refused(run, tmp_path / "x.npy", match="give labels in the file, or pass --labels with them")


def test_unknown_collection(run, labelled_file):
    refused(
        run, labelled_file, "--g1", "nobody", "--g2", "b", "--g3", "c", match="--g1: expected a collection of the file"
    )


def test_classes_that_make_no_triple(run, tmp_path, labelled):
    refused(
        run,
        save(tmp_path / "x.npz", {**labelled, "class": np.array(["one"] * 120)}),
        match="two classes, one of them with two",
    )


def test_a_folder_that_cannot_be_written(run, tmp_path, labelled_file, monkeypatch):
    monkeypatch.setattr("boundcheck.omniglot.embedded.shipped", embedded)
    done = run("demo", "--triples", 10, "--out", labelled_file, "--json")
    assert done.status == 2
    assert labelled_file.name in done.error


def test_a_crash_is_never_taken_for_a_verdict(run, triple_file, monkeypatch):
    def crash(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("boundcheck.checking.check_bound", crash)
    done = run("check", triple_file)
    assert done.status == 70
    assert "ZeroDivisionError: a bug" in done.err


@pytest.mark.parametrize("error", [KeyboardInterrupt, click.Abort])
def test_ctrl_c_is_130(run, triple_file, monkeypatch, error):
    def interrupt(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("boundcheck.checking.check_bound", interrupt)
    done = run("check", triple_file)
    assert (done.status, done.out) == (130, "")
    assert "interrupted" in done.err
    assert "interrupted" in run("check", triple_file, "--json").error


def test_statuses_of_a_real_process(tmp_path):
    """The demo, below, is one that ends with 0."""
    path = save(tmp_path / "x.npz", {name: np.array(points) for name, points in TIGHT.items()})
    done = shell("check", path, "--m", "0.5", "--json")
    assert (done.status, done.json["verdict"], done.err) == (3, "vacuous", "")
    unknown = shell("show", "nothing", "--json")
    assert (unknown.status, unknown.out) == (2, "")
    assert "nothing" in unknown.error


# ------------------------------------------------------------------------------------------------ the experiment


def test_demo_on_what_is_shipped(tmp_path):
    done = shell("demo", "--triples", 200, "--out", tmp_path / "report", "--json", BOUNDCHECK_DATA="")
    assert (done.status, done.err) == (0, "")
    assert done.json["verdict"] == "holds"
    assert {part: found["triples"] for part, found in done.json["parts"].items()} == {
        "trained alphabets": 100,
        "held-out alphabets": 100,
    }
    assert sorted(done.json["files"]) == sorted(map(str, (tmp_path / "report").iterdir()))
    assert (tmp_path / "report" / "index.html").exists()


@pytest.fixture
def small(monkeypatch):
    """A miniature in place of the data, the network and the embeddings that are shipped."""
    monkeypatch.setattr("boundcheck.omniglot.embedded.shipped", embedded)
    monkeypatch.setattr(data, "load", lambda *_, parts=data.PARTS, **__: part_of(parts))
    monkeypatch.setattr(
        "boundcheck.cli.omniglot._config", lambda **options: tiny(seed=options["seed"], label=options["label"])
    )


@pytest.fixture
def no_pictures(monkeypatch):
    """Leave files where pictures would be, which take seconds to draw and are looked at elsewhere."""
    from boundcheck.report import figures

    def save(figure: object, folder: Path, name: str) -> tuple[Path, ...]:
        paths = (folder / f"{name}.svg", folder / f"{name}.png")
        for path in paths:
            path.write_bytes(b"<svg/>")
        return paths

    monkeypatch.setattr(figures, "save", save)


def part_of(parts: tuple[str, ...]) -> data.Drawings:
    whole = drawings()
    return whole.subset(np.isin(np.where(whole.evaluation, "evaluation", "background"), parts))


def test_demo_as_text(run, small, tmp_path):
    done = run("demo", "--triples", 40, "--out", tmp_path / "report")
    assert (done.status, done.err) == (0, "checking 40 triples\n")
    text = " ".join(done.out.split())
    for words in (
        "Theorem K",
        "Beside Karimov's figures",
        "Where the slack arises",
        "holds on every one of 40 triples",
    ):
        assert words in text
    assert f"report: {tmp_path}" in done.out.replace("\n", "")
    assert (tmp_path / "report" / "sides.svg").exists()


@pytest.mark.parametrize("triples", [2, 11])
def test_demo_with_few_triples(run, small, no_pictures, tmp_path, triples):
    done = run("demo", "--triples", triples, "--out", tmp_path, "--json")
    assert done.status == 0
    assert sum(part["triples"] for part in done.json["parts"].values()) == triples


def test_demo_draws_the_tightest_triples_where_there_are_images(run, small, no_pictures, tmp_path):
    assert run("demo", "--triples", 10, "--out", tmp_path, "--data", tmp_path, "--json").status == 0
    assert (tmp_path / "tightest-held-out.svg").exists()


def test_demo_that_is_undecided_is_3(run, no_pictures, tmp_path, monkeypatch):
    whole = embedded()
    one_point = replace(whole, embeddings=np.ones_like(whole.embeddings))
    monkeypatch.setattr("boundcheck.omniglot.embedded.shipped", lambda: one_point)
    done = run("demo", "--triples", 10, "--out", tmp_path, "--json")
    assert done.status == {"holds": 0, "undecided": 3}[done.json["verdict"]]


def test_demo_that_fails_is_1(run, small, no_pictures, tmp_path, monkeypatch):
    monkeypatch.setattr(experiment, "K", replace(PLANTED, rhs=0.01 * largest(m, farthest(x, w))))
    done = run("demo", "--triples", 20, "--out", tmp_path, "--json")
    assert (done.status, done.json["verdict"]) == (1, "fails")
    text = run("demo", "--triples", 20, "--out", tmp_path)
    assert "fails is the worst verdict of a triple" in " ".join(text.out.split())


def test_demo_that_is_interrupted_leaves_no_half_file(run, small, tmp_path, monkeypatch):
    from boundcheck.report import figures

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(figures, "save", interrupt)
    done = run("demo", "--triples", 10, "--out", tmp_path / "report", "--json")
    assert done.status == 130
    assert not list((tmp_path / "report").iterdir())


# ------------------------------------------------------------------------------------------ training and embedding


@pytest.mark.omniglot
def test_train_then_embed_then_check(run, small, tmp_path):
    pytest.importorskip("timm")
    pytest.importorskip("pytorch_metric_learning")
    directory, out = tmp_path / "run", tmp_path / "out.safetensors"
    stopped = run("train", "--directory", directory, "--device", "cpu", "--minutes", 0, "--json")
    assert (stopped.status, stopped.err) == (0, "")
    assert (stopped.json["steps"], stopped.json["finished"]) == (0, False)
    trained = run("train", "--directory", directory, "--device", "cpu", "--json")
    assert (trained.json["steps"], trained.json["finished"]) == (12, True)
    assert trained.json["last"]["step"] == 12
    with (directory / "curve.csv").open() as file:
        assert [row["step"] for row in csv.DictReader(file)][-1] == "12"
    made = run("embed", "--directory", directory, "--out", out, "--json")
    assert (made.status, made.err) == (0, "")
    assert made.json["file"] == str(out)
    assert len(made.json["precision_at_1"]) == 9
    wide = tmp_path / "features.safetensors"
    assert run("embed", "--directory", directory, "--out", wide, "--features", "--json").status == 0
    assert load(wide).embeddings.shape[1] > load(out).embeddings.shape[1]
    assert load(wide).metadata["features"]
    checked = run("check", out, "--triples", 20, "--json")
    assert (checked.status, checked.json["triples"]) == (0, 20)
    report = tmp_path / "report"
    again = run("reproduce", "--embeddings", out, "--triples", 20, "--out", report, "--json")
    assert (again.status, again.json["verdict"]) == (0, "holds")
    assert again.json["embeddings"]["precision_at_1"] == made.json["precision_at_1"]


@pytest.mark.omniglot
def test_reproduce_trains_embeds_and_checks(run, small, tmp_path, request):
    pytest.importorskip("timm")
    pytest.importorskip("pytorch_metric_learning")
    directory = tmp_path / "run"
    options = ("reproduce", "--directory", directory, "--device", "cpu", "--triples", 20, "--out", tmp_path / "report")
    done = run(*options)
    begun = "training, 12 steps\nembedding 144 drawings, twice\nchecking 20 triples\n"
    assert (done.status, done.err) == (0, begun)
    assert "12 of 12 steps: every step was run" in done.out
    assert "What the network learned" in done.out
    assert {"checkpoint.pt", "best.pt", "curve.csv", "embeddings.safetensors"} == {
        path.name for path in directory.iterdir()
    }
    assert (tmp_path / "report" / "curve.svg").exists()
    assert (tmp_path / "report" / "tightest-held-out.svg").exists()
    request.getfixturevalue("no_pictures")
    assert run(*options, "--json").json["verdict"] == "holds"


def test_training_options_reach_the_configuration(run, monkeypatch, tmp_path):
    seen = {}

    def stop(_: data.Drawings, config: training.TrainingConfig, **options: object) -> None:
        seen.update(config=config, **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(training, "train", stop)
    monkeypatch.setattr(data, "load", lambda *_, **__: drawings())
    words = "--label character --dimension 5 --images 77 --margin 0.5 --learning-rate 0.01 --mining-from 0.4 --seed 9"
    done = run("train", *words.split(), "--directory", tmp_path, "--device", "cpu", "--minutes", "1.5")
    assert done.status == 130
    assert seen["config"] == training.TrainingConfig(
        label="character", dimension=5, images=77, margin=0.5, learning_rate=0.01, mining_from=0.4, seed=9
    )
    assert (seen["directory"], seen["device"], seen["minutes"]) == (tmp_path, "cpu", 1.5)


def test_defaults_of_the_options_are_the_configurations(run, monkeypatch):
    seen = []
    monkeypatch.setattr(data, "load", lambda *_, **__: drawings())
    monkeypatch.setattr(training, "train", lambda _, config, **__: seen.append(config) or 1 / 0)
    assert run("train").status == 70
    assert seen == [training.TrainingConfig()]


@pytest.mark.parametrize(
    ("words", "match"),
    [
        (("train", "--dimension", "0"), "dimension: expected an integer in [1, ∞)"),
        (("train", "--label", "drawer"), "drawer"),
        (("train", "--learning-rate", "nan"), "learning_rate: expected a number in (0, ∞)"),
        (("reproduce", "--triples", "1"), "1 is not in the range"),
        (("train",), "data: expected a copy of Omniglot"),
        (("train", "--data", "nowhere"), "nothing at nowhere"),
        (("embed", "--directory", "nowhere"), "run boundcheck train first"),
        (("reproduce", "--embeddings", "nowhere"), "--embeddings: expected a .safetensors file, got no such file"),
    ],
)
def test_bad_input_is_named(run, tmp_path, monkeypatch, words, match):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BOUNDCHECK_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    done = run(*words, "--json")
    assert done.status == 2
    assert match in done.error
    assert not list(tmp_path.iterdir())


def test_a_device_that_is_not_there_is_named(run, small, tmp_path):
    done = run("train", "--directory", tmp_path / "run", "--device", "abacus", "--json")
    assert done.status == 2
    assert "device: expected a torch device that is there, got 'abacus'" in done.error


def test_download_is_for_where_there_is_no_copy(run, monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr("boundcheck.omniglot.download.download", lambda: asked.append("download") or tmp_path)
    monkeypatch.setattr(data, "load", lambda where, **_: asked.append(where) or 1 / 0)
    run("train", "--download")
    run("train", "--download", "--data", "here")
    run("train")
    assert asked == ["download", tmp_path, Path("here"), None]


@pytest.mark.data
@pytest.mark.omniglot
def test_training_on_the_real_data(tmp_path):
    if not os.environ.get("BOUNDCHECK_DATA"):
        pytest.skip("BOUNDCHECK_DATA is not set")
    options = ("train", "--images", 128, "--device", "cpu", "--directory", tmp_path, "--json")
    stopped = shell(*options, "--minutes", 0)
    assert (stopped.status, stopped.json["steps"], stopped.err) == (0, 0, "")
    done = shell(*options)
    assert (done.status, done.json["steps"], done.json["finished"], done.err) == (0, 2, True, "")
