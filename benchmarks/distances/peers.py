"""What is measured: each reduction of the distances of two sets of rows, by this package and by others.

A function takes float32 rows x, shape (n, d), and w, shape (q, d), as torch tensors, and returns the reduction as a
float: an :class:`boundcheck.Enclosed` one where it knows its error. Where a library has no such reduction, it is what a
user of the library would write; where it has none that fits, it is left out. Libraries are imported when they are used.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator
from unittest import mock

import numpy as np
import torch
from torch import Tensor

from boundcheck import distances
from boundcheck.kernels import tiles

__all__ = ["OURS", "REDUCTIONS", "REQUIRES", "UNPRUNED", "reductions"]

Reduction = Callable[[Tensor, Tensor], float]

#: The name of this package among the peers.
OURS = "boundcheck"
#: The same without the search for far pairs that comes before the products.
UNPRUNED = "boundcheck, nothing pruned"

#: What can be asked for; Chamfer and Hausdorff distances from x to w.
REDUCTIONS = ("max", "min", "mean", "chamfer", "hausdorff")

#: The distribution that a peer needs, where it is none that the package itself needs.
REQUIRES = {"scikit-learn": "scikit-learn", "pykeops": "pykeops", "faiss": "faiss-cpu"}

# Rows and columns of a tile: no slower than others tried.
_TILE_ROWS, _TILE_COLUMNS = 1024, 4096
# Rows of scipy's matrix at once.
_SCIPY_ROWS = 512


def reductions(name: str) -> dict[str, Reduction]:
    """Return a reduction by each peer that has it.

    Parameters
    ----------
    name
        One of :data:`REDUCTIONS`.
    """
    found: dict[str, Reduction] = {OURS: _OURS[name]}
    if name == "max":
        found[UNPRUNED] = _unpruned
        found["float32 tiles, MKL"] = functools.partial(_tiled_max, _mkl)
        found["float32 tiles, oneDNN"] = functools.partial(_tiled_max, _onednn)
        found["product alone, MKL"] = functools.partial(_products, _mkl)
        found["product alone, oneDNN"] = functools.partial(_products, _onednn)
    for peer, mode in _MODES.items():
        found[peer] = functools.partial(_cdist, mode, _OF_MATRIX[name])
    found["scipy"] = functools.partial(_SCIPY[name])
    found["scikit-learn"] = functools.partial(_sklearn, name)
    found["pykeops"] = functools.partial(_keops, name)
    if name == "max":
        found["faiss"] = _faiss_max
    elif name in _OF_MINIMA:
        found["faiss"] = functools.partial(_faiss_nearest, name)
    return found


# -------------------------------------------------------------------------------------------------------- boundcheck

_OURS: dict[str, Reduction] = {
    "max": lambda x, w: distances.farthest(x, w).distance,
    "min": lambda x, w: distances.nearest(x, w).distance,
    "mean": distances.mean_distance,
    "chamfer": lambda x, w: distances.chamfer(x, w, directed=True),
    "hausdorff": lambda x, w: distances.hausdorff(x, w, directed=True).distance,
}


def _unpruned(x: Tensor, w: Tensor) -> float:
    with (
        mock.patch.object(tiles, "_double_sweep", return_value=0.0),
        mock.patch.object(tiles, "_by_radius", return_value=(None, None)),
    ):
        return distances.farthest(x, w).distance


# ------------------------------------------------------------------------------------------------------------- torch

# Its default is the product too, from 26 rows on either side on.
_MODES = {
    "torch.cdist": "use_mm_for_euclid_dist",
    "torch.cdist, differences": "donot_use_mm_for_euclid_dist",
}

_OF_MATRIX: dict[str, Callable[[Tensor], Tensor]] = {
    "max": torch.Tensor.max,
    "min": torch.Tensor.min,
    "mean": torch.Tensor.mean,
    "chamfer": lambda matrix: matrix.amin(dim=1).mean(),
    "hausdorff": lambda matrix: matrix.amin(dim=1).max(),
}


def _cdist(mode: str, reduce: Callable[[Tensor], Tensor], x: Tensor, w: Tensor) -> float:
    return float(reduce(torch.cdist(x, w, compute_mode=mode)))


def _mkl(rows: Tensor, columns: Tensor, bias: Tensor | None, out: Tensor) -> Tensor:
    """Return ⟨row, column⟩ plus the column's bias."""
    if bias is None:
        return torch.mm(rows, columns.T, out=out)
    return torch.addmm(bias, rows, columns.T, out=out)


def _onednn(rows: Tensor, columns: Tensor, bias: Tensor | None, out: Tensor) -> Tensor:
    """Return the same by oneDNN, which takes no room for the result."""
    found: Tensor = torch.ops.mkldnn._linear_pointwise(rows, columns, bias, "none", [], "")
    return found


Product = Callable[[Tensor, Tensor, Tensor | None, Tensor], Tensor]


def _tiles(x: Tensor, w: Tensor) -> Iterator[tuple[Tensor, Tensor, Tensor, int, int]]:
    """Yield rows, columns, room for their product, and where both begin."""
    room = torch.empty(min(len(x), _TILE_ROWS) * min(len(w), _TILE_COLUMNS))
    for left in range(0, len(w), _TILE_COLUMNS):
        columns = w[left : left + _TILE_COLUMNS]
        for start in range(0, len(x), _TILE_ROWS):
            rows = x[start : start + _TILE_ROWS]
            yield rows, columns, room[: len(rows) * len(columns)].view(len(rows), len(columns)), start, left


