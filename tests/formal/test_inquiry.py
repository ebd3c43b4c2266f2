"""False statements, and every way we know of to have Coq believe them."""

import pytest

from boundcheck.formal import compiler
from boundcheck.formal.inquiry import audit_problems, inquiry, read_assumptions
from boundcheck.formal.prover import Status, claims, prove
from boundcheck.language import Bound, largest, m

HEAD = """\
From mathcomp Require Import all_ssreflect all_algebra.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.
"""

LAWS = """\
forall (R : realFieldType) (V : lmodType R) (N : V -> R),
  (forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
  forall (m : R), """

FALSE = f"{LAWS}1 <= Num.max m (- 1)"
"""What FALSE, 1 ≤ max{m, −1}, is in Coq: m = 0 refutes it."""

# Files that mean something else by the words of the statement. Each compiles, so that it is Coq's comparison that tells.
SHADOWS = {
    # Named like a module of the library, with a max of its own.
    "Num": f"""{HEAD}
Module Theory. Export ssrnum.Num.Theory. End Theory.
Definition max (R : realFieldType) (a b : R) : R := `|a| + `|b|.
Arguments max {{R}} a b.
Import ssrnum.Num.Theory.
Theorem bad : {LAWS}1 <= max m (- 1).
Proof. by move=> *; rewrite /max normrN normr1 ler_addr normr_ge0. Qed.
""",
    # A notation, in a scope opened for all that require the file.
    "Notations": f"""{HEAD}
Notation "x <= y" := (x <= y \\/ True) : ring_scope.
Theorem bad : {FALSE}.
Proof. by right. Qed.
""",
    # Another order, and a module of the name of our library and of the file of statements; a hint, a coercion and a
    # reduction for the comparison to take; what prints the answer that is hoped for.
    "Order": f"""{HEAD}
Module Order. Definition le (d : unit) (T : Type) (x y : T) := true. End Order.
Module Boundcheck. Module Order. Theorem bad : True. exact I. Qed. End Order. End Boundcheck.
Module Statements. Definition stmt_0 := True. End Statements.
Module Stated := Statements.
Definition wanted : Prop := ~ {FALSE}.
Coercion up (x : True) : Prop := wanted.
#[global] Hint Extern 0 => exact I : core typeclass_instances.
Global Arguments ssrnum.Num.Def.normr : simpl never.
Global Strategy opaque [order.Order.max].
Fail Definition ok : False := I.
Goal True. idtac "Closed under the global context". Abort.
Tactic Notation "idtac" string(s) := fail.
Global Set Printing All.
Global Set Printing Width 3.
Theorem bad : True.
Proof. by []. Qed.
""",
}

# Proofs of False, each by another weakening; what the answer on axioms and coqchk must say of it.
WEAKENED = {
    "guard": (
        "Unset Guard Checking. Fixpoint f (n : nat) : False := f n. Set Guard Checking.",
        "f 0",
        "f is assumed to be guarded.",
    ),
    "attribute": ("#[bypass_check(guard)] Fixpoint a (n : nat) : False := a n.", "a 0", "a is assumed to be guarded."),
    "positivity": (
        "#[bypass_check(positivity)] Inductive t := B of (t -> False).\n"
        "Definition out (x : t) : False := match x with B g => g x end.",
        "out (B out)",
        "t is assumed to be positive.",
    ),
    "hypothesis": ("Hypothesis h : False.", "h", "h"),
    "lemma": ("Axiom deep : False. Lemma through : False. Proof. exact deep. Qed.", "through", "deep"),
    "obligations": (
        "Obligation Tactic := idtac. Program Definition o : False := _. Admit Obligations.",
        "o",
        "o_obligation_1",
    ),
    "functor": (
        "Module Type T. Parameter no : False. End T.\n"
        "Module F (X : T). Lemma no : False. Proof. exact X.no. Qed. End F.\nDeclare Module M : T. Module G := F M.",
        "G.no",
        "M.no",
    ),
}

CLASSICAL = (
    f"""{HEAD}
From Coq Require Import Program Classical_Prop.
Module Inside. Axiom classic : False. End Inside.
"""
    + "".join(
        f"{before}\nTheorem {name} : {FALSE}.\nProof. exact (False_ind _ ({proof})). Qed.\n"
        for name, (before, proof, _) in WEAKENED.items()
    )
    + f"""
Definition as_in_coq := NNPP.
Axiom classic : False.
Theorem named : {FALSE}.
Proof. exact (False_ind _ classic). Qed.
Unset Universe Checking. Definition hierarchy : Type := (Type : Type). Set Universe Checking.
"""
)


