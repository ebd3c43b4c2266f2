"""The output is one finite vector of one length for each object; what is not is named, with the fix."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch

from boundcheck.embed import embed, embed_all
from boundcheck.embed.checks import check_finite, difference
from boundcheck.errors import DimensionMismatchError, EmbeddingShapeError, NonFiniteError
from boundcheck.real_numbers import Place, Source

X = np.random.default_rng(3).normal(size=(20, 6))
LABELS = {"points": "G2: ", "batch": "f(G2): ", "object": "f(G2): "}


def _embed(how: str, values: Any) -> torch.Tensor:
    """Give ``values`` as points, as the output for a batch, or as outputs for one object each."""
    if how == "points":
        return embed(None, values, name="G2")
    if how == "batch":
        return embed(lambda batch: [values[i] for i in batch], range(len(values)), name="G2", batched=True)
    return embed(lambda i: values[i], range(len(values)), name="G2", batched=False)


@pytest.mark.parametrize("how", LABELS)
class TestShapes:
    @pytest.mark.parametrize(
        "values",
        [
            [[1.0, 2.0], [3.0, 4.0], [5.0]],
            [np.ones(2), np.ones(2), np.ones(1)],
            [torch.ones(2), np.ones(2), torch.ones(1)],
        ],
    )
    def test_ragged(self, how: str, values: Any) -> None:
        with pytest.raises(EmbeddingShapeError) as caught:
            _embed(how, values)
        assert not isinstance(caught.value, DimensionMismatchError)
        message = str(caught.value)
        assert message.startswith(LABELS[how])
        assert "vectors of length 2 as for object 0, got length 1 for object 2" in message
        assert "pad, crop or pool" in message

    @pytest.mark.parametrize("values", [[1.0, 2.0], np.ones(2), torch.ones(2), [np.float32(1), 2]], ids=str)
    def test_scalars(self, how: str, values: Any) -> None:
        with pytest.raises(EmbeddingShapeError) as caught:
            _embed(how, values)
        message = str(caught.value)
        assert message.startswith(LABELS[how])
        assert "expected one vector (one axis) for each object, got a single number for object 0" in message
        assert "(n, 1)" in message

    @pytest.mark.parametrize(
        "values", [np.ones((4, 2, 3)), torch.ones(4, 2, 3), [np.ones((2, 3))] * 4, np.ones((4, 2, 3)).tolist()]
    )
    def test_more_than_one_axis(self, how: str, values: Any) -> None:
        with pytest.raises(EmbeddingShapeError) as caught:
            _embed(how, values)
        message = str(caught.value)
        assert message.startswith(LABELS[how])
        assert "got 2 axes, of shape (2, 3), for object 0" in message
        assert "flatten" in message

    def test_a_later_object_with_two_axes(self, how: str) -> None:
        with pytest.raises(EmbeddingShapeError, match=r"2 axes, of shape \(1, 2\), for object 1"):
            _embed(how, [np.ones(2), np.ones((1, 2))])

    @pytest.mark.parametrize(
        "values", [np.ones((3, 0)), [[], [], []], torch.ones(3, 0)], ids=["array", "list", "tensor"]
    )
    def test_no_coordinates(self, how: str, values: Any) -> None:
        with pytest.raises(EmbeddingShapeError) as caught:
            _embed(how, values)
        message = str(caught.value)
        assert message.startswith(LABELS[how])
        assert "vectors of length 1 or more, got vectors of length 0" in message
        assert "at least one coordinate" in message

    @pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
    @pytest.mark.parametrize("kind", ["array", "tensor", "list", "half"])
    def test_not_finite(self, how: str, bad: float, kind: str) -> None:
        rows = [[1.0, 2.0], [3.0, 4.0], [5.0, bad], [bad, 6.0]]
        values: Any = {
            "array": np.array(rows),
            "tensor": torch.tensor(rows),
            "list": rows,
            "half": torch.tensor(rows, dtype=torch.bfloat16),
        }[kind]
        with pytest.raises(NonFiniteError) as caught:
            _embed(how, values)
        message = str(caught.value)
        assert message.startswith(LABELS[how])
        assert f"expected finite numbers, got {bad} for object 2 at coordinate 1" in message
        assert "repair or drop that object" in message


def test_not_finite_in_a_later_batch() -> None:
    objects = np.arange(1.0, 60.0)[:, None]
    with (
        np.errstate(divide="ignore"),
        pytest.raises(NonFiniteError, match=r"f\(G1\): .*inf for object 50 at coordinate 0; .*divide by zero"),
    ):
        embed(lambda x: 1 / (x - 51), objects, batch_size=20, batched=True)


@pytest.mark.parametrize("batched", [None, True, False])
def test_not_finite_where_f_is_tried_both_ways(batched: bool | None) -> None:
    def normalise(x: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore"):
            return x / np.linalg.norm(x, axis=-1, keepdims=True)

    with pytest.raises(NonFiniteError, match="nan for object 3 at coordinate 0"):
        embed(normalise, np.vstack([X[:3], np.zeros((1, 6)), X]), batched=batched)


def test_the_zero_vector_that_an_f_of_one_object_divides_by_is_named() -> None:
    def normalise(v: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore"):
            return v / np.linalg.norm(v)

    with pytest.raises(NonFiniteError, match="nan for object 3 at coordinate 0"):
        embed(normalise, np.vstack([X[:3], np.zeros((1, 6)), X]))


def test_large_numbers_are_finite() -> None:
    large = [[1.7e308, 1.7e308], [1.7e308, -1.7e308]]
    assert embed(None, large).tolist() == large


@pytest.mark.parametrize(
    ("f", "got"),
    [
        (lambda x: x[0], r"shape \(6,\)"),
        (lambda x: x.sum(), "a single number"),
        (lambda x: x[:-1], r"shape \(15, 6\)"),
        (lambda x: x.T, r"shape \(6, 16\)"),
        (lambda x: (x, x), "a tuple of 2"),
        (lambda x: list(x[:3]), "a list of 3"),
    ],
)
def test_the_wrong_number_of_rows(f: Any, got: str) -> None:
    with pytest.raises(EmbeddingShapeError, match=rf"f\(G2\): expected 16 rows, .*objects 0 to 15, got {got}; .*"):
        embed(f, X, name="G2", batched=True)


def test_the_wrong_number_of_rows_for_one_object() -> None:
    with pytest.raises(EmbeddingShapeError, match=r"expected 1 row, one for each of object 0, got shape \(2, 6\)"):
        embed(lambda x: np.vstack([x, x]), X[:1], batched=True)


def test_a_row_of_numbers_for_a_batch_tells_to_add_an_axis() -> None:
    with pytest.raises(EmbeddingShapeError, match=r"a single number for object 0; return shape \(n, 1\)"):
        embed(lambda x: x.sum(axis=1), X, batched=True)
    assert embed(lambda x: x.sum(axis=1)[:, None], X, batched=True).shape == (20, 1)
    assert embed(lambda v: v.sum().reshape(1), X, batched=False).shape == (20, 1)


class TestDimensions:
    def test_given_points(self) -> None:
        with pytest.raises(DimensionMismatchError) as caught:
            embed_all(None, {"G1": X, "G2": X[:3], "G3": X[:, :4]})
        assert str(caught.value) == (
            "G3: expected vectors of length 6 like G1, got length 4; embed every collection by the same f"
        )

    @pytest.mark.parametrize("batched", [None, True, False])
    @pytest.mark.parametrize("verify", [True, False])
    def test_embedded(self, batched: bool | None, verify: bool) -> None:
        with pytest.raises(
            DimensionMismatchError, match="G2: expected vectors of length 6 like G1, got length 2; let f"
        ):
            embed_all(np.tanh, {"G1": X, "G2": X[:, :2]}, batched=batched, verify=verify)

    def test_said_before_the_long_work(self) -> None:
        calls = 0

        def f(x: np.ndarray) -> np.ndarray:
            nonlocal calls
            calls += 1
            return x

        with pytest.raises(DimensionMismatchError):
            embed_all(f, {"G1": np.zeros((10**4, 3)), "G2": np.zeros((10**4, 2))}, batched=True)
        assert calls == 2 * 4


class TestDifference:
    """The comparison itself tells apart what it must."""

    @pytest.mark.parametrize("tolerance", [1e-6, 3.5e-4, 0.05])
    def test_threshold(self, tolerance: float) -> None:
        first = torch.tensor([[1.0, -200.0], [3.0, 4.0]], dtype=torch.float64)
        for share, agrees in ((0.99, True), (1.01, False)):
            second = first.clone()
            second[1, 0] += 200 * tolerance * share
            assert (difference(first, second, tolerance) is None) == agrees

    def test_names_the_first_object_and_the_largest_gap(self) -> None:
        first = torch.zeros(4, 2, dtype=torch.float64)
        second = first.clone()
        second[1, 0], second[3, 1] = 0.5, -2.0
        found = difference(first, second, 1e-6)
        assert found is not None
        assert (found.offset, found.gap) == (1, 2.0)

    @pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
    def test_what_is_not_finite(self, value: float) -> None:
        first = torch.tensor([[1.0, value]], dtype=torch.float64)
        assert difference(first, first.clone(), 0.0) is None
        assert difference(first, torch.ones(1, 2, dtype=torch.float64), 0.5) is not None
        assert difference(torch.ones(1, 2, dtype=torch.float64), first, 0.5) is not None

    def test_shapes(self) -> None:
        found = difference(torch.zeros(2, 2), torch.zeros(2, 3), 1.0)
        assert found is not None
        assert found.gap == math.inf


@pytest.mark.parametrize("source", Source)
def test_check_finite_passes_finite_rows(source: Source) -> None:
    check_finite(torch.zeros(2, 2), Place("G1", 0, source))
