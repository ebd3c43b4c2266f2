"""Which values indices have: points of a collection, classes of a family and their points, coordinates.

The points of a class are an axis as long as the largest class; beyond its own end, a class has copies of its first point.
So a maximum or minimum over it is over the right values, and sums and means leave the copies out. Values that an index is
apart from are left out of all of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from itertools import permutations, product
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from boundcheck.errors import EmptyCollectionError, InvalidValueError, explain
from boundcheck.language import (
    ClassIndex,
    Codomain,
    Collection,
    CoordinateIndex,
    DrawIndex,
    Family,
    Index,
    Map,
    MemberIndex,
    SampleIndex,
    SignIndex,
    require_partitions,
)

__all__ = ["CHOICES", "Axes", "Part", "Placed", "Ranges", "union"]

#: The most values of a random choice that are gone through, one by one.
CHOICES = 1 << 16
# Beyond as many signs or draws, the ways are more than that whatever else is so.
_BITS = 64

Axes: TypeAlias = tuple[Index, ...]
#: An array without a batch, and the indices that its axes are.
Placed: TypeAlias = "tuple[npt.NDArray[Any], Axes]"
#: Which values of an index are looked at: one, or a slice of them.
Part: TypeAlias = "Callable[[Index], int | slice]"


class Ranges:
    """The values of indices over collections of given sizes.

    Parameters
    ----------
    sizes
        The number of points of every collection.
    partitions
        The sizes of the classes of every family.
    dimension
        Of the embedding space.
    measured
        What says of a space that maps lead to what its dimension is, where there are maps: asked once.

    Raises
    ------
    ParameterError
        If a family has no partition, or one of another number of points.
    """

    def __init__(
        self,
        sizes: Mapping[Collection, int],
        partitions: Mapping[Family, tuple[int, ...]] | None,
        dimension: int,
        measured: Callable[[Codomain | Map], int] | None = None,
    ) -> None:
        self._dimensions: dict[Codomain | Map | None, int] = {None: dimension}
        self._measured = measured
        self.sizes = dict(sizes)
        self.partitions = require_partitions(self.sizes, partitions)
        self._positions: dict[Index, Placed] = {}
        self._elements: dict[Index, Placed] = {}

    def class_sizes(self, family: Family) -> npt.NDArray[np.int64]:
        """Return n_c for every class c of a family."""
        return np.array(self.partitions[family], dtype=np.int64)

    def extent(self, index: Index) -> int:
        """Return the length of an index's axis; of the points of a class, that of the largest."""
        if type(index) is Index:
            # Most are: all that there is of a check of three collections.
            return self.sizes[index.collections[0]]
        match index:
            case CoordinateIndex():
                return self.dimension_of(index.space)
            case SignIndex():
                return _few(index, 2 ** min(self.sizes[index.collections[0]], _BITS))
            case SampleIndex():
                return _few(index, self._samples(index))
            case DrawIndex():
                return index.within.size
            case ClassIndex():
                return len(self.partitions[index.family])
            case MemberIndex():
                return max(self.partitions[index.within.family])
        return self.sizes[index.collections[0]]

    def dimension_of(self, space: Codomain | Map | None) -> int:
        """Return the dimension of a space that maps lead to; of the embedding space for None."""
        if space is not None and space not in self._dimensions:
            assert self._measured is not None
            self._dimensions[space] = self._measured(space)
        return self._dimensions[space]

    def _samples(self, index: SampleIndex) -> int:
        count = self.sizes[index.collections[0]]
        if index.replacement:
            return int(count ** min(index.size, _BITS)) if count > 1 else 1
        if index.size > count:
            raise EmptyCollectionError(
                explain(
                    index.described,
                    f"at least {index.size} points to draw",
                    f"{count}",
                    "draw fewer, or with replacement",
                )
            )
        return math.prod(range(count - min(index.size, _BITS) + 1, count + 1))

    def elements(self, index: Index) -> Placed:
        """Return which point of all each value of an index is; see :meth:`positions`."""
        if not isinstance(index, DrawIndex):
            return self.positions(index)
        if index not in self._elements:
            sampled = index.within
            self.extent(sampled)
            count = self.sizes[sampled.collections[0]]
            ways = (
                product(range(count), repeat=sampled.size)
                if sampled.replacement
                else permutations(range(count), sampled.size)
            )
            self._elements[index] = _placed(np.array(list(ways)), (sampled, index))
        return self._elements[index]

    def signs(self, signs: SignIndex, index: Index) -> Placed:
        """Return the signs of the points of an index, 1 and −1, in all ways."""
        ways, axes = _combined(np.right_shift, self.positions(signs), self.positions(index))
        return 1 - 2 * (ways & 1), axes

    def positions(self, index: Index) -> Placed:
        """Return which point of all (of a collection, of a family), class, way or draw each value of an index is.

        Indices that are apart from each other have different ones.
        """
        if index not in self._positions:
            found: npt.NDArray[Any] = np.arange(self.extent(index))
            axes: Axes = (index,)
            if isinstance(index, MemberIndex):
                own = self.class_sizes(index.within.family)[:, None]
                starts = np.cumsum(own, axis=0) - own
                found, axes = _placed(starts + np.where(found < own, found, 0), (index.within, index))
            self._positions[index] = found, axes
        return self._positions[index]

    def allowed(self, index: Index, *, copies: bool = False, part: Part | None = None) -> Placed | None:
        """Return where an index has a value, over itself and what its values depend on; None where everywhere.

        Parameters
        ----------
        index
            Which.
        copies
            Whether the copies beyond the end of a class count.
        part
            What gives the values of each index that are looked at, a slice of them or one; all if None. No array over
            more than those is made.

        Raises
        ------
        EmptyCollectionError
            If somewhere it has none: if a class has one point, say, there is no second one.
        """
        masks: list[Placed] = []
        if isinstance(index, MemberIndex) and not copies:
            own = self.class_sizes(index.within.family)
            if own.min() < own.max():
                within = np.arange(own.max()) < own[:, None]
                counted = _cut(_placed(within, (index.within, index)), part)
                # Of some classes of one size, there are no copies.
                masks += [] if counted[0].all() else [counted]
        if index.apart:
            places = _cut(self.positions(index), part)
            masks += [_combined(np.not_equal, places, _cut(self.positions(other), part)) for other in index.apart]
        if not masks:
            return None
        mask = reduce(lambda one, other: _combined(np.logical_and, one, other), masks)
        if index.apart and index in mask[1] and not mask[0].any(axis=mask[1].index(index)).all():
            raise EmptyCollectionError(
                explain(
                    f"{index.described}",
                    "a value that is left",
                    "none: one point or class alone",
                    "every collection or class that it runs over needs more points than it is apart from",
                )
            )
        return mask

    def left_out(self, index: Index, *, part: Part) -> tuple[tuple[npt.NDArray[np.int64], ...], Axes] | None:
        """Return the places where an index has no value, where it has all values of its own but one at every other.

        Parameters
        ----------
        index
            Which: one over the points of a collection that is apart from one other, and runs over all of them here.
        part
            As for :meth:`allowed`.

        Returns
        -------
        tuple or None
            The places along axes, an array each, and the axes; None where it is another kind of index, or nothing is left
            of it anywhere.
        """
        if type(index) is not Index or len(index.apart) != 1 or part(index) != slice(None) or self.extent(index) < 2:
            return None
        (other,) = index.apart
        elements, axes = _cut(self.positions(other), part)
        if index in axes:
            return None
        return (*np.indices(elements.shape).reshape(len(axes), -1), elements.reshape(-1)), (*axes, index)

    def allowed_together(self, indices: Iterable[Index], *, part: Part | None = None) -> Placed | None:
        """Return where every one of several indices has a value, over them all and what they depend on; None: everywhere."""
        masks = [mask for index in indices if (mask := self.allowed(index, part=part)) is not None]
        return reduce(lambda one, other: _combined(np.logical_and, one, other), masks) if masks else None


