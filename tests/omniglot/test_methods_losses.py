"""Each loss against an independent formula in float64, and what no gradient may reach."""

import copy
import itertools
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from synthetic import drawings, tiny
from torch.nn.functional import normalize

from boundcheck.errors import CheckpointError, InvalidTypeError, InvalidValueError
from boundcheck.omniglot import training
from boundcheck.omniglot.config import TrainingConfig
from boundcheck.omniglot.embedded import embed_drawings
from boundcheck.omniglot.model import build, embed_images
from boundcheck.omniglot.objectives import OBJECTIVES, Objective, arcface, infomin, register, ressl, simsiam, smog
from boundcheck.omniglot.objectives.own import from_file
from boundcheck.omniglot.objectives.parts import averaged, contrast, kmeans, queue
from boundcheck.omniglot.retrieval import precision_at_1
from boundcheck.omniglot.views import viewed

pytest.importorskip("timm")
pytestmark = pytest.mark.omniglot

DRAWINGS = drawings(evaluation=0)
UNSUPERVISED = tuple(name for name, kind in OBJECTIVES.items() if not kind.supervised)
#: Numbers that a miniature has room for.
OPTIONS = {
    "ressl": {"queue": 32},
    "infomin": {"queue": 32},
    "pcl": {"queue": 32, "clusters": [5, 9], "refresh": 0.3},
    "deepcluster": {"clusters": [5, 9]},
    "smog": {"clusters": 7, "queue": 64, "refresh": 0.3},
}


def config(name: str, **changes: object) -> TrainingConfig:
    return tiny(
        **{"objective": name, "options": OPTIONS.get(name, {}), "validation_alphabets": 2, "alphabets": 2, **changes}
    )


def made(name: str, **changes: object) -> tuple[Objective, torch.nn.Module]:
    """Return an objective on the miniature, with its network."""
    wanted = config(name, **changes)
    network = build(wanted.dimension, backbone=wanted.backbone, seed=0)
    return training._objective(wanted, training._material(DRAWINGS, wanted), network, "cpu"), network


def unit(*shape: int, seed: int = 0) -> torch.Tensor:
    return normalize(torch.from_numpy(np.random.default_rng(seed).normal(size=shape)), dim=-1)


def views_of(objective: Objective, chosen: np.ndarray) -> list[torch.Tensor]:
    made = objective.views
    return [
        viewed(DRAWINGS.images[chosen], view.strength, seed=(0, number), device=torch.device("cpu"))
        for number, view in enumerate(made)
    ]


# --------------------------------------------------------------------------------------------------------- formulas


def softmax(row: list[float]) -> list[float]:
    highest = max(row)
    powers = [math.exp(one - highest) for one in row]
    return [one / sum(powers) for one in powers]


def test_relational_loss_by_brute_force():
    student, teacher = 3 * unit(5, 7), 9 * unit(5, 7, seed=1)
    student[0, 3] = teacher[0, 3] = -math.inf
    losses, entropies = [], []
    for s, t in zip(student.tolist(), teacher.tolist(), strict=True):
        wanted, found = softmax(t), softmax(s)
        losses.append(-sum(w * math.log(f) for w, f in zip(wanted, found, strict=True) if w > 0))
        entropies.append(-sum(w * math.log(w) for w in wanted if w > 0))
    loss, kl = ressl.relational_loss(student, teacher)
    assert float(loss) == pytest.approx(np.mean(losses), rel=1e-12)
    assert float(kl) == pytest.approx(np.mean(losses) - np.mean(entropies), rel=1e-9)
    assert float(ressl.relational_loss(teacher, teacher)[1]) == pytest.approx(0, abs=1e-12)


def test_contrast_by_brute_force():
    q, k, rows = unit(4, 6), unit(4, 6, seed=1), unit(9, 6, seed=2)
    losses = []
    for i in range(4):
        scores = [float(q[i] @ k[i]) / 0.2, *(float(q[i] @ row) / 0.2 for row in rows)]
        losses.append(-math.log(softmax(scores)[0]))
    found = contrast.contrast((q * k).sum(dim=1), q @ rows.T, 0.2)
    assert float(found) == pytest.approx(np.mean(losses), rel=1e-12)


