"""The progress bar shows on long work only; and what the room imports is little."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from boundcheck.embed import embed, progress
from boundcheck.embed.progress import Meter

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
    original = Meter._open

    def recorded(self: Meter) -> None:
        opened.append(self._total)
        original(self)

    monkeypatch.setattr(Meter, "_open", recorded)
    return opened


def _at_terminal(monkeypatch: pytest.MonkeyPatch, step: float) -> None:
    monkeypatch.setattr(progress, "_at_terminal", lambda: True)
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
    original = Meter.__exit__

    def recorded(self: Meter, *arguments: Any) -> None:
        original(self, *arguments)
        stopped.append(self._bar is not None and self._bar.live.is_started)

    monkeypatch.setattr(Meter, "__exit__", recorded)

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
    """Errors, NumPy and torch at import; rich when a bar opens; scikit-learn never."""
    early: set[str] = set()
    late: set[str] = set()
    for path in Path(progress.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [name.name for name in node.names]
                (late if node.col_offset else early).update(names)
    early = {name for name in early if name.split(".")[0] not in sys.stdlib_module_names}
    allowed = ("numpy", "torch", "jaxtyping", "boundcheck.errors", "boundcheck.real_numbers", "boundcheck.embed")
    assert {name for name in early if not f"{name}.".startswith(tuple(f"{prefix}." for prefix in allowed))} == set()
    assert late == {"rich.console", "rich.progress"}
