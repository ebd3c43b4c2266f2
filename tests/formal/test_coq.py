"""The Coq printer: what it prints, what it refuses, and that its meaning is that of the other readers."""

import re
from fractions import Fraction
from math import inf

import pytest

from boundcheck import theorems
from boundcheck.errors import TermError
from boundcheck.formal import compiler
from boundcheck.formal.coq import coq_name, coq_statement
from boundcheck.formal.inquiry import with_analysis
from boundcheck.formal.prover import claims, statements
from boundcheck.formal.sources import Source, without_comments
from boundcheck.language import (
    Bound,
    Collection,
    Constant,
    Dimension,
    EqualSizes,
    ForAll,
    Function,
    HullDistance,
    L,
    Map,
    Parameter,
    Premise,
    Size,
    Space,
    Transport,
    Weights,
    absolute,
    another,
    at,
    classes,
    coordinate_index,
    coordinate_maximum,
    coordinate_median,
    cos,
    distance,
    distinct,
    equals,
    exp,
    for_all,
    g,
    i,
    indicator,
    inner,
    j,
    k,
    largest,
    lipschitz,
    log,
    logsumexp,
    m,
    maximum,
    mean,
    minimum,
    norm,
    signs,
    smallest,
    softplus,
    total,
    w,
    x,
    z,
)


def printed(lhs, rhs=0, **options):
    return coq_statement(Bound("b", lhs=lhs, rhs=rhs, **options))


NAMES = [
    "check",
    "1.99",
    "2",
    "",
    "-",
    "_",
    "__a",
    "forall",
    "Prop",
    "is",
    "of",
    "have",
    "Axiom",
    "α·β",
    "ⅷ",
    "x²",
    "a'b",
    "名",
]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_makes_an_identifier(name):
    assert re.fullmatch(r"[A-Za-z]\w*", coq_name(name), re.ASCII)


@pytest.mark.coq
def test_coq_takes_any_name(tmp_path):
    names = dict.fromkeys(map(coq_name, NAMES))
    text = "From Coq Require Import ssreflect ssrbool Program.\n" + "".join(
        f"Module In_{name}. Theorem {name} : True. exact I. Qed. Definition stmt_{name} := {name}. End In_{name}.\n"
        for name in names
    )
    workshop = compiler.Workshop(tmp_path, "8")
    assert workshop.build({"A": Source("A", text)}, 1)["A"].message == ""


def test_names_that_spell_alike_are_told_apart():
    bounds = [Bound(name, lhs=m, rhs=largest(m, 1), proof="A.a") for name in ("a-b", "a_b", 'a*b *) Axiom "')]
    text = statements(claims(bounds))
    stated = re.findall(r"^Definition (\w+)", text, re.MULTILINE)
    assert len(set(stated)) == len(stated) == 6
    assert not re.search(r"\bAxiom\b", without_comments(text))


def test_theorem_k():
    assert str(coq_statement(theorems.K)) == (
        "forall (R : realFieldType) (V : lmodType R) (N : V -> R),\n"
        "(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->\n"
        "forall (n : nat) (x z w : 'I_n.+1 -> V) (m : R),\n"
        "(forall (i j k : 'I_n.+1), N (x i - z j) - N (x i - w k) <= m) ->\n"
        "N (n.+1%:R^-1 *: (\\sum_(i < n.+1) x i) - n.+1%:R^-1 *: (\\sum_(j < n.+1) z j))\n"
        "<= 2%:R * Num.max m (\\big[Num.max/(\\big[Num.max/N (x ord0 - w ord0)]_(k < n.+1) N (x ord0 - w k))]_(i < n.+1)\n"
        "  \\big[Num.max/N (x i - w ord0)]_(k < n.+1) N (x i - w k))"
    )


@pytest.mark.parametrize("name", theorems.every())
def test_every_known_statement_can_be_printed(name):
    statement = coq_statement(theorems.get(name))
    assert str(statement).count("(") == str(statement).count(")")
    assert all(len(line) < 120 for line in str(statement).splitlines())


