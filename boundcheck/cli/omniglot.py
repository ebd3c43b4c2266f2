"""``boundcheck train``, ``embed``, ``demo`` and ``reproduce``: the experiment on Omniglot."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from boundcheck.cli.options import Read, Written, command, count_option, json_option, seed_option, together
from boundcheck.cli.printing import print_json, print_rich, print_tables, progress_wanted, say
from boundcheck.cli.statuses import HOLDS, status_of
from boundcheck.progress import Bar, at_terminal

if TYPE_CHECKING:
    from boundcheck.evaluate import Verdict
    from boundcheck.omniglot.config import TrainingConfig


data_options = together(
    click.option("--download", is_flag=True, help="Fetch Omniglot if it is not there."),
    click.option(
        "--data",
        type=click.Path(path_type=Path),
        help="Folder with Omniglot's zips or folders (default: BOUNDCHECK_DATA, then the download cache).",
    ),
)

# Written out, since the help of a command imports no torch; a test holds them to the table.
_OBJECTIVES = (
    "instance",
    "centroid",
    "prototype",
    "ressl",
    "simsiam",
    "infomin",
    "pcl",
    "deepcluster",
    "smog",
    "arcface",
    "groupface",
)


class _ObjectiveName(click.Choice[str]):
    """The name of an objective, or FILE.py:NAME of one to register first."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name, once there is an objective of this name."""
        if isinstance(value, str) and ".py:" in value:
            from boundcheck.omniglot.objectives.own import from_file

            return from_file(value)
        return super().convert(value, param, ctx)


_training_options = together(
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
        type=_ObjectiveName(_OBJECTIVES, case_sensitive=True),
        default="instance",
        show_default=True,
        help="What a step makes small: one of these, or FILE.py:NAME of your own.",
    ),
    click.option("--backbone", default="efficientnet_b2", show_default=True, help="The network, by its name in timm."),
    click.option(
        "--image-size", type=int, help="The side in pixels that drawings are scaled down to (default: 64 as loaded)."
    ),
    click.option("--view-strength", type=float, help="Of strong views, in [0, 1] (default: the objective's own)."),
    click.option(
        "--optimizer",
        type=click.Choice(["adamw", "sgd"]),
        default="adamw",
        show_default=True,
        help="What moves weights.",
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
    click.option(
        "--minutes",
        type=float,
        help="Stop training after this long, ready to go on; what comes after it takes its own time.",
    ),
)

_triples_option = count_option("--triples", least=2, default=100_000, help="Random triples to check.")

_report_option = click.option(
    "--out",
    type=Written("folder"),
    default=Path("boundcheck-report"),
    show_default=True,
    help="The folder for the report.",
)


def _config(**options: Any) -> TrainingConfig:
    from boundcheck.omniglot.config import TrainingConfig

    return TrainingConfig(**options)


def drawings_of(data: Path | None, download: bool, **options: Any) -> Any:
    """Return Omniglot's drawings from where the options say, fetched if they say so."""
    from boundcheck.omniglot import data as omniglot
    from boundcheck.omniglot.download import download as fetch

    return omniglot.load(fetch() if download and data is None else data, **options)


@command()
@data_options
@_training_options
@json_option
def train(
    data: Path | None,
    download: bool,
    directory: Path,
    device: str | None,
    minutes: float | None,
    as_json: bool,
    **options: Any,
) -> int:
    """Train a network on Omniglot's background set; a killed run goes on where it was."""
    from boundcheck.omniglot.objectives import OBJECTIVES
    from boundcheck.omniglot.training import train as run
    from boundcheck.report import figures

    config = _config(**options)
    drawings = drawings_of(data, download, parts=("background",))
    _begins(f"training, {config.steps:,} steps{_at_most(minutes)}", as_json)
    trained = run(
        drawings, config, directory=directory, device=device, minutes=minutes, progress=progress_wanted(as_json)
    )
    last = trained.curve.rows[-1] if trained.curve.rows else {}
    margin = config.margin if OBJECTIVES[config.objective].has_margin else None
    figures.save(figures.curve_figure(trained.curve.rows, margin), directory, "curve")
    if as_json:
        print_json(
            {
                "directory": str(directory),
                "steps": trained.steps,
                "finished": trained.finished,
                "why": trained.why,
                "last": last,
            }
        )
    else:
        say(f"{trained.steps} of {config.steps} steps: {trained.why}; see {directory}/curve.csv and curve.svg")
    return HOLDS


