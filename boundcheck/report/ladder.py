"""The report of every bound on one triple: which hold, and how sharp each is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from boundcheck.decimals import concise
from boundcheck.drawing import Theme, Width
from boundcheck.evaluate import Enclosed, Verdict
from boundcheck.language.latex import bound_latex
from boundcheck.printable import Brief
from boundcheck.report.result import Report, plain
from boundcheck.report.tables import frame_of, latex_of, latex_text
from boundcheck.theorems.representations import distance_in

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame
    from rich.console import Console, ConsoleOptions, RenderResult

__all__ = ["Ladder", "Rung"]


@dataclass(frozen=True)
class Rung:
    """One bound of a ladder.

    Attributes
    ----------
    report
        What was found, in the bound's own units.
    value
        What the bound says of the distance, in the embedding's units: the root where it speaks of squares.
    tightness
        Left side over right side, of distances; None where both are 0.
    squared
        Whether the bound speaks of squares.
    """

    report: Report
    value: Enclosed
    tightness: Enclosed | None
    squared: bool

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON types."""
        return {
            "value": plain(self.value),
            "tightness_of_distances": plain(self.tightness),
            "squared": self.squared,
            **self.report.to_dict(),
        }


@dataclass(frozen=True)
class Ladder(Brief):
    """What :func:`boundcheck.check_bound` found of every bound that is known: ``bound="all"``.

    By the name of a bound, ``ladder["karimov"]`` is its rung; names are what it iterates over.

    Attributes
    ----------
    aggregator
        What represents a collection.
    upper
        The upper bounds on the distance of the representations of G1 and G2, sharpest first.
    lower
        The lower bounds on that of G1 and G3, sharpest first, and what follows for the difference of the two.
    after
        The upper bounds on the distance of what a head makes of the representations of G1 and G2; none without a head.
    excluded
        Why a known bound says nothing here, by its name: it is not about these collections, or a side of it is beyond
        float64.
    sizes, dimension, norm
        As in :class:`boundcheck.Report`.
    """

    aggregator: str
    upper: tuple[Rung, ...]
    lower: tuple[Rung, ...]
    excluded: Mapping[str, str]
    sizes: Mapping[str, int]
    dimension: int
    norm: float
    after: tuple[Rung, ...] = ()

    @property
    def rungs(self) -> tuple[Rung, ...]:
        """Every bound that was checked."""
        return (*self.upper, *self.lower, *self.after)

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of the bounds that apply, those whose premises do not fail; vacuous where none applies."""
        found = (rung.report.verdict for rung in self.rungs)
        return Verdict.worst(verdict for verdict in found if verdict is not Verdict.VACUOUS)

    @property
    def counted(self) -> str:
        """How many bounds there are, and how many of them do not apply, their premises failing."""
        known = f"{len(self.upper)} upper and {len(self.lower)} lower bounds"
        vacuous = sum(rung.report.verdict is Verdict.VACUOUS for rung in self.rungs)
        return f"{known}, {vacuous} of them vacuous" if vacuous else known

    @property
    def distance(self) -> Enclosed | None:
        """The distance that the upper bounds are on."""
        plainly = (rung.report.lhs for rung in self.upper if not rung.squared)
        return next(plainly, None)

    @property
    def notes(self) -> tuple[str, ...]:
        """The hints of every bound, each once."""
        return tuple(dict.fromkeys(note for rung in self.rungs for note in rung.report.notes))

    @property
    def reasons(self) -> Mapping[str, tuple[str, ...]]:
        """The names of the bounds that say nothing here, by the reason why."""
        by_reason: dict[str, tuple[str, ...]] = {}
        for name, reason in self.excluded.items():
            by_reason[reason] = (*by_reason.get(reason, ()), name)
        return by_reason

    def __bool__(self) -> bool:
        return self.verdict is Verdict.HOLDS

    def __getitem__(self, name: str) -> Rung:
        return {rung.report.bound.name: rung for rung in self.rungs}[name]

    def __iter__(self) -> Iterator[str]:
        return (rung.report.bound.name for rung in self.rungs)

    def __len__(self) -> int:
        return len(self.rungs)

    def groups(self) -> dict[str, tuple[Rung, ...]]:
        """Return the upper and the lower bounds under their headings, where there are any."""
        known = "" if self.distance is None else f", {self.distance}"
        of_distances = tuple(rung for rung in self.lower if distance_in(rung.report.bound.rhs) is not None)
        headed = {
            f"upper bounds on the distance of G1 and G2{known}": self.upper,
            "lower bounds on the distance of G1 and G3": of_distances,
            "lower bounds on the difference of the two, squared": tuple(
                rung for rung in self.lower if rung not in of_distances
            ),
            "upper bounds on the distance of what the head makes of G1 and G2": self.after,
        }
        return {heading: rungs for heading, rungs in headed.items() if rungs}

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON types; infinities and NaN become None."""
        return {
            "bound": "all",
            "aggregator": self.aggregator,
            "verdict": self.verdict.value,
            "distance": plain(self.distance),
            "upper": [rung.to_dict() for rung in self.upper],
            "lower": [rung.to_dict() for rung in self.lower],
            "after": [rung.to_dict() for rung in self.after],
            "excluded": dict(self.excluded),
            "sizes": dict(self.sizes),
            "dimension": self.dimension,
            "norm": self.norm if self.norm != float("inf") else "inf",
            "notes": list(self.notes),
        }

    def to_json(self, *, indent: int | None = 2) -> str:
        """Return :meth:`to_dict` as JSON text."""
        return json.dumps(self.to_dict(), indent=indent, ensure_ascii=False, allow_nan=False)

    def plot(self, ax: Any = None, *, width: Width = "one", theme: Theme = "light") -> Axes:
        """Draw what each upper bound allows, beside the distance itself, and return the axes.

        Parameters
        ----------
        ax
            Axes of matplotlib to draw on; None for new ones, whose ``figure.savefig("figure.pdf")`` is a vector picture.
        width
            Of new ones: ``"one"`` or ``"two"`` columns of a paper, or inches.
        theme
            ``"light"`` or ``"dark"``.

        Raises
        ------
        InvalidTypeError, InvalidValueError
            If one of them is none of these.
        """
        from boundcheck.report.plots import plot_ladder

        return plot_ladder(self, ax, width, theme)

    def to_frame(self) -> DataFrame:
        """Return a row for each bound as a frame of pandas: values and tightness, each with the bound on its error.

        Raises
        ------
        MissingDependencyError
            If pandas is not installed.
        """

        def pair(number: Enclosed | None) -> tuple[float, float]:
            return (float("nan"),) * 2 if number is None else (float(number), number.error)

        columns = ("bound", "value", "value error", "tightness", "tightness error", "m", "m error", "verdict")
        rows = [
            (
                rung.report.bound.name,
                *pair(rung.value),
                *pair(rung.tightness),
                *pair(rung.report.m),
                rung.report.verdict.value,
            )
            for rung in self.rungs
        ]
        return frame_of(columns, rows)

    def to_latex(self) -> str:
        """Return a row for each bound as a table in LaTeX, enclosures as physicists write them: 0.1216(3)."""

        def written(number: Enclosed | None) -> str:
            return latex_text("—" if number is None else concise(number.lower, number.upper))

        rows = [
            (
                latex_text(rung.report.bound.name),
                f"${bound_latex(rung.report.bound)}$",
                written(rung.value),
                written(rung.tightness),
                latex_text(rung.report.verdict.value),
            )
            for rung in self.rungs
        ]
        return latex_of(("bound", "statement", "value", "tightness", "verdict"), rows, self.counted)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from boundcheck.report.console import render_ladder

        yield from render_ladder(self)

    def __str__(self) -> str:
        from boundcheck.report.console import as_text, render_ladder

        return as_text(render_ladder(self))

    def in_brief(self) -> str:
        """Return the verdict and how many bounds say how much."""
        return (
            f"{self.verdict}: {len(self.upper)} upper and {len(self.lower)} lower bounds, {len(self.excluded)} left out"
        )

    def _repr_html_(self) -> str:
        from boundcheck.report.html import ladder_html

        return ladder_html(self)
