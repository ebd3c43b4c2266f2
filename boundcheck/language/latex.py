"""The LaTeX printer: a statement as a paper sets it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import combinations
from typing import Any

from boundcheck.language import (
    Add,
    Applied,
    Average,
    Below,
    Bound,
    ClassCount,
    ClassIndex,
    ClassSize,
    Combination,
    Constant,
    Coordinate,
    CoordinateIndex,
    CoordinateWise,
    Cosine,
    Coupling,
    Dimension,
    DrawIndex,
    Drawn,
    EqualSizes,
    ForAll,
    HullDistance,
    Image,
    Index,
    Indicator,
    Infimum,
    Inner,
    Largest,
    Lipschitz,
    Member,
    MemberIndex,
    Multiply,
    Norm,
    Parameter,
    PNorm,
    Point,
    Power,
    Premise,
    Reduce,
    Reduction,
    Relation,
    Rules,
    Scalar,
    Scale,
    Sign,
    Size,
    Smallest,
    Supremum,
    Term,
    Transport,
    Variable,
    Vector,
    Weights,
)
from boundcheck.language.choices import is_random
from boundcheck.language.shadows import unshadowed

__all__ = ["bound_latex", "latex", "premise_latex"]

_SUM, _PRODUCT, _ATOM = 0, 1, 2
#: How relations are set.
RELATIONS = {Relation.AT_MOST: r"\le", Relation.LESS: "<", Relation.EQUAL: "="}
_GREEK = {
    "α": r"\alpha",
    "β": r"\beta",
    "γ": r"\gamma",
    "δ": r"\delta",
    "ε": r"\varepsilon",
    "ζ": r"\zeta",
    "η": r"\eta",
    "θ": r"\theta",
    "κ": r"\kappa",
    "λ": r"\lambda",
    "μ": r"\mu",
    "ν": r"\nu",
    "ξ": r"\xi",
    "π": r"\pi",
    "ρ": r"\rho",
    "σ": r"\sigma",
    "τ": r"\tau",
    "φ": r"\varphi",
    "χ": r"\chi",
    "ψ": r"\psi",
    "ω": r"\omega",
    "Δ": r"\Delta",
    "Σ": r"\Sigma",
    "Γ": r"\Gamma",
    "Λ": r"\Lambda",
    "Ω": r"\Omega",
    "Φ": r"\Phi",
}
# What reaches to the end of its product.
_REACHING = (Reduce, Infimum, Supremum, Coupling)


def latex(term: Term) -> str:
    r"""Return a term as LaTeX mathematics, without dollar signs.

    Examples
    --------
    >>> from boundcheck.theorems import K
    >>> print(latex(K.rhs))
    2 \max\left\{m, \max_{i,k} \left\lVert x_{i} - w_{k} \right\rVert\right\}

    Raises
    ------
    TermError
        If a term is of a kind that there is no rule for.
    """
    return RULES.of(term)(unshadowed(term))


#: How each kind of term is set.
RULES: Rules[Callable[[Any], str]] = Rules(
    "the LaTeX printer", Term, fix="give the kind a rule in boundcheck.language.latex.RULES"
)


@RULES.rule(Constant)
def _constant(term: Constant) -> str:
    return _number(term.value)


@RULES.rule(Parameter)
def _parameter(term: Parameter) -> str:
    return _symbol(term.symbol)


@RULES.rule(Size)
def _size(term: Size) -> str:
    return _symbol(term.collection.size)


@RULES.rule(Dimension)
def _dimension(term: Dimension) -> str:
    return "D"


@RULES.rule(Transport)
def _transport(term: Transport) -> str:
    return f"W_1({_symbol(term.a.symbol)}, {_symbol(term.b.symbol)})"


@RULES.rule(HullDistance)
def _hull_distance(term: HullDistance) -> str:
    hulls = ", ".join(rf"\operatorname{{hull}} {_symbol(one.symbol)}" for one in (term.a, term.b))
    return rf"\operatorname{{dist}}({hulls})"


@RULES.rule(Add)
def _sum(term: Add) -> str:
    return _signed_sum([_with_sign(part) for part in term.terms])


@RULES.rule(Multiply)
def _multiply(term: Multiply) -> str:
    return _product(term.factors)


@RULES.rule(Power)
def _power(term: Power) -> str:
    if term.exponent == Fraction(1, 2):
        return rf"\sqrt{{{latex(term.base)}}}"
    return f"{_wrap(term.base, _ATOM)}^{{{_number(term.exponent)}}}"


@RULES.rule(Largest)
def _largest(term: Largest) -> str:
    return rf"\max\left\{{{', '.join(map(latex, term.terms))}\right\}}"


@RULES.rule(Smallest)
def _smallest(term: Smallest) -> str:
    return rf"\min\left\{{{', '.join(map(latex, term.terms))}\right\}}"


@RULES.rule(Reduce)
def _reduction(term: Reduce) -> str:
    indices, body = [term.index], term.body
    while type(body) is Reduce and (body.kind, body.weights, term.weights) == (term.kind, None, None):
        if is_random(body.index) is not is_random(term.index):
            break
        indices.append(body.index)
        body = body.body
    return f"{_operator(term.kind, tuple(indices), term.weights)} {_wrap(body, _PRODUCT)}"


@RULES.rule(Norm)
def _norm(term: Norm) -> str:
    return rf"\left\lVert {latex(term.vector)} \right\rVert"


@RULES.rule(PNorm)
def _p_norm(term: PNorm) -> str:
    p = r"\infty" if term.p is None else _number(term.p)
    return rf"\left\lVert {latex(term.vector)} \right\rVert_{{{p}}}"


@RULES.rule(Inner)
def _inner(term: Inner) -> str:
    return rf"\left\langle {latex(term.u)}, {latex(term.v)} \right\rangle"


@RULES.rule(Cosine)
def _cosine(term: Cosine) -> str:
    return rf"\cos\left({latex(term.u)}, {latex(term.v)}\right)"


@RULES.rule(Applied)
def _applied(term: Applied) -> str:
    return term.function.latex.replace("{}", latex(term.argument))


@RULES.rule(Indicator)
def _indicator(term: Indicator) -> str:
    return rf"\left[{latex(term.lhs)} {RELATIONS[term.relation]} {latex(term.rhs)}\right]"


@RULES.rule(Infimum)
def _infimum(term: Infimum) -> str:
    return rf"\inf_{{{_symbol(term.variable.symbol)}}} {_wrap(term.body, _PRODUCT)}"


@RULES.rule(Supremum)
def _supremum(term: Supremum) -> str:
    variable = _symbol(term.variable.symbol)
    return rf"\sup_{{\lVert {variable} \rVert \le 1}} {_wrap(term.body, _PRODUCT)}"


@RULES.rule(Coupling)
def _coupling(term: Coupling) -> str:
    over = f"{_symbol(term.first.symbol)},{_symbol(term.second.symbol)}"
    sides = ((term.first, term.of_first), (term.second, term.of_second))
    shown = ", ".join(
        rf"\tfrac{{1}}{{{_symbol(index.collections[0].size)}}}" if weights is None else _symbol(weights.symbol)
        for index, weights in sides
    )
    part = "" if term.mass == 1 else f"_{{{_number(term.mass)}}}"
    return rf"\min_{{P \in \Pi{part}({shown})}} \sum_{{{over}}} P_{{{over}}} {_wrap(term.body, _PRODUCT)}"


@RULES.rule(Variable)
def _variable(term: Variable) -> str:
    return _symbol(term.symbol)


@RULES.rule(Point)
def _point(term: Point) -> str:
    return f"{_symbol(term.collection.symbol)}_{{{_symbol(term.index.symbol)}}}"


@RULES.rule(Member)
def _member(term: Member) -> str:
    return f"{_symbol(term.family.symbol)}_{{{_symbol(term.index.within.symbol)},{_symbol(term.index.symbol)}}}"


@RULES.rule(Drawn)
def _drawn(term: Drawn) -> str:
    return f"{_symbol(term.collection.symbol)}_{{{_symbol(term.index.symbol)}}}"


@RULES.rule(Sign)
def _sign(term: Sign) -> str:
    within = getattr(term.index, "within", None)
    subscript = "" if within is None else f"{_symbol(within.symbol)},"
    return f"{_symbol(term.signs.symbol)}_{{{subscript}{_symbol(term.index.symbol)}}}"


@RULES.rule(ClassSize)
def _class_size(term: ClassSize) -> str:
    return f"{_symbol(term.family.class_size)}_{{{_symbol(term.index.symbol)}}}"


@RULES.rule(ClassCount)
def _class_count(term: ClassCount) -> str:
    return _symbol(term.family.class_count)


@RULES.rule(Coordinate)
def _coordinate(term: Coordinate) -> str:
    return rf"\left({latex(term.vector)}\right)_{{{_symbol(term.index.symbol)}}}"


@RULES.rule(Combination)
def _combination(term: Combination) -> str:
    return _signed_sum([(1 if c > 0 else -1, _coefficient(abs(c), vector)) for c, vector in term.parts]) or "0"


@RULES.rule(Scale)
def _scale(term: Scale) -> str:
    factor, shown = term.factor, latex(term.vector)
    if isinstance(factor, Power) and factor.exponent == -1:
        return rf"\frac{{{shown}}}{{{latex(factor.base)}}}"
    shown = rf"\left({shown}\right)" if isinstance(term.vector, Combination) else shown
    return f"{_wrap(factor, _ATOM if isinstance(factor, _REACHING) else _PRODUCT)} {shown}"


@RULES.rule(CoordinateWise)
def _coordinate_wise(term: CoordinateWise) -> str:
    return f"{_operator(term.kind, (term.index,), None)} {_body(term.body)}"


@RULES.rule(Average)
def _average(term: Average) -> str:
    return f"{_operator(term.kind, (term.index,), term.weights)} {_body(term.body)}"


@RULES.rule(Image)
def _image(term: Image) -> str:
    return rf"{_symbol(term.map.symbol)}\left({latex(term.vector)}\right)"


def _body(vector: Vector) -> str:
    return rf"\left({latex(vector)}\right)" if isinstance(vector, Combination) else latex(vector)


def premise_latex(premise: Premise) -> str:
    """Return a premise as LaTeX mathematics.

    Raises
    ------
    TermError
        If it is of a kind that there is no rule for.
    """
    return r" \quad \text{and} \quad ".join(rule(part) for part, rule in PREMISES.each((premise,)))


#: How each kind of premise is set.
PREMISES: Rules[Callable[[Any], str]] = Rules(
    "the LaTeX printer of premises", Premise, fix="give the kind a rule in boundcheck.language.latex.PREMISES"
)


@PREMISES.rule(EqualSizes)
def _equal_sizes(premise: EqualSizes) -> str:
    return " = ".join(_symbol(collection.size) for collection in premise.over)


@PREMISES.rule(ForAll)
def _for_all(premise: ForAll) -> str:
    return _quantified(rf"{latex(premise.lhs)} \le {latex(premise.rhs)}", premise.indices)


@PREMISES.rule(Below)
def _below(premise: Below) -> str:
    return _quantified(f"{latex(premise.lhs)} < {latex(premise.rhs)}", premise.indices)


@PREMISES.rule(Lipschitz)
def _lipschitz(premise: Lipschitz) -> str:
    name, constant = _symbol(premise.map.symbol), premise.constant
    values = rf"\left\lVert {name}(u) - {name}(v) \right\rVert"
    points = rf"{_wrap(constant, _PRODUCT)} \left\lVert u - v \right\rVert"
    return rf"{values} \le {points} \quad \text{{for all }} u, v, \text{{ where }} {latex(constant)} \ge 0"


def bound_latex(bound: Bound) -> str:
    """Return a bound's conclusion as LaTeX mathematics."""
    return _quantified(f"{latex(bound.lhs)} {RELATIONS[bound.relation]} {latex(bound.rhs)}", bound.indices)


