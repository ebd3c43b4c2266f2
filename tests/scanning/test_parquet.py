"""Every row on disk: what is read back is what the summary counted, and nothing is ever half there."""

import builtins
import errno
import json
import os

import numpy as np
import pytest

from boundcheck.errors import CheckpointError, InvalidTypeError, InvalidValueError, MissingDependencyError
from boundcheck.evaluate import CODES, Verdict
from boundcheck.language import m
from boundcheck.scanning import LabelledPoints
from boundcheck.scanning import parquet as module
from boundcheck.scanning.blocks import EveryTriple
from boundcheck.scanning.grids import Grid, GridSides, Stage
from boundcheck.scanning.parquet import RowFolder
from boundcheck.scanning.summary import ScanSummary
from boundcheck.theorems import KNOWN

pytest.importorskip("pyarrow")
from pyarrow import compute, parquet

COUNTED = (Verdict.HOLDS, Verdict.FAILS, Verdict.UNDECIDED, Verdict.VACUOUS)


def labelled(sizes=(3,), per_class=(3, 2, 4), class_names=None, seed=0):
    random = np.random.default_rng(seed)
    collection = np.repeat(np.arange(sum(per_class)), np.resize(sizes, sum(per_class)))
    classes = np.repeat(np.arange(len(per_class)), per_class)[collection]
    points = random.normal(size=(len(collection), 3)) + 2 * random.normal(size=(collection[-1] + 1, 3))[collection]
    found = LabelledPoints.from_labels(points, collection, classes)
    names = found.class_names if class_names is None else tuple(class_names)
    return LabelledPoints(found.points, found.members, found.classes, found.names, names)


def made(tmp_path, points, bounds=("karimov-any-sizes", "chamfer"), parameters=("m",), sides=True, digest="a digest"):
    return RowFolder(
        tmp_path / "rows", digest, bounds, parameters, points.classes, points.names, points.class_names, sides=sides
    )


def every_of(points, bounds=("karimov-any-sizes", "chamfer"), **options):
    return EveryTriple(points, [KNOWN[name] for name in bounds], **options)


def grid(anchor=0, positives=(1,), negatives=(3, 4), shape=None, sides=True):
    shape = (len(positives), len(negatives)) if shape is None else shape
    numbers = [np.zeros(shape)] * 4 if sides else []
    code = np.zeros(shape, dtype=np.int8)
    bounds = {name: GridSides(code, code, *numbers) for name in ("karimov-any-sizes", "chamfer")}
    return Grid(anchor, np.array(positives), np.array(negatives), bounds, {"m": (np.zeros(shape), np.zeros(shape))})


def partial_files(folder):
    return [path for path in folder.rglob("*") if path.name.startswith(".")]


@pytest.mark.parametrize("sizes", [(3,), (1, 2, 4)])
@pytest.mark.parametrize("verdicts_only", [False, True])
@pytest.mark.parametrize("parameters", [{}, {m: 0.5}])
def test_what_is_read_back_is_what_the_summary_counted(tmp_path, monkeypatch, sizes, verdicts_only, parameters):
    monkeypatch.setattr("boundcheck.scanning.blocks._BLOCK_ROWS", 8)
    points = labelled(sizes)
    every = every_of(points, verdicts_only=verdicts_only, parameters=parameters)
    symbols = [] if verdicts_only or parameters else ["m"]
    rows = made(tmp_path, points, parameters=symbols, sides=not verdicts_only)
    names = [bound.name for bound in every.bounds]
    summary = ScanSummary.empty(
        names, symbols, points.classes, points.names, points.class_names, sides=not verdicts_only
    )
    for block in every.blocks():
        grids = list(every.grids(block))
        rows.write(block.key, iter(grids))
        for one in grids:
            summary.add(one)
    assert rows.done() == rows.done(thorough=True) == tuple(sorted(block.key for block in every.blocks()))
    table = rows.dataset().to_table()
    assert len(table) == summary.triples == every.count
    triples = np.stack([table[name].to_numpy() for name in ("anchor", "positive", "negative")], axis=1)
    assert len(np.unique(triples, axis=0)) == every.count
    assert [points.class_names[k] for k in points.classes[triples[:, 0]]] == table["class"].to_pylist()
    for name, found in summary.bounds.items():
        counted = np.zeros_like(found.by_pair)
        codes = np.array([COUNTED.index(Verdict(value)) for value in table[f"{name}_verdict"].to_pylist()])
        np.add.at(counted, (points.classes[triples[:, 0]], points.classes[triples[:, 2]], codes), 1)
        np.testing.assert_array_equal(counted, found.by_pair)
        stages = compute.value_counts(table[f"{name}_stage"].cast("string")).to_pylist()
        assert {one["values"]: one["counts"] for one in stages} == {
            stage.name.lower(): int(found.stages[stage]) for stage in Stage if found.stages[stage]
        }
        if not verdicts_only:
            for best in found.tightest:
                (at,) = np.flatnonzero((triples == best.triple).all(axis=1))
                for side in ("lhs", "rhs"):
                    low, high = (table[f"{name}_{side}_{end}"][int(at)].as_py() for end in ("lo", "hi"))
                    value, error = getattr(best, side), getattr(best, f"{side}_error")
                    assert low <= value <= high
                    assert low <= value - error
                    assert value + error <= high
    for symbol in symbols:
        highs = table[f"{symbol}_hi"].to_numpy()
        assert summary.parameters[symbol].below_zero >= np.count_nonzero(highs < 0)
        assert (table[f"{symbol}_lo"].to_numpy() <= highs).all()


