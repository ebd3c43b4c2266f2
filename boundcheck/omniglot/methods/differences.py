"""What several runs of each method say together: means over seeds, and differences paired by seed or by alphabet.

A measure of one run has limits about further alphabets, or about more draws from this data set; none is about another run.
Runs with other seeds tell how far two of them are apart. Runs of one seed begin with the same weights, are validated on the
same alphabets and see as many drawings, so methods are compared seed by seed.

=================  ========================================================================================================
over seeds         limits for further seeds, of these methods on these alphabets (Student's t)
over alphabets     limits for further alphabets, of these runs: of each alphabet the mean over seeds (Student's t)
=================  ========================================================================================================
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from boundcheck.limits import StudentMean

__all__ = ["Difference", "Results"]


@dataclass(frozen=True)
class Difference:
    """One number of some methods less the same of others, on the runs that all of them have.

    Attributes
    ----------
    first, second
        The methods; each counts once.
    seeds
        Those of which every method has a run.
    over_seeds
        The difference of each seed.
    over_alphabets
        That of each alphabet, the mean over seeds; None where the number is no share of drawings or collections.
    """

    first: tuple[str, ...]
    second: tuple[str, ...]
    seeds: tuple[int, ...]
    over_seeds: StudentMean
    over_alphabets: StudentMean | None

    @property
    def limits(self) -> tuple[float, float]:
        """The wider of the limits over seeds and those over alphabets, end by end."""
        ends = [self.over_seeds.limits, *([] if self.over_alphabets is None else [self.over_alphabets.limits])]
        return min(low for low, _ in ends), max(high for _, high in ends)


class Results:
    """The measures of a comparison, by method, seed, part and name.

    Parameters
    ----------
    summary
        From :func:`.comparison.carry_out`, or a file of its results.
    """

    def __init__(self, summary: Mapping[str, Any]) -> None:
        self.summary = summary
        self.runs: dict[str, dict[int, Mapping[str, Any]]] = {}
        for run in summary["runs"]:
            self.runs.setdefault(run["method"], {})[run["seed"]] = run

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods of which there is a run, in the order of the plan."""
        return tuple(self.runs)

    def measure(self, method: str, seed: int, part: str, name: str) -> Mapping[str, Any] | None:
        """Return one number of one run, or None."""
        found: Mapping[str, Any] | None = self.runs[method][seed]["measures"].get(part, {}).get(name)
        return found

    def value(self, method: str, seed: int, part: str, name: str) -> float | None:
        """Return the middle of what is known of it."""
        found = self.measure(method, seed, part, name)
        return None if found is None else (found["lowest"] + found["highest"]) / 2

    def over_seeds(self, method: str, part: str, name: str) -> StudentMean | None:
        """Return the mean over the runs of a method that have a number; None where none has."""
        values = [self.value(method, seed, part, name) for seed in self.runs.get(method, {})]
        known = tuple(value for value in values if value is not None)
        return StudentMean(known) if known else None

    def difference(self, first: Sequence[str], second: Sequence[str], part: str, name: str) -> Difference | None:
        """Return a number of the first methods less that of the second; None where no seed has a run of each.

        Methods without any run are left out; the result names those that are in it.
        """
        groups = tuple(
            tuple(one for one in group if self.over_seeds(one, part, name) is not None) for group in (first, second)
        )
        everyone = [one for group in groups for one in group]
        if not all(groups):
            return None
        seeds = sorted(
            set.intersection(
                *({s for s in self.runs[one] if self.value(one, s, part, name) is not None} for one in everyone)
            )
        )
        if not seeds:
            return None

        def of(group: tuple[str, ...], seed: int) -> float:
            return sum(self.value(one, seed, part, name) or 0.0 for one in group) / len(group)

        by_seed = tuple(of(groups[0], seed) - of(groups[1], seed) for seed in seeds)
        alphabets = [[self._by_alphabet(one, seed, part, name) for one in group for seed in seeds] for group in groups]
        by_alphabet = None
        if all(one is not None for side in alphabets for one in side):
            means = [[sum(column) / len(column) for column in zip(*side, strict=True)] for side in alphabets]
            by_alphabet = StudentMean(tuple(a - b for a, b in zip(*means, strict=True)))
        return Difference(groups[0], groups[1], tuple(seeds), StudentMean(by_seed), by_alphabet)

    def _by_alphabet(self, method: str, seed: int, part: str, name: str) -> list[float] | None:
        found = (self.measure(method, seed, part, name) or {}).get("by_class")
        return None if found is None else [successes / count for successes, count in found]
