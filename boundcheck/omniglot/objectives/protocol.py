"""What an objective is: what a training step makes small, with all that it keeps between steps.

f is always the network's output, unnormalised. Whatever else a method has - heads, a network that follows, a queue, a
bank, prototypes - is the objective's, a module whose state is all in its ``state_dict``, so that a run that is killed and
resumed ends as one that was not.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor, nn

from boundcheck.errors import InvalidTypeError, InvalidValueError, explain
from boundcheck.omniglot.model import prepare

if TYPE_CHECKING:
    from boundcheck.omniglot.config import TrainingConfig

__all__ = ["Controls", "Material", "NoOptions", "Objective", "Outcome", "View", "options_of"]


#: Of strong views where a configuration says nothing; ``python -m benchmarks.view_strength`` compares others.
STRENGTH = 0.3


@dataclass(frozen=True)
class View:
    """How strongly a drawing is distorted, in [0, 1]; 0 is weak, the affine map of Karimov's experiment alone."""

    strength: float = 0.0


@dataclass(frozen=True)
class Controls:
    """Which premise of which statement an objective makes small or large: the statement's name, and how in words."""

    statement: str
    how: str


@dataclass(frozen=True, eq=False)
class Material:
    """What an objective is given: images, and class labels where it is supervised and only there.

    Attributes
    ----------
    images
        Of the drawings to train on, shape (n, h, w).
    labels
        The class of each, from 0 on, shape (n,); None for an objective that is not supervised.
    classes
        How many there are; 0 without labels.
    """

    images: UInt8[np.ndarray, "n h w"]
    labels: Int[np.ndarray, " n"] | None = None
    classes: int = 0

    def __len__(self) -> int:
        return len(self.images)

    @classmethod
    def shell(cls, count: int, classes: int) -> Material:
        """Return what stands for drawings that are not there, of which only the numbers are known."""
        return cls(np.empty((count, 0, 0), dtype=np.uint8), None, classes)


@dataclass(frozen=True)
class NoOptions:
    """An objective without numbers of its own."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a step found.

    Attributes
    ----------
    loss
        The number to make small.
    embeddings
        The network's output for the first view.
    projections
        What the loss compared, of one or more views, without gradient.
    numbers
        What else goes to the learning curve, by the name of its column.
    """

    loss: Float[Tensor, ""]
    embeddings: Float[Tensor, "b d"]
    projections: Sequence[Float[Tensor, "b p"]] = ()
    numbers: Mapping[str, float | Tensor] = field(default_factory=dict)


