"""Objectives: what a training step makes small, one a file.

The network, the number of drawings in a batch, the optimiser and its schedule are the same for all. An objective is added
by a file with a subclass of :class:`.protocol.Objective` and a row in the table here, or by :func:`register` from outside.
"""

from boundcheck.errors import InvalidTypeError, InvalidValueError, explain
from boundcheck.omniglot.objectives.arcface import ArcFace
from boundcheck.omniglot.objectives.centroid import CentroidTriplets
from boundcheck.omniglot.objectives.deepcluster import DeepCluster
from boundcheck.omniglot.objectives.groupface import GroupFace
from boundcheck.omniglot.objectives.infomin import InfoMin
from boundcheck.omniglot.objectives.instance import InstanceTriplets
from boundcheck.omniglot.objectives.pcl import PCL
from boundcheck.omniglot.objectives.protocol import Controls, Material, Objective, Outcome, View
from boundcheck.omniglot.objectives.prototype import Prototypes
from boundcheck.omniglot.objectives.ressl import ReSSL
from boundcheck.omniglot.objectives.simsiam import SimSiam
from boundcheck.omniglot.objectives.smog import SMoG

__all__ = ["OBJECTIVES", "Controls", "Material", "Objective", "Outcome", "View", "register"]

OBJECTIVES: dict[str, type[Objective]] = {
    "instance": InstanceTriplets,
    "centroid": CentroidTriplets,
    "prototype": Prototypes,
    "ressl": ReSSL,
    "simsiam": SimSiam,
    "infomin": InfoMin,
    "pcl": PCL,
    "deepcluster": DeepCluster,
    "smog": SMoG,
    "arcface": ArcFace,
    "groupface": GroupFace,
}
"""The objectives by the name that a configuration gives."""


def register(name: str, objective: type[Objective]) -> None:
    """Add an objective of one's own, before a configuration names it.

    Raises
    ------
    InvalidTypeError
        If it is no subclass of :class:`.protocol.Objective`.
    InvalidValueError
        If the name is that of another objective.
    """
    if not (isinstance(objective, type) and issubclass(objective, Objective)):
        raise InvalidTypeError(explain("objective", "a subclass of Objective", f"{objective!r}"))
    if OBJECTIVES.get(name, objective) is not objective:
        raise InvalidValueError(explain("name", "one that is not taken", f"{name!r}", "choose another"))
    OBJECTIVES[name] = objective