@pytest.mark.parametrize(
    ("term", "text"),
    [
        (m + 1, "m + 1"),
        (m - 2, "m - 2%:R"),
        (-m, "- m"),
        (-m * (2 * m + 1), "- (m * (2%:R * m + 1))"),
        (1 - m * m, "1 - m * m"),
        (Constant(Fraction(-3, 4)) * m, "(- (3%:R / 4%:R)) * m"),
        (1.99 * m, "(199%:R / 100%:R) * m"),
        (m / (m + 1), "m / (m + 1)"),
        (1 / m, "m^-1"),
        ((m + 1) ** 2, "(m + 1) ^+ 2"),
        (m**-2, "m^-1 ^+ 2"),
        (m**0.5, "Num.sqrt m"),
        (m**1.5, "Num.sqrt m ^+ 3"),
        (largest(m, 1, 2), "Num.max m (Num.max 1 2%:R)"),
        (smallest(m, 0), "Num.min m 0"),
        (largest(m), "m"),
        (Size(x) * m, "n.+1%:R * m"),
        (mean(i, norm(x[i])), "n.+1%:R^-1 * (\\sum_(i < n.+1) N (x i))"),
        (total(i, norm(x[i])) + m, "(\\sum_(i < n.+1) N (x i)) + m"),
        (total(i, norm(x[i]) + m), "(\\sum_(i < n.+1) (N (x i) + m))"),
        (maximum(i, norm(x[i]) + m), "(\\big[Num.max/(N (x ord0) + m)]_(i < n.+1) (N (x i) + m))"),
        (
            mean(i, norm(x[i]), weights=Weights("a", x)),
            "(\\sum_(i < n.+1) (a i / (\\sum_(i' < n.+1) a i')) * N (x i))",
        ),
        (norm(-total(x)), "N (- (\\sum_(i < n.+1) x i))"),
        (norm(m * total(x) - 2 * total(x)), "N (m *: (\\sum_(i < n.+1) x i) - 2%:R *: (\\sum_(i < n.+1) x i))"),
        (
            maximum((i, j), norm(2 * x[i] - z[j] / 3)),
            "(\\big[Num.max/(\\big[Num.max/N (2%:R *: x ord0 - (1 / 3%:R) *: z ord0)]_(j < p.+1) "
            "N (2%:R *: x ord0 - (1 / 3%:R) *: z j))]_(i < n.+1) \\big[Num.max/N (2%:R *: x i - (1 / 3%:R) *: z ord0)]_(j < p.+1) "
            "N (2%:R *: x i - (1 / 3%:R) *: z j))",
        ),
    ],
)
def test_terms(term, text):
    assert printed(term).lhs == text


def test_only_what_is_spoken_of_is_quantified():
    assert printed(minimum((i, k), distance(x[i], w[k]))).binders == (
        "(n q : nat)",
        "(x : 'I_n.+1 -> V)",
        "(w : 'I_q.+1 -> V)",
    )
    assert printed(m).binders == ("(m : R)",)


def test_overlapping_groups_of_equal_sizes_are_one_size():
    premises = (EqualSizes("first", (x, z)), EqualSizes("second", (z, w)))
    assert printed(norm(mean(x) - mean(w)), premises=premises).binders[0] == "(n : nat)"


def test_roots_need_a_field_with_roots():
    assert printed(m).scalars == "realFieldType"
    assert printed(m**0.5).scalars == "rcfType"


def test_negations():
    assert printed(m).negation.startswith("~ (\n  forall (R : realFieldType) (V : lmodType R)")
    assert printed(m**0.5).negation.startswith("forall (R : rcfType),\n~ (\n  forall (V : lmodType R)")
    assert printed(m).negation.endswith("  m\n  <= 0)")


def test_transport_is_said_of_every_coupling():
    statement = printed(norm(mean(x) - mean(z)), Transport(x, z))
    assert statement.late[0] == "forall (P : 'I_n.+1 -> 'I_p.+1 -> R),"
    assert statement.rhs == "\\sum_(i < n.+1) \\sum_(j < p.+1) P i j * N (x i - z j)"


@pytest.mark.parametrize("options", [{"lhs": Transport(x, z), "rhs": m}, {"lhs": m, "rhs": 1 + 2 * Transport(x, z)}])
def test_transport_elsewhere_is_the_cost_of_a_coupling_than_which_none_costs_less(options):
    statement = printed(**options)
    assert "(T : 'I_n.+1 -> 'I_p.+1 -> R)" in statement.binders
    cost = "\\sum_(i < n.+1) \\sum_(j < p.+1) T i j * N (x i - z j)"
    assert cost in statement.conclusion
    least = statement.hypotheses[3]
    assert least.startswith(
        "(forall (T' : 'I_n.+1 -> 'I_p.+1 -> R), (forall (i : 'I_n.+1) (j : 'I_p.+1), 0 <= T' i j) -> "
    )
    assert least.endswith("-> " + cost + " <= " + cost.replace("T i", "T' i") + ")")
    assert statement.introductions[-5:] == ("T", "T_ge0", "T_rows", "T_columns", "T_least")
    assert "least coupling" in statement.beyond


