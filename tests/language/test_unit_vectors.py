"""Vectors of unit norm: exactly, by the term; by premise, exactly or within a tolerance that is stated."""

import numpy as np
import pytest

from boundcheck import check
from boundcheck.errors import InvalidValueError, TermError
from boundcheck.language import Bound, classes, distance, i, inner, j, mean, norm, normalised, unit, x, z

RANDOM = np.random.default_rng(0)
ROWS = RANDOM.normal(size=(6, 4)).astype(np.float32)
X = ROWS / np.linalg.norm(ROWS, axis=1, keepdims=True)
Z = X[::-1].copy()
C = classes("C")


def law(u, v, *premises):
    return Bound("law", distance(u, v) ** 2 <= 2 - 2 * inner(u, v) + 1e-5, premises=premises, collections=[x, z])


def test_text():
    assert str(normalised(x[i])) == "x_i / ‖x_i‖"
    assert str(unit(x)) == "|‖x_i‖ − 1| ≤ 0 for all i"
    assert str(unit(x, within=1e-6)) == "|‖x_i‖ − 1| ≤ 1/1000000 for all i"
    assert str(unit(mean(x))) == "|‖mean_i x_i‖ − 1| ≤ 0"
    assert unit(C).name == "unit norm of C"


def test_what_float32_normalises_is_of_no_unit_norm_exactly_and_the_message_says_what_to_write():
    report = check(law(x[i], z[j], unit(x), unit(z)), None, x=X, z=Z)
    assert report.verdict == "vacuous"
    note = report.notes[0]
    assert note.startswith("unit norm of x fails by ")
    assert "as it does where numbers were rounded, to float32 say" in note
    assert "write normalised(x_i) for x_i" in note
    assert "unit(x, within=1e-6)" in note


def test_within_a_tolerance_it_holds_and_by_the_term_it_needs_no_premise():
    assert check(law(x[i], z[j], unit(x, within=1e-6), unit(z, within=1e-6)), None, x=X, z=Z).verdict == "holds"
    assert check(law(normalised(x[i]), normalised(z[j])), None, x=X, z=Z).verdict == "holds"


def test_another_premise_of_equality_says_so_too_and_one_that_fails_by_far_does_not():
    from boundcheck.language import equals, for_all

    bound = law(x[i], z[j], for_all("on the sphere", equals(norm(x[i]), 1)))
    (note,) = check(bound, None, x=X, z=Z).notes
    assert "for_all('on the sphere', |‖x_i‖ − 1| <= 1e-6)" in note
    assert check(bound, None, x=3 * X, z=Z).notes == ()


def test_what_is_no_tolerance_or_no_vector_is_refused():
    with pytest.raises(InvalidValueError, match="within"):
        unit(x, within=-1)
    with pytest.raises(TermError, match="normalised"):
        normalised(norm(x[i]))
