"""Theorem K says what its source says, and the chain of its proof leads from one side to the other."""

from types import MappingProxyType

import pytest

from boundcheck.errors import InvalidValueError
from boundcheck.language import EqualSizes, Relation, Space, cite, equal_sizes, m, triplet
from boundcheck.theorems import K_ANY_SIZES, KNOWN, K, get


def test_the_statement():
    assert str(K) == (
        "karimov: if n = p = q and ‖x_i − z_j‖ − ‖x_i − w_k‖ ≤ m for all i, j, k, "
        "then ‖mean_i x_i − mean_j z_j‖ ≤ 2·max{m, max_{i,k} ‖x_i − w_k‖}"
    )
    assert K.premises == (equal_sizes, triplet(m))
    assert K.space is Space.ANY_NORM
    assert K.parameters() == (m,)
    assert "Karimov" in cite(K)


def test_without_equal_sizes_the_conclusion_is_the_same():
    assert (K_ANY_SIZES.lhs, K_ANY_SIZES.rhs) == (K.lhs, K.rhs)
    assert K_ANY_SIZES.premises == (triplet(m),)
    assert "without its premise of equal sizes" in cite(K_ANY_SIZES)


LINKS = {
    "karimov": [
        ("definition of the centroid", "‖mean_i x_i − mean_j z_j‖ = ‖Σ_i x_i − Σ_j z_j‖ / n", ["n = p = q"]),
        ("triangle inequality", "‖Σ_i x_i − Σ_j z_j‖ / n ≤ mean_l ‖x_l − z_l‖", ["n = p = q"]),
        ("the triplet premise", "mean_l ‖x_l − z_l‖ ≤ mean_l (‖x_l − w_l‖ + m)", ["n = p = q", str(triplet(m))]),
        ("a mean is at most a maximum", "mean_l (‖x_l − w_l‖ + m) ≤ m + max_{i,k} ‖x_i − w_k‖", ["n = p = q"]),
        (
            "a sum is at most twice the larger",
            "m + max_{i,k} ‖x_i − w_k‖ ≤ 2·max{m, max_{i,k} ‖x_i − w_k‖}",
            [],
        ),
    ],
    "karimov-any-sizes": [
        ("triangle inequality", "‖mean_i x_i − mean_j z_j‖ ≤ mean_{i,j} ‖x_i − z_j‖", []),
        ("the triplet premise", "mean_{i,j} ‖x_i − z_j‖ ≤ m + mean_i min_k ‖x_i − w_k‖", [str(triplet(m))]),
        ("a mean of nearest is at most the farthest", "m + mean_i min_k ‖x_i − w_k‖ ≤ m + max_{i,k} ‖x_i − w_k‖", []),
        (
            "a sum is at most twice the larger",
            "m + max_{i,k} ‖x_i − w_k‖ ≤ 2·max{m, max_{i,k} ‖x_i − w_k‖}",
            [],
        ),
    ],
}


@pytest.mark.parametrize("bound", [K, K_ANY_SIZES], ids=lambda bound: bound.name)
def test_every_link(bound):
    found = [(link.title, link.statement, list(map(str, link.premises))) for link in bound.chain]
    assert found == LINKS[bound.name]
    assert all(link.citation.startswith("P. Karimov") for link in bound.chain)
    assert len({link.name for link in bound.chain}) == len({link.title for link in bound.chain}) == len(bound.chain)


@pytest.mark.parametrize("bound", [K, K_ANY_SIZES], ids=lambda bound: bound.name)
def test_the_chain_leads_from_one_side_to_the_other(bound):
    joints = [bound.lhs, *(link.rhs for link in bound.chain)]
    assert [link.lhs for link in bound.chain] == joints[:-1]
    assert joints[-1] == bound.rhs


def test_only_the_definition_is_an_equality():
    relations = [link.relation for link in K.chain]
    assert relations == [Relation.EQUAL, *[Relation.AT_MOST] * 4]
    assert all(link.relation is Relation.AT_MOST for link in K_ANY_SIZES.chain)


def test_equal_sizes_are_asked_for_only_where_points_are_paired():
    assert not any(isinstance(premise, EqualSizes) for link in K_ANY_SIZES.chain for premise in link.premises)


def test_the_registry():
    assert list(KNOWN)[:2] == ["karimov", "karimov-any-sizes"]
    assert get("karimov") is K
    assert get("karimov-any-sizes") is K_ANY_SIZES
    assert isinstance(KNOWN, MappingProxyType)


@pytest.mark.parametrize("name", ["Karimov", "", "k"])
def test_an_unknown_name_lists_the_known_ones(name):
    with pytest.raises(InvalidValueError, match=r"one of karimov, karimov-any-sizes, transport, .*, got"):
        get(name)
