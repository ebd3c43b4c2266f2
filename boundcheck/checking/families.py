"""Families of classes as a caller has them: a mapping from class to collection, or points with a label each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from boundcheck.data.labels import grouped
from boundcheck.errors import InvalidTypeError, ParameterError, explain
from boundcheck.language import Family

__all__ = ["Classes", "classes_given"]


@dataclass(frozen=True)
class Classes:
    """The classes of a family, of which nothing is embedded yet.

    Attributes
    ----------
    objects
        What to embed, by the name that messages call it.
    gather
        Given the points of each, returns those of all classes, shape (N, d), class after class, and how many points each
        class has by its name.
    """

    objects: Mapping[str, Any]
    gather: Callable[[Mapping[str, Tensor]], tuple[Tensor, dict[str, int]]]


def classes_given(family: Family, name: str, given: Any) -> Classes:
    """Return what a caller gave for a family.

    Parameters
    ----------
    family
        Whose classes.
    name
        The name that it was given under.
    given
        A mapping from class to collection, or a pair of a collection and the label of each of its objects.

    Raises
    ------
    InvalidTypeError
        If it is neither.
    ParameterError
        If there are fewer than two classes, or two whose names read alike.
    """
    if isinstance(given, Mapping):
        return _of_mapping(name, given)
    if isinstance(given, tuple) and len(given) == 2:
        objects, labels = given
        return Classes({name: objects}, lambda points: _by_label(name, points[name], labels))
    raise InvalidTypeError(
        explain(
            name,
            f"the classes of the family {family}: a mapping from class to collection, or a pair (points, labels)",
            type(given).__name__,
            f"pass {name}={{class: collection, …}} or {name}=(points, labels)",
        )
    )


def _of_mapping(name: str, given: Mapping[Any, Any]) -> Classes:
    keys = {str(key): f"{name}[{key!r}]" for key in given}
    if len(keys) < len(given):
        raise ParameterError(explain(name, "classes whose names read differently", "two that read alike"))
    _require_two(name, len(keys))

    def gather(points: Mapping[str, Tensor]) -> tuple[Tensor, dict[str, int]]:
        own = [points[place] for place in keys.values()]
        return torch.cat(own), {key: len(rows) for key, rows in zip(keys, own, strict=True)}

    return Classes(dict(zip(keys.values(), given.values(), strict=True)), gather)


def _by_label(name: str, points: Tensor, labels: Any) -> tuple[Tensor, dict[str, int]]:
    found = grouped(labels, name, len(points))
    _require_two(name, len(found.names))
    numbers = torch.from_numpy(found.numbers)
    order = torch.argsort(numbers, stable=True).to(points.device)
    sizes = torch.bincount(numbers, minlength=len(found.names)).tolist()
    return points[order], dict(zip(found.names, sizes, strict=True))


def _require_two(name: str, count: int) -> None:
    if count < 2:
        raise ParameterError(explain(name, "two classes or more", f"{count}"))