def test_a_drawing_is_masked_in_the_queue():
    held = queue.Queue(6, 3, 2).double()
    held.put(unit(2, 3), np.array([4, 7]))
    rows = unit(2, 3, seed=1)
    products = contrast.against_queue(rows, held, np.array([7, 8]))
    assert products[0, 1] == -math.inf
    assert int((products == -math.inf).sum()) == 1
    assert float(products[1, 0]) == pytest.approx(float(rows[1] @ held.rows[0]))


def test_the_queue_replaces_the_oldest_and_wraps():
    held = queue.Queue(5, 2, 2)
    for batch in range(4):
        held.put(torch.full((2, 2), float(batch)), np.array([10 * batch, 10 * batch + 1]))
    assert held.drawings.tolist() == [21, 30, 31, 11, 20]
    assert held.rows[:, 0].tolist() == [2, 3, 3, 1, 2]
    with pytest.raises(InvalidValueError, match=r"options\['queue'\]: expected at least a batch, 6, got 5"):
        queue.Queue(5, 2, 6)


def test_siamese_loss_by_brute_force_and_without_gradient_to_what_is_held():
    p, z = (
        [unit(4, 6, seed=s).requires_grad_() for s in (0, 1)],
        [(2 * unit(4, 6, seed=s)).requires_grad_() for s in (2, 3)],
    )
    loss = simsiam.siamese_loss(p, z)
    wanted = [-float((p[v][i] @ normalize(z[1 - v], dim=1)[i]).detach()) for v in (0, 1) for i in range(4)]
    assert float(loss.detach()) == pytest.approx(np.mean(wanted), rel=1e-12)
    loss.backward()
    assert all(one.grad is None for one in z)
    assert all(one.grad is not None for one in p)


def test_jigsaw_pieces_in_place():
    images = torch.arange(2 * 6 * 5, dtype=torch.float32).reshape(2, 1, 6, 5)
    found = infomin.jigsaw(images, 2)
    assert found.shape == (8, 1, 3, 2)
    for image, row, column in np.ndindex(2, 2, 2):
        piece = images[image, 0, 3 * row : 3 * row + 3, 2 * column : 2 * column + 2]
        assert torch.equal(found[4 * image + 2 * row + column, 0], piece)


def test_groups_move_by_their_members_alone():
    groups, rows = unit(3, 4), unit(5, 4, seed=1).requires_grad_()
    own = torch.tensor([0, 0, 2, 0, 2])
    moved = smog.moved_groups(groups, rows, own, 0.9)
    for group in (0, 2):
        mean = np.mean([rows[i].detach().numpy() for i in range(5) if own[i] == group], axis=0)
        wanted = 0.9 * groups[group].numpy() + 0.1 * mean
        np.testing.assert_allclose(moved[group].detach().numpy(), wanted / np.linalg.norm(wanted), rtol=1e-12)
    assert torch.equal(moved[1], groups[1])
    moved[1].sum().backward(retain_graph=True)
    assert rows.grad is None or not rows.grad.any()
    moved.sum().backward()
    assert rows.grad.abs().sum(dim=1).min() > 0


def test_angular_margin_by_brute_force():
    cosines = torch.tensor([[0.3, -0.2], [-0.99, 0.5], [1.0, 0.0]], dtype=torch.float64, requires_grad=True)
    labels = torch.tensor([0, 0, 0])
    found = arcface.angular_margin_logits(cosines, labels, 10.0, 0.4)
    wanted = [
        10 * math.cos(math.acos(0.3) + 0.4),
        10 * (-0.99 - 0.4 * math.sin(0.4)),
        10 * math.cos(0.4),
    ]
    np.testing.assert_allclose(found[:, 0].detach().numpy(), wanted, rtol=1e-6)
    np.testing.assert_allclose(found[:, 1].detach().numpy(), [-2, 5, 0], atol=1e-12)
    found.sum().backward()
    assert torch.isfinite(cosines.grad).all()


