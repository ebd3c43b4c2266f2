"""Constructs of a user's own: a reader that has no rule for one says so by its name, and says nothing else."""

import importlib
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import settings

from boundcheck import BoundcheckError, check_bound, falsify, scan
from boundcheck.adversary import compare, necessity, sharpness, tightest_collections
from boundcheck.adversary.map_values import flat
from boundcheck.adversary.serialized import as_python, read, write
from boundcheck.adversary.strategies import triples as drawn
from boundcheck.data.labelled import LabelledPoints
from boundcheck.errors import TermError
from boundcheck.evaluate import plan
from boundcheck.formal import bound_latex, premise_latex
from boundcheck.formal.coq import coq_statement
from boundcheck.formal.witness import refutation
from boundcheck.language import (
    Add,
    Bound,
    Collection,
    Combination,
    EqualSizes,
    ForAll,
    Norm,
    Parameter,
    Premise,
    Scalar,
    Vector,
    distance,
    equal_sizes,
    farthest,
    g,
    i,
    j,
    k,
    largest,
    lipschitz,
    m,
    maximum,
    mean,
    norm,
    triplet,
    w,
    x,
    z,
)
from boundcheck.report.bounds import described
from boundcheck.scanning import check_triples
from boundcheck.scanning.sampled import scan_sample
from boundcheck.testing import given_collections

judge = importlib.import_module("boundcheck.evaluate.judge")
latex = importlib.import_module("boundcheck.language.latex")

RANDOM = np.random.default_rng(0)
POINTS, CLASSES, COLLECTIONS = RANDOM.normal(size=(24, 3)), np.repeat([0, 1], 12), np.repeat(np.arange(8), 3)
GROUPS = POINTS.reshape(8, 3, 3)


def labelled():
    return LabelledPoints.from_labels(POINTS, COLLECTIONS, CLASSES)


@dataclass(frozen=True)
class Centred(Premise):
    """Nobody knows what this is."""


@dataclass(frozen=True)
class Strictly(ForAll):
    """With < for ≤: what it is derived from says something else."""


@dataclass(frozen=True)
class Halved(Scalar):
    """Half of a term: nobody knows that."""

    body: Scalar

    @property
    def children(self):
        return (self.body,)


@dataclass(frozen=True)
class Closed(Scalar):
    """A term that shows nothing of what is in it."""


@dataclass(frozen=True)
class Squared(Norm):
    """The square of a norm: what it is derived from has another value."""


@dataclass(frozen=True)
class Added(Add):
    """Which is no sum of what it is made of."""


@dataclass(frozen=True)
class Turned(Vector):
    body: Vector

    @property
    def children(self):
        return (self.body,)


@dataclass(frozen=True)
class Weighed(Combination):
    """Of other coefficients than those that it shows."""


LEFT, RIGHT = norm(mean(x) - mean(z)), 2 * largest(m, farthest(x, w))
STRICT = Strictly("strict", lhs=distance(x[i], w[k]), rhs=5)
PREMISES = {
    "kind": (triplet(m), Centred("centred")),
    "kind alone": (Centred("centred"),),
    "derived": (triplet(m), STRICT),
    "derived with a parameter": (Strictly("strict", lhs=distance(x[i], w[k]), rhs=m),),
}
TERMS = {
    "scalar": Halved(LEFT),
    "scalar over indices": maximum((i, k), Halved(distance(x[i], w[k]))),
    "scalar of one collection": maximum(i, Halved(norm(x[i]))),
    "scalar of constants": Halved(m) + LEFT,
    "closed": Closed() + LEFT,
    "derived scalar": Squared(mean(x) - mean(z)),
    "derived distance": maximum((i, k), Squared(x[i] - w[k])),
    "vector": norm(Turned(mean(x)) - mean(z)),
    "derived vector": norm(Weighed((mean(x) - mean(z)).parts)),
    "derived difference": maximum((i, k), norm(Weighed((x[i] - w[k]).parts))),
}
BY_PREMISE = {name: Bound("own", lhs=LEFT, rhs=RIGHT, premises=premises) for name, premises in PREMISES.items()}
BY_TERM = {name: Bound("own", lhs=term, rhs=RIGHT, premises=[triplet(m)]) for name, term in TERMS.items()}
ON_THE_RIGHT = Bound("own", lhs=LEFT, rhs=m + TERMS["derived distance"], premises=[triplet(m)])
IN_A_PREMISE = replace(
    BY_PREMISE["kind"], premises=(triplet(m), ForAll("halved", lhs=Halved(distance(x[i], w[k])), rhs=10))
)


