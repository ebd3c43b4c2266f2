"""What a report of a scan draws: histograms, heat maps, the ladder, and pictures of collections, none by a script."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from boundcheck.errors import InvalidValueError, explain
from boundcheck.scanning.distribution import Distribution
from boundcheck.scanning.page_tables import is_measured, marked, middle_of
from boundcheck.scanning.run import Scan
from boundcheck.scanning.summary import ScanSummary

__all__ = ["Pictures", "heat_maps", "histogram_of", "ladder_of", "map_frame", "pooled"]

Floats: TypeAlias = npt.NDArray[np.float64]

_BARS = 48
# What pictures and heat maps may take of a page, in bytes of PNG.
_PICTURE_BYTES, _HEAT_BYTES = 400_000, 1_200_000
# Of the map of a scan, in the units of its drawing.
_MAP_SIDE, _MAP_MARGIN = 600.0, 150.0


@dataclass(frozen=True)
class Picture:
    """A PNG that stands once in a page, however often it is seen."""

    key: str
    name: str
    uri: str
    width: int
    height: int


class Pictures:
    """The pictures of collections that a page has room for."""

    def __init__(self, names: Sequence[str], drawn: Callable[[int], bytes | None] | None) -> None:
        self._names, self._drawn = names, drawn
        self.kept: dict[int, Picture | None] = {}
        self._bytes, self.left_out = 0, 0

    def __getitem__(self, position: int) -> Picture | None:
        if self._drawn is None:
            return None
        if position not in self.kept:
            self.kept[position] = self._take(position, self._drawn(position))
        return self.kept[position]

    def _take(self, position: int, data: bytes | None) -> Picture | None:
        if data is None:
            return None
        if not isinstance(data, bytes) or data[:8] != b"\x89PNG\r\n\x1a\n" or data[12:16] != b"IHDR":
            came = f"{data[:8]!r}…" if isinstance(data, bytes) else f"{type(data).__name__}"
            raise InvalidValueError(explain(f"pictures({position})", "the bytes of a PNG file, or None", came))
        if self._bytes + len(data) > _PICTURE_BYTES:
            self.left_out += 1
            return None
        self._bytes += len(data)
        width, height = (int.from_bytes(data[at : at + 4], "big") for at in (16, 20))
        return Picture(f"p{position}", self._names[position], png_link(data), width, height)


def png_link(data: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(data).decode()


def svg(figure: Any, name: str, label: str) -> str:
    from boundcheck.report.figures import inline

    return inline(figure, name, label)


def histogram_of(values: Distribution, name: str, label: str, marks: Mapping[str, float]) -> dict[str, str] | None:
    """Return a histogram of all but what lies far out, and what was left out of it."""
    from boundcheck.report.figures import histogram_figure

    if values.least is None or values.most is None or values.least.value == values.most.value:
        return None
    low, high = values.quantile(0.001)[0], values.quantile(0.999)[1]
    if not (math.isfinite(low) and math.isfinite(high)):
        low, high = values.least.value, values.most.value
    # To the very ends where these are near.
    span = high - low
    low = values.least.value if values.least.value > low - span / 4 else low
    high = values.most.value if values.most.value < high + span / 4 else high
    if not (low < high and math.isfinite(high - low)):
        return None
    # Bars narrower than what counts are told apart by would be full and empty in turn.
    bars = int(min(_BARS, (high - low) / max(abs(low), abs(high)) * 2 ** (values.bits - 1)))
    if bars < 3:
        return None
    edges = low + (high - low) * np.arange(bars + 1) / bars
    edges[-1] = high
    # The last bar has its own end, and a value between two bins is drawn half on either side.
    below = [sum(values.share_below(float(edge))) / 2 for edge in edges[:-1]]
    outside = values.share_below(math.nextafter(high, math.inf))
    below.append(sum(outside) / 2)
    counts = np.maximum(np.diff(below), 0)
    left, right = round(below[0]), round(values.ordered - below[-1])
    parts = [f"{count:,} beyond the {side} end" for count, side in ((left, "left"), (right, "right")) if count]
    beyond = f" Not drawn: about {' and '.join(parts)}." if parts else ""
    figure = histogram_figure(edges, counts, label, marks)
    said = f"Histogram of {values.ordered:,} triples by {label}, from {low:.4g} to {high:.4g}."
    return {"svg": svg(figure, name, said), "beyond": beyond}


def pooled(heat: Floats) -> Floats:
    """Return a map of half as many rows and columns, each cell the largest of four."""
    odd = len(heat) % 2
    whole = np.pad(heat, (0, odd), constant_values=-np.inf)
    half = len(whole) // 2
    found: Floats = whole.reshape(half, 2, half, 2).max(axis=(1, 3))
    return found


def heat_maps(summary: ScanSummary) -> dict[str, dict[str, Any]]:
    """Return each bound's map as a PNG with the ends of its colours, coarser where the page would be too large."""
    from boundcheck.report.figures import heat_png

    tables: dict[str, Floats] = {
        name: one.heat for name, one in summary.bounds.items() if (one.heat > -np.inf).any() and one.heat.size > 1
    }
    levels = 48
    while tables:
        made: dict[str, dict[str, Any]] = {}
        for name, heat in tables.items():
            known = np.sort(heat[np.isfinite(heat)])
            # A few cells far out, near right sides of 0, would take every colour.
            ends = (
                [float(known[round(part * (len(known) - 1))]) for part in (0.002, 0.998)] if len(known) else [0.0, 1.0]
            )
            low, high = ends
            made[name] = {"data": heat_png(heat, low, high, levels), "low": low, "high": high, "cells": len(heat)}
        if sum(len(one["data"]) for one in made.values()) <= _HEAT_BYTES or max(map(len, tables.values())) <= 64:
            return {name: {**one, "uri": png_link(one["data"])} for name, one in made.items()}
        # Fewer colours first: they cost less of what is seen than a coarser map.
        if levels > 16:
            levels = levels // 2 if levels > 24 else 16
        else:
            tables = {name: pooled(heat) for name, heat in tables.items()}
    return {}


