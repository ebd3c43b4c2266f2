"""Embeddings and their labels from files, of the formats of :mod:`boundcheck.data.formats`. Pickles are never loaded."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from boundcheck.data.formats import format_of
from boundcheck.data.labelled import LabelledPoints
from boundcheck.data.parts import HELD_OUT_KEYS
from boundcheck.errors import BoundcheckError, FileFormatError, InvalidValueError, explain

__all__ = ["read_arrays", "read_grouped", "read_labelled", "read_triple", "triple_named"]

EMBEDDINGS, COLLECTION, CLASS = "embeddings", "collection", "class"
# What a file may call its columns, the first found counts.
EMBEDDING_KEYS = (EMBEDDINGS, "embedding")
COLLECTION_KEYS = (COLLECTION, "collections", "character")
CLASS_KEYS = (CLASS, "classes", "alphabet")
_TRIPLE = ("G1", "G2", "G3")


def read_arrays(path: str | os.PathLike[str]) -> dict[str, npt.NDArray[Any]]:
    """Read the arrays of a file by name, or of a folder of Parquet files as of one, in the order of their names.

    Of a Parquet file the columns that this package knows are read, of other formats every array; a .npy file's one
    array is named ``"embeddings"``, and is memory-mapped. The formats are those of
    :data:`boundcheck.data.formats.FORMATS`.

    Raises
    ------
    FileFormatError
        If the file is missing, of another format, damaged, has two arrays of one name or a null in a row, or holds
        Python objects.
    MissingEntryError
        For a null inside a vector; the row is named.
    MissingDependencyError
        If it is Parquet and pyarrow is not installed.
    """
    where = Path(path)
    known = format_of(where)
    read = known.read_folder if where.is_dir() and known.read_folder is not None else known.read
    try:
        return read(where, (*EMBEDDING_KEYS, *COLLECTION_KEYS, *CLASS_KEYS, *_TRIPLE, *HELD_OUT_KEYS))
    except BoundcheckError:
        raise
    except Exception as cause:
        fix = (
            "save plain arrays; pickles are never loaded"
            if "pickle" in str(cause) or "Python objects" in str(cause)
            else None
        )
        raise FileFormatError(
            explain("path", f"a readable {known.suffix} file", f"{where}: {type(cause).__name__}: {cause}", fix)
        ) from cause


def read_triple(arrays: Mapping[str, npt.NDArray[Any]]) -> tuple[npt.NDArray[Any], ...] | None:
    """Return G1, G2 and G3 where a file holds just those: arrays of these names, or one array of shape (3, n, d)."""
    if set(_TRIPLE) <= set(arrays):
        return tuple(arrays[name] for name in _TRIPLE)
    embeddings = _first(arrays, EMBEDDING_KEYS)
    if embeddings is not None and embeddings.ndim == 3 and len(embeddings) == 3:
        return tuple(embeddings)
    return None


def read_labelled(
    arrays: Mapping[str, npt.NDArray[Any]], labels: Mapping[str, npt.NDArray[Any]] | None = None
) -> LabelledPoints:
    """Return a file's embeddings grouped by its labels.

    Parameters
    ----------
    arrays
        ``embeddings``, shape (N, d), with the labels ``collection`` and ``class``, shape (N,) (or ``collections`` and
        ``classes``, as functions call them, or ``character`` and ``alphabet``).
    labels
        The labels, where they come from another file; they count before the file's own.

    Raises
    ------
    FileFormatError
        If one of the three is missing; the message lists the arrays that came.
    """
    labels = labels or {}
    found = {}
    for name, keys, sources in (
        (EMBEDDINGS, EMBEDDING_KEYS, (arrays,)),
        (COLLECTION, COLLECTION_KEYS, (labels, arrays)),
        (CLASS, CLASS_KEYS, (labels, arrays)),
    ):
        array = next((array for source in sources if (array := _first(source, keys)) is not None), None)
        if array is None:
            raise FileFormatError(
                explain(
                    "arrays",
                    f"an array named {' or '.join(map(repr, keys))}, or G1, G2 and G3",
                    f"arrays {', '.join(map(repr, {**arrays, **labels})) or 'none'}",
                    "give labels in the file, or pass labels=arrays with them",
                )
            )
        found[name] = array
    return LabelledPoints.from_labels(found[EMBEDDINGS], found[COLLECTION], found[CLASS])


def read_grouped(
    arrays: Mapping[str, npt.NDArray[Any]], labels: Mapping[str, npt.NDArray[Any]] | None = None
) -> LabelledPoints:
    """Return a file's embeddings grouped by its labels, of which one kind is enough.

    Where only classes are labelled, each is one collection; where only collections are, each is a class of its own.

    Raises
    ------
    FileFormatError
        If there are no embeddings, or no labels at all.
    """
    known = {**arrays, **(labels or {})}
    collection, kind = _first(known, COLLECTION_KEYS), _first(known, CLASS_KEYS)
    if collection is None and kind is not None:
        return read_labelled(arrays, {**(labels or {}), COLLECTION: kind})
    if kind is None and collection is not None:
        return read_labelled(arrays, {**(labels or {}), CLASS: collection})
    return read_labelled(arrays, labels)


def triple_named(labelled: LabelledPoints, names: tuple[str, str, str]) -> npt.NDArray[np.int64]:
    """Return the triple of collections of these names, shape (1, 3).

    Raises
    ------
    InvalidValueError
        If there is no such collection, or their classes make no triple.
    """
    positions = []
    for collection, name in zip(_TRIPLE, names, strict=True):
        if name not in labelled.names:
            some = ", ".join(labelled.names[:4])
            raise InvalidValueError(
                explain(f"names of {collection}", f"a collection of the file ({some}, …)", f"{name!r}")
            )
        positions.append(labelled.names.index(name))
    first, second, third = (labelled.class_names[labelled.classes[position]] for position in positions)
    if first != second or first == third:
        raise InvalidValueError(
            explain(
                "names of G1, G2 and G3",
                "two collections of one class and one of another",
                f"{first}, {second}, {third}",
            )
        )
    return np.array([positions], dtype=np.int64)


def _first(arrays: Mapping[str, npt.NDArray[Any]], keys: tuple[str, ...]) -> npt.NDArray[Any] | None:
    return next((arrays[key] for key in keys if key in arrays), None)