def through_the_plugin(bound):
    # Whether it is read, not whether it is true.
    @settings(max_examples=20)
    @given_collections(bound)
    def test(G1, G2, G3):
        check_bound(None, G1, G2, G3, bound=bound)

    test()


def chained(bound):
    link = Bound("link", lhs=bound.lhs, rhs=bound.rhs, premises=bound.premises)
    whole = Bound("whole", lhs=bound.lhs, rhs=bound.rhs, premises=bound.premises, chain=[link])
    check_bound(None, *GROUPS[:3], bound=whole)


def drawn_once(bound):
    drawn(bound=bound).example()


READERS = {
    "check": lambda bound: check_bound(None, *GROUPS[:3], bound=bound),
    "check of a chain": chained,
    "check with m": lambda bound: check_bound(None, *GROUPS[:3], bound=bound, m=9.0),
    "many triples": lambda bound: check_triples(bound, labelled(), np.array([[0, 1, 5], [2, 3, 6]])),
    "every triple": lambda bound: scan(POINTS, CLASSES, COLLECTIONS, [bound]),
    "every triple, verdicts only": lambda bound: scan(POINTS, CLASSES, COLLECTIONS, [bound], verdicts_only=True),
    "a sample": lambda bound: scan_sample(POINTS, CLASSES, COLLECTIONS, [bound], sample=8),
    "falsify": lambda bound: falsify(bound, seconds=0.2),
    "sharpness": lambda bound: sharpness(bound, seconds=0.2),
    "comparison": lambda bound: compare(bound, replace(bound, name="more", rhs=bound.rhs + 1), seconds=0.2),
    "tightest": lambda bound: tightest_collections(bound, labelled(), sizes=2, steps=2),
    "Coq": coq_statement,
    "Coq proof": lambda bound: refutation(bound, 2, {"x": [[0.0]], "z": [[9.0]], "w": [[0.0]]}, given={"m": 0.0}),
    "JSON": write,
    "Python": as_python,
}
OF_PREMISES = {
    "necessity": lambda bound: necessity(bound, seconds=0.2),
    "plan": plan,
    "plugin": through_the_plugin,
    "LaTeX": lambda bound: [premise_latex(premise) for premise in bound.premises],
    "page": described,
}
OF_TERMS = {"LaTeX": bound_latex, "page": described}


@pytest.mark.parametrize("reader", [*READERS, *OF_PREMISES])
@pytest.mark.parametrize("case", BY_PREMISE)
def test_a_premise_of_ones_own_is_refused_by_name(case, reader):
    bound = BY_PREMISE[case]
    with pytest.raises(TermError) as caught:
        (READERS | OF_PREMISES)[reader](bound)
    assert type(bound.premises[-1]).__name__ in str(caught.value)


def assert_refused(read, bound):
    own = {type(node).__name__ for term in bound.terms() for node in term.walk()}
    with pytest.raises(TermError) as caught:
        read(bound)
    assert any(name in str(caught.value) for name in own & {"Halved", "Closed", "Squared", "Turned", "Weighed"})


# What a comparison reads is the right sides.
@pytest.mark.parametrize("reader", [reader for reader in (*READERS, *OF_TERMS) if reader != "comparison"])
@pytest.mark.parametrize("case", BY_TERM)
def test_a_term_of_ones_own_is_refused_by_name(case, reader):
    assert_refused((READERS | OF_TERMS)[reader], BY_TERM[case])


@pytest.mark.parametrize("reader", READERS)
def test_so_it_is_wherever_it_stands(reader):
    assert_refused(READERS[reader], ON_THE_RIGHT)
    assert_refused(READERS[reader], IN_A_PREMISE)


