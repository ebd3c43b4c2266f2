"""The planner: what a plan says, that its reader does that and no more, and that its enclosures are right."""

import itertools
import math
import sys
from math import inf

import numpy as np
import pytest
import torch
from flint import arb, ctx, fmpq
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from boundcheck.adversary import triples
from boundcheck.errors import InvalidTypeError, NormError, ParameterError
from boundcheck.evaluate import (
    How,
    NumericReader,
    PlannedReader,
    Verdict,
    evaluate,
    explain,
    find_witness,
    judge,
    plan,
    reader_for,
)
from boundcheck.evaluate.decide import Decider
from boundcheck.evaluate.readers.balls import BallReader, as_ball
from boundcheck.evaluate.readers.exact import Triple
from boundcheck.evaluate.readers.numeric import Mapped
from boundcheck.evaluate.verdict import CODES
from boundcheck.kernels import reductions
from boundcheck.kernels.tables import Found
from boundcheck.language import (
    Bound,
    EqualSizes,
    ForAll,
    Lipschitz,
    Parameter,
    Size,
    Weights,
    another,
    cos,
    distance,
    farthest,
    i,
    j,
    k,
    largest,
    m,
    maximum,
    mean,
    minimum,
    norm,
    paired,
    smallest,
    total,
    triplet,
    w,
    x,
    z,
)
from boundcheck.theorems import K_ANY_SIZES, K, every, get

# The package has a function of this name.
module = sys.modules["boundcheck.evaluate.planned.reader"]

STATEMENTS = every()
KERNELS = ("of_rows", "extreme", "hausdorff", "mean")
NORMS = (1.0, 2.0, inf)
to_z, to_w, across = distance(x[i], z[j]), distance(x[i], w[k]), distance(z[j], w[k])
v, u = Weights("v", x), Weights("u", w)


def points(sizes=(7, 7, 7), dimension=3, seed=0, batch=1):
    random = np.random.default_rng(seed)
    return {
        c: torch.from_numpy(random.normal(size=(batch, size, dimension)) + shift)
        for c, size, shift in zip((x, z, w), sizes, (0.0, 0.25, 1.0), strict=True)
    }


def sizes_of(bound):
    return (7, 7, 7) if any(isinstance(premise, EqualSizes) for premise in bound.premises) else (7, 5, 9)


def terms_of(bound):
    terms = [bound.lhs, bound.rhs]
    for premise in bound.premises:
        if isinstance(premise, ForAll):
            terms += [premise.least, premise.excess]
        elif isinstance(premise, Lipschitz):
            terms.append(bound.excess(premise))
    return terms


def readers(bound, given, p, **options):
    weights = {one: torch.rand(1, given[one.collection].shape[1], dtype=torch.float64) for one in bound.weights()}
    maps = {each: Mapped(lambda rows: 2 * rows[:, :2]) for each in bound.maps()}
    options = {"weights": weights, "errors": True, "maps": maps, **options}
    both = NumericReader(given, p, **options), PlannedReader(given, p, plan=plan(bound, p=p), **options)
    for reader in both:
        for parameter in bound.parameters():
            reader.bind_exact(parameter, torch.tensor([0.75], dtype=torch.float64))
    return both


def assert_alike(one, other):
    """Of the same axes and shapes, and enclosures that overlap."""
    assert one.axes == other.axes
    assert one.value.shape == other.value.shape == other.error.shape
    apart = (one.value - other.value).abs()
    # Beyond the floats, both say so.
    beyond = ~(torch.isfinite(one.error) & torch.isfinite(other.error))
    assert bool(((apart <= one.error + other.error) | beyond).all())


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(module, "AT_ONCE", 16)


@pytest.fixture
def calls(monkeypatch):
    """The kernels called, by name."""
    called = []

    def spy(name):
        real = getattr(reductions, name)

        def kernel(*args, **options):
            called.append(name)
            return real(*args, **options)

        monkeypatch.setattr(reductions, name, kernel)

    for name in KERNELS:
        spy(name)
    return called


