"""A scan of every triple as one page of HTML that needs nothing else: no script, no network, no other file."""

from __future__ import annotations

import base64
import csv
import io
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from boundcheck._version import __version__
from boundcheck.atomic import write_text
from boundcheck.errors import InvalidTypeError, InvalidValueError, explain
from boundcheck.evaluate import Enclosed, Verdict
from boundcheck.language import Bound
from boundcheck.report.tables import Table
from boundcheck.scan.asked import is_of_squares
from boundcheck.scan.grids import Stage
from boundcheck.scan.run import Scan
from boundcheck.scan.summary import BoundSummary, Distribution, Ranked, ScanSummary

__all__ = ["scan_page", "scan_tables", "write_page"]

Floats: TypeAlias = npt.NDArray[np.float64]
# Text, a count, or two numbers that the exact one is between; None where there is none.
Cell: TypeAlias = str | int | tuple[float, float] | None

_COUNTED = (Verdict.HOLDS, Verdict.FAILS, Verdict.UNDECIDED, Verdict.VACUOUS)
_VERBS = {
    Verdict.HOLDS: "hold",
    Verdict.FAILS: "fail",
    Verdict.UNDECIDED: "are undecided",
    Verdict.VACUOUS: "are vacuous",
}
_STAGES = {
    Stage.CENTROIDS: "centroids and radii",
    Stage.DISTANCES: "distances of objects",
    Stage.HIGHER_PRECISION: "higher precision",
}
_TINY = 1e-30
_LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
_ROLES = ("anchor x", "positive z", "negative w")
_BARS = 48
# How many triples at either end of a bound are shown with pictures, and class pairs in its table.
_PICTURED, _PAIRS = 2, 15
# What pictures and heat maps may take of a page, in bytes of PNG.
_PICTURE_BYTES, _HEAT_BYTES = 400_000, 1_200_000
# Of the map of a scan, in the units of its drawing.
_MAP_SIDE, _MAP_MARGIN = 600.0, 150.0


# ------------------------------------------------------------------------------------------------------------ numbers


def _between(ends: tuple[float, float]) -> str:
    """Return an enclosure in decimals, rounded outwards to about what is known of it."""
    low, high = ends
    if math.isnan(low) or math.isnan(high) or (low == -math.inf and high == math.inf):
        return "not known"
    if low == high:
        return "∞ (exact)" if low == math.inf else "−∞ (exact)" if low == -math.inf else _minus(str(Enclosed(low)))
    if math.isinf(low):
        return f"at most {_rounded(high, high, ROUND_CEILING)}"
    if math.isinf(high):
        return f"at least {_rounded(low, low, ROUND_FLOOR)}"
    size = max(abs(low), abs(high))
    if size < _TINY:
        # The bin of 0 ends at the least of the normal numbers: such an end says no more than this.
        return f"{'0' if low >= 0 else f'−{_TINY:g}'} to {'0' if high <= 0 else f'{_TINY:g}'}"
    # A digit of the width's size, but at most six of the number's.
    last = max(math.floor(math.log10(high - low)) if high - low > 0 else -400, math.floor(math.log10(size)) - 5)
    return f"{_rounded(low, last, ROUND_FLOOR)} to {_rounded(high, last, ROUND_CEILING)}"


def _rounded(value: float, last: float, rounding: str) -> str:
    place = last if isinstance(last, int) else (math.floor(math.log10(abs(value))) - 5 if value else 0)
    with localcontext(prec=1000):
        found = Decimal(value).quantize(Decimal(1).scaleb(place), rounding=rounding)
    if found == 0:
        return "0"
    small = -7 < found.adjusted() < 9
    return _minus(f"{found:f}" if small else f"{found:.{max(0, found.adjusted() - place)}e}")


def _minus(text: str) -> str:
    return text.replace("-", "−", 1) if text.startswith("-") else text


def _share(part: int, whole: int) -> str:
    """Return a share in per cent, which says 0% and 100% only where it is."""
    if not whole:
        return "—"
    if part in (0, whole):
        return "0%" if part == 0 else "100%"
    if part * 1000 < whole:
        return "below 0.1%"
    if (whole - part) * 1000 < whole:
        return "above 99.9%"
    return f"{100 * part / whole:.1f}%"


def _count(number: int, what: str) -> str:
    one, several = (what, f"{what}s") if not what.endswith("s") else (what, f"{what}es")
    return f"{number:,} {one if number == 1 else several}"


def _value(value: float, error: float) -> tuple[float, float]:
    known = Enclosed(value, error)
    return known.lower, known.upper


