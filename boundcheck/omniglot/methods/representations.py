"""What a trained network gives of drawings, one file each: f, what the loss saw, shares of groups, and views of drawings.

===============  =======================================================================================================
``f``            the network's output, unnormalised: what every objective has, of one dimension
``projection``   what the objective's loss compares instead, unit vectors; of an objective without a head, f as unit vectors
``assignments``  to which of the objective's groups a drawing belongs, softly: of objectives that have groups
``views``        f of distorted copies of drawings, class = drawing and collection = half of its views: what objectives at
                 instance level are trained on, as the theorems see it
===============  =======================================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
from jaxtyping import Float, Int
from torch.nn.functional import normalize

from boundcheck.omniglot.data import Drawings
from boundcheck.omniglot.embedded import EmbeddedDrawings
from boundcheck.omniglot.methods.runs import described, kept, rounded
from boundcheck.omniglot.model import embed_images
from boundcheck.omniglot.modes import evaluating
from boundcheck.omniglot.objectives.deepcluster import DeepCluster
from boundcheck.omniglot.objectives.groupface import GroupFace
from boundcheck.omniglot.objectives.pcl import PCL
from boundcheck.omniglot.objectives.smog import SMoG
from boundcheck.omniglot.training import TrainedNetwork, choose_device, resized
from boundcheck.omniglot.views import viewed
from boundcheck.progress import Bar

__all__ = ["KINDS", "STRENGTH", "VIEWS", "lacking", "path_of", "represent", "represented"]

#: What there is a file of, by name; the first is a run's own embeddings.
KINDS = ("f", "projection", "assignments", "views")
#: How many views of a drawing are embedded, and how strongly each is distorted.
VIEWS, STRENGTH = 10, 0.6
# Of the views' seed, whatever the run's.
_STREAM = 19

_Rows: TypeAlias = Float[torch.Tensor, "n p"]


def _shares(projections: _Rows, groups: _Rows, temperature: float | _Rows) -> _Rows:
    return torch.softmax(projections @ groups.T / temperature, dim=1)


def _of_pcl(objective: Any, embeddings: _Rows, projections: _Rows) -> _Rows:
    return _shares(projections, objective.centroids0, objective.temperatures0)


def _of_deepcluster(objective: Any, embeddings: _Rows, projections: _Rows) -> _Rows:
    return _shares(projections, objective.centroids0, objective.options.temperature)


def _of_smog(objective: Any, embeddings: _Rows, projections: _Rows) -> _Rows:
    return _shares(projections, objective.groups, objective.options.temperature)


def _of_groupface(objective: Any, embeddings: _Rows, projections: _Rows) -> _Rows:
    with evaluating(objective.decision):
        return torch.softmax(objective.decision(embeddings), dim=1)


# Of the objectives that have groups, the softmax that their losses make of them.
_GROUPS: Mapping[type[Any], Callable[[Any, _Rows, _Rows], _Rows]] = {
    PCL: _of_pcl,
    DeepCluster: _of_deepcluster,
    SMoG: _of_smog,
    GroupFace: _of_groupface,
}


def path_of(file: Path, kind: str) -> Path:
    """Return the file of one kind, beside that of a run's embeddings."""
    return file if kind == "f" else file.with_name(f"{file.stem}-{kind}.safetensors")


def _kinds_of(objective: type[Any]) -> tuple[str, ...]:
    return tuple(kind for kind in KINDS if kind != "assignments" or objective in _GROUPS)


def represented(config: Any, objective: type[Any], file: Path) -> dict[str, EmbeddedDrawings]:
    """Return what is kept of a run, by kind."""
    found = {kind: kept(config, path_of(file, kind)) for kind in _kinds_of(objective)}
    return {kind: one for kind, one in found.items() if one is not None}


def lacking(config: Any, objective: type[Any], file: Path) -> bool:
    """Say whether anything of a run is not kept."""
    return len(represented(config, objective, file)) < len(_kinds_of(objective))


def represent(
    trained: TrainedNetwork,
    drawings: Drawings,
    best: int,
    file: Path,
    *,
    device: str | torch.device | None = None,
    progress: bool | None = None,
) -> None:
    """Make all that there is of a trained network, each in a file of its own, f's last.

    Parameters
    ----------
    trained
        The network and its objective.
    drawings
        All of them.
    best
        The step that the weights are of.
    file
        Of f.
    device
        Where the network runs; the CPU if None.
    progress
        Whether to show a bar; None for where there is a terminal.
    """
    where, drawings = choose_device(device or "cpu"), resized(drawings, trained.config)
    network = trained.network.to(where)
    one_each = _one_of_each_character(drawings)
    with Bar("embedding", len(drawings) + VIEWS * len(one_each), shown=progress) as bar:
        exact = embed_images(network, drawings.images, device=where, advance=bar.advance)
        views = [_embedded_views(network, drawings.images[one_each], number, where, bar) for number in range(VIEWS)]
    made = {"views": described(rounded(np.concatenate(views)), _views_of(drawings, one_each), trained, best)}
    if trained.objective is not None:
        objective = trained.objective.to(where)
        objective.device = where
        with torch.no_grad():
            rows = torch.from_numpy(exact).to(where)
            projections = normalize(objective.project(rows), dim=1)
            made["projection"] = described(rounded(projections.cpu().numpy()), drawings, trained, best)
            shares = _GROUPS.get(type(objective))
            if shares is not None:
                assigned = shares(objective, rows, projections).cpu().numpy()
                made["assignments"] = described(rounded(assigned), drawings, trained, best)
    made["f"] = described(rounded(exact), drawings, trained, best)
    for kind, one in made.items():
        one.save(path_of(file, kind))


def _one_of_each_character(drawings: Drawings) -> Int[np.ndarray, " c"]:
    """Return one drawing of each held-out character."""
    rows = np.flatnonzero(drawings.evaluation)
    _, first = np.unique(drawings.character[rows], return_index=True)
    found: Int[np.ndarray, " c"] = rows[first]
    return found


def _embedded_views(network: Any, images: Any, number: int, device: torch.device, bar: Bar) -> Float[np.ndarray, "c d"]:
    blocks = []
    with evaluating(network), torch.no_grad():
        for start in range(0, len(images), 256):
            batch = viewed(images[start : start + 256], STRENGTH, seed=(_STREAM, number, start), device=device)
            blocks.append(network(batch).float().cpu().numpy())
            bar.advance(len(blocks[-1]))
    return np.concatenate(blocks)


def _views_of(drawings: Drawings, rows: Int[np.ndarray, " c"]) -> Drawings:
    """Return labels of views, view by view: the drawing for the alphabet, half of its views for the character."""
    number, half = np.tile(np.arange(len(rows)), VIEWS), np.repeat(np.arange(VIEWS) * 2 // VIEWS, len(rows))
    names = tuple(drawings.character_names[drawings.character[row]] for row in rows)
    return replace(
        drawings,
        images=np.zeros((len(number), 1, 1), dtype=np.uint8),
        alphabet=number.astype(np.int32),
        character=(2 * number + half).astype(np.int32),
        drawer=np.repeat(np.arange(VIEWS, dtype=np.int16), len(rows)),
        evaluation=np.ones(len(number), dtype=bool),
        alphabet_names=names,
        character_names=tuple(f"{name}, {which} views" for name in names for which in ("first", "other")),
    )
