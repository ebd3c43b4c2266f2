"""``boundcheck new``: a file to start from, with a bound, a test of it and the commands to run."""

from __future__ import annotations

from pathlib import Path

import click

from boundcheck.cli.options import Written, command
from boundcheck.cli.printing import say
from boundcheck.cli.statuses import HOLDS

_FILE = '''"""Bounds of my own. A bound is a term: state it once, then check it, attack it, scan with it, prove it.

    boundcheck show {file}:conjecture       what it says
    boundcheck falsify {file}:conjecture    look for a counterexample
    boundcheck check POINTS.npz --bound {file}:conjecture
    boundcheck scan POINTS.npz --bound {file}:conjecture --report report.html
    pytest {file}                           the test below

POINTS.npz holds 'embeddings', shape (N, d), and the labels 'collection' and 'class' of each row, shape (N,).
"""

from boundcheck import Bound, assert_bound, falsify, given_collections
from boundcheck.language import equal_sizes, farthest, m, mean, norm, triplet, w, x, z

# x are the anchors (G1), z the positives (G2), w the negatives (G3); mean(x) is the centroid of x. The premise
# triplet(m) says d(x_i, z_j) - d(x_i, w_k) <= m for all i, j, k: with a margin of 0.2 that training reached, m = -0.2.
# Left out, m is the least value that is true of the points. This conjecture is true; leave out the "m +", and falsify
# finds a few points that show the rest false.
conjecture = Bound(
    "conjecture",
    norm(mean(x) - mean(z)) <= m + farthest(x, w),
    premises=[equal_sizes, triplet(m)],
)


# Draws collections that look for trouble: lattices, near ties, points far from the origin, what a search comes to.
@given_collections(conjecture)
def test_conjecture(collections):
    assert_bound(conjecture, None, collections=collections, allow_undecided=True)


if __name__ == "__main__":
    print(falsify(conjecture, seconds=5))
'''


@command()
@click.argument("file", type=Written("file"))
def new(file: Path) -> int:
    """Write FILE.py to start from: a bound with comments, a test of it, and the commands to run."""
    if file.suffix != ".py":
        raise click.UsageError(f"expected a name that ends in .py, got {file.name!r}")
    if file.exists():
        raise click.UsageError(f"{file} exists, and stays as it is; name another file")
    from boundcheck.atomic import write_text

    write_text(file, _FILE.format(file=file.name))
    say(f"{file} written; next: boundcheck falsify {file}:conjecture")
    return HOLDS
