"""Finding a bound: by name or in a file, the same way wherever one is asked for."""

import numpy as np
import pytest
from click.testing import CliRunner

from boundcheck import check_bound, falsify, scan
from boundcheck.cli import cli
from boundcheck.errors import InvalidValueError
from boundcheck.testing import given_collections
from boundcheck.theorems import IN_THE_LIBRARY, K, every, get
from boundcheck.theorems.false import FALSE
from boundcheck.theorems.find import find_bound, resolve
from boundcheck.theorems.published import PUBLISHED

POINTS = np.random.default_rng(0).normal(size=(12, 2))
CLASSES, COLLECTIONS = np.repeat([0, 1], 6), np.repeat(np.arange(4), 3)
GROUPS = POINTS.reshape(4, 3, 2)


@pytest.fixture
def spec(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(
        "from boundcheck import Bound\nfrom boundcheck.theorems import K\n"
        "mine = Bound('mine', lhs=K.lhs, rhs=3 * K.rhs, premises=K.premises)\n"
    )
    return f"{path}:mine"


def checked_by_command(spec, tmp_path):
    file = tmp_path / "points.npy"
    np.save(file, GROUPS[:3])
    return CliRunner().invoke(cli, ["check", str(file), "--bound", spec, "--json"], standalone_mode=False)


FINDERS = {
    "function": lambda spec, tmp_path: check_bound(None, *GROUPS[:3], bound=spec),
    "scan": lambda spec, tmp_path: scan(POINTS, CLASSES, COLLECTIONS, [spec]),
    "adversary": lambda spec, tmp_path: falsify(spec, seconds=0.1),
    "replay": lambda spec, tmp_path: resolve(spec),
    "plugin": lambda spec, tmp_path: given_collections(spec),
}


def test_every_name_is_found():
    for name, bound in every().items():
        assert find_bound(name) == (bound, None)
    for other in (*FALSE, *PUBLISHED.values()):
        assert find_bound(other.name) == (other.bound, None)


def test_a_file_is_found(spec):
    bound, path = find_bound(spec)
    assert bound.name == "mine"
    assert path.name == "mine.py"


@pytest.mark.parametrize("finder", FINDERS)
def test_a_file_is_found_wherever_a_bound_is_asked_for(finder, spec, tmp_path):
    FINDERS[finder](spec, tmp_path)


@pytest.mark.parametrize("finder", FINDERS)
def test_what_is_near_is_named(finder, tmp_path):
    with pytest.raises(
        InvalidValueError, match=r"bound: expected one of karimov, .*got 'karmov'; did you mean 'karimov'"
    ):
        FINDERS[finder]("karmov", tmp_path)


def test_a_command_finds_a_file_and_says_that_it_runs(spec, tmp_path):
    found = checked_by_command(spec, tmp_path)
    assert found.exception is None
    assert found.return_value == 0
    assert '"mine"' in found.output
    assert "running " in found.output


def test_show_finds_a_file(spec):
    found = CliRunner().invoke(cli, ["show", spec], standalone_mode=False)
    assert found.exception is None
    assert "mine" in found.output


def test_of_a_false_statement_too_what_is_near_is_named():
    name = FALSE[0].bound.name
    with pytest.raises(InvalidValueError, match="did you mean"):
        find_bound(name + "x")


def test_nothing_near():
    with pytest.raises(InvalidValueError, match=r"got 'qqqq'$"):
        get("qqqq")
    assert get("karimov") is K


def test_what_every_statement_is_made_of_is_shown_on_a_line():
    for bound in [*every().values(), *(statement.bound for statement in PUBLISHED.values())]:
        parts = {bound, *bound.premises, *bound.collections, *bound.parameters(), *bound.weights(), *bound.maps()}
        parts |= {node for term in bound.terms() for node in term.walk()}
        for part in parts:
            shown = repr(part)
            assert shown.startswith(f"<{type(part).__name__} ")
            assert len(shown) <= 200
            assert "\n" not in shown


def test_a_name_that_is_near_is_what_may_have_been_meant():
    with pytest.raises(
        InvalidValueError, match=r"^aggregator: expected one of .*got 'meen'; did you mean 'mean' or 'median'\?$"
    ):
        check_bound(None, [[0.0]], [[1.0]], [[2.0]], aggregator="meen")


def test_one_bound_alone_may_be_scanned_by_itself_or_its_name(spec):
    for one in (K, "karimov"):
        assert list(scan(POINTS, CLASSES, COLLECTIONS, one).summary.bounds) == ["karimov"]
    assert len(scan(POINTS, CLASSES, COLLECTIONS, spec).summary.bounds) == 1


def test_the_theorems_in_the_library_are_named():
    assert set(every()) & set(PUBLISHED) == IN_THE_LIBRARY
    assert all(PUBLISHED[name].bound == every()[name] for name in IN_THE_LIBRARY)
    assert not set(every()) & {statement.name for statement in FALSE}
