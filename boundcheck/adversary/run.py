"""``falsify``: look for a counterexample to a bound, and make it one that can be read."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any

import torch

from boundcheck.adversary.contradictions import contradiction
from boundcheck.adversary.outcome import Nearest, Refuted, Survived
from boundcheck.adversary.problem import FEWER, MOST, Problem
from boundcheck.adversary.search import Progress, Search, Tried, telling
from boundcheck.adversary.shrink import shrink
from boundcheck.arithmetic import certified
from boundcheck.errors import InvalidTypeError, InvalidValueError, explain, require_whole
from boundcheck.language import Bound
from boundcheck.theorems.find import resolve

__all__ = ["falsify", "limits"]


@certified
def falsify(
    bound: Bound | str,
    *,
    f: Callable[[Any], Any] | None = None,
    dimension: int | None = None,
    norms: Sequence[float] | None = None,
    max_size: int = 3,
    max_dimension: int = 3,
    seconds: float = 10.0,
    seed: int = 0,
    device: str | torch.device | None = None,
    progress: Progress | bool | None = None,
) -> Refuted | Survived:
    """Look for a counterexample to a bound, among all collections, and maps, that satisfy its premises.

    Parameters
    ----------
    bound
        A :class:`boundcheck.Bound`, the name of a known one, or FILE.py:NAME, **a file that is run**.
    f
        An embedding that the points must be values of: a function from a float64 tensor of shape (k, d) to one of shape
        (k, d′), differentiable by torch for the ascent to follow. None for any points whatever.
    dimension
        The d of what f is given; without f, that of the space, where it is to be one.
    norms
        The p of each p-norm to search (default: 2, 1 and inf, as far as the bound is stated for them).
    max_size, max_dimension
        Up to what sizes and dimensions to search first; up to 8 of both while time is left.
    seconds
        How long to search. A counterexample that is found early ends it.
    seed
        Of everything random.
    device
        Where batches are evaluated, ``"cuda"`` for one. Counterexamples are confirmed on the CPU.
    progress
        Called now and then with what is being tried, and what was; None to show that at a terminal and in a notebook,
        False for nothing.

    Returns
    -------
    Refuted or Survived
        A counterexample, confirmed by an enclosure or in exact numbers and shrunk; or what was tried, which does not
        make the bound true. Where nothing met the premises, or their terms show that nothing can, its verdict is
        ``"vacuous"``, and nothing was tested; nor was it where time was up before any case was looked at: ``"untested"``.

    Raises
    ------
    InvalidValueError
        If there is no such bound, or it speaks of a map of a vector with several free indices; if a number is out of
        range.
    NormError
        If the bound is not stated for a norm.

    Examples
    --------
    >>> from boundcheck.theorems.false import FALSE
    >>> found = falsify(FALSE[0].bound)
    >>> found.verdict, dict(found.points)
    ('refuted', {'x': [[0.0]], 'z': [[2.0]], 'w': [[1.0]]})
    >>> float(found.lhs), float(found.rhs)
    (2.0, 1.99)
    """
    stated, reference = resolve(bound)
    problem = Problem(stated, f=f, device=device)
    sizes, dimensions, budget, start = limits(max_size, max_dimension, dimension, f, seconds, seed)
    chosen = problem.norms(norms)
    why = contradiction(stated)
    if why:
        return Survived(stated, Tried(), chosen, start, budget, contradiction=why)
    with telling(progress) as tell:
        search = Search(
            problem,
            norms=chosen,
            max_size=sizes,
            dimensions=dimensions,
            seconds=budget,
            seed=start,
            progress=tell,
        )
        case = search.run()
    if case is None:
        return Survived(stated, search.tried, chosen, start, budget, Nearest.of(problem, search.tried))
    smaller = shrink(problem, case, smaller=search.smaller)
    return Refuted.of(problem, smaller, tried=search.tried, seed=start, reference=reference, embedded=f is not None)


def limits(
    max_size: object, max_dimension: object, dimension: object, f: object, seconds: object, seed: object
) -> tuple[int, tuple[int, ...], float, int]:
    """Return the largest size, the dimensions, the seconds and the seed of a search, or raise."""
    size, top = require_whole("max_size", max_size, 1), require_whole("max_dimension", max_dimension, 1)
    if max(size, top) > MOST:
        raise InvalidValueError(
            explain("max_size, max_dimension", f"at most {MOST:,} layouts of points", f"{size:,} and {top:,}", FEWER)
        )
    if f is not None and dimension is None:
        raise InvalidValueError(explain("dimension", "that of the points that f is given", "none", "pass dimension="))
    one = None if dimension is None else require_whole("dimension", dimension, 1)
    dimensions = tuple(range(1, top + 1)) if one is None else (one,)
    if isinstance(seconds, bool) or not isinstance(seconds, Real):
        raise InvalidTypeError(explain("seconds", "a number in (0, ∞)", f"{seconds!r}"))
    if not 0 < float(seconds) < math.inf:
        raise InvalidValueError(explain("seconds", "a number in (0, ∞)", f"{seconds!r}"))
    return size, dimensions, float(seconds), require_whole("seed", seed, 0)
