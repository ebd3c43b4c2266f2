"""Omniglot's drawings as one array, read from its zip archives or from the folders inside them.

Source: Lake, Salakhutdinov and Tenenbaum, "Human-level concept learning through probabilistic program induction",
Science 350 (2015), https://github.com/brendenlake/omniglot.
"""

from __future__ import annotations

import contextlib
import io
import operator
import os
import re
import zipfile
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from boundcheck.errors import DataError, InvalidTypeError, InvalidValueError, explain
from boundcheck.progress import Bar

__all__ = ["ALPHABETS", "DRAWERS", "PARTS", "SIDE", "Drawings", "cache_directory", "load"]

PARTS = ("background", "evaluation")
SIDE = 105
DRAWERS = 20

# How many characters each alphabet has.
ALPHABETS: Mapping[str, Mapping[str, int]] = {
    "background": {
        "Alphabet_of_the_Magi": 20,
        "Anglo-Saxon_Futhorc": 29,
        "Arcadian": 26,
        "Armenian": 41,
        "Asomtavruli_(Georgian)": 40,
        "Balinese": 24,
        "Bengali": 46,
        "Blackfoot_(Canadian_Aboriginal_Syllabics)": 14,
        "Braille": 26,
        "Burmese_(Myanmar)": 34,
        "Cyrillic": 33,
        "Early_Aramaic": 22,
        "Futurama": 26,
        "Grantha": 43,
        "Greek": 24,
        "Gujarati": 48,
        "Hebrew": 22,
        "Inuktitut_(Canadian_Aboriginal_Syllabics)": 16,
        "Japanese_(hiragana)": 52,
        "Japanese_(katakana)": 47,
        "Korean": 40,
        "Latin": 26,
        "Malay_(Jawi_-_Arabic)": 40,
        "Mkhedruli_(Georgian)": 41,
        "N_Ko": 33,
        "Ojibwe_(Canadian_Aboriginal_Syllabics)": 14,
        "Sanskrit": 42,
        "Syriac_(Estrangelo)": 23,
        "Tagalog": 17,
        "Tifinagh": 55,
    },
    "evaluation": {
        "Angelic": 20,
        "Atemayar_Qelisayer": 26,
        "Atlantean": 26,
        "Aurek-Besh": 26,
        "Avesta": 26,
        "Ge_ez": 26,
        "Glagolitic": 45,
        "Gurmukhi": 45,
        "Kannada": 41,
        "Keble": 26,
        "Malayalam": 47,
        "Manipuri": 40,
        "Mongolian": 30,
        "Old_Church_Slavonic_(Cyrillic)": 45,
        "Oriya": 46,
        "Sylheti": 28,
        "Syriac_(Serto)": 23,
        "Tengwar": 25,
        "Tibetan": 42,
        "ULOG": 26,
    },
}

_HOW_TO_GET = "pass data=DIR, where a local copy is, set BOUNDCHECK_DATA to it, or fetch the archives with download()"
_LAYOUT = "images_{part}/ALPHABET/characterNN/CCCC_DD.png"
_IMAGE_NAME = re.compile(r"([\w(). -]+)/(character[0-9]{2})/[0-9]{4}_(0[1-9]|1[0-9]|20)\.png")
_ROOTED = re.compile(r"[/\\]|[A-Za-z]:")
# torchvision and the official repository keep the archives in these folders.
_NESTED_IN = ("", "omniglot-py", "python")
# The largest official image has under 1 KiB; the limit stops a small archive from filling the memory.
_LARGEST_IMAGE = 1 << 20


