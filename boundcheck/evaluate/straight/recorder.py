"""Writes down what torch is asked to do, from given tensors on."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch.overrides import TorchFunctionMode

from boundcheck.evaluate.straight.line import Line, Step
from boundcheck.evaluate.straight.operations import (
    BY_TORCH,
    ELEMENTWISE,
    EXTREMES,
    SHAPED,
    STATIC,
    Value,
    to_tensor,
    to_value,
)

__all__ = ["Recorder"]


# What gives several tensors.
_SEVERAL = frozenset({"sort", "split"})


class _RefusedError(Exception):
    """An operation cannot be done again from its arguments alone."""


class Recorder(TorchFunctionMode):
    """Notes every operation on the inputs, and on what comes of them, while it is the mode.

    Operations go on as they would. Where one is none of the table's, :attr:`reason` says which, and there is no line.

    Parameters
    ----------
    inputs
        The tensors that other numbers will stand for, of float64 on the CPU.
    data
        Tensors made from the inputs, which hold other numbers then: an operation on one of them that is not an input ends
        the recording.
    """

    def __init__(self, inputs: Iterable[torch.Tensor], data: Iterable[torch.Tensor] = ()) -> None:
        super().__init__()
        #: Why there is no line; empty where there is one.
        self.reason = ""
        self._steps: list[Step] = []
        # By identity, with the tensors, so that none is taken for another.
        self._places: dict[int, int] = {}
        self._held: list[torch.Tensor] = []
        self._count = 0
        self._data = {_memory(tensor) for tensor in data}
        # Memory that is read under another name: what changes it changes more than one value.
        self._shared: set[int] = set()
        for tensor in inputs:
            self.add_input(tensor)

    def add_input(self, tensor: torch.Tensor) -> None:
        """Take a tensor as one more input; no operation was noted yet that would need a slot."""
        self._shared.add(_memory(tensor))
        self._place(tensor)
        self.inputs = self._count

    def place_of(self, tensor: torch.Tensor) -> int | None:
        """Return the slot that a tensor's numbers are in; None of what is the same whatever the inputs are."""
        return self._places.get(id(tensor))

    def line(self, outputs: Iterable[torch.Tensor]) -> Line | None:
        """Return what gives the outputs again, or None where an operation was not to be noted."""
        if self.reason:
            return None
        places = [self.place_of(tensor) for tensor in outputs]
        return Line(self.inputs, self._steps, [place for place in places if place is not None])

    def refuse(self, reason: str) -> None:
        """End the recording."""
        self.reason = self.reason or reason

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        named = dict(kwargs or {})
        if self.reason:
            return func(*args, **named)
        tensors = list(_tensors((args, named)))
        places = [self.place_of(tensor) for tensor in tensors]
        name = getattr(func, "__name__", "")
        for tensor, place in zip(tensors, places, strict=True):
            if place is None and tensor.numel() and _memory(tensor) in self._data:
                self.refuse(f"{name} of what is made from the inputs")
        if all(place is None for place in places) or name in STATIC:
            found = func(*args, **named)
            if name == "__get__" and isinstance(found, torch.Tensor):
                self.refuse("an attribute that is a tensor")
            return found
        before = {_memory(tensor) for tensor in tensors}
        in_place = name.endswith("_") and (
            not name.startswith("__") or (name.startswith("__i") and name != "__invert__")
        )
        # What is written over is read first.
        try:
            make = self._noted(func, name.removesuffix("_") if not name.startswith("__") else name, args, named)
            if in_place and (places[0] is None or _memory(args[0]) in self._shared):
                raise _RefusedError(f"{name} of what has several names")
        except _RefusedError as refused:
            self.refuse(str(refused))
            return func(*args, **named)
        found = func(*args, **named)
        results = list(_tensors(found))
        for result in results:
            if not in_place and _memory(result) in before:
                self._shared.add(_memory(result))
        try:
            make(results)
        except _RefusedError as refused:
            self.refuse(str(refused))
        return found

    # ------------------------------------------------------------------------------------------------------- writing

    def _place(self, tensor: torch.Tensor) -> int:
        self._held.append(tensor)
        place = self._places[id(tensor)] = self._count
        self._count += 1
        return place

    def _alias(self, tensor: torch.Tensor, place: int) -> None:
        self._held.append(tensor)
        self._places[id(tensor)] = place

    def _noted(
        self, func: Callable[..., Any], name: str, args: tuple[Any, ...], named: dict[str, Any]
    ) -> Callable[[list[torch.Tensor]], None]:
        """Return what writes an operation down once its results are known; what it reads is looked at before."""
        if "out" in named:
            raise _RefusedError(f"{name} into a tensor")
        first = args[0] if args and isinstance(args[0], torch.Tensor) else None
        plain = first is not None and self.place_of(first) is not None
        if name in SHAPED and plain:
            assert first is not None
            return self._shape(name, first, args[1:])
        if name in EXTREMES and plain:
            assert first is not None
            return self._extreme(name, first, *args[1:], **named)
        if name == "to" and plain:
            assert first is not None
            return self._cast(first)
        if name == "__getitem__" and plain:
            assert first is not None
            return self._item(first, args[1])
        if name in ("sum", "mean") and plain and first is not None and first.numel() == 1:
            return lambda results: self._alias(results[0], self._known(first))
        if name == "add" and named.get("alpha") == -1:
            # A product with −1 is exact.
            name, named = "sub", {}
        number = named.get("alpha", 1) == 1 and set(named) <= {"alpha"}
        if name in ELEMENTWISE and number and (name != "where" or func is torch.where):
            return self._elementwise(name, args)
        if name in BY_TORCH:
            return self._by_torch(func, name, args, named)
        raise _RefusedError(f"{name or func}")

    def _known(self, tensor: torch.Tensor) -> int:
        place = self.place_of(tensor)
        assert place is not None
        return place

    def _write(
        self,
        name: str,
        function: Callable[..., Any],
        reads: Iterable[int],
        results: list[torch.Tensor],
        text: str = "",
    ) -> None:
        for result in results:
            if result.dtype not in (torch.float64, torch.bool, torch.int64) or result.device.type != "cpu":
                raise _RefusedError(f"{name} to {result.dtype}")
        if not results:
            raise _RefusedError(f"{name}, which gives no tensor")
        self._steps.append(Step(name, function, tuple(reads), tuple(map(self._place, results)), text))

    def _operand(self, given: object) -> tuple[int | None, Any]:
        """Return the slot of an operand, or the number or array that it always is."""
        if isinstance(given, torch.Tensor):
            place = self.place_of(given)
            if place is not None:
                return place, None
            value = to_value(given)
            # It may be written over later.
            return None, value.copy() if isinstance(value, np.ndarray) else value
        if isinstance(given, bool) or not isinstance(given, (int, float)):
            raise _RefusedError(f"an operand that is {given!r}")
        return None, float(given)

    def _elementwise(self, name: str, args: tuple[Any, ...]) -> Callable[[list[torch.Tensor]], None]:
        operands = [self._operand(given) for given in args]
        sizes = [tuple(given.shape) for given in args if isinstance(given, torch.Tensor) and given.numel() != 1]
        reads = [place for place, _ in operands if place is not None]

        def make(results: list[torch.Tensor]) -> None:
            result = results[0]
            one = result.numel() == 1
            function = _with_constants(ELEMENTWISE[name].numbers if one else ELEMENTWISE[name].arrays, operands)
            text = _text(ELEMENTWISE[name].text, operands)
            if not one and np.broadcast_shapes(*sizes) != tuple(result.shape):
                function, text = _reshaped(function, tuple(result.shape)), ""
            self._write(name, function, reads, results, text)

        return make

    def _shape(self, name: str, given: torch.Tensor, args: tuple[Any, ...]) -> Callable[[list[torch.Tensor]], None]:
        if any(isinstance(argument, torch.dtype) for argument in args):
            raise _RefusedError(f"{name} of the same bits")
        place = self._known(given)

        def make(results: list[torch.Tensor]) -> None:
            result = results[0]
            shape = tuple(result.shape)
            if result.numel() == 1 or shape == tuple(given.shape):
                self._alias(result, place)
            else:
                self._write(name, lambda value: value.reshape(shape), (place,), results)

        return make

    def _extreme(
        self, name: str, given: torch.Tensor, dim: Any = (), keepdim: bool = False
    ) -> Callable[[list[torch.Tensor]], None]:
        place, reduce = self._known(given), EXTREMES[name].reduce
        axes = (dim,) if isinstance(dim, int) else tuple(dim)

        def make(results: list[torch.Tensor]) -> None:
            if given.numel() == 1:
                self._alias(results[0], place)
            elif results[0].numel() == 1:
                self._write(name, lambda value: float(reduce(value, axis=None)), (place,), results)
            else:
                self._write(name, lambda value: reduce(value, axis=axes, keepdims=keepdim), (place,), results)

        return make

    def _cast(self, given: torch.Tensor) -> Callable[[list[torch.Tensor]], None]:
        place = self._known(given)

        def make(results: list[torch.Tensor]) -> None:
            if results[0].dtype == given.dtype:
                self._alias(results[0], place)
            elif results[0].dtype != torch.float64:
                raise _RefusedError(f"to {results[0].dtype}")
            elif given.numel() == 1:
                self._write("to", float, (place,), results)
            else:
                self._write("to", lambda value: value.astype(np.float64), (place,), results)

        return make

    def _item(self, given: torch.Tensor, index: Any) -> Callable[[list[torch.Tensor]], None]:
        place = self._known(given)
        parts = tuple(self._constant(part) for part in (index if isinstance(index, tuple) else (index,)))

        def make(results: list[torch.Tensor]) -> None:
            if given.numel() == 1 and results[0].numel() == 1:
                self._alias(results[0], place)
            elif given.numel() == 1:
                raise _RefusedError("one number, several times")
            elif results[0].numel() == 1:
                self._write("__getitem__", lambda value: value[parts].item(), (place,), results)
            else:
                self._write("__getitem__", lambda value: value[parts], (place,), results)

        return make

    def _constant(self, part: Any) -> Any:
        if isinstance(part, torch.Tensor):
            if self.place_of(part) is not None:
                raise _RefusedError("an index that is read from the inputs")
            return part.numpy().copy()
        return part

    def _by_torch(
        self, func: Callable[..., Any], name: str, args: tuple[Any, ...], named: dict[str, Any]
    ) -> Callable[[list[torch.Tensor]], None]:
        reads: list[int] = []
        shapes: list[tuple[int, ...]] = []

        def template(given: Any) -> Any:
            if isinstance(given, torch.Tensor):
                place = self.place_of(given)
                if place is None:
                    return given.detach().clone()
                reads.append(place)
                shapes.append(tuple(given.shape))
                return _Slot(len(reads) - 1)
            if isinstance(given, (list, tuple)):
                return type(given)(map(template, given)) if type(given) in (list, tuple) else given
            return given

        positional = tuple(map(template, args))
        keywords = {key: template(value) for key, value in named.items()}
        first_alone = (
            len(reads) == 1
            and isinstance(positional[0], _Slot)
            and not any(_has_slot(value) for value in (*positional[1:], *keywords.values()))
        )

        def make(results: list[torch.Tensor]) -> None:
            function: Callable[..., Any]
            if first_alone and len(results) == 1 and name not in _SEVERAL:
                function = _of_one(func, shapes[0], results[0].numel() == 1, positional[1:], keywords)
            else:

                def function(*values: Value) -> Any:
                    tensors = [to_tensor(value, shape) for value, shape in zip(values, shapes, strict=True)]
                    found = func(
                        *(_filled(value, tensors) for value in positional),
                        **{key: _filled(value, tensors) for key, value in keywords.items()},
                    )
                    several = [to_value(one) for one in _tensors(found)]
                    return several if len(several) > 1 else several[0]

            self._write(name, function, reads, results)

        return make


