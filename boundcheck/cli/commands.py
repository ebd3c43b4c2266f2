"""The group of all commands."""

from __future__ import annotations

import click

from boundcheck._version import __version__
from boundcheck.cli.bounds import list_bounds, show
from boundcheck.cli.checks import check
from boundcheck.cli.methods import compare_methods
from boundcheck.cli.new import new
from boundcheck.cli.omniglot import demo, embed, reproduce, train
from boundcheck.cli.options import Group, version_option
from boundcheck.cli.proofs import prove
from boundcheck.cli.scans import scan
from boundcheck.cli.searches import falsify, necessity, replay, sharpness

__all__ = ["cli"]


@click.group(
    cls=Group,
    params=[version_option(f"boundcheck, version {__version__}")],
    commands=(
        train,
        embed,
        demo,
        reproduce,
        compare_methods,
        check,
        scan,
        prove,
        falsify,
        necessity,
        sharpness,
        replay,
        list_bounds,
        new,
        show,
    ),
    context_settings={"help_option_names": ["-h", "--help"]},
)
def cli() -> None:
    """State a bound about collections of embeddings once; check it, test it and scan data sets with it.

    To begin: 'boundcheck demo' checks a theorem on embeddings that come with the package; 'boundcheck new mybounds.py'
    writes a file with a bound of your own, a test of it and the commands to run; 'boundcheck scan FILE' scans your data.
    Tab completion: eval "$(_BOUNDCHECK_COMPLETE=bash_source boundcheck)", or zsh_source, fish_source.

    Exit status: 0 the bound holds, 1 it fails, 2 bad usage or input, 3 undecided or vacuous. No other status is a
    verdict: 70 the program failed, or had too little memory; 74 or 141 its output was lost; 130 it was interrupted.
    """
