"""Inner products, cosines, named norms and indicators: float64, balls and exact numbers against one another and by hand."""

import math
from fractions import Fraction
from math import inf

import numpy as np
import pytest
import torch
from flint import arb, ctx

from boundcheck.evaluate import CODES, NumericReader, Verdict, judge
from boundcheck.evaluate.radicals import BeyondError
from boundcheck.evaluate.readers.balls import BallReader, as_ball
from boundcheck.evaluate.readers.exact import ExactReader, Triple
from boundcheck.evaluate.readers.numeric import Mapped
from boundcheck.language import (
    Bound,
    absolute,
    among_nearest,
    angle,
    cos,
    count,
    distance,
    equals,
    exp,
    for_all,
    g,
    i,
    indicator,
    inner,
    j,
    k,
    log,
    logsumexp,
    m,
    maximum,
    mean,
    norm,
    rank,
    softplus,
    w,
    x,
    z,
)

RANDOM = np.random.default_rng(0)
COLLECTIONS = (x, z, w)


def some(scale=1.0, n=4, d=3):
    return {one: RANDOM.normal(size=(n, d)) * scale for one in COLLECTIONS}


def mixed():
    """Of many magnitudes at once."""
    return {one: RANDOM.normal(size=(4, 3)) * 10.0 ** RANDOM.integers(-200, 150, (4, 1)) for one in COLLECTIONS}


def tied():
    """Small whole numbers, some of them all 0 or alike."""
    return {one: RANDOM.integers(-1, 2, (5, 2)).astype(float) for one in COLLECTIONS}


POINTS = {
    "usual": some(),
    "tiny": some(1e-160),
    "subnormal": some(1e-310),
    "huge": some(1e150),
    "beyond": some(1e300),
    "mixed": mixed(),
    "tied": tied(),
    "one dimension": some(d=1),
}
TERMS = {
    "inner": inner(x[i], z[j]),
    "inner of one index": inner(x[i], x[i]),
    "inner of differences": inner(x[i] - mean(x), z[j] - w[k]),
    "inner of means": inner(mean(x), mean(z)),
    "cos": cos(x[i], z[j]),
    "cos of differences": cos(x[i] - mean(x), z[j] - mean(z)),
    "cos of itself": cos(x[i], x[i]),
    "angle": angle(x[i], z[j]),
    "norm 1": norm(x[i] - z[j], 1),
    "norm 2": norm(x[i] - z[j], 2),
    "norm inf": norm(x[i] - z[j], inf),
    "norm 3/2": norm(x[i] - z[j], 1.5),
    "norm 1 of means": norm(mean(x) - mean(z), 1),
    "norm 2 scaled": norm(x[i] / norm(x[i], 2), 2),
    "indicator": indicator(distance(x[i], z[j]) <= distance(x[i], w[k])),
    "strict": indicator(distance(x[i], z[j]) < distance(x[i], w[k])),
    "equal": indicator(equals(distance(x[i], z[j]), distance(x[i], w[k]))),
    "count": count(k, inner(x[i], w[k]) <= inner(x[i], z[j])),
    "rank": rank(distance(x[i], z[j]), k, distance(x[i], w[k])),
    "nearest": mean(j, among_nearest(2, distance(x[i], z[j]), k, distance(x[i], w[k]))),
    "softmax": exp(cos(x[i], z[j]) - logsumexp(k, cos(x[i], w[k]))),
    "absolute": absolute(norm(x[i], 1) - norm(z[j], 1)),
    "log": log(norm(x[i] - z[j])),
    "softplus": softplus(norm(x[i]) - norm(z[j])),
}


def numeric(points, p=2.0, errors=True, maps=None):
    return NumericReader(
        {one: torch.from_numpy(rows)[None] for one, rows in points.items()}, p, errors=errors, maps=maps
    )


