"""Heads: what is between the network's output and a loss."""

from __future__ import annotations

import itertools

from torch import nn

__all__ = ["head"]


def head(*sizes: int, normalised_end: bool = False) -> nn.Sequential:
    """Return linear layers of these sizes, with batch normalisation and ReLU between them.

    Parameters
    ----------
    sizes
        Of the input, of what is between, of the output.
    normalised_end
        Whether the last layer is normalised over the batch as well, without a scale and shift of its own.
    """
    layers: list[nn.Module] = []
    for number, (before, after) in enumerate(itertools.pairwise(sizes)):
        last = number == len(sizes) - 2
        # A shift before batch normalisation is taken away again.
        layers.append(nn.Linear(before, after, bias=last and not normalised_end))
        if not last:
            layers += [nn.BatchNorm1d(after), nn.ReLU(inplace=True)]
        elif normalised_end:
            layers.append(nn.BatchNorm1d(after, affine=False))
    return nn.Sequential(*layers)
