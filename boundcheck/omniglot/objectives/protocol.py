"""What an objective is: a loss of the embeddings of a batch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

if TYPE_CHECKING:
    from boundcheck.omniglot.config import TrainingConfig
    from boundcheck.omniglot.data import Drawings

__all__ = ["Objective"]


class Objective(ABC):
    """What a training step makes small.

    Parameters
    ----------
    config
        Of the run.
    drawings
        All that there are to train on.
    device
        Where embeddings will be.
    """

    #: Whether batches are of whole collections of drawings, in their order.
    of_collections: ClassVar[bool]
    #: Whether the loss compares distances with the configuration's margin.
    has_margin: ClassVar[bool]

    def __init__(self, config: TrainingConfig, drawings: Drawings, device: torch.device) -> None:
        self.config, self.drawings, self.device = config, drawings, device

    @abstractmethod
    def loss(
        self, embeddings: Float[Tensor, "b d"], chosen: Int[np.ndarray, " b"], step: int
    ) -> tuple[Float[Tensor, ""], int]:
        """Return the loss of a batch, and how many hard negatives it has.

        Parameters
        ----------
        embeddings
            Of the drawings of the batch.
        chosen
            Their positions among the drawings.
        step
            How many steps were made.
        """