def _middle(ends: tuple[float, float]) -> float:
    low, high = ends
    return low if low == high else low / 2 + high / 2


# ------------------------------------------------------------------------------------------------------------- tables


@dataclass(frozen=True)
class _Sheet:
    """A table of a page, and the file that it can be taken away as.

    The columns of text are set to the left, by their places.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    text: tuple[int, ...] = (0,)

    @property
    def shown(self) -> list[list[str]]:
        return [[_shown(cell) for cell in row] for row in self.rows]

    @property
    def link(self) -> str:
        return _as_link(self.csv())

    @property
    def file(self) -> str:
        return _file_name(self.title)

    def csv(self) -> str:
        """Return it as CSV, an enclosure as two columns with every digit of its ends."""
        wide = {at for at in range(len(self.columns)) if any(isinstance(row[at], tuple) for row in self.rows)}
        heads = [
            head
            for at, column in enumerate(self.columns)
            for head in ([f"{column}: at least", f"{column}: at most"] if at in wide else [column])
        ]
        lines: list[list[str]] = []
        for row in self.rows:
            line: list[str] = []
            for at, cell in enumerate(row):
                if isinstance(cell, tuple):
                    line += map(repr, map(float, cell))
                else:
                    plain = "" if cell is None else str(cell) if isinstance(cell, int) else _safe(cell)
                    line += [plain] * (2 if at in wide else 1)
            lines.append(line)
        return _csv([list(map(_safe, heads)), *lines])

    @classmethod
    def of(cls, table: Table) -> _Sheet:
        return cls(table.title, table.columns, table.rows, table.note)


def _shown(cell: Cell) -> str:
    if cell is None:
        return "—"
    return f"{cell:,}" if isinstance(cell, int) else _between(cell) if isinstance(cell, tuple) else cell


def _csv(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def _safe(cell: str) -> str:
    """Return text that a spreadsheet takes for text: it would run what begins like a formula."""
    if cell[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") and not re.fullmatch(r"[-+]?[\d.,]+(?:e[-+]?\d+)?%?", cell):
        return f"'{cell}"
    return cell


def _as_link(text: str) -> str:
    return "data:text/csv;charset=utf-8;base64," + base64.b64encode(text.encode("utf-8", "replace")).decode()


def _file_name(title: str) -> str:
    return (re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60].strip("-") or "table") + ".csv"


# ------------------------------------------------------------------------------------------------------------ figures


@dataclass(frozen=True)
class _Picture:
    """A PNG that stands once in a page, however often it is seen."""

    key: str
    name: str
    uri: str
    width: int
    height: int


class _Pictures:
    """The pictures of collections that a page has room for."""

    def __init__(self, names: Sequence[str], drawn: Callable[[int], bytes | None] | None) -> None:
        self._names, self._drawn = names, drawn
        self.kept: dict[int, _Picture | None] = {}
        self._bytes, self.left_out = 0, 0

    def __getitem__(self, position: int) -> _Picture | None:
        if self._drawn is None:
            return None
        if position not in self.kept:
            self.kept[position] = self._take(position, self._drawn(position))
        return self.kept[position]

    def _take(self, position: int, data: bytes | None) -> _Picture | None:
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
        return _Picture(f"p{position}", self._names[position], _png(data), width, height)


def _png(data: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(data).decode()


def _svg(figure: Any, name: str, label: str) -> str:
    from boundcheck.report.figures import inline

    return inline(figure, name, label)


def _histogram(values: Distribution, name: str, label: str, marks: Mapping[str, float]) -> dict[str, str] | None:
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
    return {"svg": _svg(figure, name, said), "beyond": beyond}


def _pooled(heat: Floats) -> Floats:
    """Return a map of half as many rows and columns, each cell the largest of four."""
    odd = len(heat) % 2
    whole = np.pad(heat, (0, odd), constant_values=-np.inf)
    half = len(whole) // 2
    found: Floats = whole.reshape(half, 2, half, 2).max(axis=(1, 3))
    return found


def _heat_maps(summary: ScanSummary) -> dict[str, dict[str, Any]]:
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
            return {name: {**one, "uri": _png(one["data"])} for name, one in made.items()}
        # Fewer colours first: they cost less of what is seen than a coarser map.
        if levels > 16:
            levels = levels // 2 if levels > 24 else 16
        else:
            tables = {name: _pooled(heat) for name, heat in tables.items()}
    return {}


def _map_frame(summary: ScanSummary) -> dict[str, Any]:
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


# ----------------------------------------------------------------------------------------------------------- sections


def _title(bound: Bound | None, name: str) -> str:
    return bound.title if bound is not None and bound.title else name


def _measured(one: BoundSummary) -> bool:
    return one.tightness.ordered > 0


def _triples_sheet(title: str, triples: Sequence[tuple[int, int, int]], names: Sequence[str]) -> _Sheet:
    return _Sheet(title, _ROLES, tuple(tuple(names[at] for at in triple) for triple in triples), text=(0, 1, 2))


def _headline(summary: ScanSummary) -> tuple[Verdict, str, str]:
    """Return the worst verdict, what holds on how many triples, and what the verdicts rest on."""
    bounds = summary.bounds
    counts = {verdict: sum(one.counts[verdict] for one in bounds.values()) for verdict in _COUNTED}
    total = sum(counts.values())
    worst = next((v for v in (Verdict.FAILS, Verdict.UNDECIDED, Verdict.HOLDS) if counts[v]), Verdict.VACUOUS)
    if not bounds:
        return worst, "No bound was asked for.", ""
    if not total:
        return worst, "There is no triple to check: it takes two collections of one class and one of another.", ""
    triples, verdicts = _count(summary.triples, "triple"), _count(total, "verdict")
    only = next(iter(bounds)) if len(bounds) == 1 else None
    if counts[Verdict.HOLDS] == total:
        subject = f"{only} holds" if only else f"All {len(bounds)} bounds hold"
        found = (
            f"{subject} on {f'every one of the {triples}' if summary.triples > 1 else 'the only triple'}, certified."
        )
    else:
        holds, fails, undecided, vacuous = (f"{counts[verdict]:,} {_VERBS[verdict]}" for verdict in _COUNTED)
        of = f"{only}: of {triples}" if only else f"Of {verdicts} on {triples}"
        found = f"{of}, {holds} and {fails}, certified; {undecided} and {vacuous}."
        wrong = [name for name, one in bounds.items() if one.counts[Verdict.FAILS]]
        whole = [name for name, one in bounds.items() if one.counts[Verdict.HOLDS] == summary.triples]
        if wrong and not only:
            found += f" False on some triples: {', '.join(wrong)}."
        if whole and not only:
            found += f" True on every triple: {', '.join(whole)}."
    stages = {stage: sum(int(one.stages[stage]) for one in bounds.values()) for stage in Stage}
    rest = [f"{_share(stages[stage], total)} rest on {what} ({stages[stage]:,})" for stage, what in _STAGES.items()]
    return worst, found, f"Of the {verdicts}, each counted exactly, {', '.join(rest)}."


def _verdicts(summary: ScanSummary) -> _Sheet:
    rows: list[tuple[Cell, ...]] = []
    for name, one in summary.bounds.items():
        total = sum(one.counts.values())
        rows.append(
            (
                name,
                *(one.counts[verdict] for verdict in _COUNTED),
                *(_share(int(one.stages[stage]), total) for stage in Stage),
            )
        )
    return _Sheet(
        "Verdicts",
        ("bound", *(verdict.value for verdict in _COUNTED), *(f"on {what}" for what in _STAGES.values())),
        tuple(rows),
        "Counts of triples, exact. The last three columns say what the verdicts rest on, from the cheapest evidence to "
        "the dearest. Vacuous: a premise fails, so nothing is said.",
    )


def _tightness(found: Scan) -> _Sheet:
    rows: list[tuple[Cell, ...]] = []
    for name, one in found.summary.bounds.items():
        if not _measured(one):
            continue
        values = one.tightness
        rows.append(
            (
                _marked(name, one),
                *(values.quantile(level) for level in (0.0, *_LEVELS, 1.0)),
            )
        )
    squares = [bound.name for bound in found.bounds if is_of_squares(bound)]
    rooted = f" Bounds that compare squares are told by the roots: {', '.join(squares)}." if squares else ""
    return _Sheet(
        "Tightness of each bound",
        ("bound", "least", "5%", "25%", "median", "75%", "95%", "largest"),
        tuple(rows),
        "Left side over right side, of distances: 1 is as sharp as can be. Each number is between the two ends given."
        + rooted
        + (" †: see the next table." if any(one.negative for one in found.summary.bounds.values()) else ""),
    )


def _marked(name: str, one: BoundSummary) -> str:
    """Return a bound's name with a mark where left over right side is no tightness on some triples."""
    return f"{name} †" if one.negative else name


