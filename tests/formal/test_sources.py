"""Coq files as text: what a scan of them finds, whatever it is dressed as."""

import pytest

from boundcheck.errors import InvalidValueError
from boundcheck.formal.sources import YOURS, Source, needed, sources, without_comments


def source(text, **options):
    return Source("A", text.encode().decode("latin-1"), **options)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Lemma a : False. Admitted.", "Admitted"),
        ("Axiom a : False.", "Axiom"),
        ("Admit\n  Obligations.", "Admit Obligations"),
        ("Declare Module M : T.", "Declare Module"),
        ("Unset  Guard (* and *) Checking.", "Unset Guard Checking"),
        ("#[bypass_check(guard)] Fixpoint f (n : nat) : False := f n.", "bypass_check"),
        ("Hypothesis a : False.", "Hypothesis"),
        ("Context (a : False).", "Context"),
        ("Section S. Variable x : nat. End S. Variables y : False.", "Variables"),
        ("Module M. Hypotheses a : False. End M.", "Hypotheses"),
    ],
)
def test_what_is_assumed_is_found(text, word):
    ((place, found),) = source(text).unproved()
    assert place == "A.v, line 1"
    assert found == f"{word} assumes what it should prove"


def test_premises_of_sections_are_none():
    assert list(source("Section S. Hypothesis a : False. Section T. Context (x : nat). End T. End S.").unproved()) == []


@pytest.mark.parametrize(
    "text",
    [
        'Load "others".',
        "Time Load Verbose others.",
        'Declare ML Module "m".',
        'Add ML Path "/m".',
        'Add Rec LoadPath "/m" as mathcomp.',
        'Add LoadPath "/m".',
        'Redirect "x" Print a.',
        'Extraction "x.vo" a.',
        'Cd "/".',
    ],
)
def test_what_reaches_outside_is_found(text):
    assert "reaches outside the file" in source(f"Lemma a : True.\n{text}").outside()
    assert source(f"(* {text} *)".replace('"', "")).outside() == ""


@pytest.mark.parametrize(
    ("text", "needs"),
    [
        ("From Boundcheck Require Import B C.", ("B", "C")),
        ("From Boundcheck Require Export B.\nFrom Boundcheck Require C.", ("B", "C")),
        ("Require Boundcheck.B.", ("B",)),
        ("Require Import Boundcheck.B Coq.Lists.List.", ("B",)),
        ("From Yours Require Import -(notations) B.", ("B",)),
        ("From mathcomp Require Import ssreflect.", ()),
        ("(* From Boundcheck Require Import B. *)", ()),
    ],
)
def test_what_a_file_needs(text, needs):
    assert source(text).needs == needs


def test_names_may_be_any_of_coq():
    found = source("#[local] Lemma é' : True.\nProof. exact I. Qed.\nLocal Theorem b : True. exact I. Qed.")
    assert list(found.theorems) == ["é'", "b"]
    assert found.named("Theorem") == ["b"]


def test_comments_nest_and_strings_hide_them():
    assert without_comments('a (* (* " *) " *) *) b "(*" c').split() == ["a", "b", "c"]


def test_files_of_a_folder_and_beside_it(tmp_path):
    (tmp_path / "_CoqProject").write_text("-Q . Boundcheck\nA.v\nB.v\nStatements.v\n")
    (tmp_path / "A.v").write_text("")
    (tmp_path / "B.v").write_text("From Boundcheck Require A.")
    (tmp_path / "C.v").write_text("From Boundcheck Require B.")
    found = sources(tmp_path, [tmp_path / "C.v"])
    assert [source.path for source in found.values()] == ["Boundcheck.A", "Boundcheck.B", f"{YOURS}.C"]
    assert list(needed(found, {"C"})) == ["A", "B", "C"]
    assert list(needed(found, {"A"})) == ["A"]
    with pytest.raises(InvalidValueError, match=r"files of different names, got two A\.v"):
        sources(tmp_path, [tmp_path / "A.v"])
