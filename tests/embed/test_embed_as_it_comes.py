"""What a person has at hand: a function around a network, and data frames for pipelines that name their columns."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from boundcheck.embed import embed
from boundcheck.embed.modules import module_behind
from boundcheck.errors import EmbeddingCallError, InvalidTypeError, NotAFunctionError

torch.manual_seed(0)
NET = torch.nn.Sequential(torch.nn.Linear(4, 3))
X = np.random.default_rng(0).normal(size=(40, 4))
EXPECTED = NET(torch.from_numpy(X).float()).detach().double()


class Encoder:
    def __init__(self):
        self.backbone = NET

    def encode(self, batch):
        return self.backbone(batch)

    __call__ = encode


def closure():
    inside = NET
    return lambda batch: inside(batch)


FUNCTIONS = {
    "lambda": lambda batch: NET(batch),
    "closure": closure(),
    "method": Encoder().encode,
    "object": Encoder(),
    "partial": partial(lambda net, batch: net(batch), NET),
    "default": lambda batch, net=NET: net(batch),
    "prepares": lambda batch: NET(torch.as_tensor(batch).float()),
}


@pytest.mark.parametrize("f", FUNCTIONS.values(), ids=FUNCTIONS)
@pytest.mark.parametrize(
    "data", [X, X.astype(np.float32), X.tolist(), torch.from_numpy(X)], ids=["f64", "f32", "list", "tensor"]
)
def test_a_function_around_a_network_takes_numbers_as_they_come(f, data):
    assert module_behind(f) is NET
    torch.testing.assert_close(embed(f, data, batch_size=16), EXPECTED, rtol=1e-5, atol=1e-6)


def test_the_network_of_a_function_is_asked_as_one_is():
    net = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Dropout(0.5))
    with pytest.raises(NotAFunctionError, match="training mode"):
        embed(lambda batch: net(batch), X)
    one, other = torch.nn.Linear(4, 4), torch.nn.BatchNorm1d(4)
    before = other.running_mean.clone()
    behind = module_behind(lambda batch: other(one(batch)))
    assert list(behind) in ([one, other], [other, one])
    assert torch.equal(other.running_mean, before)


def test_what_fails_either_way_says_what_it_did_first():
    net = torch.nn.Linear(5, 2)
    with pytest.raises(EmbeddingCallError, match=r"must be Tensor, not numpy\.ndarray"):
        embed(lambda batch: net(batch), X)


def test_a_function_without_a_network_has_none_behind_it():
    assert module_behind(lambda v: v / np.linalg.norm(v)) is None


FRAME = pd.DataFrame(X, columns=list("abcd"), index=np.linspace(1, 2, 40))
COLUMNS = ColumnTransformer([("scaled", StandardScaler(), ["c", "a"]), ("rest", "passthrough", ["b"])]).fit(FRAME)
BY_COLUMNS = COLUMNS.transform(FRAME)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "f",
    [COLUMNS, COLUMNS.transform, make_pipeline(COLUMNS), lambda frame: COLUMNS.transform(frame)],
    ids=["transformer", "method", "pipeline", "lambda"],
)
def test_a_frame_stays_one_for_what_names_its_columns(f):
    if not callable(f) and f is not COLUMNS:
        f.fit(FRAME)
    np.testing.assert_array_equal(embed(f, FRAME, batch_size=7).numpy(), BY_COLUMNS)


def test_text_columns_reach_the_transformer():
    frame = FRAME.assign(kind=["p", "q"] * 20)
    numbers = ColumnTransformer([("rest", "passthrough", ["a", "d"])]).fit(frame)
    np.testing.assert_array_equal(embed(numbers, frame).numpy(), X[:, [0, 3]])
    with pytest.raises(InvalidTypeError):
        embed(None, frame)


def test_a_function_of_rows_gets_arrays_as_before():
    seen = []

    def f(batch):
        seen.append(type(batch))
        return np.asarray(batch)[:, :2]

    np.testing.assert_array_equal(embed(f, FRAME, batched=True).numpy(), X[:, :2])
    assert set(seen) == {np.ndarray}


def test_a_frame_is_not_changed():
    def f(frame):
        frame["a"] = 0.0
        return frame.to_numpy()

    assert (embed(f, FRAME, batched=True)[:, 0] == 0).all()
    assert (FRAME["a"] != 0).all()
