"""Names from data, in everything a command shows or writes: as text, escaped, and never as what a terminal obeys."""

import csv
import io
import json
import re
import sys
import unicodedata
from dataclasses import replace

import numpy as np
import pytest
from synthetic import embedded

from boundcheck import K, cli, theorems
from boundcheck.printable import printable

NAMES = (
    "\x1b[31mred\x1b[0m",
    "line\nError: nothing is wrong",
    "fails\rholds",
    "\x9b31m and \x07",
    "a\u202eb\u2066c\u200b",
    "[bold]a[/]",
    "[/red]",
    ":smile:",
    "<script>alert(1)</script>",
    "=1+1",
    "`a` | **b** [c](d)",
    "$\\frac$ %s {0}",
    "\u2028",
)
#: A bound whose name and title are as hostile, in a file.
BOUND = """\
from boundcheck.language import *
planted = Bound({name!r}, title={name!r}, premises=[triplet(m)], lhs=norm(mean(x) - mean(z)), rhs=m + nearest(x, w))
"""


#: All of them in one: what stands before is to change nothing of what comes after.
NAME = " ".join(NAMES)


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "2000")
    monkeypatch.setenv("FORCE_COLOR", "1")

    def call(*words, status=None):
        monkeypatch.setattr(sys, "argv", ["boundcheck", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        if status is not None:
            assert ended.value.code == status
        return capsys.readouterr()

    return call


def require_plain(text, *, styled=False):
    """Require that nothing in text is obeyed: no control but line ends, and those of our own styles."""
    if styled:
        text = re.sub(r"\x1b\[[\d;]*m", "", text)
    assert not {one for one in text if unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp")} - {"\n"}
    # No name begins a line of its own.
    assert "\nError: nothing" not in text


def labelled(tmp_path):
    points = np.random.default_rng(0).normal(size=(4 * len(NAMES), 3))
    classes = np.repeat([NAME, "other"], [4 * 6, 4 * (len(NAMES) - 6)])
    np.savez(tmp_path / "x.npz", embeddings=points, collection=np.repeat(NAMES, 4), **{"class": classes})
    return tmp_path / "x.npz"


def test_tables_of_a_check_and_of_a_scan(run, tmp_path):
    file = labelled(tmp_path)
    for words in (
        ("check", file, "--triples", 5),
        ("scan", file, "--bound", "karimov", "--report", "page.html", "--top", 2, "--rankings", "--triples", 20),
        ("check", file, "--g1", NAMES[0], "--g2", NAMES[1], "--g3", NAMES[-1]),
        ("check", file, "--g1", NAMES[0], "--g2", "none", "--g3", NAMES[-1]),
    ):
        out, err = run(*words)
        require_plain(out, styled=True)
        require_plain(err)
    whole = run("scan", file, "--bound", "karimov", "--top", 20).out
    assert sum(printable(name) in whole for name in NAMES) >= 3
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    require_plain(page)
    assert "<script" not in page


def test_json_means_the_name_and_is_as_plain(run, tmp_path):
    out = run("scan", labelled(tmp_path), "--bound", "karimov", "--json").out
    require_plain(out)
    assert len(_texts(json.loads(out)) & set(NAMES)) > 3


def _texts(value):
    if isinstance(value, str):
        return {value}
    parts = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else []
    return {text for part in parts for text in _texts(part)}


def test_a_bound_and_what_refutes_it(run, tmp_path):
    (tmp_path / "mine.py").write_text(BOUND.format(name=NAME), encoding="utf-8")
    out, err = run("falsify", "mine.py:planted", "--out", "found.json", "--coq", "f.v", status=1)
    require_plain(out, styled=True)
    require_plain(err)
    snippet = out[out.index("from boundcheck import check_bound") :]
    exec(compile(snippet, "snippet", "exec"), {})
    for words in (("replay", "found.json"), ("scan", labelled(tmp_path), "--bound", "mine.py:planted")):
        out, err = run(*words)
        require_plain(out, styled=True)
        require_plain(err)


def test_a_bound_that_is_listed(run, monkeypatch):
    planted = replace(K, name=NAME, title=NAME, sharpness=NAME, citation=NAME, chain=())
    monkeypatch.setattr(theorems, "KNOWN", {NAME: planted})
    for words in (("list",), ("show", NAME), ("show", f"{NAME}?")):
        out, err = run(*words)
        require_plain(out, styled=True)
        require_plain(err)
    assert printable(NAME) in run("list").out


def test_files_and_options(run, tmp_path):
    for words in (("check", f"{NAME}.npz"), ("replay", f"{NAME}.json"), ("scan", f"--{NAME}"), (NAME,)):
        out, err = run(*words, status=2)
        require_plain(out)
        require_plain(err)


def test_the_folder_of_a_demo(run, tmp_path, monkeypatch):
    whole = embedded()
    names = tuple(f"{NAME}/{number}" for number, _ in enumerate(whole.character_names))
    hostile = replace(whole, character_names=names, metadata={**whole.metadata, "note": NAME})
    monkeypatch.setattr("boundcheck.omniglot.embedded.shipped", lambda: hostile)
    out, err = run("demo", "--triples", 10, "--out", "report", status=0)
    require_plain(out, styled=True)
    require_plain(err)
    for path in (tmp_path / "report").glob("*.[chm]*"):
        require_plain(path.read_text(encoding="utf-8"))
    table = (tmp_path / "report" / "triples.csv").read_text(encoding="utf-8")
    assert not [cell for row in csv.reader(io.StringIO(table)) for cell in row if cell[:1] in ("=", "@")]
