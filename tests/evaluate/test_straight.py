"""A straight line gives what the reader that it was written down from gives, to the last digit, and says no where it cannot."""

import copy
import importlib
import math
import pickle
from functools import partial

import numpy as np
import pytest
import torch

from boundcheck import check, check_bound
from boundcheck.evaluate.judge import judged_with_reader
from boundcheck.evaluate.readers.numeric import NumericReader
from boundcheck.evaluate.straight import Recorder, RecordingReader, StraightReader
from boundcheck.evaluate.straight import reader as straight
from boundcheck.evaluate.straight.operations import to_tensor, to_value
from boundcheck.language import Bound, Family, distance, exp, farthest, mean, w, x, z
from boundcheck.report.result import Report
from boundcheck.theorems import KNOWN, K
from boundcheck.theorems.published import PUBLISHED

# A package's function of this name stands before the module.
judging = importlib.import_module("boundcheck.evaluate.judge")


@pytest.fixture(autouse=True)
def _no_lines(monkeypatch):
    monkeypatch.setattr(straight, "_lines", straight._Lines())


def kept():
    return list(straight._lines._known.values())


def rows(random, n, d=4, scale=1.0):
    return random.normal(size=(n, d)) * scale


def given(bound, random, n=4, d=3, scale=1.0):
    """Return what check takes of a bound: points of every collection, and numbers for the rest."""
    collections = {
        one.argument: {"a": rows(random, n - 1, d, scale), "b": rows(random, n, d, scale)}
        if isinstance(one, Family)
        else rows(random, n, d, scale)
        for one in bound.collections
    }
    return {
        "collections": collections,
        "parameters": {one.symbol: 0.5 for one in bound.parameters() if one not in bound.least},
        "weights": {
            one.symbol: random.uniform(1, 2, size=len(collections[one.collection.argument])) for one in bound.weights()
        },
    }


def told(call):
    """Return all that a call says, an error too."""
    try:
        report = call()
    except Exception as error:
        return repr(error)
    # The chain is judged later, and not by a line.
    return {name: repr(getattr(report, name)) for name in Report.__dataclass_fields__ if name not in ("bound", "chain")}


def both_ways(call, monkeypatch):
    """Return what calls say by a straight line where there is one, and what they say without."""
    by_line = [told(one) for one in call]
    with monkeypatch.context() as patch:
        patch.setattr(judging, "straight_reader_for", lambda *args, **options: None)
        as_ever = [told(one) for one in call]
    return by_line, as_ever


ALL = {bound.name: bound for bound in (*KNOWN.values(), *(one.bound for one in PUBLISHED.values())) if not bound.maps()}


@pytest.mark.parametrize("name", ALL)
def test_a_report_is_the_same_with_and_without(name, monkeypatch):
    bound = ALL[name]
    random = np.random.default_rng(0)
    p = next(p for p in (2.0, math.inf) if bound.space.admits(p))
    # The first is read as ever, the second written down.
    scales = (1.0, 1.0, 1e3)
    calls = [partial(check, bound, None, norm=p, **given(bound, random, scale=scale)) for scale in scales]
    by_line, as_ever = both_ways(calls, monkeypatch)
    assert by_line == as_ever


def test_bounds_have_a_line_but_where_a_solver_is_called():
    found = {}
    for name, bound in KNOWN.items():
        if bound.maps():
            continue
        random = np.random.default_rng(0)
        p = next(p for p in (2.0, math.inf) if bound.space.admits(p))
        straight._lines._known.clear()
        for _ in range(2):
            check(bound, None, norm=p, **given(bound, random))
        (found[name],) = kept()
    assert {name for name, line in found.items() if line is None} == {"transport", "hulls"}


@pytest.mark.parametrize("p", [1, 2, 3, math.inf])
@pytest.mark.parametrize(
    ("sizes", "scale"),
    [((1, 1, 1), 1), ((20, 20, 7), 1), *(((4, 4, 3), scale) for scale in (1e-310, 1e-50, 1e160, 3e307))],
)
def test_whatever_the_norm_the_sizes_and_the_scale(p, sizes, scale, monkeypatch):
    random = np.random.default_rng(1)
    calls = []
    for shift in (0, 0, 3):
        with np.errstate(over="ignore"):
            points = [rows(random, n, 6) * scale + shift * scale for n in sizes]
        calls.append(partial(check_bound, None, *points, norm=p, equal_sizes=False))
    by_line, as_ever = both_ways(calls, monkeypatch)
    assert by_line == as_ever


