"""The tightest collections of real drawings, and what small changes of their pixels add.

    python -m benchmarks.adversarial_objects --out benchmarks/results/adversarial-objects
        [--seconds S] [--sizes N] [--seed N] [--network FOLDER --data FOLDER [--radius R] [--steps N]] [--only swaps|pixels]

The first part searches the embeddings that the package ships, those of the alphabets trained on and the held-out ones
apart: for each bound, the triple of collections of N drawings, x and z of one alphabet, w of another, of the greatest
left side over right side. Nothing else is needed for it.

The second part is run where there is a network, a folder that ``boundcheck train`` wrote, and the drawings that go with
it, a folder with Omniglot's images. It starts from triples of whole characters, N drawings of each, and from the tightest
triple of the first part, and moves their pixels by no more than R, up the slope through the network.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from boundcheck._version import __version__
from boundcheck.adversary.objects import Perturbed, Tightest, perturbed_collections, tightest_collections
from boundcheck.atomic import write_text
from boundcheck.omniglot import data
from boundcheck.omniglot.embedded import EmbeddedDrawings, shipped
from boundcheck.omniglot.model import _MEAN, _STD, embed_images
from boundcheck.omniglot.training import load_checkpoint
from boundcheck.report.tables import csv_of
from boundcheck.scanning import LabelledPoints, check_triples, sample_triples
from boundcheck.theorems import get

RESULTS = Path(__file__).parent / "results" / "adversarial-objects"
BOUNDS = ("karimov", "chamfer", "two-sided")
PARTS = {"trained": False, "held out": True}


class OnPixels(nn.Module):
    """A network of the experiment on drawings as numbers in [0, 1], shape (n, side, side)."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, drawings: Tensor) -> Tensor:
        standardised = ((drawings - _MEAN) / _STD).unsqueeze(1)
        return self.network(standardised.contiguous(memory_format=torch.channels_last))


