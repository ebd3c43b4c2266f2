"""Which premises are needed, how sharp a bound is, which of two is sharper."""

import pytest
import torch

from boundcheck.adversary import Refuted, Survived, compare, necessity, sharpness
from boundcheck.errors import InvalidValueError
from boundcheck.language import Bound, distance, i, j, m, maximum, mean, norm, triplet, w, x, z
from boundcheck.theorems import get


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def answers(found):
    return {need.taken: need.answer for need in found.needs}


NOT_NEEDED, NEEDED = "not needed, as far as was tried", "needed"

# ---------------------------------------------------------------------------------------------------------- necessity


def test_theorem_k_needs_its_triplet_premise_and_not_equal_sizes():
    found = necessity("karimov", seconds=0.5)
    assert answers(found) == {
        "equal sizes, dropped": NOT_NEEDED,
        "T(m), dropped": NEEDED,
        # K follows from what the mean over any of the three indices says.
        "T(m), on average over i": NOT_NEEDED,
        "T(m), on average over j": NOT_NEEDED,
        "T(m), on average over k": NOT_NEEDED,
    }
    # Sizes differ in what was tried without that premise.
    tried = found.needs[0].outcome.tried.layouts
    assert any(len(set(layout.sizes)) > 1 for layout in tried)


def test_sums_need_equal_sizes():
    found = answers(necessity("sum", seconds=1))
    assert found["equal sizes of x and z, dropped"] == NEEDED
    assert found["T(m), dropped"] == NEEDED


def test_u4_needs_euclidean_space_and_every_anchor():
    found = necessity("variance", seconds=1.5)
    told = answers(found)
    assert told["Euclidean space, widened to any norm"] == NEEDED
    assert told["T(m), on average over i"] == NEEDED
    assert told["T(m), on average over k"] == NEEDED
    for need in found.needs:
        if need.answer == NEEDED:
            exec(need.outcome.snippet(), {})


def test_a_root_of_the_dimension_is_needed():
    assert (
        answers(necessity("coordinate-max-euclidean", seconds=1))["the dimension, taken as 1 in the statement"]
        == NEEDED
    )


def test_a_premise_that_the_statement_cannot_do_without():
    found = necessity("karimov-2-triangle", seconds=0.2)
    assert answers(found) == {"equal sizes, dropped": "needed to state the bound"}
    assert found.summary()["needs"][0]["outcome"] is None
    assert "needed to state the bound: equal sizes, dropped" in str(found)


# ---------------------------------------------------------------------------------------------------------- sharpness


@pytest.mark.parametrize("name", ["karimov", "chamfer", "variance"])
def test_the_sharp_ones_are_seen_to_be(name):
    found = sharpness(name, seconds=2)
    assert (found.best.tightness, found.best.exact) == (1.0, True)
    assert min(one.tightness for one in found.by_layout) >= 0.999
    assert {one.norm for one in found.by_layout} == ({2.0} if name == "variance" else {1.0, 2.0, float("inf")})


def test_a_blunt_one_is_told_from_a_sharp_one():
    blunt = Bound("twice", premises=[triplet(m)], lhs=norm(mean(x) - mean(z)), rhs=2 * get("chamfer").rhs)
    found = sharpness(blunt, seconds=1.5)
    assert found.best.tightness == pytest.approx(0.5)
    assert not found.best.exact


def test_what_is_broken_is_more_than_sharp():
    half = Bound("half", premises=[triplet(m)], lhs=norm(mean(x) - mean(z)), rhs=get("chamfer").rhs / 2)
    assert sharpness(half, seconds=0.7, max_size=1).best.tightness > 1.9


def test_an_equality_is_refused():
    with pytest.raises(InvalidValueError, match="bound: expected an inequality"):
        sharpness("centroid-identity")


def test_sides_that_are_never_above_0_have_no_sharpness():
    found = sharpness(Bound("none", lhs=-norm(mean(x)), rhs=0), seconds=0.3)
    assert found.best is None
    assert "no case with a right side above 0" in str(found)


# ------------------------------------------------------------------------------------------------------------ compare


@pytest.mark.parametrize(
    ("a", "b", "answer"),
    [
        ("chamfer", "karimov", "chamfer was never looser than karimov, and was tighter once"),
        ("karimov", "chamfer", "chamfer was never looser than karimov, and was tighter once"),
        ("variance", "chamfer", "variance was never looser than chamfer, and was tighter once"),
        ("separation", "margin", "separation was never looser than margin, and was tighter once"),
        ("karimov", "karimov-any-sizes", "karimov and karimov-any-sizes were equal wherever they were compared"),
    ],
)
def test_the_sharper_of_two(a, b, answer):
    assert compare(a, b, seconds=0.4).answer == answer


def test_neither_of_two_is_always_sharper():
    lhs = norm(mean(x) - mean(z))
    other = Bound("farthest-positive", lhs=lhs, rhs=maximum((i, j), distance(x[i], z[j])))
    found = compare("chamfer", other, seconds=5)
    assert found.answer.startswith("neither")
    assert all(isinstance(one, Refuted) for one in (found.forwards, found.backwards))
    assert "is tighter here:" in str(found)
    exec(found.forwards.snippet(), {})


def test_evidence_is_kept_where_there_is_no_witness():
    found = compare("chamfer", "karimov", seconds=0.5)
    assert isinstance(found.forwards, Survived)
    assert found.summary()["forwards"]["tried"]["cases"] > 0


@pytest.mark.parametrize(
    ("a", "b"),
    [("karimov", "separation"), ("coordinate-max", "coordinate-max-euclidean"), ("karimov", "centroid-identity")],
)
def test_bounds_on_different_things_are_refused(a, b):
    with pytest.raises(InvalidValueError, match="b: expected a bound"):
        compare(a, b)


def test_negatives_are_compared_too():
    lhs = norm(mean(x) - mean(w))
    one, other = (Bound(f"c{c}", lhs=c * norm(mean(x) - mean(w)), rhs=lhs) for c in (1, 0.5))
    assert compare(one, other, seconds=0.5).answer == "c1 was never looser than c0.5, and was tighter once"
