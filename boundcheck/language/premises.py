"""Premises: what a bound takes for granted; each kind says in one class what it quantifies and what can be seen of it.

Four kinds are here, and the standard premises over the standard letters: equal sizes, the triplet premise, a Lipschitz
map. Another kind is read as the premises that its class says it is expressed by; a reader that has neither those nor a
rule for the kind raises (:mod:`boundcheck.language.rules`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from boundcheck.errors import InvalidTypeError, TermError, explain
from boundcheck.language.atoms import Point
from boundcheck.language.letters import Collection, Index, Map, another, in_order, with_depends
from boundcheck.language.reductions import farthest, maximum
from boundcheck.language.standard import SETTING, L, g, m, w, x, z
from boundcheck.language.structure import Hashed
from boundcheck.language.terms import Add, Image, Largest, Norm, Parameter, Scalar, Vector, distance, scalar

if TYPE_CHECKING:
    from boundcheck.language.bounds import Bound

__all__ = [
    "Below",
    "EqualSizes",
    "ForAll",
    "Lipschitz",
    "Premise",
    "equal_sizes",
    "lipschitz",
    "operator_norm",
    "triplet",
]


@dataclass(frozen=True)
class Premise(Hashed):
    """What a bound takes for granted; its verdict is reported beside the conclusion's.

    A kind of its own is a frozen dataclass that says in :meth:`expressed` which premises of other kinds mean the same:
    every reader then reads those. One that no other kinds can express overrides what it says something of, and has a rule
    in each reader's table.
    """

    name: str

    def expressed(self) -> tuple[Premise, ...] | None:
        """Return the premises of other kinds that together say the same; None where the kind stands for itself.

        A reader that has a rule for the kind itself follows that rule; every other reads these in its place.
        """
        return None

    @cached_property
    def expression(self) -> tuple[Premise, ...] | None:
        """What :meth:`expressed` returns, found once.

        Raises
        ------
        InvalidTypeError
            If that is no tuple of premises.
        """
        found: object = self.expressed()
        if found is None:
            return None
        if not isinstance(found, tuple) or not all(isinstance(part, Premise) for part in found):
            raise InvalidTypeError(
                explain(f"premise {self.name}", "an expression that is a tuple of premises, or None", f"{found!r}")
            )
        return found

    @cached_property
    def spelled_out(self) -> tuple[Premise, ...]:
        """The premises that say the same and stand for themselves: this one, or those that it comes down to.

        Raises
        ------
        TermError
            If it is expressed by itself.
        """
        return self._spelled_out(())

    def _spelled_out(self, within: tuple[Premise, ...]) -> tuple[Premise, ...]:
        if self.expression is None:
            return (self,)
        if self in within:
            raise TermError(explain(f"premise {self.name}", "an expression by other premises", "one by itself"))
        return tuple(found for part in self.expression for found in part._spelled_out((*within, self)))

    def terms(self) -> tuple[Scalar, ...]:
        """Return the terms that the premise is made of."""
        return tuple(term for part in self._others() for term in part.terms())

    def collections(self) -> frozenset[Collection]:
        """Return every collection the premise speaks of."""
        found = frozenset[Collection]().union(*(term.collections() for term in self.terms()))
        return found.union(*(part.collections() for part in self._others()))

    def maps(self) -> frozenset[Map]:
        """Return every map the premise speaks of."""
        found = frozenset[Map]().union(*(term.maps() for term in self.terms()))
        return found.union(*(part.maps() for part in self._others()))

    def _others(self) -> tuple[Premise, ...]:
        """Return the premises that it comes down to; none where it stands for itself."""
        return () if self.expression is None else self.spelled_out

    @property
    def equal(self) -> tuple[Collection, ...]:
        """The collections that the premise says are of equal size."""
        return ()

    @property
    def indices(self) -> tuple[Index, ...]:
        """The indices quantified over."""
        return ()

    @property
    def parameter(self) -> Parameter | None:
        """The parameter whose least value the premise determines, if any."""
        return None

    def __str__(self) -> str:
        """Return what it is expressed by; of a kind that stands for itself, its class and fields."""
        if self.expression is None:
            return f"{type(self).__name__}({self.fields_in_brief()})"
        return " and ".join(map(str, self.spelled_out)) or self.name


@dataclass(frozen=True)
class EqualSizes(Premise):
    """The collections have the same number of points."""

    over: tuple[Collection, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.over, tuple) or not all(isinstance(item, Collection) for item in self.over):
            raise InvalidTypeError(explain(f"premise {self.name}", "a tuple of collections", f"{self.over!r}"))
        if len(set(self.over)) < 2:
            raise TermError(explain(f"premise {self.name}", "two or more collections of equal size", f"'{self}'"))

    def collections(self) -> frozenset[Collection]:
        """Return the collections of equal size."""
        return frozenset(self.over)

    @property
    def equal(self) -> tuple[Collection, ...]:
        """The collections of equal size."""
        return self.over

    def __str__(self) -> str:
        return " = ".join(collection.size for collection in self.over)


@dataclass(frozen=True)
class ForAll(Premise):
    """``lhs ≤ rhs`` for every value of the indices that are free in it; of one without any, that it is so.

    Where `rhs` is a bare parameter, the premise also says what that parameter's least value is.

    Parameters
    ----------
    name
        A short name, ``"T(m)"``.
    lhs, rhs
        The two sides; their free indices are the ones quantified over. One of them speaks of points or a parameter.
    floor
        A parameter given below this is a mistake rather than a premise that fails.
    hint
        What to tell a caller whose parameter is impossible.
    """

    lhs: Scalar = field(kw_only=True)
    rhs: Scalar = field(kw_only=True)
    floor: Scalar | None = field(kw_only=True, default=None)
    hint: str = field(kw_only=True, default="")

    def __post_init__(self) -> None:
        object.__setattr__(self, "lhs", scalar(self.lhs))
        object.__setattr__(self, "rhs", scalar(self.rhs))
        if self.floor is not None:
            object.__setattr__(self, "floor", scalar(self.floor))
        _require_speaking(self.name, (self.lhs, self.rhs), str(self))
        if self.rhs.free() - self.lhs.free():
            raise TermError(explain(f"premise {self.name}", "the indices of its right side on its left", str(self)))
        if self.floor is not None and self.floor.free():
            raise TermError(explain(f"premise {self.name}", "a floor without free indices", str(self.floor)))

    def terms(self) -> tuple[Scalar, ...]:
        """Return both sides."""
        return (self.lhs, self.rhs)

    def collections(self) -> frozenset[Collection]:
        """Return every collection in either side, or in the floor."""
        spoken = super().collections()
        return spoken if self.floor is None else spoken | self.floor.collections()

    @cached_property
    def indices(self) -> tuple[Index, ...]:
        """The indices quantified over, in the order of their letters, each after those it depends on."""
        return _free_in(self.lhs, self.rhs)

    @cached_property
    def parameter(self) -> Parameter | None:
        """The parameter whose least value this premise determines, if any."""
        if type(self.rhs) is Parameter and self.rhs not in self.lhs.parameters():
            return self.rhs
        return None

    @cached_property
    def difference(self) -> Scalar:
        """``lhs − rhs``, with the indices free."""
        return self.lhs - self.rhs

    @cached_property
    def excess(self) -> Scalar:
        """The largest ``lhs − rhs``: the premise says that it is at most 0."""
        return maximum(self.indices, self.difference) if self.indices else self.difference

    @cached_property
    def least(self) -> Scalar:
        """The least value of :attr:`parameter` under which the premise is true."""
        return maximum(self.indices, self.lhs) if self.indices else self.lhs

    def __str__(self) -> str:
        return _stated(f"{self.lhs} ≤ {self.rhs}", self.indices)


@dataclass(frozen=True)
class Below(Premise):
    """``lhs < rhs`` for every value of the indices that are free in it; of one without any, that it is so.

    Read as that no indicator of ``rhs ≤ lhs`` is above 0.

    Parameters
    ----------
    name
        A short name, ``"no vector is 0"``.
    lhs, rhs
        The two sides, one of which speaks of points or a parameter.
    """

    lhs: Scalar = field(kw_only=True)
    rhs: Scalar = field(kw_only=True)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lhs", scalar(self.lhs))
        object.__setattr__(self, "rhs", scalar(self.rhs))
        _require_speaking(self.name, (self.lhs, self.rhs), str(self))

    def expressed(self) -> tuple[Premise, ...]:
        """Return that the indicator of the denial is at most 0."""
        # An indicator is of a comparison, which may be a premise.
        from boundcheck.language.indicators import indicator

        return (ForAll(self.name, lhs=indicator(self.rhs <= self.lhs), rhs=scalar(0)),)

    @cached_property
    def indices(self) -> tuple[Index, ...]:
        """The indices quantified over, in the order of their letters, each after those it depends on."""
        return _free_in(self.lhs, self.rhs)

    def __str__(self) -> str:
        return _stated(f"{self.lhs} < {self.rhs}", self.indices)


def _free_in(*sides: Scalar) -> tuple[Index, ...]:
    """Return the indices that are free in some terms, each after those it depends on."""
    return in_order(with_depends(frozenset[Index]().union(*(side.free() for side in sides))))


def _require_speaking(name: str, sides: tuple[Scalar, Scalar], stated: str) -> None:
    """Refuse a premise about numbers alone, which is true or false whatever the points are."""
    if not any(side.free() or side.collections() or side.parameters() for side in sides):
        raise TermError(explain(f"premise {name}", "a side that speaks of points or a parameter", stated))


def _stated(comparison: str, indices: tuple[Index, ...]) -> str:
    # The printer is of these terms.
    from boundcheck.language.text import quantified

    return f"{comparison} for all {', '.join(map(quantified, indices))}" if indices else comparison


@dataclass(frozen=True)
class Lipschitz(Premise):
    """``‖g(u) − g(v)‖ ≤ L·‖u − v‖`` for every two vectors u and v of the space, with L at least 0.

    No finite set of points can show it: points can only contradict it. Where none does, it is assumed.

    Parameters
    ----------
    name
        A short name, ``"g is L-Lipschitz"``.
    map
        g.
    constant
        L: a number or a term of parameters.
    """

    map: Map = field(kw_only=True)
    constant: Scalar = field(kw_only=True)

    def __post_init__(self) -> None:
        if not isinstance(self.map, Map):
            raise InvalidTypeError(explain(f"premise {self.name}", "a Map", f"{self.map!r}"))
        object.__setattr__(self, "constant", scalar(self.constant))
        if self.constant.free() or self.constant.collections() or self.constant.maps():
            raise TermError(
                explain(f"premise {self.name}", "a constant of numbers and parameters alone", f"'{self.constant}'")
            )

    def terms(self) -> tuple[Scalar, ...]:
        """Return the constant."""
        return (self.constant,)

    def maps(self) -> frozenset[Map]:
        """Return the map."""
        return frozenset({self.map})

    def excess(self, u: Vector, v: Vector) -> Scalar:
        """Return ``‖g(u) − g(v)‖ − L·‖u − v‖``: above 0 for some u and v, the premise is false."""
        return Norm(self.map(u) - self.map(v)) - self.constant * Norm(u - v)

    def excesses(self, bound: Bound) -> Iterator[Scalar]:
        """Yield what the collections of a bound can say of the premise: its excess at each two vectors at hand.

        These are the points of every collection, and the vectors without free indices that the bound applies the map to.
        """
        nodes = [node for term in bound.terms() for node in term.walk()]
        applied = [node.vector for node in nodes if isinstance(node, Image) and node.map == self.map]
        vectors: list[Vector] = []
        if self.map.source is None:
            vectors += [collection[collection.points] for collection in bound.collections]
        vectors += dict.fromkeys(vector for vector in applied if not vector.free())
        for position, u in enumerate(vectors):
            if isinstance(u, Point):
                yield self.excess(u, u.collection[another(u.index)])
            for v in vectors[:position]:
                yield self.excess(v, u)

    def largest_excess(self, bound: Bound) -> Largest:
        """Return the largest of :meth:`excesses`, and of −L: where it is above 0, the premise is false."""
        found = [-self.constant]
        for term in self.excesses(bound):
            indices = sorted(term.free(), key=lambda index: index.symbol)
            found.append(maximum(indices, term) if indices else term)
        return Largest(tuple(found))

    def __str__(self) -> str:
        factor = f"({self.constant})" if isinstance(self.constant, Add) else self.constant
        return f"‖{self.map}(u) − {self.map}(v)‖ ≤ {factor}·‖u − v‖ for all u, v, where {self.constant} ≥ 0"


equal_sizes = EqualSizes("equal sizes", SETTING)

_MARGIN_HINT = (
    "m is the largest d(anchor, positive) − d(anchor, negative) that training reached, in the embedding's own units: "
    "minus the margin, not the margin. A loss with margin μ, once it is zero, gives m = −μ. "
    "Leave m out and the least m that is true here is used"
)


def triplet(
    bound_on_difference: Scalar | int | float = m,
    *,
    anchors: Collection = x,
    positives: Collection = z,
    negatives: Collection = w,
) -> ForAll:
    """Return the triplet premise T(m): d(x_i, z_j) − d(x_i, w_k) ≤ m for all i, j, k.

    Parameters
    ----------
    bound_on_difference
        m: a number, a parameter or another scalar.
    anchors, positives, negatives
        The collections; where anchors and positives are one collection, every point of it is near every other.
    """
    limit = scalar(bound_on_difference)
    anchor = anchors[anchors.each]
    positive = positives[another(anchors) if positives == anchors else positives.each]
    usual = (anchors, positives, negatives) == (x, z, w)
    return ForAll(
        f"T({limit})" if usual else f"T({limit}) on {anchors}, {positives}, {negatives}",
        lhs=distance(anchor, positive) - distance(anchor, negatives[negatives.each]),
        rhs=limit,
        # No distance is below 0: below this, not even the farthest negative is far enough, whatever the positives.
        floor=-farthest(anchors, negatives),
        hint=_MARGIN_HINT,
    )


def operator_norm(limit: Scalar | int | float, *, of: Map) -> Lipschitz:
    """Return the premise that a linear map is of operator norm at most a limit: ‖A(u) − A(v)‖ ≤ limit·‖u − v‖.

    Parameters
    ----------
    limit
        A number or a parameter, at least 0.
    of
        A linear map, ``Map("A", linear=True)``.

    Raises
    ------
    TermError
        If the map is not linear.
    """
    if isinstance(of, Map) and not of.linear:
        raise TermError(explain("operator_norm", "a linear map", f"{of}", f'Map("{of}", linear=True), or lipschitz(…)'))
    constant = scalar(limit)
    return Lipschitz(f"‖{of}‖ ≤ {constant}", map=of, constant=constant)


def lipschitz(constant: Scalar | int | float = L, *, of: Map = g) -> Lipschitz:
    """Return the premise that a map is Lipschitz: ‖g(u) − g(v)‖ ≤ L·‖u − v‖ for all vectors u and v.

    Parameters
    ----------
    constant
        L: a number or a parameter, at least 0.
    of
        The map.
    """
    limit = scalar(constant)
    return Lipschitz(f"{of} is {limit}-Lipschitz", map=of, constant=limit)
