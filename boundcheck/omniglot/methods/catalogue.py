"""Which methods are compared: of which level each is, whether it sees labels, and what Karimov's table says of it.

*Instance level*: a loss that compares drawings, so that a collection is represented by aggregating what was learned of its
objects. *Group level*: a loss that compares drawings with groups of drawings. The six of Karimov's table see no label; the
rest do and stand beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from boundcheck.omniglot.objectives import OBJECTIVES

__all__ = ["METHODS", "ROLES", "Level", "Method", "available", "method", "role"]

#: What a loss compares.
Level: TypeAlias = Literal["instance", "group"]


@dataclass(frozen=True)
class Method:
    """What is known of a method before any run.

    Attributes
    ----------
    title
        Its name as its authors write it.
    level
        Whether it compares drawings alone, or drawings with groups of them.
    supervised
        Whether its loss sees labels.
    imagenet, epochs
        The figure of Karimov's table: top-1 accuracy on ImageNet of a linear classifier on ResNet-50's features, in per
        cent, after so many epochs.
    source
        Where the method is from.
    """

    title: str
    level: Level
    supervised: bool
    source: str = ""
    imagenet: float | None = None
    epochs: int | None = None


METHODS: Mapping[str, Method] = {
    "ressl": Method("ReSSL", "instance", False, "M. Zheng et al., arXiv 2107.09282", 69.6, 200),
    "simsiam": Method("SimSiam", "instance", False, "X. Chen, K. He, arXiv 2011.10566", 71.3, 800),
    "infomin": Method("InfoMin Aug", "instance", False, "Y. Tian et al., arXiv 2005.10243", 73.0, 800),
    "pcl": Method("PCL v2", "group", False, "J. Li et al., arXiv 2005.04966", 67.6, 200),
    "deepcluster": Method("DeepClusterV2", "group", False, "M. Caron et al., arXiv 2006.09882", 70.2, 400),
    "smog": Method("SMoG", "group", False, "B. Pang et al., arXiv 2207.06167", 73.6, 200),
    "arcface": Method("ArcFace", "instance", True, "J. Deng et al., arXiv 1801.07698"),
    "groupface": Method("GroupFace", "group", True, "Y. Kim et al., arXiv 2005.10497"),
    "instance": Method("triplets of drawings", "instance", True, "A. Hermans et al., arXiv 1703.07737"),
    "centroid": Method("triplets of centroids", "group", True, "the same loss on centroids"),
    "prototype": Method("prototypes", "group", True, "J. Snell et al., arXiv 1703.05175"),
}

#: What rows of tables are grouped by, in their order: Karimov's six by level, then those that see labels, then the rest.
ROLES = ("instance level", "group level", "with labels, instance level", "with labels, group level", "baseline")


def method(name: str) -> Method:
    """Return what is known of a method; of an objective of a user's own, its name alone."""
    if name in METHODS:
        return METHODS[name]
    objective = OBJECTIVES[name]
    level: Level = "group" if objective.of_collections else "instance"
    return Method(name, level, bool(getattr(objective, "supervised", True)))


def role(name: str) -> str:
    """Return under which of :data:`ROLES` a method stands."""
    known = method(name)
    return f"{'with labels, ' if known.supervised else ''}{known.level} level"


def available() -> tuple[str, ...]:
    """Return the methods that can be trained, those of Karimov's table first."""
    return (*(name for name in METHODS if name in OBJECTIVES), *(name for name in OBJECTIVES if name not in METHODS))
