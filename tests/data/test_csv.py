"""Embeddings and labels in CSV: labels by their columns, coordinates by numbered ones, and nothing guessed."""

import numpy as np
import pytest

from boundcheck.data.files import read_arrays, read_grouped, read_labelled
from boundcheck.errors import FileFormatError


def read(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "points.csv"
    path.write_bytes(text.encode(encoding))
    return read_arrays(path)


@pytest.mark.parametrize(
    "names", ["x0,x1,x2", "x1,x2,x3", "0,1,2", "embedding[0],embedding[1],embedding[2]", "e_1,e_2,e_3"]
)
def test_coordinates_are_numbered_columns_in_their_order(tmp_path, names):
    one, two, three = names.split(",")
    arrays = read(tmp_path, f"class,{two},collection,{three},{one},split\na,0.5,u,1e-3,-0,train\nb,2,v,3,1,test\n")
    assert np.array_equal(arrays["embeddings"], [[-0.0, 0.5, 1e-3], [1, 2, 3]])
    assert list(arrays["class"]) == ["a", "b"]
    assert list(arrays["collection"]) == ["u", "v"]
    assert "split" not in arrays


def test_labels_are_whole_numbers_truth_values_or_texts(tmp_path):
    arrays = read(tmp_path, "class,collection,held_out,x0\n10,007,true,1\n9,7,False,2\n")
    labelled = read_labelled(arrays)
    assert labelled.class_names == ("9", "10")
    assert labelled.names == ("007", "7")
    assert arrays["held_out"].tolist() == [True, False]


def test_a_mark_at_the_start_quotes_and_empty_lines(tmp_path):
    arrays = read(tmp_path, '\ufeffclass,collection,x0\r\n"a, b",c,1\r\n\r\nd,e,2\r\n')
    assert list(arrays["class"]) == ["a, b", "d"]


def test_one_kind_of_label_is_enough_where_roles_ask_for_no_more(tmp_path):
    only_classes = read_grouped(read(tmp_path, "class,x0\na,1\na,2\nb,3\n"))
    assert only_classes.names == only_classes.class_names == ("a", "b")
    only_collections = read_grouped(read(tmp_path, "collection,x0\nu,1\nv,2\n"))
    assert only_collections.names == only_collections.class_names == ("u", "v")
    with pytest.raises(FileFormatError, match="labels"):
        read_grouped(read(tmp_path, "x0\n1\n2\n"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("class,collection\na,b\n", "columns of coordinates"),
        ("class,collection,x0,y0\na,b,1,2\n", "got x0, … and y0, …"),
        ("class,collection,x0,x2\na,b,1,2\n", "none of number 1 after 'x0'"),
        ("class,collection,f1,f2,f5,width\na,b,1,2,3,4\n", "none of number 3 after 'f2'"),
        ("class,collection,x0\na,b,one\n", "column 'x0', row 0: expected a number, got 'one'"),
        (
            "class,collection,x0\na,,1\n",
            "column 'collection': expected a value in every row, got an empty cell in row 0",
        ),
        ("class,collection,x0\na,b\n", "expected 3 cells in every row, got 2 in row 0"),
        ("class,class,x0\na,b,1\n", "each name once"),
        ("class,collection,x0\n", "a head and one row or more"),
        ("", "a head and one row or more"),
    ],
)
def test_what_is_none_is_refused(tmp_path, text, message):
    with pytest.raises(FileFormatError, match=message):
        read(tmp_path, text)


def test_another_encoding_is_refused(tmp_path):
    with pytest.raises(FileFormatError, match=r"readable \.csv file"):
        read(tmp_path, "class,collection,x0\nä,b,1\n", encoding="latin-1")
