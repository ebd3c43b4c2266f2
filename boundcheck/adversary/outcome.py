"""What a search found: a counterexample that can be pasted, drawn, stored and checked again; or what was tried."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from keyword import iskeyword
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from boundcheck._version import __version__
from boundcheck.adversary.bundles import FORMAT, VERSION, fields_of, read_text
from boundcheck.adversary.map_values import Extension
from boundcheck.adversary.problem import Case, Problem
from boundcheck.adversary.search import Tried
from boundcheck.adversary.serialized import as_python, write
from boundcheck.arithmetic import certified
from boundcheck.atomic import write_text
from boundcheck.drawing import new_figure
from boundcheck.errors import (
    BoundcheckError,
    FileFormatError,
    InvalidTypeError,
    InvalidValueError,
    ParameterError,
    explain,
)
from boundcheck.evaluate import CODES, Enclosed, Ground, Verdict, judge
from boundcheck.formal.witness import refutation
from boundcheck.language import Bound, Lipschitz, Map, Parameter, Premise
from boundcheck.printable import printable
from boundcheck.theorems import every
from boundcheck.theorems.false import FALSE
from boundcheck.theorems.find import find_bound

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Refuted", "Replay", "Survived", "replay", "resolve"]

Rows = Sequence[Sequence[float]]


def resolve(bound: Bound | str) -> tuple[Bound, str | None]:
    """Return a bound, given itself, its name or FILE.py:NAME, and what it can be found by again; None if it cannot.

    A file is run, as Python runs it on import.

    Raises
    ------
    InvalidValueError
        If there is none of that name, or the file does not run.
    InvalidTypeError
        If it is no bound.
    """
    false = {statement.name: statement.bound for statement in FALSE}
    if isinstance(bound, str):
        return find_bound(bound)[0], bound
    if not isinstance(bound, Bound):
        raise InvalidTypeError(explain("bound", "a Bound, the name of a known one or FILE.py:NAME", f"{bound!r}"))
    known = {**false, **every()}.get(bound.name)
    return bound, bound.name if known == bound else None


@dataclass(frozen=True)
class Refuted:
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
        )
        judged = problem.judged([case], escalate=None)
        verdict = CODES[int(judged.conclusion.code)]
        if verdict is not Verdict.FAILS:
            raise InvalidValueError(explain("case", f"one at which {problem.stated.name!r} fails", f"one: {verdict}"))
        _require_maps(problem, case)
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
        return _case(Problem(self.bound), self)

    def __str__(self) -> str:
        lines = [f"refuted  {printable(self.bound)}", f"norm p = {self.norm:g}, dimension {self.dimension}"]
        for symbol, rows in self.points.items():
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
        sign = "≠" if self.bound.relation.value == "=" else ">"
        lines.append(f"left side {self.lhs} {sign} right side {self.rhs}")
        if str(self.ground):
            lines.append(str(self.ground))
        return "\n".join(lines)

    def extensions(self) -> dict[str, str]:
        """Return, by symbol, a map on all of the space with the values of each table, or why there is one, in words."""
        return {map.symbol: one.words for map, one in self._extensions().items()}

    def _extensions(self) -> dict[Map, Extension]:
        """Return a map on all of the space for every table of values."""
        problem = Problem(self.bound)
        case = self.case
        return {map: problem.extension(case, map) for map in self.bound.maps() if map.symbol in self.maps}

    def _head(self) -> tuple[list[str], list[str]] | None:
        """Return the lines that define the one map, and what check_bound is to be given of it.

        None where it has no such argument, or would not see the bound fail: a function of floats is rounded.
        """
        assumed = [one for one in self.bound.premises if isinstance(one, Lipschitz)]
        symbols = {symbol for one in assumed if (symbol := _constant_named(one)) is not None}
        # For a map of which nothing is known, rounding of what it is given cannot be bounded.
        if self.embedded or len(self.bound.maps()) != 1 or len(assumed) != 1 or not self.maps:
            return None
        (map,) = self.bound.maps()
        made = self._extensions()[map]
        if made.lines is None or not set(self.given) <= {"m", *symbols}:
            return None
        function, case = made.function(), self.case

        def tensor(array: Any) -> torch.Tensor:
            return torch.tensor(array, dtype=torch.float64)

        judged = judge(
            self.bound,
            {one: tensor(case.points[one]).unsqueeze(0) for one in self.bound.collections},
            self.norm,
            parameters={key: tensor([value]) for key, value in case.given.items()},
            weights={key: tensor(array).unsqueeze(0) for key, array in case.weights.items()},
            maps={map: lambda points: tensor(function(points.numpy()))},
            chain=False,
            escalate=None,
        )
        if CODES[int(judged.conclusion.code)] is not Verdict.FAILS:
            return None
        given = [f"lipschitz={_literal(self.given[symbol])}" for symbol in symbols]
        name = map.symbol if map.symbol.isidentifier() and not iskeyword(map.symbol) else "head"
        return ["import numpy as np", made.source(name)], [f"head={name}", *given]

    # -------------------------------------------------------------------------------------------------- paste-ready

    def snippet(self) -> str:
        """Return Python that checks the counterexample: paste it into a session, a script or a test.

        Where the points go through an f, the name f must be the embedding.
        """
        lines, bound = self._found()
        head = self._head() if self.bound.maps() else ([], [])
        known = {"m", *(symbol for one in self.bound.premises if (symbol := _constant_named(one)) is not None)}
        if head is None or len(self.bound.collections) != 3 or not set(self.given) <= known:
            return "\n".join([*lines, *self._judged(bound), ""])
        points = [_rows(rows) for rows in self.points.values()]
        if self.embedded:
            # What f was given when it was searched.
            points = [f"torch.tensor({rows}, dtype=torch.float64)" for rows in points]
            lines = ["import torch", *lines]
        arguments = ["f" if self.embedded else "None", *points]
        options = [f"bound={bound}"]
        options += [] if self.norm == 2 else [f"norm={_literal(self.norm)}"]
        options += [f"m={_literal(self.given['m'])}"] if "m" in self.given else []
        options += head[1]
        options += [f"weights={ {key: list(map(float, value)) for key, value in self.weights.items()} }"] * bool(
            self.weights
        )
        return "\n".join(
            [
                *head[0][:1],
                "from boundcheck import check_bound",
                *lines,
                *head[0][1:],
                f"report = check_bound({', '.join([*arguments, *options])})",
                f'assert report.verdict.value == "fails", report  # {self.lhs} against {self.rhs}',
                "",
            ]
        )

    def _found(self) -> tuple[list[str], str]:
        """Return the lines that find the bound, and what it then is called."""
        if self.reference in every():
            return [], repr(self.reference)
        if self.reference is not None and self.reference in {statement.name for statement in FALSE}:
            return [
                "from boundcheck.theorems.false import FALSE",
                f"bound = next(one.bound for one in FALSE if one.name == {self.reference!r})",
            ], "bound"
        if self.reference is not None:
            return [
                "from boundcheck.theorems.find import find_bound",
                f"bound, _ = find_bound({self.reference!r})  # runs that file",
            ], "bound"
        return [
            "from fractions import Fraction",
            "from boundcheck.language import *",
            f"# {printable(self.bound)}",
            f"bound = {as_python(self.bound)}",
        ], "bound"

    def _judged(self, bound: str) -> list[str]:
        """Return the lines that judge what check_bound has no arguments for."""
        named = f"Refuted.from_json({self.to_json()!r})"
        of = f"find({bound})" if bound != "bound" else bound
        return [
            "from boundcheck.adversary import Refuted, replay",
            *(["from boundcheck.theorems import get as find"] if bound != "bound" else []),
            f"found = {named}",
            f"again = replay(found, bound={of}{', f=f' if self.embedded else ''})",
            'assert again.verdict.value == "fails", again',
        ]

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
                "statement": _statement(self.bound),
                "terms": write(self.bound),
            },
            "norm": _finite(self.norm),
            "points": self.points,
            "weights": self.weights,
            "given": self.given,
            **({"maps": self.maps} if self.maps else {}),
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
            _require_maps(Problem(found.bound), found.case)
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
        if self.dimension > 2:
            raise InvalidValueError(explain("dimension", "1 or 2 for a picture", f"{self.dimension}"))
        figure = new_figure(5.4, 1.9 if self.dimension == 1 else 4.4)
        axis = figure.subplots()
        # Colour-blind safe (P. Tol's "bright" scheme); equal points are drawn one inside the other.
        looks = zip(("#4477AA", "#228833", "#EE6677", "#CCBB44"), "os^D", (150, 80, 30, 15), strict=True)
        for (symbol, rows), (colour, marker, area) in zip(self.points.items(), looks, strict=False):
            points = np.array(rows)
            heights = points[:, 1] if self.dimension == 2 else np.zeros(len(points))
            label = f"{symbol}: {len(rows)} point{'s' * (len(rows) > 1)}"
            axis.scatter(points[:, 0], heights, area, facecolors="none", edgecolors=colour, marker=marker, label=label)
        if self.dimension == 1:
            axis.set_yticks([])
            axis.axhline(0, color="#BBBBBB", linewidth=0.8, zorder=0)
        else:
            axis.set_aspect("equal", adjustable="datalim")
        for side in ("top", "right"):
            axis.spines[side].set_visible(False)
        axis.margins(0.15)
        figure.legend(loc="outside lower center", ncols=3, fontsize=8, frameon=False)
        sign = "≠" if self.bound.relation.value == "=" else ">"
        figure.suptitle(
            printable(f"{self.bound.statement}, p = {self.norm:g}: {float(self.lhs):.6g} {sign} {float(self.rhs):.6g}"),
            fontsize=9,
            parse_math=False,
        )
        return figure


@dataclass(frozen=True)
class Survived:
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
    """

    bound: Bound
    tried: Tried
    norms: tuple[float, ...]
    seed: int
    seconds: float

    @property
    def verdict(self) -> str:
        """``"survived"``."""
        return "survived"

    def __str__(self) -> str:
        tried = self.tried
        norms = ", ".join(f"{p:g}" for p in self.norms)
        lines = [
            f"survived  {printable(self.bound)}",
            f"{tried.cases:,} cases, {tried.examples:,} of them drawn by Hypothesis, and {tried.starts:,} starts of "
            f"gradient ascent over {len(tried.layouts):,} layouts; norms {norms}; seed {self.seed}; {tried.seconds:.1f} s",
        ]
        if tried.tightness is not None:
            lines.append(f"nearest to broken: left side {tried.tightness:.9g} of the right side")
        lines.append("no counterexample was found, which proves nothing")
        return "\n".join(lines)

    def summary(self) -> dict[str, Any]:
        """Return what was tried as plain JSON types."""
        return {
            "verdict": self.verdict,
            "bound": {"name": self.bound.name, "statement": _statement(self.bound)},
            "norms": [_finite(p) for p in self.norms],
            "seed": self.seed,
            "tried": _tried(self.tried),
        }


