r"""The Coq printer: a statement in the terms of the mathcomp library alone.

Nothing of ours is mentioned in a printed statement, so that no definition can hide a change:

====================  ==================================================================================================
any norm              ``forall (R : realFieldType) (V : lmodType R) (N : V -> R)``, the triangle inequality, homogeneity
Euclidean             ``forall (R : rcfType) (V : lmodType R) (ip : V -> V -> R)``, symmetry, linearity, ``0 <= ip u u``;
                      a norm is ``Num.sqrt (ip u u)``
sup norm, or where    rows ``'rV[R]_d.+1``; a norm is ``\big[Num.max/0]_(l < d.+1) `|u 0 l|``, in Euclidean space
coordinates occur     ``Num.sqrt (\sum_(l < d.+1) u 0 l ^+ 2)``, in any norm ``N (\row_(l < d.+1) u 0 l)``
inner product         ``ip u v``, of rows ``\sum_(l < d.+1) u 0 l * v 0 l``
exp, log, …           ``expR t``, ``ln t`` over a ``realType`` of mathcomp-analysis, which has them
a map                 ``(V' : lmodType R) (N' : V' -> R)`` with the laws of a norm, and ``(g : V -> V')``
a collection          ``x : 'I_n.+1 -> V``: never empty; collections of equal size share one size
a family of classes   ``C : forall c : 'I_K.+2, 'I_(n c).+1 -> V``: two classes at least
an index apart        ``\sum_(i' < n.+2 | i' != i)``: the collection has as many points as it needs; an extremum starts
                      from ``lift i ord0``, which is another point than ``i``
an indicator          ``(if a <= b then 1 else 0 : R)``
indices left free     ``forall (i : 'I_n.+1), …`` before the conclusion
mean, weighted mean   ``n.+1%:R^-1 * (\sum_(i < n.+1) F)``, ``\sum_(i < n.+1) (a i / (\sum_(i' < n.+1) a i')) * F``
maximum, minimum      ``\big[Num.max/F ord0]_(i < n.+1) F i``
W₁                    alone on the right of a ≤, the cost of every coupling, since it is their least; elsewhere, in a
                      premise too, the cost of a coupling ``T`` than which none costs less
distance of hulls     the left side in every direction of length at most 1, since it is their greatest
an infimum            the right side, or a summand of it, at every vector, since it is their greatest lower bound
a supremum            the left side, its root or a summand of it, at every vector of length at most 1
====================  ==================================================================================================

Division by zero is 0 in mathcomp, and so is the logarithm of what is not positive. A statement that divides says so about
that case too.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import groupby
from typing import Any, TypeAlias

from boundcheck.errors import TermError, explain
from boundcheck.language import (
    Add,
    Applied,
    Average,
    Below,
    Bound,
    ClassCount,
    ClassIndex,
    ClassSize,
    Codomain,
    Collection,
    Combination,
    Constant,
    Coordinate,
    CoordinateIndex,
    CoordinateWise,
    Cosine,
    Coupling,
    Dimension,
    Drawn,
    EqualSizes,
    Family,
    ForAll,
    Function,
    HullDistance,
    Image,
    Index,
    Indicator,
    Infimum,
    Inner,
    Largest,
    Lipschitz,
    Map,
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
    Space,
    Supremum,
    Term,
    Transport,
    Variable,
    Vector,
    Weights,
    norm,
)

__all__ = ["Coupled", "Statement", "Within", "at_every_vector", "coq_name", "coq_statement", "prose"]

WIDTH = 118

# Coq's own levels: what binds less tightly than a place allows stands in parentheses there.
_ATOM, _APPLICATION, _POWER, _NEGATION, _PRODUCT, _BIG, _SUM = 0, 10, 29, 35, 40, 41, 50
_EXTREMUM_BODY = 36

_Shown: TypeAlias = tuple[str, int]
"""A printed term and the level it binds at."""

_Hypothesis: TypeAlias = tuple[str, str]
"""What a proof introduces it by, and the hypothesis."""

# Names that a letter must not take: Coq's words, and what the statements themselves use.
_WORDS = (
    "as at cofix else end exists exists2 fix for forall fun if in let match mod return then where with Prop Set Type "
    "R ord0 nat sort nth enum lift tag tagged expR ln sin cos acos pi"
)
# Coq's and ssreflect's own, which no theorem may be named.
_KEYWORDS = (
    f"{_WORDS} Axiom by SProp IF Parameter Theorem Lemma Definition using is isn of have suff wlog Hypothesis Variable "
    "struct measure wf field ring pattern native_compute lazymatch multimatch Fixpoint Inductive"
)
_OF_VECTORS, _OF_COORDINATES = frozenset("VNPuv") | {"ip"}, frozenset("dl")


@dataclass(frozen=True)
class Statement:
    """A bound as Coq reads it, in parts.

    Parameters
    ----------
    scalars
        The kind of field that the scalars R are of.
    structure
        The space and its laws: what stands between R and the sizes.
    binders
        Sizes, points, weights, parameters, each ``(name : type)``.
    hypotheses
        Of the weights, the premises, and what W₁ or the distance of hulls adds.
    lhs, relation, rhs
        The conclusion.
    late
        Binders that come after the hypotheses, with hypotheses of their own: a coupling, or a direction.
    introductions
        A name for each variable and hypothesis, as a proof introduces them.
    beyond
        What in it cannot be computed at a counterexample, in words; empty where everything can.
    """

    scalars: str
    structure: str
    binders: tuple[str, ...]
    hypotheses: tuple[str, ...]
    lhs: str
    relation: str
    rhs: str
    late: tuple[str, ...] = ()
    introductions: tuple[str, ...] = ()
    beyond: str = ""

    @property
    def conclusion(self) -> str:
        """Both sides and their relation."""
        return f"{self.lhs} {self.relation} {self.rhs}"

    def __str__(self) -> str:
        return self._over(f"forall (R : {self.scalars}) {self.structure}")

    @property
    def analysis(self) -> bool:
        """Whether it speaks of functions that mathcomp-analysis has, over its real numbers."""
        return self.scalars == "realType"

    @property
    def negation(self) -> str:
        """That the statement is false; where R needs roots, over any such field, since the library has no example of one."""
        if self.scalars != "realFieldType":
            opening, inside = f"forall (R : {self.scalars}),\n~ (\n", f"forall {self.structure}"
        else:
            opening, inside = "~ (\n", f"forall (R : {self.scalars}) {self.structure}"
        return opening + textwrap.indent(self._over(inside), "  ") + ")"

    def _over(self, structure: str) -> str:
        lines = [structure, *([f"forall {' '.join(self.binders)},"] if self.binders else [])]
        lines += [f"{hypothesis} ->" for hypothesis in self.hypotheses]
        lines += [*self.late, self.lhs, f"{self.relation} {self.rhs}"]
        return "\n".join(_fill(line) for part in lines for line in part.splitlines())


def coq_name(name: str) -> str:
    """Return a bound's name as a Coq identifier, whatever the name is.

    Examples
    --------
    >>> [coq_name(name) for name in ("two-sided", "1.99", "forall", "Σ'", "")]
    ['two_sided', 'bound_1_99', 'bound_forall', 'u3a3_', 'bound']
    """
    # Not every letter of Python's is one of Coq's.
    plain = "".join(_spelled(character) for character in name)
    if not plain[:1].isalpha() or plain in _KEYWORDS.split():
        plain = f"bound_{plain}".rstrip("_") if plain.strip("_") else "bound"
    return plain


def _spelled(character: str) -> str:
    if not character.isalnum():
        return "_"
    return character if character.isascii() else f"u{ord(character):x}"


def coq_statement(bound: Bound) -> Statement:
    r"""Return what Coq has to prove for `bound`.

    Raises
    ------
    TermError
        If a term cannot be printed: the distance of hulls elsewhere than as the left side of a Euclidean bound, a power that is neither whole nor of a square root, a map in a space with
        coordinates, a function without a form for Coq, a random choice, or an extremum over an index that is apart from
        two others.

    Examples
    --------
    >>> from boundcheck.language import Bound, distance, i, k, maximum, minimum, w, x
    >>> hausdorff = maximum(i, minimum(k, distance(x[i], w[k])))
    >>> print(coq_statement(Bound("nonnegative", lhs=0, rhs=hausdorff)).conclusion)
    0 <= \big[Num.max/(\big[Num.min/N (x ord0 - w ord0)]_(k < q.+1) N (x ord0 - w k))]_(i < n.+1) \big[Num.min/N (x i - w ord0)]_(k < q.+1) N (x i - w k)
    """
    return _Printer.of(bound).statement(bound)


@dataclass(frozen=True)
class Coupled(Scalar):
    """The mean of a scalar over the coupling that stands for a W₁: no statement has it, but proofs do.

    Parameters
    ----------
    transport
        The W₁; the scalar's free indices over its two collections are bound.
    body
        The scalar.
    """

    transport: Transport
    body: Scalar

    @property
    def children(self) -> tuple[Term, ...]:
        """The scalar."""
        return (self.body,)

    def free(self) -> frozenset[Index]:
        """Return the scalar's free indices but those over the two collections."""
        return self.body.free() - {self.transport.a.points, self.transport.b.points}

    def collections(self) -> frozenset[Collection]:
        """Return the collections of the scalar and of the W₁."""
        return self.body.collections() | self.transport.collections()

    def __str__(self) -> str:
        return f"Σ_{{{self.transport.a.points},{self.transport.b.points}}} P_{{{self.transport.a.points},{self.transport.b.points}}}·{self.body}"