def test_a_term_of_ones_own_can_be_told_from_what_it_is_derived_from():
    assert str(TERMS["derived scalar"]) == "Squared(mean_i x_i − mean_j z_j)"
    assert str(TERMS["scalar of constants"]) == "Halved(m) + ‖mean_i x_i − mean_j z_j‖"
    assert len((Added((m, m)) + 1).terms) == 2


ASSUMED = Bound("assumed", lhs=LEFT, rhs=RIGHT, premises=[triplet(m), lipschitz(1, of=g)])


@pytest.mark.parametrize("reader", ["many triples", "every triple", "every triple, verdicts only", "a sample"])
def test_no_scan_says_holds_of_a_bound_whose_map_it_does_not_have(reader):
    with pytest.raises(BoundcheckError, match="g") as caught:
        READERS[reader](ASSUMED)
    assert "Lipschitz" in str(caught.value) or "function" in str(caught.value)


def test_premises_of_known_kinds_are_not_refused():
    bound = Bound(
        "own", lhs=LEFT, rhs=RIGHT, premises=[equal_sizes, triplet(m), ForAll("near", lhs=distance(x[i], w[k]), rhs=99)]
    )
    assert scan(POINTS, CLASSES, COLLECTIONS, [bound]).verdict.value == "holds"
    assert check_bound(None, *GROUPS[:3], bound=bound).verdict.value == "holds"


# ------------------------------------------------------------------------------------- premises expressed by others


@dataclass(frozen=True)
class Close(Premise):
    """d(x_i, z_j) ≤ r for all i, j: one class says all of it."""

    radius: Scalar = field(kw_only=True)

    def expressed(self):
        return (ForAll(self.name, lhs=distance(x[i], z[j]), rhs=self.radius, hint="r is the largest distance"),)


@dataclass(frozen=True)
class Apart(Premise):
    """d(x_i, w_k) ≥ δ for all i, k: no parameter's least value follows."""

    gap: Fraction = field(kw_only=True)

    def expressed(self):
        return (ForAll(self.name, lhs=self.gap - distance(x[i], w[k]), rhs=0),)

    def __str__(self):
        return f"{self.name}: x and w are {self.gap} apart"


@dataclass(frozen=True)
class Matched(Premise):
    """As many z as x, each within r of each; by another kind of the same user's."""

    radius: Scalar = field(kw_only=True)

    def expressed(self):
        return (EqualSizes("as many", (x, z)), Close(self.name, radius=self.radius))


@dataclass(frozen=True)
class Nothing(Premise):
    """Says nothing: expressed by no premises at all."""

    def expressed(self):
        return ()


r = Parameter("r")
APART = norm(mean(x) - mean(z))
EXPRESSED = {
    "with a parameter": Bound("own", lhs=APART, rhs=r + m, premises=[triplet(m), Close("close", radius=r)]),
    "without one": Bound(
        "own", lhs=APART, rhs=m + farthest(x, w), premises=[triplet(m), Apart("apart", gap=Fraction(1, 8))]
    ),
    "by several": Bound("own", lhs=APART, rhs=r, premises=[Matched("matched", radius=r)]),
    "by none": Bound("own", lhs=APART, rhs=m + farthest(x, w), premises=[triplet(m), Nothing("nothing")]),
}


def told(report):
    premises = [
        (one.verdict, one.derived, one.lhs, one.rhs, one.witness) for one in report.premises if one.lhs is not None
    ]
    return report.verdict, report.lhs, report.rhs, report.slack, report.parameters, report.notes, premises


def links(bound):
    link = Bound("link", lhs=bound.lhs, rhs=bound.rhs, premises=bound.premises)
    whole = Bound("whole", lhs=bound.lhs, rhs=bound.rhs, premises=bound.premises, chain=[link])
    return [(link.verdict, link.slack) for link in check_bound(None, *GROUPS[:3], bound=whole).chain]


def given(bound):
    return dict.fromkeys(bound.parameters(), 1.0)


