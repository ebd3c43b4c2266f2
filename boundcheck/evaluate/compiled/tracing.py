"""Runs the grid reader and the judge of sides on expressions instead of arrays, and keeps what a loop is to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from boundcheck.evaluate import rounding
from boundcheck.evaluate.compiled.expressions import ALONE, EVERY, NEGATIVE, POSITIVE, Expression, Sheet, largest
from boundcheck.evaluate.grouped.grid import (
    NEGATIVES,
    POSITIVES,
    GridReader,
    error_of_extreme,
    error_of_mean_square,
    error_of_shifted,
    spread,
)
from boundcheck.evaluate.grouped.terms import collections_of, has_parameters, squares_of
from boundcheck.evaluate.judge import JUDGED
from boundcheck.evaluate.readers.numeric import Named
from boundcheck.evaluate.readers.ranges import Axes
from boundcheck.evaluate.relations import certain
from boundcheck.kernels import grids
from boundcheck.language import (
    Add,
    Bound,
    Constant,
    Dimension,
    EqualSizes,
    ForAll,
    Index,
    Largest,
    Multiply,
    Parameter,
    Power,
    Reduce,
    Reduction,
    Relation,
    Scalar,
    Size,
    Smallest,
    Term,
    rewrite,
)

__all__ = ["Judged", "Loopless", "Table", "Traced", "trace"]

Array = npt.NDArray[np.float64]
_AXES: Mapping[Axes, str] = {(): ALONE, (POSITIVES,): POSITIVE, (NEGATIVES,): NEGATIVE, (POSITIVES, NEGATIVES): EVERY}


class Loopless(Exception):  # noqa: N818
    """Raised where a term has no rule here."""


@dataclass(frozen=True)
class Table:
    """Numbers that a loop takes from an array.

    Attributes
    ----------
    axes
        Over which of a grid's axes they vary.
    find
        From a reader of a grid and a dictionary of what was found for it already to the array, shape () to (Z, W).
    key
        What tells its numbers from others', whatever bound asks for them.
    """

    axes: str
    find: Callable[[GridReader, dict[Any, Any]], Array]
    key: Any


@dataclass(frozen=True)
class Judged:
    """Two sides as expressions: whether their verdict is known, and whether it is that they hold, or fail."""

    finite: Expression
    holds: Expression
    fails: Expression


@dataclass(frozen=True)
class Traced:
    """What a loop is to do for one bound.

    Attributes
    ----------
    sheet, tables
        Its expressions, and what gives each of the inputs.
    sides
        lhs, its error, rhs, its error.
    conclusion
        On the sides.
    derived
        Of premises that hold by choice of a parameter: whether the parameter's value is finite.
    premises
        On premises whose parameters were given.
    parameters
        The values of the parameters that were not given, and their errors.
    """

    sheet: Sheet
    tables: tuple[Table, ...]
    sides: tuple[Expression, Expression, Expression, Expression]
    conclusion: Judged
    derived: tuple[Expression, ...]
    premises: tuple[Judged, ...]
    parameters: Mapping[Parameter, tuple[Expression, Expression]] = field(default_factory=dict)


def trace(
    bound: Bound, reader: GridReader, given: Mapping[Parameter, float], terms: dict[Any, Any] | None = None
) -> Traced | None:
    """Return what a loop is to do for a bound on grids of the sizes of one that a reader reads, or None.

    Parameters
    ----------
    bound
        Which.
    reader
        Of one of the grids.
    given
        Values of parameters.
    terms
        Those that tables of other bounds are of: equal ones become one object, which a dictionary finds at once.
    """
    tracer = _Tracer(reader, {} if terms is None else terms)
    try:
        return _traced(bound, tracer, given)
    except Loopless:
        return None


def _traced(bound: Bound, tracer: _Tracer, given: Mapping[Parameter, float]) -> Traced:
    if bound.indices:
        raise Loopless
    sheet = tracer.sheet
    for parameter in bound.parameters():
        if parameter in given:
            tracer.give(parameter, sheet.number(given[parameter]), sheet.number(0.0))
    least = {parameter: terms for parameter, terms in bound.least.items() if parameter not in given}
    for parameter, terms in least.items():
        candidates = [tracer.expression(term) for term in terms]
        tracer.give(parameter, *(largest([one[k] for one in candidates]) for k in range(2)))
    derived: list[Expression] = []
    premises: list[Judged] = []
    for premise, _ in JUDGED.each(bound.premises):
        if isinstance(premise, EqualSizes):
            # Compared before.
            continue
        if type(premise) is not ForAll:
            raise Loopless
        if premise.parameter in least:
            derived.append(tracer.expression(premise.least)[0].finite())
            continue
        pair = (premise.excess, premise.rhs * 0) if premise.rhs.free() else (premise.least, premise.rhs)
        premises.append(_judged(tracer.expression(pair[0]), tracer.expression(pair[1]), Relation.AT_MOST))
    left, right = tracer.expression(bound.lhs), tracer.expression(bound.rhs)
    conclusion = _judged(left, right, bound.relation)
    return Traced(
        sheet,
        tuple(tracer.tables),
        (*left, *right),
        conclusion,
        tuple(derived),
        tuple(premises),
        {parameter: tracer.expression(parameter) for parameter in bound.parameters() if parameter in least},
    )


_Sides = tuple[Expression, Expression]


def _judged(left: _Sides, right: _Sides, relation: Relation) -> Judged:
    """Return the verdict on two sides, as :func:`boundcheck.evaluate.judge.compare` finds it."""
    slack = right[0] - left[0]
    error = rounding.rounded(cast(Any, slack), cast(Any, left[1] + right[1]))
    # Exact and equal sides differ by exactly 0.
    exact = (slack == 0.0) & (left[1] == 0.0) & (right[1] == 0.0)
    off = exact.choose(0.0, error)
    holds, fails = certain(relation, slack, off)
    return Judged(off.finite(), holds, fails)


class _Tracer(GridReader):
    """A grid reader whose values are expressions; what it has no rule for is a table."""

    def __init__(self, reader: GridReader, terms: dict[Any, Any]) -> None:
        self.__dict__.update(reader.anew().__dict__)
        self._concrete = reader.anew()
        self.sheet = Sheet()
        self.tables: list[Table] = []
        self._traced: dict[Term, Named] = {}
        self._terms = terms

    def _same(self, thing: Any) -> Any:
        """Return the first one of equal things, mostly terms."""
        return self._terms.setdefault(thing, thing)

    def expression(self, term: Scalar) -> _Sides:
        """Return a closed term's value and error."""
        named = self._evaluate(rewrite(term))
        return cast(Any, named.value), cast(Any, named.error)

    def give(self, parameter: Parameter, value: Expression, error: Expression) -> None:
        """Give a parameter its value."""
        self._traced[parameter] = _named(value, error)

    def _evaluate(self, term: Term) -> Named:
        if term not in self._traced:
            self._traced[term] = self._read(term)
        return self._traced[term]

    def _read(self, term: Term) -> Named:
        if isinstance(term, Constant | Size | Dimension):
            named = self._concrete._evaluate(term)
            return _named(*(self.sheet.number(float(part)) for part in (named.value, named.known_error)))
        _, z, w = self._positions
        if has_parameters(term) or {z, w} <= collections_of(term):
            rule = TRACED.get(type(term))
            if rule is not None:
                try:
                    return rule(self, term)
                except Loopless:
                    if has_parameters(term):
                        raise
        if has_parameters(term):
            raise Loopless
        return self._table_of(term)

    def _table_of(self, term: Term) -> Named:
        """Return a term that a reader reads as an array."""
        axes, term = _AXES[self._concrete._evaluate(term).axes], self._same(term)

        def part(key: Any) -> Callable[[GridReader, dict[Any, Any]], Array]:
            name, _ = key

            def find(reader: GridReader, found: dict[Any, Any]) -> Array:
                named = reader._evaluate(term)
                if _AXES[named.axes] != axes:
                    raise AssertionError(f"'{term}' varies otherwise on another grid")
                tensor = named.value if name == "value" else named.known_error
                shape = (1, *reader._lengths(named.axes))
                return cast(Array, _memo(found, key, lambda: _packed(tensor.expand(shape)[0].numpy())))

            return find

        keys = [self._same((name, term)) for name in ("value", "error")]
        return _named(*(self._input(axes, part(key), key) for key in keys))

    def _input(self, axes: str, find: Callable[[GridReader, dict[Any, Any]], Array], key: Any) -> Expression:
        self.tables.append(Table(axes, find, key))
        return self.sheet.input(axes)

    # -------------------------------------------------------------------------------- what the reader's own rules use

    def _aligned(self, parts: list[Named]) -> tuple[list[Tensor], list[Tensor], Axes]:
        # Expressions are of one triple: nothing is to be aligned.
        return [part.value for part in parts], [cast(Tensor, part.error) for part in parts], ()

    def _one_bound(self, value: Tensor, parts: list[Named]) -> None:
        """Return None: each triple has a bound of its own."""

    def _choose(self, choose: Callable[[Tensor, Tensor], Tensor], parts: list[Named]) -> Named:
        by = {torch.maximum: Expression.larger, torch.minimum: Expression.smaller}
        return super()._choose(cast(Any, by[cast(Any, choose)]), parts)

    @staticmethod
    def _largest_error(errors: list[Tensor]) -> Tensor:
        return cast(Tensor, largest(errors))

    def _multiply(self, parts: list[Named]) -> Named:
        factor, *others = parts
        zero: Any = self.sheet.number(0.0)
        if factor.error is not zero or len(others) != 1:
            return super(GridReader, self)._multiply(parts)
        (other,) = others
        value, error = factor.value * other.value, cast(Tensor, other.error)
        return Named(value, rounding.product_of_exact(factor.value, other.value, error), ())

    def _power_of(self, term: Power) -> Named:
        if term.exponent != 2:
            raise Loopless
        return self._power(self._evaluate(term.base), term.exponent)

    def _reduction(self, term: Reduce) -> Named:
        if term.weights is not None:
            raise Loopless
        if term.kind in (Reduction.MAX, Reduction.MIN) and isinstance(term.body, Add) and len(term.body.terms) == 2:
            return self._extreme_of_two(term, term.body.terms)
        if (bodies := squares_of(term)) is None:
            raise Loopless
        return self._mean_square(bodies)

    def _extreme_of_two(self, term: Reduce, terms: Sequence[Scalar]) -> Named:
        """Return the largest or smallest sum of two that vary with the index: the sums themselves are stored nowhere."""
        parts = [self._of_points(part, term.index) for part in terms]
        big = term.kind is Reduction.MAX

        def find(reader: GridReader, found: dict[Any, Any]) -> Array:
            one, other = (part.find(reader, found) for part in parts)
            finite = one.finite and other.finite
            given = one.values, other.values
            return cast(
                Array,
                _memo(
                    found,
                    key,
                    lambda: _over(axes, grids.extreme_of_sums(*given, largest=big, signs=signs, finite=finite)),
                ),
            )

        key = self._same(("extreme", term))
        signs = parts[0].sign, parts[1].sign
        axes = "".join(axis for axis in EVERY if any(axis in part.axes for part in parts))
        value = self._input(axes, find, key)
        carried = [part.error for part in parts]
        return _named(
            value, cast(Any, error_of_extreme(cast(Any, value), cast(Any, carried[0]), cast(Any, carried[1])))
        )

    def _mean_square(self, bodies: Sequence[tuple[Scalar, Index]]) -> Named:
        """Return the mean over i of (a + b_i)², or over i and j of the square of the smaller of two such sums."""
        shifts, moved, offs = [], [], []
        for body, index in bodies:
            terms = body.terms if isinstance(body, Add) else (body,)
            still = [self._evaluate(part) for part in terms if index not in part.free()]
            (moving, *more) = [part for part in terms if index in part.free()]
            if more:
                raise Loopless
            start = self._sum(still) if still else self._evaluate(Constant(Fraction(0)))
            part = self._of_points(moving, index)
            if part.sign != 1.0:
                raise Loopless
            shift = cast(Expression, cast(Any, start.value))
            offs.append(
                error_of_shifted(start.value, cast(Tensor, start.error), cast(Any, part.most), cast(Any, part.error))
            )
            shifts.append(self._whole(shift))
            moved.append(part)
        kernel = grids.mean_square if len(bodies) == 1 else grids.mean_square_of_smaller
        # Of a parameter in two bounds, the premises may be others: what is added is told by where it is from.
        key = self._same(("mean square", *(shift for _, _, shift in shifts), *(part.key for part in moved)))

        def find(reader: GridReader, found: dict[Any, Any]) -> Array:
            def make() -> Array:
                points = [part.find(reader, found) for part in moved]
                given = [
                    array
                    for (shift, _, _), part in zip(shifts, points, strict=True)
                    for array in (shift(reader, found), part.values)
                ]
                return _over(axes, kernel(*given, finite=all(part.finite for part in points)))

            return cast(Array, _memo(found, key, make))

        used = [one for _, one, _ in shifts] + [part.axes for part in moved]
        axes = "".join(axis for axis in EVERY if any(axis in one for one in used))
        value = self._input(axes, find, key)
        count = 1
        for _, index in bodies:
            count *= self.size(index.collections[0])
        off = largest(offs)
        return _named(
            value, cast(Any, error_of_mean_square(cast(Any, value), cast(Any, value.sqrt()), cast(Any, off), count))
        )

    def _whole(self, value: Expression) -> tuple[Callable[[GridReader, dict[Any, Any]], Array], str, Any]:
        """Return what finds an expression as an array with both axes, its axes, and what tells it from others."""
        at = next((k for k, one in enumerate(self.sheet.inputs) if one is value), None)
        if at is None:
            numbers = [k for k in range(len(self.sheet.numbers)) if self.sheet.number(self.sheet.numbers[k]) is value]
            if not numbers:
                raise Loopless
            number = self.sheet.numbers[numbers[0]]
            return lambda reader, found: np.full((1, 1), number), ALONE, number
        table = self.tables[at]
        return lambda reader, found: _with_both_axes(table.find(reader, found), table.axes), table.axes, table.key

    def _of_points(self, term: Scalar, index: Index) -> _Points:
        """Return a term that varies with an index as arrays, with what they are off by."""
        if has_parameters(term):
            raise Loopless
        sign, inner = 1.0, term
        if isinstance(term, Multiply) and term.factors[0] == Constant(Fraction(-1)) and len(term.factors) == 2:
            sign, inner = -1.0, term.factors[1]
        named, full = self._concrete._evaluate(inner), (POSITIVES, NEGATIVES, index)
        if set(named.axes) != set(full):
            # Few numbers: as they are.
            sign, inner, named = 1.0, term, self._concrete._evaluate(term)
        if index not in named.axes or set(named.axes) - set(full):
            raise Loopless

        def find(reader: GridReader, found: dict[Any, Any]) -> _Found:
            return cast(_Found, reader.kept(key, inner, lambda: _found_of(reader, inner, full)))

        def part(name: str) -> Callable[[GridReader, dict[Any, Any]], Array]:
            return lambda reader, found: cast(Array, getattr(find(reader, found), name))

        inner = self._same(inner)
        key = self._same(("points", inner, index))
        axes = "".join(axis for axis, own in zip(EVERY, full[:2], strict=True) if own in named.axes)
        most, off = (self._input(axes, part(name), self._same((name, key))) for name in ("most", "off"))
        if sign == 1.0:
            return _Points(sign, key, axes, find, most, off)
        exact = self.sheet.number(sign)
        return _Points(
            sign,
            key,
            axes,
            find,
            most,
            cast(Any, rounding.product_of_exact(cast(Any, exact), cast(Any, most), cast(Any, off))),
        )


