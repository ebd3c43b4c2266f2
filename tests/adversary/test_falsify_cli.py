"""falsify, necessity, sharpness and replay on the command line."""

import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from boundcheck import cli
from boundcheck.adversary import Refuted

MINE = """\
from boundcheck.language import *
conjecture = Bound("mine", premises=[triplet(m)], lhs=norm(mean(x) - mean(z)), rhs=m + nearest(x, w))
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mybounds.py").write_text(MINE)

    def invoke(*arguments):
        done = CliRunner().invoke(cli.cli, list(map(str, arguments)), standalone_mode=False)
        assert done.exception is None, done.exception
        return done

    return invoke


def test_a_conjecture_of_ones_own_is_refuted_and_the_snippet_runs(run):
    done = run("falsify", "mybounds.py:conjecture")
    assert done.return_value == 1
    assert done.stderr == "running mybounds.py, which states the bound\n"
    report, snippet = done.stdout.split("\n\n", 1)
    assert report.startswith("refuted  mine: ")
    assert snippet.startswith("from boundcheck import check_bound\n")
    exec(snippet, {})


def test_a_known_bound_survives(run):
    done = run("falsify", "karimov", "--seconds", 0.5)
    assert (done.return_value, done.stderr) == (0, "")
    assert done.stdout.startswith("survived  karimov")


def test_json_has_everything_that_it_takes(run):
    done = run("falsify", "karimov-199", "--json")
    assert done.return_value == 1
    found = json.loads(done.stdout)
    assert found["verdict"] == "refuted"
    assert Refuted.from_json(done.stdout).points == {"x": [[0.0]], "z": [[2.0]], "w": [[1.0]]}
    exec(found["snippet"], {})
    survived = json.loads(run("falsify", "chamfer", "--seconds", 0.5, "--json").stdout)
    assert survived["verdict"] == "survived"
    assert survived["tried"]["cases"] > 0


def test_options_say_where_to_look(run):
    done = run(
        "falsify", "variance-any-norm", "--norm", "inf", "--seed", 4, "--max-size", 2, "--max-dimension", 2, "--json"
    )
    found = json.loads(done.stdout)
    assert (found["norm"], found["seed"]) == ("inf", 4)
    nowhere = json.loads(run("falsify", "variance-any-norm", "--norm", 2, "--seconds", 0.5, "--json").stdout)
    assert (nowhere["verdict"], nowhere["norms"]) == ("survived", [2.0])


def test_a_bundle_and_a_picture_are_written_and_replayed(run, tmp_path):
    run("falsify", "mybounds.py:conjecture", "--out", "found.json", "--picture", "found.svg")
    assert "<svg" in (tmp_path / "found.svg").read_text()
    done = run("replay", "found.json", "--trust")
    assert (done.return_value, done.stderr) == (1, "running mybounds.py, which states the bound\n")
    assert done.stdout.startswith("still fails  mine")
    (tmp_path / "mybounds.py").write_text(MINE.replace("nearest", "farthest"))
    done = run("replay", "found.json", "--trust", "--json")
    assert done.return_value == 3
    assert json.loads(done.stdout)["status"] == "the statement has changed"
    stored = json.loads((tmp_path / "found.json").read_text())
    stored["points"] = {"x": [[0.0]], "z": [[1.0]], "w": [[5.0]]}
    (tmp_path / "found.json").write_text(json.dumps(stored))
    (tmp_path / "mybounds.py").write_text(MINE)
    done = run("replay", "found.json")
    assert done.return_value == 0
    assert done.stdout.startswith("no longer fails")


def test_a_proof_in_coq_is_written(run, tmp_path):
    done = run("falsify", "mybounds.py:conjecture", "--out", "found.json", "--coq", "Mine_false.v", "--json")
    assert (done.return_value, json.loads(done.stdout)["verdict"]) == (1, "refuted")
    written = (tmp_path / "Mine_false.v").read_text()
    assert written == Refuted.from_json((tmp_path / "found.json").read_text()).coq()
    assert "\nTheorem mine_false :\n" in written
    (tmp_path / "mybounds.py").write_text(MINE.replace("nearest", "farthest"))
    # Of what was refuted then, not of what the file says now.
    assert run("replay", "found.json", "--trust", "--coq", "Again.v").return_value == 3
    assert (tmp_path / "Again.v").read_text() == written
    assert not [
        path.name
        for path in tmp_path.iterdir()
        if path.suffix not in (".v", ".py", ".json") and path.name != "__pycache__"
    ]


def test_why_there_is_no_proof_in_coq_is_said_and_the_verdict_stands(run, tmp_path):
    run("falsify", "mybounds.py:conjecture", "--out", "found.json")
    stored = json.loads((tmp_path / "found.json").read_text())
    stored["points"] = {"x": [[0, 0], [1, 0]], "z": [[0, 0]], "w": [[0, 0]]}
    (tmp_path / "found.json").write_text(json.dumps(stored | {"norm": 3}))
    done = run("replay", "found.json", "--coq", "Found.v")
    assert done.return_value == 1
    assert "Found.v not written, there is no proof in Coq: norm: expected p = 1, 2 or ∞" in done.stderr
    assert not (tmp_path / "Found.v").exists()


def test_replay_against_another_statement(run):
    run("falsify", "mybounds.py:conjecture", "--out", "found.json")
    done = run("replay", "found.json", "--bound", "karimov")
    assert (done.return_value, done.stderr) == (3, "")


def test_no_picture_is_no_other_verdict(run, tmp_path, monkeypatch):
    import boundcheck.adversary.outcome as outcome

    monkeypatch.setattr(outcome.Refuted, "dimension", 3)
    done = run("falsify", "mybounds.py:conjecture", "--picture", "found.svg", "--coq", "Found.v")
    assert done.return_value == 1
    assert "found.svg not written, there is no picture: dimension: expected 1 or 2 for a picture, got 3" in done.stderr
    assert (tmp_path / "Found.v").exists()


def test_a_picture_of_no_format_is_refused_before_the_search(run):
    with pytest.raises(AssertionError, match="expected a file that ends in"):
        run("falsify", "mybounds.py:conjecture", "--picture", "found.xyz")


def test_pictures_need_no_backend(tmp_path):
    words = (sys.executable, "-m", "boundcheck.cli", "falsify", "karimov-199", "--picture", "found.svg")
    done = subprocess.run(
        words, env={**os.environ, "MPLBACKEND": "nonsense"}, cwd=tmp_path, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (1, b"")
    assert "<svg" in (tmp_path / "found.svg").read_text(encoding="utf-8")


def test_necessity(run):
    done = run("necessity", "karimov-2-triangle", "--seconds", 0.3)
    assert done.return_value == 0
    assert "needed to state the bound: equal sizes, dropped" in done.stdout
    found = json.loads(run("necessity", "sum", "--seconds", 3, "--json").stdout)
    assert [need["answer"] for need in found["needs"][:2]] == ["needed", "needed"]


def test_sharpness(run):
    arguments = ("sharpness", "karimov", "--seconds", 2, "--max-size", 1, "--max-dimension", 1)
    done = run(*arguments)
    assert done.return_value == 0
    assert "1, exactly" in done.stdout
    found = json.loads(run(*arguments, "--json").stdout)
    assert (found["best"]["tightness"], found["best"]["exact"]) == (1.0, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("falsify", "nowhere.py:conjecture"), "bound: expected a Python file nowhere.py"),
        (("replay", "mybounds.py"), "bundle: expected JSON"),
        (("replay", "missing.json"), "missing.json"),
        (("sharpness", "centroid-identity"), "bound: expected an inequality"),
    ],
)
def test_bad_input_ends_in_a_message(run, arguments, message, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["boundcheck", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert message in capsys.readouterr().err
