"""What terms speak of by letters: collections, indices that run over them, weights of their points, maps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, overload

from boundcheck.errors import InvalidTypeError, TermError, explain, require_whole
from boundcheck.language.structure import Hashed

if TYPE_CHECKING:
    from boundcheck.language.atoms import Point
    from boundcheck.language.choices import DrawIndex, Drawn
    from boundcheck.language.terms import Vector

__all__ = [
    "Codomain",
    "Collection",
    "Index",
    "Map",
    "Points",
    "Weights",
    "another",
    "distinct",
    "in_order",
    "paired",
    "require_collection",
    "require_letter",
    "require_points",
    "require_two",
    "with_depends",
]


class Points(Hashed):
    """Points that a mean may be of: a collection, or one class of a family."""

    # What a subclass defines as __getitem__ would make it look iterable.
    __iter__ = None

    @property
    def points(self) -> Index:
        """The index that runs over these points."""
        raise NotImplementedError

    @property
    def each(self) -> Index:
        """The usual index: over these points."""
        return self.points

    def __getitem__(self, index: Index) -> Vector:
        raise NotImplementedError


@dataclass(frozen=True)
class Collection(Points):
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

    @overload
    def __getitem__(self, index: DrawIndex) -> Drawn: ...  # type: ignore[overload-overlap]
    @overload
    def __getitem__(self, index: Index) -> Point: ...
    def __getitem__(self, index: Index) -> Point | Drawn:
        # A point is a term, and terms are made of these.
        from boundcheck.language.atoms import Point
        from boundcheck.language.choices import DrawIndex, Drawn

        return Drawn(self, index) if isinstance(index, DrawIndex) else Point(self, index)

    @property
    def points(self) -> Index:
        """The index that runs over all of this collection's points."""
        return Index(self.index, (self,))


@dataclass(frozen=True)
class Index(Hashed):
    """A bound variable that runs over the points of a collection.

    An index over several collections pairs their points off (``x_i`` with ``z_i``); a bound that uses one must
    have the premise that those collections are of equal size.

    Parameters
    ----------
    symbol
        Its letter.
    collections
        What it runs over.
    apart
        Other indices of the same points: it runs over the values that are different from theirs, so what binds it
        leaves them free. A mean over it divides by as many as are left.
    """

    symbol: str
    collections: tuple[Collection, ...]
    apart: tuple[Index, ...] = ()

    #: What an index of the kind counts: only indices that count the same can be apart from one another.
    counts: ClassVar[str] = "points"

    def __post_init__(self) -> None:
        require_letter(self.symbol, "symbol of an Index")
        if not isinstance(self.collections, tuple):
            raise InvalidTypeError(explain("Index", "a tuple of collections", f"{self.collections!r}"))
        self._check_collections()
        if not isinstance(self.apart, tuple) or not all(isinstance(other, Index) for other in self.apart):
            raise InvalidTypeError(
                explain(f"index {self.symbol}", "a tuple of indices to be apart from", f"{self.apart!r}")
            )
        for other in self.apart:
            if not self._shares(other):
                raise TermError(
                    explain(
                        f"index {self.symbol}", "to be apart from an index of the same values", f"{other.described}"
                    )
                )
        if any(other.symbol == self.symbol for other in self.depends) or len(set(self.apart)) < len(self.apart):
            apart = ", ".join(map(str, self.apart))
            raise TermError(
                explain(
                    f"index {self.symbol}", "other indices to be apart from, each once", apart, "give it another symbol"
                )
            )

    def _check_collections(self) -> None:
        if not self.collections:
            raise TermError(explain("Index", "at least one collection to run over", f"none for {self.symbol!r}"))
        for collection in self.collections:
            require_collection(collection, "Index")
        if len(set(self.collections)) < len(self.collections):
            over = ", ".join(map(str, self.collections))
            raise TermError(explain("Index", "different collections to run over", f"{over} for {self.symbol!r}"))

    def _shares(self, other: Index) -> bool:
        """Say whether another index counts the same things as this one."""
        return self.counts == other.counts and bool(set(self.collections) & set(other.collections))

    @cached_property
    def depends(self) -> frozenset[Index]:
        """The indices whose values decide which values this one has: what binds it leaves them free."""
        return with_depends(self.apart)

    @property
    def described(self) -> str:
        """What it is and what it runs over, as text."""
        apart = "".join(f", apart from {other}" for other in self.apart)
        return f"{self.symbol} over the {self.counts} of {', '.join(map(str, self.collections))}{apart}"

    def apart_from(self, *others: Index) -> Index:
        """Return the index that runs over the values different from those of others too."""
        return replace(self, apart=(*self.apart, *others))

    def primed(self) -> Index:
        """Return a second index of the same values, apart from none."""
        return replace(self, symbol=f"{self.symbol}′", apart=())

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
class Codomain(Hashed):
    """A normed space that several maps lead to, or start from."""

    symbol: str

    def __post_init__(self) -> None:
        require_letter(self.symbol, "symbol of a Codomain")

    def __str__(self) -> str:
        return self.symbol


