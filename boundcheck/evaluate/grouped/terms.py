"""Which terms a grid reads: those that split into what is said of one collection or of two."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from boundcheck.errors import TermError, explain
from boundcheck.evaluate.readers.numeric import RULES
from boundcheck.language import (
    Bound,
    Collection,
    Constant,
    Dimension,
    EqualSizes,
    ForAll,
    Image,
    Index,
    Lipschitz,
    Norm,
    Parameter,
    Point,
    Power,
    Premise,
    Reduce,
    Reduction,
    Rules,
    Scalar,
    Size,
    Smallest,
    Term,
    mean,
    rewrite,
)
from boundcheck.language.kept import kept
from boundcheck.language.shapes import difference, distance_of_points

__all__ = [
    "KINDS",
    "Row",
    "collections_of",
    "distance_of_centroids",
    "has_parameters",
    "is_about_pairs",
    "is_closed",
    "is_distance_of_centroids",
    "require_readable",
    "row_of",
    "row_reductions",
    "splits",
    "squares_of",
]

KINDS = {Reduction.MAX: "max", Reduction.MIN: "min", Reduction.MEAN: "mean"}


@dataclass(frozen=True)
class Row:
    """A reduction of the distances of one collection's points to all of another's."""

    kind: Reduction
    rows: Collection
    over: Collection
    index: Index


#: What is read of each kind of premise.
PREMISES: Rules[Callable[[Any], tuple[Scalar, ...]]] = Rules(
    "a scan of every triple",
    Premise,
    {
        # Collections are of the sizes that they are: compared before.
        EqualSizes: lambda premise: (),
        ForAll: lambda premise: (premise.least if premise.parameter is not None else premise.excess,),
    },
    refused={Lipschitz: "a scan has no function that its map stands for"},
    fix="leave the premise out, or use check_bound, which takes a head",
)


def require_readable(bound: Bound) -> None:
    """Raise :class:`TermError` where a bound says what no reduction over two collections gives, or has such a premise."""
    PREMISES.require_premises(bound)
    RULES.require(_terms(bound))
    if bound.indices:
        raise TermError(
            explain(
                f"bound {bound.name!r}",
                "a conclusion without free indices",
                f"'{bound.statement}'",
                "check a sample of triples instead",
            )
        )
    for term in _terms(bound):
        if not _is_readable(term):
            raise TermError(
                explain(
                    f"bound {bound.name!r}",
                    "terms that split into what is said of one collection or of two",
                    f"'{_unreadable(term)}'",
                    "check a sample of triples instead",
                )
            )


def row_reductions(bounds: Iterable[Bound]) -> Mapping[Collection, set[Reduction]]:
    """Return which reductions of distances to other collections the rows of each collection need."""
    found: dict[Collection, set[Reduction]] = {}
    for bound in bounds:
        for term in _terms(bound):
            for row in _rows_in(term):
                if row.rows != row.over:
                    found.setdefault(row.rows, set()).add(row.kind)
    return found


def _terms(bound: Bound) -> list[Scalar]:
    premises = [term for premise, rule in PREMISES.each(bound.premises) for term in rule(premise)]
    return [rewrite(term) for term in (bound.lhs, bound.rhs, *premises)]


def _rows_in(term: Term) -> Iterable[Row]:
    if isinstance(term, Reduce) and (row := row_of(term)) is not None:
        yield row
    elif len(collections_of(term)) > 1 and not (
        is_closed(term) and len(collections_of(term)) == 2 and not splits(term)
    ):
        for child in term.children:
            yield from _rows_in(child)


def _is_readable(term: Term) -> bool:
    if splits(term) or (is_closed(term) and len(collections_of(term)) == 2 and not _has_maps(term)):
        return True
    if isinstance(term, Point | Image) or not term.children or _is_of_some(term):
        return False
    return all(_is_readable(child) for child in term.children)


def _unreadable(term: Term) -> Term:
    return next((_unreadable(child) for child in term.children if not _is_readable(child)), term)


@kept
def collections_of(term: Term) -> frozenset[Collection]:
    """Return the collections that a term speaks of."""
    return term.collections()


def is_about_pairs(term: Scalar, anchor: Collection) -> bool:
    """Say whether a term has one value for each pair of an anchor and another collection."""
    return is_closed(term) and len(collections_of(term)) == 2 and anchor in collections_of(term)


@kept
def has_parameters(term: Term) -> bool:
    """Whether a term's value depends on parameters."""
    return bool(term.parameters())


@kept
def _has_maps(term: Term) -> bool:
    return bool(term.maps())


@kept
def is_closed(term: Term) -> bool:
    """Say whether a term has one value for its collections, whatever the parameters."""
    number = isinstance(term, Constant | Parameter | Size | Dimension)
    return not number and not term.free() and not term.parameters() and not term.variables()


@kept
def splits(term: Term) -> bool:
    """Say whether a term is made of what is said of one collection, and of rows' reductions."""
    if isinstance(term, Constant | Parameter | Size | Dimension):
        return True
    if is_closed(term) and len(collections_of(term)) == 1 and not _has_maps(term):
        return True
    if isinstance(term, Reduce) and row_of(term) is not None:
        return True
    return (
        bool(term.children)
        and not isinstance(term, Image)
        and not _is_of_some(term)
        and all(map(splits, term.children))
    )


def _is_of_some(term: Term) -> bool:
    """Say whether a term binds an index that runs over some values alone, those apart from others or of one class."""
    return term.bound_index is not None and bool(term.bound_index.depends)


@kept
def row_of(term: Reduce) -> Row | None:
    """Return the row's reduction that a term is, if it is one."""
    simple = term.kind in KINDS and term.weights is None and not term.index.depends
    pair = distance_of_points(term.body) if simple else None
    if pair is None:
        return None
    a, b = pair if pair[1].index == term.index else pair[::-1]
    if b.index != term.index or not len(a.index.collections) == len(b.index.collections) == 1:
        return None
    return Row(term.kind, a.collection, b.collection, a.index)


@kept
def squares_of(term: Reduce) -> tuple[tuple[Scalar, Index], ...] | None:
    """Return a_i with i of mean over i of a_i², or a_i, i, b_j and j of mean over both of min{a_i, b_j}²."""
    match term:
        case Reduce(
            Reduction.MEAN, i, Reduce(Reduction.MEAN, j, Power(Smallest((a, b)), exponent), weights=None), weights=None
        ) if exponent == 2 and {a.free(), b.free()} == {frozenset({i}), frozenset({j})}:
            return ((a, i), (b, j)) if i in a.free() else ((b, i), (a, j))
        case Reduce(Reduction.MEAN, i, Power(a, exponent), weights=None) if exponent == 2 and a.free() == {i}:
            return ((a, i),)
    return None


@lru_cache(maxsize=64)
def distance_of_centroids(a: Collection, b: Collection) -> Scalar:
    """Return the distance of two collections' centroids as a term."""
    return Norm(mean(a) - mean(b))


@kept
def is_distance_of_centroids(term: Term) -> bool:
    """Whether a term is the distance of two collections' centroids."""
    apart = difference(term.vector) if type(term) is Norm else None
    return apart is not None and set(apart) == {mean(collection) for collection in collections_of(term)}
