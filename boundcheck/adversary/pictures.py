"""A picture of a counterexample on a line or in a plane."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from boundcheck.drawing import new_figure, set_title
from boundcheck.errors import InvalidValueError, explain
from boundcheck.printable import printable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from boundcheck.adversary.outcome import Refuted

__all__ = ["picture"]


def picture(found: Refuted) -> Figure:
    """Draw a counterexample, which must be on a line or in a plane.

    Raises
    ------
    InvalidValueError
        If it has more than two dimensions.
    """
    if found.dimension > 2:
        raise InvalidValueError(explain("dimension", "1 or 2 for a picture", f"{found.dimension}"))
    figure = new_figure(5.4, 1.9 if found.dimension == 1 else 4.4)
    axis = figure.subplots()
    # Colour-blind safe (P. Tol's "bright" scheme); equal points are drawn one inside the other.
    looks = zip(("#4477AA", "#228833", "#EE6677", "#CCBB44"), "os^D", (150, 80, 30, 15), strict=True)
    for (symbol, rows), (colour, marker, area) in zip(found.points.items(), looks, strict=False):
        points = np.array(rows)
        heights = points[:, 1] if found.dimension == 2 else np.zeros(len(points))
        label = f"{symbol}: {len(rows)} point{'s' * (len(rows) > 1)}"
        axis.scatter(points[:, 0], heights, area, facecolors="none", edgecolors=colour, marker=marker, label=label)
    if found.dimension == 1:
        axis.set_yticks([])
        axis.axhline(0, color="#BBBBBB", linewidth=0.8, zorder=0)
    else:
        axis.set_aspect("equal", adjustable="datalim")
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)
    axis.margins(0.15)
    figure.legend(loc="outside lower center", ncols=3, fontsize=8, frameon=False)
    sign = found.bound.relation.denied
    sides = f"{float(found.lhs):.6g} {sign} {float(found.rhs):.6g}"
    set_title(figure, printable(f"{found.bound.statement}, p = {found.norm:g}: {sides}"), 9)
    return figure
