"""Objectives: what a training step makes small, one a file.

The network, the number of drawings in a batch, the optimiser and its schedule are the same for all. An objective is added
by a file with a subclass of :class:`.protocol.Objective` and a row in the table here.
"""

from boundcheck.omniglot.objectives.centroid import CentroidTriplets
from boundcheck.omniglot.objectives.instance import InstanceTriplets
from boundcheck.omniglot.objectives.protocol import Objective
from boundcheck.omniglot.objectives.prototype import Prototypes

__all__ = ["OBJECTIVES", "Objective"]

OBJECTIVES: dict[str, type[Objective]] = {
    "instance": InstanceTriplets,
    "centroid": CentroidTriplets,
    "prototype": Prototypes,
}
"""The objectives by the name that a configuration gives."""
