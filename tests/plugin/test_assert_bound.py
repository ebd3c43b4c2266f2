"""An assertion passes where the bound holds, and otherwise says what was found and how to see it again."""

import contextlib
import io
import pickle
from dataclasses import replace

import numpy as np
import pytest
import torch

import boundcheck
from boundcheck import Bound, K, Verdict, assert_bound
from boundcheck.errors import BoundcheckError, InvalidTypeError, InvalidValueError, NormError, ParameterError
from boundcheck.language import (
    Parameter,
    classes,
    distance,
    farthest,
    largest,
    m,
    maximum,
    mean,
    norm,
    triplet,
    w,
    x,
    z,
)
from boundcheck.testing import LONGEST, BoundAssertionError, as_snippet
from boundcheck.theorems.aggregators import HEAD

#: Theorem K with a constant that is a little too small.
TOO_SMALL = replace(K, name="k-1.99", rhs=1.99 * largest(m, farthest(x, w)), chain=())

C = classes("C")
#: No class is as near to itself as τ says.
GAP = Bound(
    "gap",
    lhs=maximum((C.each, C[C.each].each), distance(C[C.each][C[C.each].each], mean(C[C.each]))),
    rhs=Parameter("τ"),
    collections=[C],
)

POINT = [[0.0]], [[2.0]], [[1.0]]
#: Two sides that are equal, by a way that has no exact form.
_LENGTH = norm(mean(x) - mean(z))
NESTED = Bound("nested", premises=[triplet(m)], lhs=(1 + _LENGTH) ** 0.5 * (1 + _LENGTH) ** 0.5, rhs=1 + _LENGTH)
UNDECIDED = [[0.0, 0.0]], [[1.0, 2.0]], [[0.0, 1.0]]


