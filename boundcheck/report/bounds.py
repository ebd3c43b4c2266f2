"""Statements as a reader asks for them: a list of all, one in full."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from boundcheck.formal import bound_latex, premise_latex
from boundcheck.language import Bound, cite
from boundcheck.printable import printable
from boundcheck.report.console import shown
from boundcheck.theorems import IN_THE_LIBRARY, every

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from boundcheck.theorems.published import Instance, Published

__all__ = ["bound_page", "bounds_table", "described", "instance_text", "published_table", "status"]


def status(bound: Bound) -> str:
    """Return "with a proof" for a bound that names one, which ``boundcheck prove`` checks; "tested" for another."""
    return "tested" if bound.proof is None else "with a proof"


def described(bound: Bound) -> dict[str, Any]:
    """Return everything that a bound says of itself as plain JSON types; of a published one, what the library says too."""
    published = _published(bound)
    return {
        "name": bound.name,
        "title": bound.title,
        "statement": bound.statement,
        "latex": bound_latex(bound),
        "space": bound.space.value,
        "premises": [
            {"name": premise.name, "statement": str(premise), "latex": premise_latex(premise)}
            for premise in bound.premises
        ],
        "chain": [described(link) for link in bound.chain],
        "sharpness": bound.sharpness or None,
        "status": status(bound),
        "proof": bound.proof,
        "citation": cite(bound),
        **({} if published is None else {"published": _of_the_library(published)}),
    }


def _published(bound: Bound) -> Published | None:
    # The library takes longer to load than all else that a page of a theorem needs.
    if bound.name not in IN_THE_LIBRARY and every().get(bound.name) == bound:
        return None
    from boundcheck.theorems.published import PUBLISHED

    found = PUBLISHED.get(bound.name)
    return found if found is not None and found.bound == bound else None


def _of_the_library(statement: Published) -> dict[str, Any]:
    from boundcheck.theorems.published import field_of

    return {
        "field": field_of(statement),
        "year": statement.year,
        "conventions": statement.conventions,
        "status": statement.status.value,
        "reading of": statement.reading_of or None,
        "counterexample": None if statement.counterexample is None else _instance(statement.counterexample),
        "equality": None if statement.sharp is None else _instance(statement.sharp),
        "command": statement.command,
    }


def _instance(instance: Instance) -> dict[str, Any]:
    """Return an instance as plain JSON types, without what it does not give; fractions as text."""
    found: dict[str, Any] = {"norm": "inf" if instance.norm == float("inf") else instance.norm}
    for part in ("points", "partitions", "weights", "parameters", "maps"):
        given = getattr(instance, part)
        if given:
            found[part] = {symbol: _plain(value) for symbol, value in given.items()}
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return value if isinstance(value, int | float) else str(value)


def bounds_table(bounds: Iterable[Bound]) -> Table:
    """Return bounds as a table: name, status and space of each beside its title and statement."""
    from rich import box
    from rich.table import Table

    table = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        caption="With a proof: names a theorem in Coq. Whether that proves the statement, boundcheck prove has Coq say.",
        caption_justify="left",
    )
    table.add_column("name, status, space", no_wrap=True)
    table.add_column("statement")
    for bound in bounds:
        # Two columns, so that a statement has room in a terminal of 80.
        name, statement = shown(bound.name, "bold"), shown(bound.title, "bold")
        name.append(f"\n{status(bound)}, {bound.space.value}", "not bold dim")
        statement.append(f"\n{printable(bound.statement)}", "not bold")
        table.add_row(name, statement)
    return table


def published_table() -> Table:
    """Return the published statements as a table, field by field: name, status and year of each beside its title and statement."""
    from rich import box
    from rich.table import Table

    from boundcheck.theorems.published import FIELDS

    table = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        caption="Proved: names a theorem in Coq, which boundcheck prove has Coq check. Survived: boundcheck falsify found no "
        "counterexample. Refuted: another reading of its source, which has one. Stated: not searched.",
        caption_justify="left",
    )
    table.add_column("name, status, year", no_wrap=True)
    table.add_column("statement")
    for field, statements in FIELDS.items():
        table.add_row(shown(field, "bold underline"), "")
        for one in statements:
            name, statement = shown(one.name, "bold"), shown(one.bound.title, "bold")
            name.append(f"\n{one.status.value}, {one.year}", "not bold dim")
            statement.append(f"\n{printable(one.bound.statement)}", "not bold")
            table.add_row(name, statement)
    return table


def bound_page(bound: Bound) -> Iterator[RenderableType]:
    """Yield a statement in full, as rich renderables."""
    from rich.table import Table

    yield shown(bound.title or bound.name, "bold")
    yield shown(bound.statement)
    facts = Table.grid(padding=(0, 2))
    facts.add_column(no_wrap=True)
    rows = [("name", bound.name), ("LaTeX", bound_latex(bound)), ("space", bound.space.value)]
    rows += [(f"premise {premise.name}", str(premise)) for premise in bound.premises]
    rows += [(f"link {place}", f"{link.statement} ({link.title})") for place, link in enumerate(bound.chain, 1)]
    if bound.sharpness:
        rows.append(("sharpness", bound.sharpness))
    published = _published(bound)
    if published is None or published.counterexample is None:
        how = f"boundcheck prove {bound.name} has Coq check it"
        rows.append(("proof", f"{bound.proof} ({how})" if bound.proof else "none; tested"))
    if published is not None:
        from boundcheck.theorems.published import field_of

        rows += [("field, year", f"{field_of(published)}, {published.year}"), ("conventions", published.conventions)]
        if published.reading_of:
            rows.append(("a reading of", published.reading_of))
        rows.append(("status", f"{published.status.value} ({published.command} looks for a counterexample)"))
        if published.counterexample is not None:
            rows.append(("fails at", instance_text(published.counterexample)))
        if published.sharp is not None:
            rows.append(("equal at", instance_text(published.sharp)))
    rows.append(("source", cite(bound)))
    for name, value in rows:
        facts.add_row(shown(name, "dim"), shown(value))
    yield facts


def instance_text(instance: Instance) -> str:
    """Return an instance in one line: ``x = 0, 2; m = 1; p = inf``.

    Examples
    --------
    >>> from boundcheck.theorems.published import Instance
    >>> instance_text(Instance({"x": ((0,), (2,)), "z": ((1, -1),)}, parameters={"m": 1}))
    'x = 0, 2; z = (1, −1); m = 1'
    """
    parts = [
        f"{symbol} = {_classes(points, instance.partitions.get(symbol, (len(points),)))}"
        for symbol, points in instance.points.items()
    ]
    parts += [f"{symbol} = {':'.join(map(_number, ratios))}" for symbol, ratios in instance.weights.items()]
    parts += [f"{symbol} = {_number(value)}" for symbol, value in instance.parameters.items()]
    parts += [f"{symbol}(v) = {_number(value)}·v" for symbol, value in instance.maps.items()]
    parts += [] if instance.norm == 2 else [f"p = {instance.norm:g}"]
    return "; ".join(parts)


def _classes(points: Sequence[Sequence[Any]], sizes: Sequence[int]) -> str:
    """Return points, those of one class of a family apart from those of the next."""
    shown_points, rows, at = [], [_point(point) for point in points], 0
    for size in sizes:
        shown_points.append(", ".join(rows[at : at + size]))
        at += size
    return " | ".join(shown_points)


def _point(point: Sequence[Any]) -> str:
    shown_numbers = [_number(value) for value in point]
    return shown_numbers[0] if len(shown_numbers) == 1 else f"({', '.join(shown_numbers)})"


def _number(value: Any) -> str:
    return (f"{value:g}" if isinstance(value, float) else f"{value}").replace("-", "−")
