"""Axes beside the points of collections: the classes of a family and their points, and coordinates.

=====================  ====================================================================================
what an index runs     :class:`ClassIndex` (classes of a family), :class:`MemberIndex` (points of one class),
over                   :class:`CoordinateIndex` (coordinates of a vector)
scalar                 :class:`ClassSize` (n_c), :class:`ClassCount` (K), :class:`Coordinate`
vector                 :class:`Member` (a point of a class)
=====================  ====================================================================================

A family is one collection of all the points of its classes, class by class; where each class ends is its partition,
which comes with the points.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar, overload

from boundcheck.errors import InvalidTypeError, ParameterError, TermError, explain, require_whole
from boundcheck.language.letters import Codomain, Collection, Index, Map, Points, require_letter
from boundcheck.language.terms import Scalar, Term, Vector, as_vector, space_name

__all__ = [
    "ClassCount",
    "ClassIndex",
    "ClassOf",
    "ClassSize",
    "Coordinate",
    "CoordinateIndex",
    "Family",
    "Member",
    "MemberIndex",
    "at",
    "classes",
    "coordinate_index",
    "require_partition",
    "require_partitions",
]


@dataclass(frozen=True)
class Family(Collection):
    """K classes of points, K at least 2: one collection of them all, in the order of their classes, and a partition.

    ``C.each`` is the index c over the classes, ``C[c]`` the class c, ``C[c].each`` the index i over its points, ``C[c][i]``
    such a point and ``C[c].count`` their number n_c; ``C.count`` is K. ``C.points`` runs over all points, whatever their
    class, ``C[C.points]`` is such a point and ``Size(C)`` the number of them all.

    Parameters
    ----------
    symbol, argument, index, size, role
        As of a :class:`Collection`: of all points together.
    class_index
        The letter of the index over classes.
    class_count
        The letter of their number.
    member_index
        The letter of the index over the points of a class.
    class_size
        The letter of a class's size.
    """

    class_index: str = "c"
    class_count: str = "K"
    member_index: str = "i"
    class_size: str = "n"

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("class_index", "class_count", "member_index", "class_size"):
            require_letter(getattr(self, name), f"{name} of a Family")

    @property
    def each(self) -> ClassIndex:
        """The index over the classes."""
        return ClassIndex(self.class_index, (self,))

    @property
    def count(self) -> ClassCount:
        """The number of classes, as a term."""
        return ClassCount(self)

    # A family by an index over its classes is a class, which is no vector.
    @overload  # type: ignore[override]
    def __getitem__(self, index: ClassIndex) -> ClassOf: ...  # type: ignore[overload-overlap]
    @overload
    def __getitem__(self, index: Index) -> Vector: ...
    def __getitem__(self, index: Index) -> ClassOf | Vector:
        """Return a class by an index over classes, a point by an index over points."""
        if isinstance(index, ClassIndex):
            return ClassOf(self, index)
        if isinstance(index, MemberIndex):
            return Member(self, index)
        return super().__getitem__(index)


@dataclass(frozen=True)
class ClassIndex(Index):
    """A bound variable that runs over the classes of a family."""

    counts: ClassVar[str] = "classes"

    def _check_collections(self) -> None:
        if len(self.collections) != 1 or not isinstance(self.collections[0], Family):
            over = ", ".join(map(str, self.collections)) or "none"
            raise TermError(explain("ClassIndex", "one family, whose classes it runs over", over, 'see classes("C")'))

    @property
    def family(self) -> Family:
        """The family."""
        (family,) = self.collections
        assert isinstance(family, Family)
        return family


@dataclass(frozen=True)
class MemberIndex(Index):
    """A bound variable that runs over the points of one class of a family."""

    within: ClassIndex = field(kw_only=True)

    def _check_collections(self) -> None:
        if not isinstance(self.within, ClassIndex):
            raise InvalidTypeError(explain("MemberIndex", "the ClassIndex that it is within", f"{self.within!r}"))
        if self.collections != self.within.collections:
            over = ", ".join(map(str, self.collections))
            raise TermError(explain("MemberIndex", f"the family of {self.within.described}", over))

    @cached_property
    def depends(self) -> frozenset[Index]:
        """The class, and the indices it is apart from."""
        return super().depends | self.within.depends | {self.within}

    @property
    def described(self) -> str:
        """What it is and what it runs over, as text."""
        apart = "".join(f", apart from {other}" for other in self.apart)
        return f"{self.symbol} over the points of class {self.within} of {self.collections[0]}{apart}"


@dataclass(frozen=True)
class ClassOf(Points):
    """One class of a family, ``C[c]``: a mean may be of it, ``mean(C[c])``."""

    family: Family
    index: ClassIndex

    def __post_init__(self) -> None:
        _require_class_index(self.family, self.index)

    @property
    def points(self) -> MemberIndex:
        """The index that runs over the points of this class: i of class c, j of class c′."""
        letter, own = self.family.member_index, self.index.symbol
        primes = len(own) - len(own.rstrip("′"))
        beyond = primes if own.rstrip("′") == self.family.class_index else primes + 1
        return self.indexed(_later(letter, beyond))

    def indexed(self, symbol: str) -> MemberIndex:
        """Return the index over the points of this class by another letter."""
        return MemberIndex(symbol, (self.family,), within=self.index)

    @property
    def count(self) -> ClassSize:
        """The number of points of this class, as a term."""
        return ClassSize(self.family, self.index)

    def __getitem__(self, index: Index) -> Member:
        if not isinstance(index, MemberIndex) or index.within != self.index:
            got = index.described if isinstance(index, Index) else f"{index!r}"
            raise TermError(
                explain(
                    f"{self}[…]",
                    f"an index over the points of class {self.index}",
                    got,
                    f"write {self}.each, or another({self}) for a second one",
                )
            )
        return Member(self.family, index)

    def __str__(self) -> str:
        return f"{self.family}[{self.index}]"


@dataclass(frozen=True)
class Member(Vector):
    """One point of a class of a family, ``C_{c,i}``."""

    family: Family
    index: MemberIndex

    def __post_init__(self) -> None:
        if not isinstance(self.index, MemberIndex):
            raise InvalidTypeError(explain("Member", "an index over the points of a class", f"{self.index!r}"))
        if self.index.collections != (self.family,):
            raise TermError(explain("Member", f"an index over points of {self.family}", self.index.described))

    def free(self) -> frozenset[Index]:
        """Return the class's index and the point's."""
        return frozenset({self.index.within, self.index})

    def collections(self) -> frozenset[Collection]:
        """Return the family."""
        return frozenset({self.family})


@dataclass(frozen=True)
class ClassSize(Scalar):
    """The number of points of a class of a family, n_c."""

    family: Family
    index: ClassIndex

    def __post_init__(self) -> None:
        _require_class_index(self.family, self.index)

    def free(self) -> frozenset[Index]:
        """Return the class's index."""
        return frozenset({self.index})

    def collections(self) -> frozenset[Collection]:
        """Return the family."""
        return frozenset({self.family})