class Within:
    """Prints terms as they stand within the statement of a bound, for a proof of it.

    Parameters
    ----------
    bound
        The statement.

    Attributes
    ----------
    hypotheses
        By premise, what a proof calls its hypotheses.
    """

    def __init__(self, bound: Bound) -> None:
        printer = _Printer.of(bound)
        alone = _alone(bound)
        self._printer = replace(printer, couplings={**printer.couplings, **({alone: "P"} if alone else {})})
        self.coordinates = printer.coordinates
        self.hypotheses: dict[Premise, tuple[str, ...]] = {}
        names: list[str] = []
        for premise, rule in PREMISES.each(bound.premises):
            said = [name for name, _ in rule(printer, premise)]
            numbered = [f"{name}{(*names, *said[:place]).count(name) or ''}" for place, name in enumerate(said)]
            self.hypotheses.setdefault(premise, tuple(numbered))
            names += said

    def scalar(self, term: Scalar, level: int = _SUM) -> str:
        """Print a scalar whose free indices have their own names."""
        return self._at(term)._operand(term, level)

    def factor(self, term: Scalar) -> str:
        """Print a scalar as what may stand behind a name."""
        return self.scalar(term, _ATOM)

    def vector(self, vector: Vector) -> str:
        """Print a vector as what may stand behind a name."""
        return _wrap(self._at(vector)._vector(vector), _ATOM)

    def name(self, thing: Index | Weights | Map) -> str:
        """Return what an index, weights or a map are called."""
        self._know(thing)
        return self._printer.names[thing]

    def binder(self, index: Index) -> str:
        """Print an index with its type: ``(i : 'I_n.+1)``."""
        name = self.name(index)
        return f"({name} : {self._printer._type(index)})"

    def prime(self, vector: Vector) -> str:
        """Return what stands after the letters of the space that a vector is of."""
        return self._printer._prime(vector.reached_by)

    def coupling(self, term: Transport) -> str:
        """Return what the coupling that stands for a W₁ is called."""
        return self._printer.couplings[term]

    def _know(self, thing: Index | Weights | Map) -> None:
        if thing not in self._printer.names:
            name = _identifier(thing.symbol)
            taken = set(_WORDS.split()) | {
                name for known, name in self._printer.names.items() if not isinstance(known, Index)
            }
            while name in taken:
                name += "_"
            self._printer = replace(self._printer, names={**self._printer.names, thing: name})

    def _at(self, term: Term) -> _Printer:
        for node in term.walk():
            if isinstance(node, Coupled):
                self._know(node.transport.a.points)
                self._know(node.transport.b.points)
            for index in (*node.free(), *((node.bound_index,) if node.bound_index else ())):
                self._know(index)
        return replace(self._printer, at={index: self._printer.names[index] for index in term.free()})


def prose(text: str) -> str:
    """Make text harmless in a Coq comment, where a quote opens a string and a bracket with a star nests."""
    return text.replace('"', "'").replace("(*", "( *").replace("*)", "* )")