def plan_every_triple(monkeypatch):
    monkeypatch.setattr(module, "PLANNED_FROM", 1)


# --------------------------------------------------------------------------------------------------------- the values


IN_EACH_NORM = [(name, p) for name, bound in STATEMENTS.items() for p in (*NORMS, 1.5) if bound.space.admits(p)]


@pytest.mark.parametrize(("name", "p"), IN_EACH_NORM)
def test_its_values_are_the_numeric_readers(name, p, small_blocks):
    bound = STATEMENTS[name]
    one, other = readers(bound, points(sizes_of(bound)), p)
    for term in terms_of(bound):
        assert_alike(one.scalar(term), other.scalar(term))


@pytest.mark.parametrize("name", STATEMENTS)
def test_its_values_are_the_numeric_readers_on_hard_points(name, monkeypatch):
    bound = STATEMENTS[name]
    monkeypatch.setattr(module, "AT_ONCE", 16)
    norms = st.sampled_from([p for p in NORMS if bound.space.admits(p)])

    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
    @given(triples(bound, max_size=5, max_dimension=16), norms)
    def alike(triple, p):
        given_points = {
            c: torch.tensor(np.array(rows, dtype=np.float64)[None])
            for c, rows in zip((x, z, w), triple.collections, strict=True)
        }
        one, other = readers(bound, given_points, p)
        for term in terms_of(bound):
            assert_alike(one.scalar(term), other.scalar(term))

    alike()


def random_terms():
    """Terms over up to three indices, of what kernels compute and of what they do not."""
    both, h = paired(x, z, symbol="l"), another(x)
    leaves = st.sampled_from(
        [
            to_z,
            to_w,
            across,
            distance(x[i], x[h]),
            norm(x[i] + w[k]),
            norm(z[j]),
            distance(x[both], z[both]),
            m,
            Size(x) * m,
        ]
    )
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.tuples(inner, inner).map(lambda pair: pair[0] - 2 * pair[1]),
            st.tuples(inner, inner).map(lambda pair: largest(*pair)),
            st.tuples(inner, inner).map(lambda pair: smallest(*pair)),
            inner.map(lambda term: term**2),
            st.tuples(inner, st.sampled_from([maximum, minimum, mean, total])).map(reduced),
        ),
        max_leaves=5,
    ).map(closed)


def reduced(drawn):
    term, reduce = drawn
    free = sorted(term.free(), key=str)
    return reduce(free[-1], term) if free else term


def closed(term):
    for position, index in enumerate(sorted(term.free(), key=str)):
        term = (maximum, mean, minimum, total)[position % 4](index, term)
    return term


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(random_terms(), st.sampled_from([*NORMS, 3.0]), st.integers(0, 5))
def test_enclosures_of_random_terms_hold_the_exact_value(term, p, seed):
    given_points = points((4, 4, 3), 2, seed)
    before, module.AT_ONCE = module.AT_ONCE, 8
    try:
        reader = PlannedReader(given_points, p, errors=True)
        reader.bind_exact(m, torch.tensor([0.75], dtype=torch.float64))
        found = reader.scalar(term)
    finally:
        module.AT_ONCE = before
    value, error = float(found.value), float(found.error)
    assume(math.isfinite(error))
    triple = Triple({c: rows[0].numpy() for c, rows in given_points.items()}, p, {})
    with ctx.workprec(300):
        exact = as_ball(BallReader(triple, {m: fmpq(3, 4)}).scalar(term))
        assert not abs(exact - arb(value)) > arb(error)
        # Neither is wide: the comparison says something.
        assert error <= 1e-10 * (1 + abs(value))
        assert float(exact.rad()) <= 1e-30 * (1 + abs(value))


