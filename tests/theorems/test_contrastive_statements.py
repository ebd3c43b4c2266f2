"""Statements of contrastive learning, as their papers have them: judged on random points, and where they are sharp."""

import math

import numpy as np
import pytest
import torch

from boundcheck.evaluate import CODES, Verdict, judge
from boundcheck.language import (
    Bound,
    Parameter,
    Size,
    absolute,
    another,
    classes,
    cos,
    distance,
    equals,
    exp,
    for_all,
    hinge,
    i,
    indicator,
    inner,
    j,
    k,
    log,
    logsumexp,
    maximum,
    mean,
    norm,
    paired,
    softplus,
    total,
    w,
    x,
    z,
)
from boundcheck.language.premises import EqualSizes

RANDOM = np.random.default_rng(0)
TAU, RHO = Parameter("τ"), Parameter("ρ")


def on_sphere(*shape, radius=1.0):
    rows = RANDOM.normal(size=shape)
    return radius * rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def simplex(count, dimension=None):
    """The corners of a regular simplex with its centre at 0: whole numbers, but for a common factor."""
    rows = count * np.eye(count) - 1
    return np.pad(rows, ((0, 0), (0, (dimension or count) - count)))


def judged(bound, points, partitions=None, escalate=None, **parameters):
    tensors = {
        key: torch.from_numpy(np.ascontiguousarray(rows, dtype=np.float64))[None] for key, rows in points.items()
    }
    given = {Parameter(key): torch.tensor([value], dtype=torch.float64) for key, value in parameters.items()}
    found = judge(bound, tensors, parameters=given, partitions=partitions or {}, escalate=escalate).conclusion
    return CODES[int(found.code)], str(found.ground_of()), float(found.lhs), float(found.rhs)


# ------------------------------------------------------------------------------------- InfoNCE (Oord 2018; Poole 2019)

PAIR = paired(x, z)
INFO_NCE = Bound(
    "infonce",
    mean(PAIR, inner(x[PAIR], z[PAIR]) / TAU - logsumexp(j, inner(x[PAIR], z[j]) / TAU) + log(Size(x))) <= log(Size(x)),
    premises=[EqualSizes("pairs", (x, z))],
    collections=(x, z),
)


@pytest.mark.parametrize("tau", [0.01, 0.07, 1.0, 30.0])
def test_the_infonce_estimate_is_at_most_log_n(tau):
    points = {x: on_sphere(16, 8), z: on_sphere(16, 8)}
    verdict, _, lhs, rhs = judged(INFO_NCE, points, τ=tau)
    scores = points[x] @ points[z].T / tau
    estimate = np.mean(np.diag(scores) - np.log(np.exp(scores - scores.max(1, keepdims=True)).mean(1)) - scores.max(1))
    assert verdict is Verdict.HOLDS
    assert lhs == pytest.approx(estimate, rel=1e-9)
    assert rhs == pytest.approx(math.log(16))


def test_it_comes_as_near_as_temperature_lets_it():
    points = {one: np.eye(8) for one in (x, z)}
    verdict, ground, lhs, rhs = judged(INFO_NCE, points, τ=0.02)
    # 7·e⁻⁵⁰ is below what float64 sees of log 8.
    assert (verdict, ground) == (Verdict.HOLDS, "by balls of 128 bits")
    assert 0 <= rhs - lhs < 1e-15
    assert judged(INFO_NCE, points, τ=1e-6)[0] is Verdict.UNDECIDED


# ---------------------------------------------------------------------- supervised contrastive loss (Graf et al. 2021)

C = classes("C")
c = C.each
one = C[c].each
other = another(C[c], apart_from=one)
rest = another(C.points, apart_from=one)
SUP_CON = Bound(
    "supcon",
    mean((c, one), logsumexp(rest, inner(C[c][one], C[rest])) - mean(other, inner(C[c][one], C[c][other])))
    >= log((Size(C) / C.count - 1) + (Size(C) - Size(C) / C.count) * exp(-(C.count / (C.count - 1)) * RHO**2)),
    premises=[for_all("in the ball", norm(C[C.points]) <= RHO)],
    collections=(C,),
)