class Objective(nn.Module, ABC):
    """What a training step makes small.

    Parameters
    ----------
    config
        Of the run.
    material
        What there is to train on.
    network
        As it is before the first step.
    device
        Where embeddings will be.
    """

    #: Whether batches are of whole collections of drawings, in their order.
    of_collections: ClassVar[bool] = False
    #: Whether the loss compares distances with the configuration's margin.
    has_margin: ClassVar[bool] = False
    #: Whether the loss depends on the scale of embeddings, so that a small distance is a collapse.
    has_scale: ClassVar[bool] = False
    #: Whether it sees class labels. One that does not gets none, and batches that were drawn without them.
    supervised: ClassVar[bool] = False
    #: How often a drawing of a batch goes through a network in a step, networks that follow counted.
    passes: ClassVar[int] = 1
    #: Which premise of which statement it controls.
    controls: ClassVar[Controls]
    #: Settings of a configuration without which it does not learn, where those that the rest shares do not suit it.
    own_settings: ClassVar[Mapping[str, Any]] = {}
    #: A frozen dataclass of the numbers that are its own; a configuration's ``options`` change them.
    Options: ClassVar[type[Any]] = NoOptions

    def __init__(self, config: TrainingConfig, material: Material, network: nn.Module, device: torch.device) -> None:
        super().__init__()
        self.config, self.material, self.device = config, material, device
        self.options: Any = options_of(type(self), config.options)

    @property
    def views(self) -> tuple[View, ...]:
        """The views of each drawing that a step takes."""
        return (View(self.config.view_strength or 0.0),)

    @abstractmethod
    def loss(
        self, network: nn.Module, views: Sequence[Float[Tensor, "b 1 h w"]], chosen: Int[np.ndarray, " b"], step: int
    ) -> Outcome:
        """Return the loss of a batch.

        Parameters
        ----------
        network
            In training mode.
        views
            The drawings of the batch, distorted, once for each of :attr:`views`.
        chosen
            Their positions among the drawings.
        step
            How many steps were made.
        """

    def refresh(self, network: nn.Module, step: int) -> None:
        """Compute anew what is of the whole data set, where a step is due to; called before every step."""

    def after_step(self, network: nn.Module, step: int) -> None:
        """Change what follows the network, once its weights have moved."""

    def project(self, embeddings: Float[Tensor, "n d"]) -> Float[Tensor, "n p"]:
        """Return what the loss compares instead of embeddings, in evaluation mode."""
        return embeddings

    def groups_of_parameters(self, network: nn.Module) -> list[dict[str, Any]]:
        """Return what the optimiser moves; a group with ``constant`` keeps its rate throughout."""
        return [{"params": [*network.parameters(), *(one for one in self.parameters() if one.requires_grad)]}]

    # --------------------------------------------------------------------------------------------- for subclasses

    @property
    def strong_view(self) -> View:
        """A strong view, as strong as the configuration says, or :data:`STRENGTH` where it says nothing."""
        strength = self.config.view_strength
        return View(STRENGTH if strength is None else strength)

    def encode(self, network: nn.Module, images: Float[Tensor, "b 1 h w"]) -> Float[Tensor, "b d"]:
        """Return a network's output in float32; on CUDA it is computed in half precision."""
        with torch.autocast(self.device.type, half_precision(), enabled=self.device.type == "cuda"):
            found: Tensor = network(images)
        return found.float()

    @torch.no_grad()
    def encode_all(
        self, encoder: Callable[[Float[Tensor, "b 1 h w"]], Float[Tensor, "b d"]], step: int, batch: int = 256
    ) -> Float[Tensor, "n d"]:
        """Return what `encoder` makes of all drawings as they are, without distortion, in batches of any drawings.

        Drawings are sorted by alphabet, and what normalises by the batch is to see batches as in training.
        """
        images = self.material.images
        order = np.random.default_rng([self.config.seed, step, 106]).permutation(len(images))
        # No small batch is left over at the end.
        parts = np.array_split(order, max(1, len(order) // batch))
        rows = torch.cat([encoder(prepare(images[part], self.device)) for part in parts])
        found = torch.empty_like(rows)
        found[torch.from_numpy(order).to(rows.device)] = rows
        return found

    def labels_of(self, chosen: Int[np.ndarray, " b"]) -> Int[Tensor, " b"]:
        """Return the class of each chosen drawing, for a supervised objective."""
        if self.material.labels is None:
            raise InvalidTypeError(
                explain(
                    type(self).__name__,
                    "class labels",
                    "none: it is not supervised",
                    "say supervised = True in its class",
                )
            )
        return torch.from_numpy(self.material.labels[chosen].astype(np.int64)).to(self.device)

    def due(self, step: int, share: float, first: float = 0.0) -> bool:
        """Return whether `step` is one of those that begin a share of the run, the first `first` of it left out.

        Shares are of the run, never epochs: of a short run every epoch would be most of it.
        """
        begin, every = round(first * self.config.steps), max(1, round(share * self.config.steps))
        return step >= begin and (step - begin) % every == 0

    def share(self, step: int) -> float:
        """Return which share of the run is over, in [0, 1]."""
        return min(1.0, step / max(1, self.config.steps))


def half_precision() -> torch.dtype:
    """Return the half precision that a GPU here has."""
    return torch.bfloat16 if torch.cuda.is_available() and torch.cuda.is_bf16_supported() else torch.float16


def options_of(objective: type[Objective], given: Mapping[str, Any]) -> Any:
    """Return an objective's numbers, those given instead of its own.

    Raises
    ------
    InvalidValueError
        If it has none of such a name, or a number is not above 0.
    InvalidTypeError
        If one is of another type than its own.
    """
    own = {one.name: getattr(objective.Options(), one.name) for one in fields(objective.Options)}
    for name, value in given.items():
        if name not in own:
            known = ", ".join(own) or "none: it has no options"
            raise InvalidValueError(explain("options", f"names of {known}", f"{name!r}"))
        default = own[name]
        many = isinstance(default, tuple)
        parts = value if many and isinstance(value, (list, tuple)) else [value]
        whole = isinstance(default[0] if many else default, int)
        for one in parts:
            if isinstance(one, bool) or not isinstance(one, int if whole else (int, float)):
                kind = "an integer" if whole else "a number"
                raise InvalidTypeError(explain(f"options[{name!r}]", kind, f"{one!r}"))
            if not one >= (1 if whole else 0) or one == float("inf"):
                expected = "an integer in [1, ∞)" if whole else "a number in [0, ∞)"
                raise InvalidValueError(explain(f"options[{name!r}]", expected, f"{one}"))
        own[name] = tuple(parts) if many else value
    return objective.Options(**own)