def test_kmeans_is_that_of_scikit_learn_from_the_same_start():
    cluster = pytest.importorskip("sklearn.cluster")
    centres = unit(4, 5)
    points = normalize(centres.repeat_interleave(30, dim=0) + 0.1 * unit(120, 5, seed=1), dim=1)
    start = points[[0, 30, 60, 90]]
    centroids, own, empty = kmeans.spherical_kmeans(points, 4, seed=(0,), start=start)
    theirs = cluster.KMeans(4, init=start.numpy(), n_init=1).fit(points.numpy())
    assert empty == 0
    np.testing.assert_array_equal(own.numpy(), theirs.labels_)
    wanted = theirs.cluster_centers_ / np.linalg.norm(theirs.cluster_centers_, axis=1, keepdims=True)
    np.testing.assert_allclose(centroids.numpy(), wanted, atol=1e-12)


def test_kmeans_keeps_empty_clusters_and_names_too_few_points():
    points = unit(3, 4)
    start = torch.cat([points[:2], -points[:1]])
    centroids, own, empty = kmeans.spherical_kmeans(points[:2], 2, seed=(0,))
    assert (sorted(own.tolist()), empty) == ([0, 1], 0)
    centroids, own, empty = kmeans.spherical_kmeans(points[:2].repeat(3, 1), 3, seed=(0,), start=start)
    assert empty == 1
    torch.testing.assert_close(centroids[2], start[2])
    with pytest.raises(InvalidValueError, match=r"clusters: expected at most the 3 drawings there are, got 4"):
        kmeans.spherical_kmeans(points, 4, seed=(0,))


def test_spread_temperatures_by_hand():
    points, centroids = unit(40, 3), unit(4, 3, seed=1)
    own = torch.tensor([0] * 20 + [1] * 12 + [2] * 7 + [3])
    phi = []
    for cluster in range(3):
        members = [i for i in range(40) if own[i] == cluster]
        total = sum(float((points[i] - centroids[cluster]).norm()) for i in members)
        phi.append(total / (len(members) * math.log(len(members) + 10)))
    phi.append(max(phi))
    clipped = np.clip(phi, *np.percentile(phi, [10, 90]))
    found = kmeans.spread_temperatures(points, centroids, own, temperature=0.2)
    np.testing.assert_allclose(found.numpy(), 0.2 * clipped / clipped.mean(), rtol=1e-9)


def test_perplexity_of_clusters():
    assert kmeans.perplexity(torch.tensor([0, 1, 2, 3]), 4) == pytest.approx(4)
    assert kmeans.perplexity(torch.tensor([2, 2, 2]), 4) == pytest.approx(1)


def test_what_follows_is_the_average_in_closed_form():
    followed = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.BatchNorm1d(2))
    follows = averaged.Averaged(followed)
    first = {name: one.clone() for name, one in followed.state_dict().items()}
    followed(torch.randn(8, 2))
    with torch.no_grad():
        followed[0].weight.add_(1)
    for _ in range(3):
        follows.follow(followed, 0.9)
    for name, one in follows.module.state_dict().items():
        last = followed.state_dict()[name]
        wanted = last if not one.is_floating_point() else last + 0.9**3 * (first[name] - last)
        torch.testing.assert_close(one, wanted)
    assert not follows.train().module.training
    assert not any(one.requires_grad for one in follows.parameters())


def test_momentum_rises_to_one():
    values = [averaged.momentum_at(step, 1000, 0.99) for step in range(1001)]
    assert values[0] == pytest.approx(0.99)
    assert all(after >= before for before, after in itertools.pairwise(values))
    assert values[-1] == pytest.approx(1)
    assert averaged.momentum_at(500, 1000, 0.9) == pytest.approx(0.95)


