"""The command line: the group of commands, and how every error ends."""

from __future__ import annotations

import json
import sys
import traceback

import click

from boundcheck._version import __version__
from boundcheck.cli.bounds import list_bounds, show
from boundcheck.cli.checks import check
from boundcheck.cli.omniglot import demo, embed, reproduce, train
from boundcheck.cli.proofs import prove
from boundcheck.cli.scans import scan
from boundcheck.cli.searches import falsify, necessity, replay, sharpness
from boundcheck.cli.statuses import CRASHED, HOLDS, INTERRUPTED, USAGE
from boundcheck.errors import BoundcheckError

__all__ = ["cli", "main"]


@click.group(
    commands=(
        train,
        embed,
        demo,
        reproduce,
        check,
        scan,
        prove,
        falsify,
        necessity,
        sharpness,
        replay,
        list_bounds,
        show,
    ),
    context_settings={"help_option_names": ["-h", "--help"]},
)
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
