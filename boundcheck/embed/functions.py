"""The kinds of f, each called in its own way: torch modules, scikit-learn transformers, other callables."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from boundcheck.embed.modules import Home, batch_layers, devices, home, module_behind, random_layers, training_advice
from boundcheck.embed.objects import Batch, is_frame, single, stacked
from boundcheck.errors import EmbeddingShapeError, InvalidTypeError, InvalidValueError, explain
from boundcheck.real_numbers import Place


class Kind(Enum):
    """What f is, which decides how it is called."""

    MODULE = "a torch module"
    TRANSFORMER = "a transformer"
    CALLABLE = "a callable"


@dataclass(frozen=True)
class Function:
    """An f that is ready to be called.

    Parameters
    ----------
    call
        What is called.
    kind
        What f is.
    module
        The torch module behind f, whose state is put back after the calls.
    device
        Where batches go; None for where f's parameters are, or where the batch is.
    home
        Where the module's parameters are, and their type.
    """

    call: Callable[[Any], object]
    kind: Kind
    module: torch.nn.Module | None
    device: torch.device | None
    home: Home

    def on_batch(self, batch: Batch, place: Place) -> Any:
        """Return the argument that stands for ``batch``.

        Raises
        ------
        EmbeddingShapeError
            For objects of different shapes that a torch module cannot take at once.
        """
        argument = stacked(batch)
        if self.kind is Kind.MODULE:
            _check_shapes(argument, place)
        return self._prepared(argument)

    def on_object(self, batch: Batch, offset: int) -> Any:
        """Return the argument that stands for one object of ``batch``."""
        return self._prepared(single(batch, offset))

    @property
    def takes_frames(self) -> bool:
        """Whether f was fitted on columns with names."""
        return getattr(getattr(self.call, "__self__", None), "feature_names_in_", None) is not None

    @property
    def is_coarse(self) -> bool:
        """Whether f computes in a floating type of two bytes or fewer."""
        return self.home.dtype is not None and self.home.dtype.itemsize <= 2

    @property
    def has_random_layers(self) -> bool:
        """Whether the module behind f has layers that draw random numbers as it stands."""
        return self.module is not None and bool(random_layers(self.module))

    def advice_if_random(self) -> str:
        """Return the fix for an f that gives two values for one object."""
        fix = "let f depend on its argument only: no random numbers, no memory of earlier calls"
        if self.module is None:
            return fix
        return training_advice(self.module, random_layers(self.module), self._module_name) or fix

    def advice_if_batch_dependent(self) -> str:
        """Return the fix for an f whose value for one object depends on the others in its batch."""
        fix = "let f treat every object alone; pass batched=False if it takes one object"
        if self.module is None:
            return fix
        return training_advice(self.module, batch_layers(self.module), self._module_name) or fix

    def advice_if_raised(self, argument: object) -> str | None:
        """Return the fix for an f that raised on ``argument``, where one is known."""
        if self.kind is Kind.MODULE and not isinstance(argument, torch.Tensor):
            entry = argument[0] if isinstance(argument, list | np.ndarray) and len(argument) else argument
            fix = f"f was given objects of type {type(entry).__name__}, not a tensor: "
            return fix + "make them tensors, or pass lambda x: f(prepare(x))"
        if self.module is not None and batch_layers(self.module):
            return training_advice(self.module, batch_layers(self.module), self._module_name)
        return None

    @property
    def _module_name(self) -> str:
        return "f" if self.kind is Kind.MODULE else "f's module"

    def _prepared(self, argument: Any) -> Any:
        if is_frame(argument):
            return argument
        if self.kind is Kind.TRANSFORMER:
            return _numpy(argument) if isinstance(argument, torch.Tensor) else argument
        if self.kind is Kind.MODULE:
            return _for_module(argument, self.home, self.device)
        if self.device is not None and isinstance(argument, torch.Tensor):
            return argument.to(self.device)
        return argument


def as_function(f: object, device: torch.device | None) -> Function:
    """Return ``f`` ready to be called.

    Raises
    ------
    InvalidTypeError
        If ``f`` cannot be called, or is the class of a module or a transformer.
    InvalidValueError
        If ``f`` is a module with no parameter on ``device``.
    """
    module = module_behind(f)
    where = Home(None, None) if module is None else home(module)
    if isinstance(f, torch.nn.Module):
        _check_home(f, device)
        return Function(_without_gradients(f), Kind.MODULE, module, device, where)
    transform = getattr(f, "transform", None)
    if isinstance(f, type) and (issubclass(f, torch.nn.Module) or callable(transform)):
        fix = f"pass an instance: {f.__name__}(...)"
        raise InvalidTypeError(explain("f", "an embedding that can be called", f"the class {f.__name__}", fix))
    if callable(transform):
        return Function(transform, Kind.TRANSFORMER, module, device, where)
    if callable(f):
        call = f if module is None else _Either(f, where, device)
        return Function(call, Kind.CALLABLE, module, device, where)
    expected = "a torch module, a fitted transformer or a callable (or None for a collection of points)"
    raise InvalidTypeError(explain("f", expected, type(f).__name__, "the order is embed(f, collection)"))


def as_device(device: object) -> torch.device | None:
    """Return ``device`` as a torch device that is there.

    Raises
    ------
    InvalidTypeError
        If it is neither a string nor a torch device.
    InvalidValueError
        If it is not there; the message says what is.
    """
    if device is None or (isinstance(device, torch.device) and device.type == "cpu"):
        return device
    if not isinstance(device, str | torch.device):
        raise InvalidTypeError(explain("device", "a str or a torch.device", type(device).__name__, 'pass "cpu", say'))
    try:
        found = torch.device(device)
        present = found.type != "meta" and torch.empty(0, device=found).device
    except Exception as error:
        raise _no_device(device) from error
    if not present:
        raise _no_device(device)
    return present


def _no_device(device: object) -> InvalidValueError:
    names = ["cpu", *(f"cuda:{index}" for index in range(torch.cuda.device_count()))]
    if torch.backends.mps.is_available():
        names.append("mps")
    return InvalidValueError(explain("device", "an available device", f"{str(device)!r}", f"here: {', '.join(names)}"))


def _without_gradients(module: torch.nn.Module) -> Callable[[Any], object]:
    def call(argument: Any) -> object:
        with torch.no_grad():
            return module(argument)

    return call


class _Either:
    """A function that calls a module: given what it is given, or that as the module takes it, whichever works first.

    ``lambda v: net(v)`` takes tensors of the module's type alone, ``lambda v: net(torch.from_numpy(v).float())`` arrays.
    """

    def __init__(self, f: Callable[[Any], object], where: Home, device: torch.device | None) -> None:
        self._f, self._where, self._device = f, where, device
        self._for_module = False

    def __call__(self, argument: Any) -> object:
        if self._for_module:
            return self._f(_for_module(argument, self._where, self._device))
        try:
            return self._f(argument)
        except Exception:
            tensor = _for_module(argument, self._where, self._device)
            same = tensor is argument or (
                isinstance(argument, torch.Tensor)
                and (tensor.dtype, tensor.device) == (argument.dtype, argument.device)
            )
            if same or not isinstance(tensor, torch.Tensor):
                raise
            try:
                output = self._f(tensor)
            except Exception:
                output = None
            if output is None:
                raise
            self._for_module = True
            return output


def _check_home(module: torch.nn.Module, device: torch.device | None) -> None:
    homes = devices(module)
    if device is not None and homes and device not in homes:
        names = ", ".join(sorted(map(str, homes)))
        fix = f'call f.to("{device}") first, or leave device out'
        raise InvalidValueError(explain("device", f"{names}, where f's parameters are", str(device), fix))


def _check_shapes(argument: Batch, place: Place) -> None:
    """Refuse a list of arrays or tensors that could not be stacked."""
    if not isinstance(argument, list) or not all(isinstance(item, torch.Tensor | np.ndarray) for item in argument):
        return
    for offset, item in enumerate(argument):
        if item.shape != argument[0].shape:
            expected = f"objects of one shape for a torch module, {tuple(argument[0].shape)} as {place.object()}"
            got = f"{tuple(item.shape)} for {place.object(offset)}"
            fix = "resize or pad the objects, or pass batch_size=1"
            raise EmbeddingShapeError(explain(place.label, expected, got, fix))


def _for_module(argument: Any, where: Home, device: torch.device | None) -> Any:
    tensor = _tensor(argument)
    if not isinstance(tensor, torch.Tensor):
        return argument
    floating = tensor.dtype.is_floating_point and where.dtype is not None
    return tensor.to(device=device or where.device, dtype=where.dtype if floating else None)


def _tensor(argument: Any) -> Any:
    """Return numbers as a tensor, and anything else as it is."""
    if isinstance(argument, torch.Tensor):
        return argument
    if not _is_numbers(argument if isinstance(argument, list) else [argument]):
        return argument
    try:
        array = np.asarray(argument)
    except ValueError:  # of uneven lengths
        return argument
    return torch.from_numpy(_native(array)) if array.dtype.kind in "fiub" else argument


def _is_numbers(items: Iterable[object]) -> bool:
    numbers = (bool, int, float, np.generic, list, tuple, np.ndarray)
    return all(isinstance(item, numbers) for item in items)


def _native(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    # torch has neither foreign byte orders nor long doubles, and warns of read-only memory.
    dtype = np.dtype(np.float64) if array.dtype.kind == "f" and array.itemsize > 8 else array.dtype.newbyteorder("=")
    return np.array(array, dtype=dtype, order="C")


def _numpy(tensor: torch.Tensor) -> npt.NDArray[Any]:
    host = tensor.detach().cpu()
    # NumPy has no bfloat16; float32 holds its numbers exactly.
    return np.asarray((host.to(torch.float32) if host.dtype == torch.bfloat16 else host).numpy())
