"""Published statements about collections of embeddings, a file a field, each with its source and what is known of it.

A statement that the package has under another name already, as that centroids are at most as far apart as transport, is
the same bound here. Where a source can be read in two ways, both readings are here, and which of them is true.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from boundcheck.theorems.published.clustering import CLUSTERING
from boundcheck.theorems.published.contrastive import CONTRASTIVE
from boundcheck.theorems.published.few_shot import FEW_SHOT
from boundcheck.theorems.published.generalisation import GENERALISATION
from boundcheck.theorems.published.indexing import INDEXING
from boundcheck.theorems.published.metric_learning import METRIC_LEARNING
from boundcheck.theorems.published.quantisation import QUANTISATION
from boundcheck.theorems.published.record import Instance, Published, Status
from boundcheck.theorems.published.set_functions import SET_FUNCTIONS
from boundcheck.theorems.published.transport import TRANSPORT

__all__ = ["FIELDS", "PUBLISHED", "Instance", "Published", "Status", "field_of"]

FIELDS: Mapping[str, tuple[Published, ...]] = MappingProxyType(
    {
        "contrastive learning": CONTRASTIVE,
        "metric learning": METRIC_LEARNING,
        "few-shot learning": FEW_SHOT,
        "generalisation": GENERALISATION,
        "clustering": CLUSTERING,
        "indexing": INDEXING,
        "quantisation": QUANTISATION,
        "transport": TRANSPORT,
        "set functions": SET_FUNCTIONS,
    }
)
"""By field, its statements."""

PUBLISHED: Mapping[str, Published] = MappingProxyType(
    {statement.name: statement for statements in FIELDS.values() for statement in statements}
)
"""Every published statement by name."""


def field_of(statement: Published) -> str:
    """Return the field that a statement is of."""
    return next(field for field, statements in FIELDS.items() if statement in statements)
