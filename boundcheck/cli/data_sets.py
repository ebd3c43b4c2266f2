"""The data sets of ``boundcheck scan``: the points of a file or of what is shipped, their parts, and others beside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from boundcheck.errors import BoundcheckError


@dataclass(frozen=True)
class DataSet:
    """The points to scan, what they are in a sentence, and how to find their parts: those trained on, those held out."""

    labelled: Any
    said: str
    parts: Callable[[], dict[str, Any]]


def to_scan(file: Path | None, part: str, labels: Path | None) -> DataSet:
    """Read the points to scan."""
    if file is None:
        if labels is not None:
            raise click.UsageError("--labels goes with a FILE of embeddings")
        from boundcheck.omniglot.embedded import shipped

        said = {"all": "all", "trained": "the trained", "held-out": "the held-out"}[part]
        return _drawings_to_scan(
            shipped(), part, f"Omniglot, {said} alphabets, by the network whose embeddings boundcheck ships"
        )
    from boundcheck.data.files import read_arrays, read_labelled
    from boundcheck.data.parts import (
        HELD_OUT_KEYS,
        PARTS,
        held_out_collections,
        only,
        parts_of,
        read_held_out,
    )

    said = str(file) if part == "all" else f"{file}, {part} classes"
    arrays, names = (read_arrays(path) if path is not None else {} for path in (file, labels))
    if not labels and {"character", "alphabet", "drawer", "evaluation"} <= set(arrays):
        from boundcheck.errors import FileFormatError
        from boundcheck.omniglot.embedded import load

        # What boundcheck embed wrote has the names of characters and alphabets beside their numbers.
        with suppress(FileFormatError):
            return _drawings_to_scan(load(file), part, said)
    labelled = read_labelled(arrays, names)
    if part == "all":

        def parts() -> dict[str, Any]:
            held_out = read_held_out(names, arrays)
            return parts_of(labelled, None if held_out is None else held_out_collections(labelled, held_out))

        return DataSet(labelled, said, parts)
    held_out = read_held_out(names, arrays)
    if held_out is None:
        keys = " or ".join(map(repr, HELD_OUT_KEYS))
        came = ", ".join(map(repr, {**arrays, **names}))
        raise click.UsageError(f"--part {part} needs an array {keys} in FILE or in --labels, which have {came}")
    held_out_collections(labelled, held_out)
    chosen = held_out if part == PARTS[1] else ~held_out
    if not chosen.any():
        raise _no_class_of(part)
    kept = read_labelled(only(arrays, chosen), only(names, chosen))
    return DataSet(kept, said, lambda: {part: kept})


def _drawings_to_scan(embedded: Any, part: str, said: str) -> DataSet:
    """Return embedded drawings of Omniglot as points to scan."""
    from boundcheck.data.parts import PARTS

    there = {name: bool(which) for which, name in enumerate(PARTS) if (embedded.evaluation == which).any()}
    if part == "all":
        return DataSet(
            embedded.labelled(), said, lambda: {name: embedded.labelled(evaluation=of) for name, of in there.items()}
        )
    if part not in there:
        raise _no_class_of(part)
    labelled = embedded.labelled(evaluation=there[part])
    return DataSet(labelled, said, lambda: {part: labelled})


def _no_class_of(part: str) -> click.UsageError:
    return click.UsageError(f"--part {part}: no class of FILE is of that part")


def to_compare(data_set: DataSet, beside: tuple[str, ...], part: str, labels: Path | None) -> dict[str, Any]:
    """Read the embeddings to compare with, by name; each must be of the same collections."""
    from boundcheck.scanning.comparison import require_alike

    found: dict[str, Any] = {}
    for word in beside:
        name, equals, file = word.partition("=")
        if not (name and equals and file):
            raise click.UsageError(
                f"--beside: expected NAME=FILE, got {word!r}; say what to call the embeddings of FILE"
            )
        if name in found:
            raise click.UsageError(f"--beside: expected each name once, got {name!r} twice")
        with saying(f"--beside {word}"):
            found[name] = to_scan(Path(file), part, labels).labelled
            require_alike("collections", data_set.labelled, found[name])
    return found


@contextmanager
def saying(what: str) -> Iterator[None]:
    """Have an error say first what it is about."""
    try:
        yield
    except BoundcheckError as error:
        raise type(error)(f"{what}: {error}") from error
    except click.UsageError as error:
        raise click.UsageError(f"{what}: {error.format_message()}") from error