def supcon(points, count):
    scores, size = points @ points.T, len(points) // count
    losses = []
    for place in range(len(points)):
        own = [at for at in range(len(points)) if at // size == place // size and at != place]
        others = [at for at in range(len(points)) if at != place]
        losses.append(np.log(np.exp(scores[place][others]).sum()) - scores[place][own].mean())
    return np.mean(losses)


@pytest.mark.parametrize(("count", "size", "radius"), [(2, 3, 1.0), (5, 4, 1.0), (4, 6, 3.0), (3, 2, 0.1)])
def test_the_supervised_contrastive_loss_is_at_least_that_of_a_simplex(count, size, radius):
    points = on_sphere(count * size, 8, radius=radius)
    verdict, _, lhs, rhs = judged(SUP_CON, {C: points}, {C: (size,) * count}, ρ=radius * 1.0001)
    assert verdict is Verdict.HOLDS
    # A statement with ≥ is kept as one with ≤.
    assert rhs == pytest.approx(supcon(points, count), rel=1e-12)
    assert lhs < rhs


@pytest.mark.parametrize("scale", [1.0, 0.25])
@pytest.mark.parametrize("count", [2, 3, 4])
def test_where_classes_collapse_to_a_simplex_it_is_an_equality_as_far_as_balls_go(count, scale):
    size = 3
    points = scale * np.repeat(simplex(count), size, axis=0)
    radius = Parameter("r")
    # ρ² is count·(count − 1)·scale², of which no float is the root: said by a parameter that the premise determines.
    bound = Bound(
        "supcon",
        SUP_CON.rhs >= log((size - 1) + (count - 1) * size * exp(-(C.count / (C.count - 1)) * radius)),
        premises=[for_all("in the ball", norm(C[C.points]) ** 2 <= radius)],
        collections=(C,),
    )
    verdict, ground, lhs, rhs = judged(bound, {C: points}, {C: (size,) * count})
    assert lhs == pytest.approx(rhs, rel=1e-14)
    # Equal, and no exact form of exp and log says so.
    assert verdict is Verdict.UNDECIDED
    assert ground.startswith("equal to within 2⁻⁴⁰")
    # A wrong constant is refuted there, and a smaller one is not.
    for factor, expected in ((1.001, Verdict.FAILS), (0.999, Verdict.HOLDS)):
        wrong = Bound("wrong", SUP_CON.rhs >= factor * bound.lhs, premises=bound.premises, collections=(C,))
        assert judged(wrong, {C: points}, {C: (size,) * count})[0] is expected


# ------------------------------------------------------------------------ a smooth upper bound (Song et al. 2016)


@pytest.mark.parametrize("scale", [1.0, 1e3, 1e-3])
def test_a_log_sum_exp_is_between_the_maximum_and_that_and_log_n(scale):
    points = {x: RANDOM.normal(size=(5, 3)) * scale, z: RANDOM.normal(size=(7, 3)), w: RANDOM.normal(size=(4, 3))}
    apart = distance(x[i], z[j])
    low = Bound("low", maximum(j, -apart) <= TAU * logsumexp(j, -apart / TAU))
    high = Bound("high", TAU * logsumexp(j, -apart / TAU) <= maximum(j, -apart) + TAU * log(Size(z)))
    for bound in (low, high):
        for tau in (1.0, 0.1, 20.0):
            assert judged(bound, points, τ=tau)[0] is Verdict.HOLDS
    lifted = Bound(
        "lifted",
        maximum((i, j), hinge(1 - apart)) <= log(1 + total((i, j), exp(1 - apart))),
    )
    assert judged(lifted, points)[0] is Verdict.HOLDS


def test_equal_values_are_an_equality_of_logarithms():
    points = {x: np.zeros((1, 2)), z: np.array([[3.0, 4.0], [5.0, 0.0], [0.0, -5.0]]), w: np.ones((1, 2))}
    high = Bound(
        "high", mean(i, logsumexp(j, distance(x[i], z[j]))) <= mean(i, maximum(j, distance(x[i], z[j]))) + log(3)
    )
    verdict, ground, *_ = judged(high, points)
    assert (verdict, ground[:17]) == (Verdict.UNDECIDED, "equal to within 2")


# ---------------------------------------------------------------------------- impostors (Weinberger and Saul 2009)

NEAR, FAR = distance(x[i], z[j]) ** 2, distance(x[i], w[k]) ** 2
LMNN = Bound("lmnn", mean((i, j, k), indicator(FAR <= NEAR)) <= mean((i, j, k), hinge(1 + NEAR - FAR)))


def test_the_hinge_is_at_least_the_share_of_impostors():
    points = {one: RANDOM.normal(size=(8, 3)) for one in (x, z, w)}
    verdict, _, lhs, rhs = judged(LMNN, points)
    near, far = (((points[x][:, None] - points[one]) ** 2).sum(-1) for one in (z, w))
    assert verdict is Verdict.HOLDS
    assert lhs == (far[:, None] <= near[:, :, None]).mean()
    assert rhs == pytest.approx(np.maximum(0, 1 + near[:, :, None] - far[:, None]).mean())


def test_it_is_an_equality_where_all_are_equally_far():
    tie = {x: np.array([[0.1, 0.2]]), z: np.array([[0.6, 0.45]]), w: np.array([[-0.4, -0.05]])}
    near, far = (((np.array(tie[x]) - tie[one]) ** 2).sum() for one in (z, w))
    assert near == pytest.approx(far)
    verdict, ground, lhs, _ = judged(LMNN, {x: np.zeros((1, 2)), z: np.array([[3.0, 1.0]]), w: np.array([[1.0, 3.0]])})
    assert (verdict, ground, lhs) == (Verdict.HOLDS, "equal, decided exactly", 1.0)
    assert judged(LMNN, tie)[0] is Verdict.HOLDS
    strict = Bound("strict", mean((i, j, k), indicator(FAR < NEAR)) >= 1)
    assert (
        judged(strict, {x: np.zeros((1, 2)), z: np.array([[3.0, 1.0]]), w: np.array([[1.0, 3.0]])})[0] is Verdict.FAILS
    )


# ------------------------------------------------------------------------------------- chord and cosine; hinge losses


def test_chord_and_cosine_are_one_statement():
    chord = Bound("chord", equals(norm(x[i] / norm(x[i], 2) - z[j] / norm(z[j], 2), 2) ** 2, 2 - 2 * cos(x[i], z[j])))
    points = {one: RANDOM.normal(size=(3, 2)) for one in (x, z, w)}
    assert judged(chord, points)[:2] == (Verdict.HOLDS, "equal, decided exactly")
    wrong = Bound("wrong", equals(chord.lhs, 2 - cos(x[i], z[j])))
    assert judged(wrong, points)[0] is Verdict.FAILS


def test_softplus_is_above_the_hinge_by_log_2_at_most():
    apart = inner(x[i], z[j]) - inner(x[i], w[k])
    points = {one: 5 * RANDOM.normal(size=(4, 3)) for one in (x, z, w)}
    for bound in (
        Bound("above", hinge(apart) < softplus(apart)),
        Bound("near", softplus(apart) <= hinge(apart) + log(2)),
        Bound("odd", absolute(softplus(apart) - softplus(-apart) - apart) <= 1e-30),
    ):
        assert judged(bound, points)[0] is Verdict.HOLDS
    at_0 = {one: np.zeros((1, 1)) for one in (x, z, w)}
    assert judged(Bound("near", softplus(apart) <= hinge(apart) + log(2)), at_0)[0] is Verdict.UNDECIDED
