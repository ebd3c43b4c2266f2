"""Quantisation: what rounding points to codes does to distances."""

from __future__ import annotations

from math import inf

from boundcheck.language import (
    Bound,
    Dimension,
    EqualSizes,
    ForAll,
    Parameter,
    absolute,
    distance,
    for_all,
    k,
    mean,
    norm,
    paired,
    w,
    x,
    z,
)
from boundcheck.theorems.published.record import Instance, Published, line

__all__ = ["QUANTISATION"]

_l, _l2 = paired(x, z, symbol="l"), paired(x, z, symbol="l′")
_coded = EqualSizes("a code for each point", (x, z))
_step = Parameter("ε")
_points, _codes = distance(x[_l], x[_l2]), distance(z[_l], z[_l2])
_to_point, _to_code = distance(w[k], x[_l]), distance(w[k], z[_l])
_JEGOU = (
    "H. Jégou, M. Douze, C. Schmid, Product quantization for nearest neighbor search, IEEE Transactions on Pattern Analysis "
    "and Machine Intelligence 33 (2011), §III"
)

SYMMETRIC = Published(
    Bound(
        "symmetric-distance",
        absolute(_points - _codes) <= 2 * _step,
        title="Distances of codes differ from distances of points by at most twice the error",
        premises=(_coded, ForAll("every code is near", lhs=distance(x[_l], z[_l]), rhs=_step)),
        collections=(x, z),
        citation="A. Gersho, R. Gray, Vector quantization and signal compression, Kluwer 1992; the symmetric distance of "
        "product quantisation: H. Jégou, M. Douze, C. Schmid, 2011",
        sharpness="Equality on the line where two codes move apart: x = 0, 2 and z = −1, 3, ε = 1: 4 − 2 = 2·1.",
        proof="Searching.symmetric_distance",
    ),
    year=1992,
    conventions="z are the codes of the x, one each; ε is the largest distance of a point from its code.",
    sharp=Instance({"x": line(0, 2), "z": line(-1, 3)}),
)

ASYMMETRIC = Published(
    Bound(
        "asymmetric-distance",
        absolute(_to_point - _to_code) <= distance(x[_l], z[_l]),
        title="The distance of a query to a code differs by at most the code's error",
        premises=(_coded,),
        collections=(x, z, w),
        citation=_JEGOU,
        sharpness="Equality on the line: x = 1, z = 2, w = 0.",
        proof="Searching.asymmetric_distance",
    ),
    year=2011,
    conventions="z are the codes of the x, one each; w are queries, which are not rounded.",
    sharp=Instance({"x": line(1), "z": line(2), "w": line(0)}),
)

DISTORTION = Published(
    Bound(
        "distance-distortion",
        title="The mean square error of distances is at most that of the codes",
        premises=(_coded,),
        lhs=mean((k, _l), (_to_point - _to_code) ** 2),
        rhs=mean(_l, distance(x[_l], z[_l]) ** 2),
        collections=(x, z, w),
        citation=f"{_JEGOU}-C",
        sharpness="Equality on the line: x = 1, z = 2, w = 0 gives 1 = 1.",
        proof="Searching.distance_distortion",
    ),
    year=2011,
    conventions="The source's means are expectations over points; here over the points and queries at hand.",
    sharp=Instance({"x": line(1), "z": line(2), "w": line(0)}),
)

_delta = Parameter("Δ")
_rounded = for_all("rounded to the nearest", 2 * norm(x[_l] - z[_l], inf) <= _delta)
_GERSHO = "A. Gersho, R. Gray, Vector quantization and signal compression, Kluwer 1992, chapter 5; textbook"

SCALAR = Published(
    Bound(
        "scalar-quantiser",
        norm(x[_l] - z[_l], 2) <= _delta * Dimension() ** 0.5 / 2,
        premises=(_coded, _rounded),
        title="Uniform scalar quantisation: the Euclidean error of rounded coordinates",
        collections=(x, z),
        citation=_GERSHO,
        sharpness="Equality where every coordinate is half a step off: x = (0, 0), z = (1, 1), Δ = 2: √2 = √2.",
        proof="Coordinates.scalar_quantiser",
    ),
    year=1992,
    conventions="z are the x with each coordinate rounded to a multiple of the step Δ, so within Δ/2 in the sup norm; int8 is that.",
    sharp=Instance({"x": ((0, 0),), "z": ((1, 1),)}),
)

SCALAR_DISTANCES = Published(
    Bound(
        "scalar-quantiser-distances",
        absolute(norm(x[_l] - x[_l2], 2) - norm(z[_l] - z[_l2], 2)) <= _delta * Dimension() ** 0.5,
        premises=(_coded, _rounded),
        title="Uniform scalar quantisation: distances of rounded points",
        collections=(x, z),
        citation=_GERSHO,
        sharpness="Equality where two points move apart along the diagonal: x = 0, 2 and z = −1, 3, Δ = 2: 2 = 2·1.",
        proof="Coordinates.scalar_quantiser_distances",
    ),
    year=1992,
    conventions="As for the error of one point.",
    sharp=Instance({"x": line(0, 2), "z": line(-1, 3)}),
)

SCALAR_WITHOUT_ROOT = Published(
    Bound(
        "scalar-quantiser-without-root",
        norm(x[_l] - z[_l], 2) <= _delta / 2,
        premises=(_coded, _rounded),
        title="Uniform scalar quantisation: the Euclidean error as half a step",
        collections=(x, z),
        citation=f"{_GERSHO}; with the sup norm taken for the Euclidean",
    ),
    year=1992,
    conventions="Half a step is the error of a coordinate, not of a vector.",
    reading_of="scalar-quantiser",
    counterexample=Instance({"x": ((0, 0),), "z": ((1, 1),)}),
)

QUANTISATION = (SCALAR, SCALAR_DISTANCES, SCALAR_WITHOUT_ROOT, SYMMETRIC, ASYMMETRIC, DISTORTION)
