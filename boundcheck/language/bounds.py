"""Bounds: statements about collections of points, made of terms and premises."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import InitVar, dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from boundcheck.errors import InvalidTypeError, NormError, TermError, explain, require_real
from boundcheck.language.extremes import Coupling, Variable
from boundcheck.language.letters import Collection, Index, Map, Weights, in_order, with_depends
from boundcheck.language.premises import ForAll, Lipschitz, Premise
from boundcheck.language.reductions import Average, Reduce, maximum
from boundcheck.language.standard import SETTING
from boundcheck.language.structure import Hashed
from boundcheck.language.terms import Constant, Largest, Number, Parameter, Scalar, Vector, scalar

if TYPE_CHECKING:
    from boundcheck.language.comparisons import Comparison

# What a side is before one is given.
_NO_SIDE = Constant(Fraction(0))


class Space(enum.Enum):
    """The normed spaces that a bound holds in."""

    ANY_NORM = "any normed space"
    EUCLIDEAN = "Euclidean space"
    SUP_NORM = "the sup norm"

    def admits(self, p: float) -> bool:
        """Say whether the p-norm is one of these spaces' norms."""
        return {Space.ANY_NORM: p >= 1, Space.EUCLIDEAN: p == 2, Space.SUP_NORM: p == float("inf")}[self]


class Relation(enum.Enum):
    """How the two sides of a bound compare."""

    AT_MOST = "≤"
    LESS = "<"
    EQUAL = "="

    @property
    def denied(self) -> str:
        """How the two sides compare where the relation is false."""
        return {Relation.AT_MOST: ">", Relation.LESS: "≥", Relation.EQUAL: "≠"}[self]


