"""What a result says of its making, and what it keeps to itself."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import boundcheck
from boundcheck.omniglot import provenance as module
from boundcheck.omniglot.provenance import provenance


def git(folder: Path, *words: str) -> str:
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    done = subprocess.run(["git", "-C", str(folder), *identity, *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def package(tmp_path, monkeypatch) -> Path:
    """A folder that stands for the package's own, with this module in it."""
    folder = tmp_path / "boundcheck" / "omniglot"
    folder.mkdir(parents=True)
    (folder / "provenance.py").touch()
    monkeypatch.setattr(module, "__file__", str(folder / "provenance.py"))
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    return folder


def test_says_versions_and_device():
    made = provenance()
    assert made["boundcheck"] == boundcheck.__version__
    assert made["torch"] == torch.__version__
    assert made["python"] == ".".join(map(str, sys.version_info[:3]))
    assert made["device"]
    assert all(isinstance(value, str) for value in made.values())


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (["/usr/bin/boundcheck", "train", "--seed", "3"], "boundcheck train --seed 3"),
        (["boundcheck", "train", "--data", "/home/someone/omniglot"], "boundcheck train --data omniglot"),
        (["boundcheck", "train", "--data=/home/someone/omniglot"], "boundcheck train --data=omniglot"),
        (["boundcheck", "train", "--data", "../secret/omniglot"], "boundcheck train --data omniglot"),
        (["boundcheck", "embed", "--out", "runs/a b.safetensors"], "boundcheck embed --out 'runs/a b.safetensors'"),
    ],
)
def test_command_names_no_folder_outside(monkeypatch, given, shown):
    monkeypatch.setattr(sys, "argv", given)
    assert provenance()["command"] == shown


def test_commit_is_the_checkouts_and_marked_where_changed(package):
    git(package.parent.parent, "init")
    git(package, "add", ".")
    git(package, "commit", "-m", "first")
    commit = git(package, "rev-parse", "HEAD")
    assert provenance()["commit"] == commit
    (package / "provenance.py").write_text("changed")
    assert provenance()["commit"] == commit + "+"


def test_no_commit_outside_a_checkout(package):
    assert provenance()["commit"] == ""


def test_no_commit_where_another_checkout_surrounds_an_installed_copy(package):
    git(package.parent.parent, "init")
    git(package.parent.parent, "commit", "--allow-empty", "-m", "first")
    assert provenance()["commit"] == ""


def test_no_commit_without_git(package, monkeypatch):
    monkeypatch.setenv("PATH", str(package))
    assert provenance()["commit"] == ""
