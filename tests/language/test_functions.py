"""Functions: declared once, applied to scalars, shown as mathematics; what is ill-formed fails when it is built."""

import pickle
from fractions import Fraction
from math import inf, nan

import pytest

from boundcheck.adversary.serialized import as_python, read, write
from boundcheck.errors import BoundcheckError, FileFormatError, TermError
from boundcheck.formal import latex
from boundcheck.language import (
    FUNCTIONS,
    Applied,
    Bound,
    Constant,
    Function,
    Reduction,
    absolute,
    arccos,
    cos,
    distance,
    exp,
    hinge,
    i,
    j,
    log,
    logsumexp,
    m,
    maximum,
    norm,
    rewrite,
    sin,
    softplus,
    without_parameters,
    x,
    z,
)

APART = distance(x[i], z[j])
SHOWN = [
    (exp(m), "exp(m)", r"\exp\left(m\right)"),
    (exp(m) ** 2, "exp(m)^2", r"\exp\left(m\right)^{2}"),
    (1 + log(1 + exp(-m)), "1 + log(1 + exp(−m))", r"1 + \log\left(1 + \exp\left(-m\right)\right)"),
    (abs(m - 1), "|m − 1|", r"\left\lvert m - 1 \right\rvert"),
    (2 * absolute(m), "2·|m|", r"2 \left\lvert m \right\rvert"),
    (softplus(m), "softplus(m)", r"\operatorname{softplus}\left(m\right)"),
    (hinge(1 - m), "max{0, 1 − m}", r"\max\left\{0, 1 - m\right\}"),
    (sin(m) + cos(m), "sin(m) + cos(m)", r"\sin\left(m\right) + \cos\left(m\right)"),
    (arccos(m), "arccos(m)", r"\arccos\left(m\right)"),
    (logsumexp(j, APART), "logΣexp_j ‖x_i − z_j‖", None),
    (logsumexp((i, j), -APART), "logΣexp_{i,j} −‖x_i − z_j‖", None),
]


@pytest.mark.parametrize(("term", "text", "set_as"), SHOWN, ids=lambda value: value if isinstance(value, str) else "")
def test_a_value_of_a_function_reads_as_mathematics(term, text, set_as):
    assert str(term) == text
    if set_as is not None:
        assert latex(term) == set_as


def test_the_functions_are_these():
    assert set(FUNCTIONS) == {"abs", "arccos", "cos", "exp", "log", "sin", "softplus"}
    assert all(isinstance(function, Function) and function.name == name for name, function in FUNCTIONS.items())


def test_a_function_of_ones_own_is_one_declaration():
    tanh = Function("tanh", lambda t: t.tanh(), ulps=4, monotone=1, lipschitz=Fraction(1))
    assert str(2 * tanh(m)) == "2·tanh(m)"
    assert latex(tanh(m)) == r"\operatorname{tanh}\left(m\right)"
    assert tanh(m) == tanh(m) != exp(m)
    assert tanh(m).children == (m,)
    assert tanh.admits(10**400)


@pytest.mark.parametrize(
    "made",
    [
        lambda: exp(x[i]),
        lambda: Applied("exp", m),
        lambda: exp("1"),
        lambda: Function("", abs, ulps=1),
        lambda: Function("f", 3, ulps=1),
        lambda: Function("f", abs, ulps=-1),
        lambda: Function("f", abs, ulps=True),
        lambda: Function("f", abs, ulps=1, ball=3),
        lambda: Function("f", abs, ulps=1, monotone=2),
        lambda: Function("f", abs, ulps=1, lipschitz=-1),
        lambda: Function("f", abs, ulps=1, domain=(1.0, 0.0)),
        lambda: Function("f", abs, ulps=1, bounds=(nan, 0.0)),
        lambda: Function("f", abs, ulps=1, text="f"),
        lambda: Function("f", abs, ulps=1, latex="{}{}"),
        lambda: cos(x[i]),
        lambda: logsumexp(i, m),
    ],
)
def test_what_is_ill_formed_fails_when_it_is_built(made):
    with pytest.raises(BoundcheckError, match="expected"):
        made()


def test_the_message_says_what_to_do():
    with pytest.raises(TermError, match=r"exp: expected a scalar, got the vector x_i; take its norm"):
        exp(x[i])
    with pytest.raises(TermError, match=r"write cos\(u, v\)"):
        cos(x[i])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_written_by_its_name_and_read_back(name):
    bound = Bound("own", maximum((i, j), FUNCTIONS[name](APART)) <= 3)
    assert read(write(bound)) == bound
    assert f"FUNCTIONS['{name}']" in as_python(bound)
    assert pickle.loads(pickle.dumps(bound)) == bound
    assert write(pickle.loads(pickle.dumps(bound))) == write(bound)


def test_a_function_of_ones_own_is_in_no_file():
    own = Function("exp", lambda t: t, ulps=0)
    with pytest.raises(FileFormatError, match="functions of the language"):
        write(own(m))
    for content in ("nothing", {"name": "exp"}, 3):
        with pytest.raises(FileFormatError):
            read({"Applied": {"function": {"Function": content}, "argument": {"Parameter": {"symbol": "m"}}}})


def test_a_log_sum_exp_is_no_sum_where_terms_are_rewritten():
    # log Σ_j e^a is a + log p, not a.
    assert rewrite(logsumexp(j, APART + norm(x[i]))).kind is Reduction.LOG_SUM_EXP
    assert rewrite(logsumexp(j, 2 * APART)) == logsumexp(j, 2 * APART)
    assert without_parameters(logsumexp(j, Constant(Fraction(1)) * APART)) is not None
    assert rewrite(exp(maximum(i, maximum(j, APART - norm(x[i]))))) == exp(
        rewrite(maximum(i, maximum(j, APART - norm(x[i]))))
    )


def test_where_a_function_is_defined_is_said():
    assert FUNCTIONS["arccos"].admits(Fraction(1, 2))
    assert not FUNCTIONS["arccos"].admits(2)
    assert FUNCTIONS["log"].domain == (0.0, inf)
