"""Coq's compiler, where the surroundings lie: wrappers, variables, planted files."""

import json
import os
import shutil
import stat

import pytest

from boundcheck.formal import compiler
from boundcheck.formal.sources import Source

GOOD = "Lemma a : True.\nProof. exact I. Qed.\n"
BROKEN = "Lemma a : False.\nProof. exact I. Qed.\n"


@pytest.fixture
def wrapped(tmp_path, monkeypatch):
    """Return a function that puts a script in place of a tool of Coq's."""

    def wrap(tool, script):
        folder = tmp_path / "wrappers"
        folder.mkdir(exist_ok=True)
        file = folder / tool
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(file.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    return wrap


def build(folder, text, **options):
    (built,) = compiler.Workshop(folder, "8").build({"A": Source("A", text, **options)}, 1).values()
    return built


@pytest.mark.coq
def test_a_wrapper_that_loses_the_status_proves_nothing(tmp_path, wrapped):
    wrapped("coqc", f'{shutil.which("coqc")} "$@"; true')
    assert build(tmp_path, GOOD).message == ""
    # The file compiled before is no proof of the one that is there now.
    assert "A.v, line 2" in build(tmp_path, BROKEN).message
    assert not (tmp_path / "Boundcheck" / "A.vo").exists()


def test_a_compiler_that_does_nothing_proves_nothing(tmp_path, wrapped):
    wrapped("coqc", "exit 0")
    assert "coqc left no compiled file" in build(tmp_path, GOOD).message


@pytest.mark.coq
def test_a_planted_file_is_compiled_anew(tmp_path):
    assert build(tmp_path, GOOD).message == ""
    compiled = tmp_path / "Boundcheck" / "A.vo"
    first = compiled.read_bytes()
    compiled.write_bytes(first[:-1])
    assert build(tmp_path, GOOD).message == ""
    assert len(compiled.read_bytes()) == len(first)


def test_what_reaches_outside_is_not_even_compiled(tmp_path, wrapped):
    wrapped("coqc", f"touch {tmp_path}/ran")
    assert "Load reaches outside the file" in build(tmp_path, 'Load "b".').message
    assert not (tmp_path / "ran").exists()


def test_the_surroundings_lend_no_libraries(tmp_path, wrapped, monkeypatch):
    for name in ("COQPATH", "COQLIB", "OCAMLPATH", "CAML_LD_LIBRARY_PATH", "XDG_DATA_HOME", "XDG_DATA_DIRS"):
        monkeypatch.setenv(name, "/evil")
    wrapped("coqc", f'env > {tmp_path}/env; echo "$@" > {tmp_path}/words; touch A.vo')
    assert build(tmp_path, GOOD, library="Yours").message == ""
    surroundings = dict(line.split("=", 1) for line in (tmp_path / "env").read_text().splitlines() if "=" in line)
    assert "/evil" not in surroundings.values()
    # Where these are unset Coq looks for libraries in the home.
    for name in ("XDG_DATA_HOME", "XDG_DATA_DIRS"):
        assert os.listdir(surroundings[name]) == []
    words = (tmp_path / "words").read_text().split()
    assert words[0] == "-q"
    assert words[words.index("Boundcheck") - 1] == str(tmp_path / "Boundcheck")
    assert words[words.index("Yours") - 1] == str(tmp_path / "Yours")


def test_ours_know_nothing_of_yours(tmp_path, wrapped):
    wrapped("coqc", f'echo "$@" > {tmp_path}/words; touch A.vo')
    assert build(tmp_path, GOOD).message == ""
    assert "Yours" not in (tmp_path / "words").read_text().split()
    assert json.loads((tmp_path / "Boundcheck" / "A.json").read_text())["compiled"]