def _quantified(stated: str, indices: Sequence[Index]) -> str:
    return rf"{stated} \quad \text{{for all }} {', '.join(map(_bound, indices))}" if indices else stated


def _symbol(symbol: str) -> str:
    letter, primes = symbol.rstrip("′"), len(symbol) - len(symbol.rstrip("′"))
    letter = _GREEK.get(letter, letter)
    shown = letter if len(letter) == 1 or letter.startswith("\\") else rf"\mathit{{{letter}}}"
    return shown + "'" * primes


def _number(value: Fraction) -> str:
    if value.denominator == 1:
        return str(value.numerator)
    sign = "-" if value < 0 else ""
    return rf"{sign}\frac{{{abs(value.numerator)}}}{{{value.denominator}}}"


def _operator(kind: Reduction, indices: tuple[Index, ...], weights: Weights | None) -> str:
    subscript = ",".join(map(_bound, indices))
    if weights is not None:
        return rf"\sum_{{{subscript}}} {_symbol(weights.symbol)}_{{{subscript}}}"
    if kind is Reduction.MEAN and is_random(indices[0]):
        return rf"\mathbb{{E}}_{{{subscript}}}"
    if kind is Reduction.MEAN:
        sizes = " ".join(map(_count, indices))
        return rf"\frac{{1}}{{{sizes}}} \sum_{{{subscript}}}"
    signs = {
        Reduction.MAX: r"\max",
        Reduction.MIN: r"\min",
        Reduction.SUM: r"\sum",
        Reduction.MEDIAN: r"\operatorname{median}",
        Reduction.LOG_SUM_EXP: r"\operatorname{logsumexp}",
    }
    return signs[kind] + f"_{{{subscript}}}"


