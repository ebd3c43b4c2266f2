"""``boundcheck scan``: every triple, from the command line."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from boundcheck.cli import cli

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


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--scheduler", "tcp://localhost:1"), "--engine dask"),
        (("--repair-journal",), "--journal"),
        (("--sample", "9", "--report", "r.html"), "--sample"),
        (("--part", "trained"), "--part"),
        (("--bound", "separation-any-norm-nothing"), "separation-any-norm-nothing"),
        (("--bound", "transport", "--m", "1", "--bound", "nothing"), "nothing"),
    ],
)
def test_options_that_do_not_go_together(points, options, said):
    done = run(points, *options)
    assert said in str(done.exception)
