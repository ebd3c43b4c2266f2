"""``boundcheck list`` and ``show``: the bounds that are known."""

from __future__ import annotations

import click

from boundcheck.cli.options import BoundName, command, json_option
from boundcheck.cli.printing import print_found, print_json, print_rich, told
from boundcheck.cli.statuses import HOLDS


@command("list")
@click.option("--published", is_flag=True, help="List the library of published statements instead, field by field.")
@json_option
def list_bounds(published: bool, as_json: bool) -> int:
    """List the bounds that are known: what each says, where it holds, and whether it has a proof for Coq to check."""
    from boundcheck.report.bounds import bounds_table, described, published_table
    from boundcheck.theorems import KNOWN

    if published:
        if as_json:
            from boundcheck.theorems.published import PUBLISHED

            print_json([described(statement.bound) for statement in PUBLISHED.values()])
        else:
            print_rich(published_table())
    elif as_json:
        print_json([described(bound) for bound in KNOWN.values()])
    else:
        print_rich(bounds_table(KNOWN.values()))
    return HOLDS


@command()
@click.argument("name", type=BoundName())
@click.option("--plan", "as_plan", is_flag=True, help="Show how it is computed instead: each step and its cost.")
@json_option
def show(name: str, as_plan: bool, as_json: bool) -> int:
    """Show the statement NAME, a known one or FILE.py:NAME: premises, conclusion, LaTeX, the chain of its proof, sharpness and source."""
    from boundcheck.report.bounds import bound_page, described
    from boundcheck.theorems.find import find_bound

    bound, _ = find_bound(told(name))
    if as_plan:
        from boundcheck.evaluate import plan

        print_found(plan(bound), as_json)
    elif as_json:
        print_json(described(bound))
    else:
        print_rich(*bound_page(bound))
    return HOLDS
