"""The page that the results of a comparison make: the answer first, then what it rests on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from boundcheck.atomic import write_text
from boundcheck.omniglot.methods.catalogue import ROLES
from boundcheck.omniglot.methods.collections import SIZES
from boundcheck.omniglot.methods.differences import Results
from boundcheck.omniglot.methods.gate import GATE
from boundcheck.omniglot.methods.tables import MAIN, answer, files, in_order, named, tables
from boundcheck.report.figures import Estimate, estimates_figure, growth_figure, inline
from boundcheck.report.html import page
from boundcheck.scanning.page_tables import Sheet, file_name, names_apart

__all__ = ["comparison_page", "write"]

# Columns of text, by the title of their table; of the others the first alone.
_TEXT = {
    "Learned or not": (0, 3),
    "Premises": (0, 1),
    "The runs": (0, 1, 2),
}


def comparison_page(summary: Mapping[str, Any]) -> str:
    """Return the page of a comparison as one HTML file: no script, no network, the tables as CSV files within."""
    results = Results(summary)
    figures = _figures(results)
    sections = [
        {
            "key": file_name(table.title).removesuffix(".csv"),
            "sheet": Sheet(table.title, table.columns, table.rows, table.note, _TEXT.get(table.title, (0,))),
            "figure": figures.get(table.title),
        }
        for table in tables(summary)
        if table.rows
    ]
    return page(
        "methods.html",
        title="Instance level against group level, on Omniglot",
        answer=answer(results),
        missing=[f"{one['method']}, seed {one['seed']}: {one['what']}" for one in summary["missing"]],
        sections=sections,
        own=names_apart(),
        metadata=json.dumps(
            {key: summary[key] for key in ("plan", "measuring", "made_by")}, indent=1, ensure_ascii=False
        ),
    )


def write(summary: Mapping[str, Any], folder: Path) -> tuple[Path, ...]:
    """Write the page, the tables and the numbers of a comparison to a folder, each file in one step."""
    texts = {**files(summary), "index.html": comparison_page(summary)}
    for name, text in texts.items():
        write_text(folder / name, text)
    return tuple(folder / name for name in texts)


def _figures(results: Results) -> dict[str, dict[str, str]]:
    """Return the figures by the titles of the tables that have their numbers, each with its caption."""
    found = {}
    for title, measure, label in (
        (
            "Instance level less group level",
            MAIN,
            "half of a character's drawings finds the other half (held-out alphabets)",
        ),
        ("Learned or not", GATE, "the nearest drawing is of the same character (held-out alphabets)"),
        (
            "Views of a drawing",
            "m* below 0",
            "no triplet of views of a triple of drawings is above 0, so that T(m) holds without m",
        ),
    ):
        part = "views" if title.startswith("Views") else "held out"
        figure = _estimates(results, part, measure, label, title)
        if figure is not None:
            found[title] = {
                "svg": figure,
                "caption": f"How often {label}. A mark at the mean of the runs, a tick for each, a line for 95% limits over "
                "seeds; an empty mark where not every run has learned.",
            }
    growth = _growth(results)
    if growth is not None:
        found["Collections of few drawings"] = {
            "svg": growth,
            "caption": "What aggregating is worth: how often the mean of so many drawings of a character is nearest to that of "
            "as many others of it, the mean over runs.",
        }
    return found


def _rows(results: Results, part: str, measure: str) -> dict[str, dict[str, Any]]:
    """Return the methods that have a number, under what they stand, with its mean over seeds."""
    found: dict[str, dict[str, Any]] = {}
    for stands in ROLES[:-1]:
        for role, name in in_order(results):
            mean = results.over_seeds(name, part, measure)
            if role == stands and mean is not None:
                found.setdefault(stands, {})[name] = mean
    return found


def _estimates(results: Results, part: str, measure: str, label: str, title: str) -> str | None:
    rows = _rows(results, part, measure)
    if not rows:
        return None
    groups = {
        stands: {
            named(results, name): Estimate(
                mean.values, mean.limits[0], mean.limits[1], full="†" not in named(results, name)
            )
            for name, mean in methods.items()
        }
        for stands, methods in rows.items()
    }
    lines = {}
    for name, shown in (("untrained", "untrained"), ("pixels", "pixels")):
        mean = results.over_seeds(name, part, measure)
        if mean is not None:
            lines[shown] = mean.mean
    said = " ".join(
        f"{name}: {sum(one.values) / len(one.values):.1%}."
        for methods in groups.values()
        for name, one in methods.items()
    )
    figure = estimates_figure(groups, label, lines)
    return inline(figure, file_name(title), f"How often {label}. {said}")


def _growth(results: Results) -> str | None:
    measures = [*(f"characters by halves: {size} each" for size in SIZES), MAIN]
    groups: dict[str, dict[str, list[float]]] = {}
    for stands, name in in_order(results):
        means = [results.over_seeds(name, "held out", measure) for measure in measures]
        known = [mean.mean for mean in means if mean is not None]
        if len(known) == len(measures):
            groups.setdefault(stands, {})[named(results, name)] = known
    if not groups:
        return None
    said = " ".join(
        f"{name}: {', '.join(f'{value:.1%}' for value in one)}."
        for rows in groups.values()
        for name, one in rows.items()
    )
    at = [*SIZES, 10]
    figure = growth_figure(groups, at, "drawings in each half of a character", "the other half is found")
    return inline(
        figure, "few-drawings", f"How often the other half is found, of {', '.join(map(str, at))} drawings each. {said}"
    )
