"""Constructs of a user's own: a reader that has no rule for one says so by its name, and says nothing else."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from boundcheck import BoundcheckError, check_bound, falsify, scan
from boundcheck.adversary import compare, necessity, sharpness, tightest_collections
from boundcheck.adversary.serialized import as_python, write
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
    Combination,
    ForAll,
    Norm,
    Premise,
    Scalar,
    Vector,
    distance,
    equal_sizes,
    farthest,
    g,
    i,
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