@dataclass(frozen=True)
class Bound(Hashed):
    """A statement about collections of embedded points: under the premises, ``lhs ≤ rhs``.

    Parameters
    ----------
    name
        A short key, ``"karimov"``.
    conclusion
        What it says, as ``lhs <= rhs`` or ``equals(lhs, rhs)``; or else `lhs`, `rhs` and `relation` are given.
    lhs, rhs
        Scalar terms (or numbers). Indices that are free in them are quantified over: the statement is for all their values.
    premises
        What is taken for granted.
    collections
        Every collection that may occur; the standard ones are x (G1), z (G2) and w (G3).
    relation
        ``≤`` or ``=``.
    space
        Where it holds.
    chain
        The links of its proof, each a bound whose right side is the next one's left side.
    title, citation
        For people.
    sharpness
        A sentence: which example shows that the bound cannot be better. Empty where none is known.
    proof
        The name of the machine-checked theorem that proves it, or None.

    Raises
    ------
    TermError
        If a side is a vector or speaks of an unknown collection; if two collections share a symbol
        or an argument, or two indices a letter; if an index pairs off collections that no premise says are of equal
        size; or if the chain does not join, or takes more for granted than the bound does.
    """

    name: str
    conclusion: InitVar[Any] = None
    lhs: Scalar = field(kw_only=True, default=_NO_SIDE)
    rhs: Scalar = field(kw_only=True, default=_NO_SIDE)
    premises: tuple[Premise, ...] = field(kw_only=True, default=())
    collections: tuple[Collection, ...] = field(kw_only=True, default=())
    relation: Relation = field(kw_only=True, default=Relation.AT_MOST)
    space: Space = field(kw_only=True, default=Space.ANY_NORM)
    chain: tuple[Bound, ...] = field(kw_only=True, default=())
    title: str = field(kw_only=True, default="")
    citation: str = field(kw_only=True, default="")
    sharpness: str = field(kw_only=True, default="")
    proof: str | None = field(kw_only=True, default=None)

    if TYPE_CHECKING:
        # What may be passed is more than what is kept: numbers become terms, and any series a tuple.
        def __init__(
            self,
            name: str,
            conclusion: Comparison | None = None,
            *,
            lhs: Scalar | Number = _NO_SIDE,
            rhs: Scalar | Number = _NO_SIDE,
            premises: Iterable[Premise] = (),
            collections: Iterable[Collection] = (),
            relation: Relation = Relation.AT_MOST,
            space: Space = Space.ANY_NORM,
            chain: Iterable[Bound] = (),
            title: str = "",
            citation: str = "",
            sharpness: str = "",
            proof: str | None = None,
        ) -> None: ...

    def __post_init__(self, conclusion: Comparison | None) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise InvalidTypeError(explain("name", "a non-empty string", f"{self.name!r}"))
        self._conclude(conclusion)
        object.__setattr__(self, "lhs", self._side(self.lhs))
        object.__setattr__(self, "rhs", self._side(self.rhs))
        for attribute, allowed in (("relation", Relation), ("space", Space)):
            value = getattr(self, attribute)
            if not isinstance(value, allowed):
                known = ", ".join(map(str, allowed))
                raise InvalidTypeError(explain(f"{attribute} of bound {self.name!r}", f"one of {known}", f"{value!r}"))
        for attribute, kind in (("premises", Premise), ("collections", Collection), ("chain", Bound)):
            object.__setattr__(self, attribute, self._tuple_of(getattr(self, attribute), kind, attribute))
        if not self.collections:
            object.__setattr__(self, "collections", SETTING)
        self._check_collections()
        self._check_variables()
        self._check_indices()
        self._check_chain()

    def _conclude(self, conclusion: object) -> None:
        """Take the sides from a comparison, if one is given; both sides are to come from somewhere."""
        # A comparison is of terms, which bounds are made of too.
        from boundcheck.language.comparisons import Comparison

        missing = [name for name in ("lhs", "rhs") if getattr(self, name) is _NO_SIDE]
        where, fix = f"bound {self.name!r}", 'write Bound("name", lhs <= rhs), or give lhs= and rhs='
        if conclusion is None:
            if missing:
                raise TermError(explain(where, "two sides", f"no {' and no '.join(missing)}", fix))
            return
        if not isinstance(conclusion, Comparison):
            raise InvalidTypeError(explain(where, "a comparison for its conclusion", f"{conclusion!r}", fix))
        if len(missing) < 2 or self.relation is not Relation.AT_MOST:
            given = f"'{conclusion}' and lhs=, rhs= or relation= beside it"
            raise TermError(explain(where, "one conclusion", given))
        for name in ("lhs", "rhs", "relation"):
            object.__setattr__(self, name, getattr(conclusion, name))

    def _side(self, side: object) -> Scalar:
        if isinstance(side, Vector):
            raise TermError(explain(f"bound {self.name!r}", "scalar sides", f"the vector {side}", "take its norm"))
        return scalar(side)

    def _tuple_of(self, value: object, kind: type, attribute: str) -> tuple[object, ...]:
        if isinstance(value, kind) or not isinstance(value, Iterable):
            raise InvalidTypeError(
                explain(f"{attribute} of bound {self.name!r}", f"a list of {kind.__name__}", f"{value!r}")
            )
        items = tuple(value)
        for item in items:
            if not isinstance(item, kind):
                raise InvalidTypeError(
                    explain(f"{attribute} of bound {self.name!r}", f"only {kind.__name__} objects", f"{item!r}")
                )
        return items

    def _check_collections(self) -> None:
        known = ", ".join(map(str, self.collections))
        for kind in ("symbol", "argument"):
            used = [getattr(collection, kind) for collection in self.collections]
            if len(set(used)) < len(used):
                raise TermError(explain(f"bound {self.name!r}", f"collections of different {kind}s", ", ".join(used)))
        speakers: list[tuple[object, frozenset[Collection]]] = [
            (self.lhs, self.lhs.collections()),
            (self.rhs, self.rhs.collections()),
            *((premise, premise.collections()) for premise in dict.fromkeys((*self.premises, *self.spelled_out))),
        ]
        for speaker, collections in speakers:
            for collection in sorted(collections - set(self.collections), key=str):
                raise TermError(
                    explain(
                        f"bound {self.name!r}",
                        f"terms over its collections {known}",
                        f"unknown collection {collection} in '{speaker}'",
                        "add it to collections=",
                    )
                )

    def _check_variables(self) -> None:
        for term in self.terms():
            for variable in sorted(term.variables(), key=str):
                raise TermError(
                    explain(
                        f"bound {self.name!r}",
                        "vector variables that an infimum is taken over",
                        f"free {variable} in '{term}'",
                        f"write infimum({variable}, …) around it",
                    )
                )
            for node in term.walk():
                if isinstance(node, Variable) and any(str(node) == str(one) for one in self.collections):
                    raise TermError(
                        explain(
                            f"bound {self.name!r}",
                            "one meaning for each letter",
                            f"{node} for a vector variable and for a collection in '{term}'",
                            "give the variable another symbol",
                        )
                    )

    def _check_indices(self) -> None:
        letters: dict[str, Index] = {}
        equal = self.equal_sizes
        for term in self.terms():
            for node in term.walk():
                index = node.bound_index or getattr(node, "index", None)
                if index is None:
                    continue
                for one in in_order(with_depends((index,))):
                    other = letters.setdefault(one.symbol, one)
                    if other != one:
                        raise TermError(
                            explain(
                                f"bound {self.name!r}",
                                "one meaning for each index letter",
                                f"{other.described} and {one.described} in '{term}'",
                                "give one of them another symbol",
                            )
                        )
                if len(index.collections) > 1 and not any(set(index.collections) <= set(group) for group in equal):
                    raise TermError(
                        explain(
                            f"bound {self.name!r}",
                            f"the premise EqualSizes({_over(index)}), since {index} pairs them off",
                            f"no such premise for '{term}'",
                        )
                    )

    def _check_chain(self) -> None:
        if not self.chain:
            return
        where = f"chain of bound {self.name!r}"
        for link in self.chain:
            for premise in link.premises:
                if premise not in self.premises:
                    raise TermError(explain(where, "links under its own premises", f"'{premise}' in {link.name!r}"))
            if not link.rhs.collections() <= set(self.collections):
                raise TermError(explain(where, "links over its own collections", f"'{link.statement}'"))
            if self.relation is Relation.EQUAL and link.relation is not Relation.EQUAL:
                raise TermError(explain(where, "only equalities", f"'{link.statement}'"))
        if self.relation is Relation.LESS and not any(link.relation is Relation.LESS for link in self.chain):
            raise TermError(explain(where, "a strict link of a strict bound", "none"))
        joints = [self.lhs, *(link.rhs for link in self.chain)]
        for link, before in zip(self.chain, joints, strict=False):
            if link.lhs != before:
                raise TermError(explain(where, f"a link from '{before}'", f"{link.name!r} from '{link.lhs}'"))
        if joints[-1] != self.rhs:
            raise TermError(explain(where, f"an end at '{self.rhs}'", f"'{joints[-1]}'"))

    # What is asked of a bound each time that it is judged takes walks through its terms, so it is found once.

    def terms(self) -> tuple[Scalar, ...]:
        """Return both sides and every side of a premise."""
        return self._terms

    def parameters(self) -> tuple[Parameter, ...]:
        """Return every parameter of the sides and premises, in the order of their letters."""
        return self._parameters

    def weights(self) -> tuple[Weights, ...]:
        """Return all weights that the sides and premises speak of, in the order of their letters."""
        return self._weights

    def maps(self) -> tuple[Map, ...]:
        """Return every map that the sides and premises speak of, in the order of their letters."""
        return self._maps

    @cached_property
    def indices(self) -> tuple[Index, ...]:
        """The indices that are free in its sides, which it quantifies over: each after those it depends on."""
        return in_order(with_depends(self.lhs.free() | self.rhs.free()))

    @cached_property
    def difference(self) -> Scalar:
        """``lhs − rhs``, or of an equality ``|lhs − rhs|``, with the indices free."""
        apart = self.lhs - self.rhs
        return Largest((apart, -apart)) if self.relation is Relation.EQUAL else apart

    @cached_property
    def largest_difference(self) -> Scalar:
        """The largest :attr:`difference` over all indices: the conclusion says that it is at most 0, below it or 0."""
        return maximum(self.indices, self.difference) if self.indices else self.difference

    @cached_property
    def spelled_out(self) -> tuple[Premise, ...]:
        """Its premises, and in place of one that is expressed by others, those: what all of the following look at."""
        return tuple(part for premise in self.premises for part in premise.spelled_out)

    @cached_property
    def _terms(self) -> tuple[Scalar, ...]:
        return (self.lhs, self.rhs, *(term for premise in self.spelled_out for term in premise.terms()))

    @cached_property
    def _parameters(self) -> tuple[Parameter, ...]:
        found = frozenset[Parameter]().union(*(term.parameters() for term in self.terms()))
        return tuple(sorted(found, key=lambda parameter: parameter.symbol))

    @cached_property
    def _weights(self) -> tuple[Weights, ...]:
        nodes = (node for term in self.terms() for node in term.walk())
        found: set[Weights] = set()
        for node in nodes:
            if isinstance(node, Coupling):
                found.update(node.weights)
            elif isinstance(node, (Average, Reduce)) and node.weights is not None:
                found.add(node.weights)
        return tuple(sorted(found, key=lambda weights: weights.symbol))

    @cached_property
    def _maps(self) -> tuple[Map, ...]:
        found = frozenset[Map]().union(*(term.maps() for term in self.terms()))
        found = found.union(*(premise.maps() for premise in self.spelled_out))
        return tuple(sorted(found, key=lambda each: each.symbol))

    @cached_property
    def equal_sizes(self) -> tuple[tuple[Collection, ...], ...]:
        """The groups of collections that some premise says are of equal size; they may overlap."""
        return tuple(premise.equal for premise in self.spelled_out if premise.equal)

    @cached_property
    def quantified(self) -> tuple[ForAll, ...]:
        """The premises that say something of all points."""
        return tuple(premise for premise in self.spelled_out if isinstance(premise, ForAll))

    @cached_property
    def lipschitz(self) -> tuple[Lipschitz, ...]:
        """The premises that say what a map is Lipschitz with."""
        return tuple(premise for premise in self.spelled_out if isinstance(premise, Lipschitz))

    @cached_property
    def lipschitz_parameters(self) -> tuple[Parameter, ...]:
        """The parameters that some premise says a map is Lipschitz with."""
        found = (premise.constant for premise in self.lipschitz)
        return tuple(dict.fromkeys(constant for constant in found if isinstance(constant, Parameter)))

    @cached_property
    def least(self) -> Mapping[Parameter, tuple[Scalar, ...]]:
        """By parameter that premises determine, the terms of which its least value is the largest."""
        found: dict[Parameter, tuple[Scalar, ...]] = {}
        for premise in self.quantified:
            if premise.parameter is not None:
                found[premise.parameter] = (*found.get(premise.parameter, ()), premise.least)
        return MappingProxyType(found)

    def excesses(self, premise: Lipschitz) -> Iterator[Scalar]:
        """Yield what the collections can say of a Lipschitz premise: :meth:`Lipschitz.excesses`."""
        return premise.excesses(self)

    def excess(self, premise: Lipschitz) -> Largest:
        """Return the largest of :meth:`excesses`, and of −L: where it is above 0, the premise is false."""
        if premise not in self._excess:
            self._excess[premise] = premise.largest_excess(self)
        return self._excess[premise]

    @cached_property
    def _excess(self) -> dict[Lipschitz, Largest]:
        return {}

    def without(self, *dropped: type[Premise] | Premise, name: str | None = None) -> Bound:
        """Return the conjecture that is left when premises (or kinds of premise) are dropped; it has no proof.

        Of a premise that is expressed by others, those of a kind that is dropped go, and the rest stays.

        Raises
        ------
        TermError
            If nothing is dropped, or if a term pairs off collections whose equal sizes were the premise dropped.
        """

        def is_dropped(premise: Premise) -> bool:
            return any(premise == drop or (isinstance(drop, type) and isinstance(premise, drop)) for drop in dropped)

        kept = tuple(
            part
            for premise in self.premises
            if not is_dropped(premise)
            for part in (premise.spelled_out if any(map(is_dropped, premise.spelled_out)) else (premise,))
            if not is_dropped(part)
        )
        if kept == self.premises:
            held = ", ".join(premise.name for premise in self.premises) or "none"
            raise TermError(explain("dropped", f"a premise of bound {self.name!r} ({held})", f"{dropped!r}"))
        return replace(self, name=name or f"{self.name}-weakened", premises=kept, chain=(), sharpness="", proof=None)

    def require_norm(self, p: float) -> float:
        """Return p as a float, or raise :class:`NormError` where the bound is not stated for the p-norm."""
        p = require_real("norm", p, "a number p in [1, inf]")
        if not self.space.admits(p):
            raise NormError(explain("norm", f"one of {self.space.value} for bound {self.name!r}", f"p = {p:g}"))
        return p

    @property
    def statement(self) -> str:
        """The conclusion as readable mathematics."""
        # The printer is of these terms.
        from boundcheck.language.text import quantified

        stated = f"{self.lhs} {self.relation.value} {self.rhs}"
        return f"{stated} for all {', '.join(map(quantified, self.indices))}" if self.indices else stated

    def __str__(self) -> str:
        if not self.premises:
            return f"{self.name}: {self.statement}"
        return f"{self.name}: if {' and '.join(map(str, self.premises))}, then {self.statement}"


def _over(index: Index) -> str:
    return ", ".join(map(str, index.collections))


def cite(bound: Bound) -> str:
    """Return where a bound comes from."""
    if not isinstance(bound, Bound):
        raise InvalidTypeError(explain("bound", "a Bound", f"{bound!r}"))
    return bound.citation or f"{bound.name}: no source recorded"


__all__ = ["Bound", "Relation", "Space", "cite"]
