"""Formats of files of arrays: one table, and a reader for each. A format is added here and nowhere else."""

from __future__ import annotations

import csv
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from boundcheck.errors import EmbeddingShapeError, FileFormatError, MissingDependencyError, explain
from boundcheck.real_numbers import Place, Source, real_numbers, unchanged_array

__all__ = ["FORMATS", "Arrays", "Format", "format_of"]

Arrays: TypeAlias = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Format:
    """A format of files.

    Attributes
    ----------
    suffix
        How names of its files end, in lower case.
    read
        Returns the arrays of a file by name: those of the names given, where the format can leave others alone, since
        they may hold anything; otherwise all. Raises whatever its library does where a file is damaged.
    read_folder
        The same of a folder of such files, each a part of the rows; None where a folder is no data set.
    """

    suffix: str
    read: Callable[[Path, Collection[str]], Arrays]
    read_folder: Callable[[Path, Collection[str]], Arrays] | None = None


def format_of(path: Path) -> Format:
    """Return the format of a file by its name, or of a folder by the files in it.

    Raises
    ------
    FileFormatError
        If there is no such file, it is no regular file, or it is of no format known.
    """
    if path.is_dir():
        for known in FORMATS.values():
            if known.read_folder is not None and next(_parts_in(path, known.suffix), None) is not None:
                return known
        endings = ", ".join(known.suffix for known in FORMATS.values() if known.read_folder is not None)
        fix = f"a folder holds parts of one data set, in files whose names end in {endings}"
        raise FileFormatError(explain("path", "a file of embeddings", f"no such file, {path}", fix))
    if not path.is_file():
        got = f"no such file, {path}" if not path.exists() else f"{path}, which is a pipe or a device"
        raise FileFormatError(explain("path", "a file of embeddings", got))
    try:
        return FORMATS[path.suffix.lower()]
    except KeyError:
        endings = ", ".join(FORMATS)
        raise FileFormatError(explain("path", f"a name that ends in {endings}", f"{path.name!r}")) from None


def _read_npz(path: Path, names: Collection[str]) -> Arrays:
    # Opened here, since numpy leaves a damaged archive open.
    with path.open("rb") as stream:
        if not zipfile.is_zipfile(stream):
            raise FileFormatError(explain("path", "a readable .npz file", f"{path}, which is no archive or cut off"))
        stream.seek(0)
        with np.load(stream, allow_pickle=False) as file:
            _refuse_twice(file.files)
            return {name: file[name] for name in file.files}


def _read_npy(path: Path, names: Collection[str]) -> Arrays:
    # Mapped, so that nothing but the pages in use and what is made of them is in memory.
    return {"embeddings": np.lib.format.open_memmap(path, mode="r")}


def _read_safetensors(path: Path, names: Collection[str]) -> Arrays:
    from safetensors import safe_open

    with safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    return _of_tensors(tensors)


def _of_tensors(tensors: Mapping[str, Any]) -> Arrays:
    place, own = Place("FILE", 0, Source.NUMBERS), ("torch.float64", "torch.float16")
    # NumPy has bfloat16 and shorter floats not at all; every one of them is a float32.
    return {
        name: (
            real_numbers(tensor, place, many=True, single=True)
            if tensor.is_floating_point() and str(tensor.dtype) not in own
            else tensor
        ).numpy()
        for name, tensor in tensors.items()
    }


def _read_torch(path: Path, names: Collection[str]) -> Arrays:
    import torch

    # Tensors, numbers, texts and lists of them; what would run code is refused.
    found = torch.load(path, map_location="cpu", weights_only=True)
    if isinstance(found, torch.Tensor):
        found = {"embeddings": found}
    if not isinstance(found, dict):
        raise FileFormatError(explain("path", "a tensor, or tensors and lists by name", f"{type(found).__name__}"))
    tensors = {name: one.detach() for name, one in found.items() if isinstance(one, torch.Tensor)}
    lists = {name: one for name, one in found.items() if name in names and isinstance(one, list)}
    return _of_tensors(tensors) | {name: _label_objects(one) for name, one in lists.items()}


def _label_objects(labels: Iterable[Any]) -> npt.NDArray[Any]:
    # Not an array of texts, which would lose NULs at their ends.
    kept = list(labels)
    objects = np.empty(len(kept), dtype=object)
    objects[:] = kept
    return objects


def _read_parquet(path: Path, names: Collection[str]) -> Arrays:
    parquet = _pyarrow_module("pyarrow.parquet")
    own = parquet.read_schema(path).names
    coordinates = _coordinates_of(parquet.read_schema(path), names)
    known = [column for column in own if column in names] if coordinates else _known(own, names)
    # Other columns may hold anything. A file is read as one, whatever the name of its folder says.
    table = parquet.ParquetFile(path).read(columns=[*known, *coordinates])
    found = {name: _of_column(table.column(name), name) for name in known}
    if coordinates:
        found["embeddings"] = np.stack(
            [_of_column(table.column(name), name).astype(np.float64) for name in coordinates], axis=1
        )
    return found