@dataclass(frozen=True)
class ClassCount(Scalar):
    """The number of classes of a family, K."""

    family: Family

    def __post_init__(self) -> None:
        _require_family(self.family, "ClassCount")

    def collections(self) -> frozenset[Collection]:
        """Return the family."""
        return frozenset({self.family})


@dataclass(frozen=True)
class CoordinateIndex(Index):
    """A bound variable that runs over coordinates: those of the embedding space, or of the space that a map leads to."""

    collections: tuple[Collection, ...] = ()
    space: Codomain | Map | None = field(kw_only=True, default=None)

    counts: ClassVar[str] = "coordinates"

    def _check_collections(self) -> None:
        if self.collections:
            over = ", ".join(map(str, self.collections))
            raise TermError(explain("CoordinateIndex", "no collections: it runs over coordinates", over))
        if self.space is not None and not isinstance(self.space, Codomain | Map):
            raise InvalidTypeError(explain("CoordinateIndex", "a Map as its space, or None", f"{self.space!r}"))
        if isinstance(self.space, Map):
            object.__setattr__(self, "space", self.space.space)

    def _shares(self, other: Index) -> bool:
        return isinstance(other, CoordinateIndex) and other.space == self.space

    @property
    def described(self) -> str:
        """What it is and what it runs over, as text."""
        return f"{self.symbol} over coordinates" + (f" of {space_name(self.space)}" if self.space else "")


@dataclass(frozen=True)
class Coordinate(Scalar):
    """One coordinate of a vector, ``(x_i)_t``."""

    vector: Vector
    index: CoordinateIndex

    def __post_init__(self) -> None:
        as_vector(self.vector, "Coordinate")
        given: object = self.index
        if not isinstance(given, CoordinateIndex):
            got = given.described if isinstance(given, Index) else f"{given!r}"
            raise TermError(explain("Coordinate", "an index over coordinates", got, "write t = coordinate_index()"))
        if self.index.space != self.vector.reached_by:
            space = self.vector.reached_by
            where = space_name(space)
            fix = f"coordinate_index({'' if space is None else f'of={space}'})"
            raise TermError(explain("Coordinate", f"an index over coordinates of {where}", self.index.described, fix))

    @property
    def children(self) -> tuple[Term, ...]:
        """The vector."""
        return (self.vector,)

    def free(self) -> frozenset[Index]:
        """Return the vector's free indices and the coordinate's."""
        return self.vector.free() | {self.index}


