"""``boundcheck scan``: every triple of a data set, and what else is asked about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click

from boundcheck.cli.data_sets import DataSet, saying, to_compare, to_scan
from boundcheck.cli.options import (
    BoundName,
    Read,
    Written,
    command,
    count_option,
    json_option,
    labels_option,
    norm_option,
    parameter_option,
)
from boundcheck.cli.others import given_values, is_of_others, scan_others
from boundcheck.cli.printing import print_json, print_tables, progress_wanted, say, told
from boundcheck.cli.statuses import status_of
from boundcheck.progress import Bar

_SHARE = click.FloatRange(min=0, max=1, min_open=True, max_open=True)
# The confidence 1 − delta is a float too: below this it would be 1, which nothing drawn gives.
_DELTA = click.FloatRange(min=1e-15, max=1, max_open=True)


@command()
@click.argument("file", required=False, type=Read("a file of embeddings"))
@click.option(
    "--part",
    type=click.Choice(["all", "trained", "held-out"]),
    default="all",
    show_default=True,
    help="Which classes: those trained on or those held out, as an array 'held_out' (or 'evaluation') in FILE or in "
    "--labels says of each object. The embeddings that come with the package have it.",
)
@labels_option
@click.option(
    "--bound",
    "bounds",
    multiple=True,
    type=BoundName(),
    help="The name of a bound, or FILE.py:NAME, a file that is run; may be given again (default: every theorem that "
    "speaks of such collections in this norm).",
)
@click.option(
    "--m",
    type=float,
    help="The largest d(anchor, positive) − d(anchor, negative) (default: the least that is true on each triple).",
)
@parameter_option
@click.option(
    "--parts",
    type=click.IntRange(min=2),
    help="Of a bound over a family: how many classes a part has (default: 2).",
)
@click.option(
    "--aggregator",
    help="Of a bound with weights over other collections than x, z and w: medoid, trimmed mean, geometric median or "
    "attention, which gives them.",
)
@norm_option
@click.option("--verdicts", is_flag=True, help="Verdicts alone: most follow from centroids, and no side is measured.")
@count_option("--top", default=10, help="How many extremes to keep.")
@click.option("--journal", type=Written("file"), help="A file for finished blocks: a stopped run goes on.")
@click.option("--repair-journal", is_flag=True, help="Go on from the undamaged part of a damaged journal.")
@click.option("--rows", type=Written("folder"), help="A folder for every row, as partitioned Parquet.")
@click.option("--report", type=Written("file"), help="A file for the report, one HTML page.")
@click.option("--data", type=click.Path(path_type=Path), help="Omniglot's images, for the report's pictures.")
@click.option(
    "--engine",
    type=click.Choice(["local", "processes", "dask"]),
    default="local",
    show_default=True,
    help="Threads, processes, or the workers of a Dask cluster (without --scheduler, threads that Dask has): the same result.",
)
@click.option("--scheduler", help="The address of a running Dask cluster, tcp://HOST:PORT.")
@click.option("--workers", type=click.IntRange(min=1), help="Blocks at once (default: one for each core).")
@count_option("--sample", help="Check so many random triples, by strata, instead of all.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of every draw.")
@click.option(
    "--new-classes",
    is_flag=True,
    help="Say what share of triplets of objects is above an m, and an m that holds for most, with limits; trained against "
    "held-out classes where these are known.",
)
@click.option("--above", type=float, help="The m that --new-classes counts triplets above (default: --m, or 0).")
@click.option(
    "--epsilon",
    type=_SHARE,
    default=0.05,
    show_default=True,
    help="The m of --new-classes holds for at least a share of 1 − epsilon.",
)
@click.option(
    "--delta",
    type=_DELTA,
    default=0.05,
    show_default=True,
    help="The confidence of that m, and of every limit of --new-classes, --rankings and --beside, is 1 − delta.",
)
@count_option("--draws", default=100_000, help="Random triplets for --new-classes.")
@click.option(
    "--rankings",
    is_flag=True,
    help="Say how often collections are found by collections, and how often triplets alone certify who is nearer (U5 < L1).",
)
@click.option(
    "--by",
    type=click.Choice(["centroids", "chamfer", "hausdorff"]),
    multiple=True,
    default=("centroids",),
    show_default=True,
    help="What --rankings ranks by; may be given again.",
)
@count_option("--triples", default=10_000, help="Random triples for --rankings.")
@click.option(
    "--beside",
    multiple=True,
    metavar="NAME=FILE",
    help="Another embedding of the same objects, to scan alike and compare with; may be given again. A journal and rows "
    "are of the first alone.",
)
@json_option
def scan(
    file: Path | None,
    part: str,
    labels: Path | None,
    bounds: tuple[str, ...],
    m: float | None,
    parameters: tuple[str, ...],
    parts: int | None,
    aggregator: str | None,
    norm: float,
    verdicts: bool,
    top: int,
    journal: Path | None,
    repair_journal: bool,
    rows: Path | None,
    report: Path | None,
    data: Path | None,
    engine: str,
    scheduler: str | None,
    workers: int | None,
    sample: int | None,
    seed: int,
    new_classes: bool,
    above: float | None,
    epsilon: float,
    delta: float,
    draws: int,
    rankings: bool,
    by: tuple[Any, ...],
    triples: int,
    beside: tuple[str, ...],
    as_json: bool,
) -> int:
    """Check bounds on every triple of collections in FILE, or of Omniglot's as the package embeds them.

    FILE (.npz, .npy, .csv, .safetensors, .pt, .parquet or a folder of Parquet parts) holds embeddings of shape (N, d) with labels:
    arrays 'collection' and 'class' of shape (N,), in FILE or in --labels.

    Bounds over other collections than x, z and w are scanned over every tuple that their roles allow: all collections, all
    pairs of one class or of two, and so on, or over --sample of them; one over a family over all parts of so many classes. A
    journal is of one of these.

    Exit status: the worst of all verdicts, those of --beside too; 0 all bounds hold, 1 one fails, 3 one is undecided or
    vacuous somewhere.
    """
    if scheduler is not None and (engine != "dask" or workers is not None):
        raise click.UsageError("--scheduler goes with --engine dask, and without --workers: the cluster has its own")
    if repair_journal and journal is None:
        raise click.UsageError("--repair-journal needs --journal")
    others = [_any_bound(name) for name in bounds]
    if any(map(is_of_others, others)):
        if not all(map(is_of_others, others)):
            raise click.UsageError("bounds over x, z and w and bounds over other collections are scanned apart")
        _require_plain(rows, data, beside, new_classes or rankings, verdicts)
        on_cluster = None if scheduler is None else _dask_at(scheduler)
        data_set = to_scan(file, part, labels)
        options = {
            "sample": sample,
            "seed": seed,
            "journal": journal,
            "repair": repair_journal,
            "engine": engine if on_cluster is None else on_cluster,
            "workers": workers,
            "progress": progress_wanted(as_json),
        }
        given_each = {one.name: given_values(one, m, parameters) for one in others}
        return scan_others(
            tuple(others),
            data_set.labelled,
            data_set.said,
            given_each,
            norm,
            parts,
            report,
            aggregator,
            options,
            as_json,
        )
    if parts is not None:
        raise click.UsageError("--parts is for a --bound over a family")
    if aggregator is not None:
        raise click.UsageError("--aggregator is for a --bound over other collections than x, z and w, with weights")
    if sample is not None and (journal or rows or report or beside):
        raise click.UsageError("--sample keeps no journal, no rows and no report, and compares with nothing")
    if sample is not None:
        for option in _given("engine", "workers", "top"):
            raise click.UsageError(
                f"--{option} is of a scan of every triple: --sample runs here, and keeps no extremes"
            )
    if norm != 2 and (new_classes or rankings or beside):
        raise click.UsageError("--new-classes, --rankings and --beside measure Euclidean distances; leave out --norm")
    _require_goes_with(new_classes, "--new-classes", "above", "epsilon", "draws")
    _require_goes_with(rankings, "--rankings", "by", "triples")
    _require_goes_with(report is not None, "--report", "data")
    _require_goes_with(new_classes or rankings or bool(beside), "--new-classes, --rankings or --beside", "delta")
    # Before points are read and what reads them is loaded: an address of no scheduler says so at once.
    on_cluster = None if scheduler is None else _dask_at(scheduler)
    from boundcheck.scanning.blocks import triples_of
    from boundcheck.scanning.run import applicable
    from boundcheck.scanning.run import scan as run

    data_set = to_scan(file, part, labels)
    labelled = data_set.labelled
    compared = to_compare(data_set, beside, part, labels)
    # Before the work, so that a folder that is not there says so at once.
    pictures = _pictures_of(labelled, data) if report is not None else None
    chosen = tuple(_any_bound(name) for name in bounds) or applicable(labelled, norm)
    given = _given_m(chosen, m)
    if parameters:
        for one in chosen:
            given |= given_values(one, None, parameters)
    # So is what asks for more draws, or for classes that are not there.
    notes, more = _statistics(
        data_set,
        None if not new_classes else above if above is not None else m or 0.0,
        {"epsilon": epsilon, "delta": delta, "draws": draws},
        {"by": tuple(dict.fromkeys(by)), "draws": triples} if rankings else None,
        seed,
        1 - delta,
    )
    if sample is not None:
        return _scan_sample(labelled, chosen, sample, seed, norm, given, notes, more, as_json)
    own = "shipped" if file is None else file.stem
    while own in compared:
        own += " here"
    groups = _groups_of({own: labelled, **compared}, 1 - delta) if compared else {}
    scans = {}
    total = (1 + len(compared)) * triples_of(labelled)
    with Bar("triples", total, shown=progress_wanted(as_json)) as bar:
        for name, points in {"": labelled, **compared}.items():
            scans[name] = run(
                points,
                bounds=chosen,
                norm=norm,
                parameters=given,
                verdicts_only=verdicts,
                journal=None if name else journal,
                repair=repair_journal,
                rows=None if name else rows,
                engine=engine if on_cluster is None else on_cluster,
                workers=workers,
                top=top,
                progress=bar.advance,
            )
    found = scans.pop("")
    if report is not None:
        from boundcheck.scanning.page import write_page

        write_page(
            report, found, source=data_set.said, pictures=pictures, beside=scans, groups=groups, name=own, notes=notes
        )
    from boundcheck.evaluate import Verdict

    status = status_of(Verdict.worst([found.verdict, *(one.verdict for one in scans.values())]))
    if as_json:
        known = {**found.to_dict(), **more}
        if compared:
            known |= groups[own].to_dict()
            known["beside"] = {name: {**one.to_dict(), **groups[name].to_dict()} for name, one in scans.items()}
        print_json(known, allow_nan=False)
        return status
    from boundcheck.scanning.page import beside_tables, scan_tables

    print_tables(*scan_tables(found), *(beside_tables({own: found, **scans}, groups) if compared else ()), *notes)
    if report is not None:
        say(f"report: {report}")
    return status


def _require_plain(*options: object) -> None:
    """Refuse what is for scans of triples alone."""
    if any(options):
        raise click.UsageError(
            "--rows, --data, --beside, --new-classes, --rankings and --verdicts are for bounds over x, z and w"
        )


def _require_goes_with(asked: bool, what: str, *options: str) -> None:
    """Refuse options that would change nothing, since what they are of was not asked for."""
    for option in () if asked else _given(*options):
        raise click.UsageError(f"--{option} goes with {what}")


def _given(*options: str) -> list[str]:
    """Return which options were given, be it with what is their default."""
    context = click.get_current_context()
    return [one for one in options if context.get_parameter_source(one) is not click.core.ParameterSource.DEFAULT]


def _scan_sample(
    labelled: Any,
    bounds: Any,
    sample: int,
    seed: int,
    norm: float,
    given: dict[Any, float],
    notes: list[Any],
    more: dict[str, Any],
    as_json: bool,
) -> int:
    from boundcheck.scanning.sampled import scan_sample

    found = scan_sample(labelled, bounds=bounds, sample=sample, seed=seed, norm=norm, parameters=given)
    if as_json:
        print_json({**found.to_dict(), **more}, allow_nan=False)
    else:
        print_tables(*found.tables(), *notes)
    return status_of(found.verdict)


def _groups_of(embeddings: dict[str, Any], confidence: float) -> dict[str, Any]:
    """Return what each embedding makes of collections as wholes."""
    from boundcheck.scanning.comparison import groups_of

    with saying("--beside"):
        return {name: groups_of(points, confidence=confidence) for name, points in embeddings.items()}


def _statistics(
    data_set: DataSet,
    above: float | None,
    wanted: dict[str, Any],
    ranked: dict[str, Any] | None,
    seed: int,
    confidence: float,
) -> tuple[list[Any], dict[str, Any]]:
    """Return what triplets and collections of each part are like: tables, and what goes into JSON.

    Of triplets only where there is an m to count them above, of rankings only where it is said by what.
    """
    if above is None and ranked is None:
        return [], {}
    from boundcheck.data.parts import PARTS
    from boundcheck.scanning.new_classes import carried_over, new_classes, new_classes_tables
    from boundcheck.scanning.rankings import rank, rankings_tables

    parts = data_set.parts()
    tables: list[Any] = []
    known: dict[str, Any] = {}
    drawn: dict[str, Any] = {"seed": seed, "confidence": confidence}
    if above is not None:
        found, carried = {}, {}
        for name, points in parts.items():
            with saying(f"--new-classes, {name} classes"):
                found[name] = new_classes(points, above, **wanted, **drawn)
        if set(PARTS) <= set(parts):
            trained, held_out = PARTS
            # What an m of the trained classes is worth on classes that were not.
            carried[trained] = carried_over(found[trained].margin, parts[held_out], draws=wanted["draws"], **drawn)
        tables += new_classes_tables(found, above, carried)
        known["new_classes"] = {"m": above, "seed": seed, "parts": {name: one.to_dict() for name, one in found.items()}}
        if carried:
            known["new_classes"]["carried"] = carried[PARTS[0]].to_dict()
    if ranked is not None:
        rankings = {}
        for name, points in parts.items():
            with saying(f"--rankings, {name} classes"):
                rankings[name] = rank(points, **ranked, **drawn)
        tables += rankings_tables(rankings)
        known["rankings"] = {"seed": seed, "parts": {name: one.to_dict() for name, one in rankings.items()}}
    return tables, known


def _any_bound(name: str) -> Any:
    from boundcheck.theorems.find import find_bound

    return find_bound(told(name))[0]


def _given_m(bounds: Iterable[Any], m: float | None) -> dict[Any, float]:
    """Return m as the value of the parameter of that name, which some bound must have."""
    if m is None:
        return {}
    from boundcheck.language import m as parameter

    if not any(parameter in bound.parameters() for bound in bounds):
        raise click.UsageError("--m is for bounds about m, and none of these is")
    return {parameter: m}


def _dask_at(scheduler: str) -> Any:
    from boundcheck.scanning.engines import DaskEngine

    engine = DaskEngine(scheduler)
    engine.require_scheduler()
    return engine


def _pictures_of(labelled: Any, data: Path | None) -> Callable[[int], bytes | None] | None:
    """Return what draws a collection, if there are images of it."""
    if data is None:
        return None
    from boundcheck.omniglot.data import load
    from boundcheck.omniglot.pictures import character_pictures

    return character_pictures(load(data), labelled.names)
