"""The readers that write a line down, and that follow one."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any, TypeAlias

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from boundcheck.arithmetic import one_thread_each
from boundcheck.evaluate.readers.numeric import NEAR, Named, NumericReader, Single, shares_of
from boundcheck.evaluate.readers.ranges import Axes
from boundcheck.evaluate.straight.line import Line
from boundcheck.evaluate.straight.operations import Value, to_tensor, to_value
from boundcheck.evaluate.straight.recorder import Recorder
from boundcheck.forks import held_in_forks
from boundcheck.language import Bound, Collection, Family, Index, Parameter, Scalar, Weights

__all__ = ["RecordingReader", "StraightReader", "straight_reader_for"]

# How many lines are kept.
_KEPT = 256

_Key: TypeAlias = tuple[Any, ...]
_Points: TypeAlias = Mapping[Collection, Float[Tensor, "1 n d"]]


@dataclass(frozen=True)
class _Result:
    """Where a term's value and its error are: in slots, of a shape each, or what they always are."""

    value: int | Tensor
    shape: tuple[int, ...]
    error: int | Tensor
    error_shape: tuple[int, ...]
    axes: Axes

    @cached_property
    def single(self) -> bool:
        """Whether it is one number."""
        return self.shape == self.error_shape == (1,)


@dataclass(frozen=True)
class _Reading:
    """A line, and what it gives of which term."""

    line: Line
    results: Mapping[Scalar, _Result]


class _Lines:
    """The readings that were written down, the last ones used; and those that were asked for once, or cannot be."""

    def __init__(self) -> None:
        self._known: OrderedDict[_Key, _Reading | bool | None] = OrderedDict()
        self._lock = held_in_forks(Lock())

    def find(self, key: _Key) -> _Reading | bool | None:
        """Return the reading; True where one is to be written down now, False the first time, None where there is none."""
        with self._lock:
            if key not in self._known:
                self._put(key, True)
                return False
            self._known.move_to_end(key)
            return self._known[key]

    def keep(self, key: _Key, reading: _Reading | None) -> None:
        """Keep a reading, or that there is none."""
        with self._lock:
            self._put(key, reading)

    def _put(self, key: _Key, found: _Reading | bool | None) -> None:
        self._known[key] = found
        self._known.move_to_end(key)
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)


_lines = _Lines()


def straight_reader_for(
    bound: Bound,
    points: _Points,
    p: float,
    *,
    given: Iterable[Parameter] = (),
    weights: Mapping[Weights, Float[Tensor, "1 n"]] | None = None,
    partitions: Mapping[Family, tuple[int, ...]] | None = None,
) -> NumericReader | None:
    """Return the reader that follows a line on one batch of one, or the one that writes it down; None where neither is at hand.

    The first time that points of these sizes come, nothing is written down: they may come once.

    Parameters
    ----------
    bound
        What is asked for.
    points, p, weights, partitions
        As for :class:`~boundcheck.evaluate.readers.numeric.NumericReader`: contiguous, on the CPU and without gradients.
    given
        The parameters that will be bound to values.
    """
    weights, partitions = dict(weights or {}), dict(partitions or {})
    sizes = tuple((collection, tuple(tensor.shape)) for collection, tensor in points.items())
    key = (bound, p, sizes, tuple(given), tuple(weights), tuple(partitions.items()))
    found = _lines.find(key)
    if found is True:
        return RecordingReader(key, points, p, weights=weights, partitions=partitions)
    if not found:
        return None
    return StraightReader(found, points, p, weights=weights, partitions=partitions)