def test_losses_have_the_gradients_of_their_values():
    def rows(*shape: int, seed: int = 0) -> torch.Tensor:
        return unit(*shape, seed=seed).requires_grad_()

    check = torch.autograd.gradcheck
    labels = torch.tensor([0, 2, 1])
    assert check(lambda s: ressl.relational_loss(s, unit(3, 5, seed=1))[0], rows(3, 5))
    assert check(lambda p, n: contrast.contrast(p, n, 0.2), (rows(4), rows(4, 6, seed=1)))
    assert check(
        lambda p, q: simsiam.siamese_loss([p, q], [unit(3, 4, seed=2), unit(3, 4, seed=3)]), (rows(3, 4), rows(3, 4))
    )
    assert check(lambda z: smog.moved_groups(unit(3, 4), z, labels, 0.9), rows(3, 4, seed=1))
    assert check(lambda c: arcface.angular_margin_logits(0.9 * c, labels, 5.0, 0.3), rows(3, 4))


def test_contrast_is_that_of_a_library():
    losses = pytest.importorskip("pytorch_metric_learning.losses")
    theirs = losses.NTXentLoss(temperature=0.2)
    q, k, rows = unit(4, 6), unit(4, 6, seed=1), unit(9, 6, seed=2)
    labels = torch.tensor([0, *range(1, 10)])
    wanted = [
        float(theirs(q[i : i + 1], torch.tensor([0]), ref_emb=torch.cat([k[i : i + 1], rows]), ref_labels=labels))
        for i in range(4)
    ]
    assert float(contrast.contrast((q * k).sum(dim=1), q @ rows.T, 0.2)) == pytest.approx(np.mean(wanted), rel=1e-6)


def test_arcface_is_that_of_a_library():
    losses = pytest.importorskip("pytorch_metric_learning.losses")
    objective, _ = made("arcface", label="character")
    options, classes = objective.options, objective.material.classes
    theirs = losses.ArcFaceLoss(classes, 8, margin=math.degrees(options.angular_margin), scale=options.scale)
    theirs.W.data = objective.weights.detach().T.clone()
    rows, labels = unit(10, 8).float() * 3, torch.arange(10) * 2
    found, _ = objective.margin_loss(rows, labels)
    assert float(found.detach()) == pytest.approx(float(theirs(rows, labels).detach()), rel=1e-4)


def test_groups_of_faces_by_hand():
    objective, _ = made("groupface", label="character", options={"groups": 3})
    assert objective.expected.tolist() == pytest.approx([1 / 3] * 3)
    objective.expected.copy_(torch.tensor([0.7, 0.2, 0.1]))
    p = torch.tensor([[0.6, 0.3, 0.1], [0.75, 0.2, 0.05], [0.5, 0.1, 0.4]])
    # Which is the most above what is expected, though the first is the largest everywhere.
    assert objective.groups_of(p).tolist() == [1, 0, 2]
    with torch.no_grad():
        objective.maps.copy_(unit(3, 8, 8).float())
    rows = unit(3, 8, seed=1).float()
    wanted = [rows[i] + sum(p[i, k] * objective.maps[k] @ rows[i] for k in range(3)) for i in range(3)]
    torch.testing.assert_close(objective._corrected(rows, p), torch.stack(wanted))


def test_expected_groups_are_an_average_over_batches():
    objective, network = made("groupface", label="character")
    chosen = training.sampler_for(DRAWINGS, objective.config).batch(0)
    views, before = views_of(objective, chosen), objective.expected.clone()
    seen = []
    objective.decision.register_forward_hook(lambda *found: seen.append(torch.softmax(found[2].detach(), dim=1)))
    objective.loss(network, views, chosen, 0)
    momentum = objective.options.expectation_momentum
    torch.testing.assert_close(objective.expected, momentum * before + (1 - momentum) * seen[0].mean(dim=0))


