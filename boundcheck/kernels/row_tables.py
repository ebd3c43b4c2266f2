"""Each row's largest, smallest and mean Euclidean distance to each of many collections, from one product in float64.

Unlike :func:`.tiles.between`, which measures the pair that attains an extreme again by differences, a distance is the
root of v = ‖q‖² + ‖p‖² − 2⟨q, p⟩ wherever v is so far above its error E that the root is as exact as is asked for; below
that, pairs are measured by differences. One thread: rows are shared out by who asks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from boundcheck.kernels import direct, loops
from boundcheck.kernels.compiled import compiled
from boundcheck.kernels.rows import Array, Rows, empty_tile, gamma, prepare, product, square_errors
from boundcheck.kernels.tables import scaled_arrays

__all__ = ["RowTables"]

Integers = npt.NDArray[np.int64]

_TILE_ROWS, _TILE_COLUMNS = 256, 1024
# What a distance that is read from its square may be off by, as a share of it.
_RELATIVE = 1e-11
_NEAR = 1.1 / _RELATIVE

MAX, MIN, MEAN = 1, 2, 4
_BITS = {"max": MAX, "min": MIN, "mean": MEAN}


@compiled(fastmath={"nnan", "nsz", "reassoc", "contract"}, within=True)
def _extremes_and_roots(g: Array, n: float, c: Array, want_mean: bool) -> tuple[float, float, float]:
    most, least, total = -np.inf, np.inf, 0.0
    for j in range(g.size):
        v = n + c[j] - 2.0 * g[j]
        most, least = loops.larger(most, v), loops.smaller(least, v)
    if want_mean:
        for j in range(g.size):
            v = n + c[j] - 2.0 * g[j]
            total += math.sqrt(v if v > 0.0 else 0.0)
    return most, least, total


@compiled()
def _scan(
    tile: Array,
    n: Array,
    c: Array,
    blocks: Integers,
    limits: Array,
    near: float,
    x: Array,
    rows: Integers,
    w: Array,
    w0: int,
    accuracy: tuple[float, float],
    what: int,
    value: Array,
    error: Array,
) -> None:
    """Fill in value and error, shape (3, blocks, rows), of what is asked for: the largest, the smallest, the mean.

    `limits` are E and ρ of each block, shape (blocks, 2), as in :mod:`.loops`; `rows` are where in x those of the tile
    are, and `w0` is the column in w that the tile begins at.
    """
    rel, tiny = accuracy
    for i in range(tile.shape[0]):
        for b in range(len(blocks) - 1):
            j0, j1 = blocks[b], blocks[b + 1]
            off, rho = limits[b, 0], limits[b, 1]
            trusted = max(near * off, (4 * near * rho) ** 2)
            most, least, total = _extremes_and_roots(tile[i, j0:j1], n[i], c[j0:j1], what & 4 != 0)
            if what & 1:
                if most >= trusted and most > 0:
                    d = math.sqrt(most)
                    e = 0.51 * off / d + rho + d * 1e-15
                else:
                    d = 0.0
                    for j in range(j0, j1):
                        d = max(d, loops.direct(x, rows[i], w, w0 + j))
                    e = d * rel + tiny if d > 0 else 0.0
                value[0, b, i], error[0, b, i] = d, e
            if what & 2:
                if least >= trusted and least > 0:
                    d = math.sqrt(least)
                    e = 0.51 * off / d + rho + d * 1e-15
                else:
                    d = np.inf
                    # No pair of a v above this is nearer than that of the least v.
                    root = (math.sqrt(max(least + off, 0.0)) + 2 * rho) * (1 + 1e-14)
                    beyond = root * root * (1 + 1e-14) + off * (1 + 1e-14)
                    for j in range(j0, j1):
                        if n[i] + c[j] - 2.0 * tile[i, j] <= beyond:
                            d = min(d, loops.direct(x, rows[i], w, w0 + j))
                    e = d * rel + tiny if d > 0 else 0.0
                value[1, b, i], error[1, b, i] = d, e
            if what & 4:
                count = j1 - j0
                if least >= trusted and least > 0:
                    e = count * (0.51 * off / math.sqrt(least) + rho)
                else:
                    total, e = 0.0, 0.0
                    for j in range(j0, j1):
                        v = n[i] + c[j] - 2.0 * tile[i, j]
                        if v >= trusted and v > 0:
                            d = math.sqrt(v)
                            e += 0.51 * off / d + rho
                        else:
                            d = loops.direct(x, rows[i], w, w0 + j)
                            e += d * rel + tiny if d > 0 else 0.0
                        total += d
                value[2, b, i] = total / count
                e = (e / count + (count + 4) * 1.2e-16 * value[2, b, i]) * (1 + 1e-9)
                # Quotients may be too small for a float.
                error[2, b, i] = e + 2.0**-1073 if total > 0 else e


class RowTables:
    """Points in collections, made ready for products once.

    Parameters
    ----------
    points
        Finite, float64, shape (N, d): those of the first collection, then those of the second, and so on.
    starts
        Where each collection begins, and the end.
    """

    def __init__(self, points: Tensor, starts: Integers) -> None:
        ready = prepare([points], "float64")
        # Rows of scales too different for one are measured as they are.
        self._rows: Rows | None = None
        self._exponent = 0
        if ready is not None:
            (self._rows,), self._exponent = ready
        self._raw = (points if self._rows is None else self._rows.raw).to(torch.float64)
        self._starts = starts

    def find(
        self, rows: Integers, collections: Integers, names: Sequence[str]
    ) -> dict[str, tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]]:
        """Return reductions of some rows' distances to each of some collections.

        Parameters
        ----------
        rows
            Which rows, shape (r,).
        collections
            Which collections, shape (c,).
        names
            Some of max, min and mean.

        Returns
        -------
        dict
            By name: values and bounds on their errors, shape (c, r) each.
        """
        side = self._rows
        if side is None:
            return self._by_differences(rows, collections, names)
        found = np.zeros((3, len(collections), len(rows))), np.zeros((3, len(collections), len(rows)))
        what = sum(_BITS[name] for name in names)
        # As `tiles` has it: ``Rounding.euclidean_any_order``, and what rescaling loses.
        accuracy = gamma(side.dimension + 8, 2.0**-53), (side.dimension + 4) * 2.0**-1073
        for first, last in self._groups(collections):
            columns = np.concatenate([np.arange(*self._starts[c : c + 2]) for c in collections[first:last]])
            blocks = np.append(0, np.cumsum(np.diff(self._starts)[collections[first:last]]))
            together = columns[-1] - columns[0] + 1 == len(columns)
            part = side.select(columns) if not together else None
            other = side.block(int(columns[0]), int(columns[-1]) + 1) if part is None else part.block(0, len(columns))
            raw = self._raw.numpy()[columns]
            squares, norms, residual = (array[columns] for array in (side.squares, side.norms(), side.residual))
            largest = np.maximum.reduceat(norms, blocks[:-1]), np.maximum.reduceat(residual, blocks[:-1])
            for start in range(0, len(rows), _TILE_ROWS):
                some = rows[start : start + _TILE_ROWS]
                tile = _product(side, some, other)
                limits = np.stack(
                    [
                        square_errors(side, side.norms()[some].max(), largest[0]),
                        (side.residual[some].max() + largest[1]) * (1 + 1e-15),
                    ],
                    axis=-1,
                )
                into = slice(first, last), slice(start, start + len(some))
                value, error = (array[(slice(None), *into)] for array in found)
                _scan(
                    tile.numpy(), side.squares[some], squares, blocks, limits, _NEAR, self._raw.numpy(), some, raw, 0,
                    accuracy, what, value, error,
                )  # fmt: skip
        return {
            name: self._scaled(*(array[index] for array in found)) for index, name in enumerate(_BITS) if name in names
        }

    def _by_differences(
        self, rows: Integers, collections: Integers, names: Sequence[str]
    ) -> dict[str, tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]]:
        columns = np.concatenate([np.arange(*self._starts[c : c + 2]) for c in collections])
        ends = np.append(0, np.cumsum(np.diff(self._starts)[collections]))
        kinds = {name: kind for kind, name in enumerate(_BITS) if name in names}
        raw = self._raw[torch.from_numpy(rows)], self._raw[torch.from_numpy(columns)]
        found = direct.to_collections(*raw, ends, 2, tuple(kinds.values()))
        # Not views: what they are given to is compiled for this order.
        return {
            name: (np.ascontiguousarray(found[kind][0].T), np.ascontiguousarray(found[kind][1].T))
            for name, kind in kinds.items()
        }

    def _groups(self, collections: Integers) -> list[tuple[int, int]]:
        """Return runs of collections of a tile's columns together, or of one."""
        ends = np.cumsum(np.diff(self._starts)[collections])
        found, first = [], 0
        while first < len(collections):
            before = ends[first - 1] if first else 0
            last = max(first + 1, int(np.searchsorted(ends, before + _TILE_COLUMNS, side="right")))
            found.append((first, last))
            first = last
        return found

    def _scaled(
        self, value: npt.NDArray[np.float64], error: npt.NDArray[np.float64]
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        return scaled_arrays(value, error, self._exponent)


def _product(side: Rows, rows: Integers, columns: Tensor) -> Tensor:
    tile = empty_tile("float64", len(rows), len(columns))
    if len(rows) and rows[-1] - rows[0] + 1 == len(rows):
        return product(side.block(int(rows[0]), int(rows[-1]) + 1), columns, tile)
    return product(side.select(rows).block(0, len(rows)), columns, tile)
