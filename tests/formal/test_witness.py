"""Counterexamples as Coq files: Coq accepts those that refute their statement, and no others."""

import random
import re
import subprocess
from dataclasses import replace
from fractions import Fraction
from itertools import product

import pytest

from boundcheck.adversary import Refuted, falsify
from boundcheck.errors import InvalidValueError
from boundcheck.formal import prover
from boundcheck.formal.coq import coq_statement
from boundcheck.formal.inquiry import read_assumptions
from boundcheck.formal.witness import BASE, OVER_THE_REALS, refutation
from boundcheck.language import (
    Bound,
    ForAll,
    Space,
    Transport,
    coordinate_median,
    distance,
    equal_sizes,
    exp,
    farthest,
    i,
    j,
    largest,
    m,
    mean,
    nearest,
    norm,
    triplet,
    w,
    x,
    z,
)
from boundcheck.theorems import get
from boundcheck.theorems.false import FALSE

INFINITY = float("inf")
CENTROIDS = norm(mean(x) - mean(z))
SPREAD_OUT = mean((i, j), distance(x[i], z[j]))


def changed(name, new, **parts):
    return replace(get(name), name=new, proof=None, chain=(), title="", citation="", **parts)


def drawn(seed, dimension, sizes=(2, 2, 2)):
    """Return points whose coordinates are floats of all 53 bits."""
    draw = random.Random(seed)
    return {
        symbol: [[draw.gauss(0, 1) for _ in range(dimension)] for _ in range(size)]
        for symbol, size in zip("xzw", sizes, strict=True)
    }


# The distance of the means is at most the mean distance, and not the reverse.
REVERSED = Bound("reversed", lhs=SPREAD_OUT, rhs=CENTROIDS)
LOW = Bound("low", premises=[triplet(m)], lhs=largest(m, farthest(x, w)), rhs=nearest(x, w) / 2, space=Space.EUCLIDEAN)
IDENTITY = get("centroid-identity")


def of_every_kind():
    """Yield counterexamples of one's own: a bound, a norm, points, and what else there is."""
    yield replace(REVERSED, name="reversed-sum"), 1, drawn(0, 3), {}
    yield replace(REVERSED, name="reversed-sup"), INFINITY, drawn(1, 3), {}
    yield replace(REVERSED, name="reversed-line"), 3, drawn(2, 1), {}
    # Roots, which only enclosures can tell.
    yield replace(REVERSED, name="reversed-euclidean", space=Space.EUCLIDEAN), 2, drawn(3, 2), {}
    yield replace(REVERSED, name="reversed-reals"), 2, drawn(4, 2), {}
    yield replace(REVERSED, name="reversed-rows", space=Space.SUP_NORM), INFINITY, drawn(5, 2), {}
    # The least m is a difference of roots, so that the premise holds only with room.
    yield LOW, 2, drawn(6, 2, (1, 2, 3)), {}
    yield (
        changed("hausdorff", "half-hausdorff", rhs=get("hausdorff").rhs / 16),
        1,
        {"x": [[0.0, 0.0], [8.0, 0.0]], "z": [[0.0, 1.0]], "w": [[0.0, 1.0], [8.0, 1.0]]},
        {"weights": {"a": [1, 3], "b": [2]}},
    )
    yield (
        changed("transport", "less-than-transport", lhs=get("transport").lhs * 2),
        INFINITY,
        {"x": [[0, 0], [1, 0]], "z": [[3, 0], [4, 0], [5, 0]], "w": [[0, 0]]},
        {},
    )
    yield (
        changed("hulls", "further-than-hulls", rhs=get("hulls").rhs / 2),
        2,
        {"x": [[0.0, 0.0], [0.0, 1.0]], "z": [[0.0, 0.0]], "w": [[3.0, 2.0], [4.0, 0.5]]},
        {"weights": {"a": [1, 1], "c": [3, 1]}},
    )
    yield changed("centroid-identity", "identity-twice", rhs=IDENTITY.rhs * 2), 2, drawn(7, 2, (2, 3, 1)), {}
    yield (
        changed("normalised-mean", "half-normalised-mean", rhs=get("normalised-mean").rhs / 32),
        2,
        {"x": [[1, 0], [1, 1]], "z": [[-1, 0], [-1, 1]], "w": [[1, 0], [1, 1]]},
        {},
    )
    yield replace(REVERSED, name="given", rhs=CENTROIDS - m), 1, drawn(8, 2), {"given": {"m": Fraction(1, 3)}}