def test_deepcluster_is_cross_entropy_among_centroids_that_stand_still():
    objective, network = made("deepcluster")
    network.train()
    statistics = {key: one.clone() for key, one in network.state_dict().items()}
    objective.refresh(network, 0)
    # Filling the bank moves nothing of the network.
    assert all(torch.equal(one, statistics[key]) for key, one in network.state_dict().items())
    chosen = np.arange(16)
    outcome = objective.loss(network, views_of(objective, chosen), chosen, 0)
    losses = []
    for number in range(2):
        centroids, own = getattr(objective, f"centroids{number}"), getattr(objective, f"own{number}")
        for z in outcome.projections:
            for i, row in enumerate(z):
                losses.append(-math.log(softmax([float(row @ c) / 0.1 for c in centroids])[int(own[i])]))
    assert float(outcome.loss.detach()) == pytest.approx(np.mean(losses), rel=1e-4)
    before = objective.centroids0.clone()
    every = round(0.5 * len(DRAWINGS) / 16)
    objective.refresh(network, every - 1)
    assert torch.equal(objective.centroids0, before)
    objective.refresh(network, every)
    assert not torch.equal(objective.centroids0, before)


def test_prototype_loss_of_pcl_by_brute_force():
    objective, network = made("pcl")
    objective.refresh(network, objective.config.steps)
    for step in range(objective.config.steps):
        objective.refresh(network, step)
    assert bool(objective.clustered)
    q, chosen = unit(6, 64).float(), np.array([3, 9, 0, 40, 41, 100])
    losses = []
    for number in range(2):
        centroids, own = getattr(objective, f"centroids{number}"), getattr(objective, f"own{number}")
        temperatures = getattr(objective, f"temperatures{number}")
        for i, drawing in enumerate(chosen):
            scores = [float(q[i] @ c / t) for c, t in zip(centroids, temperatures, strict=True)]
            losses.append(-math.log(softmax(scores)[int(own[drawing])]))
    assert float(objective.prototype_loss(q, chosen)) == pytest.approx(np.mean(losses), rel=1e-5)


def test_the_first_step_of_smog_by_hand():
    objective, network = made("smog")
    objective.refresh(network, 0)
    groups = objective.groups.clone()
    chosen = np.arange(16)
    with torch.no_grad():
        outcome = objective.loss(network, views_of(objective, chosen), chosen, 0)
    assert torch.equal(objective.groups, groups)
    objective.after_step(network, 0)
    assert not torch.equal(objective.groups, groups)
    torch.testing.assert_close(objective.groups.norm(dim=1), torch.ones(7))
    # 1% of a step at most: unit vectors, so the angle is small.
    assert float((objective.groups * groups).sum(dim=1).min()) > 0.999
    assert math.isfinite(float(outcome.loss))
    assert sorted(objective.queue.drawings[objective.queue.drawings >= 0].tolist()) == sorted([*chosen, *chosen])


# ------------------------------------------------------------------------------------------------ of every objective


@pytest.mark.parametrize("name", OBJECTIVES)
def test_gradient_reaches_the_network_and_nothing_that_is_held(name):
    pytest.importorskip("pytorch_metric_learning")
    objective, network = made(name)
    chosen = training.sampler_for(DRAWINGS, objective.config).batch(0)
    network.train()
    objective.train()
    # After the first refresh of each.
    step = 6
    for due in range(step + 1):
        objective.refresh(network, due)
    before = {key: one.clone() for key, one in objective.state_dict().items() if "centroids" in key or key == "groups"}
    outcome = objective.loss(network, views_of(objective, chosen), chosen, step)
    outcome.loss.backward()
    assert outcome.loss.requires_grad
    assert all(one.grad is not None for one in network.parameters())
    for key, one in objective.named_parameters():
        assert (one.grad is not None) == one.requires_grad, key
    assert not any(one.requires_grad for one in objective.buffers())
    assert not any(one.requires_grad for one in outcome.projections)
    # Clusters stand still between refreshes; groups move after the step.
    assert all(torch.equal(objective.state_dict()[key], one) for key, one in before.items())


