"""What names a scan: a digest of all that decides what its blocks hold."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from boundcheck._version import __version__
from boundcheck.language import Bound, Parameter

__all__ = ["digest_of"]


def digest_of(
    arrays: Iterable[npt.NDArray[Any]],
    bounds: Iterable[Bound],
    norm: float,
    parameters: Mapping[Parameter, float],
    shape: tuple[int, ...],
    names: tuple[tuple[str, ...], ...],
    **settings: object,
) -> str:
    """Return the digest of a scan of bounds.

    Parameters
    ----------
    arrays
        The points and what says which collection each is in.
    bounds, norm, parameters
        What is asked.
    shape, names
        Of all points; of collections and classes.
    **settings
        What else matters, by name.
    """
    found = hashlib.sha256()
    for array in arrays:
        # Flat, they are read where they are: their bytes would be a copy.
        found.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    known = {
        "version": __version__,
        "shape": shape,
        "names": names,
        "bounds": [(bound.name, bound.statement, [str(one) for one in bound.spelled_out]) for bound in bounds],
        "norm": norm,
        "parameters": sorted((parameter.symbol, value) for parameter, value in parameters.items()),
        **settings,
    }
    found.update(repr(known).encode())
    return found.hexdigest()