EVERY_KIND = {bound.name: (bound, p, points, more) for bound, p, points, more in of_every_kind()}


def of_false_statements():
    return {false.name: refutation(false.bound, false.norm, false.points, given=false.parameters) for false in FALSE}


def of_conjectures():
    """Return what the adversary finds against conjectures that are drawn at random."""
    draw, found = random.Random(5), {}
    for number, (space, squared) in enumerate(product((Space.ANY_NORM, Space.EUCLIDEAN, Space.SUP_NORM), (1, 2))):
        factor = Fraction(draw.randint(20, 190), 100)
        far = draw.choice((farthest, nearest))(x, w)
        premises = draw.choice(([triplet(m)], [equal_sizes, triplet(m)]))
        conjecture = Bound(
            f"drawn-{number}", premises=premises, lhs=CENTROIDS**squared, rhs=factor * largest(m, far), space=space
        )
        outcome = falsify(conjecture, seconds=5, seed=number)
        assert isinstance(outcome, Refuted), outcome
        found[conjecture.name] = outcome
    return found


def run(folder, theorems):
    """Compile theorems after the base; return Coq's status, what it says of each, and its errors."""
    text = BASE + OVER_THE_REALS
    for name, theorem in theorems.items():
        text += f'\nGoal True. idtac "@@ {name}". Abort.\n{theorem}'
    (folder / "Found.v").write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["coqc", "-q", "-w", "none", "Found.v"], cwd=folder, capture_output=True, text=True, check=False
    )
    full = {axiom.split(".", 2)[2]: axiom for axiom in prover.AXIOMS["Reals"]}
    parts = [part.partition("\n") for part in f"\n{done.stdout}".split("\n@@ ")[1:]]
    return done.returncode, {name: read_assumptions(said, full) for name, _, said in parts}, done.stderr[-2000:]


def asking(refuted):
    return f"{refuted.theorem}\nPrint Assumptions {refuted.name}.\n"


def asking_together(refuted):
    """Return what asks of theorems that stand above what they assume: one question takes Coq as long as all."""
    both, *others = (one.name for one in refuted)
    for name in others:
        both = f"conj {name} ({both})"
    return f"Definition together := {both}.\nPrint Assumptions together.\n"


def refused(theorem):
    """Return a theorem's text with the one step that computes required to fail."""
    assert theorem.count("\nrefute ") == 1
    renamed = theorem.replace("_false :\n", "_wrong :\n")
    return renamed.replace("\nrefute ", "\nFail refute ").replace("\nQed.", "\nAbort.")


def at_the_origin(theorem):
    """Return a theorem's text with 0 for every number of its witness."""
    statement, proof = theorem.split("\nProof.\n")
    return f"{statement}\nProof.\n{re.sub(r'Qmake (?:[(]-[0-9]+[)]|[0-9]+) [0-9]+', 'Qmake 0 1', proof)}"


# ------------------------------------------------------------------------------------------------------- without Coq


def test_a_file_states_what_is_printed_and_nothing_else():
    for false in FALSE:
        refuted = refutation(false.bound, false.norm, false.points, given=false.parameters)
        stated = re.search(r"Theorem (\w+) :\n(.*?)\.\nProof\.", str(refuted)[len(BASE) :], re.DOTALL)
        assert stated[1] == refuted.name
        unindented = "\n".join(line.removeprefix("  ") for line in stated[2].splitlines())
        assert unindented == coq_statement(false.bound).negation
        assert not re.search(r"\b(Admitted|Axiom|admit|Parameter)\b", str(refuted).replace(stated[0], ""))


