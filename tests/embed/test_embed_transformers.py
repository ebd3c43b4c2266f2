"""scikit-learn transformers and pipelines."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from boundcheck.embed import embed, embed_all
from boundcheck.errors import BatchDependenceError, EmbeddingCallError, InvalidTypeError

pytest.importorskip("sklearn")

from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

DIGITS, LABELS = load_digits(return_X_y=True)


class Centring(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Depends on its batch."""

    def transform(self, X: np.ndarray) -> np.ndarray:
        return X - X.mean(axis=0)


@pytest.fixture(scope="module")
def pipeline() -> Any:
    return make_pipeline(StandardScaler(), PCA(8, random_state=0)).fit(DIGITS)


@pytest.mark.parametrize("batch_size", [100, 256])
@pytest.mark.parametrize("kind", [np.asarray, list, torch.from_numpy, lambda x: x.tolist()])
def test_digits_through_a_pipeline(pipeline: Any, batch_size: int, kind: Any) -> None:
    points = embed(pipeline, kind(DIGITS[:300]), batch_size=batch_size)
    assert points.shape == (300, 8)
    assert points.numpy() == pytest.approx(pipeline.transform(DIGITS[:300]), abs=1e-10)


def test_digits_by_class(pipeline: Any) -> None:
    collections = {f"digit {label}": DIGITS[label == LABELS] for label in range(10)}
    points = embed_all(pipeline, collections)
    assert [len(found) for found in points.values()] == np.bincount(LABELS).tolist()
    assert {found.shape[1] for found in points.values()} == {8}


def test_its_transform_is_a_callable_too(pipeline: Any) -> None:
    assert embed(pipeline.transform, DIGITS[:50]).numpy() == pytest.approx(pipeline.transform(DIGITS[:50]))


def test_low_precision_tensors(pipeline: Any) -> None:
    images = torch.from_numpy(DIGITS[:5])
    assert torch.allclose(embed(pipeline, images.to(torch.bfloat16)), embed(pipeline, images), atol=1e-5)


def test_texts_give_sparse_rows() -> None:
    texts = ["the cat", "the dog", "a dog"]
    model = TfidfVectorizer().fit(texts)
    assert embed(model, texts).numpy() == pytest.approx(model.transform(texts).toarray())


@pytest.mark.parametrize("model", [PCA(2), make_pipeline(PCA(2))], ids=["transformer", "pipeline"])
@pytest.mark.filterwarnings("ignore:This Pipeline instance is not fitted:FutureWarning")
def test_not_fitted(model: Any) -> None:
    with pytest.raises(EmbeddingCallError, match=r"f\(G1\): .*NotFittedError: This .* is not fitted yet") as caught:
        embed(model, DIGITS[:20])
    assert isinstance(caught.value.__cause__, NotFittedError)


def test_a_sample_that_fails_is_named() -> None:
    model = PCA(2).fit(DIGITS)
    objects = DIGITS[:20].copy()
    objects[11, 3] = np.nan
    with pytest.raises(EmbeddingCallError, match=r"f\(G1\): .*ValueError: Input X contains NaN.* for object 11"):
        embed(model, objects)


def test_batch_dependence() -> None:
    with pytest.raises(BatchDependenceError, match="object 0"):
        embed(Centring(), DIGITS[:20])


def test_a_function_transformer() -> None:
    assert embed(FunctionTransformer(np.log1p), DIGITS[:5]).numpy() == pytest.approx(np.log1p(DIGITS[:5]))


def test_the_class_is_no_instance() -> None:
    with pytest.raises(InvalidTypeError, match=r"the class PCA; pass an instance: PCA\(...\)"):
        embed(PCA, DIGITS)


def test_a_model_without_transform() -> None:
    with pytest.raises(InvalidTypeError, match=r"^f: .*got LogisticRegression"):
        embed(LogisticRegression(), DIGITS)
