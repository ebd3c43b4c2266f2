"""Characters as pictures."""

import io

import numpy as np
import pytest

from boundcheck.errors import InvalidValueError
from boundcheck.omniglot.data import Drawings
from boundcheck.omniglot.pictures import character_pictures

DRAWINGS = Drawings(
    images=np.stack([np.full((8, 8), 80 * (k % 4), dtype=np.uint8) for k in range(12)]),
    alphabet=np.zeros(12, dtype=np.int16),
    character=np.repeat([0, 1], 6).astype(np.int16),
    drawer=np.ones(12, dtype=np.int16),
    evaluation=np.zeros(12, dtype=bool),
    alphabet_names=("Greek",),
    character_names=("Greek/character01", "Greek/character02"),
)


def test_a_character_is_its_first_drawings_in_ink_on_paper():
    image = pytest.importorskip("PIL.Image")
    draw = character_pictures(DRAWINGS, ("Greek/character02", "elsewhere"), columns=2, rows=1)
    assert draw(1) is None
    with image.open(io.BytesIO(draw(0))) as found:
        assert found.size == (16, 8)
        grey = np.asarray(found.convert("L"))
    # The seventh drawing is the third of its kind, 160 of 255 ink.
    assert (abs(grey[:, :8].astype(int) - 95) <= 8).all()


def test_there_is_no_picture_of_nothing():
    with pytest.raises(InvalidValueError, match="columns"):
        character_pictures(DRAWINGS, (), columns=0)