@pytest.mark.parametrize("false", FALSE, ids=lambda false: false.name)
def test_a_parameter_is_the_least_that_the_premises_allow_where_that_is_rational(false):
    if not any(isinstance(premise, ForAll) for premise in false.bound.premises):
        pytest.skip("no premise determines one")
    assert refutation(false.bound, false.norm, false.points).parameters == dict(false.parameters)


def test_the_least_value_is_kept_where_no_float_is_it():
    thirds = {symbol: [[Fraction(one) / 3 for one in row] for row in rows] for symbol, rows in FALSE[0].points.items()}
    assert refutation(FALSE[0].bound, 2, thirds).parameters == {"m": Fraction(1, 3)}


def test_a_parameter_is_a_little_more_where_it_is_not():
    bound, p, points, _ = EVERY_KIND["low"]
    (value,) = refutation(bound, p, points).parameters.values()
    apart = [
        sum((a - b) ** 2 for a, b in zip(u, v, strict=True)) ** 0.5
        - sum((a - b) ** 2 for a, b in zip(u, t, strict=True)) ** 0.5
        for u, v, t in product(points["x"], points["z"], points["w"])
    ]
    assert max(apart) - 1e-12 <= value <= max(apart) + 2**-4
    assert value.denominator <= 2**20


@pytest.mark.parametrize("false", FALSE, ids=lambda false: false.name)
def test_what_satisfies_the_bound_is_no_witness(false):
    harmless = {symbol: [[0] * len(rows[0])] * len(rows) for symbol, rows in false.points.items()}
    with pytest.raises(
        InvalidValueError, match="counterexample: expected one that rational enclosures decide, got a co"
    ):
        refutation(false.bound, false.norm, harmless, given=dict.fromkeys(false.parameters, 0))


def test_a_parameter_below_the_least_is_no_witness():
    false = FALSE[0]
    with pytest.raises(InvalidValueError, match=r"got premise T\(m\) not decided to hold"):
        refutation(false.bound, false.norm, false.points, given={"m": Fraction(9, 10)})


def test_why_there_is_no_term():
    plane = drawn(0, 2)
    with pytest.raises(
        InvalidValueError, match=r"norm: expected p = 1, 2 or ∞, or points on a line.*got p = 3 in 2 dim"
    ):
        refutation(REVERSED, 3, plane)
    with pytest.raises(InvalidValueError, match="points: expected those of 'z', got x, w"):
        refutation(REVERSED, 2, {symbol: rows for symbol, rows in plane.items() if symbol != "z"})
    with pytest.raises(InvalidValueError, match="given: expected a value of m, got none"):
        refutation(EVERY_KIND["given"][0], 1, plane)
    middle = Bound("middle", lhs=norm(coordinate_median(x)), rhs=0, space=Space.SUP_NORM)
    with pytest.raises(InvalidValueError, match="which has no enclosure"):
        refutation(middle, INFINITY, plane)
    for beyond, what in (
        (replace(middle, space=Space.ANY_NORM), "a norm of rows"),
        (Bound("moved", lhs=1 + Transport(x, z), rhs=0), "the least coupling"),
        (Bound("everywhere", distance(x[i], z[j]) <= 0), "all values of i, j"),
        (Bound("exponential", exp(distance(x[i], z[j])) <= 0), "functions of mathcomp-analysis"),
    ):
        with pytest.raises(InvalidValueError, match=f"one that Coq can compute at a counterexample, got .*{what}"):
            refutation(beyond, 2, plane)
    with pytest.raises(
        InvalidValueError, match="points as they are, for a proof in Coq, got points that go through an f"
    ):
        replace(falsify("karimov-199", seconds=5), embedded=True).coq()


ONE = {"x": [[0.0]], "z": [[2.0]], "w": [[1.0]]}


