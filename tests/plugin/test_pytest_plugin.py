"""The plugin in runs of pytest of its own: what it costs, what its options and marker do, what a failure says.

A run in this process takes the modules it loaded with it when it ends, and torch cannot be loaded twice: runs that
need torch are processes of their own.
"""

import itertools
import json
import os
import re
import shlex
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = ["pytester"]

#: Tests that draw no collections, so that a run of its own need not load torch.
COUNTED = """
    from collections import Counter
    from hypothesis import given, seed, settings, strategies as st
    import pytest
    import unittest

    seen = Counter()
    numbers = st.integers(0, 10**12)
"""


@pytest.fixture
def pytester(pytester, monkeypatch):
    # No one's options reach the inner runs. On a build machine Hypothesis draws the same in every run: it was told so by
    # the environment, which processes inherit, and has said so already to the profile of the runs in this one.
    for name in ("PYTEST_ADDOPTS", "CI", "TF_BUILD", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)
    before = settings.get_current_profile_name()
    settings.register_profile("drawn anew", settings(), derandomize=False)
    settings.load_profile("drawn anew")
    yield pytester
    settings.load_profile(before)


def passed(result, **outcomes):
    result.assert_outcomes(**outcomes)
    return result


def test_loading_it_imports_nothing(pytester, monkeypatch):
    pytester.makepyfile(
        """
        import sys

        def test_what_is_loaded():
            assert "_boundcheck_pytest" in sys.modules
            loaded = {"boundcheck", "torch", "numpy", "hypothesis"} & sys.modules.keys()
            assert not loaded, loaded
        """
    )
    # Other plugins that are installed may import what they like.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    passed(pytester.runpytest_subprocess("-p", "boundcheck"), passed=1)


def test_the_entry_point_is_the_module():
    [point] = [point for point in entry_points(group="pytest11") if point.name == "boundcheck"]
    assert point.value == "_boundcheck_pytest"


def test_help_and_markers_name_it(pytester):
    text = pytester.runpytest("--help").stdout.str()
    assert "--boundcheck-examples=N" in text
    assert "--boundcheck-seed=N" in text
    pytester.runpytest("--markers").stdout.fnmatch_lines(["@pytest.mark.boundcheck(examples=None, seed=None): *"])


def test_doctests_and_other_items_are_left_alone(pytester):
    pytester.makepyfile(module="'''\n>>> 1 + 1\n2\n'''")
    pytester.maketxtfile(test_text=">>> 1 + 1\n2\n")
    pytester.makepyfile(test_plain="def test_plain(): pass")
    result = pytester.runpytest(
        "--doctest-modules", "--strict-markers", "--boundcheck-examples=3", "--boundcheck-seed=1"
    )
    passed(result, passed=3)


EXAMPLES = (
    COUNTED
    + """
    @pytest.mark.boundcheck
    @given(numbers)
    def test_of_the_profile(k): seen["profile"] += 1

    @pytest.mark.boundcheck(examples=7)
    @given(numbers)
    def test_of_the_marker(k): seen["marker"] += 1

    @pytest.mark.boundcheck(examples=7)
    @settings(max_examples=9)
    @given(numbers)
    def test_of_its_settings(k): seen["settings"] += 1

    @pytest.mark.boundcheck(examples=7)
    @settings(database=None)
    @given(numbers)
    def test_of_other_settings(k): seen["other settings"] += 1

    @given(numbers)
    def test_of_hypothesis_alone(k): seen["alone"] += 1

    @pytest.mark.boundcheck(examples=4)
    class TestClass:
        @given(numbers)
        def test_of_the_class(self, k): seen["class"] += 1

        @pytest.mark.boundcheck(examples=5)
        @given(numbers)
        def test_of_its_own(self, k): seen["own"] += 1

        def test_without_draws(self): pass

    @pytest.mark.parametrize("name", [pytest.param("a", marks=pytest.mark.boundcheck(examples=3)), "b"])
    @given(k=numbers)
    def test_shared(k, name): seen[name] += 1

    class TestUnit(unittest.TestCase):
        @pytest.mark.boundcheck(examples=8)
        @given(numbers)
        def test_of_unittest(self, k): seen["unittest"] += 1

    def test_counts(pytestconfig):
        import json
        (pytestconfig.rootpath / "seen.json").write_text(json.dumps(seen))
"""
)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            (),
            {
                "profile": 100,
                "marker": 7,
                "other settings": 7,
                "class": 4,
                "own": 5,
                "a": 3,
                "b": 100,
                "unittest": 8,
                "alone": 100,
            },
        ),
        (
            ("--boundcheck-examples=12",),
            {
                "profile": 12,
                "marker": 12,
                "other settings": 12,
                "class": 12,
                "own": 12,
                "a": 12,
                "b": 100,
                "unittest": 12,
                "alone": 100,
            },
        ),
        (
            ("--hypothesis-profile=few",),
            {
                "profile": 6,
                "marker": 7,
                "other settings": 7,
                "class": 4,
                "own": 5,
                "a": 3,
                "b": 6,
                "unittest": 8,
                "alone": 6,
            },
        ),
    ],
    ids=["marker", "option", "profile"],
)
def test_examples_are_as_many_as_the_nearest_says(pytester, options, expected):
    pytester.makeconftest("from hypothesis import settings\nsettings.register_profile('few', max_examples=6)")
    pytester.makepyfile(EXAMPLES)
    passed(pytester.runpytest_subprocess(*options), passed=12)
    assert json.loads((pytester.path / "seen.json").read_text()) == expected | {"settings": 9}


