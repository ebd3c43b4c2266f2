"""Random choices of finitely many values, as axes: an expectation over one is a mean over an index.

=====================  ====================================================================================
what an index runs     :class:`SignIndex` (all signs of a collection's points), :class:`SampleIndex` (all samples of
over                   them), :class:`DrawIndex` (the draws of one sample)
scalar                 :class:`Sign` (σ_i)
vector                 :class:`Drawn` (a point of a sample)
=====================  ====================================================================================

They are read value by value, so exactly, while these are few (:data:`boundcheck.evaluate.readers.ranges.CHOICES`); of more,
readers refuse.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

from boundcheck.errors import InvalidTypeError, TermError, explain, require_whole
from boundcheck.language.letters import Collection, Index, require_collection
from boundcheck.language.terms import Scalar, Vector

__all__ = ["DrawIndex", "Drawn", "SampleIndex", "Sign", "SignIndex", "is_random", "sample", "signs"]


@dataclass(frozen=True)
class SignIndex(Index):
    """A bound variable that runs over all ways to give each point of a collection a sign: 2ⁿ, all as likely.

    ``σ[i]`` is the sign of the point of an index.
    """

    counts: ClassVar[str] = "signs"

    __iter__ = None

    def _check_collections(self) -> None:
        _require_one(self)

    def __getitem__(self, index: Index) -> Sign:
        return Sign(self, index)


@dataclass(frozen=True)
class SampleIndex(Index):
    """A bound variable that runs over all samples of some points of a collection, in order and all as likely.

    ``S.each`` is the index over the draws of a sample, and ``x[S.each]`` the point drawn.
    """

    size: int = field(kw_only=True)
    replacement: bool = field(kw_only=True, default=False)

    counts: ClassVar[str] = "samples"

    def _check_collections(self) -> None:
        _require_one(self)
        require_whole(f"size of sample {self.symbol}", self.size)
        if not isinstance(self.replacement, bool):
            raise InvalidTypeError(explain("replacement", "True or False", f"{self.replacement!r}"))

    def _shares(self, other: Index) -> bool:
        return super()._shares(other) and isinstance(other, SampleIndex) and _drawn_alike(self, other)

    @property
    def each(self) -> DrawIndex:
        """The index over the draws of a sample."""
        letter = self.symbol.lower()
        return DrawIndex(letter if letter != self.symbol else f"{letter}′", self.collections, within=self)

    @property
    def described(self) -> str:
        """What it is and what it runs over, as text."""
        how = "with" if self.replacement else "without"
        return f"{self.symbol} over the samples of {self.size} points of {self.collections[0]}, {how} replacement"


@dataclass(frozen=True)
class DrawIndex(Index):
    """A bound variable that runs over the draws of one sample."""

    within: SampleIndex = field(kw_only=True)

    counts: ClassVar[str] = "draws"

    def _check_collections(self) -> None:
        if not isinstance(self.within, SampleIndex):
            raise InvalidTypeError(explain("DrawIndex", "the SampleIndex that it is within", f"{self.within!r}"))
        if self.collections != self.within.collections:
            over = ", ".join(map(str, self.collections))
            raise TermError(explain("DrawIndex", f"the collection of {self.within.described}", over))
        if self.symbol == self.within.symbol:
            raise TermError(explain("DrawIndex", f"another letter than {self.within}", self.symbol))

    def _shares(self, other: Index) -> bool:
        return isinstance(other, DrawIndex) and other.within == self.within

    @cached_property
    def depends(self) -> frozenset[Index]:
        """The sample, and the indices it is apart from."""
        return super().depends | self.within.depends | {self.within}

    @property
    def described(self) -> str:
        """What it is and what it runs over, as text."""
        return f"{self.symbol} over the draws of sample {self.within} of {self.collections[0]}"


@dataclass(frozen=True)
class Sign(Scalar):
    """The sign of a point, σ_i: 1 or −1."""

    signs: SignIndex
    index: Index

    def __post_init__(self) -> None:
        if not isinstance(self.signs, SignIndex):
            raise InvalidTypeError(explain("Sign", "a SignIndex", f"{self.signs!r}", "see signs(x)"))
        if not isinstance(self.index, Index):
            raise InvalidTypeError(explain(f"{self.signs}[…]", "an Index", f"{self.index!r}"))
        if self.index.counts != "points" or not set(self.signs.collections) <= set(self.index.collections):
            over = self.signs.collections[0]
            raise TermError(explain(f"{self.signs}[…]", f"an index over the points of {over}", self.index.described))

    def free(self) -> frozenset[Index]:
        """Return the index over signs, the point's, and that of its class."""
        within = getattr(self.index, "within", None)
        return frozenset({self.signs, self.index}) | ({within} if within is not None else set())

    def collections(self) -> frozenset[Collection]:
        """Return the collection whose points have signs."""
        return frozenset(self.signs.collections)


@dataclass(frozen=True)
class Drawn(Vector):
    """A point of a sample, by the draw."""

    collection: Collection
    index: DrawIndex

    def __post_init__(self) -> None:
        if not isinstance(self.index, DrawIndex):
            raise InvalidTypeError(explain("Drawn", "an index over the draws of a sample", f"{self.index!r}"))
        if self.index.collections != (self.collection,):
            raise TermError(explain("Drawn", f"a draw from {self.collection}", self.index.described))

    def free(self) -> frozenset[Index]:
        """Return the index over samples and the draw's."""
        return frozenset({self.index.within, self.index})

    def collections(self) -> frozenset[Collection]:
        """Return the collection drawn from."""
        return frozenset({self.collection})


def signs(over: Collection, symbol: str = "σ") -> SignIndex:
    """Return the index over all signs of a collection's points, for expectations: ``mean(σ, …)``.

    Examples
    --------
    >>> from boundcheck.language import i, mean, norm, signs, total, x
    >>> σ = signs(x)
    >>> print(mean(σ, norm(total(i, σ[i] * x[i]))))
    E_σ ‖Σ_i σ_i·x_i‖
    """
    require_collection(over, "signs")
    return SignIndex(symbol, (over,))


def sample(over: Collection, size: int, *, replacement: bool = False, symbol: str = "S") -> SampleIndex:
    """Return the index over all samples of some points of a collection, for expectations: ``mean(S, …)``.

    Parameters
    ----------
    over
        The collection drawn from.
    size
        The number of draws.
    replacement
        Whether a point may be drawn more than once.
    symbol
        Its letter.

    Examples
    --------
    >>> from boundcheck.language import mean, norm, sample, x
    >>> S = sample(x, 3)
    >>> print(mean(S, norm(mean(S.each, x[S.each]) - mean(x)) ** 2))
    E_S ‖mean_s x_s − mean_i x_i‖^2
    """
    require_collection(over, "sample")
    return SampleIndex(symbol, (over,), size=size, replacement=replacement)


def is_random(index: Index) -> bool:
    """Say whether a mean over an index is the expectation over a random choice."""
    return isinstance(index, (SignIndex, SampleIndex))


def _drawn_alike(one: SampleIndex, other: SampleIndex) -> bool:
    return (one.size, one.replacement) == (other.size, other.replacement)


def _require_one(index: Index) -> None:
    if len(index.collections) != 1:
        over = ", ".join(map(str, index.collections)) or "none"
        raise TermError(explain(type(index).__name__, "one collection", over))
    require_collection(index.collections[0], type(index).__name__)
