"""The meaning of what the Coq printer prints: its terms, evaluated by Coq over the rationals, against the numeric reader.

Small integer points make every value a rational of small denominator, so the number that the numeric reader rounds is
known exactly, and Coq has to compute the same one from the printed text.

Where a statement has roots, which rationals lack, the points are multiples of (1, 1, 1, 1): distances of four equal
coordinates are whole, as is √4, and Coq computes with a root of its own that is right for squares and 0 for all else.
The distance of hulls is a greatest value over all directions, so the printed gap is compared in one, with sums in Python.
"""

import math
import random
import subprocess
from dataclasses import replace
from fractions import Fraction

import pytest
import torch

from boundcheck import theorems
from boundcheck.evaluate.readers.numeric import Mapped, NumericReader
from boundcheck.formal.coq import coq_statement
from boundcheck.language import (
    Bound,
    Collection,
    Constant,
    Dimension,
    EqualSizes,
    HullDistance,
    Space,
    Transport,
    distance,
    g,
    mean,
)

INFINITY = float("inf")
DIMENSION, DIMENSION_OF_ROOTS = 2, 4
# A map of the plane and its printed twin.
MATRIX = [[2, -1], [1, 3]]
# Of length 1.
DIRECTION = (Fraction(3, 5), Fraction(-4, 5))

# The plane, as pairs, in whose norms Coq can compute; where the statements ask for coordinates, rows.
HEAD = """\
From mathcomp Require Import all_ssreflect all_algebra.
Set Implicit Arguments.
Unset Strict Implicit.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Definition plane := [lmodType rat of (rat^o * rat^o)%type].
Definition sum_norm (v : plane) : rat := `|v.1 : rat| + `|v.2 : rat|.
Definition sup_norm (v : plane) : rat := Num.max `|v.1 : rat| `|v.2 : rat|.

Definition linear_map (v : plane) : plane := (2%:R * v.1 - v.2, v.1 + 3%:R * v.2) : plane.
Definition product (u v : plane) : rat := (u.1 : rat) * v.1 + (u.2 : rat) * v.2.

Definition whole_root (n : nat) := let r := find (fun k => k * k == n)%N (iota 0 n.+1) in if (r * r == n)%N then r else 0%N.
Definition root (q : rat) : rat := (whole_root `|numq q|%N)%:R / (whole_root `|denq q|%N)%:R.

Definition rows d (data : seq (seq rat)) n (i : 'I_n) : 'rV[rat]_d := \\row_l nth 0 (nth [::] data i) l.

Lemma rowsE d data n (i : 'I_n) l : @rows d data n i 0 l = nth 0 (nth [::] data i) l.
Proof. by rewrite mxE. Qed.

Lemma map_rowsE d data n (s : seq 'I_n) l :
  map (fun i : 'I_n => @rows d data n i 0 l) s = map (fun i : 'I_n => nth 0 (nth [::] data i) l) s.
Proof. by apply: eq_map => i; rewrite rowsE. Qed.

"""

# Sums and extrema over a known number of terms are written out; then Coq computes. Nothing needs the proof afterwards,
# and to check it again at Qed would take as long.
PROOF = """\
Proof.
cbv zeta; rewrite ?big_ord_recl ?big_ord0 ?map_rowsE ?rowsE ?enum_ordSl ?enum_ord0.
by vm_compute.
Abort.

"""


def rational(value: Fraction | int) -> str:
    size = f"({abs(value.numerator)}%:R / {value.denominator}%:R)"
    return f"(- {size})" if value < 0 else size


def family(values: list[str], kind: str) -> str:
    return f"(fun i : 'I_{len(values)} => nth (0 : {kind}) [:: {'; '.join(values)}] i)"


