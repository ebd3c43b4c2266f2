"""The command line."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from boundcheck._version import __version__
from boundcheck.errors import BoundcheckError

if TYPE_CHECKING:
    from boundcheck.evaluate import Verdict
    from boundcheck.omniglot.training import TrainingConfig

F = TypeVar("F", bound=Callable[..., Any])

# Exit statuses: what a script may rely on.
HOLDS, FAILS, USAGE, UNDECIDED, CRASHED, INTERRUPTED = 0, 1, 2, 3, 70, 130

_SHARE = click.FloatRange(min=0, max=1, min_open=True, max_open=True)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="boundcheck")
def cli() -> None:
    """State a bound about collections of embeddings once; check it, test it and scan data sets with it.

    Exit status: 0 the bound holds, 1 it fails, 2 bad usage or input, 3 undecided or vacuous.
    """


def main() -> None:
    """Run the command line; every error ends in a message and an exit status of its own."""
    as_json = "--json" in sys.argv[1:]
    try:
        status = cli.main(standalone_mode=False)
    except click.ClickException as error:
        if as_json:
            _fail(error.format_message(), as_json)
        else:
            error.show()
        sys.exit(USAGE)
    except (BoundcheckError, OSError) as error:
        _fail(str(error), as_json)
        sys.exit(USAGE)
    except (KeyboardInterrupt, click.Abort):
        _fail("interrupted; nothing half-written was left", as_json)
        sys.exit(INTERRUPTED)
    except Exception:
        # Python's own status would be 1, which says that the bound fails.
        traceback.print_exc()
        sys.exit(CRASHED)
    sys.exit(status if isinstance(status, int) else HOLDS)


def _fail(message: str, as_json: bool) -> None:
    click.echo(json.dumps({"error": message}, ensure_ascii=False) if as_json else f"Error: {message}", err=True)


def _data_options(command: F) -> F:
    command = click.option(
        "--data",
        type=click.Path(path_type=Path),
        help="Folder with Omniglot's zips or folders (default: BOUNDCHECK_DATA, then the download cache).",
    )(command)
    return click.option("--download", is_flag=True, help="Fetch Omniglot if it is not there.")(command)


def _training_options(command: F) -> F:
    for option in reversed(
        (
            click.option(
                "--directory",
                type=click.Path(path_type=Path),
                default=Path("runs/omniglot"),
                show_default=True,
                help="Where checkpoints and the learning curve go; a run found there goes on.",
            ),
            click.option(
                "--label",
                type=click.Choice(["alphabet", "character"]),
                default="alphabet",
                show_default=True,
                help="What makes two drawings of one class.",
            ),
            click.option(
                "--objective",
                type=click.Choice(["instance", "centroid", "prototype"]),
                default="instance",
                show_default=True,
                help="What is trained on: triplets of drawings, triplets of collections' centroids, or prototypes.",
            ),
            click.option("--dimension", type=int, default=64, show_default=True, help="Of the embedding."),
            click.option(
                "--images", type=int, default=65_000, show_default=True, help="Drawings shown in all, repeats counted."
            ),
            click.option("--margin", type=float, default=1.0, show_default=True, help="Of the triplet loss."),
            click.option("--learning-rate", type=float, default=2e-3, show_default=True, help="Its peak."),
            click.option(
                "--mining-from",
                type=float,
                default=0.2,
                show_default=True,
                help="Share of the run after which only hardest negatives count.",
            ),
            click.option("--seed", type=int, default=0, show_default=True, help="Of everything random."),
            click.option("--device", help="A torch device (default: CUDA where there is one)."),
            click.option("--minutes", type=float, help="Stop after this long, ready to go on."),
        )
    ):
        command = option(command)
    return command


def _json_option(command: F) -> F:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON on standard output.")(command)


def _config(**options: Any) -> TrainingConfig:
    from boundcheck.omniglot.training import TrainingConfig

    return TrainingConfig(**options)


def _drawings(data: Path | None, download: bool, **options: Any) -> Any:
    from boundcheck.omniglot import data as omniglot
    from boundcheck.omniglot.download import download as fetch

    return omniglot.load(fetch() if download and data is None else data, **options)


@cli.command()
@_data_options
@_training_options
@_json_option
def train(
    data: Path | None,
    download: bool,
    directory: Path,
    device: str | None,
    minutes: float | None,
    as_json: bool,
    **options: Any,
) -> int:
    """Train EfficientNet-B2 on Omniglot's background set; a killed run goes on where it was."""
    from boundcheck.omniglot.training import train as run
    from boundcheck.report import figures

    config = _config(**options)
    drawings = _drawings(data, download, parts=("background",))
    trained = run(
        drawings, config, directory=directory, device=device, minutes=minutes, progress=False if as_json else None
    )
    last = trained.curve.rows[-1] if trained.curve.rows else {}
    margin = None if config.objective == "prototype" else config.margin
    figures.save(figures.curve_figure(trained.curve.rows, margin), directory, "curve")
    if as_json:
        click.echo(
            json.dumps(
                {
                    "directory": str(directory),
                    "steps": trained.steps,
                    "finished": trained.finished,
                    "why": trained.why,
                    "last": last,
                },
                ensure_ascii=False,
            )
        )
    else:
        click.echo(f"{trained.steps} of {config.steps} steps: {trained.why}; see {directory}/curve.csv and curve.svg")
    return HOLDS


