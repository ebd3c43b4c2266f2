"""The pytest plugin: options and a marker for tests that draw collections, and how to run a failing one again.

It lies beside the package, not in it, since pytest loads it in every run and the package loads torch. Until a test of
boundcheck's runs, it imports nothing but pytest.
"""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

EXAMPLES = "--boundcheck-examples"
SEED = "--boundcheck-seed"
MARKER = "boundcheck"

#: What Hypothesis allows an example where nobody says.
HYPOTHESIS_DEADLINE = timedelta(milliseconds=200)

_AGAIN = pytest.StashKey[str]()


def _examples(text: str) -> int:
    return _whole(text, 1, f"{EXAMPLES}: expected an integer in [1, ∞), got {text!r}")


def _seed(text: str) -> int:
    return _whole(text, 0, f"{SEED}: expected an integer in [0, ∞), got {text!r}")


def _whole(text: str, least: int, refusal: str) -> int:
    try:
        value = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(refusal) from None
    if value < least:
        raise argparse.ArgumentTypeError(refusal)
    return value


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("boundcheck", "boundcheck")
    group.addoption(
        EXAMPLES,
        type=_examples,
        metavar="N",
        help="Run tests that draw collections on N examples each, unless @settings gives them a number",
    )
    group.addoption(
        SEED,
        type=_seed,
        metavar="N",
        help="Draw collections from this seed, without Hypothesis's database, unless a test has its own @seed",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line(
        "markers",
        f"{MARKER}(examples=None, seed=None): draws collections; on so many examples, from this seed. "
        "Every test by given_collections has it.",
    )


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say what the options are, where any is given."""
    given = [option for option in (EXAMPLES, SEED) if config.getoption(option) is not None]
    return "boundcheck: " + " ".join(f"{option}={config.getoption(option)}" for option in given) if given else None


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark the tests that draw collections, for ``-m boundcheck``."""
    if getattr(_function(item), "is_boundcheck_test", False):
        item.add_marker(MARKER)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Refuse a marker that means nothing."""
    for mark in item.iter_markers(MARKER):
        refusal = _refusal(mark)
        if refusal is None and mark.kwargs and mark in item.own_markers and not _draws(item):
            refusal = "expected a test by given_collections or given, got one that draws nothing; drop the marker"
        if refusal is not None:
            pytest.fail(f"mark.{MARKER}: {refusal}", pytrace=False)


def _refusal(mark: pytest.Mark) -> str | None:
    """Return what is wrong with a marker's arguments, or None."""
    if mark.args:
        return f"expected examples= and seed= by name, got {mark.args!r}"
    for name, value in mark.kwargs.items():
        if name not in ("examples", "seed"):
            return f"expected examples= and seed=, got {name}="
        least = 1 if name == "examples" else 0
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < least):
            return f"{name}: expected an integer in [{least}, ∞) or None, got {value!r}"
    return None


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Run a test that draws collections under what the options and its markers say."""
    if item.get_closest_marker(MARKER) is None or not _draws(item):
        yield
        return
    with _as_told(item):
        yield


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Add to a failure how to run it again."""
    outcome: Any = yield
    report = outcome.get_result()
    if call.when == "call" and report.failed and _AGAIN in item.stash:
        report.sections.append(("boundcheck: to run it again", item.stash[_AGAIN]))


def _function(item: pytest.Item) -> Any:
    """Return the function of a test, of a method too; None for what has none."""
    test = getattr(item, "obj", None)
    return getattr(test, "__func__", test)


def _draws(item: pytest.Item) -> bool:
    return bool(getattr(_function(item), "is_hypothesis_test", False))


@contextmanager
def _as_told(item: pytest.Item) -> Iterator[None]:
    """Set a test's settings and seed for one run of it: other items may share its function.

    Hypothesis has no public way to change the settings of a test; its own plugin sets the same attributes.
    """
    from hypothesis import seed as seeded
    from hypothesis import settings

    test = _function(item)
    before = {
        name: getattr(test, name, None)
        for name in ("_hypothesis_internal_use_settings", "_hypothesis_internal_use_seed")
    }
    current: settings = before["_hypothesis_internal_use_settings"] or settings()
    changed: dict[str, Any] = {}
    examples = _asked(item, EXAMPLES, "examples")
    own = getattr(test, "_hypothesis_internal_settings_applied", False)
    # Settings do not say which of them were given; one that is not the profile's was.
    if examples is not None and not (own and current.max_examples != settings().max_examples):
        changed["max_examples"] = examples
    if current.deadline == HYPOTHESIS_DEADLINE:
        # A check of large collections takes longer than one of small ones, and the first compiles its kernels.
        changed["deadline"] = None
    seed = _asked(item, SEED, "seed") if before["_hypothesis_internal_use_seed"] is None else None
    if changed:
        test._hypothesis_internal_use_settings = settings(current, **changed)
    if seed is not None:
        seeded(seed)(test)
    try:
        yield
    finally:
        item.stash[_AGAIN] = _again(item, test, "max_examples" in changed)
        for name, value in before.items():
            setattr(test, name, value)


def _asked(item: pytest.Item, option: str, argument: str) -> int | None:
    """Return what the command line asks for, or else the closest marker that says."""
    asked: int | None = item.config.getoption(option)
    if asked is None:
        asked = next(
            (mark.kwargs[argument] for mark in item.iter_markers(MARKER) if mark.kwargs.get(argument) is not None), None
        )
    return asked


def _again(item: pytest.Item, test: Any, counted: bool) -> str:
    """Return the command that draws the same collections once more."""
    command = ["pytest", item.nodeid]
    for option in ("--hypothesis-profile", "--hypothesis-seed"):
        value = item.config.getoption(option, None)
        if value is not None:
            command.append(f"{option}={value}")
    if counted and item.config.getoption(EXAMPLES) is not None:
        command.append(f"{EXAMPLES}={item.config.getoption(EXAMPLES)}")
    if _is_from_database(item):
        return f"{shlex.join(command)}\n(known from an earlier run: Hypothesis's database has it)"
    # None where the draws are the same in every run, or a seed was given.
    drawn = getattr(test, "_hypothesis_internal_use_generated_seed", None)
    seed = item.config.getoption(SEED) if drawn is None else drawn
    if seed is not None:
        command.append(f"{SEED}={seed}")
    return shlex.join(command)


def _is_from_database(item: pytest.Item) -> bool:
    """Say whether a failure was found among those that earlier runs left, which no seed draws."""
    statistics = getattr(item, "hypothesis_statistics", "")
    reused = re.search(r"during reuse phase.*?(?=during \w+ phase|\Z)", statistics, re.DOTALL)
    return reused is not None and re.search(r"\b[1-9]\d* failing", reused[0]) is not None
