"""Every kind of collection gives its objects, and what is no collection is refused with the fix."""

from __future__ import annotations

from collections import UserList, deque
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import ConcatDataset, DataLoader, Dataset, IterableDataset, Subset, TensorDataset

from boundcheck.embed import embed, embed_all
from boundcheck.errors import BoundcheckError, EmptyCollectionError, InvalidTypeError, InvalidValueError

ROWS = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
POINTS = torch.tensor(ROWS, dtype=torch.float64)


class Labelled(Dataset[tuple[np.ndarray, str]]):
    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: int) -> tuple[np.ndarray, str]:
        return np.array(ROWS[index]), "label"


class Stream(IterableDataset[tuple[np.ndarray, int]]):
    def __iter__(self) -> Iterator[tuple[np.ndarray, int]]:
        return ((np.array(row), 7) for row in ROWS)


class MapStyle:
    """A data set that inherits nothing."""

    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        return torch.tensor(ROWS[index]), 7


class WithArray:
    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(ROWS, dtype=dtype)


class WithoutLength(Dataset[int]):
    def __getitem__(self, index: int) -> int:
        return index


def _objects() -> np.ndarray:
    array = np.empty(3, dtype=object)
    array[:] = [np.array(row) for row in ROWS]
    return array


COLLECTIONS: dict[str, Callable[[], object]] = {
    "list of lists": lambda: ROWS,
    "tuple of tuples": lambda: tuple(map(tuple, ROWS)),
    "list of arrays": lambda: [np.array(row) for row in ROWS],
    "list of tensors": lambda: [torch.tensor(row) for row in ROWS],
    "list of both": lambda: [torch.tensor(ROWS[0]), np.array(ROWS[1]), ROWS[2]],
    "list of lists of tensors": lambda: [[torch.tensor(number) for number in row] for row in ROWS],
    "list of arrays of two types": lambda: [np.array(ROWS[0], dtype=np.float32), *map(np.array, ROWS[1:])],
    "array": lambda: np.array(ROWS),
    "array of objects": _objects,
    "Fortran array": lambda: np.asfortranarray(ROWS),
    "reversed array": lambda: np.array(ROWS[::-1])[::-1],
    "big-endian array": lambda: np.array(ROWS, dtype=">f8"),
    "read-only array": lambda: np.broadcast_to(np.array(ROWS), (3, 2)),
    "tensor": lambda: torch.tensor(ROWS),
    "tensor with gradient": lambda: torch.tensor(ROWS, requires_grad=True) * 1,
    "parameter": lambda: torch.nn.Parameter(torch.tensor(ROWS)),
    "sparse tensor": lambda: torch.tensor(ROWS).to_sparse(),
    "dataset with labels": Labelled,
    "dataset of tensors": lambda: TensorDataset(torch.tensor(ROWS), torch.arange(3)),
    "subset": lambda: Subset(Labelled(), [0, 1, 2]),
    "concatenated datasets": lambda: ConcatDataset([Subset(Labelled(), [0]), Subset(Labelled(), [1, 2])]),
    "iterable dataset": Stream,
    "map-style dataset": MapStyle,
    "generator": lambda: (row for row in ROWS),
    "iterator": lambda: iter(ROWS),
    "values of a dict": lambda: dict(enumerate(ROWS)).values(),
    "deque": lambda: deque(ROWS),
    "user list": lambda: UserList(ROWS),
    "__array__": WithArray,
}


@pytest.mark.parametrize("kind", COLLECTIONS)
def test_points(kind: str) -> None:
    points = embed(None, COLLECTIONS[kind]())
    assert points.dtype == torch.float64
    assert points.device.type == "cpu"
    assert not points.requires_grad
    assert torch.equal(points, POINTS)


@pytest.mark.parametrize("kind", COLLECTIONS)
@pytest.mark.parametrize("batch_size", [1, 2, 256])
def test_objects_one_at_a_time(kind: str, batch_size: int) -> None:
    def doubled(vector: Any) -> list[float]:
        assert len(vector) == 2
        return [2 * float(number) for number in vector]

    points = embed(doubled, COLLECTIONS[kind](), batched=False, batch_size=batch_size)
    assert torch.equal(points, 2 * POINTS)


