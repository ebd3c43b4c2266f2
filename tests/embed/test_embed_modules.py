"""Torch modules: called as they stand, left as they were found, and named where they act as in training."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn
from torch.utils.data import TensorDataset

from boundcheck.embed import embed, embed_all
from boundcheck.errors import (
    BatchDependenceError,
    EmbeddingCallError,
    EmbeddingShapeError,
    InvalidValueError,
    NonFiniteError,
    NotAFunctionError,
)

X = torch.randn(40, 6, generator=torch.Generator().manual_seed(0))


@pytest.fixture(autouse=True)
def _seeded() -> Iterator[None]:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def _state(module: nn.Module) -> list[Any]:
    return [
        [(path, part.training) for path, part in module.named_modules()],
        {name: tensor.clone() for name, tensor in module.state_dict().items()},
        {name: id(tensor) for name, tensor in module.named_buffers()},
        {name: id(tensor) for name, tensor in module.named_parameters()},
    ]


def _same_state(before: list[Any], after: list[Any]) -> bool:
    return (
        before[0] == after[0]
        and before[2:] == after[2:]
        and before[1].keys() == after[1].keys()
        and all(torch.equal(tensor, after[1][name]) for name, tensor in before[1].items())
    )


def _network() -> nn.Sequential:
    return nn.Sequential(nn.Linear(6, 5), nn.BatchNorm1d(5), nn.ReLU(), nn.Dropout(0.5), nn.Linear(5, 3))


@pytest.mark.parametrize("batch_size", [1, 7, 16, 256])
def test_values(batch_size: int) -> None:
    net = _network().eval()
    points = embed(net, X, batch_size=batch_size)
    assert points.dtype == torch.float64
    assert not points.requires_grad
    assert torch.allclose(points, net(X).detach().double(), atol=1e-6)
    assert embed(net, X[:3]).shape == (3, 3)


def test_rows_are_exactly_what_the_module_gave() -> None:
    net = _network().eval()
    assert torch.equal(embed(net, X, batch_size=40).float(), net(X))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("given", [torch.float32, torch.float64, torch.bfloat16], ids=str)
def test_floating_inputs_take_the_type_of_the_parameters(dtype: torch.dtype, given: torch.dtype) -> None:
    seen: set[torch.dtype] = set()
    net = nn.Linear(6, 2).to(dtype)
    net.register_forward_pre_hook(lambda _, args: seen.add(args[0].dtype))
    assert embed(net, X.to(given)).shape == (40, 2)
    assert seen == {dtype}


def test_integers_stay_integers() -> None:
    net = nn.Embedding(10, 3)
    assert torch.equal(embed(net, [1, 2, 9]).float(), net.weight.detach()[[1, 2, 9]])
    assert torch.equal(embed(net, np.array([1, 2, 9])).float(), net.weight.detach()[[1, 2, 9]])


def test_a_module_without_parameters_gets_what_is_there() -> None:
    seen: set[torch.dtype] = set()
    net = nn.Flatten()
    net.register_forward_pre_hook(lambda _, args: seen.add(args[0].dtype))
    assert embed(net, np.ones((3, 2, 2))).shape == (3, 4)
    assert seen == {torch.float64}


def test_no_gradients_are_kept() -> None:
    enabled: set[bool] = set()
    net = nn.Linear(6, 2)
    net.register_forward_pre_hook(lambda *_: enabled.add(torch.is_grad_enabled()))
    embed(net, X)
    assert enabled == {False}
    assert torch.is_grad_enabled()


def test_one_object_at_a_time() -> None:
    shapes: set[torch.Size] = set()
    net = nn.Linear(6, 2)
    net.register_forward_pre_hook(lambda _, args: shapes.add(args[0].shape))
    points = embed(net, X, batched=False)
    assert shapes == {torch.Size([6])}
    assert torch.allclose(points.float(), net(X), atol=1e-6)


@pytest.mark.filterwarnings("ignore:.*is deprecated")
def test_a_script_module() -> None:
    net = nn.Sequential(nn.Linear(6, 5), nn.BatchNorm1d(5))
    script = torch.jit.script(net)
    before = {name: tensor.clone() for name, tensor in script.state_dict().items()}
    with pytest.raises(BatchDependenceError, match=r"call f.eval\(\)"):
        embed(script, X)
    assert all(torch.equal(tensor, before[name]) for name, tensor in script.state_dict().items())
    assert torch.allclose(embed(script.eval(), X).float(), net.eval()(X), atol=1e-6)


def test_a_network_on_images_of_a_dataset() -> None:
    net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    images = torch.rand(20, 1, 8, 8)
    points = embed(net, TensorDataset(images, torch.arange(20)), batch_size=6)
    assert torch.allclose(points.float(), net(images), atol=1e-6)


class TestLeftAsFound:
    def test_running_statistics_and_modes(self) -> None:
        net = _network()
        net[3].eval()
        before = _state(net)
        with pytest.raises(BatchDependenceError):
            embed(net, X)
        assert _same_state(before, _state(net))
        assert net[1].num_batches_tracked == 0

    @pytest.mark.parametrize("verify", [True, False])
    def test_success(self, verify: bool) -> None:
        net = nn.Sequential(nn.Linear(6, 5), nn.BatchNorm1d(5))
        before = _state(net)
        assert embed(net, X, batch_size=40, verify=False).shape == (40, 5)
        assert _same_state(before, _state(net))
        net.eval()
        before = _state(net)
        embed(net, X, verify=verify)
        assert _same_state(before, _state(net))

    @pytest.mark.parametrize("error", [ValueError("boom"), KeyboardInterrupt()], ids=lambda error: type(error).__name__)
    def test_failure(self, error: BaseException) -> None:
        class Failing(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.norm = nn.BatchNorm1d(6)
                self.drop = nn.Dropout(0.5)
                self.drop.eval()
                self.register_buffer("calls", torch.zeros(1))
                self.register_buffer("cache", None)
                self.register_buffer("kept", torch.ones(2), persistent=False)

            def forward(self, x: torch.Tensor) -> torch.Tensor:
                self.norm(x.repeat(2, 1) + 1)
                self.eval()
                self.drop.train()
                self.calls += 1
                self.cache = x
                self.kept = torch.zeros(3)
                self.register_buffer("new", x)
                raise error

        net = Failing()
        before = _state(net)
        with pytest.raises(EmbeddingCallError if isinstance(error, Exception) else KeyboardInterrupt):
            embed(net, X)
        assert _same_state(before, _state(net))
        assert net.norm.num_batches_tracked == 0
        assert net.cache is None
        assert not hasattr(net, "new")
        assert torch.equal(net.kept, torch.ones(2))

    def test_nan_in_running_statistics(self) -> None:
        net = nn.BatchNorm1d(6)
        net.running_mean.fill_(torch.nan)
        embed(net, X, verify=False)
        assert net.running_mean.isnan().all()

    def test_a_method_of_a_module(self) -> None:
        class Encoder(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.norm = nn.BatchNorm1d(6)

            def encode(self, x: torch.Tensor) -> torch.Tensor:
                return self.norm(x)

        net = Encoder()
        before = _state(net)
        with pytest.raises(BatchDependenceError, match=r"norm \(BatchNorm1d\) is in training mode"):
            embed(net.encode, X)
        assert _same_state(before, _state(net))


class TestDropout:
    @pytest.mark.parametrize(
        ("layer", "named"),
        [
            (lambda: nn.Dropout(0.5), "Dropout(p=0.5)"),
            (lambda: nn.Dropout(0.25, inplace=True), "Dropout(p=0.25)"),
            (lambda: nn.AlphaDropout(0.1), "AlphaDropout(p=0.1)"),
            (lambda: nn.RReLU(), "RReLU"),
        ],
    )
    def test_named_by_path(self, layer: Callable[[], nn.Module], named: str) -> None:
        net = nn.Sequential()
        net.add_module("stem", nn.Linear(6, 6))
        net.add_module("head", nn.Sequential(nn.Linear(6, 6), layer()))
        before = _state(net)
        with pytest.raises(NotAFunctionError) as caught:
            embed(net, X, name="G2")
        assert not isinstance(caught.value, BatchDependenceError)
        message = str(caught.value)
        assert "f(G2): expected the same vector each time f is called on object " in message
        assert message.endswith(f"head.1 ({named}) is in training mode; call f.eval()")
        assert _same_state(before, _state(net))
        assert embed(net.eval(), X).shape == (40, 6)

    def test_only_those_that_are_active(self) -> None:
        net = nn.Sequential(nn.Dropout(0.0), nn.Dropout(0.3), nn.Dropout(0.4))
        net[2].eval()
        with pytest.raises(NotAFunctionError, match=r"; 1 \(Dropout\(p=0.3\)\) is in training mode; call f.eval\(\)$"):
            embed(net, X)
        assert embed(nn.Dropout(0.0), X).shape == (40, 6)

    def test_a_share_so_small_that_one_call_may_drop_nothing(self) -> None:
        for seed in range(20):
            torch.manual_seed(seed)
            with pytest.raises(NotAFunctionError):
                embed(nn.Dropout(0.3), X[:1, :2])

    def test_many(self) -> None:
        net = nn.Sequential(*(nn.Dropout(0.1) for _ in range(5)))
        with pytest.raises(NotAFunctionError, match=r"2 \(Dropout\(p=0.1\)\) and 2 more are in training mode; call"):
            embed(net, X)

    def test_f_itself(self) -> None:
        with pytest.raises(NotAFunctionError, match=r"f itself \(Dropout\(p=0.5\)\) is in training mode"):
            embed(nn.Dropout(0.5), X)

    def test_recurrent_layers_and_attention(self) -> None:
        class Recurrent(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.body = nn.LSTM(6, 4, num_layers=2, dropout=0.5, batch_first=True)

            def forward(self, x: torch.Tensor) -> torch.Tensor:
                return self.body(x[:, None])[0][:, 0]

        class Attentive(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.body = nn.MultiheadAttention(6, 2, dropout=0.5, batch_first=True)

            def forward(self, x: torch.Tensor) -> torch.Tensor:
                x = torch.stack([x, x + 1, x * 2], dim=1)
                return self.body(x, x, x)[0].flatten(1)

        for net, kind in ((Recurrent(), "LSTM"), (Attentive(), "MultiheadAttention")):
            with pytest.raises(NotAFunctionError, match=rf"body \({kind}\(p=0.5\)\) is in training mode"):
                embed(net, X)
            embed(net.eval(), X)

    def test_a_layer_that_is_not_known(self) -> None:
        class Noisy(nn.Module):
            def forward(self, x: torch.Tensor) -> torch.Tensor:
                return x + torch.randn_like(x) if self.training else x

        with pytest.raises(NotAFunctionError, match=r"f is in training mode; call f.eval\(\)"):
            embed(Noisy(), X)
        assert torch.equal(embed(Noisy().eval(), X).float(), X)

    def test_noise_in_evaluation_too(self) -> None:
        class Noisy(nn.Module):
            def forward(self, x: torch.Tensor) -> torch.Tensor:
                return x + torch.randn_like(x)

        with pytest.raises(NotAFunctionError, match="no random numbers"):
            embed(Noisy().eval(), X)


class TestBatchNormalisation:
    @pytest.mark.parametrize("count", [2, 3, 40])
    def test_named_by_path(self, count: int) -> None:
        net = nn.Sequential(nn.Linear(6, 6), nn.Sequential(nn.ReLU(), nn.BatchNorm1d(6)))
        with pytest.raises(BatchDependenceError) as caught:
            embed(net, X[:count], name="G2")
        message = str(caught.value)
        assert "f(G2): expected the same vector for object 0 whatever the rest of its batch" in message
        assert message.endswith("1.1 (BatchNorm1d) is in training mode; call f.eval()")
        assert embed(net.eval(), X[:count]).shape == (count, 6)

    def test_one_object(self) -> None:
        net = nn.Sequential(nn.BatchNorm1d(6))
        with pytest.raises(EmbeddingCallError, match=r"object 0; 0 \(BatchNorm1d\) is in training mode; call f.eval"):
            embed(net, X[:1])

    def test_without_running_statistics(self) -> None:
        net = nn.Sequential(nn.BatchNorm1d(6, track_running_stats=False)).eval()
        with pytest.raises(BatchDependenceError, match=r"0 \(BatchNorm1d\) keeps no running statistics"):
            embed(net, X)

    def test_layer_normalisation_is_no_trouble(self) -> None:
        net = nn.Sequential(nn.Linear(6, 6), nn.LayerNorm(6))
        assert embed(net, X).shape == (40, 6)

    def test_low_precision_is_no_batch_dependence(self) -> None:
        class Rounded(nn.Module):
            """Computes in bfloat16, and rounds a batch differently from its halves."""

            def __init__(self) -> None:
                super().__init__()
                self.scale = nn.Parameter(torch.ones(1, dtype=torch.bfloat16))

            def forward(self, x: torch.Tensor) -> torch.Tensor:
                return (x * self.scale).float() * (1.01 if len(x) > 8 else 1.0)

        assert embed(Rounded(), X).shape == (40, 6)
        with pytest.raises(BatchDependenceError):
            embed(Rounded().float(), X)


class TestErrors:
    def test_an_object_that_fails_is_named(self) -> None:
        net = nn.Embedding(10, 3)
        with pytest.raises(EmbeddingCallError, match=r"f\(G1\): .*IndexError: .* for object 2") as caught:
            embed(net, [1, 2, 11, 3])
        assert isinstance(caught.value.__cause__, IndexError)

    def test_objects_of_different_shapes(self) -> None:
        net = nn.Sequential(nn.AdaptiveAvgPool1d(2), nn.Flatten())
        objects = [torch.ones(1, 5), torch.ones(1, 5), torch.ones(1, 7)]
        with pytest.raises(EmbeddingShapeError) as caught:
            embed(net, objects, name="G2")
        message = str(caught.value)
        assert "f(G2): expected objects of one shape for a torch module, (1, 5) as object 0" in message
        assert "got (1, 7) for object 2" in message
        assert "batch_size=1" in message
        assert torch.equal(embed(net, objects, batch_size=1), torch.ones(3, 2, dtype=torch.float64))

    @pytest.mark.parametrize(
        ("collection", "kind"),
        [(["a", "b"], "str"), (np.array(["a"]), "str_"), ([Image.new("L", (2, 2))] * 2, "Image")],
    )
    def test_objects_that_are_no_tensors(self, collection: Any, kind: str) -> None:
        with pytest.raises(EmbeddingCallError, match=rf"objects of type {kind}, not a tensor: .*lambda x: f\(prepare"):
            embed(nn.Linear(2, 2), collection)

    def test_several_outputs(self) -> None:
        class Two(nn.Module):
            def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
                return x, x

        with pytest.raises(EmbeddingShapeError, match=r"expected 16 rows.*a tuple of 2; .*of several outputs keep one"):
            embed(Two(), X)

    def test_nan_is_not_called_randomness(self) -> None:
        class Broken(nn.Module):
            def forward(self, x: torch.Tensor) -> torch.Tensor:
                return torch.where(torch.rand_like(x) < 0.5, torch.nan, x)

        with pytest.raises(NonFiniteError):
            embed(Broken(), X)

    def test_nan_in_the_second_evaluation(self) -> None:
        calls = 0

        def f(x: torch.Tensor) -> torch.Tensor:
            nonlocal calls
            calls += 1
            return x if calls == 1 else x * torch.nan

        with pytest.raises(NonFiniteError, match="nan for object 0 at coordinate 0"):
            embed(f, X, batched=True)

    def test_nan_in_half_a_batch(self) -> None:
        def f(x: torch.Tensor) -> torch.Tensor:
            return x if len(x) == 16 else x * torch.nan

        with pytest.raises(NonFiniteError, match="nan for object 0 at coordinate 0"):
            embed(f, X, batched=True)

    def test_a_device_that_f_is_not_on(self) -> None:
        net = nn.Linear(6, 2).to("meta")
        with pytest.raises(InvalidValueError, match=r'^device: expected meta, where .* got cpu; call f.to\("cpu"\)'):
            embed(net, X, device="cpu")

    def test_a_collection_is_named(self) -> None:
        with pytest.raises(NotAFunctionError, match=r"f\(G1\)"):
            embed_all(nn.Dropout(), {"G1": X, "G2": X})


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
class TestCuda:
    def test_module(self) -> None:
        net = nn.Linear(6, 2).cuda()
        assert embed(net, X).device.type == "cpu"
        assert embed(net, X, device="cuda").device.type == "cuda"
        assert embed(net, X.numpy(), device="cuda:0").dtype == torch.float64

    def test_callable_and_points(self) -> None:
        assert embed(torch.tanh, X, device="cuda").device.type == "cuda"
        assert embed(None, X, device="cuda").device.type == "cuda"
        assert embed(None, X.cuda()).device.type == "cpu"