def _coordinates_of(schema: Any, names: Collection[str]) -> list[str]:
    """Return the columns of coordinates of a file without a column of vectors: numbered ones, or all if they are floats."""
    import pyarrow

    if set(schema.names) & {"embeddings", "embedding", "G1", "G2", "G3"} or len(set(schema.names)) < len(schema.names):
        return []
    left = [column for column in schema.names if column not in names]
    numbers = {one for one in left if _is_numeric(pyarrow, schema.field(one).type)}
    numbered = [columns for columns in _numbered(left).values() if set(columns) <= numbers]
    if numbered:
        return numbered[0] if len(numbered) == 1 else []
    floats = [one for one in left if pyarrow.types.is_floating(schema.field(one).type)]
    if floats != left or {one.strip().lower() for one in floats} & _NO_COORDINATES:
        return []
    _require_no_gap(floats)
    return floats


def _is_numeric(pyarrow: Any, kind: Any) -> bool:
    return bool(pyarrow.types.is_floating(kind) or pyarrow.types.is_integer(kind))


def _read_parquet_folder(path: Path, names: Collection[str]) -> Arrays:
    dataset = _pyarrow_module("pyarrow.dataset")
    parts = [str(part) for part in sorted(_parts_in(path, ".parquet"))]
    # Folders named class=A, as Spark and Hive write them, are columns too.
    whole = dataset.dataset(
        parts, format="parquet", partitioning=dataset.partitioning(flavor="hive"), partition_base_dir=str(path)
    )
    known = _known(whole.schema.names, names)
    table = whole.to_table(columns=known)
    return {name: _of_column(table.column(name), name) for name in known}


