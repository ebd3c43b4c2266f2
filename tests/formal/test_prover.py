"""The proof checker, on a folder with one small theorem, and what it must catch on either side of it."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from boundcheck import cli, theorems
from boundcheck.errors import InvalidTypeError, InvalidValueError, MissingDependencyError
from boundcheck.formal import compiler, prover
from boundcheck.formal.inquiry import ANALYSIS, inquiry
from boundcheck.formal.prover import Status, beside, claims, prove, statements
from boundcheck.formal.skeleton import skeleton
from boundcheck.formal.sources import Source, sources
from boundcheck.language import (
    Bound,
    Relation,
    Space,
    distance,
    exp,
    farthest,
    i,
    k,
    largest,
    m,
    mean,
    minimum,
    norm,
    triplet,
    w,
    x,
    z,
)
from boundcheck.theorems.false import FALSE
from boundcheck.theorems.find import find_bound

# The files that rest on Flocq, in the order of their needs.
ROUNDED = ("Rounding", "Enclosures")

SMALL = Bound("small", lhs=m, rhs=largest(m, 1), proof="Small.small")

PROJECT = "-Q . Boundcheck\nSmall.v\nStatements.v\n"

HEAD = """\
From mathcomp Require Import all_ssreflect all_algebra.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

"""

THEOREM = """\
(* A comment that says Admitted, and "a string (* with an Axiom" in it, assumes nothing. *)
Theorem small (R : realFieldType) (V : lmodType R) (N : V -> R) :
  (forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
  forall (m : R), m <= Num.max m 1.
Proof. by move=> _ _ m; rewrite le_maxr lexx. Qed.
"""


@pytest.fixture(scope="module")
def compiled_project(tmp_path_factory) -> Path:
    """Return the folder that each test has a copy of; with Coq there, its files are compiled."""
    folder = tmp_path_factory.mktemp("proofs")
    (folder / "_CoqProject").write_text(PROJECT)
    (folder / "Small.v").write_text(HEAD + THEOREM)
    (folder / "Statements.v").write_text(statements(claims([SMALL])))
    if shutil.which("coqc"):
        compiler.Workshop(folder / "_build", compiler.version()).build(sources(folder), 1)
    return folder


@pytest.fixture
def project(compiled_project, tmp_path) -> Path:
    return shutil.copytree(compiled_project, tmp_path, dirs_exist_ok=True)


@pytest.fixture
def only_small(monkeypatch):
    """Make SMALL the only bound that is known."""
    monkeypatch.setattr(prover, "registered", lambda: claims([SMALL]))


def change(project: Path, old: str, new: str, file: str = "Small.v") -> None:
    text = (project / file).read_text()
    assert old in text
    (project / file).write_text(text.replace(old, new))


def only(report):
    (proof,) = report.proofs
    return proof


# ---------------------------------------------------------------------------------------------------- without Coq


def test_the_kept_statements_are_what_the_bounds_say():
    kept = prover.find_proofs() / prover.STATEMENTS
    assert kept.read_text(encoding="utf-8") == statements(), "boundcheck prove --write prints it anew"


def test_every_theorem_named_is_stated_in_its_file():
    stated = {name: source.theorems for name, source in sources(prover.find_proofs()).items()}
    for claim in prover.registered():
        file, _, theorem = claim.theorem.rpartition(".")
        assert theorem in stated[file], claim.name


def test_nothing_is_assumed_in_the_files():
    found = [place for source in sources(prover.find_proofs()).values() for place in source.unproved()]
    assert found == []


def test_a_folder_without_proofs_is_refused(tmp_path):
    with pytest.raises(InvalidValueError, match=r"proofs: expected a folder of Coq files.*pass directory=DIR"):
        prove(directory=tmp_path)


def test_coq_missing(project, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(MissingDependencyError, match=r"coqc: expected Coq 8.16.*apt-get install coq"):
        prove(directory=project)


def test_coq_missing_exits_with_2(project):
    done = subprocess.run(
        [sys.executable, "-m", "boundcheck.cli", "prove", "--json", "--proofs", project],
        capture_output=True,
        text=True,
        env={"PATH": str(project)},
        check=False,
    )
    assert done.returncode == 2
    assert "apt-get install coq" in json.loads(done.stderr)["error"]


def test_a_claim_of_what_is_false_is_its_negation():
    (claim,) = claims(FALSE[:1])
    assert claim.proposition.startswith("~ (\n  forall (R : realFieldType)")


def test_places_are_bytes_and_comments_are_blank():
    source = Source(
        "A", '(* é (* " *) " *) Axiom *)\nLemma a : True.\nProof. exact I. Qed.\n'.encode().decode("latin-1")
    )
    assert source.theorems == {"a": (source.text.index("Lemma"), len(source.text) - 1, 2)}
    assert list(source.unproved()) == []


def test_tools_that_say_nothing_prove_nothing(project, only_small, monkeypatch):
    """Files are left, the status is 0: there is still no answer."""
    tools = project / "tools"
    tools.mkdir()
    for tool, script in (("coqc", 'for last; do :; done; touch "${last%.v}.vo"'), ("coqchk", "exit 0")):
        (tools / tool).write_text(f"#!/bin/sh\n{script}\n")
        (tools / tool).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    report = prove(directory=project)
    assert only(report).status is Status.FAILED
    assert "no answer" in only(report).message
    assert report.problems


# ------------------------------------------------------------------------------------------------------- with Coq


@pytest.mark.coq
def test_a_proof(project, only_small):
    report = prove(directory=project)
    proof = only(report)
    assert (proof.status, proof.lines, proof.assumptions) == (Status.PROVED, 4, ())
    assert proof.seconds >= 0
    assert report.proved
    assert report.problems == ()
    assert report.summary()["counts"] == {"proved": 1, "failed": 0, "no proof": 0}
    # What is compiled is not compiled again.
    compiled = (project / "_build" / "Boundcheck" / "Small.vo").stat().st_mtime_ns
    assert prove(directory=project).proved
    assert (project / "_build" / "Boundcheck" / "Small.vo").stat().st_mtime_ns == compiled


def of_small(name: str, **changed: object) -> Bound:
    return replace(SMALL, name=name, **changed)


# What no longer says what its theorem does, and why it is no proof.
DRIFTS = {
    of_small("rhs", rhs=largest(m, 2)): "cannot unify",
    of_small("lhs", lhs=m + 1): "cannot unify",
    of_small("premise", premises=(triplet(m),)): "has type",
    of_small("space", space=Space.EUCLIDEAN): "has type",
    of_small("no theorem", proof="Small.large"): "Small.large was not found",
    of_small("no file", proof="Large.small"): "no file Large.v",
    of_small("a theorem of another value", proof="Changed.value"): "cannot unify",
    of_small("a theorem of other fields", proof="Changed.fields"): "has type",
    of_small("a theorem that is assumed", proof="Changed.assumed"): "Changed.assumed assumes",
    of_small("a file that Coq refuses", proof="Broken.small"): "Broken.v, line",
}


@pytest.mark.coq
def test_what_drifts_on_either_side_is_caught_and_does_not_hide_what_does_not(project, monkeypatch):
    changed = HEAD
    for name, old, new in (
        ("value", "Num.max m 1.", "Num.max m 2%:R."),
        ("fields", "realFieldType", "rcfType"),
        ("assumed", "lexx. Qed.", "lexx. Admitted."),
    ):
        assert old in THEOREM
        changed += THEOREM.replace("Theorem small", f"Theorem {name}").replace(old, new)
    (project / "Changed.v").write_text(changed)
    (project / "Broken.v").write_text(HEAD + THEOREM.replace("lexx. Qed.", "ltxx. Qed."))
    (project / "_CoqProject").write_text(f"{PROJECT}Changed.v\nBroken.v\n")
    monkeypatch.setattr(prover, "registered", lambda: claims([*DRIFTS, SMALL, of_small("open", proof=None)]))
    report = prove(directory=project)
    *failed, proved, unproved = report.proofs
    assert (proved.status, unproved.status) == (Status.PROVED, Status.OPEN)
    for proof, because in zip(failed, DRIFTS.values(), strict=True):
        assert proof.status is Status.FAILED
        assert because in proof.message, proof.name
        assert any(because in problem for problem in report.problems)


@pytest.mark.coq
def test_an_axiom_is_caught_in_what_a_bound_names_and_in_what_none_does(project, only_small):
    change(project, "Theorem small", "Axiom trust_me : forall P : Prop, P.\nTheorem small")
    change(project, "by move=> _ _ m; rewrite le_maxr lexx.", "exact: trust_me.")
    with (project / "Small.v").open("a") as file:
        file.write("Theorem other : False.\nProof. exact: trust_me. Qed.\nTheorem fine : True.\nProof. by []. Qed.\n")
    report = prove(directory=project)
    assert only(report).status is Status.FAILED
    (axiom,) = only(report).assumptions
    assert axiom.endswith("trust_me")
    assert report.others == 2
    unpinned = {f"Small.{name}: no file Pinned*.v holds its statement" for name in ("other", "fine")}
    assert unpinned <= set(report.problems)
    assert tuple(problem for problem in report.problems if problem not in unpinned) == (
        "coqchk: Boundcheck.Small.trust_me is assumed",
        f"Small.other assumes {axiom}",
        "Small.v, line 6: Axiom assumes what it should prove",
        f"small: Small.small assumes {axiom}",
    )


@pytest.mark.coq
def test_a_file_may_rest_on_what_is_listed_for_it_alone(project, only_small, monkeypatch):
    with (project / "Small.v").open("a") as file:
        file.write("From Coq Require Import FunctionalExtensionality.\n")
        file.write("Theorem other (f g : nat -> nat) : (forall n, f n = g n) -> f = g.\n")
        file.write("Proof. exact: functional_extensionality. Qed.\n")
        file.write("Theorem fine : True.\nProof. by []. Qed.\n")
    (project / "_CoqProject").write_text("-Q . Boundcheck\nSmall.v\nPinned.v\n")
    (project / "Pinned.v").write_text(
        "Definition Small__other : Prop := forall f g : nat -> nat, (forall n, f n = g n) -> f = g.\n"
        "Definition Small__fine : Prop := True.\n"
    )
    problems = prove(directory=project).problems
    assert problems == ("Small.other assumes Coq.Logic.FunctionalExtensionality.functional_extensionality_dep",)
    monkeypatch.setitem(prover.AXIOMS, "Small", prover.AXIOMS["Rounding"])
    report = prove(directory=project)
    assert (report.others, report.problems) == (2, ())


EXPONENTIAL = """\
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require boolp.
From mathcomp Require Import reals sequences exp.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.
Theorem positive (R : realType) (V : lmodType R) (N : V -> R) :
  (forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
  forall (m : R), 0 < expR m.
Proof. by move=> _ _ m; rewrite expR_gt0. Qed.
Theorem plain (R : realFieldType) (V : lmodType R) (N : V -> R) :
  (forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
  forall (m : R), m <= Num.max m 1.
Proof. by have := boolp.EM True => _ _ _ m; rewrite le_maxr lexx. Qed.
"""


@pytest.mark.coq
def test_a_statement_with_an_exponential_may_rest_on_the_axioms_that_define_it_and_another_may_not(project):
    """Even in a file that nothing is listed for; a plain theorem there has no use for them."""
    (project / "Small.v").write_text(EXPONENTIAL)
    positive = Bound("positive", lhs=0, rhs=exp(m), relation=Relation.LESS, proof="Small.positive")
    report = prove(claims([positive, replace(SMALL, proof="Small.plain")]), directory=project)
    one, other = report.proofs
    assert (one.status, frozenset(one.assumptions)) == (Status.PROVED, prover.ANALYSIS_AXIOMS)
    assert other.status is Status.FAILED
    assert "Small.plain assumes mathcomp.classical.boolp." in other.message


def test_statements_with_exponentials_are_printed_after_the_others_under_their_own_libraries():
    positive = Bound("positive", lhs=0, rhs=exp(m), relation=Relation.LESS, proof="Small.positive")
    text = statements(claims([positive, SMALL]))
    assert text.index("stmt_small") < text.index(ANALYSIS) < text.index("stmt_positive")


@pytest.mark.coq
def test_rounding_rests_on_the_axioms_listed_and_on_no_other(tmp_path):
    found = {name: source for name, source in sources(prover.find_proofs()).items() if name in ROUNDED}
    workshop = compiler.Workshop(tmp_path, compiler.version())
    built = workshop.build(found, 1)
    assert [file.message for file in built.values()] == [""] * len(ROUNDED)
    theorems = [f"{name}.{theorem}" for name in ROUNDED for theorem in found[name].named("Theorem", "Corollary")]
    with inquiry(workshop) as room:
        answers = prover._answers({}, theorems, built, room)
    assert answers.refused == {}
    assert set(answers.axioms) == set(theorems)
    for theorem, axioms in answers.axioms.items():
        assert set(axioms) == prover.AXIOMS[theorem.rpartition(".")[0]], theorem


@pytest.mark.coq
def test_theorems_asked_for_together_are_answered_one_by_one_where_one_is_not_there(project):
    workshop = compiler.Workshop(project / "_build", compiler.version())
    built = workshop.build(sources(project), 1)
    with inquiry(workshop) as room:
        answers = prover._answers({}, ["Small.small", "Small.large"], built, room)
    assert answers.axioms == {"Small.small": ()}
    assert "Small.large was not found" in answers.refused["Small.large"]


@pytest.mark.coq
def test_a_library_that_is_missing_is_named(project, only_small):
    change(project, "From mathcomp Require", "From Flocqless Require Import Core.\nFrom mathcomp Require")
    assert "Flocqless" in only(prove(directory=project)).message


@pytest.mark.coq
@pytest.mark.parametrize("library", ["mathcomp", "Flocq"])
def test_coq_without_a_library(project, only_small, library):
    change(project, "From mathcomp Require", f"From {library} Require Import NotThere.\nFrom mathcomp Require")
    with pytest.raises(MissingDependencyError, match=rf"{library}: expected Coq's {library} .*libcoq-flocq"):
        prove(directory=project)


@pytest.mark.coq
def test_a_file_needs_those_listed_before_it(project):
    (project / "_CoqProject").write_text("Later.v\nSmall.v\n")
    (project / "Later.v").write_text("From Boundcheck Require Import Small.\nDefinition later := @small.\n")
    proof = only(prove(claims([replace(SMALL, proof="Later.later")]), directory=project))
    assert "Later.v requires Small" in proof.message
    (project / "_CoqProject").write_text("Small.v\nLater.v\n")
    assert prove(claims([replace(SMALL, proof="Later.later")]), directory=project).proved


# ------------------------------------------------------------------------------------------------ the command line


def run(monkeypatch, capsys, *words):
    monkeypatch.setattr(sys, "argv", ["boundcheck", "prove", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code, capsys.readouterr()


@pytest.mark.coq
def test_prove_prints_a_table_and_json(project, only_small, monkeypatch, capsys):
    status, printed = run(monkeypatch, capsys, "--strict", "--proofs", project)
    assert status == 0
    assert "1 of 1 proved" in printed.out
    written = (project / "Statements.v").read_text()
    change(project, "Num.max m 1", "Num.max m 2%:R", file="Statements.v")
    report = prove(directory=project)
    assert report.proved
    assert report.problems == ("Statements.v: not what the bounds say now; boundcheck prove --write prints it anew",)
    monkeypatch.setattr(prover, "prove", lambda *args, **options: report)
    assert run(monkeypatch, capsys, "--proofs", project)[0] == 0
    status, printed = run(monkeypatch, capsys, "--strict", "--json", "--proofs", project)
    assert status == 1
    summary = json.loads(printed.out)
    assert summary["counts"]["proved"] == 1
    assert len(summary["problems"]) == 1
    assert run(monkeypatch, capsys, "--write", "--proofs", project)[0] == 0
    assert (project / "Statements.v").read_text() == written


MINE = """\
from boundcheck.language import *

mine = Bound("mine", lhs=m, rhs=largest(m, 1), title='Mine, "so far" (* open *)')
proved = Bound("mine", lhs=m, rhs=largest(m, 1), proof="Mine.mine")
wrong = Bound("mine", lhs=m, rhs=largest(m, 2), proof="Mine.mine")
number = 1
"""


@pytest.mark.coq
def test_a_bound_of_ones_own(tmp_path, project, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    # The skeleton names these two; their lemmas are not needed here.
    (project / "_CoqProject").write_text("Extrema.v\nNorms.v\nSmall.v\n")
    for name in ("Extrema", "Norms"):
        (project / f"{name}.v").write_text("")
    (tmp_path / "mybounds.py").write_text(MINE)
    status, printed = run(monkeypatch, capsys, "--skeleton", "mybounds.py:mine")
    assert (status, printed.out) == (0, "wrote Mine.v\n")
    assert run(monkeypatch, capsys, "mybounds.py:mine", "--proofs", project)[0] == 1
    # The open proof compiles; it is no proof yet.
    status, printed = run(monkeypatch, capsys, "mybounds.py:proved", "--proofs", project)
    assert status == 1
    assert "Mine.mine was not found" in printed.out
    text = (tmp_path / "Mine.v").read_text()
    assert "move=> R V N normD normZ m.\n" in text
    (tmp_path / "Mine.v").write_text(text.replace("Abort.", "by rewrite le_maxr lexx.\nQed."))
    assert run(monkeypatch, capsys, "mybounds.py:proved", "--proofs", project)[0] == 0
    assert run(monkeypatch, capsys, "mybounds.py:wrong", "--proofs", project)[0] == 1
    status, printed = run(monkeypatch, capsys, "--skeleton", "mybounds.py:mine")
    assert status == 2
    assert "Mine.v is there already" in printed.err


def test_a_new_file_has_none_of_our_names():
    assert prover.new_file("lower").name == "Lower_of_mine.v"
    assert prover.new_file("check").name == "Check.v"
    assert prover.new_file("statements").name == "Statements_of_mine.v"


def test_skeletons_name_what_they_introduce():
    assert "move=> R V ip ip_sym ip_scale ip_add ip_ge0 n q x w a c a_ge0 a_gt0 c_ge0 c_gt0 u u_le1.\n" in skeleton(
        theorems.get("hulls")
    )


@pytest.mark.coq
def test_skeletons_load_beside_the_proofs(tmp_path):
    bounds = [
        Bound("conjecture", premises=[triplet(m)], lhs=norm(mean(x) - mean(z)), rhs=m + farthest(x, w)),
        Bound("inner", lhs=minimum((i, k), distance(x[i], w[k])), rhs=farthest(x, w), space=Space.EUCLIDEAN),
        *map(theorems.get, ("hull", "transport", "hulls", "two-sided", "coordinate-median")),
    ]
    (tmp_path / "Open.v").write_text("\n".join(skeleton(bound, module="Open") for bound in bounds))
    asked = claims([replace(bounds[0], proof="Open.conjecture")])
    # Only the theorem is missing: everything up to each Abort was accepted.
    assert "Open.conjecture was not found" in only(prove(asked, extra=[tmp_path / "Open.v"])).message


@pytest.mark.parametrize(
    ("spec", "error", "message"),
    [
        ("nowhere.py:b", InvalidValueError, "a Python file nowhere.py, got none there"),
        ("mybounds.py:other", InvalidValueError, r"a Bound named in mybounds.py \(mine, proved, wrong\), got 'other'"),
        ("mybounds.py:number", InvalidTypeError, "a Bound as number in mybounds.py, got int"),
        ("broken.py:b", InvalidValueError, "a file broken.py that runs, got ZeroDivisionError"),
        ("nothing", InvalidValueError, "one of karimov"),
    ],
)
def test_bounds_that_are_not_there(spec, error, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mybounds.py").write_text(MINE)
    (tmp_path / "broken.py").write_text("1 / 0\n")
    with pytest.raises(error, match=message):
        find_bound(spec)


@pytest.mark.parametrize(
    "proof", ["../there/Mine.mine", "/Mine.mine", "a\0b.c", ".mine", "mine", "Mine.", "Mi ne.mine"]
)
def test_a_proof_is_looked_for_beside_its_bound_alone(proof, tmp_path):
    (tmp_path / "Mine.v").write_text("")
    bound = Bound("mine", lhs=m, rhs=largest(m, 1), proof=proof)
    assert beside(bound, tmp_path / "mybounds.py") == ()
    there = Bound("mine", lhs=m, rhs=largest(m, 1), proof="Mine.mine")
    assert beside(there, tmp_path / "mybounds.py") == (tmp_path / "Mine.v",)


def test_options_that_exclude_one_another(monkeypatch, capsys):
    assert run(monkeypatch, capsys, "karimov", "--write")[0] == 2