def _tried(tried: Tried) -> dict[str, Any]:
    nearest = tried.tightest
    return {
        "cases": tried.cases,
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
            "points": {key.symbol: array.tolist() for key, array in nearest.points.items()},
        },
    }


# ------------------------------------------------------------------------------------------------------------- again


@dataclass(frozen=True)
class Replay:
    """A counterexample, checked again.

    Attributes
    ----------
    refuted
        The counterexample as it was stored.
    bound
        The statement as it is now.
    changed
        Whether that is another than it was.
    verdict
        Of the statement as it is now, at the stored points; None where it says nothing of such points.
    lhs, rhs
        Its two sides there, or None.
    not_run
        The FILE.py:NAME that the bundle refers to and that was not run, so that the statement is the bundle's own; or
        None.
    """

    refuted: Refuted
    bound: Bound
    changed: bool
    verdict: Verdict | None
    lhs: Enclosed | None
    rhs: Enclosed | None
    not_run: str | None = None

    @property
    def status(self) -> str:
        """``"still fails"``, ``"no longer fails"``, or ``"the statement has changed"``."""
        if self.changed:
            return "the statement has changed"
        return "still fails" if self.verdict is Verdict.FAILS else "no longer fails"

    def __str__(self) -> str:
        lines = [f"{self.status}  {printable(self.bound)}"]
        if self.changed:
            lines.append(f"it was: {printable(self.refuted.bound)}")
        if self.verdict is None:
            lines.append("it says nothing of the stored points")
        else:
            lines.append(f"here: {self.verdict}, left side {self.lhs}, right side {self.rhs}")
        if self.not_run is not None:
            lines.append(printable(f"by the statement that the bundle holds: {self.not_run} was not run"))
        return "\n".join(lines)

    def summary(self) -> dict[str, Any]:
        """Return it as plain JSON types."""
        return {
            "status": self.status,
            "bound": self.bound.name,
            "statement": _statement(self.bound),
            "changed": self.changed,
            "not_run": self.not_run,
            "verdict": None if self.verdict is None else self.verdict.value,
            "lhs": None if self.lhs is None else [float(self.lhs), self.lhs.error],
            "rhs": None if self.rhs is None else [float(self.rhs), self.rhs.error],
        }


