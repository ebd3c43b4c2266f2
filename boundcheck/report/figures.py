"""Figures, drawn without a display and without touching matplotlib's global state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from boundcheck.atomic import atomically

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["chain_figure", "curve_figure", "image_rows_figure", "ladder_figure", "save", "sides_figure"]

Array = npt.NDArray[np.float64]

# Colour-blind safe (P. Tol's "bright" scheme), the left side first, then the links in order.
_LEFT = "#BBBBBB"
_LINKS = ("#4477AA", "#66CCEE", "#228833", "#CCBB44", "#EE6677", "#AA3377")


def save(figure: Figure, folder: Path, name: str) -> tuple[Path, ...]:
    """Write a figure as SVG and PNG, each in one step, and return the paths; the same figure gives the same files."""
    from matplotlib import rc_context

    paths = (folder / f"{name}.svg", folder / f"{name}.png")
    for path in paths:
        metadata = {"Date": None} if path.suffix == ".svg" else {}
        # Else the elements' ids are random. By name, so that figures on one page share none.
        with rc_context({"svg.hashsalt": name}):
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
    figure = _figure(4.3 * len(sides) + 0.6, 4.4)
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
        axis.set_title(f"{name}, {len(lhs):,} triples", fontsize=10)
        axis.set_aspect("equal")
    axes[0].set_ylabel("right side")
    figure.suptitle(statement, fontsize=10)
    return figure


def chain_figure(groups: Mapping[str, tuple[float, Mapping[str, float]]]) -> Figure:
    """Draw, for each group of triples, how the mean left side grows into the mean right side, link by link.

    Parameters
    ----------
    groups
        By name, the mean left side and the mean slack of each link.
    """
    figure = _figure(8.2, 1.5 + 0.75 * len(groups))
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
    figure = _figure(7.2, 1.4 + 0.34 * max(1, len(names)))
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


def curve_figure(rows: Sequence[Mapping[str, float | None]], margin: float) -> Figure:
    """Draw a learning curve: loss and mean distance of a batch, and precision@1 on validation alphabets."""
    figure = _figure(8.6, 3.4)
    left, right = figure.subplots(1, 2)
    for name, label in (("loss", "triplet loss"), ("mean_distance", "mean distance in a batch")):
        left.plot(*_points(rows, name), linewidth=0.8, label=label)
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
    figure = _figure(max(5.0, 0.48 * longest + 0.4), 0.85 * len(rows) + 0.6)
    for axis, (caption, images) in zip(figure.subplots(len(rows), 1, squeeze=False)[:, 0], rows.items(), strict=True):
        strip = np.concatenate([np.pad(image, 2) for image in images], axis=1)
        axis.imshow(255 - strip, cmap="gray", vmin=0, vmax=255)
        axis.set_title(caption, fontsize=9, loc="left", parse_math=False)
        axis.set_axis_off()
    figure.suptitle(title, fontsize=10, parse_math=False)
    return figure


def _figure(width: float, height: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")
