"""Figures, drawn without a display and without touching matplotlib's global state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from boundcheck.atomic import atomically
from boundcheck.drawing import COLOURS, FAINT, load, new_figure, set_title
from boundcheck.printable import printable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "Estimate",
    "chain_figure",
    "curve_figure",
    "estimates_figure",
    "growth_figure",
    "heat_colours",
    "heat_png",
    "histogram_figure",
    "image_rows_figure",
    "inline",
    "ladder_figure",
    "looseness_figure",
    "save",
    "scatter_figure",
    "sides_figure",
]

Array = npt.NDArray[np.float64]

_LEFT, _LINKS = FAINT, COLOURS


def save(figure: Figure, folder: Path, name: str) -> tuple[Path, ...]:
    """Write a figure as SVG and PNG, each in one step, and return the paths; the same figure gives the same files."""
    paths = (folder / f"{name}.svg", folder / f"{name}.png")
    for path in paths:
        metadata = {"Date": None} if path.suffix == ".svg" else {}
        # Else the elements' ids are random. By name, so that figures on one page share none.
        with load("matplotlib").rc_context({"svg.hashsalt": name}):
            atomically(path, partial(figure.savefig, dpi=110, metadata=metadata))
    return paths


def sides_figure(sides: Mapping[str, tuple[Array, Array]], statement: str) -> Figure:
    """Draw the left side against the right side, one panel for each group of triples.

    Parameters
    ----------
    sides
        By name, the left and right sides of each triple.
    statement
        The bound, for the title.
    """
    figure = new_figure(4.3 * len(sides) + 0.6, 4.4)
    everything = np.concatenate([np.concatenate(pair) for pair in sides.values()])
    positive = everything[everything > 0]
    low, high = (positive.min() / 1.3, positive.max() * 1.3) if len(positive) else (0.1, 1.0)
    axes = figure.subplots(1, len(sides), sharex=True, sharey=True, squeeze=False)[0]
    for axis, (name, (lhs, rhs)) in zip(axes, sides.items(), strict=True):
        shown = (lhs > 0) & (rhs > 0)
        axis.hexbin(
            lhs[shown],
            rhs[shown],
            gridsize=60,
            xscale="log",
            yscale="log",
            bins="log",
            mincnt=1,
            cmap="viridis",
            linewidths=0.1,
        )
        axis.plot([low, high], [low, high], color="#EE6677", linewidth=1.5)
        axis.annotate(
            "below this line the bound fails",
            (low * (high / low) ** 0.62, low * (high / low) ** 0.57),
            color="#EE6677",
            fontsize=8,
            rotation=45,
            ha="center",
            va="center",
            rotation_mode="anchor",
        )
        axis.set(xlim=(low, high), ylim=(low, high), xlabel="left side: distance of the centroids")
        axis.set_title(printable(f"{name}, {len(lhs):,} triples"), fontsize=10, parse_math=False)
        axis.set_aspect("equal")
    axes[0].set_ylabel("right side")
    set_title(figure, printable(statement))
    return figure


def scatter_figure(sides: Mapping[str, tuple[Array, Array]]) -> Figure:
    """Draw the left sides against the right sides, a dot each, with the line on which both are equal.

    Both axes are logarithmic where every side is above 0 and one is over thirty times another.

    Parameters
    ----------
    sides
        By name of a group of triples, or of what else there are several of, the left and right sides of each.
    """
    figure = new_figure(7.2, 4.2)
    axis = figure.subplots()
    everything = np.concatenate([np.concatenate(pair) for pair in sides.values()])
    low, high = (float(everything.min()), float(everything.max())) if len(everything) else (0.0, 1.0)
    if low > 0 and high > 30 * low:
        axis.set(xscale="log", yscale="log")
    for position, (name, (lhs, rhs)) in enumerate(sides.items()):
        axis.plot(lhs, rhs, ".", markersize=4, color=_LINKS[position % len(_LINKS)], label=printable(name))
    left = np.concatenate([lhs for lhs, _ in sides.values()])
    ends = [float(left.min()), float(left.max())] if len(left) else [0.0, 1.0]
    axis.plot(ends, ends, color="#EE6677", linewidth=1.2, label="equality")
    axis.set(xlabel="left side", ylabel="right side")
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)
    figure.legend(loc="outside upper left", ncols=3, fontsize=8, frameon=False)
    return figure


def chain_figure(groups: Mapping[str, tuple[float, Mapping[str, float]]]) -> Figure:
    """Draw, for each group of triples, how the mean left side grows into the mean right side, link by link.

    Parameters
    ----------
    groups
        By name, the mean left side and the mean slack of each link.
    """
    figure = new_figure(8.2, 1.5 + 0.75 * len(groups))
    axis = figure.subplots()
    links = list(next(iter(groups.values()))[1])
    for row, (left, slacks) in enumerate(groups.values()):
        axis.barh(row, left, color=_LEFT, height=0.6, label="left side" if row == 0 else None)
        for position, link in enumerate(links):
            width = max(0.0, slacks[link])
            axis.barh(
                row,
                width,
                left=left,
                height=0.6,
                color=_LINKS[position % len(_LINKS)],
                label=link if row == 0 else None,
            )
            left += width
    axis.set_yticks(range(len(groups)), list(groups))
    axis.invert_yaxis()
    axis.set_xlabel(
        "mean over triples, in the embedding's units: left side, then each link's slack up to the right side"
    )
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)
    figure.legend(loc="outside upper left", ncols=3, fontsize=8, frameon=False)
    return figure


def ladder_figure(groups: Mapping[str, Mapping[str, tuple[float, float, float]]]) -> Figure:
    """Draw how sharp each bound is: a dot at its median tightness, its confidence limits as a line through it.

    Parameters
    ----------
    groups
        By name of a group of triples, for each bound the median, the lower and the upper limit.
    """
    names = list(dict.fromkeys(name for rungs in groups.values() for name in rungs))
    figure = new_figure(7.2, 1.4 + 0.34 * max(1, len(names)))
    axis = figure.subplots()
    for position, (group, rungs) in enumerate(groups.items()):
        # Side by side, so that dots of two groups do not hide each other.
        rows = [names.index(name) + 0.24 * (position - (len(groups) - 1) / 2) for name in rungs]
        middle = np.array([value for value, _, _ in rungs.values()])
        # Too few triples give no limits.
        low = np.array([low if np.isfinite(low) else value for value, low, _ in rungs.values()])
        high = np.array([high if np.isfinite(high) else value for value, _, high in rungs.values()])
        axis.errorbar(
            middle,
            rows,
            xerr=np.abs(np.stack([middle - low, high - middle])) if len(rows) else None,
            fmt="o",
            markersize=4,
            color=_LINKS[position % len(_LINKS)],
            label=group,
        )
    axis.axvline(1.0, color="#BBBBBB", linewidth=0.8)
    axis.set_yticks(range(len(names)), names)
    axis.invert_yaxis()
    axis.set(xlim=(0, 1.05), xlabel="median tightness: distance of the centroids over the bound")
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)
    if groups:
        figure.legend(loc="outside upper left", ncols=2, fontsize=8, frameon=False)
    return figure


def curve_figure(rows: Sequence[Mapping[str, float | None]], margin: float | None) -> Figure:
    """Draw a learning curve: loss and mean distance of a batch, and precision@1 on validation alphabets.

    The loss is the objective's; one of prototypes has no margin.
    """
    figure = new_figure(8.6, 3.4)
    left, right = figure.subplots(1, 2)
    for name, label in (("loss", "loss"), ("mean_distance", "mean distance in a batch")):
        left.plot(*_points(rows, name), linewidth=0.8, label=label)
    if margin is not None:
        left.axhline(margin, color="#BBBBBB", linewidth=0.8, label="margin")
    left.set(xlabel="drawings shown", yscale="log")
    left.legend(fontsize=8, frameon=False)
    for name, label in (
        ("validation_character_precision", "same character"),
        ("validation_alphabet_precision", "same alphabet"),
    ):
        right.plot(*_points(rows, name), marker=".", label=label)
    right.set(xlabel="drawings shown", ylim=(0, 1), ylabel="precision@1, validation alphabets")
    right.legend(fontsize=8, frameon=False)
    for axis in (left, right):
        axis.locator_params(axis="x", nbins=5)
        axis.xaxis.set_major_formatter("{x:,.0f}")
    return figure


def _points(rows: Sequence[Mapping[str, float | None]], name: str) -> tuple[list[float | None], list[float | None]]:
    """Return the drawings shown and a column's values, where there are both."""
    known = [row for row in rows if row.get(name) is not None and row.get("images") is not None]
    return [row["images"] for row in known], [row[name] for row in known]


