"""A found proof as a Coq file: one stated fact for each instance of a rule, one link of the chain for each fact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from boundcheck.errors import TermError, explain
from boundcheck.formal.chains import rules
from boundcheck.formal.chains.normal import Normal, Polynomial, alike, canonical, free, renamed
from boundcheck.formal.chains.rules import Fact
from boundcheck.formal.chains.search import Case, Chain, Proof, Searched
from boundcheck.formal.coq import Statement, Within, at_every_vector, coq_name, coq_statement, prose
from boundcheck.language import (
    Applied,
    Average,
    Bound,
    Index,
    Largest,
    Norm,
    Reduce,
    Reduction,
    Relation,
    Scalar,
    Space,
    Vector,
    Weights,
)
from boundcheck.language.shapes import difference

__all__ = ["FOUND", "script"]

#: What the first line of a file that the search wrote says.
FOUND = "(** Found by boundcheck prove --search; written anew by it, so not to be edited."

_HEADER = """\
{found}

      {title}
      {reading}

{chain} *)

From mathcomp Require Import all_ssreflect all_algebra ring.
From Boundcheck Require Import Extrema {inner}Norms Chains.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

"""

_THEOREM = """\
{kind} {name} :
{statement}.
Proof.
{body}
Qed.
"""

# The same of any norm whose square is an inner product, over a field that need not have roots.
_OF_INNER = """
forall (ip : V -> V -> R),
(forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
(forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, N u ^+ 2 = ip u u) ->"""

_FROM_INNER = """\
move=> R V ip ip_sym ip_scale ip_add ip_ge0; have ipP := SemiInner ip_sym ip_scale ip_add ip_ge0.
pose N := fun u => Num.sqrt (ip u u).
exact: (core (N := N) (norm_triangle ipP) (norm_homogeneous ipP) ip_sym ip_scale ip_add (norm_sq ipP))."""


def script(searched: Searched, chain: str = "") -> str:
    """Return the Coq file of a found proof.

    Parameters
    ----------
    searched
        A search that found a proof.
    chain
        The chain as people read it, for the comment at the head.

    Raises
    ------
    TermError
        If the bound has no statement for Coq.
    """
    bound = searched.bound
    statement, name = coq_statement(bound), coq_name(bound.name)
    text = _HEADER.format(
        found=FOUND,
        title=prose(bound.title or bound.name),
        reading=prose(str(bound)),
        chain="\n".join(f"      {prose(line)}" for line in chain.splitlines()),
        inner="Inner " if bound.space is Space.EUCLIDEAN else "",
    )
    if bound.space is not Space.EUCLIDEAN:
        return text + _theorem("Theorem", name, statement, _body(statement.introductions, bound, searched.proof))
    if bound.maps():
        raise TermError(explain("bound", "one without maps, where there are inner products", f"{bound.name!r}"))
    of_norm = replace(bound, space=Space.ANY_NORM, chain=(), proof=None)
    core = coq_statement(of_norm)
    laws = "ip ip_sym ip_scale ip_add N_squared"
    before = len(["R", "V", "N", "normD", "normZ"])
    introductions = (*core.introductions[:before], *laws.split(), *core.introductions[before:])
    core = replace(core, structure=core.structure + _OF_INNER)
    text += _theorem("Lemma", "core", core, _body(introductions, of_norm, searched.proof))
    return f"{text}\n{_theorem('Theorem', name, statement, _FROM_INNER)}"


def _theorem(kind: str, name: str, statement: Statement, body: str) -> str:
    indented = "\n".join(f"  {line}" for line in str(statement).splitlines())
    return _THEOREM.format(kind=kind, name=name, statement=indented, body=body)


def _body(introductions: Sequence[str], bound: Bound, proofs: tuple[Proof, ...]) -> str:
    return "\n".join((f"move=> {' '.join(introductions)}.", *_Writer(bound).whole(proofs)))


class _Writer:
    """Writes the body of a proof."""

    def __init__(self, bound: Bound) -> None:
        self.bound, self.within, self.normal = bound, Within(bound), Normal(bound)
        self.names: dict[Fact, str] = {}
        self.written = self.taken = 0

    def whole(self, proofs: tuple[Proof, ...]) -> Iterator[str]:
        if self.bound.relation is Relation.EQUAL:
            yield "apply: le_anti; apply/andP; split."
        for proof in proofs:
            terms = (self.bound.lhs, self.bound.rhs)
            if (found := at_every_vector(self.bound.rhs)) is not None:
                terms = (self.bound.lhs, found[1])
            lines = list(self.begun(proof, terms))
            yield from _braced(lines) if len(proofs) > 1 else lines

    def begun(self, proof: Proof, terms: Iterable[Scalar], equation: str = "") -> Iterator[str]:
        """Write that a goal's normal form is enough, and prove that."""
        goal = proof.goal
        yield f"suff main : {self.said(goal.lhs)} <= {self.said(goal.rhs)}."
        yield f"  by apply: (link (c := 1) main); [positive|{equation}{self.equations(terms)}averaged]."
        yield from self.proof(proof)

    def proof(self, proof: Proof) -> Iterator[str]:
        known = dict(self.names)
        self.fixed = proof.goal.fixed
        yield from self.case(proof) if isinstance(proof, Case) else self.chain(proof)
        self.names = known

    def case(self, case: Case) -> Iterator[str]:
        atom = case.atom
        self.taken += 1
        equation = f"chosen{self.taken}"
        if case.index is not None and isinstance(atom, Reduce):
            lemma = "bigmax_attained" if atom.kind is Reduction.MAX else "bigmin_attained"
            name = self.within.name(case.index)
            yield f"have [{name} {equation}] := {lemma} ({self.function(case.index, case.values[0])})."
            yield from self.begun(case.parts[0], (), f"rewrite ?{equation}; ")
            return
        if isinstance(atom, Applied):
            lemma, shown = "abs_cases", [self.within.factor(case.values[0])]
        else:
            lemma = "max_cases" if isinstance(atom, Largest) else "min_cases"
            shown = [self.within.factor(value) for value in case.values]
        yield from self.cases(case, lemma, shown, 0, equation)

    def cases(self, case: Case, lemma: str, shown: list[str], place: int, name: str) -> Iterator[str]:
        last = place == len(case.parts) - 2
        rest = shown[place + 1 :]
        other = "" if lemma == "abs_cases" else f" {rest[0]}" if last else f" ({_nested(lemma, rest)})"
        yield f"have [{name}|{name}] := {lemma} {shown[place]}{other}."
        yield from _braced(list(self.begun(case.parts[place], (), f"rewrite ?{name}; ")))
        if last:
            yield from _braced(list(self.begun(case.parts[place + 1], (), f"rewrite ?{name}; ")))
        else:
            more = self.cases(case, lemma, shown, place + 1, f"{name}_")
            yield from _braced([f"rewrite {name}.", *more])

    def chain(self, chain: Chain) -> Iterator[str]:
        if not chain.links:
            yield "exact: lexx."
        for link in chain.links:
            yield from self.fact(link.fact)
        for place, link in enumerate(chain.links):
            factor = self.within.factor(link.factor.term())
            step = f"apply: (link (c := {factor}) {self.names[link.fact]}); [positive|equal]."
            if place < len(chain.links) - 1:
                yield f"apply: (@le_trans _ _ ({self.said(link.after)})); first by {step}"
            else:
                yield f"by {step}"

    # -------------------------------------------------------------------------------------------------------- facts

    def fact(self, fact: Fact) -> Iterator[str]:
        """Write what a fact is made of, and the fact, unless it stands already."""
        for one in dict.fromkeys(fact.sources()):
            if one in self.names:
                continue
            self.written += 1
            name = f"fact{self.written}"
            stated = f"{self.within.scalar(one.lhs)} <= {self.within.scalar(one.rhs)}"
            indices = self.quantified(one)
            over = f"forall {' '.join(map(self.within.binder, indices))}, " if indices else ""
            yield f"have {name} : {over}{stated}. (* {prose(one.rule.says)} *)"
            introduced = f"move=> {' '.join(map(self.within.name, indices))}; " if indices else ""
            yield f"  by {introduced}{self.reason(one)}."
            self.names[one] = name

    def quantified(self, fact: Fact) -> list[Index]:
        fixed = set(self.fixed)
        return sorted((free(fact.lhs) | free(fact.rhs)) - fixed, key=lambda index: index.symbol)

    fixed: tuple[Index, ...] = ()

    def applied(self, fact: Fact, known: Iterable[Index]) -> str:
        """Write a fact at indices that are known; where one is not, at the first."""
        names = [self.within.name(index) if index in known else "ord0" for index in self.quantified(fact)]
        return f"({' '.join((self.names[fact], *names))})" if names else self.names[fact]

    def reason(self, fact: Fact) -> str:
        how, within = fact.how, self.within
        known = set(self.quantified(fact))
        match fact.rule:
            case rules.PREMISE:
                part, chosen = how
                (hypothesis,) = within.hypotheses[part]
                at = " ".join((hypothesis, *map(within.name, chosen)))
                indices = dict(zip(part.indices, chosen, strict=True))
                turned = self.equations(rules.at_indices(term, indices) for term in part.terms())
                return f"apply: (link (c := 1) ({at})); [positive|{turned}averaged]"
            case rules.TRIANGLE:
                a, via, b, flips = how
                return f"exact: (triangle {self.laws(a)} {_flags(flips)} {self.vectors(via, a, b)})"
            case rules.SHORT:
                a, b, flip = how
                return f"exact: (length_triangle {self.laws(a)} {_flags((flip,))} {self.vectors(a, b)})"
            case rules.APART:
                a, b, flip = how
                return f"exact: (apart_lengths {self.laws(a)} {_flags((flip,))} {self.vectors(a, b)})"
            case rules.NONNEGATIVE:
                (norm,) = [node for node in (fact.rhs,) if isinstance(node, Norm)]
                return f"exact: (norm_ge0 {self.laws(norm.vector)} {within.vector(norm.vector)})"
            case rules.NORM_OF_MEAN:
                index, body, other, flips, _ = how
                if other is None:
                    return f"exact: (norm_mean {self.laws(body)} ({self.function(index, body)}))"
                lemma = f"norm_mean_to {self.laws(body)} {_flags(flips)}"
                return f"exact: ({lemma} ({self.function(index, body)}) {within.vector(other)})"
            case rules.NORM_OF_SHARES:
                index, body, other, flips, weights = how
                a = within.name(weights)
                lemma = f"norm_share_to {self.laws(body)} {a}_ge0 {a}_gt0 {_flags(flips)}"
                return f"exact: ({lemma} ({self.function(index, body)}) {within.vector(other)})"
            case rules.NORM_OF_MEANS:
                index, body, second, last, flips = how
                functions = f"({self.function(index, body)}) ({self.function(second, last)})"
                return f"exact: (norm_means {self.laws(body)} {_flags(flips)} {functions})"
            case rules.NORM_OF_PAIRS:
                index, body, last, flips = how
                functions = f"({self.function(index, body)}) ({self.function(index, last)})"
                return f"exact: (norm_pairs {self.laws(body)} {_flags(flips)} {functions})"
            case rules.LIPSCHITZ:
                part, *rest = how
                nonnegative, lipschitz = within.hypotheses[part]
                if not rest:
                    return f"exact: {nonnegative}"
                u, v, flips = rest
                laws = f"normZ{within.prime(u)} normZ{within.prime(part.map(u))}"
                return f"exact: (lipschitz_turned {laws} {lipschitz} {_flags(flips)} {self.vectors(u, v)})"
            case rules.AT_MOST_LARGEST | rules.AT_LEAST_SMALLEST:
                return self.member(fact)
            case rules.ABSOLUTE_VALUE:
                argument, sign = how
                lemma = "ler_norm" if sign > 0 else "abs_ge_opp"
                return f"apply: (link (c := 1) ({lemma} {within.factor(argument)})); [positive|equal]"
            case rules.AVERAGE:
                index, weights = how
                inner = f"fun {within.binder(index)[1:-1]} => {self.applied(fact.parents[0], known | {index})}"
                swaps = "".join(f"{step}; " for step in self.swaps(fact.parents[0].gap, index, weights))
                lemma = "mean_mono"
                if weights is not None:
                    a = within.name(weights)
                    lemma = f"le_share {a}_ge0 {a}_gt0"
                closing = f"distributed; {swaps}equal" if swaps else "averaged"
                return f"apply: (link (c := 1) ({lemma} ({inner}))); [positive|{closing}]"
            case rules.COUPLING:
                (coupling,) = how
                name = within.coupling(coupling)
                two = coupling.a.points, coupling.b.points
                inner = f"fun {' '.join(map(within.binder, two))} => {self.applied(fact.parents[0], known | set(two))}"
                lemma = f"le_coupled {name}_ge0 ({inner})"
                marginals = f"coupled_rows {name}_rows, coupled_columns {name}_columns, coupled_const {name}_rows"
                closing = f"cbv beta; rewrite ?(coupled_laws, {marginals}) //; equal"
                return f"apply: (link (c := 1) ({lemma})); [positive|{closing}]"
            case rules.NORM_OF_COUPLING:
                coupling, body, last, flips = how
                name = within.coupling(coupling)
                functions = f"({self.function(coupling.a.points, body)}) ({self.function(coupling.b.points, last)})"
                laws = f"{self.laws(body)} {name}_ge0 {name}_rows {name}_columns"
                return f"exact: (norm_coupled {laws} {_flags(flips)} {functions})"
            case rules.SQUARE:
                vectors, sign = [one for one in how if isinstance(one, Vector)], how[-1]
                laws = "ip_sym ip_scale ip_add"
                squared = f"dist_squared {laws} N_squared" if sign == -1 else "sum_squared ip_sym ip_add N_squared"
                squared = "N_squared" if len(vectors) == 1 else squared
                means = f"ip_means {laws}, ip_meanl ip_scale ip_add, ip_meanr {laws}"
                return f"apply: le_of_eq; rewrite ({squared} {self.vectors(*vectors)}) ?({means}); equal"
            case rules.SQUARE_AT_LEAST_0:
                return "exact: square_ge0"
            case rules.SQUARED:
                (atom,) = how
                low = (
                    f"(norm_ge0 {self.laws(atom.vector)} {within.vector(atom.vector)})"
                    if isinstance(atom, Norm)
                    else ""
                )
                if not low:
                    low = self.applied(fact.parents[1], known)
                    if isinstance(fact.parents[1].lhs, Norm):
                        vector = fact.parents[1].lhs.vector
                        low = f"(le_trans (norm_ge0 {self.laws(vector)} {within.vector(vector)}) {low})"
                parent = self.applied(fact.parents[0], known)
                return (
                    f"apply: (link (c := 1) (le_squared (a := {within.factor(atom)}) {low} {parent})); [positive|equal]"
                )
            case rules.PRODUCT:
                one, other = (self.applied(parent, known) for parent in fact.parents)
                return f"apply: (product_link {one} {other}); equal"
            case rules.AT_MOST_BOTH | rules.AT_LEAST_BOTH:
                atom, side = how
                lemma = "le_min" if fact.rule is rules.AT_MOST_BOTH else "max_le"
                said = within.scalar(side.term())
                sides = [(said, within.scalar(term)) for term in atom.terms]
                if lemma == "max_le":
                    sides = [side_[::-1] for side_ in sides]
                parents = [self.applied(parent, known) for parent in fact.parents]
                shown = "; ".join(
                    f"(have {name} : {low} <= {high} by (apply: (link (c := 1) {parent}); [positive|equal]))"
                    for name, (low, high), parent in zip(("one", "other"), sides, parents, strict=True)
                )
                last = f"apply: (link (c := 1) ({lemma} one other)); [positive|equal]"
                return f"{shown}; first [exact: ({lemma} one other) | {last}]"
            case rules.SMALLEST | rules.LARGEST:
                return self.attained(fact, known)
        raise AssertionError(fact.rule)

    def swaps(self, body: Polynomial, index: Index, weights: Weights | None) -> Iterator[str]:
        """Yield what brings the mean over an index inside means that are over letters before it."""
        for atom in body.atoms():
            if isinstance(atom, Reduce) and atom.kind is Reduction.MEAN and index in free(atom):
                if atom.index.symbol > index.symbol or (
                    isinstance(atom.body, Reduce) and atom.body.kind is Reduction.MEAN
                ):
                    continue
                before = self.within.factor(Reduce(Reduction.MEAN, index, atom, weights))
                inside = Reduce(Reduction.MEAN, index, atom.body, weights)
                after = self.within.factor(Reduce(Reduction.MEAN, atom.index, inside, atom.weights))
                if weights is None and atom.weights is None:
                    # What is the same for every index of the outer mean has been moved outside, the number of points too.
                    sums = (
                        Reduce(Reduction.SUM, one, Reduce(Reduction.SUM, two, atom.body))
                        for one, two in ((index, atom.index), (atom.index, index))
                    )
                    before, after = map(self.within.factor, sums)
                    yield f"(rewrite (_ : {before} = {after}); last by rewrite exchange_big)"
                    continue
                binders = " ".join(map(self.within.binder, (index, atom.index)))
                names = "".join(f" {self.within.name(one)}" for one in (weights, atom.weights) if one is not None)
                lemma = f"{_average(weights)}_{_average(atom.weights)}_swap{names}"
                function = f"(fun {binders} => {self.within.scalar(atom.body)})"
                yield f"(rewrite (_ : {before} = {after}); last by (exact: ({lemma} {function})))"

    def member(self, fact: Fact) -> str:
        how = fact.how
        least = fact.rule is rules.AT_LEAST_SMALLEST
        if isinstance(how[0], int):
            return f"rewrite {'?le_minl' if least else '?le_maxr'} lexx ?orbT"
        atom, chosen = how
        steps, lemma = [], "bigmin_le" if least else "le_bigmax"
        body: Scalar = atom
        for index in chosen:
            assert isinstance(body, Reduce)
            steps.append(f"({lemma} ({self.function(body.index, body.body)}) {self.within.name(index)})")
            body = renamed(body.body, {body.index: index})
        if not least:
            steps.reverse()
        whole = steps[-1]
        for step in reversed(steps[:-1]):
            whole = f"(le_trans {step} {whole})"
        return f"exact: {whole}"

    def attained(self, fact: Fact, known: set[Index]) -> str:
        kind, index, varying, others = fact.how
        least = kind is Reduction.MIN
        name = self.within.name(index)
        lemma, member = ("bigmin_attained", "bigmin_le") if least else ("bigmax_attained", "le_bigmax")
        parent = self.applied(fact.parents[0], known | {index})
        start = f"have [{name} attained] := {lemma} ({self.function(index, varying)}); "
        end = "rewrite ?attained; equal"
        if not others:
            return f"{start}apply: (link (c := 1) {parent}); [positive|{end}]"
        more = [f"({member} ({self.function(index, one)}) {name})" for one, _, _ in others]
        factors = " ".join(
            f"(c{place or ''} := {self.within.factor(factor.term())})" for place, (_, _, factor) in enumerate(others)
        )
        positive = "|".join("positive" for _ in others)
        lemma = f"link{len(others) + 1}"
        return f"{start}apply: ({lemma} {factors} {parent} {' '.join(more)}); [{positive}|{end}]"

    # ------------------------------------------------------------------------------------------------------- terms

    def said(self, polynomial: Polynomial) -> str:
        return self.within.scalar(polynomial.term())

    def function(self, index: Index, body: Scalar | Vector) -> str:
        shown = self.within.vector(body) if isinstance(body, Vector) else self.within.scalar(body)
        return f"fun {self.within.binder(index)[1:-1]} => {shown}"

    def vectors(self, *vectors: Vector) -> str:
        return " ".join(map(self.within.vector, vectors))

    def laws(self, vector: Vector) -> str:
        prime = self.within.prime(vector)
        return f"normD{prime} normZ{prime}"

    def equations(self, terms: Iterable[Scalar]) -> str:
        """Write, as rewriting steps, what of some terms is written otherwise in its normal form."""
        found: dict[str, None] = {}
        for term in terms:
            for step in self.steps(term):
                found[step] = None
        return "".join(f"{step}; " for step in found)

    def steps(self, term: Scalar) -> Iterator[str]:
        """Yield what rewrites the outermost parts of a term that are not in their normal form, where it is no arithmetic."""
        if isinstance(term, (Norm, Reduce)):
            normal = self.normal.term(term)
            before, after = self.within.factor(term), self.within.factor(normal)
            if before != after and not alike(term, normal):
                yield f"(rewrite (_ : {before} = {after}); last by ({self.equation(term)}))"
            return
        for part in term.children:
            if isinstance(part, Scalar):
                yield from self.steps(part)

    def equation(self, term: Norm | Reduce) -> str:
        """Write the proof that a norm or a reduction equals its normal form."""
        if isinstance(term, Norm):
            pair = difference(term.vector)
            if pair is None:
                return "by []"
            a, b = pair if term.vector == pair[0] - pair[1] else pair[::-1]
            if isinstance(a, Average) and isinstance(b, Average) and a.kind is b.kind is Reduction.SUM:
                flip = canonical(Norm(_mean_of(a) - _mean_of(b))).vector != _mean_of(a) - _mean_of(b)
                functions = f"({self.function(a.index, a.body)}) ({self.function(b.index, b.body)})"
                law = f"normZ{self.within.prime(term.vector)}"
                return f"exact: (norm_sums {law} {_flags((False, flip))} {functions})"
            return f"exact: (norm_turned normZ{self.within.prime(term.vector)} {self.vectors(a, b)})"
        index, raw = term.index, term.body
        normal = self.normal.term(term)
        if isinstance(normal, Reduce) and normal.kind is term.kind and normal.index != index:
            # The letter that its place gives the index may turn a difference inside.
            index, raw = normal.index, rules.at_indices(term.body, {term.index: normal.index})
        name = self.within.name(index)
        body = self.normal.term(raw)
        function = self.function(index, body)
        inner = "".join(f"{step}; " for step in self.steps(raw))
        lemma = {Reduction.MAX: "eq_max", Reduction.MIN: "eq_min", Reduction.SUM: "eq_sum"}.get(term.kind, "eq_mean")
        if term.weights is not None:
            lemma = "eq_share"
        closing = f"rewrite (sum_mean ({function})); averaged" if term.kind is Reduction.SUM else "averaged"
        if term.kind is Reduction.MEAN:
            swaps = "".join(f"{step}; " for step in self.swaps(self.normal.of(raw), index, term.weights))
            closing = f"distributed; {swaps}equal" if swaps else closing
        before = f"(F := {self.function(index, raw)}) (G := {function})"
        return f"rewrite ({lemma} {before}); [{closing}|by move=> {name}; {inner}averaged]"


def _average(weights: Weights | None) -> str:
    return "mean" if weights is None else "share"


def _mean_of(total: Average) -> Vector:
    mean: Vector = canonical(Average(Reduction.MEAN, total.index, total.body))
    return mean


def _flags(flips: Iterable[bool]) -> str:
    return " ".join("true" if flip else "false" for flip in flips)


def _nested(lemma: str, shown: list[str]) -> str:
    function = "Num.max" if lemma == "max_cases" else "Num.min"
    return shown[0] if len(shown) == 1 else f"{function} {shown[0]} ({_nested(lemma, shown[1:])})"


def _braced(lines: list[str]) -> Iterator[str]:
    if lines:
        yield f"{{ {lines[0]}"
        yield from (f"  {line}" for line in lines[1:-1])
        yield f"  {lines[-1]} }}" if len(lines) > 1 else "}"