class RecordingReader(NumericReader):
    """A numeric reader that writes down what it does for every term that it is asked for.

    It computes what the reader computes; :meth:`keep` ends the recording.
    """

    def __init__(
        self,
        key: _Key,
        points: _Points,
        p: float,
        *,
        weights: Mapping[Weights, Tensor],
        partitions: Mapping[Family, tuple[int, ...]],
    ) -> None:
        super().__init__(points, p, weights=weights, errors=True, partitions=partitions)
        self._key, self._given_points, self._given_weights = key, points, weights
        self._partitions = partitions
        for one in weights:
            self._shares[one] = shares_of(weights[one])
        known = (self._zeros, *self._inputs())
        data = [tensor for tensor in _tensors_in(vars(self)) if not any(tensor is one for one in known)]
        self._recorder = Recorder(self._inputs(), data)
        if not self._is_near:
            self._recorder.refuse("points far from 1")
        self._writing = False
        self._asked: dict[Scalar, Named] = {}
        self._bound: list[tuple[Parameter, Tensor]] = []

    def _inputs(self) -> list[Tensor]:
        collections = list(self._raw)
        return [
            *(self._points[one] for one in collections),
            *(self._raw[one] for one in collections),
            *self._unit._factors[:1],
            *self._shares.values(),
        ]

    def bind_exact(self, parameter: Parameter, value: Float[Tensor, " b"]) -> None:
        """Give a parameter a value that is exact as it stands."""
        self._recorder.add_input(value)
        self._bound.append((parameter, value))
        super().bind_exact(parameter, value)

    def bind_largest(self, parameter: Parameter, terms: Iterable[Scalar]) -> None:
        """Give a parameter the largest value of some terms without free indices."""
        with self._noting():
            super().bind_largest(parameter, terms)

    def scalar(self, term: Scalar) -> Named:
        """Return the values of a scalar term."""
        with self._noting():
            named = super().scalar(term)
            # Some bounds on errors are computed when they are asked for.
            named = Named(named.value, named.known_error, named.axes)
        if not self._writing:
            self._asked[term] = named
        return named

    @contextmanager
    def _noting(self) -> Iterator[None]:
        """Note what is done; within what is noted already, once."""
        if self._writing:
            yield
            return
        self._writing = True
        try:
            with self._recorder:
                yield
        finally:
            self._writing = False

    def without_errors(self) -> NumericReader:
        """Return a reader of the same points that bounds no errors; parameters keep their values."""
        self._recorder.refuse("a reader without errors")
        return super().without_errors()

    def keep(self) -> None:
        """Keep the line, if there is one and it gives the same numbers again."""
        _lines.keep(self._key, self._reading())
        # What was asked for later would be written down for nothing.
        self._recorder.refuse("done")

    def _reading(self) -> _Reading | None:
        tensors = [part for named in self._asked.values() for part in (named.value, named.known_error)]
        line = self._recorder.line(tensors)
        if line is None:
            return None
        results = {
            term: _Result(
                self._found(named.value),
                tuple(named.value.shape),
                self._found(named.known_error),
                tuple(named.known_error.shape),
                named.axes,
            )
            for term, named in self._asked.items()
        }
        reading = _Reading(line, results)
        again = StraightReader(
            reading, self._given_points, self.p, weights=self._given_weights, partitions=self._partitions
        )
        for parameter, value in self._bound:
            again.bind_exact(parameter, value)
        # Here at least, it is to give what was read, digit for digit.
        same = again.follows() and all(_same(again.scalar(term), named) for term, named in self._asked.items())
        return reading if same else None

    def _found(self, tensor: Tensor) -> int | Tensor:
        place = self._recorder.place_of(tensor)
        return tensor.detach().clone() if place is None else place


