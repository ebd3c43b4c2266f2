"""One bound on many triples of collections."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int, Int8

from boundcheck.arithmetic import Workers, certified, threads_here
from boundcheck.data.labelled import LabelledPoints, require_labelled
from boundcheck.errors import InvalidTypeError, InvalidValueError, explain
from boundcheck.evaluate import CODES, Judgement, Verdict, judge
from boundcheck.evaluate.enclosed import outward_arrays, ratio_ends
from boundcheck.evaluate.judge import is_wide
from boundcheck.language import Bound, Collection, Parameter, Scalar, Weights
from boundcheck.language.mathml import AboutABound
from boundcheck.limits import EnclosedShare, Quantile, quantile, quantile_of_ends
from boundcheck.progress import Bar

__all__ = ["Gathered", "Judging", "ScanResult", "batches_of_one_size", "check_triples", "sharpen"]

# So many of the tightest are told with as many digits as it takes to show some.
_SHOWN = 10
# Triples at once: what fits in a core's cache is fastest.
_BATCH = 256


@dataclass(frozen=True, eq=False)
class ScanResult(AboutABound):
    """What was found of a bound on each of many triples.

    Every array has one entry a triple; errors bound the distance from the exact value.

    Attributes
    ----------
    triples
        Positions of the collections, shape (t, 3).
    lhs, lhs_error, rhs, rhs_error
        The two sides.
    code
        The verdict, an index into :data:`boundcheck.evaluate.CODES`.
    parameters
        The value of each parameter, by symbol.
    measured
        Further terms that were asked for, by name.
    links
        The slack of each link of the chain, by its title, in the chain's order.
    """

    bound: Bound
    triples: Int[np.ndarray, "t 3"]
    lhs: Float[np.ndarray, " t"]
    lhs_error: Float[np.ndarray, " t"]
    rhs: Float[np.ndarray, " t"]
    rhs_error: Float[np.ndarray, " t"]
    code: Int8[np.ndarray, " t"]
    parameters: Mapping[str, Float[np.ndarray, " t"]] = field(default_factory=dict)
    measured: Mapping[str, Float[np.ndarray, " t"]] = field(default_factory=dict)
    links: Mapping[str, Float[np.ndarray, " t"]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.triples)

    def __str__(self) -> str:
        found = ((verdict, self.count(verdict)) for verdict in Verdict)
        return f"{self.bound.name}: {', '.join(f'{verdict} on {count:,}' for verdict, count in found if count)}"

    @property
    def tightness(self) -> Float[np.ndarray, " t"]:
        """Left side over right side; NaN where both are 0."""
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio: Float[np.ndarray, " t"] = self.lhs / self.rhs
        return ratio

    def count(self, verdict: Verdict) -> int:
        """Return how many triples have a verdict."""
        return int(np.count_nonzero(self.code == CODES.index(verdict)))

    @property
    def verdict(self) -> Verdict:
        """The verdict on all triples together: the worst of theirs."""
        return Verdict.worst(verdict for verdict in Verdict if self.count(verdict))

    def failing(self) -> EnclosedShare:
        """Return the share of all triples on which the bound fails, with its confidence limits.

        An undecided triple counts for neither side: the lower limit takes it to hold, the upper limit to fail. Limits are
        for triples drawn independently, as :func:`sample_triples` does, and of all that these could have been.
        """
        return EnclosedShare(self.count(Verdict.FAILS), self.count(Verdict.UNDECIDED), len(self))

    def typical_tightness(self) -> Quantile | None:
        """Return the median tightness with its confidence limits, of the triples that have one; None if none has.

        A triple has none where a premise fails, or where both sides are 0. Of what is not known, as where a side overflows
        or the right one may be 0, the tightness may be any number, and the limits allow for that.
        """
        zero = (self.lhs == 0) & (self.lhs_error == 0) & (self.rhs == 0) & (self.rhs_error == 0)
        some = ~zero & (self.code != CODES.index(Verdict.VACUOUS))
        return quantile_of_ends(*(end[some] for end in self._tightness_ends())) if some.any() else None

    def _tightness_ends(self) -> tuple[Float[np.ndarray, " t"], Float[np.ndarray, " t"]]:
        """Return what left side over right side is not below and not above; −∞ and ∞ where nothing is known."""
        # Over a right side below 0, the same as of both with their signs changed.
        sign = np.where(self.rhs < 0, -1.0, 1.0)
        bottom = outward_arrays(sign * self.rhs, self.rhs_error)
        low, high = ratio_ends(outward_arrays(sign * self.lhs, self.lhs_error), bottom)
        low, high = np.where(bottom[0] > 0, low, -np.inf), np.where(bottom[0] > 0, high, np.inf)
        infinite = (self.rhs == 0) & (self.rhs_error == 0) & (np.abs(self.lhs) > self.lhs_error)
        exactly = np.copysign(np.inf, self.lhs)
        return np.where(infinite, exactly, low), np.where(infinite, exactly, high)

    def summary(self) -> dict[str, Any]:
        """Return counts and typical values as plain JSON types; infinities become None.

        Raises
        ------
        InvalidValueError
            If a side is NaN, as where distances overflow.
        """
        largest_error = float(max(self.lhs_error.max(), self.rhs_error.max()))
        typical = self.typical_tightness()
        return {
            "bound": self.bound.name,
            "triples": len(self),
            "verdict": self.verdict.value,
            "counts": {verdict.value: self.count(verdict) for verdict in Verdict if verdict is not Verdict.ASSUMED},
            "failing": self.failing().to_dict(),
            "median_tightness": typical and typical.to_dict(),
            "median_lhs": quantile(self.lhs).to_dict(),
            "median_rhs": quantile(self.rhs).to_dict(),
            "median_parameters": {name: quantile(values).to_dict() for name, values in self.parameters.items()},
            "largest_error": largest_error if math.isfinite(largest_error) else None,
        }

    def tightest(self, count: int = 1) -> Int[np.ndarray, " count"]:
        """Return the positions of the triples of largest tightness, tightest first."""
        return np.argsort(-np.nan_to_num(self.tightness, nan=-np.inf), kind="stable")[:count]


@certified
def check_triples(
    bound: Bound,
    labelled: LabelledPoints,
    triples: Int[np.ndarray, "t 3"],
    *,
    norm: float = 2.0,
    parameters: Mapping[Parameter, float] | None = None,
    weights: Callable[[Weights, torch.Tensor], torch.Tensor] | None = None,
    measure: Mapping[str, Scalar] | None = None,
    chain: bool = True,
    progress: bool | None = False,
) -> ScanResult:
    """Check a bound on many triples of collections.

    Parameters
    ----------
    bound
        A bound over three collections.
    labelled
        The embedded collections.
    triples
        Positions of collections, shape (t, 3), in the order of `bound.collections`.
    norm
        The p of the p-norm.
    parameters
        Values for parameters; one left out takes, on each triple, the least value that its premise allows.
    weights
        What gives the points of a collection, shape (n, d), the weights that the bound speaks of, shape (n,).
    measure
        Further terms to evaluate on each triple, by name.
    chain
        Whether to measure each link of the bound's chain.
    progress
        Whether to show a bar; None for where there is a terminal.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If `triples` are no integers, have another shape or name a collection that is not there.
    NormError, UnequalSizesError
        If the bound is not stated for the norm, or for collections of these sizes.
    """
    if not isinstance(bound, Bound):
        raise InvalidTypeError(explain("bound", "a Bound", f"{bound!r}"))
    require_labelled("labelled", labelled)
    norm = bound.require_norm(norm)
    if np.ma.is_masked(triples):
        raise InvalidValueError(explain("triples", "a position at every entry", "a masked array"))
    triples = np.asarray(triples)
    if triples.dtype.kind not in "iu":
        raise InvalidTypeError(explain("triples", "integers, positions of collections", f"dtype {triples.dtype}"))
    if triples.ndim != 2 or triples.shape[1] != len(bound.collections) or not len(triples):
        raise InvalidValueError(
            explain("triples", f"shape (t, {len(bound.collections)}), t ≥ 1", f"shape {triples.shape}")
        )
    if triples.min() < 0 or triples.max() >= len(labelled):
        raise InvalidValueError(
            explain("triples", f"positions in [0, {len(labelled)})", f"{triples.min()} to {triples.max()}")
        )
    judging = Judging(bound, labelled, triples, norm, parameters or {}, weights, measure=measure, chain=chain)
    gathered = Gathered(bound, len(triples), measure or {}, chain)
    batches = list(batches_of_one_size(labelled.sizes[triples], _BATCH))
    # Two batches at once: a batch's small arrays keep one core busy. Weights may come from a caller's function.
    workers = 1 if weights is not None else min(2, threads_here(), len(batches))
    with Bar("checking triples", len(triples), shown=progress) as bar, ExitStack() as stack:
        each: Callable[..., Iterator[Judgement]] = map
        if workers > 1:
            pool = stack.enter_context(Workers(workers))
            # Leaving the pool waits for what it still has to do; after an error, that is nothing.
            stack.callback(pool.shutdown, wait=False, cancel_futures=True)
            each = pool.map
        for rows, found in zip(batches, each(judging, batches), strict=True):
            gathered.put(rows, found)
            bar.advance(len(rows))
    sharpen(gathered, triples, judging)
    return gathered.result(triples)


def sharpen(gathered: Gathered, triples: Int[np.ndarray, "t k"], judged: Callable[..., Judgement]) -> None:
    """Find as many digits of the tightest as it takes to show some."""
    whole = gathered.result(triples)
    for row in whole.tightest(_SHOWN).tolist():
        if is_wide(whole.lhs[row], whole.lhs_error[row]) or is_wide(whole.rhs[row], whole.rhs_error[row]):
            rows = np.array([row])
            gathered.put(rows, judged(rows, escalate=None, sharpen=True))


class Judging:
    """Judges tuples of collections by their places in an array, several of one size at once.

    Parameters
    ----------
    bound, labelled, triples, norm, parameters, weights, measure, chain
        As for :func:`check_triples`.
    """

    def __init__(
        self,
        bound: Bound,
        labelled: LabelledPoints,
        triples: Int[np.ndarray, "t k"],
        norm: float,
        parameters: Mapping[Parameter, float],
        weights: Callable[[Weights, torch.Tensor], torch.Tensor] | None,
        *,
        measure: Mapping[str, Scalar] | None = None,
        chain: bool = False,
    ) -> None:
        self._bound, self._labelled, self._triples, self._norm = bound, labelled, triples, norm
        self._parameters, self._measure, self._chain = parameters, measure, chain
        self._points = torch.from_numpy(np.ascontiguousarray(labelled.points))
        self._pooled = None if weights is None else _Pooled(weights, labelled, self._points)

    def __call__(self, rows: Int[np.ndarray, " b"], **precision: Any) -> Judgement:
        """Return what is found of some, whose collections have the same sizes."""
        triples, points = self._triples[rows], self._points
        batch: dict[Collection, torch.Tensor] = {}
        for column, collection in enumerate(self._bound.collections):
            members = np.stack([self._labelled.members[position] for position in triples[:, column]])
            batch[collection] = points[torch.from_numpy(members)]
        given = {parameter: points.new_full((len(rows),), value) for parameter, value in self._parameters.items()}
        return judge(
            self._bound,
            batch,
            self._norm,
            parameters=given,
            weights=None if self._pooled is None else self._pooled.of(self._bound, triples),
            chain=self._chain,
            measure=self._measure,
            **precision,
        )


class _Pooled:
    """The weights of each collection, found once."""

    def __init__(
        self,
        find: Callable[[Weights, torch.Tensor], torch.Tensor],
        labelled: LabelledPoints,
        points: torch.Tensor,
    ) -> None:
        self._find, self._labelled, self._points = find, labelled, points
        self._known: dict[tuple[Weights, int], torch.Tensor] = {}
        # It may be a caller's function, which is not asked twice at once.
        self._asked = Lock()

    def of(self, bound: Bound, triples: Int[np.ndarray, "b 3"]) -> dict[Weights, torch.Tensor]:
        columns = {weights: triples[:, bound.collections.index(weights.collection)] for weights in bound.weights()}
        return {
            weights: torch.stack([self._one(weights, int(position)) for position in column])
            for weights, column in columns.items()
        }

    def _one(self, weights: Weights, position: int) -> torch.Tensor:
        with self._asked:
            if (weights, position) not in self._known:
                own = self._points[torch.from_numpy(self._labelled.members[position])]
                self._known[weights, position] = self._find(weights, own)
            return self._known[weights, position]


class Gathered:
    """Arrays over all triples, filled batch by batch."""

    def __init__(self, bound: Bound, count: int, measure: Mapping[str, Scalar], chain: bool) -> None:
        def empty() -> Float[np.ndarray, " t"]:
            return np.full(count, np.nan)

        self.bound = bound
        self.sides = {name: empty() for name in ("lhs", "lhs_error", "rhs", "rhs_error")}
        self.code = np.full(count, CODES.index(Verdict.UNDECIDED), dtype=np.int8)
        self.parameters = {parameter.symbol: empty() for parameter in bound.parameters()}
        self.measured = {name: empty() for name in measure}
        self.links = {link.title or link.name: empty() for link in (bound.chain if chain else ())}

    def put(self, rows: Int[np.ndarray, " b"], judged: Judgement) -> None:
        """Take in what was found of some of them."""
        for name, into in self.sides.items():
            into[rows] = getattr(judged.conclusion, name).numpy()
        self.code[rows] = judged.conclusion.code.numpy()
        for parameter, named in judged.parameters.items():
            self.parameters[parameter.symbol][rows] = named.value.numpy()
        for name, named in judged.measured.items():
            self.measured[name][rows] = named.value.numpy()
        for link, sides in judged.chain.items():
            self.links[link.title or link.name][rows] = sides.slack.numpy()

    def numbers(self) -> list[Float[np.ndarray, " t"]]:
        """Return every array of floats, always in the same order."""
        return [*self.sides.values(), *self.parameters.values(), *self.measured.values(), *self.links.values()]

    def result(self, triples: Int[np.ndarray, "t 3"]) -> ScanResult:
        """Return what was found of all."""
        return ScanResult(
            self.bound,
            triples,
            code=self.code,
            parameters=self.parameters,
            measured=self.measured,
            links=self.links,
            **self.sides,
        )


def batches_of_one_size(sizes: Int[np.ndarray, "t 3"], at_once: int) -> Iterator[Int[np.ndarray, " b"]]:
    """Yield places of triples whose collections have the same sizes, a batch at a time."""
    _, kind = np.unique(sizes, axis=0, return_inverse=True)
    kind = kind.reshape(-1)
    order = np.argsort(kind, kind="stable")
    for group in np.split(order, np.cumsum(np.bincount(kind))[:-1]):
        for start in range(0, len(group), at_once):
            yield group[start : start + at_once]
