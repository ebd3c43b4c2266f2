"""Collections while a network learns: a metric with ``update``, ``compute`` and ``reset``, and a record of it every few steps.

>>> import numpy as np
>>> from boundcheck.watching import CollectionMetric
>>> points, metric = np.random.default_rng(0).normal(size=(24, 4)), CollectionMetric(sample=50)
>>> metric.update(points[:12], np.zeros(12), np.arange(12) // 3)
>>> metric.update(points[12:], np.ones(12), 4 + np.arange(12) // 3)
>>> found = metric.compute()
>>> found["holds"], found["fails"]
(1.0, 0.0)
"""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from boundcheck.atomic import why_not_written
from boundcheck.data.labelled import LabelledPoints, sample_triples
from boundcheck.embed import embed
from boundcheck.errors import EmptyCollectionError, InvalidValueError, explain, require_norm, require_whole
from boundcheck.evaluate import CODES, Verdict
from boundcheck.language import Bound
from boundcheck.scanning.requirements import named
from boundcheck.scanning.triples import check_triples

__all__ = ["CollectionMetric", "Watch"]


class CollectionMetric:
    """What collections of embeddings are like, as a metric that takes batches: of torchmetrics' three calls.

    Parameters
    ----------
    bounds
        Bounds about means, themselves, their names or FILE.py:NAME.
    sample
        How many random triples of collections to look at, at least 1; the same ones each time, as far as the labels are.
    norm
        The p of the p-norm.
    seed
        Of the draw.
    """

    def __init__(
        self,
        bounds: Bound | str | Sequence[Bound | str] = ("karimov-any-sizes", "chamfer"),
        *,
        sample: int = 256,
        norm: float = 2.0,
        seed: int = 0,
    ) -> None:
        self._bounds, self._norm = named(bounds), require_norm(norm)
        self._sample, self._seed = require_whole("sample", sample, 1), require_whole("seed", seed, 0)
        self.reset()

    def reset(self) -> None:
        """Forget every batch."""
        self._points: list[torch.Tensor] = []
        self._classes: list[Any] = []
        self._collections: list[Any] = []

    def update(self, embeddings: Any, classes: npt.ArrayLike, collections: npt.ArrayLike) -> None:
        """Take a batch: embeddings of shape (n, d), and the labels of each, shape (n,).

        Raises
        ------
        InvalidValueError
            If there is not one label for each embedding.
        """
        points = embed(None, embeddings, name="embeddings").clone()
        for kept, name, labels in (
            (self._classes, "classes", classes),
            (self._collections, "collections", collections),
        ):
            own = labels.tolist() if isinstance(labels, (torch.Tensor, np.ndarray)) else list(labels)  # type: ignore[arg-type]
            if len(own) != len(points):
                raise InvalidValueError(explain(name, f"{len(points)} labels, one for each embedding", f"{len(own)}"))
            kept.append(own)
        self._points.append(points)

    def compute(self) -> dict[str, float]:
        """Return the metric of all batches since the last reset.

        Returns
        -------
        dict
            ``m``, the median over triples of the least m that is true, and ``margin``, the share of triples on which it
            is below 0; ``holds``, ``fails``: the shares of triples on which every bound surely holds, and on which one
            surely fails; ``tightness NAME``, the median of left side over right side of each bound; ``collapse``, the
            mean distance of an object to its collection's centroid, over that of the centroids to their mean; and
            ``seconds``, what finding it cost.

        Raises
        ------
        EmptyCollectionError
            If there was no batch.
        InvalidValueError
            If the labels make no triple.
        """
        began = time.perf_counter()
        if not self._points:
            raise EmptyCollectionError(explain("metric", "a batch", "none", "call update(…) first"))
        labelled = LabelledPoints.from_labels(
            torch.cat(self._points), list(chain(*self._collections)), list(chain(*self._classes))
        )
        triples = sample_triples(labelled, self._sample, seed=self._seed)
        found: dict[str, float] = {}
        holds, fails = np.ones(len(triples), dtype=bool), np.zeros(len(triples), dtype=bool)
        for bound in self._bounds:
            one = check_triples(bound, labelled, triples, norm=self._norm, chain=False, progress=False)
            codes = {verdict: one.code == place for place, verdict in enumerate(CODES)}
            holds &= codes[Verdict.HOLDS]
            fails |= codes[Verdict.FAILS]
            if "m" in one.parameters and "m" not in found:
                least = one.parameters["m"]
                found |= {"m": float(np.median(least)), "margin": float(np.mean(least < 0))}
            known = one.tightness[~np.isnan(one.tightness)]
            found[f"tightness {bound.name}"] = float(np.median(known)) if len(known) else float("nan")
        found |= {"holds": float(holds.mean()), "fails": float(fails.mean()), "collapse": self._collapse(labelled)}
        found["seconds"] = time.perf_counter() - began
        return found

    def _collapse(self, labelled: LabelledPoints) -> float:
        def size(vectors: npt.NDArray[np.float64]) -> float:
            return float(np.mean(np.linalg.norm(vectors, ord=self._norm, axis=1)))

        centroids = np.stack([labelled.points[rows].mean(axis=0) for rows in labelled.members])
        within = [labelled.points[rows] - centre for rows, centre in zip(labelled.members, centroids, strict=True)]
        between = size(centroids - centroids.mean(axis=0))
        return size(np.concatenate(within)) / between if between else float("inf")