def test_ties_equality_and_what_is_given(monkeypatch):
    a, b, c = [[0.0], [1.0]], [[1.0], [2.0]], [[4.0], [5.0]]
    least = float(check_bound(None, a, b, c).m)
    calls = [
        lambda: check_bound(None, a, b, c, m=least),
        lambda: check_bound(None, a, b, c, m=least),
        lambda: check_bound(None, a, b, c, m=np.nextafter(least, -np.inf)),
        lambda: check_bound(None, a, b, c, m=-40.0),
        lambda: check_bound(None, a, b, c, m=40.0),
        lambda: check_bound(None, a, a, a),
        lambda: check_bound(None, a, a, a),
        lambda: check_bound(None, [[0.0], [0.0]], [[0.0], [0.0]], [[0.0], [0.0]]),
        lambda: check_bound(None, [[0.0], [1.0]], [[2.0], [3.0]], [[0.1], [0.2]], bound="centroid-identity"),
        lambda: check_bound(None, [[0.0], [2.0]], [[2.0], [3.0]], [[0.1], [0.2]], bound="centroid-identity"),
        lambda: check_bound(None, a, b, [[math.nan], [0.0]]),
        lambda: check_bound(None, a, b, [[math.inf], [0.0]]),
        lambda: check_bound(None, a, b, [[1e308], [-1e308]]),
        lambda: check_bound(None, np.float32(a), torch.tensor(b), [[0.1], [5e-324]]),
        lambda: check_bound(None, a, b, c, aggregator="geometric median"),
        lambda: check_bound(None, a, b, c, aggregator="geometric median"),
        lambda: check_bound(None, a, b, c, aggregator={"G1": [1, 2], "G2": [3, 0]}),
        lambda: check_bound(None, a, b, c, head=lambda points: points / 2, lipschitz=1),
        lambda: check_bound(None, a, b, c, head=lambda points: points / 2, lipschitz=1),
    ]
    by_line, as_ever = both_ways(calls, monkeypatch)
    assert by_line == as_ever


def test_every_bound_at_once_is_the_same_each_time():
    random = np.random.default_rng(2)
    points = [rows(random, 5) for _ in range(3)]
    first, second, third = (check_bound(None, *points, bound="all") for _ in range(3))
    assert first.to_json() == second.to_json() == third.to_json()


def test_the_order_of_numbers_in_memory_changes_nothing():
    random = np.random.default_rng(3)
    points = [rows(random, 20, 30) for _ in range(3)]
    expected = check_bound(None, *points).to_json()
    for _ in range(3):
        assert check_bound(None, *map(np.asfortranarray, points)).to_json() == expected


def test_two_collections_that_are_some_of_three_have_a_line_too():
    random = np.random.default_rng(4)
    centroids = Bound("centroids", lhs=distance(mean(x), mean(z)), rhs=farthest(x, z))
    for _ in range(3):
        report = check(centroids, None, x=rows(random, 5), z=rows(random, 4))
    assert report.sizes == {"G1": 5, "G2": 4}
    (one,) = kept()
    assert one.line.steps


def test_what_the_caller_does_afterwards_changes_nothing():
    random = np.random.default_rng(5)
    for _ in range(3):
        points = [rows(random, 5) for _ in range(3)]
        expected = check_bound(None, *copy.deepcopy(points)).to_json()
        report = check_bound(None, *points)
        for one in points:
            one[:] = 0
        assert report.to_json() == expected


def test_what_is_looked_at_later_is_found_once_and_copied_with_the_rest():
    random = np.random.default_rng(6)
    points = [rows(random, 5) for _ in range(3)]
    for _ in range(3):
        report = check_bound(None, *points)
    assert not {"premises", "notes", "chain", "tightness"} & report.__dict__.keys()
    assert report.premises is report.premises
    assert report.tightness is not None
    assert "chain" not in report.__dict__
    again = pickle.loads(pickle.dumps(report))
    assert type(again) is type(report) is Report
    assert again == report == copy.deepcopy(check_bound(None, *points)) == check_bound(None, *points)


def test_a_reader_that_follows_a_line_reads_the_rest_as_ever():
    random = np.random.default_rng(7)

    def read():
        points = {one: torch.from_numpy(rows(random, 5)).unsqueeze(0) for one in (x, z, w)}
        judged, readings = judged_with_reader(K, points, 2.0, chain=False, again=True)
        return points, judged, readings.reader

    assert type(read()[2]) is NumericReader
    reader = read()[2]
    assert isinstance(reader, RecordingReader)
    reader.keep()
    points, judged, reader = read()
    assert isinstance(reader, StraightReader)
    plain, full = judged_with_reader(K, points, 2.0, chain=False)
    assert {one.symbol: float(named.value) for one, named in judged.parameters.items()} == {
        one.symbol: float(named.value) for one, named in plain.parameters.items()
    }
    for term in (K.lhs, K.rhs, farthest(x, z) + 1, *K.least.values().__iter__().__next__()):
        one, other = reader.scalar(term), full.reader.scalar(term)
        assert torch.equal(one.value, other.value)
        assert torch.equal(one.known_error, other.known_error)
    assert reader.size(x) == 5
    assert reader.extent(x.points) == 5
    assert torch.equal(reader.without_errors().scalar(K.rhs).value, full.reader.without_errors().scalar(K.rhs).value)
    assert torch.equal(
        reader.fixing(x.points, 2).scalar(distance(x[x.points], mean(z))).value,
        full.reader.fixing(x.points, 2).scalar(distance(x[x.points], mean(z))).value,
    )


