"""CONTRIBUTING: the files that its steps name are there, and the tables too."""

import re
import sys
from collections import Counter
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


def clashing(folder):
    """Return names of files of tests that pytest imports by their name alone, and that more than one has."""
    alone = (path for path in folder.rglob("*.py") if not (path.parent / "__init__.py").exists())
    # Each conftest is imported anew.
    names = Counter(path.name for path in alone if path.name != "conftest.py")
    return sorted(name for name, count in names.items() if count > 1)


def test_no_two_files_of_tests_have_one_name(tmp_path):
    """Two could not be collected in one run; CONTRIBUTING says so."""
    assert clashing(ROOT / "tests") == []
    assert "no other file of tests has its name" in PAGE
    for room, name in (("a", "test_run.py"), ("b", "test_run.py"), ("b", "test_other.py"), ("a", "conftest.py")):
        (tmp_path / room).mkdir(exist_ok=True)
        (tmp_path / room / name).touch()
    (tmp_path / "b" / "conftest.py").touch()
    assert clashing(tmp_path) == ["test_run.py"]


def test_files_of_tests_shadow_no_module():
    """Their folders are put before all others to be imported from."""
    names = {path.stem for path in (ROOT / "tests").rglob("*.py")} - {"conftest"}
    assert names & (set(sys.stdlib_module_names) | {path.stem for path in ROOT.iterdir()}) == set()
