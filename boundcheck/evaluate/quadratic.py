"""Greatest values of quadratic forms on the unit ball: which terms are such forms, and how they are enclosed.

What is read is sup over ‖u‖ ≤ 1 of Σ w·⟨u, v⟩², with w at least 0: the largest eigenvalue of M = Σ w·v vᵀ. With any matrix Q
near an orthogonal one, B = QᵀMQ and G = QᵀQ it is at least B_kk / G_kk for every k, and at most the largest of
Σ_l |B_kl| over 1 minus the largest of Σ_l |G_kl − δ_kl| (S. Gershgorin, Izv. Akad. Nauk SSSR 7, 1931, for B and for G).
The columns of Q are a solver's eigenvectors; both bounds are evaluated by the reader that asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from boundcheck.errors import TermError, explain
from boundcheck.evaluate.signs import is_nonnegative
from boundcheck.language import Add, Index, Inner, Multiply, Power, Reduce, Reduction, Scalar, Supremum, Vector

__all__ = ["Leaf", "axes_of", "leaves"]


@dataclass(frozen=True)
class Leaf:
    """A part ⟨u, v⟩² of a form, and what multiplies it.

    Attributes
    ----------
    vector
        v.
    factors
        Numbers of at least 0.
    over
        The sums and means that it stands in, the outermost first.
    """

    vector: Vector
    factors: tuple[Scalar, ...] = ()
    over: tuple[Reduce, ...] = ()


def leaves(term: Supremum) -> tuple[Leaf, ...]:
    """Return what a quadratic form is the sum of.

    Raises
    ------
    TermError
        If the term is no such form, or uses an index twice.
    """
    found = tuple(_leaves(term, term.body, (), ()))
    for leaf in found:
        inner = [reduce.index for reduce in leaf.over]
        if len(set(inner)) < len(inner) or set(inner) & term.free():
            raise TermError(explain("supremum", "one meaning for each index", f"'{term}'", "rename one"))
    return found


def axes_of(term: Supremum, leaf: Leaf) -> tuple[tuple[Index, ...], tuple[Index, ...]]:
    """Return the indices that a supremum has one value over each, and those that a leaf is summed over."""
    outer = tuple(sorted(term.free(), key=lambda index: index.symbol))
    return outer, tuple(reduce.index for reduce in leaf.over)


def _leaves(term: Supremum, part: Scalar, factors: tuple[Scalar, ...], over: tuple[Reduce, ...]) -> Iterator[Leaf]:
    u = term.variable
    match part:
        case Power(Inner(a, b), exponent) if type(part) is Power and exponent == 2 and u in (a, b):
            vector = b if a == u else a
            if u not in vector.variables():
                yield Leaf(vector, factors, over)
                return
        case Add(terms) if type(part) is Add:
            for each in terms:
                yield from _leaves(term, each, factors, over)
            return
        case Multiply(several) if type(part) is Multiply:
            bodies = [each for each in several if u in each.variables()]
            others = tuple(each for each in several if u not in each.variables())
            if len(bodies) == 1 and all(map(is_nonnegative, others)):
                yield from _leaves(term, bodies[0], (*factors, *others), over)
                return
        case Reduce(Reduction.SUM | Reduction.MEAN, _, body) if type(part) is Reduce:
            yield from _leaves(term, body, factors, (*over, part))
            return
    form = f"sums and means of squares of inner products ⟨{u}, v⟩, times what is at least 0"
    raise TermError(explain("supremum", form, f"'{part}'" + ("" if part == term.body else f" in '{term}'")))
