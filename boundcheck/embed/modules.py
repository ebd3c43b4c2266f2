"""What a torch module must be asked: where it lives, what it draws at random, and how to leave it as it was found."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import NamedTuple

import torch
from torch.nn.parameter import is_lazy

# The names under which layers of torch, torchvision and timm keep the share that they drop.
_RATES = ("p", "drop_prob", "prob", "dropout")
_RANDOM_NAMES = ("drop", "stochasticdepth", "rrelu")
_RATED_LAYERS = (torch.nn.RNNBase, torch.nn.MultiheadAttention)
_MOST_NAMED = 3


class Home(NamedTuple):
    """Where a module's parameters are, and the type of its floating-point ones (None where it has none)."""

    device: torch.device | None
    dtype: torch.dtype | None


def module_behind(f: object) -> torch.nn.Module | None:
    """Return the module that ``f`` is, is a method of, is a partial application of, or calls by a name of its own.

    Several, which a function calls one after the other, are one as a list of modules.
    """
    given: list[object] = []
    while isinstance(f, partial):
        given += [*f.args, *f.keywords.values()]
        f = f.func
    owner = f if isinstance(f, torch.nn.Module) else getattr(f, "__self__", None)
    if isinstance(owner, torch.nn.Module):
        return owner
    modules: list[torch.nn.Module] = []
    for one in (*given, *_spoken_of(f, owner)):
        if isinstance(one, torch.nn.Module) and not any(one is other for other in modules):
            modules.append(one)
    return modules[0] if len(modules) == 1 else torch.nn.ModuleList(modules) if modules else None


def _spoken_of(f: object, owner: object) -> list[object]:
    """Return what the code of ``f`` may call: what it closes over, globals that it names, and parts of what it belongs to."""
    called = getattr(f, "__func__", f)
    if not inspect.isfunction(called):
        called = getattr(type(f).__call__, "__func__", type(f).__call__) if callable(f) else None
        owner = f
    found = list(vars(owner).values()) if owner is not None and hasattr(owner, "__dict__") else []
    if inspect.isfunction(called):
        found += [*(called.__defaults__ or ()), *(called.__kwdefaults__ or {}).values()]
        for cell in called.__closure__ or ():
            with suppress(ValueError):  # not bound yet
                found.append(cell.cell_contents)
        found += [called.__globals__[name] for name in called.__code__.co_names if name in called.__globals__]
    return found


def home(module: torch.nn.Module) -> Home:
    """Return the device and the floating-point type that ``module`` expects its inputs in."""
    tensors = [*module.parameters(), *module.buffers()]
    floating = [tensor for tensor in tensors if tensor.dtype.is_floating_point]
    return Home(tensors[0].device if tensors else None, floating[0].dtype if floating else None)


def devices(module: torch.nn.Module) -> set[torch.device]:
    """Return every device that holds a parameter of ``module``."""
    return {parameter.device for parameter in module.parameters()}


@contextmanager
def left_as_found(module: torch.nn.Module | None) -> Iterator[None]:
    """Put training flags and buffers (running statistics) back at the end, also when an error ends it."""
    if module is None:
        yield
        return
    modes = [(part, part.training) for part in module.modules()]
    buffers = [(part, set(part._buffers.keys()), _buffers(part)) for part in module.modules()]
    copies = [
        (buffer, buffer.detach().clone()) for _, _, named in buffers for buffer in named.values() if not is_lazy(buffer)
    ]
    try:
        yield
    finally:
        for part, training in modes:
            if part.training != training:
                part.training = training
        for part, names, named in buffers:
            _restore_names(part, names, named)
        with torch.no_grad():
            for buffer, copy in copies:
                if not torch.equal(buffer, copy):
                    buffer.copy_(copy)


def random_layers(module: torch.nn.Module) -> list[str]:
    """Name, by path, the layers of ``module`` that draw random numbers as it stands."""
    return [
        _named(path, layer, _rate(layer)) for path, layer in module.named_modules() if layer.training and _draws(layer)
    ]


def batch_layers(module: torch.nn.Module) -> list[str]:
    """Name, by path, the layers of ``module`` that normalise by the statistics of the batch as it stands."""
    return [
        _named(path, layer, None)
        for path, layer in module.named_modules()
        if isinstance(layer, torch.nn.modules.batchnorm._BatchNorm) and (layer.training or layer.running_mean is None)
    ]


def training_advice(module: torch.nn.Module, layers: list[str], name: str) -> str | None:
    """Return the fix for layers that act as in training, or None where training is not the reason.

    Parameters
    ----------
    module
        The module.
    layers
        The layers at fault, as named above; may be empty.
    name
        How the caller spells the module.
    """
    if not any(part.training for part in module.modules()):
        if not layers:
            return None
        return f"{_joined(layers)} keeps no running statistics; use a layer that does (track_running_stats=True)"
    if not layers:
        return f"{name} is in training mode; call {name}.eval()"
    return f"{_joined(layers)} {'is' if len(layers) == 1 else 'are'} in training mode; call {name}.eval()"


def _draws(layer: torch.nn.Module) -> bool:
    rate = _rate(layer)
    if isinstance(layer, _RATED_LAYERS):
        return bool(rate)
    return rate != 0 and any(word in type(layer).__name__.lower() for word in _RANDOM_NAMES)


def _rate(layer: torch.nn.Module) -> float | None:
    for name in _RATES:
        rate = getattr(layer, name, None)
        if isinstance(rate, float | int):
            return rate
    return None


def _named(path: str, layer: torch.nn.Module, rate: float | None) -> str:
    kind = type(layer).__name__ if rate is None else f"{type(layer).__name__}(p={rate})"
    return f"{path} ({kind})" if path else f"f itself ({kind})"


def _joined(layers: list[str]) -> str:
    shown = ", ".join(layers[:_MOST_NAMED])
    hidden = len(layers) - _MOST_NAMED
    return f"{shown} and {hidden} more" if hidden > 0 else shown


def _buffers(part: torch.nn.Module) -> dict[str, torch.Tensor]:
    return dict(part.named_buffers(recurse=False, remove_duplicate=False))


def _restore_names(part: torch.nn.Module, names: set[str], named: dict[str, torch.Tensor]) -> None:
    now = _buffers(part)
    for name in now.keys() - named.keys():
        if name in names:  # it held None
            setattr(part, name, None)
        else:
            delattr(part, name)
    for name, buffer in named.items():
        if now.get(name) is not buffer:
            setattr(part, name, buffer)
