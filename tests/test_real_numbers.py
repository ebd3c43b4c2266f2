"""Every type of number, in every container, at every way in: the same exact numbers, or the same named error."""

from __future__ import annotations

import array
from collections import UserList, deque
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch

import boundcheck
from boundcheck import distances
from boundcheck.data.labelled import LabelledPoints
from boundcheck.errors import (
    BoundcheckError,
    EmbeddingDtypeError,
    EmbeddingShapeError,
    InexactNumberError,
    InvalidValueError,
    MissingEntryError,
)
from boundcheck.real_numbers import Place, Source, real_numbers

ROWS = [[1.0, 2.0], [4.0, 3.0]]
BIG = 2**53 + 1


class Arrayed:
    """What becomes an array when asked, as arrays and frames of other libraries do."""

    def __init__(self, values: Any) -> None:
        self.values = values

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self.values, dtype=dtype)

    def __len__(self) -> int:
        return len(self.values)


class Exchanged:
    """What gives its memory away through DLPack alone."""

    def __init__(self, values: Any) -> None:
        self.tensor = torch.tensor(values)

    def __len__(self) -> int:
        return len(self.tensor)

    def __dlpack__(self, **options: Any) -> Any:
        return self.tensor.__dlpack__(**options)

    def __dlpack_device__(self) -> Any:
        return self.tensor.__dlpack_device__()


class Frame:
    """Columns of several types, spelt as in pandas; as an array they have one type."""

    class _Places:
        def __init__(self, columns: list[np.ndarray]) -> None:
            self._columns = columns

        def __getitem__(self, index: tuple[slice, int]) -> np.ndarray:
            return self._columns[index[1]]

    def __init__(self, *columns: np.ndarray) -> None:
        self.columns = [f"c{number}" for number in range(len(columns))]
        self.dtypes = [column.dtype for column in columns]
        self.iloc = self._Places(list(columns))
        self._whole = np.stack([column.astype(np.float64) for column in columns], axis=1)

    def __len__(self) -> int:
        return len(self._whole)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self._whole


def entries() -> dict[str, Callable[[Any], list[float]]]:
    """Every way in for points, each of which returns the sum of every row that it took."""
    zero = [[0.0, 0.0]]

    def of_f(values: Any) -> list[float]:
        found = boundcheck.embed(lambda batch: values, np.zeros(2), batched=True, verify=False)
        return found.sum(dim=1).tolist()

    def checked(values: Any) -> list[float]:
        report = boundcheck.check_bound(None, values, zero, zero, norm=1, equal_sizes=False)
        assert float(report.lhs) == 5
        return [3.0, 7.0]

    def between(values: Any) -> list[float]:
        assert float(distances.between([values], [zero], p=1, reduce=["mean"]).mean.value[0, 0]) == 5
        return [3.0, 7.0]

    def extremes(values: Any) -> list[float]:
        return [
            float(distances.nearest(values, zero, p=1).distance),
            float(distances.farthest(values, zero, p=1).distance),
        ]

    return {
        "embed": lambda values: boundcheck.embed(None, values).sum(dim=1).tolist(),
        "f": of_f,
        "check_bound": checked,
        "between": between,
        "to_collections": lambda values: distances.to_collections(values, [zero], p=1).max.value[:, 0].tolist(),
        "farthest": extremes,
        "from_labels": lambda values: LabelledPoints.from_labels(values, [0, 1], [0, 0]).points.sum(axis=1).tolist(),
    }


def frame(kind: str) -> Callable[[Any], Any]:
    def made(values: Any) -> Any:
        if kind == "double":
            return Frame(np.array([row[0] for row in values]).astype(int), np.array([row[1] for row in values]))
        pandas = pytest.importorskip("pandas")
        found = pandas.DataFrame(values)
        return found.astype({0: "int64", 1: "float32"}) if kind == "mixed" else found.astype(kind)

    return made


def arrow(kind: str) -> Callable[[Any], Any]:
    def made(values: Any) -> Any:
        pyarrow = pytest.importorskip("pyarrow")
        if kind == "table":
            return pyarrow.table({"a": [int(row[0]) for row in values], "b": [row[1] for row in values]})
        if kind == "chunked":
            return pyarrow.chunked_array([values[:1], values[1:]])
        return pyarrow.array(values, pyarrow.list_(pyarrow.float32(), 2) if kind == "fixed" else None)

    return made


def other_floats(name: str) -> Callable[[Any], Any]:
    return lambda values: np.array(values, dtype=getattr(pytest.importorskip("ml_dtypes"), name))


