"""A bound as a search problem: what may be varied, and how far from broken it is, for a batch of cases at once.

A case is an assignment of points to collections, of ratios to weights and of numbers to the parameters that no premise
determines. A parameter that a premise does determine takes the least value that is true, or that much and a little
more. A map is the values that it takes where the statement asks for them, collections like the others
(:mod:`boundcheck.adversary.map_values`). Numbers here are float64 without error bounds: what they find is a candidate, which
:meth:`Problem.fails` judges.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from jaxtyping import Float
from torch import Tensor

from boundcheck.adversary.map_values import ANYTHING, Extension, Flat, coordinates, extension, flat, in_turn
from boundcheck.adversary.strategies import like_in_size
from boundcheck.embed.functions import as_device
from boundcheck.errors import EmptyCollectionError, InvalidTypeError, InvalidValueError, explain
from boundcheck.evaluate import Judgement, NumericReader, judge, verdict
from boundcheck.evaluate.readers.numeric import Named
from boundcheck.evaluate.readers.ranges import Ranges
from boundcheck.language import (
    Average,
    Bound,
    Collection,
    Combination,
    Cosine,
    Coupling,
    Family,
    HullDistance,
    Index,
    Infimum,
    Inner,
    Map,
    Member,
    Norm,
    Parameter,
    PNorm,
    Point,
    Reduction,
    Relation,
    SampleIndex,
    Scalar,
    Term,
    Transport,
    Vector,
    Weights,
    rewrite,
)

__all__ = ["FEWER", "MET", "MOST", "NORMS", "Case", "Cases", "Layout", "Problem", "Size", "Values"]

Array = npt.NDArray[np.float64]

#: The norms searched where none are named, simplest first.
NORMS = (2.0, 1.0, float("inf"))

#: How many layouts are gone through at most: all are kept, and looked at one by one.
MOST = 100_000
FEWER = "ask for fewer points or dimensions"

# Of sides this near to 0 a relative difference is rounding: coordinates are near 1.
_TINY = 1e-7
#: A premise without a parameter that is exceeded by no more than this is taken as met, and left to the verdict.
MET = 1e-12


#: How many points a collection has; of a family, how many each class has.
Size: TypeAlias = "int | tuple[int, ...]"


@dataclass(frozen=True)
class Layout:
    """The shape of a case.

    Attributes
    ----------
    norm
        The p of the p-norm.
    sizes
        Points in each of the bound's collections; of a family, those of each class.
    dimension
        Of the space.
    above
        Whether the parameters that premises determine are drawn from the least value up, or are the least.
    """

    norm: float
    sizes: tuple[Size, ...]
    dimension: int
    above: bool = False

    def __str__(self) -> str:
        sizes = ", ".join("+".join(map(str, size)) if isinstance(size, tuple) else str(size) for size in self.sizes)
        return f"norm {self.norm:g}, sizes {sizes}, dimension {self.dimension}"


@dataclass(frozen=True)
class Case:
    """One case, as exact floats.

    Attributes
    ----------
    norm
        The p of the p-norm.
    points
        Of every collection, shape (size, d).
    weights
        Ratios, shape (size,).
    given
        The values of the parameters that are not the least which the premises allow.
    partitions
        Of every family, the sizes of its classes, whose points come in that order.
    """

    norm: float
    points: Mapping[Collection, Array]
    weights: Mapping[Weights, Array]
    given: Mapping[Parameter, float]
    partitions: Mapping[Family, tuple[int, ...]] = field(default_factory=dict)

    @property
    def shape(self) -> tuple[Any, ...]:
        """What cases must have in common to be judged in one batch."""
        return self.norm, *(array.shape for array in self.points.values()), *self.partitions.values(), *self.given


@dataclass
class Cases:
    """A batch of b cases of one layout.

    Attributes
    ----------
    points, weights
        Tensors of shape (b, size, d) and (b, size).
    numbers
        Shape (b,): the parameters that no premise determines, and what the others exceed their least value by.
    """

    layout: Layout
    points: dict[Collection, Tensor]
    weights: dict[Weights, Tensor]
    numbers: dict[Parameter, Tensor]

    def __len__(self) -> int:
        return len(next(iter(self.points.values())))

    def tensors(self) -> list[Tensor]:
        """Return everything that may be varied."""
        return [*self.points.values(), *self.weights.values(), *self.numbers.values()]

    def like(self, tensors: Sequence[Tensor]) -> Cases:
        """Return the batch with other tensors, in the order of :meth:`tensors`."""
        rest = iter(tensors)
        return Cases(
            self.layout,
            {key: next(rest) for key in self.points},
            {key: next(rest) for key in self.weights},
            {key: next(rest) for key in self.numbers},
        )

    def at(self, rows: Tensor) -> Cases:
        """Return some of the batch."""
        return self.like([tensor[rows] for tensor in self.tensors()])

    def joined(self, other: Cases) -> Cases:
        """Return this batch and another of the same layout as one."""
        return self.like([torch.cat(pair) for pair in zip(self.tensors(), other.tensors(), strict=True)])


@dataclass(frozen=True)
class Values:
    """What the numeric reader says of a batch; every tensor has shape (b,).

    Attributes
    ----------
    lhs, rhs
        The two sides.
    excess
        The largest amount by which a premise without a parameter is exceeded; below 0 where all are met, −∞ where
        there is none.
    parameters
        The value of each.
    violation
        ``(lhs − rhs) / (|lhs| + |rhs|)``, or of ``|lhs − rhs|`` for an equality: above 0 where the conclusion is broken.
    """

    lhs: Tensor
    rhs: Tensor
    excess: Tensor
    parameters: Mapping[Parameter, Tensor]
    violation: Tensor

    @property
    def score(self) -> Tensor:
        """The violation where the premises are met, what is below every violation where they are not, or for NaN."""
        score = torch.where(self.excess > MET, -1 - self.excess, self.violation)
        return score.nan_to_num(nan=-torch.inf, posinf=-torch.inf, neginf=-torch.inf)

    @property
    def tightness(self) -> Tensor:
        """Left side over right side where rhs is above 0 and the premises are met, else −∞."""
        told = (self.rhs > 1e-6) & (self.excess <= MET) & torch.isfinite(self.lhs) & torch.isfinite(self.rhs)
        return torch.where(told, self.lhs / torch.where(told, self.rhs, 1.0), -torch.inf)


def _sees_the_origin(node: Term) -> bool:
    """Say whether a term is of lengths or directions of vectors, rather than of differences of points alone."""
    if type(node) in (Inner, Cosine):
        return True
    return isinstance(node, (Norm, PNorm)) and _moves_with(node.vector) != 0


def _moves_with(vector: Term) -> Fraction | None:
    """Return c where a vector moves by c·v if all points move by v; None where that is not known."""
    match vector:
        case Point() | Member():
            return Fraction(1)
        case Average(kind=Reduction.MEAN):
            return _moves_with(vector.body)
        case Combination(parts):
            moves = [_moves_with(part) for _, part in parts]
            if any(move is None for move in moves):
                return None
            return sum((factor * move for (factor, _), move in zip(parts, moves, strict=True) if move), Fraction(0))
    # Of a map's values the origin is as good as another point; of anything else, nothing is known.
    return Fraction(0) if isinstance(vector, Vector) and vector.reached_by is not None else None


def _frame(dimension: int, place: Tensor, order: Tensor) -> Tensor:
    """Return unit vectors of an orthogonal frame by their places in it, shape (b, n, d); the frame's opposite after it."""
    axes = order[:, :dimension].argsort(dim=1)
    at = axes.gather(1, place % dimension)
    turned = torch.where(place // dimension % 2 == 1, -1.0, 1.0).double()
    return torch.nn.functional.one_hot(at, dimension).double() * turned.unsqueeze(-1)


def _simplex(dimension: int, place: Tensor) -> Tensor:
    """Return vertices of a regular simplex on the unit sphere by their places, shape (b, n, d)."""
    count = dimension + 1
    centred = torch.eye(count, dtype=torch.float64) - 1 / count
    # Coordinates in the hyperplane that the vertices are in.
    basis = torch.linalg.svd(centred).Vh[:dimension]
    vertices = torch.nn.functional.normalize(centred @ basis.T, dim=-1)
    return vertices[place % count]


def _total(size: Size) -> int:
    return sum(size) if isinstance(size, tuple) else size


def _particular(terms: Iterable[Scalar]) -> frozenset[Index]:
    """Return the indices that terms bind or leave free, as they are read, which are apart from others or draw samples."""
    nodes = (node for term in terms for node in rewrite(term).walk())
    found = (index for node in nodes for index in (*node.free(), *filter(None, [node.bound_index])))
    return frozenset(index for index in found if index.apart or isinstance(index, SampleIndex))


def _smallest(collection: Collection) -> Size:
    """Return the smallest size that a collection has, for one of which nothing depends on its points."""
    return (1, 1) if isinstance(collection, Family) else 1


class Problem:
    """What may be varied to break a bound.

    Parameters
    ----------
    stated
        The statement.
    f
        An embedding that the points go through: a function from a float64 tensor of shape (k, d) to one of shape
        (k, d′). None for points as they are.
    device
        A torch device.

    Raises
    ------
    InvalidTypeError
        If `stated` is no bound, or f is not callable.
    InvalidValueError
        If a map in it is of a vector with several free indices.

    Attributes
    ----------
    bound
        The statement, with a collection of values in place of every map.
    sites
        Where it asks for a map's values.
    """

    def __init__(
        self,
        stated: Bound,
        *,
        f: Callable[[Tensor], Any] | None = None,
        device: str | torch.device | None = None,
    ) -> None:
        if not isinstance(stated, Bound):
            raise InvalidTypeError(explain("bound", "a Bound or the name of a known one", f"{stated!r}"))
        if f is not None and not callable(f):
            raise InvalidTypeError(explain("f", "a function of points, shape (k, d), or None", f"{f!r}"))
        made: Flat = flat(stated)
        bound = made.bound
        self.stated, self.bound, self.sites = stated, bound, made.sites
        self.device = as_device(device) or torch.device("cpu")
        self._f = f
        quantified = bound.quantified
        speakers = [bound.lhs, bound.rhs, *(side for premise in quantified for side in (premise.lhs, premise.rhs))]
        self.spoken = tuple(one for one in bound.collections if any(one in term.collections() for term in speakers))
        self.weights = bound.weights()
        self._least = bound.least
        self.free = tuple(parameter for parameter in bound.parameters() if parameter not in self._least)
        # Those whose constants are known before the values are drawn in to meet them.
        self._pairs = [pair for pair in made.pairs if pair.constant.parameters() <= set(self.free)]
        #: Parameters that a map is Lipschitz with: from 0 up, and no lengths.
        self.ratios = frozenset(stated.lipschitz_parameters)
        # Whether every vector that a map is of can be computed before the premises are looked at.
        self._known = all(site.argument.parameters() <= set(self.free) for site in self.sites)
        # A map that no side speaks of has no values.
        # After those whose values they are of.
        self._maps = in_turn(self.sites)
        self.values_of = {site.values: site for site in self.sites}
        met = {pair.premise for pair in self._pairs}
        self._excesses = [one.excess for one in quantified if one.parameter is None and one not in met]
        self._like = like_in_size(bound)
        nodes = [node for term in bound.terms() for node in term.walk()]
        #: The families among the collections.
        self.families = tuple(one for one in bound.collections if isinstance(one, Family))
        #: Whether it matters where the origin is, or there are classes: then hard cases are on spheres too.
        stated_nodes = (node for term in stated.terms() for node in term.walk())
        self.is_round = bool(self.families) or any(map(_sees_the_origin, stated_nodes))
        # Only of these is there a case, however small, in which one has no values.
        self._particular = _particular(
            [bound.lhs, bound.rhs, *self._excesses, *(term for terms in self._least.values() for term in terms)]
        )
        self._hulls = any(isinstance(node, HullDistance) for node in nodes)
        #: Whether a term is solved for triple by triple, so that large batches are slow.
        self.slow = self._hulls or any(isinstance(node, (Transport, Infimum, Coupling)) for node in nodes)

    # ---------------------------------------------------------------------------------------------------- layouts

    @property
    def determined(self) -> tuple[Parameter, ...]:
        """The parameters whose least value a premise gives."""
        return tuple(self._least)

    def norms(self, norms: Sequence[float] | None) -> tuple[float, ...]:
        """Return the norms to search: those given, or the usual ones that the bound is stated for.

        Raises
        ------
        NormError
            If the bound is not stated for one that was given.
        """
        if norms is None:
            admitted = (p for p in NORMS if self.bound.space.admits(p))
            return tuple(p for p in admitted if p == 2 or not self._hulls)
        if not norms:
            raise InvalidValueError(explain("norms", "at least one p in [1, inf]", "none", "leave norms out"))
        for p in norms:
            self.bound.require_norm(p)
        return tuple(float(p) for p in norms)

    def layouts(self, norms: Sequence[float], max_size: int, dimensions: Sequence[int]) -> list[Layout]:
        """Return every layout up to a size, smallest first.

        Raises
        ------
        InvalidValueError
            If there are more than :data:`MOST`.
        """
        count = (
            math.prod(len(self._sizes_of(place, max_size)) for place in self._varied()) * len(dimensions) * len(norms)
        )
        if count > MOST:
            raise InvalidValueError(
                explain("max_size, max_dimension", f"at most {MOST:,} layouts of points", f"{count:,}", FEWER)
            )
        found = [
            Layout(p, sizes, dimension)
            for sizes in self.sizes_up_to(max_size)
            for dimension in dimensions
            for p in (norms if dimension > 1 else norms[:1] if self._one_norm_on_the_line(norms) else norms)
        ]
        found = [layout for layout in found if self.says_something(layout)]
        return sorted(found, key=lambda layout: (self.points_in(layout), layout.dimension, norms.index(layout.norm)))

    @staticmethod
    def _one_norm_on_the_line(norms: Sequence[float]) -> bool:
        # Every p-norm is the absolute value there; 2 comes first, and 1 and inf are exact too.
        return set(norms) <= set(NORMS)

    def says_something(self, layout: Layout) -> bool:
        """Say whether the bound says anything of such points: not where an index that is apart or draws has no values."""
        sizes = {one: _total(size) for one, size in zip(self.bound.collections, layout.sizes, strict=True)}
        ranges = Ranges(sizes, self.partitions(layout), layout.dimension)
        try:
            for index in self._particular:
                ranges.extent(index)
                ranges.allowed(index)
        except EmptyCollectionError:
            return False
        return True

    def sizes_up_to(self, max_size: int) -> Iterator[tuple[Size, ...]]:
        """Yield the sizes of the collections, equal where they must be, of those that are spoken of up to a size."""
        varied = self._varied()
        for counts in itertools.product(*(self._sizes_of(place, max_size) for place in varied)):
            yield self._sizes_by_leader(dict(zip(varied, counts, strict=True)))

    def alike(self, size: int) -> tuple[Size, ...]:
        """Return the sizes of collections of so many points each; of a family, of two classes of half as many."""
        varied: dict[int, Size] = {
            place: (size - size // 2, size // 2) if isinstance(self.bound.collections[place], Family) else size
            for place in self._varied()
        }
        return self._sizes_by_leader(varied)

    def _sizes_by_leader(self, varied: Mapping[int, Size]) -> tuple[Size, ...]:
        together = zip(self._like, self.bound.collections, strict=True)
        return tuple(varied.get(leader, _smallest(one)) for leader, one in together)

    def drawn_sizes(self, max_size: int, random: torch.Generator) -> tuple[Size, ...]:
        """Draw sizes up to one: of a family, up to so many classes of up to so many points."""
        if not self.families:
            sizes = list(self.sizes_up_to(max_size))
            return sizes[int(torch.randint(len(sizes), (1,), generator=random))]

        def number(low: int, high: int) -> int:
            return int(torch.randint(low, high + 1, (1,), generator=random))

        varied: dict[int, Size] = {}
        for place in self._varied():
            if isinstance(self.bound.collections[place], Family):
                classes = number(2, max(2, max_size))
                varied[place] = tuple(sorted((number(1, max_size) for _ in range(classes)), reverse=True))
            else:
                varied[place] = number(1, max_size)
        return self._sizes_by_leader(varied)

    def _sizes_of(self, place: int, max_size: int) -> Sequence[Size]:
        """Return the sizes of one collection up to a size: of a family, of as many classes, which are all alike."""
        if not isinstance(self.bound.collections[place], Family):
            return range(1, max_size + 1)
        return [
            tuple(sorted(sizes, reverse=True))
            for classes in range(2, max(2, max_size) + 1)
            for sizes in itertools.combinations_with_replacement(range(1, max_size + 1), classes)
        ]

    def _varied(self) -> list[int]:
        """Return the places of the collections whose sizes are chosen; others are as large as one of them, or 1."""
        collections = self.bound.collections
        return [
            leader
            for leader in sorted(set(self._like))
            if any(like == leader and one in self.spoken for like, one in zip(self._like, collections, strict=True))
            # A map has one value at one vector.
            and (collections[leader] not in self.values_of or self.values_of[collections[leader]].index is not None)
        ]

    def points_in(self, layout: Layout) -> int:
        """Return how many points a layout has that the bound speaks of."""
        pairs = zip(self.bound.collections, layout.sizes, strict=True)
        return sum(_total(size) for collection, size in pairs if collection in self.spoken)

    def partitions(self, layout: Layout) -> dict[Family, tuple[int, ...]]:
        """Return the sizes of the classes of every family of a layout."""
        pairs = zip(self.bound.collections, layout.sizes, strict=False)
        return {one: size for one, size in pairs if isinstance(one, Family) and isinstance(size, tuple)}

    def layout_of(self, case: Case) -> Layout:
        """Return the layout that a case is of."""
        sizes = (
            case.partitions[one] if isinstance(one, Family) else len(case.points[one]) for one in self.bound.collections
        )
        return Layout(case.norm, tuple(sizes), next(iter(case.points.values())).shape[1])

    def joined(self, collection: Collection) -> tuple[Collection, ...]:
        """Return the collections that must be as large as one, itself among them."""
        collections = self.bound.collections
        leader = self._like[collections.index(collection)]
        return tuple(one for one, like in zip(collections, self._like, strict=True) if like == leader)

    def of_points(self, collection: Collection) -> Collection:
        """Return the collection at whose points a map's values are, for one of them; any other collection as it is."""
        site = self.values_of.get(collection)
        return collection if site is None or site.index is None else site.index.collections[0]

    # ------------------------------------------------------------------------------------------------------ cases

    def lattice(self, layout: Layout, count: int, random: torch.Generator, *, reach: int = 2) -> Cases:
        """Draw cases with whole coordinates in [−reach, reach], an eighth of them scaled by a power of two."""
        scale = torch.ones(count, dtype=torch.float64)
        some = count // 8
        # Last, so that of equals the plain ones come first.
        scale[count - some :] = 2.0 ** torch.randint(-4, 5, (some,), generator=random)

        def whole(*shape: int) -> Tensor:
            return torch.randint(-reach, reach + 1, (count, *shape), generator=random).double()

        return self._drawn(layout, count, random, lambda *shape: whole(*shape) * scale.reshape(-1, *[1] * len(shape)))

    def gaussian(self, layout: Layout, count: int, random: torch.Generator) -> Cases:
        """Draw cases with normal coordinates."""
        return self._drawn(
            layout,
            count,
            random,
            lambda *shape: torch.randn(count, *shape, generator=random, dtype=torch.float64),
        )

    def round(self, layout: Layout, count: int, random: torch.Generator) -> Cases:
        """Draw cases on the unit sphere: at random, on orthogonal frames, at the vertices of regular simplices.

        Half of the time all points of a class, or of a collection, are one: where statements about directions are sharp.
        Of statements that look the same wherever the origin is, and of no family, there are none.
        """
        cases = self.gaussian(layout, count, random)
        if not self.is_round:
            return cases.at(torch.arange(0))
        points, start = dict(cases.points), 0
        kinds = torch.randint(3, (count,), generator=random)
        alike = torch.rand(count, generator=random) < 0.5
        order = torch.rand(count, max(layout.dimension, 2), generator=random).argsort(dim=1)
        sign = torch.randint(0, 2, (count, 1), generator=random) * 2.0 - 1
        for one, size in zip(self.bound.collections, layout.sizes, strict=True):
            if one not in self.spoken or one in self.values_of:
                continue
            parts = size if isinstance(size, tuple) else (size,)
            # Which place of the frame each point is at: one a point, or one for all of a class.
            apart = start + torch.arange(_total(size))
            together = start + torch.repeat_interleave(torch.arange(len(parts)), torch.tensor(parts))
            start += len(parts)
            place = torch.where(alike.unsqueeze(1), together, apart)
            frames = _frame(layout.dimension, place, order) * sign.unsqueeze(-1)
            vertices = _simplex(layout.dimension, place)
            drawn = torch.nn.functional.normalize(points[one].cpu(), dim=-1)
            kind = kinds.reshape(-1, 1, 1)
            points[one] = torch.where(kind == 0, drawn, torch.where(kind == 1, frames, vertices)).to(self.device)
        made = Cases(layout, points, cases.weights, cases.numbers)
        return self.settled(made) if self.sites else made

    def regular(self, layout: Layout, count: int, random: torch.Generator) -> Cases:
        """Draw cases in which each collection is one of: a lattice's points, one point, a simplex or a cross-polytope.

        Of the last two some vertices are there several times, some not at all, as there are fewer or more points; each is
        moved by a point of the lattice, or left where it is. All are scaled by a power of two, and one point in some is
        far from the rest.
        """
        cases = self.lattice(layout, count, random, reach=1)
        points = dict(cases.points)
        for one, size in zip(self.bound.collections, layout.sizes, strict=True):
            if one not in self.spoken or one in self.values_of:
                continue
            drawn, places = points[one].cpu(), torch.arange(_total(size))
            axes = torch.eye(layout.dimension, dtype=torch.float64)
            simplex = axes[places % layout.dimension]
            polytope = simplex * (1.0 - 2.0 * (places // layout.dimension % 2)).unsqueeze(-1)
            kind = torch.randint(4, (count, 1, 1), generator=random)
            moved = torch.randint(2, (count, 1, 1), generator=random) * drawn[:, :1]
            made = torch.where(kind == 2, simplex, polytope) + moved
            made = torch.where(kind == 0, drawn, torch.where(kind == 1, drawn[:, :1].expand_as(drawn), made))
            scale = 2.0 ** torch.randint(-2, 3, (count, 1, 1), generator=random)
            # A mean hardly moves where one point does, a largest distance does.
            out = torch.where(torch.rand(count, generator=random) < 0.25, 8.0, 1.0).unsqueeze(-1)
            made = made * scale
            made[:, -1] *= out
            points[one] = made.to(self.device)
        made_cases = Cases(layout, points, cases.weights, cases.numbers)
        return self.settled(made_cases) if self.sites else made_cases

    def repeated(self, cases: Cases, times: Mapping[Collection, Sequence[int]]) -> Cases:
        """Return cases with points, and their weights, there several times.

        Parameters
        ----------
        times
            How often each point of a collection is there, for collections that do not stay as they are. Collections that
            must be as large have the same numbers, and points of a family all have one number.
        """
        sizes: list[Size] = []
        for one, size in zip(self.bound.collections, cases.layout.sizes, strict=True):
            if isinstance(size, tuple):
                sizes.append(tuple(part * times[one][0] for part in size) if one in times else size)
            else:
                sizes.append(sum(times[one]) if one in times else size)
        places = {one: torch.tensor(list(counts), device=self.device) for one, counts in times.items()}

        def grown(of: Collection, tensor: Tensor) -> Tensor:
            return tensor.repeat_interleave(places[of], dim=1) if of in places else tensor

        points = {one: grown(one, tensor) for one, tensor in cases.points.items()}
        weights = {one: grown(one.collection, tensor) for one, tensor in cases.weights.items()}
        made = Cases(replace(cases.layout, sizes=tuple(sizes)), points, weights, dict(cases.numbers))
        return self.settled(made) if self.sites else made

    def copied(self, cases: Cases, places: Mapping[Collection, Tensor]) -> Cases:
        """Return one case with some points there once more, in as many ways as there are rows of `places`.

        Parameters
        ----------
        cases
            Of one case.
        places
            Which points each collection is to have, shape (ways, size), for those that do not stay as they are.
        """
        ways = len(next(iter(places.values())))
        own = {one: rows.to(self.device) for one, rows in places.items()}
        points = {
            one: tensor[0][own[one]] if one in own else tensor.expand(ways, -1, -1)
            for one, tensor in cases.points.items()
        }
        weights = {
            one: tensor[0][own[one.collection]] if one.collection in own else tensor.expand(ways, -1)
            for one, tensor in cases.weights.items()
        }
        numbers = {one: tensor.expand(ways) for one, tensor in cases.numbers.items()}
        sizes = tuple(
            own[one].shape[1] if one in own else size
            for one, size in zip(self.bound.collections, cases.layout.sizes, strict=True)
        )
        made = Cases(replace(cases.layout, sizes=sizes), points, weights, numbers)
        return self.settled(made) if self.sites else made

    def leaders(self) -> list[tuple[Collection, ...]]:
        """Return the collections whose sizes may be chosen, each with those that must be as large."""
        return [self.joined(self.bound.collections[place]) for place in self._varied()]

    def _drawn(self, layout: Layout, count: int, random: torch.Generator, coordinates: Callable[..., Tensor]) -> Cases:
        points: dict[Collection, Tensor] = {}
        for collection, size in zip(self.bound.collections, layout.sizes, strict=True):
            drawn = coordinates(_total(size), layout.dimension)
            # Nothing depends on the points of a collection that is not spoken of.
            points[collection] = drawn if collection in self.spoken else torch.zeros_like(drawn)
        weights: dict[Weights, Tensor] = {}
        for one in self.weights:
            size = points[one.collection].shape[1]
            ratios = torch.randint(0, 4, (count, size), generator=random).double()
            weights[one] = torch.where(ratios.sum(dim=1, keepdim=True) > 0, ratios, 1.0)
        numbers = {parameter: coordinates() for parameter in self.free}
        if layout.above:
            numbers |= {parameter: coordinates().abs() for parameter in self._least}
        cases = Cases(layout, points, weights, numbers)
        cases = cases.like([tensor.to(self.device) for tensor in cases.tensors()])
        if not self.sites:
            return cases
        # Half of the tables are of maps that are nowhere much flatter than they may be.
        return self.settled(self.mapped(cases, torch.arange(count) % 2 == 1, random))

    def cases(self, layout: Layout, several: Sequence[Case]) -> Cases:
        """Return cases as a batch; parameters that premises determine are the least."""

        def stacked(arrays: list[Any]) -> Tensor:
            return torch.tensor(np.array(arrays), dtype=torch.float64, device=self.device)

        return Cases(
            layout,
            {key: stacked([case.points[key] for case in several]) for key in self.bound.collections},
            {key: stacked([case.weights[key] for case in several]) for key in self.weights},
            {key: stacked([case.given[key] for case in several]) for key in self.free},
        )

    def case(self, cases: Cases, values: Values, row: int) -> Case:
        """Return one case of a batch."""
        place = row
        if self.sites:
            with torch.no_grad():
                cases, row = self.settled(cases.at(torch.tensor([row]))), 0

        def numbers(tensor: Tensor) -> Array:
            array: Array = tensor[row].detach().cpu().numpy().astype(np.float64)
            return array

        given = {parameter: float(cases.numbers[parameter][row]) for parameter in self.free}
        if cases.layout.above:
            # Clear of the least value's rounding, or the premise would be undecided.
            values_of = {parameter: float(values.parameters[parameter][place]) for parameter in self._least}
            given |= {key: value + 1e-12 * (1 + abs(value)) for key, value in values_of.items()}
        return Case(
            cases.layout.norm,
            {collection: numbers(tensor) for collection, tensor in cases.points.items()},
            {weights: numbers(tensor.abs()) for weights, tensor in cases.weights.items()},
            given,
            self.partitions(cases.layout),
        )

    # ------------------------------------------------------------------------------------------------ evaluation

    def values(self, cases: Cases) -> Values:
        """Return both sides of every case, differentiable in its tensors."""
        cases = self.settled(cases)
        reader = self._reader(cases)
        parameters: dict[Parameter, Tensor] = {}

        def bind(parameter: Parameter, value: Tensor) -> None:
            parameters[parameter] = value
            reader.bind(parameter, Named(value, None, ()))

        for parameter in self.free:
            parameters[parameter] = cases.numbers[parameter]
        for parameter, terms in self._least.items():
            least = torch.stack([reader.scalar(term).value for term in terms]).amax(dim=0)
            bind(parameter, least + cases.numbers[parameter].abs() if cases.layout.above else least)
        lhs, rhs = self._sides(reader)
        over = [reader.scalar(term).value for term in self._excesses]
        excess = torch.stack(over).amax(dim=0) if over else torch.full_like(lhs, -torch.inf)
        return Values(lhs, rhs, excess, parameters, self._violation(lhs, rhs))

    def _violation(self, lhs: Tensor, rhs: Tensor) -> Tensor:
        gap = (lhs - rhs).abs() if self.bound.relation is Relation.EQUAL else lhs - rhs
        size = lhs.abs() + rhs.abs()
        violation = gap / (size + _TINY)
        if self.bound.relation is not Relation.AT_MOST:
            return violation
        # 0 ≤ 0 is as near as can be to being broken and leads nowhere: it is where all points are one. It comes after
        # 0 ≤ 1, from which a search may still get somewhere.
        return torch.where(size < _TINY, -1.0 - 1e-6, violation)

    def _sides(self, reader: NumericReader) -> tuple[Tensor, Tensor]:
        """Return both sides; of a conclusion for all values of some indices, those of the instance nearest to broken."""
        lhs, rhs = reader.scalar(self.bound.lhs), reader.scalar(self.bound.rhs)
        if not self.bound.indices:
            return lhs.value, rhs.value
        (left, allowed), (right, _) = (reader.instances(side, self.bound.indices) for side in (lhs, rhs))
        violation = self._violation(left.value, right.value).detach().nan_to_num(nan=-torch.inf)
        if allowed is not None:
            violation = violation.masked_fill(~allowed, -torch.inf)
        nearest = violation.flatten(1).argmax(dim=1, keepdim=True)
        return tuple(side.value.flatten(1).gather(1, nearest).squeeze(1) for side in (left, right))  # type: ignore[return-value]

    def _reader(self, cases: Cases, **options: Any) -> NumericReader:
        """Return a reader that knows the parameters which no premise determines."""
        weights = {one: tensor.abs() for one, tensor in cases.weights.items()}
        options["partitions"] = self.partitions(cases.layout)
        reader = NumericReader(self.embedded(cases.points), cases.layout.norm, weights=weights, **options)
        for parameter in self.free:
            reader.bind(parameter, Named(cases.numbers[parameter], None, ()))
        return reader

    def embedded(self, points: Mapping[Collection, Float[Tensor, "b n d"]]) -> dict[Collection, Tensor]:
        """Return the points as f makes them, of shape (b, n, d′), and values of maps in as many coordinates."""
        if self._f is None:
            return dict(points)
        found = {}
        for collection, tensor in points.items():
            if collection not in self.values_of:
                image = torch.as_tensor(self._f(tensor.reshape(-1, tensor.shape[-1])), dtype=torch.float64)
                found[collection] = image.reshape(*tensor.shape[:2], -1).to(self.device)
        dimension = next(iter(found.values())).shape[-1]
        for collection in self.values_of:
            tensor = points[collection][..., :dimension]
            found[collection] = torch.nn.functional.pad(tensor, (0, dimension - tensor.shape[-1]))
        return {collection: found[collection] for collection in points}

    # ------------------------------------------------------------------------------------------------------- maps

    def settled(self, cases: Cases) -> Cases:
        """Return cases whose values are those of maps: drawn in towards the first of them as far as it takes.

        What needs no drawing in stays as it is. Constants that a premise determines are left to the verdict.
        """
        if not self.sites:
            return cases
        numbers = {
            key: tensor.abs() if key in self.ratios and key in self.free else tensor
            for key, tensor in cases.numbers.items()
        }
        points = dict(cases.points)
        for map in self._maps:
            own = [site.values for site in self.sites if site.map == map]
            most = coordinates(cases.layout.norm, sum(points[one].shape[1] for one in own))
            if most < cases.layout.dimension:
                for one in own:
                    kept = (torch.arange(cases.layout.dimension) < most).to(points[one])
                    points[one] = points[one] * kept
        for map in self._maps:
            # Of values that were drawn in before.
            reader = self._reader(Cases(cases.layout, points, cases.weights, numbers))
            own = [site.values for site in self.sites if site.map == map]
            share = torch.ones(len(cases), dtype=torch.float64, device=self.device)
            for pair in (pair for pair in self._pairs if pair.map == map):
                apart = reader.scalar(pair.values).value
                limit = reader.scalar(pair.constant).value.clamp(min=0)
                limit = limit.reshape(-1, *[1] * (apart.ndim - 1)) * reader.scalar(pair.vectors).value
                too_far = apart > limit
                ratio = torch.where(too_far, limit / torch.where(too_far, apart, 1.0), 1.0)
                share = torch.minimum(share, ratio.flatten(1).amin(dim=1) if ratio.ndim > 1 else ratio)
            # By a little more than it takes, for what rounding does.
            share = torch.where(share < 1, share * (1 - 2.0**-40), 1.0).reshape(-1, 1, 1)
            for one in own:
                first = points[own[0]][:, :1]
                points[one] = torch.where(share < 1, first + share * (points[one] - first), points[one])
        return Cases(cases.layout, points, cases.weights, numbers)

    def mapped(self, cases: Cases, rows: Tensor, random: torch.Generator) -> Cases:
        """Return cases in whose rows the values are those of maps made of coordinates, |·|, min and max, times L.

        Some coordinates in another order and with other signs, each as it is or folded or cut off at one of the vectors:
        such a map is 1-Lipschitz in every p-norm.
        """
        if not self._known:
            return cases
        count, dimension = len(cases), cases.layout.dimension
        points = dict(cases.points)
        nothing = torch.zeros(count, dtype=torch.int64, device=self.device)
        for map in self._maps:
            reader = self._reader(Cases(cases.layout, points, cases.weights, cases.numbers), exponent=nothing)
            own = [site for site in self.sites if site.map == map]
            together = torch.cat([self._rows(reader, site.argument) for site in own], dim=1)[:, :, :dimension]
            together = torch.nn.functional.pad(together, (0, dimension - together.shape[-1]))
            order = torch.rand(count, dimension, generator=random).argsort(dim=1).to(self.device)
            sign = torch.randint(-4, 5, (count, 1, dimension), generator=random).sign().double().to(self.device)
            moved = sign * together.gather(2, order.unsqueeze(1).expand(-1, together.shape[1], -1))
            at = torch.randint(together.shape[1], (count, 1, dimension), generator=random).to(self.device)
            off = moved - moved.gather(1, at)
            kind = torch.randint(5, (count, 1, dimension), generator=random).to(self.device)
            folded = torch.where(kind == 1, off.abs(), torch.where(kind == 2, off.clamp(min=0), off.clamp(max=0)))
            values = torch.where((kind == 0) | (kind == 4), moved, folded)
            constants = [pair.constant for pair in self._pairs if pair.map == map and pair.constant != ANYTHING]
            for constant in constants[:1]:
                values = values * reader.scalar(constant).value.abs().reshape(-1, 1, 1)
            start = 0
            for site in own:
                size = points[site.values].shape[1]
                made = values[:, start : start + size]
                # Where nothing is assumed of a map, it is as well to have it so in some places alone.
                here = rows if constants else rows & (torch.rand(count, generator=random) < 0.75)
                points[site.values] = torch.where(here.to(self.device).reshape(-1, 1, 1), made, points[site.values])
                start += size
        return Cases(cases.layout, points, cases.weights, cases.numbers)

    def tables(self, case: Case) -> dict[str, dict[str, list[list[float]]]]:
        """Return a case's values of every map, by the map's symbol and by the vector as it is written."""
        tables: dict[str, dict[str, list[list[float]]]] = {}
        for site in self.sites:
            tables.setdefault(site.map.symbol, {})[site.name] = case.points[site.values].tolist()
        return tables

    def extension(self, case: Case, map: Map) -> Extension:
        """Return a map on all of the space whose values are a case's."""
        if not self._known:
            return Extension(f"there is such a map {map}", None)
        cases = self.cases(self.layout_of(case), [case])
        reader = self._reader(cases, exponent=torch.zeros(1, dtype=torch.int64, device=self.device))
        for parameter, value in case.given.items():
            reader.bind(parameter, Named(torch.tensor([value], dtype=torch.float64), None, ()))
        own = [site for site in self.sites if site.map == map]
        at = [self._rows(reader, site.argument)[0] for site in own]
        vectors = torch.cat(at).cpu().numpy()
        values = np.concatenate([case.points[site.values] for site in own])
        assumed = [pair.constant for pair in self._pairs if pair.map == map and pair.constant != ANYTHING]
        constants = [float(reader.scalar(constant).value) for constant in assumed]
        return extension(map.symbol, case.norm, vectors, values, min(constants, default=None))

    @staticmethod
    def _rows(reader: NumericReader, vector: Vector) -> Float[Tensor, "b n d"]:
        value = reader.read(vector).value
        return value.reshape(len(value), -1, value.shape[-1])

    def extends(self, case: Case) -> bool:
        """Say whether values that satisfy the premises are those of maps on all of the space, by a theorem that is known."""
        dimension = next(iter(case.points.values())).shape[1]
        if dimension == 1:
            return True
        for map in self._maps:
            values = np.concatenate([case.points[site.values] for site in self.sites if site.map == map])
            if (values != values[0]).any(axis=0).sum() > coordinates(case.norm, len(values)):
                return False
        return True

    def judged(self, several: Sequence[Case], *, escalate: int | None) -> Judgement:
        """Judge cases of one shape."""
        first = several[0]

        def stacked(arrays: list[Any]) -> Tensor:
            return torch.tensor(np.array(arrays), dtype=torch.float64)

        points = {key: stacked([case.points[key] for case in several]) for key in first.points}
        return judge(
            self.bound,
            {key: tensor.detach().cpu() for key, tensor in self.embedded(points).items()},
            first.norm,
            parameters={key: stacked([case.given[key] for case in several]) for key in first.given},
            weights={key: stacked([case.weights[key] for case in several]) for key in first.weights},
            partitions=first.partitions,
            chain=False,
            escalate=escalate,
        )

    def fails(self, several: Sequence[Case], *, escalate: int | None = 0) -> list[bool]:
        """Say of each case whether it surely breaks the bound, its premises met; cases may differ in shape."""
        found = [False] * len(several)
        groups: dict[tuple[Any, ...], list[int]] = {}
        for place, case in enumerate(several):
            groups.setdefault(case.shape, []).append(place)
        for places in groups.values():
            try:
                code = self.judged([several[place] for place in places], escalate=escalate).conclusion.code
            except EmptyCollectionError:
                # It says nothing of such points.
                continue
            for place, is_broken in zip(places, (code == verdict.FAILS).tolist(), strict=True):
                found[place] = is_broken and self.extends(several[place])
        return found