SEEDED = (
    COUNTED
    + """
    import json
    from pathlib import Path

    draws = {}

    @pytest.mark.boundcheck
    @given(numbers)
    def test_any(k): draws.setdefault("any", []).append(k)

    @pytest.mark.boundcheck(seed=5)
    @given(numbers)
    def test_marked(k): draws.setdefault("marked", []).append(k)

    @seed(5)
    @pytest.mark.boundcheck(seed=6)
    @given(numbers)
    def test_own(k): draws.setdefault("own", []).append(k)

    def test_write(): Path("draws.json").write_text(json.dumps(draws))
"""
)


def test_a_seed_fixes_what_is_drawn(pytester):
    pytester.makepyfile(SEEDED)

    def draws(*options):
        passed(pytester.runpytest(*options), passed=4)
        return json.loads((pytester.path / "draws.json").read_text())

    five, again, six, free = (
        draws(*options) for options in (["--boundcheck-seed=5"],) * 2 + (["--boundcheck-seed=6"], [])
    )
    assert five == again
    assert five["any"] != six["any"]
    assert five["any"] == five["marked"] == five["own"], "one seed, one sequence"
    assert six["marked"] == six["any"], "the option goes before the marker"
    assert six["own"] == free["own"] == five["own"], "its own seed goes before both"
    assert free["marked"] == five["marked"]
    assert free["any"] != five["any"]


FAILING = """
    from hypothesis import given, settings, strategies as st
    from hypothesis.database import DirectoryBasedExampleDatabase
    import pytest

    @pytest.mark.boundcheck
    @settings(database=DirectoryBasedExampleDatabase("examples"), max_examples=300)
    @given(st.integers(0, 10**12))
    def test_small(k):
        with open("draws.txt", "a") as file:
            print(k, file=file)
        assert k % 13 != 7
"""


def again(result):
    """Return the command that a failure's section gives, and what stands below it."""
    lines = result.stdout.str().splitlines()
    [start] = [number for number, line in enumerate(lines) if "boundcheck: to run it again" in line]
    return shlex.split(lines[start + 1]), lines[start + 2]


def test_a_failure_gives_the_command_that_draws_the_same(pytester):
    pytester.makepyfile(FAILING)
    result = passed(pytester.runpytest(), failed=1)
    command, _ = again(result)
    assert command[:2] == ["pytest", "test_a_failure_gives_the_command_that_draws_the_same.py::test_small"]
    assert re.fullmatch(r"--boundcheck-seed=\d+", command[2])
    first = (pytester.path / "draws.txt").read_text()
    (pytester.path / "draws.txt").unlink()
    second_result = passed(pytester.runpytest(*command[1:]), failed=1)
    second = (pytester.path / "draws.txt").read_text()
    assert second == first
    assert again(second_result)[0] == command


def test_a_failure_from_the_database_says_so(pytester):
    pytester.makepyfile(FAILING)
    passed(pytester.runpytest(), failed=1)
    command, below = again(passed(pytester.runpytest(), failed=1))
    assert len(command) == 2
    assert below == "(known from an earlier run: Hypothesis's database has it)"