@dataclass(frozen=True)
class Map(Hashed):
    """A map between normed spaces, of which nothing is known but what premises say.

    Called on a vector, it gives the term for its value there: ``g(mean(x))``. All spaces have the norm of one p.

    Parameters
    ----------
    symbol
        Its letter.
    into
        The space that it leads to, by name: values of maps into one space may be added. None for a space of its own.
    source
        The space that it starts from: by name, or a map whose values it is of, ``Map("h", source=g)``. None for the
        embedding space.
    linear
        Whether it is linear: its value at a sum, a multiple or a mean is that of its values, and is written so.
    """

    symbol: str
    into: Codomain | None = field(default=None, kw_only=True)
    source: Codomain | Map | None = field(default=None, kw_only=True)
    linear: bool = field(default=False, kw_only=True)

    if TYPE_CHECKING:
        # What may be passed is more than what is kept.
        def __init__(
            self,
            symbol: str,
            *,
            into: Codomain | str | None = None,
            source: Codomain | Map | str | None = None,
            linear: bool = False,
        ) -> None: ...

    def __post_init__(self) -> None:
        require_letter(self.symbol, "symbol of a Map")
        for name, kinds in (("into", Codomain), ("source", (Codomain, Map))):
            given = getattr(self, name)
            if isinstance(given, str):
                object.__setattr__(self, name, Codomain(given))
            elif given is not None and not isinstance(given, kinds):
                raise InvalidTypeError(
                    explain(f"{name} of map {self.symbol}", "the name of a space, or None", f"{given!r}")
                )
        if isinstance(self.source, Map):
            object.__setattr__(self, "source", self.source.space)

    @property
    def space(self) -> Codomain | Map:
        """The space that its values are of: the declared one, or under its own name."""
        return self if self.into is None else self.into

    def __call__(self, vector: Vector) -> Vector:
        """Return the term for the map's value at a vector."""
        from boundcheck.language.terms import image_of

        return image_of(self, vector)

    def __str__(self) -> str:
        return self.symbol


def paired(*collections: Collection, symbol: str | None = None) -> Index:
    """Return one index that pairs off the points of collections of equal size."""
    if len(collections) < 2:
        raise TermError(explain("paired", "two or more collections", f"{len(collections)}"))
    for collection in collections:
        require_collection(collection, "paired")
    return Index(symbol or collections[0].index, collections)


def another(over: Points | Index, *, apart_from: Index | tuple[Index, ...] = ()) -> Index:
    """Return a second index of a collection, ``i′`` beside ``i``, for pairs of its points.

    Parameters
    ----------
    over
        A collection, a family (for a second index of its classes), a class, or the first index itself.
    apart_from
        One or more indices that it is to be different from: ``another(x, apart_from=i)`` runs over i′ ≠ i.

    Raises
    ------
    TermError
        If it is to be apart from an index of other values.
    """
    if not isinstance(over, (Points, Index)):
        raise InvalidTypeError(explain("another", "a Collection, a class of a Family or an Index", f"{over!r}"))
    first = over if isinstance(over, Index) else over.each
    others = (apart_from,) if isinstance(apart_from, Index) else tuple(apart_from)
    second = first.primed()
    while any(other.symbol == second.symbol for other in with_depends(others)):
        second = second.primed()
    return second.apart_from(*others)


def distinct(over: Points | Index, count: int = 2) -> tuple[Index, ...]:
    """Return several indices of a collection that are all different: ``i, i′`` with i′ ≠ i.

    Bound in the order in which they come: ``mean(distinct(x), …)`` is the mean over all ordered pairs.

    Raises
    ------
    InvalidValueError
        If the count is below 2.
    """
    first = over if isinstance(over, Index) else over.each if isinstance(over, Points) else another(over)
    found = [first]
    for _ in range(require_whole("distinct", count, least=2) - 1):
        found.append(found[-1].primed().apart_from(*found))
    return tuple(found)


def with_depends(indices: Iterable[Index]) -> frozenset[Index]:
    """Return indices together with all those that decide which values they have."""
    found = frozenset(indices)
    return found.union(*(index.depends for index in found))


def in_order(indices: Iterable[Index]) -> tuple[Index, ...]:
    """Return indices in the order of their letters, each after those that decide which values it has."""
    found: list[Index] = []
    waiting = sorted(indices, key=lambda index: index.symbol)
    while waiting:
        ready = next(index for index in waiting if not index.depends & set(waiting))
        waiting.remove(ready)
        found.append(ready)
    return tuple(found)


def require_letter(value: object, where: str) -> None:
    """Refuse what is no text, or an empty one."""
    if not isinstance(value, str) or not value:
        raise InvalidTypeError(explain(where, "a non-empty string", f"{value!r}"))


def require_collection(value: object, where: str) -> None:
    """Refuse what is no collection."""
    if not isinstance(value, Collection):
        raise InvalidTypeError(explain(where, "a Collection", f"{value!r}"))


def require_points(value: object, where: str) -> None:
    """Refuse what is neither a collection nor a class of a family."""
    if not isinstance(value, Points):
        raise InvalidTypeError(explain(where, "a Collection", f"{value!r}"))


def require_two(a: Collection, b: Collection, where: str) -> None:
    """Refuse what are not two collections."""
    require_collection(a, where)
    require_collection(b, where)
    if a == b:
        raise TermError(explain(where, "two different collections", f"{a} twice"))