@pytest.mark.parametrize("name", UNSUPERVISED)
def test_labels_cannot_be_seen_without_being_supervised(name, tmp_path, monkeypatch):
    """Drawings with other labels, and the same images, give the same run, bit for bit."""
    material = training._material(DRAWINGS, config(name))
    assert (material.labels, material.classes) == (None, 0)
    with pytest.raises(InvalidTypeError, match="class labels, got none: it is not supervised"):
        made(name)[0].labels_of(np.array([0]))
    # What a run may not touch once it has begun: the labels of what it trains on.
    read = []

    class Watched(np.ndarray):
        def __getitem__(self, key: object) -> object:
            read.append(key)
            return super().__getitem__(key)

    run = training._Run(DRAWINGS, config(name), tmp_path, torch.device("cpu"))
    for label in ("alphabet", "character", "drawer"):
        object.__setattr__(run.training, label, getattr(run.training, label).view(Watched))
    run._one_step()
    assert read == []
    weights = {key: one.clone() for key, one in run.network.state_dict().items()}
    shuffled = np.random.default_rng(0).permutation(len(run.training))
    again = training._Run(DRAWINGS, config(name), tmp_path / "again", torch.device("cpu"))
    object.__setattr__(again.training, "character", again.training.character[shuffled])
    object.__setattr__(again.training, "alphabet", again.training.alphabet[shuffled])
    again.sampler = training.sampler_for(again.training, again.config)
    again._one_step()
    assert all(torch.equal(one, weights[key]) for key, one in again.network.state_dict().items())