@pytest.mark.parametrize("p", [1, 2, inf, 3])
@pytest.mark.parametrize("case", POINTS)
@pytest.mark.parametrize("name", TERMS)
def test_every_reader_encloses_the_same_number(case, name, p):
    term, points = TERMS[name], POINTS[case]
    named = numeric(points, p).read(term)
    value, error = (part[0].flatten().tolist() for part in (named.value, named.error))
    with ctx.workprec(600):
        triple = Triple(points, p)
        balls = BallReader(triple, {}).elements(term)
        assert balls.axes == named.axes
        found = [as_ball(ball) for ball in balls.value.flat]
        known = 0
        for ball, middle, off in zip(found, value, error, strict=True):
            if not ball.is_finite():
                # Undefined: no float may say more.
                assert not math.isfinite(off)
                continue
            if not math.isfinite(off) or math.isnan(middle):
                continue
            known += 1
            assert math.isfinite(middle)
            assert abs(ball - arb(middle)).upper() <= arb(off) * (1 + arb(2) ** -500) + ball.rad() * 2
        if case in ("usual", "tied", "one dimension") and name != "indicator":
            assert known or case == "tied"
        try:
            exact = ExactReader(triple, {}).elements(term).value.flat
        except BeyondError:
            return
        for number, ball in zip(exact, found, strict=True):
            own = number.ball() if hasattr(number, "ball") else arb(number)
            assert own.overlaps(ball)


def test_values_are_those_of_numpy():
    points = POINTS["usual"]
    a, b, c = (points[one] for one in COLLECTIONS)
    apart = np.linalg.norm(a[:, None] - b, axis=-1), np.linalg.norm(a[:, None] - c, axis=-1)
    units = [rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (a, b)]
    expected = {
        "inner": a @ b.T,
        "cos": units[0] @ units[1].T,
        "angle": np.arccos(units[0] @ units[1].T),
        "norm 1": np.abs(a[:, None] - b).sum(-1),
        "norm inf": np.abs(a[:, None] - b).max(-1),
        "indicator": (apart[0][:, :, None] <= apart[1][:, None]).astype(float),
        "rank": 1 + (apart[1][:, None] < apart[0][:, :, None]).sum(-1),
    }
    for name, value in expected.items():
        for errors in (True, False):
            named = numeric(points, errors=errors).read(TERMS[name])
            assert named.value[0].numpy() == pytest.approx(value, rel=1e-12), name
            assert (named.error is None) is not errors


def test_errors_are_small_on_points_of_any_one_scale():
    for case in ("usual", "tiny", "huge"):
        for name in ("cos", "cos of differences", "norm 1", "norm 3/2"):
            named = numeric(POINTS[case]).read(TERMS[name])
            assert (named.error <= 1e-13 * named.value.abs().amax()).all(), (case, name)
    named = numeric(POINTS["huge"]).read(TERMS["inner"])
    assert (named.error <= 1e-14 * 1e301).all()
    # Products that overflow are known by balls alone.
    assert numeric(POINTS["beyond"]).read(TERMS["inner"]).error.isinf().all()


def test_a_batch_is_scaled_row_by_row():
    rows = [some(scale) for scale in (1e-100, 1.0, 1e100)]
    stacked = {one: torch.from_numpy(np.stack([points[one] for points in rows])) for one in COLLECTIONS}
    for name in ("inner", "cos", "norm 1", "inner of differences"):
        whole = NumericReader(stacked, 2.0, errors=True).read(TERMS[name])
        for row, points in enumerate(rows):
            alone = numeric(points).read(TERMS[name])
            assert torch.equal(whole.value[row], alone.value[0])
            assert torch.equal(whole.error[row], alone.error[0])


def test_of_values_of_a_map_in_units_of_their_own():
    points = POINTS["tiny"]
    maps = {g: Mapped(lambda rows: rows * 1e160 + 1.0)}
    image = {one: rows * 1e160 + 1.0 for one, rows in points.items()}
    for term, value in (
        (inner(g(x[i]), g(z[j])), image[x] @ image[z].T),
        (norm(g(x[i]), 1), np.abs(image[x]).sum(1)),
        (cos(g(x[i]), g(x[i])), np.ones(4)),
    ):
        named = numeric(points, maps=maps).read(term)
        assert named.value[0].numpy() == pytest.approx(value, rel=1e-12)
        assert (named.error <= 1e-12).all()