@cli.command()
@_data_options
@click.option(
    "--directory",
    type=click.Path(path_type=Path),
    default=Path("runs/omniglot"),
    show_default=True,
    help="The training run whose best weights to use.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("embeddings.safetensors"),
    show_default=True,
    help="The file to write.",
)
@click.option("--device", default="cpu", show_default=True, help="A torch device.")
@click.option("--features", is_flag=True, help="What goes into the network's last layer, instead of what comes out.")
@_json_option
def embed(
    data: Path | None, download: bool, directory: Path, out: Path, device: str, features: bool, as_json: bool
) -> int:
    """Embed every drawing of Omniglot with a trained network; says what the network learned."""
    from boundcheck.omniglot.embedded import embed_drawings
    from boundcheck.omniglot.training import load_checkpoint

    trained = load_checkpoint(directory)
    drawings = _drawings(data, download, progress=False if as_json else None)
    with _bar("embedding", 2 * len(drawings), hidden=as_json) as advance:
        embedded = embed_drawings(trained, drawings, device=device, features=features, advance=advance)
    embedded.save(out)
    if as_json:
        click.echo(json.dumps({"file": str(out), "precision_at_1": embedded.metadata["precision_at_1"]}))
    else:
        from boundcheck.omniglot.experiment import precision_table

        _console().print(precision_table(embedded.metadata["precision_at_1"]).to_rich())
        click.echo(f"{len(embedded):,} embeddings of {embedded.embeddings.shape[1]} dimensions in {out}")
    return HOLDS


@cli.command()
@click.option(
    "--triples", type=click.IntRange(min=2), default=100_000, show_default=True, help="Random triples to check."
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the draw.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("boundcheck-report"),
    show_default=True,
    help="The folder for the report.",
)
@click.option("--data", type=click.Path(path_type=Path), help="Omniglot's images, to draw the tightest triples with.")
@_json_option
def demo(triples: int, seed: int, out: Path, data: Path | None, as_json: bool) -> int:
    """Check theorem K on the embeddings the package ships: no network, no training."""
    from boundcheck.omniglot.embedded import shipped

    return _experiment(shipped(), triples, seed, out, _drawings(data, False) if data else None, as_json)


@cli.command()
@_data_options
@_training_options
@click.option("--embeddings", type=click.Path(path_type=Path), help="Use this file of embeddings; train nothing.")
@click.option(
    "--triples", type=click.IntRange(min=2), default=100_000, show_default=True, help="Random triples to check."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("boundcheck-report"),
    show_default=True,
    help="The folder for the report.",
)
@_json_option
def reproduce(
    data: Path | None,
    download: bool,
    directory: Path,
    device: str | None,
    minutes: float | None,
    embeddings: Path | None,
    triples: int,
    out: Path,
    as_json: bool,
    **options: Any,
) -> int:
    """Reproduce the seed's experiment: train on Omniglot (or go on, or load), embed, and check theorem K."""
    from boundcheck.omniglot.embedded import embed_drawings, load
    from boundcheck.omniglot.training import choose_device
    from boundcheck.omniglot.training import train as run

    progress = False if as_json else None
    config = _config(**options)
    drawings = _drawings(data, download, progress=progress)
    if embeddings is None:
        trained = run(
            drawings.subset(~drawings.evaluation),
            config,
            directory=directory,
            device=device,
            minutes=minutes,
            progress=progress,
        )
        if not as_json:
            click.echo(f"{trained.steps} of {config.steps} steps: {trained.why}")
        with _bar("embedding", 2 * len(drawings), hidden=as_json) as advance:
            embedded = embed_drawings(trained, drawings, device=choose_device(device), advance=advance)
        embedded.save(directory / "embeddings.safetensors")
    else:
        embedded = load(embeddings)
    return _experiment(embedded, triples, config.seed, out, drawings, as_json)


def _experiment(embedded: Any, triples: int, seed: int, out: Path, drawings: Any, as_json: bool) -> int:
    from boundcheck.omniglot.experiment import run_experiment

    found = run_experiment(embedded, triples=triples, seed=seed, progress=False if as_json else None)
    written = found.write(out, drawings)
    if as_json:
        click.echo(json.dumps({**found.summary(), "files": [str(path) for path in written]}, ensure_ascii=False))
    else:
        console = _console()
        for table in found.tables():
            console.print(table.to_rich())
        console.print(
            _verdict_text(found.verdict),
            f"on every one of {triples:,} triples"
            if found.verdict.value == "holds"
            else "is the worst verdict of a triple",
        )
        click.echo(f"report: {out / 'index.html'}")
    return _status(found.verdict)


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--labels", type=click.Path(path_type=Path), help="A file with the arrays 'collection' and 'class'.")
@click.option("--g1", help="The anchors' collection; with --g2 and --g3, checks that one triple.")
@click.option("--g2", help="The positives' collection, of the same class.")
@click.option("--g3", help="The negatives' collection, of another class.")
@click.option(
    "--triples",
    type=click.IntRange(min=1),
    default=10_000,
    show_default=True,
    help="Random triples to check, where none is named.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the draw.")