TAKEN: dict[str, Callable[[Any], Any]] = {
    "list": list,
    "tuple": lambda values: tuple(map(tuple, values)),
    "whole numbers": lambda values: [[int(number) for number in row] for row in values],
    "truth and floats": lambda values: [[True, values[0][1]], values[1]],
    "objects": lambda values: np.array(values, dtype=object),
    "list of arrays": lambda values: [np.array(values[0], dtype=np.float32), np.array(values[1], dtype=int)],
    "list of tensors": lambda values: [torch.tensor(row) for row in values],
    "list of tensors with gradients": lambda values: [torch.tensor(row, requires_grad=True) for row in values],
    "list of bfloat16 tensors": lambda values: [torch.tensor(row, dtype=torch.bfloat16) for row in values],
    "list of lists of tensors": lambda values: [[torch.tensor(number) for number in row] for row in values],
    "list of uint64 tensors": lambda values: [torch.tensor(row).to(torch.uint64) for row in values],
    "list of masked arrays without a mask": lambda values: [np.ma.array(row) for row in values],
    "list of deques": lambda values: [deque(row) for row in values],
    "list of buffers": lambda values: [array.array("d", row) for row in values],
    "deque": deque,
    "memory": lambda values: memoryview(np.array(values)),
    "user list": UserList,
    "masked array without a mask": lambda values: np.ma.array(values),
    "matrix": lambda values: np.asmatrix(values),
    "negative strides": lambda values: np.array(values[::-1])[::-1],
    "read-only": lambda values: np.frombuffer(np.array(values).tobytes()).reshape(2, 2),
    "big-endian": lambda values: np.array(values, dtype=">f4"),
    "little-endian integers": lambda values: np.array(values, dtype="<u8"),
    "big-endian integers": lambda values: np.array(values, dtype=">i8"),
    "float16": lambda values: np.array(values, dtype=np.float16),
    "long doubles": lambda values: np.array(values, dtype=np.longdouble),
    "uint64": lambda values: np.array(values, dtype=np.uint64),
    "float8": lambda values: torch.tensor(values).to(torch.float8_e4m3fn),
    "bfloat16": lambda values: torch.tensor(values, dtype=torch.bfloat16),
    "torch uint64": lambda values: torch.tensor(values).to(torch.uint64),
    "torch uint16": lambda values: torch.tensor(values).to(torch.uint16),
    "parameter": lambda values: torch.nn.Parameter(torch.tensor(values)),
    "gradient": lambda values: torch.tensor(values, requires_grad=True) * 1,
    "sparse": lambda values: torch.tensor(values).to_sparse(),
    "sparse rows": lambda values: torch.tensor(values).to_sparse_csr(),
    "negative view": lambda values: torch._neg_view(-torch.tensor(values)),
    "imaginary part of a conjugate": lambda values: torch.complex(torch.zeros(2, 2), -torch.tensor(values)).conj().imag,
    "transposed": lambda values: torch.tensor(values).T.contiguous().T,
    "__array__": Arrayed,
    "DLPack": Exchanged,
    "frame of two types": frame("double"),
    "pandas": frame("float64"),
    "pandas of two types": frame("mixed"),
    "pandas Int64": frame("Int64"),
    "pandas Float32": frame("Float32"),
    "Arrow lists": arrow("lists"),
    "Arrow lists of one length": arrow("fixed"),
    "Arrow chunks": arrow("chunked"),
    "Arrow table": arrow("table"),
    "ml_dtypes bfloat16": other_floats("bfloat16"),
    "ml_dtypes float8": other_floats("float8_e4m3fn"),
}


def arrow_with(values: Any) -> Callable[[], Any]:
    return lambda: pytest.importorskip("pyarrow").array(values)


