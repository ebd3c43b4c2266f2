"""Characters as small pictures, for reports."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import numpy as np

from boundcheck.errors import InvalidValueError, explain
from boundcheck.omniglot.data import Drawings

__all__ = ["character_pictures"]


def character_pictures(
    drawings: Drawings, names: Sequence[str], *, columns: int = 5, rows: int = 2
) -> Callable[[int], bytes | None]:
    """Return what draws a character: its first drawings side by side, as the bytes of a PNG.

    Parameters
    ----------
    drawings
        The images.
    names
        Of the characters, in the order of their positions.
    columns, rows
        How many drawings there are in a picture.

    Raises
    ------
    InvalidValueError
        If `columns` or `rows` is below 1.
    """
    for name, number in (("columns", columns), ("rows", rows)):
        if number < 1:
            raise InvalidValueError(explain(name, "an integer in [1, ∞)", f"{number}"))
    known = {name: position for position, name in enumerate(drawings.character_names)}

    def picture(position: int) -> bytes | None:
        from PIL import Image

        if names[position] not in known:
            return None
        chosen = np.flatnonzero(drawings.character == known[names[position]])[: columns * rows]
        if not len(chosen):
            return None
        size = drawings.images.shape[1]
        sheet = np.zeros((rows * size, columns * size), dtype=np.uint8)
        for at, drawing in enumerate(drawings.images[chosen]):
            top, left = at // columns * size, at % columns * size
            sheet[top : top + size, left : left + size] = drawing
        # Ink is dark, and four greys are enough for it.
        image = Image.fromarray(255 - sheet).quantize(4)
        file = io.BytesIO()
        image.save(file, "PNG", optimize=True)
        return file.getvalue()

    return picture