def test_the_command_repeats_what_counts(pytester):
    pytester.makepyfile(FAILING.replace(", max_examples=300", ""))
    pytester.makeconftest("from hypothesis import settings\nsettings.register_profile('my own', max_examples=500)")
    result = pytester.runpytest_subprocess("--hypothesis-profile=my own", "--boundcheck-examples=400")
    command, _ = again(passed(result, failed=1))
    assert command[2:4] == ["--hypothesis-profile=my own", "--boundcheck-examples=400"]
    assert command[4].startswith("--boundcheck-seed=")
    (pytester.path / "examples").rename(pytester.path / "elsewhere")
    result = pytester.runpytest_subprocess("--hypothesis-seed=8", "--boundcheck-examples=401")
    assert again(passed(result, failed=1))[0][2:] == ["--hypothesis-seed=8", "--boundcheck-examples=401"]


def test_a_derandomized_failure_needs_no_seed(pytester):
    pytester.makepyfile(FAILING.replace('database=DirectoryBasedExampleDatabase("examples")', "derandomize=True"))
    assert len(again(passed(pytester.runpytest(), failed=1))[0]) == 2


def test_what_passes_and_what_is_not_ours_has_no_section(pytester):
    pytester.makepyfile(
        """
        from hypothesis import given, strategies as st

        def test_plain(): raise AssertionError

        @given(st.none())
        def test_hypothesis(k): raise AssertionError
        """
    )
    assert "to run it again" not in passed(pytester.runpytest(), failed=2).stdout.str()


SLOW = """
    import time
    from hypothesis import HealthCheck, given, settings, strategies as st
    import pytest

    @settings(max_examples=1, deadline={deadline})
    @given(st.none())
    {marker}
    def test_slow(k): time.sleep(0.3)
"""


