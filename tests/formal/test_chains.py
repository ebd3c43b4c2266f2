"""The search for proofs: what it finds and Coq accepts, that it finds nothing for what is false, and what it may write over."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from boundcheck import check_bound
from boundcheck.cli import cli
from boundcheck.errors import InvalidValueError
from boundcheck.formal.chains import rules
from boundcheck.formal.chains.normal import Normal
from boundcheck.formal.chains.search import search
from boundcheck.formal.chains.searched import found_beside, search_proof
from boundcheck.formal.coq import coq_name
from boundcheck.language import (
    Bound,
    Relation,
    Size,
    Space,
    distance,
    farthest,
    i,
    j,
    k,
    largest,
    m,
    mean,
    minimum,
    norm,
    total,
    triplet,
    w,
    x,
    z,
)
from boundcheck.theorems import every
from boundcheck.theorems.false import FALSE
from boundcheck.theorems.published import PUBLISHED

TRUE = {**every(), **{name: one.bound for name, one in PUBLISHED.items() if one.counterexample is None}}

# What a chain is found for, by name.
CHAINS = (
    "karimov",
    "karimov-any-sizes",
    "chamfer",
    "hull",
    "hausdorff",
    "farthest",
    "spread",
    "lipschitz-head",
    "sum",
    "elkan",
    "pivots",
    "pivots-above",
    "medoid",
    "medoid-median",
    "covering-ball",
    "symmetric-distance",
    "asymmetric-distance",
    "transport",
    "chamfer-below-transport",
    "relaxed-transport",
    "domain-adaptation",
    "sum-transport",
    "encoded-mean",
    "deep-sets",
    "centroid-identity",
    "huygens",
    "first-seed",
    "parallelogram",
    "prototype-margin",
    "variance",
    "two-sided",
    "two-sided-below-variance",
    "separation",
    "group",
    "medoid-squared",
    "mean-minimises-squares",
    "distance-distortion",
    "variance-below-chamfer",
    "average-linkage",
    "karimov-2-triangle",
    "karimov-3-triplets",
)

FALSE_ONES = [one.bound for one in FALSE] + [one.bound for one in PUBLISHED.values() if one.counterexample is not None]

STEPS = Bound("two-steps", norm(mean(x) - mean(z)) <= farthest(x, w) + farthest(z, w))


@pytest.mark.parametrize("name", CHAINS)
def test_a_chain_is_found(name: str) -> None:
    searched = search(TRUE[name])
    assert searched.proof
    assert searched.left is None


@pytest.mark.parametrize("bound", FALSE_ONES, ids=lambda bound: bound.name)
def test_no_chain_is_found_for_what_is_false(bound: Bound) -> None:
    assert not search(bound, seconds=20).proof


@pytest.mark.parametrize("name", CHAINS)
def test_no_chain_is_found_with_a_right_side_that_is_lowered_by_a_hundredth(name: str) -> None:
    bound = TRUE[name]
    if bound.relation is Relation.EQUAL:
        bound = replace(bound, relation=Relation.AT_MOST, chain=())
    lowered = replace(bound, name="lowered", rhs=Fraction(99, 100) * bound.rhs, chain=(), proof=None, sharpness="")
    searched = search(lowered, seconds=20)
    assert not searched.proof
    assert searched.left is not None or searched.reason


@pytest.mark.coq
def test_the_links_of_a_found_chain_are_measured(tmp_path: Path) -> None:
    found = search_proof(STEPS, file=tmp_path / "Mine.v")
    report = check_bound(None, [[0.0], [1.0]], [[2.0], [4.0]], [[7.0], [5.0]], bound=found.bound)
    assert report.verdict == "holds"
    assert len(found.bound.chain) == found.length == len(report.chain)
    slack = sum(float(link.rhs) - float(link.lhs) for link in report.chain)
    assert slack == pytest.approx(float(report.rhs) - float(report.lhs))
    assert slack > 1


def test_the_links_of_a_chain_join() -> None:
    (chain,) = search(TRUE["chamfer"]).proof
    here = chain.goal.lhs
    for link in chain.links:
        assert link.before == here
        assert link.after - link.before == link.fact.gap * link.factor
        here = link.after
    assert here == chain.goal.rhs


def test_equal_terms_have_one_normal_form() -> None:
    bound = Bound("equal", norm(mean(x) - mean(z)) >= 0, premises=TRUE["sum"].premises[:1])
    normal = Normal(bound)
    pairs = (
        (mean(i, mean(k, m + distance(x[i], w[k]))), m + mean(k, mean(i, distance(w[k], x[i])))),
        (minimum(k, distance(x[i], w[k]) + m), m + minimum(k, distance(w[k], x[i]))),
        (norm(total(x) - total(z)) / Size(x), norm(mean(z) - mean(x))),
        (
            mean(i, (distance(x[i], z[j]) - m) ** 2),
            mean(i, distance(x[i], z[j]) ** 2) + m**2 - 2 * m * mean(i, distance(x[i], z[j])),
        ),
    )
    for one, other in pairs:
        assert normal.of(one) == normal.of(other)
    assert normal.of(mean(i, distance(x[i], z[j]) ** 2)) != normal.of(mean(i, distance(x[i], z[j])) ** 2)


def test_the_page_lists_every_rule() -> None:
    page = (Path(__file__).parents[2] / "docs" / "proof-search.rst").read_text(encoding="utf-8")
    proofs = Path(__file__).parents[2] / "proofs"
    for rule in rules.RULES.values():
        assert f"{rule.says}  " in page
        assert f"``{rule.lemma}``" in page
        for lemma in rule.lemma.split(", "):
            file, name = lemma.split(".")
            text = (proofs / f"{file}.v").read_text(encoding="utf-8")
            assert f"Lemma {name} " in text or f"Theorem {name} " in text


@pytest.mark.coq
@pytest.mark.parametrize(
    "name", ["karimov", "hull", "medoid", "pivots", "deep-sets", "distance-distortion", "two-sided", "huygens"]
)
def test_coq_accepts_what_is_found(name: str, tmp_path: Path) -> None:
    bound = TRUE[name]
    found = search_proof(bound, file=tmp_path / "Mine.v")
    where = "Euclidean" if bound.space is Space.EUCLIDEAN else "any norm"
    assert found.status == f"proved (all sizes, {where})"
    assert not found.message
    assert found.bound.proof == f"Mine.{coq_name(bound.name)}"
    assert found.length == sum(step.relation == "≤" for step in found.steps) > 0


@pytest.mark.coq
def test_a_wrong_rule_is_no_proof(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def halved(sight: rules.Sight, lhs: object, rhs: object, rule: rules.Rule, **more: object) -> rules.Fact:
        return right(sight, lhs, rhs / 2 if rule is rules.NORM_OF_MEANS else rhs, rule, **more)

    right = rules.made
    monkeypatch.setattr(rules, "made", halved)
    bound = Bound("halved", norm(mean(x) - mean(z)) <= mean((i, j), distance(x[i], z[j])) / 2)
    found = search_proof(bound, file=tmp_path / "Halved.v")
    assert found.steps
    assert found.status == "rejected by Coq"
    assert found.message
    assert not found.proved
    assert found.file is None
    assert not (tmp_path / "Halved.v").exists()


def test_a_file_that_the_search_did_not_write_stays(tmp_path: Path) -> None:
    path = tmp_path / "Two_steps.v"
    path.write_text("(* mine *)\n", encoding="utf-8")
    with pytest.raises(InvalidValueError, match="file: expected one that is new, or that the search wrote"):
        search_proof(STEPS, file=path)
    assert path.read_text(encoding="utf-8") == "(* mine *)\n"
    assert found_beside(STEPS, tmp_path / "mine.py") == STEPS


STATED = """\
from boundcheck import *
from boundcheck.language import *

