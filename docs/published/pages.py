"""A page for every published statement, made of the library's records, and of what was found of them.

Nothing on a page is typed: statement, conventions, status, the example where both sides are equal or where a reading fails;
the two sides on real embeddings, which ``python -m benchmarks.published`` measures; what the adversary made of it, which
``python -m benchmarks.gallery`` says.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from theorems import pages as theorems

from benchmarks import gallery
from benchmarks import published as results
from boundcheck.atomic import write_text
from boundcheck.decimals import significant_ends
from boundcheck.errors import InvalidValueError, explain
from boundcheck.evaluate import Enclosed, Judgement, judge
from boundcheck.language import Bound, Relation
from boundcheck.limits import Quantile
from boundcheck.report import figures
from boundcheck.report.bounds import instance_text
from boundcheck.theorems.published import FIELDS, PUBLISHED, Instance, Published, Status, field_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from sphinx.application import Sphinx

__all__ = ["GENERATED", "judged_at", "measured", "overview", "page", "picture", "place", "searched", "write"]

GENERATED = Path(__file__).parent / "generated"

_SAID = {
    Status.STATED: "stated",
    Status.SURVIVED: "survived: no counterexample was found, which proves nothing",
    Status.REFUTED: "refuted: it is a reading of its source that is not true",
}


def place(statement: Published) -> str:
    """Return the page of a statement, as Sphinx names it."""
    return f"/published/generated/{statement.name}"


def judged_at(bound: Bound, instance: Instance) -> Judgement:
    """Judge a bound at an instance, as exactly as it takes."""

    def tensor(values: Iterable[object]) -> torch.Tensor:
        return torch.tensor(np.array(values, dtype=np.float64)[None])

    named = {collection.symbol: collection for collection in bound.collections}
    return judge(
        bound,
        {
            named[symbol]: tensor([[float(value) for value in point] for point in points])
            for symbol, points in instance.points.items()
        },
        float(instance.norm),
        parameters={
            one: torch.tensor([float(instance.parameters[one.symbol])], dtype=torch.float64)
            for one in bound.parameters()
            if one.symbol in instance.parameters
        },
        weights={one: tensor([float(value) for value in instance.weights[one.symbol]]) for one in bound.weights()},
        maps={one: lambda rows, by=float(instance.maps[one.symbol]): rows * by for one in bound.maps()},
        partitions={named[symbol]: sizes for symbol, sizes in instance.partitions.items()},
        escalate=None,
    )


# ------------------------------------------------------------------------------------------------- on real embeddings


@cache
def _found() -> tuple[Mapping[tuple[str, str], Any], Mapping[tuple[str, str], Any], Mapping[str, str]]:
    """Return the rows, the sides of what was drawn, and what the data sets are, as the results have them."""
    said = json.loads((results.RESULTS / "published.json").read_text(encoding="utf-8"))["data"]
    return results.rows_of(), results.sides_of(), said


def _rows(statement: Published) -> dict[str, Any]:
    """Return what was found of a statement on each data set."""
    rows, _, said = _found()
    found = {}
    for data in said:
        row = rows.get((statement.name, data))
        if row is None or row["digest"] != results.digest(statement):
            got = "none" if row is None else "one of another statement, which had this name"
            fix = f"run {results.COMMAND}"
            raise InvalidValueError(
                explain("benchmarks/results/published", f"a row of {statement.name!r} on {data}", got, fix)
            )
        found[data] = row
    return found


def measured(statement: Published) -> str:
    """Return tables of the two sides on real embeddings: of one check on each data set, and of further draws."""
    rows, (_, _, said) = _rows(statement), _found()
    parts = [
        "\n".join(f"* **{data}**, {said[data]}: {theorems._plain(row['setting'])}." for data, row in rows.items()),
        _table(
            ("data", "sizes", "left side", "right side", "tightness", "verdict"),
            [
                (
                    data,
                    f"{_plain(results.sizes_said(row))}; D = {row['dimension']}",
                    _number(row["lhs"]),
                    _number(row["rhs"]),
                    _tightness(row),
                    _plain(row["decided"]),
                )
                for data, row in rows.items()
            ],
        ),
        _of_parameters(rows),
        *(_vacuous(data, row) for data, row in rows.items()),
        _assumed(rows),
        "And on what was drawn besides; ends are rounded outwards, and a median has its 95% limits:",
        _table(
            ("data", "drawn", "verdicts", "left sides", "right sides", "median tightness"),
            [(data, *_drawn(row["drawn"])) for data, row in rows.items()],
        ),
    ]
    return "\n\n".join(part for part in parts if part)


def _drawn(found: Mapping[str, Any]) -> tuple[str, ...]:
    verdicts = ", ".join(f"{count} {verdict}" for verdict, count in found["verdicts"].items())
    sides = (_within(found[side], found["error"]) for side in ("left", "right"))
    typical = found["median tightness"]
    return found["what"], verdicts, *sides, str(Quantile(**typical)) if typical else "—"


def _within(ends: tuple[float, float], error: float) -> str:
    low, high = significant_ends(ends[0] - error, ends[1] + error, 4)
    return f"[{low},\N{NO-BREAK SPACE}{high}]".replace("-", "−")


def _of_parameters(rows: Mapping[str, Any]) -> str:
    """Return the values of parameters: given, or the least that a premise allows, which is another on each data set."""
    said: dict[str, list[str]] = {}
    for data, row in rows.items():
        values = ", ".join(f"{symbol} = {_number(value)}" for symbol, value in row["parameters"].items())
        least = ", the least that the premise allows" if any(one["derived"] for one in row["premises"]) else ""
        said.setdefault(values and f"{values}{least}", []).append(data)
    if said.keys() == {""}:
        return ""
    return " ".join(f"On {' and '.join(where)}, {_plain(values)}." for values, where in said.items() if values)


def _tightness(row: Mapping[str, Any]) -> str:
    """Return left side over right side, which says nothing where the right side is not above 0."""
    if not row["tightness"] or row["rhs"]["value"] <= row["rhs"]["error"]:
        return "—"
    return _number(row["tightness"])


def _assumed(rows: Mapping[str, Any]) -> str:
    """Return the premises that a check takes as they are, for no finite number of points could show them."""
    assumed = {one["statement"] for row in rows.values() for one in row["premises"] if one["verdict"] == "assumed"}
    listed = "; ".join(f"``{one}``" for one in sorted(assumed))
    return f"Points can contradict these premises but not show them, so they are assumed: {listed}." if assumed else ""


def _vacuous(data: str, row: Mapping[str, Any]) -> str:
    """Return why a check says nothing, where it does."""
    failed = [premise for premise in row["premises"] if premise["verdict"] == "fails"]
    if row["verdict"] != "vacuous":
        return ""
    why = "; ".join(f"``{premise['statement']}`` fails{_sides(premise)}" for premise in failed)
    return f"On {data} it says nothing, for a premise is not met: {why}."


def _sides(premise: Mapping[str, Any]) -> str:
    """Return the sides of a premise that compares numbers; of a strict one, which is judged as it stands, nothing."""
    if premise["lhs"] is None:
        return ""
    return f", left side {_number(premise['lhs'])}, right side {_number(premise['rhs'])}"


def _number(known: Mapping[str, float | None]) -> str:
    if known["value"] is None or known["error"] is None:
        return "not known"
    return _signed(Enclosed(known["value"], known["error"]))


def _signed(number: Enclosed) -> str:
    """Return a number with how sure it is, and a minus as it is printed elsewhere."""
    # A line breaks before the ± and not after it.
    return str(number).replace("-", "−").replace("e−", "e-").replace("± ", "±\N{NO-BREAK SPACE}")


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [".. list-table::", "   :header-rows: 1", ""]
    for row in (head, *rows):
        lines += [f"   {'-' if place else '*'} {'' if place else '- '}{cell}" for place, cell in enumerate(row)]
    return "\n".join(line if not line.startswith("   - ") else f"     {line[3:]}" for line in lines)


def picture(statement: Published) -> Figure | None:
    """Return the left sides against the right sides of what was drawn; None where that shows nothing that tables do not."""
    if statement.bound.relation is Relation.EQUAL:
        return None
    _, sides, said = _found()
    drawn = {data: tuple(map(np.array, sides[statement.name, data])) for data in said}
    if not any(_varies(rhs) and _varies(lhs) for lhs, rhs in drawn.values()):
        return None
    return figures.scatter_figure(drawn)


def _varies(values: np.ndarray) -> bool:
    return bool(np.ptp(values) > 1e-3 * np.abs(values).max())


def _figure(statement: Published) -> str:
    if picture(statement) is None:
        return ""
    return "\n".join(
        [
            f".. figure:: {statement.name}.svg",
            "   :width: 100%",
            f"   :alt: Left side against right side of {statement.name} on real embeddings; the table has the numbers.",
            "",
            "   Left side against right side on what was drawn. On the line both are equal.",
        ]
    )


# ---------------------------------------------------------------------------------------------------- what was searched


@cache
def _searches() -> Mapping[str, Any]:
    return json.loads((gallery.RESULTS / "gallery.json").read_text(encoding="utf-8"))


def searched(statement: Published) -> str:
    """Return what the adversary made of a statement: how much it tried, and what it found."""
    if statement.unsearched:
        return f"It has not been looked for: {_plain(statement.unsearched)}."
    found = _searches()
    row = next((one for one in found["statements"] if one["name"] == statement.name), None)
    if row is None or row["statement"] != str(statement.bound):
        got = "none" if row is None else "one of another statement, which had this name"
        fix = f"run python -m benchmarks.gallery --seeds {found['seeds']['false']} --resume"
        raise InvalidValueError(explain("benchmarks/results/gallery", f"a row of {statement.name!r}", got, fix))
    if row["verdict"] == "refuted":
        seeds = (
            f"each of {row['seeds']} seeds"
            if row["refuted"] == row["seeds"]
            else f"{row['refuted']} of {row['seeds']} seeds"
        )
        said = (
            f"It refuted the statement with {seeds}, in {row['seconds']:.1f} s on the median, at ``{row['witness']}``"
        )
        p = {"1": "sum of the coordinates' sizes", "2": "Euclidean norm", "inf": "sup norm"}.get(row["norm"])
        return f"{said} in the {p or row['norm'] + '-norm'}: {_plain(row['sides'])}."
    nearest = f" {_plain(_capital(row['nearest']))}." if row["nearest"] else ""
    return (
        f"It found no counterexample in {row['allowed']:g} s: {row['cases']:,.0f} cases were tried, of which "
        f"{row['met']:,.0f} met the premises, and ascent began {row['starts']:,.0f} times.{nearest}"
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _plain(text: str) -> str:
    return theorems._plain(text)


# ------------------------------------------------------------------------------------------------------------- pages


def overview(field: str) -> str:
    """Return a table of a field's statements, each with a link to its page."""
    if field not in FIELDS:
        raise InvalidValueError(explain("field", f"one of {', '.join(FIELDS)}", f"{field!r}"))
    lines = [".. list-table::", "   :header-rows: 1", "   :widths: 40 60", "", "   * - published", "     - statement"]
    for one in FIELDS[field]:
        lines += [f"   * - :doc:`{one.bound.title} <{place(one)}>`, {one.year}, {one.status.value}"]
        lines += [f"     - ``{one.bound.statement}``"]
    lines += ["", ".. toctree::", "   :hidden:", ""]
    lines += [f"   {one.bound.title} <{place(one)}>" for one in FIELDS[field]]
    return "\n".join(lines)