def _tiled_max(product: Product, x: Tensor, w: Tensor) -> float:
    """Return the largest distance from ‖x‖² + (‖w‖² − 2⟨x, w⟩) in float32: the columns' squares are the product's bias."""
    squares, biases = x.square().sum(dim=1), w.square().sum(dim=1)
    best, doubled, of = -math.inf, None, -1
    for rows, columns, room, start, left in _tiles(x, w):
        if of != left or doubled is None:
            doubled, of = columns * -2, left
        tile = product(rows, doubled, biases[left : left + len(columns)], room)
        best = max(best, float(tile.amax(dim=1).add_(squares[start : start + len(rows)]).max()))
    return math.sqrt(best)


def _products(product: Product, x: Tensor, w: Tensor) -> float:
    """Do the products of the tiles and nothing else: what no method that multiplies in float32 is faster than."""
    for rows, columns, room, _, _ in _tiles(x, w):
        product(rows, columns, None, room)
    return math.nan


# ------------------------------------------------------------------------------------------------------------- scipy


def _scipy_blocks(x: Tensor, w: Tensor) -> Iterator[np.ndarray]:
    from scipy.spatial.distance import cdist

    rows, columns = x.numpy(), w.numpy()
    for start in range(0, len(rows), _SCIPY_ROWS):
        yield cdist(rows[start : start + _SCIPY_ROWS], columns)


def _scipy_mean(x: Tensor, w: Tensor) -> float:
    return math.fsum(float(block.sum()) for block in _scipy_blocks(x, w)) / (len(x) * len(w))


def _scipy_chamfer(x: Tensor, w: Tensor) -> float:
    return math.fsum(float(block.min(axis=1).sum()) for block in _scipy_blocks(x, w)) / len(x)


def _scipy_hausdorff(x: Tensor, w: Tensor) -> float:
    from scipy.spatial.distance import directed_hausdorff

    return float(directed_hausdorff(x.numpy(), w.numpy())[0])


_SCIPY: dict[str, Reduction] = {
    "max": lambda x, w: float(np.max([block.max() for block in _scipy_blocks(x, w)])),
    "min": lambda x, w: float(np.min([block.min() for block in _scipy_blocks(x, w)])),
    "mean": _scipy_mean,
    "chamfer": _scipy_chamfer,
    "hausdorff": _scipy_hausdorff,
}

# ------------------------------------------------------------------------------------------------------ scikit-learn

_OF_MINIMA: dict[str, Callable[[np.ndarray], float]] = {
    "min": lambda minima: float(minima.min()),
    "chamfer": lambda minima: float(minima.mean(dtype=np.float64)),
    "hausdorff": lambda minima: float(minima.max()),
}


def _sklearn(name: str, x: Tensor, w: Tensor) -> float:
    from sklearn.metrics import pairwise_distances_argmin_min, pairwise_distances_chunked

    if name in _OF_MINIMA:
        return _OF_MINIMA[name](pairwise_distances_argmin_min(x.numpy(), w.numpy())[1])
    reduce = np.max if name == "max" else functools.partial(np.sum, dtype=np.float64)
    parts = pairwise_distances_chunked(x.numpy(), w.numpy(), reduce_func=lambda block, start: reduce(block, axis=1))
    rows = np.concatenate(list(parts))
    return float(rows.max() if name == "max" else rows.sum() / (len(x) * len(w)))


# ----------------------------------------------------------------------------------------------------------- pykeops


def _keops(name: str, x: Tensor, w: Tensor) -> float:
    import pykeops
    from pykeops.torch import LazyTensor

    pykeops.set_verbose(False)
    squares = ((LazyTensor(x[:, None, :]) - LazyTensor(w[None, :, :])) ** 2).sum(-1)
    if name == "max":
        return math.sqrt(float(squares.max(dim=1).max()))
    if name == "mean":
        return float(squares.sqrt().sum(dim=1).sum(dtype=torch.float64)) / (len(x) * len(w))
    return _OF_MINIMA[name](np.sqrt(squares.min(dim=1).numpy()))


# ------------------------------------------------------------------------------------------------------------- faiss


def _faiss_nearest(name: str, x: Tensor, w: Tensor) -> float:
    import faiss

    squares, _ = faiss.knn(x.numpy(), w.numpy(), 1)
    return _OF_MINIMA[name](np.sqrt(squares[:, 0]))


def _faiss_max(x: Tensor, w: Tensor) -> float:
    """Return the largest distance by a search for the largest product: of (−2x, 1) and (w, ‖w‖²)."""
    import faiss

    rows = torch.cat([x * -2, x.new_ones(len(x), 1)], dim=1)
    columns = torch.cat([w, w.square().sum(dim=1, keepdim=True)], dim=1)
    products, _ = faiss.knn(rows.numpy(), columns.numpy(), 1, metric=faiss.METRIC_INNER_PRODUCT)
    return math.sqrt(float((products[:, 0] + x.square().sum(dim=1).numpy()).max()))