def test_transport_in_a_premise_has_a_coupling_of_its_own():
    near = ForAll("near", lhs=distance(x[i], w[k]), rhs=Transport(x, w))
    statement = printed(norm(mean(x) - mean(z)), Transport(x, z), premises=(near,))
    assert "(T : 'I_n.+1 -> 'I_q.+1 -> R)" in statement.binders
    assert statement.late[0] == "forall (P : 'I_n.+1 -> 'I_p.+1 -> R),"


I2 = another(x, apart_from=i)
C = classes("C")
c = C.each
c2 = another(C, apart_from=c)
t = coordinate_index()
a2 = another(C.points, apart_from=C.points)
THREE = distance(x[distinct(x, 3)[0]], x[distinct(x, 3)[1]]) + norm(x[distinct(x, 3)[2]])
IN_A_SPACE = {"space": Space.EUCLIDEAN}
OF_A_FAMILY = {"collections": (C,)}
# A conclusion, what else its bound says, and a part of what is printed.
CONSTRUCTS = {
    "functions": (exp(m) <= log(1 + m), {}, "expR m\n<= ln (1 + m)"),
    "absolute value": (absolute(m - 1) <= m, {}, "`|(m - 1)|\n<= m"),
    "softplus": (softplus(m) <= m, {}, "ln (1 + expR m)"),
    "logsumexp": (logsumexp(i, norm(x[i])) <= m, {}, "ln (\\sum_(i < n.+1) expR (N (x i)))"),
    "inner": (inner(x[i], z[j]) <= m, IN_A_SPACE, "ip (x i) (z j)"),
    "inner of rows": (inner(x[i], z[j]) <= m, {}, "(\\sum_(l < d.+1) x i 0 l * z j 0 l)"),
    "cosine": (
        cos(x[i], z[j]) <= m,
        IN_A_SPACE,
        "ip (x i) (z j) / (Num.sqrt (ip (x i) (x i)) * Num.sqrt (ip (z j) (z j)))",
    ),
    "cosine of rows": (cos(x[i], z[j]) <= m, {}, "/ (Num.sqrt (\\sum_(l < d.+1) x i 0 l ^+ 2) * Num.sqrt"),
    "1-norm": (norm(x[i], 1) <= m, {}, "\\sum_(l < d.+1) `|x i 0 l|"),
    "2-norm": (norm(x[i], 2) <= m, {}, "Num.sqrt (\\sum_(l < d.+1) x i 0 l ^+ 2)"),
    "sup norm": (norm(x[i], inf) <= m, {}, "\\big[Num.max/0]_(l < d.+1) `|x i 0 l|"),
    "2-norm of a Euclidean space": (norm(x[i], 2) <= m, IN_A_SPACE, "Num.sqrt (ip (x i) (x i))"),
    "any norm of rows": (norm(x[i]) <= norm(x[i], 1), {}, "N (\\row_(l < d.+1) (x i 0 l))"),
    "laws of any norm of rows": (norm(x[i]) <= norm(x[i], 1), {}, "(d : nat) (N : 'rV[R]_d.+1 -> R),"),
    "indicator": (indicator(norm(x[i]) <= m) <= 1, {}, "(if N (x i) <= m then 1 else 0 : R)"),
    "strict indicator": (indicator(norm(x[i]) < m) <= 1, {}, "(if N (x i) < m then 1 else 0 : R)"),
    "indicator of equality": (indicator(equals(norm(x[i]), m)) <= 1, {}, "(if N (x i) == m then 1 else 0 : R)"),
    "strictly": (norm(x[i]) < m, {}, "N (x i)\n< m"),
    "for all": (norm(x[i] - z[j]) <= m, {}, "forall (i : 'I_n.+1) (j : 'I_p.+1),\n"),
    "for all apart": (norm(x[i] - x[I2]) <= m, {}, "forall (i i' : 'I_n.+2),\ni' != i ->\n"),
    "a premise apart": (
        norm(x[i]) <= m,
        {"premises": (for_all("far", 1 - norm(x[i] - x[I2]) <= 0),)},
        "(forall (i i' : 'I_n.+2), i' != i -> 1 - N (x i - x i') <= 0) ->",
    ),
    "mean apart": (
        mean((i, I2), norm(x[i] - x[I2])) <= m,
        {},
        "n.+2%:R^-1 * (\\sum_(i < n.+2) n.+1%:R^-1 * (\\sum_(i' < n.+2 | i' != i) N (x i - x i')))",
    ),
    "maximum apart": (
        maximum((i, I2), norm(x[i] - x[I2])) <= m,
        {},
        "\\big[Num.max/N (x i - x (lift i ord0))]_(i' < n.+2 | i' != i) N (x i - x i')",
    ),
    "mean of three": (
        mean(distinct(x, 3), THREE) <= m,
        {},
        "n.+1%:R^-1 * (\\sum_(i'' < n.+3 | (i'' != i) && (i'' != i'))",
    ),
    "coordinates": (total(t, at(x[i], t)) <= m, {}, "\\sum_(t < d.+1) x i 0 t"),
    "covariances": (
        total((t, another(t, apart_from=t)), mean(i, at(x[i], t) * at(x[i], another(t, apart_from=t)))) <= m,
        {},
        "\\sum_(t < d.+2) \\sum_(t' < d.+2 | t' != t) n.+1%:R^-1 * (\\sum_(i < n.+1) x i 0 t * x i 0 t')",
    ),
    "a family": (
        mean(c, norm(mean(C[c]))) <= m,
        OF_A_FAMILY,
        "forall (K : nat) (n : 'I_K.+2 -> nat) (C : forall c : 'I_K.+2, 'I_(n c).+1 -> V) (m : R),",
    ),
    "a centroid of a class": (
        mean(c, norm(mean(C[c]))) <= m,
        OF_A_FAMILY,
        "K.+2%:R^-1 * (\\sum_(c < K.+2) N ((n c).+1%:R^-1 *: (\\sum_(i < (n c).+1) C c i)))",
    ),
    "other classes": (
        mean((c, c2), norm(mean(C[c]) - mean(C[c2]))) <= m,
        OF_A_FAMILY,
        "K.+1%:R^-1 * (\\sum_(c' < K.+2 | c' != c)",
    ),
    "sizes of a family": (
        m + Size(C) <= C.count * maximum(c, C[c].count),
        OF_A_FAMILY,
        "m + (\\sum_(c < K.+2) (n c).+1)%:R\n<= K.+2%:R * (\\big[Num.max/(n ord0).+1%:R]_(c < K.+2) (n c).+1%:R)",
    ),
    "all points of a family": (
        total((C.points, a2), norm(C[C.points] - C[a2])) <= m,
        OF_A_FAMILY,
        "\\sum_(a' : {c : 'I_K.+2 & 'I_(n c).+1} | a' != a) N (C (tag a) (tagged a) - C (tag a') (tagged a'))",
    ),
}


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_constructs(name):
    conclusion, options, part = CONSTRUCTS[name]
    shown = str(coq_statement(Bound("b", conclusion, **options)))
    assert " ".join(part.split()) in " ".join(shown.split())