def _outliers(summary: ScanSummary) -> _Sheet:
    """Return on how many triples a tightness is not what it seems, of the bounds that have any."""
    rows: list[tuple[Cell, ...]] = []
    for name, one in summary.bounds.items():
        if not _measured(one):
            continue
        surely, maybe = one.tightness.share_below(0.0)
        counts = (one.negative, one.tightness.above, one.tightness.undefined, one.tightness.unknown)
        if maybe or any(counts):
            below: Cell = surely if surely == maybe else f"{surely:,} to {maybe:,}"
            rows.append((_marked(name, one), below, *counts))
    return _Sheet(
        "Triples on which left over right side is not a share between 0 and 1",
        (
            "bound",
            "quotient below 0",
            "right side below 0 †",
            "right side 0, left above",
            "both sides 0",
            "right side may be 0",
        ),
        tuple(rows),
        "Exact counts, or two that the exact one is between. With a left side below 0 a bound on a distance says what is plain. † Beside a right side below 0 "
        "left over right side is no tightness.",
    )


def _slack(summary: ScanSummary) -> _Sheet:
    rows: list[tuple[Cell, ...]] = [
        (name, *(one.slack.quantile(level) for level in (0.0, *_LEVELS, 1.0)))
        for name, one in summary.bounds.items()
        if one.slack.ordered
    ]
    return _Sheet(
        "Slack of each bound",
        ("bound", "least", "5%", "25%", "median", "75%", "95%", "largest"),
        tuple(rows),
        "Right side less left side, of distances, in the embedding's own units. Each number is between the two ends given.",
    )


