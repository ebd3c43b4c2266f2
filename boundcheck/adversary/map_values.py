"""A bound that speaks of maps as one that does not: a map is the values it takes where the statement asks for them.

What is said of an L-Lipschitz g on finitely many vectors is said of its values there, which are any points no two of
which are farther apart than L times their vectors. Every such table of values is of an L-Lipschitz map on all of the space:

====================================  ==========================================================================
values that differ in one coordinate  E. J. McShane, "Extension of range of functions", Bull. AMS 40 (1934)
sup norm                              the same, coordinate by coordinate
p = 1, values that differ in two      the same: (a, b) ↦ (a + b, a − b) turns that plane's norm into the sup norm
Euclidean norm                        M. D. Kirszbraun, Fund. Math. 22 (1934)
two vectors u and v, any norm         along a segment: g(u) + min{1, ‖· − u‖ / ‖v − u‖}·(g(v) − g(u))
====================================  ==========================================================================

So a search over tables misses no map whose values are in these spaces, and every table that it finds is of one. Values
are looked for in a space of as many coordinates as the points have, or fewer: for statements that do not speak of the
dimension that leaves nothing out, since points may have coordinates to spare.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from boundcheck.errors import InvalidValueError, TermError, explain
from boundcheck.evaluate.readers.numeric import RULES
from boundcheck.language import (
    Average,
    Bound,
    Collection,
    Constant,
    EqualSizes,
    ForAll,
    Image,
    Index,
    Lipschitz,
    Map,
    Norm,
    Point,
    Premise,
    Reduction,
    Rules,
    Scalar,
    Term,
    Vector,
    largest,
)
from boundcheck.language.structure import with_parts

__all__ = ["ANYTHING", "Extension", "Flat", "Pair", "Site", "coordinates", "extension", "flat", "in_turn"]

Array = npt.NDArray[np.float64]

#: What a map of which nothing is assumed is Lipschitz with, on the finitely many vectors of a search.
ANYTHING = Constant(Fraction(2**20))
# A table that a formula meets to within this is that formula's.
_CLOSE = 1e-12


@dataclass(frozen=True)
class Site:
    """Where a statement asks for a map's value: at one vector, or at one for every point of a collection.

    Attributes
    ----------
    map
        Which.
    name
        The vector as it is written.
    argument
        The vector, without maps in it.
    index
        Of the points that there is one vector for; None for one vector.
    values
        The collection of the map's values: one, or as many as there are points.
    """

    map: Map
    name: str
    argument: Vector
    index: Index | None
    values: Collection

    @property
    def value(self) -> Vector:
        """The map's value, with the site's own index free."""
        return _value(self.values, self.index)


@dataclass(frozen=True)
class Pair:
    """Two sites of a map: what its values, and what the vectors, are apart, over all their indices.

    The values may be no farther apart than the constant times the vectors, as the premise says.
    """

    map: Map
    values: Scalar
    vectors: Scalar
    constant: Scalar
    premise: ForAll


@dataclass(frozen=True)
class Flat:
    """A bound without maps, and where their values went.

    Attributes
    ----------
    bound
        The statement about points and values.
    sites
        Every place at which it asks for a value.
    pairs
        What the values must satisfy to be those of maps; their premises are among those of `bound`.
    """

    bound: Bound
    sites: tuple[Site, ...]
    pairs: tuple[Pair, ...]


_Made: TypeAlias = Callable[[Any, Callable[[Any], Any], Vector], tuple[Premise, ...]]

#: What each kind of premise says of a map's values, given what puts values in place of maps, and some value.
PREMISES: Rules[_Made] = Rules(
    "the adversary",
    Premise,
    {
        # Of sizes, which values join: said of all collections together.
        EqualSizes: lambda premise, changed, some: (),
        ForAll: lambda premise, changed, some: (changed(premise),),
        # The rest of what it says is said of each two places: _pairs.
        Lipschitz: lambda premise, changed, some: (_from_zero(premise, some),),
    },
    fix="give the kind a rule in boundcheck.adversary.map_values.PREMISES",
)


def flat(bound: Bound) -> Flat:
    """Return a bound with a collection of values in place of every map.

    Raises
    ------
    InvalidValueError
        If a map is of a vector with several free indices.
    TermError
        If a premise or a term is of a kind that there is no rule for.
    """
    PREMISES.require_premises(bound)
    RULES.require(bound.terms())
    if not bound.maps():
        return Flat(bound, (), ())
    for each in bound.maps():
        if each.linear:
            raise TermError(
                explain(
                    f"bound {bound.name!r}",
                    "maps of which values are free but for how far they are apart",
                    f"the linear map {each}",
                    f"search the bound with {each} not linear, or check it",
                )
            )
    found: dict[tuple[Map, Vector], tuple[Image, Collection]] = {}
    for image in _images(bound):
        key = _key(image)
        if key not in found:
            symbol = str(image)
            while any(symbol == values.symbol for _, values in found.values()):
                symbol += "′"
            found[key] = image, Collection(symbol, symbol, index=f"of {symbol}", size=f"number of {symbol}")
    tied: dict[Collection, list[Collection]] = {}
    for image, values in found.values():
        for index in image.vector.free():
            if type(index) is not Index:
                raise TermError(
                    explain(f"'{image}'", "a map of points of a collection, whatever their class", index.described)
                )
            tied.setdefault(index.collections[0], []).append(values)

    def changed(value: Any) -> Any:
        match value:
            case Image():
                free = next(iter(value.vector.free()), None)
                return _value(found[_key(value)][1], None if free is None else changed(free))
            case Index(symbol, collections, apart) if type(value) is Index:
                over = (*collections, *(values for one in collections for values in tied.get(one, ())))
                return Index(symbol, over, tuple(map(changed, apart)))
            case Term() | Premise():
                return with_parts(value, changed)
            case _:
                return value

    sites = tuple(
        Site(
            image.map,
            str(image.vector),
            changed(image.vector),
            next(iter(map(changed, image.vector.free())), None),
            values,
        )
        for image, values in found.values()
    )
    pairs = [pair for map in bound.maps() for pair in _pairs(bound, map, sites)]
    first = bound.collections[0]
    some = _free(sites[0]) if sites else first[changed(first.each)]
    kept = [one for premise, rule in PREMISES.each(bound.premises) for one in rule(premise, changed, some)]
    stated = Bound(
        bound.name,
        lhs=changed(bound.lhs),
        rhs=changed(bound.rhs),
        premises=(*_equal_sizes(bound, tied), *kept, *(pair.premise for pair in pairs)),
        collections=(*bound.collections, *(site.values for site in sites)),
        relation=bound.relation,
        space=bound.space,
    )
    return Flat(stated, sites, tuple(pairs))


def in_turn(sites: Iterable[Site]) -> tuple[Map, ...]:
    """Return the maps of some places, each after those whose values it is of.

    Raises
    ------
    InvalidValueError
        If a map is of values of its own.
    """
    places = list(sites)
    of = {site.values: site.map for site in places}
    waiting = dict.fromkeys(site.map for site in places)
    needs = {
        map: {of[one] for site in places if site.map == map for one in site.argument.collections() if one in of}
        for map in waiting
    }
    found: list[Map] = []
    while waiting:
        ready = next((map for map in waiting if needs[map] <= set(found)), None)
        if ready is None:
            symbols = ", ".join(map.symbol for map in waiting)
            raise InvalidValueError(explain("bound", "maps that are of no values of their own", symbols))
        found.append(ready)
        del waiting[ready]
    return tuple(found)


def _images(bound: Bound) -> Iterator[Image]:
    floors = [premise.floor for premise in bound.quantified if premise.floor is not None]
    for term in (*bound.terms(), *floors):
        for node in term.walk():
            if isinstance(node, Image):
                if len(node.vector.free()) > 1:
                    indices = ", ".join(sorted(map(str, node.vector.free())))
                    raise InvalidValueError(
                        explain(
                            "bound",
                            "maps of vectors with at most one free index each",
                            f"{node}, of several: {indices}",
                        )
                    )
                yield node


def _key(image: Image) -> tuple[Map, Vector]:
    """Return the same for a map of x_i and of x_i′: its values at the points of one collection."""
    vector: Vector = image.vector
    for index in image.vector.free():
        vector = _with(vector, index, Index("·", index.collections))
    return image.map, vector


def _with(term: Any, old: Index, new: Index) -> Any:
    """Return a term with a free index replaced."""
    if isinstance(term, Term) and term.bound_index == old:
        return term
    if isinstance(term, Index):
        return new if term == old else term
    return with_parts(term, lambda part: _with(part, old, new)) if isinstance(term, Term) else term


def _value(values: Collection, index: Index | None) -> Vector:
    # The mean of the one value there is: a vector without a free index.
    return values[index] if index is not None else Average(Reduction.MEAN, values.each, values[values.each])


def _from_zero(premise: Lipschitz, some: Vector) -> ForAll:
    """Return the premise that a map's constant is at least 0, which values at one vector would not show."""
    least = -premise.constant
    # A premise quantifies over something.
    return ForAll(f"{premise.constant} ≥ 0", lhs=largest(least, least - Norm(some)), rhs=Constant(Fraction(0)))