def page(statement: Published) -> str:
    """Return the page of a statement."""
    bound = statement.bound
    known = f"proved: {theorems._proof_link(bound.proof)}" if bound.proof else _SAID[statement.status]
    parts = [
        f"``{statement.name}`` · {field_of(statement)}, {statement.year} · in {bound.space.value} · {known}",
        theorems.statement(bound),
        theorems._section("Conventions", theorems._plain(statement.conventions), _readings(statement)),
        theorems._section(*_where(statement)),
        theorems._section("On real embeddings", measured(statement), _figure(statement)),
        theorems._section(
            "What the adversary did", searched(statement), f".. code-block:: console\n\n   $ {statement.command}"
        ),
        theorems._section("In Coq", _in_coq(statement)),
        theorems._section("Source", theorems._source(bound)),
    ]
    return theorems._titled(bound.title, f"Made by pages.py of the published statement {statement.name!r}.", *parts)


def _readings(statement: Published) -> str:
    """Return links to the other readings of a source."""
    others = [one for one in PUBLISHED.values() if one.reading_of == statement.name]
    if statement.reading_of:
        others = [PUBLISHED[statement.reading_of]]
    return "\n".join(
        f"Read otherwise: :doc:`{one.bound.title} <{place(one)}>`, which is {_truth(one)}." for one in others
    )


