"""Matplotlib without a display, whatever backend the environment asks for: figures here need none."""

from __future__ import annotations

import os
import sys
import textwrap
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["load", "new_figure", "set_title"]


def load(module: str) -> Any:
    """Return a module of matplotlib.

    Matplotlib refuses to load where ``MPLBACKEND`` names a backend that it does not have.
    """
    if "matplotlib" in sys.modules:
        return import_module(module)
    asked = os.environ.pop("MPLBACKEND", None)
    try:
        found = import_module(module)
    finally:
        if asked is not None:
            os.environ["MPLBACKEND"] = asked
    if asked:
        # As matplotlib does it, for whoever draws on a display in this process.
        with suppress(ValueError):
            import_module("matplotlib").rcParams["backend"] = asked
    return found


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure of so many inches."""
    figure: Figure = load("matplotlib.figure").Figure(figsize=(width, height), layout="constrained")
    return figure


def set_title(figure: Figure, title: str, size: float = 10) -> None:
    """Set a figure's title, in as many lines as it takes to fit."""
    # Half of its size is about how wide a letter is, in points.
    letters = int(72 * figure.get_figwidth() / (0.56 * size))
    figure.suptitle("\n".join(textwrap.wrap(title, max(20, letters))) or title, fontsize=size, parse_math=False)