def _fill(line: str) -> str:
    return textwrap.fill(line, WIDTH - 4, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def _wrap(shown: _Shown, level: int) -> str:
    """Put in parentheses what the place does not allow bare; a big operator reaches too far to be allowed anywhere."""
    text, own = shown
    return f"({text})" if own > level or own == _BIG else text


def _body(shown: _Shown, level: int) -> str:
    """Show the body of a big operator, where another one may stand bare."""
    return shown[0] if shown[1] == _BIG else _wrap(shown, level)


def _plain(value: str) -> str:
    """Return the name of an index over all points of a family, whose value is a class and a place there."""
    return value.partition("(tagged ")[2].rstrip(")") or value


def _together(binders: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Bind names of one type, where they are neighbours, together: ``(x z : 'I_n.+1 -> V)``."""
    by_type = groupby(binders, key=lambda binder: binder[1])
    return tuple(f"({' '.join(name for name, _ in names)} : {kind})" for kind, names in by_type)


def at_every_vector(term: Scalar, kind: type[Infimum | Supremum] = Infimum) -> tuple[Variable, Scalar] | None:
    """Return y and F where a term is the extremum over y of F: itself, a sum with one, a positive multiple or a power."""
    match term:
        case Infimum(variable, body) | Supremum(variable, body) if type(term) is kind:
            return variable, body
        case Add(terms):
            places = [place for place, part in enumerate(terms) if at_every_vector(part, kind) is not None]
            if len(places) == 1 and (found := at_every_vector(terms[places[0]], kind)) is not None:
                variable, body = found
                return variable, Add.of(*(body if place == places[0] else part for place, part in enumerate(terms)))
        case Multiply((Constant(value), factor)) if value > 0 and (found := at_every_vector(factor, kind)) is not None:
            return found[0], Multiply.of(Constant(value), found[1])
        case Power(Supremum(variable, body), exponent) if kind is Supremum and exponent > 0:
            return variable, Power.of(body, exponent)
    return None


def _number(value: Fraction) -> _Shown:
    size = abs(value)
    if size.denominator == 1:
        shown = str(size) if size <= 1 else f"{size}%:R", _ATOM
    else:
        shown = f"{_number(Fraction(size.numerator))[0]} / {size.denominator}%:R", _PRODUCT
    return (f"- {_wrap(shown, _APPLICATION)}", _NEGATION) if value < 0 else shown


def _split_sign(term: Scalar) -> tuple[str, Scalar]:
    """Return the sign that a summand is joined by, and the summand without it."""
    negative = isinstance(term, Constant) and term.value < 0
    if isinstance(term, Multiply):
        negative = isinstance(term.factors[0], Constant) and term.factors[0].value < 0
    return ("-", -term) if negative else ("+", term)


def _sizes(bound: Bound) -> dict[Collection, str]:
    """Return the collections that the statement speaks of, in the bound's order, and the letter of each one's size."""
    spoken = frozenset[Collection]().union(*(term.collections() for term in bound.terms()))
    spoken |= {weights.collection for weights in _weights(_nodes(bound))}
    first = {collection: collection for collection in bound.collections}
    for equal in bound.equal_sizes:
        # Groups of equal sizes may overlap; whatever is equal to one of a group is equal to all of it.
        group = {first[collection] for collection in equal}
        head = next(collection for collection in bound.collections if collection in group)
        first = {collection: head if one in group else one for collection, one in first.items()}
    return {
        collection: first[collection].size
        for collection in bound.collections
        if collection in spoken and not isinstance(collection, Family)
    }


def _nodes(bound: Bound) -> list[Term]:
    return [node for term in bound.terms() for node in term.walk()]


def _successor(letter: str, count: int) -> str:
    """Return a natural number that is so much larger: ``n.+1``."""
    if count > 4:
        raise TermError(explain("indices apart", "at most three from which an index is apart", f"{count - 1}"))
    return f"{letter}.+{count}" if count else letter


def _real(function: Function) -> bool:
    """Say whether a function's form for Coq is of mathcomp-analysis: whether it calls one by name."""
    return re.search("[A-Za-z]", function.coq or "") is not None


def _weights(nodes: Iterable[Term]) -> list[Weights]:
    found = {node.weights for node in nodes if isinstance(node, (Reduce, Average)) and node.weights is not None}
    return sorted(found, key=lambda weights: (weights.symbol, weights.collection.symbol))


def _alone(bound: Bound) -> Transport | None:
    """Return a W₁ that stands alone on the right of a ≤, where any coupling may stand for the least; else None."""
    return bound.rhs if type(bound.rhs) is Transport and bound.relation is Relation.AT_MOST else None


def _inside(bound: Bound) -> tuple[Transport, ...]:
    """Return each W₁ of the statement but one alone on the right of a ≤, in their order."""
    terms = [bound.lhs, *(() if _alone(bound) else (bound.rhs,))]
    terms += [side for premise in bound.quantified for side in (premise.lhs, premise.rhs)]
    return tuple(dict.fromkeys(node for term in terms for node in term.walk() if isinstance(node, Transport)))


def _spaces(maps: Iterable[Map]) -> list[Codomain | Map]:
    """Return the spaces that maps start from and lead to, in their order, without the embedding space."""
    found = dict.fromkeys(space for map in maps for space in (map.source, map.space))
    return [space for space in found if space is not None]


def _counted(index: Index, sizes: Mapping[Collection, str]) -> object:
    """Return what an index counts with others: collections of one size, the classes of a family, a family's classes' points."""
    match index:
        case ClassIndex():
            return index.family, "classes"
        case MemberIndex():
            return index.within.family, "points"
        case CoordinateIndex():
            return "coordinates"
    return next((sizes[one] for one in index.collections if one in sizes), index.collections)


def _scalars(bound: Bound, nodes: Sequence[Term]) -> str:
    """Return the kind of field that has what a bound speaks of: functions, roots, or neither."""
    if any(
        (isinstance(node, Applied) and _real(node.function))
        or (isinstance(node, Reduce) and node.kind is Reduction.LOG_SUM_EXP)
        for node in nodes
    ):
        return "realType"
    roots = bound.space is Space.EUCLIDEAN or any(
        (isinstance(node, Power) and node.exponent.denominator == 2)
        or isinstance(node, Cosine)
        or (isinstance(node, PNorm) and node.p == 2)
        for node in nodes
    )
    return "rcfType" if roots else "realFieldType"


class _Names:
    """Different identifiers for different things, near to their letters."""

    def __init__(self, reserved: frozenset[str]) -> None:
        self.taken = set(_WORDS.split()) | reserved

    def take(self, symbol: str) -> str:
        name = _identifier(symbol)
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        return name


def _identifier(symbol: str) -> str:
    letters = re.sub(r"[^\w']", "_", symbol.replace("′", "'"))
    return letters if letters[0].isalpha() or letters[0] == "_" else f"_{letters}"


@dataclass(frozen=True)
class _Printer:
    space: Space
    coordinates: bool
    normed: bool
    scalars: str
    names: Mapping[object, str]
    sizes: Mapping[Collection, str]
    families: Mapping[Family, tuple[str, str]]
    apart: Mapping[object, int]
    couplings: Mapping[Transport, str] = field(default_factory=dict)
    at: Mapping[Index, str] = field(default_factory=dict)
    coordinate: str = "l"

    # ------------------------------------------------------------------------------------------------- the whole

    @classmethod
    def of(cls, bound: Bound) -> _Printer:
        """Choose the space and the names that `bound` needs."""
        nodes = _nodes(bound)
        euclidean = bound.space is Space.EUCLIDEAN
        coordinates = bound.space is Space.SUP_NORM or any(
            isinstance(node, (CoordinateWise, Coordinate, Dimension))
            or (isinstance(node, PNorm) and not (euclidean and node.p == 2))
            or (isinstance(node, (Inner, Cosine)) and not euclidean)
            for node in nodes
        )
        if coordinates and bound.maps():
            raise TermError(
                explain(
                    f"bound {bound.name!r}",
                    "a map in a space without coordinates",
                    f"{bound.maps()[0]} in one with them",
                )
            )
        normed = any(isinstance(node, (Norm, Transport)) for node in nodes)
        sizes = _sizes(bound)
        spoken = frozenset[Collection]().union(*(term.collections() for term in bound.terms()))
        families = [one for one in bound.collections if isinstance(one, Family) and one in spoken]
        indices = {index for node in nodes for index in node.free() | {node.bound_index} if index is not None}
        for index in sorted(indices, key=str):
            if type(index) not in (Index, ClassIndex, MemberIndex, CoordinateIndex):
                raise TermError(explain("index", "one that the printer for Coq can bind", index.described))
        apart: dict[object, int] = {}
        for index in indices:
            group = _counted(index, sizes)
            apart[group] = max(apart.get(group, 0), len(index.apart))
        used = frozenset(indices)
        indices |= {collection.points for collection in sizes}
        for family in families:
            indices |= {family.each, family[family.each].points}
        primes = ["'" * place for place in range(1, len(_spaces(bound.maps())) + 1)]
        beyond = frozenset(f"{letter}{prime}" for prime in primes for letter in ("V", "N", "ip"))
        # A space of rows is N's too, where its norm is any.
        of_rows = _OF_COORDINATES | ({"N", "u", "v"} if normed and bound.space is Space.ANY_NORM else set())
        chosen = _Names(of_rows if coordinates else _OF_VECTORS | beyond)
        names: dict[object, str] = {}
        for size in dict.fromkeys(sizes.values()):
            names[size] = chosen.take(size)
        numbers = {family: (chosen.take(family.class_count), chosen.take(family.class_size)) for family in families}
        things: list[tuple[object, str]] = [(map, map.symbol) for map in bound.maps()]
        things += [(collection, collection.symbol) for collection in (*sizes, *families)]
        things += [(weights, weights.symbol) for weights in _weights(nodes)]
        things += [(parameter, parameter.symbol) for parameter in bound.parameters()]
        things += [(node, node.symbol) for node in dict.fromkeys(nodes) if isinstance(node, Variable)]
        things += [
            (index, index.symbol)
            for index in sorted(indices, key=lambda one: (one.symbol, one not in used, one.described))
        ]
        for thing, symbol in things:
            names[thing] = chosen.take(symbol)
        couplings = {term: chosen.take("T") for term in _inside(bound)}
        return cls(
            bound.space,
            coordinates,
            normed,
            _scalars(bound, nodes),
            names,
            {each: names[size] for each, size in sizes.items()},
            numbers,
            apart,
            couplings,
        )

    def statement(self, bound: Bound) -> Statement:
        hypotheses = [text for weights in self._weights() for text in self._weights_hypotheses(weights)]
        hypotheses += [text for term in self.couplings for text in self._least_coupling(term)]
        premises = [said for premise, rule in PREMISES.each(bound.premises) for said in rule(self, premise)]
        hypotheses += [text for _, text in premises]
        lhs, rhs = bound.lhs, bound.rhs
        late, names = self._free(bound.indices)
        names = (*self._introductions([name for name, _ in premises]), *names)
        here = replace(self, at={index: self.names[index] for index in bound.indices})
        one_sided = bound.relation is Relation.AT_MOST
        alone = _alone(bound)
        if one_sided and (found := at_every_vector(rhs)) is not None:
            variable, body = found
            shown_rhs = here._scalar(body)[0]
            late += (f"forall ({self.names[variable]} : {self._space}),",)
            names += (self.names[variable],)
        elif alone is not None:
            shown_rhs, more = here._transport(alone)
            late += more
            names += ("P", "P_ge0", "P_rows", "P_columns")
        else:
            shown_rhs = here._scalar(rhs)[0]
        if isinstance(lhs, HullDistance) and one_sided and self.space is Space.EUCLIDEAN and not self.coordinates:
            shown_lhs, more = self._hulls(lhs)
            late += more
            names += ("u", "u_le1")
        elif one_sided and (found := at_every_vector(lhs, Supremum)) is not None:
            variable, body = found
            shown_lhs = here._operand(body, _SUM)
            name = self.names[variable]
            if name in names:
                raise TermError(
                    explain("statement for Coq", "a variable of its own on each side", f"{variable} on both")
                )
            late += (f"forall ({name} : {self._space}),", f"{here._operand(Norm(variable), _SUM)} <= 1 ->")
            names += (name, f"{name}_le1")
        else:
            shown_lhs = here._operand(lhs, _SUM)
        return Statement(
            self.scalars,
            self._structure(),
            self._binders(),
            tuple(hypotheses),
            shown_lhs,
            RELATIONS[bound.relation],
            shown_rhs,
            late,
            names,
            self._beyond(bound),
        )

    def _beyond(self, bound: Bound) -> str:
        """Say what a proof by computation at a counterexample has no way to give."""
        if self.couplings:
            return "the least coupling of a W₁ that does not stand alone on the right"
        if self.scalars == "realType":
            return "functions of mathcomp-analysis, which do not compute"
        if self.families:
            return f"families of classes, as {next(iter(self.families))}"
        if bound.indices:
            return f"all values of {', '.join(map(str, bound.indices))}"
        if bound.relation is Relation.LESS:
            return "a side strictly below the other"
        return "a norm of rows" if self.coordinates and self.space is Space.ANY_NORM else ""

    def _free(self, indices: Sequence[Index]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Print the indices that a statement is for all values of, and name what introduces them."""
        if not indices:
            return (), ()
        here = replace(self, at={index: self.names[index] for index in indices})
        over = _together((self.names[index], here._type(index)) for index in indices)
        others = [(index, text) for index in indices if (text := here._others(index))]
        late = (f"forall {' '.join(over)},", *(f"{text} ->" for _, text in others))
        return late, (*(self.names[index] for index in indices), *(f"{self.names[index]}_apart" for index, _ in others))

    def _introductions(self, premises: Sequence[str]) -> tuple[str, ...]:
        laws = "normD{0} normZ{0}" if self.space is Space.ANY_NORM else "ip_sym{0} ip_scale{0} ip_add{0} ip_ge0{0}"
        normed = f"V{{0}} {'N' if self.space is Space.ANY_NORM else 'ip'}{{0}} {laws}"
        names = ["R", *normed.format("").split()]
        if self.coordinates:
            names = ["R", "d", *(("N", "normD", "normZ") if self.normed and self.space is Space.ANY_NORM else ())]
        for thing in self._spaces_and_maps():
            names += [self.names[thing]] if isinstance(thing, Map) else normed.format(thing).split()
        names += dict.fromkeys(self.sizes.values())
        names += [number for numbers in self.families.values() for number in numbers]
        names += [name for thing, name in self.names.items() if isinstance(thing, (Collection, Weights, Parameter))]
        names += self.couplings.values()
        names += [f"{self.names[weights]}_{law}" for weights in self._weights() for law in ("ge0", "gt0")]
        names += [f"{name}_{law}" for name in self.couplings.values() for law in ("ge0", "rows", "columns", "least")]
        for place, name in enumerate(premises):
            # Of one name, those after the first are numbered.
            names.append(f"{name}{premises[:place].count(name) or ''}")
        return tuple(names)

    def _maps(self) -> list[Map]:
        return [thing for thing in self.names if isinstance(thing, Map)]

    def _prime(self, space: Codomain | Map | None) -> str:
        """Return what a space that maps lead to has after its letters; nothing for the embedding space."""
        return "" if space is None else "'" * (_spaces(self._maps()).index(space) + 1)

    def _spaces_and_maps(self) -> Iterator[Map | str]:
        """Yield the maps, and before each what spaces that it needs have after their letters."""
        known: set[object] = {None}
        for map in self._maps():
            for space in (map.source, map.space):
                if space not in known:
                    known.add(space)
                    yield self._prime(space)
            yield map

    def _weights(self) -> list[Weights]:
        return [thing for thing in self.names if isinstance(thing, Weights)]

    @property
    def _row(self) -> str:
        return f"'rV[R]_{self._dimension}"

    @property
    def _space(self) -> str:
        return self._row if self.coordinates else "V"

    @property
    def _dimension(self) -> str:
        return _successor("d", 1 + self.apart.get("coordinates", 0))

    def _structure(self) -> str:
        if self.coordinates and not (self.normed and self.space is Space.ANY_NORM):
            return "(d : nat),"
        if self.coordinates:
            return f"(d : nat) (N : {self._row} -> R),\n{self._norm_laws('N')}"
        shown = self._normed("V", "ip" if self.space is Space.EUCLIDEAN else "N")
        for thing in self._spaces_and_maps():
            if isinstance(thing, Map):
                source, into = (f"V{self._prime(space)}" for space in (thing.source, thing.space))
                shown += f"\nforall ({self.names[thing]} : {source} -> {into}),"
            else:
                beyond = self._normed(f"V{thing}", f"{'ip' if self.space is Space.EUCLIDEAN else 'N'}{thing}")
                shown += f"\nforall {beyond}"
        return shown

    def _normed(self, space: str, length: str) -> str:
        """Print a space and its laws: of an inner product in Euclidean space, of a norm in any."""
        if self.space is Space.EUCLIDEAN:
            return (
                f"({space} : lmodType R) ({length} : {space} -> {space} -> R),\n"
                f"(forall u v, {length} u v = {length} v u) -> "
                f"(forall (a : R) u v, {length} (a *: u) v = a * {length} u v) ->\n"
                f"(forall u u' v, {length} (u + u') v = {length} u v + {length} u' v) -> (forall u, 0 <= {length} u u) ->"
            )
        return f"({space} : lmodType R) ({length} : {space} -> R),\n{self._norm_laws(length)}"

    @staticmethod
    def _norm_laws(length: str) -> str:
        return (
            f"(forall u v, {length} (u + v) <= {length} u + {length} v) -> "
            f"(forall (a : R) v, {length} (a *: v) = `|a| * {length} v) ->"
        )

    def _binders(self) -> tuple[str, ...]:
        sizes = " ".join(dict.fromkeys(self.sizes.values()))
        space = self._space
        binders: list[tuple[str, str]] = [(sizes, "nat")] if sizes else []
        for family, (count, size) in self.families.items():
            binders += [(count, "nat"), (size, f"'I_{self._classes(family)} -> nat")]
        for thing, name in self.names.items():
            match thing:
                case Family():
                    c = thing.each
                    inside = self._bind(c)._type(thing[c].points)
                    binders.append((name, f"forall {self.names[c]} : {self._type(c)}, {inside} -> {space}"))
                case Collection():
                    binders.append((name, f"{self._members(thing)} -> {space}"))
                case Weights():
                    binders.append((name, f"{self._members(thing.collection)} -> R"))
                case Parameter():
                    binders.append((name, "R"))
        binders += [(name, self._of_couplings(term)) for term, name in self.couplings.items()]
        return _together(binders)

    def _members(self, collection: Collection) -> str:
        if isinstance(collection, Family):
            raise TermError(
                explain("statement for Coq", "a collection", f"the family {collection}, for weights or transport")
            )
        return self._type(collection.points)

    def _classes(self, family: Family) -> str:
        return _successor(self.families[family][0], max(2, 1 + self.apart.get((family, "classes"), 0)))

    def _count(self, index: Index) -> str:
        """Print how many values an index has, those of the indices that it is apart from among them."""
        match index:
            case ClassIndex():
                return self._classes(index.family)
            case MemberIndex():
                size = f"({self.families[index.within.family][1]} {self.at[index.within]})"
                return _successor(size, 1 + self.apart.get(_counted(index, self.sizes), 0))
            case CoordinateIndex():
                return self._dimension
        return _successor(self._size(index), 1 + self.apart.get(_counted(index, self.sizes), 0))

    def _all(self, family: Family) -> str:
        """Print how many points a family has."""
        c = family.each
        return f"\\sum_({self.names[c]} < {self._classes(family)}) {self._bind(c)._count(family[c].points)}"

    def _type(self, index: Index) -> str:
        """Print the type of an index; of one over all points of a family, a pair of its class and its place there."""
        if type(index) is Index and isinstance(index.collections[0], Family):
            family = index.collections[0]
            c = family.each
            return f"{{{self.names[c]} : {self._type(c)} & {self._bind(c)._type(family[c].points)}}}"
        return f"'I_{self._count(index)}"

    def _others(self, index: Index) -> str:
        """Print that an index is none of those that it is apart from; nothing where it is apart from none."""
        name = self.names[index]
        conditions = [f"{name} != {_plain(self.at[other])}" for other in index.apart]
        return " && ".join(f"({one})" for one in conditions) if len(conditions) > 1 else "".join(conditions)

    def _range(self, index: Index) -> str:
        """Print what a big operator runs over."""
        name, others = self.names[index], self._others(index)
        wide = type(index) is Index and isinstance(index.collections[0], Family)
        over = f"{name} : {self._type(index)}" if wide else f"{name} < {self._count(index)}"
        return f"{over} | {others}" if others else over

    def _left(self, index: Index) -> str:
        """Print how many values an index has, as a scalar, without those that it is apart from."""
        apart = index.apart
        if any(one not in other.apart and other not in one.apart for one in apart for other in apart if one != other):
            return f"(\\sum_({self._range(index)}) 1)"
        if type(index) is Index and isinstance(index.collections[0], Family):
            return f"({self._all(index.collections[0])}){'.-1' * len(apart)}%:R"
        count = self._count(index)
        letter, _, more = count.rpartition(".+")
        return f"{_successor(letter, int(more) - len(apart))}%:R"

    def _first(self, index: Index) -> str:
        """Print a value of an index, where an extremum over it starts."""
        wide = type(index) is Index and isinstance(index.collections[0], Family)
        if not index.apart:
            return "ord0 ord0" if wide else "ord0"
        if wide or len(index.apart) > 1:
            raise TermError(explain("extremum for Coq", "an index that is apart from one other", index.described))
        return f"(lift {self.at[index.apart[0]]} ord0)"

    def _weights_hypotheses(self, weights: Weights) -> tuple[str, str]:
        name, i = self.names[weights], self.names[weights.collection.each]
        members = self._members(weights.collection)
        return (
            f"(forall ({i} : {members}), 0 <= {name} {i})",
            f"0 < \\sum_({i} < {self._count(weights.collection.points)}) {name} {i}",
        )

    def _for_all(self, premise: ForAll) -> tuple[_Hypothesis, ...]:
        return self._compared(premise, "<=")

    def _below(self, premise: Below) -> tuple[_Hypothesis, ...]:
        return self._compared(premise, "<")

    def _compared(self, premise: ForAll | Below, relation: str) -> tuple[_Hypothesis, ...]:
        late, _ = self._free(premise.indices)
        printer = replace(self, at={index: self.names[index] for index in premise.indices})
        lhs, rhs = printer._operand(premise.lhs, _SUM), printer._operand(premise.rhs, _SUM)
        return (("premise", f"({' '.join((*late, lhs))} {relation} {rhs})"),)

    def _lipschitz(self, premise: Lipschitz) -> tuple[_Hypothesis, ...]:
        name, constant = self.names[premise.map], premise.constant
        apart = self._length(f"({name} u - {name} v)", premise.map.space)
        near = f"{self._operand(constant, _POWER)} * {self._length('(u - v)', premise.map.source)}"
        return (
            (f"{name}_ge0", f"0 <= {self._operand(constant, _SUM)}"),
            (f"{name}_lipschitz", f"(forall u v, {apart} <= {near})"),
        )

    # ------------------------------------------------------------------------------- what is least or greatest

    def _transport(self, term: Transport) -> tuple[str, tuple[str, ...]]:
        """Print W₁ as the cost of any coupling: a side that is below every one is below the least."""
        laws = self._coupling_laws(term, "P")
        late = (f"forall (P : {self._of_couplings(term)}),", *(f"{law} ->" for law in laws))
        return self._cost(term, "P"), late

    def _least_coupling(self, term: Transport) -> tuple[str, ...]:
        """Print that the coupling which stands for a W₁ is one, and that none costs less: its cost is W₁ then, on any side."""
        name = self.couplings[term]
        other = f"{name}'"
        others = " -> ".join(
            (*self._coupling_laws(term, other), f"{self._cost(term, name)} <= {self._cost(term, other)}")
        )
        return (*self._coupling_laws(term, name), f"(forall ({other} : {self._of_couplings(term)}), {others})")

    def _of_couplings(self, term: Transport) -> str:
        return f"{self._members(term.a)} -> {self._members(term.b)} -> R"

    def _coupling_laws(self, term: Transport, name: str) -> tuple[str, str, str]:
        i, j = (self.names[each.points] for each in (term.a, term.b))
        n, p = (self._count(each.points) for each in (term.a, term.b))
        over, under = self._members(term.a), self._members(term.b)
        return (
            f"(forall ({i} : {over}) ({j} : {under}), 0 <= {name} {i} {j})",
            f"(forall ({i} : {over}), \\sum_({j} < {p}) {name} {i} {j} = {n}%:R^-1)",
            f"(forall ({j} : {under}), \\sum_({i} < {n}) {name} {i} {j} = {p}%:R^-1)",
        )

    def _cost(self, term: Transport, name: str, body: Scalar | None = None) -> str:
        i, j = (self.names[each.points] for each in (term.a, term.b))
        n, p = (self._count(each.points) for each in (term.a, term.b))
        at = {**self.at, term.a.points: i, term.b.points: j}
        cost = norm(term.a[term.a.points] - term.b[term.b.points]) if body is None else body
        shown = replace(self, at=at)._operand(cost, _APPLICATION)
        return f"\\sum_({i} < {n}) \\sum_({j} < {p}) {name} {i} {j} * {shown}"

    def _hulls(self, term: HullDistance) -> tuple[str, tuple[str, ...]]:
        """Print the distance of hulls as the gap in any direction: a side that is above every one is above the greatest."""
        low = self._extremum(Reduction.MIN, term.a.each, lambda here: here._along(term.a))
        high = self._extremum(Reduction.MAX, term.b.each, lambda here: here._along(term.b))
        return f"({low}) - ({high})", ("forall (u : V), Num.sqrt (ip u u) <= 1 ->",)

    def _along(self, collection: Collection) -> _Shown:
        return f"ip u ({self._point(collection[collection.each])})", _APPLICATION

    # ------------------------------------------------------------------------------------------------- scalars

    def _operand(self, term: Scalar, level: int) -> str:
        return _wrap(self._scalar(term), level)

    def _scalar(self, term: Scalar) -> _Shown:
        # Of proofs alone, so it is no construct of the language, and has no row in the table.
        if isinstance(term, Coupled):
            return self._cost(term.transport, self.couplings[term.transport], term.body), _BIG
        return RULES.of(term)(self, term)

    @staticmethod
    def _misplaced(term: HullDistance | Infimum | Supremum) -> _Shown:
        sides = {HullDistance: "left side of a Euclidean ≤", Supremum: "left side of a ≤"}
        place = sides.get(type(term), "right side of a ≤")
        alone = "alone" if isinstance(term, HullDistance) else "alone, or in a sum,"
        raise TermError(explain("statement for Coq", f"{term} {alone} as the {place}", "it elsewhere"))

    def _sum(self, terms: tuple[Scalar, ...]) -> str:
        text = self._operand(terms[0], _SUM)
        for term in terms[1:]:
            sign, magnitude = _split_sign(term)
            text = f"{text} {sign} {self._operand(magnitude, _PRODUCT)}"
        return text

    def _product(self, factors: tuple[Scalar, ...]) -> _Shown:
        if factors[0] == Constant(Fraction(-1)):
            return f"- {self._operand(Multiply.of(*factors[1:]), _APPLICATION)}", _NEGATION
        text = self._operand(factors[0], _APPLICATION if isinstance(factors[0], Multiply) else _POWER)
        for factor in factors[1:]:
            if isinstance(factor, Power) and factor.exponent == -1:
                text = f"{text} / {self._operand(factor.base, _POWER)}"
            else:
                text = f"{text} * {self._operand(factor, _POWER)}"
        return text, _PRODUCT

    def _power(self, base: Scalar, exponent: Fraction) -> _Shown:
        if exponent.denominator == 2:
            if self.scalars == "realFieldType":
                raise TermError(explain("power", "a whole exponent", f"{exponent}"))
            shown = f"Num.sqrt {self._operand(base, _ATOM)}", _APPLICATION
            exponent *= 2
        elif exponent.denominator == 1:
            shown = self._scalar(base)
        else:
            raise TermError(explain("power", "an exponent that is whole or half of a whole number", f"{exponent}"))
        if exponent < 0:
            shown = f"{_wrap(shown, _ATOM)}^-1", _APPLICATION
        if abs(exponent) == 1:
            return shown
        return f"{_wrap(shown, _APPLICATION)} ^+ {abs(exponent.numerator)}", _POWER

    def _choice(self, function: str, terms: tuple[Scalar, ...]) -> _Shown:
        first, *rest = terms
        if not rest:
            return self._scalar(first)
        other = _wrap(self._choice(function, tuple(rest)), _ATOM)
        return f"{function} {self._operand(first, _ATOM)} {other}", _APPLICATION

    def _reduce(self, kind: Reduction, index: Index, body: Scalar, weights: Weights | None) -> _Shown:
        inside = self._bind(index)
        match kind:
            case Reduction.MAX | Reduction.MIN:
                return self._extremum(kind, index, lambda here: here._scalar(body)), _BIG
            case Reduction.SUM:
                return f"{self._big_sum(index)} {_body(inside._scalar(body), _PRODUCT)}", _BIG
            case Reduction.MEAN if weights is not None:
                share = self._share(weights, index)
                return f"{self._big_sum(index)} {share} * {inside._operand(body, _POWER)}", _BIG
            case Reduction.MEAN:
                big = f"{self._big_sum(index)} {_body(inside._scalar(body), _PRODUCT)}"
                return f"{self._inverse_size(index)} * ({big})", _PRODUCT
            case Reduction.LOG_SUM_EXP:
                return f"ln (\\sum_({self._range(index)}) expR {inside._operand(body, _ATOM)})", _APPLICATION
            case _:
                raise TermError(explain("reduction", "a maximum, minimum, mean or sum", f"{kind.value}_{index} {body}"))

    def _extremum(self, kind: Reduction, index: Index, body: Callable[[_Printer], _Shown]) -> str:
        function = "Num.max" if kind is Reduction.MAX else "Num.min"
        seed = _wrap(body(replace(self, at={**self.at, index: self._first(index)})), _APPLICATION)
        shown = _body(body(self._bind(index)), _EXTREMUM_BODY)
        return f"\\big[{function}/{seed}]_({self._range(index)}) {shown}"

    def _size(self, index: Index) -> str:
        """Return the size of what an index runs over: one of its collections that is spoken of, all being equal."""
        return next(self.sizes[collection] for collection in index.collections if collection in self.sizes)

    def _bind(self, index: Index) -> _Printer:
        name = self.names[index]
        wide = type(index) is Index and isinstance(index.collections[0], Family)
        return replace(self, at={**self.at, index: f"(tag {name}) (tagged {name})" if wide else name})

    def _big_sum(self, index: Index) -> str:
        return f"\\sum_({self._range(index)})"

    def _inverse_size(self, index: Index) -> str:
        return f"{self._left(index)}^-1"

    def _share(self, weights: Weights, index: Index) -> str:
        name, i = self.names[weights], self.names[index]
        self._members(weights.collection)
        return f"({name} {i} / (\\sum_({i}' < {self._count(weights.collection.points)}) {name} {i}'))"

    # ------------------------------------------------------------------------------------------------- vectors

    def _norm(self, vector: Vector) -> _Shown:
        if not self.coordinates:
            return self._length(_wrap(self._vector(vector), _ATOM), vector.reached_by), _APPLICATION
        if self.space is Space.ANY_NORM:
            return f"N (\\row_(l < {self._dimension}) {_body(self._by('l', vector), _ATOM)})", _APPLICATION
        return self._p_norm(vector, None if self.space is Space.SUP_NORM else Fraction(2))

    def _by(self, coordinate: str, vector: Vector) -> _Shown:
        """Print a coordinate of a vector."""
        return replace(self, coordinate=coordinate)._vector(vector)

    def _p_norm(self, vector: Vector, p: Fraction | None) -> _Shown:
        if not self.coordinates:
            return self._length(_wrap(self._vector(vector), _ATOM), vector.reached_by), _APPLICATION
        coordinate, over = self._by("l", vector), f"(l < {self._dimension})"
        match p:
            case None:
                return f"\\big[Num.max/0]_{over} `|{coordinate[0]}|", _BIG
            case 1:
                return f"\\sum_{over} `|{coordinate[0]}|", _BIG
            case 2:
                return f"Num.sqrt (\\sum_{over} {_wrap(coordinate, _APPLICATION)} ^+ 2)", _APPLICATION
        raise TermError(explain("p of a norm, for Coq", "1, 2 or inf", f"{p}"))

    def _inner(self, u: Vector, v: Vector) -> _Shown:
        if self.coordinates:
            shown = (_wrap(self._by("l", one), _POWER) for one in (u, v))
            return f"\\sum_(l < {self._dimension}) {' * '.join(shown)}", _BIG
        shown = (_wrap(self._vector(one), _ATOM) for one in (u, v))
        return f"ip{self._prime(u.reached_by)} {' '.join(shown)}", _APPLICATION

    def _cosine(self, term: Cosine) -> _Shown:
        lengths = (_wrap(self._p_norm(one, Fraction(2)), _POWER) for one in (term.u, term.v))
        return f"{_wrap(self._inner(term.u, term.v), _PRODUCT)} / ({' * '.join(lengths)})", _PRODUCT

    def _applied(self, function: Function, argument: Scalar) -> _Shown:
        if function.coq is None:
            raise TermError(explain(f"function {function}", "a form for Coq", "none", "declare it with coq="))
        shown = function.coq.format(self._operand(argument, _ATOM))
        return shown, _ATOM if shown.startswith("`|") else _APPLICATION

    def _indicator(self, term: Indicator) -> _Shown:
        relation = "==" if term.relation is Relation.EQUAL else RELATIONS[term.relation]
        return (
            f"(if {self._operand(term.lhs, _SUM)} {relation} {self._operand(term.rhs, _SUM)} then 1 else 0 : R)",
            _ATOM,
        )

    def _coordinate(self, term: Coordinate) -> _Shown:
        return self._by(self.at[term.index], term.vector)

    def _whole_family(self, family: Family) -> str:
        return f"({self._all(family)})%:R"

    def _length(self, shown: str, space: Codomain | Map | None) -> str:
        """Print the norm of a printed vector of the embedding space, or of one that maps lead to."""
        prime = self._prime(space)
        return f"N{prime} {shown}" if self.space is Space.ANY_NORM else f"Num.sqrt (ip{prime} {shown} {shown})"

    def _vector(self, vector: Vector) -> _Shown:
        """Print a vector, or where there are coordinates its coordinate l, in which scaling is multiplication."""
        return RULES.of(vector)(self, vector)

    @property
    def _times(self) -> str:
        return "*" if self.coordinates else "*:"

    def _scale(self, term: Scale) -> _Shown:
        factor, inner = self._operand(term.factor, _POWER), _wrap(self._vector(term.vector), _APPLICATION)
        return f"{factor} {self._times} {inner}", _PRODUCT

    def _average(self, term: Average) -> _Shown:
        index, inside = term.index, self._bind(term.index)._vector(term.body)
        if term.weights is not None:
            shown = f"{self._share(term.weights, index)} {self._times} {_wrap(inside, _APPLICATION)}"
            return f"{self._big_sum(index)} {shown}", _BIG
        big = f"{self._big_sum(index)} {_body(inside, _PRODUCT)}"
        if term.kind is Reduction.SUM:
            return big, _BIG
        return f"{self._inverse_size(index)} {self._times} ({big})", _PRODUCT

    def _coordinate_wise(self, term: CoordinateWise) -> _Shown:
        if term.kind is Reduction.MEDIAN:
            return self._median(term.index, term.body), _PRODUCT
        return self._extremum(term.kind, term.index, lambda here: here._vector(term.body)), _BIG

    def _point(self, point: Point) -> str:
        return f"{self.names[point.collection]} {self.at[point.index]}{self._of_row}"

    def _member(self, member: Member) -> str:
        index = member.index
        return f"{self.names[member.family]} {self.at[index.within]} {self.at[index]}{self._of_row}"

    @property
    def _of_row(self) -> str:
        return f" 0 {self.coordinate}" if self.coordinates else ""

    def _combination(self, parts: tuple[tuple[Fraction, Vector], ...]) -> _Shown:
        text = ""
        for coefficient, vector in parts:
            size = abs(coefficient)
            shown = self._vector(vector)
            if size != 1:
                number = _wrap(_number(size), _POWER)
                shown = f"{number} {self._times} {_wrap(shown, _APPLICATION)}", _PRODUCT
            if text:
                text += f" {'-' if coefficient < 0 else '+'} {_wrap(shown, _PRODUCT)}"
            elif coefficient < 0:
                text = f"- {_wrap(shown, _APPLICATION)}"
            else:
                text = _wrap(shown, _PRODUCT)
        return (text, _SUM) if text else ("0", _ATOM)

    def _median(self, index: Index, body: Vector) -> str:
        """Print the mean of the two middle values, which are one and the same for an odd number."""
        i, size = self.names[index], self._size(index)
        if self._count(index) != f"{size}.+1" or index.apart:
            raise TermError(explain("median for Coq", "one over all points of a collection", index.described))
        values = f"[seq {self._bind(index)._vector(body)[0]} | {i} <- enum 'I_{size}.+1]"
        low, high = (f"nth 0 (sort <=%O {values}) {middle}" for middle in (f"{size}./2", f"({size}.+1)./2"))
        return f"({low} + {high}) / 2%:R"


#: How each relation is printed.
RELATIONS = {Relation.AT_MOST: "<=", Relation.LESS: "<", Relation.EQUAL: "="}

#: The hypotheses that each kind of premise is printed as, each with the name that a proof introduces it by.
PREMISES: Rules[Callable[[_Printer, Any], tuple[_Hypothesis, ...]]] = Rules(
    "the printer for Coq",
    Premise,
    {
        # Said by the collections' sharing one size.
        EqualSizes: lambda printer, premise: (),
        ForAll: _Printer._for_all,
        Below: _Printer._below,
        Lipschitz: _Printer._lipschitz,
    },
    fix="give the kind a rule in boundcheck.formal.coq.PREMISES",
)

#: How each kind of term is printed.
RULES: Rules[Callable[[_Printer, Any], _Shown]] = Rules(
    "the printer for Coq of terms",
    Term,
    {
        Constant: lambda printer, term: _number(term.value),
        Parameter: lambda printer, term: (printer.names[term], _ATOM),
        Size: lambda printer, term: (
            printer._whole_family(term.collection)
            if isinstance(term.collection, Family)
            else f"{printer._count(term.collection.points)}%:R",
            _ATOM,
        ),
        ClassSize: lambda printer, term: (f"{printer._count(term.family[term.index].points)}%:R", _ATOM),
        ClassCount: lambda printer, term: (f"{printer._classes(term.family)}%:R", _ATOM),
        Dimension: lambda printer, term: (f"{printer._dimension}%:R", _ATOM),
        Applied: lambda printer, term: printer._applied(term.function, term.argument),
        Inner: lambda printer, term: printer._inner(term.u, term.v),
        Cosine: lambda printer, term: printer._cosine(term),
        PNorm: lambda printer, term: printer._p_norm(term.vector, term.p),
        Indicator: lambda printer, term: printer._indicator(term),
        Coordinate: lambda printer, term: printer._coordinate(term),
        Add: lambda printer, term: (printer._sum(term.terms), _SUM),
        Multiply: lambda printer, term: printer._product(term.factors),
        Power: lambda printer, term: printer._power(term.base, term.exponent),
        Largest: lambda printer, term: printer._choice("Num.max", term.terms),
        Smallest: lambda printer, term: printer._choice("Num.min", term.terms),
        Norm: lambda printer, term: printer._norm(term.vector),
        Reduce: lambda printer, term: printer._reduce(term.kind, term.index, term.body, term.weights),
        # Alone on the right of a ≤ it is printed by _transport.
        Transport: lambda printer, term: (printer._cost(term, printer.couplings[term]), _BIG),
        # As the left side alone: what stands there is printed by _hulls.
        HullDistance: lambda printer, term: printer._misplaced(term),
        Infimum: lambda printer, term: printer._misplaced(term),
        Supremum: lambda printer, term: printer._misplaced(term),
        Variable: lambda printer, term: (
            printer.names[term] + printer._of_row,
            _APPLICATION if printer._of_row else _ATOM,
        ),
        Point: lambda printer, term: (printer._point(term), _APPLICATION),
        Member: lambda printer, term: (printer._member(term), _APPLICATION),
        Combination: lambda printer, term: printer._combination(term.parts),
        Scale: lambda printer, term: printer._scale(term),
        Average: lambda printer, term: printer._average(term),
        Image: lambda printer, term: (
            f"{printer.names[term.map]} {_wrap(printer._vector(term.vector), _ATOM)}",
            _APPLICATION,
        ),
        CoordinateWise: lambda printer, term: printer._coordinate_wise(term),
    },
    refused=dict.fromkeys((Drawn, Sign), "it prints no random choices")
    | {
        Coupling: "of couplings, it prints those of uniform weights whose costs are distances: W₁",
    },
    fix="give the kind a rule in boundcheck.formal.coq.RULES",
)
