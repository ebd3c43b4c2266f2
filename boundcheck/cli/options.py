"""Options that commands of several modules take."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def together(*options: Callable[[F], F]) -> Callable[[F], F]:
    """Return options as one, which a command shows in this order."""

    def with_options(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return with_options


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON on standard output.")
labels_option = click.option(
    "--labels", type=click.Path(path_type=Path), help="A file with the arrays 'collection' and 'class'."
)
norm_option = click.option(
    "--norm", type=float, default=2.0, show_default=True, help="The p of the p-norm, in [1, inf]."
)
seed_option = click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the draw.")