@pytest.mark.parametrize(
    ("deadline", "marker", "outcome"),
    [("200", "@pytest.mark.boundcheck", "passed"), ("100", "@pytest.mark.boundcheck", "failed"), ("200", "", "failed")],
)
def test_hypothesis_default_deadline_does_not_count(pytester, deadline, marker, outcome):
    pytester.makepyfile(SLOW.format(deadline=deadline, marker=marker))
    passed(pytester.runpytest(), **{outcome: 1})


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--boundcheck-examples", "0", "expected an integer in [1, ∞), got '0'"),
        ("--boundcheck-examples", "many", "expected an integer in [1, ∞), got 'many'"),
        ("--boundcheck-seed", "-1", "expected an integer in [0, ∞), got '-1'"),
        ("--boundcheck-seed", "1.5", "expected an integer in [0, ∞), got '1.5'"),
    ],
)
def test_options_that_mean_nothing_are_refused(pytester, option, value, message):
    result = pytester.runpytest(f"{option}={value}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert f"{option}: {message}" in result.stderr.str()


@pytest.mark.parametrize(
    ("mark", "message"),
    [
        ("(5)", "expected examples= and seed= by name, got (5,)"),
        ("(example=5)", "expected examples= and seed=, got example="),
        ("(examples=0)", "examples: expected an integer in [1, ∞) or None, got 0"),
        ("(examples=True)", "examples: expected an integer in [1, ∞) or None, got True"),
        ("(seed='a')", "seed: expected an integer in [0, ∞) or None, got 'a'"),
    ],
)
def test_markers_that_mean_nothing_are_refused(pytester, mark, message):
    pytester.makepyfile(
        f"""
        from hypothesis import given, strategies as st
        import pytest

        @pytest.mark.boundcheck{mark}
        @given(st.none())
        def test_drawn(k): pass
        """
    )
    result = passed(pytester.runpytest(), errors=1)
    assert f"mark.boundcheck: {message}" in result.stdout.str()


def test_a_marker_on_a_test_that_draws_nothing_is_refused(pytester):
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.boundcheck(examples=3)
        def test_plain(): pass

        @pytest.mark.boundcheck
        def test_selected(): pass
        """
    )
    result = passed(pytester.runpytest(), errors=1, passed=1)
    assert "got one that draws nothing; drop the marker" in result.stdout.str()


COLLECTIONS = """
    from dataclasses import replace
    from boundcheck import K, assert_bound, given_collections
    from boundcheck.language import farthest, largest, m, w, x
    from hypothesis import Phase, settings

    GUESS = replace(K, name="guess", rhs=1.99 * largest(m, farthest(x, w)), chain=())
    # Explaining a failure traces every line, which takes longest.
    plain = settings(phases=set(Phase) - {Phase.explain})

    @settings(plain, max_examples=20)
    @given_collections(max_dimension=4)
    def test_theorem(G1, G2, G3, norm):
        assert_bound(None, G1, G2, G3, norm=norm, allow_undecided=True)

    @plain
    @given_collections(GUESS, max_dimension=4)
    def test_guess(triple):
        assert_bound(None, *triple.collections, bound=GUESS)

    class TestMethods:
        @settings(max_examples=2)
        @given_collections(max_dimension=2)
        def test_drawn_too(self, triple): pass

    def test_that_draws_nothing(): raise AssertionError
"""
# Those that draw are marked.
DRAWN = ("-m", "boundcheck", "--strict-markers", "--boundcheck-examples=300", "--boundcheck-seed=1")


def check_collections(result, **others):
    passed(result, passed=2, failed=1, **others)
    text = result.stdout.str()
    assert "BoundAssertionError: guess: the bound fails" in text
    # The examples and the tracebacks are of the test's own file, and the package's frames stay hidden.
    assert "triple=Triple(G1=[[0.0]], G2=[[2.0]], G3=[[1.0]], 'lattice" in text
    assert "premise T(m): holds by choice of the least value (attained at G1[0], G2[0], G3[0]" in text
    assert "boundcheck/testing.py" not in text.replace(os.sep, "/").split("Explanation:")[0]
    command, _ = again(result)
    assert command[1].endswith(".py::test_guess")
    return command, text


def test_collections_from_failure_to_paste(pytester):
    pytester.makepyfile(COLLECTIONS)
    _, text = check_collections(pytester.runpytest_subprocess(*DRAWN), deselected=1)
    [lines] = re.findall(r"^E +(from boundcheck import check_bound)\nE +(.*)\nE +(.*)$", text, re.MULTILINE)
    pasted = pytester.path / "pasted.py"
    pasted.write_text("\n".join(lines), encoding="utf-8")
    printed = pytester.runpython(pasted).stdout
    printed.fnmatch_lines(["fails  *", "guess · G1: 1, G2: 1, G3: 1 objects · 1 dimension · Euclidean norm"])


def test_a_worker_of_xdist_reports_the_same(pytester):
    pytest.importorskip("xdist")
    pytester.makepyfile(COLLECTIONS)
    result = pytester.runpytest_subprocess("-n1", *DRAWN)
    command, _ = check_collections(result)
    assert command[2:] == ["--boundcheck-examples=300", "--boundcheck-seed=1"]


def test_workers_of_xdist_count_and_draw_alike(pytester):
    pytest.importorskip("xdist")
    pytester.makepyfile(
        """
        from hypothesis import given, strategies as st
        import pytest

        @pytest.mark.parametrize("name", ["a", "b", "c", "d"])
        @pytest.mark.boundcheck
        @given(k=st.integers(0, 10**12))
        def test_any(k, name):
            with open(f"draws-{name}", "a") as file:
                print(k, file=file)
        """
    )
    result = pytester.runpytest_subprocess("-n2", "--boundcheck-examples=11", "--boundcheck-seed=3")
    passed(result, passed=4)
    drawn = {(pytester.path / f"draws-{name}").read_text() for name in "abcd"}
    assert len(drawn) == 1
    assert len(drawn.pop().splitlines()) == 11


def block(name):
    """Return a named block of the plugin's page, its lines without their indentation."""
    page = (Path(__file__).parents[2] / "docs" / "pytest.rst").read_text(encoding="utf-8")
    body = page.split(f"   :name: {name}\n")[1]
    lines = itertools.takewhile(lambda line: not line or line.startswith("   "), body.splitlines())
    return [line[3:] for line in lines if line.strip()] if name == "test-output" else [line[3:] for line in lines]


def test_the_page_shows_what_is_so(pytester):
    pytester.makepyfile(test_guess="\n".join(block("test-file")))
    # Explaining a failure traces every line, which takes longest.
    pytester.makeconftest(
        """
        from hypothesis import Phase, settings

        settings.register_profile("plain", phases=set(Phase) - {Phase.explain})
        """
    )
    # That the first passes is seen of one like it, above.
    options = [
        "test_guess.py::test_guess",
        "-rf",
        "--hypothesis-profile=plain",
        "--boundcheck-examples=300",
        "--boundcheck-seed=0",
    ]
    result = pytester.runpytest_subprocess(*options)
    passed(result, failed=1)
    shown = block("test-output")
    assert len(shown) > 8
    result.stdout.fnmatch_lines([line.replace("[", "[[]") for line in shown])
