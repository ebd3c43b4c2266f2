"""Omniglot already embedded: the file that the package ships, and those that ``boundcheck embed`` writes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from jaxtyping import Bool, Float16, Int
from torch import nn

from boundcheck.atomic import atomically
from boundcheck.errors import FileFormatError, InvalidValueError, NonFiniteError, explain
from boundcheck.limits import ClusteredShare
from boundcheck.omniglot.data import Drawings
from boundcheck.omniglot.model import build, embed_images, penultimate
from boundcheck.omniglot.provenance import provenance
from boundcheck.omniglot.retrieval import precision_at_1
from boundcheck.omniglot.training import TrainedNetwork, choose_device, resized, validation_alphabets
from boundcheck.scanning import LabelledPoints

__all__ = ["EmbeddedDrawings", "embed_drawings", "load", "shipped"]

_LABELS = ("alphabet", "character", "drawer")
_DESCRIPTIONS = ("alphabet_names", "character_names", "boundcheck")
_SHIPPED = "embeddings.safetensors"


@dataclass(frozen=True, eq=False)
class EmbeddedDrawings:
    """The embedding of every drawing of Omniglot.

    Attributes
    ----------
    embeddings
        Shape (n, d); float16, which is what was rounded to and so what is checked.
    alphabet, character, drawer
        Labels of each, shape (n,).
    evaluation
        True for ``images_evaluation``, whose alphabets nothing was trained on; shape (n,).
    alphabet_names, character_names
        What the labels stand for.
    metadata
        How they came to be: configuration, seed, commit, command, learning curve, precision.
    """

    embeddings: Float16[np.ndarray, "n d"]
    alphabet: Int[np.ndarray, " n"]
    character: Int[np.ndarray, " n"]
    drawer: Int[np.ndarray, " n"]
    evaluation: Bool[np.ndarray, " n"]
    alphabet_names: tuple[str, ...]
    character_names: tuple[str, ...]
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.embeddings)

    def labelled(self, *, evaluation: bool | None = None) -> LabelledPoints:
        """Return the drawings grouped: collection = character, class = alphabet; one part of them, or both."""
        chosen = slice(None) if evaluation is None else self.evaluation == evaluation
        return LabelledPoints.from_labels(
            self.embeddings[chosen],
            np.array(self.character_names)[self.character[chosen]],
            np.array(self.alphabet_names)[self.alphabet[chosen]],
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a safetensors file, in one step."""
        from safetensors.numpy import save_file

        arrays = {name: getattr(self, name) for name in ("embeddings", *_LABELS)}
        arrays["evaluation"] = self.evaluation.astype(np.uint8)
        # The writer takes the memory as it lies, so a view would be written wrong.
        tensors = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
        metadata = {
            "alphabet_names": json.dumps(self.alphabet_names, ensure_ascii=False),
            "character_names": json.dumps(self.character_names, ensure_ascii=False),
            "boundcheck": json.dumps(self.metadata, ensure_ascii=False, allow_nan=False),
        }
        atomically(Path(path), lambda temporary: save_file(tensors, temporary, metadata))


def load(path: str | os.PathLike[str]) -> EmbeddedDrawings:
    """Read a file of embedded drawings.

    Raises
    ------
    FileFormatError
        If the file is missing, damaged, or is no file of embedded drawings.
    """
    from safetensors import SafetensorError, safe_open

    where = Path(path)
    if not where.is_file():
        raise FileFormatError(
            explain(str(where), "a .safetensors file", "no such file", "write one with boundcheck embed")
        )
    try:
        with safe_open(where, framework="numpy") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
            metadata = file.metadata() or {}
    except (SafetensorError, OSError, ValueError, TypeError) as cause:
        raise FileFormatError(explain(str(where), "a readable .safetensors file", f"{cause}")) from cause
    missing = [name for name in ("embeddings", *_LABELS, "evaluation") if name not in tensors]
    missing += [name for name in _DESCRIPTIONS if name not in metadata]
    if missing:
        raise FileFormatError(
            explain(
                str(where),
                "embedded drawings",
                f"a file without {', '.join(missing)}",
                "write one with boundcheck embed",
            )
        )
    try:
        described = {name: json.loads(metadata[name]) for name in _DESCRIPTIONS}
    except ValueError as cause:
        raise FileFormatError(explain(str(where), "metadata in JSON", f"{cause}")) from cause
    _require_consistent(where, tensors, described)
    return EmbeddedDrawings(
        embeddings=tensors["embeddings"],
        **{name: tensors[name] for name in _LABELS},
        evaluation=tensors["evaluation"].astype(bool),
        alphabet_names=tuple(described["alphabet_names"]),
        character_names=tuple(described["character_names"]),
        metadata=described["boundcheck"],
    )