def test_collections_and_metadata_say_what_positions_are(tmp_path):
    points = labelled()
    rows = made(tmp_path, points)
    table = parquet.read_table(rows.folder / "_collections.parquet")
    assert table["name"].to_pylist() == list(points.names)
    assert table["class_name"].to_pylist() == [points.class_names[k] for k in points.classes]
    known = json.loads((rows.folder / "_metadata.json").read_text())
    assert (known["digest"], known["bounds"], known["folders"]) == (
        "a digest",
        ["karimov-any-sizes", "chamfer"],
        "names",
    )
    assert rows.dataset().count_rows() == 0


AWKWARD = [
    ("007", "1e5", "nan"),
    ("../..", "a/b", "."),
    ("ελληνικά", "a b=c%2F", "con."),
    ("Latin", "latin", "x"),
    ("", "a", "b"),
    ("x" * 300, "a", "b"),
    ("__HIVE_DEFAULT_PARTITION__", "a", "b"),
]


@pytest.mark.parametrize(("names", "by_name"), list(zip(AWKWARD, [True] * 3 + [False] * 4, strict=True)))
def test_class_names_come_back_whatever_they_are(tmp_path, names, by_name):
    points = labelled(class_names=names)
    rows, every = made(tmp_path, points), every_of(points)
    for block in every.blocks():
        path = rows.write(block.key, every.grids(block))
        assert path.parent.parent == rows.folder
        assert path.is_file()
    table = rows.dataset().to_table()
    expected = names if by_name else [str(number) for number in range(3)]
    assert table["class"].to_pylist() == [expected[points.classes[k]] for k in table["anchor"].to_pylist()]
    assert json.loads((rows.folder / "_metadata.json").read_text())["folders"] == ("names" if by_name else "numbers")