SAME = {
    "check": lambda bound: told(check_bound(None, *GROUPS[:3], bound=bound)),
    "check of a chain": links,
    "many triples": lambda bound: check_triples(
        bound, labelled(), np.array([[0, 1, 5], [2, 3, 6]]), parameters=given(bound)
    ).summary(),
    "every triple": lambda bound: scan(POINTS, CLASSES, COLLECTIONS, [bound]).to_dict()["bounds"],
    "verdicts only": lambda bound: scan(
        POINTS, CLASSES, COLLECTIONS, [bound], parameters=given(bound), verdicts_only=True
    ).to_dict()["bounds"],
    "a sample": lambda bound: scan_sample(POINTS, CLASSES, COLLECTIONS, [bound], sample=8).to_dict()["bounds"],
    "plan": lambda bound: plan(bound).steps,
    "Coq": lambda bound: (str(coq_statement(bound)), coq_statement(bound).introductions),
    "JSON": write,
    "Python": as_python,
    "text": lambda bound: bound.terms(),
    "sizes": lambda bound: (bound.equal_sizes, bound.maps(), bound.parameters(), bound.quantified),
    "map values": lambda bound: flat(bound).bound.quantified,
}


@pytest.mark.parametrize("reader", SAME)
@pytest.mark.parametrize("case", EXPRESSED)
def test_a_premise_is_read_as_what_it_is_expressed_by(case, reader):
    own = EXPRESSED[case]
    plain = replace(own, premises=own.spelled_out)
    assert {type(premise) for premise in plain.premises} <= {ForAll, EqualSizes}
    assert str(SAME[reader](own)) == str(SAME[reader](plain))


@pytest.mark.parametrize("case", EXPRESSED)
def test_it_is_reported_by_its_own_name_and_in_its_own_words(case):
    bound = EXPRESSED[case]
    report = check_bound(None, *GROUPS[:3], bound=bound)
    assert [one.name for one in report.premises] == [one.name for one in bound.premises]
    assert [one.statement for one in report.premises] == [str(one) for one in bound.premises]
    assert str(EXPRESSED["without one"].premises[1]) == "apart: x and w are 1/8 apart"
    assert str(EXPRESSED["by several"].premises[0]) == "n = p and ‖x_i − z_j‖ ≤ r for all i, j"
    through_the_plugin(bound)
    assert described(bound)


def test_where_it_fails_the_bound_is_vacuous_and_the_report_says_why():
    near = EXPRESSED["by several"]
    report = check_bound(None, [[0.0], [2.0]], [[1.0], [5.0]], [[0.0]], bound=replace(near, rhs=1, premises=[CLOSE]))
    assert report.verdict.value == "vacuous"
    (premise,) = report.premises
    assert (premise.verdict.value, float(premise.lhs), float(premise.rhs)) == ("fails", 5.0, 1.0)
    assert premise.witness.positions == {"G1": 0, "G2": 1}
    with pytest.raises(BoundcheckError, match="objects like G1"):
        check_bound(None, [[0.0], [2.0]], [[1.0]], [[0.0]], bound=near)
    assert check_bound(None, [[0.0], [2.0]], [[1.0]], [[0.0]], bound=near, equal_sizes=False).verdict.value == "holds"


CLOSE = Matched("matched", radius=Fraction(1))
TRUE, FALSE = (Bound("own", lhs=APART, rhs=rhs, premises=[CLOSE]) for rhs in (1, Fraction(1, 2)))


def test_the_adversary_keeps_to_it():
    found = falsify(FALSE, seconds=20, norms=[2])
    assert type(found).__name__ == "Refuted"
    assert all(abs(a[0] - b[0]) <= 1 for a in found.points["x"] for b in found.points["z"])
    assert "premise" in str(refutation(FALSE, 2, {"x": [[0]], "z": [[1]], "w": [[0]]}))
    assert type(falsify(TRUE, seconds=0.5)).__name__ == "Survived"
    # Its constants are what the bound is sharp with.
    assert sharpness(TRUE, seconds=0.5)
    assert compare(TRUE, replace(TRUE, name="more", rhs=2), seconds=0.5)


def test_necessity_drops_it_as_a_whole():
    needs = necessity(TRUE, seconds=5, norms=[2]).needs
    assert [need.taken for need in needs] == ["matched, dropped"]
    assert needs[0].answer == "needed"
    averaged = necessity(EXPRESSED["with a parameter"], seconds=0.2).needs
    assert "close, on average over j" in [need.taken for need in averaged]


