"""The standard premises, over the standard letters: equal sizes, the triplet premise, a Lipschitz map."""

from __future__ import annotations

from boundcheck.language.bounds import EqualSizes, ForAll, Lipschitz
from boundcheck.language.standard import SETTING, L, g, m, w, x, z
from boundcheck.language.terms import Collection, Map, Scalar, another, distance, farthest, scalar

equal_sizes = EqualSizes("equal sizes", SETTING)

_MARGIN_HINT = (
    "m is the largest d(anchor, positive) − d(anchor, negative) that training reached, in the embedding's own units: "
    "minus the margin, not the margin. A loss with margin μ, once it is zero, gives m = −μ. "
    "Leave m out and the least m that is true here is used"
)


def triplet(
    bound_on_difference: Scalar | int | float = m,
    *,
    anchors: Collection = x,
    positives: Collection = z,
    negatives: Collection = w,
) -> ForAll:
    """Return the triplet premise T(m): d(x_i, z_j) − d(x_i, w_k) ≤ m for all i, j, k.

    Parameters
    ----------
    bound_on_difference
        m: a number, a parameter or another scalar.
    anchors, positives, negatives
        The collections; where anchors and positives are one collection, every point of it is near every other.
    """
    limit = scalar(bound_on_difference)
    anchor = anchors[anchors.each]
    positive = positives[another(anchors) if positives == anchors else positives.each]
    usual = (anchors, positives, negatives) == (x, z, w)
    return ForAll(
        f"T({limit})" if usual else f"T({limit}) on {anchors}, {positives}, {negatives}",
        lhs=distance(anchor, positive) - distance(anchor, negatives[negatives.each]),
        rhs=limit,
        # No distance is below 0: below this, not even the farthest negative is far enough, whatever the positives.
        floor=-farthest(anchors, negatives),
        hint=_MARGIN_HINT,
    )


def lipschitz(constant: Scalar | int | float = L, *, of: Map = g) -> Lipschitz:
    """Return the premise that a map is Lipschitz: ‖g(u) − g(v)‖ ≤ L·‖u − v‖ for all vectors u and v.

    Parameters
    ----------
    constant
        L: a number or a parameter, at least 0.
    of
        The map.
    """
    limit = scalar(constant)
    return Lipschitz(f"{of} is {limit}-Lipschitz", map=of, constant=limit)
