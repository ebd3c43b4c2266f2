"""``boundcheck falsify``, ``necessity``, ``sharpness`` and ``replay``: the adversary, and what it found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from boundcheck.cli.options import BoundName, F, Read, Written, command, json_option, together
from boundcheck.cli.printing import print_found, print_json, print_tables, print_text, progress_wanted, say, told
from boundcheck.cli.statuses import FAILS, HOLDS, UNDECIDED


def _search_options(seconds: float, what: str) -> Callable[[F], F]:
    return together(
        click.option(
            "--seconds",
            type=click.FloatRange(min=0, min_open=True),
            default=seconds,
            show_default=True,
            help=f"How long to search{what}.",
        ),
        click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the search."),
        click.option(
            "--norm",
            "norms",
            type=click.FloatRange(min=1),
            multiple=True,
            help="The p of a p-norm to search, in [1, inf]; may be given again (default: 2, 1 and inf, as far "
            "as the bound is stated for them).",
        ),
        click.option("--max-size", type=click.IntRange(min=1), help="Up to how many points in a collection."),
        click.option("--max-dimension", type=click.IntRange(min=1), help="Up to how many dimensions."),
    )


_coq_option = click.option(
    "--coq",
    metavar="FILE",
    type=Written("file"),
    help="A file for the proof in Coq, by the counterexample, that the statement it was found for is false.",
)


def _search(run: Callable[..., Any], bound: str, as_json: bool, options: dict[str, Any]) -> Any:
    """Return what a search finds about a bound, with those options that were given; norms only where there are any."""
    given = {name: value for name, value in options.items() if value not in (None, ())}
    return run(told(bound), progress=progress_wanted(as_json), **given)


def _write_picture(found: Any, path: Path | None) -> None:
    """Draw a counterexample, or say on standard error why it cannot be: the verdict stands without it."""
    from boundcheck.atomic import atomically
    from boundcheck.errors import InvalidValueError

    if path is None:
        return
    try:
        figure = found.figure()
    except InvalidValueError as error:
        say(f"{path} not written, there is no picture: {error}", err=True)
    else:
        atomically(path, lambda temporary: figure.savefig(temporary, dpi=110))


def _write_coq(found: Any, path: Path | None) -> None:
    """Write the proof by a counterexample, or say on standard error why there is none: the verdict stands without it."""
    from boundcheck.atomic import write_text
    from boundcheck.errors import InvalidValueError, TermError

    if path is None:
        return
    try:
        text = found.coq()
    except (InvalidValueError, TermError) as error:
        say(f"{path} not written, there is no proof in Coq: {error}", err=True)
    else:
        write_text(path, text)


@command()
@click.argument("bound", type=BoundName())
@_search_options(10.0, "")
@click.option("--device", help="A torch device for the batches (default: the CPU).")
@click.option("--out", type=Written("file"), help="A file for the counterexample, which 'replay' checks again.")
@click.option("--picture", type=Written("file"), help="A file for its picture, .svg or .png.")
@_coq_option
@json_option
def falsify(bound: str, out: Path | None, picture: Path | None, coq: Path | None, as_json: bool, **options: Any) -> int:
    """Look for a counterexample to BOUND: the name of a known one, or FILE.py:NAME, a file that is run.

    Exit status: 0 it survived, which proves nothing; 1 it is refuted, by the counterexample that is printed; 3 nothing
    met its premises, or time was up before any case was looked at, so that nothing was tested.
    """
    from boundcheck.adversary import Refuted
    from boundcheck.adversary import falsify as run

    if picture is not None and picture.suffix.lower() not in (".svg", ".png"):
        raise click.UsageError(f"--picture: expected a file that ends in .svg or .png, got {picture.name!r}")
    found = _search(run, bound, as_json, options)
    if not isinstance(found, Refuted):
        print_found(found, as_json)
        return HOLDS if found.verdict == "survived" else UNDECIDED
    if as_json:
        print_json({**found.summary(), "snippet": found.snippet()})
    else:
        print_text(f"{found}\n\n{found.snippet()}".removesuffix("\n"))
    if out is not None:
        found.save(out)
    _write_picture(found, picture)
    _write_coq(found, coq)
    return FAILS


@command()
@click.argument("bound", type=BoundName())
@_search_options(5.0, " what is left without each premise")
@json_option
def necessity(bound: str, as_json: bool, **options: Any) -> int:
    """Say which premises BOUND needs: each is dropped or weakened, and what is left goes to the adversary.

    BOUND is the name of a known one, or FILE.py:NAME, a file that is run.
    """
    from boundcheck.adversary import necessity as run

    print_found(_search(run, bound, as_json, options), as_json)
    return HOLDS


@command()
@click.argument("bound", type=BoundName())
@_search_options(10.0, "")
@json_option
def sharpness(bound: str, as_json: bool, **options: Any) -> int:
    """Look for the largest left side over right side of BOUND, for every norm and size.

    BOUND is the name of a known one, or FILE.py:NAME, a file that is run.
    """
    from boundcheck.adversary import sharpness as run
    from boundcheck.report.tables import Table

    found = _search(run, bound, as_json, options)
    print_found(found, as_json)
    if as_json:
        return HOLDS
    rows = tuple(
        (
            f"{one.norm:g}",
            ", ".join(f"{size} of {symbol}" for symbol, size in one.sizes.items()),
            f"{one.dimension}",
            "1, exactly" if one.exact else f"{one.tightness:.6f}",
        )
        for one in found.by_layout
    )
    print_tables(Table("Left side over right side", ("p", "points", "dimension", "largest found"), rows))
    return HOLDS


@command()
@click.argument("file", type=Read("a file that 'falsify --out' wrote"))
@click.option(
    "--bound",
    type=BoundName(),
    help="The bound as it is now, a name or FILE.py:NAME (default: the known one that FILE names, else its own).",
)
@click.option("--trust", is_flag=True, help="Run the FILE.py that FILE refers to, for the bound as it is there now.")
@_coq_option
@json_option
def replay(file: Path, bound: str | None, trust: bool, coq: Path | None, as_json: bool) -> int:
    """Check the counterexample in FILE again, which 'falsify --out' wrote.

    A bound of a FILE.py is checked as FILE itself states it, and nothing is run, unless --trust or --bound says so.

    Exit status: 1 it still fails, 0 it no longer does, 3 the statement has changed since.
    """
    from boundcheck.adversary import Refuted
    from boundcheck.adversary import replay as run
    from boundcheck.adversary.bundles import read_text

    if bound is not None and trust:
        raise click.UsageError("--trust goes without --bound, which says what to run")
    stored = Refuted.from_json(read_text(file))
    if bound is not None or (trust and stored.reference is not None):
        told(bound or stored.reference or "")
    found = run(stored, bound=bound, trust=trust)
    if found.not_run is not None:
        say(f"{found.not_run} is not run; --trust runs it, for the bound as it is there now", err=True)
    print_found(found, as_json)
    _write_coq(stored, coq)
    return {"still fails": FAILS, "no longer fails": HOLDS}.get(found.status, UNDECIDED)
