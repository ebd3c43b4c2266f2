"""From instances to groups: a margin between objects becomes a margin between collections.

G: under T(−μ), ‖c_x − c_w‖² − ‖c_x − c_z‖² ≥ μ(2·mean d(x_i, w_k) − μ) + Var z − Var w: the margin carries over to
collections wherever the negatives' spread does not eat it.
"""

from __future__ import annotations

from boundcheck.language import Bound, Space, distance, i, k, m, mean, norm, triplet, variance, w, x, z

__all__ = ["GROUP"]

GROUP = Bound(
    "group",
    title="G: from a margin between objects to one between collections",
    premises=(triplet(m),),
    lhs=-m * (2 * mean((i, k), distance(x[i], w[k])) + m) + variance(z) - variance(w),
    rhs=norm(mean(x) - mean(w)) ** 2 - norm(mean(x) - mean(z)) ** 2,
    space=Space.EUCLIDEAN,
    citation="boundcheck, between the instance-level and group-level methods of "
    'P. Karimov, "Representation learning of data collections", MIPT, 2024',
    sharpness="Equality for one point a side, with the least m.",
    proof="Group.group",
)