def _ladder(scans: Mapping[str, Scan]) -> str | None:
    from boundcheck.report.figures import looseness_figure

    groups: dict[str, dict[str, tuple[float, float, float, float, float]]] = {}
    for title, scan in scans.items():
        rungs = {}
        for name, one in scan.summary.bounds.items():
            if _measured(one):
                least, lower, middle, upper, most = (
                    _middle(one.tightness.quantile(level)) for level in (0.0, 0.05, 0.5, 0.95, 1.0)
                )
                if math.isnan(middle):
                    continue
                # Of what is not known, the line shows that it may be anything.
                least, lower = (-math.inf if math.isnan(end) else end for end in (least, lower))
                upper, most = (math.inf if math.isnan(end) else end for end in (upper, most))
                rungs[_marked(name, one)] = (least, lower, middle, upper, most)
        if rungs:
            groups[title] = rungs
    if not groups:
        return None
    said = "Right side over left side of each bound, on a logarithmic axis. " + " ".join(
        f"{name}{f' ({title})' if len(groups) > 1 else ''}: median {_times(numbers[2])}."
        for title, rungs in groups.items()
        for name, numbers in rungs.items()
    )
    return _svg(looseness_figure(groups), "ladder", said)


def _times(tightness: float) -> str:
    return f"{1 / tightness:.3g} times" if tightness > 0 else "no multiple"


def _parameters(summary: ScanSummary) -> list[dict[str, Any]]:
    found = []
    for position, (symbol, one) in enumerate(summary.parameters.items()):
        values = one.values
        if not values.ordered:
            continue
        total = int(one.signs_by_class.sum())
        signs = (
            (one.below_zero, "surely below 0"),
            (one.undecided, "neither for sure"),
            (one.at_least_zero, "at least 0"),
        )
        rows: tuple[tuple[Cell, ...], ...] = (
            *((f"{what}, of {total:,}", count, _share(count, total)) for count, what in signs),
        )
        quantiles = _Sheet(
            f"Quantiles of the least {symbol}",
            ("", "least", "5%", "25%", "median", "75%", "95%", "largest"),
            ((symbol, *(values.quantile(level) for level in (0.0, *_LEVELS, 1.0))),),
            "In the embedding's own units; each number is between the two ends given.",
        )
        by_class: list[tuple[Cell, ...]] = [
            (
                name,
                int(sum(signs)),
                *map(int, signs),
                _share(int(signs[0]), int(sum(signs))),
                own.quantile(0.5),
            )
            for name, signs, own in zip(summary.class_names, one.signs_by_class, one.values_by_class, strict=True)
            if own.ordered
        ]
        found.append(
            {
                "symbol": symbol,
                "sentence": f"{_share(one.below_zero, total)} of the values are surely below 0 ({one.below_zero:,}), "
                f"{_share(one.undecided, total)} neither for sure ({one.undecided:,}).",
                "figure": _histogram(values, f"parameter-{position}", f"the least {symbol} of a triple", {"0": 0.0}),
                "sheets": [
                    quantiles,
                    _Sheet(f"Sign of the least {symbol}", ("sign", "triples", "share"), rows, "Exact counts."),
                ],
                "classes": _Sheet(
                    f"The least {symbol} by class of the anchor",
                    ("class", "triples", "surely below 0", "at least 0", "neither", "share below 0", "median"),
                    tuple(by_class),
                    "Exact counts; the median is between the two ends given.",
                ),
            }
        )
    return found


