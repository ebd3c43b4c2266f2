"""Has a run learned? One that has not is no result about its method, and is marked wherever it stands."""

from __future__ import annotations

from dataclasses import dataclass

from boundcheck.omniglot.methods.differences import Results

__all__ = ["GATE", "Gate", "gate", "not_learned"]

#: By which measure, on held-out alphabets, a run is held against the network before its first step.
GATE = "drawings: same character"


@dataclass(frozen=True)
class Gate:
    """How often the nearest drawing is of the same character, on held-out alphabets, and without training.

    Attributes
    ----------
    value, low, high
        Of the run, with 95% limits for further alphabets.
    untrained
        Of the network that the run began with; None where it was not measured.
    failed
        What was said where the training broke off.
    """

    value: float | None
    low: float | None
    high: float | None
    untrained: float | None
    failed: str | None = None

    @property
    def learned(self) -> bool:
        """Whether even the lower limit is above the network without training."""
        return self.low is not None and self.untrained is not None and self.low > self.untrained


def gate(results: Results, method: str, seed: int) -> Gate:
    """Return whether a run has learned, and by which numbers."""
    own = results.measure(method, seed, "held out", GATE)
    start = None
    if seed in results.runs.get("untrained", {}):
        start = results.value("untrained", seed, "held out", GATE)
    failed = results.runs[method][seed].get("failed")
    if own is None:
        return Gate(None, None, None, start, failed)
    return Gate((own["lowest"] + own["highest"]) / 2, own["low"], own["high"], start, failed)


def not_learned(results: Results, method: str) -> tuple[int, ...]:
    """Return the seeds whose runs of a method have not learned."""
    return tuple(seed for seed in results.runs.get(method, {}) if not gate(results, method, seed).learned)
