"""A picture of a counterexample on a line or in a plane."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from boundcheck.drawing import COLOURS, FAINT, Theme, Width, axes_for, dressed, mathtext, new_figure, set_title
from boundcheck.errors import InvalidValueError, TermError, explain
from boundcheck.language.latex import bound_latex
from boundcheck.printable import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from boundcheck.adversary.outcome import Refuted

__all__ = ["picture", "plot"]


def picture(found: Refuted) -> Figure:
    """Draw a counterexample, which must be on a line or in a plane, as a figure with the statement for its title.

    Raises
    ------
    InvalidValueError
        If it has more than two dimensions.
    """
    _require_flat(found)
    figure = new_figure(5.4, 1.9 if found.dimension == 1 else 4.4)
    _draw(found, figure.subplots())
    figure.legend(loc="outside lower center", ncols=3, fontsize=8, frameon=False)
    set_title(figure, printable(f"{found.bound.statement}, p = {found.norm:g}: {_sides(found)}"), 9)
    return figure


def plot(found: Refuted, ax: Any, width: Width, theme: Theme) -> Axes:
    """Draw a counterexample on axes, with the statement set as mathematics."""
    _require_flat(found)
    axes = axes_for(ax, width=width, height=1.7 if found.dimension == 1 else 3.0)
    _draw(found, axes)
    try:
        latex = bound_latex(found.bound)
    except TermError:
        latex = r"\unknown"
    axes.set_title(f"{mathtext(latex, printable(found.bound.statement))}\n{_sides(found)}")
    axes.legend(ncols=3, loc="upper center", bbox_to_anchor=(0.5, -0.15 if found.dimension == 1 else -0.1))
    return dressed(axes, theme, left=found.dimension > 1)


def _require_flat(found: Refuted) -> None:
    if found.dimension > 2:
        raise InvalidValueError(explain("dimension", "1 or 2 for a picture", f"{found.dimension}"))


def _sides(found: Refuted) -> str:
    return f"{float(found.lhs):.6g} {found.bound.relation.denied} {float(found.rhs):.6g}"


def _draw(found: Refuted, axis: Axes) -> None:
    # Equal points are drawn one inside the other.
    colours = (COLOURS[place] for place in (0, 2, 4, 3))
    looks = zip(colours, "os^D", (150, 80, 30, 15), strict=True)
    for (symbol, rows), (colour, marker, area) in zip(found.points.items(), looks, strict=False):
        points = np.array(rows)
        heights = points[:, 1] if found.dimension == 2 else np.zeros(len(points))
        label = f"{symbol}: {len(rows)} point{'s' * (len(rows) > 1)}"
        axis.scatter(points[:, 0], heights, area, facecolors="none", edgecolors=colour, marker=marker, label=label)
    if found.dimension == 1:
        axis.set_yticks([])
        axis.axhline(0, color=FAINT, linewidth=0.8, zorder=0)
    else:
        axis.set_aspect("equal", adjustable="datalim")
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)
    axis.margins(0.15)
