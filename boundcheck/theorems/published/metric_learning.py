"""Metric learning: what margins, hinges, proxies and prototypes say of distances.

Unit vectors are written v / ‖v‖, so that no data have to be of length 1 exactly.
"""

from __future__ import annotations

from boundcheck.language import (
    Bound,
    Collection,
    Dimension,
    EqualSizes,
    Parameter,
    Premise,
    Scalar,
    Size,
    Space,
    Vector,
    absolute,
    another,
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
    largest,
    log,
    logsumexp,
    maximum,
    mean,
    minimum,
    norm,
    paired,
    smallest,
    softplus,
    total,
    w,
    x,
    z,
)
from boundcheck.theorems.published.record import Instance, Published, line

__all__ = ["METRIC_LEARNING"]


def _unit(vector: Vector) -> Vector:
    return vector / norm(vector)


def _not_zero(*collections: Collection) -> tuple[Premise, ...]:
    """Return the premises that no point of collections is 0, whose cosines and unit vectors are then defined."""
    return tuple(for_all(f"no {one} is 0", norm(one[one.each]) > 0) for one in collections)


_M = Parameter("M")

PROTOTYPES = Published(
    Bound(
        "prototype-margin",
        equals(
            mean(i, distance(x[i], mean(w)) ** 2 - distance(x[i], mean(z)) ** 2),
            norm(mean(x) - mean(w)) ** 2 - norm(mean(x) - mean(z)) ** 2,
        ),
        title="S2: a margin to prototypes is a margin of centroids",
        collections=(x, z, w),
        space=Space.EUCLIDEAN,
        citation="boundcheck; prototypes as means: J. Snell, K. Swersky, R. Zemel, Prototypical networks for few-shot "
        "learning, NeurIPS 2017",
        proof="Clustering.prototype_margin",
    ),
    year=2017,
    conventions="‖x − c′‖² − ‖x − c‖² is affine in x, so it passes to means exactly.",
)

_k2 = another(w)
_temperature = absolute(Parameter("τ"))
_gap = 2 * (_temperature * logsumexp(_k2, cos(x[i], w[_k2]) / _temperature) - cos(x[i], z[j]))
_SOFTMAX = (
    "boundcheck; the losses: K. Sohn, Improved deep metric learning with multi-class n-pair loss objective, NeurIPS 2016; "
    "T. Chen, S. Kornblith, M. Norouzi, G. Hinton, A simple framework for contrastive learning of visual representations, "
    "ICML 2020"
)

SOFTMAX = Published(
    Bound(
        "softmax-margin",
        distance(_unit(x[i]), _unit(z[j])) - distance(_unit(x[i]), _unit(w[k]))
        <= (4 + smallest(_gap, 0)) ** 0.5 - 2 + largest(_gap, 0) ** 0.5,
        premises=(*_not_zero(x, z, w), for_all("a temperature", _temperature > 0)),
        title="S1: a softmax loss gives a margin between distances",
        collections=(x, z, w),
        space=Space.EUCLIDEAN,
        citation=_SOFTMAX,
        proof="Exponentials.softmax_margin",
    ),
    year=2016,
    conventions=(
        "Of unit vectors x/‖x‖ …, temperature |τ|. With t = 2|τ|·log(e^ℓ − 1) for the loss ℓ of anchor x_i and positive z_j "
        "against all negatives w, which is 2(|τ|·log Σ_k e^{cos(x_i, w_k)/|τ|} − cos(x_i, z_j)): the difference of distances "
        "is at most √(4 + t) − 2 if t < 0, else √t. Both cases in one line: √(4 + min(t, 0)) − 2 + √max(t, 0)."
    ),
)

_excess = inner(x[i], w[k]) - inner(x[i], z[j])
_SOHN = "K. Sohn, Improved deep metric learning with multi-class n-pair loss objective, NeurIPS 2016, §3.2"