def test_a_block_that_is_there_is_left_and_one_that_is_damaged_is_not_done(tmp_path):
    points = labelled()
    rows, every = made(tmp_path, points), every_of(points)
    blocks = every.blocks()
    paths = {block.key: rows.write(block.key, every.grids(block)) for block in blocks}
    again = made(tmp_path, points)
    assert again.done() == tuple(sorted(paths))
    assert again.paths() == paths
    first, second, third = (block.key for block in blocks)
    whole = paths[first].read_bytes()
    for cut in (0, 3, len(whole) // 2, len(whole) - 1):
        paths[first].write_bytes(whole[:cut])
        assert again.done() == (second, third)
        # What is whole can be read, whatever lies beside it.
        assert set(again.dataset().to_table()["class"].to_pylist()) == {"1", "2"}
    again.write(first, every.grids(blocks[0]))
    assert paths[first].read_bytes() == whole
    # In the middle of a page, which only its checksum shows.
    damaged = bytearray(paths[second].read_bytes())
    damaged[60] ^= 0xFF
    paths[second].write_bytes(bytes(damaged))
    assert again.done() == (first, second, third)
    assert again.done(thorough=True) == (first, third)


def test_a_file_of_another_scan_or_under_another_key_is_not_done(tmp_path):
    points = labelled()
    every = every_of(points)
    block = every.blocks()[0]
    path = made(tmp_path, points).write(block.key, every.grids(block))
    path.rename(path.with_name("part-other.parquet"))
    other = made(tmp_path / "other", points, digest="another").write(block.key, every.grids(block))
    path.write_bytes(other.read_bytes())
    assert made(tmp_path, points).done() == ()


def test_a_folder_of_another_scan_is_refused_before_anything_is_written(tmp_path):
    points = labelled()
    rows = made(tmp_path, points)
    (rows.folder / "_collections.parquet").unlink()
    with pytest.raises(CheckpointError, match=r"rows of these inputs.*'other'.*'a digest'; give the inputs"):
        made(tmp_path, points, digest="other")
    with pytest.raises(
        CheckpointError, match=r"rows with bounds \['chamfer'\], got bounds \['karimov-any-sizes', 'cha"
    ):
        made(tmp_path, points, bounds=["chamfer"])
    assert sorted(path.name for path in rows.folder.iterdir()) == ["_metadata.json"]
    known = rows.folder / "_metadata.json"
    known.write_text(known.read_text().replace('"format": 1', '"format": 99'))
    with pytest.raises(CheckpointError, match="format 99, of another version of boundcheck; finish"):
        made(tmp_path, points)
    for text in ("[", "[]", "{}", "\xff"):
        known.write_text(text, encoding="latin-1")
        with pytest.raises(CheckpointError, match="a file that cannot be read"):
            made(tmp_path, points)


def test_a_folder_of_something_else_is_refused(tmp_path):
    points = labelled()
    (tmp_path / "rows").mkdir()
    (tmp_path / "rows" / "thesis.tex").touch()
    with pytest.raises(CheckpointError, match=r"an empty folder.*thesis\.tex and no _metadata\.json; name another"):
        made(tmp_path, points)
    (tmp_path / "rows" / "thesis.tex").unlink()
    (tmp_path / "rows").rmdir()
    (tmp_path / "rows").write_text("")
    with pytest.raises(CheckpointError, match="a folder, not a file"):
        made(tmp_path, points)


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (errno.ENOSPC, "room on the disk for one more block, got No space left on device; finished blocks are kept"),
        (errno.EROFS, "can be written, got Read-only file system; it is as it was; make it and its folder writable"),
        (errno.EIO, "read and written, got Input/output error; finished blocks are kept; when that is mended"),
    ],
)
@pytest.mark.parametrize("call", ["fsync", "write"])
def test_what_the_disk_refuses_leaves_nothing_half_written(tmp_path, monkeypatch, number, message, call):
    points = labelled()
    rows, every = made(tmp_path, points), every_of(points)
    first, second, _ = every.blocks()
    rows.write(first.key, every.grids(first))
    before = sorted(rows.folder.rglob("*.parquet"))

    def refuse(*_, **__):
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patched:
        if call == "fsync":
            patched.setattr("boundcheck.atomic.os.fsync", refuse)
        else:
            patched.setattr(module.Path, "open", lambda path, mode: _Refusing(path, refuse))
        with pytest.raises(CheckpointError, match=message):
            rows.write(second.key, every.grids(second))
    assert sorted(rows.folder.rglob("*.parquet")) == before
    assert not partial_files(rows.folder)
    rows.write(second.key, every.grids(second))
    assert rows.done(thorough=True) == (first.key, second.key)


class _Refusing:
    """A file that takes a few bytes and no more."""

    def __init__(self, path, refuse):
        self._file, self._left, self._refuse = builtins.open(path, "wb"), 100, refuse  # noqa: SIM115 - closed below

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._file.close()

    def write(self, data):
        self._left -= len(data)
        return self._refuse() if self._left < 0 else self._file.write(data)

    def __getattr__(self, name):
        return getattr(self._file, name)


@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), RuntimeError("of the work"), OSError(errno.ENOSPC, "elsewhere")]
)
def test_an_error_of_the_grids_is_theirs_and_leaves_nothing(tmp_path, error):
    rows = made(tmp_path, labelled())

    def grids():
        yield grid()
        raise error

    with pytest.raises(type(error)) as caught:
        rows.write("a", grids())
    assert caught.value is error
    assert rows.done() == ()
    assert not list(rows.folder.rglob("part-*"))
    assert not partial_files(rows.folder)