def image_rows_figure(rows: Mapping[str, npt.NDArray[np.uint8]], title: str) -> Figure:
    """Draw collections of images as rows, one above the other.

    Parameters
    ----------
    rows
        By caption, images of shape (n, h, w), 255 for ink.
    title
        Of the figure.
    """
    longest = max(len(images) for images in rows.values())
    # Wide enough for the title too.
    figure = new_figure(max(5.0, 0.48 * longest + 0.4), 0.85 * len(rows) + 0.6)
    for axis, (caption, images) in zip(figure.subplots(len(rows), 1, squeeze=False)[:, 0], rows.items(), strict=True):
        strip = np.concatenate([np.pad(image, 2) for image in images], axis=1)
        axis.imshow(255 - strip, cmap="gray", vmin=0, vmax=255)
        axis.set_title(printable(caption), fontsize=9, loc="left", parse_math=False)
        axis.set_axis_off()
    set_title(figure, printable(title))
    return figure


# Stand-ins for what a page's style sheet decides, so that figures suit a light and a dark page.
_THEMED = {"#010203": "currentColor", "#010204": "var(--faint)"} | {
    f"#01020{position + 5}": f"var(--series-{position + 1}, {colour})" for position, colour in enumerate(_LINKS[:4])
}
_INK, _FAINT, *_SERIES = _THEMED


