"""The command line.

Nothing is imported here but what Python has: what a command needs may fail to load, with too little memory say, and
Python's own exit status would then be 1, which says that the bound fails.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boundcheck.cli.commands import cli

__all__ = ["cli", "main"]


def main() -> None:
    """Run the command line; every error ends in a message and an exit status of its own."""
    try:
        from boundcheck.cli.run import run

        status = run()
    except BaseException as error:
        status = 70
        if sys.stderr is not None:
            sys.stderr.write(f"Error: boundcheck cannot start: {type(error).__name__}\n")
    sys.exit(status)


def __getattr__(name: str) -> Any:
    if name != "cli":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from boundcheck.cli.commands import cli

    return cli