def classes(
    symbol: str,
    argument: str | None = None,
    *,
    index: str = "a",
    size: str = "N",
    role: str = "",
    class_index: str = "c",
    class_count: str = "K",
    member_index: str = "i",
    class_size: str = "n",
) -> Family:
    """Return a family of K classes of n_c points each.

    Parameters
    ----------
    symbol
        The letter its points go by.
    argument
        The name a caller passes it under; the symbol if left out.
    index, size
        The letters of an index over all its points, and of their number N.
    role
        What its objects are.
    class_index, class_count, member_index, class_size
        The letters of an index over its classes, of their number K, of an index over the points of a class, and of their
        number n_c.

    Examples
    --------
    >>> from boundcheck.language import another, classes, distance, mean
    >>> C = classes("C")
    >>> c = C.each
    >>> d = another(C, apart_from=c)
    >>> print(mean((c, d), distance(mean(C[c]), mean(C[d]))))
    mean_{c,c′≠c} ‖mean_i C_{c,i} − mean_j C_{c′,j}‖
    """
    return Family(
        symbol,
        symbol if argument is None else argument,
        index,
        size,
        role,
        class_index=class_index,
        class_count=class_count,
        member_index=member_index,
        class_size=class_size,
    )


def coordinate_index(symbol: str = "t", *, of: Codomain | Map | None = None) -> CoordinateIndex:
    """Return an index over the coordinates of the embedding space, or of the space that a map leads to."""
    return CoordinateIndex(symbol, space=of)


def at(vector: Vector, index: CoordinateIndex) -> Coordinate:
    """Return a coordinate of a vector.

    Raises
    ------
    TermError
        If the index does not run over the coordinates of the vector's space.
    """
    return Coordinate(vector, index)


def require_partition(family: Family, sizes: object, count: int) -> tuple[int, ...]:
    """Return the sizes of a family's classes, or refuse what is no partition of so many points.

    Raises
    ------
    InvalidValueError
        If a size is not a whole number above 0.
    ParameterError
        If there are fewer than two, or they do not add up to the number of points.
    """
    _require_family(family, "partitions")
    if isinstance(sizes, str) or not isinstance(sizes, Iterable):
        raise InvalidTypeError(explain(f"partition of {family.argument}", "the sizes of its classes", f"{sizes!r}"))
    found = tuple(require_whole(f"partition of {family.argument}", size) for size in sizes)
    if len(found) < 2:
        raise ParameterError(explain(f"partition of {family.argument}", "two or more classes", f"{len(found)}"))
    if sum(found) != count:
        raise ParameterError(
            explain(f"partition of {family.argument}", f"sizes that add up to its {count} points", f"{sum(found)}")
        )
    return found


def require_partitions(
    collections: Mapping[Collection, int], partitions: Mapping[Family, tuple[int, ...]] | None
) -> dict[Family, tuple[int, ...]]:
    """Return the partition of every family among collections, or refuse what is missing, unknown or no partition.

    Parameters
    ----------
    collections
        The number of points of each.
    partitions
        What was given.

    Raises
    ------
    ParameterError
        If a family has none, or it is not one of as many points.
    """
    given = dict(partitions or {})
    families = [collection for collection in collections if isinstance(collection, Family)]
    for family in given:
        if family not in families:
            known = ", ".join(map(str, families)) or "none"
            raise ParameterError(explain("partitions", f"partitions of families among {known}", f"one of {family}"))
    for family in families:
        if family not in given:
            raise ParameterError(
                explain(f"partition of {family.argument}", "the sizes of its classes", "none", "give partitions=")
            )
    return {family: require_partition(family, given[family], collections[family]) for family in families}


def _later(letter: str, steps: int) -> str:
    """Return the letter so many steps further on in the alphabet; what is no letter gets primes."""
    alphabet = "abcdefghijklmnopqrstuvwxyz"
    place = alphabet.find(letter) if letter else -1
    return alphabet[place + steps] if place >= 0 and place + steps < len(alphabet) else letter + "′" * steps


def _require_family(value: object, where: str) -> None:
    if not isinstance(value, Family):
        raise InvalidTypeError(explain(where, "a Family", f"{value!r}", 'see classes("C")'))


def _require_class_index(family: object, index: object) -> None:
    _require_family(family, "class")
    assert isinstance(family, Family)
    if not isinstance(index, ClassIndex):
        raise InvalidTypeError(explain(f"{family}[…]", "an index over classes", f"{index!r}", f"use {family}.each"))
    if index.family != family:
        raise TermError(explain(f"{family}[…]", f"an index over the classes of {family}", index.described))
