"""How each of torch's operations is done again: on floats where there is one number, on NumPy's arrays, or by torch.

IEEE 754 says what the sum, product or quotient of two floats is, so whose arithmetic it is makes no difference. It does where
many numbers are added up, the order of which is each library's own, where a power or an exponential is taken, and for roots:
torch may have those from a library that is off by a little more than half a unit in the last place. They are torch's here too.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import torch

__all__ = ["BY_TORCH", "ELEMENTWISE", "EXTREMES", "SHAPED", "STATIC", "Value", "to_tensor", "to_value"]

#: A number or truth value where there is one entry, whatever the axes; else an array.
Value: TypeAlias = "float | bool | npt.NDArray[Any]"


class Elementwise(NamedTuple):
    """An operation on entries, each result rounded once or not at all: on numbers and on arrays."""

    numbers: Callable[..., Any]
    arrays: Callable[..., Any]
    #: The same of either as Python is written, with a place for each operand; empty where there is no such text.
    text: str = ""


def _larger(a: float, b: float) -> float:
    # What is not a number stays so, whichever it is.
    return a if a != a or not (a < b or b != b) else b


def _smaller(a: float, b: float) -> float:
    return a if a != a or not (b < a or b != b) else b


def _picked(condition: bool, a: float, b: float) -> float:
    return a if condition else b


def _filled(value: Value, mask: Value, other: float) -> Value:
    return np.where(mask, other, value)


def _swapped(a: Any, b: Any) -> Any:
    return b - a


#: By the name of torch's function. A number over 0 raises: the caller reads as ever.
ELEMENTWISE: dict[str, Elementwise] = {
    "add": Elementwise(operator.add, np.add, "{} + {}"),
    "sub": Elementwise(operator.sub, np.subtract, "{} - {}"),
    "rsub": Elementwise(_swapped, _swapped),
    "mul": Elementwise(operator.mul, np.multiply, "{} * {}"),
    "div": Elementwise(operator.truediv, np.divide, "{} / {}"),
    "neg": Elementwise(operator.neg, np.negative, "-{}"),
    "abs": Elementwise(abs, np.abs, "abs({})"),
    "maximum": Elementwise(_larger, np.maximum),
    "minimum": Elementwise(_smaller, np.minimum),
    "where": Elementwise(_picked, np.where),
    "masked_fill": Elementwise(lambda value, mask, other: other if mask else value, _filled),
    "isfinite": Elementwise(math.isfinite, np.isfinite),
    "isnan": Elementwise(math.isnan, np.isnan),
    "eq": Elementwise(operator.eq, np.equal, "{} == {}"),
    "__eq__": Elementwise(operator.eq, np.equal, "{} == {}"),
    "ne": Elementwise(operator.ne, np.not_equal, "{} != {}"),
    "lt": Elementwise(operator.lt, np.less, "{} < {}"),
    "le": Elementwise(operator.le, np.less_equal, "{} <= {}"),
    "gt": Elementwise(operator.gt, np.greater, "{} > {}"),
    "ge": Elementwise(operator.ge, np.greater_equal, "{} >= {}"),
    "__and__": Elementwise(operator.and_, np.logical_and),
    "__iand__": Elementwise(operator.and_, np.logical_and),
    "__or__": Elementwise(operator.or_, np.logical_or),
    "__ior__": Elementwise(operator.or_, np.logical_or),
    "__invert__": Elementwise(operator.not_, np.logical_not),
}

#: The largest or smallest along axes.
EXTREMES: dict[str, Any] = {"amax": np.maximum, "amin": np.minimum}

#: Other views of the same numbers, in the same order.
SHAPED = frozenset({"reshape", "view", "unsqueeze", "squeeze", "flatten", "detach", "contiguous"})

#: What depends on shapes alone: nothing is done again, and what comes of it is known.
STATIC = frozenset(
    {
        "__get__",
        "dim",
        "full_like",
        "is_floating_point",
        "new_full",
        "new_ones",
        "new_zeros",
        "numel",
        "ones_like",
        "size",
        "stride",
        "zeros_like",
    }
)

#: What torch does again, from its arguments to tensors, without a look at anything else.
BY_TORCH = frozenset(
    {
        "__getitem__",
        "__pow__",
        "__rdiv__",
        "__rtruediv__",
        "acos",
        "add",
        "bmm",
        "broadcast_to",
        "cat",
        "cdist",
        "clamp",
        "cos",
        "cumsum",
        "diagonal",
        "einsum",
        "exp",
        "expand",
        "expand_as",
        "expm1",
        "flip",
        "fmin",
        "gather",
        "linalg_vector_norm",
        "log",
        "log1p",
        "logsumexp",
        "matmul",
        "mean",
        "movedim",
        "nan_to_num",
        "nextafter",
        "narrow",
        "permute",
        "pow",
        "reciprocal",
        "select",
        "sigmoid",
        "sign",
        "square",
        "sin",
        "softplus",
        "sort",
        "split",
        "sqrt",
        "stack",
        "sum",
        "to",
        "transpose",
        "vector_norm",
        "xlogy",
    }
)


def to_value(tensor: torch.Tensor) -> Value:
    """Return a tensor's numbers as a line computes with them."""
    if tensor.numel() == 1:
        found: float | bool = tensor.item()
        return found
    return tensor.detach().numpy()


def to_tensor(value: Value, shape: Sequence[int]) -> torch.Tensor:
    """Return numbers as a tensor of a shape."""
    if isinstance(value, np.ndarray):
        return torch.from_numpy(value)
    return torch.from_numpy(np.array(value).reshape(shape))
