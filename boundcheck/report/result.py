"""The report of one check: what was found, and how to show it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from boundcheck.drawing import Theme, Width
from boundcheck.evaluate import Enclosed, Ground, Verdict
from boundcheck.language import Bound
from boundcheck.printable import Brief

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from rich.console import Console, ConsoleOptions, RenderResult

__all__ = ["LinkReport", "PremiseReport", "Report", "Witness"]


@dataclass(frozen=True)
class Witness:
    """The objects at which a premise is nearest to failing, or fails most.

    Attributes
    ----------
    positions
        The position in each collection, by the name it was passed under: ``{"G1": 3, "G2": 0, "G3": 7}``.
    values
        The value of each part of the premise's left side there.
    """

    positions: Mapping[str, int]
    values: Mapping[str, float]

    def __str__(self) -> str:
        where = ", ".join(f"{name}[{position}]" for name, position in self.positions.items())
        what = ", ".join(f"{term} = {value:.6g}" for term, value in self.values.items())
        return ": ".join(part for part in (where, what) if part)


@dataclass(frozen=True)
class PremiseReport:
    """What was found of one premise.

    Attributes
    ----------
    derived
        Whether the premise holds by choice of a parameter that was left out.
    lhs, rhs
        The largest left side and the right side, where the premise compares numbers.
    ground
        What the verdict rests on.
    """

    name: str
    statement: str
    verdict: Verdict
    derived: bool = False
    lhs: Enclosed | None = None
    rhs: Enclosed | None = None
    witness: Witness | None = None
    ground: Ground = field(default_factory=Ground)


@dataclass(frozen=True)
class LinkReport:
    """What was found of one link of the proof's chain."""

    name: str
    title: str
    statement: str
    relation: str
    verdict: Verdict
    lhs: Enclosed
    rhs: Enclosed
    slack: Enclosed
    ground: Ground = field(default_factory=Ground)


@dataclass(frozen=True)
class Report(Brief):
    """What :func:`boundcheck.check_bound` found.

    Every number is a float that carries a bound on its error (:class:`boundcheck.Enclosed`). ``bool(report)`` is true
    only where the bound holds: not where it is undecided, and not where a premise fails.

    Attributes
    ----------
    bound
        The statement checked.
    verdict
        holds, fails, undecided or vacuous.
    lhs, rhs, slack
        The two sides and ``rhs − lhs``, in the embedding's units.
    tightness
        ``lhs / rhs``; None where both are 0.
    parameters
        The value of every parameter: as given, or the least that its premise allows.
    premises, chain
        What was found of each premise and of each link of the proof.
    sizes
        Objects in each collection.
    dimension
        Of the embedding.
    norm
        The p of the p-norm.
    notes
        Hints for the reader.
    aggregator
        What represents a collection, where the bound is about one.
    ground
        What the verdict rests on: float64, balls of so many bits, or exact numbers.
    classes
        Of every family, the number of objects of each class by its name, in their order.
    instance
        Of a conclusion that is for all values of some indices, the objects of the instance that both sides are of: one
        that fails if any does, else one that is nearest to failing. None of another.
    """

    bound: Bound
    verdict: Verdict
    lhs: Enclosed
    rhs: Enclosed
    slack: Enclosed
    tightness: Enclosed | None
    parameters: Mapping[str, Enclosed]
    premises: tuple[PremiseReport, ...]
    chain: tuple[LinkReport, ...]
    sizes: Mapping[str, int]
    dimension: int
    norm: float
    notes: tuple[str, ...] = ()
    aggregator: str | None = None
    ground: Ground = field(default_factory=Ground)
    classes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    instance: Witness | None = None

    @property
    def m(self) -> Enclosed | None:
        """The m of the triplet premise, given or least; None for a bound without it."""
        return self.parameters.get("m")

    def __bool__(self) -> bool:
        return self.verdict is Verdict.HOLDS

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON types; infinities and NaN become None."""
        return {
            "bound": self.bound.name,
            "statement": self.bound.statement,
            "aggregator": self.aggregator,
            "verdict": self.verdict.value,
            "ground": self.ground.to_dict(),
            "lhs": plain(self.lhs),
            "rhs": plain(self.rhs),
            "slack": plain(self.slack),
            "tightness": plain(self.tightness),
            **({"instance": dict(self.instance.positions)} if self.instance is not None else {}),
            "parameters": {name: plain(value) for name, value in self.parameters.items()},
            "premises": [
                {
                    "name": premise.name,
                    "statement": premise.statement,
                    "verdict": premise.verdict.value,
                    "ground": premise.ground.to_dict(),
                    "derived": premise.derived,
                    "lhs": plain(premise.lhs),
                    "rhs": plain(premise.rhs),
                    "witness": premise.witness
                    and {
                        "positions": dict(premise.witness.positions),
                        "values": {term: _finite(value) for term, value in premise.witness.values.items()},
                    },
                }
                for premise in self.premises
            ],
            "chain": [
                {
                    "name": link.name,
                    "title": link.title,
                    "statement": link.statement,
                    "verdict": link.verdict.value,
                    "ground": link.ground.to_dict(),
                    "lhs": plain(link.lhs),
                    "rhs": plain(link.rhs),
                    "slack": plain(link.slack),
                }
                for link in self.chain
            ],
            "sizes": dict(self.sizes),
            **({"classes": {name: dict(own) for name, own in self.classes.items()}} if self.classes else {}),
            "dimension": self.dimension,
            "norm": self.norm if math.isfinite(self.norm) else "inf",
            "citation": self.bound.citation,
            "notes": list(self.notes),
        }

    def to_json(self, *, indent: int | None = 2) -> str:
        """Return :meth:`to_dict` as JSON text."""
        return json.dumps(self.to_dict(), indent=indent, ensure_ascii=False, allow_nan=False)

    def plot(self, ax: Any = None, *, width: Width = "one", theme: Theme = "light") -> Axes:
        """Draw both sides, the right one in the links of the proof, and return the axes.

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
        from boundcheck.report.plots import plot_report

        return plot_report(self, ax, width, theme)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from boundcheck.report.console import render

        yield from render(self)

    def __str__(self) -> str:
        from boundcheck.report.console import as_text, render

        return as_text(render(self))

    def in_brief(self) -> str:
        """Return the bound, the verdict and both sides on a line."""
        return f"{self.bound.name}: {self.verdict}, left side {self.lhs}, right side {self.rhs}"

    def _repr_html_(self) -> str:
        from boundcheck.report.html import check_html

        return check_html(self)


def plain(number: Enclosed | None) -> dict[str, float | None] | None:
    """Return a number and its error as plain JSON types."""
    if number is None:
        return None
    return {"value": _finite(number), "error": _finite(number.error)}


def _finite(number: float) -> float | None:
    return float(number) if math.isfinite(number) else None
