"""Adversarial objects: the tightest collections of a data set, and small perturbations through an embedding."""

import copy
import json
import math
from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from boundcheck import check_bound
from boundcheck.adversary import replay
from boundcheck.adversary.objects import perturbed_collections, tightest_collections
from boundcheck.errors import (
    EmptyCollectionError,
    InvalidTypeError,
    InvalidValueError,
    MissingEntryError,
    NonFiniteError,
    NormError,
    ParameterError,
    UnequalSizesError,
)
from boundcheck.evaluate import Enclosed, Verdict
from boundcheck.language import (
    Bound,
    ForAll,
    Parameter,
    Relation,
    distance,
    farthest,
    i,
    k,
    largest,
    m,
    mean,
    minimum,
    nearest,
    norm,
    triplet,
    w,
    x,
    z,
)
from boundcheck.scanning import LabelledPoints

CENTROIDS = norm(mean(x) - mean(z))
#: False: an anchor may sit on a negative.
NEAREST = Bound("m-plus-nearest", premises=[triplet(m)], lhs=CENTROIDS, rhs=m + nearest(x, w))


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def cloud(classes=4, objects=40, dimension=6, seed=0, spread=3.0):
    """Place classes at random, each collection of ten objects nearer to its own."""
    random = np.random.default_rng(seed)
    points = spread * random.normal(size=(classes, 1, dimension)) + random.normal(size=(classes, objects, dimension))
    labels = np.repeat(np.arange(classes), objects)
    collections = np.arange(classes * objects) // 10
    return LabelledPoints.from_labels(points.reshape(-1, dimension), collections, labels)


def planted(n=3, seed=0):
    """Hide, among collections far from tight, the case at which theorem K is an equality: x = 0, z = 2, w = 1.

    Half of a class is scattered about 0, half about 2, in whatever collections, and another class about 1; n objects of
    each are there up to a ten-thousandth.
    """
    random = np.random.default_rng(seed)
    noise = random.normal(size=(3, 30, 3))
    centres = np.zeros((3, 30, 3))
    order = random.permutation(30)
    centres[0, order[:15], 0], centres[1, :, 0], centres[2] = 2, 1, 9 * random.normal(size=(30, 3))
    own, other = [*order[:n], *order[15 : 15 + n]], random.choice(30, n, replace=False)
    noise[0, own] *= 1e-4
    noise[1, other] *= 1e-4
    labelled = LabelledPoints.from_labels(
        (centres + noise).reshape(-1, 3), np.arange(90) // 5, np.repeat(np.arange(3), 30)
    )
    return labelled, {int(row) for row in own}, {30 + int(row) for row in other}


def network(seed=0, *, norm_layer=True):
    """Return a small ConvNet from (n, 1, 8, 8) to (n, 4), its running statistics not those of any batch."""
    torch.manual_seed(seed)
    layers = [nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.SiLU(), nn.Flatten(), nn.Dropout(0.5), nn.Linear(144, 4)]
    if not norm_layer:
        layers.pop(1)
    f = nn.Sequential(*layers)
    if norm_layer:
        f[1].running_mean.normal_()
        f[1].running_var.uniform_(0.5, 2)
    return f.eval()


def images(n=3, seed=1, dtype=torch.float32):
    return [one.clone() for one in torch.rand(3, n, 1, 8, 8, generator=torch.Generator().manual_seed(seed)).to(dtype)]


# ------------------------------------------------------------------------------------------------------- real objects


def test_swaps_find_tighter_collections_than_random_ones_do():
    labelled = cloud()
    for name in ("karimov", "chamfer", "two-sided"):
        found = tightest_collections(name, labelled, sizes=4, steps=60, seconds=60, seed=3)
        assert found.verdict == "survived"
        assert found.refuted is None
        assert found.found.verdict is Verdict.HOLDS
        # By far more than either's error, and more than twice as many random ones give.
        assert found.tightness > 1.1 * found.random.tightness
        assert found.evaluations > found.drawn == 2048


