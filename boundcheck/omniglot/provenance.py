"""Where a result comes from: version, commit, command, machine."""

from __future__ import annotations

import os
import platform
import shlex
import subprocess
import sys
from pathlib import Path

from boundcheck._version import __version__

__all__ = ["provenance"]


def provenance() -> dict[str, str]:
    """Return what made a result: the package's version and commit, the command, the versions and the processor."""
    import torch

    # Plain text throughout: checkpoints are read by a loader that refuses other types, torch's of versions too.
    device = torch.cuda.get_device_name(0) if torch.cuda.is_available() else f"CPU, {torch.get_num_threads()} threads"
    return {
        "boundcheck": __version__,
        "commit": _commit(),
        "command": _command(),
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "device": device,
    }


def _command() -> str:
    """Return the command line, folders outside the working directory by their last part only."""
    words = [Path(sys.argv[0]).name, *map(_without_folder, sys.argv[1:])]
    return shlex.join(words)


def _without_folder(word: str) -> str:
    option, equals, value = word.partition("=") if word.startswith("-") else ("", "", word)
    return option + equals + (Path(value).name if value.startswith(("/", "..", "~")) else value)


def _commit() -> str:
    """Return the commit of the checkout this package lies in, with ``+`` where it was changed; "" outside one."""
    here = Path(__file__).resolve().parent
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}

    def git(*words: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(here), *words], capture_output=True, text=True, timeout=10, env=environment, check=False
        )
        return done.stdout.strip() if done.returncode == 0 else ""

    try:
        # Only where the package itself is tracked: an installed copy may lie inside some other checkout.
        if not git("ls-files", "provenance.py"):
            return ""
        changed = git("status", "--porcelain", "--untracked-files=no", "--", str(here.parent))
        return git("rev-parse", "HEAD") + ("+" if changed else "")
    except (OSError, subprocess.SubprocessError):
        return ""