def bounds():
    named = {name: f"Classical_Prop.{name}" for name in (*WEAKENED, "named")}
    named |= {name: f"{name}.bad" for name in SHADOWS}
    return [Bound(name, lhs=1, rhs=largest(m, -1), proof=proof) for name, proof in named.items()]


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """All of it at once: a statement that holds must still be proved."""
    folder = tmp_path_factory.mktemp("tricks")
    (folder / "_CoqProject").write_text("-Q . Boundcheck\n")
    right = f"Theorem check : {LAWS}m <= Num.max m 1.\nProof. by move=> *; rewrite le_maxr lexx. Qed.\n"
    files = SHADOWS | {"Classical_Prop": CLASSICAL, "Check": f"{HEAD}Definition max := 0%N.\n{right}"}
    for name, text in files.items():
        (folder / f"{name}.v").write_text(text)
    true = Bound("check", lhs=m, rhs=largest(m, 1), proof="Check.check")
    extra = [folder / f"{name}.v" for name in files]
    return prove(claims([*bounds(), true]), directory=folder, extra=extra)


@pytest.mark.coq
def test_what_holds_is_proved_beside_all_of_it(report):
    assert [proof.name for proof in report.proofs if proof.status is Status.PROVED] == ["check"]
    # Each file compiled, so that it is the comparison that refused.
    assert not [problem for problem in report.problems if ".v, line" in problem and "Error" in problem]


@pytest.mark.coq
@pytest.mark.parametrize("name", [*SHADOWS, *WEAKENED, "named"])
def test_what_is_false_is_not_proved(name, report):
    (proof,) = (proof for proof in report.proofs if proof.name == name)
    assert proof.status is Status.FAILED
    if name in SHADOWS:
        assert "has type" in proof.message


@pytest.mark.coq
@pytest.mark.parametrize("name", WEAKENED)
def test_what_a_proof_of_falsity_rests_on_is_named(name, report):
    (proof,) = (proof for proof in report.proofs if proof.name == name)
    assert [axiom.removeprefix("Classical_Prop.") for axiom in proof.assumptions] == [WEAKENED[name][2]]


@pytest.mark.coq
def test_an_axiom_of_an_allowed_ones_name_is_told_from_it(report):
    (proof,) = (proof for proof in report.proofs if proof.name == "named")
    assert not {axiom for axiom in proof.assumptions if axiom.startswith("Coq.")}
    assert "coqchk: Yours.Classical_Prop.classic is assumed" in report.problems
    assert "coqchk: Yours.Classical_Prop.Inside.classic is assumed" in report.problems


@pytest.mark.coq
def test_the_checker_names_what_is_weakened_whether_or_not_a_bound_rests_on_it(report):
    (hierarchy,) = (problem for problem in report.problems if "type-in-type" in problem)
    assert "Yours.Classical_Prop.hierarchy" in hierarchy
    (unguarded,) = (problem for problem in report.problems if "unsafe (co)fixpoints" in problem)
    assert {"Yours.Classical_Prop.f", "Yours.Classical_Prop.a"} <= set(unguarded.split())
    (positive,) = (problem for problem in report.problems if "positivity is assumed" in problem)
    assert "Yours.Classical_Prop.t" in positive


def test_only_an_answer_is_one():
    full = {"Classical_Prop.classic": "Coq.Logic.Classical_Prop.classic"}
    assert read_assumptions("Closed under the global context\n", full) == ()
    for none in ("", "\n", "Axioms:\n", "anything", "Closed under the global context\nAxioms:\na : nat", "a : nat"):
        assert read_assumptions(none, full) is None
    said = """\
Axioms:
Classical_Prop.classic : forall P : Prop, P \\/ ~ P
f is assumed to be guarded.
é'
  : forall n,
    n = n
Yours.Classical_Prop.classic : False
"""
    assert read_assumptions(said, full) == (
        "Coq.Logic.Classical_Prop.classic",
        "f is assumed to be guarded.",
        "é'",
        "Yours.Classical_Prop.classic",
    )


SUMMARY = """
CONTEXT SUMMARY
===============

* Theory: Set is predicative

* Axioms:
    Coq.Logic.Classical_Prop.classic

* Constants/Inductives relying on type-in-type: <none>

* Constants/Inductives relying on unsafe (co)fixpoints: <none>

* Inductives whose positivity is assumed: <none>


status 0"""


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("", "", None),
        ("Coq.Logic", "Yours.Logic", "Yours.Logic.Classical_Prop.classic is assumed"),
        ("status 0", "status 1", "does not accept"),
        ("* Inductives whose positivity is assumed: <none>", "", "does not accept"),
        ("CONTEXT SUMMARY", "", "does not accept"),
        ("type-in-type: <none>", "type-in-type:\n  Yours.A.b", "type-in-type: Yours.A.b"),
        ("fixpoints: <none>", "fixpoints: mathcomp.A.b", "mathcomp.A.b"),
        ("predicative", "impredicative", "Set is impredicative"),
    ],
)
def test_the_checkers_summary(old, new, problem):
    found = audit_problems(SUMMARY.replace(old, new), ("Boundcheck.", "Yours."))
    assert found == [] if problem is None else problem in found[0]


def test_a_checker_that_says_nothing_is_not_believed():
    assert audit_problems("\nstatus 0", ("Yours.",))


@pytest.mark.coq
def test_rooms_are_never_the_same_and_leave_nothing(tmp_path):
    workshop = compiler.Workshop(tmp_path, "8")
    with inquiry(workshop) as first, inquiry(workshop) as second:
        assert first.token != second.token
        assert first.folder.is_dir()
    assert not first.folder.exists()
