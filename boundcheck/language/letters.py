"""What terms speak of by letters: collections, indices that run over them, weights of their points, maps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from boundcheck.errors import InvalidTypeError, TermError, explain
from boundcheck.language.structure import Hashed

if TYPE_CHECKING:
    from boundcheck.language.atoms import Point
    from boundcheck.language.terms import Image, Vector

__all__ = [
    "Collection",
    "Index",
    "Map",
    "Weights",
    "another",
    "paired",
    "require_collection",
    "require_letter",
    "require_two",
]


@dataclass(frozen=True)
class Collection(Hashed):
    """A finite, non-empty collection of embedded points.

    Parameters
    ----------
    symbol
        The letter its points go by, ``"x"``.
    argument
        The name a caller passes it under, ``"G1"``.
    index
        The letter of its usual index, ``"i"``.
    size
        The letter of its size, ``"n"``.
    role
        What its objects are in a triplet: ``"anchors"``, ``"positives"``, ``"negatives"``.
    """

    symbol: str
    argument: str
    index: str
    size: str
    role: str = ""

    def __post_init__(self) -> None:
        for name in ("symbol", "argument", "index", "size"):
            require_letter(getattr(self, name), f"{name} of a Collection")

    def __str__(self) -> str:
        return self.symbol

    def __getitem__(self, index: Index) -> Point:
        # A point is a term, and terms are made of these.
        from boundcheck.language.atoms import Point

        return Point(self, index)

    # Without this, __getitem__ would make a collection look iterable.
    __iter__ = None

    @property
    def each(self) -> Index:
        """The usual index of this collection."""
        return Index(self.index, (self,))


@dataclass(frozen=True)
class Index(Hashed):
    """A bound variable that runs over the points of a collection.

    An index over several collections pairs their points off (``x_i`` with ``z_i``); a bound that uses one must
    have the premise that those collections are of equal size.
    """

    symbol: str
    collections: tuple[Collection, ...]

    def __post_init__(self) -> None:
        require_letter(self.symbol, "symbol of an Index")
        if not isinstance(self.collections, tuple):
            raise InvalidTypeError(explain("Index", "a tuple of collections", f"{self.collections!r}"))
        if not self.collections:
            raise TermError(explain("Index", "at least one collection to run over", f"none for {self.symbol!r}"))
        for collection in self.collections:
            require_collection(collection, "Index")
        if len(set(self.collections)) < len(self.collections):
            over = ", ".join(map(str, self.collections))
            raise TermError(explain("Index", "different collections to run over", f"{over} for {self.symbol!r}"))

    def __str__(self) -> str:
        return self.symbol


@dataclass(frozen=True)
class Weights(Hashed):
    """Non-negative weights of a collection's points, which sum to one.

    Readers take the numbers given for them as ratios: weight ``i`` is ``a_i / sum(a)``.
    """

    symbol: str
    collection: Collection

    def __post_init__(self) -> None:
        require_letter(self.symbol, "symbol of Weights")
        require_collection(self.collection, "Weights")

    def __str__(self) -> str:
        return self.symbol


@dataclass(frozen=True)
class Map(Hashed):
    """A map from the embedding space to a normed space of its own, of which nothing is known but what premises say.

    Called on a vector, it gives the term for its value there: ``g(mean(x))``.
    """

    symbol: str

    def __post_init__(self) -> None:
        require_letter(self.symbol, "symbol of a Map")

    def __call__(self, vector: Vector) -> Image:
        """Return the term for the map's value at a vector."""
        from boundcheck.language.terms import Image

        return Image(self, vector)

    def __str__(self) -> str:
        return self.symbol


def paired(*collections: Collection, symbol: str | None = None) -> Index:
    """Return one index that pairs off the points of collections of equal size."""
    if len(collections) < 2:
        raise TermError(explain("paired", "two or more collections", f"{len(collections)}"))
    for collection in collections:
        require_collection(collection, "paired")
    return Index(symbol or collections[0].index, collections)


def another(over: Collection) -> Index:
    """Return a second index of a collection, ``i′`` beside ``i``, for pairs of its points."""
    require_collection(over, "another")
    return Index(f"{over.index}′", (over,))


def require_letter(value: object, where: str) -> None:
    """Refuse what is no text, or an empty one."""
    if not isinstance(value, str) or not value:
        raise InvalidTypeError(explain(where, "a non-empty string", f"{value!r}"))


def require_collection(value: object, where: str) -> None:
    """Refuse what is no collection."""
    if not isinstance(value, Collection):
        raise InvalidTypeError(explain(where, "a Collection", f"{value!r}"))


def require_two(a: Collection, b: Collection, where: str) -> None:
    """Refuse what are not two collections."""
    require_collection(a, where)
    require_collection(b, where)
    if a == b:
        raise TermError(explain(where, "two different collections", f"{a} twice"))