def _bound(index: Index) -> str:
    """Return an index where it is bound: with what it is apart from."""
    shown = _symbol(index.symbol)
    if not index.apart:
        return shown
    others = ", ".join(_symbol(other.symbol) for other in index.apart)
    return rf"{shown} \ne {others}" if len(index.apart) == 1 else rf"{shown} \notin \{{{others}\}}"


def _count(index: Index) -> str:
    """Return how many values an index has: fewer by those that it is apart from, where these are all different."""
    match index:
        case CoordinateIndex():
            size = "D" if index.space is None else rf"\dim {_symbol(index.space.symbol)}"
        case DrawIndex():
            size = str(index.within.size)
        case ClassIndex():
            size = _symbol(index.family.class_count)
        case MemberIndex():
            size = f"{_symbol(index.within.family.class_size)}_{{{_symbol(index.within.symbol)}}}"
        case _:
            size = _symbol(index.collections[0].size)
    if any(one not in other.depends and other not in one.depends for one, other in combinations(index.apart, 2)):
        return rf"\left\lvert \{{{_bound(index)}\}} \right\rvert"
    return rf"\left({size} - {len(index.apart)}\right)" if index.apart else size


def _product(factors: tuple[Scalar, ...]) -> str:
    if factors[0] == Constant(Fraction(-1)):
        return f"-{_product(factors[1:])}"
    below = [factor.base for factor in factors if isinstance(factor, Power) and factor.exponent == -1]
    above = [factor for factor in factors if not (isinstance(factor, Power) and factor.exponent == -1)]
    # A reduction reaches to the end of its product, so only the last factor may be a bare one.
    levels = [_ATOM if isinstance(factor, _REACHING) else _PRODUCT for factor in above[:-1]] + [_PRODUCT]
    product = " ".join(_wrap(factor, level) for factor, level in zip(above, levels, strict=False)) or "1"
    if not below:
        return product
    divisor = latex(below[0]) if len(below) == 1 else " ".join(_wrap(base, _PRODUCT) for base in below)
    return rf"\frac{{{product}}}{{{divisor}}}"


def _with_sign(term: Scalar) -> tuple[int, str]:
    if isinstance(term, Constant) and term.value < 0:
        return -1, _number(-term.value)
    if isinstance(term, Multiply) and isinstance(term.factors[0], Constant) and term.factors[0].value < 0:
        return -1, _wrap(-term, _PRODUCT)
    return 1, latex(term)


def _signed_sum(parts: list[tuple[int, str]]) -> str:
    text = ""
    for sign, part in parts:
        if text:
            text += f" {'-' if sign < 0 else '+'} {part}"
        else:
            text = f"-{part}" if sign < 0 else part
    return text


def _coefficient(value: Fraction, vector: Vector) -> str:
    return latex(vector) if value == 1 else f"{_number(value)} {latex(vector)}"


def _wrap(term: Scalar, level: int) -> str:
    own = _ATOM
    if isinstance(term, Add) or (isinstance(term, Constant) and term.value < 0):
        own = _SUM
    elif isinstance(term, (Multiply, *_REACHING)) or (isinstance(term, Power) and level == _ATOM):
        own = _PRODUCT
    return rf"\left({latex(term)}\right)" if own < level else latex(term)
