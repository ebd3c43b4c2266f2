"""The table of constructs × readers: each reader has a rule for every kind it is over, or says why not."""

import importlib
import pkgutil
import sys
from pathlib import Path

import pytest

import boundcheck
from boundcheck import language
from boundcheck.language import FUNCTIONS, READERS, Premise, Scalar, Term, Vector
from boundcheck.language.rules import Rules, constructs

FOLDER = Path(boundcheck.__file__).parent
# Whatever has a table: importing it adds that to the readers.
MODULES = [
    module.name
    for module in pkgutil.walk_packages([str(FOLDER)], "boundcheck.")
    if not module.ispkg and "] = Rules(" in (FOLDER.parent / f"{module.name.replace('.', '/')}.py").read_text()
]
for name in MODULES:
    importlib.import_module(name)
SHIPPED = dict(READERS)


def test_the_readers_are_these():
    assert set(SHIPPED) == {
        "the text printer",
        "the LaTeX printer",
        "the LaTeX printer of premises",
        "the printer for Coq",
        "the printer for Coq of terms",
        "the proof of a counterexample",
        "the calculator of proofs, of scalars",
        "the calculator of proofs, of vectors",
        "the numeric reader",
        "the exact reader",
        "the judge of premises",
        "the report of a check",
        "the planner of premises",
        "a scan of every triple",
        "the adversary",
        "the strategies",
        "the search for what a bound needs",
        "a bound as JSON or Python",
    }
    assert len(MODULES) >= 14


def test_the_constructs_are_these():
    assert len(constructs(Scalar)) == 25
    assert len(constructs(Vector)) == 9
    assert len(constructs(Term)) == 34
    assert len(constructs(Premise)) == 4
    assert len(constructs(object)) == 38


@pytest.mark.parametrize("reader", SHIPPED)
def test_every_construct_has_a_rule_or_a_reason(reader):
    rules = SHIPPED[reader]
    # Other tests may have added kinds of their own.
    told = [kind for kind in (*rules.rules, *rules.refused) if kind.__module__.startswith("boundcheck.")]
    # A premise that says which others mean the same is read as those.
    told += [kind for kind in constructs(rules.over) if kind not in told and is_expressed(kind)]
    assert sorted(told, key=str) == sorted(constructs(rules.over), key=str)


def is_expressed(kind):
    return issubclass(kind, Premise) and kind.expressed is not Premise.expressed


def test_what_is_expressed_by_others_is_told_of_the_readers_that_read_those():
    sys.path.insert(0, str(FOLDER.parent / "docs"))
    import readers

    assert [kind.__name__ for kind in constructs(Premise) if is_expressed(kind)] == ["Below"]
    rows = dict(row.split("\n     - ", 1) for row in readers.table(Premise).split("\n   * - ")[2:])
    assert rows["the judge of premises"].startswith(
        "``EqualSizes``, ``ForAll``, ``Lipschitz``, and what expresses ``Below``"
    )
    assert rows["the LaTeX printer of premises"].startswith("all")


@pytest.mark.parametrize("reader", SHIPPED)
def test_a_reason_is_in_words(reader):
    assert all(isinstance(reason, str) and reason for reason in SHIPPED[reader].refused.values())


@pytest.mark.parametrize("missing", ["rule", "reason", "extra"])
def test_a_table_that_is_not_complete_is_seen(missing, monkeypatch):
    kinds = [kind for kind in constructs(Premise) if not is_expressed(kind)]
    rules = dict.fromkeys(kinds[:-1], "rule") | ({} if missing == "rule" else {kinds[-1]: "rule"})
    if missing == "reason":
        del rules[kinds[0]]
    # One that is denied, and has a rule all the same.
    refused = {kinds[-1]: "a reason"} if missing == "extra" else {}
    monkeypatch.setitem(SHIPPED, "one", None)
    monkeypatch.setitem(READERS, "one", None)
    SHIPPED["one"] = Rules("one", Premise, rules, refused=refused)
    with pytest.raises(AssertionError):
        test_every_construct_has_a_rule_or_a_reason("one")


def test_every_function_has_a_row_with_what_it_declares():
    sys.path.insert(0, str(FOLDER.parent / "docs"))
    import readers

    rows = readers.functions().split("   * - ")[1:]
    assert [row.split("\n")[0] for row in rows] == ["function", *FUNCTIONS]
    assert len({row.count(" - ") for row in rows}) == 1
    for name, function in FUNCTIONS.items():
        # Whatever a reader needs of it is there, or the reason is.
        assert function.ball is not None
        assert (function.monotone, function.lipschitz) != (None, None)
        assert function.coq is None or function.coq.count("{}") == 1
        assert getattr(language, {"abs": "absolute"}.get(name, name))(0).function is function
