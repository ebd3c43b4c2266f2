"""Embeddings and their labels from files: .npz, .npy, .safetensors and Parquet. Pickles are never loaded."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from boundcheck.data.labelled import LabelledPoints
from boundcheck.errors import FileFormatError, InvalidValueError, MissingDependencyError, explain

__all__ = ["read_arrays", "read_labelled", "read_triple", "triple_named"]

EMBEDDINGS, COLLECTION, CLASS = "embeddings", "collection", "class"
# What a file may call its columns, the first found counts.
EMBEDDING_KEYS = (EMBEDDINGS, "embedding")
COLLECTION_KEYS = (COLLECTION, "character")
CLASS_KEYS = (CLASS, "alphabet")
_TRIPLE = ("G1", "G2", "G3")


def read_arrays(path: str | os.PathLike[str]) -> dict[str, npt.NDArray[Any]]:
    """Read every array of a file by name; a .npy file's one array is named ``"embeddings"``, and is memory-mapped.

    Raises
    ------
    FileFormatError
        If the file is missing, of another format, damaged, or holds Python objects.
    MissingDependencyError
        If it is Parquet and pyarrow is not installed.
    """
    where = Path(path)
    if not where.is_file():
        raise FileFormatError(explain("FILE", "a file of embeddings", f"no such file, {where}"))
    readers = {".npz": _read_npz, ".npy": _read_npy, ".safetensors": _read_safetensors, ".parquet": _read_parquet}
    try:
        reader = readers[where.suffix.lower()]
    except KeyError:
        raise FileFormatError(explain("FILE", f"a name that ends in {', '.join(readers)}", f"{where.name!r}")) from None
    try:
        return reader(where)
    except (MissingDependencyError, FileFormatError):
        raise
    except Exception as cause:
        fix = (
            "save plain arrays; pickles are never loaded"
            if "pickle" in str(cause) or "Python objects" in str(cause)
            else None
        )
        raise FileFormatError(
            explain("FILE", f"a readable {where.suffix} file", f"{where}: {type(cause).__name__}: {cause}", fix)
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
        ``embeddings``, shape (N, d), with the labels ``collection`` and ``class``, shape (N,) (or ``character`` and
        ``alphabet``).
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
                    "FILE",
                    f"an array named {' or '.join(map(repr, keys))}, or G1, G2 and G3",
                    f"arrays {', '.join(map(repr, {**arrays, **labels})) or 'none'}",
                    "give labels in the file, or in one of their own with --labels",
                )
            )
        found[name] = array
    return LabelledPoints.from_labels(found[EMBEDDINGS], found[COLLECTION], found[CLASS])


def triple_named(labelled: LabelledPoints, names: tuple[str, str, str]) -> npt.NDArray[np.int64]:
    """Return the triple of collections of these names, shape (1, 3).

    Raises
    ------
    InvalidValueError
        If there is no such collection, or their classes make no triple.
    """
    positions = []
    for option, name in zip(_TRIPLE, names, strict=True):
        if name not in labelled.names:
            some = ", ".join(labelled.names[:4])
            raise InvalidValueError(
                explain(f"--{option.lower()}", f"a collection of the file ({some}, …)", f"{name!r}")
            )
        positions.append(labelled.names.index(name))
    first, second, third = (labelled.class_names[labelled.classes[position]] for position in positions)
    if first != second or first == third:
        raise InvalidValueError(
            explain(
                "--g1, --g2, --g3", "two collections of one class and one of another", f"{first}, {second}, {third}"
            )
        )
    return np.array([positions], dtype=np.int64)


def _first(arrays: Mapping[str, npt.NDArray[Any]], keys: tuple[str, ...]) -> npt.NDArray[Any] | None:
    return next((arrays[key] for key in keys if key in arrays), None)


def _read_npz(path: Path) -> dict[str, npt.NDArray[Any]]:
    # Opened here, since numpy leaves a damaged archive open.
    with path.open("rb") as stream:
        if not zipfile.is_zipfile(stream):
            raise FileFormatError(explain("FILE", "a readable .npz file", f"{path}, which is no archive or cut off"))
        stream.seek(0)
        with np.load(stream, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}


def _read_npy(path: Path) -> dict[str, npt.NDArray[Any]]:
    # Mapped, so that nothing but the pages in use and what is made of them is in memory.
    return {EMBEDDINGS: np.lib.format.open_memmap(path, mode="r")}


def _read_safetensors(path: Path) -> dict[str, npt.NDArray[Any]]:
    from safetensors import safe_open

    with safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    # numpy has no bfloat16; every bfloat16 is a float32.
    return {
        name: (tensor.float() if str(tensor.dtype) == "torch.bfloat16" else tensor).numpy()
        for name, tensor in tensors.items()
    }


def _read_parquet(path: Path) -> dict[str, npt.NDArray[Any]]:
    try:
        from pyarrow import parquet
    except ImportError as cause:
        raise MissingDependencyError(
            explain("pyarrow", "the package installed", "none", "pip install 'boundcheck[parquet]'")
        ) from cause
    columns = parquet.read_schema(path).names
    known = [name for name in columns if name in (*EMBEDDING_KEYS, *COLLECTION_KEYS, *CLASS_KEYS, *_TRIPLE)]
    if not known:
        raise FileFormatError(
            explain("FILE", f"a column named {EMBEDDINGS!r}, {COLLECTION!r} or {CLASS!r}", f"{', '.join(columns)}")
        )
    # Other columns may hold anything.
    table = parquet.read_table(path, columns=known)
    arrays = {}
    for name in table.column_names:
        values = table[name].to_pylist()
        if values and isinstance(values[0], list):
            lengths = sorted({len(row) if row is not None else -1 for row in values})
            if len(lengths) > 1:
                raise FileFormatError(
                    explain(f"column {name!r}", "vectors of one length", f"lengths {lengths[0]} to {lengths[-1]}")
                )
        if any(value is None for value in values):
            raise FileFormatError(explain(f"column {name!r}", "a value in every row", "a null"))
        arrays[name] = np.array(values)
    return arrays