def _classes(name: str, one: BoundSummary, summary: ScanSummary) -> _Sheet:
    rows: list[tuple[Cell, ...]] = []
    collections = np.bincount(summary.classes, minlength=len(summary.class_names))
    measured = _measured(one)
    for kind, (class_name, counts) in enumerate(zip(summary.class_names, one.by_class, strict=True)):
        if not counts.sum():
            continue
        row: list[Cell] = [class_name, int(collections[kind]), *map(int, counts)]
        if measured:
            own = one.tightness_by_class[kind]
            row += [own.quantile(0.5), own.quantile(0.95)] if own.ordered else [None, None]
            best = int(np.argmax(one.largest_by_pair[kind]))
            triple = one.largest_triples[kind, best]
            known = triple[0] >= 0
            row.append(_pair_value(float(one.largest_by_pair[kind, best]), one) if known else None)
            row.append(_names(triple, summary) if known else None)
        rows.append(tuple(row))
    heads = ("class of the anchor", "collections", *(verdict.value for verdict in _COUNTED))
    if measured:
        heads = (*heads, "median tightness", "95% quantile", "largest", "tightest triple")
    return _Sheet(
        f"{name} by class",
        heads,
        tuple(rows),
        "Exact counts of triples" + ("; other numbers are between the two ends given." if measured else "."),
        text=(0, len(heads) - 1) if measured else (0,),
    )


def _pair_value(value: float, one: BoundSummary) -> tuple[float, float]:
    """Return an enclosure of a largest value, whose own error was not kept: none is larger than the largest of all."""
    return _value(value, one.tightness.largest_error if math.isfinite(value) else 0.0)


def _names(triple: Iterable[Any], summary: ScanSummary) -> str:
    return " · ".join(summary.names[int(at)] for at in triple)


def _pairs(name: str, one: BoundSummary, summary: ScanSummary) -> dict[str, Any] | None:
    """Return the pairs of classes with the largest tightness, and a file of all."""
    kinds = np.flatnonzero(one.by_pair.sum(axis=(1, 2)) + one.by_pair.sum(axis=(0, 2)))
    known = one.largest_triples[..., 0] >= 0
    if not known.any():
        return None
    order = np.argsort(np.where(known, -one.largest_by_pair, np.inf), axis=None, kind="stable")[:_PAIRS]
    rows: list[tuple[Cell, ...]] = []
    for place in order.tolist():
        a, b = divmod(place, len(summary.class_names))
        if known[a, b]:
            rows.append(
                (
                    f"{summary.class_names[a]} · {summary.class_names[b]}",
                    int(one.by_pair[a, b].sum()),
                    _pair_value(float(one.largest_by_pair[a, b]), one),
                    _names(one.largest_triples[a, b], summary),
                )
            )
    matrix = [["anchor's class", *(_safe(summary.class_names[b]) for b in kinds)]]
    for a in kinds:
        cells = (f"{one.largest_by_pair[a, b]:.6g}" if known[a, b] else "" for b in kinds)
        matrix.append([_safe(summary.class_names[a]), *cells])
    return {
        "sheet": _Sheet(
            f"{name}: tightest pairs of classes",
            ("anchor's class · negative's class", "triples", "largest tightness", "its triple"),
            tuple(rows),
            f"The first {len(rows)} of {int(known.sum()):,} pairs. Each number is between the two ends given.",
            text=(0, 3),
        ),
        "link": _as_link(_csv(matrix)),
        "file": _file_name(f"{name} all pairs of classes"),
    }


def _ranked(title: str, ranked: Sequence[Ranked], summary: ScanSummary) -> _Sheet:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (*(summary.names[at] for at in one.triple), *(one.enclosures[part] for part in ("tightness", "lhs", "rhs")))
        for one in ranked
    )
    return _Sheet(
        title,
        (*_ROLES, "tightness", "left side", "right side"),
        rows,
        "Each number is between the two ends given; the file has every digit of them.",
        text=(0, 1, 2),
    )


