"""Largest eigenvalues: enclosed from both sides in float64 and in balls."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from flint import ctx

from boundcheck import check
from boundcheck.errors import NormError, TermError
from boundcheck.evaluate.readers.balls import BallReader, as_ball, enclosure
from boundcheck.evaluate.readers.exact import Triple
from boundcheck.evaluate.readers.numeric import NumericReader
from boundcheck.formal.coq import coq_statement
from boundcheck.language import (
    Bound,
    Space,
    Weights,
    another,
    classes,
    i,
    infimum,
    inner,
    j,
    mean,
    norm,
    spectral_norm,
    supremum,
    total,
    variable,
    x,
    z,
)
from boundcheck.language.latex import latex

u = variable("u")
RANDOM = np.random.default_rng(11)
SIX, FOUR = RANDOM.normal(size=(6, 3)), RANDOM.normal(size=(4, 3))
WEIGHTS = np.array([1.0, 2.0, 0.0, 1.0, 0.5, 3.0])
A = Weights("a", x)
k = another(x)
CENTRED = SIX - SIX.mean(axis=0)


def largest(matrix):
    return np.linalg.eigvalsh(matrix)[-1]


CASES = {
    "spectral norm": (spectral_norm(x), np.linalg.norm(SIX, 2)),
    "covariance": (
        supremum(u, mean(i, inner(u, x[i] - mean(k, x[k])) ** 2)),
        largest(CENTRED.T @ CENTRED / 6),
    ),
    "weights": (
        supremum(u, mean(i, inner(x[i], u) ** 2, weights=A)),
        largest((SIX * WEIGHTS[:, None] / WEIGHTS.sum()).T @ SIX),
    ),
    "two collections": (
        supremum(u, 2 * total(i, inner(u, x[i]) ** 2) + norm(mean(z)) * mean(j, inner(u, z[j]) ** 2)),
        largest(2 * SIX.T @ SIX + np.linalg.norm(FOUR.mean(axis=0)) * FOUR.T @ FOUR / 4),
    ),
    "one vector": (supremum(u, inner(u, mean(x)) ** 2) ** Fraction(1, 2), np.linalg.norm(SIX.mean(axis=0))),
    "pairs": (
        supremum(u, mean((i, j), inner(u, x[i] - z[j]) ** 2)),
        largest(sum(np.outer(a - b, a - b) for a in SIX for b in FOUR) / 24),
    ),
    "one for each": (
        mean(j, supremum(u, mean(i, inner(u, x[i] - z[j]) ** 2))),
        np.mean([largest((SIX - row).T @ (SIX - row) / 6) for row in FOUR]),
    ),
}


def of_floats(term, points, p=2.0, **more):
    tensors = {one: torch.from_numpy(np.asarray(rows, dtype=np.float64))[None] for one, rows in points.items()}
    given = {A: torch.from_numpy(WEIGHTS)[None]} if x in points else {}
    named = NumericReader(tensors, p, weights=given, errors=True, **more).scalar(term)
    return float(named.value), float(named.error)


def of_balls(term, points, p=2.0, **more):
    rows = {one: np.asarray(given, dtype=np.float64) for one, given in points.items()}
    with ctx.workprec(128):
        weights = {A: WEIGHTS} if x in points else {}
        return enclosure(as_ball(BallReader(Triple(rows, p, weights, **more), {}).scalar(term)))


@pytest.mark.parametrize("read", [of_floats, of_balls])
@pytest.mark.parametrize("case", CASES)
def test_numpy_finds_the_same(case, read):
    term, exact = CASES[case]
    value, error = read(term, {x: SIX, z: FOUR})
    assert abs(value - exact) <= error + 1e-13 * exact
    assert error <= 1e-12 * exact


@pytest.mark.parametrize("read", [of_floats, of_balls])
@pytest.mark.parametrize(
    ("rows", "exact"),
    [
        (np.eye(4), 1.0),
        ([[3.0, 4.0]], 5.0),
        ([[0.0, 0.0]], 0.0),
        ([[2.0], [2.0], [1.0]], 3.0),
        ([[1.0, 0.0], [0.0, 1e-9]], 1.0),
        (np.ones((5, 5)) * 1e-150, 5e-150),
        (np.ones((2, 2)) * 1e200, 2e200),
        ([[1e-8, 1.0], [1.0, -1e-8], [0.0, 0.0]], np.sqrt(1 + 1e-16)),
    ],
)
def test_closed_forms(rows, exact, read):
    value, error = read(spectral_norm(z), {z: rows})
    assert abs(value - exact) <= error + 1e-15 * exact
    if read is of_balls or 1e-100 < exact < 1e100:
        # Squares of what is far smaller or larger are beyond float64.
        assert error <= 1e-13 * exact


def test_classes_of_a_family_have_their_own():
    family = classes("C")
    c = family.each
    member = family[c].each
    term = mean(c, supremum(u, mean(member, inner(u, family[c][member]) ** 2)))
    parts = (SIX[:1], SIX[1:3], SIX[3:])
    exact = np.mean([largest(part.T @ part / len(part)) for part in parts])
    for read in (of_floats, of_balls):
        value, error = read(term, {family: SIX}, partitions={family: (1, 2, 3)})
        assert abs(value - exact) <= error + 1e-13
        assert error <= 1e-12


def test_the_gradient_is_that_of_the_eigenvalue():
    rows = torch.from_numpy(SIX)[None].requires_grad_()
    (slope,) = torch.autograd.grad(NumericReader({x: rows}, 2.0).scalar(spectral_norm(x)).value.sum(), rows)
    left, _, right = np.linalg.svd(SIX)
    assert np.abs(slope[0].numpy()) == pytest.approx(np.abs(np.outer(left[:, 0], right[0])), abs=1e-9)


def test_a_bound_is_judged():
    frobenius = total(i, norm(x[i]) ** 2) ** Fraction(1, 2)
    stated = Bound("Frobenius", lhs=spectral_norm(x), rhs=frobenius, collections=[x], space=Space.EUCLIDEAN)
    assert check(stated, None, x=SIX).verdict.value == "holds"
    less = Bound("less", lhs=spectral_norm(x), rhs=0.5 * frobenius, collections=[x], space=Space.EUCLIDEAN)
    assert check(less, None, x=SIX).verdict.value == "fails"


def test_on_the_left_side_it_is_every_short_vector_for_coq():
    stated = Bound("short", lhs=spectral_norm(x) + 1, rhs=total(i, norm(x[i])), space=Space.EUCLIDEAN)
    shown = " ".join(str(coq_statement(stated)).split())
    assert "forall (u_ : V), Num.sqrt (ip u_ u_) <= 1 -> Num.sqrt (\\sum_(i < n.+1) ip u_ (x i) ^+ 2) + 1 <=" in shown
    with pytest.raises(TermError, match="left side"):
        coq_statement(Bound("right", lhs=0, rhs=spectral_norm(x), space=Space.EUCLIDEAN))
    with pytest.raises(TermError, match="u on both"):
        coq_statement(Bound("both", lhs=spectral_norm(x), rhs=infimum(u, norm(u - mean(x))), space=Space.EUCLIDEAN))


def test_it_reads_as_it_is_written():
    assert str(spectral_norm(x)) == "√(sup_{‖u‖ ≤ 1} Σ_i ⟨u, x_i⟩^2)"
    assert latex(CASES["covariance"][0]).startswith(r"\sup_{\lVert u \rVert \le 1} \frac{1}{n} \sum_{i}")


@pytest.mark.parametrize(
    "body",
    [
        inner(u, mean(x)),
        norm(u - mean(x)),
        -(inner(u, mean(x)) ** 2),
        inner(u, mean(x)) ** 4,
        inner(u, u) ** 2,
        (inner(u, mean(x)) + 1) ** 2,
    ],
)
def test_what_is_no_such_form_is_refused(body):
    with pytest.raises(TermError, match="squares of inner products"):
        of_floats(supremum(u, body), {x: SIX})


@pytest.mark.parametrize("read", [of_floats, of_balls])
def test_it_is_of_euclidean_space(read):
    with pytest.raises(NormError, match="p = 2"):
        read(spectral_norm(z), {z: FOUR}, p=1.0)