def test_grids_that_do_not_fit_are_refused(tmp_path):
    rows = made(tmp_path, labelled())
    for wrong, message in (
        (grid(negatives=(3, 99)), "grid: expected positions of 9 collections, got 0 to 99"),
        (grid(shape=(2, 2)), r"grid, 'm': expected shape \(1, 2\), got \(2, 2\)"),
        (grid(sides=False), "both sides, got verdicts alone; make the folder with sides=False"),
        (
            grid(anchor=3, positives=(4,), negatives=(0,)),
            "block 'a': expected anchors of class '0' alone.*got '3' of '1'",
        ),
        (
            Grid(0, np.array([1]), np.array([3]), {}),
            r"grid: expected bounds \['karimov-any-sizes', 'chamfer'\], got \[\]",
        ),
        (Grid(0, np.array([1]), np.array([3, 4]), grid().bounds), r"grid: expected parameters \['m'\], got \[\]"),
    ):
        with pytest.raises(InvalidValueError, match=message):
            rows.write("a", [grid(), wrong])
    with pytest.raises(InvalidTypeError, match="grids: expected Grids, got int"):
        rows.write("a", [3])
    with pytest.raises(InvalidTypeError, match="key: expected a string that is not empty"):
        rows.write("", [grid()])
    assert rows.done() == ()


def test_a_block_without_triples_is_done_and_has_no_rows(tmp_path):
    rows = made(tmp_path, labelled())
    rows.write("empty", [])
    rows.write("a", [grid()])
    assert rows.done() == ("a", "empty")
    assert rows.dataset().to_table()["class"].to_pylist() == ["0", "0"]


def test_keys_may_be_any_text(tmp_path):
    rows = made(tmp_path, labelled())
    keys = ["0-0-0", "a/b", "..", "ключ", "a%2Fb", "Ünï codé"]
    for key in keys:
        rows.write(key, [grid()])
    assert rows.done() == tuple(sorted(keys))


def test_rows_are_in_groups_of_some_length(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_LEAST_ROWS", 5)
    monkeypatch.setattr(module, "_MOST_ROWS", 6)
    rows = made(tmp_path, labelled())
    path = rows.write("a", [grid(positives=(1, 2), negatives=range(3, 9)), grid(1, (0,)), grid(2, (0,))])
    read = parquet.ParquetFile(path)
    assert [read.metadata.row_group(k).num_rows for k in range(read.num_row_groups)] == [6, 6, 4]
    table = read.read()
    assert table["negative"].to_pylist() == [*range(3, 9), *range(3, 9), 3, 4, 3, 4]
    assert table["positive"].to_pylist() == [1] * 6 + [2] * 6 + [0] * 4
    assert table["anchor"].to_pylist() == [0] * 12 + [1] * 2 + [2] * 2


def test_names_that_make_one_column_twice_and_classes_that_do_not_fit(tmp_path):
    points = labelled()
    with pytest.raises(InvalidValueError, match="no two make one column, got 'a_lhs_lo' twice"):
        made(tmp_path, points, bounds=["a"], parameters=["a_lhs"])
    with pytest.raises(InvalidValueError, match="'chamfer_verdict' twice"):
        made(tmp_path, points, bounds=["chamfer", "chamfer"])
    with pytest.raises(InvalidTypeError, match="bounds: expected several names"):
        made(tmp_path, points, bounds="chamfer")
    with pytest.raises(InvalidTypeError, match="digest: expected a string, got bytes"):
        made(tmp_path, points, digest=b"")
    for classes, names, kinds, message in (
        ([0, 1], ["a"], ["x", "y"], "names: expected one for each of 2 collections"),
        ([0, 2], ["a", "b"], ["x", "y"], "classes: expected positions among 2 names, got 0 to 2"),
        ([0.5], ["a"], ["x"], "classes: expected integers"),
    ):
        with pytest.raises((InvalidTypeError, InvalidValueError), match=message):
            RowFolder(tmp_path / "rows", "", ["b"], [], classes, names, kinds)
    assert not (tmp_path / "rows").exists()


def test_without_pyarrow_the_message_says_what_to_install(tmp_path, monkeypatch):
    imported = builtins.__import__

    def missing(name, *arguments, **options):
        if name.partition(".")[0] == "pyarrow":
            raise ImportError(name)
        return imported(name, *arguments, **options)

    points = labelled()
    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(MissingDependencyError, match=r"pip install 'boundcheck\[parquet\]'"):
        made(tmp_path, points)


def test_verdicts_are_words(tmp_path):
    path = made(tmp_path, labelled()).write("a", [grid()])
    field = parquet.read_schema(path).field("chamfer_verdict")
    assert (str(field.type.index_type), str(field.type.value_type)) == ("int8", "string")
    assert [code.value for code in CODES] == module._VERDICTS
