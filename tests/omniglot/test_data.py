"""The reader of Omniglot: what it returns for good archives, and what it says about bad ones."""

import hashlib
import io
import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from boundcheck.errors import BoundcheckError, DataError, InvalidTypeError, InvalidValueError
from boundcheck.omniglot import data as module
from boundcheck.omniglot.data import ALPHABETS, PARTS, Drawings, cache_directory, load

CHARACTERS = {
    "background": [("Greek", 1, 394), ("Greek", 2, 395), ("Arcadian", 1, 20)],
    "evaluation": [("Angelic", 1, 965)],
}
FIRST = "images_background/Arcadian/character01/0020_01.png"


def png(pixels: np.ndarray) -> bytes:
    """Encode 255 (ink) as the black of a one-bit PNG, as Omniglot does."""
    buffer = io.BytesIO()
    Image.fromarray(255 - pixels).convert("1", dither=Image.Dither.NONE).save(buffer, "PNG")
    return buffer.getvalue()


def drawing(seed: int, shape: tuple[int, int] = (105, 105)) -> np.ndarray:
    return np.random.default_rng(seed).choice(np.array([0, 255], dtype=np.uint8), shape, p=[0.9, 0.1])


def synthetic(part: str, drawers: int = 20) -> dict[str, bytes]:
    """Return the files of a tiny part of the official layout, in no helpful order."""
    return {
        f"images_{part}/{alphabet}/character{character:02d}/{number:04d}_{drawer:02d}.png": png(
            drawing(1000 * number + drawer)
        )
        for alphabet, character, number in CHARACTERS[part]
        for drawer in range(drawers, 0, -1)
    }


