"""Has an embedding learned? Precision of the nearest neighbour, with confidence limits that count alphabets."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from jaxtyping import Float

from boundcheck.errors import InvalidValueError, NonFiniteError, explain
from boundcheck.limits import ClusteredShare, Share

__all__ = ["precision_at_1"]


def precision_at_1(
    embeddings: Float[np.ndarray, "n d"],
    *labels: npt.NDArray[np.integer[Any]],
    clusters: npt.NDArray[np.integer[Any]] | None = None,
    block: int = 2048,
) -> tuple[Share | ClusteredShare, ...]:
    """Return, for each labelling, how often an object's nearest other object has its label.

    Parameters
    ----------
    embeddings
        One row an object, at least two.
    labels
        Labellings, each of shape (n,).
    clusters
        What objects are alike within, shape (n,): limits count these, as objects that are alike are no independent draws.
        If left out, every object is taken for an independent draw.
    block
        Rows of distances held at once.

    Raises
    ------
    InvalidValueError
        If there are fewer than two objects, or a labelling is of another length.
    NonFiniteError
        If an embedding is NaN or infinite.
    """
    if len(embeddings) < 2:
        raise InvalidValueError(explain("embeddings", "at least two objects", f"{len(embeddings)}"))
    for label in (*labels, *([] if clusters is None else [clusters])):
        if label.shape != (len(embeddings),):
            raise InvalidValueError(explain("labels", f"shape ({len(embeddings)},)", f"{label.shape}"))
    if not np.isfinite(embeddings).all():
        raise NonFiniteError(explain("embeddings", "finite numbers", "NaN or an infinity"))
    # Centred and scaled, since the products below lose digits far from the origin and overflow far out.
    exact = np.asarray(embeddings, dtype=np.result_type(embeddings, np.float32))
    centred = exact - exact.mean(axis=0, dtype=np.float64).astype(exact.dtype)
    centred /= np.abs(centred).max() or 1
    points = torch.from_numpy(centred.astype(np.float32, order="C", copy=False))
    squares = points.square().sum(dim=1)
    nearest = np.empty(len(points), dtype=np.int64)
    for start in range(0, len(points), block):
        rows = points[start : start + block]
        distances = squares - 2 * rows @ points.T
        distances[torch.arange(len(rows)), torch.arange(start, start + len(rows))] = torch.inf
        nearest[start : start + len(rows)] = distances.argmin(dim=1).numpy()
    found = [label[nearest] == label for label in labels]
    if clusters is not None:
        return tuple(ClusteredShare.of(same, clusters) for same in found)
    return tuple(Share(int(same.sum()), len(same)) for same in found)
