"""Rewrites that leave a term's value as it is and make it cheaper to compute.

``max_k (A_i − B_ik)`` becomes ``A_i − min_k B_ik``: n·q numbers where n·p·q were needed. ``max_i max_j (A_ij − B_j)``
becomes ``max_j (max_i A_ij − B_j)``, and ``min_k max{a, B_k}`` becomes ``max{a, min_k B_k}``. For a maximum or minimum the
rewritten term is equal in floating point too, since rounding is monotone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeGuard, cast

from boundcheck.language.functions.declared import Applied
from boundcheck.language.indicators import Indicator
from boundcheck.language.kept import kept
from boundcheck.language.letters import Index
from boundcheck.language.reductions import Reduce, Reduction
from boundcheck.language.terms import Add, Constant, Largest, Multiply, Power, Scalar, Smallest

_REWRITTEN = {Add, Multiply, Power, Largest, Smallest, Reduce, Applied, Indicator}
# What is the same at every value of the index counts as often as there are values.
_ADDED = (Reduction.SUM, Reduction.LOG_SUM_EXP)
_OPPOSITE = {Reduction.MAX: Reduction.MIN, Reduction.MIN: Reduction.MAX}


@kept
def rewrite(term: Scalar) -> Scalar:
    """Return an equal term whose reductions range over as little as they can.

    By exact kind: nothing is known of what is derived from a sum, say, so it stays as it is, and is left to the reader.
    """
    if type(term) not in _REWRITTEN:
        return term
    match term:
        case Add(terms):
            return Add.of(*map(rewrite, terms))
        case Multiply(factors):
            return Multiply.of(*map(rewrite, factors))
        case Power(base, exponent):
            return Power.of(rewrite(base), exponent)
        case Largest(terms) | Smallest(terms):
            return type(term)(tuple(map(rewrite, terms)))
        case Applied() | Indicator():
            # A function of float64 need not be monotone where the function itself is, so it stays where it stands.
            return cast(Scalar, term.mapped(rewrite))
        case Reduce(kind, index, body, weights):
            reduced = replace(term, body=rewrite(body))
            return reduced if weights is not None or kind in _ADDED else _push(kind, index, reduced.body)
        case _:
            return term


@kept
def without_parameters(term: Scalar) -> Scalar | None:
    """Return a term that is at most this one whatever the parameters are, and has none; None where none is at hand.

    Of the largest of a few, some may be left out. What is left ranges over less: the right side of theorem K is one
    number a triple, and without m one number a pair of collections.
    """
    if not term.parameters():
        return term
    if type(term) not in _REWRITTEN:
        return None
    match term:
        case Largest(terms):
            known = [below for part in terms if (below := without_parameters(part)) is not None]
            return None if not known else known[0] if len(known) == 1 else Largest(tuple(known))
        case Smallest(terms) | Add(terms):
            parts = [below for part in terms if (below := without_parameters(part)) is not None]
            if len(parts) < len(terms):
                return None
            return Smallest(tuple(parts)) if isinstance(term, Smallest) else Add.of(*parts)
        case Multiply((Constant(value), factor)) if value > 0:
            inner = without_parameters(factor)
            return None if inner is None else Multiply.of(Constant(value), inner)
        case Reduce(kind, index, body, None):
            inner = without_parameters(body)
            if inner is None or index in inner.free():
                return None if inner is None else Reduce(kind, index, inner)
            # What does not depend on the index is the same at every value of it; a sum adds it up.
            return inner if kind not in _ADDED else None
    return None


def _push(kind: Reduction, index: Index, body: Scalar) -> Scalar:
    """Return ``kind`` over `index` of `body`, moved inwards past what the index does not occur in."""
    if index not in body.free():
        return body
    if type(body) not in _REWRITTEN:
        return Reduce(kind, index, body)
    if isinstance(body, Add):
        outside = [part for part in body.terms if index not in part.free()]
        inside = Add.of(*(part for part in body.terms if index in part.free()))
        if outside:
            return Add.of(*outside, _push(kind, index, inside))
    if isinstance(body, Multiply) and isinstance(body.factors[0], Constant):
        factor, rest = body.factors[0], Multiply.of(*body.factors[1:])
        inner = _OPPOSITE.get(kind, kind) if factor.value < 0 else kind
        return Multiply.of(factor, _push(inner, index, rest))
    if _same(body, kind) and index not in body.index.depends and _has_outside(kind, index, body):
        # The other order: what the inner index alone occurs in then leaves the reduction over this one.
        return _push(kind, body.index, _push(kind, index, body.body))
    if isinstance(body, Largest | Smallest) and kind in _OPPOSITE:
        return _choose(kind, index, body)
    return Reduce(kind, index, body)


def _same(body: Scalar, kind: Reduction) -> TypeGuard[Reduce]:
    return type(body) is Reduce and body.kind is kind and body.weights is None


def _has_outside(kind: Reduction, index: Index, body: Scalar) -> bool:
    """Say whether the sum under reductions of one kind has a part that `index` does not occur in."""
    while _same(body, kind):
        body = body.body
    return type(body) is Add and any(index not in part.free() for part in body.terms)


def _choose(kind: Reduction, index: Index, body: Largest | Smallest) -> Scalar:
    """Return a maximum or minimum over `index` of the largest or smallest of a few."""
    if (kind is Reduction.MAX) is isinstance(body, Largest):
        return type(body)(tuple(_push(kind, index, part) for part in body.terms))
    outside = [part for part in body.terms if index not in part.free()]
    inside = [part for part in body.terms if index in part.free()]
    if not outside and len(inside) > 1:
        return Reduce(kind, index, body)
    below = type(body)(tuple(inside)) if len(inside) > 1 else inside[0]
    return type(body)((*outside, _push(kind, index, below)))
