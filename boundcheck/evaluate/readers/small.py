"""The numeric reader for a few triples of small collections, in NumPy.

On arrays of a few hundred numbers an operation is all overhead, of which NumPy has a quarter of what torch has. The
formulas are those of :mod:`boundcheck.evaluate.readers.numeric`, and so are the bounds on errors; what is not written here is
left to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from math import isfinite
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from boundcheck import kernels
from boundcheck.evaluate import rounding
from boundcheck.evaluate.readers.numeric import Axes, Named, NumericReader, union
from boundcheck.language import (
    Add,
    Average,
    Collection,
    Combination,
    Constant,
    CoordinateWise,
    Dimension,
    HullDistance,
    Image,
    Index,
    Largest,
    Multiply,
    Norm,
    Parameter,
    Point,
    Power,
    Reduce,
    Reduction,
    Rules,
    Scalar,
    Scale,
    Size,
    Smallest,
    Term,
    Transport,
    Vector,
    rewrite,
)

__all__ = ["SmallReader", "are_small"]

# So many triples, and numbers in all their points.
_TRIPLES, _NUMBERS = 4, 1 << 16

Array: TypeAlias = npt.NDArray[np.float64]


def are_small(points: Mapping[Collection, Tensor]) -> bool:
    """Say whether a batch is one that :class:`SmallReader` is for: small, on the CPU, and without gradients."""
    tensors = list(points.values())
    if len(tensors[0]) > _TRIPLES or sum(tensor.numel() for tensor in tensors) > _NUMBERS:
        return False
    return not any(tensor.requires_grad or tensor.device.type != "cpu" for tensor in tensors)


class _Numbers:
    """As :class:`~boundcheck.evaluate.readers.numeric.Named`, in NumPy; an error may be a share of the value and a number."""

    __slots__ = ("_error", "axes", "parts", "value")

    def __init__(self, value: Array, error: Array | None, axes: Axes, parts: tuple[float, Array] | None = None) -> None:
        self.value, self._error, self.axes, self.parts = value, error, axes, parts

    @property
    def error(self) -> Array | None:
        if self._error is None and self.parts is not None:
            share, besides = self.parts
            self._error = rounding.inflate(besides.reshape(-1, *[1] * (self.value.ndim - 1)) + self.value * share)
        return self._error


class SmallReader(NumericReader):
    """Evaluates terms on a few triples of small collections; parameters are those of the numeric reader."""

    # By NumPy; whatever else there is, the numeric reader's own cache has.
    _read_so_far: dict[Term, _Numbers] | None = None

    def scalar(self, term: Scalar) -> Named:
        """Return the values of a scalar term."""
        if self._fixed:
            return super().scalar(term)
        with np.errstate(all="ignore"):
            found = self._read(rewrite(term))
            error = None if found.error is None else torch.from_numpy(found.error)
        return Named(torch.from_numpy(found.value), error, found.axes)

    def bind(self, parameter: Parameter, value: Named) -> None:
        """Give a parameter its value, shape (b,)."""
        super().bind(parameter, value)
        self._read_so_far = None

    def _with_fixed(self, fixed: Mapping[Index, int]) -> NumericReader:
        reader = super()._with_fixed(fixed)
        assert isinstance(reader, SmallReader)
        reader._read_so_far = None
        return reader

    def _read(self, term: Term) -> _Numbers:
        if self._read_so_far is None:
            self._read_so_far = {}
        known = self._read_so_far.get(term)
        if known is None:
            known = self._read_so_far[term] = self._of(term)
        return known

    def _of(self, term: Term) -> _Numbers:
        rule = RULES.rules.get(type(term))
        found = None if rule is None else rule(self, term)
        return _as_numbers(self._evaluate(term)) if found is None else found

    def _parts_of(self, terms: Iterable[Term]) -> list[_Numbers]:
        return [self._read(term) for term in terms]

    def _number(self, value: Fraction) -> _Numbers:
        nearest = rounding.nearest(value)
        exact = isfinite(nearest) and Fraction(nearest) == value
        off = 0.0 if exact else abs(nearest) * rounding.U + 5e-324
        error = np.full(self._batch, off) if self.errors else None
        return _Numbers(np.full(self._batch, nearest), error, ())

    def _sum_of(self, parts: list[_Numbers]) -> _Numbers:
        values, errors, axes = _aligned(parts, self.errors)
        value = values[0]
        for other in values[1:]:
            value = value + other
        if not self.errors:
            return _Numbers(value, None, axes)
        magnitude, carried = abs(values[0]), errors[0]
        for other, error in zip(values[1:], errors[1:], strict=True):
            magnitude, carried = magnitude + abs(other), carried + error
        return _Numbers(value, rounding.inflate(carried + rounding.total(magnitude, len(values))), axes)

    def _product_of(self, parts: list[_Numbers]) -> _Numbers:
        values, errors, axes = _aligned(parts, self.errors)
        value, off = values[0], errors[0] if self.errors else None
        for k in range(1, len(values)):
            if off is not None:
                off = rounding.product(value, off, values[k], errors[k])
            value = value * values[k]
        return _Numbers(value, off, axes)

    def _chosen(self, choose: np.ufunc, parts: list[_Numbers]) -> _Numbers:
        values, errors, axes = _aligned(parts, self.errors)
        value, error = values[0], errors[0] if self.errors else None
        for k in range(1, len(values)):
            value = choose(value, values[k])
            error = None if error is None else np.maximum(error, errors[k])
        return _Numbers(value, error, axes)

    def _reduced(self, term: Reduce) -> _Numbers:
        body = self._read(term.body)
        if term.kind not in (Reduction.MAX, Reduction.MIN):
            return self._mean_of(term.kind, body, term.index)
        at, axes = _without(body, term.index)
        reduce = np.maximum.reduce if term.kind is Reduction.MAX else np.minimum.reduce
        if body.parts is not None:
            return _Numbers(reduce(body.value, axis=at), None, axes, body.parts)
        error = None if body.error is None else np.maximum.reduce(body.error, axis=at)
        return _Numbers(reduce(body.value, axis=at), error, axes)

    def _mean_of(self, kind: Reduction, body: _Numbers, index: Index) -> _Numbers:
        at, axes = _without(body, index)
        count = body.value.shape[at]
        divisor = 1 if kind is Reduction.SUM else count
        value = np.add.reduce(body.value, axis=at) / divisor
        if not self.errors:
            return _Numbers(value, None, axes)
        bound = rounding.total(np.add.reduce(abs(body.value), axis=at) / divisor, count)
        if body.error is not None:
            bound = bound + np.add.reduce(body.error, axis=at) / divisor
        return _Numbers(value, rounding.inflate(bound), axes)

    def _combined(self, parts: tuple[tuple[Fraction, Vector], ...]) -> _Numbers:
        read = [self._read(vector) for _, vector in parts]
        axes = union(part.axes for part in read)
        factors = [rounding.nearest(coefficient) for coefficient, _ in parts]
        scaled = [factor * _align(part.value, part.axes, axes) for factor, part in zip(factors, read, strict=True)]
        value = scaled[0]
        for other in scaled[1:]:
            value = value + other
        if not self.errors:
            return _Numbers(value, None, axes)
        lost = sum(abs(factor) * 2.0**-1074 for factor, part in zip(factors, read, strict=True) if part.error is None)
        magnitude = abs(scaled[0])
        for other in scaled[1:]:
            magnitude = magnitude + abs(other)
        bound = rounding.total(magnitude, len(parts)) + lost
        for factor, part in zip(factors, read, strict=True):
            if part.error is not None:
                bound = bound + abs(factor) * _align(part.error, part.axes, axes)
        return _Numbers(value, rounding.inflate(bound), axes)

    def _length(self, vector: Vector) -> _Numbers:
        apart = self._difference_of_points(vector)
        share, besides = rounding.norm_of_exact_parts(self._dimension, self.p)
        if apart is not None:
            value = self._unit.times(apart[0]).numpy()
            if not self.errors:
                return _Numbers(value, None, apart[1])
            parts = share, self._unit.times(self._zeros + besides).numpy()
            return _Numbers(value, None, apart[1], parts)
        read = self._read(vector)
        value = _norm(read.value, self.p)
        if not self.errors:
            return _Numbers(self._unit.times(torch.from_numpy(value)).numpy(), None, read.axes)
        if read.error is None:
            error = value * share + besides
        else:
            # Scaled up first: the norm of errors near the smallest number would be lost.
            coordinates = _norm(read.error * 2.0**60, self.p) * 2.0**-60
            error = rounding.norm_of_inexact(value, coordinates, self._dimension, self.p)
        value, error = (self._unit.times(torch.from_numpy(array)).numpy() for array in (value, error))
        return _Numbers(value, rounding.inflate(error), read.axes)


#: How a kind of term is evaluated here; None, and a kind that is not here, is for the numeric reader.
RULES: Rules[Callable[[SmallReader, Any], _Numbers | None]] = Rules(
    "the reader of small collections",
    Term,
    {
        Constant: lambda reader, term: reader._number(term.value),
        Size: lambda reader, term: reader._number(Fraction(reader.size(term.collection))),
        Dimension: lambda reader, term: reader._number(Fraction(reader._dimension)),
        Add: lambda reader, term: reader._sum_of(reader._parts_of(term.terms)),
        Multiply: lambda reader, term: reader._product_of(reader._parts_of(term.factors)),
        Largest: lambda reader, term: reader._chosen(np.maximum, reader._parts_of(term.terms)),
        Smallest: lambda reader, term: reader._chosen(np.minimum, reader._parts_of(term.terms)),
        Reduce: lambda reader, term: reader._reduced(term) if term.weights is None else None,
        Average: lambda reader, term: (
            reader._mean_of(term.kind, reader._read(term.body), term.index) if term.weights is None else None
        ),
        Combination: lambda reader, term: (
            reader._combined(term.parts) if term.parts and term.reached_by is None else None
        ),
        Point: lambda reader, term: _Numbers(reader._points[term.collection].numpy(), None, (term.index,)),
        Norm: lambda reader, term: reader._length(term.vector) if term.vector.reached_by is None else None,
    },
    refused=dict.fromkeys(
        (Parameter, Power, Scale, CoordinateWise, Image, Transport, HullDistance), "left to the numeric reader"
    ),
)


def _norm(vectors: Array, p: float) -> Array:
    if p != 2:
        found: Array = kernels.vector_norm(torch.from_numpy(vectors), p).numpy()
        return found
    # Divided by the largest coordinate, so that no square over- or underflows.
    largest = np.maximum.reduce(abs(vectors), axis=-1)
    unit = np.where(largest == 0, 1.0, largest)
    ratio = vectors / unit[..., None]
    return np.asarray(np.sqrt(np.add.reduce(ratio * ratio, axis=-1)) * unit)


def _as_numbers(named: Named) -> _Numbers:
    error = None if named.error is None else named.error.detach().numpy()
    return _Numbers(named.value.detach().numpy(), error, named.axes)


def _without(body: _Numbers, index: Index) -> tuple[int, Axes]:
    return 1 + body.axes.index(index), tuple(axis for axis in body.axes if axis != index)


def _aligned(parts: list[_Numbers], with_errors: bool) -> tuple[list[Array], list[Array], Axes]:
    axes = union(part.axes for part in parts)
    values = [_align(part.value, part.axes, axes) for part in parts]
    known = [part.error for part in parts] if with_errors else []
    errors = [_align(error, part.axes, axes) for error, part in zip(known, parts, strict=False) if error is not None]
    return values, errors, axes


def _align(array: Array, axes: Axes, wanted: Axes) -> Array:
    """Insert axes of length one for the wanted indices that a value does not vary over."""
    if axes == wanted:
        return array
    for position, axis in enumerate(wanted):
        if axis not in axes:
            array = np.expand_dims(array, 1 + position)
    return array