def _truth(statement: Published) -> str:
    return "refuted" if statement.status is Status.REFUTED else "the reading that is true"


def _where(statement: Published) -> tuple[str, str]:
    at = statement.counterexample or statement.sharp
    if at is None:
        return "How sharp it is", "No points are recorded at which both sides are equal and not 0." if (
            statement.bound.relation is not Relation.EQUAL
        ) else "It is an equality."
    sides = judged_at(statement.bound, at).conclusion
    lhs = Enclosed(float(sides.lhs), float(sides.lhs_error))
    rhs = Enclosed(float(sides.rhs), float(sides.rhs_error))
    relation = statement.bound.relation.denied if statement.counterexample is not None else "="
    values = f"left side {_signed(lhs)} {relation} right side {_signed(rhs)}"
    if statement.counterexample is None:
        values += f", {sides.ground_of()}".rstrip(", ")
    shown = f"At ``{instance_text(at)}``: {values}."
    if statement.counterexample is not None:
        return "Where it fails", shown
    return "How sharp it is", f"{theorems._plain(statement.bound.sharpness)}\n\n{shown}"


def _in_coq(statement: Published) -> str:
    if statement.status is Status.REFUTED:
        return "What is refuted has no proof."
    return theorems.in_coq(statement.bound)


def write(folder: Path = GENERATED) -> None:
    """Write every page, leave what has not changed, and delete what is of no statement any more."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {folder / f"{name}.rst": page(statement) for name, statement in PUBLISHED.items()}
    for path, text in texts.items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            write_text(path, text)
    drawn: set[Path] = set()
    for name, statement in PUBLISHED.items():
        figure = picture(statement)
        if figure is not None:
            drawn.update(figures.save(figure, folder, name))
    for path in set(folder.rglob("*.*")) - texts.keys() - drawn:
        path.unlink()


def _write_pages(app: Sphinx) -> None:
    write()


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("builder-inited", _write_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