NPAIR = Published(
    Bound(
        "n-pair",
        mean((i, j), log(1 + total(k, exp(_excess)))) <= mean((i, j), total(k, softplus(_excess))),
        title="The n-pair loss is at most the sum of its one-against-one losses",
        collections=(x, z, w),
        citation=_SOHN,
        sharpness="Equality for one negative: x = 0, z = 0, w = 0 gives log 2 twice.",
    ),
    year=2016,
    conventions="N-pair-mc against N-pair-ovo: log(1 + Σ_k e^{s_k}) and Σ_k log(1 + e^{s_k}), s_k = ⟨x, w_k⟩ − ⟨x, z⟩.",
    sharp=Instance({"x": line(0), "z": line(0), "w": line(0)}),
)

NPAIR_MEAN = Published(
    Bound(
        "n-pair-mean",
        mean((i, j), log(1 + total(k, exp(_excess)))) <= mean((i, j, k), softplus(_excess)),
        title="The n-pair loss and the mean of its one-against-one losses",
        collections=(x, z, w),
        citation=f"{_SOHN}, with a mean over negatives for the sum",
    ),
    year=2016,
    conventions="Where the one-against-one loss is averaged over negatives.",
    reading_of="n-pair",
    counterexample=Instance({"x": line(0), "z": line(0), "w": line(0, 0)}),
)

_wrong_way = indicator(distance(x[i], w[k]) ** 2 <= distance(x[i], z[j]) ** 2)
_LMNN = (
    "K. Weinberger, L. Saul, Distance metric learning for large margin nearest neighbor classification, Journal of Machine "
    "Learning Research 10 (2009)"
)

LMNN = Published(
    Bound(
        "impostors",
        mean((i, j, k), _wrong_way)
        <= mean((i, j, k), hinge(1 + distance(x[i], z[j]) ** 2 - distance(x[i], w[k]) ** 2)),
        title="The hinge of LMNN bounds the share of impostors",
        collections=(x, z, w),
        citation=_LMNN,
        sharpness="Equality at x = 0, z = 1, w = −1: 1 = 1.",
        proof="Learning.impostors",
    ),
    year=2009,
    conventions="An impostor is at most as far as the target; shares and means of hinges are over all triplets.",
    sharp=Instance({"x": line(0), "z": line(1), "w": line(-1)}),
)

LMNN_WITHOUT_MARGIN = Published(
    Bound(
        "impostors-without-margin",
        mean((i, j, k), _wrong_way) <= mean((i, j, k), hinge(distance(x[i], z[j]) ** 2 - distance(x[i], w[k]) ** 2)),
        title="The hinge without its margin, and the share of impostors",
        collections=(x, z, w),
        citation=f"{_LMNN}, with a margin of 0",
    ),
    year=2009,
    conventions="A hinge of margin 0 counts a near impostor for less than 1.",
    reading_of="impostors",
    counterexample=Instance({"x": line(0), "z": line(1), "w": line(1)}),
)

_y = Collection("y", "proxies of G2", "j", "r")
_v = Collection("v", "proxies of G3", "k", "s")
_jy, _kv = paired(z, _y, symbol="j"), paired(w, _v, symbol="k")
_proxied = (EqualSizes("a proxy for each positive", (z, _y)), EqualSizes("a proxy for each negative", (w, _v)))
# The largest over all of them, so by letters of their own.
_j2, _k3 = paired(z, _y, symbol="j′"), paired(w, _v, symbol="k′")
_epsilon = largest(
    maximum(_j2, distance(_unit(z[_j2]), _unit(_y[_j2])) ** 2),
    maximum(_k3, distance(_unit(w[_k3]), _unit(_v[_k3])) ** 2),
)
_PROXIES = (
    "Y. Movshovitz-Attias, A. Toshev, T. Leung, S. Ioffe, S. Singh, No fuss distance metric learning using proxies, ICCV 2017 "
    "(arXiv 1703.07464), proposition 4.2"
)