@pytest.mark.coq
def test_coq_reads_every_construct_and_takes_its_introductions(tmp_path):
    text = with_analysis()
    for place, (conclusion, options, _) in enumerate(CONSTRUCTS.values()):
        statement = coq_statement(Bound("b", conclusion, **options))
        text += f"Definition s{place} : Prop :=\n{statement}.\nGoal s{place}.\nProof.\nmove=> "
        text += f"{' '.join(statement.introductions)}.\nhave : ({statement.conclusion}).\nAbort.\n"
    (tmp_path / "All.v").write_text(text, encoding="utf-8")
    done = compiler.Workshop(tmp_path, compiler.version()).compile(tmp_path, "All.v", {})
    assert done.message == ""


def test_functions_need_real_numbers_that_have_them():
    assert printed(exp(m), m).scalars == "realType"
    assert printed(absolute(m), m).scalars == "realFieldType"
    assert printed(exp(m), m).negation.startswith("forall (R : realType),\n~ (")
    assert printed(exp(m), m).analysis
    assert not printed(m, m).analysis


def test_hulls_are_said_of_every_direction():
    statement = printed(HullDistance(x, w), norm(mean(x) - mean(w)), space=Space.EUCLIDEAN)
    assert statement.late == ("forall (u : V), Num.sqrt (ip u u) <= 1 ->",)
    assert statement.lhs.startswith("(\\big[Num.min/ip u (x ord0)]_(i < n.+1) ip u (x i)) - (\\big[Num.max/")


