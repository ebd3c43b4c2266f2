"""Callables: whether they take a batch or one object is found out, and they must be functions of each object alone."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from boundcheck.embed import embed, embed_all
from boundcheck.errors import (
    BatchDependenceError,
    EmbeddingCallError,
    EmbeddingShapeError,
    InvalidTypeError,
    InvalidValueError,
    NotAFunctionError,
)

RNG = np.random.default_rng(7)
X = RNG.normal(size=(40, 6))
W = RNG.normal(size=(3, 6))
SQUARE = RNG.normal(size=(16, 16))
CALIBRATED = np.array([[1.0, 1.0], [3.0, 3.0], [3.0, 3.0], [1.0, 1.0]])

# f, the collection, and f written for one object
PER_OBJECT: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "normalise": (lambda v: v / np.linalg.norm(v), X),
    "normalise, zeros follow": (lambda v: v / max(np.linalg.norm(v), 1e-9), np.array([[3.0, 4.0], [0.0, 0.0]])),
    "normalise one object": (lambda v: v / np.linalg.norm(v), X[:1]),
    "matrix": (lambda v: W @ v, X),
    "matrix, one object": (lambda v: W @ v, X[:1]),
    "square matrix, as many objects": (lambda v: SQUARE @ v, RNG.normal(size=(16, 16))),
    "reversed": (lambda v: v[::-1], X),
    "cumulated": (np.cumsum, X),
    "centred": (lambda v: v - v.mean(), X),
    "centred, halves alike": (lambda v: v - v.mean(), CALIBRATED),
    "tensors": (lambda v: v / v.norm(), torch.from_numpy(X)),
    "list of tensors": (lambda v: v / v.norm(), list(torch.from_numpy(X))),
    "number": (lambda t: [np.cos(t), np.sin(t)], [0.1, 0.2, 0.3]),
    "number, two": (lambda t: [t, t**2], [0.1, 0.2]),
    "string": (lambda s: [len(s), s.count("e")], ["one", "three", "eleven"]),
    "image": (lambda image: np.asarray(image).ravel(), [Image.new("L", (4, 4), color=i) for i in range(5)]),
    "tensor of numbers": (lambda v: [v.mean(), v.std()], torch.from_numpy(X)),
}
BATCHED: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "matrix": (lambda x: x @ W.T, X),
    "normalise": (lambda x: x / np.linalg.norm(x, axis=1, keepdims=True), X),
    "one object": (lambda x: x / np.linalg.norm(x, axis=1, keepdims=True), X[:1]),
    "strings": (lambda texts: [[len(text)] for text in texts], ["one", "three", "eleven"]),
    "images": (lambda x: x.reshape(len(x), -1), RNG.normal(size=(20, 4, 4))),
    "tensors": (lambda x: torch.nn.functional.normalize(x, dim=1), torch.from_numpy(X)),
    "elementwise": (np.tanh, X),
    "float32": (lambda x: x.astype(np.float32) @ W.T.astype(np.float32), X),
    "squeezed": (lambda x: (x @ W.T).squeeze(), X),
}


@pytest.mark.parametrize("case", PER_OBJECT)
@pytest.mark.parametrize("batch_size", [2, 16, 256])
def test_f_of_one_object(case: str, batch_size: int) -> None:
    f, collection = PER_OBJECT[case]
    expected = [[float(number) for number in f(item)] for item in collection]
    points = embed(f, collection, batch_size=batch_size)
    assert points.shape == (len(expected), len(expected[0]))
    # An f written for one object is called on one, so nothing is rounded otherwise.
    assert points.tolist() == expected
    assert embed(f, collection, batched=False, batch_size=batch_size).tolist() == expected


@pytest.mark.parametrize("case", BATCHED)
@pytest.mark.parametrize("batch_size", [7, 16, 256])
@pytest.mark.parametrize("batched", [None, True])
def test_f_of_a_batch(case: str, batch_size: int, batched: bool | None) -> None:
    f, collection = BATCHED[case]
    calls: list[int] = []

    def counted(batch: Any) -> Any:
        calls.append(len(batch))
        return f(batch)

    points = embed(counted, collection, batch_size=batch_size, batched=batched)
    assert points.numpy() == pytest.approx(np.asarray(f(collection)).reshape(len(collection), -1), rel=1e-5)
    assert max(calls) == min(batch_size, len(collection)) or len(collection) == 1


def test_f_of_a_batch_is_called_on_whole_batches() -> None:
    calls: list[int] = []

    def f(batch: Any) -> Any:
        calls.append(len(batch))
        return batch

    embed(f, np.zeros((600, 3)), batched=True, verify=False)
    assert calls == [256, 256, 88]


def test_no_second_evaluation_without_verify() -> None:
    calls = 0

    def f(v: Any) -> Any:
        nonlocal calls
        calls += 1
        return v

    embed(f, X, batched=False, verify=False)
    assert calls == len(X)


def test_at_most_sixteen_objects_are_evaluated_again() -> None:
    objects = 0

    def f(batch: Any) -> Any:
        nonlocal objects
        objects += len(batch)
        return batch

    embed(f, np.zeros((1000, 3)), batched=True)
    assert objects == 1000 + 3 * 16
    objects = 0
    embed(f, np.zeros((9, 3)), batched=True)  # the probe is the result
    assert objects == 3 * 9


@pytest.mark.parametrize(
    ("f", "collection"),
    [
        (lambda v: v[::-1], X[:1]),
        (lambda v: v[::-1], np.tile(X[:1], (5, 1))),
        (lambda x: x.mean(axis=1), RNG.normal(size=(5, 4, 4))),
        (lambda x: x.max(axis=1), RNG.normal(size=(5, 3, 4))),
    ],
    ids=["one object", "equal objects", "images", "oblong images"],
)
def test_an_f_that_takes_both_and_means_two_things(f: Any, collection: np.ndarray) -> None:
    with pytest.raises(InvalidValueError) as caught:
        embed(f, collection, name="G3")
    assert type(caught.value) is InvalidValueError
    message = str(caught.value)
    assert message.startswith("batched: expected True or False")
    assert "object 0 of G3" in message
    assert "batched=True if f takes a batch, batched=False if it takes one object" in message
    assert embed(f, collection, batched=True).numpy() == pytest.approx(f(collection))
    assert embed(f, collection, batched=False).numpy() == pytest.approx(np.array([f(item) for item in collection]))


def test_the_mode_is_one_for_all_collections() -> None:
    """One collection alone cannot tell that this f takes one object; the other can."""
    kinds: set[int] = set()

    def f(v: np.ndarray) -> np.ndarray:
        kinds.add(v.ndim)
        return v / np.linalg.norm(v)

    collections = {"G1": np.array([[0.0, 1.0], [0.0, 0.0]])[:1], "G2": X[:5, :2]}
    points = embed_all(f, collections)
    assert points["G1"].tolist() == [[0.0, 1.0]]
    assert points["G2"].norm(dim=1).tolist() == pytest.approx([1.0] * 5)


def test_partial_and_bound_methods() -> None:
    class Model:
        def encode(self, batch: np.ndarray) -> np.ndarray:
            return batch @ W.T

    expected = X @ W.T
    assert embed(Model().encode, X).numpy() == pytest.approx(expected)
    assert embed(partial(np.matmul, W), X).numpy() == pytest.approx(expected)


class TestRandom:
    @pytest.mark.parametrize("batched", [None, True, False])
    def test_noise(self, batched: bool | None) -> None:
        noise = np.random.default_rng(0)
        with pytest.raises(NotAFunctionError) as caught:
            embed(lambda x: x + noise.normal(size=x.shape), X, name="G2", batched=batched)
        assert not isinstance(caught.value, BatchDependenceError)
        message = str(caught.value)
        assert "f(G2): expected the same vector each time f is called on object 0" in message
        assert "differ by up to" in message
        assert "no random numbers" in message

    def test_noise_of_an_f_that_takes_batches_only(self) -> None:
        noise = np.random.default_rng(0)
        with pytest.raises(NotAFunctionError) as caught:
            embed(lambda x: x.reshape(len(x), -1) + noise.normal(), np.zeros((5, 3, 3)))
        assert not isinstance(caught.value, BatchDependenceError)

    def test_a_later_object_is_named(self) -> None:
        calls = 0

        def f(v: np.ndarray) -> np.ndarray:
            nonlocal calls
            calls += 1
            return v + calls * (v[0] == X[5, 0])

        with pytest.raises(NotAFunctionError, match="object 5"):
            embed(f, X, batched=False)

    def test_memory_of_earlier_calls(self) -> None:
        calls = 0

        def f(x: np.ndarray) -> np.ndarray:
            nonlocal calls
            calls += 1
            return x + 1e-3 * calls

        with pytest.raises(NotAFunctionError, match="no memory of earlier calls"):
            embed(f, X, batched=True)

    def test_lengths_that_change(self) -> None:
        lengths = iter([2, 3, 4])
        with pytest.raises(NotAFunctionError, match="vectors of different lengths"):
            embed(lambda x: np.zeros((len(x), next(lengths))), X, batched=True)

    @pytest.mark.parametrize(("gap", "passes"), [(0.9e-6, True), (1.1e-6, False)])
    def test_tolerance(self, gap: float, passes: bool) -> None:
        calls = 0

        def f(x: np.ndarray) -> np.ndarray:
            nonlocal calls
            calls += 1
            return np.full((len(x), 2), 100.0 * (1 + gap * (calls == 2)))

        if passes:
            embed(f, X[:4], batched=True)
        else:
            with pytest.raises(NotAFunctionError):
                embed(f, X[:4], batched=True)

    def test_a_dataset_with_random_augmentation(self) -> None:
        noise = np.random.default_rng(0)

        class Augmented(torch.utils.data.Dataset[Any]):
            def __len__(self) -> int:
                return 4

            def __getitem__(self, index: int) -> tuple[np.ndarray, int]:
                return X[index] + noise.normal(size=6), 0

        with pytest.raises(NotAFunctionError, match=r"^G2: expected the same object 0 each time .*augmentation off"):
            embed(np.tanh, Augmented(), name="G2", batched=True)

    def test_not_looked_for_without_verify(self) -> None:
        noise = np.random.default_rng(0)
        assert embed(lambda x: noise.normal(size=(len(x), 2)), X, batched=True, verify=False).shape == (40, 2)


class TestBatchDependence:
    @pytest.mark.parametrize(
        "f",
        [
            lambda x: x - x.mean(axis=0),
            lambda x: x / np.linalg.norm(x),
            lambda x: x[::-1],
            lambda x: np.argsort(x, axis=0),
        ],
        ids=["centred", "normalised", "reversed", "ranked"],
    )
    def test_named(self, f: Any) -> None:
        with pytest.raises(BatchDependenceError) as caught:
            embed(f, X, name="G2", batched=True)
        message = str(caught.value)
        assert "f(G2): expected the same vector for object 0 whatever the rest of its batch" in message
        assert "when objects 0 to 7 are called alone" in message
        assert "batched=False" in message

    def test_of_an_f_that_takes_batches_only(self) -> None:
        with pytest.raises(BatchDependenceError):
            embed(lambda x: x.reshape(len(x), -1) - x.mean(), RNG.normal(size=(5, 3, 3)))

    def test_one_object(self) -> None:
        with pytest.raises(BatchDependenceError, match=r"object 0 .* when it is in a batch twice"):
            embed(lambda x: x / np.linalg.norm(x), X[:1], batched=True)

    def test_the_second_half(self) -> None:
        def f(x: np.ndarray) -> np.ndarray:
            return x + (np.arange(len(x)) >= 8)[:, None]

        with pytest.raises(BatchDependenceError, match=r"object 8 .*when objects 8 to 15 are called alone"):
            embed(f, X, batched=True)

    def test_half_a_batch_that_fails(self) -> None:
        def f(x: np.ndarray) -> np.ndarray:
            if len(x) < 10:
                raise ValueError("too few")
            return x

        with pytest.raises(BatchDependenceError, match="ValueError: too few when objects 0 to 7") as caught:
            embed(f, X, batched=True)
        assert isinstance(caught.value.__cause__, ValueError)

    def test_larger_batches_than_the_probe(self) -> None:
        def f(x: np.ndarray) -> np.ndarray:
            return x * (1 if len(x) <= 16 else 2)

        with pytest.raises(BatchDependenceError, match="in a larger batch"):
            embed(f, X, batched=True)

    def test_batches_of_one_leave_nothing_to_depend_on(self) -> None:
        points = embed(lambda x: x / np.linalg.norm(x), X, batched=True, batch_size=1)
        assert points.norm(dim=1).tolist() == pytest.approx([1.0] * 40)

    @pytest.mark.parametrize(
        ("dtype", "gap", "passes"),
        [
            (np.float64, 3e-4, True),
            (np.float64, 4e-4, False),
            (np.float32, 3e-4, True),
            (np.float32, 4e-4, False),
            (np.float16, 0.04, True),
            (np.float16, 0.06, False),
        ],
    )
    def test_tolerance(self, dtype: type, gap: float, passes: bool) -> None:
        def f(x: np.ndarray) -> np.ndarray:
            return np.full((len(x), 2), 4.0 * (1 + gap * (len(x) == 2))).astype(dtype)

        if passes:
            embed(f, X[:4], batched=True)
        else:
            with pytest.raises(BatchDependenceError):
                embed(f, X[:4], batched=True)

    def test_not_looked_for_without_verify(self) -> None:
        assert embed(lambda x: x - x.mean(axis=0), X, batched=True, verify=False).shape == (40, 6)


def _boom(x: np.ndarray) -> np.ndarray:
    if (x == 5.0).any():
        raise ValueError("boom")
    return x.reshape(len(x), -1) if x.ndim == 3 else x


class TestRaising:
    @pytest.mark.parametrize("batched", [None, True, False])
    @pytest.mark.parametrize("index", [0, 1, 5, 17, 39])
    @pytest.mark.parametrize("batch_size", [1, 7, 256])
    def test_the_object_is_named(self, batched: bool | None, index: int, batch_size: int) -> None:
        objects = np.zeros((40, 3))
        objects[index] = 5.0
        with pytest.raises(EmbeddingCallError) as caught:
            embed(_boom, objects, name="G2", batched=batched, batch_size=batch_size)
        message = str(caught.value)
        assert message.startswith(f"f(G2): expected a vector for every object, got ValueError: boom for object {index}")
        assert isinstance(caught.value.__cause__, ValueError)

    @pytest.mark.parametrize("index", [0, 4, 39])
    def test_the_object_is_named_where_f_takes_batches_only(self, index: int) -> None:
        objects = np.zeros((40, 3, 3))
        objects[index] = 5.0

        def f(x: np.ndarray) -> np.ndarray:
            if x.ndim != 3:
                raise TypeError("a batch of images, please")
            return _boom(x)

        with pytest.raises(EmbeddingCallError, match=f"ValueError: boom for object {index}$") as caught:
            embed(f, objects)
        assert isinstance(caught.value.__cause__, ValueError)

    @pytest.mark.parametrize(
        ("batched", "which"),
        [
            (True, r"for objects 0 to 15 \(for object 0 alone as well\)"),
            (False, "for object 0$"),
            (None, "for object 0, and for objects 0 to 15 in one batch"),
        ],
    )
    def test_every_object(self, batched: bool | None, which: str) -> None:
        def f(x: np.ndarray) -> np.ndarray:
            raise KeyError("missing")

        with pytest.raises(EmbeddingCallError, match=rf"f\(G1\): .*KeyError: 'missing' {which}") as caught:
            embed(f, X, batched=batched)
        assert isinstance(caught.value.__cause__, KeyError)

    def test_both_ways_for_two_reasons(self) -> None:
        def f(x: np.ndarray) -> np.ndarray:
            raise ValueError(f"{x.ndim} axes")

        with pytest.raises(EmbeddingCallError, match="1 axes for object 0, and ValueError: 2 axes for objects 0 to 15"):
            embed(f, X)

    def test_no_object_alone(self) -> None:
        def f(x: np.ndarray) -> np.ndarray:
            if len(x) > 8:
                raise RuntimeError("out of memory")
            return x

        with pytest.raises(
            EmbeddingCallError, match=r"objects 0 to 15 in one batch \(for none of them alone\); .*smaller batch_size"
        ):
            embed(f, X, batched=True)
        assert embed(f, X, batched=True, batch_size=8).shape == (40, 6)

    def test_a_long_message_is_cut(self) -> None:
        def f(x: np.ndarray) -> np.ndarray:
            raise ValueError("line\n" * 1000)

        with pytest.raises(EmbeddingCallError, match="…") as caught:
            embed(f, X)
        assert len(str(caught.value)) < 400
        assert "\n" not in str(caught.value)

    @pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
    @pytest.mark.parametrize("batched", [None, True, False])
    def test_interrupts_pass(self, stop: type[BaseException], batched: bool | None) -> None:
        def f(x: np.ndarray) -> np.ndarray:
            raise stop

        with pytest.raises(stop):
            embed(f, X, batched=batched)

    def test_an_interrupt_passes_in_the_search_for_the_object(self) -> None:
        def f(x: np.ndarray) -> np.ndarray:
            if len(x) == 1:
                raise KeyboardInterrupt
            raise ValueError("boom")

        with pytest.raises(KeyboardInterrupt):
            embed(f, X, batched=True)


class TestWarnings:
    @pytest.mark.parametrize("batched", [True, False, None])
    def test_they_pass(self, batched: bool | None) -> None:
        def f(x: np.ndarray) -> np.ndarray:
            warnings.warn("slow path", UserWarning, stacklevel=1)
            return x

        with pytest.warns(UserWarning, match="slow path"):
            embed(f, X, batched=batched)

    def test_none_is_made_by_a_call_that_no_one_asked_for(self) -> None:
        def f(x: np.ndarray) -> np.ndarray:
            if x.ndim == 1:
                warnings.warn("one object?", UserWarning, stacklevel=1)
            return x

        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            embed(f, X)
        assert caught == []


@pytest.mark.parametrize("f", [3, "f", [1, 2], X, object()], ids=lambda f: type(f).__name__)
def test_what_cannot_be_called(f: object) -> None:
    with pytest.raises(
        InvalidTypeError, match=rf"^f: expected a torch module.*got {type(f).__name__}; .*embed\(f, coll"
    ):
        embed(f, X)


def test_a_class_is_no_instance() -> None:
    with pytest.raises(InvalidTypeError, match=r"f: .*got the class Linear; pass an instance: Linear\(...\)"):
        embed(torch.nn.Linear, X)


class TestOptions:
    @pytest.mark.parametrize("batch_size", [0, -1])
    def test_batch_size_value(self, batch_size: int) -> None:
        with pytest.raises(InvalidValueError, match=rf"^batch_size: expected an int in \[1, ∞\), got {batch_size}; "):
            embed(None, X, batch_size=batch_size)

    @pytest.mark.parametrize("batch_size", [2.0, "2", None, True])
    def test_batch_size_type(self, batch_size: Any) -> None:
        with pytest.raises(InvalidTypeError, match=rf"^batch_size: expected an int in \[1, ∞\), got {batch_size!r}"):
            embed(None, X, batch_size=batch_size)

    def test_numpy_batch_size(self) -> None:
        assert embed(np.tanh, X, batch_size=np.int64(7)).shape == (40, 6)  # type: ignore[arg-type]

    @pytest.mark.parametrize("option", ["batched", "progress", "verify"])
    @pytest.mark.parametrize("value", [1, "yes"])
    def test_flags(self, option: str, value: Any) -> None:
        with pytest.raises(InvalidTypeError, match=f"^{option}: expected True"):
            embed(None, X, **{option: value})

    @pytest.mark.parametrize("device", ["cuda:99", "gpu", "meta", torch.device("cuda", 98)])
    def test_a_device_that_is_not_there(self, device: Any) -> None:
        with pytest.raises(
            InvalidValueError, match=rf"^device: expected an available device, got '{device}'; here: cpu"
        ):
            embed(np.tanh, X, device=device)

    @pytest.mark.parametrize("device", [0, object()])
    def test_device_type(self, device: Any) -> None:
        with pytest.raises(InvalidTypeError, match=r"^device: expected a str or a torch.device"):
            embed(None, X, device=device)

    @pytest.mark.parametrize("device", ["cpu", torch.device("cpu")])
    def test_cpu(self, device: Any) -> None:
        assert embed(torch.tanh, torch.from_numpy(X), device=device).device.type == "cpu"


class TestAll:
    def test_order_and_sizes(self) -> None:
        points = embed_all(np.tanh, {"b": X[:3], "a": X})
        assert list(points) == ["b", "a"]
        assert [len(found) for found in points.values()] == [3, 40]

    @pytest.mark.parametrize("collections", [[X, X], X, "G1", None], ids=lambda value: type(value).__name__)
    def test_no_mapping(self, collections: Any) -> None:
        with pytest.raises(InvalidTypeError, match=r"^collections: expected a mapping"):
            embed_all(None, collections)

    def test_nothing(self) -> None:
        with pytest.raises(InvalidValueError, match=r"^collections: expected at least one collection"):
            embed_all(None, {})

    def test_an_error_names_its_collection(self) -> None:
        objects = np.zeros((4, 3))
        objects[2] = 5.0
        with pytest.raises(EmbeddingCallError, match=r"f\(G3\): .* object 2"):
            embed_all(_boom, {"G1": np.zeros((4, 3)), "G3": objects})

    def test_ragged_batches(self) -> None:
        def f(x: np.ndarray) -> np.ndarray:
            return np.zeros((len(x), 2 if x[0, 0] < 20 else 3))

        objects = np.arange(40.0)[:, None]
        with pytest.raises(EmbeddingShapeError, match="length 2 as for object 0, got length 3 for object 20"):
            embed(f, objects, batched=True, batch_size=20)