class Watch:
    """A record of the metric on held-out objects, every so many steps of training.

    Parameters
    ----------
    objects, classes, collections
        What is held out, with the labels of each.
    every
        How many steps lie between two entries.
    to
        A CSV file, or what has ``add_scalar(name, value, step)`` as the writers of TensorBoard do; None to keep it in
        ``rows`` alone.
    metric
        The metric; :class:`CollectionMetric` as it is by default.
    batch_size
        Of the objects that are embedded at once.

    Raises
    ------
    InvalidValueError
        If the file cannot be written.
    """

    def __init__(
        self,
        objects: Any,
        classes: npt.ArrayLike,
        collections: npt.ArrayLike,
        *,
        every: int = 100,
        to: Any = None,
        metric: CollectionMetric | None = None,
        batch_size: int = 256,
    ) -> None:
        self._held_out = objects, classes, collections
        self._every, self._batch_size = require_whole("every", every, 1), require_whole("batch_size", batch_size, 1)
        self._writer = to if hasattr(to, "add_scalar") else None
        self._path = None if to is None or self._writer is not None else Path(to)
        if self._path is not None and (why := why_not_written(self._path)):
            raise InvalidValueError(explain("to", "a file that can be written", f"{self._path}, {why}"))
        self._metric = CollectionMetric() if metric is None else metric
        self._began = time.perf_counter()
        #: Every entry so far.
        self.rows: list[dict[str, float]] = []

    def __call__(self, f: Callable[[Any], Any], step: int) -> dict[str, float] | None:
        """Embed what is held out by f and record the metric, if it is time for it: at step 0 and every so many after.

        A module is in evaluation mode meanwhile, and left as it was found.

        Returns
        -------
        dict or None
            The entry: the metric, ``step``, and ``cost``, the share of all time since the watch began that entries took.
        """
        if step % self._every:
            return None
        began = time.perf_counter()
        objects, classes, collections = self._held_out
        modes = [(part, part.training) for part in f.modules()] if isinstance(f, torch.nn.Module) else []
        try:
            for part, _ in modes:
                part.training = False
            self._metric.reset()
            self._metric.update(embed(f, objects, batch_size=self._batch_size, progress=False), classes, collections)
            found = self._metric.compute()
        finally:
            for part, training in modes:
                part.training = training
        now = time.perf_counter()
        spent = now - began + sum(row["spent"] for row in self.rows)
        row = {"step": float(step), **found, "spent": now - began, "cost": spent / max(now - self._began, 1e-9)}
        self._write(row)
        self.rows.append(row)
        return row

    def _write(self, row: dict[str, float]) -> None:
        if self._writer is not None:
            for name, value in row.items():
                if name != "step":
                    self._writer.add_scalar(f"collections/{name}", value, int(row["step"]))
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("w" if not self.rows else "a", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, list(row))
                if not self.rows:
                    writer.writeheader()
                writer.writerow(row)
