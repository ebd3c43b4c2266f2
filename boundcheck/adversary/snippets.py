"""Python that checks a counterexample, to paste into a session, a script or a test."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from keyword import iskeyword
from typing import TYPE_CHECKING, Any

import torch

from boundcheck.adversary.problem import Problem
from boundcheck.adversary.serialized import as_python
from boundcheck.evaluate import Verdict, judge
from boundcheck.printable import printable
from boundcheck.theorems import every
from boundcheck.theorems.false import FALSE
from boundcheck.theorems.published import PUBLISHED

if TYPE_CHECKING:
    from boundcheck.adversary.outcome import Refuted

__all__ = ["call_by_name", "snippet"]

# What check takes besides collections.
_TAKEN = {
    *("f", "bound", "parameters", "maps", "weights", "norm", "m", "equal_sizes", "collections"),
    *("batch_size", "batched", "device", "progress"),
}


def snippet(found: Refuted) -> str:
    """Return Python that checks a counterexample: paste it into a session, a script or a test.

    Where the points go through an f, the name f must be the embedding.
    """
    lines, bound = _lines(found)
    head = _head(found) if found.bound.maps() else ([], [])
    known = {"m", *(parameter.symbol for parameter in found.bound.lipschitz_parameters)}
    if head == ([], []) and (len(found.bound.collections) != 3 or not set(found.given) <= known):
        return _named(found, lines, bound)
    if head is None or len(found.bound.collections) != 3 or not set(found.given) <= known:
        return "\n".join([*lines, *_judged(found, bound), ""])
    points = [_rows(rows) for rows in found.points.values()]
    if found.embedded:
        # What f was given when it was searched.
        points = [f"torch.tensor({rows}, dtype=torch.float64)" for rows in points]
        lines = ["import torch", *lines]
    arguments = ["f" if found.embedded else "None", *points]
    options = [f"bound={bound}"]
    options += [] if found.norm == 2 else [f"norm={_literal(found.norm)}"]
    options += [f"m={_literal(found.given['m'])}"] if "m" in found.given else []
    options += head[1]
    options += [f"weights={ {key: list(map(float, value)) for key, value in found.weights.items()} }"] * bool(
        found.weights
    )
    return "\n".join(
        [
            *head[0][:1],
            "from boundcheck import check_bound",
            *lines,
            *head[0][1:],
            f"report = check_bound({', '.join([*arguments, *options])})",
            f'assert report.verdict.value == "fails", report  # {found.lhs} against {found.rhs}',
            "",
        ]
    )


def _named(found: Refuted, lines: list[str], bound: str) -> str:
    """Return a call of check with every collection by its name."""
    given = {}
    for symbol, rows in found.points.items():
        if symbol in found.partitions:
            own = dict(found.classes(symbol))
            given[symbol] = "{" + ", ".join(f"{name!r}: {_points(part, found)}" for name, part in own.items()) + "}"
        else:
            given[symbol] = _points(rows, found)
    options = [] if found.norm == 2 else [f"norm={_literal(found.norm)}"]
    if found.given:
        options.append(
            "parameters={" + ", ".join(f"{key!r}: {_literal(value)}" for key, value in found.given.items()) + "}"
        )
    if found.weights:
        options.append(f"weights={ {key: list(map(float, value)) for key, value in found.weights.items()} }")
    call = call_by_name(bound, "f" if found.embedded else "None", given, options)
    return "\n".join(
        [
            *(["import torch"] if found.embedded else []),
            "from boundcheck import check",
            *lines,
            f"report = {call}",
            f'assert report.verdict.value == "fails", report  # {found.lhs} against {found.rhs}',
            "",
        ]
    )


def call_by_name(bound: str, f: str, given: Mapping[str, str], options: Sequence[str]) -> str:
    """Return a call of check, of what collections are called and what each is given as: by keyword, or in a mapping."""
    if all(name.isidentifier() and not iskeyword(name) and name not in _TAKEN for name in given):
        named = [f"{name}={value}" for name, value in given.items()]
    else:
        named = ["collections={" + ", ".join(f"{name!r}: {value}" for name, value in given.items()) + "}"]
    return f"check({', '.join([bound, f, *named, *options])})"


def _points(rows: Sequence[Sequence[float]], found: Refuted) -> str:
    # What f was given when it was searched.
    return f"torch.tensor({_rows(rows)}, dtype=torch.float64)" if found.embedded else _rows(rows)


def _head(found: Refuted) -> tuple[list[str], list[str]] | None:
    """Return the lines that define the one map, and what check_bound is to be given of it.

    None where it has no such argument, or would not see the bound fail: a function of floats is rounded.
    """
    symbols = {parameter.symbol for parameter in found.bound.lipschitz_parameters}
    # For a map of which nothing is known, rounding of what it is given cannot be bounded.
    if found.embedded or len(found.bound.maps()) != 1 or len(found.bound.lipschitz) != 1 or not found.maps:
        return None
    (map,) = found.bound.maps()
    made = Problem(found.bound).extension(found.case, map)
    if made.lines is None or not set(found.given) <= {"m", *symbols}:
        return None
    function, case = made.function(), found.case

    def tensor(array: Any) -> torch.Tensor:
        return torch.tensor(array, dtype=torch.float64)

    judged = judge(
        found.bound,
        {one: tensor(case.points[one]).unsqueeze(0) for one in found.bound.collections},
        found.norm,
        parameters={key: tensor([value]) for key, value in case.given.items()},
        weights={key: tensor(array).unsqueeze(0) for key, array in case.weights.items()},
        maps={map: lambda points: tensor(function(points.numpy()))},
        chain=False,
        escalate=None,
    )
    if judged.conclusion.verdict_of() is not Verdict.FAILS:
        return None
    given = [f"lipschitz={_literal(found.given[symbol])}" for symbol in symbols]
    name = map.symbol if map.symbol.isidentifier() and not iskeyword(map.symbol) else "head"
    return ["import numpy as np", made.source(name)], [f"head={name}", *given]


def _lines(found: Refuted) -> tuple[list[str], str]:
    """Return the lines that find the bound, and what it then is called."""
    if found.reference in every() or found.reference in PUBLISHED:
        return [], repr(found.reference)
    if found.reference is not None and found.reference in {statement.name for statement in FALSE}:
        return [
            "from boundcheck.theorems.false import FALSE",
            f"bound = next(one.bound for one in FALSE if one.name == {found.reference!r})",
        ], "bound"
    if found.reference is not None:
        return [
            "from boundcheck.theorems.find import find_bound",
            f"bound, _ = find_bound({found.reference!r})  # runs that file",
        ], "bound"
    return [
        "from fractions import Fraction",
        "from boundcheck.language import *",
        f"# {printable(found.bound)}",
        f"bound = {as_python(found.bound)}",
    ], "bound"


def _judged(found: Refuted, bound: str) -> list[str]:
    """Return the lines that judge what check_bound has no arguments for."""
    named = f"Refuted.from_json({found.to_json()!r})"
    of = f"find({bound})" if bound != "bound" else bound
    return [
        "from boundcheck.adversary import Refuted, replay",
        *(["from boundcheck.theorems.find import named as find"] if bound != "bound" else []),
        f"found = {named}",
        f"again = replay(found, bound={of}{', f=f' if found.embedded else ''})",
        'assert again.verdict.value == "fails", again',
    ]


def _literal(number: float) -> str:
    if math.isinf(number):
        return 'float("inf")'
    return repr(int(number)) if number == int(number) and abs(number) < 2**53 else repr(float(number))


def _rows(rows: Sequence[Sequence[float]]) -> str:
    return "[" + ", ".join("[" + ", ".join(repr(float(number)) for number in row) + "]" for row in rows) + "]"
