"""The progress bar shows on long work only; and what the room imports is little."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from boundcheck import progress
from boundcheck.embed import embed, objects
from boundcheck.progress import Bar

X = np.zeros((40, 3))


class Clock:
    """A clock that moves on by ``step`` seconds each time it is read."""

    def __init__(self, step: float) -> None:
        self.now = 0.0
        self.step = step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


@pytest.fixture
def bars(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Record the totals of the bars that open."""
    opened: list[int] = []
    original = Bar._open

    def recorded(self: Bar) -> None:
        opened.append(self._total)
        original(self)

    monkeypatch.setattr(Bar, "_open", recorded)
    return opened


def _at_terminal(monkeypatch: pytest.MonkeyPatch, step: float) -> None:
    monkeypatch.setattr(progress, "at_terminal", lambda: True)
    monkeypatch.setattr(progress.time, "monotonic", Clock(step))


@pytest.mark.parametrize(
    ("step", "batch_size", "wanted", "shows"),
    [
        (0.6, 5, None, True),
        (0.001, 5, None, False),  # over soon
        (5.0, 256, None, False),  # one batch
        (5.0, 5, False, False),
        (0.0, 5, True, True),
        (0.0, 256, True, True),
    ],
)
def test_when_it_shows(
    monkeypatch: pytest.MonkeyPatch, bars: list[int], step: float, batch_size: int, wanted: bool | None, shows: bool
) -> None:
    _at_terminal(monkeypatch, step)
    embed(np.tanh, X, batch_size=batch_size, batched=True, progress=wanted)
    assert bars == ([40] if shows else [])


def test_colours_that_are_forced_make_no_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.setenv(name, "1")
    with progress.status() as say, Bar("work", 3) as bar:
        say("working")
        bar.advance()
    assert capsys.readouterr() == ("", "")
    with progress.status(shown=True) as say, Bar("[bold]a\x1b[31m", 3, shown=True, stays=True) as bar:
        say("working")
        bar.advance(2, "[red]b")
    err = capsys.readouterr().err
    assert "\x1b" not in err
    # Once, as it was in the end.
    assert err.count("[bold]a\\x1b[31m") == err.count("2/3") == err.count("[red]b") == 1


def test_never_where_there_is_no_terminal(
    monkeypatch: pytest.MonkeyPatch, bars: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress.time, "monotonic", Clock(5.0))
    embed(np.tanh, X, batch_size=5, batched=True)
    assert bars == []
    monkeypatch.setattr(sys, "stderr", None)
    embed(np.tanh, X, batch_size=5, batched=True)
    assert bars == []


def test_it_leaves_the_output_alone_and_stops_with_an_error(
    bars: list[int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped: list[bool] = []
    original = Bar.__exit__

    def recorded(self: Bar, *arguments: Any) -> None:
        original(self, *arguments)
        stopped.append(self._bar is not None and self._bar.live.is_started)

    monkeypatch.setattr(Bar, "__exit__", recorded)

    def f(x: np.ndarray) -> np.ndarray:
        if (x == 7).any():
            raise KeyboardInterrupt
        return x

    objects = X.copy()
    objects[30] = 7
    with pytest.raises(KeyboardInterrupt):
        embed(f, objects, batch_size=5, batched=True, progress=True)
    assert bars == [40]
    assert stopped == [False]
    assert capsys.readouterr().out == ""


def test_imports_are_few() -> None:
    """What every room may need, NumPy and torch at import; scikit-learn never."""
    early: set[str] = set()
    late: set[str] = set()
    for path in Path(objects.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [name.name for name in node.names]
                (late if node.col_offset else early).update(names)
    early = {name for name in early if name.split(".")[0] not in sys.stdlib_module_names}
    allowed = (
        *("numpy", "torch", "jaxtyping", "boundcheck.errors", "boundcheck.progress"),
        *("boundcheck.arithmetic", "boundcheck.real_numbers", "boundcheck.embed"),
    )
    assert {name for name in early if not f"{name}.".startswith(tuple(f"{prefix}." for prefix in allowed))} == set()
    assert late == set()
