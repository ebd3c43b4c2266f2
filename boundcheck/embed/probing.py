"""Trial evaluations of a few objects: whether f takes batches, and whether it is a function of each object alone."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple, NoReturn

import torch

from boundcheck.embed.calling import Caller, Outcome, Raised, Refused, Value, described, described_gap
from boundcheck.embed.checks import SAME_CALL, Difference, Points, check_finite, difference
from boundcheck.embed.objects import Batch, Objects, doubled
from boundcheck.errors import BoundcheckError, InvalidValueError, NotAFunctionError, explain

# How many objects of a collection are evaluated again at most.
MOST_PROBED = 16
# How often they are, where a layer is known to draw random numbers: a small share may drop nothing once.
_REPEATS_IF_RANDOM = 8
# How many of them are tried alone.
_MOST_ALONE = 3


@dataclass(frozen=True)
class Probe:
    """The first objects of a collection and their rows."""

    batch: Batch
    value: Value
    by_batch: bool
    is_split: bool = False
    """Whether parts of the batch were seen to give the same rows."""


class _Part(NamedTuple):
    """Part of a probe's batch, with the rows that it must give."""

    batch: Batch
    rows: Points
    start: int
    context: str
    may_fail: bool = False


class _Disagreement(NamedTuple):
    """How a part of a batch gave other rows than the whole."""

    offset: int
    got: str
    error: Exception | None
    part: _Part
    rows: Points | None


def evaluated(caller: Caller, objects: Objects, count: int, *, by_batch: bool) -> Probe:
    """Evaluate the first ``count`` objects; raises what :meth:`Caller.finite` does."""
    batch = objects.read(0, count)
    return Probe(batch, caller.finite(batch, 0, by_batch=by_batch), by_batch)


def tried_by_batch(caller: Caller, objects: Objects, count: int) -> Probe | None:
    """Find out by trying whether f takes a batch of objects, or one object.

    It takes a batch if it gives a batch of ``count`` objects as many rows, and parts of the batch the same rows.
    ``lambda v: v / norm(v)`` does the first and not the second.

    Returns
    -------
    Probe or None
        The rows of the batch, or None if f takes one object.

    Raises
    ------
    InvalidValueError
        If f takes both, and gives one object different vectors.
    BoundcheckError
        If f takes neither: the error of the likelier one.
    """
    batch = objects.read(0, count)
    whole = caller.try_batch(batch, 0)
    if isinstance(whole, Value):
        apart = _disagreement(caller, batch, whole, one_too=True)
        if apart is None:
            _refuse_ambiguity(caller, batch, whole)
            return Probe(batch, whole, by_batch=True, is_split=True)
        if isinstance(_alone(caller, batch), Value):
            return None
        raise _inconsistent(caller, batch, whole, apart) from apart.error
    alone = _alone(caller, batch)
    if isinstance(alone, Value):
        return None
    if isinstance(whole, Raised) and isinstance(_in_ones(caller, batch), Value):
        # Some object spoils the batch; evaluated again, it is named.
        return evaluated(caller, objects, count, by_batch=True)
    return _refuse(caller, count, whole, alone)


def verify_probe(caller: Caller, objects: Objects, probe: Probe, *, batch_size: int) -> None:
    """Refuse an f that is no function of each object alone.

    Raises
    ------
    NotAFunctionError
        If the same call gave other rows, or the collection other objects.
    BatchDependenceError
        If parts of a batch gave other rows.
    NonFiniteError
        If an evaluation gave NaN or an infinity.
    """
    _check_repeated(caller, objects, probe)
    # With batches of one, every object is alone whatever f makes of a batch.
    if probe.by_batch and not probe.is_split and batch_size > 1:
        apart = _disagreement(caller, probe.batch, probe.value, one_too=False)
        if apart is not None:
            raise _dependent(caller, apart) from apart.error


def compare(caller: Caller, probe: Probe, points: Points) -> None:
    """Refuse final ``points`` that are not those of the probe, which was evaluated in another batch.

    Raises
    ------
    BatchDependenceError, NotAFunctionError
        Naming the first object with two values.
    """
    tolerance = probe.value.tolerance if probe.by_batch else SAME_CALL
    found = difference(probe.value.rows, points[: len(probe.value.rows)], tolerance)
    if found is None:
        return
    if not probe.by_batch:
        raise caller.random(found.offset, found.gap)
    raise caller.batch_dependent(found.offset, f"{described_gap(found.gap)} in a larger batch")


def _check_repeated(caller: Caller, objects: Objects, probe: Probe) -> None:
    first = probe.value.rows
    for _ in range(_REPEATS_IF_RANDOM if caller.function.has_random_layers else 1):
        again = caller.finite(objects.read(0, len(first)), 0, by_batch=probe.by_batch).rows
        found = difference(first, again, SAME_CALL)
        if found is not None:
            raise _two_values(caller, objects, probe, found)