@pytest.mark.parametrize("p", NORMS)
def test_a_batch_of_several_triples(p, small_blocks):
    given_points = points((6, 4, 5), batch=3)
    terms = [*terms_of(get("two-sided")), *terms_of(K_ANY_SIZES)]
    options = {"errors": True, "parameters": {}}
    one, other = NumericReader(given_points, p, **options), PlannedReader(given_points, p, **options)
    for reader in (one, other):
        for parameter in (m, Parameter("m′")):
            reader.bind_exact(parameter, torch.tensor([0.5, 0.25, 2.0], dtype=torch.float64))
    for term in terms:
        assert_alike(one.scalar(term), other.scalar(term))


def test_without_errors_there_are_none():
    found = PlannedReader(points(), 2.0).scalar(farthest(x, w))
    assert found.error is None
    assert float(found.value) == pytest.approx(float(NumericReader(points(), 2.0).scalar(farthest(x, w)).value))


FIXED = [
    to_z - to_w,
    maximum(j, to_z - to_w),
    mean(i, to_w, weights=v),
    # The index is bound anew under the one that is fixed.
    maximum(j, to_z + mean((i, k), to_w**2 + 0 * m)),
    maximum((j, k), to_z * across + mean(i, to_z * to_w)),
    mean((j, k), largest(across, mean(i, to_z * to_w, weights=v))),
]


@pytest.mark.parametrize("term", FIXED, ids=str)
@pytest.mark.parametrize("index", [i, j, k])
def test_with_an_index_fixed(term, index, small_blocks):
    given_points = points((6, 5, 4))
    options = {"errors": True, "weights": {v: torch.arange(1.0, 7.0, dtype=torch.float64)[None]}}
    one, other = (reader(given_points, 2.0, **options) for reader in (NumericReader, PlannedReader))
    for reader in (one, other):
        reader.bind_exact(m, torch.tensor([0.5], dtype=torch.float64))
    assert_alike(one.scalar(term), other.scalar(term))
    assert_alike(one.fixing(index, 2).scalar(term), other.fixing(index, 2).scalar(term))


@pytest.mark.parametrize("premise", [triplet(m), *get("separation").premises], ids=str)
def test_a_witness_is_the_same(premise, small_blocks, monkeypatch):
    monkeypatch.setattr(sys.modules["boundcheck.evaluate.judge"], "_AT_ONCE", 1)
    given_points = points((9, 8, 7))
    found = []
    for reader in (NumericReader(given_points, 2.0), PlannedReader(given_points, 2.0)):
        reader.bind_exact(m, torch.tensor([0.0], dtype=torch.float64))
        found.append(find_witness(premise, reader))
    assert found[0] == found[1]


def test_points_that_are_not_finite_decide_nothing(monkeypatch):
    plan_every_triple(monkeypatch)
    for bad in (math.nan, inf):
        given_points = points()
        given_points[w][0, 2, 1] = bad
        assert CODES[int(judge(K, given_points).conclusion.code)] is Verdict.UNDECIDED


# -------------------------------------------------------------------------------------------------------- the kernels


@pytest.mark.parametrize("name", STATEMENTS)
def test_each_kernel_is_called_once(name, calls):
    bound = STATEMENTS[name]
    p = inf if bound.space.admits(inf) and not bound.space.admits(2) else 2.0
    _, reader = readers(bound, points(sizes_of(bound)), p)
    for _ in range(2):
        for term in terms_of(bound):
            reader.scalar(term)
    assert sorted(calls) == sorted(step.how.value for step in plan(bound, p=p).kernel_calls)


def test_a_chain_shares_its_kernel_calls(calls, monkeypatch):
    plan_every_triple(monkeypatch)
    judge(K_ANY_SIZES, points((7, 5, 9)), chain=True)
    # The nearest and the farthest negatives, the farthest positives, the mean of the positives.
    assert sorted(calls) == ["extreme", "mean", "of_rows", "of_rows"]
    planned = plan(K_ANY_SIZES, chain=True)
    assert sorted(step.how.value for step in planned.kernel_calls) == sorted(calls)
    assert len(plan(K_ANY_SIZES).kernel_calls) == 3