ARRAYS = [kind for kind in COLLECTIONS if kind not in {"list of both", "list of lists of tensors"}]


@pytest.mark.parametrize("kind", ARRAYS)
@pytest.mark.parametrize("batch_size", [2, 256])
def test_objects_as_module_batches(kind: str, batch_size: int) -> None:
    net = torch.nn.Linear(2, 2, bias=False, dtype=torch.float64)
    with torch.no_grad():
        net.weight.copy_(2 * torch.eye(2))
    assert torch.equal(embed(net, COLLECTIONS[kind](), batch_size=batch_size), 2 * POINTS)


def test_a_batch_of_arrays_is_an_array_and_of_tensors_a_tensor_and_else_a_list() -> None:
    kinds: list[type] = []

    def record(batch: Any) -> np.ndarray:
        kinds.append(type(batch))
        return np.ones((len(batch), 1))

    for collection in (np.array(ROWS), [np.array(row) for row in ROWS]):
        embed(record, collection, batched=True)
        assert set(kinds) == {np.ndarray}
        kinds.clear()
    for tensors in (POINTS, list(POINTS)):
        embed(record, tensors, batched=True)
        assert set(kinds) == {torch.Tensor}
        kinds.clear()
    image = Image.new("L", (4, 4))
    for others in (["a", "b"], [1, 2, 3], [image, image], ROWS, [np.zeros(2), np.zeros(3)], [torch.zeros(2), POINTS]):
        embed(record, others, batched=True, verify=False)
        assert set(kinds) == {list}
        kinds.clear()


def test_one_object_is_an_entry_of_the_collection() -> None:
    seen: list[object] = []

    def record(item: object) -> np.ndarray:
        seen.append(item)
        return np.ones(1)

    image = Image.new("L", (4, 4))
    embed(record, [image], batched=False, verify=False)
    embed(record, ["text"], batched=False, verify=False)
    embed(record, np.array(["text"]), batched=False, verify=False)
    embed(record, [(1, 2)], batched=False, verify=False)
    assert seen == [image, "text", "text", (1, 2)]


def test_tuples_in_a_list_are_objects_and_in_a_dataset_labelled() -> None:
    assert embed(None, [(1.0, 2.0), (3.0, 4.0)]).tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert torch.equal(embed(None, Labelled()), POINTS)


def test_an_f_that_works_in_place_leaves_the_collection_alone() -> None:
    def spoil(item: Any) -> Any:
        item *= 0
        item += 1
        return item

    for collection in (np.array(ROWS), torch.tensor(ROWS), [np.array(row) for row in ROWS]):
        for batched in (True, False, None):
            assert torch.equal(embed(spoil, collection, batched=batched), torch.ones(3, 2, dtype=torch.float64))
        assert torch.equal(embed(None, collection), POINTS)


def test_an_f_that_reuses_its_output_gives_every_row() -> None:
    shared = np.zeros(2)

    def reuse(vector: np.ndarray) -> np.ndarray:
        shared[:] = vector
        return shared

    assert torch.equal(embed(reuse, np.array(ROWS), batched=False), POINTS)
    memory = torch.zeros(1, 2, dtype=torch.float64)

    def reuse_batch(batch: torch.Tensor) -> torch.Tensor:
        return memory.copy_(batch)

    assert torch.equal(embed(reuse_batch, POINTS, batched=True, batch_size=1), POINTS)


