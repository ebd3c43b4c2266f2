"""The map of a bound on what comes after the mean, and the constant it is Lipschitz with."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import torch
from jaxtyping import Float
from torch import Tensor

from boundcheck.embed import embed
from boundcheck.embed.modules import module_behind
from boundcheck.errors import DimensionMismatchError, InvalidTypeError, ParameterError, explain, require_real
from boundcheck.language import Bound, Map, Parameter

__all__ = ["Maps", "as_map", "head_for"]

Maps: TypeAlias = Mapping[Map, Callable[[Tensor], Tensor]]


def head_for(
    bound: Bound | None, head: Any, lipschitz: float | None, batch_size: int, device: str | torch.device | None
) -> tuple[Maps, dict[Parameter, float]]:
    """Return what a bound's map stands for, and the constant that it is Lipschitz with; nothing for a bound without."""
    if bound is None:
        if lipschitz is not None:
            raise ParameterError(explain("lipschitz", "None without a head", f"{lipschitz!r}", "pass head= too"))
        return {}, {}
    maps = bound.maps()
    if head is None:
        if maps:
            raise ParameterError(
                explain(
                    "head",
                    f"what the map {maps[0]} of bound {bound.name!r} stands for",
                    "none",
                    "pass head=, a function of points, shape (k, d)",
                )
            )
        if lipschitz is not None:
            raise ParameterError(explain("lipschitz", "None without a head", f"{lipschitz!r}", "pass head= too"))
        return {}, {}
    function = as_map("head", head, batch_size, device)
    if len(maps) != 1:
        spoken = "no map" if not maps else "several"
        raise ParameterError(
            explain(
                "head", f"None, since bound {bound.name!r} speaks of {spoken}", type(head).__name__, "leave head out"
            )
        )
    symbols = bound.lipschitz_parameters
    if not symbols and lipschitz is not None:
        raise ParameterError(
            explain(
                "lipschitz",
                f"None, since no premise of bound {bound.name!r} asks for it",
                f"{lipschitz!r}",
                "leave lipschitz out",
            )
        )
    given = {}
    for symbol in symbols:
        expected = f"a number in [0, ∞), the {symbol} that head is Lipschitz with in this norm"
        if lipschitz is None:
            raise ParameterError(explain("lipschitz", expected, "none", "pass lipschitz="))
        value = require_real("lipschitz", lipschitz, expected)
        if not 0 <= value < math.inf:
            raise ParameterError(explain("lipschitz", expected, f"{value}"))
        given[symbol] = value
    return {maps[0]: function}, given


def as_map(
    name: str, head: Any, batch_size: int, device: str | torch.device | None
) -> Callable[[Float[Tensor, "k d"]], Float[Tensor, "k e"]]:
    """Return what stands for a map as a reader calls it, with the checks that an embedding goes through.

    Parameters
    ----------
    name
        What messages call it.
    head
        A torch module, a fitted transformer, or a function of points, shape (k, d).
    batch_size, device
        How it is called, see :func:`boundcheck.embed.embed`.

    Raises
    ------
    InvalidTypeError
        If it is none of these.
    """
    if not callable(head) and not callable(getattr(head, "transform", None)):
        expected = "a torch module, a fitted transformer or a function of points, shape (k, d)"
        raise InvalidTypeError(explain(name, expected, type(head).__name__))
    return _Head(name, head, batch_size, device)


class _Head:
    """A head as a reader calls it, with the checks that an embedding goes through."""

    def __init__(self, name: str, head: Any, batch_size: int, device: str | torch.device | None) -> None:
        self._name = name
        self._head, self._batch_size, self._device = head, batch_size, device
        self._takes_tensors = module_behind(head) is not None
        self._length: int | None = None

    def __call__(self, points: Float[Tensor, "k d"]) -> Float[Tensor, "k e"]:
        """Return the head's value at each point."""
        given = points.detach()
        values = embed(
            self._head,
            given if self._takes_tensors else given.cpu().numpy(),
            name=self._name,
            batch_size=self._batch_size,
            batched=True,
            device=self._device,
            progress=False,
        )
        self._length = self._length or values.shape[1]
        if values.shape[1] != self._length:
            raise DimensionMismatchError(
                explain(self._name, f"{self._length} coordinates, as for other points", f"{values.shape[1]}")
            )
        return values.to(points)