@pytest.mark.parametrize(
    ("name", "changed_points", "more", "message"),
    [
        ("lipschitz-head", {}, {}, "bound: expected one without maps, for a proof in Coq"),
        (
            "karimov",
            {"x": [[0.0], [1.0]]},
            {},
            "points: expected equally many, n = p = q, got {'x': 2, 'z': 1, 'w': 1}",
        ),
        ("chamfer", {"x": [[0.0, 1.0]]}, {}, "points: expected one at least in each collection, of one dimension"),
        ("chamfer", {"x": [[0.0], [1.0, 2.0]]}, {}, "points: expected one at least in each collection"),
        ("chamfer", {"w": []}, {}, "points: expected one at least in each collection"),
        ("chamfer", {"w": [[INFINITY]]}, {}, "points: expected finite numbers"),
        ("chamfer", {}, {"given": {"m": float("nan")}}, "given: expected finite numbers"),
        (
            "hausdorff",
            {},
            {"weights": {"a": [1, 1], "b": [1]}},
            "weights: expected one for each point of x, got 2 of a",
        ),
    ],
)
def test_points_that_a_statement_says_nothing_of_are_refused(name, changed_points, more, message):
    with pytest.raises(InvalidValueError, match=re.escape(message)):
        refutation(get(name), 2, {**ONE, **changed_points}, **more)


# ---------------------------------------------------------------------------------------------------------- with Coq


@pytest.mark.coq
def test_coq_accepts_every_counterexample_and_refuses_it_changed(tmp_path):
    refuted = of_false_statements()
    refuted |= {name: refutation(bound, p, points, **more) for name, (bound, p, points, more) in EVERY_KIND.items()}
    theorems = {name: asking(one) if one.reals else one.theorem for name, one in refuted.items()}
    theorems["together"] = asking_together([one for one in refuted.values() if not one.reals])
    # With every point at the origin both sides are 0.
    wronged = [*(false.name for false in FALSE), "reversed-euclidean", "low", "less-than-transport"]
    wrong = {f"{name}, wrong": refused(at_the_origin(refuted[name].theorem)) for name in wronged}
    status, assumed, errors = run(tmp_path, theorems | wrong)
    assert status == 0, errors
    for name, one in refuted.items():
        assert not one.reals or set(assumed[name]) <= prover.AXIOMS["Reals"], name
    assert assumed["together"] == ()
    assert [name for name, one in refuted.items() if one.reals] == ["reversed-reals", "half-normalised-mean"]
    assert assumed["reversed-reals"]


@pytest.mark.coq
def test_coq_accepts_what_the_adversary_finds(tmp_path):
    found = of_conjectures()
    files = {name: one.coq() for name, one in found.items()}
    theorems = {name: file.removeprefix(BASE).replace(OVER_THE_REALS, "") for name, file in files.items()}
    assert all(len(theorem) < len(files[name]) for name, theorem in theorems.items())
    status, assumed, errors = run(tmp_path, theorems)
    assert status == 0, errors
    assert set(assumed) == set(found)
    assert not any(set(axioms) - prover.AXIOMS["Reals"] for axioms in assumed.values())


@pytest.mark.coq
def test_a_whole_file_compiles_alone_and_not_with_another_witness_or_statement(tmp_path):
    false = FALSE[0]
    text = str(refutation(false.bound, false.norm, false.points))

    def compiled(text):
        (tmp_path / "Alone.v").write_text(text, encoding="utf-8")
        return subprocess.run(["coqc", "-q", "Alone.v"], cwd=tmp_path, capture_output=True, text=True, check=False)

    done = compiled(text)
    assert (done.returncode, done.stdout, done.stderr) == (0, "Closed under the global context\n", "")
    assert text.count("[:: [:: (Qmake 2 1)]]") == 1
    for changed_text in (text.replace("(Qmake 2 1)", "(Qmake 1 1)"), text.replace("199%:R / 100%:R", "2%:R")):
        assert changed_text != text
        done = compiled(changed_text)
        assert done.returncode == 1
        assert "Error" in done.stderr