def recorded(function, *tensors, data=()):
    recorder = Recorder(tensors, data)
    with recorder:
        found = function(*tensors)
    return recorder, found


def numbers(*values):
    return torch.tensor(values, dtype=torch.float64)


def test_a_line_does_the_same_to_other_numbers():
    def function(a, b):
        c = a * 2 + b.sum()
        c += 1
        return torch.where(c > 0, c, -c).amax(dim=0) / torch.stack([a[0], b[1]]).sqrt()

    recorder, found = recorded(function, numbers(1, 2, 3), numbers(4, 5))
    line = recorder.line([found])
    for a, b in ((numbers(1, 2, 3), numbers(4, 5)), (numbers(0.1, -7, 5), numbers(3, 11))):
        slots = line.run([to_value(a), to_value(b)])
        assert torch.equal(to_tensor(slots[recorder.place_of(found)], found.shape), function(a, b))
    assert line.run([np.array([-1.0, 2.0, 3.0]), np.array([4.0, 5.0])]) is not None
    # Of one number, a quotient by 0 is left to the reader.
    recorder, found = recorded(lambda a: 1 / a, numbers(2))
    assert recorder.line([found]).run([4.0])[recorder.place_of(found)] == 0.25
    recorder, found = recorded(lambda a, b: a / b, numbers(2), numbers(3))
    assert recorder.line([found]).run([1.0, 0.0]) is None


def test_what_no_output_needs_is_left_out():
    recorder, found = recorded(lambda a: (a.exp(), a + 1)[1], numbers(1, 2))
    assert [step.name for step in recorder.line([found]).steps] == ["add"]


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (lambda a: a * float(a[0]), "__float__"),
        (lambda a: a if bool((a > 0).all()) else -a, "all"),
        (lambda a: a * a.tolist()[0], "tolist"),
        (lambda a: a + torch.from_numpy(a.numpy() * 2), "numpy"),
        (lambda a: a[a > 0], "an index that is read from the inputs"),
        (lambda a: a.add_(1), "add_ of what has several names"),
        (lambda a: (a * 1).reshape(1, 2).add_(1), "add_ of what has several names"),
        (lambda a: a + a.to(torch.float32), "to torch.float32"),
        (lambda a: a.data + 1, "an attribute that is a tensor"),
        (lambda a: torch.rand_like(a), "rand_like"),
        (lambda a: torch.add(a, a, out=numbers(0, 0)), "into a tensor"),
    ],
)
def test_what_cannot_be_done_again_ends_the_recording(function, reason):
    given = numbers(1, 2)
    recorder, found = recorded(function, given)
    assert reason in recorder.reason
    assert recorder.line([found]) is None


def test_what_is_made_from_the_inputs_is_no_constant():
    given = numbers(1, 2)
    made = given * 3
    recorder, found = recorded(lambda a: a + made, given, data=[made])
    assert recorder.line([found]) is None
    recorder, _ = recorded(lambda a: made + 1, given, data=[made])
    assert recorder.reason
    constant = numbers(5, 5)
    recorder, found = recorded(lambda a: a + constant, given, data=[made])
    constant += 1
    assert recorder.line([found]).run([np.array([1.0, 1.0])])[recorder.place_of(found)].tolist() == [6.0, 6.0]


def test_a_function_of_a_users_own_that_looks_at_numbers_has_no_line(monkeypatch):
    from boundcheck.language import Function

    seen = []

    def value(tensor):
        seen.append(float(tensor.flatten()[0]))
        return tensor.exp()

    own = Function("grow", value=value, ball=lambda ball: ball.exp(), monotone=1, ulps=4)
    bound = Bound("own", lhs=own(distance(mean(x), mean(z))), rhs=exp(farthest(x, z)))
    random = np.random.default_rng(8)
    for _ in range(4):
        check(bound, None, x=rows(random, 3), z=rows(random, 3))
    assert kept() == [None]
    assert len(seen) >= 4


def test_only_so_many_lines_are_kept(monkeypatch):
    monkeypatch.setattr(straight, "_KEPT", 2)
    for d in (1, 2, 3):
        for _ in range(2):
            check_bound(None, *np.zeros((3, 2, d)), bound="farthest")
    assert len(kept()) == 2
