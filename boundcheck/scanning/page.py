"""A scan of every triple as one page of HTML that needs nothing else: no script, no network, no other file."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from boundcheck._version import __version__
from boundcheck.atomic import write_text
from boundcheck.decimals import between, per_cent
from boundcheck.errors import InvalidTypeError, InvalidValueError, explain
from boundcheck.evaluate import Verdict
from boundcheck.language import Bound
from boundcheck.report.tables import Table, csv_of, safe_cell
from boundcheck.scanning.bound_summary import BoundSummary, Ranked
from boundcheck.scanning.comparison import Groups, compared
from boundcheck.scanning.grids import Stage
from boundcheck.scanning.page_tables import (
    COUNTED,
    Cell,
    Sheet,
    around,
    as_link,
    counted,
    file_name,
    is_measured,
    marked,
    middle_of,
    names_apart,
)
from boundcheck.scanning.plots import Pictures, heat_maps, histogram_of, ladder_of, map_frame
from boundcheck.scanning.requirements import is_of_squares
from boundcheck.scanning.run import Scan
from boundcheck.scanning.summary import ScanSummary

__all__ = ["beside_tables", "scan_page", "scan_tables", "write_page"]

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
_LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
_ROLES = ("anchor x", "positive z", "negative w")
# How many triples at either end of a bound are shown with pictures, and class pairs in its table.
_PICTURED, _PAIRS = 2, 15


# ----------------------------------------------------------------------------------------------------------- sections


def _title(bound: Bound | None, name: str) -> str:
    return bound.title if bound is not None and bound.title else name


def _triples_sheet(title: str, triples: Sequence[tuple[int, int, int]], names: Sequence[str]) -> Sheet:
    return Sheet(title, _ROLES, tuple(tuple(names[at] for at in triple) for triple in triples), text=(0, 1, 2))


def _headline(summary: ScanSummary) -> tuple[Verdict, str, str]:
    """Return the worst verdict, what holds on how many triples, and what the verdicts rest on."""
    bounds = summary.bounds
    counts = {verdict: sum(one.counts[verdict] for one in bounds.values()) for verdict in COUNTED}
    total = sum(counts.values())
    worst = Verdict.worst(one.verdict for one in bounds.values())
    if not bounds:
        return worst, "No bound was asked for.", ""
    if not total:
        return worst, "There is no triple to check: it takes two collections of one class and one of another.", ""
    triples, verdicts = counted(summary.triples, "triple"), counted(total, "verdict")
    only = next(iter(bounds)) if len(bounds) == 1 else None
    if counts[Verdict.HOLDS] == total:
        subject = f"{only} holds" if only else f"All {len(bounds)} bounds hold"
        found = (
            f"{subject} on {f'every one of the {triples}' if summary.triples > 1 else 'the only triple'}, certified."
        )
    else:
        holds, fails, undecided, vacuous = (f"{counts[verdict]:,} {_VERBS[verdict]}" for verdict in COUNTED)
        of = f"{only}: of {triples}" if only else f"Of {verdicts} on {triples}"
        found = f"{of}, {holds} and {fails}, certified; {undecided} and {vacuous}."
        wrong = [name for name, one in bounds.items() if one.counts[Verdict.FAILS]]
        whole = [name for name, one in bounds.items() if one.counts[Verdict.HOLDS] == summary.triples]
        if wrong and not only:
            found += f" False on some triples: {', '.join(wrong)}."
        if whole and not only:
            found += f" True on every triple: {', '.join(whole)}."
    stages = {stage: sum(int(one.stages[stage]) for one in bounds.values()) for stage in Stage}
    rest = [f"{per_cent(stages[stage], total)} rest on {what} ({stages[stage]:,})" for stage, what in _STAGES.items()]
    return worst, found, f"Of the {verdicts}, each counted exactly, {', '.join(rest)}."


def _verdicts(summary: ScanSummary) -> Sheet:
    rows: list[tuple[Cell, ...]] = []
    for name, one in summary.bounds.items():
        total = sum(one.counts.values())
        rows.append(
            (
                name,
                *(one.counts[verdict] for verdict in COUNTED),
                *(per_cent(int(one.stages[stage]), total) for stage in Stage),
            )
        )
    return Sheet(
        "Verdicts",
        ("bound", *(verdict.value for verdict in COUNTED), *(f"on {what}" for what in _STAGES.values())),
        tuple(rows),
        "Counts of triples, exact. The last three columns say what the verdicts rest on, from the cheapest evidence to "
        "the dearest. Vacuous: a premise fails, so nothing is said.",
    )


def _tightness(found: Scan) -> Sheet:
    rows: list[tuple[Cell, ...]] = []
    for name, one in found.summary.bounds.items():
        if not is_measured(one):
            continue
        values = one.tightness
        rows.append(
            (
                marked(name, one),
                *(values.quantile(level) for level in (0.0, *_LEVELS, 1.0)),
            )
        )
    squares = [bound.name for bound in found.bounds if is_of_squares(bound)]
    rooted = f" Bounds that compare squares are told by the roots: {', '.join(squares)}." if squares else ""
    return Sheet(
        "Tightness of each bound",
        ("bound", "least", "5%", "25%", "median", "75%", "95%", "largest"),
        tuple(rows),
        "Left side over right side, of distances: 1 is as sharp as can be. Each number is between the two ends given."
        + rooted
        + (" †: see the next table." if any(one.negative for one in found.summary.bounds.values()) else ""),
    )


def _outliers(summary: ScanSummary) -> Sheet:
    """Return on how many triples a tightness is not what it seems, of the bounds that have any."""
    rows: list[tuple[Cell, ...]] = []
    for name, one in summary.bounds.items():
        if not is_measured(one):
            continue
        surely, maybe = one.tightness.share_below(0.0)
        counts = (one.negative, one.tightness.above, one.tightness.undefined, one.tightness.unknown)
        if maybe or any(counts):
            below: Cell = surely if surely == maybe else f"{surely:,} to {maybe:,}"
            rows.append((marked(name, one), below, *counts))
    return Sheet(
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


def _slack(summary: ScanSummary) -> Sheet:
    rows: list[tuple[Cell, ...]] = [
        (name, *(one.slack.quantile(level) for level in (0.0, *_LEVELS, 1.0)))
        for name, one in summary.bounds.items()
        if one.slack.ordered
    ]
    return Sheet(
        "Slack of each bound",
        ("bound", "least", "5%", "25%", "median", "75%", "95%", "largest"),
        tuple(rows),
        "Right side less left side, of distances, in the embedding's own units. Each number is between the two ends given.",
    )


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
            *((f"{what}, of {total:,}", count, per_cent(count, total)) for count, what in signs),
        )
        quantiles = Sheet(
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
                per_cent(int(signs[0]), int(sum(signs))),
                own.quantile(0.5),
            )
            for name, signs, own in zip(summary.class_names, one.signs_by_class, one.values_by_class, strict=True)
            if own.ordered
        ]
        found.append(
            {
                "symbol": symbol,
                "sentence": f"{per_cent(one.below_zero, total)} of the values are surely below 0 ({one.below_zero:,}), "
                f"{per_cent(one.undecided, total)} neither for sure ({one.undecided:,}).",
                "figure": histogram_of(values, f"parameter-{position}", f"the least {symbol} of a triple", {"0": 0.0}),
                "sheets": [
                    quantiles,
                    Sheet(f"Sign of the least {symbol}", ("sign", "triples", "share"), rows, "Exact counts."),
                ],
                "classes": Sheet(
                    f"The least {symbol} by class of the anchor",
                    ("class", "triples", "surely below 0", "at least 0", "neither", "share below 0", "median"),
                    tuple(by_class),
                    "Exact counts; the median is between the two ends given.",
                ),
            }
        )
    return found


def _classes(name: str, one: BoundSummary, summary: ScanSummary) -> Sheet:
    rows: list[tuple[Cell, ...]] = []
    collections = np.bincount(summary.classes, minlength=len(summary.class_names))
    measured = is_measured(one)
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
    heads = ("class of the anchor", "collections", *(verdict.value for verdict in COUNTED))
    if measured:
        heads = (*heads, "median tightness", "95% quantile", "largest", "tightest triple")
    return Sheet(
        f"{name} by class",
        heads,
        tuple(rows),
        "Exact counts of triples" + ("; other numbers are between the two ends given." if measured else "."),
        text=(0, len(heads) - 1) if measured else (0,),
    )


def _pair_value(value: float, one: BoundSummary) -> tuple[float, float]:
    """Return an enclosure of a largest value, whose own error was not kept: none is larger than the largest of all."""
    return around(value, one.tightness.largest_error if math.isfinite(value) else 0.0)


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
    matrix = [["anchor's class", *(safe_cell(summary.class_names[b]) for b in kinds)]]
    for a in kinds:
        cells = (f"{one.largest_by_pair[a, b]:.6g}" if known[a, b] else "" for b in kinds)
        matrix.append([safe_cell(summary.class_names[a]), *cells])
    return {
        "sheet": Sheet(
            f"{name}: tightest pairs of classes",
            ("anchor's class · negative's class", "triples", "largest tightness", "its triple"),
            tuple(rows),
            f"The first {len(rows)} of {int(known.sum()):,} pairs. Each number is between the two ends given.",
            text=(0, 3),
        ),
        "link": as_link(csv_of(matrix)),
        "file": file_name(f"{name} all pairs of classes"),
    }


def _ranked(title: str, ranked: Sequence[Ranked], summary: ScanSummary) -> Sheet:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (*(summary.names[at] for at in one.triple), *(one.enclosures[part] for part in ("tightness", "lhs", "rhs")))
        for one in ranked
    )
    return Sheet(
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
    pictures: Pictures,
) -> dict[str, Any]:
    # Templates take most of a second to load.
    from boundcheck.report.html import statement_of

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
        "statement": "" if bound is None else statement_of(bound),
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
    if not is_measured(one):
        return section
    values = one.tightness
    if one.negative:
        section["flags"].append(
            f"On {counted(one.negative, 'triple')} ({per_cent(one.negative, values.ordered + values.undefined)}) the right "
            "side is below 0, so left over right side is no tightness there: a quotient above 1 is no failure, and the "
            "largest quotients say nothing of sharpness. The verdicts and the slack are not touched by it."
        )
    if values.undefined:
        section["flags"].append(f"Both sides are 0 on {counted(values.undefined, 'triple')}, which have no tightness.")
    if values.unknown:
        section["flags"].append(
            f"The right side may be 0 on {counted(values.unknown, 'triple')}: nothing is known of the tightness there."
        )
    if bound is not None and is_of_squares(bound):
        section["flags"].append(
            "This bound compares squares of distances; sides, tightness and slack are told by their roots."
        )
    median = values.quantile(0.5)
    section["median"] = between(median)
    section["histogram"] = histogram_of(
        values, f"tightness-{position}", "tightness: left side over right side", {"median": middle_of(median)}
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
                        f"{what.capitalize()} triple {number}: tightness {between(triple.enclosures['tightness'])}"
                    )
                    shown.append({"caption": caption, "rows": seen})
            section["lists"].append({"sheet": _ranked(f"{name}: {what} triples", ranked, summary), "pictured": shown})
    return section


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
        ("Collections", f"{len(summary.names):,} in {counted(kinds, 'class')}"),
        ("Triples", f"{summary.triples:,}: every two collections x, z of one class, in both orders, and w of another"),
        ("Norm", norm_name(found.norm)),
        ("Parameters", "; ".join(said)),
        ("Both sides", "measured on every triple" if summary.sides else "not measured: verdicts alone were asked for"),
        ("Time", f"{_time(found)}, {counted(found.blocks, 'block')}{resumed}"),
        ("Version", f"boundcheck {__version__}"),
    ]
    return [(term, text) for term, text in facts if text]


def _time(found: Scan) -> str:
    """Return how long a scan took, and how much of that went into its loops."""
    # Templates take most of a second to load.

    compiling = f", {found.compiling:.1f} s of it to compile loops" if found.compiling >= 0.05 else ""
    return f"{found.seconds:.1f} s{compiling}"


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
    >>> from boundcheck.scanning.run import scan
    >>> points = np.random.default_rng(0).normal(size=(24, 8))
    >>> found = scan(points, np.arange(24) // 12, np.arange(24) // 3, ["karimov"], verdicts_only=True)
    >>> [table] = scan_tables(found)
    >>> table.rows[0][:2]
    ('karimov', '96')
    """
    summary = found.summary
    _, sentence, _ = _headline(summary)
    heads = ("bound", *(verdict.value for verdict in COUNTED), "centroids", "distances", "more digits")
    verdicts = tuple(
        (
            name,
            *(f"{one.counts[verdict]:,}" for verdict in COUNTED),
            *(per_cent(int(one.stages[stage]), sum(one.counts.values())) for stage in Stage),
        )
        for name, one in summary.bounds.items()
    )
    tables = [
        Table(
            sentence,
            heads,
            verdicts,
            f"exact counts, and what they rest on; {_time(found)}"
            + (f", {found.resumed} of {found.blocks} blocks from the journal" if found.resumed else ""),
        ).without_empty_columns(2)
    ]
    measured = {name: one for name, one in summary.bounds.items() if is_measured(one)}
    if measured:
        rows = tuple(
            (
                marked(name, one),
                *(between(one.tightness.quantile(level)) for level in (0.05, 0.5, 0.95)),
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
                *(between(one.values.quantile(level)) for level in (0.05, 0.5, 0.95)),
                per_cent(one.below_zero, signs[symbol]),
            )
            for symbol, one in known.items()
        )
        columns = ("parameter", "5%", "median", "95%", "surely below 0")
        tables.append(Table("The least value on each triple", columns, rows, "in the embedding's own units"))
    ranked = tuple(
        (name, _names(first.triple, summary), between(around(first.tightness, first.tightness_error)))
        for name, one in measured.items()
        if one.tightest and math.isfinite((first := one.tightest[0]).tightness)
    )
    if ranked:
        tables.append(Table("The tightest triple of each bound", ("bound", "x · z · w", "left over right"), ranked))
    return tables


