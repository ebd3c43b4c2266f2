"""Theorem K and every link of its proof hold on adversarial collections and embeddings; a false constant does not."""

from collections import Counter
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, find, given, settings
from hypothesis import strategies as st

from boundcheck import K_ANY_SIZES, Bound, K, Verdict, check_bound
from boundcheck.adversary import Embedding, Triple, embedding_functions, norms, triples
from boundcheck.adversary.strategies import EMBEDDINGS, SHAPES
from boundcheck.errors import InvalidValueError
from boundcheck.language import (
    EqualSizes,
    distance,
    farthest,
    largest,
    m,
    maximum,
    mean,
    minimum,
    norm,
    total,
    triplet,
    w,
    x,
    z,
)

#: Theorem K with a constant that is a little too small.
TOO_SMALL = replace(K, name="k-1.99", rhs=1.99 * largest(m, farthest(x, w)), chain=())

thorough = settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def holds_or_is_undecided(report):
    """Rounding may hide a verdict, never turn it round."""
    assert report.verdict in (Verdict.HOLDS, Verdict.UNDECIDED), str(report)
    for link in report.chain:
        assert link.verdict in (Verdict.HOLDS, Verdict.UNDECIDED), str(report)


@thorough
@given(triple=triples(K), p=norms())
def test_k_and_its_links_hold_on_adversarial_points(triple, p):
    holds_or_is_undecided(check_bound(None, *triple.collections, norm=p))


@thorough
@given(triple=triples(K_ANY_SIZES), p=norms())
def test_k_holds_for_collections_of_any_sizes(triple, p):
    holds_or_is_undecided(check_bound(None, *triple.collections, norm=p, equal_sizes=False))


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(triple=triples(K, max_dimension=8), f=embedding_functions(), p=norms())
def test_k_and_its_links_hold_under_adversarial_embeddings(triple, f, p):
    holds_or_is_undecided(check_bound(f, *triple.collections, norm=p))


@thorough
@given(triple=triples(K), p=norms(), share=st.floats(0.0, 2.0))
def test_any_m_from_the_least_up_will_do(triple, p, share):
    least = check_bound(None, *triple.collections, norm=p).m
    given_m = least.upper + share * abs(least)
    assume(np.isfinite(given_m))
    holds_or_is_undecided(check_bound(None, *triple.collections, norm=p, m=given_m))


@thorough
@given(triple=triples(K), p=st.sampled_from([1.0, 2.0, 3.0, np.inf]))
def test_an_m_below_the_least_is_vacuous_with_a_true_witness(triple, p):
    full = check_bound(None, *triple.collections, norm=p)
    # Clear of the least m's own rounding, where the premise would be undecided.
    low = full.m.lower - 1e-3 * abs(full.m) - 4 * full.m.error
    # Below minus the farthest negative, m is an error rather than a premise that fails.
    assume(-float(full.rhs) / 2 < low < full.m.lower)
    report = check_bound(None, *triple.collections, norm=p, m=low)
    assert report.verdict is Verdict.VACUOUS
    witness = report.premises[1].witness.positions
    a, b, c = (triple.collections[k][witness[f"G{k + 1}"]] for k in range(3))
    # Scaled by a power of two, which changes no digit, so that numpy's norm neither over- nor underflows.
    scale = 2.0 ** np.floor(np.log2(np.abs(np.concatenate(triple.collections)).max()))
    reached = np.linalg.norm(a / scale - b / scale, ord=p) - np.linalg.norm(a / scale - c / scale, ord=p)
    assert reached > low / scale - 1e-9


@given(triple=triples(K, max_size=3, max_dimension=4, shapes=("gaussian",)), p=st.sampled_from([1.0, 2.0, np.inf]))
def test_generic_points_are_decided(triple, p):
    """Undecided is for ties: if everything were undecided, the tests above could not fail."""
    assert check_bound(None, *triple.collections, norm=p).verdict is Verdict.HOLDS


def refuted(bound):
    return lambda triple: check_bound(None, *triple.collections, bound=bound).verdict is Verdict.FAILS


@pytest.mark.parametrize("seed", range(6))
def test_a_constant_too_small_is_refuted_by_the_one_point_example_on_the_line(seed):
    found = find(
        triples(TOO_SMALL),
        refuted(TOO_SMALL),
        settings=settings(max_examples=5000, database=None),
        random=Random(seed),
    )
    assert [points.tolist() for points in found.collections] == [[[0.0]], [[2.0]], [[1.0]]]


