"""Every row of a scan on disk: a folder of Parquet files, one for each block, which other programs read too.

A file is either whole or not there, so a run that was stopped goes on from the blocks that are. Files lie in a folder
for each class of anchors, ``class=NAME/part-KEY.parquet``, the layout that Arrow, Spark, DuckDB and Polars call hive
partitions; beside them are ``_metadata.json``, which says what the rows are of, and ``_collections.parquet``, which has
the names that positions stand for. Readers leave out names that begin with ``_`` or a dot.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import quote, unquote

import numpy as np
import numpy.typing as npt

from boundcheck._version import __version__
from boundcheck.atomic import atomically, sync_folder, write_text
from boundcheck.errors import (
    CheckpointError,
    InvalidTypeError,
    InvalidValueError,
    MissingDependencyError,
    explain,
)
from boundcheck.evaluate import CODES
from boundcheck.evaluate.enclosed import outward_arrays
from boundcheck.scanning.grids import Grid, GridSides, Stage
from boundcheck.scanning.storage import explained, require_ours

__all__ = ["RowFolder"]

Floats: TypeAlias = npt.NDArray[np.float64]

FORMAT = 1
_METADATA, _COLLECTIONS = "_metadata.json", "_collections.parquet"
# Where readers of hive partitions look for rows without a class: a block may have no triples.
_NO_CLASS = "class=__HIVE_DEFAULT_PARTITION__"
_DIGEST, _KEY = b"boundcheck.digest", b"boundcheck.key"
_SIDES = ("lhs", "rhs")
# Rows of a row group: fewer are slow to read, more take memory to write.
_LEAST_ROWS, _MOST_ROWS = 1 << 16, 1 << 18
# What file systems allow in a name is 255 bytes, less "class=".
_LONGEST_NAME = 200


class RowFolder:
    """The rows of a scan: a Parquet file for each block, in folders by the class of the anchor.

    The columns are ``anchor``, ``positive`` and ``negative``, positions of collections; of each bound ``NAME_verdict``
    and ``NAME_stage``, what the verdict rests on, and, where sides are kept, ``NAME_lhs_lo``, ``NAME_lhs_hi``,
    ``NAME_rhs_lo`` and ``NAME_rhs_hi``, which the exact sides are between, of distances: roots where a bound compares squares; of each parameter ``SYMBOL_lo`` and
    ``SYMBOL_hi``. Where nothing is known of a side, its ends are infinite.

    Parameters
    ----------
    folder
        Where; it is made if it is not there.
    digest
        Of everything that decides what the rows are: inputs, parameters, the version of the program.
    bounds, parameters
        Names of the bounds and symbols of the parameters that grids have.
    classes
        The class of each collection, shape (C,): a position in `class_names`.
    names, class_names
        Of the collections and the classes. Where a class name is empty, too long for a file system, or differs from
        another in upper and lower case alone, folders have the classes' numbers.
    sides
        Whether grids have both sides, or verdicts alone.

    Raises
    ------
    CheckpointError
        If the folder holds rows of another scan, or something else, or cannot be written.
    InvalidTypeError, InvalidValueError
        If names and classes do not fit together, or two columns would have one name.
    MissingDependencyError
        If pyarrow is not installed.

    Examples
    --------
    >>> import tempfile
    >>> from boundcheck.scanning import LabelledPoints
    >>> from boundcheck.scanning.blocks import EveryTriple
    >>> from boundcheck.theorems import K
    >>> points = LabelledPoints.from_labels(np.arange(8.0)[:, None] ** 2, np.arange(8) // 2, np.arange(8) // 4)
    >>> every = EveryTriple(points, [K])
    >>> temporary = tempfile.TemporaryDirectory()
    >>> rows = RowFolder(temporary.name, "squares", ["karimov"], ["m"], points.classes, points.names, points.class_names)
    >>> for block in every.blocks():
    ...     path = rows.write(block.key, every.grids(block))
    >>> sorted(rows.done()), rows.dataset().count_rows()
    (['0-0-0', '1-0-0'], 8)
    >>> temporary.cleanup()
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        digest: str,
        bounds: Sequence[str],
        parameters: Sequence[str],
        classes: npt.ArrayLike,
        names: Sequence[str],
        class_names: Sequence[str],
        *,
        sides: bool = True,
    ) -> None:
        if not isinstance(digest, str):
            raise InvalidTypeError(explain("digest", "a string", type(digest).__name__))
        for what, listed in (("bounds", bounds), ("parameters", parameters)):
            if isinstance(listed, str):
                raise InvalidTypeError(explain(what, "several names", f"{listed!r}", f"[{listed!r}]"))
        given = np.asarray(classes)
        if given.ndim != 1 or (given.size and given.dtype.kind not in "iu"):
            raise InvalidTypeError(explain("classes", "integers, shape (C,)", f"{given.dtype} {given.shape}"))
        self.folder, self.digest, self.sides = Path(folder), digest, bool(sides)
        self.bounds, self.parameters = tuple(map(str, bounds)), tuple(map(str, parameters))
        self.classes: npt.NDArray[np.int64] = given.astype(np.int64)
        self.names, self.class_names = tuple(map(str, names)), tuple(map(str, class_names))
        if len(self.names) != len(self.classes) or len(self.names) >= 1 << 31:
            raise InvalidValueError(
                explain("names", f"one for each of {len(self.classes)} collections, under 2³¹", f"{len(self.names)}")
            )
        if given.size and not (given.min() >= 0 and given.max() < len(self.class_names)):
            extremes = f"{given.min()} to {given.max()}"
            raise InvalidValueError(explain("classes", f"positions among {len(self.class_names)} names", extremes))
        self._arrow, self._parquet = _pyarrow()
        self._schema = self._columns()
        escaped = tuple(map(_escape, self.class_names))
        self._by_name = _are_usable(escaped)
        self._labels = escaped if self._by_name else tuple(map(str, range(len(escaped))))
        with self._explained():
            self._open()

    # ------------------------------------------------------------------------------------------------------- writing

    def write(self, key: str, grids: Iterable[Grid]) -> Path:
        """Write the rows of a block, and return the file that has them; it is on the disk when this returns.

        Grids are written as they come, so memory does not grow with their number. What a file of this block held is
        replaced. Threads and processes may write blocks of their own at once.

        Raises
        ------
        InvalidTypeError, InvalidValueError
            If a grid does not fit the folder's bounds, parameters or collections, or its anchor is of another class than
            the first one's.
        CheckpointError
            If the disk is full, say. The folder then holds what it held.
        """
        if not isinstance(key, str) or not key:
            raise InvalidTypeError(explain("key", "a string that is not empty", f"{key!r}"))
        source = _Source(grids)
        first = next(source, None)
        if first is None:
            path, own = self._path(key, _NO_CLASS), None
        else:
            self._require(first)
            own = int(self.classes[first.anchor])
            path = self._path(key, f"class={self._labels[own]}")

        def fill(temporary: Path) -> None:
            # Opened here: what the system says of a full disk is then an error of the system's.
            with temporary.open("wb") as file, self._writer(file, key) as writer:
                held: list[Any] = []
                grid = first
                while grid is not None:
                    self._require(grid)
                    if self.classes[grid.anchor] != own:
                        raise InvalidValueError(
                            explain(
                                f"block {key!r}",
                                f"anchors of class {self.class_names[own or 0]!r} alone, like its first",
                                f"{self.names[grid.anchor]!r} of {self.class_names[self.classes[grid.anchor]]!r}",
                            )
                        )
                    for batch in self._batches(grid):
                        held.append(batch)
                        if sum(map(len, held)) >= _LEAST_ROWS:
                            self._flush(writer, held)
                    grid = next(source, None)
                self._flush(writer, held)

        with self._explained(source):
            atomically(path, fill)
            sync_folder(path.parent)
        return path

    def done(self, *, thorough: bool = False) -> tuple[str, ...]:
        """Return the keys of the blocks that are there whole, in order.

        A file that was cut off or is no Parquet is not among them: write its block again. So is one of another scan.

        Parameters
        ----------
        thorough
            Whether to read every page and compare its checksum too, which finds damage in the middle of a file.

        Raises
        ------
        CheckpointError
            If the folder cannot be read.
        """
        return tuple(self._whole(thorough))

    def paths(self) -> Mapping[str, Path]:
        """Return the files of the blocks that are there whole, by key."""
        return self._whole(thorough=False)

    def dataset(self) -> Any:
        """Return all rows that are there as a ``pyarrow.dataset.Dataset``, which has a column ``class`` too.

        Classes are text: ``"007"`` stays as it is. They are names, or numbers where the folders have those.
        """
        from pyarrow import dataset, schema, string

        fields = schema([("class", string())])
        # A file that is not whole would stop the reader.
        files = [str(path) for path in self.paths().values()]
        layout = dataset.partitioning(fields, flavor="hive")
        return dataset.dataset(
            files,
            schema=self._schema.append(fields[0]),
            format="parquet",
            partitioning=layout,
            partition_base_dir=str(self.folder),
        )

    # --------------------------------------------------------------------------------------------------------- opening

    @property
    def _described(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "version": __version__,
            "digest": self.digest,
            "bounds": list(self.bounds),
            "parameters": list(self.parameters),
            "sides": self.sides,
            "collections": len(self.names),
            "classes": len(self.class_names),
            "folders": "names" if self._by_name else "numbers",
        }

    def _open(self) -> None:
        """Refuse a folder of anything else before anything is written, then say what it is of."""
        known = self.folder / _METADATA
        if known.exists():
            self._require_ours(known)
        else:
            if self.folder.is_dir():
                # Another process may be about to write the same: its file has a dot before it.
                others = sorted(one.name for one in self.folder.iterdir() if not one.name.startswith("."))
                if others and not known.exists():
                    raise CheckpointError(
                        explain(
                            str(self.folder),
                            "an empty folder, or one of rows",
                            f"{', '.join(others[:3])}{', …' * (len(others) > 3)} and no {_METADATA}",
                            "name another folder",
                        )
                    )
            write_text(known, json.dumps(self._described, indent=1, ensure_ascii=False) + "\n")
        if not (self.folder / _COLLECTIONS).exists():
            atomically(self.folder / _COLLECTIONS, self._fill_collections)
        sync_folder(self.folder)

    def _require_ours(self, path: Path) -> None:
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            version, digest = found["format"], found["digest"]
        except (ValueError, KeyError, TypeError) as cause:
            raise CheckpointError(
                explain(str(path), "what a folder of rows is of", "a file that cannot be read", "name another folder")
            ) from cause
        require_ours(self.folder, "rows", "folder", formats=(version, FORMAT), digests=(digest, self.digest))
        ours = self._described
        # The digest may be of less than what the columns are made of.
        different = [name for name in ours if name != "version" and found.get(name) != ours[name]]
        if different:
            expected, got = (", ".join(f"{name} {one.get(name)}" for name in different) for one in (ours, found))
            raise CheckpointError(
                explain(f"{self.folder}", f"rows with {expected}", got, "name another folder, or delete this one")
            )

    def _fill_collections(self, temporary: Path) -> None:
        table = self._arrow.table(
            {
                "position": self._arrow.array(np.arange(len(self.names), dtype=np.int32)),
                "name": self._arrow.array(self.names, self._arrow.string()),
                "class": self._arrow.array(self.classes.astype(np.int32)),
                "class_name": self._arrow.array(
                    [self.class_names[number] for number in self.classes.tolist()], self._arrow.string()
                ),
            }
        )
        with temporary.open("wb") as file:
            self._parquet.write_table(table, file, compression="zstd")

    # ------------------------------------------------------------------------------------------------------- files

    def _path(self, key: str, folder: str) -> Path:
        return self.folder / folder / f"part-{_escape(key)}.parquet"

    def _files(self) -> Iterator[Path]:
        for path in sorted(self.folder.glob("class=*/part-*.parquet")):
            if path.is_file():
                yield path

    def _whole(self, thorough: bool) -> dict[str, Path]:
        with self._explained():
            found = [(key, path) for path in self._files() if (key := self._key_of(path, thorough)) is not None]
        return dict(sorted(found))

    def _key_of(self, path: Path, thorough: bool) -> str | None:
        """Return the key of a file that is whole and of this scan."""
        key = unquote(path.name.removeprefix("part-").removesuffix(".parquet"))
        try:
            with self._parquet.ParquetFile(path, page_checksum_verification=thorough) as file:
                kept = file.schema_arrow.metadata or {}
                if thorough:
                    for _ in file.iter_batches():
                        pass
        except PermissionError:
            raise
        except (self._arrow.ArrowInvalid, OSError):
            # So the footer, or a page, cannot be read; a disk that does not answer says so when the block is written.
            return None
        return key if (kept.get(_KEY), kept.get(_DIGEST)) == (key.encode(), self.digest.encode()) else None

    def _writer(self, file: Any, key: str) -> Any:
        schema = self._schema.with_metadata({_KEY: key.encode(), _DIGEST: self.digest.encode()})
        numbers = [field.name for field in schema if field.type == self._arrow.float64()]
        return self._parquet.ParquetWriter(
            file,
            schema,
            compression="zstd",
            # Sides differ on most triples: by their bytes they take two thirds of what dictionaries of them do.
            use_dictionary=[name for name in schema.names if name not in numbers],
            column_encoding=dict.fromkeys(numbers, "BYTE_STREAM_SPLIT") or None,
            write_page_checksum=True,
        )

    def _flush(self, writer: Any, held: list[Any]) -> None:
        if held:
            table = self._arrow.concat_tables(held)
            writer.write_table(table, row_group_size=_MOST_ROWS)
            held.clear()

    # --------------------------------------------------------------------------------------------------------- rows

    def _columns(self) -> Any:
        arrow = self._arrow
        labels = arrow.dictionary(arrow.int8(), arrow.string())
        fields = [(name, arrow.int32()) for name in ("anchor", "positive", "negative")]
        for bound in self.bounds:
            fields += [(f"{bound}_verdict", labels), (f"{bound}_stage", labels)]
            if self.sides:
                fields += [(f"{bound}_{side}_{end}", arrow.float64()) for side in _SIDES for end in ("lo", "hi")]
        for symbol in self.parameters:
            fields += [(f"{symbol}_{end}", arrow.float64()) for end in ("lo", "hi")]
        names = ["class", *(name for name, _ in fields)]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise InvalidValueError(
                explain("bounds, parameters", "names of which no two make one column", f"{twice!r} twice")
            )
        return arrow.schema(fields)

    def _require(self, grid: Grid) -> None:
        """Raise where a grid does not fit, before any of it is written."""
        if set(grid.bounds) != set(self.bounds):
            raise InvalidValueError(explain("grid", f"bounds {list(self.bounds)}", f"{list(grid.bounds)}"))
        if set(grid.parameters) != set(self.parameters):
            raise InvalidValueError(explain("grid", f"parameters {list(self.parameters)}", f"{list(grid.parameters)}"))
        given = np.concatenate([[grid.anchor], grid.positives, grid.negatives])
        if given.min() < 0 or given.max() >= len(self.names):
            raise InvalidValueError(
                explain("grid", f"positions of {len(self.names)} collections", f"{given.min()} to {given.max()}")
            )
        shape = len(grid.positives), len(grid.negatives)
        arrays = [(symbol, part) for symbol, pair in grid.parameters.items() for part in pair]
        for name, sides in grid.bounds.items():
            arrays += [(name, sides.code), (name, sides.stage)]
            for part in (sides.lhs, sides.lhs_error, sides.rhs, sides.rhs_error) if self.sides else ():
                if part is None:
                    raise InvalidValueError(
                        explain(
                            f"grid, bound {name!r}", "both sides", "verdicts alone", "make the folder with sides=False"
                        )
                    )
                arrays.append((name, part))
        for name, part in arrays:
            if part.shape != shape:
                raise InvalidValueError(explain(f"grid, {name!r}", f"shape {shape}", f"{part.shape}"))

    def _batches(self, grid: Grid) -> Iterator[Any]:
        """Yield the rows of a grid, a limited number of them at once: the negatives of the first positive first."""
        across = max(1, _MOST_ROWS // max(1, len(grid.negatives)))
        for start in range(0, len(grid.positives), across):
            yield self._table(grid, slice(start, start + across))

    def _table(self, grid: Grid, some: slice) -> Any:
        arrow = self._arrow
        positives, negatives = grid.positives[some], grid.negatives
        count = len(positives) * len(negatives)
        columns: list[Any] = [
            arrow.array(np.full(count, grid.anchor, dtype=np.int32)),
            arrow.array(np.repeat(positives, len(negatives)).astype(np.int32)),
            arrow.array(np.tile(negatives, len(positives)).astype(np.int32)),
        ]
        for bound in self.bounds:
            columns += self._columns_of(grid.bounds[bound], some)
        for symbol in self.parameters:
            columns += [
                arrow.array(end.ravel()) for end in outward_arrays(*(part[some] for part in grid.parameters[symbol]))
            ]
        return arrow.Table.from_arrays(columns, schema=self._schema)

    def _columns_of(self, sides: GridSides, some: slice) -> Iterator[Any]:
        arrow = self._arrow
        for part, labels in ((sides.code, _VERDICTS), (sides.stage, _STAGES)):
            places = arrow.array(np.ascontiguousarray(part[some]).ravel().astype(np.int8))
            yield arrow.DictionaryArray.from_arrays(places, arrow.array(labels))
        if not self.sides:
            return
        for value, error in ((sides.lhs, sides.lhs_error), (sides.rhs, sides.rhs_error)):
            assert value is not None
            assert error is not None
            for end in outward_arrays(value[some], error[some]):
                yield arrow.array(end.ravel())

    # ------------------------------------------------------------------------------------------------------- errors

    def _explained(self, source: _Source | None = None) -> AbstractContextManager[None]:
        """Turn what the system says into an error that tells what is kept and how to go on."""
        return explained(
            "rows",
            "folder",
            self.folder,
            lambda: "finished blocks are kept",
            # Of what makes the grids, not of the folder.
            passed=lambda cause: source is not None and cause is source.error,
        )


class _Source:
    """Grids as they come, and the error that ended them, if one did."""

    def __init__(self, grids: Iterable[Grid]) -> None:
        self._grids = iter(grids)
        self.error: BaseException | None = None

    def __iter__(self) -> _Source:
        return self

    def __next__(self) -> Grid:
        try:
            grid = next(self._grids)
        except StopIteration:
            raise
        except BaseException as error:
            self.error = error
            raise
        if not isinstance(grid, Grid):
            raise InvalidTypeError(explain("grids", "Grids", type(grid).__name__))
        return grid


_VERDICTS = [verdict.value for verdict in CODES]
_STAGES = [stage.name.lower() for stage in Stage]


def _escape(name: str) -> str:
    """Return a name as one that any file system takes, from which readers of partitions get it back."""
    return quote(name, safe="").replace(".", "%2E").replace("~", "%7E")


def _are_usable(names: Sequence[str]) -> bool:
    """Say whether each of some escaped names can be that of a folder of its own."""
    # Some file systems take upper and lower case for the same.
    if len({name.lower() for name in names}) < len(names):
        return False
    return all(name and len(name) <= _LONGEST_NAME and f"class={name}" != _NO_CLASS for name in names)


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as cause:
        raise MissingDependencyError(
            explain("pyarrow", "the package installed", "none", "pip install 'boundcheck[parquet]'")
        ) from cause
    return pyarrow, parquet
