"""``boundcheck prove``: what Coq says of the proofs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from boundcheck.cli.options import BoundName, Written, command, json_option
from boundcheck.cli.printing import print_found, print_json, print_tables, say, told
from boundcheck.cli.statuses import FAILS, HOLDS, UNDECIDED


@command()
@click.argument("name", required=False, type=BoundName())
@click.option("--strict", is_flag=True, help="Fail on anything unproved or assumed, anywhere in the Coq files.")
@click.option(
    "--skeleton",
    type=BoundName(),
    metavar="NAME",
    help="Write a Coq file that states a bound and leaves its proof open.",
)
@click.option(
    "--search", type=BoundName(), metavar="NAME", help="Search for a proof, and have Coq check what is found."
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=60.0,
    show_default=True,
    help="How long --search searches, a tenth of it for a counterexample.",
)
@click.option("--out", type=Written("file"), help="The file that --skeleton or --search writes (default: its name's).")
@click.option("--write", is_flag=True, help="Print the statements anew into the folder of proofs; compile nothing.")
@click.option("--proofs", type=click.Path(path_type=Path), help="The folder of Coq files (default: the checkout's).")
@click.option("--jobs", type=click.IntRange(min=1), help="Files compiled at once (default: one for each core).")
@json_option
def prove(
    name: str | None,
    strict: bool,
    skeleton: str | None,
    search: str | None,
    seconds: float,
    out: Path | None,
    write: bool,
    proofs: Path | None,
    jobs: int | None,
    as_json: bool,
) -> int:
    """Have Coq check the proof of every bound, or of the bound NAME.

    NAME is a known bound's, or FILE.py:NAME for one of your own, whose proof is in a Coq file beside FILE.py.

    Exit status: 0 all is proved, 1 something is not, 2 Coq is missing. Of --search: 0 proved, 1 refuted, 3 no proof found.
    """
    from boundcheck.formal import prover
    from boundcheck.formal.skeleton import skeleton as write_skeleton
    from boundcheck.theorems.find import find_bound

    if sum((name is not None, skeleton is not None, search is not None, write)) > 1:
        raise click.UsageError("NAME, --skeleton, --search and --write exclude one another")
    if search is not None:
        return _search(search, seconds, out, proofs, as_json)
    if skeleton is not None:
        bound, _ = find_bound(skeleton)
        path = out or prover.new_file(bound.name, proofs)
        _new_file(path, write_skeleton(bound, module=path.stem, spec=skeleton), as_json)
        return HOLDS
    if write:
        _new_file(prover.find_proofs(proofs) / prover.STATEMENTS, prover.statements(), as_json, replace=True)
        return HOLDS
    if name is None:
        report = prover.prove(directory=proofs, jobs=jobs)
    else:
        from boundcheck.formal.chains.searched import found_beside

        bound, file = find_bound(name)
        bound = found_beside(bound, file) if file else bound
        extra = prover.beside(bound, file) if file else ()
        report = prover.prove(prover.claims([bound]), directory=proofs, extra=extra, jobs=jobs)
    if as_json:
        print_json(report.summary())
    else:
        _show_proofs(report)
    # A bound without a proof is no failure of the library's, but it is one of a bound that was asked for.
    accepted = (prover.Status.PROVED,) if strict or name else (prover.Status.PROVED, prover.Status.OPEN)
    fine = all(proof.status in accepted for proof in report.proofs) and not (strict and report.problems)
    return HOLDS if fine else FAILS


def _search(spec: str, seconds: float, out: Path | None, proofs: Path | None, as_json: bool) -> int:
    """Look for a counterexample for a short while, and then for a proof."""
    from boundcheck.adversary import Refuted, falsify
    from boundcheck.cli.printing import progress_wanted
    from boundcheck.formal import prover
    from boundcheck.formal.chains.searched import search_proof
    from boundcheck.theorems.find import find_bound

    prover.find_proofs(proofs)
    bound, file = find_bound(told(spec))
    found = falsify(bound, seconds=seconds / 10, progress=progress_wanted(as_json))
    if isinstance(found, Refuted):
        print_found(found, as_json)
        return FAILS
    path = out or prover.new_file(bound.name, proofs)
    if out is None and file is not None:
        path = file.with_name(path.name)
    searched = search_proof(bound, file=path, seconds=seconds * 0.9, directory=proofs)
    print_found(searched, as_json)
    if searched.status == "rejected by Coq":
        say("the search is at fault, not the statement: please report this", err=True)
    return HOLDS if searched.proved else UNDECIDED


def _new_file(path: Path, text: str, as_json: bool, *, replace: bool = False) -> None:
    from boundcheck.atomic import write_text

    if path.exists() and not replace:
        raise click.UsageError(f"{path} is there already; name another file with --out")
    write_text(path, text)
    print_json({"file": str(path)}) if as_json else say(f"wrote {path}")


def _show_proofs(report: Any) -> None:
    from boundcheck.formal.prover import Status
    from boundcheck.report.tables import Table

    rows = tuple(
        (
            proof.name,
            (proof.theorem or "—").partition(".")[0],
            proof.status.value,
            "—" if proof.lines is None else f"{proof.lines}",
            "—" if proof.seconds is None else f"{proof.seconds:.2f}",
            ", ".join(proof.assumptions) or ("none" if proof.status is Status.PROVED else "—"),
        )
        for proof in report.proofs
    )
    more = f", and {report.others} theorems more" if report.others else ""
    note = (
        f"Coq {report.coq}; {report.count(Status.PROVED)} of {len(report.proofs)} proved{more}, {report.seconds:.0f} s"
    )
    print_tables(Table("Proofs", ("bound", "file", "status", "lines", "seconds", "axioms"), rows, note))
    for problem in report.problems:
        say(f"problem: {problem}")
