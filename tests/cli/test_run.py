"""How commands end: what fails around them is no verdict, and what they advise are their own options."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import boundcheck
from boundcheck import cli
from boundcheck.adversary.bundles import fields_of
from boundcheck.cli import statuses
from boundcheck.cli.commands import cli as group
from boundcheck.cli.wording import ARGUMENTS, CALLS, FLAGS, in_words_of_options
from boundcheck.data.files import read_arrays
from boundcheck.errors import FileFormatError


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.savez("triple.npz", G1=[[0.0], [1.0]], G2=[[1.0], [2.0]], G3=[[4.0], [5.0]])
    return tmp_path


@pytest.fixture
def run(folder, monkeypatch, capsys):
    def call(*words):
        monkeypatch.setattr(sys, "argv", ["boundcheck", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return (ended.value.code, *capsys.readouterr())

    return call


def test_statuses_are_told_apart():
    numbers = [getattr(statuses, name) for name in statuses.__all__ if name.isupper()]
    assert len(set(numbers)) == len(numbers)
    assert all(0 <= number < 256 for number in numbers)


@pytest.mark.parametrize("module", ["torch", "click", "numpy"])
@pytest.mark.parametrize("error", ["ImportError('failed to map segment')", "MemoryError()", "OSError(12, 'no memory')"])
def test_a_library_that_does_not_load_is_no_verdict(folder, module, error):
    (folder / "broken").mkdir()
    (folder / "broken" / f"{module}.py").write_text(f"raise {error}\n")
    path = os.pathsep.join([str(folder / "broken"), str(Path(boundcheck.__file__).parents[1])])
    words = (sys.executable, "-m", "boundcheck.cli", "check", "triple.npz")
    done = subprocess.run(words, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (70, "")
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (MemoryError("Unable to allocate 7 TiB"), "Error: too little memory (Unable to allocate 7 TiB); ask for less"),
        (MemoryError(), "Error: too little memory (MemoryError)"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), "Error: too little memory"),
        (ImportError("no such\nlibrary"), "Error: a library does not load: ImportError: no such"),
    ],
    ids=str,
)
def test_too_little_memory_is_said_in_a_line(run, monkeypatch, error, message):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr("boundcheck.checking.check_bound", fail)
    status, out, err = run("check", "triple.npz")
    assert (status, out, err.count("\n")) == (70, "", 1)
    assert err.startswith(message)


@pytest.mark.parametrize("ending", ["raise SystemExit(0)", "import sys; sys.exit(1)", "raise SystemExit('x')"])
def test_a_file_that_ends_the_process_gives_no_verdict(run, folder, ending):
    (folder / "mine.py").write_text(f"{ending}\n")
    status, out, err = run("falsify", "mine.py:planted")
    assert (status, out) == (2, "")
    assert "a file that was run ended the process" in err


@pytest.mark.parametrize(
    "words",
    [
        ("check", "triple.npz", "--triples", 10**12),
        ("scan", "--sample", 10**12),
        ("scan", "--new-classes", "--draws", 10**12),
        ("scan", "--top", 10**12),
        ("scan", "--rankings", "--triples", 10**12),
        ("demo", "--triples", 10**12),
    ],
    ids=lambda words: " ".join(map(str, words)),
)
def test_counts_have_a_most(run, words):
    status, out, err = run(*words)
    assert (status, out) == (2, "")
    assert "1000000000000 is not in the range" in err


def test_options_that_are_advised_are_options():
    options = {
        option
        for command in group.commands.values()
        for one in command.params
        for option in (*one.opts, *one.secondary_opts)
    }
    advised = " ".join((*FLAGS.values(), *ARGUMENTS.values(), *CALLS.values()))
    assert set(re.findall(r"--[a-z0-9-]+", advised)) <= options


def test_advice_is_an_option_or_for_python():
    """Every text of the package that advises an argument, as a command would say it."""
    advice = re.compile(r"\b(?:pass|with|give) ([a-z_]+=(?:\w[\w.]*\w|\w?))")
    found = []
    for path in Path(boundcheck.__file__).parent.rglob("*.py"):
        if "cli" in path.parts[-2:] or path.name in ("calculator.py", "witness.py"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" not in node.value:
                found += [(node.value, argument) for argument in advice.findall(node.value)]
    assert len(found) > 8
    for text, argument in found:
        said = in_words_of_options(f"x: expected a, got b; {text}")
        assert FLAGS.get(argument, "in Python, ") in said or f"{argument} (in Python)" in said, text


def test_what_an_error_speaks_of_is_what_python_has_and_a_command_says_its_own(tmp_path, run):
    """No error of what functions share speaks in words of a command line."""
    package = Path(boundcheck.__file__).parent
    for path in package.rglob("*.py"):
        if path.is_relative_to(package / "cli"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "explain" and node.args:
                first = ast.unparse(node.args[0])
                assert not re.search(r"--\w|\bFILE\b", first), f"{path.name}, line {node.lineno}"
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not re.search(r"(?<!`)\s--[a-z]+ [A-Z]+\b|(with|pass|give) --[a-z]", node.value), path
    with pytest.raises(FileFormatError, match=r"^path: expected a file of embeddings"):
        read_arrays(tmp_path / "none.npz")
    status, _, err = run("check", tmp_path / "none.npz")
    assert status == 2
    assert "Error: FILE: expected a file of embeddings" in err


def test_an_argument_is_reworded_where_a_message_names_it_alone():
    for argument, option in ARGUMENTS.items():
        assert in_words_of_options(f"{argument}: expected a, got b") == f"{option}: expected a, got b"
        beside = f"--beside x={argument}.npz: {argument}: expected a, got '{argument}: expected b'"
        assert (
            in_words_of_options(beside)
            == f"--beside x={argument}.npz: {option}: expected a, got '{argument}: expected b'"
        )
        assert in_words_of_options(f"a{argument}: expected a, got b") == f"a{argument}: expected a, got b"


def test_what_is_no_advice_stays():
    assert (
        in_words_of_options("collection 'pass repair=True': expected a") == "collection 'pass repair=True': expected a"
    )


def test_a_command_advises_its_options(run, folder):
    np.savez("x.npz", G1=[[0.0], [1.0]], G2=[[1.0], [2.0]], G3=[[4.0]])
    assert "; pass --any-sizes for the variant that allows it" in run("check", "x.npz")[2]


def test_a_command_advises_its_commands(run, folder):
    (folder / "none.json").write_text("{}", encoding="utf-8")
    assert "; boundcheck falsify --out FILE writes one" in run("replay", "none.json")[2]
    assert (
        "; they come with the source, not with the installed package: pass --proofs DIR, from a checkout"
        in (run("prove", "--proofs", folder)[2])
    )
    assert (
        "; pass --data DIR, where a local copy is, set BOUNDCHECK_DATA to it, or fetch the archives with --download"
        in (run("train", "--data", folder / "nowhere")[2])
    )
    with pytest.raises(FileFormatError, match=r"something else; Refuted\.save\(\) writes one$"):
        fields_of("{}")


@pytest.mark.parametrize(
    "words",
    [
        "scan points.npz --report .",
        "scan points.npz --journal .",
        "scan points.npz --rows triple.npz",
        "falsify karimov-199 --out .",
        "falsify karimov-199 --coq .",
        "falsify karimov-199 --picture triple.npz/a.svg",
        "demo --out triple.npz",
        "embed --out .",
    ],
)
def test_where_results_go_is_tried_before_any_work(run, words):
    """There are no points to scan, which would be said first if they were looked for."""
    status, out, err = run(*words.split())
    assert (status, out) == (statuses.USAGE, "")
    option = next(word for word in words.split() if word.startswith("--"))
    assert f"Invalid value for '{option}': expected a f" in err


def test_a_device_that_is_not_there_is_named(run):
    status, _, err = run("falsify", "karimov-199", "--device", "foo")
    assert status == statuses.USAGE
    assert "device: expected an available device, got 'foo'; here: cpu" in err


def test_a_name_is_meant_once(run):
    assert run("show", "karimv")[2].count("'karimov'") == 1


def test_random_triples_that_are_vacuous_say_why(run):
    np.savez("labelled.npz", embeddings=np.eye(12), collection=np.arange(12) // 2, **{"class": np.arange(12) // 6})
    status, out, _ = run("check", "labelled.npz", "--triples", "5", "--m", "-0.2")
    assert status == statuses.UNDECIDED
    assert "note: vacuous at " in out
    assert "m = -0.2 is not reached here" in out
    assert "minus the margin, not the margin" in out


def test_new_writes_a_file_that_runs_and_no_file_that_is_there(run, folder):
    status, out, _ = run("new", "mybounds.py")
    assert (status, out) == (statuses.HOLDS, "mybounds.py written; next: boundcheck falsify mybounds.py:conjecture\n")
    text = Path("mybounds.py").read_text()
    assert run("show", "mybounds.py:conjecture")[0] == statuses.HOLDS
    status, out, _ = run("falsify", "mybounds.py:conjecture", "--seconds", "0.2")
    assert (status, out.split()[0]) == (statuses.HOLDS, "survived")
    # As its comment says, it is false without the m.
    Path("mybounds.py").write_text(text.replace("<= m + farthest", "<= farthest"))
    assert run("falsify", "mybounds.py:conjecture")[0] == statuses.FAILS
    for name, message in (("mybounds.py", "exists, and stays as it is"), ("mybounds.txt", "ends in .py")):
        status, _, err = run("new", name)
        assert status == statuses.USAGE
        assert message in err
    words = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "mybounds.py")
    Path("mybounds.py").write_text(text)
    path = {**os.environ, "PYTHONPATH": str(Path(boundcheck.__file__).parents[1])}
    done = subprocess.run(words, env=path, capture_output=True, text=True, check=False)
    assert "1 passed" in done.stdout


def test_shells_complete_words(run, monkeypatch, capsys):
    monkeypatch.setenv("_BOUNDCHECK_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "boundcheck fal")
    monkeypatch.setenv("COMP_CWORD", "1")
    assert run() == (statuses.HOLDS, "plain,falsify\n", "")


def test_help_says_what_to_do_first(run):
    assert "To begin: 'boundcheck demo'" in run("--help")[1]