def _pairs(bound: Bound, map: Map, sites: Sequence[Site]) -> Iterator[Pair]:
    """Yield what must hold of the values at every two sites of a map."""
    assumed = [premise for premise in bound.lipschitz if premise.map == map]
    constants = [(premise.name, premise.constant) for premise in assumed] or [(f"{map} is a map", ANYTHING)]
    own = [site for site in sites if site.map == map]
    for place, one in enumerate(own):
        for other in own[: place + 1]:
            if one is other and one.index is None:
                continue
            first, second = _moved(one, f"⟨{place}⟩"), _moved(other, f"⟨{own.index(other)}⟩′")
            apart = Norm(first.argument - second.argument)
            for name, constant in constants:
                free = Norm(_free(first) - _free(second))
                premise = ForAll(name, lhs=free - constant * apart, rhs=Constant(Fraction(0)))
                yield Pair(map, Norm(first.value - second.value), apart, constant, premise)


def _moved(site: Site, symbol: str) -> Site:
    """Return a site with an index of another letter."""
    if site.index is None:
        return site
    index = Index(symbol, site.index.collections)
    return replace(site, argument=_with(site.argument, site.index, index), index=index)


def _free(site: Site) -> Point:
    """Return a site's value with an index to quantify over, though there may be one value alone."""
    return site.values[site.index if site.index is not None else site.values.each]


