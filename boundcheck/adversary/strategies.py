"""Hypothesis strategies for adversarial collections and embedding functions.

Collections are drawn to satisfy a bound's premises: equal sizes where it has that premise; the triplet premise needs
nothing, since m left out is the least that is true. The simplest cases come first, so a failure shrinks to few points
of small whole coordinates on the line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from boundcheck.errors import InvalidValueError, explain
from boundcheck.language import Bound, EqualSizes, Family, ForAll, Lipschitz, Premise, Rules
from boundcheck.theorems import K

__all__ = [
    "EMBEDDINGS",
    "SHAPES",
    "Embedding",
    "Several",
    "Triple",
    "embedding_functions",
    "norms",
    "several",
    "triples",
]

Points = npt.NDArray[np.float64]

#: The shapes of collections that :func:`triples` draws, simplest first.
SHAPES = (
    "lattice",
    "gaussian",
    "duplicates",
    "collinear",
    "near ties",
    "one-hot",
    "mixed scales",
    "far from the origin",
    "huge",
    "tiny",
)

#: Shapes about the origin, for statements about lengths and directions.
ROUND = ("unit sphere", "simplex")

#: The kinds of embedding function that :func:`embedding_functions` draws, simplest first.
EMBEDDINGS = ("identity", "linear", "constant", "network", "discontinuous", "steep")


@dataclass(frozen=True, eq=False)
class Triple:
    """Three collections of points, each of shape (size, d).

    Attributes
    ----------
    G1, G2, G3
        Anchors, positives, negatives.
    shape
        How they were drawn.
    """

    G1: Points
    G2: Points
    G3: Points
    shape: str

    @property
    def collections(self) -> tuple[Points, Points, Points]:
        """The three in the order in which bounds take them."""
        return self.G1, self.G2, self.G3

    def __repr__(self) -> str:
        if sum(points.size for points in self.collections) > 60:
            sizes = ", ".join(str(points.shape) for points in self.collections)
            return f"Triple({self.shape}, shapes {sizes})"
        shown = ", ".join(f"G{k}={points.tolist()}" for k, points in enumerate(self.collections, 1))
        return f"Triple({shown}, {self.shape!r})"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        # Hypothesis would print a dataclass field by field: up to 24,000 numbers.
        printer.text(repr(self))


@st.composite
def triples(
    draw: st.DrawFn,
    bound: Bound = K,
    *,
    max_size: int = 8,
    max_dimension: int = 1000,
    shapes: tuple[str, ...] = SHAPES,
) -> Triple:
    """Draw three collections that satisfy a bound's premises on sizes.

    Parameters
    ----------
    draw
        Supplied by Hypothesis.
    bound
        Whose premises to satisfy.
    max_size
        The most points in a collection, at least 1.
    max_dimension
        Of the space, at least 1; lattices have at most 4.
    shapes
        Which of :data:`SHAPES` to draw.

    Raises
    ------
    InvalidValueError
        If a shape is unknown or a maximum is below 1.
    TermError
        If a premise is of a kind that there is no rule for.
    """
    if len(bound.collections) != 3:
        got = f"{bound.name!r} over {len(bound.collections)}"
        raise InvalidValueError(explain("bound", "one over three collections", got, "several() draws any number"))
    found = draw(several(bound, max_size=max_size, max_dimension=max_dimension, shapes=shapes))
    anchors, positives, negatives = found.collections
    return Triple(anchors, positives, negatives, found.shape)


@dataclass(frozen=True, eq=False)
class Several:
    """Collections of points for a bound over any number of them, each of shape (size, d).

    Attributes
    ----------
    bound
        Whose collections.
    collections
        Their points, in its order.
    partitions
        Of every family, the sizes of its classes, whose points come in that order.
    shape
        How they were drawn.
    """

    bound: Bound
    collections: tuple[Points, ...]
    partitions: Mapping[Family, tuple[int, ...]]
    shape: str

    @property
    def named(self) -> dict[str, Any]:
        """What :func:`boundcheck.check` takes for each, by its argument."""
        return {
            one.argument: _by_class(points, self.partitions[one]) if isinstance(one, Family) else points
            for one, points in zip(self.bound.collections, self.collections, strict=True)
        }

    def __repr__(self) -> str:
        if sum(points.size for points in self.collections) > 60:
            sizes = ", ".join(str(points.shape) for points in self.collections)
            return f"Several({self.shape}, shapes {sizes})"
        shown = {
            name: {key: rows.tolist() for key, rows in given.items()} if isinstance(given, dict) else given.tolist()
            for name, given in self.named.items()
        }
        return f"Several({', '.join(f'{name}={value}' for name, value in shown.items())}, {self.shape!r})"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))


def _by_class(points: Points, sizes: tuple[int, ...]) -> dict[str, Points]:
    parts = np.split(points, np.cumsum(sizes)[:-1])
    return {str(number): part for number, part in enumerate(parts, 1)}


@st.composite
def several(
    draw: st.DrawFn,
    bound: Bound,
    *,
    min_size: int = 1,
    max_size: int = 8,
    max_dimension: int = 1000,
    shapes: tuple[str, ...] = SHAPES,
) -> Several:
    """Draw the collections of a bound, any number of them and families too, that satisfy its premises on sizes.

    Parameters
    ----------
    draw
        Supplied by Hypothesis.
    bound
        Whose collections, and whose premises to satisfy.
    min_size
        The fewest points in a collection, and in a class, at least 1: a statement about distinct points needs two.
    max_size
        The most points in a collection, and in a class; the most classes of a family, of which there are two at least.
    max_dimension
        Of the space, at least 1; lattices have at most 4.
    shapes
        Which of :data:`SHAPES` and :data:`ROUND` to draw.

    Raises
    ------
    InvalidValueError
        If a shape is unknown or a maximum is below 1.
    TermError
        If a premise is of a kind that there is no rule for.
    """
    DRAWN.require_premises(bound)
    if max_size < 1 or max_dimension < 1:
        raise InvalidValueError(
            explain("max_size, max_dimension", "integers in [1, ∞)", f"{max_size}, {max_dimension}")
        )
    if not 1 <= min_size <= max_size:
        raise InvalidValueError(explain("min_size", f"an integer in [1, {max_size}], up to max_size", f"{min_size}"))
    unknown = [shape for shape in shapes if shape not in (*SHAPES, *ROUND)]
    if unknown or not shapes:
        raise InvalidValueError(explain("shapes", f"some of {', '.join((*SHAPES, *ROUND))}", f"{shapes!r}"))
    # Often few points on a line of small whole coordinates: equality, if it is reached at all, is reached there.
    size = st.one_of(st.just(min_size), st.integers(min_size, max_size))
    sizes: list[int] = []
    partitions: dict[Family, tuple[int, ...]] = {}
    for role, (like, one) in enumerate(zip(like_in_size(bound), bound.collections, strict=True)):
        if isinstance(one, Family):
            most = max(2, max_size)
            partitions[one] = tuple(draw(st.lists(size, min_size=2, max_size=most)))
            sizes.append(sum(partitions[one]))
        else:
            sizes.append(draw(size) if like == role else sizes[like])
    low = draw(st.one_of(st.just(1), st.integers(1, min(4, max_dimension))))
    # Drawn coordinate by coordinate and triplet by triplet, so that dropping a coordinate or a triplet leaves the rest
    # as it was; and from 0 up, then moved as one, since mixed signs would shrink to reflections of the simplest case.
    whole = draw(arrays(np.int64, (low, max(sizes), len(sizes)), elements=st.integers(0, 2), fill=st.nothing()))
    whole = whole - draw(st.integers(0, 2))
    # What a shape needs besides comes after, and the shape last: a failure in another shape can then shrink to the
    # lattice with the same coordinates.
    dimension = draw(_dimensions(max_dimension))
    seed = draw(st.integers(0, 2**32 - 1))
    shape = draw(st.one_of(st.just(shapes[0]), st.sampled_from(shapes)))
    together = np.concatenate([whole[:, :count, role].T for role, count in enumerate(sizes)]).astype(np.float64)
    points = _shaped(shape, together, dimension, np.random.default_rng(seed))
    return Several(bound, tuple(np.split(points, np.cumsum(sizes)[:-1])), partitions, shape)


#: How collections are drawn to satisfy each kind of premise.
DRAWN: Rules[str] = Rules(
    "the strategies",
    Premise,
    {
        EqualSizes: "collections of one size",
        ForAll: "any points: its parameter takes the least value that makes it true, and a verdict is vacuous elsewhere",
        Lipschitz: "any points: it says something of a map, which comes with the function that is tested",
    },
    fix="say how it is drawn in boundcheck.adversary.strategies.DRAWN",
)


def like_in_size(bound: Bound) -> list[int]:
    """Return, for each of a bound's collections, the position of the first that must be as large."""
    like = list(range(len(bound.collections)))
    for group in bound.equal_sizes:
        joined = {like[bound.collections.index(collection)] for collection in group}
        like = [min(joined) if position in joined else position for position in like]
    return like