def inline(figure: Figure, name: str, label: str) -> str:
    """Return a figure as an SVG element for a page of HTML: its text as text, its colours the page's own.

    Parameters
    ----------
    figure
        One of :func:`looseness_figure`, :func:`histogram_figure`, :func:`estimates_figure` and :func:`growth_figure`.
    name
        Different for each figure of a page.
    label
        What a reader who does not see it is told.
    """
    import html
    import io
    import re
    import warnings

    target = io.StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    with load("matplotlib").rc_context({"svg.hashsalt": name, "svg.fonttype": "none"}), warnings.catch_warnings():
        # The browser has the fonts that text is shown in; here it is only measured.
        warnings.filterwarnings("ignore", message="Glyph|Matplotlib currently does not support")
        figure.savefig(target, format="svg", transparent=True, metadata=nothing)
    text = target.getvalue()
    text = text[text.index("<svg") :]
    # Ids of groups come again in every figure, and nothing points to them.
    text = re.sub(r'<g id="[^"]*"', "<g", text)
    text = re.sub(r"<(metadata|style)\b.*?</\1>", "", text, flags=re.DOTALL)
    text = re.sub(r"((?:fill|stroke): )(#0102\d\d)", lambda found: found[1] + _THEMED.get(found[2], found[2]), text)
    text = re.sub(r"font-family: [^;\"]*", "font-family: system-ui, sans-serif", text)
    # The box says the size; as attributes, sizes would hinder a narrow page.
    head, rest = text.split(">", 1)
    head = re.sub(r' (?:width|height|xmlns(?::\w+)?|version)="[^"]*"', "", head)
    return f'{head} role="img" aria-label="{html.escape(label)}">{rest}'


def _themed(width: float, height: float) -> Figure:
    figure = new_figure(width, height)
    figure.set_facecolor("none")
    return figure


