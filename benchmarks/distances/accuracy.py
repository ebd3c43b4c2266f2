"""Accuracy on rows made to go wrong: the relative error of every peer, against extended precision.

The reference takes differences, squares and sums in the C type long double of at least 64 bits: off by at most about
(d + 8)·2⁻⁶⁴, 7e-18 at d = 128, which is far below what is measured.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from benchmarks.distances import peers
from benchmarks.distances.works import seen

__all__ = ["CASES", "DIMENSION", "NAN", "PEERS", "REDUCTIONS", "ROWS", "exact", "measured", "relative_error", "rows_of"]

#: The reductions that are compared.
REDUCTIONS = ("max", "min", "mean", "hausdorff")
#: The peers, in the tables' order.
PEERS = (peers.OURS, "torch.cdist", "torch.cdist, differences", "scipy", "scikit-learn", "pykeops", "faiss")
#: The case that has no exact value.
NAN = "a row with NaN"

_SEED = 2
ROWS, DIMENSION = 300, 128
# Rows of the reference at once.
_AT_ONCE = 16

Make = Callable[[np.random.Generator, int, int], npt.NDArray[np.float64]]


def _near_duplicates(rng: np.random.Generator, n: int, d: int) -> npt.NDArray[np.float64]:
    """Return unit rows around one unit row, some 1e-3 apart."""
    rows = np.ones(d) / math.sqrt(d) + 1e-4 * rng.normal(size=(n, d))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def _with_nan(rng: np.random.Generator, n: int, d: int) -> npt.NDArray[np.float64]:
    rows = rng.normal(size=(n, d))
    rows[n // 2, 0] = np.nan
    return rows


#: By name, what makes n rows of dimension d; both sides are made alike, then rounded to float32.
CASES: Mapping[str, Make] = {
    "normal": lambda rng, n, d: rng.normal(size=(n, d)),
    "offset 1e3, spread 1e-2": lambda rng, n, d: 1e3 + 1e-2 * rng.normal(size=(n, d)),
    "normalised near-duplicates": _near_duplicates,
    "of size 1e20": lambda rng, n, d: 1e20 * rng.normal(size=(n, d)),
    "of size 1e-24": lambda rng, n, d: 1e-24 * rng.normal(size=(n, d)),
    NAN: _with_nan,
    "ties: corners of a cube": lambda rng, n, d: rng.choice([-1.0, 1.0], size=(n, d)),
    "one-hot": lambda rng, n, d: np.eye(d)[rng.integers(0, d, n)],
    "heavy tails": lambda rng, n, d: rng.normal(size=(n, d)) * rng.standard_t(1, size=(n, 1)),
}


def rows_of(case: str, n: int = ROWS, d: int = DIMENSION) -> tuple[Tensor, Tensor]:
    """Return the two sides of a case, float32, shape (n, d) and (n + 50, d)."""
    rng = np.random.default_rng([_SEED, list(CASES).index(case)])
    x, w = (torch.from_numpy(CASES[case](rng, count, d)).to(torch.float32) for count in (n, n + 50))
    return x, w


def exact(x: Tensor, w: Tensor) -> dict[str, np.longdouble]:
    """Return the reductions in extended precision.

    Raises
    ------
    RuntimeError
        Where a long double has fewer than 64 bits.
    """
    if np.finfo(np.longdouble).nmant < 63:
        raise RuntimeError("the reference needs a long double of at least 64 bits, which this platform does not have")
    rows, columns = (side.numpy().astype(np.longdouble) for side in (x, w))
    distances = np.concatenate(
        [
            np.sqrt(np.square(rows[start : start + _AT_ONCE, None] - columns).sum(axis=-1))
            for start in range(0, len(rows), _AT_ONCE)
        ]
    )
    found = {"max": distances.max(), "min": distances.min(), "mean": distances.mean()}
    return {**found, "hausdorff": distances.min(axis=1).max()}


def relative_error(value: float, expected: np.longdouble) -> float:
    """Return |value − expected| / expected: 0 or infinite for an expected 0."""
    off = abs(np.longdouble(value) - expected)
    if expected == 0:
        return 0.0 if off == 0 else math.inf
    return float(off / expected)


def measured(n: int = ROWS, d: int = DIMENSION, *, only: tuple[str, ...] = PEERS) -> list[dict[str, Any]]:
    """Return a row for every case, peer and reduction.

    A row's ``outcome`` is ``error``, ``nan`` or ``raises``, or ``silent``: a number where there is no distance. With
    ``error`` comes the relative ``error``; with ours the enclosure's ``relative_width``, and whether it ``encloses``.
    """
    found = []
    for case in CASES:
        x, w = rows_of(case, n, d)
        expected = {} if case == NAN else exact(x, w)
        for reduction in REDUCTIONS:
            runs = peers.reductions(reduction)
            found += [
                {
                    "case": case,
                    "peer": peer,
                    "reduction": reduction,
                    **_outcome(runs[peer], x, w, expected.get(reduction)),
                }
                for peer in only
                if peer in runs
            ]
    return found


def _outcome(run: peers.Reduction, x: Tensor, w: Tensor, expected: np.longdouble | None) -> dict[str, Any]:
    # What a library warns of is beside the point here.
    with np.errstate(all="ignore"):
        try:
            returned = run(x, w)
        except Exception as error:
            return {"outcome": "raises", "message": f"{type(error).__name__}: {str(error).splitlines()[0]}"}
    value, width = seen(returned)
    if math.isnan(value):
        return {"outcome": "nan"}
    if expected is None:
        return {"outcome": "silent", "value": value}
    row: dict[str, Any] = {"outcome": "error", "value": value, "error": relative_error(value, expected)}
    if width is not None:
        row["relative_width"] = width if value else 0.0
        row["encloses"] = bool(abs(np.longdouble(value) - expected) <= np.longdouble(returned.error))  # type: ignore[attr-defined]
    return row
