r"""A counterexample as a Coq file: the negation of what was refuted, as :mod:`boundcheck.formal.coq` prints it, proved.

The file needs Coq and mathcomp alone. Its first part, the same in every file, is a small calculator: numbers of an
ordered field R are enclosed between two binary rationals, and whatever a printed statement may say of numbers has a
lemma that encloses it: sums, products, maxima, roots. What is rational is enclosed exactly; a root that is not, in
128 binary digits. The second part gives the statement a space and the counterexample, and lets Coq compute that every
premise holds and the conclusion does not.

==============================  ====================================================================================
the counterexample              the space
==============================  ====================================================================================
p = 1, p = ∞                    rows over any ordered field, with that norm
on a line                       rows of one number, whatever p is: every p-norm is the absolute value there
p = 2                           rows over any field with roots
p = 2, a statement of any norm  rows over Coq's real numbers, which are such a field: the theorem then rests on their
                                axioms, those of :data:`boundcheck.formal.prover.AXIOMS` for ``Reals``
another p                       none: the library has no triangle inequality for it
==============================  ====================================================================================

A parameter that a premise determines is given its least value where that is known exactly, and else a number a little
above it: then premises hold with room, as what is enclosed must.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from importlib import resources
from typing import TypeAlias

from boundcheck.errors import InvalidValueError, explain
from boundcheck.formal.calculator import DIGITS, Calculator, undecided
from boundcheck.formal.coq import _Printer, coq_name, coq_statement, prose
from boundcheck.language import (
    Below,
    Bound,
    Collection,
    EqualSizes,
    ForAll,
    HullDistance,
    Lipschitz,
    Parameter,
    Premise,
    Relation,
    Rules,
    Space,
    Transport,
    Weights,
)

__all__ = ["BASE", "OVER_THE_REALS", "Refutation", "refutation"]

#: The part that every file starts with, as the package holds it: ``calculator.v``.
BASE = resources.files("boundcheck.formal").joinpath("calculator.v").read_text(encoding="utf-8")

#: What follows it where the theorem is about Coq's real numbers.
OVER_THE_REALS = """\
From mathcomp Require Import Rstruct.