def _dimensions(largest: int) -> st.SearchStrategy[int]:
    """Mostly few dimensions; now and then as many as allowed."""
    few = st.integers(1, min(8, largest))
    many = [dimension for dimension in (64, 257, largest) if 8 < dimension <= largest]
    return st.one_of(few, few, few, st.sampled_from(many)) if many else few


def _shaped(shape: str, whole: Points, dimension: int, random: np.random.Generator) -> Points:
    """Return points of a shape made from whole coordinates, shape (count, 1 to 4), and from random numbers."""
    count, steps = len(whole), whole[:, 0]
    spread: Points = random.normal(size=(count, dimension))
    direction: Points = random.normal(size=dimension)
    match shape:
        case "lattice":
            return whole
        case "duplicates":
            return spread[(steps % max(1, count // 3)).astype(np.intp)]
        case "collinear":
            return random.normal(size=dimension) + np.outer(steps, direction)
        case "near ties":
            # Few places, each point off its place by a few units in the last place.
            places = np.outer(np.sign(steps), direction) + 1
            return places * (1 + random.integers(-3, 4, places.shape) * np.finfo(np.float64).eps)
        case "one-hot":
            return np.eye(dimension)[(steps % dimension).astype(np.intp)]
        case "unit sphere":
            units: Points = spread / np.linalg.norm(spread, axis=1, keepdims=True)
            return units
        case "simplex":
            # Vertices of a regular simplex about the origin, in a space of as many dimensions.
            centred = np.eye(dimension + 1) - 1 / (dimension + 1)
            corners: Points = centred @ np.linalg.svd(centred)[2][:dimension].T
            return corners[(steps % (dimension + 1)).astype(np.intp)]
        case "mixed scales":
            return spread * 10.0 ** random.integers(-150, 150, (count, 1))
        case "far from the origin":
            return spread * 1e-3 + 1e9 * direction
        case "huge":
            return spread * 1e300
        case "tiny":
            return spread * 1e-310
        case _:
            return spread


def norms() -> st.SearchStrategy[float]:
    """Draw the p of a p-norm: the usual ones first, then any other from 1 up."""
    return st.one_of(
        st.sampled_from([2.0, 1.0, float("inf")]),
        st.sampled_from([1.5, 3.0, 40.0]),
        st.floats(1.0, 1e3, allow_nan=False),
    )


@dataclass(frozen=True)
class Embedding:
    """A function from vectors to vectors, the same each time it is called; takes a batch of shape (n, d).

    Attributes
    ----------
    kind
        One of :data:`EMBEDDINGS`.
    dimension
        Of what it gives (what it is given, for the identity).
    seed
        Of its weights.
    """

    kind: str
    dimension: int
    seed: int = 0

    def __call__(self, batch: npt.ArrayLike) -> Points:
        """Return the embedding of each row."""
        x: Points = np.atleast_2d(np.asarray(batch, dtype=np.float64))
        if self.kind == "identity":
            return x
        random = np.random.default_rng([self.seed, x.shape[1], self.dimension])
        weights = random.normal(size=(x.shape[1], self.dimension)) / np.sqrt(x.shape[1])
        # Products row by row: a blocked product rounds by the shape of its batch, and this must be a function.
        linear: Points = np.stack([(row[:, None] * weights).sum(axis=0) for row in x])
        result: Points
        match self.kind:
            case "linear":
                result = linear
            case "constant":
                result = np.tile(random.normal(size=self.dimension), (len(x), 1))
            case "network":
                hidden = np.maximum(0.0, np.tanh(linear / (1 + np.abs(linear).max(axis=1, keepdims=True))))
                result = hidden * random.normal(size=self.dimension) + random.normal(size=self.dimension)
            case "discontinuous":
                result = np.sign(linear) + np.floor(np.clip(linear, -1e6, 1e6))
            case "steep":
                result = 1e6 * np.sin(1e9 * np.clip(linear, -1e6, 1e6))
            case _:
                raise InvalidValueError(explain("kind", f"one of {', '.join(EMBEDDINGS)}", f"{self.kind!r}"))
        return result


def embedding_functions(max_dimension: int = 16) -> st.SearchStrategy[Embedding]:
    """Draw embedding functions: linear, constant, networks, discontinuous ones, ones of huge Lipschitz constant."""
    return st.builds(Embedding, st.sampled_from(EMBEDDINGS), st.integers(1, max_dimension), st.integers(0, 1000))