class Instance:
    """Random collections for a bound, their values in Python, and the same data as Coq definitions."""

    def __init__(self, bound: Bound, p: float, seed: int):
        draw = random.Random(seed)
        self.bound, self.p = bound, p
        statement = coq_statement(bound)
        sizes = self.drawn_sizes(draw)
        # Coq writes out every sum over a sum: of 12 combinations one statement takes as long as all others together.
        while math.prod(sizes.values()) > 8:
            sizes = self.drawn_sizes(draw)
        self.roots = bound.space is Space.EUCLIDEAN and not isinstance(bound.lhs, HullDistance)
        self.points = {
            collection: [
                [draw.randint(-3, 3)] * DIMENSION_OF_ROOTS
                if self.roots
                else [draw.randint(-3, 3) for _ in range(DIMENSION)]
                for _ in range(size)
            ]
            for collection, size in sizes.items()
        }
        self.parameters = {parameter: draw.choice((-2, -1, 1, 2, 3)) for parameter in bound.parameters()}
        weights = {node.weights for term in bound.terms() for node in term.walk() if getattr(node, "weights", None)}
        self.weights = {each: [draw.randint(1, 3) for _ in range(sizes[each.collection])] for each in weights}
        self.statement = statement

    def drawn_sizes(self, draw: random.Random) -> dict[Collection, int]:
        sizes = {collection: draw.choice((1, 2, 2, 3)) for collection in self.bound.collections}
        for premise in self.bound.premises:
            if isinstance(premise, EqualSizes):
                sizes |= dict.fromkeys(premise.over, sizes[premise.over[0]])
        return sizes

    def reader(self) -> NumericReader:
        def batch(values):
            return torch.tensor([values], dtype=torch.float64)

        reader = NumericReader(
            {collection: batch(points) for collection, points in self.points.items()},
            self.p,
            weights={weights: batch(values) for weights, values in self.weights.items()},
            maps={g: Mapped(lambda rows: rows @ torch.tensor(MATRIX, dtype=torch.float64).T)},
        )
        for parameter, value in self.parameters.items():
            reader.bind_exact(parameter, torch.tensor([float(value)], dtype=torch.float64))
        return reader

    def value(self, term) -> Fraction:
        value = float(self.reader().scalar(term).value)
        exact = Fraction(value).limit_denominator(2000)
        assert abs(exact - Fraction(value)) < Fraction(1, 10**12), f"{term} is no small rational: {value}"
        return exact

    def definitions(self) -> str:
        """Return what the printed text speaks of, for these collections."""
        norm = "sum_norm" if self.p == 1 else "sup_norm"
        dimension = DIMENSION_OF_ROOTS if self.roots else DIMENSION
        named = {"N": norm, "N'": norm, "g": "linear_map", "d": f"{dimension - 1}%N"}
        if isinstance(self.bound.lhs, HullDistance):
            named = {"ip": "product", "u": f"({', '.join(map(rational, DIRECTION))}) : plane"}
        for collection, points in self.points.items():
            named[collection.size] = f"{len(points) - 1}%N"
            if self.bound.space is Space.ANY_NORM or isinstance(self.bound.lhs, HullDistance):
                pairs = [f"({', '.join(map(rational, point))}) : plane" for point in points]
                named[collection.symbol] = family(pairs, "plane")
            else:
                rows = "; ".join(f"[:: {'; '.join(map(rational, point))}]" for point in points)
                named[collection.symbol] = f"@rows {dimension} [:: {rows}] {len(points)}"
        for weights, values in self.weights.items():
            named[weights.symbol] = family(list(map(rational, values)), "rat")
        for parameter, value in self.parameters.items():
            named[parameter.symbol.replace("′", "'")] = f"({rational(value)} : rat)"
        if isinstance(self.bound.rhs, Transport):
            pairs = len(self.points[self.bound.rhs.a]) * len(self.points[self.bound.rhs.b])
            over = "(_ : 'I_{}) (_ : 'I_{})".format(
                *(len(self.points[each]) for each in (self.bound.rhs.a, self.bound.rhs.b))
            )
            named["P"] = f"(fun {over} => {rational(Fraction(1, pairs))} : rat)"
        return "".join(f"let {name} := {value} in\n" for name, value in named.items())

    def goals(self) -> dict[str, str]:
        """Return a goal for each printed side: that its value is the numeric reader's."""
        lhs, rhs = self.bound.lhs, self.bound.rhs
        if isinstance(lhs, HullDistance):
            return self._goal({self.statement.lhs: self.gap(lhs)})
        if isinstance(rhs, Transport):
            # The cost of the coupling P that pairs every point with every other.
            a, b = rhs.a, rhs.b
            rhs = mean((a.each, b.each), distance(a[a.each], b[b.each]))
        return self._goal({self.statement.lhs: self.value(lhs), self.statement.rhs: self.value(rhs)})

    def gap(self, hulls: HullDistance) -> Fraction:
        """Return how far the hulls are apart along one direction; below 0 where they overlap there."""
        along = [
            [sum((Fraction(u) * c for u, c in zip(DIRECTION, point, strict=True)), Fraction(0)) for point in points]
            for points in (self.points[hulls.a], self.points[hulls.b])
        ]
        return min(along[0]) - max(along[1])

    def _goal(self, sides: dict[str, Fraction]) -> dict[str, str]:
        found = {}
        for text, value in sides.items():
            printed = text.replace("Num.sqrt", "root") if self.roots else text
            found[text] = f"Goal {self.definitions()}({printed}) == {rational(value)} :> rat.\n{PROOF}"
        return found