(** Coq's real numbers are a field with roots. *)
Lemma some_field_with_roots : exists R : rcfType, True.
Proof. by exists [rcfType of Rdefinitions.R]. Qed.
"""

# How far above its least value a parameter may be put, coarsest first, in binary digits after the point.
_ABOVE = (4, 10, 20, 40, 60, 80, 100)

Given: TypeAlias = Mapping[str, Fraction | float]


@dataclass(frozen=True)
class Refutation:
    """A statement's negation and its proof.

    Attributes
    ----------
    name
        Of the theorem.
    theorem
        In Coq, after :data:`BASE`, and :data:`OVER_THE_REALS` where it is about those.
    parameters
        What the statement's parameters are there.
    reals
        Whether it is proved over Coq's real numbers, and so rests on their axioms.
    """

    name: str
    theorem: str
    parameters: Mapping[str, Fraction] = field(default_factory=dict)
    reals: bool = False

    def __str__(self) -> str:
        reals = f"\n{OVER_THE_REALS}" if self.reals else ""
        return f"{BASE}{reals}\n{self.theorem}\nPrint Assumptions {self.name}.\n"


#: How each kind of premise is shown to hold at a counterexample.
PREMISES: Rules[str] = Rules(
    "the proof of a counterexample",
    Premise,
    {EqualSizes: "the sizes of its points", ForAll: "enclosures of both sides, at all points"},
    refused={
        Below: "enclosures of both sides are held against one another for ≤ alone",
        Lipschitz: "it says something of all vectors, and values at a few show it of none of the others",
    },
)


def refutation(
    bound: Bound,
    norm: float,
    points: Mapping[str, Sequence[Sequence[Fraction | float]]],
    *,
    weights: Mapping[str, Sequence[Fraction | float]] | None = None,
    given: Given | None = None,
) -> Refutation:
    """Return the proof in Coq that a counterexample refutes a bound.

    Parameters
    ----------
    bound
        The statement.
    norm
        The p of the p-norm.
    points
        By symbol, the points of each collection, taken as the exact numbers they are.
    weights
        By symbol, ratios.
    given
        By symbol, parameters that are not the least which the premises allow.

    Raises
    ------
    TermError
        If Coq cannot read the statement.
    InvalidValueError
        If there is no proof of this kind, or the counterexample is none: the message says which.
    """
    if bound.maps():
        named_maps = ", ".join(map(str, bound.maps()))
        raise InvalidValueError(
            explain("bound", "one without maps, for a proof in Coq by computation", f"one that speaks of {named_maps}")
        )
    PREMISES.require(bound.premises)
    statement = coq_statement(bound)
    if statement.beyond:
        raise InvalidValueError(
            explain("bound", "one that Coq can compute at a counterexample", f"one that speaks of {statement.beyond}")
        )
    printer = _Printer.of(bound)
    exact = {key: [_exact(row, "points") for row in rows] for key, rows in points.items()}
    shares = {key: _exact(ratios, "weights") for key, ratios in (weights or {}).items()}
    fixed = dict(zip(given or {}, _exact((given or {}).values(), "given"), strict=True))
    for kind, wanted, named in (
        ("points", printer.sizes, exact),
        ("weights", bound.weights(), shares),
    ):
        for one in wanted:
            if one.symbol not in named:
                raise InvalidValueError(explain(kind, f"those of {one.symbol!r}", ", ".join(named) or "none"))
    bound.require_norm(norm)
    _require_shapes(bound, exact, shares)
    dimension = len(next(iter(exact.values()))[0]) if exact else 1
    if bound.space is Space.ANY_NORM and dimension > 1 and norm not in (1, 2, math.inf):
        raise InvalidValueError(
            explain(
                "norm",
                "p = 1, 2 or ∞, or points on a line, for a proof in Coq",
                f"p = {norm:g} in {dimension} dimensions",
                "the library has no triangle inequality for that norm",
            )
        )
    reader = Calculator(bound, norm, dimension, exact, shares)
    found = _parameters(reader, fixed)
    return _written(bound, reader.with_parameters(found), statement.negation, statement.introductions)


def _exact(numbers: Iterable[Fraction | float], name: str) -> list[Fraction]:
    try:
        return [Fraction(one) for one in numbers]
    except (OverflowError, ValueError) as cause:
        raise InvalidValueError(explain(name, "finite numbers", f"{cause}")) from cause


def _require_shapes(
    bound: Bound, points: Mapping[str, Sequence[Sequence[Fraction]]], weights: Mapping[str, Sequence[Fraction]]
) -> None:
    """Refuse points and weights that the statement says nothing of: Coq would be given others in their place."""
    shapes = {symbol: sorted({len(row) for row in rows}) for symbol, rows in points.items()}
    if len({tuple(lengths) for lengths in shapes.values()}) > 1 or any(
        len(lengths) != 1 or not lengths[0] for lengths in shapes.values()
    ):
        raise InvalidValueError(explain("points", "one at least in each collection, of one dimension", f"{shapes}"))
    for group in bound.equal_sizes:
        sizes = {one.symbol: len(points[one.symbol]) for one in group if one.symbol in points}
        if len(set(sizes.values())) > 1:
            shown = " = ".join(one.size for one in group)
            raise InvalidValueError(explain("points", f"equally many, {shown}", f"{sizes}"))
    for one in bound.weights():
        if len(weights[one.symbol]) != len(points.get(one.collection.symbol, weights[one.symbol])):
            got = f"{len(weights[one.symbol])} of {one.symbol} for {len(points[one.collection.symbol])} points"
            raise InvalidValueError(explain("weights", f"one for each point of {one.collection}", got))


def _parameters(reader: Calculator, fixed: Mapping[str, Fraction]) -> dict[Parameter, Fraction]:
    """Return values under which every premise surely holds and the conclusion surely fails."""
    why = ""
    for digits in _ABOVE:
        found: dict[Parameter, Fraction] = {}
        for parameter in reader.bound.parameters():
            if parameter.symbol in fixed:
                found[parameter] = fixed[parameter.symbol]
        for premise in reader.bound.quantified:
            if premise.parameter is None or premise.parameter.symbol in fixed:
                continue
            least = reader.with_parameters(found).scalar(premise.least)
            if least is None:
                raise undecided(f"premise {premise.name} has no enclosure of {DIGITS} binary digits")
            low, high = least
            value = high if low == high else Fraction(math.ceil(high * 2**digits), 2**digits)
            found[premise.parameter] = max(value, found.get(premise.parameter, value))
        missing = [str(parameter) for parameter in reader.bound.parameters() if parameter not in found]
        if missing:
            raise InvalidValueError(explain("given", f"a value of {', '.join(missing)}", ", ".join(fixed) or "none"))
        why = reader.with_parameters(found).objection()
        if not why:
            return found
    raise undecided(why)


# -------------------------------------------------------------------------------------------------------- the printing


def _written(bound: Bound, reader: Calculator, negation: str, introductions: Sequence[str]) -> Refutation:
    """Print the negation and its proof; whether Coq accepts that is for Coq to say."""
    printer = _Printer.of(bound)
    name = f"{coq_name(bound.name)}_false"
    d = reader.dimension
    roots = "rcfType" in negation.partition("\n")[0]
    reals = bound.space is Space.ANY_NORM and not roots and reader.length == "norm_2"
    lines = []
    if roots:
        lines.append("move=> R.")
    elif reals:
        lines.append("have [R _] := some_field_with_roots.")
    else:
        lines.append("have [R _] := some_field.")
    space = [] if roots else ["R"]
    if printer.coordinates:
        space.append(f"{d - 1}%N")
    elif bound.space is Space.EUCLIDEAN:
        space += ["_", *(f"(@{law} R {d})" for law in ("dot", "dotC", "dotZ", "dotD", "dot_ge0"))]
    else:
        space += ["_", *(f"(@{reader.length}{law} R {d})" for law in ("", "D", "Z"))]
    lines.append(f"move=> /(_ {' '.join(space)}).")
    sizes: dict[str, int] = {}
    for collection, size in printer.sizes.items():
        sizes.setdefault(size, len(reader.points[collection.symbol]))
    lines += [f"move=> /(_ {count - 1}%N)." for count in sizes.values()]
    for thing in printer.names:
        match thing:
            case Collection() if thing in printer.sizes:
                rows = reader.points[thing.symbol]
                lines.append(f"move=> /(_ (@points R {d} {_table(rows)} {len(rows)})).")
            case Weights():
                ratios = reader.weights[thing.symbol]
                lines.append(f"move=> /(_ (@values R {_sequence(ratios)} {len(ratios)})).")
            case Parameter():
                lines.append(f"move=> /(_ (Q2R R {_rational(reader.parameters[thing])})).")
    late = "tt"
    if isinstance(bound.rhs, Transport) and bound.relation is Relation.AT_MOST:
        n, p = (len(reader.points[one.symbol]) for one in (bound.rhs.a, bound.rhs.b))
        late = f"(@table R {_table(reader.coupling(bound.rhs))} {n} {p})"
    elif isinstance(bound.lhs, HullDistance):
        late = f"(vector R {d} {_sequence(reader.direction(bound.lhs))})"
    lines.append(f"refute {late}.")
    proof = "\n".join(
        textwrap.fill(line, 118, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
        for line in lines
    )
    statement = textwrap.indent(negation, "  ")
    return Refutation(
        name=name,
        theorem=f"(** Not: {prose(str(bound))} *)\nTheorem {name} :\n{statement}.\nProof.\n{proof}\nQed.\n",
        parameters={parameter.symbol: value for parameter, value in reader.parameters.items()},
        reals=reals,
    )


def _rational(value: Fraction) -> str:
    above = f"({value.numerator})" if value < 0 else f"{value.numerator}"
    return f"(Qmake {above} {value.denominator})"


def _sequence(values: Sequence[Fraction]) -> str:
    return f"[:: {'; '.join(map(_rational, values))}]"


def _table(rows: Sequence[Sequence[Fraction]]) -> str:
    return f"[:: {'; '.join(map(_sequence, rows))}]"