def _equal_sizes(bound: Bound, tied: Mapping[Collection, Sequence[Collection]]) -> list[EqualSizes]:
    groups = [set(group) for group in bound.equal_sizes]
    for group in ({one, *values} for one, values in tied.items()):
        joined = group.union(*(other for other in groups if other & group))
        groups = [other for other in groups if not other & group] + [joined]
    return [EqualSizes("equal sizes", tuple(sorted(group, key=lambda one: one.symbol))) for group in groups]


# ---------------------------------------------------------------------------------------------------------- extensions


def coordinates(p: float, sites: int) -> float:
    """Return in how many coordinates the values at so many vectors may differ and still be those of a map."""
    if p in (2, math.inf) or sites <= 2:
        return math.inf
    return 2 if p == 1 else 1


@dataclass(frozen=True)
class Extension:
    """A map that takes given values at given vectors.

    Attributes
    ----------
    words
        What it is, or by which theorem there is one.
    lines
        The body of a Python function of points, shape (k, d); None where no formula is at hand.
    """

    words: str
    lines: tuple[str, ...] | None

    def source(self, name: str) -> str:
        """Return the Python function, which needs NumPy as np."""
        told = " ".join(self.words.split())
        return "\n".join([f"def {name}(points):", f"    # {told}", *self._body()])

    def _body(self) -> list[str]:
        return [f"    {line}" for line in self.lines or ()]

    def function(self) -> Callable[[Array], Array]:
        """Return the function itself."""
        names: dict[str, Any] = {"np": np}
        # Of lines that are written here, and of numbers: nothing that a bundle could bring along.
        exec("\n".join(["def extended(points):", *self._body()]), names)
        made: Callable[[Array], Array] = names["extended"]
        return made


def extension(symbol: str, p: float, vectors: Array, values: Array, constant: float | None) -> Extension:
    """Return a map that is Lipschitz with a constant in the p-norm and takes values at vectors, each of shape (k, d).

    The values must satisfy what :class:`Flat` asks of them; without a constant, it is the least that they have. The lines
    compute in float64, so the function is Lipschitz, and takes the values, to within rounding.
    """
    vectors, kept = np.unique(vectors, axis=0, return_index=True)
    values = values[kept]
    differs = (values != values[0]).any(axis=0)
    varied = np.flatnonzero(differs)
    if not varied.size:
        return Extension(
            f"{symbol}(v) = {_shown(values[0])} for all v", (f"return np.zeros_like(points) + {values[0].tolist()}",)
        )
    if constant is None:
        constant = _steepest(p, vectors, values)
    affine = _affine(symbol, vectors, values, constant)
    if affine is not None:
        return affine
    if len(vectors) == 2:
        return Extension(
            f"{symbol} goes from {_shown(values[0])} to {_shown(values[1])} as v does from {_shown(vectors[0])} to "
            f"{_shown(vectors[1])}, by the distance from there",
            (
                f"start, end = np.array({values.tolist()})",
                f"away = {_norm(f'points - {vectors[0].tolist()}', p)}",
                f"share = np.minimum(away / {_norm(_coded(vectors[1] - vectors[0]), p)}, 1)",
                "return start + share[:, None] * (end - start)",
            ),
        )
    cone = (
        f"vectors, values = np.array({vectors.tolist()}), np.array({{}})",
        f"reach = {constant!r} * {_norm('points[:, None] - vectors', p)}",
    )
    told = f"{symbol} is McShane's extension of its values"
    if p == math.inf or varied.size == 1:
        return Extension(
            f"{told}: the least of value + {constant:g}·distance",
            (
                cone[0].format(values.tolist()),
                cone[1],
                "least = (values + reach[:, :, None]).min(axis=1)",
                "return least" if differs.all() else f"return np.where({differs.tolist()}, least, values[0])",
            ),
        )
    if p == 1 and varied.size == 2:
        a, b = varied
        turned = np.stack([values[:, a] + values[:, b], values[:, a] - values[:, b]], axis=1)
        return Extension(
            f"{told}, in the coordinates a + b and a − b",
            (
                cone[0].format(turned.tolist()),
                cone[1],
                "turned = (values + reach[:, :, None]).min(axis=1)",
                f"found = np.zeros_like(points) + {values[0].tolist()}",
                f"found[:, {a}], found[:, {b}] = turned.sum(axis=1) / 2, (turned[:, 0] - turned[:, 1]) / 2",
                "return found",
            ),
        )
    return _linear(symbol, p, vectors, values, constant) or Extension(
        f"there is such a map {symbol} by Kirszbraun's theorem", None
    )