FALSE = {
    "min instead of max": replace(
        K, name="k-min", rhs=2 * largest(m, minimum((x.each, w.each), distance(x[x.each], w[w.each]))), chain=()
    ),
    "no premise": Bound("k-no-premise", lhs=K.lhs, rhs=2 * farthest(x, w)),
    "m missing": replace(K, name="k-without-m", rhs=farthest(x, w), chain=()),
    "mean instead of max": replace(
        K, name="k-mean", rhs=1.5 * largest(m, mean((x.each, w.each), distance(x[x.each], w[w.each]))), chain=()
    ),
}


@pytest.mark.parametrize("name", FALSE)
def test_other_false_variants_are_refuted_too(name):
    several = settings(max_examples=5000, database=None)
    found = find(triples(FALSE[name]), refuted(FALSE[name]), settings=several, random=Random(0))
    assert max(points.size for points in found.collections) <= 4, found


def test_a_true_weakening_survives():
    """A searcher that refutes everything would pass the tests above."""
    weaker = Bound(
        "k-weaker",
        premises=[triplet(m)],
        lhs=norm(mean(x) - mean(z)),
        rhs=m + mean(x.each, maximum(w.each, distance(x[x.each], w[w.each]))),
    )

    @settings(max_examples=300, database=None)
    @given(triples(weaker))
    def survives(triple):
        assert not refuted(weaker)(triple)

    survives()


def test_sizes_are_equal_only_where_the_premise_says_so():
    stated = Bound("sums", premises=[EqualSizes("n = q", (x, w))], lhs=norm(total(x) - total(w)), rhs=farthest(x, w))
    sizes = set()

    @settings(max_examples=200, database=None)
    @given(triples(stated, max_dimension=4))
    def collect(triple):
        sizes.add(tuple(map(len, triple.collections)))

    collect()
    assert all(first == third for first, _, third in sizes)
    assert any(first != second for first, second, _ in sizes)


def test_every_shape_is_drawn_and_is_what_it_says():
    seen = Counter()

    @settings(max_examples=600, database=None, derandomize=True)
    @given(triples())
    def collect(triple):
        seen[triple.shape] += 1
        sizes = {len(points) for points in triple.collections}
        assert len(sizes) == 1
        together = np.concatenate(triple.collections)
        assert np.isfinite(together).all()
        assert 1 <= together.shape[1] <= 1000
        match triple.shape:
            case "one-hot":
                assert (together.sum(axis=1) == 1).all()
            case "huge":
                assert np.abs(together).max() > 1e290
            case "tiny":
                assert np.abs(together).max() < 1e-300
            case "far from the origin":
                assert np.ptp(together, axis=0).max() < 1e-5 * np.abs(together).max()
            case "collinear":
                assert np.linalg.matrix_rank(together - together[0], tol=1e-6) <= 1

    collect()
    assert set(seen) == set(SHAPES), seen
    assert min(seen.values()) >= 5, seen


@pytest.mark.parametrize("kind", EMBEDDINGS)
def test_embeddings_are_functions(kind):
    f = Embedding(kind, 5, seed=3)
    batch = np.random.default_rng(0).normal(size=(7, 4))
    together, apart = f(batch), np.concatenate([f(row) for row in batch])
    assert np.array_equal(together, apart)
    assert np.isfinite(together).all()


def test_repr_is_paste_ready_where_it_is_short():
    small = Triple(np.zeros((1, 1)), np.full((1, 1), 2.0), np.ones((1, 1)), "lattice")
    assert repr(small) == "Triple(G1=[[0.0]], G2=[[2.0]], G3=[[1.0]], 'lattice')"
    assert "shapes (9, 9)" in repr(Triple(*(np.zeros((9, 9)),) * 3, "gaussian"))


@pytest.mark.parametrize("options", [{"shapes": ("round",)}, {"shapes": ()}, {"max_size": 0}, {"max_dimension": 0}])
def test_strategies_refuse_what_they_cannot_draw(options):
    with pytest.raises(InvalidValueError, match=next(iter(options))):
        find(triples(**options), lambda _: True)


def test_an_unknown_kind_of_embedding_is_refused():
    with pytest.raises(InvalidValueError, match="kind: expected one of identity, linear"):
        Embedding("quadratic", 2)([[1.0]])