@certified
def replay(
    bundle: str | Path | Refuted,
    *,
    bound: Bound | str | None = None,
    f: Callable[[Any], Any] | None = None,
    trust: bool = False,
) -> Replay:
    """Check a stored counterexample again, against the bound as it is now.

    Parameters
    ----------
    bundle
        A file that :meth:`Refuted.save` wrote, or a counterexample.
    bound
        The bound as it is now, its name, or FILE.py:NAME, a file that is run. Left out, the known bound that the bundle
        names; else the statement that it holds itself.
    f
        The embedding, where there was one.
    trust
        Whether to run a Python file that the bundle names, for the bound as it is there now. A bundle may come from
        anywhere, and name any file.

    Raises
    ------
    FileFormatError
        If the file is no bundle.
    InvalidValueError
        If there is no such bound, or the points are none for it though it has not changed.
    ParameterError
        If f is missing, or given where there was none.
    """
    if not isinstance(trust, bool):
        raise InvalidTypeError(explain("trust", "True or False", f"{trust!r}"))
    found = bundle if isinstance(bundle, Refuted) else Refuted.from_json(read_text(Path(bundle)))
    if found.embedded != (f is not None):
        expected = "the embedding that the points go through" if found.embedded else "None for points as they are"
        raise ParameterError(explain("f", expected, "none" if f is None else "one"))
    wanted: Bound | str | None = bound
    not_run = None
    if bound is None and found.reference is not None:
        if not is_file(found.reference) or trust:
            wanted = found.reference
        else:
            not_run = found.reference
    now = found.bound if wanted is None else resolve(wanted)[0]
    changed = write(now) != write(found.bound)
    try:
        problem = Problem(now, f=f)
        case = _case(problem, found)
        _require_maps(problem, case)
        sides = problem.judged([case], escalate=None).conclusion
    except InvalidValueError:
        if not changed:
            raise
        # Of other sizes, or another norm, than those points.
        return Replay(found, now, changed, None, None, None, not_run)
    return Replay(
        refuted=found,
        bound=now,
        changed=changed,
        verdict=CODES[int(sides.code)],
        lhs=Enclosed(float(sides.lhs), float(sides.lhs_error)),
        rhs=Enclosed(float(sides.rhs), float(sides.rhs_error)),
        not_run=not_run,
    )


