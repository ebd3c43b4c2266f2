"""The numeric reader: a term as a number, in torch float64, batched over triples of collections, differentiable.

Every collection comes as a tensor of shape (b, size, d): b triples at once, all of the same sizes. Inside, a value
carries the indices that are still free in it as named axes, so evaluation is broadcasting, and each sub-term is
computed once, however often it occurs. With ``errors=True`` each value also carries a bound on its distance from the
exact value (see :mod:`boundcheck.evaluate.rounding`).

Points are scaled by one power of two a triple, so that distances neither overflow nor vanish on the way. A power of
two changes no digit but of coordinates so far below the largest that they become subnormal; errors take in what that loses.

The values of a map are taken as exact, as those of an embedding are, at the floats it is given. Where these are off by
e, a premise that it is Lipschitz bounds what that costs by L·‖e‖; without one, nothing is known.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor

from boundcheck import kernels
from boundcheck.arithmetic import before_threads
from boundcheck.errors import NormError, ParameterError, TermError, explain
from boundcheck.evaluate import rounding
from boundcheck.evaluate.readers.ranges import Axes, Placed, Ranges, union
from boundcheck.evaluate.relations import certain
from boundcheck.evaluate.signs import require_nonnegative
from boundcheck.language import (
    Add,
    Applied,
    Average,
    ClassCount,
    ClassSize,
    Codomain,
    Collection,
    Combination,
    Constant,
    Coordinate,
    CoordinateWise,
    Cosine,
    Coupling,
    Dimension,
    Drawn,
    Family,
    Function,
    HullDistance,
    Image,
    Index,
    Indicator,
    Infimum,
    Inner,
    Largest,
    Map,
    Member,
    Multiply,
    Norm,
    Parameter,
    PNorm,
    Point,
    Power,
    Reduce,
    Reduction,
    Relation,
    Rules,
    Scalar,
    Scale,
    Sign,
    SignIndex,
    Size,
    Smallest,
    Supremum,
    Term,
    Transport,
    Variable,
    Vector,
    Weights,
    rewrite,
)
from boundcheck.language.shapes import (
    Element,
    collection_of,
    difference_of_elements,
    difference_of_points,
    difference_of_values,
    is_element,
)


@dataclass(frozen=True)
class Named:
    """A batch of values with named axes.

    Attributes
    ----------
    value
        Shape (b, sizes of the axes) for a scalar, with a last axis of coordinates for a vector: d of them, scaled, in
        the embedding space; as many as the map gives, as they are, for a map's values.
    error
        A bound on the error, of the same shape (a vector's is by coordinate); None where errors are not tracked, and
        for a vector of exact points.
    axes
        The free indices, in the order of their letters.
    """

    value: Tensor
    error: Tensor | None
    axes: Axes

    @property
    def known_error(self) -> Tensor:
        """The bound on the error, 0 where there is none to speak of."""
        return torch.zeros_like(self.value) if self.error is None else self.error


#: Points are scaled beforehand where the power of two is below this: no product of two leaves the normal numbers.
NEAR = 200
# From so many values on, one bound on the errors of all is enough.
_UNIFORM = 1 << 12
# Of numbers no larger than this in size, exponentials are added as they are.
_MODERATE = 64.0
# One bound on cosines is enough where no vector's direction is off by more than this.
_SURE = 2.0**-48


class _Measured(Named):
    """Distances of exact points, whose error is at most a share of the value and something besides.

    Such a bound grows with the value, so the largest and the smallest of several distances have it too: it is computed
    for what is left after a reduction. For the smallest, what is measured as v is at most v + ε(v), and none is below
    v' − ε(v') ≥ v − ε(v) with its own v' ≥ v.
    """

    def __init__(self, value: Tensor, axes: Axes, share: float, besides: Tensor) -> None:
        for name, given in (("value", value), ("axes", axes), ("share", share), ("besides", besides)):
            object.__setattr__(self, name, given)

    share: float
    besides: Tensor

    def __getattr__(self, name: str) -> Tensor:
        # Computed where it is asked for.
        if name != "error":
            raise AttributeError(name)
        besides = _broadcast(self.besides, self.value.ndim)
        # Of many, in one pass; of few, by operations that round as any other's do.
        many = self.value.numel() > _UNIFORM
        error = torch.add(besides, self.value, alpha=self.share) if many else besides + self.value * self.share
        error = rounding.inflate(error)
        object.__setattr__(self, "error", error)
        return error

    def reduced(self, value: Tensor, axes: Axes) -> _Measured:
        """Return some of these distances with the same bound."""
        return _Measured(value, axes, self.share, self.besides)


class _Uniform(Named):
    """Many values of one bound on their errors, and one on their sizes, so that no array of errors is made on the way."""

    def __init__(self, value: Tensor, axes: Axes, besides: Tensor, most: Tensor) -> None:
        for name, given in (("value", value), ("axes", axes), ("besides", besides), ("most", most)):
            object.__setattr__(self, name, given)

    #: What no value is off by more than, shape (b,).
    besides: Tensor
    #: What no exact value is larger than in size, shape (b,).
    most: Tensor

    def __getattr__(self, name: str) -> Tensor:
        if name != "error":
            raise AttributeError(name)
        return _broadcast(self.besides, self.value.ndim).expand_as(self.value)

    @staticmethod
    def of(part: Named) -> tuple[Tensor, Tensor]:
        """Return what no value of some is off by more than, and what no exact one is larger than in size, shape (b,)."""
        if isinstance(part, _Uniform):
            return part.besides, part.most
        off, size = (_most(one) for one in (part.known_error, part.value.abs()))
        return off, rounding.inflate(size + off)

    def times(self, number: Named) -> _Uniform:
        """Return these values times one number a triple."""
        factor, off = number.value, number.known_error
        size = rounding.inflate(factor.abs() + off)
        most = rounding.inflate(size * self.most)
        # The errors of both factors, and the rounding of the product.
        error = size * self.besides + off * self.most + rounding.U * most + 2.0**-1074
        value = self.value * _broadcast(factor, self.value.ndim)
        return _Uniform(value, self.axes, rounding.inflate(rounding.inflate(error) * (1 + rounding.U)), most)


class Single(Named):
    """One number for a batch of one, as a float; tensors of shape (1,) where they are asked for."""

    def __init__(self, number: float, off: float) -> None:
        for name, given in (("number", number), ("off", off), ("axes", ())):
            object.__setattr__(self, name, given)

    #: The value, and the bound on its error.
    number: float
    off: float

    def __getattr__(self, name: str) -> Tensor:
        if name not in ("value", "error"):
            raise AttributeError(name)
        found = torch.tensor([self.number if name == "value" else self.off], dtype=torch.float64)
        object.__setattr__(self, name, found)
        return found


class _Sizes(Named):
    """Whole numbers without errors: sizes of classes, and products of these and whole numbers."""


@dataclass(frozen=True)
class _Directed:
    """Vectors divided by their Euclidean lengths.

    Attributes
    ----------
    units
        Their values, which are 0 where a vector is.
    zero
        Which vectors are 0, by the axes of the units.
    off
        By how much of its length a vector is off, infinite where it may be 0.
    undefined
        Whether any is 0.
    most_off
        What no vector is off by more than, shape (b,).
    """

    units: Named
    zero: Tensor
    off: Tensor
    undefined: bool
    most_off: Tensor


@dataclass(frozen=True)
class Mapped:
    """What a map stands for.

    Attributes
    ----------
    function
        From points, shape (k, d), to its values there, shape (k, d′): float64, with d′ the same each time.
    constant
        The L that it is Lipschitz with, by the premise; None where nothing is known of it.
    """

    function: Callable[[Float[Tensor, "k d"]], Float[Tensor, "k e"]]
    constant: Scalar | None = None


def value_in(
    space: Codomain | Map, first: Tensor, maps: Iterable[Map], mapped: Callable[[Map], Mapped]
) -> Float[Tensor, "k e"]:
    """Return some values in a space that maps lead to: those at points of the embedding space, through others."""
    map = next((one for one in maps if one.space == space), space)
    if isinstance(map, Codomain):
        raise ParameterError(explain(f"{space}", "a map into this space", "none"))
    before = first if map.source is None else value_in(map.source, first, maps, mapped)
    return mapped(map).function(before)


def _mapped_of(maps: Mapping[Map, Mapped], map: Map) -> Mapped:
    try:
        return maps[map]
    except KeyError:
        raise ParameterError(
            explain(map.symbol, "a function", "none", f"give the function that {map} stands for")
        ) from None


class NumericReader:
    """Evaluates terms on a batch of triples.

    Parameters
    ----------
    points
        The embedded points of each collection, shape (b, size, d), float64.
    p
        Of the p-norm, in [1, inf].
    parameters
        The values of parameters, shape (b,) each.
    weights
        The weights' values, shape (b, size) each; taken as ratios, so they need not sum to one.
    errors
        Whether to bound the rounding error of every value.
    fixed
        Indices that have one value.
    maps
        What each map stands for.
    partitions
        The sizes of the classes of every family, the same for the whole batch.
    exponent
        e, where points are to be divided by 2**e; then their coordinates are below 1. Chosen for each triple if None.
    """

    def __init__(
        self,
        points: Mapping[Collection, Float[Tensor, "b n d"]],
        p: float,
        *,
        parameters: Mapping[Parameter, Named] | None = None,
        weights: Mapping[Weights, Float[Tensor, "b n"]] | None = None,
        errors: bool = False,
        fixed: Mapping[Index, int] | None = None,
        maps: Mapping[Map, Mapped] | None = None,
        exponent: Int64[Tensor, " b"] | None = None,
        partitions: Mapping[Family, tuple[int, ...]] | None = None,
    ) -> None:
        self.p = float(p)
        self.errors = errors
        self._raw = dict(points)
        self._weights = dict(weights or {})
        self._fixed = dict(fixed or {})
        self._maps = dict(maps or {})
        self._cache: dict[Term, Named] = dict((parameters or {}).items())
        self._exponent, self._points, far = _scale_together(self._raw, exponent)
        self._unit = _Unit(self._exponent, far)
        # Points so far from 1 that what is made of them may over- or underflow in their own units.
        self._is_near = far < NEAR
        # Weights as ratios.
        self._shares: dict[Weights, Tensor] = {}
        # ‖a_i − b_k‖ by collections and p, in the units that points are scaled to: whatever the indices are called.
        self._apart: dict[tuple[Collection, Collection, float], Tensor] = {}
        # What no point of a collection is longer than, in those units.
        self._sizes_of: dict[Collection, Tensor] = {}
        # All points of a collection, divided by their lengths.
        self._directions: dict[Collection, _Directed] = {}
        first = next(iter(self._points.values()))
        self._batch, self._dimension = first.shape[0], first.shape[-1]
        self._zeros = first.new_zeros(self._batch)
        sizes = {collection: tensor.shape[1] for collection, tensor in self._raw.items()}
        # Of the maps and one point, not of this reader, which would then hold itself.
        known, point = self._maps, next(iter(self._raw.values()))[:1, 0]
        self._ranges = Ranges(
            sizes,
            partitions,
            self._dimension,
            lambda space: int(value_in(space, point, known, lambda map: _mapped_of(known, map)).shape[-1]),
        )

    def size(self, collection: Collection) -> int:
        """Return the number of points of a collection."""
        return self._raw[collection].shape[1]

    def extent(self, index: Index) -> int:
        """Return the length of an index's axis; of an index over the points of a class, that of the largest class."""
        return self._ranges.extent(index)

    def instances(self, named: Named, indices: Iterable[Index]) -> tuple[Named, Tensor | None]:
        """Return values with an axis for every one of some indices that has several values here, and where these count.

        Parameters
        ----------
        named
            The values of a scalar.
        indices
            Those that are free in it, and those that they depend on.
        """
        axes = union((named.axes, tuple(index for index in indices if not isinstance(self._window(index), int))))
        if axes == named.axes and not any(axis.depends for axis in axes):
            return named, None
        shape = (self._batch, *(self._length(axis) for axis in axes))
        value, error = (
            None if part is None else _align(part, named.axes, axes).expand(shape)
            for part in (named.value, named.error)
        )
        assert value is not None
        mask = self._there(self._ranges.allowed_together(axes, part=self._window))
        if mask is None:
            return Named(value, error, axes), None
        here, own = mask
        return Named(value, error, axes), _align(here, own, axes).expand(shape)

    def _length(self, index: Index) -> int:
        """Return how many values an index has here."""
        window = self._window(index)
        if isinstance(window, int):
            return 1
        return self.extent(index) if window.stop is None else int(window.stop - window.start)

    def bind(self, parameter: Parameter, value: Named) -> None:
        """Give a parameter its value, shape (b,)."""
        self._cache[parameter] = value

    def bind_exact(self, parameter: Parameter, value: Float[Tensor, " b"]) -> None:
        """Give a parameter a value that is exact as it stands."""
        self.bind(parameter, Named(value, torch.zeros_like(value) if self.errors else None, ()))

    def bind_largest(self, parameter: Parameter, terms: Iterable[Scalar]) -> None:
        """Give a parameter the largest value of some terms without free indices."""
        candidates = [self.scalar(term) for term in terms]
        if len(candidates) == 1:
            self.bind(parameter, candidates[0])
            return
        value = torch.stack([named.value for named in candidates]).amax(dim=0)
        error = torch.stack([named.error for named in candidates if named.error is not None]).amax(dim=0)
        self.bind(parameter, Named(value, error, ()))

    def fixing(self, index: Index, position: int) -> NumericReader:
        """Return a reader for which an index has one value; parameters keep theirs."""
        return self._with_fixed({**self._fixed, index: position})

    def without_errors(self) -> NumericReader:
        """Return a reader of the same points that bounds no errors; parameters keep their values."""
        reader = copy.copy(self)
        reader.errors = False
        # What was read already is not computed anew to save its errors.
        reader._cache = {term: Named(named.value, None, named.axes) for term, named in self._cache.items()}
        return reader

    def _with_fixed(self, fixed: Mapping[Index, int]) -> NumericReader:
        # Of the same points, scaled and measured once.
        reader = copy.copy(self)
        reader._fixed = dict(fixed)
        reader._cache = {term: named for term, named in self._cache.items() if isinstance(term, Parameter)}
        return reader

    def _where_free(self, term: Reduce | Average | CoordinateWise) -> Named:
        """Return the value of a term that binds an index which has one value outside it."""
        fixed = {index: position for index, position in self._fixed.items() if index != term.index}
        return self._with_fixed(fixed)._evaluate(term)

    def scalar(self, term: Scalar) -> Named:
        """Return the values of a scalar term."""
        return self._evaluate(rewrite(term))

    def read(self, term: Term) -> Named:
        """Return the values of a term, which may be a vector, as it is written."""
        return self._evaluate(term)

    def _evaluate(self, term: Term) -> Named:
        known = self._cache.get(term)
        if known is None:
            known = self._cache[term] = self._compute(term)
        return known

    def _compute(self, term: Term) -> Named:
        return RULES.of(term)(self, term)

    # ------------------------------------------------------------------------------------------------------ scalars

    def _all(self, terms: Iterable[Term]) -> list[Named]:
        return [self._evaluate(term) for term in terms]

    @staticmethod
    def _unbound(variable: Variable) -> Named:
        raise TermError(explain("term", f"an infimum over {variable} around it", f"{variable} alone"))

    def _unknown(self, parameter: Parameter) -> Named:
        raise ParameterError(explain(parameter.symbol, "a value", "none", f"give {parameter.symbol}="))

    def _constant(self, value: Fraction) -> Named:
        nearest = rounding.nearest(value)
        tensor = self._zeros + nearest
        if not self.errors:
            return Named(tensor, None, ())
        exact = isfinite(nearest) and Fraction(nearest) == value
        return Named(tensor, self._zeros + (0.0 if exact else abs(nearest) * rounding.U + 5e-324), ())

    def _class_size(self, family: Family, index: Index) -> Named:
        sizes, axes = self._placed((self._ranges.class_sizes(family), (index,)))
        value = sizes.to(self._zeros) + self._zeros.reshape(-1, *[1] * len(axes))
        return _Sizes(value, torch.zeros_like(value) if self.errors else None, axes)

    def _sign(self, signs: SignIndex, index: Index) -> Named:
        found, axes = self._placed(self._ranges.signs(signs, index))
        value = found.to(self._zeros) + _broadcast(self._zeros, found.ndim)
        return Named(value, torch.zeros_like(value) if self.errors else None, axes)

    def _add(self, parts: list[Named]) -> Named:
        values, errors, axes = self._aligned(parts)
        value = values[0]
        for other in values[1:]:
            value = value + other
        if not self.errors:
            return Named(value, None, axes)
        if (one := self._one_bound(value, parts)) is not None:
            off, size = (sum(each[1:], each[0]) for each in one)
            besides = rounding.inflate(off + rounding.total(size, len(values)))
            return _Uniform(value, axes, besides, rounding.inflate(size))
        if value.numel() > _UNIFORM and _are_whole(parts):
            return Named(value, torch.zeros_like(value), axes)
        magnitude = sum((part.abs() for part in values[1:]), values[0].abs())
        carried = sum(errors[1:], errors[0])
        return Named(value, rounding.inflate(carried + rounding.total(magnitude, len(values))), axes)

    def _multiply(self, parts: list[Named]) -> Named:
        many = [part for part in parts if isinstance(part, _Uniform)]
        if len(many) == 1 and all(not part.axes for part in parts if part is not many[0]):
            found = many[0]
            for part in parts:
                found = found if part is many[0] else found.times(part)
            return found
        values, errors, axes = self._aligned(parts)
        if self.errors and any(isinstance(part, _Sizes) for part in parts) and _are_whole(parts, multiplied=True):
            product = values[0]
            for other in values[1:]:
                product = product * other
            return _Sizes(product, torch.zeros_like(product), axes)
        value, error = values[0], errors[0] if self.errors else None
        for k in range(1, len(values)):
            if error is not None:
                error = rounding.product(value, error, values[k], errors[k])
            value = value * values[k]
        return Named(value, error, axes)

    def _one_bound(self, value: Tensor, parts: list[Named]) -> tuple[list[Tensor], list[Tensor]] | None:
        """Return what :meth:`_Uniform.of` does of each part, if so many values are made of them that one bound will do.

        Of parts that differ from place to place, none that is off by much more somewhere than those of one bound are.
        """
        if not self.errors or value.numel() <= _UNIFORM:
            return None
        many = [part for part in parts if isinstance(part, _Uniform)]
        if not many:
            return None
        found = [_Uniform.of(part) for part in parts]
        usual = sum((part.besides for part in many[1:]), many[0].besides)
        for part, (off, size) in zip(parts, found, strict=True):
            if part.axes and not isinstance(part, _Uniform) and not bool((off + rounding.U * size <= 8 * usual).all()):
                return None
        return [off for off, _ in found], [size for _, size in found]

    def _power(self, base: Named, exponent: Fraction) -> Named:
        value, error = base.value, None
        if exponent == 2:
            if base.error is not None:
                error = rounding.product(value, base.error, value, base.error)
            return Named(value * value, error, base.axes)
        if base.error is not None:
            if exponent > 0 and exponent.denominator > 1:
                # Below 0 by rounding alone, if this root means anything: 0 is nearer to the exact value.
                value = torch.where(value + base.error >= 0, value.clamp(min=0), value)
            error = rounding.power(value, base.error, exponent)
        power = value.sqrt() if exponent == Fraction(1, 2) else value ** rounding.nearest(exponent)
        return Named(power, error, base.axes)

    def _choose(self, choose: Callable[[Tensor, Tensor], Tensor], parts: list[Named]) -> Named:
        values, errors, axes = self._aligned(parts)
        value = values[0]
        for other in values[1:]:
            value = choose(value, other)
        # |max a − max b| ≤ max |a − b|, and the same for min.
        if (one := self._one_bound(value, parts)) is not None:
            return _Uniform(value, axes, *map(self._largest_error, one))
        error = self._largest_error(errors) if self.errors else None
        return Named(value, error, axes)

    @staticmethod
    def _largest_error(errors: list[Tensor]) -> Tensor:
        largest = errors[0]
        for error in errors[1:]:
            largest = torch.maximum(largest, error)
        return largest

    def _reduce(self, term: Reduce) -> Named:
        if term.index in self._fixed:
            return self._where_free(term)
        return self._over(term, self._evaluate(term.body))

    def _allowed(self, index: Index, *, copies: bool = False) -> tuple[Tensor, Axes] | None:
        """Return where an index has a value, shape (1, …), and the axes; None where everywhere."""
        if not index.depends:
            return None
        return self._there(self._ranges.allowed(index, copies=copies, part=self._window))

    def _placed(self, placed: Placed) -> tuple[Tensor, Axes]:
        """Return an array over the values that its indices have here, with an axis of length one for the batch."""
        array, axes = placed
        cut = tuple(self._window(axis) for axis in axes)
        kept = tuple(axis for axis, part in zip(axes, cut, strict=True) if isinstance(part, slice))
        return torch.from_numpy(np.ascontiguousarray(array[cut])).to(self._zeros.device).unsqueeze(0), kept

    def _there(self, placed: Placed | None) -> tuple[Tensor, Axes] | None:
        """Return an array as a tensor with an axis of length one for the batch."""
        if placed is None:
            return None
        return torch.from_numpy(np.ascontiguousarray(placed[0])).to(self._zeros.device).unsqueeze(0), placed[1]

    def _window(self, index: Index) -> int | slice:
        """Return the value that an index has here, or the part of its values."""
        return self._fixed.get(index, slice(None))

    def _ragged(self, index: Index, body: Named, *, copies: bool = False) -> tuple[Named, Tensor | None]:
        """Return what is to be reduced over an index, and where it counts, shaped like it; None where everywhere."""
        allowed = self._allowed(index, copies=copies)
        if allowed is None:
            return body, None
        mask, axes = allowed
        together = union((axes, body.axes))
        mask = _align(mask, axes, together)
        if together != body.axes:
            # What does not vary with what the index is apart from does so once the latter is left out.
            value = _align(body.value, body.axes, together)
            shape = np.broadcast_shapes(mask.shape, value.shape[: mask.ndim]) + value.shape[mask.ndim :]
            error = None if body.error is None else _align(body.error, body.axes, together).expand(shape)
            body = Named(value.expand(shape), error, together)
        return body, mask.reshape(mask.shape + (1,) * (body.value.ndim - mask.ndim))

    def _few_left_out(self, index: Index, body: Named) -> tuple[Any, ...] | None:
        """Return the places in a body's values where an index has none, if they are many values and few such places."""
        if body.value.numel() <= _UNIFORM or not isinstance(self._window(index), slice):
            return None
        found = self._ranges.left_out(index, part=self._window)
        if found is None or not set(found[1]) <= set(body.axes):
            return None
        places = {
            axis: torch.from_numpy(each).to(self._zeros.device) for axis, each in zip(found[1], found[0], strict=True)
        }
        return (slice(None), *(places.get(axis, slice(None)) for axis in body.axes))

    def _extreme(self, kind: Reduction, index: Index, body: Named) -> Named:
        """Return the largest or smallest of a body's values over an index; of a vector's, by coordinate."""
        nothing = -torch.inf if kind is Reduction.MAX else torch.inf
        few = self._few_left_out(index, body)
        # Copies change neither.
        body, mask = (body, None) if few is not None else self._ragged(index, body, copies=True)
        at = 1 + body.axes.index(index)
        axes = tuple(axis for axis in body.axes if axis != index)
        value, error = body.value, None if isinstance(body, _Measured | _Uniform) else body.error
        if few is not None:
            value = _filled(value, few, nothing)
            error = None if error is None else _filled(error, few, 0.0)
        if mask is not None:
            value = value.masked_fill(~mask, nothing)
            error = None if error is None else error.masked_fill(~mask, 0.0)
        best = value.amax(dim=at) if kind is Reduction.MAX else value.amin(dim=at)
        if isinstance(body, _Measured):
            return body.reduced(best, axes)
        if isinstance(body, _Uniform):
            return _Uniform(best, axes, body.besides, body.most)
        return Named(best, None if error is None else error.amax(dim=at), axes)

    def _over(self, term: Reduce, body: Named) -> Named:
        """Return a reduction of a body's values."""
        if term.kind in (Reduction.MAX, Reduction.MIN):
            return self._extreme(term.kind, term.index, body)
        if term.kind is Reduction.LOG_SUM_EXP:
            return self._log_sum_exp(term.index, body)
        return self._mean_or_sum(term.kind, term.index, body, term.weights)

    def _log_sum_exp(self, index: Index, body: Named) -> Named:
        few = None if body.value.requires_grad else self._few_left_out(index, body)
        body, mask = (body, None) if few is not None else self._ragged(index, body)
        at = 1 + body.axes.index(index)
        axes = tuple(axis for axis in body.axes if axis != index)
        value, own, count = body.value, mask is not None, body.value.shape[at]
        if mask is None and isinstance(body, _Uniform) and bool((body.most <= _MODERATE).all()):
            # No exponential is far from 1.
            found = _log_of_sum(value.exp(), few, at)
            return Named(found, rounding.log_of_sum(found, _broadcast(body.besides, found.ndim), count), axes)
        if mask is not None:
            # Where nothing counts, 0 is added.
            value = value.masked_fill(~mask, -torch.inf)
        elif few is not None:
            value, own = _filled(value, few, -torch.inf), True
        found = value.logsumexp(dim=at) if value.requires_grad else _log_sum_exp(value, at, own=own)
        if not self.errors:
            return Named(found, None, axes)
        if isinstance(body, _Uniform):
            largest = _broadcast(body.besides, found.ndim)
        else:
            error = body.known_error if mask is None else body.known_error.masked_fill(~mask, 0.0)
            error = error if few is None else _filled(error, few, 0.0)
            largest = error.amax(dim=at)
        return Named(found, rounding.log_sum_exp(found, largest, count), axes)

    # ------------------------------------------------------------------------------------------------------ vectors

    def _point(self, collection: Collection, index: Index) -> Named:
        return self._element(self._points[collection], index)

    def _element(self, points: Tensor, index: Index) -> Named:
        """Return points by an index: of a collection, or of the classes of a family."""
        if type(index) is Index:
            return Named(points[:, self._window(index)], None, () if index in self._fixed else (index,))
        places, axes = self._placed(self._ranges.elements(index))
        return Named(points[:, places[0]], None, axes)

    def _combine(self, parts: tuple[tuple[Fraction, Vector], ...]) -> Named:
        if not parts:
            return Named(self._zeros.unsqueeze(-1).expand(-1, self._dimension), None, ())
        named = [self._evaluate(vector) for _, vector in parts]
        axes = union(part.axes for part in named)
        values = [_align(part.value, part.axes, axes) for part in named]
        factors = [rounding.nearest(coefficient) for coefficient, _ in parts]
        value = values[0] if factors[0] == 1 else values[0] * factors[0]
        for factor, other in zip(factors[1:], values[1:], strict=True):
            value = torch.add(value, other, alpha=factor)
        if not self.errors:
            return Named(value, None, axes)
        # One rounding for the factor's own value, one for the product, then the additions. Points themselves are exact
        # but for what scaling them took below the smallest number.
        lost = sum(abs(factor) * 2.0**-1074 for factor, part in zip(factors, named, strict=True) if part.error is None)
        magnitude, carried = torch.zeros_like(value), torch.full_like(value, lost)
        for factor, other, part in zip(factors, values, named, strict=True):
            magnitude = magnitude + abs(factor) * other.abs()
            if part.error is not None:
                carried = carried + abs(factor) * _align(part.error, part.axes, axes)
        return Named(value, rounding.inflate(carried + rounding.total(magnitude, len(parts))), axes)

    def _average(self, term: Average) -> Named:
        if term.index in self._fixed:
            return self._where_free(term)
        return self._mean_or_sum(term.kind, term.index, self._evaluate(term.body), term.weights)

    def _scale(self, factor: Named, vector: Named) -> Named:
        axes = union((factor.axes, vector.axes))
        number, value = _align(factor.value, factor.axes, axes).unsqueeze(-1), _align(vector.value, vector.axes, axes)
        if not self.errors:
            return Named(number * value, None, axes)
        number_error = _align(factor.known_error, factor.axes, axes).unsqueeze(-1)
        value_error = _align(vector.known_error, vector.axes, axes) + self._lost(vector)
        return Named(number * value, rounding.product(number, number_error, value, value_error), axes)

    def _coordinate_wise(self, term: CoordinateWise) -> Named:
        if term.index in self._fixed:
            return self._where_free(term)
        body = self._evaluate(term.body)
        if term.kind is not Reduction.MEDIAN:
            return self._extreme(term.kind, term.index, body)
        body, mask = self._ragged(term.index, body)
        at = 1 + body.axes.index(term.index)
        axes = tuple(axis for axis in body.axes if axis != term.index)
        if mask is None:
            ordered, count = body.value.sort(dim=at).values, body.value.shape[at]
            low, high = ordered.select(at, (count - 1) // 2), ordered.select(at, count // 2)
        else:
            # What does not count comes last.
            ordered, counts = (
                body.value.masked_fill(~mask, torch.inf).sort(dim=at).values,
                mask.sum(dim=at, keepdim=True),
            )
            shape = (*ordered.shape[:at], 1, *ordered.shape[at + 1 :])
            middle = ((counts - 1).div(2, rounding_mode="floor"), counts.div(2, rounding_mode="floor"))
            low, high = (ordered.gather(at, place.expand(shape)).squeeze(at) for place in middle)
        median = (low + high) / 2
        if not self.errors:
            return Named(median, None, axes)
        carried = (body.known_error + self._lost(body)).amax(dim=at)
        return Named(median, rounding.inflate(carried + rounding.total((low.abs() + high.abs()) / 2, 2)), axes)

    def _image(self, map: Map, vector: Vector) -> Named:
        mapped = self._mapped(map)
        if vector.reached_by is not None:
            return self._image_of_values(mapped, self._evaluate(vector))
        # A point itself goes in as it is: scaling may have taken something from it.
        exact = is_element(vector)
        named = self._raw_point(vector) if is_element(vector) else self._evaluate(vector)
        exponent = _broadcast(self._exponent, named.value.ndim)
        value = named.value if exact else _times_power_of_two(named.value, exponent)
        flat = mapped.function(value.reshape(-1, self._dimension))
        image = flat.reshape(*value.shape[:-1], flat.shape[-1])
        if not self.errors or exact:
            return Named(image, torch.zeros_like(image) if self.errors else None, named.axes)
        return Named(image, self._image_error(mapped, named, exponent).unsqueeze(-1).expand_as(image), named.axes)

    def _image_of_values(self, mapped: Mapped, named: Named) -> Named:
        """Return a map's values at what values of others make, which are in units of their own."""
        value, dimension = named.value, named.value.shape[-1]
        flat = mapped.function(value.reshape(-1, dimension))
        image = flat.reshape(*value.shape[:-1], flat.shape[-1])
        if not self.errors:
            return Named(image, None, named.axes)
        length = kernels.vector_norm(named.known_error * 2.0**60, self.p) * 2.0**-60
        length = rounding.inflate(length + rounding.norm_of_exact(length, dimension, self.p)) + dimension * 2.0**-1073
        error = self._times_constant(mapped, torch.where((named.known_error == 0).all(dim=-1), 0.0, length))
        return Named(image, error.unsqueeze(-1).expand_as(image), named.axes)

    def _times_constant(self, mapped: Mapped, length: Tensor) -> Tensor:
        """Return how far a map's value may be from that at an argument so far away; 0 for one that is exact."""
        if mapped.constant is None:
            return torch.where(length == 0, 0.0, torch.inf)
        constant = self.scalar(mapped.constant)
        limit = _broadcast(constant.value.abs() + constant.known_error, length.ndim)
        found = rounding.inflate(rounding.inflate(limit) * rounding.inflate(length))
        return torch.where(length == 0, 0.0, found)

    def _raw_point(self, point: Element) -> Named:
        return self._element(self._raw[collection_of(point)], point.index)

    def _mapped(self, map: Map) -> Mapped:
        return _mapped_of(self._maps, map)

    def _coordinate(self, vector: Vector, index: Index) -> Named:
        """Return a coordinate of a vector, in its own units: a named axis in place of the last."""
        exact = is_element(vector)
        named = self._raw_point(vector) if is_element(vector) else self._evaluate(vector)
        value, error = named.value, None
        if self.errors and not exact:
            error = named.known_error + self._lost(named)
        if not exact and vector.reached_by is None:
            value = self._unit.times(value)
            error = None if error is None else rounding.inflate(self._unit.times(error))
        elif self.errors and exact:
            error = torch.zeros_like(value)
        window = self._window(index)
        if isinstance(window, int):
            return Named(value[..., window], None if error is None else error[..., window], named.axes)
        axes = union((named.axes, (index,)))
        at = 1 + axes.index(index)
        value, error = value[..., window].movedim(-1, at), None if error is None else error[..., window].movedim(-1, at)
        return Named(value, error, axes)

    def _image_error(self, mapped: Mapped, argument: Named, exponent: Tensor) -> Tensor:
        """Return L·‖e‖ for an argument that is off by e: no coordinate of the map's value is off by more."""
        if mapped.constant is None:
            return torch.full_like(argument.value[..., 0], torch.inf)
        # What scaling back may take below the smallest number is at most 2⁻¹⁰⁷⁴ a coordinate.
        off = (argument.known_error + self._lost(argument)) * 2.0**60
        length = kernels.vector_norm(off, self.p) * 2.0**-60
        length = rounding.inflate(length + rounding.norm_of_exact(length, self._dimension, self.p))
        length = _times_power_of_two(length, exponent.squeeze(-1)) + self._dimension * 2.0**-1073
        constant = self.scalar(mapped.constant)
        limit = _broadcast(constant.value.abs() + constant.known_error, length.ndim)
        return rounding.inflate(rounding.inflate(limit) * rounding.inflate(length))

    @staticmethod
    def _lost(vector: Named) -> float:
        """Return what scaling exact points may have taken below the smallest number."""
        return 2.0**-1074 if vector.error is None else 0.0

    def _applied(self, function: Function, argument: Named) -> Named:
        """Return a declared function's values."""

        def value(base: Tensor) -> Tensor:
            own = function.gradient is not None and base.requires_grad
            found: Tensor = _WithGradient.apply(base, function) if own else function.value(base)
            return found

        if argument.error is None:
            return Named(value(argument.value), None, argument.axes)
        found, error = rounding.function(
            value,
            argument.value,
            argument.error,
            ulps=function.ulps,
            monotone=function.monotone is not None,
            # Rounded up.
            lipschitz=None if function.lipschitz is None else float(function.lipschitz) * (1 + 2 * rounding.U),
            domain=function.domain,
            bounds=function.bounds,
        )
        return Named(found, error, argument.axes)

    def _indicator(self, lhs: Named, relation: Relation, rhs: Named) -> Named:
        """Return 1 and 0 where a comparison is certain, with error 0; where it is not, with 1; undefined of undefined sides."""
        (left, right), errors, axes = self._aligned([lhs, rhs])
        slack = (right - left).detach()
        if not self.errors:
            holds, _ = certain(relation, slack, torch.zeros_like(slack))
            return Named(torch.where(slack.isnan(), slack, holds.to(slack)), None, axes)
        off = errors[0] + errors[1]
        error = torch.where((slack == 0) & (off == 0), 0.0, rounding.rounded(slack, off))
        holds, fails = certain(relation, slack, error)
        known = torch.isfinite(error) & torch.isfinite(slack)
        likely = slack == 0 if relation is Relation.EQUAL else slack >= 0
        value = torch.where(holds, 1.0, torch.where(fails, 0.0, likely.to(slack)))
        return Named(value, torch.where(known, (~(holds | fails)).to(slack), torch.inf), axes)

    # ------------------------------------------------------------------------------------------------- inner products

    def _inner(self, u: Vector, v: Vector) -> Named:
        left, right = self._evaluate(u), self._evaluate(v)
        # The values of a map are in units of their own; points are in theirs, so their products are in the square of those.
        scaled = u.reached_by is None
        beforehand = scaled and self._is_near
        if beforehand:
            # A power of two changes no digit of what is far from the smallest number.
            first = Named(self._unit.times(self._unit.times(left.value)), None, left.axes)
            value, axes = _products(first, right)
        else:
            value, axes = _products(left, right)
            value = self._unit.times(self._unit.times(value)) if scaled else value
        if not self.errors:
            return Named(value, None, axes)
        parts, dimension = (left, right), left.value.shape[-1]
        uniform = value.numel() > _UNIFORM and not value.requires_grad
        if uniform:
            # Of the longest of each side.
            lengths, off = zip(*map(self._sizes_of_all, (u, v), parts), strict=True)
        else:
            lengths = tuple(_align(self._euclidean(part.value), part.axes, axes) for part in parts)
            off = tuple(_align(self._length_of_error(part), part.axes, axes) for part in parts)
        error = rounding.inner(lengths[0] * lengths[1], dimension)
        error = error + lengths[0] * off[1] + lengths[1] * off[0] + off[0] * off[1]
        # What products take below the smallest number.
        error = rounding.inflate(rounding.inflate(error) + dimension * 2.0**-1070)
        most = rounding.inflate(lengths[0] * lengths[1])
        if scaled:
            error, most = (self._unit.times(self._unit.times(part)) for part in (error, most))
        if beforehand:
            # What was far smaller than the largest may lose digits by it, below the smallest number.
            error = error + dimension * 2.0**-1070
        error, most = rounding.inflate(error), rounding.inflate(rounding.inflate(most) + error)
        if uniform:
            # Room for a sum of products that overflows on the way, which none of these does then.
            return _Uniform(value, axes, torch.where(most < 2.0**1000, error, torch.inf), most)
        # A product that overflowed on the way, and one that is not a number.
        return Named(value, torch.where(torch.isfinite(value), error, torch.inf), axes)

    def _cosine(self, u: Vector, v: Vector) -> Named:
        """Return the cosine of vectors divided by their lengths; undefined where one of them may be 0."""
        parts = [self._directed(u), self._directed(v)]
        value, axes = _products(*(part.units for part in parts))
        if any(part.undefined for part in parts):
            zero = torch.zeros_like(value, dtype=torch.bool)
            for part in parts:
                zero = zero | _align(part.zero, part.units.axes, axes)
            value = torch.where(zero, torch.nan, value)
        value = value.clamp(-1, 1) if value.requires_grad else value.clamp_(-1, 1)
        if not self.errors:
            return Named(value, None, axes)
        dimension = parts[0].units.value.shape[-1]
        off = torch.stack([part.most_off for part in parts]).sum(dim=0)
        if value.numel() > _UNIFORM and not value.requires_grad and bool((off <= _SURE).all()):
            return _Uniform(value, axes, rounding.cosine(rounding.inflate(off), dimension), torch.ones_like(off))
        share = torch.zeros_like(value)
        for part in parts:
            share = share + _align(part.off, part.units.axes, axes)
        error = rounding.cosine(rounding.inflate(share), dimension)
        return Named(value, torch.where(torch.isfinite(value), error, torch.inf), axes)

    def _directed(self, vector: Vector) -> _Directed:
        """Return a vector's values divided by their lengths; of points, those of a whole collection are divided once."""
        if not is_element(vector):
            return self._divided(self._evaluate(vector))
        collection = collection_of(vector)
        if collection not in self._directions:
            points = self._points[collection]
            self._directions[collection] = self._divided(Named(points, None, (collection.points,)))
        whole = self._directions[collection]
        units = self._element(whole.units.value, vector.index)
        zero, off = (
            self._element(one.unsqueeze(-1), vector.index).value.squeeze(-1) for one in (whole.zero, whole.off)
        )
        return _Directed(units, zero, off, whole.undefined, whole.most_off)

    def _divided(self, part: Named) -> _Directed:
        length = kernels.vector_norm(part.value, 2)
        zero = length == 0
        units = Named(part.value / torch.where(zero, 1.0, length).unsqueeze(-1), None, part.axes)
        off = torch.zeros_like(length)
        if self.errors:
            length = length.detach()
            # A length of the smallest numbers is itself off by one of them.
            apart = self._length_of_error(part) + 2.0**-1073
            off = torch.where(apart < length / 4, rounding.inflate(apart / length), torch.inf)
        return _Directed(units, zero, off, bool(zero.any()), _most(off))

    def _sizes_of_all(self, vector: Vector, named: Named) -> tuple[Tensor, Tensor]:
        """Return what no Euclidean length of a vector's values is above, and none of their errors' lengths, shape (b,)."""
        if not is_element(vector):
            lengths = self._euclidean(named.value), self._length_of_error(named)
            return _most(lengths[0]), _most(lengths[1])
        collection = collection_of(vector)
        if collection not in self._sizes_of:
            # Of all of a collection's points, found once for all blocks of them.
            self._sizes_of[collection] = self._euclidean(self._points[collection]).amax(dim=1)
        return self._sizes_of[collection], self._zeros + named.value.shape[-1] * self._lost(named)

    @staticmethod
    def _euclidean(vector: Tensor) -> Tensor:
        """Return what a Euclidean length is not above."""
        length = kernels.vector_norm(vector.detach(), 2)
        return rounding.inflate(length + rounding.norm_of_exact(length, vector.shape[-1], 2))

    def _length_of_error(self, vector: Named) -> Tensor:
        """Return what the Euclidean length of a vector's error is not above."""
        if vector.error is None:
            return torch.full_like(vector.value[..., 0].detach(), vector.value.shape[-1] * self._lost(vector))
        # Scaled up first: the norm of errors near the smallest number would be lost.
        return rounding.inflate(self._euclidean(vector.error * 2.0**60) * 2.0**-60)

    def _norm(self, vector: Vector, p: float | None = None) -> Named:
        """Return a norm, the space's own or that of p."""
        p = self.p if p is None else p
        if vector.reached_by is not None:
            return self._norm_of_values(vector, p)
        scaled = self._scaled_norm(vector, p)
        value = self._unit.times(scaled.value)
        if isinstance(scaled, _Measured):
            return _Measured(value, scaled.axes, scaled.share, self._unit.times(scaled.besides))
        error = scaled.error
        return Named(value, None if error is None else rounding.inflate(self._unit.times(error)), scaled.axes)

    def _scaled_norm(self, vector: Vector, p: float) -> Named:
        """Return the norm in the units that points are scaled to."""
        difference = self._difference_of_points(vector, p)
        if difference is not None:
            value, axes = difference
            if not self.errors:
                return Named(value, None, axes)
            share, besides = rounding.norm_of_exact_parts(self._dimension, p)
            return _Measured(value, axes, share, self._zeros + besides)
        named = self._evaluate(vector)
        value, axes = kernels.vector_norm(named.value, p), named.axes
        error = None
        if self.errors and named.error is not None:
            # Scaled up first: the norm of errors near the smallest number would be lost.
            coordinates = kernels.vector_norm(named.error * 2.0**60, p) * 2.0**-60
            error = rounding.norm_of_inexact(value, coordinates, self._dimension, p)
        elif self.errors:
            error = rounding.norm_of_exact(value, self._dimension, p)
        return Named(value, error, axes)

    def _norm_of_values(self, vector: Vector, p: float) -> Named:
        """Return the norm of what a map's values make, which are in units of their own: scaled here alone."""
        pair = self._difference_of_values(vector)
        parts = [self._evaluate(vector)] if pair is None else list(pair)
        # By their errors too, which may be far larger than a difference; not by one that has no bound.
        sizes = [part.value.detach().abs() for part in parts]
        sizes += [part.known_error.detach().nan_to_num(nan=0.0, posinf=0.0) for part in parts]
        exponent = torch.frexp(torch.stack([size.flatten(1).amax(dim=1) for size in sizes]).amax(dim=0))[1]
        exponent = exponent.to(torch.int64)
        scaled = [_times_power_of_two(part.value, _broadcast(-exponent, part.value.ndim)) for part in parts]
        if pair is None:
            length, axes = kernels.vector_norm(scaled[0], p), parts[0].axes
        else:
            length, axes = kernels.pairwise(scaled[0], scaled[1], p), pair[0].axes + pair[1].axes
        back = _broadcast(exponent, length.ndim)
        value = _times_power_of_two(length, back)
        if not self.errors:
            return Named(value, None, axes)
        dimension, carried = scaled[0].shape[-1], torch.zeros_like(length)
        for part in parts:
            # What scaling takes below the smallest number; then scaled up, as for points.
            off = _times_power_of_two(part.known_error, _broadcast(-exponent, part.value.ndim)) + 2.0**-1073
            length_off = kernels.vector_norm(off * 2.0**60, p) * 2.0**-60
            # An error without a bound is divided by itself on the way.
            length_off = length_off.nan_to_num(nan=torch.inf, posinf=torch.inf)
            carried = carried + _align(length_off, part.axes, axes)
        error = rounding.norm_of_inexact(length, rounding.inflate(carried), dimension, p)
        return Named(value, rounding.inflate(_times_power_of_two(error, back)), axes)

    def _difference_of_values(self, vector: Vector) -> tuple[Named, Named] | None:
        """Return both values where the vector is a difference of a map's values over two indices; else None."""
        pair = difference_of_values(vector)
        if pair is None:
            return None
        left, right = sorted(map(self._evaluate, pair), key=lambda part: [i.symbol for i in part.axes])
        return (left, right) if len(left.axes) == len(right.axes) == 1 and left.axes != right.axes else None

    def _difference_of_points(self, vector: Vector, p: float) -> tuple[Tensor, Axes] | None:
        """Return the norms where the vector is a difference a − b of points, which are exact; else None."""
        pair = difference_of_points(vector)
        if pair is None:
            return self._difference_of_elements(vector, p)
        a, b = pair if pair[0].index.symbol <= pair[1].index.symbol else pair[::-1]
        left, right = self._evaluate(a), self._evaluate(b)
        axes = left.axes + tuple(axis for axis in right.axes if axis not in left.axes)
        if len(axes) == 2:
            return self._distances(a, b, p), axes
        if left.axes and left.axes == right.axes:
            # The same digits as there, whichever comes first.
            for one, other in ((a, b), (b, a)):
                known = self._apart.get((one.collection, other.collection, p))
                if known is not None:
                    return torch.diagonal(known, dim1=1, dim2=2), axes
            rows = kernels.pairwise(left.value.unsqueeze(-2), right.value.unsqueeze(-2), p)
            return rows.flatten(1), axes
        # One of them, or both, is a single point.
        first, second = (part.value if part.axes else part.value.unsqueeze(-2) for part in (left, right))
        found = kernels.pairwise(first, second, p)
        return found.flatten(1) if axes else found.flatten(), axes

    def _difference_of_elements(self, vector: Vector, p: float) -> tuple[Tensor, Axes] | None:
        """Return the same where one of them or both are points of classes."""
        pair = difference_of_elements(vector)
        if pair is None:
            return None
        left, right = map(self._evaluate, pair)
        if left.axes == right.axes:
            rows = kernels.pairwise(left.value.unsqueeze(-2), right.value.unsqueeze(-2), p)
            return rows.flatten(-3), left.axes
        return between(left, right, lambda a, b: kernels.pairwise(a, b, p))

    def _distances(self, a: Point, b: Point, p: float) -> Tensor:
        """Return ‖a_i − b_k‖ for all i and k, in the units that points are scaled to."""
        pair = a.collection, b.collection, p
        if pair not in self._apart:
            self._apart[pair] = kernels.pairwise(self._points[a.collection], self._points[b.collection], p)
        return self._apart[pair]

    # -------------------------------------------------------------------------------------- distances of collections

    def _transport(self, a: Collection, b: Collection) -> Named:
        """Return W₁ as the cost of a plan; what potentials leave open below it is part of the error.

        Three sources of error, each bounded from what was computed, not from how it was: distances off by e move W₁ by
        at most e; a plan whose marginals are off by δ in total is at most 2δ of mass from one whose marginals are
        right, which costs at most 2δ times the largest distance; and potentials that are feasible to rounding bound
        W₁ from below to rounding.
        """
        # Both indices are bound here, whatever values they are fixed to outside.
        reader = self._with_fixed({}) if self._fixed else self
        named = reader._scaled_norm(a[a.points] - b[b.points], self.p)
        cost = named.value if named.axes == (a.points, b.points) else named.value.transpose(1, 2)
        known = cost.detach().cpu().numpy()
        solved = [kernels.coupling(one) for one in known]
        plan, u, v = (torch.from_numpy(np.stack(parts)).to(cost) for parts in zip(*solved, strict=True))
        value = (plan * cost).sum(dim=(1, 2))
        if not self.errors:
            return Named(_times_power_of_two(value, self._exponent), None, ())
        n, q = known.shape[1:]
        largest, sizes = cost.amax(dim=(1, 2)), u.abs().amax(dim=1) + v.abs().amax(dim=1)
        low = u.mean(dim=1) + v.mean(dim=1)
        unmet = (plan.sum(dim=2) - 1 / n).abs().sum(dim=1) + (plan.sum(dim=1) - 1 / q).abs().sum(dim=1)
        # Each marginal is the sum of at most max(n, q) numbers, and all of them add up to 2; 1/n is rounded too.
        unmet = unmet + rounding.gamma(4 * (n + q) + 8) * 2
        error = (value - low).clamp(min=0) + 2 * unmet * largest + rounding.total(value, n * q)
        error = error + rounding.gamma(4 * (n + q) + 16) * (largest + sizes) + named.known_error.amax(dim=(1, 2))
        error = rounding.inflate(_times_power_of_two(rounding.inflate(error), self._exponent))
        return Named(_times_power_of_two(value, self._exponent), error, ())

    def _coupling(self, term: Coupling) -> Named:
        """Return the cost of a coupling; what potentials leave open below it is part of the error, as for W₁.

        Where a part alone is moved, the rest goes to and from nowhere for nothing: costs are at least 0, so what goes
        there on both sides is no cheaper than what does not.
        """
        fixed = {index: at for index, at in self._fixed.items() if index not in (term.first, term.second)}
        if fixed != self._fixed:
            return self._with_fixed(fixed)._coupling(term)
        named = self._evaluate(term.body)
        axes = union((named.axes, (term.first, term.second)))
        outer = tuple(axis for axis in axes if axis not in (term.first, term.second))
        n, q = (self._length(index) for index in (term.first, term.second))
        shape = (self._batch, *map(self._length, axes))
        value, off = (
            _align(part, named.axes, axes)
            .expand(shape)
            .movedim([1 + axes.index(i) for i in (term.first, term.second)], [-2, -1])
            for part in (named.value, named.known_error)
        )
        lengths = value.shape[:-2]
        cost, off = value.reshape(-1, n, q), off.reshape(-1, n, q)
        part = float(1 - term.mass)
        if part:
            require_nonnegative(term)
            cost, off = (torch.nn.functional.pad(tensor, (0, 1, 0, 1)) for tensor in (cost, off))
        sides = []
        for weights, size in ((term.of_first, n), (term.of_second, q)):
            side = (
                self._zeros.unsqueeze(-1).expand(-1, size) + 1 / size
                if weights is None
                else self._ratios(weights, 1, 2)
            )
            side = torch.nn.functional.pad(side, (0, 1), value=part) if part else side
            sides.append(side.repeat_interleave(len(cost) // self._batch, dim=0))
        given = [tensor.detach().cpu().numpy() for tensor in (cost, *sides)]
        finite = np.isfinite(given[0]).all(axis=(1, 2))
        given[0] = np.where(finite[:, None, None], given[0], 0.0)
        solved = [kernels.weighted_coupling(*one) for one in zip(*given, strict=True)]
        plan, u, v = (torch.from_numpy(np.stack(parts)).to(cost) for parts in zip(*solved, strict=True))
        least = (plan * cost).sum(dim=(1, 2))
        if not self.errors:
            return Named(least.reshape(lengths), None, outer)
        largest, sizes = cost.abs().amax(dim=(1, 2)), u.abs().amax(dim=1) + v.abs().amax(dim=1)
        low = (sides[0] * u).sum(dim=1) + (sides[1] * v).sum(dim=1)
        unmet = (plan.sum(dim=2) - sides[0]).abs().sum(dim=1) + (plan.sum(dim=1) - sides[1]).abs().sum(dim=1)
        # Weights are off by what their sum, ratios and the part left were rounded by; either side's are at most 2.
        slip = rounding.gamma(8 * (n + q) + 64)
        unmet = unmet + 4 * slip
        error = (
            (least - low).clamp(min=0)
            + 2 * unmet * largest
            + rounding.total((plan * cost.abs()).sum(dim=(1, 2)), n * q + 1)
        )
        error = error + 4 * slip * (largest + sizes) + 2 * off.amax(dim=(1, 2)) + 2.0**-1022
        error = rounding.inflate(error).nan_to_num(nan=torch.inf, posinf=torch.inf)
        return Named(least.reshape(lengths), error.reshape(lengths), outer)

    def _hull_distance(self, a: Collection, b: Collection) -> Named:
        """Return the distance of two points of the hulls; what a direction leaves open below it is part of the error."""
        if self.p != 2:
            raise NormError(explain("norm", "p = 2 for a distance of hulls", f"{self.p:g}"))
        first, second = self._points[a], self._points[b]
        pairs = zip(first.detach().cpu().numpy(), second.detach().cpu().numpy(), strict=True)
        found = [kernels.nearest_weights(one, other) for one, other in pairs]
        weights = {Weights("a", a): [u for u, _ in found], Weights("c", b): [v for _, v in found]}
        tensors = {key: torch.from_numpy(np.stack(values)).to(first) for key, values in weights.items()}
        reader = NumericReader(
            self._raw, self.p, weights=tensors, errors=self.errors, partitions=self._ranges.partitions
        )
        of_a, of_b = weights
        apart = Average(Reduction.MEAN, a.points, a[a.points], of_a) - Average(
            Reduction.MEAN, b.points, b[b.points], of_b
        )
        high = reader._evaluate(Norm(apart))
        if high.error is None:
            return high
        # Any direction gives a lower bound, so this one is taken as the floats it is, its largest coordinate near 1.
        direction = reader._evaluate(apart).value.detach()
        direction = direction / direction.abs().amax(dim=-1, keepdim=True).clamp(min=2.0**-1022)
        # Points are scaled to at most 1: each product over d coordinates is off by γ(d)·Σ|u|, the difference once more,
        # and what scaling or a product took below the smallest number is at most 2⁻¹⁰⁷³ a coordinate.
        slip = rounding.gamma(self._dimension + 8) * direction.abs().sum(dim=-1) + self._dimension * 2.0**-1070
        along_a, along_b = ((direction.unsqueeze(1) * points).sum(dim=-1) for points in (first, second))
        gap = (along_a.amin(dim=1) - along_b.amax(dim=1) - 2 * slip).clamp(min=0)
        length = kernels.vector_norm(direction, 2)
        low = torch.where(length > 0, gap / length * (1 - rounding.gamma(self._dimension + 32)), 0.0)
        low = _times_power_of_two(low, self._exponent)
        return Named(high.value, rounding.inflate(high.known_error + (high.value - low).clamp(min=0)), ())

    def _infimum(self, term: Infimum) -> Named:
        # Loads the solver, which most terms do not need.
        from boundcheck.evaluate.readers.infima import least

        # Indices that are bound within run over all of their values, whatever they are fixed to outside.
        fixed = {index: position for index, position in self._fixed.items() if index in term.free()}
        return least(self if fixed == self._fixed else self._with_fixed(fixed), term)

    def _supremum(self, term: Supremum) -> Named:
        # Loads what most terms do not need.
        from boundcheck.evaluate.readers.spectra import greatest

        fixed = {index: position for index, position in self._fixed.items() if index in term.free()}
        return greatest(self if fixed == self._fixed else self._with_fixed(fixed), term)

    def _binding(self, variable: Variable, value: Named) -> NumericReader:
        """Return a reader for which a variable has a value."""
        reader = self._with_fixed(self._fixed)
        # Those of variables that are bound further out, too.
        reader._cache |= {key: named for key, named in self._cache.items() if isinstance(key, Variable)}
        reader._cache[variable] = value
        return reader

    # -------------------------------------------------------------------------------------------------------- shared

    def _mean_or_sum(self, kind: Reduction, index: Index, body: Named, weighted_by: Weights | None) -> Named:
        # Of what is to be differentiated, nothing is put in place.
        few = None if body.value.requires_grad or weighted_by is not None else self._few_left_out(index, body)
        body, mask = (body, None) if few is not None else self._ragged(index, body)
        at = 1 + body.axes.index(index)
        axes = tuple(axis for axis in body.axes if axis != index)
        uniform = isinstance(body, _Uniform) and weighted_by is None
        value, error = body.value, None if uniform else body.error
        weights = None if weighted_by is None else self._ratios(weighted_by, at, value.ndim)
        count, counts = value.shape[at], None
        if few is not None:
            value = _filled(value, few, 0.0)
            error = None if error is None else _filled(error, few, 0.0)
            count -= 1
        if mask is not None:
            # Whatever stands where nothing counts, an infinity too.
            value = torch.where(mask, value, 0.0)
            error = None if error is None else torch.where(mask, error, 0.0)
            counts = mask.sum(dim=at)
            count = int(counts.max())
        divisor: int | Tensor = count if counts is None else counts
        if kind is Reduction.SUM or weights is not None:
            divisor = 1
        weighted = value if weights is None else value * weights
        result = weighted.sum(dim=at) / divisor
        if not self.errors:
            return Named(result, None, axes)
        magnitudes = torch.linalg.vector_norm(weighted, ord=1, dim=at) / divisor
        # A ratio of weights is itself off by the rounding of their sum.
        bound = rounding.total(magnitudes, count if weights is None else 3 * count + 4)
        if error is not None:
            carried = error if weights is None else error * weights.abs()
            bound = bound + carried.sum(dim=at) / divisor
        if isinstance(body, _Uniform) and uniform:
            # As many times as it is added.
            bound = bound + _broadcast(body.besides, bound.ndim) * (count if counts is None else counts) / divisor
        if weights is not None:
            # A ratio below the smallest number, of what may be as large as the largest.
            below = value.abs() if error is None else value.abs() + error
            bound = bound + (below * 2.0**-1073).sum(dim=at)
        return Named(result, rounding.inflate(bound), axes)

    def _ratios(self, weights: Weights, at: int, ndim: int) -> Tensor:
        if weights not in self._shares:
            if weights not in self._weights:
                raise ParameterError(explain(weights.symbol, "weights", "none", f"give {weights.symbol}="))
            self._shares[weights] = shares_of(self._weights[weights])
        given = self._shares[weights]
        shape = [1] * ndim
        shape[0], shape[at] = given.shape
        return given.reshape(shape)

    def _aligned(self, parts: list[Named]) -> tuple[list[Tensor], list[Tensor], Axes]:
        axes = union(part.axes for part in parts)
        values = [_align(part.value, part.axes, axes) for part in parts]
        errors = [_align(part.error, part.axes, axes) for part in parts if part.error is not None]
        return values, errors, axes


#: How each kind of term is evaluated.
RULES: Rules[Callable[[NumericReader, Any], Named]] = Rules(
    "the numeric reader", Term, fix="give the kind a rule in boundcheck.evaluate.readers.numeric.RULES"
)
RULES.rules |= {
    Constant: lambda reader, term: reader._constant(term.value),
    Parameter: lambda reader, term: reader._unknown(term),
    Size: lambda reader, term: reader._constant(Fraction(reader.size(term.collection))),
    ClassSize: lambda reader, term: reader._class_size(term.family, term.index),
    Sign: lambda reader, term: reader._sign(term.signs, term.index),
    ClassCount: lambda reader, term: reader._constant(Fraction(reader.extent(term.family.each))),
    Coordinate: lambda reader, term: reader._coordinate(term.vector, term.index),
    Dimension: lambda reader, term: reader._constant(Fraction(reader._dimension)),
    Add: lambda reader, term: reader._add(reader._all(term.terms)),
    Multiply: lambda reader, term: reader._multiply(reader._all(term.factors)),
    Power: lambda reader, term: reader._power(reader._evaluate(term.base), term.exponent),
    Largest: lambda reader, term: reader._choose(torch.maximum, reader._all(term.terms)),
    Smallest: lambda reader, term: reader._choose(torch.minimum, reader._all(term.terms)),
    Reduce: lambda reader, term: reader._reduce(term),
    Norm: lambda reader, term: reader._norm(term.vector),
    PNorm: lambda reader, term: reader._norm(term.vector, term.order),
    Inner: lambda reader, term: reader._inner(term.u, term.v),
    Cosine: lambda reader, term: reader._cosine(term.u, term.v),
    Applied: lambda reader, term: reader._applied(term.function, reader._evaluate(term.argument)),
    Indicator: lambda reader, term: reader._indicator(
        reader._evaluate(term.lhs), term.relation, reader._evaluate(term.rhs)
    ),
    Point: lambda reader, term: reader._point(term.collection, term.index),
    Member: lambda reader, term: reader._element(reader._points[term.family], term.index),
    Drawn: lambda reader, term: reader._element(reader._points[term.collection], term.index),
    Combination: lambda reader, term: reader._combine(term.parts),
    Average: lambda reader, term: reader._average(term),
    Scale: lambda reader, term: reader._scale(reader._evaluate(term.factor), reader._evaluate(term.vector)),
    CoordinateWise: lambda reader, term: reader._coordinate_wise(term),
    Image: lambda reader, term: reader._image(term.map, term.vector),
    Transport: lambda reader, term: reader._transport(term.a, term.b),
    HullDistance: lambda reader, term: reader._hull_distance(term.a, term.b),
    Infimum: lambda reader, term: reader._infimum(term),
    Coupling: lambda reader, term: reader._coupling(term),
    Supremum: lambda reader, term: reader._supremum(term),
    Variable: lambda reader, term: reader._unbound(term),
}


def between(left: Named, right: Named, pairwise: Callable[[Tensor, Tensor], Tensor]) -> tuple[Tensor, Axes]:
    """Return what is computed of every two vectors, one of each side, and its axes; those of both run together.

    Parameters
    ----------
    left, right
        Vectors.
    pairwise
        From shapes (m, n, d) and (m, q, d) to (m, n, q).
    """
    both = tuple(axis for axis in left.axes if axis in right.axes)
    own = [tuple(axis for axis in side.axes if axis not in both) for side in (left, right)]
    flat, sizes = [], []
    for side, axes in zip((left, right), own, strict=True):
        order = [1 + side.axes.index(axis) for axis in (*both, *axes)]
        moved = side.value.permute(0, *order, -1)
        shape = moved.shape[1 + len(both) : -1]
        outer = moved.shape[: 1 + len(both)]
        sizes.append(shape)
        flat.append(moved.reshape(math.prod(outer), math.prod(shape), moved.shape[-1]))
    found = pairwise(*flat).reshape(*outer, *sizes[0], *sizes[1])
    together = (*both, *own[0], *own[1])
    wanted = union((together, left.axes))
    return found.permute(0, *(1 + together.index(axis) for axis in wanted)), wanted


class _WithGradient(torch.autograd.Function):
    """A declared function with the derivative that its declaration has."""

    @staticmethod
    def forward(ctx: Any, base: Tensor, function: Function) -> Tensor:
        value: Tensor = function.value(base)
        ctx.save_for_backward(base, value)
        ctx.function = function
        return value

    @staticmethod
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor, None]:
        return slope * ctx.function.gradient(*ctx.saved_tensors), None


def _products(left: Named, right: Named) -> tuple[Tensor, Axes]:
    """Return the inner products of vectors, with the axes of either."""
    if left.axes == right.axes:
        return (left.value * right.value).sum(dim=-1), left.axes
    return between(left, right, lambda a, b: a @ b.transpose(-1, -2))


def _log_sum_exp(value: Tensor, at: int, *, own: bool) -> Tensor:
    """Return log Σ exp along an axis, the largest taken out first; in the array itself where it is nobody else's."""
    most = value.amax(dim=at, keepdim=True)
    # Of infinities alone there is nothing to take out.
    most = torch.where(torch.isfinite(most), most, 0.0)
    apart = value.sub_(most) if own else value - most
    return apart.exp_().sum(dim=at).log_() + most.squeeze(at)


def _log_of_sum(exponentials: Tensor, left_out: tuple[Any, ...] | None, at: int) -> Tensor:
    """Return the logarithm of a sum of numbers along an axis, those at some places left out; takes the array for itself."""
    if left_out is not None:
        exponentials[left_out] = 0.0
    return exponentials.sum(dim=at).log_()


def _are_whole(parts: Iterable[Named], *, multiplied: bool = False) -> bool:
    """Say whether values are whole numbers without errors, of which no sum is rounded; or no product."""
    most = []
    for part in parts:
        error, value = part.known_error, part.value.detach()
        # One that is off is found at once, mostly.
        if bool(error.reshape(-1)[0] != 0) or bool((error != 0).any()) or not bool((value == value.round()).all()):
            return False
        most.append(max(1.0, float(value.abs().amax())))
    return (math.prod(most) if multiplied else sum(most)) <= 2.0**53


def _filled(tensor: Tensor, places: tuple[Any, ...], number: float) -> Tensor:
    """Return an array with one number at some places."""
    filled = tensor.clone()
    filled[places] = number
    return filled


def _most(tensor: Float[Tensor, "b ..."]) -> Float[Tensor, " b"]:
    """Return the largest number of each triple."""
    return tensor.reshape(len(tensor), -1).amax(dim=1)


def _align(tensor: Tensor, axes: Axes, wanted: Axes) -> Tensor:
    """Insert axes of length one for the wanted indices that a value does not vary over."""
    for position, axis in enumerate(wanted):
        if axis not in axes:
            tensor = tensor.unsqueeze(1 + position)
    return tensor


def shares_of(weights: Float[Tensor, "b n"]) -> Float[Tensor, "b n"]:
    """Return weights, at least 0 and not all 0, divided by their sum."""
    # By a power of two, so that their sum does not overflow.
    given = _times_power_of_two(weights, -torch.frexp(weights.amax(dim=-1, keepdim=True))[1].to(torch.int64))
    return given / given.sum(dim=-1, keepdim=True)


def _times_power_of_two(tensor: Tensor, exponent: Tensor) -> Tensor:
    """Multiply by 2**exponent, in two steps where 2**exponent itself may overflow or be subnormal."""
    if int(exponent.abs().amax()) < 1000:
        return tensor * _power_of_two(exponent)
    half = torch.div(exponent, 2, rounding_mode="floor")
    return tensor * _power_of_two(half) * _power_of_two(exponent - half)


def _broadcast(exponent: Tensor, ndim: int) -> Tensor:
    """Return one number a triple, shape (b,), with axes of length one up to `ndim`."""
    return exponent.reshape((-1,) + (1,) * (ndim - 1))


def _power_of_two(exponent: Tensor) -> Tensor:
    """Return 2**exponent exactly, by its bits: exp2 may be off by a digit."""
    return ((exponent + 1023) << 52).view(torch.float64)


class _Unit:
    """Powers of two, one a triple."""

    def __init__(self, exponent: Int64[Tensor, " b"], far: int) -> None:
        # In two steps where 2**exponent itself may overflow or be subnormal.
        self._factors = [_power_of_two(exponent)]
        if far >= 1000:
            half = torch.div(exponent, 2, rounding_mode="floor")
            self._factors = [_power_of_two(half), _power_of_two(exponent - half)]

    def times(self, tensor: Float[Tensor, "b ..."]) -> Float[Tensor, "b ..."]:
        """Return numbers, each triple's times its power of two."""
        for factor in self._factors:
            tensor = tensor * _broadcast(factor, tensor.ndim)
        return tensor


def _scale_together(
    points: Mapping[Collection, Tensor], exponent: Tensor | None = None
) -> tuple[Tensor, dict[Collection, Tensor], int]:
    """Return e, the points divided by 2**e and the largest |e|; where none is given, a triple's largest coordinate is in [1/2, 1)."""
    before_threads(sum(tensor.numel() for tensor in points.values()))
    if exponent is None:
        largest = torch.stack([tensor.detach().abs().amax(dim=(1, 2)) for tensor in points.values()]).amax(dim=0)
        exponent = torch.frexp(largest)[1].to(torch.int64)
    far = int(exponent.abs().amax())
    unit = _Unit(-exponent, far)
    return exponent, {collection: unit.times(tensor) for collection, tensor in points.items()}, far
