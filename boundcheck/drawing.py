"""Matplotlib without a display, whatever backend the environment asks for: figures here need none.

Axes that a caller asks for are of the size of a column of a paper, in colours that are told apart by anyone (P. Tol's
"bright" scheme), on a light or a dark ground; in a session that has pyplot loaded they are its own, so that it shows them.
"""

from __future__ import annotations

import os
import re
import sys
import textwrap
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from boundcheck.errors import InvalidTypeError, InvalidValueError, explain, require_named, require_real

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["COLOURS", "FAINT", "Theme", "Width", "axes_for", "dressed", "load", "mathtext", "new_figure", "set_title"]

#: Colour-blind safe: the links of a proof in their order, groups, collections.
COLOURS = ("#4477AA", "#66CCEE", "#228833", "#CCBB44", "#EE6677", "#AA3377")
#: What is there to compare with.
FAINT = "#BBBBBB"
#: Of a paper's column, of both, or in inches.
Width: TypeAlias = "Literal['one', 'two'] | float"
Theme: TypeAlias = "Literal['light', 'dark']"

_INCHES = {"one": 3.4, "two": 7.0}
# Of LaTeX that is set in a figure.
_LONGEST, _DEEPEST = 400, 4
_INK = {"light": "#111111", "dark": "#EEEEEE"}


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


def axes_for(ax: Any, *, width: Width, height: float) -> Axes:
    """Return axes to draw on: the caller's, or new ones.

    Parameters
    ----------
    ax
        Axes of matplotlib; None for new ones, in a figure of their own.
    width
        Of that figure: ``"one"`` (3.4 inches) or ``"two"`` columns (7 inches), or a number of inches.
    height
        Of that figure, in inches.

    Raises
    ------
    InvalidTypeError
        If `ax` is no axes.
    InvalidValueError
        If the width is neither a name nor above 0.
    """
    if ax is not None:
        if not hasattr(ax, "get_figure") or not hasattr(ax, "plot"):
            raise InvalidTypeError(explain("ax", "axes of matplotlib, or None", f"{type(ax).__name__}"))
        given: Axes = ax
        return given
    if isinstance(width, str):
        require_named("width", width, _INCHES)
        inches = _INCHES[width]
    else:
        inches = require_real("width", width)
        if not inches > 0:
            raise InvalidValueError(explain("width", "'one', 'two' or inches above 0", f"{width!r}"))
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None:
        made: Axes = new_figure(inches, height).subplots()
    else:
        made = pyplot.subplots(figsize=(inches, height), layout="constrained")[1]
    return made


def dressed(axes: Axes, theme: Theme, *, left: bool = True) -> Axes:
    """Return axes in the colours of a theme and in the letters of a paper, without the frame's upper and right side.

    Raises
    ------
    InvalidValueError
        If there is no such theme.
    """
    require_named("theme", theme, _INK)
    ink = _INK[theme]
    figure = axes.figure
    # See-through, so that a page's ground is theirs too; on a dark one, what is saved has a ground of its own.
    if theme == "dark":
        figure.set_facecolor("#16191D")
    axes.set_facecolor("none")
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom" or (side == "left" and left))
        spine.set_color(ink)
    axes.tick_params(which="both", colors=ink, labelsize=8)
    for text in (axes.xaxis.label, axes.yaxis.label):
        text.set(color=ink, fontsize=8)
    axes.title.set(color=ink, fontsize=8)
    for text in axes.texts:
        text.set(color=ink, fontsize=7)
    legend = axes.get_legend()
    if legend is not None:
        legend.set_frame_on(False)
        for text in legend.get_texts():
            text.set(color=ink, fontsize=7, parse_math=False)
    return axes


def mathtext(latex: str, otherwise: str) -> str:
    """Return LaTeX mathematics as matplotlib sets it, in dollar signs; the other text where it cannot.

    Nor is what is long or deep: no figure has room for it, and matplotlib takes minutes to read some.
    """
    changed = re.sub(r"\\[lr]Vert(?![A-Za-z])", r"\\|", latex)
    changed = re.sub(r"\\[lr]vert(?![A-Za-z])", "|", changed).replace(r"\tfrac", r"\frac").replace(r"\le ", r"\leq ")
    plain = otherwise.replace("$", r"\$")
    if len(changed) > _LONGEST or _depth(changed) > _DEEPEST:
        return plain
    try:
        load("matplotlib.mathtext").MathTextParser("path").parse(f"${changed}$")
    except ValueError:
        return plain
    return f"${changed}$"


def _depth(latex: str) -> int:
    """Return how deep fences stand in fences."""
    deep = deepest = 0
    for found in re.findall(r"\\left(?![A-Za-z])|\\right(?![A-Za-z])", latex):
        deep += 1 if found == r"\left" else -1
        deepest = max(deepest, deep)
    return deepest