def planned_side(term):
    return plan(Bound("own", lhs=term, rhs=m))


SHARED = [
    # Each anchor's farthest negative is there, so the farthest of all needs no pass of its own.
    (mean(i, maximum(k, to_w)) + farthest(x, w), ["of_rows"]),
    # So it is where the negatives are outside.
    (mean(k, maximum(i, to_w)) + farthest(x, w), ["of_rows"]),
    (mean(i, minimum(k, to_w)) + maximum(i, minimum(k, to_w)), ["of_rows"]),
    (maximum((i, k), to_w) - minimum((k, i), to_w), ["extreme", "extreme"]),
    # The same distance either way around, and the same maximum.
    (farthest(x, w) + maximum((k, i), distance(w[k], x[i])) / 2, ["extreme"]),
    (mean((i, k), to_w) * mean((k, i), to_w), ["mean"]),
    (maximum(i, minimum(k, to_w)), ["hausdorff"]),
    # From the negatives, whose letter comes second.
    (maximum(k, minimum(i, to_w)), ["hausdorff"]),
    (minimum(i, maximum(k, to_w)), ["of_rows"]),
    (maximum(i, maximum(k, 3 * to_w - m) + norm(x[i])), ["of_rows"]),
    (total((i, k), to_w), ["mean"]),
    (mean(i, total(k, to_w)), ["mean"]),
    (mean(i, mean(k, to_w), weights=v), []),
]


@pytest.mark.parametrize(("term", "kernels"), SHARED, ids=[str(term) for term, _ in SHARED])
def test_what_is_shared(term, kernels, calls, small_blocks):
    planned = planned_side(term)
    assert [step.how.value for step in planned.kernel_calls] == kernels
    weights = {v: torch.arange(1.0, 7.0, dtype=torch.float64)[None]}
    given_points = points((6, 5, 4))
    found = []
    for reader in (
        NumericReader(given_points, 2.0, errors=True, weights=weights),
        PlannedReader(given_points, 2.0, plan=planned, errors=True, weights=weights),
    ):
        reader.bind_exact(m, torch.tensor([0.5], dtype=torch.float64))
        found.append(reader.scalar(term))
    assert_alike(*found)
    assert calls == kernels


@pytest.mark.parametrize("name", ["extreme", "hausdorff", "mean", "of_rows"])
def test_where_ties_leave_a_kernel_wide_it_is_done_without(name, monkeypatch, small_blocks):
    real = getattr(reductions, name)

    def wide(*args, **options):
        found = real(*args, **options)
        if name == "of_rows":
            return found[0], found[1] + 1e-6, found[2]
        return Found(found.value, found.error + 1e-6)

    monkeypatch.setattr(reductions, name, wide)
    for term in (farthest(x, w), maximum(i, minimum(k, to_w)), mean((i, k), to_w), mean(i, minimum(k, to_w))):
        found = PlannedReader(points((9, 5, 8)), 2.0, errors=True).scalar(term)
        assert_alike(NumericReader(points((9, 5, 8)), 2.0, errors=True).scalar(term), found)
        assert float(found.error) < 1e-12


@pytest.mark.parametrize(("name", "term"), [("extreme", farthest(x, w)), ("hausdorff", maximum(i, minimum(k, to_w)))])
def test_each_objects_value_comes_first_instead(name, term, calls, monkeypatch):
    monkeypatch.setattr(reductions, name, lambda *args, **options: Found(1.0, 1.0))
    assert float(PlannedReader(points(), 2.0, errors=True).scalar(term).error) < 1e-12
    assert calls == ["of_rows"]


def test_no_kernel_is_asked_for_another_norm(calls):
    planned = plan(K, p=1.5)
    assert planned.kernel_calls == ()
    assert "no kernels for p = 1.5" in str(planned)
    _, reader = readers(K, points(), 1.5)
    for term in terms_of(K):
        reader.scalar(term)
    assert calls == []


