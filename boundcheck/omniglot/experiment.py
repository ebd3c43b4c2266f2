"""Karimov's experiment: theorem K on random triples of Omniglot's characters, with tables and figures.

Beside it, on some of the triples, the sharper bounds: how near to the distance each of them comes.

Class = alphabet, collection = character: G1 and G2 are two characters of one alphabet, G3 is one of another.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from boundcheck.atomic import write_text
from boundcheck.decimals import significant_ends, upwards
from boundcheck.errors import DataError, InvalidValueError, explain, require_norm
from boundcheck.evaluate import Verdict
from boundcheck.language import Relation, Scalar, farthest, w, x
from boundcheck.limits import ClusteredShare, Quantile, Share, quantile_of_ends
from boundcheck.omniglot.data import Drawings
from boundcheck.omniglot.embedded import EmbeddedDrawings
from boundcheck.report import figures
from boundcheck.report.html import page, stated_as_html
from boundcheck.report.tables import Table
from boundcheck.scanning import LabelledPoints, ScanResult, check_triples, sample_triples
from boundcheck.theorems import K
from boundcheck.theorems.upper import CHAMFER, LADDER, TRANSPORT, TWO_SIDED, VARIANCE

__all__ = ["LADDER_TRIPLES", "SEED_ROWS", "Experiment", "precision_table", "run_experiment"]

#: The most triples of each part that the sharper bounds are measured on: enough for a median to within 1%.
LADDER_TRIPLES = 2_000

#: Karimov's own figures ("Representation learning of data collections", 2024): distance of the centroids, largest distance (EfficientNet-B2, Omniglot).
SEED_ROWS = ((734.82, 1750.37), (280.37, 1907.42), (254.03, 3338.06))
_FARTHEST = "largest distance"
_PARTS = {"trained alphabets": False, "held-out alphabets": True}
_CENTROIDS = "distance of the centroids"
_BELOW_FARTHEST = next(bound for bound in LADDER if bound.name == "hausdorff-below-farthest")
# From the bluntest to the sharpest; the last has no place in the order, since it knows the positives.
_RUNGS: Mapping[str, tuple[Scalar, bool]] = {
    "theorem K": (K.rhs, False),
    "m + largest distance": (_BELOW_FARTHEST.rhs, False),
    "U3, Hausdorff": (_BELOW_FARTHEST.lhs, False),
    "U2, Chamfer": (CHAMFER.rhs, False),
    "U4, less a variance": (VARIANCE.rhs, True),
    "U5, two-sided": (TWO_SIDED.rhs, True),
    "U1, transport": (TRANSPORT.rhs, False),
}


@dataclass(frozen=True, eq=False)
class Experiment:
    """Theorem K on random triples, apart for the alphabets trained on and those held out.

    Attributes
    ----------
    scans
        What was found, by part.
    labelled
        The collections that the scans' triples point into, by part.
    metadata
        How the embeddings came to be.
    seed
        Of the draw.
    ladders
        The sharper bounds, measured on the first of each part's triples.
    """

    scans: Mapping[str, ScanResult]
    labelled: Mapping[str, LabelledPoints]
    metadata: Mapping[str, Any]
    seed: int
    ladders: Mapping[str, ScanResult] = field(default_factory=dict)

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of any triple."""
        return Verdict.worst(scan.verdict for scan in self.scans.values())

    def tables(self, examples: int = 3) -> tuple[Table, ...]:
        """Return the report's tables: verdicts, Karimov's, the chain, the ladder, and what the network learned."""
        made = [self._verdicts(), self._seeds_table(examples), self._chain(), self._ladder()]
        if self.metadata.get("precision_at_1"):
            made.append(precision_table(self.metadata["precision_at_1"]))
        return tuple(made)

    def _verdicts(self) -> Table:
        rows = []
        for name, scan in self.scans.items():
            high = significant_ends(0, scan.failing().limits[1], 2)[1]
            tightest = scan.tightness[scan.tightest(1)[0]]
            rows.append(
                (
                    name,
                    f"{len(scan):,}",
                    f"{scan.count(Verdict.HOLDS):,}",
                    f"{scan.count(Verdict.FAILS):,}",
                    f"{scan.count(Verdict.UNDECIDED):,}",
                    high,
                    str(scan.typical_tightness() or "—"),
                    _number(tightest, ".4g"),
                )
            )
        largest = max(float(max(scan.lhs_error.max(), scan.rhs_error.max())) for scan in self.scans.values())
        return Table(
            f"{K.title}: {K.statement}",
            ("part", "triples", "holds", "fails", "undecided", "failing share at most", "median tightness", "largest"),
            tuple(rows),
            f"Random triples of characters, 20 drawings each (seed {self.seed}), m the least that is true on each. Every "
            f"side is within {upwards(largest)} of its exact value. The failing share's limit and the median's are of 95% "
            "confidence, for all triples of these characters: from these the triples were drawn, independently.",
        )

    def _seeds_table(self, examples: int) -> Table:
        rows: list[tuple[str, ...]] = []
        for name, scan in self.scans.items():
            figures_of = (scan.lhs, scan.measured[_FARTHEST], scan.rhs, scan.parameters["m"])
            rows += [
                (
                    f"{name}: {self.describe(name, row)}",
                    *(f"{values[row]:.4g}" for values in figures_of),
                    _number(scan.tightness[row], ".3f"),
                )
                for row in range(min(examples, len(scan)))
            ]
            medians = (f"{np.median(values):.4g}" for values in figures_of)
            typical = scan.typical_tightness()
            rows.append((f"{name}: median of {len(scan):,}", *medians, f"{typical.value:.3f}" if typical else "—"))
        for lhs, most in SEED_ROWS:
            rows.append(
                (
                    "Karimov (2024)",
                    f"{lhs:.2f}",
                    f"{most:.2f}",
                    f"≥ {2 * most:.2f}",
                    "not given",
                    f"≤ {lhs / (2 * most):.3f}",
                )
            )
        return Table(
            "Beside Karimov's figures",
            ("triple", "centroids' distance", "largest d(x, w)", "K's right side", "m", "tightness"),
            tuple(rows),
            "Units are the embedding's own, so only tightness compares across networks. Karimov gives no m; K's right "
            "side is at least twice the largest distance.",
        )

    def _chain(self) -> Table:
        rows = []
        equalities = {link.title for link in K.chain if link.relation is Relation.EQUAL}
        for name, scan in self.scans.items():
            whole = float(np.mean(scan.rhs - scan.lhs))
            for link, slack in scan.links.items():
                half = 1.96 * float(np.std(slack)) / math.sqrt(len(slack))
                mean = f"{np.mean(slack):.4g} ± {half:.1g}"
                if link in equalities:
                    # What is left of an equality is rounding, of which a mean would say nothing.
                    mean = f"0 to within {upwards(float(np.abs(slack).max()))}"
                share = f"{np.mean(slack) / whole:.1%}" if whole > 0 else "—"
                rows.append((f"{name}: {link}", mean, share))
        return Table(
            "Where the slack arises: the links of the proof",
            ("link", "mean slack", "share"),
            tuple(rows),
            "± is 95% confidence for the mean, over all triples of these characters.",
        )

    def rungs(self, part: str) -> dict[str, Float[np.ndarray, " t"]]:
        """Return the tightness of each bound on each triple that it was measured on, of distances, bluntest first."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return {name: lhs / rhs for name, (lhs, rhs) in self._sides(part).items()}

    def _sides(self, part: str) -> dict[str, tuple[Float[np.ndarray, " t"], Float[np.ndarray, " t"]]]:
        """Return the distance and what each bound says of it, on each triple that it was measured on, bluntest first."""
        measured = self.ladders[part].measured
        return {
            name: (measured[_CENTROIDS], np.sqrt(np.maximum(measured[name], 0)) if squared else measured[name])
            for name, (_, squared) in _RUNGS.items()
            if name in measured
        }

    def _typical(self, part: str) -> dict[str, Quantile]:
        """Return each bound's median tightness with its limits, where there is one."""
        found = {}
        for name, ratios in self.rungs(part).items():
            lhs, rhs = self._sides(part)[name]
            # Nothing but 0/0 is left out: what overflowed may have any tightness.
            some = ratios[(lhs != 0) | (rhs != 0)]
            unknown = np.isnan(some)
            typical = (
                quantile_of_ends(np.where(unknown, -np.inf, some), np.where(unknown, np.inf, some))
                if len(some)
                else None
            )
            if typical is not None:
                found[name] = typical
        return found

    def _ladder(self) -> Table:
        rows = []
        for part in self.ladders:
            typical = self._typical(part)
            rows += [
                (
                    f"{part}: {name}",
                    str(typical[name]) if name in typical else "—",
                    _number(float(np.nanmax(ratios)) if name in typical else math.nan, ".4g"),
                )
                for name, ratios in self.rungs(part).items()
            ]
        counts = ", ".join(f"{len(scan):,} of the {part}" for part, scan in self.ladders.items())
        return Table(
            "The ladder: how sharp each bound is",
            ("bound", "median tightness", "largest"),
            tuple(rows),
            f"The distance of the centroids over each right side, the root of it where a bound is of squares; on {counts}. "
            "Limits are of 95% confidence (order statistics), for all triples of these characters. Transport is between the two collections themselves, "
            "and needs no m.",
        )

    def describe(self, part: str, row: int) -> str:
        """Return a triple by the names of its collections."""
        names = [self.labelled[part].names[position] for position in self.scans[part].triples[row]]
        return " · ".join(name.replace("/character", " ") for name in names)

    def summary(self) -> dict[str, Any]:
        """Return everything found as plain JSON types."""
        return {
            "verdict": self.verdict.value,
            "seed": self.seed,
            "parts": {
                name: {
                    **scan.summary(),
                    "median_largest_distance": float(np.median(scan.measured[_FARTHEST])),
                    "mean_lhs": float(np.mean(scan.lhs)),
                    "mean_rhs": float(np.mean(scan.rhs)),
                    "mean_link_slack": {link: float(np.mean(slack)) for link, slack in scan.links.items()},
                    "ladder": {
                        "triples": len(self.ladders[name]),
                        "median_tightness": {rung: found.to_dict() for rung, found in self._typical(name).items()},
                    },
                    "tightest": [
                        {"triple": self.describe(name, row), "tightness": float(scan.tightness[row])}
                        for row in scan.tightest(3)
                        if not np.isnan(scan.tightness[row])
                    ],
                }
                for name, scan in self.scans.items()
            },
            "embeddings": {key: value for key, value in self.metadata.items() if key != "training"}
            | {"training": {k: v for k, v in self.metadata.get("training", {}).items() if k != "curve"}},
        }

    def write(self, folder: Path, drawings: Drawings | None = None) -> tuple[Path, ...]:
        """Write the report: JSON, CSV and Markdown tables, figures and an HTML page, each file in one step.

        Parameters
        ----------
        folder
            Where to; made if it is not there.
        drawings
            The images themselves; without them the tightest triple is named but not drawn.

        Raises
        ------
        DataError
            If `drawings` lacks the tightest triple's characters.
        """
        folder.mkdir(parents=True, exist_ok=True)
        tables = self.tables()
        sides = figures.sides_figure({name: (scan.lhs, scan.rhs) for name, scan in self.scans.items()}, K.statement)
        chain = figures.chain_figure(
            {
                name: (float(np.mean(scan.lhs)), {link: float(np.mean(slack)) for link, slack in scan.links.items()})
                for name, scan in self.scans.items()
            }
        )
        ladder = figures.ladder_figure(
            {
                name: {rung: (found.value, found.low, found.high) for rung, found in self._typical(name).items()}
                for name in self.scans
            }
        )
        drawn = {
            "Left side against right side": sides,
            "Where the slack arises": chain,
            "How sharp each bound is": ladder,
        }
        names = ["sides", "chain", "ladder"]
        training = self.metadata.get("training", {})
        if training.get("curve"):
            drawn["The learning curve"] = figures.curve_figure(training["curve"], training["config"]["margin"])
            names.append("curve")
        if drawings is not None:
            for part in self.scans:
                title, figure = self._tightest_figure(part, drawings)
                drawn[title] = figure
                names.append(f"tightest-{part.split()[0]}")
        written: list[Path] = []
        for name, figure in zip(names, drawn.values(), strict=True):
            written += figures.save(figure, folder, name)
        texts = {
            "summary.json": json.dumps(self.summary(), indent=2, ensure_ascii=False, allow_nan=False) + "\n",
            "tables.md": "\n".join(table.to_markdown() for table in tables),
            "verdicts.csv": tables[0].to_csv(),
            "triples.csv": tables[1].to_csv(),
            "chain.csv": tables[2].to_csv(),
            "ladder.csv": tables[3].to_csv(),
            "index.html": page(
                "experiment.html",
                title="Theorem K on Omniglot",
                worst=self.verdict.value,
                verdict=self.verdict.value,
                bound=stated_as_html(K),
                tables=tables,
                images=[
                    (title, (folder / f"{name}.svg").read_text(encoding="utf-8"))
                    for name, title in zip(names, drawn, strict=True)
                ],
                metadata=json.dumps(self.summary()["embeddings"], indent=1, ensure_ascii=False),
            ),
        }
        for name, text in texts.items():
            write_text(folder / name, text)
            written.append(folder / name)
        return tuple(written)

    def _tightest_figure(self, part: str, drawings: Drawings) -> tuple[str, Any]:
        scan, labelled = self.scans[part], self.labelled[part]
        row = int(scan.tightest(1)[0])
        rows = {}
        for role, position in zip(("anchors", "positives", "negatives"), scan.triples[row], strict=True):
            name = labelled.names[position]
            if name not in drawings.character_names:
                raise DataError(explain("drawings", "images of the characters that were embedded", f"none of {name}"))
            chosen = drawings.character == drawings.character_names.index(name)
            rows[f"{role}: {name}"] = drawings.images[chosen]
        title = f"The tightest triple of the {part}: tightness {_number(scan.tightness[row], '.3f')}"
        return title, figures.image_rows_figure(rows, title)


