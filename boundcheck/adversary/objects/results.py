"""What a search for adversarial objects found: the sides and the verdict of a triple, collections, perturbations."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from boundcheck.adversary.outcome import Refuted
from boundcheck.adversary.problem import Case, Problem
from boundcheck.evaluate import Enclosed, Ground, Verdict
from boundcheck.evaluate.enclosed import quotient
from boundcheck.language import Bound
from boundcheck.language.mathml import AboutABound
from boundcheck.printable import Brief

__all__ = ["Certified", "Perturbed", "Tightest"]


@dataclass(frozen=True)
class Certified(Brief):
    """What is surely true of a bound on one triple of collections.

    Attributes
    ----------
    verdict
        On the triple: an inequality that holds here may still be false.
    lhs, rhs
        The two sides, each with a bound on its error.
    tightness
        Left side over right side; None where both are 0.
    parameters
        By symbol, the value of each.
    ground
        What decided: float64, balls of so many bits, or exact numbers.
    """

    verdict: Verdict
    lhs: Enclosed
    rhs: Enclosed
    tightness: Enclosed | None
    parameters: Mapping[str, Enclosed]
    ground: Ground

    @classmethod
    def of(cls, problem: Problem, case: Case) -> Certified:
        """Judge a case with all the precision it takes."""
        judged = problem.judged([case], escalate=None)
        sides = judged.conclusion
        lhs = Enclosed(float(sides.lhs), float(sides.lhs_error))
        rhs = Enclosed(float(sides.rhs), float(sides.rhs_error))
        return cls(
            verdict=sides.verdict_of(),
            lhs=lhs,
            rhs=rhs,
            tightness=quotient(lhs, rhs),
            parameters={
                key.symbol: Enclosed(float(named.value), float(named.known_error))
                for key, named in judged.parameters.items()
            },
            ground=sides.ground_of(),
        )

    def __str__(self) -> str:
        return f"left side {self.lhs}, right side {self.rhs}, tightness {self.tightness}: {self.ground.beside(self.verdict)}"

    def summary(self) -> dict[str, Any]:
        """Return it as plain JSON types."""

        def pair(enclosed: Enclosed | None) -> list[float] | None:
            # JSON has no infinities.
            return None if enclosed is None or not math.isfinite(enclosed.error) else [float(enclosed), enclosed.error]

        return {
            "verdict": self.verdict.value,
            "lhs": pair(self.lhs),
            "rhs": pair(self.rhs),
            "tightness": pair(self.tightness),
            "parameters": {symbol: pair(value) for symbol, value in self.parameters.items()},
            "ground": self.ground.to_dict(),
        }


@dataclass(frozen=True)
class Tightest(AboutABound):
    """The tightest collections of real objects that a search found.

    Attributes
    ----------
    bound, norm
        The statement, and the p of the p-norm.
    objects
        By symbol, the rows of the objects in the labelled points, in ascending order.
    classes
        By symbol, the name of their class.
    found
        The sides, the tightness and the verdict there.
    random
        The same of the tightest of the random collections that the search started from.
    refuted
        The counterexample, where the bound surely fails at `found`; else None.
    drawn, evaluations, rounds, settled
        Random collections drawn; collections evaluated in all; batches of moves; starts that no single move improved.
    history
        Pairs of evaluations and the greatest tightness by then, as float64 has it, at every improvement.
    seed, seconds
        Of the search, and how long it took.
    """

    bound: Bound
    norm: float
    objects: Mapping[str, tuple[int, ...]]
    classes: Mapping[str, str]
    found: Certified
    random: Certified
    refuted: Refuted | None
    drawn: int
    evaluations: int
    rounds: int
    settled: int
    history: tuple[tuple[int, float], ...]
    seed: int
    seconds: float

    @property
    def verdict(self) -> str:
        """``"refuted"`` where the bound surely fails at what was found, else ``"survived"``."""
        return "survived" if self.refuted is None else "refuted"

    @property
    def tightness(self) -> Enclosed | None:
        """Left side over right side at what was found."""
        return self.found.tightness

    def __str__(self) -> str:
        lines = [f"{self.verdict}  {self.bound}", f"norm p = {self.norm:g}"]
        for symbol, rows in self.objects.items():
            lines.append(f"  {symbol} = objects {', '.join(map(str, rows))} of {self.classes[symbol]}")
        lines += [f"{self.found}", f"the tightest of {self.drawn:,} random collections: {self.random.tightness}"]
        lines.append(f"{self.evaluations:,} collections in {self.seconds:.1f} s; seed {self.seed}")
        if self.refuted is None:
            lines.append("no counterexample was found, which proves nothing")
        return "\n".join(lines)

    def summary(self) -> dict[str, Any]:
        """Return it as plain JSON types."""
        return {
            "verdict": self.verdict,
            **_about(self.bound, self.norm),
            "objects": {symbol: list(rows) for symbol, rows in self.objects.items()},
            "classes": dict(self.classes),
            "found": self.found.summary(),
            "random": self.random.summary(),
            "drawn": self.drawn,
            "evaluations": self.evaluations,
            "rounds": self.rounds,
            "settled": self.settled,
            "history": [[count, _plain(value)] for count, value in self.history],
            "seed": self.seed,
            "seconds": round(self.seconds, 3),
        }


@dataclass(frozen=True)
class Perturbed(AboutABound):
    """Perturbed objects of the greatest tightness that an ascent found.

    Attributes
    ----------
    bound, norm
        The statement, and the p of the p-norm between embedded points.
    objects
        By argument (``"G1"``, …), the objects as they are now: no farther than `radius` from what they were.
    radius, perturbation_norm
        The limit on each object's perturbation, and the norm (2 or inf) that it is measured in.
    moved
        By argument, the largest perturbation of an object in that norm, to rounding.
    before, after
        The sides, the tightness and the verdict, at the points that f makes of the objects as ``check_bound`` has it.
    refuted
        The counterexample, embedded points, where the bound surely fails after; else None.
    history
        The greatest tightness by each step, as float64 has it.
    embedded
        How many objects f was given.
    steps, restarts, seed, seconds
        Of the ascent, and how long it took.
    """

    bound: Bound
    norm: float
    objects: Mapping[str, Tensor] = field(repr=False)
    radius: float
    perturbation_norm: float
    moved: Mapping[str, float]
    before: Certified
    after: Certified
    refuted: Refuted | None
    history: tuple[float, ...]
    embedded: int
    steps: int
    restarts: int
    seed: int
    seconds: float

    @property
    def verdict(self) -> str:
        """``"refuted"`` where the bound surely fails at what was found, else ``"survived"``."""
        return "survived" if self.refuted is None else "refuted"

    @property
    def tightness(self) -> Enclosed | None:
        """Left side over right side at what was found."""
        return self.after.tightness

    def __str__(self) -> str:
        lines = [
            f"{self.verdict}  {self.bound}",
            f"norm p = {self.norm:g}; every object within {self.radius:g} in the {self.perturbation_norm:g}-norm",
            f"before  {self.before}",
            f"after   {self.after}",
            f"{self.steps} steps from each of {self.restarts} starts in {self.seconds:.1f} s; seed {self.seed}",
        ]
        if self.refuted is None:
            lines.append("no counterexample was found, which proves nothing")
        return "\n".join(lines)

    def summary(self) -> dict[str, Any]:
        """Return it as plain JSON types, without the objects."""
        return {
            "verdict": self.verdict,
            **_about(self.bound, self.norm),
            "sizes": {argument: len(tensor) for argument, tensor in self.objects.items()},
            "radius": self.radius,
            "perturbation_norm": _plain(self.perturbation_norm),
            "moved": dict(self.moved),
            "before": self.before.summary(),
            "after": self.after.summary(),
            "history": [_plain(value) for value in self.history],
            "embedded": self.embedded,
            "steps": self.steps,
            "restarts": self.restarts,
            "seed": self.seed,
            "seconds": round(self.seconds, 3),
        }


def _about(bound: Bound, norm: float) -> dict[str, Any]:
    return {"bound": {"name": bound.name, "statement": str(bound)}, "norm": _plain(norm)}


def _plain(number: float) -> float | str:
    return number if math.isfinite(number) else f"{number:g}"
