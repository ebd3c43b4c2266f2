"""Where output goes: every encoding, readers that have gone, full disks; the verdict is kept or is none."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from boundcheck import cli
from boundcheck.cli.statuses import PIPE, UNWRITTEN

TRIPLE = {"G1": [[0.0], [1.0]], "G2": [[1.0], [2.0]], "G3": [[4.0], [5.0]]}
#: A command of each kind, and the status it ends with where all can be written.
COMMANDS = {
    "check": ("check triple.npz", 0),
    "check, vacuous": ("check triple.npz --m -3.5", 3),
    "check, all": ("check triple.npz --bound all --json", 0),
    "check, many": ("check labelled.npz --triples 5", 0),
    "scan": ("scan labelled.npz --bound karimov --report page.html", 0),
    "scan, sample": ("scan labelled.npz --bound karimov --sample 20", 0),
    "list": ("list", 0),
    "show": ("show karimov", 0),
    "show, plan": ("show chamfer --plan", 0),
    "show, JSON": ("show karimov --json", 0),
    "falsify": ("falsify karimov-199 --out found.json", 1),
    "replay": ("replay stored.json", 1),
    "necessity": ("necessity karimov-2-triangle --seconds 0.1", 0),
    "sharpness": ("sharpness karimov --seconds 0.1 --max-size 1 --max-dimension 1", 0),
    "skeleton": ("prove --skeleton karimov --out /dev/stdin/none", 2),
    "help": ("scan --help", 0),
    "version": ("--version", 0),
    "no such file": ("check ‖none‖.npz", 2),
    "no such bound": ("show ‖none‖", 2),
    "no such option": ("check --‖none‖", 2),
    "error in JSON": ("show ‖none‖ --json", 2),
}
ENCODINGS = ("ascii", "cp1252", "latin-1", "utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    from boundcheck import falsify

    path = tmp_path_factory.mktemp("streams")
    np.savez(path / "triple.npz", **TRIPLE)
    points = np.random.default_rng(0).normal(size=(24, 3))
    names = np.array([f"größe≤{number}" for number in range(6)])
    np.savez(
        path / "labelled.npz", embeddings=points, collection=np.repeat(names, 4), **{"class": np.repeat(["α", "β"], 12)}
    )
    falsify("karimov-199").save(path / "stored.json")
    return path


@pytest.fixture
def run(folder, monkeypatch):
    """Call the entry point in this process, with streams of its own."""
    monkeypatch.chdir(folder)

    def call(words, out, err):
        monkeypatch.setattr(sys, "argv", ["boundcheck", *words.split()])
        with monkeypatch.context() as patched:
            patched.setattr(sys, "stdout", out)
            patched.setattr(sys, "stderr", err)
            with pytest.raises(SystemExit) as ended:
                cli.main()
        return ended.value.code

    return call


def stream(encoding="utf-8"):
    return io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict")


def written(to):
    to.flush()
    return to.buffer.getvalue()


def without_reader():
    reading, writing = os.pipe()
    os.close(reading)
    return os.fdopen(writing, "w", encoding="utf-8")


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("command", COMMANDS)
def test_every_encoding_has_the_verdict(run, command, encoding):
    words, status = COMMANDS[command]
    out, err = stream(encoding), stream(encoding)
    assert run(words, out, err) == status
    said, noticed = written(out).decode(encoding), written(err).decode(encoding)
    assert "Traceback" not in noticed
    assert said or noticed
    # Words, not numbers of characters; JSON has those.
    assert "\\u2264" not in said or "--json" in words


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("closed", ["stdout", "stderr"])
def test_a_reader_that_has_gone_is_no_verdict(run, command, closed):
    words, status = COMMANDS[command]
    with without_reader() as gone:
        kept = stream()
        ended = run(words, *((gone, kept) if closed == "stdout" else (kept, gone)))
    writes_there = (closed == "stderr") == (status == 2)
    assert ended == (PIPE if writes_there else status)
    assert b"Traceback" not in written(kept)


@pytest.mark.parametrize("command", COMMANDS)
def test_without_streams_the_status_is_the_verdict(run, command):
    words, status = COMMANDS[command]
    assert run(words, None, None) == status


def test_files_are_written_though_nobody_reads(run, folder):
    (folder / "found.json").unlink(missing_ok=True)
    with without_reader() as gone:
        assert run(COMMANDS["falsify"][0], gone, stream()) == PIPE
    assert (folder / "found.json").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk_is_no_verdict(run):
    err = stream()
    with open("/dev/full", "w", encoding="utf-8") as full:
        assert run(COMMANDS["check"][0], full, err) == UNWRITTEN
    assert written(err).decode().startswith("Error: standard output cannot be written: ")


def test_ascii_has_words(run):
    out = stream("ascii")
    run("show karimov", out, stream())
    assert "||mean_i x_i - mean_j z_j|| <= 2*max{m, " in written(out).decode("ascii")


def test_json_in_ascii_means_the_same(run):
    ascii, utf = stream("ascii"), stream("utf-8")
    run("show karimov --json", ascii, stream())
    run("show karimov --json", utf, stream())
    assert json.loads(written(ascii).decode("ascii")) == json.loads(written(utf).decode("utf-8"))
    assert "‖" in written(utf).decode("utf-8")


# ------------------------------------------------------------------------------------------------ real processes


def process(folder, words, redirection, **environment):
    command = f"{sys.executable} -m boundcheck.cli {words} {redirection}; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env={**os.environ, **environment}, capture_output=True, check=False
    )
    return done.returncode, done.stderr.decode("utf-8", "replace")


# One that loads what computes, which takes seconds; of the rest, the words are as good.
@pytest.mark.parametrize(
    ("words", "redirection", "status"),
    [
        ("check triple.npz", "| true", PIPE),
        ("show karimov", "| true", PIPE),
        ("show karimov", "2>&1 >/dev/null | true", 0),
        ("show karimov", ">&-", 0),
        ("show karimov", "2>&-", 0),
        ("show karimov", ">&- 2>&-", 0),
        ("show karimov", "> /dev/full", UNWRITTEN),
    ],
)
def test_the_end_of_the_interpreter_is_quiet(folder, words, redirection, status):
    ended, noticed = process(folder, words, redirection)
    assert ended == status
    assert "Traceback" not in noticed
    assert "Exception ignored" not in noticed


@pytest.mark.parametrize(
    ("words", "environment"),
    [
        ("show karimov", {"PYTHONIOENCODING": "ascii"}),
        ("show karimov", {"PYTHONIOENCODING": "cp1252:strict"}),
        ("show karimov", {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}),
        ("check triple.npz", {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}),
    ],
)
def test_locales_of_a_real_process(folder, words, environment):
    assert process(folder, words, "", **environment) == (0, "")