@dataclass(frozen=True)
class _Found:
    """Numbers of points of collections: shape (Z, W, n), or 1 in place of Z or W.

    Attributes
    ----------
    values
        The numbers.
    off, most
        The largest error and the largest size over the points, over the axes that they vary with.
    finite
        Whether none is infinite or NaN.
    """

    values: Array
    off: Array
    most: Array
    finite: bool


@dataclass(frozen=True)
class _Points:
    """A term of points: its sign, and what is found of it without that, by its key."""

    sign: float
    key: Any
    axes: str
    find: Callable[[GridReader, dict[Any, Any]], _Found]
    most: Expression
    error: Expression


def _found_of(reader: GridReader, term: Scalar, full: Axes) -> _Found:
    named = reader._evaluate(term)
    values = np.ascontiguousarray(spread(named.value, named.axes, full).numpy())
    error = spread(named.known_error, named.axes, full)
    off = error.amax(dim=-1).expand(values.shape[:2]).numpy()
    most = np.abs(values).max(axis=2)
    axes = "".join(axis for axis, own in zip(EVERY, full[:2], strict=True) if own in named.axes)
    return _Found(values, _over(axes, off), _over(axes, most), grids.are_finite(values))


def _packed(array: Array) -> Array:
    """Return an array in one piece, of the shape that it has: loops are compiled for that."""
    return np.ascontiguousarray(array).reshape(array.shape)


