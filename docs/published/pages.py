"""A page for every published statement, made of the library's records, and what they are on real embeddings.

Nothing on a page is typed: statement, conventions, status, the example where both sides are equal or where a reading fails,
and a table of the two sides on Omniglot's characters, computed when the pages are built.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from theorems import pages as theorems
from theorems import pictures

from boundcheck.atomic import write_text
from boundcheck.errors import InvalidValueError, explain
from boundcheck.evaluate import CODES, Judgement, judge
from boundcheck.language import Bound, Collection, Family, Relation, Space
from boundcheck.report.bounds import instance_text
from boundcheck.theorems.published import FIELDS, PUBLISHED, Instance, Published, Status, field_of

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["GENERATED", "TRIPLES", "judged_at", "measured", "overview", "page", "place", "write"]

GENERATED = Path(__file__).parent / "generated"

#: Triples of each part of the alphabets that a statement is looked at on, and how many drawings of each collection.
TRIPLES, DRAWINGS = 10, 6

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
def _drawings() -> Mapping[str, list[dict[str, np.ndarray]]]:
    """Return, by part of the alphabets, the points of some triples by the symbols of their collections."""
    return {
        part: [
            dict(
                zip(
                    "xzw",
                    (labelled.points[labelled.members[at][:DRAWINGS]].astype(np.float64) for at in triple),
                    strict=True,
                )
            )
            for triple in triples[:TRIPLES]
        ]
        for part, (labelled, triples) in pictures._sample().items()
    }


def measured(statement: Published) -> str:
    """Return a table of the two sides on real embeddings, or why there is none."""
    bound = statement.bound
    families = [one for one in bound.collections if isinstance(one, Family)]
    if (
        bound.maps()
        or bound.weights()
        or not {one.symbol for one in bound.collections} <= {*"xzw", *map(str, families)}
    ):
        return ""
    p = math.inf if bound.space is Space.SUP_NORM else 2.0
    given = [parameter for parameter in bound.parameters() if parameter not in bound.least]
    who = (
        "a family is of these three" if families else "x and z are two characters of one alphabet, w is one of another"
    )
    values = "".join(f", {parameter} = 1" for parameter in given)
    lines = [
        f"On {TRIPLES} random triples of Omniglot's characters from each part of the alphabets, two of one alphabet and one of "
        f"another, {DRAWINGS} drawings each, under the embeddings that the package ships: {who}{values}.",
        "",
        ".. list-table::",
        "   :header-rows: 1",
        "",
        "   * - part",
        "     - left side",
        "     - right side",
        "     - verdicts",
    ]
    for part, triples in _drawings().items():
        points = {
            one: torch.from_numpy(
                np.stack([np.concatenate([triple[of] for of in _letters(one)]) for triple in triples])
            )
            for one in bound.collections
        }
        # In float64 alone: an equality is beyond it, and exact numbers of so many dimensions take their time.
        found = judge(
            bound,
            points,
            p,
            parameters={parameter: torch.ones(len(triples), dtype=torch.float64) for parameter in given},
            partitions=dict.fromkeys(families, (DRAWINGS,) * 3),
            escalate=0,
        ).conclusion
        verdicts = [CODES[code].value for code in found.code.tolist()]
        told = ", ".join(f"{verdicts.count(one)} {one}" for one in dict.fromkeys(verdicts))
        lines += [f"   * - {part}", f"     - {_range(found.lhs)}", f"     - {_range(found.rhs)}", f"     - {told}"]
    if bound.relation is Relation.EQUAL:
        lines += [
            "",
            "An equality is beyond float64: undecided is that the two sides lie within each other's rounding.",
        ]
    return "\n".join(lines)


def _letters(collection: Collection) -> str:
    """Return the letters of the drawings that a collection is of: its own, or of a family all three."""
    return "xzw" if isinstance(collection, Family) else collection.symbol


def _range(values: torch.Tensor) -> str:
    least, most = f"{float(values.min()):.3g}", f"{float(values.max()):.3g}"
    return (least if least == most else f"{least} to {most}").replace("-", "−")


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
        theorems._section("On real embeddings", measured(statement) or _not_measured(bound)),
        theorems._section(
            "How to look for a counterexample",
            f".. code-block:: console\n\n   $ {statement.command}",
            statement.unsearched and f"It has not been looked for: {theorems._plain(statement.unsearched)}.",
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
    relation = ">" if statement.counterexample is not None else "="
    values = f"left side {float(sides.lhs):.6g} {relation} right side {float(sides.rhs):.6g}".replace("-", "−")
    shown = f"At ``{instance_text(at)}``: {values}."
    if statement.counterexample is not None:
        return "Where it fails", shown
    return "How sharp it is", f"{theorems._plain(statement.bound.sharpness)}\n\n{shown}"


def _not_measured(bound: Bound) -> str:
    return "It speaks of more than three collections of drawings give: of maps, weights or further collections."


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
    for path in set(folder.rglob("*.*")) - texts.keys():
        path.unlink()


def _write_pages(app: Sphinx) -> None:
    write()


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("builder-inited", _write_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
