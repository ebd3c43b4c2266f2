"""Suprema in the numeric reader: see :mod:`boundcheck.evaluate.quadratic` for how they are enclosed."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, prod

import torch
from torch import Tensor

from boundcheck.errors import NormError, explain
from boundcheck.evaluate import rounding
from boundcheck.evaluate.quadratic import Leaf, axes_of, leaves
from boundcheck.evaluate.readers.numeric import Named, NumericReader
from boundcheck.language import Index, Reduce, Reduction, Supremum

__all__ = ["greatest"]


def greatest(reader: NumericReader, term: Supremum) -> Named:
    """Return the largest eigenvalue of a form, from the value at a vector; its gradient is that of the value there."""
    if reader.p != 2:
        raise NormError(explain("norm", "p = 2 for a largest eigenvalue", f"{reader.p:g}"))
    parts = [_rows(reader, term, leaf) for leaf in leaves(term)]
    outer = tuple(axis for axis in axes_of(term, leaves(term)[0])[0] if axis not in reader._fixed)
    shape = (reader._batch, *(reader.extent(axis) for axis in outer))
    v, off, w, w_off = (torch.cat([part[place] for part in parts], dim=1) for place in range(4))
    value, low, high = _enclosed(v, off, w, w_off)
    unit = reader._unit if leaves(term)[0].vector.reached_by is None else None

    def told(tensor: Tensor) -> Tensor:
        tensor = tensor.reshape(shape)
        return tensor if unit is None else unit.times(unit.times(tensor))

    if not reader.errors:
        return Named(told(value), None, outer)
    error = rounding.inflate(torch.maximum(high - value.detach(), value.detach() - low).clamp(min=0))
    error = rounding.inflate(told(error)).nan_to_num(nan=inf, posinf=inf)
    return Named(told(value), error, outer)


def _enclosed(v: Tensor, off: Tensor, w: Tensor, w_off: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return the form at the best vector of a solver's, and what the largest eigenvalue is between.

    Parameters
    ----------
    v, off, w, w_off
        Vectors, shape (k, rows, d), and weights, shape (k, rows), with bounds on their errors.
    """
    rows, d = v.shape[1:]
    known, weights = v.detach(), w.detach().unsqueeze(-1)
    matrix = known.mT @ (weights * known)
    q = torch.linalg.eigh(matrix.nan_to_num())[1]
    y = known @ q
    # Whatever underflows is far less than this, for vectors are scaled to at most 1 before they are combined.
    tiny = (rows + d) * 2.0**-1000
    y_off = rounding.inflate(rounding.gamma(d + 8) * (known.abs() @ q.abs()) + off @ q.abs() + tiny)
    b = y.mT @ (weights * y)
    sizes, weighed = y.abs(), weights.abs()
    across = sizes.mT @ (weighed * y_off)
    b_off = across + across.mT + y_off.mT @ (weighed * y_off)
    b_off = b_off + (sizes + y_off).mT @ (w_off.unsqueeze(-1) * (sizes + y_off))
    b_off = rounding.inflate(b_off + rounding.gamma(rows + 16) * (sizes.mT @ (weighed * sizes)) + tiny)
    g = q.mT @ q - torch.eye(d, dtype=q.dtype, device=q.device)
    g_off = rounding.inflate(rounding.gamma(d + 16) * (q.abs().mT @ q.abs()) + tiny)
    # Each of fewer than d + 16 roundings more.
    slip = rounding.gamma(d + 32)
    above = (b.abs() + b_off).sum(dim=-1).amax(dim=-1)
    spread = (g.abs() + g_off).sum(dim=-1).amax(dim=-1) * (1 + slip)
    high = torch.where(spread < 0.5, above / (1 - spread) * (1 + 2 * slip), inf)
    diagonal, own = b.diagonal(dim1=1, dim2=2), g.diagonal(dim1=1, dim2=2).abs() + g_off.diagonal(dim1=1, dim2=2)
    lower = ((diagonal - b_off.diagonal(dim1=1, dim2=2)).clamp(min=0) / (1 + own)) * (1 - 2 * slip)
    best = diagonal.argmax(dim=-1)
    at = q.gather(2, best.reshape(-1, 1, 1).expand(-1, d, 1))
    # As the vectors change, so does the largest eigenvalue by the form at its eigenvector.
    value = (w * (v @ at).squeeze(-1) ** 2).sum(dim=-1)
    return value, lower.amax(dim=-1), high


def _rows(reader: NumericReader, term: Supremum, leaf: Leaf) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return a leaf's vectors, one a row, with bounds on their errors, and the same of its weights."""
    outer, inner = axes_of(term, leaf)
    outer = tuple(axis for axis in outer if axis not in reader._fixed)
    lengths = (reader._batch, *(reader.extent(axis) for axis in (*outer, *inner)))
    problems = prod(lengths[: 1 + len(outer)])
    vector = reader.read(leaf.vector)
    lost = vector.known_error + reader._lost(vector)
    v, off = (_spread(part, vector.axes, (*outer, *inner), lengths) for part in (vector.value, lost))
    weight = Named(reader._zeros + 1, torch.zeros_like(reader._zeros) if reader.errors else None, ())
    for factor in leaf.factors:
        weight = reader._multiply([weight, reader.read(factor)])
    for reduce in leaf.over:
        weight = reader._multiply([weight, _share(reader, reduce)])
    w, w_off = (
        _spread(part.unsqueeze(-1), weight.axes, (*outer, *inner), lengths).squeeze(-1)
        for part in (weight.value, weight.known_error)
    )
    return (
        v.reshape(problems, -1, v.shape[-1]),
        off.reshape(problems, -1, v.shape[-1]),
        w.reshape(problems, -1),
        w_off.reshape(problems, -1),
    )


def _share(reader: NumericReader, term: Reduce) -> Named:
    """Return what each value of a sum's or a mean's body is multiplied by."""
    index = term.index
    allowed = reader._allowed(index)
    axes: tuple[Index, ...] = (index,) if allowed is None else allowed[1]
    mask = reader._zeros.new_ones(1, reader.extent(index)) if allowed is None else allowed[0].double()
    at, count = 1 + axes.index(index), mask.shape[1 + axes.index(index)]
    if term.weights is not None:
        mask = mask * reader._ratios(term.weights, at, mask.ndim)
    elif term.kind is Reduction.MEAN:
        mask = mask / mask.sum(dim=at, keepdim=True)
    mask = mask.expand(reader._batch, *mask.shape[1:])
    off = rounding.gamma(3 * count + 8) * mask.abs() + 2.0**-1070 if reader.errors else None
    return Named(mask, off, axes)


def _spread(tensor: Tensor, axes: Sequence[Index], wanted: Sequence[Index], lengths: tuple[int, ...]) -> Tensor:
    """Return an array with axes in the order wanted, each of its whole length, and its last axis as it is."""
    order = [axis for axis in wanted if axis in axes]
    tensor = tensor.permute([0, *(1 + list(axes).index(axis) for axis in order), tensor.ndim - 1])
    for place, axis in enumerate(wanted):
        if axis not in axes:
            tensor = tensor.unsqueeze(1 + place)
    return tensor.expand(*lengths, tensor.shape[-1])
