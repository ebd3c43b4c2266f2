"""Functions of sets: how much a pooled representation can move when a collection does."""

from __future__ import annotations

from boundcheck.language import (
    Bound,
    Dimension,
    EqualSizes,
    L,
    Map,
    Parameter,
    Scalar,
    Size,
    Space,
    Transport,
    coordinate_maximum,
    coordinate_minimum,
    distance,
    g,
    i,
    j,
    largest,
    lipschitz,
    maximum,
    mean,
    minimum,
    norm,
    total,
    x,
    z,
)
from boundcheck.theorems.published.record import Instance, Published, line

__all__ = ["SET_FUNCTIONS"]

_SOURCE = (
    "G. Nikolentzos, K. Skianis, On the Lipschitz continuity of set aggregation functions and neural networks for sets, "
    "ICLR 2026 (arXiv 2505.24403)"
)
_hausdorff: Scalar = largest(maximum(i, minimum(j, distance(x[i], z[j]))), maximum(j, minimum(i, distance(x[i], z[j]))))

MAXIMUM = Published(
    Bound(
        "maximum-hausdorff",
        title="The coordinate-wise maximum is √D-Lipschitz in the Hausdorff distance",
        lhs=norm(coordinate_maximum(x) - coordinate_maximum(z)),
        rhs=Dimension() ** 0.5 * _hausdorff,
        collections=(x, z),
        space=Space.EUCLIDEAN,
        citation=_SOURCE,
        sharpness="Equality in the plane at x = (0, 0) and z = (1, 0), (0, 1): √2 = √2·1.",
        proof="SetFunctions.maximum_hausdorff",
    ),
    year=2026,
    conventions="D is the dimension of the space.",
    sharp=Instance({"x": ((0, 0),), "z": ((1, 0), (0, 1))}),
)

MAXIMUM_WITHOUT_ROOT = Published(
    Bound(
        "maximum-hausdorff-without-root",
        title="The coordinate-wise maximum as 1-Lipschitz in the Hausdorff distance",
        lhs=norm(coordinate_maximum(x) - coordinate_maximum(z)),
        rhs=_hausdorff,
        collections=(x, z),
        space=Space.EUCLIDEAN,
        citation=f"{_SOURCE}, read without the factor √D",
    ),
    year=2026,
    conventions="True in the sup norm, where no factor is needed; not in the Euclidean.",
    reading_of="maximum-hausdorff",
    counterexample=Instance({"x": ((0, 0),), "z": ((1, 0), (0, 1))}),
)

MINIMUM_SUP = Published(
    Bound(
        "minimum-hausdorff",
        title="The coordinate-wise minimum is 1-Lipschitz in the Hausdorff distance of the sup norm",
        lhs=norm(coordinate_minimum(x) - coordinate_minimum(z)),
        rhs=_hausdorff,
        collections=(x, z),
        space=Space.SUP_NORM,
        citation=_SOURCE,
        sharpness="Equality for one point a side: x = 0, z = 1 gives 1 = 1.",
        proof="SetFunctions.minimum_hausdorff",
    ),
    year=2026,
    conventions="The minimum is minus the maximum of the points' negatives.",
    sharp=Instance({"x": line(0), "z": line(1)}, norm=float("inf")),
)

SUM = Published(
    Bound(
        "sum-transport",
        title="The sum is n-Lipschitz in the earth mover's distance between sets of one size",
        premises=(EqualSizes("equal sizes of x and z", (x, z)),),
        lhs=norm(total(x) - total(z)),
        rhs=Size(x) * Transport(x, z),
        collections=(x, z),
        citation=_SOURCE,
        sharpness="Equality where z is x moved as a whole: x = 0, 1 and z = 1, 2 give 2 = 2·1.",
        proof="Couplings.sum_transport",
    ),
    year=2026,
    conventions="The source's matching distance of two sets of one size is n times W₁.",
    sharp=Instance({"x": line(0, 1), "z": line(1, 2)}),
)

ENCODER = Published(
    Bound(
        "encoded-mean",
        title="The mean of Lipschitz codes is Lipschitz in the earth mover's distance",
        premises=(lipschitz(L, of=g),),
        lhs=norm(mean(i, g(x[i])) - mean(j, g(z[j]))),
        rhs=L * Transport(x, z),
        collections=(x, z),
        citation=f"{_SOURCE}; form of network: M. Zaheer, S. Kottur, S. Ravanbakhsh, B. Póczos, R. Salakhutdinov, A. Smola, "
        "Deep sets, NeurIPS 2017",
        sharpness="Equality on the line for g(v) = L·v at x = 0, z = 1: L = L·1.",
        proof="Couplings.encoded_mean",
    ),
    year=2026,
    conventions="g is the encoder φ of the source, before the mean.",
    sharp=Instance({"x": line(0), "z": line(1)}, parameters={"L": 4}, maps={"g": 4}),
)

_encode = Map("φ")
_decode = Map("ρ", source=_encode)
_L1, _L2 = Parameter("L₁"), Parameter("L₂")

DEEP_SETS = Published(
    Bound(
        "deep-sets",
        norm(_decode(mean(i, _encode(x[i]))) - _decode(mean(j, _encode(z[j])))) <= _L2 * _L1 * Transport(x, z),
        premises=(lipschitz(_L1, of=_encode), lipschitz(_L2, of=_decode)),
        title="A network for sets is Lipschitz in the earth mover's distance",
        collections=(x, z),
        citation=f"{_SOURCE}; form of network: M. Zaheer, S. Kottur, S. Ravanbakhsh, B. Póczos, R. Salakhutdinov, A. Smola, "
        "Deep sets, NeurIPS 2017",
        sharpness="Equality on the line for φ(v) = L₁·v and ρ(v) = L₂·v at x = 0, z = 1.",
        proof="Couplings.deep_sets",
    ),
    year=2026,
    conventions="φ encodes points, ρ decodes the mean of the codes; ρ is of the space that φ leads to.",
    sharp=Instance({"x": line(0), "z": line(1)}, parameters={"L₁": 4, "L₂": 2}, maps={"φ": 4, "ρ": 2}),
)

SET_FUNCTIONS = (MAXIMUM, MAXIMUM_WITHOUT_ROOT, MINIMUM_SUP, SUM, ENCODER, DEEP_SETS)