def verdict(bound, *rows, **given):
    points = {one: torch.tensor([part], dtype=torch.float64) for one, part in zip(COLLECTIONS, rows, strict=True)}
    judged = judge(bound, points, **given)
    return CODES[int(judged.conclusion.code)], str(judged.conclusion.ground_of())


ONE = [[1.0, 0.0]]


def test_the_cosine_of_a_vector_that_is_0_is_undecided():
    bound = Bound("own", maximum((i, j), cos(x[i], z[j])) <= 2)
    assert verdict(bound, [[1.0, 0.0], [0.0, 0.0]], ONE, ONE) == (Verdict.UNDECIDED, "")
    assert verdict(bound, [[1.0, 0.0], [1e-300, 0.0]], ONE, ONE)[0] is Verdict.HOLDS
    # A sum that is 0 exactly, and not as floats.
    gone = Bound("own", cos(mean(x) - mean(z), mean(w)) <= 2)
    assert verdict(gone, [[0.1, 0.0], [0.2, 0.0]], [[0.2, 0.0], [0.1, 0.0]], ONE)[0] is Verdict.UNDECIDED
    # Where a premise fails for such data, nothing is said.
    stated = Bound("own", maximum((i, j), cos(x[i], z[j])) <= 2, premises=[for_all("apart from 0", norm(x[i]) >= 0.1)])
    assert verdict(stated, [[1.0, 0.0], [0.0, 0.0]], ONE, ONE)[0] is Verdict.VACUOUS


def test_ties_are_decided_exactly():
    # √2·0.1 + … as floats: equal distances that float64 cannot tell apart.
    a, b, c = [[0.1, 0.2]], [[0.4, 0.6]], [[-0.2, -0.2]]
    apart, other = distance(x[i], z[j]), distance(x[i], w[k])
    (first,), *others = ([[Fraction(one) for one in row] for row in rows] for rows in (a, b, c))
    squares = [sum((s - t) ** 2 for s, t in zip(first, rows[0], strict=True)) for rows in others]
    assert squares[0] != squares[1]
    said = verdict(
        Bound("own", equals(mean((i, j, k), indicator(apart <= other)), int(squares[0] <= squares[1]))), a, b, c
    )
    assert said[0] is Verdict.HOLDS
    # Equal exactly.
    for relation, expected in ((apart <= other, 1), (apart < other, 0), (equals(apart, other), 1)):
        whole = Bound("own", equals(mean((i, j, k), indicator(relation)), expected))
        answer = verdict(whole, [[0.0, 0.0]], [[3.0, 1.0]], [[1.0, 3.0]])
        assert answer == (Verdict.HOLDS, "equal, decided exactly")
    near = verdict(
        Bound("own", equals(mean((i, j), count(k, apart < other)), 1)), [[0.0]], [[1.0]], [[1.0], [1.0 + 2.0**-52]]
    )
    assert near[0] is Verdict.HOLDS


def test_an_indicator_of_what_is_undefined_is_undefined():
    bound = Bound("own", mean((i, j), indicator(cos(x[i], z[j]) <= 2)) <= 1)
    assert verdict(bound, [[0.0, 0.0]], ONE, ONE)[0] is Verdict.UNDECIDED
    # One that no exact numbers tell is 0 or 1, and what holds either way is decided.
    tie = indicator(exp(norm(x[i])) * exp(norm(z[j])) <= exp(norm(x[i]) + norm(z[j])))
    assert verdict(Bound("own", mean((i, j), tie) <= 1.5), ONE, ONE, ONE)[0] is Verdict.HOLDS
    assert verdict(Bound("own", mean((i, j), tie) <= 0), ONE, ONE, ONE)[0] is Verdict.UNDECIDED


