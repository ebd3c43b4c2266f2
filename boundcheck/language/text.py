"""The text printer: a term as readable mathematics on one line, which is what ``str`` gives.

A kind of term without a form here is shown by its name and what it is made of, ``Kind(…)``, or as its own ``__str__``
has it: a message about it can still say what it is.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from boundcheck.language.atoms import Dimension, HullDistance, Point, Size, Transport
from boundcheck.language.axes import ClassCount, ClassSize, Coordinate, Member
from boundcheck.language.choices import Drawn, Sign, is_random
from boundcheck.language.extremes import Coupling, Infimum, Supremum, Variable
from boundcheck.language.functions.declared import Applied
from boundcheck.language.indicators import Indicator
from boundcheck.language.letters import Index, Weights
from boundcheck.language.products import Cosine, Inner, PNorm
from boundcheck.language.reductions import Average, CoordinateWise, Reduce, Reduction
from boundcheck.language.rules import Rules
from boundcheck.language.shadows import unshadowed
from boundcheck.language.terms import (
    Add,
    Combination,
    Constant,
    Image,
    Largest,
    Multiply,
    Norm,
    Parameter,
    Power,
    Scalar,
    Scale,
    Smallest,
    Term,
    Vector,
)

__all__ = ["quantified", "text"]

_SUM, _PRODUCT, _ATOM = 0, 2, 3
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
# What reaches to the end of its product.
_REACHING = (Reduce, Infimum, Supremum, Coupling)


def text(term: Term) -> str:
    """Return a term as readable mathematics.

    Examples
    --------
    >>> from boundcheck.theorems import K
    >>> print(text(K.rhs))
    2·max{m, max_{i,k} ‖x_i − w_k‖}
    """
    rule = RULES.rules.get(type(term))
    if rule is not None:
        return rule(unshadowed(term))
    if type(term).__str__ is not Term.__str__:
        return str(term)
    parts = (getattr(term, name) for name in term.__dataclass_fields__)
    return f"{type(term).__name__}({', '.join(map(str, parts))})"


#: How each kind of term is shown.
RULES: Rules[Callable[[Any], str]] = Rules("the text printer", Term)


@RULES.rule(Constant)
def _constant(term: Constant) -> str:
    return str(term.value).replace("-", "−")


@RULES.rule(Parameter)
def _parameter(term: Parameter) -> str:
    return term.symbol


@RULES.rule(Size)
def _size(term: Size) -> str:
    return term.collection.size


@RULES.rule(Dimension)
def _dimension(term: Dimension) -> str:
    return "D"


@RULES.rule(Transport)
def _transport(term: Transport) -> str:
    return f"W₁({term.a}, {term.b})"


@RULES.rule(HullDistance)
def _hull_distance(term: HullDistance) -> str:
    return f"dist(hull {term.a}, hull {term.b})"


@RULES.rule(Add)
def _sum(term: Add) -> str:
    shown = str(term.terms[0])
    for part in term.terms[1:]:
        sign, magnitude = _split_sign(part)
        shown += f" {'−' if sign < 0 else '+'} {_wrap(magnitude, _SUM + (sign < 0))}"
    return shown


@RULES.rule(Multiply)
def _product(term: Multiply) -> str:
    if term.factors[0] == Constant(Fraction(-1)):
        return f"−{_wrap(Multiply.of(*term.factors[1:]), _PRODUCT)}"
    inverse = [factor for factor in term.factors if isinstance(factor, Power) and factor.exponent == -1]
    direct = [factor for factor in term.factors if factor not in inverse]
    # A reduction reaches to the end of its product, so only what stands last may be a bare one.
    last = len(direct) - 1 if not inverse else len(direct)
    shown = "·".join(
        _wrap(factor, _ATOM if isinstance(factor, _REACHING) and position < last else _PRODUCT)
        for position, factor in enumerate(direct)
    )
    return (shown or "1") + "".join(f" / {_wrap(factor.base, _ATOM)}" for factor in inverse)


@RULES.rule(Power)
def _power(term: Power) -> str:
    if term.exponent == Fraction(1, 2):
        return f"√({term.base})"
    exponent = str(term.exponent).replace("-", "−")
    exponent = exponent if term.exponent.denominator == 1 and term.exponent > 0 else f"({exponent})"
    return f"{_wrap(term.base, _ATOM)}^{exponent}"


@RULES.rule(Largest)
def _largest(term: Largest) -> str:
    return f"max{{{', '.join(map(str, term.terms))}}}"


@RULES.rule(Smallest)
def _smallest(term: Smallest) -> str:
    return f"min{{{', '.join(map(str, term.terms))}}}"


@RULES.rule(Norm)
def _norm(term: Norm) -> str:
    return f"‖{term.vector}‖"


@RULES.rule(PNorm)
def _p_norm(term: PNorm) -> str:
    whole = term.p is not None and term.p.denominator == 1
    p = str(term.p).translate(_SUBSCRIPTS) if whole else "_∞" if term.p is None else f"_({term.p})"
    return f"‖{term.vector}‖{p}"


@RULES.rule(Inner)
def _inner(term: Inner) -> str:
    return f"⟨{term.u}, {term.v}⟩"


@RULES.rule(Cosine)
def _cosine(term: Cosine) -> str:
    return f"cos({term.u}, {term.v})"


@RULES.rule(Applied)
def _applied(term: Applied) -> str:
    return term.function.text.replace("{}", str(term.argument))


@RULES.rule(Indicator)
def _indicator(term: Indicator) -> str:
    return f"[{term.comparison}]"


@RULES.rule(Reduce)
def _reduction(term: Reduce) -> str:
    indices, body = [term.index], term.body
    while type(body) is Reduce and body.kind is term.kind and body.weights is None and term.weights is None:
        if is_random(body.index) is not is_random(term.index):
            break
        indices.append(body.index)
        body = body.body
    return f"{_operator(term.kind, term.weights, _subscript(*indices), term.index)} {_wrap(body, _PRODUCT)}"


@RULES.rule(Infimum)
def _infimum(term: Infimum) -> str:
    return f"inf_{term.variable} {_wrap(term.body, _PRODUCT)}"


@RULES.rule(Supremum)
def _supremum(term: Supremum) -> str:
    return f"sup_{{‖{term.variable}‖ ≤ 1}} {_wrap(term.body, _PRODUCT)}"


@RULES.rule(Coupling)
def _coupling(term: Coupling) -> str:
    """Show the weights P_{i,j}, whose sums are those given: of uniform ones, 1 by how many there are."""
    over = f"{term.first},{term.second}"
    sides = ((term.first, term.of_first), (term.second, term.of_second))
    shown = ", ".join(str(weights or f"1/{index.collections[0].size}") for index, weights in sides)
    part = "" if term.mass == 1 else f"_{{{term.mass}}}"
    return f"min_{{P ∈ Π{part}({shown})}} Σ_{{{over}}} P_{{{over}}}·{_wrap(term.body, _PRODUCT)}"


@RULES.rule(Variable)
def _variable(term: Variable) -> str:
    return term.symbol


@RULES.rule(Point)
def _point(term: Point) -> str:
    return f"{term.collection}_{term.index}"


@RULES.rule(Member)
def _member(term: Member) -> str:
    return f"{term.family}_{{{term.index.within},{term.index}}}"


@RULES.rule(Drawn)
def _drawn(term: Drawn) -> str:
    return f"{term.collection}_{term.index}"


@RULES.rule(Sign)
def _sign(term: Sign) -> str:
    within = getattr(term.index, "within", None)
    return f"{term.signs}_{term.index}" if within is None else f"{term.signs}_{{{within},{term.index}}}"


@RULES.rule(ClassSize)
def _class_size(term: ClassSize) -> str:
    return f"{term.family.class_size}_{term.index}"


@RULES.rule(ClassCount)
def _class_count(term: ClassCount) -> str:
    return term.family.class_count


@RULES.rule(Coordinate)
def _coordinate(term: Coordinate) -> str:
    return f"({term.vector})_{term.index}"


@RULES.rule(Combination)
def _combination(term: Combination) -> str:
    shown = ""
    for coefficient, vector in term.parts:
        size = abs(coefficient)
        body = str(vector) if size == 1 else f"{size}·{vector}"
        if shown:
            shown += f" {'−' if coefficient < 0 else '+'} {body}"
        else:
            shown = f"−{body}" if coefficient < 0 else body
    return shown or "0"


@RULES.rule(Scale)
def _scale(term: Scale) -> str:
    long = isinstance(term.vector, (Combination, Average, CoordinateWise))
    vector = f"({term.vector})" if long else str(term.vector)
    if isinstance(term.factor, Power) and term.factor.exponent == -1:
        return f"{vector} / {_wrap(term.factor.base, _ATOM)}"
    return f"{_wrap(term.factor, _ATOM if isinstance(term.factor, _REACHING) else _PRODUCT)}·{vector}"


@RULES.rule(CoordinateWise)
def _coordinate_wise(term: CoordinateWise) -> str:
    return f"{term.kind.value}_{_alone(term.index)} {_body(term.body)}"


@RULES.rule(Average)
def _average(term: Average) -> str:
    return f"{_operator(term.kind, term.weights, _alone(term.index), term.index)} {_body(term.body)}"


@RULES.rule(Image)
def _image(term: Image) -> str:
    return f"{term.map}({term.vector})"


def quantified(index: Index) -> str:
    """Return an index where it is bound: with what it is apart from, ``i′≠i``."""
    if not index.apart:
        return str(index)
    others = ",".join(map(str, index.apart))
    return f"{index}≠{others}" if len(index.apart) == 1 else f"{index}∉{{{others}}}"


def _subscript(*indices: Index) -> str:
    shown = ",".join(map(quantified, indices))
    return shown if len(shown) == 1 else f"{{{shown}}}"


def _alone(index: Index) -> str:
    return _subscript(index) if index.apart else str(index)


def _body(vector: Vector) -> str:
    return f"({vector})" if isinstance(vector, Combination) else str(vector)


def _operator(kind: Reduction, weights: Weights | None, subscript: str, index: Index) -> str:
    if kind is Reduction.MEAN and is_random(index):
        return f"E_{subscript}"
    return f"Σ_{subscript} {weights}_{subscript}" if weights is not None else f"{kind.value}_{subscript}"


def _split_sign(term: Scalar) -> tuple[int, Scalar]:
    if isinstance(term, Constant) and term.value < 0:
        return -1, Constant(-term.value)
    if isinstance(term, Multiply) and isinstance(term.factors[0], Constant) and term.factors[0].value < 0:
        return -1, -term
    return 1, term


def _wrap(term: Scalar, level: int) -> str:
    """Show a term inside another that binds as tightly as `level`."""
    own = _ATOM
    if isinstance(term, Add):
        own = _SUM
    elif isinstance(term, (Multiply, *_REACHING)) or _looks_like_a_quotient(term, level):
        own = _PRODUCT
    return f"({term})" if own < level else str(term)


def _looks_like_a_quotient(term: Scalar, level: int) -> bool:
    if isinstance(term, Constant):
        return term.value.denominator != 1 or (term.value < 0 and level == _ATOM)
    return isinstance(term, Power) and level == _ATOM