def _triplet_loss(positive: Vector, negative: Vector) -> Scalar:
    return hinge(_M - cos(x[i], positive) + cos(x[i], negative))


def _triplet_loss_of_squares(positive: Vector, negative: Vector) -> Scalar:
    anchor = _unit(x[i])
    return hinge(_M + distance(anchor, _unit(positive)) ** 2 - distance(anchor, _unit(negative)) ** 2)


PROXIES = Published(
    Bound(
        "proxy-triplet",
        _triplet_loss(z[_jy], w[_kv]) <= _triplet_loss(_y[_jy], _v[_kv]) + 2 * _epsilon**0.5,
        premises=_proxied,
        title="A triplet loss is at most the proxies' plus twice their error",
        collections=(x, z, w, _y, _v),
        space=Space.EUCLIDEAN,
        citation=_PROXIES,
        proof="Learning.proxy_triplet",
    ),
    year=2017,
    conventions=(
        "Of unit vectors x/‖x‖ …; y are the proxies of the positives z, v those of the negatives w, ε the largest squared "
        "distance of a point from its proxy, M the margin. The loss is of inner products, [M − ⟨x, z⟩ + ⟨x, w⟩]₊."
    ),
)

PROXIES_OF_SQUARES = Published(
    Bound(
        "proxy-triplet-squares",
        _triplet_loss_of_squares(z[_jy], w[_kv]) <= _triplet_loss_of_squares(_y[_jy], _v[_kv]) + 2 * _epsilon**0.5,
        premises=_proxied,
        title="The same of squared distances, with the same constant",
        collections=(x, z, w, _y, _v),
        space=Space.EUCLIDEAN,
        citation=_PROXIES,
    ),
    year=2017,
    conventions="The loss read as one of squared distances, [M + ‖x − z‖² − ‖x − w‖²]₊: each is twice as steep, so 2√ε is too little.",
    reading_of="proxy-triplet",
    counterexample=Instance(
        {"x": ((0, 1),), "z": ((3, -4),), "w": ((3, 4),), "y": ((1, 0),), "v": ((1, 0),)}, parameters={"M": 0}
    ),
)

PROXIES_OF_SQUARES_TWICE = Published(
    Bound(
        "proxy-triplet-squares-twice",
        _triplet_loss_of_squares(z[_jy], w[_kv]) <= _triplet_loss_of_squares(_y[_jy], _v[_kv]) + 4 * _epsilon**0.5,
        premises=_proxied,
        title="A triplet loss of squared distances is at most the proxies' plus four times their error",
        collections=(x, z, w, _y, _v),
        space=Space.EUCLIDEAN,
        citation=f"{_PROXIES}, for squared distances",
    ),
    year=2017,
    conventions="As for inner products, with the constant that squared distances take.",
)

CHORD = Published(
    Bound(
        "chord",
        equals(distance(_unit(x[i]), _unit(z[j])) ** 2, 2 - 2 * cos(x[i], z[j])),
        premises=_not_zero(x, z),
        title="Chord and cosine",
        collections=(x, z),
        space=Space.EUCLIDEAN,
        citation="textbook; P. Jordan, J. von Neumann, On inner products in linear, metric spaces, Annals of Mathematics 36 (1935)",
        proof="Learning.chord",
    ),
    year=1935,
    conventions="Distances of unit vectors and cosines order neighbours the same way.",
)

PARALLELOGRAM = Published(
    Bound(
        "parallelogram",
        equals(
            norm(x[i] + z[j]) ** 2 + norm(x[i] - z[j]) ** 2,
            2 * norm(x[i]) ** 2 + 2 * norm(z[j]) ** 2,
        ),
        title="The parallelogram law",
        collections=(x, z),
        space=Space.EUCLIDEAN,
        citation="P. Jordan, J. von Neumann, On inner products in linear, metric spaces, Annals of Mathematics 36 (1935)",
        proof="Learning.parallelogram",
    ),
    year=1935,
    conventions="It is what tells norms that come from an inner product.",
)