def _bare(axis: Any) -> None:
    """Leave the lower axis alone, in the page's colours."""
    axis.set_facecolor("none")
    for side, spine in axis.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(_INK)
    axis.tick_params(which="both", colors=_INK, labelsize=9)
    axis.xaxis.label.set(color=_INK, fontsize=9, parse_math=False)


def looseness_figure(groups: Mapping[str, Mapping[str, tuple[float, float, float, float, float]]]) -> Figure:
    """Draw how many times the left side each right side is, on a logarithmic axis.

    A dot at the median, a thick line for the middle 90% of triples, a thin one from the loosest to the tightest. Where
    a line leaves the axis, it ends in an arrow: the left side is 0 there or below, or the right side far larger.

    Parameters
    ----------
    groups
        By name of a group of triples, for each bound its tightness (left side over right side): the least, the 5%
        quantile, the median, the 95% quantile and the largest.
    """
    names = list(dict.fromkeys(name for rungs in groups.values() for name in rungs))
    step = max(1, len(groups))
    figure = _themed(7.4, 1.2 + (0.3 + 0.14 * (step - 1)) * max(1, len(names)))
    axis = figure.subplots()
    known = [value for rungs in groups.values() for numbers in rungs.values() for value in numbers[1:] if value > 0]
    inner = [1 / value for value in known if 1e-6 <= value <= 1e6]
    # Far below 1 are only quotients of sides below 0, which would take the room of the rest.
    low = max(0.2, min(0.95, 0.9 * min(inner, default=1.0)))
    high = max(2.0, 1.5 * max(inner, default=6.0))
    for position, (group, rungs) in enumerate(groups.items()):
        colour = _SERIES[position % len(_SERIES)]
        for name, numbers in rungs.items():
            row = names.index(name) + 0.7 * ((position + 0.5) / step - 0.5)
            # Nothing is as many times 0, or less, as this: the arrow says so.
            ends = [1 / value if value > 0 else np.inf for value in numbers]
            least, lower, middle, upper, most = (float(np.clip(end, low, high)) for end in ends)
            axis.plot([most, least], [row, row], color=colour, linewidth=0.9, solid_capstyle="butt")
            axis.plot([upper, lower], [row, row], color=colour, linewidth=4.5, solid_capstyle="butt", alpha=0.45)
            if name == next(iter(rungs)):
                # What begins with _ is left out of legends.
                axis.plot(
                    [],
                    [],
                    "o",
                    color=colour,
                    markersize=5.5,
                    label=f" {group}" if group[:1] == "_" else printable(group),
                )
            axis.plot(middle, row, _mark(ends[2], low, high, "o"), color=colour, markersize=5.5, clip_on=False)
            for end, at in ((ends[0], least), (ends[4], most)):
                axis.plot(at, row, _mark(end, low, high, "none"), color=colour, markersize=4, clip_on=False)
    axis.axvline(1.0, color=_FAINT, linewidth=0.9, linestyle="--")
    axis.set_xscale("log")
    axis.set(
        xlim=(low, high), ylim=(len(names) - 0.4, -0.6), xlabel="right side over left side: 1 is as sharp as can be"
    )
    ticks = [
        value
        for power in range(-6, 7)
        for value in ((10.0**power,) if high / low > 200 else (1 * 10.0**power, 2 * 10.0**power, 5 * 10.0**power))
        if low <= value <= high
    ]
    axis.set_xticks(ticks, [f"{value:g}×" for value in ticks])
    axis.set_xticks([], minor=True)
    axis.set_yticks(range(len(names)), list(map(printable, names)), parse_math=False)
    _bare(axis)
    axis.tick_params(axis="y", length=0)
    if len(groups) > 1:
        _legend(figure)
    return figure


def _mark(end: float, low: float, high: float, within: str) -> str:
    """Return the marker of a value: an arrow where it is beyond the axis."""
    return "<" if end < low else ">" if end > high else within


@dataclass(frozen=True)
class Estimate:
    """A number that several runs give, for :func:`estimates_figure`.

    Attributes
    ----------
    values
        Of each run.
    low, high
        Limits of their mean, infinite where there are none.
    full
        Whether its mark is full; an empty one says that there is something to be known of it.
    """

    values: tuple[float, ...]
    low: float
    high: float
    full: bool = True