@dataclass(frozen=True, eq=False)
class Drawings:
    """Drawings of Omniglot's characters, and who drew which character of which alphabet.

    Parameters
    ----------
    images : numpy.ndarray
        uint8 [n, size, size], from 0 (paper) to 255 (ink).
    alphabet : numpy.ndarray
        int16 [n], indices into `alphabet_names`; int32 where there are more than 2¹⁵.
    character : numpy.ndarray
        int16 [n], indices into `character_names`; int32 where there are more than 2¹⁵.
    drawer : numpy.ndarray
        int16 [n], from 1 to 20.
    evaluation : numpy.ndarray
        bool [n], True for the drawings of ``images_evaluation``.
    alphabet_names : tuple of str
        The alphabets, such as ``"Greek"``.
    character_names : tuple of str
        The characters, such as ``"Greek/character01"``.
    """

    images: npt.NDArray[np.uint8]
    alphabet: npt.NDArray[np.int16 | np.int32]
    character: npt.NDArray[np.int16 | np.int32]
    drawer: npt.NDArray[np.int16]
    evaluation: npt.NDArray[np.bool_]
    alphabet_names: tuple[str, ...]
    character_names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.images)

    def subset(self, chosen: npt.ArrayLike) -> Drawings:
        """Return the chosen drawings, with all names kept, so that indices mean the same.

        Parameters
        ----------
        chosen : array_like
            Either bool [n], True for each drawing to keep, or integers [k], the drawings' positions in order.

        Returns
        -------
        Drawings
            The k chosen drawings; the arrays are copies.

        Raises
        ------
        InvalidValueError
            If the mask is not of length n, or a position is outside [-n, n).
        InvalidTypeError
            If `chosen` is neither boolean nor of integers.
        """
        positions = _positions(chosen, len(self))
        return replace(
            self,
            images=self.images[positions],
            alphabet=self.alphabet[positions],
            character=self.character[positions],
            drawer=self.drawer[positions],
            evaluation=self.evaluation[positions],
        )


def cache_directory() -> Path:
    """Return the folder that holds downloaded archives: ``$XDG_CACHE_HOME/boundcheck/omniglot``, or in ``~/.cache``.

    Returns
    -------
    pathlib.Path
        The folder, which need not exist.
    """
    base = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG specification says to ignore relative paths.
    root = Path(base) if os.path.isabs(base) else Path.home() / ".cache"
    return root / "boundcheck" / "omniglot"


def load(
    data: str | os.PathLike[str] | None = None,
    *,
    size: int = 64,
    parts: Sequence[str] = PARTS,
    progress: bool | None = None,
    complete: bool = True,
) -> Drawings:
    """Return Omniglot's drawings, sorted by part (background first), alphabet, character and drawer.

    Zip archives are read in place: nothing is unpacked to disk.

    Parameters
    ----------
    data : path, optional
        A directory with ``images_background.zip`` and ``images_evaluation.zip``, or with the folders
        ``images_background`` and ``images_evaluation``; either may also be in its subfolder ``omniglot-py`` or
        ``python``. None means the environment variable BOUNDCHECK_DATA, and without it :func:`cache_directory`.
    size : int, optional
        Width and height of the images in pixels, in [1, 105].
    parts : sequence of str, optional
        Which of ``"background"`` and ``"evaluation"`` to load.
    progress : bool, optional
        Whether to show a progress bar on standard error; None means if that is a terminal.
    complete : bool, optional
        Whether each part must hold exactly the official characters, each drawn by drawers 01 to 20.
        False takes any part of them, and other alphabets too, but at least one image per part.

    Returns
    -------
    Drawings
        32,460 drawings of 1,623 characters of 50 alphabets for both complete parts.

    Raises
    ------
    DataError
        If an archive is missing, damaged, incomplete, of another layout or unsafe; the message names the file.
    InvalidTypeError, InvalidValueError
        If another argument cannot be used.

    Notes
    -----
    Images are scaled down by Pillow's triangle filter: each new pixel is a weighted mean of all that it covers.
    Source: https://github.com/brendenlake/omniglot.
    """
    side = _checked_size(size)
    wanted = checked_parts(parts)
    directory = _directory(data)
    loaded = [_load_part(_locate(directory, part), part, side, progress, complete) for part in wanted]
    return _drawings([key for keys, _ in loaded for key in keys], np.concatenate([images for _, images in loaded]))


