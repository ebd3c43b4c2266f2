"""One dispatcher: which kernel reduces distances in which norm and on which device.

========================  ==================  ===============================================================================
norm                      device              kernel
========================  ==================  ===============================================================================
Euclidean                 CPU                 :mod:`.tiles`: matrix products and compiled loops
sum, maximum              CPU                 :mod:`.direct`: compiled loops
any                       CUDA                :mod:`.cuda`: Euclidean extremes in fused Triton kernels, the rest in float64
========================  ==================  ===============================================================================
"""

from __future__ import annotations

from math import inf

import torch
from torch import Tensor

from boundcheck.errors import NormError, require_real
from boundcheck.errors import explain as explain_error
from boundcheck.kernels import cuda, direct, tiles
from boundcheck.kernels.rows import Array
from boundcheck.kernels.tables import Found, Integers, Table

__all__ = ["REDUCTIONS", "Found", "Table", "between", "chamfer", "explain", "extreme", "hausdorff", "mean", "of_rows"]

#: The bit that asks for a reduction, and its tables: the reduction, or both directions of it.
REDUCTIONS: dict[str, tuple[int, tuple[int, ...]]] = {
    "max": (1, (0,)),
    "min": (2, (1,)),
    "mean": (4, (2,)),
    "chamfer": (8, (3, 4)),
    "hausdorff": (16, (5, 6)),
}


def require_norm(p: object) -> float:
    """Return the p of a norm that has a kernel as a float, whatever type of number it is.

    Raises
    ------
    InvalidTypeError, ParameterError, NormError
        If it is no number, one that float64 does not hold, or none of these.
    """
    norm = require_real("p", p, "1, 2 or inf")
    if norm not in (1, 2, inf):
        raise NormError(explain_error("p", "1, 2 or inf", f"{p}"))
    return norm


def _together(*sides: Tensor | None) -> list[Tensor | None]:
    """Return the sides in one precision: kernels are compiled for pairs of equal ones."""
    given = [side for side in sides if side is not None]
    if len({side.dtype for side in given}) > 1:
        return [None if side is None else side.to(torch.float64) for side in sides]
    return list(sides)


def _on_gpu(rows: Tensor) -> bool:
    return rows.is_cuda


def extreme(x: Tensor, w: Tensor | None, p: float, *, largest: bool) -> Found:
    """Return the largest (or smallest) distance of two sets of rows, or of two different rows of one."""
    one, other = _together(x, w)
    assert one is not None
    if _on_gpu(one):
        return cuda.extreme(one, other, p, largest=largest)
    return tiles.extreme(one, other, largest=largest) if p == 2 else direct.extreme(one, other, p, largest=largest)


def mean(x: Tensor, w: Tensor | None, p: float, *, relative: float) -> Found:
    """Return the mean distance of all pairs, or of the pairs of different rows of one set."""
    one, other = _together(x, w)
    assert one is not None
    if _on_gpu(one):
        return cuda.mean(one, other, p)
    return tiles.mean(one, other, relative=relative) if p == 2 else direct.mean(one, other, p)


def chamfer(x: Tensor, w: Tensor, p: float) -> Found:
    """Return the mean over rows of x of the distance to the nearest row of w."""
    one, other = _together(x, w)
    assert one is not None
    assert other is not None
    if _on_gpu(one):
        return cuda.chamfer(one, other, p)
    return tiles.chamfer(one, other) if p == 2 else direct.chamfer(one, other, p)


def hausdorff(x: Tensor, w: Tensor, p: float) -> Found:
    """Return the largest over rows of x of the distance to the nearest row of w."""
    one, other = _together(x, w)
    assert one is not None
    assert other is not None
    if _on_gpu(one):
        return cuda.hausdorff(one, other, p)
    return tiles.hausdorff(one, other) if p == 2 else direct.hausdorff(one, other, p)


def between(
    x: Tensor,
    starts: Integers,
    w: Tensor | None,
    others: Integers,
    p: float,
    names: tuple[str, ...],
    *,
    relative: float,
) -> dict[str, tuple[Table, ...]]:
    """Reduce the distances of each collection of x to each of w (or of x, if None), several ways in one pass.

    `starts` and `others` say where the collections begin, and the end. The tables of a reduction are one, or two where
    it has a direction: from x to w, and back.
    """
    one, other = _together(x, w)
    assert one is not None
    if _on_gpu(one):
        kinds = tuple(kind for name in names for kind in REDUCTIONS[name][1])
        found = cuda.between(one, starts, other, others, p, kinds)
    elif p == 2:
        what = sum(REDUCTIONS[name][0] for name in names)
        found = tiles.between(one, starts, other, others, what, relative=relative)
    else:
        found = direct.between(one, starts, other, others, p)
    return {name: tuple(found[kind] for kind in REDUCTIONS[name][1]) for name in names}


def of_rows(x: Tensor, w: Tensor, p: float, *, largest: bool) -> tuple[Array, Array, Integers]:
    """Return each row's distance to the farthest (or nearest) row of w: value, error and which, shape (n,)."""
    one, other = _together(x.cpu(), w.cpu())
    assert one is not None
    assert other is not None
    return tiles.of_rows(one, other, largest=largest) if p == 2 else direct.of_rows(one, other, p, largest=largest)


def explain() -> str:
    """Return which products of the Euclidean norm run on this CPU, and why."""
    return tiles.explain()
