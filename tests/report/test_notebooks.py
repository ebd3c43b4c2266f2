"""A notebook: what its cells show, its page as HTML, and progress on a line of text."""

import re
import sys
from types import SimpleNamespace

import pytest

from boundcheck import progress
from boundcheck.progress import Bar, counting, status

CELLS = [
    "import numpy as np, boundcheck\n"
    "from boundcheck import K, check_bound, falsify, scan\n"
    "random = np.random.default_rng(0)\n"
    "report = check_bound(None, *random.normal(size=(3, 5, 3)))",
    "K",
    "report",
    "check_bound(None, *random.normal(size=(3, 5, 3)), bound='all')",
    "falsify('karimov-199')",
    "scan(random.normal(size=(24, 3)), np.arange(24) // 12, np.arange(24) // 3, 'karimov')",
    "print(report)",
    "assert str(report).startswith('holds') and f'{report}' == str(report)",
]


@pytest.fixture(scope="module")
def notebook():
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    pytest.importorskip("ipykernel")
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    found = nbformat.v4.new_notebook(cells=cells)
    nbclient.NotebookClient(found, timeout=300, kernel_name="python3").execute()
    return found


def outputs(notebook, source):
    return next(cell for cell in notebook.cells if cell.source == source).outputs


@pytest.mark.parametrize("source", CELLS[1:6])
def test_a_cell_shows_a_result_as_text_and_as_a_page_with_mathematics(notebook, source):
    (shown,) = [one for one in outputs(notebook, source) if one.output_type == "execute_result"]
    assert len(shown.data["text/plain"]) <= 200
    page = shown.data["text/html"]
    assert "<math" in page
    assert "<script" not in page


def test_what_is_printed_is_text_and_text_alone_shows_nothing(notebook):
    (printed,) = outputs(notebook, CELLS[6])
    assert printed.output_type == "stream"
    assert printed.text.startswith("holds  ‖mean_i x_i")
    assert outputs(notebook, CELLS[7]) == []


def test_its_page_has_the_mathematics(notebook):
    exporter = pytest.importorskip("nbconvert").HTMLExporter(template_name="basic")
    page, _ = exporter.from_notebook_node(notebook)
    assert page.count("<math") >= 5
    assert "karimov" in page


@pytest.fixture
def in_a_notebook(monkeypatch):
    """Have the process look as one that runs cells does."""
    shell = SimpleNamespace(kernel=object())
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    clock = iter(range(10**6))
    monkeypatch.setattr(progress.time, "monotonic", lambda: float(next(clock)))


@pytest.mark.usefixtures("in_a_notebook")
def test_progress_is_a_line_that_is_written_over_itself(capsys):
    with Bar("triples", 12) as bar:
        bar.advance(3)
        bar.advance(9, "done")
    err = capsys.readouterr().err
    assert re.search(r"\rtriples 3/12 · \d+ s left", err)
    assert "\rtriples 12/12 · done" in err
    assert "\x1b" not in err
    # Nothing stays of it.
    assert not err.rsplit("\r", 2)[1].strip()
    with status() as say:
        say("looking\x1b[31m")
    assert "looking\\x1b[31m" in capsys.readouterr().err


@pytest.mark.usefixtures("in_a_notebook")
@pytest.mark.parametrize(("wanted", "shows"), [(None, True), (True, True), (False, False)])
def test_counting_shows_where_someone_looks(wanted, shows, capsys):
    with counting("triples", 4, wanted) as advance:
        for _ in range(4):
            advance(1)
    assert ("triples" in capsys.readouterr().err) is shows


def test_counting_calls_what_the_caller_gave(capsys):
    seen = []
    with counting("triples", 4, seen.append) as advance:
        advance(3)
    assert seen == [3]
    with counting("triples", 4, None) as advance:
        advance(3)
    assert capsys.readouterr().err == ""