class StraightReader(NumericReader):
    """What a line gives of the terms that it was written down for; all else is read by a numeric reader, set up when asked.

    Numbers, errors and axes are those of :class:`~boundcheck.evaluate.readers.numeric.NumericReader`.
    """

    def __init__(
        self,
        reading: _Reading,
        points: _Points,
        p: float,
        *,
        weights: Mapping[Weights, Tensor],
        partitions: Mapping[Family, tuple[int, ...]],
    ) -> None:
        # Attributes that are not here are those of the reader that is set up: see __getattr__.
        self.p, self.errors = float(p), True
        self._reading, self._given, self._partitions = reading, points, partitions
        self._given_weights = weights
        self._exact: list[tuple[Parameter, Tensor]] = []
        self._derived: list[tuple[Parameter, tuple[Scalar, ...]]] = []
        self._slots: dict[int, Any] | None = None
        self._full: NumericReader | None = None
        self._tried = False

    def bind_exact(self, parameter: Parameter, value: Float[Tensor, " b"]) -> None:
        """Give a parameter a value that is exact as it stands, before any term is read."""
        self._exact.append((parameter, value))

    def bind_largest(self, parameter: Parameter, terms: Iterable[Scalar]) -> None:
        """Give a parameter the largest value of some terms without free indices, which the line has among its steps."""
        self._derived.append((parameter, tuple(terms)))

    def bind(self, parameter: Parameter, value: Named) -> None:
        """Give a parameter its value, shape (b,)."""
        raise NotImplementedError("a line has its parameters among its steps")

    def size(self, collection: Collection) -> int:
        """Return the number of points of a collection."""
        return self._given[collection].shape[1]

    def scalar(self, term: Scalar) -> Named:
        """Return the values of a scalar term."""
        result = self._reading.results.get(term)
        if result is None or not self.follows():
            return self._numeric().scalar(term)
        slots = self._slots
        assert slots is not None
        if result.single:
            return Single(
                slots[result.value] if type(result.value) is int else float(result.value),
                slots[result.error] if type(result.error) is int else float(result.error),
            )
        value = result.value if isinstance(result.value, Tensor) else to_tensor(slots[result.value], result.shape)
        error = result.error if isinstance(result.error, Tensor) else to_tensor(slots[result.error], result.error_shape)
        return Named(value, error, result.axes)

    def without_errors(self) -> NumericReader:
        """Return a reader of the same points that bounds no errors; parameters keep their values."""
        return self._numeric().without_errors()

    def _with_fixed(self, fixed: Mapping[Index, int]) -> NumericReader:
        return self._numeric()._with_fixed(fixed)

    def follows(self) -> bool:
        """Say whether the line can be followed on these points: finite ones, not far from 1."""
        if not self._tried:
            self._tried = True
            inputs = self._inputs()
            if inputs is not None:
                with one_thread_each():
                    self._slots = self._reading.line.run(inputs)
        return self._slots is not None

    def _inputs(self) -> list[Value | None] | None:
        raw = [tensor.numpy() for tensor in self._given.values()]
        largest = max(float(np.abs(array).max()) for array in raw)
        if not math.isfinite(largest):
            return None
        exponent = math.frexp(largest)[1]
        if abs(exponent) >= NEAR:
            return None
        factor, needs, count = 2.0**-exponent, self._reading.line.needs, len(raw)
        found: list[Value | None] = [None] * (2 * count + 1)
        for place, array in enumerate(raw):
            if place in needs:
                found[place] = _one_number(array * factor)
            if count + place in needs:
                found[count + place] = _one_number(array)
        found[2 * count] = 2.0**exponent
        found += [to_value(shares_of(tensor)) for tensor in self._given_weights.values()]
        found += [float(value) for _, value in self._exact]
        return found

    def _numeric(self) -> NumericReader:
        """Return the reader that this one stands for."""
        if self._full is None:
            full = NumericReader(
                self._given, self.p, weights=self._given_weights, errors=True, partitions=self._partitions
            )
            for parameter, value in self._exact:
                full.bind_exact(parameter, value)
            for parameter, terms in self._derived:
                if self.follows():
                    full.bind(parameter, self.scalar(parameter))
                else:
                    full.bind_largest(parameter, terms)
            self._full = full
        return self._full

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or "_full" not in self.__dict__:
            raise AttributeError(name)
        return getattr(self._numeric(), name)


def _one_number(array: Any) -> Value:
    found: Value = array.item() if array.size == 1 else array
    return found


def _tensors_in(thing: Any) -> Iterator[Tensor]:
    """Yield every tensor that a reader holds."""
    if isinstance(thing, Tensor):
        yield thing
    elif isinstance(thing, Mapping):
        for one in thing.values():
            yield from _tensors_in(one)
    elif isinstance(thing, (list, tuple)):
        for one in thing:
            yield from _tensors_in(one)
    elif type(thing).__module__.startswith("boundcheck.evaluate.readers") and hasattr(thing, "__dict__"):
        yield from _tensors_in(vars(thing))


def _same(one: Named, other: Named) -> bool:
    """Say whether two values are the same to the last digit, and their errors."""
    pairs = ((one.value, other.value), (one.known_error, other.known_error))
    return one.axes == other.axes and all(
        a.shape == b.shape and a.dtype == b.dtype and torch.equal(a.nan_to_num(), b.nan_to_num()) for a, b in pairs
    )
