"""``boundcheck check``: a bound on one triple, or on random triples of a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from boundcheck.cli.options import (
    BoundName,
    Read,
    command,
    count_option,
    json_option,
    labels_option,
    norm_option,
    parameter_option,
    seed_option,
)
from boundcheck.cli.others import check_others, given_values, is_of_others
from boundcheck.cli.printing import print_json, print_json_text, print_rich, print_tables, progress_wanted, say, told
from boundcheck.cli.statuses import status_of

if TYPE_CHECKING:
    from boundcheck.language import Bound


@command()
@click.argument("file", type=Read("a file of embeddings"))
@labels_option
@click.option("--g1", help="The anchors' collection; with --g2 and --g3, checks that one triple.")
@click.option("--g2", help="The positives' collection, of the same class.")
@click.option("--g3", help="The negatives' collection, of another class.")
@click.option(
    "--collection",
    "collections",
    multiple=True,
    metavar="SYMBOL=NAME",
    help="The collection of FILE that a letter of the bound stands for; given for each of them, checks those alone.",
)
@click.option(
    "--parts",
    type=click.IntRange(min=2),
    help="Of a bound over a family: check every part of so many classes, instead of all classes at once.",
)
@count_option("--triples", default=10_000, help="Random triples (pairs, parts, …) to check, where none is named.")
@seed_option
@click.option(
    "--bound",
    type=BoundName("all"),
    help="The name of the bound, see 'boundcheck list', or FILE.py:NAME (default: theorem K, or the bound about "
    "--aggregator); "
    "'all', of one triple, for all.",
)
@click.option(
    "--aggregator",
    help="What represents a collection: mean, sum, max, min, median, normalised mean, medoid, trimmed mean, "
    "geometric median or attention (default: what the bound is about).",
)
@click.option(
    "--m",
    type=float,
    help="The largest d(anchor, positive) − d(anchor, negative): minus the margin "
    "(default: the least that is true on each triple).",
)
@parameter_option
@norm_option
@click.option(
    "--equal-sizes/--any-sizes", default=True, show_default=True, help="Whether collections must be of one size."
)
@json_option
def check(
    file: Path,
    labels: Path | None,
    g1: str | None,
    g2: str | None,
    g3: str | None,
    collections: tuple[str, ...],
    parts: int | None,
    triples: int,
    seed: int,
    bound: str | None,
    aggregator: str | None,
    m: float | None,
    parameters: tuple[str, ...],
    norm: float,
    equal_sizes: bool,
    as_json: bool,
) -> int:
    """Check a bound on embeddings in FILE (.npz, .npy, .csv, .safetensors, .pt, .parquet or a folder of Parquet parts).

    FILE holds either one triple (arrays G1, G2 and G3, or one array of shape (3, n, d)), or embeddings of shape (N, d)
    with labels: arrays 'collection' and 'class' of shape (N,), in FILE or in --labels.

    A bound over other collections than x, z and w is checked on arrays of their names; on the collections that
    --collection names; or on tuples that its roles allow: collections whose roles are anchors or positives are of one
    class, those of another role of one class each, those without a role of any. One over a family is checked on all
    classes at once, or on --parts of them.
    """
    from boundcheck.checking import check_bound
    from boundcheck.data.files import read_arrays, read_labelled, read_triple, triple_named

    chosen = bound if bound in (None, "all") else _without_a_map(told(bound))
    if chosen is not None and not isinstance(chosen, str) and is_of_others(chosen):
        if g1 or g2 or g3:
            raise click.UsageError("--g1, --g2 and --g3 are of x, z and w; give --collection SYMBOL=NAME for each")
        given = given_values(chosen, m, parameters)
        return check_others(
            chosen, file, labels, collections, given, aggregator, norm, equal_sizes, parts, triples, seed, as_json
        )
    if collections or parts is not None:
        raise click.UsageError("--collection and --parts are for a --bound over other collections than x, z and w")
    arrays = read_arrays(file)
    named = tuple(name for name in (g1, g2, g3) if name is not None)
    if named and len(named) < 3:
        raise click.UsageError("--g1, --g2 and --g3 go together")
    triple = None if named or labels else read_triple(arrays)
    labelled = None
    if triple is None:
        labelled = read_labelled(arrays, read_arrays(labels) if labels else None)
        if len(named) == 3:
            rows = triple_named(labelled, (named[0], named[1], named[2]))[0]
            triple = tuple(labelled.points[labelled.members[row]] for row in rows)
    if triple is not None:
        if chosen == "all" and parameters:
            raise click.UsageError("--parameter is of one bound; --m is for all alike")
        own = None if chosen is None or isinstance(chosen, str) else given_values(chosen, None, parameters)
        report = check_bound(
            None, *triple, bound=chosen, aggregator=aggregator, m=m, norm=norm, equal_sizes=equal_sizes, parameters=own
        )
        print_json_text(report.to_json()) if as_json else print_rich(report)
        return status_of(report.verdict)
    if isinstance(chosen, str):
        raise click.UsageError("--bound all is for one triple: name it with --g1, --g2 and --g3")
    return _check_many(labelled, triples, seed, chosen, aggregator, m, parameters, norm, equal_sizes, as_json)


def _without_a_map(name: str) -> Bound:
    """Return a bound, but for one on what a head makes of points: a head is a function, which no command line can give."""
    from boundcheck.theorems.find import find_bound

    bound, _ = find_bound(name)
    if bound.maps():
        fix = "in Python, call check_bound(…, head=…, lipschitz=…)"
        raise click.UsageError(f"--bound {name} speaks of a head, which is a function; {fix}")
    return bound


def _check_many(
    labelled: Any,
    count: int,
    seed: int,
    bound: Bound | None,
    aggregator: str | None,
    m: float | None,
    values: tuple[str, ...],
    norm: float,
    equal_sizes: bool,
    as_json: bool,
) -> int:
    from boundcheck.checking import choose_bound, pool
    from boundcheck.checking.parameters import require_every_value
    from boundcheck.errors import require_norm
    from boundcheck.report.tables import Table
    from boundcheck.scanning import check_triples, sample_triples

    p = require_norm(norm)
    chosen = choose_bound(bound, equal_sizes, aggregator, p)
    if chosen.weights() and aggregator is None:
        raise click.UsageError(f"--bound {chosen.name} needs --aggregator, which gives the weights")
    given = given_values(chosen, m, values)
    require_every_value(chosen, given)
    drawn = sample_triples(labelled, count, seed=seed)
    scan = check_triples(
        chosen,
        labelled,
        drawn,
        norm=p,
        parameters=given,
        weights=lambda weights, points: pool(weights, aggregator or "mean", points, p),
        chain=False,
        progress=progress_wanted(as_json),
    )
    if as_json:
        print_json(scan.summary(), allow_nan=False)
        return status_of(scan.verdict)
    from boundcheck.evaluate import Verdict

    rows = [(verdict.value, f"{scan.count(verdict):,}") for verdict in Verdict if verdict is not Verdict.ASSUMED]
    rows += [
        ("median tightness [95% limits]", str(scan.typical_tightness() or "—")),
        ("failing share [95% limits]", str(scan.failing())),
    ]
    tightest = scan.triples[scan.tightest(1)[0]]
    rows.append(("tightest triple", " · ".join(labelled.names[position] for position in tightest)))
    note = f"{len(scan):,} random triples of {len(labelled):,} collections, seed {seed}"
    print_tables(Table(f"{chosen}", ("verdict", "triples"), tuple(rows), note))
    for said in _notes_on_first(Verdict.VACUOUS, scan, labelled, p, given, aggregator):
        say(said)
    return status_of(scan.verdict)


def _notes_on_first(
    verdict: Any, scan: Any, labelled: Any, norm: float, given: dict[Any, float], aggregator: str | None
) -> list[str]:
    """Return what a report says of the first triple with a verdict, whose reason is likely that of the others."""
    from boundcheck.checking import check_bound
    from boundcheck.evaluate import CODES

    places = (scan.code == CODES.index(verdict)).nonzero()[0]
    if not len(places):
        return []
    triple = scan.triples[places[0]]
    points = [labelled.points[labelled.members[position]] for position in triple]
    own = aggregator if scan.bound.weights() else None
    report = check_bound(None, *points, bound=scan.bound, norm=norm, parameters=given, aggregator=own)
    at = " · ".join(labelled.names[position] for position in triple)
    failed = [f"{one.name} ({one.witness})" for one in report.premises if one.verdict == "fails"]
    notes = report.notes or [f"{', '.join(failed)} fails"]
    return [f"note: {verdict} at {at}, say: {note}" for note in notes]