def checked_parts(parts: Sequence[str]) -> tuple[str, ...]:
    """Return the parts asked for, each once, background first."""
    if isinstance(parts, str) or not isinstance(parts, Iterable):
        raise InvalidTypeError(explain("parts", f"a sequence of {PARTS}", repr(parts), 'pass parts=("background",)'))
    given = tuple(parts)
    if not given or any(part not in PARTS for part in given):
        raise InvalidValueError(explain("parts", f"one or both of {PARTS}", repr(given)))
    return tuple(part for part in PARTS if part in given)


class _Key(NamedTuple):
    """What the name of an image says; sorts in the order of the drawings."""

    part: str
    alphabet: str
    character: str
    drawer: int

    def __str__(self) -> str:
        return f"{self.alphabet}/{self.character} by drawer {self.drawer:02d}"


@dataclass(frozen=True)
class _Source:
    """A zip archive or a folder: where it is, its files as ``images_PART/…``, and how to read one."""

    path: Path
    names: list[str]
    read: Callable[[str], bytes]


def _positions(chosen: npt.ArrayLike, n: int) -> npt.NDArray[np.intp]:
    array = np.asarray(chosen)
    if array.size == 0 and array.dtype != np.bool_:
        array = array.astype(np.intp)
    if array.dtype != np.bool_ and not np.issubdtype(array.dtype, np.integer):
        raise InvalidTypeError(explain("chosen", "a boolean mask or integer positions", f"dtype {array.dtype}"))
    if array.ndim != 1 or (array.dtype == np.bool_ and len(array) != n):
        raise InvalidValueError(
            explain("chosen", f"a mask of shape ({n},) or positions of shape (k,)", f"shape {array.shape}")
        )
    if array.dtype == np.bool_:
        return np.flatnonzero(array)
    if array.size and not (-n <= int(array.min()) and int(array.max()) < n):
        raise InvalidValueError(
            explain("chosen", f"positions in [{-n}, {n})", f"positions from {array.min()} to {array.max()}")
        )
    return array.astype(np.intp)


def _checked_size(size: int) -> int:
    try:
        side = operator.index(size)
    except TypeError:
        raise InvalidTypeError(explain("size", "an integer", type(size).__name__)) from None
    if isinstance(size, bool):
        raise InvalidTypeError(explain("size", "an integer", "bool"))
    if not 1 <= side <= SIDE:
        raise InvalidValueError(explain("size", f"a number of pixels in [1, {SIDE}]", str(side)))
    return side


def _directory(data: str | os.PathLike[str] | None) -> Path:
    if data is None:
        return _default_directory()
    try:
        path = Path(data).expanduser()
    except TypeError:
        raise InvalidTypeError(explain("data", "the path of a directory", type(data).__name__, _HOW_TO_GET)) from None
    return _existing(path, "data")


def _default_directory() -> Path:
    variable = os.environ.get("BOUNDCHECK_DATA")
    if variable:
        return _existing(Path(variable).expanduser(), "BOUNDCHECK_DATA")
    directory = cache_directory()
    if not directory.is_dir():
        got = f"no directory, no BOUNDCHECK_DATA, and no {directory}"
        raise DataError(explain("data", "a copy of Omniglot", got, _HOW_TO_GET))
    return directory


def _existing(path: Path, parameter: str) -> Path:
    if not path.is_dir():
        what = "a file" if path.is_file() else "nothing"
        raise DataError(explain(parameter, "a directory with Omniglot's archives", f"{what} at {path}", _HOW_TO_GET))
    return path


def _locate(directory: Path, part: str) -> Path:
    folders = [directory / nested for nested in _NESTED_IN]
    for folder in folders:
        archive = folder / f"images_{part}.zip"
        if archive.is_file():
            return archive
        if archive.with_suffix("").is_dir():
            return archive.with_suffix("")
    expected = f"images_{part}.zip or the folder images_{part} in {directory}"
    raise DataError(
        explain(
            "data",
            expected,
            f"neither, but {_some([repr(name) for name in sorted(os.listdir(directory))])}",
            _HOW_TO_GET,
        )
    )


