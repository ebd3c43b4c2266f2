"""What all triples of a scan say together, in memory that does not grow with their number.

Summaries are made of counts, of extremes and of lists that are cut to their first few by a total order: whatever the
order in which grids come and parts are merged, the bytes are the same. Nothing is a sum of floats.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from boundcheck.errors import InvalidTypeError, InvalidValueError, explain, require_whole
from boundcheck.scanning.bound_summary import COUNTED, BoundSummary, ParameterSummary
from boundcheck.scanning.grids import Grid, Integers, Stage, require_order, require_shape

__all__ = ["ScanSummary"]

VERSION = 1
_HEAT_CELLS = 512


class ScanSummary:
    """Several bounds on all triples of a data set; :meth:`empty` makes one to add to.

    Attributes
    ----------
    triples
        How many were taken in.
    bounds, parameters
        What was found of each, by name and by symbol.
    classes
        The class of each collection, shape (C,).
    names, class_names
        Of the collections and the classes.
    top
        The length of the lists of tightest and loosest triples.
    sides
        Whether the two sides are summarised, or verdicts alone.
    heat_order
        The collections in the order of the heat map: by class.
    heat_cells
        Which cell of it each collection is in, shape (C,): its own, up to 512 collections.
    """

    def __init__(
        self,
        bounds: Sequence[str],
        parameters: Sequence[str],
        classes: npt.ArrayLike,
        names: Sequence[str],
        class_names: Sequence[str],
        *,
        top: int = 10,
        sides: bool = True,
    ) -> None:
        require_whole("top", top)
        given = np.asarray(classes)
        if given.ndim != 1 or (given.size and given.dtype.kind not in "iu"):
            raise InvalidTypeError(explain("classes", "integers, shape (C,)", f"{given.dtype} {given.shape}"))
        self.classes: Integers = given.astype(np.int64)
        self.names, self.class_names = tuple(map(str, names)), tuple(map(str, class_names))
        if len(self.names) != len(self.classes):
            raise InvalidValueError(
                explain("names", f"one for each of {len(self.classes)} collections", f"{len(self.names)}")
            )
        kinds = len(self.class_names)
        if self.classes.size and not (self.classes.min() >= 0 and self.classes.max() < kinds):
            extremes = f"{self.classes.min()} to {self.classes.max()}"
            raise InvalidValueError(explain("classes", f"positions among {kinds} class names", extremes))
        for what, listed in (("bounds", bounds), ("parameters", parameters)):
            if isinstance(listed, str) or len(set(listed)) < len(listed):
                raise InvalidValueError(explain(what, "different names", f"{listed!r}"))
        self.triples, self.top, self.sides = 0, int(top), bool(sides)
        count = len(self.classes)
        cells = min(count, _HEAT_CELLS)
        self.heat_order = np.argsort(self.classes, kind="stable")
        self.heat_cells = np.empty(count, dtype=np.int64)
        self.heat_cells[self.heat_order] = np.arange(count) * cells // max(1, count)
        # A map of verdicts alone has nothing to show.
        self.bounds = {name: BoundSummary(kinds, cells if sides else 0, self.top) for name in bounds}
        self.parameters = {symbol: ParameterSummary(kinds) for symbol in parameters}

    @classmethod
    def empty(
        cls,
        bounds: Sequence[str],
        parameters: Sequence[str],
        classes: npt.ArrayLike,
        names: Sequence[str],
        class_names: Sequence[str],
        top: int = 10,
        sides: bool = True,
    ) -> ScanSummary:
        """Return the summary of no triples.

        Parameters
        ----------
        bounds, parameters
            Names of the bounds and symbols of the parameters that grids have.
        classes
            The class of each collection, shape (C,): a position in `class_names`.
        names, class_names
            Of the collections and the classes.
        top
            The length of the lists of tightest and loosest triples, at least 1.
        sides
            Whether to summarise the two sides where grids have them, or verdicts alone.

        Raises
        ------
        InvalidTypeError, InvalidValueError
            If these do not fit together, or a name comes twice.
        """
        return cls(bounds, parameters, classes, names, class_names, top=top, sides=sides)

    def add(self, grid: Grid) -> None:
        """Take in every triple of a grid.

        Raises
        ------
        InvalidValueError
            If the grid has other bounds or collections, arrays of other shapes, or is not in ascending order; the
            summary is then as it was.
        """
        self._require(grid)
        self.triples += len(grid.positives) * len(grid.negatives)
        own, classes = int(self.classes[grid.anchor]), self.classes[grid.negatives]
        cells = self.heat_cells[np.append(grid.anchor, grid.negatives)]
        for name, sides in grid.bounds.items():
            self.bounds[name]._add(grid, sides, own, classes, cells, self.sides and sides.lhs is not None)
        for symbol, (value, error) in grid.parameters.items():
            self.parameters[symbol]._add(grid, value, error, own)

    def _require(self, grid: Grid) -> None:
        require_order(grid)
        given = np.concatenate([[grid.anchor], grid.positives, grid.negatives])
        if given.min() < 0 or given.max() >= len(self.classes):
            expected = f"positions of {len(self.classes)} collections"
            raise InvalidValueError(explain("grid", expected, f"{given.min()} to {given.max()}"))
        if set(grid.bounds) != set(self.bounds):
            raise InvalidValueError(explain("grid", f"bounds {_short(list(self.bounds))}", _short(list(grid.bounds))))
        if not set(grid.parameters) <= set(self.parameters):
            expected = f"parameters among {_short(list(self.parameters))}"
            raise InvalidValueError(explain("grid", expected, _short(list(grid.parameters))))
        for name, sides in grid.bounds.items():
            parts = (sides.lhs, sides.lhs_error, sides.rhs, sides.rhs_error)
            missing = sum(part is None for part in parts)
            if missing not in (0, 4):
                raise InvalidValueError(explain(f"bound {name!r}", "both sides and their errors, or none", "some"))
            for part in (sides.code, sides.stage, *(part for part in parts if part is not None)):
                require_shape(f"bound {name!r}", part, grid)
            for what, numbers, end in (("verdicts", sides.code, len(COUNTED)), ("stages", sides.stage, len(Stage))):
                if numbers.size and not (numbers.min() >= 0 and numbers.max() < end):
                    extremes = f"{numbers.min()} to {numbers.max()}"
                    raise InvalidValueError(explain(f"{what} of bound {name!r}", f"0 to {end - 1}", extremes))
        for symbol, pair in grid.parameters.items():
            for part in pair:
                require_shape(f"parameter {symbol!r}", part, grid)

    def merge(self, other: ScanSummary) -> None:
        """Take in what another has found on other triples.

        Raises
        ------
        InvalidTypeError, InvalidValueError
            If it is no summary, or one of other bounds, parameters or collections, or made otherwise.
        """
        if not isinstance(other, ScanSummary):
            raise InvalidTypeError(explain("summary", "a ScanSummary", f"{type(other).__name__}"))
        for what, mine, others in zip(
            ("bounds", "parameters", "classes", "names", "class names", "top", "sides"),
            self._kind(),
            other._kind(),
            strict=True,
        ):
            if mine != others:
                raise InvalidValueError(
                    explain(
                        "summary",
                        f"one of the same {what}, {_short(mine)}",
                        f"{_short(others)}",
                        "merge summaries of one scan",
                    )
                )
        self.triples += other.triples
        for name, bound in self.bounds.items():
            bound.merge(other.bounds[name])
        for symbol, parameter in self.parameters.items():
            parameter.merge(other.parameters[symbol])

    def _kind(self) -> tuple[object, ...]:
        """Return what summaries that may be merged have in common."""
        return (
            list(self.bounds),
            list(self.parameters),
            self.classes.tolist(),
            self.names,
            self.class_names,
            self.top,
            self.sides,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON types."""
        return {
            "version": VERSION,
            "triples": self.triples,
            "top": self.top,
            "sides": self.sides,
            "classes": self.classes.tolist(),
            "names": list(self.names),
            "class_names": list(self.class_names),
            "bounds": [{"name": name, **bound.to_dict()} for name, bound in self.bounds.items()],
            "parameters": [{"symbol": symbol, **one.to_dict()} for symbol, one in self.parameters.items()],
        }

    @classmethod
    def from_dict(cls, known: Mapping[str, Any]) -> ScanSummary:
        """Return what :meth:`to_dict` was made of.

        Raises
        ------
        InvalidValueError
            If it is not that, or of another version.
        """
        try:
            if known["version"] != VERSION:
                raise InvalidValueError(explain("summary", f"version {VERSION}", f"{known['version']!r}"))
            made = cls(
                [one["name"] for one in known["bounds"]],
                [one["symbol"] for one in known["parameters"]],
                np.array(known["classes"], dtype=np.int64),
                known["names"],
                known["class_names"],
                top=known["top"],
                sides=known["sides"],
            )
            made.triples = int(known["triples"])
            made.bounds = {one["name"]: BoundSummary.from_dict(one, made.top) for one in known["bounds"]}
            made.parameters = {one["symbol"]: ParameterSummary.from_dict(one) for one in known["parameters"]}
        except InvalidValueError:
            raise
        except (KeyError, TypeError, ValueError, IndexError, OverflowError) as cause:
            raise InvalidValueError(explain("summary", "what to_dict() returned", f"{cause!r}")) from cause
        return made

    def to_bytes(self) -> bytes:
        """Return it as canonical JSON: the same triples give the same bytes."""
        return json.dumps(
            self.to_dict(), allow_nan=False, ensure_ascii=True, separators=(",", ":"), sort_keys=True
        ).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> ScanSummary:
        """Return what :meth:`to_bytes` was made of.

        Raises
        ------
        InvalidValueError
            If it is not that, or of another version.
        """
        try:
            known = json.loads(data)
        except ValueError as cause:
            raise InvalidValueError(explain("summary", "what to_bytes() returned", f"{cause}")) from cause
        return cls.from_dict(known)

    def digest(self) -> str:
        """Return a digest of :meth:`to_bytes`."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ScanSummary) and self.to_bytes() == other.to_bytes()

    __hash__ = None  # type: ignore[assignment]


def _short(values: object) -> str:
    text = str(values)
    return text if len(text) < 80 else f"{text[:77]}…"
