"""Suprema in balls: see :mod:`boundcheck.evaluate.quadratic` for how they are enclosed."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt
from flint import arb, arb_mat, fmpq

from boundcheck.errors import NormError, explain
from boundcheck.evaluate.quadratic import Leaf, axes_of, leaves
from boundcheck.evaluate.radicals import BeyondError
from boundcheck.evaluate.readers.balls import BallReader, as_ball
from boundcheck.evaluate.readers.exact import ELEMENTS, Elements, nearest_float
from boundcheck.language import Index, Reduce, Reduction, Supremum

__all__ = ["greatest"]

Array = npt.NDArray[Any]


def greatest(reader: BallReader, term: Supremum) -> Elements:
    """Return balls around the largest eigenvalues of a form.

    Raises
    ------
    BeyondError
        If the matrices are too large.
    """
    if reader.p != 2:
        raise NormError(explain("norm", "p = 2 for a largest eigenvalue", f"{reader.p:g}"))
    parts = [_rows(reader, term, leaf) for leaf in leaves(term)]
    outer, _ = axes_of(term, leaves(term)[0])
    vectors, weights = (np.concatenate([part[place] for part in parts], axis=1) for place in range(2))
    problems, rows, dimension = vectors.shape
    if problems * rows * dimension > ELEMENTS or dimension * dimension > ELEMENTS:
        raise BeyondError(f"an array of more than {ELEMENTS} numbers")
    unit = reader.triple.unit if leaves(term)[0].vector.reached_by is None else fmpq(1)
    found = [_enclosed(vectors[place], weights[place]) * unit * unit for place in range(problems)]
    return reader._scalars(found, outer, tuple(map(reader.extent, outer)))


def _enclosed(vectors: Array, weights: Array) -> arb:
    rows, dimension = vectors.shape
    balls = [as_ball(value) for value in vectors.flat]
    if not all(ball.is_finite() for ball in balls):
        return arb.nan()
    size = max((nearest_float(abs(value)) for value in vectors.flat), default=0.0)
    exponent = int(np.frexp(size)[1]) if np.isfinite(size) else 0
    scaled = np.array([nearest_float(value * fmpq(2) ** -exponent) for value in vectors.flat]).reshape(rows, dimension)
    w = np.array([nearest_float(weight) for weight in weights])
    q_floats = np.linalg.eigh(np.nan_to_num(scaled.T @ (w[:, None] * scaled)))[1]
    v = arb_mat(rows, dimension, balls)
    q = arb_mat(dimension, dimension, [arb(float(value)) for value in q_floats.flat])
    y = v * q
    weighed = arb_mat(rows, dimension, [as_ball(weights[i]) * y[i, k] for i in range(rows) for k in range(dimension)])
    b, g = y.transpose() * weighed, q.transpose() * q
    low, above, spread = arb(0), arb(0), arb(0)
    for k in range(dimension):
        low = low.max(b[k, k] / g[k, k])
        above = above.max(sum((abs(b[k, one]) for one in range(dimension)), arb(0)))
        spread = spread.max(sum((abs(g[k, one] - (one == k)) for one in range(dimension)), arb(0)))
    if not spread < 1:
        return arb.nan()
    return low.union(above / (1 - spread))


def _rows(reader: BallReader, term: Supremum, leaf: Leaf) -> tuple[Array, Array]:
    """Return a leaf's vectors, one a row, and its weights."""
    outer, inner = axes_of(term, leaf)
    wanted = (*outer, *inner)
    lengths = (1, *map(reader.extent, wanted))
    problems = prod(lengths[: 1 + len(outer)])
    vector = reader._evaluate(leaf.vector)
    v = _spread(vector.value, vector.axes, wanted, lengths)
    weight = reader._number(fmpq(1))
    for factor in leaf.factors:
        weight = reader._folded([weight, reader._evaluate(factor)], lambda a, b: a * b)
    for reduce in leaf.over:
        weight = reader._folded([weight, _share(reader, reduce)], lambda a, b: a * b)
    w = _spread(weight.value[..., None], weight.axes, wanted, lengths)[..., 0]
    return v.reshape(problems, -1, v.shape[-1]), w.reshape(problems, -1)


def _share(reader: BallReader, term: Reduce) -> Elements:
    """Return what each value of a sum's or a mean's body is multiplied by."""
    allowed = reader.triple.ranges.allowed(term.index)
    mask, axes = (np.ones(reader.extent(term.index), dtype=bool), (term.index,)) if allowed is None else allowed
    counts = mask.sum(axis=axes.index(term.index), keepdims=True)
    shares = np.empty(mask.shape, dtype=object)
    ratios = None if term.weights is None else reader.triple.ratios(term.weights)
    for at in np.ndindex(mask.shape):
        whole = int(np.broadcast_to(counts, mask.shape)[at]) if term.kind is Reduction.MEAN else 1
        share = fmpq(1, whole) if ratios is None else ratios[at[axes.index(term.index)]]
        shares[at] = share if mask[at] else fmpq(0)
    return Elements(shares[None], tuple(axes), True)


def _spread(array: Array, axes: Sequence[Index], wanted: Sequence[Index], lengths: tuple[int, ...]) -> Array:
    """Return an array with axes in the order wanted, each of its whole length, and its last axis as it is."""
    order = [axis for axis in wanted if axis in axes]
    array = array.transpose([0, *(1 + list(axes).index(axis) for axis in order), array.ndim - 1])
    for place, axis in enumerate(wanted):
        if axis not in axes:
            array = np.expand_dims(array, 1 + place)
    found: Array = np.broadcast_to(array, (*lengths, array.shape[-1]))
    return found