def _some(things: Sequence[object], limit: int = 3) -> str:
    shown = ", ".join(str(thing) for thing in things[:limit])
    more = f" and {len(things) - limit} more" if len(things) > limit else ""
    return f"{shown}{more}" if shown else "no files"


def _load_part(
    path: Path, part: str, side: int, progress: bool | None, complete: bool
) -> tuple[list[_Key], npt.NDArray[np.uint8]]:
    with _opened(path) as source:
        names = _named_images(source, part)
        if complete:
            _require_complete(names.keys(), part, path)
        images = np.empty((len(names), side, side), dtype=np.uint8)
        keys = sorted(names)
        with Bar(f"Reading {path.name}", len(keys), shown=progress, stays=True) as bar:
            for row, key in enumerate(keys):
                images[row] = _image(source, names[key], side)
                bar.advance()
    return keys, images


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[_Source]:
    if path.is_dir():
        yield _Source(path, _files_below(path), lambda name: _read_file(path.parent / name))
        return
    with _opened_zip(path) as archive:
        for name in archive.namelist():
            _require_safe(name, path)
        names = [info.filename for info in archive.infolist() if not info.is_dir()]
        yield _Source(path, names, lambda name: _read_member(archive, name, path))


def _opened_zip(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    # zipfile has no common class for what it raises on damaged files.
    except Exception as error:
        got = f"a damaged or truncated file ({error})"
        raise DataError(explain(str(path), "a zip archive", got, _HOW_TO_GET)) from error


def _require_safe(name: str, path: Path) -> None:
    """Refuse names that an unpacker could write elsewhere, though nothing here writes: such an archive is hostile."""
    if _ROOTED.match(name) or ".." in re.split(r"[/\\]", name):
        raise DataError(explain(str(path), "members inside the archive's own folder", repr(name), _HOW_TO_GET))


def _files_below(folder: Path) -> list[str]:
    return [
        (Path(place) / file).relative_to(folder.parent).as_posix()
        for place, _, files in os.walk(folder)
        for file in files
    ]


def _read_file(path: Path) -> bytes:
    try:
        # Opening a pipe waits for whoever writes into it.
        if path.exists() and not path.is_file():
            raise DataError(explain(str(path), "a regular file", "a pipe or a device", _HOW_TO_GET))
        with path.open("rb") as file:
            content = file.read(_LARGEST_IMAGE + 1)
    except OSError as error:
        raise DataError(explain(str(path), "a file that can be read", str(error), _HOW_TO_GET)) from error
    if len(content) > _LARGEST_IMAGE:
        raise DataError(explain(str(path), f"at most {_LARGEST_IMAGE} bytes", "more", _HOW_TO_GET))
    return content


def _read_member(archive: zipfile.ZipFile, name: str, path: Path) -> bytes:
    where = f"{path}, member {name!r}"
    declared = archive.getinfo(name).file_size
    if declared > _LARGEST_IMAGE:
        raise DataError(explain(where, f"at most {_LARGEST_IMAGE} bytes", str(declared), _HOW_TO_GET))
    try:
        return archive.read(name)
    # The decompressors, the decryption and zipfile itself have no common class for damaged members.
    except Exception as error:
        raise DataError(explain(where, "an undamaged member", str(error), _HOW_TO_GET)) from error


def _named_images(source: _Source, part: str) -> dict[_Key, str]:
    """Return the name of each image under what it says, once every PNG is seen to follow the layout."""
    layout = _LAYOUT.format(part=part)
    found: dict[_Key, str] = {}
    for name in filter(_is_image, sorted(source.names)):
        key = _key(name, part)
        if key is None:
            raise DataError(explain(str(source.path), f"images as {layout}", repr(name), _HOW_TO_GET))
        if key in found:
            got = f"{found[key]!r} and {name!r}"
            raise DataError(explain(str(source.path), "one drawing by each drawer of a character", got, _HOW_TO_GET))
        found[key] = name
    if not found:
        raise DataError(
            explain(
                str(source.path),
                f"images as {layout}",
                _some([repr(name) for name in sorted(source.names)]),
                _HOW_TO_GET,
            )
        )
    return found


def _is_image(name: str) -> bool:
    # macOS puts a hidden "._NAME.png" beside each file that it packs.
    return name.lower().endswith(".png") and not name.rpartition("/")[2].startswith(".")


def _key(name: str, part: str) -> _Key | None:
    root, _, rest = name.partition("/")
    match = _IMAGE_NAME.fullmatch(rest)
    if root != f"images_{part}" or match is None:
        return None
    return _Key(part, match[1], match[2], int(match[3]))


def _official(part: str) -> set[_Key]:
    return {
        _Key(part, alphabet, f"character{character:02d}", drawer)
        for alphabet, characters in ALPHABETS[part].items()
        for character in range(1, characters + 1)
        for drawer in range(1, DRAWERS + 1)
    }


def _require_complete(found: Iterable[_Key], part: str, path: Path) -> None:
    present, official = set(found), _official(part)
    faults = []
    for word, keys in (("missing", official - present), ("unknown", present - official)):
        if keys:
            faults.append(f"{len(keys)} {word}: {_some(sorted(keys))}")
    if faults:
        characters, alphabets = sum(ALPHABETS[part].values()), len(ALPHABETS[part])
        expected = f"the {len(official)} images of {characters} characters of {alphabets} alphabets"
        fix = f"for a part of the data set pass complete=False, else {_HOW_TO_GET}"
        raise DataError(explain(str(path), expected, f"{len(present)} images ({'; '.join(faults)})", fix))


def _image(source: _Source, name: str, side: int) -> npt.NDArray[np.uint8]:
    where = f"{source.path}, image {name!r}"
    content = source.read(name)
    try:
        with Image.open(io.BytesIO(content), formats=("PNG",)) as picture:
            shape = picture.size
            # The size is checked before the pixels are decoded, for the memory's sake.
            grey = picture.convert("L") if shape == (SIDE, SIDE) else None
    except UnidentifiedImageError as error:
        raise DataError(explain(where, "a PNG image", "other content", _HOW_TO_GET)) from error
    # Pillow has no common class for what it raises on damaged files.
    except Exception as error:
        raise DataError(explain(where, "a PNG image", f"{type(error).__name__}: {error}", _HOW_TO_GET)) from error
    if grey is None:
        raise DataError(explain(where, f"{SIDE}×{SIDE} pixels", f"{shape[0]}×{shape[1]}", _HOW_TO_GET))
    scaled = grey.resize((side, side), Image.Resampling.BILINEAR)
    return np.uint8(255) - np.asarray(scaled, dtype=np.uint8)


def _drawings(keys: Sequence[_Key], images: npt.NDArray[np.uint8]) -> Drawings:
    alphabets, alphabet = _numbered([(key.part, key.alphabet) for key in keys])
    characters, character = _numbered([(key.part, key.alphabet, key.character) for key in keys])
    return Drawings(
        images=images,
        alphabet=alphabet,
        character=character,
        drawer=np.array([key.drawer for key in keys], dtype=np.int16),
        evaluation=np.array([key.part == "evaluation" for key in keys], dtype=np.bool_),
        alphabet_names=tuple(name for _, name in alphabets),
        character_names=tuple(f"{name}/{number}" for _, name, number in characters),
    )


def _numbered(keys: Sequence[Any]) -> tuple[list[Any], npt.NDArray[np.int16 | np.int32]]:
    """Return the different keys in order of appearance, and for each key its number among them.

    Numbers are of 16 bits where these suffice, as for all of Omniglot.
    """
    numbers: dict[Hashable, int] = {}
    for key in keys:
        numbers.setdefault(key, len(numbers))
    dtype = np.int16 if len(numbers) <= np.iinfo(np.int16).max + 1 else np.int32
    return list(numbers), np.array([numbers[key] for key in keys], dtype=dtype)
