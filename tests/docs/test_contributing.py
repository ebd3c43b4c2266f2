"""CONTRIBUTING: the files that its steps name are there, and the tables too."""

import re
from pathlib import Path

import boundcheck
from boundcheck.data.formats import FORMATS
from boundcheck.language import Premise, Scalar, Vector
from boundcheck.language.rules import Rules
from boundcheck.omniglot.objectives import OBJECTIVES, Objective

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PACKAGE = ROOT / "boundcheck"
ROOMS = re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE)


def named(text):
    return re.findall(r"`([\w./]+(?:\.(?:py|v|rst|md)|/))`", text)


def is_there(name):
    return (PACKAGE / name).exists() or (ROOT / name).exists()


def test_every_file_named_is_there():
    names = named(PAGE)
    assert len(names) > 50
    assert [name for name in names if not is_there(name)] == []
    assert not is_there("language/terms_of_old.py")


def test_every_room_is_named():
    rooms = {Path(name).name for row in ROOMS for name in named(row)}
    assert rooms >= {path.parent.name for path in PACKAGE.glob("*/__init__.py")}


def test_steps_name_the_files_of_every_table():
    """Each file with a table of rules is in the steps for a term or for a premise."""
    term = set(named(PAGE.split("**A term.**")[1].split("**")[0]))
    premise = set(named(PAGE.split("**A premise.**")[1].split("**")[0]))
    for path in PACKAGE.rglob("*.py"):
        if not re.search(r"^\w+(?:: [^=\n]+)? = Rules\(", path.read_text(encoding="utf-8"), re.MULTILINE):
            continue
        assert path.relative_to(PACKAGE).as_posix() in term | premise, path


def test_the_names_are_those_of_the_code():
    assert issubclass(Scalar, boundcheck.language.Term)
    assert issubclass(Vector, boundcheck.language.Term)
    for name in (Premise, Objective, Rules):
        assert f"`{name.__name__}`" in PAGE or f"`RULES = {name.__name__}(" in PAGE
    assert ".npz" in FORMATS
    assert "instance" in OBJECTIVES