def is_file(reference: str) -> bool:
    """Say whether what a bound is found by is a Python file to run, FILE.py:NAME."""
    file, colon, _ = reference.rpartition(":")
    return bool(colon) and file.endswith(".py")


def _case(problem: Problem, found: Refuted) -> Case:
    def of(kind: str, named: Mapping[str, Any], symbol: str) -> Any:
        if symbol not in named:
            raise InvalidValueError(
                explain(kind, f"those of {symbol!r}, for {problem.stated.name!r}", ", ".join(named) or "none")
            )
        return np.array(named[symbol], dtype=np.float64)

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
    )


def _require_maps(problem: Problem, case: Case) -> None:
    """Refuse values that may be those of no map, though no two of them contradict the premises."""
    if not problem.extends(case):
        raise InvalidValueError(
            explain("values", "ones that a theorem makes those of a map", f"others, in the {case.norm:g}-norm")
        )


def _constant_named(premise: Premise) -> str | None:
    """Return the parameter that a premise says a map is Lipschitz with, if it is one."""
    if isinstance(premise, Lipschitz) and isinstance(premise.constant, Parameter):
        return premise.constant.symbol
    return None


def _statement(bound: Bound) -> str:
    return f"{bound}, in {bound.space.value}"


def _finite(number: float) -> float | str:
    return number if math.isfinite(number) else "inf"


def _literal(number: float) -> str:
    if math.isinf(number):
        return 'float("inf")'
    return repr(int(number)) if number == int(number) and abs(number) < 2**53 else repr(float(number))


def _rows(rows: Rows) -> str:
    return "[" + ", ".join("[" + ", ".join(repr(float(number)) for number in row) + "]" for row in rows) + "]"


def _number(number: float) -> str:
    return repr(int(number)) if number == int(number) and abs(number) < 1e15 else repr(number)


def _point(row: Sequence[float]) -> str:
    return _number(row[0]) if len(row) == 1 else f"({', '.join(map(_number, row))})"