@click.option(
    "--bound",
    help="The name of the bound, see 'boundcheck list' (default: theorem K, or the bound about --aggregator); "
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
@click.option("--norm", type=float, default=2.0, show_default=True, help="The p of the p-norm, in [1, inf].")
@click.option(
    "--equal-sizes/--any-sizes", default=True, show_default=True, help="Whether collections must be of one size."
)
@_json_option
def check(
    file: Path,
    labels: Path | None,
    g1: str | None,
    g2: str | None,
    g3: str | None,
    triples: int,
    seed: int,
    bound: str | None,
    aggregator: str | None,
    m: float | None,
    norm: float,
    equal_sizes: bool,
    as_json: bool,
) -> int:
    """Check a bound on embeddings in FILE (.npz, .npy, .safetensors or .parquet).

    FILE holds either one triple (arrays G1, G2 and G3, or one array of shape (3, n, d)), or embeddings of shape (N, d)
    with labels: arrays 'collection' and 'class' of shape (N,), in FILE or in --labels.
    """
    from boundcheck.check import check_bound
    from boundcheck.scan.files import read_arrays, read_labelled, read_triple, triple_named

    _require_no_map(bound)
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
        report = check_bound(None, *triple, bound=bound, aggregator=aggregator, m=m, norm=norm, equal_sizes=equal_sizes)
        click.echo(report.to_json()) if as_json else _console().print(report)
        return _status(report.verdict)
    if bound == "all":
        raise click.UsageError("--bound all is for one triple: name it with --g1, --g2 and --g3")
    return _check_many(labelled, triples, seed, bound, aggregator, m, norm, equal_sizes, as_json)


def _require_no_map(name: str | None) -> None:
    """Refuse a bound on what a head makes of points: a head is a function, which a command line cannot give."""
    from boundcheck.theorems import get

    if name not in (None, "all") and get(name).maps():
        fix = "in Python, call check_bound(…, head=…, lipschitz=…)"
        raise click.UsageError(f"--bound {name} speaks of a head, which is a function; {fix}")


def _check_many(
    labelled: Any,
    count: int,
    seed: int,
    bound: str | None,
    aggregator: str | None,
    m: float | None,
    norm: float,
    equal_sizes: bool,
    as_json: bool,
) -> int:
    from boundcheck.check import choose_bound, choose_norm, given_parameters, pool
    from boundcheck.report.tables import Table
    from boundcheck.scan import check_triples, sample_triples

    p = choose_norm(norm)
    chosen = choose_bound(bound, equal_sizes, aggregator, p)
    if chosen.weights() and aggregator is None:
        raise click.UsageError(f"--bound {chosen.name} needs --aggregator, which gives the weights")
    drawn = sample_triples(labelled, count, seed=seed)
    scan = check_triples(
        chosen,
        labelled,
        drawn,
        norm=p,
        parameters=given_parameters(chosen, m),
        weights=lambda weights, points: pool(weights, aggregator or "mean", points, p),
        chain=False,
        progress=False if as_json else None,
    )
    if as_json:
        click.echo(json.dumps(scan.summary(), ensure_ascii=False, allow_nan=False))
        return _status(scan.verdict)
    from boundcheck.evaluate import Verdict

    rows = [(verdict.value, f"{scan.count(verdict):,}") for verdict in Verdict if verdict is not Verdict.ASSUMED]
    rows += [
        ("median tightness [95% limits]", str(scan.typical_tightness() or "—")),
        ("failing share [95% limits]", str(scan.failing())),
    ]
    tightest = scan.triples[scan.tightest(1)[0]]
    rows.append(("tightest triple", " · ".join(labelled.names[position] for position in tightest)))
    _console().print(
        Table(
            f"{chosen}",
            ("verdict", "triples"),
            tuple(rows),
            f"{len(scan):,} random triples of {len(labelled):,} collections, seed {seed}",
        ).to_rich()
    )
    return _status(scan.verdict)


@cli.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--part",
    type=click.Choice(["all", "trained", "held-out"]),
    default="all",
    show_default=True,
    help="Which classes: those trained on or those held out, as an array 'held_out' (or 'evaluation') in FILE or in "
    "--labels says of each object. The embeddings that come with the package have it.",
)
@click.option("--labels", type=click.Path(path_type=Path), help="A file with the arrays 'collection' and 'class'.")
@click.option(
    "--bound",
    "bounds",
    multiple=True,
    help="The name of a bound, or FILE.py:NAME, a file that is run; may be given again (default: every theorem that "
    "speaks of such collections in this norm).",
)
@click.option(
    "--m",
    type=float,
    help="The largest d(anchor, positive) − d(anchor, negative) (default: the least that is true on each triple).",
)
@click.option("--norm", type=float, default=2.0, show_default=True, help="The p of the p-norm, in [1, inf].")
@click.option("--verdicts", is_flag=True, help="Verdicts alone: most follow from centroids, and no side is measured.")
@click.option("--top", type=click.IntRange(min=1), default=10, show_default=True, help="How many extremes to keep.")
@click.option("--journal", type=click.Path(path_type=Path), help="A file for finished blocks: a stopped run goes on.")
@click.option("--repair-journal", is_flag=True, help="Go on from the undamaged part of a damaged journal.")
@click.option("--rows", type=click.Path(path_type=Path), help="A folder for every row, as partitioned Parquet.")
@click.option("--report", type=click.Path(path_type=Path), help="A file for the report, one HTML page.")
@click.option("--data", type=click.Path(path_type=Path), help="Omniglot's images, for the report's pictures.")
@click.option(
    "--engine",
    type=click.Choice(["local", "processes", "dask"]),
    default="local",
    show_default=True,
    help="Threads, processes, or a Dask cluster: the same result.",
)
@click.option("--scheduler", help="The address of a running Dask cluster, tcp://HOST:PORT.")
@click.option("--workers", type=click.IntRange(min=1), help="Blocks at once (default: one for each core).")
@click.option("--sample", type=click.IntRange(min=1), help="Check so many random triples, by strata, instead of all.")
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
    type=_SHARE,
    default=0.05,
    show_default=True,
    help="The confidence of that m, and of every limit of --new-classes, --rankings and --beside, is 1 − delta.",
)
@click.option(
    "--draws", type=click.IntRange(min=1), default=100_000, show_default=True, help="Random triplets for --new-classes."
)
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
@click.option(
    "--triples", type=click.IntRange(min=1), default=10_000, show_default=True, help="Random triples for --rankings."
)
@click.option(
    "--beside",
    multiple=True,
    metavar="NAME=FILE",
    help="Another embedding of the same objects, to scan alike and compare with; may be given again. A journal and rows "
    "are of the first alone.",
)
@_json_option
def scan(
    file: Path | None,
    part: str,
    labels: Path | None,
    bounds: tuple[str, ...],
    m: float | None,
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

    FILE (.npz, .npy, .safetensors or .parquet) holds embeddings of shape (N, d) with labels: arrays 'collection' and
    'class' of shape (N,), in FILE or in --labels.

    Exit status: the worst of all verdicts, those of --beside too; 0 all bounds hold, 1 one fails, 3 one is undecided or
    vacuous somewhere.
    """
    from boundcheck.scan.every import triples_of
    from boundcheck.scan.run import applicable
    from boundcheck.scan.run import scan as run

    if scheduler is not None and (engine != "dask" or workers is not None):
        raise click.UsageError("--scheduler goes with --engine dask, and without --workers: the cluster has its own")
    if repair_journal and journal is None:
        raise click.UsageError("--repair-journal needs --journal")
    if sample is not None and (journal or rows or report or beside):
        raise click.UsageError("--sample keeps no journal, no rows and no report, and compares with nothing")
    if norm != 2 and (new_classes or rankings or beside):
        raise click.UsageError("--new-classes, --rankings and --beside measure Euclidean distances; leave out --norm")
    _require_goes_with(new_classes, "--new-classes", "above", "epsilon", "draws")
    _require_goes_with(rankings, "--rankings", "by", "triples")
    _require_goes_with(new_classes or rankings or bool(beside), "--new-classes, --rankings or --beside", "delta")
    data_set = _to_scan(file, part, labels)
    labelled = data_set.labelled
    others = _to_compare(data_set, beside, part, labels)
    # Before the work, so that a folder that is not there says so at once.
    pictures = _pictures_of(labelled, data) if report is not None else None
    chosen = tuple(_any_bound(name) for name in bounds) or applicable(labelled, norm)
    given = _given_m(chosen, m)
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
    while own in others:
        own += " here"
    groups = _groups_of({own: labelled, **others}, 1 - delta) if others else {}
    scans = {}
    with _rate("triples", (1 + len(others)) * triples_of(labelled), hidden=as_json) as advance:
        for name, points in {"": labelled, **others}.items():
            scans[name] = run(
                points,
                bounds=chosen,
                norm=norm,
                parameters=given,
                verdicts_only=verdicts,
                journal=None if name else journal,
                repair=repair_journal,
                rows=None if name else rows,
                engine=_dask_at(scheduler) if scheduler else engine,
                workers=workers,
                top=top,
                progress=advance,
            )
    found = scans.pop("")
    if report is not None:
        from boundcheck.scan.page import write_page

        write_page(
            report, found, source=data_set.said, pictures=pictures, beside=scans, groups=groups, name=own, notes=notes
        )
    from boundcheck.scan.asked import worst

    status = _status(worst({found.verdict, *(one.verdict for one in scans.values())}))
    if as_json:
        known = {**found.to_dict(), **more}
        if others:
            known |= groups[own].to_dict()
            known["beside"] = {name: {**one.to_dict(), **groups[name].to_dict()} for name, one in scans.items()}
        click.echo(json.dumps(known, ensure_ascii=False, allow_nan=False))
        return status
    from boundcheck.scan.page import beside_tables, scan_tables

    for table in (*scan_tables(found), *(beside_tables({own: found, **scans}, groups) if others else ()), *notes):
        _console().print(table.to_rich())
    if report is not None:
        click.echo(f"report: {report}")
    return status


def _require_goes_with(asked: bool, what: str, *options: str) -> None:
    """Refuse options that would change nothing, since what they are of was not asked for."""
    context = click.get_current_context()
    for option in options:
        given = context.get_parameter_source(option) is not click.core.ParameterSource.DEFAULT
        if given and not asked:
            raise click.UsageError(f"--{option} goes with {what}")


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
    from boundcheck.scan.sampled import scan_sample

    found = scan_sample(labelled, bounds=bounds, sample=sample, seed=seed, norm=norm, parameters=given)
    if as_json:
        click.echo(json.dumps({**found.to_dict(), **more}, ensure_ascii=False, allow_nan=False))
    else:
        for table in (*found.tables(), *notes):
            _console().print(table.to_rich())
    return _status(found.verdict)


@dataclass(frozen=True)
class _DataSet:
    """The points to scan, what they are in a sentence, and how to find their parts: those trained on, those held out."""

    labelled: Any
    said: str
    parts: Callable[[], dict[str, Any]]


def _to_scan(file: Path | None, part: str, labels: Path | None) -> _DataSet:
    """Read the points to scan."""
    if file is None:
        if labels is not None:
            raise click.UsageError("--labels goes with a FILE of embeddings")
        from boundcheck.omniglot.embedded import shipped

        said = {"all": "all", "trained": "the trained", "held-out": "the held-out"}[part]
        return _drawings_to_scan(
            shipped(), part, f"Omniglot, {said} alphabets, by the network whose embeddings boundcheck ships"
        )
    from boundcheck.scan.files import read_arrays, read_labelled
    from boundcheck.scan.parts import (
        HELD_OUT_KEYS,
        PARTS,
        held_out_collections,
        held_out_columns,
        only,
        parts_of,
        read_held_out,
    )

    said = str(file) if part == "all" else f"{file}, {part} classes"
    arrays, names = (
        {**read_arrays(path), **held_out_columns(path)} if path is not None else {} for path in (file, labels)
    )
    if not labels and {"character", "alphabet", "drawer", "evaluation"} <= set(arrays):
        from boundcheck.errors import FileFormatError
        from boundcheck.omniglot.embedded import load

        # What boundcheck embed wrote has the names of characters and alphabets beside their numbers.
        with suppress(FileFormatError):
            return _drawings_to_scan(load(file), part, said)
    labelled = read_labelled(arrays, names)
    if part == "all":

        def parts() -> dict[str, Any]:
            held_out = read_held_out(names, arrays)
            return parts_of(labelled, None if held_out is None else held_out_collections(labelled, held_out))

        return _DataSet(labelled, said, parts)
    held_out = read_held_out(names, arrays)
    if held_out is None:
        keys = " or ".join(map(repr, HELD_OUT_KEYS))
        came = ", ".join(map(repr, {**arrays, **names}))
        raise click.UsageError(f"--part {part} needs an array {keys} in FILE or in --labels, which have {came}")
    held_out_collections(labelled, held_out)
    chosen = held_out if part == PARTS[1] else ~held_out
    if not chosen.any():
        raise click.UsageError(f"--part {part}: no class of FILE is of that part")
    kept = read_labelled(only(arrays, chosen), only(names, chosen))
    return _DataSet(kept, said, lambda: {part: kept})


def _drawings_to_scan(embedded: Any, part: str, said: str) -> _DataSet:
    """Return embedded drawings of Omniglot as points to scan."""
    from boundcheck.scan.parts import PARTS

    there = {name: bool(which) for which, name in enumerate(PARTS) if (embedded.evaluation == which).any()}
    if part == "all":
        return _DataSet(
            embedded.labelled(), said, lambda: {name: embedded.labelled(evaluation=of) for name, of in there.items()}
        )
    if part not in there:
        raise click.UsageError(f"--part {part}: no class of FILE is of that part")
    labelled = embedded.labelled(evaluation=there[part])
    return _DataSet(labelled, said, lambda: {part: labelled})


def _to_compare(data_set: _DataSet, beside: tuple[str, ...], part: str, labels: Path | None) -> dict[str, Any]:
    """Read the embeddings to compare with, by name; each must be of the same collections."""
    from boundcheck.scan.beside import require_alike

    found: dict[str, Any] = {}
    for word in beside:
        name, equals, file = word.partition("=")
        if not (name and equals and file):
            raise click.UsageError(
                f"--beside: expected NAME=FILE, got {word!r}; say what to call the embeddings of FILE"
            )
        if name in found:
            raise click.UsageError(f"--beside: expected each name once, got {name!r} twice")
        with _saying(f"--beside {word}"):
            found[name] = _to_scan(Path(file), part, labels).labelled
            require_alike("collections", data_set.labelled, found[name])
    return found


def _groups_of(embeddings: dict[str, Any], confidence: float) -> dict[str, Any]:
    """Return what each embedding makes of collections as wholes."""
    from boundcheck.scan.beside import groups_of

    with _saying("--beside"):
        return {name: groups_of(points, confidence=confidence) for name, points in embeddings.items()}


def _statistics(
    data_set: _DataSet,
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
    from boundcheck.scan.newclasses import carried_over, new_classes, new_classes_tables
    from boundcheck.scan.parts import PARTS
    from boundcheck.scan.rankings import rank, rankings_tables

    parts = data_set.parts()
    tables: list[Any] = []
    known: dict[str, Any] = {}
    drawn: dict[str, Any] = {"seed": seed, "confidence": confidence}
    if above is not None:
        found, carried = {}, {}
        for name, points in parts.items():
            with _saying(f"--new-classes, {name} classes"):
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
            with _saying(f"--rankings, {name} classes"):
                rankings[name] = rank(points, **ranked, **drawn)
        tables += rankings_tables(rankings)
        known["rankings"] = {"seed": seed, "parts": {name: one.to_dict() for name, one in rankings.items()}}
    return tables, known


@contextmanager
def _saying(what: str) -> Iterator[None]:
    """Have an error say first what it is about."""
    try:
        yield
    except BoundcheckError as error:
        raise type(error)(f"{what}: {error}") from error
    except click.UsageError as error:
        raise click.UsageError(f"{what}: {error.format_message()}") from error


def _any_bound(name: str) -> Any:
    from boundcheck.formal.skeleton import find_bound

    return find_bound(_told_that_it_runs(name))[0]


def _given_m(bounds: Iterable[Any], m: float | None) -> dict[Any, float]:
    """Return m as the value of the parameter of that name, which some bound must have."""
    if m is None:
        return {}
    from boundcheck.language import m as parameter

    if not any(parameter in bound.parameters() for bound in bounds):
        raise click.UsageError("--m is for bounds about m, and none of these is")
    return {parameter: m}


def _dask_at(scheduler: str) -> Any:
    from boundcheck.scan.engines import DaskEngine

    return DaskEngine(scheduler)


def _pictures_of(labelled: Any, data: Path | None) -> Callable[[int], bytes | None] | None:
    """Return what draws a collection, if there are images of it."""
    if data is None:
        return None
    from boundcheck.omniglot.pictures import character_pictures

    return character_pictures(_drawings(data, False), labelled.names)


@cli.command()
@click.argument("name", required=False)
@click.option("--strict", is_flag=True, help="Fail on anything unproved or assumed, anywhere in the Coq files.")
@click.option("--skeleton", metavar="NAME", help="Write a Coq file that states a bound and leaves its proof open.")
@click.option("--out", type=click.Path(path_type=Path), help="The file that --skeleton writes (default: its name's).")
@click.option("--write", is_flag=True, help="Print the statements anew into the folder of proofs; compile nothing.")
@click.option("--proofs", type=click.Path(path_type=Path), help="The folder of Coq files (default: the checkout's).")
@click.option("--jobs", type=click.IntRange(min=1), help="Files compiled at once (default: one for each core).")
@_json_option
def prove(
    name: str | None,
    strict: bool,
    skeleton: str | None,
    out: Path | None,
    write: bool,
    proofs: Path | None,
    jobs: int | None,
    as_json: bool,
) -> int:
    """Have Coq check the proof of every bound, or of the bound NAME.

    NAME is a known bound's, or FILE.py:NAME for one of your own, whose proof is in a Coq file beside FILE.py.

    Exit status: 0 all is proved, 1 something is not, 2 Coq is missing.
    """
    from boundcheck.formal import prover
    from boundcheck.formal.skeleton import find_bound
    from boundcheck.formal.skeleton import skeleton as write_skeleton

    if sum((name is not None, skeleton is not None, write)) > 1:
        raise click.UsageError("NAME, --skeleton and --write exclude one another")
    if skeleton is not None:
        bound, _ = find_bound(skeleton)
        path = out or Path(f"{prover.coq_name(bound.name).capitalize()}.v")
        _new_file(path, write_skeleton(bound, module=path.stem, spec=skeleton), as_json)
        return HOLDS
    if write:
        _new_file(prover.find_proofs(proofs) / prover.STATEMENTS, prover.statements(), as_json, replace=True)
        return HOLDS
    if name is None:
        report = prover.prove(directory=proofs, jobs=jobs)
    else:
        bound, file = find_bound(name)
        extra = prover.beside(bound, file) if file else ()
        report = prover.prove(prover.claims([bound]), directory=proofs, extra=extra, jobs=jobs)
    if as_json:
        click.echo(json.dumps(report.summary(), ensure_ascii=False))
    else:
        _show_proofs(report)
    # A bound without a proof is no failure of the library's, but it is one of a bound that was asked for.
    accepted = (prover.Status.PROVED,) if strict or name else (prover.Status.PROVED, prover.Status.OPEN)
    fine = all(proof.status in accepted for proof in report.proofs) and not (strict and report.problems)
    return HOLDS if fine else FAILS


def _new_file(path: Path, text: str, as_json: bool, *, replace: bool = False) -> None:
    from boundcheck.atomic import write_text

    if path.exists() and not replace:
        raise click.UsageError(f"{path} is there already; name another file with --out")
    write_text(path, text)
    click.echo(json.dumps({"file": str(path)}) if as_json else f"wrote {path}")


def _show_proofs(report: Any) -> None:
    from boundcheck.formal.prover import Status
    from boundcheck.report.tables import Table

    rows = tuple(
        (
            proof.name,
            (proof.theorem or "—").partition(".")[0],
            proof.status.value,
            "—" if proof.lines is None else f"{proof.lines}",
            "—" if proof.seconds is None else f"{proof.seconds:.2f}",
            ", ".join(proof.assumptions) or ("none" if proof.status is Status.PROVED else "—"),
        )
        for proof in report.proofs
    )
    more = f", and {report.others} theorems more" if report.others else ""
    note = (
        f"Coq {report.coq}; {report.count(Status.PROVED)} of {len(report.proofs)} proved{more}, {report.seconds:.0f} s"
    )
    _console().print(Table("Proofs", ("bound", "file", "status", "lines", "seconds", "axioms"), rows, note).to_rich())
    for problem in report.problems:
        click.echo(f"problem: {problem}")


def _search_options(seconds: float, what: str) -> Callable[[F], F]:
    def with_options(command: F) -> F:
        for option in reversed(
            (
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
        ):
            command = option(command)
        return command

    return with_options


def _given(**options: Any) -> dict[str, Any]:
    """Return the options that were given; norms only where there are any."""
    return {name: value for name, value in options.items() if value not in (None, ())}


def _told_that_it_runs(bound: str) -> str:
    """Say on standard error that a file is run, where the bound is in one."""
    file, colon, _ = bound.rpartition(":")
    if colon and file.endswith(".py"):
        click.echo(f"running {file}, which states the bound", err=True)
    return bound


@contextmanager
def _searching(*, hidden: bool) -> Iterator[Callable[[str, Any], None]]:
    """Show what is being searched on standard error, where someone looks."""
    from rich.console import Console

    console = Console(stderr=True)
    if hidden or not console.is_terminal:
        yield lambda what, tried: None
        return
    with console.status("") as status:
        yield lambda what, tried: status.update(
            f"{what} · {tried.cases:,} cases, {tried.starts:,} starts, {tried.seconds:.0f} s"
        )


def _coq_option(command: F) -> F:
    return click.option(
        "--coq",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="A file for the proof in Coq, by the counterexample, that the statement it was found for is false.",
    )(command)


def _write_coq(found: Any, path: Path | None) -> None:
    """Write the proof by a counterexample, or say on standard error why there is none: the verdict stands without it."""
    from boundcheck.atomic import write_text
    from boundcheck.errors import InvalidValueError, TermError

    if path is None:
        return
    try:
        text = found.coq()
    except (InvalidValueError, TermError) as error:
        click.echo(f"{path} not written, there is no proof in Coq: {error}", err=True)
    else:
        write_text(path, text)


@cli.command()
@click.argument("bound")
@_search_options(10.0, "")
@click.option("--device", help="A torch device for the batches (default: the CPU).")
@click.option(
    "--out", type=click.Path(path_type=Path), help="A file for the counterexample, which 'replay' checks again."
)
@click.option("--picture", type=click.Path(path_type=Path), help="A file for its picture, .svg or .png.")
@_coq_option
@_json_option
def falsify(
    bound: str,
    seconds: float,
    seed: int,
    norms: tuple[float, ...],
    max_size: int | None,
    max_dimension: int | None,
    device: str | None,
    out: Path | None,
    picture: Path | None,
    coq: Path | None,
    as_json: bool,
) -> int:
    """Look for a counterexample to BOUND: the name of a known one, or FILE.py:NAME, a file that is run.

    Exit status: 0 it survived, which proves nothing; 1 it is refuted, by the counterexample that is printed.
    """
    from boundcheck.falsify import Refuted
    from boundcheck.falsify import falsify as run

    options = _given(norms=norms, max_size=max_size, max_dimension=max_dimension, device=device)
    with _searching(hidden=as_json) as progress:
        found = run(_told_that_it_runs(bound), seconds=seconds, seed=seed, progress=progress, **options)
    if not isinstance(found, Refuted):
        click.echo(json.dumps(found.summary(), ensure_ascii=False) if as_json else str(found))
        return HOLDS
    if as_json:
        click.echo(json.dumps({**found.summary(), "snippet": found.snippet()}, ensure_ascii=False))
    else:
        click.echo(f"{found}\n\n{found.snippet()}", nl=False)
    if out is not None:
        found.save(out)
    if picture is not None:
        from boundcheck.atomic import atomically

        atomically(picture, lambda path: found.figure().savefig(path, dpi=110))
    _write_coq(found, coq)
    return FAILS


@cli.command()
@click.argument("bound")
@_search_options(5.0, " what is left without each premise")
@_json_option
def necessity(
    bound: str,
    seconds: float,
    seed: int,
    norms: tuple[float, ...],
    max_size: int | None,
    max_dimension: int | None,
    as_json: bool,
) -> int:
    """Say which premises BOUND needs: each is dropped or weakened, and what is left goes to the adversary.

    BOUND is the name of a known one, or FILE.py:NAME, a file that is run.
    """
    from boundcheck.falsify import necessity as run

    options = _given(norms=norms, max_size=max_size, max_dimension=max_dimension)
    with _searching(hidden=as_json) as progress:
        found = run(_told_that_it_runs(bound), seconds=seconds, seed=seed, progress=progress, **options)
    click.echo(json.dumps(found.summary(), ensure_ascii=False) if as_json else str(found))
    return HOLDS


@cli.command()
@click.argument("bound")
@_search_options(10.0, "")
@_json_option
def sharpness(
    bound: str,
    seconds: float,
    seed: int,
    norms: tuple[float, ...],
    max_size: int | None,
    max_dimension: int | None,
    as_json: bool,
) -> int:
    """Look for the largest left side over right side of BOUND, for every norm and size.

    BOUND is the name of a known one, or FILE.py:NAME, a file that is run.
    """
    from boundcheck.falsify import sharpness as run
    from boundcheck.report.tables import Table

    options = _given(norms=norms, max_size=max_size, max_dimension=max_dimension)
    with _searching(hidden=as_json) as progress:
        found = run(_told_that_it_runs(bound), seconds=seconds, seed=seed, progress=progress, **options)
    if as_json:
        click.echo(json.dumps(found.summary(), ensure_ascii=False))
        return HOLDS
    click.echo(str(found))
    rows = tuple(
        (
            f"{one.norm:g}",
            ", ".join(f"{size} of {symbol}" for symbol, size in one.sizes.items()),
            f"{one.dimension}",
            "1, exactly" if one.exact else f"{one.tightness:.6f}",
        )
        for one in found.by_layout
    )
    _console().print(Table("Left side over right side", ("p", "points", "dimension", "largest found"), rows).to_rich())
    return HOLDS


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--bound", help="The bound as it is now, a name or FILE.py:NAME (default: the one that FILE refers to).")
@_coq_option
@_json_option
def replay(file: Path, bound: str | None, coq: Path | None, as_json: bool) -> int:
    """Check the counterexample in FILE again, which 'falsify --out' wrote. A FILE.py that it refers to is run.

    Exit status: 1 it still fails, 0 it no longer does, 3 the statement has changed since.
    """
    from boundcheck.falsify import Refuted
    from boundcheck.falsify import replay as run

    stored = Refuted.from_json(file.read_text(encoding="utf-8"))
    named = bound or stored.reference
    found = run(stored, bound=None if named is None else _told_that_it_runs(named))
    click.echo(json.dumps(found.summary(), ensure_ascii=False) if as_json else str(found))
    _write_coq(stored, coq)
    return {"still fails": FAILS, "no longer fails": HOLDS}.get(found.status, UNDECIDED)


@cli.command("list")
@_json_option
def list_bounds(as_json: bool) -> int:
    """List the bounds that are known: what each says, where it holds, and whether it has a proof for Coq to check."""
    from boundcheck.report.bounds import bounds_table, described
    from boundcheck.theorems import KNOWN

    if as_json:
        click.echo(json.dumps([described(bound) for bound in KNOWN.values()], ensure_ascii=False))
    else:
        _console().print(bounds_table(KNOWN.values()))
    return HOLDS


@cli.command()
@click.argument("name")
@click.option("--plan", "as_plan", is_flag=True, help="Show how it is computed instead: each step and its cost.")
@_json_option
def show(name: str, as_plan: bool, as_json: bool) -> int:
    """Show the statement NAME: premises, conclusion, LaTeX, the chain of its proof, sharpness and source."""
    from boundcheck.report.bounds import bound_page, described
    from boundcheck.theorems import get

    bound = get(name)
    if as_plan:
        from boundcheck.evaluate import plan

        planned = plan(bound)
        click.echo(json.dumps(planned.summary(), ensure_ascii=False) if as_json else str(planned))
    elif as_json:
        click.echo(json.dumps(described(bound), ensure_ascii=False))
    else:
        for part in bound_page(bound):
            _console().print(part)
    return HOLDS


def _status(verdict: Verdict) -> int:
    return {"holds": HOLDS, "fails": FAILS}.get(verdict.value, UNDECIDED)


def _console() -> Any:
    from rich.console import Console

    return Console(highlight=False, soft_wrap=False)


def _verdict_text(verdict: Verdict) -> Any:
    from rich.text import Text

    from boundcheck.report.console import STYLE

    return Text(verdict.value, STYLE[verdict])


@contextmanager
def _rate(what: str, total: int, *, hidden: bool) -> Iterator[Callable[[int], None]]:
    """Show on standard error, where someone looks, how many are done, how many a second, and the time left."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    shown = "{task.completed:,.0f} of {task.total:,.0f} " + what + " · {task.fields[rate]}"
    columns = BarColumn(), TextColumn(shown), TimeRemainingColumn()
    hidden = hidden or not sys.stderr.isatty()
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=hidden) as bar:
        task = bar.add_task(what, total=total, rate="")

        def advance(count: int) -> None:
            bar.advance(task, count)
            speed = bar.tasks[0].finished_speed or bar.tasks[0].speed
            bar.update(task, rate=f"{speed:,.0f} a second" if speed else "")

        yield advance


@contextmanager
def _bar(title: str, total: int, *, hidden: bool) -> Iterator[Callable[[int], None]]:
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, disable=hidden or not sys.stderr.isatty()) as bar:
        task = bar.add_task(title, total=total)
        yield lambda count: bar.advance(task, count)


if __name__ == "__main__":
    main()