def main() -> None:
    """Search, write JSON and a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--seconds", type=float, default=60.0, help="for each bound and part")
    parser.add_argument("--sizes", type=int, default=20, help="drawings in each collection")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--network", type=Path, help="a folder that boundcheck train wrote")
    parser.add_argument("--data", type=Path, help="a folder with Omniglot's images")
    parser.add_argument("--radius", type=float, default=0.1, help="of each pixel, from 0 to 1")
    parser.add_argument("--steps", type=int, default=40, help="of the ascent in pixels")
    parser.add_argument("--pixel-sizes", type=int, default=5, help="drawings in each collection of the second part")
    parser.add_argument(
        "--only", choices=("swaps", "pixels"), help="one part, the other kept as the results in --out have it"
    )
    options = parser.parse_args()
    torch.set_num_threads(1)
    embedded = shipped()
    path = options.out / "adversarial-objects.json"
    known = json.loads(path.read_text(encoding="utf-8")) if options.only and path.is_file() else {}
    summary: dict[str, Any] = {
        "command": "python -m benchmarks.adversarial_objects --out benchmarks/results/adversarial-objects",
        "boundcheck": __version__,
        "torch": torch.__version__,
        "machine": platform.machine(),
        "threads": 1,
        "seconds a search": options.seconds,
        "objects in a collection": options.sizes,
        "seed": options.seed,
        "swaps": known.get("swaps", []),
        "pixels": known.get("pixels"),
    }
    if options.only != "pixels":
        summary["swaps"] = _swaps(embedded, options)
    elif known:
        summary |= {key: known[key] for key in ("seconds a search", "objects in a collection")}
    if options.only != "swaps":
        given = options.network is not None and options.data is not None
        summary["pixels"] = _in_pixels(embedded, options) if given else None
    write_text(path, json.dumps(summary, ensure_ascii=False, indent=1) + "\n")
    write_text(options.out / "adversarial-objects.md", _markdown(summary))
    for name, rows in tables(summary).items():
        write_text(options.out / f"{name}.csv", csv_of(rows, end="\n"))


# ------------------------------------------------------------------------------------------------------ real drawings


def _swaps(embedded: EmbeddedDrawings, options: argparse.Namespace) -> list[dict[str, Any]]:
    found = []
    for part, evaluation in PARTS.items():
        rows = np.flatnonzero(embedded.evaluation == evaluation)
        labelled = embedded.labelled(evaluation=evaluation)
        for name in BOUNDS:
            tight = tightest_collections(
                name, labelled, sizes=options.sizes, seconds=options.seconds, seed=options.seed
            )
            found.append(_swapped(part, tight, rows, _characters(labelled, name)))
            print(_line(_swap_row(found[-1])), flush=True)
    return found


def _characters(labelled: LabelledPoints, name: str, count: int = 20_000) -> float:
    """Return the tightest of random triples of whole characters, which is what the experiment looks at."""
    scanned = check_triples(get(name), labelled, sample_triples(labelled, count, seed=0), chain=False)
    return float(np.max(scanned.lhs[scanned.rhs > 0] / scanned.rhs[scanned.rhs > 0]))


def _swapped(part: str, found: Tightest, rows: np.ndarray, characters: float) -> dict[str, Any]:
    return {
        "part": part,
        **found.summary(),
        "drawings": {symbol: [int(rows[one]) for one in objects] for symbol, objects in found.objects.items()},
        "characters": characters,
        "history": [[count, value] for count, value in found.history],
    }


# ------------------------------------------------------------------------------------------------------------- pixels


def _in_pixels(embedded: EmbeddedDrawings, options: argparse.Namespace) -> list[dict[str, Any]]:
    trained = load_checkpoint(options.network)
    drawings = data.load(options.data, progress=False)
    f = OnPixels(trained.network).eval()
    images = torch.from_numpy(drawings.images).to(torch.float32) / 255
    found = []
    for part, evaluation in PARTS.items():
        rows = np.flatnonzero(embedded.evaluation == evaluation)
        labelled = embedded.labelled(evaluation=evaluation)
        # The embeddings that this network gives, which need not be those that are shipped.
        own = embed_images(trained.network, drawings.images[rows[:64]])
        differs = float(np.abs(own - embedded.embeddings[rows[:64]]).max())
        one = sample_triples(labelled, 1, seed=options.seed)[0]
        starts = {"a random triple of characters": [labelled.members[at][: options.pixel_sizes] for at in one]}
        for name in BOUNDS:
            tight = tightest_collections(
                name, labelled, sizes=options.pixel_sizes, seconds=options.seconds / 4, seed=options.seed
            )
            chosen = {**starts, "the tightest found by swaps": [np.array(tight.objects[symbol]) for symbol in "xzw"]}
            for start, members in chosen.items():
                collections = [images[rows[one]] for one in members]
                began = time.time()
                moved = perturbed_collections(
                    name, f, *collections, radius=options.radius, steps=options.steps, restarts=1, seed=options.seed
                )
                found.append(_perturbed(part, start, moved, trained.steps, differs))
                print(_line(_pixel_row(found[-1])), f"{time.time() - began:.0f} s", flush=True)
    return found


def _perturbed(part: str, start: str, moved: Perturbed, steps: int, differs: float) -> dict[str, Any]:
    return {
        "part": part,
        "start": start,
        **moved.summary(),
        "network's steps of training": steps,
        "largest difference from the shipped embeddings": differs,
    }


# ------------------------------------------------------------------------------------------------------------- tables

_SWAPS = ("bound", "alphabets", "verdict", "found", "random", "characters", "evaluated", "x and z are of", "w is of")
_PIXELS = ("bound", "alphabets", "start", "verdict", "before", "after")


def tables(summary: dict[str, Any]) -> dict[str, list[tuple[str, ...]]]:
    """Return what the tables show, heads first."""
    found = {"swaps": [_SWAPS, *map(_swap_row, summary["swaps"])]}
    if summary["pixels"] is not None:
        found["pixels"] = [_PIXELS, *map(_pixel_row, summary["pixels"])]
    return found


def _swap_row(row: dict[str, Any]) -> tuple[str, ...]:
    found, random = (row[key]["tightness"][0] for key in ("found", "random"))
    return (
        row["bound"]["name"],
        row["part"],
        row["verdict"],
        *map(_down, (found, random, row["characters"])),
        f"{row['evaluations']:,}",
        _plainly(row["classes"]["x"]),
        _plainly(row["classes"]["w"]),
    )


def _pixel_row(row: dict[str, Any]) -> tuple[str, ...]:
    sides = (row[key]["tightness"][0] for key in ("before", "after"))
    return row["bound"]["name"], row["part"], row["start"], row["verdict"], *map(_down, sides)


def _down(number: float) -> str:
    return f"{np.floor(number * 1e4) / 1e4:.4f}"


def _plainly(alphabet: str) -> str:
    return alphabet.split("(")[0].strip("_").replace("_", " ")


def _line(row: tuple[str, ...]) -> str:
    return f"| {' | '.join(row)} |"


def _markdown(summary: dict[str, Any]) -> str:
    shown = {
        name: [_line(rows[0]), "|" + "---|" * len(rows[0]), *map(_line, rows[1:]), ""]
        for name, rows in tables(summary).items()
    }
    lines = [
        f"Collections of {summary['objects in a collection']} drawings, x and z of one alphabet, w of another; "
        f"{summary['seconds a search']:g} s a search on one thread, seed {summary['seed']}. Left side over right side, "
        "cut to four digits; of two-sided, a bound on squares, the ratio of squares. Random: the tightest of 2,048 random "
        "triples of the same sizes. Characters: the tightest of 20,000 random triples of whole characters.",
        "",
        *shown["swaps"],
    ]
    if "pixels" not in shown:
        return "\n".join([*lines, "Changes of pixels were not run: no network was given.", ""])
    some = summary["pixels"][0]
    return "\n".join(
        [
            *lines,
            f"Collections of {some['sizes']['G1']} drawings, every pixel moved by at most {some['radius']:g} of the way "
            f"from paper to ink; {some['steps']} steps from the drawings as they are.",
            "",
            *shown["pixels"],
        ]
    )


if __name__ == "__main__":
    main()