@pytest.mark.parametrize(
    ("collection", "got", "fix"),
    [
        ("abc", "got str", "pass a list of texts"),
        (b"abc", "got bytes", "pass a list of texts"),
        (bytearray(b"abc"), "got bytearray", "pass a list of texts"),
        ({"a": 1}, "got dict", "pass list(Letters.values())"),
        ({1, 2}, "got set", "pass a list"),
        (frozenset({1}), "got frozenset", "pass a list"),
        (3, "got a single number (3)", "in a list"),
        (2.5, "got a single number (2.5)", "in a list"),
        (True, "got a single number (True)", "in a list"),
        (np.float64(1.5), "got a single number", "in a list"),
        (np.array(1.5), "got a single number", "in a list"),
        (torch.tensor(1.5), "got a single number", "in a list"),
        (None, "got NoneType", "list"),
        (object(), "got object", "list"),
        (list, "got type", "list"),
        (Image.new("L", (2, 2)), "got Image", "in a list"),
        (torch.nn.Sequential(), "got Sequential", "embed(f, Letters)"),
        (DataLoader(Labelled()), "got DataLoader", "loader.dataset"),
        (WithoutLength(), "got WithoutLength", "__len__"),
    ],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize("f", [None, np.asarray], ids=["points", "f"])
def test_what_is_no_collection(f: object, collection: object, got: str, fix: str) -> None:
    with pytest.raises(InvalidTypeError) as caught:
        embed(f, collection, name="Letters")
    message = str(caught.value)
    assert message.startswith("Letters: expected a collection of objects")
    assert got in message
    assert fix in message


def test_a_sparse_matrix_is_refused_with_the_fix() -> None:
    sparse = pytest.importorskip("scipy.sparse")
    with pytest.raises(InvalidTypeError, match=r"G1: .*csr_matrix.*pass G1.toarray\(\)"):
        embed(None, sparse.csr_matrix(np.eye(2)))


@pytest.mark.parametrize(
    "empty", [[], (), np.zeros((0, 3)), torch.zeros(0, 3), iter([]), TensorDataset(torch.zeros(0, 3)), np.zeros(0)]
)
@pytest.mark.parametrize("f", [None, np.asarray], ids=["points", "f"])
def test_an_empty_collection(f: object, empty: object) -> None:
    with pytest.raises(EmptyCollectionError, match=r"^G2: expected a collection of at least one object, got 0 objects"):
        embed(f, empty, name="G2")


def test_an_iterator_used_twice_is_explained() -> None:
    rows = iter(ROWS)
    with pytest.raises(EmptyCollectionError, match=r"G2: .*can be read only once: pass list\(iterator\)"):
        embed_all(None, {"G1": rows, "G2": rows})


@pytest.mark.parametrize("f", [None, np.asarray], ids=["points", "f"])
def test_masked_entries_are_refused(f: object) -> None:
    masked = np.ma.masked_array(np.array(ROWS), mask=[[0, 1], [0, 0], [0, 0]])
    with pytest.raises(InvalidValueError, match="masked"):
        embed(f, masked)
    assert torch.equal(embed(f, np.ma.masked_array(np.array(ROWS))), POINTS)


def test_an_error_of_the_dataset_is_its_own_and_names_the_object() -> None:
    class Torn(MapStyle):
        def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
            if index == 2:
                raise OSError("unreadable image")
            return super().__getitem__(index)

    with pytest.raises(OSError, match="unreadable image") as caught:
        embed(None, Torn(), name="G3")
    assert not isinstance(caught.value, BoundcheckError)
    assert caught.value.__notes__ == ["raised by G3 itself, while object 2 was read from it"]


def test_a_dataset_is_read_by_batches() -> None:
    held = 0
    most = 0

    class Counting(MapStyle):
        def __len__(self) -> int:
            return 100

        def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
            nonlocal held
            held += 1
            return torch.tensor([float(index)]), 0

    def f(batch: torch.Tensor) -> torch.Tensor:
        nonlocal held, most
        most = max(most, held)
        held = 0
        return batch

    points = embed(f, Counting(), batch_size=10, batched=True, verify=False)
    assert most == 10
    assert points.flatten().tolist() == list(range(100))


class TooLong(Labelled):
    """Says that it has more objects than it has."""

    def __len__(self) -> int:
        return 5


@pytest.mark.parametrize("f", [None, lambda vector: vector])
def test_a_length_that_is_not_true_is_named(f: object) -> None:
    with pytest.raises(
        InvalidValueError, match="G2: expected 5 objects, as its length says, got IndexError for object 3"
    ):
        embed(f, TooLong(), name="G2")
