"""Terms with none below them, about a collection as a whole or one point of it.

=====================  =================================================
scalar                 :class:`Size`, :class:`Dimension`, :class:`Transport`, :class:`HullDistance`
vector                 :class:`Point`
=====================  =================================================
"""

from __future__ import annotations

from dataclasses import dataclass

from boundcheck.errors import InvalidTypeError, TermError, explain
from boundcheck.language.letters import Collection, Index, require_collection, require_two
from boundcheck.language.terms import Scalar, Vector

__all__ = ["Dimension", "HullDistance", "Point", "Size", "Transport"]


@dataclass(frozen=True)
class Size(Scalar):
    """The number of points of a collection."""

    collection: Collection

    def __post_init__(self) -> None:
        require_collection(self.collection, "Size")

    def collections(self) -> frozenset[Collection]:
        """Return the collection counted."""
        return frozenset({self.collection})


@dataclass(frozen=True)
class Dimension(Scalar):
    """The number of coordinates of the embedding space."""


@dataclass(frozen=True)
class _OfTwo(Scalar):
    a: Collection
    b: Collection

    def __post_init__(self) -> None:
        require_two(self.a, self.b, type(self).__name__)

    def collections(self) -> frozenset[Collection]:
        """Return the two collections."""
        return frozenset({self.a, self.b})


@dataclass(frozen=True)
class Transport(_OfTwo):
    """The Wasserstein-1 distance of the uniform measures on two collections: the least mean distance of a coupling."""


@dataclass(frozen=True)
class HullDistance(_OfTwo):
    """The Euclidean distance of two convex hulls: the largest min ⟨u, a_i⟩ − max ⟨u, b_k⟩ over ‖u‖ ≤ 1."""


@dataclass(frozen=True)
class Point(Vector):
    """One embedded point of a collection, ``x_i``."""

    collection: Collection
    index: Index

    def __post_init__(self) -> None:
        if not isinstance(self.index, Index):
            raise InvalidTypeError(
                explain(f"{self.collection}[…]", "an Index", f"{self.index!r}", f"use {self.collection}.each")
            )
        if type(self.index) is not Index:
            raise TermError(
                explain(
                    f"{self.collection}[…]",
                    "an index over all of its points",
                    self.index.described,
                    f"use {self.collection}.points",
                )
            )
        if self.collection not in self.index.collections:
            over = ", ".join(map(str, self.index.collections))
            raise TermError(
                explain(
                    "index",
                    f"one that runs over {self.collection}",
                    f"{self.index}, which runs over {over}, in '{self.collection}_{self.index}'",
                    f"use {self.collection}.each, or pair the collections off with paired({over}, {self.collection})",
                )
            )

    def free(self) -> frozenset[Index]:
        """Return this point's index."""
        return frozenset({self.index})

    def collections(self) -> frozenset[Collection]:
        """Return the collection of this point."""
        return frozenset({self.collection})
