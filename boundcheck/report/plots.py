"""Pictures of results on axes of matplotlib, for a paper, a talk or a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from boundcheck.drawing import COLOURS, FAINT, Theme, Width, axes_for, dressed, mathtext
from boundcheck.errors import TermError
from boundcheck.language import Bound
from boundcheck.language.latex import bound_latex
from boundcheck.printable import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from boundcheck.report.ladder import Ladder
    from boundcheck.report.result import Report

__all__ = ["plot_ladder", "plot_ranges", "plot_report", "statement_as_mathtext"]


def statement_as_mathtext(bound: Bound) -> str:
    """Return what a bound says, set as mathematics by matplotlib; as text where it cannot be."""
    text = printable(bound.statement)
    try:
        return mathtext(bound_latex(bound), text)
    except TermError:
        return text.replace("$", r"\$")


def plot_report(report: Report, ax: Any, width: Width, theme: Theme) -> Axes:
    """Draw both sides as bars, the right one in the links of the proof where there are any."""
    axes = axes_for(ax, width=width, height=1.9 if report.chain else 1.4)
    left = float(report.lhs)
    axes.barh(1, left, color=FAINT, height=0.6)
    start = left
    for place, link in enumerate(report.chain):
        slack = float(link.slack)
        label = printable(link.title or link.name)
        axes.barh(0, slack, left=start, color=COLOURS[place % len(COLOURS)], height=0.6, label=label)
        start += slack
    axes.barh(0, left if report.chain else float(report.rhs), color=FAINT if report.chain else COLOURS[0], height=0.6)
    axes.set_yticks([1, 0], ["left side", "right side"])
    axes.set_xlabel("in the embedding's units")
    axes.set_title(f"{statement_as_mathtext(report.bound)}\n{report.verdict}")
    if report.chain:
        axes.legend(ncols=2, loc="upper center", bbox_to_anchor=(0.5, -0.35))
    return dressed(axes, theme)


def plot_ladder(ladder: Ladder, ax: Any, width: Width, theme: Theme) -> Axes:
    """Draw what each upper bound says of the distance, beside the distance itself, sharpest first."""
    rungs = [*reversed(ladder.upper)]
    axes = axes_for(ax, width=width, height=0.8 + 0.2 * len(rungs))
    for row, rung in enumerate(rungs):
        vacuous = rung.report.verdict == "vacuous"
        axes.barh(row, float(rung.value), color=FAINT if vacuous else COLOURS[0], height=0.6)
    if ladder.distance is not None:
        axes.axvline(float(ladder.distance), color=COLOURS[4], linewidth=1.2, label="distance of G1 and G2")
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, 1.14))
    axes.set_yticks(range(len(rungs)), [printable(rung.report.bound.name) for rung in rungs])
    axes.set_xlabel("what the bound allows, in the embedding's units")
    return dressed(axes, theme)


def plot_ranges(
    ranges: Mapping[str, tuple[float, float, float]],
    label: str,
    mark: float | None,
    ax: Any,
    width: Width,
    theme: Theme,
) -> Axes:
    """Draw a dot and a line for each of several distributions.

    Parameters
    ----------
    ranges
        By name, the 5% quantile, the median and the 95% quantile.
    label
        What is on the axis.
    mark
        A value to compare with.
    ax, width, theme
        As for the results' own plot.
    """
    axes = axes_for(ax, width=width, height=0.7 + 0.2 * len(ranges))
    for row, (low, middle, high) in enumerate(ranges.values()):
        axes.plot([low, high], [row, row], color=COLOURS[0], linewidth=1.2, solid_capstyle="butt")
        axes.plot(middle, row, "o", color=COLOURS[0], markersize=4)
    if mark is not None:
        axes.axvline(mark, color=FAINT, linewidth=0.8, linestyle="--")
    axes.set_yticks(range(len(ranges)), [printable(name) for name in ranges])
    axes.set_ylim(len(ranges) - 0.4, -0.6)
    axes.set_xlabel(label)
    return dressed(axes, theme)