def _steepest(p: float, vectors: Array, values: Array) -> float:
    first, second = np.triu_indices(len(vectors), 1)
    apart = np.linalg.norm(values[first] - values[second], ord=p, axis=1)
    return float((apart / np.linalg.norm(vectors[first] - vectors[second], ord=p, axis=1)).max())


def _linear(symbol: str, p: float, vectors: Array, values: Array, constant: float) -> Extension | None:
    """Return v ↦ A·v + b where the table is one of so short a matrix, else None."""
    matrix = np.linalg.lstsq(vectors - vectors[0], values - values[0], rcond=None)[0]
    matrix[np.abs(matrix) <= _CLOSE * constant] = 0
    shift = values[0] - vectors[0] @ matrix
    scale = max(float(np.abs(values).max()), constant * float(np.abs(vectors).max()))
    is_off = np.abs(vectors @ matrix + shift - values).max() > _CLOSE * scale
    if p not in (1, 2, math.inf) or is_off or np.linalg.norm(matrix.T, ord=p) > constant * (1 + _CLOSE):
        return None
    return Extension(
        f"{symbol}(v) = A·v + b for all v, where ‖A‖ ≤ {constant:.6g}",
        (f"return (points[:, :, None] * {_coded(matrix)}).sum(axis=1) + {shift.tolist()}",),
    )


def _affine(symbol: str, vectors: Array, values: Array, constant: float) -> Extension | None:
    """Return v ↦ c·v + b where that is the table, else None."""
    far = np.abs(vectors - vectors[0])
    row, axis = np.unravel_index(int(far.argmax()), far.shape)
    if not far[row, axis]:
        return None
    factor = float((values[row, axis] - values[0, axis]) / (vectors[row, axis] - vectors[0, axis]))
    if abs(abs(factor) - constant) <= _CLOSE * constant:
        factor = math.copysign(constant, factor)
    shift = values[0] - factor * vectors[0]
    scale = max(float(np.abs(values).max()), abs(factor) * float(np.abs(vectors).max()))
    shift = np.where(np.abs(shift) <= _CLOSE * scale, 0.0, shift)
    off = np.abs(factor * vectors + shift - values).max()
    if abs(factor) > constant or not off <= _CLOSE * scale:
        return None
    words = "v" if factor == 1 else "−v" if factor == -1 else f"{factor:.6g}·v".replace("-", "−")
    shown = _shown(shift)
    moved = "" if not shift.any() else f" − {shown[1:]}" if shown.startswith("−") else f" + {shown}"
    line = "points" if factor == 1 else "-points" if factor == -1 else f"{factor!r} * points"
    return Extension(
        f"{symbol}(v) = {words}{moved} for all v", (f"return {line}{f' + {shift.tolist()}' if shift.any() else ''}",)
    )


def _coded(array: Array) -> str:
    """Return a vector as NumPy code."""
    return f"np.array({array.tolist()})"


def _norm(of: str, p: float) -> str:
    order = 'float("inf")' if p == math.inf else f"{p:g}" if float(f"{p:g}") == p else repr(p)
    return f"np.linalg.norm({of}, ord={order}, axis=-1)"


def _shown(vector: Array) -> str:
    numbers = [f"{number:.6g}".replace("-", "−") for number in vector.tolist()]
    return numbers[0] if len(numbers) == 1 else f"({', '.join(numbers)})"
