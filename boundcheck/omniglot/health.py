"""What goes wrong with a run before its loss shows it: named as it happens, with the step and what to change.

Of the numbers here, spread, rank and alignment are of what the loss compares, as unit vectors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import normalize

__all__ = ["MEASURES", "Health", "effective_rank", "measures", "spread"]

MEASURES = (
    "kl",
    "spread",
    "effective_rank",
    "alignment",
    "queue_accuracy",
    "perplexity",
    "empty_clusters",
)
"""The columns of a learning curve that are looked at here, empty where an objective has no such number."""


def spread(rows: Float[Tensor, "n d"]) -> float:
    """Return the standard deviation of coordinates of unit vectors times √d: 1 where they fill the sphere, 0 in a point."""
    unit = normalize(rows.double(), dim=1)
    return float(unit.var(dim=0, correction=0).sum().sqrt())


def effective_rank(rows: Float[Tensor, "n d"]) -> float:
    """Return exp of the entropy of the singular values' shares: how many dimensions are in use.

    O. Roy, M. Vetterli, "The effective rank: a measure of effective dimensionality", EUSIPCO 2007. Of unit vectors about
    their mean; 1 where they are on a line, 0 where they are one point.
    """
    unit = normalize(rows.double(), dim=1)
    values = torch.linalg.svdvals(unit - unit.mean(dim=0))
    total = float(values.sum())
    if not total > 1e-9:
        return 0.0
    return float(torch.exp(torch.special.entr(values / total).sum()))


def measures(projections: Sequence[Float[Tensor, "b d"]]) -> dict[str, float]:
    """Return spread and effective rank of the first view's projections, and the mean squared distance of two views'."""
    if not projections:
        return {}
    found = {"spread": spread(projections[0]), "effective_rank": effective_rank(projections[0])}
    if len(projections) > 1:
        first, second = (normalize(one.double(), dim=1) for one in projections[:2])
        found["alignment"] = float((first - second).square().sum(dim=1).mean())
    return found


class Health:
    """Looks at the numbers of a run and notes each fault once, from the step at which it was seen for long enough.

    Parameters
    ----------
    steps
        Of the whole run: what a fresh network shows in the first twentieth of it is no fault.
    """

    _PATIENCE = 3

    def __init__(self, steps: int, dimension: int) -> None:
        self._from, self._dimension = steps // 20, dimension
        self.seen: dict[str, int] = {}
        self.notes: list[dict[str, Any]] = []

    def see(self, step: int, row: Mapping[str, float | None]) -> list[str]:
        """Look at a row of the learning curve; return what is newly wrong, in words."""
        if step < self._from:
            return []
        new = []
        for fault, (found, words) in self._faults(row).items():
            self.seen[fault] = self.seen.get(fault, 0) + 1 if found else 0
            known = any(note["fault"] == fault for note in self.notes)
            if self.seen[fault] >= self._PATIENCE and not known:
                self.notes.append({"fault": fault, "step": step, "note": words})
                new.append(f"step {step}: {words}")
        return new

    def _faults(self, row: Mapping[str, float | None]) -> dict[str, tuple[bool, str]]:
        """Return of each fault whether a row shows it, and what it is and what to change."""
        spread, rank, accuracy = row.get("spread"), row.get("effective_rank"), row.get("queue_accuracy")
        used, empty = row.get("perplexity"), row.get("empty_clusters")
        return {
            "collapse to a point": (
                spread is not None and spread < 0.1,
                f"projections have a spread of {spread or 0:.3f} where 1 fills the sphere: they have become one point; "
                "lower learning_rate, or raise view_strength",
            ),
            "collapse to few dimensions": (
                rank is not None and spread is not None and spread >= 0.1 and rank < min(4.0, self._dimension / 2),
                f"projections fill {rank or 0:.1f} dimensions; raise view_strength, or lower learning_rate",
            ),
            "a queue that is no use": (
                accuracy is not None and accuracy > 0.999,
                f"a drawing's other view is nearer than all of the queue in {accuracy or 0:.1%} of the draws: negatives "
                "teach nothing more; raise view_strength, or options['queue']",
            ),
            "empty clusters": (
                empty is not None and empty > 0.5,
                f"{empty or 0:.0%} of the clusters have no drawing; lower options['clusters']",
            ),
            "one cluster has most": (
                used is not None and used < 0.1,
                f"drawings are in clusters as if in {used or 0:.1%} of them; lower learning_rate, or refresh more often",
            ),
        }

    def state(self) -> dict[str, Any]:
        """Return what a resumed run needs."""
        return {"seen": dict(self.seen), "notes": [dict(note) for note in self.notes]}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a state."""
        self.seen, self.notes = dict(state["seen"]), [dict(note) for note in state["notes"]]