def _two_values(caller: Caller, objects: Objects, probe: Probe, found: Difference) -> NotAFunctionError:
    """Return whether f or the collection is to blame for two values of one object."""
    if not objects.is_held:
        again = caller.finite(probe.batch, 0, by_batch=probe.by_batch).rows
        if difference(probe.value.rows, again, SAME_CALL) is None:
            expected = f"the same object {found.offset} each time it is read"
            fix = "switch its random augmentation off, or pass list(collection)"
            return NotAFunctionError(explain(caller.name, expected, "two that f gives different vectors", fix))
    return caller.random(found.offset, found.gap)


def _disagreement(caller: Caller, batch: Batch, whole: Value, *, one_too: bool) -> _Disagreement | None:
    for part in _parts(batch, whole.rows, one_too=one_too):
        outcome = caller.try_batch(part.batch, part.start)
        if not isinstance(outcome, Value):
            if part.may_fail:
                continue
            return _Disagreement(part.start, f"{described(outcome.error)} {part.context}", outcome.error, part, None)
        found = difference(part.rows, outcome.rows, whole.tolerance)
        if found is not None:
            got = f"{described_gap(found.gap)} {part.context}"
            return _Disagreement(part.start + found.offset % len(batch), got, None, part, outcome.rows)
    return None


def _parts(batch: Batch, rows: Points, *, one_too: bool) -> list[_Part]:
    count = len(batch)
    if count == 1:
        return [_Part(doubled(batch), torch.cat([rows, rows]), 0, "when it is in a batch twice")]
    half = count // 2
    parts = [
        _Part(batch[:half], rows[:half], 0, f"when {_range(0, half)} called alone"),
        _Part(batch[half:], rows[half:], half, f"when {_range(half, count)} called alone"),
    ]
    if one_too and half > 1:
        # Halves may agree by symmetry. A batch of one that fails says nothing: squeeze() drops its only row.
        parts.append(_Part(batch[:1], rows[:1], 0, f"when {_range(0, 1)} called alone", may_fail=True))
    return parts


def _range(start: int, stop: int) -> str:
    return f"object {start} is" if stop - start == 1 else f"objects {start} to {stop - 1} are"


def _refuse_ambiguity(caller: Caller, batch: Batch, whole: Value) -> None:
    """Refuse an f that takes one object too, and means something else by it, as ``lambda v: v[::-1]`` does."""
    for offset in sorted({0, len(batch) // 2, len(batch) - 1}):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about a call that no one asked for
            alone = caller.try_object(batch, offset)
        if not isinstance(alone, Value):
            return
        if difference(whole.rows[offset : offset + 1], alone.rows, whole.tolerance) is not None:
            expected = f"True or False (called with object {offset} of {caller.name} and with a batch of it, f differs)"
            fix = "pass batched=True if f takes a batch, batched=False if it takes one object"
            raise InvalidValueError(explain("batched", expected, "None", fix))


def _alone(caller: Caller, batch: Batch) -> Outcome:
    """Call f on one object; the next one is tried if that fails."""
    return _first_success(caller.try_object(batch, offset) for offset in range(min(_MOST_ALONE, len(batch))))


def _in_ones(caller: Caller, batch: Batch) -> Outcome:
    """Call f on a batch of one object; the next one is tried if that fails."""
    ones = range(min(_MOST_ALONE, len(batch)))
    return _first_success(caller.try_batch(batch[offset : offset + 1], offset) for offset in ones)


def _first_success(outcomes: Iterator[Outcome]) -> Outcome:
    first = next(outcomes)
    return next((outcome for outcome in chain([first], outcomes) if isinstance(outcome, Value)), first)


def _inconsistent(caller: Caller, batch: Batch, whole: Value, apart: _Disagreement) -> BoundcheckError:
    """Return why f gave a batch and its parts different rows, where it does not take one object either."""
    check_finite(whole.rows, caller.place(0, by_batch=True))
    again = caller.finite(batch, 0, by_batch=True)
    found = difference(whole.rows, again.rows, SAME_CALL)
    return _dependent(caller, apart) if found is None else caller.random(found.offset, found.gap)


def _dependent(caller: Caller, apart: _Disagreement) -> BoundcheckError:
    if apart.rows is not None:
        check_finite(apart.rows, caller.place(apart.part.start, by_batch=True))
    return caller.batch_dependent(apart.offset, apart.got)


def _refuse(caller: Caller, count: int, whole: Raised | Refused, alone: Raised | Refused) -> NoReturn:
    """Raise the likelier error of an f that gave rows neither for a batch nor for one object."""
    if isinstance(alone, Refused):
        raise alone.error
    if isinstance(whole, Refused):
        raise whole.error
    together = f"objects 0 to {count - 1}" if count > 1 else "a batch of it"
    which = f"object 0, and for {together} in one batch"
    fix = None
    if described(whole.error) != described(alone.error):
        which = f"object 0, and {described(whole.error)} for {together} in one batch"
        fix = "pass batched=True if f takes a batch, batched=False if it takes one object"
    raise caller.failed(alone.error, which, fix) from alone.error
