"""The pinned statements: all that code and docs cite, and every way a theorem can say less than it did."""

import re

import pytest

from boundcheck.formal import prover
from boundcheck.formal.pinned import pins
from boundcheck.formal.sources import sources
from boundcheck.language import Bound, largest, m

ROOT = prover.find_proofs().parent
FILES = sources(prover.find_proofs())
PINS = pins(FILES)
PINNED = {pin.of for pin in PINS}
CITED = re.compile(rf"(?<![\w/.])((?:{'|'.join(sorted(FILES, key=len, reverse=True))})\.[A-Za-z][\w']*)")

# What an inductive type is made of, each pinned by what follows from all of it.
TYPES = {
    "Rounding.order_ind": {"order", "Nothing", "Term", "Add", "Fused"},
    "Inner.SemiInner": {"semi_inner"},
}


def cited(text):
    return {name for name in CITED.findall(text) if not name.endswith((".v", ".vo", ".rst"))}


def test_every_theorem_that_no_bound_names_is_pinned():
    named = {claim.theorem for claim in prover.registered()}
    theorems = {f"{file}.{name}" for file, source in FILES.items() for name in source.named("Theorem", "Corollary")}
    assert len(theorems - named) > 90
    assert theorems - named - PINNED == set()


def test_every_theorem_that_code_and_documents_cite_is_claimed_or_pinned():
    places = [
        *(ROOT / "boundcheck").rglob("*.py"),
        *(place for place in (ROOT / "docs").rglob("*.rst") if "generated" not in place.parts),
        *ROOT.glob("*.md"),
        *(ROOT / "proofs").glob("*.v"),
    ]
    named = {claim.theorem for claim in prover.registered()}
    found = {name: place.name for place in places for name in cited(place.read_text(encoding="utf-8"))}
    assert len(found) > 100
    # In the files themselves short names of lemmas are how proofs are written.
    outside = {name for name, place in found.items() if not place.endswith(".v")}
    assert {"Rounding.sum_any_order", "Enclosures.inflate_covers", "Filter.distance_filter"} <= outside
    # One is put together from a name of ours and what follows it.
    assert outside - named - PINNED == {"Aggregators.coordinate_"}


def test_every_definition_that_a_pinned_statement_speaks_of_is_pinned():
    spoken = {name for pin in PINS for name in cited(FILES[pin.file].code)}
    made = {f"{whole.partition('.')[0]}.{name}" for whole, names in TYPES.items() for name in names}
    assert set(TYPES) <= PINNED
    assert spoken - PINNED - made == set()


def test_files_of_pinned_statements_hold_nothing_else():
    for file in {pin.file for pin in PINS}:
        words = re.findall(
            r"^(?:Set|Unset|Notation|Coercion|Canonical|Section|Module|Axiom|Variable)\b", FILES[file].code
        )
        assert words == []
        sentences = re.findall(r"^(\w+(?: \w+)?)", FILES[file].code, re.MULTILINE)
        assert {word.split()[0] for word in sentences} <= {"From", "Import", "Local", "Definition"}


def test_nothing_in_our_files_changes_what_others_mean_by_being_required():
    for source in FILES.values():
        assert (
            re.findall(r"\bGlobal\b|#\[\s*(?:global|export)|\bDelimit\b|\bCanonical\b|\bCoercion\b", source.code) == []
        )


SMALL = """
Definition double (n : nat) := n + n.
Definition triple (n : nat) := n.
Theorem kept : forall n, double n = n + n. reflexivity. Qed.
Theorem weakened : forall n, n = 0 -> double n = n + n. reflexivity. Qed.
Section S.
Hypothesis no : False.
Theorem hypothetical : 1 = 2. destruct no. Qed.
End S.
Theorem unpinned : True. exact I. Qed.
"""

PINNED_SMALL = """
From Boundcheck Require Small.
Definition Small__double__is : Prop := Small.double = (fun n => n + n).
Definition Small__triple__is : Prop := Small.triple = (fun n => n + n + n).
Definition Small__kept : Prop := forall n, Small.double n = n + n.
Definition Small__weakened : Prop := forall n, Small.double n = n + n.
Definition Small__hypothetical : Prop := 1 = 2.
Definition Small__gone : Prop := 1 = 1.
"""


@pytest.mark.coq
def test_a_theorem_or_a_definition_that_says_something_else_is_a_problem(tmp_path, monkeypatch):
    claim = Bound("open", lhs=m, rhs=largest(m, 1))
    monkeypatch.setattr(prover, "registered", lambda: prover.claims([claim]))
    (tmp_path / "_CoqProject").write_text("-Q . Boundcheck\nSmall.v\nPinned.v\n")
    (tmp_path / "Small.v").write_text(SMALL)
    (tmp_path / "Pinned.v").write_text(PINNED_SMALL)
    (tmp_path / "Statements.v").write_text(prover.statements())
    report = prover.prove(directory=tmp_path)
    assert report.others == 4
    said = dict(problem.partition(" is not what Pinned.v says: ")[::2] for problem in report.problems)
    assert {name for name, why in said.items() if why} == {
        "Small.triple",
        "Small.weakened",
        "Small.hypothetical",
        "Small.gone",
    }
    assert {name for name, why in said.items() if not why} == {
        "Small.unpinned: no file Pinned*.v holds its statement",
        "open: no proof",
    }
