"""What a user sets in torch for a network neither breaks nor changes what is certified."""

import contextlib

import numpy as np
import pytest
import torch

from boundcheck import K_ANY_SIZES, check_bound, distances, embed
from boundcheck.kernels import rows as ready
from boundcheck.scanning import LabelledPoints, check_triples, scan
from boundcheck.scanning.sampled import scan_sample

POINTS = np.random.default_rng(0).normal(size=(24, 80))
FLOATS = POINTS.astype(np.float32)
LABELLED = LabelledPoints.from_labels(POINTS, np.arange(24) // 3, np.arange(24) // 12)


@contextlib.contextmanager
def attribute(holder, name, value):
    try:
        before = getattr(holder, name)
    except RuntimeError:
        before = "none"
    setattr(holder, name, value)
    try:
        yield
    finally:
        setattr(holder, name, before)


@contextlib.contextmanager
def calling(function, value, back):
    function(value)
    try:
        yield
    finally:
        function(back)


def switches():
    found = {
        f"matmul precision {name}": lambda name=name: calling(torch.set_float32_matmul_precision, name, "highest")
        for name in ("high", "medium")
    }
    found["TF32"] = lambda: attribute(torch.backends.cuda.matmul, "allow_tf32", True)
    found["default device meta"] = lambda: calling(torch.set_default_device, "meta", None)
    for dtype in (torch.float16, torch.bfloat16, torch.float64):
        found[f"default {dtype}"] = lambda dtype=dtype: calling(torch.set_default_dtype, dtype, torch.float32)
    holders = {"all": torch.backends, "mkldnn": torch.backends.mkldnn}
    holders["mkldnn.matmul"] = getattr(torch.backends.mkldnn, "matmul", None)
    for name, holder in holders.items():
        for precision in ("bf16", "tf32", "ieee") if hasattr(holder, "fp32_precision") else ():
            found[f"{name}.fp32_precision {precision}"] = lambda holder=holder, precision=precision: attribute(
                holder, "fp32_precision", precision
            )
    found["deterministic"] = lambda: calling(torch.use_deterministic_algorithms, True, False)
    found["no gradients"] = lambda: calling(torch.set_grad_enabled, False, True)
    found["inference"] = torch.inference_mode
    return found


def said():
    collections = [POINTS[k : k + 4] for k in range(0, 24, 4)]
    yield "farthest", distances.farthest(POINTS).distance
    yield "farthest of float32", distances.farthest(FLOATS[:12], FLOATS[12:]).distance
    yield "nearest", distances.nearest(FLOATS).distance
    yield "sum norm", distances.nearest(POINTS, p=1).distance
    yield "mean", distances.mean_distance(FLOATS, rtol=1e-3)
    yield "Chamfer", distances.chamfer(FLOATS[:12], FLOATS[12:])
    yield "Hausdorff", distances.hausdorff(FLOATS[:12], FLOATS[12:]).distance
    found = distances.between(collections)
    yield from ((name, getattr(found, name)) for name in ("max", "min", "mean", "chamfer", "hausdorff"))
    yield "to collections", distances.to_collections(POINTS, collections).max
    report = check_bound(lambda rows: rows, *collections[:3])
    yield from (("lhs", report.lhs), ("rhs", report.rhs), ("verdict", report.verdict))
    for rung in check_bound(None, *collections[:3], bound="all").upper:
        yield from ((f"{rung.report.bound.name} {side}", getattr(rung.report, side)) for side in ("lhs", "rhs"))
    yield "any sizes", check_bound(None, POINTS[:3], POINTS[3:8], POINTS[8:10], equal_sizes=False).rhs
    yield "median", check_bound(None, *collections[:3], aggregator="median").rhs
    triples = check_triples(K_ANY_SIZES, LABELLED, np.array([[0, 1, 4], [1, 2, 5]]))
    yield from (("triples", triples.code.tolist()), ("slack", triples.lhs.tolist()))
    for verdicts_only in (False, True):
        summary = scan(LABELLED, bounds=["karimov", "chamfer", "transport"], verdicts_only=verdicts_only).summary
        yield f"scan {verdicts_only}", {name: dict(one.counts) for name, one in summary.bounds.items()}
    yield "sample", scan_sample(LABELLED, bounds=["karimov"], sample=20, sides=True).verdict
    yield "embedded", embed(None, FLOATS).numpy().tobytes()


@pytest.fixture(scope="module")
def right():
    return dict(said())


@pytest.mark.parametrize("name", switches())
def test_what_is_certified_stays(name, right):
    with switches()[name]():
        found = dict(said())
    assert found.keys() == right.keys()
    for key, value in found.items():
        expected = right[key]
        if isinstance(value, distances.Matrix):
            assert (np.abs(value.value - expected.value) <= value.error + expected.error).all(), key
        elif isinstance(value, float):
            assert abs(value - expected) <= value.error + expected.error <= 1e-5 * abs(value), key
        else:
            assert value == expected, key


@pytest.mark.parametrize("name", switches())
def test_reduced_products_are_known_of(name):
    """Where torch may round factors to fewer bits, products in float32 are not relied on."""
    rounds = ("high", "medium", "bf16", "tf32")
    if (matmul := getattr(torch.backends.mkldnn, "matmul", None)) is not None:
        # As it is at first: no answer of its own.
        matmul.fp32_precision = "none"
    with switches()[name]():
        found = ready.reduced_precision()
    if name.endswith(rounds):
        assert found
    elif name != "TF32":
        assert not found


def test_what_libraries_round_by_themselves_is_found(monkeypatch):
    def rounded(a, b, out=None):
        return (a.to(torch.bfloat16) @ b.to(torch.bfloat16)).to(torch.float32)

    ready._rounds_factors.cache_clear()
    assert not ready.reduced_precision()
    monkeypatch.setattr(torch, "mm", rounded)
    ready._rounds_factors.cache_clear()
    assert ready.reduced_precision()
    monkeypatch.undo()
    ready._rounds_factors.cache_clear()