def write_zip(path: Path, files: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def write_folder(root: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)


@pytest.fixture(scope="module")
def files() -> dict[str, dict[str, bytes]]:
    return {part: synthetic(part) for part in PARTS}


@pytest.fixture
def mini(tmp_path: Path, files: dict[str, dict[str, bytes]], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with both archives, which count as the complete data set for this test."""
    for part in PARTS:
        write_zip(tmp_path / f"images_{part}.zip", files[part])
        counts: dict[str, int] = {}
        for alphabet, _, _ in CHARACTERS[part]:
            counts[alphabet] = counts.get(alphabet, 0) + 1
        monkeypatch.setitem(ALPHABETS, part, counts)
    return tmp_path


@pytest.fixture
def background(files: dict[str, dict[str, bytes]]) -> dict[str, bytes]:
    return dict(files["background"])


def fails(directory: Path, *fragments: str, complete: bool = False) -> None:
    """Check that the background part is refused with a message that holds every fragment."""
    with pytest.raises(DataError) as caught:
        load(directory, parts=("background",), size=8, complete=complete)
    for fragment in fragments:
        assert fragment in str(caught.value)


# What good archives give


def test_order_and_labels(mini: Path) -> None:
    drawings = load(mini, size=8)
    assert len(drawings) == 80
    assert drawings.alphabet_names == ("Arcadian", "Greek", "Angelic")
    assert drawings.character_names == (
        "Arcadian/character01",
        "Greek/character01",
        "Greek/character02",
        "Angelic/character01",
    )
    np.testing.assert_array_equal(drawings.alphabet, np.repeat([0, 1, 1, 2], 20))
    np.testing.assert_array_equal(drawings.character, np.repeat([0, 1, 2, 3], 20))
    np.testing.assert_array_equal(drawings.drawer, np.tile(np.arange(1, 21), 4))
    np.testing.assert_array_equal(drawings.evaluation, np.repeat([False, False, False, True], 20))


def test_names_are_sorted_by_alphabet_not_by_path(tmp_path: Path, background: dict[str, bytes]) -> None:
    # As paths, "Greek-old/…" comes before "Greek/…".
    old = {name.replace("Greek", "Greek-old"): content for name, content in background.items()}
    write_zip(tmp_path / "images_background.zip", {**background, **old})
    drawings = load(tmp_path, size=8, parts=("background",), complete=False)
    assert drawings.alphabet_names == ("Arcadian", "Greek", "Greek-old")


def test_types(mini: Path) -> None:
    drawings = load(mini, size=8)
    assert drawings.images.shape == (80, 8, 8)
    assert drawings.images.dtype == np.uint8
    assert drawings.evaluation.dtype == np.bool_
    assert {drawings.alphabet.dtype, drawings.character.dtype, drawings.drawer.dtype} == {np.dtype(np.int16)}


def test_full_size_gives_the_pixels_themselves(mini: Path) -> None:
    drawings = load(mini, size=105)
    np.testing.assert_array_equal(drawings.images[0], drawing(20_001))
    np.testing.assert_array_equal(drawings.images[25], drawing(394_006))
    np.testing.assert_array_equal(drawings.images[-1], drawing(965_020))


def triangle_weights(side: int) -> np.ndarray:
    """Return [side, 105], the weight of each old pixel in each new one, independently of Pillow."""
    scale = 105 / side
    distance = np.abs((np.arange(105) + 0.5)[None, :] - (np.arange(side) + 0.5)[:, None] * scale)
    weights = np.maximum(0.0, 1.0 - distance / scale)
    return weights / weights.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("side", [1, 28, 35, 64, 104])
def test_scaling_averages_the_covered_pixels(mini: Path, side: int) -> None:
    weights = triangle_weights(side)
    expected = weights @ drawing(20_001).astype(float) @ weights.T
    # Pillow rounds to whole grey levels after each of its two passes.
    np.testing.assert_allclose(load(mini, size=side).images[0], expected, atol=1.5)


def test_parts_come_once_and_background_first(mini: Path) -> None:
    both = load(mini, size=8, parts=("evaluation", "background", "evaluation"))
    np.testing.assert_array_equal(both.images, load(mini, size=8).images)
    evaluation = load(mini, size=8, parts=["evaluation"])
    np.testing.assert_array_equal(evaluation.images, both.images[60:])
    assert evaluation.character_names == ("Angelic/character01",)
    assert evaluation.evaluation.all()


@pytest.mark.parametrize("nested", ["", "omniglot-py", "python"])
@pytest.mark.parametrize("kind", ["zip", "folder"])
def test_every_place_and_kind_gives_the_same(
    mini: Path, files: dict[str, dict[str, bytes]], nested: str, kind: str
) -> None:
    other = mini / "other"
    (other / nested).mkdir(parents=True)
    for part in PARTS:
        if kind == "zip":
            write_zip(other / nested / f"images_{part}.zip", files[part], zipfile.ZIP_STORED)
        else:
            write_folder(other / nested, files[part])
    np.testing.assert_array_equal(load(other, size=8).images, load(mini, size=8).images)
    assert load(str(other), size=8).character_names == load(mini, size=8).character_names


def test_one_part_as_zip_and_the_other_as_folder(mini: Path, files: dict[str, dict[str, bytes]]) -> None:
    (mini / "images_evaluation.zip").unlink()
    write_folder(mini / "omniglot-py", files["evaluation"])
    assert len(load(mini, size=8)) == 80


def test_directory_entries_and_foreign_files_are_ignored(mini: Path, background: dict[str, bytes]) -> None:
    extra = {
        "images_background/": b"",
        "images_background/Greek/": b"",
        "images_background/.DS_Store": b"x",
        "README.txt": b"x",
        "__MACOSX/images_background/Greek/character01/._0394_01.png": b"x",
    }
    write_zip(mini / "images_background.zip", {**extra, **background})
    assert len(load(mini, size=8)) == 80


def test_same_name_in_both_parts_stays_two_characters(tmp_path: Path, background: dict[str, bytes]) -> None:
    write_folder(tmp_path, background)
    write_folder(tmp_path, {name.replace("background", "evaluation"): content for name, content in background.items()})
    drawings = load(tmp_path, size=8, complete=False)
    np.testing.assert_array_equal(drawings.character, np.repeat(np.arange(6), 20))
    np.testing.assert_array_equal(drawings.alphabet, np.repeat([0, 1, 1, 2, 3, 3], 20))


def test_incomplete_set_on_request(tmp_path: Path, background: dict[str, bytes]) -> None:
    write_zip(tmp_path / "images_background.zip", {FIRST: background[FIRST]})
    drawings = load(tmp_path, size=8, parts=("background",), complete=False)
    assert (len(drawings), drawings.character_names) == (1, ("Arcadian/character01",))


def test_environment_variable(mini: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOUNDCHECK_DATA", str(mini))
    assert len(load(size=8)) == 80


def test_cache_directory_is_the_last_resort(
    mini: Path, files: dict[str, dict[str, bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOUNDCHECK_DATA", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(mini / "cache"))
    with pytest.raises(DataError, match=r"no BOUNDCHECK_DATA.*pass data=DIR.*BOUNDCHECK_DATA.*with download\(\)"):
        load(size=8)
    assert cache_directory() == mini / "cache" / "boundcheck" / "omniglot"
    for part in PARTS:
        write_zip(cache_directory() / f"images_{part}.zip", files[part])
    assert len(load(size=8)) == 80


@pytest.mark.parametrize("value", ["", "relative/path"])
def test_cache_directory_without_a_usable_variable(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", value)
    monkeypatch.setenv("HOME", "/home/somebody")
    assert cache_directory() == Path("/home/somebody/.cache/boundcheck/omniglot")


def test_progress_bar_on_request_only(mini: Path, capsys: pytest.CaptureFixture[str]) -> None:
    load(mini, size=8)
    assert capsys.readouterr() == ("", "")
    load(mini, size=8, progress=True)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "images_background.zip" in shown.err
    assert "images_evaluation.zip" in shown.err


# Subsets


@pytest.fixture
def drawings(mini: Path) -> Drawings:
    return load(mini, size=8)


def test_subset_by_mask_and_by_positions(drawings: Drawings) -> None:
    mask = drawings.alphabet == 1
    chosen = drawings.subset(mask)
    assert len(chosen) == 40
    assert chosen.character_names == drawings.character_names
    for field in ("images", "alphabet", "character", "drawer", "evaluation"):
        np.testing.assert_array_equal(getattr(chosen, field), getattr(drawings, field)[mask])
        same = getattr(drawings.subset(np.flatnonzero(mask)), field)
        np.testing.assert_array_equal(getattr(chosen, field), same)


def test_subset_keeps_the_order_given(drawings: Drawings) -> None:
    np.testing.assert_array_equal(drawings.subset([7, 0, -1]).drawer, [8, 1, 20])


def test_subset_can_be_empty(drawings: Drawings) -> None:
    assert len(drawings.subset([])) == 0
    assert len(drawings.subset(np.zeros(80, dtype=bool))) == 0


def test_subset_copies(drawings: Drawings) -> None:
    drawings.subset(np.arange(80)).images[:] = 7
    assert not (drawings.images == 7).all()


@pytest.mark.parametrize(
    ("chosen", "error", "message"),
    [
        (np.ones(79, dtype=bool), InvalidValueError, r"mask of shape \(80,\).*got shape \(79,\)"),
        ([[1, 2]], InvalidValueError, r"got shape \(1, 2\)"),
        (3, InvalidValueError, r"got shape \(\)"),
        ([0, 80], InvalidValueError, r"positions in \[-80, 80\), got positions from 0 to 80"),
        ([-81], InvalidValueError, r"from -81 to -81"),
        ([0.5], InvalidTypeError, "got dtype float64"),
        (["Greek"], InvalidTypeError, "got dtype <U5"),
    ],
)
def test_subset_refuses(drawings: Drawings, chosen: object, error: type[BoundcheckError], message: str) -> None:
    with pytest.raises(error, match=message):
        drawings.subset(chosen)


# Arguments


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"size": 0}, InvalidValueError, r"size: expected a number of pixels in \[1, 105\], got 0"),
        ({"size": 106}, InvalidValueError, r"got 106"),
        ({"size": 6.4}, InvalidTypeError, "size: expected an integer, got float"),
        ({"size": True}, InvalidTypeError, "got bool"),
        ({"parts": ()}, InvalidValueError, "parts: expected one or both of"),
        ({"parts": ("background", "test")}, InvalidValueError, "'test'"),
        ({"parts": "background"}, InvalidTypeError, r'pass parts=\("background",\)'),
        ({"parts": ([],)}, InvalidValueError, "parts"),
        ({"parts": 3}, InvalidTypeError, "parts"),
        ({"data": 3}, InvalidTypeError, "data: expected the path of a directory, got int"),
    ],
)
def test_invalid_arguments(
    mini: Path, arguments: dict[str, object], error: type[BoundcheckError], message: str
) -> None:
    with pytest.raises(error, match=message):
        load(**{"data": mini, **arguments})


# Bad archives


def test_missing_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = tmp_path / "nowhere"
    fails(nowhere, "data: expected a directory", f"nothing at {nowhere}", "data=DIR", "download()")
    monkeypatch.setenv("BOUNDCHECK_DATA", str(nowhere))
    with pytest.raises(DataError, match="BOUNDCHECK_DATA: expected a directory"):
        load()


def test_file_as_directory(mini: Path) -> None:
    fails(mini / "images_background.zip", "a file at")


def test_missing_archive(mini: Path) -> None:
    (mini / "images_background.zip").unlink()
    fails(mini, "images_background.zip or the folder images_background", "'images_evaluation.zip'", "download()")


def test_every_truncation_is_refused(tmp_path: Path, background: dict[str, bytes]) -> None:
    archive = write_zip(tmp_path / "images_background.zip", background)
    content = archive.read_bytes()
    for length in [*range(0, len(content), len(content) // 40), len(content) - 1]:
        archive.write_bytes(content[:length])
        fails(tmp_path, str(archive), "damaged or truncated")


def test_random_damage_never_escapes_as_another_error(tmp_path: Path, background: dict[str, bytes]) -> None:
    few = dict(list(background.items())[:3])
    archive = write_zip(tmp_path / "images_background.zip", few)
    content = archive.read_bytes()
    generator = np.random.default_rng(0)
    refused = 0
    for _ in range(300):
        damaged = bytearray(content)
        for position in generator.integers(len(content), size=3):
            damaged[position] = generator.integers(256)
        archive.write_bytes(damaged)
        try:
            load(tmp_path, parts=("background",), size=8, complete=False)
        except DataError:
            refused += 1
    assert refused > 200


def damage_member(archive: Path, name: str) -> None:
    """Change the last byte of the member's stored data, which breaks its CRC."""
    with zipfile.ZipFile(archive) as opened:
        info = opened.getinfo(name)
    content = bytearray(archive.read_bytes())
    content[info.header_offset + 30 + len(name) + info.compress_size - 1] ^= 0xFF
    archive.write_bytes(content)


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_damaged_member_is_named(tmp_path: Path, background: dict[str, bytes], compression: int) -> None:
    archive = write_zip(tmp_path / "images_background.zip", background, compression)
    damage_member(archive, FIRST)
    fails(tmp_path, str(archive), f"member '{FIRST}'", "an undamaged member")


def test_encrypted_member_is_named(tmp_path: Path, background: dict[str, bytes]) -> None:
    archive = write_zip(tmp_path / "images_background.zip", {FIRST: background[FIRST]})
    content = bytearray(archive.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    archive.write_bytes(content)
    fails(tmp_path, FIRST, "encrypted")


def test_a_pipe_among_the_images_is_named_at_once(tmp_path: Path, background: dict[str, bytes]) -> None:
    write_folder(tmp_path, background)
    (tmp_path / FIRST).unlink()
    os.mkfifo(tmp_path / FIRST)
    fails(tmp_path, FIRST, "a regular file", "a pipe or a device")


@pytest.mark.parametrize("count", [5, 2**15, 2**15 + 1, 40_000])
def test_numbers_have_room_for_every_name(count: int) -> None:
    names, numbers = module._numbered([*range(count), 0])
    assert names == list(range(count))
    assert numbers.tolist() == [*range(count), 0]
    assert numbers.dtype == (np.int16 if count <= 2**15 else np.int32)


@pytest.mark.parametrize(
    "name",
    [
        "../escaped.png",
        "images_background/../../escaped.png",
        "images_background\\..\\escaped.png",
        "/tmp/escaped.png",
        "\\escaped.png",
        "C:\\escaped.png",
        "C:escaped.txt",
        "../escaped/",
    ],
)
def test_unsafe_member_is_refused_by_name(tmp_path: Path, background: dict[str, bytes], name: str) -> None:
    write_zip(tmp_path / "in" / "images_background.zip", {**background, name: background[FIRST]})
    fails(tmp_path / "in", repr(name), "members inside the archive's own folder")


def test_nothing_is_written(mini: Path) -> None:
    before = sorted(mini.rglob("*"))
    load(mini, size=8)
    assert sorted(mini.rglob("*")) == before


def test_oversized_member_is_not_unpacked(tmp_path: Path, background: dict[str, bytes]) -> None:
    write_zip(tmp_path / "images_background.zip", {**background, FIRST: bytes(2 << 20)})
    fails(tmp_path, FIRST, "at most 1048576 bytes", "2097152")


def test_oversized_file_is_not_read(tmp_path: Path, background: dict[str, bytes]) -> None:
    write_folder(tmp_path, {**background, FIRST: bytes(2 << 20)})
    fails(tmp_path, FIRST, "at most 1048576 bytes")


def test_unreadable_file_is_named(tmp_path: Path, background: dict[str, bytes]) -> None:
    write_folder(tmp_path, background)
    (tmp_path / FIRST).unlink()
    (tmp_path / FIRST).symlink_to(tmp_path / "nowhere")
    fails(tmp_path, FIRST, "a file that can be read")


@pytest.mark.parametrize(
    "name",
    [
        "Greek/character01/0394_01.png",
        "images_evaluation/Greek/character01/0394_01.png",
        "images_background/Greek/0394_01.png",
        "images_background/Greek/letter01/0394_01.png",
        "images_background/Greek/character01/0394_00.png",
        "images_background/Greek/character01/0394_21.png",
        "images_background/Greek/character01/394_01.png",
        "images_background/Greek/character01/0394_01.PNG",
        "images_background/images_background/Greek/character01/0394_01.png",
        "images_background/\x1b[31m/character01/0394_01.png",
    ],
)
def test_wrong_layout_shows_an_example(tmp_path: Path, background: dict[str, bytes], name: str) -> None:
    write_zip(tmp_path / "images_background.zip", {**background, name: background[FIRST]})
    fails(tmp_path, repr(name), "images_background/ALPHABET/characterNN/CCCC_DD.png")


def test_wrong_layout_of_a_folder(tmp_path: Path, background: dict[str, bytes]) -> None:
    write_folder(tmp_path / "images_background", background)
    fails(tmp_path, f"'images_background/{FIRST}'")


@pytest.mark.parametrize("complete", [False, True])
def test_no_images(tmp_path: Path, complete: bool) -> None:
    write_zip(tmp_path / "images_background.zip", {"notes.txt": b"x"})
    fails(tmp_path, "images as images_background/", "'notes.txt'", complete=complete)


def test_empty_archive_and_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "images_background").mkdir()
    fails(tmp_path, "got no files")
    write_zip(tmp_path / "images_background.zip", {})
    fails(tmp_path, "got no files")


def test_missing_images_are_named(mini: Path, background: dict[str, bytes]) -> None:
    for drawer in (3, 7, 9, 20):
        del background[f"images_background/Greek/character02/0395_{drawer:02d}.png"]
    write_zip(mini / "images_background.zip", background)
    fails(
        mini,
        "expected the 60 images of 3 characters of 2 alphabets, got 56 images",
        "4 missing: Greek/character02 by drawer 03, Greek/character02 by drawer 07, ",
        "by drawer 09 and 1 more",
        "complete=False",
        complete=True,
    )


def test_missing_alphabet_is_named(mini: Path, background: dict[str, bytes]) -> None:
    kept = {name: content for name, content in background.items() if "Arcadian" not in name}
    write_zip(mini / "images_background.zip", kept)
    fails(mini, "20 missing: Arcadian/character01 by drawer 01", complete=True)


def test_unknown_images_are_named(mini: Path, background: dict[str, bytes]) -> None:
    background["images_background/Klingon/character01/2000_01.png"] = background[FIRST]
    write_zip(mini / "images_background.zip", background)
    fails(mini, "1 unknown: Klingon/character01 by drawer 01", complete=True)


def test_two_drawings_by_one_drawer(tmp_path: Path, background: dict[str, bytes]) -> None:
    other = FIRST.replace("0020", "0021")
    write_zip(tmp_path / "images_background.zip", {**background, other: background[FIRST]})
    fails(tmp_path, f"'{FIRST}' and '{other}'", "one drawing by each drawer")


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_one_name_twice(tmp_path: Path, background: dict[str, bytes]) -> None:
    archive = write_zip(tmp_path / "images_background.zip", background)
    with zipfile.ZipFile(archive, "a") as opened:
        opened.writestr(FIRST, b"")
    fails(tmp_path, f"'{FIRST}' and '{FIRST}'")


@pytest.mark.parametrize("content", [b"", b"not an image", b"\x89PNG\r\n\x1a\n", png(drawing(0))[:-40]])
@pytest.mark.parametrize("write", [write_folder, lambda root, files: write_zip(root / "images_background.zip", files)])
def test_undecodable_image_is_named(
    tmp_path: Path, background: dict[str, bytes], content: bytes, write: Callable[..., object]
) -> None:
    write(tmp_path, {**background, FIRST: content})
    fails(tmp_path, f"image '{FIRST}'", "expected a PNG image")


def test_other_image_formats_are_refused(tmp_path: Path, background: dict[str, bytes]) -> None:
    buffer = io.BytesIO()
    Image.fromarray(drawing(0)).save(buffer, "BMP")
    write_folder(tmp_path, {**background, FIRST: buffer.getvalue()})
    fails(tmp_path, FIRST, "expected a PNG image")


@pytest.mark.parametrize("shape", [(105, 104), (28, 28), (210, 210)])
def test_wrong_image_size_is_named(tmp_path: Path, background: dict[str, bytes], shape: tuple[int, int]) -> None:
    write_folder(tmp_path, {**background, FIRST: png(drawing(0, shape))})
    fails(tmp_path, FIRST, "expected 105×105 pixels", f"got {shape[1]}×{shape[0]}")


def test_decompression_bomb_is_not_decoded(tmp_path: Path, background: dict[str, bytes]) -> None:
    chunks = b""
    for body in (b"IHDR" + struct.pack(">IIBBBBB", 1 << 20, 1 << 20, 1, 0, 0, 0, 0), b"IDAT" + zlib.compress(b"")):
        chunks += struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    write_folder(tmp_path, {**background, FIRST: b"\x89PNG\r\n\x1a\n" + chunks})
    fails(tmp_path, FIRST, "DecompressionBomb")


# The table of alphabets, and the real data set


@pytest.mark.parametrize(("part", "alphabets", "characters"), [("background", 30, 964), ("evaluation", 20, 659)])
def test_official_counts(part: str, alphabets: int, characters: int) -> None:
    assert len(ALPHABETS[part]) == alphabets
    assert sum(ALPHABETS[part].values()) == characters
    assert len(module._official(part)) == 20 * characters


@pytest.fixture(scope="module")
def real() -> Path:
    directory = os.environ.get("BOUNDCHECK_DATA")
    if not directory:
        pytest.skip("BOUNDCHECK_DATA is not set")
    return Path(directory)


@pytest.mark.data
def test_real_data_set_is_complete(real: Path) -> None:
    drawings = load(real, size=8)
    assert len(drawings) == 32_460
    assert len(drawings.alphabet_names) == 50
    assert len(drawings.character_names) == len(set(drawings.character_names)) == 1_623
    np.testing.assert_array_equal(drawings.character, np.repeat(np.arange(1_623), 20))
    np.testing.assert_array_equal(drawings.drawer, np.tile(np.arange(1, 21), 1_623))
    np.testing.assert_array_equal(drawings.evaluation, np.arange(32_460) >= 19_280)
    first = np.unique(drawings.character, return_index=True)[1]
    of = [drawings.alphabet_names[index] for index in drawings.alphabet[first]]
    assert of == [name.partition("/")[0] for name in drawings.character_names]


@pytest.mark.data
def test_real_pixels_are_the_known_ones(real: Path) -> None:
    images = load(real, size=105, parts=("evaluation",)).images
    assert set(np.unique(images)) == {0, 255}
    assert (
        hashlib.sha256(np.packbits(images).tobytes()).hexdigest()
        == "afb28aaea14406a6cf3c19d26de4ed60d69ccb7f5e6373afffc637b4784c039c"
    )


@pytest.mark.data
def test_every_real_drawing_has_little_ink_but_some(real: Path) -> None:
    ink = load(real, size=16, progress=False).images.mean(axis=(1, 2)) / 255
    assert ink.min() > 0
    assert ink.max() < 0.5