def _over(axes: str, array: Array) -> Array:
    """Return an array of both axes as one that has some, the others being of length one."""
    return _packed(array[tuple(slice(None) if axis in axes else 0 for axis in EVERY)])


def _with_both_axes(array: Array, axes: str) -> Array:
    for place, axis in enumerate(EVERY):
        if axis not in axes:
            array = np.expand_dims(array, place)
    return array


#: What is written as expressions, by kind; any other kind of term is a table.
TRACED: Mapping[type[Term], Callable[[_Tracer, Any], Named]] = {
    Add: lambda tracer, term: tracer._add(tracer._all(term.terms)),
    Multiply: lambda tracer, term: tracer._multiply(tracer._all(term.factors)),
    Power: lambda tracer, term: tracer._power_of(term),
    Largest: lambda tracer, term: tracer._choose(torch.maximum, tracer._all(term.terms)),
    Smallest: lambda tracer, term: tracer._choose(torch.minimum, tracer._all(term.terms)),
    Reduce: lambda tracer, term: tracer._reduction(term),
}


def _memo(found: dict[Any, Any], key: Any, find: Callable[[], Any]) -> Any:
    if key not in found:
        found[key] = find()
    return found[key]


def _named(value: Expression, error: Expression) -> Named:
    return Named(cast(Any, value), cast(Any, error), ())