def run_experiment(
    embedded: EmbeddedDrawings,
    *,
    triples: int = 100_000,
    seed: int = 0,
    norm: float = 2.0,
    progress: bool | None = None,
) -> Experiment:
    """Check theorem K on random triples of characters, half of them of trained and half of held-out alphabets.

    Parameters
    ----------
    embedded
        The embeddings.
    triples
        How many in all, at least 2.
    seed
        Of the draw.
    norm
        The p of the p-norm.
    progress
        Whether to show a bar; None for where there is a terminal.

    Raises
    ------
    InvalidValueError
        If there is no triple to draw, or there are fewer to draw than parts.
    NormError
        If p < 1.
    """
    p = require_norm(norm)
    present = {name: flag for name, flag in _PARTS.items() if np.any(embedded.evaluation == flag)}
    if triples < len(present):
        raise InvalidValueError(explain("triples", f"at least {len(present)}, one for each part", f"{triples}"))
    scans, groups, ladders = {}, {}, {}
    # U5 speaks of both sides' m, so that one check binds both for every right side.
    base = TWO_SIDED if TWO_SIDED.space.admits(p) else CHAMFER
    terms = {name: term for name, (term, squared) in _RUNGS.items() if base is TWO_SIDED or not squared}
    for position, (name, flag) in enumerate(present.items()):
        labelled = embedded.labelled(evaluation=flag)
        share = triples // len(present) + (position < triples % len(present))
        drawn = sample_triples(labelled, share, seed=seed + position)
        scans[name] = check_triples(K, labelled, drawn, norm=p, measure={_FARTHEST: farthest(x, w)}, progress=progress)
        groups[name] = labelled
        ladders[name] = check_triples(
            base,
            labelled,
            drawn[:LADDER_TRIPLES],
            norm=p,
            measure={_CENTROIDS: CHAMFER.lhs, **terms},
            progress=progress,
        )
    return Experiment(scans, groups, embedded.metadata, seed, ladders)