def run(snippet):
    """Return what a snippet prints."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(snippet, {})
    return printed.getvalue().strip()


def refused(*arguments, **options):
    with pytest.raises(BoundAssertionError) as caught:
        assert_bound(*arguments, **options)
    return caught.value


def snippet_of(error):
    return str(error).split("\n\n")[-1]


def test_what_holds_passes_and_is_returned():
    report = assert_bound(None, *POINT)
    assert report.verdict is Verdict.HOLDS
    assert report.bound == K


def test_what_fails_is_shown_with_both_sides_premises_and_witness():
    error = refused(None, *POINT, bound=TOO_SMALL)
    assert isinstance(error, AssertionError)
    assert isinstance(error, BoundcheckError)
    assert error.report.verdict is Verdict.FAILS
    text = str(error)
    assert text.startswith("k-1.99: the bound fails\nfails  ")
    assert "left side   2 ± " in text
    assert "right side  1.98999… ± " in text
    assert "premise T(m): holds" in text
    assert "attained at G1[0], G2[0], G3[0]: ‖x_i − z_j‖ = 2, ‖x_i − w_k‖ = 1" in " ".join(text.split())
    assert "from test_assert_bound import TOO_SMALL" in text


def test_a_snippet_of_a_known_bound_shows_what_the_assertion_did():
    error = refused(lambda points: 2 * points, np.zeros((1, 1)), np.full((1, 1), 4.0), np.ones((1, 1)), m=2)
    assert run(snippet_of(error)) == str(error.report)
    assert "[[8.0]]" in snippet_of(error), "the points as they were embedded"


def test_a_snippet_names_what_differs_from_the_defaults():
    given = {"norm": float("inf"), "equal_sizes": False, "m": -0.5}
    error = refused(None, [[0.0], [0.25]], [[2.0]], [[1.0]], **given)
    assert run(snippet_of(error)) == str(error.report)
    assert "m=-0.5, norm=float('inf'))" in snippet_of(error)
    error = refused(None, [[0.0], [0.25]], [[2.0], [2.0], [3.0]], [[1.0]], bound=TOO_SMALL, **given)
    assert "bound=TOO_SMALL" in snippet_of(error)
    assert "equal_sizes=False" in snippet_of(error)
    error = refused(None, *POINT, aggregator="medoid", m=0.5)
    assert run(snippet_of(error)) == str(error.report)


def test_arguments_without_a_text_are_named():
    error = refused(None, [[0.0]], [[2.0]], [[5.0]], head=lambda points: 3 * points, lipschitz=1)
    assert "# with head, lipschitz as in the test" in snippet_of(error)
    error = refused(None, *POINT, aggregator=lambda points: np.ones(len(points)), m=0.5)
    assert "# with aggregator as in the test" in snippet_of(error)


def test_a_bound_that_no_module_names_is_stated():
    local = replace(TOO_SMALL, name="local")
    assert f"# where bound is {local}" in snippet_of(refused(None, *POINT, bound=local))


def test_undecided_fails_unless_allowed():
    error = refused(None, *UNDECIDED, bound=NESTED)
    assert error.report.verdict is Verdict.UNDECIDED
    assert "allow_undecided=True" in str(error).splitlines()[0]
    with pytest.raises(BoundAssertionError):
        assert_bound(None, *UNDECIDED, bound=NESTED, allow_vacuous=True)
    assert assert_bound(None, *UNDECIDED, bound=NESTED, allow_undecided=True).verdict is Verdict.UNDECIDED


def test_vacuous_fails_unless_allowed_and_names_the_premise():
    error = refused(None, *POINT, m=0.5)
    assert error.report.verdict is Verdict.VACUOUS
    first = str(error).splitlines()[0]
    assert "the premise T(m) fails" in first
    assert "allow_vacuous=True" in first
    with pytest.raises(BoundAssertionError):
        assert_bound(None, *POINT, m=0.5, allow_undecided=True)
    assert assert_bound(None, *POINT, m=0.5, allow_vacuous=True).verdict is Verdict.VACUOUS


def test_a_bound_that_fails_is_never_allowed():
    with pytest.raises(BoundAssertionError, match="the bound fails"):
        assert_bound(None, *POINT, bound=TOO_SMALL, allow_undecided=True, allow_vacuous=True)


def test_each_verdict_fails_at_a_line_of_its_own():
    """Hypothesis tells failures apart by their line; shrinking must not turn one into another."""
    errors = [
        refused(None, *POINT, bound=TOO_SMALL),
        refused(None, *UNDECIDED, bound=NESTED),
        refused(None, *POINT, m=0.5),
    ]
    lines = set()
    for error in errors:
        last = error.__traceback__
        while last.tb_next is not None:
            last = last.tb_next
        lines.add(last.tb_lineno)
    assert len(lines) == 3


def test_arguments_reach_the_check():
    f = torch.nn.Linear(2, 3)
    points = [torch.randn(4, 2) for _ in range(3)]
    report = assert_bound(f, *points, norm=1, m=1e3, batch_size=2, batched=True, device="cpu")
    assert report == boundcheck.check_bound(f, *points, norm=1, m=1e3)
    head = assert_bound(None, [[0.0]], [[2.0]], [[4.0]], head=lambda values: values / 2, lipschitz=1)
    assert head.bound.name == "lipschitz-head"
    weighted = assert_bound(None, [[0.0], [1.0]], [[2.0]], [[4.0]], bound="hull", weights={"a": [1, 3], "b": [1]})
    assert weighted == boundcheck.check_bound(
        None, [[0.0], [1.0]], [[2.0]], [[4.0]], bound="hull", weights={"a": [1, 3], "b": [1]}
    )


def test_collections_are_given_by_name_as_check_takes_them():
    report = assert_bound("karimov", lambda points: points, x=np.zeros((1, 1)), z=[[2.0]], w=[[1.0]])
    assert report == boundcheck.check("karimov", None, x=[[0.0]], z=[[2.0]], w=[[1.0]])
    error = refused(TOO_SMALL, lambda points: 2 * np.asarray(points), G1=[[0.0]], G2=[[1.0]], G3=[[0.5]])
    assert "from boundcheck import check\nfrom test_assert_bound import TOO_SMALL\n" in str(error)
    assert "print(check(TOO_SMALL, None, G1=[[0.0]], G2=[[2.0]], G3=[[1.0]]))" in str(error), "as they were embedded"


def test_a_family_is_shown_by_class_with_what_else_was_given():
    error = refused(GAP, None, C={"a": [[0.0], [2.0]], "b": [[9.0]]}, parameters={"τ": 0.5})
    assert "from boundcheck import check\nfrom test_assert_bound import GAP\n" in str(error)
    shown = "print(check(GAP, None, C={'a': [[0.0], [2.0]], 'b': [[9.0]]}, parameters={'τ': 0.5}))"
    assert shown in str(error)
    labelled = refused(GAP, None, C=([[0.0], [9.0], [2.0]], ["a", "b", "a"]), parameters={"τ": 0.5})
    assert shown in str(labelled)


def test_weights_are_shown_as_ratios_and_maps_named():
    weights = {"a": [1, 3], "b": [1]}
    given = {"x": [[0.0], [1.0]], "z": [[9.0]], "w": [[1.0]], "weights": weights, "m": 0}
    error = refused("hull", None, **given)
    assert run(snippet_of(error)) == str(error.report)
    error = refused(HEAD, None, x=[[0.0]], z=[[2.0]], w=[[5.0]], maps={"g": lambda v: 3 * v}, parameters={"L": 1})
    assert "# with maps as in the test" in snippet_of(error)


def test_an_embedding_before_the_names_and_nothing_else():
    with pytest.raises(InvalidTypeError, match="assert_bound: expected a bound and an embedding before the names"):
        assert_bound("karimov", None, [[0.0]], [[0.0]], [[0.0]])
    with pytest.raises(ParameterError, match=r"collections of bound 'karimov': .*, got no w; pass w=…"):
        assert_bound("karimov", None, x=[[0.0]], z=[[0.0]])
    with pytest.raises(TypeError):
        assert_bound(None, [[0.0]])


def test_the_error_survives_a_pickle():
    """Workers of a distributed run send their errors home."""
    error = refused(None, *POINT, m=0.5)
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error)
    assert again.report == error.report


def test_too_many_numbers_are_counted_not_shown():
    points = [np.zeros((2, LONGEST)), np.full((2, LONGEST), 2.0), np.ones((2, LONGEST))]
    error = refused(None, *points, bound=TOO_SMALL)
    assert snippet_of(error) == f"# too many numbers to show: G1 (2, {LONGEST}), G2 (2, {LONGEST}), G3 (2, {LONGEST})"
    assert as_snippet(K, *(np.zeros((1, LONGEST // 3)) for _ in range(3))).startswith("from boundcheck import")


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"bound": "all"}, InvalidValueError, "bound: expected one bound, got 'all'"),
        ({"bound": "no-such"}, InvalidValueError, "bound: expected one of"),
        ({"norm": 0.5}, NormError, "norm: expected p in"),
        ({"allow_undecided": 1}, InvalidTypeError, "allow_undecided: expected True or False, got 1"),
        ({"allow_vacuous": None}, InvalidTypeError, "allow_vacuous: expected True or False, got None"),
    ],
)
def test_bad_arguments_are_errors_not_failures(options, error, message):
    with pytest.raises(error, match=message) as caught:
        assert_bound(None, *POINT, **options)
    assert not isinstance(caught.value, AssertionError)
