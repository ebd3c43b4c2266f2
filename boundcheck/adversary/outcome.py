"""What a search found: a counterexample that can be pasted, drawn, proved and stored; or what was tried."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from boundcheck._version import __version__
from boundcheck.adversary.bundles import FORMAT, VERSION, fields_of
from boundcheck.adversary.pictures import picture, plot
from boundcheck.adversary.problem import Case, Problem
from boundcheck.adversary.search import Tried
from boundcheck.adversary.serialized import write
from boundcheck.adversary.snippets import snippet
from boundcheck.atomic import write_text
from boundcheck.drawing import Theme, Width
from boundcheck.errors import BoundcheckError, FileFormatError, InvalidValueError, explain
from boundcheck.evaluate import Enclosed, Ground, Verdict
from boundcheck.evaluate.enclosed import quotient
from boundcheck.formal.witness import refutation
from boundcheck.language import Bound, Family, Relation
from boundcheck.language.axes import require_partition
from boundcheck.language.mathml import AboutABound
from boundcheck.printable import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Nearest", "Refuted", "Survived", "case_of", "require_maps", "statement_of"]

Rows = Sequence[Sequence[float]]
# As far apart, of their size, as rounding may leave sides that are equal.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Refuted(AboutABound):
    """A counterexample: its premises hold, and its conclusion surely does not.

    Attributes
    ----------
    bound
        The statement.
    norm
        The p of the p-norm.
    points
        By symbol, the points of each collection; what f is given, where there was one.
    weights
        By symbol, ratios.
    given
        By symbol, the parameters that are not the least which the premises allow.
    parameters
        By symbol, the value of each.
    lhs, rhs
        The two sides, each with a bound on its error.
    ground
        What decided: float64, balls of so many bits, or exact numbers.
    tried
        What the search had tried when it found this.
    seed
        Of the search.
    reference
        What the bound can be found by again: its name, or FILE.py:NAME; None where it was handed over as it is.
    embedded
        Whether the points go through an f.
    maps
        By symbol, what each map makes of the vectors that the statement speaks of: by the vector as it is written, one
        value, or one for each point of its collection.
    partitions
        By symbol, the number of points of each class of a family; its points come class after class.
    """

    bound: Bound
    norm: float
    points: Mapping[str, Rows]
    weights: Mapping[str, Sequence[float]]
    given: Mapping[str, float]
    parameters: Mapping[str, Enclosed]
    lhs: Enclosed
    rhs: Enclosed
    ground: Ground = field(default_factory=Ground)
    tried: Tried = field(default_factory=Tried)
    seed: int = 0
    reference: str | None = None
    embedded: bool = False
    maps: Mapping[str, Mapping[str, Rows]] = field(default_factory=dict)
    partitions: Mapping[str, Sequence[int]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, problem: Problem, case: Case, *, tried: Tried, seed: int, reference: str | None, embedded: bool
    ) -> Refuted:
        """Return a case as what refutes its bound, judged once more with all the precision it takes.

        Raises
        ------
        InvalidValueError
            If it does not.
        """
        # No minus before a 0, which nobody needs to read.
        case = Case(
            case.norm,
            {key: array + 0.0 for key, array in case.points.items()},
            {key: array + 0.0 for key, array in case.weights.items()},
            {key: value + 0.0 for key, value in case.given.items()},
            case.partitions,
        )
        judged = problem.judged([case], escalate=None)
        verdict = judged.conclusion.verdict_of()
        if verdict is not Verdict.FAILS:
            raise InvalidValueError(explain("case", f"one at which {problem.stated.name!r} fails", f"one: {verdict}"))
        require_maps(problem, case)
        return cls(
            bound=problem.stated,
            norm=case.norm,
            points={key.symbol: case.points[key].tolist() for key in problem.stated.collections},
            weights={key.symbol: array.tolist() for key, array in case.weights.items()},
            given={key.symbol: value for key, value in case.given.items()},
            parameters={
                key.symbol: Enclosed(float(named.value), float(named.known_error))
                for key, named in judged.parameters.items()
            },
            lhs=Enclosed(float(judged.conclusion.lhs), float(judged.conclusion.lhs_error)),
            rhs=Enclosed(float(judged.conclusion.rhs), float(judged.conclusion.rhs_error)),
            ground=judged.conclusion.ground_of(),
            tried=tried,
            seed=seed,
            reference=reference,
            embedded=embedded,
            maps=problem.tables(case),
            partitions={family.symbol: sizes for family, sizes in case.partitions.items()},
        )

    @property
    def verdict(self) -> str:
        """``"refuted"``."""
        return "refuted"

    @property
    def sizes(self) -> Mapping[str, int]:
        """Points in each collection, by symbol."""
        return {symbol: len(rows) for symbol, rows in self.points.items()}

    @property
    def dimension(self) -> int:
        """Of the space."""
        return len(next(iter(self.points.values()))[0])

    @property
    def case(self) -> Case:
        """The counterexample as what :class:`~boundcheck.adversary.problem.Problem` judges."""
        return case_of(Problem(self.bound), self)

    def in_brief(self) -> str:
        """Return the bound's name and both sides."""
        at = f"norm p = {self.norm:g}, dimension {self.dimension}"
        return f"{self.bound.name}: left side {self.lhs}, right side {self.rhs}; {at}"

    def __str__(self) -> str:
        lines = [f"refuted  {printable(self.bound)}", f"norm p = {self.norm:g}, dimension {self.dimension}"]
        for symbol, rows in self.points.items():
            if symbol in self.partitions:
                lines += [f"  {name} = {', '.join(_point(row) for row in own)}" for name, own in self.classes(symbol)]
            else:
                lines.append(f"  {symbol} = {', '.join(_point(row) for row in rows)}")
        for symbol, ratios in self.weights.items():
            lines.append(f"  {symbol} = {' : '.join(map(_number, ratios))}")
        for symbol, value in self.parameters.items():
            how = "" if symbol in self.given else "  (the least that the premises allow)"
            lines.append(f"  {symbol} = {value}{how}")
        for symbol, table in self.maps.items():
            for name, rows in table.items():
                lines.append(f"  {symbol}({name}) = {', '.join(_point(row) for row in rows)}")
        if not self.embedded:
            lines += [f"  {words}" for words in self.extensions().values()]
        lines.append(f"left side {self.lhs} {self.bound.relation.denied} right side {self.rhs}")
        if str(self.ground):
            lines.append(str(self.ground))
        return "\n".join(lines)

    def classes(self, symbol: str) -> Iterator[tuple[str, Rows]]:
        """Yield the points of each class of a family, counted from 1."""
        start = 0
        for number, size in enumerate(self.partitions[symbol], 1):
            yield f"{symbol}_{number}", self.points[symbol][start : start + size]
            start += size

    def extensions(self) -> dict[str, str]:
        """Return, by symbol, a map on all of the space with the values of each table, or why there is one, in words."""
        problem = Problem(self.bound)
        case = self.case
        said = [map for map in self.bound.maps() if map.symbol in self.maps]
        return {map.symbol: problem.extension(case, map).words for map in said}

    # -------------------------------------------------------------------------------------------------- paste-ready

    def snippet(self) -> str:
        """Return Python that checks the counterexample: paste it into a session, a script or a test.

        Where the points go through an f, the name f must be the embedding.
        """
        return snippet(self)

    # ------------------------------------------------------------------------------------------------------- proved

    def coq(self) -> str:
        """Return a Coq file that proves, by this counterexample, that the statement is false.

        See :mod:`boundcheck.formal.witness`.

        Raises
        ------
        TermError
            If Coq cannot read the statement.
        InvalidValueError
            If there is no such proof: points that go through an f, a map, a norm without a triangle inequality in the
            library, a premise that enclosures cannot tell to hold.
        """
        if self.embedded:
            raise InvalidValueError(
                explain("counterexample", "points as they are, for a proof in Coq", "points that go through an f")
            )
        return str(refutation(self.bound, self.norm, self.points, weights=self.weights, given=self.given))

    # ------------------------------------------------------------------------------------------------------- stored

    def to_json(self) -> str:
        """Return a bundle: everything that it takes to check the counterexample again."""
        bundle = {
            "format": FORMAT,
            "version": VERSION,
            "boundcheck": __version__,
            "bound": {
                "name": self.bound.name,
                "reference": self.reference,
                "statement": statement_of(self.bound),
                "terms": write(self.bound),
            },
            "norm": _finite(self.norm),
            "points": self.points,
            "weights": self.weights,
            "given": self.given,
            **({"maps": self.maps} if self.maps else {}),
            **({"partitions": {key: list(sizes) for key, sizes in self.partitions.items()}} if self.partitions else {}),
            "parameters": {key: [float(value), value.error] for key, value in self.parameters.items()},
            "lhs": [float(self.lhs), self.lhs.error],
            "rhs": [float(self.rhs), self.rhs.error],
            "ground": self.ground.to_dict(),
            "seed": self.seed,
            "embedded": self.embedded,
        }
        return json.dumps(bundle, ensure_ascii=False, indent=1)

    def save(self, path: str | Path) -> None:
        """Write the bundle to a file, in one step."""
        write_text(Path(path), self.to_json() + "\n")

    @classmethod
    def from_json(cls, text: str) -> Refuted:
        """Return the counterexample of a bundle, about the bound as it was then; nothing that it names is run.

        Raises
        ------
        FileFormatError
            If it is no bundle, or one of another version.
        """
        found = cls(**fields_of(text))
        try:
            # What one part of it says of the points, the others must allow.
            require_maps(Problem(found.bound), found.case)
        except RecursionError:
            raise FileFormatError(explain("bundle", "terms that are not nested so deeply", "deeper ones")) from None
        except (BoundcheckError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            if isinstance(error, FileFormatError):
                raise
            raise FileFormatError(explain("bundle", "a counterexample", f"{type(error).__name__}: {error}")) from error
        return found

    def summary(self) -> dict[str, Any]:
        """Return what was found, and what was tried, as plain JSON types."""
        return {**json.loads(self.to_json()), "verdict": self.verdict, "tried": _tried(self.tried)}

    # -------------------------------------------------------------------------------------------------------- drawn

    def figure(self) -> Figure:
        """Draw the counterexample, which must be on a line or in a plane.

        Raises
        ------
        InvalidValueError
            If it has more than two dimensions.
        """
        return picture(self)

    def plot(self, ax: Any = None, *, width: Width = "one", theme: Theme = "light") -> Axes:
        """Draw the counterexample, which must be on a line or in a plane, and return the axes.

        Parameters
        ----------
        ax
            Axes of matplotlib to draw on; None for new ones.
        width
            Of new ones: ``"one"`` or ``"two"`` columns of a paper, or inches.
        theme
            ``"light"`` or ``"dark"``.

        Raises
        ------
        InvalidValueError
            If it has more than two dimensions.
        """
        return plot(self, ax, width, theme)


@dataclass(frozen=True)
class Nearest:
    """The case that came nearest to breaking a bound, judged with all the precision it takes.

    Attributes
    ----------
    lhs, rhs
        The two sides there.
    ground
        What is known of how they compare.
    """

    lhs: Enclosed
    rhs: Enclosed
    ground: Ground

    @classmethod
    def of(cls, problem: Problem, tried: Tried) -> Nearest | None:
        """Return the nearest case of a search; None where it had none, or it cannot be judged."""
        if tried.tightest is None:
            return None
        sides = problem.judged([tried.tightest], escalate=None).conclusion
        return cls(
            Enclosed(float(sides.lhs), float(sides.lhs_error)),
            Enclosed(float(sides.rhs), float(sides.rhs_error)),
            sides.ground_of(),
        )

    @property
    def tightness(self) -> Enclosed | None:
        """Left side over right side; None where the right side is not surely above 0, so that it says nothing."""
        return quotient(self.lhs, self.rhs) if self.rhs.lower > 0 else None

    def told(self, relation: Relation, violation: float) -> str:
        """Return it in words."""
        sides = f"left side {self.lhs}, right side {self.rhs}"
        if relation is Relation.EQUAL:
            # What float64 takes for a difference may be none.
            exactly = not self.lhs.error and not self.rhs.error and float(self.lhs) == float(self.rhs)
            if violation > _ROUNDING and not (self.ground.equal or exactly):
                return f"farthest from equal: {sides}"
            return "the two sides were equal to within rounding wherever they were compared"
        if self.ground.equal:
            return f"nearest to broken: the two sides are equal, {self.lhs}, decided exactly"
        tightness = self.tightness
        said = sides if tightness is None else f"left side {tightness} of the right side"
        return f"nearest to broken: {said}" + (f", {self.ground}" if self.ground.agreement is not None else "")


@dataclass(frozen=True)
class Survived(AboutABound):
    """No counterexample was found. That is not to say that there is none: see what was tried.

    Attributes
    ----------
    bound
        The statement.
    tried
        Cases, examples, starts of ascent and layouts; the largest violation and where it was.
    norms
        The norms searched.
    seed
        Of the search.
    seconds
        How long it was to take.
    nearest
        What came nearest to broken; None where nothing met the premises.
    contradiction
        Why nothing can meet the premises, where their terms show that; then nothing was tried.
    """

    bound: Bound
    tried: Tried
    norms: tuple[float, ...]
    seed: int
    seconds: float
    nearest: Nearest | None = None
    contradiction: str = ""

    @property
    def verdict(self) -> str:
        """``"survived"``; ``"vacuous"`` where nothing that was tried met the premises, or nothing can.

        ``"untested"`` where time was up before any case was looked at.
        """
        if not self.tried.cases and not self.contradiction:
            return "untested"
        return "vacuous" if self.contradiction or not self.tried.met else "survived"

    def in_brief(self) -> str:
        """Return the bound's name and what was tried."""
        return f"{self.bound.name}: {self.verdict} {self.tried.cases:,} cases in {self.tried.seconds:.1f} s"

    def __str__(self) -> str:
        tried = self.tried
        lines = [f"{self.verdict}  {printable(self.bound)}"]
        if self.contradiction:
            return "\n".join(
                [*lines, printable(self.contradiction), "so there is nothing that the conclusion is said of"]
            )
        norms = ", ".join(f"{p:g}" for p in self.norms)
        if not tried.cases:
            lines.append(
                f"no case was looked at in {self.seconds:g} s: nothing was tested; give it more time, or, where it is about "
                "points that differ, more points"
            )
            return "\n".join(lines)
        lines.append(
            f"{tried.cases:,} cases, {tried.examples:,} of them drawn by Hypothesis, and {tried.starts:,} starts of "
            f"gradient ascent over {len(tried.layouts):,} layouts{_up_to(tried)}; norms {norms}; seed {self.seed}; "
            f"{tried.seconds:.1f} s"
        )
        if not tried.met:
            short = f" by {tried.exceeded:.3g} or more" if math.isfinite(tried.exceeded) else ""
            lines.append(f"none of them met the premises, one of which was exceeded{short}: nothing was tested")
            return "\n".join(lines)
        if tried.met < tried.cases:
            lines.append(f"{tried.met:,} of the cases met the premises")
        if self.nearest is not None:
            lines.append(self.nearest.told(self.bound.relation, tried.violation))
        lines.append("no counterexample was found, which proves nothing")
        return "\n".join(lines)

    def summary(self) -> dict[str, Any]:
        """Return what was tried as plain JSON types."""
        return {
            "verdict": self.verdict,
            "bound": {"name": self.bound.name, "statement": statement_of(self.bound)},
            "norms": [_finite(p) for p in self.norms],
            "seed": self.seed,
            "contradiction": self.contradiction or None,
            "tried": _tried(self.tried, self.nearest),
        }


def _tried(tried: Tried, sides: Nearest | None = None) -> dict[str, Any]:
    nearest = tried.tightest
    return {
        "cases": tried.cases,
        "met": tried.met,
        "examples": tried.examples,
        "starts": tried.starts,
        "layouts": len(tried.layouts),
        "seconds": round(tried.seconds, 3),
        "violation": tried.violation if math.isfinite(tried.violation) else None,
        "tightness": tried.tightness if tried.tightness is not None and math.isfinite(tried.tightness) else None,
        "nearest": None
        if nearest is None
        else {
            "norm": _finite(nearest.norm),
            **({"lhs": _ends(sides.lhs), "rhs": _ends(sides.rhs)} if sides is not None else {}),
            "points": {key.symbol: array.tolist() for key, array in nearest.points.items()},
            **(
                {"partitions": {key.symbol: list(sizes) for key, sizes in nearest.partitions.items()}}
                if nearest.partitions
                else {}
            ),
        },
    }


def _ends(side: Enclosed) -> list[float | None]:
    return [number if math.isfinite(number) else None for number in (float(side), side.error)]


def _up_to(tried: Tried) -> str:
    """Return of how many points and dimensions the largest layouts were."""
    if not tried.layouts:
        return ""
    points = max(sum(size) if isinstance(size, tuple) else size for layout in tried.layouts for size in layout.sizes)
    return f" of up to {points} points a collection and {max(layout.dimension for layout in tried.layouts)} dimensions"


def case_of(problem: Problem, found: Refuted) -> Case:
    """Return a counterexample as a case of a problem, whose bound may be another than it was found for.

    Raises
    ------
    InvalidValueError
        If it lacks points, weights or values of a map that the bound speaks of.
    """

    def of(kind: str, named: Mapping[str, Any], symbol: str) -> Any:
        if symbol not in named:
            raise InvalidValueError(
                explain(kind, f"those of {symbol!r}, for {problem.stated.name!r}", ", ".join(named) or "none")
            )
        return np.array(named[symbol], dtype=np.float64)

    def of_family(family: Family) -> Sequence[int]:
        if family.symbol not in found.partitions:
            raise InvalidValueError(
                explain("partitions", f"that of {family.symbol!r}, for {problem.stated.name!r}", "none")
            )
        return found.partitions[family.symbol]

    said = {parameter.symbol: parameter for parameter in problem.bound.parameters()}
    points = {one: of("points", found.points, one.symbol) for one in problem.stated.collections}
    for site in problem.sites:
        values = of(f"values of {site.map}", found.maps.get(site.map.symbol, {}), site.name)
        size = 1 if site.index is None else len(points[site.index.collections[0]])
        if values.shape != (size, next(iter(points.values())).shape[1]) or not np.isfinite(values).all():
            expected = f"{size} at {site.name}, finite and of as many coordinates as the points"
            raise InvalidValueError(explain(f"values of {site.map}", expected, f"{values.tolist()}"))
        points[site.values] = values
    return Case(
        found.norm,
        points,
        {one: of("weights", found.weights, one.symbol) for one in problem.bound.weights()},
        {said[symbol]: value for symbol, value in found.given.items() if symbol in said},
        {one: require_partition(one, of_family(one), len(points[one])) for one in problem.families},
    )


def require_maps(problem: Problem, case: Case) -> None:
    """Refuse values that may be those of no map, though no two of them contradict the premises."""
    if not problem.extends(case):
        raise InvalidValueError(
            explain("values", "ones that a theorem makes those of a map", f"others, in the {case.norm:g}-norm")
        )


def statement_of(bound: Bound) -> str:
    """Return a bound and its space, as bundles and summaries have them."""
    return f"{bound}, in {bound.space.value}"


def _finite(number: float) -> float | str:
    return number if math.isfinite(number) else "inf"


def _number(number: float) -> str:
    return repr(int(number)) if number == int(number) and abs(number) < 1e15 else repr(number)


def _point(row: Sequence[float]) -> str:
    return _number(row[0]) if len(row) == 1 else f"({', '.join(map(_number, row))})"