def test_what_is_written_of_it_is_read_back_as_what_it_is_expressed_by():
    assert read(write(TRUE)) == replace(TRUE, premises=TRUE.spelled_out)
    assert read(write(TRUE.premises[0])) == TRUE.spelled_out
    assert premise_latex(CLOSE) == r"n = p \quad \text{and} \quad " + premise_latex(TRUE.spelled_out[1])
    assert hash(TRUE) == hash(replace(TRUE))


@dataclass(frozen=True)
class Shrinking(Premise):
    """Of a map: no two values of g are farther apart than their points."""

    def expressed(self):
        return (lipschitz(1, of=g),)


def test_what_is_assumed_of_a_map_is_expressed_as_well():
    bound = Bound(
        "own", lhs=norm(g(mean(x)) - g(mean(z))), rhs=norm(mean(x) - mean(z)), premises=[Shrinking("shrinking")]
    )
    report = check_bound(None, *GROUPS[:3], bound=bound, head=lambda points: points / 2)
    assert report.verdict.value == "holds"
    assert report.premises[0].verdict.value == "assumed"
    assert "assumed" in report.notes[0]
    report = check_bound(None, *GROUPS[:3], bound=bound, head=lambda points: points * 2)
    assert (report.verdict.value, report.premises[0].verdict.value) == ("vacuous", "fails")
    assert report.premises[0].witness
    with pytest.raises(BoundcheckError, match="Lipschitz"):
        scan(POINTS, CLASSES, COLLECTIONS, [bound])
    assert str(coq_statement(bound)) == str(coq_statement(replace(bound, premises=bound.spelled_out)))
    assert flat(bound).pairs == flat(replace(bound, premises=bound.spelled_out)).pairs


@dataclass(frozen=True)
class Circular(Premise):
    def expressed(self):
        return (Circular(self.name),)


@dataclass(frozen=True)
class Listed(Premise):
    def expressed(self):
        return [triplet(m)]


@dataclass(frozen=True)
class OfAStranger(Premise):
    def expressed(self):
        return (Centred(self.name),)


def test_an_expression_is_a_tuple_of_other_premises():
    with pytest.raises(TermError, match="one by itself"):
        Bound("own", lhs=LEFT, rhs=RIGHT, premises=[Circular("circular")])
    with pytest.raises(BoundcheckError, match="a tuple of premises"):
        Bound("own", lhs=LEFT, rhs=RIGHT, premises=[Listed("listed")])


def test_one_expressed_by_a_kind_without_rules_is_refused_by_that_name():
    bound = Bound("own", lhs=LEFT, rhs=RIGHT, premises=[triplet(m), OfAStranger("stranger")])
    for reader in ("check", "every triple", "Coq", "JSON"):
        with pytest.raises(TermError, match=r"Centred.*expressed"):
            READERS[reader](bound)


def test_a_bound_over_unknown_collections_is_seen_through_an_expression():
    other = Collection("v", "G4", "l", "s")

    @dataclass(frozen=True)
    class Elsewhere(Premise):
        def expressed(self):
            return (ForAll(self.name, lhs=norm(other[other.each]), rhs=1),)

    with pytest.raises(TermError, match="unknown collection v"):
        Bound("own", lhs=LEFT, rhs=RIGHT, premises=[Elsewhere("elsewhere")])


def test_a_rule_of_its_own_goes_before_its_expression(monkeypatch):
    monkeypatch.setitem(latex.PREMISES.rules, Close, lambda premise: "close")
    assert premise_latex(CLOSE) == r"n = p \quad \text{and} \quad close"
    bound = replace(TRUE, premises=[JudgedItself("judged")])
    monkeypatch.setitem(
        judge.JUDGED.rules,
        JudgedItself,
        lambda premise, *rest: judge.JUDGED.rules[ForAll](premise.expressed()[0], *rest),
    )
    (premise,) = check_bound(None, [[0.0]], [[1.0]], [[0.0]], bound=bound).premises
    assert (premise.name, premise.verdict.value, float(premise.lhs)) == ("judged", "holds", 1.0)


@dataclass(frozen=True)
class JudgedItself(Premise):
    def expressed(self):
        return (ForAll("within", lhs=distance(x[i], z[j]), rhs=1),)