def _require_consistent(where: Path, tensors: Mapping[str, npt.NDArray[Any]], described: Mapping[str, Any]) -> None:
    embeddings = tensors["embeddings"]
    if embeddings.dtype != np.float16 or embeddings.ndim != 2 or not np.isfinite(embeddings).all():
        got = f"{embeddings.dtype} of shape {embeddings.shape}"
        raise FileFormatError(explain(f"{where}, embeddings", "finite float16 of shape (n, d)", got))
    for name in (*_LABELS, "evaluation"):
        labels = tensors[name]
        if labels.shape != (len(embeddings),) or labels.dtype.kind not in "biu":
            got = f"{labels.dtype} of shape {labels.shape}"
            raise FileFormatError(explain(f"{where}, {name}", f"integers of shape ({len(embeddings)},)", got))
    for name in ("alphabet", "character"):
        names, labels = described[f"{name}_names"], tensors[name]
        if not isinstance(names, list) or (len(labels) and not 0 <= labels.min() <= labels.max() < len(names)):
            raise FileFormatError(explain(f"{where}, {name}", f"positions in {name}_names", "others"))
    if not isinstance(described["boundcheck"], dict):
        raise FileFormatError(explain(f"{where}, metadata", "a JSON object", type(described["boundcheck"]).__name__))


def shipped() -> EmbeddedDrawings:
    """Return the embeddings that the package ships, of all 32,460 drawings."""
    with as_file(files("boundcheck.omniglot") / "shipped" / _SHIPPED) as path:
        return load(path)


def embed_drawings(
    trained: TrainedNetwork,
    drawings: Drawings,
    *,
    device: str | torch.device = "cpu",
    features: bool = False,
    projection: bool = False,
    advance: Callable[[int], None] | None = None,
) -> EmbeddedDrawings:
    """Embed drawings with a trained network and measure what it learned.

    Parameters
    ----------
    trained
        The network and how it came to be.
    drawings
        What to embed; the background part as it was trained on.
    device
        Where the network runs.
    features
        Whether to take what goes into the network's last layer instead of its embeddings.
    projection
        Whether to take what the objective's loss compared instead: unit vectors that a head made of embeddings. The
        baseline stays the untrained network's embeddings, which no head was made for.
    advance
        Called with the number of drawings done since the last call; each is embedded twice, once by the trained
        network and once by an untrained one, the baseline.

    Raises
    ------
    InvalidValueError
        If the device is not there, the background part has fewer alphabets than the network was trained with, or both
        features and projection are asked for.
    NonFiniteError
        If an embedding does not fit in float16.
    """
    if features and projection:
        raise InvalidValueError(explain("projection", "False with features", "True", "ask for one of them"))
    device = choose_device(device)
    drawings = resized(drawings, trained.config)
    layers = penultimate if features else nn.Identity()
    network = layers(trained.network.to(device))
    exact = embed_images(network, drawings.images, device=device, advance=advance)
    if projection:
        exact = trained.project(exact)
    with np.errstate(over="ignore"):
        rounded = exact.astype(np.float16)
    if not np.isfinite(rounded).all():
        raise NonFiniteError(
            explain("embeddings", "numbers that fit in float16 (below 65,504)", f"{np.abs(exact).max():g}")
        )
    fresh = build(trained.config.dimension, backbone=trained.config.backbone, seed=trained.config.seed + 1).to(device)
    untrained = embed_images(layers(fresh), drawings.images, device=device, advance=advance)
    metadata = {
        "training": {
            "config": asdict(trained.config),
            "steps": trained.steps,
            "finished": trained.finished,
            "made_by": trained.made_by,
            "curve": trained.curve.rows,
            "health": trained.curve.health,
        },
        "embedding": provenance(),
        "features": features,
        "projection": projection,
        "precision_at_1": _precision(
            {"trained network": rounded, "untrained network": untrained, "raw pixels": _pixels(drawings)},
            drawings,
            validation_alphabets(drawings.subset(~drawings.evaluation), trained.config),
        ),
    }
    return EmbeddedDrawings(
        rounded,
        drawings.alphabet,
        drawings.character,
        drawings.drawer,
        drawings.evaluation,
        drawings.alphabet_names,
        drawings.character_names,
        metadata,
    )


def _pixels(drawings: Drawings) -> npt.NDArray[np.float32]:
    return np.divide(drawings.images.reshape(len(drawings), -1), 255, dtype=np.float32)


def _precision(
    representations: Mapping[str, npt.NDArray[Any]], drawings: Drawings, validation: Int[np.ndarray, " a"]
) -> list[dict[str, Any]]:
    """Return precision@1 of each representation on the alphabets trained on, kept from training, and of evaluation."""
    kept = np.isin(drawings.alphabet, validation) & ~drawings.evaluation
    parts = {
        "trained alphabets": ~kept & ~drawings.evaluation,
        "validation alphabets": kept,
        "evaluation alphabets": drawings.evaluation,
    }
    rows = []
    for part, chosen in parts.items():
        if not chosen.any():
            continue
        for name, embeddings in representations.items():
            rows.append({"part": part, "representation": name, **_counts(embeddings[chosen], drawings, chosen)})
    return rows


def _counts(embeddings: npt.NDArray[Any], drawings: Drawings, chosen: npt.NDArray[np.bool_]) -> dict[str, Any]:
    """Return how many drawings there are, how many are nearest to one of their labels, and both of each alphabet."""
    alphabets = drawings.alphabet[chosen]
    shares = precision_at_1(embeddings, drawings.character[chosen], alphabets, clusters=alphabets)
    character, alphabet = (share for share in shares if isinstance(share, ClusteredShare))
    numbers = zip(character.counts, character.by_cluster, alphabet.by_cluster, strict=True)
    return {
        "count": character.count,
        "same_character": character.successes,
        "same_alphabet": alphabet.successes,
        "alphabets": {
            drawings.alphabet_names[number]: list(counts)
            for number, counts in zip(np.unique(alphabets), numbers, strict=True)
        },
    }