def _read_csv(path: Path, names: Collection[str]) -> Arrays:
    """Return labels by their columns, and as embeddings those that are numbered from 0 or 1, or else all that are left."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    if len(rows) < 2:
        raise FileFormatError(explain("path", "a head and one row or more", f"{len(rows)} lines"))
    head, body = [column.strip() for column in rows[0]], [row for row in rows[1:] if row]
    _refuse_twice(head)
    for number, row in enumerate(body):
        if len(row) != len(head):
            raise FileFormatError(explain("path", f"{len(head)} cells in every row", f"{len(row)} in row {number}"))
    found: Arrays = {}
    for place, column in enumerate(head):
        if column in names:
            found[column] = _label_column([row[place] for row in body], column)
    numbered = _numbered(head)
    left = [column for column in head if column not in names]
    if len(numbered) == 1:
        (columns,) = numbered.values()
    elif not numbered and left:
        _require_no_gap(left)
        columns = left
        for column in left:
            cells = [row[head.index(column)] for row in body]
            _require_coordinates(column, [float(cell) if _is_number(cell) else None for cell in cells])
    else:
        got = " and ".join(", ".join([*some[:2], "…"]) for some in numbered.values()) or ", ".join(head)
        wanted = "columns of coordinates, one name numbered from 0 or 1: x0, x1, …"
        raise FileFormatError(explain("path", wanted, got))
    places = [head.index(column) for column in columns]
    points = np.empty((len(body), len(places)))
    for number, row in enumerate(body):
        for coordinate, place in enumerate(places):
            try:
                points[number, coordinate] = float(row[place])
            except ValueError:
                where = f"column {head[place]!r}, row {number}"
                raise FileFormatError(explain(where, "a number", f"{row[place]!r}")) from None
    found["embeddings"] = points
    return found


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _require_coordinates(column: str, values: list[float | None]) -> None:
    """Refuse a column that has a place among the coordinates by no number, and looks like none of them."""
    fix = "drop it, or number the columns of coordinates: x0, x1, …"
    if None in values:
        row = values.index(None)
        raise FileFormatError(
            explain("path", "labels, and columns of numbers", f"no number in column {column!r}, row {row}", fix)
        )
    counted = all(value in (row, row + 1) for row, value in enumerate(values)) and len(values) > 1
    if counted or column.strip().lower() in _NO_COORDINATES or column.lower().startswith("unnamed"):
        got = f"{column!r}, which counts the rows" if counted else f"{column!r}, by its name no coordinate"
        raise FileFormatError(explain("path", "labels, and columns of coordinates", got, fix))


# Names of columns that are numbers, and no coordinates.
_NO_COORDINATES = frozenset({"", "id", "index", "label", "labels", "target", "row", "y", "split", "fold", "weight"})


def _numbered(head: list[str]) -> dict[str, list[str]]:
    """Return columns whose names differ in a number alone, which counts from 0 or 1, by what they have in common."""
    whole = {}
    for name, columns in _by_number(head).items():
        numbers = sorted(columns)
        if numbers[0] in (0, 1) and not _left_out(numbers):
            whole[name] = [columns[number] for number in numbers]
    return whole


def _by_number(head: list[str]) -> dict[str, dict[int, str]]:
    """Return columns whose names end in a number, by what is before it and by the number."""
    known: dict[str, dict[int, str]] = {}
    for column in head:
        match = _NUMBERED.fullmatch(column)
        # What pandas calls the column of an index is no coordinate.
        if match and match["name"].lower() != "unnamed:":
            known.setdefault(match["name"].lower(), {})[int(match["number"])] = column
    return known


def _left_out(numbers: list[int]) -> list[int]:
    """Return the numbers that are missing between the first and the last of some."""
    return sorted(set(range(numbers[0], numbers[-1])) - set(numbers))


def _require_no_gap(columns: list[str]) -> None:
    """Refuse columns that count from 0 or 1 with numbers left out: coordinates were lost."""
    for found in _by_number(columns).values():
        numbers = sorted(found)
        missing = _left_out(numbers)
        if numbers[0] in (0, 1) and missing:
            after = found[max(number for number in numbers if number < missing[0])]
            raise FileFormatError(
                explain(
                    "path",
                    "columns of coordinates that count from 0 or 1",
                    f"none of number {missing[0]} after {after!r}",
                    "add what is missing, or give the columns names without numbers",
                )
            )


def _label_column(cells: list[str], column: str) -> npt.NDArray[Any]:
    """Return a column of labels: whole numbers where all of it are as Python writes them, else texts."""
    for number, cell in enumerate(cells):
        if not cell:
            raise FileFormatError(
                explain(f"column {column!r}", "a value in every row", f"an empty cell in row {number}")
            )
    if all(_WHOLE.fullmatch(cell) for cell in cells):
        return np.array([int(cell) for cell in cells])
    if {cell.lower() for cell in cells} <= {"true", "false"}:
        return np.array([cell.lower() == "true" for cell in cells])
    # Not an array of texts, which would lose NULs at their ends.
    objects = np.empty(len(cells), dtype=object)
    objects[:] = cells
    return objects


_NUMBERED = re.compile(r"(?P<name>.*?)[_ .\[-]?(?P<number>0|[1-9][0-9]{0,8})\]?")
_WHOLE = re.compile(r"-?[1-9][0-9]{0,17}|0")


def _parts_in(folder: Path, suffix: str) -> Iterator[Path]:
    """Yield the parts of a data set in a folder; what begins with _ or a dot is none, as everywhere."""
    for path in folder.rglob("*"):
        hidden = any(part.startswith(("_", ".")) for part in path.relative_to(folder).parts)
        if path.suffix.lower() == suffix and not hidden and path.is_file():
            yield path


def _pyarrow_module(name: str) -> Any:
    from importlib import import_module

    try:
        import pyarrow  # noqa: F401 - its own absence first

        return import_module(name)
    except ImportError as cause:
        raise MissingDependencyError(
            explain("pyarrow", "the package installed", "none", "pip install 'boundcheck[parquet]'")
        ) from cause


def _known(columns: list[str], names: Collection[str]) -> list[str]:
    known = [column for column in columns if column in names]
    if not known:
        wanted = "a column named 'embeddings', 'collection' or 'class'"
        raise FileFormatError(explain("path", wanted, f"{', '.join(columns)}"))
    _refuse_twice(known)
    return known


def _refuse_twice(names: Iterable[str]) -> None:
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise FileFormatError(explain("path", "each name once", f"{twice[0]!r} twice", "rename one of the two"))


def _of_column(column: Any, name: str) -> npt.NDArray[Any]:
    """Return an Arrow column as an array of its own type, texts and what NumPy has no type for as objects."""
    import pyarrow

    types, place = pyarrow.types, Place(f"column {name!r}", 0, Source.ROWS)
    column = column.combine_chunks()
    if column.null_count:
        row = int(np.argmax(np.asarray(column.is_null().to_pylist())))
        raise FileFormatError(explain(place.label, "a value in every row", f"a null in row {row}"))
    if isinstance(column.type, pyarrow.BaseExtensionType):
        column = column.cast(column.type.storage_type)
    if types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    kind = column.type
    if types.is_nested(kind) or types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind):
        try:
            return np.asarray(unchanged_array(column, place))
        except EmbeddingShapeError as error:
            raise FileFormatError(str(error)) from error
    # Not an array of texts, which would lose NULs at their ends.
    objects = np.empty(len(column), dtype=object)
    objects[:] = column.to_pylist()
    return objects


FORMATS: dict[str, Format] = {
    known.suffix: known
    for known in (
        Format(".npz", _read_npz),
        Format(".npy", _read_npy),
        Format(".csv", _read_csv),
        Format(".safetensors", _read_safetensors),
        Format(".parquet", _read_parquet, _read_parquet_folder),
        Format(".pt", _read_torch),
        Format(".pth", _read_torch),
    )
}
"""The formats by suffix."""
