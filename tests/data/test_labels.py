"""Labels are told apart as what they are, or refused by name."""

from __future__ import annotations

import datetime
import enum
from collections import deque
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from boundcheck import scan
from boundcheck.data.labelled import LabelledPoints
from boundcheck.data.labels import grouped
from boundcheck.errors import InvalidTypeError, InvalidValueError


class Colour(enum.Enum):
    RED = "b"
    BLUE = "a"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Alike:
    """Two of these are different and read the same."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __lt__(self, other: Alike) -> bool:
        return self.number < other.number

    def __str__(self) -> str:
        return "alike"


def pandas_series(values: Any, **options: Any) -> Any:
    return pytest.importorskip("pandas").Series(values, **options)


def arrow(values: Any, kind: str | None = None) -> Any:
    pyarrow = pytest.importorskip("pyarrow")
    return pyarrow.array(values, None if kind is None else getattr(pyarrow, kind)())


BIG = 2**63
TOLD_APART: dict[str, tuple[Callable[[], Any], tuple[str, ...], list[int]]] = {
    "whole numbers": (lambda: [7, 5, 7], ("5", "7"), [1, 0, 1]),
    "large whole numbers": (lambda: [BIG + 1, BIG, 5], ("5", str(BIG), str(BIG + 1)), [2, 1, 0]),
    "large and negative": (lambda: [BIG + 1, BIG, -1], ("-1", str(BIG), str(BIG + 1)), [2, 1, 0]),
    "beyond 64 bits": (lambda: [2**70, 2**70 + 1, 0], ("0", str(2**70), str(2**70 + 1)), [1, 2, 0]),
    "uint64": (lambda: np.array([BIG + 1, BIG, 5], dtype=np.uint64), ("5", str(BIG), str(BIG + 1)), [2, 1, 0]),
    "int64": (lambda: np.array([2**53 + 1, 2**53, -5]), ("-5", str(2**53), str(2**53 + 1)), [2, 1, 0]),
    "signed and unsigned": (lambda: [np.uint64(BIG + 1), np.int64(-1), np.uint64(BIG)], ("-1", str(BIG), str(BIG + 1)), [2, 0, 1]),
    "large beside floats": (lambda: [2**53 + 1, float(2**53), 0.5], ("0.5", "9007199254740992.0", str(2**53 + 1)), [2, 1, 0]),
    "uint64 tensor": (lambda: torch.tensor([BIG + 1, BIG, 5], dtype=torch.uint64), ("5", str(BIG), str(BIG + 1)), [2, 1, 0]),
    "bfloat16 tensor": (lambda: torch.tensor([2, 1, 2], dtype=torch.bfloat16), ("1.0", "2.0"), [1, 0, 1]),
    "floats": (lambda: [0.5, -1.0, 0.5], ("-1.0", "0.5"), [1, 0, 1]),
    "floats equal to whole numbers": (lambda: [1, 1.0, 2], ("1", "2"), [0, 0, 1]),
    "fractions": (lambda: [Fraction(1, 3), Fraction(1, 4), 1], ("1/4", "1/3", "1"), [1, 0, 2]),
    "truth": (lambda: [True, False, True], ("False", "True"), [1, 0, 1]),
    "texts": (lambda: ["b", "a", "b"], ("a", "b"), [1, 0, 1]),
    "texts with NUL": (lambda: ["a\0", "a", "a\0\0"], ("a", "a\0", "a\0\0"), [1, 0, 2]),
    "texts of digits": (lambda: ["1", "1.0", "01"], ("01", "1", "1.0"), [1, 2, 0]),
    "array of texts": (lambda: np.array(["b", "a", "b"]), ("a", "b"), [1, 0, 1]),
    "array of objects": (lambda: np.array(["a\0", "a", "b"], dtype=object), ("a", "a\0", "b"), [1, 0, 2]),
    "objects of large numbers": (lambda: np.array([BIG + 1, BIG, 5], dtype=object), ("5", str(BIG), str(BIG + 1)), [2, 1, 0]),
    "bytes": (lambda: [b"a\0", b"a", b"a"], ("b'a'", "b'a\\x00'"), [1, 0, 0]),
    "tuples": (lambda: [(1, "b"), (1, "a"), (BIG, "a")], ("(1, 'a')", "(1, 'b')", f"({BIG}, 'a')"), [1, 0, 2]),
    "tuples of two lengths": (lambda: [(1, 2), (1,), (1, 2)], ("(1,)", "(1, 2)"), [1, 0, 1]),
    "records": (lambda: np.array([(2, 0.5), (1, 0.5), (2, 0.5)], dtype="i8,f8"), ("(1, 0.5)", "(2, 0.5)"), [1, 0, 1]),
    "dates": (lambda: [datetime.date(2021, 1, 1), datetime.date(2020, 1, 1)] * 1 + [datetime.date(2021, 1, 1)], ("2020-01-01", "2021-01-01"), [1, 0, 1]),
    "array of dates": (lambda: np.array(["2021", "2020", "2021"], dtype="M8[Y]"), ("2020", "2021"), [1, 0, 1]),
    "members of an Enum": (lambda: [Colour.BLUE, Colour.RED, Colour.BLUE], ("Colour.RED", "Colour.BLUE"), [1, 0, 1]),
    "members of an IntEnum": (lambda: [Level.HIGH, Level.LOW, Level.HIGH], ("1", "2"), [1, 0, 1]),
    "masked without a mask": (lambda: np.ma.array([7, 5, 7]), ("5", "7"), [1, 0, 1]),
    "deque": (lambda: deque(["b", "a", "b"]), ("a", "b"), [1, 0, 1]),
    "range": (lambda: range(3), ("0", "1", "2"), [0, 1, 2]),
    "pandas": (lambda: pandas_series([7, 5, 7], index=[2, 0, 1]), ("5", "7"), [1, 0, 1]),
    "pandas uint64": (lambda: pandas_series([BIG + 1, BIG, 5], dtype="UInt64"), ("5", str(BIG), str(BIG + 1)), [2, 1, 0]),
    "pandas categories": (lambda: pandas_series(["b", "a", "b"], dtype="category"), ("a", "b"), [1, 0, 1]),
    "pandas texts": (lambda: pandas_series(["a\0", "a", "b"], dtype="string"), ("a", "a\0", "b"), [1, 0, 2]),
    "Arrow uint64": (lambda: arrow([BIG + 1, BIG, 5], "uint64"), ("5", str(BIG), str(BIG + 1)), [2, 1, 0]),
    "Arrow texts": (lambda: arrow(["a\0", "a", "b"]), ("a", "a\0", "b"), [1, 0, 2]),
    "Arrow dictionary": (lambda: arrow(["b", "a", "b"]).dictionary_encode(), ("a", "b"), [1, 0, 1]),
    "Arrow truth": (lambda: arrow([True, False, True]), ("False", "True"), [1, 0, 1]),
}  # fmt: skip


@pytest.mark.parametrize("kind", TOLD_APART)
def test_what_is_told_apart(kind: str) -> None:
    make, names, numbers = TOLD_APART[kind]
    found = grouped(make(), "class", 3)
    assert found.names == names
    assert found.numbers.tolist() == numbers
    assert found.numbers.dtype == np.int64
    # Of points too, as classes and as collections.
    points = LabelledPoints.from_labels(np.zeros((3, 1)), make(), make())
    assert points.names == points.class_names == names


NAN = float("nan")
MISSING: dict[str, tuple[Callable[[], Any], str]] = {
    "NaN": (lambda: [1.0, NAN, 2.0], "nan for object 1"),
    "NaN in an array": (lambda: np.array([1.0, NAN, NAN]), "nan for object 1"),
    "NaN in a tensor": (lambda: torch.tensor([1.0, 2.0, NAN]), "nan for object 2"),
    "NaN of 16 bits": (lambda: torch.tensor([1.0, NAN, 2.0], dtype=torch.bfloat16), "nan for object 1"),
    "NaN among texts": (lambda: ["a", "b", NAN], "nan for object 2"),
    "NaN among whole numbers": (lambda: [1, NAN, 2], "nan for object 1"),
    "NaN in a tuple": (lambda: [(1, 0.5), (1, NAN), (2, 0.5)], r"\(1, nan\) for object 1"),
    "a NaN of decimals": (lambda: [Decimal(1), Decimal("NaN"), Decimal(2)], "NaN for object 1"),
    "none": (lambda: ["a", None, "b"], "None for object 1"),
    "none in an array": (lambda: np.array(["a", None, "b"], dtype=object), "None for object 1"),
    "only none": (lambda: [None, None, None], "None for object 0"),
    "NaT": (lambda: np.array(["2020", "NaT", "2021"], dtype="M8[Y]"), "NaT for object 1"),
    "NaT in a list": (lambda: [np.datetime64("2020"), np.datetime64("2021"), np.datetime64("NaT", "Y")], "NaT for object 2"),
    "masked": (lambda: np.ma.array([1, 2, 3], mask=[0, 0, 1]), "a masked entry for object 2"),
    "masked constant": (lambda: [1, np.ma.masked, 2], "-- for object 1"),
    "pandas NA": (lambda: pandas_series([1, None, 2], dtype="Int64"), "for object 1"),
    "pandas category": (lambda: pandas_series(["a", None, "b"], dtype="category"), "nan for object 1"),
    "pandas texts": (lambda: pandas_series(["a", "b", None]), "for object 2"),
    "Arrow null": (lambda: arrow([1, None, 2]), "a null for object 1"),
    "Arrow text": (lambda: arrow(["a", "b", None]).dictionary_encode(), "a null for object 2"),
}  # fmt: skip


@pytest.mark.parametrize("kind", MISSING)
def test_a_missing_label_is_refused_and_its_object_named(kind: str) -> None:
    make, message = MISSING[kind]
    with pytest.raises(
        InvalidValueError, match=rf"class labels: expected a label for every object, got .*{message}; fill"
    ):
        grouped(make(), "class", 3)
    with pytest.raises(
        InvalidValueError, match=rf"collection labels: expected a label for every object, got .*{message}"
    ):
        scan(np.zeros((3, 1)), [0, 0, 1], make(), ["karimov"])


OF_SEVERAL_KINDS: dict[str, tuple[list[Any], str]] = {
    "a number and its text": ([1, "1", 2], r"1 \(int\) for object 0 and '1' \(str\) for object 1"),
    "truth and number": ([2, True, 1], r"2 \(int\) for object 0 and True \(bool\) for object 1"),
    "truth of NumPy and number": ([np.True_, 1, 0], r"\(bool\) for object 0 and 1 \(int\) for object 1"),
    "text and bytes": (["a", b"a", "b"], r"'a' \(str\) for object 0 and b'a' \(bytes\) for object 1"),
    "tuple and text": ([("a",), ("b",), "a"], r"\('a',\) \(tuple\) for object 0 and 'a' \(str\) for object 2"),
    "equal tuples": ([(1, 1), (2, 1), (2, True)], r"1 \(int\) for object 0 and True \(bool\) for object 2"),
    "members of two Enums": ([Colour.RED, Level.LOW, Level.LOW], r"for object 0 and .* for object 1"),
}


@pytest.mark.parametrize("kind", OF_SEVERAL_KINDS)
def test_labels_of_several_kinds_are_refused(kind: str) -> None:
    labels, message = OF_SEVERAL_KINDS[kind]
    with pytest.raises(
        InvalidTypeError, match=f"class labels: expected labels of one kind, got .*{message}; make them all"
    ):
        grouped(labels, "class", 3)


@pytest.mark.parametrize(
    ("labels", "error", "message"),
    [
        ([{1}, {2}, {3}], InvalidTypeError, "expected labels that can be told apart"),
        ([1j, 2j, 3j], InvalidTypeError, "expected labels that sort"),
        ([object(), object(), object()], InvalidTypeError, "expected labels that sort"),
        (
            [Alike(1), Alike(2), Alike(3)],
            InvalidTypeError,
            "expected labels that read differently, got two that read 'alike'",
        ),
        (["a", "\ud800", "b"], InvalidValueError, "text that can be written as Unicode"),
        ("abc", InvalidValueError, r"expected shape \(3,\), one for each embedding, got \(\)"),
        ({"a": 1}, InvalidValueError, r"expected shape \(3,\)"),
        ([1, 2], InvalidValueError, r"expected shape \(3,\), one for each embedding, got \(2,\)"),
        (np.zeros((3, 1)), InvalidValueError, r"got \(3, 1\)"),
        ([[1], [2], [3]], InvalidValueError, r"got \(3, 1\)"),
        (None, InvalidValueError, r"got \(\)"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_are_no_labels(labels: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        grouped(labels, "class", 3)


@given(st.lists(st.integers(-(2**66), 2**66), min_size=1, max_size=9))
def test_whole_numbers_of_any_size(labels: list[int]) -> None:
    found = grouped(labels, "class", len(labels))
    assert [found.names[number] for number in found.numbers] == list(map(str, labels))
    assert list(map(int, found.names)) == sorted(set(labels))


@given(st.lists(st.text(max_size=3), min_size=1, max_size=9))
def test_texts(labels: list[str]) -> None:
    found = grouped(labels, "class", len(labels))
    assert [found.names[number] for number in found.numbers] == labels
    assert list(found.names) == sorted(set(labels))


def test_two_classes_in_a_collection_are_named() -> None:
    with pytest.raises(InvalidValueError, match="class labels: expected one class for collection b, got A, B"):
        LabelledPoints.from_labels(np.zeros((4, 1)), ["a", "b", "b", "a"], ["A", "B", "A", "A"])