# --------------------------------------------------------------------------------------------------------- the memory


WIDE = [
    mean((i, j), smallest(m + minimum(k, to_w), minimum(k, across)) ** 2),
    mean((i, k), to_w**2),
    maximum((i, j, k), to_z * across * to_w),
    mean(i, maximum(j, minimum(k, to_z * across + to_w**2))),
    maximum((i, k), norm(x[i] + w[k])),
    # i is bound again inside what is computed in blocks over it.
    maximum((i, j), to_z * mean((i, k), across * to_z * to_w)),
    maximum((i, j, k), to_z * to_w * across + mean(i, to_z * to_w, weights=v)),
    mean(k, total(i, to_w**2), weights=u),
]


@pytest.mark.parametrize("term", WIDE, ids=str)
@pytest.mark.parametrize("at_once", [5, 60])
def test_no_array_is_larger_than_it_may_be(term, at_once, monkeypatch, computed):
    monkeypatch.setattr(module, "AT_ONCE", at_once)
    sizes, dimension = (8, 7, 6), 2
    given_points = points(sizes, dimension)
    weights = {v: torch.rand(1, 8, dtype=torch.float64), u: torch.rand(1, 6, dtype=torch.float64)}
    options = {"errors": True, "weights": weights}
    one, other = (reader(given_points, 2.0, **options) for reader in (NumericReader, PlannedReader))
    for reader in (one, other):
        reader.bind_exact(m, torch.tensor([0.5], dtype=torch.float64))
    expected = one.scalar(term)
    computed.clear()
    assert_alike(expected, other.scalar(term))
    assert max(computed)[0] <= max(at_once, max(sizes) * dimension)


@pytest.mark.parametrize("name", [name for name in STATEMENTS if "transport" not in name and name != "hulls"])
def test_no_statement_stores_a_distance_matrix(name, monkeypatch, computed):
    monkeypatch.setattr(module, "AT_ONCE", 40)
    bound = STATEMENTS[name]
    p = inf if not bound.space.admits(2) else 2.0
    planned = plan(bound, p=p)
    assert "no distance matrix is stored" in str(planned)
    _, reader = readers(bound, points((20, 20, 20), 2), p)
    for term in terms_of(bound):
        reader.scalar(term)
    assert max(computed)[0] <= 40


# ------------------------------------------------------------------------------------------------------ what it says


def test_a_plan_is_of_values_and_the_same_each_time():
    for name, bound in STATEMENTS.items():
        planned = plan(bound)
        assert planned == plan(get(name))
        assert str(planned) == explain(bound)
        terms = [step.term for step in planned.steps]
        assert len(set(terms)) == len(terms)
        for number, step in enumerate(planned.steps, 1):
            assert all(need < number for need in step.needs)
            assert step.used
            assert all(number in planned.steps[user - 1].needs for user in step.used if isinstance(user, int))
            assert all(planned.results[name] == number for name in step.used if isinstance(name, str))
            assert all(f"[{need}]" in step.shown or step.through for need in step.needs)
    with pytest.raises(AttributeError):
        plan(K).steps = ()


def test_the_second_least_parameter_takes_no_pass_over_pairs():
    planned = plan(get("two-sided"))
    assert [step.shown for step in planned.kernel_calls] == [
        "min_k ‖x_i − w_k‖",
        "max_j ‖x_i − z_j‖",
        "min_k ‖z_j − w_k‖",
        "max_i ‖x_i − z_j‖",
    ]
    (block,) = [step for step in planned.steps if step.how is How.BLOCKS]
    assert str(block.within) == "n·p"
    assert str(block.cost) == "n·p"


def test_costs_and_their_numbers():
    text = explain(get("two-sided"), {"G1": 30, "G2": 20, "G3": 10, "D": 7})
    assert explain(get("two-sided"), {"D": 7, "G3": 10, "G2": 20, "G1": 30}) == text
    row = next(line.split("  ") for line in text.splitlines() if "min_k ‖z_j − w_k‖   " in line)
    assert "p·q·D" in row
    assert "1,400" in [cell.strip() for cell in row]
    planned = plan(K)
    assert [str(step.cost) for step in planned.steps] == ["n·q·D", "n·p·D", "n", "n·D", "p·D", "D", "n·q·D", "1"]