REFUSED: dict[str, tuple[Callable[[], Any], type[BoundcheckError]]] = {
    "a large integer beside a float": (lambda: [[1.0, 0.5], [BIG, 0.5]], InexactNumberError),
    "a large integer beside NaN": (lambda: [[1.0, float("nan")], [BIG, 0.5]], InexactNumberError),
    "a large integer below 0": (lambda: [[1.0, 0.5], [-BIG, 0.5]], InexactNumberError),
    "unsigned and negative": (lambda: [[1, -1], [2**63 + 1, -1]], InexactNumberError),
    "beyond 64 bits": (lambda: [[1.0, 0.5], [2**70, 0.5]], InexactNumberError),
    "beyond float64": (lambda: [[1.0, 0.5], [10**5000, 0.5]], InexactNumberError),
    "arrays of two types": (lambda: [np.array([0.5, 1.0]), np.array([BIG, 1])], InexactNumberError),
    "signed and unsigned arrays": (lambda: [np.array([-1, 1]), np.array([BIG, 1], dtype=np.uint64)], InexactNumberError),
    "int64": (lambda: np.array([[1, 1], [BIG, 1]]), InexactNumberError),
    "uint64 numbers": (lambda: np.array([[1, 1], [2**64 - 1, 1]], dtype=np.uint64), InexactNumberError),
    "a tensor of uint64": (lambda: torch.tensor([[1, 1], [2**64 - 1, 1]], dtype=torch.uint64), InexactNumberError),
    "big-endian int64": (lambda: np.array([[1, 1], [BIG, 1]], dtype=">i8"), InexactNumberError),
    "objects": (lambda: np.array([[1, 0.5], [BIG, 1]], dtype=object), InexactNumberError),
    "tensors of two types": (lambda: [torch.tensor([0.5, 1.0]), torch.tensor([BIG, 1])], InexactNumberError),
    "frame of two types": (lambda: Frame(np.array([1, BIG]), np.array([0.5, 1.0])), InexactNumberError),
    "list of frames' rows": (lambda: [Arrayed([0.5, 1.0]), Arrayed([BIG, 1])], InexactNumberError),
    "masked": (lambda: np.ma.array(ROWS, mask=[[0, 0], [0, 1]]), MissingEntryError),
    "masked rows": (lambda: [ROWS[0], np.ma.array(ROWS[1], mask=[0, 1])], MissingEntryError),
    "a masked number": (lambda: [ROWS[0], [1.0, np.ma.masked]], MissingEntryError),
    "Arrow null": (arrow_with([[1.0, 2.0], [4.0, None]]), MissingEntryError),
    "Arrow null row": (arrow_with([[1.0, 2.0], None]), MissingEntryError),
    "Arrow rows of two lengths": (arrow_with([[1.0, 2.0], [4.0]]), EmbeddingShapeError),
    "meta": (lambda: torch.empty(2, 2, device="meta"), InvalidValueError),
    "complex": (lambda: np.array(ROWS, dtype=complex), EmbeddingDtypeError),
    "a complex tensor": (lambda: torch.tensor(ROWS, dtype=torch.complex64).conj(), EmbeddingDtypeError),
    "a complex number in a list": (lambda: [ROWS[0], [1.0, 1j]], EmbeddingDtypeError),
    "fractions": (lambda: [ROWS[0], [1.0, Fraction(1, 3)]], EmbeddingDtypeError),
    "decimals": (lambda: [ROWS[0], [Decimal("0.1"), 1.0]], EmbeddingDtypeError),
    "none": (lambda: [ROWS[0], [1.0, None]], EmbeddingDtypeError),
    "text": (lambda: [["1.0", "2.0"], ["4.0", "3.0"]], EmbeddingDtypeError),
    "text beside numbers": (lambda: [ROWS[0], ["4.0", 3.0]], EmbeddingDtypeError),
    "bytes": (lambda: np.array([[b"1", b"2"], [b"4", b"3"]]), EmbeddingDtypeError),
    "dates": (lambda: np.array([["2020", "2021"], ["2022", "2023"]], dtype="M8[Y]"), EmbeddingDtypeError),
    "durations": (lambda: np.array(ROWS).astype("m8[s]"), EmbeddingDtypeError),
    "records": (lambda: np.array([[(1, 2.0)] * 2] * 2, dtype="i4,f8"), EmbeddingDtypeError),
    "nested tensor": (lambda: torch.nested.nested_tensor([torch.ones(2), torch.ones(2)], layout=torch.jagged), EmbeddingShapeError),
    "rows of two lengths": (lambda: [[1.0, 2.0], [3.0]], EmbeddingShapeError),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:Sparse CSR tensor support", "ignore:the matrix subclass")
@pytest.mark.parametrize("form", TAKEN)
def test_every_way_in_takes_the_same_numbers(form: str) -> None:
    for name, taken in entries().items():
        assert taken(TAKEN[form](ROWS)) == [3.0, 7.0], name


@pytest.mark.parametrize("form", REFUSED)
def test_every_way_in_refuses_the_same(form: str) -> None:
    make, error = REFUSED[form]
    for name, taken in entries().items():
        with pytest.raises(error) as caught:
            taken(make())
        # The error itself, and its message names what was refused.
        assert isinstance(caught.value, BoundcheckError), name
        assert str(caught.value).partition(":")[0] in ("G1", "f(G1)", "x", "points", "collections[0]", "embeddings")


def weighted(values: Any) -> float:
    """Return how far a mean with these weights of 0 and 4 is from 0."""
    report = boundcheck.check_bound(
        None, [[0.0], [4.0]], [[0.0], [0.0]], [[0.0], [0.0]], aggregator={"G1": values, "G2": [1, 1], "G3": [1, 1]}
    )
    return float(report.lhs)


WEIGHTS: dict[str, Callable[[], Any]] = {
    "list": lambda: [1, 3.0],
    "truth and numbers": lambda: [True, 3],
    "uint64": lambda: np.array([1, 3], dtype=np.uint64),
    "bfloat16 numbers": lambda: list(torch.tensor([1, 3], dtype=torch.bfloat16)),
    "gradient": lambda: torch.tensor([1.0, 3.0], requires_grad=True),
    "sparse": lambda: torch.tensor([1.0, 3.0]).to_sparse(),
    "float8": lambda: torch.tensor([1.0, 3.0]).to(torch.float8_e5m2),
    "big-endian": lambda: np.array([1, 3], dtype=">f8"),
    "masked without a mask": lambda: np.ma.array([1.0, 3.0]),
    "objects": lambda: np.array([1, 3.0], dtype=object),
    "Arrow": lambda: pytest.importorskip("pyarrow").array([1, 3]),
}
NO_WEIGHTS: dict[str, tuple[Callable[[], Any], type[BoundcheckError]]] = {
    "masked": (lambda: np.ma.array([1.0, 3.0], mask=[0, 1]), MissingEntryError),
    "a masked number": (lambda: [1.0, np.ma.masked], MissingEntryError),
    "a large integer": (lambda: [0.5, BIG], InexactNumberError),
    "Arrow null": (arrow_with([1.0, None]), MissingEntryError),
    "meta": (lambda: torch.empty(2, device="meta"), InvalidValueError),
    "complex": (lambda: torch.ones(2, dtype=torch.complex64), EmbeddingDtypeError),
    "text": (lambda: ["1", "3"], EmbeddingDtypeError),
    "none": (lambda: None, EmbeddingDtypeError),
    "fractions": (lambda: [Fraction(1), Fraction(3)], EmbeddingDtypeError),
    "ragged": (lambda: [1.0, [3.0]], EmbeddingShapeError),
}


@pytest.mark.parametrize("form", WEIGHTS)
def test_weights(form: str) -> None:
    assert weighted(WEIGHTS[form]()) == 3


@pytest.mark.parametrize("form", NO_WEIGHTS)
def test_what_are_no_weights(form: str) -> None:
    make, error = NO_WEIGHTS[form]
    with pytest.raises(error, match=r"^aggregator\['G1'\]: expected "):
        weighted(make())


def test_floats_of_few_bits_stay_so_where_that_is_asked_for_without_a_copy() -> None:
    place = Place("x", 0, Source.ROWS)
    rows = np.ones((5, 3), dtype=np.float32)
    found = real_numbers(rows, place, many=True, single=True)
    assert found.dtype == torch.float32
    assert found.data_ptr() == rows.ctypes.data
    tensor = torch.ones(5, 3)
    assert real_numbers(tensor, place, many=True, single=True).data_ptr() == tensor.data_ptr()
    for narrow in (rows.astype(np.float16), tensor.bfloat16(), [tensor[0], tensor[1]], [rows[0], rows[1]]):
        assert real_numbers(narrow, place, many=True, single=True).dtype == torch.float32
    assert real_numbers(rows.astype(int), place, many=True, single=True).dtype == torch.float64
    assert real_numbers(rows, place, many=True).dtype == torch.float64


def test_a_message_names_the_row() -> None:
    with pytest.raises(
        InexactNumberError, match=r"x: expected integers up to 2\*\*53 .*got 9007199254740993 for object 1"
    ):
        distances.farthest([[1, 0.5], [BIG, 0.5]])
    with pytest.raises(InvalidValueError, match=r"x: .*a masked array \(first masked for object 1\); fill or drop"):
        distances.farthest(np.ma.array(ROWS, mask=[[0, 0], [0, 1]]))
    with pytest.raises(InvalidValueError, match="G1: expected a number at every entry, got a null for object 2"):
        boundcheck.embed(None, arrow_with([[1.0, 2.0], [0.0, 0.0], [4.0, None]])())


def test_an_object_that_is_no_number_is_named_by_its_row() -> None:
    rows = np.array([[1.0, 2.0], [3.0, None], ["a", 1.0]], dtype=object)
    with pytest.raises(
        EmbeddingDtypeError, match=r"G1: expected real numbers, got objects such as NoneType \(first for object 1\)"
    ):
        boundcheck.embed(None, rows)


@pytest.mark.filterwarnings("ignore:torch.quantize_per_tensor")
def test_a_quantised_tensor_is_refused() -> None:
    quantised = torch.quantize_per_tensor(torch.tensor(ROWS), 0.5, 0, torch.quint8)
    for taken in entries().values():
        with pytest.raises(EmbeddingDtypeError, match="quint8"):
            taken(quantised)
