"""The false statements: each counterexample satisfies the premises and breaks the conclusion, and falsifiers find one."""

from fractions import Fraction

import pytest
import torch

from boundcheck.evaluate import judge
from boundcheck.evaluate.verdict import CODES, Verdict
from boundcheck.language import ForAll
from boundcheck.theorems import every
from boundcheck.theorems.false import FALSE


def judged(false):
    def numbers(points):
        return torch.tensor([[[float(Fraction(value)) for value in point] for point in points]], dtype=torch.float64)

    spoken = {collection.symbol: collection for collection in false.bound.collections}
    points = {spoken[symbol]: numbers(of) for symbol, of in false.points.items()}
    # A collection that the statement does not speak of still has to be there.
    some = next(iter(points.values()))
    points |= {collection: some for collection in spoken.values() if collection not in points}
    said = {premise.parameter for premise in false.bound.premises if isinstance(premise, ForAll)}
    given = {
        parameter: torch.tensor([float(false.parameters[parameter.symbol])], dtype=torch.float64)
        for parameter in false.bound.parameters()
        if parameter not in said
    }
    return judge(false.bound, points, false.norm, parameters=given)


@pytest.mark.parametrize("false", FALSE, ids=lambda false: false.name)
def test_its_counterexample_refutes_it(false):
    judgement = judged(false)
    assert CODES[int(judgement.conclusion.code)] is Verdict.FAILS
    # The parameters are the least that the premises allow, so these hold.
    found = {parameter.symbol: float(named.value) for parameter, named in judgement.parameters.items()}
    assert found == pytest.approx({symbol: float(value) for symbol, value in false.parameters.items()}, abs=1e-12)


def test_their_names_are_new_and_different():
    names = [false.name for false in FALSE]
    assert len(set(names)) == len(names)
    assert not set(names) & set(every())


def test_each_says_what_was_changed():
    assert all(false.why and not false.bound.proof for false in FALSE)


def test_points_and_parameters_cannot_be_changed():
    with pytest.raises(TypeError):
        FALSE[0].points["x"] = ()