def test_solvers_are_said_to_store_distances():
    text = explain(get("transport"))
    assert "solver, n·p stored" in text
    assert "no distance matrix" not in text


def test_several_premises_of_one_parameter():
    assert list(plan(get("separation")).results) == [
        "m* of T(m) on x, x, w",
        "m* of T(m) on w, w, x",
        "lhs",
        "rhs",
    ]


@pytest.mark.parametrize("name", ["karimov", "chamfer", "two-sided", "separation", "hull", "karimov-5-twice"])
def test_evaluate_gives_what_judge_finds(name):
    bound = get(name)
    given_points = points(sizes_of(bound))
    weights = {
        one: torch.rand(1, given_points[one.collection].shape[1], dtype=torch.float64) for one in bound.weights()
    }
    parameters = {m: torch.tensor([0.5], dtype=torch.float64)} if name == "karimov-5-twice" else {}
    found = evaluate(plan(bound), given_points, weights=weights, parameters=parameters)
    judged = judge(bound, given_points, weights=weights, parameters=parameters, chain=False)
    for side in ("lhs", "rhs"):
        error = float(found[side].error) + float(getattr(judged.conclusion, f"{side}_error"))
        assert abs(float(found[side].value) - float(getattr(judged.conclusion, side))) <= error


# ------------------------------------------------------------------------------------------------------- who reads it


def test_a_large_triple_alone_is_planned():
    large = {c: torch.zeros(1, 2100, 1, dtype=torch.float64) for c in (x, z, w)}
    assert isinstance(reader_for(large, 2.0), PlannedReader)
    two = {c: torch.zeros(2, 2100, 1, dtype=torch.float64) for c in (x, z, w)}
    with_gradients = {c: torch.zeros(1, 2100, 1, dtype=torch.float64, requires_grad=True) for c in (x, z, w)}
    for others in (points(), two, with_gradients):
        assert type(reader_for(others, 2.0)) is NumericReader


def test_one_large_collection_is_planned_where_its_points_meet_each_other():
    pairs = Bound("pairs", lhs=mean((i, another(x)), norm(x[i] - x[another(x)])), rhs=1, collections=[x])
    alone = Bound("alone", lhs=mean(i, norm(x[i])), rhs=1, collections=[x])
    triples_of = Bound("triples", lhs=maximum((i, j, k), to_z * to_w * across), rhs=1, collections=[x, z, w])
    large, middling = (torch.zeros(1, size, 1, dtype=torch.float64) for size in (2100, 170))
    assert isinstance(reader_for({x: large}, 2.0, bound=pairs), PlannedReader)
    assert isinstance(reader_for(dict.fromkeys((x, z, w), middling), 2.0, bound=triples_of), PlannedReader)
    for others, bound in (
        ({x: large}, alone),
        ({x: middling}, pairs),
        (dict.fromkeys((x, z, w), middling), K_ANY_SIZES),
    ):
        assert type(reader_for(others, 2.0, bound=bound)) is NumericReader


