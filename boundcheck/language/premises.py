"""The standard premises, over the standard letters: equal sizes, and the triplet premise."""

from __future__ import annotations

from boundcheck.language.bounds import EqualSizes, ForAll
from boundcheck.language.standard import SETTING, i, j, k, m, w, x, z
from boundcheck.language.terms import Scalar, distance, farthest, scalar

equal_sizes = EqualSizes("equal sizes", SETTING)

_MARGIN_HINT = (
    "m is the largest d(anchor, positive) − d(anchor, negative) that training reached, in the embedding's own units: "
    "minus the margin, not the margin. A loss with margin μ, once it is zero, gives m = −μ. "
    "Leave m out and the least m that is true here is used"
)


def triplet(bound_on_difference: Scalar | int | float = m) -> ForAll:
    """Return T(m): d(x_i, z_j) − d(x_i, w_k) ≤ m for all i, j, k."""
    limit = scalar(bound_on_difference)
    return ForAll(
        f"T({limit})",
        lhs=distance(x[i], z[j]) - distance(x[i], w[k]),
        rhs=limit,
        # d(x_i, z_j) ≥ 0: below this, not even the farthest negative is far enough, whatever the positives.
        floor=-farthest(x, w),
        hint=_MARGIN_HINT,
    )