# Each objective's run in a process of its own, which kills itself within a step, once before the last checkpoint that it
# wrote is old and once more when it has gone on. The processes are forked before torch has computed anything.
KILLED = """
import os, signal, sys
from pathlib import Path
import test_methods_losses as miniature
from boundcheck.omniglot import training

def killed_at(name, step, folder):
    loss = miniature.OBJECTIVES[name].loss
    def dying(objective, network, views, chosen, now):
        found = loss(objective, network, views, chosen, now)
        if now == step:
            os.kill(os.getpid(), signal.SIGKILL)
        return found
    miniature.OBJECTIVES[name].loss = dying
    miniature.trained(name, folder, checkpoint_every=2)

for name in miniature.OBJECTIVES:
    for step in (3, 6):
        child = os.fork()
        if child == 0:
            killed_at(name, step, Path(sys.argv[1]) / name)
            os._exit(1)
        print(name, step, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def trained(name: str, folder: Path, **options: object) -> training.TrainedNetwork:
    wanted = config(name, images=16 * 7, validate_every=4)
    return training.train(DRAWINGS, wanted, directory=folder, device="cpu", progress=False, log_every=1, **options)


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """Return a folder with a run of each objective that was killed twice."""
    folder, here = tmp_path_factory.mktemp("killed"), Path(__file__).parent
    path = os.pathsep.join([str(here), str(here.parent), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": str(torch.get_num_threads())}
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(folder)], env=environment, capture_output=True, text=True, timeout=600
    )
    assert done.stdout.split("\n")[:-1] == [f"{name} {step} -9" for name in OBJECTIVES for step in (3, 6)], done.stderr
    return folder


@pytest.mark.parametrize("name", OBJECTIVES)
def test_a_run_that_was_killed_goes_on_to_the_same_result(name, tmp_path, killed):
    assert torch.load(killed / name / "checkpoint.pt", weights_only=True)["step"] == 6
    whole, resumed = trained(name, tmp_path), trained(name, killed / name, checkpoint_every=2)
    for left, right in zip(whole.curve.rows, resumed.curve.rows, strict=True):
        assert left | {"seconds": 0} == right | {"seconds": 0}
    states = [torch.load(folder / "checkpoint.pt", weights_only=True) for folder in (tmp_path, killed / name)]
    for part in ("network", "objective"):
        assert states[0][part].keys() == states[1][part].keys()
        assert all(torch.equal(one, states[1][part][key]) for key, one in states[0][part].items()), part
    assert states[0]["health"] == states[1]["health"]
    loaded = training.load_checkpoint(killed / name)
    points = np.random.default_rng(0).normal(size=(5, 8)).astype(np.float32)
    np.testing.assert_array_equal(loaded.project(points), resumed.project(points))
    assert loaded.project(points).shape[0] == 5


class Small(torch.nn.Sequential):
    """A network of milliseconds, for images of any size."""

    def __init__(self, dimension: int) -> None:
        super().__init__(
            torch.nn.Conv2d(1, 16, 5, stride=2, padding=2, bias=False),
            torch.nn.BatchNorm2d(16),
            torch.nn.ReLU(),
            torch.nn.Conv2d(16, 32, 3, stride=2, padding=1, bias=False),
            torch.nn.BatchNorm2d(32),
            torch.nn.ReLU(),
            torch.nn.AdaptiveAvgPool2d(2),
            torch.nn.Flatten(),
            torch.nn.Linear(128, dimension),
        )


@pytest.mark.parametrize("name", [name for name in OBJECTIVES if name not in ("instance", "centroid", "prototype")])
def test_a_toy_set_is_learned(name, tmp_path, monkeypatch):
    many = drawings(alphabets=10, drawers=8, evaluation=0, size=16)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        fresh = Small(16)
    monkeypatch.setattr(training, "build", lambda *_, **__: copy.deepcopy(fresh))
    wanted = config(
        name,
        dimension=16,
        label="character",
        images=100 * 32,
        characters=8,
        learning_rate=1e-2,
        view_strength=None if OBJECTIVES[name].supervised else 0.2,
        validate_every=100,
        options={**OPTIONS.get(name, {}), **({"queue": 96} if "queue" in OPTIONS.get(name, {}) else {})},
    )
    trained = training.train(many, wanted, directory=tmp_path, device="cpu", progress=False)
    before, after = (
        precision_at_1(embed_images(network, many.images), many.character)[0] for network in (fresh, trained.network)
    )
    assert after.limits[0] > before.value
    assert not [note for note in trained.curve.health if "collapse" in note["fault"]]


# ------------------------------------------------------------------------------- sizes, projections, damaged states


def test_drawings_are_scaled_down_to_the_size_asked_for(tmp_path):
    smaller = training.resized(DRAWINGS, tiny(image_size=16))
    assert smaller.images.shape == (len(DRAWINGS), 16, 16)
    wanted = Image.fromarray(DRAWINGS.images[5]).resize((16, 16), Image.Resampling.BILINEAR)
    np.testing.assert_array_equal(smaller.images[5], np.asarray(wanted))
    assert training.resized(DRAWINGS, tiny()) is DRAWINGS
    assert training.resized(DRAWINGS, tiny(image_size=32)) is DRAWINGS
    with pytest.raises(InvalidValueError, match="image_size: expected at most the side of the drawings, 32, got 64"):
        training.resized(DRAWINGS, tiny(image_size=64))
    seen = []
    wanted = config("simsiam", images=16, image_size=16)
    run = training._Run(DRAWINGS, wanted, tmp_path, torch.device("cpu"))
    run.network.register_forward_pre_hook(lambda _, given: seen.append(given[0].shape))
    run._one_step()
    assert seen == [(16, 1, 16, 16)] * 2


@pytest.mark.parametrize("name", ["ressl", "groupface"])
def test_projections_are_embedded(name, tmp_path):
    drawn = drawings()
    wanted = config(name, images=32, image_size=16, label="character")
    trained = training.train(drawn.subset(~drawn.evaluation), wanted, directory=tmp_path, device="cpu", progress=False)
    plain, projected = embed_drawings(trained, drawn), embed_drawings(trained, drawn, projection=True)
    assert projected.metadata["projection"]
    assert not plain.metadata["projection"]
    images = training.resized(drawn, wanted).images
    rows = trained.project(embed_images(trained.network, images))
    np.testing.assert_allclose(projected.embeddings.astype(float), rows, atol=1e-3)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, rtol=1e-5)
    assert plain.embeddings.shape == (len(drawn), 8)
    with pytest.raises(InvalidValueError, match="projection: expected False with features"):
        embed_drawings(trained, drawn, projection=True, features=True)


def test_a_state_of_another_objective_is_refused(tmp_path):
    wanted = config("ressl", images=32)
    training.train(DRAWINGS, wanted, directory=tmp_path, device="cpu", progress=False)
    saved = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    rows = saved["objective"].pop("queue.rows")
    torch.save(saved, tmp_path / "checkpoint.pt")
    with pytest.raises(CheckpointError, match=r"objective's 'queue.rows'.*expected \(32, 64\), got nothing"):
        training.load_checkpoint(tmp_path)
    saved["objective"]["queue.rows"] = rows[:5]
    torch.save(saved, tmp_path / "checkpoint.pt")
    with pytest.raises(CheckpointError, match=r"objective's 'queue.rows'"):
        training.load_checkpoint(tmp_path)


# ---------------------------------------------------------------------------------------------------------- options


def test_options_of_other_names_and_types_are_named():
    with pytest.raises(InvalidValueError, match=r"options: expected names of .*queue.*, got 'length'"):
        config("ressl", options={"length": 3})
    with pytest.raises(InvalidValueError, match=r"options: expected names of none: it has no options, got 'queue'"):
        config("instance", options={"queue": 3})
    with pytest.raises(InvalidTypeError, match=r"options\['queue'\]: expected an integer, got 1.5"):
        config("ressl", options={"queue": 1.5})
    with pytest.raises(InvalidValueError, match=r"options\['clusters'\]: expected an integer in \[1, ∞\), got 0"):
        config("pcl", options={"clusters": (3, 0)})
    assert config("pcl", options={"clusters": (3, 4)}) == config("pcl", options={"clusters": [3, 4]})


def test_an_objective_of_ones_own_is_registered(monkeypatch):
    monkeypatch.setattr("boundcheck.omniglot.objectives.OBJECTIVES", dict(OBJECTIVES))
    with pytest.raises(InvalidValueError, match="name: expected one that is not taken, got 'ressl'"):
        register("ressl", simsiam.SimSiam)
    with pytest.raises(InvalidTypeError, match="objective: expected a subclass of Objective"):
        register("mine", int)
    register("ressl", ressl.ReSSL)


OWN = """
from boundcheck.omniglot.objectives import Controls, Objective, Outcome


