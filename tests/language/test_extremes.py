"""Infima as terms: what they are of, how they read, and what is refused."""

import pytest

from boundcheck.adversary.serialized import as_python, read, write
from boundcheck.errors import InvalidTypeError, TermError
from boundcheck.formal.coq import coq_statement
from boundcheck.language import (
    Bound,
    Collection,
    Infimum,
    Space,
    Weights,
    another,
    coordinate_maximum,
    distance,
    enclosing_radius,
    geometric_median_cost,
    i,
    infimum,
    j,
    largest,
    maximum,
    mean,
    norm,
    variable,
    x,
    z,
)
from boundcheck.language.latex import latex

y = variable("y")
DIAMETER = maximum((i, another(x)), distance(x[i], x[another(x)]))


def test_an_infimum_reads_as_it_is_written():
    term = infimum(y, maximum(i, distance(x[i], y)))
    assert str(term) == "inf_y max_i ‖x_i − y‖"
    assert str(2 * term * norm(x[i]) + 1) == "2·(inf_y max_{i′} ‖x_i′ − y‖)·‖x_i‖ + 1"
    assert latex(term) == r"\inf_{y} \max_{i} \left\lVert x_{i} - y \right\rVert"
    assert str(geometric_median_cost(x, weights=Weights("a", x))) == "inf_v Σ_i a_i ‖x_i − v‖"


def test_its_variable_is_bound_and_other_letters_are_free():
    term = infimum(y, distance(x[i], y) + distance(z[j], y))
    assert not term.variables()
    assert term.body.variables() == {y}
    assert term.free() == {i, j}
    assert term.collections() == {x, z}
    assert infimum(variable("u"), norm(variable("u") - y)).variables() == {y}


def test_a_centre_is_not_called_as_the_points_are():
    assert str(enclosing_radius(Collection("v", "V", "i", "n"))) == "inf_u max_i ‖v_i − u‖"


@pytest.mark.parametrize(
    ("build", "error", "told"),
    [
        (lambda: infimum(x, norm(y)), InvalidTypeError, 'y = variable\\("y"\\)'),
        (lambda: infimum(y, DIAMETER), TermError, "with y in it"),
        (lambda: infimum(y, y), TermError, "take its norm"),
        (lambda: variable(""), InvalidTypeError, "non-empty"),
        (lambda: enclosing_radius(i), InvalidTypeError, "a Collection"),
        (lambda: Bound("open", lhs=0, rhs=maximum(i, distance(x[i], y))), TermError, "free y in .* infimum\\(y"),
        (
            lambda: Bound("letters", lhs=0, rhs=infimum(variable("z"), norm(x[i] - variable("z")))),
            TermError,
            "letter|free",
        ),
    ],
)
def test_what_means_nothing_is_refused(build, error, told):
    with pytest.raises(error, match=told):
        build()


def test_one_letter_is_not_a_collection_and_a_variable():
    clash = variable("z")
    with pytest.raises(TermError, match="another symbol"):
        Bound("letters", lhs=0, rhs=infimum(clash, maximum(i, distance(x[i], clash))))


def test_it_is_written_down_and_read_back():
    bound = Bound("jung", lhs=enclosing_radius(x), rhs=DIAMETER)
    assert read(write(bound)) == bound
    assert "Infimum(variable=Variable(symbol='v')" in as_python(bound)


def test_on_the_right_side_it_is_every_vector_for_coq():
    stated = str(
        coq_statement(Bound("half", lhs=DIAMETER, rhs=2 * infimum(y, maximum(i, distance(x[i], y))) + norm(mean(z))))
    )
    assert "forall (y : V)," in stated
    assert "2%:R * (\\big[Num.max/N (x ord0 - y)]_(i < n.+1) N (x i - y))" in " ".join(stated.split())
    rows = Bound("rows", lhs=norm(coordinate_maximum(x)), rhs=enclosing_radius(x), space=Space.EUCLIDEAN)
    assert "forall (v : 'rV[R]_d.+1)," in str(coq_statement(rows))


@pytest.mark.parametrize(
    "bound",
    [
        Bound("left", lhs=enclosing_radius(x), rhs=DIAMETER),
        Bound("within", lhs=0, rhs=largest(enclosing_radius(x), 1)),
        Bound("twice", lhs=0, rhs=enclosing_radius(x) + geometric_median_cost(x)),
    ],
)
def test_elsewhere_coq_has_no_form_for_it(bound):
    with pytest.raises(TermError, match="right side of a ≤"):
        coq_statement(bound)


def test_an_infimum_is_one_of_two_fields():
    assert Infimum(y, 2 * norm(y)) == infimum(y, 2 * norm(y))
