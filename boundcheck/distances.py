"""Distances between collections: largest, smallest, mean, Chamfer and Hausdorff, each with a bound on its error.

>>> from boundcheck import distances
>>> found = distances.farthest([[0, 0], [3, 0]], [[0, 4]])
>>> float(found.distance), (found.i, found.j)
(5.0, (1, 0))

No distance matrix is stored. In the Euclidean norm most pairs are ruled out by matrix products of low precision whose
error is bounded, and the rest are measured by differences in float64, so the result is as exact as that, at the speed
of the products. See :doc:`/distances` for how, and for what it costs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, Generic, Literal, TypeVar, overload

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from boundcheck.arithmetic import before_threads, certified, flushed_before
from boundcheck.embed.objects import held
from boundcheck.errors import (
    DimensionMismatchError,
    EmbeddingShapeError,
    EmptyCollectionError,
    InvalidTypeError,
    InvalidValueError,
    NonFiniteError,
    require_share,
)
from boundcheck.errors import explain as _explain
from boundcheck.evaluate.enclosed import Enclosed, outward_arrays
from boundcheck.kernels import reductions
from boundcheck.printable import Brief
from boundcheck.real_numbers import Place, Source, real_numbers

__all__ = [
    "REDUCTIONS",
    "Between",
    "Extreme",
    "Matrix",
    "between",
    "chamfer",
    "explain",
    "farthest",
    "hausdorff",
    "mean_distance",
    "nearest",
    "to_collections",
]

Distance_co = TypeVar("Distance_co", bound=float, covariant=True)

#: What :func:`between` can compute, all in one pass.
REDUCTIONS = ("max", "min", "mean", "chamfer", "hausdorff")


@dataclass(frozen=True)
class Extreme(Brief, Generic[Distance_co]):
    """A distance that is the largest or smallest of some, and a pair that attains it to within the enclosure.

    Attributes
    ----------
    distance
        An :class:`boundcheck.Enclosed` float, which says how far it may be from the exact value; a plain float without
        certificate.
    i, j
        The pair: row i of the first collection, row j of the second (of the same, where there is one).
    """

    distance: Distance_co
    i: int
    j: int

    def __float__(self) -> float:
        return float(self.distance)

    def __str__(self) -> str:
        return f"{self.distance} between rows {self.i} and {self.j}"


@dataclass(frozen=True)
class Matrix(Brief):
    """A reduction of the distances between every two collections.

    Attributes
    ----------
    value
        Shape (C, C′), float64.
    error
        At least ``|value − exact|``, of the same shape; None without certificate.
    i, j
        Of an extreme: which object of each collection attains it, to within the enclosure; shape (C, C′), int64.
    """

    value: npt.NDArray[np.float64]
    error: npt.NDArray[np.float64] | None
    i: npt.NDArray[np.int64] | None = None
    j: npt.NDArray[np.int64] | None = None

    @property
    def lower(self) -> npt.NDArray[np.float64]:
        """What the exact values are not below.

        Raises
        ------
        InvalidValueError
            Without certificate.
        """
        return outward_arrays(self.value, self._error())[0]

    @property
    def upper(self) -> npt.NDArray[np.float64]:
        """What the exact values are not above.

        Raises
        ------
        InvalidValueError
            Without certificate.
        """
        return outward_arrays(self.value, self._error())[1]

    def in_brief(self) -> str:
        """Return the shape, and how large the errors are."""
        known = "without certificate" if self.error is None else f"± {float(self.error.max(initial=0.0)):.1g}"
        return f"of {' × '.join(map(str, self.value.shape))} distances, {known}"

    def _error(self) -> npt.NDArray[np.float64]:
        if self.error is None:
            raise InvalidValueError(_explain("certify", "True, for bounds on the error", "False"))
        return self.error


@dataclass(frozen=True)
class Between(Brief):
    """Reductions of the distances between every two collections; None for those that were not asked for.

    Attributes
    ----------
    max, min, mean
        Of all pairs of objects.
    chamfer
        ``[a, b]``: the mean over the objects of a of the distance to the nearest object of b.
    hausdorff
        ``[a, b]``: the largest over the objects of a of the distance to the nearest object of b.
    chamfer_back, hausdorff_back
        ``[a, b]``: the same from b to a. With one set of collections, the transpose.
    """

    max: Matrix | None = None
    min: Matrix | None = None
    mean: Matrix | None = None
    chamfer: Matrix | None = None
    chamfer_back: Matrix | None = None
    hausdorff: Matrix | None = None
    hausdorff_back: Matrix | None = None

    def in_brief(self) -> str:
        """Return which reductions there are, of how many collections."""
        there = {field.name: matrix for field in fields(self) if (matrix := getattr(self, field.name)) is not None}
        shape = next(iter(there.values())).value.shape if there else (0, 0)
        return f"{', '.join(there) or 'nothing'} of {' × '.join(map(str, shape))} collections"


@overload
def farthest(x: Any, w: Any = None, *, p: float = 2, certify: Literal[True] = True) -> Extreme[Enclosed]: ...
@overload
def farthest(x: Any, w: Any = None, *, p: float = 2, certify: bool) -> Extreme[float]: ...
@certified
def farthest(x: Any, w: Any = None, *, p: float = 2, certify: bool = True) -> Extreme[float]:
    """Return the largest distance of two collections, or of two objects of one.

    Parameters
    ----------
    x, w
        Points, shape (n, d) and (q, d): arrays, tensors or nested lists of real numbers of at most 64 bits; without w
        the pairs of different rows of x.
    p
        Of the norm: 1, 2 or inf.
    certify
        Whether to return a bound on the error.

    Returns
    -------
    Extreme
        max ‖x_i − w_j‖ and a pair that attains it to within the enclosure. Exact ties may leave the enclosure wider.

    Raises
    ------
    EmbeddingShapeError, EmbeddingDtypeError, EmptyCollectionError, DimensionMismatchError
        If they are not points of one dimension, or fewer than two rows without w.
    NonFiniteError
        For NaN or an infinity; the row is named.
    NormError
        For another norm.

    Examples
    --------
    >>> print(farthest([[0.0], [1.0], [5.0]]))
    5 ± 5e-15 between rows 0 and 2
    """
    return _extreme(x, w, p, certify, largest=True)


@overload
def nearest(x: Any, w: Any = None, *, p: float = 2, certify: Literal[True] = True) -> Extreme[Enclosed]: ...
@overload
def nearest(x: Any, w: Any = None, *, p: float = 2, certify: bool) -> Extreme[float]: ...
@certified
def nearest(x: Any, w: Any = None, *, p: float = 2, certify: bool = True) -> Extreme[float]:
    """Return the smallest distance of two collections, or of two different objects of one.

    Parameters, returns and errors are those of :func:`farthest`, with min for max.

    Examples
    --------
    >>> found = nearest([[0.0], [1.0], [5.0]], p=1)
    >>> float(found), found.i, found.j
    (1.0, 0, 1)
    """
    return _extreme(x, w, p, certify, largest=False)


@overload
def hausdorff(
    x: Any, w: Any, *, p: float = 2, directed: bool = False, certify: Literal[True] = True
) -> Extreme[Enclosed]: ...
@overload
def hausdorff(x: Any, w: Any, *, p: float = 2, directed: bool = False, certify: bool) -> Extreme[float]: ...
@certified
def hausdorff(x: Any, w: Any, *, p: float = 2, directed: bool = False, certify: bool = True) -> Extreme[float]:
    """Return the Hausdorff distance: the largest distance of an object to the nearest object of the other collection.

    Parameters
    ----------
    x, w, p, certify
        As in :func:`farthest`.
    directed
        Whether only from x to w: max_i min_j ‖x_i − w_j‖; otherwise the larger of both directions.

    Examples
    --------
    >>> x, w = [[0.0], [1.0]], [[0.0], [1.0], [4.0]]
    >>> float(hausdorff(x, w, directed=True)), float(hausdorff(x, w))
    (0.0, 3.0)
    """
    p = reductions.require_norm(p)
    one, other = _both(x, w)
    found = reductions.hausdorff(one, other, p)
    if not directed:
        back = reductions.hausdorff(other, one, p)
        if back.value > found.value:
            error = max(back.error, found.error)
            found = reductions.Found(back.value, error, back.column, back.row)
        else:
            found = reductions.Found(found.value, max(back.error, found.error), found.row, found.column)
    return Extreme(_float(found, certify, one), found.row, found.column)


@overload
def chamfer(x: Any, w: Any, *, p: float = 2, directed: bool = False, certify: Literal[True] = True) -> Enclosed: ...
@overload
def chamfer(x: Any, w: Any, *, p: float = 2, directed: bool = False, certify: bool) -> float: ...
@certified
def chamfer(x: Any, w: Any, *, p: float = 2, directed: bool = False, certify: bool = True) -> float:
    """Return the Chamfer distance: the mean distance of an object to the nearest object of the other collection.

    Parameters
    ----------
    x, w, p, certify
        As in :func:`farthest`.
    directed
        Whether only from x to w: mean_i min_j ‖x_i − w_j‖; otherwise the sum of both directions.

    Returns
    -------
    Enclosed
        Distances, not their squares, are averaged; a plain float without certificate.

    Examples
    --------
    >>> x, w = [[0.0], [1.0]], [[0.0], [1.0], [4.0]]
    >>> float(chamfer(x, w, directed=True)), float(chamfer(x, w))
    (0.0, 1.0)
    """
    p = reductions.require_norm(p)
    one, other = _both(x, w)
    found = reductions.chamfer(one, other, p)
    if not directed:
        back = reductions.chamfer(other, one, p)
        value = found.value + back.value
        found = reductions.Found(value, (found.error + back.error) * (1 + 1e-9) + value * 2.0**-52)
    return _float(found, certify, one)


@overload
def mean_distance(
    x: Any, w: Any = None, *, p: float = 2, rtol: float = 1e-12, certify: Literal[True] = True
) -> Enclosed: ...
@overload
def mean_distance(x: Any, w: Any = None, *, p: float = 2, rtol: float = 1e-12, certify: bool) -> float: ...
@certified
def mean_distance(x: Any, w: Any = None, *, p: float = 2, rtol: float = 1e-12, certify: bool = True) -> float:
    """Return the mean distance of all pairs of two collections, or of the pairs of different objects of one.

    Parameters
    ----------
    x, w, p, certify
        As in :func:`farthest`.
    rtol
        In (0, 1): with 1e-3 or so, products in float32 are enough, at twice the speed. The bound on the error is what
        it is, whatever rtol.

    Returns
    -------
    Enclosed
        A plain float without certificate.

    Examples
    --------
    >>> float(mean_distance([[0.0], [1.0], [5.0]]))
    3.3333333333333335
    """
    rtol = require_share("rtol", rtol)
    p = reductions.require_norm(p)
    one, other = _sides(x, w)
    return _float(reductions.mean(one, other, p, relative=rtol), certify, one)


@certified
def between(
    collections: Iterable[Any],
    others: Iterable[Any] | None = None,
    *,
    reduce: Sequence[str] = REDUCTIONS,
    p: float = 2,
    rtol: float = 1e-12,
    certify: bool = True,
) -> Between:
    """Return reductions of the distances between every two collections, all in one pass.

    Parameters
    ----------
    collections, others
        Collections of points, each of shape (n, d); sizes may differ. Without `others`, every collection against every
        one (itself included, each object with itself too).
    reduce
        Which: some of :data:`REDUCTIONS`.
    p, certify
        As in :func:`farthest`.
    rtol
        As in :func:`mean_distance`; for means and Chamfer distances.

    Returns
    -------
    Between
        A :class:`Matrix` of shape (C, C′) for each reduction.

    Raises
    ------
    InvalidValueError
        For an unknown reduction.
    EmptyCollectionError
        If there are no collections, or one of them is empty; it is named.
    EmbeddingShapeError, EmbeddingDtypeError, DimensionMismatchError, NonFiniteError, NormError
        As in :func:`farthest`.

    Examples
    --------
    >>> found = between([[[0.0], [1.0]], [[5.0]]], reduce=["max", "mean"])
    >>> found.max.value
    array([[1., 5.],
           [5., 0.]])
    >>> found.mean.value
    array([[0.5, 4.5],
           [4.5, 0. ]])
    """
    names = tuple(dict.fromkeys(reduce))
    for name in names:
        if name not in REDUCTIONS:
            raise InvalidValueError(_explain("reduce", f"some of {', '.join(REDUCTIONS)}", f"{name!r}"))
    if not names:
        raise InvalidValueError(_explain("reduce", f"some of {', '.join(REDUCTIONS)}", "none"))
    rtol = require_share("rtol", rtol)
    p = reductions.require_norm(p)
    rows, starts = _stacked(collections, "collections")
    other, ends = (None, starts) if others is None else _stacked(others, "others")
    if other is not None:
        _require_alike(rows, other, "collections", "others")
    found = reductions.between(rows, starts, other, ends, p, names, relative=rtol)
    matrices, taken = {}, _taken(rows)
    for name, tables in found.items():
        for key, table in zip((name, f"{name}_back"), tables, strict=False):
            matrices[key] = Matrix(table.value, table.error + taken if certify else None, table.row, table.column)
    return Between(**matrices)


@certified
def to_collections(
    points: Any,
    collections: Iterable[Any],
    *,
    reduce: Sequence[str] = ("max", "min"),
    p: float = 2,
    rtol: float = 1e-12,
    certify: bool = True,
) -> Between:
    """Return reductions of the distances between every point and every collection.

    Parameters
    ----------
    points
        Shape (N, d).
    collections, p, rtol, certify
        As in :func:`between`.
    reduce
        Which: some of max, min and mean; the directed distances of a single point are its min.

    Returns
    -------
    Between
        A :class:`Matrix` of shape (N, C) for each reduction.

    Raises
    ------
    InvalidValueError, EmptyCollectionError, EmbeddingShapeError, EmbeddingDtypeError, DimensionMismatchError
        As in :func:`between`.
    NonFiniteError, NormError
        As in :func:`between`.

    Examples
    --------
    >>> to_collections([[0.0], [9.0]], [[[1.0], [2.0]], [[5.0]]], reduce=["min"]).min.value
    array([[1., 5.],
           [7., 4.]])
    """
    allowed = ("max", "min", "mean")
    names = tuple(dict.fromkeys(reduce))
    if not names or not set(names) <= set(allowed):
        raise InvalidValueError(_explain("reduce", f"some of {', '.join(allowed)}", f"{list(reduce)}"))
    rtol = require_share("rtol", rtol)
    p = reductions.require_norm(p)
    rows = _rows(points, "points")
    others, ends = _stacked(collections, "collections")
    _require_alike(rows, others, "points", "collections")
    starts = np.arange(len(rows) + 1, dtype=np.int64)
    found = reductions.between(rows, starts, others, ends, p, names, relative=rtol)
    matrices, taken = {}, _taken(rows)
    for name, (table,) in found.items():
        matrices[name] = Matrix(table.value, table.error + taken if certify else None, table.row, table.column)
    return Between(**matrices)


def explain() -> str:
    """Return which products rule out pairs of points on this machine, and why: for whoever wonders about speed.

    Results are as exact whichever they are.

    Returns
    -------
    str
        The formats of products, by what is looked for; then each way to multiply integers, with what it is left out for.

    Examples
    --------
    >>> print(explain())  # doctest: +SKIP
    largest and smallest of large sets: int7, by AVX2, vpmaddubsw
    many collections, nearest rows: int16, by AVX2, vpmaddwd
    sums, and fewer than 64 dimensions: float64 or float32, by torch
    <BLANKLINE>
    AVX-512 VNNI, vpdpbusd (int8): the processor has no avx512f, avx512vnni
    ...
    """
    return reductions.explain()


def _extreme(x: Any, w: Any, p: float, certify: bool, *, largest: bool) -> Extreme[float]:
    p = reductions.require_norm(p)
    one, other = _sides(x, w)
    found = reductions.extreme(one, other, p, largest=largest)
    return Extreme(_float(found, certify, one), found.row, found.column)


def _float(found: reductions.Found, certify: bool, rows: Tensor) -> float:
    return Enclosed(found.value, found.error + _taken(rows)) if certify else found.value


def _taken(rows: Tensor) -> float:
    """Return what distances may be off by because the caller's thread takes 0 for small numbers.

    They are kept here, but NumPy and torch may have made the rows so.
    """
    return 4 * rows.shape[1] * torch.finfo(rows.dtype).tiny if flushed_before() else 0.0


def _rows(value: object, name: str) -> Tensor:
    """Return real rows as a tensor of float32 or float64 that holds exactly the same numbers.

    Raises
    ------
    EmbeddingShapeError, EmbeddingDtypeError, EmptyCollectionError, NonFiniteError
        If they are not of shape (n, d), not real numbers, none, or not finite; a row that is not is named.
    """
    objects = held(value, name)
    if len(objects) == 0:
        raise EmptyCollectionError(_explain(name, "at least one row", "none"))
    place = Place(name, 0, Source.ROWS)
    rows = real_numbers(objects.read(0, len(objects)), place, many=True, single=True)
    if rows.ndim != 2:
        raise EmbeddingShapeError(_explain(name, "shape (objects, dimensions)", f"{tuple(rows.shape)}"))
    rows = rows.contiguous()
    # NaN and infinities survive a sum; an overflow is looked at again.
    sums = rows.sum(dim=1)
    if not bool(torch.isfinite(sums).all()):
        for row in torch.nonzero(~torch.isfinite(sums)).flatten().tolist():
            if not bool(torch.isfinite(rows[row]).all()):
                column = int(torch.nonzero(~torch.isfinite(rows[row])).flatten()[0])
                got = f"{rows[row, column].item()} in column {column}"
                raise NonFiniteError(_explain(f"{name}[{row}]", "finite numbers", got))
    return rows


def _sides(x: Any, w: Any) -> tuple[Tensor, Tensor | None]:
    if w is not None:
        return _both(x, w)
    rows = _rows(x, "x")
    before_threads(rows.numel())
    if len(rows) < 2:
        raise EmptyCollectionError(_explain("x", "at least two rows, for a pair", "1", "pass w, the other collection"))
    return rows, None


def _both(x: Any, w: Any) -> tuple[Tensor, Tensor]:
    one, other = _rows(x, "x"), _rows(w, "w")
    _require_alike(one, other, "x", "w")
    return one, other


def _require_alike(one: Tensor, other: Tensor, name: str, second: str) -> None:
    before_threads(other.numel())
    if one.shape[1] != other.shape[1]:
        expected = f"{one.shape[1]} dimensions like {name}"
        raise DimensionMismatchError(_explain(second, expected, f"{other.shape[1]}"))
    if one.device != other.device:
        raise InvalidValueError(_explain(second, f"a tensor on {one.device} like {name}", f"one on {other.device}"))


def _stacked(collections: Iterable[Any], name: str) -> tuple[Tensor, npt.NDArray[np.int64]]:
    """Return the rows of all collections one after the other, and where each begins, and the end."""
    if isinstance(collections, str | bytes) or not isinstance(collections, Iterable):
        raise InvalidTypeError(_explain(name, "collections of points", f"{type(collections).__name__}"))
    given = list(collections)
    if not given:
        raise EmptyCollectionError(_explain(name, "at least one collection", "none"))
    alike = _alike(given)
    if alike is not None:
        rows = _one_after_the_other(alike)
        before_threads(rows.numel())
        # What is not finite, or overflows, is looked at below.
        if bool(torch.isfinite(rows.sum(dim=1)).all()):
            return rows, np.cumsum([0, *map(len, alike)]).astype(np.int64)
    found = [_rows(collection, f"{name}[{k}]") for k, collection in enumerate(given)]
    for k, rows in enumerate(found):
        _require_alike(found[0], rows, f"{name}[0]", f"{name}[{k}]")
    starts = np.cumsum([0, *map(len, found)])
    if len({rows.dtype for rows in found}) > 1:
        found = [rows.to(torch.float64) for rows in found]
    return _one_after_the_other(found), starts.astype(np.int64)


def _alike(collections: list[Any]) -> list[Tensor] | None:
    """Return collections that are rows in one precision already, all of one width; None where one of them is not.

    Of many small ones, to look at each by :func:`_rows` takes longer than their distances.
    """
    kinds = set(map(type, collections))
    if kinds == {np.ndarray}:
        facts = {
            (
                array.dtype,
                array.ndim,
                array.shape[-1] if array.ndim else 0,
                array.flags.c_contiguous and array.flags.writeable,
            )
            for array in collections
        }
        dtype, axes, _, plain = next(iter(facts))
        if len(facts) > 1 or axes != 2 or not plain or dtype not in (np.float32, np.float64) or not dtype.isnative:
            return None
        found = list(map(torch.from_numpy, collections))
    elif kinds == {Tensor}:
        found = [tensor.detach() for tensor in collections]
    else:
        return None
    same = {(rows.dtype, rows.ndim, rows.shape[-1:], rows.device.type, rows.layout) for rows in found}
    dtype, axes, _, device, layout = next(iter(same))
    if len(same) > 1 or axes != 2 or device != "cpu" or layout != torch.strided:
        return None
    if dtype not in (torch.float32, torch.float64) or not all(map(_is_plain, found)):
        return None
    return found


def _is_plain(rows: Tensor) -> bool:
    return len(rows) > 0 and rows.is_contiguous() and not (rows.is_nested or rows.is_neg() or rows._is_zerotensor())


def _one_after_the_other(found: list[Tensor]) -> Tensor:
    """Return all rows; without a copy where they lie so in one storage already, as parts of one array do."""
    first = found[0]
    at, storage = first.data_ptr(), first.untyped_storage().data_ptr()
    for rows in found:
        if rows.data_ptr() != at or rows.untyped_storage().data_ptr() != storage:
            return torch.cat(found)
        at += rows.numel() * rows.element_size()
    return first.as_strided((sum(map(len, found)), first.shape[1]), (first.shape[1], 1))
