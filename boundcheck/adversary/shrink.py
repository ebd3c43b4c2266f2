"""Makes a counterexample one that a person can check by hand: few points, few dimensions, small whole numbers.

Every step keeps what surely breaks the bound and nothing else. Steps are tried many at once: all ways to drop a point, to
drop a coordinate, to snap to a grid, to change one number; each batch is judged in one go.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from boundcheck.adversary.problem import Case, Problem
from boundcheck.language import Family, Parameter

__all__ = ["cost", "shrink"]

Array = npt.NDArray[np.float64]

_SCALES = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 24, 32, 48, 64, 96, 128, 256, 1024, 4096, 65536)
# A step that offers more than this is cut short: the first offers are the best.
_AT_ONCE = 400


def cost(problem: Problem, case: Case) -> tuple[float, ...]:
    """Return how hard a case is to read: points, dimension, length of its numbers; then the numbers, to break ties."""
    arrays = [case.points[one] for one in problem.spoken]
    numbers = [*np.concatenate([np.zeros(0), *(array.ravel() for array in arrays)]).tolist(), *case.given.values()]
    numbers += [number for array in case.weights.values() for number in array.tolist()]
    points, dimension = sum(map(len, arrays)), max((array.shape[1] for array in arrays), default=0)
    return points, dimension, sum(map(_length, numbers)), *(abs(number) for number in numbers)


def _length(number: float) -> float:
    """Return how long a number is to read: 0 for 0, little for small whole ones, much for many digits."""
    exact = Fraction(number)
    whole = abs(exact.numerator)
    short = whole if whole <= 4 else 2 + math.log2(whole)
    return short + 2 * math.log2(exact.denominator) + 1.5 * (number < 0)


def shrink(
    problem: Problem,
    case: Case,
    *,
    smaller: Callable[[Case, float], Case | None] | None = None,
    seconds: float = 5.0,
) -> Case:
    """Return a case that is at most as hard to read and surely breaks the bound too.

    Parameters
    ----------
    problem
        What the case belongs to.
    case
        One that surely breaks the bound.
    smaller
        A search for one of fewer points or dimensions, given a case and how long it may take.
    seconds
        How long the steps may take; what was reached by then is returned.
    """
    # As much precision as it takes to see the first one.
    escalate = 0 if problem.fails([case], escalate=0)[0] else None
    until = time.monotonic() + seconds
    if smaller is not None:
        case = smaller(case, seconds / 3) or case
    while time.monotonic() < until:
        before = case
        for offers in (_fewer_points, _fewer_dimensions, _snapped, _moved, _mapped, _simpler):
            while time.monotonic() < until:
                found = _best(problem, case, offers(problem, case), escalate)
                if found is None:
                    break
                case = found
        if case is before:
            break
    # Nothing depends on these.
    idle = {one: np.zeros_like(array) for one, array in case.points.items() if one not in problem.spoken}
    return replace(case, points={**case.points, **idle})


def _best(problem: Problem, case: Case, offers: Iterable[Case], escalate: int | None) -> Case | None:
    """Return the least costly offer that breaks the bound and costs less than the case, or None."""
    limit = cost(problem, case)
    priced: list[tuple[tuple[float, ...], int, Case]] = []
    for offer in itertools.islice(offers, _AT_ONCE):
        price = cost(problem, offer)
        if price < limit:
            priced.append((price, len(priced), offer))
    several = [offer for _, _, offer in sorted(priced, key=lambda one: one[:2])]
    # Balls take their time, triple by triple.
    several = several if escalate == 0 else several[:24]
    if not several:
        return None
    fails = problem.fails(several, escalate=escalate)
    return several[fails.index(True)] if any(fails) else None


# ------------------------------------------------------------------------------------------------------------- steps


def _fewer_points(problem: Problem, case: Case) -> Iterator[Case]:
    """Offer every case without a point; where sizes must be equal, without one of each collection."""
    seen = set()
    for family in problem.families:
        yield from _fewer_of_classes(case, family)
    for collection in problem.spoken:
        if isinstance(collection, Family):
            continue
        joined = problem.joined(collection)
        if joined in seen or len(case.points[collection]) == 1:
            continue
        seen.add(joined)
        # A map's values go with the points that they are of.
        goes_with = {one: problem.of_points(one) for one in joined}
        together = tuple(dict.fromkeys(goes_with.values()))
        rows = range(len(case.points[collection]))
        offers: Iterable[tuple[Any, ...]] = itertools.product(rows, repeat=len(together))
        if len(together) == 1:
            # An odd number of points may need to stay odd.
            offers = itertools.chain(offers, (([*two],) for two in _twos(case.points[together[0]])))
        for dropped in offers:
            by_points = dict(zip(together, dropped, strict=True))
            gone = {one: by_points[of] for one, of in goes_with.items()}
            points = {
                one: np.delete(array, gone[one], axis=0) if one in gone else array for one, array in case.points.items()
            }
            weights = {
                one: np.delete(array, gone[one.collection]) if one.collection in gone else array
                for one, array in case.weights.items()
            }
            if all(array.any() for array in weights.values()):
                yield replace(case, points=points, weights=weights)


def _twos(points: Array) -> Iterator[tuple[int, int]]:
    """Yield the places of two points, each two points once however often they are there; of two alone, none."""
    _, first, of = np.unique(points, axis=0, return_index=True, return_inverse=True)
    if len(points) < 3:
        return
    yield from itertools.combinations(map(int, first), 2)
    for one, place in enumerate(first):
        again = np.flatnonzero(of.ravel() == one)
        if len(again) > 1:
            yield int(place), int(again[-1])


def _fewer_of_classes(case: Case, family: Family) -> Iterator[Case]:
    """Offer every case without a class of a family, as long as two are left, and without a point of one."""
    sizes = case.partitions[family]
    starts = list(itertools.accumulate(sizes, initial=0))
    for place, (start, size) in enumerate(zip(starts, sizes, strict=False)):
        before, after = sizes[:place], sizes[place + 1 :]
        if len(sizes) > 2:
            yield _without(case, family, range(start, start + size), (*before, *after))
        if size > 1:
            for row in range(start, start + size):
                yield _without(case, family, [row], (*before, size - 1, *after))


def _without(case: Case, family: Family, rows: Iterable[int], sizes: tuple[int, ...]) -> Case:
    gone = list(rows)
    weights = {
        one: np.delete(array, gone) if one.collection == family else array for one, array in case.weights.items()
    }
    points = {**case.points, family: np.delete(case.points[family], gone, axis=0)}
    return replace(case, points=points, weights=weights, partitions={**case.partitions, family: sizes})


def _fewer_dimensions(problem: Problem, case: Case) -> Iterator[Case]:
    """Offer every case without a coordinate."""
    dimension = next(iter(case.points.values())).shape[1]
    for axis in range(dimension if dimension > 1 else 0):
        yield _on_points(case, partial(np.delete, obj=axis, axis=1))


def _together(problem: Problem, case: Case) -> Array:
    """Return all points that are spoken of; of a statement about numbers alone, all there are."""
    return np.concatenate([case.points[one] for one in problem.spoken or problem.stated.collections])


def _snapped(problem: Problem, case: Case) -> Iterator[Case]:
    """Offer the case on grids of every fineness, whole and as it is, from every point as the origin."""
    together = _together(problem, case)
    origins = [np.zeros(together.shape[1]), together.mean(axis=0), *together]
    for origin in origins[:8]:
        spread = np.abs(together - origin).max()
        for steps in _SCALES:
            # One unit for everything, numbers too: a statement that is true of lengths stays what it is.
            if 0 < spread < math.inf:
                yield _scaled(problem, case, steps / spread, origin)
            yield _scaled(problem, _scaled(problem, case, steps, origin, whole=True), 1 / steps, None, whole=False)
    if case.weights:
        for steps in _SCALES:
            yield replace(
                case,
                weights={one: _positive(np.round(array / array.max() * steps)) for one, array in case.weights.items()},
            )


def _moved(problem: Problem, case: Case) -> Iterator[Case]:
    """Offer the case moved as a whole: a point or a corner at the origin, mirrored, halved, divided by a common part."""
    together = _together(problem, case)
    low, high = together.min(axis=0), together.max(axis=0)
    for origin in [*together, low]:
        yield _on_points(case, partial(_from, origin))
    for axis in range(together.shape[1]):
        mirror = np.where(np.arange(together.shape[1]) == axis, -1.0, 1.0)
        yield _on_points(case, partial(np.multiply, mirror))
        # Within the same box, so that what is above 0 stays there.
        yield _on_points(case, partial(_mirrored, low, high, axis))
    if together.shape[1] > 1:
        yield _on_points(case, lambda array: array[:, ::-1].copy())
    for divisor in (2, 3, 4, 5, 7, 8, 16):
        yield _scaled(problem, case, 1 / divisor, None, whole=False)
    for collection in problem.spoken:
        # Points in order; weights go with their points.
        array = case.points[collection]
        order = np.lexsort(array.T[::-1])
        if isinstance(collection, Family):
            # Within each class.
            number = np.repeat(np.arange(len(case.partitions[collection])), case.partitions[collection])
            order = np.lexsort([*array.T[::-1], number])
        weights = {
            one: values[order] if one.collection == collection else values for one, values in case.weights.items()
        }
        yield replace(case, points={**case.points, collection: array[order]}, weights=weights)


def _mapped(problem: Problem, case: Case) -> Iterator[Case]:
    """Offer the case with the values of its maps alone moved, mirrored, snapped, or scaled with their constants."""
    own = {site.values for site in problem.sites}
    if not own:
        return
    together = np.concatenate([case.points[one] for one in own])

    def changed(change: Callable[[Array], Array], given: Mapping[Parameter, float] | None = None) -> Case:
        points = {one: change(array) + 0.0 if one in own else array for one, array in case.points.items()}
        return replace(case, points=points, given=dict(case.given) | dict(given or {}))

    for origin in together:
        yield changed(partial(_from, origin))
    for axis in range(together.shape[1]):
        yield changed(partial(np.multiply, np.where(np.arange(together.shape[1]) == axis, -1.0, 1.0)))
    if together.shape[1] > 1:
        yield changed(lambda array: array[:, ::-1].copy())
    for steps in _SCALES:
        yield changed(lambda array, steps=steps: np.round(array * steps) / steps)  # type: ignore[misc]
    constants = {key: value for key, value in case.given.items() if key in problem.ratios and value > 0}
    if constants:
        largest = max(constants.values())
        for whole in (1.0, 2.0, 3.0):
            factor = whole / largest
            scaled = {key: value * factor for key, value in constants.items()}
            yield changed(partial(np.multiply, factor), scaled)
            for steps in _SCALES:
                yield changed(
                    lambda array, steps=steps, factor=factor: np.round(array * factor * steps) / steps,  # type: ignore[misc]
                    scaled,
                )


def _simpler(problem: Problem, case: Case) -> Iterator[Case]:
    """Offer the case with one number changed, or one point put on another."""
    for parameter in case.given:
        if parameter in problem.determined:
            # The least value that is true, if that will do.
            yield replace(case, given={key: value for key, value in case.given.items() if key != parameter})
    for collection in problem.spoken:
        array = case.points[collection]
        for row in range(len(array)):
            for other in (point for one in problem.spoken for point in case.points[one]):
                yield _with_row(case, collection, row, other)
        for row, axis in np.ndindex(*array.shape):
            for number in _nearby(float(array[row, axis])):
                changed = array[row].copy()
                changed[axis] = number
                yield _with_row(case, collection, row, changed)
    for parameter, value in case.given.items():
        for number in _nearby(value):
            yield replace(case, given={**case.given, parameter: number})
    for one, array in case.weights.items():
        for place in range(len(array)):
            for number in _nearby(float(array[place])):
                changed = array.copy()
                changed[place] = number
                if number >= 0 and changed.any():
                    yield replace(case, weights={**case.weights, one: changed})


def _nearby(number: float) -> Iterator[float]:
    """Yield simpler numbers near one."""
    yield 0.0
    yield 1.0
    yield 2.0
    yield -1.0
    yield -number
    if abs(number) < 2**40:
        nearest = float(round(number))
        yield nearest
        yield nearest - math.copysign(1, number)
        yield nearest + math.copysign(1, number)
        yield round(2 * number) / 2
        yield float(math.trunc(number / 2))
        for digits in (4, 16):
            yield round(number * digits) / digits
    elif math.isfinite(number):
        yield math.copysign(2.0 ** math.floor(math.log2(abs(number))), number)


def _with_row(case: Case, collection: object, row: int, point: Array) -> Case:
    points = dict(case.points)
    for one, array in case.points.items():
        if one == collection:
            points[one] = array.copy()
            points[one][row] = point
    return replace(case, points=points)


def _on_points(case: Case, change: Callable[[Array], Array]) -> Case:
    return replace(case, points={one: change(array) + 0.0 for one, array in case.points.items()})


def _from(origin: Array, array: Array) -> Array:
    return array - origin


def _mirrored(low: Array, high: Array, axis: int, array: Array) -> Array:
    moved = array - low
    moved[:, axis] = high[axis] - array[:, axis]
    return moved


def _scaled(problem: Problem, case: Case, factor: float, origin: Array | None, *, whole: bool = True) -> Case:
    """Return the case scaled, from an origin if there is one, and rounded to whole numbers if asked.

    What a map is Lipschitz with is no length, and stays.
    """

    def change(array: Array) -> Array:
        moved = (array if origin is None else array - origin) * factor
        return np.round(moved) if whole else moved

    given = dict(case.given)
    for key, value in given.items():
        if key not in problem.ratios:
            given[key] = float(np.round(value * factor)) if whole else value * factor
    return replace(_on_points(case, change), given=given)


def _positive(array: Array) -> Array:
    return array if array.any() else np.ones_like(array)