EQUALITIES = {
    "exp of 0": equals(exp(norm(mean(x)) - norm(mean(x))), 1),
    "log of 1": equals(log(norm(mean(x)) / norm(mean(x))), 0),
    "absolute": equals(abs(norm(mean(x)) - norm(mean(z))), abs(norm(mean(z)) - norm(mean(x)))),
    "angle of a vector and itself": equals(angle(mean(x), mean(x)), 0),
    "chord and cosine": equals(
        maximum((i, j), abs(norm(x[i] / norm(x[i], 2) - z[j] / norm(z[j], 2), 2) ** 2 - 2 + 2 * cos(x[i], z[j]))), 0
    ),
    "polarisation": equals(
        4 * inner(mean(x), mean(z)), norm(mean(x) + mean(z), 2) ** 2 - norm(mean(x) - mean(z), 2) ** 2
    ),
    "length": equals(inner(mean(x), mean(x)), norm(mean(x), 2) ** 2),
}


@pytest.mark.parametrize("name", EQUALITIES)
@pytest.mark.parametrize("p", [1, 2, inf])
def test_equalities_with_an_exact_form_are_decided(name, p):
    rows = [[[0.1, 0.7], [0.3, -0.2]], [[1.3, 0.4], [0.9, 0.2]], ONE]
    assert verdict(Bound("own", EQUALITIES[name]), *rows, p=p) == (Verdict.HOLDS, "equal, decided exactly")


def test_strict_bounds():
    apart = norm(mean(x) - mean(z))
    rows = [[0.1, 0.2]], [[1.3, 0.4]], ONE
    assert verdict(Bound("own", apart < apart), *rows) == (Verdict.FAILS, "equal, decided exactly")
    assert verdict(Bound("own", apart <= apart), *rows) == (Verdict.HOLDS, "equal, decided exactly")
    assert (
        verdict(Bound("own", apart < apart + m), *rows, parameters={m: torch.tensor([1e-300], dtype=torch.float64)})[0]
        is Verdict.HOLDS
    )
    assert verdict(Bound("own", apart < 100), *rows)[0] is Verdict.HOLDS
    assert verdict(Bound("own", apart + 1 < apart), *rows)[0] is Verdict.FAILS
    # Equal to all the bits there are, without an exact form.
    left, right = exp(apart) * exp(1), exp(apart + 1)
    for bound in (Bound("own", left < right), Bound("own", left <= right), Bound("own", equals(left, right))):
        found, ground = verdict(bound, *rows)
        assert found is Verdict.UNDECIDED
        assert ground.startswith("equal to within 2⁻")


def test_a_report_of_what_is_undefined_is_refused():
    from boundcheck import check_bound
    from boundcheck.errors import NonFiniteError

    for term, points in (
        (maximum((i, j), cos(x[i], z[j])), [[0.0, 0.0]]),
        (log(norm(mean(x))), [[0.0, 0.0]]),
        (exp(norm(mean(x))), [[800.0, 0.0]]),
    ):
        with pytest.raises(NonFiniteError, match="takes the cosine of no vector that is 0"):
            check_bound(None, points, ONE, ONE, bound=Bound("own", term <= 1))


@pytest.mark.parametrize("scale", [1.0, 1e-160, 1e150, "mixed"])
def test_many_at_once_are_enclosed_too(scale):
    # From some number on, one bound is shared by all.
    sizes = 10.0 ** RANDOM.integers(-100, 100, (80, 1)) if scale == "mixed" else scale
    points = {one: RANDOM.normal(size=(80, 3)) * sizes for one in COLLECTIONS}
    triple, tau = Triple(points, 2.0), Fraction(1, 7)
    for term in (inner(x[i], z[j]), tau * inner(x[i], z[j]), logsumexp(j, inner(x[i], z[j]) * tau)):
        named = numeric(points).read(term)
        with ctx.workprec(3000 if scale == "mixed" else 300):
            found = BallReader(triple, {}).elements(term).value.flat
            for ball, middle, off in zip(
                found, named.value.flatten().tolist(), named.error.flatten().tolist(), strict=True
            ):
                if math.isfinite(off) and math.isfinite(middle):
                    assert abs(as_ball(ball) - arb(middle)).upper() <= arb(off) + as_ball(ball).rad() * 2
        if scale == 1.0:
            assert (named.error <= 1e-13).all()
