"""Numbers reach float64 unchanged, or are refused."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from boundcheck.embed import embed
from boundcheck.errors import EmbeddingDtypeError, EmbeddingShapeError, InvalidValueError

TORCH_FLOATS = [torch.float16, torch.bfloat16, torch.float32, torch.float64]
TORCH_INTEGERS = [torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.bool]


def _sources(values: object) -> list[object]:
    """Give ``values`` as a collection of points, as a batch of output, and as the outputs of an f on one object."""
    return [
        embed(None, values),
        embed(lambda batch: values[: len(batch)], np.zeros(len(values)), batched=True, verify=False),  # type: ignore[index,arg-type]
        embed(lambda index: values[int(index)], np.arange(len(values)), batched=False, verify=False),  # type: ignore[index,arg-type]
    ]


@pytest.mark.parametrize("dtype", TORCH_FLOATS, ids=str)
def test_torch_floats(dtype: torch.dtype) -> None:
    values = torch.tensor([[0.1, -3e-5], [1.7, 60000.0]]).to(dtype)
    for points in _sources(values):
        assert points.dtype == torch.float64
        assert torch.equal(points.to(dtype), values)
        assert points.tolist() == values.tolist()


@pytest.mark.parametrize("dtype", [*TORCH_INTEGERS, torch.uint16, torch.uint32, torch.uint64], ids=str)
def test_torch_integers(dtype: torch.dtype) -> None:
    values = torch.tensor([[0, 1], [1, 1]]).to(dtype)
    for points in _sources(values):
        assert points.tolist() == [[0.0, 1.0], [1.0, 1.0]]


@pytest.mark.parametrize("dtype", ["?", "b", "B", "h", "H", "i", "I", "q", "Q", "e", "f", "d", "g", ">i4", ">f4"])
def test_numpy_types(dtype: str) -> None:
    values = np.array([[0, 1], [1, 1]], dtype=dtype)
    for points in _sources(values):
        assert points.dtype == torch.float64
        assert points.tolist() == [[0.0, 1.0], [1.0, 1.0]]


@given(hnp.arrays(st.sampled_from(["e", "f", "d"]), (3, 2), elements={"allow_nan": False, "allow_infinity": False}))
def test_every_float_is_kept(values: np.ndarray) -> None:
    for points in _sources(values):
        assert np.array_equal(points.numpy(), values)


@given(st.lists(st.integers(-(2**53), 2**53), min_size=1, max_size=4))
def test_integers_that_are_exact_are_kept(row: list[int]) -> None:
    for values in ([row], np.array([row]), torch.tensor([row])):
        for points in _sources(values):
            assert [int(number) for number in points[0].tolist()] == row


@pytest.mark.parametrize("number", [2**53 + 1, -(2**53) - 1, 2**60, 2**63 - 1, -(2**63)])
@pytest.mark.parametrize("kind", ["array", "tensor", "list", "mixed list"])
@pytest.mark.parametrize("f", ["points", "batch", "object"])
def test_integers_that_are_not_exact(number: int, kind: str, f: str) -> None:
    rows = [[1, 2], [3, 4], [5, number]]
    values = {
        "array": np.array(rows),
        "tensor": torch.tensor(rows),
        "list": rows,
        "mixed list": [[1, 2], [3, 4], [0.5, number]],
    }[kind]
    calls: dict[str, Callable[[], object]] = {
        "points": lambda: embed(None, values, name="G2"),
        "batch": lambda: embed(lambda batch: values, np.zeros(3), name="G2", batched=True),
        "object": lambda: embed(lambda index: values[int(index)], np.arange(3), name="G2", batched=False),
    }
    with pytest.raises(InvalidValueError, match=r"not exact in float64") as caught:
        calls[f]()
    message = str(caught.value)
    assert "G2" in message
    assert f"{number} for object 2" in message
    assert "[-2**53, 2**53]" in message


@pytest.mark.parametrize("number", [2**63, 2**64 - 1, 2**70, -(2**80)])
def test_larger_integers_still(number: int) -> None:
    with pytest.raises(InvalidValueError, match=f"{number} for object 1"):
        embed(None, [[1, 2], [1, number]])


def test_unsigned_integers_that_are_not_exact() -> None:
    for values in (np.array([[1], [2**64 - 1]], dtype=np.uint64), torch.tensor([[1], [2**64 - 1]], dtype=torch.uint64)):
        with pytest.raises(InvalidValueError, match="18446744073709551615 for object 1"):
            embed(None, values)


@pytest.mark.skipif(np.finfo(np.longdouble).nmant <= 52, reason="long doubles are doubles here")
@pytest.mark.parametrize("number", [np.longdouble(1) + np.finfo(np.longdouble).eps, np.longdouble("1e4000")])
def test_long_doubles_that_are_not_exact(number: np.longdouble) -> None:
    assert embed(None, np.array([[1.5]], dtype=np.longdouble)).tolist() == [[1.5]]
    with pytest.raises(InvalidValueError, match=r"G1: .*not exact in float64"):
        embed(None, np.array([[1], [number]], dtype=np.longdouble))


@pytest.mark.parametrize(
    ("values", "named", "fix"),
    [
        (np.array([[1j]]), "complex128", "real and imaginary parts"),
        (torch.tensor([[1j]]), "complex64", "real and imaginary parts"),
        ([[1 + 2j]], "complex128", "real and imaginary parts"),
        (np.array([["a"]]), "str", "numbers"),
        (["a", "b"], "str", "numbers"),
        ([b"a"], "bytes", "numbers"),
        ([None], "NoneType", ""),
        ([{"a": 1}], "dict", "numbers"),
        ([object()], "object", "numbers"),
        ([[Decimal(1)]], "Decimal", "numbers"),
        ([[Fraction(1, 3)]], "Fraction", "numbers"),
        (np.array([["2020-01-01"]], dtype="M8[D]"), "datetime64", "numbers"),
        (np.array([[(1, 2.0)]], dtype="i4,f8"), "", "numbers"),
        ([[1.0, None]], "objects such as NoneType", "numbers"),
    ],
    # Not ids=str: an object's text holds its address, and parallel workers must name tests alike.
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
@pytest.mark.parametrize("f", ["points", "object"])
def test_what_is_no_number(values: list[object], named: str, fix: str, f: str) -> None:
    calls: dict[str, Callable[[], object]] = {
        "points": lambda: embed(None, values, name="G3"),
        "object": lambda: embed(lambda index: values[index], range(len(values)), name="G3", batched=False),
    }
    with pytest.raises(EmbeddingDtypeError) as caught:
        calls[f]()
    message = str(caught.value)
    assert "G3" in message
    assert "expected real numbers, got " in message
    assert named in message
    assert "object 0" in message
    assert fix in message


def test_an_f_that_returns_nothing() -> None:
    with pytest.raises(EmbeddingDtypeError, match=r"f\(G1\): .*NoneType.*f returned nothing; let it return the vector"):
        embed(lambda v: None, np.zeros((3, 2)))


def test_uneven_nesting() -> None:
    with pytest.raises(EmbeddingShapeError, match=r"G1: .*uneven lengths for object 1"):
        embed(None, [[[1.0, 2.0]], [[1.0], [1.0, 2.0]]])


def test_sparse_output() -> None:
    sparse = pytest.importorskip("scipy.sparse")
    points = embed(lambda batch: sparse.csr_matrix(batch), np.eye(3), batched=True)
    assert torch.equal(points, torch.eye(3, dtype=torch.float64))
    assert torch.equal(embed(lambda batch: batch.to_sparse(), torch.eye(3), batched=True), points)


def test_points_are_given_without_a_copy_where_they_can_be() -> None:
    array = np.ones((3, 2))
    assert embed(None, array).data_ptr() == array.ctypes.data
    tensor = torch.ones(3, 2, dtype=torch.float64)
    assert embed(None, tensor).data_ptr() == tensor.data_ptr()
