"""Tables and a figure, made of the JSON alone."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.distances import accuracy, works
from benchmarks.distances.peers import OURS, UNPRUNED
from benchmarks.distances.works import WORKS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "GOALS",
    "accuracy_csv",
    "accuracy_markdown",
    "as_table",
    "as_time",
    "goals",
    "kinds_markdown",
    "kinds_table",
    "measured_with",
    "multiplies",
    "speed_csv",
    "speed_figure",
    "speed_markdown",
]

Row = Mapping[str, Any]

_TILES = ("float32 tiles, MKL", "float32 tiles, oneDNN")
_ALONE = ("product alone, MKL", "product alone, oneDNN")
# Of 500² pairs of collections: 7 values, 7 errors, and both objects of 4 extremes, 8 bytes each.
_TABLES_MB = 500**2 * 22 * 8 / 1e6


# ----------------------------------------------------------------------------------------------------------- writing


def number(value: Any) -> float | None:
    """Return a number that JSON may have as a word: "nan", "inf"."""
    return None if value is None else float(value)


def as_time(seconds: float) -> str:
    """Return seconds in words, to three digits."""
    if seconds >= 100:
        return f"{seconds:.0f} s"
    if seconds >= 1:
        return f"{seconds:.3g} s"
    return f"{seconds * 1e3:.3g} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.3g} µs"


def _short(value: float) -> str:
    if math.isinf(value):
        return "∞"
    if value == 0:
        return "0"
    return f"{value:.2g}" if 0.01 <= value < 100 else f"{value:.0e}"


def as_table(head: Iterable[str], body: Iterable[Iterable[str]]) -> str:
    """Return a table of Markdown."""
    head = list(head)
    lines = [head, ["---"] * len(head), *map(list, body)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _csv(head: Iterable[str], body: Iterable[Iterable[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(body)
    return text.getvalue()


# ------------------------------------------------------------------------------------------------------------- goals


# What multiplies on the processors that goals are set for.
_VNNI, _AVX2 = "AVX-512 VNNI", "AVX2"


@dataclass(frozen=True)
class Goal:
    """What was aimed at, and how it is found in the rows.

    Attributes
    ----------
    title
        What of which work.
    targets
        By what a processor multiplies with; none, where a number is for comparison alone.
    measured
        From the rows, by work and peer, to the number; KeyError, TypeError or ValueError where that is not there.
    at_most
        Whether smaller is better.
    unit
        A format for the number and its target.
    """

    title: str
    targets: Mapping[str, float]
    measured: Callable[[Mapping[tuple[str, str], Row]], float]
    at_most: bool
    unit: str

    def target(self, kind: str) -> str:
        """Return in words what is aimed at on a kind of processor."""
        if kind not in self.targets:
            return "—"
        return f"{'≤' if self.at_most else '≥'} {self.shown(self.targets[kind])}"

    def shown(self, number: float) -> str:
        """Return a number with its unit."""
        return as_time(number) if self.unit == "time" else self.unit.format(number)

    def met(self, number: float, kind: str) -> str:
        """Return "yes", "no", or "—" where nothing is aimed at."""
        if kind not in self.targets:
            return "—"
        target = self.targets[kind]
        return "yes" if (number <= target if self.at_most else number >= target) else "no"


def _both(target: float) -> dict[str, float]:
    return {_AVX2: target, _VNNI: target}


def _ratio(work: str, others: tuple[str, ...], avx2: float | None, vnni: float, against: str, ours: str = OURS) -> Goal:
    def measured(rows: Mapping[tuple[str, str], Row]) -> float:
        there = [rows[work, peer] for peer in others if (work, peer) in rows]
        return min(_median(row) for row in there if "seconds" in row) / _median(rows[work, ours])

    targets = {_VNNI: vnni} if avx2 is None else {_AVX2: avx2, _VNNI: vnni}
    what = "" if ours == OURS else f" ({ours.partition(', ')[2]})"
    return Goal(f"{work}{what}: faster than {against}", targets, measured, False, "{:.3g}×")


def _memory(work: str, target: float) -> Goal:
    return Goal(
        f"{work}: memory beyond the inputs", _both(target), lambda rows: float(rows[work, OURS]["extra_mb"]), True,
        "{:.0f} MB",
    )  # fmt: skip


def _pruning(work: str) -> Goal:
    return Goal(
        f"{work}: time with the search for far pairs, of that without", _both(1.1),
        lambda rows: _median(rows[work, OURS]) / _median(rows[work, UNPRUNED]), True, "{:.2f}",
    )  # fmt: skip


def _width(rows: Mapping[tuple[str, str], Row]) -> float:
    # Of nothing, max raises ValueError.
    return max(
        float(row["relative_width"])
        for row in rows.values()
        if row.get("relative_width") is not None and row["peer"] != works.OUR_ROUGH
    )


_CDIST, _ONE, _FIVE = ("torch.cdist",), (works.ONE_REDUCTION,), (works.FIVE_REDUCTIONS,)
_IN_CHUNKS = "torch.cdist in chunks"

#: In the order of the table.
GOALS = (
    _ratio("max-1408", _CDIST, 2, 5, "torch.cdist"),
    _ratio("max-1408", _TILES, None, 3, "the better float32 product in tiles, with max"),
    _memory("max-1408", 150),
    _ratio("max-128", _CDIST, 3.5, 9, "torch.cdist"),
    _ratio("max-128", _TILES, None, 2.5, "the better float32 product in tiles, with max"),
    _memory("max-128", 150),
    _ratio("features-64", _CDIST, 6, 12, "torch.cdist"),
    _ratio("pixels-784", _CDIST, 6, 12, "torch.cdist"),
    _ratio("heavy-1408", _CDIST, 20, 20, "torch.cdist"),
    _ratio("heavy-128", _CDIST, 20, 20, "torch.cdist"),
    _pruning("max-1408"),
    _pruning("max-128"),
    _ratio("between-1408", _ONE, 5, 6, _IN_CHUNKS, works.OUR_MAX),
    _ratio("between-1408", _FIVE, 2, 2.5, f"{_IN_CHUNKS}, five reductions"),
    _ratio("between-1408", _FIVE, 5, 6, f"{_IN_CHUNKS}, five reductions", works.OUR_ROUGH),
    _memory("between-1408", 32 + _TABLES_MB),
    _ratio("between-128", _ONE, 8, 8, _IN_CHUNKS, works.OUR_MAX),
    _ratio("between-128", _FIVE, 2.5, 2.5, f"{_IN_CHUNKS}, five reductions"),
    _ratio("between-128", _FIVE, 5, 6, f"{_IN_CHUNKS}, five reductions", works.OUR_ROUGH),
    _memory("between-128", 32 + _TABLES_MB),
    _ratio("hausdorff-128", ("scipy",), 1.5, 1.5, "scipy's directed_hausdorff"),
    _ratio("hausdorff-features-64", ("scipy",), 1.5, 1.5, "scipy's directed_hausdorff"),
    _ratio("outliers-128", ("scipy",), 1.5, 1.5, "scipy's directed_hausdorff"),
    Goal("triple: time", _both(0.5e-3), lambda rows: _median(rows["triple", OURS]), True, "time"),
    Goal("triples: time", _both(1.0), lambda rows: _median(rows["triples", OURS]), True, "time"),
    Goal("every work to 1e-12: relative width of the enclosure", _both(1e-12), _width, True, "{:.0e}"),
)


def multiplies(facts: Mapping[str, Any]) -> str:
    """Return which of the goals' kinds of processor a machine is of."""
    return _VNNI if "avx512_vnni" in facts["instructions"] else _AVX2