@command()
@data_options
@click.option(
    "--directory",
    type=click.Path(path_type=Path),
    default=Path("runs/omniglot"),
    show_default=True,
    help="The training run whose best weights to use.",
)
@click.option(
    "--out",
    type=Written("file"),
    default=Path("embeddings.safetensors"),
    show_default=True,
    help="The file to write.",
)
@click.option("--device", default="cpu", show_default=True, help="A torch device.")
@click.option("--features", is_flag=True, help="What goes into the network's last layer, instead of what comes out.")
@click.option(
    "--projection", is_flag=True, help="What the objective's loss compared, instead of what the network gives."
)
@click.option(
    "--objective",
    type=_ObjectiveName(_OBJECTIVES, case_sensitive=True),
    help="FILE.py:NAME, where the run was trained with an objective of your own.",
)
@json_option
def embed(
    data: Path | None,
    download: bool,
    directory: Path,
    out: Path,
    device: str,
    features: bool,
    projection: bool,
    objective: str | None,
    as_json: bool,
) -> int:
    """Embed every drawing of Omniglot with a trained network; says what the network learned."""
    from boundcheck.omniglot.training import load_checkpoint

    trained = load_checkpoint(directory)
    drawings = drawings_of(data, download, progress=progress_wanted(as_json))
    embedded = _embed_into(out, trained, drawings, as_json, device=device, features=features, projection=projection)
    if as_json:
        print_json({"file": str(out), "precision_at_1": embedded.metadata["precision_at_1"]})
    else:
        from boundcheck.omniglot.experiment import precision_table

        print_tables(precision_table(embedded.metadata["precision_at_1"]))
        say(f"{len(embedded):,} embeddings of {embedded.embeddings.shape[1]} dimensions in {out}")
    return HOLDS


@command()
@_triples_option
@seed_option
@_report_option
@click.option("--data", type=click.Path(path_type=Path), help="Omniglot's images, to draw the tightest triples with.")
@json_option
def demo(triples: int, seed: int, out: Path, data: Path | None, as_json: bool) -> int:
    """Check theorem K on the embeddings the package ships: no network, no training."""
    from boundcheck.omniglot.embedded import shipped

    return _experiment(shipped(), triples, seed, out, drawings_of(data, False) if data else None, as_json)


@command()
@data_options
@_training_options
@click.option("--embeddings", type=Read("a .safetensors file"), help="Use this file of embeddings; train nothing.")
@_triples_option
@_report_option
@json_option
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
    """Reproduce Karimov's experiment: train on Omniglot (or go on, or load), embed, and check theorem K."""
    from boundcheck.omniglot.embedded import load
    from boundcheck.omniglot.training import choose_device
    from boundcheck.omniglot.training import train as run

    progress = progress_wanted(as_json)
    config = _config(**options)
    drawings = drawings_of(data, download, progress=progress)
    if embeddings is None:
        _begins(f"training, {config.steps:,} steps{_at_most(minutes)}", as_json)
        trained = run(
            drawings.subset(~drawings.evaluation),
            config,
            directory=directory,
            device=device,
            minutes=minutes,
            progress=progress,
        )
        if not as_json:
            say(f"{trained.steps} of {config.steps} steps: {trained.why}")
        file = directory / "embeddings.safetensors"
        embedded = _embed_into(file, trained, drawings, as_json, device=choose_device(device))
    else:
        embedded = load(embeddings)
    return _experiment(embedded, triples, config.seed, out, drawings, as_json)


def _begins(work: str, as_json: bool) -> None:
    """Say on standard error what begins, where no bar shows it: in a log, work of minutes would be silent."""
    if not (as_json or at_terminal()):
        say(work, err=True)


def _at_most(minutes: float | None) -> str:
    return "" if minutes is None else f", for {minutes:g} minutes at most"


def _embed_into(file: Path, trained: Any, drawings: Any, as_json: bool, **how: Any) -> Any:
    """Return what a network makes of drawings, and write it."""
    from boundcheck.omniglot.embedded import embed_drawings

    _begins(f"embedding {len(drawings):,} drawings, twice", as_json)
    with Bar("embedding", 2 * len(drawings), shown=progress_wanted(as_json)) as bar:
        embedded = embed_drawings(trained, drawings, advance=bar.advance, **how)
    embedded.save(file)
    return embedded


def _experiment(embedded: Any, triples: int, seed: int, out: Path, drawings: Any, as_json: bool) -> int:
    from boundcheck.omniglot.experiment import run_experiment

    _begins(f"checking {triples:,} triples", as_json)
    found = run_experiment(embedded, triples=triples, seed=seed, progress=progress_wanted(as_json))
    written = found.write(out, drawings)
    if as_json:
        print_json({**found.summary(), "files": [str(path) for path in written]})
    else:
        print_tables(*found.tables())
        print_rich(_verdict_text(found.verdict, triples))
        say(f"report: {out / 'index.html'}")
    return status_of(found.verdict)


def _verdict_text(verdict: Verdict, triples: int) -> Any:
    from rich.text import Text

    from boundcheck.report.console import STYLE

    of = f"on every one of {triples:,} triples" if verdict.value == "holds" else "is the worst verdict of a triple"
    return Text.assemble((verdict.value, STYLE[verdict]), f" {of}")
