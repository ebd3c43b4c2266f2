"""Embedded objects with the collection and the class of each, and random triples of their collections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int

from boundcheck.arithmetic import certified
from boundcheck.data.labels import grouped
from boundcheck.embed import embed
from boundcheck.errors import InvalidTypeError, InvalidValueError, explain
from boundcheck.printable import Brief

__all__ = ["LabelledPoints", "require_labelled", "sample_triples"]


@dataclass(frozen=True, eq=False)
class LabelledPoints(Brief):
    """Embedded objects, grouped into collections, each of one class.

    Attributes
    ----------
    points
        Shape (N, d), float64, finite.
    members
        The rows of each collection.
    classes
        The class of each collection, an integer each, shape (C,).
    names, class_names
        Of the collections and the classes.
    """

    points: Float[np.ndarray, "N d"]
    members: tuple[Int[np.ndarray, " n"], ...]
    classes: Int[np.ndarray, " C"]
    names: tuple[str, ...]
    class_names: tuple[str, ...]

    @classmethod
    @certified
    def from_labels(cls, points: Any, collection: npt.ArrayLike, classes: npt.ArrayLike) -> LabelledPoints:
        """Group points by the collection and class labels of each.

        Parameters
        ----------
        points
            Embedded objects, shape (N, d), real and finite.
        collection, classes
            A label for each object, shape (N,), as :func:`boundcheck.data.labels.grouped` takes them: whole numbers of
            any size, texts, dates and what else sorts, all of one kind and none missing.

        Raises
        ------
        InvalidValueError
            If the lengths differ, a label is missing, or a collection has objects of two classes.
        InvalidTypeError
            If labels are of several kinds, or do not sort.
        EmptyCollectionError, EmbeddingShapeError, EmbeddingDtypeError, NonFiniteError
            If the points cannot be used.
        """
        array = embed(None, points, name="embeddings").numpy()
        collections = grouped(collection, "collection", len(array))
        kinds = grouped(classes, "class", len(array))
        order = np.argsort(collections.numbers, kind="stable")
        sizes = np.bincount(collections.numbers)
        starts = np.cumsum(sizes) - sizes
        in_order = kinds.numbers[order]
        of_collection = in_order[starts]
        other = in_order != np.repeat(of_collection, sizes)
        if other.any():
            position = int(collections.numbers[order[np.argmax(other)]])
            own = np.unique(in_order[starts[position] : starts[position] + sizes[position]])
            shown = ", ".join(kinds.names[number] for number in own[:3])
            raise InvalidValueError(
                explain("class labels", f"one class for collection {collections.names[position]}", shown)
            )
        members = tuple(np.split(order, starts[1:]))
        return cls(array, members, of_collection, collections.names, kinds.names)

    def __len__(self) -> int:
        return len(self.members)

    def __str__(self) -> str:
        sizes = self.sizes
        each = f"{sizes.min()}" if sizes.min() == sizes.max() else f"{sizes.min()} to {sizes.max()}"
        objects, dimension = sizes.sum(), self.points.shape[1]
        of = f"{len(self):,} collection{'' if len(self) == 1 else 's'} of {each}, {len(set(self.classes.tolist())):,} classes"
        return f"{objects:,} objects in {dimension} dimension{'' if dimension == 1 else 's'}: {of}"

    def keep(self, chosen: npt.NDArray[np.bool_]) -> LabelledPoints:
        """Return the collections for which `chosen` is true, shape (C,); the points are shared."""
        masked = np.ma.is_masked(chosen)
        chosen = np.asarray(chosen)
        if masked or chosen.dtype != np.bool_ or chosen.shape != (len(self),):
            raise InvalidValueError(
                explain(
                    "chosen",
                    f"True or False for each of {len(self)} collections",
                    "a masked array" if masked else f"{chosen.dtype} {chosen.shape}",
                )
            )
        kept = np.flatnonzero(chosen)
        return LabelledPoints(
            self.points,
            tuple(self.members[position] for position in kept),
            self.classes[kept],
            tuple(self.names[position] for position in kept),
            self.class_names,
        )

    @property
    def sizes(self) -> Int[np.ndarray, " C"]:
        """The number of objects in each collection."""
        return np.array([len(rows) for rows in self.members], dtype=np.int64)


def require_labelled(name: str, value: object) -> None:
    """Raise where an argument is no :class:`LabelledPoints`."""
    if not isinstance(value, LabelledPoints):
        raise InvalidTypeError(explain(name, "LabelledPoints", f"{type(value).__name__}"))


def sample_triples(labelled: LabelledPoints, count: int, *, seed: int = 0) -> Int[np.ndarray, "t 3"]:
    """Draw independent triples of collections: two different ones of one class, a third of another.

    The first is uniform over the collections that have a sibling, the second over its siblings, the third over the
    collections of other classes.

    Parameters
    ----------
    labelled
        Where to draw from; at least two classes, and one with two collections.
    count
        How many, at least 1; with replacement.
    seed
        Of the draw.

    Returns
    -------
    Int[np.ndarray, "t 3"]
        Positions of collections.

    Raises
    ------
    InvalidValueError
        If there is no triple to draw, or `count` is below 1.
    """
    if isinstance(count, bool) or not isinstance(count, (int, np.integer)) or count < 1:
        raise InvalidValueError(explain("count", "an integer in [1, ∞)", f"{count!r}"))
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise InvalidValueError(explain("seed", "an integer in [0, ∞)", f"{seed!r}"))
    order = np.argsort(labelled.classes, kind="stable")
    totals = np.bincount(labelled.classes, minlength=len(labelled.class_names))
    starts = np.cumsum(totals) - totals
    rank = np.empty(len(labelled), dtype=np.int64)
    rank[order] = np.arange(len(labelled))
    anchors = np.flatnonzero(totals[labelled.classes] >= 2)
    if not len(anchors) or np.count_nonzero(totals) < 2:
        raise InvalidValueError(
            explain(
                "collections",
                "two classes, one of them with two collections",
                f"{np.count_nonzero(totals)} classes with {', '.join(map(str, totals[totals > 0][:5]))} collections",
            )
        )
    random = np.random.default_rng(seed)
    first = random.choice(anchors, count)
    own = labelled.classes[first]
    start, total = starts[own], totals[own]
    # Uniform over the others of the class, and over everything outside it: shift past what is excluded.
    sibling = random.integers(0, total - 1)
    second = order[start + sibling + (sibling >= rank[first] - start)]
    outside = random.integers(0, len(labelled) - total)
    third = order[outside + np.where(outside >= start, total, 0)]
    return np.stack([first, second, third], axis=1)