def _cut(placed: Placed, part: Part | None) -> Placed:
    """Return an array over parts of the values of its indices, without the axes of those that have one."""
    if part is None:
        return placed
    array, axes = placed
    parts = tuple(map(part, axes))
    return array[parts], tuple(axis for axis, one in zip(axes, parts, strict=True) if isinstance(one, slice))


def union(several: Iterable[Axes]) -> Axes:
    """Return the indices of several values, in the order of their letters."""
    different = set(several)
    if len(different) == 1:
        return different.pop()
    return tuple(sorted(frozenset[Index]().union(*different), key=lambda axis: axis.symbol))


def _few(index: Index, count: int) -> int:
    if count > CHOICES:
        raise InvalidValueError(
            explain(
                index.described,
                f"at most {CHOICES:,} values of a random choice, which are gone through one by one",
                f"{count:,}" if count < 10**12 else "far more",
                "state it for fewer points or draws",
            )
        )
    return count


def _placed(array: npt.NDArray[Any], axes: Axes) -> Placed:
    """Return an array with its axes in the order of their letters."""
    wanted = tuple(sorted(axes, key=lambda axis: axis.symbol))
    return array.transpose([axes.index(axis) for axis in wanted]), wanted


def _combined(operation: np.ufunc, one: Placed, other: Placed) -> Placed:
    axes = union((one[1], other[1]))
    first, second = (array[tuple(slice(None) if axis in own else None for axis in axes)] for array, own in (one, other))
    return operation(first, second), axes