def map_frame(summary: ScanSummary) -> dict[str, Any]:
    """Return where the map of a scan has the boundaries and the names of classes."""
    totals = np.bincount(summary.classes, minlength=len(summary.class_names))
    shares = totals / max(1, len(summary.classes))
    stops = np.cumsum(shares) * _MAP_SIDE + _MAP_MARGIN
    # As large as the classes leave room for.
    size = float(np.clip(0.8 * _MAP_SIDE / max(1, int(np.count_nonzero(totals))), 8, 12))
    fits = int((_MAP_MARGIN - 10) / (0.56 * size))
    labels, last = [], -math.inf
    for name, share, stop in zip(summary.class_names, shares, stops, strict=True):
        middle = stop - share * _MAP_SIDE / 2
        if share and middle - last >= 1.05 * size:
            short = name if len(name) <= fits else f"{name[: fits - 1]}…"
            labels.append({"at": f"{middle:.2f}", "name": name, "short": short})
            last = middle
    lines = sorted({f"{stop:.2f}" for stop in stops[:-1] if _MAP_MARGIN < stop < _MAP_MARGIN + _MAP_SIDE}, key=float)
    return {
        "side": f"{_MAP_SIDE:g}",
        "margin": f"{_MAP_MARGIN:g}",
        "end": f"{_MAP_MARGIN + _MAP_SIDE:g}",
        "size": f"{size:.3g}",
        "down": f"{0.33 * size:.3g}",
        "lines": lines,
        "labels": labels,
        "all_named": len(labels) == int(np.count_nonzero(totals)),
    }


def ladder_of(scans: Mapping[str, Scan]) -> str | None:
    """Return the ladder of one scan or of several as SVG; None where no side was measured."""
    from boundcheck.report.figures import looseness_figure

    groups: dict[str, dict[str, tuple[float, float, float, float, float]]] = {}
    for title, scan in scans.items():
        rungs = {}
        for name, one in scan.summary.bounds.items():
            if is_measured(one):
                least, lower, middle, upper, most = (
                    middle_of(one.tightness.quantile(level)) for level in (0.0, 0.05, 0.5, 0.95, 1.0)
                )
                if math.isnan(middle):
                    continue
                # Of what is not known, the line shows that it may be anything.
                least, lower = (-math.inf if math.isnan(end) else end for end in (least, lower))
                upper, most = (math.inf if math.isnan(end) else end for end in (upper, most))
                rungs[marked(name, one)] = (least, lower, middle, upper, most)
        if rungs:
            groups[title] = rungs
    if not groups:
        return None
    said = "Right side over left side of each bound, on a logarithmic axis. " + " ".join(
        f"{name}{f' ({title})' if len(groups) > 1 else ''}: median {_times(numbers[2])}."
        for title, rungs in groups.items()
        for name, numbers in rungs.items()
    )
    return svg(looseness_figure(groups), "ladder", said)


def _times(tightness: float) -> str:
    return f"{1 / tightness:.3g} times" if tightness > 0 else "no multiple"
