"""Inner products, cosines and angles of vectors, and norms other than the space's own.

=====================  =================================================
scalar                 :class:`Inner`, :class:`Cosine`, :class:`PNorm`
=====================  =================================================

These are of coordinates: whatever norm the space is given, ⟨u, v⟩ is the sum of products of coordinates, and the cosine
is by Euclidean lengths.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import inf
from typing import overload

from boundcheck.errors import InvalidTypeError, TermError, explain
from boundcheck.language.functions.arccosine import arccos
from boundcheck.language.functions.cosine import COS
from boundcheck.language.terms import (
    Norm,
    Number,
    Scalar,
    Term,
    Vector,
    as_vector,
    rational,
    require_one_space,
)

__all__ = ["Cosine", "Inner", "PNorm", "angle", "cos", "cosine", "inner", "norm"]


@dataclass(frozen=True)
class _OfTwoVectors(Scalar):
    u: Vector
    v: Vector

    def __post_init__(self) -> None:
        for vector in (self.u, self.v):
            as_vector(vector, type(self).__name__.lower())
        require_one_space((self.u, self.v), type(self).__name__.lower())

    @property
    def children(self) -> tuple[Term, ...]:
        """The two vectors."""
        return (self.u, self.v)


@dataclass(frozen=True)
class Inner(_OfTwoVectors):
    """The inner product ⟨u, v⟩ of two vectors: the sum of the products of their coordinates."""


@dataclass(frozen=True)
class Cosine(_OfTwoVectors):
    """The cosine of the angle between two vectors, ⟨u, v⟩ / (‖u‖₂ ‖v‖₂).

    Undefined where one of them is 0, as a division by 0 is: what is said of it is undecided then, in every reader. A
    statement about data that may have such vectors says so by a premise, ``for_all("not near 0", 0.1 <= norm(x[i]))``.
    """


@dataclass(frozen=True)
class PNorm(Scalar):
    """The p-norm of a vector, whatever the space's own norm is.

    Parameters
    ----------
    vector
        Of which.
    p
        At least 1; None for ∞.
    """

    vector: Vector
    p: Fraction | None

    def __post_init__(self) -> None:
        as_vector(self.vector, "norm")
        if self.p is None:
            return
        object.__setattr__(self, "p", rational(self.p, "p of a norm"))
        if self.p < 1:
            raise TermError(explain("p of a norm", "a number in [1, inf]", f"{self.p}"))

    @property
    def order(self) -> float:
        """P as a float."""
        return inf if self.p is None else float(self.p)

    @property
    def children(self) -> tuple[Term, ...]:
        """The vector."""
        return (self.vector,)


def inner(u: Vector, v: Vector) -> Scalar:
    """Return the inner product ⟨u, v⟩."""
    return Inner(u, v)


def cosine(u: Vector, v: Vector) -> Scalar:
    """Return the cosine of the angle between two vectors; ``cos(u, v)`` is the same."""
    return Cosine(u, v)


@overload
def cos(u: Vector, v: Vector) -> Scalar: ...
@overload
def cos(u: Scalar | Number, v: None = None) -> Scalar: ...
def cos(u: Vector | Scalar | Number, v: Vector | None = None) -> Scalar:
    """Return the cosine: of the angle between two vectors, ``cos(u, v)``, or of an angle in radians, ``cos(t)``."""
    if v is not None:
        return Cosine(as_vector(u, "cos"), v)
    if isinstance(u, Vector):
        raise TermError(explain("cos", "two vectors, or an angle", f"the vector {u} alone", "write cos(u, v)"))
    return COS(u)


def angle(u: Vector, v: Vector) -> Scalar:
    """Return the angle between two vectors in radians, from 0 to π."""
    return arccos(Cosine(u, v))


def norm(vector: Vector, p: Number | None = None) -> Scalar:
    """Return ‖vector‖; the space's own norm, or the p-norm whatever that one is."""
    if p is None:
        return Norm(vector)
    if isinstance(p, bool) or not isinstance(p, (int, float, Fraction)):
        raise InvalidTypeError(explain("p of a norm", "a number p in [1, inf]", f"{p!r}"))
    return PNorm(vector, None if p == inf else rational(p, "p of a norm"))