def estimates_figure(
    groups: Mapping[str, Mapping[str, Estimate]],
    label: str,
    lines: Mapping[str, float] | None = None,
    *,
    shares: bool = True,
) -> Figure:
    """Draw what several runs of each of several things give: a mark at the mean, a line for its limits, a tick a run.

    Parameters
    ----------
    groups
        By name of a group, whose rows have one colour, the estimates by name.
    label
        What is on the axis.
    lines
        Values by name that all are to be seen beside.
    shares
        Whether the numbers are shares, told in per cent.
    """
    names = [(group, name) for group, rows in groups.items() for name in rows]
    figure = _themed(7.4, 1.3 + 0.3 * max(1, len(names)))
    axis = figure.subplots()
    for row, (group, name) in enumerate(names):
        one = groups[group][name]
        colour = _SERIES[list(groups).index(group) % len(_SERIES)]
        middle = float(np.mean(one.values))
        if np.isfinite(one.low) and np.isfinite(one.high):
            ends = (max(0.0, one.low), min(1.0, one.high)) if shares else (one.low, one.high)
            axis.plot(ends, [row, row], color=colour, linewidth=1.4, solid_capstyle="butt")
        axis.plot(one.values, [row] * len(one.values), "|", color=colour, markersize=9, markeredgewidth=1)
        axis.plot(
            middle,
            row,
            "o",
            color=colour,
            markersize=6.5,
            markerfacecolor=colour if one.full else "none",
            clip_on=False,
        )
        if name == next(iter(groups[group])):
            axis.plot([], [], "o", color=colour, markersize=5.5, label=printable(group))
    for number, (name, value) in enumerate((lines or {}).items()):
        axis.axvline(value, color=_FAINT, linewidth=0.9, linestyle="--")
        # One above the other, lest near ones lie on each other.
        axis.annotate(
            printable(name),
            (value, 1),
            (0, 2 + 11 * number),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=9,
            color=_INK,
            parse_math=False,
        )
    axis.set(ylim=(len(names) - 0.4, -0.6), xlabel=printable(label))
    if shares:
        axis.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}%")
    axis.set_yticks(range(len(names)), [printable(name) for _, name in names], parse_math=False)
    axis.locator_params(axis="x", nbins=6)
    _bare(axis)
    axis.tick_params(axis="y", length=0)
    if len(groups) > 1:
        _legend(figure)
    return figure


def growth_figure(
    groups: Mapping[str, Mapping[str, Sequence[float]]], at: Sequence[float], across: str, label: str
) -> Figure:
    """Draw shares that grow with something, a line each, named at its end.

    Parameters
    ----------
    groups
        By name of a group, whose lines have one colour, the shares by name.
    at
        What they grow with, on a logarithmic axis.
    across
        What that is.
    label
        What the shares are.
    """
    figure = _themed(7.4, 4.2)
    axis = figure.subplots()
    ends = []
    for position, (group, rows) in enumerate(groups.items()):
        colour = _SERIES[position] if position < len(_SERIES) else _FAINT
        for number, (name, values) in enumerate(rows.items()):
            axis.plot(at, values, color=colour, linewidth=1.5, marker="os^Dv"[number % 5], markersize=4)
            ends.append((float(values[-1]), name, colour))
        axis.plot([], [], color=colour, label=printable(group))
    low, high = axis.get_ylim()
    for place, (_, name, colour) in zip(_apart([end for end, _, _ in ends], 0.05 * (high - low)), ends, strict=True):
        axis.annotate(
            printable(name),
            (at[-1], place),
            (6, 0),
            textcoords="offset points",
            va="center",
            fontsize=8.5,
            color=colour,
            parse_math=False,
            annotation_clip=False,
        )
    axis.set_xscale("log")
    axis.set(xlabel=printable(across), xlim=(at[0] / 1.05, at[-1] * (at[-1] / at[0]) ** 0.38), ylabel=printable(label))
    axis.set_xticks(list(at), [f"{value:g}" for value in at])
    axis.set_xticks([], minor=True)
    axis.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}%")
    _bare(axis)
    axis.yaxis.label.set(color=_INK, fontsize=9, parse_math=False)
    if len(groups) > 1:
        _legend(figure)
    return figure