def _of_one(
    func: Callable[..., Any], shape: tuple[int, ...], one: bool, rest: tuple[Any, ...], keywords: dict[str, Any]
) -> Callable[[Any], Any]:
    """Return a function of one tensor alone, from its numbers to one tensor's."""
    if math.prod(shape) == 1:
        return lambda value: to_value(func(to_tensor(value, shape), *rest, **keywords))
    if one:
        return lambda value: func(torch.from_numpy(value), *rest, **keywords).item()
    return lambda value: func(torch.from_numpy(value), *rest, **keywords).numpy()


class _Slot(int):
    """The place of a tensor among an operation's arguments."""


def _has_slot(given: Any) -> bool:
    return isinstance(given, _Slot) or (isinstance(given, (list, tuple)) and any(map(_has_slot, given)))


def _filled(given: Any, tensors: list[torch.Tensor]) -> Any:
    if isinstance(given, _Slot):
        return tensors[given]
    if type(given) in (list, tuple):
        return type(given)(_filled(one, tensors) for one in given)
    return given


def _with_constants(function: Callable[..., Any], operands: list[tuple[int | None, Any]]) -> Callable[..., Any]:
    """Return a function of the operands that are in slots."""
    if all(place is not None for place, _ in operands):
        return function
    match operands:
        case [(None, constant), (int(), _)]:
            return lambda value: function(constant, value)
        case [(int(), _), (None, constant)]:
            return lambda value: function(value, constant)

    def filled(*values: Value) -> Any:
        known = iter(values)
        return function(*(constant if place is None else next(known) for place, constant in operands))

    return filled


def _text(text: str, operands: list[tuple[int | None, Any]]) -> str:
    """Return the text of an operation with its constants in it; empty where one of them is an array."""
    if any(place is None and not isinstance(constant, float) for place, constant in operands):
        return ""
    return text.format(*("{}" if place is not None else f"({constant!r})" for place, constant in operands))


def _reshaped(function: Callable[..., Any], shape: tuple[int, ...]) -> Callable[..., Any]:
    size = math.prod(shape)

    def reshaped(*values: Value) -> Any:
        found = function(*values)
        return found.reshape(shape) if found.size == size else np.broadcast_to(found, shape).copy()

    return reshaped


def _tensors(given: Any) -> Iterator[torch.Tensor]:
    if isinstance(given, torch.Tensor):
        yield given
    elif isinstance(given, (list, tuple)):
        for one in given:
            yield from _tensors(one)
    elif isinstance(given, dict):
        for one in given.values():
            yield from _tensors(one)


def _memory(tensor: torch.Tensor) -> int:
    return tensor.untyped_storage().data_ptr()