def _bound_section(
    position: int,
    name: str,
    bound: Bound | None,
    summary: ScanSummary,
    heat: Mapping[str, Any] | None,
    pictures: _Pictures,
) -> dict[str, Any]:
    one = summary.bounds[name]
    witnesses = [
        _triples_sheet(f"{name}: the first triples that {what}", triples, summary.names)
        for what, triples in (("fail", one.failing), ("are undecided", one.undecided))
        if triples
    ]
    section: dict[str, Any] = {
        "key": f"bound-{position}",
        "name": name,
        "title": _title(bound, name),
        "statement": "" if bound is None else bound.statement,
        "verdict": one.verdict.value,
        "counts": ", ".join(
            f"{count:,} of {summary.triples:,} {_VERBS[verdict]}" for verdict, count in one.counts.items() if count
        ),
        "flags": [],
        "witnesses": witnesses,
        "median": None,
        "histogram": None,
        "heat": None,
        "pairs": None,
        "lists": [],
        "classes": _classes(name, one, summary),
    }
    if not _measured(one):
        return section
    values = one.tightness
    if one.negative:
        section["flags"].append(
            f"On {_count(one.negative, 'triple')} ({_share(one.negative, values.ordered + values.undefined)}) the right "
            "side is below 0, so left over right side is no tightness there: a quotient above 1 is no failure, and the "
            "largest quotients say nothing of sharpness. The verdicts and the slack are not touched by it."
        )
    if values.undefined:
        section["flags"].append(f"Both sides are 0 on {_count(values.undefined, 'triple')}, which have no tightness.")
    if values.unknown:
        section["flags"].append(
            f"The right side may be 0 on {_count(values.unknown, 'triple')}: nothing is known of the tightness there."
        )
    if bound is not None and is_of_squares(bound):
        section["flags"].append(
            "This bound compares squares of distances; sides, tightness and slack are told by their roots."
        )
    median = values.quantile(0.5)
    section["median"] = _between(median)
    section["histogram"] = _histogram(
        values, f"tightness-{position}", "tightness: left side over right side", {"median": _middle(median)}
    )
    if heat is not None:
        section["heat"] = {
            **heat,
            "low": f"{heat['low']:.4g}",
            "high": f"{heat['high']:.4g}",
            "label": f"Heat map of {name}: the largest tightness for each anchor (row) and negative (column), collections in "
            f"order of class, from {heat['low']:.4g} to {heat['high']:.4g}.",
        }
    section["pairs"] = _pairs(name, one, summary)
    for what, ranked in (("tightest", one.tightest), ("loosest", one.loosest)):
        if ranked:
            shown = []
            for number, triple in enumerate(ranked[:_PICTURED], 1):
                seen = [(role, summary.names[at], pictures[at]) for role, at in zip(_ROLES, triple.triple, strict=True)]
                if any(picture is not None for _, _, picture in seen):
                    caption = (
                        f"{what.capitalize()} triple {number}: tightness {_between(triple.enclosures['tightness'])}"
                    )
                    shown.append({"caption": caption, "rows": seen})
            section["lists"].append({"sheet": _ranked(f"{name}: {what} triples", ranked, summary), "pictured": shown})
    return section


def _comparison(scans: Mapping[str, Scan]) -> list[_Sheet]:
    """Return scans side by side: medians, counts of verdicts, parameters."""
    names = list(dict.fromkeys(name for scan in scans.values() for name in scan.summary.bounds))
    medians: list[tuple[Cell, ...]] = []
    for name in names:
        row: list[Cell] = [name]
        for scan in scans.values():
            one = scan.summary.bounds.get(name)
            row.append(one.tightness.quantile(0.5) if one is not None and _measured(one) else None)
        if any(cell is not None for cell in row[1:]):
            medians.append(tuple(row))
    sheets = []
    if medians:
        sheets.append(
            _Sheet(
                "Median tightness, scan by scan",
                ("bound", *scans),
                tuple(medians),
                "Each number is between the two ends given; of distances, where a bound compares squares.",
            )
        )
    # A column of nothing but 0 says so once, in the note.
    shown = [
        (title, scan, verdict)
        for title, scan in scans.items()
        for verdict in _COUNTED
        if verdict in (Verdict.HOLDS, Verdict.FAILS) or any(one.counts[verdict] for one in scan.summary.bounds.values())
    ]
    counts: list[tuple[Cell, ...]] = [
        (
            name,
            *(
                scan.summary.bounds[name].counts[verdict] if name in scan.summary.bounds else None
                for _, scan, verdict in shown
            ),
        )
        for name in names
    ]
    heads = ("bound", *(f"{title}: {verdict.value}" for title, _, verdict in shown))
    note = "Exact counts of triples; what has no column here was found on none."
    sheets.append(_Sheet("Verdicts, scan by scan", heads, tuple(counts), note))
    parameters: list[tuple[Cell, ...]] = [
        (
            f"{title}: {symbol}",
            *(one.values.quantile(level) for level in (0.05, 0.5, 0.95)),
            one.below_zero,
            _share(one.below_zero, int(one.signs_by_class.sum())),
            one.undecided,
        )
        for title, scan in scans.items()
        for symbol, one in scan.summary.parameters.items()
        if one.values.ordered
    ]
    if parameters:
        sheets.append(
            _Sheet(
                "Least parameters, scan by scan",
                ("scan: parameter", "5%", "median", "95%", "surely below 0", "share", "neither"),
                tuple(parameters),
                "Each number is between the two ends given; counts are exact. Units are each embedding's own.",
            )
        )
    return sheets


