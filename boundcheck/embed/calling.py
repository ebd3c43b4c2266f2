"""Calls of f on a batch or on one object at a time, with the object named that makes f fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, NoReturn, TypeAlias

import numpy as np
import torch

from boundcheck.arithmetic import others_code
from boundcheck.embed.checks import (
    OTHER_BATCH,
    OTHER_BATCH_COARSE,
    Points,
    check_finite,
    float64_on,
    is_coarse,
    rows,
    vectors,
)
from boundcheck.embed.functions import Function
from boundcheck.embed.objects import Batch
from boundcheck.errors import BatchDependenceError, BoundcheckError, EmbeddingCallError, NotAFunctionError, explain
from boundcheck.real_numbers import Place, Source

# When f fails on this many objects in a row, each alone, it is not the objects that are to blame.
_PATIENCE = 3
_LONGEST_CAUSE = 200


class Value(NamedTuple):
    """The rows of one evaluation, and the share of their largest magnitude that another batch size may change."""

    rows: Points
    tolerance: float


class Raised(NamedTuple):
    """What f raised instead of giving rows."""

    error: Exception


class Refused(NamedTuple):
    """Why f's output was refused."""

    error: BoundcheckError


Outcome: TypeAlias = Value | Raised | Refused


@dataclass(frozen=True)
class Caller:
    """An f, the collection that it is applied to, and the device of the result."""

    function: Function
    name: str
    device: torch.device

    @property
    def label(self) -> str:
        """What messages call the embedded collection."""
        return f"f({self.name})"

    def finite(self, batch: Batch, start: int, *, by_batch: bool) -> Value:
        """Return the rows of ``batch``, whose first object is number ``start`` of the collection.

        Raises
        ------
        EmbeddingCallError
            If f raises.
        EmbeddingShapeError, EmbeddingDtypeError, InvalidValueError
            If its output is not one vector of exact real numbers for each object.
        NonFiniteError
            For NaN and infinities.
        """
        value = self._by_batch(batch, start) if by_batch else self._by_object(batch, start)
        check_finite(value.rows, self.place(start, by_batch=by_batch))
        return value

    def try_batch(self, batch: Batch, start: int) -> Outcome:
        """Return the rows of ``batch``, or why there are none."""
        try:
            output = self._call(self.function.on_batch(batch, self.place(start, by_batch=True)))
        except Exception as error:
            return Raised(error)
        return _tried(lambda: self._read_batch(output, len(batch), start))

    def try_object(self, batch: Batch, offset: int) -> Outcome:
        """Return the one row of object ``offset`` of the first batch, or why there is none."""
        try:
            output = self._call(self.function.on_object(batch, offset))
        except Exception as error:
            return Raised(error)
        return _tried(lambda: self._read_objects([output], offset))

    def _call(self, argument: object) -> object:
        with others_code():
            return self.function.call(argument)

    def place(self, start: int, *, by_batch: bool) -> Place:
        """Return what messages name for objects from number ``start`` on."""
        return Place(self.label, start, Source.BATCH if by_batch else Source.OBJECT)

    def failed(self, error: Exception, which: str, fix: str | None) -> EmbeddingCallError:
        """Return the error that says that f raised ``error`` for the objects ``which``."""
        return EmbeddingCallError(
            explain(self.label, "a vector for every object", f"{described(error)} for {which}", fix)
        )

    def random(self, offset: int, gap: float) -> NotAFunctionError:
        """Return the error that says that f gave two values for one object."""
        expected = f"the same vector each time f is called on object {offset}"
        return NotAFunctionError(explain(self.label, expected, described_gap(gap), self.function.advice_if_random()))

    def batch_dependent(self, offset: int, got: str) -> BatchDependenceError:
        """Return the error that says that the value for an object depends on the others in its batch."""
        expected = f"the same vector for object {offset} whatever the rest of its batch"
        return BatchDependenceError(explain(self.label, expected, got, self.function.advice_if_batch_dependent()))

    def _by_batch(self, batch: Batch, start: int) -> Value:
        argument = self.function.on_batch(batch, self.place(start, by_batch=True))
        try:
            output = self._call(argument)
        except Exception as error:
            self._blame(batch, start, error, self.function.advice_if_raised(argument))
        return self._read_batch(output, len(batch), start)

    def _by_object(self, batch: Batch, start: int) -> Value:
        outputs: list[object] = []
        for offset in range(len(batch)):
            argument = self.function.on_object(batch, offset)
            try:
                output = self._call(argument)
            except Exception as error:
                fix = self.function.advice_if_raised(argument)
                raise self.failed(error, f"object {start + offset}", fix) from error
            outputs.append(_kept(output))
        return self._read_objects(outputs, start)

    def _read_batch(self, output: object, count: int, start: int) -> Value:
        points = rows(output, count, self.place(start, by_batch=True))
        return self._value(points, output)

    def _read_objects(self, outputs: list[object], start: int) -> Value:
        points = vectors(outputs, self.place(start, by_batch=False))
        return self._value(points, outputs)

    def _value(self, points: Points, output: object) -> Value:
        coarse = self.function.is_coarse or is_coarse(output)
        # Copied, since an f may write every output into the same memory.
        return Value(float64_on(points, self.device).clone(), OTHER_BATCH_COARSE if coarse else OTHER_BATCH)

    def _blame(self, batch: Batch, start: int, error: Exception, fix: str | None) -> NoReturn:
        """Find the object that makes f fail, by batches of one, and raise in its name."""
        count = len(batch)
        together = f"objects {start} to {start + count - 1}"
        if count == 1:
            raise self.failed(error, f"object {start}", fix) from error
        first: tuple[int, Exception] | None = None
        passed = False
        for offset in range(count):
            outcome = self.try_batch(batch[offset : offset + 1], start + offset)
            if not isinstance(outcome, Raised):
                passed = True
            elif first is None:
                first = (start + offset, outcome.error)
            if first is not None and passed:
                raise self.failed(first[1], f"object {first[0]}", fix) from first[1]
            if not passed and offset + 1 >= _PATIENCE:
                break
        if first is not None:
            raise self.failed(error, f"{together} (for object {start} alone as well)", fix) from error
        fix = fix or "pass a smaller batch_size"
        raise self.failed(error, f"{together} in one batch (for none of them alone)", fix) from error


def described(error: Exception) -> str:
    """Return an error's type and the beginning of its message."""
    text = " ".join(str(error).split())
    short = text if len(text) <= _LONGEST_CAUSE else f"{text[:_LONGEST_CAUSE]}…"
    return f"{type(error).__name__}: {short}" if short else type(error).__name__


def described_gap(gap: float) -> str:
    """Return what two evaluations gave, when an entry differed by ``gap``."""
    return f"vectors that differ by up to {gap:.3g}" if np.isfinite(gap) else "vectors of different lengths"


def _tried(read: Callable[[], Value]) -> Outcome:
    try:
        return read()
    except BoundcheckError as error:
        return Refused(error)


def _kept(output: object) -> object:
    # An f may write every output into the same memory.
    if isinstance(output, torch.Tensor):
        return output.detach().clone()
    return output.copy() if isinstance(output, np.ndarray | list) else output
