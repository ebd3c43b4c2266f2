"""What the documentation writes, as a user's type checker reads it: ``make types`` checks this file."""

from __future__ import annotations

import numpy as np

import boundcheck
from boundcheck import K, check_bound, distances, scan
from boundcheck.data import LabelledPoints
from boundcheck.language import (
    Bound,
    Function,
    Parameter,
    cos,
    count,
    distance,
    equal_sizes,
    equals,
    exp,
    farthest,
    for_all,
    i,
    indicator,
    inner,
    j,
    k,
    largest,
    logsumexp,
    m,
    mean,
    norm,
    triplet,
    w,
    x,
    z,
)
from boundcheck.scanning import check_triples, sample_triples


def one_triple() -> bool:
    points = np.zeros((3, 4, 2))
    report = check_bound(np.tanh, points[0], points[1], points[2])
    short = boundcheck.check(None, points[0], points[1], points[2], bound="chamfer")
    return report.verdict is boundcheck.Verdict.HOLDS and short.slack.lower >= 0


def a_conjecture() -> str:
    guess = Bound(
        "guess",
        premises=[equal_sizes, triplet(m)],
        lhs=norm(mean(x) - mean(z)),
        rhs=1.99 * largest(m, farthest(x, w)),
    )
    numbers = Bound("numbers", lhs=1, rhs=largest(m, -1))
    return f"{numbers} {boundcheck.falsify(guess, seconds=5)} {boundcheck.cite(K)}"


def a_conjecture_with_functions() -> str:
    squashed = Function("tanh", lambda t: t.tanh(), ulps=4, monotone=1)
    smooth = Parameter("τ") * logsumexp(j, inner(x[i], z[j]) / Parameter("τ"))
    near = distance(x[i], z[j]) <= distance(x[i], w[k])
    bound = Bound(
        "smooth",
        mean(i, cos(x[i], mean(z)) + abs(exp(squashed(norm(x[i], p=1))))) <= mean(i, smooth),
        premises=[for_all("unit", equals(norm(x[i], 2), 1))],
    )
    return f"{bound} {cos(m)} {count(k, near)} {1 - indicator(near)} {Bound('strict', norm(mean(x)) > 0)}"


def a_data_set() -> boundcheck.Verdict:
    points, collections = np.zeros((24, 4)), np.arange(24) // 3
    classes = collections // 4
    found = scan(points, classes, collections, ["karimov"])
    again = boundcheck.scan(points, classes, collections, ["karimov"], norm=2.0)
    data = LabelledPoints.from_labels(points, collections, classes)
    sampled = check_triples(K, data, sample_triples(data, 100, seed=1))
    farthest_pair, mean_of_pairs = distances.farthest(points[:12], points[12:]), distances.mean_distance(points)
    ends = farthest_pair.distance.upper - mean_of_pairs.lower
    bare: float = distances.nearest(points, certify=False).distance
    print(sampled.failing().limits, ends, bare, again.verdict)
    return found.verdict