def _method(found: Scan, source: str | None) -> list[tuple[str, str]]:
    from boundcheck.report.console import norm_name

    summary = found.summary
    given = {parameter.symbol: value for parameter, value in found.parameters.items()}
    asked = dict.fromkeys(one.symbol for bound in found.bounds for one in bound.parameters())
    derived = [symbol for symbol in asked if symbol not in given]
    said = [f"{symbol} = {given[symbol]:g}" for symbol in asked if symbol in given]
    if derived:
        said.append(f"{', '.join(derived)}: on each triple the least value that the premise allows")
    kinds = len(set(summary.classes.tolist()))
    resumed = (
        f"; {found.resumed:,} of them were done by an earlier run, whose time is left out" if found.resumed else ""
    )
    facts = [
        ("Embeddings", source or ""),
        ("Collections", f"{len(summary.names):,} in {_count(kinds, 'class')}"),
        ("Triples", f"{summary.triples:,}: every two collections x, z of one class, in both orders, and w of another"),
        ("Norm", norm_name(found.norm)),
        ("Parameters", "; ".join(said)),
        ("Both sides", "measured on every triple" if summary.sides else "not measured: verdicts alone were asked for"),
        ("Time", f"{found.seconds:.1f} s, {_count(found.blocks, 'block')}{resumed}"),
        ("Version", f"boundcheck {__version__}"),
    ]
    return [(term, text) for term, text in facts if text]


# --------------------------------------------------------------------------------------------------------------- page


def scan_tables(found: Scan) -> list[Table]:
    """Return what a scan found as tables for a terminal: verdicts, tightness, parameters, the tightest triples.

    Parameters
    ----------
    found
        A scan, with both sides or of verdicts alone.

    Examples
    --------
    >>> import numpy as np
    >>> from boundcheck.scan.run import scan
    >>> points = np.random.default_rng(0).normal(size=(24, 8))
    >>> found = scan(points, np.arange(24) // 12, np.arange(24) // 3, ["karimov"], verdicts_only=True)
    >>> [table] = scan_tables(found)
    >>> table.rows[0][:2]
    ('karimov', '96')
    """
    summary = found.summary
    _, sentence, _ = _headline(summary)
    heads = ("bound", *(verdict.value for verdict in _COUNTED), "centroids", "distances", "more digits")
    verdicts = tuple(
        (
            name,
            *(f"{one.counts[verdict]:,}" for verdict in _COUNTED),
            *(_share(int(one.stages[stage]), sum(one.counts.values())) for stage in Stage),
        )
        for name, one in summary.bounds.items()
    )
    tables = [
        Table(
            sentence,
            heads,
            verdicts,
            f"exact counts, and what they rest on; {found.seconds:.1f} s"
            + (f", {found.resumed} of {found.blocks} blocks from the journal" if found.resumed else ""),
        ).without_empty_columns(2)
    ]
    measured = {name: one for name, one in summary.bounds.items() if _measured(one)}
    if measured:
        rows = tuple(
            (
                _marked(name, one),
                *(_between(one.tightness.quantile(level)) for level in (0.05, 0.5, 0.95)),
            )
            for name, one in measured.items()
        )
        note = "each number is between the two ends given; of distances, where a bound compares squares"
        if any(one.negative for one in measured.values()):
            note += "; †: the right side is below 0 on some triples, where the quotient is no tightness"
        tables.append(Table("Left side over right side", ("bound", "5%", "median", "95%"), rows, note))
    known = {symbol: one for symbol, one in summary.parameters.items() if one.values.ordered}
    if known:
        signs = {symbol: int(one.signs_by_class.sum()) for symbol, one in known.items()}
        rows = tuple(
            (
                symbol,
                *(_between(one.values.quantile(level)) for level in (0.05, 0.5, 0.95)),
                _share(one.below_zero, signs[symbol]),
            )
            for symbol, one in known.items()
        )
        columns = ("parameter", "5%", "median", "95%", "surely below 0")
        tables.append(Table("The least value on each triple", columns, rows, "in the embedding's own units"))
    ranked = tuple(
        (name, _names(first.triple, summary), _between(_value(first.tightness, first.tightness_error)))
        for name, one in measured.items()
        if one.tightest and math.isfinite((first := one.tightest[0]).tightness)
    )
    if ranked:
        tables.append(Table("The tightest triple of each bound", ("bound", "x · z · w", "left over right"), ranked))
    return tables