def _number(value: float, form: str) -> str:
    """Return a tightness as text; NaN stands for 0/0."""
    return "—" if math.isnan(value) else format(value, form)


def precision_table(precision: Sequence[Mapping[str, Any]]) -> Table:
    """Return what a network learned as a table, from the metadata of its embeddings.

    Metadata that older versions wrote does not say how many drawings of each alphabet there are, without which there are
    no limits.
    """
    rows = []
    for row in precision:
        found = [Share(row[key], row["count"]) for key in ("same_character", "same_alphabet")]
        shown, alphabets = [f"{share.value:.1%}" for share in found], "—"
        if row.get("alphabets"):
            counts, *successes = zip(*row["alphabets"].values(), strict=True)
            shown, alphabets = [str(ClusteredShare(one, counts)) for one in successes], f"{len(counts)}"
        rows.append((f"{row['part']}: {row['representation']}", f"{row['count']:,}", alphabets, *shown))
    return Table(
        "What the network learned: precision@1",
        ("part and representation", "drawings", "alphabets", "same character", "same alphabet"),
        tuple(rows),
        "How often a drawing's nearest other drawing of the part has its label. Limits are of 95% confidence, for drawings of "
        "further alphabets: drawings of one alphabet are alike, so alphabets are counted (Korn–Graubard), not drawings"
        + (
            "."
            if all(row[2] != "—" for row in rows)
            else "; there are none where it is not known how many are of which."
        ),
    )
