"""Functions, products and indicators in blocks, on grids of collections and under the adversary's gradient."""

import numpy as np
import pytest
import torch

from boundcheck import falsify, scan
from boundcheck.errors import TermError
from boundcheck.evaluate import NumericReader, Verdict, explain, judge, plan
from boundcheck.evaluate.planned import PlannedReader, reader, steps
from boundcheck.language import (
    Bound,
    Function,
    Size,
    absolute,
    angle,
    cos,
    count,
    distance,
    exp,
    i,
    indicator,
    inner,
    j,
    k,
    log,
    logsumexp,
    maximum,
    mean,
    minimum,
    norm,
    rank,
    softplus,
    total,
    w,
    x,
    z,
)

RANDOM = np.random.default_rng(0)
POINTS = {c: torch.from_numpy(RANDOM.normal(size=(n, 5)))[None] for c, n in ((x, 40), (z, 30), (w, 20))}
TERMS = {
    "inner": mean((i, j), inner(x[i], z[j])),
    "softmax of cosines": mean(i, logsumexp(j, cos(x[i], z[j]))),
    "impostors": mean((i, j, k), indicator(distance(x[i], w[k]) <= distance(x[i], z[j]))),
    "angle": maximum((i, j), angle(x[i], z[j])),
    "another norm": total((i, j), norm(x[i] - z[j], 1)),
    "logistic": mean((i, j), softplus(inner(x[i], z[j]) - norm(x[i] - z[j], float("inf")))),
    "all pairs": logsumexp((i, j), distance(x[i], z[j])),
    "all pairs, the other way": logsumexp((j, i), distance(x[i], z[j])),
    "rank": mean(i, rank(minimum(j, distance(x[i], z[j])), k, distance(x[i], w[k]))),
}


@pytest.mark.parametrize("name", TERMS)
def test_in_blocks_it_is_the_same(name, monkeypatch):
    for module in (reader, steps):
        monkeypatch.setattr(module, "AT_ONCE", 200)
    whole, parts = (kind(POINTS, 2.0, errors=True).scalar(TERMS[name]) for kind in (NumericReader, PlannedReader))
    assert (whole.value - parts.value).abs() <= whole.error + parts.error
    assert parts.error < 1e-9


def test_a_plan_says_what_computes_them():
    shown = explain(Bound("own", mean((i, j), exp(cos(x[i], z[j]))) <= norm(mean(x), 1) + angle(mean(x), mean(z))))
    for said in ("norm", "cosine", "the function arccos", "n·p"):
        assert said in shown
    # A log-sum-exp of distances is no extreme of theirs, so no kernel has it.
    assert not plan(Bound("own", logsumexp((i, j), distance(x[i], z[j])) <= 1)).kernel_calls
    assert str(plan(Bound("own", inner(mean(x), mean(z)) <= 1)).steps[-2].cost) == "D"


COLLECTIONS = RANDOM.normal(size=(8, 3, 4)) + 0.3
SCANNED = [
    Bound("cos", mean((i, j), cos(x[i], z[j])) <= mean((i, k), cos(x[i], w[k])) + 0.05),
    Bound("smooth", logsumexp(i, norm(x[i])) <= maximum(i, norm(x[i])) + log(Size(x))),
    Bound("soft nearest", -mean(i, logsumexp(k, -distance(x[i], w[k]))) <= mean(i, minimum(k, distance(x[i], w[k])))),
    Bound("norms", norm(mean(x) - mean(z), 1) <= 2 * norm(mean(x) - mean(z), 2)),
    Bound("count", mean(i, count(j, distance(x[i], z[j]) <= 2)) <= absolute(norm(mean(w)) - 2) + 1),
    Bound("angle", exp(angle(mean(x), mean(z))) <= 2),
]


def test_a_scan_has_the_verdicts_of_each_triple():
    points, labels = COLLECTIONS.reshape(24, 4), np.repeat([0, 1], 12)
    found = scan(points, labels, np.repeat(np.arange(8), 3), SCANNED)
    said = found.to_dict()["bounds"]
    triples = [
        (a, b, c)
        for a in range(8)
        for b in range(8)
        for c in range(8)
        if a != b and a // 4 == b // 4 and c // 4 != a // 4
    ]
    batch = {
        one: torch.from_numpy(COLLECTIONS[[triple[place] for triple in triples]]) for place, one in enumerate((x, z, w))
    }
    for bound in SCANNED:
        codes = judge(bound, batch, escalate=None).conclusion.code
        counts = {name: int((codes == code).sum()) for code, name in enumerate(("holds", "fails", "undecided"))}
        assert said[bound.name]["counts"] == counts | {"vacuous": 0}, bound.name
    assert found.verdict is Verdict.FAILS