def test_one_large_collection_is_read_without_an_array_of_its_pairs(computed):
    large = torch.randn(1, 2100, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    other = another(x, apart_from=i)
    bound = Bound("cosines", lhs=maximum((i, other), cos(x[i], x[other])), rhs=1, collections=[x])
    found = judge(bound, {x: large}, chain=False).conclusion
    units = large[0] / large[0].norm(dim=1, keepdim=True)
    products = units @ units.T
    assert abs(float(found.lhs) - float(products.fill_diagonal_(-1).max())) <= 1e-14
    assert max(computed)[0] <= module.AT_ONCE < products.numel()


def test_more_digits_of_one_large_collection_need_no_array_of_its_pairs(monkeypatch):
    # Balls cannot have as many numbers, and the values in float64 that stand in for them are of a term that has few.
    large = torch.randn(1, 2100, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    other = another(x, apart_from=i)
    bound = Bound("cosines", lhs=maximum((i, other), cos(x[i], x[other])), rhs=1, collections=[x])
    reader = reader_for({x: large}, 2.0, bound=bound, errors=True)
    made = []
    whole = PlannedReader._in_blocks

    def noting(self, term, index):
        made.append(whole(self, term, index))
        return made[-1]

    monkeypatch.setattr(PlannedReader, "_in_blocks", noting)
    decider = Decider({x: large[0].numpy()}, 2.0, parameters={}, weights={}, reader=reader, row=0)
    assert decider.compare(bound.lhs, bound.rhs, bound.relation).code == CODES.index(Verdict.HOLDS)
    assert made
    assert max(named.value.numel() for named in made) <= 2100


@pytest.mark.parametrize("name", STATEMENTS)
def test_judge_finds_the_same(name, monkeypatch):
    bound = STATEMENTS[name]
    p = inf if not bound.space.admits(2) else 2.0
    given_points = points(sizes_of(bound))
    weights = {
        one: torch.rand(1, given_points[one.collection].shape[1], dtype=torch.float64) for one in bound.weights()
    }
    maps = {each: (lambda rows: 2 * rows[:, :2]) for each in bound.maps()}
    premises = [premise.parameter for premise in bound.premises if isinstance(premise, ForAll)]
    parameters = {
        parameter: torch.tensor([3.0], dtype=torch.float64)
        for parameter in bound.parameters()
        if parameter not in premises
    }
    options = {"parameters": parameters, "weights": weights, "maps": maps}
    one = judge(bound, given_points, p, **options)
    plan_every_triple(monkeypatch)
    read = []
    scalar = PlannedReader.scalar
    monkeypatch.setattr(PlannedReader, "scalar", lambda self, term: read.append(term) or scalar(self, term))
    other = judge(bound, given_points, p, **options)
    assert bound.lhs in read
    for found, again in itertools.chain(
        [(one.conclusion, other.conclusion)],
        zip(one.premises.values(), other.premises.values(), strict=True),
        zip(one.chain.values(), other.chain.values(), strict=True),
    ):
        assert int(found.code) == int(again.code)
        assert abs(float(found.slack) - float(again.slack)) <= float(found.slack_error) + float(again.slack_error)


# ------------------------------------------------------------------------------------------------------------ errors


SIZES = {"G1": 3, "G2": 4, "G3": 5, "D": 6}


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        ({**SIZES, "G4": 3}, "sizes: expected sizes of G1, G2, G3, D, got one of 'G4'"),
        ({"G1": 3, "G2": 4, "D": 6}, "sizes['G3']: expected a whole number in [1, inf), got none"),
        ({**SIZES, "D": 0}, "sizes['D']: expected a whole number in [1, inf), got 0"),
        ({**SIZES, "G1": 2.5}, "sizes['G1']: expected a whole number in [1, inf), got 2.5"),
        ({**SIZES, "G1": True}, "sizes['G1']: expected a whole number in [1, inf), got True"),
    ],
)
def test_sizes_that_are_wrong(sizes, said):
    with pytest.raises(ParameterError) as raised:
        explain(K, sizes)
    assert str(raised.value) == said


def test_what_cannot_be_planned():
    with pytest.raises(InvalidTypeError, match=r"bound: expected a Bound, got 'karimov'"):
        plan("karimov")
    with pytest.raises(NormError, match="Euclidean space"):
        plan(get("variance"), p=1)
    with pytest.raises(ParameterError, match=r"p: expected 2, which the plan is for, got 1"):
        PlannedReader(points(), 1.0, plan=plan(K))
    with pytest.raises(ParameterError, match="m"):
        evaluate(plan(get("karimov-5-twice")), points())
