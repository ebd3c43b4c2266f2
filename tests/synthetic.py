"""A miniature of Omniglot, drawn by a seed, and embeddings of it."""

import numpy as np
from PIL import Image, ImageDraw

from boundcheck.omniglot.config import TrainingConfig
from boundcheck.omniglot.data import Drawings
from boundcheck.omniglot.embedded import EmbeddedDrawings


def drawings(
    alphabets: int = 6, characters: int = 4, drawers: int = 6, *, evaluation: int = 2, size: int = 32, seed: int = 0
) -> Drawings:
    """Draw each character as three strokes, and each drawing with the ends of the strokes moved a little.

    The last `evaluation` alphabets are the evaluation part.
    """
    random = np.random.default_rng(seed)
    strokes = random.uniform(0.2, 0.8, (alphabets * characters, 3, 4))
    drawn = strokes[:, None] + random.uniform(-0.08, 0.08, (alphabets * characters, drawers, 3, 4))
    labels = _labels(alphabets, characters, drawers, evaluation)
    return Drawings(images=np.stack([_image(lines, size) for lines in drawn.reshape(-1, 3, 4)]), **labels)


def embedded(
    alphabets: int = 6, characters: int = 4, drawers: int = 5, *, evaluation: int = 2, dimension: int = 4, seed: int = 0
) -> EmbeddedDrawings:
    """Place each alphabet, character and drawing at random, each closer to its own kind."""
    random = np.random.default_rng(seed)
    labels = _labels(alphabets, characters, drawers, evaluation)
    points = 5 * random.normal(size=(alphabets, dimension))[labels["alphabet"]]
    points += 2 * random.normal(size=(alphabets * characters, dimension))[labels["character"]]
    points += random.normal(size=points.shape)
    return EmbeddedDrawings(embeddings=points.astype(np.float16), **labels)


def tiny(**changes: object) -> TrainingConfig:
    """Return a configuration that runs in seconds."""
    options = {
        "backbone": "test_efficientnet",
        "dimension": 8,
        "images": 12 * 16,
        "characters": 4,
        "drawings": 4,
        "validation_alphabets": 1,
        "validate_every": 5,
    }
    return TrainingConfig(**{**options, **changes})


def _labels(alphabets: int, characters: int, drawers: int, evaluation: int) -> dict:
    alphabet = np.repeat(np.arange(alphabets, dtype=np.int16), characters * drawers)
    return {
        "alphabet": alphabet,
        "character": np.repeat(np.arange(alphabets * characters, dtype=np.int16), drawers),
        "drawer": np.tile(np.arange(1, drawers + 1, dtype=np.int16), alphabets * characters),
        "evaluation": alphabet >= alphabets - evaluation,
        "alphabet_names": tuple(f"Alphabet{a}" for a in range(alphabets)),
        "character_names": tuple(
            f"Alphabet{a}/character{c + 1:02d}" for a in range(alphabets) for c in range(characters)
        ),
    }


def _image(lines: np.ndarray, size: int) -> np.ndarray:
    picture = Image.new("L", (size, size))
    for line in lines:
        ImageDraw.Draw(picture).line([float(end) * size for end in line], fill=255, width=3)
    return np.asarray(picture)