def beside_tables(scans: Mapping[str, Scan], groups: Mapping[str, Groups]) -> list[Table]:
    """Return scans of the same collections side by side, as tables for a terminal.

    Parameters
    ----------
    scans
        By name.
    groups
        What the centroids of those scans are like, by the same names.
    """
    return [sheet.table() for sheet in compared(scans, groups)]


def _unlike(name: str, others: Mapping[str, Scan]) -> str:
    """Return a name that no other scan has."""
    while name in others:
        name += " here"
    return name


def scan_page(
    found: Scan,
    *,
    title: str = "Every triple",
    source: str | None = None,
    pictures: Callable[[int], bytes | None] | None = None,
    beside: Mapping[str, Scan] | None = None,
    groups: Mapping[str, Groups] | None = None,
    name: str = "this scan",
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
    groups
        What the centroids of these scans are like, by the same names and `name`; shown beside other scans.
    name
        What this scan is called beside others.
    notes
        Tables of other findings, shown after these.

    Raises
    ------
    InvalidTypeError
        If `found` or one of `beside` is no scan, one of `groups` no :class:`.comparison.Groups`, or one of `notes` no table.
    InvalidValueError
        If a picture is no PNG, or one of `groups` is of no scan here.

    Examples
    --------
    >>> import numpy as np
    >>> from boundcheck.scanning.run import scan
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
    scans = {_unlike(name, others): found, **others}
    for key, one in (groups or {}).items():
        if key not in scans:
            raise InvalidValueError(explain("groups", f"names among {', '.join(map(repr, scans))}", f"{key!r}"))
        if not isinstance(one, Groups):
            raise InvalidTypeError(explain(f"groups[{key!r}]", "Groups", f"{type(one).__name__}"))
    by_name = {bound.name: bound for bound in found.bounds}
    maps, kept = heat_maps(summary), Pictures(summary.names, pictures)
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
        ladder=ladder_of(scans),
        tightness=tightness if tightness.rows else None,
        outliers=outliers if outliers.rows else None,
        slack=slack if slack.rows else None,
        parameters=_parameters(summary),
        comparison=compared(scans, groups or {}) if others else [],
        sections=sections,
        frame=map_frame(summary) if maps else None,
        gradient=", ".join(heat_colours(12)) if maps else "",
        collections=len(summary.names),
        pictures=[picture for picture in kept.kept.values() if picture is not None],
        pictures_left_out=kept.left_out,
        notes=[Sheet.of(table) for table in notes],
        method=_method(found, source),
        own=names_apart(),
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