def goals() -> dict[str, str]:
    """Return a goal for each different side of every known statement, in the sum norm and the sup norm by turns."""
    found: dict[str, str] = {}
    for number, bound in enumerate(theorems.every().values()):
        of_hulls = isinstance(bound.lhs, HullDistance)
        if of_hulls:
            found |= Instance(bound, 2, seed=number).goals()
        if bound.space is Space.EUCLIDEAN and not any(isinstance(node, Dimension) for node in bound.rhs.walk()):
            # Its terms mean in any norm what they mean in the Euclidean one, of an inner product that is nothing but that.
            bound = replace(bound, space=Space.ANY_NORM, lhs=Constant(0) if of_hulls else bound.lhs)
        p = 2 if bound.space is Space.EUCLIDEAN else 1 if bound.space is Space.ANY_NORM and number % 2 else INFINITY
        found |= {text: goal for text, goal in Instance(bound, p, seed=number).goals().items() if text not in found}
    return found


def test_no_side_of_a_known_statement_is_left_out():
    printed = goals()
    for bound in theorems.every().values():
        euclidean = bound.space is Space.EUCLIDEAN and not any(isinstance(node, Dimension) for node in bound.rhs.walk())
        if euclidean and isinstance(bound.lhs, HullDistance):
            assert coq_statement(bound).lhs in printed
        read = replace(
            bound, space=Space.ANY_NORM, lhs=Constant(0) if isinstance(bound.lhs, HullDistance) else bound.lhs
        )
        statement = coq_statement(read if euclidean else bound)
        assert {statement.lhs, statement.rhs} <= printed.keys(), bound.name


@pytest.mark.coq
def test_coq_computes_what_the_numeric_reader_does(tmp_path):
    (tmp_path / "Instances.v").write_text(HEAD + "".join(goals().values()))
    done = subprocess.run(
        ["coqc", "-q", "-w", "none", "Instances.v"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.coq
def test_coq_refuses_another_value(tmp_path):
    instance = Instance(theorems.K, INFINITY, seed=0)
    goal = instance.goals()[instance.statement.rhs]
    assert "2%:R * Num.max" in goal
    (tmp_path / "Instances.v").write_text(HEAD + goal.replace("2%:R * Num.max", "3%:R * Num.max"))
    done = subprocess.run(
        ["coqc", "-q", "-w", "none", "Instances.v"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "Error" in done.stderr