def test_coordinates():
    largest_of = norm(coordinate_maximum(x))
    sup = printed(largest_of, space=Space.SUP_NORM)
    assert sup.lhs == "(\\big[Num.max/0]_(l < d.+1) `|\\big[Num.max/x ord0 0 l]_(i < n.+1) x i 0 l|)"
    root = printed(largest_of, Dimension(), space=Space.EUCLIDEAN)
    assert root.lhs == "Num.sqrt (\\sum_(l < d.+1) (\\big[Num.max/x ord0 0 l]_(i < n.+1) x i 0 l) ^+ 2)"
    assert root.rhs == "d.+1%:R"
    middle = printed(norm(coordinate_median(x)), space=Space.SUP_NORM).lhs
    assert "(nth 0 (sort <=%O [seq x i 0 l | i <- enum 'I_n.+1]) n./2 + nth 0 (sort" in middle


def test_a_map_leads_to_a_space_of_its_own():
    statement = printed(norm(g(mean(x))), L, premises=(lipschitz(),))
    assert str(statement) == (
        "forall (R : realFieldType) (V : lmodType R) (N : V -> R),\n"
        "(forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->\n"
        "forall (V' : lmodType R) (N' : V' -> R),\n"
        "(forall u v, N' (u + v) <= N' u + N' v) -> (forall (a : R) v, N' (a *: v) = `|a| * N' v) ->\n"
        "forall (g : V -> V'),\n"
        "forall (n : nat) (x : 'I_n.+1 -> V) (L : R),\n"
        "0 <= L ->\n"
        "(forall u v, N' (g u - g v) <= L * N (u - v)) ->\n"
        "N' (g (n.+1%:R^-1 *: (\\sum_(i < n.+1) x i)))\n"
        "<= L"
    )
    assert " ".join(statement.introductions) == "R V N normD normZ V' N' normD' normZ' g n x L g_ge0 g_lipschitz"


def test_maps_in_euclidean_space_and_several_of_them():
    h = Map("h")
    euclidean = printed(norm(g(mean(x))), L + 1, premises=(lipschitz(L + 1),), space=Space.EUCLIDEAN)
    assert "(forall u u' v, ip' (u + u') v = ip' u v + ip' u' v) -> (forall u, 0 <= ip' u u) ->" in str(euclidean)
    assert euclidean.hypotheses == (
        "0 <= L + 1",
        "(forall u v, Num.sqrt (ip' (g u - g v) (g u - g v)) <= (L + 1) * Num.sqrt (ip (u - v) (u - v)))",
    )
    two = printed(norm(h(mean(x))) - norm(2 * g(mean(x))), 0)
    assert two.lhs.startswith("N'' (h (")
    assert "- N' (2%:R *: g (n.+1%:R^-1" in two.lhs
    assert "forall (h : V -> V'')," in str(two)


def test_letters_that_coq_needs_are_given_way():
    y = Collection("N", "G1", index="forall", size="R")
    statement = printed(maximum(y.each, norm(y[y.each])), Parameter("μ′"), collections=(y,))
    assert statement.binders == ("(R_ : nat)", "(N_ : 'I_R_.+1 -> V)", "(μ' : R)")
    assert statement.lhs == "(\\big[Num.max/N (N_ ord0)]_(forall_ < R_.+1) N (N_ forall_))"


def test_names():
    assert [coq_name(name) for name in ("two-sided", "karimov", "1.99")] == ["two_sided", "karimov", "bound_1_99"]


class Unknown(Premise):
    pass


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lhs": HullDistance(x, w), "rhs": m}, "left side of a Euclidean ≤"),
        ({"lhs": m ** Fraction(1, 3), "rhs": 0}, "half of a whole number, got 1/3"),
        ({"lhs": norm(mean(x), 3), "rhs": m}, "1, 2 or inf, got 3"),
        ({"lhs": maximum(distinct(x, 3), THREE), "rhs": m}, "apart from one other"),
        ({"lhs": Function("cube root", abs, ulps=1)(m), "rhs": m}, "cube root: expected a form for Coq, got none"),
        ({"lhs": mean(signs(x), mean(i, signs(x)[i])), "rhs": 0}, "one that the printer for Coq can bind"),
        ({"lhs": norm(g(mean(x))), "rhs": m, "space": Space.SUP_NORM}, "a map in a space without coordinates, got g"),
        (
            {"lhs": m, "rhs": 0, "premises": (Unknown("strange"),)},
            "premise strange: expected what the printer for Coq can read, got 'Unknown(name='strange')', a Unknown",
        ),
    ],
)
def test_what_cannot_be_printed_is_refused(options, message):
    with pytest.raises(TermError, match="expected") as caught:
        coq_statement(Bound("b", **options))
    assert message in str(caught.value)
