"""The works: inputs, and who does what with them. One definition serves the runner, pytest-benchmark and the tests."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from benchmarks.distances import peers
from benchmarks.distances.peers import OURS, UNPRUNED, Reduction
from boundcheck import check_bound, distances
from boundcheck.arithmetic import Workers
from boundcheck.evaluate import Enclosed, judge
from boundcheck.language import w as negatives
from boundcheck.language import x as anchors
from boundcheck.language import z as positives
from boundcheck.theorems import K

__all__ = [
    "FIVE_REDUCTIONS",
    "NAIVE",
    "ONE_REDUCTION",
    "OUR_MAX",
    "OUR_ROUGH",
    "PIXELS",
    "SCALES",
    "WORKS",
    "Inputs",
    "Scale",
    "Work",
    "seen",
]

Scale = Literal["full", "quick", "tiny"]
Inputs = tuple[Tensor, ...]

#: How large: what is reported, what says in minutes that all runs, and what a test can afford.
SCALES: tuple[Scale, ...] = ("full", "quick", "tiny")

#: The peers of the works that are not one reduction of two sets.
ONE_REDUCTION = "torch.cdist in chunks, max alone"
FIVE_REDUCTIONS = "torch.cdist in chunks, five reductions"
OUR_MAX = "boundcheck, max alone"
OUR_ROUGH = "boundcheck, rtol=1e-5"
NAIVE = "torch, float64, no certificate"

#: The environment's name of a file with rows of Omniglot's pixels, of which the work on them is made.
PIXELS = "BOUNDCHECK_BENCH_PIXELS"

_SEED = 1
# Objects of a collection.
_SIZE = 20
# Collections at once, so that a chunk of 500 collections' matrix is 20 MB.
_CHUNK = 25
# Triples at once, as boundcheck.scan has it.
_BATCH = 256


@dataclass(frozen=True)
class Work:
    """Something to compute, and who computes it.

    Attributes
    ----------
    name, title
        The key in results, and what tables say.
    inputs
        From a generator and the numbers of `sizes`.
    sizes
        By scale.
    runs
        By peer: from the inputs to a number that says what was found, enclosed where the peer knows its error.
    shares
        Peers that are given only this share of the rows in full scale, for time: it grows in proportion to the pairs.
    repeat
        A run is so many calls, where one is too short for the clock.
    brief
        The peers that are measured where not all of them are: what users would take otherwise, and what is no slower
        than any. None of them: the work is left out.
    needs
        What of the environment it is made from.
    """

    name: str
    title: str
    inputs: Callable[..., Inputs]
    sizes: Mapping[Scale, tuple[int, ...]]
    runs: Mapping[str, Callable[..., float]]
    shares: Mapping[str, float] = field(default_factory=dict)
    repeat: int = 1
    brief: tuple[str, ...] = ()
    needs: str | None = None

    def among(self, *, full: bool) -> tuple[str, ...]:
        """Return the peers that are measured: all of them, or those of a brief run."""
        return tuple(peer for peer in self.runs if full or peer in self.brief)

    def make(self, scale: Scale) -> Inputs:
        """Return the inputs, the same at every call."""
        return self.inputs(torch.Generator().manual_seed(_SEED), *self.sizes[scale])

    def warm(self, inputs: Inputs) -> Inputs:
        """Return a few of the inputs: enough for all that is loaded or compiled at a first call."""
        return tuple(part[:64] for part in inputs)

    def part(self, peer: str, inputs: Inputs, scale: Scale) -> tuple[Inputs, float]:
        """Return what a peer is given of the inputs, and which share of the work that is."""
        if scale != "full" or peer not in self.shares:
            return inputs, 1.0
        rows = math.ceil(self.shares[peer] * len(inputs[0]))
        return (inputs[0][:rows], *inputs[1:]), rows / len(inputs[0])


# --------------------------------------------------------------------------------------------------- two sets of rows


def _normal(generator: torch.Generator, n: int, d: int) -> Inputs:
    return torch.randn(n, d, generator=generator), torch.randn(n, d, generator=generator)


def _heavy(generator: torch.Generator, n: int, d: int) -> Inputs:
    """Return normal rows, each times a Student number of two degrees of freedom: of infinite variance."""
    sides = []
    for _ in range(2):
        rows = torch.randn(n, d, generator=generator)
        # |t₂| of a uniform number u: √(2u² / (1 − u²)).
        u = torch.rand(n, 1, generator=generator)
        sides.append(rows.mul_((2 * u.square() / (1 - u.square())).sqrt_()))
    return sides[0], sides[1]


def _outliers(generator: torch.Generator, n: int, d: int) -> Inputs:
    """Return rows that each have a near one on the other side, but for one in a hundred: what an early break is for."""
    x = torch.randn(n, d, generator=generator)
    w = x + 1e-2 * torch.randn(n, d, generator=generator)
    x[::100] *= 10
    return x, w


def _of_pair(
    name: str, title: str, reduction: str, inputs: Callable[..., Inputs], n: int, d: int, *, only: tuple[str, ...] = (),
    but: tuple[str, ...] = (), shares: Mapping[str, float] | None = None, brief: tuple[str, ...] = (),
    needs: str | None = None,
) -> Work:  # fmt: skip
    runs: dict[str, Reduction] = peers.reductions(reduction)
    chosen = {peer: run for peer, run in runs.items() if (not only or peer in only) and peer not in but}
    sizes: dict[Scale, tuple[int, ...]] = {"full": (n, d), "quick": (max(64, n // 10), d), "tiny": (70, 8)}
    return Work(name, f"{title}, {n:,} × {n:,} × {d}", inputs, sizes, chosen, shares or {}, brief=brief, needs=needs)


_PRODUCTS = ("float32 tiles, MKL", "float32 tiles, oneDNN", "product alone, MKL", "product alone, oneDNN")
_FEW = (OURS, UNPRUNED, "torch.cdist", *_PRODUCTS)
_BRIEF = (OURS, "torch.cdist", "float32 tiles, MKL")
# Peers that take minutes for all pairs.
_SLOW_1408 = {"scipy": 0.01, "pykeops": 0.01, "torch.cdist, differences": 0.05, "scikit-learn": 0.25}
_SLOW_128 = {"scipy": 0.1, "pykeops": 0.1, "torch.cdist, differences": 0.25}


def _two_of(rows: Tensor, generator: torch.Generator, n: int) -> Inputs:
    """Return two sets of n rows each, none in both."""
    order = torch.randperm(len(rows), generator=generator)
    return rows[order[:n]].contiguous(), rows[order[n : 2 * n]].contiguous()


def _features(generator: torch.Generator, n: int, d: int) -> Inputs:
    """Return embeddings that the package ships, of a network trained on triplets; in small, their first d coordinates."""
    from boundcheck.omniglot.embedded import shipped

    return _two_of(torch.from_numpy(shipped().embeddings[:, :d].astype(np.float32)), generator, n)


def _pixels(generator: torch.Generator, n: int, d: int) -> Inputs:
    """Return drawings as the pixels that they are, each in 0 … 1."""
    pixels = np.load(os.environ[PIXELS], mmap_mode="r")
    return _two_of(torch.from_numpy(pixels[:, :d].astype(np.float32) / 255), generator, n)


# -------------------------------------------------------------------------------------------------- many collections


def _collections(generator: torch.Generator, count: int, d: int) -> Inputs:
    return (torch.randn(count, _SIZE, d, generator=generator),)


def _between(reduce: tuple[str, ...], collections: Tensor, rtol: float = 1e-12) -> float:
    found = distances.between(collections.unbind(), reduce=reduce, rtol=rtol)
    width = 0.0
    for table in vars(found).values():
        if table is not None:
            positive = table.value > 0
            width = max(width, float((2 * table.error[positive] / table.value[positive]).max()))
    assert found.max is not None
    value = float(found.max.value.mean())
    # The widest of all tables, as the width of what is returned.
    return Enclosed(value, width * value / 2)


def _chunks(reductions: bool, collections: Tensor) -> float:
    count, size, _ = collections.shape
    rows = collections.flatten(0, 1)
    tables = [torch.empty(count, count) for _ in range(7 if reductions else 1)]
    for start in range(0, count, _CHUNK):
        some = slice(start, start + _CHUNK)
        matrix = torch.cdist(collections[some].flatten(0, 1), rows).view(-1, size, count, size)
        tables[0][some] = matrix.amax(dim=(1, 3))
        if not reductions:
            continue
        forth, back = matrix.amin(dim=3), matrix.amin(dim=1)
        tables[1][some], tables[2][some] = forth.amin(dim=1), matrix.mean(dim=(1, 3))
        tables[3][some], tables[4][some] = forth.mean(dim=1), back.mean(dim=2)
        tables[5][some], tables[6][some] = forth.amax(dim=1), back.amax(dim=2)
    return float(tables[0].mean(dtype=torch.float64))


def _of_collections(d: int) -> Work:
    return Work(
        f"between-{d}",
        f"500 collections of {_SIZE}, max, min, mean, Chamfer and Hausdorff of every two, D = {d}",
        _collections,
        {"full": (500, d), "quick": (60, d), "tiny": (6, 8)},
        {
            OURS: lambda collections: _between(distances.REDUCTIONS, collections),
            OUR_MAX: lambda collections: _between(("max",), collections),
            OUR_ROUGH: lambda collections: _between(distances.REDUCTIONS, collections, rtol=1e-5),
            ONE_REDUCTION: lambda collections: _chunks(False, collections),
            FIVE_REDUCTIONS: lambda collections: _chunks(True, collections),
        },
        brief=(OURS, OUR_MAX, OUR_ROUGH, ONE_REDUCTION, FIVE_REDUCTIONS),
    )


# ----------------------------------------------------------------------------------------------------------- triples


def _triples(generator: torch.Generator, count: int, d: int) -> Inputs:
    """Return anchors, positives and negatives, shape (count, n, d) in float64."""
    sides = [torch.randn(count, _SIZE, d, generator=generator, dtype=torch.float64) for _ in range(3)]
    return sides[0], sides[1], sides[2].add_(1)


def _check_one(x: Tensor, z: Tensor, w: Tensor) -> float:
    return check_bound(None, x[0], z[0], w[0]).rhs


def _naive(x: Tensor, z: Tensor, w: Tensor) -> float:
    """Return the right side of the last triple; the left side and the least m are computed for all."""
    far = torch.cdist(x, w)
    near = torch.cdist(x, z)
    least = (near.amax(dim=2) - far.amin(dim=2)).amax(dim=1)
    right = 2 * torch.maximum(least, far.amax(dim=(1, 2)))
    held = (x.mean(dim=1) - z.mean(dim=1)).norm(dim=1) <= right
    return float(right[-1]) if bool(held.all()) else math.nan


def _naive_batches(x: Tensor, z: Tensor, w: Tensor) -> float:
    found = [_naive(*(side[start : start + _BATCH] for side in (x, z, w))) for start in range(0, len(x), _BATCH)]
    return found[-1]


def _judged(x: Tensor, z: Tensor, w: Tensor) -> float:
    def of(start: int) -> float:
        batch = {
            collection: side[start : start + _BATCH]
            for collection, side in zip((anchors, positives, negatives), (x, z, w), strict=True)
        }
        found = judge(K, batch).conclusion
        return Enclosed(float(found.rhs[-1]), float(found.rhs_error[-1]))

    # Two batches at once, as boundcheck.scan has it.
    with Workers(min(2, torch.get_num_threads())) as pool:
        return list(pool.map(of, range(0, len(x), _BATCH)))[-1]


def _rows_of(name: str) -> Work:
    """Return a reduction of every kind that is not the largest distance, at 20,000 × 20,000 × 128."""
    titles = {"min": "smallest distance", "mean": "mean distance", "chamfer": "Chamfer distance"}
    brief = (OURS, "torch.cdist") if name == "mean" else (OURS, "torch.cdist", "faiss")
    return _of_pair(f"{name}-128", titles[name], name, _normal, 20_000, 128, shares=_SLOW_128, brief=brief)


_EVERY = (
    _of_pair("max-1408", "largest distance and its pair", "max", _normal, 20_000, 1408, shares=_SLOW_1408, brief=_BRIEF),
    _of_pair("max-128", "largest distance and its pair", "max", _normal, 20_000, 128, shares=_SLOW_128,
             brief=(*_BRIEF, UNPRUNED, "scipy", "scikit-learn", "faiss")),
    _of_pair("heavy-1408", "largest distance, heavy-tailed rows", "max", _heavy, 20_000, 1408, only=_FEW),
    _of_pair("heavy-128", "largest distance, heavy-tailed rows", "max", _heavy, 20_000, 128, only=_FEW, brief=_BRIEF),
    _of_pair("features-64", "largest distance of embeddings of drawings", "max", _features, 16_230, 64, only=_FEW,
             brief=_BRIEF),
    _of_pair("pixels-784", "largest distance of drawings' pixels", "max", _pixels, 16_230, 784, only=_FEW,
             brief=_BRIEF, needs=PIXELS),
    *map(_rows_of, ("min", "mean", "chamfer")),
    _of_pair("hausdorff-128", "directed Hausdorff distance", "hausdorff", _normal, 20_000, 128,
             shares={"pykeops": 0.1, "torch.cdist, differences": 0.25}, brief=(OURS, "torch.cdist", "scipy", "faiss")),
    _of_pair("hausdorff-features-64", "directed Hausdorff distance of embeddings of drawings", "hausdorff", _features,
             16_230, 64, but=("pykeops", "torch.cdist, differences"), brief=(OURS, "torch.cdist", "scipy")),
    _of_pair("outliers-128", "directed Hausdorff distance, a hundredth of the rows outliers", "hausdorff", _outliers,
             20_000, 128, but=("pykeops", "torch.cdist, differences"), brief=(OURS, "scipy")),
    _of_collections(1408),
    _of_collections(128),
    Work(
        "triple",
        f"theorem K on one triple of {_SIZE}, D = 128",
        _triples,
        {"full": (1, 128), "quick": (1, 128), "tiny": (1, 8)},
        {OURS: _check_one, NAIVE: _naive},
        repeat=50,
        brief=(OURS, NAIVE),
    ),
    Work(
        "triples",
        f"theorem K on 10,000 triples of {_SIZE}, D = 128",
        _triples,
        {"full": (10_000, 128), "quick": (1000, 128), "tiny": (9, 8)},
        {OURS: _judged, NAIVE: _naive_batches},
        brief=(OURS, NAIVE),
    ),
)  # fmt: skip

#: Every work, by name.
WORKS: dict[str, Work] = {work.name: work for work in _EVERY}


def seen(value: float) -> tuple[float, float | None]:
    """Return a number that a run gave, and the relative width of its enclosure if it has one."""
    if isinstance(value, Enclosed):
        return float(value), 2 * value.error / float(value) if value else math.inf
    return float(np.float64(value)), None
