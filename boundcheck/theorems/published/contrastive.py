"""Contrastive learning: what cross-entropies over similarities say, and what bounds them.

Logits are inner products of points as they are; a temperature is in their scale, which is theirs to have.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from boundcheck.language import (
    Bound,
    ClassIndex,
    Comparison,
    CoordinateIndex,
    Dimension,
    EqualSizes,
    Index,
    Parameter,
    Scalar,
    Size,
    Space,
    Vector,
    another,
    at,
    classes,
    coordinate_index,
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

__all__ = ["CONTRASTIVE"]

_l, _l2 = paired(x, z, symbol="l"), paired(x, z, symbol="l′")
_pairs = EqualSizes("x and z are pairs", (x, z))
_n = Size(x)
_right = inner(x[_l], z[_l])
_POOLE = (
    "B. Poole, S. Ozair, A. van den Oord, A. Alemi, G. Tucker, On variational bounds of mutual information, ICML 2019 "
    "(arXiv 1905.06922), eq. (10)"
)
_estimate = mean(_l, _right - logsumexp(j, inner(x[_l], z[j]))) + log(_n)

LOG_N = Published(
    Bound(
        "infonce-log-n",
        _estimate <= log(_n),
        premises=(_pairs,),
        title="The InfoNCE estimate never exceeds log n",
        collections=(x, z),
        citation=_POOLE,
        sharpness="Equality for one pair, 0 = 0; it is approached where right pairs are far more similar than wrong ones.",
        proof="Exponentials.infonce_log_n",
    ),
    year=2019,
    conventions="The critic is ⟨x, z⟩; the source has any critic. n is the number of pairs, K there.",
    sharp=Instance({"x": line(1), "z": line(1)}),
)

LOG_N_LESS_ONE = Published(
    Bound(
        "infonce-log-negatives",
        _estimate <= log(largest(1, _n - 1)),
        premises=(_pairs,),
        title="The InfoNCE estimate as at most the logarithm of the number of negatives",
        collections=(x, z),
        citation=f"{_POOLE}, with the right pair not counted",
    ),
    year=2019,
    conventions="Where only the wrong pairs are counted as the size of the choice.",
    reading_of="infonce-log-n",
    counterexample=Instance({"x": line(-2, 2), "z": line(-2, 2)}),
)


def _mutual_information() -> Scalar:
    same_x, same_z = (equals(distance(a[_l], a[_l2]), 0) for a in (x, z))
    both = total(_l2, indicator(same_x) * indicator(same_z))
    return mean(_l, log(_n * both / (total(_l2, indicator(same_x)) * total(_l2, indicator(same_z)))))


INFONCE = Published(
    Bound(
        "infonce-mutual-information",
        log(2) - mean((_l, j), softplus(inner(x[_l], z[j]) - _right)) <= _mutual_information(),
        premises=(_pairs,),
        title="InfoNCE bounds mutual information",
        collections=(x, z),
        citation="A. van den Oord, Y. Li, O. Vinyals, Representation learning with contrastive predictive coding, arXiv "
        "1807.03748 (2018), §2.3 and appendix; B. Poole et al., ICML 2019",
        sharpness="Equality for one pair: 0 = 0.",
    ),
    year=2018,
    conventions=(
        "The joint distribution is uniform on the pairs, equal pairs counted as often as they occur, so any rational one can be "
        "had; N = 2, one negative drawn from the marginal of z; the score is ⟨x, z⟩. All expectations are then finite sums."
    ),
    sharp=Instance({"x": line(1), "z": line(1)}),
)

_a = Parameter("α")
_hard = maximum(k, largest(_a - distance(x[i], w[k]), _a - distance(z[j], w[k])))
_smooth = log(total(k, exp(_a - distance(x[i], w[k])) + exp(_a - distance(z[j], w[k]))))
_SONG = (
    "H. O. Song, Y. Xiang, S. Jegelka, S. Savarese, Deep metric learning via lifted structured feature embedding, CVPR 2016 "
    "(arXiv 1511.06452), eq. (4); S. Boyd, L. Vandenberghe, Convex optimization, 2004, §3.1.5"
)

LIFTED = Published(
    Bound(
        "lifted-structure",
        mean((i, j), _hard + distance(x[i], z[j])) <= mean((i, j), _smooth + distance(x[i], z[j])),
        title="Lifted structure: the smooth loss is at least the hard one",
        collections=(x, z, w),
        citation=_SONG,
        proof="Exponentials.lifted_structure",
    ),
    year=2016,
    conventions="Before squares and hinges, on average over positive pairs (x_i, z_j); w are the negatives of both, α the margin.",
)

LIFTED_ABOVE = Published(
    Bound(
        "lifted-structure-above",
        mean((i, j), _smooth + distance(x[i], z[j])) <= mean((i, j), _hard + distance(x[i], z[j])) + log(2 * Size(w)),
        title="Lifted structure: the smooth loss is at most log 2q above the hard one",
        collections=(x, z, w),
        citation=_SONG,
        sharpness="Equality where all negatives are equally far: x = z = 0, w = 1, α = 0: −1 + log 2 = −1 + log 2.",
        proof="Exponentials.lifted_structure_above",
    ),
    year=2016,
    conventions="q negatives of each of two anchors are 2q terms in the sum.",
    sharp=Instance({"x": line(0), "z": line(0), "w": line(1)}, parameters={"α": 0}),
)

LIFTED_TOO_LOW = Published(
    Bound(
        "lifted-structure-above-q",
        mean((i, j), _smooth + distance(x[i], z[j])) <= mean((i, j), _hard + distance(x[i], z[j])) + log(Size(w)),
        title="Lifted structure with log q for two anchors' negatives",
        collections=(x, z, w),
        citation=f"{_SONG}; with the negatives of one anchor counted",
    ),
    year=2016,
    conventions="The general max v ≤ log Σ e^v ≤ max v + log n with n the number of negatives, which are in the sum twice.",
    reading_of="lifted-structure-above",
    counterexample=Instance({"x": line(0), "z": line(0), "w": line(1)}, parameters={"α": 0}),
)


# ------------------------------------------------------------------------------------------------ families of classes

C = classes("C")
_c = C.each
_any = cast(ClassIndex, another(C))
# By a letter of its own, c″.
_other = cast(ClassIndex, another(_any, apart_from=_c))
_i = C[_c].each
_same = another(C[_c])
_negative = C[_any].each
_ARORA = (
    "S. Arora, H. Khandeparkar, M. Khodak, O. Plevrakis, N. Saunshi, A theoretical analysis of contrastive unsupervised "
    "representation learning, ICML 2019 (arXiv 1902.09229), lemma 4.3"
)
_RHO = (
    "Classes are drawn uniformly and independently, so τ = 1/K, and points uniformly from their class; a positive may be the "
    "anchor itself, a negative's class the anchor's own."
)


def _unsupervised(loss: Callable[[Scalar], Scalar], positive: Index) -> Scalar:
    anchor, negative = C[_c][_i], C[_any][_negative]
    return mean((_c, _any, _i, positive, _negative), loss(inner(anchor, C[_c][positive] - negative)))


def _supervised(loss: Callable[[Scalar], Scalar]) -> Scalar:
    return mean((_c, _other, _i), loss(inner(C[_c][_i], mean(C[_c]) - mean(C[_other]))))


def _hinge_loss(value: Scalar) -> Scalar:
    return hinge(1 - value)


def _logistic_loss(value: Scalar) -> Scalar:
    return softplus(-value) / log(2)


def _transferred(loss: Callable[[Scalar], Scalar], positive: Index) -> Comparison:
    chance = 1 / C.count
    return _supervised(loss) <= (_unsupervised(loss, positive) - chance) / (1 - chance)


TRANSFER = Published(
    Bound(
        "mean-classifier",
        _transferred(_hinge_loss, _same),
        title="The contrastive loss bounds the mean classifier's, hinge loss",
        collections=(C,),
        citation=_ARORA,
        sharpness="Equality where every class is one point many times: at two classes of the points 0 both sides are 1.",
        proof="Classes.mean_classifier",
    ),
    year=2019,
    conventions=f"ℓ is the hinge max{{0, 1 − v}}. {_RHO}",
    sharp=Instance({"C": line(0, 0)}, partitions={"C": (1, 1)}),
)

TRANSFER_LOGISTIC = Published(
    Bound(
        "mean-classifier-logistic",
        _transferred(_logistic_loss, _same),
        title="The contrastive loss bounds the mean classifier's, logistic loss",
        collections=(C,),
        citation=_ARORA,
        sharpness="Equality where every class is one point many times: at two classes of the points 0 both sides are 1.",
        proof="Exponentials.mean_classifier_logistic",
    ),
    year=2019,
    conventions=f"ℓ is the logistic loss log₂(1 + e^(−v)). {_RHO}",
    sharp=Instance({"C": line(0, 0)}, partitions={"C": (1, 1)}),
)

TRANSFER_NOT_LESS = Published(
    Bound(
        "mean-classifier-without-collision",
        _supervised(_hinge_loss) <= (_unsupervised(_hinge_loss, _same) - 1 / C.count),
        title="The mean classifier's loss without the factor 1/(1 − τ)",
        collections=(C,),
        citation=f"{_ARORA}, with τ taken off and not divided by 1 − τ",
    ),
    year=2019,
    conventions="Where collisions of classes are taken off the loss, but what is left is not made a mean again.",
    reading_of="mean-classifier",
    counterexample=Instance({"C": line(0, 0)}, partitions={"C": (1, 1)}),
)

_apart = another(C[_c], apart_from=_i)
_rest = C.points.apart_from(_i)
_radius = Parameter("ρ")
_n_c, _count, _all = C[_c].count, C.count, Size(C)
_balanced = for_all("balanced classes", equals(_n_c, C[_any].count))
_GRAF = (
    "F. Graf, C. Hofer, M. Niethammer, R. Kwitt, Dissecting supervised contrastive learning, ICML 2021 (arXiv 2102.08817), "
    "theorem 2"
)


def _supcon() -> Scalar:
    anchor = C[_c][_i]
    every, alike = _radius**2 * cos(anchor, C[_rest]), _radius**2 * cos(anchor, C[_c][_apart])
    return mean((_c, _i), logsumexp(_rest, every) - mean(_apart, alike))


def _simplex(exponent: Scalar) -> Scalar:
    each = _all / _count
    return log(each - 1 + (_all - each) * exp(-exponent))


_COLLAPSED = Instance({"C": ((1,), (1,), (-1,), (-1,))}, parameters={"ρ": 1}, partitions={"C": (2, 2)})

SUPCON = Published(
    Bound(
        "supcon",
        _simplex(_radius**2 * _count / (_count - 1)) <= _supcon(),
        premises=(_balanced,),
        title="The supervised contrastive loss is at least a collapsed simplex's",
        collections=(C,),
        space=Space.EUCLIDEAN,
        citation=_GRAF,
        sharpness="Equality where classes collapse to a regular simplex: x = 1, 1 | −1, −1 with ρ = 1 gives log(1 + 2/e²) twice.",
    ),
    year=2021,
    conventions=(
        "One batch of all N points in K classes of N/K ≥ 2 points each; the mean over anchors where the source has the sum. "
        "Vectors are scaled to length ρ, so logits are ρ²·cos, the temperature 1/ρ²."
    ),
    sharp=_COLLAPSED,
)

SUPCON_K = Published(
    Bound(
        "supcon-without-simplex",
        _simplex(_radius**2) <= _supcon(),
        premises=(_balanced,),
        title="The supervised contrastive loss with orthogonal classes for the least",
        collections=(C,),
        space=Space.EUCLIDEAN,
        citation=f"{_GRAF}, with exp(−ρ²) in place of exp(−Kρ²/(K − 1))",
    ),
    year=2021,
    conventions="Where classes are thought to be at right angles at best; a simplex is better.",
    reading_of="supcon",
    counterexample=_COLLAPSED,
)

_WANG = (
    "T. Wang, P. Isola, Understanding contrastive representation learning through alignment and uniformity on the "
    "hypersphere, ICML 2020 (arXiv 2005.10242), theorem 1 and its proof"
)

ALIGNMENT = Published(
    Bound(
        "alignment-uniformity",
        mean((_l, j), log(exp(_right) + exp(inner(x[_l], z[j])))) - mean(_l, _right)
        <= mean(_l, log(exp(_right) + mean(j, exp(inner(x[_l], z[j]))))) - mean(_l, _right),
        premises=(_pairs,),
        title="The contrastive loss of drawn negatives is at most that of their mean",
        collections=(x, z),
        citation=_WANG,
        sharpness="Equality for one pair.",
        proof="Exponentials.alignment_uniformity",
    ),
    year=2020,
    conventions=(
        "The source's theorem is on the limit of many negatives, where alignment and uniformity part; this is the step that "
        "goes there, by Jensen's inequality, for one negative, drawn from z uniformly. It is not the theorem."
    ),
    sharp=Instance({"x": line(1), "z": line(1)}),
)

# ---------------------------------------------------------------------------------------------------- Gram matrices

_x2 = another(x, apart_from=i)
_t = coordinate_index()
_s = another(_t, apart_from=_t)


def _entry(first: Index, second: Index) -> Scalar:
    return total(i, at(x[i], cast(CoordinateIndex, first)) * at(x[i], cast(CoordinateIndex, second)))


DUALITY = Published(
    Bound(
        "contrastive-duality",
        equals(
            total((_t, _s), _entry(_t, _s) ** 2) + total(_t, total(i, at(x[i], _t) ** 2) ** 2),
            total((i, _x2), inner(x[i], x[_x2]) ** 2) + total(i, inner(x[i], x[i]) ** 2),
        ),
        title="Contrastive and dimension-contrastive losses are dual",
        collections=(x,),
        citation="Q. Garrido, Y. Chen, A. Bardes, L. Najman, Y. LeCun, On the duality between contrastive and non-contrastive "
        "self-supervised learning, ICLR 2023 (arXiv 2206.02574), theorem 3.3",
        proof="Coordinates.contrastive_duality",
    ),
    year=2023,
    conventions=(
        "The points x are the columns of the source's matrix. On the left the off-diagonal entries of the D × D matrix of "
        "coordinates and the squares of its diagonal, on the right those of the n × n matrix of points; n ≥ 2 and D ≥ 2."
    ),
)

_t2 = another(_t)
_i3 = another(x)


def _covariance(first: CoordinateIndex, second: Index) -> Scalar:
    away = x[i] - mean(_i3, x[_i3])
    return mean(i, at(away, first) * at(away, cast(CoordinateIndex, second)))


PARTICIPATION = Published(
    Bound(
        "participation-ratio",
        total(_t, _covariance(_t, _t)) ** 2 <= Dimension() * total((_t, _t2), _covariance(_t, _t2) ** 2),
        title="The participation ratio is at most the dimension",
        collections=(x,),
        citation="P. Gao, E. Trautmann, B. Yu, G. Santhanam, S. Ryu, K. Shenoy, S. Ganguli, A theory of multineuronal "
        "dimensionality, dynamics and measurement, bioRxiv 214262 (2017); of collapsed embeddings: L. Jing, P. Vincent, "
        "Y. LeCun, Y. Tian, Understanding dimensional collapse in contrastive self-supervised learning, ICLR 2022",
        sharpness="Equality where the covariance is a multiple of the identity, on the line for any points: x = −1, 1 gives 1² = 1·1.",
        proof="Coordinates.participation_ratio",
    ),
    year=2017,
    conventions="The ratio is (tr Σ)²/tr(Σ²) of the covariance Σ; here without division, so that one point is no exception.",
    sharp=Instance({"x": line(-1, 1)}),
)

# ------------------------------------------------------------------------------------------------ views of objects

X = classes("X", class_index="o", class_count="M", member_index="v", class_size="V")
_o, _o2 = X.each, cast(ClassIndex, another(X))
_v, _v2, _u = X[_o].each, another(X[_o]), X[_o2].indexed("u")


def _unit(vector: Vector) -> Vector:
    return vector / norm(vector)


_sigma, _epsilon, _eta = Parameter("σ"), Parameter("ε"), Parameter("η")
_view = _unit(X[_o][_v])
_own, _foreign = mean((_o, _v), _view), mean(j, _unit(z[j]))
_unstable = mean(_o, indicator(maximum((_v, _v2), distance(_view, _unit(X[_o][_v2]))) > _epsilon))
_overlap = mean(_o2, indicator(minimum((_v, _u), distance(_view, _unit(X[_o2][_u]))) <= _eta))
_alike = _sigma - _unstable
_rho = largest(0, 2 * (1 - _alike) + _alike * smallest(2, (2 * _epsilon + _eta) ** 2 / 2))
_wrong = mean((_o, _v), indicator(distance(_view, _foreign) <= distance(_view, _own)))

OVERLAP = Published(
    Bound(
        "augmentation-overlap",
        _wrong <= _unstable + mean(_o, indicator(_overlap < _sigma)),
        premises=(
            for_all(
                "classes apart",
                inner(_own, _foreign) < 1 - _rho - (2 * _rho) ** 0.5 - (1 - norm(_foreign) ** 2) / 2,
            ),
        ),
        title="Augmentation overlap: the error of the nearest centre, from views",
        collections=(X, z),
        space=Space.EUCLIDEAN,
        citation="W. Huang, M. Yi, X. Zhao, Z. Jiang, Towards the generalization of contrastive self-supervised learning, ICLR "
        "2023 (arXiv 2111.00743), theorem 1",
    ),
    year=2023,
    conventions=(
        "X are the objects of one class, each a class of the family: its views; z are the views of another class. Vectors are "
        "scaled to length 1, so r = 1. R is the share of objects of which two views are more than ε apart; an object overlaps "
        "with those of which some view is within η of one of its own. The source's main part of a class, of share σ, is here "
        "the objects that overlap with a share σ of their class, and distances are those of embedded views, η for L·δ. With "
        "ρ = 2(1 − σ + R) + (σ − R)·(2ε + η)²/2 the premise is the source's, with 1 − ‖μ‖² of the other centre for Δ_μ; the "
        "error is that of a random view, between two classes."
    ),
)

CONTRASTIVE = (
    LOG_N,
    LOG_N_LESS_ONE,
    INFONCE,
    ALIGNMENT,
    LIFTED,
    LIFTED_ABOVE,
    LIFTED_TOO_LOW,
    TRANSFER,
    TRANSFER_LOGISTIC,
    TRANSFER_NOT_LESS,
    SUPCON,
    SUPCON_K,
    OVERLAP,
    DUALITY,
    PARTICIPATION,
)
