"""How a command ends: every error has a message and an exit status of its own, none of them that of a verdict."""

from __future__ import annotations

import json
import os
import sys
import traceback
from types import FrameType

from boundcheck.cli.statuses import CRASHED, HOLDS, INTERRUPTED, USAGE
from boundcheck.cli.streams import finished, open_streams, write
from boundcheck.cli.wording import in_words_of_options
from boundcheck.errors import BoundcheckError
from boundcheck.printable import printable

__all__ = ["run"]

# What click is asked by, for a command of this name.
_COMPLETION = "_BOUNDCHECK_COMPLETE"


def run() -> int:
    """Run the command that the process was given, and return the status to end it with."""
    open_streams()
    as_json = "--json" in sys.argv[1:]
    try:
        status = _called(as_json)
    except KeyboardInterrupt:
        _say("interrupted; nothing half-written was left", as_json)
        status = INTERRUPTED
    except SystemExit as ended:
        if _COMPLETION in os.environ and isinstance(ended.code, int):
            # A shell asks how a word goes on.
            return finished(HOLDS if ended.code in (0, 1) else ended.code)
        # Only what is not ours ends a process so: a file of the user's that was run.
        _say(f"a file that was run ended the process ({ended!r})", as_json)
        status = USAGE
    except BoundcheckError as error:
        # A note says where in a scan it was, and what is kept.
        _say(in_words_of_options("; ".join([f"{error}", *getattr(error, "__notes__", ())])), as_json)
        status = USAGE
    except Exception as error:
        status = _failed(error, as_json)
    return finished(status)


def _called(as_json: bool) -> int:
    """Run the command; what is wrong with how it was called is said here."""
    import click

    from boundcheck.cli.commands import cli

    try:
        status = cli.main(standalone_mode=False, complete_var=_COMPLETION)
    except click.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        if isinstance(error, click.exceptions.NoArgsIsHelpError):
            write(f"{printable(error.format_message(), lines=True)}\n", err=True)
            return USAGE
        context = getattr(error, "ctx", None)
        if context is not None and not as_json:
            hint = f"Try '{context.command_path} --help' for help."
            write(f"{printable(context.get_usage(), lines=True)}\n{printable(hint)}\n\n", err=True)
        _say(error.format_message(), as_json)
        return USAGE
    return status if isinstance(status, int) else HOLDS


def _failed(error: Exception, as_json: bool) -> int:
    """Say what failed that is no error of the package's own."""
    loading = _is_loading(error)
    if _is_memory(error):
        _say(f"too little memory ({_first_line(error)}); ask for less at once", as_json)
    elif loading or isinstance(error, ImportError):
        _say(f"a library does not load: {type(error).__name__}: {_first_line(error)}", as_json)
    elif isinstance(error, OSError):
        _say(str(error), as_json)
        return USAGE
    else:
        # A bug, which whoever mends it wants to see whole.
        write(printable(traceback.format_exc(), lines=True), err=True)
    return CRASHED


def _is_memory(error: BaseException) -> bool:
    # torch has an error of its own for a device, and none for the host.
    return (
        isinstance(error, MemoryError)
        or type(error).__name__ == "OutOfMemoryError"
        or (isinstance(error, RuntimeError) and "DefaultCPUAllocator" in str(error))
    )


def _is_loading(error: BaseException) -> bool:
    """Say whether an error was raised while a module was loaded, not by what a command did."""
    frames: list[FrameType] = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    return any(frame.f_code.co_name == "<module>" for frame in frames)


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), "") or type(error).__name__


def _say(message: str, as_json: bool) -> None:
    """Say on standard error, in one line, why there is no result."""
    said = printable(message)
    write(f"{json.dumps({'error': said})}\n" if as_json else f"Error: {said}\n", err=True)