def _apart(places: Sequence[float], least: float) -> list[float]:
    """Return places moved until no two are nearer than that, their order kept."""
    order = np.argsort(places, kind="stable")
    moved = np.array(places, dtype=float)[order]
    for _ in range(200):
        gaps = least - np.diff(moved)
        if (gaps <= 1e-9).all():
            break
        push = np.clip(gaps, 0, None) / 2
        moved[1:] += push
        moved[:-1] -= push
    found = np.empty(len(moved))
    found[order] = moved
    return list(map(float, found))


def _legend(figure: Figure) -> None:
    legend = figure.legend(loc="outside upper left", ncols=2, fontsize=9, frameon=False, labelcolor=_INK)
    for text in legend.get_texts():
        text.set_parse_math(False)


def histogram_figure(edges: Array, counts: Array, label: str, marks: Mapping[str, float] | None = None) -> Figure:
    """Draw counts between edges, with named vertical lines.

    Parameters
    ----------
    edges
        Shape (b + 1,).
    counts
        Shape (b,).
    label
        What is on the axis.
    marks
        Values by name; one beyond the edges is left out.
    """
    figure = _themed(5.2, 2.3)
    axis = figure.subplots()
    axis.stairs(counts, edges, fill=True, color=_SERIES[0], linewidth=0)
    # Room for the names of the marks.
    axis.set(xlim=(edges[0], edges[-1]), ylim=(0, 1.18 * max(1.0, float(np.max(counts)))), xlabel=printable(label))
    for name, value in (marks or {}).items():
        if edges[0] <= value <= edges[-1]:
            left = value > (edges[0] + edges[-1]) / 2
            axis.axvline(value, color=_INK, linewidth=1, linestyle="--")
            axis.annotate(
                printable(name),
                (value, 1),
                (-3 if left else 3, -2),
                xycoords=("data", "axes fraction"),
                textcoords="offset points",
                ha="right" if left else "left",
                va="top",
                fontsize=9,
                color=_INK,
                parse_math=False,
            )
    axis.set_yticks([])
    axis.locator_params(axis="x", nbins=6)
    _bare(axis)
    return figure


def heat_colours(levels: int) -> list[str]:
    """Return the colours of :func:`heat_png`, from the lowest value's to the highest's, as CSS."""
    colormaps, to_hex = load("matplotlib").colormaps, load("matplotlib.colors").to_hex
    return [to_hex(colormaps["viridis"](level / (levels - 1))) for level in range(levels)]


def heat_png(values: Array, low: float, high: float, levels: int) -> bytes:
    """Return a matrix as a PNG of one pixel for each number.

    Parameters
    ----------
    values
        Shape (r, c); −∞ and NaN are transparent, what is beyond an end has the end's colour.
    low, high
        The values of the first and the last colour.
    levels
        How many colours, from 2 to 255: the fewer, the smaller the file.
    """
    import io

    from PIL import Image

    with np.errstate(invalid="ignore", over="ignore"):
        scaled = (values / 2 - low / 2) / (high / 2 - low / 2) if high > low else np.ones(values.shape)
        places = np.clip(np.nan_to_num(scaled, nan=0.0) * levels, 0, levels - 1).astype(np.uint8) + 1
    empty = np.isnan(values) | (values == -np.inf)
    image = Image.fromarray(np.where(empty, 0, places).astype(np.uint8))
    image = image.convert("P")
    image.putpalette([0, 0, 0, *(part for colour in heat_colours(levels) for part in bytes.fromhex(colour[1:]))])
    target = io.BytesIO()
    image.save(target, "PNG", optimize=True, transparency=0)
    return target.getvalue()