def goals(rows: Sequence[Row], kind: str) -> list[tuple[str, str, str, str]]:
    """Return title, target, what was measured, and "yes" or "no" for each goal; "—" where it was not measured."""
    by = {(row["work"], row["peer"]): row for row in rows}
    found = []
    for goal in GOALS:
        try:
            number = goal.measured(by)
        except (KeyError, TypeError, ValueError):
            found.append((goal.title, goal.target(kind), "—", "—"))
            continue
        found.append((goal.title, goal.target(kind), goal.shown(number), goal.met(number, kind)))
    return found


def kinds_table(results: Mapping[str, Mapping[str, Any]]) -> str:
    """Return every goal with what each kind of processor comes to, side by side, and what it was measured on and with."""
    head = ["goal"]
    columns = []
    for one in results.values():
        kind = multiplies(one["machine"])
        head += [f"{kind}: target", "measured", "met"]
        columns.append(goals(one["rows"], kind))
    body = [(lines[0][0], *(cell for line in lines for cell in line[1:])) for lines in zip(*columns, strict=True)]
    return "\n\n".join([as_table(head, body), *(measured_with(one) for one in results.values())])


def measured_with(results: Mapping[str, Any]) -> str:
    """Return a line on a run: the processor, the libraries and their versions."""
    facts = results["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items() if version)
    return (
        f"{multiplies(facts)}: {facts['processor']}, {facts['threads']} threads, load {facts['load_before']} before; "
        f"Python {facts['python']}, {versions}."
    )


def kinds_markdown(results: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the page of all kinds of processor."""
    return "\n\n".join(["# Distance reductions on every kind of processor", _GOALS_NOTE, kinds_table(results)]) + "\n"


def _median(row: Row) -> float:
    return float(row["seconds"]["median"])


# ------------------------------------------------------------------------------------------------------------- speed


def speed_markdown(results: Mapping[str, Any]) -> str:
    """Return the page of a run: the machine, the goals, and a table for each work."""
    rows: list[Row] = results["rows"]
    parts = ["# Speed and memory of distance reductions", _machine(results), "## Goals", _GOALS_NOTE]
    parts.append(as_table(("goal", "target", "measured", "met"), goals(rows, multiplies(results["machine"]))))
    for name, work in WORKS.items():
        of_work = [row for row in rows if row["work"] == name]
        if of_work:
            parts += [f"## {name}", f"{work.title}{_scaled(results, name)}.", _work_table(of_work)]
    compiled = results.get("compiled")
    if compiled:
        body = [
            (what, *(as_time(compiled[state][what]) for state in compiled)) for what in next(iter(compiled.values()))
        ]
        parts += ["## First calls of a process", "Loops are compiled at the first call ever, and read from disk later."]
        parts.append(as_table(("call", *compiled), body))
    return "\n\n".join(parts) + "\n"


_GOALS_NOTE = (
    "Of medians, ours and the other's in turns: how many times faster. Goals are set for processors with AVX-512 VNNI, "
    "which multiply 8-bit numbers fastest, and for those with AVX2 alone. Memory of the collections' tables: 32 MB and "
    "what is returned, 22 numbers of 8 bytes for each two. A dash: not measured, or nothing aimed at."
)


def _machine(results: Mapping[str, Any]) -> str:
    machine = results["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items() if version)
    return (
        f"{machine['processor']} ({', '.join(machine['instructions'])}), {machine['threads']} threads, "
        f"load {machine['load_before']} before; Python {machine['python']}, {versions}. "
        f"Format of our products: {machine['boundcheck_format']}. Scale: {results['scale']}.\n\n"
        "Peers take turns; the times are the median of the rounds, and their range. Time for a share of the rows is "
        "given for all of them. Memory is the peak beyond inputs and loaded libraries. A result's distance from ours is "
        "relative."
    )


def _scaled(results: Mapping[str, Any], name: str) -> str:
    if results["scale"] == "full":
        return ""
    return f" (here, {results['scale']}: {' × '.join(f'{size:,}' for size in WORKS[name].sizes[results['scale']])})"


def _work_table(rows: Sequence[Row]) -> str:
    return as_table(
        ("by", "median", "range", "rounds", "times ours", "memory", "off ours"),
        (_speed_cells(row, rows) for row in rows),
    )


def _speed_cells(row: Row, rows: Sequence[Row]) -> tuple[str, ...]:
    """Return the cells of a row, from its peer on."""
    if "failed" in row:
        return (row["peer"], "fails", row["failed"].splitlines()[0].replace("|", "/")[:120], "—", "—", "—", "—")
    ours = next(other for other in rows if other["peer"] == OURS)
    seconds, share = row["seconds"], row["share"]
    peer = row["peer"] if share == 1 else f"{row['peer']} ({share:.0%} of the rows)"
    ratio = f"{seconds['median'] / _median(ours):.2f}" if "seconds" in ours else "—"
    value = number(row["value"])
    off = "—"
    if "seconds" in ours and value is not None and math.isfinite(value):
        off = _short(abs(value - ours["value"]) / ours["value"])
    memory = row.get("extra_mb")
    return (
        peer,
        as_time(seconds["median"]),
        f"{as_time(seconds['min'])} to {as_time(seconds['max'])}",
        str(seconds["rounds"]),
        ratio,
        "—" if memory is None else f"{memory:.0f} MB",
        off,
    )


def speed_csv(results: Mapping[str, Any]) -> str:
    """Return all rows of all works as CSV, as the Markdown has them."""
    rows: list[Row] = results["rows"]
    head = ("work", "by", "median", "range", "rounds", "times ours", "memory", "off ours")
    body = []
    for name in dict.fromkeys(row["work"] for row in rows):
        of_work = [row for row in rows if row["work"] == name]
        body += [(name, *_speed_cells(row, of_work)) for row in of_work]
    return _csv(head, body)


def speed_figure(results: Mapping[str, Any]) -> Figure:
    """Draw the medians of every work and peer, with their ranges."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import NullFormatter

    names = [name for name in WORKS if any(row["work"] == name and "seconds" in row for row in results["rows"])]
    lines = math.ceil(len(names) / 2)
    figure = Figure(figsize=(13, 0.4 + 2.5 * lines), layout="constrained")
    panels = figure.subplots(lines, 2, squeeze=False)
    for panel in panels.ravel()[len(names) :]:
        panel.set_axis_off()
    for name, panel in zip(names, panels.ravel(), strict=False):
        rows = [row for row in results["rows"] if row["work"] == name and "seconds" in row]
        rows.sort(key=_median, reverse=True)
        medians = [_median(row) for row in rows]
        reach = [
            [median - row["seconds"]["min"] for median, row in zip(medians, rows, strict=True)],
            [row["seconds"]["max"] - median for median, row in zip(medians, rows, strict=True)],
        ]
        for line, (row, median) in enumerate(zip(rows, medians, strict=True)):
            away = [[part[line]] for part in reach]
            panel.errorbar(
                [median], [line], xerr=away, fmt="o", color=_colour(row["peer"]), markersize=5, elinewidth=1.2
            )
        panel.set_yticks(range(len(rows)), [row["peer"] for row in rows], fontsize=7)
        panel.set_ylim(-0.6, len(rows) - 0.4)
        panel.set_xscale("log")
        ends = min(row["seconds"]["min"] for row in rows), max(row["seconds"]["max"] for row in rows)
        panel.set_xlim(10 ** math.floor(math.log10(ends[0])), 10 ** math.ceil(math.log10(ends[1] * 1.01)))
        panel.grid(axis="x", linewidth=0.4)
        panel.set_xlabel("seconds", fontsize=8)
        panel.tick_params(axis="x", which="both", labelsize=7)
        panel.xaxis.set_minor_formatter(NullFormatter())
        panel.set_title(WORKS[name].title + _scaled(results, name), fontsize=8, loc="left")
    return figure


def _colour(peer: str) -> str:
    if peer.startswith(OURS):
        return "#4477AA"
    return "#BBBBBB" if peer in _ALONE else "#EE6677"


# ---------------------------------------------------------------------------------------------------------- accuracy


def accuracy_markdown(results: Mapping[str, Any]) -> str:
    """Return the page of the accuracy suite: the worst of the reductions, then each of them."""
    rows: list[Row] = results["rows"]
    settings = results["settings"]
    parts = [
        "# Accuracy of distance reductions",
        f"{settings['rows']} × {settings['rows'] + 50} rows of float32, D = {settings['dimension']}; relative errors "
        "against extended precision. Every enclosure holds the reference: "
        + ("yes." if all(row.get("encloses", True) for row in rows) else "NO."),
        "## Worst of " + ", ".join(accuracy.REDUCTIONS),
        as_table(*_worst(rows)),
    ]
    for reduction in accuracy.REDUCTIONS:
        chosen = [row for row in rows if row["reduction"] == reduction]
        parts += [f"## {reduction}", as_table(*_worst(chosen))]
    return "\n\n".join(parts) + "\n"


def accuracy_csv(results: Mapping[str, Any]) -> str:
    """Return the table of the worst of the reductions as CSV."""
    return _csv(*_worst(results["rows"]))


def _worst(rows: Sequence[Row]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    known = [peer for peer in accuracy.PEERS if any(row["peer"] == peer for row in rows)]
    head = ("rows", OURS, "its enclosure's width", *(peer for peer in known if peer != OURS))
    body = []
    for case in dict.fromkeys(row["case"] for row in rows):
        of_case = [row for row in rows if row["case"] == case]
        widths = [number(row["relative_width"]) for row in of_case if "relative_width" in row]
        cells = {peer: _outcomes([row for row in of_case if row["peer"] == peer]) for peer in known}
        width = _short(max(width for width in widths if width is not None)) if widths else "—"
        body.append((case, cells[OURS], width, *(cells[peer] for peer in known if peer != OURS)))
    return head, body


def _outcomes(rows: Sequence[Row]) -> str:
    """Return the largest error, or in words what came instead, most harmful first."""
    kinds = {row["outcome"] for row in rows}
    said = {"silent": "a number all the same", "nan": "NaN", "raises": "raises"}
    words = [said[kind] for kind in said if kind in kinds]
    errors = [number(row["error"]) for row in rows if row["outcome"] == "error"]
    if errors:
        words.insert(0, _short(max(error for error in errors if error is not None)))
    return "; ".join(words) if words else "—"
