"""Statements as a reader asks for them: a list of all, one in full."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from boundcheck.formal import bound_latex, premise_latex
from boundcheck.language import Bound, cite
from boundcheck.printable import printable
from boundcheck.report.console import shown

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

__all__ = ["bound_page", "bounds_table", "described", "status"]


def status(bound: Bound) -> str:
    """Return "with a proof" for a bound that names one, which ``boundcheck prove`` checks; "tested" for another."""
    return "tested" if bound.proof is None else "with a proof"


def described(bound: Bound) -> dict[str, Any]:
    """Return everything that a bound says of itself as plain JSON types."""
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
    }


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
    how = f"boundcheck prove {bound.name} has Coq check it"
    rows.append(("proof", f"{bound.proof} ({how})" if bound.proof else "none; tested"))
    rows.append(("source", cite(bound)))
    for name, value in rows:
        facts.add_row(shown(name, "dim"), shown(value))
    yield facts