class Small(Objective):
    controls = Controls("none", "makes embeddings small")

    def loss(self, network, views, chosen, step):
        embeddings = self.encode(network, views[0])
        return Outcome(embeddings.square().mean(), embeddings)
"""


def test_an_objective_from_a_file_is_trained(tmp_path):
    file = tmp_path / "own.py"
    file.write_text(OWN)
    try:
        assert from_file(f"{file}:Small") == "Small"
        trained = training.train(
            DRAWINGS, config("Small", images=32), directory=tmp_path / "run", device="cpu", progress=False, log_every=1
        )
        assert trained.steps == 2
        assert trained.curve.rows[-1]["loss"] > 0
        assert training.load_checkpoint(tmp_path / "run").objective.controls.statement == "none"
    finally:
        OBJECTIVES.pop("Small", None)


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("own.txt:A", r"objective: expected FILE.py:NAME, got 'own.txt:A'"),
        ("none.py:A", r"objective: expected a file .*none.py, got no such file"),
        ("own.py:Missing", r"objective: expected a class Missing in .*own.py, got none of this name"),
        ("broken.py:A", r"objective: expected .*broken.py to run, got ZeroDivisionError: division by zero"),
    ],
)
def test_a_file_without_an_objective_is_named(place, message, tmp_path, monkeypatch):
    (tmp_path / "own.py").write_text("x = 1")
    (tmp_path / "broken.py").write_text("1 / 0")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidValueError, match=message):
        from_file(place)
