"""Which classes an embedding was trained on and which were held out, where a file says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from jaxtyping import Bool

from boundcheck.data.labelled import LabelledPoints
from boundcheck.errors import FileFormatError, InvalidTypeError, InvalidValueError, explain

__all__ = ["HELD_OUT_KEYS", "PARTS", "held_out_collections", "only", "parts_of", "read_held_out"]

#: What a file may call the array that says of each object whether its class was held out; the first found counts.
HELD_OUT_KEYS = ("held_out", "evaluation")
#: The parts by name: what an embedding was trained on, and what was held out.
PARTS = ("trained", "held-out")


def read_held_out(*sources: Mapping[str, npt.NDArray[Any]]) -> Bool[np.ndarray, " N"] | None:
    """Return of each object whether its class was held out; None where no array says so.

    Parameters
    ----------
    sources
        Arrays by name, of a file of labels and of one of embeddings; the first that has the array counts.

    Raises
    ------
    FileFormatError
        If the array is not one of truth values, or of 0 and 1.
    """
    for source in sources:
        for key in HELD_OUT_KEYS:
            if key in source:
                found = np.asarray(source[key])
                if found.dtype.kind not in "biu" or found.ndim != 1 or not np.isin(found, (0, 1)).all():
                    came = f"{found.dtype} of shape {found.shape}"
                    raise FileFormatError(explain(key, "True or False (or 1 or 0) for each object", came))
                return found.astype(bool)
    return None


def held_out_collections(labelled: LabelledPoints, held_out: Bool[np.ndarray, " N"]) -> Bool[np.ndarray, " C"]:
    """Return of each collection whether its class was held out.

    Parameters
    ----------
    labelled
        N objects in C collections.
    held_out
        Of each object.

    Raises
    ------
    InvalidValueError
        If there is not a value for each object, or a class is in both parts.
    """
    if held_out.shape != (len(labelled.points),):
        raise InvalidValueError(
            explain("held_out", f"shape ({len(labelled.points)},), one for each embedding", f"{held_out.shape}")
        )
    found = np.array([held_out[rows].mean() for rows in labelled.members])
    for number in np.unique(labelled.classes):
        own = found[labelled.classes == number]
        if own.min() != own.max() or own.min() not in (0, 1):
            fix = "a class that was trained on is none that was held out"
            came = f"objects of both in class {labelled.class_names[number]!r}"
            raise InvalidValueError(explain("held_out", "one value for all objects of a class", came, fix))
    whole: Bool[np.ndarray, " C"] = found == 1
    return whole


def parts_of(labelled: LabelledPoints, held_out: Bool[np.ndarray, " C"] | None) -> dict[str, LabelledPoints]:
    """Return the parts of a data set by name: those of :data:`PARTS` that have any collection.

    Parameters
    ----------
    labelled
        C collections.
    held_out
        Of each collection, whether its class was held out; if None, all of them are one part, ``"all"``.
    """
    if held_out is None:
        return {"all": labelled}
    return {
        name: labelled.keep(chosen) for name, chosen in zip(PARTS, (~held_out, held_out), strict=True) if chosen.any()
    }


def only(arrays: Mapping[str, npt.NDArray[Any]], chosen: Bool[np.ndarray, " N"]) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays of some objects; what is not one value or row for each object stays as it is."""
    if not isinstance(chosen, np.ndarray) or chosen.dtype != np.bool_:
        raise InvalidTypeError(explain("chosen", "True or False for each object", f"{type(chosen).__name__}"))
    return {name: array[chosen] if array.shape[:1] == chosen.shape else array for name, array in arrays.items()}
