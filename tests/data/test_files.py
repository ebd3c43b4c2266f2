"""Files of embeddings: every format, and every way for one to be no such file."""

import io
import os
import re
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from boundcheck.data.files import read_arrays, read_labelled, read_triple, triple_named
from boundcheck.data.formats import FORMATS
from boundcheck.errors import (
    BoundcheckError,
    EmbeddingDtypeError,
    FileFormatError,
    InvalidValueError,
    MissingDependencyError,
    MissingEntryError,
    NonFiniteError,
)

POINTS = np.arange(24, dtype=np.float32).reshape(8, 3)
COLLECTION = np.array(["a", "a", "b", "b", "c", "c", "d", "d"])
CLASS = np.array(["A"] * 4 + ["B"] * 4)
LABELS = {"collection": COLLECTION, "class": CLASS}


class Trap:
    """Makes a folder when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple:
        return (os.mkdir, (str(self.path),))


def same(left: dict, right: dict) -> bool:
    return left.keys() == right.keys() and all(np.array_equal(left[name], right[name]) for name in left)


def write_parquet(path: Path, columns: dict) -> Path:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    parquet.write_table(pyarrow.table(columns), path)
    return path


# --------------------------------------------------------------------------------------------------------- formats


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_npz(tmp_path, save):
    save(tmp_path / "x.npz", embeddings=POINTS, **LABELS)
    assert same(read_arrays(tmp_path / "x.npz"), {"embeddings": POINTS, **LABELS})


def test_labels_go_by_the_names_that_functions_have_too():
    arrays = {"embeddings": POINTS, "collections": COLLECTION, "classes": CLASS}
    assert read_labelled(arrays).names == ("a", "b", "c", "d")


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int8])
def test_npy_is_named_embeddings(tmp_path, dtype):
    np.save(tmp_path / "x.npy", POINTS.astype(dtype))
    (array,) = read_arrays(tmp_path / "x.npy").values()
    assert array.dtype == dtype
    assert same(read_arrays(str(tmp_path / "x.npy")), {"embeddings": POINTS})


def test_safetensors(tmp_path):
    from safetensors.numpy import save_file

    arrays = {"embeddings": POINTS, "character": np.arange(8), "alphabet": np.arange(8) // 4}
    save_file(arrays, tmp_path / "x.safetensors")
    assert same(read_arrays(tmp_path / "x.safetensors"), arrays)


def test_bfloat16_becomes_float32(tmp_path):
    from safetensors.torch import save_file

    tensor = torch.tensor([[1.0, 3.140625], [-2.0, 0.0]], dtype=torch.bfloat16)
    save_file({"embeddings": tensor}, tmp_path / "x.safetensors")
    array = read_arrays(tmp_path / "x.safetensors")["embeddings"]
    assert array.dtype == np.float32
    assert array.tolist() == tensor.tolist()


def test_parquet(tmp_path):
    path = write_parquet(tmp_path / "x.parquet", {"embeddings": list(POINTS), **LABELS})
    assert same(read_arrays(path), {"embeddings": POINTS, **LABELS})


def test_parquets_other_columns_may_hold_anything(tmp_path):
    path = write_parquet(
        tmp_path / "x.parquet",
        {"embedding": list(POINTS), **LABELS, "note": ["n"] * 7 + [None], "ragged": [[1]] * 7 + [[1, 2]]},
    )
    assert read_arrays(path).keys() == {"embedding", "collection", "class"}


def test_suffix_counts_in_any_case(tmp_path):
    np.save(tmp_path / "x.npy", POINTS)
    (tmp_path / "x.npy").rename(tmp_path / "X.NPY")
    assert same(read_arrays(tmp_path / "X.NPY"), {"embeddings": POINTS})


# ---------------------------------------------------------------------------------------------------- damaged files


@pytest.mark.parametrize("name", ["x.npz", "x.npy", "x.safetensors", "x.parquet"])
@pytest.mark.parametrize(
    "content", [b"", b"text, and no numbers\n", b"\x93NUMPY", b"PK\x03\x04", b"PAR1PAR1", b"\xff" * 99]
)
def test_other_content_is_named(tmp_path, name, content):
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FileFormatError, match=rf"path: expected a readable \{name[1:]} file, got .*{name}"):
        read_arrays(tmp_path / name)


@pytest.mark.parametrize("name", ["x.npz", "x.npy", "x.safetensors", "x.parquet"])
@pytest.mark.parametrize("kept", [0.3, 0.9])
def test_truncated_file_is_named(tmp_path, name, kept):
    path = tmp_path / name
    if name == "x.npz":
        np.savez(path, embeddings=POINTS)
    elif name == "x.npy":
        np.save(path, POINTS)
    elif name == "x.parquet":
        write_parquet(path, {"embeddings": list(POINTS)})
    else:
        from safetensors.numpy import save_file

        save_file({"embeddings": POINTS}, path)
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(FileFormatError, match=r"x\."):
        read_arrays(path)


@pytest.mark.parametrize("name", ["x.npz", "x.npy"])
def test_pickles_are_never_loaded(tmp_path, name):
    trap = np.array([Trap(tmp_path / "sprung")], dtype=object)
    if name == "x.npy":
        np.save(tmp_path / name, trap, allow_pickle=True)
    else:
        np.savez(tmp_path / name, embeddings=POINTS, collection=trap, allow_pickle=True)
    with pytest.raises(FileFormatError, match="save plain arrays; pickles are never loaded"):
        read_arrays(tmp_path / name)
    assert not (tmp_path / "sprung").exists()


def test_pickle_under_an_arrays_name_is_never_loaded(tmp_path):
    import pickle

    content = pickle.dumps(Trap(tmp_path / "sprung"))
    (tmp_path / "x.npy").write_bytes(content)
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("embeddings.npy", content)
        archive.writestr("class", content)
    with pytest.raises(FileFormatError):
        read_arrays(tmp_path / "x.npy")
    with pytest.raises(BoundcheckError):
        read_labelled(read_arrays(tmp_path / "x.npz"))
    assert not (tmp_path / "sprung").exists()


def test_an_array_named_like_an_archive_is_named(tmp_path):
    np.save(tmp_path / "x.npy", POINTS)
    (tmp_path / "x.npy").rename(tmp_path / "x.npz")
    with pytest.raises(FileFormatError, match=r"a readable \.npz file, got .*which is no archive"):
        read_arrays(tmp_path / "x.npz")


def test_an_archive_named_like_an_array_is_named(tmp_path):
    np.savez(tmp_path / "x.npz", embeddings=POINTS)
    (tmp_path / "x.npz").rename(tmp_path / "x.npy")
    with pytest.raises(FileFormatError, match=r"path: expected a readable \.npy file"):
        read_arrays(tmp_path / "x.npy")


def test_missing_file_and_folder_are_named(tmp_path):
    for path in (tmp_path / "none.npz", tmp_path):
        with pytest.raises(FileFormatError, match=f"path: expected a file of embeddings, got no such file, {path}"):
            read_arrays(path)


@pytest.mark.parametrize("name", ["x", "x.tsv", "npz"])
def test_unknown_suffix_is_named(tmp_path, name):
    (tmp_path / name).touch()
    with pytest.raises(
        FileFormatError, match=rf"ends in \.npz, \.npy, \.csv, \.safetensors, \.parquet, \.pt, \.pth, got '{name}'"
    ):
        read_arrays(tmp_path / name)


def test_missing_pyarrow_is_named_with_the_fix(tmp_path, monkeypatch):
    (tmp_path / "x.parquet").touch()
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'boundcheck\[parquet\]'"):
        read_arrays(tmp_path / "x.parquet")


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (
            {"embeddings": [[1.0, 2.0], [3.0]]},
            "column 'embeddings': expected vectors of one length, got lengths 1 to 2",
        ),
        ({"embeddings": [[1.0], None]}, "column 'embeddings'"),
        ({"collection": ["a", None]}, "column 'collection': expected a value in every row, got a null"),
        (
            {"vector": [[1.0]], "id": [1]},
            "expected a column named 'embeddings', 'collection' or 'class', got vector, id",
        ),
    ],
)
def test_parquet_that_holds_something_else_is_named(tmp_path, columns, message):
    path = write_parquet(tmp_path / "x.parquet", columns)
    with pytest.raises(FileFormatError, match=message):
        read_arrays(path)


def test_null_inside_a_vector_is_no_number(tmp_path):
    path = write_parquet(
        tmp_path / "x.parquet", {"embeddings": [[1.0, None], [1.0, 2.0]], "collection": [1, 2], "class": [1, 2]}
    )
    with pytest.raises(
        MissingEntryError, match="column 'embeddings': expected a number at every entry, got a null for object 0"
    ):
        read_labelled(read_arrays(path))
    path = write_parquet(tmp_path / "x.parquet", {"embeddings": [[1.0, 2.0]] * 5 + [[1.0, None]] + [[1.0, 2.0]]})
    with pytest.raises(EmbeddingDtypeError, match="got a null for object 5"):
        read_arrays(path)


def test_a_null_names_its_row(tmp_path):
    for column in ("collection", "embeddings"):
        values = [[1.0], [2.0], None] if column == "embeddings" else ["a", "b", None]
        with pytest.raises(
            FileFormatError, match=f"column '{column}': expected a value in every row, got a null in row 2"
        ):
            read_arrays(write_parquet(tmp_path / "x.parquet", {column: values}))


def test_whole_numbers_of_parquet_are_exact(tmp_path):
    import pyarrow

    large = [2**63 + 1, 2**63, 5]
    path = write_parquet(
        tmp_path / "x.parquet",
        {
            "class": pyarrow.array(large, pyarrow.uint64()),
            "collection": ["a", "a\0", "b"],
            "embeddings": [[1, 2**53], [3, 4], [5, 6]],
        },
    )
    arrays = read_arrays(path)
    assert arrays["class"].tolist() == large
    assert arrays["collection"].tolist() == ["a", "a\0", "b"]
    assert arrays["embeddings"].dtype == np.int64
    labelled = read_labelled(arrays)
    assert labelled.class_names == ("5", str(2**63), str(2**63 + 1))
    assert labelled.names == ("a", "a\0", "b")


def test_dictionaries_and_tensors_of_parquet(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    tensors = pyarrow.FixedShapeTensorArray.from_numpy_ndarray(POINTS)
    path = write_parquet(
        tmp_path / "x.parquet",
        {"embeddings": tensors, "collection": pyarrow.array(COLLECTION).dictionary_encode(), "class": CLASS},
    )
    assert same(read_arrays(path), {"embeddings": POINTS, **LABELS})


def test_two_columns_of_one_name_are_named(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    twice = pyarrow.table([pyarrow.array([1, 2])] * 3, names=["class", "note", "class"])
    parquet.write_table(twice, tmp_path / "x.parquet")
    with pytest.raises(FileFormatError, match="path: expected each name once, got 'class' twice; rename one"):
        read_arrays(tmp_path / "x.parquet")
    # Of a column that is not read there may be two.
    parquet.write_table(twice.rename_columns(["note", "class", "note"]), tmp_path / "x.parquet")
    assert same(read_arrays(tmp_path / "x.parquet"), {"class": np.array([1, 2])})
    content = io.BytesIO()
    np.save(content, POINTS)
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("embeddings.npy", content.getvalue())
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("embeddings.npy", content.getvalue())
    with pytest.raises(FileFormatError, match="got 'embeddings' twice"):
        read_arrays(tmp_path / "x.npz")


def test_a_folder_of_parts_is_one_file(tmp_path):
    folder = tmp_path / "points.parquet"
    folder.mkdir()
    for number, rows in enumerate((slice(0, 3), slice(3, 7), slice(7, 8))):
        columns = {"embeddings": list(POINTS[rows]), "collection": COLLECTION[rows], "class": CLASS[rows]}
        write_parquet(folder / f"part-{number:04d}.snappy.parquet", columns)
    (folder / "_SUCCESS").touch()
    (folder / "_metadata.parquet").write_bytes(b"no part")
    (folder / ".part-0000.crc").write_bytes(b"no part")
    assert same(read_arrays(folder), {"embeddings": POINTS, **LABELS})
    assert read_labelled(read_arrays(str(folder))).names == ("a", "b", "c", "d")


def test_folders_named_by_a_column_are_a_column(tmp_path):
    for name in ("B", "A"):
        (tmp_path / f"class={name}").mkdir()
        chosen = name == CLASS
        write_parquet(
            tmp_path / f"class={name}" / "0.parquet",
            {"embeddings": list(POINTS[chosen]), "collection": COLLECTION[chosen]},
        )
    assert same(read_arrays(tmp_path), {"embeddings": POINTS, **LABELS})


def test_damaged_and_other_parts_are_named(tmp_path):
    write_parquet(tmp_path / "0.parquet", {"class": ["A"], "collection": ["a"]})
    write_parquet(tmp_path / "1.parquet", {"class": ["A"], "note": ["a"]})
    with pytest.raises(
        FileFormatError, match="column 'collection': expected a value in every row, got a null in row 1"
    ):
        read_arrays(tmp_path)
    (tmp_path / "1.parquet").write_bytes(b"no file of that kind")
    with pytest.raises(FileFormatError, match=r"path: expected a readable \.parquet file, got "):
        read_arrays(tmp_path)


def test_a_pipe_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "x.npz")
    with pytest.raises(FileFormatError, match=r"path: expected a file of embeddings, got .*x\.npz, which is a pipe"):
        read_arrays(tmp_path / "x.npz")


def test_every_format_is_in_the_table(tmp_path):
    assert list(FORMATS) == [".npz", ".npy", ".csv", ".safetensors", ".parquet", ".pt", ".pth"]
    assert all(suffix == known.suffix for suffix, known in FORMATS.items())


def test_floats_of_eight_bits_become_float32(tmp_path):
    from safetensors.torch import save_file

    tensor = torch.tensor([[1.0, 3.5], [-2.0, 0.0]])
    save_file({"embeddings": tensor.to(torch.float8_e4m3fn)}, tmp_path / "x.safetensors")
    array = read_arrays(tmp_path / "x.safetensors")["embeddings"]
    assert array.dtype == np.float32
    assert array.tolist() == tensor.tolist()


# --------------------------------------------------------------------------------------------------------- triples


def test_three_named_arrays_are_a_triple():
    arrays = {"G3": POINTS[:1], "G1": POINTS[1:2], "G2": POINTS[2:3], "other": POINTS}
    assert [array.tolist() for array in read_triple(arrays)] == [
        POINTS[1:2].tolist(),
        POINTS[2:3].tolist(),
        POINTS[:1].tolist(),
    ]


def test_one_array_of_three_collections_is_a_triple():
    stacked = np.arange(24.0).reshape(3, 2, 4)
    np.testing.assert_array_equal(np.stack(read_triple({"embeddings": stacked})), stacked)


@pytest.mark.parametrize(
    "arrays",
    [
        {},
        {"embeddings": POINTS},
        {"embeddings": POINTS[:3]},
        {"embeddings": np.zeros((4, 2, 2))},
        {"G1": POINTS, "G2": POINTS},
    ],
)
def test_anything_else_is_no_triple(arrays):
    assert read_triple(arrays) is None


# ---------------------------------------------------------------------------------------------------------- labels


@pytest.mark.parametrize("points", ["embeddings", "embedding"])
@pytest.mark.parametrize(("collection", "classes"), [("collection", "class"), ("character", "alphabet")])
def test_labels_group_the_points(points, collection, classes):
    labelled = read_labelled({points: POINTS, collection: COLLECTION, classes: CLASS})
    assert labelled.names == ("a", "b", "c", "d")
    assert labelled.class_names == ("A", "B")
    assert [rows.tolist() for rows in labelled.members] == [[0, 1], [2, 3], [4, 5], [6, 7]]


def test_labels_may_come_from_a_file_of_their_own():
    assert read_labelled({"embeddings": POINTS}, LABELS).names == ("a", "b", "c", "d")


def test_labels_of_their_own_count_before_the_files():
    others = {"character": np.arange(8), "class": np.arange(8) // 4}
    labelled = read_labelled({"embeddings": POINTS, **LABELS}, others)
    assert labelled.names == tuple("01234567")
    assert labelled.class_names == ("0", "1")


def test_embeddings_never_come_from_the_labels_file():
    labels = {"embeddings": -POINTS, **LABELS}
    np.testing.assert_array_equal(read_labelled({"embeddings": POINTS}, labels).points, POINTS)
    with pytest.raises(FileFormatError, match="'embeddings'"):
        read_labelled({}, labels)


@pytest.mark.parametrize("missing", ["embeddings", "collection", "class"])
def test_what_is_missing_is_named_beside_what_came(missing):
    arrays = {"embeddings": POINTS, **LABELS}
    del arrays[missing]
    with pytest.raises(FileFormatError, match=rf"'{missing}' or .*got arrays '\w+', '\w+'; give labels in the file"):
        read_labelled(arrays)


def test_labels_of_another_length_are_named():
    with pytest.raises(InvalidValueError, match=r"collection labels: expected shape \(8,\).*\(7,\)"):
        read_labelled({"embeddings": POINTS, "collection": COLLECTION[:7], "class": CLASS})


def test_a_triple_is_found_by_its_names():
    labelled = read_labelled({"embeddings": POINTS, **LABELS})
    assert triple_named(labelled, ("b", "a", "d")).tolist() == [[1, 0, 3]]


def test_numbers_may_be_names():
    labelled = read_labelled({"embeddings": POINTS, "collection": np.arange(8) // 2 + 7, "class": CLASS})
    assert triple_named(labelled, ("7", "8", "10")).tolist() == [[0, 1, 3]]


@pytest.mark.parametrize(
    ("names", "option"), [(("x", "a", "d"), "G1"), (("a", "", "d"), "G2"), (("a", "b", "A"), "G3")]
)
def test_a_name_that_is_none_is_named(names, option):
    with pytest.raises(
        InvalidValueError, match=rf"names of {option}: expected a collection of the file \(a, b, c, d, …\), got"
    ):
        triple_named(read_labelled({"embeddings": POINTS, **LABELS}), names)


@pytest.mark.parametrize("names", [("a", "c", "d"), ("a", "b", "a"), ("a", "b", "b")])
def test_classes_that_make_no_triple_are_named(names):
    with pytest.raises(
        InvalidValueError, match="names of G1, G2 and G3: expected two collections of one class and one of another"
    ):
        triple_named(read_labelled({"embeddings": POINTS, **LABELS}), names)


def test_embeddings_that_are_not_finite_are_named():
    points = POINTS.copy()
    points[3, 1] = np.nan
    with pytest.raises(NonFiniteError, match="3"):
        read_labelled({"embeddings": points, **LABELS})


def test_columns_of_a_table_are_coordinates_by_any_names(tmp_path):
    import pandas as pd

    frame = pd.DataFrame(POINTS, columns=["width", "height", "depth"]).assign(collection=COLLECTION, **{"class": CLASS})
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_parquet(tmp_path / "a.parquet")
    frame.rename(columns={"width": "x0", "height": "x1", "depth": "x2"}).assign(note="n").to_parquet(
        tmp_path / "b.parquet"
    )
    for name in ("a.csv", "a.parquet", "b.parquet"):
        found = read_labelled(read_arrays(tmp_path / name))
        np.testing.assert_array_equal(found.points, POINTS)
        assert found.names == ("a", "b", "c", "d")


@pytest.mark.parametrize("columns", [["x0", "x1", "x3"], ["x1", "x2", "x4"], ["width", "e_0", "e_2"]])
def test_numbered_columns_with_a_number_left_out_are_no_names_of_any_kind(tmp_path, columns):
    import pandas as pd

    frame = pd.DataFrame(POINTS, columns=columns).assign(collection=COLLECTION, **{"class": CLASS})
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_parquet(tmp_path / "a.parquet")
    for name in ("a.csv", "a.parquet"):
        with pytest.raises(FileFormatError, match=f"after '{columns[1]}'; add what is missing"):
            read_arrays(tmp_path / name)


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("number", range(8), "'number', which counts the rows; drop it"),
        ("number", range(1, 9), "'number', which counts the rows"),
        ("id", [5, 3, 9, 1, 2, 2, 2, 2], "'id', by its name no coordinate"),
        ("Unnamed: 0", [5, 3, 9, 1, 2, 2, 2, 2], "'Unnamed: 0', by its name no coordinate"),
        ("note", list("abcdefgh"), "no number in column 'note', row 0"),
    ],
)
def test_a_column_that_is_no_coordinate_is_named(tmp_path, column, values, message):
    import pandas as pd

    frame = pd.DataFrame(POINTS, columns=["width", "height", "depth"]).assign(collection=COLLECTION, **{"class": CLASS})
    frame.insert(0, column, values)
    frame.to_csv(tmp_path / "a.csv", index=False)
    with pytest.raises(FileFormatError, match=re.escape(message)):
        read_arrays(tmp_path / "a.csv")


@pytest.mark.parametrize("suffix", [".pt", ".pth"])
def test_tensors_that_torch_saved(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    torch.save(
        {"embeddings": torch.from_numpy(POINTS), "collection": COLLECTION.tolist(), "class": torch.arange(8) // 4}, path
    )
    found = read_labelled(read_arrays(path))
    np.testing.assert_array_equal(found.points, POINTS)
    assert found.names == ("a", "b", "c", "d")
    torch.save(torch.from_numpy(POINTS), path)
    np.testing.assert_array_equal(read_arrays(path)["embeddings"], POINTS)
    torch.save([1, 2], path)
    with pytest.raises(FileFormatError, match="a tensor, or tensors and lists by name, got list"):
        read_arrays(path)
    torch.save({"embeddings": object()}, path)
    with pytest.raises(FileFormatError, match=r"a readable \.pt"):
        read_arrays(path)
