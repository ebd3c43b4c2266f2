"""Collections of objects, whatever they come in, read a batch at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass
from numbers import Number
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch.utils.data import DataLoader, Dataset, IterableDataset

from boundcheck.errors import EmptyCollectionError, InvalidTypeError, InvalidValueError, explain
from boundcheck.real_numbers import Place, Source, is_array_like, plain_tensor, sparse_matrix_refused, unchanged_array

# Rows of a data frame too, of whatever library, where f is to have its columns by their names.
Batch: TypeAlias = torch.Tensor | npt.NDArray[Any] | list[Any]


@dataclass(frozen=True, eq=False)
class Objects:
    """The objects of one collection, in order.

    Parameters
    ----------
    name
        What messages call the collection.
    source
        A tensor or an array whose first axis counts objects, or anything with a length and items.
    labelled
        Whether an item that is a tuple is (object, label, ...), as in a torch Dataset.
    """

    name: str
    source: Any
    labelled: bool = False

    def __len__(self) -> int:
        return len(self.source)

    @property
    def is_held(self) -> bool:
        """Whether reading an object twice surely gives the same one."""
        return isinstance(self.source, torch.Tensor | np.ndarray | list | tuple) or is_frame(self.source)

    def read(self, start: int, stop: int) -> Batch:
        """Return the objects ``start`` to ``stop - 1``."""
        if isinstance(self.source, torch.Tensor | np.ndarray) or is_frame(self.source):
            rows: Batch = self.source[start:stop]
            return rows
        return [self._item(index) for index in range(start, min(stop, len(self)))]

    def _item(self, index: int) -> object:
        try:
            item = self.source[index]
        except IndexError as error:
            got = f"{type(error).__name__} for object {index}: {error}".rstrip(": ")
            fix = "let __len__ say how many objects there are"
            raise InvalidValueError(explain(self.name, f"{len(self)} objects, as its length says", got, fix)) from error
        except Exception as error:
            error.add_note(f"raised by {self.name} itself, while object {index} was read from it")
            raise
        return item[0] if self.labelled and isinstance(item, tuple) and item else item


def as_objects(collection: object, name: str) -> Objects:
    """Return the objects of ``collection``; an iterator is read to its end.

    Raises
    ------
    InvalidTypeError
        For what is no collection: a text, a mapping, a set, a number, a single object.
    InvalidValueError
        For a masked array.
    EmptyCollectionError
        For a collection without objects.
    """
    objects = held(collection, name)
    if len(objects) == 0:
        fix = "pass one or more objects"
        if isinstance(collection, Iterator):
            fix += " (an iterator can be read only once: pass list(iterator))"
        raise EmptyCollectionError(explain(name, "a collection of at least one object", "0 objects", fix))
    return objects


def stacked(batch: Batch) -> Batch:
    """Return a batch as f gets it: arrays or tensors of one shape become one, and memory is never the caller's.

    A copy, so that an f that works in place cannot change the collection.
    """
    if is_frame(batch):
        every: Batch = _rows_of_frame(batch, range(len(batch)))
        return every
    if isinstance(batch, torch.Tensor):
        return batch.detach().clone()
    if isinstance(batch, np.ndarray):
        return batch.copy()
    if all(isinstance(item, torch.Tensor) for item in batch):
        alike = {(item.shape, item.device, item.layout) for item in batch}
        return torch.stack([item.detach() for item in batch]) if len(alike) == 1 else list(batch)
    if all(isinstance(item, np.ndarray) for item in batch) and len({item.shape for item in batch}) == 1:
        return np.stack(batch)
    return list(batch)


def single(batch: Batch, offset: int) -> object:
    """Return one object of a batch, copied where it is an array or a tensor; of a frame, a frame of one row."""
    if is_frame(batch):
        return _rows_of_frame(batch, [offset])
    item = batch[offset]
    if isinstance(item, torch.Tensor):
        return item.detach().clone()
    return item.copy() if isinstance(item, np.ndarray) else item


def doubled(batch: Batch) -> Batch:
    """Return a batch that holds every object of ``batch`` twice."""
    if is_frame(batch):
        twice: Batch = _rows_of_frame(batch, [*range(len(batch))] * 2)
        return twice
    if isinstance(batch, torch.Tensor):
        return torch.cat([batch, batch])
    return np.concatenate([batch, batch]) if isinstance(batch, np.ndarray) else batch + batch


def is_frame(thing: object) -> bool:
    """Say whether something is a data frame, of pandas or polars or like one: rows under columns with names."""
    return hasattr(thing, "columns") and (hasattr(thing, "iloc") or type(thing).__module__.startswith("polars"))


def as_frame(collection: Any, name: str) -> Objects:
    """Return the rows of a data frame as objects that stay rows under its columns."""
    # Rows are counted, whatever their labels.
    plain = collection.reset_index(drop=True) if hasattr(collection, "iloc") else collection
    return Objects(name, plain)


def _rows_of_frame(frame: Any, rows: Iterable[int]) -> Any:
    places = list(rows)
    return frame.take(places) if hasattr(frame, "iloc") else frame[places]


def held(collection: object, name: str) -> Objects:
    """Return the objects of ``collection``, of which there may be none; raises as :func:`as_objects` does."""
    if isinstance(collection, torch.Tensor):
        return Objects(name, _with_axis(plain_tensor(collection, Place(name, 0, Source.POINTS)), name))
    if isinstance(collection, np.ndarray):
        return Objects(name, _array_or_list(collection, name))
    _refuse(collection, name)
    if isinstance(collection, IterableDataset):
        return Objects(name, [_without_label(item) for item in collection])
    if isinstance(collection, Sequence) and not isinstance(collection, Dataset | memoryview):
        return Objects(name, collection)
    if is_array_like(collection) or isinstance(collection, memoryview):
        found = unchanged_array(collection, Place(name, 0, Source.POINTS))
        return Objects(
            name, _with_axis(found, name) if isinstance(found, torch.Tensor) else _array_or_list(found, name)
        )
    if isinstance(collection, Sized) and hasattr(type(collection), "__getitem__"):
        return Objects(name, collection, labelled=True)
    if isinstance(collection, Iterable):
        return Objects(name, list(collection))
    raise _no_collection(collection, name, "give it __len__ and __getitem__, or put the objects in a list")


def _without_label(item: object) -> object:
    return item[0] if isinstance(item, tuple) and item else item


def _with_axis(array: Any, name: str) -> Any:
    if array.ndim == 0:
        raise _no_collection(array, name, "put the objects in a list", got="a single number")
    return array


def _array_or_list(array: npt.NDArray[Any], name: str) -> Any:
    if isinstance(array, np.ma.MaskedArray):
        array = np.asarray(unchanged_array(array, Place(name, 0, Source.POINTS)))
    plain = _with_axis(np.asarray(array), name)
    return list(plain) if plain.dtype == object and plain.ndim == 1 else plain


def _refuse(collection: object, name: str) -> None:
    if isinstance(collection, str | bytes | bytearray):
        raise _no_collection(collection, name, "a text is one object: pass a list of texts")
    if isinstance(collection, Mapping):
        raise _no_collection(collection, name, f"pass list({name}.values()), or one of its values")
    if isinstance(collection, set | frozenset):
        raise _no_collection(collection, name, f"a set has no order: pass a list, such as sorted({name})")
    if isinstance(collection, torch.nn.Module):
        raise _no_collection(collection, name, f"f comes first: embed(f, {name})")
    if isinstance(collection, DataLoader):
        raise _no_collection(collection, name, "it yields batches: pass its dataset, loader.dataset")
    if hasattr(collection, "toarray"):
        raise sparse_matrix_refused(collection, name)
    if isinstance(collection, Number):
        raise _no_collection(collection, name, "put the objects in a list", got=f"a single number ({collection})")
    if isinstance(collection, Dataset) and not isinstance(collection, Sized | Iterable):
        raise _no_collection(collection, name, "give the data set a __len__")


def _no_collection(collection: object, name: str, fix: str, got: str | None = None) -> InvalidTypeError:
    expected = "a collection of objects (a list, an array, a tensor, a data set or an iterator)"
    return InvalidTypeError(explain(name, expected, got or type(collection).__name__, fix))