def test_what_is_reported_is_what_check_bound_says_of_those_objects():
    labelled = cloud(seed=5)
    found = tightest_collections("two-sided", labelled, sizes=(3, 5, 2), steps=20, seconds=60)
    rows = [list(found.objects[symbol]) for symbol in "xzw"]
    assert [len(one) for one in rows] == [3, 5, 2]
    assert len(set(rows[0] + rows[1])) == 8
    classes = [{int(row) // 40 for row in one} for one in rows]
    assert classes[0] == classes[1] != classes[2]
    assert all(len(one) == 1 for one in classes)
    assert [found.classes[symbol] for symbol in "xzw"] == [str(*one) for one in classes]
    report = check_bound(None, *(labelled.points[one] for one in rows), bound="two-sided")
    for name in ("lhs", "rhs", "tightness"):
        ours, theirs = getattr(found.found, name), getattr(report, name)
        assert isinstance(ours, Enclosed)
        assert abs(float(ours) - float(theirs)) <= ours.error + theirs.error
        assert ours.error < 1e-9
    assert found.found.verdict is report.verdict


def test_a_planted_triple_is_found():
    labelled, own, other = planted(seed=0)
    found = tightest_collections("karimov", labelled, sizes=3, steps=900, seconds=600, seed=0)
    # Which is to say that no random triple is near it.
    assert found.random.tightness < 0.7
    assert set(found.objects["x"]) | set(found.objects["z"]) == own
    assert set(found.objects["w"]) == other
    assert 0.99 < found.tightness <= 1


def test_one_seed_is_one_search_and_another_is_another():
    labelled = cloud(seed=2)
    options = {"sizes": 3, "steps": 15, "seconds": 600}
    first, again = (tightest_collections("chamfer", labelled, seed=7, **options) for _ in range(2))
    assert first.objects == again.objects
    assert first.history == again.history
    assert first.evaluations == again.evaluations
    assert first.history != tightest_collections("chamfer", labelled, seed=8, **options).history


def test_history_never_falls_and_ends_at_what_was_found():
    found = tightest_collections("farthest", cloud(seed=4), sizes=2, steps=30, seconds=60)
    counts, values = zip(*found.history, strict=True)
    assert list(values) == sorted(values)
    assert list(counts) == sorted(counts)
    assert values[-1] == pytest.approx(float(found.tightness), rel=1e-12)


def test_time_ends_a_search():
    found = tightest_collections("karimov", cloud(), sizes=3, seconds=2, steps=10**6)
    assert found.rounds < 10**6
    assert found.seconds < 30


def test_no_steps_is_random_search():
    found = tightest_collections("karimov", cloud(), sizes=3, steps=0)
    assert found.evaluations == found.drawn
    assert found.tightness == found.random.tightness


def test_a_false_bound_is_refuted_and_the_counterexample_stands_by_itself():
    labelled = cloud(spread=0.3)
    found = tightest_collections(NEAREST, labelled, sizes=3, steps=200, seconds=120)
    assert found.verdict == "refuted"
    assert found.found.verdict is Verdict.FAILS
    assert found.found.lhs.lower > found.found.rhs.upper
    assert found.refuted.verdict == "refuted"
    assert np.array_equal(found.refuted.points["x"], labelled.points[list(found.objects["x"])])
    assert replay(found.refuted).status == "still fails"
    report = check_bound(None, *(labelled.points[list(found.objects[s])] for s in "xzw"), bound=NEAREST)
    assert report.verdict is Verdict.FAILS
    assert "proves nothing" not in str(found)


def test_a_bound_that_only_swaps_refute_is_refuted():
    # Random collections are far from it: a hundredth less than theorem K, at the planted triple.
    labelled, *_ = planted()
    less = Bound("less", premises=[triplet(m)], lhs=CENTROIDS, rhs=1.9 * largest(m, farthest(x, w)))
    assert tightest_collections(less, labelled, sizes=3, steps=0).verdict == "survived"
    assert tightest_collections(less, labelled, sizes=3, steps=900, seconds=600).verdict == "refuted"


def test_a_counterexample_ends_the_search_unless_asked_to_go_on():
    labelled = cloud(spread=0.3)
    options = {"sizes": 2, "steps": 25, "seconds": 120}
    early = tightest_collections(NEAREST, labelled, **options)
    late = tightest_collections(NEAREST, labelled, stop=False, **options)
    assert early.rounds < late.rounds == 25
    assert late.verdict == "refuted"
    assert late.tightness >= early.tightness


def test_a_right_side_below_0_is_refuted_too():
    below = Bound("below", premises=[triplet(m)], lhs=CENTROIDS, rhs=m - 100 * farthest(x, w))
    found = tightest_collections(below, cloud(), sizes=2, steps=3, seconds=60)
    assert found.verdict == "refuted"
    assert found.found.rhs < 0


def test_what_holds_nowhere_by_its_premises_is_no_outcome():
    # The premise: every anchor is within a hundredth of every negative.
    near = ForAll("near", lhs=distance(x[i], w[k]), rhs=Fraction(1, 100))
    bound = Bound("near", premises=[near], lhs=CENTROIDS, rhs=farthest(x, w))
    with pytest.raises(InvalidValueError, match="satisfy the premises of 'near'"):
        tightest_collections(bound, cloud(), sizes=2, steps=2)


def test_premises_without_a_parameter_are_met_where_they_can_be():
    # Few random negatives are so far off, and the right side is the less, the nearer they are.
    far = ForAll("far", lhs=5 - distance(x[i], w[k]), rhs=0)
    bound = Bound("far", premises=[far], lhs=CENTROIDS, rhs=3 * farthest(x, w))
    labelled = cloud(spread=0.3)

    def nearest_negative(found):
        anchors, negatives = (labelled.points[list(found.objects[symbol])] for symbol in "xw")
        return np.linalg.norm(anchors[:, None] - negatives[None], axis=-1).min()

    found = tightest_collections(bound, labelled, sizes=2, steps=60, seconds=600)
    assert found.found.verdict is Verdict.HOLDS
    assert nearest_negative(found) >= 5
    free = tightest_collections(replace(bound, premises=()), labelled, sizes=2, steps=60, seconds=600)
    assert nearest_negative(free) < 5
    assert free.tightness > found.tightness


def test_points_that_are_all_one_have_no_tightness():
    labelled = LabelledPoints.from_labels(np.ones((20, 2)), np.arange(20) // 5, np.arange(20) // 10)
    with pytest.raises(InvalidValueError, match="right side above 0"):
        tightest_collections("karimov", labelled, sizes=2, steps=2)


def test_weights_and_parameters_are_as_given():
    labelled = cloud()
    found = tightest_collections("hull", labelled, sizes=2, steps=5, weights={"a": [1, 3]})
    rows = [labelled.points[list(found.objects[symbol])] for symbol in "xzw"]
    report = check_bound(None, *rows, bound="hull", weights={"a": [1, 3], "b": [1, 1]})
    assert float(found.found.lhs) == pytest.approx(float(report.lhs), rel=1e-12)
    c = Parameter("c")
    free = Bound("free", premises=[triplet(m)], lhs=CENTROIDS, rhs=c * largest(m, farthest(x, w)))
    two = tightest_collections(free, labelled, sizes=2, steps=5, given={"c": 2})
    four = tightest_collections(free, labelled, sizes=2, steps=5, given={"c": 4})
    assert float(two.tightness) == pytest.approx(2 * float(four.tightness), rel=1e-12)
    with pytest.raises(ParameterError, match=r"given\['c'\].*none"):
        tightest_collections(free, labelled, sizes=2, steps=5)
    with pytest.raises(ParameterError, match="m takes the least value"):
        tightest_collections("karimov", labelled, sizes=2, steps=5, given={"m": 1.0})
    with pytest.raises(ParameterError, match=r"weights\['a'\]"):
        tightest_collections("hull", labelled, sizes=2, steps=5, weights={"a": [1, float("nan")]})
    with pytest.raises(ParameterError, match=r"weights: .*none.*q"):
        tightest_collections("karimov", labelled, sizes=2, steps=5, weights={"q": [1, 1]})


@pytest.mark.parametrize("p", [1, math.inf])
def test_other_norms(p):
    labelled = cloud()
    found = tightest_collections("karimov", labelled, sizes=2, steps=5, norm=p)
    rows = [labelled.points[list(found.objects[symbol])] for symbol in "xzw"]
    report = check_bound(None, *rows, bound="karimov", norm=p)
    assert float(found.tightness) == pytest.approx(float(report.tightness), rel=1e-12)


def test_collections_left_out_are_not_drawn_from():
    labelled = cloud()
    kept = labelled.keep(np.arange(len(labelled)) % 2 == 0)
    found = tightest_collections("karimov", kept, sizes=3, steps=10)
    for rows in found.objects.values():
        assert all(row // 10 % 2 == 0 for row in rows)


@pytest.mark.parametrize(
    ("error", "match", "options"),
    [
        (InvalidTypeError, "sizes: expected one integer, or three", {"sizes": (1, 2)}),
        (InvalidValueError, "sizes", {"sizes": 0}),
        (InvalidValueError, "make sizes smaller", {"sizes": 21}),
        (UnequalSizesError, "G3", {"sizes": (2, 2, 3)}),
        (InvalidValueError, "seconds", {"seconds": 0}),
        (InvalidValueError, "seconds", {"seconds": math.nan}),
        (InvalidTypeError, "steps", {"steps": 1.5}),
        (InvalidValueError, "starts", {"starts": 0}),
        (InvalidValueError, "seed", {"seed": -1}),
        (NormError, "norm", {"norm": 0.5}),
        (NormError, "norm", {"norm": 1, "bound": "two-sided"}),
        (
            InvalidValueError,
            "an equality",
            {"bound": Bound("equal", lhs=CENTROIDS, rhs=CENTROIDS, relation=Relation.EQUAL)},
        ),
        (InvalidValueError, "maps", {"bound": "lipschitz-head"}),
        (InvalidValueError, "bound", {"bound": "no-such"}),
    ],
)
def test_what_cannot_be_searched_is_refused(error, match, options):
    options = {"bound": "karimov", "sizes": 2, "steps": 1, **options}
    with pytest.raises(error, match=match):
        tightest_collections(options.pop("bound"), cloud(), **options)


def test_one_class_is_refused():
    labelled = cloud(classes=1)
    with pytest.raises(InvalidValueError, match="class"):
        tightest_collections("karimov", labelled, sizes=2, steps=1)


def test_points_that_are_not_finite_are_refused():
    labelled = cloud()
    points = labelled.points.copy()
    points[3, 1] = np.nan
    fake = SimpleNamespace(
        points=points, members=labelled.members, classes=labelled.classes, class_names=labelled.class_names
    )
    with pytest.raises(NonFiniteError):
        tightest_collections("karimov", fake, sizes=2, steps=1)


def test_the_summary_is_json_and_the_text_says_what_it_does_not_prove():
    found = tightest_collections("karimov", cloud(), sizes=2, steps=5)
    told = json.loads(json.dumps(found.summary(), allow_nan=False))
    assert told["verdict"] == "survived"
    assert told["found"]["tightness"] == [float(found.tightness), found.tightness.error]
    assert told["objects"]["x"] == list(found.objects["x"])
    assert "which proves nothing" in str(found)
    assert "true" not in str(found).split()


def test_objects_come_in_by_the_one_way_for_numbers():
    masked = np.ma.array(np.ones((2, 3)), mask=[[0, 0, 0], [0, 1, 0]])
    with pytest.raises(MissingEntryError, match="G2: expected a number at every entry, got a masked array"):
        perturbed_collections("karimov", torch.nn.Identity(), np.ones((2, 3)), masked, np.ones((2, 3)), radius=0.1)


# -------------------------------------------------------------------------------------------------- perturbed objects


def exactly(tensor):
    return [Fraction(number) for number in tensor.double().flatten().tolist()]


@pytest.mark.parametrize("name", ["karimov", "chamfer", "two-sided"])
def test_perturbations_make_a_bound_tighter(name):
    found = perturbed_collections(name, network(), *images(), radius=0.1, steps=25)
    assert found.verdict == "survived"
    assert found.after.verdict is Verdict.HOLDS
    # By what no random start, and no slope given to the wrong object, comes near.
    assert found.after.tightness.lower > 5 * found.before.tightness.upper
    assert list(found.history) == sorted(found.history)
    assert found.history[-1] == pytest.approx(float(found.after.tightness), rel=1e-4)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("radius", [0.1, 0.03, 1 / 3, 1e-9])
def test_every_entry_stays_within_the_radius_and_the_range_exactly(dtype, radius):
    before = images(dtype=dtype)
    before[0][0, 0, 0, :4] = torch.tensor([0.0, 1.0, 1e-30, 0.05], dtype=dtype)
    found = perturbed_collections("karimov", network(), *before, radius=radius, steps=16)
    moved = []
    for tensor, after in zip(before, found.objects.values(), strict=True):
        assert after.dtype == dtype
        for a, b in zip(exactly(tensor), exactly(after), strict=True):
            assert abs(b - a) <= Fraction(radius)
            assert 0 <= b <= 1
            moved.append(float(abs(b - a)))
    if radius > 1e-6:
        # Some go all the way, as far as numbers of this type do.
        assert max(moved) > radius * (1 - 1e-5)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("radius", [0.5, 0.1, 1e-6])
def test_every_object_stays_within_a_euclidean_radius_and_the_range_exactly(dtype, radius):
    before = images(dtype=dtype)
    found = perturbed_collections(
        "karimov", network(), *before, radius=radius, norm_of_perturbation=2, steps=6, restarts=3
    )
    squares = []
    for tensor, after in zip(before, found.objects.values(), strict=True):
        for a, b in zip(tensor, after, strict=True):
            squares.append(sum((v - u) ** 2 for u, v in zip(exactly(a), exactly(b), strict=True)))
            assert b.min() >= 0
            assert b.max() <= 1
    assert all(square <= Fraction(radius) ** 2 for square in squares)
    if radius > 1e-3:
        assert math.sqrt(max(squares)) > 0.98 * radius
        assert found.after.tightness > found.before.tightness


def test_a_range_that_is_no_float32_is_kept_to():
    # The nearest float32 is below the one and above the other.
    low, high = 0.35, 0.8
    before = [tensor * 0.4 + 0.37 for tensor in images()]
    found = perturbed_collections("karimov", network(), *before, radius=1.0, bounds=(low, high), steps=10)
    entries = [number for tensor in found.objects.values() for number in exactly(tensor)]
    assert Fraction(low) <= min(entries)
    assert max(entries) <= Fraction(high)
    assert float(max(entries)) == pytest.approx(high)


def test_without_a_range_objects_go_past_it():
    found = perturbed_collections("karimov", network(), *images(), radius=0.5, bounds=None, steps=10)
    assert max(float(tensor.max()) for tensor in found.objects.values()) > 1


def test_radius_0_changes_nothing():
    before = images()
    found = perturbed_collections("karimov", network(), *before, radius=0, steps=3)
    assert all(torch.equal(a, b) for a, b in zip(before, found.objects.values(), strict=True))
    assert found.after == found.before


def test_both_tightnesses_are_what_check_bound_says():
    f, before = network(), images()
    found = perturbed_collections("chamfer", f, *before, radius=0.05, steps=8)
    for collections, said in ((before, found.before), (list(found.objects.values()), found.after)):
        report = check_bound(f, *collections, bound="chamfer")
        assert (float(said.lhs), float(said.rhs)) == (float(report.lhs), float(report.rhs))
        assert float(said.tightness) == pytest.approx(float(report.tightness), rel=1e-14)
        assert said.verdict is report.verdict


def test_f_is_in_evaluation_mode_meanwhile_and_as_it_was_afterwards():
    f, before = network(), images()
    expected = perturbed_collections("karimov", f, *before, radius=0.05, steps=5)
    f.train()
    f[4].eval()
    state = copy.deepcopy(f.state_dict())
    found = perturbed_collections("karimov", f, *before, radius=0.05, steps=5)
    assert found.after == expected.after
    assert [part.training for part in f] == [True, True, True, True, False, True]
    assert all(torch.equal(value, state[name]) for name, value in f.state_dict().items())
    assert all(parameter.grad is None for parameter in f.parameters())
    with pytest.raises(ZeroDivisionError):
        perturbed_collections("karimov", f, *before, radius=0.05, steps=5, progress=lambda *_: 1 / 0)
    assert f.training


def test_gradients_come_through_batch_normalisation_as_it_is_evaluated():
    # By finite differences of what check_bound says: the first step must go up.
    f, before = network().double(), images(dtype=torch.float64)
    found = perturbed_collections("two-sided", f, *before, radius=1e-6, steps=1, restarts=1)
    tightness = [
        float(check_bound(f, *collections, bound="two-sided").tightness)
        for collections in (before, list(found.objects.values()))
    ]
    # One step goes all the way along every slope's sign: up by the sum of their sizes.
    leaves = [tensor.clone().requires_grad_() for tensor in before]
    points = [f(tensor) for tensor in leaves]
    from boundcheck.adversary.problem import Cases, Layout, Problem
    from boundcheck.theorems import get

    problem = Problem(get("two-sided"))
    batch = dict(zip(problem.bound.collections, (one.unsqueeze(0) for one in points), strict=True))
    values = problem.values(Cases(Layout(2.0, (3, 3, 3), 4), batch, {}, {}))
    slopes = torch.autograd.grad((values.lhs / values.rhs).sum(), leaves)
    rise = 1e-6 * sum(float(slope.abs().sum()) for slope in slopes)
    assert tightness[1] - tightness[0] == pytest.approx(rise, rel=1e-3)


def test_batches_change_nothing_but_rounding():
    f, before = network(), images(4)
    whole = perturbed_collections("karimov", f, *before, radius=0.05, steps=6)
    parts = perturbed_collections("karimov", f, *before, radius=0.05, steps=6, batch_size=5)
    assert float(parts.after.tightness) == pytest.approx(float(whole.after.tightness), rel=1e-3)


def test_one_seed_is_one_ascent():
    first, again, other = (
        perturbed_collections("karimov", network(), *images(), radius=0.05, steps=4, restarts=3, seed=seed)
        for seed in (1, 1, 2)
    )
    assert first.history == again.history
    assert all(torch.equal(a, b) for a, b in zip(first.objects.values(), again.objects.values(), strict=True))
    assert other.history != first.history


def test_a_false_bound_is_refuted_through_f():
    f, before = network(), images()
    rho = minimum(k, distance(x[i], w[k]))
    less = Bound("less", premises=[triplet(m)], lhs=CENTROIDS, rhs=0.5 * m + mean(i, rho) / 4)
    found = perturbed_collections(less, f, *before, radius=0.5, steps=60)
    assert found.before.verdict is Verdict.HOLDS
    assert found.verdict == "refuted"
    assert found.after.verdict is Verdict.FAILS
    assert replay(found.refuted).status == "still fails"
    assert check_bound(f, *found.objects.values(), bound=less).verdict is Verdict.FAILS


def test_what_a_bound_does_not_speak_of_stays_as_it_is():
    before = images()
    found = perturbed_collections("transport", network(), *before, radius=0.1, steps=4)
    assert torch.equal(found.objects["G3"], before[2])
    assert not torch.equal(found.objects["G1"], before[0])


class _Cut(nn.Module):
    """A module that no gradient comes through, or none but 0."""

    def __init__(self, how):
        super().__init__()
        self.how, self.linear = how, nn.Linear(64, 3)

    def forward(self, batch):
        flat = batch.flatten(1)
        if self.how == "detached":
            return self.linear(flat.detach())
        if self.how == "no_grad":
            with torch.no_grad():
                return self.linear(flat)
        return self.linear((flat * 4).round())


@pytest.mark.parametrize("batch_size", [256, 4])
@pytest.mark.parametrize(("how", "match"), [("detached", "got none"), ("no_grad", "got none"), ("round", "gradient 0")])
def test_an_f_without_gradients_is_refused(how, match, batch_size):
    with pytest.raises(InvalidValueError, match=f"f: .*{match}"):
        perturbed_collections("karimov", _Cut(how), *images(), radius=0.01, steps=3, batch_size=batch_size)


def test_a_bound_that_no_small_change_changes_is_refused_and_f_not_blamed():
    level = Bound("level", lhs=0, rhs=largest(1, -farthest(x, w)))
    with pytest.raises(InvalidValueError, match="bound: expected one whose sides change with the points"):
        perturbed_collections(level, network(), *images(), radius=0.01, steps=3)


@pytest.mark.parametrize(
    ("error", "match", "changes"),
    [
        (InvalidTypeError, "torch.nn.Module", {"f": lambda batch: batch}),
        (InvalidTypeError, "torch.nn.Module", {"f": nn.Linear}),
        (
            InvalidTypeError,
            "floating-point numbers.*divide pixels by 255",
            {"G1": np.zeros((3, 1, 8, 8), dtype=np.uint8)},
        ),
        (InvalidValueError, r"G2: expected entries in \[0, 1\], got", {"G2": torch.full((3, 1, 8, 8), 2.0)}),
        (NonFiniteError, "G3", {"G3": torch.full((3, 1, 8, 8), math.nan)}),
        (EmptyCollectionError, "G3", {"G3": torch.zeros(0, 1, 8, 8)}),
        (InvalidValueError, "G1", {"G1": torch.zeros(3)}),
        (InvalidValueError, "one shape", {"G2": torch.zeros(3, 1, 8, 9)}),
        (UnequalSizesError, "G2", {"G2": torch.zeros(2, 1, 8, 8)}),
        (InvalidValueError, "radius", {"radius": -1}),
        (InvalidValueError, "radius", {"radius": math.inf}),
        (InvalidTypeError, "radius", {"radius": "0.1"}),
        (InvalidValueError, "norm_of_perturbation", {"norm_of_perturbation": 1}),
        (InvalidTypeError, "bounds", {"bounds": 1}),
        (InvalidValueError, "bounds", {"bounds": (1, 0)}),
        (InvalidValueError, "steps", {"steps": 0}),
        (InvalidValueError, "restarts", {"restarts": 0}),
        (InvalidValueError, "batch_size", {"batch_size": 0}),
        (InvalidValueError, "device", {"device": "cuda:99"}),
        (NormError, "norm", {"norm": 0}),
    ],
)
def test_what_cannot_be_perturbed_is_refused(error, match, changes):
    arguments = dict(zip(("G1", "G2", "G3"), images(), strict=True))
    arguments |= {"bound": "karimov", "f": network(), "radius": 0.1, "steps": 2, **changes}
    with pytest.raises(error, match=match):
        perturbed_collections(**arguments)


def test_the_summary_of_an_ascent_is_json():
    found = perturbed_collections("karimov", network(), *images(), radius=0.05, steps=3)
    told = json.loads(json.dumps(found.summary(), allow_nan=False))
    assert told["perturbation_norm"] == "inf"
    assert told["after"]["tightness"] == [float(found.after.tightness), found.after.tightness.error]
    assert "which proves nothing" in str(found)