conjecture = Bound("two-steps", norm(mean(x) - mean(z)) <= farthest(x, w) + farthest(z, w))
false = Bound("one-step", norm(mean(x) - mean(z)) <= farthest(x, w))
beyond = Bound("beyond", lhs=norm(mean(x)) ** 4, rhs=mean(i, norm(x[i]) ** 4))
"""


@pytest.mark.coq
def test_the_command_writes_a_proof_that_prove_checks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(STATED, encoding="utf-8")
    assert cli(["prove", "--search", f"{mine}:conjecture", "--seconds", "5", "--json"], standalone_mode=False) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["status"] == "proved (all sizes, any norm)"
    assert said["file"] == str(tmp_path / "Two_steps.v")
    assert [step.get("rule") for step in said["chain"]][:2] == [None, rules.NORM_OF_MEANS.says]
    assert cli(["prove", "--strict", f"{mine}:conjecture", "--json"], standalone_mode=False) == 0
    (proof,) = json.loads(capsys.readouterr().out)["theorems"]
    assert proof["status"] == "proved"
    assert proof["theorem"] == "Two_steps.two_steps"


def test_the_command_says_what_is_false_and_what_is_not_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(STATED, encoding="utf-8")
    assert cli(["prove", "--search", f"{mine}:false", "--seconds", "20"], standalone_mode=False) == 1
    assert "refuted" in capsys.readouterr().out
    assert cli(["prove", "--search", f"{mine}:beyond", "--seconds", "5"], standalone_mode=False) == 3
    assert "left to show: ‖mean_i x_i‖^4 ≤ mean_i ‖x_i‖^4" in capsys.readouterr().out
    assert not list(tmp_path.glob("*.v"))


def test_what_has_no_rules_is_named() -> None:
    searched = search(TRUE["coordinate-max-euclidean"])
    assert not searched.proof
    assert "rules" in searched.reason
    strict = Bound("strict", lhs=m, rhs=largest(m, 1), relation=Relation.LESS)
    assert search(strict).reason


def test_the_search_is_deterministic() -> None:
    one, other = (search(TRUE["hausdorff"], seconds=60) for _ in range(2))
    assert one.proof == other.proof
    assert triplet(m) in {link.fact.premise for link in one.proof[0].links}


def test_the_results_are_of_the_statements_as_they_are() -> None:
    path = Path(__file__).parents[2] / "benchmarks" / "results" / "proof-search" / "proof-search.json"
    report = json.loads(path.read_text(encoding="utf-8"))
    rows = {row["name"]: row for row in report["rows"]}
    assert rows.keys() == TRUE.keys()
    assert all(rows[name]["statement"] == str(bound) for name, bound in TRUE.items())
    assert report["chains of what is false"] == 0
    assert {name for name, row in rows.items() if row["status"].startswith("proved")} >= set(CHAINS)
