"""Which classes were held out, as arrays of a file say."""

import numpy as np
import pytest

from boundcheck.data.files import read_arrays
from boundcheck.data.parts import held_out_collections, only, parts_of, read_held_out
from boundcheck.errors import FileFormatError, InvalidTypeError, InvalidValueError
from boundcheck.scanning import LabelledPoints

CLASSES = np.repeat(["a", "b", "c"], 4)
HELD_OUT = CLASSES == "c"
POINTS = LabelledPoints.from_labels(np.arange(12.0)[:, None], np.arange(12) // 2, CLASSES)


def test_the_first_array_of_the_first_file_counts():
    numbers = HELD_OUT.astype(np.uint8)
    assert read_held_out({}, {"class": CLASSES}) is None
    np.testing.assert_array_equal(read_held_out({}, {"evaluation": numbers}), HELD_OUT)
    np.testing.assert_array_equal(read_held_out({"evaluation": ~HELD_OUT}, {"held_out": numbers}), ~HELD_OUT)
    np.testing.assert_array_equal(read_held_out({"evaluation": ~HELD_OUT, "held_out": numbers}), HELD_OUT)


@pytest.mark.parametrize("wrong", [CLASSES, HELD_OUT.astype(float), HELD_OUT[:, None], 2 * HELD_OUT])
def test_other_arrays_are_refused(wrong):
    with pytest.raises(FileFormatError, match="held_out: expected True or False"):
        read_held_out({"held_out": wrong})


def test_a_column_of_parquet_counts_too(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    parquet.write_table(pyarrow.table({"class": CLASSES, "held_out": HELD_OUT}), tmp_path / "it.parquet")
    np.testing.assert_array_equal(read_held_out(read_arrays(tmp_path / "it.parquet")), HELD_OUT)
    parquet.write_table(pyarrow.table({"held_out": [*HELD_OUT[1:].tolist(), None]}), tmp_path / "it.parquet")
    with pytest.raises(
        FileFormatError,
        match=f"column 'held_out': expected a value in every row, got a null in row {len(HELD_OUT) - 1}",
    ):
        read_arrays(tmp_path / "it.parquet")


def test_parts_are_whole_classes():
    chosen = held_out_collections(POINTS, HELD_OUT)
    assert chosen.tolist() == [False] * 4 + [True] * 2
    parts = parts_of(POINTS, chosen)
    assert {name: part.names for name, part in parts.items()} == {"trained": tuple("0123"), "held-out": tuple("45")}
    assert list(parts_of(POINTS, ~(chosen | True))) == ["trained"]
    assert parts_of(POINTS, None) == {"all": POINTS}


@pytest.mark.parametrize("last", [10, 11])
def test_a_class_in_both_parts_is_named(last):
    with pytest.raises(InvalidValueError, match="objects of both in class 'c'"):
        held_out_collections(POINTS, HELD_OUT & (np.arange(12) < last))


def test_another_number_of_objects_is_refused():
    with pytest.raises(InvalidValueError, match=r"held_out: expected shape \(12,\).* got \(11,\)"):
        held_out_collections(POINTS, HELD_OUT[1:])


def test_arrays_of_some_objects():
    found = only({"class": CLASSES, "names": np.array(["x", "y"])}, HELD_OUT)
    assert (found["class"].tolist(), found["names"].tolist()) == (["c"] * 4, ["x", "y"])
    with pytest.raises(InvalidTypeError, match="chosen"):
        only({}, [True])
