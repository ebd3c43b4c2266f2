"""A queue of encodings of earlier batches, each with the drawing that it is of."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from boundcheck.errors import InvalidValueError, explain

__all__ = ["Queue"]


class Queue(nn.Module):
    """The last `size` encodings: first in, first out.

    It begins with random unit vectors, of no drawing.

    Raises
    ------
    InvalidValueError
        If it holds less than a batch.
    """

    rows: Tensor
    drawings: Tensor
    begin: Tensor

    def __init__(self, size: int, dimension: int, batch: int) -> None:
        super().__init__()
        if size < batch:
            raise InvalidValueError(explain("options['queue']", f"at least a batch, {batch}", f"{size}"))
        self.register_buffer("rows", nn.functional.normalize(torch.randn(size, dimension), dim=1))
        self.register_buffer("drawings", torch.full((size,), -1, dtype=torch.int64))
        self.register_buffer("begin", torch.zeros((), dtype=torch.int64))

    def __len__(self) -> int:
        return len(self.rows)

    @torch.no_grad()
    def put(self, rows: Float[Tensor, "b d"], chosen: Int[np.ndarray, " b"]) -> None:
        """Replace the oldest rows by these."""
        places = (int(self.begin) + torch.arange(len(rows), device=self.rows.device)) % len(self)
        self.rows[places] = rows.to(self.rows.dtype)
        self.drawings[places] = torch.from_numpy(np.asarray(chosen, dtype=np.int64)).to(self.rows.device)
        self.begin.fill_((int(self.begin) + len(rows)) % len(self))

    def same(self, chosen: Int[np.ndarray, " b"]) -> Bool[Tensor, "b q"]:
        """Return where the queue has the very drawing of a row: in a queue of 4,096 it is one's own in a draw of four."""
        own = torch.from_numpy(np.asarray(chosen, dtype=np.int64)).to(self.rows.device)
        return own[:, None] == self.drawings[None, :]
