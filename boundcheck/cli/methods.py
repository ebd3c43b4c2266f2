"""``boundcheck compare-methods``: methods of learning representations, trained alike and compared on Omniglot."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import click

from boundcheck.cli.omniglot import data_options, drawings_of
from boundcheck.cli.options import command, count_option, json_option
from boundcheck.cli.printing import print_json, print_tables, progress_wanted, say
from boundcheck.cli.statuses import HOLDS
from boundcheck.errors import InvalidValueError, explain

# More validations than any run has.
_NEVER = 1_000_000


def _words(given: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in given.split(",") if word.strip())


def _seeds(given: str) -> tuple[int, ...]:
    try:
        return tuple(int(word) for word in _words(given))
    except ValueError:
        raise InvalidValueError(explain("--seeds", "whole numbers, such as 0,1,2", f"{given!r}")) from None


@command("compare-methods")
@data_options
@click.option(
    "--runs",
    type=click.Path(path_type=Path),
    default=Path("runs/methods"),
    show_default=True,
    help="Where runs, embeddings and measures are; what is found there is not made again.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("methods-report"),
    show_default=True,
    help="The folder for the page, the tables and the numbers.",
)
@click.option("--methods", help="Which, by commas (default: all there are).")
@click.option("--seeds", default="0,1,2", show_default=True, help="Of everything random in a run, by commas.")
@click.option(
    "--images", type=int, default=150_400, show_default=True, help="Drawings shown to each network, repeats counted."
)
@click.option(
    "--label",
    type=click.Choice(["alphabet", "character"]),
    default="character",
    show_default=True,
    help="What makes two drawings of one class, for the methods that see labels.",
)
@click.option(
    "--image-size", type=int, default=28, show_default=True, help="The side in pixels that drawings are scaled down to."
)
@click.option("--backbone", default="test_efficientnet", show_default=True, help="A timm model.")
@click.option("--learning-rate", type=float, default=5e-3, show_default=True, help="Its peak.")
@click.option(
    "--validation-alphabets", type=int, default=5, show_default=True, help="Kept from training, to choose weights by."
)
@click.option("--validate-every", type=int, default=300, show_default=True, help="Steps between validations.")
@click.option("--dimension", type=int, default=64, show_default=True, help="Of the embedding.")
@click.option("--device", help="A torch device (default: CUDA where there is one).")
@click.option("--minutes", type=float, help="Of all of it; what is missing then, the same call goes on with.")
@click.option("--from-runs", is_flag=True, help="Train nothing: compare the runs that are finished.")
@click.option(
    "--from-json",
    type=click.Path(path_type=Path),
    help="Make the page and the tables of this file of results again; train, embed and measure nothing.",
)
@count_option("--triples", least=2, default=2_000, help="Random triples of collections to measure each part by.")
@count_option("--draws", least=1, default=100_000, help="Random triplets of drawings to measure each part by.")
@json_option
def compare_methods(
    data: Path | None,
    download: bool,
    runs: Path,
    out: Path,
    methods: str | None,
    seeds: str,
    device: str | None,
    minutes: float | None,
    from_runs: bool,
    from_json: Path | None,
    triples: int,
    draws: int,
    as_json: bool,
    **config: Any,
) -> int:
    """Compare methods of learning at instance and at group level: train what is missing, embed, measure, write one page."""
    began = time.monotonic()
    from boundcheck.omniglot.methods.tables import answer, tables

    if from_json is None:
        summary = _carried_out(
            methods, seeds, config, triples, draws, runs, data, download, device, minutes, began, from_runs, as_json
        )
    else:
        summary = _read(from_json)
    from boundcheck.omniglot.methods.differences import Results
    from boundcheck.omniglot.methods.page import write

    written = write(summary, out)
    said = answer(Results(summary))
    if as_json:
        print_json({"answer": said, "missing": summary["missing"], "files": [str(path) for path in written]})
    else:
        print_tables(*tables(summary)[:3])
        say(said)
        for one in summary["missing"]:
            say(f"missing: {one['method']}, seed {one['seed']}: {one['what']}; the same call goes on from here")
        say(f"report: {out / 'index.html'}")
    return HOLDS


def _carried_out(
    methods: str | None,
    seeds: str,
    config: dict[str, Any],
    triples: int,
    draws: int,
    runs: Path,
    data: Path | None,
    download: bool,
    device: str | None,
    minutes: float | None,
    began: float,
    from_runs: bool,
    as_json: bool,
) -> dict[str, Any]:
    if minutes is not None and not minutes > 0:
        raise InvalidValueError(explain("--minutes", "a number in (0, ∞)", f"{minutes}"))
    from boundcheck.omniglot.methods.comparison import Measuring, Plan, carry_out

    chosen = {} if methods is None else {"methods": _words(methods)}
    # As many drawings for each: none stops before the others.
    config = {**config, "patience": _NEVER}
    plan = Plan(seeds=_seeds(seeds), config=config, measuring=Measuring(triples, draws), **chosen)
    progress = progress_wanted(as_json)
    return carry_out(
        plan,
        runs,
        lambda: drawings_of(data, download, progress=progress),
        minutes=minutes,
        began=began,
        device=device,
        training=not from_runs,
        tell=lambda line: say(line, err=True) if not as_json else None,
        progress=progress,
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as cause:
        raise InvalidValueError(explain("--from-json", "a readable file of results", f"{path} ({cause})")) from cause
    if not isinstance(found, dict) or not {"runs", "missing", "plan"} <= set(found):
        raise InvalidValueError(
            explain("--from-json", "results of compare-methods (methods.json)", f"{path}, without them")
        )
    return found