def scan_page(
    found: Scan,
    *,
    title: str = "Every triple",
    source: str | None = None,
    pictures: Callable[[int], bytes | None] | None = None,
    beside: Mapping[str, Scan] | None = None,
    notes: Sequence[Table] = (),
) -> str:
    """Return the report of a scan as one HTML file: no script, no network, the tables as CSV files within.

    Parameters
    ----------
    found
        A scan, with both sides or of verdicts alone.
    title
        The page's.
    source
        What was embedded and how, in a sentence.
    pictures
        Gives the bytes of a PNG for a collection, by its position among the names, or None. About 400 kB have room.
    beside
        Scans to compare with, by name.
    notes
        Tables of other findings, shown after these.

    Raises
    ------
    InvalidTypeError
        If `found` or one of `beside` is no scan, or one of `notes` no table.
    InvalidValueError
        If a picture is no PNG.

    Examples
    --------
    >>> import numpy as np
    >>> from boundcheck.scan.run import scan
    >>> points = np.random.default_rng(0).normal(size=(24, 8))
    >>> page = scan_page(scan(points, np.arange(24) // 12, np.arange(24) // 3, ["karimov"]))
    >>> "karimov holds on every one of the 96 triples, certified." in page
    True
    """
    from boundcheck.report.figures import heat_colours
    from boundcheck.report.html import page

    others = dict(beside or {})
    for what, scan in {"found": found, **{f"beside[{name!r}]": one for name, one in others.items()}}.items():
        if not isinstance(scan, Scan):
            raise InvalidTypeError(explain(what, "a Scan", f"{type(scan).__name__}", "pass what scan() returned"))
    for position, table in enumerate(notes):
        if not isinstance(table, Table):
            raise InvalidTypeError(explain(f"notes[{position}]", "a report's Table", f"{type(table).__name__}"))
    summary = found.summary
    own = "this scan"
    while own in others:
        own += " here"
    scans = {own: found, **others}
    by_name = {bound.name: bound for bound in found.bounds}
    maps, kept = _heat_maps(summary), _Pictures(summary.names, pictures)
    worst, sentence, stages = _headline(summary)
    tightness, outliers, slack = _tightness(found), _outliers(summary), _slack(summary)
    sections = [
        _bound_section(position, name, by_name.get(name), summary, maps.get(name), kept)
        for position, name in enumerate(summary.bounds)
    ]
    return page(
        "scan.html",
        title=title,
        source=source,
        worst=worst.value,
        sentence=sentence,
        stages=stages,
        sides=summary.sides,
        verdicts=_verdicts(summary),
        flagged=[section for section in sections if summary.bounds[section["name"]].negative],
        ladder=_ladder(scans if others else {own: found}),
        tightness=tightness if tightness.rows else None,
        outliers=outliers if outliers.rows else None,
        slack=slack if slack.rows else None,
        parameters=_parameters(summary),
        comparison=_comparison(scans) if others else [],
        sections=sections,
        frame=_map_frame(summary) if maps else None,
        gradient=", ".join(heat_colours(12)) if maps else "",
        collections=len(summary.names),
        pictures=[picture for picture in kept.kept.values() if picture is not None],
        pictures_left_out=kept.left_out,
        notes=[_Sheet.of(table) for table in notes],
        method=_method(found, source),
    )


def write_page(path: str | PathLike[str], found: Scan, **options: Any) -> Path:
    """Write :func:`scan_page` to a file in one step, and return the file's path; folders are made.

    Parameters
    ----------
    path
        Of the file.
    found, **options
        As for :func:`scan_page`.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        As :func:`scan_page`, or if the file cannot be written.
    """
    target = Path(path)
    # A name may have half of a character, which no encoding can write.
    text = scan_page(found, **options).encode("utf-8", "replace").decode()
    try:
        write_text(target, text)
    except OSError as cause:
        raise InvalidValueError(
            explain(
                "path", "a file that can be written", f"{target} ({cause.strerror or cause})", "choose another folder"
            )
        ) from cause
    return target
