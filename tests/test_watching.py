"""Collections while a network learns: the metric against its definition, and records of it."""

import csv

import numpy as np
import pytest
import torch

from boundcheck.data.labelled import LabelledPoints, sample_triples
from boundcheck.errors import EmptyCollectionError, InvalidValueError
from boundcheck.watching import CollectionMetric, Watch

RANDOM = np.random.default_rng(0)
POINTS, COLLECTIONS = RANDOM.normal(size=(24, 4)), np.repeat(np.arange(8), 3)
CLASSES = COLLECTIONS // 4


def test_the_metric_is_what_it_says():
    metric = CollectionMetric(["karimov-any-sizes", "chamfer"], sample=30)
    for rows in (slice(0, 10), slice(10, 24)):
        metric.update(torch.from_numpy(POINTS[rows]), CLASSES[rows], torch.from_numpy(COLLECTIONS[rows]))
    found = metric.compute()
    least, tight = [], []
    labelled = LabelledPoints.from_labels(POINTS, COLLECTIONS, CLASSES)
    for triple in sample_triples(labelled, 30, seed=0):
        x, z, w = (POINTS[labelled.members[place]] for place in triple)
        near = np.linalg.norm(x[:, None] - z, axis=2)
        far = np.linalg.norm(x[:, None] - w, axis=2)
        m = (near[:, :, None] - far[:, None, :]).max()
        least.append(m)
        tight.append(np.linalg.norm(x.mean(0) - z.mean(0)) / (m + far.min(axis=1).mean()))
    assert found["m"] == pytest.approx(np.median(least))
    assert found["margin"] == np.mean(np.array(least) < 0)
    assert found["tightness chamfer"] == pytest.approx(np.median(tight))
    assert (found["holds"], found["fails"]) == (1.0, 0.0)
    centres = POINTS.reshape(8, 3, 4).mean(axis=1)
    within = np.linalg.norm(POINTS.reshape(8, 3, 4) - centres[:, None], axis=2).mean()
    assert found["collapse"] == pytest.approx(within / np.linalg.norm(centres - centres.mean(0), axis=1).mean())
    metric.reset()
    with pytest.raises(EmptyCollectionError, match="call update"):
        metric.compute()
    with pytest.raises(InvalidValueError, match="classes: expected 3 labels, one for each embedding, got 2"):
        metric.update(POINTS[:3], CLASSES[:2], COLLECTIONS[:3])


def test_a_watch_records_every_few_steps_and_leaves_the_network_as_it_was(tmp_path):
    net = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.Dropout(0.5), torch.nn.BatchNorm1d(4))
    net[0].eval()
    before = net[2].running_mean.clone()
    path = tmp_path / "new" / "curve.csv"
    watch = Watch(POINTS, CLASSES, COLLECTIONS, every=10, to=path, metric=CollectionMetric("chamfer", sample=20))
    assert [watch(net, step) is not None for step in (0, 5, 10, 11)] == [True, False, True, False]
    assert [part.training for part in net] == [False, True, True]
    assert torch.equal(net[2].running_mean, before)
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["step"]) for row in rows] == [0, 10]
    assert [float(row["m"]) for row in rows] == [row["m"] for row in watch.rows]
    assert 0 < float(rows[-1]["cost"]) <= 1


def test_a_watch_writes_to_what_takes_scalars_and_refuses_a_folder(tmp_path):
    class Writer:
        def __init__(self):
            self.seen = []

        def add_scalar(self, name, value, step):
            self.seen.append((name, value, step))

    writer = Writer()
    row = Watch(POINTS, CLASSES, COLLECTIONS, to=writer, metric=CollectionMetric("chamfer", sample=20))(lambda b: b, 0)
    assert ("collections/m", row["m"], 0) in writer.seen
    with pytest.raises(InvalidValueError, match="to: expected a file that can be written"):
        Watch(POINTS, CLASSES, COLLECTIONS, to=tmp_path)
