"""Embed collections: the points f(G1), f(G2), … as float64 rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from numbers import Integral

import numpy as np
import torch
from jaxtyping import Float

from boundcheck.arithmetic import certified
from boundcheck.embed.calling import Caller
from boundcheck.embed.checks import Points, check_dimensions, check_finite, check_length, float64_on, rows, vectors
from boundcheck.embed.functions import Function, Kind, as_device, as_function
from boundcheck.embed.modules import left_as_found
from boundcheck.embed.objects import Objects, as_frame, as_objects, is_frame
from boundcheck.embed.probing import MOST_PROBED, Probe, compare, evaluated, tried_by_batch, verify_probe
from boundcheck.errors import BoundcheckError, EmptyCollectionError, InvalidTypeError, InvalidValueError, explain
from boundcheck.progress import Bar
from boundcheck.real_numbers import Place, Source

# For so many seconds an embedding has no bar.
_PATIENCE = 1.0


def embed(
    f: object,
    collection: object,
    *,
    name: str = "G1",
    batch_size: int = 256,
    batched: bool | None = None,
    device: str | torch.device | None = None,
    progress: bool | None = None,
    verify: bool = True,
) -> Float[torch.Tensor, "n d"]:
    """Embed the objects of a collection, and check that the result is one.

    Parameters
    ----------
    f : torch.nn.Module, transformer, callable or None
        What turns objects into vectors of length d. A torch module is called on batches, without gradients and as it
        stands (call ``f.eval()`` yourself); its training flags and buffers are left as they were found. Of anything
        with a ``transform`` method, such as a fitted scikit-learn pipeline, that method is called on batches. Another
        callable gets a batch or one object, see ``batched``; where it calls a module, numbers come as that takes them.
        None: the collection holds the vectors already.
    collection : sequence, array, tensor, torch Dataset or iterable
        The n objects, n ≥ 1. Of an item of a Dataset that is a tuple, such as (image, label), the first entry is the
        object. An iterator is read once, to its end. A data frame stays one for a transformer that was fitted on one, and
        for what does not take its numbers as an array.
    name
        What messages call the collection.
    batch_size
        The largest number of objects in a batch, in [1, ∞).
    batched
        True if f takes a batch, False if it takes one object, None to find out: f takes a batch if it gives a batch
        as many vectors, and parts of the batch the same vectors. In a batch, arrays (or tensors) of one shape are
        stacked along a new first axis; other objects come as a list. Modules and transformers take batches unless
        False is passed.
    device
        Where tensors are moved before f gets them, and where the result is. None: for a module, where its parameters
        are; the result is on the CPU.
    progress
        Whether to show a progress bar. None: on a terminal, when there is more than one batch and it takes longer
        than a second.
    verify
        Whether to evaluate the first 16 objects at most again, to see that f is a function of each object alone.

    Returns
    -------
    Tensor of shape (n, d)
        float64, detached; every entry is exactly the number that f gave. With f=None it may share memory with the
        collection.

    Raises
    ------
    EmptyCollectionError
        If there are no objects.
    EmbeddingShapeError
        If f does not give one vector, of one length d ≥ 1, for each object.
    EmbeddingDtypeError
        If entries are complex, text or other Python objects.
    NonFiniteError
        If an entry is NaN or infinite.
    NotAFunctionError
        If f gives one object two vectors when called twice (dropout in training mode, say).
    BatchDependenceError
        If the vector of an object depends on its batch (batch normalisation in training mode, say).
    EmbeddingCallError
        If f raises; the message names the object, and the error is chained.
    InvalidTypeError, InvalidValueError
        If an argument is of a type, or has a value, that cannot be used; for integers beyond 2**53 and other numbers
        that float64 cannot hold exactly; if f takes both one object and a batch, and means different things.

    Examples
    --------
    >>> import numpy as np
    >>> from boundcheck.embed import embed
    >>> embed(lambda v: v / np.linalg.norm(v), np.array([[3.0, 4.0], [0.0, 2.0]]))
    tensor([[0.6000, 0.8000],
            [0.0000, 1.0000]], dtype=torch.float64)
    """
    return embed_all(
        f,
        {name: collection},
        batch_size=batch_size,
        batched=batched,
        device=device,
        progress=progress,
        verify=verify,
    )[name]


@certified
def embed_all(
    f: object,
    collections: Mapping[str, object],
    *,
    batch_size: int = 256,
    batched: bool | None = None,
    device: str | torch.device | None = None,
    progress: bool | None = None,
    verify: bool = True,
) -> dict[str, Float[torch.Tensor, "_ d"]]:
    """Embed several collections by one f, and check that their vectors have one length.

    Parameters
    ----------
    f, batch_size, batched, device, progress, verify
        As for :func:`embed`. Whether f takes batches is found out once, for all collections.
    collections
        The collections, by the names that messages call them.

    Returns
    -------
    dict of tensors of shape (n, d)
        The points of each collection, in the order given; d is the same for all, n need not be.

    Raises
    ------
    DimensionMismatchError
        If the vectors of two collections have different lengths.
    BoundcheckError
        As :func:`embed` does.

    Examples
    --------
    >>> from boundcheck.embed import embed_all
    >>> points = embed_all(None, {"G1": [[0.0, 0.0]], "G2": [[1.0, 2.0], [3.0, 4.0]]})
    >>> {name: tuple(x.shape) for name, x in points.items()}
    {'G1': (1, 2), 'G2': (2, 2)}
    """
    options = _checked_options(batch_size, batched, progress, verify)
    place = as_device(device)
    function = None if f is None else as_function(f, place)
    collected, framed = _collected(collections, frames=function is not None)
    result = torch.device("cpu") if place is None else place
    if function is None:
        points = {name: _given(objects, result) for name, objects in collected.items()}
    else:
        callers = {name: Caller(function, name, result) for name in collected}
        with left_as_found(function.module):
            points = _first_that_works(
                [
                    _Run(function, callers, objects, options)
                    for objects in ([framed, collected] if function.takes_frames else [collected, framed])
                    if objects is not None
                ]
            )
    check_dimensions({name: found.shape[1] for name, found in points.items()}, given=f is None)
    return points


def _first_that_works(runs: Sequence[_Run]) -> dict[str, Points]:
    """Return the points of the first run that f takes, or raise what the first of all does."""
    try:
        return runs[0].points()
    except BoundcheckError:
        for run in runs[1:]:
            with suppress(BoundcheckError):
                return run.points()
        raise


@dataclass(frozen=True)
class _Options:
    batch_size: int
    batched: bool | None
    progress: bool | None
    verify: bool


@dataclass(frozen=True)
class _Run:
    """One f applied to several collections."""

    function: Function
    callers: Mapping[str, Caller]
    collections: Mapping[str, Objects]
    options: _Options

    def points(self) -> dict[str, Points]:
        """Probe every collection before the long work, so that what is wrong is said at once."""
        by_batch, probes = self._mode()
        if self.options.verify:
            probes = {name: self._verified(name, probes.get(name), by_batch) for name in self.collections}
        check_dimensions({name: probe.value.rows.shape[1] for name, probe in probes.items()}, given=False)
        size = self.options.batch_size
        total = sum(map(len, self.collections.values()))
        batches = sum(-(-len(objects) // size) for objects in self.collections.values())
        wanted = self.options.progress
        # What ends sooner needs no bar, and one batch has no middle.
        shown = False if wanted is None and batches < 2 else wanted
        with Bar("embedding", total, shown=shown, patience=_PATIENCE if wanted is None else 0) as meter:
            return {name: self._embedded(name, probes.get(name), by_batch, meter) for name in self.collections}

    def _mode(self) -> tuple[bool, dict[str, Probe]]:
        """Return whether f takes batches, and the probes that showed it."""
        if self.options.batched is not None:
            return self.options.batched, {}
        if self.function.kind is not Kind.CALLABLE:
            return True, {}
        probes: dict[str, Probe] = {}
        for name, objects in self.collections.items():
            probe = tried_by_batch(self.callers[name], objects, self._probed(objects))
            if probe is None:
                return False, {}
            probes[name] = probe
        return True, probes

    def _verified(self, name: str, probe: Probe | None, by_batch: bool) -> Probe:
        caller, objects = self.callers[name], self.collections[name]
        if probe is None:
            probe = evaluated(caller, objects, self._probed(objects), by_batch=by_batch)
        else:
            check_finite(probe.value.rows, caller.place(0, by_batch=by_batch))
        verify_probe(caller, objects, probe, batch_size=self.options.batch_size)
        return probe

    def _probed(self, objects: Objects) -> int:
        return min(MOST_PROBED, len(objects), self.options.batch_size)

    def _embedded(self, name: str, probe: Probe | None, by_batch: bool, meter: Bar) -> Points:
        caller, objects = self.callers[name], self.collections[name]
        if probe is not None and len(probe.value.rows) == len(objects):
            check_finite(probe.value.rows, caller.place(0, by_batch=by_batch))
            meter.advance(len(objects))
            return probe.value.rows
        points = self._all_batches(caller, objects, by_batch, meter)
        if probe is not None and self.options.verify:
            compare(caller, probe, points)
        return points

    def _all_batches(self, caller: Caller, objects: Objects, by_batch: bool, meter: Bar) -> Points:
        count, size = len(objects), self.options.batch_size
        points: Points | None = None
        for start in range(0, count, size):
            found = caller.finite(objects.read(start, min(start + size, count)), start, by_batch=by_batch).rows
            if points is None:
                points = found.new_empty((count, found.shape[1]))
            check_length(points.shape[1], found.shape[1], "object 0", caller.place(start, by_batch=by_batch))
            points[start : start + len(found)] = found
            meter.advance(len(found))
        return torch.empty((0, 0), dtype=torch.float64, device="cpu") if points is None else points


def _given(objects: Objects, device: torch.device) -> Points:
    """Return a collection of vectors as points."""
    place = Place(objects.name, 0, Source.POINTS)
    if isinstance(objects.source, torch.Tensor | np.ndarray):
        points = rows(objects.source, len(objects), place)
    else:
        items = objects.read(0, len(objects))
        points = vectors(list(items), place)
    check_finite(points, place)
    return float64_on(points, device)


def _collected(collections: object, *, frames: bool) -> tuple[dict[str, Objects], dict[str, Objects] | None]:
    """Return the objects of each collection; and where data frames are among them, the same with these as frames."""
    if not isinstance(collections, Mapping):
        fix = 'pass {"G1": …, "G2": …}, or embed(f, collection) for one'
        raise InvalidTypeError(
            explain("collections", "a mapping from names to collections", type(collections).__name__, fix)
        )
    if not collections:
        raise EmptyCollectionError(explain("collections", "at least one collection", "an empty mapping"))
    found: dict[str, Objects] = {}
    framed: dict[str, Objects] = {}
    for name, collection in collections.items():
        rows = as_frame(collection, name) if frames and is_frame(collection) and len(collection) else None
        try:
            found[name] = as_objects(collection, name)
        except BoundcheckError:
            if rows is None:
                raise
            # Columns of text, say, which f may know what to do with.
            found[name] = rows
        framed[name] = found[name] if rows is None else rows
    return found, framed if framed != found else None


def _checked_options(batch_size: object, batched: object, progress: object, verify: object) -> _Options:
    if isinstance(batch_size, bool) or not isinstance(batch_size, Integral):
        raise InvalidTypeError(explain("batch_size", "an int in [1, ∞)", f"{batch_size!r}", "pass 256, say"))
    if batch_size < 1:
        raise InvalidValueError(explain("batch_size", "an int in [1, ∞)", f"{batch_size}", "pass 256, say"))
    if not isinstance(verify, bool):
        raise InvalidTypeError(explain("verify", "True or False", f"{verify!r}"))
    return _Options(int(batch_size), _flag("batched", batched), _flag("progress", progress), verify)


def _flag(parameter: str, value: object) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    raise InvalidTypeError(explain(parameter, "True, False or None", f"{value!r}"))
