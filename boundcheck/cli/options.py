"""Commands, and the options that several modules' take."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

import click

from boundcheck.atomic import why_not_written
from boundcheck.cli.printing import print_text
from boundcheck.errors import FileFormatError, explain

F = TypeVar("F", bound=Callable[..., Any])

#: What is held in memory for each; more is a slip of the pen, and ends in no memory.
MOST = 100_000_000


class Command(click.Command):
    """A command whose help goes through the one layer that all output goes through."""

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return the option that shows the help."""
        if self._own_help is None:
            self._own_help = _showing(ctx.help_option_names, lambda context: context.get_help(), "Show this help.")
        return self._own_help

    _own_help: click.Option | None = None


def _showing(names: Sequence[str], text: Callable[[click.Context], str], help: str) -> click.Option:
    """Return an option that prints something in place of what the command does."""

    def show(context: click.Context, parameter: click.Parameter, given: bool) -> None:
        if given and not context.resilient_parsing:
            print_text(text(context))
            context.exit()

    return click.Option(list(names), is_flag=True, is_eager=True, expose_value=False, callback=show, help=help)


def version_option(said: str) -> click.Option:
    """Return the option that says the version."""
    return _showing(["--version"], lambda context: said, "Show the version.")


class Group(Command, click.Group):
    """A group of such commands."""


def together(*options: Callable[[F], F]) -> Callable[[F], F]:
    """Return options as one, which a command shows in this order."""

    def with_options(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return with_options


def command(name: str | None = None) -> Callable[[Callable[..., Any]], Command]:
    """Return what makes a function a command; by its own name, if none is given."""
    return click.command(name, cls=Command)


def count_option(name: str, *, least: int = 1, default: int | None = None, help: str) -> Callable[[F], F]:
    """Return an option for how many of what is kept in memory are drawn."""
    kind = click.IntRange(min=least, max=MOST)
    return click.option(name, type=kind, default=default, show_default=default is not None, help=help)


class Written(click.Path):
    """A path that is written in the end, tried before any work begins."""

    def __init__(self, what: Literal["file", "folder"]) -> None:
        super().__init__(path_type=Path)
        self._what = what

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Return the path; fail where nothing can be written there."""
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        why = why_not_written(path, self._what)
        if why:
            self.fail(f"expected a {self._what} that can be written, got {str(path)!r}, {why}", param, ctx)
        return path


class Read(click.Path):
    """A path that is read, looked for before what reads it is loaded, which takes seconds."""

    def __init__(self, what: str) -> None:
        super().__init__(path_type=Path)
        self._what = what

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Return the path; raise FileFormatError where nothing is there."""
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        if not path.exists():
            raise FileFormatError(explain(_called(param), self._what, f"no such file, {path}"))
        return path


class BoundName(click.types.StringParamType):
    """The name of a bound, or FILE.py:NAME; a name or a file that is not there is refused before numerics are loaded.

    Parameters
    ----------
    beside
        Words that are no bound's name and that the command takes in its place.
    """

    def __init__(self, *beside: str) -> None:
        self._beside = beside

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name; raise InvalidValueError, as finding the bound would, where there is none."""
        from boundcheck.theorems.find import require_there

        given = str(value)
        if given not in self._beside:
            require_there(given)
        return given


def _called(param: click.Parameter | None) -> str:
    """Return what a person calls a parameter: an option by its name, an argument as the usage shows it."""
    if param is None:
        return "path"
    return param.opts[0] if isinstance(param, click.Option) else (param.name or "file").upper()


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON on standard output.")
labels_option = click.option(
    "--labels", type=Read("a file of labels"), help="A file with the arrays 'collection' and 'class'."
)
norm_option = click.option(
    "--norm", type=float, default=2.0, show_default=True, help="The p of the p-norm, in [1, inf]."
)
parameter_option = click.option(
    "--parameter",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="The value of another parameter than m; may be given again (default: the least that a premise allows).",
)
seed_option = click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the draw.")