PARALLELOGRAM_ANY_NORM = Published(
    Bound(
        "parallelogram-sup-norm",
        equals(
            norm(x[i] + z[j]) ** 2 + norm(x[i] - z[j]) ** 2,
            2 * norm(x[i]) ** 2 + 2 * norm(z[j]) ** 2,
        ),
        title="The parallelogram law in the sup norm",
        collections=(x, z),
        space=Space.SUP_NORM,
        citation="the law of P. Jordan, J. von Neumann, 1935, read in a norm that comes from no inner product",
    ),
    year=1935,
    conventions="By their theorem it holds in no other norms than those of inner products.",
    reading_of="parallelogram",
    counterexample=Instance({"x": ((1, 0),), "z": ((0, 1),)}, norm=float("inf")),
)

_i2 = another(x, apart_from=i)
_n, _D = Size(x), Dimension()
_WANG = (
    "H. Wang, Y. Wang, Z. Zhou, X. Ji, D. Gong, J. Zhou, Z. Li, W. Liu, CosFace: large margin cosine loss for deep face "
    "recognition, CVPR 2018 (arXiv 1801.09414), eq. (7); R. Rankin, The closest packing of spherical caps in n dimensions, "
    "Proceedings of the Glasgow Mathematical Association 2 (1955)"
)

COSFACE = Published(
    Bound(
        "cosine-margin",
        1 - maximum((i, _i2), cos(x[i], x[_i2])) <= _n / (_n - 1),
        title="How large a cosine margin can be",
        collections=(x,),
        citation=_WANG,
        sharpness="Equality for two opposite vectors: x = 1, −1 gives 2 = 2/1; and for any regular simplex.",
        proof="Coordinates.cosine_margin",
    ),
    year=2018,
    conventions=(
        "x are the class weights W, n of them, n ≥ 2, of any lengths but 0; the largest margin is one minus the largest cosine "
        "of two. The source asks for n ≤ D + 1, which equality needs and the inequality does not."
    ),
    sharp=Instance({"x": line(1, -1)}),
)

COSFACE_MEAN = Published(
    Bound(
        "cosine-margin-least",
        1 - minimum((i, _i2), cos(x[i], x[_i2])) <= _n / (_n - 1),
        title="A cosine margin to the farthest class",
        collections=(x,),
        citation=f"{_WANG}, with the farthest class in place of the nearest",
    ),
    year=2018,
    conventions="Where the margin is taken to the class that is least alike.",
    reading_of="cosine-margin",
    counterexample=Instance({"x": line(1, 1, -1)}),
)

WELCH = Published(
    Bound(
        "welch",
        (_n - _D) / (_D * (_n - 1)) <= maximum((i, _i2), cos(x[i], x[_i2]) ** 2),
        premises=(for_all("no x is 0", norm(x[i], 2) > 0),),
        title="Welch's bound: the coherence of more vectors than dimensions",
        collections=(x,),
        citation="L. Welch, Lower bounds on the maximum cross correlation of signals, IEEE Transactions on Information Theory 20 "
        "(1974)",
        sharpness="Equality on the line for two vectors, 1 = 1, and for any equiangular tight frame, as the three directions of a regular triangle.",
        proof="Coordinates.welch",
    ),
    year=1974,
    conventions="Squared, so that it says nothing false where n ≤ D and the left side is not positive; vectors of any length.",
    sharp=Instance({"x": line(1, 1)}),
)

METRIC_LEARNING = (
    SOFTMAX,
    NPAIR,
    NPAIR_MEAN,
    PROTOTYPES,
    LMNN,
    LMNN_WITHOUT_MARGIN,
    PROXIES,
    PROXIES_OF_SQUARES,
    PROXIES_OF_SQUARES_TWICE,
    COSFACE,
    COSFACE_MEAN,
    WELCH,
    CHORD,
    PARALLELOGRAM,
    PARALLELOGRAM_ANY_NORM,
)
