"""Near misses of published statements, each with the true statement that it is nearest to.

A wrong constant, a premise left out, the wrong direction, n in place of n − 1, a mean in place of a maximum, a cosine in
place of an angle, a sum in place of a mean, another norm.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from boundcheck.language import (
    Bound,
    Constant,
    Dimension,
    ForAll,
    Size,
    Space,
    Transport,
    absolute,
    angle,
    another,
    at,
    classes,
    coordinate_index,
    coordinate_maximum,
    coordinate_minimum,
    cos,
    count,
    distance,
    equals,
    exp,
    hinge,
    i,
    indicator,
    inner,
    j,
    k,
    largest,
    log,
    logsumexp,
    maximum,
    mean,
    minimum,
    norm,
    softplus,
    total,
    variance,
    w,
    x,
    z,
)
from boundcheck.theorems.published import PUBLISHED

__all__ = ["Pair", "pairs"]

_PERCENT = Fraction(99, 100)


@dataclass(frozen=True)
class Pair:
    """A false statement and the true one that it is nearest to."""

    false: Bound
    true: Bound


def _known(name: str) -> Bound:
    return PUBLISHED[name].bound


def _changed(name: str, of: str, **parts: object) -> Pair:
    """Return a published statement with one thing changed, beside itself."""
    bound = _known(of)
    plain = {"title": "", "citation": "", "sharpness": "", "proof": None, "chain": ()}
    return Pair(replace(bound, name=name, **plain, **parts), bound)


def _own(false: tuple[str, object], true: tuple[str, object], **parts: object) -> Pair:
    return Pair(Bound(*false, **parts), Bound(*true, **parts))


_i2, _k2 = another(x), another(w)
_unit = {one: one[one.each] / norm(one[one.each]) for one in (x, z, w)}
_chord = distance(_unit[x], _unit[z])
_angle = angle(x[i], z[j])
_turn = {"collections": (x, z), "space": Space.EUCLIDEAN}
_three = {"collections": (x, z, w)}


def _plain() -> list[Pair]:
    ward = _known("ward")
    across = mean((i, j), distance(x[i], z[j]))
    near_x, near_z = mean(i, minimum(j, distance(x[i], z[j]))), mean(j, minimum(i, distance(x[i], z[j])))
    closer = ForAll(
        "centres far apart",
        lhs=Fraction(19, 10) * distance(x[i], z[j]) - distance(z[j], w[k]),
        rhs=Constant(Fraction(0)),
    )
    gaps = total(k, absolute(distance(z[j], w[k]) - distance(x[i], w[k])))
    return [
        _changed("pivots-added", "pivots", lhs=gaps),
        _changed("pivots-above-one-way", "pivots-above", rhs=minimum(k, distance(x[i], w[k]))),
        _changed("ptolemy-sup-norm", "ptolemy", space=Space.SUP_NORM),
        _changed("elkan-1.9", "elkan", premises=(closer,)),
        _changed("elkan-without-premise", "elkan", premises=()),
        _changed(
            "covering-ball-mean-radius",
            "covering-ball",
            lhs=distance(z[j], mean(x)) - mean(i, distance(x[i], mean(_i2, x[_i2]))),
        ),
        _changed("medoid-squared-1.99", "medoid-squared", rhs=2 * _PERCENT * variance(x)),
        _changed("medoid-1.2", "medoid", rhs=Fraction(6, 5) * minimum(j, mean(i, distance(x[i], z[j])))),
        _changed(
            "average-linkage-unweighted",
            "average-linkage",
            rhs=(mean((i, k), distance(x[i], w[k])) + mean((j, k), distance(z[j], w[k]))) / 2,
        ),
        _changed("relaxed-transport-sum", "relaxed-transport", lhs=near_x + near_z),
        _changed("chamfer-transport-1.99", "chamfer-transport", rhs=_PERCENT * _known("chamfer-transport").rhs),
        _changed("energy-distance-0.99", "energy-distance", rhs=2 * _PERCENT * across),
        _changed(
            "maximum-one-way",
            "maximum-hausdorff",
            rhs=Dimension() ** 0.5 * maximum(i, minimum(j, distance(x[i], z[j]))),
        ),
        _changed("sum-transport-without-n", "sum-transport", rhs=Transport(x, z)),
        _changed("encoded-mean-0.99", "encoded-mean", rhs=_PERCENT * _known("encoded-mean").rhs),
        _changed("symmetric-distance-once", "symmetric-distance", rhs=_known("symmetric-distance").rhs / 2),
        _changed("distance-distortion-0.99", "distance-distortion", rhs=_PERCENT * _known("distance-distortion").rhs),
        _changed(
            "ward-plus",
            "ward",
            rhs=ward.rhs
            + 2
            * Size(w)
            * Size(x)
            * Size(z)
            / (Size(x) + Size(z))
            * norm(mean(x) - mean(z)) ** 2
            / (Size(x) + Size(z) + Size(w)),
        ),
        _changed("popoviciu-fifth", "popoviciu", rhs=norm(coordinate_maximum(x) - coordinate_minimum(x)) ** 2 / 5),
        _changed("scalar-quantiser-0.99", "scalar-quantiser", rhs=_PERCENT * _known("scalar-quantiser").rhs),
    ]


def _of_angles() -> list[Pair]:
    onward, across = angle(x[i], w[k]), angle(z[j], w[k])
    steps = [1 - cos(a, b) for a, b in ((x[i], z[j]), (x[i], w[k]), (z[j], w[k]))]
    return [
        _own(
            ("angle-below-chord", maximum((i, j), _angle - _chord) <= 0),
            ("chord-below-angle", maximum((i, j), _chord - _angle) <= 0),
            **_turn,
        ),
        _own(
            ("angle-1.5-chords", maximum((i, j), _angle - Fraction(3, 2) * _chord) <= 0),
            ("angle-1.6-chords", maximum((i, j), _angle - Fraction(8, 5) * _chord) <= 0),
            **_turn,
        ),
        _own(
            ("cosine-distance-triangle", maximum((i, j, k), steps[0] - steps[1] - steps[2]) <= 0),
            ("angle-triangle", maximum((i, j, k), _angle - onward - across) <= 0),
            **_three,
        ),
        _own(
            ("chord-squared-cosine", equals(mean((i, j), _chord**2), mean((i, j), 1 - cos(x[i], z[j])))),
            ("chord-squared-twice-cosine", equals(mean((i, j), _chord**2), 2 * mean((i, j), 1 - cos(x[i], z[j])))),
            **_turn,
        ),
        _own(
            ("cauchy-schwarz-mean", mean((i, j), inner(x[i], z[j])) ** 2 <= norm(mean(x)) * norm(mean(z))),
            ("cauchy-schwarz", mean((i, j), inner(x[i], z[j])) ** 2 <= norm(mean(x)) ** 2 * norm(mean(z)) ** 2),
            **_turn,
        ),
        _own(
            ("mean-cosine", mean((i, j), cos(x[i], z[j])) <= cos(mean(x), mean(z))),
            ("cosine-of-one", maximum((i, j), cos(x[i], z[j])) <= 1),
            collections=(x, z),
        ),
        _own(
            ("cosine-contraction", mean((i, j), _chord) <= mean((i, j), distance(x[i], z[j]))),
            (
                "dunkl-williams",
                maximum((i, j), _chord * (norm(x[i]) + norm(z[j])) - 2 * distance(x[i], z[j])) <= 0,
            ),
            **_turn,
        ),
    ]


def _of_exponentials() -> list[Pair]:
    away = distance(x[i], w[k])
    smooth = logsumexp(k, away)
    softest = mean((i, j, k), softplus(distance(x[i], z[j]) - away))
    hinged = mean((i, j, k), hinge(distance(x[i], z[j]) - away))
    gap = largest(0, distance(x[i], z[j]) - away)
    within, beside = indicator(distance(x[i], z[j]) <= away), indicator(distance(x[i], z[j]) < away)
    return [
        _own(
            ("log-sum-exp-below-mean", mean(i, smooth) <= mean((i, k), away) + log(Size(w))),
            ("log-sum-exp-above-mean", mean((i, k), away) + log(Size(w)) <= mean(i, smooth)),
            **_three,
        ),
        _own(
            ("log-sum-exp-below-largest", mean(i, smooth) <= mean(i, maximum(k, away))),
            ("log-sum-exp-below-largest-and-log", mean(i, smooth) <= mean(i, maximum(k, away)) + log(Size(w))),
            **_three,
        ),
        _own(
            ("exp-of-mean", mean(i, exp(norm(x[i]))) <= exp(mean(i, norm(x[i])))),
            ("exp-of-mean-above", exp(mean(i, norm(x[i]))) <= mean(i, exp(norm(x[i])))),
            collections=(x,),
        ),
        _own(
            ("softplus-below-hinge", softest <= hinged + Fraction(69, 100)),
            ("softplus-below-hinge-and-log-2", softest <= hinged + log(2)),
            **_three,
        ),
        _own(
            ("impostors-strictly", mean((i, j, k), within) <= mean((i, j, k), beside)),
            ("impostors-and-ties", mean((i, j, k), beside) <= mean((i, j, k), within)),
            **_three,
        ),
        _own(
            ("markov-without-size", count(i, norm(x[i]) >= 1) <= mean(i, norm(x[i]))),
            ("markov", count(i, norm(x[i]) >= 1) <= total(i, norm(x[i]))),
            collections=(x,),
        ),
        _own(
            ("margin-squared", mean((i, j, k), gap**2) <= mean((i, j, k), gap) ** 2),
            ("margin-of-squares", mean((i, j, k), gap) ** 2 <= mean((i, j, k), gap**2)),
            **_three,
        ),
        _changed(
            "impostors-half-margin",
            "impostors",
            rhs=mean((i, j, k), hinge(Fraction(1, 2) + distance(x[i], z[j]) ** 2 - distance(x[i], w[k]) ** 2)),
        ),
        _changed(
            "lifted-structure-reversed",
            "lifted-structure",
            lhs=_known("lifted-structure").rhs,
            rhs=_known("lifted-structure").lhs,
        ),
        _changed(
            "bregman-exponential-0.9", "bregman-exponential", rhs=Fraction(9, 10) * _known("bregman-exponential").rhs
        ),
    ]


def _of_distinct() -> list[Pair]:
    # By a letter of its own, i″, for i′ is the centroid's.
    other = another(another(x), apart_from=i)
    t = coordinate_index()
    first = mean((i, other), distance(x[i], x[other]) ** 2)
    n = Size(x)
    return [
        _own(
            ("distinct-pairs", equals(first, 2 * variance(x))),
            ("distinct-pairs-n", equals(first * (n - 1), 2 * n * variance(x))),
            collections=(x,),
            space=Space.EUCLIDEAN,
        ),
        _changed("cosine-margin-0.99", "cosine-margin", rhs=_PERCENT * n / (n - 1)),
        _changed("cosine-margin-n", "cosine-margin", rhs=(n + 1) / n),
        _changed("welch-n", "welch", lhs=(n - Dimension()) / (Dimension() * (n - 1)) + Fraction(1, 100)),
        _changed(
            "duality-without-diagonal",
            "contrastive-duality",
            lhs=_known("contrastive-duality").lhs - total(t, total(i, at(x[i], t) ** 2) ** 2),
        ),
    ]


def _of_families() -> list[Pair]:
    C = classes("C")
    c = C.each
    d = another(C, apart_from=c)
    centroids = mean((c, d), distance(mean(C[c]), mean(C[d])))
    points = mean((c, d, C[c].each, C[d].each), distance(C[c][C[c].each], C[d][C[d].each]))
    return [
        _own(
            ("classes-above-points", points <= centroids),
            ("classes-below-points", centroids <= points),
            collections=(C,),
        ),
        _changed(
            "between-and-within-unweighted",
            "between-and-within",
            rhs=mean(c, variance(C[c]) + distance(mean(C[c]), mean(C)) ** 2),
        ),
        _changed("mean-classifier-0.99", "mean-classifier", rhs=_PERCENT * _known("mean-classifier").rhs),
        _changed("supcon-n", "supcon", lhs=_known("supcon").lhs + Fraction(1, 100)),
        _changed("supcon-any-balance", "supcon", premises=()),
    ]


def _of_random_choices() -> list[Pair]:
    sampled = _known("mean-of-sample")
    moved = sampled.lhs / (2 * (Size(x) - 1))
    ratio = _known("participation-ratio")
    return [
        _changed("rademacher-linear-0.99", "rademacher-linear", rhs=_PERCENT * _known("rademacher-linear").rhs),
        _changed("khintchine-1.98", "khintchine", rhs=_PERCENT * _known("khintchine").rhs),
        _changed("mean-of-sample-n", "mean-of-sample", lhs=2 * Size(x) * moved),
        _changed("projection-tail-0.99", "projection-tail", rhs=_PERCENT * _known("projection-tail").rhs),
        _changed("participation-ratio-without-dimension", "participation-ratio", rhs=ratio.rhs / Dimension()),
        _changed("augmentation-overlap-any-centres", "augmentation-overlap", premises=()),
    ]


def _of_transport() -> list[Pair]:
    weighted, discrepancy = _known("transport-variation-weighted"), _known("gaussian-discrepancy")
    return [
        _changed("transport-variation-weighted-0.99", "transport-variation-weighted", rhs=_PERCENT * weighted.rhs),
        _changed("transport-orders-0.99", "transport-orders", rhs=_PERCENT * _known("transport-orders").rhs),
        _changed("gaussian-discrepancy-0.99", "gaussian-discrepancy", rhs=_PERCENT * discrepancy.rhs),
    ]


def pairs() -> list[Pair]:
    """Return every near miss with its neighbour."""
    return [
        *_plain(),
        *_of_angles(),
        *_of_exponentials(),
        *_of_distinct(),
        *_of_families(),
        *_of_random_choices(),
        *_of_transport(),
    ]