def test_what_a_scan_cannot_split_is_refused_by_name():
    three = Bound("three", mean((i, j, k), indicator(distance(x[i], w[k]) <= distance(x[i], z[j]))) <= 1)
    with pytest.raises(TermError, match="check a sample of triples instead"):
        scan(COLLECTIONS.reshape(24, 4), np.repeat([0, 1], 12), np.repeat(np.arange(8), 3), [three])


@pytest.mark.parametrize(
    "bound",
    [
        Bound("cos", mean((i, j), cos(x[i], z[j])) <= 0.9),
        Bound("impostors", mean((i, j, k), indicator(distance(x[i], w[k]) <= distance(x[i], z[j]))) <= 0.5),
        Bound("smooth", logsumexp(i, norm(x[i])) <= maximum(i, norm(x[i])) + log(Size(x)) / 2),
        Bound("angle", angle(mean(x), mean(z)) <= 3.1),
        Bound("softplus", softplus(norm(mean(x))) <= norm(mean(x)) + 0.6),
    ],
    ids=lambda bound: bound.name,
)
def test_the_adversary_refutes_a_wrong_constant(bound):
    assert type(falsify(bound, seconds=20, norms=[2])).__name__ == "Refuted"


def test_gradients_of_products_are_those_of_finite_differences():
    points = {one: torch.from_numpy(RANDOM.normal(size=(1, 3, 4))) for one in (x, z)}
    term = mean((i, j), exp(cos(x[i], z[j])) + inner(x[i], z[j]) * norm(x[i], 1.5)) + logsumexp(i, norm(x[i], 1))

    def value(rows):
        return NumericReader({x: rows, z: points[z]}, 2.0).scalar(term).value.sum()

    assert torch.autograd.gradcheck(value, points[x].clone().requires_grad_())
    # At 0, where the cosine is undefined, nothing else of the gradient is lost.
    rows = points[x].clone()
    rows[0, 0] = 0
    rows.requires_grad_()
    (slope,) = torch.autograd.grad(
        NumericReader({x: rows, z: points[z]}, 2.0).scalar(mean(i, norm(x[i], 1))).value.sum(), rows
    )
    assert torch.isfinite(slope).all()


def test_a_function_without_balls_is_decided_by_float64_alone():
    own = Function("double", lambda t: t * 2, ulps=1, monotone=1)
    points = {one: torch.tensor([[[1.0]]], dtype=torch.float64) for one in (x, z, w)}
    for factor, expected in ((3, 0), (1, 1), (2, 2)):
        assert (
            int(judge(Bound("own", own(norm(mean(x))) <= factor * norm(mean(x))), points).conclusion.code) == expected
        )


@pytest.mark.parametrize(
    ("bound", "expected"),
    [
        (Bound("positive", norm(mean(x)) > 0), "Refuted"),
        (Bound("apart", norm(mean(x)) < norm(mean(x)) + norm(mean(z))), "Refuted"),
        (Bound("at most", norm(mean(x)) <= norm(mean(x)) + norm(mean(z))), "Survived"),
        (Bound("more", norm(mean(x) - mean(z)) < norm(mean(x)) + norm(mean(z)) + 1), "Survived"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_sides_that_are_equal_break_a_strict_bound(bound, expected):
    found = falsify(bound, seconds=20 if expected == "Refuted" else 1, norms=[2])
    assert type(found).__name__ == expected
    if expected == "Refuted":
        assert float(found.lhs) == float(found.rhs)
        assert f"left side {found.lhs} ≥ right side {found.rhs}" in str(found)


def test_a_strict_bound_has_a_strict_link():
    links = [Bound("one", lhs=0, rhs=norm(mean(x))), Bound("two", norm(mean(x)) < norm(mean(x)) + 1)]
    whole = Bound("whole", norm(mean(x)) + 1 > 0, chain=links)
    assert whole.relation.denied == "≥"
    with pytest.raises(TermError, match="a strict link"):
        Bound("whole", norm(mean(x)) > 0, chain=links[:1])
